//! Decorators to [`Attrs`].

use syntax::ast::{self, AstChildren, AstNode, DecoArg, Decorator, Expr, LiteralKind};

use crate::attrs::{Attrs, ExternAttr, InlineHint, LintLevel};
use crate::{BuiltinType, Name};

/// Decorators that say something, but nothing that later stages read here.
const KNOWN_ELSEWHERE: &[&str] = &[
    "when",
    "unless",
    "doc",
    "allocates",
    "stable",
    "pre",
    "post",
    "simd",
];

pub(crate) fn lower_attrs(decorators: AstChildren<Decorator>) -> Attrs {
    let mut attrs = Attrs::default();
    let mut derives = Vec::new();
    let mut links = Vec::new();
    let mut levels = Vec::new();
    let mut unknown = Vec::new();
    for decorator in decorators {
        let Some(name) = decorator.name_text() else {
            continue;
        };
        let words = || {
            decorator
                .args()
                .filter_map(|arg| arg_word(&arg))
                .map(Name::from)
        };
        match name.as_str() {
            "inline" => attrs.inline = inline_hint(words().next().as_deref()),
            "noinline" => attrs.inline = InlineHint::Never,
            "hint" => attrs.inline = inline_hint(words().next().as_deref()),
            "cold" => attrs.cold = true,
            "hot" => attrs.hot = true,
            "derive" | "auto" => derives.extend(words()),
            "flags" => attrs.flags = Some(words().next().and_then(|ty| BuiltinType::by_name(&ty))),
            "repr" => lower_repr(&mut attrs, &decorator),
            "extern" => attrs.extern_ = Some(lower_extern(&decorator)),
            "link" => links.extend(words()),
            "export" => attrs.export = Some(words().next()),
            "no_mangle" => attrs.no_mangle = true,
            "intrinsic" => attrs.intrinsic = Some(words().next()),
            "builtin" => attrs.builtin = words().next(),
            "track_caller" => attrs.track_caller = true,
            "test" => {
                attrs.is_test = true;
                super::tests::lower_test(&mut attrs, &decorator);
            }
            name if super::tests::lower_test_option(&mut attrs, name, &decorator) => {}
            "deprecated" => attrs.deprecated = Some(deprecation(&decorator)),
            "unstable" => attrs.unstable = true,
            "invariant" => attrs.has_invariant = true,
            "interior_mutable" => attrs.interior_mutable = true,
            "non_null" => attrs.non_null = true,
            "must_use" => attrs.must_use = Some(words().next().unwrap_or_default()),
            "lowlevel" => attrs.lowlevel = true,
            "static_init" => attrs.static_init = true,
            "thread_local" => attrs.thread_local = true,
            "allow" => levels.extend(words().map(|code| (LintLevel::Allow, code))),
            "warn" => levels.extend(words().map(|code| (LintLevel::Warn, code))),
            "deny" => levels.extend(words().map(|code| (LintLevel::Deny, code))),
            other if KNOWN_ELSEWHERE.contains(&other) => {}
            other => unknown.push(Name::new(other)),
        }
    }
    attrs.derives = derives.into();
    attrs.links = links.into();
    attrs.levels = levels.into();
    attrs.unknown = unknown.into();
    attrs
}

/// `@deprecated("why")`, `@deprecated(since: "1.0", use: "f", removal: "2.0")` as a sentence.
fn deprecation(decorator: &Decorator) -> Name {
    let mut parts = Vec::new();
    for arg in decorator.args() {
        let Some(word) = arg_word(&arg) else { continue };
        parts.push(match arg.name_ref().map(|key| key.text()).as_deref() {
            Some("since") => format!("since {word}"),
            Some("use") => format!("use `{word}` instead"),
            Some("removal") => format!("to be removed in {word}"),
            _ => word,
        });
    }
    Name::new(parts.join(", "))
}

fn inline_hint(word: Option<&str>) -> InlineHint {
    match word {
        None => InlineHint::Hint,
        Some("always") => InlineHint::Always,
        Some("never") => InlineHint::Never,
        Some(_) => InlineHint::Hint,
    }
}

fn lower_repr(attrs: &mut Attrs, decorator: &Decorator) {
    for arg in decorator.args() {
        let align = |value: Option<Expr>| {
            let align = value.and_then(|value| int_value(&value));
            align.filter(|align| align.is_power_of_two())
        };
        // `align(16)`, read as a call or as arguments of a path, or `align: 16`.
        if let Some(Expr::Call(call)) = arg.expr() {
            let mut args = call.arg_list().into_iter().flat_map(|it| it.args());
            attrs.repr.align = align(args.next().and_then(|arg| arg.expr()));
            continue;
        }
        if let Some(list) = arg.arg_list() {
            attrs.repr.align = align(list.args().next().and_then(|arg| arg.expr()));
            continue;
        }
        if arg.name_ref().is_some_and(|key| key.text() == "align") {
            attrs.repr.align = align(arg.expr());
            continue;
        }
        match arg_word(&arg).as_deref() {
            Some("C" | "c") => attrs.repr.c = true,
            Some("transparent") => attrs.repr.transparent = true,
            Some("packed") => attrs.repr.packed = true,
            Some(ty) => attrs.repr.int = BuiltinType::by_name(ty).filter(|ty| ty.is_integer()),
            None => {}
        }
    }
}

/// `@extern("c")`, `@extern("symbol")`, `@extern("c", name: "sym")` (reference §15.3).
fn lower_extern(decorator: &Decorator) -> ExternAttr {
    let mut attr = ExternAttr {
        abi: Name::new_static("c"),
        symbol: None,
    };
    for arg in decorator.args() {
        let Some(word) = arg_word(&arg) else { continue };
        let is_abi = matches!(word.as_str(), "c" | "C" | "system" | "stdcall");
        match arg.name_ref() {
            Some(key) if key.text() == "name" => attr.symbol = Some(word.into()),
            Some(_) => {}
            None if is_abi => attr.abi = word.to_ascii_lowercase().into(),
            None => attr.symbol = Some(word.into()),
        }
    }
    attr
}

fn int_value(expr: &Expr) -> Option<u32> {
    let Expr::Literal(literal) = expr else {
        return None;
    };
    let Some(LiteralKind::Int(int)) = literal.kind() else {
        return None;
    };
    int.value()?.try_into().ok()
}

/// The word or text of an argument.
pub(super) fn arg_word(arg: &DecoArg) -> Option<String> {
    match arg.expr() {
        Some(Expr::Path(path)) => Some(path.path()?.text()),
        Some(Expr::Literal(literal)) => match literal.kind()? {
            LiteralKind::Str(text) => text.simple_text(),
            LiteralKind::Int(int) => Some(int.text().to_owned()),
            _ => None,
        },
        Some(_) => None,
        None => Some(ast::DecoArg::ty(arg)?.syntax().text().to_string()),
    }
}
