//! MIR → SSA: one body with its type arguments.
//!
//! Every local gets a stack slot (or the memory that the caller passed for it), and every
//! statement loads, computes and stores. So no value lives longer than its statement, no phi is
//! needed here, and `promote_slots` takes the scalars out of memory afterwards.

mod call;
mod callable;
pub(crate) mod catch;
mod classes;
mod constant;
mod number;
mod object;
mod place;
mod resume;
mod rvalue;
#[cfg(test)]
mod tests;

pub(crate) use resume::lower_resume;
pub(crate) use rvalue::write_tag;

use base::Db;
use hir_def::body::BodyLines;
use hir_def::{BodyOwner, FuncId};
use hir_ty::{ClosureId, GenericArgs, Ty};
use mir::{LocalKind, Operand as MirOperand, SourceNode, StatementKind, TerminatorKind};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use ssa::{Block, DebugInfo, Loc, Operand, Signature, Type};
use stdx::{DenseMap, never};

use crate::abi::Abi;
use crate::emit::{Emit, Val};
use crate::error::MonoErrorKind;
use crate::key::Build;
use crate::repr::Repr;
use crate::types;

/// A body under way to SSA.
pub(crate) struct Lower<'db> {
    pub(crate) cx: Emit<'db>,
    body: &'db mir::Body,
    args: GenericArgs,
    /// Addresses of the locals.
    locals: DenseMap<mir::Local, Operand>,
    /// Their types, without parameters.
    local_tys: DenseMap<mir::Local, Ty>,
    blocks: DenseMap<mir::BlockId, Block>,
    borrowed: DenseMap<mir::Local, bool>,
    assigned_often: DenseMap<mir::Local, bool>,
    lines: &'db BodyLines,
    line_symbol: SmolStr,
    types: FxHashMap<Ty, Ty>,
    /// What is being lowered.
    source: mir::SourceInfo,
    /// Of an `async` body.
    driven: Option<resume::Driven>,
}

/// Lowers a function with a body.
pub(crate) fn lower_func<'db>(
    db: &'db dyn Db,
    build: Build,
    func: FuncId,
    args: GenericArgs,
    symbol: SmolStr,
) -> Emit<'db> {
    let owner = BodyOwner::Func(func);
    let (params, ret) = types::func_types(db, build, func, args);
    let abi = Abi::internal(db, &params, ret);
    match types::mir_of(db, owner, build) {
        Some(body) if body.is_async => {
            crate::frame::make_future(db, build, func, args, symbol, &abi, body)
        }
        Some(body) => lower_body(db, build, owner, body, args, symbol, &abi),
        None => empty_function(db, build, owner, symbol, abi.signature),
    }
}

/// Lowers the body of a closure.
pub(crate) fn lower_closure<'db>(
    db: &'db dyn Db,
    build: Build,
    id: ClosureId,
    args: GenericArgs,
    symbol: SmolStr,
) -> Emit<'db> {
    let abi = crate::closure::body_abi(db, id, args);
    match types::closure_body(db, id, build) {
        Some(body) => lower_body(db, build, id.owner, body, args, symbol, &abi),
        None => empty_function(db, build, id.owner, symbol, abi.signature),
    }
}

/// Lowers the initialiser of a constant or static: a function without parameters.
pub(crate) fn lower_initialiser<'db>(
    db: &'db dyn Db,
    build: Build,
    owner: BodyOwner,
    args: GenericArgs,
    symbol: SmolStr,
) -> Emit<'db> {
    let Some(body) = types::mir_of(db, owner, build) else {
        return empty_function(db, build, owner, symbol, Signature::default());
    };
    let ret = body.locals.get(mir::Local::RETURN).map(|decl| decl.ty);
    let ret = ret.unwrap_or_else(|| Ty::unit(db));
    let abi = Abi::internal(db, &[], types::monomorphic(db, build, ret, args));
    lower_body(db, build, owner, body, args, symbol, &abi)
}

