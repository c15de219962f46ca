//! Imports (reference §2.1, §11.3).

use super::*;

/// Use = 'use' UseTree Filter? END
pub(super) fn use_item(p: &mut Parser<'_>, marker: Marker) {
    p.bump();
    use_tree(p);
    let mut names: Vec<(String, rowan::TextRange)> = Vec::new();
    let mut first_filter = None;
    while at_filter(p) {
        let range = p.current_range();
        match first_filter {
            None => first_filter = Some(range),
            Some(first) => p.report_always(
                SyntaxError::new(
                    "P064",
                    range,
                    "Contradictory import filter: there are two filters",
                )
                .with_label(first, "the first one"),
            ),
        }
        filter(p, &mut names);
    }
    if p.at(COMMA) && !p.has_newline() {
        p.error_and_bump("P001", "Expected the end of the import, found `,`");
        while !p.has_newline() && !p.at(EOF) && !p.at(SEMICOLON) {
            p.bump_error();
        }
    }
    end_of_statement(p);
    p.complete(marker, USE);
}

fn at_filter(p: &Parser<'_>) -> bool {
    (p.at_word("show") || p.at_word("hide")) && !p.raw_newline(0)
}

/// Filter = ('show' | 'hide') (IDENT (',' IDENT)* | '{' IDENT (',' IDENT)* ','? '}')
fn filter(p: &mut Parser<'_>, names: &mut Vec<(String, rowan::TextRange)>) {
    let marker = p.start();
    let kind = if p.at_word("show") { SHOW_KW } else { HIDE_KW };
    p.bump_as(kind);
    let is_braced = p.at(L_CURLY);
    let opener = if is_braced {
        Some(p.open_bracket())
    } else {
        None
    };
    loop {
        if !p.current().is_word() || (!is_braced && p.raw_newline(0) && p.prev_kind() != COMMA) {
            if !(is_braced && p.at(R_CURLY)) {
                p.expected("a name in the import filter");
            }
            break;
        }
        let (text, range) = (p.nth_text(0).to_owned(), p.current_range());
        match names.iter().find(|it| it.0 == text) {
            Some((_, first)) => p.report_always(
                SyntaxError::new(
                    "P064",
                    range,
                    format!("Contradictory import filter: `{text}` is listed twice"),
                )
                .with_label(*first, "listed here first"),
            ),
            None => names.push((text, range)),
        }
        bump_name_ref(p);
        if !p.eat(COMMA) {
            break;
        }
    }
    if let Some(opener) = opener {
        p.close_bracket(R_CURLY, opener);
    }
    p.complete(marker, USE_FILTER);
}

/// UseTree = Path ('::' ('*' | '{' … '}') | 'as' IDENT)? | '{' … '}' | '*'
fn use_tree(p: &mut Parser<'_>) -> bool {
    if !p.current().is_word() && !matches!(p.current(), L_CURLY | STAR) {
        p.expected("a path to import");
        return false;
    }
    p.nested(|p| {
        let marker = p.start();
        match p.current() {
            STAR => p.bump(),
            L_CURLY => use_tree_list(p),
            _ => {
                paths::use_path(p);
                if p.at_same_line(COLON2) {
                    p.bump();
                    if !p.eat(STAR) {
                        use_tree_list(p);
                    }
                } else if p.at_same_line(AS_KW) {
                    p.bump();
                    if p.at(UNDERSCORE) {
                        p.expected("a name");
                        p.bump_error();
                    } else {
                        any_word_name(p, "a name after `as`");
                    }
                }
            }
        }
        p.complete(marker, USE_TREE);
        Some(())
    });
    true
}

fn use_tree_list(p: &mut Parser<'_>) {
    let marker = p.start();
    bracketed_list(p, R_CURLY, "a path to import", |p| {
        (p.current().is_word() || matches!(p.current(), L_CURLY | STAR)) && use_tree(p)
    });
    p.complete(marker, USE_TREE_LIST);
}
