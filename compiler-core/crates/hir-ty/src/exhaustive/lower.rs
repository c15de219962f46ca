//! Patterns of a body made plain.

use base::Db;
use hir_def::body::{Body, Literal, Pat, PatId, PatLiteral, PatRangeEnd};
use hir_def::{ConstId, Name, VariantDef};

use super::{Ctor, Plain, domain, encode};
use crate::consteval::{ConstValue, const_value};
use crate::infer::result::{InferenceResult, PatRes};
use crate::signature::fields_of;
use crate::ty::{Ty, TyKind};

pub(super) struct Lower<'a> {
    pub(super) db: &'a dyn Db,
    pub(super) body: &'a Body,
    pub(super) result: &'a InferenceResult,
    pub(super) opaque: u32,
}

impl Lower<'_> {
    pub(super) fn pat(&mut self, pat: PatId) -> Option<Plain> {
        let db = self.db;
        let ty = self.result.pat_ty(pat)?;
        Some(match &self.body[pat] {
            Pat::Missing | Pat::Unsupported(_) => return None,
            Pat::Wild => Plain::Wild,
            Pat::Bind { sub: None, .. } => Plain::Wild,
            Pat::Bind { sub: Some(sub), .. } => self.pat(*sub)?,
            Pat::Literal(literal) => match literal_value(literal) {
                Some(value) if !fits(db, &value, ty) => return None,
                Some(value) => self.value(value, ty),
                None => match &literal.value {
                    Literal::Unit => Plain::Wild,
                    _ => self.opaque(),
                },
            },
            Pat::Path(_) => match self.result.pats.get(&pat)? {
                PatRes::Const(id, _) => match const_value(db, *id) {
                    Ok(value) => self.value(value.clone(), ty),
                    Err(_) => self.opaque(),
                },
                PatRes::Variant { variant, .. } => Plain::Node(ctor_of(*variant), Vec::new()),
            },
            Pat::Range {
                start,
                end,
                inclusive,
            } => {
                let (min, max) = domain(db, ty)?;
                let encode = |end: &Option<PatRangeEnd>, is_end: bool| {
                    let value = match end.as_ref()? {
                        PatRangeEnd::Literal(literal) => literal_end_value(literal)?,
                        PatRangeEnd::Path(_) => *self.result.range_ends.get(&(pat, is_end))?,
                    };
                    Some(encode(db, value, ty))
                };
                let low = match start {
                    Some(_) => encode(start, false)?,
                    None => min,
                };
                let high = match end {
                    Some(_) => {
                        let high = encode(end, true)?;
                        if *inclusive {
                            high
                        } else {
                            high.checked_sub(1)?
                        }
                    }
                    None => max,
                };
                if low > high {
                    return None;
                }
                Plain::Node(Ctor::Interval(low, high), Vec::new())
            }
            Pat::Tuple { pats, rest } => {
                let TyKind::Tuple(parts) = ty.kind(db) else {
                    return None;
                };
                Plain::Node(Ctor::Single, self.positional(pats, *rest, parts.len())?)
            }
            Pat::TupleStruct { pats, rest, .. } => {
                let PatRes::Variant { variant, .. } = self.result.pats.get(&pat)? else {
                    return None;
                };
                let len = fields_of(db, *variant).fields.len();
                Plain::Node(ctor_of(*variant), self.positional(pats, *rest, len)?)
            }
            Pat::Record { fields, .. } => {
                let PatRes::Variant {
                    variant,
                    fields: positions,
                    ..
                } = self.result.pats.get(&pat)?
                else {
                    return None;
                };
                let len = fields_of(db, *variant).fields.len();
                let mut parts = vec![Plain::Wild; len];
                for ((_, sub), position) in fields.iter().zip(positions) {
                    let plain = self.pat(*sub)?;
                    *parts.get_mut(*position as usize)? = plain;
                }
                Plain::Node(ctor_of(*variant), parts)
            }
            Pat::Slice {
                prefix,
                rest,
                suffix,
            } => {
                let mut before = Vec::new();
                for part in prefix {
                    before.push(self.pat(*part)?);
                }
                let mut after = Vec::new();
                for part in suffix {
                    after.push(self.pat(*part)?);
                }
                match ty.kind(db) {
                    TyKind::Array(_, len) => {
                        let len = len.as_u64()? as usize;
                        let rest = len.checked_sub(before.len() + after.len())?;
                        // Long arrays are only ever matched with a rest.
                        if len > ARRAY_MAX {
                            return None;
                        }
                        before.extend(std::iter::repeat_n(Plain::Wild, rest));
                        before.append(&mut after);
                        Plain::Node(Ctor::Single, before)
                    }
                    _ => {
                        let len = before.len() + after.len();
                        let ctor = Ctor::Slice {
                            len,
                            at_least: rest.is_some(),
                        };
                        before.append(&mut after);
                        // With a rest the parts are split again at their prefix: kept apart by
                        // the number of parts before the rest.
                        if rest.is_some() && !suffix.is_empty() {
                            return None;
                        }
                        Plain::Node(ctor, before)
                    }
                }
            }
            Pat::Or(pats) => {
                let mut parts = Vec::new();
                for part in pats {
                    parts.push(self.pat(*part)?);
                }
                Plain::Or(parts)
            }
        })
    }

    fn positional(&mut self, pats: &[PatId], rest: Option<u32>, len: usize) -> Option<Vec<Plain>> {
        let mut parts = vec![Plain::Wild; len];
        let skipped = len.checked_sub(pats.len())?;
        for (i, pat) in pats.iter().enumerate() {
            let index = match rest {
                Some(rest) if i >= rest as usize => i + skipped,
                _ => i,
            };
            let plain = self.pat(*pat)?;
            *parts.get_mut(index)? = plain;
        }
        Some(parts)
    }

    fn opaque(&mut self) -> Plain {
        self.opaque += 1;
        Plain::Node(Ctor::Opaque(self.opaque), Vec::new())
    }

    fn value(&mut self, value: ConstValue, ty: Ty) -> Plain {
        match value {
            ConstValue::Str(text) => Plain::Node(Ctor::Text(text.as_str().into()), Vec::new()),
            ConstValue::Int(value) => self.number(value, ty),
            ConstValue::Bool(value) => self.number(value.into(), ty),
            ConstValue::Char(value) => self.number(u32::from(value).into(), ty),
            ConstValue::Float(_) | ConstValue::Parts(_) | ConstValue::Variant(..) => self.opaque(),
            ConstValue::Unit => Plain::Wild,
        }
    }

    fn number(&mut self, value: i128, ty: Ty) -> Plain {
        if domain(self.db, ty).is_none() {
            return self.opaque();
        }
        let value = encode(self.db, value, ty);
        Plain::Node(Ctor::Interval(value, value), Vec::new())
    }
}