fn lower_body<'db>(
    db: &'db dyn Db,
    build: Build,
    owner: BodyOwner,
    body: &'db mir::Body,
    args: GenericArgs,
    symbol: SmolStr,
    abi: &Abi,
) -> Emit<'db> {
    let mut lower = new_lower(db, build, owner, body, args, symbol, abi);
    lower.prepare(abi);
    lower.blocks();
    lower.cx
}

fn new_lower<'db>(
    db: &'db dyn Db,
    build: Build,
    owner: BodyOwner,
    body: &'db mir::Body,
    args: GenericArgs,
    symbol: SmolStr,
    abi: &Abi,
) -> Lower<'db> {
    let mut cx = Emit::new(db, build, symbol, abi.signature.clone());
    let item = owner.item(db);
    cx.item = Some(item);
    Lower {
        cx,
        body,
        args,
        locals: DenseMap::new(),
        local_tys: DenseMap::new(),
        blocks: DenseMap::new(),
        borrowed: DenseMap::filled(false, body.locals.len()),
        assigned_often: DenseMap::filled(false, body.locals.len()),
        lines: types::body_lines_of(db, owner),
        line_symbol: crate::symbol::line_symbol(db, owner),
        types: FxHashMap::default(),
        source: mir::SourceInfo::BODY,
        driven: None,
    }
}

