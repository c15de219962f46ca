//! Patterns: their bindings, and what they demand of places.

use hir_def::body::pat::PatRangeEnd;
use hir_def::body::{LocalId, Pat, PatId, PatLiteral};
use hir_def::{AdtId, VariantDef};
use hir_ty::{BindMode, PatRes, Ty, TyKind};

use super::Builder;
use super::decide::{Arm, Row, Test};
use crate::data::*;
use crate::tys;

/// Rows that one pattern may expand to through alternatives; guessed, far above real code.
const ROWS_MAX: usize = 4096;

impl Builder<'_> {
    /// Makes variables for all bindings of a pattern.
    pub(super) fn declare_bindings(&mut self, pat: PatId) -> Vec<Local> {
        let mut bindings = Vec::new();
        self.collect_bindings(pat, &mut bindings);
        let mut locals = Vec::new();
        for (pat, id) in bindings {
            let decl = &self.hir[id];
            let local = self.new_local(LocalDecl {
                ty: self.local_ty(id),
                name: Some(decl.name.clone()),
                mutable: decl.mutable,
                kind: LocalKind::Var,
                source: pat.into(),
            });
            self.vars.insert(id, local.into());
            self.push(StatementKind::StorageLive(local));
            locals.push(local);
        }
        locals
    }

    pub(super) fn schedule_all(&mut self, locals: &[Local]) {
        locals.iter().for_each(|local| self.schedule(*local, false));
    }

    /// Bindings in order; alternatives share theirs, so each counts once.
    pub(super) fn collect_bindings(&self, pat: PatId, out: &mut Vec<(PatId, LocalId)>) {
        match &self.hir[pat] {
            Pat::Bind { local, sub } => {
                if out.iter().all(|(_, known)| known != local) {
                    out.push((pat, *local));
                }
                if let Some(sub) = sub {
                    self.collect_bindings(*sub, out);
                }
            }
            Pat::Tuple { pats, .. } | Pat::TupleStruct { pats, .. } | Pat::Or(pats) => {
                pats.iter().for_each(|pat| self.collect_bindings(*pat, out));
            }
            Pat::Record { fields, .. } => {
                fields
                    .iter()
                    .for_each(|(_, pat)| self.collect_bindings(*pat, out));
            }
            Pat::Slice {
                prefix,
                rest,
                suffix,
            } => {
                let parts = prefix.iter().chain(rest).chain(suffix);
                parts.for_each(|pat| self.collect_bindings(*pat, out));
            }
            Pat::Missing
            | Pat::Unsupported(_)
            | Pat::Wild
            | Pat::Literal(_)
            | Pat::Path(_)
            | Pat::Range { .. } => {}
        }
    }

    /// Whether no binding of a pattern refers to what is matched.
    pub(super) fn only_moves_out(&self, pat: PatId) -> bool {
        let mut all = Vec::new();
        self.collect_bindings(pat, &mut all);
        all.iter().all(|(pat, _)| self.binds_by_value(*pat)) && !self.has_slice(pat)
    }

    /// Whether a pattern looks into a sequence, whose rest is bound as a view.
    pub(super) fn has_slice(&self, pat: PatId) -> bool {
        let any = |pats: &[PatId]| pats.iter().any(|pat| self.has_slice(*pat));
        match &self.hir[pat] {
            Pat::Slice { rest, .. } => rest.is_some(),
            Pat::Bind { sub: Some(sub), .. } => self.has_slice(*sub),
            Pat::Tuple { pats, .. } | Pat::TupleStruct { pats, .. } | Pat::Or(pats) => any(pats),
            Pat::Record { fields, .. } => fields.iter().any(|(_, pat)| self.has_slice(*pat)),
            _ => false,
        }
    }

    fn is_written_mut_ref(&self, local: LocalId) -> bool {
        let local = self.hir.locals.get(local);
        local.is_some_and(|local| local.mode == hir_def::body::pat::BindMode::MutRef)
    }

    pub(super) fn binds_by_value(&self, pat: PatId) -> bool {
        !matches!(self.infer.bindings.get(&pat), Some(BindMode::Ref { .. }))
    }

    /// Binds a pattern that always matches.
    pub(super) fn bind_irrefutable(&mut self, pat: PatId, place: &Place) {
        let end = self.new_block();
        let otherwise = self.new_block();
        self.match_one(pat, place, end, otherwise);
        self.start(end);
    }

    /// Matches one pattern; bindings are in place at `matched`.
    pub(super) fn match_one(
        &mut self,
        pat: PatId,
        place: &Place,
        matched: BlockId,
        failed: BlockId,
    ) {
        self.match_place(
            place,
            &[Arm {
                pat,
                guard: None,
                body: matched,
            }],
            failed,
        );
    }

    /// Gives the bindings of a row their values, in order.
    pub(super) fn bind_row(&mut self, row: &Row) {
        for (pat, local, place) in &row.bindings {
            let target = self.local_place(*local);
            self.bind(*pat, &target, place);
        }
    }

    pub(super) fn bind(&mut self, pat: PatId, target: &Place, place: &Place) {
        let outer = std::mem::replace(&mut self.source, pat.into());
        match self.infer.bindings.get(&pat) {
            Some(BindMode::Ref { mutable }) => {
                let kind = match (*mutable, &self.hir[pat]) {
                    (false, _) => BorrowKind::Shared,
                    // Written `mut ref`: like the expression, it wants a mutable variable.
                    (true, Pat::Bind { local, .. }) if self.is_written_mut_ref(*local) => {
                        BorrowKind::Exclusive
                    }
                    (true, _) => BorrowKind::Implicit,
                };
                self.assign(target, Rvalue::Ref(kind, place.clone()));
            }
            _ => {
                let value = self.read_unchecked(place.clone());
                self.assign_operand(target, value);
            }
        }
        self.source = outer;
    }

    /// Adds to each row what a pattern demands of a place and binds from it.
    pub(super) fn walk_pat(&mut self, pat: PatId, place: Place, rows: Vec<Row>) -> Vec<Row> {
        let hir = self.hir;
        let mut place = place;
        for _ in 0..self.infer.pat_derefs.get(&pat).copied().unwrap_or(0) {
            place = place.deref();
        }
        match &hir[pat] {
            Pat::Wild | Pat::Missing => rows,
            Pat::Unsupported(what) => {
                self.unsupported(what);
                rows
            }
            Pat::Bind { local, sub } => {
                let mut rows = rows;
                for row in &mut rows {
                    row.bindings.push((pat, *local, place.clone()));
                }
                match sub {
                    Some(sub) => self.walk_pat(*sub, place, rows),
                    None => rows,
                }
            }
            Pat::Literal(literal) => {
                let test = self.literal_test(literal, self.place_ty(&place));
                with_test(rows, &place, test)
            }
            Pat::Range {
                start,
                end,
                inclusive,
            } => self.range_pat(pat, &place, start.as_ref(), end.as_ref(), *inclusive, rows),
            Pat::Path(_) => self.variant_pat(pat, place, &[], None, rows),
            Pat::TupleStruct { pats, rest, .. } => self.variant_pat(pat, place, pats, *rest, rows),
            Pat::Record { fields, .. } => {
                let pats: Vec<PatId> = fields.iter().map(|(_, pat)| *pat).collect();
                self.variant_pat(pat, place, &pats, None, rows)
            }
            Pat::Tuple { pats, rest } => {
                let tys = match self.place_ty(&place).kind(self.db) {
                    TyKind::Tuple(parts) => parts.to_vec(),
                    _ => Vec::new(),
                };
                self.fields_pat(&place, pats, *rest, &tys, rows)
            }
            Pat::Slice {
                prefix,
                rest,
                suffix,
            } => self.slice_pat(&place, prefix, *rest, suffix, rows),
            Pat::Or(alternatives) => {
                let mut all = Vec::new();
                for alternative in alternatives {
                    all.extend(self.walk_pat(*alternative, place.clone(), rows.clone()));
                }
                if all.len() > ROWS_MAX {
                    self.unsupported("a pattern with this many alternatives");
                    all.truncate(ROWS_MAX);
                }
                all
            }
        }
    }

    /// `V`, `V(p, q)`, `V { f: p }`, `S { f: p }`, and constants.
    fn variant_pat(
        &mut self,
        pat: PatId,
        place: Place,
        pats: &[PatId],
        rest: Option<u32>,
        rows: Vec<Row>,
    ) -> Vec<Row> {
        let infer = self.infer;
        match infer.pats.get(&pat) {
            Some(PatRes::Variant {
                variant,
                args,
                fields,
            }) => {
                let (rows, inner) = self.enter_variant(*variant, place, rows);
                let tys = tys::field_tys(self.db, *variant, *args);
                if matches!(self.hir[pat], Pat::Record { .. }) {
                    let mut rows = rows;
                    for (pat, index) in pats.iter().zip(fields) {
                        let Some(ty) = tys.get(*index as usize) else {
                            continue;
                        };
                        rows = self.walk_pat(*pat, inner.field(*index, *ty), rows);
                    }
                    rows
                } else {
                    self.fields_pat(&inner, pats, rest, &tys, rows)
                }
            }
            Some(PatRes::Const(item, args)) => {
                let ty = self.place_ty(&place);
                let kind = ConstKind::Item(*item, *args);
                with_test(rows, &place, Test::Equal(Constant { ty, kind }))
            }
            None => {
                self.unsupported("this pattern");
                rows
            }
        }
    }

    /// Demands a variant, and gives the place its payload is a part of.
    fn enter_variant(
        &mut self,
        variant: VariantDef,
        place: Place,
        rows: Vec<Row>,
    ) -> (Vec<Row>, Place) {
        let VariantDef::Variant(id) = variant else {
            return (rows, place);
        };
        let inner = place.downcast(id.index);
        let count = hir_ty::signature::adt_fields(self.db, AdtId::Enum(id.parent))
            .value
            .len() as u32;
        if count <= 1 {
            return (rows, inner);
        }
        (
            with_test(
                rows,
                &place,
                Test::Variant {
                    index: id.index,
                    count,
                },
            ),
            inner,
        )
    }

    /// Positional sub-patterns; those after `rest` count from the end.
    fn fields_pat(
        &mut self,
        place: &Place,
        pats: &[PatId],
        rest: Option<u32>,
        tys: &[Ty],
        rows: Vec<Row>,
    ) -> Vec<Row> {
        let mut rows = rows;
        let skipped = tys.len().saturating_sub(pats.len());
        for (i, pat) in pats.iter().enumerate() {
            let index = match rest {
                Some(rest) if i >= rest as usize => i + skipped,
                _ => i,
            };
            let Some(ty) = tys.get(index) else { continue };
            rows = self.walk_pat(*pat, place.field(index as u32, *ty), rows);
        }
        rows
    }

    fn slice_pat(
        &mut self,
        place: &Place,
        prefix: &[PatId],
        rest: Option<PatId>,
        suffix: &[PatId],
        rows: Vec<Row>,
    ) -> Vec<Row> {
        let min = (prefix.len() + suffix.len()) as u64;
        let mut rows = rows;
        // Lengths of arrays are checked by type.
        if matches!(self.place_ty(place).kind(self.db), TyKind::Slice(_)) {
            let test = Test::Len {
                min,
                exact: rest.is_none(),
            };
            rows = with_test(rows, place, test);
        }
        for (i, pat) in prefix.iter().enumerate() {
            let step = Projection::ConstIndex {
                index: i as u64,
                from_end: false,
            };
            rows = self.walk_pat(*pat, place.project(step), rows);
        }
        if let Some(rest) = rest {
            let (from, to) = (prefix.len() as u64, suffix.len() as u64);
            let part = place.project(Projection::Subslice { from, to });
            rows = self.walk_pat(rest, part, rows);
        }
        for (i, pat) in suffix.iter().enumerate() {
            let index = (suffix.len() - i) as u64;
            let step = Projection::ConstIndex {
                index,
                from_end: true,
            };
            rows = self.walk_pat(*pat, place.project(step), rows);
        }
        rows
    }

    fn literal_constant(&mut self, literal: &PatLiteral, ty: Ty) -> Constant {
        match self.literal(&literal.value, ty, literal.negative) {
            Operand::Const(constant) => constant,
            _ => Constant {
                ty,
                kind: ConstKind::Unit,
            },
        }
    }

    fn literal_test(&mut self, literal: &PatLiteral, ty: Ty) -> Test {
        let constant = self.literal_constant(literal, ty);
        match switch_value(&constant) {
            Some(value) => Test::Value(value, ty),
            None => Test::Equal(constant),
        }
    }

    fn range_pat(
        &mut self,
        pat: PatId,
        place: &Place,
        start: Option<&PatRangeEnd>,
        end: Option<&PatRangeEnd>,
        inclusive: bool,
        rows: Vec<Row>,
    ) -> Vec<Row> {
        let ty = self.place_ty(place);
        let db = self.db;
        let bound = |this: &mut Self, end: &PatRangeEnd, is_end: bool| match end {
            PatRangeEnd::Literal(literal) => Some(this.literal_constant(literal, ty)),
            PatRangeEnd::Path(_) => {
                let value = *this.infer.range_ends.get(&(pat, is_end))?;
                let kind = match ty.kind(db) {
                    TyKind::Char => ConstKind::Char(char::from_u32(u32::try_from(value).ok()?)?),
                    _ => ConstKind::Int(value),
                };
                Some(Constant { ty, kind })
            }
        };
        let ends = [(start, false), (end, true)]
            .map(|(end, is_end)| end.map(|end| bound(self, end, is_end)));
        let [start, end] = match ends {
            [Some(None), _] | [_, Some(None)] => {
                self.source = pat.into();
                self.unsupported("a range pattern whose end has no known value");
                return rows;
            }
            [start, end] => [start.flatten(), end.flatten()],
        };
        with_test(
            rows,
            place,
            Test::Range {
                start,
                end,
                inclusive,
            },
        )
    }
}

fn with_test(mut rows: Vec<Row>, place: &Place, test: Test) -> Vec<Row> {
    for row in &mut rows {
        row.tests.push((place.clone(), test.clone()));
    }
    rows
}

/// The number that a switch compares for a constant, if it can.
pub(super) fn switch_value(constant: &Constant) -> Option<i128> {
    match constant.kind {
        ConstKind::Int(value) => Some(value),
        ConstKind::Char(value) => Some(i128::from(u32::from(value))),
        ConstKind::Bool(value) => Some(i128::from(value)),
        _ => None,
    }
}
