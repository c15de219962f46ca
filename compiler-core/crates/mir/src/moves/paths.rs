//! Move paths: locals, and those of their parts that some statement moves out of.
//!
//! `_1`, `_1.0`, `(_1 as 2).0` are paths; what lies behind a reference, pointer or index is not
//! (reference §8.2), and belongs to the path before it.

use stdx::{DenseMap, define_index};

use super::effects::{Effect, statement_effects, terminator_effects};
use crate::data::*;

define_index!(
    /// A local or a part of one that is tracked separately.
    pub(crate) struct PathId, "mp");

pub(crate) struct MovePath {
    pub(crate) place: Place,
    pub(crate) parent: Option<PathId>,
    pub(crate) children: Vec<PathId>,
}

pub(crate) struct MovePaths {
    pub(crate) paths: DenseMap<PathId, MovePath>,
    locals: DenseMap<Local, PathId>,
}

/// What is tracked about a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// The place itself.
    Exact(PathId),
    /// The place is an untracked part of this path, or lies behind it.
    Inside(PathId),
}

impl Lookup {
    pub(crate) fn path(self) -> PathId {
        match self {
            Lookup::Exact(path) | Lookup::Inside(path) => path,
        }
    }
}

impl MovePaths {
    /// The paths of all locals, and of all places that are moved from.
    pub(crate) fn new(body: &Body) -> MovePaths {
        let mut paths = DenseMap::new();
        let locals = body
            .locals
            .keys()
            .map(|local| {
                paths.push(MovePath {
                    place: local.into(),
                    parent: None,
                    children: Vec::new(),
                })
            })
            .collect();
        let mut this = MovePaths { paths, locals };
        let mut add = |effect: Effect<'_>| {
            if let Effect::Move(place) = effect {
                this.add(place);
            }
        };
        for block in body.blocks.values() {
            for statement in &block.statements {
                statement_effects(&statement.kind, &mut add);
            }
            terminator_effects(&block.terminator.kind, &mut add);
        }
        this
    }

    pub(crate) fn len(&self) -> usize {
        self.paths.len()
    }

    pub(crate) fn local(&self, local: Local) -> Option<PathId> {
        self.locals.get(local).copied()
    }

    /// The deepest path on the way to a place.
    pub(crate) fn lookup(&self, place: &Place) -> Option<Lookup> {
        let mut path = self.local(place.local)?;
        for step in &place.projection {
            match self.child(path, step) {
                Some(child) => path = child,
                None => return Some(Lookup::Inside(path)),
            }
        }
        Some(Lookup::Exact(path))
    }

    pub(crate) fn child(&self, path: PathId, step: &Projection) -> Option<PathId> {
        let children = &self.paths.get(path)?.children;
        children
            .iter()
            .copied()
            .find(|child| self.paths[*child].place.projection.last() == Some(step))
    }

    /// A path and everything below it, parents first.
    pub(crate) fn subtree(&self, path: PathId) -> Vec<PathId> {
        let mut all = vec![path];
        let mut next = 0;
        while let Some(path) = all.get(next) {
            all.extend(&self.paths[*path].children);
            next += 1;
        }
        all
    }

    /// Whether one of two paths contains the other.
    pub(crate) fn overlap(&self, a: PathId, b: PathId) -> bool {
        self.is_within(a, b) || self.is_within(b, a)
    }

    /// Whether `inner` is `outer` or a part of it.
    pub(crate) fn is_within(&self, inner: PathId, outer: PathId) -> bool {
        let mut path = Some(inner);
        while let Some(at) = path {
            if at == outer {
                return true;
            }
            path = self.paths[at].parent;
        }
        false
    }

    fn add(&mut self, place: &Place) {
        let tracked =
            |step: &Projection| matches!(step, Projection::Field(..) | Projection::Downcast(_));
        if !place.projection.iter().all(tracked) {
            return;
        }
        let Some(mut path) = self.local(place.local) else {
            return;
        };
        for step in &place.projection {
            path = match self.child(path, step) {
                Some(child) => child,
                None => {
                    let place = self.paths[path].place.project(step.clone());
                    let child = self.paths.push(MovePath {
                        place,
                        parent: Some(path),
                        children: Vec::new(),
                    });
                    self.paths[path].children.push(child);
                    child
                }
            };
        }
    }
}
