//! Lifetime parameters of structs, enums and unions: declared, hidden and capture; variance;
//! and what dropping a value looks at.

use base::Db;
use hir_def::generics::GenericParamKind;
use hir_def::resolver::Scope;
use hir_def::signatures::{self as s, FieldData};
use hir_def::{AdtId, GenericDef, Name};
use hir_ty::{Ty, TyKind};

use super::annotate::{Annotator, Spot};
use super::{Life, Lives, Variance, for_each_part, own_slots, part_variance, slot_variance};

/// The lifetimes of a data type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdtLives {
    /// Number of parameters: the declared ones, then one for each lifetime that a field leaves
    /// out, then the capture lifetime.
    pub count: u32,
    pub declared: u32,
    /// Shared by all `func` types in the fields.
    pub capture: Option<u32>,
    /// Slots of the fields, by variant, in terms of the parameters.
    pub fields: Box<[Box<[Lives]>]>,
    /// Of the lifetime parameters.
    pub variance: Box<[Variance]>,
    /// Of the generic arguments.
    pub type_variance: Box<[Variance]>,
    /// Of a type that contains another which contains it: everything in it has this lifetime.
    pub shared: Option<u32>,
}

/// The lifetime parameters of a data type.
///
/// Keyed by type; read by whoever looks at lifetimes of values. Re-runs when its declaration or
/// that of a type in a field changes. Types that contain each other have their declared
/// lifetimes and one more, which all that their fields hold has.
#[salsa::tracked(cycle_result = lives_cycle)]
pub fn adt_lives(db: &dyn Db, adt: AdtId) -> AdtLives {
    let names = declared(db, adt);
    let declared = names.len() as u32;
    let (first, hidden, has_capture) = annotate_fields(db, adt, &names, None);
    let capture = has_capture.then_some(declared + hidden);
    let count = declared + hidden + u32::from(has_capture);
    let fields = match mentions_itself(db, adt) {
        true => annotate_fields(db, adt, &names, Some(count)).0,
        false => first,
    };
    // The capture lifetime is the last: its number was not known while fields were read.
    let fields: Box<[Box<[Lives]>]> = fields
        .into_iter()
        .map(|fields| {
            let fix = |life: &Life| match life {
                Life::Bound(CAPTURE) => capture.map_or(Life::Erased, Life::Bound),
                other => *other,
            };
            fields
                .into_iter()
                .map(|lives| lives.iter().map(fix).collect())
                .collect()
        })
        .collect();
    let mut lives = AdtLives {
        count,
        declared,
        capture,
        fields,
        variance: vec![Variance::Bivariant; count as usize].into(),
        type_variance: vec![Variance::Bivariant; type_param_count(db, adt)].into(),
        shared: None,
    };
    variances(db, adt, &mut lives);
    lives
}

/// Stands for the capture lifetime while the others are counted.
const CAPTURE: u32 = u32::MAX;

fn lives_cycle(db: &dyn Db, _: salsa::Id, adt: AdtId) -> AdtLives {
    let declared = declared(db, adt).len() as u32;
    let fields = hir_ty::signature::adt_fields(db, adt).value.iter();
    let count = |ty: &Ty| fallback_slots(db, *ty);
    let shared = holds_lives(db, adt).then_some(declared);
    let all = declared + u32::from(shared.is_some());
    AdtLives {
        count: all,
        shared,
        declared,
        capture: None,
        fields: fields
            .map(|fields| {
                let erased = |ty| vec![Life::Erased; count(ty)].into();
                fields.iter().map(erased).collect()
            })
            .collect(),
        variance: vec![Variance::Invariant; all as usize].into(),
        type_variance: vec![Variance::Invariant; type_param_count(db, adt)].into(),
    }
}

/// Whether a field of a type, or of one in it, holds a reference or a `func`.
fn holds_lives(db: &dyn Db, adt: AdtId) -> bool {
    let mut seen = vec![adt];
    let mut next = 0;
    let mut found = false;
    while let Some(adt) = seen.get(next).copied() {
        next += 1;
        if let AdtId::Class(_) = adt {
            continue;
        }
        let fields = &hir_ty::signature::adt_fields(db, adt).value;
        for field in fields.iter().flatten() {
            hir_ty::ty::walk_ty(db, *field, &mut |part| match part.kind(db) {
                TyKind::Ref { .. } | TyKind::Func { .. } => found = true,
                TyKind::Adt(inner, _) if !seen.contains(inner) => seen.push(*inner),
                _ => {}
            });
        }
    }
    found
}

