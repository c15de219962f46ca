//! Symbols: readable, and made of definition paths and argument types only.
//!
//! ```text
//! shapes::area::total
//! shapes::Pair[I32, Str]::swap
//! <shapes::Circle as core::fmt::Display>::to_string
//! drop[shapes::Pair[I32, Str]]
//! ```
//! Interner numbers never get in: the same input gives the same image, byte for byte.

use std::fmt::Write;

use base::{Db, Package};
use hir_def::{
    AdtId, AnonConstKind, BehaviorId, BlockId, BodyOwner, ContainerId, FuncId, GenericDef, ImplId,
    ModuleId, StaticId, VariantDef,
};
use hir_ty::generics::identity_args;
use hir_ty::ty::DynTy;
use hir_ty::{ClosureId, Const, GenericArg, GenericArgs, Ty, TyKind};
use smol_str::SmolStr;
use stdx::stable_hash;

use crate::choice::Choice;
use crate::instance::{Instance, InstanceKind};
use crate::tables::{Table, TableKind};
use crate::types;

/// The symbol of the entry point that `_start` calls.
pub const MAIN_SYMBOL: &str = "tml_main";

/// Symbols longer than this are cut, and end in a hash of the whole; guessed, far above names
/// that people read.
const SYMBOL_BYTES_MAX: usize = 1000;

/// The symbol of an instance.
///
/// Keyed by instance; read by every caller. Re-runs when a name in it changes.
#[salsa::tracked]
pub fn symbol(db: &dyn Db, instance: Instance) -> SmolStr {
    let mut out = String::new();
    write_instance(db, instance, &mut out);
    shortened(out)
}

fn shortened(mut text: String) -> SmolStr {
    if text.len() > SYMBOL_BYTES_MAX {
        let hash = stable_hash(text.as_str());
        let mut end = SYMBOL_BYTES_MAX;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        let _ = write!(text, "~{hash}");
    }
    text.into()
}

fn write_instance(db: &dyn Db, instance: Instance, out: &mut String) {
    let args = instance.args(db);
    match instance.kind(db) {
        InstanceKind::Func(func) => match c_symbol(db, func) {
            Some(symbol) => out.push_str(&symbol),
            None => write_func(db, func, args, out),
        },
        InstanceKind::ConstInit(id) => {
            out.push_str("const[");
            write_container(db, id.container(db), args, out);
            out.push_str(&hir_def::signatures::const_data(db, id).name);
            out.push(']');
        }
        InstanceKind::AnonInit(id) => {
            out.push_str("const[");
            write_owner(db, BodyOwner::AnonConst(id), out);
            write_args(db, args.list(db), out);
            out.push(']');
        }
        InstanceKind::StaticInit(id) => {
            out.push_str("static[");
            write_owner(db, BodyOwner::Static(id), out);
            out.push(']');
        }
        InstanceKind::StaticGuard(id) => {
            out.push_str("guard[");
            write_owner(db, BodyOwner::Static(id), out);
            out.push(']');
        }
        InstanceKind::DropGlue(ty) => write_made(db, "drop", &[ty], out),
        InstanceKind::RetainObject => out.push_str("retain object"),
        InstanceKind::ReleaseObject => out.push_str("release object"),
        InstanceKind::Destroy(ty) => write_made(db, "destroy", &[ty], out),
        InstanceKind::RetainGlue(ty) => write_made(db, "retain", &[ty], out),
        InstanceKind::EqGlue(ty) => write_made(db, "eq", &[ty], out),
        InstanceKind::PowGlue { base, exponent } => write_made(db, "pow", &[base, exponent], out),
        InstanceKind::PowOverflowGlue { base, exponent } => {
            write_made(db, "pow_overflows", &[base, exponent], out);
        }
        InstanceKind::WideDivGlue { ty, is_rem } => {
            write_made(db, if is_rem { "rem" } else { "div" }, &[ty], out);
        }
        InstanceKind::WideFloatGlue { from, to } => write_made(db, "cast", &[from, to], out),
        InstanceKind::Virtual(func) => {
            out.push_str("virtual[");
            write_func(db, func, args, out);
            out.push(']');
        }
        InstanceKind::OwnedSlot(func) => {
            out.push_str("slot[");
            write_func(db, func, args, out);
            out.push(']');
        }
        InstanceKind::Adapter(func) => {
            out.push_str("adapter[");
            write_func(db, func, args, out);
            out.push(']');
        }
        InstanceKind::NoSetter(func) => {
            out.push_str("missing[");
            write_func(db, func, args, out);
            out.push(']');
        }
        InstanceKind::FuncValue(func) => {
            out.push_str("value[");
            write_func(db, func, args, out);
            out.push(']');
        }
        InstanceKind::CtorValue(variant) => {
            out.push_str("value[");
            write_adt(db, variant.adt(), args, out);
            if let VariantDef::Variant(variant) = variant {
                let _ = write!(out, "::{}", hir_ty::names::variant_name(db, variant));
            }
            out.push(']');
        }
        InstanceKind::Closure(id) => write_closure(db, id, args, out),
        InstanceKind::ClosureValue(id) => {
            out.push_str("value[");
            write_closure(db, id, args, out);
            out.push(']');
        }
        InstanceKind::ResumeFunc(func) => {
            out.push_str("resume[");
            write_func(db, func, args, out);
            out.push(']');
        }
        InstanceKind::ResumeBlock(id) => {
            out.push_str("resume[");
            write_closure(db, id, args, out);
            out.push(']');
        }
        InstanceKind::MainShim(_) | InstanceKind::TestShim(_) => out.push_str(MAIN_SYMBOL),
    }
}

