//! Regions of one body, and types with regions in their slots.
//!
//! Regions are numbered: `static`, the region that stands for "must be static", the lifetimes of
//! the signature, then those that are inferred. An *edge* from one to another says that data of
//! the first flows into something of the second, so the first must live at least as long.

use base::Db;
use hir_def::{AdtId, BodyOwner};
use hir_ty::{GenericArgs, ParamEnv, Ty, TyKind};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::{SmallVec, smallvec};
use stdx::{DenseMap, define_index};

use super::closures::{Closures, Flow};
use crate::data::*;
use crate::lifetimes::forever::forever_params;
use crate::lifetimes::{
    Life, Variance, adt_lives, for_each_part, own_slots, param_of, part_variance, slot_count,
    slot_variance,
};
use crate::tys;

define_index!(
    /// The extent of a lifetime within a body.
    pub(crate) struct Region, "r");

impl Region {
    pub(super) const STATIC: Region = Region(0);
    /// Where `life static` is required (E033).
    pub(super) const REQUIRED: Region = Region(1);
    /// The first lifetime of the signature.
    pub(super) const FIRST_BOUND: u32 = 2;
}

pub(super) type Slots = SmallVec<[Region; 2]>;

/// A type with the regions of its slots.
#[derive(Clone, Debug)]
pub(super) struct RTy {
    pub(super) ty: Ty,
    pub(super) slots: Slots,
}

/// Why data flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Assign,
    Argument,
    /// Into the result of the body.
    Return,
    /// A reference made from another one.
    Reborrow,
    /// A bound wants it.
    Demand,
    /// Into the box of an object.
    Box,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) from: Region,
    pub(super) to: Region,
    pub(super) why: Why,
    pub(super) source: SourceInfo,
}

/// Makes regions and edges.
pub(super) struct Regions<'a> {
    pub(super) db: &'a dyn Db,
    pub(super) body: &'a Body,
    pub(super) env: ParamEnv,
    next: u32,
    /// Regions below this number are `static`, "must be static", of the signature, or those of
    /// type parameters.
    pub(super) universals: u32,
    /// The first region of a type parameter: what its values hold. Nothing flows into one, since
    /// whatever has the type of a parameter was made by somebody who knew more of it.
    first_param: u32,
    pub(super) edges: Vec<Edge>,
    /// References into objects of classes, with where they are made.
    pub(super) into_objects: Vec<(Region, SourceInfo)>,
    pub(super) closures: &'a Closures<'a>,
    /// `func` values and the closures that they were made of.
    pub(super) reified: FxHashMap<Local, Local>,
    /// Those that go where a declaration says more of their parameters.
    pub(super) declared: FxHashSet<Local>,
    /// Parameters of closures that live for one call and are stored.
    pub(super) leaks: Vec<(u32, Flow)>,
    counts: FxHashMap<Ty, usize>,
    pub(super) locals: DenseMap<Local, Slots>,
    /// What new edges are marked with.
    pub(super) source: SourceInfo,
    pub(super) why: Why,
    /// Whether calls ask for what the body of the callee implies about its parameters.
    pub(super) sees_bodies: bool,
    pub(super) depth: u32,
}

/// What stands for the lifetimes and parameters of a declaration.
pub(super) struct Subst {
    pub(super) base: Vec<Region>,
    /// By generic argument; `None` leaves a parameter as it is.
    pub(super) args: Vec<Option<RTy>>,
    pub(super) erased: Option<GenericArgs>,
}

