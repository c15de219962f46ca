//! Where a piece of MIR comes from.

use hir_def::body::{ExprId, PatId};

/// The origin of a statement or terminator: labels of diagnostics, lines of debug information.
///
/// It names a node of the body, never a position: `hir_def`'s source map and `body_lines` turn
/// it into one for whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SourceInfo {
    pub node: SourceNode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceNode {
    Expr(ExprId),
    Pat(PatId),
    /// The whole body: prologue and what belongs to no expression.
    Body,
}

impl SourceInfo {
    pub const BODY: SourceInfo = SourceInfo {
        node: SourceNode::Body,
    };
}

impl From<ExprId> for SourceInfo {
    fn from(expr: ExprId) -> SourceInfo {
        SourceInfo {
            node: SourceNode::Expr(expr),
        }
    }
}

impl From<PatId> for SourceInfo {
    fn from(pat: PatId) -> SourceInfo {
        SourceInfo {
            node: SourceNode::Pat(pat),
        }
    }
}
