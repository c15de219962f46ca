//! `async` bodies: functions that go on where they stopped, and polls of other futures.

use base::Db;
use hir_def::BodyOwner;
use hir_ty::{GenericArgs, Shape, Ty, TyKind};
use mir::{BlockId, Operand as MirOperand, Place, TerminatorKind};
use smol_str::SmolStr;
use ssa::{Block, IntCond, Operand, Type};

use super::Lower;
use crate::abi::Abi;
use crate::emit::Val;
use crate::error::MonoErrorKind;
use crate::frame::{self, DONE};
use crate::instance::Instance;
use crate::key::Build;
use crate::repr::Repr;
use crate::types::{self, Resolved};

/// What a body that is driven by `poll` knows besides.
pub(crate) struct Driven {
    frame: Operand,
    /// Null where the future is dropped.
    context: Operand,
    abi: Abi,
    /// The blocks that end in a stop, with where they go on.
    stops: Vec<(BlockId, Block)>,
}

/// Lowers the body of an `async func` or block to its `resume`.
pub(crate) fn lower_resume<'db>(
    db: &'db dyn Db,
    build: Build,
    owner: BodyOwner,
    body: Option<&'db mir::Body>,
    args: GenericArgs,
    symbol: SmolStr,
    output: Ty,
) -> crate::emit::Emit<'db> {
    let abi = frame::resume_abi(db, build, output);
    let Some(body) = body else {
        return super::empty_function(db, build, owner, symbol, abi.signature);
    };
    let mut lower = super::new_lower(db, build, owner, body, args, symbol, &abi);
    lower.prepare_driven(abi);
    lower.blocks();
    lower.cx
}

