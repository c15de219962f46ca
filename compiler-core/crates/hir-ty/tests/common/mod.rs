//! Tables of programs: `//: T` at the end of a line is the type of the first local bound on it,
//! `//! T001` the codes that the line has (none without it).

#![allow(unreachable_pub, dead_code, reason = "shared by several test programs")]

use std::collections::BTreeMap;

use base::{Package, item_range, line_index};
use hir_def::body::{BodyDiagnostic, ExprId, PatId, body_with_source_map};
use hir_def::{AssocItemId, BodyOwner, ModuleDef};
use hir_ty::{Expected, InferDiagnostic, InferenceResult, Site, infer};
use testkit::TestDb;

/// All bodies of a package, in source order.
pub fn owners(db: &TestDb, package: Package) -> Vec<BodyOwner> {
    let mut out = Vec::new();
    let push_assoc = |out: &mut Vec<BodyOwner>, item: &AssocItemId| match item {
        AssocItemId::Func(id) => out.push(BodyOwner::Func(*id)),
        AssocItemId::Const(id) => out.push(BodyOwner::Const(*id)),
        AssocItemId::Static(id) => out.push(BodyOwner::Static(*id)),
        AssocItemId::Type(_) => {}
    };
    for module in hir_def::module_map::module_map(db, package)
        .modules
        .values()
    {
        for def in &module.defs {
            match def {
                ModuleDef::Func(id) => out.push(BodyOwner::Func(*id)),
                ModuleDef::Const(id) => out.push(BodyOwner::Const(*id)),
                ModuleDef::Static(id) => out.push(BodyOwner::Static(*id)),
                ModuleDef::Behavior(id) => {
                    let items = &hir_def::signatures::behavior_data(db, *id).items;
                    items
                        .iter()
                        .for_each(|(_, item)| push_assoc(&mut out, item));
                }
                _ => {}
            }
        }
        for id in &module.impls {
            let items = &hir_def::signatures::impl_data(db, *id).items;
            items
                .iter()
                .for_each(|(_, item)| push_assoc(&mut out, item));
        }
    }
    out
}

struct Places<'a> {
    db: &'a TestDb,
    owner: BodyOwner,
}

