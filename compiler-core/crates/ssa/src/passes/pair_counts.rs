//! Removes a retain and the release that undoes it, and both for what is never counted.
//!
//! Safe because between the two nothing may take a count or look at one: only arithmetic,
//! plain accesses through addresses that cannot be the count's, and other retains. So whoever
//! owns a count before the pair owns it after, and no object ends earlier than it did.
//! Null and constant data are not counted at all.
//!
//! ```text
//!   call @retain(ptr %0)
//!   %1 = load i32, %2 align 4     →     %1 = load i32, %2 align 4
//!   call @release(ptr %0)
//! ```

use crate::function::{Effect, Function, Inst, Role};
use crate::inst::{Callee, InstKind};
use crate::operand::Operand;
use crate::pointers::{Base, Pointers};
use crate::types::Type;

pub fn pair_counts(func: &mut Function) -> bool {
    let mut changed = false;
    let counts = |role: Role| matches!(role, Role::Retain | Role::Release);
    if !func.funcs.values().any(|it| counts(it.attrs.role)) {
        return false;
    }
    for block in func.blocks.keys() {
        let mut insts = std::mem::take(&mut func.blocks[block].insts);
        let before = insts.len();
        insts.retain(|&inst| {
            !matches!(
                counted(func, inst),
                Some((_, Operand::Null | Operand::Data(..)))
            )
        });
        pair(func, &mut insts);
        changed |= insts.len() != before;
        func.blocks[block].insts = insts;
    }
    changed
}

/// What an instruction counts, if that is all it does.
fn counted(func: &Function, inst: Inst) -> Option<(Role, Operand)> {
    let InstKind::Call {
        callee: Callee::Direct(callee),
        args,
    } = func.kind(inst)
    else {
        return None;
    };
    let role = func.funcs[*callee].attrs.role;
    match (role, args.as_slice()) {
        (Role::Retain | Role::Release, [ptr]) => Some((role, *ptr)),
        _ => None,
    }
}

fn pair(func: &Function, insts: &mut Vec<Inst>) {
    let pointers = Pointers::new(func);
    let mut removed = vec![false; insts.len()];
    // Retains that a release may still undo, with their positions.
    let mut open: Vec<(usize, Operand)> = Vec::new();
    for (at, &inst) in insts.iter().enumerate() {
        match counted(func, inst) {
            Some((Role::Retain, ptr)) => open.push((at, ptr)),
            Some((_, ptr)) => {
                match open.iter().rposition(|(_, it)| *it == ptr) {
                    Some(found) => {
                        let (retain, _) = open.remove(found);
                        removed[retain] = true;
                        removed[at] = true;
                    }
                    // It may end the object of any open retain but for that retain.
                    None => open.clear(),
                }
            }
            None if is_neutral(func, &pointers, func.kind(inst)) => {}
            None => open.clear(),
        }
    }
    let mut index = 0;
    insts.retain(|_| {
        index += 1;
        !removed[index - 1]
    });
}

/// Whether an instruction can neither take a count nor see one.
fn is_neutral(func: &Function, pointers: &Pointers, kind: &InstKind) -> bool {
    // A count has 64 bits and stands in memory that others know, too.
    let may_be_count = |ty: Type, ptr: &Operand| {
        ty == Type::I64 && !matches!(pointers.place(ptr).base, Base::Slot(_) | Base::Data(_))
    };
    match kind {
        InstKind::Call {
            callee: Callee::Direct(callee),
            ..
        } => {
            let attrs = func.funcs[*callee].attrs;
            attrs.effect == Effect::Pure || attrs.role == Role::Allocate
        }
        InstKind::Call { .. }
        | InstKind::AtomicLoad { .. }
        | InstKind::AtomicStore { .. }
        | InstKind::AtomicRmw { .. }
        | InstKind::AtomicCmpxchg { .. }
        | InstKind::Fence { .. } => false,
        InstKind::Load {
            ty, ptr, volatile, ..
        } => !volatile && !may_be_count(*ty, ptr),
        InstKind::Store {
            value,
            ptr,
            volatile,
            ..
        } => !volatile && !may_be_count(value.ty(func), ptr),
        _ => true,
    }
}
