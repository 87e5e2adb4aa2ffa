//! Flags that commands share, and how their values are read.

use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use bytesize::ByteSize;
use clap::Args;
use sandtide::{Error, Limits};
use serde::de::IgnoredAny;

/// What a script may use at most.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// How long a run may take, for example 50ms or 2s (both wall and CPU time) [default: 1s]
    #[arg(long, value_name = "TIME")]
    timeout: Option<humantime::Duration>,
    /// How much memory a script may use, for example 16MiB [default: 64 MiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory: Option<ByteSize>,
    /// How much stack a script may use [default: 1 MiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    stack: Option<ByteSize>,
    /// How large a value may be [default: 4 MiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_output: Option<ByteSize>,
    /// How much a script may write to the console [default: 64 KiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_logs: Option<ByteSize>,
    /// How many promise jobs a run may execute [default: 100000]
    #[arg(long, value_name = "N", value_parser = count)]
    max_jobs: Option<u32>,
}

impl LimitArgs {
    /// The limits, or a message that says which flag takes what.
    pub(crate) fn limits(&self) -> Result<Limits, String> {
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
        limits.validate().map_err(|error| out_of_range(&error))?;
        Ok(limits)
    }
}

/// Which flag gave a limit that is out of its range, and what the flag takes.
fn out_of_range(error: &Error) -> String {
    let Error::InvalidLimit { name, given, min, max } = error else {
        return error.to_string();
    };
    let time = |ms: u64| humantime::format_duration(Duration::from_millis(ms)).to_string();
    let size = |bytes: u64| ByteSize(bytes).display().iec().to_string();
    let (what, shown): (_, &dyn Fn(u64) -> String) = match *name {
        "wall_ms" | "cpu_ms" => ("the time of a run (--timeout)", &time),
        "heap_bytes" => ("the heap (--memory)", &size),
        "stack_bytes" => ("the stack (--stack)", &size),
        "output_bytes" => ("the size of a value (--max-output)", &size),
        "log_bytes" => ("the console's output (--max-logs)", &size),
        _ => return error.to_string(),
    };
    let fault = if given < min { "too small" } else { "too large" };
    format!("{what}: {} is {fault}; give {} to {}", shown(*given), shown(*min), shown(*max))
}

/// Reads a number of bytes.
pub(crate) fn size(text: &str) -> Result<ByteSize, String> {
    text.parse().map_err(|_| "is no size; give a number and a unit, like 16MiB".to_owned())
}

/// Reads a number of things, of which there may be none.
fn count(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("is not a whole number from 0 to {}", u32::MAX))
}

/// Reads the address to listen on.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    let hint = "is no address; give an IP address and a port, like 127.0.0.1:8080 or [::1]:8080";
    text.parse().map_err(|_| hint.to_owned())
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
        let (name, json) = text
            .split_once('=')
            .ok_or("is not of the form name=json, like 'order={\"total\": 120}'")?;
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
        let (specifier, file) = text
            .split_once('=')
            .ok_or("is not of the form specifier=file, like prices=lib/prices.js")?;
        Ok(Self { specifier: specifier.to_owned(), file: file.into() })
    }
}

pub(crate) fn check_json(json: &str) -> Result<(), serde_json::Error> {
    serde_json::from_str::<IgnoredAny>(json).map(drop)
}
