//! What decorators say (reference §13), as data.

mod lower;
mod tests;

pub(crate) use lower::lower_attrs;
pub use tests::{Fixture, TestAttrs};

use crate::{BuiltinType, Name};

/// The decorators of one item. Conditional ones (`@when`) are already applied and not here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attrs {
    pub inline: InlineHint,
    pub cold: bool,
    pub hot: bool,
    /// Names in `@derive(…)`, as written.
    pub derives: Box<[Name]>,
    /// `@flags`, with the underlying type if given.
    pub flags: Option<Option<BuiltinType>>,
    pub repr: Repr,
    pub extern_: Option<ExternAttr>,
    /// `@link("m")`
    pub links: Box<[Name]>,
    /// `@export`, with its symbol if given.
    pub export: Option<Option<Name>>,
    /// `@no_mangle`: its symbol is its name.
    pub no_mangle: bool,
    /// `@intrinsic`, with its name if it differs from the function's.
    pub intrinsic: Option<Option<Name>>,
    /// `@builtin("println")`: a library function that the type checker handles itself.
    pub builtin: Option<Name>,
    /// `@track_caller`: the callee receives the location of its caller.
    pub track_caller: bool,
    pub is_test: bool,
    /// What else tells the test runner something: `@bench`, `@should_panic`, fixtures.
    pub test: Option<Box<TestAttrs>>,
    /// `@deprecated`, with what to say about it, or empty.
    pub deprecated: Option<Name>,
    pub unstable: bool,
    /// `@invariant`; its condition is read by the bodies of the type's members.
    pub has_invariant: bool,
    /// `@must_use`, with its reason, or empty.
    pub must_use: Option<Name>,
    /// `@interior_mutable` on a type: what it holds changes behind shared references.
    pub interior_mutable: bool,
    /// `@non_null` on a struct whose one field is a raw pointer: it is never null.
    pub non_null: bool,
    /// `@lowlevel` on a function.
    pub lowlevel: bool,
    pub static_init: bool,
    pub thread_local: bool,
    /// `@allow(W003)` and its like, in written order.
    pub levels: Box<[(LintLevel, Name)]>,
    /// Decorators that nobody knows (W041).
    pub unknown: Box<[Name]>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum InlineHint {
    #[default]
    None,
    Hint,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LintLevel {
    Allow,
    Warn,
    Deny,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Repr {
    pub c: bool,
    pub transparent: bool,
    pub packed: bool,
    pub align: Option<u32>,
    /// The integer of an enum's tag.
    pub int: Option<BuiltinType>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExternAttr {
    /// `c`, `system`, `stdcall`
    pub abi: Name,
    /// The symbol, if it is not the function's name.
    pub symbol: Option<Name>,
}
