//! Derived implementations (reference §9.4, §13.1) as source text.
//!
//! A declaration with `@derive(…)` or `@flags` stands for more items than are written. This
//! crate says which, as text in the language itself; `base` parses it and gives the items ids
//! below the declaration's, and from there on nobody can tell them from written ones. Texts are
//! a function of the declaration's syntax alone: no names are looked up here.
//!
//! Generated text reaches the library through `__core`, which no item of a program can hide,
//! and members by operators and interpolation where those do.
//!
//! Start with [`derived_text`]; each behavior has a file of its own.

mod compare;
mod debug;
mod default;
mod duplicate;
mod flags;
mod from_str;
mod hash;
mod input;
mod marker;
mod name;
mod reflect;
mod serialize;

pub use name::{DERIVABLE, Derivable};

use syntax::PreprocessorEnv;
use syntax::ast::Item;

use input::Input;

/// The items that a declaration's decorators stand for; `None` for nearly all.
pub fn derived_text(item: &Item, env: &PreprocessorEnv) -> Option<String> {
    let input = Input::of(item, env)?;
    let mut out = String::new();
    if input.flags.is_some() {
        flags::generate(&input, &mut out);
    }
    for derivable in &input.derives {
        match derivable {
            Derivable::PartialEq => compare::partial_eq(&input, &mut out),
            Derivable::Eq => marker::generate(&input, "cmp::Eq", &mut out),
            Derivable::Copy => marker::generate(&input, "marker::Copy", &mut out),
            Derivable::PartialOrd => compare::partial_ord(&input, &mut out),
            Derivable::Ord => compare::ord(&input, &mut out),
            Derivable::Hash => hash::generate(&input, &mut out),
            Derivable::Duplicate => duplicate::generate(&input, &mut out),
            Derivable::Default => default::generate(&input, &mut out),
            Derivable::Debug => debug::generate(&input, debug::Style::Debug, &mut out),
            Derivable::Display => debug::generate(&input, debug::Style::Display, &mut out),
            Derivable::Serialize => serialize::serialize(&input, &mut out),
            Derivable::Deserialize => serialize::deserialize(&input, &mut out),
            Derivable::FromStr => from_str::generate(&input, &mut out),
            Derivable::Reflect => reflect::generate(&input, &mut out),
        }
    }
    (!out.is_empty()).then_some(out)
}
