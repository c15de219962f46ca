//! The stages of a body: built → checked → final.

use base::Db;
use hir_def::BodyOwner;
use smol_str::SmolStr;

use crate::build::{self, BuildOptions};
use crate::data::Body;
use crate::diagnostics::MirDiagnostic;
use crate::elaborate::elaborate_drops;
use crate::loans::{Closures, check_declarations, check_loans};
use crate::moves::check::check_body;
use crate::moves::dataflow::Flow;
use crate::moves::paths::MovePaths;
use crate::unused::unused_variables;
use crate::verify::assert_valid;
use crate::visit::Look;

/// Why a body has no MIR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotLowered {
    /// Something of it is in error, and has been reported: its types, or what this crate checks.
    HasErrors,
    /// Nothing to lower: a declaration without body.
    NoBody,
}

/// A body as lowered, and what lowering could not express.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirBuilt {
    pub body: Result<Body, NotLowered>,
    pub diagnostics: Box<[MirDiagnostic]>,
}

/// What the checks on MIR found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Borrowck {
    pub diagnostics: Box<[MirDiagnostic]>,
}

/// The MIR of a generic body before drop elaboration.
///
/// Keyed by owner; read by [`borrowck`] and [`mir_final`]. Re-runs when the body's lowered form,
/// its inference, or a signature or data type that it uses changes; never when only positions do.
#[salsa::tracked]
pub fn mir_built(db: &dyn Db, owner: BodyOwner) -> MirBuilt {
    build_with_options(db, owner, BuildOptions::default())
}

/// The same with other choices; not memoised.
pub fn build_with_options(db: &dyn Db, owner: BodyOwner, options: BuildOptions) -> MirBuilt {
    let hir = hir_def::body::body(db, owner);
    if matches!(hir[hir.root], hir_def::body::Expr::Missing) {
        return MirBuilt {
            body: Err(NotLowered::NoBody),
            diagnostics: Box::default(),
        };
    }
    let infer = hir_ty::infer(db, owner);
    if infer.has_errors() || !hir.diagnostics.is_empty() {
        return MirBuilt {
            body: Err(NotLowered::HasErrors),
            diagnostics: Box::default(),
        };
    }
    let (body, diagnostics) = build::build(db, owner, hir, infer, options);
    // A type error in a signature is reported there; the body has none of its own.
    if body.locals.values().any(|local| local.ty.has_error(db)) {
        return MirBuilt {
            body: Err(NotLowered::HasErrors),
            diagnostics: Box::default(),
        };
    }
    assert_valid(db, &body);
    body.closures.iter().for_each(|body| assert_valid(db, body));
    MirBuilt {
        body: Ok(body),
        diagnostics: diagnostics.into(),
    }
}

/// Initialisation, moves, mutability and loans of a body.
///
/// Keyed by owner; read by the diagnostics of a file and by [`mir_final`]. Stops changes of MIR
/// that alter no finding.
#[salsa::tracked]
pub fn borrowck(db: &dyn Db, owner: BodyOwner) -> Borrowck {
    let built = mir_built(db, owner);
    match &built.body {
        Ok(body) => {
            let hir = hir_def::body::body(db, owner);
            let closures = Closures::new(db, &body.closures, true);
            let mut diagnostics = check_declarations(&closures, body);
            for body in std::iter::once(body).chain(&body.closures) {
                let paths = MovePaths::new(body);
                let flow = Flow::new(body, &paths);
                let mut found = check_body(db, body, (&paths, &flow));
                // Loans of what has been moved, or never was there, say nothing more.
                let gone: Vec<SmolStr> = found.iter().filter_map(MirDiagnostic::gone).collect();
                let loans = check_loans(&closures, body, hir, (&paths, &flow)).into_iter();
                found.extend(loans.filter(|loan| !gone.iter().any(|it| loan.is_about(it))));
                diagnostics.append(&mut found);
            }
            let diagnostics = diagnostics.into_iter();
            let mut diagnostics: Vec<MirDiagnostic> =
                diagnostics.map(|found| in_closures(hir, found)).collect();
            let infer = hir_ty::infer(db, owner);
            diagnostics.retain(|found| !is_changed_by_closure(hir, infer, found));
            diagnostics.extend(unused_variables(db, hir, hir_ty::infer(db, owner)));
            Borrowck {
                diagnostics: diagnostics.into(),
            }
        }
        // A declaration without body can be ambiguous, too.
        Err(NotLowered::NoBody) if is_ambiguous(db, owner) => Borrowck {
            diagnostics: Box::from([MirDiagnostic::AmbiguousLifetime]),
        },
        Err(_) => Borrowck::default(),
    }
}

