//! The kinds of tokens and nodes of the tree, in one enumeration.
//!
//! Order: trivia, punctuation, keywords, contextual keywords, literals and other
//! tokens, nodes. Predicates rely on that order only through the macro's constants.

/// Defines [`SyntaxKind`] and the tables that go with it.
macro_rules! define_kinds {
    (
        trivia { $($trivia:ident,)* }
        punct { $($punct:ident $punct_text:literal,)* }
        keywords { $($kw:ident $kw_text:literal,)* }
        contextual { $($ctx:ident $ctx_text:literal,)* }
        tokens { $($token:ident,)* }
        nodes { $($node:ident,)* }
    ) => {
        /// What a token or a node is.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[expect(non_camel_case_types, reason = "the names are those of a grammar, not of types")]
        #[repr(u16)]
        pub enum SyntaxKind {
            $($trivia,)* $($punct,)* $($kw,)* $($ctx,)* $($token,)* $($node,)*
        }

        impl SyntaxKind {
            /// Every kind, indexed by its number.
            pub const ALL: &'static [SyntaxKind] = &[
                $(SyntaxKind::$trivia,)* $(SyntaxKind::$punct,)* $(SyntaxKind::$kw,)*
                $(SyntaxKind::$ctx,)* $(SyntaxKind::$token,)* $(SyntaxKind::$node,)*
            ];

            /// The text of a token kind that always has the same text.
            ///
            /// `self` and `Self` have the kinds of `this` and `This`, so a token of
            /// these two kinds may have another text.
            pub const fn text(self) -> Option<&'static str> {
                match self {
                    $(SyntaxKind::$punct => Some($punct_text),)*
                    $(SyntaxKind::$kw => Some($kw_text),)*
                    $(SyntaxKind::$ctx => Some($ctx_text),)*
                    _ => None,
                }
            }

            /// The length of [`SyntaxKind::text`]; 0 without one.
            #[inline]
            pub(crate) fn fixed_len(self) -> usize {
                const LENGTHS: [u8; SyntaxKind::ALL.len()] = {
                    let mut lengths = [0; SyntaxKind::ALL.len()];
                    let mut at = 0;
                    while at < lengths.len() {
                        if let Some(text) = SyntaxKind::ALL[at].text() {
                            lengths[at] = text.len() as u8;
                        }
                        at += 1;
                    }
                    lengths
                };
                LENGTHS[self as usize] as usize
            }

            /// A reserved word.
            pub const fn is_keyword(self) -> bool {
                matches!(self, $(SyntaxKind::$kw)|*)
            }

            /// A word that is a keyword in certain places only.
            pub const fn is_contextual_keyword(self) -> bool {
                matches!(self, $(SyntaxKind::$ctx)|*)
            }

            /// An operator or punctuation token.
            pub const fn is_punct(self) -> bool {
                matches!(self, $(SyntaxKind::$punct)|*)
            }

            /// White space, comments, preprocessor lines, inactive text.
            pub const fn is_trivia(self) -> bool {
                matches!(self, $(SyntaxKind::$trivia)|*)
            }

            /// The reserved word with this text.
            pub fn from_keyword(text: &str) -> Option<SyntaxKind> {
                Some(match text {
                    $($kw_text => SyntaxKind::$kw,)*
                    "self" => SyntaxKind::THIS_KW,
                    "Self" => SyntaxKind::THIS_TYPE_KW,
                    _ => return None,
                })
            }
        }
    };
}

