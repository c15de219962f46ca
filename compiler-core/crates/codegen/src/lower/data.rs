//! Private data and globals.

use inkwell::module::Linkage as LlvmLinkage;
use inkwell::types::BasicType;
use inkwell::values::{BasicValue, BasicValueEnum, PointerValue, StructValue};
use ssa::{Data, DataKind, Global};

use super::{Lowering, Symbol, checked_name, set_address_insignificant};
use crate::error::CodegenError;

impl<'a, 'ctx> Lowering<'a, 'ctx> {
    /// The address of a datum; the flag says that every use must ask for its thread's copy.
    pub(super) fn data_pointer(
        &mut self,
        data: &'a Data,
    ) -> Result<(PointerValue<'ctx>, bool), CodegenError> {
        match &data.kind {
            DataKind::Extern {
                symbol,
                mutable,
                thread_local,
            } => {
                let pointer = match self.symbols.get(symbol.as_str()) {
                    Some(known) => known.pointer(),
                    None => self
                        .declare_extern_data(symbol, *mutable, *thread_local)?
                        .as_pointer_value(),
                };
                Ok((pointer, *thread_local))
            }
            DataKind::Bytes {
                bytes,
                align,
                relocs,
                writable,
            } => {
                if !writable && let Some(&known) = self.private_data.get(data) {
                    return Ok((known, false));
                }
                let ty = self.layout(bytes, relocs, padding(bytes, 0))?;
                // Without a name: it is nobody's but this module's.
                let global = self.module.add_global(ty, None, "");
                global.set_linkage(LlvmLinkage::Private);
                let own = global.as_pointer_value();
                let value = self.initializer(bytes, relocs, padding(bytes, 0), own)?;
                global.set_initializer(&value);
                global.set_constant(!writable);
                global.set_alignment((*align).max(1));
                if !writable {
                    set_address_insignificant(global);
                    self.private_data.insert(data, global.as_pointer_value());
                }
                Ok((global.as_pointer_value(), false))
            }
        }
    }

    /// Declares a global that this unit defines.
    pub(super) fn declare_global(&mut self, global: &'a Global) -> Result<(), CodegenError> {
        let symbol = checked_name(&global.symbol)?;
        if self.symbols.contains_key(symbol) {
            return Err(CodegenError::internal(format!(
                "two definitions of `{symbol}` in one unit"
            )));
        }
        let ty = self.layout(
            &global.init,
            &global.relocs,
            padding(&global.init, global.zero_size),
        )?;
        let value = self.module.add_global(ty, None, symbol);
        value.set_constant(!global.writable);
        value.set_thread_local_mode(super::thread_local_mode(global.thread_local));
        value.set_alignment(global.align.max(1));
        self.symbols.insert(symbol, Symbol::Global(value));
        Ok(())
    }

    /// Gives a declared global its bytes; all symbols they may name are declared by now.
    pub(super) fn initialize_global(&mut self, global: &'a Global) -> Result<(), CodegenError> {
        let Some(&Symbol::Global(value)) = self.symbols.get(global.symbol.as_str()) else {
            return Err(CodegenError::internal(format!(
                "global `{}` was not declared",
                global.symbol
            )));
        };
        value.set_initializer(&self.initializer(
            &global.init,
            &global.relocs,
            padding(&global.init, global.zero_size),
            value.as_pointer_value(),
        )?);
        self.place(value, &global.symbol, global.linkage);
        Ok(())
    }

