#![no_main]

#[path = "../../src/inputs/targets.rs"]
#[allow(dead_code, reason = "each target runs one of the properties")]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::lexer(data));
