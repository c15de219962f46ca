//! Types of declarations: what a caller, importer or implementer may rely on.
//!
//! Every query here reads declarations only, never a body (reference §4.5).

use base::Db;
use hir_def::signatures::{self as s, FieldData, FuncFlags};
use hir_def::{
    AdtId, AnonConstId, AnonConstKind, AssocItemId, BehaviorId, ConstId, FuncId, GenericDef,
    ImplId, Name, StaticId, TypeAliasId, TypeBound, VariantDef, VariantId,
};

use crate::generics::{
    BehaviorRef, ParamEnv, Predicate, identity_args, lower_bound, super_behaviors, this_type,
};
use crate::lower::{LowerError, LowerErrorKind, TyLower};
use crate::ty::{GenericArgs, Projection, Ty, TyKind};

/// What the future of an `async func` gives in the end.
pub fn async_output(db: &dyn Db, func: FuncId) -> Ty {
    let sig = fn_type(db, func);
    sig.output.unwrap_or(sig.ret)
}

/// How a method takes its receiver (reference §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReceiverForm {
    /// `this`: borrowed; inside, a place of type `This` that is only read.
    Shared,
    /// `mut this`: borrowed exclusively; inside, a place of type `This`.
    Exclusive,
    /// `this: This` and `this: T`: by value.
    Owned,
    /// `this: ref This`: a reference by value.
    Ref,
    /// `this: mut ref This`.
    MutRef,
}

/// The receiver of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReceiverSig {
    pub form: ReceiverForm,
    /// What a caller passes: `ref This` for `this`, `mut ref This` for `mut this`.
    pub passed: Ty,
    /// The type of `this` inside. Where it differs from `passed`, `this` is the place behind
    /// the reference.
    pub local: Ty,
}

impl ReceiverForm {
    /// Whether `this` inside is the place behind the passed reference.
    pub fn is_implicit_ref(self) -> bool {
        matches!(self, ReceiverForm::Shared | ReceiverForm::Exclusive)
    }
}

/// One parameter after the receiver.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ParamSig {
    pub name: Option<Name>,
    pub ty: Ty,
    pub has_default: bool,
}

/// BARRIER 5: the type of a function, as its callers see it. In terms of the parameters of
/// [`crate::generics_of`] the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FnSig {
    pub receiver: Option<ReceiverSig>,
    /// Without the receiver.
    pub params: Box<[ParamSig]>,
    pub ret: Ty,
    /// Of an `async func`: the declared type, which the future in `ret` gives in the end.
    pub output: Option<Ty>,
    pub flags: FuncFlags,
    /// `@builtin("println")`: checked by the compiler itself.
    pub builtin: Option<Name>,
    /// `@intrinsic`: the name that code generation knows.
    pub intrinsic: Option<Name>,
    pub must_use: Option<Name>,
    pub track_caller: bool,
    /// The `impl B` of the result, in order: `TyKind::Opaque` counts in here.
    pub opaques: Box<[OpaqueDecl]>,
}

/// What a declaration says about one `impl B` of its result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpaqueDecl {
    /// For the opaque type with the function's own parameters as arguments.
    pub predicates: Box<[Predicate]>,
}

impl OpaqueDecl {
    /// The behaviors promised, without what they extend.
    pub fn bounds(&self) -> impl Iterator<Item = BehaviorRef> + '_ {
        self.predicates
            .iter()
            .filter_map(|predicate| match predicate {
                Predicate::Implements(bound) => Some(*bound),
                Predicate::Equal(..) => None,
            })
    }
}

/// What is promised about an opaque type, with super-behaviors.
pub fn opaque_bounds(db: &dyn Db, func: FuncId, index: u32, args: GenericArgs) -> Vec<BehaviorRef> {
    let Some(decl) = fn_type(db, func).opaques.get(index as usize) else {
        return Vec::new();
    };
    let mut bounds: Vec<BehaviorRef> = decl.bounds().map(|bound| bound.subst(db, args)).collect();
    crate::generics::elaborate(db, &mut bounds);
    bounds
}