/// `shapes::area::total::closure#0[…]`: captures follow from the body.
fn write_closure(db: &dyn Db, id: ClosureId, args: GenericArgs, out: &mut String) {
    write_owner(db, id.owner, out);
    let _ = write!(out, "::closure#{}", id.index);
    let parent = match id.owner.generic_def(db) {
        Some(def) => hir_ty::generics_of(db, def).params.len(),
        None => 0,
    };
    write_args(db, args.prefix(db, parent).list(db), out);
}

fn write_made(db: &dyn Db, name: &str, tys: &[Ty], out: &mut String) {
    out.push_str(name);
    let args = GenericArgs::from_iter(db, tys.iter().map(|ty| GenericArg::Ty(*ty)));
    write_args(db, args.list(db), out);
}

/// The symbol that C sees: of foreign functions and of exported ones.
pub(crate) fn c_symbol(db: &dyn Db, func: FuncId) -> Option<SmolStr> {
    let sig = hir_def::signatures::func_signature(db, func);
    if let Some(export) = &sig.attrs.export {
        return Some(match export {
            Some(name) => name.clone(),
            None => format!("tml_{}", sig.name).into(),
        });
    }
    if sig.attrs.no_mangle {
        return Some(sig.name.clone());
    }
    if sig.flags.has_body {
        return None;
    }
    let written = sig
        .attrs
        .extern_
        .as_ref()
        .and_then(|attr| attr.symbol.clone());
    Some(written.unwrap_or_else(|| sig.name.clone()))
}

/// The name of a function for people: debug information and stack traces.
pub fn display_name(db: &dyn Db, instance: Instance) -> SmolStr {
    let mut out = String::new();
    match instance.kind(db) {
        InstanceKind::Func(func) => write_func(db, func, instance.args(db), &mut out),
        _ => write_instance(db, instance, &mut out),
    }
    shortened(out)
}

/// The start of a name, for messages: arguments may be long.
pub(crate) fn brief_name(db: &dyn Db, instance: Instance) -> SmolStr {
    const BRIEF_CHARS_MAX: usize = 80;
    let name = display_name(db, instance);
    match name.char_indices().nth(BRIEF_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &name[..end]).into(),
        None => name,
    }
}

fn write_func(db: &dyn Db, func: FuncId, args: GenericArgs, out: &mut String) {
    let name = &hir_def::signatures::func_signature(db, func).name;
    let parent_count = types::parent_arg_count(db, func);
    let list = args.list(db);
    write_container(db, func.container(db), args, out);
    out.push_str(name);
    write_overload(db, func, out);
    write_args(db, list.get(parent_count..).unwrap_or_default(), out);
}

/// Constructors after the first are told apart by their number.
fn write_overload(db: &dyn Db, func: FuncId, out: &mut String) {
    let ContainerId::Class(class) = func.container(db) else {
        return;
    };
    let ctors = &hir_def::signatures::class_data(db, class).ctors;
    if let Some(index) = ctors.iter().position(|ctor| *ctor == func)
        && index > 0
    {
        let _ = write!(out, "#{index}");
    }
}

/// A symbol that the compiler makes of types.
pub(crate) fn of_types(db: &dyn Db, what: &str, tys: &[Ty]) -> SmolStr {
    let mut out = String::new();
    write_made(db, what, tys, &mut out);
    shortened(out)
}

