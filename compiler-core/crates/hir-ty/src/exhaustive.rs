//! Exhaustiveness and reachability of patterns, by the usefulness of rows in a matrix
//! (L. Maranget, "Warnings for pattern matching").
//!
//! Patterns are first made plain: references and bindings are gone, integers are intervals of
//! numbers that keep their order.

mod lower;

use base::Db;
use hir_def::body::{Body, Pat, PatId};
use hir_def::{AdtId, Name, VariantDef, VariantId};

use crate::infer::result::InferenceResult;
use crate::names;
use crate::signature::{field_types, fields_of, variants_of};
use crate::ty::{Ty, TyKind};

use lower::{ARRAY_MAX, Lower};
pub(crate) use lower::{const_end_value, literal_end_value};

/// What a set of arms does.
pub(crate) struct Report {
    pub(crate) unreachable: Vec<PatId>,
    /// Values that no arm takes, in source syntax; empty if there are none.
    pub(crate) missing: Vec<Name>,
    /// Whether there are more of them.
    pub(crate) more: bool,
}

/// So many witnesses are shown.
const WITNESSES_MAX: usize = 4;

/// Work that one `when` may cost before the check gives up and says nothing; guessed, real ones
/// need a few hundred steps.
const STEPS_MAX: u32 = 200_000;

/// A pattern reduced to what it tests.
#[derive(Clone, Debug, PartialEq)]
enum Plain {
    Wild,
    Node(Ctor, Vec<Plain>),
    Or(Vec<Plain>),
}

/// The outermost test of a pattern.
#[derive(Clone, Debug, PartialEq)]
enum Ctor {
    /// Structs, tuples, arrays: the only shape of their type.
    Single,
    Variant(VariantId),
    /// Inclusive interval of encoded integers, Chars or Bools.
    Interval(u128, u128),
    Text(Box<str>),
    /// Elements before and after a rest, of a slice.
    Slice {
        len: usize,
        at_least: bool,
    },
    /// A value that can be compared but not enumerated: floats, unknown constants.
    Opaque(u32),
}

/// Checks arms (pattern, has guard) against the type they match. `None` if a pattern is broken
/// or the check is too expensive.
pub(crate) fn check(
    db: &dyn Db,
    body: &Body,
    result: &InferenceResult,
    ty: Ty,
    arms: &[(PatId, bool)],
) -> Option<Report> {
    let mut lower = Lower {
        db,

        body,
        result,
        opaque: 0,
    };
    let ty = ty.strip_refs(db);
    let mut checker = Checker { db, steps: 0 };
    let mut rows: Vec<Vec<Plain>> = Vec::new();
    let mut unreachable = Vec::new();
    for (pat, guarded) in arms {
        let alternatives = match &body[*pat] {
            Pat::Or(pats) => pats.to_vec(),
            _ => vec![*pat],
        };
        let whole = alternatives.len() == 1;
        let mut any = false;
        let mut fresh = rows.clone();
        for alternative in &alternatives {
            let plain = lower.pat(*alternative)?;
            let useful = checker.useful(&fresh, std::slice::from_ref(&plain), &[ty])?;
            if !useful && !whole {
                unreachable.push(*alternative);
            }
            any |= useful;
            fresh.push(vec![plain]);
        }
        if !any {
            unreachable.retain(|found| !alternatives.contains(found));
            unreachable.push(*pat);
        }
        if !guarded {
            rows = fresh;
        }
    }
    let missing = checker.missing(&rows, &[ty])?;
    let more = missing.len() > WITNESSES_MAX;
    let mut shown: Vec<Name> = Vec::new();
    for row in missing.iter().take(WITNESSES_MAX) {
        if let Some(witness) = row.first() {
            let text = Name::new(checker.show(witness, ty));
            if !shown.contains(&text) {
                shown.push(text);
            }
        }
    }
    Some(Report {
        unreachable,
        missing: shown,
        more,
    })
}

const SIGN: u128 = 1 << 127;