impl FnSig {
    /// Types of everything that is passed: the receiver first.
    pub fn all_params<'a>(&'a self, _db: &'a dyn Db) -> impl Iterator<Item = Ty> + 'a {
        let receiver = self.receiver.map(|receiver| receiver.passed);
        receiver
            .into_iter()
            .chain(self.params.iter().map(|param| param.ty))
    }

    /// Number of arguments that must be given, without the receiver.
    pub fn required_args(&self) -> usize {
        self.params
            .iter()
            .filter(|param| !param.has_default)
            .count()
    }
}

/// A lowered declaration with what was wrong in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lowered<T> {
    pub value: T,
    pub errors: Box<[LowerError]>,
}

/// The signature of a function with its errors; see [`fn_type`].
///
/// Keyed by function; read by callers, by its own body, and by implementations of behaviors.
/// Re-runs when the declaration changes or a name in it means something else. An edit of the
/// body stops before, at `func_signature`.
#[salsa::tracked(cycle_result = fn_cycle)]
pub fn fn_type_lowered(db: &dyn Db, func: FuncId) -> Lowered<FnSig> {
    let data = s::func_signature(db, func);
    let def = GenericDef::Func(func);
    let mut lower = TyLower::for_generic_def(db, def, &data.types);
    let this = this_type(db, def).unwrap_or_else(|| Ty::error(db));
    // Methods of objects take the reference itself, whichever way `this` is written.
    let of_object = match func.container(db) {
        hir_def::ContainerId::Class(_) => true,
        hir_def::ContainerId::Behavior(id) => crate::classes::is_interface(db, id),
        _ => false,
    };
    let receiver = data.receiver.as_ref().map(|receiver| {
        let (form, passed, local) = match receiver {
            s::Receiver::Shared | s::Receiver::Exclusive if of_object => {
                (ReceiverForm::Owned, this, this)
            }
            s::Receiver::Shared => (ReceiverForm::Shared, Ty::reference(db, false, this), this),
            s::Receiver::Exclusive => {
                (ReceiverForm::Exclusive, Ty::reference(db, true, this), this)
            }
            s::Receiver::Owned { .. } => (ReceiverForm::Owned, this, this),
            s::Receiver::Ref => {
                let ty = Ty::reference(db, false, this);
                (ReceiverForm::Ref, ty, ty)
            }
            s::Receiver::MutRef => {
                let ty = Ty::reference(db, true, this);
                (ReceiverForm::MutRef, ty, ty)
            }
            s::Receiver::Typed(ty) => {
                let ty = lower.ty(*ty);
                let form = match ty.as_ref(db) {
                    Some((false, target)) if target == this => ReceiverForm::Ref,
                    Some((true, target)) if target == this => ReceiverForm::MutRef,
                    _ => ReceiverForm::Owned,
                };
                (form, ty, ty)
            }
        };
        ReceiverSig {
            form,
            passed,
            local,
        }
    });
    let params = data
        .params
        .iter()
        .map(|param| ParamSig {
            name: param.name.clone(),
            ty: lower.ty(param.ty),
            has_default: param.has_default,
        })
        .collect();
    lower.opaque_of = opaque_owner(db, func);
    let ret = match data.ret {
        Some(ret) => lower.ty(ret),
        None => Ty::unit(db),
    };
    lower.opaque_of = None;
    let opaques = std::mem::take(&mut lower.opaques);
    let opaques = opaques
        .into_iter()
        .map(|predicates| OpaqueDecl {
            predicates: predicates.into(),
        })
        .collect();
    // A call of an `async func` makes a future; the declared type is what that gives.
    let (ret, output) = match data.flags.is_async {
        true => {
            let args = identity_args(db, GenericDef::Func(func));
            (Ty::new(db, TyKind::Future(func, args)), Some(ret))
        }
        false => (ret, None),
    };
    let intrinsic = data.attrs.intrinsic.as_ref();
    let value = FnSig {
        receiver,
        params,
        ret,
        output,
        flags: data.flags,
        builtin: data.attrs.builtin.clone(),
        intrinsic: intrinsic.map(|name| name.clone().unwrap_or_else(|| data.name.clone())),
        must_use: data.attrs.must_use.clone(),
        track_caller: data.attrs.track_caller,
        opaques,
    };
    Lowered {
        value,
        errors: lower.finish().into(),
    }
}

