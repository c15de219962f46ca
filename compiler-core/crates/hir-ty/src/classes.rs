//! Classes: ancestry, members through it, method tables, interfaces (reference §10).
//!
//! A class is an `AdtId` whose values are references; an interface is a behavior that is also a
//! type ([`TyKind::Interface`]).

use base::Db;
use hir_def::signatures::{self as s, FuncFlags};
use hir_def::{
    AdtId, AssocItemId, BehaviorId, ClassId, ContainerId, FieldId, FuncId, GenericDef, Name,
    VariantDef,
};

use crate::generics::{BehaviorRef, elaborate, generics_of, identity_args, param_env};
use crate::lower::{LowerError, LowerErrorKind, TyLower};
use crate::signature::{Lowered, fn_type};
use crate::ty::{GenericArg, GenericArgs, Ty, TyKind};

/// Bases are followed so far; guessed, real chains have three or four.
pub const ANCESTRY_MAX: usize = 64;

/// What stands before the members of a class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassHead {
    /// In terms of the class's own parameters.
    pub base: Option<(ClassId, GenericArgs)>,
    /// What is written after `implements`, with the class itself as the implementing type.
    pub interfaces: Box<[BehaviorRef]>,
}

/// The head of a class with what was wrong in it.
///
/// Keyed by class; read by everything that looks at ancestry. Re-runs with its declaration.
#[salsa::tracked(cycle_result = head_cycle)]
pub fn class_head(db: &dyn Db, class: ClassId) -> Lowered<ClassHead> {
    let data = s::class_data(db, class);
    let def = GenericDef::Class(class);
    let mut lower = TyLower::for_generic_def(db, def, &data.types);
    let mut base = None;
    let mut wrong = Vec::new();
    if let Some(ty) = data.base {
        let lowered = lower.ty(ty);
        match lowered.kind(db) {
            TyKind::Adt(AdtId::Class(id), args) => base = Some((*id, *args)),
            TyKind::Error => {}
            _ => wrong.push(ty),
        }
    }
    let this = Ty::adt(db, AdtId::Class(class), identity_args(db, def));
    let mut interfaces = Vec::new();
    for ty in &data.implements {
        let lowered = lower.ty(*ty);
        match lowered.kind(db) {
            TyKind::Interface(behavior, args) => {
                interfaces.push(interface_ref(db, *behavior, *args, this));
            }
            TyKind::Error => {}
            _ => wrong.push(*ty),
        }
    }
    let mut errors = lower.finish();
    errors.extend(wrong.into_iter().map(|ty| LowerError {
        ty: Some(ty),
        kind: LowerErrorKind::NotAType {
            name: hir_def::type_text(&data.types, ty).into(),
        },
    }));
    Lowered {
        value: ClassHead {
            base,
            interfaces: interfaces.into(),
        },
        errors: errors.into(),
    }
}

fn head_cycle(_: &dyn Db, _: salsa::Id, _: ClassId) -> Lowered<ClassHead> {
    Lowered {
        value: ClassHead::default(),
        errors: Box::default(),
    }
}

/// An interface as a bound on a type.
pub fn interface_ref(
    db: &dyn Db,
    behavior: BehaviorId,
    args: GenericArgs,
    this: Ty,
) -> BehaviorRef {
    let list = std::iter::once(GenericArg::Ty(this)).chain(args.list(db).iter().copied());
    BehaviorRef {
        behavior,
        args: GenericArgs::from_iter(db, list.collect::<Vec<_>>()),
    }
}

/// The type of values of an interface.
pub fn interface_ty(db: &dyn Db, bound: BehaviorRef) -> Ty {
    let args = bound.args.list(db).iter().skip(1).copied();
    let args = GenericArgs::from_iter(db, args.collect::<Vec<_>>());
    Ty::new(db, TyKind::Interface(bound.behavior, args))
}

pub fn is_interface(db: &dyn Db, behavior: BehaviorId) -> bool {
    s::behavior_data(db, behavior).is_interface
}

