//! What this crate reports, as data. Sources are nodes of the body; `diagnostics` finds their
//! positions and renders.

use smol_str::SmolStr;

use crate::data::SourceInfo;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MirDiagnostic {
    /// B001. `place` as the source spells it, or empty for a temporary. `in_loop`: the only
    /// move is the use itself, one iteration earlier.
    UseOfMoved {
        place: SmolStr,
        used: SourceInfo,
        moved: Box<[SourceInfo]>,
        in_loop: bool,
    },
    /// B014: a closure captures `place`.
    CaptureOfMoved {
        place: SmolStr,
        used: SourceInfo,
        moved: Box<[SourceInfo]>,
    },
    /// B016: `part` of `place` has been moved.
    UseOfPartlyMoved {
        place: SmolStr,
        part: SmolStr,
        used: SourceInfo,
        moved: Box<[SourceInfo]>,
    },
    /// B005
    MoveOut {
        place: SmolStr,
        from: MoveOrigin,
        source: SourceInfo,
    },
    /// T040: read on some path before it has a value.
    Uninitialised {
        name: SmolStr,
        used: SourceInfo,
        declared: SourceInfo,
    },
    /// T013: to a binding that is not mutable, or a part of one.
    AssignImmutable {
        name: SmolStr,
        assigned: SourceInfo,
        declared: SourceInfo,
    },
    /// B004: an explicit `mut ref` of an immutable binding.
    BorrowImmutable {
        name: SmolStr,
        borrowed: SourceInfo,
        declared: SourceInfo,
    },
    /// B006: assignment or exclusive use behind a shared reference. `root` is the binding that
    /// holds the reference, with the place of its declaration.
    SharedAccess {
        place: SmolStr,
        root: SmolStr,
        declared: SourceInfo,
        source: SourceInfo,
        is_assignment: bool,
    },
    /// B002, B003, B007–B013, B015, B017, E033: an access that a loan forbids.
    Loan(Box<LoanConflict>),
    /// E032, E033: data of one lifetime of the signature where another is wanted. Names are
    /// empty for lifetimes that have none.
    ShortLifetime {
        code: &'static str,
        from: SmolStr,
        to: SmolStr,
        source: SourceInfo,
        is_result: bool,
        /// The parameters that have the two lifetimes, with their names.
        params: Box<[(SmolStr, SourceInfo, Side)]>,
    },
    /// E033: values of a type parameter go where something lives longer than they are known to.
    /// `to` is empty for a lifetime without name.
    ShortParam {
        param: SmolStr,
        to: SmolStr,
        source: SourceInfo,
    },
    /// E032: a parameter of a closure that lives for one call is stored.
    ParamStored {
        param: SmolStr,
        declared: SourceInfo,
        source: SourceInfo,
    },
    /// B012: a closure becomes a `func` and owns a value whose drop looks at a borrowed place.
    OwnedLoan { source: SourceInfo },
    /// T032: a method demands that one lifetime outlives another, what it implements or overrides
    /// does not.
    DemandsMore {
        declared: hir_def::FuncId,
        from: Demanded,
        to: Demanded,
    },
    /// E031: of the function whose body it is.
    AmbiguousLifetime,
    /// B018: a reference into an object goes where its access has ended.
    ObjectLeaves { source: SourceInfo },
    /// W046: a reference to a copy of a field is kept.
    KeptCopy { source: SourceInfo },
    /// W003
    UnusedVariable {
        name: SmolStr,
        declared: SourceInfo,
        is_param: bool,
    },
    /// W044: `part` moves out of `whole`, whose type has a `drop` that is skipped now.
    SkipsDrop {
        whole: SmolStr,
        part: SmolStr,
        source: SourceInfo,
    },
    /// W007
    NeedlessMut { name: SmolStr, declared: SourceInfo },
    /// P065: type checking let it through and lowering cannot express it yet.
    Unsupported {
        what: &'static str,
        source: SourceInfo,
    },
}

/// Which end of a flow of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    From,
    To,
}

/// What to call a lifetime.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Demanded {
    Static,
    /// By the name of a lifetime or type parameter.
    Named(SmolStr),
    /// By the parameter that has it.
    Param(SmolStr),
    Unnamed,
}

/// An access to a borrowed place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoanConflict {
    pub code: &'static str,
    /// What is accessed, as the source spells it; empty for temporaries.
    pub place: SmolStr,
    pub access: Access,
    /// Where. For `Access::End` the scope's end, which is no place in the source.
    pub source: SourceInfo,
    pub borrowed: SmolStr,
    /// An exclusive loan.
    pub exclusive: bool,
    pub borrow: SourceInfo,
    /// Why the loan lives on.
    pub later: Option<LaterUse>,
    /// It outlives the body.
    pub escapes: bool,
}

/// What is done to a borrowed place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    Use,
    Borrow,
    BorrowExclusively,
    Move,
    Assign,
    End,
    EndOfTemporary,
}

