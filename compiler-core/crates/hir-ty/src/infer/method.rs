//! Method resolution (reference §9.2) and members of types.

use hir_def::body::{Arg, Expr, ExprId};
use hir_def::resolver::resolve_visibility;
use hir_def::{
    AssocItemId, BehaviorId, ContainerId, FieldId, FuncId, GenericDef, ModuleDef, Name,
    PathSegment, VariantDef,
};

use super::coerce::AUTODEREF_MAX;
use super::diagnostics::{InferDiagnostic, Site};
use super::receiver::has_typed_receiver;
use super::result::{Adjust, Adjustment, CallRes, Callee, FieldRes, PathRes};
use super::{Expectation, InferCtx};
use crate::generics::BehaviorRef;
use crate::impls::{TyHead, impls_for};
use crate::members::behaviors_with;
use crate::signature::{ReceiverForm, behavior_item, fields_of, fn_type, impl_self_ty};
use crate::solve::{Answer, Selection, Solver};
use crate::table::VarKind;
use crate::ty::{GenericArgs, Ty, TyKind};

/// A method found for a receiver.
#[derive(Clone, Debug)]
pub(super) struct Pick {
    pub(super) func: FuncId,
    /// Arguments of the `impl` or behavior; method parameters are still to come.
    parent_args: GenericArgs,
    /// How the receiver is looked through, and whether the array becomes a slice.
    derefs: Vec<Adjustment>,
    unsize: bool,
    /// The receiver type that it was found at.
    pub(super) at: Ty,
    /// Other candidates of the same rank.
    ambiguous: Vec<FuncId>,
}

/// A type that a receiver can be seen as.
struct Step {
    ty: Ty,
    derefs: Vec<Adjustment>,
    unsize: bool,
}

