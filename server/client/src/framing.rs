//! The base protocol of LSP: a `Content-Length` header, an empty line, JSON.

use std::io::{self, BufRead, Write};

use serde_json::Value;

/// Messages above this size are refused: no editor sends them, and memory stays bounded.
const MESSAGE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Writes one message.
pub fn write(out: &mut impl Write, message: &Value) -> io::Result<()> {
    let body = message.to_string();
    write!(out, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    out.flush()
}

/// Reads one message; `None` at the end of the stream.
pub fn read(input: &mut impl BufRead) -> io::Result<Option<Value>> {
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_string());
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<usize>().ok();
        }
    }
    let length = length.ok_or_else(|| invalid("message without Content-Length"))?;
    if length > MESSAGE_BYTES_MAX {
        return Err(invalid("message too large"));
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    serde_json::from_slice(&body)
        .map(Some)
        .map_err(|e| invalid(&format!("malformed message: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_round_trip_and_bad_ones_are_errors() {
        let mut bytes = Vec::new();
        write(&mut bytes, &serde_json::json!({"id": 1, "text": "é"})).unwrap();
        let mut input = bytes.as_slice();
        assert_eq!(read(&mut input).unwrap().unwrap()["text"], "é");
        assert!(read(&mut input).unwrap().is_none());
        assert!(read(&mut b"Content-Length: 5\r\n\r\n{}".as_slice()).is_err());
        assert!(read(&mut b"X: 1\r\n\r\n{}".as_slice()).is_err());
        assert!(read(&mut b"Content-Length: 999999999999\r\n\r\n".as_slice()).is_err());
    }
}
