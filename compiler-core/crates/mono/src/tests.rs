//! What the test runner may ask of a package: tests and benches (reference §14).

use std::sync::Arc;

use base::{Db, Package};
use hir_def::attrs::{Attrs, Fixture};
use hir_def::module_map::module_map;
use hir_def::signatures::func_signature;
use hir_def::{FuncId, GenericDef, ModuleDef};

/// The exit status of a test executable whose test has passed. Not 0, so that a test that ends
/// the process itself has not passed. The runner (`client::testing`) knows this number, too.
pub const PASSED: i32 = 213;
/// The status after a test that returned a failure.
pub const FAILED: i32 = 214;

/// The tests and benches of a package, module by module, in the order of the text. Positions in
/// this list are the numbers that the test executable takes.
///
/// Keyed by package; read by the entry point of its test executable and by the runner's plan.
/// Re-runs when a declaration changes; bodies are not looked at.
#[salsa::tracked(returns(clone))]
pub fn package_tests(db: &dyn Db, package: Package) -> Arc<[FuncId]> {
    free_funcs(db, package)
        .filter(|func| is_runnable(db, *func))
        .collect()
}

/// What of a kind stands in the same file as a test, in the order of the text.
pub(crate) fn fixtures(db: &dyn Db, package: Package, test: FuncId, kind: Fixture) -> Vec<FuncId> {
    let file = test.file(db);
    let is_wanted = |func: &FuncId| {
        let attrs = &func_signature(db, *func).attrs;
        attrs.test.as_ref().and_then(|test| test.fixture) == Some(kind)
            && func.file(db) == file
            && is_callable(db, *func)
    };
    free_funcs(db, package).filter(is_wanted).collect()
}

/// Whether decorators make a function a bench.
pub fn is_bench(attrs: &Attrs) -> bool {
    attrs.test.as_ref().is_some_and(|test| test.bench.is_some())
}

fn free_funcs(db: &dyn Db, package: Package) -> impl Iterator<Item = FuncId> {
    let modules = module_map(db, package).modules.values();
    modules.flat_map(|module| {
        module.defs.iter().filter_map(|def| match def {
            ModuleDef::Func(func) => Some(*func),
            _ => None,
        })
    })
}

fn is_runnable(db: &dyn Db, func: FuncId) -> bool {
    let attrs = &func_signature(db, func).attrs;
    (attrs.is_test || is_bench(attrs)) && is_callable(db, func)
}

/// T054 speaks of the others.
fn is_callable(db: &dyn Db, func: FuncId) -> bool {
    let sig = hir_ty::fn_type(db, func);
    sig.flags.has_body
        && sig.all_params(db).next().is_none()
        && hir_ty::generics_of(db, GenericDef::Func(func)).is_empty()
}
