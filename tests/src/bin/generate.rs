//! `cargo run -p tests --bin generate -- DIR [LINES] [LIBRARIES]`: writes a workspace.

use std::path::Path;
use std::process::ExitCode;

use tests::generate::{Shape, write};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let Some(dir) = args.next() else {
        eprintln!("usage: generate DIR [LINES = 50000] [LIBRARIES = 1]");
        return ExitCode::from(2);
    };
    let mut number = |default| {
        args.next()
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let shape = Shape {
        lines: number(50_000),
        libraries: number(1),
    };
    match write(shape, Path::new(&dir)) {
        Ok(lines) => {
            println!("{lines} lines in `{dir}`");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot write `{dir}`: {error}");
            ExitCode::FAILURE
        }
    }
}
