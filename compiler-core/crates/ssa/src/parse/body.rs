//! Functions: the preamble, blocks and terminators.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use stdx::DenseMap;

use super::lexer::Token;
use super::{Parser, Result};
use crate::data::{Data, DataKind};
use crate::function::{
    Block, BlockData, DataRef, ExternFunc, FuncRef, Function, InstData, Loc, Slot, SlotData,
    SourceInfo, Value, ValueData, ValueDef,
};
use crate::inst::Terminator;
use crate::operand::Operand;
use crate::types::Type;

/// What the names inside one function stand for.
#[derive(Default)]
pub(super) struct Names {
    pub(super) values: FxHashMap<String, Value>,
    pub(super) blocks: FxHashMap<String, Block>,
    pub(super) slots: FxHashMap<String, Slot>,
    pub(super) funcs: FxHashMap<String, FuncRef>,
    pub(super) datas: FxHashMap<String, DataRef>,
}

impl Parser {
    pub(super) fn function(&mut self) -> Result<Function> {
        self.expect_word("func")?;
        let symbol = self.symbol()?;
        let mut names = Names::default();
        let signature = self.signature(|parser| {
            let number = Value(names.values.len() as u32);
            match parser.next() {
                Token::Value(name) => names.values.insert(name, number),
                _ => return Err(parser.expected_before("a parameter's `%name`")),
            };
            Ok(())
        })?;
        let mut func = Function::new(symbol, signature);
        func.blocks = DenseMap::new();
        func.linkage = self.linkage();
        func.attrs = self.attrs();
        self.expect_punct('{')?;
        self.preamble(&mut func, &mut names)?;
        self.collect_names(&mut names)?;
        while !self.eat_punct('}') {
            self.block(&mut func, &names)?;
        }
        if func.blocks.is_empty() {
            return Err(self.expected_before("at least one block"));
        }
        Ok(func)
    }

    fn preamble(&mut self, func: &mut Function, names: &mut Names) -> Result<()> {
        loop {
            if self.eat_word("display") {
                func.display = self.text()?;
            } else if self.eat_word("source") {
                let file = self.text()?;
                self.expect_word("line")?;
                func.source = Some(SourceInfo {
                    file,
                    line_symbol: self.symbol()?,
                });
            } else if self.eat_word("slot") {
                let name = self.word()?;
                self.expect_punct('=')?;
                let size = self.integer()?;
                self.expect_word("align")?;
                let align = self.integer()?;
                let pretty = match self.peek() {
                    Token::Bytes(_) => Some(self.text()?),
                    _ => None,
                };
                let slot = func.slots.push(SlotData {
                    size,
                    align,
                    name: pretty,
                });
                names.slots.insert(name, slot);
            } else if self.eat_word("declare") {
                let symbol = self.symbol()?;
                let signature = self.signature(|_| Ok(()))?;
                let attrs = self.attrs();
                let name = symbol.to_string();
                names.funcs.insert(
                    name,
                    func.funcs.push(ExternFunc {
                        symbol,
                        signature,
                        attrs,
                    }),
                );
            } else if self.eat_word("data") {
                let name = self.word()?;
                self.expect_punct('=')?;
                self.expect_word("align")?;
                let align = self.integer()?;
                let bytes = Arc::from(self.bytes()?);
                let relocs = self.relocs()?;
                let writable = self.eat_word("writable");
                let kind = DataKind::Bytes {
                    bytes,
                    align,
                    relocs,
                    writable,
                };
                names.datas.insert(name, func.datas.push(Data { kind }));
            } else if self.eat_word("extern") {
                let name = self.word()?;
                self.expect_punct('=')?;
                let symbol = self.symbol()?;
                let mutable = self.eat_word("mutable");
                let thread_local = self.eat_word("thread_local");
                let kind = DataKind::Extern {
                    symbol,
                    mutable,
                    thread_local,
                };
                names.datas.insert(name, func.datas.push(Data { kind }));
            } else {
                return Ok(());
            }
        }
    }

