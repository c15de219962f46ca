//! `FromStr` of enums without payloads.

use crate::input::{FieldsKind, Input, Shape};

pub(crate) fn generate(input: &Input, out: &mut String) {
    let Shape::Enum(variants) = &input.shape else {
        // Reported at the decorator (T053).
        return;
    };
    if variants.iter().any(|it| it.fields.kind != FieldsKind::Unit) {
        return;
    }
    let result = "__core::result::Outcome";
    *out += &input.core_header("serialize::FromStr");
    *out += &format!("func from_str(s: Str) -> {result}[This, Str] {{\n");
    for variant in variants {
        let name = &variant.name;
        *out += &format!("if s == \"{name}\" {{ return {result}::Ok(This::{name}) }}\n");
    }
    *out += &format!(
        "{result}::Err(\"Unknown variant `{{s}}` of {}\")\n}}\n}}\n",
        input.name
    );
}
