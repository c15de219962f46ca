//! The text form: stable, one line per statement, blocks labelled.
//!
//! ```text
//! func shapes::area::total(_1: ref [I32]) -> I64 {
//!     let _2: I64; // sum
//!     bb0: {
//!         _2 = const 0_i64;
//!         goto bb1;
//!     }
//! }
//! ```
//! Sources are not printed: they are not part of what a body does.

use std::fmt::{self, Write};

use base::Db;
use hir_def::{BodyOwner, VariantDef};
use hir_ty::{GenericArgs, Ty};

use crate::data::*;
use crate::names;

/// The text of a body, ending in a newline.
pub fn body_text(db: &dyn Db, body: &Body) -> String {
    let mut out = String::new();
    // Writing into a string cannot fail.
    for body in std::iter::once(body).chain(&body.closures) {
        let _ = Printer {
            db,
            body,
            out: &mut out,
        }
        .body();
    }
    out
}

/// The text of one place, for diagnostics' debugging and the verifier's messages.
pub fn place_text(db: &dyn Db, body: &Body, place: &Place) -> String {
    let mut out = String::new();
    let _ = Printer {
        db,
        body,
        out: &mut out,
    }
    .place(place);
    out
}

struct Printer<'a> {
    db: &'a dyn Db,
    body: &'a Body,
    out: &'a mut String,
}

