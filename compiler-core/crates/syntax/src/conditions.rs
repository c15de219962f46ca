//! Conditional decorators (reference §12.2): whether an element is there at all.

use crate::PreprocessorEnv;
use crate::ast::{self, AstNode, DecoArg, Decorator, Expr, HasDecorators, LiteralKind};

/// Whether all `@when` and `@unless` of a node hold.
pub fn is_enabled(node: &impl HasDecorators, env: &PreprocessorEnv) -> bool {
    node.decorators()
        .all(|decorator| decorator_holds(&decorator, env))
}

fn decorator_holds(decorator: &Decorator, env: &PreprocessorEnv) -> bool {
    match decorator.name_text().as_deref() {
        Some("when") => decorator.args().all(|arg| arg_holds(&arg, env)),
        Some("unless") => !decorator.args().all(|arg| arg_holds(&arg, env)),
        _ => true,
    }
}

fn arg_holds(arg: &DecoArg, env: &PreprocessorEnv) -> bool {
    if let Some(list) = arg.arg_list() {
        let combinator = arg.path().map(|path| path.text()).unwrap_or_default();
        return match combinator.as_str() {
            "all" => list.args().all(|arg| arg_holds(&arg, env)),
            "any" => list.args().any(|arg| arg_holds(&arg, env)),
            "not" => !list.args().all(|arg| arg_holds(&arg, env)),
            _ => false,
        };
    }
    let value = arg.expr();
    match arg.name_ref() {
        Some(key) => {
            let value = value.as_ref().and_then(word).or_else(|| type_word(arg));
            pair_holds(&key.text(), &value.unwrap_or_default(), env)
        }
        None => value.is_some_and(|value| expr_holds(&value, env)),
    }
}

/// A condition without a key: a flag.
fn expr_holds(expr: &Expr, env: &PreprocessorEnv) -> bool {
    match expr {
        Expr::Assign(assign) => {
            let key = assign.lhs().as_ref().and_then(word).unwrap_or_default();
            let value = assign.rhs().as_ref().and_then(word).unwrap_or_default();
            pair_holds(&key, &value, env)
        }
        Expr::Prefix(prefix) if prefix.op() == Some(ast::UnaryOp::Not) => {
            !prefix.expr().is_some_and(|inner| expr_holds(&inner, env))
        }
        Expr::Paren(paren) => paren.expr().is_some_and(|inner| expr_holds(&inner, env)),
        Expr::Literal(_) => word(expr).is_some_and(|text| text == "true"),
        _ => word(expr).is_some_and(|flag| env.is_true(&flag.to_ascii_uppercase())),
    }
}

/// `os: linux`, `feature: "json"`.
fn pair_holds(key: &str, value: &str, env: &PreprocessorEnv) -> bool {
    let upper = value.to_ascii_uppercase().replace('-', "_");
    let symbol = match key {
        "os" | "target_os" | "family" | "target_family" | "env" | "target_env" => upper,
        "arch" | "target_arch" if upper == "AARCH64" => "ARM64".to_owned(),
        "arch" | "target_arch" => upper,
        "pointer_width" | "target_pointer_width" => format!("PTR_{upper}"),
        "endian" | "target_endian" => format!("{upper}_ENDIAN"),
        "feature" => format!("FEATURE_{upper}"),
        _ => return false,
    };
    env.is_true(&symbol)
}

/// A bare word, or the text of a simple literal.
fn word(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => Some(path.path()?.text()),
        Expr::Literal(literal) => match literal.kind()? {
            LiteralKind::Str(text) => text.simple_text(),
            LiteralKind::Int(int) => Some(int.text().to_owned()),
            LiteralKind::Bool(value) => Some(value.to_string()),
            _ => None,
        },
        _ => None,
    }
}

fn type_word(arg: &DecoArg) -> Option<String> {
    Some(arg.ty()?.syntax().text().to_string())
}
