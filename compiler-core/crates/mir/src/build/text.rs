//! Texts put together from pieces, and the built-in functions that take them.

use hir_def::body::{Expr, ExprId, FormatAlign, FormatKind, FormatSpec, Literal};
use hir_ty::{Callee as TyCallee, Const, Convert, FormatPiece, Ty, TyKind};

use rustc_hash::FxHashMap;

use super::Builder;
use crate::data::*;
use crate::tys;

impl<'a> Builder<'a> {
    pub(super) fn interpolate(&mut self, dest: &Place, expr: ExprId, template: bool) {
        let infer = self.infer;
        let pieces = infer
            .interpolations
            .get(&expr)
            .map(|pieces| &**pieces)
            .unwrap_or(&[]);
        let text = self.format(pieces, "");
        if template {
            return self.call(Callee::Lang(LangFunc::Template), vec![text], dest);
        }
        self.assign_operand(dest, text);
    }

    /// `println(…)` and its kin.
    pub(super) fn builtin(
        &mut self,
        dest: &Place,
        name: &str,
        pieces: &'a [FormatPiece],
        args: &[ExprId],
    ) {
        let print = |is_error: bool| match is_error {
            true => LangFunc::EprintStr,
            false => LangFunc::PrintStr,
        };
        match name {
            "print" | "println" | "eprint" | "eprintln" => {
                let end = if name.ends_with("ln") { "\n" } else { "" };
                let text = self.format(pieces, end);
                let callee = Callee::Lang(print(name.starts_with('e')));
                let unit: Place = self.temp(Ty::unit(self.db)).into();
                self.call(callee, vec![text], &unit);
                self.assign_unit(Some(dest));
            }
            "format" => {
                let text = self.format(pieces, "");
                self.assign_operand(dest, text);
            }
            "panic" => {
                let text = match (pieces, args) {
                    ([], [only]) => self.operand(*only),
                    _ => self.format(pieces, ""),
                };
                self.panic(text);
            }
            "todo" => self.panic(self.str("not yet implemented")),
            "unimplemented" => self.panic(self.str("not implemented")),
            "unreachable" => {
                let args = self.location().into();
                self.call_never(LangFunc::PanicUnreachable, args);
            }
            _ => self.unsupported("this built-in function"),
        }
    }

    fn panic(&mut self, text: Operand) {
        let mut args = vec![text];
        args.extend(self.location());
        self.call_never(LangFunc::PanicStr, args);
    }

