//! What the declaration says that a method implements.
//!
//! Who calls a method through a behavior, an interface or a base class sees its declaration
//! there. So what the method leaves out is what that has in the same place, with what `This`, the
//! behavior's arguments and associated types stand for: `func next(mut this) -> Maybe[ref T]` of
//! an iterator gives items of the lifetime that `Item` has, not of the receiver's.

use base::Db;
use hir_def::{ContainerId, FuncId, GenericDef, ImplId};
use hir_ty::{Declaration, Projection, Selection, Ty, TyKind};
use rustc_hash::FxHashMap;

use super::forever::forever_params;
use super::sig::ImplLives;
use super::{
    FnLives, Life, Lives, assoc_type_lives, fn_lives, for_each_part, impl_lives, own_slots,
    param_of, slot_count,
};

/// What a declaration says of a slot.
#[derive(Clone, Copy, Debug)]
pub(super) enum Told {
    /// A lifetime of what is around the method.
    Known(Life),
    /// One of the declaration's own.
    Own(Life),
}

/// Which lifetimes of a method are those of its declaration.
#[derive(Default)]
pub(super) struct Met(FxHashMap<Life, Life>);

impl Met {
    /// What a declaration lets its implementations store, a type with a capture lifetime does.
    pub(super) fn of(model: &Model<'_>, capture: Option<Life>) -> Met {
        let stored = model.found.as_ref().and_then(|found| found.lives.stored);
        Met(stored.zip(capture).into_iter().collect())
    }

    pub(super) fn or_new(&mut self, of: Life, new: impl FnOnce() -> Life) -> Life {
        *self.0.entry(of).or_insert_with(new)
    }

    /// A place has been annotated.
    pub(super) fn all(&mut self, told: &[Told], lives: &[Life]) {
        for (told, life) in told.iter().zip(lives) {
            if let (Told::Own(of), Life::Bound(_)) = (told, life) {
                self.0.entry(*of).or_insert(*life);
            }
        }
    }

    pub(super) fn known(&self, told: &Told) -> Option<Life> {
        match told {
            Told::Known(life) => Some(*life),
            Told::Own(of) => self.0.get(of).copied(),
        }
    }
}

/// The declaration that a method implements.
pub(super) struct Model<'a> {
    db: &'a dyn Db,
    /// Nothing is known of a function that implements none.
    found: Option<Found<'a>>,
}

struct Found<'a> {
    declaration: Declaration,
    lives: &'a FnLives,
    sig: &'a hir_ty::FnSig,
    around: &'a ImplLives,
    method: FuncId,
}

impl<'a> Model<'a> {
    /// Of several declarations the first.
    pub(super) fn of(db: &'a dyn Db, method: FuncId, around: &'a ImplLives) -> Model<'a> {
        let declaration = hir_ty::declarations(db, method).first().copied();
        let found = declaration.map(|declaration| Found {
            declaration,
            lives: fn_lives(db, declaration.func),
            sig: hir_ty::fn_type(db, declaration.func),
            around,
            method,
        });
        Model { db, found }
    }

    /// Of the receiver, as far as it is a reference.
    pub(super) fn receiver(&self) -> Vec<Told> {
        let Some(found) = &self.found else {
            return Vec::new();
        };
        let life = match (found.sig.receiver, found.lives.params.first()) {
            (Some(receiver), Some(lives)) if receiver.passed.as_ref(self.db).is_some() => {
                lives.first().copied()
            }
            _ => None,
        };
        life.into_iter().map(Told::Own).collect()
    }

    /// Of a parameter that has a type here; empty if it is not known.
    pub(super) fn param(&self, index: usize, ty: Ty) -> Vec<Told> {
        let of = |found: &Found<'_>| {
            let first = usize::from(found.sig.receiver.is_some());
            let lives = found.lives.params.get(first + index)?;
            found.told(self.db, found.sig.params.get(index)?.ty, lives, ty)
        };
        self.found.as_ref().and_then(of).unwrap_or_default()
    }

    pub(super) fn ret(&self, ty: Ty) -> Vec<Told> {
        let of = |found: &Found<'_>| found.told(self.db, found.sig.ret, &found.lives.ret, ty);
        self.found.as_ref().and_then(of).unwrap_or_default()
    }
}

