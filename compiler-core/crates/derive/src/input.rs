//! What deriving reads of a declaration.

use syntax::PreprocessorEnv;
use syntax::ast::{
    self, AstNode, DecoArg, Decorator, Expr, GenericParam, HasDecorators, HasGenerics, HasName,
    Item,
};
use syntax::conditions::is_enabled;

use crate::Derivable;

pub(crate) struct Input {
    pub(crate) name: String,
    params: Vec<Param>,
    /// The predicates of the `where` clause.
    where_: String,
    pub(crate) shape: Shape,
    pub(crate) derives: Vec<Derivable>,
    /// `@flags`, with its integer.
    pub(crate) flags: Option<String>,
}

struct Param {
    /// As declared, without a default.
    declared: String,
    /// As an argument; `None` for lifetimes, which are always inferred.
    name: Option<String>,
    is_type: bool,
    has_bounds: bool,
}

pub(crate) enum Shape {
    Struct(Fields),
    Enum(Vec<Variant>),
}

#[derive(Default)]
pub(crate) struct Fields {
    pub(crate) kind: FieldsKind,
    pub(crate) list: Vec<Field>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum FieldsKind {
    #[default]
    Unit,
    Tuple,
    Record,
}

pub(crate) struct Field {
    /// The position, for tuple fields.
    pub(crate) name: String,
    pub(crate) has_default: bool,
    /// Whether the type is written as a `Maybe`.
    pub(crate) is_maybe: bool,
}

pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) fields: Fields,
}

impl Input {
    pub(crate) fn of(item: &Item, env: &PreprocessorEnv) -> Option<Input> {
        let mut derives = Vec::new();
        let mut flags = None;
        for decorator in item.decorators() {
            match decorator.name_text().as_deref() {
                Some("derive" | "auto") => derives.extend(
                    decorator
                        .args()
                        .filter_map(|arg| arg_text(&arg))
                        .flat_map(|name| Derivable::by_name(&name, || mentions_float(item))),
                ),
                Some("flags") => flags = Some(flags_type(&decorator)),
                _ => {}
            }
        }
        if derives.is_empty() && flags.is_none() {
            return None;
        }
        let (name, generics, shape) = match item {
            Item::TypeDecl(decl) => {
                let shape = match decl.kind() {
                    ast::TypeDeclKind::Struct(list) => Shape::Struct(record(&list, env)),
                    ast::TypeDeclKind::TupleStruct(list) => Shape::Struct(tuple(&list, env)),
                    ast::TypeDeclKind::Unit => Shape::Struct(Fields::default()),
                    ast::TypeDeclKind::Enum(list) | ast::TypeDeclKind::Sum(list) => {
                        Shape::Enum(variants(&list, env))
                    }
                    ast::TypeDeclKind::Alias(_) => return None,
                };
                (decl.name()?, Generics::of(decl), shape)
            }
            Item::EnumDecl(decl) => {
                let list = decl.variant_list();
                let variants = list.map(|list| variants(&list, env)).unwrap_or_default();
                (decl.name()?, Generics::of(decl), Shape::Enum(variants))
            }
            _ => return None,
        };
        // Misuse of `@flags` is reported at the declaration (T082, T084).
        if flags.is_some() {
            let plain = match &shape {
                Shape::Enum(variants) => {
                    variants.iter().all(|it| it.fields.kind == FieldsKind::Unit)
                }
                Shape::Struct(_) => false,
            };
            if !plain || !generics.params.is_empty() {
                return None;
            }
        }
        let mut input = Input {
            name: name.text(),
            params: generics.params,
            where_: generics.where_,
            shape,
            derives,
            flags,
        };
        input.complete(item);
        Some(input)
    }

    /// Drops repetitions and what is written beside, and adds what `Ord` stands on.
    fn complete(&mut self, item: &Item) {
        let written = written_behaviors(item, &self.name);
        let mut wanted = Vec::new();
        for derivable in std::mem::take(&mut self.derives) {
            let on: &[Derivable] = match derivable {
                Derivable::Ord => &[Derivable::Eq, Derivable::PartialOrd],
                _ => &[],
            };
            for needed in on {
                if !written.iter().any(|name| name == needed.behavior()) {
                    wanted.push(*needed);
                }
            }
            wanted.push(derivable);
        }
        for derivable in wanted {
            // `@flags` says these itself.
            let by_flags = self.flags.is_some()
                && matches!(
                    derivable,
                    Derivable::Display
                        | Derivable::Debug
                        | Derivable::Serialize
                        | Derivable::PartialEq
                );
            if !by_flags && !self.derives.contains(&derivable) {
                self.derives.push(derivable);
            }
        }
    }

