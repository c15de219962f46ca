//! `cargo run -p compiler-core --example library -- lib`: errors in the library of a directory,
//! without building the compiler anew.

use compiler_core::{Host, Input};

fn main() {
    let Some(dir) = std::env::args().nth(1) else {
        eprintln!("usage: library DIR");
        std::process::exit(2);
    };
    let host = Host::open_with_library(Input::SingleFile("none.tml".into()), dir.as_ref());
    let errors = host.library_errors();
    print!("{errors}");
    std::process::exit(i32::from(!errors.is_empty()));
}
