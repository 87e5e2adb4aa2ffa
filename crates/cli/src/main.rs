//! The program `sandtide`: run a script file, serve scripts over HTTP, show both.
//!
//! Every command ends in an [`exit::Exit`]; nothing here knows how scripts are run.
#![forbid(unsafe_code)]
// Everything goes through `terminal`, which makes it harmless.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod args;
mod bench;
mod demo;
mod exit;
mod libraries;
mod modules;
mod node;
mod print;
mod run;
mod serve;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::EXIT_CODES;

/// Runs untrusted JavaScript in sandboxes that are put back to their first state after each run.
#[derive(Parser)]
#[command(name = "sandtide", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a script file and prints its value.
    Run(run::RunArgs),
    /// Serves scripts over HTTP.
    Serve(serve::ServeArgs),
    /// Starts a server with example scripts, runs each once, and keeps serving.
    Demo(demo::DemoArgs),
    /// Runs a trusted Node program: everything after `node` is what `node` itself would take.
    #[command(disable_help_flag = true)]
    Node(node::NodeArgs),
    /// Runs the project's benchmarks (needs its source tree).
    Bench(bench::BenchArgs),
}

fn main() -> ExitCode {
    if let Some(args) = node::arguments(std::env::args().collect()) {
        sandtide_node::main(args);
    }
    let exit = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Serve(args) => serve::serve(&args),
        Command::Demo(args) => demo::demo(&args),
        Command::Bench(args) => bench::bench(&args),
        Command::Node(args) => sandtide_node::main(args.words),
    };
    ExitCode::from(exit as u8)
}
