//! What a server is started with. Knows nothing of HTTP or of threads.

use std::{
    net::{Ipv4Addr, SocketAddr},
    thread,
    time::Duration,
};

use sandtide::Limits;

use crate::{error::ServerError, flight::Flight};

/// Settings of one server; start from [`ServerConfig::default`].
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Address to listen on; port 0 takes a free one. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// Worker threads, each running one script at a time; at least 1. Default: one a core, and
    /// no fewer than 2, so that a script in an endless loop leaves a worker for the others.
    pub workers: usize,
    /// Runs that may wait for each worker before requests are refused with 503; at least 1.
    /// Default 64.
    pub queue_per_worker: usize,
    /// What a script may use when it asks for nothing, and the most it can ask for.
    pub limits: Limits,
    /// Largest request body in bytes. Default 8 MiB.
    pub max_body_bytes: usize,
    /// How many scripts can be deployed at a time. Default 10,000.
    pub max_scripts: usize,
    /// Bytes that all deployed scripts may take together: their texts, modules and globals, counting
    /// former versions until their last run has ended. Default 256 MiB.
    pub max_script_bytes: usize,
    /// Bytes that all connections may hold together of bodies that were received and of answers
    /// that clients have not taken; at least `max_body_bytes` and `limits.output`. Where more is
    /// needed, requests are refused with 503, and the transfers under way for longest are cut off.
    /// Default 64 MiB.
    pub max_bytes_in_flight: usize,
    /// How many connections can be open at a time; more wait in the listen queue. Default 4,096.
    pub max_connections: usize,
    /// Bytes of images kept ready to run; the least recently used ones beyond that are rebuilt
    /// when they are needed. Default 256 MiB.
    pub image_cache_bytes: usize,
    /// How long a client may take to send the head of a request, and how long for its body.
    /// Default 30 s each.
    pub read_timeout: Duration,
    /// How long a client may go without taking any byte of its answer. Default 30 s.
    pub write_timeout: Duration,
    /// Hosts that requests may name beside IP addresses and `localhost`, without ports; `*` allows
    /// all. It guards against web pages that let their name stand for this server's address.
    pub allowed_hosts: Vec<String>,
    /// Origins whose web pages may send requests and read answers, for example
    /// `https://app.example`; `*` allows all. Programs that are no browsers name no origin.
    pub allowed_origins: Vec<String>,
    /// How long requests may still run after shutdown began; then they are cancelled.
    /// Default 10 s.
    pub drain_timeout: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            workers: thread::available_parallelism().map_or(2, |n| n.get().max(2)),
            queue_per_worker: 64,
            limits: Limits::default(),
            max_body_bytes: 8 << 20,
            max_scripts: 10_000,
            max_script_bytes: 256 << 20,
            max_bytes_in_flight: 64 << 20,
            max_connections: 4_096,
            image_cache_bytes: 256 << 20,
            read_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            drain_timeout: Duration::from_secs(10),
        }
    }
}

impl ServerConfig {
    /// Whether the settings fit each other.
    pub(crate) fn check(&self) -> Result<(), ServerError> {
        self.limits.validate()?;
        let room = Flight::new(self.max_bytes_in_flight).largest();
        for (what, size) in [("body", self.max_body_bytes), ("output", self.limits.output)] {
            if size > room {
                return Err(ServerError::Config(format!(
                    "the largest {what} has {size} bytes, and the {} bytes in flight have room for \
                     {room} of them: allow more in flight, or a smaller {what}",
                    self.max_bytes_in_flight
                )));
            }
        }
        Ok(())
    }
}
