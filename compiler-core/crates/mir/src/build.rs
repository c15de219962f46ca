//! Lowering of checked bodies into MIR.
//!
//! Every decision was made by `hir_ty`: this module puts operations in order (reference §5.2),
//! makes run-time checks and drops explicit, and compiles patterns. It never fails: what cannot
//! be expressed becomes a diagnostic and an `unreachable`.
//!
//! [`scope`] knows when values end; [`expr`], [`operand`] and [`place`] are the three ways to
//! look at an expression; [`control`], [`call`], [`ops`], [`text`] and [`assign`] lower families
//! of expressions; [`pattern`] and [`decide`] match.

mod access;
mod assign;
mod await_;
mod call;
mod checks;
mod closure;
mod control;
mod decide;
mod emit;
mod expr;
mod for_loop;
mod literal;
mod object;
mod operand;
mod ops;
mod pattern;
mod place;
mod scope;
mod slicing;
mod text;
mod uses;

use crate::cfg::simplify;
use crate::data::*;
use crate::diagnostics::MirDiagnostic;
use crate::tys;
use base::Db;
use hir_def::BodyOwner;
use hir_def::body::{Body as HirBody, ExprId, LocalId, Pat, PatId};
use hir_ty::{InferenceResult, Ty};
use rustc_hash::{FxHashMap, FxHashSet};
use scope::{CatchScope, LoopScope, Scope};

/// Lowers one body. Its inference must be free of errors; if it is not after all, the result is
/// still a valid body, with diagnostics.
pub(crate) fn build(
    db: &dyn Db,
    owner: BodyOwner,
    hir: &HirBody,
    infer: &InferenceResult,
    options: BuildOptions,
) -> (Body, Vec<MirDiagnostic>) {
    let mut builder = Builder::new(db, owner, hir, infer, options);
    builder.function();
    let Builder {
        mut body,
        mut diagnostics,
        ..
    } = builder;
    simplify(&mut body);
    for (index, closure) in infer.closures.iter().enumerate() {
        let mut builder = Builder::new(db, owner, hir, infer, options);
        builder.body.track_caller = false;
        if let Some(closure) = closure {
            builder.closure_function(index as u32, closure);
        }
        simplify(&mut builder.body);
        diagnostics.append(&mut builder.diagnostics);
        body.closures.push(builder.body);
    }
    (body, diagnostics)
}

/// Choices that change what is lowered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BuildOptions {
    /// Overflow of integer arithmetic panics (R001) instead of wrapping.
    pub overflow_checks: bool,
}

struct Builder<'a> {
    db: &'a dyn Db,
    hir: &'a HirBody,
    infer: &'a InferenceResult,
    options: BuildOptions,
    body: Body,
    /// The block that code is appended to. After a jump it is a fresh one that nothing reaches.
    current: BlockId,
    /// What the code being lowered belongs to.
    source: SourceInfo,
    /// Where the variables of the source live.
    vars: FxHashMap<LocalId, Place>,
    scopes: Vec<Scope>,
    /// What the open scopes held at the last call, outermost first.
    held: Vec<HeldId>,
    loops: Vec<LoopScope>,
    /// The `catch` blocks around, innermost last.
    catches: Vec<CatchScope>,
    /// Temporaries that live as long as the `let` they are bound by.
    extended: FxHashSet<ExprId>,
    /// Temporaries for expressions used as places.
    placed: FxHashSet<Local>,
    /// Receivers of the method calls being lowered: their exclusive borrows have two phases.
    receivers: FxHashSet<ExprId>,
    /// The calls being lowered, innermost last.
    calls: Vec<access::CallFrame>,
    /// Guards of accesses to fields of objects that last, in the order of opening.
    open_accesses: Vec<Local>,
    /// Locals that something is changed through, once somebody has asked.
    changed: Option<FxHashSet<LocalId>>,
    /// In a constructor, behind its base call.
    ctor: Option<object::CtorState>,
    /// Whether the place being lowered is written, not read.
    is_written: bool,
    diagnostics: Vec<MirDiagnostic>,
}

