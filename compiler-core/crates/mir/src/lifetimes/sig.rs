//! Lifetimes of functions and implementations, with what elision fills in (reference §3.5 2–7).

use base::Db;
use hir_def::generics::{GenericParamKind, GenericParams, WherePredicate};
use hir_def::resolver::Scope;
use hir_def::signatures as s;
use hir_def::{
    AdtId, ContainerId, FuncId, GenericDef, ImplId, Name, TypeBound, TypeRef, TypeRefId, TypeStore,
};
use hir_ty::{Ty, TyKind};

use super::annotate::{Annotator, Spot};
use super::declared::{Met, Model, Told};
use super::forever::{forever_in, forever_of_container, holds_funcs};
use super::{Life, Lives, for_each_part, param_of};

/// The lifetimes of a function: those of the `impl` around it first, then its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FnLives {
    pub count: u32,
    /// Of the declared ones.
    pub names: Box<[(Name, Life)]>,
    /// Slots of all that is passed, the receiver first.
    pub params: Box<[Lives]>,
    pub ret: Lives,
    /// The first lives at least as long as the second.
    pub outlives: Box<[(Life, Life)]>,
    /// `T: life a`, by generic argument.
    pub type_bounds: Box<[(u32, Life)]>,
    /// Whatever any input holds outlives this one.
    pub captured: Option<Life>,
    /// Of a behavior's method: this one outlives whatever `This` holds.
    pub stored: Option<Life>,
    /// E031: an elided lifetime of the result could be that of several parameters.
    pub ambiguous: bool,
}

/// The lifetimes of an implementation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImplLives {
    pub count: u32,
    pub names: Box<[(Name, Life)]>,
    /// Slots of the type that it is for.
    pub this: Lives,
    /// Slots of the arguments of its behaviors: by behavior, then by argument after `This`.
    pub behaviors: Box<[Box<[Lives]>]>,
    /// What the lifetime parameters of its behaviors are, by behavior.
    pub behavior_lives: Box<[Lives]>,
    /// The capture lifetime of the type.
    pub capture: Option<Life>,
    pub outlives: Box<[(Life, Life)]>,
    pub type_bounds: Box<[(u32, Life)]>,
}

pub(crate) fn declared_names(params: &GenericParams, first: u32) -> Vec<(Name, Life)> {
    let names = params.params.iter().filter_map(|param| match param.kind {
        GenericParamKind::Lifetime { .. } => Some(param.name.clone()),
        _ => None,
    });
    names.zip((first..).map(Life::Bound)).collect()
}

fn named(names: &[(Name, Life)], name: &Name) -> Life {
    if name == "static" {
        return Life::Static;
    }
    let found = names.iter().rev().find(|(known, _)| known == name);
    found.map_or(Life::Erased, |(_, life)| *life)
}

/// Bounds on lifetimes and `T: life a`, as a definition declares them.
fn bounds(
    db: &dyn Db,
    def: GenericDef,
    names: &[(Name, Life)],
    outlives: &mut Vec<(Life, Life)>,
    type_bounds: &mut Vec<(u32, Life)>,
) {
    let params = s::generic_params(db, def);
    let types = s::types_of(db, def);
    let generics = hir_ty::generics_of(db, def);
    let index_of = |name: &Name| {
        let found = generics.params.iter().rposition(|p| p.name == *name);
        found.map(|index| index as u32)
    };
    let of_type = |name: &Name, bounds: &[TypeBound], out: &mut Vec<(u32, Life)>| {
        for bound in bounds {
            if let (TypeBound::Lifetime(life), Some(index)) = (bound, index_of(name)) {
                out.push((index, named(names, life)));
            }
        }
    };
    for param in &params.params {
        match &param.kind {
            GenericParamKind::Lifetime { bounds } => {
                for shorter in bounds {
                    outlives.push((named(names, &param.name), named(names, shorter)));
                }
            }
            GenericParamKind::Type { bounds, .. } => of_type(&param.name, bounds, type_bounds),
            GenericParamKind::Const { .. } => {}
        }
    }
    for predicate in &params.predicates {
        if let WherePredicate::Bounds { ty, bounds } = predicate
            && let TypeRef::Path(path) = &types[*ty]
            && let [segment] = &*path.segments
        {
            of_type(&segment.name, bounds, type_bounds);
        }
    }
}

