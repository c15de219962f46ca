//! Reports for machines: TAP, JUnit XML, JSON lines.

use std::time::Duration;

use serde_json::json;

use super::{FileResults, Reporter, Status, TestResult};
use crate::protocol::TestFile;
use crate::run::print;

/// The report of no tests at all.
pub(super) fn empty(reporter: Reporter) {
    match reporter {
        Reporter::Default => {}
        Reporter::Tap => tap(&[]),
        Reporter::Junit => junit(&[], Duration::ZERO),
        Reporter::Json => json_end(&[]),
    }
}

/// Test Anything Protocol, version 13.
pub(super) fn tap(all: &[FileResults<'_>]) {
    let count: usize = all.iter().map(|file| file.results.len()).sum();
    print(format_args!("TAP version 13\n1..{count}\n"));
    let mut number = 0;
    for FileResults { file, results } in all {
        for (test, result) in file.tests.iter().zip(results) {
            number += 1;
            let word = if result.is_failure() { "not ok" } else { "ok" };
            let skip = match result.status {
                Status::Ignored => format!(" # SKIP {}", result.message.join(" ")),
                Status::NotRun => " # SKIP not run".to_string(),
                _ => String::new(),
            };
            let name = format!("{}::{}", file.path, test.name);
            print(format_args!(
                "{word} {number} - {name}{}\n",
                skip.trim_end()
            ));
            if result.is_failure() {
                print(format_args!("  ---\n"));
                print(format_args!("  message: |\n"));
                for line in &result.message {
                    print(format_args!("    {line}\n"));
                }
                if let Some(place) = &result.place {
                    print(format_args!("  at: {place}\n"));
                }
                print(format_args!("  ...\n"));
            }
        }
    }
}

/// JUnit XML: one suite per file.
pub(super) fn junit(all: &[FileResults<'_>], elapsed: Duration) {
    let results = || all.iter().flat_map(|file| &file.results);
    print(format_args!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{}\" time=\"{:.3}\">\n",
        results().count(),
        results().filter(|it| it.is_failure()).count(),
        elapsed.as_secs_f64()
    ));
    for FileResults { file, results } in all {
        let failures = results.iter().filter(|it| it.is_failure()).count();
        let skipped = results.iter().filter(|it| is_skipped(it)).count();
        let took: f64 = results.iter().map(|it| it.duration_ms).sum();
        print(format_args!(
            "  <testsuite name=\"{}\" file=\"{}\" tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\" time=\"{:.3}\">\n",
            xml(&file.suite),
            xml(&file.path),
            results.len(),
            took / 1000.0
        ));
        for (test, result) in file.tests.iter().zip(results) {
            print(format_args!(
                "    <testcase name=\"{}\" classname=\"{}\" time=\"{:.3}\"",
                xml(&test.name),
                xml(&file.path),
                result.duration_ms / 1000.0
            ));
            let message = result.message.join("\n");
            if result.is_failure() {
                let first = result.message.first().map(String::as_str);
                print(format_args!(
                    ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                    xml(first.unwrap_or("failed")),
                    xml(&message)
                ));
            } else if is_skipped(result) {
                print(format_args!(
                    ">\n      <skipped message=\"{}\"/>\n    </testcase>\n",
                    xml(&message)
                ));
            } else {
                print(format_args!("/>\n"));
            }
        }
        print(format_args!("  </testsuite>\n"));
    }
    print(format_args!("</testsuites>\n"));
}

fn is_skipped(result: &TestResult) -> bool {
    matches!(result.status, Status::Ignored | Status::NotRun)
}

/// Text as XML has it; characters that XML forbids are dropped.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// One line of cli.md §1.
pub(super) fn json(file: &TestFile, test: usize, result: &TestResult) {
    let name = file.tests.get(test).map(|test| test.name.as_str());
    let status = match result.status {
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::TimedOut => "timeout",
        Status::Ignored | Status::NotRun => "ignored",
    };
    let mut line = json!({
        "reason": "test",
        "name": name.unwrap_or_default(),
        "file": file.path,
        "status": status,
        "duration_ms": (result.duration_ms * 1000.0).round() / 1000.0,
    });
    if !result.message.is_empty() {
        let mut message = result.message.join("\n");
        if let Some(place) = &result.place {
            message.push_str(&format!("\nat {place}"));
        }
        line["message"] = json!(message);
    }
    print(format_args!("{line}\n"));
}

pub(super) fn json_end(all: &[FileResults<'_>]) {
    let mut results = all.iter().flat_map(|file| &file.results);
    let success = !results.any(TestResult::is_failure);
    let line = json!({"reason": "build-finished", "success": success});
    print(format_args!("{line}\n"));
}
