//! Fields, methods and associated items of a type: what may follow a `.` or `::`.

use base::Db;
use hir_def::module_map::is_within;
use hir_def::resolver::resolve_visibility;
use hir_def::signatures as s;
use hir_def::{
    AssocItemId, BehaviorId, ContainerId, FieldId, FuncId, GenericDef, ImplId, ModuleDef, ModuleId,
    Name, VariantDef, Visibility,
};
use hir_ty::impls::{TyHead, impls_for};
use hir_ty::signature::{impl_behaviors, impl_self_ty};
use hir_ty::{GenericArg, GenericArgs, ParamEnv, Ty, TyKind, fn_type, generics_of};
use rustc_hash::FxHashSet;

use crate::Definition;

/// How many references a receiver is seen through; the same bound as in inference, guessed.
const AUTODEREF_MAX: usize = 16;

/// A field that may follow a `.`.
#[derive(Clone, Debug)]
pub struct FieldMember {
    pub name: Name,
    pub ty: Ty,
    /// `None` for elements of tuples.
    pub field: Option<FieldId>,
}

/// A member of an implementation or behavior.
#[derive(Clone, Debug)]
pub struct Member {
    pub name: Name,
    pub item: AssocItemId,
    /// For the parameters of the implementation, as far as the type says.
    pub args: GenericArgs,
}

impl Member {
    pub fn func(&self) -> Option<FuncId> {
        match self.item {
            AssocItemId::Func(func) => Some(func),
            _ => None,
        }
    }

    /// The result type of a function.
    pub fn ret(&self, db: &dyn Db) -> Option<Ty> {
        Some(fn_type(db, self.func()?).ret.subst(db, self.args))
    }

    pub fn definition(&self) -> Definition {
        Definition::Item(match self.item {
            AssocItemId::Func(id) => ModuleDef::Func(id),
            AssocItemId::Const(id) => ModuleDef::Const(id),
            AssocItemId::Type(id) => ModuleDef::TypeAlias(id),
            AssocItemId::Static(id) => ModuleDef::Static(id),
        })
    }
}

fn autoderef(db: &dyn Db, ty: Ty) -> impl Iterator<Item = Ty> {
    std::iter::successors(Some(ty), move |ty| ty.as_ref(db).map(|(_, target)| target))
        .take(AUTODEREF_MAX)
}

/// The fields of a value that code in `from` may name, those of the outermost type first.
pub fn fields(db: &dyn Db, from: ModuleId, ty: Ty) -> Vec<FieldMember> {
    let mut out = Vec::new();
    for ty in autoderef(db, ty) {
        match ty.kind(db) {
            TyKind::Tuple(parts) => {
                let parts = parts.iter().enumerate();
                out.extend(parts.map(|(index, ty)| FieldMember {
                    name: smol_str::format_smolstr!("{index}"),
                    ty: *ty,
                    field: None,
                }));
            }
            TyKind::Adt(adt, args) => {
                if let hir_def::AdtId::Class(class) = adt {
                    object_fields(db, from, *class, *args, &mut out);
                    continue;
                }
                let parent = match adt {
                    hir_def::AdtId::Struct(id) => VariantDef::Struct(*id),
                    hir_def::AdtId::Union(id) => VariantDef::Union(*id),
                    hir_def::AdtId::Enum(_) | hir_def::AdtId::Class(_) => continue,
                };
                let module = adt.module(db);
                let types = hir_ty::field_types(db, parent);
                let all = s::fields(db, parent).fields.iter().zip(types).enumerate();
                for (index, (data, ty)) in all {
                    let visibility = resolve_visibility(db, module, &data.visibility);
                    let is_struct = matches!(parent, VariantDef::Struct(_));
                    if is_struct && !is_visible(db, visibility, from) {
                        continue;
                    }
                    let field = FieldId {
                        parent,
                        index: index as u32,
                    };
                    let ty = ty.subst(db, *args);
                    out.push(FieldMember {
                        name: data.name.clone(),
                        ty,
                        field: Some(field),
                    });
                }
            }
            _ => {}
        }
    }
    out
}

/// Fields and properties of a class, its own first.
fn object_fields(
    db: &dyn Db,
    from: ModuleId,
    class: hir_def::ClassId,
    args: GenericArgs,
    out: &mut Vec<FieldMember>,
) {
    for (class, args) in hir_ty::classes::ancestry(db, class, args) {
        let data = s::class_data(db, class);
        let parent = VariantDef::Class(class);
        let types = hir_ty::field_types(db, parent);
        for (index, (field, ty)) in data.fields.fields.iter().zip(types).enumerate() {
            let visibility = resolve_visibility(db, class.module(db), &field.visibility);
            if !is_visible(db, visibility, from) || field.name.starts_with('<') {
                continue;
            }
            let id = FieldId {
                parent,
                index: index as u32,
            };
            out.push(FieldMember {
                name: field.name.clone(),
                ty: ty.subst(db, args),
                field: Some(id),
            });
        }
        for (name, item) in &data.items {
            if let (Some(prop), AssocItemId::Func(func)) = (name.strip_prefix("get "), item)
                && !out.iter().any(|known| known.name == prop)
            {
                out.push(FieldMember {
                    name: prop.into(),
                    ty: fn_type(db, *func).ret.subst(db, args),
                    field: None,
                });
            }
        }
    }
}

