//! What a path means, from where it stands.
//!
//! A path is resolved as far as names reach: modules, items, variants. What follows a type
//! (`List::new`, `T::Item`) is left as unconsumed segments for `hir-ty`.

use base::Db;

pub use crate::def_path::def_path;

use crate::block_items::block_data_of;
use crate::block_names::{block_entry, class_entry};
use crate::diagnostics::Candidate;
use crate::generics::GenericParamKind;
use crate::item_tree::{RawVisibility, UsePath};
use crate::module_map::lookup::{
    Finished, FirstOf, Found, Maps, lookup_first, lookup_prelude, names_in_module_scope,
    names_of_module,
};
use crate::module_map::walk::{WalkError, WalkErrorKind, Walked, walk, walk_from};
use crate::module_map::{
    ImportId, ModuleOrigin, Namespace, child_module, class_module, is_within, lexical_module,
    module_data, parent_module, root_module,
};
use crate::signatures::generic_params;
use crate::suggest::nearest;
use crate::{
    BlockId, BodyOwner, BuiltinType, ContainerId, GenericDef, GenericParamId, ModuleDef, ModuleId,
    Name, Path, PathAnchor, Visibility,
};

/// The place that a path is read from. Locals are not part of it: they are resolved when the
/// body is lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    pub module: ModuleId,
    /// Whose generic parameters (and those of its parents) and `This` are in scope.
    pub generics: Option<GenericDef>,
    /// The innermost block with local items.
    pub block: Option<BlockId>,
}

/// What names reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resolution {
    Def(ModuleDef),
    /// A type or constant parameter; const parameters are found in both namespaces.
    GenericParam(GenericParamId),
    /// `This`: the implementing type of an `impl`, a behavior's own, or the type itself.
    This(GenericDef),
}

/// The answer to a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathResult {
    /// The first `consumed` segments name `to`; those behind need types.
    Resolved(Resolved),
    Unresolved(PathError),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Resolved {
    pub to: Resolution,
    /// Segments used up, not counting an anchor (`crate`, `super`, `self`, `This`).
    pub consumed: usize,
    /// The import of the scope that gave the first segment, for W002.
    pub import: Option<ImportId>,
    /// W019: the name came through a glob and hides one of the prelude.
    pub hides_prelude: bool,
}

/// Why a path means nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathError {
    /// The segment that failed.
    pub segment: usize,
    pub kind: PathErrorKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathErrorKind {
    /// Nothing of the name (T001, T002, M001, M002). `nearest` is in scope and similar.
    NotFound { name: Name, nearest: Option<Name> },
    /// It exists in the other namespace only: a type used as a value or the reverse.
    WrongNamespace { def: ModuleDef },
    /// T015/M004
    Private { def: ModuleDef },
    /// M006
    Ambiguous { candidates: Box<[Candidate]> },
    /// M011
    FilteredOut { name: Name, filter: ImportId },
    /// M007
    SuperBeyondRoot,
    /// `This` where there is no type around.
    NoThis,
}

/// A name in scope, for completion.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NameInScope {
    pub name: Name,
    pub to: Resolution,
}

impl Scope {
    pub fn of_module(module: ModuleId) -> Scope {
        Scope {
            module,
            generics: None,
            block: None,
        }
    }

    /// Inside a definition's signature: its parameters, those of its parents, and `This`.
    pub fn of_def(db: &dyn Db, def: GenericDef) -> Scope {
        let module = match def {
            GenericDef::Class(class) => module_of(db, ContainerId::Class(class)),
            _ => module_of(db, def.container(db)),
        };
        Scope {
            module,
            generics: Some(def),
            block: block_of(db, def.container(db)),
        }
    }

    /// Inside a body, outside its blocks. See [`crate::body::Body::expr_block`] for those.
    pub fn of_body(db: &dyn Db, owner: BodyOwner) -> Scope {
        Scope {
            module: module_of(db, owner.container(db)),
            generics: owner.generic_def(db),
            block: block_of(db, owner.container(db)),
        }
    }

    /// The same scope inside a block with items; `None` leaves it as it is.
    pub fn in_block(self, block: Option<BlockId>) -> Scope {
        Scope {
            block: block.or(self.block),
            ..self
        }
    }
}

/// The module that names are looked up in inside a container: in a class with types of its own,
/// theirs.
fn module_of(db: &dyn Db, container: ContainerId) -> ModuleId {
    match container {
        ContainerId::Module(module) => module,
        ContainerId::Class(class) => {
            class_module(db, class).unwrap_or_else(|| module_of(db, class.container(db)))
        }
        ContainerId::Block(block) => module_of(db, block.owner(db).container(db)),
        ContainerId::Impl(id) => module_of(db, id.container(db)),
        ContainerId::Behavior(id) => module_of(db, id.container(db)),
    }
}

