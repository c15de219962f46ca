//! Byte-addressed memory with bounds.
//!
//! Regions lie apart from each other and no address is used twice, so running
//! off the end of one, or using it after it is freed, is always noticed.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

/// Regions of bytes by address.
pub struct Memory {
    regions: BTreeMap<u64, Region>,
    next: u64,
    bytes_used: u64,
    bytes_max: u64,
    /// The latest freed ranges, for better messages.
    freed: VecDeque<(u64, u64)>,
}

struct Region {
    bytes: Vec<u8>,
    writable: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccessError {
    /// Near address zero.
    Null,
    OutOfBounds {
        address: u64,
        size: u64,
    },
    Freed {
        address: u64,
    },
    ReadOnly {
        address: u64,
    },
    Misaligned {
        address: u64,
        align: u64,
    },
    /// Not the start of a region.
    BadFree {
        address: u64,
    },
    OutOfMemory,
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AccessError::Null => f.write_str("access through null"),
            AccessError::OutOfBounds { size, .. } => {
                write!(f, "access of {size} bytes out of bounds")
            }
            AccessError::Freed { .. } => f.write_str("access to freed memory"),
            AccessError::ReadOnly { .. } => f.write_str("write to constant memory"),
            AccessError::Misaligned { align, .. } => write!(f, "address not aligned to {align}"),
            AccessError::BadFree { .. } => f.write_str("freeing what was not allocated"),
            AccessError::OutOfMemory => f.write_str("too much memory"),
        }
    }
}

/// The lowest region's address; everything below counts as null.
const FIRST_ADDRESS: u64 = 0x1_0000;
/// Unused bytes between regions.
const GAP_BYTES: u64 = 32;
/// What a region costs besides its bytes, so that empty ones are limited too; guessed.
const REGION_BYTES: u64 = 64;
/// Freed ranges that are remembered; guessed.
const FREED_MAX: usize = 1024;

impl Memory {
    pub fn new(bytes_max: u64) -> Memory {
        Memory {
            regions: BTreeMap::new(),
            next: FIRST_ADDRESS,
            bytes_used: 0,
            bytes_max,
            freed: VecDeque::new(),
        }
    }

    /// Zeroed, writable bytes.
    pub fn alloc(&mut self, size: u64, align: u64) -> Result<u64, AccessError> {
        let used = size
            .checked_add(REGION_BYTES)
            .and_then(|size| size.checked_add(self.bytes_used));
        let used = used
            .filter(|&used| used <= self.bytes_max)
            .ok_or(AccessError::OutOfMemory)?;
        let address = self.next.checked_next_multiple_of(align.max(1));
        let next = address.and_then(|address| address.checked_add(size + GAP_BYTES));
        let (Some(address), Some(next)) = (address, next) else {
            return Err(AccessError::OutOfMemory);
        };
        // Function addresses begin here.
        if next >= super::load::FIRST_FUNCTION {
            return Err(AccessError::OutOfMemory);
        }
        let bytes = vec![0; size as usize];
        self.regions.insert(
            address,
            Region {
                bytes,
                writable: true,
            },
        );
        self.bytes_used = used;
        self.next = next;
        Ok(address)
    }

    pub fn free(&mut self, address: u64) -> Result<(), AccessError> {
        let Some(region) = self.regions.remove(&address) else {
            let known = self.freed.iter().any(|&(start, _)| start == address);
            return Err(match known {
                true => AccessError::Freed { address },
                false => AccessError::BadFree { address },
            });
        };
        let size = region.bytes.len() as u64;
        self.bytes_used -= size + REGION_BYTES;
        if self.freed.len() == FREED_MAX {
            self.freed.pop_front();
        }
        self.freed.push_back((address, size));
        Ok(())
    }

    /// A block of another size with the same beginning, in place of the region at an address.
    pub fn resize(&mut self, address: u64, size: u64, align: u64) -> Result<u64, AccessError> {
        let old = self.regions.get(&address);
        let old = old.map_or(0, |region| region.bytes.len() as u64);
        let moved = self.alloc(size, align)?;
        self.copy(moved, address, old.min(size))?;
        self.free(address)?;
        Ok(moved)
    }

    /// From now on the region at this address only reads.
    pub(super) fn make_constant(&mut self, address: u64) {
        if let Some(region) = self.regions.get_mut(&address) {
            region.writable = false;
        }
    }

    pub fn read(&self, address: u64, size: u64) -> Result<&[u8], AccessError> {
        if size == 0 {
            return Ok(&[]);
        }
        let found = self.regions.range(..=address).next_back();
        let bytes = found.and_then(|(start, region)| {
            let at = usize::try_from(address - start).ok()?;
            region
                .bytes
                .get(at..at.checked_add(usize::try_from(size).ok()?)?)
        });
        bytes.ok_or_else(|| self.explain(address, size))
    }

    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), AccessError> {
        self.range_mut(address, bytes.len() as u64)?
            .copy_from_slice(bytes);
        Ok(())
    }

    pub fn fill(&mut self, address: u64, byte: u8, size: u64) -> Result<(), AccessError> {
        self.range_mut(address, size)?.fill(byte);
        Ok(())
    }

    /// Copies between ranges that may overlap.
    pub fn copy(&mut self, dst: u64, src: u64, size: u64) -> Result<(), AccessError> {
        let bytes = self.read(src, size)?.to_vec();
        self.write(dst, &bytes)
    }

    /// A little-endian number of up to 16 bytes.
    pub fn read_bits(&self, address: u64, size: u64) -> Result<u128, AccessError> {
        let bytes = self.read(address, size)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |bits, &byte| bits << 8 | u128::from(byte)))
    }

    pub fn write_bits(&mut self, address: u64, bits: u128, size: u64) -> Result<(), AccessError> {
        let bytes = bits.to_le_bytes();
        let size = bytes.len().min(size as usize);
        self.write(address, &bytes[..size])
    }

    /// The bytes up to the first zero.
    pub fn read_c_string(&self, address: u64) -> Result<Vec<u8>, AccessError> {
        let mut bytes = Vec::new();
        loop {
            match self.read(address.wrapping_add(bytes.len() as u64), 1)? {
                [0] | [] => return Ok(bytes),
                [byte, ..] => bytes.push(*byte),
            }
        }
    }

    fn range_mut(&mut self, address: u64, size: u64) -> Result<&mut [u8], AccessError> {
        if size == 0 {
            return Ok(&mut []);
        }
        self.read(address, size)?;
        let at_or_before = self.regions.range_mut(..=address).next_back();
        match at_or_before {
            Some((start, region)) if region.writable => {
                let at = (address - start) as usize;
                Ok(&mut region.bytes[at..at + size as usize])
            }
            _ => Err(AccessError::ReadOnly { address }),
        }
    }

    fn explain(&self, address: u64, size: u64) -> AccessError {
        if address < FIRST_ADDRESS {
            return AccessError::Null;
        }
        let was_freed = |&(start, len): &(u64, u64)| (start..start + len.max(1)).contains(&address);
        match self.freed.iter().any(was_freed) {
            true => AccessError::Freed { address },
            false => AccessError::OutOfBounds { address, size },
        }
    }
}
