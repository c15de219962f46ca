//! Types, paths and generic parameters from syntax. Shared by signatures and bodies.

use stdx::DenseMap;
use syntax::TextRange;
use syntax::ast::{
    self, ArithOp, AstNode, BoundKind, CmpOp, Expr, HasGenerics, HasName, LiteralKind,
    PathSegmentKind, TypeArgKind, TypeReading,
};

use crate::body::source_map::TypeSourceMap;
use crate::body::{BinaryOp, DEPTH_MAX, UnaryOp};
use crate::generics::{GenericParam, GenericParamKind, GenericParams, WherePredicate};
use crate::path::{GenericArg, GenericArgs, Path, PathAnchor, PathSegment};
use crate::{BuiltinType, ConstRef, Name, TypeBound, TypeRef, TypeRefId, TypeStore};

/// Fills a [`TypeStore`] and its source map. Ranges are relative to the root of the tree that
/// the nodes belong to, which is the item.
#[derive(Default)]
pub(crate) struct TypeLowering {
    pub(crate) types: TypeStore,
    pub(crate) map: TypeSourceMap,
    depth: u32,
    /// While the parameters of a function are lowered: the anonymous generic parameters found so
    /// far, and where they stand.
    pub(crate) anonymous: Option<Anonymous>,
}

/// The anonymous generic parameters of a function.
#[derive(Default)]
pub(crate) struct Anonymous {
    /// How many declared ones come before them.
    pub(crate) declared: u32,
    pub(crate) params: Vec<GenericParam>,
    pub(crate) ranges: Vec<TextRange>,
}

impl TypeLowering {
    /// A type, or the error type where one is missing.
    pub(crate) fn ty_or_error(&mut self, ty: Option<ast::Type>, around: TextRange) -> TypeRefId {
        match ty {
            Some(ty) => self.ty(&ty),
            None => self.push(TypeRef::Error, around),
        }
    }

    pub(crate) fn ty(&mut self, ty: &ast::Type) -> TypeRefId {
        let range = ty.syntax().text_range();
        if self.depth >= DEPTH_MAX {
            return self.push(TypeRef::Error, range);
        }
        self.depth += 1;
        let id = self.ty_inner(ty, range);
        self.depth -= 1;
        id
    }

    fn ty_inner(&mut self, ty: &ast::Type, range: TextRange) -> TypeRefId {
        let data = match ty {
            ast::Type::Path(it) => match it.path() {
                Some(path) => return self.path_type(&path, range),
                None => TypeRef::Error,
            },
            ast::Type::Ref(it) => TypeRef::Ref {
                mutable: it.mode() == ast::RefMode::MutRef,
                lifetime: it.lifetime_ref().map(|name| name.text().into()),
                inner: self.ty_or_error(it.ty(), range),
            },
            ast::Type::Ptr(it) => TypeRef::RawPtr(self.ty_or_error(it.ty(), range)),
            ast::Type::Func(it) => TypeRef::Func {
                lifetime: it.lifetime_ref().map(|name| name.text().into()),
                params: it
                    .params()
                    .map(|param| self.ty_or_error(param.ty(), range))
                    .collect(),
                ret: it
                    .ret_type()
                    .and_then(|ret| ret.ty())
                    .map(|ty| self.ty(&ty)),
            },
            ast::Type::Dyn(it) => TypeRef::Dyn(self.bounds(it.bound_list())),
            ast::Type::Impl(it) => {
                let bounds = self.bounds(it.bound_list());
                match &mut self.anonymous {
                    Some(anonymous) => {
                        let text = ty.syntax().text().to_string();
                        let words: Vec<&str> = text.split_whitespace().collect();
                        let index = anonymous.declared + anonymous.params.len() as u32;
                        anonymous.params.push(GenericParam {
                            name: words.join(" ").into(),
                            kind: GenericParamKind::Type {
                                bounds,
                                default: None,
                            },
                        });
                        anonymous.ranges.push(range);
                        TypeRef::Anonymous(index)
                    }
                    None => TypeRef::Impl(bounds),
                }
            }
            ast::Type::Slice(it) => TypeRef::Slice(self.ty_or_error(it.ty(), range)),
            ast::Type::Array(it) => {
                let element = self.ty_or_error(it.ty(), range);
                let len = it.len().map_or(ConstRef::Error, |len| self.const_ref(&len));
                TypeRef::Array(element, len)
            }
            ast::Type::Tuple(it) => TypeRef::Tuple(it.types().map(|ty| self.ty(&ty)).collect()),
            ast::Type::Paren(it) => match it.ty() {
                Some(inner) => return self.ty(&inner),
                None => TypeRef::Error,
            },
            ast::Type::Never(_) => TypeRef::Never,
            ast::Type::Maybe(it) => TypeRef::Maybe(self.ty_or_error(it.ty(), range)),
            ast::Type::Infer(_) => TypeRef::Infer,
            ast::Type::Qualified(it) => return self.qualified(it, range),
        };
        self.push(data, range)
    }

