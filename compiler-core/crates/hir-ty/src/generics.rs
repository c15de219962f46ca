//! Generic parameters and what is promised about them.

use base::{Db, Package};
use hir_def::generics::{GenericParamKind, GenericParams, WherePredicate};
use hir_def::{
    AdtId, BehaviorId, ContainerId, GenericDef, GenericParamId, Name, TypeBound, TypeRef,
    TypeRefId, TypeStore,
};

use crate::lower::{LowerError, TyLower};
use crate::ty::{Const, GenericArg, GenericArgs, ParamTy, Projection, Ty, TyFolder, TyKind};

/// All parameters that a definition sees, in the order of its [`GenericArgs`]: those of the
/// `impl` or behavior around it (a behavior's first is `This`), then its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generics {
    /// How many of `params` belong to the definition around.
    pub parent_count: u32,
    pub params: Box<[GenericParam]>,
}

/// One type or constant parameter. Lifetimes are erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenericParam {
    pub name: Name,
    pub param: ParamTy,
    /// Where it is declared; `None` for the `This` of a behavior.
    pub source: Option<GenericParamId>,
    pub is_const: bool,
    pub has_default: bool,
}

impl Generics {
    /// Parameters of the definition itself.
    pub fn own(&self) -> &[GenericParam] {
        self.params.get(self.parent_count as usize..).unwrap_or(&[])
    }

    pub fn is_empty(&self) -> bool {
        self.params.is_empty()
    }

    /// The parameter with this declaration.
    pub fn by_source(&self, id: GenericParamId) -> Option<&GenericParam> {
        self.params.iter().find(|param| param.source == Some(id))
    }
}

/// The generic parameters of a definition.
///
/// Keyed by definition; read by everything that substitutes. Re-runs with the declaration of
/// it or of what is around it; names and kinds stop the change.
#[salsa::tracked]
pub fn generics_of(db: &dyn Db, def: GenericDef) -> Generics {
    let mut params = Vec::new();
    if let Some(parent) = def.parent(db) {
        params.extend(generics_of(db, parent).params.iter().cloned());
    }
    let parent_count = params.len() as u32;
    let param_ty = |index: usize| ParamTy {
        owner: def,
        index: index as u32,
    };
    if let GenericDef::Behavior(_) = def {
        params.push(GenericParam {
            name: Name::new_static("This"),
            param: param_ty(params.len()),
            source: None,
            is_const: false,
            has_default: false,
        });
    }
    with_params(db, def, |_, declared| {
        for (index, param) in declared.params.iter().enumerate() {
            let (is_const, has_default) = match &param.kind {
                GenericParamKind::Type { default, .. } => (false, default.is_some()),
                GenericParamKind::Const { default, .. } => (true, default.is_some()),
                GenericParamKind::Lifetime { .. } => continue,
            };
            params.push(GenericParam {
                name: param.name.clone(),
                param: param_ty(params.len()),
                source: Some(GenericParamId {
                    def,
                    index: index as u32,
                }),
                is_const,
                has_default,
            });
        }
    });
    Generics {
        parent_count,
        params: params.into(),
    }
}

/// The parameters themselves as arguments: how a definition sees itself.
pub fn identity_args(db: &dyn Db, def: GenericDef) -> GenericArgs {
    let params = generics_of(db, def).params.iter();
    GenericArgs::from_iter(db, params.map(|param| param.as_arg(db)))
}

impl GenericParam {
    /// The parameter itself as an argument.
    pub fn as_arg(&self, db: &dyn Db) -> GenericArg {
        if self.is_const {
            GenericArg::Const(Const::Param(self.param))
        } else {
            GenericArg::Ty(Ty::param(db, self.param))
        }
    }
}

/// Gives `f` the declared parameters of a definition with the store of their types.
pub(crate) fn with_params<R>(
    db: &dyn Db,
    def: GenericDef,
    f: impl FnOnce(&TypeStore, &GenericParams) -> R,
) -> R {
    use hir_def::signatures as s;
    f(s::types_of(db, def), s::generic_params(db, def))
}

/// A behavior with its arguments; the first is the type that implements it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BehaviorRef {
    pub behavior: BehaviorId,
    pub args: GenericArgs,
}