define_kinds! {
    trivia {
        WHITESPACE,
        // `//`, `////` and `/* */`.
        COMMENT,
        // `///`
        DOC_COMMENT,
        // `//!`
        INNER_DOC_COMMENT,
        // One directive line, `#` to the end of the line without its newline.
        PREPROCESSOR_LINE,
        // What a false condition leaves out, as one token.
        INACTIVE_TEXT,
        BOM,
    }
    punct {
        L_PAREN "(", R_PAREN ")", L_BRACK "[", R_BRACK "]", L_CURLY "{", R_CURLY "}",
        COMMA ",", SEMICOLON ";", COLON ":", COLON2 "::", DOT ".", DOT2 "..", DOT3 "...",
        DOT2_EQ "..=", AT "@", HASH "#", QUESTION "?", BANG "!", TILDE "~", ARROW "->", FAT_ARROW "=>",
        EQ "=", EQ2 "==", NEQ "!=", LT "<", LT_EQ "<=", GT ">", GT_EQ ">=",
        PLUS "+", MINUS "-", STAR "*", STAR2 "**", SLASH "/", PERCENT "%",
        AMP "&", AMP2 "&&", PIPE "|", PIPE2 "||", CARET "^", SHL "<<", SHR ">>",
        PLUS_EQ "+=", MINUS_EQ "-=", STAR_EQ "*=", STAR2_EQ "**=", SLASH_EQ "/=", PERCENT_EQ "%=",
        AMP_EQ "&=", PIPE_EQ "|=", CARET_EQ "^=", SHL_EQ "<<=", SHR_EQ ">>=",
    }
    keywords {
        FUNC_KW "func", TYPE_KW "type", ENUM_KW "enum", UNION_KW "union", BEHAVIOR_KW "behavior",
        IMPL_KW "impl", CLASS_KW "class", INTERFACE_KW "interface", NAMESPACE_KW "namespace",
        MOD_KW "mod", USE_KW "use", PUB_KW "pub", CONST_KW "const", LET_KW "let", VAR_KW "var",
        WHERE_KW "where", IF_KW "if", THEN_KW "then", ELSE_KW "else", WHEN_KW "when", LOOP_KW "loop",
        WHILE_KW "while", FOR_KW "for", IN_KW "in", TO_KW "to", THROUGH_KW "through",
        BREAK_KW "break", CONTINUE_KW "continue", RETURN_KW "return", THROW_KW "throw", DO_KW "do",
        AND_KW "and", OR_KW "or", NOT_KW "not", XOR_KW "xor", SHL_KW "shl", SHR_KW "shr", IS_KW "is",
        AS_KW "as", THIS_KW "this", THIS_TYPE_KW "This", DYN_KW "dyn", MUT_KW "mut", REF_KW "ref",
        LOWLEVEL_KW "lowlevel", ASYNC_KW "async", AWAIT_KW "await", CRATE_KW "crate",
        SUPER_KW "super", EXTENDS_KW "extends", IMPLEMENTS_KW "implements", OVERRIDE_KW "override",
        VIRTUAL_KW "virtual", ABSTRACT_KW "abstract", SEALED_KW "sealed", STATIC_KW "static",
        TRUE_KW "true", FALSE_KW "false", NULL_KW "null",
    }
    contextual {
        EXTEND_KW "extend", WITH_KW "with", LIFE_KW "life", VOLATILE_KW "volatile", MOVE_KW "move",
        CATCH_KW "catch", NEW_KW "new", BASE_KW "base", PROP_KW "prop", GET_KW "get", SET_KW "set",
        PUBLIC_KW "public", PRIVATE_KW "private", PROTECTED_KW "protected", PTR_KW "ptr",
        SHOW_KW "show", HIDE_KW "hide", DECORATOR_KW "decorator", QUOTE_KW "quote",
    }
    tokens {
        IDENT,
        // A lone `_`.
        UNDERSCORE,
        INT_NUMBER,
        FLOAT_NUMBER,
        CHAR,
        BYTE,
        BYTE_STRING,
        // `"…"` and `"""…"""` without interpolation.
        STRING,
        RAW_STRING,
        // `` `…` `` without interpolation.
        TEMPLATE,
        // `"text{`, `"""text{` or `` `text{ ``; then `}text{`; then `}text"`.
        STRING_START,
        STRING_MIDDLE,
        STRING_END,
        // `:>8.2` in an interpolation, with its colon.
        FORMAT_SPEC,
        // Characters that belong to no token.
        ERROR_TOKEN,
        // Never in a tree: what the parser sees behind the last token.
        EOF,
    }
    nodes {
        SOURCE_FILE, ERROR,
        // Items.
        USE, USE_TREE, USE_TREE_LIST, USE_FILTER, MODULE, ITEM_LIST, FUNC, TYPE_DECL, ENUM_DECL,
        UNION_DECL, BEHAVIOR, IMPL, EXTEND, CONST, STATIC, CLASS, INTERFACE, NAMESPACE,
        // Parts of items.
        VISIBILITY, DECORATOR, DECO_ARG_LIST, DECO_ARG, NAME, NAME_REF,
        GENERIC_PARAM_LIST, TYPE_PARAM, CONST_PARAM, LIFE_PARAM, BOUND_LIST, BOUND,
        WHERE_CLAUSE, WHERE_PRED, EFFECTS, PARAM_LIST, RECEIVER, PARAM, VARARGS, RET_TYPE,
        FIELD_LIST, FIELD, TUPLE_FIELD_LIST, TUPLE_FIELD, VARIANT_LIST, VARIANT, DISCRIMINANT,
        MEMBER_LIST, ASSOC_TYPE, CTOR, BASE_CALL, PROP, ACCESSOR_LIST, ACCESSOR,
        EXTENDS_CLAUSE, IMPLEMENTS_CLAUSE,
        // Paths and types.
        PATH, PATH_SEGMENT, TYPE_ARG_LIST, TYPE_ARG, LIFETIME_REF,
        PATH_TYPE, REF_TYPE, PTR_TYPE, FUNC_TYPE, FUNC_TYPE_PARAM, DYN_TYPE, IMPL_TYPE, SLICE_TYPE,
        ARRAY_TYPE, TUPLE_TYPE, PAREN_TYPE, NEVER_TYPE, MAYBE_TYPE, INFER_TYPE, QUALIFIED_TYPE,
        // Statements.
        LET_STMT, LET_ELSE, EXPR_STMT,
        // Expressions.
        LITERAL, INTERPOLATION, PATH_EXPR, THIS_EXPR, STRUCT_LIT, FIELD_INIT_LIST, FIELD_INIT,
        TUPLE_EXPR, PAREN_EXPR, ARRAY_EXPR, REPEAT_EXPR, BLOCK, IF_EXPR, CONDITION, WHEN_EXPR,
        ARM_LIST, ARM, GUARD, LOOP_EXPR, WHILE_EXPR, FOR_EXPR, LOWLEVEL_EXPR, ASYNC_EXPR,
        CLOSURE_EXPR, CATCH_EXPR, RETURN_EXPR, BREAK_EXPR, CONTINUE_EXPR, THROW_EXPR,
        TERNARY_EXPR, ASSIGN_EXPR, BIN_EXPR, RANGE_EXPR, IS_EXPR, CAST_EXPR, PREFIX_EXPR, REF_EXPR,
        AWAIT_EXPR, CALL_EXPR, METHOD_CALL_EXPR, FIELD_EXPR, INDEX_EXPR, SCOPE_EXPR, TRY_EXPR,
        RECOVER, ARG_LIST, ARG,
        // Patterns.
        WILDCARD_PAT, IDENT_PAT, MODE_PAT, LITERAL_PAT, RANGE_PAT, TUPLE_PAT, PAREN_PAT, SLICE_PAT,
        REST_PAT, PATH_PAT, TUPLE_STRUCT_PAT, STRUCT_PAT, STRUCT_PAT_FIELD, OR_PAT,
    }
}

