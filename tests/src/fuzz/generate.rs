//! Cases: well-typed functions made of a seed.
//!
//! This file makes numbers, texts, plain data and control flow; `generate/owned.rs` what has
//! destructors, `generate/objects.rs` lists, `dyn` and classes, `generate/callables.rs` closures.

mod callables;
mod objects;
mod owned;

use owned::Owned;

/// Functions of `(p: I64, q: I64)` that print what they compute; the last is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub seed: u64,
    /// A block per function.
    pub body: Vec<Node>,
}

/// A statement, or a block of them; what a reducer takes away whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Line(String),
    Block { head: String, body: Vec<Node> },
}

impl Case {
    pub fn text(&self) -> String {
        let mut out = String::new();
        write(&self.body, 0, &mut out);
        out
    }
}

fn write(nodes: &[Node], depth: usize, out: &mut String) {
    let indent = "    ".repeat(depth);
    for node in nodes {
        match node {
            Node::Line(line) => out.push_str(&format!("{indent}{line}\n")),
            Node::Block { head, body } => {
                let space = if head.is_empty() { "" } else { " " };
                out.push_str(&format!("{indent}{head}{space}{{\n"));
                write(body, depth + 1, out);
                out.push_str(&format!("{indent}}}\n"));
            }
        }
    }
}