fn block_of(db: &dyn Db, container: ContainerId) -> Option<BlockId> {
    match container {
        ContainerId::Block(block) => Some(block),
        ContainerId::Module(_) => None,
        // Members see what is around their parent.
        ContainerId::Impl(id) => block_of(db, id.container(db)),
        ContainerId::Behavior(id) => block_of(db, id.container(db)),
        ContainerId::Class(id) => block_of(db, id.container(db)),
    }
}

/// A path without type arguments: the key of [`resolve_names`].
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct NamePath {
    #[returns(copy)]
    pub anchor: PathAnchor,
    pub names: Box<[Name]>,
}

/// Resolves a path as far as names reach.
///
/// In [`Namespace::Values`] all but the last segment are looked up as types. For the path of a
/// struct literal or record pattern use [`resolve_record_path`].
pub fn resolve_path(db: &dyn Db, scope: Scope, path: &Path, namespace: Namespace) -> PathResult {
    if path.anchor == PathAnchor::This {
        return match this_def(db, scope.generics) {
            Some(def) => resolved(Resolution::This(def), 0, None),
            None => unresolved(0, PathErrorKind::NoThis),
        };
    }
    if path.anchor == PathAnchor::Plain
        && let Some(result) = resolve_locally(db, scope, path, namespace)
    {
        return result;
    }
    let names = path
        .segments
        .iter()
        .map(|segment| segment.name.clone())
        .collect();
    let names: Box<[Name]> = names;
    let result = resolve_names(
        db,
        scope.module,
        NamePath::new(db, path.anchor, names),
        namespace,
    );
    with_local_suggestion(db, scope, namespace, result)
}

/// The path of `P { … }`: a type, or else a variant.
pub fn resolve_record_path(db: &dyn Db, scope: Scope, path: &Path) -> PathResult {
    let as_type = resolve_path(db, scope, path, Namespace::Types);
    let is_whole = |result: &PathResult| match result {
        PathResult::Resolved(it) => it.consumed == path.segments.len(),
        PathResult::Unresolved(_) => false,
    };
    let as_value = resolve_path(db, scope, path, Namespace::Values);
    if is_whole(&as_type) && !is_own_variant(db, scope, &as_type, &as_value) {
        return as_type;
    }
    let is_variant = |result: &PathResult| match result {
        PathResult::Resolved(it) => matches!(it.to, Resolution::Def(ModuleDef::Variant(_))),
        PathResult::Unresolved(_) => false,
    };
    if is_whole(&as_value) && is_variant(&as_value) {
        as_value
    } else {
        as_type
    }
}

/// Whether a name is a variant of the package, and as a type nothing of its own: `Add { … }` is no
/// behavior of the prelude, and `Text { … }` not its text.
fn is_own_variant(db: &dyn Db, scope: Scope, as_type: &PathResult, as_value: &PathResult) -> bool {
    let def_of = |result: &PathResult| match result {
        PathResult::Resolved(found) => match found.to {
            Resolution::Def(def) => Some(def),
            Resolution::GenericParam(_) | Resolution::This(_) => None,
        },
        PathResult::Unresolved(_) => None,
    };
    let own = scope.module.package(db);
    let is_own = |def: ModuleDef| {
        let generic = def.generic_def();
        generic.is_some_and(|def| def.module(db).package(db) == own)
    };
    let variant = def_of(as_value).filter(|def| matches!(def, ModuleDef::Variant(_)));
    variant.is_some_and(is_own) && def_of(as_type).is_some_and(|def| !is_own(def))
}

