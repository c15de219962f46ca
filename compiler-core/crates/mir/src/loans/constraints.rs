//! What statements demand of regions, and the loans that they make.

use hir_def::{AdtId, BodyOwner, GenericDef, VariantDef};
use hir_ty::{GenericArgs, Ty, TyKind};
use stdx::DenseMap;

use super::params::implied_lives;
use super::points::{Point, Points};
use super::region::{RTy, Region, Regions, Slots, Subst, Why, owner_lives};
use super::{closures, passed};
use crate::data::*;
use crate::lifetimes::{Life, fn_lives};
use crate::tys;

stdx::define_index!(
    /// A borrow of a place that the body owns or holds exclusively.
    pub(crate) struct LoanId, "loan");

pub(super) struct Loan {
    pub(super) region: Region,
    pub(super) place: Place,
    pub(super) kind: BorrowKind,
    pub(super) at: Point,
    pub(super) source: SourceInfo,
    /// Where a two-phase borrow becomes exclusive.
    pub(super) activation: Option<Point>,
}

/// Gives all locals their regions and walks the body.
pub(super) fn generate(
    regions: &mut Regions<'_>,
    points: &Points,
    body: &Body,
) -> DenseMap<LoanId, Loan> {
    declare_locals(regions, body);
    let mut loans = DenseMap::new();
    for (id, block) in body.blocks.iter() {
        for (index, statement) in block.statements.iter().enumerate() {
            regions.source = statement.source;
            let at = points.write(id, index);
            match &statement.kind {
                StatementKind::Assign(place, rvalue) => {
                    assign(regions, body, place, rvalue, at, &mut loans);
                }
                StatementKind::Replace(place, value, _) => {
                    let to = regions.place(place);
                    let from = regions.operand(value);
                    regions.why = why_into(place);
                    regions.flow(&from, &to);
                }
                _ => {}
            }
        }
        regions.source = block.terminator.source;
        if let TerminatorKind::Call {
            callee,
            args,
            destination,
            ..
        } = &block.terminator.kind
        {
            call(regions, callee, args, destination);
        }
    }
    passed::passed_elsewhere(regions);
    activations(points, body, &mut loans);
    loans
}

fn declare_locals(regions: &mut Regions<'_>, body: &Body) {
    let db = regions.db;
    // A closure has no signature of its own: its lifetimes are whatever its uses make them.
    let is_closure = body.closure.is_some();
    let lives = owner_lives(db, body.owner).filter(|_| !is_closure);
    let mut arg_patterns = Vec::new();
    let mut ret = None;
    if let (BodyOwner::Func(func), Some(lives)) = (body.owner, lives) {
        let sig = hir_ty::fn_type(db, func);
        arg_patterns.extend(sig.all_params(db).zip(&lives.params));
        ret = Some((sig.ret, &lives.ret));
    }
    let identity = Subst {
        base: regions.bound(),
        args: Vec::new(),
        erased: None,
    };
    let mut bound_args: Vec<(Local, RTy)> = Vec::new();
    for (local, decl) in body.locals.iter() {
        let slots = match (decl.kind, ret) {
            (LocalKind::Return, Some((pattern, lives))) => {
                let rty = regions.subst(pattern, lives, &identity);
                regions.why = Why::Return;
                regions.result_slots(&rty, decl.ty)
            }
            // Closures, constants and statics.
            (LocalKind::Return, None) => {
                let outside = |index: u32| match is_closure {
                    true => Region(Region::FIRST_BOUND + index),
                    false => Region::REQUIRED,
                };
                regions.outer_slots(decl.ty, &outside)
            }
            (LocalKind::Arg, _) => {
                let index = (local.0 as usize).wrapping_sub(1);
                if is_closure {
                    let first = closures::outer_slots_before(db, body, local);
                    let outside = |index: u32| Region(Region::FIRST_BOUND + first + index);
                    let slots = regions.outer_slots(decl.ty, &outside);
                    bound_args.push((local, RTy { ty: decl.ty, slots }));
                } else if let Some((pattern, lives)) = arg_patterns.get(index) {
                    let rty = regions.subst(*pattern, lives, &identity);
                    bound_args.push((local, rty));
                }
                regions.fresh_slots(decl.ty)
            }
            _ => regions.fresh_slots(decl.ty),
        };
        regions.locals.push(slots);
    }
    // A parameter is a variable that begins with what was passed: assigning something shorter to
    // it later is no error.
    regions.why = Why::Argument;
    for (local, rty) in bound_args {
        let Some(decl) = body.locals.get(local) else {
            continue;
        };
        let to = RTy {
            ty: decl.ty,
            slots: regions.locals.get(local).cloned().unwrap_or_default(),
        };
        regions.source = SourceInfo::BODY;
        if rty.ty == to.ty {
            regions.flow(&rty, &to);
        }
    }
}

