//! One file per code, or per family of codes that share their words; and the list of all codes.
//!
//! A file here turns one kind of finding into a [`Draft`]: message, labels, notes, helps and
//! fixes. The explanation of each code is in `codes/explain/`. To add a code: its finding in the
//! layer that knows it, a function here, a line below, its page, and a case in `tests/ui`.

pub(crate) mod b001_moves;
pub(crate) mod b002_loans;
pub(crate) mod c004_instances;
pub(crate) mod e031_result_lifetime;
pub(crate) mod l005_literals;
pub(crate) mod list;
pub(crate) mod m001_imports;
pub(crate) mod m004_paths;
pub(crate) mod p065_unsupported;
mod reorder;
mod t001_operators;
mod t001_undefined;
pub(crate) mod t002_types;
mod t003_inference;
mod t004_arguments;
pub(crate) mod t008_duplicates;
mod t009_members;
mod t013_mutability;
mod t018_literals;
mod t021_places;
mod t022_control;
mod t026_bounds;
pub(crate) mod t027_implementations;
pub(crate) mod t033_objects;
mod t042_patterns;
mod t046_try;
mod t056_mismatch;
pub(crate) mod t060_constants;
pub(crate) mod t070_classes;
pub(crate) mod t080_threads;
pub(crate) mod t082_declarations;
pub(crate) mod t088_lowlevel;
pub(crate) mod w002_unused_import;
mod w003_unused;
pub(crate) mod w010_deprecated;
mod w030_lowlevel;
pub(crate) mod w041_unknown_decorator;

use base::Db;
use hir_def::body::{BodyDiagnostic, ExprId};
use hir_ty::InferDiagnostic;
use mir::MirDiagnostic;

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place};
use crate::text::is_unbound_in;

/// A finding of a body's lowering.
pub(crate) fn of_body(ctx: &BodyCtx<'_>, diagnostic: &BodyDiagnostic) -> Draft {
    use BodyDiagnostic as D;
    match diagnostic {
        D::DuplicateLocal { first, second } => t008_duplicates::locals(ctx, *first, *second, false),
        D::DuplicateParam { first, second } => t008_duplicates::locals(ctx, *first, *second, true),
        D::OutsideLoop { expr, is_break } => t022_control::outside_loop(ctx, *expr, *is_break),
        D::UnevenAlternatives { pat, name } => t042_patterns::uneven_alternatives(ctx, *pat, name),
        D::BadLiteral { expr } => l005_literals::bad_literal(ctx, *expr),
        D::BadFormatSpec { expr, text } => l005_literals::bad_format_spec(ctx, *expr, text),
        D::TooDeep { expr } => l005_literals::too_deep(ctx, *expr),
    }
}

