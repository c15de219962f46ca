//! The rules that every body keeps; `docs/ir-mir.md` explains them in the same order.
//!
//! 1. `_0` is the result, `_1 ..= _n` the parameters, and no other local is of those kinds.
//! 2. Blocks, locals and indices that are mentioned exist; `bb0` is nobody's successor.
//! 3. A place's path fits its type: `Deref` of references and pointers, `Field` of the type the
//!    declaration gives, after `Downcast` if and only if the base is an enum, indices of arrays
//!    and slices.
//! 4. `Index` locals are integers that only lowering made: temporaries.
//! 5. Both sides of an assignment have one type; `Replace` likewise.
//! 6. Conditions are Bool; switches are on integers and Char, their values distinct.
//! 7. A call has no target exactly if its destination is `Never`.
//! 8. Arithmetic has operands of one numeric type.
//! 9. `replace` and partial knowledge exist in `Built` only; drop flags in `Final` only.
//! 10. Every drop is of a type that may need one.
//! 11. No type is an error, or has inference variables inside.

mod rules;

use base::Db;

use crate::data::Body;
use crate::print::body_text;

/// A broken rule, with its number and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub rule: u32,
    pub message: String,
}

/// All broken rules of a body.
pub fn verify(db: &dyn Db, body: &Body) -> Vec<Violation> {
    rules::Verifier::new(db, body).run()
}

/// The rule that no type is the error type.
const NO_ERROR_TYPES: u32 = 11;

/// Asserts in debug builds that a body keeps the rules.
///
/// A body with error types is passed over: what it mentions (a constant, a field) is reported
/// where it is declared, and no program is made of it.
pub(crate) fn assert_valid(db: &dyn Db, body: &Body) {
    if cfg!(debug_assertions) {
        let violations = verify(db, body);
        let has_error_types = violations
            .iter()
            .any(|violation| violation.rule == NO_ERROR_TYPES);
        stdx::never!(
            !violations.is_empty() && !has_error_types,
            "invalid MIR: {violations:#?}\n{}",
            body_text(db, body)
        );
    }
}
