//! T032: what a method that implements or overrides another demands of lifetimes.
//!
//! Who calls by the declaration keeps what that says. So the call is made here, once for all: with
//! lifetimes that nothing is known of but what the declaration tells, whatever is passed flows into
//! the method's parameters, and its result into the declared one. What would have to outlive what
//! then, and is not known to, is more than the declaration grants.

use std::collections::BTreeSet;

use base::Db;
use hir_def::{ContainerId, FuncId, GenericDef};
use hir_ty::{Declaration, GenericArgs};
use smol_str::SmolStr;

use super::closures::Closures;
use super::lifetimes::{Known, implied};
use super::region::{RTy, Region, Regions, Subst, Why};
use super::solve::Graph;
use crate::data::*;
use crate::diagnostics::{Demanded, MirDiagnostic};
use crate::lifetimes::forever::{forever_in, forever_of_container};
use crate::lifetimes::sig::ImplLives;
use crate::lifetimes::{FnLives, Life, fn_lives, impl_lives, lives_in_object, slot_count};

/// What a method demands and its declarations do not grant; one finding for each of them.
pub(crate) fn check_declarations(closures: &Closures<'_>, body: &Body) -> Vec<MirDiagnostic> {
    let hir_def::BodyOwner::Func(func) = body.owner else {
        return Vec::new();
    };
    let db = closures.db;
    let own = fn_lives(db, func);
    let takes_static = own.params.iter().any(|it| it.contains(&Life::Static));
    if own.count == 0 && own.type_bounds.is_empty() && !takes_static {
        return Vec::new();
    }
    let declarations = hir_ty::declarations(db, func).iter();
    let found = declarations.filter_map(|declaration| {
        let pair = Pair::new(closures, body, func, *declaration)?;
        pair.finding()
    });
    found.collect()
}

/// A method and one of its declarations.
struct Pair<'a> {
    db: &'a dyn Db,
    regions: Regions<'a>,
    func: FuncId,
    declaration: Declaration,
    own: &'a FnLives,
    model: &'a FnLives,
    /// Lifetimes of the `impl` around the method: the first ones of the signature.
    around: u32,
    header: Option<&'a ImplLives>,
    own_subst: Subst,
    model_subst: Subst,
}

