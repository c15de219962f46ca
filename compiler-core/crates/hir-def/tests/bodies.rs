//! Lowering of bodies, as text.

use expect_test::{Expect, expect};
use hir_def::body::{body, pretty::body_text};
use hir_def::module_map::{module_data, root_module};
use hir_def::{BodyOwner, ModuleDef};
use testkit::TestDb;

/// All functions and constants of the root module.
fn check(text: &str, expected: Expect) {
    let (db, fixture) = TestDb::with_fixture(text);
    let root = root_module(&db, fixture.main_package());
    let data = module_data(&db, root).expect("a root module");
    let owners = data.defs.iter().filter_map(|def| match def {
        ModuleDef::Func(id) => Some(BodyOwner::Func(*id)),
        ModuleDef::Const(id) => Some(BodyOwner::Const(*id)),
        _ => None,
    });
    let texts: Vec<String> = owners.map(|owner| body_text(body(&db, owner))).collect();
    expected.assert_eq(&texts.join("\n"));
}

#[test]
fn locals_are_resolved_lexically() {
    check(
        "func f(a: I32, mut b: I32) -> I32 {
    let x = a
    let y: I32 = { let x = x + 1; x }
    b += x
    g(x, y)
}
",
        expect![[r#"
            (a.0, mut b.1) {
                let x.2 = a.0
                let y.4: I32 = {
                    let x.3 = (x.2 + 1)
                    x.3
                }
                b.1 += x.2
                g(x.2, y.4)
            }
        "#]],
    );
}

#[test]
fn redeclaration_in_one_block_is_reported() {
    check(
        "func f(a: I32) {
    let a = 1
    let a = 2
    { let a = 3 }
}
",
        expect![[r#"
            (a.0) {
                let a.1 = 1
                let a.2 = 2
                {
                    let a.3 = 3
                }
            }
            ! DuplicateLocal { first: local1, second: local2 }
        "#]],
    );
}

#[test]
fn control_flow_is_desugared() {
    check(
        "func f(n: I32) -> I32 {
    loop (var i: I32 < n) { i += 1 }
    loop (true) { break }
    loop (n > 1) { continue }
    for i in 0 to n { print(i) }
    let a = n > 0 ? 1 : 2
    let b = if n > 3 then a else 4
    when {
        n > 1 => a,
        _ => b,
    }
}
",
        expect![[r#"
            (n.0) {
                {
                    let mut i.1: I32 = 0
                    while (i.1 < n.0) {
                        i.1 += 1
                    };
                }
                loop {
                    break
                }
                while (n.0 > 1) {
                    continue
                }
                for i.2 in (0 to n.0) {
                    print(i.2)
                }
                let a.3 = if (n.0 > 0) then 1 else 2
                let b.4 = if (n.0 > 3) then a.3 else 4
                if (n.0 > 1) then a.3 else b.4
            }
        "#]],
    );
}

#[test]
fn patterns() {
    check(
        "func f(m: Maybe[(I32, I32)]) -> I32 {
    if let Just((a, _)) = m { return a }
    let Just(p) = m else { return 0 }
    when m {
        Just((1, y)) | Just((y, 2)) => y,
        Just((-1, 0 through 9)) if p.0 > 1 => 3,
        Shape::Rect { w, h: hh, .. } => w + hh,
        whole @ Just(_) => 5,
        Nothing => 6,
    }
}
",
        expect![[r#"
            (m.0) {
                if let Just((a.1, _,)) = m.0 then {
                    return a.1
                }
                let Just(p.2) = m.0 else {
                    return 0
                }
                when m.0 {
                    Just((1, y.3,)) | Just((y.3, 2,)) => y.3
                    Just((-1, 0 through 9,)) if (p.2.0 > 1) => 3
                    Shape::Rect { w: w.4, h: hh.5, .. } => (w.4 + hh.5)
                    whole.6 @ Just(_) => 5
                    Nothing => 6
                }
            }
        "#]],
    );
}

#[test]
fn brackets_are_an_index_or_type_arguments_by_name() {
    check(
        "func f(table: [I32; 4], i: I64) -> I32 {
    let a = table[i]
    let b = TABLE[i]
    let c = make[I32](1)
    let d = List[I32]::new(4)
    let e = Pair[I32, Str] { x: 1, y: \"s\" }
    a
}
",
        expect![[r#"
            (table.0, i.1) {
                let a.2 = table.0[i.1]
                let b.3 = {TABLE[i] | index i.1}
                let c.4 = {make[I32] | index I32}(1)
                let d.5 = List[I32]::new(4)
                let e.6 = Pair[I32, Str] { x: 1, y: "s" }
                a.2
            }
        "#]],
    );
}

#[test]
fn strings_and_operators() {
    check(
        "func f(n: I64) {
    let s = \"n={n:>4} {n}\\n\"
    let t = not n == 1 and -n ** 2 < 3
    let p = P { x: 1, ..q }
    let c = n as I32
    let r = find(n)! else do(err) { 0 }
    let z = __LINE__
    x.y.0 = mut ref s
}
",
        expect![[r#"
            (n.0) {
                let s.1 = str("n=" {n.0:spec} " " {n.0} "\n")
                let t.2 = ((not (n.0 == 1)) and (((-n.0) ** 2) < 3))
                let p.3 = P { x: 1, ..q }
                let c.4 = (n.0 as I32)
                let r.6 = find(n.0)! else do(err.5) {
                    0
                }
                let z.7 = Line
                x.y.0 = (mut ref s.1)
            }
        "#]],
    );
}

#[test]
fn local_items_and_unsupported_forms() {
    check(
        "func f() {
    let g = 1
    {
        func g() -> I32 { 2 }
        g()
    }
    let c = do(x: I32) x + 1
    break
}
",
        expect![[r#"
            () {
                let g.0 = 1
                { // has items
                    <item>
                    g()
                }
                let c.2 = do(x.1: I32) (x.1 + 1)
                break
            }
            ! OutsideLoop { expr: expr8, is_break: true }
        "#]],
    );
}

#[test]
fn broken_bodies_have_holes() {
    check(
        "func f( {
    let = 
    if { 
    x.
}
",
        expect![[r#"
            () {
                let <missing> = if <missing> then {
                    <missing>
                }
            }
        "#]],
    );
}
