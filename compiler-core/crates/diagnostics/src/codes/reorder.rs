//! Fixes that move statements: what takes or changes a value goes behind the last use of it, and
//! a temporary gets a variable.

use rustc_hash::FxHashSet;
use syntax::ast::{self, AstNode};
use syntax::{SyntaxKind, SyntaxNode, TextRange};

use crate::Applicability;
use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place, item_node};

/// Offers to move the statement of `access` behind that of `later`, if nothing in between needs
/// what it does and nothing after that what the later one uses.
pub(crate) fn after_use(ctx: &BodyCtx<'_>, draft: Draft, access: Place, later: Place) -> Draft {
    match edits(ctx, access, later) {
        Some(edits) => draft.fix(
            "move this statement behind the last use",
            edits,
            Applicability::Maybe,
        ),
        None => draft,
    }
}

fn edits(ctx: &BodyCtx<'_>, access: Place, later: Place) -> Option<Vec<(Place, String)>> {
    let item = ctx.owner.item(ctx.db);
    let root = item_node(ctx.db, item)?;
    let (access, later) = (access.range_in(item)?, later.range_in(item)?);
    let (block, first, last) = common_block(&root, access, later)?;
    let stmts: Vec<SyntaxNode> = block.stmts().map(|it| it.syntax().clone()).collect();
    if first >= last || has_exit(&stmts[first]) || has_exit(&stmts[last]) {
        return None;
    }
    let is_value = block.tail_stmt().is_some() && last + 1 == stmts.len();
    if is_value && !gives_nothing(&block) {
        return None;
    }
    let bound = bound_names(&stmts[first])?;
    let needs_bound = |stmt: &SyntaxNode| names(stmt).iter().any(|name| bound.contains(name));
    if stmts[first + 1..=last].iter().any(needs_bound) {
        return None;
    }
    // Whatever the use looks at is gone, or changed, afterwards.
    let used = names(&stmts[last]);
    let variables = variables(ctx);
    let is_used = |stmt: &SyntaxNode| {
        let names = names(stmt);
        names
            .iter()
            .any(|it| used.contains(it) && variables.contains(it))
    };
    if stmts[last + 1..].iter().any(is_used) {
        return None;
    }
    let (start, next) = (stmts[first].text_range(), stmts[first + 1].text_range());
    let gap = TextRange::new(start.end(), next.start());
    let text = root.text();
    let between = text.slice(gap).to_string();
    let is_plain = between.contains('\n') && between.trim().is_empty();
    if !is_plain {
        return None;
    }
    let indent = between.rsplit('\n').next().unwrap_or_default();
    let moved = format!("\n{indent}{}", text.slice(start));
    let removed = TextRange::new(start.start(), next.start());
    Some(vec![
        (Place::new(item, removed), String::new()),
        (
            Place::new(item, TextRange::empty(stmts[last].text_range().end())),
            moved,
        ),
    ])
}

/// Offers a variable for a temporary that is borrowed for longer than its statement.
pub(crate) fn bind_temporary(
    ctx: &BodyCtx<'_>,
    draft: Draft,
    borrowed: Place,
    mutable: bool,
) -> Draft {
    let found = || {
        let item = ctx.owner.item(ctx.db);
        let root = item_node(ctx.db, item)?;
        let range = borrowed.range_in(item)?;
        let node = node_at(&root, range)?;
        let expr = match ast::RefExpr::cast(node.clone()) {
            Some(it) => it.expr()?.syntax().clone(),
            None => ast::Expr::cast(node)?.syntax().clone(),
        };
        let stmt = expr.ancestors().find(|it| {
            let parent = it.parent().map(|parent| parent.kind());
            parent == Some(SyntaxKind::BLOCK) && it.kind() != SyntaxKind::BLOCK
        })?;
        // In a branch or a condition the temporary may be made again.
        let is_direct = expr.ancestors().take_while(|it| *it != stmt).all(|it| {
            !matches!(
                it.kind(),
                SyntaxKind::BLOCK
                    | SyntaxKind::IF_EXPR
                    | SyntaxKind::WHEN_EXPR
                    | SyntaxKind::CLOSURE_EXPR
            )
        });
        if !is_direct {
            return None;
        }
        let known = variables(ctx);
        let name = ["value", "temp", "owner"]
            .into_iter()
            .find(|it| !known.contains(*it))?;
        let text = root.text();
        let indent = indent_of(&root, stmt.text_range())?;
        let word = if mutable { "var" } else { "let" };
        let binding = format!(
            "{word} {name} = {}\n{indent}",
            text.slice(expr.text_range())
        );
        Some(vec![
            (
                Place::new(item, TextRange::empty(stmt.text_range().start())),
                binding,
            ),
            (Place::new(item, expr.text_range()), name.to_string()),
        ])
    };
    match found() {
        Some(edits) => draft.fix(
            "bind the temporary to a variable first",
            edits,
            Applicability::Maybe,
        ),
        None => draft.help("bind the temporary to a variable with `let` first"),
    }
}

