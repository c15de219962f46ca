//! Patterns at compile time.

use hir_def::VariantDef;
use hir_def::body::{Pat, PatId, PatLiteral, PatRangeEnd};

use super::machine::{Frame, Run, unsupported};
use super::value::{Place, Value};
use crate::consteval::{ConstError, ConstValue, literal_value};
use crate::infer::result::{BindMode, PatRes};
use crate::ty::Ty;

impl Frame<'_, '_> {
    /// Whether a pattern takes the value at a place; binds its names if so.
    pub(super) fn matches(&mut self, pat: PatId, place: &Place) -> Run<bool> {
        let body = self.body;
        let mut place = place.clone();
        for _ in 0..self.result.pat_derefs.get(&pat).copied().unwrap_or(0) {
            match self.machine.read(&place)? {
                Value::Ref(inner) => place = inner,
                _ => return Err(unsupported()),
            }
        }
        match &body[pat] {
            Pat::Wild => Ok(true),
            Pat::Missing | Pat::Unsupported(_) => Err(ConstError::Reported.into()),
            Pat::Bind { local, sub } => {
                if let Some(sub) = sub
                    && !self.matches(*sub, &place)?
                {
                    return Ok(false);
                }
                let bound = match self.result.bindings.get(&pat) {
                    Some(BindMode::Ref { .. }) => Value::Ref(place),
                    Some(BindMode::Value) | None => self.machine.read(&place)?,
                };
                let slot = self.machine.alloc(bound);
                self.locals.insert(*local, slot);
                Ok(true)
            }
            Pat::Literal(literal) => {
                let value = self.pat_literal(literal, self.pat_ty(pat))?;
                Ok(self.machine.read(&place)? == Value::Scalar(value))
            }
            Pat::Range {
                start,
                end,
                inclusive,
            } => self.in_range(pat, &place, start.as_ref(), end.as_ref(), *inclusive),
            Pat::Tuple { pats, rest } => self.positional(pats, *rest, &place),
            Pat::Slice {
                prefix,
                rest,
                suffix,
            } => {
                let len = self.machine.len_of(&place)? as usize;
                let fixed = prefix.len() + suffix.len();
                if len < fixed || (rest.is_none() && len != fixed) {
                    return Ok(false);
                }
                if let Some(rest) = rest
                    && !matches!(&body[*rest], Pat::Wild)
                {
                    return Err(unsupported());
                }
                for (index, part) in prefix.iter().enumerate() {
                    if !self.matches(*part, &place.part(index as u32))? {
                        return Ok(false);
                    }
                }
                for (index, part) in suffix.iter().enumerate() {
                    let at = (len - suffix.len() + index) as u32;
                    if !self.matches(*part, &place.part(at))? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Pat::Path(_) | Pat::TupleStruct { .. } | Pat::Record { .. } => self.path(pat, &place),
            Pat::Or(pats) => {
                for part in pats {
                    if self.matches(*part, &place)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    fn pat_ty(&self, pat: PatId) -> Ty {
        let ty = self.result.pat_ty(pat);
        let ty = ty.map_or_else(|| Ty::error(self.db), |ty| self.concrete(ty));
        ty.strip_refs(self.db)
    }

    fn path(&mut self, pat: PatId, place: &Place) -> Run<bool> {
        let body = self.body;
        match self.result.pats.get(&pat) {
            Some(PatRes::Const(id, _)) => {
                let value = super::const_value(self.db, *id).clone()?;
                Ok(self.machine.read(place)? == Value::imported(&value))
            }
            Some(PatRes::Variant {
                variant, fields, ..
            }) => {
                if let VariantDef::Variant(id) = variant {
                    match self.machine.read(place)? {
                        Value::Variant(index, _) if index == id.index => {}
                        Value::Variant(..) => return Ok(false),
                        _ => return Err(unsupported()),
                    }
                }
                match &body[pat] {
                    Pat::TupleStruct { pats, rest, .. } => self.positional(pats, *rest, place),
                    Pat::Record { fields: parts, .. } => {
                        for ((_, part), index) in parts.iter().zip(fields) {
                            if !self.matches(*part, &place.part(*index))? {
                                return Ok(false);
                            }
                        }
                        Ok(true)
                    }
                    _ => Ok(true),
                }
            }
            None => Err(ConstError::Reported.into()),
        }
    }

    fn positional(&mut self, pats: &[PatId], rest: Option<u32>, place: &Place) -> Run<bool> {
        let len = self.machine.len_of(place)? as usize;
        let before = rest.map_or(pats.len(), |rest| rest as usize);
        for (index, part) in pats.iter().enumerate() {
            let at = if index < before {
                index
            } else {
                (len + index).saturating_sub(pats.len())
            };
            if !self.matches(*part, &place.part(at as u32))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn pat_literal(&self, literal: &PatLiteral, ty: Ty) -> Result<ConstValue, ConstError> {
        let value = literal_value(self.db, &literal.value, ty)?;
        Ok(match (literal.negative, value) {
            (true, ConstValue::Int(value)) => ConstValue::Int(value.wrapping_neg()),
            (true, ConstValue::Float(bits)) => ConstValue::Float((-f64::from_bits(bits)).to_bits()),
            (_, value) => value,
        })
    }

    fn in_range(
        &mut self,
        pat: PatId,
        place: &Place,
        start: Option<&PatRangeEnd>,
        end: Option<&PatRangeEnd>,
        inclusive: bool,
    ) -> Run<bool> {
        let ty = self.pat_ty(pat);
        let bound = |this: &Self, end: &PatRangeEnd, is_end: bool| match end {
            PatRangeEnd::Literal(literal) => number(&this.pat_literal(literal, ty)?),
            PatRangeEnd::Path(_) => {
                let value = this.result.range_ends.get(&(pat, is_end));
                value.copied().ok_or(ConstError::Aggregate)
            }
        };
        let value = match self.machine.read(place)? {
            Value::Scalar(value) => number(&value)?,
            _ => return Err(unsupported()),
        };
        if let Some(start) = start
            && value < bound(self, start, false)?
        {
            return Ok(false);
        }
        Ok(match end {
            None => true,
            Some(end) if inclusive => value <= bound(self, end, true)?,
            Some(end) => value < bound(self, end, true)?,
        })
    }
}

fn number(value: &ConstValue) -> Result<i128, ConstError> {
    match value {
        ConstValue::Int(value) => Ok(*value),
        ConstValue::Char(value) => Ok(u32::from(*value).into()),
        _ => Err(ConstError::Aggregate),
    }
}
