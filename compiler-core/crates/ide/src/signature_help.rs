//! The function that is being called, and which argument the cursor is in.

use hir::{BodyView, Definition};
use hir_def::ModuleDef;
use syntax::ast::{self, AstNode};
use syntax::{SyntaxKind, SyntaxNode, TextSize};

use crate::{FilePos, text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureHelp {
    pub label: String,
    /// Byte ranges of the parameters in the label.
    pub params: Vec<(u32, u32)>,
    pub active: u32,
    pub docs: Option<String>,
}

pub fn signature_help(pos: FilePos<'_>) -> Option<SignatureHelp> {
    let db = pos.view.db;
    let root = pos.view.root();
    let token = root.token_at_offset(pos.offset).left_biased()?;
    let list = token.parent()?.ancestors().find_map(|node| {
        let list = ast::ArgList::cast(node)?;
        let open = list.syntax().first_token()?;
        let is_inside =
            open.text_range().end() <= pos.offset && !is_behind(list.syntax(), pos.offset);
        is_inside.then_some(list)
    })?;
    let call = list.syntax().parent()?;
    let def = callee(pos, &call)?;
    let (label, params) = match def {
        Definition::Item(ModuleDef::Func(func)) => {
            let sig = hir_ty::fn_type(db, func);
            let types = sig.params.iter().map(|param| {
                let name = param.name.as_deref().unwrap_or("_");
                format!("{name}: {}", param.ty.display(db))
            });
            let ret = if sig.ret.is_unit(db) {
                String::new()
            } else {
                format!(" -> {}", sig.ret.display(db))
            };
            labelled(&format!("func {}", def.name(db)), types, &ret)
        }
        Definition::Item(ModuleDef::Variant(id)) => {
            let types = hir_ty::field_types(db, hir_def::VariantDef::Variant(id));
            labelled(
                &def.name(db),
                types.iter().map(|ty| ty.display(db).to_string()),
                "",
            )
        }
        Definition::Item(ModuleDef::Struct(id)) => {
            let types = hir_ty::field_types(db, hir_def::VariantDef::Struct(id));
            labelled(
                &def.name(db),
                types.iter().map(|ty| ty.display(db).to_string()),
                "",
            )
        }
        _ => return None,
    };
    let commas = list
        .syntax()
        .children_with_tokens()
        .filter(|part| part.kind() == SyntaxKind::COMMA && part.text_range().end() <= pos.offset);
    let active = commas.count() as u32;
    let docs = def.docs(db).map(|docs| text::summary(&docs).to_owned());
    Some(SignatureHelp {
        label,
        params,
        active,
        docs,
    })
}

/// Whether an offset is behind the closing parenthesis.
fn is_behind(list: &SyntaxNode, offset: TextSize) -> bool {
    let close = list
        .last_token()
        .filter(|token| token.kind() == SyntaxKind::R_PAREN);
    close.is_some_and(|close| close.text_range().end() <= offset)
}

fn labelled(
    head: &str,
    params: impl Iterator<Item = String>,
    tail: &str,
) -> (String, Vec<(u32, u32)>) {
    let mut label = format!("{head}(");
    let mut ranges = Vec::new();
    for (index, param) in params.enumerate() {
        if index > 0 {
            label.push_str(", ");
        }
        let start = label.len() as u32;
        label.push_str(&param);
        ranges.push((start, label.len() as u32));
    }
    label.push(')');
    label.push_str(tail);
    (label, ranges)
}

fn callee(pos: FilePos<'_>, call: &SyntaxNode) -> Option<Definition> {
    let db = pos.view.db;
    let name = if let Some(call) = ast::MethodCallExpr::cast(call.clone()) {
        call.name_ref()?.syntax().clone()
    } else {
        let callee = ast::CallExpr::cast(call.clone())?.callee()?;
        callee.syntax().clone()
    };
    let token = name
        .descendants_with_tokens()
        .filter_map(|it| it.into_token());
    let token = token.filter(|token| token.kind().is_word()).last()?;
    let found = hir::search::definition_of_token(db, pos.view.package, pos.view.file, &token);
    if let Some(found) = found {
        return Some(found.def);
    }
    // A call with the wrong number of arguments may be resolved by its receiver alone.
    let method = ast::MethodCallExpr::cast(call.clone())?;
    let owner = crate::hover::owner_at(pos, call)?;
    let view = BodyView::new(db, owner);
    let receiver = view.expr_at(method.receiver()?.syntax().text_range())?;
    let ty = view.expr_ty(receiver)?;
    let methods = hir::members::methods(db, view.module(), view.env(), ty);
    methods
        .into_iter()
        .find(|it| it.name == token.text())
        .map(|it| it.definition())
}
