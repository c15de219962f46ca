//! The walk over expressions and patterns, mirroring `mir::build`.

use hir_def::body::children::children;
use hir_def::body::{Arg, Expr, ExprId, InterpolPart, Pat, PatId, Stmt, UnaryOp};

use super::{Beyond, DEPTH_MAX, Path, Use, Walk};
use crate::infer::result::{
    Adjust, Adjustment, BindMode, CallRes, FieldRes, ForRes, IndexRes, OpRes, PathRes,
};
use crate::ty::{ClosureKind, Ty, TyKind};

impl Walk<'_, '_> {
    fn steps(&self, expr: ExprId) -> Vec<Adjustment> {
        self.ctx.result.adjustments(expr).to_vec()
    }

    fn expr_ty(&mut self, expr: ExprId) -> Ty {
        let ty = self.ctx.result.expr_ty(expr);
        let ty = ty.unwrap_or_else(|| self.ctx.error_ty());
        self.ctx.table.resolve(ty)
    }

    fn values(&mut self, exprs: impl IntoIterator<Item = ExprId>) {
        exprs.into_iter().for_each(|expr| self.value(expr));
    }

    /// An expression whose value is used.
    pub(super) fn value(&mut self, expr: ExprId) {
        self.depth += 1;
        if self.depth <= DEPTH_MAX {
            let steps = self.steps(expr);
            self.adjusted_value(expr, &steps);
        }
        self.depth -= 1;
    }

    fn adjusted_value(&mut self, expr: ExprId, steps: &[Adjustment]) {
        match steps.split_last() {
            Some((last, rest)) => match &last.kind {
                Adjust::Deref | Adjust::OverloadedDeref { .. } => {
                    let path = self.adjusted_place(expr, steps);
                    self.touch(path, Use::Consume);
                }
                Adjust::Borrow { mutable } => {
                    let path = self.adjusted_place(expr, rest);
                    let how = match mutable {
                        true => Use::BorrowMut { explicit: false },
                        false => Use::Borrow,
                    };
                    self.touch(path, how);
                }
                _ => self.adjusted_value(expr, rest),
            },
            None if self.is_place(expr) => {
                let path = self.raw_place(expr);
                self.touch(path, Use::Consume);
            }
            None => self.raw_value(expr),
        }
    }

    /// An expression used as a place.
    fn place(&mut self, expr: ExprId) -> Option<Path> {
        let steps = self.steps(expr);
        self.depth += 1;
        let path = match self.depth <= DEPTH_MAX {
            true => self.adjusted_place(expr, &steps),
            false => None,
        };
        self.depth -= 1;
        path
    }

    fn adjusted_place(&mut self, expr: ExprId, steps: &[Adjustment]) -> Option<Path> {
        match steps.split_last() {
            Some((last, rest)) if last.kind == Adjust::Deref => {
                let path = self.adjusted_place(expr, rest)?;
                Some(self.deref(path, last.target))
            }
            Some((
                Adjustment {
                    kind: Adjust::OverloadedDeref { callee, .. },
                    ..
                },
                rest,
            )) => {
                let func = callee.func;
                let path = self.adjusted_place(expr, rest);
                let path = self.strip(path);
                self.touch_receiver(path, func);
                None
            }
            None if self.is_place(expr) => self.raw_place(expr),
            _ => {
                self.adjusted_value(expr, steps);
                None
            }
        }
    }

    fn is_place(&self, expr: ExprId) -> bool {
        match &self.ctx.body[expr] {
            Expr::Path(_) | Expr::Field { .. }
                if let Some(path) = self.ctx.result.paths.get(&expr) =>
            {
                super::super::is_place_path(path)
            }
            Expr::Local(_) | Expr::Field { .. } => true,
            Expr::Path(_) => false,
            Expr::Index { .. } | Expr::PathOrIndex { .. } => matches!(
                self.ctx.result.indexes.get(&expr),
                Some(IndexRes::Array | IndexRes::Slice | IndexRes::Method(_))
            ),
            Expr::Unary {
                op: UnaryOp::Deref, ..
            } => true,
            _ => false,
        }
    }