fn is_visible(db: &dyn Db, visibility: Visibility, from: ModuleId) -> bool {
    match visibility {
        Visibility::Public => true,
        Visibility::Module(module) => is_within(db, from, module),
    }
}

/// The methods of a value that code in `from` may call, nearest first, each name once.
pub fn methods(db: &dyn Db, from: ModuleId, env: ParamEnv, ty: Ty) -> Vec<Member> {
    let has_receiver = |member: &Member| {
        member
            .func()
            .is_some_and(|func| s::func_signature(db, func).receiver.is_some())
    };
    let mut steps: Vec<Ty> = autoderef(db, ty).collect();
    if let Some(TyKind::Array(element, _)) = steps.last().map(|ty| ty.kind(db)) {
        steps.push(Ty::slice(db, *element));
    }
    let mut seen = FxHashSet::default();
    let mut out = Vec::new();
    for ty in steps {
        let members = assoc_items(db, from, env, ty)
            .into_iter()
            .filter(|it| has_receiver(it));
        out.extend(members.filter(|member| seen.insert(member.name.clone())));
    }
    out
}

/// Everything that `ty::` may be followed by, each name once: members of inherent
/// implementations first, then those of behaviors.
pub fn assoc_items(db: &dyn Db, from: ModuleId, env: ParamEnv, ty: Ty) -> Vec<Member> {
    let mut acc = Members {
        db,
        from,
        out: Vec::new(),
        seen: FxHashSet::default(),
    };
    if ty.is_error(db) {
        return acc.out;
    }
    let package = from.package(db);
    if let TyKind::Param(_) | TyKind::Projection(_) = ty.kind(db) {
        for bound in env
            .data(db)
            .bounds
            .iter()
            .filter(|bound| bound.self_ty(db) == ty)
        {
            acc.behavior(bound.behavior, bound.args);
        }
    }
    if let Some((class, args)) = hir_ty::classes::as_class(db, ty) {
        for (class, args) in hir_ty::classes::ancestry(db, class, args) {
            acc.add(&s::class_data(db, class).items, args);
        }
    }
    for bound in hir_ty::classes::interfaces_of_ty(db, ty) {
        acc.behavior(bound.behavior, bound.args);
    }
    let head = TyHead::of(db, ty);
    let mut behaviors: Vec<BehaviorId> = Vec::new();
    for (_, index) in impls_for(db, package, ty) {
        let fitting = head
            .and_then(|_| index.inherent.get(&head))
            .into_iter()
            .flatten();
        for id in fitting.copied() {
            acc.implementation(id, ty);
        }
        let listed = head
            .and_then(|_| index.by_head.get(&head))
            .into_iter()
            .flatten();
        for behavior in listed.chain(index.by_head.get(&None).into_iter().flatten()) {
            if !behaviors.contains(behavior) {
                behaviors.push(*behavior);
            }
        }
    }
    for behavior in behaviors {
        let count = generics_of(db, GenericDef::Behavior(behavior)).params.len();
        if count > 1 || hir_ty::implements(db, env, ty, behavior) {
            let mut args = vec![GenericArg::Ty(ty)];
            let rest = hir_ty::identity_args(db, GenericDef::Behavior(behavior));
            args.extend(rest.list(db).iter().skip(1).copied());
            acc.behavior(behavior, GenericArgs::from_iter(db, args));
        }
    }
    acc.out
}

/// The members that a behavior declares.
pub fn behavior_items(db: &dyn Db, behavior: BehaviorId) -> Vec<Member> {
    let args = hir_ty::identity_args(db, GenericDef::Behavior(behavior));
    let items = s::behavior_data(db, behavior).items.iter();
    items
        .map(|(name, item)| Member {
            name: name.clone(),
            item: *item,
            args,
        })
        .collect()
}

struct Members<'db> {
    db: &'db dyn Db,
    from: ModuleId,
    out: Vec<Member>,
    seen: FxHashSet<Name>,
}

