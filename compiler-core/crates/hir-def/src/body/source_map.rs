//! Where things of a body are, relative to its item.

use std::collections::BTreeMap;

use stdx::DenseMap;
use syntax::TextRange;

use crate::TypeRefId;
use crate::body::{ExprId, PatId};

/// Item-relative ranges of a body's parts. Generated parts have the range of what they stand
/// for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodySourceMap {
    pub exprs: DenseMap<ExprId, TextRange>,
    pub pats: DenseMap<PatId, TextRange>,
    pub types: TypeSourceMap,
    /// Names of path expressions, fields and methods: one range per segment.
    pub expr_names: BTreeMap<ExprId, Box<[TextRange]>>,
    pub pat_names: BTreeMap<PatId, Box<[TextRange]>>,
    /// Names of fields in struct literals, in order, and of named arguments (empty if none).
    pub field_names: BTreeMap<ExprId, Box<[TextRange]>>,
    /// Names of fields in struct patterns, in order.
    pub pat_field_names: BTreeMap<PatId, Box<[TextRange]>>,
}

impl BodySourceMap {
    pub fn expr_range(&self, expr: ExprId) -> TextRange {
        self.exprs.get(expr).copied().unwrap_or_default()
    }

    pub fn pat_range(&self, pat: PatId) -> TextRange {
        self.pats.get(pat).copied().unwrap_or_default()
    }

    /// The name part of an expression if it has one (`f` of `x.f(…)`), else all of it.
    pub fn expr_name_range(&self, expr: ExprId) -> TextRange {
        let names = self.expr_names.get(&expr).and_then(|names| names.last());
        names.copied().unwrap_or_else(|| self.expr_range(expr))
    }

    /// The innermost expression around an item-relative range.
    pub fn expr_at(&self, range: TextRange) -> Option<ExprId> {
        let around = self.exprs.iter().filter(|(_, r)| r.contains_range(range));
        around
            .min_by_key(|(id, r)| (r.len(), id.0))
            .map(|(id, _)| id)
    }

    /// The innermost pattern around an item-relative range.
    pub fn pat_at(&self, range: TextRange) -> Option<PatId> {
        let around = self.pats.iter().filter(|(_, r)| r.contains_range(range));
        around
            .min_by_key(|(id, r)| (r.len(), id.0))
            .map(|(id, _)| id)
    }
}

/// Item-relative ranges of the types of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeSourceMap {
    pub types: DenseMap<TypeRefId, TextRange>,
    /// Names of path types: one range per segment.
    pub names: BTreeMap<TypeRefId, Box<[TextRange]>>,
}

impl TypeSourceMap {
    pub fn range(&self, ty: TypeRefId) -> TextRange {
        self.types.get(ty).copied().unwrap_or_default()
    }

    /// One segment of a path type, else all of it.
    pub fn segment_range(&self, ty: TypeRefId, segment: usize) -> TextRange {
        let names = self.names.get(&ty).and_then(|names| names.get(segment));
        names.copied().unwrap_or_else(|| self.range(ty))
    }
}

/// A position for line tables: lines count from the line of the item's keyword (`func`), so
/// that a moved item has an equal table; columns are absolute, zero-based, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelLineCol {
    pub line: i32,
    pub col: u32,
}

/// Lines of a body: what code generation reads instead of the source map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BodyLines {
    pub exprs: DenseMap<ExprId, RelLineCol>,
    pub pats: DenseMap<PatId, RelLineCol>,
    /// The closing brace of the body: where a function returns by falling off its end.
    pub end: RelLineCol,
}
