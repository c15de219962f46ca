//! Values while a constant is evaluated.

use base::Db;

use crate::consteval::{ConstError, ConstValue};

/// A value in the evaluator's memory.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Scalar(ConstValue),
    /// Fields of a struct or tuple, elements of an array.
    Parts(Vec<Value>),
    /// A variant by its index, with its payload.
    Variant(u32, Vec<Value>),
    /// A reference.
    Ref(Place),
    /// Declared and not initialised yet.
    Uninit,
}

/// A part of a slot of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) slot: usize,
    pub(super) path: Vec<u32>,
}

impl Place {
    pub(super) fn slot(slot: usize) -> Place {
        Place {
            slot,
            path: Vec::new(),
        }
    }

    pub(super) fn part(&self, index: u32) -> Place {
        let mut path = self.path.clone();
        path.push(index);
        Place {
            slot: self.slot,
            path,
        }
    }
}

impl Value {
    pub(super) fn unit() -> Value {
        Value::Scalar(ConstValue::Unit)
    }

    pub(super) fn bool(value: bool) -> Value {
        Value::Scalar(ConstValue::Bool(value))
    }

    pub(super) fn parts(&self) -> &[Value] {
        match self {
            Value::Parts(parts) | Value::Variant(_, parts) => parts,
            _ => &[],
        }
    }

    pub(super) fn part_mut(&mut self, index: u32) -> Option<&mut Value> {
        match self {
            Value::Parts(parts) | Value::Variant(_, parts) => parts.get_mut(index as usize),
            _ => None,
        }
    }

    /// What is known of the value outside of the evaluator. References lead nowhere there.
    pub(super) fn exported(self, db: &dyn Db) -> Result<ConstValue, ConstError> {
        let all = |parts: Vec<Value>| {
            let parts = parts.into_iter().map(|part| part.exported(db));
            parts.collect::<Result<Box<[ConstValue]>, ConstError>>()
        };
        match self {
            Value::Scalar(value) => Ok(value),
            Value::Parts(parts) => Ok(ConstValue::Parts(all(parts)?)),
            Value::Variant(index, parts) => Ok(ConstValue::Variant(index, all(parts)?)),
            Value::Ref(_) | Value::Uninit => Err(ConstError::Aggregate),
        }
    }

    /// The same value inside.
    pub(super) fn imported(value: &ConstValue) -> Value {
        let all = |parts: &[ConstValue]| parts.iter().map(Value::imported).collect();
        match value {
            ConstValue::Parts(parts) => Value::Parts(all(parts)),
            ConstValue::Variant(index, parts) => Value::Variant(*index, all(parts)),
            scalar => Value::Scalar(scalar.clone()),
        }
    }
}
