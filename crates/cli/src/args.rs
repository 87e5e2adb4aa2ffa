//! Flags that commands share, and how their values are read.

use std::{path::PathBuf, str::FromStr};

use bytesize::ByteSize;
use clap::Args;
use sandtide::Limits;
use serde::de::IgnoredAny;

/// What a script may use at most.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// How long a run may take, for example 50ms or 2s (both wall and CPU time) [default: 1s]
    #[arg(long, value_name = "TIME")]
    timeout: Option<humantime::Duration>,
    /// How much memory a script may use, for example 16MiB [default: 64 MiB]
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
    /// How much stack a script may use [default: 1 MiB]
    #[arg(long, value_name = "SIZE")]
    stack: Option<ByteSize>,
    /// How large a value may be [default: 4 MiB]
    #[arg(long, value_name = "SIZE")]
    max_output: Option<ByteSize>,
    /// How much a script may write to the console [default: 64 KiB]
    #[arg(long, value_name = "SIZE")]
    max_logs: Option<ByteSize>,
    /// How many promise jobs a run may execute [default: 100000]
    #[arg(long, value_name = "N")]
    max_jobs: Option<u32>,
}

impl LimitArgs {
    pub(crate) fn limits(&self) -> Result<Limits, sandtide::Error> {
        let bytes = |given: Option<ByteSize>, default: usize| {
            given.map_or(default, |size| usize::try_from(size.as_u64()).unwrap_or(usize::MAX))
        };
        let default = Limits::default();
        let limits = Limits {
            wall: self.timeout.map_or(default.wall, Into::into),
            cpu: self.timeout.map_or(default.cpu, Into::into),
            heap: bytes(self.memory, default.heap),
            stack: bytes(self.stack, default.stack),
            output: bytes(self.max_output, default.output),
            logs: bytes(self.max_logs, default.logs),
            jobs: self.max_jobs.unwrap_or(default.jobs),
        };
        limits.validate()?;
        Ok(limits)
    }
}

/// `name=json` of `--global`.
#[derive(Clone, Debug)]
pub(crate) struct Global {
    pub(crate) name: String,
    pub(crate) json: String,
}

impl FromStr for Global {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, json) = text.split_once('=').ok_or("is not of the form name=json")?;
        check_json(json).map_err(|error| {
            format!("the value is not JSON ({error}); a string is written '{name}=\"text\"'")
        })?;
        Ok(Self { name: name.to_owned(), json: json.to_owned() })
    }
}

/// `specifier=file` of `--module`.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    pub(crate) specifier: String,
    pub(crate) file: PathBuf,
}

impl FromStr for Module {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (specifier, file) = text.split_once('=').ok_or("is not of the form specifier=file")?;
        Ok(Self { specifier: specifier.to_owned(), file: file.into() })
    }
}

pub(crate) fn check_json(json: &str) -> Result<(), serde_json::Error> {
    serde_json::from_str::<IgnoredAny>(json).map(drop)
}
