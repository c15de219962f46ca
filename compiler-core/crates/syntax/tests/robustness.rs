//! Any text: no panic, lossless, and reparsing equals parsing.
//!
//! `SYNTAX_SEED` and `SYNTAX_ROUNDS` replay or lengthen a run.

mod support;

use std::panic::catch_unwind;

use support::{Rng, cases, env};
use syntax::{Parse, SyntaxNode, TextEdit, TextRange, TextSize};

const FRAGMENTS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "`",
    "\"\"\"",
    "/*",
    "*/",
    "//",
    "\n",
    "\r\n",
    " ",
    ",",
    ";",
    ":",
    "::",
    ".",
    "..",
    "=",
    "=>",
    "->",
    "!",
    "?",
    "@",
    "#if X\n",
    "#endif\n",
    "#else\n",
    "let ",
    "func ",
    "if ",
    "else ",
    "when ",
    "then ",
    "do ",
    "do(x) ",
    "in ",
    "this",
    "self",
    "x",
    "Foo",
    "Foo {",
    "[I32]",
    "1",
    "1.",
    "0x",
    "not ",
    "mut ",
    "ref ",
    "**",
    "&&",
    "use ",
    "impl ",
    "type ",
    "class ",
    "pub ",
    "as ",
    "is ",
    "to ",
    "{x",
    "{x}",
    "\\",
    "é",
    "\u{feff}",
    "\0",
    "/// d\n",
    "//! d\n",
    "<",
    "let a = 1\n",
    "{ y }",
    "foo(1)",
    "catch {",
    "r#\"",
    "b'",
    "loop (",
    "x!",
    " else ",
    "<<=",
    "W",
];

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|it| it.parse().ok())
        .unwrap_or(default)
}

/// Parses, and checks what must hold for any text.
fn check(text: &str) -> Parse {
    let parse = match catch_unwind(|| syntax::parse(text, &env())) {
        Ok(it) => it,
        Err(_) => panic!("parsing panics on {text:?}"),
    };
    assert_eq!(parse.syntax_node().text().to_string(), text);
    for error in parse.errors().iter() {
        assert!(
            usize::from(error.range.end()) <= text.len(),
            "{error:?} in {text:?}"
        );
        assert!(
            text.get(std::ops::Range::<usize>::from(error.range))
                .is_some(),
            "{error:?} in {text:?}"
        );
    }
    parse
}

fn mutate(rng: &mut Rng, text: &str) -> TextEdit {
    let at = |rng: &mut Rng| {
        let mut offset = rng.below(text.len() + 1);
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = at(rng);
    let end = match rng.below(3) {
        0 => start,
        1 => {
            let mut end = (start + rng.below(12)).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            end
        }
        _ => at(rng).max(start).min(start + 200).max(start),
    };
    let mut end = end.min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let insert = match rng.below(4) {
        0 => String::new(),
        1 => {
            let from = at(rng);
            let mut to = (from + rng.below(30)).min(text.len());
            while !text.is_char_boundary(to) {
                to += 1;
            }
            text[from..to].to_owned()
        }
        _ => rng.pick(FRAGMENTS).to_owned(),
    };
    let range = TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32));
    TextEdit { range, insert }
}

#[test]
fn every_prefix_parses() {
    for case in cases().iter().filter(|it| !it.name.contains("P025")) {
        let mut text = case.text.as_str();
        while let Some((last, _)) = text.char_indices().next_back() {
            text = &text[..last];
            // Long sources: a sample of the prefixes, all of them near the end.
            if case.text.len() > 1500 && text.len() % 7 != 0 && case.text.len() - text.len() > 50 {
                continue;
            }
            check(text);
        }
    }
}

#[test]
fn mutations_parse_and_reparse_alike() {
    let seed = number("SYNTAX_SEED", 20_260_101);
    let rounds = number("SYNTAX_ROUNDS", 4_000);
    println!("SYNTAX_SEED={seed} SYNTAX_ROUNDS={rounds}");
    let cases: Vec<_> = cases()
        .into_iter()
        .filter(|it| !it.name.contains("P025"))
        .collect();
    for round in 0..rounds {
        let mut rng = Rng(seed ^ round.wrapping_mul(0x2545_F491_4F6C_DD1D));
        let mut text = cases[rng.below(cases.len())].text.clone();
        let mut parse = check(&text);
        for _ in 0..1 + rng.below(4) {
            let edit = mutate(&mut rng, &text);
            let new_text = edit.apply(&text);
            let scratch = check(&new_text);
            let reparsed = parse.reparse(&text, &edit, &env());
            assert!(
                reparsed.green() == scratch.green(),
                "round {round}: {edit:?} in {text:?}"
            );
            assert_eq!(
                reparsed.errors(),
                scratch.errors(),
                "round {round}: {edit:?} in {text:?}"
            );
            text = new_text;
            parse = reparsed;
        }
    }
}

