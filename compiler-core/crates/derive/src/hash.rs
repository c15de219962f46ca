//! `Hash`: FNV-1a over the hashes of the members, never 0 where there are any.

use crate::compare::index_of;
use crate::input::{Input, Shape};

pub(crate) fn generate(input: &Input, out: &mut String) {
    *out += &input.core_header("hash::Hash");
    *out += "func hash(this) -> I64 {\nvar h: I64 = __core::derived::HASH_START\n";
    let mix = |value: &str| {
        format!("h = __core::derived::hash_mix(h, __core::hash::Hash::hash({value}))\n")
    };
    match &input.shape {
        Shape::Struct(fields) => {
            for field in fields.of("this") {
                *out += &mix(&format!("ref {field}"));
            }
        }
        Shape::Enum(variants) if variants.is_empty() => {}
        Shape::Enum(_) if input.flags.is_some() => {
            let int = input.flags.as_deref().unwrap_or_default();
            *out += &format!("h = __core::derived::hash_mix(h, (this as {int}) as I64)\n");
        }
        Shape::Enum(variants) => {
            *out += &format!("let index: I64 = {}\n", index_of(variants, "this"));
            *out += "h = __core::derived::hash_mix(h, index)\n";
            *out += "when this {\n";
            for variant in variants {
                let path = format!("This::{}", variant.name);
                *out += &format!("{} => {{\n", variant.fields.pattern(&path, "a"));
                for name in variant.fields.bindings("a") {
                    *out += &mix(&name);
                }
                *out += "},\n";
            }
            *out += "}\n";
        }
    }
    *out += "if h == 0 then 1 else h\n}\n}\n";
}
