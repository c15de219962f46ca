//! The library's generated parts are what their templates say.

use std::fs;

use crate::support::{cases, compare, report, repository};

/// Expands `//@ for T: A B …` blocks, with `$T` replaced, `//@ for A>B: X>Y …`, and `//@ limits`.
fn expand(template: &str) -> String {
    let mut out = Vec::new();
    let mut lines = template.lines();
    while let Some(line) = lines.next() {
        let mut block = || -> Vec<&str> {
            let inside = lines.by_ref().take_while(|line| *line != "//@ end");
            inside.collect()
        };
        if let Some(names) = line.strip_prefix("//@ for T: ") {
            let block = block();
            for name in names.split_whitespace() {
                out.extend(block.iter().map(|line| line.replace("$T", name)));
            }
        } else if let Some(pairs) = line.strip_prefix("//@ for A>B: ") {
            let block = block();
            for (a, b) in pairs.split_whitespace().filter_map(|it| it.split_once('>')) {
                let filled = block.iter();
                out.extend(filled.map(|line| line.replace("$A", a).replace("$B", b)));
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
    let core = repository().join("lib/core");
    let mut failures = Vec::new();
    for entry in fs::read_dir(core.join("templates")).expect("templates") {
        let path = entry.expect("a template").path();
        let template = fs::read_to_string(&path).expect("a readable template");
        let name = path.file_name().expect("a name");
        let written = canonical(&expand(&template));
        failures.extend(compare(&core.join("src").join(name), &written).err());
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
