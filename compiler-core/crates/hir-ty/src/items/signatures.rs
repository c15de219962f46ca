//! T032: what implements or overrides a method has its signature (reference §9.1, §10.1).

use hir_def::{ContainerId, FuncId, GenericDef};

use super::{Check, Difference, ItemDiagnostic};
use crate::classes;
use crate::generics::{
    BehaviorRef, ParamEnv, Predicate, env_of, generics_of, param_env, predicates_of,
};
use crate::signature::{FnSig, ReceiverForm, fn_type};
use crate::solve::{behavior_solve, normalize};
use crate::ty::{GenericArg, GenericArgs, Ty};

impl Check<'_> {
    /// `around` are the arguments of what is around the declaration, seen from what is around
    /// the method.
    pub(super) fn same_signature(&mut self, func: FuncId, declared: FuncId, around: GenericArgs) {
        if let Some(what) = self.difference(func, declared, around) {
            self.out.push(ItemDiagnostic::SignatureDiffers {
                func,
                declared,
                what,
            });
        }
    }

    fn difference(
        &self,
        func: FuncId,
        declared: FuncId,
        around: GenericArgs,
    ) -> Option<Difference> {
        let db = self.db;
        let (sig, model) = (fn_type(db, func), fn_type(db, declared));
        let is_method = matches!(func.container(db), ContainerId::Class(_));
        if !receiver_fits(sig, model, is_method) {
            return Some(Difference::Receiver);
        }
        let own = generics_of(db, GenericDef::Func(func)).own();
        let (expected, found) = (
            generics_of(db, GenericDef::Func(declared)).own().len() as u32,
            own.len() as u32,
        );
        if expected != found {
            return Some(Difference::GenericCount { expected, found });
        }
        let (expected, found) = (model.params.len() as u32, sig.params.len() as u32);
        if expected != found {
            return Some(Difference::ParamCount { expected, found });
        }
        // The declaration as seen from here.
        let own = own.iter().map(|param| param.as_arg(db));
        let args = around.list(db).iter().copied().chain(own);
        let args = GenericArgs::from_iter(db, args.collect::<Vec<_>>());
        let env = param_env(db, GenericDef::Func(func));
        let model_ty = |ty: Ty| normalize(db, ty.subst(db, args), env);
        let own_ty = |ty: Ty| normalize(db, ty, env);
        let same = |a: Ty, b: Ty| a == b || a.has_error(db) || b.has_error(db);
        for (index, (param, expected)) in sig.params.iter().zip(&model.params).enumerate() {
            let (expected, found) = (model_ty(expected.ty), own_ty(param.ty));
            if !same(expected, found) {
                let index = index as u32;
                return Some(Difference::Param {
                    index,
                    expected,
                    found,
                });
            }
        }
        let (expected, found) = (model_ty(model.ret), own_ty(sig.ret));
        if !same(expected, found) && !(is_method && is_view(db, found, expected)) {
            return Some(Difference::Result { expected, found });
        }
        let broken = self.broken_promise(model, args, env);
        broken.or_else(|| self.unpromised(func, declared, args))
    }

    /// What is declared as `impl B` may be any type that is `B`.
    fn broken_promise(
        &self,
        model: &FnSig,
        args: GenericArgs,
        env: ParamEnv,
    ) -> Option<Difference> {
        let db = self.db;
        let promises = model.opaques.iter().flat_map(|decl| &decl.predicates);
        let mut promises = promises.map(|predicate| predicate.subst(db, args));
        let broken = promises.find_map(|predicate| match predicate {
            Predicate::Implements(bound) => {
                let list = bound.args.list(db).iter().map(|arg| match arg {
                    GenericArg::Ty(ty) => GenericArg::Ty(normalize(db, *ty, env)),
                    other => *other,
                });
                let bound = BehaviorRef {
                    args: GenericArgs::from_iter(db, list.collect::<Vec<_>>()),
                    ..bound
                };
                let has_error = bound.args.types(db).any(|ty| ty.has_error(db));
                let holds =
                    has_error || behavior_solve(db, env, bound.behavior, bound.args).is_some();
                (!holds).then_some(Predicate::Implements(bound))
            }
            Predicate::Equal(left, right) => {
                let (left, right) = (normalize(db, left, env), normalize(db, right, env));
                let holds = left == right || left.has_error(db) || right.has_error(db);
                (!holds).then_some(Predicate::Equal(left, right))
            }
        });
        broken.map(|predicate| Difference::Hidden { predicate })
    }

    /// A bound on the method's own parameters that the declaration does not make: who calls by
    /// the declaration knows nothing of it.
    fn unpromised(&self, func: FuncId, declared: FuncId, args: GenericArgs) -> Option<Difference> {
        let db = self.db;
        let def = GenericDef::Func(func);
        let around: &[Predicate] = match def.parent(db) {
            Some(parent) => &predicates_of(db, parent).list,
            None => &[],
        };
        let all = &predicates_of(db, def).list;
        let own = all.get(around.len()..).unwrap_or(&[]);
        if own.is_empty() {
            return None;
        }
        let promised = predicates_of(db, GenericDef::Func(declared)).list.iter();
        let promised = promised.map(|predicate| predicate.subst(db, args));
        let known: Vec<Predicate> = around.iter().cloned().chain(promised).collect();
        let env = env_of(db, self.module.package(db), &known);
        let holds = |predicate: &&Predicate| match predicate {
            Predicate::Implements(bound) => {
                bound.args.types(db).any(|ty| ty.has_error(db))
                    || behavior_solve(db, env, bound.behavior, bound.args).is_some()
            }
            Predicate::Equal(left, right) => {
                let (left, right) = (normalize(db, *left, env), normalize(db, *right, env));
                left == right || left.has_error(db) || right.has_error(db)
            }
        };
        let predicate = own.iter().find(|predicate| !holds(predicate))?.clone();
        Some(Difference::Bound { predicate })
    }
}

/// An implementation may ask for less than the behavior gives. An object is always there.
fn receiver_fits(sig: &FnSig, model: &FnSig, is_method: bool) -> bool {
    let rank = |form: ReceiverForm| match form {
        ReceiverForm::Shared | ReceiverForm::Ref => 0,
        ReceiverForm::Exclusive | ReceiverForm::MutRef => 1,
        ReceiverForm::Owned => 2,
    };
    match (sig.receiver, model.receiver) {
        (None, None) => true,
        (Some(a), Some(b)) => is_method || rank(a.form) <= rank(b.form),
        _ => false,
    }
}

/// Whether a value of the one type is one of the other by an up-cast.
fn is_view(db: &dyn base::Db, from: Ty, to: Ty) -> bool {
    let Some((class, args)) = classes::as_class(db, from) else {
        return false;
    };
    classes::ancestry(db, class, args)
        .iter()
        .any(|(class, args)| classes::class_ty(db, *class, *args) == to)
}