fn why_into(place: &Place) -> Why {
    match place.local {
        Local::RETURN => Why::Return,
        _ => Why::Assign,
    }
}

fn assign(
    regions: &mut Regions<'_>,
    body: &Body,
    place: &Place,
    rvalue: &Rvalue,
    at: Point,
    loans: &mut DenseMap<LoanId, Loan>,
) {
    let to = regions.place(place);
    if to.slots.is_empty() && !matches!(rvalue, Rvalue::Ref(..)) {
        return;
    }
    regions.why = why_into(place);
    match rvalue {
        Rvalue::Use(value) | Rvalue::Repeat(value, _) => {
            let from = regions.operand(value);
            match rvalue {
                Rvalue::Repeat(..) => regions.flow_loosely(&from, &to),
                _ => regions.flow(&from, &to),
            }
        }
        Rvalue::Ref(kind, borrowed) => {
            borrow(regions, body, &to, *kind, borrowed, at, loans);
        }
        Rvalue::AddrOf(borrowed) => {
            let from = regions.place(borrowed);
            regions.flow_loosely(&from, &to);
            let back = RTy {
                ty: from.ty,
                slots: to.slots,
            };
            regions.flow_loosely(&back, &from);
        }
        Rvalue::Cast(kind, value, _) => {
            let from = regions.operand(value);
            if *kind == CastKind::BoxDyn {
                regions.why = Why::Box;
            }
            if *kind == CastKind::ReifyFunc
                && let (Some(func), Some(from)) = (place.as_local(), value.place())
                && let Some(closure) = from.as_local()
            {
                regions.reified.insert(func, closure);
            }
            regions.flow(&from, &to);
        }
        Rvalue::Aggregate(kind, values) => {
            aggregate(regions, &to, kind, values);
            if let AggregateKind::Closure(..) = kind {
                passed::made(regions, &to);
            }
        }
        _ => {}
    }
}

fn aggregate(regions: &mut Regions<'_>, to: &RTy, kind: &AggregateKind, values: &[Operand]) {
    let mut rest: &[Region] = &to.slots;
    for (index, value) in values.iter().enumerate() {
        let from = regions.operand(value);
        let field = match kind {
            AggregateKind::Array(element) => Some(RTy {
                ty: *element,
                slots: to.slots.clone(),
            }),
            AggregateKind::Tuple | AggregateKind::Closure(..) => {
                let count = regions.count(from.ty).min(rest.len());
                let (own, after) = rest.split_at(count);
                rest = after;
                Some(RTy {
                    ty: from.ty,
                    slots: own.into(),
                })
            }
            AggregateKind::Adt(variant, args) => {
                let nth = match variant {
                    VariantDef::Variant(id) => id.index as usize,
                    _ => 0,
                };
                func_field(
                    regions,
                    (variant.adt(), *args),
                    &to.slots,
                    (nth, index),
                    value,
                );
                regions.field(variant.adt(), *args, &to.slots, nth, index)
            }
            AggregateKind::Union(union, field, args) => {
                let adt = AdtId::Union(*union);
                regions.field(adt, *args, &to.slots, 0, *field as usize)
            }
        };
        if let Some(field) = field {
            regions.flow(&from, &field);
        }
    }
}