/// A path by the names of a module and its packages: all but generic parameters, `This` and
/// items of blocks.
///
/// Keyed by module, path and namespace; read by everything that resolves paths. Re-runs when a
/// module map changes and stops the change unless this very path means something else now.
#[salsa::tracked(returns(clone))]
pub fn resolve_names(
    db: &dyn Db,
    module: ModuleId,
    path: NamePath,
    namespace: Namespace,
) -> PathResult {
    let names: Vec<&str> = path.names(db).iter().map(|name| name.as_str()).collect();
    let maps = Finished(db);
    // The types of a class come first, then what is around the class.
    if let Some(data) = module_data(db, module)
        && let (ModuleOrigin::Class(..), Some(around)) = (data.origin, data.parent)
    {
        let is_own = |name: &&str| {
            let of = |namespace| data.items.get(name, namespace).is_some();
            of(Namespace::Types) || of(Namespace::Values)
        };
        if path.anchor(db) != PathAnchor::Plain || !names.first().is_some_and(is_own) {
            return resolve_names(db, around, path, namespace);
        }
    }
    let first_of = if names.len() > 1 {
        FirstOf::LongPath
    } else {
        FirstOf::Name
    };
    match walk(&maps, module, path.anchor(db), &names, namespace, first_of) {
        Ok(Walked { entry, consumed }) => {
            let (import, hides_prelude) = match names.first() {
                Some(first) if path.anchor(db) == PathAnchor::Plain => {
                    let here = if names.len() > 1 {
                        Namespace::Types
                    } else {
                        namespace
                    };
                    first_segment_facts(&maps, module, first, here, first_of)
                }
                _ => (None, false),
            };
            let to = Resolution::Def(entry.def);
            PathResult::Resolved(Resolved {
                to,
                consumed,
                import,
                hides_prelude,
            })
        }
        Err(error) => error_result(&maps, module, path, &names, namespace, error),
    }
}

/// Which import gave the first segment, and whether it hides a name of the prelude.
fn first_segment_facts(
    maps: &Finished<'_>,
    module: ModuleId,
    name: &str,
    namespace: Namespace,
    first_of: FirstOf,
) -> (Option<ImportId>, bool) {
    let Found::One(entry) = lookup_first(maps, module, name, namespace, first_of) else {
        return (None, false);
    };
    let Some(import) = entry.import.filter(|import| import.module == module) else {
        return (None, false);
    };
    let is_explicit = maps
        .imported(module, name, namespace)
        .is_some_and(|it| it == entry);
    let hides = !is_explicit
        && matches!(
            lookup_prelude(maps, module, name, namespace),
            Found::One(prelude) if prelude.def != entry.def
        );
    (Some(import), hides)
}

fn error_result(
    maps: &Finished<'_>,
    module: ModuleId,
    path: NamePath,
    names: &[&str],
    namespace: Namespace,
    error: WalkError,
) -> PathResult {
    let db = maps.0;
    let segment = error.segment;
    let here = if segment + 1 == names.len() {
        namespace
    } else {
        Namespace::Types
    };
    let name = names.get(segment).copied().unwrap_or_default();
    let is_first = segment == 0 && path.anchor(db) == PathAnchor::Plain;
    let kind = match error.kind {
        WalkErrorKind::NotFound => {
            if is_first
                && here == Namespace::Types
                && let Some(ty) = BuiltinType::by_name(name)
            {
                return resolved(Resolution::Def(ModuleDef::Builtin(ty)), 1, None);
            }
            if let Some(def) = in_other_namespace(maps, module, path, names, segment, here) {
                return unresolved(segment, PathErrorKind::WrongNamespace { def });
            }
            let candidates = if is_first {
                let mut all = names_in_module_scope(maps, module, here);
                if here == Namespace::Types {
                    let builtins = BuiltinType::ALL.into_iter();
                    all.extend(builtins.map(|ty| (ty.name().into(), ModuleDef::Builtin(ty))));
                }
                all
            } else {
                let before = &names[..segment];
                let first_of = FirstOf::LongPath;
                let anchor = path.anchor(db);
                match walk(maps, module, anchor, before, Namespace::Types, first_of) {
                    Ok(Walked { entry, .. }) => match entry.def {
                        ModuleDef::Module(at) => names_of_module(maps, at, here, module),
                        _ => Default::default(),
                    },
                    Err(_) => Default::default(),
                }
            };
            let nearest = nearest(name, candidates.keys().map(|name| name.as_str()));
            PathErrorKind::NotFound {
                name: Name::new(name),
                nearest,
            }
        }
        WalkErrorKind::Private(def) => PathErrorKind::Private { def },
        WalkErrorKind::Ambiguous(candidates) => PathErrorKind::Ambiguous { candidates },
        WalkErrorKind::Filtered(filter) => PathErrorKind::FilteredOut {
            name: Name::new(name),
            filter,
        },
        WalkErrorKind::SuperBeyondRoot => PathErrorKind::SuperBeyondRoot,
    };
    unresolved(segment, kind)
}

