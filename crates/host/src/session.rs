//! Which message does what.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sandtide::{Error, Limits, MIN_HEAP, Run, Stopwatch};
use sandtide_engine::Request;
use sandtide_fair::{Costs, Script as Key};
use sandtide_supervisor::{Layer, Supervisor, THREAD_STACK};
use sandtide_wire::{FromHost, HOST_PROTOCOL, HostSettings, Problem, ToHost};
use tokio::runtime::{Builder, Runtime};

use crate::calls::Calls;
use crate::input::Input;
use crate::output::Output;
use crate::pools::{Asked, MOST_WORKERS, Pools};
use crate::scripts::{Of, Scripts, compile};
use crate::{Ends, HostError};

const HOUR: Duration = Duration::from_secs(3600);
const MIB: usize = 1 << 20;
/// What a run can be given where the program does not say.
const HEAP: usize = 256 * MIB;

/// Speaks with the program until it ends, or says what is no message. `version` is told to it. To be
/// called by a program that becomes a zygote, as `sandtide` does.
///
/// # Errors
/// As said with [`HostError`]; the program was told of it as well, as far as it listens.
pub fn serve(ends: Ends, version: &str) -> Result<(), HostError> {
    let Ends { input, output } = ends;
    let mut input = Input::new(input);
    let output = Output::start(output)?;
    let settings = match input.next()?.map(ToHost::decode) {
        // Nobody wants anything.
        None => return Ok(()),
        Some(Ok(ToHost::Start { protocol: HOST_PROTOCOL, settings })) => settings,
        Some(Ok(ToHost::Start { protocol, .. })) => {
            return Err(refuse(
                &output,
                &format!(
                    "protocol {protocol}, where this host speaks {HOST_PROTOCOL}: the package and the program `sandtide` are of different releases"
                ),
            ));
        }
        Some(Ok(_)) => return Err(refuse(&output, "the first message must start the host")),
        Some(Err(refused)) => return Err(refuse(&output, &refused.to_string())),
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = Builder::new_multi_thread()
        .worker_threads(cores.div_ceil(4))
        // They read what workers answer.
        .thread_stack_size(THREAD_STACK + (512 << 10))
        .thread_name("sandtide-io")
        .enable_all()
        .build()?;
    let (supervisor, most) = match start(&runtime, settings, cores) {
        Ok(started) => started,
        Err(problem) => {
            let message = problem.message.clone();
            output.say(&FromHost::Failed { problem: *problem });
            return Err(HostError::Start(message));
        }
    };
    let layers = supervisor.layers();
    let layers = Layer::ALL.into_iter().filter(|layer| layers.has(*layer));
    output.say(&FromHost::Started {
        version: version.to_owned(),
        layers: layers.map(|layer| layer.name().to_owned()).collect(),
        most,
    });
    let session = Session {
        most,
        calls: Calls::new(Arc::clone(&output)),
        pools: Pools::start(supervisor.clone(), Arc::clone(&output))?,
        scripts: Arc::default(),
        costs: Costs::default(),
        supervisor,
        output,
        runtime,
    };
    let ended = session.listen(&mut input);
    // What is on ends with this process.
    session.runtime.shutdown_background();
    ended
}

fn refuse(output: &Output, message: &str) -> HostError {
    output.say(&FromHost::Failed { problem: Problem::new("ERR_PROTOCOL", message) });
    HostError::Protocol(message.to_owned())
}

/// Starts the workers' supervisor; with it, the most that a run can be given.
fn start(
    runtime: &Runtime,
    settings: HostSettings,
    cores: usize,
) -> Result<(Supervisor, Limits), Box<Problem>> {
    let HostSettings { heap, insecure_without, cgroup } = settings;
    let most = Limits {
        wall: HOUR,
        cpu: HOUR,
        heap: if heap == 0 { HEAP } else { usize::try_from(heap).unwrap_or(usize::MAX) },
        stack: 16 * MIB,
        output: 64 * MIB,
        logs: 16 * MIB,
        jobs: u32::MAX,
    };
    let without = insecure_without.iter().map(|name| {
        let found = Layer::ALL.into_iter().find(|layer| layer.name() == name);
        found.ok_or_else(|| {
            let all = Layer::ALL.map(Layer::name).join(", ");
            let message = format!("{name:?} is no layer of confinement; the layers are {all}");
            Box::new(Problem::new("ERR_INVALID_OPTION", message))
        })
    });
    let mut builder = Supervisor::builder()
        .workers(MOST_WORKERS as usize)
        .idle_workers(cores.max(2) * 2)
        .insecure_without(without.collect::<Result<Vec<_>, _>>()?)
        .limits(most);
    if let Some(cgroup) = cgroup {
        builder = builder.cgroup(PathBuf::from(cgroup));
    }
    let started = runtime.block_on(builder.start());
    let supervisor =
        started.map_err(|error| Box::new(Problem::new(error.code(), error.to_string())))?;
    Ok((supervisor, most))
}

struct Session {
    most: Limits,
    supervisor: Supervisor,
    output: Arc<Output>,
    calls: Arc<Calls>,
    pools: Arc<Pools>,
    scripts: Arc<Scripts>,
    /// Of sources that come with their runs.
    costs: Costs,
    runtime: Runtime,
}

impl Session {
    fn listen(&self, input: &mut Input) -> Result<(), HostError> {
        loop {
            let frame = match input.next() {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    return Err(refuse(&self.output, &error.to_string()));
                }
                // The program ended while it wrote.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let size = frame.len();
            let done = match ToHost::decode(frame) {
                Ok(message) => self.take(message, size),
                Err(refused) => Err(refused.to_string()),
            };
            done.map_err(|message| refuse(&self.output, &message))?;
        }
    }

    /// Does what a message asks for; the error is what is wrong with it.
    fn take(&self, message: ToHost, size: usize) -> Result<(), String> {
        match message {
            ToHost::Start { .. } => return Err("the host was started before".to_owned()),
            ToHost::Open { pool, workers } => {
                if !self.pools.open(pool, workers) {
                    return Err(format!("there is a pool {pool}"));
                }
            }
            ToHost::Close { pool } => self.pools.close(pool),
            ToHost::Compile { script, tenant, plan } => {
                if let Err(error) = self.check(&plan.limits) {
                    self.output.say(&FromHost::Refused { script, problem: error.into() });
                    return Ok(());
                }
                if !self.scripts.begin(script) {
                    return Err(format!("there is a script {script}"));
                }
                let (supervisor, output) = (self.supervisor.clone(), Arc::clone(&self.output));
                let (calls, scripts) = (Arc::clone(&self.calls), Arc::clone(&self.scripts));
                self.runtime.spawn(async move {
                    let message = match compile(&supervisor, &calls, script, tenant, *plan).await {
                        Ok((image, facts)) => {
                            let version = image.version().to_owned();
                            scripts.keep(script, image);
                            FromHost::Compiled { script, version, facts }
                        }
                        Err(error) => {
                            scripts.forget(script);
                            FromHost::Refused { script, problem: error.into() }
                        }
                    };
                    output.say(&message);
                });
            }
            ToHost::Forget { script } => self.scripts.forget(script),
            ToHost::Run { run, pool, script, tenant, request } => {
                self.run(run, pool, script, tenant.into(), *request, size);
            }
            ToHost::Cancel { run } => self.pools.cancel(run),
            ToHost::Reply { call, reply } => self.calls.reply(call, reply),
        }
        Ok(())
    }

    /// Refuses limits that are none, or more than there is: what is asked for is what holds.
    fn check(&self, limits: &Limits) -> Result<(), Error> {
        limits.validate()?;
        let Limits { heap, stack, output, logs, .. } = self.most;
        for (name, given, min, max) in [
            ("heap_bytes", limits.heap, MIN_HEAP, heap),
            ("stack_bytes", limits.stack, 32 << 10, stack),
            ("output_bytes", limits.output, 0, output),
            ("log_bytes", limits.logs, 0, logs),
        ] {
            if given > max {
                let (given, min, max) = (given as u64, min as u64, max as u64);
                return Err(Error::InvalidLimit { name, given, min, max });
            }
        }
        Ok(())
    }

    fn run(
        &self,
        number: u64,
        pool: u64,
        script: Option<u64>,
        tenant: Arc<str>,
        request: Request,
        size: usize,
    ) {
        let began = Stopwatch::start();
        if let Err(error) = self.check(&request.limits) {
            return self.pools.refuse(number, error.into());
        }
        let wall = request.limits.wall;
        let (key, of) = match (script, &request.source) {
            (None, None) => return self.pools.refuse(number, Error::NoScript.into()),
            (None, Some(source)) => {
                let hash = self.costs.hash(source.text.as_bytes());
                let cost = self.costs.of(&tenant, hash);
                (Key::AdHoc(hash), Of { image: self.supervisor.base(&tenant), cost })
            }
            (Some(script), _) => match self.scripts.get(script) {
                Some(found) => (Key::Named(script.to_string().into()), found.of(&tenant)),
                None => {
                    let message = format!("there is no script {script}: it was not compiled");
                    let problem = Problem::new("ERR_UNKNOWN_SCRIPT", message);
                    return self.pools.refuse(number, problem);
                }
            },
        };
        let Of { image, cost } = of;
        let run = Run::of_request(request).since(began);
        self.pools.run(Asked { number, pool, tenant, script: key, cost, image, run, wall, size });
    }
}
