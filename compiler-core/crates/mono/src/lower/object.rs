//! Behavior objects: boxes, views and their tables.

use hir_ty::{Ty, TyKind};
use mir::Operand as MirOperand;
use ssa::{Operand, Type};

use super::Lower;
use crate::emit::{Emit, Val};
use crate::tables::{Table, TableKind};

impl Lower<'_> {
    /// A value into a box, with its table.
    pub(crate) fn box_value(&mut self, operand: &MirOperand, to: Ty) -> Val {
        let (value, ty) = self.operand(operand);
        let (size, align) = (self.cx.size(ty) as i64, i64::from(self.cx.align(ty)));
        let args = vec![Operand::i64(size), Operand::i64(align)];
        let boxed = self.cx.call_rt("box_new", args, Some(Type::Ptr));
        let boxed = boxed.unwrap_or(Operand::Null);
        self.cx.write(value, boxed, ty);
        let table = table_of(&mut self.cx, ty, to);
        Val::Memory(self.slice_pair(boxed, table))
    }

    /// A reference to a view: address and table.
    pub(crate) fn view(&mut self, operand: &MirOperand, to: Ty) -> Val {
        let (value, from) = self.operand(operand);
        let Some((_, target)) = from.as_ref(self.db()) else {
            // `dyn A + Send` as `dyn A`: the table is the same.
            return value;
        };
        match (target.kind(self.db()), value) {
            (TyKind::Object(_), value) => value,
            // The variable holds what the view consists of.
            (TyKind::Dyn(_), Val::Scalar(variable)) => Val::Memory(variable),
            (_, Val::Scalar(address)) => {
                let (_, object) = to.as_ref(self.db()).unwrap_or((false, to));
                let table = table_of(&mut self.cx, target, object);
                Val::Memory(self.slice_pair(address, table))
            }
            (_, value) => value,
        }
    }
}

/// The address of the table by which a type is an object.
fn table_of(cx: &mut Emit<'_>, ty: Ty, object: Ty) -> Operand {
    let Some(object) = object.as_dyn(cx.db) else {
        return Operand::Null;
    };
    let kind = TableKind::Object {
        ty,
        behavior: object.behavior,
        args: object.args,
    };
    let table = Table::new(cx.db, kind);
    cx.table_address(table)
}