    fn qualified(&mut self, it: &ast::QualifiedType, range: TextRange) -> TypeRefId {
        let mut base = self.ty_or_error(it.self_ty(), range);
        let behavior = self.ty_or_error(it.behavior(), range);
        for segment in it.segments() {
            let name = segment.text().into();
            base = self.push(
                TypeRef::Projection {
                    base,
                    behavior,
                    name,
                },
                range,
            );
        }
        base
    }

    /// The type that is a path, remembering where its names are.
    pub(crate) fn path_type(&mut self, path: &ast::Path, range: TextRange) -> TypeRefId {
        let (path, names) = self.path(path);
        let id = self.push(TypeRef::Path(path), range);
        self.map.names.insert(id, names);
        id
    }

    pub(crate) fn push(&mut self, ty: TypeRef, range: TextRange) -> TypeRefId {
        self.map.types.push(range);
        self.types.types.push(ty)
    }

    /// A path and the ranges of its named segments.
    pub(crate) fn path(&mut self, path: &ast::Path) -> (Path, Box<[TextRange]>) {
        let mut anchor = PathAnchor::Plain;
        let mut segments = Vec::new();
        let mut names = Vec::new();
        for segment in path.segments() {
            let Some(kind) = segment.kind() else { continue };
            let at_start = segments.is_empty();
            match kind {
                PathSegmentKind::Crate if at_start => anchor = PathAnchor::Crate,
                PathSegmentKind::Super if at_start => {
                    anchor = match anchor {
                        PathAnchor::Super(count) => PathAnchor::Super(count.saturating_add(1)),
                        _ => PathAnchor::Super(1),
                    }
                }
                PathSegmentKind::SelfModule if at_start => anchor = PathAnchor::SelfModule,
                PathSegmentKind::ThisType if at_start => anchor = PathAnchor::This,
                _ => {
                    let Some(token) = segment.token() else {
                        continue;
                    };
                    let args = segment
                        .type_arg_list()
                        .map(|list| Box::new(self.args(&list)));
                    segments.push(PathSegment {
                        name: Name::new(token.text()),
                        args,
                    });
                    names.push(token.text_range());
                }
            }
        }
        (
            Path {
                anchor,
                segments: segments.into(),
            },
            names.into(),
        )
    }

    pub(crate) fn args(&mut self, list: &ast::TypeArgList) -> GenericArgs {
        let mut args = Vec::new();
        let mut bindings = Vec::new();
        for arg in list.args() {
            let range = arg.syntax().text_range();
            match arg.kind() {
                Some(TypeArgKind::Type(ty)) => args.push(GenericArg::Type(self.ty(&ty))),
                Some(TypeArgKind::Const(expr)) => {
                    args.push(GenericArg::Const(self.const_ref(&expr)))
                }
                Some(TypeArgKind::Lifetime(name)) => {
                    args.push(GenericArg::Lifetime(name.text().into()));
                }
                Some(TypeArgKind::AssocType(name, ty)) => {
                    let ty = self.ty_or_error(ty, range);
                    bindings.push((name.text().into(), ty));
                }
                None => args.push(GenericArg::Type(self.push(TypeRef::Error, range))),
            }
        }
        GenericArgs {
            args: args.into(),
            bindings: bindings.into(),
        }
    }

    /// Brackets that were parsed as an index, read as type arguments.
    pub(crate) fn readings(&mut self, readings: &[TypeReading], range: TextRange) -> GenericArgs {
        let args = readings.iter().map(|reading| match reading {
            TypeReading::Const(expr) => GenericArg::Const(self.const_ref(expr)),
            other => GenericArg::Type(self.reading(other, range)),
        });
        GenericArgs {
            args: args.collect(),
            bindings: Box::default(),
        }
    }

