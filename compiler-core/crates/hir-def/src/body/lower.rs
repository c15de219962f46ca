//! Syntax of one item to its body.

mod closures;
mod contracts;
mod control;
mod exprs;
mod pats;
mod scopes;
mod strings;

use base::Db;
use rustc_hash::FxHashMap;
use stdx::DenseMap;
use syntax::ast::{self, AstNode, Expr as AstExpr, Item};
use syntax::{PreprocessorEnv, SyntaxNode, SyntaxNodePtr, TextRange};

use self::scopes::Scopes;
use super::*;
use crate::block_items::blocks_with_items;
use crate::item_tree::lower::enabled_variants;
use crate::signatures::lower::enabled_params;
use crate::type_lower::TypeLowering;
use crate::{AnonConstKind, FieldId, FuncPart, VariantDef};
use syntax::conditions;

pub(super) fn lower_body(db: &dyn Db, owner: BodyOwner, tree: Tree) -> (Body, BodySourceMap) {
    let env = owner.item(db).file(db).env(db).symbols(db);
    let node = tree.node(db, owner.item(db));
    let mut ctx = Lowering::new(db, owner, env, node.as_ref());
    let root = match node {
        Some(node) => ctx.owner(node),
        None => ctx.missing(TextRange::default()),
    };
    ctx.finish(root)
}

/// The state of lowering one body.
struct Lowering<'db> {
    db: &'db dyn Db,
    owner: BodyOwner,
    env: &'db PreprocessorEnv,
    exprs: DenseMap<ExprId, Expr>,
    pats: DenseMap<PatId, Pat>,
    locals: DenseMap<LocalId, Local>,
    types: TypeLowering,
    map: BodySourceMap,
    params: Vec<BodyParam>,
    receiver: Option<LocalId>,
    contracts: Contracts,
    diagnostics: Vec<BodyDiagnostic>,
    scopes: Scopes,
    /// Blocks with items, by their node.
    blocks: FxHashMap<SyntaxNodePtr, BlockId>,
    block: Option<BlockId>,
    expr_blocks: Vec<(ExprId, BlockId)>,
    pat_blocks: Vec<(PatId, BlockId)>,
    type_blocks: Vec<(TypeRefId, BlockId)>,
    open_whens: Vec<ExprId>,
    loop_depth: u32,
    /// Closures met so far; the ends are filled in when they are complete.
    closures: Vec<ClosureSpan>,
    depth: u32,
}

