//! What is wrong with declarations: types in signatures, implementations, layouts, constants.

mod classes;
mod members;
mod signatures;

pub use classes::shown_name;

use base::Db;
use hir_def::signatures as s;
use hir_def::{
    AdtId, AssocItemId, BehaviorId, BodyOwner, ClassId, ConstId, EnumId, FuncId, GenericDef,
    ImplId, ModuleDef, ModuleId, Name, StaticId, TypeAliasId,
};

use crate::auto::{Auto, auto_culprit};
use crate::consteval::{ConstError, body_value, failed_at};
use crate::generics::{
    BehaviorRef, ParamEnv, Predicate, generics_of, identity_args, param_env, predicates_of,
};
use crate::impls::{BehaviorImpl, TyHead, impls, local_impls, package_closure};
use crate::lang::lang_items;
use crate::lower::LowerError;
use crate::signature::{
    adt_fields, behavior_item, fn_type, fn_type_lowered, impl_behaviors, impl_header,
    type_of_alias_lowered, type_of_const_lowered, type_of_static, type_of_static_lowered,
};
use crate::solve::{Answer, Solver, normalize};
use crate::table::Table;
use crate::ty::{Const, GenericArgs, Ty, TyKind};

/// The declaration that a type was written in; its source map has the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeclId {
    Generic(GenericDef),
    Const(ConstId),
    Static(StaticId),
}

/// A broken rule about declarations.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ItemDiagnostic {
    /// T002, T006, … in a signature.
    Type { decl: DeclId, error: LowerError },
    /// T027: two implementations that could both apply.
    Conflict {
        first: ImplId,
        second: ImplId,
        behavior: BehaviorId,
    },
    /// T027: in a library, a foreign behavior for a foreign type.
    Orphan { id: ImplId, behavior: BehaviorId },
    /// T028.
    MissingMembers {
        id: ImplId,
        behavior: BehaviorId,
        missing: Box<[Name]>,
    },
    /// T029.
    ExtraMember {
        id: ImplId,
        behavior: BehaviorId,
        item: AssocItemId,
        name: Name,
        nearest: Option<Name>,
    },
    /// T032.
    SignatureDiffers {
        func: FuncId,
        declared: FuncId,
        what: Difference,
    },
    /// T070.
    SealedBase { class: ClassId, base: ClassId },
    /// T072.
    AbstractMissing {
        class: ClassId,
        missing: Box<[FuncId]>,
    },
    /// T073; the method of the name that is not virtual, if there is one.
    OverrideNothing { func: FuncId, base: Option<FuncId> },
    /// T074.
    OverrideSealed { func: FuncId, base: FuncId },
    /// W035.
    Hides { func: FuncId, base: FuncId },
    /// T076.
    InterfaceMissing {
        class: ClassId,
        interface: BehaviorId,
        missing: Box<[Name]>,
    },
    /// T008: between the braces of one declaration.
    DuplicateMember {
        first: AssocItemId,
        second: AssocItemId,
        name: Name,
    },
    /// T026, T055: an associated type against its declared bounds.
    AssocBound {
        item: TypeAliasId,
        declared: TypeAliasId,
        ty: Ty,
        broken: Predicate,
    },
    /// T027: `Drop` for a type of another package.
    ForeignDrop { id: ImplId, behavior: BehaviorId },
    /// T036.
    ReceiverType { func: FuncId, found: Ty, this: Ty },
    /// C006; `None` for the result.
    ForeignType {
        func: FuncId,
        param: Option<u32>,
        ty: Ty,
    },
    /// T026: a super-behavior is not implemented.
    MissingSuper { id: ImplId, bound: BehaviorRef },
    /// P065: `type E = A | B` of existing types.
    SumOfTypes { id: EnumId },
    /// T085.
    InfiniteSize { adt: AdtId },
    /// W030: `Send` or `Sync` by hand, without `lowlevel`.
    BareAuto { id: ImplId, behavior: BehaviorId },
    /// W042: what a dependency says already.
    Repeats { id: ImplId, behavior: BehaviorId },
    /// T081: threads may not share the type of a static.
    SharedStatic { id: StaticId },
    /// T051.
    MainSignature { func: FuncId },
    /// T054: of a test, a bench or a fixture.
    TestSignature { func: FuncId },
    /// T060 to T066; at the expression of the body, if it is known.
    Const {
        owner: BodyOwner,
        at: Option<hir_def::body::ExprId>,
        error: ConstError,
    },
}

