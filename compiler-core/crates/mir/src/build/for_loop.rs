//! `for`.

use hir_def::body::{Expr, ExprId, PatId};
use hir_ty::{Callee as TyCallee, ForRes, Ty, TyKind};

use super::Builder;
use crate::data::*;
use crate::tys;

impl Builder<'_> {
    pub(super) fn for_(
        &mut self,
        dest: Option<&Place>,
        expr: ExprId,
        pat: PatId,
        iterable: ExprId,
        body: ExprId,
    ) {
        let infer = self.infer;
        // Temporaries of the head live as long as the loop.
        self.push_scope(true);
        match infer.fors.get(&expr) {
            Some(ForRes::Range { inclusive }) => self.for_range(pat, iterable, body, *inclusive),
            Some(ForRes::Array { by_copy } | ForRes::Slice { by_copy }) => {
                self.for_elements(pat, iterable, body, *by_copy);
            }
            Some(ForRes::Iterator {
                into_iter,
                next,
                iter_ty,
                by_copy,
            }) => {
                let head = Head {
                    into_iter: *into_iter,
                    next: *next,
                    iter_ty: *iter_ty,
                };
                self.for_iterator(pat, iterable, body, head, *by_copy);
            }
            None => self.unsupported("this `for`"),
        }
        self.pop_scope();
        self.assign_unit(dest);
    }

    /// A counted loop. An inclusive one compares before it adds, so it ends at the largest
    /// value, too. `Char` counts in `U32` and steps over the surrogates.
    fn for_range(&mut self, pat: PatId, iterable: ExprId, body: ExprId, inclusive: bool) {
        let hir = self.hir;
        let Expr::Range {
            start: Some(start),
            end: Some(end),
            ..
        } = &hir[iterable]
        else {
            return self.unsupported("an open range in `for`");
        };
        let item_ty = self.adjusted_ty(*start);
        let is_char = matches!(item_ty.kind(self.db), TyKind::Char);
        let ty = if is_char { tys::u32(self.db) } else { item_ty };
        let at: Place = self.temp(ty).into();
        let limit: Place = self.temp(ty).into();
        for (place, bound) in [(&at, start), (&limit, end)] {
            let value = self.operand(*bound);
            if is_char {
                let cast = CastKind::As(hir_ty::CastKind::CharToInt);
                self.assign(place, Rvalue::Cast(cast, value, ty));
            } else {
                self.assign_operand(place, value);
            }
        }
        let (head, inside) = (self.new_block(), self.new_block());
        let (step, after) = (self.new_block(), self.new_block());
        let bool_ty = Ty::bool(self.db);
        let compare = |this: &mut Self, op| {
            let (left, right) = (Operand::Copy(at.clone()), Operand::Copy(limit.clone()));
            this.value(bool_ty, Rvalue::Binary(op, left, right))
        };
        self.goto(head);
        self.start(head);
        let go_on = compare(
            self,
            if inclusive {
                BinaryOp::Le
            } else {
                BinaryOp::Lt
            },
        );
        self.branch_on(go_on, inside, after);
        self.start(inside);
        let item = if is_char {
            let cast = CastKind::As(hir_ty::CastKind::IntToChar);
            let temp: Place = self.temp(item_ty).into();
            self.assign(
                &temp,
                Rvalue::Cast(cast, Operand::Copy(at.clone()), item_ty),
            );
            temp
        } else {
            at.clone()
        };
        self.for_body(pat, &item, body, (after, self.scopes.len()), step);
        self.start(step);
        if inclusive {
            let add = self.new_block();
            let is_last = compare(self, BinaryOp::Eq);
            self.branch_on(is_last, after, add);
            self.start(add);
        }
        let one = self.int(ty, 1);
        self.assign(
            &at,
            Rvalue::Binary(BinaryOp::Add, Operand::Copy(at.clone()), one),
        );
        if is_char {
            self.skip_surrogates(&at, ty);
        }
        // The value has just been compared, so an inclusive loop need not do it again.
        self.goto(if inclusive { inside } else { head });
        self.start(after);
    }

    fn skip_surrogates(&mut self, at: &Place, ty: Ty) {
        let (skip, after) = (self.new_block(), self.new_block());
        let first = self.int(ty, 0xD800);
        let test = Rvalue::Binary(BinaryOp::Eq, Operand::Copy(at.clone()), first);
        let is_surrogate = self.value(Ty::bool(self.db), test);
        self.branch_on(is_surrogate, skip, after);
        self.start(skip);
        let next = self.int(ty, 0xE000);
        self.assign_operand(at, next);
        self.goto(after);
        self.start(after);
    }

    /// Binds the item and runs the body; both jumps out of it go through its scopes.
    fn for_body(
        &mut self,
        pat: PatId,
        item: &Place,
        body: ExprId,
        (break_block, break_depth): (BlockId, usize),
        continue_block: BlockId,
    ) {
        let continue_depth = self.scopes.len();
        self.push_scope(false);
        let locals = self.declare_bindings(pat);
        self.bind_irrefutable(pat, item);
        self.schedule_all(&locals);
        self.loops.push(super::scope::LoopScope {
            break_block,
            continue_block,
            break_depth,
            continue_depth,
            dest: None,
        });
        self.push_scope(true);
        self.expr_to(None, body);
        self.pop_scope();
        self.loops.pop();
        self.pop_scope();
        self.goto(continue_block);
    }

    /// Arrays and slices: the place is borrowed and indexed; the index stays in bounds.
    fn for_elements(&mut self, pat: PatId, iterable: ExprId, body: ExprId, by_copy: bool) {
        let place = self.place(iterable);
        let place = self.strip_refs(place);
        let elements_ty = self.place_ty(&place);
        let element_ty = tys::element_ty(self.db, elements_ty);
        let ref_ty = Ty::reference(self.db, false, elements_ty);
        let borrow = self.temp(ref_ty);
        self.borrow_to(&borrow.into(), BorrowKind::Shared, place);
        let elements = Place::local(borrow).deref();
        let i64_ty = Ty::i64(self.db);
        let (index, len) = (self.temp(i64_ty), self.temp(i64_ty));
        self.assign(&len.into(), Rvalue::Len(elements.clone()));
        let zero = self.int(i64_ty, 0);
        self.assign_operand(&index.into(), zero);
        let (head, inside) = (self.new_block(), self.new_block());
        let (step, after) = (self.new_block(), self.new_block());
        self.goto(head);
        self.start(head);
        let (left, right) = (Operand::Copy(index.into()), Operand::Copy(len.into()));
        let go_on = self.value(Ty::bool(self.db), Rvalue::Binary(BinaryOp::Lt, left, right));
        self.branch_on(go_on, inside, after);
        self.start(inside);
        let element = elements.project(Projection::Index(index));
        let item = if by_copy {
            element
        } else {
            let item_ty = Ty::reference(self.db, false, element_ty);
            let item = self.temp(item_ty);
            self.assign(&item.into(), Rvalue::Ref(BorrowKind::Shared, element));
            item.into()
        };
        self.for_body(pat, &item, body, (after, self.scopes.len()), step);
        self.start(step);
        let one = self.int(i64_ty, 1);
        let next = Rvalue::Binary(BinaryOp::Add, Operand::Copy(index.into()), one);
        self.assign(&index.into(), next);
        self.goto(head);
        self.start(after);
    }

    fn for_iterator(
        &mut self,
        pat: PatId,
        iterable: ExprId,
        body: ExprId,
        head: Head,
        by_copy: bool,
    ) {
        let package = self.body.owner.module(self.db).package(self.db);
        let lang = hir_ty::lang_items(self.db, package);
        let Some((just, _)) = lang.maybe_variants(self.db) else {
            return self.unsupported("`for` without `core`");
        };
        let iter = self.owned_temp(head.iter_ty);
        match head.into_iter {
            Some(callee) => {
                let sig = tys::callee_sig(self.db, self.body.owner, callee);
                self.enter_call();
                let arg = self.operator_operand(iterable, sig.params.first().copied());
                self.call_entered(callee, vec![arg], &iter.into(), false);
            }
            None => self.expr_to(Some(&iter.into()), iterable),
        }
        let (start, inside) = (self.new_block(), self.new_block());
        let after = self.new_block();
        self.goto(start);
        self.start(start);
        // Each round's item is dropped at its end, also by `break`.
        let depth = self.scopes.len();
        self.push_scope(false);
        let sig = tys::callee_sig(self.db, self.body.owner, head.next);
        let next = self.temp(sig.ret);
        // The iterator itself, or the one that an exclusive reference leads to.
        let receiver = sig.params.first().copied();
        let receiver = receiver.unwrap_or_else(|| Ty::error(self.db));
        let place = match receiver.as_ref(self.db) {
            Some((_, subject)) if subject != head.iter_ty => self.strip_refs(iter.into()),
            _ => iter.into(),
        };
        let borrow = self.value(receiver, Rvalue::Ref(BorrowKind::Implicit, place));
        self.call_resolved(head.next, vec![borrow], &next.into());
        let tag = self.value(tys::u32(self.db), Rvalue::Discriminant(next.into()));
        self.terminate(TerminatorKind::Switch {
            value: tag,
            cases: vec![(i128::from(just.index), inside)],
            otherwise: after,
        });
        self.start(inside);
        let args = match sig.ret.kind(self.db) {
            TyKind::Adt(_, args) => *args,
            _ => hir_ty::GenericArgs::empty(self.db),
        };
        let payload = tys::field_tys(self.db, hir_def::VariantDef::Variant(just), args);
        let ty = payload
            .first()
            .copied()
            .unwrap_or_else(|| Ty::error(self.db));
        let payload = Place::local(next).downcast(just.index).field(0, ty);
        let item: Place = self.temp(ty).into();
        if let Some(local) = item.as_local() {
            self.schedule(local, false);
        }
        self.assign_operand(&item, Operand::Move(payload));
        // One reference is the iterator's; elements may be references themselves.
        let is_ref = self.place_ty(&item).as_ref(self.db).is_some();
        let item = if by_copy && is_ref {
            item.deref()
        } else {
            item
        };
        let step = self.new_block();
        self.for_body(pat, &item, body, (after, depth), step);
        self.start(step);
        self.pop_scope();
        self.goto(start);
        self.start(after);
    }
}

/// How an iterator is made and advanced.
#[derive(Clone, Copy)]
struct Head {
    into_iter: Option<TyCallee>,
    next: TyCallee,
    iter_ty: Ty,
}
