//! Closures where they are made, called and passed on.

use base::Db;
use hir_def::{FuncId, GenericDef};
use hir_ty::{Ty, TyKind};

use super::closures::Flows;
use super::region::{RTy, Region, Regions, Subst};
use crate::data::*;
use crate::diagnostics::MirDiagnostic;
use crate::lifetimes::{Life, slot_count};

/// What a closure captured may flow together in a call, whoever makes it.
pub(super) fn made(regions: &mut Regions<'_>, value: &RTy) {
    let closures = regions.closures;
    let Some((_, flows)) = closures.of_ty(value.ty) else {
        return;
    };
    let capture = |slot: usize| value.slots.get(slot - flows.first_capture()).copied();
    for flow in &flows.all {
        if !flows.is_capture(flow.from) {
            continue;
        }
        let to = match flow.to {
            Some(to) if flows.is_capture(to) => capture(to),
            Some(_) => None,
            None => Some(Region::REQUIRED),
        };
        if let (Some(from), Some(to)) = (capture(flow.from), to) {
            regions.edge(from, to);
        }
    }
}

/// A closure is called through its own type. Whether it is known what that does.
pub(super) fn called(
    regions: &mut Regions<'_>,
    closure: Ty,
    passed: &[RTy],
    is_lent: bool,
    dest: &RTy,
) -> bool {
    let closures = regions.closures;
    let (Some((_, flows)), Some((env, args))) = (closures.of_ty(closure), passed.split_first())
    else {
        return false;
    };
    let args: Vec<Region> = args.iter().flat_map(|arg| &arg.slots).copied().collect();
    let captures = env.slots.get(usize::from(is_lent)..).unwrap_or(&[]);
    let fits = args.len() == flows.params
        && captures.len() == flows.captures
        && (dest.slots.len() == flows.results || dest.slots.is_empty());
    if !fits {
        return false;
    }
    let slot = |slot: usize| {
        if slot < flows.results {
            dest.slots.get(slot)
        } else if flows.is_param(slot) {
            args.get(slot - flows.first_param())
        } else if flows.is_capture(slot) {
            captures.get(slot - flows.first_capture())
        } else if is_lent {
            env.slots.first()
        } else {
            None
        }
    };
    for flow in &flows.all {
        let to = match flow.to {
            Some(to) => slot(to),
            None => Some(&Region::REQUIRED),
        };
        if let (Some(from), Some(to)) = (slot(flow.from), to) {
            regions.edge(*from, *to);
        }
    }
    true
}

/// The arguments of a call that are closures, or `func` values made of one: what the callee's
/// declaration says of their parameters.
pub(super) fn passed_to(
    regions: &mut Regions<'_>,
    func: FuncId,
    (pattern, arg): (Ty, &Operand),
    subst: &Subst,
) {
    let db = regions.db;
    let declared = match pattern.kind(db) {
        TyKind::Func { params, ret } => Some((params.to_vec(), *ret)),
        TyKind::Param(_) => bound_sig(db, func, pattern),
        _ => None,
    };
    if let Some((params, ret)) = declared {
        passed_as(regions, arg, (&params, ret), subst);
    }
}

/// A closure goes where the declaration has a `func` with these parameters and this result.
pub(super) fn passed_as(
    regions: &mut Regions<'_>,
    arg: &Operand,
    (patterns, ret): (&[Ty], Ty),
    subst: &Subst,
) {
    let Some(value) = closure_of(regions, arg) else {
        return;
    };
    let closures = regions.closures;
    let Some((index, flows)) = closures.of_ty(value.ty) else {
        return;
    };
    if flows.all.is_empty() {
        return;
    }
    // What is left out between the brackets is chosen by each call.
    let anew = regions.fresh();
    let with_anew = Subst {
        base: subst.base.iter().copied().chain([anew]).collect(),
        args: subst.args.clone(),
        erased: subst.erased,
    };
    let life = Life::Bound(subst.base.len() as u32);
    let mut params: Vec<Region> = Vec::new();
    for pattern in patterns {
        let lives = vec![life; slot_count(regions.db, *pattern)];
        params.extend(regions.subst(*pattern, &lives, &with_anew).slots);
    }
    let lives = vec![life; slot_count(regions.db, ret)];
    let mut results = regions.subst(ret, &lives, &with_anew).slots;
    if results.len() != flows.results {
        results.clear();
    }
    if params.len() == flows.params {
        let outer = Outer {
            value: &value,
            params: &params,
            results: &results,
            anew,
        };
        relate(regions, (index, flows), &outer);
    }
}