/// Numbers of a type as unsigned ones of the same order.
fn encode(db: &dyn Db, value: i128, ty: Ty) -> u128 {
    match ty.kind(db) {
        TyKind::Int(int) if int.is_signed() => value as u128 ^ SIGN,
        _ => value as u128,
    }
}

fn decode(db: &dyn Db, value: u128, ty: Ty) -> String {
    match ty.kind(db) {
        TyKind::Bool => (value != 0).to_string(),
        TyKind::Char => match u32::try_from(value).ok().and_then(char::from_u32) {
            Some(c) => format!("{c:?}"),
            None => "_".to_owned(),
        },
        TyKind::Int(int) if int.is_signed() => ((value ^ SIGN) as i128).to_string(),
        _ => value.to_string(),
    }
}

/// Smallest and largest value.
fn domain(db: &dyn Db, ty: Ty) -> Option<(u128, u128)> {
    Some(match ty.kind(db) {
        TyKind::Bool => (0, 1),
        TyKind::Char => (0, 0x10_FFFF),
        TyKind::Int(int) if int.is_signed() => {
            (encode(db, int.min_value(), ty), int.max_value() ^ SIGN)
        }
        TyKind::Int(int) => (0, int.max_value()),
        _ => return None,
    })
}

/// The code points that are no Chars lie in the middle of their domain.
const SURROGATES: (u128, u128) = (0xD800, 0xDFFF);

struct Checker<'db> {
    db: &'db dyn Db,
    steps: u32,
}

/// All shapes of a column's type, grouped by what the rows test.
struct Split {
    ctors: Vec<Ctor>,
    /// Whether other values exist that no row tests.
    open: bool,
}

