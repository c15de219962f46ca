//! `println("{} of {:>4}", a, b)` and interpolation (reference §1.6, §1.7).

use hir_def::body::{Arg, Expr, ExprId, FormatKind, FormatSpec, InterpolPart, Literal};
use hir_def::{FuncId, Name};

use super::diagnostics::InferDiagnostic;
use super::result::{CallRes, Callee, Convert, FormatPiece};
use super::{Deferred, Expectation, InferCtx};
use crate::generics::BehaviorRef;
use crate::lang::method_of;
use crate::signature::fn_type;
use crate::solve::{Answer, Solver};
use crate::ty::{GenericArgs, Ty, TyKind};

/// A piece whose conversion is not decided yet.
pub(super) enum Draft {
    Text(String),
    Value(ExprId, Option<FormatSpec>),
}

/// Library functions that take one `Display` value or a format string with arguments.
const FORMATTING: [&str; 6] = ["print", "println", "eprint", "eprintln", "format", "panic"];

impl InferCtx<'_> {
    /// A call of a `@builtin` function; `None` if it is to be checked like any other.
    pub(super) fn call_builtin(
        &mut self,
        expr: ExprId,
        name: &Name,
        func: FuncId,
        args: &[Arg],
    ) -> Option<Ty> {
        if !FORMATTING.contains(&name.as_str()) {
            return None;
        }
        for (index, arg) in args.iter().enumerate() {
            self.infer_expr(arg.value, Expectation::None);
            if let Some(name) = &arg.name {
                let (index, name) = (index as u32, name.clone());
                let duplicate = false;
                self.error(InferDiagnostic::NamedArg {
                    expr,
                    index,
                    name,
                    duplicate,
                });
            }
        }
        let drafts = match args {
            [] => Vec::new(),
            [only] => vec![Draft::Value(only.value, None)],
            [first, rest @ ..] => self.format_string(expr, first.value, rest),
        };
        if args.is_empty() && (name == "format" || name == "panic") {
            let (expected, at_least, found) = (1, 1, 0);
            let declared = Some(func);
            self.error(InferDiagnostic::ArgCount {
                expr,
                expected,
                at_least,
                found,
                declared,
                variant: None,
            });
        }
        self.deferred.push(Deferred::Format {
            expr,
            name: Some(name.clone()),
            drafts,
        });
        Some(fn_type(self.db, func).ret)
    }

    fn format_string(&mut self, expr: ExprId, format: ExprId, args: &[Arg]) -> Vec<Draft> {
        let body = self.body;
        let mut drafts = Vec::new();
        let mut next = 0usize;
        let mut used = vec![false; args.len()];
        let mut highest = 0usize;
        match &body[format] {
            Expr::Literal(Literal::Str(text)) => {
                placeholders(text, &mut next, &mut highest, args, &mut used, &mut drafts);
            }
            Expr::Interpolate {
                parts,
                template: false,
            } => {
                for part in parts {
                    match part {
                        InterpolPart::Text(text) => {
                            placeholders(
                                text,
                                &mut next,
                                &mut highest,
                                args,
                                &mut used,
                                &mut drafts,
                            );
                        }
                        InterpolPart::Expr { expr, spec } => {
                            drafts.push(Draft::Value(*expr, spec.clone()));
                        }
                    }
                }
            }
            Expr::Missing => return drafts,
            _ => {
                self.error(InferDiagnostic::FormatString {
                    expr: format,
                    at: 0,
                });
                return drafts;
            }
        }
        if highest != args.len() || used.contains(&false) {
            let (placeholders, found) = (highest as u32, args.len() as u32);
            self.error(InferDiagnostic::FormatArgs {
                expr,
                placeholders,
                found,
            });
        }
        drafts
    }

    /// Decides conversions once types are known.
    pub(super) fn finish_format(&mut self, drafts: Vec<Draft>) -> Box<[FormatPiece]> {
        let mut pieces = Vec::new();
        for draft in drafts {
            match draft {
                Draft::Text(text) => pieces.push(FormatPiece::Text(Name::new(text))),
                Draft::Value(expr, spec) => {
                    if let Some(convert) = self.conversion(expr, spec.as_ref()) {
                        pieces.push(FormatPiece::Value {
                            expr,
                            convert,
                            spec,
                        });
                    }
                }
            }
        }
        pieces.into()
    }

    fn conversion(&mut self, expr: ExprId, spec: Option<&FormatSpec>) -> Option<Convert> {
        let db = self.db;
        let ty = self.result.adjusted_ty(expr)?;
        let ty = self.table.resolve(ty).strip_refs(db);
        let ty = self.table.resolve(ty);
        if ty.has_error(db) {
            return None;
        }
        let kind = spec.and_then(|spec| spec.kind);
        let is_int = matches!(ty.kind(db), TyKind::Int(_));
        let is_float = matches!(ty.kind(db), TyKind::Float(_));
        let fits = match kind {
            None | Some(FormatKind::Debug) => true,
            Some(FormatKind::Exp) => is_int || is_float,
            Some(_) => is_int,
        };
        if !fits {
            self.error(InferDiagnostic::BadFormat { expr, ty });
            return None;
        }
        let debug = kind == Some(FormatKind::Debug);
        if matches!(ty.kind(db), TyKind::Str) && !debug {
            return Some(Convert::Identity);
        }
        if ty.is_never(db) {
            return None;
        }
        let method = if debug {
            method_of(db, self.lang.debug, "debug_string")
        } else {
            method_of(db, self.lang.display, "to_string")
        };
        if let Some((behavior, func)) = method {
            let args = GenericArgs::from_iter(db, [ty.into()]);
            let mut solver = Solver {
                table: &mut self.table,
                env: self.env,
                depth: 0,
            };
            if let Answer::Yes(_) = solver.solve_deep(BehaviorRef { behavior, args }) {
                return Some(Convert::Method(Callee { func, args }));
            }
        }
        self.error(InferDiagnostic::NoDisplay { expr, ty, debug });
        None
    }

    pub(super) fn finish_interpolation(&mut self, expr: ExprId) {
        let body = self.body;
        let Expr::Interpolate { parts, .. } = &body[expr] else {
            return;
        };
        let drafts = parts
            .iter()
            .map(|part| match part {
                InterpolPart::Text(text) => Draft::Text(text.to_string()),
                InterpolPart::Expr { expr, spec } => Draft::Value(*expr, spec.clone()),
            })
            .collect();
        let pieces = self.finish_format(drafts);
        self.result.interpolations.insert(expr, pieces);
    }

    pub(super) fn finish_builtin(&mut self, expr: ExprId, name: Name, drafts: Vec<Draft>) {
        let pieces = self.finish_format(drafts);
        self.result
            .calls
            .insert(expr, CallRes::Builtin { name, pieces });
    }
}

