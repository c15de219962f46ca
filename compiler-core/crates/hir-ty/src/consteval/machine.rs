//! Running bodies at compile time (reference §4.3): constants and the `const func`s they call.
//!
//! Works on the body's expressions and what inference says about them, with a memory of slots,
//! so that `const func`s may have variables, loops and references. What it cannot do is no
//! error of the program: the value is then made at run time, by the same body.

use base::Db;
use hir_def::body::{Body, Expr, ExprId, LocalId, Stmt};
use hir_def::{BodyOwner, Name};
use rustc_hash::FxHashMap;

use super::value::{Place, Value};
use crate::consteval::{ConstError, ConstValue};
use crate::generics::ParamEnv;
use crate::infer::result::{Adjust, InferenceResult};
use crate::solve::normalize;
use crate::ty::{GenericArgs, Ty};

/// Expressions evaluated for one constant; guessed, real ones take thousands.
const STEPS_MAX: u32 = 2_000_000;
/// Calls inside calls, and expressions inside expressions; the second bounds the native stack.
const CALLS_MAX: u32 = 500;
const DEPTH_MAX: u32 = 4000;
/// Elements of all values that are made; guessed.
const PARTS_MAX: u64 = 4_000_000;

/// Why evaluation leaves an expression.
pub(super) enum Flow {
    Error(ConstError),
    Return(Value),
    Break(Option<Value>),
    Continue,
}

impl From<ConstError> for Flow {
    fn from(error: ConstError) -> Flow {
        Flow::Error(error)
    }
}

pub(super) type Run<T = Value> = Result<T, Flow>;

/// What all frames share.
pub(super) struct Machine<'db> {
    pub(super) db: &'db dyn Db,
    pub(super) slots: Vec<Value>,
    pub(super) steps: u32,
    pub(super) depth: u32,
    pub(super) calls: u32,
    pub(super) parts: u64,
    /// An address in the stack where evaluation began.
    stack_start: usize,
    /// Whether the value depends on the target (T066).
    pub(super) asks_layout: bool,
    /// Where it failed: innermost first, one expression per body.
    pub(super) trace: Vec<(BodyOwner, ExprId)>,
}