/// Functions whose result may be `impl B`: those whose body decides, or the body of their
/// implementation. What an object's table says is known too late.
fn opaque_owner(db: &dyn Db, func: FuncId) -> Option<FuncId> {
    let is_dynamic = match func.container(db) {
        hir_def::ContainerId::Behavior(id) => crate::classes::is_interface(db, id),
        hir_def::ContainerId::Class(_) => s::func_signature(db, func).flags.is_dynamic(),
        _ => false,
    };
    (!is_dynamic).then_some(func)
}

// Only through a constant in a type whose value needs this very function.
fn fn_cycle(db: &dyn Db, _: salsa::Id, func: FuncId) -> Lowered<FnSig> {
    let flags = s::func_signature(db, func).flags;
    let value = FnSig {
        receiver: None,
        params: Box::default(),
        ret: Ty::error(db),
        output: None,
        flags,
        builtin: None,
        intrinsic: None,
        must_use: None,
        track_caller: false,
        opaques: Box::default(),
    };
    Lowered {
        value,
        errors: Box::default(),
    }
}

/// BARRIER 5: the type of a function. Callers depend on this, never on a body.
pub fn fn_type(db: &dyn Db, func: FuncId) -> &FnSig {
    &fn_type_lowered(db, func).value
}

pub use hir_def::signatures::fields as fields_of;

/// The types of all fields of a data type, by variant.
///
/// Keyed by type; read by whoever looks inside a value. Re-runs with its declaration.
#[salsa::tracked(cycle_result = fields_cycle)]
pub fn adt_fields(db: &dyn Db, adt: AdtId) -> Lowered<Box<[Box<[Ty]>]>> {
    let def = GenericDef::from(adt);
    let lower_fields = |lower: &mut TyLower<'_, '_>, fields: &[FieldData]| -> Box<[Ty]> {
        fields.iter().map(|field| lower.ty(field.ty)).collect()
    };
    let (value, errors) = match adt {
        AdtId::Class(id) => {
            let data = s::class_data(db, id);
            let mut lower = TyLower::for_generic_def(db, def, &data.types);
            let fields = lower_fields(&mut lower, &data.fields.fields);
            (Box::from([fields]), lower.finish())
        }
        AdtId::Struct(_) | AdtId::Union(_) => {
            let data = match adt {
                AdtId::Struct(id) => s::struct_data(db, id),
                AdtId::Union(id) => s::union_data(db, id),
                AdtId::Enum(_) | AdtId::Class(_) => {
                    return Lowered {
                        value: Box::default(),
                        errors: Box::default(),
                    };
                }
            };
            let mut lower = TyLower::for_generic_def(db, def, &data.types);
            let fields = lower_fields(&mut lower, &data.fields.fields);
            (Box::from([fields]), lower.finish())
        }
        AdtId::Enum(id) => {
            let data = s::enum_data(db, id);
            let mut lower = TyLower::for_generic_def(db, def, &data.types);
            let variants = data.variants.iter();
            let fields = variants
                .map(|v| lower_fields(&mut lower, &v.fields.fields))
                .collect();
            (fields, lower.finish())
        }
    };
    Lowered {
        value,
        errors: errors.into(),
    }
}

fn fields_cycle(_: &dyn Db, _: salsa::Id, _: AdtId) -> Lowered<Box<[Box<[Ty]>]>> {
    Lowered {
        value: Box::default(),
        errors: Box::default(),
    }
}

/// The types of the fields of a struct, union or variant, in terms of its parameters.
pub fn field_types(db: &dyn Db, variant: VariantDef) -> &[Ty] {
    let index = match variant {
        VariantDef::Struct(_) | VariantDef::Union(_) | VariantDef::Class(_) => 0,
        VariantDef::Variant(id) => id.index as usize,
    };
    adt_fields(db, variant.adt())
        .value
        .get(index)
        .map(|fields| &**fields)
        .unwrap_or(&[])
}

/// The types of all fields of an instance, by variant, with associated types replaced. A class
/// has none: its fields are in the object, see [`crate::classes::all_fields`].
pub fn adt_field_types(db: &dyn Db, adt: AdtId, args: GenericArgs) -> Vec<Vec<Ty>> {
    if let AdtId::Class(_) = adt {
        return Vec::new();
    }
    let env = ParamEnv::empty(db, adt.module(db).package(db));
    let fields = &adt_fields(db, adt).value;
    let instance = |ty: &Ty| crate::solve::normalize(db, ty.subst(db, args), env);
    fields
        .iter()
        .map(|fields| fields.iter().map(instance).collect())
        .collect()
}

