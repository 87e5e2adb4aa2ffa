//! What a server is started with. Knows nothing of HTTP or of threads.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    thread,
    time::Duration,
};

use sandtide::Limits;
use sandtide_net::SpanSink;
use sandtide_store::{
    PostgresAddress, PostgresStore, ScheduleStore, SecretKey, SqliteStore, Store, StoreError,
    StoreOptions, UsageStore,
};

use crate::{
    auth::TokenPolicy,
    error::ServerError,
    flight::Flight,
    names::is_tenant,
    network::NetworkConfig,
    place::{CgroupConfig, Isolation},
    tls::TlsConfig,
};

/// Debugging sessions at a time, each of which has an arena and a thread.
pub(crate) const DEBUG_SESSIONS: usize = 8;

/// What is written more often than this is only more work for the disk.
const LEAST_INTERVAL: Duration = Duration::from_millis(100);

/// The largest weight of a tenant.
const MAX_WEIGHT: u32 = 1_000;

/// Settings of one server; start from [`ServerConfig::default`].
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Address to listen on; port 0 takes a free one. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// The certificate that is offered to clients, who reach the server through TLS alone then. Default: none.
    pub tls: Option<TlsConfig>,
    /// Worker threads, each running one script at a time; at least 1. Default: one a core, and
    /// no fewer than 2, so that a script in an endless loop leaves a worker for the others.
    pub workers: usize,
    /// Runs of one tenant that may wait before its requests are refused with 503; at least 1. A
    /// quarter of it is left by each script to the tenant's others. Default 256.
    pub tenant_queue: usize,
    /// Runs of one tenant at the same time; at least 1. Default: as many as there are workers.
    /// While there are other tenants, each leaves them a worker and, by runs that take long or whose
    /// cost is unknown, half of the workers.
    pub tenant_runs: Option<usize>,
    /// Runs of one script at the same time; at least 1. Default: as many as its tenant may have.
    pub script_runs: Option<usize>,
    /// The shares of tenants by name, where they are not 1: a tenant of weight 3 has three times the
    /// CPU time of one of weight 1 while both have runs waiting. 1 to 1,000. Default: none.
    pub tenant_weights: HashMap<String, u32>,
    /// What keeps scripts from each other. Default: processes with all layers, for which the program's
    /// `main` calls `sandtide_worker::run_if_zygote` first; a server is not started without that.
    pub isolation: Isolation,
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
    /// Whether `GET /healthz` tells what all tenants have together, to whoever asks, and `GET /metrics` needs no
    /// token where other requests need none. Default: no.
    pub totals: bool,
    /// Where ports for debuggers are opened, one for each session of `POST /v1/scripts/{name}/debug`; port 0
    /// takes a free one. Whoever reaches such a port and knows the session's address can change what a
    /// script does. Default: none, and nothing can be debugged.
    pub allow_debug: Option<SocketAddr>,
    /// The directory in which scripts, their versions, tokens and the audit trail are kept; made where it
    /// is missing, and used by one server at a time. Default: none, and all that is gone with the server.
    pub data: Option<PathBuf>,
    /// A PostgreSQL database in which all that is kept instead, which any number of servers may share. Default:
    /// none; it goes before [`data`](Self::data).
    pub store: Option<PostgresAddress>,
    /// Former versions that are kept of each script, to go back to. Default 20.
    pub former_versions: u32,
    /// Bytes of all former versions that are kept; the oldest ones of the tenant that has most go first. Where
    /// no directory is given they are in memory, and no more than [`max_script_bytes`](Self::max_script_bytes).
    /// Default 1 GiB.
    pub former_bytes: u64,
    /// How often what tenants used is written, which a server that is killed loses at most; at
    /// least 100 ms. Default 10 s.
    pub usage_interval: Duration,
    /// How long the outcomes of asynchronous runs are kept, in memory. Default 10 min.
    pub run_results_kept: Duration,
    /// Bytes of one tenant's outcomes of asynchronous runs that are kept, and an eighth of those of all tenants';
    /// beyond them the oldest go. At least `limits.output`. Default 16 MiB.
    pub run_result_bytes: usize,
    /// How long to wait before the callback of an asynchronous run is tried again; each of three times four times
    /// as long. Default 1 s.
    pub callback_pause: Duration,
    /// What secrets are sealed with in what is kept. Default: none, and no secrets can be set.
    pub secret_key: Option<SecretKey>,
    /// Which requests need a token. A server to which nobody could say anything is not started.
    pub tokens: TokenPolicy,
    /// Who is told of spans: requests, and what runs ask of others. Default: nobody; traces that clients begin are
    /// passed on all the same.
    pub spans: Option<SpanSink>,
    /// What scripts may reach. Default: nothing.
    pub network: NetworkConfig,
    /// How long requests may still run after shutdown began; then they are cancelled.
    /// Default 10 s.
    pub drain_timeout: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        let kept = StoreOptions::default();
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            tls: None,
            workers: thread::available_parallelism().map_or(2, |n| n.get().max(2)),
            tenant_queue: 256,
            tenant_runs: None,
            script_runs: None,
            tenant_weights: HashMap::new(),
            isolation: Isolation::Process { insecure_without: Vec::new(), cgroup: None },
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
            totals: false,
            allow_debug: None,
            data: None,
            store: None,
            secret_key: None,
            tokens: TokenPolicy::default(),
            former_versions: kept.former_versions,
            former_bytes: kept.former_bytes,
            usage_interval: Duration::from_secs(10),
            run_results_kept: Duration::from_secs(600),
            run_result_bytes: 16 << 20,
            callback_pause: Duration::from_secs(1),
            spans: None,
            network: NetworkConfig::default(),
            drain_timeout: Duration::from_secs(10),
        }
    }
}

