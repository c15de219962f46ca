//! `@flags` enums (reference §13.1): sets of bits with named members.

use crate::input::{Input, Shape};

pub(crate) fn generate(input: &Input, out: &mut String) {
    let (Shape::Enum(variants), Some(int)) = (&input.shape, &input.flags) else {
        return;
    };
    let name = &input.name;
    let path = |variant: &str| format!("This::{variant}");
    let names: Vec<String> = variants
        .iter()
        .map(|it| format!("\"{}\"", it.name))
        .collect();
    let bits: Vec<String> = variants
        .iter()
        .map(|it| format!("({} as {int}) as U64", path(&it.name)))
        .collect();
    let all: Vec<String> = variants
        .iter()
        .map(|it| format!("({} as {int})", path(&it.name)))
        .collect();
    let all = if all.is_empty() {
        "0".to_owned()
    } else {
        all.join(" | ")
    };
    let count = variants.len();
    let text = |style: &str| {
        if count == 0 {
            return "\"\"".to_owned();
        }
        format!(
            "{{\nlet names: [Str; {count}] = [{}]\nlet values: [U64; {count}] = [{}]\n\
             __core::derived::{style}((this as {int}) as U64, ref names, ref values)\n}}",
            names.join(", "),
            bits.join(", ")
        )
    };
    let of_bits =
        |bits: &str| format!("lowlevel {{ __core::intrinsics::transmute[{int}, This]({bits}) }}");
    *out += &format!(
        "impl {name} {{
pub func bits(this) -> {int} {{ this as {int} }}
pub func from_bits(n: {int}) -> This {{ {from} }}
pub func none() -> This {{ {none} }}
pub func all() -> This {{ {every} }}
pub func is_empty(this) -> Bool {{ (this as {int}) == 0 }}
pub func has(this, f: This) -> Bool {{ ((this as {int}) & (f as {int})) == (f as {int}) }}
pub func add(mut this, f: This) -> This {{ this = This::from_bits((this as {int}) | (f as {int}))
this }}
pub func remove(mut this, f: This) -> This {{ this = This::from_bits((this as {int}) & ~(f as {int}))
this }}
pub func toggle(mut this, f: This) -> This {{ this = This::from_bits((this as {int}) ^ (f as {int}))
this }}
}}
impl __core::ops::BitOr for {name} {{
type Output = {name}
func bitor(this, rhs: {name}) -> {name} {{ {name}::from_bits((this as {int}) | (rhs as {int})) }}
}}
impl __core::ops::BitAnd for {name} {{
type Output = {name}
func bitand(this, rhs: {name}) -> {name} {{ {name}::from_bits((this as {int}) & (rhs as {int})) }}
}}
impl __core::ops::BitXor for {name} {{
type Output = {name}
func bitxor(this, rhs: {name}) -> {name} {{ {name}::from_bits((this as {int}) ^ (rhs as {int})) }}
}}
impl __core::ops::Not for {name} {{
type Output = {name}
func negate(this) -> {name} {{ {name}::from_bits(~(this as {int}) & ({all})) }}
}}
impl __core::fmt::Display for {name} {{
func to_string(this) -> Str {{ {display} }}
}}
impl __core::fmt::Debug for {name} {{
func debug_string(this) -> Str {{ \"{name}(\" + __core::derived::or_nothing(__core::fmt::Display::to_string(this)) + \")\" }}
}}
impl __core::serialize::Serialize for {name} {{
func to_json(this) -> Str {{ {json} }}
}}
",
        from = of_bits("n"),
        none = of_bits("0"),
        every = of_bits(&all),
        display = text("flags_text"),
        json = text("flags_json"),
    );
}