    fn reading(&mut self, reading: &TypeReading, range: TextRange) -> TypeRefId {
        let data = match reading {
            TypeReading::Path(path) => return self.path_type(path, path.syntax().text_range()),
            TypeReading::Apply(path, args) => {
                let range = path.syntax().text_range();
                let args = self.readings(args, range);
                let (mut path, names) = self.path(path);
                if let Some(last) = path.segments.last_mut() {
                    last.args = Some(Box::new(args));
                }
                let id = self.push(TypeRef::Path(path), range);
                self.map.names.insert(id, names);
                return id;
            }
            TypeReading::Ref(mode, inner) => TypeRef::Ref {
                mutable: *mode == ast::RefMode::MutRef,
                lifetime: None,
                inner: self.reading(inner, range),
            },
            TypeReading::Ptr(inner) => TypeRef::RawPtr(self.reading(inner, range)),
            TypeReading::Tuple(items) => {
                TypeRef::Tuple(items.iter().map(|item| self.reading(item, range)).collect())
            }
            TypeReading::Slice(inner) => TypeRef::Slice(self.reading(inner, range)),
            TypeReading::Array(inner, len) => {
                let element = self.reading(inner, range);
                let len = len
                    .as_ref()
                    .map_or(ConstRef::Error, |len| self.const_ref(len));
                TypeRef::Array(element, len)
            }
            TypeReading::Const(_) => TypeRef::Error,
        };
        self.push(data, range)
    }

    pub(crate) fn bounds(&mut self, list: Option<ast::BoundList>) -> Box<[TypeBound]> {
        let bounds = list.into_iter().flat_map(|list| list.bounds());
        bounds.filter_map(|bound| self.bound(&bound)).collect()
    }

    fn bound(&mut self, bound: &ast::Bound) -> Option<TypeBound> {
        Some(match bound.kind()? {
            BoundKind::Behavior(ty) => TypeBound::Behavior(self.ty(&ty)),
            BoundKind::Maybe(ty) => TypeBound::Relaxed(self.ty(&ty)),
            BoundKind::Lifetime(name) => TypeBound::Lifetime(name.text().into()),
        })
    }

    /// Generic parameters and `where` clause, with the ranges of the parameters' names.
    pub(crate) fn generics(
        &mut self,
        node: &impl HasGenerics,
    ) -> (GenericParams, Box<[TextRange]>) {
        let mut ranges = Vec::new();
        let list = node.generic_param_list();
        let params = list
            .into_iter()
            .flat_map(|list| list.params())
            .map(|param| {
                let name = param.name();
                let around = param.syntax().text_range();
                ranges.push(
                    name.as_ref()
                        .map_or(around, |name| name.syntax().text_range()),
                );
                let kind = match &param {
                    ast::GenericParam::Type(it) => GenericParamKind::Type {
                        bounds: self.bounds(it.bound_list()),
                        default: it.default().map(|ty| self.ty(&ty)),
                    },
                    ast::GenericParam::Const(it) => GenericParamKind::Const {
                        ty: self.ty_or_error(it.ty(), around),
                        default: it.default().map(|expr| self.const_ref(&expr)),
                    },
                    ast::GenericParam::Life(it) => {
                        let bounds = self.bounds(it.bound_list());
                        let names = bounds.iter().filter_map(|bound| match bound {
                            TypeBound::Lifetime(name) => Some(name.clone()),
                            _ => None,
                        });
                        GenericParamKind::Lifetime {
                            bounds: names.collect(),
                        }
                    }
                };
                GenericParam {
                    name: name.map(|name| name.text().into()).unwrap_or_default(),
                    kind,
                }
            });
        let params: Box<[GenericParam]> = params.collect();
        let clause = node.where_clause();
        let predicates = clause.into_iter().flat_map(|clause| clause.preds());
        let predicates = predicates.map(|pred| self.predicate(&pred)).collect();
        (GenericParams { params, predicates }, ranges.into())
    }

    fn predicate(&mut self, pred: &ast::WherePred) -> WherePredicate {
        let range = pred.syntax().text_range();
        let ty = self.ty_or_error(pred.ty(), range);
        match pred.equal_ty() {
            Some(right) => WherePredicate::Equal {
                left: ty,
                right: self.ty(&right),
            },
            None => WherePredicate::Bounds {
                ty,
                bounds: self.bounds(pred.bound_list()),
            },
        }
    }

    /// A constant expression inside a type.
    pub(crate) fn const_ref(&mut self, expr: &Expr) -> ConstRef {
        if self.depth >= DEPTH_MAX {
            return ConstRef::Error;
        }
        self.depth += 1;
        let value = self.const_inner(expr);
        self.depth -= 1;
        value.unwrap_or(ConstRef::Error)
    }

