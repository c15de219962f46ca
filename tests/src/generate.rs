//! Generated workspaces of any size, for measuring and for scale tests.
//!
//! The shape is that of ordinary programs: modules of about 138 lines with a struct, an enum, a
//! generic type, methods, functions that call each other and the module before, and constants.
//! The same parameters give the same bytes.

use std::fmt::Write;
use std::io;
use std::path::Path;

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub lines: usize,
    /// Libraries beside the one binary.
    pub libraries: usize,
}

/// Lines of one generated module; the number of modules follows from it.
const MODULE_LINES: usize = 138;
/// Functions of one module that compute something.
const STEPS: usize = 9;

/// A file of the generated workspace, by path relative to its root.
pub struct File {
    pub path: String,
    pub text: String,
}

/// Generates all files of a workspace.
pub fn files(shape: Shape) -> Vec<File> {
    let modules = (shape.lines / MODULE_LINES).max(shape.libraries + 1);
    let packages = shape.libraries + 1;
    let mut files = Vec::new();
    let names: Vec<String> = (0..shape.libraries)
        .map(|i| format!("part{i}"))
        .chain(["app".into()])
        .collect();
    let members: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    files.push(File {
        path: "tml.toml".into(),
        text: format!("[workspace]\nmembers = [{}]\n", members.join(", ")),
    });
    for (idx, name) in names.iter().enumerate() {
        let first = modules * idx / packages;
        let end = modules * (idx + 1) / packages;
        let is_app = idx == shape.libraries;
        let mut manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n\n[dependencies]\n");
        let needs: Vec<&String> = if is_app {
            names.iter().take(idx).collect()
        } else {
            Vec::new()
        };
        for need in &needs {
            let _ = writeln!(manifest, "{need} = {{ path = \"../{need}\" }}");
        }
        files.push(File {
            path: format!("{name}/tml.toml"),
            text: manifest,
        });
        let root = if is_app { "main" } else { "lib" };
        files.push(File {
            path: format!("{name}/src/{root}.tml"),
            text: root_module(first, end, &needs, is_app),
        });
        for module in first..end {
            files.push(File {
                path: format!("{name}/src/m{module:04}.tml"),
                text: module_text(module, first),
            });
        }
    }
    files
}

/// Writes a generated workspace below a directory.
pub fn write(shape: Shape, dir: &Path) -> io::Result<usize> {
    let mut lines = 0;
    for file in files(shape) {
        let path = dir.join(&file.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        lines += file.text.lines().count();
        std::fs::write(path, file.text)?;
    }
    Ok(lines)
}

fn root_module(first: usize, end: usize, needs: &[&String], is_app: bool) -> String {
    let mut text = String::from("//! Generated.\n\n");
    for module in first..end {
        let _ = writeln!(text, "pub mod m{module:04}");
    }
    text.push_str(
        "\n/// The sum of all modules.\npub func total(n: I64) -> I64 {\n    var sum: I64 = 0\n",
    );
    for module in first..end {
        let _ = writeln!(text, "    sum = sum + m{module:04}::score(n)");
    }
    text.push_str("    sum\n}\n");
    if is_app {
        text.push_str("\nfunc main() {\n    var sum: I64 = total(3)\n");
        for need in needs {
            let _ = writeln!(text, "    sum = sum + {need}::total(3)");
        }
        text.push_str("    println(\"total {sum}\")\n}\n");
    }
    text
}

fn module_text(module: usize, first: usize) -> String {
    let mut out = format!("//! Generated module {module}.\n\n");
    if module > first {
        let _ = writeln!(out, "use crate::m{:04}::step0 as earlier\n", module - 1);
    }
    let _ = write!(
        out,
        "const BIAS: I64 = {bias}

/// A point of module {module}.
pub type Point {{
    pub x: I64,
    pub y: I64
}}

/// What a step makes.
pub enum Shape {{
    Dot,
    Line(I64),
    Area {{ w: I64, h: I64 }},
}}

/// Two values of one type.
pub type Pair[T] {{
    pub left: T,
    pub right: T
}}

impl[T] Pair[T] {{
    pub func new(left: T, right: T) -> Pair[T] {{
        Pair {{ left: left, right: right }}
    }}
}}

impl Point {{
    pub func norm(this) -> I64 {{
        this.x * this.x + this.y * this.y
    }}

    pub func shift(mut this, by: I64) {{
        this.x = this.x + by
        this.y = this.y - by
    }}
}}

func size(shape: Shape) -> I64 {{
    when shape {{
        Dot => 1,
        Line(n) => n,
        Area {{ w, h }} => w * h,
    }}
}}
",
        bias = module % 17 + 1
    );
    for step in 0..STEPS {
        let _ = write!(
            out,
            "
/// Step {step}.
pub func step{step}(n: I64) -> I64 {{
    var sum: I64 = BIAS + {step}
    for i in 0 to n {{
        if (i + {step}) % 3 == 0 {{ sum = sum + i }} else {{ sum = sum - {step} }}
    }}
    {next}
}}
",
            next = match step + 1 {
                STEPS => "sum + size(Area { w: n, h: 2 }) + size(Line(n)) + size(Dot)".to_string(),
                next => format!("sum + step{next}(n - 1)"),
            }
        );
    }
    let call = if module > first { "earlier(n)" } else { "n" };
    let _ = write!(
        out,
        "
/// The module's result.
pub func score(n: I64) -> I64 {{
    var point: Point = Point {{ x: n, y: BIAS }}
    point.shift(step0(n))
    let pair: Pair[I64] = Pair::new(point.norm(), {call})
    pair.left % 1000 + pair.right
}}
"
    );
    out
}
