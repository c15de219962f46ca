//! What a body mentions: the edges of reachability, generic.

use hir_def::{ConstId, FuncId, StaticId};
use hir_ty::{GenericArgs, Ty};
use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use crate::data::*;

type Set<T> = IndexSet<T, FxBuildHasher>;

/// Everything that instances of a body may need, each once, in order of first mention.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Called or taken as values; members of behaviors still to be resolved.
    pub funcs: Set<(FuncId, GenericArgs)>,
    pub lang: Set<LangFunc>,
    pub consts: Set<(ConstId, GenericArgs)>,
    pub statics: Set<StaticId>,
    /// Types compared member by member.
    pub structural_eq: Set<Ty>,
    /// Locals whose values are dropped, for drop glue: the types of dropped places, which are
    /// asked of the body by `tys::place_ty`.
    pub dropped: Vec<Place>,
}

/// Walks a body once.
pub fn mentions(body: &Body) -> Mentions {
    let mut all = Mentions::default();
    for block in body.blocks.values() {
        for statement in &block.statements {
            match &statement.kind {
                StatementKind::Assign(_, rvalue) => all.rvalue(rvalue),
                StatementKind::Replace(place, value, _) => {
                    all.operand(value);
                    all.dropped.push(place.clone());
                }
                StatementKind::Drop(place, _) => all.dropped.push(place.clone()),
                StatementKind::StorageLive(_)
                | StatementKind::StorageDead(_)
                | StatementKind::Nop => {}
            }
        }
        match &block.terminator.kind {
            TerminatorKind::Switch { value, .. } => all.operand(value),
            TerminatorKind::If { condition, .. } => all.operand(condition),
            TerminatorKind::Call { callee, args, .. } => {
                all.callee(callee);
                args.iter().for_each(|arg| all.operand(arg));
            }
            TerminatorKind::Drop { place, .. } => all.dropped.push(place.clone()),
            TerminatorKind::Goto(_)
            | TerminatorKind::Yield { .. }
            | TerminatorKind::Return
            | TerminatorKind::Dropped
            | TerminatorKind::Resume
            | TerminatorKind::Unreachable => {}
        }
    }
    all
}

impl Mentions {
    fn callee(&mut self, callee: &Callee) {
        match callee {
            Callee::Func(func, args) | Callee::Exact(func, args) => {
                self.funcs.insert((*func, *args));
            }
            Callee::Value(operand) => self.operand(operand),
            Callee::Callable(..) | Callee::Poll(_) => {}
            Callee::Lang(func) => {
                self.lang.insert(*func);
            }
            Callee::StructuralEq(ty) => {
                self.structural_eq.insert(*ty);
            }
        }
    }

    fn operand(&mut self, operand: &Operand) {
        let Operand::Const(constant) = operand else {
            return;
        };
        match &constant.kind {
            ConstKind::Func(func, args) => {
                self.funcs.insert((*func, *args));
            }
            ConstKind::Item(item, args) => {
                self.consts.insert((*item, *args));
            }
            ConstKind::StaticAddr(item) => {
                self.statics.insert(*item);
            }
            _ => {}
        }
    }

    fn rvalue(&mut self, rvalue: &Rvalue) {
        match rvalue {
            Rvalue::Use(operand)
            | Rvalue::Unary(_, operand)
            | Rvalue::Cast(_, operand, _)
            | Rvalue::Repeat(operand, _) => self.operand(operand),
            Rvalue::Binary(_, left, right)
            | Rvalue::Overflows(_, left, right)
            | Rvalue::InBounds {
                index: left,
                len: right,
            } => {
                self.operand(left);
                self.operand(right);
            }
            Rvalue::Aggregate(_, operands) => {
                operands.iter().for_each(|operand| self.operand(operand));
            }
            Rvalue::Ref(..)
            | Rvalue::AddrOf(_)
            | Rvalue::Access(_)
            | Rvalue::Discriminant(_)
            | Rvalue::NewObject(..)
            | Rvalue::SetClass(..)
            | Rvalue::IsInstance(..)
            | Rvalue::Len(_) => {}
        }
    }
}