/// Slots of a field within a cycle: none that need another type's answer.
fn fallback_slots(db: &dyn Db, ty: Ty) -> usize {
    match ty.kind(db) {
        TyKind::Ref { target, .. } => 1 + fallback_slots(db, *target),
        TyKind::Param(_) => 1,
        _ => 0,
    }
}

fn type_param_count(db: &dyn Db, adt: AdtId) -> usize {
    hir_ty::generics_of(db, GenericDef::from(adt)).params.len()
}

fn declared(db: &dyn Db, adt: AdtId) -> Vec<(Name, Life)> {
    let params = &s::generic_params(db, GenericDef::from(adt)).params;
    let names = params.iter().filter_map(|param| match param.kind {
        GenericParamKind::Lifetime { .. } => Some(param.name.clone()),
        _ => None,
    });
    names.zip((0..).map(Life::Bound)).collect()
}

/// Whether a field's type names the type itself.
fn mentions_itself(db: &dyn Db, adt: AdtId) -> bool {
    let mut found = false;
    for field in hir_ty::signature::adt_fields(db, adt)
        .value
        .iter()
        .flatten()
    {
        hir_ty::ty::walk_ty(db, *field, &mut |ty| {
            found |= matches!(ty.kind(db), TyKind::Adt(other, _) if *other == adt);
        });
    }
    found
}

type Fields = Vec<Vec<Lives>>;

/// The slots of all fields, the number of hidden lifetimes, and whether there is a capture one.
fn annotate_fields(
    db: &dyn Db,
    adt: AdtId,
    names: &[(Name, Life)],
    count: Option<u32>,
) -> (Fields, u32, bool) {
    let (types, variants): (_, Vec<&[FieldData]>) = match adt {
        AdtId::Struct(id) => {
            let data = s::struct_data(db, id);
            (&data.types, vec![&data.fields.fields])
        }
        AdtId::Union(id) => {
            let data = s::union_data(db, id);
            (&data.types, vec![&data.fields.fields])
        }
        AdtId::Enum(id) => {
            let data = s::enum_data(db, id);
            let variants = data.variants.iter();
            (&data.types, variants.map(|v| &*v.fields.fields).collect())
        }
        // What objects hold lives for ever: a class has no lifetimes of its own.
        AdtId::Class(_) => return (Vec::new(), 0, false),
    };
    let tys = &hir_ty::signature::adt_fields(db, adt).value;
    let mut hidden = 0;
    let mut has_capture = false;
    let mut all = Vec::new();
    for (written, tys) in variants.iter().zip(tys) {
        let mut fields = Vec::new();
        for (written, ty) in written.iter().zip(tys) {
            let mut elided = |spot, _: usize| match spot {
                Spot::Capture => {
                    has_capture = true;
                    Life::Bound(CAPTURE)
                }
                Spot::Ref | Spot::Param => {
                    hidden += 1;
                    Life::Bound(names.len() as u32 + hidden - 1)
                }
            };
            let mut annotator = Annotator {
                db,
                scope: Scope::of_def(db, GenericDef::from(adt)),
                types,
                names,
                this: None,
                own: Some((adt, count)),
                elided: &mut elided,
                behind: None,
                in_object: false,
                out: Vec::new(),
            };
            annotator.ty(Some(written.ty), *ty);
            fields.push(annotator.out.into());
        }
        all.push(fields);
    }
    (all, hidden, has_capture)
}