impl<'a> Pair<'a> {
    fn new(
        closures: &'a Closures<'a>,
        body: &'a Body,
        func: FuncId,
        declaration: Declaration,
    ) -> Option<Pair<'a>> {
        let db = closures.db;
        let header = match func.container(db) {
            ContainerId::Impl(id) => Some(impl_lives(db, id)),
            _ => None,
        };
        let (own, model) = (fn_lives(db, func), fn_lives(db, declaration.func));
        let around = header.map_or(0, |header| header.count);
        // One more for what a receiver is lent that the declaration takes by value.
        let mut regions = Regions::new(closures, body, around + model.count + 1);
        let bound = regions.bound();
        let (of_header, of_model) = bound.split_at(around as usize);
        let mut base = of_header.to_vec();
        base.extend((around..own.count).map(|_| regions.fresh()));
        let own_subst = Subst {
            base,
            args: Vec::new(),
            erased: None,
        };
        let mut base = of_model.to_vec();
        if let (Some(header), Some(nth)) = (header, declaration.header) {
            let given = header.behavior_lives.get(nth as usize)?;
            for (to, life) in base.iter_mut().zip(given) {
                *to = regions.life(*life, &own_subst.base);
            }
        }
        let (args, erased) = arguments(&mut regions, func, declaration, header, &own_subst)?;
        let model_subst = Subst {
            base,
            args,
            erased: Some(erased),
        };
        Some(Pair {
            db,
            regions,
            func,
            declaration,
            own,
            model,
            around,
            header,
            own_subst,
            model_subst,
        })
    }

    fn finding(mut self) -> Option<MirDiagnostic> {
        let passed = self.call();
        let known = self.granted(&passed);
        let regions = &self.regions;
        let wanted = |edge: &super::region::Edge| regions.is_universal(edge.to);
        if !regions.edges.iter().any(wanted) {
            return None;
        }
        let graph = Graph::new(regions);
        let universals = || (Region::FIRST_BOUND..regions.universals).map(Region);
        for from in universals() {
            let reach = graph.reach(regions, from);
            let all = (0..regions.universals).map(Region);
            for to in all.filter(|to| *to != from && reach.contains(*to)) {
                if regions.is_param(to) || known.contains(from, to) {
                    continue;
                }
                let from = self.name(from);
                let to = self.name(to);
                return Some(MirDiagnostic::DemandsMore {
                    declared: self.declaration.func,
                    from,
                    to,
                });
            }
        }
        None
    }

    /// The call; gives what the declaration passes.
    fn call(&mut self) -> Vec<RTy> {
        let (sig, model) = (
            hir_ty::fn_type(self.db, self.func),
            hir_ty::fn_type(self.db, self.declaration.func),
        );
        let (own, declared) = (self.own, self.model);
        let regions = &mut self.regions;
        regions.source = SourceInfo::BODY;
        regions.why = Why::Argument;
        let mut passed = Vec::new();
        let to = sig.all_params(self.db).zip(&own.params);
        let from = model.all_params(self.db).zip(&declared.params);
        for ((to, to_lives), (from, from_lives)) in to.zip(from) {
            let from = regions.subst(from, from_lives, &self.model_subst);
            let to = regions.subst(to, to_lives, &self.own_subst);
            let is_lent = to.ty.as_ref(self.db).is_some() && from.ty.as_ref(self.db).is_none();
            match (is_lent, to.slots.split_first()) {
                (true, Some((reference, behind))) => {
                    let local = Region(Region::FIRST_BOUND + self.around + declared.count);
                    regions.edge(local, *reference);
                    let behind = RTy {
                        ty: from.ty,
                        slots: behind.into(),
                    };
                    regions.flow(&from, &behind);
                }
                _ => regions.flow(&from, &to),
            }
            passed.push(from);
        }
        regions.why = Why::Return;
        let from = regions.subst(sig.ret, &own.ret, &self.own_subst);
        match model.ret.is_chosen_by_impl(self.db) {
            true => {
                let held = declared.ret.first().copied().unwrap_or(Life::Erased);
                let held = regions.life(held, &self.model_subst.base);
                from.slots.iter().for_each(|slot| regions.edge(*slot, held));
            }
            false => {
                let to = regions.subst(model.ret, &declared.ret, &self.model_subst);
                regions.flow(&from, &to);
            }
        }
        regions.why = Why::Demand;
        let demanded = |regions: &mut Regions<'_>, life: Life, base: &[Region]| match life {
            Life::Static => Region::REQUIRED,
            life => regions.life(life, base),
        };
        let base = &self.own_subst.base;
        for (longer, shorter) in &own.outlives {
            let longer = regions.life(*longer, base);
            let shorter = demanded(regions, *shorter, base);
            regions.edge(longer, shorter);
        }
        if let Some(life) = own.captured {
            let to = regions.life(life, base);
            for slot in passed.iter().flat_map(|arg| &arg.slots) {
                regions.edge(*slot, to);
            }
        }
        for (param, life) in &own.type_bounds {
            let param = regions.param(*param);
            let to = demanded(regions, *life, base);
            regions.edge(param, to);
        }
        passed
    }

    /// What the declaration, and what is around the method, say.
    fn granted(&mut self, passed: &[RTy]) -> Known {
        let mut pairs = BTreeSet::new();
        let regions = &mut self.regions;
        if let Some(header) = self.header {
            for (longer, shorter) in &header.outlives {
                let longer = regions.life(*longer, &self.own_subst.base);
                let shorter = regions.life(*shorter, &self.own_subst.base);
                pairs.insert((longer.0, shorter.0));
            }
            for (param, life) in &header.type_bounds {
                let longer = regions.param(*param);
                let shorter = regions.life(*life, &self.own_subst.base);
                pairs.insert((longer.0, shorter.0));
            }
        }
        // What a class is given as an argument lives for ever.
        let mut forever = |param: u32| {
            pairs.insert((regions.param(param).0, Region::STATIC.0));
        };
        forever_of_container(self.db, self.func).for_each(&mut forever);
        let this = hir_ty::this_type(self.db, GenericDef::Func(self.func));
        let ret = hir_ty::fn_type(self.db, self.func).ret;
        for ty in passed.iter().map(|arg| arg.ty).chain(this).chain([ret]) {
            forever_in(self.db, ty, &mut forever);
        }
        for (longer, shorter) in &self.model.outlives {
            let longer = regions.life(*longer, &self.model_subst.base);
            let shorter = regions.life(*shorter, &self.model_subst.base);
            pairs.insert((longer.0, shorter.0));
        }
        for (param, life) in &self.model.type_bounds {
            let shorter = regions.life(*life, &self.model_subst.base);
            if let Some(Some(arg)) = self.model_subst.args.get(*param as usize) {
                pairs.extend(arg.slots.iter().map(|slot| (slot.0, shorter.0)));
            }
        }
        if let (Some(stored), Some(Some(this))) = (self.model.stored, self.model_subst.args.first())
        {
            let stored = regions.life(stored, &self.model_subst.base);
            pairs.extend(this.slots.iter().map(|slot| (stored.0, slot.0)));
        }
        if let Some(captured) = self.model.captured {
            let held = regions.life(captured, &self.model_subst.base);
            let slots = passed.iter().flat_map(|arg| &arg.slots);
            pairs.extend(slots.map(|slot| (slot.0, held.0)));
            pairs.extend(regions.params().map(|param| (param.0, held.0)));
        }
        for arg in passed {
            let slots = &mut arg.slots.iter();
            implied(
                self.db,
                arg.ty,
                slots,
                &mut Vec::new(),
                &mut |outer, inner| {
                    pairs.insert((inner.0, outer.0));
                },
            );
        }
        Known::closed(pairs)
    }

    /// What to call a lifetime of either signature.
    fn name(&self, region: Region) -> Demanded {
        if region.0 < Region::FIRST_BOUND {
            return Demanded::Static;
        }
        if self.regions.is_param(region) {
            let generics = hir_ty::generics_of(self.db, GenericDef::Func(self.func));
            let param = generics
                .params
                .get(self.regions.param_index(region) as usize);
            return Demanded::Named(param.map(|it| it.name.clone()).unwrap_or_default());
        }
        let index = region.0 - Region::FIRST_BOUND;
        let (names, life, params): (_, _, &[_]) = match index.checked_sub(self.around) {
            None => (&self.own.names, Life::Bound(index), &self.own.params),
            Some(index) => (&self.model.names, Life::Bound(index), &self.model.params),
        };
        let named = names.iter().find(|(_, known)| *known == life);
        if let Some((name, _)) = named {
            return Demanded::Named(name.clone());
        }
        let place = params.iter().position(|lives| lives.contains(&life));
        let has_receiver = hir_ty::fn_type(self.db, self.func).receiver.is_some();
        let data = hir_def::signatures::func_signature(self.db, self.func);
        match place.map(|place| place.checked_sub(usize::from(has_receiver))) {
            Some(None) => Demanded::Param(SmolStr::new_static("this")),
            Some(Some(nth)) => match data.params.get(nth).and_then(|it| it.name.clone()) {
                Some(name) => Demanded::Param(name),
                None => Demanded::Unnamed,
            },
            None => Demanded::Unnamed,
        }
    }
}