/// What is kept, opened.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    /// The same, for what tenants used.
    pub(crate) usage: Arc<dyn UsageStore>,
    /// The same, for schedules.
    pub(crate) schedules: Arc<dyn ScheduleStore>,
    /// Files that others than their user can read or write.
    pub(crate) exposed: Vec<PathBuf>,
}

impl Opened {
    fn new(
        store: impl Store + UsageStore + ScheduleStore + 'static,
        exposed: Vec<PathBuf>,
    ) -> Self {
        let store = Arc::new(store);
        let usage = Arc::<_>::clone(&store);
        let schedules = Arc::<_>::clone(&store);
        Self { store, usage, schedules, exposed }
    }
}

impl ServerConfig {
    /// Processors that workers share; at least 1.
    pub(crate) fn cores(&self) -> usize {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        match &self.isolation {
            // A part of one is no processor that a loop could be left.
            Isolation::Process { cgroup: Some(CgroupConfig { cpus: Some(cpus), .. }), .. } => {
                cores.min(*cpus as usize).max(1)
            }
            _ => cores,
        }
    }

    /// Whether what is deployed outlives the server.
    pub(crate) fn keeps(&self) -> bool {
        self.data.is_some() || self.store.is_some()
    }

    /// Opens what is kept.
    pub(crate) fn open_store(&self) -> Result<Opened, StoreError> {
        let options = StoreOptions {
            former_versions: self.former_versions,
            former_bytes: self.former_bytes,
            secret_key: self.secret_key.clone(),
            ..StoreOptions::default()
        };
        if let Some(address) = &self.store {
            return Ok(Opened::new(PostgresStore::open(address, options)?, Vec::new()));
        }
        let in_memory = u64::try_from(self.max_script_bytes).unwrap_or(u64::MAX);
        let store = match &self.data {
            Some(directory) => SqliteStore::open(directory, options)?,
            None => SqliteStore::in_memory(StoreOptions {
                former_bytes: self.former_bytes.min(in_memory),
                ..options
            })?,
        };
        let exposed = store.exposed().to_vec();
        Ok(Opened::new(store, exposed))
    }

    /// Whether the settings fit each other.
    pub(crate) fn check(&self) -> Result<(), ServerError> {
        self.limits.validate()?;
        for (tenant, weight) in &self.tenant_weights {
            if !is_tenant(tenant) || !(1..=MAX_WEIGHT).contains(weight) {
                return Err(ServerError::Config(format!(
                    "the weight {weight} of the tenant {tenant:?} is refused: a name is 1 to 64 \
                     characters of A-Z, a-z, 0-9, '.', '_' and '-', a weight 1 to {MAX_WEIGHT}"
                )));
            }
        }
        if self.usage_interval < LEAST_INTERVAL {
            return Err(ServerError::Config(format!(
                "usage cannot be written every {:?} (--usage-interval): {LEAST_INTERVAL:?} is the least",
                self.usage_interval
            )));
        }
        if self.run_result_bytes < self.limits.output {
            return Err(ServerError::Config(format!(
                "the largest output has {} bytes, and of asynchronous runs {} bytes are kept: allow more of them \
                 (--run-results), or a smaller output",
                self.limits.output, self.run_result_bytes
            )));
        }
        if self.max_script_bytes == 0 {
            return Err(ServerError::Config(
                "there is no room for any script (--script-bytes 0): allow some bytes".to_owned(),
            ));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_that_a_cgroup_does_not_give_are_not_counted() {
        let cores = |isolation| ServerConfig { isolation, ..ServerConfig::default() }.cores();
        let in_cgroup = |cpus| Isolation::Process {
            insecure_without: Vec::new(),
            cgroup: Some(CgroupConfig { below: "/".into(), memory: None, cpus }),
        };
        let all = cores(Isolation::Thread);
        assert_eq!(cores(in_cgroup(None)), all);
        assert_eq!(cores(in_cgroup(Some(1e6))), all);
        assert_eq!(cores(in_cgroup(Some(1.5))), 1);
        assert_eq!(cores(in_cgroup(Some(0.01))), 1);
    }
}