/// `func` values that nothing declares: the lifetimes of their parameters are chosen by each call.
pub(super) fn passed_elsewhere(regions: &mut Regions<'_>) {
    let mut rest: Vec<(Local, Local)> = regions.reified.iter().map(|(a, b)| (*a, *b)).collect();
    rest.sort_unstable();
    for (func, _) in rest {
        if regions.declared.contains(&func) {
            continue;
        }
        let Some(value) = closure_of(regions, &Operand::Copy(func.into())) else {
            continue;
        };
        let closures = regions.closures;
        if let Some((index, flows)) = closures.of_ty(value.ty) {
            let anew = regions.fresh();
            let params = vec![anew; flows.params];
            let outer = Outer {
                value: &value,
                params: &params,
                results: &[],
                anew,
            };
            relate(regions, (index, flows), &outer);
        }
    }
}

/// What stands for the slots of a closure that is passed on.
struct Outer<'a> {
    value: &'a RTy,
    params: &'a [Region],
    results: &'a [Region],
    /// What each call chooses.
    anew: Region,
}

fn relate(regions: &mut Regions<'_>, (index, flows): (u32, &Flows), outer: &Outer<'_>) {
    let anew = outer.anew;
    let slot = |slot: usize| {
        let found = if slot < flows.results {
            outer.results.get(slot)
        } else if flows.is_param(slot) {
            outer.params.get(slot - flows.first_param())
        } else if flows.is_capture(slot) {
            outer.value.slots.get(slot - flows.first_capture())
        } else {
            None
        };
        found.copied()
    };
    for flow in &flows.all {
        if flows.gives_own(flow) {
            regions.leaks.push((index, *flow));
            continue;
        }
        let to = match flow.to {
            Some(to) if flows.owned_dyns.contains(&to) => Some(Region::REQUIRED),
            Some(to) => slot(to),
            None => Some(Region::REQUIRED),
        };
        let (Some(from), Some(to)) = (slot(flow.from), to) else {
            continue;
        };
        if from == anew && to != anew {
            regions.leaks.push((index, *flow));
        } else if to != anew {
            regions.edge(from, to);
        }
    }
}

/// The closure that an operand is, or that a `func` was made of.
fn closure_of(regions: &mut Regions<'_>, arg: &Operand) -> Option<RTy> {
    let local = arg.place().and_then(Place::as_local);
    if let Some(local) = local
        && let Some(closure) = regions.reified.get(&local).copied()
    {
        regions.declared.insert(local);
        let ty = regions.body.locals.get(closure)?.ty;
        let slots = regions.locals.get(closure).cloned().unwrap_or_default();
        return Some(RTy { ty, slots });
    }
    let value = regions.operand(arg);
    value.ty.as_closure(regions.db).is_some().then_some(value)
}

/// The parameters and the result that a bound of the family `Fn` gives a type parameter of a
/// function.
fn bound_sig(db: &dyn Db, func: FuncId, param: Ty) -> Option<(Vec<Ty>, Ty)> {
    let def = GenericDef::Func(func);
    let env = hir_ty::param_env(db, def).data(db);
    if let Some((_, func)) = env.funcs.iter().find(|(known, _)| *known == param)
        && let TyKind::Func { params, ret } = func.kind(db)
    {
        return Some((params.to_vec(), *ret));
    }
    let lang = hir_ty::lang_items(db, def.module(db).package(db));
    let bound = env
        .bounds
        .iter()
        .find(|bound| bound.self_ty(db) == param && lang.closure_kind(bound.behavior).is_some())?;
    let args = bound.args.ty(db, 1);
    let params = match args.kind(db) {
        TyKind::Tuple(parts) => parts.to_vec(),
        _ => vec![args],
    };
    let result = env.equal.iter().find(|(projection, _)| {
        lang.closure_kind(projection.behavior).is_some() && projection.args.ty(db, 0) == param
    });
    Some((params, result.map_or(Ty::unit(db), |(_, ty)| *ty)))
}

/// E032: parameters of closures that are stored although each call chooses how long they live.
pub(super) fn leaks(regions: &Regions<'_>) -> Vec<MirDiagnostic> {
    let db = regions.db;
    let mut found = Vec::new();
    for (index, flow) in &regions.leaks {
        let closures = regions.closures;
        let Some(body) = closures.body(*index) else {
            continue;
        };
        // Whose slot it is: the parameters' come last.
        let mut end = super::closures::outer_count(db, body) as usize;
        let mut param = None;
        for local in body.args().rev() {
            let Some(decl) = body.locals.get(local) else {
                continue;
            };
            end -= slot_count(db, decl.ty);
            if end <= flow.from {
                // The first is the closure itself.
                param = (local != Local(1)).then_some(decl);
                break;
            }
        }
        let finding = MirDiagnostic::ParamStored {
            param: param.and_then(|decl| decl.name.clone()).unwrap_or_default(),
            declared: param.map_or(SourceInfo::BODY, |decl| decl.source),
            source: flow.source,
        };
        if !found.contains(&finding) {
            found.push(finding);
        }
    }
    found
}
