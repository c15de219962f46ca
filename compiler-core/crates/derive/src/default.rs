//! `Default`: member-wise; of enums the first variant without payload. A field that declares a
//! default has that one.

use crate::input::{FieldsKind, Input, Shape};

pub(crate) fn generate(input: &Input, out: &mut String) {
    let value = match &input.shape {
        Shape::Struct(fields) => {
            let zero = "__core::default::Default::default()".to_owned();
            match fields.kind {
                FieldsKind::Record => {
                    let asked = fields.list.iter().filter(|field| !field.has_default);
                    let parts: Vec<String> = asked
                        .map(|field| format!("{}: {zero}", field.name))
                        .collect();
                    format!("This {{ {} }}", parts.join(", "))
                }
                _ => fields.with("This", &vec![zero; fields.list.len()]),
            }
        }
        Shape::Enum(variants) => {
            let unit = variants
                .iter()
                .find(|it| it.fields.kind == FieldsKind::Unit);
            match unit {
                Some(variant) => format!("This::{}", variant.name),
                // Reported at the decorator (T053).
                None => return,
            }
        }
    };
    *out += &input.core_header("default::Default");
    *out += &format!("func default() -> This {{\n{value}\n}}\n}}\n");
}
