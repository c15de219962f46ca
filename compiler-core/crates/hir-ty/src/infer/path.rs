//! Paths in expressions.

use hir_def::body::{Expr, ExprId};
use hir_def::module_map::Namespace;
use hir_def::resolver::{
    PathError, PathErrorKind, PathResult, Resolution, Resolved, Scope, resolve_path,
};
use hir_def::signatures::FieldsKind;
use hir_def::{
    AdtId, AssocItemId, BehaviorId, ConstId, FuncId, GenericDef, ModuleDef, Name, Path,
    PathSegment, VariantDef, VariantId,
};

use super::diagnostics::{InferDiagnostic, Site};
use super::result::PathRes;
use super::{Expectation, InferCtx};
use crate::generics::{const_param_type, generics_of};
use crate::signature::{fields_of, type_of_const, type_of_static};
use crate::ty::{GenericArgs, Ty, TyKind};

/// What a path in value position names.
#[derive(Clone, Debug)]
pub(super) enum ValueDef {
    Path(PathRes, Ty),
    /// A tuple struct as a function.
    StructCtor(hir_def::StructId, GenericArgs),
    /// `C::new` of a class with constructors.
    ClassNew(hir_def::ClassId, GenericArgs),
}

impl<'db> InferCtx<'db> {
    pub(super) fn infer_path(&mut self, expr: ExprId, path: &Path, expected: Expectation) -> Ty {
        let value = self.resolve_value(expr, path, false);
        self.named_value(expr, value, expected)
    }

    /// What a name in value position stands for, as a value.
    pub(super) fn named_value(
        &mut self,
        expr: ExprId,
        value: Option<ValueDef>,
        expected: Expectation,
    ) -> Ty {
        match value {
            Some(ValueDef::Path(res, ty)) => {
                if let PathRes::UnitVariant(..) | PathRes::UnitStruct(..) = res
                    && let Some(wanted) = expected.ty()
                {
                    let snapshot = self.table.snapshot();
                    match self.table.unify(ty, wanted) {
                        Ok(()) => self.table.commit(snapshot),
                        Err(_) => self.table.rollback(snapshot),
                    }
                }
                self.result.paths.insert(expr, res);
                ty
            }
            Some(ValueDef::ClassNew(..)) => {
                self.unsupported(Site::Expr(expr), "constructors as function values")
            }
            Some(ValueDef::StructCtor(..)) => {
                self.unsupported(Site::Expr(expr), "tuple structs as function values")
            }
            None => self.error_ty(),
        }
    }

    /// `List[I32].new(4)`: the receiver is a type.
    pub(super) fn type_receiver(&mut self, receiver: ExprId) -> Option<Ty> {
        let db = self.db;
        let path = match &self.body[receiver] {
            Expr::Path(path) | Expr::PathOrIndex { path, .. } => path,
            _ => return None,
        };
        let scope = self.expr_scope(receiver);
        let has_value = matches!(
            resolve_path(db, scope, path, Namespace::Values),
            PathResult::Resolved(found)
                if found.consumed == path.segments.len()
                    && matches!(
                        found.to,
                        Resolution::Def(
                            ModuleDef::Const(_) | ModuleDef::Static(_) | ModuleDef::Variant(_)
                        ) | Resolution::GenericParam(_)
                    )
        );
        if has_value && !is_type_param(db, scope, path) {
            return None;
        }
        match resolve_path(db, scope, path, Namespace::Types) {
            PathResult::Resolved(found) if found.consumed == path.segments.len() => {
                if let Resolution::Def(def) = found.to
                    && matches!(
                        self.lang.as_type(def),
                        ModuleDef::Module(_) | ModuleDef::Behavior(_)
                    )
                {
                    return None;
                }
                let ty = self.with_lower(scope, |lower| lower.path_ty(path));
                self.names_a_type(receiver);
                Some(self.normalize(ty))
            }
            _ => None,
        }
    }

    /// An expression that names a type, or its constructor, and has no value: no error for that.
    pub(super) fn names_a_type(&mut self, expr: ExprId) {
        let unit = Ty::unit(self.db);
        if let Some(slot) = self.result.expr_tys.get_mut(expr) {
            *slot = unit;
        }
    }

