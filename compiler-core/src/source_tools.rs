//! Tools that look at one source without analysing it: formatting, dumps of tokens and trees.

use std::fmt::Write as _;

use project::manifest::FmtSection;
use serde_json::{Value, json};
use syntax::{PreprocessorEnv, SyntaxElement, SyntaxNode};

use crate::cfg;
use crate::host::Analysis;
use crate::world::Flavor;

pub use fmt::{Config as FormatConfig, Unformattable};

/// A syntax error with its place, for messages without a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxProblem {
    pub code: &'static str,
    pub message: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// The measures that a manifest chooses.
pub fn format_config(section: &FmtSection) -> FormatConfig {
    let default = FormatConfig::default();
    FormatConfig {
        max_width: section.max_width.unwrap_or(default.max_width).max(20),
        indent_size: section.indent_size.unwrap_or(default.indent_size).min(16),
    }
}

/// `[fmt]` of the text of a manifest.
pub fn format_config_of_manifest(path: &str, text: &str) -> FormatConfig {
    let manifest = project::manifest::parse(path, text, None, &mut Vec::new());
    format_config(&manifest.fmt)
}

/// The canonical form of a text outside of any package.
pub fn format_text(text: &str, config: FormatConfig) -> Result<String, Unformattable> {
    fmt::format(text, &symbols(), config)
}

/// What is wrong with the syntax of a text.
pub fn syntax_problems(text: &str) -> Vec<SyntaxProblem> {
    let parse = syntax::parse(text, &symbols());
    let errors = parse.errors().iter().filter(|error| !error.is_warning());
    errors
        .map(|error| {
            let before = text.get(..usize::from(error.range.start()));
            let before = before.unwrap_or_default();
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            SyntaxProblem {
                code: error.code,
                message: error.message.clone(),
                line: before.matches('\n').count() + 1,
                column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            }
        })
        .collect()
}

/// `start..end KIND "text"`, one token to a line, trivia included.
pub fn tokens_text(text: &str) -> String {
    let mut out = String::new();
    for token in all_tokens(&syntax::parse(text, &symbols()).syntax_node()) {
        let _ = writeln!(
            out,
            "{:?} {:?} {:?}",
            token.text_range(),
            token.kind(),
            token.text()
        );
    }
    out
}

pub fn tokens_json(text: &str) -> Value {
    let root = syntax::parse(text, &symbols()).syntax_node();
    all_tokens(&root).map(|token| token_json(&token)).collect()
}

/// The lossless tree, indented.
pub fn tree_text(text: &str) -> String {
    format!("{:#?}", syntax::parse(text, &symbols()).syntax_node())
}

pub fn tree_json(text: &str) -> Value {
    node_json(&syntax::parse(text, &symbols()).syntax_node())
}

fn all_tokens(root: &SyntaxNode) -> impl Iterator<Item = syntax::SyntaxToken> {
    let elements = root.descendants_with_tokens();
    elements.filter_map(SyntaxElement::into_token)
}

fn token_json(token: &syntax::SyntaxToken) -> Value {
    json!({
        "kind": format!("{:?}", token.kind()),
        "start": u32::from(token.text_range().start()),
        "end": u32::from(token.text_range().end()),
        "text": token.text(),
    })
}

/// Trees are no deeper than the parser lets them be.
fn node_json(node: &SyntaxNode) -> Value {
    let children = node.children_with_tokens().map(|child| match child {
        SyntaxElement::Node(node) => node_json(&node),
        SyntaxElement::Token(token) => token_json(&token),
    });
    json!({
        "kind": format!("{:?}", node.kind()),
        "start": u32::from(node.text_range().start()),
        "end": u32::from(node.text_range().end()),
        "children": children.collect::<Vec<_>>(),
    })
}

fn symbols() -> PreprocessorEnv {
    cfg::symbols(&Flavor::default(), &[], &[])
}

impl Analysis<'_> {
    /// The canonical form of a file under its package's symbols and measures; `None` if it has
    /// syntax errors.
    pub fn format(&self, path: &str) -> Option<String> {
        let text = self.file_text(path)?;
        let flavor = Flavor::default();
        let file = self.world.files.get(path);
        let unit = self.world.units_of(&flavor).find(|unit| {
            let files = unit.package.root(self.db).files(self.db);
            file.is_some_and(|file| files.values().any(|it| it == file))
        });
        let Some(unit) = unit else {
            return format_text(&text, FormatConfig::default()).ok();
        };
        let env = unit.package.env(self.db);
        let spec = self.world.graph.packages.get(unit.spec);
        let config = spec
            .map(|spec| format_config(&spec.fmt))
            .unwrap_or_default();
        fmt::format(&text, env.symbols(self.db), config).ok()
    }
}
