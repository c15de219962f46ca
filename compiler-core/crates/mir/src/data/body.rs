//! Bodies: locals, blocks, statements, terminators.

use hir_def::BodyOwner;
use hir_ty::Ty;
use smol_str::SmolStr;
use stdx::{DenseMap, define_index};

use super::{Callee, Operand, Place, Rvalue, SourceInfo};

define_index!(
    /// A variable or temporary. `_0` is the result, `_1 …` are the parameters.
    pub struct Local, "_");
define_index!(
    /// A basic block. `bb0` is the entry.
    pub struct BlockId, "bb");
define_index!(
    /// What the scopes around some point hold: a [`Held`].
    pub struct HeldId, "held");

/// The MIR of one function, constant initialiser or default value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    pub owner: BodyOwner,
    pub phase: Phase,
    pub locals: DenseMap<Local, LocalDecl>,
    pub blocks: DenseMap<BlockId, Block>,
    /// Parameters, with the hidden ones: `_1 ..= _arg_count`.
    pub arg_count: u32,
    /// Whether the last three parameters are the hidden `file: Str`, `line: U32`, `col: U32`
    /// of `@track_caller`.
    pub track_caller: bool,
    /// What unwinding must end, by point. Only in `Phase::Built`.
    pub held: DenseMap<HeldId, Held>,
    /// Which closure of the owner this is the body of; `None` for the owner's own.
    pub closure: Option<u32>,
    /// Whether it is driven by `poll`: the entry block ends in the `yield` before the first poll.
    pub is_async: bool,
    /// The bodies of all closures, by index; those of nested ones, too. Only in the owner's own.
    pub closures: Vec<Body>,
}

/// The innermost value that the open scopes hold, and those around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Held {
    pub local: Local,
    pub outer: Option<HeldId>,
}

/// What happens when a panic unwinds out of a call or a destructor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unwind {
    /// Nothing else is held.
    Continue,
    /// In `Phase::Built`: whatever of this is still there is dropped.
    Held(HeldId),
    /// In `Phase::Final`: control goes to this block, which ends in `Resume`.
    Cleanup(BlockId),
}

