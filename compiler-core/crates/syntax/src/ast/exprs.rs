//! Expressions and statements.

use super::*;
use crate::SyntaxKind::*;
use crate::SyntaxToken;

ast_enum! {
    Expr {
        Literal(Literal),
        Path(PathExpr),
        This(ThisExpr),
        StructLit(StructLit),
        Tuple(TupleExpr),
        Paren(ParenExpr),
        Array(ArrayExpr),
        Repeat(RepeatExpr),
        Block(Block),
        If(IfExpr),
        When(WhenExpr),
        Loop(LoopExpr),
        While(WhileExpr),
        For(ForExpr),
        Lowlevel(LowlevelExpr),
        Async(AsyncExpr),
        Closure(ClosureExpr),
        Catch(CatchExpr),
        Return(ReturnExpr),
        Break(BreakExpr),
        Continue(ContinueExpr),
        Throw(ThrowExpr),
        Ternary(TernaryExpr),
        Assign(AssignExpr),
        Bin(BinExpr),
        Range(RangeExpr),
        Is(IsExpr),
        Cast(CastExpr),
        Prefix(PrefixExpr),
        Ref(RefExpr),
        Await(AwaitExpr),
        Call(CallExpr),
        MethodCall(MethodCallExpr),
        Field(FieldExpr),
        Index(IndexExpr),
        Scope(ScopeExpr),
        Try(TryExpr),
    }
}

impl Expr {
    /// Ends with `}` as a statement does: `if`, `when`, loops, blocks, `lowlevel`, `catch`.
    pub fn is_block_like(&self) -> bool {
        matches!(
            self,
            Expr::Block(_)
                | Expr::If(_)
                | Expr::When(_)
                | Expr::Loop(_)
                | Expr::While(_)
                | Expr::For(_)
                | Expr::Lowlevel(_)
                | Expr::Catch(_)
        )
    }
}

ast_enum! {
    /// What stands in a block.
    Stmt {
        Let(LetStmt),
        Expr(ExprStmt),
        Item(Item),
    }
}

ast_node! {
    /// `let p: T = e else { … }`, `var x = e`
    LetStmt = LET_STMT [HasDecorators] {
        child pat: Pat;
        child ty: Type;
        child init: Expr;
        child let_else: LetElse;
        token let_token: LET_KW;
        token var_token: VAR_KW;
        /// `mut` directly after `let`.
        token mut_token: MUT_KW;
        token volatile_token: VOLATILE_KW;
    }
}

impl LetStmt {
    /// `let mut` or `var`.
    pub fn is_mut(&self) -> bool {
        self.mut_token().is_some() || self.var_token().is_some()
    }

    pub fn is_volatile(&self) -> bool {
        self.volatile_token().is_some()
    }
}

ast_node! {
    LetElse = LET_ELSE [] {
        child block: Block;
    }
}

ast_node! {
    /// An expression as a statement; the last one of a block is its value.
    ExprStmt = EXPR_STMT [HasDecorators] {
        child expr: Expr;
        token semicolon_token: SEMICOLON;
    }
}

ast_node! {
    /// `{ statements }`
    Block = BLOCK [] {
        /// All statements, also the one that gives the value.
        children stmts: Stmt;
        token l_curly_token: L_CURLY;
        token r_curly_token: R_CURLY;
    }
}

impl Block {
    /// The statement whose expression is the block's value: the last one, if it is
    /// an expression without `;`.
    pub fn tail_stmt(&self) -> Option<ExprStmt> {
        match self.stmts().last()? {
            Stmt::Expr(it) if it.semicolon_token().is_none() => Some(it),
            _ => None,
        }
    }

    /// The expression that is the block's value.
    pub fn tail_expr(&self) -> Option<Expr> {
        self.tail_stmt()?.expr()
    }
}

ast_node! {
    PathExpr = PATH_EXPR [] {
        child path: Path;
    }
}

ast_node! {
    /// `this`, `self`
    ThisExpr = THIS_EXPR [] {}
}

ast_node! {
    /// `P { x: 1, y, ..q }`
    StructLit = STRUCT_LIT [] {
        child path: Path;
        child field_init_list: FieldInitList;
    }
}

impl StructLit {
    /// The named fields, without `..q`.
    pub fn fields(&self) -> impl Iterator<Item = FieldInit> {
        let list = self.field_init_list();
        list.into_iter()
            .flat_map(|it| it.inits())
            .filter(|it| !it.is_spread())
    }

