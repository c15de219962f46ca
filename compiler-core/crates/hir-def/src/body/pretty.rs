//! Bodies as text, for tests and for looking at what lowering made.
//!
//! The text is nearly source: locals carry their number (`x.0`), what was desugared shows, and
//! paths stay as written.

use std::fmt::Write;

use crate::TypeRefId;
use crate::body::{
    Body, Expr, ExprId, InterpolPart, Literal, LocalId, Pat, PatId, PatLiteral, PatRangeEnd, Stmt,
    UnaryOp,
};
use crate::def_path::{path_text, type_text};

/// The whole body: parameters, then the root expression.
pub fn body_text(body: &Body) -> String {
    let mut printer = Printer {
        body,
        out: String::new(),
        indent: 0,
    };
    let params: Vec<String> = body
        .params
        .iter()
        .map(|param| printer.pat(param.pat))
        .collect();
    let this = body.receiver.map(|local| printer.local(local));
    let all: Vec<String> = this.into_iter().chain(params).collect();
    let _ = write!(printer.out, "({}) ", all.join(", "));
    let root = printer.expr(body.root);
    printer.out.push_str(&root);
    printer.out.push('\n');
    for diagnostic in &body.diagnostics {
        let _ = writeln!(printer.out, "! {diagnostic:?}");
    }
    printer.out
}

struct Printer<'a> {
    body: &'a Body,
    out: String,
    indent: usize,
}