impl<'db> Machine<'db> {
    pub(super) fn new(db: &'db dyn Db) -> Machine<'db> {
        Machine {
            db,
            slots: Vec::new(),
            steps: 0,
            depth: 0,
            calls: 0,
            parts: 0,
            stack_start: stdx::stack::address(),
            asks_layout: false,
            trace: Vec::new(),
        }
    }

    pub(super) fn alloc(&mut self, value: Value) -> Place {
        self.slots.push(value);
        Place::slot(self.slots.len() - 1)
    }

    pub(super) fn count_parts(&mut self, count: u64) -> Result<(), ConstError> {
        self.parts = self.parts.saturating_add(count);
        if self.parts > PARTS_MAX {
            return Err(ConstError::Limit);
        }
        Ok(())
    }

    pub(super) fn read(&self, place: &Place) -> Result<Value, ConstError> {
        let mut at = self.slots.get(place.slot).ok_or(ConstError::Reported)?;
        for index in &place.path {
            at = at
                .parts()
                .get(*index as usize)
                .ok_or(ConstError::Aggregate)?;
        }
        match at {
            // Read before it is initialised: MIR says so (T040).
            Value::Uninit => Err(ConstError::Reported),
            value => Ok(value.clone()),
        }
    }

    pub(super) fn len_of(&self, place: &Place) -> Result<u64, ConstError> {
        let mut at = self.slots.get(place.slot).ok_or(ConstError::Reported)?;
        for index in &place.path {
            at = at
                .parts()
                .get(*index as usize)
                .ok_or(ConstError::Aggregate)?;
        }
        Ok(at.parts().len() as u64)
    }

    pub(super) fn write(&mut self, place: &Place, value: Value) -> Result<(), ConstError> {
        let mut at = self.slots.get_mut(place.slot).ok_or(ConstError::Reported)?;
        for index in &place.path {
            at = at.part_mut(*index).ok_or(ConstError::Aggregate)?;
        }
        *at = value;
        Ok(())
    }

    /// Calls a function without type arguments.
    pub(super) fn call(
        &mut self,
        func: hir_def::FuncId,
        args: Vec<ConstValue>,
    ) -> Result<Value, ConstError> {
        let values = args.iter().map(|arg| Some(Value::imported(arg))).collect();
        let mut result = None;
        // The caller's frame is the function's own, without anything in it.
        let outcome = self.run_outside(func, |frame| {
            let value = frame.enter(func, GenericArgs::empty(frame.db), values)?;
            result = Some(value);
            Ok(())
        });
        outcome?;
        result.ok_or(ConstError::Reported)
    }

    /// A frame in which nothing of its body runs.
    fn run_outside(
        &mut self,
        func: hir_def::FuncId,
        run: impl FnOnce(&mut Frame<'_, 'db>) -> Run<()>,
    ) -> Result<(), ConstError> {
        let db = self.db;
        let owner = BodyOwner::Func(func);
        let mut frame = Frame {
            db,
            env: ParamEnv::empty(db, owner.module(db).package(db)),
            owner,
            body: hir_def::body::body(db, owner),
            result: crate::infer(db, owner),
            args: GenericArgs::empty(db),
            locals: FxHashMap::default(),
            machine: self,
        };
        match run(&mut frame) {
            Ok(()) | Err(Flow::Return(_)) => Ok(()),
            Err(Flow::Error(error)) => Err(error),
            Err(Flow::Break(_) | Flow::Continue) => Err(ConstError::Reported),
        }
    }

    /// Evaluates one expression of a body by itself.
    pub(super) fn run_expr(&mut self, owner: BodyOwner, expr: ExprId) -> Result<Value, ConstError> {
        let mut value = None;
        let run = self.run(owner, GenericArgs::empty(self.db), |frame| {
            let found = frame.expr(expr)?;
            value = Some(found.clone());
            Err(Flow::Return(found))
        });
        run.and(value.ok_or(ConstError::Reported))
    }

    /// Runs a body in a frame of its own.
    pub(super) fn run(
        &mut self,
        owner: BodyOwner,
        args: GenericArgs,
        enter: impl FnOnce(&mut Frame<'_, 'db>) -> Run<()>,
    ) -> Result<Value, ConstError> {
        let used = self.stack_start.abs_diff(stdx::stack::address());
        if self.calls >= CALLS_MAX || used > stdx::stack::budget() {
            return Err(ConstError::Limit);
        }
        self.calls += 1;
        let first_slot = self.slots.len();
        let db = self.db;
        let body = hir_def::body::body(db, owner);
        let mut frame = Frame {
            db,
            env: ParamEnv::empty(db, owner.module(db).package(db)),
            owner,
            body,
            result: crate::infer(db, owner),
            args,
            locals: FxHashMap::default(),
            machine: self,
        };
        let outcome = match enter(&mut frame) {
            Ok(()) => frame.expr(body.root),
            Err(flow) => Err(flow),
        };
        self.calls -= 1;
        let value = match outcome {
            Ok(value) | Err(Flow::Return(value)) => Ok(value),
            Err(Flow::Error(error)) => Err(error),
            Err(Flow::Break(_) | Flow::Continue) => Err(ConstError::Reported),
        };
        // Nothing that leaves may lead into the frame; then its memory can go.
        if value
            .as_ref()
            .is_ok_and(|value| !leads_beyond(value, first_slot))
        {
            self.slots.truncate(first_slot);
        }
        value
    }
}

fn leads_beyond(value: &Value, first: usize) -> bool {
    match value {
        Value::Ref(place) => place.slot >= first,
        Value::Parts(parts) | Value::Variant(_, parts) => {
            parts.iter().any(|part| leads_beyond(part, first))
        }
        Value::Scalar(_) | Value::Uninit => false,
    }
}

/// One body being evaluated.
pub(super) struct Frame<'m, 'db> {
    pub(super) db: &'db dyn Db,
    pub(super) env: ParamEnv,
    pub(super) owner: BodyOwner,
    pub(super) body: &'db Body,
    pub(super) result: &'db InferenceResult,
    pub(super) args: GenericArgs,
    /// Where variables are. `this` of a method without a written reference is the place that
    /// the receiver refers to.
    pub(super) locals: FxHashMap<LocalId, Place>,
    pub(super) machine: &'m mut Machine<'db>,
}

/// An expression on its way through adjustments.
enum Operand {
    Value(Value),
    Place(Place),
}

pub(super) fn unsupported() -> Flow {
    Flow::Error(ConstError::Aggregate)
}

impl<'db> Frame<'_, 'db> {
    pub(super) fn concrete(&self, ty: Ty) -> Ty {
        normalize(self.db, ty.subst(self.db, self.args), self.env)
    }

