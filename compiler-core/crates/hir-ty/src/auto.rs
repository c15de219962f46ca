//! `Send` and `Sync`, which types have by what they are made of (reference §16).
//!
//! A type has them unless something in it has not. Types inside themselves add nothing, so one
//! walk over all parts decides, and names the part that is to blame.

use base::Db;
use hir_def::{AdtId, FuncId, GenericDef};
use rustc_hash::FxHashSet;

use crate::generics::{BehaviorRef, ParamEnv, Predicate, predicates_of};
use crate::impls::candidates;
use crate::lang::{LangItems, lang_items};
use crate::signature::{adt_field_types, projection_bounds};
use crate::solve::{behavior_solve, normalize};
use crate::table::Table;
use crate::ty::{ClosureId, ClosureKind, GenericArgs, Ty, TyKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Auto {
    /// Values may move to another thread.
    Send,
    /// Threads may share values.
    Sync,
}

/// Types made of ever larger types are not followed further; guessed, real ones have dozens of
/// parts.
const PARTS_MAX: usize = 4096;

/// Whether types are about a future, or something that may hide one.
pub(crate) fn has_future(db: &dyn Db, args: GenericArgs) -> bool {
    let mut found = false;
    for ty in args.types(db) {
        crate::ty::walk_ty(db, ty, &mut |part| {
            found |= match part.kind(db) {
                TyKind::Future(..) | TyKind::Opaque(..) => true,
                TyKind::Closure(_, args) => {
                    crate::ty::ClosureArgs(*args).kind(db) == Some(ClosureKind::Async)
                }
                _ => false,
            };
        });
    }
    found
}

/// A body whose values live in a future while it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AsyncBody {
    Func(FuncId),
    Block(ClosureId),
}

/// What is known of a type without a look into bodies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The part because of which the type is not `Send` or `Sync`.
    pub culprit: Option<Ty>,
    /// What its futures hold while they wait decides, too: see [`held_culprit`].
    pub bodies: Box<[(AsyncBody, GenericArgs, Auto)]>,
}

/// The part of a type because of which it is not `Send` or `Sync`; `None` if it is.
pub fn auto_culprit(db: &dyn Db, ty: Ty, which: Auto, env: ParamEnv) -> Option<Ty> {
    auto_verdict(db, ty, which, env).culprit
}

/// A value that a future holds while it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldCulprit {
    pub body: AsyncBody,
    /// Among those that the body holds.
    pub index: usize,
    pub ty: Ty,
    /// The part of it that is to blame.
    pub culprit: Ty,
}

/// What a future in a type holds across an `await` and must not; `held` knows the types of such
/// values of a body. The checks of bodies ask this once inference is done: what bodies hold
/// follows from their flow of control.
pub fn held_culprit(
    db: &dyn Db,
    ty: Ty,
    which: Auto,
    env: ParamEnv,
    held: &dyn Fn(AsyncBody) -> Vec<Ty>,
) -> Option<HeldCulprit> {
    let mut open = vec![(which, ty)];
    let mut seen: FxHashSet<(Auto, Ty)> = open.iter().copied().collect();
    while let Some((which, ty)) = open.pop() {
        for (body, args, which) in &auto_verdict(db, ty, which, env).bodies {
            for (index, part) in held(*body).into_iter().enumerate() {
                let ty = normalize(db, part.subst(db, *args), env);
                let verdict = auto_verdict(db, ty, *which, env);
                if let Some(culprit) = verdict.culprit {
                    return Some(HeldCulprit {
                        body: *body,
                        index,
                        ty,
                        culprit,
                    });
                }
                if seen.len() < PARTS_MAX && seen.insert((*which, ty)) {
                    open.push((*which, ty));
                }
            }
        }
    }
    None
}

/// Why a type is not `Send` or `Sync`, as far as declarations say.
///
/// Keyed by type and assumptions; read by the solver and by diagnostics. Re-runs when a
/// declaration of a type inside or an implementation changes.
#[salsa::tracked(cycle_result = verdict_cycle)]
pub fn auto_verdict(db: &dyn Db, ty: Ty, which: Auto, env: ParamEnv) -> Verdict {
    let mut walk = Walk {
        db,
        env,
        lang: lang_items(db, env.package(db)),
        seen: FxHashSet::default(),
        open: Vec::new(),
        bodies: Vec::new(),
        holder: None,
    };
    walk.add(which, ty);
    while let Some((which, ty, holder)) = walk.open.pop() {
        walk.holder = holder;
        if !walk.part(which, ty) {
            // How a type of the library is made says nothing to its users.
            let is_inner = matches!(ty.kind(db), TyKind::RawPtr(_))
                || ty.as_adt(db).map(|(adt, _)| adt) == walk.lang.unsafe_cell;
            return Verdict {
                culprit: holder.filter(|_| is_inner).or(Some(ty)),
                bodies: Box::default(),
            };
        }
    }
    Verdict {
        culprit: None,
        bodies: walk.bodies.into(),
    }
}

// Through the hidden type of a function that calls itself: its other parts decide.
fn verdict_cycle(_: &dyn Db, _: salsa::Id, _: Ty, _: Auto, _: ParamEnv) -> Verdict {
    Verdict::default()
}

struct Walk<'a> {
    db: &'a dyn Db,
    env: ParamEnv,
    lang: &'a LangItems,
    seen: FxHashSet<(Auto, Ty)>,
    /// Parts to be looked at, each with the struct or enum that it is in.
    open: Vec<(Auto, Ty, Option<Ty>)>,
    bodies: Vec<(AsyncBody, GenericArgs, Auto)>,
    /// That of the part being looked at.
    holder: Option<Ty>,
}