    /// The `q` of `..q`.
    pub fn spread(&self) -> Option<Expr> {
        self.field_init_list()?
            .inits()
            .find(FieldInit::is_spread)?
            .expr()
    }
}

ast_node! {
    FieldInitList = FIELD_INIT_LIST [] {
        /// Named fields and `..q`, in written order.
        children inits: FieldInit;
    }
}

ast_node! {
    /// `x: e`, `x`, `..e`
    FieldInit = FIELD_INIT [] {
        child name_ref: NameRef;
        /// `None` for the shorthand `x`.
        child expr: Expr;
        token spread_token: DOT2;
    }
}

impl FieldInit {
    pub fn is_spread(&self) -> bool {
        self.spread_token().is_some()
    }
}

ast_node! {
    /// `()`, `(a,)`, `(a, b)`
    TupleExpr = TUPLE_EXPR [] {
        children elems: Expr;
    }
}

ast_node! {
    ParenExpr = PAREN_EXPR [] {
        child expr: Expr;
    }
}

ast_node! {
    /// `[a, b]`
    ArrayExpr = ARRAY_EXPR [] {
        children elems: Expr;
    }
}

ast_node! {
    /// `[v; n]`
    RepeatExpr = REPEAT_EXPR [] {}
}

impl RepeatExpr {
    pub fn value(&self) -> Option<Expr> {
        child_before(self.syntax(), SEMICOLON)
    }

    pub fn len(&self) -> Option<Expr> {
        child_after(self.syntax(), SEMICOLON)
    }
}

ast_node! {
    /// The head of `if`, `while` or `loop`: an expression, or `let p: T = e`.
    Condition = CONDITION [] {
        child expr: Expr;
        /// The pattern of `let p = e`.
        child pat: Pat;
        child ty: Type;
        token let_token: LET_KW;
    }
}

impl Condition {
    pub fn is_let(&self) -> bool {
        self.let_token().is_some()
    }
}

ast_node! {
    /// `if c then a else b`, `if c { a } else { b }`, `if let p = e { … }`
    IfExpr = IF_EXPR [] {
        child condition: Condition;
        token then_token: THEN_KW;
        token else_token: ELSE_KW;
    }
}

impl IfExpr {
    pub fn then_branch(&self) -> Option<Expr> {
        child_before(self.syntax(), ELSE_KW)
    }

    /// A block, another `if`, or an expression.
    pub fn else_branch(&self) -> Option<Expr> {
        child_after(self.syntax(), ELSE_KW)
    }
}

ast_node! {
    /// `when e { arms }`, `when { arms }`
    WhenExpr = WHEN_EXPR [] {
        child scrutinee: Expr;
        child arm_list: ArmList;
    }
}

impl WhenExpr {
    pub fn arms(&self) -> impl Iterator<Item = Arm> {
        self.arm_list().into_iter().flat_map(|it| it.arms())
    }
}

ast_node! {
    ArmList = ARM_LIST [] {
        children arms: Arm;
    }
}

ast_node! {
    /// `p | q if guard => e`. In a `when` without scrutinee the left side is a
    /// condition: [`Arm::condition`], or the pattern `_`.
    Arm = ARM [HasDecorators] {
        child pat: Pat;
        child guard: Guard;
        child condition: Condition;
        child body: Expr;
    }
}

ast_node! {
    /// `if e` of an arm.
    Guard = GUARD [] {
        child expr: Expr;
    }
}

ast_node! {
    /// The forms of `loop`; [`LoopExpr::kind`] tells them apart.
    LoopExpr = LOOP_EXPR [] {
        child condition: Condition;
        token var_token: VAR_KW;
        token in_token: IN_KW;
        token while_token: WHILE_KW;
        child var_name: Name;
        child pat: Pat;
        child ty: Type;
    }
}

/// The form of a `loop`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum LoopKind {
    /// `loop { … }`
    Endless,
    /// `loop (c) { … }`, `loop while c { … }`
    Condition(Option<Expr>),
    /// `loop (var i: T < limit) { … }`
    Counter {
        name: Option<Name>,
        ty: Option<Type>,
        limit: Option<Expr>,
    },
    /// `loop p in e { … }`
    In {
        pat: Option<Pat>,
        iterable: Option<Expr>,
    },
}

impl LoopExpr {
    pub fn kind(&self) -> LoopKind {
        if self.var_token().is_some() {
            LoopKind::Counter {
                name: self.var_name(),
                ty: self.ty(),
                limit: child_after(self.syntax(), LT),
            }
        } else if self.in_token().is_some() {
            LoopKind::In {
                pat: self.pat(),
                iterable: child_after(self.syntax(), IN_KW),
            }
        } else if let Some(condition) = self.condition() {
            LoopKind::Condition(condition.expr())
        } else {
            LoopKind::Endless
        }
    }

