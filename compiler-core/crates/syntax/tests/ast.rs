//! The typed tree says what lowering needs to know.

use syntax::ast::{self, AstNode, HasDocComments, HasGenerics, HasName, HasVis};
use syntax::{AstPtr, PreprocessorEnv, TextSize, algo};

fn parse(text: &str) -> ast::SourceFile {
    let parse = syntax::parse(text, &PreprocessorEnv::new());
    assert!(!parse.has_errors(), "{:#?}", parse.errors());
    parse.tree()
}

fn all<N: AstNode>(text: &str) -> Vec<N> {
    parse(text)
        .syntax()
        .descendants()
        .filter_map(N::cast)
        .collect()
}

/// The expressions that are statements of one function.
fn exprs(body: &str) -> Vec<ast::Expr> {
    let text = format!("func f() {{\n{body}\n}}");
    let func = all::<ast::Func>(&text).remove(0);
    let stmts = func.body().expect("a body").stmts();
    stmts
        .filter_map(|it| match it {
            ast::Stmt::Expr(it) => it.expr(),
            _ => None,
        })
        .collect()
}

fn expr(text: &str) -> ast::Expr {
    exprs(text).remove(0)
}

fn text(node: Option<impl AstNode>) -> String {
    node.map_or_else(|| "-".to_owned(), |it| it.syntax().text().to_string())
}

fn literal(text: &str) -> ast::LiteralKind {
    match expr(text) {
        ast::Expr::Literal(it) => it.kind().expect("a kind"),
        other => panic!("{other:?}"),
    }
}

fn parts(text: &str) -> Vec<String> {
    let ast::LiteralKind::Str(literal) = literal(text) else {
        panic!("no string")
    };
    literal
        .parts()
        .map(|it| match it {
            ast::StrPart::Text(it) => format!("{it:?}"),
            ast::StrPart::Interp { expr, spec } => {
                format!(
                    "{}:{}",
                    expr.map_or_else(String::new, |it| it.syntax().text().to_string()),
                    spec.unwrap_or_default()
                )
            }
        })
        .collect()
}

#[test]
fn numbers_have_values_and_suffixes() {
    let int = |text: &str| match literal(text) {
        ast::LiteralKind::Int(it) => (it.value(), it.suffix()),
        other => panic!("{other:?}"),
    };
    assert_eq!(int("1_000"), (Some(1000), None));
    assert_eq!(int("0xFFu8"), (Some(255), Some("u8")));
    assert_eq!(int("0b101_i64"), (Some(5), Some("i64")));
    assert_eq!(int("0o17"), (Some(15), None));
    assert_eq!(
        int("340282366920938463463374607431768211455"),
        (Some(u128::MAX), None)
    );
    assert_eq!(int("340282366920938463463374607431768211456"), (None, None));
    let float = |text: &str| match literal(text) {
        ast::LiteralKind::Float(it) => (it.value(), it.suffix()),
        other => panic!("{other:?}"),
    };
    assert_eq!(float("1_0.5e-1f32"), (Some(1.05), Some("f32")));
    assert_eq!(float("42f64"), (Some(42.0), Some("f64")));
}

