//! What the engine's test suites share, where a confined worker runs what they ask for: the same names
//! as in the engine's own `tests/common`.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sandtide::{Deployment, ImageBuilder, Run, Runs, ScriptOptions};
use sandtide_engine::{
    EntryPoint, Error, Exception, HostFunction, Input, InstanceConfig, Limits, Outcome, Plan,
    Request, Source, Value,
};
use sandtide_supervisor::{DeployedImage, Supervisor};
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("a runtime")
});
static SUPERVISOR: LazyLock<Supervisor> = LazyLock::new(|| start(Limits::default()));
static NEXT: AtomicU64 = AtomicU64::new(0);

pub(crate) fn supervisor() -> &'static Supervisor {
    &SUPERVISOR
}

/// Workers that may take as long and as much as any test asks for.
fn start(limits: Limits) -> Supervisor {
    let limits = Limits {
        stack: 8 << 20,
        output: 64 << 20,
        logs: 64 << 20,
        jobs: u32::MAX,
        ..within(limits)
    };
    let builder = Supervisor::builder()
        .program(env!("CARGO_BIN_EXE_sandtide-confined-suite"))
        .workers(16)
        .idle_workers(16)
        // A machine that is busy lets a worker notice late what time it is.
        .grace(Duration::from_secs(5))
        .limits(limits);
    block_on(builder.start()).expect("workers can be confined here")
}

fn within(limits: Limits) -> Limits {
    Limits { wall: Duration::from_secs(600), cpu: Duration::from_secs(600), ..limits }
}

fn block_on<F: Future>(future: F) -> F::Output {
    RUNTIME.block_on(future)
}

/// Limits that no test hits by accident, on a machine however busy.
pub(crate) fn generous() -> Limits {
    Limits { wall: Duration::from_secs(60), cpu: Duration::from_secs(60), ..Limits::default() }
}

/// Generous but for the wall time, which is soon over.
pub(crate) fn short() -> Limits {
    Limits { wall: Duration::from_millis(60), ..generous() }
}

/// A plan with nothing in it yet, and generous limits.
pub(crate) fn plan() -> Plan {
    Plan { limits: generous(), ..Plan::default() }
}

/// A request for a run of the image's own script.
pub(crate) fn request() -> Request {
    Request { limits: generous(), ..Request::default() }
}

/// A request that brings its own source.
pub(crate) fn ad_hoc(source: &str) -> Request {
    Request { source: Some(Source::new("test.js", source)), ..request() }
}

/// Modules by name.
pub(crate) fn modules(list: &[(&str, &str)]) -> Arc<BTreeMap<String, String>> {
    Arc::new(list.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
}

/// A worker of its own, by a tenant of its own.
pub(crate) struct Confined {
    supervisor: Supervisor,
    tenant: String,
}

impl Confined {
    pub(crate) fn build(&mut self, plan: &Plan) -> Result<DeployedImage, Error> {
        let image = ImageBuilder::of_plan(plan.clone());
        block_on(self.supervisor.deploy(Deployment::new(&self.tenant).image(image)))
    }

    /// What deploying a source says of it whose form nobody names.
    pub(crate) fn check(&mut self, source: &Source, _: &Limits) -> Result<DeployedImage, Error> {
        let options = ScriptOptions::new().file(source.file.clone());
        let script = Deployment::new(&self.tenant).script(source.text.to_string(), options);
        block_on(self.supervisor.deploy(script))
    }

    pub(crate) fn run(&mut self, image: &DeployedImage, request: &Request) -> Outcome {
        let outcome = block_on(self.supervisor.run(image, Run::of_request(request.clone())));
        // Nothing that the engine's tests do may end a worker.
        if let Err(Error::WorkerLost { cause }) = &outcome.result {
            panic!("{request:?}: {cause}");
        }
        outcome
    }

    pub(crate) fn base(&self) -> DeployedImage {
        self.supervisor.base(&self.tenant)
    }
}

/// A worker and one of its images.
pub(crate) struct Bench {
    pub(crate) instance: Confined,
    pub(crate) image: DeployedImage,
}

impl Bench {
    /// A worker at its base image.
    pub(crate) fn base() -> Bench {
        Bench::of_supervisor(SUPERVISOR.clone())
    }

    /// A worker with an arena of this size.
    pub(crate) fn with(config: InstanceConfig) -> Bench {
        Bench::of_supervisor(start(Limits { heap: config.heap, ..Limits::default() }))
    }

    fn of_supervisor(supervisor: Supervisor) -> Bench {
        let tenant = format!("bench-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let instance = Confined { supervisor, tenant };
        let image = instance.base();
        Bench { instance, image }
    }

    /// A worker with the image of a plan.
    pub(crate) fn of(plan: &Plan) -> Bench {
        let mut bench = Bench::base();
        bench.image = bench.instance.build(plan).expect("an image");
        bench
    }

    /// A classic script after a set-up.
    pub(crate) fn classic(setup: &str, script: &str) -> Bench {
        Bench::of(&Plan {
            setup: vec![Source::new("setup.js", setup)],
            entry: EntryPoint::Classic(Source::new("script.js", script)),
            ..plan()
        })
    }

    /// A module whose default export is called.
    pub(crate) fn function(source: &str) -> Bench {
        Bench::of(&Plan { entry: EntryPoint::Module(Source::new("main.js", source)), ..plan() })
    }

    /// Sources are given with the run; these host functions are there.
    pub(crate) fn hosts(hosts: Vec<HostFunction>) -> Bench {
        Bench::of(&Plan { hosts, ..plan() })
    }

    pub(crate) fn run(&mut self, request: &Request) -> Outcome {
        self.instance.run(&self.image, request)
    }

    /// The value of a source given with the run.
    pub(crate) fn eval(&mut self, source: &str) -> Value {
        let outcome = self.run(&ad_hoc(source));
        outcome.result.unwrap_or_else(|error| panic!("{source}: {error:?}"))
    }

    /// The error of a source given with the run.
    pub(crate) fn error(&mut self, source: &str) -> Error {
        match self.run(&ad_hoc(source)).result {
            Ok(value) => panic!("{source}: answered {value:?}"),
            Err(error) => error,
        }
    }

    /// The exception that a source given with the run ends with.
    pub(crate) fn exception(&mut self, source: &str) -> Exception {
        match self.error(source) {
            Error::Exception(exception) => *exception,
            other => panic!("{source}: {other:?}"),
        }
    }

    /// The value of the image's function, called with `input`.
    pub(crate) fn call(&mut self, input: impl Into<Value>) -> Value {
        let outcome = self.run(&with_input(input));
        outcome.result.unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// What a source given with the run logs.
    pub(crate) fn logs(&mut self, source: &str) -> Vec<String> {
        self.run(&ad_hoc(source)).logs.into_iter().map(|line| line.text).collect()
    }

    /// That the worker runs as if nothing had been before.
    pub(crate) fn assert_sound(&mut self) {
        let base = self.instance.base();
        let sum = "[1, 2, 3].map((x) => x * 2).join() + JSON.stringify({a: [/x/.test('x')]})";
        let outcome = self.instance.run(&base, &ad_hoc(sum));
        assert_eq!(outcome.result, Ok(r#"2,4,6{"a":[true]}"#.into()));
    }
}

/// A request for a call with this input.
pub(crate) fn with_input(input: impl Into<Value>) -> Request {
    Request { input: Some(Input::Value(input.into())), ..request() }
}

/// A value's array items.
pub(crate) fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        other => panic!("not an array: {other:?}"),
    }
}

/// A value's text.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value:?}"))
}
