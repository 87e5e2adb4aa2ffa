//! Checks a directory and prints what was found: `cargo run -p sandtide-lint --example check -- DIR`.

use std::{path::Path, process::ExitCode};

use sandtide_lint::{Checker, check_tree, report};

fn main() -> ExitCode {
    let Some(dir) = std::env::args().nth(1) else {
        eprintln!("which directory?");
        return ExitCode::from(2);
    };
    match check_tree(Path::new(&dir), &Checker::new()) {
        Ok(found) => {
            print!("{}", report::text(&found));
            ExitCode::from(u8::from(!found.findings.is_empty()))
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
