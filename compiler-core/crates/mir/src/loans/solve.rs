//! Where loans live.
//!
//! A region flows to others; the loan that begins in it lives wherever a variable is live whose
//! type has one of those. This is the analysis of RFC 2094 ("non-lexical lifetimes", Matsakis,
//! rust-lang/rfcs): constraints hold at all points at once, liveness is computed per point, and
//! a loan is in scope where a path without gaps leads from its creation.

use stdx::{DenseMap, Idx};

use super::constraints::{Loan, LoanId};
use super::points::{Point, Points, Touch};
use super::region::{Edge, Region, Regions};
use crate::data::*;
use crate::lifetimes::adt::{DropMode, Dropped, dropped_slots};
use crate::moves::bits::BitSet;
use crate::moves::dataflow::Flow;
use crate::moves::effects::{statement_effects, terminator_effects};
use crate::moves::paths::MovePaths;

/// Edges by the region they start from.
pub(super) struct Graph {
    first: Vec<u32>,
    edges: Vec<u32>,
}

impl Graph {
    pub(super) fn new(regions: &Regions<'_>) -> Graph {
        let mut first = vec![0u32; regions.len() + 1];
        for edge in &regions.edges {
            if let Some(count) = first.get_mut(edge.from.as_usize() + 1) {
                *count += 1;
            }
        }
        for index in 1..first.len() {
            first[index] += first[index - 1];
        }
        let mut next = first.clone();
        let mut edges = vec![0u32; regions.edges.len()];
        for (index, edge) in regions.edges.iter().enumerate() {
            let slot = &mut next[edge.from.as_usize()];
            edges[*slot as usize] = index as u32;
            *slot += 1;
        }
        Graph { first, edges }
    }

    fn from<'r>(
        &'r self,
        regions: &'r Regions<'_>,
        region: Region,
    ) -> impl Iterator<Item = (usize, &'r Edge)> {
        let start = self.first.get(region.as_usize()).copied().unwrap_or(0);
        let end = self
            .first
            .get(region.as_usize() + 1)
            .copied()
            .unwrap_or(start);
        self.edges[start as usize..end as usize]
            .iter()
            .filter_map(|index| Some((*index as usize, regions.edges.get(*index as usize)?)))
    }

    /// All regions that data of one reaches, itself included.
    pub(super) fn reach(&self, regions: &Regions<'_>, from: Region) -> BitSet<Region> {
        let mut reached = BitSet::new(regions.len(), false);
        reached.set(from, true);
        let mut waiting = vec![from];
        while let Some(at) = waiting.pop() {
            for (_, edge) in self.from(regions, at) {
                if !reached.contains(edge.to) {
                    reached.set(edge.to, true);
                    waiting.push(edge.to);
                }
            }
        }
        reached
    }

    /// The edges of a shortest way from one region to another.
    pub(super) fn path(&self, regions: &Regions<'_>, from: Region, to: Region) -> Vec<usize> {
        let mut by: Vec<Option<usize>> = vec![None; regions.len()];
        let mut reached = BitSet::new(regions.len(), false);
        reached.set(from, true);
        let mut waiting = std::collections::VecDeque::from([from]);
        while let Some(at) = waiting.pop_front() {
            if at == to {
                break;
            }
            for (index, edge) in self.from(regions, at) {
                if !reached.contains(edge.to) {
                    reached.set(edge.to, true);
                    by[edge.to.as_usize()] = Some(index);
                    waiting.push_back(edge.to);
                }
            }
        }
        let mut path = Vec::new();
        let mut at = to;
        while at != from
            && let Some(index) = by[at.as_usize()]
        {
            path.push(index);
            at = regions.edges[index].from;
        }
        path.reverse();
        path
    }
}

/// Where a variable is live.
pub(super) struct Live {
    pub(super) used: BitSet<Point>,
    /// Will be dropped; and what the drop looks at.
    pub(super) dropped: Option<(BitSet<Point>, Vec<Region>)>,
}

