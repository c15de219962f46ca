//! T038, T070 to T078 and W035: classes and interfaces.

use base::Db;
use hir_def::body::ExprId;
use hir_def::signatures as s;
use hir_def::{BehaviorId, ClassId, FuncId, GenericDef, Name};
use hir_ty::Ty;
use hir_ty::items::shown_name;

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place};
use crate::text::{func_place, generic_def_place};

fn class_name(db: &dyn Db, class: ClassId) -> Name {
    s::class_data(db, class).name.clone()
}

fn class_place(db: &dyn Db, class: ClassId) -> Place {
    generic_def_place(db, GenericDef::Class(class))
}

fn method_name(db: &dyn Db, func: FuncId) -> Name {
    shown_name(&s::func_signature(db, func).name)
}

/// The word for a class member: accessors are told by their names.
fn member_kind(db: &dyn Db, func: FuncId) -> &'static str {
    let name = &s::func_signature(db, func).name;
    match name.starts_with("get ") || name.starts_with("set ") {
        true => "property",
        false => "method",
    }
}

pub(crate) fn ambiguous_ctor(ctx: &BodyCtx<'_>, expr: ExprId, candidates: &[FuncId]) -> Draft {
    let message = "Ambiguous constructor: several fit these arguments equally well";
    let mut draft = Draft::error("T038", ctx.expr(expr), message).labelled("which one is meant?");
    for candidate in candidates {
        draft = draft.label(func_place(ctx.db, *candidate), "this one fits");
    }
    draft.help("give the arguments types: a suffix, or a `let` with a type")
}

pub(crate) fn no_ctor(ctx: &BodyCtx<'_>, expr: ExprId, class: ClassId) -> Draft {
    let db = ctx.db;
    let name = class_name(db, class);
    let message = format!("No constructor of `{name}` takes these arguments");
    let ctors = &s::class_data(db, class).ctors;
    let mut draft = Draft::error("T004", ctx.expr(expr), message).labelled("nothing fits");
    for ctor in ctors.iter().take(4) {
        draft = draft.label(func_place(db, *ctor), "declared here");
    }
    match ctors.is_empty() {
        true => draft.note(format!("`{name}` declares no constructor")),
        false => draft,
    }
}

pub(crate) fn abstract_instance(ctx: &BodyCtx<'_>, expr: ExprId, class: ClassId) -> Draft {
    let name = class_name(ctx.db, class);
    Draft::error(
        "T071",
        ctx.expr(expr),
        format!("Instance of the abstract class `{name}`"),
    )
    .labelled("cannot be made")
    .label(class_place(ctx.db, class), "declared abstract")
    .help("make an object of a class that extends it")
}

pub(crate) fn no_accessor(ctx: &BodyCtx<'_>, expr: ExprId, name: &Name, is_setter: bool) -> Draft {
    let (what, verb) = match is_setter {
        true => ("`set`", "written"),
        false => ("`get`", "read"),
    };
    Draft::error(
        "T075",
        ctx.expr(expr),
        format!("Property `{name}` has no accessor {what} that may be used here"),
    )
    .labelled(format!("cannot be {verb}"))
}

pub(crate) fn base_call(ctx: &BodyCtx<'_>, expr: ExprId, base: Option<ClassId>) -> Draft {
    let db = ctx.db;
    let place = ctx.expr(expr);
    match base {
        Some(base) => {
            let name = class_name(db, base);
            let message = format!("Base constructor call missing: `{name}` needs arguments");
            let mut draft = Draft::error("T077", place, message).labelled("no base call");
            for ctor in s::class_data(db, base).ctors.iter().take(4) {
                draft = draft.label(func_place(db, *ctor), "declared here");
            }
            draft.help("call it behind the parameters: `new(…) : base(…) { … }`")
        }
        None => Draft::error(
            "T077",
            place,
            "Base constructor call wrong: the class extends nothing",
        )
        .labelled("there is no base class"),
    }
}

pub(crate) fn unrelated(ctx: &BodyCtx<'_>, expr: ExprId, from: Ty, to: Ty) -> Draft {
    let (from, to) = (ctx.show(from), ctx.show(to));
    Draft::error(
        "T078",
        ctx.expr(expr),
        format!("Unrelated types: a value of `{from}` is never a `{to}`"),
    )
    .labelled("cannot hold")
    .note("`is` and down-casts are for classes of which one extends the other, and for interfaces")
}

pub(crate) fn sealed_base(db: &dyn Db, class: ClassId, base: ClassId) -> Draft {
    let name = class_name(db, base);
    Draft::error(
        "T070",
        class_place(db, class),
        format!("Extension of the sealed class `{name}`"),
    )
    .labelled("extends a sealed class")
    .label(class_place(db, base), "declared sealed")
}

pub(crate) fn abstract_missing(db: &dyn Db, class: ClassId, missing: &[FuncId]) -> Draft {
    let names: Vec<String> = missing
        .iter()
        .map(|func| format!("`{}`", method_name(db, *func)))
        .collect();
    let message = format!(
        "Abstract members of `{}` not overridden: {}",
        class_name(db, class),
        names.join(", ")
    );
    let mut draft = Draft::error("T072", class_place(db, class), message)
        .labelled("not abstract, and not complete");
    for func in missing.iter().take(4) {
        draft = draft.label(func_place(db, *func), "abstract here");
    }
    draft.help("override them, or declare the class `abstract`")
}

pub(crate) fn override_nothing(db: &dyn Db, func: FuncId, base: Option<FuncId>) -> Draft {
    let (name, kind) = (method_name(db, func), member_kind(db, func));
    let place = func_place(db, func);
    match base {
        Some(base) => Draft::error(
            "T073",
            place,
            format!("Override of the {kind} `{name}`, which is not virtual"),
        )
        .labelled("overrides nothing")
        .label(func_place(db, base), "declare this one `virtual`"),
        None => Draft::error(
            "T073",
            place,
            format!("Override without a base {kind}: no `{name}` is inherited"),
        )
        .labelled("overrides nothing")
        .help("remove `override`"),
    }
}

pub(crate) fn override_sealed(db: &dyn Db, func: FuncId, base: FuncId) -> Draft {
    let (name, kind) = (method_name(db, func), member_kind(db, func));
    Draft::error(
        "T074",
        func_place(db, func),
        format!("Override of the sealed {kind} `{name}`"),
    )
    .labelled("not allowed")
    .label(func_place(db, base), "sealed here")
}

pub(crate) fn hides(db: &dyn Db, func: FuncId, base: FuncId) -> Draft {
    let (name, kind) = (method_name(db, func), member_kind(db, func));
    Draft::warning(
        "W035",
        func_place(db, func),
        format!("The {kind} `{name}` hides a virtual one of the base class"),
    )
    .labelled("calls through the base do not come here")
    .label(func_place(db, base), "virtual here")
    .help("write `override` if it is meant to replace it")
}

pub(crate) fn interface_missing(
    db: &dyn Db,
    class: ClassId,
    interface: BehaviorId,
    missing: &[Name],
) -> Draft {
    let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    let name = &s::behavior_data(db, interface).name;
    Draft::error(
        "T076",
        class_place(db, class),
        format!(
            "Missing members of the interface `{name}`: {}",
            names.join(", ")
        ),
    )
    .labelled("not implemented")
    .label(
        generic_def_place(db, GenericDef::Behavior(interface)),
        "declared here",
    )
}