    /// Whether the brackets after a path are type arguments.
    pub(super) fn path_takes_args(&mut self, expr: ExprId, path: &Path) -> bool {
        let scope = self.expr_scope(expr);
        match resolve_path(self.db, scope, path, Namespace::Values) {
            PathResult::Resolved(found) if self.is_member_value(scope, path, &found) => false,
            PathResult::Resolved(found) => match found.to {
                Resolution::Def(ModuleDef::Const(_) | ModuleDef::Static(_)) => {
                    found.consumed < path.segments.len()
                }
                Resolution::GenericParam(_) => found.consumed < path.segments.len(),
                _ => true,
            },
            PathResult::Unresolved(error) => {
                matches!(error.kind, PathErrorKind::WrongNamespace { .. })
            }
        }
    }

    /// What a path names, with its type. Reports what is wrong.
    pub(super) fn resolve_value(
        &mut self,
        expr: ExprId,
        path: &Path,
        as_callee: bool,
    ) -> Option<ValueDef> {
        let outer = self.naming.replace(expr);
        let value = self.resolve_value_of(expr, path, as_callee);
        self.naming = outer;
        value
    }

    fn resolve_value_of(&mut self, expr: ExprId, path: &Path, as_callee: bool) -> Option<ValueDef> {
        let db = self.db;
        let scope = self.expr_scope(expr);
        let found = match resolve_path(db, scope, path, Namespace::Values) {
            PathResult::Resolved(found) => found,
            PathResult::Unresolved(error) => {
                self.report_path(expr, path, error, as_callee);
                return None;
            }
        };
        let consumed = found.consumed.min(path.segments.len());
        let (used, rest) = path.segments.split_at(consumed);
        if rest.is_empty() {
            return self.value_of(expr, scope, path, &found, used);
        }
        // `Type::name`
        if let Resolution::Def(def) = found.to
            && let ModuleDef::Behavior(behavior) = self.lang.as_type(def)
        {
            return self.behavior_member(expr, scope, behavior, used, rest);
        }
        let to = found.to;
        let mut ty = self.with_lower(scope, |lower| lower.resolution_ty(to, used))?;
        ty = self.normalize(ty);
        let (last, middle) = rest.split_last()?;
        if let [first, ..] = middle {
            // `T::Item::new`
            let path = Path {
                anchor: path.anchor,
                segments: path.segments[..path.segments.len() - 1].into(),
            };
            let _ = first;
            ty = self.with_lower(scope, |lower| lower.path_ty(&path));
            ty = self.normalize(ty);
        }
        if ty.is_error(db) {
            return None;
        }
        self.assoc_value(expr, scope, ty, last)
    }