/// The class and the arguments, if the type is one.
pub fn as_class(db: &dyn Db, ty: Ty) -> Option<(ClassId, GenericArgs)> {
    match ty.kind(db) {
        TyKind::Adt(AdtId::Class(class), args) => Some((*class, *args)),
        _ => None,
    }
}

/// Whether values of the type refer to objects.
pub fn is_object(db: &dyn Db, ty: Ty) -> bool {
    matches!(
        ty.kind(db),
        TyKind::Adt(AdtId::Class(_), _) | TyKind::Interface(..)
    )
}

pub fn class_ty(db: &dyn Db, class: ClassId, args: GenericArgs) -> Ty {
    Ty::adt(db, AdtId::Class(class), args)
}

/// The class that a class extends, for given arguments.
pub fn base_of(db: &dyn Db, class: ClassId, args: GenericArgs) -> Option<(ClassId, GenericArgs)> {
    let (base, base_args) = class_head(db, class).value.base?;
    Some((base, base_args.subst(db, args)))
}

/// A class and everything that it extends, itself first.
pub fn ancestry(db: &dyn Db, class: ClassId, args: GenericArgs) -> Vec<(ClassId, GenericArgs)> {
    let mut out = vec![(class, args)];
    while let Some((last, last_args)) = out.last().copied()
        && let Some(next) = base_of(db, last, last_args)
        && out.len() < ANCESTRY_MAX
        && !out.iter().any(|(class, _)| *class == next.0)
    {
        out.push(next);
    }
    out
}

/// Whether a class is or extends another.
pub fn class_extends(db: &dyn Db, class: ClassId, ancestor: ClassId) -> bool {
    let args = identity_args(db, GenericDef::Class(class));
    ancestry(db, class, args)
        .iter()
        .any(|(c, _)| *c == ancestor)
}

/// The class as its ancestor.
pub fn as_ancestor(
    db: &dyn Db,
    class: ClassId,
    args: GenericArgs,
    ancestor: ClassId,
) -> Option<GenericArgs> {
    let found = ancestry(db, class, args);
    found
        .into_iter()
        .find(|(c, _)| *c == ancestor)
        .map(|(_, args)| args)
}

/// All interfaces of a class: its own and inherited ones, and what they extend.
pub fn interfaces_of(db: &dyn Db, class: ClassId, args: GenericArgs) -> Vec<BehaviorRef> {
    let this = class_ty(db, class, args);
    let mut out: Vec<BehaviorRef> = Vec::new();
    for (class, args) in ancestry(db, class, args) {
        for bound in &class_head(db, class).value.interfaces {
            let bound = bound.subst(db, args);
            let list = bound.args.list(db).iter().skip(1).copied();
            let list = std::iter::once(GenericArg::Ty(this)).chain(list);
            let args = GenericArgs::from_iter(db, list.collect::<Vec<_>>());
            let bound = BehaviorRef {
                behavior: bound.behavior,
                args,
            };
            if !out.contains(&bound) {
                out.push(bound);
            }
        }
    }
    elaborate(db, &mut out);
    out
}

/// The interfaces whose members a type has: of a class, or of an interface itself.
pub fn interfaces_of_ty(db: &dyn Db, ty: Ty) -> Vec<BehaviorRef> {
    match ty.kind(db) {
        TyKind::Adt(AdtId::Class(class), args) => interfaces_of(db, *class, *args),
        TyKind::Interface(behavior, args) => {
            let mut out = vec![interface_ref(db, *behavior, *args, ty)];
            elaborate(db, &mut out);
            out
        }
        _ => Vec::new(),
    }
}

/// A member that the class declares itself.
pub fn own_member(db: &dyn Db, class: ClassId, name: &str) -> Option<AssocItemId> {
    let items = &s::class_data(db, class).items;
    items.iter().find(|(n, _)| n == name).map(|(_, item)| *item)
}

/// A member of a class or of what it extends, with the arguments of the class that declares it.
pub fn member(
    db: &dyn Db,
    class: ClassId,
    args: GenericArgs,
    name: &str,
) -> Option<(AssocItemId, ClassId, GenericArgs)> {
    ancestry(db, class, args)
        .into_iter()
        .find_map(|(class, args)| Some((own_member(db, class, name)?, class, args)))
}

