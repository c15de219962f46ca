//! Reports as text and JSON.

use diagnostics::render::{self, Style, TextOptions};
use diagnostics::{Diagnostic, Severity};
use project::{Problem, Resolver};
use serde_json::{Value, json};

use crate::build::Report;
use crate::host::Host;

/// How text is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Rendering {
    pub color: bool,
    pub width: u32,
    /// At most this many errors are printed.
    pub max_errors: usize,
}

/// `--allow`, `--warn`, `--deny`, codes or groups (errors.md §10), `--deny-warnings`, `--strict`.
#[derive(Clone, Debug, Default)]
pub struct LintLevels {
    pub allow: Vec<String>,
    pub warn: Vec<String>,
    pub deny: Vec<String>,
    pub deny_warnings: bool,
    /// Low-level operations outside of low-level code are errors, whatever else is said.
    pub strict: bool,
}

impl LintLevels {
    /// Whether a lint that is off by default is asked for, or one that was silenced.
    pub fn ask_for_silent(&self) -> bool {
        if self.strict {
            return true;
        }
        let mut asked = self.warn.iter().chain(&self.deny);
        asked.any(|name| {
            let mut codes = diagnostics::CODES.iter().map(|info| info.code);
            codes.any(|code| {
                diagnostics::levels::is_off(code) && diagnostics::levels::covers(name, code)
            })
        })
    }

    /// Drops allowed warnings and makes denied ones errors. Returns whether any was denied.
    /// Errors cannot be silenced.
    pub fn apply(&self, diagnostics: &mut Vec<Diagnostic>) -> bool {
        let names = |list: &[String], code: &str| {
            list.iter()
                .any(|name| diagnostics::levels::covers(name, code))
        };
        let mut is_denied = false;
        diagnostics.retain_mut(|diagnostic| {
            if diagnostic.is_error() {
                return true;
            }
            if self.strict && diagnostics::levels::is_strict(diagnostic.code)
                || names(&self.deny, diagnostic.code)
                || self.deny_warnings
                    && !diagnostic.is_silent
                    && !names(&self.warn, diagnostic.code)
            {
                diagnostic.severity = Severity::Error;
                is_denied = true;
                return true;
            }
            let is_wanted = !diagnostic.is_silent || names(&self.warn, diagnostic.code);
            is_wanted && !names(&self.allow, diagnostic.code)
        });
        is_denied
    }
}

impl Host {
    /// Everything that a report has to say, as text for a terminal. Empty if nothing.
    pub fn render_text(&self, report: &Report, rendering: Rendering) -> String {
        if report.problems.is_empty() && report.diagnostics.is_empty() {
            return String::new();
        }
        let style = Style {
            color: rendering.color,
        };
        let mut out = String::new();
        for problem in &report.problems {
            self.problem(problem, style, &mut out);
        }
        let options = TextOptions {
            color: rendering.color,
            width: rendering.width,
        };
        let shown = self.with_database(|db| {
            let mut shown = String::new();
            let mut errors = 0;
            for diagnostic in &report.diagnostics {
                if diagnostic.is_error() {
                    errors += 1;
                    if errors > rendering.max_errors {
                        continue;
                    }
                }
                shown.push_str(&render::text(db, diagnostic, options));
            }
            if errors > rendering.max_errors {
                shown.push_str(&format!(
                    "note: {} more errors are not shown\n",
                    errors - rendering.max_errors
                ));
            }
            shown
        });
        out.push_str(&shown);
        out.push_str(&summary(report, style));
        out
    }

    /// Errors in the library's own packages, as text; they are not part of any report.
    pub fn library_errors(&self) -> String {
        let options = TextOptions {
            color: false,
            width: 100,
        };
        let libraries = self.libraries();
        self.with_database(|db| {
            let mut found: Vec<Diagnostic> = libraries
                .iter()
                .flat_map(|package| diagnostics::package_diagnostics(db, *package).to_vec())
                .filter(Diagnostic::is_error)
                .collect();
            diagnostics::sort(db, &mut found);
            found
                .iter()
                .map(|diagnostic| render::text(db, diagnostic, options))
                .collect()
        })
    }

    /// The single document of `tml check --format json`.
    pub fn render_json(&self, report: &Report) -> Value {
        let mut document = self.with_database(|db| render::json_document(db, &report.diagnostics));
        let problems: Vec<Value> = report
            .problems
            .iter()
            .map(|problem| self.problem_json(problem))
            .collect();
        if let Some(list) = document["diagnostics"].as_array_mut() {
            list.splice(0..0, problems);
        }
        let errors = report
            .problems
            .iter()
            .filter(|p| p.severity == project::Severity::Error)
            .count();
        let counted = document["summary"]["errors"].as_u64().unwrap_or(0);
        document["summary"]["errors"] = json!(counted + errors as u64);
        document
    }

