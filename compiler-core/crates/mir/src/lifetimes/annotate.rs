//! The slots of a type as written.
//!
//! A [`TypeRef`] and the [`Ty`] it means are walked side by side. Where they part ways (aliases,
//! defaults, inferred arguments) the type alone goes on, and all its slots are elided.

use base::Db;
use hir_def::module_map::Namespace;
use hir_def::resolver::{PathResult, Resolution, Scope, resolve_path};
use hir_def::{
    AdtId, GenericArg as GenericArgRef, GenericDef, ModuleDef, Name, Path, TypeBound, TypeRef,
    TypeRefId, TypeStore,
};
use hir_ty::{Ty, TyKind};

use super::forever::forever_params;
use super::{
    DEPTH_MAX, Life, adt_lives, assoc_type_lives, for_each_part, own_slots, param_of, slot_count,
};

/// Where a lifetime was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    Ref,
    /// A lifetime parameter of a struct or enum.
    Param,
    /// Of a `func`, or the capture lifetime of a struct or enum.
    Capture,
}

pub(crate) struct Annotator<'a> {
    pub(crate) db: &'a dyn Db,
    pub(crate) scope: Scope,
    pub(crate) types: &'a TypeStore,
    pub(crate) names: &'a [(Name, Life)],
    /// What `This` means, with its slots.
    pub(crate) this: Option<(Ty, &'a [Life])>,
    /// The data type being declared, and its number of lifetimes once that is known: it has no
    /// hidden lifetimes for occurrences of itself.
    pub(crate) own: Option<(AdtId, Option<u32>)>,
    /// What a slot gets that was left out; it is told how many come before.
    pub(crate) elided: &'a mut dyn FnMut(Spot, usize) -> Life,
    /// The reference that the type stands directly behind.
    pub(crate) behind: Option<Life>,
    /// Among the arguments of a class: what is left out is `static` there.
    pub(crate) in_object: bool,
    pub(crate) out: Vec<Life>,
}

