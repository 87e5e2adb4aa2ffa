//! What scripts may reach, as options say it, for `run` and `serve`.

use std::{fs, path::PathBuf};

use bytesize::ByteSize;
use clap::Args;
use sandtide_net::{Hosts, NetLimits};

use crate::args::size;

#[derive(Args)]
pub(crate) struct NetworkArgs {
    /// Hosts that a script's `fetch` may reach, with commas between: `api.example.com`,
    /// `*.example.com`, `host:8443`; * for all public ones. Addresses that are not public are reached
    /// only where they are listed themselves: `127.0.0.1:3000`, `10.0.0.0/8`
    #[arg(long, value_name = "HOSTS", value_parser = hosts, help_heading = NETWORK)]
    pub(crate) allow_net: Option<Hosts>,
    /// Requests that one run may send
    #[arg(long, value_name = "N", default_value_t = NetLimits::default().requests, help_heading = NETWORK)]
    net_requests: u32,
    /// Bytes that the bodies of one run's requests and answers may have together; of these a request may
    /// have an eighth and an answer a quarter
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "32MiB", help_heading = NETWORK)]
    net_bytes: ByteSize,
    /// How long one request may take, with its redirects and its body
    #[arg(long, value_name = "TIME", default_value = "30s", help_heading = NETWORK)]
    net_time: humantime::Duration,
    /// Certificates in PEM of authorities to trust beside those of browsers
    #[arg(long, value_name = "FILE", help_heading = NETWORK)]
    net_ca: Option<PathBuf>,
}

pub(crate) const NETWORK: &str = "Network";

/// A list of hosts.
pub(crate) fn hosts(text: &str) -> Result<Hosts, String> {
    text.parse().map_err(|error: sandtide_net::HostsError| error.to_string())
}

impl NetworkArgs {
    /// What each run may take.
    pub(crate) fn limits(&self) -> NetLimits {
        let bytes = usize::try_from(self.net_bytes.as_u64()).unwrap_or(usize::MAX);
        NetLimits {
            requests: self.net_requests,
            bytes,
            request_bytes: bytes / 8,
            answer_bytes: bytes / 4,
            time: self.net_time.into(),
            ..NetLimits::default()
        }
    }

    /// The certificates of authorities.
    pub(crate) fn authorities(&self) -> Result<Option<Vec<u8>>, String> {
        let Some(path) = &self.net_ca else { return Ok(None) };
        let read =
            fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()));
        read.map(Some)
    }
}
