//! The unification table: what is known about inference variables.

use base::Db;
use ena::unify::{InPlaceUnificationTable, NoError, Snapshot, UnifyKey, UnifyValue};
use hir_def::GenericDef;

use crate::ty::{
    Const, ConstVar, DynTy, FloatTy, GenericArg, GenericArgs, IntTy, Ty, TyFolder, TyKind, TyVar,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TyKey(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConstKey(u32);

/// What an unknown type may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VarKind {
    General,
    /// From integer literals: any integer type, or a float (§3.2 rule 1). Keeps the extremes of
    /// the literals for the default.
    Int {
        min: i128,
        max: u128,
    },
    /// From float literals.
    Float,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TyValue {
    Unknown(VarKind),
    Known(Ty),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConstValue {
    Unknown,
    Known(Const),
}

impl UnifyKey for TyKey {
    type Value = TyValue;
    fn index(&self) -> u32 {
        self.0
    }
    fn from_index(index: u32) -> Self {
        TyKey(index)
    }
    fn tag() -> &'static str {
        "TyKey"
    }
}

impl UnifyValue for TyValue {
    type Error = NoError;
    fn unify_values(a: &Self, b: &Self) -> Result<Self, NoError> {
        Ok(match (*a, *b) {
            // Never two known ones: `Table::unify` looks first.
            (TyValue::Known(ty), _) | (_, TyValue::Known(ty)) => TyValue::Known(ty),
            (TyValue::Unknown(a), TyValue::Unknown(b)) => TyValue::Unknown(match (a, b) {
                (VarKind::General, other) | (other, VarKind::General) => other,
                (VarKind::Float, _) | (_, VarKind::Float) => VarKind::Float,
                (VarKind::Int { min: a, max: b }, VarKind::Int { min: c, max: d }) => {
                    VarKind::Int {
                        min: a.min(c),
                        max: b.max(d),
                    }
                }
            }),
        })
    }
}

impl UnifyKey for ConstKey {
    type Value = ConstValue;
    fn index(&self) -> u32 {
        self.0
    }
    fn from_index(index: u32) -> Self {
        ConstKey(index)
    }
    fn tag() -> &'static str {
        "ConstKey"
    }
}

impl UnifyValue for ConstValue {
    type Error = NoError;
    fn unify_values(a: &Self, b: &Self) -> Result<Self, NoError> {
        Ok(match (*a, *b) {
            (ConstValue::Known(value), _) | (_, ConstValue::Known(value)) => {
                ConstValue::Known(value)
            }
            _ => ConstValue::Unknown,
        })
    }
}

/// Two types that do not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnifyError {
    Mismatch,
    /// A variable would contain itself (T005).
    Cyclic,
}

pub(crate) struct Table<'db> {
    pub(crate) db: &'db dyn Db,
    tys: InPlaceUnificationTable<TyKey>,
    consts: InPlaceUnificationTable<ConstKey>,
    /// Variables for omitted arguments with their declared defaults, in order of creation.
    pub(crate) fallbacks: Vec<(GenericArg, GenericArg)>,
    pub(crate) memory: crate::solve::Memory,
}

pub(crate) struct TableSnapshot {
    tys: Snapshot<ena::unify::InPlace<TyKey>>,
    consts: Snapshot<ena::unify::InPlace<ConstKey>>,
}

impl<'db> Table<'db> {
    pub(crate) fn new(db: &'db dyn Db) -> Self {
        Table {
            db,
            tys: InPlaceUnificationTable::new(),
            consts: InPlaceUnificationTable::new(),
            fallbacks: Vec::new(),
            memory: Default::default(),
        }
    }

    pub(crate) fn new_var(&mut self, kind: VarKind) -> Ty {
        let key = self.tys.new_key(TyValue::Unknown(kind));
        Ty::new(self.db, TyKind::Infer(TyVar(key.0)))
    }

    /// Number of type variables made so far.
    pub(crate) fn var_count(&self) -> u32 {
        self.tys.len() as u32
    }

    /// The variable with a number below [`Table::var_count`].
    pub(crate) fn var(&self, index: u32) -> Ty {
        Ty::new(self.db, TyKind::Infer(TyVar(index)))
    }

