//! Types in source syntax.

use std::fmt;

use base::Db;
use hir_def::{AdtId, GenericDef, VariantDef};

use super::{Const, DynTy, GenericArg, GenericArgs, Ty, TyKind};
use crate::generics::generics_of;
use crate::names;

/// Prints a type as a programmer would write it: `Maybe[I32]`, `mut ref [U8]`.
#[derive(Clone, Copy)]
pub struct DisplayTy<'db> {
    db: &'db dyn Db,
    ty: Ty,
}

impl<'db> DisplayTy<'db> {
    pub(super) fn new(db: &'db dyn Db, ty: Ty) -> Self {
        DisplayTy { db, ty }
    }
}

impl fmt::Display for DisplayTy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let db = self.db;
        match self.ty.kind(db) {
            TyKind::Bool => f.write_str("Bool"),
            TyKind::Int(int) => f.write_str(int.name()),
            TyKind::Float(float) => f.write_str(float.name()),
            TyKind::Char => f.write_str("Char"),
            TyKind::Str => f.write_str("Str"),
            TyKind::Never => f.write_str("Never"),
            TyKind::Adt(adt, args) => {
                f.write_str(&names::adt_name(db, *adt))?;
                f.write_str(&display_args(db, *args))
            }
            TyKind::Interface(id, args) => {
                f.write_str(&names::item_name(db, GenericDef::Behavior(*id)))?;
                f.write_str(&display_args(db, *args))
            }
            TyKind::Tuple(parts) => match &**parts {
                [] => f.write_str("Unit"),
                [only] => write!(f, "({},)", only.display(db)),
                parts => {
                    f.write_str("(")?;
                    list(db, parts, f)?;
                    f.write_str(")")
                }
            },
            TyKind::Array(element, len) => {
                write!(f, "[{}; {}]", element.display(db), const_text(db, *len))
            }
            TyKind::Slice(element) => write!(f, "[{}]", element.display(db)),
            TyKind::Ref { mutable, target } => {
                let prefix = if *mutable { "mut ref" } else { "ref" };
                write!(f, "{prefix} {}", target.display(db))
            }
            TyKind::RawPtr(target) => write!(f, "*{}", target.display(db)),
            TyKind::Func { params, ret } => signature(db, params, *ret, f),
            TyKind::FnItem(func, args) => {
                let sig = crate::signature::fn_type(db, *func);
                let params: Vec<Ty> = sig.all_params(db).map(|p| p.subst(db, *args)).collect();
                signature(db, &params, sig.ret.subst(db, *args), f)
            }
            TyKind::Ctor(variant, args) => {
                let fields = crate::signature::field_types(db, VariantDef::Variant(*variant));
                let params: Vec<Ty> = fields.iter().map(|p| p.subst(db, *args)).collect();
                let adt = AdtId::Enum(variant.parent);
                signature(db, &params, Ty::adt(db, adt, *args), f)
            }
            TyKind::Closure(_, args) => {
                let args = super::ClosureArgs(*args);
                match args.kind(db) {
                    Some(super::ClosureKind::Async) => {
                        write!(f, "async block of `{}`", args.ret(db).display(db))
                    }
                    _ => {
                        f.write_str("closure ")?;
                        signature(db, &args.params(db), args.ret(db), f)
                    }
                }
            }
            TyKind::Future(func, args) => {
                let output = crate::signature::async_output(db, *func).subst(db, *args);
                write!(f, "impl Future[Output = {}]", output.display(db))
            }
            TyKind::Dyn(object) | TyKind::Object(object) => object_text(db, object, f),
            TyKind::Opaque(func, index, args) => {
                f.write_str("impl ")?;
                let sig = crate::signature::fn_type(db, *func);
                let decl = sig.opaques.get(*index as usize);
                let bounds = decl.map(|decl| &*decl.predicates).unwrap_or(&[]);
                let mut first = true;
                for predicate in bounds {
                    let crate::generics::Predicate::Implements(bound) = predicate else {
                        continue;
                    };
                    if !std::mem::take(&mut first) {
                        f.write_str(" + ")?;
                    }
                    f.write_str(&names::item_name(db, GenericDef::Behavior(bound.behavior)))?;
                    let own = bound.subst(db, *args).args.list(db).iter().skip(1).copied();
                    let own = GenericArgs::from_iter(db, own.collect::<Vec<_>>());
                    f.write_str(&display_args(db, own))?;
                }
                Ok(())
            }
            TyKind::Param(param) => f.write_str(&param_name(db, param.owner, param.index)),
            TyKind::Projection(p) => {
                let base = p.args.ty(db, 0);
                match base.kind(db) {
                    TyKind::Param(_) | TyKind::Projection(_) => {
                        write!(f, "{}::{}", base.display(db), p.name)
                    }
                    _ => {
                        let behavior = names::item_name(db, GenericDef::Behavior(p.behavior));
                        write!(f, "({} as {behavior})::{}", base.display(db), p.name)
                    }
                }
            }
            TyKind::Infer(_) => f.write_str("_"),
            TyKind::Error => f.write_str("?"),
        }
    }
}

impl fmt::Debug for DisplayTy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn object_text(db: &dyn Db, object: &DynTy, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let name = |behavior| names::item_name(db, GenericDef::Behavior(behavior));
    write!(f, "dyn {}", name(object.behavior))?;
    let mut args: Vec<String> = object
        .args
        .list(db)
        .iter()
        .map(|arg| match arg {
            GenericArg::Ty(ty) => ty.display(db).to_string(),
            GenericArg::Const(value) => const_text(db, *value),
        })
        .collect();
    for (name, ty) in &object.bindings {
        args.push(format!("{name} = {}", ty.display(db)));
    }
    if !args.is_empty() {
        write!(f, "[{}]", args.join(", "))?;
    }
    for marker in &object.markers {
        write!(f, " + {}", name(*marker))?;
    }
    Ok(())
}

fn list(db: &dyn Db, parts: &[Ty], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{}", part.display(db))?;
    }
    Ok(())
}

fn signature(db: &dyn Db, params: &[Ty], ret: Ty, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("func(")?;
    list(db, params, f)?;
    f.write_str(")")?;
    if ret.is_unit(db) {
        Ok(())
    } else {
        write!(f, " -> {}", ret.display(db))
    }
}

/// `[I32, 4]`, or nothing if there are no arguments.
pub fn display_args(db: &dyn Db, args: GenericArgs) -> String {
    let args = args.list(db);
    if args.is_empty() {
        return String::new();
    }
    let texts: Vec<String> = args
        .iter()
        .map(|arg| match arg {
            GenericArg::Ty(ty) => ty.display(db).to_string(),
            GenericArg::Const(value) => const_text(db, *value),
        })
        .collect();
    format!("[{}]", texts.join(", "))
}

pub(crate) fn const_text(db: &dyn Db, value: Const) -> String {
    match value {
        Const::Value(value, ty) => match ty.kind(db) {
            TyKind::Bool => (value != 0).to_string(),
            TyKind::Char => match u32::try_from(value).ok().and_then(char::from_u32) {
                Some(c) => format!("{c:?}"),
                None => value.to_string(),
            },
            _ => value.to_string(),
        },
        Const::Param(param) => param_name(db, param.owner, param.index),
        Const::Infer(_) => "_".to_owned(),
        Const::Error => "?".to_owned(),
    }
}

fn param_name(db: &dyn Db, owner: GenericDef, index: u32) -> String {
    let generics = generics_of(db, owner);
    match generics.params.get(index as usize) {
        Some(param) => param.name.to_string(),
        None => "?".to_owned(),
    }
}
