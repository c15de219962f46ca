//! Literals with their decoded values.

use super::*;
use crate::SyntaxKind::*;
use crate::unescape;
use crate::{SyntaxElement, SyntaxToken};

ast_node! {
    /// Any literal, also a string with interpolations.
    Literal = LITERAL [] {}
}

/// A literal by its kind.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum LiteralKind {
    Int(IntLiteral),
    Float(FloatLiteral),
    /// The value, `None` if the literal is malformed.
    Char(Option<char>),
    /// `b'x'`
    Byte(Option<u8>),
    /// `"…"`, `"""…"""`, `r"…"`, `` `…` ``
    Str(StrLiteral),
    /// `b"…"`
    ByteStr(Vec<u8>),
    Bool(bool),
    Null,
}

impl Literal {
    /// The literal's only token, or the first piece of an interpolated string.
    pub fn token(&self) -> Option<SyntaxToken> {
        self.syntax()
            .children_with_tokens()
            .filter_map(|it| it.into_token())
            .find(|it| !it.kind().is_trivia())
    }

    pub fn kind(&self) -> Option<LiteralKind> {
        let token = self.token()?;
        let text = token.text();
        Some(match token.kind() {
            INT_NUMBER => match FloatLiteral::from_int_text(text) {
                Some(float) => LiteralKind::Float(float),
                None => LiteralKind::Int(IntLiteral {
                    text: text.to_owned(),
                }),
            },
            FLOAT_NUMBER => LiteralKind::Float(FloatLiteral {
                text: text.to_owned(),
            }),
            CHAR => LiteralKind::Char(unescape::char_value(text)),
            BYTE => LiteralKind::Byte(unescape::byte_value(text)),
            BYTE_STRING => LiteralKind::ByteStr(unescape::byte_string_value(text)),
            STRING | RAW_STRING | TEMPLATE | STRING_START => LiteralKind::Str(StrLiteral {
                literal: self.clone(),
                first: token,
            }),
            TRUE_KW => LiteralKind::Bool(true),
            FALSE_KW => LiteralKind::Bool(false),
            NULL_KW => LiteralKind::Null,
            _ => return None,
        })
    }
}

/// The number suffixes, in lower case as they are written.
pub const NUMBER_SUFFIXES: &[&str] = &[
    "i128", "i16", "i32", "i64", "i8", "isize", "u128", "u16", "u32", "u64", "u8", "usize", "f32",
    "f64",
];

/// Splits `0xFFu8` into `0xFF` and `u8`; the `_` before a suffix goes with neither.
fn split_suffix(text: &str) -> (&str, Option<&'static str>) {
    let is_hex = text.len() > 1 && text.as_bytes()[1].eq_ignore_ascii_case(&b'x');
    for &suffix in NUMBER_SUFFIXES {
        // `f32` after hexadecimal digits is digits.
        if is_hex && suffix.starts_with('f') {
            continue;
        }
        if let Some(digits) = text.strip_suffix(suffix) {
            return (digits.trim_end_matches('_'), Some(suffix));
        }
    }
    (text, None)
}

/// An integer literal.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct IntLiteral {
    text: String,
}

impl IntLiteral {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// `u8` of `0xFFu8`.
    pub fn suffix(&self) -> Option<&'static str> {
        split_suffix(&self.text).1
    }

    /// The value; `None` if it does not fit or the literal is malformed.
    pub fn value(&self) -> Option<u128> {
        let digits = split_suffix(&self.text).0;
        let (radix, digits) = match digits.get(..2) {
            Some("0x" | "0X") => (16, &digits[2..]),
            Some("0b" | "0B") => (2, &digits[2..]),
            Some("0o" | "0O") => (8, &digits[2..]),
            _ => (10, digits),
        };
        let mut value: u128 = 0;
        let mut has_digit = false;
        for c in digits.chars().filter(|&c| c != '_') {
            let digit = c.to_digit(radix)?;
            has_digit = true;
            value = value
                .checked_mul(u128::from(radix))?
                .checked_add(u128::from(digit))?;
        }
        has_digit.then_some(value)
    }
}

/// A float literal, also `42f32`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FloatLiteral {
    text: String,
}

impl FloatLiteral {
    fn from_int_text(text: &str) -> Option<FloatLiteral> {
        let suffix = split_suffix(text).1?;
        suffix.starts_with('f').then(|| FloatLiteral {
            text: text.to_owned(),
        })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// `f32` of `1.5f32`.
    pub fn suffix(&self) -> Option<&'static str> {
        split_suffix(&self.text).1
    }

    /// The digits without `_` and suffix, as Rust's and C's parsers read them.
    pub fn digits(&self) -> String {
        split_suffix(&self.text)
            .0
            .chars()
            .filter(|&c| c != '_')
            .collect()
    }

    /// The nearest `f64`.
    pub fn value(&self) -> Option<f64> {
        self.digits().parse().ok()
    }

    /// The nearest `f32`, rounded once.
    pub fn value_f32(&self) -> Option<f32> {
        self.digits().parse().ok()
    }
}

/// A string literal of any form.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StrLiteral {
    literal: Literal,
    first: SyntaxToken,
}

/// A piece of a string literal.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum StrPart {
    /// Unescaped and, in `"""`, dedented. Never empty.
    Text(String),
    /// `{expr:spec}`; the spec is without its colon.
    Interp {
        expr: Option<Expr>,
        spec: Option<String>,
    },
}

impl StrLiteral {
    /// `` `…` ``, which builds a `Text`.
    pub fn is_template(&self) -> bool {
        self.first.text().starts_with('`')
    }

    pub fn has_interpolation(&self) -> bool {
        self.first.kind() == STRING_START
    }

    /// The value of a literal without interpolation.
    pub fn simple_text(&self) -> Option<String> {
        (!self.has_interpolation()).then(|| unescape::string_value(self.first.text()))
    }

    /// Text and interpolations, in order.
    pub fn parts(&self) -> impl Iterator<Item = StrPart> {
        if let Some(text) = self.simple_text() {
            let part = (!text.is_empty()).then_some(StrPart::Text(text));
            return part.into_iter().collect::<Vec<_>>().into_iter();
        }
        let mut raw: Vec<String> = Vec::new();
        let mut interps: Vec<Interpolation> = Vec::new();
        for element in self.literal.syntax().children_with_tokens() {
            match element {
                SyntaxElement::Token(token)
                    if matches!(token.kind(), STRING_START | STRING_MIDDLE | STRING_END) =>
                {
                    raw.push(token.text().to_owned());
                }
                SyntaxElement::Token(_) => {}
                SyntaxElement::Node(node) => interps.extend(Interpolation::cast(node)),
            }
        }
        let texts = unescape::piece_values(&raw);
        let mut out = Vec::new();
        let mut interps = interps.into_iter();
        for text in texts {
            if !text.is_empty() {
                out.push(StrPart::Text(text));
            }
            if let Some(interp) = interps.next() {
                out.push(StrPart::Interp {
                    expr: interp.expr(),
                    spec: interp.spec(),
                });
            }
        }
        out.into_iter()
    }
}

ast_node! {
    /// What stands between the braces in a string.
    Interpolation = INTERPOLATION [] {
        child expr: Expr;
        token format_spec_token: FORMAT_SPEC;
    }
}

impl Interpolation {
    /// The format spec without its colon.
    pub fn spec(&self) -> Option<String> {
        let token = self.format_spec_token()?;
        Some(token.text().trim_start_matches(':').to_owned())
    }
}