/// Splits a text at `{}`, `{N}`, `{:spec}` and `{N:spec}`; other braces are text.
fn placeholders(
    text: &str,
    next: &mut usize,
    highest: &mut usize,
    args: &[Arg],
    used: &mut [bool],
    drafts: &mut Vec<Draft>,
) {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        plain.push_str(before);
        let inner = after.get(1..).unwrap_or("");
        let placeholder = inner.find('}').and_then(|close| {
            let inner = inner.get(..close)?;
            let (position, spec) = match inner.split_once(':') {
                Some((position, spec)) => (position, Some(FormatSpec::parse(spec)?)),
                None => (inner, None),
            };
            let position = match position {
                "" => None,
                digits => Some(digits.parse::<usize>().ok()?),
            };
            Some((position, spec, close))
        });
        let Some((position, spec, close)) = placeholder else {
            plain.push('{');
            rest = inner;
            continue;
        };
        rest = inner.get(close + 1..).unwrap_or("");
        let index = position.unwrap_or_else(|| {
            *next += 1;
            *next - 1
        });
        *highest = (*highest).max(index + 1);
        if !plain.is_empty() {
            drafts.push(Draft::Text(std::mem::take(&mut plain)));
        }
        if let (Some(arg), Some(used)) = (args.get(index), used.get_mut(index)) {
            *used = true;
            drafts.push(Draft::Value(arg.value, spec));
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        drafts.push(Draft::Text(plain));
    }
}
