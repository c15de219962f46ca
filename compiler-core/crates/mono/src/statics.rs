//! Statics: their initialisers, evaluated at compile time, as bytes.

use std::sync::Arc;

use base::Db;
use hir_def::{BodyOwner, StaticId};
use hir_ty::consteval::{ConstError, ConstValue, body_value};
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
    if is_lazy(db, id, build) {
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
    let initial = static_bytes(db, id, build);
    let (bytes, relocs) = initial.clone().ok_or_else(not_constant)?;
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

/// Whether the value of a static is made at its first use: under `@static_init`, and where it
/// holds addresses of functions, which no bytes can say.
///
/// Keyed by static and build; read by whoever names the static. Re-runs with its bytes.
#[salsa::tracked(returns(copy), cycle_result = lazy_cycle)]
pub fn is_lazy(db: &dyn Db, id: StaticId, build: Build) -> bool {
    let holds_addresses = || {
        let value = body_value(db, BodyOwner::Static(id));
        matches!(value, Err(ConstError::Aggregate)) && static_bytes(db, id, build).is_none()
    };
    hir_def::signatures::static_data(db, id).attrs.static_init || holds_addresses()
}

// An initialiser that names its own static is no constant.
fn lazy_cycle(_: &dyn Db, _: salsa::Id, _: StaticId, _: Build) -> bool {
    false
}

/// The bytes of a static's value, if bytes can say it.
#[salsa::tracked(returns(ref))]
fn static_bytes(db: &dyn Db, id: StaticId, build: Build) -> Option<InitialBytes> {
    let ty = hir_ty::signature::type_of_static(db, id);
    let ty = types::monomorphic(db, build, ty, GenericArgs::empty(db));
    let layout = repr::layout(db, ty).ok()?;
    match body_value(db, BodyOwner::Static(id)) {
        // Text is an address: the interpreter makes it.
        Ok(ConstValue::Str(text)) if !text.is_empty() => {
            crate::evaluate::initial_bytes(db, id, build, ty, &layout)
        }
        Ok(value) if !matches!(value, ConstValue::Parts(_) | ConstValue::Variant(..)) => {
            scalar_bytes(db, value, ty)
        }
        _ => crate::evaluate::initial_bytes(db, id, build, ty, &layout),
    }
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
