//! The text form, written.
//!
//! Numbers are those of the tables, so that text agrees with what the verifier
//! reports; for a [compact](Function::compact) function the text parses back to
//! the same value. The grammar is in `docs/ir-ssa.md`.

mod insts;

use std::fmt::{self, Display, Formatter};

use self::insts::{InstText, OperandText, TerminatorText};
use crate::data::{Data, DataKind, Global, Reloc};
use crate::function::{
    Block, DataRef, Effect, Function, FunctionAttrs, InlineHint, Inst, Linkage, Loc, Role,
};
use crate::module::Module;
use crate::operand::Operand;
use crate::types::{Signature, Type};

impl Display for Module {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for global in &self.globals {
            writeln!(f, "{global}")?;
        }
        for (index, func) in self.functions.iter().enumerate() {
            if index > 0 || !self.globals.is_empty() {
                writeln!(f)?;
            }
            write!(f, "{func}")?;
        }
        Ok(())
    }
}

impl Display for Global {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "global {} = align {} {}",
            Symbol(&self.symbol),
            self.align,
            Bytes(&self.init)
        )?;
        if self.zero_size > 0 {
            write!(f, " zero {}", self.zero_size)?;
        }
        write_relocs(f, &self.relocs)?;
        for (flag, word) in [
            (self.writable, " writable"),
            (self.thread_local, " thread_local"),
        ] {
            if flag {
                f.write_str(word)?;
            }
        }
        f.write_str(linkage_suffix(self.linkage))
    }
}

impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "func {}(", Symbol(&self.symbol))?;
        for (index, ty) in self.signature.params.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{ty} %{index}")?;
        }
        if self.signature.varargs {
            f.write_str(if self.signature.params.is_empty() {
                "..."
            } else {
                ", ..."
            })?;
        }
        f.write_str(")")?;
        if let Some(ty) = self.signature.result {
            write!(f, " -> {ty}")?;
        }
        f.write_str(linkage_suffix(self.linkage))?;
        write_attrs(f, &self.attrs)?;
        writeln!(f, " {{")?;
        self.write_preamble(f)?;
        for block in self.blocks.keys() {
            self.write_block(f, block)?;
        }
        writeln!(f, "}}")
    }
}

impl Function {
    fn write_preamble(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.display != self.symbol {
            writeln!(f, "  display {}", Bytes(self.display.as_bytes()))?;
        }
        if let Some(source) = &self.source {
            let file = Bytes(source.file.as_bytes());
            writeln!(f, "  source {file} line {}", Symbol(&source.line_symbol))?;
        }
        for (slot, data) in self.slots.iter() {
            write!(f, "  slot {slot} = {} align {}", data.size, data.align)?;
            if let Some(name) = &data.name {
                write!(f, " {}", Bytes(name.as_bytes()))?;
            }
            writeln!(f)?;
        }
        for func in self.funcs.values() {
            write!(
                f,
                "  declare {}{}",
                Symbol(&func.symbol),
                SignatureText(&func.signature)
            )?;
            write_attrs(f, &func.attrs)?;
            writeln!(f)?;
        }
        for (number, data) in self.datas.iter() {
            write_data(f, number, data)?;
        }
        Ok(())
    }

    fn write_block(&self, f: &mut Formatter<'_>, block: Block) -> fmt::Result {
        let data = &self.blocks[block];
        writeln!(f, "{block}:")?;
        for &inst in &data.insts {
            writeln!(f, "  {}", self.inst_text(inst))?;
        }
        write!(f, "  {}", TerminatorText(self, &data.terminator))?;
        write_loc(f, data.terminator_loc)?;
        writeln!(f)
    }