/// The variants of an enum.
pub fn variants_of(db: &dyn Db, parent: hir_def::EnumId) -> impl Iterator<Item = VariantId> {
    let count = s::enum_data(db, parent).variants.len() as u32;
    (0..count).map(move |index| VariantId { parent, index })
}

/// The tags of an enum's variants: 0, 1, 2 …, those of flags 1, 2, 4 …, or as declared.
pub fn discriminants(db: &dyn Db, adt: AdtId) -> Vec<i128> {
    let AdtId::Enum(id) = adt else {
        return Vec::new();
    };
    let data = s::enum_data(db, id);
    let is_flags = data.attrs.flags.is_some();
    let mut next = i128::from(is_flags);
    let mut out = Vec::new();
    for (index, variant) in data.variants.iter().enumerate() {
        if variant.has_discriminant {
            let variant = VariantId {
                parent: id,
                index: index as u32,
            };
            let anon = AnonConstId::new(db, AnonConstKind::Discriminant(variant));
            let owner = hir_def::BodyOwner::AnonConst(anon);
            if let Ok(crate::consteval::ConstValue::Int(value)) =
                crate::consteval::body_value(db, owner)
            {
                next = *value;
            }
        }
        out.push(next);
        next = if is_flags {
            next_flag(&out)
        } else {
            next.wrapping_add(1)
        };
    }
    out
}

/// The bit above all that are taken.
fn next_flag(taken: &[i128]) -> i128 {
    let all = taken.iter().fold(0, |all, value| all | value);
    let above = 128 - all.leading_zeros();
    1i128.checked_shl(above).unwrap_or(i128::MAX)
}

/// What an alias stands for, in terms of its parameters. An associated type of a behavior is
/// its default, or an error if it has none.
pub fn type_of_alias(db: &dyn Db, alias: TypeAliasId) -> Ty {
    type_of_alias_lowered(db, alias).value
}

/// See [`type_of_alias`]. Re-runs with the declaration.
#[salsa::tracked(cycle_result = alias_cycle)]
pub fn type_of_alias_lowered(db: &dyn Db, alias: TypeAliasId) -> Lowered<Ty> {
    let data = s::alias_data(db, alias);
    let mut lower = TyLower::for_generic_def(db, GenericDef::TypeAlias(alias), &data.types);
    let value = match data.ty {
        Some(ty) => lower.ty(ty),
        None => Ty::error(db),
    };
    Lowered {
        value,
        errors: lower.finish().into(),
    }
}

fn alias_cycle(db: &dyn Db, _: salsa::Id, alias: TypeAliasId) -> Lowered<Ty> {
    let ty = s::alias_data(db, alias).ty;
    let error = LowerError {
        ty,
        kind: LowerErrorKind::CyclicAlias,
    };
    Lowered {
        value: Ty::error(db),
        errors: Box::from([error]),
    }
}

/// The declared type of a constant; `None` if it has none (a block constant takes that of its
/// value, elsewhere it is T003). Re-runs with the declaration.
#[salsa::tracked(cycle_result = const_cycle)]
pub fn type_of_const_lowered(db: &dyn Db, id: ConstId) -> Lowered<Option<Ty>> {
    let data = s::const_data(db, id);
    let scope = hir_def::resolver::Scope::of_body(db, hir_def::BodyOwner::Const(id));
    let mut lower = TyLower::new(db, scope, &data.types);
    let value = data.ty.map(|ty| lower.ty(ty));
    Lowered {
        value,
        errors: lower.finish().into(),
    }
}

fn const_cycle(db: &dyn Db, _: salsa::Id, _: ConstId) -> Lowered<Option<Ty>> {
    Lowered {
        value: Some(Ty::error(db)),
        errors: Box::default(),
    }
}

