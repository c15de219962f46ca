//! Making the line tables of an image absolute.
//!
//! Codegen emits `LINE_BIAS + relative` for a line of a function, so that its
//! object does not change when the function moves. Here every sequence of
//! `.debug_line` is given its function's first line, in place:
//!
//! ```text
//! DW_LNE_set_address 0x1510     → tml.main, which begins on line 40
//! DW_LNS_advance_line 2097152   line 1 → BIAS + 1     becomes 40: 1 → 41, in as many bytes
//! DW_LNS_copy
//! DW_LNS_advance_line 1         BIAS + 1 → BIAS + 2   stays 1
//! DW_LNS_advance_line -2097154  BIAS + 2 → 0          becomes -42: "no line" stays "no line"
//! ```
//!
//! Only advances that cross the bias change. They are four bytes long at least
//! and leave room for lines up to 2^27; special opcodes cannot cross it.
//!
//! The pass is linear in `.debug_line` and in the symbol table, reads nothing
//! else, and leaves alone whatever it does not know: sequences of functions
//! that are not in the list (foreign objects), tombstones of discarded bodies,
//! and versions of the format other than 2 to 5.

use std::ops::Range;

use object::LittleEndian;
use object::elf;
use object::read::elf::{ElfFile64, SectionHeader, Sym};
use object_store::LINE_BIAS;
use rustc_hash::FxHashMap;

/// What happened to the line tables of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineReport {
    /// Sequences whose lines are absolute now.
    pub patched: u32,
    /// Sequences of bodies that are not in the image.
    pub discarded: u32,
    /// Sequences of functions that the list does not name.
    pub unknown: u32,
    /// Advances that have no room for the line (past 2^27); their rows are wrong.
    pub too_long: u32,
    /// Line programs that end early or are of an unknown version; left as they were.
    pub unreadable: u32,
}

/// Makes the lines of the given functions (symbol, first line) absolute.
pub fn patch_lines<'a>(
    image: &mut [u8],
    bases: impl IntoIterator<Item = (&'a str, u32)>,
) -> LineReport {
    let bases: FxHashMap<&[u8], u32> = bases
        .into_iter()
        .map(|(symbol, line)| (symbol.as_bytes(), line))
        .collect();
    let mut report = LineReport::default();
    if bases.is_empty() {
        return report;
    }
    let Some((section, functions)) = read_image(image, &bases) else {
        return report;
    };
    let Some(mut bytes) = image.get_mut(section) else {
        return report;
    };
    while !bytes.is_empty() {
        let Some(unit_len) = patch_unit(bytes, &functions, &mut report) else {
            report.unreadable += 1;
            break;
        };
        bytes = &mut std::mem::take(&mut bytes)[unit_len..];
    }
    report
}

/// The addresses of functions whose first line is known, in order.
struct Functions(Vec<Function>);

struct Function {
    start: u64,
    end: u64,
    first_line: u32,
}

impl Functions {
    fn first_line(&self, address: u64) -> Option<u32> {
        let index = self.0.partition_point(|function| function.start <= address);
        let function = self.0.get(index.checked_sub(1)?)?;
        (address < function.end).then_some(function.first_line)
    }
}

/// Where `.debug_line` is in the file, and where the functions are in memory.
/// `None` when the image has no line tables or no symbols to tell whose they are.
fn read_image(image: &[u8], bases: &FxHashMap<&[u8], u32>) -> Option<(Range<usize>, Functions)> {
    let file = ElfFile64::<LittleEndian>::parse(image).ok()?;
    let endian = file.endian();
    let (_, section) = file
        .elf_section_table()
        .section_by_name(endian, b".debug_line")?;
    if section.sh_flags(endian).contains(elf::SHF_COMPRESSED) {
        return None;
    }
    let (offset, size) = section.file_range(endian)?;
    let start = usize::try_from(offset).ok()?;
    let range = start..start.checked_add(usize::try_from(size).ok()?)?;

    let symbols = file.elf_symbol_table();
    let strings = symbols.strings();
    let mut functions = Vec::with_capacity(bases.len());
    for symbol in symbols.iter() {
        if symbol.st_type() != elf::STT_FUNC || symbol.is_undefined(endian) {
            continue;
        }
        let Some(&first_line) = symbol
            .name(endian, strings)
            .ok()
            .and_then(|name| bases.get(name))
        else {
            continue;
        };
        let start = symbol.st_value(endian);
        let end = start.saturating_add(symbol.st_size(endian).max(1));
        functions.push(Function {
            start,
            end,
            first_line,
        });
    }
    functions.sort_unstable_by_key(|function| (function.start, function.end));
    Some((range, Functions(functions)))
}

