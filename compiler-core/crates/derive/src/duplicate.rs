//! `Duplicate`: member-wise.

use crate::input::{Input, Shape};

pub(crate) fn generate(input: &Input, out: &mut String) {
    *out += &input.core_header("clone::Duplicate");
    *out += "func duplicate(this) -> This {\n";
    let copy = |value: &String| format!("__core::clone::Duplicate::duplicate({value})");
    match &input.shape {
        Shape::Struct(fields) => {
            let values = fields
                .of("this")
                .iter()
                .map(|it| copy(&format!("ref {it}")))
                .collect::<Vec<_>>();
            *out += &fields.with("This", &values);
        }
        Shape::Enum(variants) => {
            *out += "when this {\n";
            for variant in variants {
                let path = format!("This::{}", variant.name);
                let values: Vec<String> = variant.fields.bindings("a").iter().map(copy).collect();
                let pattern = variant.fields.pattern(&path, "a");
                *out += &format!("{pattern} => {},\n", variant.fields.with(&path, &values));
            }
            *out += "}";
        }
    }
    *out += "\n}\n}\n";
}
