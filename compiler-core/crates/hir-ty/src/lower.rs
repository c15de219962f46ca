//! Types as written → [`Ty`].

use base::Db;
use hir_def::module_map::Namespace;
use hir_def::resolver::{PathError, PathResult, Resolution, Scope, resolve_path};
use hir_def::{
    BehaviorId, BuiltinType, ConstRef, GenericArg as GenericArgRef, GenericDef, ModuleDef, Name,
    Path, PathSegment, TypeBound, TypeRef, TypeRefId, TypeStore,
};

use crate::consteval::{ConstError, eval_const_ref};
use crate::generics::{BehaviorRef, bounds_of_param, const_param_type, generics_of, this_type};
use crate::table::{Table, VarKind};
use crate::ty::{Const, FloatTy, GenericArg, GenericArgs, IntTy, Projection, Ty, TyKind};
use crate::{lang, signature};

mod args;
mod objects;

/// Something wrong with a type as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LowerError {
    /// Within the store of the signature or body; `None` for paths of expressions.
    pub ty: Option<TypeRefId>,
    pub kind: LowerErrorKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LowerErrorKind {
    /// T002 and module codes: the path means nothing.
    Path(PathError),
    /// T002: it names something that is no type.
    NotAType {
        name: Name,
    },
    /// T002: a behavior is wanted.
    NotABehavior {
        name: Name,
    },
    /// T002/T026-like: a behavior stands where a type must; `dyn B` or a bound may be meant.
    BehaviorAsType {
        behavior: BehaviorId,
    },
    /// T006.
    ArgCount {
        def: Option<GenericDef>,
        expected: u32,
        found: u32,
    },
    /// T039.
    ConstArg {
        expected_const: bool,
    },
    /// T035.
    NoAssoc {
        ty: Ty,
        name: Name,
        nearest: Option<Name>,
    },
    /// T035: several bounds have it.
    AmbiguousAssoc {
        name: Name,
        candidates: Box<[BehaviorId]>,
    },
    /// T087.
    UnknownLifetime {
        name: Name,
    },
    /// T003: `_` in a declaration.
    Hole,
    /// T060–T066 in a length or constant argument.
    Const(ConstError),
    /// An alias that contains itself.
    CyclicAlias,
    /// T033: an extra bound of `dyn A + B` that is no marker.
    ExtraObjectBound {
        behavior: BehaviorId,
    },
    Unsupported(&'static str),
}

/// Lowers the types of one store.
pub(crate) struct TyLower<'db, 'a> {
    pub(crate) db: &'db dyn Db,
    pub(crate) scope: Scope,
    types: &'a TypeStore,
    /// Gives variables for `_` and omitted arguments; `None` in declarations.
    pub(crate) table: Option<&'a mut Table<'db>>,
    /// An expression's path is being lowered: the values may say what it leaves out, and
    /// defaults are for what they leave open. Types that are written out take the defaults.
    pub(crate) values_decide: bool,
    pub(crate) errors: Vec<LowerError>,
    /// The function whose result is being lowered: `impl B` is an opaque type of it.
    pub(crate) opaque_of: Option<hir_def::FuncId>,
    /// What is said about the opaque types found so far.
    pub(crate) opaques: Vec<Vec<crate::generics::Predicate>>,
    /// The type being lowered: where errors are put.
    at: Option<TypeRefId>,
    depth: u32,
}

/// Types nest at most so deep; deeper ones are errors. The parser's limit is the same.
const DEPTH_MAX: u32 = 256;

impl<'db, 'a> TyLower<'db, 'a> {
    pub(crate) fn new(db: &'db dyn Db, scope: Scope, types: &'a TypeStore) -> Self {
        TyLower {
            db,
            scope,
            types,
            table: None,
            values_decide: false,
            opaque_of: None,
            opaques: Vec::new(),
            errors: Vec::new(),
            at: None,
            depth: 0,
        }
    }

    /// For the declaration of a definition.
    pub(crate) fn for_generic_def(db: &'db dyn Db, def: GenericDef, types: &'a TypeStore) -> Self {
        TyLower::new(db, Scope::of_def(db, def), types)
    }

    pub(crate) fn finish(self) -> Vec<LowerError> {
        self.errors
    }

    pub(crate) fn error(&mut self, kind: LowerErrorKind) {
        self.errors.push(LowerError { ty: self.at, kind });
    }

    pub(crate) fn ty(&mut self, id: TypeRefId) -> Ty {
        let outer = self.at.replace(id);
        self.depth += 1;
        let ty = if self.depth > DEPTH_MAX {
            Ty::error(self.db)
        } else {
            self.ty_uncounted(id)
        };
        self.depth -= 1;
        self.at = outer;
        ty
    }

    fn ty_uncounted(&mut self, id: TypeRefId) -> Ty {
        let db = self.db;
        let types = self.types;
        match &types[id] {
            TypeRef::Path(path) => self.path_ty(path),
            TypeRef::Tuple(parts) => {
                let parts: Vec<Ty> = parts.iter().map(|part| self.ty(*part)).collect();
                Ty::tuple(db, parts)
            }
            TypeRef::Array(element, len) => {
                let element = self.ty(*element);
                let len = self.const_ref(len, Ty::usize(db), None);
                let len = self.check_len(len);
                Ty::array(db, element, len)
            }
            TypeRef::Slice(element) => {
                let element = self.ty(*element);
                Ty::slice(db, element)
            }
            TypeRef::Ref {
                mutable,
                inner,
                lifetime,
            } => {
                self.check_lifetime(lifetime.as_ref());
                let inner = match &types[*inner] {
                    // A written `ref dyn B` is a view of the value, not of its box.
                    TypeRef::Dyn(bounds) => self.view(*inner, bounds),
                    _ => self.ty(*inner),
                };
                Ty::reference(db, *mutable, inner)
            }
            TypeRef::RawPtr(inner) => {
                let inner = self.ty(*inner);
                Ty::raw_ptr(db, inner)
            }
            TypeRef::Func {
                params,
                ret,
                lifetime,
            } => {
                self.check_lifetime(lifetime.as_ref());
                let params: Vec<Ty> = params.iter().map(|param| self.ty(*param)).collect();
                let ret = match ret {
                    Some(ret) => self.ty(*ret),
                    None => Ty::unit(db),
                };
                Ty::func(db, params, ret)
            }
            TypeRef::Never => Ty::never(db),
            TypeRef::Infer => self.hole(),
            TypeRef::Maybe(inner) => {
                let inner = self.ty(*inner);
                match self.lang().maybe {
                    Some(maybe) => Ty::adt(db, maybe, GenericArgs::from_iter(db, [inner.into()])),
                    None => Ty::error(db),
                }
            }
            TypeRef::Dyn(bounds) => match self.object(bounds) {
                Some(object) => match self.callable_object(&object) {
                    Some(ty) => ty,
                    None => Ty::new(db, TyKind::Dyn(object)),
                },
                None => Ty::error(db),
            },
            TypeRef::Impl(bounds) => self.opaque(bounds),
            TypeRef::Anonymous(index) => {
                let index = *index;
                let found = self.scope.generics.and_then(|def| {
                    let id = hir_def::GenericParamId { def, index };
                    generics_of(db, def).by_source(id)
                });
                match found {
                    Some(param) => Ty::param(db, param.param),
                    None => Ty::error(db),
                }
            }
            TypeRef::Projection {
                base,
                behavior,
                name,
            } => {
                let base = self.ty(*base);
                match self.behavior_ref(*behavior, base) {
                    Some((bound, _)) => self.projection(bound, name, None),
                    None => Ty::error(db),
                }
            }
            TypeRef::Error => Ty::error(db),
        }
    }

    /// `impl B` in a result.
    fn opaque(&mut self, bounds: &[TypeBound]) -> Ty {
        let db = self.db;
        let Some(func) = self.opaque_of else {
            return self.unsupported("`impl` types here");
        };
        let index = self.opaques.len() as u32;
        self.opaques.push(Vec::new());
        let args = crate::generics::identity_args(db, GenericDef::Func(func));
        let ty = Ty::new(db, TyKind::Opaque(func, index, args));
        let mut predicates = Vec::new();
        for bound in bounds {
            crate::generics::lower_bound(self, ty, bound, &mut predicates);
        }
        if let Some(slot) = self.opaques.get_mut(index as usize) {
            *slot = predicates;
        }
        ty
    }

    fn unsupported(&mut self, feature: &'static str) -> Ty {
        self.error(LowerErrorKind::Unsupported(feature));
        Ty::error(self.db)
    }

    fn hole(&mut self) -> Ty {
        match &mut self.table {
            Some(table) => table.new_var(VarKind::General),
            None => {
                self.error(LowerErrorKind::Hole);
                Ty::error(self.db)
            }
        }
    }

    fn check_len(&mut self, len: Const) -> Const {
        match len {
            Const::Value(value, _) if value < 0 => {
                self.error(LowerErrorKind::Const(ConstError::ArrayLength));
                Const::Error
            }
            other => other,
        }
    }

    /// A path in type position.
    pub(crate) fn path_ty(&mut self, path: &Path) -> Ty {
        let resolved = match resolve_path(self.db, self.scope, path, Namespace::Types) {
            PathResult::Resolved(resolved) => resolved,
            PathResult::Unresolved(error) => {
                self.error(LowerErrorKind::Path(error));
                return Ty::error(self.db);
            }
        };
        let consumed = resolved.consumed.min(path.segments.len());
        let (used, rest) = path.segments.split_at(consumed);
        let Some(mut ty) = self.resolution_ty(resolved.to, used) else {
            return Ty::error(self.db);
        };
        for segment in rest {
            ty = self.assoc_ty(ty, segment);
        }
        ty
    }

    fn lang(&self) -> &'a lang::LangItems {
        lang::lang_items(self.db, self.scope.module.package(self.db))
    }

    /// The type that a resolution names, with the arguments of its last segment. `None` after
    /// an error.
    pub(crate) fn resolution_ty(&mut self, to: Resolution, used: &[PathSegment]) -> Option<Ty> {
        let db = self.db;
        let args = used.last().and_then(|segment| segment.args.as_deref());
        let name = used
            .last()
            .map(|segment| segment.name.clone())
            .unwrap_or_default();
        let def = match to {
            Resolution::GenericParam(id) => {
                let generics = generics_of(db, id.def);
                return match generics.by_source(id) {
                    Some(param) if !param.is_const => Some(Ty::param(db, param.param)),
                    _ => {
                        self.error(LowerErrorKind::NotAType { name });
                        None
                    }
                };
            }
            Resolution::This(def) => return this_type(db, def).or_else(|| Some(Ty::error(db))),
            Resolution::Def(def) => self.lang().as_type(def),
        };
        match def {
            ModuleDef::Struct(_)
            | ModuleDef::Enum(_)
            | ModuleDef::Union(_)
            | ModuleDef::Class(_) => {
                let adt = def.as_adt()?;
                let args = self.own_args(adt.into(), args, GenericArgs::empty(db));
                Some(Ty::adt(db, adt, args))
            }
            ModuleDef::TypeAlias(alias) => {
                let def = GenericDef::TypeAlias(alias);
                let parent = match def.parent(db) {
                    Some(parent) => crate::generics::identity_args(db, parent),
                    None => GenericArgs::empty(db),
                };
                let args = self.own_args(def, args, parent);
                Some(signature::type_of_alias(db, alias).subst(db, args))
            }
            ModuleDef::Builtin(builtin) => Some(self.builtin(builtin, args)),
            ModuleDef::Behavior(behavior) if crate::classes::is_interface(db, behavior) => {
                // The implementing type is no argument of the value's type.
                let this = GenericArgs::from_iter(db, [Ty::error(db).into()]);
                let all = self.own_args(GenericDef::Behavior(behavior), args, this);
                let args = all.list(db).iter().skip(1).copied().collect::<Vec<_>>();
                let args = GenericArgs::from_iter(db, args);
                Some(Ty::new(db, TyKind::Interface(behavior, args)))
            }
            ModuleDef::Behavior(behavior) => {
                self.error(LowerErrorKind::BehaviorAsType { behavior });
                None
            }
            _ => {
                self.error(LowerErrorKind::NotAType { name });
                None
            }
        }
    }

    fn builtin(&mut self, builtin: BuiltinType, args: Option<&hir_def::GenericArgs>) -> Ty {
        let db = self.db;
        if builtin == BuiltinType::Ptr {
            return match args.map(|args| &*args.args) {
                None => Ty::raw_ptr(db, Ty::unit(db)),
                Some([GenericArgRef::Type(inner)]) => {
                    let inner = self.ty(*inner);
                    Ty::raw_ptr(db, inner)
                }
                Some(args) => {
                    let found = args.len() as u32;
                    self.error(LowerErrorKind::ArgCount {
                        def: None,
                        expected: 1,
                        found,
                    });
                    Ty::error(db)
                }
            };
        }
        if let Some(args) = args {
            let found = args.args.len() as u32;
            self.error(LowerErrorKind::ArgCount {
                def: None,
                expected: 0,
                found,
            });
        }
        builtin_ty(db, builtin)
    }

    /// Whether a type as written is the bare name of a lifetime parameter in scope.
    fn names_lifetime(&self, ty: TypeRefId) -> bool {
        let TypeRef::Path(path) = &self.types[ty] else {
            return false;
        };
        let [segment] = &*path.segments else {
            return false;
        };
        let is_plain = path.anchor == hir_def::PathAnchor::Plain && segment.args.is_none();
        is_plain && self.is_lifetime(&segment.name)
    }

    /// Whether a lifetime of this name is in scope.
    fn is_lifetime(&self, name: &Name) -> bool {
        let mut def = self.scope.generics;
        // A member and what is around it: two levels, as parameters have.
        while let Some(at) = def {
            let params = hir_def::signatures::generic_params(self.db, at);
            if let Some((_, param)) = params.find(name) {
                use hir_def::generics::GenericParamKind;
                return matches!(param.kind, GenericParamKind::Lifetime { .. });
            }
            def = at.parent(self.db);
        }
        name == "static"
    }

    /// T087, for a lifetime as written.
    fn check_lifetime(&mut self, name: Option<&Name>) {
        if let Some(name) = name
            && !self.is_lifetime(name)
        {
            self.error(LowerErrorKind::UnknownLifetime { name: name.clone() });
        }
    }

    /// Whether a path means a type and no constant.
    fn names_no_value(&self, path: &Path) -> bool {
        let means = |namespace| {
            let found = resolve_path(self.db, self.scope, path, namespace);
            matches!(found, PathResult::Resolved(_))
        };
        means(Namespace::Types) && !means(Namespace::Values)
    }

    fn generic_arg(
        &mut self,
        arg: &GenericArgRef,
        param: &crate::generics::GenericParam,
    ) -> GenericArg {
        let db = self.db;
        match (arg, param.is_const) {
            (GenericArgRef::Type(ty), false) => GenericArg::Ty(self.ty(*ty)),
            // Constants of parameters are numbers, truths and characters.
            (GenericArgRef::Const(ConstRef::OtherLiteral), true) => {
                self.error(LowerErrorKind::ConstArg {
                    expected_const: true,
                });
                error_arg(db, true)
            }
            (GenericArgRef::Const(value), true) => {
                let ty = const_param_type(db, param.param);
                GenericArg::Const(self.const_ref(value, ty, None))
            }
            // A bare path is parsed as a type, and may name a constant.
            (GenericArgRef::Type(ty), true) => {
                let types = self.types;
                let expected = const_param_type(db, param.param);
                match &types[*ty] {
                    TypeRef::Path(path) if self.names_no_value(path) => {
                        let outer = self.at.replace(*ty);
                        self.error(LowerErrorKind::ConstArg {
                            expected_const: true,
                        });
                        self.at = outer;
                        error_arg(db, true)
                    }
                    TypeRef::Path(path) => {
                        let value = ConstRef::Path(path.clone());
                        GenericArg::Const(self.const_ref(&value, expected, Some(*ty)))
                    }
                    TypeRef::Infer => match &mut self.table {
                        Some(table) => table.fresh_arg(true),
                        None => {
                            self.error(LowerErrorKind::Hole);
                            error_arg(db, true)
                        }
                    },
                    _ => {
                        self.error(LowerErrorKind::ConstArg {
                            expected_const: true,
                        });
                        error_arg(db, true)
                    }
                }
            }
            (GenericArgRef::Const(_), false) => {
                self.error(LowerErrorKind::ConstArg {
                    expected_const: false,
                });
                error_arg(db, false)
            }
            (GenericArgRef::Lifetime(_), is_const) => error_arg(db, is_const),
        }
    }

    /// A constant inside a type.
    pub(crate) fn const_ref(
        &mut self,
        value: &ConstRef,
        expected: Ty,
        at: Option<TypeRefId>,
    ) -> Const {
        let db = self.db;
        if let ConstRef::Infer = value {
            return match &mut self.table {
                Some(table) => table.new_const_var(),
                None => {
                    self.error(LowerErrorKind::Hole);
                    Const::Error
                }
            };
        }
        let outer = self.at;
        self.at = at.or(outer);
        let result = match eval_const_ref(db, &self.scope, value, expected) {
            Ok(value) => value,
            Err(error) => {
                self.error(LowerErrorKind::Const(error));
                Const::Error
            }
        };
        self.at = outer;
        result
    }

    /// A behavior as written, for the type `this`, with the associated types it fixes.
    pub(crate) fn behavior_ref(
        &mut self,
        id: TypeRefId,
        this: Ty,
    ) -> Option<(BehaviorRef, Vec<(Name, Ty)>)> {
        let outer = self.at.replace(id);
        let result = self.behavior_ref_at(id, this);
        self.at = outer;
        result
    }

    fn behavior_ref_at(
        &mut self,
        id: TypeRefId,
        this: Ty,
    ) -> Option<(BehaviorRef, Vec<(Name, Ty)>)> {
        let db = self.db;
        let types = self.types;
        let TypeRef::Path(path) = &types[id] else {
            if !matches!(types[id], TypeRef::Error) {
                self.error(LowerErrorKind::NotABehavior {
                    name: Name::default(),
                });
            }
            return None;
        };
        let resolved = match resolve_path(db, self.scope, path, Namespace::Types) {
            PathResult::Resolved(resolved) => resolved,
            PathResult::Unresolved(error) => {
                self.error(LowerErrorKind::Path(error));
                return None;
            }
        };
        let found = match resolved.to {
            Resolution::Def(def) => Some(self.lang().as_behavior(def)),
            _ => None,
        };
        let behavior = match found {
            Some(ModuleDef::Behavior(behavior)) if resolved.consumed == path.segments.len() => {
                behavior
            }
            _ => {
                let name = path.last_name().cloned().unwrap_or_default();
                self.error(LowerErrorKind::NotABehavior { name });
                return None;
            }
        };
        let this = GenericArgs::from_iter(db, [this.into()]);
        let args = self.own_args(GenericDef::Behavior(behavior), path.last_args(), this);
        let mut bindings = Vec::new();
        if let Some(written) = path.last_args() {
            for (name, ty) in &written.bindings {
                let ty = self.ty(*ty);
                bindings.push((name.clone(), ty));
            }
        }
        Some((BehaviorRef { behavior, args }, bindings))
    }

    /// `ty::Name` in type position.
    fn assoc_ty(&mut self, ty: Ty, segment: &PathSegment) -> Ty {
        let db = self.db;
        if ty.is_error(db) {
            return ty;
        }
        let name = &segment.name;
        let found: Vec<BehaviorRef> = match ty.kind(db) {
            TyKind::Param(param) => {
                let def = self.scope.generics.unwrap_or(param.owner);
                let bounds = bounds_of_param(db, def, param.index);
                let has =
                    |b: &&BehaviorRef| signature::assoc_type_of(db, b.behavior, name).is_some();
                bounds.iter().filter(has).copied().collect()
            }
            TyKind::Projection(projection) => {
                let mut bounds = signature::projection_bounds(db, projection);
                bounds.retain(|b| signature::assoc_type_of(db, b.behavior, name).is_some());
                bounds
            }
            _ => {
                // `This::Item` in an implementation, or `List[I32]::Item`.
                if let Some(GenericDef::Impl(id)) = self.impl_scope()
                    && signature::impl_self_ty(db, id) == ty
                {
                    if let Some(alias) = signature::impl_assoc_alias(db, id, name) {
                        let def = GenericDef::TypeAlias(alias);
                        let parent = crate::generics::identity_args(db, GenericDef::Impl(id));
                        let args = self.own_args(def, segment.args.as_deref(), parent);
                        return signature::type_of_alias(db, alias).subst(db, args);
                    }
                    let behaviors = signature::impl_behaviors(db, id);
                    let has =
                        |b: &&BehaviorRef| signature::assoc_type_of(db, b.behavior, name).is_some();
                    behaviors.iter().filter(has).copied().collect()
                } else {
                    crate::impls::behaviors_with_assoc_type(db, self.scope.module, ty, name)
                }
            }
        };
        match &*found {
            [] => {
                let kind = LowerErrorKind::NoAssoc {
                    ty,
                    name: name.clone(),
                    nearest: None,
                };
                self.error(kind);
                Ty::error(db)
            }
            [one] => self.projection(*one, name, segment.args.as_deref()),
            [first, rest @ ..] => {
                if rest.iter().any(|b| b.behavior != first.behavior) {
                    let mut candidates: Vec<BehaviorId> =
                        found.iter().map(|b| b.behavior).collect();
                    candidates.dedup();
                    self.error(LowerErrorKind::AmbiguousAssoc {
                        name: name.clone(),
                        candidates: candidates.into(),
                    });
                    return Ty::error(db);
                }
                self.projection(*first, name, segment.args.as_deref())
            }
        }
    }

    fn impl_scope(&self) -> Option<GenericDef> {
        let mut def = self.scope.generics;
        while let Some(current) = def {
            if let GenericDef::Impl(_) = current {
                return def;
            }
            def = current.parent(self.db);
        }
        None
    }

    /// `written`: arguments of a generic associated type, `T::Item[E]`.
    fn projection(
        &mut self,
        bound: BehaviorRef,
        name: &Name,
        written: Option<&hir_def::GenericArgs>,
    ) -> Ty {
        let db = self.db;
        let Some(owner) = signature::assoc_type_owner(db, bound, name) else {
            let ty = bound.self_ty(db);
            self.error(LowerErrorKind::NoAssoc {
                ty,
                name: name.clone(),
                nearest: None,
            });
            return Ty::error(db);
        };
        let args = match signature::assoc_type_of(db, owner.behavior, name) {
            Some(alias) => self.own_args(GenericDef::TypeAlias(alias), written, owner.args),
            None => owner.args,
        };
        let projection = Projection {
            behavior: owner.behavior,
            name: name.clone(),
            args,
        };
        Ty::new(db, TyKind::Projection(projection))
    }
}