impl Access {
    /// Whether nobody accesses the place: it ends.
    pub fn is_end(self) -> bool {
        matches!(self, Access::End | Access::EndOfTemporary)
    }
}

/// What keeps a loan alive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LaterUse {
    Used {
        source: SourceInfo,
    },
    /// The destructor of a variable may look at it.
    Dropped {
        name: SmolStr,
        declared: SourceInfo,
    },
    Returned,
}

/// What a value cannot be moved out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MoveOrigin {
    Reference,
    /// Plain `this` or `mut this`.
    Receiver,
    Pointer,
    Element,
    /// A field of an object of a class.
    Object,
    Static,
}

impl MirDiagnostic {
    pub fn code(&self) -> &'static str {
        match self {
            MirDiagnostic::UseOfMoved { .. } => "B001",
            MirDiagnostic::CaptureOfMoved { .. } => "B014",
            MirDiagnostic::UseOfPartlyMoved { .. } => "B016",
            MirDiagnostic::MoveOut { .. } => "B005",
            MirDiagnostic::Uninitialised { .. } => "T040",
            MirDiagnostic::AssignImmutable { .. } => "T013",
            MirDiagnostic::BorrowImmutable { .. } => "B004",
            MirDiagnostic::SharedAccess { .. } => "B006",
            MirDiagnostic::Loan(conflict) => conflict.code,
            MirDiagnostic::ShortLifetime { code, .. } => code,
            MirDiagnostic::ShortParam { .. } => "E033",
            MirDiagnostic::ParamStored { .. } => "E032",
            MirDiagnostic::OwnedLoan { .. } => "B012",
            MirDiagnostic::DemandsMore { .. } => "T032",
            MirDiagnostic::AmbiguousLifetime => "E031",
            MirDiagnostic::ObjectLeaves { .. } => "B018",
            MirDiagnostic::KeptCopy { .. } => "W046",
            MirDiagnostic::UnusedVariable { .. } => "W003",
            MirDiagnostic::SkipsDrop { .. } => "W044",
            MirDiagnostic::NeedlessMut { .. } => "W007",
            MirDiagnostic::Unsupported { .. } => "P065",
        }
    }

    /// The variable whose value is not there, or not whole.
    pub(crate) fn gone(&self) -> Option<SmolStr> {
        match self {
            MirDiagnostic::UseOfMoved { place, .. }
            | MirDiagnostic::CaptureOfMoved { place, .. }
            | MirDiagnostic::UseOfPartlyMoved { place, .. }
            | MirDiagnostic::MoveOut { place, .. } => Some(root(place).into()),
            MirDiagnostic::Uninitialised { name, .. } => Some(name.clone()),
            _ => None,
        }
    }

    /// Whether a loan is of a variable, or meets an access to it. Everything is about what has
    /// no name.
    pub(crate) fn is_about(&self, variable: &str) -> bool {
        match self {
            MirDiagnostic::Loan(found) => {
                variable.is_empty()
                    || root(&found.place) == variable
                    || root(&found.borrowed) == variable
            }
            _ => false,
        }
    }

    pub fn is_error(&self) -> bool {
        !self.code().starts_with('W')
    }

    /// The node that the primary label points at.
    pub fn source(&self) -> SourceInfo {
        match self {
            MirDiagnostic::UseOfMoved { used, .. }
            | MirDiagnostic::CaptureOfMoved { used, .. }
            | MirDiagnostic::UseOfPartlyMoved { used, .. }
            | MirDiagnostic::Uninitialised { used, .. } => *used,
            MirDiagnostic::AssignImmutable { assigned, .. } => *assigned,
            MirDiagnostic::BorrowImmutable { borrowed, .. } => *borrowed,
            MirDiagnostic::Loan(conflict) => match conflict.access {
                Access::End | Access::EndOfTemporary => conflict.borrow,
                _ => conflict.source,
            },
            MirDiagnostic::AmbiguousLifetime | MirDiagnostic::DemandsMore { .. } => {
                SourceInfo::BODY
            }
            MirDiagnostic::MoveOut { source, .. }
            | MirDiagnostic::ShortLifetime { source, .. }
            | MirDiagnostic::ShortParam { source, .. }
            | MirDiagnostic::ParamStored { source, .. }
            | MirDiagnostic::SkipsDrop { source, .. }
            | MirDiagnostic::OwnedLoan { source }
            | MirDiagnostic::SharedAccess { source, .. }
            | MirDiagnostic::ObjectLeaves { source }
            | MirDiagnostic::KeptCopy { source }
            | MirDiagnostic::Unsupported { source, .. } => *source,
            MirDiagnostic::UnusedVariable { declared, .. }
            | MirDiagnostic::NeedlessMut { declared, .. } => *declared,
        }
    }
}

/// The variable that a place starts from.
fn root(place: &str) -> &str {
    let end = place.find(|c: char| !c.is_alphanumeric() && c != '_');
    &place[..end.unwrap_or(place.len())]
}