/// What has been done to a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// As lowered: `drop` means "whatever is still there", `replace` exists.
    Built,
    /// After drop elaboration: every `drop` really drops, `replace` is gone.
    Final,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDecl {
    pub ty: Ty,
    /// The source's name; temporaries have none.
    pub name: Option<SmolStr>,
    /// Declared `var`, `let mut` or `mut`.
    pub mutable: bool,
    pub kind: LocalKind,
    /// Where it is declared.
    pub source: SourceInfo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LocalKind {
    Return,
    Arg,
    Var,
    Temp,
    /// A drop flag: Bool, made by drop elaboration.
    Flag,
    /// A loan that only the borrow checker looks at; what is assigned to it is gone afterwards.
    Check,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub statements: Vec<Statement>,
    pub terminator: Terminator,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub kind: StatementKind,
    pub source: SourceInfo,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// Stores without dropping what was there: there is nothing, or nothing to drop.
    Assign(Place, Rvalue),
    /// Stores, then drops what was there. Only in `Phase::Built`.
    Replace(Place, Operand, Unwind),
    /// The local's memory begins and ends to mean something.
    StorageLive(Local),
    StorageDead(Local),
    /// Ends the value's life. The type decides what that is (at instantiation, for parameters).
    Drop(Place, Unwind),
    Nop,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminator {
    pub kind: TerminatorKind,
    pub source: SourceInfo,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TerminatorKind {
    Goto(BlockId),
    /// On an integer, a Char or a discriminant. Values are distinct and sign-extended as in
    /// `ConstKind::Int`.
    Switch {
        value: Operand,
        cases: Vec<(i128, BlockId)>,
        otherwise: BlockId,
    },
    If {
        condition: Operand,
        then: BlockId,
        else_: BlockId,
    },
    /// The result is in `_0`.
    Return,
    /// Arguments move into the callee, which drops them. `target` is missing if the result is
    /// `Never`.
    Call {
        callee: Callee,
        args: Vec<Operand>,
        destination: Place,
        target: Option<BlockId>,
        unwind: Unwind,
    },
    /// Ends a value's life where a panic of its destructor leaves something to clean up. Only in
    /// `Phase::Final`.
    Drop {
        place: Place,
        target: BlockId,
        unwind: BlockId,
    },
    /// Leaves an `async` body that is not done: the next poll goes on at `resume`; if the future
    /// is dropped instead, `drop` ends what is alive here.
    Yield {
        resume: BlockId,
        drop: BlockId,
    },
    /// The end of what a `yield`'s `drop` began.
    Dropped,
    /// The end of cleaning up: unwinding goes on in the caller. Only in `Phase::Final`.
    Resume,
    Unreachable,
}

impl Local {
    /// Where the result goes.
    pub const RETURN: Local = Local(0);
}

impl BlockId {
    pub const ENTRY: BlockId = BlockId(0);
}

impl Body {
    /// A body without anything.
    pub fn empty(owner: BodyOwner) -> Body {
        Body {
            owner,
            phase: Phase::Built,
            locals: DenseMap::new(),
            blocks: DenseMap::new(),
            arg_count: 0,
            track_caller: false,
            held: DenseMap::new(),
            closure: None,
            is_async: false,
            closures: Vec::new(),
        }
    }

    /// The parameters, with the hidden ones.
    pub fn args(&self) -> impl DoubleEndedIterator<Item = Local> + ExactSizeIterator + use<> {
        (1..self.arg_count + 1).map(Local)
    }
}

impl Unwind {
    /// The block that cleans up.
    pub fn cleanup(self) -> Option<BlockId> {
        match self {
            Unwind::Cleanup(block) => Some(block),
            Unwind::Continue | Unwind::Held(_) => None,
        }
    }
}

impl TerminatorKind {
    /// The blocks that control can go to from here, in a fixed order.
    pub fn successors(&self) -> Vec<BlockId> {
        match self {
            TerminatorKind::Goto(target) => vec![*target],
            TerminatorKind::Switch {
                cases, otherwise, ..
            } => cases
                .iter()
                .map(|(_, block)| *block)
                .chain([*otherwise])
                .collect(),
            TerminatorKind::If { then, else_, .. } => vec![*then, *else_],
            TerminatorKind::Call { target, unwind, .. } => {
                target.iter().copied().chain(unwind.cleanup()).collect()
            }
            TerminatorKind::Drop { target, unwind, .. } => vec![*target, *unwind],
            TerminatorKind::Yield { resume, drop } => vec![*resume, *drop],
            TerminatorKind::Return
            | TerminatorKind::Dropped
            | TerminatorKind::Resume
            | TerminatorKind::Unreachable => Vec::new(),
        }
    }

    /// Applies a function to every successor.
    pub fn map_successors(&mut self, mut map: impl FnMut(BlockId) -> BlockId) {
        match self {
            TerminatorKind::Goto(target) => *target = map(*target),
            TerminatorKind::Switch {
                cases, otherwise, ..
            } => {
                cases.iter_mut().for_each(|(_, block)| *block = map(*block));
                *otherwise = map(*otherwise);
            }
            TerminatorKind::If { then, else_, .. } => {
                *then = map(*then);
                *else_ = map(*else_);
            }
            TerminatorKind::Call { target, unwind, .. } => {
                if let Some(target) = target {
                    *target = map(*target);
                }
                if let Unwind::Cleanup(cleanup) = unwind {
                    *cleanup = map(*cleanup);
                }
            }
            TerminatorKind::Drop { target, unwind, .. } => {
                *target = map(*target);
                *unwind = map(*unwind);
            }
            TerminatorKind::Yield { resume, drop } => {
                *resume = map(*resume);
                *drop = map(*drop);
            }
            TerminatorKind::Return
            | TerminatorKind::Resume
            | TerminatorKind::Dropped
            | TerminatorKind::Unreachable => {}
        }
    }
}
