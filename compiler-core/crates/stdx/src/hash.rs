//! A 128-bit hash that is the same in every process and on every machine.
//!
//! Keys of objects and equality of large results rest on it, so collisions must
//! be out of the question: it is BLAKE3, truncated to 128 bits.

use std::fmt;
use std::hash::{Hash, Hasher};

/// A stable 128-bit digest. Prints as 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash128(pub [u8; 16]);

impl Hash128 {
    /// The digest of some bytes.
    pub fn of_bytes(bytes: &[u8]) -> Hash128 {
        Hash128::truncated(blake3::hash(bytes))
    }

    /// Reads what `Display` prints; `None` unless it is 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Hash128> {
        let bytes = text.as_bytes();
        if bytes.len() != 32 {
            return None;
        }
        let mut out = [0u8; 16];
        for (slot, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok()?;
            *slot = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Hash128(out))
    }

    fn truncated(full: blake3::Hash) -> Hash128 {
        let mut out = [0u8; 16];
        out.copy_from_slice(&full.as_bytes()[..16]);
        Hash128(out)
    }
}

impl fmt::Display for Hash128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Images' records hold thousands of these, so not by one `write!` for each byte.
        const DIGITS: [u8; 16] = *b"0123456789abcdef";
        let mut text = [0u8; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Hash128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Feeds `Hash` implementations into BLAKE3.
///
/// Small writes are gathered first: the derive macro produces very many of them.
pub struct StableHasher {
    state: blake3::Hasher,
    pending: Vec<u8>,
}

/// Gathered bytes before they are handed on; guessed, large enough for BLAKE3's wide path.
const PENDING_BYTES_MAX: usize = 8 * 1024;

impl Default for StableHasher {
    fn default() -> Self {
        StableHasher {
            state: blake3::Hasher::new(),
            pending: Vec::with_capacity(256),
        }
    }
}

impl StableHasher {
    /// The digest of everything written so far.
    pub fn digest(mut self) -> Hash128 {
        self.state.update(&self.pending);
        Hash128::truncated(self.state.finalize())
    }
}

impl Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= PENDING_BYTES_MAX {
            self.state.update(&self.pending);
            self.pending.clear();
        }
    }

    // Lengths are hashed as `usize`; fix their width so that 32- and 64-bit hosts agree.
    fn write_usize(&mut self, value: usize) {
        self.write(&(value as u64).to_le_bytes());
    }

    fn finish(&self) -> u64 {
        let mut state = self.state.clone();
        state.update(&self.pending);
        let mut out = [0u8; 8];
        out.copy_from_slice(&state.finalize().as_bytes()[..8]);
        u64::from_le_bytes(out)
    }
}

/// The stable hash of one value.
pub fn stable_hash<T: Hash + ?Sized>(value: &T) -> Hash128 {
    let mut hasher = StableHasher::default();
    value.hash(&mut hasher);
    hasher.digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips() {
        let hash = stable_hash("tml");
        assert_eq!(Hash128::parse(&hash.to_string()), Some(hash));
        assert_eq!(Hash128::parse("xyz"), None);
    }

    #[test]
    fn gathering_does_not_change_the_digest() {
        let long = vec![7u8; 3 * PENDING_BYTES_MAX];
        let mut in_pieces = StableHasher::default();
        long.chunks(11).for_each(|piece| in_pieces.write(piece));
        let mut at_once = StableHasher::default();
        at_once.write(&long);
        assert_eq!(in_pieces.digest(), at_once.digest());
    }
}
