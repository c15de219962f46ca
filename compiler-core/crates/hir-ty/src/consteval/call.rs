//! Calls at compile time.

use hir_def::body::{ExprId, Pat};
use hir_def::{BodyOwner, FuncId, Name, VariantDef};

use super::machine::{Frame, Run, unsupported};
use super::value::Value;
use crate::consteval::{ConstError, ConstValue, numbers};
use crate::infer::result::CallRes;
use crate::signature::ReceiverForm;
use crate::solve::Instance;
use crate::ty::GenericArgs;

impl Frame<'_, '_> {
    pub(super) fn call(&mut self, expr: ExprId, args: &[ExprId]) -> Run {
        let db = self.db;
        match self.result.calls.get(&expr) {
            Some(CallRes::Ctor { variant, .. }) => {
                self.machine.count_parts(args.len() as u64)?;
                let parts = args.iter().map(|arg| self.expr(*arg));
                let parts = parts.collect::<Run<Vec<Value>>>()?;
                Ok(match variant {
                    VariantDef::Variant(id) => Value::Variant(id.index, parts),
                    _ => Value::Parts(parts),
                })
            }
            Some(CallRes::Func { callee, order }) => {
                let type_args = callee.args.subst(db, self.args);
                let types = type_args.list(db).iter().map(|arg| match arg.ty() {
                    Some(ty) => self.concrete(ty).into(),
                    None => *arg,
                });
                let type_args = GenericArgs::from_iter(db, types.collect::<Vec<_>>());
                let mut values = Vec::with_capacity(args.len());
                for arg in args {
                    values.push(self.expr(*arg)?);
                }
                let mut sorted: Vec<Option<Value>> = Vec::new();
                match order {
                    None => sorted.extend(values.into_iter().map(Some)),
                    Some(order) => {
                        for (value, at) in values.into_iter().zip(order) {
                            let at = *at as usize;
                            if sorted.len() <= at {
                                sorted.resize(at + 1, None);
                            }
                            sorted[at] = Some(value);
                        }
                    }
                }
                match crate::solve::resolve_instance(db, self.env, callee.func, type_args) {
                    Instance::Func(func, type_args) => self.enter(func, type_args, sorted),
                    Instance::Copy { .. } => match sorted.into_iter().next().flatten() {
                        Some(Value::Ref(place)) => Ok(self.machine.read(&place)?),
                        Some(value) => Ok(value),
                        None => Err(ConstError::Reported.into()),
                    },
                    Instance::StructuralEq { negate, .. } => {
                        let mut values = sorted.into_iter().flatten().map(|value| match value {
                            Value::Ref(place) => self.machine.read(&place),
                            value => Ok(value),
                        });
                        match (values.next(), values.next()) {
                            (Some(a), Some(b)) => Ok(Value::bool((a? == b?) != negate)),
                            _ => Err(ConstError::Reported.into()),
                        }
                    }
                    Instance::Missing => Err(unsupported()),
                    #[allow(unreachable_patterns)]
                    _ => Err(unsupported()),
                }
            }
            Some(CallRes::Builtin { name, .. }) if name.contains("panic") => {
                Err(ConstError::Panics(Name::new_static("a panic")).into())
            }
            Some(_) => Err(ConstError::NotConst.into()),
            None => Err(ConstError::Reported.into()),
        }
    }

    pub(super) fn enter(
        &mut self,
        func: FuncId,
        type_args: GenericArgs,
        values: Vec<Option<Value>>,
    ) -> Run {
        let db = self.db;
        let sig = crate::fn_type(db, func);
        if let Some(name) = &sig.intrinsic {
            return self.intrinsic(name, type_args, &values);
        }
        if sig.ret.is_never(db) && func.module(db).package(db).name(db) == "core" {
            let name = hir_def::signatures::func_signature(db, func).name.clone();
            return Err(ConstError::Panics(name).into());
        }
        if !sig.flags.is_const || !sig.flags.has_body {
            return Err(ConstError::NotConst.into());
        }
        let owner = BodyOwner::Func(func);
        let value = self.machine.run(owner, type_args, |frame| {
            let mut values = values.into_iter();
            if let Some(receiver) = sig.receiver {
                let value = values.next().flatten().ok_or(ConstError::Reported)?;
                let is_place = matches!(
                    receiver.form,
                    ReceiverForm::Shared | ReceiverForm::Exclusive
                );
                let place = match value {
                    Value::Ref(place) if is_place => place,
                    value => frame.machine.alloc(value),
                };
                if let Some(local) = frame.body.receiver {
                    frame.locals.insert(local, place);
                }
            }
            for param in frame.body.params.iter() {
                let value = match (values.next().flatten(), param.default) {
                    (Some(value), _) => value,
                    (None, Some(default)) => frame.expr(default)?,
                    (None, None) => return Err(ConstError::Reported.into()),
                };
                let place = frame.machine.alloc(value);
                match &frame.body[param.pat] {
                    Pat::Bind { local, sub: None } => {
                        frame.locals.insert(*local, place);
                    }
                    _ => {
                        frame.matches(param.pat, &place)?;
                    }
                }
            }
            Ok(())
        })?;
        Ok(value)
    }

    /// What the language answers itself: sizes, operations on integers.
    fn intrinsic(&mut self, name: &str, args: GenericArgs, values: &[Option<Value>]) -> Run {
        let db = self.db;
        let ty = self.concrete(args.ty(db, 0));
        let number = |value: u64| Ok(Value::Scalar(ConstValue::Int(i128::from(value))));
        match name {
            "size_of" | "align_of" => {
                self.machine.asks_layout = true;
                let layout = crate::layout_of(db, ty)
                    .as_ref()
                    .map_err(|_| unsupported())?;
                number(if name == "size_of" {
                    layout.size
                } else {
                    layout.align
                })
            }
            "field_count" | "variant_count" => {
                let Some((adt, _)) = ty.as_adt(db) else {
                    return number(0);
                };
                let variants = crate::adt_field_types(db, adt, args);
                match (adt, name) {
                    (hir_def::AdtId::Struct(_), "field_count") => {
                        number(variants.first().map_or(0, Vec::len) as u64)
                    }
                    (hir_def::AdtId::Enum(_), "variant_count") => number(variants.len() as u64),
                    _ => number(0),
                }
            }
            _ => {
                let numbers = values.iter().map(|value| match value {
                    Some(Value::Scalar(ConstValue::Int(value))) => Some(*value),
                    _ => None,
                });
                let numbers: Option<Vec<i128>> = numbers.collect();
                let value = ty
                    .as_int(db)
                    .zip(numbers)
                    .and_then(|(int, numbers)| numbers::intrinsic(name, int, &numbers));
                value.map(Value::Scalar).ok_or_else(unsupported)
            }
        }
    }
}
