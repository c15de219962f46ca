//! Paths as written, in types, expressions, patterns and imports.

use crate::{ConstRef, Name, TypeRefId};

/// `crate::a::List[I32]::new`. Type arguments refer to the [`crate::TypeStore`] beside the path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    pub anchor: PathAnchor,
    pub segments: Box<[PathSegment]>,
}

/// What a path starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PathAnchor {
    /// An ordinary first segment.
    Plain,
    /// `crate::`
    Crate,
    /// `self::` as a module
    SelfModule,
    /// `super::`, so many times
    Super(u8),
    /// `This` alone or before `::`
    This,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathSegment {
    pub name: Name,
    pub args: Option<Box<GenericArgs>>,
}

/// `[I32, N, Item = Str]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GenericArgs {
    pub args: Box<[GenericArg]>,
    /// `Item = Str`
    pub bindings: Box<[(Name, TypeRefId)]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GenericArg {
    /// A type, or a bare path that turns out to name a constant.
    Type(TypeRefId),
    Const(ConstRef),
    Lifetime(Name),
}

impl Path {
    pub fn from_name(name: impl Into<Name>) -> Path {
        Path::plain([name.into()])
    }

    /// A path of plain segments without type arguments.
    pub fn plain(names: impl IntoIterator<Item = Name>) -> Path {
        let segments = names
            .into_iter()
            .map(|name| PathSegment { name, args: None })
            .collect();
        Path {
            anchor: PathAnchor::Plain,
            segments,
        }
    }

    /// The name, if the path is nothing else.
    pub fn as_name(&self) -> Option<&Name> {
        match (&self.anchor, &*self.segments) {
            (PathAnchor::Plain, [PathSegment { name, args: None }]) => Some(name),
            _ => None,
        }
    }

    /// Whether it is just `This`.
    pub fn is_this(&self) -> bool {
        self.anchor == PathAnchor::This && self.segments.is_empty()
    }

    pub fn last_name(&self) -> Option<&Name> {
        self.segments.last().map(|segment| &segment.name)
    }

    /// Type arguments of the last segment.
    pub fn last_args(&self) -> Option<&GenericArgs> {
        self.segments.last()?.args.as_deref()
    }
}

impl std::fmt::Display for Path {
    /// Without type arguments.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut first = true;
        let mut word = |f: &mut std::fmt::Formatter<'_>, text: &str| {
            let separator = if std::mem::take(&mut first) { "" } else { "::" };
            write!(f, "{separator}{text}")
        };
        match self.anchor {
            PathAnchor::Plain => {}
            PathAnchor::Crate => word(f, "crate")?,
            PathAnchor::SelfModule => word(f, "self")?,
            PathAnchor::Super(count) => (0..count).try_for_each(|_| word(f, "super"))?,
            PathAnchor::This => word(f, "This")?,
        }
        self.segments
            .iter()
            .try_for_each(|segment| word(f, &segment.name))
    }
}
