//! The stages of an instance: lowered → simplified → optimised → key.
//!
//! Each stage is one query built on the one before. Inlining, when it comes, reads callees at
//! an earlier stage, so recursion in a program never becomes a cycle of queries.

use std::sync::Arc;

use base::{Db, ItemLoc};
use hir_def::{BodyOwner, StaticId};
use smol_str::SmolStr;
use ssa::pipeline::Pipeline;
use ssa::{Function, Linkage, OptLevel, SourceInfo};
use stdx::Hash128;

use crate::emit::{Emit, Uses};
use crate::error::MonoError;
use crate::glue;
use crate::instance::{Instance, InstanceKind};
use crate::key::Build;
use crate::repr::Repr;
use crate::{lower, shim, symbol};

/// An instance as SSA, and what it refers to by symbol.
#[derive(Clone, Debug, PartialEq)]
pub struct Lowered {
    pub function: Arc<Function>,
    /// Instances that it calls or takes the address of, by symbol. A later stage may have lost
    /// some; [`callees`] says which are left.
    pub callees: Arc<[(SmolStr, Instance)]>,
    pub statics: Arc<[StaticId]>,
    /// Line symbols with the items whose first line they hold.
    pub lines: Arc<[(SmolStr, ItemLoc)]>,
    pub errors: Arc<[MonoError]>,
}

/// What an instance refers to after its own passes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Callees {
    /// In order of symbols, which are here so that reachability need not ask for each again.
    pub instances: Arc<[(SmolStr, Instance)]>,
    /// Symbols of foreign functions.
    pub externs: Arc<[SmolStr]>,
    pub statics: Arc<[StaticId]>,
    pub lines: Arc<[(SmolStr, ItemLoc)]>,
    pub errors: Arc<[MonoError]>,
}

/// MIR → SSA, once per instance.
///
/// Keyed by instance and build; read by [`ssa_simplified`] and [`callees`]. Re-runs when the
/// body's MIR, its lines (not its place in the file), or a layout or signature used changes.
#[salsa::tracked]
pub fn ssa_lowered(db: &dyn Db, instance: Instance, build: Build) -> Lowered {
    let cx = lower_instance(db, instance, build);
    let Uses {
        callees,
        statics,
        mut lines,
        errors,
    } = cx.uses;
    let mut function = cx.b.finish();
    function.display = symbol::display_name(db, instance);
    function.linkage = Linkage::Export;
    if let Some(func) = instance.source_func(db) {
        let owner = BodyOwner::Func(func);
        let item = owner.item(db);
        let line_symbol = symbol::line_symbol(db, owner);
        lines.insert(line_symbol.clone(), item);
        let file = item.file(db).source(db).name(db).clone();
        function.source = Some(SourceInfo { file, line_symbol });
        let attrs = &hir_def::signatures::func_signature(db, func).attrs;
        function.attrs.cold = attrs.cold;
        function.attrs.inline = match attrs.inline {
            hir_def::attrs::InlineHint::None => ssa::InlineHint::None,
            hir_def::attrs::InlineHint::Hint => ssa::InlineHint::Hint,
            hir_def::attrs::InlineHint::Always => ssa::InlineHint::Always,
            hir_def::attrs::InlineHint::Never => ssa::InlineHint::Never,
        };
    }
    Lowered {
        function: Arc::new(function),
        callees: callees.into_iter().collect(),
        statics: statics.into_iter().collect(),
        lines: lines.into_iter().collect(),
        errors: errors.into(),
    }
}