    fn value_of(
        &mut self,
        expr: ExprId,
        scope: Scope,
        path: &Path,
        found: &Resolved,
        used: &[PathSegment],
    ) -> Option<ValueDef> {
        let db = self.db;
        let last_args = used.last().and_then(|segment| segment.args.as_deref());
        let def = match found.to {
            Resolution::Def(def) => def,
            Resolution::GenericParam(id) => {
                let param = generics_of(db, id.def).by_source(id)?;
                if param.is_const {
                    let ty = const_param_type(db, param.param);
                    return Some(ValueDef::Path(PathRes::ConstParam(param.param), ty));
                }
                let name = Name::new(path.to_string());
                self.error(InferDiagnostic::NotAValue { expr, name });
                return None;
            }
            Resolution::This(_) => {
                let name = Name::new_static("This");
                let to = found.to;
                let ty = self.with_lower(scope, |lower| lower.resolution_ty(to, used))?;
                if let Some((AdtId::Struct(id), args)) = ty.as_adt(db) {
                    return self.struct_value(expr, id, args);
                }
                self.error(InferDiagnostic::NotAValue { expr, name });
                return None;
            }
        };
        match def {
            ModuleDef::Func(func) => {
                let empty = GenericArgs::empty(db);
                let args = self.with_lower(scope, |lower| {
                    lower.own_args(GenericDef::Func(func), last_args, empty)
                });
                self.func_value(expr, func, args)
            }
            ModuleDef::Variant(variant) => {
                // Arguments stand behind the enum or behind the variant.
                let written = last_args.or_else(|| {
                    let before = used.len().checked_sub(2).and_then(|i| used.get(i))?;
                    before.args.as_deref()
                });
                let empty = GenericArgs::empty(db);
                let args = self.with_lower(scope, |lower| {
                    lower.own_args(GenericDef::Enum(variant.parent), written, empty)
                });
                Some(self.variant_value(variant, args))
            }
            ModuleDef::Struct(id) => {
                let empty = GenericArgs::empty(db);
                let args = self.with_lower(scope, |lower| {
                    lower.own_args(GenericDef::Struct(id), last_args, empty)
                });
                self.struct_value(expr, id, args)
            }
            ModuleDef::Const(id) => {
                let ty = type_of_const(db, id);
                let ty = self.normalize(ty);
                Some(ValueDef::Path(
                    PathRes::Const(id, GenericArgs::empty(db)),
                    ty,
                ))
            }
            ModuleDef::Static(id) => {
                Some(ValueDef::Path(PathRes::Static(id), type_of_static(db, id)))
            }
            _ => {
                let name = Name::new(path.to_string());
                self.error(InferDiagnostic::NotAValue { expr, name });
                None
            }
        }
    }

    fn struct_value(
        &mut self,
        expr: ExprId,
        id: hir_def::StructId,
        args: GenericArgs,
    ) -> Option<ValueDef> {
        let db = self.db;
        let fields = fields_of(db, VariantDef::Struct(id));
        match fields.kind {
            FieldsKind::Tuple => Some(ValueDef::StructCtor(id, args)),
            FieldsKind::Unit => {
                let ty = Ty::adt(db, AdtId::Struct(id), args);
                Some(ValueDef::Path(PathRes::UnitStruct(id, args), ty))
            }
            FieldsKind::Record => {
                let name = crate::names::adt_name(db, AdtId::Struct(id));
                self.error(InferDiagnostic::NotAValue { expr, name });
                None
            }
        }
    }

    fn variant_value(&mut self, variant: VariantId, args: GenericArgs) -> ValueDef {
        let db = self.db;
        let fields = fields_of(db, VariantDef::Variant(variant));
        if fields.kind == FieldsKind::Tuple {
            let ty = Ty::new(db, TyKind::Ctor(variant, args));
            ValueDef::Path(PathRes::Ctor(variant, args), ty)
        } else {
            let ty = Ty::adt(db, AdtId::Enum(variant.parent), args);
            ValueDef::Path(PathRes::UnitVariant(variant, args), ty)
        }
    }

    fn func_value(&mut self, expr: ExprId, func: FuncId, args: GenericArgs) -> Option<ValueDef> {
        let db = self.db;
        self.require_predicates(GenericDef::Func(func), args, Site::ExprName(expr));
        let ty = Ty::new(db, TyKind::FnItem(func, args));
        Some(ValueDef::Path(PathRes::Func(func, args), ty))
    }

    /// `B::m` where `B` is a behavior: the implementing type is to be found.
    fn behavior_member(
        &mut self,
        expr: ExprId,
        scope: Scope,
        behavior: BehaviorId,
        used: &[PathSegment],
        rest: &[PathSegment],
    ) -> Option<ValueDef> {
        let db = self.db;
        let [segment] = rest else {
            let name = rest.first().map(|s| s.name.clone()).unwrap_or_default();
            self.error(InferDiagnostic::NotAValue { expr, name });
            return None;
        };
        let this = self.new_var();
        let written = used.last().and_then(|segment| segment.args.as_deref());
        let parent = GenericArgs::from_iter(db, [this.into()]);
        let args = self.with_lower(scope, |lower| {
            lower.own_args(GenericDef::Behavior(behavior), written, parent)
        });
        self.behavior_value(expr, scope, behavior, args, segment)
    }

