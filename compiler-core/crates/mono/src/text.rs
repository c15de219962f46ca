//! The bytes of text known at compile time.

/// Count and length before the bytes that a handle points at (reference §3.7).
pub const HEADER_BYTES: usize = 16;

/// The count of text that is never freed.
pub const IMMORTAL_COUNT: i64 = i64::MAX;

/// Header, bytes, and the NUL behind them.
pub fn literal_bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + text.len() + 1);
    bytes.extend_from_slice(&IMMORTAL_COUNT.to_le_bytes());
    bytes.extend_from_slice(&(text.len() as i64).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_has_its_header_before_and_a_nul_behind() {
        let bytes = literal_bytes("hé");
        assert_eq!(bytes.len(), HEADER_BYTES + 3 + 1);
        assert_eq!(bytes[8..16], 3i64.to_le_bytes());
        assert_eq!(&bytes[16..], b"h\xc3\xa9\0");
    }
}
