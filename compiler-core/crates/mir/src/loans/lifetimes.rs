//! What flows between the lifetimes of a signature: E032, and E033 for those that must be
//! `static`.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::region::{Region, Regions, Why};
use super::solve::Graph;
use crate::data::*;
use crate::diagnostics::{MirDiagnostic, Side};
use crate::lifetimes::{FnLives, Life, for_each_part, own_slots};

pub(super) fn check(
    regions: &Regions<'_>,
    graph: &Graph,
    lives: Option<&FnLives>,
) -> Vec<MirDiagnostic> {
    let Some(lives) = lives else {
        return Vec::new();
    };
    // Edges into lifetimes of the signature, but for those from others of it, are rare.
    let wanted = regions
        .edges
        .iter()
        .any(|edge| regions.is_universal(edge.to));
    if !wanted {
        return Vec::new();
    }
    let known = Known::new(regions, lives);
    let mut found = Vec::new();
    let mut sources: BTreeSet<(u32, u32)> = BTreeSet::new();
    for from in regions.bound() {
        let reach = graph.reach(regions, from);
        let all = (0..regions.universals).map(Region);
        for to in all.filter(|to| *to != from && reach.contains(*to)) {
            if regions.is_param(to) || known.contains(from, to) {
                continue;
            }
            // One finding per pair; `static` and "must be static" are one.
            if !sources.insert((from.0, to.0.max(1))) {
                continue;
            }
            let path = graph.path(regions, from, to);
            let edges = || path.iter().filter_map(|index| regions.edges.get(*index));
            let passes_other = edges()
                .any(|edge| edge.to != to && edge.to != from && regions.is_universal(edge.to));
            if passes_other {
                continue;
            }
            let Some(last) = edges().last() else { continue };
            let blamed = edges()
                .rev()
                .find(|edge| edge.source != SourceInfo::BODY)
                .unwrap_or(last);
            // What a box holds must live for ever wherever the box goes.
            let is_boxed = edges().any(|edge| edge.why == Why::Box);
            let is_result = !is_boxed && edges().any(|edge| edge.why == Why::Return);
            let code = match to.0 < Region::FIRST_BOUND && !is_result {
                true => "E033",
                false => "E032",
            };
            found.push(MirDiagnostic::ShortLifetime {
                code,
                from: name(lives, from),
                to: name(lives, to),
                source: blamed.source,
                is_result,
                params: [(from, Side::From), (to, Side::To)]
                    .into_iter()
                    .filter_map(|(region, side)| param_with(regions, lives, region, side))
                    .collect(),
            });
        }
    }
    found
}

/// The parameter that shows a lifetime of the signature.
fn param_with(
    regions: &Regions<'_>,
    lives: &FnLives,
    region: Region,
    side: Side,
) -> Option<(SmolStr, SourceInfo, Side)> {
    let life = Life::Bound(region.0.checked_sub(Region::FIRST_BOUND)?);
    let index = lives
        .params
        .iter()
        .position(|lives| lives.contains(&life))?;
    let decl = regions.body.locals.get(Local(index as u32 + 1))?;
    Some((decl.name.clone()?, decl.source, side))
}

/// The declared name of a lifetime; empty if it has none.
pub(super) fn name(lives: &FnLives, region: Region) -> SmolStr {
    if region.0 < Region::FIRST_BOUND {
        return SmolStr::new_static("static");
    }
    let life = Life::Bound(region.0 - Region::FIRST_BOUND);
    let found = lives.names.iter().find(|(_, known)| *known == life);
    found.map(|(name, _)| name.clone()).unwrap_or_default()
}

/// Pairs of lifetimes of which the first is known to live at least as long as the second:
/// declared, or because a reference to something implies it.
pub(super) struct Known(BTreeSet<(u32, u32)>);

impl Known {
    pub(super) fn new(regions: &Regions<'_>, lives: &FnLives) -> Known {
        let db = regions.db;
        // What a closure sees of the signature are its type parameters.
        let is_closure = regions.body.closure.is_some();
        let number = |life: Life| match life {
            Life::Static => Some(Region::STATIC.0),
            Life::Bound(_) if is_closure => None,
            Life::Bound(index) => Some(Region::FIRST_BOUND + index),
            Life::Param(index) => Some(regions.param(index).0),
            Life::Erased => None,
        };
        let mut known = BTreeSet::new();
        let mut add = |longer: Life, shorter: Life| {
            if let (Some(longer), Some(shorter)) = (number(longer), number(shorter)) {
                known.insert((longer, shorter));
            }
        };
        for (longer, shorter) in &lives.outlives {
            add(*longer, *shorter);
        }
        for (param, life) in &lives.type_bounds {
            add(Life::Param(*param), *life);
        }
        if let Some(captured) = lives.captured {
            for param in regions.params() {
                add(Life::Param(regions.param_index(param)), captured);
            }
        }
        if let hir_def::BodyOwner::Func(func) = regions.body.owner {
            let sig = hir_ty::fn_type(db, func);
            let all = sig.all_params(db).zip(&lives.params);
            for (ty, slots) in all.chain([(sig.ret, &lives.ret)]) {
                let slots = &mut slots.iter();
                implied(db, ty, slots, &mut Vec::new(), &mut |outer, inner| {
                    add(inner, outer);
                });
            }
        }
        Known::closed(known)
    }

    /// What follows from some pairs.
    pub(super) fn closed(mut known: BTreeSet<(u32, u32)>) -> Known {
        // Closed under "and therefore"; the lifetimes of one signature are few.
        loop {
            let mut more = Vec::new();
            for (a, b) in &known {
                for (_, d) in known.range((*b, 0)..(*b + 1, 0)) {
                    if a != d && !known.contains(&(*a, *d)) {
                        more.push((*a, *d));
                    }
                }
            }
            if more.is_empty() {
                return Known(known);
            }
            known.extend(more);
        }
    }

    /// Whether one outlives another.
    pub(super) fn contains(&self, longer: Region, shorter: Region) -> bool {
        self.0.contains(&(longer.0, Region::STATIC.0)) || self.0.contains(&(longer.0, shorter.0))
    }
}

/// What lies behind a reference outlives it.
pub(super) fn implied<L: Copy>(
    db: &dyn base::Db,
    ty: hir_ty::Ty,
    slots: &mut std::slice::Iter<'_, L>,
    around: &mut Vec<L>,
    f: &mut dyn FnMut(L, L),
) {
    let before = around.len();
    for _ in 0..own_slots(db, ty) {
        let Some(slot) = slots.next() else { return };
        around
            .iter()
            .take(before)
            .for_each(|outer| f(*outer, *slot));
        if ty.as_ref(db).is_some() {
            around.push(*slot);
        }
    }
    let mut parts = Vec::new();
    for_each_part(db, ty, &mut |part, _| parts.push(part));
    for part in parts {
        implied(db, part, slots, around, f);
    }
    around.truncate(before);
}
