//! Diagnostic tests: what `// @expect-error CODE [text]` asks of a compilation (reference §14).

use diagnostics::Diagnostic;

/// One expected diagnostic.
struct Expectation<'a> {
    line: usize,
    code: &'a str,
    text: &'a str,
}

/// Why the diagnostics are not what the text expects; empty if they are.
pub(super) fn failures(text: &str, found: &[Diagnostic]) -> Vec<String> {
    let mut out = Vec::new();
    let mut wanted = expectations(text);
    let allows_extra = text.lines().any(|line| line.contains("@allow-extra"));
    if !found.iter().any(Diagnostic::is_error) {
        out.push("compiled without an error".to_string());
    }
    // What asks for more chooses first.
    wanted.sort_by_key(|it| std::cmp::Reverse(it.text.len()));
    let mut is_taken = vec![false; found.len()];
    let codes: Vec<&str> = wanted.iter().map(|it| it.code).collect();
    let mut unmet = Vec::new();
    for expectation in &wanted {
        let meets = |diagnostic: &Diagnostic| {
            diagnostic.code == expectation.code && says(diagnostic, expectation.text)
        };
        let free = found.iter().zip(is_taken.iter_mut());
        match free.into_iter().find(|(it, taken)| !**taken && meets(it)) {
            Some((_, taken)) => *taken = true,
            None => unmet.push(expectation),
        }
    }
    unmet.sort_by_key(|it| it.line);
    for Expectation { line, code, text } in unmet {
        let of_code: Vec<&str> = found
            .iter()
            .filter(|it| it.code == *code)
            .map(|it| it.message.as_str())
            .collect();
        let mut why = match text.is_empty() {
            true => format!("line {line}: no diagnostic {code}"),
            false => format!("line {line}: no diagnostic {code} with `{text}`"),
        };
        if !of_code.is_empty() {
            why.push_str(&format!("; found {code}: {}", of_code.join("; ")));
        }
        out.push(why);
    }
    if !allows_extra {
        let extra = found
            .iter()
            .filter(|it| it.is_error() && !codes.contains(&it.code));
        out.extend(extra.map(|it| format!("unexpected error[{}]: {}", it.code, it.message)));
    }
    out
}

fn expectations(text: &str) -> Vec<Expectation<'_>> {
    let mut out = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some((before, after)) = line.split_once("@expect-error") else {
            continue;
        };
        if !before.trim_end().ends_with("//") {
            continue;
        }
        let after = after.trim();
        let (code, text) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
        out.push(Expectation {
            line: index + 1,
            code,
            text: text.trim(),
        });
    }
    out
}

/// Whether a text is anywhere in what a diagnostic says.
fn says(diagnostic: &Diagnostic, text: &str) -> bool {
    let labels = diagnostic.labels.iter().chain([&diagnostic.primary]);
    let mut texts = labels
        .map(|label| label.text.as_str())
        .chain([diagnostic.message.as_str()])
        .chain(diagnostic.notes.iter().map(String::as_str))
        .chain(diagnostic.helps.iter().map(|help| help.message.as_str()));
    texts.any(|said| said.contains(text))
}
