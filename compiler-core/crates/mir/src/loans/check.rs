//! Accesses against the loans in scope where they happen (reference §8.3).

use hir_def::body::Expr;
use rustc_hash::{FxHashMap, FxHashSet};
use stdx::DenseMap;

use super::Loans;
use super::conflict::{Depth, overlaps};
use super::constraints::{Loan, LoanId};
use super::points::{Point, Points, Touch};
use super::region::{Region, Regions, Why};
use super::solve::{Extent, Graph, Live};
use crate::data::*;
use crate::diagnostics::{Access, LaterUse, LoanConflict, MirDiagnostic};
use crate::moves::check::place_name;
use crate::visit::Look;

pub(super) struct Checker<'a> {
    regions: &'a Regions<'a>,
    graph: &'a Graph,
    points: &'a Points,
    live: &'a DenseMap<Local, Option<Live>>,
    loans: &'a Loans,
    extents: &'a DenseMap<LoanId, Extent>,
    hir: &'a hir_def::body::Body,
    by_local: FxHashMap<Local, Vec<LoanId>>,
    by_activation: FxHashMap<Point, Vec<LoanId>>,
    /// Loans and places that have been complained about.
    reported: FxHashSet<LoanId>,
    sources: FxHashSet<SourceInfo>,
    found: Vec<MirDiagnostic>,
}

/// What is done to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Read,
    Borrow(BorrowKind),
    Move,
    Assign,
    /// Dropped at the end of its scope, or its memory ends.
    End,
    /// A two-phase borrow becomes exclusive.
    Activate(LoanId),
}

impl Kind {
    fn is_write(self) -> bool {
        match self {
            Kind::Read => false,
            // A reservation only reads.
            Kind::Borrow(kind) => !matches!(kind, BorrowKind::Shared | BorrowKind::TwoPhase),
            Kind::Move | Kind::Assign | Kind::End | Kind::Activate(_) => true,
        }
    }
}

