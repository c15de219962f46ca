//! The library's generated part is what its template says.

use std::fs;

use crate::support::{compare, report, repository};

/// Expands `//@ for T: A B …` blocks, with `$T` replaced, and `//@ limits`.
fn expand(template: &str) -> String {
    let mut out = Vec::new();
    let mut lines = template.lines();
    while let Some(line) = lines.next() {
        if let Some(names) = line.strip_prefix("//@ for T: ") {
            let block: Vec<&str> = lines
                .by_ref()
                .take_while(|line| *line != "//@ end")
                .collect();
            for name in names.split_whitespace() {
                out.extend(block.iter().map(|line| line.replace("$T", name)));
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

#[test]
fn numbers_are_written_from_their_template() {
    let core = repository().join("lib/core");
    let mut failures = Vec::new();
    for name in ["num.tml", "num_ops.tml"] {
        let template = fs::read_to_string(core.join("templates").join(name)).expect("the template");
        failures.extend(compare(&core.join("src").join(name), &expand(&template)).err());
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
