//! From a tree to canonical text (reference §18).
//!
//! [`format`] prints a file anew: tokens and comments in their order, with the canon's white
//! space and its few rewrites. This crate must not know files, packages, names or editors.
//!
//! Start with [`walk`] (which part of the tree is printed how), then [`printer`] (how lines are
//! broken). [`comments`] says what becomes of trivia, [`spacing`] what stands between two
//! tokens, [`imports`] how `use` lines are arranged. [`verify`] compares the result with the
//! input, so that a mistake in here never changes a program.

mod comments;
mod exprs;
mod imports;
mod items;
mod lists;
mod ops;
mod printer;
mod spacing;
mod verify;
mod walk;

use syntax::PreprocessorEnv;

/// What a project may choose (`[fmt]` in the manifest).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    pub max_width: u32,
    pub indent_size: u32,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            max_width: 100,
            indent_size: 4,
        }
    }
}

/// Why a text stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unformattable {
    /// It has syntax errors.
    SyntaxErrors,
    /// Printing it would have changed its meaning: a mistake of the formatter.
    WouldChange,
}

/// Layouts settle after so many rounds; real code needs one or two.
const ROUNDS_MAX: usize = 6;

/// The canonical form of a text.
///
/// `format(format(x)) == format(x)`: what a line break in the source decides may itself move a
/// line break, so rounds go on until nothing changes.
pub fn format(text: &str, env: &PreprocessorEnv, config: Config) -> Result<String, Unformattable> {
    let mut current = round(text, env, config)?;
    for _ in 0..ROUNDS_MAX {
        let next = round(&current, env, config).map_err(|_| Unformattable::WouldChange)?;
        if next == current {
            return match verify::is_same_program(text, &current, env) {
                true => Ok(current),
                false => Err(Unformattable::WouldChange),
            };
        }
        current = next;
    }
    Err(Unformattable::WouldChange)
}

fn round(text: &str, env: &PreprocessorEnv, config: Config) -> Result<String, Unformattable> {
    let parse = syntax::parse(text, env);
    if parse.has_errors() {
        return Err(Unformattable::SyntaxErrors);
    }
    let ops = walk::ops(&parse.syntax_node());
    Ok(printer::print(&ops, config))
}
