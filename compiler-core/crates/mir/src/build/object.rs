//! Objects: construction, properties, views as other classes, type tests (reference §10).

use hir_def::body::{Arg, BinaryOp as HirOp, Expr, ExprId, LocalId};
use hir_def::signatures as s;
use hir_def::{
    AnonConstId, AnonConstKind, BodyOwner, ClassId, ContainerId, FieldId, FuncId, VariantDef,
};
use hir_ty::{CallRes, FieldRes, GenericArgs, ParamEnv, Ty, TyKind, classes};

use super::Builder;
use crate::data::*;
use crate::tys;

/// What a constructor knows about the object that it initialises.
pub(super) struct CtorState {
    class: ClassId,
    /// Own fields that the body has to assign.
    open: Vec<OpenField>,
}

/// A field without a first value: a local of type `Unit` stands for it in the analysis of
/// initialisation, and a flag remembers at run time whether there is something to drop.
struct OpenField {
    index: u32,
    token: Local,
    flag: Option<Local>,
}

impl<'a> Builder<'a> {
    /// The class whose constructor this body is.
    pub(super) fn ctor_class(&self) -> Option<ClassId> {
        let BodyOwner::Func(func) = self.body.owner else {
            return None;
        };
        match func.container(self.db) {
            ContainerId::Class(class) if s::func_signature(self.db, func).flags.is_ctor => {
                Some(class)
            }
            _ => None,
        }
    }

    pub(super) fn this_place(&self) -> Option<Place> {
        self.vars.get(&self.hir.receiver?).cloned()
    }

    fn object_env(&self) -> ParamEnv {
        tys::env(self.db, self.body.owner)
    }

    /// A field of an object, by its place among all fields of the class.
    fn object_field(&self, object: &Place, flat: u32, ty: Ty) -> Place {
        object.project(Projection::Object(flat, ty))
    }

    /// A field of an object of its class or of a derived one.
    pub(super) fn object_field_of(&self, object: &Place, field: FieldId) -> Place {
        let flat = classes::flat_index(self.db, field);
        let all = classes::as_class(self.db, self.place_ty(object))
            .map(|(class, args)| classes::all_fields(self.db, class, args));
        let ty = all.and_then(|all| all.get(flat as usize).map(|(_, ty)| *ty));
        self.object_field(object, flat, ty.unwrap_or_else(|| Ty::error(self.db)))
    }

    /// The place of `base.f` where `f` is a field of an object.
    pub(super) fn class_field_place(
        &mut self,
        expr: ExprId,
        base: ExprId,
        field: FieldId,
    ) -> Place {
        let place = match self.is_plain_this(base) {
            // Not the object as a whole: its field alone.
            true => {
                if let Some(open) = self.open_field(field) {
                    let token = open.token;
                    if !self.is_written {
                        self.use_token(token);
                    }
                }
                let this = self.this_place();
                match this {
                    Some(this) => this,
                    None => self.place(base),
                }
            }
            false => {
                let place = self.place(base);
                self.strip_refs(place)
            }
        };
        let flat = classes::flat_index(self.db, field);
        self.object_field(&place, flat, self.expr_ty(expr))
    }

    /// `this` in a constructor, as the object of a field.
    fn is_plain_this(&self, expr: ExprId) -> bool {
        self.ctor.is_some()
            && matches!(&self.hir[expr], Expr::Local(local) if self.hir.receiver == Some(*local))
            && self.infer.adjustments(expr).is_empty()
    }

    fn open_field(&self, field: FieldId) -> Option<&OpenField> {
        let ctor = self.ctor.as_ref()?;
        let is_own = field.parent == VariantDef::Class(ctor.class);
        let mut open = ctor.open.iter();
        open.find(|open| is_own && open.index == field.index)
    }

    fn use_token(&mut self, token: Local) {
        let unit = self.temp(Ty::unit(self.db));
        self.assign_operand(&unit.into(), Operand::Copy(token.into()));
    }

    /// The whole object is used: from here on it is an instance of its class.
    pub(super) fn use_of_this(&mut self, local: LocalId) {
        if self.hir.receiver == Some(local) && self.ctor.is_some() {
            self.complete_object();
        }
    }

    /// All own fields must have a value; then the object gets its class's method table.
    pub(super) fn complete_object(&mut self) {
        let Some(ctor) = &self.ctor else { return };
        let class = ctor.class;
        let tokens: Vec<Local> = ctor.open.iter().map(|open| open.token).collect();
        tokens.into_iter().for_each(|token| self.use_token(token));
        let Some(this) = self.this_place() else {
            return;
        };
        let TyKind::Adt(_, args) = *self.place_ty(&this).kind(self.db) else {
            return;
        };
        self.set_class(this, class, args);
    }

