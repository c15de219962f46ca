//! Constant data and globals.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::function::Linkage;

/// The address of a symbol, stored at a byte offset. The bytes that stand there say how many
/// bytes behind the symbol it is, as a little-endian number. An empty symbol is the datum itself.
pub type Reloc = (u32, SmolStr);

/// A datum that a function refers to by a [`DataRef`](crate::DataRef).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Data {
    pub kind: DataKind,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum DataKind {
    /// Private bytes that travel with the function. Equal ones may be merged when not writable.
    Bytes {
        bytes: Arc<[u8]>,
        align: u32,
        relocs: Vec<Reloc>,
        writable: bool,
    },
    /// A symbol that some unit defines as a [`Global`].
    Extern {
        symbol: SmolStr,
        mutable: bool,
        thread_local: bool,
    },
}

impl Data {
    /// Private read-only bytes.
    pub fn bytes(bytes: impl Into<Arc<[u8]>>, align: u32) -> Data {
        Data {
            kind: DataKind::Bytes {
                bytes: bytes.into(),
                align,
                relocs: Vec::new(),
                writable: false,
            },
        }
    }

    /// A read-only symbol that is defined elsewhere.
    pub fn extern_const(symbol: impl Into<SmolStr>) -> Data {
        Data {
            kind: DataKind::Extern {
                symbol: symbol.into(),
                mutable: false,
                thread_local: false,
            },
        }
    }

    /// A symbol that is defined elsewhere and may change at run time, in each thread by itself
    /// if it is `thread_local`.
    pub fn extern_mut(symbol: impl Into<SmolStr>, thread_local: bool) -> Data {
        Data {
            kind: DataKind::Extern {
                symbol: symbol.into(),
                mutable: true,
                thread_local,
            },
        }
    }
}

/// A symbol with storage: a static, a table, an item's first line.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Global {
    pub symbol: SmolStr,
    pub align: u32,
    /// The initial bytes; `zero_size` more zero bytes follow.
    pub init: Arc<[u8]>,
    /// Addresses inside `init`, in ascending order of offset.
    pub relocs: Vec<Reloc>,
    pub zero_size: u64,
    pub writable: bool,
    pub thread_local: bool,
    pub linkage: Linkage,
}

impl Global {
    pub fn size_bytes(&self) -> u64 {
        self.init.len() as u64 + self.zero_size
    }
}