/// `T: life a`, as a definition that is no function declares it.
pub(super) fn declared_type_bounds(db: &dyn Db, def: GenericDef) -> Vec<(u32, Life)> {
    let mut type_bounds = Vec::new();
    bounds(db, def, &[], &mut Vec::new(), &mut type_bounds);
    type_bounds
}

/// The lifetimes of an implementation.
///
/// Keyed by implementation; read through [`fn_lives`] and by whoever looks up associated types.
/// Re-runs with its head.
#[salsa::tracked(cycle_result = impl_cycle)]
pub fn impl_lives(db: &dyn Db, id: ImplId) -> ImplLives {
    let def = GenericDef::Impl(id);
    let data = s::impl_data(db, id);
    let names = declared_names(&data.generics, 0);
    let mut count = names.len() as u32;
    let mut capture = None;
    let this_ty = hir_ty::signature::impl_self_ty(db, id);
    let mut annotate = |of: Part<'_>, this: Option<&Lives>| -> Lives {
        let is_this = this.is_none();
        // As in associated types: `impl From[ref Str] for View` is about one lifetime.
        let single = this.map_or(Vec::new(), |this| own_lives(this, capture));
        let mut elided = |spot, _: usize| {
            if let (Spot::Ref | Spot::Param, [one]) = (spot, &*single) {
                return *one;
            }
            if spot == Spot::Capture
                && let Some(known) = capture
            {
                return known;
            }
            count += 1;
            let life = Life::Bound(count - 1);
            if spot == Spot::Capture && is_this {
                capture = Some(life);
            }
            life
        };
        let mut annotator = Annotator {
            db,
            scope: Scope::of_def(db, def),
            types: &data.types,
            names: &names,
            this: None,
            own: None,
            elided: &mut elided,
            behind: None,
            in_object: false,
            out: Vec::new(),
        };
        match of {
            Part::Type(written, ty) => annotator.ty(written, ty),
            Part::Lives(written, count) => {
                let names = annotator.lifetime_args(written);
                for index in 0..count {
                    let life = annotator.life(names.get(index), Spot::Param);
                    annotator.out.push(life);
                }
            }
        }
        annotator.out.into()
    };
    let this = annotate(Part::Type(data.self_ty, this_ty), None);
    let headers = hir_ty::signature::impl_behaviors(db, id);
    let (mut behaviors, mut behavior_lives) = (Vec::new(), Vec::new());
    // Behaviors that do not resolve are missing among the headers; then nothing is known about
    // which belongs to which.
    let written = (headers.len() == data.behaviors.len()).then_some(&data.behaviors);
    for (nth, header) in headers.iter().enumerate() {
        let written = written.and_then(|written| written.get(nth));
        let args = written.map_or(Vec::new(), |id| written_args(&data.types, *id));
        let tys = header.args.list(db).iter().skip(1).enumerate();
        let lives = tys.map(|(index, arg)| match arg.ty() {
            Some(ty) => {
                let written = args.get(index).copied().flatten();
                annotate(Part::Type(written, ty), Some(&this))
            }
            None => Lives::default(),
        });
        behaviors.push(lives.collect());
        let own = &s::behavior_data(db, header.behavior).generics;
        let args = written.map_or(&[][..], |id| all_args(&data.types, *id));
        let count = declared_names(own, 0).len();
        behavior_lives.push(annotate(Part::Lives(args, count), Some(&this)));
    }
    let (mut outlives, mut type_bounds) = (Vec::new(), Vec::new());
    bounds(db, def, &names, &mut outlives, &mut type_bounds);
    // A written capture lifetime is one, too.
    match this_ty.kind(db) {
        TyKind::Adt(AdtId::Class(class), _) => {
            capture = holds_funcs(db, *class).then_some(Life::Static);
        }
        TyKind::Adt(adt, _) => {
            if let Some(index) = super::adt_lives(db, *adt).capture {
                capture = this.get(index as usize).copied();
            }
        }
        _ => {}
    }
    ImplLives {
        count,
        names: names.into(),
        this,
        behaviors: behaviors.into(),
        behavior_lives: behavior_lives.into(),
        capture,
        outlives: outlives.into(),
        type_bounds: type_bounds.into(),
    }
}

/// What of a head is annotated.
enum Part<'a> {
    Type(Option<TypeRefId>, Ty),
    /// So many lifetimes, among written arguments.
    Lives(&'a [hir_def::GenericArg], usize),
}