/// A finding of inference; `None` for what is reported elsewhere.
pub(crate) fn of_inference(ctx: &BodyCtx<'_>, diagnostic: &InferDiagnostic) -> Option<Draft> {
    use InferDiagnostic as D;
    let db = ctx.db;
    Some(match diagnostic {
        D::UnresolvedName { name, .. } | D::UnknownStruct { name, .. }
            if is_unbound_in(db, ctx.owner, name) =>
        {
            return None;
        }
        D::UnresolvedName {
            expr,
            name,
            as_callee: false,
            ..
        } if follows_from_another(ctx, *expr, name) => return None,
        D::UnknownMethod { name, .. } if is_of_broken_impl(db, ctx, name) => return None,
        D::UnresolvedPath {
            segment: 0, path, ..
        } if is_unbound_in(db, ctx.owner, path) => {
            return None;
        }
        D::UnresolvedName {
            expr,
            name,
            as_callee,
            nearest,
        } => t001_undefined::undefined(ctx, *expr, name, *as_callee, nearest),
        D::UnresolvedPath {
            site,
            segment,
            path,
            nearest,
        } => t001_undefined::undefined_path(ctx, *site, *segment, path, nearest),
        D::Path { expr, error } => {
            let place = ctx.segment(hir_ty::Site::Expr(*expr), error.segment as u32);
            return m004_paths::path_error(db, place, error, "name");
        }
        D::PrivateItem {
            site,
            segment,
            name,
        } => m004_paths::private(ctx.segment(*site, *segment), name),
        D::NotAValue { expr, name } => t001_undefined::not_a_value(ctx, *expr, name),
        D::UnresolvedPattern { pat, name, nearest } => {
            t002_types::unresolved_pattern(ctx, *pat, name, nearest)
        }
        D::Type(error) => {
            let at = |segment: Option<usize>| type_place(ctx, error, segment);
            return t002_types::lower_error(db, ctx.owner.module(db), error, &at);
        }
        D::PathType { expr, error } => {
            let site = hir_ty::Site::Expr(*expr);
            let at = |segment: Option<usize>| match (error.ty, segment) {
                (None, Some(segment)) => ctx.segment(site, segment as u32),
                (None, None) => ctx.expr(*expr),
                (Some(_), _) => type_place(ctx, error, segment),
            };
            return t002_types::lower_error(db, ctx.owner.module(db), error, &at);
        }
        D::BinaryOp {
            expr,
            op,
            left,
            right,
            assign,
        } => t001_operators::binary(ctx, *expr, *op, *left, *right, *assign),
        D::UnaryOp { expr, op, operand } => t001_operators::unary(ctx, *expr, *op, *operand),
        D::TryOperand { expr, operand } => t001_operators::try_operand(ctx, *expr, *operand),
        D::AmbiguousCtor { expr, candidates } => {
            t070_classes::ambiguous_ctor(ctx, *expr, candidates)
        }
        D::NoCtor { expr, class } => t070_classes::no_ctor(ctx, *expr, *class),
        D::AbstractInstance { expr, class } => t070_classes::abstract_instance(ctx, *expr, *class),
        D::NoAccessor {
            expr,
            name,
            is_setter,
        } => t070_classes::no_accessor(ctx, *expr, name, *is_setter),
        D::BaseCall { expr, base } => t070_classes::base_call(ctx, *expr, *base),
        D::UnrelatedCast { expr, from, to } => t070_classes::unrelated(ctx, *expr, *from, *to),
        D::CannotInfer { site, ty } => t003_inference::cannot_infer(ctx, *site, *ty),
        D::MissingType => t003_inference::missing_type(ctx),
        D::CyclicType { site } => t003_inference::cyclic_type(ctx, *site),
        D::ArgCount {
            expr,
            expected,
            at_least,
            found,
            declared,
            variant,
        } => {
            let it = t004_arguments::ArgCount {
                expected: *expected,
                at_least: *at_least,
                found: *found,
                declared: *declared,
                variant: *variant,
            };
            t004_arguments::arg_count(ctx, *expr, it)
        }
        D::NamedArg {
            expr,
            index,
            name,
            duplicate,
        } => t004_arguments::named_arg(ctx, *expr, *index, name, *duplicate),
        D::GenericArgCount {
            site,
            def,
            expected,
            found,
        } => t004_arguments::generic_arg_count(ctx, *site, *def, *expected, *found),
        D::PayloadExpected {
            expr,
            expected,
            found,
        } => t056_mismatch::payload(ctx, *expr, *expected, *found),
        D::NotInObject { expr, ty, func } => t033_objects::not_in_object(ctx, *expr, *ty, *func),
        D::HiddenDiffers {
            site,
            expected,
            found,
        } => t033_objects::hidden_differs(ctx, *site, *expected, *found),
        D::Unsized { site, ty } => t033_objects::unsized_value(ctx, *site, *ty),
        D::UnknownMethod {
            expr,
            receiver,
            name,
            nearest,
            field,
        } => t009_members::unknown_method(ctx, *expr, *receiver, name, nearest, *field),
        D::UnknownAssoc {
            site,
            ty,
            name,
            nearest,
        } => t009_members::unknown_assoc(ctx, *site, *ty, name, nearest),
        D::UnknownField {
            expr,
            base,
            name,
            nearest,
            method,
        } => t009_members::unknown_field(ctx, *expr, *base, name, nearest, *method),
        D::NotCallable { expr, callee, ty } => {
            t004_arguments::not_callable(ctx, *expr, *callee, *ty)
        }
        D::InvalidCast { expr, from, to } => t021_places::cast(ctx, *expr, *from, *to),
        D::AssignImmutable {
            expr,
            target,
            local,
        } => t013_mutability::assign_immutable(ctx, *expr, *target, *local),
        D::AssignTarget { target, .. } => t013_mutability::assign_target(ctx, *target),
        D::PrivateField { expr, field } => t009_members::private_field(ctx, *expr, *field),
        D::PrivateMethod { expr, func } => t009_members::private_method(ctx, *expr, *func),
        D::Mismatch {
            site,
            expected,
            found,
            why,
        } => {
            if expected.has_error(db) || found.has_error(db) {
                return None;
            }
            t056_mismatch::mismatch(ctx, *site, *expected, *found, why)
        }
        D::MissingReturn { block, expected } => {
            t056_mismatch::missing_return(ctx, *block, *expected)
        }
        D::MissingFields {
            expr,
            variant,
            missing,
        } => t018_literals::missing_fields(ctx, *expr, *variant, missing),
        D::FieldInLiteral {
            expr,
            index,
            variant,
            name,
            first,
            nearest,
        } => t018_literals::field_in_literal(ctx, *expr, *index, *variant, name, *first, nearest),
        D::FieldInPattern {
            pat,
            index,
            variant,
            name,
            duplicate,
            nearest,
        } => {
            t018_literals::field_in_pattern(ctx, *pat, *index, *variant, name, *duplicate, nearest)
        }
        D::UnionLiteral { expr, found } => t018_literals::union_literal(ctx, *expr, *found),
        D::PackedBorrow { expr, field } => t021_places::packed_borrow(ctx, *expr, *field),
        D::NotIndexable { expr, base } => t021_places::not_indexable(ctx, *expr, *base),
        D::IndexType { index, ty } => t021_places::index_type(ctx, *index, *ty),
        D::BreakValue { expr } => t022_control::break_value(ctx, *expr),
        D::DerefNonPointer { expr, ty } => t021_places::deref(ctx, *expr, *ty),
        D::Bound {
            site,
            ty,
            behavior,
            args,
            required_by,
        } => match t080_threads::auto_of(ctx, *behavior) {
            Some(which) => t080_threads::bound(ctx, *site, *ty, which, *required_by),
            None => t026_bounds::bound(ctx, *site, *ty, *behavior, *args, *required_by),
        },
        D::Unequal {
            site,
            expected,
            found,
            required_by,
        } => t026_bounds::unequal(ctx, *site, *expected, *found, *required_by),
        D::NeedsBound {
            expr,
            param,
            behavior,
            op,
        } => t026_bounds::needs_bound(ctx, *expr, *param, *behavior, *op),
        D::UnknownStruct {
            expr,
            name,
            nearest,
        } => t018_literals::unknown_struct(ctx, *expr, name, nearest),
        D::NotAStruct { expr, name } => t018_literals::not_a_struct(ctx, *expr, name),
        D::NoDisplay { expr, ty, debug } => t026_bounds::no_display(ctx, *expr, *ty, *debug),
        D::BadFormat { expr, ty } => t026_bounds::bad_format(ctx, *expr, *ty),
        D::FormatArgs {
            expr,
            placeholders,
            found,
        } => t004_arguments::format_args(ctx, *expr, *placeholders, *found),
        D::FormatString { expr, .. } => t004_arguments::format_string(ctx, *expr),
        D::AmbiguousMethod {
            expr,
            name,
            candidates,
        } => t009_members::ambiguous_method(ctx, *expr, name, candidates),
        D::LetElseFallsThrough { else_ } => t022_control::let_else(ctx, *else_),
        D::NonExhaustive {
            expr,
            scrutinee,
            ty,
            missing,
            more,
        } => t042_patterns::non_exhaustive(ctx, *expr, *scrutinee, *ty, missing, *more),
        D::PatternFields {
            pat,
            variant,
            missing,
        } => t018_literals::pattern_fields(ctx, *pat, *variant, missing),
        D::Refutable {
            pat,
            missing,
            context,
        } => t042_patterns::refutable(ctx, *pat, missing, *context),
        D::PatternRange { pat, ty, empty } => t042_patterns::range(ctx, *pat, *ty, *empty),
        D::PatternArity {
            pat,
            expected,
            found,
            variant,
        } => t004_arguments::pattern_arity(ctx, *pat, *expected, *found, *variant),
        D::AlternativeType {
            pat,
            local,
            first,
            second,
        } => t042_patterns::alternative_type(ctx, *pat, *local, *first, *second),
        D::TryConvert {
            expr,
            from,
            to,
            nothing,
        } => t046_try::convert(ctx, *expr, *from, *to, *nothing),
        D::ThisOutside { expr } => t022_control::this_outside(ctx, *expr),
        D::LiteralRange {
            expr,
            ty,
            value,
            negative,
        } => l005_literals::range(ctx, *expr, *ty, *value, *negative),
        D::PatLiteralRange {
            pat,
            ty,
            value,
            negative,
        } => l005_literals::pat_range(ctx, *pat, *ty, *value, *negative),
        D::Const {
            site: hir_ty::Site::Expr(expr),
            error: hir_ty::ConstError::NotConst,
            ..
        } if ctx.is_array_length(*expr) => t060_constants::array_length(ctx, *expr),
        D::Const { site, error, .. } => return t060_constants::error(db, ctx.site(*site), error),
        D::ArrayLength { expr } => t060_constants::array_length(ctx, *expr),
        D::MutRefOfImmutable { expr, local } => {
            let name = ctx.body[*local].name.to_string();
            t013_mutability::borrow_immutable(ctx, ctx.expr(*expr), &name, ctx.local(*local))
        }
        D::UnreachableArm { pat } => w003_unused::unreachable_arm(ctx, *pat),
        D::UnreachableCode { expr } => w003_unused::unreachable_code(ctx, *expr),
        D::UnusedValue { expr } => w003_unused::value(ctx, *expr),
        D::UnusedMustUse {
            expr,
            ty,
            func,
            reason,
        } => w003_unused::must_use(ctx, *expr, *ty, *func, reason),
        D::ImplicitMutBorrow { expr } => w003_unused::implicit_borrow(ctx, *expr),
        D::TryPanics { expr } => t046_try::panics(ctx, *expr),
        D::ThrowOperand { expr, operand } => t046_try::throw_operand(ctx, *expr, *operand),
        D::AwaitOutsideAsync { expr } => t046_try::await_outside(ctx, *expr),
        D::LowLevel { expr } => w030_lowlevel::low_level(ctx, *expr),
        D::MutableStatic { expr } => w030_lowlevel::mutable_static(ctx, *expr),
        D::AddressOf { expr } => w030_lowlevel::address_of(ctx, *expr),
        D::WrongAssocKind { site, item } => t009_members::wrong_assoc_kind(ctx, *site, *item),
        D::Unsupported { site, feature } => p065_unsupported::unsupported(ctx.site(*site), feature),
    })
}

