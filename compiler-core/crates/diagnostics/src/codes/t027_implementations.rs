//! T026 to T032 at implementations, T081, T085 and T051 at declarations.

use base::{Db, ItemLoc};
use hir_def::signatures as s;
use hir_def::{BehaviorId, FuncId, GenericDef, ImplId, Name};
use hir_ty::ItemDiagnostic;
use hir_ty::generics::Predicate;
use hir_ty::items::Difference;
use mir::Demanded;

use crate::codes::{p065_unsupported, t008_duplicates, t070_classes, t080_threads};
use crate::place::{Draft, item_name_place};
use crate::text::{behavior_text, func_place, generic_def_place, param_place, ret_place};

/// `None` for what other queries report: types as written, values of constants.
pub(crate) fn render(db: &dyn Db, finding: &ItemDiagnostic) -> Option<Draft> {
    Some(match finding {
        ItemDiagnostic::Type { .. } | ItemDiagnostic::Const { .. } => return None,
        ItemDiagnostic::Conflict {
            first,
            second,
            behavior,
        } => conflict(db, *first, *second, *behavior),
        ItemDiagnostic::Orphan { id, behavior } => {
            let name = behavior_name(db, *behavior);
            let message =
                format!("Foreign implementation: neither `{name}` nor the type is of this package");
            Draft::error("T027", at(db, *id), message)
                .labelled("not allowed in a library")
                .help("wrap the type in a struct of your own")
        }
        ItemDiagnostic::MissingMembers {
            id,
            behavior,
            missing,
        } => missing_members(db, *id, *behavior, missing),
        ItemDiagnostic::ExtraMember {
            behavior,
            item,
            name,
            nearest,
            ..
        } => {
            let place = item_name_place(db, assoc_loc(db, *item));
            let message = format!(
                "`{name}` is no member of `{}`",
                behavior_name(db, *behavior)
            );
            Draft::error("T029", place, message)
                .labelled("the behavior does not declare it")
                .nearest(place, nearest.as_ref())
        }
        ItemDiagnostic::SignatureDiffers {
            func,
            declared,
            what,
        } => signature_differs(db, *func, *declared, what),
        ItemDiagnostic::SealedBase { class, base } => t070_classes::sealed_base(db, *class, *base),
        ItemDiagnostic::AbstractMissing { class, missing } => {
            t070_classes::abstract_missing(db, *class, missing)
        }
        ItemDiagnostic::OverrideNothing { func, base } => {
            t070_classes::override_nothing(db, *func, *base)
        }
        ItemDiagnostic::OverrideSealed { func, base } => {
            t070_classes::override_sealed(db, *func, *base)
        }
        ItemDiagnostic::Hides { func, base } => t070_classes::hides(db, *func, *base),
        ItemDiagnostic::InterfaceMissing {
            class,
            interface,
            missing,
        } => t070_classes::interface_missing(db, *class, *interface, missing),
        ItemDiagnostic::MissingSuper { id, bound } => {
            let name = behavior_name(db, bound.behavior);
            Draft::error(
                "T026",
                at(db, *id),
                format!("Bound not satisfied: `{name}` is not implemented"),
            )
            .labelled("needed by this behavior")
            .label(
                generic_def_place(db, GenericDef::Behavior(bound.behavior)),
                "declared here",
            )
            .help(format!("implement `{name}` too"))
        }
        ItemDiagnostic::DuplicateMember {
            first,
            second,
            name,
        } => t008_duplicates::items(db, assoc_loc(db, *first), assoc_loc(db, *second), name),
        ItemDiagnostic::AssocBound {
            item,
            declared,
            ty,
            broken,
        } => {
            let shown = ty.display(db).to_string();
            let (code, message, label) = match broken {
                Predicate::Implements(bound) => {
                    let name = behavior_name(db, bound.behavior);
                    let message =
                        format!("Bound not satisfied: `{shown}` does not implement `{name}`");
                    ("T026", message, format!("`{shown}` is not `{name}`"))
                }
                Predicate::Equal(found, wanted) => {
                    let (found, wanted) = (found.display(db), wanted.display(db));
                    let message =
                        format!("`where` equality not met: expected `{wanted}`, found `{found}`");
                    ("T055", message, format!("with `{shown}` it is `{found}`"))
                }
            };
            Draft::error(
                code,
                generic_def_place(db, GenericDef::TypeAlias(*item)),
                message,
            )
            .labelled(label)
            .label(
                generic_def_place(db, GenericDef::TypeAlias(*declared)),
                "required by a bound here",
            )
        }
        ItemDiagnostic::ForeignDrop { id, behavior } => {
            let name = behavior_name(db, *behavior);
            let message =
                format!("Foreign type: `{name}` is implemented in the type's own package");
            Draft::error("T027", at(db, *id), message)
                .labelled("the type is of another package")
                .help("wrap the type in a struct of your own")
        }
        ItemDiagnostic::ReceiverType { func, found, this } => {
            let (found, this) = (found.display(db), this.display(db));
            let message = format!("Wrong type of the receiver: `{found}` holds no `{this}`");
            Draft::error("T036", func_place(db, *func), message)
                .labelled(format!("declared with `this: {found}`"))
                .help("a receiver is `this`, `mut this`, `this: This`, or a type around it as in `this: Arc[This]`")
        }
        ItemDiagnostic::ForeignType { func, param, ty } => {
            let whole = func_place(db, *func);
            let place = match param {
                Some(index) => param_place(db, *func, *index as usize),
                None => ret_place(db, *func),
            };
            let shown = ty.display(db).to_string();
            Draft::error(
                "C006",
                place.unwrap_or(whole),
                format!("Unsupported type in a foreign function: `{shown}`"),
            )
            .labelled("C has no such type")
            .help("pass a number, a `Str`, a pointer or a reference; a struct by value needs `@repr(C)`")
        }
        ItemDiagnostic::SumOfTypes { id } => {
            let item = id.item(db);
            let draft =
                p065_unsupported::unsupported(item_name_place(db, item), "a union of types");
            let first = s::enum_data(db, *id).variants.first();
            let name = first
                .map(|variant| variant.name.as_str())
                .unwrap_or_default();
            draft.help(format!(
                "name the variants, and the type that each holds: `Of{name}({name})`"
            ))
        }
        ItemDiagnostic::InfiniteSize { adt } => {
            let place = generic_def_place(db, GenericDef::from(*adt));
            Draft::error("T085", place, "Type of infinite size: it contains itself")
                .labelled("every value would hold another one")
                .help("put the inner value behind a pointer, as in `Heap[…]`")
        }
        ItemDiagnostic::Repeats { id, behavior } => {
            let name = behavior_name(db, *behavior);
            let message = format!("Repeated implementation of `{name}`: it is ignored");
            Draft::warning("W042", at(db, *id), message)
                .labelled("a dependency has the same")
                .help("remove it")
        }
        ItemDiagnostic::BareAuto { id, behavior } => {
            let name = behavior_name(db, *behavior);
            let message = format!("Low-level operation: `{name}` implemented by hand");
            Draft::warning("W030", at(db, *id), message)
                .labelled("not checked by the compiler")
                .help("mark it: `lowlevel impl …`")
        }
        ItemDiagnostic::SharedStatic { id } => t080_threads::shared_static(db, *id),
        ItemDiagnostic::MainSignature { func } => {
            let message = "Wrong signature: `main` takes or returns what no program does";
            Draft::error("T051", func_place(db, *func), message)
                .labelled("the program starts here")
                .help("`main` takes nothing and returns nothing, `I32`, or an `Outcome[Unit, E]`")
        }
        ItemDiagnostic::TestSignature { func } => {
            let message = "Test function with parameters: nobody could pass them";
            Draft::error("T054", func_place(db, *func), message)
                .labelled("the test runner calls it with nothing")
                .help("call a function with parameters from a test without")
        }
    })
}

