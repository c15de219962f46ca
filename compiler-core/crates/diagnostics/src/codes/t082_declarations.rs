//! T053, T082–T084, T086, C010: decorators and fields that a type declaration cannot have.

use base::{Db, ItemLoc};
use derive::{DERIVABLE, Derivable};
use hir_def::attrs::Attrs;
use hir_def::signatures::{self as s, Fields};
use hir_def::{AdtId, EnumId, GenericDef, UnionId};
use hir_ty::layout::tag_of;
use syntax::TextRange;
use syntax::ast::{AstNode, Decorator};

use crate::place::{Draft, Place, item_node};

/// The reports for a type declaration.
pub(crate) fn render(db: &dyn Db, def: GenericDef, attrs: &Attrs) -> Vec<Draft> {
    let mut out = Vec::new();
    let adt = match def {
        GenericDef::Struct(id) => Some(AdtId::Struct(id)),
        GenericDef::Enum(id) => Some(AdtId::Enum(id)),
        GenericDef::Union(id) => Some(AdtId::Union(id)),
        _ => None,
    };
    derives(db, def, attrs, adt, &mut out);
    match (adt, &attrs.flags) {
        (Some(AdtId::Enum(id)), Some(_)) => flags(db, id, &mut out),
        (_, Some(_)) => out.extend(misplaced(db, def.item(db), "flags", "an enum")),
        (_, None) => {}
    }
    placement(db, def, &mut out);
    if let GenericDef::Union(id) = def {
        union(db, id, &mut out);
    }
    if attrs.repr.packed && attrs.repr.align.is_some() {
        let place = decorator(db, def.item(db), "repr");
        out.extend(place.map(|place| {
            Draft::error(
                "C010",
                place,
                "Invalid `@repr`: `packed` and `align` exclude each other",
            )
            .labelled("asks for both")
        }));
    }
    out
}

/// Decorators that say something about functions only.
const OF_FUNCTIONS: &[&str] = &[
    "test",
    "bench",
    "fuzz",
    "should_panic",
    "ignore",
    "timeout",
    "before_each",
    "after_each",
    "before_all",
    "after_all",
    "pre",
    "post",
    "extern",
    "intrinsic",
];
/// Those of types, and those of statics.
const OF_TYPES: &[&str] = &["repr", "simd"];
const OF_STATICS: &[&str] = &["thread_local", "static_init"];
/// What `@repr` understands, beside `align(n)`.
const REPRS: &[&str] = &[
    "C",
    "transparent",
    "packed",
    "U8",
    "U16",
    "U32",
    "U64",
    "I8",
    "I16",
    "I32",
    "I64",
];

/// T053 and C010: decorators in a place where they mean nothing, and layouts nobody knows.
fn placement(db: &dyn Db, def: GenericDef, out: &mut Vec<Draft>) {
    let item = def.item(db);
    let Some(node) = item_node(db, item) else {
        return;
    };
    let is_func = matches!(def, GenericDef::Func(_));
    let is_type = matches!(
        def,
        GenericDef::Struct(_) | GenericDef::Enum(_) | GenericDef::Union(_)
    );
    for decorator in node.children().filter_map(Decorator::cast) {
        let Some(name) = decorator.name_text() else {
            continue;
        };
        let name = name.as_str();
        let place = Place::new(item, decorator.syntax().text_range());
        let wanted = if OF_FUNCTIONS.contains(&name) && !is_func {
            Some("a function")
        } else if OF_TYPES.contains(&name) && !is_type {
            Some("a type")
        } else if OF_STATICS.contains(&name) {
            Some("a static")
        } else {
            None
        };
        if let Some(on) = wanted {
            let message = format!("Decorator misuse: `@{name}` belongs on {on}");
            out.push(Draft::error("T053", place, message).labelled("not allowed here"));
        } else if name == "repr" {
            reprs(item, &decorator, out);
        } else if name == "simd" && !is_vector(db, def) {
            let message = "Decorator misuse: `@simd` is for a struct of equal numbers";
            out.push(
                Draft::error("T053", place, message)
                    .labelled("all fields must have one numeric type"),
            );
        }
    }
}