/// Patches the line program at the beginning of `bytes` and returns its length;
/// `None` when it does not fit into `bytes`, so that the next one cannot be found.
fn patch_unit(bytes: &mut [u8], functions: &Functions, report: &mut LineReport) -> Option<usize> {
    let mut reader = Reader { bytes, position: 0 };
    let (unit_len, offset_size) = match reader.u32()? {
        0xffff_ffff => (reader.u64()?, 8),
        // Values reserved for further formats.
        0xffff_fff0.. => return None,
        len => (u64::from(len), 4),
    };
    let end = reader
        .position
        .checked_add(usize::try_from(unit_len).ok()?)?;
    let unit = bytes.get_mut(..end)?;
    if patch_program(
        unit,
        end - unit_len as usize,
        offset_size,
        functions,
        report,
    )
    .is_none()
    {
        report.unreadable += 1;
    }
    Some(end)
}

/// The registers of the line number machine that matter here, as the input has them.
struct Registers {
    line: i64,
    first_line: Option<u32>,
}

const START: Registers = Registers {
    line: 1,
    first_line: None,
};

/// `None` when the program is not understood; what was patched until then stays patched.
fn patch_program(
    unit: &mut [u8],
    start: usize,
    offset_size: usize,
    functions: &Functions,
    report: &mut LineReport,
) -> Option<()> {
    let header = Header::read(unit, start, offset_size)?;
    let mut registers = START;
    let mut position = header.program;
    while position < unit.len() {
        let mut reader = Reader {
            bytes: unit,
            position,
        };
        let opcode = reader.u8()?;
        if opcode >= header.opcode_base {
            let adjusted = opcode - header.opcode_base;
            registers.line += header.line_base + i64::from(adjusted % header.line_range);
        } else if opcode == DW_LNS_EXTENDED {
            let len = usize::try_from(reader.uleb()?).ok()?;
            let next = reader.position.checked_add(len)?;
            match reader.u8()? {
                DW_LNE_END_SEQUENCE => registers = START,
                DW_LNE_SET_ADDRESS => {
                    let address = if len == 9 {
                        reader.u64()?
                    } else {
                        u64::from(reader.u32()?)
                    };
                    registers.first_line = functions.first_line(address);
                    match registers.first_line {
                        _ if address == 0 => report.discarded += 1,
                        Some(_) => report.patched += 1,
                        None => report.unknown += 1,
                    }
                }
                _ => {}
            }
            reader.position = next;
        } else if opcode == DW_LNS_ADVANCE_LINE {
            let operand = reader.position;
            let delta = reader.sleb()?;
            let next = reader.position;
            let before = registers.line;
            registers.line = before.checked_add(delta)?;
            if let Some(first_line) = registers.first_line {
                let absolute = absolute(registers.line, first_line) - absolute(before, first_line);
                if absolute != delta && !write_sleb(unit.get_mut(operand..next)?, absolute) {
                    report.too_long += 1;
                }
            }
            position = next;
            continue;
        } else if opcode == DW_LNS_FIXED_ADVANCE_PC {
            reader.position += 2;
        } else {
            let operand_count = *unit.get(header.operand_counts + usize::from(opcode) - 1)?;
            for _ in 0..operand_count {
                reader.uleb()?;
            }
        }
        position = reader.position;
    }
    Some(())
}

