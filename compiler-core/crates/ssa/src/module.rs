//! Functions and globals together: what a text file holds and the interpreter runs.

use std::sync::Arc;

use crate::data::Global;
use crate::function::Function;

/// Functions and globals in a given order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Module {
    pub globals: Vec<Arc<Global>>,
    pub functions: Vec<Arc<Function>>,
}

impl Module {
    pub fn function(&self, symbol: &str) -> Option<&Arc<Function>> {
        self.functions.iter().find(|func| func.symbol == symbol)
    }

    pub fn global(&self, symbol: &str) -> Option<&Arc<Global>> {
        self.globals.iter().find(|global| global.symbol == symbol)
    }
}