/// The lifetimes of an implementing type, each once; what it captures is none that an item may
/// name.
fn own_lives(this: &[Life], capture: Option<Life>) -> Vec<Life> {
    let mut own: Vec<Life> = Vec::new();
    for life in this.iter().filter(|life| is_own(life)) {
        if Some(*life) != capture {
            add(&mut own, *life);
        }
    }
    own
}

fn impl_cycle(_: &dyn Db, _: salsa::Id, _: ImplId) -> ImplLives {
    ImplLives::default()
}

/// The arguments that a path gives to its last segment.
fn all_args(types: &TypeStore, id: TypeRefId) -> &[hir_def::GenericArg] {
    let TypeRef::Path(path) = &types[id] else {
        return &[];
    };
    let args = path.segments.last().and_then(|last| last.args.as_deref());
    args.map_or(&[], |args| &args.args)
}

/// The arguments that a path gives to its last segment, without lifetimes.
pub(super) fn written_args(types: &TypeStore, id: TypeRefId) -> Vec<Option<TypeRefId>> {
    let args = all_args(types, id);
    args.iter()
        .filter_map(|arg| match arg {
            hir_def::GenericArg::Type(ty) => Some(Some(*ty)),
            hir_def::GenericArg::Const(_) => Some(None),
            hir_def::GenericArg::Lifetime(_) => None,
        })
        .collect()
}

