//! Patterns.

use syntax::ast::{self, AstNode, BindingMode, HasName, RangeOp};

use super::*;
use crate::Path;

/// What a pattern's bindings are like, and those made so far.
pub(super) struct Binder {
    kind: LocalKind,
    mutable: bool,
    mode: BindMode,
    bound: Vec<(Name, LocalId)>,
    /// In a later alternative: the locals of the first one.
    reuse: Option<Vec<(Name, LocalId)>>,
}

impl Lowering<'_> {
    /// A whole pattern; its bindings are in scope afterwards.
    pub(super) fn root_pat(&mut self, pat: &ast::Pat, kind: LocalKind, mutable: bool) -> PatId {
        let mode = BindMode::Value;
        let mut binder = Binder {
            kind,
            mutable,
            mode,
            bound: Vec::new(),
            reuse: None,
        };
        let id = self.pat(pat, &mut binder);
        for (name, second) in binder.bound {
            if let Some(first) = self.scopes.declare(&name, second) {
                self.diagnostics.push(match kind {
                    LocalKind::Param => BodyDiagnostic::DuplicateParam { first, second },
                    _ => BodyDiagnostic::DuplicateLocal { first, second },
                });
            }
        }
        id
    }

    /// A pattern that is one name: `else do(err)`, `loop (var i …)`.
    pub(super) fn name_pat(&mut self, name: &ast::Name, kind: LocalKind, mutable: bool) -> PatId {
        let range = name.syntax().text_range();
        let mode = BindMode::Value;
        let mut binder = Binder {
            kind,
            mutable,
            mode,
            bound: Vec::new(),
            reuse: None,
        };
        let pat = self.bind(&mut binder, name.text().into(), mutable, mode, None, range);
        for (name, local) in binder.bound {
            self.scopes.declare(&name, local);
        }
        pat
    }

    fn pat_or_missing(
        &mut self,
        pat: Option<ast::Pat>,
        around: TextRange,
        binder: &mut Binder,
    ) -> PatId {
        match pat {
            Some(pat) => self.pat(&pat, binder),
            None => self.alloc_pat(Pat::Missing, around),
        }
    }

    fn pat(&mut self, pat: &ast::Pat, binder: &mut Binder) -> PatId {
        if self.depth >= DEPTH_MAX {
            return self.alloc_pat(Pat::Missing, pat.syntax().text_range());
        }
        self.depth += 1;
        let id = self.pat_inner(pat, binder);
        self.depth -= 1;
        id
    }

    fn pat_inner(&mut self, pat: &ast::Pat, binder: &mut Binder) -> PatId {
        let range = pat.syntax().text_range();
        match pat {
            ast::Pat::Wildcard(_) => self.alloc_pat(Pat::Wild, range),
            ast::Pat::Ident(it) => {
                let name: Name = it.name().map(|name| name.text().into()).unwrap_or_default();
                let (mutable, mode) = mode_of(it.mode(), binder);
                let sub = it.pat().map(|sub| self.pat(&sub, binder));
                self.bind(binder, name, mutable, mode, sub, range)
            }
            ast::Pat::Mode(it) => {
                let (mutable, mode) = mode_of(it.mode(), binder);
                let outer = (binder.mutable, binder.mode);
                (binder.mutable, binder.mode) = (mutable, mode);
                let id = self.pat_or_missing(it.pat(), range, binder);
                (binder.mutable, binder.mode) = outer;
                id
            }
            ast::Pat::Literal(it) => match self.pat_literal(it) {
                Some(literal) => self.alloc_pat(Pat::Literal(literal), range),
                None => self.alloc_pat(Pat::Missing, range),
            },
            ast::Pat::Range(it) => {
                let start = it.start().and_then(|end| self.range_end(&end));
                let end = it.end().and_then(|end| self.range_end(&end));
                let inclusive = it.op() == Some(RangeOp::Through);
                self.alloc_pat(
                    Pat::Range {
                        start,
                        end,
                        inclusive,
                    },
                    range,
                )
            }
            ast::Pat::Tuple(it) => {
                let (pats, rest) = self.elements(it.pats(), binder);
                self.alloc_pat(Pat::Tuple { pats, rest }, range)
            }
            ast::Pat::Paren(it) => self.pat_or_missing(it.pat(), range, binder),
            ast::Pat::Slice(it) => self.slice_pat(it, range, binder),
            // Only inside tuples and slices, which look at it themselves.
            ast::Pat::Rest(_) => self.alloc_pat(Pat::Wild, range),
            ast::Pat::Path(it) => {
                let Some((path, names)) = self.path(it.path()) else {
                    return self.alloc_pat(Pat::Missing, range);
                };
                let id = self.alloc_pat(Pat::Path(path), range);
                self.map.pat_names.insert(id, names);
                id
            }
            ast::Pat::TupleStruct(it) => {
                let path = self.path(it.path());
                let (pats, rest) = self.elements(it.pats(), binder);
                let Some((path, names)) = path else {
                    return self.alloc_pat(Pat::Missing, range);
                };
                let id = self.alloc_pat(Pat::TupleStruct { path, pats, rest }, range);
                self.map.pat_names.insert(id, names);
                id
            }
            ast::Pat::Struct(it) => self.struct_pat(it, range, binder),
            ast::Pat::Or(it) => self.or_pat(it, range, binder),
        }
    }

    fn bind(
        &mut self,
        binder: &mut Binder,
        name: Name,
        mutable: bool,
        mode: BindMode,
        sub: Option<PatId>,
        range: TextRange,
    ) -> PatId {
        let find = |list: &[(Name, LocalId)]| {
            list.iter()
                .find(|(it, _)| *it == name)
                .map(|(_, local)| *local)
        };
        let earlier = find(&binder.bound);
        let reused = binder
            .reuse
            .as_deref()
            .and_then(find)
            .filter(|_| earlier.is_none());
        let kind = binder.kind;
        let local = reused.unwrap_or_else(|| {
            self.locals.push(Local {
                name: name.clone(),
                mutable,
                mode,
                kind,
                pat: None,
            })
        });
        if let Some(first) = earlier {
            self.diagnostics.push(BodyDiagnostic::DuplicateLocal {
                first,
                second: local,
            });
        }
        binder.bound.push((name, local));
        let id = self.alloc_pat(Pat::Bind { local, sub }, range);
        if let Some(local) = self.locals.get_mut(local) {
            local.pat = local.pat.or(Some(id));
        }
        id
    }

    /// Patterns in a row with at most one `..` among them.
    fn elements(
        &mut self,
        pats: impl Iterator<Item = ast::Pat>,
        binder: &mut Binder,
    ) -> (Box<[PatId]>, Option<u32>) {
        let mut rest = None;
        let mut out = Vec::new();
        for pat in pats {
            match pat {
                ast::Pat::Rest(_) if rest.is_none() => rest = Some(out.len() as u32),
                pat => out.push(self.pat(&pat, binder)),
            }
        }
        (out.into(), rest)
    }

    fn slice_pat(&mut self, it: &ast::SlicePat, range: TextRange, binder: &mut Binder) -> PatId {
        let (mut prefix, mut suffix, mut rest) = (Vec::new(), Vec::new(), None);
        for pat in it.pats() {
            match &pat {
                ast::Pat::Rest(it) if rest.is_none() => {
                    let around = pat.syntax().text_range();
                    rest = Some(match it.name() {
                        Some(name) => {
                            let (mutable, mode) = (binder.mutable, binder.mode);
                            self.bind(binder, name.text().into(), mutable, mode, None, around)
                        }
                        None => self.alloc_pat(Pat::Wild, around),
                    });
                }
                _ if rest.is_none() => prefix.push(self.pat(&pat, binder)),
                _ => suffix.push(self.pat(&pat, binder)),
            }
        }
        let (prefix, suffix) = (prefix.into(), suffix.into());
        self.alloc_pat(
            Pat::Slice {
                prefix,
                rest,
                suffix,
            },
            range,
        )
    }

    fn struct_pat(&mut self, it: &ast::StructPat, range: TextRange, binder: &mut Binder) -> PatId {
        let path = self.path(it.path());
        let mut fields = Vec::new();
        let mut field_names = Vec::new();
        for field in it.fields() {
            let around = field.syntax().text_range();
            let name_ref = field.name_ref();
            field_names.push(
                name_ref
                    .as_ref()
                    .map_or(around, |it| it.syntax().text_range()),
            );
            let name: Name = name_ref.map(|it| it.text().into()).unwrap_or_default();
            let pat = match field.pat() {
                Some(pat) => self.pat(&pat, binder),
                None => {
                    let (mutable, mode) = mode_of(field.mode(), binder);
                    self.bind(binder, name.clone(), mutable, mode, None, around)
                }
            };
            fields.push((name, pat));
        }
        let Some((path, names)) = path else {
            return self.alloc_pat(Pat::Missing, range);
        };
        let has_rest = it.rest_token().is_some();
        let id = self.alloc_pat(
            Pat::Record {
                path,
                fields: fields.into(),
                has_rest,
            },
            range,
        );
        self.map.pat_names.insert(id, names);
        self.map.pat_field_names.insert(id, field_names.into());
        id
    }

    /// All alternatives bind the same names, and share their locals.
    fn or_pat(&mut self, it: &ast::OrPat, range: TextRange, binder: &mut Binder) -> PatId {
        let outer_reuse = binder.reuse.clone();
        let before = std::mem::take(&mut binder.bound);
        let mut first: Option<Vec<(Name, LocalId)>> = None;
        let mut pats = Vec::new();
        for pat in it.pats() {
            pats.push(self.pat(&pat, binder));
            let bound = std::mem::take(&mut binder.bound);
            match &first {
                None => {
                    binder.reuse = Some(bound.clone());
                    first = Some(bound);
                }
                Some(first) => {
                    let differs = |a: &[(Name, LocalId)], b: &[(Name, LocalId)]| {
                        a.iter()
                            .find(|(name, _)| b.iter().all(|(it, _)| it != name))
                            .cloned()
                    };
                    let uneven = differs(first, &bound).or_else(|| differs(&bound, first));
                    if let Some((name, _)) = uneven {
                        let pat = pats.last().copied().unwrap_or(PatId(0));
                        self.diagnostics
                            .push(BodyDiagnostic::UnevenAlternatives { pat, name });
                    }
                }
            }
        }
        binder.reuse = outer_reuse;
        binder.bound = before;
        binder.bound.extend(first.unwrap_or_default());
        self.alloc_pat(Pat::Or(pats.into()), range)
    }

    fn pat_literal(&mut self, it: &ast::LiteralPat) -> Option<PatLiteral> {
        let value = self.literal_value(&it.literal()?)?;
        Some(PatLiteral {
            negative: it.is_negative(),
            value,
        })
    }

    fn range_end(&mut self, pat: &ast::Pat) -> Option<PatRangeEnd> {
        match pat {
            ast::Pat::Literal(it) => self.pat_literal(it).map(PatRangeEnd::Literal),
            ast::Pat::Path(it) => self
                .path(it.path())
                .map(|(path, _)| PatRangeEnd::Path(path)),
            ast::Pat::Ident(it) => Some(PatRangeEnd::Path(Path::from_name(
                it.name()?.text().as_str(),
            ))),
            ast::Pat::Paren(it) => self.range_end(&it.pat()?),
            _ => None,
        }
    }

    pub(super) fn path(&mut self, path: Option<ast::Path>) -> Option<(Path, Box<[TextRange]>)> {
        path.map(|path| self.with_types(|types| types.path(&path)))
    }
}

fn mode_of(mode: BindingMode, binder: &Binder) -> (bool, BindMode) {
    match mode {
        BindingMode::Move => (binder.mutable, binder.mode),
        BindingMode::MutMove => (true, binder.mode),
        BindingMode::Ref => (false, BindMode::Ref),
        BindingMode::MutRef => (false, BindMode::MutRef),
    }
}