    /// Bytes with addresses in them, as a packed struct of byte runs and pointers.
    fn initializer(
        &mut self,
        bytes: &'a [u8],
        relocs: &'a [ssa::data::Reloc],
        zero_size: u64,
        own: PointerValue<'ctx>,
    ) -> Result<StructValue<'ctx>, CodegenError> {
        let mut fields: Vec<BasicValueEnum<'ctx>> = Vec::with_capacity(2 * relocs.len() + 2);
        for piece in pieces(bytes, relocs, self.pointer_bytes())? {
            fields.push(match piece {
                Piece::Bytes(run) => self.context.const_string(run, false).as_basic_value_enum(),
                Piece::Address(symbol, addend) => {
                    let pointer = match symbol {
                        "" => own,
                        symbol => self.symbol_pointer(symbol)?,
                    };
                    self.moved(pointer, addend).as_basic_value_enum()
                }
            });
        }
        if zero_size > 0 {
            fields.push(
                self.zeros_type(zero_size)?
                    .const_zero()
                    .as_basic_value_enum(),
            );
        }
        Ok(self.context.const_struct(&fields, true))
    }

    /// An address some bytes on, as a constant.
    fn moved(&self, pointer: PointerValue<'ctx>, bytes: u64) -> PointerValue<'ctx> {
        if bytes == 0 {
            return pointer;
        }
        let distance = self.context.i64_type().const_int(bytes, false);
        // SAFETY: only whoever reads through the address has to stay inside the symbol.
        unsafe { pointer.const_gep(self.context.i8_type(), &[distance]) }
    }

    /// The type of [`initializer`](Self::initializer)'s result.
    fn layout(
        &self,
        bytes: &[u8],
        relocs: &[ssa::data::Reloc],
        zero_size: u64,
    ) -> Result<inkwell::types::StructType<'ctx>, CodegenError> {
        let mut fields = Vec::with_capacity(2 * relocs.len() + 2);
        for piece in pieces(bytes, relocs, self.pointer_bytes())? {
            fields.push(match piece {
                Piece::Bytes(run) => self.zeros_type(run.len() as u64)?.as_basic_type_enum(),
                Piece::Address(..) => self.basic_type(ssa::Type::Ptr),
            });
        }
        if zero_size > 0 {
            fields.push(self.zeros_type(zero_size)?.as_basic_type_enum());
        }
        Ok(self.context.struct_type(&fields, true))
    }

    fn zeros_type(&self, size: u64) -> Result<inkwell::types::ArrayType<'ctx>, CodegenError> {
        let size = u32::try_from(size)
            .map_err(|_| CodegenError::unsupported("a datum of 4 GiB or more is not supported"))?;
        Ok(self.context.i8_type().array_type(size))
    }

    pub(super) fn pointer_bytes(&self) -> usize {
        if self.unit.target.triple.starts_with("wasm32") {
            4
        } else {
            8
        }
    }
}

/// Zero bytes after the initial ones: at least one byte in all, so that no two data share an address.
fn padding(init: &[u8], zero_size: u64) -> u64 {
    if init.is_empty() {
        zero_size.max(1)
    } else {
        zero_size
    }
}

enum Piece<'a> {
    Bytes(&'a [u8]),
    /// A symbol's address and a distance from it.
    Address(&'a str, u64),
}

/// Cuts bytes at their relocations, which ascend and do not overlap.
fn pieces<'a>(
    bytes: &'a [u8],
    relocs: &'a [ssa::data::Reloc],
    pointer_bytes: usize,
) -> Result<Vec<Piece<'a>>, CodegenError> {
    let mut out = Vec::with_capacity(2 * relocs.len() + 1);
    let mut at = 0usize;
    for (offset, symbol) in relocs {
        let offset = *offset as usize;
        let end = offset + pointer_bytes;
        let (Some(run), true) = (bytes.get(at..offset), end <= bytes.len()) else {
            return Err(CodegenError::internal(format!(
                "relocation to `{symbol}` at {offset} is out of place"
            )));
        };
        if !run.is_empty() {
            out.push(Piece::Bytes(run));
        }
        let mut addend = [0u8; 8];
        let stored = bytes.get(offset..end).unwrap_or_default();
        addend[..stored.len()].copy_from_slice(stored);
        out.push(Piece::Address(symbol, u64::from_le_bytes(addend)));
        at = end;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    if !rest.is_empty() {
        out.push(Piece::Bytes(rest));
    }
    Ok(out)
}