    /// `impl[T: B] B for Name[T] where …`, up to the brace. `bound` is asked of every type
    /// parameter.
    pub(crate) fn header(&self, behavior: &str, bound: &str) -> String {
        let mut out = String::from("impl");
        let params: Vec<String> = self.params.iter().map(|it| it.with_bound(bound)).collect();
        if !params.is_empty() {
            out += &format!("[{}]", params.join(", "));
        }
        if behavior.is_empty() {
            out += &format!(" {}", self.self_ty());
        } else {
            out += &format!(" {behavior} for {}", self.self_ty());
        }
        if !self.where_.is_empty() {
            out += &format!(" where {}", self.where_);
        }
        out += " {\n";
        out
    }

    /// The same for a behavior of `core`, whose bound is itself.
    pub(crate) fn core_header(&self, path: &str) -> String {
        let behavior = format!("__core::{path}");
        self.header(&behavior, &behavior)
    }

    fn self_ty(&self) -> String {
        let args: Vec<&str> = self
            .params
            .iter()
            .filter_map(|it| it.name.as_deref())
            .collect();
        if args.is_empty() {
            self.name.clone()
        } else {
            format!("{}[{}]", self.name, args.join(", "))
        }
    }
}

impl Param {
    fn with_bound(&self, bound: &str) -> String {
        match (self.is_type && !bound.is_empty(), self.has_bounds) {
            (false, _) => self.declared.clone(),
            (true, false) => format!("{}: {bound}", self.declared),
            (true, true) => format!("{} + {bound}", self.declared),
        }
    }
}

impl Fields {
    /// `this.x`, in order.
    pub(crate) fn of(&self, value: &str) -> Vec<String> {
        let list = self.list.iter();
        list.map(|field| format!("{value}.{}", field.name))
            .collect()
    }

    /// Names for bindings of the fields, in order.
    pub(crate) fn bindings(&self, prefix: &str) -> Vec<String> {
        let range = 0..self.list.len();
        range.map(|index| format!("{prefix}{index}")).collect()
    }

    /// A literal or pattern of these fields behind a path: `This::V(a, b)`.
    pub(crate) fn with(&self, path: &str, values: &[String]) -> String {
        match self.kind {
            FieldsKind::Unit => path.to_owned(),
            FieldsKind::Tuple => format!("{path}({})", values.join(", ")),
            FieldsKind::Record if values.is_empty() => format!("{path} {{}}"),
            FieldsKind::Record => {
                let parts = self.list.iter().zip(values);
                let parts: Vec<String> = parts
                    .map(|(field, value)| format!("{}: {value}", field.name))
                    .collect();
                format!("{path} {{ {} }}", parts.join(", "))
            }
        }
    }

    /// The pattern that binds all fields by reference.
    pub(crate) fn pattern(&self, path: &str, prefix: &str) -> String {
        let names = self.bindings(prefix);
        let names: Vec<String> = names.iter().map(|name| format!("ref {name}")).collect();
        self.with(path, &names)
    }
}

struct Generics {
    params: Vec<Param>,
    where_: String,
}

impl Generics {
    fn of(node: &impl HasGenerics) -> Generics {
        let list = node.generic_param_list();
        let params = list.iter().flat_map(|list| list.params()).map(|param| {
            let name = param.name().map(|name| name.text()).unwrap_or_default();
            match param {
                GenericParam::Type(it) => {
                    let bounds = it.bound_list().map(|list| text(&list));
                    let bounds = bounds.filter(|it| !it.trim().is_empty());
                    let has_bounds = bounds.is_some();
                    Param {
                        declared: match bounds {
                            Some(bounds) => format!("{name}: {bounds}"),
                            None => name.clone(),
                        },
                        name: Some(name),
                        is_type: true,
                        has_bounds,
                    }
                }
                GenericParam::Const(it) => {
                    let ty = it.ty().map(|ty| text(&ty)).unwrap_or_default();
                    Param {
                        declared: format!("const {name}: {ty}"),
                        name: Some(name),
                        is_type: false,
                        has_bounds: false,
                    }
                }
                GenericParam::Life(_) => Param {
                    declared: format!("life {name}"),
                    name: Some(format!("life {name}")),
                    is_type: false,
                    has_bounds: false,
                },
            }
        });
        let params = params.collect();
        let where_ = node.where_clause().map(|it| text(&it)).unwrap_or_default();
        let where_ = where_.trim_start_matches("where").trim().to_owned();
        Generics { params, where_ }
    }
}

