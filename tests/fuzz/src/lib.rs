//! What libFuzzer runs: the properties, and the ways to change a program, that the engine without
//! coverage has, too (`tests::inputs`).
//!
//! A target is a file of one line in `fuzz_targets`. `tests/fuzz/run` builds and starts them.

#[cfg(feature = "check")]
#[path = "../../suites/inputs/check.rs"]
pub mod check;
#[path = "../../src/inputs/mutate.rs"]
mod mutate;
#[path = "../../src/inputs/targets.rs"]
pub mod targets;

use mutate::Random;

/// Changes `data[..size]`: now as libFuzzer does, which knows what comparisons wait for, now by
/// words of the language. Returns the new size, at most `size_max`.
pub fn mutated(data: &mut [u8], size: usize, size_max: usize, seed: u32) -> usize {
    let mut random = Random::new(u64::from(seed));
    if random.below(2) == 0 {
        return libfuzzer_sys::fuzzer_mutate(data, size, size_max);
    }
    let mut input = data[..size].to_vec();
    let donors = [input.clone()];
    for _ in 0..1 + random.below(4) {
        mutate::change(&mut input, &donors, &mut random);
    }
    input.truncate(size_max);
    data[..input.len()].copy_from_slice(&input);
    input.len()
}

/// A target of libFuzzer: runs one property.
#[macro_export]
macro_rules! target {
    ($property:path) => {
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $property(data));
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, size_max: usize, seed: u32| {
            tml_fuzz::mutated(data, size, size_max, seed)
        });
    };
}