/// The type of a constant.
pub fn type_of_const(db: &dyn Db, id: ConstId) -> Ty {
    match type_of_const_lowered(db, id).value {
        Some(ty) => ty,
        // Only constants of blocks may leave it out.
        None if matches!(id.container(db), hir_def::ContainerId::Block(_)) => {
            crate::infer::inferred_const_ty(db, id)
        }
        None => Ty::error(db),
    }
}

/// The declared type of a static. Re-runs with the declaration.
#[salsa::tracked]
pub fn type_of_static_lowered(db: &dyn Db, id: StaticId) -> Lowered<Ty> {
    let data = s::static_data(db, id);
    let scope = hir_def::resolver::Scope::of_body(db, hir_def::BodyOwner::Static(id));
    let mut lower = TyLower::new(db, scope, &data.types);
    let value = data
        .ty
        .map(|ty| lower.ty(ty))
        .unwrap_or_else(|| Ty::error(db));
    Lowered {
        value,
        errors: lower.finish().into(),
    }
}

/// The type of a static.
pub fn type_of_static(db: &dyn Db, id: StaticId) -> Ty {
    type_of_static_lowered(db, id).value
}

/// The head of an implementation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImplHeader {
    pub self_ty: Ty,
    /// With `self_ty` as `This`. Nearly always none or one.
    pub behaviors: Box<[BehaviorRef]>,
}

/// The head of an implementation, in terms of its parameters.
///
/// Keyed by implementation; read by the index of implementations. Re-runs with its head.
#[salsa::tracked(cycle_result = header_cycle)]
pub fn impl_header(db: &dyn Db, id: ImplId) -> Lowered<ImplHeader> {
    let data = s::impl_data(db, id);
    let self_ty = impl_self_ty(db, id);
    let mut lower = TyLower::for_generic_def(db, GenericDef::Impl(id), &data.types);
    if let Some(ty) = data.self_ty {
        // For its errors: `impl_self_ty` keeps none.
        lower.ty(ty);
    }
    let behaviors: Box<[BehaviorRef]> = data
        .behaviors
        .iter()
        .filter_map(|behavior| lower.behavior_ref(*behavior, self_ty))
        .map(|(bound, _)| bound)
        .collect();
    Lowered {
        value: ImplHeader { self_ty, behaviors },
        errors: lower.finish().into(),
    }
}

fn header_cycle(db: &dyn Db, _: salsa::Id, _: ImplId) -> Lowered<ImplHeader> {
    let value = ImplHeader {
        self_ty: Ty::error(db),
        behaviors: Box::default(),
    };
    Lowered {
        value,
        errors: Box::default(),
    }
}

/// The type that an implementation is for.
#[salsa::tracked(returns(copy), cycle_result = self_ty_cycle)]
pub fn impl_self_ty(db: &dyn Db, id: ImplId) -> Ty {
    let data = s::impl_data(db, id);
    let mut lower = TyLower::for_generic_def(db, GenericDef::Impl(id), &data.types);
    data.self_ty
        .map(|ty| lower.ty(ty))
        .unwrap_or_else(|| Ty::error(db))
}

fn self_ty_cycle(db: &dyn Db, _: salsa::Id, _: ImplId) -> Ty {
    Ty::error(db)
}

/// The behaviors that an implementation is of.
pub fn impl_behaviors(db: &dyn Db, id: ImplId) -> &[BehaviorRef] {
    &impl_header(db, id).value.behaviors
}

/// `type Item = …` of an implementation, in terms of its parameters and the type's own.
pub fn impl_assoc_ty(db: &dyn Db, id: ImplId, name: &str) -> Option<Ty> {
    Some(type_of_alias(db, impl_assoc_alias(db, id, name)?))
}

/// The declaration behind [`impl_assoc_ty`].
pub fn impl_assoc_alias(db: &dyn Db, id: ImplId, name: &str) -> Option<TypeAliasId> {
    let items = &s::impl_data(db, id).items;
    items.iter().find_map(|(n, item)| match item {
        AssocItemId::Type(alias) if n == name => Some(*alias),
        _ => None,
    })
}

/// A member function of an implementation.
pub fn impl_func(db: &dyn Db, id: ImplId, name: &str) -> Option<FuncId> {
    let items = &s::impl_data(db, id).items;
    items.iter().find_map(|(n, item)| match item {
        AssocItemId::Func(func) if n == name => Some(*func),
        _ => None,
    })
}