#[test]
fn random_token_soup_parses() {
    let mut rng = Rng(number("SYNTAX_SEED", 7));
    for _ in 0..number("SYNTAX_ROUNDS", 3_000) {
        let mut text = String::new();
        for _ in 0..rng.below(60) {
            text.push_str(rng.pick(FRAGMENTS));
        }
        check(&text);
    }
}

/// Walks and drops a tree as consumers do, on a small stack.
#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let deep: Vec<String> = vec![
        "(".repeat(50_000),
        "[".repeat(50_000),
        "{".repeat(50_000),
        "func f() {".repeat(20_000),
        "func f() { ".to_owned() + &"{ ".repeat(5_000) + &"}".repeat(5_001),
        "func f() { ".to_owned() + &"(".repeat(5_000) + "1" + &")".repeat(5_000) + " }",
        "func f() { ".to_owned() + &"-".repeat(20_000) + "1 }",
        "func f() { ".to_owned() + &"not ".repeat(20_000) + "1 }",
        "func f() { ".to_owned() + &"1 + ".repeat(20_000) + "1 }",
        "func f() { ".to_owned() + &"2 ** ".repeat(20_000) + "1 }",
        "func f() { a".to_owned() + &".b()".repeat(20_000) + " }",
        "func f() { a".to_owned() + &"!".repeat(20_000) + " }",
        "func f() { a".to_owned() + &" as I32".repeat(20_000) + " }",
        "func f() { a".to_owned() + &"[0]".repeat(20_000) + " }",
        "func f() { a".to_owned() + &" = a".repeat(20_000) + " }",
        "func f() { a".to_owned() + &" ? a : a".repeat(20_000) + " }",
        "func f() { ".to_owned() + &"if a { } else ".repeat(20_000) + "{ } }",
        "func f() { ".to_owned() + &"if ".repeat(20_000) + " }",
        "func f() { ".to_owned() + &"when a { _ => ".repeat(5_000) + " }",
        "func f() { ".to_owned() + &"do() ".repeat(20_000) + " }",
        "func f() { ".to_owned() + &"f(a, ".repeat(5_000) + " }",
        "func f() { ".to_owned() + &"P { x: ".repeat(5_000) + " }",
        "func f() { ".to_owned() + &"a[".repeat(5_000) + " }",
        "func f() { ".to_owned() + &"A[".repeat(5_000) + " }",
        "func f() { ".to_owned() + &"a[[T; ".repeat(5_000) + " }",
        "func f() { ".to_owned() + &"return ".repeat(5_000) + " }",
        "func f() { ".to_owned() + &"x! else ".repeat(5_000) + " }",
        "func f() { let ".to_owned() + &"(".repeat(5_000) + " }",
        "func f() { let ".to_owned() + &"a @ ".repeat(5_000) + " }",
        "func f() { let ".to_owned() + &"ref ".repeat(5_000) + " }",
        "func f(a: ".to_owned() + &"ref ".repeat(20_000),
        "func f(a: ".to_owned() + &"*".repeat(20_001),
        "func f(a: ".to_owned() + &"List[".repeat(20_000),
        "func f(a: ".to_owned() + &"(".repeat(20_000),
        "func f(a: I32".to_owned() + &"?".repeat(20_000),
        "func f(a: ".to_owned() + &"func() -> ".repeat(20_000),
        "mod a { ".repeat(20_000),
        "use a::{".to_owned() + &"b::{".repeat(20_000),
        "@a(".to_owned() + &"b(".repeat(20_000),
        "func f() { \"".to_owned() + &"{a \"".repeat(2_000),
        "func f() { `".to_owned() + &"{a `".repeat(2_000),
        "\"".to_owned() + &"{a".repeat(20_000),
        "type T { A".to_owned() + &" { a: I32, ".repeat(5_000),
        "/*".repeat(50_000),
        "#if X\n".repeat(20_000),
        "#if ".to_owned() + &"!(".repeat(20_000),
    ];
    let run = move || {
        for text in &deep {
            let parse = syntax::parse(text, &env());
            let root = parse.syntax_node();
            assert_eq!(root.text().to_string(), *text);
            walk(&root);
            drop(parse);
        }
    };
    let thread = std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(run)
        .expect("a thread");
    thread.join().expect("no panic and no overflow");
}

fn walk(node: &SyntaxNode) {
    node.children().for_each(|it| walk(&it));
}