    fn local(&mut self, expr: ExprId, local: hir_def::body::LocalId) -> Option<Path> {
        let ty = self.ctx.result.local_tys.get(local).copied()?;
        let ty = self.ctx.table.resolve(ty);
        Some(Path {
            local,
            steps: Vec::new(),
            ty,
            beyond: Beyond::Nothing,
            expr,
        })
    }

    fn raw_place(&mut self, expr: ExprId) -> Option<Path> {
        let body = self.ctx.body;
        match &body[expr] {
            Expr::Local(local) => self.local(expr, *local),
            Expr::Path(_) | Expr::Field { .. }
                if let Some(path) = self.ctx.result.paths.get(&expr) =>
            {
                match path {
                    PathRes::Local(local) => {
                        let local = *local;
                        self.local(expr, local)
                    }
                    _ => None,
                }
            }
            Expr::Path(_) => None,
            // The reference to the object is what is captured.
            Expr::Field { base, .. }
                if matches!(
                    self.ctx.result.fields.get(&expr),
                    Some(FieldRes::Field(hir_def::FieldId {
                        parent: hir_def::VariantDef::Class(_),
                        ..
                    }))
                ) =>
            {
                self.value(*base);
                None
            }
            Expr::Field { base, .. } => {
                let path = self.place(*base);
                let path = self.strip(path)?;
                let ty = self.expr_ty(expr);
                match self.ctx.result.fields.get(&expr).cloned() {
                    Some(FieldRes::Field(field)) => Some(self.field(path, field.index, ty)),
                    Some(FieldRes::Tuple(index)) => Some(self.field(path, index, ty)),
                    #[allow(unreachable_patterns, reason = "other kinds of members end the path")]
                    _ => {
                        self.touch(Some(path), Use::Consume);
                        None
                    }
                }
            }
            Expr::Index { base, index } | Expr::PathOrIndex { base, index, .. } => {
                let path = self.place(*base);
                self.value(*index);
                if let Some(IndexRes::Method(callee)) = self.ctx.result.indexes.get(&expr).cloned()
                {
                    let path = self.strip(path);
                    self.touch_receiver(path, callee.func);
                    return None;
                }
                let mut path = self.strip(path)?;
                path.beyond = Beyond::Element;
                Some(path)
            }
            Expr::Unary {
                op: UnaryOp::Deref,
                operand,
            } => {
                let path = self.place(*operand);
                if let Some(CallRes::Func { callee, .. }) =
                    self.ctx.result.calls.get(&expr).cloned()
                {
                    let path = self.strip(path);
                    self.touch_receiver(path, callee.func);
                    return None;
                }
                let path = path?;
                let ty = self.ctx.table.resolve(path.ty);
                match ty.kind(self.ctx.db) {
                    TyKind::Ref { target, .. } => Some(self.deref(path, *target)),
                    _ => {
                        self.touch(Some(path), Use::Consume);
                        None
                    }
                }
            }
            _ => None,
        }
    }

    /// The receiver of a method that the compiler calls, as the method takes it.
    fn touch_receiver(&mut self, path: Option<Path>, func: hir_def::FuncId) {
        let sig = crate::signature::fn_type(self.ctx.db, func);
        let how = match sig.receiver.map(|receiver| receiver.passed) {
            Some(passed) => match passed.as_ref(self.ctx.db) {
                Some((true, _)) => Use::BorrowMut { explicit: false },
                Some((false, _)) => Use::Borrow,
                None => Use::Consume,
            },
            None => Use::Borrow,
        };
        self.touch(path, how);
    }

    /// An expression that is only looked at, behind all references.
    fn look(&mut self, expr: ExprId) {
        let path = self.place(expr);
        let path = self.strip(path);
        self.touch(path, Use::Borrow);
    }

