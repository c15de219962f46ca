//! Definitions of the library that the language itself knows, found by path in package `core`.
//! Every one may be missing: tests use tiny libraries.

use base::{Db, Package};
use hir_def::module_map::Namespace;
use hir_def::resolver::{PathResult, Resolution, Scope, resolve_path};
use hir_def::{
    AdtId, BehaviorId, EnumId, FuncId, ModuleDef, Name, Path, PathAnchor, PathSegment, StructId,
    VariantId,
};

use crate::auto::Auto;
use crate::signature;

/// Known definitions of a package's `core`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LangItems {
    pub maybe: Option<AdtId>,
    pub outcome: Option<AdtId>,
    pub ordering: Option<AdtId>,
    pub nothing_error: Option<AdtId>,
    pub text: Option<AdtId>,
    /// Never drops its content.
    pub manually_drop: Option<AdtId>,
    /// Has no value of its type, and is made of it as far as threads go.
    pub phantom_data: Option<AdtId>,
    /// Its content may change behind a shared loan; never Copy.
    pub unsafe_cell: Option<AdtId>,
    /// Open accesses to fields of objects.
    pub reading: Option<AdtId>,
    pub writing: Option<AdtId>,
    pub range: Option<StructId>,
    pub range_inclusive: Option<StructId>,
    pub range_from: Option<StructId>,
    pub range_to: Option<StructId>,
    pub range_to_inclusive: Option<StructId>,
    pub range_full: Option<StructId>,
    pub partial_eq: Option<BehaviorId>,
    pub eq: Option<BehaviorId>,
    pub partial_ord: Option<BehaviorId>,
    pub ord: Option<BehaviorId>,
    pub display: Option<BehaviorId>,
    pub debug: Option<BehaviorId>,
    pub default: Option<BehaviorId>,
    pub duplicate: Option<BehaviorId>,
    pub from: Option<BehaviorId>,
    pub into: Option<BehaviorId>,
    pub copy: Option<BehaviorId>,
    pub send: Option<BehaviorId>,
    pub sync: Option<BehaviorId>,
    /// The counted handle that shares its name with the behavior.
    pub sync_handle: Option<StructId>,
    pub sized: Option<BehaviorId>,
    pub drop: Option<BehaviorId>,
    pub iterator: Option<BehaviorId>,
    pub into_iterator: Option<BehaviorId>,
    /// Values that add up: numbers to themselves.
    pub total: Option<BehaviorId>,
    pub deref: Option<BehaviorId>,
    pub deref_mut: Option<BehaviorId>,
    pub index: Option<BehaviorId>,
    pub index_mut: Option<BehaviorId>,
    pub index_set: Option<BehaviorId>,
    pub list: Option<AdtId>,
    /// An array literal → `List[T]`.
    pub list_from_array: Option<FuncId>,
    /// `a[i to j]`
    pub slice_part: Option<FuncId>,
    pub slice_part_mut: Option<FuncId>,
    pub fn_: Option<BehaviorId>,
    pub fn_mut: Option<BehaviorId>,
    pub fn_once: Option<BehaviorId>,
    pub future: Option<BehaviorId>,
    pub error: Option<BehaviorId>,
    pub poll: Option<AdtId>,
    pub block_on: Option<FuncId>,
    /// What leads to a cell of memory: the bounds of the atomics by address.
    pub cells: [Option<BehaviorId>; 2],
    /// Operator behaviors, in the order of [`OPERATORS`].
    pub operators: Box<[Option<BehaviorId>]>,
}

/// Names of operator behaviors in `core::ops` and their methods.
pub const OPERATORS: [(&str, &str); 22] = [
    ("Add", "add"),
    ("Sub", "sub"),
    ("Mul", "mul"),
    ("Div", "div"),
    ("Rem", "rem"),
    ("BitAnd", "bitand"),
    ("BitOr", "bitor"),
    ("BitXor", "bitxor"),
    ("Shl", "shift_left"),
    ("Shr", "shift_right"),
    ("Neg", "neg"),
    ("Not", "negate"),
    ("AddAssign", "add_assign"),
    ("SubAssign", "sub_assign"),
    ("MulAssign", "mul_assign"),
    ("DivAssign", "div_assign"),
    ("RemAssign", "rem_assign"),
    ("BitAndAssign", "bitand_assign"),
    ("BitOrAssign", "bitor_assign"),
    ("BitXorAssign", "bitxor_assign"),
    ("ShlAssign", "shl_assign"),
    ("ShrAssign", "shr_assign"),
];

