//! What may be written at a position.
//!
//! [`context`] reads the tree around the cursor, which is nearly always broken there, and says
//! what kind of thing is expected; the functions here list the candidates of that kind. Filtering
//! by what is typed so far is left to the editor, which does it better.

mod context;
mod locals;

use base::Db;
use hir::members::{self, Member};
use hir::{BodyView, DefKind, Definition};
use hir_def::module_map::{Namespace, module_map};
use hir_def::resolver::{Resolution, Scope, names_in_module, names_in_scope};
use hir_def::{BodyOwner, GenericDef, ModuleDef, ModuleId, Path, VariantDef};
use hir_ty::{ParamEnv, Ty};
use rustc_hash::FxHashSet;
use syntax::ast::{self, AstNode};
use syntax::{SyntaxNode, TextRange};

use crate::FilePos;
use context::{Context, Expected};

/// Candidates beyond this many are left out; guessed, more than a person scrolls through.
const ITEMS_MAX: usize = 2000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    Def(DefKind),
    Keyword,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletionItem {
    pub label: String,
    pub kind: CompletionKind,
    /// The type, or the signature.
    pub detail: Option<String>,
    pub docs: Option<String>,
    /// What is inserted, if not the label. `$0` marks where the cursor goes.
    pub snippet: Option<String>,
    /// Groups: smaller is nearer.
    pub rank: u8,
    pub is_deprecated: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// The word that is being typed.
    pub replace: TextRange,
    pub items: Vec<CompletionItem>,
}

pub fn completions(pos: FilePos<'_>) -> Completions {
    let root = pos.view.root();
    let Some(context) = context::analyze(&root, pos.offset) else {
        return Completions::default();
    };
    let mut acc = Acc::new(pos, &context);
    match &context.expected {
        Expected::Member { receiver } => acc.members(receiver),
        Expected::Scoped { path, in_use } => acc.behind_path(path, *in_use),
        Expected::Import => acc.imports(),
        Expected::Item => acc.keywords(context::ITEM_KEYWORDS),
        Expected::MemberItem => acc.keywords(context::MEMBER_KEYWORDS),
        Expected::Type => acc.types(),
        Expected::Pattern => acc.patterns(),
        Expected::FieldInit { literal } => {
            acc.field_inits(literal);
            acc.values(&context, false);
        }
        Expected::Expr { is_statement } => acc.values(&context, *is_statement),
    }
    acc.out.truncate(ITEMS_MAX);
    Completions {
        replace: context.replace,
        items: acc.out,
    }
}

struct Acc<'db> {
    db: &'db dyn Db,
    pos: FilePos<'db>,
    module: Option<ModuleId>,
    owner: Option<BodyOwner>,
    generic: Option<GenericDef>,
    scope: Option<Scope>,
    out: Vec<CompletionItem>,
    seen: FxHashSet<String>,
}

