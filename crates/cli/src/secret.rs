//! `sandtide secret`: sets, lists and removes secrets in what a server keeps, whether it is running or not.

use std::{
    env,
    io::{self, IsTerminal, Read},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use sandtide_store::{SecretOf, SecretValue, Store, StoreError};

use crate::{
    data,
    exit::Exit,
    terminal::{Line, complain},
    token::{ACTOR, printed, tenant, time},
};

#[derive(Args)]
pub(crate) struct SecretArgs {
    #[command(flatten)]
    place: data::PlaceArgs,
    /// A file with the key that the server seals secrets with [default: that of SANDTIDE_SECRET_KEY_FILE; or the
    /// variable SANDTIDE_SECRET_KEY has the key itself]
    #[arg(long, value_name = "FILE", global = true)]
    secret_key_file: Option<PathBuf>,
    #[command(subcommand)]
    command: SecretCommand,
}

#[derive(Args)]
struct OfArgs {
    /// The tenant's name
    #[arg(long, value_name = "TENANT", value_parser = tenant, default_value = "default")]
    tenant: String,
    /// One of its scripts, which alone is given the secret, before one of its tenant's
    #[arg(long, value_name = "SCRIPT")]
    script: Option<String>,
}

impl OfArgs {
    fn of(&self) -> SecretOf {
        SecretOf { tenant: self.tenant.clone(), script: self.script.clone() }
    }
}

#[derive(Subcommand)]
enum SecretCommand {
    /// Sets a secret, which is read from standard input; a line break at its end is left out
    Set {
        /// The secret's name, like API_KEY
        name: String,
        #[command(flatten)]
        of: OfArgs,
    },
    /// Lists the names of secrets
    List {
        #[command(flatten)]
        of: OfArgs,
    },
    /// Removes a secret
    Delete {
        /// The secret's name
        name: String,
        #[command(flatten)]
        of: OfArgs,
    },
}

pub(crate) fn secret(args: &SecretArgs) -> Exit {
    let named = env::var_os("SANDTIDE_SECRET_KEY_FILE").filter(|file| !file.is_empty());
    let file = args.secret_key_file.clone().or_else(|| named.map(PathBuf::from));
    let key = match data::secret_key(file.as_ref()) {
        Ok(key) => key,
        Err(message) => {
            complain(&message);
            return Exit::Usage;
        }
    };
    let value = match &args.command {
        SecretCommand::Set { .. } => match read() {
            Ok(value) => value,
            Err(message) => {
                complain(&message);
                return Exit::Usage;
            }
        },
        _ => String::new(),
    };
    data::with_store(&args.place, key, move |store| match &args.command {
        SecretCommand::Set { name, of } => {
            let value = SecretValue::new(value)?;
            let new = store.set_secret(of.of(), name.clone(), value, ACTOR.to_owned()).wait()?;
            let done = if new { "set" } else { "set, in the place of the former one" };
            complain(&format!("the secret {name} is {done}"));
            Ok(Exit::Ok)
        }
        SecretCommand::List { of } => {
            let all = store.secrets(of.of()).wait()?;
            let lines = all.iter().map(|secret| {
                Line::Text(format!(
                    "{}  set {} by {}",
                    secret.name,
                    time(secret.set_ms),
                    secret.set_by
                ))
            });
            Ok(printed(&lines.collect::<Vec<_>>()))
        }
        SecretCommand::Delete { name, of } => remove(store, name, of.of()),
    })
}

/// Reads a secret, never more of it than there may be.
fn read() -> Result<String, String> {
    let mut input = io::stdin();
    if input.is_terminal() {
        complain("the secret, and at its end a line break and Ctrl-D:");
    }
    let mut bytes = Vec::new();
    // One more, and a line break of two characters: a secret that is too long is seen to be.
    let most = SecretValue::MAX_BYTES as u64 + 3;
    input
        .by_ref()
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("standard input cannot be read: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| "the secret is not UTF-8".to_owned())?;
    let text =
        text.strip_suffix('\n').map_or(&*text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(text.to_owned())
}

fn remove(store: &dyn Store, name: &str, of: SecretOf) -> Result<Exit, StoreError> {
    if store.remove_secret(of, name.to_owned(), ACTOR.to_owned()).wait()? {
        complain(&format!("the secret {name} is gone"));
        return Ok(Exit::Ok);
    }
    Err(StoreError::NoSecret(name.to_owned()))
}
