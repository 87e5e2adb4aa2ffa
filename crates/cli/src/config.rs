//! `sandtide config`: the settings of `serve` that hold, and where each comes from, as a file of settings.

use std::{env, fmt::Write as _};

use clap::ArgMatches;
use sandtide_server::{PostgresAddress, ServerConfig};

use crate::{
    data::SECRET_KEY,
    exit::Exit,
    serve::{ServeArgs, Settings},
    settings::{self, Held, Kind, Said},
    terminal::{Line, complain},
    token::printed,
};

pub(crate) fn config(args: &ServeArgs, given: &ArgMatches) -> Exit {
    let layered = settings::layered::<Settings>(given, &args.file);
    let read = layered.and_then(|layered| Ok((layered.settings.config()?, layered)));
    match read {
        Ok((config, layered)) => {
            layered.warnings.iter().for_each(|warning| complain(warning));
            let lines = layered.held.iter().map(|held| line(held, &config));
            let mut lines: Vec<_> = lines.map(Line::Text).collect();
            if config.store.as_ref().is_some_and(PostgresAddress::has_password) {
                lines.push(Line::Text("# the password of the database is not shown".to_owned()));
            }
            if env::var_os(SECRET_KEY).is_some_and(|key| !key.is_empty()) {
                lines
                    .push(Line::Text(format!("# the key for secrets is not shown # {SECRET_KEY}")));
            }
            printed(&lines)
        }
        Err(message) => {
            complain(&message);
            Exit::Usage
        }
    }
}

/// One setting in a line of TOML; a comment where it is not set, and nothing is its default.
fn line(held: &Held, config: &ServerConfig) -> String {
    let value = match &held.said {
        // Its password is shown to nobody.
        Some(Said::Values(_)) if held.key == "store" => {
            config.store.as_ref().map(|store| text(&store.to_string()))
        }
        Some(said) => Some(toml(held.kind, said)),
        None => follows(&held.key, config),
    };
    let setting = match value {
        Some(value) => format!("{} = {value}", held.key),
        None => format!("# {} is not set", held.key),
    };
    format!("{setting:<40} # {}", held.origin)
}

fn toml(kind: Kind, said: &Said) -> String {
    let values = match said {
        Said::Off => return "false".to_owned(),
        Said::On => return "true".to_owned(),
        Said::Values(values) => values.iter().map(|value| value.to_string_lossy()),
    };
    let mut values = values.map(|value| text(&value));
    match kind {
        Kind::Many | Kind::Named => format!("[{}]", values.collect::<Vec<_>>().join(", ")),
        _ => values.next().unwrap_or_else(|| "true".to_owned()),
    }
}

/// A number as it is, anything else as a basic string.
fn text(value: &str) -> String {
    if value.parse::<u32>().is_ok_and(|number| number.to_string() == value) {
        return value.to_owned();
    }
    let mut out = String::from('"');
    for char in value.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            char if char.is_control() => {
                // Writing to a text cannot fail.
                let _ = write!(out, "\\U{:08x}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    out + "\""
}

/// What a setting is that nobody set, and that follows from the machine or from other settings.
fn follows(key: &str, config: &ServerConfig) -> Option<String> {
    let limits = &config.limits;
    let bytes = |bytes: usize| text(&format!("{bytes}B"));
    Some(match key {
        "workers" => config.workers.to_string(),
        "in_flight" => bytes(config.max_bytes_in_flight),
        "data" => text(&config.data.as_ref()?.to_string_lossy()),
        "timeout" => text(&humantime::format_duration(limits.wall).to_string()),
        "memory" => bytes(limits.heap),
        "stack" => bytes(limits.stack),
        "max_output" => bytes(limits.output),
        "max_logs" => bytes(limits.logs),
        "max_jobs" => limits.jobs.to_string(),
        _ => return None,
    })
}
