//! Places: where values live.

use hir_ty::Ty;
use smallvec::SmallVec;

use super::Local;

/// A local and a path from it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub local: Local,
    pub projection: SmallVec<[Projection; 2]>,
}

/// One step of a path. Every step that cannot tell its result's type by itself carries it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Projection {
    /// Through a reference or a raw pointer.
    Deref,
    /// A field of a struct, tuple or union, or of the variant that the `Downcast` before it
    /// names; counted in declaration order.
    Field(u32, Ty),
    /// A field of the object that a class reference leads to: its place among all fields of the
    /// class, those of the base first. Like `Deref`, it leaves what the local holds.
    Object(u32, Ty),
    /// An element. The index is in bounds: a check stands before (rule 9).
    Index(Local),
    /// An element of an array or slice at a known index, in bounds by a check or by type.
    /// `from_end` counts backwards: 1 is the last element.
    ConstIndex { index: u64, from_end: bool },
    /// The elements `from .. len - to`: an array of an array whose length is known, else a slice,
    /// good only for being borrowed.
    Subslice { from: u64, to: u64 },
    /// The payload of an enum's variant, by index in declaration order. A `Field` follows.
    Downcast(u32),
}

impl Place {
    pub fn local(local: Local) -> Place {
        Place {
            local,
            projection: SmallVec::new(),
        }
    }

    /// This place extended by one step.
    pub fn project(&self, step: Projection) -> Place {
        let mut place = self.clone();
        place.projection.push(step);
        place
    }

    pub fn deref(&self) -> Place {
        self.project(Projection::Deref)
    }

    pub fn field(&self, index: u32, ty: Ty) -> Place {
        self.project(Projection::Field(index, ty))
    }

    pub fn downcast(&self, variant: u32) -> Place {
        self.project(Projection::Downcast(variant))
    }

    /// The local, if the place is nothing but it.
    pub fn as_local(&self) -> Option<Local> {
        self.projection.is_empty().then_some(self.local)
    }

    /// Whether the path goes through a reference, pointer or object.
    pub fn is_indirect(&self) -> bool {
        self.projection
            .iter()
            .any(|step| matches!(step, Projection::Deref | Projection::Object(..)))
    }
}

impl From<Local> for Place {
    fn from(local: Local) -> Place {
        Place::local(local)
    }
}
