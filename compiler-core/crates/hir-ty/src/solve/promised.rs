//! What declarations promise of associated types: `impl Iterator[Item = A]` in a result,
//! `type Iter: Iterator[Item = This::Item]` in a behavior.

use super::Solver;
use crate::generics::Predicate;
use crate::signature::{assoc_type_of, assoc_type_predicates};
use crate::ty::{GenericArgs, Projection, Ty, TyKind};

impl Solver<'_, '_> {
    /// The associated type of an opaque type, or of an associated type of something unknown, if
    /// its declaration says what it is.
    pub(super) fn promised(&mut self, projection: &Projection, args: GenericArgs) -> Option<Ty> {
        let db = self.table.db;
        let (promises, of): (&[Predicate], GenericArgs) = match args.ty(db, 0).kind(db) {
            TyKind::Opaque(func, index, of) => {
                let sig = crate::signature::fn_type(db, *func);
                (&sig.opaques.get(*index as usize)?.predicates, *of)
            }
            TyKind::Projection(outer) => {
                let alias = assoc_type_of(db, outer.behavior, &outer.name)?;
                (assoc_type_predicates(db, alias), outer.args)
            }
            _ => return None,
        };
        let found = promises.iter().find_map(|promise| {
            let Predicate::Equal(left, right) = promise.subst(db, of) else {
                return None;
            };
            let TyKind::Projection(known) = left.kind(db) else {
                return None;
            };
            let is_same = known.behavior == projection.behavior
                && known.name == projection.name
                && known.args == args;
            is_same.then_some(right)
        })?;
        let ty = self.enter().then(|| self.normalize(found));
        self.depth -= 1;
        ty
    }
}
