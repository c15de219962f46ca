//! Members of implementations one by one: names, receivers, associated types, foreign functions.

use std::collections::HashMap;

use hir_def::module_map::Namespace;
use hir_def::resolver::{PathResult, Resolution, Scope, resolve_path};
use hir_def::signatures as s;
use hir_def::{
    AdtId, AssocItemId, ContainerId, EnumId, FuncId, GenericDef, ImplId, ModuleDef, Name, Path,
};

use super::{Check, ItemDiagnostic};
use crate::generics::{BehaviorRef, Predicate, param_env};
use crate::lang::lang_items;
use crate::signature::{
    adt_fields, assoc_type_predicates, behavior_item, fn_type, type_of_alias_lowered,
};
use crate::solve::{behavior_solve, normalize};
use crate::ty::{GenericArgs, IntTy, Ty, TyKind, walk_ty};

impl Check<'_> {
    /// T008: a name that is declared twice between the same braces.
    pub(super) fn duplicates(&mut self, items: &[(Name, AssocItemId)]) {
        let mut first: HashMap<&Name, AssocItemId> = HashMap::new();
        for (name, item) in items {
            match first.get(name) {
                None => {
                    first.insert(name, *item);
                }
                Some(first) if first != item => {
                    let (first, second, name) = (*first, *item, name.clone());
                    self.out.push(ItemDiagnostic::DuplicateMember {
                        first,
                        second,
                        name,
                    });
                }
                Some(_) => {}
            }
        }
    }

    /// T026: what an implementation takes for an associated type keeps its declared bounds.
    pub(super) fn assoc_bounds(&mut self, id: ImplId, bound: BehaviorRef) {
        let db = self.db;
        for (name, item) in &s::impl_data(db, id).items {
            let (AssocItemId::Type(given), Some(AssocItemId::Type(declared))) =
                (item, behavior_item(db, bound.behavior, name))
            else {
                continue;
            };
            let ty = type_of_alias_lowered(db, *given).value;
            // Generic ones are checked where they are used.
            let is_generic = !crate::generics::generics_of(db, GenericDef::TypeAlias(*given))
                .own()
                .is_empty();
            if is_generic || ty.has_error(db) {
                continue;
            }
            let env = param_env(db, GenericDef::Impl(id));
            let ty = normalize(db, ty, env);
            for wanted in assoc_type_predicates(db, declared) {
                let broken = match wanted.subst(db, bound.args) {
                    Predicate::Implements(wanted) => {
                        let mut args = wanted.args.list(db).to_vec();
                        if let Some(this) = args.first_mut() {
                            *this = ty.into();
                        }
                        let args = GenericArgs::from_iter(db, args);
                        let holds = args.types(db).any(|ty| ty.has_error(db))
                            || behavior_solve(db, env, wanted.behavior, args).is_some();
                        (!holds).then_some(Predicate::Implements(BehaviorRef { args, ..wanted }))
                    }
                    Predicate::Equal(found, wanted) => {
                        // `This::Iter::Item`, where `This::Iter` is what is being declared here.
                        let (found, wanted) =
                            (normalize(db, found, env), normalize(db, wanted, env));
                        let holds = found == wanted || found.has_error(db) || wanted.has_error(db);
                        (!holds).then_some(Predicate::Equal(found, wanted))
                    }
                };
                if let Some(broken) = broken {
                    self.out.push(ItemDiagnostic::AssocBound {
                        item: *given,
                        declared,
                        ty,
                        broken,
                    });
                }
            }
        }
    }

    /// `type E = A | B` declares variants, unless all of them name types (reference §2.3).
    pub(super) fn sum(&mut self, id: EnumId) {
        let db = self.db;
        let data = s::enum_data(db, id);
        let scope = Scope::of_def(db, GenericDef::Enum(id));
        let names_type = |variant: &s::VariantData| {
            let is_bare = variant.fields.fields.is_empty() && !variant.has_discriminant;
            is_bare && is_whole_type(db, scope, &variant.name)
        };
        if data.is_sum && !data.variants.is_empty() && data.variants.iter().all(names_type) {
            self.out.push(ItemDiagnostic::SumOfTypes { id });
        }
    }

    /// T036: a receiver is `This`, or a type that holds one.
    pub(super) fn receiver(&mut self, id: FuncId) {
        let db = self.db;
        let data = s::func_signature(db, id);
        if !matches!(data.receiver, Some(s::Receiver::Typed(_))) {
            return;
        }
        let Some(receiver) = fn_type(db, id).receiver else {
            return;
        };
        let this = crate::generics::this_type(db, GenericDef::Func(id));
        let Some(this) = this.filter(|this| !this.has_error(db)) else {
            return;
        };
        let mut mentions = receiver.passed.has_error(db);
        walk_ty(db, receiver.passed, &mut |ty| mentions |= ty == this);
        if !mentions {
            self.out.push(ItemDiagnostic::ReceiverType {
                func: id,
                found: receiver.passed,
                this,
            });
        }
    }

    /// T027: only the package of a type says how its values end.
    pub(super) fn foreign_drop(&mut self, id: ImplId, bound: BehaviorRef) {
        let db = self.db;
        let package = self.module.package(db);
        if Some(bound.behavior) != lang_items(db, package).drop {
            return;
        }
        let this = bound.self_ty(db);
        let is_own = match this.kind(db) {
            TyKind::Adt(adt, _) => adt.module(db).package(db) == package,
            TyKind::Error => true,
            _ => false,
        };
        if !is_own {
            let behavior = bound.behavior;
            self.out.push(ItemDiagnostic::ForeignDrop { id, behavior });
        }
    }

    /// C006: types that C knows nothing of, in functions of C or for C.
    pub(super) fn foreign_types(&mut self, id: FuncId) {
        let db = self.db;
        let data = s::func_signature(db, id);
        let sig = fn_type(db, id);
        let is_free = matches!(id.container(db), ContainerId::Module(_));
        let is_imported = data.attrs.extern_.is_some()
            || data.flags.is_lowlevel && !data.flags.has_body && is_free;
        let is_foreign = is_imported || data.attrs.export.is_some();
        if !is_foreign || sig.intrinsic.is_some() || sig.builtin.is_some() {
            return;
        }
        for (index, param) in sig.params.iter().enumerate() {
            if !self.is_of_c(param.ty, 0) {
                self.out.push(ItemDiagnostic::ForeignType {
                    func: id,
                    param: Some(index as u32),
                    ty: param.ty,
                });
            }
        }
        let ret = sig.ret;
        if !ret.is_unit(db) && !ret.is_never(db) && !self.is_of_c(ret, 0) {
            self.out.push(ItemDiagnostic::ForeignType {
                func: id,
                param: None,
                ty: ret,
            });
        }
    }

    fn is_of_c(&self, ty: Ty, depth: u32) -> bool {
        let db = self.db;
        if depth > super::NESTING_MAX as u32 {
            return false;
        }
        match ty.kind(db) {
            TyKind::Int(IntTy::I128 | IntTy::U128) => false,
            TyKind::Bool
            | TyKind::Int(_)
            | TyKind::Float(_)
            | TyKind::Char
            | TyKind::Str
            | TyKind::RawPtr(_)
            | TyKind::Func { .. }
            | TyKind::Error => true,
            TyKind::Ref { target, .. } => is_thin(db, *target),
            // Inside of structs only.
            TyKind::Array(part, _) => depth > 0 && self.is_of_c(*part, depth + 1),
            TyKind::Adt(AdtId::Struct(struct_id), args) => {
                let repr = &s::struct_data(db, *struct_id).attrs.repr;
                (repr.c || repr.transparent) && {
                    let fields = &adt_fields(db, AdtId::Struct(*struct_id)).value;
                    let mut fields = fields.iter().flat_map(|fields| fields.iter());
                    fields.all(|field| self.is_of_c(field.subst(db, *args), depth + 1))
                }
            }
            TyKind::Adt(AdtId::Union(_), _) => true,
            TyKind::Adt(adt @ AdtId::Enum(enum_id), args) => {
                let lang = lang_items(db, self.module.package(db));
                let is_reference = Some(*adt) == lang.maybe
                    && matches!(args.ty(db, 0).kind(db), TyKind::Ref { target, .. } if is_thin(db, *target));
                let variants = &s::enum_data(db, *enum_id).variants;
                is_reference || variants.iter().all(|it| it.fields.fields.is_empty())
            }
            _ => false,
        }
    }
}

/// Whether a name alone is a type, without arguments.
fn is_whole_type(db: &dyn base::Db, scope: Scope, name: &Name) -> bool {
    let found = resolve_path(db, scope, &Path::from_name(name.clone()), Namespace::Types);
    let PathResult::Resolved(found) = found else {
        return false;
    };
    match found.to {
        Resolution::Def(ModuleDef::Builtin(_)) | Resolution::GenericParam(_) => true,
        Resolution::Def(
            def @ (ModuleDef::Struct(_)
            | ModuleDef::Enum(_)
            | ModuleDef::Union(_)
            | ModuleDef::Class(_)
            | ModuleDef::TypeAlias(_)),
        ) => def.generic_def().is_some_and(|def| {
            let params = crate::generics::generics_of(db, def).own();
            params.iter().all(|param| param.has_default)
        }),
        _ => false,
    }
}

/// Whether a reference to a type is one address.
fn is_thin(db: &dyn base::Db, ty: Ty) -> bool {
    !matches!(ty.kind(db), TyKind::Slice(_) | TyKind::Dyn(_))
}
