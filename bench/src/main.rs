//! `sandtide-bench`: measurements that need other programs (Node, wrk, a running server).
//! It knows Sandtide by its command line and its HTTP interface; what is measured in process goes
//! into modules of their own.
#![forbid(unsafe_code)]

mod article;
mod machine;
mod node_vm;
mod stats;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "bench/run", about = "Sandtide's benchmarks against other programs")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A sandbox for each HTTP request: three Node servers and Sandtide under the same load
    Article(article::Options),
    /// One pristine run in process: node:vm's figures, for comparison
    Vm,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Article(options) => article::run(&options),
        Command::Vm => vm(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nbench/run: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn vm() -> Result<()> {
    for measurement in [node_vm::node_vm_fresh()?, node_vm::node_vm_hoisted()?] {
        println!("{measurement}");
    }
    Ok(())
}