    /// Numbers the blocks and results ahead: uses may come before definitions.
    fn collect_names(&mut self, names: &mut Names) -> Result<()> {
        let tokens = &self.tokens[self.at..];
        let mut previous = &Token::End;
        for pair in tokens.windows(2) {
            let duplicate = match (&pair[0].0, &pair[1].0) {
                (Token::Punct('}'), _) => break,
                (Token::Word(name), Token::Punct(':')) if *previous != Token::Punct('[') => {
                    let number = Block(names.blocks.len() as u32);
                    names.blocks.insert(name.clone(), number).map(|_| name)
                }
                (Token::Value(name), Token::Punct('=')) => {
                    let number = Value(names.values.len() as u32);
                    names.values.insert(name.clone(), number).map(|_| name)
                }
                _ => None,
            };
            if let Some(name) = duplicate {
                let message = format!("`{name}` is defined twice");
                return Err(super::ParseError {
                    line: pair[0].1,
                    message,
                });
            }
            previous = &pair[0].0;
        }
        Ok(())
    }

    fn block(&mut self, func: &mut Function, names: &Names) -> Result<()> {
        self.word()?;
        self.expect_punct(':')?;
        let mut data = BlockData::default();
        loop {
            if let Some(terminator) = self.terminator(names)? {
                data.terminator = terminator;
                data.terminator_loc = self.loc()?;
                func.blocks.push(data);
                return Ok(());
            }
            let result = match self.peek() {
                Token::Value(name) => Some(names.values.get(name).copied()),
                _ => None,
            };
            if result.is_some() {
                self.at += 1;
                self.expect_punct('=')?;
            }
            let (kind, ty) = self.inst(func, names)?;
            let result = match (result.flatten(), ty) {
                (Some(_), Some(ty)) => {
                    let def = ValueDef::Inst(func.insts.next_key());
                    Some(func.values.push(ValueData { ty, def }))
                }
                (None, None) => None,
                (Some(_), None) => return Err(self.error("this instruction has no result")),
                (None, Some(_)) => return Err(self.error("the result has no name")),
            };
            let loc = self.loc()?;
            data.insts
                .push(func.insts.push(InstData { kind, result, loc }));
        }
    }

    fn loc(&mut self) -> Result<Option<Loc>> {
        if !self.eat_punct('!') {
            return Ok(None);
        }
        let line = self.integer()?;
        self.expect_punct(':')?;
        Ok(Some(Loc {
            line,
            column: self.integer()?,
        }))
    }

    fn terminator(&mut self, names: &Names) -> Result<Option<Terminator>> {
        Ok(Some(if self.eat_word("jump") {
            Terminator::Jump(self.block_name(names)?)
        } else if self.eat_word("branch") {
            let cond = self.operand(names, Type::I1)?;
            self.expect_punct(',')?;
            let on_true = self.block_name(names)?;
            self.expect_punct(',')?;
            Terminator::Branch {
                cond,
                on_true,
                on_false: self.block_name(names)?,
            }
        } else if self.eat_word("switch") {
            let ty = self.ty()?;
            let value = self.operand(names, ty)?;
            self.expect_punct('[')?;
            let mut cases = Vec::new();
            while !self.eat_punct(']') {
                if !cases.is_empty() {
                    self.expect_punct(',')?;
                }
                let case = self.operand(names, ty)?;
                let Operand::Int(_, bits) = case else {
                    return Err(self.expected_before("an integer"));
                };
                self.expect_punct(':')?;
                cases.push((bits, self.block_name(names)?));
            }
            self.expect_word("else")?;
            Terminator::Switch {
                value,
                cases,
                default: self.block_name(names)?,
            }
        } else if self.eat_word("return") {
            match self.peek_type() {
                None => Terminator::Return(None),
                Some(ty) => {
                    self.at += 1;
                    Terminator::Return(Some(self.operand(names, ty)?))
                }
            }
        } else if self.eat_word("invoke") {
            let normal = self.block_name(names)?;
            self.expect_word("unwind")?;
            Terminator::Invoke {
                normal,
                cleanup: self.block_name(names)?,
            }
        } else if self.eat_word("resume") {
            Terminator::Resume
        } else if self.eat_word("unreachable") {
            Terminator::Unreachable
        } else {
            return Ok(None);
        }))
    }
}