/// How a member differs from its declaration in the behavior.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Difference {
    Receiver,
    ParamCount {
        expected: u32,
        found: u32,
    },
    GenericCount {
        expected: u32,
        found: u32,
    },
    Param {
        index: u32,
        expected: Ty,
        found: Ty,
    },
    Result {
        expected: Ty,
        found: Ty,
    },
    /// What the `impl B` of the result promises and its type does not keep.
    Hidden {
        predicate: Predicate,
    },
    /// What it demands of its own type parameters.
    Bound {
        predicate: Predicate,
    },
}

/// Findings about the declarations of one module.
///
/// Keyed by module; read by the diagnostics of its files. Re-runs when a declaration that it
/// checks changes, never for bodies other than those of constants.
#[salsa::tracked]
pub fn module_diagnostics(db: &dyn Db, module: ModuleId) -> Box<[ItemDiagnostic]> {
    let Some(data) = hir_def::module_map::module_data(db, module) else {
        return Box::default();
    };
    let mut check = Check {
        db,
        module,
        body: None,
        out: Vec::new(),
    };
    for def in &data.defs {
        check.def(*def);
        if let ModuleDef::Func(id) = *def {
            check.main(id);
            check.test(id);
        }
    }
    for id in &data.impls {
        check.implementation(*id);
    }
    check.out.into()
}

/// Findings about the declarations inside one body.
///
/// Keyed by owner; read by the diagnostics of its file. Re-runs when a declaration inside the
/// body changes, or one that it is checked against.
#[salsa::tracked]
pub fn local_item_diagnostics(db: &dyn Db, owner: BodyOwner) -> Box<[ItemDiagnostic]> {
    let blocks = &hir_def::block_items::block_items(db, owner).blocks;
    let mut check = Check {
        db,
        module: owner.module(db),
        body: Some(owner),
        out: Vec::new(),
    };
    for block in blocks {
        for def in &block.defs {
            check.def(*def);
        }
        for id in &block.impls {
            check.implementation(*id);
        }
    }
    check.out.into()
}

struct Check<'db> {
    db: &'db dyn Db,
    module: ModuleId,
    /// Whose local declarations are checked.
    body: Option<BodyOwner>,
    out: Vec<ItemDiagnostic>,
}

