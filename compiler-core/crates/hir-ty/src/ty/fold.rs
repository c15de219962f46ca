//! Walking and rebuilding types.

use base::Db;

use super::{Const, DynTy, GenericArg, GenericArgs, Projection, Ty, TyKind};

/// Rebuilds types from the leaves. Implementations decide about leaves in `fold_ty` and call
/// [`TyFolder::super_fold`] for the rest.
pub trait TyFolder {
    fn db(&self) -> &dyn Db;
    fn fold_ty(&mut self, ty: Ty) -> Ty;
    fn fold_const(&mut self, value: Const) -> Const {
        value
    }

    fn fold_args(&mut self, args: GenericArgs) -> GenericArgs {
        let old: Box<[GenericArg]> = args.list(self.db()).clone();
        if old.is_empty() {
            return args;
        }
        let new: Box<[GenericArg]> = old
            .iter()
            .map(|arg| match arg {
                GenericArg::Ty(ty) => GenericArg::Ty(self.fold_ty(*ty)),
                GenericArg::Const(c) => GenericArg::Const(self.fold_const(*c)),
            })
            .collect();
        if new == old {
            args
        } else {
            GenericArgs::new(self.db(), new)
        }
    }

    fn fold_dyn(&mut self, object: &DynTy) -> DynTy {
        let bindings = object.bindings.iter();
        DynTy {
            behavior: object.behavior,
            args: self.fold_args(object.args),
            bindings: bindings
                .map(|(name, ty)| (name.clone(), self.fold_ty(*ty)))
                .collect(),
            markers: object.markers.clone(),
        }
    }

    /// Folds the parts of a type.
    fn super_fold(&mut self, ty: Ty) -> Ty {
        let kind = ty.kind(self.db()).clone();
        let new = match &kind {
            TyKind::Bool
            | TyKind::Int(_)
            | TyKind::Float(_)
            | TyKind::Char
            | TyKind::Str
            | TyKind::Never
            | TyKind::Param(_)
            | TyKind::Infer(_)
            | TyKind::Error => return ty,
            TyKind::Adt(adt, args) => TyKind::Adt(*adt, self.fold_args(*args)),
            TyKind::Interface(id, args) => TyKind::Interface(*id, self.fold_args(*args)),
            TyKind::FnItem(func, args) => TyKind::FnItem(*func, self.fold_args(*args)),
            TyKind::Ctor(variant, args) => TyKind::Ctor(*variant, self.fold_args(*args)),
            TyKind::Closure(id, args) => TyKind::Closure(*id, self.fold_args(*args)),
            TyKind::Future(func, args) => TyKind::Future(*func, self.fold_args(*args)),
            TyKind::Tuple(parts) => TyKind::Tuple(parts.iter().map(|p| self.fold_ty(*p)).collect()),
            TyKind::Array(element, len) => {
                TyKind::Array(self.fold_ty(*element), self.fold_const(*len))
            }
            TyKind::Slice(element) => TyKind::Slice(self.fold_ty(*element)),
            TyKind::Ref { mutable, target } => TyKind::Ref {
                mutable: *mutable,
                target: self.fold_ty(*target),
            },
            TyKind::RawPtr(target) => TyKind::RawPtr(self.fold_ty(*target)),
            TyKind::Func { params, ret } => TyKind::Func {
                params: params.iter().map(|p| self.fold_ty(*p)).collect(),
                ret: self.fold_ty(*ret),
            },
            TyKind::Dyn(object) => TyKind::Dyn(self.fold_dyn(object)),
            TyKind::Object(object) => TyKind::Object(self.fold_dyn(object)),
            TyKind::Opaque(func, index, args) => {
                TyKind::Opaque(*func, *index, self.fold_args(*args))
            }
            TyKind::Projection(p) => TyKind::Projection(Projection {
                behavior: p.behavior,
                name: p.name.clone(),
                args: self.fold_args(p.args),
            }),
        };
        if new == kind {
            ty
        } else {
            Ty::new(self.db(), new)
        }
    }
}

/// Calls `f` for a type and everything inside it, outermost first.
pub fn walk_ty(db: &dyn Db, ty: Ty, f: &mut dyn FnMut(Ty)) {
    f(ty);
    match ty.kind(db) {
        TyKind::Adt(_, args)
        | TyKind::Interface(_, args)
        | TyKind::FnItem(_, args)
        | TyKind::Ctor(_, args)
        | TyKind::Closure(_, args)
        | TyKind::Future(_, args) => {
            args.types(db).for_each(|part| walk_ty(db, part, f));
        }
        TyKind::Opaque(_, _, args) => args.types(db).for_each(|part| walk_ty(db, part, f)),
        TyKind::Dyn(object) | TyKind::Object(object) => {
            object.args.types(db).for_each(|part| walk_ty(db, part, f));
            for (_, part) in &object.bindings {
                walk_ty(db, *part, f);
            }
        }
        TyKind::Projection(p) => p.args.types(db).for_each(|part| walk_ty(db, part, f)),
        TyKind::Tuple(parts) => parts.iter().for_each(|part| walk_ty(db, *part, f)),
        TyKind::Array(part, _)
        | TyKind::Slice(part)
        | TyKind::RawPtr(part)
        | TyKind::Ref { target: part, .. } => walk_ty(db, *part, f),
        TyKind::Func { params, ret } => {
            params.iter().for_each(|part| walk_ty(db, *part, f));
            walk_ty(db, *ret, f);
        }
        _ => {}
    }
}

struct Subst<'db> {
    db: &'db dyn Db,
    args: GenericArgs,
}

impl TyFolder for Subst<'_> {
    fn db(&self) -> &dyn Db {
        self.db
    }
    fn fold_ty(&mut self, ty: Ty) -> Ty {
        match ty.kind(self.db) {
            TyKind::Param(param) => match self.args.get(self.db, param.index as usize) {
                Some(GenericArg::Ty(arg)) => arg,
                // Outside its definition a parameter means nothing; an arity error was reported.
                Some(GenericArg::Const(_)) => Ty::error(self.db),
                None => ty,
            },
            _ => self.super_fold(ty),
        }
    }
    fn fold_const(&mut self, value: Const) -> Const {
        match value {
            Const::Param(param) => match self.args.get(self.db, param.index as usize) {
                Some(GenericArg::Const(arg)) => arg,
                Some(GenericArg::Ty(_)) => Const::Error,
                None => value,
            },
            _ => value,
        }
    }
}

pub(super) fn subst_ty(db: &dyn Db, ty: Ty, args: GenericArgs) -> Ty {
    if args.list(db).is_empty() {
        return ty;
    }
    Subst { db, args }.fold_ty(ty)
}

pub(super) fn subst_const(db: &dyn Db, value: Const, args: GenericArgs) -> Const {
    Subst { db, args }.fold_const(value)
}
