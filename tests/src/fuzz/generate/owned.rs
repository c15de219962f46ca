//! Values with destructors that print: moved on some paths, in parts, out of loops and early.

use super::{Generator, Node, Type};

/// A variable that owns something a destructor prints about.
#[derive(Clone, Debug)]
pub(super) struct Owned {
    name: String,
    kind: Kind,
    /// Whether every path that leads here left the value in place.
    is_there: bool,
    /// How many loops it was declared in: moving it in a deeper one would move it twice.
    loops: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `Noisy`, a `var`
    Noisy,
    /// `Both`, which has no destructor of its own
    Both,
    /// `Maybe[Noisy]`, a `var`
    Slot,
    /// `List[Noisy]`, a `var`
    Many,
}

impl Generator {
    /// After a block: what it declared is gone, what it moved may be.
    pub(super) fn leave(&mut self, before: Vec<Owned>) {
        let after = std::mem::replace(&mut self.owned, before);
        for (old, new) in self.owned.iter_mut().zip(&after) {
            old.is_there &= new.is_there;
        }
    }

    /// A value with a destructor whose life is short.
    pub(super) fn noisy(&mut self, out: &mut Vec<Node>) {
        let id = self.value(Type::Int("I64"), 1);
        let name = self.fresh();
        let line = match self.below(7) {
            0 => format!("let _{name}: Noisy = Noisy {{ id: {id} }}"),
            1 => format!("let _{name}: Noisy = pass(Noisy {{ id: {id} }})"),
            2 => {
                self.variables.push((name.clone(), Type::Int("I64"), false));
                format!("let {name}: I64 = take(Noisy {{ id: {id} }})")
            }
            3 => {
                let text = self.leaf(Type::Str);
                format!("let _{name}: Pile = pile({text}, {id})")
            }
            4 => format!(
                "let (_{name}, _): (Noisy, Noisy) = (Noisy {{ id: {id} }}, Noisy {{ id: p }})"
            ),
            5 => format!("let _ = Both {{ a: Noisy {{ id: {id} }}, b: Noisy {{ id: q }}, n: 1 }}"),
            _ => format!("pass(Noisy {{ id: {id} }})"),
        };
        out.push(Node::Line(line));
    }

    /// A step in the life of a value with a destructor.
    pub(super) fn own(&mut self, out: &mut Vec<Node>) {
        let index = self.below(self.owned.len() as u64 + 2) as usize;
        let Some(owned) = self.owned.get(index).cloned() else {
            return self.begin_to_own(out);
        };
        let (name, id) = (owned.name.clone(), self.value(Type::Int("I64"), 1));
        let may_move = owned.is_there && owned.loops == self.loops;
        match owned.kind {
            Kind::Noisy => match self.below(4) {
                0 if may_move => {
                    let cond = self.value(Type::Bool, 1);
                    let taken = self.pick(&["take", "swallow", "swallow_all"]);
                    out.push(Node::Line(format!("if {cond} {{ {taken}({name}) }}")));
                    self.owned[index].is_there = false;
                }
                1 if may_move => {
                    out.push(Node::Line(format!("println(\"{name} {{take({name})}}\")")));
                    self.owned[index].is_there = false;
                }
                2 if owned.is_there => {
                    out.push(Node::Line(format!("println(\"{name} {{{name}.id}}\")")));
                }
                _ => {
                    out.push(Node::Line(format!("{name} = Noisy {{ id: {id} }}")));
                    self.owned[index].is_there = true;
                }
            },
            Kind::Both => match self.below(3) {
                0 if may_move => {
                    let cond = self.value(Type::Bool, 1);
                    let part = self.pick(&["a", "b"]);
                    out.push(Node::Line(format!("if {cond} {{ take({name}.{part}) }}")));
                    self.owned[index].is_there = false;
                }
                1 if may_move => {
                    out.push(Node::Line(format!("take({name}.b)")));
                    self.owned[index].is_there = false;
                }
                _ => out.push(Node::Line(format!("println(\"{name} {{{name}.n}}\")"))),
            },
            Kind::Slot => match self.below(4) {
                0 => out.push(Node::Line(format!("{name} = Just(Noisy {{ id: {id} }})"))),
                1 => out.push(Node::Line(format!("{name} = Nothing"))),
                2 => out.push(Node::Line(format!("empty(mut ref {name})"))),
                _ if may_move => {
                    out.push(Node::Block {
                        head: format!("when {name}"),
                        body: vec![
                            Node::Line(format!("Just(n) => {{ take(n) }},")),
                            Node::Line(format!("Nothing => println(\"{name} is empty\"),")),
                        ],
                    });
                    out.push(Node::Line(format!("{name} = Nothing")));
                }
                _ => out.push(Node::Line(format!("peek(ref {name})"))),
            },
            Kind::Many => match self.below(5) {
                0 | 1 => out.push(Node::Line(format!("{name}.push(Noisy {{ id: {id} }})"))),
                2 => out.push(Node::Line(format!(
                    "if {name}.len() > 0 {{ {name}.pop() }}"
                ))),
                3 => out.push(Node::Block {
                    head: format!("for n in {name}"),
                    body: vec![Node::Line(format!("println(\"{name} has {{n.id}}\")"))],
                }),
                _ => out.push(Node::Line(format!(
                    "{name} = [Noisy {{ id: {id} }}, Noisy {{ id: 2 }}]"
                ))),
            },
        }
    }