impl Checker<'_> {
    fn tick(&mut self) -> Option<()> {
        self.steps += 1;
        (self.steps <= STEPS_MAX).then_some(())
    }

    /// Whether some value matches `row` and none of `rows`.
    fn useful(&mut self, rows: &[Vec<Plain>], row: &[Plain], tys: &[Ty]) -> Option<bool> {
        self.tick()?;
        let (Some((head, tail)), Some((ty, rest))) = (row.split_first(), tys.split_first()) else {
            return Some(rows.is_empty());
        };
        match head {
            Plain::Or(parts) => {
                for part in parts {
                    let mut row = vec![part.clone()];
                    row.extend_from_slice(tail);
                    if self.useful(rows, &row, tys)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
            Plain::Node(..) | Plain::Wild => {
                let mut heads = head_ctors(rows);
                // No row looks at this column. Types may contain themselves by mistake (T085),
                // so what nobody asks about is not taken apart.
                if heads.is_empty() && *head == Plain::Wild && !self.is_empty_ty(*ty) {
                    return self.useful(&default_rows(rows), tail, rest);
                }
                if let Plain::Node(ctor, _) = head {
                    heads.push(ctor.clone());
                }
                let split = self.split(*ty, &heads);
                for ctor in &split.ctors {
                    let Some(specialized) = self.specialize_row(row, ctor, *ty) else {
                        continue;
                    };
                    let narrowed = self.specialize(rows, ctor, *ty);
                    let mut tys = self.parts(ctor, *ty);
                    tys.extend_from_slice(rest);
                    if self.useful(&narrowed, &specialized, &tys)? {
                        return Some(true);
                    }
                }
                if split.open && *head == Plain::Wild {
                    let defaults = default_rows(rows);
                    return self.useful(&defaults, tail, rest);
                }
                Some(false)
            }
        }
    }

    /// Values that no row matches, as patterns, a few more than are shown.
    fn missing(&mut self, rows: &[Vec<Plain>], tys: &[Ty]) -> Option<Vec<Vec<Plain>>> {
        self.tick()?;
        let Some((ty, rest)) = tys.split_first() else {
            return Some(if rows.is_empty() {
                vec![Vec::new()]
            } else {
                Vec::new()
            });
        };
        let heads = head_ctors(rows);
        let mut out: Vec<Vec<Plain>> = Vec::new();
        // No row looks at this column.
        if heads.is_empty() && !self.is_empty_ty(*ty) {
            let found = self.missing(&default_rows(rows), rest)?;
            for row in found {
                out.push(std::iter::once(Plain::Wild).chain(row).collect());
            }
            return Some(out);
        }
        let split = self.split(*ty, &heads);
        for ctor in &split.ctors {
            let narrowed = self.specialize(rows, ctor, *ty);
            let parts = self.parts(ctor, *ty);
            let arity = parts.len();
            let tys: Vec<Ty> = parts.into_iter().chain(rest.iter().copied()).collect();
            for mut row in self.missing(&narrowed, &tys)? {
                let tail = row.split_off(arity.min(row.len()));
                let node = Plain::Node(ctor.clone(), row);
                out.push(std::iter::once(node).chain(tail).collect());
            }
            if out.len() > WITNESSES_MAX {
                return Some(out);
            }
        }
        if split.open {
            for row in self.missing(&default_rows(rows), rest)? {
                out.push(std::iter::once(Plain::Wild).chain(row).collect());
            }
        }
        Some(out)
    }

    fn is_empty_ty(&self, ty: Ty) -> bool {
        match ty.kind(self.db) {
            TyKind::Never => true,
            TyKind::Adt(AdtId::Enum(id), _) => variants_of(self.db, *id).next().is_none(),
            _ => false,
        }
    }

    fn split(&self, ty: Ty, heads: &[Ctor]) -> Split {
        let db = self.db;
        let closed = |ctors| Split { ctors, open: false };
        match ty.strip_refs(db).kind(db) {
            TyKind::Never => closed(Vec::new()),
            TyKind::Tuple(_) | TyKind::Array(..) => closed(vec![Ctor::Single]),
            TyKind::Adt(AdtId::Enum(id), _) => Split {
                ctors: variants_of(db, *id).map(Ctor::Variant).collect(),
                // A set of flags is more than its members.
                open: hir_def::signatures::enum_data(db, *id)
                    .attrs
                    .flags
                    .is_some(),
            },
            TyKind::Adt(..) => closed(vec![Ctor::Single]),
            TyKind::Slice(_) => {
                let longest = heads.iter().map(|ctor| match ctor {
                    Ctor::Slice { len, .. } => *len,
                    _ => 0,
                });
                let longest = longest.max().unwrap_or(0) + 1;
                let mut ctors: Vec<Ctor> = (0..longest)
                    .map(|len| Ctor::Slice {
                        len,
                        at_least: false,
                    })
                    .collect();
                ctors.push(Ctor::Slice {
                    len: longest,
                    at_least: true,
                });
                closed(ctors)
            }
            TyKind::Bool | TyKind::Int(_) | TyKind::Char => {
                let ty = ty.strip_refs(db);
                let Some((min, max)) = domain(db, ty) else {
                    return Split {
                        ctors: Vec::new(),
                        open: true,
                    };
                };
                // Cut the domain where intervals start and end.
                let mut starts = vec![min];
                let mut cut = |at: u128| {
                    if at > min && at <= max {
                        starts.push(at);
                    }
                };
                for head in heads {
                    if let Ctor::Interval(low, high) = head {
                        cut(*low);
                        cut(high.saturating_add(1));
                    }
                }
                if ty == Ty::char(db) {
                    cut(SURROGATES.0);
                    cut(SURROGATES.1 + 1);
                }
                if ty == Ty::bool(db) {
                    cut(1);
                }
                starts.sort_unstable();
                starts.dedup();
                let mut ctors = Vec::new();
                for (i, start) in starts.iter().enumerate() {
                    let end = starts.get(i + 1).map(|next| next - 1).unwrap_or(max);
                    if ty == Ty::char(db) && *start == SURROGATES.0 {
                        continue;
                    }
                    ctors.push(Ctor::Interval(*start, end));
                }
                closed(ctors)
            }
            _ => {
                let mut ctors: Vec<Ctor> = Vec::new();
                for head in heads {
                    if !ctors.contains(head) {
                        ctors.push(head.clone());
                    }
                }
                Split { ctors, open: true }
            }
        }
    }

    /// Types of the parts of a shape.
    fn parts(&self, ctor: &Ctor, ty: Ty) -> Vec<Ty> {
        let db = self.db;
        let ty = ty.strip_refs(db);
        match (ctor, ty.kind(db)) {
            (Ctor::Single, TyKind::Tuple(parts)) => parts.to_vec(),
            (Ctor::Single, TyKind::Array(element, len)) => {
                let len = len.as_u64().unwrap_or(0).min(ARRAY_MAX as u64) as usize;
                vec![*element; len]
            }
            (Ctor::Single, TyKind::Adt(adt, args)) => {
                let variant = match adt {
                    AdtId::Struct(id) => VariantDef::Struct(*id),
                    AdtId::Union(id) => VariantDef::Union(*id),
                    AdtId::Enum(_) | AdtId::Class(_) => return Vec::new(),
                };
                field_types(db, variant)
                    .iter()
                    .map(|ty| ty.subst(db, *args))
                    .collect()
            }
            (Ctor::Variant(id), TyKind::Adt(_, args)) => {
                let types = field_types(db, VariantDef::Variant(*id));
                types.iter().map(|ty| ty.subst(db, *args)).collect()
            }
            (Ctor::Slice { len, .. }, TyKind::Slice(element)) => vec![*element; *len],
            _ => Vec::new(),
        }
    }

    fn specialize(&self, rows: &[Vec<Plain>], ctor: &Ctor, ty: Ty) -> Vec<Vec<Plain>> {
        let mut out = Vec::new();
        for row in rows {
            self.specialize_into(row, ctor, ty, &mut out);
        }
        out
    }

    fn specialize_row(&self, row: &[Plain], ctor: &Ctor, ty: Ty) -> Option<Vec<Plain>> {
        let mut out = Vec::new();
        self.specialize_into(row, ctor, ty, &mut out);
        out.into_iter().next()
    }

    fn specialize_into(&self, row: &[Plain], ctor: &Ctor, ty: Ty, out: &mut Vec<Vec<Plain>>) {
        let Some((head, tail)) = row.split_first() else {
            return;
        };
        let arity = || self.parts(ctor, ty).len();
        match head {
            Plain::Wild => {
                let wild = std::iter::repeat_n(Plain::Wild, arity());
                out.push(wild.chain(tail.iter().cloned()).collect());
            }
            Plain::Or(parts) => {
                for part in parts {
                    let mut row = vec![part.clone()];
                    row.extend_from_slice(tail);
                    self.specialize_into(&row, ctor, ty, out);
                }
            }
            Plain::Node(own, parts) if covers(own, ctor) => {
                let wild = std::iter::repeat(Plain::Wild);
                let parts = parts.iter().cloned().chain(wild).take(arity());
                out.push(parts.chain(tail.iter().cloned()).collect());
            }
            Plain::Node(..) => {}
        }
    }

    fn show(&self, plain: &Plain, ty: Ty) -> String {
        let db = self.db;
        let ty = ty.strip_refs(db);
        let Plain::Node(ctor, parts) = plain else {
            return "_".to_owned();
        };
        let types = self.parts(ctor, ty);
        let part = |i: usize| match (parts.get(i), types.get(i)) {
            (Some(part), Some(ty)) => self.show(part, *ty),
            _ => "_".to_owned(),
        };
        let list = |len: usize| (0..len).map(part).collect::<Vec<_>>().join(", ");
        match (ctor, ty.kind(db)) {
            (Ctor::Single, TyKind::Tuple(parts)) if parts.len() == 1 => format!("({},)", part(0)),
            (Ctor::Single, TyKind::Tuple(_)) => format!("({})", list(types.len())),
            (Ctor::Single, TyKind::Array(..)) => format!("[{}]", list(types.len())),
            (Ctor::Single, TyKind::Adt(AdtId::Struct(id), _)) => {
                self.show_fields(VariantDef::Struct(*id), String::new(), &part)
            }
            (Ctor::Variant(id), _) => {
                let name = names::adt_name(db, AdtId::Enum(id.parent));
                // Variants of the prelude are written bare.
                let prefix = match name.as_str() {
                    "Maybe" | "Outcome" | "Ordering" => String::new(),
                    name => format!("{name}::"),
                };
                self.show_fields(VariantDef::Variant(*id), prefix, &part)
            }
            (Ctor::Interval(low, high), _) if low == high => decode(db, *low, ty),
            (Ctor::Interval(low, high), _) => {
                if domain(db, ty) == Some((*low, *high)) {
                    return "_".to_owned();
                }
                format!("{} through {}", decode(db, *low, ty), decode(db, *high, ty))
            }
            (
                Ctor::Slice {
                    at_least: true,
                    len,
                },
                _,
            ) => match len {
                0 => "[..]".to_owned(),
                len => format!("[{}, ..]", list(*len)),
            },
            (Ctor::Slice { len, .. }, _) => format!("[{}]", list(*len)),
            _ => "_".to_owned(),
        }
    }

    fn show_fields(
        &self,
        variant: VariantDef,
        prefix: String,
        part: &dyn Fn(usize) -> String,
    ) -> String {
        use hir_def::signatures::FieldsKind;
        let db = self.db;
        let name = names::variant_def_name(db, variant);
        let fields = fields_of(db, variant);
        match fields.kind {
            FieldsKind::Unit => format!("{prefix}{name}"),
            FieldsKind::Tuple => {
                let parts: Vec<String> = (0..fields.fields.len()).map(part).collect();
                format!("{prefix}{name}({})", parts.join(", "))
            }
            FieldsKind::Record => {
                let shown: Vec<String> = fields
                    .fields
                    .iter()
                    .enumerate()
                    .map(|(i, field)| (field, part(i)))
                    .filter(|(_, text)| text != "_")
                    .map(|(field, text)| format!("{}: {text}", field.name))
                    .collect();
                if shown.len() == fields.fields.len() && !shown.is_empty() {
                    format!("{prefix}{name} {{ {} }}", shown.join(", "))
                } else if shown.is_empty() {
                    format!("{prefix}{name} {{ .. }}")
                } else {
                    format!("{prefix}{name} {{ {}, .. }}", shown.join(", "))
                }
            }
        }
    }
}

/// Whether a pattern's test holds for every value of a shape. Shapes come from
/// [`Checker::split`], so intervals never overlap partly.
fn covers(own: &Ctor, shape: &Ctor) -> bool {
    match (own, shape) {
        (Ctor::Interval(a, b), Ctor::Interval(low, high)) => a <= low && high <= b,
        (
            Ctor::Slice {
                len,
                at_least: true,
            },
            Ctor::Slice { len: shape, .. },
        ) => shape >= len,
        (
            Ctor::Slice {
                len,
                at_least: false,
            },
            Ctor::Slice {
                len: shape,
                at_least: false,
            },
        ) => len == shape,
        (
            Ctor::Slice {
                at_least: false, ..
            },
            Ctor::Slice { at_least: true, .. },
        ) => false,
        _ => own == shape,
    }
}

fn head_ctors(rows: &[Vec<Plain>]) -> Vec<Ctor> {
    fn add(plain: &Plain, out: &mut Vec<Ctor>) {
        match plain {
            Plain::Wild => {}
            Plain::Node(ctor, _) => out.push(ctor.clone()),
            Plain::Or(parts) => parts.iter().for_each(|part| add(part, out)),
        }
    }
    let mut out = Vec::new();
    rows.iter()
        .filter_map(|row| row.first())
        .for_each(|head| add(head, &mut out));
    out
}

/// The rows that take any value in the first column, without it.
fn default_rows(rows: &[Vec<Plain>]) -> Vec<Vec<Plain>> {
    fn is_wild(plain: &Plain) -> bool {
        match plain {
            Plain::Wild => true,
            Plain::Node(..) => false,
            Plain::Or(parts) => parts.iter().any(is_wild),
        }
    }
    rows.iter()
        .filter_map(|row| row.split_first())
        .filter(|(head, _)| is_wild(head))
        .map(|(_, tail)| tail.to_vec())
        .collect()
}