/// Variances as the fields say; occurrences of the type itself ask for what is known so far, so
/// it is repeated until nothing changes.
fn variances(db: &dyn Db, adt: AdtId, lives: &mut AdtLives) {
    let fields = &hir_ty::signature::adt_fields(db, adt).value;
    let is_cell = hir_ty::names::adt_name(db, adt) == "UnsafeCell";
    // Every round but the last changes at least one of them, and each at most twice.
    let rounds = 2 * (lives.variance.len() + lives.type_variance.len()) + 1;
    for _ in 0..rounds {
        let mut next = lives.clone();
        for (tys, slots) in fields.iter().zip(&lives.fields) {
            for (ty, slots) in tys.iter().zip(slots) {
                let mut walk = VarianceWalk {
                    db,
                    adt,
                    known: lives,
                    next: &mut next,
                    slots: slots.iter(),
                };
                let start = match is_cell {
                    true => Variance::Invariant,
                    false => Variance::Covariant,
                };
                walk.ty(*ty, start);
            }
        }
        if next == *lives {
            break;
        }
        *lives = next;
    }
    let settle = |variance: &mut Variance| {
        if *variance == Variance::Bivariant {
            *variance = Variance::Invariant;
        }
    };
    lives.variance.iter_mut().for_each(settle);
    lives.type_variance.iter_mut().for_each(settle);
}

struct VarianceWalk<'a> {
    db: &'a dyn Db,
    adt: AdtId,
    known: &'a AdtLives,
    next: &'a mut AdtLives,
    slots: std::slice::Iter<'a, Life>,
}

impl VarianceWalk<'_> {
    fn ty(&mut self, ty: Ty, variance: Variance) {
        let db = self.db;
        let is_own = matches!(ty.kind(db), TyKind::Adt(adt, _) if *adt == self.adt);
        let own = match is_own {
            true => self.known.count as usize,
            false => own_slots(db, ty),
        };
        for slot in 0..own {
            let inner = match is_own {
                true => self.known.variance[slot],
                false => slot_variance(db, ty, slot),
            };
            if let Some(Life::Bound(index)) = self.slots.next()
                && let Some(known) = self.next.variance.get_mut(*index as usize)
            {
                *known = known.and(variance.of(inner));
            }
        }
        if let TyKind::Param(param) = ty.kind(db)
            && let Some(known) = self.next.type_variance.get_mut(param.index as usize)
        {
            *known = known.and(variance);
        }
        // What a `func` takes and gives, and what an associated type depends on.
        if let TyKind::Func { params, ret } = ty.kind(db) {
            for param in params {
                self.inside(*param, variance.of(Variance::Contravariant));
            }
            self.inside(*ret, variance);
        }
        if let TyKind::Projection(projection) = ty.kind(db) {
            let args: Vec<Ty> = projection.args.types(db).collect();
            for arg in args {
                self.inside(arg, Variance::Invariant);
            }
        }
        let mut parts = Vec::new();
        for_each_part(db, ty, &mut |part, index| parts.push((part, index)));
        for (part, index) in parts {
            let inner = match is_own {
                true => self.known.type_variance[index],
                false => part_variance(db, ty, index),
            };
            self.ty(part, variance.of(inner));
        }
    }

    /// Parameters inside a type without slots.
    fn inside(&mut self, ty: Ty, variance: Variance) {
        let db = self.db;
        let mut params = Vec::new();
        hir_ty::ty::walk_ty(db, ty, &mut |ty| {
            if let TyKind::Param(param) = ty.kind(db) {
                params.push((param.index, ty));
            }
        });
        for (index, param) in params {
            // Deeper inside anything may turn it around.
            let variance = if param == ty {
                variance
            } else {
                Variance::Invariant
            };
            if let Some(known) = self.next.type_variance.get_mut(index as usize) {
                *known = known.and(variance);
            }
        }
    }
}

/// Which lifetimes the end of a value's life looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdtDrop {
    /// By lifetime parameter.
    pub lives: Box<[bool]>,
    /// By generic argument: whether values of it are dropped.
    pub types: Box<[bool]>,
    /// It has a `Drop` of its own, which may look at everything.
    pub all: bool,
}