/// The path up to an item's name, with the separator. `args` are the item's, its parent's first.
fn write_container(db: &dyn Db, container: ContainerId, args: GenericArgs, out: &mut String) {
    match container {
        ContainerId::Module(module) => write_module(db, module, out),
        ContainerId::Impl(id) => write_impl(db, id, args, out),
        ContainerId::Behavior(behavior) => {
            let count = hir_ty::generics::generics_of(db, GenericDef::Behavior(behavior));
            let args = args.prefix(db, count.params.len());
            write_behavior_of(db, args.ty(db, 0), behavior, args, out);
        }
        ContainerId::Class(id) => {
            let count = hir_ty::generics::generics_of(db, GenericDef::Class(id));
            let args = args.prefix(db, count.params.len());
            write_adt(db, AdtId::Class(id), args, out);
            out.push_str("::");
        }
        ContainerId::Block(block) => write_block(db, block, out),
    }
}

fn write_module(db: &dyn Db, module: ModuleId, out: &mut String) {
    write_package(db, module.package(db), out);
    let path = module.path(db);
    if !path.is_empty() {
        out.push_str(path);
        out.push_str("::");
    }
}

/// A binary that depends on the library of its own manifest shares its name, not its symbols.
fn write_package(db: &dyn Db, package: Package, out: &mut String) {
    let name = package.name(db);
    out.push_str(name);
    if package
        .dependencies(db)
        .iter()
        .any(|dependency| dependency.name == *name)
    {
        out.push_str(".bin");
    }
    out.push_str("::");
}

fn write_impl(db: &dyn Db, id: ImplId, args: GenericArgs, out: &mut String) {
    let self_ty = hir_ty::signature::impl_self_ty(db, id).subst(db, args);
    match hir_ty::signature::impl_behaviors(db, id).first() {
        Some(of) => write_behavior_of(db, self_ty, of.behavior, of.subst(db, args).args, out),
        None => {
            // Members of an `impl` that stands elsewhere than its type carry its module, too.
            let home = match self_ty.kind(db) {
                TyKind::Adt(adt, _) => Some(adt.module(db)),
                _ => None,
            };
            if home != Some(id.module(db)) {
                write_module(db, id.module(db), out);
            }
            write_type(db, self_ty, out);
            out.push_str("::");
        }
    }
}

/// `<Self as Behavior[Args]>::`
fn write_behavior_of(
    db: &dyn Db,
    self_ty: Ty,
    behavior: BehaviorId,
    args: GenericArgs,
    out: &mut String,
) {
    out.push('<');
    write_type(db, self_ty, out);
    out.push_str(" as ");
    write_container(db, behavior.container(db), GenericArgs::empty(db), out);
    out.push_str(&hir_ty::names::item_name(
        db,
        GenericDef::Behavior(behavior),
    ));
    write_args(db, args.list(db).get(1..).unwrap_or_default(), out);
    out.push_str(">::");
}

fn write_block(db: &dyn Db, block: BlockId, out: &mut String) {
    write_owner(db, block.owner(db), out);
    out.push_str("::");
    // Blocks after the first are told apart by their number.
    if block.index(db) > 0 {
        let _ = write!(out, "#{}::", block.index(db));
    }
}

/// The definition path of something with a body, without arguments.
fn write_owner(db: &dyn Db, owner: BodyOwner, out: &mut String) {
    let generic = |def: Option<GenericDef>| match def {
        Some(def) => identity_args(db, def),
        None => GenericArgs::empty(db),
    };
    match owner {
        BodyOwner::Func(func) => {
            let args = identity_args(db, GenericDef::Func(func));
            write_container(db, func.container(db), args, out);
            out.push_str(&hir_def::signatures::func_signature(db, func).name);
            write_overload(db, func, out);
        }
        BodyOwner::Const(id) => {
            write_container(db, id.container(db), generic(owner.generic_def(db)), out);
            out.push_str(&hir_def::signatures::const_data(db, id).name);
        }
        BodyOwner::Static(id) => {
            write_container(db, id.container(db), generic(owner.generic_def(db)), out);
            out.push_str(&hir_def::signatures::static_data(db, id).name);
        }
        BodyOwner::AnonConst(id) => match id.kind(db) {
            AnonConstKind::FieldDefault(field) => {
                write_adt(db, field.parent.adt(), GenericArgs::empty(db), out);
                let _ = write!(out, "::{}", hir_ty::names::field_name(db, field));
            }
            AnonConstKind::Discriminant(variant) => {
                write_adt(db, AdtId::Enum(variant.parent), GenericArgs::empty(db), out);
                let _ = write!(out, "::{}", hir_ty::names::variant_name(db, variant));
            }
            AnonConstKind::ParamDefault(func, index) => {
                write_owner(db, BodyOwner::Func(func), out);
                let _ = write!(out, "::default{index}");
            }
        },
    }
}

