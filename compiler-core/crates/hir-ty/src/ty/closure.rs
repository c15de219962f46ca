//! Types of closures and futures.
//!
//! A closure's type carries all that its users ask: the arguments of the definition around it,
//! then its signature, the types of its captures, and its kind. So questions about it (is it
//! Copy, how large is it) never need the body that it stands in.

use base::Db;
use hir_def::BodyOwner;

use super::{Const, GenericArg, GenericArgs, Ty, TyKind};

/// A closure or `async` block: the n-th of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClosureId {
    pub owner: BodyOwner,
    pub index: u32,
}

/// What a call of a closure needs of it (reference §5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClosureKind {
    /// No call changes a capture.
    Fn,
    /// Calls change captures.
    FnMut,
    /// A call moves captures out.
    FnOnce,
    /// An `async` block: not called but polled.
    Async,
}

impl ClosureKind {
    const ALL: [ClosureKind; 4] = [
        ClosureKind::Fn,
        ClosureKind::FnMut,
        ClosureKind::FnOnce,
        ClosureKind::Async,
    ];

    /// As an argument of the closure's type.
    pub fn as_const(self, db: &dyn Db) -> Const {
        Const::Value(self as i128, Ty::i32(db))
    }

    pub fn from_const(value: Const) -> Option<ClosureKind> {
        match value {
            Const::Value(value, _) => {
                let index = usize::try_from(value).ok()?;
                ClosureKind::ALL.get(index).copied()
            }
            _ => None,
        }
    }

    /// The behavior's method.
    pub fn method(self) -> &'static str {
        match self {
            ClosureKind::Fn => "call",
            ClosureKind::FnMut => "call_mut",
            ClosureKind::FnOnce => "call_once",
            ClosureKind::Async => "poll",
        }
    }
}

/// How many arguments of a closure's type come after those of the definition around it.
const OWN_ARGS: usize = 3;

/// The arguments of a closure's type, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosureArgs(pub GenericArgs);

impl ClosureArgs {
    /// `sig` is a `func` type, `captures` a tuple.
    pub fn new(
        db: &dyn Db,
        parent: GenericArgs,
        sig: Ty,
        captures: Ty,
        kind: Const,
    ) -> ClosureArgs {
        let own = [
            GenericArg::Ty(sig),
            GenericArg::Ty(captures),
            GenericArg::Const(kind),
        ];
        let list = parent.list(db).iter().copied().chain(own);
        ClosureArgs(GenericArgs::from_iter(db, list))
    }

    fn own(self, db: &dyn Db, index: usize) -> Option<GenericArg> {
        let list = self.0.list(db);
        let start = list.len().checked_sub(OWN_ARGS)?;
        list.get(start + index).copied()
    }

    /// The `func` type that the closure has the parameters and result of.
    pub fn sig(self, db: &dyn Db) -> Ty {
        let arg = self.own(db, 0).and_then(GenericArg::ty);
        arg.unwrap_or_else(|| Ty::error(db))
    }

    pub fn params(self, db: &dyn Db) -> Vec<Ty> {
        match self.sig(db).kind(db) {
            TyKind::Func { params, .. } => params.to_vec(),
            _ => Vec::new(),
        }
    }

    pub fn ret(self, db: &dyn Db) -> Ty {
        match self.sig(db).kind(db) {
            TyKind::Func { ret, .. } => *ret,
            _ => Ty::error(db),
        }
    }

    /// The tuple of captures; a variable while its body is inferred.
    pub fn captures_ty(self, db: &dyn Db) -> Ty {
        let arg = self.own(db, 1).and_then(GenericArg::ty);
        arg.unwrap_or_else(|| Ty::error(db))
    }

    /// The types of the captures, in order; none while they are unknown.
    pub fn captures(self, db: &dyn Db) -> Vec<Ty> {
        match self.captures_ty(db).kind(db) {
            TyKind::Tuple(parts) => parts.to_vec(),
            _ => Vec::new(),
        }
    }

    pub fn kind_const(self, db: &dyn Db) -> Const {
        match self.own(db, 2) {
            Some(GenericArg::Const(kind)) => kind,
            _ => Const::Error,
        }
    }

    /// `None` while its body is inferred.
    pub fn kind(self, db: &dyn Db) -> Option<ClosureKind> {
        ClosureKind::from_const(self.kind_const(db))
    }
}
