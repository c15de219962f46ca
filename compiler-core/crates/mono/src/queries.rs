//! The stages of an instance: lowered → simplified → optimised → key.
//!
//! Each stage is one query built on the one before. Inlining reads callees at the simplified
//! stage, and of those that it does not inline only a summary, so recursion in a program never
//! becomes a cycle of queries, and an edit reaches the callers that really inlined.

use std::sync::Arc;

use base::{Db, ItemLoc};
use hir_def::{BodyOwner, StaticId};
use hir_ty::Ty;
use indexmap::IndexSet;
use smol_str::SmolStr;
use ssa::pipeline::{Dump, Observe, Pipeline};
use ssa::{Function, Linkage, Role, SourceInfo, Summary, Surroundings, Unknown};
use stdx::Hash128;

use crate::around::Around;
use crate::choice::Choice;
use crate::emit::{Emit, Uses};
use crate::error::MonoError;
use crate::glue;
use crate::instance::{Instance, InstanceKind};
use crate::key::Build;
use crate::object::class_tables;
use crate::repr::Repr;
use crate::tables::{Table, table_data};
use crate::{lower, shim, symbol};

/// An instance as SSA, and what it refers to by symbol.
#[derive(Clone, Debug, PartialEq)]
pub struct Lowered {
    pub function: Arc<Function>,
    /// Instances that it calls or takes the address of, by symbol. A later stage may have lost
    /// some; [`callees`] says which are left.
    pub callees: Arc<[(SmolStr, Instance)]>,
    pub statics: Arc<[StaticId]>,
    pub tables: Arc<[Table]>,
    /// Classes whose method tables it names.
    pub class_tables: Arc<[Ty]>,
    /// Generic methods that it calls through objects.
    pub choices: Arc<[Choice]>,
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
    pub tables: Arc<[Table]>,
    pub class_tables: Arc<[Ty]>,
    pub choices: Arc<[Choice]>,
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
        tables,
        class_tables,
        choices,
        mut lines,
        errors,
    } = cx.uses;
    let mut function = cx.b.finish();
    function.display = symbol::display_name(db, instance);
    function.attrs.role = crate::abi::role_of(db, instance);
    function.linkage = Linkage::Export;
    if let Some(owner) = instance.source_owner(db) {
        let item = owner.item(db);
        let line_symbol = symbol::line_symbol(db, owner);
        lines.insert(line_symbol.clone(), item);
        let file = item.file(db).source(db).name(db).clone();
        function.source = Some(SourceInfo { file, line_symbol });
    }
    if let Some(func) = instance.source_func(db) {
        let attrs = &hir_def::signatures::func_signature(db, func).attrs;
        function.attrs.cold = attrs.cold;
        function.attrs.inline = match attrs.inline {
            hir_def::attrs::InlineHint::None => ssa::InlineHint::None,
            hir_def::attrs::InlineHint::Hint => ssa::InlineHint::Hint,
            hir_def::attrs::InlineHint::Always => ssa::InlineHint::Always,
            hir_def::attrs::InlineHint::Never => ssa::InlineHint::Never,
        };
    } else if function.attrs.role != Role::None {
        // The counting of objects goes back into its callers when what is paired is gone.
        function.attrs.inline = ssa::InlineHint::Hint;
    }
    Lowered {
        function: Arc::new(function),
        callees: callees.into_iter().collect(),
        statics: statics.into_iter().collect(),
        tables: tables.into_iter().collect(),
        class_tables: class_tables.into_iter().collect(),
        choices: choices.into_iter().collect(),
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
        InstanceKind::StaticGuard(id) => glue::lazy::static_guard(db, build, instance, id),
        InstanceKind::DropGlue(ty) => glue::drop_glue(db, build, instance, ty),
        InstanceKind::RetainObject => glue::retain_object_glue(db, build, instance),
        InstanceKind::ReleaseObject => glue::release_glue(db, build, instance),
        InstanceKind::Destroy(ty) => glue::destroy_glue(db, build, instance, ty),
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
        InstanceKind::Virtual(func) => {
            crate::objects::virtual_method(db, build, instance, func, name)
        }
        InstanceKind::OwnedSlot(func) => {
            crate::objects::owned_slot(db, build, instance, func, name)
        }
        InstanceKind::Adapter(func) => crate::objects::adapter(db, build, instance, func, name),
        InstanceKind::NoSetter(func) => crate::objects::no_setter(db, build, instance, func, name),
        InstanceKind::CtorValue(variant) => shim::ctor_value(db, build, instance, variant, name),
        InstanceKind::ResumeFunc(func) => {
            let owner = BodyOwner::Func(func);
            let output = hir_ty::signature::async_output(db, func);
            let output = crate::types::monomorphic(db, build, output, args);
            let body = crate::types::mir_of(db, owner, build);
            lower::lower_resume(db, build, owner, body, args, name, output)
        }
        InstanceKind::ResumeBlock(id) => {
            let output = hir_ty::ClosureArgs(args).ret(db);
            let body = crate::types::closure_body(db, id, build);
            lower::lower_resume(db, build, id.owner, body, args, name, output)
        }
        InstanceKind::Closure(id) => lower::lower_closure(db, build, id, args, name),
        InstanceKind::ClosureValue(id) => {
            crate::closure::closure_value(db, build, instance, id, name)
        }
        InstanceKind::MainShim(main) => shim::main_shim(db, build, main),
        InstanceKind::TestShim(package) => crate::test_shim::test_shim(db, build, package),
    }
}

