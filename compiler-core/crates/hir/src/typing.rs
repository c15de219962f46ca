//! Types of expressions and locals of one body, also of those that inference never reached.

use base::{Db, item_range};
use hir_def::body::{
    Body, BodySourceMap, Expr, ExprId, Literal, LocalId, PatId, body_with_source_map,
};
use hir_def::module_map::Namespace;
use hir_def::resolver::Scope;
use hir_def::{BodyOwner, ModuleDef, ModuleId};
use hir_ty::{
    InferenceResult, ParamEnv, Ty, TyKind, infer, param_env, type_of_const, type_of_static,
};
use syntax::{TextRange, TextSize};

use crate::Definition;
use crate::members::{self, Member};
use crate::names::resolve_whole;

/// How deep expressions are looked into when inference has no type for them.
const DEPTH_MAX: u32 = 32;

/// A body with its types and positions.
#[derive(Clone, Copy)]
pub struct BodyView<'db> {
    db: &'db dyn Db,
    pub owner: BodyOwner,
    pub body: &'db Body,
    pub map: &'db BodySourceMap,
    pub infer: &'db InferenceResult,
    /// Where the item starts in its file.
    pub start: TextSize,
}

impl<'db> BodyView<'db> {
    pub fn new(db: &'db dyn Db, owner: BodyOwner) -> BodyView<'db> {
        let (body, map) = body_with_source_map(db, owner);
        let start = item_range(db, owner.item(db))
            .map(|range| range.start())
            .unwrap_or_default();
        BodyView {
            db,
            owner,
            body,
            map,
            infer: infer(db, owner),
            start,
        }
    }

    pub fn module(&self) -> ModuleId {
        self.owner.module(self.db)
    }

    /// What is known about type parameters here.
    pub fn env(&self) -> ParamEnv {
        match self.owner.generic_def(self.db) {
            Some(def) => param_env(self.db, def),
            None => ParamEnv::empty(self.db, self.module().package(self.db)),
        }
    }

    /// The expression with exactly this range of the file; the outermost if parentheses make
    /// several.
    pub fn expr_at(&self, range: TextRange) -> Option<ExprId> {
        let range = range.checked_sub(self.start)?;
        self.map
            .exprs
            .iter()
            .filter(|(_, it)| **it == range)
            .map(|(id, _)| id)
            .next_back()
    }

    pub fn pat_at(&self, range: TextRange) -> Option<PatId> {
        let range = range.checked_sub(self.start)?;
        self.map
            .pats
            .iter()
            .find(|(_, it)| **it == range)
            .map(|(id, _)| id)
    }

    pub fn local_ty(&self, local: LocalId) -> Option<Ty> {
        self.infer.local_ty(local)
    }

    /// The scope that paths of an expression start from.
    pub fn scope(&self, expr: ExprId) -> Scope {
        Scope::of_body(self.db, self.owner).in_block(self.body.expr_block(expr))
    }

    /// The type of an expression: as inferred, or else read off its parts, since `p.` in broken
    /// code is part of nothing that inference visits.
    pub fn expr_ty(&self, expr: ExprId) -> Option<Ty> {
        self.expr_ty_within(expr, DEPTH_MAX)
    }

    fn expr_ty_within(&self, expr: ExprId, depth: u32) -> Option<Ty> {
        let db = self.db;
        if let Some(ty) = self.infer.expr_ty(expr).filter(|ty| !ty.is_error(db)) {
            return Some(ty);
        }
        let depth = depth.checked_sub(1)?;
        let part = |id: ExprId| self.expr_ty_within(id, depth);
        match &self.body[expr] {
            Expr::Local(local) => self.local_ty(*local),
            Expr::Literal(literal) => literal_ty(db, literal),
            Expr::Path(path) => match resolve_whole(db, self.scope(expr), path, Namespace::Values)?
            {
                Definition::Item(ModuleDef::Const(id)) => Some(type_of_const(db, id)),
                Definition::Item(ModuleDef::Static(id)) => Some(type_of_static(db, id)),
                Definition::Item(ModuleDef::Func(id)) => {
                    let args = hir_ty::identity_args(db, hir_def::GenericDef::Func(id));
                    Some(Ty::new(db, TyKind::FnItem(id, args)))
                }
                Definition::Item(ModuleDef::Variant(id)) => {
                    let adt = hir_def::AdtId::Enum(id.parent);
                    Some(Ty::adt(db, adt, hir_ty::identity_args(db, adt.into())))
                }
                _ => None,
            },
            Expr::Field { base, name } => {
                let base = part(*base)?;
                members::fields(db, self.module(), base)
                    .into_iter()
                    .find(|field| field.name == *name)
                    .map(|field| field.ty)
            }
            Expr::MethodCall { receiver, name, .. } => {
                let receiver = part(*receiver)?;
                let methods = members::methods(db, self.module(), self.env(), receiver);
                methods
                    .into_iter()
                    .find(|it| it.name == *name)
                    .and_then(|it: Member| it.ret(db))
            }
            Expr::Call { callee, .. } => match part(*callee)?.kind(db) {
                TyKind::FnItem(func, args) => Some(hir_ty::fn_type(db, *func).ret.subst(db, *args)),
                TyKind::Func { ret, .. } => Some(*ret),
                TyKind::Ctor(variant, args) => {
                    Some(Ty::adt(db, hir_def::AdtId::Enum(variant.parent), *args))
                }
                TyKind::Adt(..) => part(*callee),
                _ => None,
            },
            Expr::Index { base, .. } | Expr::PathOrIndex { base, .. } => {
                match part(*base)?.strip_refs(db).kind(db) {
                    TyKind::Array(element, _) | TyKind::Slice(element) => Some(*element),
                    _ => None,
                }
            }
            Expr::Ref {
                operand, mutable, ..
            } => Some(Ty::reference(db, *mutable, part(*operand)?)),
            _ => None,
        }
    }
}

fn literal_ty(db: &dyn Db, literal: &Literal) -> Option<Ty> {
    Some(match literal {
        Literal::Int { .. } => Ty::i32(db),
        Literal::Float { .. } => Ty::float(db, hir_ty::FloatTy::F64),
        Literal::Bool(_) => Ty::bool(db),
        Literal::Char(_) => Ty::char(db),
        Literal::Str(_) => Ty::str(db),
        Literal::Unit => Ty::unit(db),
        Literal::Bytes(_) | Literal::Null => return None,
    })
}
