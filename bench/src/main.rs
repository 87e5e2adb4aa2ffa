//! `sandtide-bench`: measurements that need other programs (Node, wrk, a running server) or a
//! process of their own, and the tables that are kept. `article` knows Sandtide by its command
//! line and its HTTP interface, as `neighbours` does; `in_process`, `restore` and `wall` run scripts
//! themselves.
#![forbid(unsafe_code)]

mod article;
mod diagnosis;
mod in_process;
mod machine;
mod neighbours;
mod report;
mod restore;
mod runtimes;
mod served;
mod soak;
mod stats;
mod stops;
mod vm;
mod wall;
mod workloads;

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
    /// What a tenant of `sandtide serve` notices of others that loop, and what tenants cost
    Neighbours(neighbours::Options),
    /// What profiles cost while they are taken, and a heap snapshot beside Node's
    Diagnosis(diagnosis::Options),
    /// `sandtide serve` at full load for a long time, with hostile scripts and killed workers in it
    Soak(soak::Options),
    /// What the process wall costs: requests a second, forks, and replacing what was killed
    Wall(wall::Options),
    /// Part of `wall`, in a process of its own
    #[command(hide = true)]
    WallNamespaces,
    /// node:vm in process, and its memory: Node and `sandtide node`
    Vm(vm::Options),
    /// What scripts do all day, as pristine runs and in vm contexts
    Guests(workloads::Options),
}

fn main() -> ExitCode {
    // `wall` starts this program anew for its workers.
    sandtide_worker::run_if_zygote(&[]);
    let done = match Cli::parse().command {
        Command::Article(options) => article::run(&options),
        Command::InProcess(options) => in_process::run(&options),
        Command::InProcessChild(options) => in_process::child(&options),
        Command::Restore(options) => restore::run(&options),
        Command::Neighbours(options) => neighbours::run(&options),
        Command::Diagnosis(options) => diagnosis::run(&options),
        Command::Soak(options) => soak::run(&options),
        Command::Wall(options) => wall::run(&options),
        Command::WallNamespaces => wall::namespaces(),
        Command::Vm(options) => vm::run(&options),
        Command::Guests(options) => workloads::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nbench/run: {error:#}");
            ExitCode::FAILURE
        }
    }
}