/// After the passes that look at one function alone.
///
/// Keyed like [`ssa_lowered`]; read by [`summary`], [`ssa_optimized`] and by inliners of
/// callers. Re-runs with the lowered form.
#[salsa::tracked]
pub fn ssa_simplified(db: &dyn Db, instance: Instance, build: Build) -> Arc<Function> {
    let lowered = ssa_lowered(db, instance, build);
    let mut function = Function::clone(&lowered.function);
    let pipeline = match build.profile(db).llvm_only(db) {
        true => Pipeline::default(),
        false => Pipeline::simplify(build.profile(db).opt_level(db)),
    };
    run_passes(&pipeline, &mut function, &Unknown);
    Arc::new(function)
}

/// BARRIER 7: what callers need to know of an instance before they look at its body.
///
/// Keyed like [`ssa_lowered`]; read by [`optimized`] of callers. Edits that change neither the
/// price nor the effects of a function stop here. Without optimisation nobody asks.
#[salsa::tracked(returns(copy))]
pub fn summary(db: &dyn Db, instance: Instance, build: Build) -> Summary {
    Summary::of(ssa_simplified(db, instance, build))
}

/// Runs passes. With debug assertions, a pass that breaks the rules of the IR, or a lowering
/// that does, is a panic here and now.
fn run_passes(pipeline: &Pipeline, function: &mut Function, around: &dyn Surroundings) {
    if !cfg!(debug_assertions) {
        pipeline.run(function, around);
        return;
    }
    let errors = ssa::verify::verify(function).err().unwrap_or_default();
    stdx::never!(!errors.is_empty(), "invalid SSA: {errors:?}\n{function}");
    let mut observe = Observe {
        verify_after: true,
        ..Observe::default()
    };
    let broken = pipeline.run_observed(function, around, &mut observe).err();
    stdx::never!(broken.is_some(), "invalid SSA: {broken:?}\n{function}");
}

/// An instance after all passes, and whose bodies went into it.
#[derive(Clone, Debug, PartialEq)]
struct Optimized {
    function: Arc<Function>,
    /// In order of symbols.
    inlined: Arc<[Instance]>,
}

/// After the passes that look at callees, too; the simplified form where the profile has none.
///
/// Keyed like [`ssa_lowered`]. Re-runs with the simplified form, with the summary of any callee,
/// and with the simplified form of those callees that it inlined.
#[salsa::tracked]
fn optimized(db: &dyn Db, instance: Instance, build: Build) -> Optimized {
    let simplified = ssa_simplified(db, instance, build);
    let pipeline = Pipeline::optimize(build.profile(db).opt_level(db));
    if pipeline.passes.is_empty() || build.profile(db).llvm_only(db) {
        return Optimized {
            function: simplified.clone(),
            inlined: Arc::from([]),
        };
    }
    let around = Around::new(db, instance, build);
    let mut function = Function::clone(simplified);
    run_passes(&pipeline, &mut function, &around);
    Optimized {
        function: Arc::new(function),
        inlined: around.into_inlined(),
    }
}

