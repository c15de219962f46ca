//! The data suite `tests/syntax`: `ok/*.tml` parse without errors, `err/CODE_*.tml` report
//! that code; each has its errors and tree beside it in `.tree`. `UPDATE_EXPECT=1` blesses.

mod support;

use std::fmt::Write as _;

use support::{cases, env};

fn render(text: &str) -> String {
    let parse = syntax::parse(text, &env());
    let mut out = String::new();
    for error in parse.errors().iter() {
        let _ = writeln!(out, "{} {:?} {}", error.code, error.range, error.message);
        for (range, label) in &error.labels {
            let _ = writeln!(out, "  label {range:?} {label}");
        }
        for fix in &error.fixes {
            let _ = writeln!(out, "  fix {}: {:?}", fix.title, fix.edits);
        }
    }
    let _ = write!(out, "{:#?}", parse.syntax_node());
    out
}

#[test]
fn trees_are_as_expected() {
    for case in cases() {
        let is_large = case.name.contains("P025");
        let actual = render(&case.text);
        if case.is_ok {
            let parse = syntax::parse(&case.text, &env());
            assert!(!parse.has_errors(), "{}: {:#?}", case.name, parse.errors());
        }
        if is_large {
            continue;
        }
        expect_test::expect_file![case.path.with_extension("tree")].assert_eq(&actual);
    }
}

#[test]
fn broken_inputs_report_the_code_in_their_name() {
    for case in cases().into_iter().filter(|it| !it.is_ok) {
        let Some((code, _)) = case.name.split_once('_') else {
            continue;
        };
        if !code.starts_with(|c: char| c.is_ascii_uppercase()) {
            continue;
        }
        let parse = syntax::parse(&case.text, &env());
        let codes: Vec<_> = parse.errors().iter().map(|it| it.code).collect();
        assert!(codes.contains(&code), "{}: {codes:?}", case.name);
    }
}

#[test]
fn trees_are_lossless() {
    for case in cases() {
        let parse = syntax::parse(&case.text, &env());
        assert_eq!(
            parse.syntax_node().text().to_string(),
            case.text,
            "{}",
            case.name
        );
    }
}