fn lower_instance<'db>(db: &'db dyn Db, instance: Instance, build: Build) -> Emit<'db> {
    let name = symbol::symbol(db, instance).clone();
    let args = instance.args(db);
    match instance.kind(db) {
        InstanceKind::Func(func) => lower::lower_func(db, build, func, args, name),
        InstanceKind::ConstInit(id) => {
            lower::lower_initialiser(db, build, BodyOwner::Const(id), args, name)
        }
        InstanceKind::AnonInit(id) => {
            lower::lower_initialiser(db, build, BodyOwner::AnonConst(id), args, name)
        }
        InstanceKind::StaticInit(id) => {
            lower::lower_initialiser(db, build, BodyOwner::Static(id), args, name)
        }
        InstanceKind::DropGlue(ty) => glue::drop_glue(db, build, instance, ty),
        InstanceKind::RetainGlue(ty) => glue::retain_glue(db, build, instance, ty),
        InstanceKind::EqGlue(ty) => glue::eq_glue(db, build, instance, ty),
        InstanceKind::PowGlue { base, exponent } => {
            glue::pow_glue(db, build, instance, base, exponent)
        }
        InstanceKind::PowOverflowGlue { base, exponent } => {
            glue::pow_overflow_glue(db, build, instance, base, exponent)
        }
        InstanceKind::WideDivGlue { ty, is_rem } => {
            glue::wide_div_glue(db, build, instance, ty, is_rem)
        }
        InstanceKind::WideFloatGlue { from, to } => match crate::repr::repr_of(db, to) {
            Repr::Scalar(float) if float.is_float() => {
                glue::wide_to_float_glue(db, build, instance, from, float)
            }
            _ => {
                let float = match crate::repr::repr_of(db, from) {
                    Repr::Scalar(float) => float,
                    Repr::Zero | Repr::Memory => ssa::Type::F64,
                };
                glue::float_to_wide_glue(db, build, instance, float, to)
            }
        },
        InstanceKind::FuncValue(func) => shim::func_value(db, build, instance, func, name),
        InstanceKind::CtorValue(variant) => shim::ctor_value(db, build, instance, variant, name),
        InstanceKind::MainShim(main) => shim::main_shim(db, build, main),
    }
}

/// What runs on one function alone. Without optimisation it is the cheap part: scalars leave
/// memory, which makes unoptimised code several times smaller.
const SIMPLIFY_O0: &str = "promote_slots, simplify_cfg";

/// After the passes that look at one function alone.
///
/// Keyed like [`ssa_lowered`]; read by [`ssa_optimized`] and, later, by inliners of callers.
/// Re-runs with the lowered form.
#[salsa::tracked]
pub fn ssa_simplified(db: &dyn Db, instance: Instance, build: Build) -> Arc<Function> {
    let lowered = ssa_lowered(db, instance, build);
    let mut function = Function::clone(&lowered.function);
    debug_verify(&function);
    let pipeline = match build.profile(db).opt_level(db) {
        OptLevel::O0 => Pipeline::parse(SIMPLIFY_O0).unwrap_or_default(),
        level => Pipeline::for_level(level),
    };
    pipeline.run(&mut function);
    debug_verify(&function);
    Arc::new(function)
}

/// With debug assertions, a function that breaks the rules of the IR is a panic here and now.
fn debug_verify(function: &Function) {
    if !cfg!(debug_assertions) {
        return;
    }
    let errors = ssa::verify::verify(function).err().unwrap_or_default();
    stdx::never!(!errors.is_empty(), "invalid SSA: {errors:?}\n{function}");
}

/// After the passes that look at callees, too: as yet the simplified form.
#[salsa::tracked]
pub fn ssa_optimized(db: &dyn Db, instance: Instance, build: Build) -> Arc<Function> {
    ssa_simplified(db, instance, build).clone()
}

/// BARRIER 6: what an instance needs to be there.
///
/// Keyed like [`ssa_lowered`]; read by reachability. An edit that calls nothing new stops here.
#[salsa::tracked]
pub fn callees(db: &dyn Db, instance: Instance, build: Build) -> Callees {
    let lowered = ssa_lowered(db, instance, build);
    let function = ssa_optimized(db, instance, build);
    let mut instances: Vec<(SmolStr, Instance)> = Vec::new();
    let mut externs: Vec<SmolStr> = Vec::new();
    for func in function.funcs.values() {
        let known = lowered
            .callees
            .iter()
            .find(|(symbol, _)| *symbol == func.symbol);
        match known {
            Some((symbol, callee)) if is_compiled(db, *callee) => {
                instances.push((symbol.clone(), *callee));
            }
            _ => externs.push(func.symbol.clone()),
        }
    }
    instances.sort_by(|a, b| a.0.cmp(&b.0));
    externs.sort();
    Callees {
        instances: instances.into(),
        externs: externs.into(),
        statics: lowered.statics.clone(),
        lines: lowered.lines.clone(),
        errors: lowered.errors.clone(),
    }
}

/// Whether we make the code of an instance: not of foreign functions.
fn is_compiled(db: &dyn Db, instance: Instance) -> bool {
    match instance.kind(db) {
        InstanceKind::Func(func) => hir_ty::signature::fn_type(db, func).flags.has_body,
        _ => true,
    }
}

/// BARRIER 8: a stable hash of all that code generation reads of an instance.
///
/// Keyed like [`ssa_lowered`]; read by the plan. Edits that change no code stop here.
#[salsa::tracked(returns(copy))]
pub fn unit_key(db: &dyn Db, instance: Instance, build: Build) -> Hash128 {
    ssa_optimized(db, instance, build).key()
}