impl<'a> Checker<'a> {
    pub(super) fn new(
        regions: &'a Regions<'a>,
        graph: &'a Graph,
        points: &'a Points,
        live: &'a DenseMap<Local, Option<Live>>,
        (loans, extents): (&'a Loans, &'a DenseMap<LoanId, Extent>),
        hir: &'a hir_def::body::Body,
    ) -> Checker<'a> {
        let mut by_local: FxHashMap<Local, Vec<LoanId>> = FxHashMap::default();
        let mut by_activation: FxHashMap<Point, Vec<LoanId>> = FxHashMap::default();
        for (id, loan) in loans.iter() {
            by_local.entry(loan.place.local).or_default().push(id);
            if let Some(point) = loan.activation {
                by_activation.entry(point).or_default().push(id);
            }
        }
        Checker {
            regions,
            graph,
            points,
            live,
            loans,
            extents,
            hir,
            by_local,
            by_activation,
            reported: FxHashSet::default(),
            sources: FxHashSet::default(),
            found: Vec::new(),
        }
    }

    pub(super) fn check(mut self) -> Vec<MirDiagnostic> {
        let body = self.regions.body;
        for (id, block) in body.blocks.iter() {
            for (index, statement) in block.statements.iter().enumerate() {
                let (read, write) = (self.points.of(id, index), self.points.write(id, index));
                self.statement(statement, read, write);
            }
            let index = block.statements.len();
            let (read, write) = (self.points.of(id, index), self.points.write(id, index));
            self.terminator(&block.terminator, read, write);
        }
        self.found
    }

    fn statement(&mut self, statement: &Statement, at: Point, write: Point) {
        let source = statement.source;
        match &statement.kind {
            StatementKind::Assign(place, rvalue) => {
                rvalue.for_each_place(&mut |place, look| self.look(place, look, at, source));
                self.access(place, Depth::Shallow, Kind::Assign, write, source);
            }
            StatementKind::Replace(place, value, _) => {
                if let Some((place, look)) = value.look() {
                    self.look(place, look, at, source);
                }
                self.access(place, Depth::Shallow, Kind::Assign, write, source);
            }
            StatementKind::StorageDead(local) => {
                self.access(&(*local).into(), Depth::Shallow, Kind::End, at, source);
            }
            StatementKind::Drop(place, _) => {
                self.access(place, Depth::Shallow, Kind::End, at, source);
            }
            StatementKind::StorageLive(_) | StatementKind::Nop => {}
        }
    }

    fn terminator(&mut self, terminator: &Terminator, at: Point, write: Point) {
        let source = terminator.source;
        let body = self.regions.body;
        match &terminator.kind {
            TerminatorKind::Switch { value, .. }
            | TerminatorKind::If {
                condition: value, ..
            } => self.operand(value, at, source),
            TerminatorKind::Call {
                callee,
                args,
                destination,
                target,
                ..
            } => {
                if let Callee::Value(value) = callee {
                    self.operand(value, at, source);
                }
                for arg in args {
                    self.operand(arg, at, source);
                }
                for id in self.by_activation.get(&write).cloned().unwrap_or_default() {
                    let Some(loan) = self.loans.get(id) else {
                        continue;
                    };
                    let place = loan.place.clone();
                    self.access(&place, Depth::Deep, Kind::Activate(id), write, loan.source);
                }
                if target.is_some() {
                    self.access(destination, Depth::Shallow, Kind::Assign, write, source);
                }
            }
            TerminatorKind::Return => {
                // What is left of locals ends here.
                for local in body.locals.keys() {
                    if self.by_local.contains_key(&local) {
                        self.access(&local.into(), Depth::Shallow, Kind::End, at, source);
                    }
                }
            }
            TerminatorKind::Goto(_)
            | TerminatorKind::Drop { .. }
            | TerminatorKind::Yield { .. }
            | TerminatorKind::Dropped
            | TerminatorKind::Resume
            | TerminatorKind::Unreachable => {}
        }
    }

    fn operand(&mut self, operand: &Operand, at: Point, source: SourceInfo) {
        if let Some((place, look)) = operand.look() {
            self.look(place, look, at, source);
        }
    }

    fn look(&mut self, place: &Place, look: Look, at: Point, source: SourceInfo) {
        match look {
            Look::Copy => self.access(place, Depth::Deep, Kind::Read, at, source),
            Look::Move => self.access(place, Depth::Deep, Kind::Move, at, source),
            Look::Borrow(kind) => self.access(place, Depth::Deep, Kind::Borrow(kind), at, source),
            Look::Tag => self.access(place, Depth::Shallow, Kind::Read, at, source),
            // A pointer is no reference: what it is used for is its user's business.
            Look::Address | Look::Length => {}
        }
    }

    fn access(&mut self, place: &Place, depth: Depth, kind: Kind, at: Point, source: SourceInfo) {
        for step in &place.projection {
            if let Projection::Index(local) = step {
                self.access(&(*local).into(), Depth::Deep, Kind::Read, at, source);
            }
        }
        let Some(candidates) = self.by_local.get(&place.local) else {
            return;
        };
        for id in candidates.clone() {
            let (Some(loan), Some(extent)) = (self.loans.get(id), self.extents.get(id)) else {
                continue;
            };
            if !extent.contains(at) || kind == Kind::Activate(id) {
                continue;
            }
            // That something is borrowed through the guard of an access only keeps its end away.
            if kind != Kind::End && loan.place.as_local().is_some_and(|it| self.is_guard(it)) {
                continue;
            }
            let is_shared = loan.kind == BorrowKind::Shared
                || (extent.reserved.contains(at) && !extent.active.contains(at));
            let both_reserve = matches!(kind, Kind::Borrow(BorrowKind::TwoPhase))
                && loan.kind == BorrowKind::TwoPhase;
            if is_shared && !kind.is_write() && !both_reserve {
                continue;
            }
            let (db, body) = (self.regions.db, self.regions.body);
            if overlaps(db, body, &loan.place, place, depth) {
                self.report(id, place, kind, at, source);
            }
        }
    }

    fn report(&mut self, id: LoanId, place: &Place, kind: Kind, at: Point, source: SourceInfo) {
        let (db, body) = (self.regions.db, self.regions.body);
        let (Some(loan), Some(extent)) = (self.loans.get(id), self.extents.get(id)) else {
            return;
        };
        if self.reported.contains(&id) || (kind != Kind::End && self.sources.contains(&source)) {
            return;
        }
        if kind == Kind::End && self.is_of_access(loan) {
            self.reported.insert(id);
            let source = loan.source;
            let finding = MirDiagnostic::ObjectLeaves { source };
            if self.sources.insert(source) {
                self.found.push(finding);
            }
            return;
        }
        let later = self.later_use(extent, at);
        let (code, access) = self.code(loan, extent, place, kind, at);
        self.reported.insert(id);
        // One borrow that ends too early may meet several ends.
        let primary = if kind == Kind::End {
            loan.source
        } else {
            source
        };
        if !self.sources.insert(primary) {
            return;
        }
        let conflict = LoanConflict {
            code,
            place: place_name(db, body, place),
            access,
            source,
            borrowed: place_name(db, body, &loan.place),
            exclusive: loan.kind.is_mutable(),
            borrow: loan.source,
            later,
            escapes: extent.escapes,
        };
        self.found.push(MirDiagnostic::Loan(Box::new(conflict)));
    }

    /// Whether a loan is of the guard of an access, or of a copy that stands for a field.
    fn is_of_access(&self, loan: &Loan) -> bool {
        let body = self.regions.body;
        let local = loan.place.local;
        let is_copy = |statement: &Statement| match &statement.kind {
            StatementKind::Assign(to, Rvalue::Use(Operand::Copy(from))) => {
                let in_object = |step: &Projection| matches!(step, Projection::Object(..));
                to.as_local() == Some(local) && from.projection.iter().any(in_object)
            }
            _ => false,
        };
        let is_temp = body
            .locals
            .get(local)
            .is_some_and(|it| it.kind == LocalKind::Temp);
        let mut blocks = body.blocks.values();
        is_temp
            && (self.is_guard(local) || blocks.any(|block| block.statements.iter().any(is_copy)))
    }

    fn is_guard(&self, local: Local) -> bool {
        let (db, body) = (self.regions.db, self.regions.body);
        let decl = body.locals.get(local);
        decl.is_some_and(|decl| crate::tys::is_access(db, body, decl.ty))
    }

    fn code(
        &self,
        loan: &Loan,
        extent: &Extent,
        place: &Place,
        kind: Kind,
        at: Point,
    ) -> (&'static str, Access) {
        let is_iterated = self.is_iterated(extent, at);
        let shared = loan.kind == BorrowKind::Shared;
        match kind {
            Kind::Read => ("B009", Access::Use),
            Kind::Borrow(BorrowKind::Shared) => ("B009", Access::Borrow),
            Kind::Borrow(_) | Kind::Activate(_) => match (is_iterated, shared) {
                (true, _) => ("B013", Access::BorrowExclusively),
                (false, true) => ("B008", Access::BorrowExclusively),
                (false, false) => ("B003", Access::BorrowExclusively),
            },
            Kind::Move => ("B002", Access::Move),
            Kind::Assign if is_iterated => ("B013", Access::Assign),
            Kind::Assign => ("B007", Access::Assign),
            Kind::End => {
                if let Some(code) = self.static_demand(loan, extent) {
                    return (code, Access::End);
                }
                let decl = self.regions.body.locals.get(place.local);
                let is_temp = decl.is_some_and(|decl| decl.kind == LocalKind::Temp);
                let is_reborrowed = decl.is_some_and(|decl| {
                    decl.ty
                        .as_ref(self.regions.db)
                        .is_some_and(|(mutable, _)| mutable)
                });
                if is_temp {
                    ("B011", Access::EndOfTemporary)
                } else if is_reborrowed && self.is_reborrowed(loan, extent) {
                    ("B017", Access::End)
                } else {
                    ("B010", Access::End)
                }
            }
        }
    }

    /// E033: the loan is wanted for ever by something other than the result.
    fn static_demand(&self, loan: &Loan, extent: &Extent) -> Option<&'static str> {
        let target = [Region::REQUIRED, Region::STATIC]
            .into_iter()
            .find(|region| extent.reach.contains(*region))?;
        let path = self.graph.path(self.regions, loan.region, target);
        let edges = || path.iter().filter_map(|it| self.regions.edges.get(*it));
        let is_boxed = edges().any(|edge| edge.why == Why::Box);
        let last = edges().last()?;
        (is_boxed || last.why != Why::Return).then_some("E033")
    }

    /// Whether what lives on was made from a reference that the loan is of.
    fn is_reborrowed(&self, loan: &Loan, extent: &Extent) -> bool {
        let reborrow = |edge: &&super::region::Edge| {
            edge.why == Why::Reborrow && extent.reach.contains(edge.from)
        };
        let edges = self.regions.edges.iter();
        !extent.escapes
            && edges
                .filter(|edge| edge.from != loan.region)
                .any(|e| reborrow(&e))
    }

    /// Whether a `for` that is being run holds the loan.
    fn is_iterated(&self, extent: &Extent, at: Point) -> bool {
        let body = self.regions.body;
        self.live.iter().any(|(local, live)| {
            let (Some(live), Some(decl)) = (live, body.locals.get(local)) else {
                return false;
            };
            let SourceNode::Expr(expr) = decl.source.node else {
                return false;
            };
            decl.kind == LocalKind::Temp
                && matches!(self.hir[expr], Expr::For { .. })
                && live.used.contains(at)
                && self.holds(local, extent)
        })
    }

    fn holds(&self, local: Local, extent: &Extent) -> bool {
        let slots = self.regions.locals.get(local);
        slots.is_some_and(|slots| slots.iter().any(|slot| extent.reach.contains(*slot)))
    }

    /// The nearest use of something that the loan flows into.
    fn later_use(&self, extent: &Extent, from: Point) -> Option<LaterUse> {
        let body = self.regions.body;
        let mut seen = self.points.empty();
        let mut waiting = std::collections::VecDeque::from([from]);
        while let Some(point) = waiting.pop_front() {
            if let Some(found) = self.use_at(extent, point) {
                return Some(found);
            }
            self.points.successors(body, point, &mut |next| {
                if !seen.contains(next) && extent.lives.contains(next) {
                    seen.set(next, true);
                    waiting.push_back(next);
                }
            });
        }
        None
    }

    fn use_at(&self, extent: &Extent, point: Point) -> Option<LaterUse> {
        let body = self.regions.body;
        let (block, statement, _) = self.points.place(point);
        let mut found = None;
        self.points.touches(body, point, &mut |local, touch| {
            if found.is_some() || touch == Touch::Def || !self.holds(local, extent) {
                return;
            }
            if touch == Touch::Drop {
                let dropped = self.live.get(local).and_then(|live| live.as_ref());
                let looked_at = dropped.and_then(|live| live.dropped.as_ref());
                if looked_at
                    .is_none_or(|(_, slots)| !slots.iter().any(|s| extent.reach.contains(*s)))
                {
                    return;
                }
            }
            found = Some((local, touch));
        });
        let (local, touch) = found?;
        let data = body.blocks.get(block)?;
        let source = match data.statements.get(statement) {
            Some(statement) => statement.source,
            None => data.terminator.source,
        };
        let decl = body.locals.get(local)?;
        let is_return = data.statements.len() == statement
            && matches!(data.terminator.kind, TerminatorKind::Return);
        Some(match touch {
            Touch::Drop => LaterUse::Dropped {
                name: decl.name.clone().unwrap_or_default(),
                declared: decl.source,
            },
            _ if is_return => LaterUse::Returned,
            _ => LaterUse::Used { source },
        })
    }
}