impl InferCtx<'_> {
    pub(super) fn infer_method_call(
        &mut self,
        expr: ExprId,
        receiver: ExprId,
        name: &Name,
        generic_args: Option<&hir_def::GenericArgs>,
        args: &[Arg],
        expected: Expectation,
    ) -> Ty {
        let db = self.db;
        if let Some(ty) = self.type_receiver(receiver) {
            let segment = PathSegment {
                name: name.clone(),
                args: generic_args.cloned().map(Box::new),
            };
            let scope = self.expr_scope(expr);
            let value = self.assoc_value(expr, scope, ty, &segment);
            return self.call_static(expr, value, args, expected);
        }
        let found = self.infer_expr(receiver, Expectation::None);
        if matches!(self.body[receiver], Expr::Base) {
            self.result.exact.insert(expr);
        }
        let mut recv = self.known(found);
        // A method on an unsuffixed literal fixes its default type (§3.2 rule 1), also through
        // references to it.
        let mut number = recv;
        while let TyKind::Ref { target, .. } = number.kind(db) {
            number = self.known(*target);
        }
        if let Some(kind @ (VarKind::Int { .. } | VarKind::Float)) = self.table.var_kind(number)
            && let Some(default) = self.table.default_of(kind)
        {
            let _ = self.table.unify(number, default);
            recv = self.known(recv);
        }
        if let Some(kind) = self.table.var_kind(recv) {
            match kind {
                VarKind::Int { .. } | VarKind::Float => {}
                VarKind::General => {
                    self.infer_args_freely(args);
                    let site = Site::Expr(receiver);
                    self.error(InferDiagnostic::CannotInfer { site, ty: recv });
                    return self.error_ty();
                }
            }
        }
        if recv.is_error(db) || recv.is_never(db) {
            self.infer_args_freely(args);
            return self.error_ty();
        }
        if let Some(ty) = self.call_by_method(expr, recv, name, args) {
            return ty;
        }
        if let Some(pick) = self.lookup_method(recv, name) {
            if !pick.ambiguous.is_empty() {
                let mut candidates = vec![pick.func];
                candidates.extend(pick.ambiguous.iter().copied());
                let candidates = candidates.into();
                let name = name.clone();
                self.error(InferDiagnostic::AmbiguousMethod {
                    expr,
                    name,
                    candidates,
                });
                self.infer_args_freely(args);
                return self.error_ty();
            }
            return self.call_pick(expr, receiver, recv, pick, generic_args, args, expected);
        }
        // `x.f(…)` with a field `f` of function type.
        if let Some((field, ty, steps)) = self.find_field(recv, name)
            && let TyKind::Func { params, ret } = self.known(ty).kind(db)
        {
            self.adjust(receiver, steps);
            self.check_value_args(expr, params, args);
            self.result
                .calls
                .insert(expr, CallRes::Value { field: Some(field) });
            return self.table.shallow(*ret);
        }
        if let Some((field, ty, steps)) = self.find_field(recv, name) {
            let ty = self.known(ty.strip_refs(db));
            if let Some(found) = self.callable(ty) {
                self.adjust(receiver, steps);
                return self.call_callable(expr, found, ty, Some(field), args);
            }
        }
        self.infer_args_freely(args);
        let is_field = self.find_field(recv, name).is_some();
        let nearest = self.nearest_method(recv, name);
        let receiver = self.table.resolve(recv);
        if !receiver.has_error(db) {
            let name = name.clone();
            let field = is_field;
            self.error(InferDiagnostic::UnknownMethod {
                expr,
                receiver,
                name,
                nearest,
                field,
            });
        }
        self.error_ty()
    }

    fn call_static(
        &mut self,
        expr: ExprId,
        value: Option<super::path::ValueDef>,
        args: &[Arg],
        expected: Expectation,
    ) -> Ty {
        use super::path::ValueDef;
        match value {
            Some(ValueDef::Path(PathRes::Func(func, generic), _)) => self.call_func(
                expr,
                Callee {
                    func,
                    args: generic,
                },
                args,
                expected,
            ),
            Some(ValueDef::Path(PathRes::Ctor(variant, generic), _)) => {
                let variant = VariantDef::Variant(variant);
                let ret = Ty::adt(self.db, variant.adt(), generic);
                self.expect_result(ret, expected);
                let types = self.payload(variant, generic);
                self.check_value_args(expr, &types, args);
                self.result.calls.insert(
                    expr,
                    CallRes::Ctor {
                        variant,
                        args: generic,
                    },
                );
                ret
            }
            Some(ValueDef::ClassNew(class, generic)) => {
                self.call_new(expr, class, generic, args, expected)
            }
            Some(_) => {
                self.infer_args_freely(args);
                self.unsupported(Site::Expr(expr), "calls of constants through `.`")
            }
            None => {
                self.infer_args_freely(args);
                self.error_ty()
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "parts of one call")]
    fn call_pick(
        &mut self,
        expr: ExprId,
        receiver: ExprId,
        recv: Ty,
        pick: Pick,
        generic_args: Option<&hir_def::GenericArgs>,
        args: &[Arg],
        expected: Expectation,
    ) -> Ty {
        let db = self.db;
        if self.is_beyond_object(&pick) {
            let (ty, func) = (self.table.resolve(pick.at), pick.func);
            self.error(InferDiagnostic::NotInObject { expr, ty, func });
            self.infer_args_freely(args);
            return self.error_ty();
        }
        let (callee, ret, steps) = self.apply_pick(&pick, recv, generic_args, expr);
        if !self.func_visible(pick.func) {
            self.error(InferDiagnostic::PrivateMethod {
                expr,
                func: pick.func,
            });
        }
        self.adjust(receiver, steps);
        self.expect_result(ret, expected);
        let sig = fn_type(db, pick.func);
        let params: Vec<Ty> = sig.params.iter().map(|param| param.ty).collect();
        let params: Vec<Ty> = params
            .into_iter()
            .map(|ty| self.instantiate(ty, callee.args))
            .collect();
        match self.match_args(expr, pick.func, params.len(), 0, args) {
            Some(order) => {
                self.check_matched(pick.func, &params, args, &order);
                // The receiver is parameter 0 of the callee.
                let in_order = order
                    .iter()
                    .enumerate()
                    .all(|(i, index)| i == *index as usize);
                let order = (!in_order).then(|| {
                    std::iter::once(0)
                        .chain(order.iter().map(|i| i + 1))
                        .collect()
                });
                self.result
                    .calls
                    .insert(expr, CallRes::Func { callee, order });
            }
            None => self.infer_args_freely(args),
        }
        self.finish_call(expr, pick.func, ret)
    }

    /// Instantiates a found method: callee, result type, and what happens to the receiver.
    pub(super) fn apply_pick(
        &mut self,
        pick: &Pick,
        recv: Ty,
        generic_args: Option<&hir_def::GenericArgs>,
        expr: ExprId,
    ) -> (Callee, Ty, Vec<Adjustment>) {
        let db = self.db;
        let scope = self.expr_scope(expr);
        let def = GenericDef::Func(pick.func);
        let parent = pick.parent_args;
        let args = self.with_lower(scope, |lower| lower.own_args(def, generic_args, parent));
        let site = self.call_site(expr);
        self.require_predicates(def, args, site);
        let sig = fn_type(db, pick.func);
        let ret = self.instantiate(sig.ret, args);
        let passed = match sig.receiver {
            Some(receiver) => self.instantiate(receiver.passed, args),
            None => self.error_ty(),
        };
        let steps = self.receiver_steps(pick, recv, passed);
        (
            Callee {
                func: pick.func,
                args,
            },
            ret,
            steps,
        )
    }

    fn receiver_steps(&mut self, pick: &Pick, recv: Ty, passed: Ty) -> Vec<Adjustment> {
        let db = self.db;
        let mut steps = pick.derefs.clone();
        let ty = match steps.last() {
            Some(last) => last.target,
            None => self.table.shallow(recv),
        };
        let passed = self.table.shallow(passed);
        match passed.as_ref(db) {
            // The step was found at the referent.
            Some((mutable, _)) if !self.same_head(passed, pick.at) || pick.unsize => {
                let target = Ty::reference(db, mutable, ty);
                steps.push(Adjustment {
                    kind: Adjust::Borrow { mutable },
                    target,
                });
                if pick.unsize {
                    let target = Ty::reference(db, mutable, pick.at);
                    steps.push(Adjustment {
                        kind: Adjust::Unsize,
                        target,
                    });
                }
            }
            None => steps.extend(self.receiver_upcast(ty, passed)),
            _ => {}
        }
        steps
    }

    /// Whether a receiver of type `at` is passed as it is.
    pub(super) fn same_head(&mut self, passed: Ty, at: Ty) -> bool {
        let snapshot = self.table.snapshot();
        let same = self.table.unify(passed, at).is_ok();
        self.table.rollback(snapshot);
        same
    }

    fn receiver_chain(&mut self, recv: Ty) -> Vec<Step> {
        let db = self.db;
        let mut chain = Vec::new();
        let mut ty = self.known(recv);
        let mut derefs = Vec::new();
        for _ in 0..AUTODEREF_MAX {
            chain.push(Step {
                ty,
                derefs: derefs.clone(),
                unsize: false,
            });
            let Some(step) = self.deref_step(ty) else {
                break;
            };
            ty = step.target;
            derefs.push(step);
        }
        if let Some(last) = chain.last()
            && let TyKind::Array(element, _) = last.ty.kind(db)
        {
            let (ty, derefs) = (Ty::slice(db, *element), last.derefs.clone());
            chain.push(Step {
                ty,
                derefs,
                unsize: true,
            });
        }
        chain
    }

    /// Finds a method by name, in two passes.
    pub(super) fn lookup_method(&mut self, recv: Ty, name: &str) -> Option<Pick> {
        let chain = self.receiver_chain(recv);
        for (at, step) in chain.iter().enumerate() {
            let found = self.typed_receivers(step.ty, name);
            if let Some(pick) = make_pick(found, step) {
                return Some(pick);
            }
            let found = self.inherent_candidates(step.ty, name);
            if let Some(pick) = make_pick(found, step) {
                return Some(pick);
            }
            let found = self.bound_candidates(step.ty, name);
            if let Some(pick) = make_pick(found, step) {
                return Some(pick);
            }
            // Behaviors of this module, then imported ones.
            for near in self.near_behaviors(name) {
                if let Some(pick) = self.pick_behavior(&chain, at, name, &near) {
                    return Some(pick);
                }
            }
        }
        let any = self.behaviors_named(name);
        (0..chain.len()).find_map(|at| self.pick_behavior(&chain, at, name, &any))
    }

    /// A method of behaviors at one step. A reference is what a `this` of its target takes: that
    /// fits by value and comes before implementations for the reference itself.
    fn pick_behavior(
        &mut self,
        chain: &[Step],
        at: usize,
        name: &str,
        behaviors: &[BehaviorId],
    ) -> Option<Pick> {
        let db = self.db;
        let step = chain.get(at)?;
        if let (TyKind::Ref { mutable, .. }, Some(target)) = (step.ty.kind(db), chain.get(at + 1)) {
            let mut found = self.behavior_candidates(target.ty, name, behaviors);
            found.retain(|(func, _)| {
                let receiver = fn_type(db, *func).receiver;
                match receiver.map(|receiver| receiver.form) {
                    Some(ReceiverForm::Shared | ReceiverForm::Ref) => true,
                    Some(ReceiverForm::Exclusive | ReceiverForm::MutRef) => *mutable,
                    _ => false,
                }
            });
            if let Some(pick) = make_pick(found, target) {
                return Some(pick);
            }
        }
        let found = self.behavior_candidates(step.ty, name, behaviors);
        make_pick(found, step)
    }

    /// Behaviors with a member of this name that need no import: those of bodies around too.
    fn behaviors_named(&self, name: &str) -> Vec<hir_def::BehaviorId> {
        let mut out = crate::impls::local_behaviors(self.db, self.owner, name);
        out.extend(behaviors_with(self.db, self.package, name));
        out
    }

    /// Ranks 1 and 2.
    fn inherent_candidates(&mut self, ty: Ty, name: &str) -> Vec<(FuncId, GenericArgs)> {
        let is_method = |db, func| {
            let receiver = fn_type(db, func).receiver;
            receiver.is_some() && !has_typed_receiver(db, func)
        };
        let db = self.db;
        self.inherent_items(ty, name)
            .into_iter()
            .filter_map(|(item, args)| match item {
                AssocItemId::Func(func) if is_method(db, func) => Some((func, args)),
                _ => None,
            })
            .take(1)
            .collect()
    }

    pub(super) fn inherent_item(
        &mut self,
        ty: Ty,
        name: &str,
    ) -> Option<(AssocItemId, GenericArgs)> {
        self.inherent_items(ty, name).into_iter().next()
    }

    /// Members of inherent implementations for a type; those of the current package first.
    pub(super) fn inherent_items(&mut self, ty: Ty, name: &str) -> Vec<(AssocItemId, GenericArgs)> {
        let db = self.db;
        let ty = self.known(ty);
        let head = TyHead::of(db, ty);
        let mut out = Vec::new();
        if let Some((class, args)) = crate::classes::as_class(db, ty) {
            // Constructors are not inherited, and neither is what stands in for them.
            let found = match name {
                "new" => crate::classes::own_member(db, class, name).map(|item| (item, args)),
                _ => crate::classes::member(db, class, args, name)
                    .map(|(item, _, args)| (item, args)),
            };
            out.extend(found);
            if !out.is_empty() {
                return out;
            }
        }
        for (package, index) in impls_for(db, self.package, ty) {
            let index = &index.inherent;
            let fitting = head.is_some().then(|| index.get(&head)).flatten();
            let blanket = index.get(&None);
            for id in fitting.into_iter().chain(blanket).flatten().copied() {
                // Foreign extensions are visible in their own package only.
                if package != self.package && !owns(db, package, ty) {
                    continue;
                }
                let items = &hir_def::signatures::impl_data(db, id).items;
                let Some((_, item)) = items.iter().find(|(n, _)| n == name) else {
                    continue;
                };
                let snapshot = self.table.snapshot();
                let pending = self.pending.len();
                let args = self.table.fresh_args(GenericDef::Impl(id));
                let self_ty = self.instantiate(impl_self_ty(db, id), args);
                if self.table.unify(self_ty, ty).is_ok() {
                    self.table.commit(snapshot);
                    out.push((*item, self.table.resolve_args(args)));
                    break;
                }
                self.pending.truncate(pending);
                self.table.rollback(snapshot);
            }
            if !out.is_empty() {
                break;
            }
        }
        out
    }

    /// Rank 5: bounds on parameters and associated types.
    fn bound_candidates(&mut self, ty: Ty, name: &str) -> Vec<(FuncId, GenericArgs)> {
        let db = self.db;
        let bounds = self.bounds_on(ty);
        let mut out: Vec<(FuncId, GenericArgs)> = Vec::new();
        for bound in bounds {
            if let Some(AssocItemId::Func(func)) = behavior_item(db, bound.behavior, name)
                && fn_type(db, func).receiver.is_some()
                && !out.iter().any(|(found, _)| *found == func)
            {
                out.push((func, bound.args));
            }
        }
        crate::classes::without_redeclared(db, &mut out);
        out
    }

    fn bounds_on(&mut self, ty: Ty) -> Vec<BehaviorRef> {
        let db = self.db;
        let ty = self.table.resolve(ty);
        let mut bounds: Vec<BehaviorRef> = match ty.kind(db) {
            TyKind::Param(_) => Vec::new(),
            TyKind::Projection(projection) => crate::signature::projection_bounds(db, projection),
            TyKind::Opaque(func, index, args) => {
                crate::signature::opaque_bounds(db, *func, *index, *args)
            }
            TyKind::Dyn(object) | TyKind::Object(object) => {
                return crate::object::object_bounds(db, object, ty);
            }
            TyKind::Interface(..) => return crate::classes::interfaces_of_ty(db, ty),
            _ => return Vec::new(),
        };
        let env = self.env.data(db);
        bounds.extend(
            env.bounds
                .iter()
                .filter(|bound| bound.self_ty(db) == ty)
                .copied(),
        );
        bounds
    }

    /// Ranks 3 and 4: behaviors declared in or imported by this module.
    fn near_behaviors(&mut self, name: &str) -> [Vec<BehaviorId>; 2] {
        let db = self.db;
        let module = hir_def::module_map::lexical_module(db, self.scope.module);
        let Some(module) = hir_def::module_map::module_data(db, module) else {
            return [Vec::new(), Vec::new()];
        };
        let mut out = [Vec::new(), Vec::new()];
        for (rank, entries) in [&module.items.types, &module.imports.types]
            .into_iter()
            .enumerate()
        {
            for entry in entries.values() {
                if let ModuleDef::Behavior(behavior) = entry.def
                    && let Some(AssocItemId::Func(_)) = behavior_item(db, behavior, name)
                    && !out[rank].contains(&behavior)
                {
                    out[rank].push(behavior);
                }
            }
        }
        out
    }

    /// Methods of behaviors that a type implements.
    fn behavior_candidates(
        &mut self,
        ty: Ty,
        name: &str,
        behaviors: &[BehaviorId],
    ) -> Vec<(FuncId, GenericArgs)> {
        let db = self.db;
        let mut out = Vec::new();
        for behavior in behaviors.iter().copied() {
            let Some(AssocItemId::Func(func)) = behavior_item(db, behavior, name) else {
                continue;
            };
            if fn_type(db, func).receiver.is_none() {
                continue;
            }
            let args = self.behavior_args(behavior, ty);
            if self.may_hold(BehaviorRef { behavior, args }) {
                out.push((func, args));
            }
        }
        // Comparing part by part is what `==` does (reference §5.6), no method that would
        // stand against one of the type's own: `iterator.eq(other)`.
        if let (Some(eq), true) = (self.lang.partial_eq, out.len() > 1) {
            out.retain(|(func, args)| {
                let is_eq = func.container(db) == ContainerId::Behavior(eq);
                let goal = BehaviorRef {
                    behavior: eq,
                    args: *args,
                };
                !is_eq || !self.is_structural(goal)
            });
        }
        out
    }

    /// Whether the language itself, and no implementation, says that a goal holds.
    fn is_structural(&mut self, goal: BehaviorRef) -> bool {
        let snapshot = self.table.snapshot();
        let mut solver = Solver {
            table: &mut self.table,
            env: self.env,
            depth: 0,
        };
        let answer = solver.solve(goal, &mut Vec::new());
        self.table.rollback(snapshot);
        matches!(answer, Answer::Yes(Selection::Builtin) | Answer::Unknown)
    }

    pub(super) fn behavior_args(&mut self, behavior: BehaviorId, ty: Ty) -> GenericArgs {
        let db = self.db;
        let args = self.table.fresh_args(GenericDef::Behavior(behavior));
        let list = std::iter::once(ty.into()).chain(args.list(db).iter().skip(1).copied());
        GenericArgs::from_iter(db, list.collect::<Vec<_>>())
    }

    pub(super) fn may_hold(&mut self, goal: BehaviorRef) -> bool {
        let snapshot = self.table.snapshot();
        let mut solver = Solver {
            table: &mut self.table,
            env: self.env,
            depth: 0,
        };
        let answer = solver.solve_deep(goal);
        self.table.rollback(snapshot);
        !matches!(answer, Answer::No)
    }

    /// Behaviors with a member of this name that a type implements or is bounded by.
    pub(super) fn behaviors_with_member(&mut self, ty: Ty, name: &str) -> Vec<BehaviorRef> {
        let db = self.db;
        let ty = self.known(ty);
        let mut found = self.bounds_on(ty);
        found.retain(|bound| behavior_item(db, bound.behavior, name).is_some());
        if !found.is_empty() {
            return found;
        }
        for behavior in self.behaviors_named(name) {
            let args = self.behavior_args(behavior, ty);
            let goal = BehaviorRef { behavior, args };
            if self.may_hold(goal) {
                found.push(goal);
            }
        }
        found
    }

    /// A field by name, through references.
    pub(super) fn find_field(
        &mut self,
        base: Ty,
        name: &str,
    ) -> Option<(FieldRes, Ty, Vec<Adjustment>)> {
        let db = self.db;
        let mut ty = self.known(base);
        let mut steps = Vec::new();
        for _ in 0..AUTODEREF_MAX {
            match ty.kind(db) {
                TyKind::Adt(adt, args) => {
                    if let Some((field, ty)) = self.own_field(*adt, *args, name) {
                        return Some((field, ty, steps));
                    }
                }
                TyKind::Tuple(parts) => {
                    let index: u32 = name.parse().ok()?;
                    let ty = parts.get(index as usize).copied()?;
                    return Some((FieldRes::Tuple(index), ty, steps));
                }
                _ => {}
            }
            let step = self.deref_step(ty)?;
            ty = step.target;
            steps.push(step);
        }
        None
    }

    fn own_field(
        &mut self,
        adt: hir_def::AdtId,
        args: GenericArgs,
        name: &str,
    ) -> Option<(FieldRes, Ty)> {
        let db = self.db;
        let parent = match adt {
            hir_def::AdtId::Struct(id) => VariantDef::Struct(id),
            hir_def::AdtId::Union(id) => VariantDef::Union(id),
            hir_def::AdtId::Class(id) => return self.find_class_field(id, args, name),
            hir_def::AdtId::Enum(_) => return None,
        };
        let index = fields_of(db, parent).find(name)?;
        let declared = crate::signature::field_types(db, parent);
        let ty = declared.get(index as usize).copied()?;
        let ty = self.instantiate(ty, args);
        Some((FieldRes::Field(FieldId { parent, index }), ty))
    }

    pub(super) fn field_visible(&self, field: FieldId) -> bool {
        let db = self.db;
        let data = fields_of(db, field.parent);
        match (field.parent, data.fields.get(field.index as usize)) {
            (VariantDef::Struct(id), Some(data)) => {
                let home = id.module(db);
                let visibility = resolve_visibility(db, home, &data.visibility);
                visibility.is_visible_from(db, self.scope.module)
            }
            (VariantDef::Class(id), Some(data)) => self.class_member_visible(id, &data.visibility),
            _ => true,
        }
    }

    pub(super) fn func_visible(&self, func: FuncId) -> bool {
        let db = self.db;
        let data = hir_def::signatures::func_signature(db, func);
        match func.container(db) {
            hir_def::ContainerId::Impl(id) => {
                if !hir_def::signatures::impl_data(db, id).behaviors.is_empty() {
                    return true;
                }
                let visibility = resolve_visibility(db, func.module(db), &data.visibility);
                visibility.is_visible_from(db, self.scope.module)
            }
            hir_def::ContainerId::Class(id) => self.class_member_visible(id, &data.visibility),
            _ => true,
        }
    }

    fn nearest_method(&mut self, recv: Ty, name: &str) -> Option<Name> {
        let names: Vec<Name> = self
            .receiver_chain(recv)
            .iter()
            .flat_map(|step| crate::members::member_names(self.db, self.package, step.ty))
            .collect();
        hir_def::suggest::nearest(name, names.iter().map(Name::as_str))
    }

    pub(super) fn nearest_assoc(&mut self, ty: Ty, name: &str) -> Option<Name> {
        let ty = self.table.resolve(ty);
        let mut names = crate::members::member_names(self.db, self.package, ty);
        if let Some((hir_def::AdtId::Enum(id), _)) = ty.as_adt(self.db) {
            let data = hir_def::signatures::enum_data(self.db, id);
            names.extend(data.variants.iter().map(|v| v.name.clone()));
        }
        hir_def::suggest::nearest(name, names.iter().map(Name::as_str))
    }
}

fn make_pick(found: Vec<(FuncId, GenericArgs)>, step: &Step) -> Option<Pick> {
    let (first, rest) = found.split_first()?;
    Some(Pick {
        func: first.0,
        parent_args: first.1,
        derefs: step.derefs.clone(),
        unsize: step.unsize,
        at: step.ty,
        ambiguous: rest.iter().map(|(func, _)| *func).collect(),
    })
}

/// Whether a package declares a type, or is `core`, which declares the built-in ones.
fn owns(db: &dyn base::Db, package: base::Package, ty: Ty) -> bool {
    match ty.kind(db) {
        TyKind::Adt(adt, _) => adt.module(db).package(db) == package,
        _ => matches!(package.name(db).as_str(), "core" | "std"),
    }
}