/// Liveness of all locals with regions; `None` for the others.
pub(super) fn liveness(
    regions: &mut Regions<'_>,
    points: &Points,
    flow: (&MovePaths, &Flow),
) -> DenseMap<Local, Option<Live>> {
    let body = regions.body;
    let mut uses: DenseMap<Local, Vec<Point>> = DenseMap::filled(Vec::new(), body.locals.len());
    let mut drops = uses.clone();
    let mut defs = uses.clone();
    for (id, block) in body.blocks.iter() {
        let (start, end) = (points.of(id, 0), points.write(id, block.statements.len()));
        for point in (start.0..end.0 + 1).map(Point) {
            points.touches(body, point, &mut |local, touch| {
                let list = match touch {
                    Touch::Use => uses.get_mut(local),
                    Touch::Def => defs.get_mut(local),
                    Touch::Drop => drops.get_mut(local),
                };
                if let Some(list) = list {
                    list.push(point);
                }
            });
        }
    }
    let mut all = DenseMap::new();
    let mut there: Option<DenseMap<Local, BitSet<Point>>> = None;
    for (local, decl) in body.locals.iter() {
        let slots = regions.locals.get(local).cloned().unwrap_or_default();
        if slots.is_empty() {
            all.push(None);
            continue;
        }
        let mut def = points.empty();
        defs[local].iter().for_each(|point| def.set(*point, true));
        let used = backwards(points, body, &uses[local], &def, None);
        let mut dropped = None;
        if !drops[local].is_empty() {
            let mut looked_at = Vec::new();
            let drop = DropMode::Drop;
            dropped_slots(regions.db, decl.ty, &mut slots.iter(), drop, &mut |part| {
                if let Dropped::Slot(region) = part {
                    looked_at.push(region);
                }
            });
            if !looked_at.is_empty() {
                let there = there.get_or_insert_with(|| maybe_there(points, body, flow));
                let points = backwards(points, body, &drops[local], &def, there.get(local));
                dropped = Some((points, looked_at));
            }
        }
        all.push(Some(Live { used, dropped }));
    }
    all
}

/// The points from which a use is reached without a definition; `within` bounds them.
fn backwards(
    points: &Points,
    body: &Body,
    uses: &[Point],
    defs: &BitSet<Point>,
    within: Option<&BitSet<Point>>,
) -> BitSet<Point> {
    let mut live = points.empty();
    let mut waiting = Vec::new();
    for point in uses {
        if !live.contains(*point) && within.is_none_or(|within| within.contains(*point)) {
            live.set(*point, true);
            waiting.push(*point);
        }
    }
    while let Some(point) = waiting.pop() {
        points.predecessors(body, point, &mut |before| {
            if live.contains(before) || within.is_some_and(|within| !within.contains(before)) {
                return;
            }
            // From the moment when it gets its value: what the value came from may be gone.
            live.set(before, true);
            if !defs.contains(before) {
                waiting.push(before);
            }
        });
    }
    live
}

/// Where each local may hold a value.
fn maybe_there(
    points: &Points,
    body: &Body,
    (paths, flow): (&MovePaths, &Flow),
) -> DenseMap<Local, BitSet<Point>> {
    let mut there = DenseMap::filled(points.empty(), body.locals.len());
    for (id, block) in body.blocks.iter() {
        let Some(Some(state)) = flow.entry.get(id) else {
            continue;
        };
        let mut state = state.clone();
        let mut note = |state: &crate::moves::dataflow::State, point: Point| {
            for (local, there) in there.iter_mut() {
                if let Some(path) = paths.local(local)
                    && state.init.contains(path)
                {
                    there.set(point, true);
                }
            }
        };
        for (index, statement) in block.statements.iter().enumerate() {
            note(&state, points.of(id, index));
            statement_effects(&statement.kind, &mut |effect| state.apply(paths, effect));
            note(&state, points.write(id, index));
        }
        let end = block.statements.len();
        note(&state, points.of(id, end));
        let kind = &block.terminator.kind;
        terminator_effects(kind, &mut |effect| state.apply(paths, effect));
        note(&state, points.write(id, end));
    }
    there
}