impl<'db> Lowering<'db> {
    fn new(
        db: &'db dyn Db,
        owner: BodyOwner,
        env: &'db PreprocessorEnv,
        node: Option<&SyntaxNode>,
    ) -> Lowering<'db> {
        let blocks = node.map(blocks_with_items).unwrap_or_default();
        let blocks = blocks.iter().enumerate().map(|(index, block)| {
            (
                SyntaxNodePtr::new(block.node.syntax()),
                BlockId::new(db, owner, index as u32),
            )
        });
        Lowering {
            db,
            owner,
            env,
            exprs: DenseMap::new(),
            pats: DenseMap::new(),
            locals: DenseMap::new(),
            types: TypeLowering::default(),
            map: BodySourceMap::default(),
            params: Vec::new(),
            receiver: None,
            contracts: Contracts::default(),
            diagnostics: Vec::new(),
            scopes: Scopes::default(),
            blocks: blocks.collect(),
            block: None,
            expr_blocks: Vec::new(),
            pat_blocks: Vec::new(),
            type_blocks: Vec::new(),
            open_whens: Vec::new(),
            loop_depth: 0,
            closures: Vec::new(),
            depth: 0,
        }
    }

    fn owner(&mut self, node: SyntaxNode) -> ExprId {
        let around = node.text_range();
        let value = match self.owner {
            BodyOwner::Func(_) => return self.func(node),
            BodyOwner::Const(_) => ast::Const::cast(node).and_then(|it| it.value()),
            BodyOwner::Static(_) => match ast::Static::cast(node.clone()) {
                Some(it) => it.value(),
                None => ast::Field::cast(node).and_then(|it| it.default()),
            },
            BodyOwner::AnonConst(id) => match id.kind(self.db) {
                AnonConstKind::FieldDefault(field) => field_default(node, field, self.env),
                AnonConstKind::Discriminant(variant) => find_variant(node, variant.index, self.env)
                    .and_then(|variant| variant.discriminant_expr()),
                AnonConstKind::ParamDefault(_, index) => param_default(&node, index),
            },
        };
        self.expr_or_missing(value, around)
    }

    fn func(&mut self, node: SyntaxNode) -> ExprId {
        let around = node.text_range();
        self.scopes.push_params();
        let func = match ast::Func::cast(node.clone()) {
            Some(func) => func,
            None => return self.class_member(node),
        };
        if let Some(receiver) = func.receiver() {
            self.this(receiver.mut_token().is_some() && receiver.ref_token().is_none());
        }
        self.params(enabled_params(&func, self.env));
        self.lower_contracts(&func);
        let body = match func.body() {
            Some(body) => AstExpr::Block(body),
            None => return self.missing(around),
        };
        match func.base_call() {
            Some(call) if self.is_in_class() => {
                self.this(false);
                self.ctor_body(Some(call), &body)
            }
            _ => self.expr(&body),
        }
    }

    fn this(&mut self, mutable: bool) {
        let local = self.locals.push(Local {
            name: "this".into(),
            mutable,
            mode: BindMode::Value,
            kind: LocalKind::Receiver,
            pat: None,
        });
        self.receiver = Some(local);
    }

    fn is_in_class(&self) -> bool {
        matches!(self.owner.container(self.db), crate::ContainerId::Class(_))
    }

    /// A constructor or an accessor of a property.
    fn class_member(&mut self, node: SyntaxNode) -> ExprId {
        let around = node.text_range();
        if let Some(ctor) = ast::Ctor::cast(node.clone()) {
            self.this(false);
            self.params(ctor.param_list().into_iter().flat_map(|list| list.params()));
            return match ctor.body() {
                Some(body) => self.ctor_body(ctor.base_call(), &AstExpr::Block(body)),
                None => self.missing(around),
            };
        }
        match ast::Prop::cast(node) {
            Some(prop) => self.accessor(&prop, around),
            None => self.missing(around),
        }
    }

    /// The base call and the initialisers, then what is written.
    fn ctor_body(&mut self, call: Option<ast::BaseCall>, body: &AstExpr) -> ExprId {
        let range = body.syntax().text_range();
        let start = TextRange::empty(range.start());
        let expr = self.ctor_start(call, start);
        let tail = self.expr(body);
        let start = Stmt::Expr {
            expr,
            has_semi: true,
        };
        self.alloc(
            Expr::Block {
                stmts: Box::new([start]),
                tail: Some(tail),
                block: None,
                lowlevel: false,
            },
            range,
        )
    }

    fn accessor(&mut self, prop: &ast::Prop, around: TextRange) -> ExprId {
        use crate::signatures::classes;
        use syntax::ast::HasName;
        let BodyOwner::Func(func) = self.owner else {
            return self.missing(around);
        };
        let part = func.part(self.db);
        let accessor = classes::accessor(prop, part);
        if prop.static_token().is_none() {
            self.this(false);
        }
        let mut value = None;
        if part == FuncPart::Setter {
            let name = classes::setter_param(accessor.as_ref());
            let pat_range = match accessor.as_ref().and_then(|it| it.param_name()) {
                Some(name) => name.syntax().text_range(),
                None => around,
            };
            value = Some(self.value_param(name, pat_range));
        }
        if let Some(body) = accessor.and_then(|accessor| accessor.body()) {
            return self.expr(&body);
        }
        let (Some(this), Some(name), true) = (self.receiver, prop.name(), classes::is_auto(prop))
        else {
            return self.missing(around);
        };
        // The field behind it.
        let base = self.alloc(Expr::Local(this), around);
        let name = classes::backing_name(prop, name.text().into());
        let field = self.alloc(Expr::Field { base, name }, around);
        let Some(value) = value else { return field };
        let value = self.alloc(Expr::Local(value), around);
        self.alloc(
            Expr::Assign {
                op: None,
                target: field,
                value,
            },
            around,
        )
    }

    /// The parameter of a setter, which need not be written.
    fn value_param(&mut self, name: Name, range: TextRange) -> LocalId {
        let pat = self.alloc_pat(Pat::Missing, range);
        let local = self.locals.push(Local {
            name: name.clone(),
            mutable: false,
            mode: BindMode::Value,
            kind: LocalKind::Param,
            pat: Some(pat),
        });
        if let Some(slot) = self.pats.get_mut(pat) {
            *slot = Pat::Bind { local, sub: None };
        }
        self.scopes.declare(&name, local);
        self.params.push(BodyParam { pat, default: None });
        local
    }

    fn params(&mut self, params: impl Iterator<Item = ast::Param>) {
        for param in params.filter(|param| conditions::is_enabled(param, self.env)) {
            let default = param.default().map(|default| self.expr(&default));
            let pat = match param.pat() {
                Some(pat) => self.root_pat(&pat, LocalKind::Param, false),
                None => self.alloc_pat(Pat::Missing, param.syntax().text_range()),
            };
            self.params.push(BodyParam { pat, default });
        }
    }

    fn finish(self, root: ExprId) -> (Body, BodySourceMap) {
        let mut map = self.map;
        map.types = self.types.map;
        let body = Body {
            exprs: self.exprs,
            pats: self.pats,
            locals: self.locals,
            types: self.types.types,
            params: self.params.into(),
            receiver: self.receiver,
            contracts: self.contracts,
            root,
            closures: self.closures.into(),
            expr_blocks: self.expr_blocks.into(),
            pat_blocks: self.pat_blocks.into(),
            type_blocks: self.type_blocks.into(),
            open_whens: self.open_whens.into(),
            diagnostics: self.diagnostics.into(),
        };
        (body, map)
    }

    fn alloc(&mut self, expr: Expr, range: TextRange) -> ExprId {
        self.map.exprs.push(range);
        let id = self.exprs.push(expr);
        self.expr_blocks.extend(self.block.map(|block| (id, block)));
        id
    }

    fn alloc_pat(&mut self, pat: Pat, range: TextRange) -> PatId {
        self.map.pats.push(range);
        let id = self.pats.push(pat);
        self.pat_blocks.extend(self.block.map(|block| (id, block)));
        id
    }

    fn missing(&mut self, range: TextRange) -> ExprId {
        self.alloc(Expr::Missing, range)
    }

    fn unsupported(&mut self, feature: &'static str, range: TextRange) -> ExprId {
        self.alloc(Expr::Unsupported(feature), range)
    }

    /// Lowers something with types in it, noting the block that they stand in.
    fn with_types<T>(&mut self, f: impl FnOnce(&mut TypeLowering) -> T) -> T {
        let first = self.types.next_type();
        let out = f(&mut self.types);
        if let Some(block) = self.block {
            let new = first.0..self.types.next_type().0;
            self.type_blocks
                .extend(new.map(|index| (TypeRefId(index), block)));
        }
        out
    }

    fn ty(&mut self, ty: Option<ast::Type>) -> Option<TypeRefId> {
        ty.map(|ty| self.with_types(|types| types.ty(&ty)))
    }

    fn ty_or_error(&mut self, ty: Option<ast::Type>, around: TextRange) -> TypeRefId {
        self.with_types(|types| types.ty_or_error(ty, around))
    }
}

