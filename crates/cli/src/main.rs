//! The program `sandtide`: run a script file, serve scripts over HTTP, show both.
//!
//! Every command ends in an [`exit::Exit`]; nothing here knows how scripts are run.
#![forbid(unsafe_code)]
// Everything goes through `terminal`, which makes it harmless.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod args;
mod backup;
mod bench;
mod codebase;
mod config;
mod data;
mod demo;
mod diagnose;
mod doctor;
mod exit;
mod host;
mod libraries;
mod log;
mod modules;
mod network;
mod node;
mod print;
mod quota;
mod request;
mod run;
mod secret;
mod serve;
mod settings;
mod terminal;
mod token;
mod top;
mod traces;
mod version;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

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
    /// Prints the settings that hold for `serve`, and where each comes from: takes the same flags.
    Config(serve::ServeArgs),
    /// Writes what a server keeps to a file, whether it is running or not.
    Backup(backup::BackupArgs),
    /// Has a directory keep what a backup has.
    Restore(backup::RestoreArgs),
    /// Sets, lists and removes what tenants of a server may take at most.
    Quota(quota::QuotaArgs),
    /// Makes, lists and revokes tokens that requests to a server bear.
    Token(token::TokenArgs),
    /// Shows what a server does, in the terminal, while it does it.
    Top(top::TopArgs),
    /// Sets, lists and removes secrets that scripts of a server are given.
    Secret(secret::SecretArgs),
    /// Starts a server with example scripts, runs each once, and keeps serving.
    Demo(demo::DemoArgs),
    /// Says what this machine has of what confining scripts takes; with a directory, what its JavaScript and
    /// TypeScript do that costs memory or safety.
    Doctor(doctor::DoctorArgs),
    /// Runs a trusted Node program: everything after `node` is what `node` itself would take.
    #[command(disable_help_flag = true)]
    Node(node::NodeArgs),
    /// Runs scripts for a program that started this one, as the npm package does (frames on standard
    /// input and output: crates/wire/HOST.md).
    Host(host::HostArgs),
    /// Runs the project's benchmarks (needs its source tree).
    Bench(bench::BenchArgs),
}

fn main() -> ExitCode {
    sandtide_worker::run_if_zygote(&[]);
    if let Some(args) = node::arguments(std::env::args().collect()) {
        sandtide_node::main(args);
    }
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    if cli.version {
        return ExitCode::from(version::print(cli.verbose) as u8);
    }
    let (Some(command), Some((_, given))) = (cli.command, matches.subcommand()) else {
        let missing = clap::error::ErrorKind::MissingSubcommand;
        Cli::command().error(missing, "a command is missing: `sandtide --help` lists them").exit();
    };
    let exit = match command {
        Command::Run(args) => run::run(&args),
        Command::Serve(args) => serve::serve(&args, given),
        Command::Config(args) => config::config(&args, given),
        Command::Backup(args) => backup::backup(&args),
        Command::Restore(args) => backup::restore(&args),
        Command::Quota(args) => quota::quota(&args),
        Command::Token(args) => token::token(&args),
        Command::Top(args) => top::top(&args),
        Command::Secret(args) => secret::secret(&args),
        Command::Demo(args) => demo::demo(&args),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Host(args) => host::host(&args),
        Command::Bench(args) => bench::bench(&args),
        Command::Node(args) => sandtide_node::main(args.words),
    };
    ExitCode::from(exit as u8)
}