    fn raw_value(&mut self, expr: ExprId) {
        let body = self.ctx.body;
        match &body[expr] {
            Expr::Block { stmts, tail, .. } => {
                stmts.iter().for_each(|stmt| self.stmt(stmt));
                self.values(*tail);
            }
            Expr::IfLet {
                pat,
                scrutinee,
                then,
                else_,
                ..
            } => {
                let path = self.place(*scrutinee);
                self.pat(*pat, path);
                self.value(*then);
                self.values(*else_);
            }
            Expr::When { scrutinee, arms } => {
                let path = self.place(*scrutinee);
                for arm in arms {
                    self.pat(arm.pat, path.clone());
                    self.values(arm.guard);
                    self.value(arm.body);
                }
            }
            Expr::For { iterable, body, .. } => {
                match self.ctx.result.fors.get(&expr) {
                    Some(ForRes::Array { .. } | ForRes::Slice { .. }) => self.look(*iterable),
                    _ => self.value(*iterable),
                }
                self.value(*body);
            }
            Expr::Call { callee, args } => self.call(expr, *callee, args, false),
            Expr::MethodCall { receiver, args, .. } => self.call(expr, *receiver, args, true),
            Expr::Index { base, index } | Expr::PathOrIndex { base, index, .. } => {
                match self.ctx.result.paths.contains_key(&expr) {
                    true => {}
                    false => {
                        let path = self.place(*base);
                        let path = self.strip(path);
                        match self.ctx.result.indexes.get(&expr).cloned() {
                            Some(IndexRes::MethodRef(callee)) => {
                                self.touch_receiver(path, callee.func);
                            }
                            Some(IndexRes::Range { mutable: true }) => {
                                self.touch(path, Use::BorrowMut { explicit: false });
                            }
                            _ => self.touch(path, Use::Borrow),
                        }
                        self.value(*index);
                    }
                }
            }
            Expr::Binary { left, right, .. } => match self.ctx.result.ops.get(&expr) {
                Some(OpRes::Structural) => {
                    self.look(*left);
                    self.look(*right);
                }
                _ => self.children(expr),
            },
            Expr::Assign { target, value, .. } => {
                self.value(*value);
                let is_set = matches!(self.ctx.result.calls.get(&expr), Some(CallRes::Func { .. }));
                if is_set
                    && let Expr::Index { base, index } | Expr::PathOrIndex { base, index, .. } =
                        &body[*target]
                {
                    return self.values([*base, *index]);
                }
                if self.ctx.result.setters.contains_key(target) {
                    match &body[*target] {
                        Expr::Field { base, .. } => return self.value(*base),
                        Expr::Index { base, index } | Expr::PathOrIndex { base, index, .. } => {
                            let path = self.place(*base);
                            self.touch(path, Use::BorrowMut { explicit: false });
                            return self.value(*index);
                        }
                        _ => {}
                    }
                }
                let path = self.place(*target);
                self.touch(path, Use::BorrowMut { explicit: true });
            }
            Expr::Ref {
                operand, mutable, ..
            } => {
                let path = self.place(*operand);
                let how = match mutable {
                    true => Use::BorrowMut { explicit: true },
                    false => Use::Borrow,
                };
                self.touch(path, how);
            }
            Expr::Repeat { value, .. } => self.value(*value),
            Expr::StructLit { fields, spread, .. } => {
                self.values(fields.iter().map(|field| field.value));
                if let Some(spread) = spread {
                    let path = self.place(*spread);
                    self.touch(path, Use::Consume);
                }
            }
            Expr::Interpolate { parts, .. } => {
                for part in parts {
                    if let InterpolPart::Expr { expr, .. } = part {
                        self.look(*expr);
                    }
                }
            }
            Expr::Try { operand, recover } => {
                let ty = self.ctx.result.adjusted_ty(*operand);
                let is_ref = ty.is_some_and(|ty| {
                    let ty = self.ctx.table.resolve(ty);
                    ty.as_ref(self.ctx.db).is_some()
                });
                match is_ref {
                    true => self.look(*operand),
                    false => self.value(*operand),
                }
                self.values(recover.as_ref().map(|recover| recover.body));
            }
            Expr::Is { operand, .. } => self.look(*operand),
            Expr::Closure { .. } => self.nested(expr),
            _ => self.children(expr),
        }
    }