impl BehaviorRef {
    pub fn self_ty(self, db: &dyn Db) -> Ty {
        self.args.ty(db, 0)
    }

    pub fn subst(self, db: &dyn Db, args: GenericArgs) -> BehaviorRef {
        BehaviorRef {
            behavior: self.behavior,
            args: self.args.subst(db, args),
        }
    }
}

/// What a definition demands of its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Predicate {
    Implements(BehaviorRef),
    /// `I::Item = T`
    Equal(Ty, Ty),
}

impl Predicate {
    pub fn subst(&self, db: &dyn Db, args: GenericArgs) -> Predicate {
        match self {
            Predicate::Implements(bound) => Predicate::Implements(bound.subst(db, args)),
            Predicate::Equal(a, b) => Predicate::Equal(a.subst(db, args), b.subst(db, args)),
        }
    }
}

/// Predicates with what was wrong in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Predicates {
    /// Those of the definition around first.
    pub list: Box<[Predicate]>,
    pub errors: Box<[LowerError]>,
}

/// Bounds and `where` clauses of a definition, with those of what is around it.
///
/// Keyed by definition; read by whoever names it, and by [`param_env`]. Re-runs with its
/// declaration and with the names that it mentions.
#[salsa::tracked(cycle_result = predicates_cycle)]
pub fn predicates_of(db: &dyn Db, def: GenericDef) -> Predicates {
    let mut list = Vec::new();
    if let Some(parent) = def.parent(db) {
        list.extend(predicates_of(db, parent).list.iter().cloned());
    }
    if let GenericDef::Behavior(behavior) = def {
        let args = identity_args(db, def);
        list.push(Predicate::Implements(BehaviorRef { behavior, args }));
    }
    let generics = generics_of(db, def);
    let errors = with_params(db, def, |types, declared| {
        let mut lower = TyLower::for_generic_def(db, def, types);
        for (index, param) in declared.params.iter().enumerate() {
            let GenericParamKind::Type { bounds, .. } = &param.kind else {
                continue;
            };
            let id = GenericParamId {
                def,
                index: index as u32,
            };
            let Some(param) = generics.by_source(id) else {
                continue;
            };
            let ty = Ty::param(db, param.param);
            for bound in bounds {
                lower_bound(&mut lower, ty, bound, &mut list);
            }
        }
        for predicate in &declared.predicates {
            match predicate {
                WherePredicate::Bounds { ty, bounds } => {
                    let ty = lower.ty(*ty);
                    for bound in bounds {
                        lower_bound(&mut lower, ty, bound, &mut list);
                    }
                }
                WherePredicate::Equal { left, right } => {
                    let (left, right) = (lower.ty(*left), lower.ty(*right));
                    list.push(Predicate::Equal(left, right));
                }
            }
        }
        lower.finish()
    });
    Predicates {
        list: list.into(),
        errors: errors.into(),
    }
}

fn predicates_cycle(_: &dyn Db, _: salsa::Id, _: GenericDef) -> Predicates {
    Predicates::default()
}

/// Adds what `ty: bound` says.
pub(crate) fn lower_bound(
    lower: &mut TyLower<'_, '_>,
    ty: Ty,
    bound: &TypeBound,
    out: &mut Vec<Predicate>,
) {
    let TypeBound::Behavior(bound) = bound else {
        return;
    };
    let db = lower.db;
    let Some((bound, bindings)) = lower.behavior_ref(*bound, ty) else {
        return;
    };
    out.push(Predicate::Implements(bound));
    for (name, value) in bindings {
        // `Fn[I32, Output = Str]`: the type is declared by what `Fn` extends.
        let owner = crate::signature::assoc_type_owner(db, bound, &name).unwrap_or(bound);
        let projection = Projection {
            behavior: owner.behavior,
            name,
            args: owner.args,
        };
        let left = Ty::new(db, TyKind::Projection(projection));
        out.push(Predicate::Equal(left, value));
    }
}

