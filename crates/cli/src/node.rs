//! `sandtide node`: when the command line is one of Node's, and its words.
//!
//! A Node program starts others by `process.execPath`, which is this program. So a first word that
//! is an option of Node or a file, and no command of ours, is taken as if `node` stood before it;
//! and so is everything if the program is called by the name `node`.

use std::path::Path;

use clap::Args;

/// Shown in the help only: the words are taken before clap sees them.
#[derive(Args)]
pub(crate) struct NodeArgs {
    /// Options of Node, a script, and the script's arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) words: Vec<String>,
}

/// The words for Node, if the command line is one of Node's.
pub(crate) fn arguments(words: Vec<String>) -> Option<Vec<String>> {
    let mut words = words.into_iter();
    let program = words.next().unwrap_or_default();
    let words: Vec<String> = words.collect();
    if Path::new(&program).file_name().is_some_and(|name| name == "node") {
        return Some(words);
    }
    match words.first()?.as_str() {
        "node" => Some(words[1..].to_vec()),
        "run" | "serve" | "backup" | "restore" | "quota" | "token" | "demo" | "bench" | "help"
        | "--help" | "-h" | "--version" | "-V" => None,
        option if option.starts_with('-') => Some(words),
        // A file that is not there is Node's to complain about; a lone word is more likely a command.
        file if file.contains(['.', '/']) || Path::new(file).exists() => Some(words),
        _ => None,
    }
}