    fn begin_to_own(&mut self, out: &mut Vec<Node>) {
        let (name, id) = (self.fresh(), self.value(Type::Int("I64"), 1));
        let kind = self.pick(&[Kind::Noisy, Kind::Noisy, Kind::Both, Kind::Slot, Kind::Many]);
        out.push(Node::Line(match kind {
            Kind::Noisy => format!("var {name}: Noisy = Noisy {{ id: {id} }}"),
            Kind::Both => format!(
                "let {name}: Both = Both {{ a: Noisy {{ id: {id} }}, b: Noisy {{ id: 8 }}, n: {id} }}"
            ),
            Kind::Slot => format!("var {name}: Maybe[Noisy] = Nothing"),
            Kind::Many => format!("var {name}: List[Noisy] = [Noisy {{ id: {id} }}]"),
        }));
        self.owned.push(Owned {
            name,
            kind,
            is_there: true,
            loops: self.loops,
        });
    }

    /// The name of a `Noisy` that may be moved here, which is then taken for moved.
    pub(super) fn movable(&mut self) -> Option<String> {
        let loops = self.loops;
        let owned = self
            .owned
            .iter_mut()
            .find(|it| it.kind == Kind::Noisy && it.is_there && it.loops == loops)?;
        owned.is_there = false;
        Some(owned.name.clone())
    }

    /// Something that may leave the function, with what is alive at that point.
    pub(super) fn leave_early(&mut self, depth: u32, out: &mut Vec<Node>) {
        let (a, b) = (
            self.value(Type::Int("I64"), 1),
            self.value(Type::Int("I64"), 1),
        );
        let name = self.fresh();
        let line = if self.fallible {
            match self.below(5) {
                0 => format!("let {name}: I64 = checked({a}, ({b}) & 3)!"),
                1 => format!("let {name}: I64 = chain({a}, ({b}) & 7)! else {b}"),
                2 => format!("let {name}: I64 = keep(Noisy {{ id: 5 }}, checked({a}, ({b}) & 1)!)"),
                3 => format!(
                    "let {name}: I64 = checked({a}, ({b}) & 3)! else do(e) {{ e.len() as I64 }}"
                ),
                _ => {
                    let cond = self.value(Type::Bool, 2);
                    out.push(Node::Line(format!(
                        "if {cond} {{ return Err(\"{name}\") }}"
                    )));
                    return;
                }
            }
        } else {
            match self.below(3) {
                0 if depth < self.top() => {
                    let cond = self.value(Type::Bool, 2);
                    out.push(Node::Line(format!("if {cond} {{ return }}")));
                    return;
                }
                1 => format!("let {name}: I64 = chain({a}, ({b}) & 7)! else {b}"),
                _ => {
                    let inner = self.fresh();
                    out.push(Node::Line(format!("var {inner}: I64 = 0")));
                    out.push(Node::Block {
                        head: format!("let {name}: I64 = loop (true)"),
                        body: vec![
                            Node::Line(format!("let _n: Noisy = Noisy {{ id: {inner} }}")),
                            Node::Line(format!("{inner} += 1")),
                            Node::Line(format!(
                                "if {inner} > (({b}) & 3) {{ break {a} + {inner} }}"
                            )),
                        ],
                    });
                    self.variables.push((inner, Type::Int("I64"), true));
                    self.variables.push((name, Type::Int("I64"), false));
                    return;
                }
            }
        };
        out.push(Node::Line(line));
        self.variables.push((name, Type::Int("I64"), false));
    }
}