    pub fn body(&self) -> Option<Block> {
        last_block(self.syntax())
    }
}

ast_node! {
    WhileExpr = WHILE_EXPR [] {
        child condition: Condition;
        child body: Block;
    }
}

ast_node! {
    /// `for p in e { … }`
    ForExpr = FOR_EXPR [] {
        child pat: Pat;
    }
}

impl ForExpr {
    pub fn iterable(&self) -> Option<Expr> {
        child_after(self.syntax(), IN_KW)
    }

    pub fn body(&self) -> Option<Block> {
        last_block(self.syntax())
    }
}

/// The body of a loop: its last child, unless that is the only expression after `in`.
fn last_block(node: &crate::SyntaxNode) -> Option<Block> {
    let last = node.children().last()?;
    if let Some(iterable) = child_after::<Expr>(node, IN_KW)
        && iterable.syntax() == &last
    {
        return None;
    }
    Block::cast(last)
}

ast_node! {
    /// `lowlevel { … }`
    LowlevelExpr = LOWLEVEL_EXPR [] {
        child block: Block;
    }
}

ast_node! {
    /// `async { … }`
    AsyncExpr = ASYNC_EXPR [] {
        child block: Block;
    }
}

ast_node! {
    /// `do(a, b: I32) -> T { … }`, `do x e`, `do() e`
    ClosureExpr = CLOSURE_EXPR [] {
        token move_token: MOVE_KW;
        child param_list: ParamList;
        child ret_type: RetType;
        child body: Expr;
    }
}

ast_node! {
    /// `catch { … } else do(err) { … }`
    CatchExpr = CATCH_EXPR [] {
        child binding: Name;
    }
}

impl CatchExpr {
    pub fn body(&self) -> Option<Block> {
        child_before(self.syntax(), ELSE_KW)
    }

    pub fn handler(&self) -> Option<Block> {
        child_after(self.syntax(), ELSE_KW)
    }
}

ast_node! {
    ReturnExpr = RETURN_EXPR [] {
        child expr: Expr;
    }
}

ast_node! {
    BreakExpr = BREAK_EXPR [] {
        child expr: Expr;
    }
}

ast_node! {
    ContinueExpr = CONTINUE_EXPR [] {}
}

ast_node! {
    ThrowExpr = THROW_EXPR [] {
        child expr: Expr;
    }
}

ast_node! {
    /// `c ? a : b`
    TernaryExpr = TERNARY_EXPR [] {
        child condition: Expr;
    }
}

impl TernaryExpr {
    pub fn then_branch(&self) -> Option<Expr> {
        let branch: Expr = child_after(self.syntax(), QUESTION)?;
        let colon = token(self.syntax(), COLON);
        match colon {
            Some(it) if it.text_range().start() < branch.text_range().start() => None,
            _ => Some(branch),
        }
    }

    pub fn else_branch(&self) -> Option<Expr> {
        child_after(self.syntax(), COLON)
    }
}

ast_node! {
    /// `place = e`, `place += e`
    AssignExpr = ASSIGN_EXPR [] {
        child lhs: Expr;
    }
}

impl AssignExpr {
    pub fn op_token(&self) -> Option<SyntaxToken> {
        first_token(self.syntax(), |kind| {
            kind == EQ || ArithOp::from_assign_kind(kind).is_some()
        })
    }

    /// The operator of a compound assignment; `None` for `=`.
    pub fn compound_op(&self) -> Option<ArithOp> {
        ArithOp::from_assign_kind(self.op_token()?.kind())
    }

    pub fn rhs(&self) -> Option<Expr> {
        child_after(self.syntax(), self.op_token()?.kind())
    }
}

ast_node! {
    BinExpr = BIN_EXPR [] {
        child lhs: Expr;
    }
}

impl BinExpr {
    pub fn op_token(&self) -> Option<SyntaxToken> {
        first_token(self.syntax(), |kind| BinaryOp::from_kind(kind).is_some())
    }

    pub fn op(&self) -> Option<BinaryOp> {
        BinaryOp::from_kind(self.op_token()?.kind())
    }

    pub fn rhs(&self) -> Option<Expr> {
        child_after(self.syntax(), self.op_token()?.kind())
    }
}

ast_node! {
    /// `a to b`, `a through b`, `a to`, `to b`
    RangeExpr = RANGE_EXPR [] {}
}

