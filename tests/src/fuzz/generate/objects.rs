//! Lists, objects of behaviors and of classes.

use super::{Generator, Node, Type};

impl Generator {
    pub(super) fn object_value(&mut self, ty: Type, depth: u32) -> String {
        let long = Type::Int("I64");
        match ty {
            Type::List => {
                let count = self.below(4);
                let parts: Vec<String> = (0..count).map(|_| self.value(long, depth - 1)).collect();
                match self.below(3) {
                    0 => format!("counted(({}) & 7)", self.value(long, depth - 1)),
                    _ if count == 0 => "List::new()".to_owned(),
                    _ => format!("[{}]", parts.join(", ")),
                }
            }
            Type::Texts => {
                let parts: Vec<String> = (0..1 + self.below(3))
                    .map(|_| self.value(Type::Str, depth - 1))
                    .collect();
                format!("[{}]", parts.join(", "))
            }
            Type::Dyn => {
                let (k, text) = (self.value(long, depth - 1), self.leaf(Type::Str));
                match self.below(4) {
                    0 => format!("Noisy {{ id: {k} }}"),
                    1 => format!("Tagged {{ tag: {text}, size: {k} }}"),
                    _ => format!("boxed({k}, {text})"),
                }
            }
            _ => {
                let (k, a) = (self.value(long, depth - 1), self.value(long, depth - 1));
                match self.below(4) {
                    0 => format!("Node::new({a}, \"plain\")"),
                    1 => format!("Leaf::new({a}, {k})"),
                    _ => format!("node({k}, {a})"),
                }
            }
        }
    }

    pub(super) fn object_leaf(&mut self, ty: Type) -> String {
        let n = self.below(9);
        match ty {
            Type::List => format!("counted({n})"),
            Type::Texts => "[\"x\", \"yy\"]".to_owned(),
            Type::Dyn => format!("boxed({n}, \"leaf\")"),
            _ => format!("node({n}, {})", self.below(9)),
        }
    }

    /// A number that an object gives; `a` and `b` are arguments, `a` also what there is without.
    pub(super) fn object_int(&mut self, a: String, b: String) -> String {
        match self.below(8) {
            0 => self.through(Type::List, |name| format!("sum(ref {name})"), a),
            1 => self.through(Type::List, |name| format!("nth(ref {name}, {b})"), a),
            2 => self.through(Type::Dyn, |name| format!("{name}.measure()"), a),
            3 => self.through(Type::Dyn, |name| format!("measured_dyn(ref {name})"), a),
            4 => self.through(Type::Point, |name| format!("measured(ref {name})"), a),
            5 => self.through(Type::Node, |name| format!("{name}.value({b})"), a),
            6 => self.through(Type::Node, |name| format!("{name}.id"), a),
            _ => self.through(Type::Func, |name| format!("{name}({b})"), a),
        }
    }

    /// A statement that uses or changes an object.
    pub(super) fn object(&mut self, out: &mut Vec<Node>) {
        let long = Type::Int("I64");
        let ty = self.pick(&[
            Type::List,
            Type::Texts,
            Type::Dyn,
            Type::Node,
            Type::List,
            Type::Node,
        ]);
        let Some(name) = self.variable(ty, true) else {
            return self.declare(ty, out);
        };
        let (amount, value) = (self.fresh(), self.value(long, 2));
        // What a method borrows exclusively, its arguments may not read.
        let line = match ty {
            Type::List => match self.below(7) {
                0 | 1 => format!("{name}.push({amount})"),
                2 => format!("{name}.push({name}.len() as I64)"),
                3 => format!("println(\"{name} {{last_of(mut ref {name}, {amount})}}\")"),
                4 => format!("set(mut ref {name}, {amount})"),
                5 => {
                    let Some(target) = self.variable(long, true) else {
                        return;
                    };
                    out.push(Node::Block {
                        head: format!("for x in {name}"),
                        body: vec![Node::Line(format!("{target} = {target} * 3 + x"))],
                    });
                    return;
                }
                _ => {
                    let Some(target) = self.variable(long, true) else {
                        return;
                    };
                    let k = self.below(6);
                    out.push(Node::Line(format!(
                        "{target} = {name}.iter().map(do(x) x + {k}).filter(do(x) x % 2 == 0).fold(0, do(a, x) a ^ x)"
                    )));
                    return;
                }
            },
            Type::Texts => match self.below(3) {
                0 => format!("{name}.push(\"{{{amount}}}\")"),
                1 => format!("if {name}.len() > 0 {{ {name}.pop() }}"),
                _ => format!("{name}.push(joined(ref {name}))"),
            },
            Type::Dyn => match self.below(2) {
                0 => format!("{name}.grow({amount})"),
                _ => format!("grow_dyn(mut ref {name}, {amount})"),
            },
            _ => match self.below(6) {
                0 => format!("println(\"{name} {{{name}.add({amount})}}\")"),
                1 => format!("{name}.next = Just(node({amount}, 3))"),
                2 => format!("{name}.next = Nothing"),
                3 => format!("{name}.items.push({amount})"),
                4 => format!("println(\"{name} {{kind({name})}} {{{name}.total()}}\")"),
                _ => format!("{name}.kept = Noisy {{ id: {amount} }}"),
            },
        };
        out.push(Node::Line(format!("let {amount}: I64 = {value}")));
        self.variables.push((amount, long, false));
        out.push(Node::Line(line));
    }
}