/// Where a type written in a body is; errors without one are about the path of an expression.
/// Whether an undefined variable was reported before in the body, or is what a misspelled field of
/// a pattern would have bound.
fn follows_from_another(ctx: &BodyCtx<'_>, expr: ExprId, name: &str) -> bool {
    let infer = hir_ty::infer(ctx.db, ctx.owner);
    infer.diagnostics.iter().any(|it| match it {
        InferDiagnostic::UnresolvedName {
            expr: other,
            name: found,
            as_callee: false,
            ..
        } => *other < expr && found == name,
        InferDiagnostic::FieldInPattern { nearest, .. } => {
            nearest.as_ref().is_some_and(|nearest| nearest == name)
        }
        _ => false,
    })
}

/// Whether an implementation whose head is in error declares a method: its type may be the one.
fn is_of_broken_impl(db: &dyn Db, ctx: &BodyCtx<'_>, name: &str) -> bool {
    let package = ctx.owner.module(db).package(db);
    let modules = hir_def::module_map::module_map(db, package)
        .modules
        .values();
    let mut impls = modules.flat_map(|module| module.impls.iter());
    impls.any(|id| {
        let items = &hir_def::signatures::impl_data(db, *id).items;
        items.iter().any(|(found, _)| found == name)
            && !hir_ty::signature::impl_header(db, *id).errors.is_empty()
    })
}