    fn behavior_value(
        &mut self,
        expr: ExprId,
        scope: Scope,
        behavior: BehaviorId,
        args: GenericArgs,
        segment: &PathSegment,
    ) -> Option<ValueDef> {
        let db = self.db;
        match crate::signature::behavior_item(db, behavior, &segment.name) {
            Some(AssocItemId::Func(func)) => {
                let written = segment.args.as_deref();
                let args = self.with_lower(scope, |lower| {
                    lower.own_args(GenericDef::Func(func), written, args)
                });
                self.func_value(expr, func, args)
            }
            Some(AssocItemId::Const(id)) => {
                let ty = self.instantiate(type_of_const(db, id), args);
                Some(ValueDef::Path(PathRes::Const(id, args), ty))
            }
            _ => {
                self.error(InferDiagnostic::UnknownAssoc {
                    site: Site::ExprName(expr),
                    ty: args.ty(db, 0),
                    name: segment.name.clone(),
                    nearest: None,
                });
                None
            }
        }
    }

    /// `ty::name` in value position.
    pub(super) fn assoc_value(
        &mut self,
        expr: ExprId,
        scope: Scope,
        ty: Ty,
        segment: &PathSegment,
    ) -> Option<ValueDef> {
        let db = self.db;
        let name = &segment.name;
        if let Some((AdtId::Enum(id), args)) = ty.as_adt(db)
            && let Some(variant) = crate::lang::variant_by_name(db, id, name)
        {
            return Some(self.variant_value(variant, args));
        }
        let class = crate::classes::as_class(db, ty).filter(|_| name == "new");
        if let Some((class, args)) = class
            && !hir_def::signatures::class_data(db, class).ctors.is_empty()
        {
            return Some(ValueDef::ClassNew(class, args));
        }
        let inherent = self.inherent_item(ty, name);
        if let (Some((class, args)), None) = (class, inherent) {
            return Some(ValueDef::ClassNew(class, args));
        }
        if let Some((item, impl_args)) = inherent {
            let parent = impl_args;
            match item {
                AssocItemId::Func(func) => {
                    if !self.func_visible(func) {
                        self.error(InferDiagnostic::PrivateMethod { expr, func });
                    }
                    let written = segment.args.as_deref();
                    let args = self.with_lower(scope, |lower| {
                        lower.own_args(GenericDef::Func(func), written, parent)
                    });
                    return self.func_value(expr, func, args);
                }
                AssocItemId::Const(id) => {
                    let ty = self.instantiate(type_of_const(db, id), parent);
                    return Some(ValueDef::Path(PathRes::Const(id, parent), ty));
                }
                AssocItemId::Static(id) => {
                    let data = hir_def::signatures::static_data(db, id);
                    if let hir_def::ContainerId::Class(class) = id.container(db)
                        && !self.class_member_visible(class, &data.visibility)
                    {
                        let name = name.clone();
                        self.error(InferDiagnostic::PrivateItem {
                            site: Site::ExprName(expr),
                            segment: 1,
                            name,
                        });
                    }
                    let ty = type_of_static(db, id);
                    return Some(ValueDef::Path(PathRes::Static(id), ty));
                }
                AssocItemId::Type(_) => {}
            }
        }
        let found = self.behaviors_with_member(ty, name);
        match &*found {
            [] => {
                let nearest = self.nearest_assoc(ty, name);
                let ty = self.table.resolve(ty);
                self.error(InferDiagnostic::UnknownAssoc {
                    site: Site::ExprName(expr),
                    ty,
                    name: name.clone(),
                    nearest,
                });
                None
            }
            [bound, ..] => {
                let (behavior, args) = (bound.behavior, bound.args);
                // `Type::NAME` names the implementation's constant if that is known.
                if let Some(AssocItemId::Const(_)) =
                    crate::signature::behavior_item(db, behavior, name)
                {
                    let resolved = self.table.resolve_args(args);
                    if let Some(crate::solve::Selection::Impl {
                        id,
                        args: impl_args,
                    }) = crate::solve::behavior_solve(db, self.env, behavior, resolved)
                    {
                        let items = &hir_def::signatures::impl_data(db, id).items;
                        for (n, item) in items {
                            if let (true, AssocItemId::Const(id)) = (n == name, item) {
                                let ty = self.instantiate(type_of_const(db, *id), impl_args);
                                let res = PathRes::Const(*id, impl_args);
                                return Some(ValueDef::Path(res, ty));
                            }
                        }
                    }
                }
                self.behavior_value(expr, scope, behavior, args, segment)
            }
        }
    }