    /// Whose parts are all values.
    fn children(&mut self, expr: ExprId) {
        let body = self.ctx.body;
        children(&body[expr], &mut |part| self.value(part));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Item => {}
            Stmt::Expr { expr, .. } => {
                if self.steps(*expr).is_empty() && self.is_place(*expr) {
                    self.raw_place(*expr);
                } else {
                    self.value(*expr);
                }
            }
            Stmt::Let {
                pat, init, else_, ..
            } => {
                let body = self.ctx.body;
                match (init, &body[*pat]) {
                    (None, _) => {}
                    (Some(init), Pat::Wild) if self.is_place(*init) => {
                        self.place(*init);
                    }
                    (Some(init), Pat::Bind { sub: None, .. })
                        if !matches!(
                            self.ctx.result.bindings.get(pat),
                            Some(BindMode::Ref { .. })
                        ) =>
                    {
                        self.value(*init);
                    }
                    (Some(init), _) => {
                        let path = self.place(*init);
                        self.pat(*pat, path);
                    }
                }
                self.values(*else_);
            }
        }
    }

    fn call(&mut self, expr: ExprId, callee: ExprId, args: &[Arg], is_method: bool) {
        let db = self.ctx.db;
        let values: Vec<ExprId> = args.iter().map(|arg| arg.value).collect();
        match self.ctx.result.calls.get(&expr).cloned() {
            Some(CallRes::Func { callee: func, .. }) => {
                let sig = crate::signature::fn_type(db, func.func);
                if is_method && sig.receiver.is_some() {
                    self.value(callee);
                }
                let skip = usize::from(is_method && sig.receiver.is_some());
                let params: Vec<Ty> = sig.all_params(db).skip(skip).collect();
                for (i, value) in values.into_iter().enumerate() {
                    self.argument(value, params.get(i).copied());
                }
            }
            Some(CallRes::Value { field }) => {
                if is_method {
                    let path = self.place(callee);
                    let path = self.strip(path);
                    let path = self.member(path, field.as_ref());
                    self.touch(path, Use::Consume);
                } else {
                    self.value(callee);
                }
                self.values(values);
            }
            Some(CallRes::Callable { field, ty, kind }) => {
                let path = self.place(callee);
                let path = self.strip(path);
                let path = match is_method {
                    true => self.member(path, field.as_ref()),
                    false => path,
                };
                let path = self.strip(path);
                let ty = self.ctx.table.resolve(ty);
                let kind = ty
                    .as_closure(db)
                    .and_then(|(_, args)| args.kind(db))
                    .or(kind);
                let how = match kind {
                    Some(ClosureKind::FnMut) => Use::BorrowMut { explicit: false },
                    Some(ClosureKind::FnOnce) => Use::Consume,
                    _ => Use::Borrow,
                };
                self.touch(path, how);
                self.values(values);
            }
            Some(CallRes::Builtin { .. }) => {
                if is_method {
                    self.look(callee);
                }
                values.into_iter().for_each(|value| self.look(value));
            }
            Some(CallRes::Ctor { .. }) => self.values(values),
            #[allow(unreachable_patterns, reason = "other kinds of calls take values")]
            _ => {
                if is_method {
                    self.value(callee);
                }
                self.values(values);
            }
        }
    }

    fn member(&mut self, path: Option<Path>, field: Option<&FieldRes>) -> Option<Path> {
        let db = self.ctx.db;
        let path = path?;
        let ty = self.ctx.table.resolve(path.ty);
        match (field, ty.kind(db)) {
            (None, _) => Some(path),
            (Some(FieldRes::Field(field)), TyKind::Adt(_, args)) => {
                let types = crate::signature::field_types(db, field.parent);
                let ty = types.get(field.index as usize)?.subst(db, *args);
                let ty = self.ctx.normalize(ty);
                Some(self.field(path, field.index, ty))
            }
            (Some(FieldRes::Tuple(index)), TyKind::Tuple(parts)) => {
                let ty = parts.get(*index as usize).copied()?;
                Some(self.field(path, *index, ty))
            }
            _ => Some(path),
        }
    }

    /// An argument; borrowed if the parameter is a reference and no adjustment says so.
    fn argument(&mut self, value: ExprId, param: Option<Ty>) {
        let db = self.ctx.db;
        let found = self.ctx.result.adjusted_ty(value);
        let found = found.unwrap_or_else(|| self.ctx.error_ty());
        let found = self.ctx.table.resolve(found);
        let wanted = param.and_then(|param| param.as_ref(db));
        match wanted {
            Some((mutable, _)) if found.as_ref(db).is_none() => {
                let path = self.place(value);
                let how = match mutable {
                    true => Use::BorrowMut { explicit: false },
                    false => Use::Borrow,
                };
                self.touch(path, how);
            }
            _ => self.value(value),
        }
    }

    /// What matching a pattern does to the place that is matched.
    fn pat(&mut self, pat: PatId, path: Option<Path>) {
        let Some(mut path) = path else { return };
        let db = self.ctx.db;
        let body = self.ctx.body;
        let derefs = self.ctx.result.pat_derefs.get(&pat).copied().unwrap_or(0);
        for _ in 0..derefs {
            let ty = self.ctx.table.resolve(path.ty);
            if let TyKind::Ref { target, .. } = ty.kind(db) {
                path = self.deref(path, *target);
            }
        }
        let here = Some(path.clone());
        match &body[pat] {
            Pat::Missing | Pat::Unsupported(_) | Pat::Wild => {}
            Pat::Bind { local, sub } => {
                if let Some(sub) = sub {
                    self.pat(*sub, here.clone());
                }
                let how = match self.ctx.result.bindings.get(&pat).copied() {
                    Some(BindMode::Ref { mutable: true }) => Use::BorrowMut { explicit: false },
                    Some(BindMode::Ref { mutable: false }) => Use::Borrow,
                    // A Copy part is read where it is.
                    _ if path.beyond == Beyond::Payload && self.is_copy_local(*local) => {
                        Use::Borrow
                    }
                    _ => Use::Consume,
                };
                self.touch(here, how);
            }
            Pat::Literal(_) | Pat::Path(_) | Pat::Range { .. } => self.touch(here, Use::Borrow),
            Pat::Tuple { pats, rest } => {
                let ty = self.ctx.table.resolve(path.ty);
                let parts = match ty.kind(db) {
                    TyKind::Tuple(parts) => parts.to_vec(),
                    _ => Vec::new(),
                };
                self.parts(pats, *rest, &parts, &path);
            }
            Pat::TupleStruct { pats, .. } => {
                self.touch(here, Use::Borrow);
                let inner = payload(path);
                pats.iter()
                    .for_each(|pat| self.pat(*pat, Some(inner.clone())));
            }
            Pat::Record { fields, .. } => {
                self.touch(here, Use::Borrow);
                let inner = payload(path);
                fields
                    .iter()
                    .for_each(|(_, pat)| self.pat(*pat, Some(inner.clone())));
            }
            Pat::Slice {
                prefix,
                rest,
                suffix,
            } => {
                self.touch(here, Use::Borrow);
                let mut inner = path;
                inner.beyond = Beyond::Element;
                let all = prefix.iter().chain(rest).chain(suffix);
                all.for_each(|pat| self.pat(*pat, Some(inner.clone())));
            }
            Pat::Or(pats) => pats.iter().for_each(|pat| self.pat(*pat, here.clone())),
        }
    }

    fn is_copy_local(&mut self, local: hir_def::body::LocalId) -> bool {
        let ty = self.ctx.result.local_tys.get(local).copied();
        ty.is_some_and(|ty| self.ctx.is_copy(ty))
    }

    fn parts(&mut self, pats: &[PatId], rest: Option<u32>, tys: &[Ty], path: &Path) {
        let skipped = tys.len().saturating_sub(pats.len());
        for (i, pat) in pats.iter().enumerate() {
            let index = match rest {
                Some(rest) if i >= rest as usize => i + skipped,
                _ => i,
            };
            if let Some(ty) = tys.get(index) {
                let part = self.field(path.clone(), index as u32, *ty);
                self.pat(*pat, Some(part));
            }
        }
    }
}

/// Something inside a struct or variant that a pattern takes apart: it counts as the whole.
fn payload(mut path: Path) -> Path {
    path.beyond = match path.beyond {
        Beyond::Element => Beyond::Element,
        _ => Beyond::Payload,
    };
    path
}
