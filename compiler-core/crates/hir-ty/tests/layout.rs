//! Sizes, alignments and offsets as reference §3.7 says, and item diagnostics.

mod common;
use common::CORE;
use hir_ty::{ItemDiagnostic, Shape, Ty, layout_of};
use testkit::TestDb;

fn layout_text(db: &TestDb, ty: Ty) -> String {
    match layout_of(db, ty) {
        Ok(layout) => {
            let shape = match &layout.shape {
                Shape::Scalar(scalar) => format!("{scalar:?}"),
                Shape::Pair(a, b) => format!("({a:?}, {b:?})"),
                Shape::Struct { offsets } => format!("{offsets:?}"),
                Shape::Array { stride, len } => format!("{len} x {stride}"),
                Shape::Enum { tag, variants } => {
                    let variants: Vec<String> = variants
                        .iter()
                        .map(|v| format!("{}{:?}", v.tag, v.offsets))
                        .collect();
                    format!("{tag:?} {}", variants.join(" "))
                }
                Shape::NullablePtr {
                    null,
                    payload,
                    pair,
                } => format!("null {null} {payload} {pair}"),
            };
            format!("{} {} {shape}", layout.size, layout.align)
        }
        Err(error) => format!("{error:?}"),
    }
}

#[test]
fn layouts() {
    let table = [
        ("Bool", "1 1 Bool"),
        ("I128", "16 16 Int(I128)"),
        ("Str", "8 8 Str"),
        ("Unit", "0 1 []"),
        ("(U8, I64, U16)", "24 8 [0, 8, 16]"),
        ("[U16; 3]", "6 2 3 x 2"),
        ("ref [U8]", "16 8 (NonNull, Int(I64))"),
        ("ref Str", "8 8 NonNull"),
        ("func(I32) -> I32", "16 8 (NonNull, Ptr)"),
        ("Color", "4 4 Int(I32) 1[] 5[] 6[]"),
        ("Mixed", "24 8 I32 0[] 1[8, 16] 2[8]"),
        ("Maybe[I32]", "8 4 I32 0[4] 1[]"),
        ("Maybe[ref I32]", "8 8 null 1 0 false"),
        ("Maybe[ref [I32]]", "16 8 null 1 0 true"),
        ("Maybe[Str]", "16 8 I32 0[8] 1[]"),
        ("Pair[U8]", "2 1 [0, 1]"),
        ("[U8; N + 1]", "5 1 5 x 1"),
        ("Small", "1 1 U8 0[] 1[]"),
        ("Packed", "5 1 [0, 1]"),
        ("Handle[I32]", "8 8 NonNull"),
        ("Maybe[Handle[I32]]", "8 8 null 1 0 false"),
    ];
    let mut program = String::from(
        "const N: I64 = 2 * 2\nenum Color { Red = 1, Green = 5, Blue }\nenum Mixed { A, B(I64, U8), C { x: U8 } }\ntype Pair[T] { a: T, b: T }\n@repr(U8) enum Small { A, B }\n@repr(packed) type Packed { a: U8, b: I32 }\n@non_null type Handle[T] { at: *T }\n",
    );
    for (i, (ty, _)) in table.iter().enumerate() {
        program.push_str(&format!("func f{i}(x: {ty}) {{}}\n"));
    }
    let text = format!("{CORE}//- /main/src/main.tml\n{program}");
    let (db, fixture) = TestDb::with_fixture(&text);
    let map = hir_def::module_map::module_map(&db, fixture.package("main"));
    let root = &map.modules[&map.root];
    assert_eq!(hir_ty::module_diagnostics(&db, map.root).to_vec(), []);
    let mut wrong = Vec::new();
    for (i, (ty, expected)) in table.iter().enumerate() {
        let name = format!("f{i}");
        let entry = &root.items.values[name.as_str()];
        let hir_def::ModuleDef::Func(func) = entry.def else {
            panic!("{name}")
        };
        let found = layout_text(&db, hir_ty::fn_type(&db, func).params[0].ty);
        let same = found == *expected || found.replace("I32 ", "Int(I32) ") == *expected;
        if !same {
            wrong.push(format!("{ty}: expected {expected}, found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn kind(d: &ItemDiagnostic) -> &'static str {
    match d {
        ItemDiagnostic::Type { .. } => "type",
        ItemDiagnostic::Conflict { .. } => "T027",
        ItemDiagnostic::Orphan { .. } => "T027 orphan",
        ItemDiagnostic::MissingMembers { .. } => "T028",
        ItemDiagnostic::ExtraMember { .. } => "T029",
        ItemDiagnostic::SignatureDiffers { .. } => "T032",
        ItemDiagnostic::SealedBase { .. } => "T070",
        ItemDiagnostic::AbstractMissing { .. } => "T072",
        ItemDiagnostic::OverrideNothing { .. } => "T073",
        ItemDiagnostic::OverrideSealed { .. } => "T074",
        ItemDiagnostic::Hides { .. } => "W035",
        ItemDiagnostic::InterfaceMissing { .. } => "T076",
        ItemDiagnostic::DuplicateMember { .. } => "T008",
        ItemDiagnostic::AssocBound { .. } => "T026 associated",
        ItemDiagnostic::ForeignDrop { .. } => "T027 drop",
        ItemDiagnostic::ReceiverType { .. } => "T036",
        ItemDiagnostic::ForeignType { .. } => "C006",
        ItemDiagnostic::MissingSuper { .. } => "T026",
        ItemDiagnostic::SumOfTypes { .. } => "P065",
        ItemDiagnostic::InfiniteSize { .. } => "T085",
        ItemDiagnostic::Repeats { .. } => "W042",
        ItemDiagnostic::BareAuto { .. } => "W030",
        ItemDiagnostic::SharedStatic { .. } => "T081",
        ItemDiagnostic::MainSignature { .. } => "T051",
        ItemDiagnostic::TestSignature { .. } => "T054",
        ItemDiagnostic::Const { .. } => "T06x",
    }
}

#[test]
fn declarations() {
    let table: [(&str, &[&str]); 16] = [
        ("type L { next: L }", &["T085"]),
        ("enum L { Node(Maybe[L]), End }", &["T085"]),
        ("type L { next: Maybe[ref L] }", &[]),
        ("const A: U8 = 200 + 100", &["T06x"]),
        ("const A: I32 = 1 / 0", &["T06x"]),
        ("const A: I32 = B\nconst B: I32 = A", &["T06x", "T06x"]),
        ("func r() -> I32 { 1 }\nconst A: I32 = r()", &["T06x"]),
        ("const A: I32 = 4 * 3\nconst B: [I32; A] = [0; A]", &[]),
        ("func f(x: Nope) {}", &["type"]),
        ("func f(x: Maybe[I32, I32]) {}", &["type"]),
        (
            "behavior S { func s(this) -> Str }\nimpl S for I32 {}",
            &["T028"],
        ),
        (
            "behavior S { }\nimpl S for I32 { func x(this) {} }",
            &["T029"],
        ),
        (
            "behavior S { func s(this) }\nimpl S for I32 { func s(mut this) {} }",
            &["T032"],
        ),
        (
            "behavior S { func s(this, o: ref This) -> This }\nimpl S for I32 { func s(this, o: ref I32) -> I32 { 1 } }",
            &[],
        ),
        (
            "behavior S { }\nimpl S for I32 { }\nimpl S for I32 { }",
            &["T027"],
        ),
        ("func main(x: I32) {}", &["T051"]),
    ];
    let mut wrong = Vec::new();
    for (program, expected) in table {
        let text = format!("{CORE}//- /main/src/main.tml\n{program}");
        let (db, fixture) = TestDb::with_fixture(&text);
        let map = hir_def::module_map::module_map(&db, fixture.package("main"));
        let all = hir_ty::module_diagnostics(&db, map.root);
        let found: Vec<&str> = all.iter().map(kind).collect();
        if found != expected {
            wrong.push(format!(
                "{program}\n  expected {expected:?}, found {found:?} {all:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn edits_of_bodies_stop_at_signatures() {
    let program = |body: &str, ret: &str| {
        format!("func callee() -> {ret} {{ {body} }}\nfunc caller() {{ let x = callee() }}\n")
    };
    let text = format!("{CORE}//- /main/src/main.tml\n{}", program("1", "I32"));
    let (mut db, fixture) = TestDb::with_fixture(&text);
    let package = fixture.package("main");
    let file = fixture.file("/main/src/main.tml");
    let all = |db: &TestDb| {
        for owner in common::owners(db, package) {
            hir_ty::infer(db, owner);
        }
    };
    all(&db);
    db.change_file(file, &program("2", "I32"));
    let executed = db.executed(all);
    assert_eq!(TestDb::count(&executed, "infer_body"), 1, "{executed:?}");
    db.change_file(file, &program("2", "I64"));
    let executed = db.executed(all);
    assert_eq!(TestDb::count(&executed, "infer_body"), 2, "{executed:?}");
    db.change_file(file, &format!("// moved\n\n{}", program("2", "I64")));
    let executed = db.executed(all);
    assert_eq!(TestDb::count(&executed, "infer_body"), 0, "{executed:?}");
}

#[test]
fn the_real_core_is_clean() {
    let mut db = TestDb::default();
    let core = testkit::real_library(&mut db, "core");
    let mut wrong: Vec<String> = Vec::new();
    for module in hir_def::module_map::module_map(&db, core).modules.keys() {
        for d in hir_ty::module_diagnostics(&db, *module) {
            wrong.push(format!("{}: {d:?}", module.path(&db)));
        }
    }
    for owner in common::owners(&db, core) {
        let path = owner.module(&db).path(&db).clone();
        let name = match owner {
            hir_def::BodyOwner::Func(id) => {
                hir_def::signatures::func_signature(&db, id).name.clone()
            }
            _ => Default::default(),
        };
        let found = &hir_ty::infer(&db, owner).diagnostics;
        for d in found.iter().filter(|d| d.is_error()) {
            let found = match d {
                hir_ty::InferDiagnostic::Mismatch {
                    expected, found, ..
                } => {
                    format!(" {} vs {}", expected.display(&db), found.display(&db))
                }
                hir_ty::InferDiagnostic::UnknownMethod { receiver, .. } => {
                    format!(" on {}", receiver.display(&db))
                }
                _ => String::new(),
            };
            wrong.push(format!("{path}::{name}: {d:?}{found}"));
        }
    }
    let lines: Vec<&str> = wrong.iter().map(String::as_str).take(60).collect();
    assert!(
        wrong.is_empty(),
        "{} findings\n{}",
        wrong.len(),
        lines.join("\n")
    );
}