    /// One SARIF document.
    pub fn render_sarif(&self, report: &Report) -> Value {
        let version = env!("CARGO_PKG_VERSION");
        let mut document =
            self.with_database(|db| render::sarif_document(db, &report.diagnostics, version));
        let problems = report.problems.iter().map(|problem| {
            let (line, column) = self.problem_position(problem).unwrap_or((1, 1));
            json!({
                "ruleId": problem.code,
                "level": match problem.severity {
                    project::Severity::Error => "error",
                    project::Severity::Warning => "warning",
                },
                "message": {"text": problem.message},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": self.shown_path(&problem.file)},
                    "region": {"startLine": line, "startColumn": column},
                }}],
            })
        });
        if let Some(results) = document["runs"][0]["results"].as_array_mut() {
            results.extend(problems);
        }
        document
    }

    /// The JSON document with the source lines around each diagnostic and its fixes as patches.
    pub fn render_llm(&self, report: &Report) -> Value {
        let mut document = self.render_json(report);
        let context: Vec<Value> = self.with_database(|db| {
            let of = |diagnostic| render::llm_context(db, diagnostic);
            report.diagnostics.iter().map(of).collect()
        });
        if let Some(list) = document["diagnostics"].as_array_mut() {
            let own = list.iter_mut().skip(report.problems.len());
            for (object, context) in own.zip(context) {
                object["source_context"] = context;
            }
        }
        document
    }

    /// One object per line for the other commands.
    pub fn render_json_lines(&self, report: &Report) -> Vec<Value> {
        let wrap = |message: Value| json!({"reason": "compiler-message", "message": message});
        let problems = report
            .problems
            .iter()
            .map(|problem| wrap(self.problem_json(problem)));
        let mut lines: Vec<Value> = problems.collect();
        lines.extend(self.with_database(|db| {
            report
                .diagnostics
                .iter()
                .map(|diagnostic| wrap(render::json_object(db, diagnostic)))
                .collect::<Vec<_>>()
        }));
        lines
    }

    fn problem(&self, problem: &Problem, style: Style, out: &mut String) {
        let severity = match problem.severity {
            project::Severity::Error => Severity::Error,
            project::Severity::Warning => Severity::Warning,
        };
        out.push_str(&render::heading(
            severity,
            problem.code,
            &problem.message,
            style,
        ));
        if !problem.file.is_empty() {
            let shown = self.shown_path(&problem.file);
            match self.problem_position(problem) {
                Some((line, column)) => out.push_str(&format!("  --> {shown}:{line}:{column}\n")),
                None => out.push_str(&format!("  --> {shown}\n")),
            }
        }
        for note in &problem.notes {
            out.push_str(&format!("   = note: {note}\n"));
        }
        out.push('\n');
    }

    fn problem_json(&self, problem: &Problem) -> Value {
        let (line, column) = self.problem_position(problem).unwrap_or((1, 1));
        let at = json!({"line": line, "column": column});
        let severity = match problem.severity {
            project::Severity::Error => "error",
            project::Severity::Warning => "warning",
        };
        json!({
            "severity": severity,
            "code": problem.code,
            "message": problem.message,
            "file": self.shown_path(&problem.file),
            "span": {"start": at, "end": at},
            "labels": [],
            "suggestions": [],
            "related": problem.notes.iter().map(|note| json!({"message": note})).collect::<Vec<_>>(),
        })
    }

    fn shown_path(&self, path: &str) -> String {
        let root = format!("{}/", self.root());
        path.strip_prefix(&root).unwrap_or(path).to_string()
    }

    /// The 1-based line and column of a problem.
    fn problem_position(&self, problem: &Problem) -> Option<(usize, usize)> {
        let range = problem.range.clone()?;
        let text = self.with_files(|files| files.read(&problem.file)).ok()??;
        let before = text.get(..range.start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Some((
            before.matches('\n').count() + 1,
            before.get(line_start..)?.chars().count() + 1,
        ))
    }
}

/// `error: could not compile `pkg` due to N errors; M warnings`
fn summary(report: &Report, style: Style) -> String {
    let problem_errors = report
        .problems
        .iter()
        .filter(|p| p.severity == project::Severity::Error)
        .count();
    let errors = report.diagnostics.iter().filter(|d| d.is_error()).count() + problem_errors;
    let warnings = report.diagnostics.len() + report.problems.len() - errors;
    let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let names: Vec<String> = report
        .packages
        .iter()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    let names = if names.is_empty() {
        "the workspace".to_string()
    } else {
        names.join(", ")
    };
    let tail = if warnings > 0 {
        format!("; {}", count(warnings, "warning"))
    } else {
        String::new()
    };
    if errors > 0 {
        let word = style.severity(Severity::Error, "error");
        format!(
            "{word}: could not compile {names} due to {}{tail}\n",
            count(errors, "error")
        )
    } else {
        let word = style.severity(Severity::Warning, "warning");
        format!("{word}: {names} has {}\n", count(warnings, "warning"))
    }
}
