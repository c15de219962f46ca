//! What can be called like a function: the family `Fn`, `FnMut`, `FnOnce` (reference §5.5, §9.3).

use hir_def::VariantDef;

use crate::solve::Solver;
use crate::ty::{ClosureArgs, ClosureKind, Projection, Ty, TyKind};

/// How a value is called.
#[derive(Clone, Debug)]
pub(crate) struct Callable {
    /// The argument of `Fn[…]`: the single parameter's type, or a tuple.
    pub(crate) args: Ty,
    pub(crate) ret: Ty,
    /// The most that can be done with it: what is `Fn` is the others, too. `None` for a closure
    /// whose body is still being inferred.
    pub(crate) kind: Option<ClosureKind>,
}

impl Callable {
    /// The parameters one by one.
    pub(crate) fn params(&self, db: &dyn base::Db) -> Vec<Ty> {
        match self.args.kind(db) {
            TyKind::Tuple(parts) => parts.to_vec(),
            _ => vec![self.args],
        }
    }
}

/// `Fn[…]`'s argument for a list of parameters.
pub(crate) fn args_ty(db: &dyn base::Db, params: &[Ty]) -> Ty {
    match params {
        [only] => *only,
        params => Ty::tuple(db, params.iter().copied()),
    }
}

/// References to callables are looked through so often; guessed.
const REFS_MAX: u32 = 8;

impl Solver<'_, '_> {
    /// How a type is called; `None` if it is not, or is not known yet.
    pub(crate) fn callable(&mut self, ty: Ty) -> Option<Callable> {
        self.callable_in(ty, 0)
    }

    fn callable_in(&mut self, ty: Ty, refs: u32) -> Option<Callable> {
        let db = self.table.db;
        let ty = self.table.shallow(ty);
        let of_sig = |params: &[Ty], ret: Ty, kind| Callable {
            args: args_ty(db, params),
            ret,
            kind,
        };
        match ty.kind(db) {
            TyKind::Func { params, ret } => Some(of_sig(params, *ret, Some(ClosureKind::Fn))),
            TyKind::Closure(_, args) => {
                let args = ClosureArgs(*args);
                let kind = match self.table.shallow_const(args.kind_const(db)) {
                    value @ crate::ty::Const::Value(..) => ClosureKind::from_const(value),
                    _ => None,
                };
                if kind == Some(ClosureKind::Async) {
                    return None;
                }
                Some(of_sig(&args.params(db), args.ret(db), kind))
            }
            TyKind::FnItem(func, args) => {
                let sig = crate::signature::fn_type(db, *func);
                let params: Vec<Ty> = sig.all_params(db).collect();
                let params: Vec<Ty> = params
                    .into_iter()
                    .map(|param| self.normalize(param.subst(db, *args)))
                    .collect();
                let ret = self.normalize(sig.ret.subst(db, *args));
                Some(of_sig(&params, ret, Some(ClosureKind::Fn)))
            }
            TyKind::Ctor(variant, args) => {
                let variant = VariantDef::Variant(*variant);
                let fields = crate::signature::field_types(db, variant).iter();
                let params: Vec<Ty> = fields.map(|field| field.subst(db, *args)).collect();
                let ret = Ty::adt(db, variant.adt(), *args);
                Some(of_sig(&params, ret, Some(ClosureKind::Fn)))
            }
            TyKind::Param(_) | TyKind::Projection(_) | TyKind::Opaque(..) => {
                self.callable_param(ty)
            }
            TyKind::Dyn(object) | TyKind::Object(object) => {
                let kind = self.lang().closure_kind(object.behavior)?;
                let output = object.bindings.iter().find(|(name, _)| name == "Output")?;
                let args = object.args.list(db).first().and_then(|arg| arg.ty());
                Some(Callable {
                    args: args.unwrap_or_else(|| Ty::unit(db)),
                    ret: output.1,
                    kind: Some(kind),
                })
            }
            TyKind::Ref { mutable, target } if refs < REFS_MAX => {
                let (mutable, target) = (*mutable, *target);
                let found = self.callable_in(target, refs + 1)?;
                match found.kind {
                    Some(ClosureKind::Fn) | None => Some(found),
                    Some(ClosureKind::FnMut) if mutable => Some(found),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A parameter with bounds of the family.
    fn callable_param(&mut self, ty: Ty) -> Option<Callable> {
        let db = self.table.db;
        let data = self.env.data(db);
        if let Some((_, func)) = data.funcs.iter().find(|(param, _)| *param == ty) {
            return self.callable(*func);
        }
        let mut bounds = data.bounds.to_vec();
        if let TyKind::Projection(projection) = ty.kind(db) {
            bounds.extend(crate::signature::projection_bounds(db, projection));
        }
        if let TyKind::Opaque(func, index, args) = ty.kind(db) {
            bounds.extend(crate::signature::opaque_bounds(db, *func, *index, *args));
        }
        let lang = self.lang();
        let best = bounds
            .into_iter()
            .filter(|bound| bound.self_ty(db) == ty)
            .filter_map(|bound| Some((lang.closure_kind(bound.behavior)?, bound)))
            .min_by_key(|(kind, _)| *kind);
        let (kind, bound) = best?;
        let mut args = bound.args.ty(db, 1);
        let projection = Projection {
            behavior: lang.fn_once?,
            name: hir_def::Name::new_static("Output"),
            args: bound.args,
        };
        let ret = self.normalize(Ty::new(db, TyKind::Projection(projection)));
        // A 1-tuple is the same as its part.
        if let TyKind::Tuple(parts) = args.kind(db)
            && let [only] = &**parts
        {
            args = *only;
        }
        Some(Callable {
            args,
            ret,
            kind: Some(kind),
        })
    }

    /// Whether something called like `found` fits a bound `Fn[args]`.
    pub(crate) fn fits_args(&mut self, found: &Callable, args: Ty) -> bool {
        let db = self.table.db;
        let args = self.table.shallow(args);
        let snapshot = self.table.snapshot();
        if self.table.unify(found.args, args).is_ok() {
            self.table.commit(snapshot);
            return true;
        }
        self.table.rollback(snapshot);
        match args.kind(db) {
            TyKind::Tuple(parts) if parts.len() == 1 => {
                self.table.unify(found.args, parts[0]).is_ok()
            }
            _ => false,
        }
    }
}