/// Text on one line.
fn text(node: &impl AstNode) -> String {
    node.syntax().text().to_string().replace('\n', " ")
}

fn record(list: &ast::FieldList, env: &PreprocessorEnv) -> Fields {
    let fields = list.fields().filter(|field| is_enabled(field, env));
    let list = fields.map(|field| Field {
        name: field.name().map(|name| name.text()).unwrap_or_default(),
        has_default: field.default().is_some(),
        is_maybe: field.ty().is_some_and(|ty| is_maybe(&ty)),
    });
    Fields {
        kind: FieldsKind::Record,
        list: list.collect(),
    }
}

fn tuple(list: &ast::TupleFieldList, env: &PreprocessorEnv) -> Fields {
    let fields = list.fields().filter(|field| is_enabled(field, env));
    let list = fields.enumerate().map(|(index, field)| Field {
        name: index.to_string(),
        has_default: false,
        is_maybe: field.ty().is_some_and(|ty| is_maybe(&ty)),
    });
    Fields {
        kind: FieldsKind::Tuple,
        list: list.collect(),
    }
}

fn is_maybe(ty: &ast::Type) -> bool {
    let text = text(ty);
    text.ends_with('?') || text.trim_start().starts_with("Maybe[")
}

fn variants(list: &ast::VariantList, env: &PreprocessorEnv) -> Vec<Variant> {
    let enabled = list.variants().filter(|variant| is_enabled(variant, env));
    let variants = enabled.map(|variant| Variant {
        name: match (variant.name(), variant.ty()) {
            (Some(name), _) => name.text(),
            (None, Some(ty)) => text(&ty),
            (None, None) => String::new(),
        },
        fields: match variant.kind() {
            ast::VariantKind::Unit => Fields::default(),
            ast::VariantKind::Tuple(list) => tuple(&list, env),
            ast::VariantKind::Struct(list) => record(&list, env),
        },
    });
    variants
        .filter(|variant| !variant.name.is_empty())
        .collect()
}

fn flags_type(decorator: &Decorator) -> String {
    let mut names = decorator.args().filter_map(|arg| arg_text(&arg));
    match names.next().as_deref() {
        Some(name @ ("U8" | "U16" | "U64")) => name.to_owned(),
        _ => "U32".to_owned(),
    }
}

fn arg_text(arg: &DecoArg) -> Option<String> {
    match arg.expr() {
        Some(Expr::Path(path)) => Some(path.path()?.text()),
        Some(_) => None,
        None => Some(arg.ty()?.syntax().text().to_string()),
    }
}

/// Whether a float is written among the members: those have no total order.
fn mentions_float(item: &Item) -> bool {
    let tokens = item.syntax().descendants_with_tokens();
    let mut tokens = tokens.filter_map(|it| it.into_token());
    tokens.any(|token| matches!(token.text(), "F32" | "F64"))
}

/// The behaviors that items beside this one implement for it, by their last names.
fn written_behaviors(item: &Item, name: &str) -> Vec<String> {
    let siblings = item.syntax().parent();
    let siblings = siblings.iter().flat_map(|parent| parent.children());
    let impls = siblings
        .filter_map(Item::cast)
        .filter_map(|item| match item {
            Item::Impl(it) => Some((it.self_ty()?, vec![it.behavior()?])),
            Item::Extend(it) => {
                let bounds = it.bound_list()?;
                let behaviors = bounds.bounds().filter_map(|bound| bound.ty()).collect();
                Some((it.self_ty()?, behaviors))
            }
            _ => None,
        });
    let head = |ty: &ast::Type| {
        let text = text(ty);
        text.split('[').next().unwrap_or_default().trim().to_owned()
    };
    impls
        .filter(|(self_ty, _)| head(self_ty) == name)
        .flat_map(|(_, behaviors)| behaviors)
        .map(|ty| head(&ty).rsplit("::").next().unwrap_or_default().to_owned())
        .collect()
}