impl Members<'_> {
    fn implementation(&mut self, id: ImplId, ty: Ty) {
        let db = self.db;
        let params = generics_of(db, GenericDef::Impl(id));
        let mut found: Vec<Option<GenericArg>> = vec![None; params.params.len()];
        if !matches(
            db,
            GenericDef::Impl(id),
            impl_self_ty(db, id),
            ty,
            &mut found,
        ) {
            return;
        }
        let own = params.params.iter().map(|param| param.as_arg(db));
        let args = found
            .into_iter()
            .zip(own)
            .map(|(arg, own)| arg.unwrap_or(own));
        let args = GenericArgs::from_iter(db, args);
        debug_assert!(impl_behaviors(db, id).is_empty());
        for (name, item) in &s::impl_data(db, id).items {
            if self.may_use(*item) && self.seen.insert(name.clone()) {
                self.out.push(Member {
                    name: name.clone(),
                    item: *item,
                    args,
                });
            }
        }
    }

    fn behavior(&mut self, behavior: BehaviorId, args: GenericArgs) {
        self.add(&s::behavior_data(self.db, behavior).items, args);
    }

    /// Members of one declaration, without accessors of properties.
    fn add(&mut self, items: &[(Name, AssocItemId)], args: GenericArgs) {
        for (name, item) in items {
            if !name.contains(' ') && self.may_use(*item) && self.seen.insert(name.clone()) {
                self.out.push(Member {
                    name: name.clone(),
                    item: *item,
                    args,
                });
            }
        }
    }

    fn may_use(&self, item: AssocItemId) -> bool {
        let db = self.db;
        let (container, visibility) = match item {
            AssocItemId::Func(id) => (id.container(db), &s::func_signature(db, id).visibility),
            AssocItemId::Const(id) => (id.container(db), &s::const_data(db, id).visibility),
            AssocItemId::Static(id) => (id.container(db), &s::static_data(db, id).visibility),
            AssocItemId::Type(_) => return true,
        };
        let (ContainerId::Impl(_) | ContainerId::Class(_)) = container else {
            return true;
        };
        is_visible(
            db,
            resolve_visibility(db, container.module(db), visibility),
            self.from,
        )
    }
}

/// Whether a type has the form of an implementation's head; finds the parameters' values.
fn matches(
    db: &dyn Db,
    def: GenericDef,
    pattern: Ty,
    ty: Ty,
    found: &mut [Option<GenericArg>],
) -> bool {
    let mut all = |patterns: &[Ty], types: &[Ty]| {
        patterns.len() == types.len()
            && patterns
                .iter()
                .zip(types)
                .all(|(p, t)| matches(db, def, *p, *t, found))
    };
    match (pattern.kind(db), ty.kind(db)) {
        (TyKind::Param(param), _) if param.owner == def => {
            let Some(slot) = found.get_mut(param.index as usize) else {
                return false;
            };
            match slot {
                Some(GenericArg::Ty(known)) => *known == ty || ty.is_error(db),
                _ => {
                    *slot = Some(GenericArg::Ty(ty));
                    true
                }
            }
        }
        (_, TyKind::Error) => true,
        (TyKind::Adt(a, left), TyKind::Adt(b, right)) => {
            a == b && {
                let pairs = left.list(db).iter().zip(right.list(db).iter());
                pairs.into_iter().all(|(p, t)| match (p, t) {
                    (GenericArg::Ty(p), GenericArg::Ty(t)) => matches(db, def, *p, *t, found),
                    (GenericArg::Const(hir_ty::Const::Param(param)), arg) if param.owner == def => {
                        if let Some(slot) = found.get_mut(param.index as usize) {
                            *slot = Some(*arg);
                        }
                        true
                    }
                    (p, t) => p == t,
                })
            }
        }
        (TyKind::Tuple(a), TyKind::Tuple(b)) => all(a, b),
        (TyKind::Array(a, _), TyKind::Array(b, _)) | (TyKind::Slice(a), TyKind::Slice(b)) => {
            matches(db, def, *a, *b, found)
        }
        (TyKind::Ref { target: a, .. }, TyKind::Ref { target: b, .. })
        | (TyKind::RawPtr(a), TyKind::RawPtr(b)) => matches(db, def, *a, *b, found),
        _ => pattern == ty,
    }
}

/// The type that a built-in name stands for.
pub fn builtin_type(db: &dyn Db, ty: hir_def::BuiltinType) -> Option<Ty> {
    use hir_def::BuiltinType::*;
    use hir_ty::{FloatTy, IntTy};
    Some(match ty {
        Bool => Ty::bool(db),
        Char => Ty::char(db),
        Str => Ty::str(db),
        Unit => Ty::unit(db),
        Never => Ty::never(db),
        F32 => Ty::float(db, FloatTy::F32),
        F64 => Ty::float(db, FloatTy::F64),
        Ptr => Ty::raw_ptr(db, Ty::unit(db)),
        Bytes => return None,
        other => Ty::int(db, IntTy::from_name(other.name())?),
    })
}
