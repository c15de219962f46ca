//! Points of a body, and what statements do to locals there.

use base::Db;
use smallvec::SmallVec;
use stdx::DenseMap;

use crate::data::*;
use crate::lifetimes::life_count;
use crate::moves::bits::BitSet;
use crate::tys;

stdx::define_index!(
    /// A moment of a statement or terminator: before it reads, or before it writes.
    pub(crate) struct Point, "p");

/// Numbers of points. Every statement has two: at the first it looks at its operands, at the
/// second it changes its target, or enters the function it calls. So `n = *r` may end a loan of
/// `n` that `r` holds.
pub(super) struct Points {
    first: DenseMap<BlockId, u32>,
    blocks: Vec<BlockId>,
    len: usize,
    predecessors: DenseMap<BlockId, Vec<BlockId>>,
    /// Variables whose references are passed on by the call at the end of a block.
    passed: DenseMap<BlockId, SmallVec<[Local; 4]>>,
}

impl Points {
    pub(super) fn new(db: &dyn Db, body: &Body) -> Points {
        let mut first = DenseMap::new();
        let mut blocks = Vec::new();
        let mut passed = DenseMap::new();
        for (id, block) in body.blocks.iter() {
            first.push(blocks.len() as u32);
            blocks.extend(std::iter::repeat_n(id, 2 * block.statements.len() + 2));
            passed.push(passed_on(db, body, &block.terminator.kind));
        }
        Points {
            first,
            len: blocks.len(),
            blocks,
            predecessors: crate::moves::dataflow::predecessors(body),
            passed,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn empty(&self) -> BitSet<Point> {
        BitSet::new(self.len, false)
    }

    /// The first point of a statement; the terminator comes after all statements.
    pub(super) fn of(&self, block: BlockId, statement: usize) -> Point {
        Point(self.first.get(block).copied().unwrap_or(0) + 2 * statement as u32)
    }

    /// The second.
    pub(super) fn write(&self, block: BlockId, statement: usize) -> Point {
        Point(self.of(block, statement).0 + 1)
    }

    /// The block of a point, its statement, and whether it is the second point of that.
    pub(super) fn place(&self, point: Point) -> (BlockId, usize, bool) {
        let block = self.blocks.get(point.0 as usize).copied();
        let block = block.unwrap_or(BlockId::ENTRY);
        let first = self.first.get(block).copied().unwrap_or(0);
        let offset = (point.0 - first) as usize;
        (block, offset / 2, offset % 2 == 1)
    }

    pub(super) fn successors(&self, body: &Body, point: Point, f: &mut dyn FnMut(Point)) {
        let (block, statement, is_write) = self.place(point);
        let Some(data) = body.blocks.get(block) else {
            return;
        };
        if !is_write || statement < data.statements.len() {
            return f(Point(point.0 + 1));
        }
        match &data.terminator.kind {
            TerminatorKind::Goto(next) => f(self.of(*next, 0)),
            kind => {
                let next = kind.successors();
                next.into_iter().for_each(|next| f(self.of(next, 0)));
            }
        }
    }

    pub(super) fn predecessors(&self, body: &Body, point: Point, f: &mut dyn FnMut(Point)) {
        let (block, statement, is_write) = self.place(point);
        if statement > 0 || is_write {
            return f(Point(point.0 - 1));
        }
        for block in self.predecessors.get(block).into_iter().flatten() {
            let last = body.blocks.get(*block).map_or(0, |b| b.statements.len());
            f(self.write(*block, last));
        }
    }

    /// What happens to locals at a point.
    pub(super) fn touches(&self, body: &Body, point: Point, f: &mut dyn FnMut(Local, Touch)) {
        let (block, statement, is_write) = self.place(point);
        let Some(data) = body.blocks.get(block) else {
            return;
        };
        match (data.statements.get(statement), is_write) {
            (Some(statement), false) => statement_reads(&statement.kind, f),
            (Some(statement), true) => statement_writes(&statement.kind, f),
            (None, false) => terminator_reads(&data.terminator.kind, f),
            (None, true) => {
                for local in self.passed.get(block).into_iter().flatten() {
                    f(*local, Touch::Use);
                }
                if let TerminatorKind::Call { destination, .. } = &data.terminator.kind {
                    stored(destination, f);
                }
            }
        }
    }
}

/// Of a call's operands, those that hand over references.
fn passed_on(db: &dyn Db, body: &Body, kind: &TerminatorKind) -> SmallVec<[Local; 4]> {
    let TerminatorKind::Call { callee, args, .. } = kind else {
        return SmallVec::new();
    };
    let value = match callee {
        Callee::Value(value) => Some(value),
        _ => None,
    };
    args.iter()
        .chain(value)
        .filter(|arg| life_count(db, tys::operand_ty(db, body, arg)) > 0)
        .filter_map(|arg| Some(arg.place()?.local))
        .collect()
}

/// What a statement does to a local as a variable that holds references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touch {
    /// Looks at its value or a part, or changes a part.
    Use,
    /// Gives it a new value, or begins or ends it.
    Def,
    /// Drops what it holds.
    Drop,
}

fn statement_reads(kind: &StatementKind, f: &mut dyn FnMut(Local, Touch)) {
    match kind {
        StatementKind::Assign(_, rvalue) => rvalue.for_each_place(&mut |place, _| used(place, f)),
        StatementKind::Replace(_, value, _) => {
            if let Some(place) = value.place() {
                used(place, f);
            }
        }
        StatementKind::Drop(place, _) => f(place.local, Touch::Drop),
        StatementKind::StorageLive(_) | StatementKind::StorageDead(_) | StatementKind::Nop => {}
    }
}

fn statement_writes(kind: &StatementKind, f: &mut dyn FnMut(Local, Touch)) {
    match kind {
        StatementKind::Assign(place, _) => stored(place, f),
        StatementKind::Replace(place, _, _) => {
            // What was there is dropped.
            if let Some(local) = place.as_local() {
                f(local, Touch::Drop);
            }
            stored(place, f);
        }
        StatementKind::StorageLive(local) | StatementKind::StorageDead(local) => {
            f(*local, Touch::Def);
        }
        StatementKind::Drop(..) | StatementKind::Nop => {}
    }
}

fn terminator_reads(kind: &TerminatorKind, f: &mut dyn FnMut(Local, Touch)) {
    kind.for_each_operand(&mut |operand| {
        if let Some(place) = operand.place() {
            used(place, f);
        }
    });
    if let TerminatorKind::Return = kind {
        f(Local::RETURN, Touch::Use);
    }
}

fn used(place: &Place, f: &mut dyn FnMut(Local, Touch)) {
    f(place.local, Touch::Use);
    for step in &place.projection {
        if let Projection::Index(local) = step {
            f(*local, Touch::Use);
        }
    }
}

fn stored(place: &Place, f: &mut dyn FnMut(Local, Touch)) {
    match place.as_local() {
        Some(local) => f(local, Touch::Def),
        None => used(place, f),
    }
}
