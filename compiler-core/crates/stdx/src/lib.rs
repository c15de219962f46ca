//! Small vocabulary that every other crate may use: index types with dense
//! maps, an assertion that a server survives, and a stable 128-bit hash.
//!
//! This crate knows nothing of TML. If an item here mentions syntax, types or
//! files, it is in the wrong crate. Start with [`index`] and [`hash`].

pub mod hash;
pub mod index;
pub mod stack;

pub use hash::{Hash128, StableHasher, stable_hash};
pub use index::{DenseMap, Idx};

/// Says that a condition never holds, and survives it in release builds.
///
/// `never!(cond, "why {x}")` evaluates to `cond`; with debug assertions on, a
/// true condition panics. `never!("why")` is the same for a place never reached. Use it with
/// a safe fallback:
///
/// ```
/// # let depth = 3;
/// if stdx::never!(depth > 100, "depth {depth} past its limit") {
///     return;
/// }
/// ```
#[macro_export]
macro_rules! never {
    ($fmt:literal $(, $arg:expr)* $(,)?) => {{
        debug_assert!(false, $fmt $(, $arg)*);
        true
    }};
    ($cond:expr, $($arg:tt)+) => {{
        let cond: bool = $cond;
        debug_assert!(!cond, $($arg)+);
        cond
    }};
}
