//! `PartialEq`, `PartialOrd`, `Ord`: member by member, in declaration order.

use crate::input::{Input, Shape, Variant};

pub(crate) fn partial_eq(input: &Input, out: &mut String) {
    *out += &input.core_header("cmp::PartialEq");
    *out += "func eq(this, other: ref This) -> Bool {\n";
    let equal = |a: &[String], b: &[String]| {
        let pairs = a.iter().zip(b).map(|(a, b)| format!("{a} == {b}"));
        let all = pairs.collect::<Vec<_>>().join(" and ");
        if all.is_empty() {
            "true".to_owned()
        } else {
            all
        }
    };
    match &input.shape {
        Shape::Struct(fields) => {
            *out += &equal(&fields.of("this"), &fields.of("other"));
        }
        Shape::Enum(variants) => pairwise(variants, out, "false", |variant| {
            equal(&variant.fields.bindings("a"), &variant.fields.bindings("b"))
        }),
    }
    *out += "\n}\n}\n";
}

pub(crate) fn partial_ord(input: &Input, out: &mut String) {
    *out += &input.core_header("cmp::PartialOrd");
    *out +=
        "func partial_cmp(this, o: ref This) -> __core::option::Maybe[__core::cmp::Ordering] {\n";
    lexicographic(
        input,
        out,
        &Order {
            call: "__core::cmp::PartialOrd::partial_cmp",
            equal: "__core::option::Maybe::Just(__core::cmp::Ordering::Equal)",
            of_index: "__core::cmp::PartialOrd::partial_cmp(ref a, ref b)",
        },
    );
    *out += "\n}\n}\n";
}

pub(crate) fn ord(input: &Input, out: &mut String) {
    *out += &input.core_header("cmp::Ord");
    *out += "func cmp(this, o: ref This) -> __core::cmp::Ordering {\n";
    lexicographic(
        input,
        out,
        &Order {
            call: "__core::cmp::Ord::cmp",
            equal: "__core::cmp::Ordering::Equal",
            of_index: "__core::cmp::Ord::cmp(ref a, ref b)",
        },
    );
    *out += "\n}\n}\n";
}

struct Order {
    call: &'static str,
    equal: &'static str,
    of_index: &'static str,
}

fn lexicographic(input: &Input, out: &mut String, order: &Order) {
    let steps = |a: &[String], b: &[String], borrow: &str| {
        let mut text = String::from("{\n");
        for (a, b) in a.iter().zip(b) {
            text += &format!(
                "when {}({borrow}{a}, {borrow}{b}) {{ {} => {{}}, other => return other }}\n",
                order.call, order.equal
            );
        }
        text + order.equal + "\n}"
    };
    match &input.shape {
        Shape::Enum(_) if input.flags.is_some() => {
            let int = input.flags.as_deref().unwrap_or_default();
            *out += &format!(
                "let a: {int} = this as {int}\nlet b: {int} = *o as {int}\n{}",
                order.of_index
            );
        }
        Shape::Struct(fields) => {
            *out += &steps(&fields.of("this"), &fields.of("o"), "ref ");
        }
        Shape::Enum(variants) => {
            *out += "let other: ref This = o\n";
            let different = format!(
                "{{\nlet a: I64 = {}\nlet b: I64 = {}\n{}\n}}",
                index_of(variants, "this"),
                index_of(variants, "other"),
                order.of_index
            );
            pairwise(variants, out, &different, |variant| {
                let (a, b) = (variant.fields.bindings("a"), variant.fields.bindings("b"));
                steps(&a, &b, "")
            });
        }
    }
}

/// The position of a value's variant.
pub(crate) fn index_of(variants: &[Variant], value: &str) -> String {
    let arms = variants.iter().enumerate().map(|(index, variant)| {
        let names = vec!["_".to_owned(); variant.fields.list.len()];
        let pattern = variant
            .fields
            .with(&format!("This::{}", variant.name), &names);
        format!("{pattern} => {index}")
    });
    format!("when {value} {{ {} }}", arms.collect::<Vec<_>>().join(", "))
}

/// Matches `this` and `other` at once: `same` for equal variants, else `different`. Variants
/// without payload share one comparison of indexes.
fn pairwise(
    variants: &[Variant],
    out: &mut String,
    different: &str,
    same: impl Fn(&Variant) -> String,
) {
    if variants.is_empty() {
        *out += "when this {}";
        return;
    }
    *out += "when this {\n";
    for variant in variants {
        let path = format!("This::{}", variant.name);
        let mine = variant.fields.pattern(&path, "a");
        let theirs = variant.fields.pattern(&path, "b");
        *out += &format!("{mine} => when other {{ {theirs} => {}", same(variant));
        if variants.len() > 1 {
            *out += &format!(", _ => {different}");
        }
        *out += " },\n";
    }
    *out += "}";
}
