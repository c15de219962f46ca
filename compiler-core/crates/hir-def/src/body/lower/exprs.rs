//! Expressions without control flow.

use syntax::ast::{self, AstNode, Expr as AstExpr, IndexReading, RangeOp, RefMode};

use super::scopes::LocalName;
use super::*;
use crate::type_lower::{arith_op, binary_op, unary_op};
use crate::{Path, PathSegment};

impl Lowering<'_> {
    pub(super) fn expr_or_missing(&mut self, expr: Option<AstExpr>, around: TextRange) -> ExprId {
        match expr {
            Some(expr) => self.expr(&expr),
            None => self.missing(around),
        }
    }

    pub(super) fn expr(&mut self, expr: &AstExpr) -> ExprId {
        if self.depth >= DEPTH_MAX {
            let expr = self.missing(expr.syntax().text_range());
            self.diagnostics.push(BodyDiagnostic::TooDeep { expr });
            return expr;
        }
        self.depth += 1;
        let id = self.expr_inner(expr);
        self.depth -= 1;
        id
    }

    fn expr_inner(&mut self, expr: &AstExpr) -> ExprId {
        let range = expr.syntax().text_range();
        let data = match expr {
            AstExpr::Literal(it) => return self.literal(it),
            AstExpr::Path(it) => return self.path_expr(it, range),
            AstExpr::This(_) => return self.this_expr(range),
            AstExpr::StructLit(it) => return self.struct_lit(it, range),
            AstExpr::Tuple(it) => {
                let elems: Box<[ExprId]> = it.elems().map(|elem| self.expr(&elem)).collect();
                if elems.is_empty() {
                    Expr::Literal(Literal::Unit)
                } else {
                    Expr::Tuple(elems)
                }
            }
            AstExpr::Paren(it) => return self.expr_or_missing(it.expr(), range),
            AstExpr::Array(it) => Expr::Array(it.elems().map(|elem| self.expr(&elem)).collect()),
            AstExpr::Repeat(it) => Expr::Repeat {
                value: self.expr_or_missing(it.value(), range),
                count: self.expr_or_missing(it.len(), range),
            },
            AstExpr::Block(it) => return self.block(it, false),
            AstExpr::Lowlevel(it) => match it.block() {
                Some(block) => return self.block(&block, true),
                None => Expr::Missing,
            },
            AstExpr::If(it) => return self.if_expr(it, range),
            AstExpr::Ternary(it) => Expr::If {
                condition: self.expr_or_missing(it.condition(), range),
                then: self.expr_or_missing(it.then_branch(), range),
                else_: Some(self.expr_or_missing(it.else_branch(), range)),
            },
            AstExpr::When(it) => return self.when_expr(it, range),
            AstExpr::Loop(it) => return self.loop_expr(it, range),
            AstExpr::While(it) => return self.while_expr(it.condition(), it.body(), range),
            AstExpr::For(it) => return self.for_expr(it.pat(), it.iterable(), it.body(), range),
            AstExpr::Async(it) => return self.async_block(it, range),
            AstExpr::Closure(it) => return self.closure(it, range),
            AstExpr::Catch(it) => return self.catch_expr(it, range),
            AstExpr::Await(it) => Expr::Await {
                operand: self.expr_or_missing(it.expr(), range),
            },
            AstExpr::Return(it) => Expr::Return {
                value: it.expr().map(|value| self.expr(&value)),
            },
            AstExpr::Break(it) => {
                let value = it.expr().map(|value| self.expr(&value));
                return self.jump(Expr::Break { value }, true, range);
            }
            AstExpr::Continue(_) => return self.jump(Expr::Continue, false, range),
            AstExpr::Throw(it) => Expr::Throw {
                value: self.expr_or_missing(it.expr(), range),
            },
            AstExpr::Assign(it) => {
                let op = it.compound_op().map(arith_op);
                let target = self.expr_or_missing(it.lhs(), range);
                let value = self.expr_or_missing(it.rhs(), range);
                Expr::Assign { op, target, value }
            }
            AstExpr::Bin(it) => {
                let left = self.expr_or_missing(it.lhs(), range);
                let right = self.expr_or_missing(it.rhs(), range);
                match it.op() {
                    Some(op) => Expr::Binary {
                        op: binary_op(op),
                        left,
                        right,
                    },
                    None => Expr::Missing,
                }
            }
            AstExpr::Range(it) => Expr::Range {
                start: it.start().map(|start| self.expr(&start)),
                end: it.end().map(|end| self.expr(&end)),
                inclusive: it.op() == Some(RangeOp::Through),
            },
            AstExpr::Is(it) => Expr::Is {
                operand: self.expr_or_missing(it.expr(), range),
                ty: self.ty_or_error(it.ty(), range),
            },
            AstExpr::Cast(it) => Expr::Cast {
                operand: self.expr_or_missing(it.expr(), range),
                ty: self.ty_or_error(it.ty(), range),
            },
            AstExpr::Prefix(it) => {
                let operand = self.expr_or_missing(it.expr(), range);
                match it.op() {
                    Some(op) => Expr::Unary {
                        op: unary_op(op),
                        operand,
                    },
                    None => Expr::Missing,
                }
            }
            AstExpr::Ref(it) => Expr::Ref {
                operand: self.expr_or_missing(it.expr(), range),
                mutable: it.mode() == RefMode::MutRef,
                address_of: it.is_amp(),
            },
            AstExpr::Call(it) => {
                let callee = self.expr_or_missing(it.callee(), range);
                let (args, names) = self.args(it.arg_list());
                let id = self.alloc(Expr::Call { callee, args }, range);
                self.map.field_names.insert(id, names);
                return id;
            }
            AstExpr::MethodCall(it) => return self.method_call(it, range),
            AstExpr::Field(it) => {
                let base = self.expr_or_missing(it.expr(), range);
                let Some(name_ref) = it.name_ref() else {
                    return self.alloc(Expr::Missing, range);
                };
                let id = self.alloc(
                    Expr::Field {
                        base,
                        name: name_ref.text().into(),
                    },
                    range,
                );
                self.map
                    .expr_names
                    .insert(id, Box::new([name_ref.syntax().text_range()]));
                return id;
            }
            AstExpr::Index(it) => return self.index_expr(it, range),
            AstExpr::Scope(it) => return self.scope_expr(it, range),
            AstExpr::Try(it) => return self.try_expr(it, range),
        };
        self.alloc(data, range)
    }

    /// The base call of a constructor, whether written or not.
    pub(super) fn ctor_start(&mut self, call: Option<ast::BaseCall>, around: TextRange) -> ExprId {
        let range = match &call {
            Some(call) => call.syntax().text_range(),
            None => around,
        };
        let list = call.as_ref().and_then(|call| match call.expr() {
            // `base: Parent::new(args)`
            Some(AstExpr::Call(it)) => it.arg_list(),
            Some(AstExpr::MethodCall(it)) => it.arg_list(),
            _ => call.arg_list(),
        });
        let (args, names) = self.args(list);
        let args = call.map(|_| args);
        let id = self.alloc(Expr::CtorStart { args }, range);
        self.map.field_names.insert(id, names);
        id
    }

    fn this_expr(&mut self, range: TextRange) -> ExprId {
        match self.receiver {
            Some(local) => self.alloc(Expr::Local(local), range),
            None => {
                let id = self.alloc(Expr::Path(Path::from_name("this")), range);
                self.map.expr_names.insert(id, Box::new([range]));
                id
            }
        }
    }

    fn path_expr(&mut self, it: &ast::PathExpr, range: TextRange) -> ExprId {
        let Some(ast_path) = it.path() else {
            return self.missing(range);
        };
        let single = ast_path.as_single_segment().map(|segment| segment.text());
        let args = ast_path
            .last_segment()
            .and_then(|segment| segment.type_arg_list());
        let is_plain = matches!(
            ast_path.first_segment().and_then(|segment| segment.kind()),
            Some(ast::PathSegmentKind::Name(_))
        );
        if let Some(name) = single.as_deref().filter(|_| is_plain) {
            if let LocalName::Local(local) = self.scopes.resolve(name) {
                let base = self.alloc(Expr::Local(local), range);
                return match args {
                    None => base,
                    // `table[0](x)` with a local `table`: type arguments by form, an index by name.
                    Some(args) => {
                        let index = self.reread_index(&args, range);
                        self.alloc(Expr::Index { base, index }, range)
                    }
                };
            }
            if args.is_none()
                && let Some(known) = self.known_name(name, range)
            {
                return known;
            }
        }
        let (path, names) = self.with_types(|types| types.path(&ast_path));
        let reading = args.as_ref().and_then(|args| args.as_index());
        let Some(reading) = reading else {
            let id = self.alloc(Expr::Path(path), range);
            self.map.expr_names.insert(id, names);
            return id;
        };
        let base = self.alloc(Expr::Path(without_last_args(&path)), range);
        self.map.expr_names.insert(base, names.clone());
        let index = self.index_reading(reading, range);
        let id = self.alloc(Expr::PathOrIndex { path, base, index }, range);
        self.map.expr_names.insert(id, names);
        id
    }

    /// Names that are part of the language.
    fn known_name(&mut self, name: &str, range: TextRange) -> Option<ExprId> {
        let expr = match name {
            "__FILE__" => Expr::Pseudo(PseudoConst::File),
            "__DIRNAME__" => Expr::Pseudo(PseudoConst::DirName),
            "__LINE__" => Expr::Pseudo(PseudoConst::Line),
            "base" if self.is_in_class() => Expr::Base,
            _ => return None,
        };
        Some(self.alloc(expr, range))
    }

    fn reread_index(&mut self, args: &ast::TypeArgList, range: TextRange) -> ExprId {
        match args.as_index() {
            Some(reading) => self.index_reading(reading, range),
            None => self.missing(range),
        }
    }

    fn index_reading(&mut self, reading: IndexReading, around: TextRange) -> ExprId {
        match reading {
            IndexReading::Expr(expr) => self.expr(&expr),
            IndexReading::Path(path) => {
                let range = path.syntax().text_range();
                if let Some(name) = path.as_single_name()
                    && let LocalName::Local(local) = self.scopes.resolve(&name)
                {
                    return self.alloc(Expr::Local(local), range);
                }
                match self.path(Some(path)) {
                    Some((path, names)) => {
                        let id = self.alloc(Expr::Path(path), range);
                        self.map.expr_names.insert(id, names);
                        id
                    }
                    None => self.missing(around),
                }
            }
        }
    }

    /// `base[x]`, unless names decide that it is `path[types]` (reference §2.6).
    fn index_expr(&mut self, it: &ast::IndexExpr, range: TextRange) -> ExprId {
        let base = self.expr_or_missing(it.base(), range);
        let readings = it.as_type_args();
        let (Expr::Path(path), Some(readings)) = (&self.exprs[base], readings) else {
            let index = self.expr_or_missing(it.index(), range);
            return self.alloc(Expr::Index { base, index }, range);
        };
        let mut path = path.clone();
        let args = self.with_types(|types| types.readings(&readings, range));
        if let Some(last) = path.segments.last_mut() {
            last.args = Some(Box::new(args));
        }
        let names = self.map.expr_names.get(&base).cloned().unwrap_or_default();
        let id = if readings.len() == 1 {
            let index = self.expr_or_missing(it.index(), range);
            self.alloc(Expr::PathOrIndex { path, base, index }, range)
        } else {
            self.alloc(Expr::Path(path), range)
        };
        self.map.expr_names.insert(id, names);
        id
    }

    /// `List[I32]::new` whose brackets were read as an index; other bases are not supported.
    fn scope_expr(&mut self, it: &ast::ScopeExpr, range: TextRange) -> ExprId {
        let base = self.expr_or_missing(it.expr(), range);
        let path = match &self.exprs[base] {
            Expr::PathOrIndex { path, .. } | Expr::Path(path) => path.clone(),
            _ => return self.unsupported("`::` behind this expression", range),
        };
        let Some(name_ref) = it.name_ref() else {
            return self.missing(range);
        };
        let args = it
            .type_arg_list()
            .map(|list| self.with_types(|types| types.args(&list)));
        let last = PathSegment {
            name: name_ref.text().into(),
            args: args.map(Box::new),
        };
        let segments = path.segments.iter().cloned().chain([last]).collect();
        let names = self.map.expr_names.get(&base).cloned().unwrap_or_default();
        let names = names
            .iter()
            .copied()
            .chain([name_ref.syntax().text_range()])
            .collect();
        let id = self.alloc(
            Expr::Path(Path {
                anchor: path.anchor,
                segments,
            }),
            range,
        );
        self.map.expr_names.insert(id, names);
        id
    }

    fn args(&mut self, list: Option<ast::ArgList>) -> (Box<[Arg]>, Box<[TextRange]>) {
        let mut names = Vec::new();
        let mut args = Vec::new();
        for arg in list.into_iter().flat_map(|list| list.args()) {
            let around = arg.syntax().text_range();
            let name_ref = arg.name_ref();
            names.push(
                name_ref
                    .as_ref()
                    .map(|it| it.syntax().text_range())
                    .unwrap_or_default(),
            );
            args.push(Arg {
                name: name_ref.map(|it| it.text().into()),
                value: self.expr_or_missing(arg.expr(), around),
            });
        }
        (args.into(), names.into())
    }

    fn method_call(&mut self, it: &ast::MethodCallExpr, range: TextRange) -> ExprId {
        let receiver = self.expr_or_missing(it.receiver(), range);
        let Some(name_ref) = it.name_ref() else {
            return self.missing(range);
        };
        let generic_args = it.type_arg_list().map(|list| {
            let args = self.with_types(|types| types.args(&list));
            Box::new(args)
        });
        let (args, names) = self.args(it.arg_list());
        let name = name_ref.text().into();
        let id = self.alloc(
            Expr::MethodCall {
                receiver,
                name,
                generic_args,
                args,
            },
            range,
        );
        self.map
            .expr_names
            .insert(id, Box::new([name_ref.syntax().text_range()]));
        self.map.field_names.insert(id, names);
        id
    }

    fn struct_lit(&mut self, it: &ast::StructLit, range: TextRange) -> ExprId {
        let path = self.path(it.path());
        let mut names = Vec::new();
        let mut fields = Vec::new();
        for field in it.fields() {
            let around = field.syntax().text_range();
            let Some(name_ref) = field.name_ref() else {
                continue;
            };
            let name_range = name_ref.syntax().text_range();
            names.push(name_range);
            let name: Name = name_ref.text().into();
            let value = match field.expr() {
                Some(value) => self.expr(&value),
                None => self.name_expr(&name, name_range),
            };
            debug_assert!(around.contains_range(name_range));
            fields.push(FieldInit { name, value });
        }
        let spread = it.spread().map(|spread| self.expr(&spread));
        let Some((path, path_names)) = path else {
            return self.missing(range);
        };
        let id = self.alloc(
            Expr::StructLit {
                path,
                fields: fields.into(),
                spread,
            },
            range,
        );
        self.map.expr_names.insert(id, path_names);
        self.map.field_names.insert(id, names.into());
        id
    }

    /// The value of the shorthand `P { x }`.
    fn name_expr(&mut self, name: &Name, range: TextRange) -> ExprId {
        match self.scopes.resolve(name) {
            LocalName::Local(local) => self.alloc(Expr::Local(local), range),
            LocalName::NotLocal => {
                let id = self.alloc(Expr::Path(Path::from_name(name.clone())), range);
                self.map.expr_names.insert(id, Box::new([range]));
                id
            }
        }
    }
}

fn without_last_args(path: &Path) -> Path {
    let mut path = path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.args = None;
    }
    path
}