/// A closure becomes the `func` in a field.
fn func_field(
    regions: &mut Regions<'_>,
    (adt, args): (AdtId, GenericArgs),
    slots: &[Region],
    (variant, field): (usize, usize),
    value: &Operand,
) {
    let db = regions.db;
    let fields = hir_ty::signature::adt_fields(db, adt).value.get(variant);
    if let Some(pattern) = fields.and_then(|fields| fields.get(field))
        && let TyKind::Func { params, ret } = pattern.kind(db)
    {
        let subst = regions.adt_subst(adt, args, slots);
        passed::passed_as(regions, value, (params, *ret), &subst);
    }
}

fn borrow(
    regions: &mut Regions<'_>,
    body: &Body,
    to: &RTy,
    kind: BorrowKind,
    place: &Place,
    at: Point,
    loans: &mut DenseMap<LoanId, Loan>,
) {
    let db = regions.db;
    let region = regions.fresh();
    let Some(first) = to.slots.first().copied() else {
        return;
    };
    let inner = regions.place(place);
    regions.edge(region, first);
    let behind: Slots = to.slots.iter().skip(1).copied().collect();
    let target = to.ty.as_ref(db).map_or(inner.ty, |(_, target)| target);
    let target = RTy {
        ty: target,
        slots: behind,
    };
    regions.flow(&inner, &target);
    if kind.is_mutable() {
        regions.flow(&target, &inner);
    }
    // Made from another reference: that one lives as long. Behind a shared one there is nothing
    // to protect; a pointer's target is its user's business.
    let mut protected = true;
    regions.why = Why::Reborrow;
    for len in (0..place.projection.len()).rev() {
        match place.projection.get(len) {
            Some(Projection::Deref) => {}
            // What objects hold is guarded at run time; what is reached through one variable
            // that stays what it is, here, too.
            Some(Projection::Object(..)) => {
                protected = is_visible(body, place);
                let source = regions.source;
                regions.into_objects.push((region, source));
                break;
            }
            _ => continue,
        }
        let base = Place {
            local: place.local,
            projection: place.projection.iter().take(len).cloned().collect(),
        };
        let base = regions.place(&base);
        match base.ty.as_ref(db) {
            Some((mutable, _)) => {
                if let Some(origin) = base.slots.first() {
                    regions.edge(*origin, region);
                }
                if !mutable {
                    protected = false;
                    break;
                }
            }
            None => {
                protected = false;
                break;
            }
        }
    }
    // What is borrowed through an open access ends with it.
    if is_access(regions, body, place) {
        loans.push(Loan {
            region,
            place: Place::local(place.local),
            kind: BorrowKind::Shared,
            at,
            source: regions.source,
            activation: None,
        });
    }
    // Not even a shared borrow further out is looked at twice.
    protected &= !through_unprotected(regions, body, place) || is_visible(body, place);
    if protected {
        loans.push(Loan {
            region,
            place: place.clone(),
            kind,
            at,
            source: regions.source,
            activation: None,
        });
    }
}

/// Whether a path is a field of an object that a variable leads to which never changes.
fn is_visible(body: &Body, place: &Place) -> bool {
    let Some((Projection::Object(..), rest)) = place.projection.split_first() else {
        return false;
    };
    let is_own =
        |step: &Projection| matches!(step, Projection::Field(..) | Projection::Downcast(_));
    let decl = body.locals.get(place.local);
    let is_named = decl.is_some_and(|decl| {
        decl.kind == LocalKind::Arg || decl.kind == LocalKind::Var && !decl.mutable
    });
    is_named && rest.iter().all(is_own)
}

/// Whether a place lies behind the guard of an access.
fn is_access(regions: &Regions<'_>, body: &Body, place: &Place) -> bool {
    let decl = body.locals.get(place.local);
    !place.projection.is_empty()
        && decl.is_some_and(|decl| tys::is_access(regions.db, body, decl.ty))
}