/// All instance fields, those of the base first, with their types.
pub fn all_fields(db: &dyn Db, class: ClassId, args: GenericArgs) -> Vec<(FieldId, Ty)> {
    let mut out = Vec::new();
    for (class, args) in ancestry(db, class, args).into_iter().rev() {
        let parent = VariantDef::Class(class);
        let env = crate::generics::ParamEnv::empty(db, class.module(db).package(db));
        for (index, ty) in crate::signature::field_types(db, parent).iter().enumerate() {
            let field = FieldId {
                parent,
                index: index as u32,
            };
            out.push((field, crate::solve::normalize(db, ty.subst(db, args), env)));
        }
    }
    out
}

/// The place of a field among [`all_fields`], the same in every class that has it.
pub fn flat_index(db: &dyn Db, field: FieldId) -> u32 {
    let VariantDef::Class(class) = field.parent else {
        return field.index;
    };
    let args = identity_args(db, GenericDef::Class(class));
    let before = ancestry(db, class, args)
        .into_iter()
        .skip(1)
        .map(|(class, _)| s::class_data(db, class).fields.fields.len() as u32);
    before.sum::<u32>() + field.index
}

/// Whether a field has an access state (reference §10.2): its declared type is not Copy.
pub fn has_access_state(db: &dyn Db, field: FieldId) -> bool {
    let VariantDef::Class(class) = field.parent else {
        return false;
    };
    let types = crate::signature::field_types(db, field.parent);
    let env = param_env(db, GenericDef::Class(class));
    types
        .get(field.index as usize)
        .is_some_and(|ty| !crate::props::is_copy(db, *ty, env))
}

/// The dynamic methods of a class, those of the base first, replaced by what overrides them. The
/// ones that are not generic stand in its table in this order.
///
/// Keyed by class; read by calls and by tables. Re-runs when a declaration of a method changes.
#[salsa::tracked(cycle_result = slots_cycle)]
pub fn method_slots(db: &dyn Db, class: ClassId) -> Box<[Slot]> {
    let data = s::class_data(db, class);
    let base = class_head(db, class).value.base;
    let mut slots: Vec<Slot> = match base {
        Some((base, _)) if !class_extends(db, base, class) => method_slots(db, base).to_vec(),
        _ => Vec::new(),
    };
    let args = identity_args(db, GenericDef::Class(class));
    let interfaces = interfaces_of(db, class, args);
    for (name, item) in &data.items {
        let AssocItemId::Func(func) = *item else {
            continue;
        };
        let sig = s::func_signature(db, func);
        if sig.receiver.is_none() || sig.flags.is_ctor {
            continue;
        }
        if sig.flags.is_override
            && let Some(slot) = slots.iter_mut().rev().find(|slot| slot.name == *name)
        {
            slot.func = func;
            continue;
        }
        let of_interface = || {
            interfaces
                .iter()
                .any(|bound| crate::signature::behavior_func(db, bound.behavior, name).is_some())
        };
        if sig.flags.is_dynamic() || of_interface() {
            slots.push(Slot {
                name: name.clone(),
                func,
                root: func,
            });
        }
    }
    slots.into()
}

fn slots_cycle(_: &dyn Db, _: salsa::Id, _: ClassId) -> Box<[Slot]> {
    Box::default()
}

/// A method that objects may override.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    pub name: Name,
    /// What objects of the class run.
    pub func: FuncId,
    /// The declaration that made the slot.
    pub root: FuncId,
}

/// How a call finds the code of a method that objects may override.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dispatch {
    /// This word among the methods of the object's table.
    Word(u32),
    /// A generic method, declared first by this function: each of its instances has a list of
    /// the classes that are part of the program.
    PerInstance(FuncId),
}

/// Whether a method has type or constant parameters of its own: such are not in tables, which
/// would have an entry for each instance.
pub fn is_generic(db: &dyn Db, func: FuncId) -> bool {
    !generics_of(db, GenericDef::Func(func)).own().is_empty()
}

