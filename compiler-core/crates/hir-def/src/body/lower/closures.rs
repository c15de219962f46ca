//! Closures, `async` blocks and `catch`.

use syntax::ast::{self, AstNode};

use super::*;

impl Lowering<'_> {
    pub(super) fn closure(&mut self, it: &ast::ClosureExpr, range: TextRange) -> ExprId {
        let index = self.start_closure();
        let outer_loops = std::mem::take(&mut self.loop_depth);
        self.scopes.push_params();
        let list = it.param_list();
        let params = list.iter().flat_map(|list| list.params());
        let params: Vec<ClosureParam> = params
            .map(|param| {
                let ty = self.ty(param.ty());
                let pat = match param.pat() {
                    Some(pat) => self.root_pat(&pat, LocalKind::Param, false),
                    None => self.alloc_pat(Pat::Missing, param.syntax().text_range()),
                };
                ClosureParam { pat, ty }
            })
            .collect();
        let ret = self.ty(it.ret_type().and_then(|ret| ret.ty()));
        let body = self.expr_or_missing(it.body(), range);
        self.scopes.pop();
        self.loop_depth = outer_loops;
        self.end_closure(
            index,
            Expr::Closure {
                index,
                params: params.into(),
                ret,
                body,
                is_move: it.move_token().is_some(),
                is_async: false,
            },
            range,
        )
    }

    /// `async { … }` captures like a closure and has no parameters.
    pub(super) fn async_block(&mut self, it: &ast::AsyncExpr, range: TextRange) -> ExprId {
        let index = self.start_closure();
        let outer_loops = std::mem::take(&mut self.loop_depth);
        self.scopes.push_params();
        let body = match it.block() {
            Some(block) => self.block(&block, false),
            None => self.missing(range),
        };
        self.scopes.pop();
        self.loop_depth = outer_loops;
        self.end_closure(
            index,
            Expr::Closure {
                index,
                params: Box::default(),
                ret: None,
                body,
                is_move: false,
                is_async: true,
            },
            range,
        )
    }

    fn start_closure(&mut self) -> u32 {
        let index = self.closures.len() as u32;
        let first = self.locals.next_key();
        self.closures.push(ClosureSpan {
            expr: ExprId(0),
            locals: (first, first),
        });
        index
    }

    fn end_closure(&mut self, index: u32, expr: Expr, range: TextRange) -> ExprId {
        let id = self.alloc(expr, range);
        let end = self.locals.next_key();
        if let Some(slot) = self.closures.get_mut(index as usize) {
            slot.expr = id;
            slot.locals.1 = end;
        }
        id
    }

    pub(super) fn catch_expr(&mut self, it: &ast::CatchExpr, range: TextRange) -> ExprId {
        let body = match it.body() {
            Some(block) => self.block(&block, false),
            None => self.missing(range),
        };
        self.scopes.push_pattern();
        let binding = it
            .binding()
            .map(|name| self.name_pat(&name, LocalKind::Pattern, false));
        let handler = match it.handler() {
            Some(block) => self.block(&block, false),
            None => self.missing(range),
        };
        self.scopes.pop();
        self.alloc(
            Expr::Catch {
                body,
                binding,
                handler,
            },
            range,
        )
    }
}
