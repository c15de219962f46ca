//! Statics: their initialisers, evaluated at compile time, as bytes.

use std::sync::Arc;

use base::Db;
use hir_def::{BodyOwner, StaticId};
use hir_ty::consteval::{ConstValue, body_value};
use hir_ty::{GenericArgs, Ty};
use ssa::{Global, Linkage, Type};

use crate::error::{MonoError, MonoErrorKind};
use crate::evaluate::InitialBytes;
use crate::key::Build;
use crate::repr::{self, Repr};
use crate::{symbol, types};

/// The datum of a static.
///
/// Keyed by static and build; read by the plan. Re-runs when its initialiser changes.
#[salsa::tracked]
pub fn static_global(db: &dyn Db, id: StaticId, build: Build) -> Result<Arc<Global>, MonoError> {
    let data = hir_def::signatures::static_data(db, id);
    let not_constant = || MonoError {
        kind: MonoErrorKind::NotConstant {
            name: data.name.clone(),
        },
        item: Some(id.item(db)),
    };
    let ty = types::monomorphic(
        db,
        build,
        hir_ty::signature::type_of_static(db, id),
        GenericArgs::empty(db),
    );
    let layout = repr::layout(db, ty).map_err(|_| not_constant())?;
    if data.attrs.static_init {
        return Ok(Arc::new(Global {
            symbol: symbol::static_symbol(db, id),
            align: layout.align.max(8) as u32,
            // The value, and the word that says whether it is there.
            zero_size: crate::glue::lazy::state_offset(layout.size) + 8,
            init: Arc::from([]),
            relocs: Vec::new(),
            writable: true,
            thread_local: data.attrs.thread_local,
            linkage: Linkage::Export,
        }));
    }
    let (bytes, relocs) = match body_value(db, BodyOwner::Static(id)) {
        // Text is an address: the interpreter makes it.
        Ok(ConstValue::Str(text)) if !text.is_empty() => {
            crate::evaluate::initial_bytes(db, id, build, ty, &layout).ok_or_else(not_constant)?
        }
        Ok(value) if !matches!(value, ConstValue::Parts(_) | ConstValue::Variant(..)) => {
            scalar_bytes(db, value, ty).ok_or_else(not_constant)?
        }
        _ => crate::evaluate::initial_bytes(db, id, build, ty, &layout).ok_or_else(not_constant)?,
    };
    Ok(Arc::new(Global {
        symbol: symbol::static_symbol(db, id),
        align: if relocs.is_empty() {
            layout.align as u32
        } else {
            layout.align.max(16) as u32
        },
        zero_size: layout.size.saturating_sub(bytes.len() as u64),
        init: bytes.into(),
        relocs,
        // Interior mutability is not looked for: all statics are writable memory.
        writable: true,
        thread_local: data.attrs.thread_local,
        linkage: Linkage::Export,
    }))
}

/// The bytes of one scalar; no text but `""`.
fn scalar_bytes(db: &dyn Db, value: &ConstValue, ty: Ty) -> Option<InitialBytes> {
    let Repr::Scalar(scalar) = repr::repr_of(db, ty) else {
        return Some((Vec::new(), Vec::new()));
    };
    let bits: u128 = match value {
        ConstValue::Unit => 0,
        ConstValue::Bool(value) => u128::from(*value),
        ConstValue::Int(value) => *value as u128,
        ConstValue::Float(bits) => match scalar {
            Type::F32 => u128::from((f64::from_bits(*bits) as f32).to_bits()),
            _ => u128::from(*bits),
        },
        ConstValue::Char(value) => u128::from(u32::from(*value)),
        ConstValue::Str(text) if text.is_empty() => 0,
        ConstValue::Str(_) | ConstValue::Parts(_) | ConstValue::Variant(..) => return None,
    };
    let bytes = bits.to_le_bytes();
    Some((
        bytes.get(..scalar.size_bytes() as usize)?.to_vec(),
        Vec::new(),
    ))
}