impl RangeExpr {
    pub fn op_token(&self) -> Option<SyntaxToken> {
        first_token(self.syntax(), |kind| matches!(kind, TO_KW | THROUGH_KW))
    }

    pub fn op(&self) -> Option<RangeOp> {
        Some(if self.op_token()?.kind() == TO_KW {
            RangeOp::To
        } else {
            RangeOp::Through
        })
    }

    pub fn start(&self) -> Option<Expr> {
        child_before(self.syntax(), self.op_token()?.kind())
    }

    pub fn end(&self) -> Option<Expr> {
        child_after(self.syntax(), self.op_token()?.kind())
    }
}

ast_node! {
    /// `e is T`
    IsExpr = IS_EXPR [] {
        child expr: Expr;
        child ty: Type;
    }
}

ast_node! {
    /// `e as T`
    CastExpr = CAST_EXPR [] {
        child expr: Expr;
        child ty: Type;
    }
}

ast_node! {
    /// `-e`, `not e`, `!e`, `~e`, `*e`
    PrefixExpr = PREFIX_EXPR [] {
        child expr: Expr;
    }
}

impl PrefixExpr {
    pub fn op_token(&self) -> Option<SyntaxToken> {
        first_token(self.syntax(), |kind| UnaryOp::from_kind(kind).is_some())
    }

    pub fn op(&self) -> Option<UnaryOp> {
        UnaryOp::from_kind(self.op_token()?.kind())
    }
}

ast_node! {
    /// `ref e`, `mut ref e`, `ref mut e`, `&e`, `&mut e`
    RefExpr = REF_EXPR [] {
        token mut_token: MUT_KW;
        /// `&`: a raw pointer in low-level code.
        token amp_token: AMP;
        child expr: Expr;
    }
}

impl RefExpr {
    pub fn mode(&self) -> RefMode {
        if self.mut_token().is_some() {
            RefMode::MutRef
        } else {
            RefMode::Ref
        }
    }

    pub fn is_amp(&self) -> bool {
        self.amp_token().is_some()
    }
}

ast_node! {
    /// `await e`, `e.await`
    AwaitExpr = AWAIT_EXPR [] {
        child expr: Expr;
    }
}

ast_node! {
    /// `f(args)`
    CallExpr = CALL_EXPR [] {
        child callee: Expr;
        child arg_list: ArgList;
    }
}

ast_node! {
    /// `e.name[T](args)`
    MethodCallExpr = METHOD_CALL_EXPR [] {
        child receiver: Expr;
        child name_ref: NameRef;
        child type_arg_list: TypeArgList;
        child arg_list: ArgList;
    }
}

ast_node! {
    ArgList = ARG_LIST [] {
        children args: Arg;
    }
}

ast_node! {
    /// `e`, `name: e`
    Arg = ARG [] {
        child name_ref: NameRef;
        child expr: Expr;
    }
}

ast_node! {
    /// `e.name`, `e.0`
    FieldExpr = FIELD_EXPR [] {
        child expr: Expr;
        child name_ref: NameRef;
    }
}

ast_node! {
    /// `base[i]`; see [`IndexExpr::as_type_args`] for `name[T]`.
    IndexExpr = INDEX_EXPR [] {
        child base: Expr;
    }
}

impl IndexExpr {
    /// What stands between the brackets. An index is exactly one expression.
    pub fn args(&self) -> impl Iterator<Item = Expr> {
        children::<Expr>(self.syntax()).skip(1)
    }

    pub fn index(&self) -> Option<Expr> {
        self.args().next()
    }
}

ast_node! {
    /// `e::name` where `e` is not a path, such as `(T as B)::name`.
    ScopeExpr = SCOPE_EXPR [] {
        child expr: Expr;
        child name_ref: NameRef;
        child type_arg_list: TypeArgList;
    }
}

ast_node! {
    /// `e!`, `e! else fallback`
    TryExpr = TRY_EXPR [] {
        child expr: Expr;
        child recover: Recover;
    }
}

ast_node! {
    /// `else e`, `else do(err) { … }`, `else |err| { … }` after `e!`
    Recover = RECOVER [] {
        /// The name that the error is bound to.
        child binding: Name;
        /// A block or an expression.
        child body: Expr;
    }
}

fn first_token(
    node: &crate::SyntaxNode,
    is_wanted: impl Fn(crate::SyntaxKind) -> bool,
) -> Option<SyntaxToken> {
    node.children_with_tokens()
        .filter_map(|it| it.into_token())
        .find(|it| is_wanted(it.kind()))
}