/// The bounds that are written directly on one parameter, seen from inside `def`: what
/// `T::Item` may refer to. Kept apart from [`predicates_of`], which needs it to lower the rest.
#[salsa::tracked(cycle_result = bounds_cycle)]
pub fn bounds_of_param(db: &dyn Db, def: GenericDef, index: u32) -> Box<[BehaviorRef]> {
    let mut out = Vec::new();
    let generics = generics_of(db, def);
    let Some(param) = generics.params.get(index as usize) else {
        return Box::default();
    };
    let ty = Ty::param(db, param.param);
    // Parents' bounds, and those that a member's `where` adds.
    let mut next = Some(def);
    while let Some(def) = next {
        next = def.parent(db);
        if let (GenericDef::Behavior(behavior), 0) = (def, index) {
            out.push(BehaviorRef {
                behavior,
                args: identity_args(db, def),
            });
        }
        with_params(db, def, |types, declared| {
            let mut lower = TyLower::for_generic_def(db, def, types);
            let mut found: Vec<Predicate> = Vec::new();
            for (i, declared) in declared.params.iter().enumerate() {
                let id = GenericParamId {
                    def,
                    index: i as u32,
                };
                if let GenericParamKind::Type { bounds, .. } = &declared.kind
                    && param.source == Some(id)
                {
                    for bound in bounds {
                        lower_bound(&mut lower, ty, bound, &mut found);
                    }
                }
            }
            for predicate in &declared.predicates {
                if let WherePredicate::Bounds {
                    ty: subject,
                    bounds,
                } = predicate
                    && names_param(types, *subject, &param.name)
                {
                    for bound in bounds {
                        lower_bound(&mut lower, ty, bound, &mut found);
                    }
                }
            }
            out.extend(found.into_iter().filter_map(|predicate| match predicate {
                Predicate::Implements(bound) => Some(bound),
                Predicate::Equal(..) => None,
            }));
        });
    }
    elaborate(db, &mut out);
    out.into()
}

fn bounds_cycle(_: &dyn Db, _: salsa::Id, _: GenericDef, _: u32) -> Box<[BehaviorRef]> {
    Box::default()
}

fn names_param(types: &TypeStore, ty: TypeRefId, name: &str) -> bool {
    match &types[ty] {
        TypeRef::Path(path) => match path.as_name() {
            Some(found) => found == name,
            None => path.is_this() && name == "This",
        },
        _ => false,
    }
}

/// The behaviors that a behavior extends, for its own parameters.
///
/// Keyed by behavior; re-runs with its head.
#[salsa::tracked(cycle_result = supers_cycle)]
pub fn super_behaviors(db: &dyn Db, behavior: BehaviorId) -> Box<[BehaviorRef]> {
    let data = hir_def::signatures::behavior_data(db, behavior);
    let def = GenericDef::Behavior(behavior);
    let this = identity_args(db, def).ty(db, 0);
    let mut lower = TyLower::for_generic_def(db, def, &data.types);
    let mut out = Vec::new();
    for bound in &data.supers {
        if let TypeBound::Behavior(bound) = bound
            && let Some((bound, _)) = lower.behavior_ref(*bound, this)
        {
            out.push(bound);
        }
    }
    out.into()
}

/// What a behavior says of associated types of those that it extends: `behavior A: B[Item = T]`,
/// for its own parameters.
///
/// Keyed by behavior; re-runs with its head.
#[salsa::tracked(cycle_result = super_equalities_cycle)]
pub fn super_equalities(db: &dyn Db, behavior: BehaviorId) -> Box<[(Projection, Ty)]> {
    let data = hir_def::signatures::behavior_data(db, behavior);
    let def = GenericDef::Behavior(behavior);
    let this = identity_args(db, def).ty(db, 0);
    let mut lower = TyLower::for_generic_def(db, def, &data.types);
    let mut found = Vec::new();
    for bound in &data.supers {
        lower_bound(&mut lower, this, bound, &mut found);
    }
    let equality = |predicate| match predicate {
        Predicate::Equal(left, right) => match left.kind(db) {
            TyKind::Projection(projection) => Some((projection.clone(), right)),
            _ => None,
        },
        Predicate::Implements(_) => None,
    };
    found.into_iter().filter_map(equality).collect()
}

fn super_equalities_cycle(_: &dyn Db, _: salsa::Id, _: BehaviorId) -> Box<[(Projection, Ty)]> {
    Box::default()
}

