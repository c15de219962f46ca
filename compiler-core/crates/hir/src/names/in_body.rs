//! Names inside a body.

use hir_def::body::{Arg, Body, BodySourceMap, Expr, ExprId, Pat, PatId, body_with_source_map};
use hir_def::module_map::Namespace;
use hir_def::resolver::Scope;
use hir_def::{BodyOwner, FieldId, ModuleDef, Path, VariantDef};
use hir_ty::{CallRes, FieldRes, InferenceResult, PatRes, PathRes, infer};
use syntax::{SyntaxNode, TextRange};

use super::{Collector, Role, resolve_record};
use crate::Definition;
use crate::definition::name_within;

struct Ctx<'db> {
    owner: BodyOwner,
    scope: Scope,
    body: &'db Body,
    map: &'db BodySourceMap,
    infer: &'db InferenceResult,
    root: SyntaxNode,
}

impl Collector<'_> {
    pub(super) fn body(&mut self, owner: BodyOwner) {
        let db = self.db;
        let Some(green) = base::item_syntax(db, owner.item(db)).as_ref() else {
            return;
        };
        let (body, map) = body_with_source_map(db, owner);
        let infer = infer(db, owner);
        let scope = Scope::of_body(db, owner);
        let ctx = Ctx {
            owner,
            scope,
            body,
            map,
            infer,
            root: SyntaxNode::new_root(green.clone()),
        };
        for (id, expr) in body.exprs.iter() {
            self.expr(&ctx, id, expr);
        }
        for (id, pat) in body.pats.iter() {
            self.pat(&ctx, id, pat);
        }
        let type_scope = |id| scope.in_block(body.type_block(id));
        self.types(&body.types, &map.types, &type_scope);
        if let Some(receiver) = body.receiver {
            let def = Definition::Local(owner, receiver);
            if let Some(range) = super::relative(def, db) {
                self.push(range, def, Role::Declaration);
            }
        }
    }

    fn expr(&mut self, ctx: &Ctx<'_>, id: ExprId, expr: &Expr) {
        match expr {
            Expr::Local(local) => {
                let range = ctx.map.expr_range(id);
                let is_name =
                    ctx.body.locals.get(*local).is_some_and(|data| {
                        name_within(&ctx.root, range, &data.name) == Some(range)
                    });
                if is_name {
                    self.push(range, Definition::Local(ctx.owner, *local), Role::Use);
                }
            }
            Expr::Path(path) | Expr::PathOrIndex { path, .. } => {
                let def = ctx
                    .infer
                    .paths
                    .get(&id)
                    .and_then(|found| path_definition(ctx, found));
                self.body_path(ctx, id, path, def);
            }
            Expr::Call { callee, args } => {
                let call = ctx.infer.calls.get(&id);
                let def = call.and_then(call_definition);
                if let (Some(def), Expr::Path(_) | Expr::PathOrIndex { .. }) =
                    (def, &ctx.body[*callee])
                    && let Some(range) = ctx
                        .map
                        .expr_names
                        .get(callee)
                        .and_then(|names| names.last())
                {
                    self.push(*range, def, Role::Use);
                }
                self.named_args(ctx, id, args);
            }
            Expr::MethodCall { args, .. } => {
                let def = match ctx.infer.calls.get(&id) {
                    Some(CallRes::Value {
                        field: Some(FieldRes::Field(field)),
                    }) => Some(Definition::Field(*field)),
                    Some(call) => call_definition(call),
                    None => None,
                };
                if let Some(def) = def {
                    self.push(ctx.map.expr_name_range(id), def, Role::Use);
                }
                self.named_args(ctx, id, args);
            }
            Expr::Field { .. } => {
                if let Some(FieldRes::Field(field)) = ctx.infer.fields.get(&id) {
                    self.push(
                        ctx.map.expr_name_range(id),
                        Definition::Field(*field),
                        Role::Use,
                    );
                } else if let Some(def) = ctx
                    .infer
                    .paths
                    .get(&id)
                    .and_then(|found| path_definition(ctx, found))
                {
                    self.push(ctx.map.expr_name_range(id), def, Role::Use);
                }
            }
            Expr::StructLit { path, fields, .. } => {
                let found = ctx.infer.struct_lits.get(&id);
                let scope = ctx.scope.in_block(ctx.body.expr_block(id));
                let def = found.map(|found| variant_definition(found.variant));
                let def = def.or_else(|| resolve_record(self.db, scope, path));
                self.body_path(ctx, id, path, def);
                let parent = match (found, def) {
                    (Some(found), _) => Some(found.variant),
                    (None, Some(def)) => as_variant(def),
                    _ => None,
                };
                let names = ctx.map.field_names.get(&id);
                let names = names.map(|names| &**names).unwrap_or(&[]);
                if let Some(parent) = parent {
                    for (field, range) in fields.iter().zip(names) {
                        self.field(parent, &field.name, *range);
                    }
                }
            }
            Expr::Assign { target, .. } => {
                let range = ctx.map.expr_name_range(*target);
                let local = match &ctx.body[*target] {
                    Expr::Local(local) => Some(*local),
                    _ => None,
                };
                // The collected use of the target becomes a write; targets come before their
                // assignment.
                for name in self.out.iter_mut().rev().filter(|name| name.range == range) {
                    let is_same =
                        local.is_none_or(|it| name.def == Definition::Local(ctx.owner, it));
                    if is_same && name.role == Role::Use {
                        name.role = Role::Write;
                    }
                }
            }
            _ => {}
        }
    }

    fn field(&mut self, parent: VariantDef, name: &str, range: TextRange) {
        if let Some(index) = hir_def::signatures::fields(self.db, parent).find(name) {
            self.push(
                range,
                Definition::Field(FieldId { parent, index }),
                Role::Use,
            );
        }
    }

    /// A path expression: its last segment means `def`, if inference knows.
    fn body_path(&mut self, ctx: &Ctx<'_>, id: ExprId, path: &Path, def: Option<Definition>) {
        let Some(names) = ctx.map.expr_names.get(&id) else {
            return;
        };
        let scope = ctx.scope.in_block(ctx.body.expr_block(id));
        match (def, names.split_last()) {
            (Some(def), Some((last, before))) => {
                self.path(scope, path, before, Namespace::Types);
                self.push(*last, def, Role::Use);
            }
            _ => self.path(scope, path, names, Namespace::Values),
        }
    }

    fn named_args(&mut self, ctx: &Ctx<'_>, id: ExprId, args: &[Arg]) {
        let Some(CallRes::Func { callee, .. }) = ctx.infer.calls.get(&id) else {
            return;
        };
        let Some(names) = ctx.map.field_names.get(&id) else {
            return;
        };
        for (arg, range) in args.iter().zip(names.iter()) {
            let Some(name) = &arg.name else { continue };
            let owner = BodyOwner::Func(callee.func);
            let body = hir_def::body::body(self.db, owner);
            let local = body.params.iter().find_map(|param| match &body[param.pat] {
                Pat::Bind { local, .. } if body.locals.get(*local)?.name == *name => Some(*local),
                _ => None,
            });
            if let Some(local) = local {
                self.push(*range, Definition::Local(owner, local), Role::Use);
            }
        }
    }

    fn pat(&mut self, ctx: &Ctx<'_>, id: PatId, pat: &Pat) {
        match pat {
            Pat::Bind { local, .. } => {
                let Some(data) = ctx.body.locals.get(*local) else {
                    return;
                };
                if let Some(range) = name_within(&ctx.root, ctx.map.pat_range(id), &data.name) {
                    let def = Definition::Local(ctx.owner, *local);
                    self.push(range, def, Role::Declaration);
                }
            }
            Pat::Path(path) | Pat::TupleStruct { path, .. } | Pat::Record { path, .. } => {
                let scope = ctx.scope.in_block(ctx.body.pat_block(id));
                let found = ctx.infer.pats.get(&id);
                let def = match found {
                    Some(PatRes::Variant { variant, .. }) => Some(variant_definition(*variant)),
                    Some(PatRes::Const(id, _)) => Some(Definition::Item(ModuleDef::Const(*id))),
                    None => resolve_record(self.db, scope, path),
                };
                let names = ctx
                    .map
                    .pat_names
                    .get(&id)
                    .map(|names| &**names)
                    .unwrap_or(&[]);
                match (def, names.split_last()) {
                    (Some(def), Some((last, before))) => {
                        self.path(scope, path, before, Namespace::Types);
                        self.push(*last, def, Role::Use);
                    }
                    _ => self.path(scope, path, names, Namespace::Values),
                }
                if let (Pat::Record { fields, .. }, Some(parent)) = (pat, def.and_then(as_variant))
                {
                    let names = ctx.map.pat_field_names.get(&id);
                    let names = names.map(|names| &**names).unwrap_or(&[]);
                    for ((name, _), range) in fields.iter().zip(names) {
                        self.field(parent, name, *range);
                    }
                }
            }
            _ => {}
        }
    }
}

