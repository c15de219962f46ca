//! Functions of `core` that compiled code calls, by path.

use base::{Db, Package};
use hir_def::module_map::module_data;
use hir_def::{FuncId, ModuleDef, ModuleId};

/// `["core", "rt", "str_retain"]`: the module's own function, or one that it imports.
pub(crate) fn find_func(db: &dyn Db, core: Package, path: &[&str]) -> Option<FuncId> {
    let (name, modules) = path.get(1..)?.split_last()?;
    let module = ModuleId::new(db, core, smol_str::SmolStr::from(modules.join("::")));
    let data = module_data(db, module)?;
    let entry = data
        .items
        .values
        .get(*name)
        .or_else(|| data.imports.values.get(*name))?;
    match entry.def {
        ModuleDef::Func(func) => Some(func),
        _ => None,
    }
}

/// A function of a package's root module: `main`.
pub(crate) fn find_root_func(db: &dyn Db, package: Package, name: &str) -> Option<FuncId> {
    find_func(db, package, &["", name])
}
