//! Runs functions without generating code: for compile-time evaluation, and as
//! the oracle that native code is compared with.
//!
//! Arithmetic is that of [`crate::eval`]; memory is checked byte by byte. Functions and
//! globals are fetched by symbol when they are first needed; what the program
//! lacks is the [`Host`]'s. Steps, bytes and frames are limited, and frames live
//! on the heap: no program can exhaust the evaluator's own stack.

mod exec;
mod load;
pub mod memory;

use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;

use self::load::Loader;
use self::memory::{AccessError, Memory};
use crate::data::Global;
use crate::function::{Block, Function, Loc, Slot, Value};
use crate::module::Module;

/// Where functions and globals come from.
pub trait Program {
    fn function(&self, symbol: &str) -> Option<Arc<Function>>;
    fn global(&self, symbol: &str) -> Option<Arc<Global>>;
}

impl Program for Module {
    fn function(&self, symbol: &str) -> Option<Arc<Function>> {
        Module::function(self, symbol).cloned()
    }

    fn global(&self, symbol: &str) -> Option<Arc<Global>> {
        Module::global(self, symbol).cloned()
    }
}

/// Answers calls of functions that the program does not define.
pub trait Host {
    /// Arguments and result are bits of the types in the call's signature.
    fn call(
        &mut self,
        symbol: &str,
        args: &[u128],
        memory: &mut Memory,
    ) -> Result<Option<u128>, HostError>;
}

/// A host that has no functions.
pub struct NoHost;

impl Host for NoHost {
    fn call(
        &mut self,
        _symbol: &str,
        _args: &[u128],
        _memory: &mut Memory,
    ) -> Result<Option<u128>, HostError> {
        Err(HostError::Unknown)
    }
}

/// Why a host call does not return.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HostError {
    /// The host has no such function.
    Unknown,
    /// The program asked to end.
    Exit(i32),
    Access(AccessError),
    /// Anything else, in words.
    Failed(SmolStr),
}

impl From<AccessError> for HostError {
    fn from(error: AccessError) -> HostError {
        HostError::Access(error)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Instructions and terminators; copying counts by size.
    pub steps: u64,
    pub memory_bytes: u64,
    pub call_depth: usize,
}

impl Default for Limits {
    /// Generous for constants, short enough for an editor to wait; guessed.
    fn default() -> Limits {
        Limits {
            steps: 20_000_000,
            memory_bytes: 64 << 20,
            call_depth: 2_000,
        }
    }
}

/// Why and where execution stopped before its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stop {
    pub reason: StopReason,
    /// Functions and places, innermost first; at most [`TRACE_MAX`].
    pub trace: Vec<(SmolStr, Option<Loc>)>,
}

/// Frames that a [`Stop`] reports; guessed to be enough to understand any.
pub const TRACE_MAX: usize = 32;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StopReason {
    Trap,
    /// Control came to `unreachable`.
    Unreachable,
    /// A division by zero, a shift past the width: what the producer should have guarded.
    BadOperation,
    BadAccess(AccessError),
    /// An address that is no function's, or arguments that do not fit.
    BadCall(SmolStr),
    UnknownFunction(SmolStr),
    UnknownGlobal(SmolStr),
    Exit(i32),
    Host(SmolStr),
    StepLimit,
    MemoryLimit,
    CallDepthLimit,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StopReason::Trap => f.write_str("trap"),
            StopReason::Unreachable => f.write_str("reached `unreachable`"),
            StopReason::BadOperation => f.write_str("operation without a result"),
            StopReason::BadAccess(error) => write!(f, "{error}"),
            StopReason::BadCall(what) => write!(f, "bad call: {what}"),
            StopReason::UnknownFunction(symbol) => write!(f, "unknown function `{symbol}`"),
            StopReason::UnknownGlobal(symbol) => write!(f, "unknown global `{symbol}`"),
            StopReason::Exit(code) => write!(f, "exit with {code}"),
            StopReason::Host(message) => f.write_str(message),
            StopReason::StepLimit => f.write_str("too many steps"),
            StopReason::MemoryLimit => f.write_str("too much memory"),
            StopReason::CallDepthLimit => f.write_str("calls nested too deeply"),
        }
    }
}