/// The symbol of the `i32` that holds the first line of an item.
pub fn line_symbol(db: &dyn Db, owner: BodyOwner) -> SmolStr {
    let mut out = String::from("line:");
    write_owner(db, owner, &mut out);
    shortened(out)
}

/// The symbol of a method table.
pub fn table_symbol(db: &dyn Db, table: Table) -> SmolStr {
    let mut out = String::from("table[");
    match table.kind(db) {
        TableKind::Object { ty, behavior, args } => {
            let all = std::iter::once(GenericArg::Ty(ty)).chain(args.list(db).iter().copied());
            let all = GenericArgs::from_iter(db, all.collect::<Vec<_>>());
            write_behavior_of(db, ty, behavior, all, &mut out);
        }
    }
    out.push(']');
    shortened(out)
}

/// The symbol of the list of an instance of a generic method.
pub(crate) fn choice_symbol(db: &dyn Db, choice: Choice) -> SmolStr {
    let mut out = String::from("choice[");
    write_func(db, choice.func(db), choice.args(db), &mut out);
    out.push(']');
    shortened(out)
}

/// The symbol of a static.
pub fn static_symbol(db: &dyn Db, id: StaticId) -> SmolStr {
    let mut out = String::new();
    write_owner(db, BodyOwner::Static(id), &mut out);
    shortened(out)
}

fn write_args(db: &dyn Db, args: &[GenericArg], out: &mut String) {
    if args.is_empty() {
        return;
    }
    out.push('[');
    for (index, arg) in args.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        match arg {
            GenericArg::Ty(ty) => write_type(db, *ty, out),
            GenericArg::Const(value) => write_const(db, *value, out),
        }
    }
    out.push(']');
}

fn write_const(db: &dyn Db, value: Const, out: &mut String) {
    let _ = match value {
        Const::Value(value, ty) => match ty.kind(db) {
            TyKind::Bool => write!(out, "{}", value != 0),
            _ => write!(out, "{value}"),
        },
        Const::Param(param) => write!(out, "${}", param.index),
        Const::Infer(_) | Const::Error => write!(out, "?"),
    };
}

fn write_adt(db: &dyn Db, adt: AdtId, args: GenericArgs, out: &mut String) {
    write_container(db, adt.container(db), GenericArgs::empty(db), out);
    out.push_str(&hir_ty::names::adt_name(db, adt));
    write_args(db, args.list(db), out);
}

/// A type with full paths.
fn write_type(db: &dyn Db, ty: Ty, out: &mut String) {
    match ty.kind(db) {
        TyKind::Adt(adt, args) => write_adt(db, *adt, *args, out),
        TyKind::Interface(behavior, args) => {
            let none = GenericArgs::empty(db);
            write_container(db, behavior.container(db), none, out);
            let def = GenericDef::Behavior(*behavior);
            out.push_str(&hir_ty::names::item_name(db, def));
            write_args(db, args.list(db), out);
        }
        TyKind::Tuple(parts) if parts.is_empty() => out.push_str("Unit"),
        TyKind::Tuple(parts) => {
            out.push('(');
            write_list(db, parts, out);
            if parts.len() == 1 {
                out.push(',');
            }
            out.push(')');
        }
        TyKind::Array(element, len) => {
            out.push('[');
            write_type(db, *element, out);
            out.push_str("; ");
            write_const(db, *len, out);
            out.push(']');
        }
        TyKind::Slice(element) => {
            out.push('[');
            write_type(db, *element, out);
            out.push(']');
        }
        TyKind::Ref { mutable, target } => {
            out.push_str(if *mutable { "mut ref " } else { "ref " });
            write_type(db, *target, out);
        }
        TyKind::RawPtr(target) => {
            out.push('*');
            write_type(db, *target, out);
        }
        TyKind::Func { params, ret } => {
            out.push_str("func(");
            write_list(db, params, out);
            out.push_str(") -> ");
            write_type(db, *ret, out);
        }
        TyKind::FnItem(func, args) => {
            out.push_str("func ");
            write_func(db, *func, *args, out);
        }
        TyKind::Ctor(variant, args) => {
            out.push_str("func ");
            write_adt(db, AdtId::Enum(variant.parent), *args, out);
            let _ = write!(out, "::{}", hir_ty::names::variant_name(db, *variant));
        }
        TyKind::Closure(id, args) => write_closure(db, *id, *args, out),
        TyKind::Future(func, args) => {
            out.push_str("future ");
            write_func(db, *func, *args, out);
        }
        TyKind::Dyn(object) => {
            out.push_str("dyn ");
            write_object(db, object, out);
        }
        TyKind::Object(object) => {
            out.push_str("object ");
            write_object(db, object, out);
        }
        TyKind::Opaque(func, index, args) => {
            let _ = write!(out, "impl {index} ");
            write_func(db, *func, *args, out);
        }
        TyKind::Param(param) => {
            let _ = write!(out, "${}", param.index);
        }
        TyKind::Projection(projection) => {
            write_behavior_of(
                db,
                projection.args.ty(db, 0),
                projection.behavior,
                projection.args,
                out,
            );
            out.push_str(&projection.name);
        }
        TyKind::Bool
        | TyKind::Int(_)
        | TyKind::Float(_)
        | TyKind::Char
        | TyKind::Str
        | TyKind::Never
        | TyKind::Infer(_)
        | TyKind::Error => {
            let _ = write!(out, "{}", ty.display(db));
        }
    }
}