/// What dropping a value of a data type looks at (reference §3.5, "Drop and lifetimes").
///
/// Keyed by type; re-runs when a declaration of a type inside, or its `Drop`, changes.
#[salsa::tracked(cycle_result = drop_cycle)]
pub fn adt_drop(db: &dyn Db, adt: AdtId) -> AdtDrop {
    let lives = adt_lives(db, adt);
    let types = type_param_count(db, adt);
    let mut found = AdtDrop {
        lives: vec![false; lives.count as usize].into(),
        types: vec![false; types].into(),
        all: false,
    };
    if hir_ty::drop_impl(db, adt).is_some() {
        let package = adt.module(db).package(db).name(db).to_string();
        let is_container = matches!(&*package, "core" | "std") && lives.count == 0;
        found.all = !is_container;
        found.lives.fill(true);
        found.types.fill(true);
        return found;
    }
    let fields = &hir_ty::signature::adt_fields(db, adt).value;
    for (tys, slots) in fields.iter().zip(&lives.fields) {
        for (ty, slots) in tys.iter().zip(slots) {
            dropped_slots(
                db,
                *ty,
                &mut slots.iter(),
                DropMode::Drop,
                &mut |part| match part {
                    Dropped::Slot(Life::Bound(index)) => {
                        if let Some(used) = found.lives.get_mut(index as usize) {
                            *used = true;
                        }
                    }
                    Dropped::Param(index) => {
                        if let Some(used) = found.types.get_mut(index as usize) {
                            *used = true;
                        }
                    }
                    Dropped::Slot(_) => {}
                },
            );
        }
    }
    found
}

fn drop_cycle(db: &dyn Db, _: salsa::Id, adt: AdtId) -> AdtDrop {
    AdtDrop {
        lives: vec![false; adt_lives(db, adt).count as usize].into(),
        types: vec![true; type_param_count(db, adt)].into(),
        all: false,
    }
}

/// Something that a drop looks at.
pub(crate) enum Dropped<S> {
    Slot(S),
    /// A value of a type parameter.
    Param(u32),
}

/// What happens to a part of a dropped value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DropMode {
    /// It is only passed over.
    Skip,
    /// Dropped in its turn.
    Drop,
    /// A destructor may look at all of it.
    All,
}

/// Calls `f` for every slot (of those in `slots`, in order) that dropping a value looks at.
pub(crate) fn dropped_slots<'s, S: Copy + 's>(
    db: &dyn Db,
    ty: Ty,
    slots: &mut dyn Iterator<Item = &'s S>,
    mode: DropMode,
    f: &mut dyn FnMut(Dropped<S>),
) {
    let adt_drop = match ty.kind(db) {
        TyKind::Adt(adt, _) if mode == DropMode::Drop => Some(adt_drop(db, *adt)),
        _ => None,
    };
    for index in 0..own_slots(db, ty) {
        let Some(slot) = slots.next() else { return };
        let used = match (&adt_drop, mode) {
            // What stands there is found by its instance.
            _ if super::param_of(db, ty).is_some() => false,
            (_, DropMode::All) => true,
            (Some(adt), _) => adt.lives.get(index).copied().unwrap_or(false),
            (None, DropMode::Drop) => match ty.kind(db) {
                TyKind::Dyn(_) => true,
                TyKind::Opaque(..) => drops_a_loan(db, ty),
                _ => false,
            },
            (None, DropMode::Skip) => false,
        };
        if used {
            f(Dropped::Slot(*slot));
        }
    }
    if let TyKind::Param(param) = ty.kind(db)
        && mode != DropMode::Skip
    {
        f(Dropped::Param(param.index));
    }
    let mut parts = Vec::new();
    for_each_part(db, ty, &mut |part, index| parts.push((part, index)));
    for (part, index) in parts {
        let inner = match (mode, ty.kind(db)) {
            (DropMode::All | DropMode::Skip, _) => mode,
            (_, TyKind::Ref { .. } | TyKind::RawPtr(_)) => DropMode::Skip,
            _ => match &adt_drop {
                Some(adt) if adt.all => DropMode::All,
                Some(adt) if !adt.types.get(index).copied().unwrap_or(false) => DropMode::Skip,
                _ => DropMode::Drop,
            },
        };
        dropped_slots(db, part, slots, inner, f);
    }
}

/// Whether the type behind `impl B` looks at a lifetime when it is dropped.
fn drops_a_loan(db: &dyn Db, ty: Ty) -> bool {
    let hidden = hir_ty::infer::hidden::reveal(db, ty);
    if hidden == ty {
        return false;
    }
    let slots = vec![(); super::slot_count(db, hidden)];
    let mut looks = false;
    dropped_slots(db, hidden, &mut slots.iter(), DropMode::Drop, &mut |part| {
        looks |= matches!(part, Dropped::Slot(()));
    });
    looks
}