/// One loan's life.
pub(super) struct Extent {
    /// Everything that its data reaches.
    pub(super) reach: BitSet<Region>,
    /// Whether that outlives the body.
    pub(super) escapes: bool,
    /// Where it is in scope and shared only, because a two-phase borrow is not active yet.
    pub(super) reserved: BitSet<Point>,
    pub(super) active: BitSet<Point>,
    /// Where something is live that its data reaches.
    pub(super) lives: BitSet<Point>,
}

impl Extent {
    pub(super) fn contains(&self, point: Point) -> bool {
        self.active.contains(point) || self.reserved.contains(point)
    }
}

pub(super) fn extents(
    regions: &Regions<'_>,
    graph: &Graph,
    points: &Points,
    live: &DenseMap<Local, Option<Live>>,
    loans: &DenseMap<LoanId, Loan>,
) -> DenseMap<LoanId, Extent> {
    let body = regions.body;
    loans
        .values()
        .map(|loan| {
            let reach = graph.reach(regions, loan.region);
            let escapes = (0..regions.universals).any(|id| reach.contains(Region(id)));
            let lives = match escapes {
                true => BitSet::new(points.len(), true),
                false => live_points(regions, points, live, &reach),
            };
            let (reserved, active) = scope(points, body, loan, &lives);
            Extent {
                reach,
                escapes,
                reserved,
                active,
                lives,
            }
        })
        .collect()
}

fn live_points(
    regions: &Regions<'_>,
    points: &Points,
    live: &DenseMap<Local, Option<Live>>,
    reach: &BitSet<Region>,
) -> BitSet<Point> {
    let mut all = points.empty();
    for (local, live) in live.iter() {
        let Some(live) = live else { continue };
        let slots = regions.locals.get(local);
        if slots.is_some_and(|slots| slots.iter().any(|slot| reach.contains(*slot))) {
            all.union(&live.used);
        }
        if let Some((dropped, looked_at)) = &live.dropped
            && looked_at.iter().any(|slot| reach.contains(*slot))
        {
            all.union(dropped);
        }
    }
    all
}

/// Follows a loan through the points where it lives, to where the variable that its path starts
/// from gets another value or ends.
fn scope(
    points: &Points,
    body: &Body,
    loan: &Loan,
    lives: &BitSet<Point>,
) -> (BitSet<Point>, BitSet<Point>) {
    let mut reserved = points.empty();
    let mut active = points.empty();
    let is_active = |from: Point, was: bool| was || loan.activation == Some(from);
    let start = loan.activation.is_none();
    let mut waiting = vec![(loan.at, start)];
    while let Some((from, was)) = waiting.pop() {
        if ends(points, body, loan, from) {
            continue;
        }
        let now = is_active(from, was);
        points.successors(body, from, &mut |next| {
            let set = if now { &mut active } else { &mut reserved };
            if lives.contains(next) && !set.contains(next) {
                set.set(next, true);
                waiting.push((next, now));
            }
        });
    }
    (reserved, active)
}

/// Whether a statement makes a loan's path mean another place.
fn ends(points: &Points, body: &Body, loan: &Loan, at: Point) -> bool {
    let (block, statement, is_write) = points.place(at);
    if !is_write {
        return false;
    }
    let mut ends = false;
    points.touches(body, at, &mut |local, touch| {
        ends |= local == loan.place.local && touch == Touch::Def;
    });
    // `p.next = q` with a loan of `(*p.next).value`.
    let data = body.blocks.get(block);
    let stored = data.and_then(|data| match data.statements.get(statement) {
        Some(statement) => match &statement.kind {
            StatementKind::Assign(place, _) | StatementKind::Replace(place, _, _) => Some(place),
            _ => None,
        },
        None => match &data.terminator.kind {
            TerminatorKind::Call { destination, .. } => Some(destination),
            _ => None,
        },
    });
    ends || stored.is_some_and(|stored| {
        let len = stored.projection.len();
        stored.local == loan.place.local
            && loan.place.projection.len() > len
            && loan.place.projection[..len] == stored.projection[..]
            && loan.place.projection[len..].contains(&Projection::Deref)
            && !stored
                .projection
                .iter()
                .any(|step| matches!(step, Projection::Index(_) | Projection::Subslice { .. }))
    })
}