    fn set_class(&mut self, object: Place, class: ClassId, args: GenericArgs) {
        let unit = self.temp(Ty::unit(self.db));
        self.assign(&unit.into(), Rvalue::SetClass(object, class, args));
    }

    /// How a constructor begins: the base, then initialisers and zero values.
    pub(super) fn ctor_start(&mut self, expr: ExprId, args: Option<&'a [Arg]>) {
        let (Some(class), Some(this)) = (self.ctor_class(), self.this_place()) else {
            return;
        };
        let infer = self.infer;
        if let Some(CallRes::New {
            class: base,
            args: base_args,
            ctor,
            order,
        }) = infer.calls.get(&expr)
        {
            let base_ty = classes::class_ty(self.db, *base, *base_args);
            match ctor {
                Some(ctor) => {
                    let values: Vec<ExprId> = args.unwrap_or(&[]).iter().map(|a| a.value).collect();
                    let callee = hir_ty::Callee {
                        func: *ctor,
                        args: *base_args,
                    };
                    let this = self.this_place();
                    self.call_ctor(callee, this, base_ty, &values, order.as_deref());
                }
                None => self.default_init(&this, *base, *base_args),
            }
        }
        let TyKind::Adt(_, own_args) = *self.place_ty(&this).kind(self.db) else {
            return;
        };
        let mut open = Vec::new();
        for (field, ty) in own_fields(self.db, class, own_args) {
            if self.init_field(&this, field, own_args, ty) {
                continue;
            }
            let name = hir_ty::names::field_name(self.db, field);
            let token = self.new_local(LocalDecl {
                ty: Ty::unit(self.db),
                name: Some(format!("this.{name}").into()),
                mutable: true,
                kind: LocalKind::Temp,
                source: SourceInfo::BODY,
            });
            let flag = self.may_need_drop(ty).then(|| {
                let flag = self.temp(Ty::bool(self.db));
                let no = self.bool(false);
                self.assign_operand(&flag.into(), no);
                flag
            });
            open.push(OpenField {
                index: field.index,
                token,
                flag,
            });
        }
        self.ctor = Some(CtorState { class, open });
    }

    /// Calls a constructor on an object, given as a place of its class or of a derived one.
    fn call_ctor(
        &mut self,
        callee: hir_ty::Callee,
        object: Option<Place>,
        as_ty: Ty,
        values: &[ExprId],
        order: Option<&[u32]>,
    ) {
        let Some(object) = object else { return };
        let unit = self.temp(Ty::unit(self.db));
        let mut operand = Operand::Copy(object.clone());
        if self.place_ty(&object) != as_ty {
            operand = self.value(as_ty, Rvalue::Cast(CastKind::Upcast, operand, as_ty));
        }
        self.call_with_receiver(&unit.into(), callee, operand, values, order);
    }

    /// The fields of a class without constructors, and of what it extends.
    fn default_init(&mut self, object: &Place, class: ClassId, args: GenericArgs) {
        if let Some((base, base_args)) = classes::base_of(self.db, class, args) {
            match parameterless(self.db, base) {
                Some(ctor) => {
                    let callee = hir_ty::Callee {
                        func: ctor,
                        args: base_args,
                    };
                    let ty = classes::class_ty(self.db, base, base_args);
                    self.call_ctor(callee, Some(object.clone()), ty, &[], None);
                }
                None => self.default_init(object, base, base_args),
            }
        }
        for (field, ty) in own_fields(self.db, class, args) {
            if !self.init_field(object, field, args, ty) {
                self.unsupported("an object without a value for each field");
            }
        }
        self.set_class(object.clone(), class, args);
    }

    /// Gives a field its initialiser or its zero value; `false` if it has neither.
    fn init_field(&mut self, object: &Place, field: FieldId, args: GenericArgs, ty: Ty) -> bool {
        let flat = classes::flat_index(self.db, field);
        let place = self.object_field(object, flat, ty);
        let data = hir_ty::fields_of(self.db, field.parent);
        let has_default = data
            .fields
            .get(field.index as usize)
            .is_some_and(|field| field.has_default);
        if has_default {
            let item = AnonConstId::new(self.db, AnonConstKind::FieldDefault(field));
            let value = self.constant(ty, ConstKind::Anon(item, args));
            self.assign_operand(&place, value);
            return true;
        }
        if hir_ty::has_zero(self.db, self.object_env(), ty) {
            self.zero(&place, ty);
            return true;
        }
        false
    }

