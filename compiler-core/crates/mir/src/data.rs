//! What a MIR body is made of.
//!
//! ```text
//! func area::total(_1: ref [I32]) -> I64 {
//!     let _2: I32;
//!     bb0: {
//!         _2 = copy (*_1)[const 0_i64];
//!         return;
//!     }
//! }
//! ```
//!
//! Read [`body`] first, then [`place`], [`rvalue`], [`constant`] and [`callee`].

pub mod body;
pub mod callee;
pub mod constant;
pub mod place;
pub mod rvalue;
pub mod source;

pub use body::{
    Block, BlockId, Body, Held, HeldId, Local, LocalDecl, LocalKind, Phase, Statement,
    StatementKind, Terminator, TerminatorKind, Unwind,
};
pub use callee::{Callee, LangFunc};
pub use constant::{ConstKind, Constant, LocationPart};
pub use place::{Place, Projection};
pub use rvalue::{AggregateKind, BinaryOp, BorrowKind, CastKind, Operand, Rvalue, UnaryOp};
pub use source::{SourceInfo, SourceNode};