    pub(crate) fn new_const_var(&mut self) -> Const {
        Const::Infer(ConstVar(self.consts.new_key(ConstValue::Unknown).0))
    }

    /// A fresh variable in place of a parameter.
    pub(crate) fn fresh_arg(&mut self, is_const: bool) -> GenericArg {
        if is_const {
            GenericArg::Const(self.new_const_var())
        } else {
            GenericArg::Ty(self.new_var(VarKind::General))
        }
    }

    /// Fresh variables for all parameters of a definition.
    pub(crate) fn fresh_args(&mut self, def: GenericDef) -> GenericArgs {
        let db = self.db;
        let params = &crate::generics::generics_of(db, def).params;
        let list: Vec<GenericArg> = params.iter().map(|p| self.fresh_arg(p.is_const)).collect();
        GenericArgs::from_iter(db, list)
    }

    pub(crate) fn snapshot(&mut self) -> TableSnapshot {
        TableSnapshot {
            tys: self.tys.snapshot(),
            consts: self.consts.snapshot(),
        }
    }

    pub(crate) fn rollback(&mut self, snapshot: TableSnapshot) {
        self.tys.rollback_to(snapshot.tys);
        self.consts.rollback_to(snapshot.consts);
    }

    pub(crate) fn commit(&mut self, snapshot: TableSnapshot) {
        self.tys.commit(snapshot.tys);
        self.consts.commit(snapshot.consts);
    }

    /// Follows a variable to what it stands for; parts stay as they are.
    pub(crate) fn shallow(&mut self, ty: Ty) -> Ty {
        let mut ty = ty;
        while let TyKind::Infer(var) = ty.kind(self.db) {
            match self.tys.probe_value(TyKey(var.0)) {
                TyValue::Known(known) => ty = known,
                TyValue::Unknown(_) => {
                    let root = self.tys.find(TyKey(var.0));
                    return Ty::new(self.db, TyKind::Infer(TyVar(root.0)));
                }
            }
        }
        ty
    }

    pub(crate) fn shallow_const(&mut self, value: Const) -> Const {
        let mut value = value;
        while let Const::Infer(var) = value {
            match self.consts.probe_value(ConstKey(var.0)) {
                ConstValue::Known(known) => value = known,
                ConstValue::Unknown => {
                    return Const::Infer(ConstVar(self.consts.find(ConstKey(var.0)).0));
                }
            }
        }
        value
    }

    /// What is unknown about a type that is a variable.
    pub(crate) fn var_kind(&mut self, ty: Ty) -> Option<VarKind> {
        let ty = self.shallow(ty);
        match ty.kind(self.db) {
            TyKind::Infer(var) => match self.tys.probe_value(TyKey(var.0)) {
                TyValue::Unknown(kind) => Some(kind),
                TyValue::Known(_) => None,
            },
            _ => None,
        }
    }

    /// Replaces all known variables inside.
    pub(crate) fn resolve(&mut self, ty: Ty) -> Ty {
        Resolver { table: self }.fold_ty(ty)
    }

    pub(crate) fn resolve_args(&mut self, args: GenericArgs) -> GenericArgs {
        Resolver { table: self }.fold_args(args)
    }

    /// Whether variables are left inside.
    pub(crate) fn has_vars(&mut self, ty: Ty) -> bool {
        let ty = self.resolve(ty);
        has_infer(self.db, ty)
    }

    fn bind_all(&mut self, ty: Ty, error: Ty) -> Result<(), UnifyError> {
        let db = self.db;
        let mut vars = Vec::new();
        crate::ty::walk_ty(db, ty, &mut |part| {
            if let TyKind::Infer(var) = part.kind(db) {
                vars.push(*var);
            }
        });
        for var in vars {
            let var = Ty::new(db, TyKind::Infer(var));
            if let TyKind::Infer(var) = *self.shallow(var).kind(db) {
                self.bind(var, error)?;
            }
        }
        Ok(())
    }