fn at(db: &dyn Db, id: ImplId) -> crate::place::Place {
    generic_def_place(db, GenericDef::Impl(id))
}

fn assoc_loc(db: &dyn Db, item: hir_def::AssocItemId) -> ItemLoc {
    match item {
        hir_def::AssocItemId::Func(id) => id.item(db),
        hir_def::AssocItemId::Const(id) => id.item(db),
        hir_def::AssocItemId::Type(id) => id.item(db),
        hir_def::AssocItemId::Static(id) => id.item(db),
    }
}

fn behavior_name(db: &dyn Db, behavior: BehaviorId) -> Name {
    s::behavior_data(db, behavior).name.clone()
}

fn conflict(db: &dyn Db, first: ImplId, second: ImplId, behavior: BehaviorId) -> Draft {
    let name = behavior_name(db, behavior);
    Draft::error(
        "T027",
        at(db, second),
        format!("Conflicting implementations of `{name}`: both could apply to one type"),
    )
    .labelled("implemented again here")
    .label(at(db, first), "first implemented here")
    .help("remove one of them, or make it for another type")
}

fn missing_members(db: &dyn Db, id: ImplId, behavior: BehaviorId, missing: &[Name]) -> Draft {
    let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    let name = behavior_name(db, behavior);
    Draft::error(
        "T028",
        at(db, id),
        format!("Missing members of `{name}`: {}", names.join(", ")),
    )
    .labelled("not implemented")
    .label(
        generic_def_place(db, GenericDef::Behavior(behavior)),
        "declared here",
    )
}

