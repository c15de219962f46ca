//! The form of one entry on disk.
//!
//! ```text
//! payload   the object file itself, at offset 0
//! header    count: u32, then per symbol length: u32 and UTF-8 bytes
//! footer    payload length: u64, header length: u32, version: u32,
//!           BLAKE3 of key ‖ BLAKE3(payload) ‖ header ‖ the 16 bytes before: 32 bytes,
//!           magic: 8 bytes
//! ```
//!
//! All integers are little-endian. Readers of ELF find everything through
//! offsets from the start and ignore what follows, so the file can be handed to
//! any linker as it is, and one rename publishes object and header together.
//! The key is part of the checksum, so a file under a wrong name is noticed.

use std::ops::Range;

use stdx::Hash128;

use crate::ObjectKey;

const MAGIC: [u8; 8] = *b"tmlobj\x1a\n";
const VERSION: u32 = 1;
const FOOTER_BYTES: usize = 8 + 4 + 4 + 32 + 8;
/// Symbols one object may define; far above a pack of functions, small enough
/// that a damaged count cannot make us allocate much.
const SYMBOL_COUNT_MAX: usize = 1 << 20;

/// What is known about an object without parsing it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ObjectHeader {
    /// Names of the symbols the object defines, in the order the writer gave.
    pub defines: Box<[Box<str>]>,
}

impl ObjectHeader {
    pub fn new<S: AsRef<str>>(defines: impl IntoIterator<Item = S>) -> ObjectHeader {
        ObjectHeader {
            defines: defines
                .into_iter()
                .map(|name| name.as_ref().into())
                .collect(),
        }
    }

    fn encode(&self) -> Vec<u8> {
        let bytes: usize = self.defines.iter().map(|name| 4 + name.len()).sum();
        let mut out = Vec::with_capacity(4 + bytes);
        out.extend_from_slice(&(self.defines.len() as u32).to_le_bytes());
        for name in &self.defines {
            out.extend_from_slice(&(name.len() as u32).to_le_bytes());
            out.extend_from_slice(name.as_bytes());
        }
        out
    }

    fn decode(mut bytes: &[u8]) -> Option<ObjectHeader> {
        let count = take_u32(&mut bytes)? as usize;
        if count > SYMBOL_COUNT_MAX || count > bytes.len() / 4 {
            return None;
        }
        let mut defines = Vec::with_capacity(count);
        for _ in 0..count {
            let len = take_u32(&mut bytes)? as usize;
            let (name, rest) = bytes.split_at_checked(len)?;
            defines.push(std::str::from_utf8(name).ok()?.into());
            bytes = rest;
        }
        bytes.is_empty().then(|| ObjectHeader {
            defines: defines.into(),
        })
    }
}

/// A decoded and verified entry.
pub(crate) struct Decoded {
    pub(crate) header: ObjectHeader,
    pub(crate) payload: Range<usize>,
    pub(crate) payload_hash: Hash128,
}

/// What follows the payload in the file.
pub(crate) fn encode_tail(key: ObjectKey, header: &ObjectHeader, payload: &[u8]) -> Vec<u8> {
    assert!(
        header.defines.len() <= SYMBOL_COUNT_MAX,
        "an object with too many symbols"
    );
    let mut tail = header.encode();
    let header_len = tail.len();
    tail.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    tail.extend_from_slice(&(header_len as u32).to_le_bytes());
    tail.extend_from_slice(&VERSION.to_le_bytes());
    let checksum = checksum(key, &blake3::hash(payload), &tail);
    tail.extend_from_slice(&checksum);
    tail.extend_from_slice(&MAGIC);
    tail
}

/// Reads a whole file; `None` when anything about it is not as it was written.
pub(crate) fn decode(key: ObjectKey, file: &[u8]) -> Option<Decoded> {
    let footer_start = file.len().checked_sub(FOOTER_BYTES)?;
    let mut footer = file.get(footer_start..)?;
    let payload_len = usize::try_from(take_u64(&mut footer)?).ok()?;
    let header_len = take_u32(&mut footer)? as usize;
    let version = take_u32(&mut footer)?;
    let (stored, magic) = footer.split_at_checked(32)?;
    if magic != MAGIC || version != VERSION {
        return None;
    }
    if payload_len.checked_add(header_len)? != footer_start {
        return None;
    }
    let (payload, rest) = file.split_at_checked(payload_len)?;
    let covered = rest.get(..header_len + 16)?;
    let payload_hash = blake3::hash(payload);
    if checksum(key, &payload_hash, covered) != stored {
        return None;
    }
    Some(Decoded {
        header: ObjectHeader::decode(rest.get(..header_len)?)?,
        payload: 0..payload_len,
        payload_hash: truncated(&payload_hash),
    })
}

/// The same as `Hash128::of_bytes` of what was hashed.
fn truncated(hash: &blake3::Hash) -> Hash128 {
    let mut out = [0; 16];
    out.copy_from_slice(&hash.as_bytes()[..16]);
    Hash128(out)
}

fn checksum(key: ObjectKey, payload_hash: &blake3::Hash, tail: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&key.0.0);
    hasher.update(payload_hash.as_bytes());
    hasher.update(tail);
    *hasher.finalize().as_bytes()
}

fn take_u32(bytes: &mut &[u8]) -> Option<u32> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*head))
}

fn take_u64(bytes: &mut &[u8]) -> Option<u64> {
    let (head, rest) = bytes.split_first_chunk::<8>()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*head))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (ObjectKey, Vec<u8>) {
        let key = ObjectKey(Hash128([3; 16]));
        let payload = b"\x7fELF and so on".to_vec();
        let header = ObjectHeader::new(["a", "päckchen", ""]);
        let tail = encode_tail(key, &header, &payload);
        (key, [payload, tail].concat())
    }

    #[test]
    fn round_trip() {
        let (key, file) = sample();
        let decoded = decode(key, &file).unwrap();
        assert_eq!(&file[decoded.payload], b"\x7fELF and so on");
        assert_eq!(decoded.header, ObjectHeader::new(["a", "päckchen", ""]));
        assert_eq!(
            decoded.payload_hash,
            Hash128::of_bytes(b"\x7fELF and so on")
        );
    }

    #[test]
    fn another_key_does_not_fit() {
        let (_, file) = sample();
        assert!(decode(ObjectKey(Hash128([4; 16])), &file).is_none());
    }

    #[test]
    fn every_truncation_and_every_bit_flip_is_noticed() {
        let (key, file) = sample();
        for len in 0..file.len() {
            assert!(decode(key, &file[..len]).is_none(), "truncated to {len}");
        }
        let mut longer = file.clone();
        longer.push(0);
        assert!(decode(key, &longer).is_none());
        for bit in 0..file.len() * 8 {
            let mut damaged = file.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(key, &damaged).is_none(), "bit {bit}");
        }
    }
}
