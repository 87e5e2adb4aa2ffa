//! Prints what a file becomes: `cargo run -p sandtide-typescript --example strip -- FILE [erasable]`.

use std::{env, fs, process::ExitCode};

use sandtide_typescript::{Dialect, strip};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().unwrap_or_default();
    let dialect = match (arguments.next().as_deref(), file.rsplit('.').next()) {
        (Some("erasable"), _) => Dialect::Erasable,
        (_, Some("tsx")) => Dialect::FullWithJsx,
        (_, Some("jsx")) => Dialect::Jsx,
        _ => Dialect::Full,
    };
    let source = match fs::read_to_string(&file) {
        Ok(source) => source,
        Err(error) => {
            eprintln!("cannot read {file}: {error}");
            return ExitCode::FAILURE;
        }
    };
    match strip(&source, dialect) {
        Ok(stripped) => {
            print!("{}", stripped.code);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{file}:{}:{}: {problem}", problem.line, problem.column);
            ExitCode::FAILURE
        }
    }
}
