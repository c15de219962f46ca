//! T033, T034, T090: behavior objects, opaque results, values without a size.

use hir_def::body::ExprId;
use hir_def::{BehaviorId, FuncId, GenericDef};
use hir_ty::{Site, Ty, names};

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place};
use crate::text::{func_place, generic_def_place};

/// A member of the behavior that is not in an object's table.
pub(crate) fn not_in_object(ctx: &BodyCtx<'_>, expr: ExprId, ty: Ty, func: FuncId) -> Draft {
    let shown = ctx.show(ty);
    let name = &hir_def::signatures::func_signature(ctx.db, func).name;
    let sig = hir_ty::fn_type(ctx.db, func);
    let why = if sig.receiver.is_none() {
        "it has no receiver"
    } else if !hir_ty::generics_of(ctx.db, GenericDef::Func(func))
        .own()
        .is_empty()
    {
        "it is generic"
    } else if hir_ty::object::is_object_method(ctx.db, func) {
        "it consumes the value, and a view owns none"
    } else {
        "it takes or gives `This`"
    };
    Draft::error(
        "T033",
        ctx.name(expr),
        format!("Member `{name}` is not available through `{shown}`"),
    )
    .labelled(why)
    .label(func_place(ctx.db, func), "declared here")
    .help("call it on the concrete type, or through a type parameter with the bound")
}

/// `dyn A + B`.
pub(crate) fn extra_bound(db: &dyn base::Db, place: Place, behavior: BehaviorId) -> Draft {
    let name = names::item_name(db, GenericDef::Behavior(behavior));
    Draft::error(
        "T033",
        place,
        format!("Members of `{name}` are not available here: only markers may be added"),
    )
    .labelled("one behavior, and markers such as `Send`")
    .label(
        generic_def_place(db, GenericDef::Behavior(behavior)),
        "declared here, with members",
    )
    .help("declare a behavior that extends both, and use that")
}

/// Two results of different types where the signature says `impl B`.
pub(crate) fn hidden_differs(ctx: &BodyCtx<'_>, site: Site, expected: Ty, found: Ty) -> Draft {
    let (expected, found) = (ctx.show(expected), ctx.show(found));
    Draft::error(
        "T034",
        ctx.site(site),
        format!("`impl` result has two types: `{expected}` and `{found}`"),
    )
    .labelled(format!("this is `{found}`, the one before `{expected}`"))
    .help("give `dyn` for values of several types")
}

/// A value of unsized type.
pub(crate) fn unsized_value(ctx: &BodyCtx<'_>, site: Site, ty: Ty) -> Draft {
    let shown = ctx.show(ty);
    let draft = Draft::error(
        "T090",
        ctx.site(site),
        format!("Value of unsized type `{shown}`"),
    )
    .labelled("its size is not known");
    match ty.as_dyn(ctx.db) {
        Some(_) => draft.help("a view only looks; own the value: `dyn B` without `ref`"),
        None => draft.help("slices stand behind references: `ref [T]`"),
    }
}
