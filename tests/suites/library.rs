//! The library's generated parts are what their templates say.

use std::fs;
use std::path::Path;

use crate::support::{cases, compare, report};

/// Expands `//@ for T: A B …` blocks, with `$T` replaced, `//@ for A>B: X>Y …` with several
/// names at once (`|` and `!` separate them as well as `>`; `~` is a space), and `//@ limits`.
fn expand(template: &str) -> String {
    let mut out = Vec::new();
    let mut lines = template.lines();
    while let Some(line) = lines.next() {
        if let Some((names, values)) = line
            .strip_prefix("//@ for ")
            .and_then(|rest| rest.split_once(": "))
        {
            let block: Vec<&str> = lines
                .by_ref()
                .take_while(|line| *line != "//@ end")
                .collect();
            let separator = names.chars().find(|c| ">|!".contains(*c)).unwrap_or('>');
            let names: Vec<&str> = names.split(separator).collect();
            for values in values.split_whitespace() {
                let values: Vec<&str> = values.split(separator).collect();
                assert_eq!(names.len(), values.len(), "{values:?}");
                out.extend(block.iter().map(|line| {
                    let pairs = names.iter().zip(&values);
                    pairs.fold(line.to_string(), |line, (name, value)| {
                        line.replace(&format!("${name}"), &value.replace('~', " "))
                    })
                }));
            }
        } else if line == "//@ limits" {
            out.extend(limits());
        } else {
            out.push(line.to_string());
        }
    }
    out.join("\n") + "\n"
}

fn limits() -> Vec<String> {
    let mut out = Vec::new();
    let mut block = |ty: &str, constants: &[(&str, String)]| {
        out.push(format!("impl {ty} {{"));
        out.extend(
            constants
                .iter()
                .map(|(name, value)| format!("    pub const {name}: {ty} = {value}")),
        );
        out.push("}".to_string());
    };
    for (suffix, bits) in [
        ("8", 8),
        ("16", 16),
        ("32", 32),
        ("64", 64),
        ("128", 128),
        ("size", 64),
    ] {
        let max = i128::MAX >> (128 - bits);
        let min = if bits == 128 { i128::MIN } else { -max - 1 };
        block(
            &format!("I{suffix}"),
            &[("MIN", min.to_string()), ("MAX", max.to_string())],
        );
        let max = u128::MAX >> (128 - bits);
        block(
            &format!("U{suffix}"),
            &[("MIN", "0".to_string()), ("MAX", max.to_string())],
        );
    }
    let float = |max: &str, epsilon: &str| {
        [
            ("MAX", max.to_string()),
            ("MIN", format!("-{max}")),
            ("EPSILON", epsilon.to_string()),
        ]
    };
    block(
        "F64",
        &float("1.7976931348623157e308", "2.220446049250313e-16"),
    );
    block("F32", &float("3.4028235e38", "1.1920929e-7"));
    out
}

/// What `tml fmt` makes of a source.
fn canonical(text: &str) -> String {
    let env = syntax::PreprocessorEnv::default();
    fmt::format(text, &env, fmt::Config::default()).expect("a source that can be formatted")
}

/// `UPDATE_EXPECT=1` formats it.
#[test]
fn the_library_is_formatted() {
    let mut failures = Vec::new();
    for path in cases("../lib", "tml") {
        if path.to_string_lossy().contains("/templates/") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a readable source");
        failures.extend(compare(&path, &canonical(&text)).err());
    }
    report(&failures);
}

#[test]
fn generated_files_are_written_from_their_templates() {
    let mut failures = Vec::new();
    for template in cases("../lib", "tml") {
        let path = template.to_string_lossy();
        if path.contains("/templates/") {
            let text = fs::read_to_string(&template).expect("a readable template");
            let written = path.replace("/templates/", "/src/");
            failures.extend(compare(Path::new(&written), &canonical(&expand(&text))).err());
        }
    }
    report(&failures);
}

/// Every body of `core`, `std` and `test` is checked, also those that no program uses.
#[test]
fn the_library_has_no_errors() {
    let input = compiler_core::Input::SingleFile("/none.tml".to_string());
    let tree = compiler_core::MemoryFiles::new("test");
    let host = compiler_core::Host::in_memory(input, tree);
    let errors = host.library_errors();
    assert!(errors.is_empty(), "{errors}");
}