/// The place of a method among [`method_slots`], the same in all derived classes; `None` for
/// static dispatch.
pub fn slot_of(db: &dyn Db, func: FuncId) -> Option<u32> {
    let ContainerId::Class(class) = func.container(db) else {
        return None;
    };
    let slots = method_slots(db, class);
    let index = slots.iter().position(|slot| slot.func == func)?;
    Some(index as u32)
}

/// How calls of a method find its code; `None` for static dispatch.
pub fn dispatch_of(db: &dyn Db, func: FuncId) -> Option<Dispatch> {
    let ContainerId::Class(class) = func.container(db) else {
        return None;
    };
    let slots = method_slots(db, class);
    let index = slots.iter().position(|slot| slot.func == func)?;
    let (before, rest) = slots.split_at(index);
    let root = rest.first()?.root;
    if is_generic(db, root) {
        return Some(Dispatch::PerInstance(root));
    }
    let before = before.iter().filter(|slot| !is_generic(db, slot.root));
    Some(Dispatch::Word(before.count() as u32))
}

/// The methods of a class's table, in its order.
pub fn table_slots(db: &dyn Db, class: ClassId) -> impl Iterator<Item = &Slot> {
    let slots = method_slots(db, class).iter();
    slots.filter(|slot| !is_generic(db, slot.root))
}

/// The methods of an interface with what it extends, in the order of its table. Generic ones
/// are not in it.
pub fn interface_slots(db: &dyn Db, bound: BehaviorRef) -> Vec<(FuncId, BehaviorRef)> {
    let mut all = vec![bound];
    elaborate(db, &mut all);
    let mut out = Vec::new();
    for bound in all {
        for (_, item) in &s::behavior_data(db, bound.behavior).items {
            if let AssocItemId::Func(func) = *item
                && fn_type(db, func).receiver.is_some()
                && !is_generic(db, func)
            {
                out.push((func, bound));
            }
        }
    }
    out
}

/// Of methods of one name, drops those that say nothing new: of an interface that another one
/// extends, and those that an object implements by the same method as the first, since an object
/// has one method for all interfaces that declare it alike.
pub fn without_redeclared(db: &dyn Db, found: &mut Vec<(FuncId, GenericArgs)>) {
    let interface = |func: FuncId| match func.container(db) {
        ContainerId::Behavior(behavior) if is_interface(db, behavior) => Some(behavior),
        _ => None,
    };
    let all: Vec<(FuncId, GenericArgs)> = found.clone();
    let mut nth = 0;
    found.retain(|(func, args)| {
        let at = nth;
        nth += 1;
        let Some(own) = interface(*func) else {
            return true;
        };
        !all.iter().enumerate().any(|(index, (other, other_args))| {
            let Some(behavior) = interface(*other).filter(|it| *it != own) else {
                return false;
            };
            let extends = |a: BehaviorId, b: BehaviorId| {
                let args = identity_args(db, GenericDef::Behavior(a));
                let mut all = vec![BehaviorRef { behavior: a, args }];
                elaborate(db, &mut all);
                all.iter().any(|bound| bound.behavior == b)
            };
            let is_same = || {
                let (a, b) = (fn_type(db, *func), fn_type(db, *other));
                let types = |sig: &crate::signature::FnSig, args: GenericArgs| {
                    let all = sig.params.iter().map(|param| param.ty);
                    let all = all.chain([sig.ret]);
                    all.map(|ty| ty.subst(db, args)).collect::<Vec<Ty>>()
                };
                !is_generic(db, *func)
                    && !is_generic(db, *other)
                    && types(a, *args) == types(b, *other_args)
            };
            extends(behavior, own) || (index < at && !extends(own, behavior) && is_same())
        })
    });
}