impl<'a> Builder<'a> {
    fn new(
        db: &'a dyn Db,
        owner: BodyOwner,
        hir: &'a HirBody,
        infer: &'a InferenceResult,
        options: BuildOptions,
    ) -> Builder<'a> {
        let body = Body {
            track_caller: tys::is_track_caller(db, owner),
            ..Body::empty(owner)
        };
        let mut builder = Builder {
            db,
            hir,
            infer,
            options,
            body,
            held: Vec::new(),
            current: BlockId::ENTRY,
            source: SourceInfo::BODY,
            vars: FxHashMap::default(),
            scopes: Vec::new(),
            loops: Vec::new(),
            catches: Vec::new(),
            extended: FxHashSet::default(),
            placed: FxHashSet::default(),
            receivers: FxHashSet::default(),
            calls: Vec::new(),
            open_accesses: Vec::new(),
            changed: None,
            ctor: None,
            is_written: false,
            diagnostics: Vec::new(),
        };
        builder.current = builder.new_block();
        builder
    }

    fn function(&mut self) {
        let root = self.hir.root;
        let ret = match self.body.owner {
            BodyOwner::Func(func) => {
                let output = hir_ty::fn_type(self.db, func).output;
                self.body.is_async = output.is_some();
                match output {
                    Some(output) => {
                        let env = tys::env(self.db, self.body.owner);
                        hir_ty::normalize(self.db, output, env)
                    }
                    None => {
                        let ret = tys::fn_sig(self.db, func).ret;
                        hir_ty::infer::hidden::inside(self.db, func, ret)
                    }
                }
            }
            _ => self.adjusted_ty(root),
        };
        self.new_local(LocalDecl {
            ty: ret,
            name: None,
            mutable: true,
            kind: LocalKind::Return,
            source: SourceInfo::BODY,
        });
        self.push_scope(false);
        self.params();
        self.contracts_before();
        self.push_scope(true);
        self.expr_to(Some(&Local::RETURN.into()), root);
        self.contracts_after();
        self.source = SourceInfo::BODY;
        self.complete_object();
        self.pop_scope();
        self.pop_scope();
        self.terminate(TerminatorKind::Return);
    }

    /// Declares the parameters, then binds their patterns in order.
    fn params(&mut self) {
        let BodyOwner::Func(func) = self.body.owner else {
            return;
        };
        let sig = tys::fn_sig(self.db, func);
        let mut tys = sig.params.into_iter();
        if let Some(this) = self.hir.receiver {
            let ty = tys.next().unwrap_or_else(|| Ty::error(self.db));
            let local = self.arg(ty, Some("this"), self.hir[this].mutable);
            // In the source `this` has type `This`, even where a reference is passed.
            let mut place = Place::local(local);
            if ty != self.local_ty(this) && ty.as_ref(self.db).is_some() {
                place = place.deref();
            }
            self.vars.insert(this, place);
        }
        let pats: Vec<PatId> = self.hir.params.iter().map(|param| param.pat).collect();
        self.bind_params(&pats, tys.collect());
    }

    /// Declares parameters with patterns, and the hidden ones after them.
    fn bind_params(&mut self, pats: &[PatId], tys: Vec<Ty>) {
        let mut tys = tys.into_iter();
        let mut patterns = Vec::new();
        for pat in pats.iter().copied() {
            let ty = tys.next().unwrap_or_else(|| Ty::error(self.db));
            self.source = pat.into();
            match &self.hir[pat] {
                Pat::Bind { local, sub: None } if self.binds_by_value(pat) => {
                    let decl = &self.hir[*local];
                    let arg = self.arg(ty, Some(&decl.name), decl.mutable);
                    self.vars.insert(*local, arg.into());
                }
                _ => {
                    let arg = self.arg(ty, None, false);
                    patterns.push((pat, arg));
                }
            }
        }
        self.source = SourceInfo::BODY;
        if self.body.track_caller {
            for (name, ty) in [
                ("file", Ty::str(self.db)),
                ("line", tys::u32(self.db)),
                ("col", tys::u32(self.db)),
            ] {
                self.arg(ty, Some(name), false);
            }
        }
        self.body.arg_count = self.body.locals.len().saturating_sub(1) as u32;
        if self.body.is_async {
            self.source = SourceInfo::BODY;
            self.yield_();
        }
        for (pat, arg) in patterns {
            self.source = pat.into();
            let locals = self.declare_bindings(pat);
            self.bind_irrefutable(pat, &arg.into());
            self.schedule_after(arg, &locals);
        }
        self.source = SourceInfo::BODY;
    }

    fn arg(&mut self, ty: Ty, name: Option<&str>, mutable: bool) -> Local {
        let local = self.new_local(LocalDecl {
            ty,
            name: name.map(Into::into),
            mutable,
            kind: LocalKind::Arg,
            source: self.source,
        });
        self.schedule(local, false);
        local
    }

    fn expr_ty(&self, expr: ExprId) -> Ty {
        self.infer
            .expr_ty(expr)
            .unwrap_or_else(|| Ty::error(self.db))
    }

    fn adjusted_ty(&self, expr: ExprId) -> Ty {
        self.infer
            .adjusted_ty(expr)
            .unwrap_or_else(|| Ty::error(self.db))
    }

    fn local_ty(&self, local: LocalId) -> Ty {
        self.infer
            .local_ty(local)
            .unwrap_or_else(|| Ty::error(self.db))
    }

    fn place_ty(&self, place: &Place) -> Ty {
        tys::place_ty(self.db, &self.body, place)
    }

    fn is_copy(&self, ty: Ty) -> bool {
        tys::is_copy(self.db, self.body.owner, ty)
    }

    fn may_need_drop(&self, ty: Ty) -> bool {
        tys::may_need_drop(self.db, ty)
    }

    /// Reports something that lowering cannot express, and ends the path.
    fn unsupported(&mut self, what: &'static str) {
        self.diagnostics.push(MirDiagnostic::Unsupported {
            what,
            source: self.source,
        });
        self.diverge(TerminatorKind::Unreachable);
    }
}
