//! What bounds say about lifetimes: `I: Iterator` with `I::Item = T`, `C: FromIterator[T]`.
//!
//! Types have no lifetimes of their own, so whoever finds the implementation behind a bound, or
//! the associated type, relates the slots of its arguments with those of the implementation.

use hir_def::{BehaviorId, BodyOwner, ContainerId, FuncId, GenericDef, ImplId};
use hir_ty::{GenericArgs, Selection, Ty, TyKind};

use super::region::{RTy, Region, Regions, Slots, Subst};
use crate::lifetimes::sig::declared_names;
use crate::lifetimes::{Life, Variance, assoc_type_lives, impl_lives};

/// Associated types and bounds of implementations are followed so deep; guessed, real ones take
/// two or three.
const DEPTH_MAX: u32 = 12;

impl Regions<'_> {
    /// The slots of an associated type: as its implementation says, or else whatever the
    /// arguments hold.
    pub(super) fn project(&mut self, projection: &hir_ty::ty::Projection, subst: &Subst) -> Slots {
        let db = self.db;
        let list = projection.args.list(db);
        let args: Vec<Option<RTy>> = list
            .iter()
            .map(|arg| Some(self.subst(arg.ty()?, &[], subst)))
            .collect();
        let erased = list.iter().zip(&args).map(|(arg, rty)| match rty {
            Some(rty) => rty.ty.into(),
            None => match subst.erased {
                Some(erased) => arg.subst(db, erased),
                None => *arg,
            },
        });
        let erased = GenericArgs::from_iter(db, erased);
        let applied = hir_ty::ty::Projection {
            args: erased,
            ..projection.clone()
        };
        let ty = hir_ty::normalize(db, Ty::new(db, TyKind::Projection(applied)), self.env);
        let count = self.count(ty);
        if count == 0 {
            return Slots::new();
        }
        self.depth += 1;
        let found = match self.depth <= DEPTH_MAX {
            true => self.project_impl(projection, erased, &args),
            false => None,
        };
        self.depth -= 1;
        if let Some(found) = found.filter(|found| found.len() == count) {
            return found;
        }
        let slots = self.fresh_slots(ty);
        for arg in args.iter().flatten() {
            for from in &arg.slots {
                slots.iter().for_each(|to| self.edge(*from, *to));
            }
        }
        slots
    }

    fn project_impl(
        &mut self,
        projection: &hir_ty::ty::Projection,
        erased: GenericArgs,
        args: &[Option<RTy>],
    ) -> Option<Slots> {
        let db = self.db;
        let behavior = projection.behavior;
        let selection = hir_ty::solve::behavior_solve(db, self.env, behavior, erased)?;
        let Selection::Impl {
            id,
            args: impl_args,
        } = selection
        else {
            return None;
        };
        let lives = assoc_type_lives(db, id, &projection.name)?;
        let subst = self.relate_impl(behavior, (id, impl_args), args)?;
        let ty = hir_ty::signature::impl_assoc_ty(db, id, &projection.name)?;
        Some(self.subst(ty, &lives, &subst).slots)
    }

    /// The lifetimes and arguments of an implementation that was found for some arguments of a
    /// behavior.
    fn relate_impl(
        &mut self,
        behavior: BehaviorId,
        (id, impl_args): (ImplId, GenericArgs),
        args: &[Option<RTy>],
    ) -> Option<Subst> {
        let db = self.db;
        let header = impl_lives(db, id);
        let base: Vec<Region> = (0..header.count).map(|_| self.fresh()).collect();
        let subst = self.fresh_args(base, impl_args);
        let this = self.subst(
            hir_ty::signature::impl_self_ty(db, id),
            &header.this,
            &subst,
        );
        let headers = hir_ty::signature::impl_behaviors(db, id);
        let nth = headers.iter().position(|it| it.behavior == behavior)?;
        if let Some(Some(arg)) = args.first()
            && arg.ty == this.ty
        {
            self.relate(this.ty, &arg.slots, &this.slots, Variance::Invariant);
        }
        for (index, arg) in args.iter().enumerate().skip(1) {
            let Some(arg) = arg else { continue };
            let pattern = headers[nth].args.ty(db, index);
            let lives = header.behaviors.get(nth)?.get(index - 1)?;
            let param = self.subst(pattern, lives, &subst);
            if param.ty == arg.ty {
                self.relate(param.ty, &arg.slots, &param.slots, Variance::Invariant);
            }
        }
        self.relate_bounds(GenericDef::Impl(id), &subst);
        Some(subst)
    }

    /// The lifetime parameters of a behavior whose method is called: those that the implementation
    /// gives, or else all that the value holds.
    pub(super) fn relate_behavior(&mut self, func: FuncId, subst: &Subst) {
        let db = self.db;
        let ContainerId::Behavior(behavior) = func.container(db) else {
            return;
        };
        let data = &hir_def::signatures::behavior_data(db, behavior).generics;
        let count = declared_names(data, 0).len();
        if count == 0 {
            return;
        }
        let own: Vec<Region> = subst.base.iter().take(count).copied().collect();
        let Some(Some(this)) = subst.args.first() else {
            return;
        };
        let is_same = |owner: BodyOwner| match owner {
            BodyOwner::Func(around) => around.container(db) == func.container(db),
            _ => false,
        };
        if is_same(self.body.owner)
            && matches!(this.ty.kind(db), TyKind::Param(it) if it.index == 0)
        {
            let around = self.bound();
            return self.equal(&own, &around);
        }
        let list = subst.erased.map_or(&[][..], |erased| erased.list(db));
        let around = hir_ty::generics_of(db, GenericDef::Behavior(behavior))
            .params
            .len();
        let list = list.iter().take(around).copied();
        let erased = self.normal_args(GenericArgs::from_iter(db, list.collect::<Vec<_>>()));
        let found = hir_ty::solve::behavior_solve(db, self.env, behavior, erased);
        if let Some(Selection::Impl { id, args }) = found {
            let headers = hir_ty::signature::impl_behaviors(db, id);
            let nth = headers.iter().position(|it| it.behavior == behavior);
            let given = nth.and_then(|nth| impl_lives(db, id).behavior_lives.get(nth));
            let of = self.relate_impl(behavior, (id, args), &subst.args[..around]);
            if let (Some(given), Some(of)) = (given, of) {
                let given: Vec<Region> = given.iter().map(|it| self.life(*it, &of.base)).collect();
                return self.equal(&own, &given);
            }
        }
        let lives = &crate::lifetimes::fn_lives(db, func).params;
        for (index, own) in (0..).zip(&own) {
            let is_taken = lives
                .iter()
                .any(|lives| lives.contains(&Life::Bound(index)));
            for slot in &this.slots {
                self.edge(*slot, *own);
                match self.is_param(*slot) {
                    true if is_taken => self.edge(*own, Region::REQUIRED),
                    true => {}
                    false => self.edge(*own, *slot),
                }
            }
        }
    }

    fn equal(&mut self, some: &[Region], others: &[Region]) {
        for (a, b) in some.iter().zip(others) {
            self.edge(*a, *b);
            self.edge(*b, *a);
        }
    }

    /// What the bounds of a definition say about its arguments.
    pub(super) fn relate_bounds(&mut self, def: GenericDef, subst: &Subst) {
        if self.depth >= DEPTH_MAX || subst.args.iter().flatten().all(|arg| arg.slots.is_empty()) {
            return;
        }
        self.depth += 1;
        let db = self.db;
        let lang = hir_ty::lang_items(db, def.module(db).package(db));
        let env = hir_ty::param_env(db, def).data(db);
        for bound in &env.bounds {
            let list = bound.args.list(db);
            if list.len() < 2 || lang.closure_kind(bound.behavior).is_some() {
                continue;
            }
            // Most arguments hold nothing; looking at the pattern costs less than to put them in.
            let holding = list.iter().filter_map(|arg| arg.ty());
            if holding.filter(|ty| self.may_hold(*ty, subst)).count() < 2 {
                continue;
            }
            let args: Vec<Option<RTy>> = list
                .iter()
                .map(|arg| Some(self.subst(arg.ty()?, &[], subst)))
                .collect();
            if args
                .iter()
                .flatten()
                .filter(|arg| !arg.slots.is_empty())
                .count()
                < 2
            {
                continue;
            }
            let Some(erased) = subst.erased else { continue };
            let erased = self.normal_args(bound.args.subst(db, erased));
            let found = hir_ty::solve::behavior_solve(db, self.env, bound.behavior, erased);
            if let Some(Selection::Impl { id, args: of }) = found {
                self.relate_impl(bound.behavior, (id, of), &args);
            }
        }
        for (projection, ty) in &env.equal {
            if !self.may_hold(*ty, subst) {
                continue;
            }
            let is_call = lang.closure_kind(projection.behavior).is_some();
            let of = self.subst(projection.args.ty(db, 0), &[], subst);
            // What a closure gives is known where it is passed.
            if is_call && self.closures.of_ty(of.ty).is_some() {
                continue;
            }
            let ty = self.subst(*ty, &[], subst);
            if ty.slots.is_empty() {
                continue;
            }
            let slots = self.project(projection, subst);
            self.relate(ty.ty, &slots, &ty.slots, Variance::Invariant);
        }
        self.depth -= 1;
    }

    /// Whether a type of a declaration may have slots with some arguments.
    fn may_hold(&self, pattern: Ty, subst: &Subst) -> bool {
        let db = self.db;
        let mut may = false;
        hir_ty::ty::walk_ty(db, pattern, &mut |part| {
            may = may
                || match part.kind(db) {
                    TyKind::Param(param) => match subst.args.get(param.index as usize) {
                        Some(Some(arg)) => !arg.slots.is_empty(),
                        Some(None) => false,
                        None => true,
                    },
                    _ => crate::lifetimes::own_slots(db, part) > 0,
                };
        });
        may
    }

    /// Arguments without associated types that have a name.
    fn normal_args(&self, args: GenericArgs) -> GenericArgs {
        let db = self.db;
        let list = args.list(db).iter().map(|arg| match arg.ty() {
            Some(ty) => hir_ty::normalize(db, ty, self.env).into(),
            None => *arg,
        });
        GenericArgs::from_iter(db, list)
    }
}
