//! `sandtide serve`: the server until SIGINT or SIGTERM.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, thread};

use bytesize::ByteSize;
use clap::{ArgMatches, Args};
use sandtide_net::Hosts;
use sandtide_server::{
    Certificate, CgroupConfig, Isolation, NetworkConfig, Server, ServerConfig, ServerError,
    TlsConfig, TokenPolicy,
};
use sandtide_supervisor::{Layer, THREAD_STACK};
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{
    args::{LimitArgs, address, size},
    data,
    exit::Exit,
    log::{self, LogFormat},
    network::{NETWORK, NetworkArgs, hosts},
    settings::{self, SettingsFile},
    terminal::complain,
    traces::{self, Spans},
};

#[derive(Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) file: SettingsFile,
    #[command(flatten)]
    settings: Settings,
}

/// What can be set; where it is said, [`settings`] tells.
#[derive(Args)]
pub(crate) struct Settings {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", value_parser = address, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A file in PEM with the server's certificate, and those that lead to its authority behind it: clients reach
    /// the server through TLS alone then, by HTTP/1.1 or HTTP/2. Read again on SIGHUP, and when it has changed
    #[arg(long, value_name = "FILE", help_heading = TLS)]
    tls_cert: Option<PathBuf>,
    /// A file in PEM with the private key of --tls-cert
    #[arg(long, value_name = "FILE", help_heading = TLS)]
    tls_key: Option<PathBuf>,
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
    /// Let GET /healthz, and GET /metrics without a token, tell whoever asks what all tenants have together
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
    /// How the log is written, on standard error. What is in it says the environment variable RUST_LOG: info
    /// by default, debug for each request, off for none
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log: LogFormat,
    /// A collector that is sent spans of requests and of what runs ask of others, by OTLP over HTTP in protobuf: the
    /// address that /v1/traces is added to. OpenTelemetry's own variable OTEL_EXPORTER_OTLP_ENDPOINT says the same.
    /// For programs that were built with the feature `otlp`
    #[arg(long, value_name = "URL")]
    otlp_endpoint: Option<String>,
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
    /// 127.0.0.1:0 where none is given (port 0 is any free one)
    #[arg(
        long,
        value_name = "ADDRESS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "127.0.0.1:0"
    )]
    allow_debug: Option<SocketAddr>,
    /// The directory in which scripts, their versions, tokens and the audit trail are kept; made where it
    /// is missing. One server at a time uses it
    /// [default: $XDG_STATE_HOME/sandtide, or ~/.local/state/sandtide]
    #[arg(long, value_name = "DIR", help_heading = KEPT)]
    data: Option<PathBuf>,
    /// Keep nothing: what was deployed is gone with the server
    #[arg(long, conflicts_with = "data", help_heading = KEPT)]
    in_memory: bool,
    /// A PostgreSQL database in which all that is kept instead, which any number of servers share:
    /// postgres://USER@HOST:PORT/DATABASE. The environment variable SANDTIDE_STORE_PASSWORD can have the password;
    /// on a command line others see it. TLS is used, and the certificate checked, unless the host is loopback or
    /// `?sslmode=disable` is said; `sslrootcert` names a file of authorities in PEM
    #[arg(long, value_name = "URL", conflicts_with_all = ["data", "in_memory"], help_heading = KEPT)]
    store: Option<String>,
    /// Former versions of each script that are kept, to go back to
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = KEPT)]
    former_versions: u32,
    /// Room for the former versions of all scripts; in memory no more than --script-bytes
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "1GiB", help_heading = KEPT)]
    former_bytes: ByteSize,
    /// How long the outcomes of asynchronous runs are kept, in memory
    #[arg(long, value_name = "TIME", default_value = "10m", help_heading = KEPT)]
    run_results_kept: humantime::Duration,
    /// Memory for one tenant's outcomes of asynchronous runs; those of all tenants have eight times as much
    /// [default: 16MiB, or the largest output where that is more]
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = KEPT)]
    run_results: Option<ByteSize>,
    /// How often what tenants used is written; a server that is killed loses so much of it at most
    #[arg(long, value_name = "TIME", default_value = "10s", help_heading = KEPT)]
    usage_interval: humantime::Duration,
    /// A file with the key that secrets are sealed with: 32 bytes in hexadecimal or base64, of which the server
    /// needs the same ever after. The environment variable SANDTIDE_SECRET_KEY can have the key itself
    #[arg(long, value_name = "FILE", help_heading = KEPT)]
    secret_key_file: Option<PathBuf>,
    /// Take no request without a token. Without this, requests need none on loopback until one was made by
    /// `sandtide token create` or over HTTP
    #[arg(long, help_heading = TOKENS)]
    require_tokens: bool,
    /// Take all requests without a token, wherever the server listens: for a server behind something that
    /// authenticates, and that alone can reach it
    #[arg(long, conflicts_with = "require_tokens", help_heading = TOKENS)]
    insecure_without_tokens: bool,
    #[command(flatten)]
    network: NetworkArgs,
    /// Hosts that the tools of deploys may be at, as for --allow-net
    #[arg(long, value_name = "HOSTS", value_parser = hosts, help_heading = NETWORK)]
    allow_tools: Option<Hosts>,
    #[command(flatten)]
    limits: LimitArgs,
}

