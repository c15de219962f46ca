//! `Eq`, `Copy`: no members.

use crate::input::Input;

pub(crate) fn generate(input: &Input, path: &str, out: &mut String) {
    *out += &input.core_header(path);
    *out += "}\n";
}
