//! T060–T066: what is computed while compiling.

use base::Db;
use hir_def::ConstId;
use hir_def::body::ExprId;
use hir_ty::ConstError;

use crate::body_ctx::BodyCtx;
use crate::codes::p065_unsupported;
use crate::place::{Draft, Place, item_name_place};

/// `None` for what is reported elsewhere.
pub(crate) fn error(db: &dyn Db, place: Place, error: &ConstError) -> Option<Draft> {
    Some(match error {
        ConstError::Overflow => Draft::error("T060", place, "Overflow in a constant expression")
            .labelled("the result does not fit its type"),
        ConstError::DivisionByZero => {
            Draft::error("T060", place, "Division by zero in a constant expression")
                .labelled("divides by zero")
        }
        ConstError::InvalidCast => Draft::error("T061", place, "Invalid constant cast")
            .labelled("the value has no counterpart in the target type"),
        ConstError::Cycle(constant) => cycle(db, place, *constant),
        ConstError::NotConst => Draft::error("T063", place, "Not a constant expression")
            .labelled("not known while compiling")
            .note("constants are made of literals, other constants, operators and casts"),
        ConstError::ArrayLength => array_length_at(place),
        ConstError::DependsOnLayout => {
            Draft::error("T066", place, "Constant in a type depends on layout")
                .labelled("types are known before their sizes")
                .help("use a literal, or a constant that asks for no size")
        }
        ConstError::Limit => Draft::error(
            "T063",
            place,
            "Not a constant expression: its evaluation takes too long",
        )
        .labelled("given up here"),
        ConstError::Unsupported(what) => p065_unsupported::unsupported(place, what),
        ConstError::Aggregate | ConstError::Reported => return None,
    })
}

fn cycle(db: &dyn Db, place: Place, constant: Option<ConstId>) -> Draft {
    let name = constant.map(|id| hir_def::signatures::const_data(db, id).name.to_string());
    let message = match &name {
        Some(name) => format!("Cyclic constant `{name}`: its value needs itself"),
        None => "Cyclic constant: its value needs itself".to_string(),
    };
    let draft = Draft::error("T062", place, message).labelled("part of a cycle");
    let declared = constant.map(|id| item_name_place(db, id.item(db)));
    draft.label_opt(
        declared.filter(|declared| *declared != place),
        "needed again here",
    )
}

/// The error of evaluating a constant's own body.
pub(crate) fn evaluation(ctx: &BodyCtx<'_>, failure: &ConstError) -> Option<Draft> {
    let at = hir_ty::consteval::failed_at(ctx.db, ctx.owner).unwrap_or(ctx.body.root);
    error(ctx.db, ctx.expr(at), failure)
}

pub(crate) fn array_length(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    array_length_at(ctx.expr(expr))
}

fn array_length_at(place: Place) -> Draft {
    Draft::error("T064", place, "Array length is not a non-negative constant")
        .labelled("needs an integer known while compiling")
}