/// Whether a path goes through something that no loan protects.
fn through_unprotected(regions: &Regions<'_>, body: &Body, place: &Place) -> bool {
    let db = regions.db;
    let Some(decl) = body.locals.get(place.local) else {
        return true;
    };
    let mut ty: Ty = decl.ty;
    for step in &place.projection {
        if let Projection::Object(..) = step {
            return true;
        }
        if let Projection::Deref = step
            && !matches!(ty.kind(db), TyKind::Ref { mutable: true, .. })
        {
            return true;
        }
        ty = tys::step_ty(db, ty, step);
    }
    false
}

fn call(regions: &mut Regions<'_>, callee: &Callee, args: &[Operand], destination: &Place) {
    let dest = regions.place(destination);
    let passed: Vec<RTy> = args.iter().map(|arg| regions.operand(arg)).collect();
    let has_slots = passed.iter().any(|arg| !arg.slots.is_empty()) || !dest.slots.is_empty();
    let holds =
        |regions: &Regions<'_>, arg: &RTy| arg.slots.iter().any(|slot| !regions.is_param(*slot));
    let why_dest = why_into(destination);
    let dyns = crate::lifetimes::owned_dyns(regions.db, dest.ty);
    let given = dest.slots.iter().zip(dyns);
    let given: Slots = given
        .filter(|(_, is_dyn)| !is_dyn)
        .map(|(slot, _)| *slot)
        .collect();
    match callee {
        Callee::Func(func, generic) | Callee::Exact(func, generic) => {
            if has_slots || regions_of_args(regions, *generic) {
                call_func(regions, (*func, *generic), (args, &passed), &dest, why_dest);
            }
        }
        Callee::Value(value) => {
            let value = regions.operand(value);
            if let TyKind::FnItem(func, generic) = *value.ty.kind(regions.db) {
                return call_func(regions, (func, generic), (args, &passed), &dest, why_dest);
            }
            // As elision has it: from the arguments, or else from what was captured.
            regions.why = why_dest;
            let from_args = passed.iter().any(|arg| holds(regions, arg));
            if from_args {
                for arg in &passed {
                    everything_into(regions, &arg.slots, &given);
                }
                let result = value.slots.get(1..).unwrap_or(&[]);
                everything_into(regions, result, &given);
            } else {
                everything_into(regions, &value.slots, &given);
            }
        }
        Callee::Callable(kind, of) => {
            regions.why = why_dest;
            let is_lent = matches!(kind, hir_ty::ClosureKind::Fn | hir_ty::ClosureKind::FnMut);
            if passed::called(regions, *of, &passed, is_lent, &dest) {
                return;
            }
            let (receiver, args) = match passed.split_first() {
                Some((receiver, args)) => (&receiver.slots[..], args),
                None => (&[][..], &[][..]),
            };
            let captured = receiver.get(usize::from(is_lent)..).unwrap_or(&[]);
            if args.iter().any(|arg| holds(regions, arg)) {
                for arg in args {
                    everything_into(regions, &arg.slots, &given);
                }
            } else {
                everything_into(regions, captured, &given);
            }
        }
        Callee::Poll(_) => {
            regions.why = why_dest;
            for arg in &passed {
                let held = arg.slots.get(1..).unwrap_or(&[]);
                everything_into(regions, held, &dest.slots);
            }
        }
        Callee::Lang(_) | Callee::StructuralEq(_) => {}
    }
}

fn regions_of_args(regions: &mut Regions<'_>, args: GenericArgs) -> bool {
    let tys: Vec<Ty> = args.types(regions.db).collect();
    tys.into_iter().any(|ty| regions.count(ty) > 0)
}

/// Any reference may go anywhere. What type parameters hold stays in values of their types.
fn everything_into(regions: &mut Regions<'_>, from: &[Region], to: &[Region]) {
    for from in from {
        if !regions.is_param(*from) {
            to.iter().for_each(|to| regions.edge(*from, *to));
        }
    }
}