/// The white space between a line's start and a statement that begins it.
fn indent_of(root: &SyntaxNode, stmt: TextRange) -> Option<String> {
    let before = TextRange::new(root.text_range().start(), stmt.start());
    let before = root.text().slice(before).to_string();
    let (_, line) = before.rsplit_once('\n')?;
    line.trim().is_empty().then(|| line.to_string())
}

/// The outermost node of a range.
fn node_at(root: &SyntaxNode, range: TextRange) -> Option<SyntaxNode> {
    if !root.text_range().contains_range(range) {
        return None;
    }
    let found = root.covering_element(range);
    let node = found.as_node().cloned().or_else(|| found.parent())?;
    let same = node.ancestors().take_while(|it| it.text_range() == range);
    Some(same.last().unwrap_or(node))
}

/// The innermost block with both places in different statements, and which.
fn common_block(
    root: &SyntaxNode,
    access: TextRange,
    later: TextRange,
) -> Option<(ast::Block, usize, usize)> {
    let node = node_at(root, access)?;
    node.ancestors()
        .filter_map(ast::Block::cast)
        .find_map(|block| {
            let place = |range: TextRange| {
                block
                    .stmts()
                    .position(|it| it.syntax().text_range().contains_range(range))
            };
            let (first, last) = (place(access)?, place(later)?);
            (first != last).then_some((block, first, last))
        })
}

/// Whether control may leave a statement for somewhere else than the next one.
fn has_exit(stmt: &SyntaxNode) -> bool {
    stmt.descendants().any(|it| {
        matches!(
            it.kind(),
            SyntaxKind::RETURN_EXPR
                | SyntaxKind::BREAK_EXPR
                | SyntaxKind::CONTINUE_EXPR
                | SyntaxKind::THROW_EXPR
                | SyntaxKind::TRY_EXPR
        )
    })
}

/// Whether a block's last expression is a statement all the same: the body of a function without
/// result, or of a loop.
fn gives_nothing(block: &ast::Block) -> bool {
    let Some(parent) = block.syntax().parent() else {
        return false;
    };
    match ast::Func::cast(parent.clone()) {
        Some(func) => func.ret_type().is_none(),
        None => matches!(
            parent.kind(),
            SyntaxKind::FOR_EXPR | SyntaxKind::WHILE_EXPR | SyntaxKind::LOOP_EXPR
        ),
    }
}

/// The names that a statement declares; `None` for items.
fn bound_names(stmt: &SyntaxNode) -> Option<FxHashSet<String>> {
    match ast::Stmt::cast(stmt.clone())? {
        ast::Stmt::Let(it) => Some(it.pat().map(|pat| names(pat.syntax())).unwrap_or_default()),
        ast::Stmt::Expr(_) => Some(FxHashSet::default()),
        ast::Stmt::Item(_) => None,
    }
}

/// All words of a statement, also those inside strings.
fn names(node: &SyntaxNode) -> FxHashSet<String> {
    let tokens = node
        .descendants_with_tokens()
        .filter_map(|it| it.into_token());
    let words = tokens.filter(|it| matches!(it.kind(), SyntaxKind::IDENT | SyntaxKind::THIS_KW));
    words.map(|it| it.text().to_string()).collect()
}

fn variables(ctx: &BodyCtx<'_>) -> FxHashSet<String> {
    let locals = ctx.body.locals.values();
    locals.map(|local| local.name.to_string()).collect()
}
