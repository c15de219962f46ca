//! Instances: what one symbol stands for.

use base::{Db, Package};
use hir_def::{AnonConstId, BodyOwner, ConstId, FuncId, StaticId, VariantDef};
use hir_ty::{ClosureId, GenericArgs, Ty};

/// A function with all its type arguments, or one that the compiler makes.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct Instance {
    #[returns(copy)]
    pub kind: InstanceKind,
    /// Without parameters. Empty for compiler-made functions.
    #[returns(copy)]
    pub args: GenericArgs,
}

/// What an instance is an instance of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum InstanceKind {
    /// A function with a body, or an extern one.
    Func(FuncId),
    /// `() -> value`: the initialiser of a constant, called where its value is no single scalar.
    ConstInit(ConstId),
    /// The same for the default of a field.
    AnonInit(AnonConstId),
    /// `() -> value`: the initialiser of a static, run at compile time.
    StaticInit(StaticId),
    /// `() -> ptr`: a static that is initialised at its first use.
    StaticGuard(StaticId),
    /// `(ptr)`: ends the life of the value there, fields and all.
    DropGlue(Ty),
    /// `(object)`: adds one to the count of an object.
    RetainObject,
    /// `(object)`: takes one from the count of an object, which ends at zero.
    ReleaseObject,
    /// `(object)`: ends the life of an object of a class.
    Destroy(Ty),
    /// `(ptr)`: counts every handle inside the value there once more.
    RetainGlue(Ty),
    /// `(ptr, ptr) -> i1`: structural equality. Of slices, the pointers lead to the references.
    EqGlue(Ty),
    /// `(base, exponent) -> base`: `**` by repeated squaring.
    PowGlue { base: Ty, exponent: Ty },
    /// `(base, exponent) -> i1`: whether `**` leaves the type's range.
    PowOverflowGlue { base: Ty, exponent: Ty },
    /// `(a, b) -> a / b`, or the remainder, of a 128-bit integer type.
    WideDivGlue { ty: Ty, is_rem: bool },
    /// `(value) -> value`: between a 128-bit integer type and a float.
    WideFloatGlue { from: Ty, to: Ty },
    /// The code of a `func` value made of a function: like the function, with an environment
    /// before the parameters, which it ignores.
    FuncValue(FuncId),
    /// The same for the constructor of a variant.
    CtorValue(VariantDef),
    /// The body of a closure; the arguments are those of the closure's type.
    Closure(ClosureId),
    /// The code of a `func` value made of a closure: takes the environment before the parameters.
    ClosureValue(ClosureId),
    /// Drives the future of an `async func`: `(frame, context) -> Poll[T]`.
    ResumeFunc(FuncId),
    /// The same for an `async` block.
    ResumeBlock(ClosureId),
    /// A method of a behavior on an object, by its table. The arguments are the method's, the
    /// object first.
    Virtual(FuncId),
    /// The same method of a concrete type as it stands in a table, if it consumes its receiver.
    OwnedSlot(FuncId),
    /// A method of a behavior whose implementation takes its receiver in another way.
    Adapter(FuncId),
    /// The setter of an interface's property for a class that only has the getter: panics.
    NoSetter(FuncId),
    /// `tml_main`: calls this `main` and makes an exit status of its result.
    MainShim(FuncId),
    /// `tml_main` of a test executable: runs the test whose number is the first argument.
    TestShim(Package),
}

impl Instance {
    pub fn func(db: &dyn Db, func: FuncId, args: GenericArgs) -> Instance {
        Instance::new(db, InstanceKind::Func(func), args)
    }

    /// A compiler-made function without arguments of its own.
    pub fn made(db: &dyn Db, kind: InstanceKind) -> Instance {
        Instance::new(db, kind, GenericArgs::empty(db))
    }

    /// The body that an instance is made of, if it is not made by the compiler.
    pub fn source_owner(self, db: &dyn Db) -> Option<BodyOwner> {
        match self.kind(db) {
            InstanceKind::Func(func) | InstanceKind::ResumeFunc(func) => {
                Some(BodyOwner::Func(func))
            }
            InstanceKind::Closure(id) | InstanceKind::ResumeBlock(id) => Some(id.owner),
            _ => None,
        }
    }

    /// Whether it stands for a member of a behavior, with the signature that the behavior
    /// declares.
    pub(crate) fn is_member_shim(self, db: &dyn Db) -> bool {
        matches!(
            self.kind(db),
            InstanceKind::Virtual(_) | InstanceKind::Adapter(_)
        )
    }

    /// The function whose source an instance comes from.
    pub fn source_func(self, db: &dyn Db) -> Option<FuncId> {
        match self.kind(db) {
            InstanceKind::Func(func) => Some(func),
            _ => None,
        }
    }
}
