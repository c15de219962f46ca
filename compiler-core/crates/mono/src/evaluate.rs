//! Initialisers of statics that are no single scalar, run in the interpreter.

use std::sync::Arc;

use base::Db;
use hir_def::{AdtId, StaticId};
use hir_ty::{GenericArgs, Layout, Shape, Ty, TyKind};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use ssa::Function;
use ssa::interp::{Interpreter, Limits, NoHost, Program};

use crate::instance::{Instance, InstanceKind};
use crate::key::Build;
use crate::repr::{Repr, repr_of};
use crate::{plan, queries, symbol};

/// The bytes of a datum, and the addresses in them.
pub(crate) type InitialBytes = (Vec<u8>, Vec<ssa::Reloc>);

/// The functions that an initialiser reaches.
struct Reached<'db> {
    db: &'db dyn Db,
    build: Build,
    instances: FxHashMap<SmolStr, Instance>,
}

impl Program for Reached<'_> {
    fn function(&self, symbol: &str) -> Option<Arc<Function>> {
        let instance = self.instances.get(symbol)?;
        Some(queries::ssa_optimized(self.db, *instance, self.build).clone())
    }

    fn global(&self, _symbol: &str) -> Option<Arc<ssa::Global>> {
        // A constant neither reads statics nor knows lines.
        None
    }
}

/// The bytes that an initialiser leaves, and addresses in them: of texts, which stand behind the
/// value. `None` if it does not come to its end, or leaves other addresses.
pub(crate) fn initial_bytes(
    db: &dyn Db,
    id: StaticId,
    build: Build,
    ty: Ty,
    layout: &Layout,
) -> Option<InitialBytes> {
    let root = Instance::new(db, InstanceKind::StaticInit(id), GenericArgs::empty(db));
    let reached = plan::walk(db, build, vec![root]);
    if !reached.errors.is_empty() {
        return None;
    }
    let instances = reached.instances.iter();
    let instances = instances
        .map(|i| (symbol::symbol(db, *i).clone(), *i))
        .collect();
    let program = Reached {
        db,
        build,
        instances,
    };
    let mut host = NoHost;
    let mut interpreter = Interpreter::new(&program, &mut host, Limits::default());
    let name = symbol::symbol(db, root);
    let bytes = match repr_of(db, ty) {
        Repr::Zero => Vec::new(),
        Repr::Scalar(scalar) => {
            let bits = interpreter.call(name, &[]).ok()??;
            bits.to_le_bytes()
                .get(..scalar.size_bytes() as usize)?
                .to_vec()
        }
        Repr::Memory => {
            let address = interpreter
                .memory_mut()
                .alloc(layout.size, layout.align)
                .ok()?;
            interpreter
                .memory_mut()
                .fill(address, 0, layout.size)
                .ok()?;
            interpreter.call(name, &[u128::from(address)]).ok()?;
            interpreter
                .memory()
                .read(address, layout.size)
                .ok()?
                .to_vec()
        }
    };
    let mut pointers = Vec::new();
    pointer_offsets(db, ty, 0, &bytes, &mut pointers);
    pointers.sort_unstable_by_key(|(offset, _)| *offset);
    let mut bytes = bytes;
    let mut relocs = Vec::new();
    let own = symbol::static_symbol(db, id);
    for (offset, kind) in pointers {
        let range = offset as usize..offset as usize + 8;
        let word = bytes.get(range.clone())?;
        let address = u64::from_le_bytes(word.try_into().ok()?);
        match kind {
            _ if address == 0 => {}
            Pointer::Text => {
                // The text moves behind the value, and the handle leads there.
                let memory = interpreter.memory();
                let len = memory.read(address - 8, 8).ok()?;
                let len = u64::from_le_bytes(len.try_into().ok()?);
                let text = memory.read(address, len).ok()?.to_vec();
                let text = String::from_utf8(text).ok()?;
                bytes.resize(
                    bytes.len().max(layout.size as usize).next_multiple_of(16),
                    0,
                );
                let at = bytes.len() + crate::text::HEADER_BYTES;
                bytes.extend(crate::text::literal_bytes(&text));
                bytes
                    .get_mut(range)?
                    .copy_from_slice(&(at as u64).to_le_bytes());
                relocs.push((offset as u32, own.clone()));
            }
            Pointer::Other => return None,
        }
    }
    Some((bytes, relocs))
}

/// What an address in a value leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pointer {
    Text,
    Other,
}

/// Where addresses may stand in a value.
fn pointer_offsets(db: &dyn Db, ty: Ty, at: u64, bytes: &[u8], out: &mut Vec<(u64, Pointer)>) {
    let Ok(layout) = crate::repr::layout(db, ty) else {
        return;
    };
    match (ty.kind(db), &layout.shape) {
        (TyKind::Tuple(parts), Shape::Struct { offsets }) => {
            for (part, offset) in parts.iter().zip(offsets) {
                pointer_offsets(db, *part, at + offset, bytes, out);
            }
        }
        (TyKind::Array(element, _), Shape::Array { stride, len }) => {
            if matches!(repr_of(db, *element), Repr::Scalar(ty) if ty != ssa::Type::Ptr) {
                return;
            }
            (0..*len)
                .for_each(|index| pointer_offsets(db, *element, at + index * stride, bytes, out));
        }
        (TyKind::Adt(AdtId::Union(_), _), _) => {}
        (TyKind::Adt(adt, args), shape) => {
            let variants = hir_ty::adt_field_types(db, *adt, *args);
            match shape {
                Shape::Struct { offsets } => {
                    for (field, offset) in variants.iter().flatten().zip(offsets) {
                        pointer_offsets(db, *field, at + offset, bytes, out);
                    }
                }
                Shape::Enum {
                    tag,
                    variants: layouts,
                } => {
                    let size = u64::from(tag.bytes());
                    let stored = bytes.get(at as usize..(at + size) as usize);
                    let is_there = |variant: &hir_ty::VariantLayout| {
                        let expected = variant.tag.to_le_bytes();
                        stored == expected.get(..size as usize)
                    };
                    let all = variants.iter().zip(layouts);
                    for (fields, layout) in all.filter(|(_, layout)| is_there(layout)) {
                        for (field, offset) in fields.iter().zip(&layout.offsets) {
                            pointer_offsets(db, *field, at + offset, bytes, out);
                        }
                    }
                }
                _ => out.push((at, Pointer::Other)),
            }
        }
        (TyKind::Str, _) => out.push((at, Pointer::Text)),
        _ if matches!(repr_of(db, ty), Repr::Scalar(ssa::Type::Ptr)) => {
            out.push((at, Pointer::Other));
        }
        (_, Shape::Pair(..)) => out.push((at, Pointer::Other)),
        _ => {}
    }
}
