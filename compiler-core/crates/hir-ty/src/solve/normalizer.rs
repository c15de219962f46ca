//! Taking associated types out of types.

use base::Db;

use super::Solver;
use crate::table::VarKind;
use crate::ty::{Projection, Ty, TyFolder, TyKind};

/// Replaces associated types. Those not known yet become variables and go to `pending`, if
/// there is one.
pub(crate) struct Normalizer<'a, 'b, 'db> {
    pub(crate) solver: &'a mut Solver<'b, 'db>,
    pub(crate) pending: Option<&'a mut Vec<(Projection, Ty)>>,
}

impl TyFolder for Normalizer<'_, '_, '_> {
    fn db(&self) -> &dyn Db {
        self.solver.table.db
    }
    fn fold_ty(&mut self, ty: Ty) -> Ty {
        let db = self.solver.table.db;
        let ty = self.solver.table.shallow(ty);
        match ty.kind(db) {
            TyKind::Projection(projection) => {
                let args = self.fold_args(projection.args);
                let projection = Projection {
                    args,
                    ..projection.clone()
                };
                match self.solver.project(&projection) {
                    // What an implementation says may name another type that is not known yet.
                    Ok(ty) if self.pending.is_some() && ty.has_projection(db) => self.fold_ty(ty),
                    Ok(ty) => ty,
                    Err(true) => match &mut self.pending {
                        Some(pending) => {
                            let var = self.solver.table.new_var(VarKind::General);
                            pending.push((projection, var));
                            var
                        }
                        None => Ty::new(db, TyKind::Projection(projection)),
                    },
                    Err(false) => Ty::new(db, TyKind::Projection(projection)),
                }
            }
            TyKind::Opaque(func, index, args) if ty.is_chosen_by_impl(db) => {
                let args = self.fold_args(*args);
                match self.solver.chosen_type(*func, *index, args) {
                    Some(ty) => self.fold_ty(ty),
                    None => Ty::new(db, TyKind::Opaque(*func, *index, args)),
                }
            }
            TyKind::Infer(_) => ty,
            _ => self.super_fold(ty),
        }
    }
}
