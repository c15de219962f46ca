//! `Serialize` and `Deserialize`: objects of structs, `{"variant":"V","fields":[…]}` of enums.

use crate::input::{Fields, FieldsKind, Input, Shape};

const TO_JSON: &str = "__core::serialize::Serialize::to_json";
const FROM_JSON: &str = "__core::serialize::Deserialize::from_json";
const RESULT: &str = "__core::result::Outcome";

pub(crate) fn serialize(input: &Input, out: &mut String) {
    *out += &input.core_header("serialize::Serialize");
    *out += "func to_json(this) -> Str {\n";
    match &input.shape {
        Shape::Struct(fields) => {
            let values: Vec<String> = fields
                .of("this")
                .iter()
                .map(|it| format!("{{{TO_JSON}(ref {it})}}"))
                .collect();
            let named = fields.list.iter().zip(&values);
            *out += &match fields.kind {
                FieldsKind::Tuple => format!("\"[{}]\"", values.join(",")),
                _ => {
                    let parts: Vec<String> = named
                        .map(|(field, value)| format!("\\\"{}\\\":{value}", field.name))
                        .collect();
                    format!("\"\\{{{}\\}}\"", parts.join(","))
                }
            };
        }
        Shape::Enum(variants) => {
            *out += "when this {\n";
            for variant in variants {
                let path = format!("This::{}", variant.name);
                let values: Vec<String> = variant
                    .fields
                    .bindings("a")
                    .iter()
                    .map(|it| format!("{{{TO_JSON}({it})}}"))
                    .collect();
                let mut text = format!("\\{{\\\"variant\\\":\\\"{}\\\"", variant.name);
                if variant.fields.kind != FieldsKind::Unit {
                    text += &format!(",\\\"fields\\\":[{}]", values.join(","));
                }
                let pattern = variant.fields.pattern(&path, "a");
                *out += &format!("{pattern} => \"{text}\\}}\",\n");
            }
            *out += "}";
        }
    }
    *out += "\n}\n}\n";
}

pub(crate) fn deserialize(input: &Input, out: &mut String) {
    *out += &input.core_header("serialize::Deserialize");
    *out += &format!("func from_json(s: Str) -> {RESULT}[This, Str] {{\n");
    match &input.shape {
        Shape::Struct(fields) => match fields.kind {
            FieldsKind::Tuple => elements(fields, "This", "s", out),
            _ => {
                *out += &checked("__core::serialize::check_object(s)", "_");
                for (index, field) in fields.list.iter().enumerate() {
                    let get = if field.is_maybe {
                        "field_or_null"
                    } else {
                        "field"
                    };
                    let text = format!("__core::serialize::{get}(s, \"{}\")", field.name);
                    *out += &checked(&text, &format!("t{index}"));
                    *out += &checked(&format!("{FROM_JSON}(t{index})"), &format!("v{index}"));
                }
                let values = fields.bindings("v");
                *out += &format!("{RESULT}::Ok({})", fields.with("This", &values));
            }
        },
        Shape::Enum(variants) => {
            *out += &checked("__core::serialize::variant_name(s)", "name");
            for variant in variants {
                let path = format!("This::{}", variant.name);
                *out += &format!("if name == \"{}\" {{\n", variant.name);
                if variant.fields.kind == FieldsKind::Unit {
                    *out += &format!("return {RESULT}::Ok({path})");
                } else {
                    *out += &checked("__core::serialize::field(s, \"fields\")", "list");
                    *out += "return {\n";
                    elements(&variant.fields, &path, "list", out);
                    *out += "\n}";
                }
                *out += "\n}\n";
            }
            *out += &format!(
                "{RESULT}::Err(\"Unknown variant `{{name}}` of {}\")",
                input.name
            );
        }
    }
    *out += "\n}\n}\n";
}

/// Reads fields from the elements of an array.
fn elements(fields: &Fields, path: &str, list: &str, out: &mut String) {
    let count = fields.list.len();
    *out += &checked(
        &format!("__core::serialize::check_array({list}, {count})"),
        "_",
    );
    for index in 0..count {
        let text = format!("__core::serialize::element({list}, {index})");
        *out += &checked(&text, &format!("t{index}"));
        *out += &checked(&format!("{FROM_JSON}(t{index})"), &format!("v{index}"));
    }
    let values = fields.bindings("v");
    *out += &format!("{RESULT}::Ok({})", fields.with(path, &values));
}

/// Binds the value of an outcome, or gives its error back.
fn checked(outcome: &str, name: &str) -> String {
    format!(
        "let {name} = when {outcome} {{ {RESULT}::Ok(v) => v, {RESULT}::Err(e) => return {RESULT}::Err(e) }}\n"
    )
}
