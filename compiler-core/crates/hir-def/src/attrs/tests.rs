//! Decorators that the test runner reads (reference §13.1, §14).

use syntax::ast::{AstNode, Decorator};

use super::lower::arg_word;
use super::{Attrs, Name};

/// What is said about a test besides `@test`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TestAttrs {
    /// `@bench`, with the number of rounds if given.
    pub bench: Option<Option<u64>>,
    pub fuzz: bool,
    /// `@should_panic`, with the text that the message must contain, or empty.
    pub should_panic: Option<Name>,
    /// `@test(should_fail)`: passes iff it panics or returns a failure.
    pub should_fail: bool,
    /// `@ignore`, with its reason, or empty.
    pub ignore: Option<Name>,
    pub timeout_ms: Option<u64>,
    pub fixture: Option<Fixture>,
}

/// When a function runs that prepares for tests or tidies up after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fixture {
    BeforeAll,
    BeforeEach,
    AfterEach,
    AfterAll,
}

/// Longer limits than a year are none.
const TIMEOUT_MS_MAX: f64 = 3.2e10;

/// `@test(should_fail)` and its like.
pub(super) fn lower_test(attrs: &mut Attrs, decorator: &Decorator) {
    for arg in decorator.args() {
        let key = arg.name_ref().map(|key| key.text().to_string());
        let word = arg_word(&arg);
        match (key.as_deref(), word) {
            (None, Some(word)) => match word.as_str() {
                "should_fail" => options(attrs).should_fail = true,
                "should_panic" => options(attrs).should_panic = Some(Name::default()),
                "ignore" => options(attrs).ignore = Some(Name::default()),
                _ => {}
            },
            (Some("should_panic"), Some(text)) => options(attrs).should_panic = Some(text.into()),
            (Some("ignore"), Some(text)) => options(attrs).ignore = Some(text.into()),
            (Some("timeout"), word) => {
                options(attrs).timeout_ms = word.as_deref().and_then(milliseconds);
            }
            _ => {}
        }
    }
}

/// A decorator of that name, if it is one for the test runner.
pub(super) fn lower_test_option(attrs: &mut Attrs, name: &str, decorator: &Decorator) -> bool {
    let text = || {
        let mut words = decorator.args().filter_map(|arg| arg_word(&arg));
        Name::from(words.next().unwrap_or_default())
    };
    let fixture = |fixture| Some(fixture);
    match name {
        "bench" => options(attrs).bench = Some(text().replace('_', "").parse().ok()),
        "fuzz" => options(attrs).fuzz = true,
        "should_panic" => options(attrs).should_panic = Some(text()),
        "ignore" => options(attrs).ignore = Some(text()),
        "timeout" => {
            let limit = decorator.args().find_map(|arg| match arg_word(&arg) {
                Some(word) => milliseconds(&word),
                None => milliseconds(&arg.expr()?.syntax().text().to_string()),
            });
            options(attrs).timeout_ms = limit;
        }
        "before_all" => options(attrs).fixture = fixture(Fixture::BeforeAll),
        "before_each" => options(attrs).fixture = fixture(Fixture::BeforeEach),
        "after_each" => options(attrs).fixture = fixture(Fixture::AfterEach),
        "after_all" => options(attrs).fixture = fixture(Fixture::AfterAll),
        _ => return false,
    }
    true
}

fn options(attrs: &mut Attrs) -> &mut TestAttrs {
    attrs.test.get_or_insert_default()
}

/// A number of seconds, as written.
fn milliseconds(text: &str) -> Option<u64> {
    let digits: String = text
        .chars()
        .filter(|c| *c != '_')
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let seconds: f64 = digits.parse().ok()?;
    Some((seconds * 1000.0).clamp(1.0, TIMEOUT_MS_MAX) as u64)
}