impl Check<'_> {
    fn types(&mut self, decl: DeclId, errors: &[LowerError]) {
        for error in errors {
            self.out.push(ItemDiagnostic::Type {
                decl,
                error: error.clone(),
            });
        }
    }

    fn def(&mut self, def: ModuleDef) {
        match def {
            ModuleDef::Func(id) => self.func(id),
            ModuleDef::Struct(id) => self.adt(AdtId::Struct(id)),
            ModuleDef::Enum(id) => self.adt(AdtId::Enum(id)),
            ModuleDef::Union(id) => self.adt(AdtId::Union(id)),
            ModuleDef::Const(id) => self.constant(id),
            ModuleDef::Static(id) => self.static_(id),
            ModuleDef::TypeAlias(id) => self.alias(id),
            ModuleDef::Behavior(id) => self.behavior(id),
            ModuleDef::Class(id) => self.class(id),
            ModuleDef::Module(_) | ModuleDef::Variant(_) | ModuleDef::Builtin(_) => {}
        }
    }

    fn generic(&mut self, def: GenericDef) {
        self.types(DeclId::Generic(def), &predicates_of(self.db, def).errors);
    }

    fn func(&mut self, id: FuncId) {
        let def = GenericDef::Func(id);
        self.generic(def);
        self.types(DeclId::Generic(def), &fn_type_lowered(self.db, id).errors);
        self.receiver(id);
        self.foreign_types(id);
    }

    fn main(&mut self, id: FuncId) {
        let db = self.db;
        let data = s::func_signature(db, id);
        let package = self.module.package(db);
        let is_root = self.module.path(db).is_empty();
        if data.name != "main" || !is_root || *package.is_library(db) {
            return;
        }
        let sig = fn_type(db, id);
        let lang = lang_items(db, package);
        let ret_ok = sig.ret.is_unit(db)
            || sig.ret.is_never(db)
            || sig.ret.is_error(db)
            || sig.ret == Ty::i32(db)
            || sig
                .ret
                .as_adt(db)
                .is_some_and(|(adt, args)| lang.is_outcome(adt) && args.ty(db, 0).is_unit(db));
        let generic = !generics_of(db, GenericDef::Func(id)).is_empty();
        if !ret_ok || !sig.params.is_empty() || generic {
            self.out.push(ItemDiagnostic::MainSignature { func: id });
        }
    }

    /// The runner calls tests, benches and fixtures with nothing.
    fn test(&mut self, id: FuncId) {
        let db = self.db;
        let attrs = &s::func_signature(db, id).attrs;
        let extra = attrs.test.as_ref();
        let is_called = attrs.is_test
            || extra.is_some_and(|test| test.bench.is_some() || test.fixture.is_some());
        let has_params = fn_type(db, id).all_params(db).next().is_some();
        let is_generic = !generics_of(db, GenericDef::Func(id)).is_empty();
        if is_called && (has_params || is_generic) {
            self.out.push(ItemDiagnostic::TestSignature { func: id });
        }
    }

    fn adt(&mut self, adt: AdtId) {
        let def = GenericDef::from(adt);
        self.generic(def);
        self.types(DeclId::Generic(def), &adt_fields(self.db, adt).errors);
        if is_infinite(self.db, adt) {
            self.out.push(ItemDiagnostic::InfiniteSize { adt });
        }
        if let AdtId::Enum(id) = adt {
            self.sum(id);
            for (index, variant) in s::enum_data(self.db, id).variants.iter().enumerate() {
                if variant.has_discriminant {
                    let variant = hir_def::VariantId {
                        parent: id,
                        index: index as u32,
                    };
                    let kind = hir_def::AnonConstKind::Discriminant(variant);
                    let anon = hir_def::AnonConstId::new(self.db, kind);
                    self.value(BodyOwner::AnonConst(anon));
                }
            }
        }
    }

    fn value(&mut self, owner: BodyOwner) {
        match body_value(self.db, owner) {
            Ok(_) | Err(ConstError::Aggregate | ConstError::Reported) => {}
            Err(error) => {
                let (at, error) = (failed_at(self.db, owner), error.clone());
                self.out.push(ItemDiagnostic::Const { owner, at, error });
            }
        }
    }

    fn constant(&mut self, id: ConstId) {
        self.types(
            DeclId::Const(id),
            &type_of_const_lowered(self.db, id).errors,
        );
        if s::const_data(self.db, id).has_value {
            self.value(BodyOwner::Const(id));
        }
    }

    fn static_(&mut self, id: StaticId) {
        self.types(
            DeclId::Static(id),
            &type_of_static_lowered(self.db, id).errors,
        );
        let data = s::static_data(self.db, id);
        if !data.is_mutable && !data.attrs.thread_local {
            let env = ParamEnv::empty(self.db, id.module(self.db).package(self.db));
            let ty = normalize(self.db, type_of_static(self.db, id), env);
            if auto_culprit(self.db, ty, Auto::Sync, env).is_some() {
                self.out.push(ItemDiagnostic::SharedStatic { id });
            }
        }
        if data.has_value && !data.attrs.static_init {
            self.value(BodyOwner::Static(id));
        }
    }

    fn alias(&mut self, id: TypeAliasId) {
        let def = GenericDef::TypeAlias(id);
        self.generic(def);
        self.types(
            DeclId::Generic(def),
            &type_of_alias_lowered(self.db, id).errors,
        );
    }

    fn assoc(&mut self, item: AssocItemId) {
        match item {
            AssocItemId::Func(id) => self.func(id),
            AssocItemId::Const(id) => self.constant(id),
            AssocItemId::Type(id) => self.alias(id),
            AssocItemId::Static(id) => self.static_(id),
        }
    }

    fn behavior(&mut self, id: BehaviorId) {
        self.generic(GenericDef::Behavior(id));
        let items = &s::behavior_data(self.db, id).items;
        self.duplicates(items);
        for (_, item) in items {
            self.assoc(*item);
        }
    }

    fn implementation(&mut self, id: ImplId) {
        let db = self.db;
        let def = GenericDef::Impl(id);
        self.generic(def);
        self.types(DeclId::Generic(def), &impl_header(db, id).errors);
        let items = &s::impl_data(db, id).items;
        self.duplicates(items);
        for (_, item) in items {
            self.assoc(*item);
        }
        for (nth, bound) in impl_behaviors(db, id).iter().enumerate() {
            let is_auto = lang_items(db, id.module(db).package(db)).auto_of(bound.behavior);
            if is_auto.is_some() && !s::impl_data(db, id).is_lowlevel {
                let behavior = bound.behavior;
                self.out.push(ItemDiagnostic::BareAuto { id, behavior });
            }
            self.members(id, *bound);
            self.supers(id, *bound);
            self.assoc_bounds(id, *bound);
            self.orphan(id, *bound);
            self.foreign_drop(id, *bound);
            self.conflicts(
                BehaviorImpl {
                    id,
                    nth: nth as u32,
                },
                *bound,
            );
        }
    }

    fn members(&mut self, id: ImplId, bound: BehaviorRef) {
        let db = self.db;
        let behavior = bound.behavior;
        let given = &s::impl_data(db, id).items;
        let declared = &s::behavior_data(db, behavior).items;
        let mut missing = Vec::new();
        for (name, item) in declared {
            let is_given = given.iter().any(|(n, _)| n == name);
            let has_default = match item {
                AssocItemId::Func(func) => s::func_signature(db, *func).flags.has_body,
                AssocItemId::Const(id) => s::const_data(db, *id).has_value,
                AssocItemId::Type(id) => s::alias_data(db, *id).ty.is_some(),
                AssocItemId::Static(_) => true,
            };
            if !is_given && !has_default {
                missing.push(name.clone());
            }
        }
        if !missing.is_empty() {
            let missing = missing.into();
            self.out.push(ItemDiagnostic::MissingMembers {
                id,
                behavior,
                missing,
            });
        }
        // `extend T with A + B` spreads its members over several behaviors.
        let others: Vec<BehaviorId> = impl_behaviors(db, id).iter().map(|b| b.behavior).collect();
        for (name, item) in given {
            match behavior_item(db, behavior, name) {
                Some(AssocItemId::Func(declared)) => {
                    if let AssocItemId::Func(func) = item {
                        self.same_signature(*func, declared, bound.args);
                    }
                }
                Some(_) => {}
                None if others.iter().any(|b| behavior_item(db, *b, name).is_some()) => {}
                None => {
                    let names = declared.iter().map(|(n, _)| n.as_str());
                    let nearest = hir_def::suggest::nearest(name, names);
                    let (item, name) = (*item, name.clone());
                    let found = ItemDiagnostic::ExtraMember {
                        id,
                        behavior,
                        item,
                        name,
                        nearest,
                    };
                    self.out.push(found);
                }
            }
        }
    }

    fn supers(&mut self, id: ImplId, bound: BehaviorRef) {
        let db = self.db;
        let env = param_env(db, GenericDef::Impl(id));
        for parent in crate::generics::super_behaviors(db, bound.behavior) {
            let parent = parent.subst(db, bound.args);
            if parent.self_ty(db).has_error(db) {
                continue;
            }
            if crate::solve::behavior_solve(db, env, parent.behavior, parent.args).is_none() {
                self.out
                    .push(ItemDiagnostic::MissingSuper { id, bound: parent });
            }
        }
    }

    fn orphan(&mut self, id: ImplId, bound: BehaviorRef) {
        let db = self.db;
        let package = self.module.package(db);
        if !package.is_library(db) || bound.behavior.module(db).package(db) == package {
            return;
        }
        for ty in bound.args.types(db) {
            match ty.kind(db) {
                TyKind::Adt(adt, _) if adt.module(db).package(db) == package => return,
                TyKind::Error => return,
                TyKind::Param(_) => break,
                // `core` owns the built-in types, and every behavior it does not declare is
                // above it.
                _ => {}
            }
        }
        let behavior = bound.behavior;
        self.out.push(ItemDiagnostic::Orphan { id, behavior });
    }

    fn conflicts(&mut self, this: BehaviorImpl, bound: BehaviorRef) {
        let db = self.db;
        let package = self.module.package(db);
        let head = TyHead::of(db, bound.self_ty(db));
        if bound.args.types(db).any(|ty| ty.has_error(db)) {
            return;
        }
        let of_packages = package_closure(db, package).iter().copied();
        let of_packages = of_packages.map(|other| (other, impls(db, other)));
        let of_body = self.body.map(|owner| (package, local_impls(db, owner)));
        for (other_package, found) in of_packages.chain(of_body) {
            let Some(list) = found.behaviors.get(&(bound.behavior, head)) else {
                continue;
            };
            for other in list {
                if *other == this {
                    // Later ones report the pair.
                    break;
                }
                // A root package may repeat what a dependency says.
                if other_package != package && !package.is_library(db) {
                    if is_repeated(db, this, *other) {
                        let (id, behavior) = (this.id, bound.behavior);
                        self.out.push(ItemDiagnostic::Repeats { id, behavior });
                        return;
                    }
                    continue;
                }
                if self.both_apply(this, *other) {
                    let (first, second, behavior) = (other.id, this.id, bound.behavior);
                    self.out.push(ItemDiagnostic::Conflict {
                        first,
                        second,
                        behavior,
                    });
                    return;
                }
            }
        }
    }

    fn both_apply(&self, a: BehaviorImpl, b: BehaviorImpl) -> bool {
        let db = self.db;
        let mut table = Table::new(db);
        let env = crate::generics::ParamEnv::empty(db, self.module.package(db));
        let (Some(left), Some(right)) = (a.header(db), b.header(db)) else {
            return false;
        };
        let left_args = table.fresh_args(GenericDef::Impl(a.id));
        let right_args = table.fresh_args(GenericDef::Impl(b.id));
        let (left, right) = (left.subst(db, left_args), right.subst(db, right_args));
        if table.unify_args(left.args, right.args).is_err() {
            return false;
        }
        let mut solver = Solver {
            table: &mut table,
            env,
            depth: 0,
        };
        for (id, args) in [(a.id, left_args), (b.id, right_args)] {
            for predicate in &predicates_of(db, GenericDef::Impl(id)).list {
                if let Predicate::Implements(goal) = predicate.subst(db, args)
                    && solver.solve_deep(goal) == Answer::No
                {
                    return false;
                }
            }
        }
        true
    }
}