    pub(super) fn ty(&self, expr: ExprId) -> Ty {
        let ty = self.result.expr_ty(expr);
        ty.map_or_else(|| Ty::error(self.db), |ty| self.concrete(ty))
    }

    /// The type with what adjustments make of it.
    pub(super) fn adjusted_ty(&self, expr: ExprId) -> Ty {
        let ty = self.result.adjusted_ty(expr);
        ty.map_or_else(|| Ty::error(self.db), |ty| self.concrete(ty))
    }

    /// The value of an expression as its context sees it.
    pub(super) fn expr(&mut self, expr: ExprId) -> Run {
        self.machine.steps += 1;
        self.machine.depth += 1;
        let used = self.machine.stack_start.abs_diff(stdx::stack::address());
        let is_over = self.machine.steps > STEPS_MAX
            || self.machine.depth > DEPTH_MAX
            || used > stdx::stack::budget();
        let value = if is_over {
            Err(ConstError::Limit.into())
        } else {
            self.adjusted(expr)
        };
        self.machine.depth -= 1;
        self.located(expr, value)
    }

    /// Remembers the innermost expression of each body at which evaluation failed.
    fn located<T>(&mut self, expr: ExprId, value: Run<T>) -> Run<T> {
        if let Err(Flow::Error(_)) = &value {
            let owner = self.owner;
            let trace = &mut self.machine.trace;
            if trace.last().is_none_or(|(last, _)| *last != owner) && trace.len() < 64 {
                trace.push((owner, expr));
            }
        }
        value
    }

    fn adjusted(&mut self, expr: ExprId) -> Run {
        let adjustments = self.result.adjustments(expr);
        if adjustments.is_empty() {
            return self.raw(expr);
        }
        match self.operand(expr)? {
            Operand::Value(value) => Ok(value),
            Operand::Place(place) => Ok(self.machine.read(&place)?),
        }
    }

    fn operand(&mut self, expr: ExprId) -> Run<Operand> {
        let adjustments = self.result.adjustments(expr);
        let starts_as_place = matches!(
            adjustments.first().map(|it| &it.kind),
            Some(Adjust::Borrow { .. })
        );
        let mut at = if starts_as_place {
            Operand::Place(self.raw_place(expr)?)
        } else {
            Operand::Value(self.raw(expr)?)
        };
        for adjustment in adjustments {
            at = match (&adjustment.kind, at) {
                (Adjust::Deref, at) => {
                    let value = match at {
                        Operand::Value(value) => value,
                        Operand::Place(place) => self.machine.read(&place)?,
                    };
                    match value {
                        Value::Ref(place) => Operand::Place(place),
                        _ => return Err(unsupported()),
                    }
                }
                (Adjust::Borrow { .. }, Operand::Place(place)) => Operand::Value(Value::Ref(place)),
                (Adjust::Borrow { .. }, Operand::Value(value)) => {
                    Operand::Value(Value::Ref(self.machine.alloc(value)))
                }
                (Adjust::Unsize | Adjust::NeverToAny, at) => at,
                _ => return Err(unsupported()),
            };
        }
        Ok(at)
    }

