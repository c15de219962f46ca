//! The borrow checker: loans, and the lifetimes of a signature against its body.
//!
//! [`region`] gives every variable's type regions and [`constraints`] says how they flow and
//! which loans are made; [`solve`] finds where each loan is in scope; [`check`] looks at every
//! access there, and [`lifetimes`] at what flows between the lifetimes of the signature.
//!
//! Precise to the place path (`a.b`), not to the element; what raw pointers and objects of
//! classes lead to is not tracked. Types that contain each other, and lifetimes of associated
//! types of types with several, are not tracked either: the checker accepts there.

mod bounds;
mod check;
mod closures;
mod conflict;
mod constraints;
mod implements;
mod lifetimes;
mod params;
mod passed;
mod points;
mod region;
mod solve;
mod trivial;

use base::Db;
use stdx::DenseMap;

use crate::data::*;
use crate::diagnostics::MirDiagnostic;
use crate::lifetimes::adt::{DropMode, Dropped, dropped_slots};
use crate::moves::dataflow::Flow;
use crate::moves::paths::MovePaths;
pub(crate) use closures::Closures;
pub(crate) use implements::check_declarations;
use points::Points;
use region::{Region, Regions, owner_lives};
use solve::Graph;

/// All findings about loans and lifetimes of a body.
pub(crate) fn check_loans<'a>(
    closures: &'a Closures<'a>,
    body: &'a Body,
    hir: &hir_def::body::Body,
    flow: (&MovePaths, &Flow),
) -> Vec<MirDiagnostic> {
    let db = closures.db;
    let lives = owner_lives(db, body.owner).filter(|_| body.closure.is_none());
    let mut found = Vec::new();
    if lives.is_some_and(|lives| lives.ambiguous) {
        // What the result borrows from is not known, so nothing more is said about it.
        if is_method_of_object(db, body) {
            let source = SourceInfo::BODY;
            return vec![MirDiagnostic::ObjectLeaves { source }];
        }
        return vec![MirDiagnostic::AmbiguousLifetime];
    }
    let has_lives = lives.is_some_and(|lives| lives.count > 0);
    if !borrows(body) && !has_lives && !params::has_params(db, body.owner) {
        return found;
    }
    found.extend(owned_loans(db, body));
    if trivial::is_trivial(closures, body, true) {
        return found;
    }
    let points = Points::new(db, body);
    let bound = bound_count(db, body, lives);
    let mut regions = Regions::new(closures, body, bound);
    let loans = constraints::generate(&mut regions, &points, body);
    let graph = Graph::new(&regions);
    if !loans.is_empty() {
        let live = solve::liveness(&mut regions, &points, flow);
        let extents = solve::extents(&regions, &graph, &points, &live, &loans);
        let checker =
            check::Checker::new(&regions, &graph, &points, &live, (&loans, &extents), hir);
        found.extend(checker.check());
    }
    found.extend(lifetimes::check(&regions, &graph, lives));
    if let (hir_def::BodyOwner::Func(func), Some(lives)) = (body.owner, owner_lives(db, body.owner))
    {
        found.extend(params::check(&regions, &graph, lives, func));
    }
    found.extend(passed::leaks(&regions));
    for (region, source) in &regions.into_objects {
        let reached = graph.reach(&regions, *region);
        let leaves = (0..regions.universals).any(|it| reached.contains(Region(it)));
        let finding = MirDiagnostic::ObjectLeaves { source: *source };
        if leaves && !found.contains(&finding) {
            found.push(finding);
        }
    }
    found
}

/// Number of lifetimes around a body.
fn bound_count(db: &dyn Db, body: &Body, lives: Option<&crate::lifetimes::FnLives>) -> u32 {
    match body.closure {
        Some(_) => closures::outer_count(db, body),
        None => lives.map_or(0, |lives| lives.count),
    }
}

/// B012: closures that become a `func` while they own something whose drop would look at a
/// borrowed place (reference §5.5): nothing says when the last copy of a `func` goes.
fn owned_loans(db: &dyn Db, body: &Body) -> Vec<MirDiagnostic> {
    let mut found = Vec::new();
    for statement in body.blocks.values().flat_map(|block| &block.statements) {
        let StatementKind::Assign(_, Rvalue::Cast(CastKind::ReifyFunc, value, _)) = &statement.kind
        else {
            continue;
        };
        let ty = crate::tys::operand_ty(db, body, value);
        let slots = vec![(); crate::lifetimes::slot_count(db, ty)];
        let mut looks = false;
        dropped_slots(db, ty, &mut slots.iter(), DropMode::Drop, &mut |part| {
            looks |= matches!(part, Dropped::Slot(()));
        });
        if looks {
            let source = statement.source;
            found.push(MirDiagnostic::OwnedLoan { source });
        }
    }
    found
}

/// Whether the only thing that a result could borrow from is the object of the method.
fn is_method_of_object(db: &dyn Db, body: &Body) -> bool {
    match body.owner {
        hir_def::BodyOwner::Func(func) => {
            matches!(func.container(db), hir_def::ContainerId::Class(_))
                && hir_ty::fn_type(db, func).receiver.is_some()
        }
        _ => false,
    }
}

/// Whether a reference is made anywhere, or a closure, which may store those that it is given.
fn borrows(body: &Body) -> bool {
    let mut statements = body.blocks.values().flat_map(|block| &block.statements);
    statements.any(|statement| match &statement.kind {
        StatementKind::Assign(_, Rvalue::Ref(..)) => true,
        StatementKind::Assign(_, Rvalue::Aggregate(kind, _)) => {
            matches!(kind, AggregateKind::Closure(..))
        }
        _ => false,
    })
}

type Loans = DenseMap<constraints::LoanId, constraints::Loan>;