impl LangItems {
    /// The behavior of an operator, by its name in `core::ops`, with its method.
    pub fn operator(&self, name: &str) -> Option<(BehaviorId, &'static str)> {
        let index = OPERATORS
            .iter()
            .position(|(behavior, _)| *behavior == name)?;
        Some(((*self.operators.get(index)?)?, OPERATORS[index].1))
    }

    /// Which way of calling a behavior of the family `Fn` stands for.
    pub fn closure_kind(&self, behavior: BehaviorId) -> Option<crate::ty::ClosureKind> {
        use crate::ty::ClosureKind;
        let behavior = Some(behavior);
        if behavior == self.fn_ {
            Some(ClosureKind::Fn)
        } else if behavior == self.fn_mut {
            Some(ClosureKind::FnMut)
        } else if behavior == self.fn_once {
            Some(ClosureKind::FnOnce)
        } else {
            None
        }
    }

    /// `Send` or `Sync`.
    pub fn auto(&self, which: Auto) -> Option<BehaviorId> {
        match which {
            Auto::Send => self.send,
            Auto::Sync => self.sync,
        }
    }

    /// Whether a behavior is `Send` or `Sync`.
    pub fn auto_of(&self, behavior: BehaviorId) -> Option<Auto> {
        let is = |auto: &Auto| self.auto(*auto) == Some(behavior);
        [Auto::Send, Auto::Sync].into_iter().find(is)
    }

    /// `Sync` is a behavior and a type: the type, where only a type can stand.
    pub fn as_type(&self, def: ModuleDef) -> ModuleDef {
        match (def, self.sync_handle) {
            (ModuleDef::Behavior(id), Some(handle)) if self.sync == Some(id) => {
                ModuleDef::Struct(handle)
            }
            _ => def,
        }
    }

    /// The behavior, where only a behavior can stand.
    pub fn as_behavior(&self, def: ModuleDef) -> ModuleDef {
        match (def, self.sync) {
            (ModuleDef::Struct(id), Some(sync)) if self.sync_handle == Some(id) => {
                ModuleDef::Behavior(sync)
            }
            _ => def,
        }
    }

    pub fn is_maybe(&self, adt: AdtId) -> bool {
        self.maybe == Some(adt)
    }

    pub fn is_outcome(&self, adt: AdtId) -> bool {
        self.outcome == Some(adt)
    }

    /// `Ready` and `Pending`.
    pub fn poll_variants(&self, db: &dyn Db) -> Option<(VariantId, VariantId)> {
        variant_pair(db, self.poll?, "Ready", "Pending")
    }

    /// `Just` and `Nothing`.
    pub fn maybe_variants(&self, db: &dyn Db) -> Option<(VariantId, VariantId)> {
        variant_pair(db, self.maybe?, "Just", "Nothing")
    }

    /// `Ok` and `Err`.
    pub fn outcome_variants(&self, db: &dyn Db) -> Option<(VariantId, VariantId)> {
        variant_pair(db, self.outcome?, "Ok", "Err")
    }
}

fn variant_pair(db: &dyn Db, adt: AdtId, a: &str, b: &str) -> Option<(VariantId, VariantId)> {
    let AdtId::Enum(parent) = adt else {
        return None;
    };
    let find = |name| variant_by_name(db, parent, name);
    Some((find(a)?, find(b)?))
}

pub(crate) fn variant_by_name(db: &dyn Db, parent: EnumId, name: &str) -> Option<VariantId> {
    let index = hir_def::signatures::enum_data(db, parent).find(name)?;
    Some(VariantId { parent, index })
}

/// The package `core` that a package sees: itself, or the dependency of that name.
pub fn core_package(db: &dyn Db, package: Package) -> Option<Package> {
    if package.name(db) == "core" {
        return Some(package);
    }
    package
        .dependencies(db)
        .iter()
        .find(|dep| dep.name == "core")
        .map(|dep| dep.package)
}

/// The known definitions that code of a package sees.
///
/// Keyed by package; read by inference, solving and layout. Re-runs when modules of `core`
/// change.
pub fn lang_items(db: &dyn Db, package: Package) -> &LangItems {
    lang_items_of(db, core_package(db, package).unwrap_or(package))
}