fn write_object(db: &dyn Db, object: &DynTy, out: &mut String) {
    let name = |behavior: BehaviorId, out: &mut String| {
        write_container(db, behavior.container(db), GenericArgs::empty(db), out);
        out.push_str(&hir_ty::names::item_name(
            db,
            GenericDef::Behavior(behavior),
        ));
    };
    name(object.behavior, out);
    write_args(db, object.args.list(db), out);
    for (name, ty) in &object.bindings {
        let _ = write!(out, "[{name} = ");
        write_type(db, *ty, out);
        out.push(']');
    }
    for marker in &object.markers {
        out.push_str(" + ");
        name(*marker, out);
    }
}

fn write_list(db: &dyn Db, tys: &[Ty], out: &mut String) {
    for (index, ty) in tys.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_type(db, *ty, out);
    }
}

/// What `type_name` gives: the bare source name.
pub(crate) fn type_name(db: &dyn Db, ty: Ty) -> String {
    ty.display(db).to_string()
}

/// What `type_id` gives: a hash of the full path, so the same in every build. Never 0.
pub(crate) fn type_id(db: &dyn Db, ty: Ty) -> u64 {
    let mut text = String::new();
    write_type(db, ty, &mut text);
    let hash = stable_hash(text.as_str());
    let mut low = [0u8; 8];
    low.copy_from_slice(&hash.0[..8]);
    u64::from_le_bytes(low).max(1)
}

/// How deep types nest and how many types are in them: the measure of growing instances.
pub(crate) fn type_measure(db: &dyn Db, ty: Ty, count: &mut u32, depth: u32) -> u32 {
    *count += 1;
    if *count > crate::plan::TYPE_NODES_MAX || depth > crate::plan::TYPE_DEPTH_MAX {
        return depth;
    }
    let mut parts: Vec<Ty> = Vec::new();
    match ty.kind(db) {
        TyKind::Adt(_, args)
        | TyKind::Interface(_, args)
        | TyKind::FnItem(_, args)
        | TyKind::Ctor(_, args)
        | TyKind::Closure(_, args)
        | TyKind::Future(_, args) => {
            parts.extend(args.types(db));
        }
        TyKind::Tuple(list) => parts.extend(list.iter()),
        TyKind::Opaque(_, _, args) => parts.extend(args.types(db)),
        TyKind::Dyn(object) | TyKind::Object(object) => {
            parts.extend(object.args.types(db));
            parts.extend(object.bindings.iter().map(|(_, ty)| *ty));
        }
        TyKind::Array(part, _)
        | TyKind::Slice(part)
        | TyKind::RawPtr(part)
        | TyKind::Ref { target: part, .. } => parts.push(*part),
        TyKind::Func { params, ret } => {
            parts.extend(params.iter());
            parts.push(*ret);
        }
        _ => {}
    }
    let deepest = parts
        .into_iter()
        .map(|part| type_measure(db, part, count, depth + 1))
        .max();
    deepest.unwrap_or(depth)
}
