//! Types: generics, behavior solving, inference, exhaustiveness, constants, layout.
//!
//! Everything here is a query over declarations ([`signature`], [`generics`], [`impls`]) or the
//! one pass over a body ([`infer()`]). This crate does not know MIR, targets or editors, and
//! makes no texts but the names of types and patterns.
//!
//! Start with [`ty`] (what a type is), then [`signature`] (what declarations say), [`solve`]
//! (which type implements what) and [`infer`](mod@infer).

pub mod auto;
mod callable;
pub mod classes;
pub mod consteval;
pub mod declared;
pub mod exhaustive;
pub mod generics;
pub mod impls;
pub mod infer;
pub mod items;
pub mod lang;
pub mod layout;
pub mod lower;
mod members;
pub mod names;
pub mod object;
pub mod props;
pub mod signature;
pub mod solve;
mod table;
pub mod ty;

pub use consteval::{ConstError, ConstValue, const_value};
pub use declared::{Declaration, declarations};
pub use generics::{
    BehaviorRef, Generics, ParamEnv, Predicate, generics_of, identity_args, param_env,
    predicates_of, this_type,
};
pub use impls::drop_impl;
pub use infer::diagnostics::{Expected, InferDiagnostic, Irrefutable, Site};
pub use infer::implied::{
    ImpliedBound, implied_bounds, implied_copy_violations, implied_violations,
};
pub use infer::infer;
pub use infer::object::construct::{default_callee, has_zero};
pub use infer::result::*;
pub use items::{ItemDiagnostic, local_item_diagnostics, module_diagnostics};
pub use lang::{LangItems, lang_items};
pub use layout::{Layout, LayoutError, Scalar, Shape, VariantLayout, layout_of};
pub use lower::{LowerError, LowerErrorKind};
pub use props::{is_comparable, is_copy, needs_drop};
pub use signature::{
    FnSig, ParamSig, ReceiverForm, ReceiverSig, adt_field_types, discriminants, field_types,
    fields_of, fn_type, type_of_alias, type_of_const, type_of_static,
};
pub use solve::{Instance, Selection, behavior_solve, implements, normalize, resolve_instance};
pub use ty::{
    ClosureArgs, ClosureId, ClosureKind, Const, FloatTy, GenericArg, GenericArgs, IntTy, ParamTy,
    Projection, Ty, TyKind,
};
