//! `sandtide-bench`: measurements that need other programs (Node, wrk, a running server) or a
//! process of their own, and the tables that are kept. `article` knows Sandtide by its command
//! line and its HTTP interface; `in_process` and `restore` run the engine themselves.
#![forbid(unsafe_code)]

mod article;
mod in_process;
mod machine;
mod report;
mod restore;
mod runtimes;
mod stats;
mod vm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "bench/run", about = "Sandtide's benchmarks against other programs")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A sandbox for each HTTP request: Sandtide, and three Node programs under Node and under
    /// `sandtide node`, under the same load
    Article(article::Options),
    /// One pristine run in process, and what it costs beside the script: the bars of the project
    InProcess(in_process::Options),
    /// Part of `in-process`, in a process of its own
    #[command(hide = true)]
    InProcessChild(in_process::ChildOptions),
    /// What putting an arena back costs by image size, pages written and strategy
    Restore(restore::Options),
    /// node:vm in process, and its memory: Node and `sandtide node`
    Vm(vm::Options),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Article(options) => article::run(&options),
        Command::InProcess(options) => in_process::run(&options),
        Command::InProcessChild(options) => in_process::child(&options),
        Command::Restore(options) => restore::run(&options),
        Command::Vm(options) => vm::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nbench/run: {error:#}");
            ExitCode::FAILURE
        }
    }
}