    /// Puts the zero value of a type into a place that holds nothing.
    fn zero(&mut self, place: &Place, ty: Ty) {
        let kind = match ty.kind(self.db) {
            TyKind::Bool => ConstKind::Bool(false),
            TyKind::Int(_) => ConstKind::Int(0),
            TyKind::Float(_) => ConstKind::Float(0),
            TyKind::Char => ConstKind::Char('\0'),
            TyKind::Str => ConstKind::Str("".into()),
            TyKind::RawPtr(_) => ConstKind::Null,
            TyKind::Tuple(parts) if parts.is_empty() => ConstKind::Unit,
            TyKind::Tuple(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    self.zero(&place.field(index as u32, *part), *part);
                }
                return;
            }
            TyKind::Array(element, _) => {
                let temp = self.owned_temp(*element);
                self.zero(&temp.into(), *element);
                return self.assign(place, Rvalue::Repeat(Operand::Move(temp.into()), ty));
            }
            TyKind::Adt(adt, args) => {
                let lang = hir_ty::lang_items(self.db, self.package());
                if lang.is_maybe(*adt)
                    && let Some((_, nothing)) = lang.maybe_variants(self.db)
                {
                    let kind = AggregateKind::Adt(VariantDef::Variant(nothing), *args);
                    return self.assign(place, Rvalue::Aggregate(kind, Vec::new()));
                }
                return self.zero_by_default(place, ty);
            }
            _ => return self.zero_by_default(place, ty),
        };
        let value = self.constant(ty, kind);
        self.assign_operand(place, value);
    }

    fn zero_by_default(&mut self, place: &Place, ty: Ty) {
        match hir_ty::default_callee(self.db, self.package(), ty) {
            Some(callee) => self.call_resolved(callee, Vec::new(), place),
            None => self.unsupported("a zero value of this type"),
        }
    }

    fn package(&self) -> base::Package {
        self.body.owner.module(self.db).package(self.db)
    }

    /// `C::new(args)`.
    pub(super) fn new_object(
        &mut self,
        dest: &Place,
        class: ClassId,
        args: GenericArgs,
        ctor: Option<FuncId>,
        values: &[ExprId],
        order: Option<&[u32]>,
    ) {
        let ty = classes::class_ty(self.db, class, args);
        let Some(ctor) = ctor else {
            let object = self.owned_temp(ty);
            self.assign(&object.into(), Rvalue::NewObject(class, args));
            self.default_init(&object.into(), class, args);
            return self.assign_operand(dest, Operand::Move(object.into()));
        };
        let object = self.owned_temp(ty);
        let callee = hir_ty::Callee { func: ctor, args };
        let unit = self.temp(Ty::unit(self.db));
        self.enter_call();
        let rest = self.argument_operands(callee, values, order, true);
        self.assign(&object.into(), Rvalue::NewObject(class, args));
        let receiver = self.value(ty, Rvalue::Use(Operand::Copy(object.into())));
        let mut all = vec![receiver];
        all.extend(rest);
        self.call_entered(callee, all, &unit.into(), true);
        self.assign_operand(dest, Operand::Move(object.into()));
    }

    /// `C { f: v }`.
    pub(super) fn class_lit(
        &mut self,
        dest: &Place,
        expr: ExprId,
        class: ClassId,
        values: &[ExprId],
        spread: Option<ExprId>,
    ) {
        let infer = self.infer;
        let Some(res) = infer.struct_lits.get(&expr) else {
            return self.unsupported("an unresolved literal");
        };
        let written = self.operands(values);
        let source = spread.map(|spread| {
            let place = self.place(spread);
            self.strip_refs(place)
        });
        let ty = classes::class_ty(self.db, class, res.args);
        let object = self.owned_temp(ty);
        self.assign(&object.into(), Rvalue::NewObject(class, res.args));
        let object: Place = object.into();
        let all = classes::all_fields(self.db, class, res.args);
        let mut slots: Vec<Option<Operand>> = vec![None; all.len()];
        for (operand, index) in written.into_iter().zip(&res.fields) {
            if let Some(slot) = slots.get_mut(*index as usize) {
                *slot = Some(operand);
            }
        }
        for (flat, ((field, ty), slot)) in all.into_iter().zip(slots).enumerate() {
            let flat = flat as u32;
            let place = self.object_field(&object, flat, ty);
            match (slot, &source) {
                (Some(operand), _) => self.assign_operand(&place, operand),
                (None, Some(source)) => {
                    let operand = self.read(self.object_field(source, flat, ty));
                    self.assign_operand(&place, operand);
                }
                (None, None) => {
                    let args = match field.parent {
                        VariantDef::Class(owner) => {
                            classes::as_ancestor(self.db, class, res.args, owner)
                        }
                        _ => None,
                    };
                    let args = args.unwrap_or(res.args);
                    if !self.init_field(&object, field, args, ty) {
                        self.unsupported("a literal without all fields");
                    }
                }
            }
        }
        self.set_class(object.clone(), class, res.args);
        self.assign_operand(dest, Operand::Move(object));
    }

    /// The first or a later assignment to a field in a constructor. `false` if the target is
    /// nothing of the kind.
    pub(super) fn store_open_field(
        &mut self,
        target: ExprId,
        place: &Place,
        value: &Operand,
    ) -> bool {
        let Expr::Field { base, .. } = &self.hir[target] else {
            return false;
        };
        let Some(FieldRes::Field(field)) = self.infer.fields.get(&target) else {
            return false;
        };
        if !self.is_plain_this(*base) {
            return false;
        }
        let Some(open) = self.open_field(*field) else {
            return false;
        };
        let (token, flag) = (open.token, open.flag);
        match flag {
            None => self.assign_operand(place, value.clone()),
            Some(flag) => {
                let value = match value {
                    Operand::Const(_) => value.clone(),
                    value => {
                        let ty = self.place_ty(place);
                        self.value(ty, Rvalue::Use(value.clone()))
                    }
                };
                let (again, first, end) = (self.new_block(), self.new_block(), self.new_block());
                self.branch_on(Operand::Copy(flag.into()), again, first);
                self.start(again);
                let unwind = self.unwind();
                self.push(StatementKind::Replace(place.clone(), value.clone(), unwind));
                self.goto(end);
                self.start(first);
                self.assign_operand(place, value);
                let yes = self.bool(true);
                self.assign_operand(&flag.into(), yes);
                self.goto(end);
                self.start(end);
            }
        }
        let unit = self.constant(Ty::unit(self.db), ConstKind::Unit);
        self.assign_operand(&token.into(), unit);
        true
    }

    /// `base` of `base.m()`.
    pub(super) fn base_value(&mut self, dest: &Place, expr: ExprId) {
        let ty = self.expr_ty(expr);
        match self.this_place() {
            Some(this) => {
                self.complete_object();
                let cast = Rvalue::Cast(CastKind::Upcast, Operand::Copy(this), ty);
                self.assign(dest, cast);
            }
            None => self.unsupported("`base` outside a method"),
        }
    }

    /// A local that is known to be of a class here.
    pub(super) fn narrowed_value(&mut self, dest: &Place, expr: ExprId, local: LocalId) {
        let ty = self.expr_ty(expr);
        let place = self.local_place(local);
        let cast = Rvalue::Cast(CastKind::Narrow, Operand::Copy(place), ty);
        self.assign(dest, cast);
    }

    /// `x is C`
    pub(super) fn type_test(&mut self, expr: ExprId, operand: ExprId) -> Rvalue {
        let Some(ty) = self.infer.type_tests.get(&expr).copied() else {
            return self.no_rvalue(expr);
        };
        let place = self.place(operand);
        let place = self.strip_refs(place);
        Rvalue::IsInstance(place, ty)
    }

    /// `x as C` where it may fail (R006).
    pub(super) fn downcast(&mut self, operand: ExprId, ty: Ty) -> Rvalue {
        let place = self.place(operand);
        let place = self.strip_refs(place);
        let from = self.place_ty(&place);
        let held = self.value(from, Rvalue::Use(Operand::Copy(place)));
        let Some(held) = held.place().cloned() else {
            return Rvalue::Use(held);
        };
        let test = Rvalue::IsInstance(held.clone(), ty);
        let ok = self.value(Ty::bool(self.db), test);
        let name = ty.display(self.db).to_string();
        let name = self.str(&name);
        self.panic_unless(ok, LangFunc::PanicCast, vec![name]);
        Rvalue::Cast(CastKind::Narrow, Operand::Copy(held), ty)
    }

    /// `x.p` of a property with code.
    pub(super) fn property_value(&mut self, dest: &Place, expr: ExprId, base: ExprId) -> bool {
        let infer = self.infer;
        let Some(CallRes::Func { callee, .. }) = infer.calls.get(&expr) else {
            return false;
        };
        let exact = infer.exact.contains(&expr);
        self.call_func(dest, *callee, &[base], None, exact);
        true
    }

    /// `x.p = v` and `x.p op= v`.
    pub(super) fn assign_property(
        &mut self,
        expr: ExprId,
        op: Option<HirOp>,
        target: ExprId,
        value: ExprId,
    ) -> bool {
        let (hir, infer) = (self.hir, self.infer);
        let (Some(setter), Expr::Field { base, .. }) = (infer.setters.get(&target), &hir[target])
        else {
            return false;
        };
        let exact = matches!(&hir[*base], Expr::Base);
        let unit: Place = self.temp(Ty::unit(self.db)).into();
        let right_ty = self.adjusted_ty(value);
        let right = self.operand(value);
        let right = self.hold(right, &[target]);
        let object_ty = self.adjusted_ty(*base);
        let object = self.operand(*base);
        let object = self.value(object_ty, Rvalue::Use(object));
        let Some(op) = op else {
            self.call_maybe_exact(*setter, vec![object, right], &unit, exact);
            return true;
        };
        let Some(CallRes::Func { callee: getter, .. }) = infer.calls.get(&target) else {
            self.unsupported("this property");
            return true;
        };
        let sig = tys::callee_sig(self.db, self.body.owner, *getter);
        let again = match object.place() {
            Some(place) => self.value(object_ty, Rvalue::Use(Operand::Copy(place.clone()))),
            None => object.clone(),
        };
        let old: Place = self.owned_temp(sig.ret).into();
        self.call_maybe_exact(*getter, vec![again], &old, exact);
        self.operate(expr, op, &old, (right, right_ty));
        self.call_maybe_exact(*setter, vec![object, Operand::Move(old)], &unit, exact);
        true
    }

    /// A place that is about to be borrowed: if it leads through an object, something holds on
    /// to that object for as long as the borrow may last.
    pub(super) fn keep_alive(&mut self, place: Place) -> Place {
        let Some(at) = place
            .projection
            .iter()
            .rposition(|step| matches!(step, Projection::Object(..)))
        else {
            return place;
        };
        let handle = Place {
            local: place.local,
            projection: place.projection.iter().take(at).cloned().collect(),
        };
        if self.is_stable(&handle) {
            return place;
        }
        self.hold_object(place)
    }

    /// The same place, reached through a reference to the object that lasts as the access does.
    pub(super) fn hold_object(&mut self, place: Place) -> Place {
        let is_object = |step: &Projection| matches!(step, Projection::Object(..));
        let Some(at) = place.projection.iter().rposition(is_object) else {
            return place;
        };
        let handle = Place {
            local: place.local,
            projection: place.projection.iter().take(at).cloned().collect(),
        };
        self.check_access(&handle, false);
        let ty = self.place_ty(&handle);
        let temp = self.temp(ty);
        self.schedule_access(temp);
        self.assign_operand(&temp.into(), Operand::Copy(handle));
        Place {
            local: temp,
            projection: place.projection.iter().skip(at).cloned().collect(),
        }
    }

    /// Whether nothing can put another object into a place while it is in use.
    fn is_stable(&self, place: &Place) -> bool {
        let Some(decl) = self.body.locals.get(place.local) else {
            return false;
        };
        let is_direct = place
            .projection
            .iter()
            .all(|step| matches!(step, Projection::Field(..) | Projection::Downcast(_)));
        is_direct && (!decl.mutable || decl.kind == LocalKind::Temp)
    }
}

/// Own fields of a class with their types.
fn own_fields(db: &dyn base::Db, class: ClassId, args: GenericArgs) -> Vec<(FieldId, Ty)> {
    let all = classes::all_fields(db, class, args);
    let is_own = |(field, _): &(FieldId, Ty)| field.parent == VariantDef::Class(class);
    all.into_iter().filter(is_own).collect()
}

/// The constructor of a class that needs no arguments.
fn parameterless(db: &dyn base::Db, class: ClassId) -> Option<FuncId> {
    let ctors = &s::class_data(db, class).ctors;
    let takes_none = |ctor: &&FuncId| hir_ty::fn_type(db, **ctor).required_args() == 0;
    ctors.iter().find(takes_none).copied()
}