impl Printer<'_> {
    fn local(&self, local: LocalId) -> String {
        let name = self
            .body
            .locals
            .get(local)
            .map(|it| it.name.as_str())
            .unwrap_or("?");
        format!("{name}.{}", local.0)
    }

    fn ty(&self, ty: TypeRefId) -> String {
        type_text(&self.body.types, ty)
    }

    fn opt(&mut self, expr: Option<ExprId>) -> String {
        expr.map(|expr| format!(" {}", self.expr(expr)))
            .unwrap_or_default()
    }

    fn list(&mut self, exprs: &[ExprId]) -> String {
        exprs
            .iter()
            .map(|expr| self.expr(*expr))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn line(&self) -> String {
        format!("\n{}", "    ".repeat(self.indent))
    }

    fn expr(&mut self, id: ExprId) -> String {
        let body = self.body;
        match &body[id] {
            Expr::Missing => "<missing>".into(),
            Expr::Unsupported(what) => format!("<unsupported: {what}>"),
            Expr::Literal(literal) => literal_text(literal),
            Expr::Pseudo(it) => format!("{it:?}"),
            Expr::Local(local) => self.local(*local),
            Expr::Path(path) => path_text(&body.types, path),
            Expr::PathOrIndex { path, index, .. } => {
                format!(
                    "{{{} | index {}}}",
                    path_text(&body.types, path),
                    self.expr(*index)
                )
            }
            Expr::Block {
                stmts,
                tail,
                block,
                lowlevel,
            } => {
                let mut out = String::new();
                out.push_str(if *lowlevel { "lowlevel {" } else { "{" });
                if let Some(block) = block {
                    let _ = block;
                    out.push_str(" // has items");
                }
                self.indent += 1;
                for stmt in stmts {
                    let stmt = self.stmt(stmt);
                    out.push_str(&self.line());
                    out.push_str(&stmt);
                }
                if let Some(tail) = tail {
                    let tail = self.expr(*tail);
                    out.push_str(&self.line());
                    out.push_str(&tail);
                }
                self.indent -= 1;
                out.push_str(&self.line());
                out.push('}');
                out
            }
            Expr::If {
                condition,
                then,
                else_,
            } => {
                let condition = self.expr(*condition);
                let then = self.expr(*then);
                let else_ = else_
                    .map(|it| format!(" else {}", self.expr(it)))
                    .unwrap_or_default();
                format!("if {condition} then {then}{else_}")
            }
            Expr::IfLet {
                pat,
                ty,
                scrutinee,
                then,
                else_,
            } => {
                let ty = ty
                    .map(|ty| format!(": {}", self.ty(ty)))
                    .unwrap_or_default();
                let scrutinee = self.expr(*scrutinee);
                let then = self.expr(*then);
                let else_ = else_
                    .map(|it| format!(" else {}", self.expr(it)))
                    .unwrap_or_default();
                format!(
                    "if let {}{ty} = {scrutinee} then {then}{else_}",
                    self.pat(*pat)
                )
            }
            Expr::When { scrutinee, arms } => {
                let mut out = format!("when {} {{", self.expr(*scrutinee));
                self.indent += 1;
                for arm in arms {
                    let guard = arm.guard.map(|it| format!(" if {}", self.expr(it)));
                    let value = self.expr(arm.body);
                    let (pat, guard) = (self.pat(arm.pat), guard.unwrap_or_default());
                    let _ = write!(out, "{}{pat}{guard} => {value}", self.line());
                }
                self.indent -= 1;
                out.push_str(&self.line());
                out.push('}');
                out
            }
            Expr::Loop { body } => format!("loop {}", self.expr(*body)),
            Expr::While { condition, body } => {
                format!("while {} {}", self.expr(*condition), self.expr(*body))
            }
            Expr::For {
                pat,
                iterable,
                body,
            } => {
                let iterable = self.expr(*iterable);
                format!("for {} in {iterable} {}", self.pat(*pat), self.expr(*body))
            }
            Expr::Base => "base".into(),
            Expr::CtorStart { args } => {
                format!("base({})", self.args(args.as_deref().unwrap_or(&[])))
            }
            Expr::Break { value } => format!("break{}", self.opt(*value)),
            Expr::Continue => "continue".into(),
            Expr::Return { value } => format!("return{}", self.opt(*value)),
            Expr::Throw { value } => format!("throw {}", self.expr(*value)),
            Expr::Call { callee, args } => {
                format!("{}({})", self.expr(*callee), self.args(args))
            }
            Expr::MethodCall {
                receiver,
                name,
                generic_args,
                args,
            } => {
                let types = if generic_args.is_some() { "[…]" } else { "" };
                format!(
                    "{}.{name}{types}({})",
                    self.expr(*receiver),
                    self.args(args)
                )
            }
            Expr::Field { base, name } => format!("{}.{name}", self.expr(*base)),
            Expr::Index { base, index } => {
                format!("{}[{}]", self.expr(*base), self.expr(*index))
            }
            Expr::Unary { op, operand } => {
                let op = match op {
                    UnaryOp::Neg => "-",
                    UnaryOp::Not => "not ",
                    UnaryOp::BitNot => "~",
                    UnaryOp::Deref => "*",
                };
                format!("({op}{})", self.expr(*operand))
            }
            Expr::Binary { op, left, right } => {
                format!("({} {} {})", self.expr(*left), op.text(), self.expr(*right))
            }
            Expr::Assign { op, target, value } => {
                let op = op.map(|op| op.text()).unwrap_or_default();
                format!("{} {op}= {}", self.expr(*target), self.expr(*value))
            }
            Expr::Range {
                start,
                end,
                inclusive,
            } => {
                let start = start.map(|it| self.expr(it)).unwrap_or_default();
                let word = if *inclusive { "through" } else { "to" };
                format!("({start} {word}{})", self.opt(*end))
            }
            Expr::Cast { operand, ty } => {
                format!("({} as {})", self.expr(*operand), self.ty(*ty))
            }
            Expr::Ref {
                operand,
                mutable,
                address_of,
            } => {
                let word = match (address_of, mutable) {
                    (false, false) => "ref ",
                    (false, true) => "mut ref ",
                    (true, false) => "&",
                    (true, true) => "&mut ",
                };
                format!("({word}{})", self.expr(*operand))
            }
            Expr::Tuple(items) => format!("({},)", self.list(items)),
            Expr::Array(items) => format!("[{}]", self.list(items)),
            Expr::Repeat { value, count } => {
                format!("[{}; {}]", self.expr(*value), self.expr(*count))
            }
            Expr::StructLit {
                path,
                fields,
                spread,
            } => {
                let fields = fields
                    .iter()
                    .map(|it| format!("{}: {}", it.name, self.expr(it.value)));
                let mut fields: Vec<String> = fields.collect();
                fields.extend(spread.map(|spread| format!("..{}", self.expr(spread))));
                format!(
                    "{} {{ {} }}",
                    path_text(&body.types, path),
                    fields.join(", ")
                )
            }
            Expr::Interpolate { parts, template } => {
                let parts = parts.iter().map(|part| match part {
                    InterpolPart::Text(text) => format!("{text:?}"),
                    InterpolPart::Expr { expr, spec } => {
                        let spec = if spec.is_some() { ":spec" } else { "" };
                        format!("{{{}{spec}}}", self.expr(*expr))
                    }
                });
                let parts: Vec<String> = parts.collect();
                let word = if *template { "text" } else { "str" };
                format!("{word}({})", parts.join(" "))
            }
            Expr::Try { operand, recover } => {
                let operand = self.expr(*operand);
                match recover {
                    None => format!("{operand}!"),
                    Some(it) => {
                        let body = self.expr(it.body);
                        let binding = it.binding.map(|pat| format!(" do({})", self.pat(pat)));
                        format!("{operand}! else{} {body}", binding.unwrap_or_default())
                    }
                }
            }
            Expr::Closure {
                params,
                ret,
                body,
                is_move,
                is_async,
                ..
            } => {
                let params: Vec<String> = params
                    .iter()
                    .map(|param| {
                        let ty = param.ty.map(|ty| format!(": {}", self.ty(ty)));
                        format!("{}{}", self.pat(param.pat), ty.unwrap_or_default())
                    })
                    .collect();
                let ret = ret.map(|ret| format!(" -> {}", self.ty(ret)));
                let body = self.expr(*body);
                let word = if *is_move { "move do" } else { "do" };
                match is_async {
                    true => format!("async {body}"),
                    false => format!(
                        "{word}({}){} {body}",
                        params.join(", "),
                        ret.unwrap_or_default()
                    ),
                }
            }
            Expr::Catch {
                body,
                binding,
                handler,
            } => {
                let body = self.expr(*body);
                let binding = binding.map(|pat| format!(" do({})", self.pat(pat)));
                let handler = self.expr(*handler);
                format!("catch {body} else{} {handler}", binding.unwrap_or_default())
            }
            Expr::Await { operand } => format!("await {}", self.expr(*operand)),
            Expr::Is { operand, ty } => format!("({} is {})", self.expr(*operand), self.ty(*ty)),
        }
    }

    fn args(&mut self, args: &[crate::body::Arg]) -> String {
        let args = args.iter().map(|arg| {
            let name = arg
                .name
                .as_ref()
                .map(|name| format!("{name}: "))
                .unwrap_or_default();
            format!("{name}{}", self.expr(arg.value))
        });
        args.collect::<Vec<_>>().join(", ")
    }

    fn stmt(&mut self, stmt: &Stmt) -> String {
        match stmt {
            Stmt::Item => "<item>".into(),
            Stmt::Expr { expr, has_semi } => {
                format!("{}{}", self.expr(*expr), if *has_semi { ";" } else { "" })
            }
            Stmt::Let {
                pat,
                ty,
                init,
                else_,
                ..
            } => {
                let ty = ty
                    .map(|ty| format!(": {}", self.ty(ty)))
                    .unwrap_or_default();
                let init = init
                    .map(|it| format!(" = {}", self.expr(it)))
                    .unwrap_or_default();
                let else_ = else_
                    .map(|it| format!(" else {}", self.expr(it)))
                    .unwrap_or_default();
                format!("let {}{ty}{init}{else_}", self.pat(*pat))
            }
        }
    }

    fn pats(&self, pats: &[PatId]) -> Vec<String> {
        pats.iter().map(|pat| self.pat(*pat)).collect()
    }

    fn with_rest(&self, pats: &[PatId], rest: Option<u32>) -> String {
        let mut all = self.pats(pats);
        if let Some(at) = rest {
            all.insert((at as usize).min(all.len()), "..".into());
        }
        all.join(", ")
    }

    fn pat(&self, id: PatId) -> String {
        let types = &self.body.types;
        match &self.body[id] {
            Pat::Missing => "<missing>".into(),
            Pat::Unsupported(what) => format!("<unsupported: {what}>"),
            Pat::Wild => "_".into(),
            Pat::Bind { local, sub } => {
                let mutable = self.body.locals.get(*local).is_some_and(|it| it.mutable);
                let mode = match self.body.locals.get(*local).map(|it| it.mode) {
                    Some(crate::body::BindMode::Ref) => "ref ",
                    Some(crate::body::BindMode::MutRef) => "mut ref ",
                    _ if mutable => "mut ",
                    _ => "",
                };
                let sub = sub
                    .map(|sub| format!(" @ {}", self.pat(sub)))
                    .unwrap_or_default();
                format!("{mode}{}{sub}", self.local(*local))
            }
            Pat::Literal(literal) => pat_literal_text(literal),
            Pat::Path(path) => path_text(types, path),
            Pat::Range {
                start,
                end,
                inclusive,
            } => {
                let end_text = |end: &Option<PatRangeEnd>| match end {
                    None => String::new(),
                    Some(PatRangeEnd::Literal(literal)) => pat_literal_text(literal),
                    Some(PatRangeEnd::Path(path)) => path_text(types, path),
                };
                let word = if *inclusive { "through" } else { "to" };
                format!("{} {word} {}", end_text(start), end_text(end))
            }
            Pat::Tuple { pats, rest } => format!("({},)", self.with_rest(pats, *rest)),
            Pat::Slice {
                prefix,
                rest,
                suffix,
            } => {
                let mut all = self.pats(prefix);
                all.extend(rest.map(|rest| format!("..{}", self.pat(rest))));
                all.extend(self.pats(suffix));
                format!("[{}]", all.join(", "))
            }
            Pat::TupleStruct { path, pats, rest } => {
                format!(
                    "{}({})",
                    path_text(types, path),
                    self.with_rest(pats, *rest)
                )
            }
            Pat::Record {
                path,
                fields,
                has_rest,
            } => {
                let fields = fields
                    .iter()
                    .map(|(name, pat)| format!("{name}: {}", self.pat(*pat)));
                let mut fields: Vec<String> = fields.collect();
                fields.extend(has_rest.then(|| "..".to_owned()));
                format!("{} {{ {} }}", path_text(types, path), fields.join(", "))
            }
            Pat::Or(pats) => self.pats(pats).join(" | "),
        }
    }
}

fn literal_text(literal: &Literal) -> String {
    match literal {
        Literal::Int { value, suffix } => {
            format!("{value}{}", suffix.map(|ty| ty.name()).unwrap_or_default())
        }
        Literal::Float { text, suffix } => {
            format!("{text}{}", suffix.map(|ty| ty.name()).unwrap_or_default())
        }
        Literal::Bool(value) => value.to_string(),
        Literal::Char(value) => format!("{value:?}"),
        Literal::Str(value) => format!("{value:?}"),
        Literal::Bytes(value) => format!("bytes{value:?}"),
        Literal::Null => "null".into(),
        Literal::Unit => "()".into(),
    }
}

fn pat_literal_text(literal: &PatLiteral) -> String {
    let sign = if literal.negative { "-" } else { "" };
    format!("{sign}{}", literal_text(&literal.value))
}