    /// Pieces and a fixed end as one text.
    fn format(&mut self, pieces: &'a [FormatPiece], end: &str) -> Operand {
        let mut parts = Parts::default();
        let places = self.place_arguments(pieces);
        self.add_pieces(pieces, &places, &mut parts);
        parts.text.push_str(end);
        let text = std::mem::take(&mut parts.text);
        let mut parts = parts.values;
        if !text.is_empty() || parts.is_empty() {
            parts.push(self.str(&text));
        }
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            Some(last) => {
                parts.push(last);
                self.concat(parts)
            }
            None => self.str(""),
        }
    }

    /// Arguments of a format string that are mentioned out of order, or twice, are evaluated
    /// first: once each, in written order.
    fn place_arguments(&mut self, pieces: &[FormatPiece]) -> FxHashMap<ExprId, Place> {
        let values = pieces.iter().filter_map(|piece| match piece {
            FormatPiece::Value { expr, .. } => Some(*expr),
            FormatPiece::Text(_) => None,
        });
        let mut exprs: Vec<ExprId> = values.collect();
        if exprs.is_sorted_by(|a, b| a < b) {
            return FxHashMap::default();
        }
        exprs.sort();
        exprs.dedup();
        exprs
            .into_iter()
            .map(|expr| (expr, self.place(expr)))
            .collect()
    }

    fn add_pieces(
        &mut self,
        pieces: &'a [FormatPiece],
        places: &FxHashMap<ExprId, Place>,
        parts: &mut Parts,
    ) {
        for piece in pieces {
            let (expr, convert, spec) = match piece {
                FormatPiece::Text(text) => {
                    parts.text.push_str(text);
                    continue;
                }
                FormatPiece::Value {
                    expr,
                    convert,
                    spec,
                } => (*expr, convert, spec.as_ref()),
            };
            if *convert == Convert::Identity && spec.is_none() && self.add_nested(expr, parts) {
                continue;
            }
            if !parts.text.is_empty() {
                parts.values.push(self.str(&parts.text));
                parts.text.clear();
            }
            let outer = std::mem::replace(&mut self.source, expr.into());
            let place = match places.get(&expr) {
                Some(place) => place.clone(),
                None => self.place(expr),
            };
            let place = self.strip_refs(place);
            let part = self.piece(place, convert, spec);
            // The next piece may change what this one was read from.
            let part = self.own_text(part);
            parts.values.push(part);
            self.source = outer;
        }
    }

    /// A text that is itself put together joins the pieces around it: `println("n = {n}")`.
    fn add_nested(&mut self, expr: ExprId, parts: &mut Parts) -> bool {
        if !self.infer.adjustments(expr).is_empty() {
            return false;
        }
        let (hir, infer) = (self.hir, self.infer);
        match (&hir[expr], infer.interpolations.get(&expr)) {
            (Expr::Literal(Literal::Str(text)), _) => {
                parts.text.push_str(text);
                true
            }
            (
                Expr::Interpolate {
                    template: false, ..
                },
                Some(pieces),
            ) => {
                self.add_pieces(pieces, &FxHashMap::default(), parts);
                true
            }
            _ => false,
        }
    }

    fn own_text(&mut self, part: Operand) -> Operand {
        match part {
            Operand::Copy(_) => self.value(Ty::str(self.db), Rvalue::Use(part)),
            part => part,
        }
    }

    /// One call joins all parts, which lie in an array on the stack.
    pub(super) fn concat(&mut self, parts: Vec<Operand>) -> Operand {
        let str_ty = Ty::str(self.db);
        let array_ty = Ty::array(self.db, str_ty, Const::len(self.db, parts.len() as u64));
        let array: Place = self.owned_temp(array_ty).into();
        self.assign(
            &array,
            Rvalue::Aggregate(AggregateKind::Array(str_ty), parts),
        );
        let array_ref = Ty::reference(self.db, false, array_ty);
        let borrow = self.value(array_ref, Rvalue::Ref(BorrowKind::Shared, array.clone()));
        let slice_ref = Ty::reference(self.db, false, Ty::slice(self.db, str_ty));
        let slice = self.value(slice_ref, Rvalue::Cast(CastKind::Unsize, borrow, slice_ref));
        let text = self.call_value(Callee::Lang(LangFunc::Concat), vec![slice], str_ty);
        // Only counts go down.
        self.push(StatementKind::Drop(array, Unwind::Continue));
        text
    }

    fn piece(&mut self, place: Place, convert: &Convert, spec: Option<&FormatSpec>) -> Operand {
        // `?` has chosen the conversion and says nothing more.
        let mut spec = spec.cloned().unwrap_or_default();
        if spec.kind == Some(FormatKind::Debug) {
            spec.kind = None;
        }
        let ty = self.place_ty(&place);
        if let (TyKind::Int(_), Some(kind)) = (ty.kind(self.db), spec.kind.and_then(digit_kind)) {
            let bits = self.bits_of(place, ty);
            return self.formatted(LangFunc::FormatBits, bits, kind, &spec);
        }
        let is_float = matches!(ty.kind(self.db), TyKind::Float(_));
        let is_exp = spec.kind == Some(FormatKind::Exp);
        if is_exp || (is_float && spec.precision.is_some()) {
            let double = Ty::float(self.db, hir_ty::FloatTy::F64);
            let cast = CastKind::As(match is_float {
                true => hir_ty::CastKind::FloatToFloat,
                false => hir_ty::CastKind::IntToFloat,
            });
            let value = Rvalue::Cast(cast, Operand::Copy(place), double);
            let value = self.value(double, value);
            let kind = if is_exp { 'e' } else { '\0' };
            return self.formatted(LangFunc::FormatFloat, value, kind, &spec);
        }
        let text = match convert {
            Convert::Identity => Operand::Copy(place),
            Convert::Method(callee) => self.convert(*callee, place, ty),
        };
        if spec == FormatSpec::default() {
            return text;
        }
        self.formatted(LangFunc::FormatSpec, text, '\0', &spec)
    }

    fn convert(&mut self, callee: TyCallee, place: Place, ty: Ty) -> Operand {
        let param = tys::callee_sig(self.db, self.body.owner, callee)
            .params
            .first()
            .copied();
        self.enter_call();
        let arg = match param.and_then(|param| param.as_ref(self.db)) {
            Some(_) => {
                let ref_ty = Ty::reference(self.db, false, ty);
                self.borrow_argument(ref_ty, BorrowKind::Shared, place, None)
            }
            None => self.read(place),
        };
        let text = self.owned_temp(Ty::str(self.db));
        self.call_entered(callee, vec![arg], &text.into(), false);
        Operand::Move(text.into())
    }

    /// The two's complement bits of an integer, without sign extension past its width.
    fn bits_of(&mut self, place: Place, ty: Ty) -> Operand {
        use hir_ty::IntTy::*;
        let unsigned = match ty.as_int(self.db) {
            Some(I8 | U8) | None => U8,
            Some(I16 | U16) => U16,
            Some(I32 | U32) => U32,
            Some(I64 | U64) => U64,
            Some(I128 | U128) => U128,
            Some(Isize | Usize) => Usize,
        };
        let cast = CastKind::As(hir_ty::CastKind::IntToInt);
        let unsigned = Ty::int(self.db, unsigned);
        let bits = self.value(unsigned, Rvalue::Cast(cast, Operand::Copy(place), unsigned));
        let wide = Ty::int(self.db, U128);
        self.value(wide, Rvalue::Cast(cast, bits, wide))
    }

    /// Calls a formatting function of `core` with the spec taken apart.
    fn formatted(
        &mut self,
        func: LangFunc,
        value: Operand,
        kind: char,
        spec: &FormatSpec,
    ) -> Operand {
        let align = match spec.align {
            None => 0,
            Some(FormatAlign::Left) => -1,
            Some(FormatAlign::Center) => 1,
            Some(FormatAlign::Right) => 2,
        };
        let char_ty = Ty::char(self.db);
        let i64_ty = Ty::i64(self.db);
        let number = |n: Option<u32>| n.map_or(-1, i128::from);
        let args = vec![
            value,
            self.constant(char_ty, ConstKind::Char(spec.fill.unwrap_or(' '))),
            self.int(Ty::i32(self.db), align),
            self.bool(spec.plus),
            self.bool(spec.alternate),
            self.bool(spec.zero),
            self.int(i64_ty, number(spec.width)),
            self.int(i64_ty, number(spec.precision)),
            self.constant(char_ty, ConstKind::Char(kind)),
        ];
        self.call_value(Callee::Lang(func), args, Ty::str(self.db))
    }
}

/// What has been put together so far: values, then text not yet made one.
#[derive(Default)]
struct Parts {
    values: Vec<Operand>,
    text: String,
}

fn digit_kind(kind: FormatKind) -> Option<char> {
    match kind {
        FormatKind::LowerHex => Some('x'),
        FormatKind::UpperHex => Some('X'),
        FormatKind::Binary => Some('b'),
        FormatKind::Octal => Some('o'),
        FormatKind::Debug | FormatKind::Exp => None,
    }
}