/// The type of a builtin name without arguments.
pub(crate) fn builtin_ty(db: &dyn Db, builtin: BuiltinType) -> Ty {
    use BuiltinType::*;
    let int = |int| Ty::int(db, int);
    match builtin {
        Bool => Ty::bool(db),
        Char => Ty::char(db),
        Str => Ty::str(db),
        Unit => Ty::unit(db),
        Never => Ty::never(db),
        I8 => int(IntTy::I8),
        I16 => int(IntTy::I16),
        I32 => int(IntTy::I32),
        I64 => int(IntTy::I64),
        I128 => int(IntTy::I128),
        Isize => int(IntTy::Isize),
        U8 => int(IntTy::U8),
        U16 => int(IntTy::U16),
        U32 => int(IntTy::U32),
        U64 => int(IntTy::U64),
        U128 => int(IntTy::U128),
        Usize => int(IntTy::Usize),
        F32 => Ty::float(db, FloatTy::F32),
        F64 => Ty::float(db, FloatTy::F64),
        Ptr => Ty::raw_ptr(db, Ty::unit(db)),
        Bytes => Ty::reference(db, false, Ty::slice(db, int(IntTy::U8))),
    }
}

pub(crate) fn error_arg(db: &dyn Db, is_const: bool) -> GenericArg {
    if is_const {
        GenericArg::Const(Const::Error)
    } else {
        GenericArg::Ty(Ty::error(db))
    }
}
