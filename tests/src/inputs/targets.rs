//! Properties of lexer, parser and formatter. Shared with the libFuzzer package, so this file
//! names nothing but `syntax` and `fmt`.

use fmt::{Config, Unformattable};
use syntax::{PreprocessorEnv, TextEdit, TextRange, TextSize};

fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}

fn env() -> PreprocessorEnv {
    let mut env = PreprocessorEnv::new();
    env.define("LINUX", None);
    env.define("LEVEL", Some("3".to_string()));
    env
}

/// Lexing ends, and says the same twice.
pub fn lexer(data: &[u8]) {
    let text = text(data);
    let count = syntax::count_tokens(&text, &env());
    assert!(count <= text.len(), "empty tokens");
    assert_eq!(count, syntax::count_tokens(&text, &env()));
}

/// The tree has every byte of the text; errors are within it, in order, and not split characters.
pub fn parser(data: &[u8]) {
    let text = text(data);
    let parse = syntax::parse(&text, &env());
    assert_eq!(parse.syntax_node().text().to_string(), text);
    let mut last = TextSize::new(0);
    for error in parse.errors().iter() {
        assert!(error.range.start() >= last, "errors out of order");
        last = error.range.start();
        let range: std::ops::Range<usize> = error.range.into();
        assert!(text.get(range).is_some(), "{} points nowhere", error.code);
        for fix in &error.fixes {
            for (range, _) in &fix.edits {
                let range: std::ops::Range<usize> = (*range).into();
                assert!(
                    text.get(range).is_some(),
                    "a fix of {} points nowhere",
                    error.code
                );
            }
        }
    }
}

/// Reparsing after an edit gives what parsing the new text gives.
///
/// The first bytes say where and how much is replaced, the next how many bytes of what follows
/// are inserted.
pub fn reparse(data: &[u8]) {
    let Some((head, rest)) = data.split_at_checked(4) else {
        return;
    };
    let [at_low, at_high, delete, insert] = head else {
        return;
    };
    let (insert, rest) = rest.split_at(usize::from(*insert % 32).min(rest.len()));
    let (old, insert) = (text(rest), text(insert));
    if old.is_empty() {
        return;
    }
    let boundary = |mut at: usize| {
        at = at.min(old.len());
        while !old.is_char_boundary(at) {
            at -= 1;
        }
        TextSize::new(at as u32)
    };
    let at = usize::from(u16::from_le_bytes([*at_low, *at_high])) % (old.len() + 1);
    let start = boundary(at);
    let end = boundary(at + usize::from(*delete % 48)).max(start);
    let edit = TextEdit {
        range: TextRange::new(start, end),
        insert: insert.into_owned(),
    };
    let env = env();
    let reparsed = syntax::parse(&old, &env).reparse(&old, &edit, &env);
    let new = edit.apply(&old);
    let fresh = syntax::parse(&new, &env);
    assert_eq!(reparsed.errors(), fresh.errors(), "errors after {edit:?}");
    assert!(reparsed == fresh, "trees differ after {edit:?}");
}

/// What parses has a canonical form, which is stable and the same program.
pub fn format(data: &[u8]) {
    let text = text(data);
    let config = Config {
        max_width: 20 + u32::from(data.len() as u8 % 90),
        ..Config::default()
    };
    let once = match fmt::format(&text, &env(), config) {
        Ok(once) => once,
        Err(Unformattable::SyntaxErrors) => return,
        Err(Unformattable::WouldChange) => panic!("formatting would change the program"),
    };
    let twice = fmt::format(&once, &env(), config);
    assert_eq!(twice.as_deref(), Ok(once.as_str()), "not stable");
}
