//! Which names `@derive` knows.

/// A derivable behavior.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derivable {
    PartialEq,
    Eq,
    Copy,
    PartialOrd,
    Ord,
    Hash,
    Duplicate,
    Default,
    Debug,
    Display,
    Serialize,
    Deserialize,
    FromStr,
    Reflect,
}

/// Canonical names, for suggestions.
pub const DERIVABLE: [&str; 14] = [
    "PartialEq",
    "Eq",
    "Copy",
    "PartialOrd",
    "Ord",
    "Hash",
    "Duplicate",
    "Default",
    "Debug",
    "Display",
    "Serialize",
    "Deserialize",
    "FromStr",
    "Reflect",
];

impl Derivable {
    /// What a name in the list asks for, in any case; old names too. Empty for unknown ones. The
    /// old `order` means a total one where there can be one.
    pub fn by_name(name: &str, is_partial: impl Fn() -> bool) -> &'static [Derivable] {
        use Derivable::*;
        let last = name.rsplit("::").next().unwrap_or(name);
        match last.to_ascii_lowercase().as_str() {
            "partialeq" | "partial_eq" | "equal" => &[PartialEq],
            "eq" => &[Eq],
            "copy" => &[Copy],
            "partialord" | "partial_ord" => &[PartialOrd],
            "ord" => &[Ord],
            "order" | "ordered" if is_partial() => &[PartialOrd],
            "order" | "ordered" => &[PartialOrd, Ord],
            "hash" | "hashable" => &[Hash],
            "duplicate" => &[Duplicate],
            "default" => &[Default],
            "debug" => &[Debug],
            "display" => &[Display],
            "serialize" => &[Serialize],
            "deserialize" => &[Deserialize],
            "fromstr" | "from_str" => &[FromStr],
            "reflect" => &[Reflect],
            _ => &[],
        }
    }

    /// The last segment of the behavior's path.
    pub(crate) fn behavior(self) -> &'static str {
        DERIVABLE[self as usize]
    }
}
