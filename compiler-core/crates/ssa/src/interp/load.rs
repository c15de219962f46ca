//! Gives functions, globals and private data their addresses on first use.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::memory::Memory;
use super::{Program, StopReason};
use crate::data::{DataKind, Reloc};
use crate::function::{DataRef, Function};

/// Addresses from here on are functions'.
pub(super) const FIRST_FUNCTION: u64 = 1 << 62;
const FUNCTION_STRIDE: u64 = 16;

pub(super) struct Loader<'a> {
    program: &'a dyn Program,
    /// Functions by number, whether the program defines them or not.
    functions: Vec<(SmolStr, Option<Arc<Function>>)>,
    numbers: FxHashMap<SmolStr, usize>,
    globals: FxHashMap<SmolStr, u64>,
    datas: FxHashMap<(usize, DataRef), u64>,
}

impl<'a> Loader<'a> {
    pub(super) fn new(program: &'a dyn Program) -> Self {
        Loader {
            program,
            functions: Vec::new(),
            numbers: FxHashMap::default(),
            globals: FxHashMap::default(),
            datas: FxHashMap::default(),
        }
    }

    /// The function's number and definition; `None` when the program lacks it.
    pub(super) fn function(&mut self, symbol: &str) -> Option<(usize, Arc<Function>)> {
        let number = self.number(symbol);
        let (_, func) = &self.functions[number];
        func.clone().map(|func| (number, func))
    }

    /// The symbol of the function at an address.
    pub(super) fn symbol_at(&self, address: u64) -> Option<SmolStr> {
        let offset = address.checked_sub(FIRST_FUNCTION)?;
        let number = usize::try_from(offset / FUNCTION_STRIDE).ok()?;
        let (symbol, _) = self
            .functions
            .get(number)
            .filter(|_| offset % FUNCTION_STRIDE == 0)?;
        Some(symbol.clone())
    }

    pub(super) fn function_address(&mut self, symbol: &str) -> u64 {
        FIRST_FUNCTION + self.number(symbol) as u64 * FUNCTION_STRIDE
    }

    fn number(&mut self, symbol: &str) -> usize {
        if let Some(&number) = self.numbers.get(symbol) {
            return number;
        }
        let number = self.functions.len();
        let symbol = SmolStr::new(symbol);
        self.functions
            .push((symbol.clone(), self.program.function(&symbol)));
        self.numbers.insert(symbol, number);
        number
    }

    /// The address of a global, or of a function when there is no such global.
    pub(super) fn address_of(
        &mut self,
        symbol: &str,
        memory: &mut Memory,
    ) -> Result<u64, StopReason> {
        if let Some(&address) = self.globals.get(symbol) {
            return Ok(address);
        }
        // Globals may refer to each other in circles: addresses first, contents after.
        let mut pending = Vec::new();
        let address = self.place(symbol, memory, &mut pending)?;
        self.fill(pending, memory)?;
        address.ok_or_else(|| StopReason::UnknownGlobal(symbol.into()))
    }

    /// The address of a datum of a function.
    pub(super) fn data(
        &mut self,
        number: usize,
        func: &Function,
        data: DataRef,
        memory: &mut Memory,
    ) -> Result<u64, StopReason> {
        if let Some(&address) = self.datas.get(&(number, data)) {
            return Ok(address);
        }
        let address = match &func.datas[data].kind {
            DataKind::Extern { symbol, .. } => self.address_of(symbol, memory)?,
            DataKind::Bytes {
                bytes,
                align,
                relocs,
                writable,
            } => {
                let address = memory.alloc(bytes.len() as u64, u64::from(*align))?;
                memory.write(address, bytes)?;
                let (relocs, writable) = (relocs.clone(), *writable);
                self.fill(
                    vec![Pending {
                        address,
                        relocs,
                        writable,
                    }],
                    memory,
                )?;
                address
            }
        };
        self.datas.insert((number, data), address);
        Ok(address)
    }

    /// The address of what the program defines; its contents are left to `fill`.
    fn place(
        &mut self,
        symbol: &str,
        memory: &mut Memory,
        pending: &mut Vec<Pending>,
    ) -> Result<Option<u64>, StopReason> {
        if let Some(&address) = self.globals.get(symbol) {
            return Ok(Some(address));
        }
        let Some(global) = self.program.global(symbol) else {
            let is_defined = self.function(symbol).is_some();
            return Ok(is_defined.then(|| self.function_address(symbol)));
        };
        let address = memory.alloc(global.size_bytes(), u64::from(global.align))?;
        memory.write(address, &global.init)?;
        self.globals.insert(symbol.into(), address);
        let (relocs, writable) = (global.relocs.clone(), global.writable);
        pending.push(Pending {
            address,
            relocs,
            writable,
        });
        Ok(Some(address))
    }

    fn fill(&mut self, mut pending: Vec<Pending>, memory: &mut Memory) -> Result<(), StopReason> {
        while let Some(Pending {
            address,
            relocs,
            writable,
        }) = pending.pop()
        {
            for (offset, symbol) in relocs {
                let target = match symbol.as_str() {
                    "" => Some(address),
                    symbol => self.place(symbol, memory, &mut pending)?,
                };
                // Perhaps a function of the host; calling it will tell.
                let target = target.unwrap_or_else(|| self.function_address(&symbol));
                let at = address + u64::from(offset);
                let addend = memory.read_bits(at, 8)? as u64;
                memory.write_bits(at, u128::from(target.wrapping_add(addend)), 8)?;
            }
            if !writable {
                memory.make_constant(address);
            }
        }
        Ok(())
    }
}

/// Bytes whose addresses are still to be written.
struct Pending {
    address: u64,
    relocs: Vec<Reloc>,
    writable: bool,
}