/// The line of the source file that a line of the input means.
fn absolute(line: i64, first_line: u32) -> i64 {
    let bias = i64::from(LINE_BIAS);
    if line >= bias {
        line - bias + i64::from(first_line)
    } else {
        line
    }
}

const DW_LNS_EXTENDED: u8 = 0;
const DW_LNS_ADVANCE_LINE: u8 = 3;
const DW_LNS_FIXED_ADVANCE_PC: u8 = 9;
const DW_LNE_END_SEQUENCE: u8 = 1;
const DW_LNE_SET_ADDRESS: u8 = 2;

/// What a line program's header says of its opcodes.
struct Header {
    line_base: i64,
    line_range: u8,
    opcode_base: u8,
    /// Where the operand counts of the standard opcodes are, from opcode 1 on.
    operand_counts: usize,
    /// Where the opcodes begin.
    program: usize,
}

impl Header {
    fn read(unit: &[u8], start: usize, offset_size: usize) -> Option<Header> {
        let mut reader = Reader {
            bytes: unit,
            position: start,
        };
        let version = reader.u16()?;
        if !(2..=5).contains(&version) {
            return None;
        }
        if version == 5 {
            // Sizes of addresses and of segment selectors.
            reader.position += 2;
        }
        let header_len = if offset_size == 8 {
            reader.u64()?
        } else {
            u64::from(reader.u32()?)
        };
        let program = reader
            .position
            .checked_add(usize::try_from(header_len).ok()?)?;
        // Minimum instruction length, maximum operations per instruction, is_stmt.
        reader.position += if version >= 4 { 3 } else { 2 };
        let line_base = i64::from(reader.u8()? as i8);
        let line_range = reader.u8()?;
        let opcode_base = reader.u8()?;
        if line_range == 0 || opcode_base == 0 || program > unit.len() {
            return None;
        }
        let operand_counts = reader.position;
        Some(Header {
            line_base,
            line_range,
            opcode_base,
            operand_counts,
            program,
        })
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = self.bytes.get(self.position..)?.first_chunk::<N>()?;
        self.position += N;
        Some(*bytes)
    }

    fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn uleb(&mut self) -> Option<u64> {
        let mut value = 0;
        let mut shift = 0;
        loop {
            let byte = self.u8()?;
            if shift < 64 {
                value |= u64::from(byte & 0x7f) << shift;
            }
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
    }

    fn sleb(&mut self) -> Option<i64> {
        let mut value = 0;
        let mut shift = 0;
        loop {
            let byte = self.u8()?;
            if shift < 64 {
                value |= i64::from(byte & 0x7f) << shift;
            }
            shift += 7;
            if byte & 0x80 == 0 {
                let is_negative = byte & 0x40 != 0;
                return Some(if is_negative && shift < 64 {
                    value | (-1 << shift)
                } else {
                    value
                });
            }
        }
    }
}

/// Fills `bytes` with a value, padded to their number; `false` when there are too few.
fn write_sleb(bytes: &mut [u8], value: i64) -> bool {
    let bits = 7 * bytes.len().min(9);
    if bits < 64 && (value >> (bits - 1)) != (value >> 63) {
        return false;
    }
    let last = bytes.len() - 1;
    let mut rest = value;
    for (index, byte) in bytes.iter_mut().enumerate() {
        let more = if index == last { 0 } else { 0x80 };
        *byte = (rest & 0x7f) as u8 | more;
        rest >>= 7;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_numbers_read_back() {
        for len in 1..=10usize {
            for value in [
                0,
                1,
                -1,
                63,
                64,
                -64,
                -65,
                1 << 20,
                -(1 << 20),
                (1 << 27) - 1,
                1 << 27,
            ] {
                let mut bytes = vec![0; len];
                let fits = write_sleb(&mut bytes, value);
                let bits = 7 * len - 1;
                assert_eq!(
                    fits,
                    bits >= 64 || (-(1i128 << bits)..1 << bits).contains(&i128::from(value))
                );
                if fits {
                    let mut reader = Reader {
                        bytes: &bytes,
                        position: 0,
                    };
                    assert_eq!((reader.sleb(), reader.position), (Some(value), len));
                }
            }
        }
    }

    /// A version 4 program with these opcodes.
    fn unit(program: &[u8]) -> Vec<u8> {
        let header = [
            1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0,
        ];
        let mut unit = vec![4, 0];
        unit.extend_from_slice(&(header.len() as u32).to_le_bytes());
        unit.extend_from_slice(&header);
        unit.extend_from_slice(program);
        [&(unit.len() as u32).to_le_bytes(), &unit[..]].concat()
    }

    fn sleb4(value: i64) -> [u8; 4] {
        let mut bytes = [0; 4];
        assert!(write_sleb(&mut bytes, value));
        bytes
    }

    fn set_address(address: u64) -> Vec<u8> {
        [&[0, 9, DW_LNE_SET_ADDRESS][..], &address.to_le_bytes()].concat()
    }

    const END: [u8; 3] = [0, 1, DW_LNE_END_SEQUENCE];
    const BIAS: i64 = LINE_BIAS as i64;

    fn patched(program: &[u8]) -> (Vec<u8>, LineReport) {
        let functions = Functions(vec![
            Function {
                start: 0x1000,
                end: 0x1010,
                first_line: 40,
            },
            Function {
                start: 0x1010,
                end: 0x1020,
                first_line: 100_000_000,
            },
        ]);
        let mut unit = unit(program);
        let header_len = unit.len() - program.len();
        let mut report = LineReport::default();
        let len = unit.len();
        assert_eq!(patch_unit(&mut unit, &functions, &mut report), Some(len));
        (unit.split_off(header_len), report)
    }

    #[test]
    fn sequences_are_patched_one_by_one() {
        let sequence = |address, first, to_zero, from_zero| {
            [
                &[5, 7][..],
                &set_address(address),
                &[3],
                &sleb4(first),
                // copy; a special opcode; to line 0; fixed_advance_pc; back again.
                &[1, 0x4b, 3],
                &sleb4(to_zero),
                &[1, 9, 3, 3, 3],
                &sleb4(from_zero),
                &[1, 2, 3],
                &END,
            ]
            .concat()
        };
        // 0x4b advances the line by 1: (0x4b - 13) % 14 - 5.
        let biased = |address| sequence(address, BIAS + 2 - 1, -(BIAS + 3), BIAS + 9);
        let input = [biased(0x1010), biased(0x1000), biased(0), biased(0x5000)].concat();
        let expected = [
            sequence(0x1010, 100_000_001, -100_000_003, 100_000_009),
            sequence(0x1000, 41, -43, 49),
            biased(0),
            biased(0x5000),
        ]
        .concat();
        let (output, report) = patched(&input);
        assert_eq!(output, expected);
        let expected = LineReport {
            patched: 2,
            discarded: 1,
            unknown: 1,
            ..Default::default()
        };
        assert_eq!(report, expected);
    }

    #[test]
    fn programs_cut_short_are_left() {
        let program = [
            &set_address(0x1000)[..],
            &[3],
            &sleb4(BIAS),
            &[1, 2, 16],
            &END,
        ]
        .concat();
        let functions = Functions(vec![Function {
            start: 0x1000,
            end: 0x1010,
            first_line: 40,
        }]);
        let whole = unit(&program);
        for len in 0..whole.len() {
            let mut cut = whole[..len].to_vec();
            let mut report = LineReport::default();
            assert_eq!(patch_unit(&mut cut, &functions, &mut report), None);
            assert_eq!(cut, whole[..len]);
        }
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                patch_unit(&mut damaged, &functions, &mut LineReport::default());
            }
        }
    }
}
