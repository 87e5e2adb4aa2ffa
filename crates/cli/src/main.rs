//! The program `sandtide`: run a script file, serve scripts over HTTP, show both.
//!
//! Every command ends in an [`exit::Exit`]; nothing here knows how scripts are run.
#![forbid(unsafe_code)]
// Everything goes through `terminal`, which makes it harmless.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod args;
mod bench;
mod demo;
mod diagnose;
mod doctor;
mod exit;
mod libraries;
mod modules;
mod node;
mod print;
mod run;
mod serve;
mod terminal;
mod version;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::exit::EXIT_CODES;

/// Runs untrusted JavaScript in sandboxes that are put back to their first state after each run.
#[derive(Parser)]
#[command(name = "sandtide", disable_version_flag = true, arg_required_else_help = true)]
#[command(after_help = EXIT_CODES)]
struct Cli {
    /// Prints the version; with --verbose also the engine that runs scripts, and how it was built.
    #[arg(short = 'V', long)]
    version: bool,
    /// With --version: says more.
    #[arg(long, requires = "version")]
    verbose: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a script file and prints its value.
    Run(run::RunArgs),
    /// Serves scripts over HTTP.
    Serve(serve::ServeArgs),
    /// Starts a server with example scripts, runs each once, and keeps serving.
    Demo(demo::DemoArgs),
    /// Says what this machine has of what confining scripts takes.
    Doctor(doctor::DoctorArgs),
    /// Runs a trusted Node program: everything after `node` is what `node` itself would take.
    #[command(disable_help_flag = true)]
    Node(node::NodeArgs),
    /// Runs the project's benchmarks (needs its source tree).
    Bench(bench::BenchArgs),
}

fn main() -> ExitCode {
    sandtide_worker::run_if_zygote(&[]);
    if let Some(args) = node::arguments(std::env::args().collect()) {
        sandtide_node::main(args);
    }
    let cli = Cli::parse();
    if cli.version {
        return ExitCode::from(version::print(cli.verbose) as u8);
    }
    let Some(command) = cli.command else {
        let missing = clap::error::ErrorKind::MissingSubcommand;
        Cli::command().error(missing, "a command is missing: `sandtide --help` lists them").exit();
    };
    let exit = match command {
        Command::Run(args) => run::run(&args),
        Command::Serve(args) => serve::serve(&args),
        Command::Demo(args) => demo::demo(&args),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Bench(args) => bench::bench(&args),
        Command::Node(args) => sandtide_node::main(args.words),
    };
    ExitCode::from(exit as u8)
}
