//! Incremental reparse: a new block in an old tree.
//!
//! Only the smallest sufficient `{ statements }` around the edit is lexed and parsed
//! again. That gives exactly what a parse from scratch gives if nothing outside the
//! block can depend on what is inside, and the other way round. So it is done only
//! where both the old and the new block are free of errors (a parser in trouble looks
//! far around), and where no directive, depth limit, speculation or spelling lint
//! could see across the braces. In doubt the whole file is parsed.

use rowan::{GreenNode, TextRange, TextSize};

use crate::SyntaxKind::*;
use crate::ast::AstNode;
use crate::parse::{Parse, TextEdit, merge_errors};
use crate::parser::{CHAIN_HEIGHT_MAX, NESTING_MAX, Parser};
use crate::{SyntaxError, SyntaxNode, algo, ast, grammar, lexer};

/// How many enclosing blocks are tried before the whole file is parsed.
const BLOCKS_TRIED_MAX: usize = 3;

/// The new parse, if one block is enough.
pub(crate) fn reparse_block(parse: &Parse, old_text: &str, edit: &TextEdit) -> Option<Parse> {
    let (start, end) = edit.clamped(old_text);
    let edit_range = TextRange::new(
        TextSize::try_from(start).ok()?,
        TextSize::try_from(end).ok()?,
    );
    let root = parse.syntax_node();
    let covering = match algo::covering_element(&root, edit_range) {
        rowan::NodeOrToken::Node(it) => it,
        rowan::NodeOrToken::Token(it) => it.parent()?,
    };
    covering
        .ancestors()
        .filter_map(ast::Block::cast)
        .filter(|block| is_inside_braces(block, edit_range))
        .take(BLOCKS_TRIED_MAX)
        .find_map(|block| try_block(parse, &block, edit_range, &edit.insert))
}

fn is_inside_braces(block: &ast::Block, edit: TextRange) -> bool {
    let (Some(open), Some(close)) = (block.l_curly_token(), block.r_curly_token()) else {
        return false;
    };
    TextRange::new(open.text_range().end(), close.text_range().start()).contains_range(edit)
}

fn try_block(parse: &Parse, block: &ast::Block, edit: TextRange, insert: &str) -> Option<Parse> {
    let node = block.syntax();
    let range = node.text_range();
    if !is_independent(node) || parse.errors().iter().any(|it| depends_on(it, range)) {
        return None;
    }
    let item = node
        .ancestors()
        .filter(|it| it.parent().is_some())
        .last()?
        .text_range();
    let has_error_in_item = parse
        .errors()
        .iter()
        .any(|it| !it.is_warning() && item.contains_range(it.range));
    if has_error_in_item {
        return None;
    }
    let old_text = node.text().to_string();
    let relative = edit - range.start();
    let new_text = TextEdit {
        range: relative,
        insert: insert.to_owned(),
    }
    .apply(&old_text);
    if [&old_text, &new_text]
        .into_iter()
        .any(|it| lexer::may_have_directive(it))
    {
        return None;
    }
    let (green, errors) = parse_block(&new_text, node.ancestors().count())?;
    let new_root = node.replace_with(green);
    let old_len = range.len();
    let new_len = TextSize::try_from(new_text.len()).ok()?;
    let mut all: Vec<SyntaxError> = Vec::with_capacity(parse.errors().len() + errors.len());
    for error in parse.errors().iter() {
        if error.range.end() <= range.start() {
            all.push(error.clone());
        } else if error.range.start() >= range.end() {
            all.push(map_ranges(error, |it| {
                if it < range.end() {
                    it
                } else {
                    it - old_len + new_len
                }
            }));
        }
    }
    all.extend(
        errors
            .iter()
            .map(|it| map_ranges(it, |it| it + range.start())),
    );
    Some(Parse::new(new_root, merge_errors(all, Vec::new())))
}

/// Whether what surrounds the block leaves it alone.
fn is_independent(node: &SyntaxNode) -> bool {
    for ancestor in node.ancestors() {
        match ancestor.kind() {
            // Parsed on trial, or with an end of their own.
            TYPE_ARG_LIST | INDEX_EXPR | ARRAY_TYPE | INTERPOLATION | DECO_ARG_LIST | ERROR => {
                return false;
            }
            // W022 compares words of the whole method.
            FUNC | CTOR | PROP => {
                let text = ancestor.text().to_string();
                if text.contains("self") || text.contains("Self") {
                    return false;
                }
            }
            _ => {}
        }
    }
    true
}

