//! The tools around the compiler, as real processes: the test runner, the formatter, fixes.

mod editing;
mod escapes;
mod faults;
mod fixing;
mod formatting;
mod profiles;
mod testing;