/// E031
fn is_ambiguous(db: &dyn Db, owner: BodyOwner) -> bool {
    match owner {
        BodyOwner::Func(func) => crate::lifetimes::fn_lives(db, func).ambiguous,
        _ => false,
    }
}

/// The MIR that instances are made from: all drops are explicit and unconditional.
///
/// Keyed by owner; read by `mono`, once per instance. An error for bodies with findings, so that
/// no program is made from them.
#[salsa::tracked]
pub fn mir_final(db: &dyn Db, owner: BodyOwner) -> Result<Body, NotLowered> {
    finish(db, owner, mir_built(db, owner))
}

/// [`mir_final`] with panics on integer overflow (R001), for profiles that ask for them.
///
/// Keyed by owner; read by `mono`. A query of its own, so that the usual profiles pay nothing.
#[salsa::tracked]
pub fn mir_final_checked(db: &dyn Db, owner: BodyOwner) -> Result<Body, NotLowered> {
    let options = BuildOptions {
        overflow_checks: true,
    };
    finish(db, owner, &build_with_options(db, owner, options))
}

fn finish(db: &dyn Db, owner: BodyOwner, built: &MirBuilt) -> Result<Body, NotLowered> {
    let body = built.body.as_ref().map_err(|reason| *reason)?;
    let findings = built
        .diagnostics
        .iter()
        .chain(&borrowck(db, owner).diagnostics);
    if findings.into_iter().any(MirDiagnostic::is_error) {
        return Err(NotLowered::HasErrors);
    }
    let mut body = body.clone();
    let closures = std::mem::take(&mut body.closures);
    let mut body = elaborate_drops(db, body);
    assert_valid(db, &body);
    for closure in closures {
        let closure = elaborate_drops(db, closure);
        assert_valid(db, &closure);
        body.closures.push(closure);
    }
    Ok(body)
}

/// Whether a closure changes its own copy of a variable that need not be mutable otherwise.
fn is_changed_by_closure(
    hir: &hir_def::body::Body,
    infer: &hir_ty::InferenceResult,
    found: &MirDiagnostic,
) -> bool {
    let MirDiagnostic::NeedlessMut { declared, .. } = found else {
        return false;
    };
    let closures = infer.closures.iter().flatten();
    closures
        .flat_map(|closure| &closure.captures)
        .filter(|capture| capture.changed)
        .filter_map(|capture| hir[capture.local].pat)
        .any(|pat| crate::data::SourceInfo::from(pat) == *declared)
}

/// Findings about what a closure captures get codes of their own.
fn in_closures(hir: &hir_def::body::Body, found: MirDiagnostic) -> MirDiagnostic {
    let is_closure = |source: crate::data::SourceInfo| match source.node {
        crate::data::SourceNode::Expr(expr) => {
            matches!(hir[expr], hir_def::body::Expr::Closure { .. })
        }
        _ => false,
    };
    match found {
        MirDiagnostic::UseOfMoved {
            place, used, moved, ..
        } if is_closure(used) => MirDiagnostic::CaptureOfMoved { place, used, moved },
        MirDiagnostic::Loan(mut loan) if is_closure(loan.borrow) || is_closure(loan.source) => {
            loan.code = match loan.code {
                "B010" if is_closure(loan.borrow) => "B012",
                "B003" | "B007" | "B008" | "B009" => "B015",
                other => other,
            };
            MirDiagnostic::Loan(loan)
        }
        // What a closure assigns it borrows.
        MirDiagnostic::BorrowImmutable {
            name,
            borrowed,
            declared,
        } if is_closure(borrowed) => MirDiagnostic::AssignImmutable {
            name,
            assigned: borrowed,
            declared,
        },
        other => other,
    }
}

/// The parameters without bounds that a body copies out of borrowed places (reference §3.4): places
/// among all parameters of the function.
///
/// Keyed by function; read wherever it is named. Re-runs with its MIR; an equal answer stops the
/// change.
#[salsa::tracked]
pub fn implied_copies(db: &dyn Db, func: hir_def::FuncId) -> Box<[u32]> {
    let owner = BodyOwner::Func(func);
    let Ok(body) = &mir_built(db, owner).body else {
        return Box::default();
    };
    let mut out = Vec::new();
    for body in std::iter::once(body).chain(&body.closures) {
        crate::visit::each_look(body, &mut |place, look| {
            let ty = crate::tys::place_ty(db, body, place);
            if look == Look::Copy
                && crate::tys::is_unbounded_param(db, owner, ty)
                && let hir_ty::TyKind::Param(param) = ty.kind(db)
                && !out.contains(&param.index)
            {
                out.push(param.index);
            }
        });
    }
    out.sort_unstable();
    out.into()
}
