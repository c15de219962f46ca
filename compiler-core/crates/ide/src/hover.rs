//! What a name is: its declaration, its documentation, its value.

use hir::{BodyView, Definition};
use hir_def::{BodyOwner, ModuleDef, VariantDef};
use hir_ty::ConstValue;
use syntax::ast::{self, AstNode};
use syntax::{SyntaxKind, TextRange};

use crate::{FilePos, text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The name or expression under the cursor.
    pub range: TextRange,
    pub markdown: String,
}

pub fn hover(pos: FilePos<'_>) -> Option<Hover> {
    let db = pos.view.db;
    let source = pos.view.file.source(db);
    let Some(found) = hir::find_definition_at(db, pos.view.package, source, pos.offset) else {
        return literal(pos);
    };
    let def = found.def;
    let mut code = text::signature(db, def)?;
    if let Definition::Field(field) = def
        && let VariantDef::Struct(_) | VariantDef::Union(_) = field.parent
        && let Some(ty) = hir_ty::field_types(db, field.parent).get(field.index as usize)
        && !ty.has_error(db)
    {
        code = format!("{}: {}", def.name(db), ty.display(db));
    }
    if let Some(value) = value(pos, def)
        && !code.ends_with(&format!("= {value}"))
    {
        code.push_str(&format!("  // = {value}"));
    }
    let mut markdown = String::new();
    if let Some(path) = def.container_path(db) {
        markdown.push_str(&format!("```tml\n{path}\n```\n\n"));
    }
    markdown.push_str(&format!("```tml\n{code}\n```"));
    if let Some(docs) = def.docs(db) {
        markdown.push_str(&format!("\n\n---\n\n{}", docs.trim_end()));
    }
    Some(Hover {
        range: found.range,
        markdown,
    })
}

/// The value of a constant, or the number of a variant.
fn value(pos: FilePos<'_>, def: Definition) -> Option<String> {
    let db = pos.view.db;
    match def {
        Definition::Item(ModuleDef::Const(id)) => {
            value_text(hir_ty::const_value(db, id).as_ref().ok()?)
        }
        Definition::Item(ModuleDef::Variant(id)) => {
            let data = hir_def::signatures::enum_data(db, id.parent);
            data.variants
                .get(id.index as usize)
                .filter(|variant| variant.has_discriminant)?;
            let all = hir_ty::discriminants(db, hir_def::AdtId::Enum(id.parent));
            all.get(id.index as usize).map(ToString::to_string)
        }
        _ => None,
    }
}

fn value_text(value: &ConstValue) -> Option<String> {
    Some(match value {
        ConstValue::Parts(_) | ConstValue::Variant(..) => return None,
        ConstValue::Bool(value) => value.to_string(),
        ConstValue::Int(value) => value.to_string(),
        ConstValue::Float(bits) => format!("{:?}", f64::from_bits(*bits)),
        ConstValue::Char(value) => format!("{value:?}"),
        ConstValue::Str(value) => format!("{value:?}"),
        ConstValue::Unit => "unit".to_owned(),
    })
}

/// The type of a literal.
fn literal(pos: FilePos<'_>) -> Option<Hover> {
    let db = pos.view.db;
    let token = syntax::algo::token_at(&pos.view.root(), pos.offset)?;
    if token.kind() == SyntaxKind::WHITESPACE {
        return None;
    }
    let node = token.parent().and_then(ast::Literal::cast)?;
    let owner = owner_at(pos, node.syntax())?;
    let view = BodyView::new(db, owner);
    let range = node.syntax().text_range();
    let ty = view.infer.adjusted_ty(view.expr_at(range)?)?;
    (!ty.has_error(db)).then(|| Hover {
        range,
        markdown: format!("```tml\n{}\n```", ty.display(db)),
    })
}

/// The body that a node belongs to.
pub(crate) fn owner_at(pos: FilePos<'_>, node: &syntax::SyntaxNode) -> Option<BodyOwner> {
    let node = hir::source::item_node(node)?;
    hir::item_of(pos.view.db, pos.view.package, pos.view.file, &node)?.body_owner()
}
