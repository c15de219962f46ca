//! From the text of a literal to its value.
//!
//! The same walk serves the lexer, which reports faults, and the typed tree, which
//! wants values and passes over them.

use std::ops::Range;

/// What is wrong with an escape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EscapeFault {
    /// L003
    Invalid,
    /// L009
    NotAScalar,
}

/// Which escapes are allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flavor {
    Text,
    Byte,
}

/// Walks over the inside of a literal: hands out each value with its range, or a fault.
pub(crate) fn walk(
    body: &str,
    flavor: Flavor,
    mut visit: impl FnMut(Range<usize>, Result<char, EscapeFault>),
) {
    let mut rest = body.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        if c != '\\' {
            visit(start..start + c.len_utf8(), Ok(c));
            continue;
        }
        let Some((at, escape)) = rest.next() else {
            visit(start..body.len(), Err(EscapeFault::Invalid));
            return;
        };
        let mut end = at + escape.len_utf8();
        let value = match escape {
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            '0' => Ok('\0'),
            'b' => Ok('\u{8}'),
            'f' => Ok('\u{c}'),
            '\\' | '"' | '\'' | '`' | '{' | '}' => Ok(escape),
            'x' => {
                let digits = body
                    .get(end..end + 2)
                    .filter(|it| it.bytes().all(|b| b.is_ascii_hexdigit()));
                match digits.and_then(|it| u8::from_str_radix(it, 16).ok()) {
                    Some(value) => {
                        end += 2;
                        rest.next();
                        rest.next();
                        if flavor == Flavor::Byte || value <= 0x7F {
                            Ok(char::from(value))
                        } else {
                            Err(EscapeFault::Invalid)
                        }
                    }
                    None => Err(EscapeFault::Invalid),
                }
            }
            'u' if flavor == Flavor::Text && body.as_bytes().get(end) == Some(&b'{') => {
                let close = body[end..].find(|c: char| c != '{' && !c.is_ascii_hexdigit());
                match close.map(|it| end + it) {
                    Some(close) if body.as_bytes().get(close) == Some(&b'}') => {
                        let digits = &body[end + 1..close];
                        while rest.peek().is_some_and(|&(at, _)| at <= close) {
                            rest.next();
                        }
                        end = close + 1;
                        if digits.is_empty() || digits.len() > 6 || digits.contains('{') {
                            Err(EscapeFault::Invalid)
                        } else {
                            u32::from_str_radix(digits, 16)
                                .ok()
                                .and_then(char::from_u32)
                                .ok_or(EscapeFault::NotAScalar)
                        }
                    }
                    _ => Err(EscapeFault::Invalid),
                }
            }
            _ => Err(EscapeFault::Invalid),
        };
        visit(start..end, value);
    }
}

/// The text of a body with its escapes replaced. A faulty escape gives nothing.
fn unescape(body: &str) -> String {
    if !body.contains(['\\', '\r']) {
        return body.to_owned();
    }
    let body = body.replace("\r\n", "\n");
    let mut out = String::with_capacity(body.len());
    walk(&body, Flavor::Text, |_, value| out.extend(value.ok()));
    out
}

/// Cuts a quote off the start and, if it is there, off the end.
fn strip_quotes<'a>(text: &'a str, open: &str, close: &str) -> &'a str {
    let body = text.strip_prefix(open).unwrap_or(text);
    body.strip_suffix(close).unwrap_or(body)
}

fn single_value(body: &str, flavor: Flavor) -> Option<char> {
    let mut values = 0;
    let mut value = None;
    walk(body, flavor, |_, it| {
        values += 1;
        value = it.ok();
    });
    if values == 1 { value } else { None }
}

pub(crate) fn char_value(text: &str) -> Option<char> {
    single_value(strip_quotes(text, "'", "'"), Flavor::Text)
}

pub(crate) fn byte_value(text: &str) -> Option<u8> {
    let value = single_value(strip_quotes(text, "b'", "'"), Flavor::Byte)?;
    u8::try_from(u32::from(value)).ok()
}