/// The body that an interface gives a method, or one that extends it: the one that extends all
/// others of the class.
fn default_body(
    db: &dyn Db,
    class: ClassId,
    args: GenericArgs,
    bound: BehaviorRef,
    func: FuncId,
) -> Option<(FuncId, GenericArgs)> {
    let name = &s::func_signature(db, func).name;
    let mut best = fn_type(db, func).flags.has_body.then_some((func, bound));
    for other in interfaces_of(db, class, args) {
        let mut supers = vec![other];
        elaborate(db, &mut supers);
        let comes_from = |from: BehaviorRef| other != from && supers.contains(&from);
        let is_related = comes_from(bound) || best.is_none() && is_extended(db, bound, other);
        if is_related
            && best.is_none_or(|(_, best)| comes_from(best))
            && let Some(found) = crate::signature::behavior_func(db, other.behavior, name)
            && fn_type(db, found).flags.has_body
        {
            best = Some((found, other));
        }
    }
    best.map(|(func, bound)| (func, bound.args))
}

fn is_extended(db: &dyn Db, bound: BehaviorRef, by: BehaviorRef) -> bool {
    let mut all = vec![bound];
    elaborate(db, &mut all);
    all.contains(&by)
}

/// What an object of a class runs for a method of one of its interfaces, with the arguments of
/// the class (or, for a default body, of the interface) that declares it.
pub fn interface_impl(
    db: &dyn Db,
    class: ClassId,
    args: GenericArgs,
    bound: BehaviorRef,
    func: FuncId,
) -> Option<(FuncId, GenericArgs)> {
    let name = &s::func_signature(db, func).name;
    let chain = ancestry(db, class, args);
    // The class nearest to the object that says it implements the interface decides.
    let declares = |class: ClassId, args: GenericArgs| {
        let mut own: Vec<BehaviorRef> = class_head(db, class).value.interfaces.to_vec();
        elaborate(db, &mut own);
        own.iter().any(|own| {
            own.behavior == bound.behavior
                && own.subst(db, args).args.list(db).iter().skip(1).eq(bound
                    .args
                    .list(db)
                    .iter()
                    .skip(1))
        })
    };
    let start = chain
        .iter()
        .position(|(class, args)| declares(*class, *args))
        .unwrap_or(0);
    for (owner, owner_args) in chain.iter().skip(start) {
        let Some(AssocItemId::Func(found)) = own_member(db, *owner, name) else {
            continue;
        };
        if s::func_signature(db, found).receiver.is_none() {
            continue;
        }
        return Some(match slot_of(db, found) {
            Some(index) => {
                let slots = method_slots(db, class);
                let found = slots.get(index as usize).map_or(found, |slot| slot.func);
                (
                    found,
                    owner_args_of(db, &chain, found).unwrap_or(*owner_args),
                )
            }
            None => (found, *owner_args),
        });
    }
    // In place of the interface's own body a class nearer to the object may have one.
    for (owner, owner_args) in chain.iter().take(start) {
        if let Some(AssocItemId::Func(found)) = own_member(db, *owner, name)
            && s::func_signature(db, found).receiver.is_some()
        {
            return Some((found, *owner_args));
        }
    }
    default_body(db, class, args, bound, func)
}

fn owner_args_of(
    db: &dyn Db,
    chain: &[(ClassId, GenericArgs)],
    func: FuncId,
) -> Option<GenericArgs> {
    let ContainerId::Class(owner) = func.container(db) else {
        return None;
    };
    chain
        .iter()
        .find(|(class, _)| *class == owner)
        .map(|(_, args)| *args)
}

/// The arguments of the class that declares a method, for an object of a class.
pub fn method_args(
    db: &dyn Db,
    class: ClassId,
    args: GenericArgs,
    func: FuncId,
) -> Option<GenericArgs> {
    owner_args_of(db, &ancestry(db, class, args), func)
}

/// Abstract members that a class inherits or declares and nothing overrides.
pub fn abstract_members(db: &dyn Db, class: ClassId) -> Vec<FuncId> {
    let is_abstract = |flags: FuncFlags| flags.is_abstract;
    method_slots(db, class)
        .iter()
        .filter(|slot| is_abstract(s::func_signature(db, slot.func).flags))
        .map(|slot| slot.func)
        .collect()
}