impl Places<'_> {
    fn line(&self, range: syntax::TextRange) -> u32 {
        let item = self.owner.item(self.db);
        let start = item_range(self.db, item)
            .map(|r| r.start())
            .unwrap_or_default();
        let index = line_index(self.db, item.file(self.db).source(self.db));
        index.line_col(start + range.start()).line + 1
    }
    fn expr(&self, expr: ExprId) -> u32 {
        self.line(body_with_source_map(self.db, self.owner).1.expr_range(expr))
    }
    fn pat(&self, pat: PatId) -> u32 {
        self.line(body_with_source_map(self.db, self.owner).1.pat_range(pat))
    }
    fn site(&self, site: Site) -> u32 {
        match site {
            Site::Expr(e) | Site::ExprName(e) | Site::ExprField(e, _) => self.expr(e),
            Site::Pat(p) | Site::PatField(p, _) => self.pat(p),
            Site::Type(t) => self.line(body_with_source_map(self.db, self.owner).1.types.range(t)),
        }
    }
    fn of(&self, d: &InferDiagnostic) -> (u32, &'static str) {
        use InferDiagnostic as D;
        match d {
            D::UnresolvedName { expr, .. } => (self.expr(*expr), "T001"),
            D::UnresolvedPath { site, .. } => (self.site(*site), "M002"),
            D::Path { expr, .. } => (self.expr(*expr), "M0xx"),
            D::PrivateItem { site, .. } => (self.site(*site), "M004"),
            D::NotAValue { expr, .. } => (self.expr(*expr), "T001"),
            D::UnresolvedPattern { pat, .. } => (self.pat(*pat), "T002"),
            D::Type(e) => (e.ty.map(|t| self.site(Site::Type(t))).unwrap_or(0), "T002"),
            D::BinaryOp { expr, .. } | D::UnaryOp { expr, .. } | D::TryOperand { expr, .. } => {
                (self.expr(*expr), "T001")
            }
            D::CannotInfer { site, .. } => (self.site(*site), "T003"),
            D::MissingType => (0, "T003"),
            D::ArgCount { expr, .. } | D::NamedArg { expr, .. } | D::FormatArgs { expr, .. } => {
                (self.expr(*expr), "T004")
            }
            D::AmbiguousCtor { expr, .. } => (self.expr(*expr), "T038"),
            D::NoCtor { expr, .. } => (self.expr(*expr), "T004"),
            D::AbstractInstance { expr, .. } => (self.expr(*expr), "T071"),
            D::NoAccessor { expr, .. } => (self.expr(*expr), "T075"),
            D::BaseCall { expr, .. } => (self.expr(*expr), "T077"),
            D::UnrelatedCast { expr, .. } => (self.expr(*expr), "T078"),
            D::CyclicType { site } => (self.site(*site), "T005"),
            D::GenericArgCount { site, .. } => (self.site(*site), "T006"),
            D::PayloadExpected { expr, .. } => (self.expr(*expr), "T007"),
            D::NotInObject { expr, .. } => (self.expr(*expr), "T033"),
            D::HiddenDiffers { site, .. } => (self.site(*site), "T034"),
            D::Unsized { site, .. } => (self.site(*site), "T090"),
            D::UnknownMethod { expr, .. } => (self.expr(*expr), "T009"),
            D::UnknownAssoc { site, .. } => (self.site(*site), "T009"),
            D::UnknownField { expr, .. } => (self.expr(*expr), "T010"),
            D::NotCallable { expr, .. } => (self.expr(*expr), "T011"),
            D::InvalidCast { expr, .. } => (self.expr(*expr), "T012"),
            D::AssignImmutable { expr, .. } => (self.expr(*expr), "T013"),
            D::PrivateField { expr, .. } | D::PrivateMethod { expr, .. } => {
                (self.expr(*expr), "T015")
            }
            D::Mismatch { site, why, .. } => {
                let code = match why {
                    Expected::Condition => "T014",
                    Expected::Return
                    | Expected::Branch(_)
                    | Expected::MissingElse
                    | Expected::Break => "T016",
                    Expected::MissingArm => "T042",
                    Expected::Argument { .. } => "T017",
                    Expected::ReturnUnit => "T023",
                    Expected::Element(_) => "T025",
                    _ => "T056",
                };
                (self.site(*site), code)
            }
            D::MissingReturn { block, .. } => (self.expr(*block), "T016"),
            D::MissingFields { expr, .. } => (self.expr(*expr), "T018"),
            D::FieldInLiteral { expr, .. } => (self.expr(*expr), "T019"),
            D::NotIndexable { expr, .. } => (self.expr(*expr), "T021"),
            D::IndexType { index, .. } => (self.expr(*index), "T021"),
            D::DerefNonPointer { expr, .. } => (self.expr(*expr), "T024"),
            D::Bound { site, .. } => (self.site(*site), "T026"),
            D::NeedsBound { expr, .. } => (self.expr(*expr), "T026"),
            D::UnknownStruct { expr, .. } => (self.expr(*expr), "T030"),
            D::NotAStruct { expr, .. } => (self.expr(*expr), "T030"),
            D::NoDisplay { expr, .. } | D::BadFormat { expr, .. } => (self.expr(*expr), "T031"),
            D::AmbiguousMethod { expr, .. } => (self.expr(*expr), "T037"),
            D::LetElseFallsThrough { else_ } => (self.expr(*else_), "T041"),
            D::NonExhaustive { expr, .. } => (self.expr(*expr), "T042"),
            D::PatternFields { pat, .. } => (self.pat(*pat), "T043"),
            D::Refutable { pat, .. } => (self.pat(*pat), "T044"),
            D::AlternativeType { pat, .. } => (self.pat(*pat), "T045"),
            D::TryConvert { expr, .. } => (self.expr(*expr), "T046"),
            D::LiteralRange { expr, .. } => (self.expr(*expr), "L005"),
            D::PatLiteralRange { pat, .. } => (self.pat(*pat), "L005"),
            D::PatternRange { pat, .. } => (self.pat(*pat), "T065"),
            D::PatternArity { pat, .. } => (self.pat(*pat), "T004"),
            D::UnreachableArm { pat } => (self.pat(*pat), "W004"),
            D::UnreachableCode { expr } => (self.expr(*expr), "W004"),
            D::UnusedValue { expr } => (self.expr(*expr), "W006"),
            D::UnusedMustUse { expr, .. } => (self.expr(*expr), "W012"),
            D::ImplicitMutBorrow { expr } => (self.expr(*expr), "W026"),
            D::LowLevel { expr } => (self.expr(*expr), "W030"),
            D::ThrowOperand { expr, .. } => (self.expr(*expr), "T047"),
            D::AwaitOutsideAsync { expr } => (self.expr(*expr), "T050"),
            D::MutableStatic { expr } => (self.expr(*expr), "W032"),
            D::AddressOf { expr } => (self.expr(*expr), "W025"),
            D::TryPanics { expr } => (self.expr(*expr), "W033"),
            D::MutRefOfImmutable { expr, .. } => (self.expr(*expr), "B004"),
            D::Const { site, .. } => (self.site(*site), "T06x"),
            D::ArrayLength { expr } => (self.expr(*expr), "T064"),
            D::PathType { expr, .. } => (self.expr(*expr), "type"),
            D::Unequal { site, .. } => (self.site(*site), "T055"),
            D::PackedBorrow { expr, .. } => (self.expr(*expr), "T089"),
            D::Unsupported { site, .. } => (self.site(*site), "unsupported"),
            D::BreakValue { expr } => (self.expr(*expr), "T022"),
            D::AssignTarget { expr, .. } => (self.expr(*expr), "P016"),
            D::FieldInPattern { pat, .. } => (self.pat(*pat), "T019"),
            D::FormatString { expr, .. } => (self.expr(*expr), "format"),
            D::UnionLiteral { expr, .. } => (self.expr(*expr), "T020"),
            D::ThisOutside { expr } => (self.expr(*expr), "T052"),
            D::WrongAssocKind { site, .. } => (self.site(*site), "T009"),
        }
    }
}

