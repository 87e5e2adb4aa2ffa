//! `sandtide bench`: hands over to the benchmark program of the source tree.

use std::process::Command;

use clap::Args;

use crate::{exit::Exit, libraries::source_tree, terminal::complain};

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Which benchmark
    #[arg(default_value = "article", value_parser = ["article", "in-process", "restore", "vm"])]
    name: String,
    /// What the benchmark is given
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub(crate) fn bench(args: &BenchArgs) -> Exit {
    let program = source_tree().map(|root| root.join("bench/run"));
    let Some(program) = program.filter(|program| program.is_file()) else {
        complain(&format!(
            "the benchmarks are part of sandtide's source tree: run `bench/run {}` there",
            args.name
        ));
        return Exit::Usage;
    };
    match Command::new(&program).arg(&args.name).args(&args.rest).status() {
        Ok(status) if status.success() => Exit::Ok,
        Ok(status) => {
            complain(&format!("{} ended with {status}", program.display()));
            Exit::Internal
        }
        Err(error) => {
            complain(&format!("{}: {error}", program.display()));
            Exit::Internal
        }
    }
}
