//! Patterns.

use hir_def::body::{self, ExprId, Literal, Pat, PatId, PatLiteral, PatRangeEnd};
use hir_def::module_map::Namespace;
use hir_def::resolver::{PathResult, Resolution, resolve_path, resolve_record_path};
use hir_def::signatures::FieldsKind;
use hir_def::{AdtId, ModuleDef, Name, Path, PathAnchor, VariantDef};

use super::InferCtx;
use super::diagnostics::{Expected, InferDiagnostic, Site};
use super::result::{BindMode, PatRes};
use crate::lower::builtin_ty;
use crate::signature::{field_types, fields_of, type_of_const};
use crate::table::VarKind;
use crate::ty::{Const, GenericArgs, Ty, TyKind};

impl InferCtx<'_> {
    /// Matches a pattern against a type. `mode` is how names bind by default: `Ref` once the
    /// match has gone through a reference.
    pub(super) fn infer_pat(
        &mut self,
        pat: PatId,
        ty: Ty,
        mode: BindMode,
        scrutinee: Option<ExprId>,
    ) {
        let db = self.db;
        let body = self.body;
        let mut ty = self.known(ty);
        let mut mode = mode;
        let node = &body[pat];
        // Default binding modes: a pattern that looks inside goes through references.
        let looks_inside = !matches!(
            node,
            Pat::Bind { .. } | Pat::Wild | Pat::Missing | Pat::Or(_)
        );
        if looks_inside {
            let mut derefs = 0;
            while let Some((mutable, target)) = ty.as_ref(db) {
                ty = self.known(target);
                derefs += 1;
                mode = match mode {
                    BindMode::Ref { mutable: false } => mode,
                    _ => BindMode::Ref { mutable },
                };
            }
            if derefs > 0 {
                self.result.pat_derefs.insert(pat, derefs);
            }
        }
        if let Some(slot) = self.result.pat_tys.get_mut(pat) {
            *slot = ty;
        }
        match node {
            Pat::Missing | Pat::Wild => {}
            Pat::Unsupported(feature) => {
                self.unsupported(Site::Pat(pat), feature);
            }
            Pat::Bind { local, sub } => {
                let local_data = &body[*local];
                let bind = match local_data.mode {
                    body::BindMode::Ref => BindMode::Ref { mutable: false },
                    body::BindMode::MutRef => BindMode::Ref { mutable: true },
                    body::BindMode::Value => match mode {
                        BindMode::Ref { .. } if self.is_copy(ty) => BindMode::Value,
                        mode => mode,
                    },
                };
                let bound = match bind {
                    BindMode::Value => ty,
                    BindMode::Ref { mutable } => Ty::reference(db, mutable, ty),
                };
                self.result.bindings.insert(pat, bind);
                let known = self.result.local_tys.get(*local).copied();
                let known = known.unwrap_or_else(|| self.error_ty());
                if self.table.unify(known, bound).is_err() {
                    let (first, second) = (self.table.resolve(known), self.table.resolve(bound));
                    if !first.has_error(db) && !second.has_error(db) {
                        let local = *local;
                        self.error(InferDiagnostic::AlternativeType {
                            pat,
                            local,
                            first,
                            second,
                        });
                    }
                }
                if let Some(sub) = sub {
                    self.infer_pat(*sub, ty, mode, scrutinee);
                }
            }
            Pat::Literal(literal) => self.infer_pat_literal(pat, literal, ty, scrutinee),
            Pat::Path(path) => self.infer_path_pat(pat, path, ty, scrutinee),
            Pat::Range {
                start,
                end,
                inclusive,
            } => {
                self.infer_range_pat(pat, start.as_ref(), end.as_ref(), *inclusive, ty, scrutinee);
            }
            Pat::Tuple { pats, rest } => {
                self.infer_tuple_pat(pat, pats, *rest, ty, mode, scrutinee)
            }
            Pat::Slice {
                prefix,
                rest,
                suffix,
            } => {
                self.infer_slice_pat(pat, (prefix, *rest, suffix), ty, mode, scrutinee);
            }
            Pat::TupleStruct { path, pats, rest } => {
                let Some((variant, args)) = self.variant_pat(pat, path, ty, scrutinee, false)
                else {
                    self.error_pats(pats);
                    return;
                };
                let kind = fields_of(db, variant).kind;
                let types = self.payload(variant, args);
                if kind == FieldsKind::Record || (rest.is_none() && pats.len() != types.len()) {
                    let (expected, found) = (types.len() as u32, pats.len() as u32);
                    let variant = Some(variant);
                    self.error(InferDiagnostic::PatternArity {
                        pat,
                        expected,
                        found,
                        variant,
                    });
                }
                for (pat, index) in with_rest(pats, *rest, types.len()) {
                    let ty = types.get(index).copied().unwrap_or_else(|| self.error_ty());
                    self.infer_pat(pat, ty, mode, scrutinee);
                }
                let res = PatRes::Variant {
                    variant,
                    args,
                    fields: Box::default(),
                };
                self.result.pats.insert(pat, res);
            }
            Pat::Record {
                path,
                fields,
                has_rest,
            } => {
                self.infer_record_pat(pat, path, fields, *has_rest, ty, mode, scrutinee);
            }
            Pat::Or(pats) => {
                for alternative in pats {
                    self.infer_pat(*alternative, ty, mode, scrutinee);
                }
            }
        }
    }

    fn error_pats(&mut self, pats: &[PatId]) {
        for pat in pats {
            let ty = self.error_ty();
            self.infer_pat(*pat, ty, BindMode::Value, None);
        }
    }

    fn pat_mismatch(&mut self, pat: PatId, expected: Ty, found: Ty, scrutinee: Option<ExprId>) {
        let (expected, found) = (self.table.resolve(expected), self.table.resolve(found));
        if expected.has_error(self.db) || found.has_error(self.db) {
            return;
        }
        let (site, why) = (Site::Pat(pat), Expected::Pattern(scrutinee));
        self.error(InferDiagnostic::Mismatch {
            site,
            expected,
            found,
            why,
        });
    }

    fn unify_pat(&mut self, pat: PatId, ty: Ty, found: Ty, scrutinee: Option<ExprId>) -> bool {
        let snapshot = self.table.snapshot();
        if self.table.unify(ty, found).is_ok() {
            self.table.commit(snapshot);
            return true;
        }
        self.table.rollback(snapshot);
        self.pat_mismatch(pat, ty, found, scrutinee);
        false
    }

    fn infer_pat_literal(
        &mut self,
        pat: PatId,
        literal: &PatLiteral,
        ty: Ty,
        scrutinee: Option<ExprId>,
    ) {
        let found = self.pat_literal_ty(pat, literal);
        self.unify_pat(pat, ty, found, scrutinee);
    }

    fn pat_literal_ty(&mut self, pat: PatId, literal: &PatLiteral) -> Ty {
        let db = self.db;
        match &literal.value {
            Literal::Int { value, suffix } => {
                self.pat_literals.push((pat, *value, literal.negative));
                match suffix {
                    Some(suffix) => builtin_ty(db, *suffix),
                    None => {
                        let (min, max) = extremes(*value, literal.negative);
                        self.table.new_var(VarKind::Int { min, max })
                    }
                }
            }
            Literal::Float { suffix, .. } => match suffix {
                Some(suffix) => builtin_ty(db, *suffix),
                None => self.table.new_var(VarKind::Float),
            },
            Literal::Bool(_) => Ty::bool(db),
            Literal::Char(_) => Ty::char(db),
            Literal::Str(_) => Ty::str(db),
            Literal::Bytes(_) => self.unsupported(Site::Pat(pat), "byte string patterns"),
            Literal::Null => {
                let target = self.new_var();
                Ty::raw_ptr(db, target)
            }
            Literal::Unit => Ty::unit(db),
        }
    }

    fn infer_range_pat(
        &mut self,
        pat: PatId,
        start: Option<&PatRangeEnd>,
        end: Option<&PatRangeEnd>,
        inclusive: bool,
        ty: Ty,
        scrutinee: Option<ExprId>,
    ) {
        let db = self.db;
        let mut values = [None, None];
        for ((end, value), is_end) in [start, end].into_iter().zip(&mut values).zip([false, true]) {
            let found = match end {
                None => continue,
                Some(PatRangeEnd::Literal(literal)) => {
                    *value = crate::exhaustive::literal_end_value(literal);
                    self.pat_literal_ty(pat, literal)
                }
                Some(PatRangeEnd::Path(path)) => match self.resolve_const(pat, path) {
                    Some(id) => {
                        *value = crate::exhaustive::const_end_value(db, id);
                        if let Some(value) = *value {
                            self.result.range_ends.insert((pat, is_end), value);
                        }
                        type_of_const(db, id)
                    }
                    None => {
                        self.unresolved_pat(pat, path);
                        return;
                    }
                },
            };
            if !self.unify_pat(pat, ty, found, scrutinee) {
                return;
            }
        }
        let known = self.table.shallow(ty);
        let is_ok = matches!(
            known.kind(db),
            TyKind::Int(_) | TyKind::Char | TyKind::Error
        ) || matches!(self.table.var_kind(known), Some(VarKind::Int { .. }));
        if !is_ok {
            let ty = self.table.resolve(ty);
            self.error(InferDiagnostic::PatternRange {
                pat,
                ty,
                empty: false,
            });
            return;
        }
        if let [Some(start), Some(end)] = values
            && (start > end || (start == end && !inclusive))
        {
            let ty = self.table.resolve(ty);
            self.error(InferDiagnostic::PatternRange {
                pat,
                ty,
                empty: true,
            });
        }
    }

    fn infer_tuple_pat(
        &mut self,
        pat: PatId,
        pats: &[PatId],
        rest: Option<u32>,
        ty: Ty,
        mode: BindMode,
        scrutinee: Option<ExprId>,
    ) {
        let db = self.db;
        if let (TyKind::Infer(_), None) = (ty.kind(db), rest) {
            let parts: Vec<Ty> = pats.iter().map(|_| self.new_var()).collect();
            let tuple = Ty::tuple(db, parts);
            self.unify_pat(pat, ty, tuple, scrutinee);
        }
        let ty = self.table.shallow(ty);
        match ty.kind(db) {
            TyKind::Tuple(parts) => {
                let fits = match rest {
                    Some(_) => pats.len() <= parts.len(),
                    None => pats.len() == parts.len(),
                };
                if !fits {
                    let (expected, found) = (parts.len() as u32, pats.len() as u32);
                    let variant = None;
                    self.error(InferDiagnostic::PatternArity {
                        pat,
                        expected,
                        found,
                        variant,
                    });
                    self.error_pats(pats);
                    return;
                }
                for (pat, index) in with_rest(pats, rest, parts.len()) {
                    let ty = parts.get(index).copied().unwrap_or_else(|| self.error_ty());
                    self.infer_pat(pat, ty, mode, scrutinee);
                }
            }
            _ => {
                if !ty.is_error(db) {
                    let parts: Vec<Ty> = pats.iter().map(|_| self.new_var()).collect();
                    let found = Ty::tuple(db, parts);
                    self.pat_mismatch(pat, ty, found, scrutinee);
                }
                self.error_pats(pats);
            }
        }
    }

    fn infer_slice_pat(
        &mut self,
        pat: PatId,
        (prefix, rest, suffix): (&[PatId], Option<PatId>, &[PatId]),
        ty: Ty,
        mode: BindMode,
        scrutinee: Option<ExprId>,
    ) {
        let db = self.db;
        let given = prefix.len() + suffix.len();
        let (element, rest_ty) = match ty.kind(db) {
            TyKind::Array(element, len) => {
                let len = self.table.shallow_const(*len);
                let rest_len = match len.as_u64() {
                    Some(len) => {
                        let len = len as usize;
                        if len < given || (rest.is_none() && len != given) {
                            let (expected, found) = (len as u32, given as u32);
                            let variant = None;
                            let error = InferDiagnostic::PatternArity {
                                pat,
                                expected,
                                found,
                                variant,
                            };
                            self.error(error);
                        }
                        Const::len(db, len.saturating_sub(given) as u64)
                    }
                    None => Const::Error,
                };
                (*element, Ty::array(db, *element, rest_len))
            }
            TyKind::Slice(element) => (*element, ty),
            _ => {
                if !ty.is_error(db) {
                    let element = self.new_var();
                    let found = Ty::array(db, element, Const::len(db, given as u64));
                    self.pat_mismatch(pat, ty, found, scrutinee);
                }
                (self.error_ty(), self.error_ty())
            }
        };
        for part in prefix.iter().chain(suffix) {
            self.infer_pat(*part, element, mode, scrutinee);
        }
        if let Some(rest) = rest {
            let mode = match (mode, rest_ty.kind(db)) {
                // A slice has no value of its own.
                (BindMode::Value, TyKind::Slice(_)) => BindMode::Ref { mutable: false },
                (mode, _) => mode,
            };
            self.infer_pat(rest, rest_ty, mode, scrutinee);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "parts of one pattern")]
    fn infer_record_pat(
        &mut self,
        pat: PatId,
        path: &Path,
        fields: &[(Name, PatId)],
        has_rest: bool,
        ty: Ty,
        mode: BindMode,
        scrutinee: Option<ExprId>,
    ) {
        let db = self.db;
        let Some((variant, args)) = self.variant_pat(pat, path, ty, scrutinee, true) else {
            let pats: Vec<PatId> = fields.iter().map(|(_, pat)| *pat).collect();
            self.error_pats(&pats);
            return;
        };
        let declared = fields_of(db, variant);
        let types = self.payload(variant, args);
        let mut positions: Vec<u32> = Vec::new();
        for (i, (name, sub)) in fields.iter().enumerate() {
            let found = declared.find(name);
            let duplicate = found.is_some_and(|index| positions.contains(&index));
            let sub_ty = match found {
                Some(index) if !duplicate => {
                    positions.push(index);
                    types
                        .get(index as usize)
                        .copied()
                        .unwrap_or_else(|| self.error_ty())
                }
                _ => {
                    let names = declared.fields.iter().map(|f| f.name.as_str());
                    let nearest = hir_def::suggest::nearest(name, names);
                    self.error(InferDiagnostic::FieldInPattern {
                        pat,
                        index: i as u32,
                        variant,
                        name: name.clone(),
                        duplicate,
                        nearest,
                    });
                    positions.push(u32::MAX);
                    self.error_ty()
                }
            };
            self.infer_pat(*sub, sub_ty, mode, scrutinee);
        }
        if !has_rest && !positions.contains(&u32::MAX) {
            let all = 0..declared.fields.len() as u32;
            let missing: Box<[u32]> = all.filter(|index| !positions.contains(index)).collect();
            // A union has one of its fields.
            let is_union = matches!(variant, hir_def::VariantDef::Union(_));
            if !missing.is_empty() && !is_union {
                self.error(InferDiagnostic::PatternFields {
                    pat,
                    variant,
                    missing,
                });
            }
        }
        let res = PatRes::Variant {
            variant,
            args,
            fields: positions.into(),
        };
        self.result.pats.insert(pat, res);
    }

    /// Field types of a variant for arguments.
    pub(super) fn payload(&mut self, variant: VariantDef, args: GenericArgs) -> Vec<Ty> {
        let types = field_types(self.db, variant);
        types.iter().map(|ty| self.instantiate(*ty, args)).collect()
    }

    /// The constant that a path in a pattern names, be it one of a type (`I32::MAX`,
    /// `This::LIMIT`).
    fn resolve_const(&mut self, pat: PatId, path: &Path) -> Option<hir_def::ConstId> {
        let scope = self.scope.in_block(self.body.pat_block(pat));
        let PathResult::Resolved(found) = resolve_path(self.db, scope, path, Namespace::Values)
        else {
            return None;
        };
        if found.consumed < path.segments.len() {
            return self.assoc_const_of(scope, path, &found);
        }
        match found.to {
            Resolution::Def(ModuleDef::Const(id)) => Some(id),
            _ => None,
        }
    }

    fn infer_path_pat(&mut self, pat: PatId, path: &Path, ty: Ty, scrutinee: Option<ExprId>) {
        let db = self.db;
        if let Some(id) = self.resolve_const(pat, path) {
            let found = type_of_const(db, id);
            self.unify_pat(pat, ty, found, scrutinee);
            let args = GenericArgs::empty(db);
            self.result.pats.insert(pat, PatRes::Const(id, args));
            return;
        }
        let Some((variant, args)) = self.variant_pat(pat, path, ty, scrutinee, false) else {
            return;
        };
        let fields = fields_of(db, variant);
        if fields.kind != FieldsKind::Unit && !fields.fields.is_empty() {
            let expected = fields.fields.len() as u32;
            let variant = Some(variant);
            self.error(InferDiagnostic::PatternArity {
                pat,
                expected,
                found: 0,
                variant,
            });
        }
        let res = PatRes::Variant {
            variant,
            args,
            fields: Box::default(),
        };
        self.result.pats.insert(pat, res);
    }

    /// The variant or struct of a pattern, with the arguments that the matched type gives.
    fn variant_pat(
        &mut self,
        pat: PatId,
        path: &Path,
        ty: Ty,
        scrutinee: Option<ExprId>,
        record: bool,
    ) -> Option<(VariantDef, GenericArgs)> {
        let db = self.db;
        let scope = self.scope.in_block(self.body.pat_block(pat));
        let result = if record {
            resolve_record_path(db, scope, path)
        } else {
            resolve_path(db, scope, path, Namespace::Values)
        };
        let mut variant = match result {
            PathResult::Resolved(found) if found.consumed == path.segments.len() => {
                match found.to {
                    Resolution::Def(ModuleDef::Variant(id)) => Some(VariantDef::Variant(id)),
                    Resolution::Def(ModuleDef::Struct(id)) => Some(VariantDef::Struct(id)),
                    Resolution::Def(ModuleDef::Union(id)) => Some(VariantDef::Union(id)),
                    to @ (Resolution::This(_) | Resolution::Def(ModuleDef::TypeAlias(_))) => {
                        let segments = &path.segments[..found.consumed];
                        let ty = self.with_lower(scope, |lower| lower.resolution_ty(to, segments));
                        match ty.and_then(|ty| ty.as_adt(db)) {
                            Some((AdtId::Struct(id), _)) => Some(VariantDef::Struct(id)),
                            _ => None,
                        }
                    }
                    _ => None,
                }
            }
            // `This::Busy`, `Alias::Busy`.
            PathResult::Resolved(found) if found.consumed + 1 == path.segments.len() => {
                let segments = &path.segments[..found.consumed];
                let to = found.to;
                let base = self.with_lower(scope, |lower| lower.resolution_ty(to, segments));
                match (base.and_then(|ty| ty.as_adt(db)), path.last_name()) {
                    (Some((AdtId::Enum(id), _)), Some(name)) => {
                        crate::lang::variant_by_name(db, id, name).map(VariantDef::Variant)
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        let known = self.table.shallow(ty);
        if path.anchor == PathAnchor::Plain
            && path.segments.len() == 1
            && let Some(own) = self.own_variant(known, path)
            && variant.is_none_or(|found| found.adt() != own.adt())
        {
            variant = Some(own);
        }
        if variant.is_none() {
            if !known.is_error(db) || !record {
                self.unresolved_pat_for(pat, path, known);
            }
            return None;
        }
        let found = variant.take()?;
        let def = found.generic_def();
        let args = self.table.fresh_args(def);
        let found_ty = Ty::adt(db, found.adt(), args);
        if !self.unify_pat(pat, ty, found_ty, scrutinee) {
            return None;
        }
        let args = self.table.resolve_args(args);
        Some((found, args))
    }

    /// The variant of this bare name that the matched enum has: it may not be in scope, or be
    /// hidden by a type of the prelude.
    fn own_variant(&mut self, matched: Ty, path: &Path) -> Option<VariantDef> {
        let db = self.db;
        let mut ty = matched;
        while let TyKind::Ref { target, .. } = ty.kind(db) {
            ty = self.table.shallow(*target);
        }
        let Some((AdtId::Enum(id), _)) = ty.as_adt(db) else {
            return None;
        };
        crate::lang::variant_by_name(db, id, path.last_name()?).map(VariantDef::Variant)
    }

    fn unresolved_pat(&mut self, pat: PatId, path: &Path) {
        let name = Name::new(path.to_string());
        self.error(InferDiagnostic::UnresolvedPattern {
            pat,
            name,
            nearest: None,
        });
    }

    fn unresolved_pat_for(&mut self, pat: PatId, path: &Path, ty: Ty) {
        let db = self.db;
        let last = path.last_name().cloned().unwrap_or_default();
        let nearest = match ty.as_adt(db) {
            Some((AdtId::Enum(id), _)) => {
                let data = hir_def::signatures::enum_data(db, id);
                let names: Vec<&str> = data.variants.iter().map(|v| v.name.as_str()).collect();
                if names.contains(&last.as_str()) {
                    // Spelled right, but not in scope.
                    Some(Name::new(format!("{}::{last}", data.name)))
                } else {
                    hir_def::suggest::nearest(&last, names)
                }
            }
            _ => None,
        };
        let nearest = nearest.or_else(|| {
            let scope = self.scope.in_block(self.body.pat_block(pat));
            match resolve_path(db, scope, path, Namespace::Values) {
                PathResult::Unresolved(error) => match error.kind {
                    hir_def::resolver::PathErrorKind::NotFound { nearest, .. } => nearest,
                    _ => None,
                },
                PathResult::Resolved(_) => None,
            }
        });
        let name = Name::new(path.to_string());
        self.error(InferDiagnostic::UnresolvedPattern { pat, name, nearest });
    }
}

/// Pairs of sub-patterns and positions, with the rest `..` skipped.
pub(crate) fn with_rest(
    pats: &[PatId],
    rest: Option<u32>,
    len: usize,
) -> impl Iterator<Item = (PatId, usize)> + '_ {
    let skipped = len.saturating_sub(pats.len());
    pats.iter().enumerate().map(move |(i, pat)| match rest {
        Some(rest) if i >= rest as usize => (*pat, i + skipped),
        _ => (*pat, i),
    })
}

/// Smallest and largest value of a literal, for its default type.
pub(super) fn extremes(value: u128, negative: bool) -> (i128, u128) {
    if negative {
        (i128::try_from(value).map(|v| -v).unwrap_or(i128::MIN), 0)
    } else {
        (0, value)
    }
}
