//! Definitions and references.

use base::Package;
use hir::Definition;
pub use hir::Role;
use hir_def::{ContainerId, ModuleDef};
use hir_ty::{CallRes, Instance};
use syntax::TextRange;

use crate::{FilePos, Span};

/// Where a name leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name that was asked about.
    pub origin: TextRange,
    /// The declared name.
    pub focus: Span,
    /// The whole declaration.
    pub full: TextRange,
}

/// A use of a definition, or its declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    pub span: Span,
    pub role: Role,
}

/// Where the name at a position is declared. A call that leads to one implementation of a
/// behavior goes there.
pub fn definition(pos: FilePos<'_>) -> Option<Target> {
    let db = pos.view.db;
    let source = pos.view.file.source(db);
    let found = hir::find_definition_at(db, pos.view.package, source, pos.offset)?;
    let def = implementation(pos, found.def, found.range).unwrap_or(found.def);
    let name = def.name_range(db)?;
    let full = def.full_range(db).map_or(name.range, |full| full.range);
    let focus = Span {
        file: name.file.source(db),
        range: name.range,
    };
    Some(Target {
        origin: found.range,
        focus,
        full,
    })
}

fn implementation(pos: FilePos<'_>, def: Definition, range: TextRange) -> Option<Definition> {
    let db = pos.view.db;
    let Definition::Item(ModuleDef::Func(func)) = def else {
        return None;
    };
    let ContainerId::Behavior(_) = func.container(db) else {
        return None;
    };
    let token = hir::search::name_at(&pos.view.root(), pos.offset)?;
    let owner = crate::hover::owner_at(pos, &token.parent()?)?;
    let view = hir::BodyView::new(db, owner);
    let at = range.checked_sub(view.start)?;
    let callee = view.infer.calls.iter().find_map(|(id, call)| match call {
        CallRes::Func { callee, .. }
            if callee.func == func && view.map.expr_name_range(*id) == at =>
        {
            Some(*callee)
        }
        _ => None,
    })?;
    match hir_ty::resolve_instance(db, view.env(), callee.func, callee.args) {
        Instance::Func(found, _) => Some(Definition::Item(ModuleDef::Func(found))),
        _ => None,
    }
}

/// Everything that names what the name at a position names, in the given packages.
pub fn references(
    pos: FilePos<'_>,
    packages: &[Package],
    with_declaration: bool,
) -> Vec<Reference> {
    let db = pos.view.db;
    let source = pos.view.file.source(db);
    let Some(found) = hir::find_definition_at(db, pos.view.package, source, pos.offset) else {
        return Vec::new();
    };
    let all = hir::references(db, packages, found.def).into_iter();
    let wanted = all.filter(|(_, role)| with_declaration || *role != Role::Declaration);
    let convert = |(at, role): (base::FileRange, Role)| Reference {
        span: Span {
            file: at.file.source(db),
            range: at.range,
        },
        role,
    };
    wanted.map(convert).collect()
}