    pub(crate) fn unify(&mut self, a: Ty, b: Ty) -> Result<(), UnifyError> {
        let (a, b) = (self.shallow(a), self.shallow(b));
        if a == b {
            return Ok(());
        }
        let db = self.db;
        match (a.kind(db), b.kind(db)) {
            (TyKind::Infer(a), TyKind::Infer(b)) => {
                self.tys.union(TyKey(a.0), TyKey(b.0));
                Ok(())
            }
            (TyKind::Infer(var), _) => self.bind(*var, b),
            (_, TyKind::Infer(var)) => self.bind(*var, a),
            // What is unknown in the other one was to be learnt from what is in error.
            (TyKind::Error, _) => self.bind_all(b, a),
            (_, TyKind::Error) => self.bind_all(a, b),
            (TyKind::Adt(a, x), TyKind::Adt(b, y)) if a == b => self.unify_args(*x, *y),
            (TyKind::Interface(a, x), TyKind::Interface(b, y)) if a == b => self.unify_args(*x, *y),
            (TyKind::FnItem(a, x), TyKind::FnItem(b, y)) if a == b => self.unify_args(*x, *y),
            (TyKind::Ctor(a, x), TyKind::Ctor(b, y)) if a == b => self.unify_args(*x, *y),
            (TyKind::Closure(a, x), TyKind::Closure(b, y)) if a == b => self.unify_args(*x, *y),
            (TyKind::Future(a, x), TyKind::Future(b, y)) if a == b => self.unify_args(*x, *y),
            (TyKind::Tuple(x), TyKind::Tuple(y)) if x.len() == y.len() => {
                x.iter().zip(y).try_for_each(|(x, y)| self.unify(*x, *y))
            }
            (TyKind::Array(a, n), TyKind::Array(b, m)) => {
                self.unify(*a, *b)?;
                self.unify_const(*n, *m)
            }
            (TyKind::Slice(a), TyKind::Slice(b)) | (TyKind::RawPtr(a), TyKind::RawPtr(b)) => {
                self.unify(*a, *b)
            }
            (
                TyKind::Ref {
                    mutable: p,
                    target: a,
                },
                TyKind::Ref {
                    mutable: q,
                    target: b,
                },
            ) if p == q => self.unify(*a, *b),
            (TyKind::Func { params: x, ret: r }, TyKind::Func { params: y, ret: s })
                if x.len() == y.len() =>
            {
                x.iter().zip(y).try_for_each(|(x, y)| self.unify(*x, *y))?;
                self.unify(*r, *s)
            }
            (TyKind::Dyn(x), TyKind::Dyn(y)) | (TyKind::Object(x), TyKind::Object(y)) => {
                self.unify_objects(x, y)
            }
            (TyKind::Opaque(f, i, x), TyKind::Opaque(g, j, y)) if f == g && i == j => {
                self.unify_args(*x, *y)
            }
            (TyKind::Projection(x), TyKind::Projection(y))
                if x.behavior == y.behavior && x.name == y.name =>
            {
                self.unify_args(x.args, y.args)
            }
            _ => Err(UnifyError::Mismatch),
        }
    }

    fn unify_objects(&mut self, a: &DynTy, b: &DynTy) -> Result<(), UnifyError> {
        let same = a.behavior == b.behavior
            && a.markers == b.markers
            && a.bindings.len() == b.bindings.len();
        if !same {
            return Err(UnifyError::Mismatch);
        }
        self.unify_args(a.args, b.args)?;
        let mut pairs = a.bindings.iter().zip(&b.bindings);
        pairs.try_for_each(|((x, a), (y, b))| match x == y {
            true => self.unify(*a, *b),
            false => Err(UnifyError::Mismatch),
        })
    }

    pub(crate) fn unify_args(&mut self, a: GenericArgs, b: GenericArgs) -> Result<(), UnifyError> {
        let db = self.db;
        let (a, b) = (a.list(db), b.list(db));
        if a.len() != b.len() {
            return Err(UnifyError::Mismatch);
        }
        a.iter().zip(b).try_for_each(|(a, b)| match (a, b) {
            (GenericArg::Ty(a), GenericArg::Ty(b)) => self.unify(*a, *b),
            (GenericArg::Const(a), GenericArg::Const(b)) => self.unify_const(*a, *b),
            _ => Err(UnifyError::Mismatch),
        })
    }

