//! `Reflect`; enums also get `variant_name` and `variant_tag`.

use crate::input::{FieldsKind, Input, Shape};

pub(crate) fn generate(input: &Input, out: &mut String) {
    let info = "ref[static] __core::reflect::TypeInfo";
    *out += &input.header("__core::reflect::Reflect", "");
    *out +=
        &format!("func type_info() -> {info} {{\n__core::intrinsics::type_info_of[This]()\n}}\n");
    *out += &format!(
        "func runtime_type_info(this) -> {info} {{\n__core::intrinsics::type_info_of[This]()\n}}\n}}\n"
    );
    let Shape::Enum(variants) = &input.shape else {
        return;
    };
    let arms = |value: &dyn Fn(usize) -> String| {
        let arms = variants.iter().enumerate().map(|(index, variant)| {
            let names = vec!["_".to_owned(); variant.fields.list.len()];
            let path = format!("This::{}", variant.name);
            format!("{} => {}", variant.fields.with(&path, &names), value(index))
        });
        format!("when this {{ {} }}", arms.collect::<Vec<_>>().join(", "))
    };
    let is_plain = variants.iter().all(|it| it.fields.kind == FieldsKind::Unit);
    *out += &input.header("", "");
    let names = arms(&|index| format!("\"{}\"", variants[index].name));
    *out += &format!("pub func variant_name(this) -> Str {{ {names} }}\n");
    // A tag is what `as` gives; with payloads, the position.
    let tags = arms(&|index| {
        if is_plain {
            format!("This::{} as I32", variants[index].name)
        } else {
            index.to_string()
        }
    });
    *out += &format!("pub func variant_tag(this) -> I32 {{ {tags} }}\n}}\n");
}