impl Lower<'_> {
    fn prepare_driven(&mut self, abi: Abi) {
        let body = self.body;
        self.find_hazards();
        let first = usize::from(abi.sret);
        let (address, context) = (self.cx.b.param(first), self.cx.b.param(first + 1));
        let layout = frame::frame_of(&self.cx, body, self.args);
        for (local, decl) in body.locals.iter() {
            let ty = self.ty(decl.ty);
            self.cx.check_layout(ty);
            self.local_tys.push(ty);
            let place = match self.cx.repr(ty) {
                Repr::Zero => self.cx.zero_sized_place(),
                _ => {
                    let offset = layout.offsets.get(local).copied().unwrap_or(0);
                    self.cx.b.ptr_offset(address, offset)
                }
            };
            self.locals.push(place);
        }
        let mut stops = Vec::new();
        for (id, block) in body.blocks.iter() {
            let lowered = self.cx.b.create_block();
            self.blocks.push(lowered);
            if let TerminatorKind::Yield { .. } = block.terminator.kind
                && id != BlockId::ENTRY
            {
                stops.push((id, self.cx.b.create_block()));
            }
        }
        self.driven = Some(Driven {
            frame: address,
            context,
            abi,
            stops,
        });
    }

    /// Goes to where the body stands. `entry` is its first block.
    pub(crate) fn go_on(&mut self, entry: Block) {
        let Some(driven) = &self.driven else { return };
        let frame = driven.frame;
        let stops: Vec<Block> = driven.stops.iter().map(|(_, block)| *block).collect();
        let state = self.cx.b.load(Type::I64, frame, 8);
        // While it runs, and after a panic, there is nothing to be dropped or to go on with.
        self.cx.b.store(Operand::i64(DONE), frame, 8);
        let wrong = self.cx.b.create_block();
        let mut cases = vec![(0u128, entry)];
        for (index, block) in stops.into_iter().enumerate() {
            cases.push((index as u128 + 1, block));
        }
        self.cx.b.switch(state, cases, wrong);
        // Polled after its end.
        self.cx.b.switch_to(wrong);
        self.cx.b.trap();
    }

    /// A stop.
    pub(crate) fn stop(&mut self, at: BlockId, resume: BlockId, drop: BlockId) {
        let Some(driven) = &self.driven else {
            self.cx.b.trap();
            return;
        };
        let (frame, context) = (driven.frame, driven.context);
        let (resume, drop) = (self.blocks[resume], self.blocks[drop]);
        let stop = driven.stops.iter().position(|(block, _)| *block == at);
        if let Some(index) = stop {
            let again = driven.stops[index].1;
            self.cx.b.store(Operand::i64(index as i64 + 1), frame, 8);
            self.give_pending();
            self.cx.b.switch_to(again);
        }
        let is_dropped = self.cx.b.icmp(IntCond::Eq, context, Operand::Null);
        self.cx.b.branch(is_dropped, drop, resume);
    }

    /// The end: the result is in the frame.
    pub(crate) fn give_ready(&mut self) {
        let Some(driven) = &self.driven else { return };
        let (poll, sret) = (driven.abi.ret, driven.abi.sret);
        let ty = self.local_tys[mir::Local::RETURN];
        let value = self.cx.read(self.locals[mir::Local::RETURN], ty);
        let items = hir_ty::lang_items(self.db(), self.cx.build.core(self.db()));
        let index = items
            .poll_variants(self.db())
            .map_or(0, |(ready, _)| ready.index);
        let dest = match sret {
            true => self.cx.b.param(0),
            false => self.cx.temp(poll),
        };
        super::write_tag(&mut self.cx, dest, poll, index);
        let offset = match &self.cx.layout(poll).shape {
            Shape::Enum { variants, .. } => variants
                .get(index as usize)
                .and_then(|variant| variant.offsets.first())
                .copied(),
            _ => None,
        };
        let place = self.cx.b.ptr_offset(dest, offset.unwrap_or(0));
        self.cx.write(value, place, ty);
        self.give(dest, poll);
    }

    /// The end of a future that was dropped.
    pub(crate) fn give_dropped(&mut self) {
        self.give_pending();
    }

    fn give_pending(&mut self) {
        let Some(driven) = &self.driven else { return };
        let (poll, sret) = (driven.abi.ret, driven.abi.sret);
        let items = hir_ty::lang_items(self.db(), self.cx.build.core(self.db()));
        let index = items
            .poll_variants(self.db())
            .map_or(1, |(_, pending)| pending.index);
        let dest = match sret {
            true => self.cx.b.param(0),
            false => self.cx.temp(poll),
        };
        super::write_tag(&mut self.cx, dest, poll, index);
        self.give(dest, poll);
    }

    fn give(&mut self, dest: Operand, poll: Ty) {
        let result = match self.cx.read(dest, poll) {
            Val::Scalar(value) => Some(value),
            Val::Zero | Val::Memory(_) => None,
        };
        self.cx.b.ret(result);
    }

    /// One step of the future that the argument leads to, with our own context.
    pub(crate) fn call_poll(
        &mut self,
        ty: Ty,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let ty = self.ty(ty);
        let future = self.scalar(args.first()?);
        let context = match &self.driven {
            Some(driven) => driven.context,
            None => Operand::Null,
        };
        self.poll_at(ty, future, context, destination)
    }

    /// `poll_future(f, cx)` of the library.
    pub(crate) fn call_poll_future(
        &mut self,
        generic_args: GenericArgs,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let ty = generic_args.ty(self.db(), 0);
        let [future, context] = args else { return None };
        let future = self.scalar(future);
        let context = self.scalar(context);
        self.poll_at(ty, future, context, destination)
    }

    fn poll_at(
        &mut self,
        ty: Ty,
        future: Operand,
        context: Operand,
        destination: &Place,
    ) -> Option<()> {
        let db = self.db();
        if let TyKind::Ref { target, .. } = ty.kind(db) {
            let inner = self.cx.b.load(Type::Ptr, future, 8);
            return self.poll_at(*target, inner, context, destination);
        }
        if let Some((instance, output)) = frame::resume_of(db, self.cx.build, ty) {
            let abi = frame::resume_abi(db, self.cx.build, output);
            let frame = self.cx.b.load(Type::Ptr, future, 8);
            let callee = self.cx.import(instance, &abi);
            self.call_machine(
                &abi,
                None,
                vec![frame, context],
                destination,
                None,
                |cx, machine| cx.b.call(callee, machine),
            );
            return Some(());
        }
        let instance = self.poll_method(ty)?;
        let abi = self.abi_of(instance)?;
        let mut passed = Vec::new();
        // `this` is the reference, or a `Pin` around it.
        match abi.params.first() {
            Some((_, Repr::Scalar(_))) => passed.push(future),
            Some((pin, Repr::Memory)) => {
                let memory = self.cx.temp(*pin);
                self.cx.b.store(future, memory, 8);
                passed.push(memory);
            }
            _ => {}
        }
        passed.push(context);
        let callee = self.cx.import(instance, &abi);
        self.call_machine(&abi, None, passed, destination, None, |cx, machine| {
            cx.b.call(callee, machine)
        });
        Some(())
    }

    fn poll_method(&mut self, ty: Ty) -> Option<Instance> {
        let db = self.db();
        let build = self.cx.build;
        let found = hir_ty::lang_items(db, build.core(db))
            .future
            .and_then(|behavior| hir_ty::signature::behavior_func(db, behavior, "poll"));
        let args = GenericArgs::from_iter(db, [ty.into()]);
        let resolved = found.and_then(|func| types::resolve(db, build, func, args));
        match resolved {
            Some(Resolved::Instance(instance)) => Some(instance),
            _ => {
                let what = self.cx.type_text(ty);
                self.cx.error(MonoErrorKind::Unsupported {
                    what: format!("a poll of `{what}`").into(),
                });
                None
            }
        }
    }
}
