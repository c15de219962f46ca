//! The symbols that `#if` lines ask for.

/// The symbols defined for a file before its first line, with their values.
///
/// Sorted and without duplicates, so that equal sets are equal values.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct PreprocessorEnv {
    symbols: Vec<(String, Option<String>)>,
}

impl PreprocessorEnv {
    pub fn new() -> PreprocessorEnv {
        PreprocessorEnv::default()
    }

    /// Defines `name`, replacing an earlier definition.
    pub fn define(&mut self, name: impl Into<String>, value: Option<String>) {
        let name = name.into();
        match self.position(&name) {
            Ok(idx) => self.symbols[idx].1 = value,
            Err(idx) => self.symbols.insert(idx, (name, value)),
        }
    }

    /// Forgets `name`.
    pub fn undefine(&mut self, name: &str) {
        if let Ok(idx) = self.position(name) {
            self.symbols.remove(idx);
        }
    }

    pub fn is_defined(&self, name: &str) -> bool {
        self.position(name).is_ok()
    }

    /// The value given with the definition, if there is one.
    pub fn value(&self, name: &str) -> Option<&str> {
        let idx = self.position(name).ok()?;
        self.symbols.get(idx)?.1.as_deref()
    }

    /// Whether `#if name` holds: defined, and not as `0` or `false`.
    pub fn is_true(&self, name: &str) -> bool {
        self.is_defined(name) && !matches!(self.value(name), Some("0" | "false"))
    }

    /// All symbols, sorted by name.
    pub fn symbols(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.symbols
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.symbols
            .binary_search_by(|(it, _)| it.as_str().cmp(name))
    }
}

impl<S: Into<String>> FromIterator<S> for PreprocessorEnv {
    /// An environment of symbols without values.
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> PreprocessorEnv {
        let mut env = PreprocessorEnv::new();
        for name in names {
            env.define(name, None);
        }
        env
    }
}
