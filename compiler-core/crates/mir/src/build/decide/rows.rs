//! Rows of tests, and what an outcome leaves of them.

use hir_def::body::{LocalId, PatId};
use hir_ty::Ty;

use crate::build::pattern::switch_value;
use crate::data::*;

/// One alternative of an arm's pattern.
#[derive(Clone, Default)]
pub(in crate::build) struct Row {
    pub(in crate::build) tests: Vec<(Place, Test)>,
    pub(in crate::build) bindings: Vec<(PatId, LocalId, Place)>,
    pub(in crate::build) arm: usize,
    /// What is matched on.
    pub(in crate::build) scrutinee: Option<Place>,
}

#[derive(Clone, PartialEq)]
pub(in crate::build) enum Test {
    /// The enum at the place holds this variant.
    Variant { index: u32, count: u32 },
    /// The integer, Char or Bool at the place has this value.
    Value(i128, Ty),
    Range {
        start: Option<Constant>,
        end: Option<Constant>,
        inclusive: bool,
    },
    /// `==` with a constant that no switch compares.
    Equal(Constant),
    /// The slice at the place has at least, or exactly, so many elements.
    Len { min: u64, exact: bool },
}

/// A row with the tests that are still open.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) row: usize,
    pub(super) tests: Vec<(Place, Test)>,
}

pub(super) fn has_test(candidate: &Candidate, place: &Place, test: &Test) -> bool {
    candidate.tests.iter().any(|(p, t)| p == place && t == test)
}

/// The candidate once a test is known to hold.
pub(super) fn without(candidate: &Candidate, place: &Place, test: &Test) -> Candidate {
    let open = candidate
        .tests
        .iter()
        .filter(|(p, t)| p != place || t != test);
    Candidate {
        row: candidate.row,
        tests: open.cloned().collect(),
    }
}

/// The candidate once something is known about a place: `holds` answers for tests it decides.
/// `None` if one of them fails.
pub(super) fn filter(
    candidate: &Candidate,
    place: &Place,
    holds: impl Fn(&Test) -> Option<bool>,
) -> Option<Candidate> {
    let mut open = Vec::new();
    for (p, test) in &candidate.tests {
        let known = if p == place { holds(test) } else { None };
        match known {
            Some(true) => {}
            Some(false) => return None,
            None => open.push((p.clone(), test.clone())),
        }
    }
    Some(Candidate {
        row: candidate.row,
        tests: open,
    })
}

/// What the candidates compare a place with, in order of first mention.
pub(super) fn distinct<T: PartialEq>(
    candidates: &[Candidate],
    place: &Place,
    key: impl Fn(&Test) -> Option<T>,
) -> Vec<T> {
    let mut all = Vec::new();
    for candidate in candidates {
        for (p, test) in &candidate.tests {
            if let (true, Some(key)) = (p == place, key(test))
                && !all.contains(&key)
            {
                all.push(key);
            }
        }
    }
    all
}

/// Whether a value lies in a range of known ends.
pub(super) fn in_range(
    value: i128,
    start: Option<&Constant>,
    end: Option<&Constant>,
    inclusive: bool,
    is_u128: bool,
) -> Option<bool> {
    // `U128` keeps its bits in an `i128`: flipping the top bit makes the order right.
    let order = |n: i128| if is_u128 { n ^ i128::MIN } else { n };
    let value = order(value);
    let from = match start {
        Some(start) => order(switch_value(start)?) <= value,
        None => true,
    };
    let to = match end {
        Some(end) if inclusive => value <= order(switch_value(end)?),
        Some(end) => value < order(switch_value(end)?),
        None => true,
    };
    Some(from && to)
}