impl From<AccessError> for StopReason {
    fn from(error: AccessError) -> StopReason {
        match error {
            AccessError::OutOfMemory => StopReason::MemoryLimit,
            error => StopReason::BadAccess(error),
        }
    }
}

/// Runs functions of one program in one memory.
pub struct Interpreter<'a> {
    host: &'a mut dyn Host,
    memory: Memory,
    loader: Loader<'a>,
    frames: Vec<Frame>,
    steps_left: u64,
    call_depth_max: usize,
    /// Room for the phis of the block that is entered.
    phi_writes: Vec<(Option<Value>, u128)>,
}

/// A call in progress.
struct Frame {
    func: Arc<Function>,
    /// The function's number with the loader.
    number: usize,
    values: Vec<u128>,
    /// Where each slot is.
    slots: Vec<u64>,
    block: Block,
    /// The next instruction of the block.
    at: usize,
    /// The caller's value that takes the result.
    result_to: Option<Value>,
}

impl<'a> Interpreter<'a> {
    pub fn new(program: &'a dyn Program, host: &'a mut dyn Host, limits: Limits) -> Self {
        Interpreter {
            host,
            memory: Memory::new(limits.memory_bytes),
            loader: Loader::new(program),
            frames: Vec::new(),
            steps_left: limits.steps,
            call_depth_max: limits.call_depth,
            phi_writes: Vec::new(),
        }
    }

    /// Calls a function. Memory stays between calls, so results may point into it.
    pub fn call(&mut self, symbol: &str, args: &[u128]) -> Result<Option<u128>, Stop> {
        let result = self.start(symbol, args).and_then(|()| self.run());
        result.map_err(|reason| {
            let trace = self
                .frames
                .iter()
                .rev()
                .take(TRACE_MAX)
                .map(Frame::place)
                .collect();
            self.frames.clear();
            Stop { reason, trace }
        })
    }

    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    pub fn memory_mut(&mut self) -> &mut Memory {
        &mut self.memory
    }

    /// Where a global stands; loads it if need be.
    pub fn symbol_address(&mut self, symbol: &str) -> Result<u64, StopReason> {
        self.loader.address_of(symbol, &mut self.memory)
    }

    pub fn steps_left(&self) -> u64 {
        self.steps_left
    }

    fn start(&mut self, symbol: &str, args: &[u128]) -> Result<(), StopReason> {
        let Some((number, func)) = self.loader.function(symbol) else {
            return Err(StopReason::UnknownFunction(symbol.into()));
        };
        self.push_frame(number, func, args, None)
    }

    fn push_frame(
        &mut self,
        number: usize,
        func: Arc<Function>,
        args: &[u128],
        result_to: Option<Value>,
    ) -> Result<(), StopReason> {
        if self.frames.len() >= self.call_depth_max {
            return Err(StopReason::CallDepthLimit);
        }
        if args.len() != func.signature.params.len() {
            return Err(StopReason::BadCall(func.symbol.clone()));
        }
        let mut values = vec![0; func.values.len()];
        for (index, (&arg, ty)) in args.iter().zip(&func.signature.params).enumerate() {
            values[index] = arg & ty.mask();
        }
        let mut slots = Vec::with_capacity(func.slots.len());
        for slot in func.slots.values() {
            slots.push(self.memory.alloc(slot.size, u64::from(slot.align))?);
        }
        let block = func.entry();
        self.frames.push(Frame {
            func,
            number,
            values,
            slots,
            block,
            at: 0,
            result_to,
        });
        Ok(())
    }

    /// Ends the innermost call; its slots are gone.
    fn pop_frame(&mut self) -> Result<Option<Value>, StopReason> {
        let Some(frame) = self.frames.pop() else {
            return Ok(None);
        };
        for slot in frame.slots {
            self.memory.free(slot)?;
        }
        Ok(frame.result_to)
    }
}

impl Frame {
    fn place(&self) -> (SmolStr, Option<Loc>) {
        let block = &self.func.blocks[self.block];
        let loc = match block.insts.get(self.at.saturating_sub(1)) {
            Some(&inst) if self.at > 0 && self.at <= block.insts.len() => self.func.insts[inst].loc,
            _ => block.terminator_loc,
        };
        (self.func.display.clone(), loc)
    }

    fn slot(&self, slot: Slot, offset: i64) -> u64 {
        self.slots[slot.0 as usize].wrapping_add(offset as u64)
    }
}
