//! `Debug` and `Display`: `Name { f: v, … }`, `Variant(v)`, `Variant`, with the same behavior of
//! the members.

use crate::input::{Fields, FieldsKind, Input, Shape};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Debug,
    Display,
}

pub(crate) fn generate(input: &Input, style: Style, out: &mut String) {
    let (behavior, method) = match style {
        Style::Debug => ("fmt::Debug", "debug_string"),
        Style::Display => ("fmt::Display", "to_string"),
    };
    *out += &input.core_header(behavior);
    *out += &format!("func {method}(this) -> Str {{\n");
    match &input.shape {
        Shape::Struct(fields) => {
            *out += &shape(&input.name, fields, &fields.of("this"), style);
        }
        Shape::Enum(variants) => {
            *out += "when this {\n";
            for variant in variants {
                let path = format!("This::{}", variant.name);
                let text = shape(
                    &variant.name,
                    &variant.fields,
                    &variant.fields.bindings("a"),
                    style,
                );
                *out += &format!("{} => {text},\n", variant.fields.pattern(&path, "a"));
            }
            *out += "}";
        }
    }
    *out += "\n}\n}\n";
}

fn shape(name: &str, fields: &Fields, values: &[String], style: Style) -> String {
    let spec = match style {
        Style::Debug => ":?",
        Style::Display => "",
    };
    let parts = fields.list.iter().zip(values).map(|(field, value)| {
        let value = format!("{{{value}{spec}}}");
        match fields.kind {
            FieldsKind::Record => format!("{}: {value}", field.name),
            _ => value,
        }
    });
    let parts = parts.collect::<Vec<_>>().join(", ");
    match fields.kind {
        _ if values.is_empty() => format!("\"{name}\""),
        FieldsKind::Record => format!("\"{name} \\{{ {parts} \\}}\""),
        _ => format!("\"{name}({parts})\""),
    }
}