fn type_place(ctx: &BodyCtx<'_>, error: &hir_ty::LowerError, segment: Option<usize>) -> Place {
    match (error.ty, segment) {
        (Some(ty), Some(segment)) => ctx.ty_segment(ty, segment),
        (Some(ty), None) => ctx.ty_ref(ty),
        (None, _) => ctx.expr(ctx.body.root),
    }
}

/// A finding of the checks on MIR.
pub(crate) fn of_mir(ctx: &BodyCtx<'_>, diagnostic: &MirDiagnostic) -> Draft {
    use MirDiagnostic as D;
    match diagnostic {
        D::UseOfMoved {
            place,
            used,
            moved,
            in_loop,
        } => b001_moves::use_of_moved(ctx, place, *used, moved, *in_loop),
        D::CaptureOfMoved { place, used, moved } => {
            b001_moves::capture_of_moved(ctx, place, *used, moved)
        }
        D::UseOfPartlyMoved {
            place,
            part,
            used,
            moved,
        } => b001_moves::use_of_partly_moved(ctx, (place, part), *used, moved),
        D::MoveOut {
            place,
            from,
            source,
        } => b001_moves::move_out(ctx, place, *from, *source),
        D::Uninitialised {
            name,
            used,
            declared,
        } => b001_moves::uninitialised(name, ctx.source(*used), ctx.source(*declared)),
        D::AssignImmutable {
            name,
            assigned,
            declared,
        } => t013_mutability::assign_to_binding(
            ctx,
            ctx.source(*assigned),
            name,
            declaration(ctx, name, *declared),
        ),
        D::BorrowImmutable {
            name,
            borrowed,
            declared,
        } => t013_mutability::borrow_immutable(
            ctx,
            ctx.source(*borrowed),
            name,
            declaration(ctx, name, *declared),
        ),
        D::SharedAccess {
            place,
            root,
            declared,
            source,
            is_assignment,
        } => {
            let declared = declaration(ctx, root, *declared);
            let source = ctx.source(*source);
            t013_mutability::shared_access(source, place, root, declared, *is_assignment)
        }
        D::Loan(found) => b002_loans::conflict(ctx, found),
        D::ShortLifetime {
            code,
            from,
            to,
            source,
            is_result,
            params,
        } => {
            let draft = b002_loans::short_lifetime(ctx, code, (from, to), *source, *is_result);
            let draft = b002_loans::as_declared(ctx, draft);
            let from = params.iter().find(|(_, _, side)| *side == mir::Side::From);
            let draft = match from {
                Some((name, ..)) if *is_result => {
                    e031_result_lifetime::same_lifetime(ctx, draft, name)
                }
                _ => draft,
            };
            params.iter().fold(draft, |draft, (name, declared, side)| {
                let place = declaration(ctx, name, *declared);
                draft.label_opt(place, b002_loans::lifetime_of(*side, *is_result))
            })
        }
        D::ShortParam { param, to, source } => b002_loans::short_param(ctx, param, to, *source),
        D::ParamStored {
            param,
            declared,
            source,
        } => b002_loans::param_stored(ctx, param, *declared, *source),
        D::OwnedLoan { source } => b002_loans::owned_loan(ctx.source(*source)),
        D::DemandsMore { declared, from, to } => match ctx.func() {
            Some(func) => t027_implementations::demands_more(ctx.db, func, *declared, (from, to)),
            None => e031_result_lifetime::ambiguous(ctx),
        },
        D::AmbiguousLifetime => e031_result_lifetime::ambiguous(ctx),
        D::ObjectLeaves { source } => b002_loans::object_leaves(ctx, *source),
        D::KeptCopy { source } => b002_loans::kept_copy(ctx.source(*source)),
        D::UnusedVariable {
            name,
            declared,
            is_param,
        } => w003_unused::variable(name, ctx.source(*declared), *is_param),
        D::SkipsDrop {
            whole,
            part,
            source,
        } => b001_moves::skips_drop(whole, part, ctx.source(*source)),
        D::NeedlessMut { name, declared } => {
            w003_unused::needless_mut(ctx, name, ctx.source(*declared))
        }
        D::Unsupported { what, source } => p065_unsupported::unsupported(ctx.source(*source), what),
    }
}

/// `this` is declared by no pattern; its place is that of the receiver.
fn declaration(ctx: &BodyCtx<'_>, name: &str, declared: mir::SourceInfo) -> Option<Place> {
    match declared.node {
        mir::SourceNode::Body if name == "this" => ctx.local(ctx.body.receiver?),
        mir::SourceNode::Body => None,
        _ => Some(ctx.source(declared)),
    }
}
