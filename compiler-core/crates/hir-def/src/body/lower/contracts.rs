//! `@pre`, `@post` and `@invariant` (reference §13.1): conditions around a body, in debug.

use syntax::ast::{self, AstNode, Decorator, HasDecorators, HasName};

use super::*;
use crate::module_map::Namespace;
use crate::resolver::{PathResult, Resolution, Scope, resolve_path};
use crate::signatures as s;
use crate::{ContainerId, GenericDef, ModuleDef, TypeRef};

impl Lowering<'_> {
    /// Lowers the conditions of a function, with its parameters in scope.
    pub(super) fn lower_contracts(&mut self, func: &ast::Func) {
        if !self.env.is_true("DEBUG") || func.body().is_none() {
            return;
        }
        let named = |name: &str| -> Vec<AstExpr> {
            let decorators = func.decorators();
            let decorators = decorators.filter(|it| it.name_text().as_deref() == Some(name));
            decorators.filter_map(|it| condition(&it)).collect()
        };
        let mut before = Vec::new();
        for expr in named("pre") {
            before.push(self.contract(&expr, "pre"));
        }
        let mut after = Vec::new();
        let posts = named("post");
        let invariants = self.invariants();
        if !posts.is_empty() || !invariants.is_empty() {
            let result = self.locals.push(Local {
                name: "result".into(),
                mutable: false,
                mode: BindMode::Value,
                kind: LocalKind::Let,
                pat: None,
            });
            self.contracts.result = Some(result);
            self.scopes.push_pattern();
            self.scopes.declare(&"result".into(), result);
            for expr in posts {
                after.push(self.contract(&expr, "post"));
            }
            self.scopes.pop();
            self.lower_invariants(func, invariants, result, &mut after);
        }
        self.contracts.before = before.into();
        self.contracts.after = after.into();
    }

    /// What holds after a method that may change its receiver, and of what a function makes.
    fn lower_invariants(
        &mut self,
        func: &ast::Func,
        invariants: Vec<AstExpr>,
        result: LocalId,
        after: &mut Vec<(ExprId, Name)>,
    ) {
        let changes = func.receiver().is_some_and(|it| it.mut_token().is_some());
        let makes = func.receiver().is_none() && self.makes_this(func);
        if !changes && !makes {
            return;
        }
        let own = self.receiver;
        if makes {
            self.receiver = Some(result);
        }
        // The conditions stand at the type: what is wrong in them is said at the function.
        let first = self.map.exprs.len();
        for expr in invariants {
            after.push(self.contract(&expr, "invariant"));
        }
        let name = func.name().map(|name| name.syntax().text_range());
        let place = name.unwrap_or_else(|| func.syntax().text_range());
        let last = self.map.exprs.len();
        for index in first..last {
            if let Some(range) = self.map.exprs.get_mut(ExprId(index as u32)) {
                *range = place;
            }
        }
        self.receiver = own;
    }

    fn contract(&mut self, expr: &AstExpr, kind: &str) -> (ExprId, Name) {
        let text = expr.syntax().text().to_string();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let id = self.expr(expr);
        (id, Name::new(format!("{kind} {text}")))
    }

    /// The invariants of the type whose member this is.
    fn invariants(&self) -> Vec<AstExpr> {
        let Some(item) = self.type_with_invariants() else {
            return Vec::new();
        };
        let node = crate::signatures::lower::item_node(self.db, item);
        let decorators = node.and_then(Item::cast).map(|item| item.decorators());
        decorators
            .into_iter()
            .flatten()
            .filter(|it| it.name_text().as_deref() == Some("invariant"))
            .filter_map(|it| condition(&it))
            .collect()
    }

    fn type_with_invariants(&self) -> Option<base::ItemLoc> {
        let BodyOwner::Func(func) = self.owner else {
            return None;
        };
        let db = self.db;
        let ContainerId::Impl(id) = func.container(db) else {
            return None;
        };
        let data = s::impl_data(db, id);
        if !data.behaviors.is_empty() {
            return None;
        }
        let TypeRef::Path(path) = &data.types[data.self_ty?] else {
            return None;
        };
        let scope = Scope::of_def(db, GenericDef::Impl(id));
        let PathResult::Resolved(found) = resolve_path(db, scope, path, Namespace::Types) else {
            return None;
        };
        match found.to {
            Resolution::Def(ModuleDef::Struct(id)) => {
                let has = s::struct_data(db, id).attrs.has_invariant;
                has.then(|| id.item(db))
            }
            Resolution::Def(ModuleDef::Enum(id)) => {
                let has = s::enum_data(db, id).attrs.has_invariant;
                has.then(|| id.item(db))
            }
            _ => None,
        }
    }

    /// Whether a function gives a value of the type whose member it is.
    fn makes_this(&self, func: &ast::Func) -> bool {
        let Some(ret) = func.ret_ty() else {
            return false;
        };
        let ret = ret.syntax().text().to_string();
        if matches!(ret.as_str(), "This" | "Self") {
            return true;
        }
        let BodyOwner::Func(func) = self.owner else {
            return false;
        };
        let ContainerId::Impl(id) = func.container(self.db) else {
            return false;
        };
        let data = s::impl_data(self.db, id);
        let self_ty = data.self_ty.map(|ty| &data.types[ty]);
        matches!(
            self_ty,
            Some(TypeRef::Path(path))
                if path.segments.last().is_some_and(|it| it.name == ret && it.args.is_none())
        )
    }
}

fn condition(decorator: &Decorator) -> Option<AstExpr> {
    decorator.args().next()?.expr()
}
