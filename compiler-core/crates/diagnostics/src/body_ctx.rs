//! A body while its diagnostics are made: ids to places, types to texts.

use base::{Db, ItemLoc};
use hir_def::body::{Body, BodySourceMap, Expr, ExprId, LocalId, PatId};
use hir_def::{BodyOwner, FuncId, TypeRefId};
use hir_ty::{Site, Ty};
use mir::{SourceInfo, SourceNode};

use crate::place::Place;

pub(crate) struct BodyCtx<'db> {
    pub(crate) db: &'db dyn Db,
    pub(crate) owner: BodyOwner,
    pub(crate) body: &'db Body,
    item: ItemLoc,
    map: &'db BodySourceMap,
}

impl<'db> BodyCtx<'db> {
    pub(crate) fn new(db: &'db dyn Db, owner: BodyOwner) -> BodyCtx<'db> {
        let (body, map) = hir_def::body::body_with_source_map(db, owner);
        BodyCtx {
            db,
            owner,
            body,
            item: owner.item(db),
            map,
        }
    }

    /// The function whose body it is.
    pub(crate) fn func(&self) -> Option<FuncId> {
        match self.owner {
            BodyOwner::Func(func) => Some(func),
            _ => None,
        }
    }

    /// Whether the value of an expression has `.duplicate()`.
    pub(crate) fn is_duplicable(&self, expr: ExprId) -> bool {
        let db = self.db;
        let env = match self.owner.generic_def(db) {
            Some(def) => hir_ty::param_env(db, def),
            None => hir_ty::ParamEnv::empty(db, self.owner.module(db).package(db)),
        };
        let package = self.owner.module(db).package(db);
        let duplicate = hir_ty::lang_items(db, package).duplicate;
        let ty = hir_ty::infer(db, self.owner).expr_ty(expr);
        let (Some(ty), Some(duplicate)) = (ty, duplicate) else {
            return false;
        };
        hir_ty::solve::implements(db, env, ty.strip_refs(db), duplicate)
    }

    /// The argument of a call that a place is, where something is said of the whole call.
    pub(crate) fn narrowed(&self, source: SourceInfo, place: &str) -> SourceInfo {
        let SourceNode::Expr(expr) = source.node else {
            return source;
        };
        let (receiver, args) = match &self.body[expr] {
            Expr::Call { args, .. } => (None, args),
            Expr::MethodCall { receiver, args, .. } => (Some(*receiver), args),
            _ => return source,
        };
        let values = receiver.into_iter().chain(args.iter().map(|arg| arg.value));
        let mut found = values.filter(|value| {
            let text = self.expr(*value).text(self.db);
            text.is_some_and(|text| text == place)
        });
        match (found.next(), found.next()) {
            (Some(value), None) => value.into(),
            _ => source,
        }
    }

    pub(crate) fn expr(&self, expr: ExprId) -> Place {
        Place::new(self.item, self.map.expr_range(expr))
    }

    /// The name inside an expression: `m` of `x.m()`.
    pub(crate) fn name(&self, expr: ExprId) -> Place {
        Place::new(self.item, self.map.expr_name_range(expr))
    }

    pub(crate) fn pat(&self, pat: PatId) -> Place {
        Place::new(self.item, self.map.pat_range(pat))
    }

    /// The path of a variant or struct pattern, else all of it.
    pub(crate) fn pat_name(&self, pat: PatId) -> Place {
        let last = self.map.pat_names.get(&pat).and_then(|names| names.last());
        last.map_or_else(|| self.pat(pat), |range| Place::new(self.item, *range))
    }

    pub(crate) fn ty_ref(&self, ty: TypeRefId) -> Place {
        Place::new(self.item, self.map.types.range(ty))
    }

    pub(crate) fn ty_segment(&self, ty: TypeRefId, segment: usize) -> Place {
        Place::new(self.item, self.map.types.segment_range(ty, segment))
    }

    /// The n-th named field or argument.
    pub(crate) fn expr_field(&self, expr: ExprId, index: u32) -> Place {
        let names = self.map.field_names.get(&expr);
        let range = names.and_then(|names| names.get(index as usize)).copied();
        match range.filter(|range| !range.is_empty()) {
            Some(range) => Place::new(self.item, range),
            None => self
                .arg(expr, index)
                .map_or_else(|| self.expr(expr), |arg| self.expr(arg)),
        }
    }

    pub(crate) fn pat_field(&self, pat: PatId, index: u32) -> Place {
        let names = self.map.pat_field_names.get(&pat);
        match names.and_then(|names| names.get(index as usize)) {
            Some(range) => Place::new(self.item, *range),
            None => self.pat(pat),
        }
    }

    /// The n-th argument of a call.
    pub(crate) fn arg(&self, call: ExprId, index: u32) -> Option<ExprId> {
        match &self.body[call] {
            Expr::Call { args, .. } | Expr::MethodCall { args, .. } => {
                args.get(index as usize).map(|arg| arg.value)
            }
            _ => None,
        }
    }

    /// One segment of a path expression, pattern or type.
    pub(crate) fn segment(&self, site: Site, segment: u32) -> Place {
        let names = match site {
            Site::Expr(expr) | Site::ExprName(expr) => self.map.expr_names.get(&expr),
            Site::Pat(pat) => self.map.pat_names.get(&pat),
            Site::Type(ty) => return self.ty_segment(ty, segment as usize),
            _ => None,
        };
        match names.and_then(|names| names.get(segment as usize)) {
            Some(range) => Place::new(self.item, *range),
            None => self.site(site),
        }
    }

    pub(crate) fn site(&self, site: Site) -> Place {
        match site {
            Site::Expr(expr) => self.expr(expr),
            Site::ExprName(expr) => self.name(expr),
            Site::ExprField(expr, index) => self.expr_field(expr, index),
            Site::Pat(pat) => self.pat(pat),
            Site::PatField(pat, index) => self.pat_field(pat, index),
            Site::Type(ty) => self.ty_ref(ty),
        }
    }

    pub(crate) fn source(&self, source: SourceInfo) -> Place {
        match source.node {
            SourceNode::Expr(expr) => self.expr(expr),
            SourceNode::Pat(pat) => self.pat(pat),
            SourceNode::Body => self.expr(self.body.root).last_char(),
        }
    }

    /// Where a local is declared.
    pub(crate) fn local(&self, local: LocalId) -> Option<Place> {
        match self.body[local].pat {
            Some(pat) => Some(self.pat(pat)),
            None => {
                let map =
                    &hir_def::signatures::func_signature_with_source_map(self.db, self.func()?).1;
                Some(Place::new(self.item, map.receiver?))
            }
        }
    }

    /// The type of an expression as its context sees it.
    pub(crate) fn ty_of(&self, expr: ExprId) -> Option<Ty> {
        hir_ty::infer(self.db, self.owner).adjusted_ty(expr)
    }

    /// The type of an expression; what inference left open when it complained is filled in.
    pub(crate) fn show_at(&self, ty: Ty, expr: ExprId) -> String {
        let shown = self.show(ty);
        if !shown.contains('_') {
            return shown;
        }
        let settled = hir_ty::infer(self.db, self.owner).expr_ty(expr);
        match settled.filter(|ty| !ty.has_error(self.db)) {
            Some(ty) => self.show(ty),
            None => shown,
        }
    }

    /// Whether an expression is the `n` of a `[v; n]`.
    pub(crate) fn is_array_length(&self, expr: ExprId) -> bool {
        let mut exprs = self.body.exprs.values();
        exprs.any(|it| matches!(it, Expr::Repeat { count, .. } if *count == expr))
    }

    pub(crate) fn show(&self, ty: Ty) -> String {
        ty.display(self.db).to_string()
    }
}