    pub(crate) fn unify_const(&mut self, a: Const, b: Const) -> Result<(), UnifyError> {
        match (self.shallow_const(a), self.shallow_const(b)) {
            (a, b) if a == b => Ok(()),
            (Const::Error, _) | (_, Const::Error) => Ok(()),
            (Const::Infer(a), Const::Infer(b)) => {
                self.consts.union(ConstKey(a.0), ConstKey(b.0));
                Ok(())
            }
            (Const::Infer(var), value) | (value, Const::Infer(var)) => {
                self.consts
                    .union_value(ConstKey(var.0), ConstValue::Known(value));
                Ok(())
            }
            // Lengths written with different integer types are equal if the numbers are.
            (Const::Value(a, _), Const::Value(b, _)) if a == b => Ok(()),
            _ => Err(UnifyError::Mismatch),
        }
    }

    fn bind(&mut self, var: TyVar, ty: Ty) -> Result<(), UnifyError> {
        let key = TyKey(var.0);
        let TyValue::Unknown(kind) = self.tys.probe_value(key) else {
            return Err(UnifyError::Mismatch);
        };
        let fits = match kind {
            // An object has no size: a type parameter never becomes one (reference §3.3).
            VarKind::General => !matches!(ty.kind(self.db), TyKind::Object(_)),
            VarKind::Int { .. } => {
                matches!(
                    ty.kind(self.db),
                    TyKind::Int(_) | TyKind::Float(_) | TyKind::Error
                )
            }
            VarKind::Float => matches!(ty.kind(self.db), TyKind::Float(_) | TyKind::Error),
        };
        if !fits {
            return Err(UnifyError::Mismatch);
        }
        let ty = self.resolve(ty);
        if self.occurs(key, ty) {
            return Err(UnifyError::Cyclic);
        }
        self.tys.union_value(key, TyValue::Known(ty));
        Ok(())
    }

    fn occurs(&mut self, key: TyKey, ty: Ty) -> bool {
        let db = self.db;
        let root = self.tys.find(key);
        let mut vars = Vec::new();
        crate::ty::walk_ty(db, ty, &mut |part| {
            if let TyKind::Infer(var) = part.kind(db) {
                vars.push(*var);
            }
        });
        vars.into_iter()
            .any(|var| self.tys.find(TyKey(var.0)) == root)
    }

    /// The type an unresolved variable gets in the end.
    pub(crate) fn default_of(&self, kind: VarKind) -> Option<Ty> {
        let db = self.db;
        Some(match kind {
            VarKind::General => return None,
            VarKind::Float => Ty::float(db, FloatTy::F64),
            VarKind::Int { min, max } => {
                let fits = |ty: &IntTy| ty.holds(false, max) && ty.min_value() <= min;
                let all = [IntTy::I32, IntTy::I64, IntTy::I128];
                Ty::int(db, all.into_iter().find(fits).unwrap_or(IntTy::I32))
            }
        })
    }
}

pub(crate) fn has_infer(db: &dyn Db, ty: Ty) -> bool {
    let mut found = false;
    crate::ty::walk_ty(db, ty, &mut |part| {
        found |= match part.kind(db) {
            TyKind::Infer(_) => true,
            TyKind::Array(_, len) => matches!(len, Const::Infer(_)),
            TyKind::Adt(_, args)
            | TyKind::FnItem(_, args)
            | TyKind::Ctor(_, args)
            | TyKind::Closure(_, args)
            | TyKind::Future(_, args) => args
                .list(db)
                .iter()
                .any(|arg| matches!(arg, GenericArg::Const(Const::Infer(_)))),
            _ => false,
        }
    });
    found
}

struct Resolver<'a, 'db> {
    table: &'a mut Table<'db>,
}

impl TyFolder for Resolver<'_, '_> {
    fn db(&self) -> &dyn Db {
        self.table.db
    }
    fn fold_ty(&mut self, ty: Ty) -> Ty {
        let ty = self.table.shallow(ty);
        match ty.kind(self.table.db) {
            TyKind::Infer(_) => ty,
            _ => self.super_fold(ty),
        }
    }
    fn fold_const(&mut self, value: Const) -> Const {
        self.table.shallow_const(value)
    }
}