impl Found<'_> {
    fn told(&self, db: &dyn Db, pattern: Ty, lives: &[Life], ty: Ty) -> Option<Vec<Told>> {
        let mut out = Vec::new();
        self.walk(db, pattern, &mut lives.iter(), &mut out)?;
        (out.len() == slot_count(db, ty)).then_some(out)
    }

    fn walk(
        &self,
        db: &dyn Db,
        pattern: Ty,
        lives: &mut std::slice::Iter<'_, Life>,
        out: &mut Vec<Told>,
    ) -> Option<()> {
        if pattern.is_chosen_by_impl(db) {
            return None;
        }
        if param_of(db, pattern).is_some() {
            lives.next();
            out.extend(
                self.stands_for(db, pattern)?
                    .iter()
                    .copied()
                    .map(Told::Known),
            );
            return Some(());
        }
        for _ in 0..own_slots(db, pattern) {
            out.push(match *lives.next()? {
                // A lifetime parameter of the behavior.
                Life::Bound(index) if let Some(life) = self.of_behavior(index) => Told::Known(life),
                life @ Life::Bound(_) => Told::Own(life),
                life => Told::Known(life),
            });
        }
        let forever: &[bool] = match pattern.kind(db) {
            TyKind::Adt(adt, _) => forever_params(db, *adt),
            _ => &[],
        };
        let mut parts = Vec::new();
        for_each_part(db, pattern, &mut |part, index| parts.push((part, index)));
        for (part, index) in parts {
            let before = out.len();
            self.walk(db, part, lives, out)?;
            if forever.get(index).copied().unwrap_or(false) {
                out[before..].fill(Told::Known(Life::Static));
            }
        }
        Some(())
    }

    fn of_behavior(&self, index: u32) -> Option<Life> {
        let header = self.declaration.header? as usize;
        let lives = self.around.behavior_lives.get(header)?;
        lives.get(index as usize).copied()
    }

    /// The slots of what a parameter of the declaration, or an associated type, is here.
    fn stands_for(&self, db: &dyn Db, pattern: Ty) -> Option<Lives> {
        match pattern.kind(db) {
            TyKind::Param(param) => self.param(db, param.index),
            TyKind::Projection(projection) => {
                let of = projection.args.ty(db, 0);
                let TyKind::Param(of) = of.kind(db) else {
                    return None;
                };
                let is_own = of.index >= self.around_count(db);
                match (of.index, self.method.container(db), self.declaration.header) {
                    // It has one slot as long as nobody knows more.
                    _ if is_own => self.param(db, of.index),
                    (0, ContainerId::Impl(id), Some(_)) => self.assoc(db, id, projection),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `This::Name`, of the behavior or of one that it extends.
    fn assoc(&self, db: &dyn Db, id: ImplId, projection: &Projection) -> Option<Lives> {
        let header = self.declaration.header? as usize;
        let headers = hir_ty::signature::impl_behaviors(db, id);
        if headers.get(header)?.behavior == projection.behavior {
            return assoc_type_lives(db, id, &projection.name);
        }
        let args = projection.args.subst(db, self.declaration.around);
        let env = hir_ty::param_env(db, GenericDef::Impl(id));
        let found = hir_ty::behavior_solve(db, env, projection.behavior, args)?;
        let Selection::Impl { id: other, .. } = found else {
            return None;
        };
        let lives = assoc_type_lives(db, other, &projection.name)?;
        let this = &impl_lives(db, other).this;
        if this.len() != self.around.this.len() {
            return None;
        }
        // Both are for one type: its slots say which lifetimes and parameters are which.
        let here = |life: &Life| match life {
            Life::Static | Life::Erased => *life,
            known => {
                let slot = this.iter().position(|it| it == known);
                let found = slot.and_then(|slot| self.around.this.get(slot));
                found.copied().unwrap_or(Life::Erased)
            }
        };
        Some(lives.iter().map(here).collect())
    }

    fn around_count(&self, db: &dyn Db) -> u32 {
        hir_ty::generics_of(db, GenericDef::Func(self.declaration.func)).parent_count
    }

    fn param(&self, db: &dyn Db, index: u32) -> Option<Lives> {
        let around = self.around_count(db);
        if index >= around {
            let own = hir_ty::generics_of(db, GenericDef::Func(self.method)).parent_count;
            return Some([Life::Param(own + index - around)].into());
        }
        match self.declaration.header {
            Some(_) if index == 0 => Some(self.around.this.clone()),
            Some(header) => {
                let args = self.around.behaviors.get(header as usize)?;
                args.get(index as usize - 1).cloned()
            }
            // What objects hold lives for ever.
            None => {
                let ty = self.declaration.around.list(db).get(index as usize)?.ty()?;
                Some(lives_in_object(db, ty))
            }
        }
    }
}

/// The slots of a type among the arguments of a class.
pub(crate) fn lives_in_object(db: &dyn Db, ty: Ty) -> Lives {
    fn walk(db: &dyn Db, ty: Ty, out: &mut Vec<Life>) {
        match param_of(db, ty) {
            Some(index) => out.push(Life::Param(index)),
            None => out.extend((0..own_slots(db, ty)).map(|_| Life::Static)),
        }
        for_each_part(db, ty, &mut |part, _| walk(db, part, out));
    }
    let mut out = Vec::new();
    walk(db, ty, &mut out);
    out.into()
}