/// The meaning of the failed segment in the other namespace.
fn in_other_namespace(
    maps: &Finished<'_>,
    module: ModuleId,
    path: NamePath,
    names: &[&str],
    segment: usize,
    namespace: Namespace,
) -> Option<ModuleDef> {
    let other = match namespace {
        Namespace::Types => Namespace::Values,
        Namespace::Values => Namespace::Types,
    };
    let first_of = if segment > 0 {
        FirstOf::LongPath
    } else {
        FirstOf::Name
    };
    let names = names.get(..=segment)?;
    match walk(maps, module, path.anchor(maps.0), names, other, first_of) {
        Ok(Walked { entry, consumed }) if consumed == names.len() => return Some(entry.def),
        _ => {}
    }
    let is_first = segment == 0 && path.anchor(maps.0) == PathAnchor::Plain;
    let builtin = BuiltinType::by_name(names.first()?);
    builtin
        .filter(|_| is_first && other == Namespace::Types)
        .map(ModuleDef::Builtin)
}

/// Blocks and generic parameters; `None` if the module must answer.
fn resolve_locally(
    db: &dyn Db,
    scope: Scope,
    path: &Path,
    namespace: Namespace,
) -> Option<PathResult> {
    let first = &path.segments.first()?.name;
    let here = if path.segments.len() > 1 {
        Namespace::Types
    } else {
        namespace
    };
    // Parameters of the body's own function are outside its blocks, those of a local function
    // inside the block that it stands in.
    let own_block = scope
        .block
        .is_some_and(|block| block.owner(db).generic_def(db) == scope.generics);
    let param = || {
        let id = generic_param(db, scope.generics, first)?;
        Some(resolved(Resolution::GenericParam(id), 1, None))
    };
    if !own_block && let Some(found) = param() {
        return Some(found);
    }
    let names: Vec<&str> = path
        .segments
        .iter()
        .map(|segment| segment.name.as_str())
        .collect();
    let mut block = scope.block;
    for _ in 0..BLOCK_DEPTH_MAX {
        let Some(at) = block else { break };
        let data = block_data_of(db, at)?;
        let of_class = class_entry(db, scope, data, first, here);
        if let Some(entry) =
            of_class.or_else(|| block_entry(db, scope.module, at, data, first, here))
        {
            let maps = Finished(db);
            return Some(
                match walk_from(&maps, scope.module, entry, 1, &names, namespace) {
                    Ok(it) => resolved(Resolution::Def(it.entry.def), it.consumed, None),
                    Err(error) => error_in_block(&names, error),
                },
            );
        }
        block = data
            .parent
            .or_else(|| block_of(db, at.owner(db).container(db)));
    }
    if own_block { param() } else { None }
}

/// Blocks with items nest no deeper than this; guessed.
const BLOCK_DEPTH_MAX: usize = 256;

fn error_in_block(names: &[&str], error: WalkError) -> PathResult {
    let name = names.get(error.segment).copied().unwrap_or_default();
    let kind = match error.kind {
        WalkErrorKind::NotFound => PathErrorKind::NotFound {
            name: Name::new(name),
            nearest: None,
        },
        WalkErrorKind::Private(def) => PathErrorKind::Private { def },
        WalkErrorKind::Ambiguous(candidates) => PathErrorKind::Ambiguous { candidates },
        WalkErrorKind::Filtered(filter) => PathErrorKind::FilteredOut {
            name: Name::new(name),
            filter,
        },
        WalkErrorKind::SuperBeyondRoot => PathErrorKind::SuperBeyondRoot,
    };
    unresolved(error.segment, kind)
}

/// A type or constant parameter of a definition or of one around it.
fn generic_param(db: &dyn Db, def: Option<GenericDef>, name: &str) -> Option<GenericParamId> {
    let mut at = def;
    while let Some(def) = at {
        if let Some((index, param)) = generic_params(db, def).find(name)
            && !matches!(param.kind, GenericParamKind::Lifetime { .. })
        {
            return Some(GenericParamId { def, index });
        }
        at = def.parent(db);
    }
    None
}

/// What `This` stands for inside a definition.
fn this_def(db: &dyn Db, def: Option<GenericDef>) -> Option<GenericDef> {
    let mut at = def;
    while let Some(def) = at {
        match def {
            GenericDef::Func(_) | GenericDef::TypeAlias(_) => at = def.parent(db),
            _ => return Some(def),
        }
    }
    None
}

/// A not-found error looks at generic parameters and block items too.
fn with_local_suggestion(
    db: &dyn Db,
    scope: Scope,
    namespace: Namespace,
    result: PathResult,
) -> PathResult {
    let PathResult::Unresolved(PathError { segment: 0, kind }) = &result else {
        return result;
    };
    let PathErrorKind::NotFound {
        name,
        nearest: in_module,
    } = kind
    else {
        return result;
    };
    let locals = local_names(db, scope, namespace);
    if locals.is_empty() {
        return result;
    }
    let candidates = locals.iter().map(|it| it.name.as_str());
    let nearest = nearest(name, candidates.chain(in_module.as_deref()));
    let name = name.clone();
    unresolved(0, PathErrorKind::NotFound { name, nearest })
}