/// A member of a behavior, without super-behaviors.
pub fn behavior_item(db: &dyn Db, behavior: BehaviorId, name: &str) -> Option<AssocItemId> {
    let items = &s::behavior_data(db, behavior).items;
    items.iter().find(|(n, _)| n == name).map(|(_, item)| *item)
}

pub fn behavior_func(db: &dyn Db, behavior: BehaviorId, name: &str) -> Option<FuncId> {
    match behavior_item(db, behavior, name) {
        Some(AssocItemId::Func(func)) => Some(func),
        _ => None,
    }
}

/// An associated type that a behavior declares itself.
pub fn assoc_type_of(db: &dyn Db, behavior: BehaviorId, name: &str) -> Option<TypeAliasId> {
    let items = &s::behavior_data(db, behavior).items;
    items.iter().find_map(|(n, item)| match item {
        AssocItemId::Type(alias) if n == name => Some(*alias),
        _ => None,
    })
}

/// The behavior among a bound and what it extends that declares an associated type.
pub fn assoc_type_owner(db: &dyn Db, bound: BehaviorRef, name: &str) -> Option<BehaviorRef> {
    let mut bounds = vec![bound];
    crate::generics::elaborate(db, &mut bounds);
    bounds
        .into_iter()
        .find(|bound| assoc_type_of(db, bound.behavior, name).is_some())
}

/// What the declaration of an associated type promises about it.
pub fn projection_bounds(db: &dyn Db, projection: &Projection) -> Vec<BehaviorRef> {
    let Some(alias) = assoc_type_of(db, projection.behavior, &projection.name) else {
        return Vec::new();
    };
    let implements = |predicate: &Predicate| match predicate {
        Predicate::Implements(bound) => Some(bound.subst(db, projection.args)),
        Predicate::Equal(..) => None,
    };
    let promises = assoc_type_predicates(db, alias).iter();
    let mut bounds: Vec<BehaviorRef> = promises.filter_map(implements).collect();
    crate::generics::elaborate(db, &mut bounds);
    bounds
}

/// `type Iter: Iterator[Item = This::Item]` in a behavior, in terms of its parameters.
#[salsa::tracked(cycle_result = assoc_predicates_cycle)]
pub fn assoc_type_predicates(db: &dyn Db, alias: TypeAliasId) -> Box<[Predicate]> {
    let data = s::alias_data(db, alias);
    let def = GenericDef::TypeAlias(alias);
    let Some(GenericDef::Behavior(behavior)) = def.parent(db) else {
        return Box::default();
    };
    let args = identity_args(db, GenericDef::Behavior(behavior));
    let projection = Projection {
        behavior,
        name: data.name.clone(),
        args,
    };
    let this = Ty::new(db, TyKind::Projection(projection));
    let mut lower = TyLower::for_generic_def(db, def, &data.types);
    let mut out = Vec::new();
    for bound in &data.bounds {
        if matches!(bound, TypeBound::Behavior(_)) {
            lower_bound(&mut lower, this, bound, &mut out);
        }
    }
    out.into()
}

fn assoc_predicates_cycle(_: &dyn Db, _: salsa::Id, _: TypeAliasId) -> Box<[Predicate]> {
    Box::default()
}

/// Whether a behavior is or extends another.
pub fn extends(db: &dyn Db, behavior: BehaviorId, ancestor: BehaviorId) -> bool {
    let mut seen = vec![behavior];
    let mut next = 0;
    while let Some(current) = seen.get(next).copied() {
        if current == ancestor {
            return true;
        }
        next += 1;
        for parent in super_behaviors(db, current) {
            if !seen.contains(&parent.behavior) {
                seen.push(parent.behavior);
            }
        }
    }
    false
}

/// The behavior's function that a method of an implementation implements.
pub fn implemented_func(db: &dyn Db, func: FuncId) -> Option<FuncId> {
    let hir_def::ContainerId::Impl(id) = func.container(db) else {
        return None;
    };
    let name = &s::func_signature(db, func).name;
    let behaviors = impl_behaviors(db, id);
    behaviors
        .iter()
        .find_map(|bound| behavior_func(db, bound.behavior, name))
}