pub(crate) fn byte_string_value(text: &str) -> Vec<u8> {
    let body = strip_quotes(text, "b\"", "\"").replace("\r\n", "\n");
    let mut out = Vec::with_capacity(body.len());
    walk(&body, Flavor::Byte, |_, value| {
        out.extend(value.ok().and_then(|it| u8::try_from(u32::from(it)).ok()));
    });
    out
}

/// The value of a string literal without interpolation, of any form.
pub(crate) fn string_value(text: &str) -> String {
    if let Some(raw) = text.strip_prefix('r') {
        let hashes = raw.bytes().take_while(|&b| b == b'#').count();
        let open = &raw[..(hashes + 1).min(raw.len())];
        let close: String = open.chars().rev().collect();
        return strip_quotes(raw, open, &close).replace("\r\n", "\n");
    }
    piece_values(&[text.to_owned()]).pop().unwrap_or_default()
}

/// The values of the pieces of a string literal, whose texts still have quotes and braces.
pub(crate) fn piece_values(pieces: &[String]) -> Vec<String> {
    let Some(first) = pieces.first() else {
        return Vec::new();
    };
    let quote = if first.starts_with("\"\"\"") {
        "\"\"\""
    } else if first.starts_with('`') {
        "`"
    } else {
        "\""
    };
    let last = pieces.len() - 1;
    let mut bodies: Vec<String> = Vec::with_capacity(pieces.len());
    for (idx, piece) in pieces.iter().enumerate() {
        let mut body = piece.as_str();
        body = body
            .strip_prefix(if idx == 0 { quote } else { "}" })
            .unwrap_or(body);
        let close = if idx == last { quote } else { "{" };
        // An unterminated literal may end in an escaped quote, which is no end.
        if !ends_in_escape(body, close) {
            body = body.strip_suffix(close).unwrap_or(body);
        }
        bodies.push(body.replace("\r\n", "\n"));
    }
    if quote == "\"\"\"" {
        dedent(&mut bodies);
    }
    bodies.iter().map(|it| unescape(it)).collect()
}

fn ends_in_escape(body: &str, close: &str) -> bool {
    let before = body.strip_suffix(close).unwrap_or(body);
    before.bytes().rev().take_while(|&b| b == b'\\').count() % 2 == 1
}

/// Drops the newline after the opening quotes and the common indentation.
///
/// A line is blank if it has nothing but white space and no interpolation.
fn dedent(bodies: &mut [String]) {
    let starts_on_new_line = bodies.first().is_some_and(|it| it.starts_with('\n'));
    if let Some(first) = bodies.first_mut()
        && starts_on_new_line
    {
        first.remove(0);
    }
    let last = bodies.len() - 1;
    let mut common: Option<usize> = None;
    for (idx, body) in bodies.iter().enumerate() {
        let lines: Vec<&str> = body.split('\n').collect();
        for (line_idx, line) in lines.iter().enumerate() {
            // The first line of a piece goes on from what stands before it.
            if line_idx == 0 && (idx > 0 || !starts_on_new_line) {
                continue;
            }
            let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
            let meets_interpolation = line_idx == lines.len() - 1 && idx < last;
            if indent < line.len() || meets_interpolation {
                common = Some(common.map_or(indent, |it| it.min(indent)));
            }
        }
    }
    let Some(common) = common.filter(|&it| it > 0) else {
        return;
    };
    for (idx, body) in bodies.iter_mut().enumerate() {
        let mut out = String::with_capacity(body.len());
        for (line_idx, line) in body.split('\n').enumerate() {
            if line_idx > 0 {
                out.push('\n');
            }
            if line_idx == 0 && (idx > 0 || !starts_on_new_line) {
                out.push_str(line);
                continue;
            }
            let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
            out.push_str(&line[indent.min(common)..]);
        }
        *body = out;
    }
}
