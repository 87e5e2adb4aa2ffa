//! What a server is started with. Knows nothing of HTTP or of threads.

use std::{
    net::{Ipv4Addr, SocketAddr},
    thread,
    time::Duration,
};

use sandtide::Limits;

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
    /// How many connections can be open at a time; more wait in the listen queue. Default 4,096.
    pub max_connections: usize,
    /// Bytes of images kept ready to run; the least recently used ones beyond that are rebuilt
    /// when they are needed. Default 256 MiB.
    pub image_cache_bytes: usize,
    /// How long a client may take to send the head of a request, and how long for its body.
    /// Default 30 s each.
    pub read_timeout: Duration,
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
            max_connections: 4_096,
            image_cache_bytes: 256 << 20,
            read_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(10),
        }
    }
}
