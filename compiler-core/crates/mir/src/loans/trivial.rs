//! Bodies whose loans obviously end in time.
//!
//! Most bodies borrow for the length of one call only: receivers, arguments, pieces of text.
//! One walk over the statements recognises them, and spares regions and liveness. It says no
//! whenever it is not sure.

use base::Db;
use hir_ty::Ty;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::closures::Closures;
use super::conflict::{Depth, overlaps};
use crate::data::*;
use crate::lifetimes::{Life, fn_lives, life_count, slot_count};
use crate::tys;
use crate::visit::Look;

/// Whether no loan of the body can meet an access, and nothing flows between lifetimes.
/// `sees_bodies`: calls are asked what the body of the callee implies.
pub(super) fn is_trivial(closures: &Closures<'_>, body: &Body, sees_bodies: bool) -> bool {
    let db = closures.db;
    let mut counts: FxHashMap<Ty, usize> = FxHashMap::default();
    let mut slots = |ty: Ty| *counts.entry(ty).or_insert_with(|| life_count(db, ty));
    for decl in body.locals.values() {
        let own = slots(decl.ty);
        let may_have = match decl.kind {
            // What is passed may hold references; where they go is seen at calls.
            LocalKind::Arg => true,
            // A plain reference, or a value without any.
            LocalKind::Temp => own <= 1,
            _ => own == 0,
        };
        if !may_have {
            return false;
        }
    }
    let homes = homes(body);
    // A reference that another block looks at may live for long.
    let lives_on = |(local, decl): (Local, &LocalDecl)| {
        decl.kind == LocalKind::Temp && slots(decl.ty) > 0 && homes.get(&local) == Some(&None)
    };
    if body.locals.iter().any(lives_on) {
        return false;
    }
    let mut walk = Walk {
        db,
        body,
        open: SmallVec::new(),
    };
    body.blocks.values().all(|block| {
        walk.open.clear();
        let mut ok = block.statements.iter().all(|it| walk.statement(it));
        // References are put into temporaries only.
        ok = ok
            && block.statements.iter().all(|it| match &it.kind {
                StatementKind::Assign(place, _) | StatementKind::Replace(place, _, _) => {
                    let is_temp = place.as_local().is_some_and(|local| {
                        let decl = body.locals.get(local);
                        decl.is_some_and(|decl| decl.kind == LocalKind::Temp)
                    });
                    is_temp || slots(tys::place_ty(db, body, place)) == 0
                }
                _ => true,
            });
        ok = ok && walk.terminator(&block.terminator.kind);
        ok = ok
            && block
                .statements
                .iter()
                .all(|it| !stores_param(db, body, it) && !makes_flow(closures, body, it));
        if let TerminatorKind::Call {
            callee,
            args,
            destination,
            ..
        } = &block.terminator.kind
            && ok
        {
            // Nothing that is passed can be stored, and nothing comes back.
            let is_plain = |arg: &Operand| {
                let ty = tys::operand_ty(db, body, arg);
                match ty.as_ref(db) {
                    Some(_) => slots(ty) == 1,
                    None => slots(ty) == 0,
                }
            };
            ok = args.iter().all(is_plain)
                && slots(tys::place_ty(db, body, destination)) == 0
                && callee_of(db, body, callee).is_none_or(|(func, generic)| {
                    let lives = &fn_lives(db, func).params;
                    generic.types(db).all(|ty| slots(ty) == 0)
                        && !lives.iter().any(|lives| lives.contains(&Life::Static))
                        && !demands_of_params(db, (func, generic), sees_bodies)
                });
        }
        ok
    })
}

/// Whether values of a type parameter go where nothing shows it.
fn stores_param(db: &dyn Db, body: &Body, statement: &Statement) -> bool {
    let holds_param = |ty: Ty| slot_count(db, ty) > life_count(db, ty);
    match &statement.kind {
        StatementKind::Assign(_, Rvalue::Cast(_, value, to)) => {
            life_count(db, *to) > 0 && holds_param(tys::operand_ty(db, body, value))
        }
        StatementKind::Assign(place, _) | StatementKind::Replace(place, _, _) => {
            let is_of_object = |step: &Projection| matches!(step, Projection::Object(..));
            place.projection.iter().any(is_of_object)
                && slot_count(db, tys::place_ty(db, body, place)) > 0
        }
        _ => false,
    }
}