/// The slots of `type Item = …` of an implementation, in terms of its lifetimes.
///
/// Keyed by implementation and name. Re-runs with either declaration.
#[salsa::tracked(cycle_result = assoc_cycle)]
fn assoc_lives_query(db: &dyn Db, id: ImplId, name: Name) -> Option<AssocLives> {
    let items = &s::impl_data(db, id).items;
    let alias = items.iter().find_map(|(known, item)| match item {
        hir_def::AssocItemId::Type(alias) if *known == name => Some(*alias),
        _ => None,
    })?;
    let around = impl_lives(db, id);
    let single = match *own_lives(&around.this, around.capture) {
        [] => Life::Static,
        [one] => one,
        _ => Life::Erased,
    };
    let mut is_ambiguous = false;
    let mut elided = |spot, _: usize| match (spot, around.capture) {
        (Spot::Capture, Some(capture)) => capture,
        _ => {
            is_ambiguous |= single == Life::Erased;
            single
        }
    };
    let data = s::alias_data(db, alias);
    let this_ty = hir_ty::signature::impl_self_ty(db, id);
    let mut annotator = Annotator {
        db,
        scope: Scope::of_def(db, GenericDef::TypeAlias(alias)),
        types: &data.types,
        names: &around.names,
        this: Some((this_ty, &around.this)),
        own: None,
        elided: &mut elided,
        behind: None,
        in_object: false,
        out: Vec::new(),
    };
    annotator.ty(data.ty, hir_ty::signature::type_of_alias(db, alias));
    let lives = annotator.out.into();
    Some(AssocLives {
        lives,
        is_ambiguous,
    })
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct AssocLives {
    lives: Lives,
    /// E031
    is_ambiguous: bool,
}

fn assoc_cycle(_: &dyn Db, _: salsa::Id, _: ImplId, _: Name) -> Option<AssocLives> {
    None
}

/// Whether an associated type of an implementation leaves out a lifetime that could be one of
/// several (E031).
pub fn ambiguous_assoc(db: &dyn Db, alias: hir_def::TypeAliasId) -> bool {
    let ContainerId::Impl(id) = alias.container(db) else {
        return false;
    };
    let name = s::alias_data(db, alias).name.clone();
    let lives = assoc_lives_query(db, id, name).as_ref();
    lives.is_some_and(|lives| lives.is_ambiguous)
}

/// The slots of an associated type; `None` if the implementation does not say what it is.
pub(crate) fn assoc_type_lives(db: &dyn Db, id: ImplId, name: &Name) -> Option<Lives> {
    let found = assoc_lives_query(db, id, name.clone()).as_ref();
    found.map(|found| found.lives.clone())
}

/// What the inputs of a function have shown.
#[derive(Default)]
struct Inputs {
    all: Vec<Life>,
    /// Of written references.
    refs: Vec<Life>,
    /// Without captures.
    named: Vec<Life>,
}

fn add(list: &mut Vec<Life>, life: Life) {
    if !list.contains(&life) {
        list.push(life);
    }
}

/// The lifetimes of a function.
///
/// Keyed by function; read by the borrow checker for every call. Re-runs when the declaration
/// or that of a type in it changes; never for a body.
#[salsa::tracked(cycle_result = fn_cycle)]
pub fn fn_lives(db: &dyn Db, func: FuncId) -> FnLives {
    let def = GenericDef::Func(func);
    let data = s::func_signature(db, func);
    let sig = hir_ty::fn_type(db, func);
    let this_ty = hir_ty::this_type(db, def);
    let other;
    let around = match func.container(db) {
        ContainerId::Impl(id) => impl_lives(db, id),
        container => {
            other = without_impl(db, container, this_ty);
            &other
        }
    };
    let mut names: Vec<(Name, Life)> = around.names.to_vec();
    let mut count = around.count;
    if let ContainerId::Behavior(id) = func.container(db) {
        names.extend(declared_names(&s::behavior_data(db, id).generics, count));
        count = names.len() as u32;
    }
    let own = declared_names(&data.generics, count);
    count += own.len() as u32;
    names.extend(own);
    let (mut outlives, mut type_bounds) = (around.outlives.to_vec(), around.type_bounds.to_vec());
    bounds(db, def, &names, &mut outlives, &mut type_bounds);
    let this = this_ty.map(|ty| (ty, &*around.this));
    let mut inputs = Inputs::default();
    let mut params: Vec<Lives> = Vec::new();
    let mut receiver_life = None;
    // A property is a field: what it leaves out is `static`.
    let is_accessor = s::is_accessor_name(&data.name);
    let annotate = |written: Option<TypeRefId>,
                    ty: Ty,
                    elided: &mut dyn FnMut(Spot, usize) -> Life|
     -> Lives {
        let mut annotator = Annotator {
            db,
            scope: Scope::of_def(db, def),
            types: &data.types,
            names: &names,
            this,
            own: None,
            elided,
            behind: None,
            in_object: is_accessor,
            out: Vec::new(),
        };
        annotator.ty(written, ty);
        annotator.out.into()
    };
    let take = |count: &mut u32| {
        *count += 1;
        Life::Bound(*count - 1)
    };
    // What a method implements says what it leaves out.
    let model = Model::of(db, func, around);
    let mut met = Met::of(&model, around.capture);
    // Implementations of a declaration with `mut this` may store what it takes (reference §3.5(2)).
    let is_for_storing = !sig.flags.has_body
        && matches!(
            data.receiver,
            Some(s::Receiver::Exclusive | s::Receiver::MutRef)
        );
    let mut stored: Option<Life> = None;
    let (capture, stores_in_this) = match func.container(db) {
        ContainerId::Class(_) if is_for_storing => (Some(Life::Static), false),
        ContainerId::Behavior(id) if is_for_storing => {
            match s::behavior_data(db, id).is_interface {
                true => (Some(Life::Static), false),
                false => (None, true),
            }
        }
        _ => (around.capture, false),
    };
    if let (Some(receiver), Some(passed)) = (&data.receiver, sig.receiver) {
        let lives = match receiver {
            s::Receiver::Typed(written) => {
                annotate(Some(*written), passed.passed, &mut |_, _| take(&mut count))
            }
            _ => {
                let mut lives = Vec::new();
                if passed.passed.as_ref(db).is_some() {
                    lives.push(take(&mut count));
                }
                lives.extend(around.this.iter());
                lives.into()
            }
        };
        // `Pin[mut ref This]` borrows as well: its first slot is the reference's.
        let borrows = match receiver {
            s::Receiver::Owned { .. } => false,
            s::Receiver::Typed(written) => mentions_ref(&data.types, *written),
            _ => passed.passed.as_ref(db).is_some(),
        };
        if borrows {
            receiver_life = lives.first().copied();
        }
        for life in lives.iter().filter(|life| is_own(life)) {
            add(&mut inputs.all, *life);
            if Some(*life) != around.capture {
                add(&mut inputs.named, *life);
            }
        }
        met.all(&model.receiver(), &lives);
        params.push(lives);
    }
    for (index, (written, param)) in data.params.iter().zip(&sig.params).enumerate() {
        let mut captures = Vec::new();
        let mut refs = Vec::new();
        let told = model.param(index, param.ty);
        let lives = annotate(Some(written.ty), param.ty, &mut |spot, slot| {
            let life = match (told.get(slot), spot, capture) {
                (Some(Told::Known(life)), ..) => *life,
                (Some(Told::Own(life)), ..) => met.or_new(*life, || take(&mut count)),
                (None, Spot::Capture, Some(capture)) => capture,
                (None, Spot::Capture, None) if stores_in_this => {
                    *stored.get_or_insert_with(|| take(&mut count))
                }
                _ => take(&mut count),
            };
            match spot {
                Spot::Capture => captures.push(life),
                Spot::Ref => refs.push(life),
                Spot::Param => {}
            }
            life
        });
        met.all(&told, &lives);
        for life in lives.iter().filter(|life| is_own(life)) {
            add(&mut inputs.all, *life);
            if !captures.contains(life) && *life != Life::Static {
                add(&mut inputs.named, *life);
                if refs.contains(life) || names.iter().any(|(_, named)| named == life) {
                    add(&mut inputs.refs, *life);
                }
            }
        }
        params.push(lives);
    }
    // Made when something needs it: a lifetime that all inputs outlive.
    let mut captured: Option<Life> = None;
    let mut ambiguous = false;
    let mut all_inputs = |count: &mut u32, outlives: &mut Vec<(Life, Life)>| {
        *captured.get_or_insert_with(|| {
            // Without inputs nothing bounds it, not even `static`: what `func new() -> Button`
            // gives may hold closures that borrow from its caller.
            let life = take(count);
            outlives.extend(inputs.all.iter().map(|input| (*input, life)));
            life
        })
    };
    let mut is_captured = false;
    let told = model.ret(sig.ret);
    let ret = annotate(data.ret, sig.ret, &mut |spot, slot| match spot {
        _ if let Some(life) = told.get(slot).and_then(|told| met.known(told)) => life,
        Spot::Capture => {
            is_captured = true;
            all_inputs(&mut count, &mut outlives)
        }
        Spot::Ref | Spot::Param => match (receiver_life, &*inputs.named) {
            (Some(life), _) => life,
            (None, [one]) => *one,
            (None, []) if inputs.all.is_empty() => Life::Static,
            (None, named) => {
                ambiguous |= inputs.refs.len() > 1 || (inputs.refs.is_empty() && named.len() > 1);
                all_inputs(&mut count, &mut outlives)
            }
        },
    });
    for ty in sig.all_params(db).chain([sig.ret]).chain(this_ty) {
        forever_in(db, ty, &mut |index| type_bounds.push((index, Life::Static)));
    }
    type_bounds.extend(forever_of_container(db, func).map(|index| (index, Life::Static)));
    type_bounds.sort_unstable();
    type_bounds.dedup();
    FnLives {
        count,
        captured: captured.filter(|_| is_captured),
        stored,
        names: names.into(),
        params: params.into(),
        ret,
        outlives: outlives.into(),
        type_bounds: type_bounds.into(),
        ambiguous,
    }
}

/// What stands for the lifetimes of an implementation around a function that is in none.
fn without_impl(db: &dyn Db, container: ContainerId, this_ty: Option<Ty>) -> ImplLives {
    let mut around = ImplLives::default();
    let mut params = Vec::new();
    if let Some(this) = this_ty {
        for_each_param(db, this, &mut |index| params.push(Life::Param(index)));
    }
    around.this = params.into();
    if let ContainerId::Class(class) = container {
        around.capture = holds_funcs(db, class).then_some(Life::Static);
    }
    around
}

/// The type parameters among the slots of a type that has no lifetimes of its own.
fn for_each_param(db: &dyn Db, ty: Ty, f: &mut dyn FnMut(u32)) {
    if let Some(index) = param_of(db, ty) {
        f(index);
    }
    for_each_part(db, ty, &mut |part, _| for_each_param(db, part, f));
}

/// Whether a slot is none of a type parameter.
fn is_own(life: &&Life) -> bool {
    !matches!(life, Life::Param(_))
}

fn fn_cycle(_: &dyn Db, _: salsa::Id, _: FuncId) -> FnLives {
    FnLives::default()
}

/// Whether a written receiver type has a reference in it.
fn mentions_ref(types: &TypeStore, id: TypeRefId) -> bool {
    match &types[id] {
        TypeRef::Ref { .. } => true,
        TypeRef::Path(_) => written_args(types, id)
            .into_iter()
            .flatten()
            .any(|arg| matches!(types[arg], TypeRef::Ref { .. })),
        _ => false,
    }
}