/// Whether an error would have to be computed again when the block changes.
fn depends_on(error: &SyntaxError, block: TextRange) -> bool {
    if block.contains_range(error.range) {
        return !error.is_warning();
    }
    // Depth and height are counted across braces.
    if error.code == "P025" {
        return true;
    }
    let overlaps = |it: TextRange| it.start() < block.end() && it.end() > block.start();
    overlaps(error.range)
        || error.labels.iter().any(|it| overlaps(it.0))
        || error
            .fixes
            .iter()
            .flat_map(|it| &it.edits)
            .any(|it| overlaps(it.0))
}

/// Parses a block on its own; `None` if it is not exactly one block without errors.
fn parse_block(text: &str, ancestor_count: usize) -> Option<(GreenNode, Vec<SyntaxError>)> {
    if text.contains("self") || text.contains("Self") {
        return None;
    }
    let lexed = lexer::lex_fragment(text);
    if lexed.kinds.first() != Some(&L_CURLY) || lexed.kinds.last() != Some(&R_CURLY) {
        return None;
    }
    let mut parser = Parser::new(text, &lexed);
    grammar::block_fragment(&mut parser);
    let is_whole = parser.at(EOF);
    let (green, errors) = parser.finish(SOURCE_FILE);
    let errors = merge_errors(lexed.errors, errors);
    if !is_whole || errors.iter().any(|it| !it.is_warning()) {
        return None;
    }
    let root = SyntaxNode::new_root(green?);
    let block = root.first_child()?;
    if block.kind() != BLOCK || block.text_range() != root.text_range() {
        return None;
    }
    // The parser counts at most two levels for each level of the tree.
    let levels = 2 * (ancestor_count + height(&block));
    if levels >= NESTING_MAX as usize || levels >= CHAIN_HEIGHT_MAX as usize {
        return None;
    }
    Some((block.green().into_owned(), errors))
}

fn height(root: &SyntaxNode) -> usize {
    let mut depth = 0usize;
    let mut max = 0usize;
    for event in root.preorder() {
        match event {
            rowan::WalkEvent::Enter(_) => {
                depth += 1;
                max = max.max(depth);
            }
            rowan::WalkEvent::Leave(_) => depth -= 1,
        }
    }
    max
}

fn map_ranges(error: &SyntaxError, map: impl Fn(TextSize) -> TextSize) -> SyntaxError {
    let map_range = |it: TextRange| TextRange::new(map(it.start()), map(it.end()));
    let mut error = error.clone();
    error.range = map_range(error.range);
    for label in &mut error.labels {
        label.0 = map_range(label.0);
    }
    for edit in error.fixes.iter_mut().flat_map(|it| &mut it.edits) {
        edit.0 = map_range(edit.0);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PreprocessorEnv;

    fn is_incremental(text: &str, insert_behind: &str, insert: &str) -> bool {
        let env = PreprocessorEnv::new();
        let parse = crate::parse(text, &env);
        let at = text
            .find(insert_behind)
            .map_or(0, |it| it + insert_behind.len());
        let range = TextRange::empty(TextSize::new(at as u32));
        let edit = TextEdit {
            range,
            insert: insert.to_owned(),
        };
        let scratch = crate::parse(&edit.apply(text), &env);
        assert_eq!(parse.reparse(text, &edit, &env), scratch);
        reparse_block(&parse, text, &edit).is_some()
    }

    #[test]
    fn one_block_is_enough_for_an_edit_inside_it() {
        let text = "func f() { let a = 1 }\nfunc g() { if a { b } else { c } }\nfunc h( {\n";
        assert!(is_incremental(text, "else { ", "d + "));
        assert!(is_incremental(text, "let a = ", "2 * "));
        // The inner block does not stay one, the outer one does.
        assert!(is_incremental(text, "else { ", "} { "));
    }

    #[test]
    fn what_reaches_over_the_braces_is_parsed_from_scratch() {
        let text = "func f() { let a = 1 }\nfunc g() { b }\n";
        assert!(!is_incremental(text, "let a = ", "\"open"));
        assert!(!is_incremental(text, "let a = ", "/*"));
        assert!(!is_incremental(text, "let a = 1", "\n#if X\n"));
        assert!(!is_incremental(text, "let a = 1 ", "}"));
        assert!(!is_incremental(text, "func f", "oo"));
        assert!(!is_incremental(text, "let a = ", "+ )"));
    }
}
