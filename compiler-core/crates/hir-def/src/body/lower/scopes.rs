//! Lexical scopes of locals while a body is lowered.

use crate::Name;
use crate::body::LocalId;

/// The scopes around the current place, outermost first.
#[derive(Default)]
pub(super) struct Scopes {
    frames: Vec<Frame>,
}

struct Frame {
    kind: FrameKind,
    locals: Vec<(Name, LocalId)>,
    /// Values that items of the block declare: they hide locals further out.
    items: Vec<Name>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameKind {
    Params,
    Block,
    /// An arm, a loop, an `if let`.
    Pattern,
}

/// What a name is, lexically.
pub(super) enum LocalName {
    Local(LocalId),
    /// An item of a block, or not a local at all.
    NotLocal,
}

impl Scopes {
    pub(super) fn push_params(&mut self) {
        self.push(FrameKind::Params, Vec::new());
    }

    pub(super) fn push_block(&mut self, items: Vec<Name>) {
        self.push(FrameKind::Block, items);
    }

    pub(super) fn push_pattern(&mut self) {
        self.push(FrameKind::Pattern, Vec::new());
    }

    fn push(&mut self, kind: FrameKind, items: Vec<Name>) {
        self.frames.push(Frame {
            kind,
            locals: Vec::new(),
            items,
        });
    }

    pub(super) fn pop(&mut self) {
        self.frames.pop();
    }

    /// Brings a local into scope. The answer is an earlier one of the same name in the same
    /// block or parameter list, which is an error there.
    pub(super) fn declare(&mut self, name: &Name, local: LocalId) -> Option<LocalId> {
        let frame = self.frames.last_mut()?;
        let earlier = frame
            .locals
            .iter()
            .find(|(it, _)| it == name)
            .map(|(_, local)| *local);
        frame.locals.push((name.clone(), local));
        earlier.filter(|_| frame.kind != FrameKind::Pattern)
    }

    pub(super) fn resolve(&self, name: &str) -> LocalName {
        for frame in self.frames.iter().rev() {
            if let Some((_, local)) = frame.locals.iter().rev().find(|(it, _)| it == name) {
                return LocalName::Local(*local);
            }
            if frame.items.iter().any(|it| it == name) {
                return LocalName::NotLocal;
            }
        }
        LocalName::NotLocal
    }
}