impl Printer<'_> {
    fn body(&mut self) -> fmt::Result {
        let body = self.body;
        write!(self.out, "func {}", names::owner_path(self.db, body.owner))?;
        if let Some(index) = body.closure {
            write!(self.out, "::closure#{index}")?;
        }
        self.out.push('(');
        for (i, arg) in body.args().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            let Some(decl) = body.locals.get(arg) else {
                continue;
            };
            write!(self.out, "{arg}: {}", decl.ty.display(self.db))?;
        }
        self.out.push(')');
        if let Some(ret) = body.locals.get(Local::RETURN) {
            write!(self.out, " -> {}", ret.ty.display(self.db))?;
        }
        self.out.push_str(" {\n");
        for (local, decl) in body.locals.iter() {
            let is_header = local == Local::RETURN || local.0 <= body.arg_count;
            if is_header {
                continue;
            }
            let mutable = if decl.mutable { "mut " } else { "" };
            write!(
                self.out,
                "    let {mutable}{local}: {};",
                decl.ty.display(self.db)
            )?;
            match (&decl.name, decl.kind) {
                (Some(name), _) => write!(self.out, " // {name}")?,
                (None, LocalKind::Flag) => self.out.push_str(" // flag"),
                (None, LocalKind::Check) => self.out.push_str(" // for checks"),
                _ => {}
            }
            self.out.push('\n');
        }
        for (id, block) in body.blocks.iter() {
            writeln!(self.out, "    {id}: {{")?;
            for statement in &block.statements {
                self.out.push_str("        ");
                self.statement(&statement.kind)?;
                self.out.push_str(";\n");
            }
            self.out.push_str("        ");
            self.terminator(&block.terminator.kind)?;
            self.out.push_str(";\n    }\n");
        }
        self.out.push_str("}\n");
        Ok(())
    }

    fn statement(&mut self, statement: &StatementKind) -> fmt::Result {
        match statement {
            StatementKind::Assign(place, rvalue) => {
                self.place(place)?;
                self.out.push_str(" = ");
                self.rvalue(rvalue)
            }
            StatementKind::Replace(place, value, _) => {
                self.out.push_str("replace ");
                self.place(place)?;
                self.out.push_str(" = ");
                self.operand(value)
            }
            StatementKind::StorageLive(local) => write!(self.out, "live {local}"),
            StatementKind::StorageDead(local) => write!(self.out, "dead {local}"),
            StatementKind::Drop(place, _) => {
                self.out.push_str("drop ");
                self.place(place)
            }
            StatementKind::Nop => self.out.write_str("nop"),
        }
    }

    fn terminator(&mut self, terminator: &TerminatorKind) -> fmt::Result {
        match terminator {
            TerminatorKind::Goto(target) => write!(self.out, "goto {target}"),
            TerminatorKind::Switch {
                value,
                cases,
                otherwise,
            } => {
                self.out.push_str("switch ");
                self.operand(value)?;
                self.out.push_str(" [");
                for (case, block) in cases {
                    write!(self.out, "{case}: {block}, ")?;
                }
                write!(self.out, "else: {otherwise}]")
            }
            TerminatorKind::If {
                condition,
                then,
                else_,
            } => {
                self.out.push_str("if ");
                self.operand(condition)?;
                write!(self.out, " then {then} else {else_}")
            }
            TerminatorKind::Return => self.out.write_str("return"),
            TerminatorKind::Resume => self.out.write_str("resume"),
            TerminatorKind::Call {
                callee,
                args,
                destination,
                target,
                unwind,
            } => {
                self.place(destination)?;
                self.out.push_str(" = call ");
                self.callee(callee)?;
                self.out.push('(');
                self.operands(args)?;
                self.out.push(')');
                match target {
                    Some(target) => write!(self.out, " -> {target}")?,
                    None => self.out.write_str(" -> never")?,
                }
                match unwind.cleanup() {
                    Some(cleanup) => write!(self.out, " unwind {cleanup}"),
                    None => Ok(()),
                }
            }
            TerminatorKind::Drop {
                place,
                target,
                unwind,
            } => {
                self.out.push_str("drop ");
                self.place(place)?;
                write!(self.out, " -> {target} unwind {unwind}")
            }
            TerminatorKind::Yield { resume, drop } => {
                write!(self.out, "yield -> {resume}, drop {drop}")
            }
            TerminatorKind::Dropped => self.out.write_str("dropped"),
            TerminatorKind::Unreachable => self.out.write_str("unreachable"),
        }
    }

    fn callee(&mut self, callee: &Callee) -> fmt::Result {
        match callee {
            Callee::Func(func, args) | Callee::Exact(func, args) => {
                if let Callee::Exact(..) = callee {
                    self.out.push_str("exactly ");
                }
                let path = names::func_path(self.db, *func);
                write!(
                    self.out,
                    "{path}{}",
                    hir_ty::ty::display_args(self.db, *args)
                )
            }
            Callee::Value(operand) => {
                self.out.push('(');
                self.operand(operand)?;
                self.out.push(')');
                Ok(())
            }
            Callee::Callable(kind, ty) => {
                write!(self.out, "{}[{}]", kind.method(), ty.display(self.db))
            }
            Callee::Poll(ty) => write!(self.out, "poll[{}]", ty.display(self.db)),
            Callee::Lang(func) => self.out.write_str(&func.path().join("::")),
            Callee::StructuralEq(ty) => write!(self.out, "structural_eq[{}]", ty.display(self.db)),
        }
    }

    fn operands(&mut self, operands: &[Operand]) -> fmt::Result {
        for (i, operand) in operands.iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            self.operand(operand)?;
        }
        Ok(())
    }

    fn operand(&mut self, operand: &Operand) -> fmt::Result {
        match operand {
            Operand::Copy(place) => {
                self.out.push_str("copy ");
                self.place(place)
            }
            Operand::Move(place) => {
                self.out.push_str("move ");
                self.place(place)
            }
            Operand::Const(constant) => self.constant(constant),
        }
    }

    fn constant(&mut self, constant: &Constant) -> fmt::Result {
        self.out.push_str("const ");
        let suffix = |ty: Ty| ty.display(self.db).to_string().to_lowercase();
        match &constant.kind {
            ConstKind::Unit => self.out.write_str("()"),
            ConstKind::Bool(value) => write!(self.out, "{value}"),
            ConstKind::Int(value) => write!(self.out, "{value}_{}", suffix(constant.ty)),
            ConstKind::Float(bits) => {
                write!(
                    self.out,
                    "{:?}_{}",
                    f64::from_bits(*bits),
                    suffix(constant.ty)
                )
            }
            ConstKind::Char(value) => write!(self.out, "{value:?}"),
            ConstKind::Str(text) => write!(self.out, "{:?}", text.as_str()),
            ConstKind::Bytes(bytes) => write!(self.out, "b\"{}\"", bytes.escape_ascii()),
            ConstKind::Null => self.out.write_str("null"),
            ConstKind::Func(func, args) => {
                let path = names::func_path(self.db, *func);
                write!(
                    self.out,
                    "{path}{}",
                    hir_ty::ty::display_args(self.db, *args)
                )
            }
            ConstKind::Ctor(variant, args) => self.variant(*variant, *args),
            ConstKind::Item(item, args) => {
                let path = names::const_path(self.db, *item);
                write!(
                    self.out,
                    "{path}{}",
                    hir_ty::ty::display_args(self.db, *args)
                )
            }
            ConstKind::ParamDefault(func, param, args) => {
                let path = names::func_path(self.db, *func);
                let args = hir_ty::ty::display_args(self.db, *args);
                write!(self.out, "default {param} of {path}{args}")
            }
            ConstKind::Anon(item, args) => {
                let path = names::owner_path(self.db, BodyOwner::AnonConst(*item));
                write!(
                    self.out,
                    "{path}{}",
                    hir_ty::ty::display_args(self.db, *args)
                )
            }
            ConstKind::Param(param) => write!(self.out, "param {}", param.index),
            ConstKind::StaticAddr(item) => {
                write!(self.out, "address {}", names::static_path(self.db, *item))
            }
            ConstKind::Location(LocationPart::File, _) => self.out.write_str("@file"),
            ConstKind::Location(LocationPart::Directory, _) => self.out.write_str("@directory"),
            ConstKind::Location(LocationPart::Line, _) => self.out.write_str("@line"),
            ConstKind::Location(LocationPart::Column, _) => self.out.write_str("@column"),
        }
    }

    fn rvalue(&mut self, rvalue: &Rvalue) -> fmt::Result {
        match rvalue {
            Rvalue::Use(operand) => self.operand(operand),
            Rvalue::Ref(kind, place) => {
                self.out.push_str(match kind {
                    BorrowKind::Shared => "ref ",
                    BorrowKind::Exclusive => "mut ref ",
                    BorrowKind::TwoPhase => "mut ref two_phase ",
                    BorrowKind::Implicit => "mut ref implicit ",
                });
                self.place(place)
            }
            Rvalue::AddrOf(place) => {
                self.out.push_str("address ");
                self.place(place)
            }
            Rvalue::Binary(op, left, right) => self.binary(op.name(), left, right),
            Rvalue::Overflows(op, left, right) => {
                write!(self.out, "overflows ")?;
                self.binary(op.name(), left, right)
            }
            Rvalue::Unary(op, operand) => {
                self.out.push_str(match op {
                    UnaryOp::Neg => "neg ",
                    UnaryOp::Not => "not ",
                });
                self.operand(operand)
            }
            Rvalue::Cast(kind, operand, ty) => {
                self.operand(operand)?;
                let kind = match kind {
                    CastKind::As(kind) => format!("{kind:?}"),
                    CastKind::Unsize => "unsize".to_owned(),
                    CastKind::BoxDyn => "box".to_owned(),
                    CastKind::Share => "share".to_owned(),
                    CastKind::ReifyFunc => "reify".to_owned(),
                    CastKind::Upcast => "upcast".to_owned(),
                    CastKind::Narrow => "narrow".to_owned(),
                };
                write!(self.out, " as {} ({kind})", ty.display(self.db))
            }
            Rvalue::Aggregate(kind, operands) => self.aggregate(kind, operands),
            Rvalue::Repeat(operand, ty) => {
                self.out.push_str("repeat ");
                self.operand(operand)?;
                write!(self.out, " as {}", ty.display(self.db))
            }
            Rvalue::Discriminant(place) => {
                self.out.push_str("discriminant ");
                self.place(place)
            }
            Rvalue::Len(place) => {
                self.out.push_str("len ");
                self.place(place)
            }
            Rvalue::NewObject(class, args) => {
                self.out.push_str("new ");
                self.variant(VariantDef::Class(*class), *args)
            }
            Rvalue::SetClass(place, class, args) => {
                self.out.push_str("class of ");
                self.place(place)?;
                self.out.push_str(" = ");
                self.variant(VariantDef::Class(*class), *args)
            }
            Rvalue::IsInstance(place, ty) => {
                self.place(place)?;
                write!(self.out, " is {}", ty.display(self.db))
            }
            Rvalue::Access(place) => {
                self.out.push_str("access of ");
                self.place(place)
            }
            Rvalue::InBounds { index, len } => self.binary("in_bounds", index, len),
        }
    }

    fn binary(&mut self, name: &str, left: &Operand, right: &Operand) -> fmt::Result {
        write!(self.out, "{name}(")?;
        self.operand(left)?;
        self.out.push_str(", ");
        self.operand(right)?;
        self.out.push(')');
        Ok(())
    }

    fn aggregate(&mut self, kind: &AggregateKind, operands: &[Operand]) -> fmt::Result {
        let (open, close) = match kind {
            AggregateKind::Tuple => ("(", ")"),
            AggregateKind::Array(_) => ("[", "]"),
            AggregateKind::Adt(variant, args) => {
                self.variant(*variant, *args)?;
                (" { ", " }")
            }
            AggregateKind::Closure(id, _) => {
                write!(self.out, "closure#{}", id.index)?;
                (" { ", " }")
            }
            AggregateKind::Union(union, field, args) => {
                self.variant(VariantDef::Union(*union), *args)?;
                write!(self.out, " .{field}")?;
                (" { ", " }")
            }
        };
        self.out.push_str(open);
        self.operands(operands)?;
        self.out.push_str(close);
        Ok(())
    }

    fn variant(&mut self, variant: VariantDef, args: GenericArgs) -> fmt::Result {
        let path = names::adt_path(self.db, variant.adt());
        write!(
            self.out,
            "{path}{}",
            hir_ty::ty::display_args(self.db, args)
        )?;
        if let VariantDef::Variant(id) = variant {
            write!(self.out, "::{}", names::variant_name(self.db, id))?;
        }
        Ok(())
    }

    fn place(&mut self, place: &Place) -> fmt::Result {
        let mut text = place.local.to_string();
        for step in &place.projection {
            match step {
                Projection::Deref => text = format!("(*{text})"),
                Projection::Field(index, _) => write!(text, ".{index}")?,
                Projection::Object(index, _) => write!(text, "->{index}")?,
                Projection::Index(local) => write!(text, "[{local}]")?,
                Projection::ConstIndex {
                    index,
                    from_end: false,
                } => write!(text, "[{index}]")?,
                Projection::ConstIndex {
                    index,
                    from_end: true,
                } => write!(text, "[-{index}]")?,
                Projection::Subslice { from, to } => write!(text, "[{from}..-{to}]")?,
                Projection::Downcast(variant) => text = format!("({text} as {variant})"),
            }
        }
        self.out.push_str(&text);
        Ok(())
    }
}
