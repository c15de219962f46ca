//! What is initialised where: the analysis under the checks and under drop elaboration.
//!
//! [`paths`] names the parts of locals that can be moved separately, [`effects`] says what each
//! statement does to them, [`dataflow`] what may be initialised at each point, and [`check`]
//! reports uses of what is not. Loans are not looked at here: the borrow checker will be a
//! module beside `check`, on the same paths.

pub(crate) mod bits;
pub(crate) mod check;
pub(crate) mod dataflow;
pub(crate) mod effects;
pub(crate) mod paths;
