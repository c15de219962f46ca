//! Ranges of integer values at a place, and comparisons that they decide.

use stdx::DenseMap;

use super::facts::{Fact, Facts};
use super::implied;
use crate::eval;
use crate::function::{Block, Function, Inst, Value, ValueDef};
use crate::inst::{BinaryOp, CastOp, InstKind, IntCond, Intrinsic};
use crate::operand::Operand;
use crate::types::Type;

/// Definitions that one question follows; guessed.
const DEPTH_MAX: u32 = 6;

/// Signed bounds, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Range {
    pub(super) lo: i128,
    pub(super) hi: i128,
}

pub(super) struct Ranges<'a> {
    pub(super) func: &'a Function,
    pub(super) facts: &'a Facts,
    pub(super) defined_in: &'a DenseMap<Inst, Option<Block>>,
}

/// The largest signed value of an integer type that ranges are computed for.
pub(super) fn max_of(ty: Type) -> Option<i128> {
    match ty.int_bits()? {
        bits @ 8..=64 => Some((1i128 << (bits - 1)) - 1),
        _ => None,
    }
}

impl Ranges<'_> {
    /// Whether a comparison holds in a block, if that is known.
    pub(super) fn decide(
        &self,
        block: Block,
        cond: IntCond,
        lhs: Operand,
        rhs: Operand,
    ) -> Option<bool> {
        for fact in self.facts.at(block) {
            let Fact::Compare(known, a, b) = fact else {
                continue;
            };
            let known = match () {
                () if (a, b) == (lhs, rhs) => known,
                () if (b, a) == (lhs, rhs) => known.swapped(),
                () => continue,
            };
            if let Some(outcome) = implied(known, cond) {
                return Some(outcome);
            }
        }
        let (a, b) = (self.of(block, lhs)?, self.of(block, rhs)?);
        let both_positive = a.lo >= 0 && b.lo >= 0;
        use IntCond::*;
        let signed = match cond {
            Ult if both_positive => Slt,
            Ule if both_positive => Sle,
            Ugt if both_positive => Sgt,
            Uge if both_positive => Sge,
            // An unsigned number below a positive one is no negative one.
            Ult | Ule | Ugt | Uge => return None,
            cond => cond,
        };
        let by_range = match signed {
            Slt => decide(a.hi < b.lo, a.lo >= b.hi),
            Sle => decide(a.hi <= b.lo, a.lo > b.hi),
            Sgt => decide(a.lo > b.hi, a.hi <= b.lo),
            Sge => decide(a.lo >= b.hi, a.hi < b.lo),
            Eq => decide(a.lo == a.hi && a == b, a.hi < b.lo || b.hi < a.lo),
            Ne => decide(a.hi < b.lo || b.hi < a.lo, a.lo == a.hi && a == b),
            _ => None,
        };
        if by_range.is_some() {
            return by_range;
        }
        let below = match signed {
            Slt => self.is_below(block, lhs, rhs, true, 0),
            Sle => self.is_below(block, lhs, rhs, false, 0),
            Sgt => self.is_below(block, rhs, lhs, true, 0),
            Sge => self.is_below(block, rhs, lhs, false, 0),
            _ => false,
        };
        below.then_some(true)
    }

    /// Whether `a < b` (or `a <= b`) follows from at most two facts.
    fn is_below(&self, block: Block, a: Operand, b: Operand, strict: bool, depth: u32) -> bool {
        if a == b {
            return !strict;
        }
        if depth > 1 {
            return false;
        }
        self.facts.at(block).any(|fact| {
            let Fact::Compare(cond, x, y) = fact else {
                return false;
            };
            let (cond, bound) = match () {
                () if x == a => (cond, y),
                () if y == a => (cond.swapped(), x),
                () => return false,
            };
            let is_strict = match cond {
                IntCond::Slt => true,
                IntCond::Sle => false,
                // Below a positive number as an unsigned one is below it as a signed one.
                IntCond::Ult if self.of(block, bound).is_some_and(|it| it.lo >= 0) => true,
                _ => return false,
            };
            if bound == b {
                return is_strict || !strict;
            }
            let bound_range = self.of(block, bound);
            if let (Some(bound_range), Some(b)) = (bound_range, self.of(block, b))
                && (bound_range.hi < b.lo || bound_range.hi == b.lo && (is_strict || !strict))
            {
                return true;
            }
            self.is_below(block, bound, b, strict && !is_strict, depth + 1)
        })
    }

    /// The bounds of an operand in a block.
    pub(super) fn of(&self, block: Block, operand: Operand) -> Option<Range> {
        self.range(block, operand, 0)
    }

    fn range(&self, block: Block, operand: Operand, depth: u32) -> Option<Range> {
        let ty = operand.ty(self.func);
        let max = max_of(ty)?;
        let full = Range {
            lo: -max - 1,
            hi: max,
        };
        match operand {
            Operand::Int(_, bits) => {
                let value = eval::sign_extend(ty, bits);
                Some(Range {
                    lo: value,
                    hi: value,
                })
            }
            Operand::Value(value) => {
                if depth > DEPTH_MAX {
                    return Some(full);
                }
                let mut range = self.structural(block, value, full, depth).unwrap_or(full);
                for fact in self.facts.at(block) {
                    self.narrow(block, operand, fact, &mut range, depth);
                }
                // Contradicting facts: this place is never reached.
                Some(if range.lo > range.hi { full } else { range })
            }
            _ => Some(full),
        }
    }

    fn narrow(&self, block: Block, operand: Operand, fact: Fact, range: &mut Range, depth: u32) {
        let Fact::Compare(cond, a, b) = fact else {
            return;
        };
        let (cond, bound) = match () {
            () if a == operand => (cond, b),
            () if b == operand => (cond.swapped(), a),
            () => return,
        };
        let bound = match bound {
            Operand::Int(ty, bits) => {
                let value = eval::sign_extend(ty, bits);
                Range {
                    lo: value,
                    hi: value,
                }
            }
            _ => match self.range(block, bound, depth + 3) {
                Some(bound) => bound,
                None => return,
            },
        };
        match cond {
            IntCond::Eq => {
                range.lo = range.lo.max(bound.lo);
                range.hi = range.hi.min(bound.hi);
            }
            IntCond::Slt => range.hi = range.hi.min(bound.hi - 1),
            IntCond::Sle => range.hi = range.hi.min(bound.hi),
            IntCond::Sgt => range.lo = range.lo.max(bound.lo + 1),
            IntCond::Sge => range.lo = range.lo.max(bound.lo),
            IntCond::Ne if bound.lo == bound.hi && range.lo == bound.lo => range.lo += 1,
            IntCond::Ne if bound.lo == bound.hi && range.hi == bound.lo => range.hi -= 1,
            // Below a positive number as unsigned ones: not negative either.
            IntCond::Ult | IntCond::Ule if bound.lo >= 0 => {
                let strict = i128::from(cond == IntCond::Ult);
                range.lo = range.lo.max(0);
                range.hi = range.hi.min(bound.hi - strict);
            }
            _ => {}
        }
    }

    /// What an operand's definition says.
    fn structural(&self, block: Block, value: Value, full: Range, depth: u32) -> Option<Range> {
        let ValueDef::Inst(inst) = self.func.values[value].def else {
            return None;
        };
        // An operand's range is asked where the definition stands: facts there hold here, too.
        let at = self
            .defined_in
            .get(inst)
            .copied()
            .flatten()
            .unwrap_or(block);
        let of = |operand: &Operand| self.range(at, *operand, depth + 1);
        let exact = |range: Range| (full.lo <= range.lo && range.hi <= full.hi).then_some(range);
        match self.func.kind(inst) {
            InstKind::Cast { op, arg, .. } => {
                let arg_ty = arg.ty(self.func);
                match op {
                    CastOp::Zext if arg_ty == Type::I1 => Some(Range { lo: 0, hi: 1 }),
                    CastOp::Zext => {
                        let range = of(arg)?;
                        let all = Range {
                            lo: 0,
                            hi: arg_ty.mask() as i128,
                        };
                        Some(if range.lo >= 0 { range } else { all })
                    }
                    CastOp::Sext | CastOp::Trunc => exact(of(arg)?),
                    _ => None,
                }
            }
            InstKind::Binary { op, lhs, rhs } => {
                let b = of(rhs)?;
                match op {
                    BinaryOp::And if b.lo >= 0 => Some(Range { lo: 0, hi: b.hi }),
                    BinaryOp::And => {
                        let a = of(lhs)?;
                        (a.lo >= 0).then_some(Range { lo: 0, hi: a.hi })
                    }
                    BinaryOp::URem if b.lo > 0 => Some(Range {
                        lo: 0,
                        hi: b.hi - 1,
                    }),
                    BinaryOp::SRem if b.lo > 0 => {
                        let a = of(lhs)?;
                        Some(Range {
                            lo: if a.lo >= 0 { 0 } else { 1 - b.hi },
                            hi: if a.hi <= 0 { 0 } else { (b.hi - 1).min(a.hi) },
                        })
                    }
                    BinaryOp::Add => {
                        let a = of(lhs)?;
                        exact(Range {
                            lo: a.lo + b.lo,
                            hi: a.hi + b.hi,
                        })
                    }
                    BinaryOp::Sub => {
                        let a = of(lhs)?;
                        exact(Range {
                            lo: a.lo - b.hi,
                            hi: a.hi - b.lo,
                        })
                    }
                    BinaryOp::SDiv | BinaryOp::UDiv if b.lo > 0 => {
                        let a = of(lhs)?;
                        (a.lo >= 0).then_some(Range {
                            lo: 0,
                            hi: a.hi / b.lo,
                        })
                    }
                    BinaryOp::LShr if b.lo == b.hi && (1..64).contains(&b.lo) => Some(Range {
                        lo: 0,
                        hi: (self.func.values[value].ty.mask() >> b.lo) as i128,
                    }),
                    BinaryOp::Shl if b.lo == b.hi && (0..32).contains(&b.lo) => {
                        let a = of(lhs)?;
                        exact(Range {
                            lo: a.lo << b.lo,
                            hi: a.hi << b.lo,
                        })
                    }
                    BinaryOp::Mul => {
                        let a = of(lhs)?;
                        if a.lo < 0 || b.lo < 0 {
                            return None;
                        }
                        exact(Range {
                            lo: a.lo * b.lo,
                            hi: a.hi * b.hi,
                        })
                    }
                    _ => None,
                }
            }
            InstKind::Select {
                on_true, on_false, ..
            } => Some(union(of(on_true)?, of(on_false)?)),
            InstKind::Phi { args, .. } => self.phi(value, args, depth),
            _ => None,
        }
    }

    /// A counter, or a merge of values that do not depend on it.
    fn phi(&self, value: Value, args: &[(Block, Operand)], depth: u32) -> Option<Range> {
        let mut range: Option<Range> = None;
        let (mut rises, mut falls) = (false, false);
        for (pred, arg) in args {
            if *arg == Operand::Value(value) {
                continue;
            }
            match self.step_of(value, *arg) {
                Some(Step::Up) => rises = true,
                Some(Step::Down) => falls = true,
                None => {
                    let arg = self.range(*pred, *arg, depth + 1)?;
                    range = Some(range.map_or(arg, |range| union(range, arg)));
                }
            }
        }
        let mut range = range?;
        let max = max_of(self.func.values[value].ty)?;
        if rises {
            range.hi = max;
        }
        if falls {
            range.lo = -max - 1;
        }
        Some(range)
    }

    /// How the value that a counter gets next lies to it, if the step cannot wrap.
    fn step_of(&self, counter: Value, next: Operand) -> Option<Step> {
        let inst = self.func.defining_inst(next.as_value()?)?;
        let InstKind::Binary { op, lhs, rhs } = *self.func.kind(inst) else {
            return None;
        };
        let counter = Operand::Value(counter);
        if lhs != counter {
            return None;
        }
        let step = match rhs {
            Operand::Int(ty, bits) => eval::sign_extend(ty, bits),
            _ => return None,
        };
        let step = match op {
            BinaryOp::Add => step,
            BinaryOp::Sub => -step,
            _ => return None,
        };
        let max = max_of(counter.ty(self.func))?;
        let block = self.defined_in.get(inst).copied().flatten()?;
        let fits = self.facts.at(block).any(|fact| match fact {
            Fact::Fits(Intrinsic::SAddOverflow, a, b) => {
                op == BinaryOp::Add && (a, b) == (lhs, rhs)
            }
            Fact::Fits(Intrinsic::SSubOverflow, a, b) => {
                op == BinaryOp::Sub && (a, b) == (lhs, rhs)
            }
            Fact::Compare(cond, a, b) => {
                let (cond, bound) = match () {
                    () if a == counter => (cond, b),
                    () if b == counter => (cond.swapped(), a),
                    () => return false,
                };
                // The bound's own range is not asked for: it may depend on the counter.
                let limit = match bound {
                    Operand::Int(ty, bits) => Some(eval::sign_extend(ty, bits)),
                    _ => None,
                };
                match cond {
                    IntCond::Slt => step > 0 && limit.unwrap_or(max) - 1 + step <= max,
                    IntCond::Sle => step > 0 && limit.unwrap_or(max) + step <= max,
                    IntCond::Sgt => step < 0 && limit.unwrap_or(-max - 1) + 1 + step >= -max - 1,
                    IntCond::Sge => step < 0 && limit.unwrap_or(-max - 1) + step >= -max - 1,
                    _ => false,
                }
            }
            Fact::Fits(..) => false,
        });
        match (fits, step.signum()) {
            (true, 1) => Some(Step::Up),
            (true, -1) => Some(Step::Down),
            _ => None,
        }
    }
}

enum Step {
    Up,
    Down,
}

fn union(a: Range, b: Range) -> Range {
    Range {
        lo: a.lo.min(b.lo),
        hi: a.hi.max(b.hi),
    }
}

fn decide(yes: bool, no: bool) -> Option<bool> {
    match (yes, no) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}