    /// The place of an expression as its context sees it.
    pub(super) fn place(&mut self, expr: ExprId) -> Run<Place> {
        if self.result.adjustments(expr).is_empty() {
            return self.raw_place(expr);
        }
        match self.operand(expr)? {
            Operand::Place(place) => Ok(place),
            Operand::Value(value) => Ok(self.machine.alloc(value)),
        }
    }

    pub(super) fn raw_place(&mut self, expr: ExprId) -> Run<Place> {
        let body = self.body;
        match &body[expr] {
            Expr::Local(local) => match self.locals.get(local) {
                Some(place) => Ok(place.clone()),
                None => Err(ConstError::NotConst.into()),
            },
            Expr::Field { base, .. } => {
                let index = self.field_index(expr)?;
                Ok(self.place(*base)?.part(index))
            }
            Expr::Index { base, index } if !self.result.calls.contains_key(&expr) => {
                self.element(expr, *base, *index)
            }
            Expr::Unary {
                op: hir_def::body::UnaryOp::Deref,
                operand,
            } => match self.expr(*operand)? {
                Value::Ref(place) => Ok(place),
                _ => Err(unsupported()),
            },
            _ => {
                let value = self.raw(expr)?;
                Ok(self.machine.alloc(value))
            }
        }
    }

    fn element(&mut self, expr: ExprId, base: ExprId, index: ExprId) -> Run<Place> {
        use crate::infer::result::IndexRes;
        if !matches!(
            self.result.indexes.get(&expr),
            Some(IndexRes::Array | IndexRes::Slice)
        ) {
            return Err(unsupported());
        }
        let mut place = self.place(base)?;
        // A slice is reached through the reference to it.
        if let Ok(Value::Ref(inner)) = self.machine.read(&place) {
            place = inner;
        }
        let Value::Scalar(ConstValue::Int(index)) = self.expr(index)? else {
            return Err(unsupported());
        };
        let len = self.machine.len_of(&place)?;
        if index < 0 || index >= i128::from(len) {
            let what = format!("index out of range: len is {len}, index is {index}");
            return Err(ConstError::Panics(Name::new(what)).into());
        }
        Ok(place.part(index as u32))
    }

    pub(super) fn field_index(&self, expr: ExprId) -> Run<u32> {
        use crate::infer::result::FieldRes;
        match self.result.fields.get(&expr) {
            Some(FieldRes::Field(field)) => Ok(field.index),
            Some(FieldRes::Tuple(index)) => Ok(*index),
            #[allow(unreachable_patterns)]
            Some(_) => Err(unsupported()),
            None => Err(ConstError::Reported.into()),
        }
    }

    /// Statements and tail of a block.
    pub(super) fn block(&mut self, stmts: &[Stmt], tail: Option<ExprId>) -> Run {
        let body = self.body;
        for stmt in stmts {
            match stmt {
                Stmt::Item => {}
                Stmt::Expr { expr, .. } => {
                    self.expr(*expr)?;
                }
                Stmt::Let {
                    pat, init, else_, ..
                } => match init {
                    Some(init) => {
                        let value = self.expr(*init)?;
                        let place = self.machine.alloc(value);
                        if !self.matches(*pat, &place)? {
                            match else_ {
                                Some(else_) => {
                                    self.expr(*else_)?;
                                }
                                None => return Err(ConstError::Reported.into()),
                            }
                        }
                    }
                    None => match &body[*pat] {
                        hir_def::body::Pat::Bind { local, sub: None } => {
                            let place = self.machine.alloc(Value::Uninit);
                            self.locals.insert(*local, place);
                        }
                        _ => return Err(ConstError::Reported.into()),
                    },
                },
            }
        }
        match tail {
            Some(tail) => self.expr(tail),
            None => Ok(Value::unit()),
        }
    }
}
