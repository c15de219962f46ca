//! One `drop` or `replace`, by what is known of the place and its parts.

use hir_ty::{Ty, TyKind};

use super::{Elaborator, Liveness, liveness};
use crate::data::*;
use crate::moves::dataflow::State;
use crate::moves::effects::Effect;
use crate::moves::paths::{Lookup, PathId};
use crate::tys;

/// A value to be dropped, and when it is there.
struct Rung {
    place: Place,
    /// `None`: always.
    flag: Option<Local>,
}

impl Elaborator<'_> {
    pub(super) fn elaborate_drop(&mut self, place: &Place, state: &State) {
        if !tys::may_need_drop(self.db, tys::place_ty(self.db, self.source, place)) {
            return;
        }
        match self.paths.lookup(place) {
            Some(Lookup::Exact(path)) => self.drop_path(path, state),
            // Behind a reference or in an array: lowering says that there is a value.
            _ => self.drop_now(place.clone()),
        }
    }

    /// Whether a path and all of its parts are surely there.
    fn is_whole(&self, path: PathId, state: &State) -> bool {
        self.paths
            .subtree(path)
            .iter()
            .all(|path| liveness(state, *path) == Liveness::Live)
    }

    /// Whether the parts of a path are there whenever the path is: none was moved by itself.
    fn is_simple(&self, path: PathId) -> bool {
        self.paths.paths[path].children.is_empty()
    }

    fn drop_path(&mut self, path: PathId, state: &State) {
        let place = self.paths.paths[path].place.clone();
        if self.is_whole(path, state) {
            return self.drop_now(place);
        }
        match liveness(state, path) {
            Liveness::Dead => {}
            Liveness::Live => self.drop_open(path, state),
            Liveness::Maybe => {
                let flag = self.flags.get(&path).copied();
                let end = self.begin_if(flag);
                if self.is_simple(path) {
                    self.drop_now(place);
                } else {
                    self.drop_open(path, state);
                }
                self.end_if(end);
            }
        }
    }

    /// Drops a value, itself there, of which parts may be gone.
    fn drop_open(&mut self, path: PathId, state: &State) {
        let place = self.paths.paths[path].place.clone();
        let ty = self.path_ty(path);
        if !tys::has_own_drop(self.db, ty) {
            return self.drop_parts(path, state);
        }
        // The type's own drop runs only if the value is whole.
        let parts = self.paths.subtree(path);
        let parts = parts.iter().filter(|part| **part != path);
        if parts
            .clone()
            .any(|part| liveness(state, *part) == Liveness::Dead)
        {
            return self.drop_parts(path, state);
        }
        let flags: Vec<Local> = parts
            .filter(|part| liveness(state, **part) == Liveness::Maybe)
            .filter_map(|part| self.flags.get(part).copied())
            .collect();
        let (apart, end) = (self.new_block(), self.new_block());
        for flag in flags {
            let more = self.new_block();
            let condition = Operand::Copy(flag.into());
            self.terminate(TerminatorKind::If {
                condition,
                then: more,
                else_: apart,
            });
            self.current = more;
        }
        self.drop_now(place);
        self.terminate(TerminatorKind::Goto(end));
        self.current = apart;
        self.drop_parts(path, state);
        self.terminate(TerminatorKind::Goto(end));
        self.current = end;
    }

    /// Drops the parts of a value in declaration order, each as far as it is there.
    fn drop_parts(&mut self, path: PathId, state: &State) {
        let place = self.paths.paths[path].place.clone();
        let ty = self.path_ty(path);
        match ty.kind(self.db) {
            TyKind::Closure(_, args) if !is_frame(self.db, ty) => {
                let parts = hir_ty::ClosureArgs(*args).captures(self.db);
                self.drop_fields(path, &place, &parts, state);
            }
            TyKind::Tuple(parts) => {
                let parts = parts.to_vec();
                self.drop_fields(path, &place, &parts, state);
            }
            TyKind::Adt(hir_def::AdtId::Struct(_), _) => {
                let fields = self.fields(ty).into_iter().next().unwrap_or_default();
                self.drop_fields(path, &place, &fields, state);
            }
            TyKind::Adt(hir_def::AdtId::Enum(_), _) => self.drop_variants(path, &place, ty, state),
            _ => self.drop_now(place),
        }
    }

    fn fields(&self, ty: Ty) -> Vec<Vec<Ty>> {
        match ty.kind(self.db) {
            TyKind::Adt(adt, args) => tys::adt_field_tys(self.db, *adt, *args),
            _ => Vec::new(),
        }
    }

    fn drop_fields(&mut self, path: PathId, place: &Place, fields: &[Ty], state: &State) {
        let with_drop = (0..).zip(fields.iter().copied());
        let with_drop: Vec<(u32, Ty)> = with_drop
            .filter(|(_, ty)| tys::may_need_drop(self.db, *ty))
            .collect();
        self.drop_in_turn(&with_drop, |this, &(index, ty)| {
            let step = Projection::Field(index, ty);
            match this.paths.child(path, &step) {
                Some(child) => this.drop_path(child, state),
                None => this.drop_now(place.field(index, ty)),
            }
        });
    }

    /// An enum: which parts there are depends on the variant. Moving a payload leaves the tag
    /// readable.
    fn drop_variants(&mut self, path: PathId, place: &Place, ty: Ty, state: &State) {
        let end = self.new_block();
        let whole = self.new_block();
        let tag_ty = tys::u32(self.db);
        let tag = self.temp(tag_ty);
        self.push(StatementKind::Assign(
            tag.into(),
            Rvalue::Discriminant(place.clone()),
        ));
        let mut cases = Vec::new();
        let mut bodies = Vec::new();
        for (index, fields) in self.fields(ty).into_iter().enumerate() {
            let variant = index as u32;
            if let Some(child) = self.paths.child(path, &Projection::Downcast(variant)) {
                let block = self.new_block();
                cases.push((i128::from(variant), block));
                bodies.push((block, child, fields));
            }
        }
        let value = Operand::Copy(tag.into());
        self.terminate(TerminatorKind::Switch {
            value,
            cases,
            otherwise: whole,
        });
        for (block, child, fields) in bodies {
            self.current = block;
            let inner = self.paths.paths[child].place.clone();
            self.drop_fields(child, &inner, &fields, state);
            self.terminate(TerminatorKind::Goto(end));
        }
        self.current = whole;
        self.drop_now(place.clone());
        self.terminate(TerminatorKind::Goto(end));
        self.current = end;
    }

    /// Stores first, then drops what was there: a destructor never sees a dead value in place.
    pub(super) fn elaborate_replace(
        &mut self,
        place: &Place,
        value: &Operand,
        unwind: Unwind,
        state: &State,
    ) {
        let ty = tys::place_ty(self.db, self.source, place);
        let path = match self.paths.lookup(place) {
            Some(Lookup::Exact(path)) => Some(path),
            _ => None,
        };
        let live = path.map_or(Liveness::Live, |path| liveness(state, path));
        let store = StatementKind::Assign(place.clone(), Rvalue::Use(value.clone()));
        let is_whole = path.is_none_or(|path| self.is_whole(path, state));
        if !tys::may_need_drop(self.db, ty) || live == Liveness::Dead {
            return self.push(store);
        }
        let is_simple = path.is_none_or(|path| self.is_simple(path));
        if is_whole || is_simple {
            let flag = match live {
                Liveness::Maybe => path.and_then(|path| self.flags.get(&path).copied()),
                _ => None,
            };
            return self.replace_rungs(
                vec![Rung {
                    place: place.clone(),
                    flag,
                }],
                store,
            );
        }
        // Parts of the old value are gone: set aside what is left of it, part by part. For an
        // enum, whose parts cannot be told apart without its tag, drop before the store.
        let rungs = path.and_then(|path| self.rungs(path, state));
        match (rungs, path) {
            (Some(rungs), _) => self.replace_rungs(rungs, store),
            (None, Some(path)) => {
                // A panic here finds neither value in place.
                let mut without = state.clone();
                without.apply(self.paths, Effect::Drop(place));
                let held = self.held_by(unwind);
                self.on_panic = self.cleanup(&held, &without);
                self.drop_path(path, state);
                self.push(store);
            }
            (None, None) => self.push(store),
        }
    }

    /// The parts of a partly moved value that may be there. `None` if an enum is among them.
    fn rungs(&self, path: PathId, state: &State) -> Option<Vec<Rung>> {
        let mut rungs = Vec::new();
        self.collect_rungs(path, None, state, &mut rungs)?;
        Some(rungs)
    }

    fn collect_rungs(
        &self,
        path: PathId,
        outer: Option<Local>,
        state: &State,
        rungs: &mut Vec<Rung>,
    ) -> Option<()> {
        let flag = match liveness(state, path) {
            Liveness::Dead => return Some(()),
            Liveness::Live => outer,
            // A part's flag is never set where its whole is gone.
            Liveness::Maybe => self.flags.get(&path).copied().or(outer),
        };
        let place = &self.paths.paths[path].place;
        let ty = self.path_ty(path);
        if self.is_simple(path) || self.is_whole(path, state) {
            rungs.push(Rung {
                place: place.clone(),
                flag,
            });
            return Some(());
        }
        let fields: Vec<Ty> = match ty.kind(self.db) {
            TyKind::Tuple(parts) => parts.to_vec(),
            TyKind::Closure(_, args) if !is_frame(self.db, ty) => {
                hir_ty::ClosureArgs(*args).captures(self.db)
            }
            TyKind::Adt(hir_def::AdtId::Struct(_), _) if !tys::has_own_drop(self.db, ty) => {
                self.fields(ty).into_iter().next().unwrap_or_default()
            }
            _ => return None,
        };
        for (index, ty) in fields.iter().enumerate() {
            if !tys::may_need_drop(self.db, *ty) {
                continue;
            }
            match self
                .paths
                .child(path, &Projection::Field(index as u32, *ty))
            {
                Some(child) => self.collect_rungs(child, flag, state, rungs)?,
                None => rungs.push(Rung {
                    place: place.field(index as u32, *ty),
                    flag,
                }),
            }
        }
        Some(())
    }

    fn replace_rungs(&mut self, rungs: Vec<Rung>, store: StatementKind) {
        let mut old = Vec::new();
        for rung in rungs {
            let ty = tys::place_ty(self.db, self.source, &rung.place);
            let temp = self.temp(ty);
            let take = Rvalue::Use(Operand::Move(rung.place));
            // The flag changes with the store, so a copy of it goes along.
            let saved = rung.flag.map(|flag| {
                let saved = self.temp(Ty::bool(self.db));
                let copy = Rvalue::Use(Operand::Copy(flag.into()));
                self.push(StatementKind::Assign(saved.into(), copy));
                saved
            });
            let end = self.begin_if(saved);
            self.push(StatementKind::Assign(temp.into(), take));
            self.end_if(end);
            old.push(((temp, saved), ty));
        }
        self.push(store);
        self.drop_in_turn(&old, |this, &((temp, saved), _)| {
            let end = this.begin_if(saved);
            this.drop_now(temp.into());
            this.end_if(end);
        });
    }

    /// Goes on only where the flag is set; without flag, always.
    fn begin_if(&mut self, flag: Option<Local>) -> Option<BlockId> {
        let flag = flag?;
        let (then, end) = (self.new_block(), self.new_block());
        let condition = Operand::Copy(flag.into());
        self.terminate(TerminatorKind::If {
            condition,
            then,
            else_: end,
        });
        self.current = then;
        Some(end)
    }

    fn end_if(&mut self, end: Option<BlockId>) {
        if let Some(end) = end {
            self.terminate(TerminatorKind::Goto(end));
            self.current = end;
        }
    }

    fn path_ty(&self, path: PathId) -> Ty {
        tys::place_ty(self.db, self.source, &self.paths.paths[path].place)
    }
}

/// Whether a closure's type is that of an `async` block, whose value is the address of a frame.
fn is_frame(db: &dyn base::Db, ty: Ty) -> bool {
    ty.as_closure(db)
        .is_some_and(|(_, args)| args.kind(db) == Some(hir_ty::ClosureKind::Async))
}
