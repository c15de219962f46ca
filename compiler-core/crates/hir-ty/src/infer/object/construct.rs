//! Making objects: constructors and their overloads, literals, base calls, zero values.

use hir_def::body::{Arg, ExprId, FieldInit};
use hir_def::signatures as s;
use hir_def::{BodyOwner, ClassId, ContainerId, FieldId, FuncId, GenericDef, Name, VariantDef};

use crate::classes;
use crate::infer::diagnostics::{Expected, InferDiagnostic};
use crate::infer::result::{CallRes, Callee, StructLitRes};
use crate::infer::{Expectation, InferCtx};
use crate::signature::fn_type;
use crate::table::VarKind;
use crate::ty::{GenericArgs, Ty, TyKind};

impl InferCtx<'_> {
    /// `C::new(args)`.
    pub(in crate::infer) fn call_new(
        &mut self,
        expr: ExprId,
        class: ClassId,
        generic: GenericArgs,
        args: &[Arg],
        expected: Expectation,
    ) -> Ty {
        let db = self.db;
        let ty = classes::class_ty(db, class, generic);
        self.expect_result(ty, expected);
        if s::class_data(db, class).is_abstract {
            self.error(InferDiagnostic::AbstractInstance { expr, class });
        }
        let found = self.call_ctor_of(expr, class, generic, args);
        let Some((ctor, order)) = found else {
            return self.error_ty();
        };
        if let Some(ctor) = ctor
            && !self.func_visible(ctor)
        {
            self.error(InferDiagnostic::PrivateMethod { expr, func: ctor });
        }
        let res = CallRes::New {
            class,
            args: generic,
            ctor,
            order,
        };
        self.result.calls.insert(expr, res);
        if !self.pending.is_empty() {
            self.select(false);
        }
        self.table.shallow(ty)
    }

    /// Chooses a constructor of a class and checks the arguments against it. `Some(None)` is the
    /// one that a class without constructors has.
    #[expect(
        clippy::type_complexity,
        reason = "a constructor and the order of arguments"
    )]
    fn call_ctor_of(
        &mut self,
        expr: ExprId,
        class: ClassId,
        generic: GenericArgs,
        args: &[Arg],
    ) -> Option<(Option<FuncId>, Option<Box<[u32]>>)> {
        let db = self.db;
        self.require_predicates(GenericDef::Class(class), generic, self.call_site(expr));
        let ctors = &s::class_data(db, class).ctors;
        if ctors.is_empty() {
            self.infer_args_freely(args);
            let missing = self.fields_without_value(class, generic);
            if !args.is_empty() {
                self.error(InferDiagnostic::NoCtor { expr, class });
                return None;
            }
            if !missing.is_empty() {
                let variant = VariantDef::Class(class);
                let missing = missing.into();
                self.error(InferDiagnostic::MissingFields {
                    expr,
                    variant,
                    missing,
                });
                return None;
            }
            return Some((None, None));
        }
        let fitting: Vec<FuncId> = ctors
            .iter()
            .copied()
            .filter(|ctor| takes_count(db, *ctor, args))
            .collect();
        let one = match (&**ctors, &*fitting) {
            ([one], _) | (_, [one]) => *one,
            (_, []) => {
                self.infer_args_freely(args);
                self.error(InferDiagnostic::NoCtor { expr, class });
                return None;
            }
            _ => return self.choose_ctor(expr, class, generic, &fitting, args),
        };
        let params = self.ctor_params(one, generic);
        let order = self.match_args(expr, one, params.len(), 0, args);
        let Some(order) = order else {
            self.infer_args_freely(args);
            return None;
        };
        self.check_matched(one, &params, args, &order);
        Some((Some(one), with_receiver(&order)))
    }

    fn ctor_params(&mut self, ctor: FuncId, generic: GenericArgs) -> Vec<Ty> {
        let params: Vec<Ty> = fn_type(self.db, ctor).params.iter().map(|p| p.ty).collect();
        let params = params.into_iter();
        params.map(|ty| self.instantiate(ty, generic)).collect()
    }

    /// Of several constructors with as many parameters, the one whose types fit best.
    #[expect(clippy::type_complexity, reason = "as `call_ctor_of`")]
    fn choose_ctor(
        &mut self,
        expr: ExprId,
        class: ClassId,
        generic: GenericArgs,
        fitting: &[FuncId],
        args: &[Arg],
    ) -> Option<(Option<FuncId>, Option<Box<[u32]>>)> {
        let mut found = Vec::new();
        for arg in args {
            let ty = self.infer_expr(arg.value, Expectation::None);
            found.push(self.known(ty));
        }
        let mut best: Vec<(u32, FuncId, Vec<u32>)> = Vec::new();
        for ctor in fitting.iter().copied() {
            let params = self.ctor_params(ctor, generic);
            let Some(order) = order_of(self.db, ctor, args) else {
                continue;
            };
            let mut cost = 0;
            let mut fits = true;
            let snapshot = self.table.snapshot();
            for (from, index) in found.iter().zip(&order) {
                let param = params.get(*index as usize).copied();
                let param = param.unwrap_or_else(|| self.error_ty());
                match self.cost_of(*from, param) {
                    Some(more) => cost += more,
                    None => fits = false,
                }
            }
            self.table.rollback(snapshot);
            if fits {
                best.push((cost, ctor, order));
            }
        }
        best.sort_by_key(|(cost, ..)| *cost);
        let (ctor, order) = match &*best {
            [] => {
                self.error(InferDiagnostic::NoCtor { expr, class });
                return None;
            }
            [first, second, ..] if first.0 == second.0 => {
                let candidates = best.iter().filter(|(cost, ..)| *cost == first.0);
                let candidates = candidates.map(|(_, ctor, _)| *ctor).collect();
                self.error(InferDiagnostic::AmbiguousCtor { expr, candidates });
                return None;
            }
            [(_, ctor, order), ..] => (*ctor, order.clone()),
        };
        let params = self.ctor_params(ctor, generic);
        for ((arg, from), index) in args.iter().zip(found).zip(&order) {
            let ty = params.get(*index as usize).copied();
            let ty = ty.unwrap_or_else(|| self.error_ty());
            let why = Expected::Argument {
                func: Some(ctor),
                index: *index,
            };
            self.coerce_expr(arg.value, from, ty, why, true);
        }
        Some((Some(ctor), with_receiver(&order)))
    }

    /// How far a type is from a parameter: equal, a literal of another type, converted.
    fn cost_of(&mut self, from: Ty, param: Ty) -> Option<u32> {
        let kind = self.table.var_kind(from);
        if let Some(kind) = kind
            && let Some(default) = self.table.default_of(kind)
            && kind != VarKind::General
        {
            let (default, param) = (default, self.table.shallow(param));
            if default == param {
                return Some(0);
            }
            let is_int = matches!(kind, VarKind::Int { .. });
            return match param.kind(self.db) {
                TyKind::Int(_) if is_int => Some(1),
                TyKind::Float(_) if !is_int => Some(1),
                TyKind::Float(_) => Some(2),
                _ => self.coerce(from, param, true).ok().map(|_| 3),
            };
        }
        let snapshot = self.table.snapshot();
        if self.table.unify(from, param).is_ok() {
            self.table.commit(snapshot);
            return Some(0);
        }
        self.table.rollback(snapshot);
        self.coerce(from, param, true).ok().map(|_| 3)
    }

    /// Own fields with neither initialiser nor zero value.
    fn fields_without_value(&mut self, class: ClassId, args: GenericArgs) -> Vec<u32> {
        let db = self.db;
        let data = s::class_data(db, class);
        let types = crate::signature::field_types(db, VariantDef::Class(class));
        let mut out = Vec::new();
        for (index, (field, ty)) in data.fields.fields.iter().zip(types).enumerate() {
            let ty = self.instantiate(*ty, args);
            let ty = self.table.resolve(ty);
            if !field.has_default && !has_zero(db, self.env, ty) {
                out.push(index as u32);
            }
        }
        out
    }

    /// How a constructor begins: the base constructor.
    pub(in crate::infer) fn infer_ctor_start(&mut self, expr: ExprId, args: Option<&[Arg]>) -> Ty {
        let db = self.db;
        let unit = Ty::unit(db);
        let class = match self.owner {
            BodyOwner::Func(func) => match func.container(db) {
                ContainerId::Class(class) => class,
                _ => return unit,
            },
            _ => return unit,
        };
        let own = crate::generics::identity_args(db, GenericDef::Class(class));
        let Some((base, base_args)) = classes::base_of(db, class, own) else {
            if let Some(args) = args {
                self.infer_args_freely(args);
                self.error(InferDiagnostic::BaseCall { expr, base: None });
            }
            return unit;
        };
        let base_data = s::class_data(db, base);
        if args.is_none() {
            let ctors = &base_data.ctors;
            let has_empty = ctors.iter().any(|ctor| takes_count(db, *ctor, &[]));
            let is_whole =
                ctors.is_empty() && self.fields_without_value(base, base_args).is_empty();
            if !has_empty && !is_whole {
                let base = Some(base);
                self.error(InferDiagnostic::BaseCall { expr, base });
                return unit;
            }
        }
        if let Some((ctor, order)) = self.call_ctor_of(expr, base, base_args, args.unwrap_or(&[])) {
            let res = CallRes::New {
                class: base,
                args: base_args,
                ctor,
                order,
            };
            self.result.calls.insert(expr, res);
        }
        unit
    }

    /// `C { f: v }`.
    pub(in crate::infer) fn infer_class_lit(
        &mut self,
        expr: ExprId,
        class: ClassId,
        args: GenericArgs,
        fields: &[FieldInit],
        spread: Option<ExprId>,
        expected: Expectation,
    ) -> Ty {
        let db = self.db;
        let ty = classes::class_ty(db, class, args);
        self.expect_result(ty, expected);
        if s::class_data(db, class).is_abstract {
            self.error(InferDiagnostic::AbstractInstance { expr, class });
        }
        self.require_predicates(GenericDef::Class(class), args, self.call_site(expr));
        let declared = self.class_fields(class, args);
        let name_of = |field: FieldId| crate::names::field_name(db, field);
        let mut positions: Vec<u32> = Vec::new();
        let mut wrong = false;
        for (i, field) in fields.iter().enumerate() {
            // The nearest declaration of a name.
            let index = declared
                .iter()
                .rposition(|(id, _)| name_of(*id) == field.name)
                .map(|index| index as u32);
            let first = index.and_then(|index| positions.iter().position(|p| *p == index));
            match index.and_then(|index| Some((index, *declared.get(index as usize)?))) {
                Some((index, (id, ty))) if first.is_none() => {
                    positions.push(index);
                    if !self.field_visible(id) {
                        self.error(InferDiagnostic::PrivateField { expr, field: id });
                    }
                    self.check(field.value, ty, Expected::Field(id));
                }
                _ => {
                    wrong = true;
                    positions.push(u32::MAX);
                    self.infer_expr(field.value, Expectation::None);
                    let names: Vec<Name> = declared.iter().map(|(id, _)| name_of(*id)).collect();
                    let names = names.iter().map(|name| name.as_str());
                    let nearest = hir_def::suggest::nearest(&field.name, names);
                    self.error(InferDiagnostic::FieldInLiteral {
                        expr,
                        index: i as u32,
                        variant: VariantDef::Class(class),
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
        for (index, (id, ty)) in declared.iter().enumerate() {
            let position = index as u32;
            if positions.contains(&position) || spread.is_some() {
                continue;
            }
            let data = crate::signature::fields_of(db, id.parent);
            let has_default = data
                .fields
                .get(id.index as usize)
                .is_some_and(|field| field.has_default);
            let ty = self.table.resolve(*ty);
            if has_default || has_zero(db, self.env, ty) {
                defaults.push(position);
            } else {
                missing.push(*id);
            }
        }
        if let Some(first) = missing.first().filter(|_| !wrong) {
            let parent = first.parent;
            let missing = missing.iter().filter(|id| id.parent == parent);
            let missing = missing.map(|id| id.index).collect();
            self.error(InferDiagnostic::MissingFields {
                expr,
                variant: parent,
                missing,
            });
        }
        let res = StructLitRes {
            variant: VariantDef::Class(class),
            args,
            fields: positions.into(),
            defaults: defaults.into(),
        };
        self.result.struct_lits.insert(expr, res);
        ty
    }

    fn class_fields(&mut self, class: ClassId, args: GenericArgs) -> Vec<(FieldId, Ty)> {
        let db = self.db;
        let mut out = Vec::new();
        for (class, args) in classes::ancestry(db, class, args).into_iter().rev() {
            let parent = VariantDef::Class(class);
            let types = crate::signature::field_types(db, parent).to_vec();
            for (index, ty) in types.into_iter().enumerate() {
                let field = FieldId {
                    parent,
                    index: index as u32,
                };
                out.push((field, self.instantiate(ty, args)));
            }
        }
        out
    }
}

/// Whether a constructor may take these arguments, by their number and names.
fn takes_count(db: &dyn base::Db, ctor: FuncId, args: &[Arg]) -> bool {
    order_of(db, ctor, args).is_some()
}

/// The parameter of each argument, if numbers and names fit.
fn order_of(db: &dyn base::Db, ctor: FuncId, args: &[Arg]) -> Option<Vec<u32>> {
    let params = &fn_type(db, ctor).params;
    let mut order = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        let index = match &arg.name {
            None => i,
            Some(name) => params.iter().position(|p| p.name.as_ref() == Some(name))?,
        };
        if index >= params.len() || order.contains(&(index as u32)) {
            return None;
        }
        order.push(index as u32);
    }
    let given = |index: usize| order.contains(&(index as u32));
    let whole = params
        .iter()
        .enumerate()
        .all(|(index, param)| param.has_default || given(index));
    whole.then_some(order)
}

/// The order with the object as parameter 0; `None` if it is the written one.
fn with_receiver(order: &[u32]) -> Option<Box<[u32]>> {
    let in_order = order.iter().enumerate().all(|(i, at)| i == *at as usize);
    (!in_order).then(|| {
        let rest = order.iter().map(|index| index + 1);
        std::iter::once(0).chain(rest).collect()
    })
}

/// Whether a type has a zero value (reference §3.3).
pub fn has_zero(db: &dyn base::Db, env: crate::generics::ParamEnv, ty: Ty) -> bool {
    match ty.kind(db) {
        TyKind::Bool
        | TyKind::Int(_)
        | TyKind::Float(_)
        | TyKind::Char
        | TyKind::Str
        | TyKind::RawPtr(_)
        | TyKind::Error
        | TyKind::Infer(_) => true,
        TyKind::Tuple(parts) => parts.iter().all(|part| has_zero(db, env, *part)),
        TyKind::Array(element, _) => {
            has_zero(db, env, *element) && crate::props::is_copy(db, *element, env)
        }
        TyKind::Adt(hir_def::AdtId::Class(_), _) => default_of(db, env, ty),
        TyKind::Adt(adt, _) => {
            crate::lang::lang_items(db, env.package(db)).is_maybe(*adt) || default_of(db, env, ty)
        }
        TyKind::Param(_) | TyKind::Projection(_) => default_of(db, env, ty),
        _ => false,
    }
}

fn default_of(db: &dyn base::Db, env: crate::generics::ParamEnv, ty: Ty) -> bool {
    let default = crate::lang::lang_items(db, env.package(db)).default;
    default.is_some_and(|default| crate::solve::implements(db, env, ty, default))
}

/// The callee that makes a zero value through `Default`.
pub fn default_callee(db: &dyn base::Db, package: base::Package, ty: Ty) -> Option<Callee> {
    let default = crate::lang::lang_items(db, package).default?;
    let func = crate::signature::behavior_func(db, default, "default")?;
    let args = GenericArgs::from_iter(db, [ty.into()]);
    Some(Callee { func, args })
}