/// What declares a member that is implemented or overridden.
fn declarer(db: &dyn Db, declared: FuncId) -> &'static str {
    match declared.container(db) {
        hir_def::ContainerId::Class(_) => "the base class",
        hir_def::ContainerId::Behavior(id) if s::behavior_data(db, id).is_interface => {
            "the interface"
        }
        _ => "the behavior",
    }
}

fn predicate_text(db: &dyn Db, predicate: &Predicate) -> String {
    match predicate {
        Predicate::Implements(bound) => format!(
            "`{}: {}`",
            bound.self_ty(db).display(db),
            behavior_text(db, bound.behavior, bound.args)
        ),
        Predicate::Equal(left, right) => {
            format!("`{} = {}`", left.display(db), right.display(db))
        }
    }
}

fn signature_differs(db: &dyn Db, func: FuncId, declared: FuncId, what: &Difference) -> Draft {
    let name = hir_ty::items::shown_name(&s::func_signature(db, func).name);
    let whole = func_place(db, func);
    let (place, label) = match what {
        Difference::Receiver => (
            whole,
            format!(
                "its receiver asks for more than {} gives",
                declarer(db, declared)
            ),
        ),
        Difference::ParamCount { expected, found } => (
            whole,
            format!(
                "takes {found} parameters, {} declares {expected}",
                declarer(db, declared)
            ),
        ),
        Difference::GenericCount { expected, found } => (
            whole,
            format!(
                "has {found} type parameters, {} declares {expected}",
                declarer(db, declared)
            ),
        ),
        Difference::Param {
            index,
            expected,
            found,
        } => (
            param_place(db, func, *index as usize).unwrap_or(whole),
            format!(
                "expected `{}`, found `{}`",
                expected.display(db),
                found.display(db)
            ),
        ),
        Difference::Bound { predicate } => (
            whole,
            format!(
                "demands {}, {} does not",
                predicate_text(db, predicate),
                declarer(db, declared)
            ),
        ),
        Difference::Hidden { predicate } => (
            ret_place(db, func).unwrap_or(whole),
            format!("the result does not keep {}", predicate_text(db, predicate)),
        ),
        Difference::Result { expected, found } => (
            ret_place(db, func).unwrap_or(whole),
            format!(
                "expected `{}`, found `{}`",
                expected.display(db),
                found.display(db)
            ),
        ),
    };
    Draft::error(
        "T032",
        place,
        format!(
            "Signature of `{name}` differs from {}",
            declarer(db, declared)
        ),
    )
    .labelled(label)
    .label(func_place(db, declared), "declared here")
}

/// T032 of lifetimes.
pub(crate) fn demands_more(
    db: &dyn Db,
    func: FuncId,
    declared: FuncId,
    (from, to): (&Demanded, &Demanded),
) -> Draft {
    let name = hir_ty::items::shown_name(&s::func_signature(db, func).name);
    let longer = match from {
        Demanded::Named(name) => format!("`{name}`"),
        Demanded::Param(name) => format!("what `{name}` borrows"),
        Demanded::Static | Demanded::Unnamed => "a lifetime".to_string(),
    };
    let shorter = match to {
        Demanded::Static => "for ever".to_string(),
        Demanded::Named(name) => format!("as long as `{name}`"),
        Demanded::Param(name) => format!("as long as what `{name}` borrows"),
        Demanded::Unnamed => "as long as another".to_string(),
    };
    let by = declarer(db, declared);
    Draft::error(
        "T032",
        func_place(db, func),
        format!("Signature of `{name}` differs from {by}: its lifetimes ask for more"),
    )
    .labelled(format!("{longer} must live {shorter}; {by} does not say so"))
    .label(func_place(db, declared), "declared here")
    .help("leave the lifetimes out, so that they are those of the declaration; or declare them there, too")
}