/// Generic parameters and block items, innermost first.
fn local_names(db: &dyn Db, scope: Scope, namespace: Namespace) -> Vec<NameInScope> {
    let mut out = Vec::new();
    let mut block = scope.block;
    for _ in 0..BLOCK_DEPTH_MAX {
        let Some((at, data)) = block.and_then(|at| Some((at, block_data_of(db, at)?))) else {
            break;
        };
        let items = data.items.of(namespace).iter();
        out.extend(items.map(|(name, entry)| (name.clone(), Resolution::Def(entry.def))));
        if namespace == Namespace::Values {
            let variants = data.variants.iter();
            out.extend(variants.map(|(name, def)| (name.clone(), Resolution::Def(*def))));
        }
        block = data
            .parent
            .or_else(|| block_of(db, at.owner(db).container(db)));
    }
    let mut at = scope.generics;
    while let Some(def) = at {
        for (index, param) in generic_params(db, def).params.iter().enumerate() {
            let is_here = match param.kind {
                GenericParamKind::Type { .. } => namespace == Namespace::Types,
                GenericParamKind::Const { .. } => true,
                GenericParamKind::Lifetime { .. } => false,
            };
            if is_here {
                let id = GenericParamId {
                    def,
                    index: index as u32,
                };
                out.push((param.name.clone(), Resolution::GenericParam(id)));
            }
        }
        at = def.parent(db);
    }
    out.into_iter()
        .map(|(name, to)| NameInScope { name, to })
        .collect()
}

/// All names in scope, those of blocks and parameters first, then by name; each name once. For
/// completion.
pub fn names_in_scope(db: &dyn Db, scope: Scope, namespace: Namespace) -> Vec<NameInScope> {
    let mut out = local_names(db, scope, namespace);
    let of_module = names_in_module_scope(&Finished(db), scope.module, namespace);
    out.extend(of_module.into_iter().map(|(name, def)| NameInScope {
        name,
        to: Resolution::Def(def),
    }));
    if namespace == Namespace::Types {
        out.extend(BuiltinType::ALL.into_iter().map(|ty| NameInScope {
            name: ty.name().into(),
            to: Resolution::Def(ModuleDef::Builtin(ty)),
        }));
    }
    let mut seen = rustc_hash::FxHashSet::default();
    out.retain(|it| seen.insert(it.name.clone()));
    out
}

/// The names behind `module::` as seen from `from`, by name. For completion.
pub fn names_in_module(
    db: &dyn Db,
    module: ModuleId,
    namespace: Namespace,
    from: ModuleId,
) -> Vec<(Name, ModuleDef)> {
    names_of_module(&Finished(db), module, namespace, from)
        .into_iter()
        .collect()
}

/// The resolved form of a written visibility of something declared in `module`.
pub fn resolve_visibility(db: &dyn Db, module: ModuleId, raw: &RawVisibility) -> Visibility {
    visibility_in(db, lexical_module(db, module), raw)
}

/// The same in a module that is none of a class's types.
pub(crate) fn visibility_in(db: &dyn Db, module: ModuleId, raw: &RawVisibility) -> Visibility {
    let within = match raw {
        RawVisibility::Public => return Visibility::Public,
        RawVisibility::Private => module,
        // Whether a class extends another is for types to say.
        RawVisibility::Protected => return Visibility::Public,
        RawVisibility::Package => root_module(db, module.package(db)),
        RawVisibility::Super => parent_module(db, module).unwrap_or(module),
        RawVisibility::In(path) => visibility_path(db, module, path).unwrap_or(module),
    };
    Visibility::Module(within)
}

/// `pub(in path)` names a module around; anything else means private.
fn visibility_path(db: &dyn Db, module: ModuleId, path: &UsePath) -> Option<ModuleId> {
    let mut at = match path.anchor {
        PathAnchor::Plain | PathAnchor::Crate => root_module(db, module.package(db)),
        PathAnchor::SelfModule | PathAnchor::This => module,
        PathAnchor::Super(count) => {
            (0..count).try_fold(module, |module, _| parent_module(db, module))?
        }
    };
    for name in &path.names {
        at = child_module(db, at, name);
    }
    is_within(db, module, at).then_some(at)
}

fn resolved(to: Resolution, consumed: usize, import: Option<ImportId>) -> PathResult {
    PathResult::Resolved(Resolved {
        to,
        consumed,
        import,
        hides_prelude: false,
    })
}

fn unresolved(segment: usize, kind: PathErrorKind) -> PathResult {
    PathResult::Unresolved(PathError { segment, kind })
}