fn reprs(item: ItemLoc, decorator: &Decorator, out: &mut Vec<Draft>) {
    for arg in decorator.args() {
        let text = arg.syntax().text().to_string();
        if REPRS.contains(&text.as_str()) || text.starts_with("align") {
            continue;
        }
        let place = Place::new(item, arg.syntax().text_range());
        let nearest = hir_def::suggest::nearest(&text, REPRS.iter().copied());
        out.push(
            Draft::error(
                "C010",
                place,
                format!("Invalid `@repr`: unknown layout `{text}`"),
            )
            .labelled("not understood")
            .nearest(place, nearest)
            .help("write `C`, `transparent`, `packed`, `align(n)`, or the integer of an enum"),
        );
    }
}

/// Whether all fields of a struct have one numeric type.
fn is_vector(db: &dyn Db, def: GenericDef) -> bool {
    let GenericDef::Struct(id) = def else {
        return false;
    };
    let fields = &hir_ty::signature::adt_fields(db, AdtId::Struct(id)).value;
    let mut fields = fields.iter().flat_map(|fields| fields.iter());
    let Some(first) = fields.next() else {
        return false;
    };
    let is_number = matches!(
        first.kind(db),
        hir_ty::TyKind::Int(_) | hir_ty::TyKind::Float(_) | hir_ty::TyKind::Error
    );
    is_number && fields.all(|field| field == first || field.has_error(db))
}

/// Where a decorator stands.
fn decorator(db: &dyn Db, item: ItemLoc, name: &str) -> Option<Place> {
    let node = item_node(db, item)?;
    let found = node
        .children()
        .filter_map(Decorator::cast)
        .find(|it| it.name_text().as_deref() == Some(name))?;
    Some(Place::new(item, found.syntax().text_range()))
}

fn misplaced(db: &dyn Db, item: ItemLoc, name: &str, on: &str) -> Option<Draft> {
    let place = decorator(db, item, name)?;
    let message = format!("Decorator misuse: `@{name}` belongs on {on}");
    Some(Draft::error("T053", place, message).labelled("not allowed here"))
}

fn derives(db: &dyn Db, def: GenericDef, attrs: &Attrs, adt: Option<AdtId>, out: &mut Vec<Draft>) {
    if attrs.derives.is_empty() {
        return;
    }
    let item = def.item(db);
    let Some(adt) = adt.filter(|adt| !matches!(adt, AdtId::Union(_))) else {
        let found = misplaced(db, item, "derive", "a struct or an enum");
        out.extend(found.or_else(|| misplaced(db, item, "auto", "a struct or an enum")));
        return;
    };
    for name in &attrs.derives {
        let places = || derive_arg(db, item, name);
        let known = Derivable::by_name(name, || false);
        if known.is_empty() {
            let Some(place) = places() else { continue };
            let message = format!("Decorator misuse: `{name}` cannot be derived");
            let nearest = hir_def::suggest::nearest(name, DERIVABLE.iter().copied());
            let draft = Draft::error("T053", place, message).labelled("unknown to `@derive`");
            out.push(draft.nearest(place, nearest));
            continue;
        }
        let AdtId::Enum(id) = adt else {
            if known.contains(&Derivable::FromStr)
                && let Some(place) = places()
            {
                out.push(cannot(place, "FromStr", "only enums without payloads can"));
            }
            continue;
        };
        let mut variants = s::enum_data(db, id).variants.iter();
        let why = if known.contains(&Derivable::FromStr)
            && variants.any(|it| !it.fields.fields.is_empty())
        {
            Some(("FromStr", "only enums without payloads can"))
        } else if known.contains(&Derivable::Default)
            && s::enum_data(db, id)
                .variants
                .iter()
                .all(|it| !it.fields.fields.is_empty())
        {
            Some(("Default", "it needs a variant without payload"))
        } else {
            None
        };
        if let (Some((name, why)), Some(place)) = (why, places()) {
            out.push(cannot(place, name, why));
        }
    }
}

