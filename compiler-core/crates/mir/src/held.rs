//! What an `async` body holds while it waits: values that are alive across an `await`.
//!
//! A value is alive if it may be there (it was given, not moved out, and has not ended) and
//! something later looks at it, or drops it. What is borrowed counts for as long as anything is
//! alive that may hold a loan. Threads care: a future that waits may go on in another one.

use base::Db;
use hir_def::BodyOwner;
use hir_ty::Ty;
use smol_str::SmolStr;
use stdx::DenseMap;

use crate::data::*;
use crate::lifetimes::life_count;
use crate::moves::bits::BitSet;
use crate::moves::dataflow::{Flow, predecessors};
use crate::moves::effects::{Effect, statement_effects, terminator_effects};
use crate::moves::paths::MovePaths;

/// A value that is alive across an `await`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub ty: Ty,
    /// `None` for a temporary.
    pub name: Option<SmolStr>,
    pub declared: SourceInfo,
    /// The first `await`, in order of blocks.
    pub at: SourceInfo,
}

/// What a body, and each of its closures and `async` blocks, holds across an `await`. Parameters
/// and captures are not among it: a future has them before it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldValues {
    pub own: Box<[Held]>,
    pub closures: Box<[Box<[Held]>]>,
}

/// Keyed by owner; read where a future of the body must be `Send` or `Sync`. Re-runs with its
/// MIR; an equal answer stops the change.
#[salsa::tracked]
pub fn held_values(db: &dyn Db, owner: BodyOwner) -> HeldValues {
    match &crate::queries::mir_built(db, owner).body {
        Ok(body) => HeldValues {
            own: held(db, body),
            closures: body.closures.iter().map(|it| held(db, it)).collect(),
        },
        Err(_) => HeldValues::default(),
    }
}

fn held(db: &dyn Db, body: &Body) -> Box<[Held]> {
    let stops: Vec<BlockId> = body
        .blocks
        .iter()
        .filter(|(_, block)| matches!(block.terminator.kind, TerminatorKind::Yield { .. }))
        .map(|(id, _)| id)
        // The first one comes before the body begins.
        .filter(|id| *id != BlockId::ENTRY)
        .collect();
    if stops.is_empty() {
        return Box::default();
    }
    let paths = MovePaths::new(body);
    let flow = Flow::new(body, &paths);
    let needed = needed_after(body);
    let borrowed = borrowed(body);
    let mut found: DenseMap<Local, Option<SourceInfo>> = DenseMap::filled(None, body.locals.len());
    for stop in stops {
        let (Some(block), Some(Some(entry))) = (body.blocks.get(stop), flow.entry.get(stop)) else {
            continue;
        };
        let mut state = entry.clone();
        for statement in &block.statements {
            statement_effects(&statement.kind, &mut |effect| state.apply(&paths, effect));
        }
        let is_there = |local: Local| {
            let path = paths.local(local);
            path.is_some_and(|path| {
                paths
                    .subtree(path)
                    .into_iter()
                    .any(|it| state.init.contains(it))
            })
        };
        let there: Vec<Local> = body.locals.keys().filter(|it| is_there(*it)).collect();
        let is_needed = |local: &Local| needed.get(stop).is_some_and(|it| it.contains(*local));
        let may_hold_loan = |local: &Local| {
            let ty = body.locals.get(*local).map(|decl| decl.ty);
            ty.is_some_and(|ty| life_count(db, ty) > 0 || has_pointer(db, ty))
        };
        let has_loans = there.iter().any(|it| is_needed(it) && may_hold_loan(it));
        for local in there {
            let is_alive = is_needed(&local) || has_loans && borrowed.contains(local);
            if let (true, Some(found @ None)) = (is_alive, found.get_mut(local)) {
                *found = Some(block.terminator.source);
            }
        }
    }
    let values = body.locals.iter().filter_map(|(local, decl)| {
        let at = (*found.get(local)?)?;
        let is_value = matches!(decl.kind, LocalKind::Var | LocalKind::Temp);
        is_value.then(|| Held {
            ty: decl.ty,
            name: decl.name.clone(),
            declared: decl.source,
            at,
        })
    });
    values.collect()
}

fn has_pointer(db: &dyn Db, ty: Ty) -> bool {
    let mut found = false;
    hir_ty::ty::walk_ty(db, ty, &mut |part| {
        found |= matches!(part.kind(db), hir_ty::TyKind::RawPtr(_));
    });
    found
}

/// The locals that are looked at or dropped after a block.
fn needed_after(body: &Body) -> DenseMap<BlockId, BitSet<Local>> {
    let locals = body.locals.len();
    let none = || BitSet::new(locals, false);
    let mut after: DenseMap<BlockId, BitSet<Local>> = body.blocks.keys().map(|_| none()).collect();
    let predecessors = predecessors(body);
    let mut waiting: Vec<BlockId> = body.blocks.keys().collect();
    while let Some(id) = waiting.pop() {
        let (Some(block), Some(after_block)) = (body.blocks.get(id), after.get(id)) else {
            continue;
        };
        let mut needed = after_block.clone();
        let mut back = |effects: &mut dyn FnMut(&mut dyn FnMut(Effect<'_>))| {
            let mut forwards: Vec<(Local, bool)> = Vec::new();
            effects(&mut |effect| match effect {
                Effect::Use(place) | Effect::Move(place) | Effect::Drop(place) => {
                    forwards.push((place.local, true));
                    for step in &place.projection {
                        if let Projection::Index(index) = step {
                            forwards.push((*index, true));
                        }
                    }
                }
                Effect::Init(place) => match place.as_local() {
                    Some(local) => forwards.push((local, false)),
                    None => forwards.push((place.local, true)),
                },
                Effect::Storage(local) => forwards.push((local, false)),
            });
            for (local, is_needed) in forwards.into_iter().rev() {
                needed.set(local, is_needed);
            }
        };
        back(&mut |f| terminator_effects(&block.terminator.kind, &mut |effect| f(effect)));
        for statement in block.statements.iter().rev() {
            back(&mut |f| {
                // What is overwritten is dropped.
                if let StatementKind::Replace(place, ..) = &statement.kind {
                    f(Effect::Use(place));
                }
                statement_effects(&statement.kind, &mut |effect| f(effect));
            });
        }
        for before in predecessors.get(id).into_iter().flatten() {
            if after.get_mut(*before).is_some_and(|it| it.union(&needed)) {
                waiting.push(*before);
            }
        }
    }
    after
}

/// The locals that are borrowed somewhere, or whose address is taken.
fn borrowed(body: &Body) -> BitSet<Local> {
    let mut found = BitSet::new(body.locals.len(), false);
    for statement in body.blocks.values().flat_map(|block| &block.statements) {
        if let StatementKind::Assign(_, Rvalue::Ref(_, place) | Rvalue::AddrOf(place)) =
            &statement.kind
            && !place.is_indirect()
        {
            found.set(place.local, true);
        }
    }
    found
}