const KEPT: &str = "What is kept";
const TOKENS: &str = "Tokens";
const TLS: &str = "TLS";

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

impl Settings {
    pub(crate) fn config(&self) -> Result<ServerConfig, String> {
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
            tls: match (&self.tls_cert, &self.tls_key) {
                (Some(certificate), Some(key)) => Some(TlsConfig::new(certificate, key)),
                (None, None) => None,
                (Some(_), None) => {
                    return Err(
                        "--tls-cert needs the certificate's key, too: --tls-key FILE".to_owned()
                    );
                }
                (None, Some(_)) => {
                    return Err(
                        "--tls-key needs the key's certificate, too: --tls-cert FILE".to_owned()
                    );
                }
            },
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
            data: match self.in_memory || self.store.is_some() {
                true => None,
                false => Some(data::directory(self.data.as_ref())?),
            },
            store: data::database(self.store.as_deref())?,
            secret_key: data::secret_key(self.secret_key_file.as_ref())?,
            former_versions: self.former_versions,
            former_bytes: self.former_bytes.as_u64(),
            usage_interval: self.usage_interval.into(),
            run_results_kept: self.run_results_kept.into(),
            run_result_bytes: self
                .run_results
                .map_or(default.run_result_bytes.max(limits.output), bytes),
            tokens: match (self.require_tokens, self.insecure_without_tokens) {
                (true, _) => TokenPolicy::Always,
                (false, true) => TokenPolicy::Never,
                (false, false) => TokenPolicy::WhereMade,
            },
            allow_debug: self.allow_debug,
            network: NetworkConfig {
                allowed: self.network.allow_net.clone().unwrap_or_default(),
                tools: self.allow_tools.clone().unwrap_or_default(),
                limits: self.network.limits(),
                authorities: self.network.authorities()?,
            },
            ..default
        })
    }
}

pub(crate) fn serve(args: &ServeArgs, given: &ArgMatches) -> Exit {
    let layered = settings::layered::<Settings>(given, &args.file);
    let read = layered.and_then(|layered| {
        layered.warnings.iter().for_each(|warning| complain(warning));
        Ok((layered.settings.config()?, layered.settings))
    });
    let (mut config, settings) = match read {
        Ok(read) => read,
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
        let kept = match (&config.store, &config.data) {
            (Some(address), _) => Some(address.to_string()),
            (None, directory) => directory.as_ref().map(|path| path.display().to_string()),
        };
        let log = match log::start(settings.log) {
            Ok(log) => log,
            Err(message) => {
                complain(&message);
                return Exit::Usage;
            }
        };
        let spans = match traces::start(settings.otlp_endpoint.as_deref()) {
            Ok(spans) => spans,
            Err(message) => {
                complain(&message);
                return Exit::Usage;
            }
        };
        config.spans = spans.as_ref().map(Spans::sink);
        let hang_ups = config.tls.is_some().then(hang_ups);
        let server = match Server::bind(config).await {
            Ok(server) => server,
            Err(error) => {
                complain(&error.to_string());
                return match error {
                    ServerError::Listen { .. } | ServerError::Config(_) | ServerError::Tls(_) => {
                        Exit::Usage
                    }
                    ServerError::Store(error) => data::exit_of(&error),
                    _ => Exit::Internal,
                };
            }
        };
        let scheme = if server.certificate().is_some() { "https" } else { "http" };
        complain(&format!("sandtide listens on {scheme}://{}", server.local_addr()));
        let renewing = server.certificate().cloned().zip(hang_ups.flatten());
        let renewing = renewing
            .map(|(certificate, signals)| tokio::spawn(renew_on_hang_up(certificate, signals)));
        match kept {
            Some(place) => complain(&format!("what is deployed is kept in {place}")),
            None => complain("what is deployed is gone when the server ends (--data DIR keeps it)"),
        }
        if let Some(token) = server.first_token() {
            complain(&format!("the token for everything, which is shown this once: {token}"));
        }
        server.serve_until(ended).await;
        if let Some(renewing) = renewing {
            renewing.abort();
        }
        // It waits for the collector, for a while.
        let _ = tokio::task::spawn_blocking(|| drop(spans)).await;
        drop(log);
        Exit::Ok
    })
}

/// One thread parses HTTP for some tens of thousands of runs a second. More of them only take turns
/// where workers use the cores, so there is one for each four cores.
pub(crate) fn io_runtime() -> io::Result<Runtime> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread()
        .worker_threads(cores.div_ceil(4))
        // They read what workers answer.
        .thread_stack_size(THREAD_STACK + (512 << 10))
        .thread_name("sandtide-io")
        .enable_all()
        .build()
}

/// The signals by which whoever renews a certificate tells of it.
fn hang_ups() -> Option<Signal> {
    let signals = signal(SignalKind::hangup());
    signals.inspect_err(|_| complain("SIGHUP cannot be handled: it ends the server")).ok()
}

/// Reads the certificate again on each of them.
async fn renew_on_hang_up(certificate: Arc<Certificate>, mut signals: Signal) {
    while signals.recv().await.is_some() {
        let certificate = Arc::clone(&certificate);
        // What is wrong with it is in the log.
        let _ = tokio::task::spawn_blocking(move || certificate.renew()).await;
    }
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