fn cannot(place: Place, name: &str, why: &str) -> Draft {
    let message = format!("Decorator misuse: this type cannot derive `{name}`");
    Draft::error("T053", place, message).labelled(why)
}

/// The argument of `@derive` with this text.
fn derive_arg(db: &dyn Db, item: ItemLoc, name: &str) -> Option<Place> {
    let node = item_node(db, item)?;
    let decorators = node.children().filter_map(Decorator::cast);
    let args = decorators
        .filter(|it| matches!(it.name_text().as_deref(), Some("derive" | "auto")))
        .flat_map(|it| it.args().collect::<Vec<_>>());
    let ranges: Vec<TextRange> = args
        .filter(|arg| arg.syntax().text() == name)
        .map(|arg| arg.syntax().text_range())
        .collect();
    Some(Place::new(item, *ranges.first()?))
}

fn flags(db: &dyn Db, id: EnumId, out: &mut Vec<Draft>) {
    let item = id.item(db);
    let Some(place) = decorator(db, item, "flags") else {
        return;
    };
    let data = s::enum_data(db, id);
    if !data.generics.params.is_empty() {
        out.push(
            Draft::error("T084", place, "`@flags` on a generic type")
                .labelled("a set of flags has no parameters"),
        );
    }
    let map = &s::enum_data_with_source_map(db, id).1;
    let variant_place = |index: usize| {
        let range = map.members.get(index).copied();
        range.map_or(place, |range| Place::new(item, range))
    };
    let with_payload = data
        .variants
        .iter()
        .position(|it| it.fields != Fields::default());
    if let Some(index) = with_payload {
        let name = &data.variants[index].name;
        out.push(
            Draft::error(
                "T082",
                variant_place(index),
                format!("`@flags` variant `{name}` carries data"),
            )
            .labelled("a flag is one bit")
            .label(place, "declared as flags here"),
        );
        return;
    }
    let int = tag_of(db, AdtId::Enum(id));
    let bits = u32::from(int.bytes()) * 8;
    let limit = 1i128 << bits;
    let values = hir_ty::discriminants(db, AdtId::Enum(id));
    let over = values
        .iter()
        .position(|value| *value < 0 || *value >= limit);
    if let Some(index) = over {
        let larger = match bits {
            8 => Some("U16"),
            16 => Some("U32"),
            32 => Some("U64"),
            _ => None,
        };
        let draft = Draft::error(
            "T083",
            variant_place(index),
            format!(
                "Too many `@flags` variants: `{}` has {bits} bits",
                int.name()
            ),
        )
        .labelled("no bit is left for this one")
        .label(place, "declared here");
        out.push(match larger {
            Some(larger) => draft.help(format!("use `@flags({larger})`")),
            None => draft,
        });
    }
}

fn union(db: &dyn Db, id: UnionId, out: &mut Vec<Draft>) {
    let item = id.item(db);
    let adt = AdtId::Union(id);
    let env = hir_ty::param_env(db, GenericDef::Union(id));
    let tys = hir_ty::signature::adt_fields(db, adt);
    let map = &s::union_data_with_source_map(db, id).1;
    for (index, ty) in tys.value.iter().flatten().enumerate() {
        if ty.has_error(db) {
            continue;
        }
        let why = if !hir_ty::is_copy(db, *ty, env) {
            "is not Copy"
        } else if hir_ty::needs_drop(db, *ty) {
            "is counted"
        } else {
            continue;
        };
        let range = map.members.get(index).copied().unwrap_or(map.name);
        let message = format!("Union field of type `{}`: it {why}", ty.display(db));
        out.push(
            Draft::error("T086", Place::new(item, range), message)
                .labelled("nobody knows whether it is there when the union ends"),
        );
    }
    if let Some(drop) = hir_ty::drop_impl(db, adt) {
        let place = crate::text::generic_def_place(db, GenericDef::Impl(drop));
        out.push(
            Draft::error("T086", place, "Union with a destructor")
                .labelled("nobody knows which field is there when it ends"),
        );
    }
}