/// Diagnostics of a package as `line code`, with the whole data behind for failures.
pub fn diagnostics(db: &TestDb, package: Package) -> Vec<(u32, &'static str, String)> {
    let mut out = Vec::new();
    for owner in owners(db, package) {
        let places = Places { db, owner };
        let result: &InferenceResult = infer(db, owner);
        for d in &result.diagnostics {
            let (line, code) = places.of(d);
            out.push((line, code, format!("{d:?}")));
        }
        for d in hir_ty::implied_violations(db, owner) {
            let (line, code) = places.of(d);
            out.push((line, code, format!("{d:?}")));
        }
        for d in &hir_def::body::body(db, owner).diagnostics {
            if !matches!(d, BodyDiagnostic::TooDeep { .. }) {
                out.push((0, "body", format!("{d:?}")));
            }
        }
    }
    out
}

/// Types of locals by line.
pub fn local_types(db: &TestDb, package: Package) -> BTreeMap<u32, String> {
    let mut out = BTreeMap::new();
    for owner in owners(db, package) {
        let places = Places { db, owner };
        let body = hir_def::body::body(db, owner);
        let result = infer(db, owner);
        for (local, data) in body.locals.iter() {
            if let (Some(pat), Some(ty)) = (data.pat, result.local_ty(local)) {
                out.entry(places.pat(pat))
                    .or_insert_with(|| ty.display(db).to_string());
            }
        }
    }
    out
}

