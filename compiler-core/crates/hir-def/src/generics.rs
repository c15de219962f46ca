//! Generic parameters and `where` clauses as written.

use crate::{ConstRef, Name, TypeBound, TypeRefId};

/// The definition's own parameters; those of an `impl` or behavior around it are not repeated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GenericParams {
    pub params: Box<[GenericParam]>,
    pub predicates: Box<[WherePredicate]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GenericParam {
    pub name: Name,
    pub kind: GenericParamKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GenericParamKind {
    Type {
        bounds: Box<[TypeBound]>,
        default: Option<TypeRefId>,
    },
    Const {
        ty: TypeRefId,
        default: Option<ConstRef>,
    },
    Lifetime {
        bounds: Box<[Name]>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WherePredicate {
    Bounds {
        ty: TypeRefId,
        bounds: Box<[TypeBound]>,
    },
    /// `I::Item = T`
    Equal { left: TypeRefId, right: TypeRefId },
}

impl GenericParams {
    /// Position and kind of a parameter by name.
    pub fn find(&self, name: &str) -> Option<(u32, &GenericParam)> {
        let index = self.params.iter().position(|param| param.name == name)?;
        Some((index as u32, &self.params[index]))
    }

    pub fn is_empty(&self) -> bool {
        self.params.is_empty() && self.predicates.is_empty()
    }
}