impl<'a> Regions<'a> {
    pub(super) fn new(closures: &'a Closures<'a>, body: &'a Body, bound: u32) -> Regions<'a> {
        let db = closures.db;
        let first_param = Region::FIRST_BOUND + bound;
        let params = body
            .owner
            .generic_def(db)
            .map_or(0, |def| hir_ty::generics_of(db, def).params.len() as u32);
        let universals = first_param + params;
        Regions {
            db,
            closures,
            reified: FxHashMap::default(),
            declared: FxHashSet::default(),
            leaks: Vec::new(),
            first_param,
            body,
            env: tys::env(db, body.owner),
            next: universals,
            universals,
            edges: Vec::new(),
            into_objects: Vec::new(),
            counts: FxHashMap::default(),
            locals: DenseMap::new(),
            source: SourceInfo::BODY,
            why: Why::Assign,
            sees_bodies: true,
            depth: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.next as usize
    }

    pub(super) fn is_universal(&self, region: Region) -> bool {
        region.0 < self.universals
    }

    /// The lifetimes of the signature, in order.
    pub(super) fn bound(&self) -> Vec<Region> {
        (Region::FIRST_BOUND..self.first_param)
            .map(Region)
            .collect()
    }

    /// The type parameters, in order.
    pub(super) fn params(&self) -> impl Iterator<Item = Region> + use<> {
        (self.first_param..self.universals).map(Region)
    }

    pub(super) fn is_param(&self, region: Region) -> bool {
        (self.first_param..self.universals).contains(&region.0)
    }

    /// The number of a type parameter among those of the body's owner.
    pub(super) fn param_index(&self, region: Region) -> u32 {
        region.0 - self.first_param
    }

    pub(super) fn param(&self, index: u32) -> Region {
        let region = Region(self.first_param.saturating_add(index));
        match self.is_param(region) {
            true => region,
            false => Region::STATIC,
        }
    }

    pub(super) fn fresh(&mut self) -> Region {
        self.next += 1;
        Region(self.next - 1)
    }

    pub(super) fn fresh_slots(&mut self, ty: Ty) -> Slots {
        let mut slots = Slots::new();
        let count = self.count(ty);
        if count > 0 {
            self.fresh_into(ty, false, &mut slots);
            slots.resize_with(count, || self.fresh());
        }
        slots
    }

    /// What an object holds must live for ever.
    fn fresh_into(&mut self, ty: Ty, in_object: bool, out: &mut Slots) {
        let db = self.db;
        if self.count(ty) == 0 {
            return;
        }
        for _ in 0..own_slots(db, ty) {
            let region = match (param_of(db, ty), in_object) {
                (_, true) => Region::REQUIRED,
                (Some(param), _) => self.param(param),
                (None, _) => self.fresh(),
            };
            out.push(region);
        }
        for (part, forever) in self.parts(ty) {
            self.fresh_into(part, in_object || forever, out);
        }
    }

    /// The parts of a type, and whether an object may hold what they do.
    fn parts(&self, ty: Ty) -> SmallVec<[(Ty, bool); 4]> {
        let db = self.db;
        let forever = match ty.kind(db) {
            TyKind::Adt(adt, _) => &**forever_params(db, *adt),
            _ => &[],
        };
        let mut parts = SmallVec::new();
        for_each_part(db, ty, &mut |part, index| {
            parts.push((part, forever.get(index).copied().unwrap_or(false)));
        });
        parts
    }

    /// The slots of something that comes from outside the body, or goes there.
    pub(super) fn outer_slots(&mut self, ty: Ty, outside: &dyn Fn(u32) -> Region) -> Slots {
        let mut slots = self.fresh_slots(ty);
        for (index, slot) in (0..).zip(&mut slots) {
            if !self.is_universal(*slot) {
                *slot = outside(index);
            }
        }
        slots
    }

    pub(super) fn count(&mut self, ty: Ty) -> usize {
        if let Some(count) = self.counts.get(&ty) {
            return *count;
        }
        let count = slot_count(self.db, ty);
        self.counts.insert(ty, count);
        count
    }

    /// Data of `from` flows into `to`.
    pub(super) fn edge(&mut self, from: Region, to: Region) {
        if from != to && from != Region::STATIC && !self.is_param(to) {
            let (why, source) = (self.why, self.source);
            self.edges.push(Edge {
                from,
                to,
                why,
                source,
            });
        }
    }

    /// A value of one type goes where the same type with other regions is.
    pub(super) fn flow(&mut self, from: &RTy, to: &RTy) {
        if from.ty == to.ty {
            self.relate(from.ty, &from.slots, &to.slots, Variance::Covariant);
        } else {
            self.flow_loosely(from, to);
        }
    }

    /// Between different types, by coercion: slot by slot if they match, else everything into
    /// everything.
    pub(super) fn flow_loosely(&mut self, from: &RTy, to: &RTy) {
        if let Some((mutable, target)) = to.ty.as_ref(self.db)
            && let TyKind::Object(_) = target.kind(self.db)
        {
            return self.flow_into_view(from, to, mutable);
        }
        if let (TyKind::Func { .. }, Some((held, result))) =
            (to.ty.kind(self.db), to.slots.split_first())
        {
            return self.flow_into_func(from, *held, result);
        }
        if from.slots.len() == to.slots.len() {
            let both = from.ty.as_ref(self.db).is_some_and(|(mutable, _)| mutable)
                && to.ty.as_ref(self.db).is_some_and(|(mutable, _)| mutable);
            for (index, (a, b)) in from.slots.iter().zip(&to.slots).enumerate() {
                self.edge(*a, *b);
                if both && index > 0 {
                    self.edge(*b, *a);
                }
            }
            return;
        }
        for a in &from.slots {
            for b in &to.slots {
                self.edge(*a, *b);
            }
        }
    }

    /// A closure becomes a `func`: that holds all that was captured, and its calls give what the
    /// closure's do.
    fn flow_into_func(&mut self, from: &RTy, held: Region, result: &[Region]) {
        let closures = self.closures;
        let flows = closures.of_ty(from.ty).map(|(_, flows)| flows);
        for (index, slot) in from.slots.iter().enumerate() {
            self.edge(*slot, held);
            let gives = flows.is_none_or(|flows| flows.gives_capture(index));
            for result in result.iter().filter(|_| gives) {
                self.edge(*slot, *result);
            }
        }
    }

    /// What is viewed as an object: all that it holds, the object holds. Nothing takes its place,
    /// but what its methods take they may leave in it.
    fn flow_into_view(&mut self, from: &RTy, to: &RTy, mutable: bool) {
        let (Some((outer, held)), Some((view, object))) =
            (from.slots.split_first(), to.slots.split_first())
        else {
            return;
        };
        self.edge(*outer, *view);
        for a in held {
            for (index, b) in object.iter().enumerate() {
                self.edge(*a, *b);
                if mutable && index > 0 {
                    self.edge(*b, *a);
                }
            }
        }
    }

    pub(super) fn relate(&mut self, ty: Ty, from: &[Region], to: &[Region], variance: Variance) {
        if from.len() == to.len() && !from.is_empty() {
            let mut at = 0;
            self.relate_at(ty, (from, to), &mut at, variance);
        }
    }

    fn relate_at(
        &mut self,
        ty: Ty,
        sides: (&[Region], &[Region]),
        at: &mut usize,
        variance: Variance,
    ) {
        let db = self.db;
        for slot in 0..own_slots(db, ty) {
            let (Some(from), Some(to)) = (sides.0.get(*at), sides.1.get(*at)) else {
                return;
            };
            *at += 1;
            match variance.of(slot_variance(db, ty, slot)) {
                Variance::Covariant => self.edge(*from, *to),
                Variance::Contravariant => self.edge(*to, *from),
                Variance::Invariant => {
                    self.edge(*from, *to);
                    self.edge(*to, *from);
                }
                Variance::Bivariant => {}
            }
        }
        let mut parts: SmallVec<[(Ty, usize); 4]> = SmallVec::new();
        for_each_part(db, ty, &mut |part, index| parts.push((part, index)));
        for (part, index) in parts {
            if self.count(part) > 0 {
                self.relate_at(part, sides, at, variance.of(part_variance(db, ty, index)));
            }
        }
    }

    /// The region for a lifetime of a declaration.
    pub(super) fn life(&mut self, life: Life, base: &[Region]) -> Region {
        match life {
            Life::Static => Region::STATIC,
            Life::Bound(index) => match base.get(index as usize) {
                Some(region) => *region,
                None => self.fresh(),
            },
            Life::Param(index) => self.param(index),
            Life::Erased => self.fresh(),
        }
    }

    /// A type of a declaration with regions for its lifetimes, and arguments for its parameters.
    pub(super) fn subst(&mut self, pattern: Ty, lives: &[Life], subst: &Subst) -> RTy {
        let db = self.db;
        let ty = match subst.erased {
            Some(args) => pattern.subst(db, args),
            None => pattern,
        };
        let ty = hir_ty::normalize(db, ty, self.env);
        let count = self.count(ty);
        let mut slots = Slots::new();
        if count > 0 {
            self.subst_into(pattern, &mut lives.iter(), subst, &mut slots);
            if slots.len() != count {
                slots = self.fresh_slots(ty);
            }
        }
        RTy { ty, slots }
    }

    fn subst_into(
        &mut self,
        pattern: Ty,
        lives: &mut std::slice::Iter<'_, Life>,
        subst: &Subst,
        out: &mut Slots,
    ) {
        let db = self.db;
        if pattern.is_chosen_by_impl(db) {
            let life = lives.next().copied().unwrap_or(Life::Erased);
            let slots = self.chosen(pattern, life, subst);
            return out.extend(slots);
        }
        for _ in 0..own_slots(db, pattern) {
            if param_of(db, pattern).is_some() {
                lives.next();
                continue;
            }
            let life = lives.next().copied().unwrap_or(Life::Erased);
            let region = self.life(life, &subst.base);
            out.push(region);
        }
        if let (TyKind::Func { ret, .. }, Some(held)) = (pattern.kind(db), out.last().copied()) {
            self.result_of_func(*ret, held, subst);
        }
        match pattern.kind(db) {
            TyKind::Param(param) => match subst.args.get(param.index as usize) {
                Some(Some(arg)) => out.extend(arg.slots.iter().copied()),
                Some(None) => {}
                None => out.push(self.param(param.index)),
            },
            TyKind::Projection(projection) => {
                let slots = self.project(projection, subst);
                out.extend(slots);
            }
            _ => {
                for (part, forever) in self.parts(pattern) {
                    let before = out.len();
                    self.subst_into(part, lives, subst, out);
                    if forever {
                        out[before..].fill(Region::REQUIRED);
                    }
                }
            }
        }
    }

    /// What calls of a `func` give where the declaration has a parameter: a `func(A) -> B` is all
    /// that shows what a `B` holds in `Map[I, func(A) -> B]`.
    fn result_of_func(&mut self, ret: Ty, held: Region, subst: &Subst) {
        let mut has_param = false;
        hir_ty::ty::walk_ty(self.db, ret, &mut |part| {
            has_param |= param_of(self.db, part).is_some();
        });
        if has_param {
            for slot in self.subst(ret, &[], subst).slots {
                self.edge(slot, held);
                self.edge(held, slot);
            }
        }
    }

    /// The slots of a result that the signature calls `impl B`, where the body knows its type:
    /// whatever is in it flows into what the opaque type holds.
    pub(super) fn result_slots(&mut self, declared: &RTy, ty: Ty) -> Slots {
        if declared.ty == ty {
            return declared.slots.clone();
        }
        let db = self.db;
        let parts: Vec<(Ty, Ty)> = match (declared.ty.kind(db), ty.kind(db)) {
            (TyKind::Adt(a, declared), TyKind::Adt(b, actual)) if a == b => {
                declared.types(db).zip(actual.types(db)).collect()
            }
            (TyKind::Tuple(declared), TyKind::Tuple(actual)) => declared
                .iter()
                .copied()
                .zip(actual.iter().copied())
                .collect(),
            (TyKind::Opaque(..), _) => {
                let slots = self.fresh_slots(ty);
                for (slot, held) in slots
                    .iter()
                    .flat_map(|a| declared.slots.iter().map(|b| (*a, *b)))
                {
                    self.edge(slot, held);
                }
                return slots;
            }
            _ => return self.fresh_slots(ty),
        };
        let own = own_slots(db, ty).min(declared.slots.len());
        let (own, mut rest) = declared.slots.split_at(own);
        let mut slots: Slots = own.iter().copied().collect();
        for (declared, actual) in parts {
            let (part, after) = rest.split_at(self.count(declared).min(rest.len()));
            rest = after;
            let part = RTy {
                ty: declared,
                slots: part.iter().copied().collect(),
            };
            slots.extend(self.result_slots(&part, actual));
        }
        slots
    }

    /// The slots of what an implementation has for an `impl B` of a behavior's method: all of them
    /// hold what that does.
    fn chosen(&mut self, pattern: Ty, life: Life, subst: &Subst) -> Slots {
        let db = self.db;
        let region = self.life(life, &subst.base);
        let ty = match subst.erased {
            Some(args) => pattern.subst(db, args),
            None => pattern,
        };
        let ty = hir_ty::normalize(db, ty, self.env);
        let slots = self.fresh_slots(ty);
        slots.iter().for_each(|slot| self.edge(region, *slot));
        slots
    }

    /// Arguments with regions of their own.
    pub(super) fn fresh_args(&mut self, base: Vec<Region>, erased: GenericArgs) -> Subst {
        let args = erased
            .list(self.db)
            .iter()
            .map(|arg| {
                let ty = arg.ty()?;
                let slots = self.fresh_slots(ty);
                Some(RTy { ty, slots })
            })
            .collect();
        Subst {
            base,
            args,
            erased: Some(erased),
        }
    }

    /// The behavior's arguments of a method called on an object are those of the object's type.
    pub(super) fn relate_object(&mut self, subst: &Subst) {
        let Some((Some(this), args)) = subst.args.split_first() else {
            return;
        };
        if !matches!(this.ty.kind(self.db), TyKind::Dyn(_) | TyKind::Object(_)) {
            return;
        }
        let mut rest: &[Region] = this.slots.get(1..).unwrap_or(&[]);
        for arg in args.iter().flatten() {
            let (own, after) = rest.split_at(arg.slots.len().min(rest.len()));
            rest = after;
            self.relate(arg.ty, own, &arg.slots, Variance::Invariant);
        }
    }

    /// The lifetimes and arguments of a data type, taken off its slots.
    pub(super) fn adt_subst(&mut self, adt: AdtId, args: GenericArgs, slots: &[Region]) -> Subst {
        let db = self.db;
        let own = (adt_lives(db, adt).count as usize).min(slots.len());
        let (base, mut rest) = slots.split_at(own);
        let args_of = args
            .list(db)
            .iter()
            .map(|arg| {
                let ty = arg.ty()?;
                let (part, after) = rest.split_at(self.count(ty).min(rest.len()));
                rest = after;
                Some(RTy {
                    ty,
                    slots: part.into(),
                })
            })
            .collect();
        Subst {
            base: base.to_vec(),
            args: args_of,
            erased: Some(args),
        }
    }

    /// The types of the fields of a value.
    pub(super) fn field(
        &mut self,
        adt: AdtId,
        args: GenericArgs,
        slots: &[Region],
        variant: usize,
        field: usize,
    ) -> Option<RTy> {
        let db = self.db;
        let pattern = *hir_ty::signature::adt_fields(db, adt)
            .value
            .get(variant)?
            .get(field)?;
        let adt_lives = adt_lives(db, adt);
        let lives = adt_lives.fields.get(variant)?.get(field)?;
        let subst = self.adt_subst(adt, args, slots);
        if let Some(shared) = adt_lives.shared
            && let Some(shared) = subst.base.get(shared as usize).copied()
        {
            let held = self.subst(pattern, &[], &subst);
            for slot in &held.slots {
                self.edge(*slot, shared);
                self.edge(shared, *slot);
            }
            return Some(held);
        }
        Some(self.subst(pattern, lives, &subst))
    }

    /// The type of what a place holds.
    pub(super) fn place(&mut self, place: &Place) -> RTy {
        let ty = match self.body.locals.get(place.local) {
            Some(decl) => decl.ty,
            None => Ty::error(self.db),
        };
        let slots = self.locals.get(place.local).cloned().unwrap_or_default();
        let in_object = |step: &Projection| matches!(step, Projection::Object(..));
        if slots.is_empty() && !place.projection.iter().any(in_object) {
            let ty = tys::place_ty(self.db, self.body, place);
            return RTy {
                ty,
                slots: self.fresh_slots(ty),
            };
        }
        let mut at = RTy { ty, slots };
        let mut variant = 0;
        for step in &place.projection {
            if let Projection::Downcast(index) = step {
                variant = *index as usize;
                continue;
            }
            at = self.step(at, step, variant);
            variant = 0;
        }
        at
    }

    fn step(&mut self, at: RTy, step: &Projection, variant: usize) -> RTy {
        let db = self.db;
        let ty = tys::step_ty(db, at.ty, step);
        let slots: Slots = match (step, at.ty.kind(db)) {
            (Projection::Deref, TyKind::Ref { .. }) => at.slots.iter().skip(1).copied().collect(),
            (Projection::Deref, TyKind::RawPtr(_))
            | (Projection::Index(_), _)
            | (Projection::ConstIndex { .. }, _)
            | (Projection::Subslice { .. }, _) => at.slots,
            (Projection::Field(index, _), TyKind::Tuple(_) | TyKind::Closure(..)) => {
                let parts = match at.ty.kind(db) {
                    TyKind::Tuple(parts) => parts.to_vec(),
                    TyKind::Closure(_, args) => hir_ty::ClosureArgs(*args).captures(db),
                    _ => Vec::new(),
                };
                let index = (*index as usize).min(parts.len());
                let before: usize = parts[..index].iter().map(|part| self.count(*part)).sum();
                let own = parts.get(index).map_or(0, |part| self.count(*part));
                at.slots.iter().skip(before).take(own).copied().collect()
            }
            (Projection::Field(index, _), TyKind::Adt(adt, args)) => {
                match self.field(*adt, *args, &at.slots, variant, *index as usize) {
                    Some(field) => field.slots,
                    None => smallvec![],
                }
            }
            // What an object holds lives for ever.
            (Projection::Object(..), _) => smallvec![Region::REQUIRED; self.count(ty)],
            _ => smallvec![],
        };
        match slots.len() == self.count(ty) {
            true => RTy { ty, slots },
            false => RTy {
                ty,
                slots: self.fresh_slots(ty),
            },
        }
    }

    pub(super) fn operand(&mut self, operand: &Operand) -> RTy {
        match operand {
            Operand::Copy(place) | Operand::Move(place) => self.place(place),
            Operand::Const(constant) => {
                let slots = self.fresh_slots(constant.ty);
                // What a static's address leads to lives for ever, and so must what is put there.
                if let ConstKind::StaticAddr(_) = constant.kind {
                    let fixed = slots.iter().map(|_| Region::REQUIRED).collect();
                    return RTy {
                        ty: constant.ty,
                        slots: fixed,
                    };
                }
                RTy {
                    ty: constant.ty,
                    slots,
                }
            }
        }
    }
}

/// The signature's lifetimes of a body's owner.
pub(super) fn owner_lives(db: &dyn Db, owner: BodyOwner) -> Option<&crate::lifetimes::FnLives> {
    match owner {
        BodyOwner::Func(func) => Some(crate::lifetimes::fn_lives(db, func)),
        _ => None,
    }
}