fn supers_cycle(_: &dyn Db, _: salsa::Id, _: BehaviorId) -> Box<[BehaviorRef]> {
    Box::default()
}

/// Chains of super-behaviors are followed so far; guessed, real ones have three or four.
const ELABORATE_MAX: usize = 256;

/// Adds the super-behaviors of all bounds.
pub(crate) fn elaborate(db: &dyn Db, bounds: &mut Vec<BehaviorRef>) {
    let mut next = 0;
    while let Some(bound) = bounds.get(next).copied()
        && bounds.len() < ELABORATE_MAX
    {
        next += 1;
        for parent in super_behaviors(db, bound.behavior) {
            let parent = parent.subst(db, bound.args);
            if !bounds.contains(&parent) {
                bounds.push(parent);
            }
        }
    }
}

/// What may be assumed inside a definition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EnvData {
    /// With super-behaviors.
    pub bounds: Box<[BehaviorRef]>,
    /// Known values of associated types.
    pub equal: Box<[(Projection, Ty)]>,
    /// Parameters that are `func` types: `where F = func(A) -> B`.
    pub funcs: Box<[(Ty, Ty)]>,
}

/// Assumptions about parameters, interned: a cheap part of query keys.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct ParamEnv {
    /// Whose implementations count, with those of all its dependencies.
    #[returns(copy)]
    pub package: Package,
    pub data: EnvData,
}

impl ParamEnv {
    /// For types without parameters.
    pub fn empty(db: &dyn Db, package: Package) -> ParamEnv {
        ParamEnv::new(db, package, EnvData::default())
    }
}

/// What may be assumed inside a definition: its predicates, with all super-behaviors.
///
/// Keyed by definition; read by inference of its bodies. Re-runs with its declaration.
#[salsa::tracked(returns(copy))]
pub fn param_env(db: &dyn Db, def: GenericDef) -> ParamEnv {
    env_of(db, def.module(db).package(db), &predicates_of(db, def).list)
}

/// What follows from some predicates.
pub(crate) fn env_of(db: &dyn Db, package: Package, predicates: &[Predicate]) -> ParamEnv {
    let mut bounds = Vec::new();
    let mut equal = Vec::new();
    let mut funcs = Vec::new();
    for predicate in predicates {
        match predicate {
            Predicate::Implements(bound) => bounds.push(*bound),
            Predicate::Equal(left, right) => match (left.kind(db), right.kind(db)) {
                (TyKind::Projection(p), _) => equal.push((p.clone(), *right)),
                (_, TyKind::Projection(p)) => equal.push((p.clone(), *left)),
                (TyKind::Param(_), TyKind::Func { .. }) => funcs.push((*left, *right)),
                (TyKind::Func { .. }, TyKind::Param(_)) => funcs.push((*right, *left)),
                _ => {}
            },
        }
    }
    elaborate(db, &mut bounds);
    for bound in &bounds {
        for (projection, ty) in super_equalities(db, bound.behavior) {
            let projection = Projection {
                args: projection.args.subst(db, bound.args),
                ..projection.clone()
            };
            equal.push((projection, ty.subst(db, bound.args)));
        }
    }
    // `where A::Item = B::Item, A::Item: Show` says that of `B::Item`, too.
    if !equal.is_empty() {
        let mut known = Known {
            db,
            equal: &equal,
            depth: 0,
        };
        let more: Vec<BehaviorRef> = bounds
            .iter()
            .map(|bound| BehaviorRef {
                behavior: bound.behavior,
                args: known.fold_args(bound.args),
            })
            .collect();
        for bound in more {
            if !bounds.contains(&bound) {
                bounds.push(bound);
            }
        }
    }
    ParamEnv::new(
        db,
        package,
        EnvData {
            bounds: bounds.into(),
            equal: equal.into(),
            funcs: funcs.into(),
        },
    )
}

/// Replaces associated types by what `where` clauses say they are.
struct Known<'a, 'db> {
    db: &'db dyn Db,
    equal: &'a [(Projection, Ty)],
    depth: u32,
}

/// Equalities that lead to each other are followed so far; guessed, real ones lead to one more.
const KNOWN_DEPTH_MAX: u32 = 16;

