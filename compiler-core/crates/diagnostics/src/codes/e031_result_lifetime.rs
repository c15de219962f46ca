//! E031: several parameters could be what a result borrows from.

use base::Db;
use hir_def::TypeAliasId;
use hir_def::signatures as s;
use syntax::ast::{self, AstNode, HasGenerics, HasName};
use syntax::{SyntaxKind, TextRange, TextSize};

use crate::Applicability;
use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place, item_name_place, item_node};

/// The lifetime that the fix declares.
const NAME: &str = "a";

pub(crate) fn ambiguous(ctx: &BodyCtx<'_>) -> Draft {
    let item = ctx.owner.item(ctx.db);
    let place = item_name_place(ctx.db, item);
    let name = place.text(ctx.db).unwrap_or_default();
    let message = format!("The lifetime of the result of `{name}` is ambiguous");
    let draft = Draft::error("E031", place, message)
        .labelled("several parameters could be what the result borrows from");
    let func = item_node(ctx.db, item).and_then(ast::Func::cast);
    let Some(func) = func else {
        return draft.help(HELP);
    };
    let params = func.param_list().into_iter().flat_map(|it| it.params());
    let inputs: Vec<TextRange> = params.filter_map(|it| elided_ref(it.ty()?)).collect();
    let draft = inputs.iter().fold(draft, |draft, range| {
        draft.label(Place::new(item, *range), "the result may borrow from this")
    });
    match edits(&func, &inputs) {
        Some(edits) => {
            let edits = edits.into_iter();
            let edits = edits.map(|(at, text)| (Place::new(item, TextRange::empty(at)), text));
            let message = "name the lifetime: `[life a]`, and `ref[a]` on the result and on what it may borrow from";
            draft.fix(message, edits.collect(), Applicability::Maybe)
        }
        None => draft.help(HELP),
    }
}

/// Of an associated type, in an implementation for a type with several lifetimes.
pub(crate) fn ambiguous_type(db: &dyn Db, id: TypeAliasId) -> Draft {
    let (data, map) = s::alias_data_with_source_map(db, id);
    let item = id.item(db);
    let place = data.ty.map_or(map.name, |ty| map.types.range(ty));
    let message = format!("The lifetime of `{}` is ambiguous", data.name);
    Draft::error("E031", Place::new(item, place), message)
        .labelled("the implementing type has several lifetimes")
        .help("name them: `impl[life a, life b] B for T[a, b]`, and `ref[a]` here")
}

/// E032: offers the lifetime of the result to a parameter that is returned.
pub(crate) fn same_lifetime(ctx: &BodyCtx<'_>, draft: Draft, param: &str) -> Draft {
    let item = ctx.owner.item(ctx.db);
    let found = || {
        let func = ast::Func::cast(item_node(ctx.db, item)?)?;
        let mut params = func.param_list()?.params();
        let param = params.find(|it| {
            let pat = it.pat().map(|pat| pat.syntax().text().to_string());
            pat.is_some_and(|pat| pat.trim_start_matches("mut ") == param)
        })?;
        let keyword = elided_ref(param.ty()?)?;
        let ast::Type::Ref(result) = func.ret_type()?.ty()? else {
            return None;
        };
        match result.lifetime_ref() {
            Some(named) => Some(vec![(
                keyword.end(),
                format!("[{}]", named.syntax().text()),
            )]),
            None => edits(&func, &[keyword]),
        }
    };
    match found() {
        Some(edits) => {
            let edits = edits.into_iter();
            let edits = edits.map(|(at, text)| (Place::new(item, TextRange::empty(at)), text));
            let message = "give the result the lifetime of this parameter";
            draft.fix(message, edits.collect(), Applicability::Maybe)
        }
        None => draft,
    }
}

const HELP: &str = "name the lifetime: `[life a]`, `ref[a]` on the parameter and on the result; \
                    or return an owned value";

/// The keyword of a reference that names no lifetime.
fn elided_ref(ty: ast::Type) -> Option<TextRange> {
    let ast::Type::Ref(ty) = ty else { return None };
    if ty.lifetime_ref().is_some() {
        return None;
    }
    let mut tokens = ty.syntax().children_with_tokens();
    let keyword = tokens.find(|it| it.kind() == SyntaxKind::REF_KW)?;
    Some(keyword.text_range())
}

/// What to insert where. A function with lifetimes of its own is left to its author.
fn edits(func: &ast::Func, inputs: &[TextRange]) -> Option<Vec<(TextSize, String)>> {
    let result = elided_ref(func.ret_type()?.ty()?)?;
    let declared = match func.generic_param_list() {
        Some(list) => {
            let is_life = |it| matches!(it, ast::GenericParam::Life(_));
            if list.params().any(is_life) {
                return None;
            }
            let bracket = list.syntax().text_range().start() + TextSize::from(1);
            (bracket, format!("life {NAME}, "))
        }
        None => (
            func.name()?.syntax().text_range().end(),
            format!("[life {NAME}]"),
        ),
    };
    let named = |range: &TextRange| (range.end(), format!("[{NAME}]"));
    let places = inputs.iter().chain([&result]).map(named);
    Some([declared].into_iter().chain(places).collect())
}