fn path_definition(ctx: &Ctx<'_>, found: &PathRes) -> Option<Definition> {
    Some(match found {
        PathRes::Local(local) => Definition::Local(ctx.owner, *local),
        PathRes::Func(id, _) => Definition::Item(ModuleDef::Func(*id)),
        PathRes::Ctor(id, _) | PathRes::UnitVariant(id, _) => {
            Definition::Item(ModuleDef::Variant(*id))
        }
        PathRes::UnitStruct(id, _) => Definition::Item(ModuleDef::Struct(*id)),
        PathRes::Const(id, _) => Definition::Item(ModuleDef::Const(*id)),
        PathRes::Static(id) => Definition::Item(ModuleDef::Static(*id)),
        PathRes::ConstParam(_) => return None,
    })
}

fn call_definition(call: &CallRes) -> Option<Definition> {
    match call {
        CallRes::Func { callee, .. } => Some(Definition::Item(ModuleDef::Func(callee.func))),
        CallRes::New {
            ctor: Some(ctor), ..
        } => Some(Definition::Item(ModuleDef::Func(*ctor))),
        CallRes::New { class, .. } => Some(Definition::Item(ModuleDef::Class(*class))),
        CallRes::Ctor { variant, .. } => Some(variant_definition(*variant)),
        CallRes::Value { .. } | CallRes::Callable { .. } | CallRes::Builtin { .. } => None,
    }
}

pub(crate) fn variant_definition(variant: VariantDef) -> Definition {
    Definition::Item(match variant {
        VariantDef::Struct(id) => ModuleDef::Struct(id),
        VariantDef::Union(id) => ModuleDef::Union(id),
        VariantDef::Variant(id) => ModuleDef::Variant(id),
        VariantDef::Class(id) => ModuleDef::Class(id),
    })
}

fn as_variant(def: Definition) -> Option<VariantDef> {
    Some(match def {
        Definition::Item(ModuleDef::Struct(id)) => VariantDef::Struct(id),
        Definition::Item(ModuleDef::Union(id)) => VariantDef::Union(id),
        Definition::Item(ModuleDef::Variant(id)) => VariantDef::Variant(id),
        Definition::Item(ModuleDef::Class(id)) => VariantDef::Class(id),
        _ => return None,
    })
}
