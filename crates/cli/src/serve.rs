//! `sandtide serve`: the server until SIGINT or SIGTERM.

use std::{io, net::SocketAddr, path::PathBuf, thread};

use bytesize::ByteSize;
use clap::Args;
use sandtide_server::{CgroupConfig, Isolation, Server, ServerConfig, ServerError};
use sandtide_supervisor::Layer;
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
    /// Runs of one tenant that may wait before its requests are refused
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = at_least_one)]
    queue: usize,
    /// Runs of one tenant at the same time [default: as many as there are workers; one is left to
    /// other tenants, and half of them by runs that take long]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    tenant_runs: Option<usize>,
    /// Runs of one script at the same time [default: as many as its tenant may have]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    script_runs: Option<usize>,
    /// A tenant's share of CPU time against the others', 1 to 1000 [default: 1]. May be repeated
    #[arg(long, value_name = "TENANT=N", value_parser = weight)]
    tenant_weight: Vec<(String, u32)>,
    /// Largest request body
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "8MiB")]
    max_body: ByteSize,
    /// Memory for all deployed scripts, at least 1B
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "256MiB")]
    script_bytes: ByteSize,
    /// Memory for bodies and answers of all connections [default: 64MiB, or twice the largest body
    /// or output where that is more]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    in_flight: Option<ByteSize>,
    /// Put all worker processes in a cgroup (version 2) below this one, which is delegated to the server
    /// and has no processes of its own; their number and memory are bounded there
    #[arg(long, value_name = "DIRECTORY")]
    cgroup: Option<PathBuf>,
    /// Memory for all worker processes together [default: what their number, the limits of
    /// heap and output and the cache of images come to]
    #[arg(long, value_name = "SIZE", value_parser = size, requires = "cgroup")]
    cgroup_memory: Option<ByteSize>,
    /// Processors for all worker processes together, like 1.5 [default: all]
    #[arg(long, value_name = "N", value_parser = cpus, requires = "cgroup")]
    cgroup_cpus: Option<f64>,
    /// Let GET /healthz tell whoever asks what all tenants have together
    #[arg(long)]
    totals: bool,
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
    /// What keeps scripts from each other: processes that are confined, each for one tenant, or
    /// threads of one process, which is one trust domain
    #[arg(long, value_enum, default_value_t = IsolationArg::Process)]
    isolation: IsolationArg,
    /// Layers of the processes' confinement to go without, as `sandtide doctor` names them, with
    /// commas between
    #[arg(long, value_name = "LAYERS", value_delimiter = ',', value_parser = layer)]
    insecure_without: Vec<Layer>,
    /// Let clients debug runs of scripts: each session has a port of its own at this address,
    /// 127.0.0.1:0 where none is given (port 0 is any free one). Needs --isolation thread
    #[arg(
        long,
        value_name = "ADDRESS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "127.0.0.1:0"
    )]
    allow_debug: Option<SocketAddr>,
    #[command(flatten)]
    limits: LimitArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum IsolationArg {
    Process,
    Thread,
}

fn layer(text: &str) -> Result<Layer, String> {
    let names = || Layer::ALL.map(Layer::name).join(", ");
    let found = Layer::ALL.into_iter().find(|layer| layer.name() == text);
    found.ok_or_else(|| format!("is no layer; the layers are {}", names()))
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("is not a whole number of at least 1".to_owned()),
        Ok(number) => Ok(number),
    }
}

fn cpus(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (0.01..=1e6).contains(&number) => Ok(number),
        _ => Err("is not a number of processors of at least 0.01, like 1.5".to_owned()),
    }
}

/// The server checks the name and the range.
fn weight(text: &str) -> Result<(String, u32), String> {
    let parts = text.split_once('=').and_then(|(tenant, n)| Some((tenant, n.parse().ok()?)));
    let (tenant, weight) = parts.ok_or("is not of the form TENANT=N, like team-a=3")?;
    Ok((tenant.to_owned(), weight))
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
        let isolation = match self.isolation {
            IsolationArg::Process => {
                let cgroup = self.cgroup.clone().map(|below| CgroupConfig {
                    below,
                    memory: self.cgroup_memory.map(|size| size.as_u64()),
                    cpus: self.cgroup_cpus,
                });
                Isolation::Process { insecure_without: self.insecure_without.clone(), cgroup }
            }
            IsolationArg::Thread if self.cgroup.is_some() => {
                return Err("--cgroup is of --isolation process: threads are in the server's own"
                    .to_owned());
            }
            IsolationArg::Thread if self.insecure_without.is_empty() => Isolation::Thread,
            IsolationArg::Thread => {
                return Err(
                    "--insecure-without is of --isolation process: threads have no layers \
                            to go without"
                        .to_owned(),
                );
            }
        };
        Ok(ServerConfig {
            isolation,
            listen: self.listen,
            workers: self.workers.unwrap_or(default.workers),
            tenant_queue: self.queue,
            tenant_runs: self.tenant_runs,
            script_runs: self.script_runs,
            tenant_weights: self.tenant_weight.iter().cloned().collect(),
            limits,
            max_body_bytes,
            max_script_bytes: bytes(self.script_bytes),
            max_bytes_in_flight: self.in_flight.map_or(in_flight, bytes),
            write_timeout: self.write_timeout.into(),
            totals: self.totals,
            allowed_hosts: self.allow_host.clone(),
            allowed_origins: self.allow_origin.clone(),
            image_cache_bytes: bytes(self.image_cache),
            drain_timeout: self.drain.into(),
            allow_debug: self.allow_debug,
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
        // Before the line that says it listens: who reads it may send the signal at once.
        let ended = signal_to_end();
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
        server.serve_until(ended).await;
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

/// Ready on SIGINT or SIGTERM that arrive after this call, also before the answer is awaited.
pub(crate) fn signal_to_end() -> impl Future<Output = ()> {
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async {
        let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
            complain("signals cannot be handled; end the process to end the server");
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}
