//! What can go wrong between checked bodies and machine code.

use base::ItemLoc;
use smol_str::SmolStr;

/// An error of instantiation. Every one has a code of `errors.md` §8.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MonoError {
    pub kind: MonoErrorKind,
    /// The item to show.
    pub item: Option<ItemLoc>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum MonoErrorKind {
    /// Instances grow without end.
    InstantiationLimit {
        symbol: SmolStr,
    },
    /// A value larger than any object can be.
    TooLarge {
        ty: SmolStr,
    },
    /// No C ABI for this type.
    ExternType {
        func: SmolStr,
        ty: SmolStr,
    },
    /// Two functions with one symbol.
    DuplicateSymbol {
        symbol: SmolStr,
    },
    NoMain {
        package: SmolStr,
    },
    /// `main` returns something else than `Unit`, `I32` or `Outcome[Unit, E]`, or is generic.
    BadMain {
        reason: SmolStr,
    },
    TransmuteSize {
        from: SmolStr,
        to: SmolStr,
    },
    UnknownIntrinsic {
        name: SmolStr,
    },
    /// Its declaration does not fit the table.
    BadIntrinsic {
        name: SmolStr,
    },
    /// A function of `core` that compiled code needs is not there.
    MissingLang {
        path: SmolStr,
    },
    /// A body-less function that is neither foreign nor an intrinsic.
    NoBody {
        func: SmolStr,
    },
    /// A static or const whose initialiser is not constant.
    NotConstant {
        name: SmolStr,
    },
    /// A method that no implementation has; other errors say why.
    Unresolved {
        what: SmolStr,
    },
    /// A body with errors of its own, which have been reported.
    BrokenBody {
        symbol: SmolStr,
    },
    Unsupported {
        what: SmolStr,
    },
}

impl MonoError {
    pub fn code(&self) -> &'static str {
        use MonoErrorKind::*;
        match self.kind {
            DuplicateSymbol { .. } => "C003",
            InstantiationLimit { .. } => "C004",
            TooLarge { .. } => "C005",
            ExternType { .. } => "C006",
            NoMain { .. } | BadMain { .. } => "C008",
            TransmuteSize { .. } => "C010",
            NotConstant { .. } => "T060",
            UnknownIntrinsic { .. }
            | BadIntrinsic { .. }
            | MissingLang { .. }
            | NoBody { .. }
            | Unresolved { .. }
            | BrokenBody { .. }
            | Unsupported { .. } => "C009",
        }
    }

    /// One line that makes sense alone.
    pub fn message(&self) -> String {
        use MonoErrorKind::*;
        match &self.kind {
            InstantiationLimit { symbol } => {
                format!("instantiation recursion limit reached at `{symbol}`")
            }
            TooLarge { ty } => format!("values of type `{ty}` are too large"),
            ExternType { func, ty } => {
                format!("type `{ty}` in the signature of foreign function `{func}` has no C form")
            }
            DuplicateSymbol { symbol } => format!("symbol `{symbol}` is defined twice"),
            NoMain { package } => format!("package `{package}` has no function `main`"),
            BadMain { reason } => format!("`main` {reason}"),
            TransmuteSize { from, to } => {
                format!("cannot reinterpret `{from}` as `{to}`: their sizes differ")
            }
            UnknownIntrinsic { name } => format!("unknown intrinsic `{name}`"),
            BadIntrinsic { name } => {
                format!("the declaration of intrinsic `{name}` does not fit its meaning")
            }
            MissingLang { path } => format!("the library has no `{path}`, which this code needs"),
            NoBody { func } => format!("`{func}` has no body and is not a foreign function"),
            NotConstant { name } => format!("the initialiser of `{name}` is not constant"),
            Unresolved { what } => format!("no implementation found for `{what}`"),
            BrokenBody { symbol } => format!("`{symbol}` has errors"),
            Unsupported { what } => format!("{what} cannot be compiled yet"),
        }
    }
}
