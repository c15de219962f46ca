//! The outline of a file: its text without the insides of functions.
//!
//! It holds every token outside of function bodies, in order, and of each body its braces.
//! Comments go and white space becomes one space or line break, because nothing that reads an
//! outline reads them. So most edits leave the outline as it is, byte for byte.

use rowan::{TextRange, WalkEvent};

use crate::SyntaxKind::*;
use crate::{Parse, PreprocessorEnv, SyntaxElement, SyntaxNode, SyntaxToken, lexer};

/// The outline of a text; `None` if that is all of it, because something in the text may keep an
/// outline from being parsed as the whole is.
///
/// A parse of the outline has the items of a parse of the text except for those inside of
/// bodies, each with the same tokens up to its body. That holds under any preprocessor symbols,
/// since texts with directives have no outline of their own.
pub fn outline(text: &str) -> Option<String> {
    if text.len() > lexer::TEXT_LEN_MAX || lexer::may_have_directive(text) {
        return None;
    }
    outline_of(&crate::parse(text, &PreprocessorEnv::new()))
}

fn outline_of(parse: &Parse) -> Option<String> {
    let mut out = Outline::default();
    let root = parse.syntax_node();
    let mut preorder = root.preorder_with_tokens();
    while let Some(event) = preorder.next() {
        match event {
            WalkEvent::Enter(SyntaxElement::Node(node)) => {
                if is_body(&node) {
                    preorder.skip_subtree();
                    out.token("{");
                    out.token("}");
                    out.left_out.push(node.text_range());
                }
                out.verbatim_depth += u32::from(node.kind() == INTERPOLATION);
            }
            WalkEvent::Leave(SyntaxElement::Node(node)) => {
                out.verbatim_depth -= u32::from(node.kind() == INTERPOLATION);
            }
            WalkEvent::Enter(SyntaxElement::Token(token)) => {
                let text = token.text();
                match token.kind() {
                    _ if out.verbatim_depth > 0 => out.token(text),
                    WHITESPACE | COMMENT => {
                        let is_break = text.contains('\n');
                        out.gap = out.gap.max(if is_break { Gap::Break } else { Gap::Space });
                    }
                    DOC_COMMENT | INNER_DOC_COMMENT => out.gap = Gap::Break,
                    BOM => {}
                    _ => out.token(text),
                }
            }
            WalkEvent::Leave(SyntaxElement::Token(_)) => {}
        }
    }
    let mut errors = parse.errors().iter().filter(|it| !it.is_warning());
    let Some(first) = errors.next() else {
        return Some(out.text);
    };
    // An error in a body, also that its end comes too early, is left out with it if the rest is
    // then free of errors. Any other may have made the parser go astray.
    let is_left_out = |range: TextRange| out.left_out.iter().any(|it| it.contains_range(range));
    if !is_left_out(first.range) || errors.any(|it| !is_left_out(it.range)) {
        return None;
    }
    let is_clean = !crate::parse(&out.text, &PreprocessorEnv::new()).has_errors();
    is_clean.then_some(out.text)
}

/// Whether a node is the body of a function and has both braces.
fn is_body(node: &SyntaxNode) -> bool {
    if node.kind() != BLOCK || node.parent().is_none_or(|it| it.kind() != FUNC) {
        return false;
    }
    let is_own = |token: Option<SyntaxToken>, kind| {
        token.is_some_and(|it| it.kind() == kind && it.parent().as_ref() == Some(node))
    };
    is_own(node.first_token(), L_CURLY) && is_own(node.last_token(), R_CURLY)
}

#[derive(Default)]
struct Outline {
    text: String,
    /// White space and comments since the last token.
    gap: Gap,
    /// In how many interpolations we are: their white space is part of a literal.
    verbatim_depth: u32,
    left_out: Vec<TextRange>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Break,
}

impl Outline {
    fn token(&mut self, text: &str) {
        match std::mem::take(&mut self.gap) {
            _ if self.text.is_empty() => {}
            Gap::None => {}
            Gap::Space => self.text.push(' '),
            Gap::Break => self.text.push('\n'),
        }
        self.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"//! What it is for.
use a::{b, c}

/// Documented.
@when(LINUX)
pub func f[T](n: I32 = 1 + 2 /* two */) -> T {
    // inside
    if n { g() } else { "{n}" }
}

const  C: I32 = { let a = 2   * 3
    a }

impl A { func g(this) -> I32 { 1 } func h(this) { } }
"#;

    #[test]
    fn bodies_comments_and_white_space_are_left_out() {
        let expected = "use a::{b, c}\n@when(LINUX)\n\
            pub func f[T](n: I32 = 1 + 2 ) -> T {}\n\
            const C: I32 = { let a = 2 * 3\na }\n\
            impl A { func g(this) -> I32 {} func h(this) {} }";
        assert_eq!(outline(FILE).as_deref(), Some(expected));
        // It is its own outline.
        assert_eq!(outline(expected).as_deref(), Some(expected));
    }

    #[test]
    fn edits_inside_of_bodies_keep_it() {
        let before = outline(FILE);
        for (from, to) in [
            ("g()", "g(1)\n\n"),
            ("// inside", "func local() { }"),
            ("{ 1 }", "{ let = ) }"),
            ("{ 1 }", "{ foo( }"),
            ("{ 1 }", "{ let x = }"),
            ("/// Documented.\n", "\n\n"),
        ] {
            let edited = FILE.replacen(from, to, 1);
            assert_eq!(outline(&edited), before, "{from} → {to}");
        }
    }

    #[test]
    fn in_doubt_it_is_the_whole() {
        for text in [
            "#if A\nfunc f() { 1 }\n#endif\n",
            "func f( { 1 }",
            "func f() { if x { }\nfunc g() { }\n",
            "func f() { \"open }\n",
            "impl A { func f() { if x { } func g() { } }\n",
            "func f() { } }\nfunc g() { }\n",
        ] {
            assert_eq!(outline(text), None, "{text}");
        }
    }
}
