//! W013: names in another letter case than their kind has. W019: variables that hide imported
//! names.

use base::Db;
use hir_def::body::LocalKind;
use hir_def::module_map::{Namespace, module_map};
use hir_def::signatures as s;
use hir_def::{BodyOwner, GenericDef, Name, VariantDef, VariantId};

use super::{Lint, LintCtx, Spot};
use crate::place::{Draft, Place, item_name_place};
use crate::text::variant_place;

pub(super) fn find(ctx: &LintCtx<'_>, out: &mut Vec<Lint>) {
    match ctx.owner {
        BodyOwner::Func(id) => {
            let sig = s::func_signature(ctx.db, id);
            let is_foreign = sig.attrs.extern_.is_some() || !sig.flags.has_body;
            if !is_foreign && !is_snake(&sig.name) {
                out.push(wrong_case(
                    Spot::Owner,
                    "function",
                    &sig.name,
                    snake(&sig.name),
                ));
            }
        }
        BodyOwner::Const(id) => {
            let name = &s::const_data(ctx.db, id).name;
            if !is_screaming(name) {
                let better = snake(name).to_uppercase();
                out.push(wrong_case(Spot::Owner, "constant", name, better));
            }
        }
        BodyOwner::Static(_) | BodyOwner::AnonConst(_) => {}
    }
    if !is_test_file(ctx) {
        hidden_imports(ctx, out);
    }
    for local in ctx.body.locals.values() {
        if let Some(pat) = local.pat
            && local.kind != LocalKind::Receiver
            && !is_snake(&local.name)
        {
            let better = snake(&local.name);
            out.push(wrong_case(Spot::Pat(pat), "variable", &local.name, better));
        }
    }
}

/// Types and variants, which are in PascalCase.
pub(crate) fn declared(db: &dyn Db, def: GenericDef) -> Vec<Draft> {
    let mut out = Vec::new();
    let name = match def {
        GenericDef::Struct(id) => &s::struct_data(db, id).name,
        GenericDef::Union(id) => &s::union_data(db, id).name,
        GenericDef::Enum(id) => &s::enum_data(db, id).name,
        GenericDef::Class(id) => &s::class_data(db, id).name,
        GenericDef::Behavior(id) => &s::behavior_data(db, id).name,
        GenericDef::TypeAlias(_) | GenericDef::Func(_) | GenericDef::Impl(_) => return out,
    };
    if !is_pascal(name) {
        let place = item_name_place(db, def.item(db));
        out.push(of_type(place, "type", name));
    }
    if let GenericDef::Enum(parent) = def {
        for (index, variant) in s::enum_data(db, parent).variants.iter().enumerate() {
            let id = VariantId {
                parent,
                index: index as u32,
            };
            if !is_pascal(&variant.name)
                && let Some(place) = variant_place(db, VariantDef::Variant(id))
            {
                out.push(of_type(place, "variant", &variant.name));
            }
        }
    }
    out
}

fn of_type(place: Place, kind: &str, name: &str) -> Draft {
    Draft::warning("W013", place, format!("Naming convention: {kind} `{name}`"))
        .labelled("unusual letter case")
        .help(format!("call it `{}`", pascal(name)))
}

fn is_pascal(name: &str) -> bool {
    let word = name.trim_matches('_');
    !word.contains('_') && !word.starts_with(|c: char| c.is_ascii_lowercase())
}

/// `my_type` → `MyType`
fn pascal(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(chars).collect::<String>()
    });
    words.collect()
}

/// W019: what hides an import that is written out.
fn hidden_imports(ctx: &LintCtx<'_>, out: &mut Vec<Lint>) {
    let module = ctx.owner.module(ctx.db);
    let map = module_map(ctx.db, module.package(ctx.db));
    let Some(data) = map.modules.get(&module) else {
        return;
    };
    for local in ctx.body.locals.values() {
        let Some(pat) = local.pat else { continue };
        if data.imports.get(&local.name, Namespace::Values).is_none() {
            continue;
        }
        let message = format!("Variable hides an import: `{}`", local.name);
        let lint = Lint::new("W019", Spot::Pat(pat), message);
        out.push(lint.labelled("the imported name is out of reach here"));
    }
}

fn wrong_case(spot: Spot, kind: &str, name: &Name, better: String) -> Lint {
    let message = format!("Naming convention: {kind} `{name}`");
    Lint::new("W013", spot, message)
        .labelled("unusual letter case")
        .advice(format!("call it `{better}`"))
}

fn is_snake(name: &str) -> bool {
    !name.chars().any(|c| c.is_ascii_uppercase())
}

fn is_screaming(name: &str) -> bool {
    !name.chars().any(|c| c.is_ascii_lowercase())
}

/// `parseHttp2` → `parse_http2`
fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut was_lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && was_lower {
            out.push('_');
        }
        was_lower = !c.is_ascii_uppercase() && c != '_';
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Whether a body is a test, or stands in a file of tests.
pub(super) fn is_test_file(ctx: &LintCtx<'_>) -> bool {
    if let BodyOwner::Func(id) = ctx.owner
        && s::func_signature(ctx.db, id).attrs.is_test
    {
        return true;
    }
    let file = ctx.owner.item(ctx.db).file(ctx.db);
    let name = file.source(ctx.db).name(ctx.db);
    name.ends_with(".test.tml") || name.contains("/tests/") || name.starts_with("tests/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_apart() {
        assert_eq!(snake("parseHttp2"), "parse_http2");
        assert_eq!(snake("MAX"), "max");
        assert!(is_snake("_x1"));
        assert!(is_screaming("MAX_2"));
        assert!(!is_screaming("Max"));
        assert!(is_pascal("I32x4"));
        assert!(!is_pascal("my_type"));
        assert_eq!(pascal("my_type"), "MyType");
    }
}
