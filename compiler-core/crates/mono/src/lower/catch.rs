//! Where a panic ends: `catch_panic(data)` of the library.

use hir_ty::GenericArgs;
use mir::{Operand as MirOperand, Place};
use ssa::{Operand, Type};

use super::Lower;
use crate::emit::{Emit, Val};
use crate::error::MonoErrorKind;
use crate::instance::Instance;
use crate::types;

/// Calls something; yields whether it panicked, as an `I1`.
///
/// ```text
///     call …
///     invoke returned, panicked
/// panicked:                       ; the cleanup block of the call that does not resume
///     …
/// ```
///
/// The unwinder does not mind: control has left it, as it does through `longjmp`.
pub(crate) fn caught(cx: &mut Emit<'_>, call: impl FnOnce(&mut Emit<'_>)) -> Operand {
    let result = Operand::Slot(cx.b.create_slot(1, 1, None), 0);
    let (returned, panicked) = (cx.b.create_block(), cx.b.create_block());
    let end = cx.b.create_block();
    call(cx);
    cx.b.invoke(returned, panicked);
    for (block, value) in [(returned, 0), (panicked, 1)] {
        cx.b.switch_to(block);
        cx.b.store(Operand::int(Type::I8, value), result, 1);
        cx.b.jump(end);
    }
    cx.b.switch_to(end);
    let value = cx.b.load(Type::I8, result, 1);
    cx.b.icmp(ssa::IntCond::Ne, value, Operand::int(Type::I8, 0))
}

impl Lower<'_> {
    /// `core::rt::run_caught[F](data)` under a landing pad that goes on here.
    pub(super) fn catch_panic(
        &mut self,
        generic_args: GenericArgs,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let db = self.db();
        let [data] = args else { return None };
        let data = self.scalar(data);
        let path = ["core", "rt", "run_caught"];
        let Some(func) = crate::lang::find_func(db, self.cx.build.core(db), &path) else {
            let path = path.join("::").into();
            self.cx.error(MonoErrorKind::MissingLang { path });
            return None;
        };
        let instance = Instance::func(db, func, generic_args);
        let abi = types::abi_of(db, self.cx.build, instance);
        let callee = self.cx.import(instance, &abi);
        let panicked = caught(&mut self.cx, |cx| {
            cx.b.call(callee, vec![data]);
        });
        let dest = self.place(destination);
        self.cx.write(Val::Scalar(panicked), dest.ptr, dest.ty);
        Some(())
    }
}