fn call_func(
    regions: &mut Regions<'_>,
    (func, generic): (hir_def::FuncId, GenericArgs),
    (operands, passed): (&[Operand], &[RTy]),
    dest: &RTy,
    why_dest: Why,
) {
    let db = regions.db;
    let lives = fn_lives(db, func);
    let sig = hir_ty::fn_type(db, func);
    let base: Vec<Region> = (0..lives.count).map(|_| regions.fresh()).collect();
    let subst = regions.fresh_args(base, generic);
    regions.why = Why::Argument;
    regions.relate_object(&subst);
    regions.relate_behavior(func, &subst);
    regions.relate_bounds(GenericDef::Func(func), &subst);
    for arg in sig.all_params(db).zip(operands) {
        passed::passed_to(regions, func, arg, &subst);
    }
    let patterns = sig.all_params(db).zip(&lives.params);
    for ((pattern, lives), arg) in patterns.zip(passed) {
        if arg.slots.is_empty() {
            continue;
        }
        let param = regions.subst(pattern, lives, &subst);
        regions.flow(arg, &param);
    }
    if !dest.slots.is_empty() {
        regions.why = why_dest;
        let ret = regions.subst(sig.ret, &lives.ret, &subst);
        regions.flow(&ret, dest);
    }
    regions.why = Why::Demand;
    for (longer, shorter) in &lives.outlives {
        let longer = regions.life(*longer, &subst.base);
        let shorter = demanded(regions, *shorter, &subst.base);
        regions.edge(longer, shorter);
    }
    if let (Some(stored), Some(Some(this))) = (lives.stored, subst.args.first()) {
        let stored = regions.life(stored, &subst.base);
        // A view may show less than what it leads to holds.
        let is_view = matches!(this.ty.kind(db), TyKind::Dyn(_) | TyKind::Object(_));
        for slot in &this.slots {
            match is_view || regions.is_param(*slot) {
                true => regions.edge(stored, Region::REQUIRED),
                false => regions.edge(stored, *slot),
            }
        }
    }
    // What is passed may be captured by what comes back.
    if let Some(life) = lives.captured {
        let to = regions.life(life, &subst.base);
        for slot in passed.iter().flat_map(|arg| &arg.slots) {
            regions.edge(*slot, to);
        }
    }
    let implied: &[(u32, Life)] =
        match regions.sees_bodies && subst.args.iter().flatten().any(has_slots) {
            true => implied_lives(db, func),
            false => &[],
        };
    for (index, life) in lives.type_bounds.iter().chain(implied) {
        let Some(Some(arg)) = subst.args.get(*index as usize) else {
            continue;
        };
        let to = demanded(regions, *life, &subst.base);
        for slot in &arg.slots {
            regions.edge(*slot, to);
        }
    }
}

fn has_slots(arg: &RTy) -> bool {
    !arg.slots.is_empty()
}

fn demanded(regions: &mut Regions<'_>, life: Life, base: &[Region]) -> Region {
    match life {
        Life::Static => Region::REQUIRED,
        other => regions.life(other, base),
    }
}

/// Finds where two-phase borrows are used: they are made for one call.
fn activations(points: &Points, body: &Body, loans: &mut DenseMap<LoanId, Loan>) {
    for loan in loans.values_mut() {
        if loan.kind != BorrowKind::TwoPhase {
            continue;
        }
        let (block, statement, _) = points.place(loan.at);
        let temp =
            body.blocks
                .get(block)
                .and_then(|block| match &block.statements.get(statement)?.kind {
                    StatementKind::Assign(place, _) => place.as_local(),
                    _ => None,
                });
        let Some(temp) = temp else { continue };
        loan.activation = first_use(points, body, temp, loan.at);
    }
}

fn first_use(points: &Points, body: &Body, temp: Local, after: Point) -> Option<Point> {
    let mut seen = points.empty();
    let mut waiting = vec![after];
    while let Some(point) = waiting.pop() {
        let mut found = None;
        points.successors(body, point, &mut |next| {
            if seen.contains(next) {
                return;
            }
            seen.set(next, true);
            let (block, statement, _) = points.place(next);
            let mut uses = false;
            points.touches(body, next, &mut |local, touch| {
                uses |= local == temp && touch == super::points::Touch::Use;
            });
            if uses {
                // A call looks at its operands first, and is entered then.
                found = Some(points.write(block, statement));
            } else {
                waiting.push(next);
            }
        });
        if found.is_some() {
            return found;
        }
    }
    None
}