impl TyFolder for Known<'_, '_> {
    fn db(&self) -> &dyn Db {
        self.db
    }
    fn fold_ty(&mut self, ty: Ty) -> Ty {
        let ty = self.super_fold(ty);
        let TyKind::Projection(projection) = ty.kind(self.db) else {
            return ty;
        };
        let found = self.equal.iter().find(|(known, _)| known == projection);
        match found {
            Some((_, value)) if *value != ty && self.depth < KNOWN_DEPTH_MAX => {
                self.depth += 1;
                let value = self.fold_ty(*value);
                self.depth -= 1;
                value
            }
            _ => ty,
        }
    }
}

/// The type of a constant parameter.
#[salsa::tracked(returns(copy), cycle_result = const_param_cycle)]
pub fn const_param_ty(db: &dyn Db, id: ParamKey) -> Ty {
    let (def, index) = (id.def(db), id.index(db));
    with_params(db, def, |types, declared| {
        match declared.params.get(index as usize) {
            Some(param) => match &param.kind {
                GenericParamKind::Const { ty, .. } => {
                    TyLower::for_generic_def(db, def, types).ty(*ty)
                }
                _ => Ty::error(db),
            },
            None => Ty::error(db),
        }
    })
}

fn const_param_cycle(db: &dyn Db, _: salsa::Id, _: ParamKey) -> Ty {
    Ty::error(db)
}

/// `GenericParamId` as a query key.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct ParamKey {
    #[returns(copy)]
    pub def: GenericDef,
    #[returns(copy)]
    pub index: u32,
}

/// The type of a constant parameter, by its place among all parameters.
pub fn const_param_type(db: &dyn Db, param: ParamTy) -> Ty {
    let generics = generics_of(db, param.owner);
    match generics
        .params
        .get(param.index as usize)
        .and_then(|param| param.source)
    {
        Some(id) => const_param_ty(db, ParamKey::new(db, id.def, id.index)),
        None => Ty::error(db),
    }
}

/// The default of a parameter, in terms of the parameters before it.
#[salsa::tracked(returns(copy), cycle_result = default_cycle)]
pub fn param_default(db: &dyn Db, id: ParamKey) -> Option<GenericArg> {
    let (def, index) = (id.def(db), id.index(db));
    with_params(db, def, |types, declared| {
        let mut lower = TyLower::for_generic_def(db, def, types);
        match &declared.params.get(index as usize)?.kind {
            GenericParamKind::Type { default, .. } => Some(GenericArg::Ty(lower.ty((*default)?))),
            GenericParamKind::Const { ty, default } => {
                let ty = lower.ty(*ty);
                Some(GenericArg::Const(lower.const_ref(
                    default.as_ref()?,
                    ty,
                    None,
                )))
            }
            GenericParamKind::Lifetime { .. } => None,
        }
    })
}

fn default_cycle(_: &dyn Db, _: salsa::Id, _: ParamKey) -> Option<GenericArg> {
    None
}

/// What `This` means inside a definition.
pub fn this_type(db: &dyn Db, def: GenericDef) -> Option<Ty> {
    let adt = match def {
        GenericDef::Struct(id) => AdtId::Struct(id),
        GenericDef::Enum(id) => AdtId::Enum(id),
        GenericDef::Union(id) => AdtId::Union(id),
        GenericDef::Impl(id) => return Some(crate::signature::impl_self_ty(db, id)),
        GenericDef::Behavior(_) => return Some(identity_args(db, def).ty(db, 0)),
        GenericDef::Func(_) | GenericDef::TypeAlias(_) => match def.container(db) {
            ContainerId::Impl(id) => return this_type(db, GenericDef::Impl(id)),
            ContainerId::Behavior(id) => return this_type(db, GenericDef::Behavior(id)),
            ContainerId::Block(block) => {
                return block
                    .owner(db)
                    .generic_def(db)
                    .and_then(|def| this_type(db, def));
            }
            ContainerId::Class(id) => return this_type(db, GenericDef::Class(id)),
            ContainerId::Module(_) => return None,
        },
        GenericDef::Class(id) => AdtId::Class(id),
    };
    Some(Ty::adt(db, adt, identity_args(db, def)))
}