#[test]
fn characters_and_bytes_have_values() {
    assert_eq!(literal(r"'\u{1F600}'"), ast::LiteralKind::Char(Some('😀')));
    assert_eq!(literal(r"'\''"), ast::LiteralKind::Char(Some('\'')));
    assert_eq!(literal(r"b'\xFF'"), ast::LiteralKind::Byte(Some(255)));
    assert_eq!(
        literal(r#"b"a\n\x80""#),
        ast::LiteralKind::ByteStr(vec![b'a', b'\n', 0x80])
    );
    assert_eq!(literal("true"), ast::LiteralKind::Bool(true));
    assert_eq!(literal("null"), ast::LiteralKind::Null);
}

#[test]
fn strings_come_in_unescaped_parts() {
    assert_eq!(parts(r#""a\n\{b\} { x } {}""#), [r#""a\n{b} { x } {}""#]);
    assert_eq!(
        parts(r#""n={count:>8}, {a.b()}!""#),
        [r#""n=""#, "count:>8", r#"", ""#, "a.b():", r#""!""#]
    );
    assert_eq!(parts(r#""{c ? a : b:x}""#), ["c ? a : b:x"]);
    assert_eq!(parts("r#\"a\\n\"{x}\"#"), [r#""a\\n\"{x}""#]);
    assert_eq!(parts("`t {x}`"), [r#""t ""#, "x:"]);
    assert!(parts(r#""""#).is_empty());
}

#[test]
fn indentation_common_to_all_lines_is_removed() {
    let text = "\"\"\"\n        a {x}\n          b\n\n        \"\"\"";
    assert_eq!(parts(text), [r#""a ""#, "x:", r#""\n  b\n\n""#]);
    assert_eq!(
        parts("\"\"\"one\n    two\r\n    three\"\"\""),
        [r#""one\ntwo\nthree""#]
    );
}

#[test]
fn operators_have_kinds_and_sides() {
    let ast::Expr::Bin(it) = expr("a shl 1 + b") else {
        panic!()
    };
    assert_eq!(it.op(), Some(ast::BinaryOp::Arith(ast::ArithOp::Shl)));
    assert_eq!(
        (text(it.lhs()), text(it.rhs())),
        ("a".into(), "1 + b".into())
    );
    let ast::Expr::Prefix(it) = expr("not a == b") else {
        panic!()
    };
    assert_eq!(
        (it.op(), text(it.expr())),
        (Some(ast::UnaryOp::Not), "a == b".into())
    );
    let ast::Expr::Assign(it) = expr("a.b **= c") else {
        panic!()
    };
    assert_eq!(
        (it.compound_op(), text(it.rhs())),
        (Some(ast::ArithOp::Pow), "c".into())
    );
    let ast::Expr::Bin(it) = expr("-2 ** 2") else {
        panic!()
    };
    assert_eq!(text(it.lhs()), "-2");
    let ast::Expr::Bin(it) = expr("x * n as I64") else {
        panic!()
    };
    assert_eq!(text(it.rhs()), "n as I64");
    let ast::Expr::Prefix(it) = expr("**p") else {
        panic!()
    };
    assert_eq!(text(it.expr()), "*p");
    let ast::Expr::Range(it) = expr("0 to n - 1") else {
        panic!()
    };
    assert_eq!(
        (it.op(), text(it.start()), text(it.end())),
        (Some(ast::RangeOp::To), "0".into(), "n - 1".into())
    );
    let ast::Expr::Index(it) = expr("a[to 3]") else {
        panic!()
    };
    let Some(ast::Expr::Range(it)) = it.index() else {
        panic!()
    };
    assert_eq!((text(it.start()), text(it.end())), ("-".into(), "3".into()));
    let ast::Expr::Ternary(it) = expr("c ? a : d ? e : f") else {
        panic!()
    };
    assert_eq!(
        (text(it.then_branch()), text(it.else_branch())),
        ("a".into(), "d ? e : f".into())
    );
}

#[test]
fn control_forms_have_their_parts() {
    let ast::Expr::If(it) = expr("if c then a else if d { e }") else {
        panic!()
    };
    assert_eq!(
        (text(it.then_branch()), text(it.else_branch())),
        ("a".into(), "if d { e }".into())
    );
    let ast::Expr::If(it) = expr("if let Just(x): T = e { x }") else {
        panic!()
    };
    let condition = it.condition().expect("a condition");
    assert!(condition.is_let());
    assert_eq!(
        (
            text(condition.pat()),
            text(condition.ty()),
            text(condition.expr())
        ),
        ("Just(x)".into(), "T".into(), "e".into())
    );
    let kinds: Vec<_> = exprs("loop { }\nloop (true) { }\nloop (var i: I32 < n + 1) { }\nloop (k, v) in m { x }\nloop while c { }")
        .into_iter()
        .map(|it| match it {
            ast::Expr::Loop(it) => (it.kind(), text(it.body())),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(matches!(kinds[0].0, ast::LoopKind::Endless));
    assert!(matches!(kinds[1].0, ast::LoopKind::Condition(Some(_))));
    assert!(matches!(
        &kinds[2].0,
        ast::LoopKind::Counter {
            name: Some(_),
            ty: Some(_),
            limit: Some(_)
        }
    ));
    assert!(matches!(
        &kinds[3].0,
        ast::LoopKind::In {
            pat: Some(_),
            iterable: Some(_)
        }
    ));
    assert_eq!(kinds[3].1, "{ x }");
    assert!(matches!(kinds[4].0, ast::LoopKind::Condition(Some(_))));
    let ast::Expr::When(it) = expr("when e { 1 | 2 if g => a\n 3, 4 => b }") else {
        panic!()
    };
    let arms: Vec<_> = it
        .arms()
        .map(|it| {
            (
                text(it.pat()),
                text(it.guard().and_then(|it| it.expr())),
                text(it.body()),
            )
        })
        .collect();
    assert_eq!(
        arms,
        [
            ("1 | 2".into(), "g".into(), "a".into()),
            ("3, 4".into(), "-".to_owned(), "b".to_owned())
        ]
    );
    let ast::Expr::Try(it) = expr("f()! else do(err) { g }") else {
        panic!()
    };
    let recover = it.recover().expect("else");
    assert_eq!(
        (text(recover.binding()), text(recover.body())),
        ("err".into(), "{ g }".into())
    );
    let ast::Expr::Catch(it) = expr("catch { a } else { b }") else {
        panic!()
    };
    assert_eq!(
        (text(it.body()), text(it.handler())),
        ("{ a }".into(), "{ b }".into())
    );
}

#[test]
fn brackets_read_both_ways() {
    let ast::Expr::Call(it) = expr("pair[I32, List[T]](1)") else {
        panic!()
    };
    let Some(ast::Expr::Path(callee)) = it.callee() else {
        panic!()
    };
    let args = callee
        .path()
        .and_then(|it| it.last_segment())
        .and_then(|it| it.type_arg_list());
    assert_eq!(args.expect("type arguments").args().count(), 2);
    let ast::Expr::Call(it) = expr("table[0](x)") else {
        panic!()
    };
    let Some(ast::Expr::Path(callee)) = it.callee() else {
        panic!()
    };
    let args = callee
        .path()
        .and_then(|it| it.last_segment())
        .and_then(|it| it.type_arg_list());
    assert!(matches!(
        args.expect("read as types").as_index(),
        Some(ast::IndexReading::Expr(_))
    ));
    let ast::Expr::Index(it) = expr("id[I32]") else {
        panic!()
    };
    assert!(matches!(
        it.as_type_args().as_deref(),
        Some([ast::TypeReading::Path(_)])
    ));
    let ast::Expr::Index(it) = expr("a[i + 1]") else {
        panic!()
    };
    assert_eq!(it.as_type_args(), None);
    let ast::Expr::MethodCall(it) = expr("x.m[I32](1)") else {
        panic!()
    };
    assert!(it.type_arg_list().is_some());
    let ast::Expr::Call(it) = expr("x.handlers[i](1)") else {
        panic!()
    };
    assert!(matches!(it.callee(), Some(ast::Expr::Index(_))));
}

#[test]
fn declarations_have_their_parts() {
    let file = parse(
        "//! About.\n//! More.\n/// Doc *one*.\n/// two\npub(crate) func f[T: A + B, life a, const N: I32 = 3](mut this, x: T, mut y: I32 = 2) -> ref[a] T where T: C { x }\n\
         type S = A | B(I32)\ntype P { pub x: I32 = 1, y: Str }\nimpl Show for P { }\nuse a::{b as c, d::*} hide e\nvar g: I32 = 1",
    );
    assert_eq!(file.inner_doc_text().as_deref(), Some("About.\nMore."));
    let items: Vec<_> = file.items().collect();
    let ast::Item::Func(func) = &items[0] else {
        panic!()
    };
    assert_eq!(func.doc_text().as_deref(), Some("Doc *one*.\ntwo"));
    assert_eq!(func.name().map(|it| it.text()).as_deref(), Some("f"));
    assert_eq!(
        func.visibility().map(|it| it.kind()),
        Some(ast::VisKind::Crate)
    );
    assert_eq!(
        func.generic_param_list().map(|it| it.params().count()),
        Some(3)
    );
    assert_eq!(
        func.receiver().map(|it| it.kind()),
        Some(ast::ReceiverKind::MutThis)
    );
    assert_eq!(
        func.params().map(|it| text(it.pat())).collect::<Vec<_>>(),
        ["x", "mut y"]
    );
    assert_eq!(text(func.ret_ty()), "ref[a] T");
    assert_eq!(text(func.body().and_then(|it| it.tail_expr())), "x");
    assert!(func.where_clause().is_some());
    let ast::Item::TypeDecl(sum) = &items[1] else {
        panic!()
    };
    assert!(matches!(sum.kind(), ast::TypeDeclKind::Sum(_)));
    let ast::Item::TypeDecl(record) = &items[2] else {
        panic!()
    };
    assert!(matches!(record.kind(), ast::TypeDeclKind::Struct(_)));
    let ast::Item::Impl(it) = &items[3] else {
        panic!()
    };
    assert_eq!(
        (text(it.behavior()), text(it.self_ty())),
        ("Show".into(), "P".into())
    );
    let ast::Item::Use(it) = &items[4] else {
        panic!()
    };
    assert!(!it.filter().expect("a filter").is_show());
    let tree = it.use_tree().expect("a tree");
    assert_eq!(text(tree.path()), "a");
    let inner: Vec<_> = tree.use_tree_list().expect("a group").use_trees().collect();
    assert_eq!(text(inner[0].alias()), "c");
    assert!(inner[1].star_token().is_some());
    let ast::Item::Static(it) = &items[5] else {
        panic!()
    };
    assert!(it.is_mut());
}

#[test]
fn pointers_find_their_node_again() {
    let source = "func f() { a + b }\nfunc g() { c }";
    let file = parse(source);
    let func = file
        .syntax()
        .descendants()
        .filter_map(ast::Func::cast)
        .last()
        .expect("g");
    let block = func.body().expect("a body");
    let absolute = AstPtr::new(&block);
    let relative = AstPtr::relative_to(func.syntax(), &block);
    let again = parse(source);
    assert_eq!(
        absolute.resolve(again.syntax()).map(|it| it.text_range()),
        Some(block.text_range())
    );
    assert_eq!(relative.resolve(func.syntax()), Some(block));
    let token = algo::token_at(again.syntax(), TextSize::new(11)).expect("a token");
    assert_eq!(token.text(), "a");
    assert!(algo::find_node_at::<ast::BinExpr>(again.syntax(), TextSize::new(13)).is_some());
}
