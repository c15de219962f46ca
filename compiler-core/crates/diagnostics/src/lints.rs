//! Lints: what is allowed and rarely meant (errors.md §10). One file per family.
//!
//! They look at a body that is otherwise without errors, find what [`Lint`] describes without
//! reading positions, and are rendered in one place. To add one: a function, a line in
//! [`FAMILIES`], its page in `codes/explain`, and a case that fires and one that does not.

mod calls;
mod comparisons;
mod loops;
pub(crate) mod names;
pub(crate) mod parentheses;
mod secrets;
mod types;

use base::Db;
use hir_def::BodyOwner;
use hir_def::body::{Body, ExprId, PatId};
use hir_ty::{InferenceResult, LangItems};

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place};

/// What lints look at.
pub(crate) struct LintCtx<'db> {
    db: &'db dyn Db,
    owner: BodyOwner,
    body: &'db Body,
    infer: &'db InferenceResult,
    lang: &'db LangItems,
}

/// Where a lint points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spot {
    Expr(ExprId),
    /// The name in a call or path.
    Name(ExprId),
    Pat(PatId),
    /// The function itself.
    Owner,
}

/// What would make a lint go.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Help {
    Text(String),
    /// The cast without its type.
    DropCast {
        cast: ExprId,
        operand: ExprId,
    },
    /// A type behind the name.
    Annotate(PatId, String),
    /// `mut` before the name.
    MakeMutable(PatId),
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lint {
    code: &'static str,
    spot: Spot,
    message: String,
    label: String,
    help: Option<Help>,
}

impl Lint {
    fn new(code: &'static str, spot: Spot, message: impl Into<String>) -> Lint {
        Lint {
            code,
            spot,
            message: message.into(),
            label: String::new(),
            help: None,
        }
    }

    fn labelled(self, label: impl Into<String>) -> Lint {
        Lint {
            label: label.into(),
            ..self
        }
    }

    fn help(self, help: Help) -> Lint {
        Lint {
            help: Some(help),
            ..self
        }
    }

    fn advice(self, text: impl Into<String>) -> Lint {
        self.help(Help::Text(text.into()))
    }
}

const FAMILIES: &[fn(&LintCtx<'_>, &mut Vec<Lint>)] = &[
    comparisons::find,
    types::find,
    loops::find,
    calls::find,
    names::find,
    secrets::find,
];

/// The findings of a body, in the order of its expressions.
///
/// Keyed by owner; read when the body's diagnostics are collected. Re-runs with the body or its
/// inference; an equal result stops the change.
#[salsa::tracked(returns(ref))]
pub(crate) fn find(db: &dyn Db, owner: BodyOwner) -> Vec<Lint> {
    let package = owner.module(db).package(db);
    let ctx = LintCtx {
        db,
        owner,
        body: hir_def::body::body(db, owner),
        infer: hir_ty::infer(db, owner),
        lang: hir_ty::lang_items(db, package),
    };
    let mut out = Vec::new();
    for family in FAMILIES {
        family(&ctx, &mut out);
    }
    out
}

pub(crate) fn render(ctx: &BodyCtx<'_>, lint: &Lint) -> Draft {
    let place: Place = match lint.spot {
        Spot::Expr(expr) => ctx.expr(expr),
        Spot::Name(expr) => ctx.name(expr),
        Spot::Pat(pat) => ctx.pat_name(pat),
        Spot::Owner => crate::place::item_name_place(ctx.db, ctx.owner.item(ctx.db)),
    };
    let mut draft = Draft::warning(lint.code, place, lint.message.clone());
    if !lint.label.is_empty() {
        draft = draft.labelled(lint.label.clone());
    }
    match &lint.help {
        None => draft,
        Some(Help::Text(text)) => draft.help(text.clone()),
        Some(Help::DropCast { cast, operand }) => {
            let rest = ctx.expr(*operand).end().to(ctx.expr(*cast).end());
            draft.replace("leave it out", rest, "")
        }
        Some(Help::Annotate(pat, text)) => {
            let behind = ctx.pat_name(*pat).end();
            draft.suggest("write it", behind, text.as_str())
        }
        Some(Help::MakeMutable(pat)) => {
            let before = ctx.pat_name(*pat).start();
            draft.suggest("make it mutable", before, "mut ")
        }
    }
}
