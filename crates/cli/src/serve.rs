//! `sandtide serve`: the server until SIGINT or SIGTERM.

use std::{io, net::SocketAddr, thread};

use bytesize::ByteSize;
use clap::Args;
use sandtide_server::{Server, ServerConfig, ServerError};
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{SignalKind, signal},
};

use crate::{
    args::{LimitArgs, address, size},
    exit::Exit,
    terminal::complain,
};

#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", value_parser = address, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Threads that run scripts, at most 1024 [default: one a core, at least 2]
    #[arg(long, value_name = "N", value_parser = worker_count)]
    workers: Option<usize>,
    /// Runs that may wait for each worker before requests are refused
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = at_least_one)]
    queue: usize,
    /// Largest request body
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "8MiB")]
    max_body: ByteSize,
    /// Memory for all deployed scripts
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "256MiB")]
    script_bytes: ByteSize,
    /// Memory for bodies and answers of all connections [default: 64MiB, or twice the largest body
    /// or output where that is more]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    in_flight: Option<ByteSize>,
    /// How long a client may go without taking any byte of its answer
    #[arg(long, value_name = "TIME", default_value = "30s")]
    write_timeout: humantime::Duration,
    /// A host that requests may name beside IP addresses and localhost, without its port; * for
    /// all. May be repeated
    #[arg(long, value_name = "NAME", value_parser = host)]
    allow_host: Vec<String>,
    /// An origin whose web pages may send requests, like https://app.example; * for all. May be
    /// repeated
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    allow_origin: Vec<String>,
    /// Memory for images that are ready to run
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "256MiB")]
    image_cache: ByteSize,
    /// How long requests may still run after a signal to end
    #[arg(long, value_name = "TIME", default_value = "10s")]
    drain: humantime::Duration,
    #[command(flatten)]
    limits: LimitArgs,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("is not a whole number of at least 1".to_owned()),
        Ok(number) => Ok(number),
    }
}

/// More threads than this wait for each other more than they run; each has its arena and its stack.
fn worker_count(text: &str) -> Result<usize, String> {
    const MOST: usize = 1024;
    match text.parse() {
        Ok(number) if (1..=MOST).contains(&number) => Ok(number),
        _ => Err(format!("is not a whole number from 1 to {MOST}")),
    }
}

fn host(text: &str) -> Result<String, String> {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if text == "*" || (!text.is_empty() && text.bytes().all(in_name)) {
        return Ok(text.to_owned());
    }
    Err("is no host's name; give the name alone, like sandtide.internal".to_owned())
}

fn origin(text: &str) -> Result<String, String> {
    let whole = |rest: &str| !rest.is_empty() && !rest.contains(['/', '?', '#', '@']);
    if text == "*" || text.split_once("://").is_some_and(|(_, rest)| whole(rest)) {
        return Ok(text.to_owned());
    }
    Err("is no origin; give scheme and host without a path, like https://app.example".to_owned())
}

impl ServeArgs {
    fn config(&self) -> Result<ServerConfig, String> {
        let bytes = |size: ByteSize| usize::try_from(size.as_u64()).unwrap_or(usize::MAX);
        let default = ServerConfig::default();
        let limits = self.limits.limits()?;
        let max_body_bytes = bytes(self.max_body);
        let in_flight = default
            .max_bytes_in_flight
            .max(max_body_bytes.saturating_mul(2))
            .max(limits.output.saturating_mul(2));
        Ok(ServerConfig {
            listen: self.listen,
            workers: self.workers.unwrap_or(default.workers),
            queue_per_worker: self.queue,
            limits,
            max_body_bytes,
            max_script_bytes: bytes(self.script_bytes),
            max_bytes_in_flight: self.in_flight.map_or(in_flight, bytes),
            write_timeout: self.write_timeout.into(),
            allowed_hosts: self.allow_host.clone(),
            allowed_origins: self.allow_origin.clone(),
            image_cache_bytes: bytes(self.image_cache),
            drain_timeout: self.drain.into(),
            ..default
        })
    }
}

pub(crate) fn serve(args: &ServeArgs) -> Exit {
    let config = match args.config() {
        Ok(config) => config,
        Err(message) => {
            complain(&message);
            return Exit::Usage;
        }
    };
    let runtime = match io_runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("cannot start the threads that do I/O: {error}"));
            return Exit::Internal;
        }
    };
    runtime.block_on(async {
        let server = match Server::bind(config).await {
            Ok(server) => server,
            Err(error) => {
                complain(&error.to_string());
                return match error {
                    ServerError::Listen { .. } | ServerError::Config(_) => Exit::Usage,
                    _ => Exit::Internal,
                };
            }
        };
        complain(&format!("sandtide listens on http://{}", server.local_addr()));
        server.serve_until(signal_to_end()).await;
        Exit::Ok
    })
}

/// One thread parses HTTP for some tens of thousands of runs a second. More of them only take turns
/// where workers use the cores, so there is one for each four cores.
pub(crate) fn io_runtime() -> io::Result<Runtime> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread()
        .worker_threads(cores.div_ceil(4))
        .thread_stack_size(512 << 10)
        .thread_name("sandtide-io")
        .enable_all()
        .build()
}

/// Ready on SIGINT or SIGTERM.
pub(crate) async fn signal_to_end() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        complain("signals cannot be handled; end the process to end the server");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
