//! What is wrong with classes: ancestry, overriding, interfaces (reference §10.1).

use hir_def::signatures as s;
use hir_def::{AdtId, AssocItemId, ClassId, ContainerId, FuncId, GenericDef, Name};

use super::{Check, DeclId, ItemDiagnostic};
use crate::classes;
use crate::generics::{BehaviorRef, identity_args};
use crate::lower::{LowerError, LowerErrorKind};

impl Check<'_> {
    pub(super) fn class(&mut self, class: ClassId) {
        let db = self.db;
        let data = s::class_data(db, class);
        self.adt(AdtId::Class(class));
        let def = GenericDef::Class(class);
        let head = classes::class_head(db, class);
        self.types(DeclId::Generic(def), &head.errors);
        for (_, item) in &data.items {
            self.assoc(*item);
        }
        for ctor in &data.ctors {
            self.func(*ctor);
        }
        self.base(class);
        for (name, item) in &data.items {
            if let AssocItemId::Func(func) = *item {
                self.overriding(class, name, func);
            }
        }
        self.interfaces(class);
        if !data.is_abstract {
            let missing = classes::abstract_members(db, class);
            if !missing.is_empty() {
                let missing = missing.into();
                self.out
                    .push(ItemDiagnostic::AbstractMissing { class, missing });
            }
        }
    }

    fn base(&mut self, class: ClassId) {
        let db = self.db;
        let Some((base, _)) = classes::class_head(db, class).value.base else {
            return;
        };
        if classes::class_extends(db, base, class) {
            let error = LowerError {
                ty: s::class_data(db, class).base,
                kind: LowerErrorKind::CyclicAlias,
            };
            let decl = DeclId::Generic(GenericDef::Class(class));
            self.out.push(ItemDiagnostic::Type { decl, error });
            return;
        }
        if s::class_data(db, base).is_sealed {
            self.out.push(ItemDiagnostic::SealedBase { class, base });
        }
    }

    /// T073, T074, W035, and the signature of an overriding method.
    fn overriding(&mut self, class: ClassId, name: &Name, func: FuncId) {
        let db = self.db;
        let sig = s::func_signature(db, func);
        let own = identity_args(db, GenericDef::Class(class));
        let found = classes::base_of(db, class, own)
            .and_then(|(base, args)| classes::member(db, base, args, name));
        let found = match found {
            Some((AssocItemId::Func(found), _, args)) => Some((found, args)),
            _ => None,
        };
        if !sig.flags.is_override {
            if let Some((base, _)) = found
                && sig.receiver.is_some()
                && s::func_signature(db, base).flags.is_dynamic()
            {
                self.out.push(ItemDiagnostic::Hides { func, base });
            }
            return;
        }
        match found {
            Some((base, args)) => {
                let flags = s::func_signature(db, base).flags;
                if flags.is_sealed {
                    self.out.push(ItemDiagnostic::OverrideSealed { func, base });
                } else if classes::dispatch_of(db, base).is_none() {
                    let base = Some(base);
                    self.out
                        .push(ItemDiagnostic::OverrideNothing { func, base });
                } else {
                    self.same_signature(func, base, args);
                }
            }
            None => {
                let of_interface = classes::interfaces_of(db, class, own).iter().any(|bound| {
                    crate::signature::behavior_func(db, bound.behavior, name).is_some()
                });
                // A setter may join a getter that is overridden.
                let joins = name.strip_prefix("set ").is_some_and(|prop| {
                    classes::member(db, class, own, &s::getter_name(prop)).is_some()
                });
                if !of_interface && !joins {
                    self.out
                        .push(ItemDiagnostic::OverrideNothing { func, base: None });
                }
            }
        }
    }

    /// T076.
    fn interfaces(&mut self, class: ClassId) {
        let db = self.db;
        let data = s::class_data(db, class);
        let own = identity_args(db, GenericDef::Class(class));
        let mut written: Vec<BehaviorRef> =
            classes::class_head(db, class).value.interfaces.to_vec();
        crate::generics::elaborate(db, &mut written);
        for bound in written {
            let mut missing = Vec::new();
            for (name, item) in &s::behavior_data(db, bound.behavior).items {
                let AssocItemId::Func(func) = *item else {
                    continue;
                };
                match classes::interface_impl(db, class, own, bound, func) {
                    Some((found, _)) if found == func => {}
                    Some((found, _)) => {
                        if let ContainerId::Class(owner) = found.container(db)
                            && owner == class
                        {
                            self.same_signature(found, func, bound.args);
                        }
                    }
                    // Read-only properties serve: what is missing then is the writing.
                    None if s::func_signature(db, func).flags.is_optional => {}
                    None if data.is_abstract => {}
                    None => missing.push(shown_name(name)),
                }
            }
            if !missing.is_empty() {
                let missing = missing.into();
                let interface = bound.behavior;
                self.out.push(ItemDiagnostic::InterfaceMissing {
                    class,
                    interface,
                    missing,
                });
            }
        }
    }
}

/// The name of a member as it is written.
pub fn shown_name(name: &str) -> Name {
    let prop = name.strip_prefix("get ").or(name.strip_prefix("set "));
    Name::new(prop.unwrap_or(name))
}
