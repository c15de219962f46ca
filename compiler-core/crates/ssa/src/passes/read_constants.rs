//! Loads from data that never change become the constants that are there, across modules.
//!
//! Safe because only data that no unit can write take part. Addresses in data stay loads: what
//! a symbol names is not known here (`devirtualize_calls` looks at those that are called).
//!
//! ```text
//!   extern d0 = @limits.max
//!   %0 = load i32, d0+4 align 4     →     …uses of %0 are 100
//! ```

use crate::data::{DataKind, Reloc};
use crate::function::edit::Substitution;
use crate::function::{DataRef, Function};
use crate::inst::InstKind;
use crate::operand::Operand;
use crate::surroundings::Surroundings;
use crate::types::Type;

/// Bytes of an address in data.
const ADDRESS_BYTES: u64 = 8;

pub fn read_constants(func: &mut Function, around: &dyn Surroundings) -> bool {
    let mut constants = Substitution::new(func);
    for block in func.blocks.values() {
        for &inst in &block.insts {
            let data = &func.insts[inst];
            if let InstKind::Load {
                ty,
                ptr: Operand::Data(datum, offset),
                volatile: false,
                ..
            } = data.kind
                && let Some(result) = data.result
                && let Some(constant) = read(func, around, datum, offset, ty)
            {
                constants.insert(result, constant);
            }
        }
    }
    let changed = !constants.is_empty();
    func.substitute(&constants);
    changed
}

fn read(
    func: &Function,
    around: &dyn Surroundings,
    datum: DataRef,
    offset: i64,
    ty: Type,
) -> Option<Operand> {
    with_content(func, around, datum, |bytes, relocs, zeros| {
        let start = u64::try_from(offset).ok()?;
        let end = start.checked_add(ty.size_bytes())?;
        if end > bytes.len() as u64 + zeros {
            return None;
        }
        let touches = |at: u32| {
            let at = u64::from(at);
            at < end && start < at + ADDRESS_BYTES
        };
        if relocs.iter().any(|reloc| touches(reloc.0)) {
            return None;
        }
        let mut bits = 0u128;
        for (index, at) in (start..end).enumerate() {
            let byte = bytes.get(at as usize).copied().unwrap_or(0);
            bits |= u128::from(byte) << (8 * index);
        }
        Operand::from_bits(ty, bits & ty.mask())
    })
}

/// Shows the bytes, the addresses in them and the number of zero bytes that follow of a datum
/// that never changes.
pub(crate) fn with_content<T>(
    func: &Function,
    around: &dyn Surroundings,
    datum: DataRef,
    look: impl FnOnce(&[u8], &[Reloc], u64) -> Option<T>,
) -> Option<T> {
    match &func.datas[datum].kind {
        DataKind::Bytes {
            bytes,
            relocs,
            writable: false,
            ..
        } => look(bytes, relocs, 0),
        DataKind::Extern {
            symbol,
            mutable: false,
            thread_local: false,
        } => {
            let global = around.constant(symbol)?;
            look(&global.init, &global.relocs, global.zero_size)
        }
        _ => None,
    }
}
