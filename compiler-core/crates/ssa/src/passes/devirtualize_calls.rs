//! Calls through a pointer that is known become calls of the function: one that was loaded
//! from a constant table, or whose address was taken here.
//!
//! Safe because the table cannot change, and the signature is the call's own.
//!
//! ```text
//!   extern d0 = @table
//!   %1 = load ptr, d0+32 align 8
//!   call_indirect (ptr) %1(ptr %0)     →     call @area(ptr %0)
//! ```

use smol_str::SmolStr;

use super::read_constants::with_content;
use crate::function::{ExternFunc, FuncRef, Function, FunctionAttrs};
use crate::inst::{Callee, InstKind};
use crate::operand::Operand;
use crate::surroundings::Surroundings;
use crate::types::{Signature, Type};

pub fn devirtualize_calls(func: &mut Function, around: &dyn Surroundings) -> bool {
    let mut changed = false;
    for block in func.blocks.keys() {
        for index in 0..func.blocks[block].insts.len() {
            let inst = func.blocks[block].insts[index];
            let InstKind::Call {
                callee: Callee::Indirect { ptr, signature },
                args,
            } = &func.insts[inst].kind
            else {
                continue;
            };
            let (args, signature) = (args.clone(), Signature::clone(signature));
            let target = match *ptr {
                Operand::Func(target) if func.funcs[target].signature == signature => Some(target),
                ptr => {
                    called(func, around, ptr).and_then(|symbol| declare(func, symbol, signature))
                }
            };
            if let Some(target) = target {
                func.insts[inst].kind = InstKind::Call {
                    callee: Callee::Direct(target),
                    args,
                };
                changed = true;
            }
        }
    }
    changed
}

/// The symbol at the place in a table that a pointer was loaded from.
fn called(func: &Function, around: &dyn Surroundings, ptr: Operand) -> Option<SmolStr> {
    let inst = func.defining_inst(ptr.as_value()?)?;
    let InstKind::Load {
        ty: Type::Ptr,
        ptr: Operand::Data(table, offset),
        volatile: false,
        ..
    } = func.kind(inst)
    else {
        return None;
    };
    with_content(func, around, *table, |_, relocs, _| {
        let at = u32::try_from(*offset).ok()?;
        let reloc = relocs.iter().find(|reloc| reloc.0 == at)?;
        Some(reloc.1.clone())
    })
}

fn declare(func: &mut Function, symbol: SmolStr, signature: Signature) -> Option<FuncRef> {
    let known = func.funcs.iter().find(|(_, it)| it.symbol == symbol);
    match known {
        Some((target, known)) => (known.signature == signature).then_some(target),
        None => Some(func.import_func(ExternFunc {
            symbol,
            signature,
            attrs: FunctionAttrs::default(),
        })),
    }
}
