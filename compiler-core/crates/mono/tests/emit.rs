//! The text that `--emit-mir` shows.

use expect_test::expect;
use mono::{Profile, ssa_text};
use ssa::{DebugInfo, OptLevel};
use testkit::TestDb;

fn text(source: &str) -> String {
    let (db, fixture) = TestDb::with_fixture(source);
    let profile = Profile::new(&db, OptLevel::O0, DebugInfo::None, false, false, None);
    ssa_text(&db, fixture.main_package(), profile, None)
}

#[test]
fn scalars_leave_memory_through_phis() {
    let actual = text(
        "\
func sum(n: I32) -> I32 {
    var total: I32 = 0
    var i: I32 = 0
    while i < n {
        total = total + i
        i = i + 1
    }
    total
}
",
    );
    expect![[r#"
        func @"main::sum"(i32 %0) -> i32 export {
          source "main/src/main.tml" line @"line:main::sum"
        bb0:
          jump bb1
        bb1:
          %1 = phi i32 [bb0: 0], [bb2: %4]
          %2 = phi i32 [bb0: 0], [bb2: %5]
          %3 = icmp slt i32 %2, %0
          branch %3, bb2, bb3
        bb2:
          %4 = add i32 %1, %2
          %5 = add i32 %2, 1
          jump bb1
        bb3:
          return i32 %1
        }
    "#]]
    .assert_eq(&actual);
}

#[test]
fn aggregates_travel_by_address() {
    let actual = text(
        "\
type Point { x: I32, y: I64 }
func make(x: I32) -> Point { Point { x: x, y: 7 } }
func get(p: Point) -> I64 { p.y }
func both() -> I64 { get(make(1)) }
",
    );
    expect![[r#"
        func @"main::make"(ptr %0, i32 %1) export {
          source "main/src/main.tml" line @"line:main::make"
        bb0:
          store i32 %1, %0 align 4
          %2 = ptradd %0, 8
          store i64 7, %2 align 8
          return
        }

        func @"main::get"(ptr %0) -> i64 export {
          source "main/src/main.tml" line @"line:main::get"
        bb0:
          %1 = ptradd %0, 8
          %2 = load i64, %1 align 8
          return i64 %2
        }

        func @"main::both"() -> i64 export {
          source "main/src/main.tml" line @"line:main::both"
          slot s0 = 16 align 8
          declare @"main::make"(ptr, i32)
          declare @"main::get"(ptr) -> i64
        bb0:
          call @"main::make"(ptr s0, i32 1)
          %0 = call i64 @"main::get"(ptr s0)
          return i64 %0
        }
    "#]]
    .assert_eq(&actual);
}
