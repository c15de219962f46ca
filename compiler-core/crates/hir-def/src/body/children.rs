//! The expressions inside an expression: one list for all who walk over bodies.

use super::{Body, Expr, ExprId, InterpolPart, Stmt};

/// Calls `f` with an expression and all inside it, closures too.
pub fn walk(body: &Body, root: ExprId, f: &mut dyn FnMut(ExprId, &Expr)) {
    let mut open = vec![root];
    while let Some(expr) = open.pop() {
        let node = &body[expr];
        f(expr, node);
        children(node, &mut |child| open.push(child));
    }
}

/// Calls `f` with the expressions directly inside one, in the order of the text.
pub fn children(expr: &Expr, f: &mut dyn FnMut(ExprId)) {
    match expr {
        Expr::Missing
        | Expr::Unsupported(_)
        | Expr::Literal(_)
        | Expr::Pseudo(_)
        | Expr::Local(_)
        | Expr::Path(_)
        | Expr::Continue
        | Expr::Base => {}
        Expr::PathOrIndex { index, .. } => f(*index),
        Expr::Block { stmts, tail, .. } => {
            for stmt in stmts {
                match stmt {
                    Stmt::Let { init, else_, .. } => init.iter().chain(else_).for_each(|it| f(*it)),
                    Stmt::Expr { expr, .. } => f(*expr),
                    Stmt::Item => {}
                }
            }
            tail.iter().for_each(|it| f(*it));
        }
        Expr::If {
            condition,
            then,
            else_,
        } => {
            f(*condition);
            f(*then);
            else_.iter().for_each(|it| f(*it));
        }
        Expr::IfLet {
            scrutinee,
            then,
            else_,
            ..
        } => {
            f(*scrutinee);
            f(*then);
            else_.iter().for_each(|it| f(*it));
        }
        Expr::When { scrutinee, arms } => {
            f(*scrutinee);
            for arm in arms {
                arm.guard.iter().for_each(|it| f(*it));
                f(arm.body);
            }
        }
        Expr::While { condition, body } => {
            f(*condition);
            f(*body);
        }
        Expr::For { iterable, body, .. } => {
            f(*iterable);
            f(*body);
        }
        Expr::Break { value } | Expr::Return { value } => value.iter().for_each(|it| f(*it)),
        Expr::Loop { body }
        | Expr::Closure { body, .. }
        | Expr::Throw { value: body }
        | Expr::Field { base: body, .. }
        | Expr::Unary { operand: body, .. }
        | Expr::Cast { operand: body, .. }
        | Expr::Ref { operand: body, .. }
        | Expr::Is { operand: body, .. }
        | Expr::Await { operand: body } => f(*body),
        Expr::Call { callee, args } => {
            f(*callee);
            args.iter().for_each(|arg| f(arg.value));
        }
        Expr::MethodCall { receiver, args, .. } => {
            f(*receiver);
            args.iter().for_each(|arg| f(arg.value));
        }
        Expr::Index { base, index } => {
            f(*base);
            f(*index);
        }
        Expr::Binary { left, right, .. }
        | Expr::Assign {
            target: left,
            value: right,
            ..
        }
        | Expr::Repeat {
            value: left,
            count: right,
        }
        | Expr::Catch {
            body: left,
            handler: right,
            ..
        } => {
            f(*left);
            f(*right);
        }
        Expr::Range { start, end, .. } => start.iter().chain(end).for_each(|it| f(*it)),
        Expr::Tuple(parts) | Expr::Array(parts) => parts.iter().for_each(|it| f(*it)),
        Expr::StructLit { fields, spread, .. } => {
            fields.iter().for_each(|field| f(field.value));
            spread.iter().for_each(|it| f(*it));
        }
        Expr::Interpolate { parts, .. } => {
            for part in parts {
                if let InterpolPart::Expr { expr, .. } = part {
                    f(*expr);
                }
            }
        }
        Expr::Try { operand, recover } => {
            f(*operand);
            recover.iter().for_each(|it| f(it.body));
        }
        Expr::CtorStart { args } => {
            let args = args.iter().flat_map(|args| args.iter());
            args.for_each(|arg| f(arg.value));
        }
    }
}
