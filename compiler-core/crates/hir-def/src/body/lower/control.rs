//! Blocks, statements and control flow.

use syntax::ast::{self, AstNode, Condition, Expr as AstExpr, LiteralKind, LoopKind};

use super::*;

impl Lowering<'_> {
    pub(super) fn block(&mut self, block: &ast::Block, lowlevel: bool) -> ExprId {
        let range = block.syntax().text_range();
        let own = self
            .blocks
            .get(&SyntaxNodePtr::new(block.syntax()))
            .copied();
        let outer = self.block;
        self.block = own.or(outer);
        self.scopes.push_block(if own.is_some() {
            item_values(block)
        } else {
            Vec::new()
        });
        let enabled: Vec<ast::Stmt> = block
            .stmts()
            .filter(|stmt| self.is_stmt_enabled(stmt))
            .collect();
        let mut stmts = Vec::new();
        let mut tail = None;
        let last = enabled.len().saturating_sub(1);
        for (index, stmt) in enabled.iter().enumerate() {
            match stmt {
                ast::Stmt::Item(_) => stmts.push(Stmt::Item),
                ast::Stmt::Let(it) => stmts.push(self.let_stmt(it)),
                ast::Stmt::Expr(it) => {
                    let has_semi = it.semicolon_token().is_some();
                    let expr = self.expr_or_missing(it.expr(), it.syntax().text_range());
                    if index == last && !has_semi {
                        tail = Some(expr);
                    } else {
                        stmts.push(Stmt::Expr { expr, has_semi });
                    }
                }
            }
        }
        self.scopes.pop();
        self.block = outer;
        let stmts = stmts.into();
        self.alloc(
            Expr::Block {
                stmts,
                tail,
                block: own,
                lowlevel,
            },
            range,
        )
    }

    fn is_stmt_enabled(&self, stmt: &ast::Stmt) -> bool {
        match stmt {
            ast::Stmt::Let(it) => conditions::is_enabled(it, self.env),
            ast::Stmt::Expr(it) => conditions::is_enabled(it, self.env),
            ast::Stmt::Item(it) => conditions::is_enabled(it, self.env),
        }
    }

    /// The initialiser does not see the names that the statement declares.
    fn let_stmt(&mut self, it: &ast::LetStmt) -> Stmt {
        let range = it.syntax().text_range();
        let ty = self.ty(it.ty());
        let init = it.init().map(|init| self.expr(&init));
        let else_ = it
            .let_else()
            .and_then(|it| it.block())
            .map(|block| self.block(&block, false));
        let pat = match it.pat() {
            Some(pat) => self.root_pat(&pat, LocalKind::Let, it.is_mut()),
            None => self.alloc_pat(Pat::Missing, range),
        };
        Stmt::Let {
            pat,
            ty,
            init,
            else_,
            volatile: it.is_volatile(),
        }
    }

    pub(super) fn if_expr(&mut self, it: &ast::IfExpr, range: TextRange) -> ExprId {
        let then = it.then_branch();
        self.conditional(it.condition(), then, it.else_branch(), range)
    }

    /// `if c`, `if let p = e`. The pattern's names are in scope in the first branch only.
    fn conditional(
        &mut self,
        condition: Option<Condition>,
        then: Option<AstExpr>,
        else_: Option<AstExpr>,
        range: TextRange,
    ) -> ExprId {
        let head = self.condition(condition, range);
        let then = self.expr_or_missing(then, range);
        self.leave(&head);
        let else_ = else_.map(|else_| self.expr(&else_));
        self.branch(head, then, else_, range)
    }

    /// Lowers a condition; the names of a `let` are in scope until [`Lowering::leave`].
    fn condition(&mut self, condition: Option<Condition>, around: TextRange) -> Head {
        let Some(condition) = condition else {
            return Head::Bool(self.missing(around));
        };
        let range = condition.syntax().text_range();
        if !condition.is_let() {
            return Head::Bool(self.expr_or_missing(condition.expr(), range));
        }
        let scrutinee = self.expr_or_missing(condition.expr(), range);
        let ty = self.ty(condition.ty());
        self.scopes.push_pattern();
        let pat = match condition.pat() {
            Some(pat) => self.root_pat(&pat, LocalKind::Pattern, false),
            None => self.alloc_pat(Pat::Missing, range),
        };
        Head::Let { pat, ty, scrutinee }
    }

    fn leave(&mut self, head: &Head) {
        if let Head::Let { .. } = head {
            self.scopes.pop();
        }
    }

    fn branch(
        &mut self,
        head: Head,
        then: ExprId,
        else_: Option<ExprId>,
        range: TextRange,
    ) -> ExprId {
        let expr = match head {
            Head::Bool(condition) => Expr::If {
                condition,
                then,
                else_,
            },
            Head::Let { pat, ty, scrutinee } => Expr::IfLet {
                pat,
                ty,
                scrutinee,
                then,
                else_,
            },
        };
        self.alloc(expr, range)
    }

    pub(super) fn when_expr(&mut self, it: &ast::WhenExpr, range: TextRange) -> ExprId {
        let arms: Vec<ast::Arm> = it
            .arms()
            .filter(|arm| conditions::is_enabled(arm, self.env))
            .collect();
        let Some(scrutinee) = it.scrutinee() else {
            return self.when_conditions(&arms, range);
        };
        let scrutinee = self.expr(&scrutinee);
        let arms = arms.iter().map(|arm| {
            let around = arm.syntax().text_range();
            self.scopes.push_pattern();
            let pat = match arm.pat() {
                Some(pat) => self.root_pat(&pat, LocalKind::Pattern, false),
                None => self.alloc_pat(Pat::Missing, around),
            };
            let guard = arm
                .guard()
                .map(|guard| self.expr_or_missing(guard.expr(), around));
            let body = self.expr_or_missing(arm.body(), around);
            self.scopes.pop();
            WhenArm { pat, guard, body }
        });
        let arms = arms.collect();
        self.alloc(Expr::When { scrutinee, arms }, range)
    }

    /// `when { c1 => a, _ => b }`: an `if` chain, made from its end.
    fn when_conditions(&mut self, arms: &[ast::Arm], range: TextRange) -> ExprId {
        let mut rest: Option<ExprId> = None;
        for arm in arms.iter().rev() {
            let around = arm.syntax().text_range();
            if arm.condition().is_none() && matches!(arm.pat(), Some(ast::Pat::Wildcard(_))) {
                rest = Some(self.expr_or_missing(arm.body(), around));
                continue;
            }
            let head = self.condition(arm.condition(), around);
            let then = self.expr_or_missing(arm.body(), around);
            self.leave(&head);
            let is_open = rest.is_none();
            let chain = self.branch(head, then, rest, around);
            self.open_whens.extend(is_open.then_some(chain));
            rest = Some(chain);
        }
        match rest {
            Some(chain) => chain,
            None => self.alloc(Expr::Literal(Literal::Unit), range),
        }
    }

    pub(super) fn loop_expr(&mut self, it: &ast::LoopExpr, range: TextRange) -> ExprId {
        match it.kind() {
            LoopKind::Endless => {
                let body = self.loop_body(it.body(), range);
                self.alloc(Expr::Loop { body }, range)
            }
            LoopKind::Condition(_) => self.while_expr(it.condition(), it.body(), range),
            LoopKind::In { pat, iterable } => self.for_expr(pat, iterable, it.body(), range),
            LoopKind::Counter { name, ty, limit } => {
                self.counting_loop(name, ty, limit, it.body(), range)
            }
        }
    }

    /// `loop (var i: T < limit) { … }` is `{ var i: T = 0; while i < limit { … } }`.
    fn counting_loop(
        &mut self,
        name: Option<ast::Name>,
        ty: Option<ast::Type>,
        limit: Option<AstExpr>,
        body: Option<ast::Block>,
        range: TextRange,
    ) -> ExprId {
        let Some(name) = name else {
            return self.missing(range);
        };
        let name_range = name.syntax().text_range();
        self.scopes.push_block(Vec::new());
        let ty = self.ty(ty);
        let zero = Expr::Literal(Literal::Int {
            value: 0,
            suffix: None,
        });
        let init = Some(self.alloc(zero, name_range));
        let pat = self.name_pat(&name, LocalKind::Let, true);
        let counter = match &self.pats[pat] {
            Pat::Bind { local, .. } => Expr::Local(*local),
            _ => Expr::Missing,
        };
        let left = self.alloc(counter, name_range);
        let right = self.expr_or_missing(limit, range);
        let condition = self.alloc(
            Expr::Binary {
                op: BinaryOp::Lt,
                left,
                right,
            },
            range,
        );
        let body = self.loop_body(body, range);
        self.scopes.pop();
        let expr = self.alloc(Expr::While { condition, body }, range);
        let stmts = Box::new([
            Stmt::Let {
                pat,
                ty,
                init,
                else_: None,
                volatile: false,
            },
            Stmt::Expr {
                expr,
                has_semi: true,
            },
        ]);
        self.alloc(
            Expr::Block {
                stmts,
                tail: None,
                block: None,
                lowlevel: false,
            },
            range,
        )
    }

    /// `while true` stays a `while`; `loop (true)` and `loop while true` are endless loops.
    pub(super) fn while_expr(
        &mut self,
        condition: Option<Condition>,
        body: Option<ast::Block>,
        range: TextRange,
    ) -> ExprId {
        let is_loop = condition.as_ref().is_some_and(|it| {
            it.syntax()
                .parent()
                .is_some_and(|parent| ast::LoopExpr::can_cast(parent.kind()))
        });
        if is_loop && condition.as_ref().is_some_and(is_true) {
            let body = self.loop_body(body, range);
            return self.alloc(Expr::Loop { body }, range);
        }
        let head = self.condition(condition, range);
        let body = self.loop_body(body, range);
        self.leave(&head);
        match head {
            Head::Bool(condition) => self.alloc(Expr::While { condition, body }, range),
            // `while let p = e { … }` is `loop { if let p = e { … } else { break } }`.
            Head::Let { .. } => {
                let leave = self.alloc(Expr::Break { value: None }, range);
                let body = self.branch(head, body, Some(leave), range);
                self.alloc(Expr::Loop { body }, range)
            }
        }
    }

    pub(super) fn for_expr(
        &mut self,
        pat: Option<ast::Pat>,
        iterable: Option<AstExpr>,
        body: Option<ast::Block>,
        range: TextRange,
    ) -> ExprId {
        let iterable = self.expr_or_missing(iterable, range);
        self.scopes.push_pattern();
        let pat = match pat {
            Some(pat) => self.root_pat(&pat, LocalKind::Pattern, false),
            None => self.alloc_pat(Pat::Missing, range),
        };
        let body = self.loop_body(body, range);
        self.scopes.pop();
        self.alloc(
            Expr::For {
                pat,
                iterable,
                body,
            },
            range,
        )
    }

    fn loop_body(&mut self, body: Option<ast::Block>, around: TextRange) -> ExprId {
        self.loop_depth += 1;
        let id = match body {
            Some(body) => self.block(&body, false),
            None => self.missing(around),
        };
        self.loop_depth -= 1;
        id
    }

    pub(super) fn jump(&mut self, jump: Expr, is_break: bool, range: TextRange) -> ExprId {
        let expr = self.alloc(jump, range);
        if self.loop_depth == 0 {
            self.diagnostics
                .push(BodyDiagnostic::OutsideLoop { expr, is_break });
        }
        expr
    }

    pub(super) fn try_expr(&mut self, it: &ast::TryExpr, range: TextRange) -> ExprId {
        let operand = self.expr_or_missing(it.expr(), range);
        let recover = it.recover().map(|recover| {
            self.scopes.push_pattern();
            let binding = recover
                .binding()
                .map(|name| self.name_pat(&name, LocalKind::Pattern, false));
            let body = self.expr_or_missing(recover.body(), recover.syntax().text_range());
            self.scopes.pop();
            Recover { binding, body }
        });
        self.alloc(Expr::Try { operand, recover }, range)
    }
}

/// A condition in its lowered parts.
enum Head {
    Bool(ExprId),
    Let {
        pat: PatId,
        ty: Option<TypeRefId>,
        scrutinee: ExprId,
    },
}

fn is_true(condition: &Condition) -> bool {
    let mut expr = condition.expr();
    while let Some(AstExpr::Paren(inner)) = expr {
        expr = inner.expr();
    }
    match expr {
        Some(AstExpr::Literal(literal)) => literal.kind() == Some(LiteralKind::Bool(true)),
        _ => false,
    }
}

/// Values that the items of a block declare.
fn item_values(block: &ast::Block) -> Vec<Name> {
    let items = block.stmts().filter_map(|stmt| match stmt {
        ast::Stmt::Item(Item::Func(it)) => ast::HasName::name(&it),
        ast::Stmt::Item(Item::Const(it)) => ast::HasName::name(&it),
        ast::Stmt::Item(Item::Static(it)) => ast::HasName::name(&it),
        _ => None,
    });
    items.map(|name| name.text().into()).collect()
}