impl Annotator<'_> {
    /// Appends the slots of a type.
    pub(crate) fn ty(&mut self, written: Option<TypeRefId>, ty: Ty) {
        self.walk(written, ty, 0);
    }

    fn name(&self, name: &Name) -> Life {
        if name == "static" {
            return Life::Static;
        }
        let found = self.names.iter().find(|(known, _)| known == name);
        found.map_or(Life::Erased, |(_, life)| *life)
    }

    pub(crate) fn life(&mut self, written: Option<&Name>, spot: Spot) -> Life {
        match written {
            Some(name) if name != "_" => self.name(name),
            _ => self.left_out(spot),
        }
    }

    fn left_out(&mut self, spot: Spot) -> Life {
        match self.in_object {
            true => Life::Static,
            false => (self.elided)(spot, self.out.len()),
        }
    }

    fn walk(&mut self, written: Option<TypeRefId>, ty: Ty, depth: u32) {
        if depth > DEPTH_MAX {
            return;
        }
        let db = self.db;
        if let Some(index) = param_of(db, ty) {
            self.behind = None;
            return self.out.push(Life::Param(index));
        }
        let types = self.types;
        let written = written.map(|id| &types[id]);
        let behind = self.behind.take();
        match (written, ty.kind(db)) {
            (Some(TypeRef::Path(path)), kind) => {
                if !self.path(path, ty, depth) {
                    match kind {
                        TyKind::Adt(..) => self.adt(ty, &[], depth),
                        _ => self.unwritten(ty, behind, depth),
                    }
                }
            }
            (
                Some(TypeRef::Ref {
                    lifetime, inner, ..
                }),
                TyKind::Ref { target, .. },
            ) => {
                let life = self.life(lifetime.as_ref(), Spot::Ref);
                self.out.push(life);
                self.behind = Some(life);
                self.walk(Some(*inner), *target, depth + 1);
            }
            (Some(TypeRef::Dyn(bounds)), TyKind::Dyn(object) | TyKind::Object(object)) => {
                let life = match written_life(bounds) {
                    Some(name) => self.name(name),
                    // Without a reference around it, an object owns all that it holds.
                    None => behind.unwrap_or(Life::Static),
                };
                self.out.push(life);
                let args = behavior_args(bounds, types);
                for (index, arg) in object.args.list(db).iter().enumerate() {
                    if let Some(part) = arg.ty() {
                        self.walk(args.get(index).copied().flatten(), part, depth + 1);
                    }
                }
            }
            (Some(TypeRef::Impl(bounds)), TyKind::Opaque(..)) => {
                let life = match written_life(bounds) {
                    Some(name) => self.name(name),
                    None => self.left_out(Spot::Capture),
                };
                self.out.push(life);
            }
            (Some(TypeRef::Func { lifetime, .. }), TyKind::Func { .. }) => {
                let life = self.life(lifetime.as_ref(), Spot::Capture);
                self.out.extend([life, Life::Erased]);
            }
            (Some(TypeRef::RawPtr(inner)), TyKind::RawPtr(target))
            | (Some(TypeRef::Array(inner, _)), TyKind::Array(target, _))
            | (Some(TypeRef::Slice(inner)), TyKind::Slice(target)) => {
                self.walk(Some(*inner), *target, depth + 1);
            }
            (Some(TypeRef::Tuple(written)), TyKind::Tuple(parts))
                if written.len() == parts.len() =>
            {
                for (written, part) in written.iter().zip(parts) {
                    self.walk(Some(*written), *part, depth + 1);
                }
            }
            (Some(TypeRef::Maybe(inner)), TyKind::Adt(..)) => {
                self.adt(
                    ty,
                    std::slice::from_ref(&GenericArgRef::Type(*inner)),
                    depth,
                );
            }
            _ => self.unwritten(ty, behind, depth),
        }
    }

    /// All slots elided.
    fn unwritten(&mut self, ty: Ty, behind: Option<Life>, depth: u32) {
        let db = self.db;
        if let TyKind::Adt(..) = ty.kind(db) {
            return self.adt(ty, &[], depth);
        }
        for slot in 0..own_slots(db, ty) {
            let life = match ty.kind(db) {
                TyKind::Func { .. } if slot > 0 => Life::Erased,
                TyKind::Ref { .. } => self.left_out(Spot::Ref),
                TyKind::Dyn(_) | TyKind::Object(_) => behind.unwrap_or(Life::Static),
                _ => self.left_out(Spot::Capture),
            };
            self.out.push(life);
            self.behind = ty.as_ref(db).map(|_| life);
        }
        let mut parts = Vec::new();
        for_each_part(db, ty, &mut |part, _| parts.push(part));
        for part in parts {
            self.walk(None, part, depth + 1);
        }
    }

    /// The name in `[life a]`, or in `[a]` if it is that of a lifetime.
    fn lifetime_arg<'w>(&'w self, arg: &'w GenericArgRef) -> Option<&'w Name> {
        match arg {
            GenericArgRef::Lifetime(name) => Some(name),
            GenericArgRef::Type(ty) => match &self.types[*ty] {
                TypeRef::Path(path) => match &*path.segments {
                    [segment] if segment.args.is_none() => {
                        let name = &segment.name;
                        let is_known = self.names.iter().any(|(known, _)| known == name);
                        (is_known || name == "static").then_some(name)
                    }
                    _ => None,
                },
                _ => None,
            },
            GenericArgRef::Const(_) => None,
        }
    }

    /// The names of lifetimes among some arguments.
    pub(crate) fn lifetime_args(&self, written: &[GenericArgRef]) -> Vec<Name> {
        let names = written.iter().filter_map(|arg| self.lifetime_arg(arg));
        names.cloned().collect()
    }

    fn adt(&mut self, ty: Ty, written: &[GenericArgRef], depth: u32) {
        let db = self.db;
        let TyKind::Adt(adt, args) = ty.kind(db) else {
            return;
        };
        match self.own {
            Some((own, count)) if own == *adt => {
                let own = 0..count.unwrap_or(0);
                self.out.extend(own.map(Life::Bound));
            }
            _ => {
                let lives = adt_lives(db, *adt);
                let names = self.lifetime_args(written);
                for index in 0..lives.count {
                    let spot = if lives.capture == Some(index) {
                        Spot::Capture
                    } else {
                        Spot::Param
                    };
                    let name = names.get(index as usize);
                    let life = self.life(name, spot);
                    self.out.push(life);
                }
            }
        }
        let rest: Vec<&GenericArgRef> = written
            .iter()
            .filter(|arg| self.lifetime_arg(arg).is_none())
            .collect();
        let mut rest = rest.into_iter();
        let forever = forever_params(db, *adt);
        let around = self.in_object;
        for (index, arg) in args.list(db).iter().enumerate() {
            let written = match rest.next() {
                Some(GenericArgRef::Type(written)) => Some(*written),
                _ => None,
            };
            if let Some(part) = arg.ty() {
                self.in_object = around || forever.get(index).copied().unwrap_or(false);
                self.walk(written, part, depth + 1);
            }
        }
        self.in_object = around;
    }

    /// A path: whether its slots have been appended.
    fn path(&mut self, path: &Path, ty: Ty, depth: u32) -> bool {
        let db = self.db;
        let PathResult::Resolved(resolved) = resolve_path(db, self.scope, path, Namespace::Types)
        else {
            return false;
        };
        let used = path
            .segments
            .get(..resolved.consumed)
            .unwrap_or(&path.segments);
        let rest = path.segments.get(resolved.consumed..).unwrap_or(&[]);
        match resolved.to {
            Resolution::This(def) => match (rest, self.this) {
                ([], Some((this, lives))) if this == ty => {
                    self.out.extend(lives);
                    true
                }
                // `This::Item` in an implementation that says what it is.
                ([name], _) => {
                    let GenericDef::Impl(id) = def else {
                        return false;
                    };
                    let Some(lives) = assoc_type_lives(db, id, &name.name) else {
                        return false;
                    };
                    let fits = lives.len() == slot_count(db, ty);
                    if fits {
                        self.out.extend(lives.iter());
                    }
                    fits
                }
                _ => false,
            },
            Resolution::Def(def) => {
                let TyKind::Adt(adt, _) = ty.kind(db) else {
                    return false;
                };
                let named = match def {
                    ModuleDef::Struct(id) => Some(AdtId::Struct(id)),
                    ModuleDef::Enum(id) => Some(AdtId::Enum(id)),
                    ModuleDef::Union(id) => Some(AdtId::Union(id)),
                    _ => None,
                };
                if named != Some(*adt) || !rest.is_empty() {
                    return false;
                }
                let args = used.last().and_then(|segment| segment.args.as_deref());
                let args = args.map_or(&[][..], |args| &args.args);
                self.adt(ty, args, depth);
                true
            }
            Resolution::GenericParam(_) => false,
        }
    }
}

/// The lifetime among the bounds of `dyn B + life a`.
fn written_life(bounds: &[TypeBound]) -> Option<&Name> {
    bounds.iter().find_map(|bound| match bound {
        TypeBound::Lifetime(name) => Some(name),
        _ => None,
    })
}

/// The arguments that the first behavior among some bounds is given.
fn behavior_args(bounds: &[TypeBound], types: &TypeStore) -> Vec<Option<TypeRefId>> {
    let written = bounds.iter().find_map(|bound| match bound {
        TypeBound::Behavior(ty) => Some(super::sig::written_args(types, *ty)),
        _ => None,
    });
    written.unwrap_or_default()
}