/// The case of a seed.
pub fn case(seed: u64) -> Case {
    let mut generator = Generator {
        random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        seed,
        variables: Vec::new(),
        owned: Vec::new(),
        fallible: false,
        count: 0,
        loops: 0,
        budget: 0,
    };
    for _ in 0..8 {
        generator.below(2);
    }
    let mut body = Vec::new();
    let has_helper = generator.below(3) > 0;
    if has_helper {
        body.push(generator.helper());
    }
    body.push(generator.function(has_helper));
    Case { seed, body }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Type {
    Int(&'static str),
    Bool,
    Float,
    Str,
    /// `[I32; 8]`
    Array,
    /// `(I64, I32)`
    Tuple,
    Point,
    Shape,
    /// `List[I64]`
    List,
    /// `List[Str]`
    Texts,
    /// `dyn Measure`
    Dyn,
    /// The class `Node`
    Node,
    /// `func(I64) -> I64`
    Func,
}

impl Type {
    fn written(self) -> &'static str {
        match self {
            Type::Int(int) => int,
            Type::Bool => "Bool",
            Type::Float => "F64",
            Type::Str => "Str",
            Type::Array => "[I32; 8]",
            Type::Tuple => "(I64, I32)",
            Type::Point => "Point",
            Type::Shape => "Shape",
            Type::List => "List[I64]",
            Type::Texts => "List[Str]",
            Type::Dyn => "dyn Measure",
            Type::Node => "Node",
            Type::Func => "func(I64) -> I64",
        }
    }

    fn is_copy(self) -> bool {
        !matches!(
            self,
            Type::Point | Type::Shape | Type::List | Type::Texts | Type::Dyn
        )
    }
}

const INTS: [&str; 8] = ["I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64"];

struct Generator {
    random: u64,
    seed: u64,
    /// Name, type, whether it may be assigned.
    variables: Vec<(String, Type, bool)>,
    /// Values that destructors follow.
    owned: Vec<Owned>,
    /// Inside a function whose result is an `Outcome[I64, Str]`.
    fallible: bool,
    count: u32,
    loops: u32,
    budget: u32,
}

impl Generator {
    /// What callers see of a case.
    fn function(&mut self, has_helper: bool) -> Node {
        let mut body = Vec::new();
        self.enter(&mut body, 14);
        if has_helper {
            let (a, b) = (self.leaf(Type::Int("I64")), self.leaf(Type::Int("I64")));
            body.push(Node::Block {
                head: format!("when help_{}({a}, {b})", self.seed),
                body: vec![
                    Node::Line("Ok(n) => println(\"help {n}\"),".into()),
                    Node::Line("Err(e) => println(\"no help: {e}\"),".into()),
                ],
            });
        }
        self.statements(3, &mut body);
        self.print_all(&mut body);
        let head = format!("func case_{}(p: I64, q: I64)", self.seed);
        Node::Block { head, body }
    }

    /// A function that fails on some ways through it.
    fn helper(&mut self) -> Node {
        let mut body = Vec::new();
        self.fallible = true;
        self.enter(&mut body, 7);
        self.statements(2, &mut body);
        let result = self.value(Type::Int("I64"), 1);
        body.push(Node::Line(format!("Ok({result})")));
        self.fallible = false;
        let head = format!(
            "func help_{}(p: I64, q: I64) -> Outcome[I64, Str]",
            self.seed
        );
        Node::Block { head, body }
    }

    /// Begins a function: parameters, and a variable of each basic type.
    fn enter(&mut self, body: &mut Vec<Node>, budget: u32) {
        self.budget = budget;
        self.owned.clear();
        self.variables = vec![
            ("p".into(), Type::Int("I64"), false),
            ("q".into(), Type::Int("I64"), false),
        ];
        for ty in [
            Type::Int("I64"),
            Type::Int("I32"),
            Type::Bool,
            Type::Array,
            Type::Str,
        ] {
            self.declare(ty, body);
        }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) % bound.max(1)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    fn fresh(&mut self) -> String {
        self.count += 1;
        format!("v{}", self.count)
    }

    fn of_type(&self, ty: Type, mutable: bool) -> Vec<String> {
        let all = self.variables.iter();
        all.filter(|(_, it, may_change)| *it == ty && (*may_change || !mutable))
            .map(|(name, ..)| name.clone())
            .collect()
    }

    /// A variable of a type, if there is one.
    fn variable(&mut self, ty: Type, mutable: bool) -> Option<String> {
        let all = self.of_type(ty, mutable);
        let index = self.below(all.len() as u64) as usize;
        all.get(index).cloned()
    }

    fn random_type(&mut self) -> Type {
        match self.below(21) {
            0..=5 => Type::Int(self.pick(&INTS)),
            6 | 7 => Type::Int("I64"),
            8 => Type::Bool,
            9 => Type::Float,
            10 => Type::Str,
            11 => Type::Array,
            12 => Type::Tuple,
            13 => Type::Point,
            14 | 15 => Type::Shape,
            16 => Type::List,
            17 => Type::Texts,
            18 => Type::Dyn,
            19 => Type::Node,
            _ => Type::Func,
        }
    }

    fn declare(&mut self, ty: Type, out: &mut Vec<Node>) {
        let value = self.value(ty, 2);
        let name = self.fresh();
        let written = ty.written();
        out.push(Node::Line(format!("var {name}: {written} = {value}")));
        self.variables.push((name, ty, true));
    }

    fn statements(&mut self, depth: u32, out: &mut Vec<Node>) {
        let scope = self.variables.len();
        for _ in 0..2 + self.below(5) {
            if self.budget == 0 {
                break;
            }
            self.budget -= 1;
            self.statement(depth, out);
        }
        if depth < self.top() {
            self.variables.truncate(scope);
        }
    }

    /// The depth of a function's own statements, whose variables are printed at its end.
    fn top(&self) -> u32 {
        if self.fallible { 2 } else { 3 }
    }

    fn block(&mut self, head: String, depth: u32, before: Vec<Node>, out: &mut Vec<Node>) {
        let scope = self.variables.len();
        let owned = self.owned.clone();
        let mut body = before;
        self.statements(depth - 1, &mut body);
        self.variables.truncate(scope);
        self.leave(owned);
        out.push(Node::Block { head, body });
    }

    fn statement(&mut self, depth: u32, out: &mut Vec<Node>) {
        if self.below(3) == 0 {
            match self.below(4) {
                0 => return self.own(out),
                1 => return self.call(depth, out),
                2 => return self.object(out),
                _ => return self.leave_early(depth, out),
            }
        }
        match self.below(if depth == 0 { 10 } else { 18 }) {
            0 | 1 => {
                let ty = self.random_type();
                self.declare(ty, out);
            }
            2..=4 => self.assign(out),
            5 => self.mutate(out),
            6 => {
                let value = self.value(Type::Int("I64"), 2);
                let name = self.fresh();
                out.push(Node::Line(format!("let {name}: I64 = {value}")));
                out.push(Node::Line(format!("println(\"{name} {{{name}}}\")")));
                self.variables.push((name, Type::Int("I64"), false));
            }
            7 => self.maybe(out),
            8 => self.noisy(out),
            9 => self.print(out),
            10..=12 => {
                let cond = self.value(Type::Bool, 2);
                self.block(format!("if {cond}"), depth, Vec::new(), out);
                if self.below(2) == 0
                    && let Some(Node::Block { .. }) = out.last()
                {
                    let cond = self.value(Type::Bool, 1);
                    self.block(format!("if not ({cond})"), depth, Vec::new(), out);
                }
            }
            13 | 14 if self.loops < 2 => self.for_loop(depth, out),
            15 if self.loops < 2 => self.while_loop(depth, out),
            16 => self.when(depth, out),
            17 if self.loops > 0 => {
                let cond = self.value(Type::Bool, 1);
                let what = self.pick(&["break", "continue"]);
                out.push(Node::Line(format!("if {cond} {{ {what} }}")));
            }
            _ => self.assign(out),
        }
    }

    fn assign(&mut self, out: &mut Vec<Node>) {
        let all: Vec<(String, Type, bool)> = self.variables.clone();
        let all: Vec<_> = all.into_iter().filter(|it| it.2).collect();
        let index = self.below(all.len() as u64) as usize;
        let Some((name, ty, _)) = all.get(index).cloned() else {
            return;
        };
        let line = match ty {
            Type::Array if self.below(3) > 0 => {
                let (at, value) = (self.index(), self.value(Type::Int("I32"), 2));
                format!("{name}[{at}] = {value}")
            }
            Type::Tuple if self.below(2) == 0 => {
                format!("{name}.0 = {}", self.value(Type::Int("I64"), 2))
            }
            Type::Node if self.below(3) > 0 => match self.below(3) {
                0 => format!("{name}.id = {}", self.value(Type::Int("I64"), 2)),
                1 => format!("{name}.id += {}", self.value(Type::Int("I64"), 1)),
                _ => format!("{name}.name = {}", self.value(Type::Str, 2)),
            },
            Type::Point if self.below(3) > 0 => match self.below(3) {
                0 => format!("{name}.a = {}", self.value(Type::Int("I32"), 2)),
                1 => format!("{name}.b = {}", self.value(Type::Int("I64"), 2)),
                _ => format!("{name}.c = {}", self.value(Type::Int("U8"), 2)),
            },
            Type::Int(_) if self.below(3) == 0 => {
                let op = self.pick(&["+=", "-=", "*=", "^=", "|=", "&="]);
                format!("{name} {op} {}", self.value(ty, 1))
            }
            _ => format!("{name} = {}", self.value(ty, 3)),
        };
        out.push(Node::Line(line));
    }

    fn mutate(&mut self, out: &mut Vec<Node>) {
        // An argument may not read what another one borrows.
        let by = self.value(Type::Int("I64"), 1);
        let amount = self.fresh();
        let longs = self.of_type(Type::Int("I64"), true);
        match (self.below(3), longs.as_slice()) {
            (0, [first, .., last]) if first != last => {
                let cond = self.value(Type::Bool, 1);
                out.push(Node::Line(format!(
                    "swap_if({cond}, mut ref {first}, mut ref {last})"
                )));
            }
            (1, _) => {
                if let Some(point) = self.variable(Type::Point, true) {
                    out.push(Node::Line(format!("let {amount}: I32 = ({by}) as I32")));
                    out.push(Node::Line(format!("{point}.shift({amount})")));
                }
            }
            (_, [first, ..]) => {
                out.push(Node::Line(format!("let {amount}: I64 = {by}")));
                out.push(Node::Line(format!("bump(mut ref {first}, {amount})")));
            }
            _ => {}
        }
    }

    fn maybe(&mut self, out: &mut Vec<Node>) {
        let name = self.fresh();
        match self.below(2) {
            0 => {
                let Some(array) = self.variable(Type::Array, false) else {
                    return;
                };
                let x = self.value(Type::Int("I32"), 1);
                out.push(Node::Block {
                    head: format!("when find(ref {array}, {x})"),
                    body: vec![
                        Node::Line(format!("Just(at) => println(\"{name} at {{at}}\"),")),
                        Node::Line(format!("Nothing => println(\"{name} nowhere\"),")),
                    ],
                });
            }
            _ => {
                let (a, b) = (
                    self.value(Type::Int("I64"), 1),
                    self.value(Type::Int("I64"), 1),
                );
                out.push(Node::Block {
                    head: format!("when chain({a}, ({b}) & 7)"),
                    body: vec![
                        Node::Line(format!("Ok(n) => println(\"{name} ok {{n}}\"),")),
                        Node::Line(format!("Err(e) => println(\"{name} err {{e}}\"),")),
                    ],
                });
            }
        }
    }

    fn print(&mut self, out: &mut Vec<Node>) {
        let all: Vec<_> = self.variables.clone();
        let index = self.below(all.len() as u64) as usize;
        if let Some((name, ty, _)) = all.get(index) {
            print(name, *ty, out);
        }
    }

    fn print_all(&mut self, out: &mut Vec<Node>) {
        for (name, ty, _) in self.variables.clone() {
            print(&name, ty, out);
        }
    }

    fn for_loop(&mut self, depth: u32, out: &mut Vec<Node>) {
        let name = self.fresh();
        let (from, to) = (self.below(3), self.below(7));
        let head = match self.below(3) {
            0 => format!("for {name} in {from} to ((q & 3) + {to})"),
            1 => format!("for {name} in {from} through {to}"),
            _ => format!("for {name} in {from} to {to}"),
        };
        // The type of the counter is what it is compared with; a copy has one that is known.
        let copy = self.fresh();
        let before = vec![Node::Line(format!("let {copy}: I64 = {name} as I64"))];
        let scope = self.variables.len();
        self.variables.push((copy, Type::Int("I64"), false));
        self.loops += 1;
        self.block(head, depth, before, out);
        self.loops -= 1;
        self.variables.truncate(scope);
    }

    fn while_loop(&mut self, depth: u32, out: &mut Vec<Node>) {
        let name = self.fresh();
        let bound = self.below(8);
        out.push(Node::Line(format!("var {name}: I64 = 0")));
        let cond = match self.below(2) {
            0 => format!("while {name} < {bound}"),
            _ => format!("while {name} < {bound} and {}", self.value(Type::Bool, 1)),
        };
        let before = vec![Node::Line(format!("{name} = {name} + 1"))];
        let scope = self.variables.len();
        self.variables.push((name, Type::Int("I64"), false));
        self.loops += 1;
        self.block(cond, depth, before, out);
        self.loops -= 1;
        self.variables.truncate(scope + 1);
    }

    fn when(&mut self, depth: u32, out: &mut Vec<Node>) {
        let Some(shape) = self.variable(Type::Shape, false) else {
            return;
        };
        let Some(target) = self.variable(Type::Int("I64"), true) else {
            return;
        };
        let _ = depth;
        let (a, b) = (
            self.value(Type::Int("I64"), 2),
            self.value(Type::Int("I64"), 1),
        );
        out.push(Node::Block {
            head: format!("when ref {shape}"),
            body: vec![
                Node::Line(format!("Dot => {{ {target} = {a} }},")),
                Node::Line(format!("Line(n) => {{ {target} = n + {b} }},")),
                Node::Line(format!(
                    "Box {{ x, s }} => {{ {target} = x as I64 + s.len() as I64 }},"
                )),
                Node::Line(format!(
                    "Two(n, m) => {{ {target} = n as I64 - m as I64 }},"
                )),
            ],
        });
    }

    fn index(&mut self) -> String {
        match self.below(3) {
            0 => format!("{}", self.below(8)),
            _ => format!("(({}) & 7)", self.value(Type::Int("I64"), 1)),
        }
    }

    fn value(&mut self, ty: Type, depth: u32) -> String {
        if depth == 0 || self.below(5) == 0 {
            return self.leaf(ty);
        }
        match ty {
            Type::Int(int) => self.int(int, depth),
            Type::Bool => self.truth(depth),
            Type::Float => match self.below(3) {
                0 => format!("(({}) as F64)", self.value(Type::Int("I32"), depth - 1)),
                1 => {
                    let op = self.pick(&["+", "-", "*"]);
                    let (a, b) = (self.value(ty, depth - 1), self.value(ty, depth - 1));
                    format!("({a} {op} {b})")
                }
                _ => self.leaf(ty),
            },
            Type::Array => {
                let parts: Vec<String> = (0..8)
                    .map(|_| self.value(Type::Int("I32"), depth.min(2) - 1))
                    .collect();
                format!("[{}]", parts.join(", "))
            }
            Type::Tuple => format!(
                "({}, {})",
                self.value(Type::Int("I64"), depth - 1),
                self.value(Type::Int("I32"), depth - 1)
            ),
            Type::Point => format!(
                "point({}, {}, {})",
                self.value(Type::Int("I32"), depth - 1),
                self.value(Type::Int("I64"), depth - 1),
                self.value(Type::Int("U8"), depth - 1)
            ),
            Type::Shape => {
                let text = self.leaf(Type::Str);
                format!("shape({}, {text})", self.value(Type::Int("I64"), depth - 1))
            }
            Type::List | Type::Texts | Type::Dyn | Type::Node => self.object_value(ty, depth),
            Type::Func => self.func_value(depth),
            Type::Str => {
                let (a, b) = (self.leaf(ty), self.leaf(ty));
                let cond = self.value(Type::Bool, depth - 1);
                match self.below(6) {
                    3 => format!("({a} + {b})"),
                    4 => format!("mangle({a}, {})", self.value(Type::Int("I64"), depth - 1)),
                    5 => self.through(Type::Texts, |name| format!("joined(ref {name})"), a),
                    0 => format!("choose({cond}, {a}, {b})"),
                    1 => format!("(if {cond} {{ {a} }} else {{ {b} }})"),
                    _ => match self.variable(Type::Int("I64"), false) {
                        Some(name) => format!("\"<{{{name}}}>\""),
                        None => a,
                    },
                }
            }
        }
    }

    fn leaf(&mut self, ty: Type) -> String {
        if ty.is_copy()
            && self.below(3) > 0
            && let Some(name) = self.variable(ty, false)
        {
            return name;
        }
        match ty {
            Type::Int(int) => {
                let small = self.below(101);
                match (self.below(6), int.starts_with('I')) {
                    (0, true) => format!("({int}::MIN)"),
                    (1, _) => format!("({int}::MAX)"),
                    (2, true) => format!("(-{small} as {int})"),
                    _ => format!("({small} as {int})"),
                }
            }
            Type::Bool => self.pick(&["true", "false"]).to_owned(),
            Type::Float => self.pick(&["0.5", "1.0", "-2.25", "1000000.0"]).to_owned(),
            Type::Str => self
                .pick(&["\"\"", "\"a\"", "\"long text here\"", "\"né\""])
                .to_owned(),
            Type::Array => {
                let fill = self.below(10);
                format!("[{fill}, 1, 2, 3, {fill}, 5, 6, 7]")
            }
            Type::Tuple => format!("({}, {})", self.below(50), self.below(50)),
            Type::Point => format!(
                "point({}, {}, {})",
                self.below(9),
                self.below(9),
                self.below(9)
            ),
            Type::Shape => {
                let k = self.below(9);
                format!("shape({k}, \"shape\")")
            }
            Type::List | Type::Texts | Type::Dyn | Type::Node => self.object_leaf(ty),
            Type::Func => format!("adder({})", self.below(20)),
        }
    }

    fn int(&mut self, int: &'static str, depth: u32) -> String {
        let ty = Type::Int(int);
        let (a, b) = (self.value(ty, depth - 1), self.value(ty, depth - 1));
        match self.below(if int == "I64" { 28 } else { 12 }) {
            0..=4 => {
                let op = self.pick(&["+", "-", "*", "&", "|", "^"]);
                format!("({a} {op} {b})")
            }
            5 => format!("({a} / {})", 1 + self.below(100)),
            6 => format!("({a} % {})", 1 + self.below(100)),
            7 => {
                let op = self.pick(&["<<", ">>"]);
                format!("({a} {op} {})", self.below(8))
            }
            8 => {
                let from = self.pick(&INTS);
                format!("(({}) as {int})", self.value(Type::Int(from), depth - 1))
            }
            9 => {
                let cond = self.value(Type::Bool, depth - 1);
                format!("(if {cond} {{ {a} }} else {{ {b} }})")
            }
            10 => {
                let cond = self.value(Type::Bool, depth - 1);
                format!("choose({cond}, {a}, {b})")
            }
            11 => format!("(({}) as {int})", self.value(Type::Bool, depth - 1)),
            12 => format!("mixed({a}, {b})"),
            13 => format!("opaque({a})"),
            14 => format!("triangle(({a}) & 15, {b})"),
            15 => format!("depth({a})"),
            16 => self.through(Type::Array, |name| format!("total(ref {name})"), a),
            17 => {
                let at = self.index();
                self.through(Type::Array, |name| format!("({name}[{at}] as I64)"), a)
            }
            18 => self.through(Type::Shape, |name| format!("weight(ref {name})"), a),
            19 => self.through(Type::Point, |name| format!("{name}.sum()"), a),
            20 => self.through(
                Type::Tuple,
                |name| format!("({name}.0 - {name}.1 as I64)"),
                a,
            ),
            21 | 22 => self.through(Type::Str, |name| format!("({name}.len() as I64)"), a),
            _ => self.object_int(a, b),
        }
    }

    fn through(&mut self, ty: Type, f: impl FnOnce(&str) -> String, otherwise: String) -> String {
        self.variable(ty, false).map_or(otherwise, |name| f(&name))
    }

    fn truth(&mut self, depth: u32) -> String {
        match self.below(6) {
            0..=2 => {
                let ty = Type::Int(self.pick(&INTS));
                let op = self.pick(&["<", "<=", ">", ">=", "==", "!="]);
                let (a, b) = (self.value(ty, depth - 1), self.value(ty, depth - 1));
                format!("({a} {op} {b})")
            }
            3 => {
                let op = self.pick(&["and", "or"]);
                let (a, b) = (
                    self.value(Type::Bool, depth - 1),
                    self.value(Type::Bool, depth - 1),
                );
                format!("({a} {op} {b})")
            }
            4 => format!("(not {})", self.value(Type::Bool, depth - 1)),
            _ => {
                let (a, b) = (self.leaf(Type::Str), self.leaf(Type::Str));
                format!("({a} == {b})")
            }
        }
    }
}

fn print(name: &str, ty: Type, out: &mut Vec<Node>) {
    let shown = match ty {
        Type::Int(_) | Type::Bool | Type::Str => format!("{{{name}}}"),
        Type::Float => format!("{{({name} as I64)}}"),
        Type::Array => format!("{{total(ref {name})}} {{{name}[3]}}"),
        Type::Tuple => format!("{{{name}.0}} {{{name}.1}}"),
        Type::Point => format!("{{{name}.a}} {{{name}.b}} {{{name}.c}}"),
        Type::Shape => format!("{{weight(ref {name})}}"),
        Type::List => format!("{{sum(ref {name})}} {{{name}.len()}}"),
        Type::Texts => format!("{{joined(ref {name})}}"),
        Type::Dyn => format!("{{{name}.measure()}}"),
        Type::Node => format!("{{{name}.value(1)}} {{{name}.name}}"),
        Type::Func => format!("{{{name}(5)}}"),
    };
    out.push(Node::Line(format!("println(\"{name} {shown}\")")));
}
