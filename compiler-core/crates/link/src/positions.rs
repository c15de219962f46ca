//! The object that holds where functions begin.
//!
//! A panic names its line as the function's first line plus an offset that is
//! in the code. The first line is a datum of its own, so that moving a function
//! changes this one small object, which is written anew for each link.

use object::write::{Object, StandardSection, Symbol, SymbolSection};
use object::{Architecture, BinaryFormat, Endianness, SymbolFlags, SymbolKind, SymbolScope};

use crate::Target;

/// A relocatable object that defines a read-only, 4-byte little-endian datum
/// for each (symbol, first line). The symbols are hidden: visible to all inputs
/// of a link and to nobody beyond the image.
pub fn positions_object<'a>(
    target: Target,
    positions: impl IntoIterator<Item = (&'a str, u32)>,
) -> Vec<u8> {
    let architecture = match target {
        Target::X86_64Linux => Architecture::X86_64,
        Target::Aarch64Linux => Architecture::Aarch64,
    };
    let mut object = Object::new(BinaryFormat::Elf, architecture, Endianness::Little);
    let section = object.section_id(StandardSection::ReadOnlyData);
    let mut data = Vec::new();
    for (symbol, first_line) in positions {
        object.add_symbol(Symbol {
            name: symbol.as_bytes().to_vec(),
            value: data.len() as u64,
            size: 4,
            kind: SymbolKind::Data,
            // `Linkage` is hidden visibility in ELF.
            scope: SymbolScope::Linkage,
            weak: false,
            section: SymbolSection::Section(section),
            flags: SymbolFlags::None,
        });
        data.extend_from_slice(&first_line.to_le_bytes());
    }
    object.set_section_data(section, data, 4);
    // Writing into memory fails only for objects that are not ELF at all.
    object
        .write()
        .expect("symbols and data are all an ELF object needs")
}

#[cfg(test)]
mod tests {
    use object::{Object as _, ObjectSection as _, ObjectSymbol as _};

    use super::*;

    #[test]
    fn each_symbol_is_its_line() {
        for target in [Target::X86_64Linux, Target::Aarch64Linux] {
            let positions = [("tml.a.first_line", 1), ("tml.b.first_line", 70_000)];
            let bytes = positions_object(target, positions);
            let file = object::File::parse(&*bytes).unwrap();
            for (name, line) in positions {
                let symbol = file.symbol_by_name(name).unwrap();
                assert_eq!((symbol.size(), symbol.scope()), (4, SymbolScope::Linkage));
                let section = file
                    .section_by_index(symbol.section_index().unwrap())
                    .unwrap();
                let start = symbol.address() as usize;
                assert_eq!(
                    section.data().unwrap()[start..start + 4],
                    u32::to_le_bytes(line)
                );
            }
        }
    }

    #[test]
    fn no_positions_are_an_object_too() {
        let bytes = positions_object(Target::X86_64Linux, []);
        assert!(object::File::parse(&*bytes).is_ok());
    }
}