/// The function that a call is of, if that is known.
fn callee_of(
    db: &dyn Db,
    body: &Body,
    callee: &Callee,
) -> Option<(hir_def::FuncId, hir_ty::GenericArgs)> {
    match callee {
        Callee::Func(func, generic) | Callee::Exact(func, generic) => Some((*func, *generic)),
        Callee::Value(value) => match tys::operand_ty(db, body, value).kind(db) {
            hir_ty::TyKind::FnItem(func, generic) => Some((*func, *generic)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a closure is made that stores something when it is called.
fn makes_flow(closures: &Closures<'_>, body: &Body, statement: &Statement) -> bool {
    let StatementKind::Assign(place, Rvalue::Aggregate(AggregateKind::Closure(..), _)) =
        &statement.kind
    else {
        return false;
    };
    let flows = closures.of_ty(tys::place_ty(closures.db, body, place));
    flows.is_some_and(|(_, flows)| !flows.all.is_empty())
}

/// Whether a function asks something of the lifetimes of its arguments, and there are some.
fn demands_of_params(
    db: &dyn Db,
    (func, generic): (hir_def::FuncId, hir_ty::GenericArgs),
    sees_bodies: bool,
) -> bool {
    let mut types = generic.types(db);
    types.any(|ty| slot_count(db, ty) > 0) && {
        let lives = fn_lives(db, func);
        lives.captured.is_some()
            || lives.stored.is_some()
            || !lives.type_bounds.is_empty()
            || sees_bodies && !super::params::implied_lives(db, func).is_empty()
    }
}

/// The block of each local that only one block mentions.
fn homes(body: &Body) -> FxHashMap<Local, Option<BlockId>> {
    let mut homes: FxHashMap<Local, Option<BlockId>> = FxHashMap::default();
    for (id, block) in body.blocks.iter() {
        let mut seen = |place: &Place| {
            let home = homes.entry(place.local).or_insert(Some(id));
            if *home != Some(id) {
                *home = None;
            }
        };
        for statement in &block.statements {
            match &statement.kind {
                StatementKind::Assign(place, rvalue) => {
                    seen(place);
                    rvalue.for_each_place(&mut |place, _| seen(place));
                }
                StatementKind::Replace(place, value, _) => {
                    seen(place);
                    value.place().into_iter().for_each(&mut seen);
                }
                StatementKind::Drop(place, _) => seen(place),
                _ => {}
            }
        }
        match &block.terminator.kind {
            TerminatorKind::Call { args, callee, .. } => {
                args.iter().filter_map(Operand::place).for_each(&mut seen);
                if let Callee::Value(value) = callee {
                    value.place().into_iter().for_each(&mut seen);
                }
            }
            TerminatorKind::Switch { value, .. }
            | TerminatorKind::If {
                condition: value, ..
            } => value.place().into_iter().for_each(&mut seen),
            _ => {}
        }
    }
    homes
}

struct Walk<'a> {
    db: &'a dyn Db,
    body: &'a Body,
    /// Loans of the block so far: what is borrowed, and whether exclusively.
    open: SmallVec<[(Place, bool); 8]>,
}

impl Walk<'_> {
    fn statement(&mut self, statement: &Statement) -> bool {
        match &statement.kind {
            StatementKind::Assign(place, Rvalue::Ref(kind, borrowed)) => {
                let Some(temp) = place.as_local() else {
                    return false;
                };
                let decl = self.body.locals.get(temp);
                if decl.is_none_or(|decl| decl.kind != LocalKind::Temp) {
                    return false;
                }
                let exclusive = kind.is_mutable();
                if !self.access(borrowed, exclusive, Depth::Deep) {
                    return false;
                }
                self.open.push((borrowed.clone(), exclusive));
                true
            }
            StatementKind::Assign(place, rvalue) => {
                let mut ok = true;
                rvalue.for_each_place(&mut |place, look| ok &= self.look(place, look));
                ok && self.access(place, true, Depth::Shallow)
            }
            StatementKind::Replace(place, value, _) => {
                value
                    .look()
                    .is_none_or(|(place, look)| self.look(place, look))
                    && self.access(place, true, Depth::Shallow)
            }
            StatementKind::Drop(place, _) => self.access(place, true, Depth::Shallow),
            StatementKind::StorageDead(local) => {
                self.access(&(*local).into(), true, Depth::Shallow)
            }
            StatementKind::StorageLive(_) | StatementKind::Nop => true,
        }
    }

    fn terminator(&mut self, kind: &TerminatorKind) -> bool {
        let operand = |this: &Self, value: &Operand| {
            value
                .look()
                .is_none_or(|(place, look)| this.look(place, look))
        };
        match kind {
            TerminatorKind::Call {
                callee,
                args,
                destination,
                ..
            } => {
                let ok = match callee {
                    Callee::Value(value) => operand(self, value),
                    _ => true,
                };
                ok && args.iter().all(|arg| operand(self, arg))
                    && self.access(destination, true, Depth::Shallow)
            }
            TerminatorKind::Switch { value, .. }
            | TerminatorKind::If {
                condition: value, ..
            } => operand(self, value),
            _ => true,
        }
    }

    fn look(&self, place: &Place, look: Look) -> bool {
        match look {
            Look::Copy => self.access(place, false, Depth::Deep),
            Look::Move => self.access(place, true, Depth::Deep),
            Look::Tag => self.access(place, false, Depth::Shallow),
            Look::Length | Look::Address => true,
            Look::Borrow(kind) => self.access(place, kind.is_mutable(), Depth::Deep),
        }
    }

    /// Whether an access meets none of the open loans that forbid it.
    fn access(&self, place: &Place, writes: bool, depth: Depth) -> bool {
        self.open.iter().all(|(borrowed, exclusive)| {
            borrowed.local != place.local
                || !(writes || *exclusive)
                || !overlaps(self.db, self.body, borrowed, place, depth)
        })
    }
}