impl SyntaxKind {
    /// A reserved word, a contextual keyword or an identifier: what may be a name
    /// where the grammar takes any word.
    pub const fn is_word(self) -> bool {
        self.is_keyword() || self.is_contextual_keyword() || matches!(self, SyntaxKind::IDENT)
    }

    /// A token of a literal, whole or in pieces.
    pub const fn is_literal(self) -> bool {
        use SyntaxKind::*;
        matches!(
            self,
            INT_NUMBER
                | FLOAT_NUMBER
                | CHAR
                | BYTE
                | BYTE_STRING
                | STRING
                | RAW_STRING
                | TEMPLATE
                | STRING_START
                | TRUE_KW
                | FALSE_KW
                | NULL_KW
        )
    }

    /// A kind of node, not of token.
    pub const fn is_node(self) -> bool {
        self as u16 >= SyntaxKind::SOURCE_FILE as u16
    }
}

impl From<SyntaxKind> for rowan::SyntaxKind {
    fn from(kind: SyntaxKind) -> rowan::SyntaxKind {
        rowan::SyntaxKind(kind as u16)
    }
}

/// The language tag that ties rowan's trees to [`SyntaxKind`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tml {}

impl rowan::Language for Tml {
    type Kind = SyntaxKind;

    fn kind_from_raw(raw: rowan::SyntaxKind) -> SyntaxKind {
        SyntaxKind::ALL
            .get(raw.0 as usize)
            .copied()
            .unwrap_or(SyntaxKind::ERROR)
    }

    fn kind_to_raw(kind: SyntaxKind) -> rowan::SyntaxKind {
        kind.into()
    }
}

pub type SyntaxNode = rowan::SyntaxNode<Tml>;
pub type SyntaxToken = rowan::SyntaxToken<Tml>;
pub type SyntaxElement = rowan::SyntaxElement<Tml>;
pub type SyntaxNodeChildren = rowan::SyntaxNodeChildren<Tml>;