impl<'db> Lower<'db> {
    fn db(&self) -> &'db dyn Db {
        self.cx.db
    }

    /// A type of the body with the instance's arguments.
    pub(crate) fn ty(&mut self, ty: Ty) -> Ty {
        if let Some(known) = self.types.get(&ty) {
            return *known;
        }
        let result = types::monomorphic(self.db(), self.cx.build, ty, self.args);
        self.types.insert(ty, result);
        result
    }

    /// Places of locals, blocks, and what the parameters bring.
    fn prepare(&mut self, abi: &Abi) {
        let body = self.body;
        self.find_hazards();
        for decl in body.locals.values() {
            let ty = self.ty(decl.ty);
            self.cx.check_layout(ty);
            self.local_tys.push(ty);
        }
        // Machine parameters in order: the result's address, then those that have bytes.
        let mut next_param = usize::from(abi.sret);
        let mut stores = Vec::new();
        let volatile = volatile_variables(self.cx.db, body);
        for (local, decl) in body.locals.iter() {
            let ty = self.local_tys[local];
            let repr = self.cx.repr(ty);
            let is_param = local.0 >= 1 && local.0 <= body.arg_count;
            never!(
                is_param != (decl.kind == LocalKind::Arg),
                "{local} is no parameter"
            );
            let address = match repr {
                Repr::Zero => self.cx.zero_sized_place(),
                Repr::Memory if local == mir::Local::RETURN && abi.sret => self.cx.b.param(0),
                Repr::Memory if is_param => self.param(&mut next_param, abi),
                _ => {
                    let (size, align) = (self.cx.size(ty), self.cx.align(ty));
                    let slot = self.cx.b.create_slot(size, align, decl.name.clone());
                    if volatile.contains(&decl.source) {
                        self.cx.volatile_slots.push(slot);
                    }
                    let address = Operand::Slot(slot, 0);
                    if is_param {
                        stores.push((self.param(&mut next_param, abi), address, ty));
                    }
                    address
                }
            };
            self.locals.push(address);
        }
        for (value, address, ty) in stores {
            self.cx.write(Val::Scalar(value), address, ty);
        }
        for _ in body.blocks.keys() {
            let block = self.cx.b.create_block();
            self.blocks.push(block);
        }
    }

    fn param(&mut self, next: &mut usize, abi: &Abi) -> Operand {
        let index = *next;
        *next += 1;
        if never!(
            index >= abi.signature.params.len(),
            "parameter {index} of too few"
        ) {
            return Operand::Undef(Type::Ptr);
        }
        self.cx.b.param(index)
    }

    /// Which locals somebody may hold the address of, and which get values at several places:
    /// a call must not write its result over what its arguments may still read.
    fn find_hazards(&mut self) {
        let mut assigned = DenseMap::<mir::Local, bool>::filled(false, self.body.locals.len());
        let mut assign = |often: &mut DenseMap<mir::Local, bool>, place: &mir::Place| {
            if assigned[place.local] {
                often[place.local] = true;
            }
            assigned[place.local] = true;
        };
        for block in self.body.blocks.values() {
            for statement in &block.statements {
                let StatementKind::Assign(place, value) = &statement.kind else {
                    continue;
                };
                assign(&mut self.assigned_often, place);
                if let mir::Rvalue::Ref(_, place) | mir::Rvalue::AddrOf(place) = value
                    && !place.is_indirect()
                {
                    self.borrowed[place.local] = true;
                }
            }
            if let TerminatorKind::Call { destination, .. } = &block.terminator.kind {
                assign(&mut self.assigned_often, destination);
            }
        }
    }

    /// Whether writing to one place may change what is read from another.
    fn may_overlap(&self, written: &mir::Place, read: &mir::Place) -> bool {
        let reachable = |place: &mir::Place| place.is_indirect() || self.borrowed[place.local];
        written.local == read.local
            || (written.is_indirect() && reachable(read))
            || (read.is_indirect() && reachable(written))
    }

    fn blocks(&mut self) {
        let body = self.body;
        let Some(entry) = self.blocks.get(mir::BlockId::ENTRY).copied() else {
            self.cx.b.unreachable();
            return;
        };
        match self.driven {
            Some(_) => self.go_on(entry),
            None => self.cx.b.jump(entry),
        }
        for (id, block) in body.blocks.iter() {
            let start = self.blocks[id];
            self.cx.b.switch_to(start);
            for statement in &block.statements {
                self.at(statement.source);
                self.statement(&statement.kind);
                // A statement that cannot be compiled ends the block.
                if self.cx.b.current_block().is_none() {
                    break;
                }
            }
            if self.cx.b.current_block().is_some() {
                self.at(block.terminator.source);
                self.terminator(id, &block.terminator.kind);
            }
        }
    }

    /// The location of what is emitted from here on.
    fn at(&mut self, source: mir::SourceInfo) {
        self.source = source;
        if self.cx.build.profile(self.db()).debug(self.db()) == DebugInfo::None {
            return;
        }
        let (line, column) = self.line_column(source);
        self.cx.b.set_loc(Some(Loc {
            line: line.max(0) as u32,
            column,
        }));
    }

    /// Lines from the item's keyword on, and the column from 1.
    pub(crate) fn line_column(&self, source: mir::SourceInfo) -> (i32, u32) {
        let position = match source.node {
            SourceNode::Expr(expr) => self.lines.exprs.get(expr).copied(),
            SourceNode::Pat(pat) => self.lines.pats.get(pat).copied(),
            SourceNode::Body => Some(self.lines.end),
        };
        let position = position.unwrap_or_default();
        (position.line, position.col + 1)
    }

    fn statement(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::Assign(place, value) => self.assign(place, value),
            StatementKind::Drop(place, _) => {
                let place = self.place(place);
                self.cx.drop_at(place.ptr, place.ty);
            }
            StatementKind::Replace(..) => {
                never!(
                    self.body.phase == mir::Phase::Final,
                    "`replace` after drop elaboration"
                );
            }
            StatementKind::StorageLive(_) | StatementKind::StorageDead(_) | StatementKind::Nop => {}
        }
    }

    fn terminator(&mut self, id: mir::BlockId, kind: &TerminatorKind) {
        match kind {
            TerminatorKind::Goto(target) => self.cx.b.jump(self.blocks[*target]),
            TerminatorKind::If {
                condition,
                then,
                else_,
            } => {
                let condition = self.scalar(condition);
                self.cx
                    .b
                    .branch(condition, self.blocks[*then], self.blocks[*else_]);
            }
            TerminatorKind::Switch {
                value,
                cases,
                otherwise,
            } => {
                let value = self.scalar(value);
                let mask = self.cx.b.type_of(value).mask();
                let cases = cases
                    .iter()
                    .map(|(case, target)| (*case as u128 & mask, self.blocks[*target]))
                    .collect();
                self.cx.b.switch(value, cases, self.blocks[*otherwise]);
            }
            TerminatorKind::Yield { resume, drop } => self.stop(id, *resume, *drop),
            TerminatorKind::Dropped => self.give_dropped(),
            TerminatorKind::Return if self.driven.is_some() => self.give_ready(),
            TerminatorKind::Return => {
                let ty = self.local_tys[mir::Local::RETURN];
                let result = match self.cx.read(self.locals[mir::Local::RETURN], ty) {
                    Val::Scalar(value) => Some(value),
                    Val::Zero | Val::Memory(_) => None,
                };
                self.cx.b.ret(result);
            }
            TerminatorKind::Call {
                callee,
                args,
                destination,
                target,
                unwind,
            } => {
                self.cx.cleanup = unwind.cleanup().map(|block| self.blocks[block]);
                self.call(callee, args, destination, *target);
                self.cx.cleanup = None;
            }
            TerminatorKind::Drop {
                place,
                target,
                unwind,
            } => {
                let place = self.place(place);
                self.cx.cleanup = Some(self.blocks[*unwind]);
                self.cx.drop_at(place.ptr, place.ty);
                self.cx.cleanup = None;
                self.cx.b.jump(self.blocks[*target]);
            }
            TerminatorKind::Resume => self.cx.b.resume(),
            TerminatorKind::Unreachable => self.cx.b.unreachable(),
        }
    }

    // Operands.

    /// A value and its type. A copy counts; what lives in memory stays where it is, for the
    /// reader to copy from.
    fn operand(&mut self, operand: &MirOperand) -> (Val, Ty) {
        let (value, ty) = self.operand_uncounted(operand);
        if matches!(operand, MirOperand::Copy(_)) {
            self.cx.retain_value(value, ty);
        }
        (value, ty)
    }

    /// The same without counting, for readers that only look.
    fn operand_uncounted(&mut self, operand: &MirOperand) -> (Val, Ty) {
        match operand {
            MirOperand::Copy(place) | MirOperand::Move(place) => {
                let place = self.place(place);
                (self.cx.read(place.ptr, place.ty), place.ty)
            }
            MirOperand::Const(constant) => {
                let ty = self.ty(constant.ty);
                (self.constant(constant, ty), ty)
            }
        }
    }

    fn operand_ty(&mut self, operand: &MirOperand) -> Ty {
        let ty = mir::tys::operand_ty(self.db(), self.body, operand);
        self.ty(ty)
    }

    /// The scalar that an operand is.
    fn scalar(&mut self, operand: &MirOperand) -> Operand {
        match self.operand(operand) {
            (Val::Scalar(value), _) => value,
            (value, ty) => {
                never!(
                    !ty.has_error(self.db()),
                    "{value:?} where a scalar is expected"
                );
                Operand::Undef(Type::I1)
            }
        }
    }
}

/// A trap in place of a body that has errors: they are reported elsewhere, and a build that
/// reads this one stops.
fn empty_function<'db>(
    db: &'db dyn Db,
    build: Build,
    owner: BodyOwner,
    symbol: SmolStr,
    signature: Signature,
) -> Emit<'db> {
    let mut cx = Emit::new(db, build, symbol.clone(), signature);
    cx.item = Some(owner.item(db));
    cx.error(MonoErrorKind::BrokenBody { symbol });
    cx.b.trap();
    cx
}

/// Where the variables of `let volatile` are declared; nearly always none.
fn volatile_variables(db: &dyn Db, body: &mir::Body) -> Vec<mir::SourceInfo> {
    use hir_def::body::{Expr, Stmt};
    let hir = hir_def::body::body(db, body.owner);
    let mut out = Vec::new();
    for expr in hir.exprs.values() {
        let Expr::Block { stmts, .. } = expr else {
            continue;
        };
        for stmt in stmts {
            if let Stmt::Let {
                pat,
                volatile: true,
                ..
            } = stmt
            {
                out.push((*pat).into());
            }
        }
    }
    out
}