impl Walk<'_> {
    fn add(&mut self, which: Auto, ty: Ty) {
        let ty = normalize(self.db, ty, self.env);
        if self.seen.len() < PARTS_MAX && self.seen.insert((which, ty)) {
            self.open.push((which, ty, self.holder));
        }
    }

    fn add_all(&mut self, which: Auto, parts: impl IntoIterator<Item = Ty>) -> bool {
        parts.into_iter().for_each(|part| self.add(which, part));
        true
    }

    /// Adds the parts that decide; `false` if the type itself is to blame.
    fn part(&mut self, which: Auto, ty: Ty) -> bool {
        let db = self.db;
        if self.is_assumed(which, ty) {
            return true;
        }
        if let Some(holds) = self.by_implementation(which, ty) {
            return holds;
        }
        match ty.kind(db) {
            TyKind::RawPtr(_)
            | TyKind::Func { .. }
            | TyKind::Interface(..)
            | TyKind::Adt(AdtId::Class(_), _)
            | TyKind::Dyn(_)
            | TyKind::Object(_)
            | TyKind::Param(_)
            | TyKind::Projection(_) => false,
            TyKind::Bool
            | TyKind::Int(_)
            | TyKind::Float(_)
            | TyKind::Char
            | TyKind::Str
            | TyKind::Never
            | TyKind::FnItem(..)
            | TyKind::Ctor(..)
            | TyKind::Infer(_)
            | TyKind::Error => true,
            TyKind::Ref {
                mutable: false,
                target,
                ..
            } => self.add_all(Auto::Sync, [*target]),
            TyKind::Ref { target, .. } => self.add_all(which, [*target]),
            TyKind::Slice(part) | TyKind::Array(part, _) => self.add_all(which, [*part]),
            TyKind::Tuple(parts) => self.add_all(which, parts.iter().copied()),
            TyKind::Closure(id, args) => {
                let closure = crate::ty::ClosureArgs(*args);
                if closure.kind(db) == Some(ClosureKind::Async) {
                    self.bodies.push((AsyncBody::Block(*id), *args, which));
                }
                self.add_all(which, closure.captures(db))
            }
            TyKind::Future(func, args) => {
                self.bodies.push((AsyncBody::Func(*func), *args, which));
                let params = crate::signature::fn_type(db, *func).all_params(db);
                let params: Vec<Ty> = params.map(|part| part.subst(db, *args)).collect();
                self.add_all(which, params)
            }
            TyKind::Opaque(func, index, args) => {
                match crate::infer::hidden::hidden_type(db, *func, *index) {
                    Some(hidden) => self.add_all(which, [hidden.subst(db, *args)]),
                    None => false,
                }
            }
            TyKind::Adt(adt, args) if self.lang.phantom_data == Some(*adt) => {
                self.add_all(which, args.types(db))
            }
            TyKind::Adt(adt, _) if self.lang.unsafe_cell == Some(*adt) && which == Auto::Sync => {
                false
            }
            TyKind::Adt(adt, args) => {
                self.holder = Some(ty);
                let fields = adt_field_types(db, *adt, *args);
                self.add_all(which, fields.iter().flatten().copied())
            }
        }
    }

    /// A bound of the definition around, or of the type itself.
    fn is_assumed(&self, which: Auto, ty: Ty) -> bool {
        let db = self.db;
        let Some(behavior) = self.lang.auto(which) else {
            return true;
        };
        let more = match ty.kind(db) {
            TyKind::Projection(projection) => projection_bounds(db, projection),
            TyKind::Opaque(func, index, args) => {
                crate::signature::opaque_bounds(db, *func, *index, *args)
            }
            TyKind::Dyn(_) | TyKind::Object(_) => match ty.as_dyn(db) {
                Some(object) => crate::object::object_bounds(db, object, ty),
                None => Vec::new(),
            },
            _ => Vec::new(),
        };
        let known = self.env.data(db).bounds.iter().chain(&more);
        known
            .filter(|bound| bound.behavior == behavior)
            .any(|bound| bound.self_ty(db) == ty)
    }

    /// What a `lowlevel impl` says: it decides for the types that it fits.
    fn by_implementation(&mut self, which: Auto, ty: Ty) -> Option<bool> {
        let db = self.db;
        let behavior = self.lang.auto(which)?;
        let goal = BehaviorRef {
            behavior,
            args: GenericArgs::from_iter(db, [ty.into()]),
        };
        for candidate in candidates(db, self.env, goal) {
            let mut table = Table::new(db);
            let args = table.fresh_args(GenericDef::Impl(candidate.id));
            let Some(header) = candidate.header(db) else {
                continue;
            };
            if table.unify(header.subst(db, args).self_ty(db), ty).is_err() {
                continue;
            }
            let args = table.resolve_args(args);
            for predicate in &predicates_of(db, GenericDef::Impl(candidate.id)).list {
                let Predicate::Implements(bound) = predicate.subst(db, args) else {
                    continue;
                };
                match self.lang.auto_of(bound.behavior) {
                    Some(which) => self.add(which, bound.self_ty(db)),
                    None if behavior_solve(db, self.env, bound.behavior, bound.args).is_none() => {
                        return Some(false);
                    }
                    None => {}
                }
            }
            return Some(true);
        }
        None
    }
}