/// The arguments of the declaration, seen from the method.
fn arguments(
    regions: &mut Regions<'_>,
    func: FuncId,
    declaration: Declaration,
    header: Option<&ImplLives>,
    own: &Subst,
) -> Option<(Vec<Option<RTy>>, GenericArgs)> {
    let db = regions.db;
    let mut args = Vec::new();
    for (index, arg) in declaration.around.list(db).iter().enumerate() {
        let Some(ty) = arg.ty() else {
            args.push(None);
            continue;
        };
        let rty = match (header, declaration.header) {
            (Some(header), Some(_)) if index == 0 => regions.subst(ty, &header.this, own),
            (Some(header), Some(nth)) => {
                let lives = header.behaviors.get(nth as usize)?.get(index - 1)?;
                regions.subst(ty, lives, own)
            }
            _ => regions.subst(ty, &lives_in_object(db, ty), own),
        };
        args.push(Some(rty));
    }
    let generics = hir_ty::generics_of(db, GenericDef::Func(func));
    let mut erased = declaration.around.list(db).to_vec();
    for (index, param) in (generics.parent_count..).zip(generics.own()) {
        let arg = param.as_arg(db);
        erased.push(arg);
        args.push(arg.ty().map(|ty| RTy {
            ty,
            slots: vec![regions.param(index); slot_count(db, ty)].into(),
        }));
    }
    Some((args, GenericArgs::from_iter(db, erased)))
}
