//! Offsets of a body to lines relative to its item.

use base::Db;
use base::ast_id::keyword_offset;
use syntax::TextSize;

use crate::BodyOwner;
use crate::body::{BodyLines, Expr, RelLineCol, body_with_source_map};
use crate::signatures::lower::item_node;

pub(super) fn body_lines(db: &dyn Db, owner: BodyOwner) -> BodyLines {
    let item = owner.item(db);
    let Some(node) = item_node(db, item) else {
        return BodyLines::default();
    };
    let (body, map) = body_with_source_map(db, owner);
    let text = node.text().to_string();
    let lines = base::LineIndex::new(&text);
    let first_column = base::item_column(db, item);
    let first_line = lines.line_col(keyword_offset(&node)).line;
    let position = |offset: TextSize| {
        let at = lines.line_col(offset);
        let col = if at.line == 0 {
            at.col + first_column
        } else {
            at.col
        };
        RelLineCol {
            line: at.line as i32 - first_line as i32,
            col,
        }
    };
    let exprs = body.exprs.iter().map(|(id, expr)| {
        // A chain of calls over several lines stops at each method's own line.
        let range = match expr {
            Expr::MethodCall { .. } => map.expr_name_range(id),
            _ => map.expr_range(id),
        };
        position(range.start())
    });
    let pats = body
        .pats
        .keys()
        .map(|id| position(map.pat_range(id).start()));
    let end = map.expr_range(body.root).end();
    let end = end.checked_sub(TextSize::new(1)).unwrap_or_default();
    BodyLines {
        exprs: exprs.collect(),
        pats: pats.collect(),
        end: position(end),
    }
}
