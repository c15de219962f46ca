//! Literals, and strings with interpolations.

use syntax::ast::{self, AstNode, LiteralKind, StrPart};

use super::*;
use crate::BuiltinType;

impl Lowering<'_> {
    pub(super) fn literal(&mut self, literal: &ast::Literal) -> ExprId {
        let range = literal.syntax().text_range();
        if let Some(LiteralKind::Str(text)) = literal.kind()
            && (text.has_interpolation() || text.is_template())
        {
            return self.interpolation(&text, range);
        }
        match self.literal_value(literal) {
            Some(value) => self.alloc(Expr::Literal(value), range),
            None => {
                let expr = self.missing(range);
                self.diagnostics.push(BodyDiagnostic::BadLiteral { expr });
                expr
            }
        }
    }

    /// The value of a literal without interpolation; `None` if it is malformed or too large.
    pub(super) fn literal_value(&mut self, literal: &ast::Literal) -> Option<Literal> {
        Some(match literal.kind()? {
            LiteralKind::Int(int) => Literal::Int {
                value: int.value()?,
                suffix: int.suffix().and_then(BuiltinType::by_suffix),
            },
            LiteralKind::Float(float) => Literal::Float {
                text: float.digits().into(),
                suffix: float.suffix().and_then(BuiltinType::by_suffix),
            },
            LiteralKind::Char(value) => Literal::Char(value?),
            LiteralKind::Byte(value) => Literal::Int {
                value: value?.into(),
                suffix: Some(BuiltinType::U8),
            },
            LiteralKind::Str(text) => Literal::Str(text.simple_text()?.into()),
            LiteralKind::ByteStr(bytes) => Literal::Bytes(bytes.into()),
            LiteralKind::Bool(value) => Literal::Bool(value),
            LiteralKind::Null => Literal::Null,
        })
    }

    fn interpolation(&mut self, text: &ast::StrLiteral, range: TextRange) -> ExprId {
        let mut bad_specs = Vec::new();
        let parts = text.parts().map(|part| match part {
            StrPart::Text(text) => InterpolPart::Text(text.into()),
            StrPart::Interp { expr, spec } => {
                let spec = spec.and_then(|text| {
                    let spec = FormatSpec::parse(&text);
                    if spec.is_none() {
                        bad_specs.push(Name::from(text));
                    }
                    spec
                });
                InterpolPart::Expr {
                    expr: self.expr_or_missing(expr, range),
                    spec,
                }
            }
        });
        let parts = parts.collect();
        let template = text.is_template();
        let expr = self.alloc(Expr::Interpolate { parts, template }, range);
        for text in bad_specs {
            self.diagnostics
                .push(BodyDiagnostic::BadFormatSpec { expr, text });
        }
        expr
    }
}
