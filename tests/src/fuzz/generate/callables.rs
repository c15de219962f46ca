//! Closures with captures of every kind, and `func` values.

use super::{Generator, Node, Type};

const LONG: Type = Type::Int("I64");

impl Generator {
    pub(super) fn func_value(&mut self, depth: u32) -> String {
        let n = self.value(LONG, depth - 1);
        match self.below(6) {
            0 => format!("adder({n})"),
            1 => "opaque".to_owned(),
            2 => format!("compose(adder({n}), opaque)"),
            3 => format!("counter({n})"),
            4 => format!("scaled({}, {n})", self.leaf(Type::Str)),
            _ => format!("compose(counter({n}), adder(3))"),
        }
    }

    /// A closure in a block of its own, where it is called.
    pub(super) fn call(&mut self, depth: u32, out: &mut Vec<Node>) {
        let f = self.fresh();
        let mut body = Vec::new();
        let (first, second) = (self.value(LONG, 1), self.value(LONG, 1));
        body.push(Node::Line(format!("let {f}a: I64 = {first}")));
        body.push(Node::Line(format!("let {f}b: I64 = {second}")));
        let calls =
            |how: &str| Node::Line(format!("println(\"{f} {{{how}({f}a)}} {{{how}({f}b)}}\")"));
        match self.below(8) {
            0 => {
                // Shared captures; also of what is not copied.
                let scope = self.variables.len();
                self.variables.push(("x".into(), LONG, false));
                let result = self.value(LONG, 3);
                self.variables.truncate(scope);
                body.push(Node::Line(format!(
                    "let {f} = do(x: I64) -> I64 {{ {result} }}"
                )));
                body.push(calls(&f));
                let apply = self.pick(&["apply", "apply_fn"]);
                body.push(Node::Line(format!(
                    "println(\"{f} {{{apply}({f}, {f}b)}}\")"
                )));
            }
            1 => {
                let Some(target) = self.variable(LONG, true) else {
                    return;
                };
                body.push(Node::Block {
                    head: format!("let {f} = do(x: I64) -> I64"),
                    body: vec![
                        Node::Line(format!("{target} = {target} * 2 + x")),
                        Node::Line(target.clone()),
                    ],
                });
                body.push(calls(&f));
                body.push(Node::Line(format!("run_mut({f}, 3)")));
                body.push(Node::Line(format!("println(\"{target} {{{target}}}\")")));
            }
            2 => {
                // State of the closure's own.
                let start = self.leaf(LONG);
                body.push(Node::Line(format!("var {f}n: I64 = {start}")));
                body.push(Node::Block {
                    head: format!("let {f}: func(I64) -> I64 = move do(x: I64) -> I64"),
                    body: vec![
                        Node::Line(format!("{f}n = {f}n + x")),
                        Node::Line(format!("{f}n")),
                    ],
                });
                body.push(Node::Line(format!("let {f}g: func(I64) -> I64 = {f}")));
                body.push(calls(&f));
                body.push(calls(&format!("{f}g")));
                body.push(Node::Line(format!("println(\"{{{f}n}}\")")));
            }
            3 => {
                // What is captured moves in, and out at the call if there is one.
                let moved = self.movable();
                let owner = moved.unwrap_or_else(|| {
                    body.push(Node::Line(format!("let {f}o: Noisy = Noisy {{ id: 77 }}")));
                    format!("{f}o")
                });
                body.push(Node::Line(format!(
                    "let {f} = do() -> I64 {{ take({owner}) }}"
                )));
                let cond = self.value(Type::Bool, 1);
                body.push(Node::Line(match self.below(2) {
                    0 => format!("if {cond} {{ println(\"{f} {{once({f})}}\") }}"),
                    _ => format!("println(\"{f} {{once({f})}}\")"),
                }));
            }
            4 => {
                let Some(list) = self.variable(Type::List, true) else {
                    return self.declare(Type::List, out);
                };
                body.push(Node::Block {
                    head: format!("let {f} = do(x: I64) -> I64"),
                    body: vec![
                        Node::Line(format!("{list}.push(x)")),
                        Node::Line(format!("{list}.len() as I64")),
                    ],
                });
                body.push(calls(&f));
                body.push(Node::Line(format!("println(\"{f} {{sum(ref {list})}}\")")));
            }
            5 => {
                // Parts of one variable are captured apart.
                let Some(point) = self.variable(Type::Point, true) else {
                    return self.declare(Type::Point, out);
                };
                body.push(Node::Block {
                    head: format!("let {f} = do(x: I64) -> I64"),
                    body: vec![
                        Node::Line(format!("{point}.b = {point}.b + x")),
                        Node::Line(format!("{point}.b")),
                    ],
                });
                body.push(Node::Line(format!("{point}.a = {point}.a + 1")));
                body.push(calls(&f));
                body.push(Node::Line(format!("println(\"{f} {{{point}.sum()}}\")")));
            }
            6 => {
                let values: Vec<String> = (0..3).map(|_| self.func_value(1)).collect();
                body.push(Node::Line(format!(
                    "let {f}: List[func(I64) -> I64] = [{}]",
                    values.join(", ")
                )));
                body.push(Node::Block {
                    head: format!("for g in {f}"),
                    body: vec![calls("g")],
                });
            }
            _ => {
                let cond = self.value(Type::Bool, 1);
                let (a, b) = (self.func_value(1), self.func_value(1));
                body.push(Node::Line(format!("var {f}: func(I64) -> I64 = {a}")));
                body.push(Node::Line(format!("if {cond} {{ {f} = {b} }}")));
                body.push(calls(&f));
                body.push(Node::Line(format!("println(\"{f} {{apply({f}, {f}a)}}\")")));
            }
        }
        let _ = depth;
        // A line that begins with `{` is a block of its own.
        out.push(Node::Block {
            head: String::new(),
            body,
        });
    }
}
