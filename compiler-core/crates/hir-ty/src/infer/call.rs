//! Calls and struct literals.

use hir_def::body::{Arg, Expr, ExprId, FieldInit};
use hir_def::resolver::{PathResult, Resolution, resolve_record_path};
use hir_def::signatures::FieldsKind;
use hir_def::{AdtId, FieldId, FuncId, GenericDef, ModuleDef, Name, Path, VariantDef};

use super::diagnostics::{Expected, InferDiagnostic, Site};
use super::path::ValueDef;
use super::result::{CallRes, Callee, PathRes, StructLitRes};
use super::{Expectation, InferCtx};
use crate::signature::{fields_of, fn_type};
use crate::table::VarKind;
use crate::ty::{GenericArgs, Ty, TyKind};

impl InferCtx<'_> {
    pub(super) fn infer_call(
        &mut self,
        expr: ExprId,
        callee: ExprId,
        args: &[Arg],
        expected: Expectation,
    ) -> Ty {
        let body = self.body;
        let path = match &body[callee] {
            Expr::Path(path) => Some(path),
            Expr::PathOrIndex { path, .. } if self.path_takes_args(callee, path) => Some(path),
            _ => None,
        };
        let Some(path) = path else {
            let ty = self.infer_expr(callee, Expectation::None);
            return self.call_value(expr, callee, ty, args);
        };
        let Some(value) = self.resolve_value(callee, path, true) else {
            self.infer_args_freely(args);
            return self.error_ty();
        };
        match value {
            ValueDef::ClassNew(class, generic) => {
                self.names_a_type(callee);
                self.call_new(expr, class, generic, args, expected)
            }
            ValueDef::StructCtor(id, generic) => self.call_ctor(
                expr,
                callee,
                VariantDef::Struct(id),
                generic,
                args,
                expected,
            ),
            ValueDef::Path(res, ty) => {
                if let Some(slot) = self.result.expr_tys.get_mut(callee) {
                    *slot = ty;
                }
                self.result.paths.insert(callee, res.clone());
                match res {
                    PathRes::Func(func, generic) => self.call_func(
                        expr,
                        Callee {
                            func,
                            args: generic,
                        },
                        args,
                        expected,
                    ),
                    PathRes::Ctor(variant, generic) => {
                        let variant = VariantDef::Variant(variant);
                        self.call_ctor(expr, callee, variant, generic, args, expected)
                    }
                    _ => self.call_value(expr, callee, ty, args),
                }
            }
        }
    }

    pub(super) fn infer_args_freely(&mut self, args: &[Arg]) {
        for arg in args {
            self.infer_expr(arg.value, Expectation::None);
        }
    }

    /// A call of a `func` value.
    fn call_value(&mut self, expr: ExprId, callee: ExprId, ty: Ty, args: &[Arg]) -> Ty {
        let db = self.db;
        let ty = self.known(ty);
        let func = self.known(ty.strip_refs(db));
        match func.kind(db) {
            TyKind::Func { params, ret } => {
                if ty != func
                    && let Ok(steps) = self.coerce(ty, func, false)
                {
                    self.adjust(callee, steps);
                }
                self.check_value_args(expr, params, args);
                self.result
                    .calls
                    .insert(expr, CallRes::Value { field: None });
                self.table.shallow(*ret)
            }
            TyKind::Error => {
                self.infer_args_freely(args);
                func
            }
            TyKind::Infer(_) if self.table.var_kind(func) == Some(VarKind::General) => {
                let params: Vec<Ty> = args
                    .iter()
                    .map(|arg| {
                        let found = self.infer_expr(arg.value, Expectation::None);
                        self.decay(arg.value, found)
                    })
                    .collect();
                let ret = self.new_var();
                let sig = Ty::func(db, params, ret);
                match self.table.unify(func, sig) {
                    Ok(()) => {
                        self.result
                            .calls
                            .insert(expr, CallRes::Value { field: None });
                        ret
                    }
                    Err(_) => {
                        let site = Site::Expr(callee);
                        self.error(InferDiagnostic::CyclicType { site });
                        self.error_ty()
                    }
                }
            }
            _ if let Some(found) = self.callable(func) => {
                self.call_callable(expr, found, func, None, args)
            }
            _ => {
                self.infer_args_freely(args);
                let ty = self.table.resolve(ty);
                self.error(InferDiagnostic::NotCallable { expr, callee, ty });
                self.error_ty()
            }
        }
    }

    pub(super) fn check_value_args(&mut self, expr: ExprId, params: &[Ty], args: &[Arg]) {
        if params.len() != args.len() {
            let count = params.len() as u32;
            self.error(InferDiagnostic::ArgCount {
                expr,
                expected: count,
                at_least: count,
                found: args.len() as u32,
                declared: None,
                variant: None,
            });
            self.infer_args_freely(args);
            return;
        }
        for (index, (arg, param)) in args.iter().zip(params).enumerate() {
            let why = Expected::Argument {
                func: None,
                index: index as u32,
            };
            self.check_arg(arg.value, *param, why);
        }
    }

    /// A call of a known function, without a receiver of its own.
    pub(super) fn call_func(
        &mut self,
        expr: ExprId,
        callee: Callee,
        args: &[Arg],
        expected: Expectation,
    ) -> Ty {
        let db = self.db;
        let callee = self.of_expected_width(callee, expected);
        let sig = fn_type(db, callee.func);
        if let Some(name) = &sig.builtin
            && let Some(ty) = self.call_builtin(expr, name, callee.func, args)
        {
            return ty;
        }
        let params: Vec<Ty> = sig.all_params(db).collect();
        let params: Vec<Ty> = params
            .into_iter()
            .map(|ty| self.instantiate(ty, callee.args))
            .collect();
        let ret = self.instantiate(sig.ret, callee.args);
        // What it yields may widen: the context does not decide.
        if Some(callee.func) != self.lang.block_on {
            self.expect_result(ret, expected);
        }
        let skip = usize::from(sig.receiver.is_some());
        self.check_args(expr, callee, &params, skip, args)
            .map(|order| {
                self.result
                    .calls
                    .insert(expr, CallRes::Func { callee, order });
            })
            .unwrap_or_default();
        self.finish_call(expr, callee.func, ret)
    }

    /// Reflection's 64-bit results adopt an expected `I64` (reference §3.2(3b)): each such
    /// function has a twin that gives it.
    fn of_expected_width(&mut self, callee: Callee, expected: Expectation) -> Callee {
        let db = self.db;
        let name = &hir_def::signatures::func_signature(db, callee.func).name;
        if !matches!(name.as_str(), "type_id" | "field_type_id") {
            return callee;
        }
        let module = callee.func.module(db);
        let is_i64 = expected
            .ty()
            .is_some_and(|ty| self.known(ty) == Ty::i64(db));
        if !is_i64 || module.package(db).name(db) != "core" {
            return callee;
        }
        let twin = Name::new(format!("{name}_i64"));
        let items = hir_def::module_map::module_data(db, module);
        let found = items.and_then(|data| data.items.values.get(&twin));
        match found.map(|entry| entry.def) {
            Some(ModuleDef::Func(func)) => Callee { func, ..callee },
            _ => callee,
        }
    }

    pub(super) fn finish_call(&mut self, _expr: ExprId, _func: FuncId, ret: Ty) -> Ty {
        if !self.pending.is_empty() {
            self.select(false);
        }
        if !self.waiting.is_empty() {
            self.infer_waiting_bodies(false);
        }
        self.known(ret)
    }

    /// Lets the expected type decide parameters that the result mentions.
    pub(super) fn expect_result(&mut self, ret: Ty, expected: Expectation) {
        let Some(wanted) = expected.ty() else { return };
        if !self.table.has_vars(ret) {
            return;
        }
        let ret = self.table.shallow(ret);
        let wanted = self.table.shallow(wanted);
        // A bare variable is left to the arguments: it may be met by coercion.
        if matches!(ret.kind(self.db), TyKind::Infer(_))
            && matches!(
                wanted.kind(self.db),
                TyKind::Ref { .. } | TyKind::Func { .. } | TyKind::Infer(_)
            )
        {
            return;
        }
        let snapshot = self.table.snapshot();
        match self.table.unify(ret, wanted) {
            Ok(()) => self.table.commit(snapshot),
            Err(_) => self.table.rollback(snapshot),
        }
    }

    /// Checks arguments against all parameters (those before `skip` are receivers written as
    /// ordinary arguments in `T::m(v)` calls). Gives the order of named ones.
    fn check_args(
        &mut self,
        expr: ExprId,
        callee: Callee,
        params: &[Ty],
        skip: usize,
        args: &[Arg],
    ) -> Option<Option<Box<[u32]>>> {
        let order = self.match_args(expr, callee.func, params.len(), skip, args);
        let Some(order) = order else {
            self.infer_args_freely(args);
            return None;
        };
        self.check_matched(callee.func, params, args, &order);
        let in_order = order
            .iter()
            .enumerate()
            .all(|(i, index)| i == *index as usize);
        Some(if in_order { None } else { Some(order.into()) })
    }

    /// Checks arguments against the parameters that they are for. Closures come last: the other
    /// arguments say what they take. What `...` stands for may be anything.
    pub(super) fn check_matched(
        &mut self,
        func: FuncId,
        params: &[Ty],
        args: &[Arg],
        order: &[u32],
    ) {
        for closures in [false, true] {
            for (arg, index) in args.iter().zip(order) {
                if self.is_closure(arg.value) != closures {
                    continue;
                }
                let (func, index) = (Some(func), *index);
                match params.get(index as usize) {
                    Some(ty) => {
                        self.check_arg(arg.value, *ty, Expected::Argument { func, index });
                    }
                    None => {
                        self.infer_expr(arg.value, Expectation::None);
                    }
                }
            }
        }
    }

    pub(super) fn is_closure(&self, expr: ExprId) -> bool {
        matches!(self.body[expr], Expr::Closure { .. })
    }

    /// The parameter of each argument. Reports wrong counts and names.
    pub(super) fn match_args(
        &mut self,
        expr: ExprId,
        func: FuncId,
        count: usize,
        skip: usize,
        args: &[Arg],
    ) -> Option<Vec<u32>> {
        let sig = fn_type(self.db, func);
        let mut order: Vec<u32> = Vec::new();
        let mut ok = true;
        for (i, arg) in args.iter().enumerate() {
            let index = match &arg.name {
                None => i as u32,
                Some(name) => {
                    let found = sig
                        .params
                        .iter()
                        .position(|p| p.name.as_ref() == Some(name));
                    let index = found.map(|index| (index + skip) as u32);
                    let duplicate = index.is_some_and(|index| order.contains(&index));
                    match index {
                        Some(index) if !duplicate => index,
                        _ => {
                            let (index, name) = (i as u32, name.clone());
                            self.error(InferDiagnostic::NamedArg {
                                expr,
                                index,
                                name,
                                duplicate,
                            });
                            ok = false;
                            continue;
                        }
                    }
                }
            };
            order.push(index);
        }
        if !ok {
            return None;
        }
        let required = |index: usize| match index.checked_sub(skip) {
            None => true,
            Some(index) => !sig.params.get(index).is_some_and(|param| param.has_default),
        };
        let missing = (0..count).any(|i| required(i) && !order.contains(&(i as u32)));
        let mut seen = order.clone();
        seen.sort_unstable();
        seen.dedup();
        let too_many = (args.len() > count && !sig.flags.is_varargs) || seen.len() != order.len();
        if missing || too_many {
            self.error(InferDiagnostic::ArgCount {
                expr,
                expected: count as u32,
                at_least: (0..count).filter(|i| required(*i)).count() as u32,
                found: args.len() as u32,
                declared: Some(func),
                variant: None,
            });
            return None;
        }
        Some(order)
    }

    fn call_ctor(
        &mut self,
        expr: ExprId,
        callee: ExprId,
        variant: VariantDef,
        generic: GenericArgs,
        args: &[Arg],
        expected: Expectation,
    ) -> Ty {
        let db = self.db;
        let ret = Ty::adt(db, variant.adt(), generic);
        self.expect_result(ret, expected);
        let types = self.payload(variant, generic);
        if let Some(slot) = self.result.expr_tys.get_mut(callee) {
            *slot = Ty::func(db, types.iter().copied(), ret);
        }
        if types.len() != args.len() {
            let count = types.len() as u32;
            self.error(InferDiagnostic::ArgCount {
                expr,
                expected: count,
                at_least: count,
                found: args.len() as u32,
                declared: None,
                variant: Some(variant),
            });
            self.infer_args_freely(args);
            return ret;
        }
        for (index, (arg, ty)) in args.iter().zip(&types).enumerate() {
            let field = FieldId {
                parent: variant,
                index: index as u32,
            };
            self.check(arg.value, *ty, Expected::Field(field));
        }
        self.result.calls.insert(
            expr,
            CallRes::Ctor {
                variant,
                args: generic,
            },
        );
        ret
    }

    pub(super) fn infer_struct_lit(
        &mut self,
        expr: ExprId,
        path: &Path,
        fields: &[FieldInit],
        spread: Option<ExprId>,
        expected: Expectation,
    ) -> Ty {
        let Some((variant, args)) = self.struct_lit_path(expr, path, expected) else {
            for field in fields {
                self.infer_expr(field.value, Expectation::None);
            }
            if let Some(spread) = spread {
                self.infer_expr(spread, Expectation::None);
            }
            return self.error_ty();
        };
        if let VariantDef::Class(class) = variant {
            return self.infer_class_lit(expr, class, args, fields, spread, expected);
        }
        let db = self.db;
        let ty = Ty::adt(db, variant.adt(), args);
        self.expect_result(ty, expected);
        let declared = fields_of(db, variant);
        let types = self.payload(variant, args);
        let mut positions: Vec<u32> = Vec::new();
        let mut wrong = false;
        for (i, field) in fields.iter().enumerate() {
            let index = declared.find(&field.name);
            let first = index.and_then(|index| positions.iter().position(|p| *p == index));
            match index {
                Some(index) if first.is_none() => {
                    positions.push(index);
                    let ty = types.get(index as usize).copied();
                    let ty = ty.unwrap_or_else(|| self.error_ty());
                    let id = FieldId {
                        parent: variant,
                        index,
                    };
                    if !self.field_visible(id) {
                        self.error(InferDiagnostic::PrivateField { expr, field: id });
                    }
                    self.check(field.value, ty, Expected::Field(id));
                }
                _ => {
                    wrong = true;
                    positions.push(u32::MAX);
                    self.infer_expr(field.value, Expectation::None);
                    let names = declared.fields.iter().map(|f| f.name.as_str());
                    let nearest = hir_def::suggest::nearest(&field.name, names);
                    self.error(InferDiagnostic::FieldInLiteral {
                        expr,
                        index: i as u32,
                        variant,
                        name: field.name.clone(),
                        first: first.map(|first| first as u32),
                        nearest,
                    });
                }
            }
        }
        if let Some(spread) = spread {
            self.check(spread, ty, Expected::Other);
        }
        let mut defaults = Vec::new();
        let mut missing = Vec::new();
        let is_union = matches!(variant, VariantDef::Union(_));
        for (index, field) in declared.fields.iter().enumerate() {
            let index = index as u32;
            if positions.contains(&index) || spread.is_some() || is_union {
                continue;
            }
            if field.has_default {
                defaults.push(index);
            } else {
                missing.push(index);
            }
        }
        if is_union && fields.len() != 1 {
            self.error(InferDiagnostic::UnionLiteral {
                expr,
                found: fields.len() as u32,
            });
        }
        // A misspelt field is usually the one that is missing.
        if !missing.is_empty() && !wrong {
            let missing = missing.into();
            self.error(InferDiagnostic::MissingFields {
                expr,
                variant,
                missing,
            });
        }
        let res = StructLitRes {
            variant,
            args,
            fields: positions.into(),
            defaults: defaults.into(),
        };
        self.result.struct_lits.insert(expr, res);
        ty
    }

    fn struct_lit_path(
        &mut self,
        expr: ExprId,
        path: &Path,
        expected: Expectation,
    ) -> Option<(VariantDef, GenericArgs)> {
        let db = self.db;
        let _ = expected;
        let scope = self.expr_scope(expr);
        let name = || Name::new(path.to_string());
        let found = match resolve_record_path(db, scope, path) {
            PathResult::Resolved(found) => found,
            PathResult::Unresolved(error) => {
                use hir_def::resolver::PathErrorKind as Kind;
                match error.kind {
                    Kind::NotFound { nearest, .. } => {
                        self.error(InferDiagnostic::UnknownStruct {
                            expr,
                            name: name(),
                            nearest,
                        });
                    }
                    _ => self.error(InferDiagnostic::Path { expr, error }),
                }
                return None;
            }
        };
        let consumed = found.consumed.min(path.segments.len());
        let (used, rest) = path.segments.split_at(consumed);
        if let (Resolution::Def(ModuleDef::Variant(id)), []) = (found.to, rest) {
            let last = used.last().and_then(|segment| segment.args.as_deref());
            let written = last.or_else(|| {
                let before = used.len().checked_sub(2).and_then(|i| used.get(i))?;
                before.args.as_deref()
            });
            let empty = GenericArgs::empty(db);
            let def = GenericDef::Enum(id.parent);
            let args = self.with_lower(scope, |lower| lower.own_args(def, written, empty));
            return self.record_only(expr, VariantDef::Variant(id), args, path);
        }
        if let Resolution::Def(
            ModuleDef::Func(_)
            | ModuleDef::Const(_)
            | ModuleDef::Module(_)
            | ModuleDef::Behavior(_),
        ) = found.to
        {
            self.error(InferDiagnostic::NotAStruct { expr, name: name() });
            return None;
        }
        let to = found.to;
        let ty = self.with_lower(scope, |lower| lower.resolution_ty(to, used))?;
        let ty = self.normalize(ty);
        if ty.is_error(db) {
            return None;
        }
        let variant = match (ty.as_adt(db), rest) {
            (Some((AdtId::Struct(id), args)), []) => Some((VariantDef::Struct(id), args)),
            (Some((AdtId::Union(id), args)), []) => Some((VariantDef::Union(id), args)),
            (Some((AdtId::Class(id), args)), []) => Some((VariantDef::Class(id), args)),
            (Some((AdtId::Enum(id), args)), [segment]) => {
                crate::lang::variant_by_name(db, id, &segment.name)
                    .map(|variant| (VariantDef::Variant(variant), args))
            }
            _ => None,
        };
        match variant {
            Some((variant, args)) => self.record_only(expr, variant, args, path),
            None => {
                self.error(InferDiagnostic::NotAStruct { expr, name: name() });
                None
            }
        }
    }

    fn record_only(
        &mut self,
        expr: ExprId,
        variant: VariantDef,
        args: GenericArgs,
        path: &Path,
    ) -> Option<(VariantDef, GenericArgs)> {
        let fields = fields_of(self.db, variant);
        let is_struct = !matches!(variant, VariantDef::Variant(_));
        if fields.kind == FieldsKind::Record || (is_struct && fields.fields.is_empty()) {
            return Some((variant, args));
        }
        let name = Name::new(path.to_string());
        self.error(InferDiagnostic::NotAStruct { expr, name });
        None
    }

    /// The site of a call's name, for messages about its callee.
    pub(super) fn call_site(&self, expr: ExprId) -> Site {
        Site::ExprName(expr)
    }
}