    fn const_inner(&mut self, expr: &Expr) -> Option<ConstRef> {
        Some(match expr {
            Expr::Literal(literal) => const_literal(literal)?,
            Expr::Path(it) => ConstRef::Path(self.path(&it.path()?).0),
            Expr::Paren(it) => self.const_ref(&it.expr()?),
            Expr::Block(block) => {
                let mut stmts = block.stmts();
                let tail = block.tail_expr()?;
                if stmts.next().is_some() && stmts.next().is_some() {
                    return Some(ConstRef::Unsupported(Name::new_static(
                        "statements in a constant inside a type",
                    )));
                }
                self.const_ref(&tail)
            }
            Expr::Prefix(it) => {
                ConstRef::Unary(unary_op(it.op()?), Box::new(self.const_ref(&it.expr()?)))
            }
            Expr::Bin(it) => {
                let left = Box::new(self.const_ref(&it.lhs()?));
                let right = Box::new(self.const_ref(&it.rhs()?));
                ConstRef::Binary(binary_op(it.op()?), left, right)
            }
            Expr::Cast(it) => {
                let operand = Box::new(self.const_ref(&it.expr()?));
                let ty = it.ty()?;
                ConstRef::Cast(operand, self.ty(&ty))
            }
            Expr::Call(it) => {
                let Expr::Path(callee) = it.callee()? else {
                    return Some(ConstRef::Unsupported(Name::new_static(
                        "this call inside a type",
                    )));
                };
                let path = self.path(&callee.path()?).0;
                let args = it.arg_list().into_iter().flat_map(|list| list.args());
                let args: Vec<_> = args.filter_map(|arg| arg.expr()).collect();
                ConstRef::Call(path, args.iter().map(|arg| self.const_ref(arg)).collect())
            }
            _ => ConstRef::Unsupported(Name::new_static("this expression inside a type")),
        })
    }

    /// Number of types so far: those pushed later belong to what is lowered next.
    pub(crate) fn next_type(&self) -> TypeRefId {
        let types: &DenseMap<TypeRefId, TypeRef> = &self.types.types;
        types.next_key()
    }
}

fn const_literal(literal: &ast::Literal) -> Option<ConstRef> {
    Some(match literal.kind()? {
        LiteralKind::Int(int) => {
            let value = i128::try_from(int.value()?).ok()?;
            match int.suffix().and_then(BuiltinType::by_suffix) {
                Some(ty) => ConstRef::TypedLiteral(value, ty),
                None => ConstRef::Literal(value),
            }
        }
        LiteralKind::Bool(value) => ConstRef::Bool(value),
        LiteralKind::Char(value) => ConstRef::Char(value?),
        LiteralKind::Byte(value) => ConstRef::TypedLiteral(value?.into(), BuiltinType::U8),
        _ => ConstRef::OtherLiteral,
    })
}

pub(crate) fn unary_op(op: ast::UnaryOp) -> UnaryOp {
    match op {
        ast::UnaryOp::Neg => UnaryOp::Neg,
        ast::UnaryOp::Not => UnaryOp::Not,
        ast::UnaryOp::BitNot => UnaryOp::BitNot,
        ast::UnaryOp::Deref => UnaryOp::Deref,
    }
}

pub(crate) fn binary_op(op: ast::BinaryOp) -> BinaryOp {
    match op {
        ast::BinaryOp::Or => BinaryOp::Or,
        ast::BinaryOp::And => BinaryOp::And,
        ast::BinaryOp::Cmp(op) => match op {
            CmpOp::Eq => BinaryOp::Eq,
            CmpOp::Ne => BinaryOp::Ne,
            CmpOp::Lt => BinaryOp::Lt,
            CmpOp::Le => BinaryOp::Le,
            CmpOp::Gt => BinaryOp::Gt,
            CmpOp::Ge => BinaryOp::Ge,
        },
        ast::BinaryOp::Arith(op) => arith_op(op),
    }
}

pub(crate) fn arith_op(op: ArithOp) -> BinaryOp {
    match op {
        ArithOp::Add => BinaryOp::Add,
        ArithOp::Sub => BinaryOp::Sub,
        ArithOp::Mul => BinaryOp::Mul,
        ArithOp::Div => BinaryOp::Div,
        ArithOp::Rem => BinaryOp::Rem,
        ArithOp::Pow => BinaryOp::Pow,
        ArithOp::BitAnd => BinaryOp::BitAnd,
        ArithOp::BitOr => BinaryOp::BitOr,
        ArithOp::BitXor => BinaryOp::BitXor,
        ArithOp::Shl => BinaryOp::Shl,
        ArithOp::Shr => BinaryOp::Shr,
    }
}