#[salsa::tracked]
fn lang_items_of(db: &dyn Db, core: Package) -> LangItems {
    if core.name(db) != "core" {
        let operators = OPERATORS.iter().map(|_| None).collect();
        return LangItems {
            operators,
            ..LangItems::default()
        };
    }
    let find_in = |path: &str, namespace: Namespace| -> Option<ModuleDef> {
        let segments = path.split("::").map(|name| PathSegment {
            name: Name::new(name),
            args: None,
        });
        let path = Path {
            anchor: PathAnchor::Crate,
            segments: segments.collect(),
        };
        let module = hir_def::module_map::module_map(db, core).root;
        let scope = Scope {
            module,
            generics: None,
            block: None,
        };
        match resolve_path(db, scope, &path, namespace) {
            PathResult::Resolved(found) if found.consumed == path.segments.len() => {
                match found.to {
                    Resolution::Def(def) => Some(def),
                    _ => None,
                }
            }
            _ => None,
        }
    };
    let find = |path: &str| find_in(path, Namespace::Types);
    let function = |path: &str| match find_in(path, Namespace::Values)? {
        ModuleDef::Func(id) => Some(id),
        _ => None,
    };
    let adt = |path| find(path)?.as_adt();
    let structure = |path| match find(path)? {
        ModuleDef::Struct(id) => Some(id),
        _ => None,
    };
    let behavior = |path: &str| match find(path)? {
        ModuleDef::Behavior(id) => Some(id),
        _ => None,
    };
    LangItems {
        maybe: adt("option::Maybe"),
        outcome: adt("result::Outcome"),
        ordering: adt("cmp::Ordering"),
        nothing_error: adt("option::NothingError"),
        text: adt("text::Text"),
        manually_drop: adt("mem::ManuallyDrop"),
        phantom_data: adt("marker::PhantomData"),
        unsafe_cell: adt("cell::unsafe_cell::UnsafeCell"),
        reading: adt("rt::Reading"),
        writing: adt("rt::Writing"),
        range: structure("range::Range"),
        range_inclusive: structure("range::RangeInclusive"),
        range_from: structure("range::RangeFrom"),
        range_to: structure("range::RangeTo"),
        range_to_inclusive: structure("range::RangeToInclusive"),
        range_full: structure("range::RangeFull"),
        partial_eq: behavior("cmp::PartialEq"),
        eq: behavior("cmp::Eq"),
        partial_ord: behavior("cmp::PartialOrd"),
        ord: behavior("cmp::Ord"),
        display: behavior("fmt::Display"),
        debug: behavior("fmt::Debug"),
        default: behavior("default::Default"),
        duplicate: behavior("clone::Duplicate"),
        from: behavior("convert::From"),
        into: behavior("convert::Into"),
        copy: behavior("marker::Copy"),
        send: behavior("marker::Send"),
        sync: behavior("marker::Sync"),
        sync_handle: structure("alloc::sync::Sync"),
        sized: behavior("marker::Sized"),
        drop: behavior("ops::Drop"),
        iterator: behavior("iter::Iterator"),
        into_iterator: behavior("iter::IntoIterator"),
        total: behavior("iter::Total"),
        deref: behavior("ops::Deref"),
        deref_mut: behavior("ops::DerefMut"),
        index: behavior("ops::Index"),
        index_mut: behavior("ops::IndexMut"),
        index_set: behavior("ops::IndexSet"),
        list: adt("collections::list::List"),
        list_from_array: function("collections::list::from_array"),
        slice_part: function("slice::part"),
        slice_part_mut: function("slice::part_mut"),
        fn_: behavior("ops::Fn"),
        fn_mut: behavior("ops::FnMut"),
        fn_once: behavior("ops::FnOnce"),
        future: behavior("future::Future"),
        error: behavior("error::Error"),
        poll: adt("task::Poll"),
        block_on: function("future::block_on"),
        cells: [behavior("memory::Cell32"), behavior("memory::Cell64")],
        operators: OPERATORS
            .iter()
            .map(|(name, _)| behavior(&format!("ops::{name}")))
            .collect(),
    }
}

/// The function of a behavior, if both exist.
pub(crate) fn method_of(
    db: &dyn Db,
    behavior: Option<BehaviorId>,
    name: &str,
) -> Option<(BehaviorId, hir_def::FuncId)> {
    let behavior = behavior?;
    Some((behavior, signature::behavior_func(db, behavior, name)?))
}

/// The package that declares a data type.
pub(crate) fn package_of(db: &dyn Db, adt: AdtId) -> Package {
    adt.module(db).package(db)
}
