//! What a call of a closure does with references: which slots of its parameters and captures
//! flow into which.
//!
//! A closure's body is analysed with a lifetime for each slot that it meets from outside. The ways
//! between those ([`Flow`]) are all that the body around needs: where the closure is made, what it
//! captured flows together; where it is called, arguments flow into captures; and where it is
//! passed on as a `func(ref A)`, whose lifetime is chosen by each call (reference §3.5(6)), a way
//! from the parameter into a capture is an error (E032).

use std::cell::OnceCell;

use base::Db;
use hir_ty::{ClosureKind, Ty};

use super::constraints;
use super::points::Points;
use super::region::{Region, Regions};
use super::solve::Graph;
use crate::data::*;
use crate::lifetimes::{owned_dyns, slot_count};

/// The closures of one owner.
pub(crate) struct Closures<'a> {
    pub(super) db: &'a dyn Db,
    bodies: &'a [Body],
    flows: Vec<OnceCell<Flows>>,
    /// Whether calls are asked what the body of the callee implies.
    sees_bodies: bool,
}

/// Slots by their place: the result's, then those of the closure's value, then the parameters'.
#[derive(Clone, Debug)]
pub(super) struct Flows {
    pub(super) results: usize,
    /// The reference that the closure's value is behind in a call; it comes before the captures.
    pub(super) is_lent: bool,
    pub(super) captures: usize,
    pub(super) params: usize,
    /// Slots of the result that nobody but the closure's own caller may take for borrowing ones.
    pub(super) owned_dyns: Vec<usize>,
    pub(super) all: Vec<Flow>,
}

/// Data of one slot goes into another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    pub(super) from: usize,
    /// `None`: it must live for ever.
    pub(super) to: Option<usize>,
    /// Where in the closure.
    pub(super) source: SourceInfo,
}

impl Flows {
    fn of(db: &dyn Db, body: &Body) -> Flows {
        let mut args = body.args().filter_map(|local| body.locals.get(local));
        let env = args.next().map(|decl| decl.ty);
        let is_lent = env.is_some_and(|ty| ty.as_ref(db).is_some());
        let env = env.map_or(0, |ty| slot_count(db, ty));
        let ret = body.locals.get(Local::RETURN);
        Flows {
            results: ret.map_or(0, |decl| slot_count(db, decl.ty)),
            is_lent,
            captures: env - usize::from(is_lent),
            params: args.map(|decl| slot_count(db, decl.ty)).sum(),
            owned_dyns: ret.map_or(Vec::new(), |decl| {
                let dyns = owned_dyns(db, decl.ty).into_iter().enumerate();
                dyns.filter(|(_, is_dyn)| *is_dyn)
                    .map(|(slot, _)| slot)
                    .collect()
            }),
            all: Vec::new(),
        }
    }

    /// The first slot of the captures.
    pub(super) fn first_capture(&self) -> usize {
        self.results + usize::from(self.is_lent)
    }

    pub(super) fn first_param(&self) -> usize {
        self.first_capture() + self.captures
    }

    fn count(&self) -> usize {
        self.first_param() + self.params
    }

    pub(super) fn is_capture(&self, slot: usize) -> bool {
        (self.first_capture()..self.first_param()).contains(&slot)
    }

    /// Whether a call may give what a slot of the captures holds.
    pub(super) fn gives_capture(&self, index: usize) -> bool {
        let from = self.first_capture() + index;
        let gives = |flow: &Flow| flow.from == from && flow.to.is_some_and(|to| to < self.results);
        self.all.iter().any(gives)
    }

    /// Whether a call gives a reference to what the closure owns, which is lent for that call.
    pub(super) fn gives_own(&self, flow: &Flow) -> bool {
        self.is_lent && flow.from == self.results && flow.to.is_some_and(|to| to < self.results)
    }

    pub(super) fn is_param(&self, slot: usize) -> bool {
        slot >= self.first_param()
    }
}

impl<'a> Closures<'a> {
    pub(crate) fn new(db: &'a dyn Db, bodies: &'a [Body], sees_bodies: bool) -> Closures<'a> {
        let flows = bodies.iter().map(|_| OnceCell::new()).collect();
        Closures {
            db,
            bodies,
            flows,
            sees_bodies,
        }
    }

    pub(super) fn body(&self, index: u32) -> Option<&'a Body> {
        self.bodies.get(index as usize)
    }

    /// The flows of a closure by its type; `None` for one of another owner, and for `async` blocks.
    pub(super) fn of_ty(&self, ty: Ty) -> Option<(u32, &Flows)> {
        let (id, args) = ty.as_closure(self.db)?;
        let body = self.body(id.index)?;
        if body.owner != id.owner || args.kind(self.db) == Some(ClosureKind::Async) {
            return None;
        }
        let flows = self.flows.get(id.index as usize)?;
        Some((id.index, flows.get_or_init(|| self.compute(body))))
    }

    fn compute(&self, body: &'a Body) -> Flows {
        let mut flows = Flows::of(self.db, body);
        let comes_in = flows.count() > flows.results;
        if !comes_in || super::trivial::is_trivial(self, body, self.sees_bodies) {
            return flows;
        }
        let mut regions = Regions::new(self, body, flows.count() as u32);
        regions.sees_bodies = self.sees_bodies;
        constraints::generate(&mut regions, &Points::new(self.db, body), body);
        let graph = Graph::new(&regions);
        let region = |slot: usize| Region(Region::FIRST_BOUND + slot as u32);
        let count = flows.count();
        for from in flows.results..count {
            let reach = graph.reach(&regions, region(from));
            let mut add = |to: Option<usize>, at: Region| {
                let path = graph.path(&regions, region(from), at);
                let edges = path.iter().filter_map(|edge| regions.edges.get(*edge));
                let mut sources = edges.rev().map(|edge| edge.source);
                let source = sources.find(|source| *source != SourceInfo::BODY);
                let source = source.unwrap_or(SourceInfo::BODY);
                flows.all.push(Flow { from, to, source });
            };
            let forever = [Region::STATIC, Region::REQUIRED];
            match forever.into_iter().find(|it| reach.contains(*it)) {
                Some(forever) => add(None, forever),
                None => {
                    for to in 0..count {
                        if to != from && reach.contains(region(to)) {
                            add(Some(to), region(to));
                        }
                    }
                }
            }
        }
        flows
    }
}

/// The first lifetime that stands for a slot of an outer local of a closure, and their number.
pub(super) fn outer_slots_before(db: &dyn Db, body: &Body, local: Local) -> u32 {
    let outer = std::iter::once(Local::RETURN).chain(body.args());
    let before = outer.take_while(|it| *it != local);
    let tys = before.filter_map(|it| Some(body.locals.get(it)?.ty));
    tys.map(|ty| slot_count(db, ty) as u32).sum()
}

/// Number of lifetimes around a closure's body.
pub(super) fn outer_count(db: &dyn Db, body: &Body) -> u32 {
    Flows::of(db, body).count() as u32
}