/// Whether two implementations without parameters have one header.
fn is_repeated(db: &dyn Db, this: BehaviorImpl, other: BehaviorImpl) -> bool {
    let has_params = |it: BehaviorImpl| !generics_of(db, GenericDef::Impl(it.id)).params.is_empty();
    !has_params(this) && !has_params(other) && this.header(db) == other.header(db)
}

/// How many types inside types are looked into for T085; guessed.
const NESTING_MAX: usize = 64;

/// Whether a type contains itself without a pointer between.
fn is_infinite(db: &dyn Db, adt: AdtId) -> bool {
    let args = identity_args(db, GenericDef::from(adt));
    let mut stack = vec![adt];
    fields_reach(db, adt, args, adt, &mut stack)
}

fn fields_reach(
    db: &dyn Db,
    adt: AdtId,
    args: GenericArgs,
    target: AdtId,
    stack: &mut Vec<AdtId>,
) -> bool {
    let fields = &adt_fields(db, adt).value;
    let parts = fields.iter().flat_map(|fields| fields.iter());
    parts
        .into_iter()
        .any(|ty| ty_reaches(db, ty.subst(db, args), target, stack))
}

fn ty_reaches(db: &dyn Db, ty: Ty, target: AdtId, stack: &mut Vec<AdtId>) -> bool {
    match ty.kind(db) {
        TyKind::Tuple(parts) => parts
            .iter()
            .any(|part| ty_reaches(db, *part, target, stack)),
        TyKind::Array(_, Const::Value(0, _)) => false,
        TyKind::Array(part, _) => ty_reaches(db, *part, target, stack),
        // Behind a pointer.
        TyKind::Adt(AdtId::Class(_), _) => false,
        TyKind::Adt(adt, _) if *adt == target => true,
        TyKind::Adt(adt, args) => {
            // Another cycle is reported at its own types.
            if stack.iter().filter(|seen| *seen == adt).count() > 1 || stack.len() > NESTING_MAX {
                return false;
            }
            stack.push(*adt);
            let found = fields_reach(db, *adt, *args, target, stack);
            stack.pop();
            found
        }
        _ => false,
    }
}