/// A library just large enough for most tests.
pub const CORE: &str = r#"
//- /core/src/lib.tml
pub mod prelude
//- /core/src/prelude.tml
pub use crate::option::Maybe
pub use crate::result::Outcome
pub use crate::cmp::{Ordering, PartialEq, PartialOrd}
pub use crate::fmt::{Display, Debug}
pub use crate::convert::From
pub use crate::io::{println, format, panic}
pub use crate::marker::Copy
pub use crate::ops::{Add, Drop}
pub use crate::iter::{Iterator, IntoIterator}
pub use crate::range::Range
//- /core/src/option.tml
pub enum Maybe[T] { Just(T), Nothing }
impl[T] Maybe[T] {
    pub func is_just(this) -> Bool { when this { Just(_) => true, Nothing => false } }
    pub func unwrap_or(this: This, d: T) -> T { when this { Just(v) => v, Nothing => d } }
}
pub type NothingError {}
//- /core/src/result.tml
pub enum Outcome[T, E] { Ok(T), Err(E) }
//- /core/src/marker.tml
pub behavior Copy {}
//- /core/src/convert.tml
pub behavior From[T] { func from(v: T) -> This }
//- /core/src/cmp.tml
pub enum Ordering { Less, Equal, Greater }
pub behavior PartialEq {
    func eq(this, other: ref This) -> Bool
    func ne(this, other: ref This) -> Bool { not this.eq(other) }
}
pub behavior PartialOrd {
    func partial_cmp(this, other: ref This) -> Maybe[Ordering]
    func lt(this, other: ref This) -> Bool { when this.partial_cmp(other) { Just(Ordering::Less) => true, _ => false } }
}
impl PartialOrd for I32 {
    func partial_cmp(this, other: ref I32) -> Maybe[Ordering] { Nothing }
}
//- /core/src/fmt.tml
pub behavior Display { func to_string(this) -> Str }
pub behavior Debug { func debug_string(this) -> Str }
impl Display for I32 { func to_string(this) -> Str { "" } }
impl Display for I64 { func to_string(this) -> Str { "" } }
impl Display for Bool { func to_string(this) -> Str { "" } }
impl Display for Str { func to_string(this) -> Str { "" } }
impl[T: Display] Display for Maybe[T] { func to_string(this) -> Str { "" } }
//- /core/src/ops.tml
pub behavior Add[Rhs = This] { type Output
    func add(this, rhs: Rhs) -> This::Output }
pub behavior Drop { func drop(mut this) }
//- /core/src/iter.tml
pub behavior Iterator { type Item
    func next(mut this) -> Maybe[This::Item]
    func count(mut this) -> I64 { 0 } }
pub behavior IntoIterator { type Item
    type Iter: Iterator
    func into_iter(this: This) -> This::Iter }
//- /core/src/range.tml
pub type Range[T] { start: T, end: T }
//- /core/src/num.tml
impl I32 { pub const MAX: I32 = 2147483647
    pub func abs(this) -> I32 { 0 } }
impl[T; N] [T; N] { pub func len(this) -> I64 { 0 } }
impl Str { pub func len(this) -> I64 { 0 } }
//- /core/src/io.tml
@builtin("println")
@intrinsic
pub func println(...)
@builtin("format")
@intrinsic
pub func format(...) -> Str
@builtin("panic")
@intrinsic
pub func panic(...) -> Never
"#;

/// Checks one program (package `main`) against its markers.
#[track_caller]
pub fn check(program: &str) {
    let text = format!("{CORE}//- /main/src/main.tml\n{program}");
    let (db, fixture) = TestDb::with_fixture(&text);
    for name in ["core", "main"] {
        let package = fixture.package(name);
        let map = hir_def::module_map::module_map(&db, package);
        assert!(map.diagnostics.is_empty(), "{name}: {:?}", map.diagnostics);
    }
    let core = diagnostics(&db, fixture.package("core"));
    assert!(core.is_empty(), "core: {core:#?}");
    let package = fixture.package("main");
    let mut found: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    let all = diagnostics(&db, package);
    for (line, code, _) in &all {
        found.entry(*line).or_default().push(code);
    }
    found.values_mut().for_each(|codes| codes.sort());
    let types = local_types(&db, package);
    let mut expected: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (i, line) in program.lines().enumerate() {
        let number = i as u32 + 1;
        if let Some((_, codes)) = line.split_once("//!") {
            let mut codes: Vec<&str> = codes.split_whitespace().collect();
            codes.sort();
            expected.insert(number, codes);
        } else if let Some((_, ty)) = line.split_once("//:") {
            let actual = types.get(&number).map(String::as_str).unwrap_or("no local");
            if actual != ty.trim() {
                wrong.push(format!(
                    "line {number}: expected {}, found {actual}",
                    ty.trim()
                ));
            }
        }
    }
    if expected != found {
        wrong.push(format!(
            "expected {expected:?}\nfound    {found:?}\n{all:#?}"
        ));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
