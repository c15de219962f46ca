//! The nearest name, for "did you mean".

use crate::Name;

/// The candidate nearest to `name` by edit distance, if near enough: at most a third of its
/// length, at least one. Ties go to the smaller name, so the order of candidates is irrelevant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Name> {
    let limit = (name.chars().count() / 3).max(1);
    let scored = candidates
        .into_iter()
        .filter(|it| *it != name)
        .filter_map(|candidate| {
            let same_but_case = candidate.eq_ignore_ascii_case(name);
            let distance = if same_but_case {
                0
            } else {
                strsim::damerau_levenshtein(name, candidate)
            };
            (distance <= limit).then_some((distance, candidate))
        });
    scored.min().map(|(_, candidate)| Name::new(candidate))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn nearest_names_are_near() {
        assert_eq!(
            nearest("aera", ["area", "perimeter"]).as_deref(),
            Some("area")
        );
        assert_eq!(
            nearest("colections", ["collections"]).as_deref(),
            Some("collections")
        );
        assert_eq!(nearest("x", ["total", "count"]), None);
        assert_eq!(nearest("totl", ["totb", "total"]).as_deref(), Some("total"));
    }
}