    pub(super) fn assoc_const_of(
        &mut self,
        scope: Scope,
        path: &Path,
        found: &Resolved,
    ) -> Option<ConstId> {
        let (ty, name) = self.type_and_member(scope, path, found)?;
        match self.inherent_item(ty, &name) {
            Some((AssocItemId::Const(id), _)) => Some(id),
            _ => None,
        }
    }

    /// Whether a path names a constant or static of a type: brackets behind it are an index.
    fn is_member_value(&mut self, scope: Scope, path: &Path, found: &Resolved) -> bool {
        let Some((ty, name)) = self.type_and_member(scope, path, found) else {
            return false;
        };
        let item = match self.inherent_item(ty, &name) {
            Some((item, _)) => Some(item),
            None => self
                .behaviors_with_member(ty, &name)
                .first()
                .and_then(|bound| crate::signature::behavior_item(self.db, bound.behavior, &name)),
        };
        matches!(item, Some(AssocItemId::Const(_) | AssocItemId::Static(_)))
    }

    /// `Type::name`, taken apart.
    fn type_and_member(
        &mut self,
        scope: Scope,
        path: &Path,
        found: &Resolved,
    ) -> Option<(Ty, Name)> {
        let consumed = found.consumed.min(path.segments.len());
        let (used, rest) = path.segments.split_at(consumed);
        let [segment] = rest else { return None };
        let to = found.to;
        if let Resolution::Def(ModuleDef::Behavior(_)) = to {
            return None;
        }
        let ty = self.with_lower(scope, |lower| lower.resolution_ty(to, used))?;
        Some((ty, segment.name.clone()))
    }

    fn report_path(&mut self, expr: ExprId, path: &Path, error: PathError, as_callee: bool) {
        let segment = error.segment as u32;
        let site = Site::ExprName(expr);
        let diagnostic = match error.kind {
            PathErrorKind::NotFound { name, nearest } => {
                if path.segments.len() == 1 {
                    let nearest = self.nearest_value(&name).or(nearest);
                    InferDiagnostic::UnresolvedName {
                        expr,
                        name,
                        as_callee,
                        nearest,
                    }
                } else {
                    InferDiagnostic::UnresolvedPath {
                        site,
                        segment,
                        path: name,
                        nearest,
                    }
                }
            }
            PathErrorKind::WrongNamespace { .. } => InferDiagnostic::NotAValue {
                expr,
                name: Name::new(path.to_string()),
            },
            PathErrorKind::Private { .. } => {
                let name = path.segments.get(error.segment).map(|s| s.name.clone());
                InferDiagnostic::PrivateItem {
                    site,
                    segment,
                    name: name.unwrap_or_default(),
                }
            }
            kind => {
                let error = PathError {
                    segment: error.segment,
                    kind,
                };
                InferDiagnostic::Path { expr, error }
            }
        };
        self.error(diagnostic);
    }

    /// A local variable of a similar name: nearer than any item.
    fn nearest_value(&self, name: &str) -> Option<Name> {
        let locals = self.body.locals.values().map(|local| local.name.as_str());
        hir_def::suggest::nearest(name, locals)
    }
}

fn is_type_param(db: &dyn base::Db, scope: hir_def::resolver::Scope, path: &hir_def::Path) -> bool {
    match resolve_path(db, scope, path, Namespace::Types) {
        PathResult::Resolved(found) => match found.to {
            Resolution::GenericParam(id) => {
                let generics = crate::generics::generics_of(db, id.def);
                generics.by_source(id).is_some_and(|param| !param.is_const)
            }
            _ => false,
        },
        PathResult::Unresolved(_) => false,
    }
}
