//! `impl B` in the results of behaviors' methods: like associated types without names, what the
//! implementation's method says in their place.

use base::Db;
use hir_def::signatures::func_signature;
use hir_def::{ContainerId, FuncId, GenericDef};

use super::{Answer, Selection, Solver};
use crate::generics::{BehaviorRef, generics_of};
use crate::signature::{fn_type, impl_func};
use crate::ty::{GenericArg, GenericArgs, Ty, TyKind};

impl Solver<'_, '_> {
    /// What stands for the n-th `impl B` of a behavior's method for the type that the arguments
    /// begin with. `None` if no implementation is known, or it has the behavior's own body.
    pub(super) fn chosen_type(
        &mut self,
        func: FuncId,
        index: u32,
        args: GenericArgs,
    ) -> Option<Ty> {
        let db = self.table.db;
        let ContainerId::Behavior(behavior) = func.container(db) else {
            return None;
        };
        let count = generics_of(db, GenericDef::Behavior(behavior)).params.len();
        let goal = BehaviorRef {
            behavior,
            args: args.prefix(db, count),
        };
        if crate::table::has_infer(db, self.table.resolve(goal.self_ty(db))) || !self.enter() {
            return None;
        }
        let answer = self.solve(goal, &mut Vec::new());
        self.depth -= 1;
        let Answer::Yes(Selection::Impl {
            id,
            args: impl_args,
        }) = answer
        else {
            return None;
        };
        let found = impl_func(db, id, &func_signature(db, func).name)?;
        let own = args.list(db).get(count..).unwrap_or(&[]);
        let all = self.table.resolve_args(impl_args).list(db).to_vec();
        let all: Vec<GenericArg> = all.into_iter().chain(own.iter().copied()).collect();
        let part = part_at(
            db,
            fn_type(db, func).ret,
            fn_type(db, found).ret,
            (func, index),
        )?;
        Some(part.subst(db, GenericArgs::from_iter(db, all)))
    }
}

/// What stands in a type where a declared one has an `impl B`.
pub(crate) fn part_at(db: &dyn Db, declared: Ty, given: Ty, wanted: (FuncId, u32)) -> Option<Ty> {
    let all = |a: &[Ty], b: &[Ty]| {
        let mut pairs = a.iter().zip(b);
        pairs.find_map(|(a, b)| part_at(db, *a, *b, wanted))
    };
    match (declared.kind(db), given.kind(db)) {
        (TyKind::Opaque(func, index, _), _) if (*func, *index) == wanted => Some(given),
        (TyKind::Adt(a, declared), TyKind::Adt(b, given)) if a == b => {
            let declared: Vec<Ty> = declared.types(db).collect();
            let given: Vec<Ty> = given.types(db).collect();
            all(&declared, &given)
        }
        (TyKind::Tuple(declared), TyKind::Tuple(given)) => all(declared, given),
        (TyKind::Array(declared, _), TyKind::Array(given, _))
        | (TyKind::Slice(declared), TyKind::Slice(given))
        | (TyKind::RawPtr(declared), TyKind::RawPtr(given))
        | (
            TyKind::Ref {
                target: declared, ..
            },
            TyKind::Ref { target: given, .. },
        ) => part_at(db, *declared, *given, wanted),
        _ => None,
    }
}