/// Whether a value is one of the type; if not, that was reported.
fn fits(db: &dyn Db, value: &ConstValue, ty: Ty) -> bool {
    use ConstValue as V;
    matches!(
        (value, ty.kind(db)),
        (V::Str(_), TyKind::Str)
            | (V::Bool(_), TyKind::Bool)
            | (V::Char(_), TyKind::Char)
            | (V::Int(_), TyKind::Int(_) | TyKind::Float(_))
            | (V::Float(_), TyKind::Float(_))
            | (V::Unit, _)
    )
}

/// Arrays longer than this are not looked into.
pub(super) const ARRAY_MAX: usize = 64;

fn ctor_of(variant: VariantDef) -> Ctor {
    match variant {
        VariantDef::Variant(id) => Ctor::Variant(id),
        VariantDef::Struct(_) | VariantDef::Union(_) | VariantDef::Class(_) => Ctor::Single,
    }
}

fn literal_value(literal: &PatLiteral) -> Option<ConstValue> {
    Some(match &literal.value {
        Literal::Int { value, .. } => {
            let value = *value as i128;
            ConstValue::Int(if literal.negative {
                value.wrapping_neg()
            } else {
                value
            })
        }
        Literal::Bool(value) => ConstValue::Bool(*value),
        Literal::Char(value) => ConstValue::Char(*value),
        Literal::Str(text) => ConstValue::Str(Name::new(text)),
        _ => return None,
    })
}

/// The number behind a literal end of a range pattern.
pub(crate) fn literal_end_value(literal: &PatLiteral) -> Option<i128> {
    literal_value(literal).and_then(end_value)
}

/// The number behind a constant that ends a range pattern.
pub(crate) fn const_end_value(db: &dyn Db, id: ConstId) -> Option<i128> {
    const_value(db, id).clone().ok().and_then(end_value)
}

fn end_value(value: ConstValue) -> Option<i128> {
    match value {
        ConstValue::Int(value) => Some(value),
        ConstValue::Char(value) => Some(u32::from(value).into()),
        _ => None,
    }
}