impl<'db> Acc<'db> {
    fn new(pos: FilePos<'db>, context: &Context) -> Acc<'db> {
        let view = pos.view;
        let db = view.db;
        let item = context.node.as_ref().and_then(hir::source::item_node);
        let item = item.and_then(|node| hir::item_of(db, view.package, view.file, &node));
        let owner = item.and_then(|item| item.body_owner());
        let generic = item.and_then(|item| item.generic_def());
        let module = item
            .and_then(|item| item.module(db))
            .or_else(|| hir::module_of(db, view.package, view.file));
        let scope = module.map(|module| match (owner, generic) {
            (Some(owner), _) => {
                let body = BodyView::new(db, owner);
                let around = context
                    .node
                    .as_ref()
                    .into_iter()
                    .flat_map(|node| node.ancestors());
                let expr = around
                    .filter_map(|node| body.expr_at(node.text_range()))
                    .next();
                match expr {
                    Some(expr) => body.scope(expr),
                    None => Scope::of_body(db, owner),
                }
            }
            (None, Some(def)) => Scope::of_def(db, def),
            (None, None) => Scope::of_module(module),
        });
        let (out, seen) = (Vec::new(), FxHashSet::default());
        Acc {
            db,
            pos,
            module,
            owner,
            generic,
            scope,
            out,
            seen,
        }
    }

    fn env(&self) -> Option<ParamEnv> {
        Some(match self.generic {
            Some(def) => hir_ty::param_env(self.db, def),
            None => ParamEnv::empty(self.db, self.module?.package(self.db)),
        })
    }

    fn add(&mut self, item: CompletionItem) {
        if self.seen.insert(item.label.clone()) {
            self.out.push(item);
        }
    }

    fn keywords(&mut self, list: &[&str]) {
        for word in list {
            self.add(CompletionItem {
                label: (*word).to_owned(),
                kind: CompletionKind::Keyword,
                detail: None,
                docs: None,
                snippet: None,
                rank: 9,
                is_deprecated: false,
            });
        }
    }

    fn definition(&mut self, name: &str, def: Definition, detail: Option<String>, rank: u8) {
        if self.seen.contains(name) {
            return;
        }
        let db = self.db;
        let kind = def.kind(db);
        let docs = match def {
            // Reading the documentation of every name in scope would parse every file.
            Definition::Item(def) if self.out.len() < 200 || rank < 3 => match def {
                ModuleDef::Module(_) | ModuleDef::Builtin(_) | ModuleDef::Variant(_) => None,
                _ => Definition::Item(def).docs(db),
            },
            Definition::Field(_) => def.docs(db),
            _ => None,
        };
        let is_callable = matches!(kind, DefKind::Func | DefKind::Method);
        let snippet = is_callable.then(|| {
            let takes_none = match def {
                Definition::Item(ModuleDef::Func(func)) => {
                    hir_def::signatures::func_signature(db, func)
                        .params
                        .is_empty()
                }
                _ => false,
            };
            if takes_none {
                format!("{name}()$0")
            } else {
                format!("{name}($0)")
            }
        });
        self.add(CompletionItem {
            label: name.to_owned(),
            kind: CompletionKind::Def(kind),
            detail,
            docs,
            snippet: snippet.filter(|_| !self.pos_before_paren()),
            rank,
            is_deprecated: def.is_deprecated(db),
        });
    }

    /// Whether arguments stand behind the word already.
    fn pos_before_paren(&self) -> bool {
        let text = self.pos.view.text();
        let rest = text
            .get(u32::from(self.pos.offset) as usize..)
            .unwrap_or_default();
        let rest = rest.trim_start_matches(|c: char| c == '_' || c.is_alphanumeric());
        rest.starts_with('(')
    }

    fn item(&mut self, name: &str, def: ModuleDef, rank: u8) {
        let detail = self.detail(def);
        self.definition(name, Definition::Item(def), detail, rank);
    }

    fn detail(&self, def: ModuleDef) -> Option<String> {
        let db = self.db;
        Some(match def {
            ModuleDef::Func(func) => signature(db, func, None),
            ModuleDef::Const(id) => hir_ty::type_of_const(db, id).display(db).to_string(),
            ModuleDef::Static(id) => hir_ty::type_of_static(db, id).display(db).to_string(),
            ModuleDef::Variant(id) => {
                let types = hir_ty::field_types(db, VariantDef::Variant(id));
                let types: Vec<String> =
                    types.iter().map(|ty| ty.display(db).to_string()).collect();
                let parent = hir_ty::names::adt_name(db, hir_def::AdtId::Enum(id.parent));
                if types.is_empty() {
                    parent.to_string()
                } else {
                    format!("({}) -> {parent}", types.join(", "))
                }
            }
            ModuleDef::TypeAlias(id) => hir_ty::type_of_alias(db, id).display(db).to_string(),
            _ => return None,
        })
    }

    fn assoc(&mut self, member: &Member, rank: u8) {
        let db = self.db;
        let detail = match member.func() {
            Some(func) => Some(signature(db, func, Some(member.args))),
            None => match member.definition() {
                Definition::Item(def) => self.detail(def),
                _ => None,
            },
        };
        self.definition(&member.name, member.definition(), detail, rank);
    }

    fn members(&mut self, receiver: &TextRange) {
        let db = self.db;
        let (Some(owner), Some(module), Some(env)) = (self.owner, self.module, self.env()) else {
            return;
        };
        let body = BodyView::new(db, owner);
        let Some(expr) = body.expr_at(*receiver) else {
            return;
        };
        let Some(ty) = body.expr_ty(expr) else { return };
        for field in members::fields(db, module, ty) {
            let detail = Some(field.ty.display(db).to_string());
            match field.field {
                Some(id) => self.definition(&field.name, Definition::Field(id), detail, 0),
                None => self.add(CompletionItem {
                    label: field.name.to_string(),
                    kind: CompletionKind::Def(DefKind::Field),
                    detail,
                    docs: None,
                    snippet: None,
                    rank: 0,
                    is_deprecated: false,
                }),
            }
        }
        for member in members::methods(db, module, env, ty) {
            self.assoc(&member, 1);
        }
    }

    /// Behind `path::`.
    fn behind_path(&mut self, names: &context::Qualifier, in_use: bool) {
        let (Some(scope), Some(module)) = (self.scope, self.module) else {
            return;
        };
        let Some(to) = self.resolve(scope, names, in_use) else {
            return;
        };
        self.behind(to, module, in_use);
    }

    fn behind(&mut self, to: Resolution, from: ModuleId, in_use: bool) {
        let db = self.db;
        match to {
            Resolution::Def(ModuleDef::Module(module)) => {
                for namespace in [Namespace::Values, Namespace::Types] {
                    for (name, def) in names_in_module(db, module, namespace, from) {
                        self.item(&name, def, 1);
                    }
                }
                self.submodules(module);
                if in_use {
                    self.keywords(&["*"]);
                }
            }
            Resolution::Def(ModuleDef::Behavior(behavior)) => {
                for member in members::behavior_items(db, behavior) {
                    self.assoc(&member, 1);
                }
            }
            _ => {
                if let Resolution::Def(ModuleDef::Enum(id)) = to {
                    self.variants(id, 0);
                }
                let (Some(ty), Some(env), false) = (ty_of(db, to), self.env(), in_use) else {
                    return;
                };
                for member in members::assoc_items(db, from, env, ty) {
                    self.assoc(&member, 1);
                }
            }
        }
    }

    fn submodules(&mut self, module: ModuleId) {
        let Some(data) = module_map(self.db, module.package(self.db)).module(module) else {
            return;
        };
        for (name, child) in &data.children {
            self.item(name, ModuleDef::Module(child.module), 1);
        }
    }

    fn variants(&mut self, id: hir_def::EnumId, rank: u8) {
        for variant in hir_ty::signature::variants_of(self.db, id) {
            let name = hir_ty::names::variant_name(self.db, variant);
            self.item(&name, ModuleDef::Variant(variant), rank);
        }
    }

    fn resolve(
        &self,
        scope: Scope,
        names: &context::Qualifier,
        in_use: bool,
    ) -> Option<Resolution> {
        let db = self.db;
        use hir_def::resolver::{PathResult, resolve_path};
        let path = Path {
            anchor: names.anchor,
            segments: Path::plain(names.names.iter().cloned()).segments,
        };
        if path.segments.is_empty() {
            use hir_def::PathAnchor;
            let root = hir_def::module_map::root_module(db, scope.module.package(db));
            let module = match names.anchor {
                PathAnchor::Crate => root,
                PathAnchor::SelfModule => scope.module,
                PathAnchor::Super(count) => (0..count).try_fold(scope.module, |module, _| {
                    hir_def::module_map::parent_module(db, module)
                })?,
                PathAnchor::This => {
                    return match resolve_path(db, scope, &path, Namespace::Types) {
                        PathResult::Resolved(found) => Some(found.to),
                        PathResult::Unresolved(_) => None,
                    };
                }
                PathAnchor::Plain => return None,
            };
            return Some(Resolution::Def(ModuleDef::Module(module)));
        }
        let whole =
            |scope: Scope, path: &Path| match resolve_path(db, scope, path, Namespace::Types) {
                PathResult::Resolved(found) if found.consumed == path.segments.len() => {
                    Some(found.to)
                }
                _ => None,
            };
        whole(scope, &path).or_else(|| {
            let root = hir_def::module_map::root_module(db, scope.module.package(db));
            let from_root = Path {
                anchor: hir_def::PathAnchor::Crate,
                segments: path.segments.clone(),
            };
            let is_plain = in_use && names.anchor == hir_def::PathAnchor::Plain;
            is_plain
                .then(|| whole(Scope::of_module(root), &from_root))
                .flatten()
        })
    }

    /// The first name of a `use`.
    fn imports(&mut self) {
        let db = self.db;
        let Some(module) = self.module else { return };
        let package = module.package(db);
        for dep in package.dependencies(db).iter() {
            let root = hir_def::module_map::root_module(db, dep.package);
            self.item(&dep.name, ModuleDef::Module(root), 2);
        }
        let root = hir_def::module_map::root_module(db, package);
        for at in [module, root] {
            self.submodules(at);
        }
        if let Some(data) = module_map(db, package).module(module) {
            for def in data
                .defs
                .iter()
                .filter(|def| matches!(def, ModuleDef::Enum(_)))
            {
                let name = hir_def::def_path::def_name(db, *def);
                self.item(&name, *def, 3);
            }
        }
        self.keywords(&["crate", "super", "self"]);
    }

    fn types(&mut self) {
        let Some(scope) = self.scope else { return };
        self.names(scope, Namespace::Types, &|def| {
            matches!(
                def,
                ModuleDef::Module(_)
                    | ModuleDef::Struct(_)
                    | ModuleDef::Enum(_)
                    | ModuleDef::Union(_)
                    | ModuleDef::TypeAlias(_)
                    | ModuleDef::Behavior(_)
                    | ModuleDef::Class(_)
                    | ModuleDef::Builtin(_)
            )
        });
        if self.generic.is_some() {
            self.keywords(&["This"]);
        }
        self.keywords(context::TYPE_KEYWORDS);
    }

    fn patterns(&mut self) {
        let Some(scope) = self.scope else { return };
        self.names(scope, Namespace::Values, &|def| {
            matches!(
                def,
                ModuleDef::Variant(_) | ModuleDef::Const(_) | ModuleDef::Struct(_)
            )
        });
        self.names(scope, Namespace::Types, &|def| {
            matches!(
                def,
                ModuleDef::Module(_) | ModuleDef::Struct(_) | ModuleDef::Enum(_)
            )
        });
        self.keywords(&["true", "false", "mut", "ref", "_"]);
    }

    fn values(&mut self, context: &Context, is_statement: bool) {
        let db = self.db;
        if let (Some(owner), Some(node)) = (self.owner, &context.node) {
            let body = BodyView::new(db, owner);
            for local in locals::in_scope(&body, node, self.pos.offset) {
                let Some(data) = body.body.locals.get(local) else {
                    continue;
                };
                let detail = body.local_ty(local).map(|ty| ty.display(db).to_string());
                self.definition(&data.name, Definition::Local(owner, local), detail, 0);
            }
        }
        let Some(scope) = self.scope else { return };
        self.names(scope, Namespace::Values, &|_| true);
        self.names(scope, Namespace::Types, &|_| true);
        self.keywords(context::EXPR_KEYWORDS);
        if is_statement {
            self.keywords(context::STATEMENT_KEYWORDS);
        }
    }

    fn names(&mut self, scope: Scope, namespace: Namespace, filter: &dyn Fn(&ModuleDef) -> bool) {
        let db = self.db;
        for found in names_in_scope(db, scope, namespace) {
            match found.to {
                Resolution::Def(def) if filter(&def) => {
                    let package = def.container(db).map(|it| it.module(db).package(db));
                    let rank = match def {
                        ModuleDef::Builtin(_) => 5,
                        _ if package == Some(scope.module.package(db)) => 2,
                        _ => 4,
                    };
                    self.item(&found.name, def, rank);
                }
                Resolution::GenericParam(id) => {
                    self.definition(&found.name, Definition::GenericParam(id), None, 1);
                }
                _ => {}
            }
        }
    }

    /// Fields that the struct literal does not have yet.
    fn field_inits(&mut self, literal: &SyntaxNode) {
        let db = self.db;
        let Some(literal) = ast::StructLit::cast(literal.clone()) else {
            return;
        };
        let (Some(owner), Some(module)) = (self.owner, self.module) else {
            return;
        };
        let body = BodyView::new(db, owner);
        let Some(expr) = body.expr_at(literal.syntax().text_range()) else {
            return;
        };
        let Some(found) = body.infer.struct_lits.get(&expr) else {
            return;
        };
        let offset = self.pos.offset;
        let written: FxHashSet<String> = literal
            .fields()
            .filter(|field| !field.syntax().text_range().contains_inclusive(offset))
            .filter_map(|field| Some(field.name_ref()?.text()))
            .collect();
        let ty = Ty::adt(db, found.variant.adt(), found.args);
        let visible: FxHashSet<u32> = match found.variant {
            VariantDef::Variant(_) => (0..u32::MAX)
                .take(hir_ty::field_types(db, found.variant).len())
                .collect(),
            _ => members::fields(db, module, ty)
                .iter()
                .filter_map(|field| Some(field.field?.index))
                .collect(),
        };
        let all = hir_ty::fields_of(db, found.variant)
            .fields
            .iter()
            .enumerate();
        for (index, data) in all {
            let index = index as u32;
            if written.contains(data.name.as_str()) || !visible.contains(&index) {
                continue;
            }
            let field = hir_def::FieldId {
                parent: found.variant,
                index,
            };
            let ty = hir_ty::field_types(db, found.variant)
                .get(index as usize)
                .copied();
            let detail = ty.map(|ty| ty.subst(db, found.args).display(db).to_string());
            self.definition(&data.name, Definition::Field(field), detail, 0);
            if let Some(item) = self
                .out
                .last_mut()
                .filter(|item| item.label == data.name.as_str())
            {
                item.snippet = Some(format!("{}: $0", data.name));
            }
        }
    }
}

/// `(a: I32) -> Bool`
fn signature(db: &dyn Db, func: hir_def::FuncId, args: Option<hir_ty::GenericArgs>) -> String {
    let sig = hir_ty::fn_type(db, func);
    let shown = |ty: Ty| {
        args.map_or(ty, |args| ty.subst(db, args))
            .display(db)
            .to_string()
    };
    let params = sig.params.iter().map(|param| {
        let name = param.name.as_deref().unwrap_or("_");
        format!("{name}: {}", shown(param.ty))
    });
    let params: Vec<String> = params.collect();
    let ret = if sig.ret.is_unit(db) {
        String::new()
    } else {
        format!(" -> {}", shown(sig.ret))
    };
    format!("({}){ret}", params.join(", "))
}

fn ty_of(db: &dyn Db, to: Resolution) -> Option<Ty> {
    match to {
        Resolution::Def(def) => match def {
            ModuleDef::TypeAlias(id) => Some(hir_ty::type_of_alias(db, id)),
            ModuleDef::Builtin(ty) => hir::members::builtin_type(db, ty),
            other => {
                let adt = other.as_adt()?;
                Some(Ty::adt(db, adt, hir_ty::identity_args(db, adt.into())))
            }
        },
        Resolution::GenericParam(id) => {
            let generics = hir_ty::generics_of(db, id.def);
            generics
                .by_source(id)
                .map(|param| Ty::param(db, param.param))
        }
        Resolution::This(def) => hir_ty::this_type(db, def),
    }
}
