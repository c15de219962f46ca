//! The same program in TML and in Rust.

/// About so many bytes of TML.
pub fn tml(bytes: usize) -> String {
    let mut out = String::new();
    let mut n = 0;
    while out.len() < bytes {
        out.push_str(&TML.replace("$N", &n.to_string()));
        n += 1;
    }
    out
}

/// About so many bytes of Rust.
pub fn rust(bytes: usize) -> String {
    let mut out = String::new();
    let mut n = 0;
    while out.len() < bytes {
        out.push_str(&RUST.replace("$N", &n.to_string()));
        n += 1;
    }
    out
}

const TML: &str = r#"
/// A shape with a name and sides.
@derive(Debug, Duplicate)
pub type Shape$N {
    pub name: Str,
    sides: List[I32],
    origin: (F64, F64),
}

/// What can go wrong.
pub enum Fault$N {
    Missing(Str),
    Over { wanted: I32, have: I32 },
    Closed,
}

impl Shape$N {
    pub func new(name: Str, count: I32) -> Shape$N {
        let mut sides: List[I32] = List::with_capacity(count)
        for i in 0 to count {
            sides.push(i * 2 + 1)
        }
        Shape$N { name: name, sides: sides, origin: (0.0, 1.5) }
    }

    // The sum of all sides that are longer than a limit.
    pub func total(this, limit: I32) -> Outcome[I32, Fault$N] {
        if this.sides.is_empty() {
            return Err(Fault$N::Missing(this.name))
        }
        var sum: I32 = 0
        for side in this.sides.iter() {
            if side > limit and sum < 1000 {
                sum = sum + side * 3 - (sum % 7)
            } else if side == 0 {
                continue
            }
        }
        when sum {
            0 => Err(Fault$N::Closed),
            1 through 9 => Ok(sum),
            n if n > 500 => Err(Fault$N::Over { wanted: n, have: limit }),
            _ => Ok(sum + this.label(sum, "total").len()),
        }
    }

    func label(this, value: I32, what: Str) -> Str {
        let text: Str = this.name.to_upper().trim().replace("a", "b")
        let mapped = this.sides.iter().map(do(side: I32) -> I32 { side + value }).count()
        println("shape {}: {} = {}", text, what, mapped)
        if mapped > 3 then "many" else "few"
    }
}
"#;

const RUST: &str = r#"
/// A shape with a name and sides.
#[derive(Debug, Clone)]
pub struct Shape$N {
    pub name: String,
    sides: Vec<i32>,
    origin: (f64, f64),
}

/// What can go wrong.
pub enum Fault$N {
    Missing(String),
    Over { wanted: i32, have: i32 },
    Closed,
}

impl Shape$N {
    pub fn new(name: String, count: i32) -> Shape$N {
        let mut sides: Vec<i32> = Vec::with_capacity(count);
        for i in 0..count {
            sides.push(i * 2 + 1);
        }
        Shape$N { name: name, sides: sides, origin: (0.0, 1.5) }
    }

    // The sum of all sides that are longer than a limit.
    pub fn total(&self, limit: i32) -> Result<i32, Fault$N> {
        if self.sides.is_empty() {
            return Err(Fault$N::Missing(self.name));
        }
        let mut sum: i32 = 0;
        for side in self.sides.iter() {
            if side > limit && sum < 1000 {
                sum = sum + side * 3 - (sum % 7);
            } else if side == 0 {
                continue;
            }
        }
        match sum {
            0 => Err(Fault$N::Closed),
            1..=9 => Ok(sum),
            n if n > 500 => Err(Fault$N::Over { wanted: n, have: limit }),
            _ => Ok(sum + self.label(sum, "total").len()),
        }
    }

    fn label(&self, value: i32, what: &str) -> &str {
        let text: String = self.name.to_upper().trim().replace("a", "b");
        let mapped = self.sides.iter().map(|side: i32| -> i32 { side + value }).count();
        println("shape {}: {} = {}", text, what, mapped);
        if mapped > 3 { "many" } else { "few" }
    }
}
"#;
