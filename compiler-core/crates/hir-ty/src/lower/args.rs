//! Generic arguments: what is written, declared defaults, variables for the rest.

use hir_def::{GenericArg as GenericArgRef, GenericDef};

use super::{LowerErrorKind, TyLower, error_arg};
use crate::generics::{ParamKey, generics_of, param_default};
use crate::ty::{GenericArg, GenericArgs};

impl TyLower<'_, '_> {
    /// Arguments for all parameters of `def`: `parent` first, then what is written, then
    /// defaults, then variables (in bodies) or an error.
    pub(crate) fn own_args(
        &mut self,
        def: GenericDef,
        written: Option<&hir_def::GenericArgs>,
        parent: GenericArgs,
    ) -> GenericArgs {
        let db = self.db;
        let generics = generics_of(db, def);
        let mut list: Vec<GenericArg> = parent.list(db).to_vec();
        // A behavior's `This` comes in as the parent.
        let skip = list.len().min(generics.params.len());
        let own = &generics.params[skip..];
        let written: Vec<&GenericArgRef> = written
            .map(|args| {
                let is_lifetime = |arg: &GenericArgRef| match arg {
                    GenericArgRef::Lifetime(_) => true,
                    // `View[a]`: a name alone is parsed as a type.
                    GenericArgRef::Type(ty) => self.names_lifetime(*ty),
                    GenericArgRef::Const(_) => false,
                };
                let args = args.args.iter();
                args.filter(|arg| !is_lifetime(arg)).collect()
            })
            .unwrap_or_default();
        let count_error = |found: usize| LowerErrorKind::ArgCount {
            def: Some(def),
            expected: own.len() as u32,
            found: found as u32,
        };
        if written.len() > own.len() {
            self.error(count_error(written.len()));
        }
        // Not for what is written between the brackets.
        let values_decide = std::mem::take(&mut self.values_decide)
            && written.is_empty()
            && !matches!(def, GenericDef::Behavior(_));
        let mut reported = written.len() > own.len();
        for (index, param) in own.iter().enumerate() {
            let arg = match written.get(index) {
                Some(arg) => self.generic_arg(arg, param),
                None => {
                    let default = match param.source {
                        Some(id) if param.has_default => {
                            param_default(db, ParamKey::new(db, id.def, id.index))
                        }
                        _ => None,
                    };
                    let so_far = GenericArgs::from_iter(db, list.iter().copied());
                    match (default, &mut self.table) {
                        (Some(default), Some(table)) if values_decide => {
                            let var = table.fresh_arg(param.is_const);
                            table.fallbacks.push((var, default.subst(db, so_far)));
                            var
                        }
                        (Some(default), _) => default.subst(db, so_far),
                        (None, Some(table)) => table.fresh_arg(param.is_const),
                        (None, None) => {
                            if !std::mem::replace(&mut reported, true) {
                                self.error(count_error(written.len()));
                            }
                            error_arg(db, param.is_const)
                        }
                    }
                }
            };
            list.push(arg);
        }
        GenericArgs::from_iter(db, list)
    }
}