    /// One instruction as text.
    pub fn inst_text(&self, inst: Inst) -> impl Display + '_ {
        InstText(self, inst)
    }

    fn operand_text(&self, operand: &Operand) -> impl Display + '_ {
        OperandText(self, *operand)
    }

    /// The type a `Value` claims, without failing on broken IR.
    fn printed_type(&self, operand: &Operand) -> Type {
        match operand {
            Operand::Value(value) => self.values.get(*value).map_or(Type::I1, |value| value.ty),
            other => other.ty(self),
        }
    }
}

fn write_data(f: &mut Formatter<'_>, number: DataRef, data: &Data) -> fmt::Result {
    match &data.kind {
        DataKind::Bytes {
            bytes,
            align,
            relocs,
            writable,
        } => {
            write!(f, "  data {number} = align {align} {}", Bytes(bytes))?;
            write_relocs(f, relocs)?;
            if *writable {
                f.write_str(" writable")?;
            }
        }
        DataKind::Extern {
            symbol,
            mutable,
            thread_local,
        } => {
            write!(f, "  extern {number} = {}", Symbol(symbol))?;
            if *mutable {
                f.write_str(" mutable")?;
            }
            if *thread_local {
                f.write_str(" thread_local")?;
            }
        }
    }
    writeln!(f)
}

fn write_relocs(f: &mut Formatter<'_>, relocs: &[Reloc]) -> fmt::Result {
    relocs
        .iter()
        .try_for_each(|(at, symbol)| write!(f, " reloc {at} {}", Symbol(symbol)))
}

fn write_attrs(f: &mut Formatter<'_>, attrs: &FunctionAttrs) -> fmt::Result {
    f.write_str(match attrs.inline {
        InlineHint::None => "",
        InlineHint::Hint => " inline",
        InlineHint::Always => " always_inline",
        InlineHint::Never => " never_inline",
    })?;
    if attrs.cold {
        f.write_str(" cold")?;
    }
    if attrs.noreturn {
        f.write_str(" noreturn")?;
    }
    f.write_str(match attrs.effect {
        Effect::Any => "",
        Effect::ReadOnly => " read_only",
        Effect::Pure => " pure",
    })?;
    f.write_str(match attrs.role {
        Role::None => "",
        Role::Retain => " retains",
        Role::Release => " releases",
        Role::End => " ends",
        Role::Allocate => " allocates",
        Role::Free => " frees",
    })
}

fn write_loc(f: &mut Formatter<'_>, loc: Option<Loc>) -> fmt::Result {
    match loc {
        Some(loc) => write!(f, " !{}:{}", loc.line, loc.column),
        None => Ok(()),
    }
}

fn linkage_suffix(linkage: Linkage) -> &'static str {
    match linkage {
        Linkage::Local => "",
        Linkage::Export => " export",
        Linkage::Weak => " weak",
    }
}

fn volatile_suffix(volatile: bool) -> &'static str {
    if volatile { " volatile" } else { "" }
}

struct SignatureText<'a>(&'a Signature);

impl Display for SignatureText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (index, ty) in self.0.params.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{ty}")?;
        }
        if self.0.varargs {
            f.write_str(if self.0.params.is_empty() {
                "..."
            } else {
                ", ..."
            })?;
        }
        f.write_str(")")?;
        match self.0.result {
            Some(ty) => write!(f, " -> {ty}"),
            None => Ok(()),
        }
    }
}

struct Symbol<'a>(&'a str);

impl Display for Symbol<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$');
        if !self.0.is_empty() && self.0.bytes().all(is_plain) {
            write!(f, "@{}", self.0)
        } else {
            write!(f, "@{}", Bytes(self.0.as_bytes()))
        }
    }
}

struct Bytes<'a>(&'a [u8]);

impl Display for Bytes<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for &byte in self.0 {
            match byte {
                b'"' | b'\\' => write!(f, "\\{}", byte as char)?,
                0x20..=0x7e => write!(f, "{}", byte as char)?,
                _ => write!(f, "\\{byte:02x}")?,
            }
        }
        f.write_str("\"")
    }
}

impl Display for Loc {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}
