//! Reading undefined and duplicate symbols out of what linkers print.

use crate::{DuplicateSymbol, LinkError, LinkerKind, UndefinedSymbol};

/// The error that a failed linker's output amounts to. `rename` turns the
/// paths that the linker was given into the names that the plan uses.
pub(super) fn classify(
    linker: LinkerKind,
    output: String,
    rename: impl Fn(&str) -> String,
) -> LinkError {
    let mut undefined: Vec<UndefinedSymbol> = Vec::new();
    let mut duplicate: Vec<DuplicateSymbol> = Vec::new();
    // lld and mold continue a message on lines that begin with `>>>`.
    let mut last = Last::Other;
    for line in output.lines() {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix(">>>") {
            let file = referring_file(rest).map(&rename);
            match last {
                Last::Undefined => {
                    if let (Some(symbol), Some(file)) = (undefined.last_mut(), file) {
                        symbol.input.get_or_insert(file);
                    }
                }
                Last::Duplicate => {
                    if let (Some(symbol), Some(file)) = (duplicate.last_mut(), file) {
                        symbol.inputs.push(file);
                    }
                }
                Last::Other => {}
            }
        } else if let Some(name) = after(line, "undefined symbol: ") {
            undefined.push(UndefinedSymbol {
                name: first_word(name),
                input: None,
            });
            last = Last::Undefined;
        } else if let Some(name) = after(line, "duplicate symbol: ") {
            // mold: `duplicate symbol: A: B: NAME`.
            let mut parts: Vec<&str> = name.split(": ").collect();
            let name = first_word(parts.pop().unwrap_or_default());
            let inputs = parts.into_iter().map(&rename).collect();
            duplicate.push(DuplicateSymbol { name, inputs });
            last = Last::Duplicate;
        } else if let Some(name) = after(line, "undefined reference to ") {
            let input = line
                .split_once(": ")
                .map(|(_, rest)| rest)
                .and_then(referring_file);
            undefined.push(UndefinedSymbol {
                name: unquoted(name),
                input: input.map(&rename),
            });
            last = Last::Other;
        } else if let Some(name) = after(line, "multiple definition of ") {
            let name = name.split(';').next().unwrap_or_default();
            duplicate.push(DuplicateSymbol {
                name: unquoted(name),
                inputs: Vec::new(),
            });
            last = Last::Other;
        }
    }
    undefined.sort();
    undefined.dedup_by(|a, b| a.name == b.name);
    if !duplicate.is_empty() {
        return LinkError::Duplicate {
            symbols: duplicate,
            output,
        };
    }
    if !undefined.is_empty() {
        return LinkError::Undefined {
            symbols: undefined,
            output,
        };
    }
    LinkError::Linker { linker, output }
}

#[derive(Clone, Copy)]
enum Last {
    Undefined,
    Duplicate,
    Other,
}

fn after<'a>(line: &'a str, phrase: &str) -> Option<&'a str> {
    line.find(phrase).map(|at| &line[at + phrase.len()..])
}

fn first_word(text: &str) -> String {
    text.split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// GNU ld quotes symbols as `` `name' ``.
fn unquoted(text: &str) -> String {
    text.trim()
        .trim_matches(['`', '\'', '"', '‘', '’'])
        .to_owned()
}

/// The file in `dir/a.o:(.text+0x1)`, `referenced by dir/a.o:(…)`, `defined at dir/a.o`.
fn referring_file(text: &str) -> Option<&str> {
    let text = text.trim();
    let text = text
        .strip_prefix("referenced by ")
        .or_else(|| text.strip_prefix("defined at "))
        .or_else(|| text.strip_prefix("defined in "))
        .unwrap_or(text);
    let file = text.split(":(").next().unwrap_or(text).trim();
    // Source positions and counts ("referenced 3 more times") are not inputs.
    file.ends_with(".o").then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undefined(output: &str) -> Vec<(String, Option<String>)> {
        match classify(LinkerKind::Lld, output.to_owned(), str::to_owned) {
            LinkError::Undefined { symbols, .. } => {
                symbols.into_iter().map(|s| (s.name, s.input)).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn undefined_symbols_of_lld() {
        let output = "ld.lld: error: undefined symbol: tml.gone\n\
            >>> referenced by main.tml\n\
            >>>               /tmp/x/0.o:(tml.main)\n\
            >>> referenced 1 more times\n\
            ld.lld: error: undefined symbol: a\n>>> referenced by 1.o:(.text+0x3)\n";
        let expected = [
            ("a".to_owned(), Some("1.o".to_owned())),
            ("tml.gone".to_owned(), Some("/tmp/x/0.o".to_owned())),
        ];
        assert_eq!(undefined(output), expected);
    }

    #[test]
    fn undefined_symbols_of_gnu_ld() {
        let output = "/usr/bin/ld: /tmp/x/0.o: in function `tml.main':\n\
            main:(.text.tml.main+0x5): undefined reference to `tml.gone'\n\
            collect2: error: ld returned 1 exit status\n";
        assert_eq!(undefined(output), [("tml.gone".to_owned(), None)]);
    }

    #[test]
    fn duplicate_symbols_of_lld() {
        let output = "ld.lld: error: duplicate symbol: twice\n\
            >>> defined at a.c\n>>>            /tmp/x/0.o:(twice)\n\
            >>> defined at b.c\n>>>            /tmp/x/1.o:(.text+0x0)\n";
        match classify(LinkerKind::Lld, output.to_owned(), str::to_owned) {
            LinkError::Duplicate { symbols, .. } => {
                assert_eq!(symbols[0].name, "twice");
                assert_eq!(symbols[0].inputs, ["/tmp/x/0.o", "/tmp/x/1.o"]);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn anything_else_is_a_failed_linker() {
        let error = classify(
            LinkerKind::Lld,
            "Segmentation fault".to_owned(),
            str::to_owned,
        );
        assert_eq!(
            (error.code(), error.output()),
            ("C007", Some("Segmentation fault"))
        );
    }
}