fn field_default(node: SyntaxNode, field: FieldId, env: &PreprocessorEnv) -> Option<AstExpr> {
    let list = match (field.parent, Item::cast(node.clone())?) {
        (VariantDef::Class(_), Item::Class(decl)) => {
            let mut fields = crate::signatures::classes::field_members(decl.member_list(), env);
            return match fields.nth(field.index as usize)? {
                ast::Member::Field(it) => it.default(),
                ast::Member::Prop(it) => it.init(),
                _ => None,
            };
        }
        (VariantDef::Struct(_), Item::TypeDecl(decl)) => decl.field_list(),
        (VariantDef::Union(_), Item::UnionDecl(decl)) => decl.field_list(),
        (VariantDef::Variant(variant), _) => find_variant(node, variant.index, env)?.field_list(),
        _ => None,
    };
    let mut fields = list?
        .fields()
        .filter(|field| conditions::is_enabled(field, env));
    fields.nth(field.index as usize)?.default()
}

fn param_default(func: &SyntaxNode, index: u32) -> Option<AstExpr> {
    let list = func.children().find_map(ast::ParamList::cast)?;
    list.params().nth(index as usize)?.default()
}

fn find_variant(node: SyntaxNode, index: u32, env: &PreprocessorEnv) -> Option<ast::Variant> {
    let list = match Item::cast(node)? {
        Item::EnumDecl(decl) => decl.variant_list(),
        Item::TypeDecl(decl) => decl.variant_list(),
        _ => None,
    };
    enabled_variants(&list?, env).nth(index as usize)
}
