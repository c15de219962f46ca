//! The agreement between code generation and linking that keeps absolute line
//! numbers out of objects.
//!
//! A line typed above a thousand functions moves them all and changes none. So
//! objects hold lines relative to their item, and the link step, which runs
//! anyway, turns them into absolute ones in two places:
//!
//! * `.debug_line`: codegen emits line [`LINE_BIAS`]` + relative`; the linker's
//!   caller rewrites the line programs of the image.
//! * panics: a function that reports its location loads its first line from a
//!   4-byte datum named [`line_base_symbol`] and adds the relative line.

/// What codegen adds to every item-relative line (relative 0 is the item's first line).
///
/// The first row of a sequence moves from line 1 to `LINE_BIAS + relative` with
/// `DW_LNS_advance_line`, whose SLEB128 operand then takes four bytes, whatever
/// the relative line; four bytes have room for every absolute line up to 2^27.
/// Line 0 ("no source line") is emitted as plain 0 and stays 0.
pub const LINE_BIAS: u32 = 1 << 21;

/// The name of the datum that holds the first line of a function's item.
pub fn line_base_symbol(func_symbol: &str) -> String {
    format!("{func_symbol}.first_line")
}
