//! `tml fmt` (cli.md §2.4, reference §18).

use std::io::Write;
use std::process::Stdio;

use crate::support::binary;
use crate::support::sandbox::Sandbox;

const UGLY: &str = "func main(){let a=1;let b = [1,2 ,3]\n\n\n\nprintln(\"{a}\")  // said\n}\n";
const PRETTY: &str =
    "func main() {\n    let a = 1\n    let b = [1, 2, 3]\n\n    println(\"{a}\") // said\n}\n";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn files_are_rewritten_in_place() {
    let sandbox = Sandbox::with(&[
        ("tml.toml", "[package]\nname = \"p\"\nversion = \"0.1.0\"\n"),
        ("src/main.tml", UGLY),
        ("src/good.tml", "func f() {}\n"),
    ]);
    let check = sandbox.tml(&["fmt", "--check"]);
    assert_eq!(text(&check.stdout), "src/main.tml\n");
    assert_eq!(check.status.code(), Some(1));
    assert_eq!(sandbox.read("src/main.tml"), UGLY);
    let diff = sandbox.ok(&["fmt", "--diff"]);
    assert!(diff.contains("+    let a = 1\n"), "{diff}");
    sandbox.ok(&["fmt"]);
    assert_eq!(sandbox.read("src/main.tml"), PRETTY);
    assert_eq!(sandbox.ok(&["fmt", "--check"]), "");
}

#[test]
fn a_file_with_syntax_errors_is_left_alone() {
    let sandbox = Sandbox::with(&[("bad.tml", "func (  {\n"), ("ugly.tml", UGLY)]);
    let output = sandbox.tml(&["fmt", "bad.tml", "ugly.tml"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(sandbox.read("bad.tml"), "func (  {\n");
    assert_eq!(sandbox.read("ugly.tml"), PRETTY);
    let err = text(&output.stderr);
    assert!(
        err.contains("error[P001]") && err.contains("bad.tml:1:6"),
        "{err}"
    );
}

#[test]
fn measures_come_from_the_manifest() {
    let manifest =
        "[package]\nname = \"p\"\nversion = \"0.1.0\"\n[fmt]\nindent_size = 2\nmax_width = 30\n";
    let sandbox = Sandbox::with(&[
        ("tml.toml", manifest),
        (
            "src/main.tml",
            "func main() {\n    call_it(first, second, third)\n}\n",
        ),
    ]);
    sandbox.ok(&["fmt"]);
    assert_eq!(
        sandbox.read("src/main.tml"),
        "func main() {\n  call_it(\n    first,\n    second,\n    third,\n  )\n}\n"
    );
}

#[test]
fn standard_input_goes_to_standard_output() {
    let sandbox = Sandbox::new();
    let mut child = sandbox
        .command(&binary("tml"))
        .args(["fmt", "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("tml starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(UGLY.as_bytes()).expect("a reader");
    drop(stdin);
    let output = child.wait_with_output().expect("an end");
    assert_eq!(text(&output.stdout), PRETTY);
}

#[test]
fn the_canon_rewrites_old_spellings() {
    let before = "\
@auto(debug)
type P { x: I32 }
extend P with Show {
    func show(self) -> Self { if self.a && !self.b then { self } else { Self { x: 1 } } }
}
func main() {
    let r = &x
    when r { 1 -> f(), _ => g(a, b,) };
    lowlevel { let p: *I32 = &x }
    done();
}
";
    let after = "\
@derive(debug)
type P { x: I32 }

impl Show for P {
    func show(this) -> This { if this.a and not this.b { this } else { This { x: 1 } } }
}

func main() {
    let r = ref x
    when r { 1 => f(), _ => g(a, b) }
    lowlevel { let p: *I32 = &x }
    done();
}
";
    let sandbox = Sandbox::with(&[("a.tml", before)]);
    sandbox.ok(&["fmt", "a.tml"]);
    let formatted = sandbox.read("a.tml");
    // A block with a declaration has lines of its own.
    assert_eq!(
        formatted,
        after.replace(
            "    lowlevel { let p: *I32 = &x }\n",
            "    lowlevel {\n        let p: *I32 = &x\n    }\n"
        )
    );
}