/// Runs all passes of an instance under observation, for people who want to see them.
pub(crate) fn observe_passes(db: &dyn Db, instance: Instance, build: Build, dump: &mut Dump<'_>) {
    let level = build.profile(db).opt_level(db);
    let mut function = Function::clone(&ssa_lowered(db, instance, build).function);
    let around = Around::new(db, instance, build);
    let stages: [(Pipeline, &dyn Surroundings); 2] = [
        (Pipeline::simplify(level), &Unknown),
        (Pipeline::optimize(level), &around),
    ];
    for (pipeline, around) in stages {
        let mut observe = Observe {
            dump: Some(&mut *dump),
            ..Observe::default()
        };
        // What breaks the rules is found where it is compiled.
        let _ = pipeline.run_observed(&mut function, around, &mut observe);
    }
}

/// After all passes.
#[salsa::tracked]
pub fn ssa_optimized(db: &dyn Db, instance: Instance, build: Build) -> Arc<Function> {
    optimized(db, instance, build).function.clone()
}

/// BARRIER 6: what an instance needs to be there.
///
/// Keyed like [`ssa_lowered`]; read by reachability. An edit that calls nothing new stops here.
/// What only inlined bodies mention is a need of the instance that they went into.
#[salsa::tracked]
pub fn callees(db: &dyn Db, instance: Instance, build: Build) -> Callees {
    let Optimized { function, inlined } = optimized(db, instance, build);
    let mut instances: Vec<(SmolStr, Instance)> = Vec::new();
    let mut externs: Vec<SmolStr> = Vec::new();
    let sources: Vec<&Lowered> = std::iter::once(instance)
        .chain(inlined.iter().copied())
        .map(|source| ssa_lowered(db, source, build))
        .collect();
    let known = |symbol: &SmolStr| {
        let mut all = sources.iter().flat_map(|lowered| lowered.callees.iter());
        let mentioned = all.find(|(it, _)| it == symbol).map(|(_, callee)| *callee);
        mentioned.or_else(|| in_tables(db, build, &sources, symbol))
    };
    for func in function.funcs.values() {
        match known(&func.symbol) {
            Some(callee) if is_compiled(db, callee) => {
                instances.push((func.symbol.clone(), callee));
            }
            // A function that comes to call itself only by inlining another one.
            None if func.symbol == function.symbol => {
                instances.push((func.symbol.clone(), instance));
            }
            _ => externs.push(func.symbol.clone()),
        }
    }
    instances.sort_by(|a, b| a.0.cmp(&b.0));
    externs.sort();
    let mut statics: IndexSet<StaticId> = IndexSet::new();
    let mut tables: IndexSet<Table> = IndexSet::new();
    let mut class_tables: IndexSet<Ty> = IndexSet::new();
    let mut choices: IndexSet<Choice> = IndexSet::new();
    let mut lines: Vec<(SmolStr, ItemLoc)> = Vec::new();
    let mut errors: Vec<MonoError> = Vec::new();
    for lowered in sources {
        statics.extend(lowered.statics.iter().copied());
        tables.extend(lowered.tables.iter().copied());
        class_tables.extend(lowered.class_tables.iter().copied());
        choices.extend(lowered.choices.iter().copied());
        lines.extend(lowered.lines.iter().cloned());
        errors.extend(lowered.errors.iter().cloned());
    }
    lines.sort_by(|a, b| a.0.cmp(&b.0));
    lines.dedup_by(|a, b| a.0 == b.0);
    Callees {
        instances: instances.into(),
        externs: externs.into(),
        statics: statics.into_iter().collect(),
        tables: tables.into_iter().collect(),
        class_tables: class_tables.into_iter().collect(),
        choices: choices.into_iter().collect(),
        lines: lines.into(),
        errors: errors.into(),
    }
}

/// The function of a symbol that a pass has read from a method table.
fn in_tables(db: &dyn Db, build: Build, sources: &[&Lowered], symbol: &str) -> Option<Instance> {
    let objects = sources.iter().flat_map(|lowered| lowered.tables.iter());
    for table in objects {
        let instances = &table_data(db, *table, build).instances;
        if let Some((_, instance)) = instances.iter().find(|(it, _)| it == symbol) {
            return Some(*instance);
        }
    }
    let classes = sources
        .iter()
        .flat_map(|lowered| lowered.class_tables.iter());
    let mut instances = classes.flat_map(|class| class_tables(db, *class, build).instances.iter());
    let found = instances.find(|it| symbol::symbol(db, **it) == symbol);
    found.copied()
}

/// Whether we make the code of an instance: not of foreign functions.
pub(crate) fn is_compiled(db: &dyn Db, instance: Instance) -> bool {
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
