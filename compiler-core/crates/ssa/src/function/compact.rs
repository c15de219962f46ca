//! Canonical numbering: what is dead goes, what is left is numbered in order.

use stdx::{DenseMap, Idx};

use super::{
    DataRef, FuncRef, Function, Inst, InstData, Slot, SlotData, Value, ValueData, ValueDef,
};
use crate::inst::{Callee, InstKind};
use crate::operand::Operand;

impl Function {
    /// Drops instructions that stand in no block, and functions, data and slots
    /// that nothing names; numbers the rest in the order of their first mention.
    ///
    /// Phi entries come in order of their blocks. Blocks keep their order, which is
    /// that of the code; dropping unreachable ones is a pass. Two functions that
    /// differ in table order alone become equal.
    pub fn compact(&mut self) {
        let mut map = Renumber::new(self);
        let mut insts: DenseMap<Inst, InstData> = DenseMap::new();
        let mut values: DenseMap<Value, ValueData> = DenseMap::new();
        for param in self.params() {
            map.values[param] = Some(values.push(self.values[param].clone()));
        }
        // Results first: phis mention values of later blocks.
        for block in self.blocks.values_mut() {
            for inst in &mut block.insts {
                let mut data = self.insts[*inst].clone();
                let number = insts.next_key();
                if let Some(result) = data.result {
                    let value = ValueData {
                        ty: self.values[result].ty,
                        def: ValueDef::Inst(number),
                    };
                    let value = values.push(value);
                    map.values[result] = Some(value);
                    data.result = Some(value);
                }
                *inst = insts.push(data);
            }
        }
        for block in self.blocks.values_mut() {
            for &inst in &block.insts {
                map.inst(&mut insts[inst].kind);
            }
            if let Some(operand) = block.terminator.operand_mut() {
                map.operand(operand);
            }
        }
        self.insts = insts;
        self.values = values;
        self.slots = map
            .slots
            .order
            .iter()
            .map(|&slot| self.slots[slot].clone())
            .collect::<DenseMap<Slot, SlotData>>();
        self.funcs = map
            .funcs
            .order
            .iter()
            .map(|&func| self.funcs[func].clone())
            .collect();
        self.datas = map
            .datas
            .order
            .iter()
            .map(|&data| self.datas[data].clone())
            .collect();
    }
}

struct Renumber {
    values: DenseMap<Value, Option<Value>>,
    slots: ByFirstUse<Slot>,
    funcs: ByFirstUse<FuncRef>,
    datas: ByFirstUse<DataRef>,
}

impl Renumber {
    fn new(func: &Function) -> Renumber {
        Renumber {
            values: DenseMap::filled(None, func.values.len()),
            slots: ByFirstUse::new(func.slots.len()),
            funcs: ByFirstUse::new(func.funcs.len()),
            datas: ByFirstUse::new(func.datas.len()),
        }
    }

    fn inst(&mut self, kind: &mut InstKind) {
        if let InstKind::Call {
            callee: Callee::Direct(func),
            ..
        } = kind
        {
            *func = self.funcs.number(*func);
        }
        if let InstKind::Phi { args, .. } = kind {
            args.sort_by_key(|(pred, _)| *pred);
        }
        kind.for_each_operand_mut(|operand| self.operand(operand));
    }

    fn operand(&mut self, operand: &mut Operand) {
        match operand {
            // A value whose instruction is gone is broken IR; keep it visibly broken.
            Operand::Value(value) => *value = self.values[*value].unwrap_or(Value(u32::MAX - 1)),
            Operand::Slot(slot, _) => *slot = self.slots.number(*slot),
            Operand::Func(func) => *func = self.funcs.number(*func),
            Operand::Data(data, _) => *data = self.datas.number(*data),
            Operand::Int(..)
            | Operand::F32(_)
            | Operand::F64(_)
            | Operand::Null
            | Operand::Undef(_) => {}
        }
    }
}

struct ByFirstUse<K> {
    numbers: DenseMap<K, Option<K>>,
    order: Vec<K>,
}

impl<K: Idx> ByFirstUse<K> {
    fn new(len: usize) -> Self {
        ByFirstUse {
            numbers: DenseMap::filled(None, len),
            order: Vec::new(),
        }
    }

    fn number(&mut self, key: K) -> K {
        if let Some(number) = self.numbers[key] {
            return number;
        }
        let number = K::from_usize(self.order.len());
        self.numbers[key] = Some(number);
        self.order.push(key);
        number
    }
}
