//! What requests and answers have in them, by the names of the server's OpenAPI document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::error::Problem;

/// A script to deploy; all but the source may be left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Deploy {
    /// The script.
    pub source: String,
    /// Its name in stack traces; the script's name by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// `javascript`, `typescript`, `tsx` or `jsx`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Classic scripts that run before it, once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub setup: Vec<Setup>,
    /// Sources that it can import, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub modules: BTreeMap<String, String>,
    /// Globals of each run.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub globals: Map<String, Value>,
    /// The IANA time zone of its dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What each run may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// What a handler finds in `env`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub vars: Map<String, Value>,
    /// Secrets that it is given: their names in `env`, and the names they were set by.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, String>,
    /// Hosts that it may reach, where the server allows them too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow_net: Vec<String>,
    /// Functions that are carried out over HTTP, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tools: BTreeMap<String, Tool>,
    /// Whether a module's top level runs in each run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fresh: bool,
}

impl Deploy {
    /// A script with nothing else.
    pub fn new(source: impl Into<String>) -> Deploy {
        Deploy { source: source.into(), ..Deploy::default() }
    }
}

/// A script that runs once, before the one that is deployed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Setup {
    /// The script.
    pub source: String,
    /// Its name in stack traces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

impl Setup {
    /// A script without a name of its own.
    pub fn new(source: impl Into<String>) -> Setup {
        Setup { source: source.into(), file: None }
    }
}

/// Where a tool's calls are posted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Tool {
    /// Its address.
    pub url: String,
    /// How long a call may take, in ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

impl Tool {
    /// A tool at this address.
    pub fn new(url: impl Into<String>) -> Tool {
        Tool { url: url.into(), timeout_ms: None }
    }
}

/// What a run may take; what is left out is the script's or the server's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Limits {
    /// Wall time in ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_ms: Option<u64>,
    /// CPU time in ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_ms: Option<u64>,
    /// Bytes of the heap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heap_bytes: Option<u64>,
    /// Bytes of the stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack_bytes: Option<u64>,
    /// Bytes of what a run answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_bytes: Option<u64>,
    /// Bytes of its log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_bytes: Option<u64>,
    /// Promise jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs: Option<u64>,
}

/// What a run of a deployed script is given; all may be left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Run {
    /// What a module's function is called with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    /// Globals of a classic script.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub globals: Map<String, Value>,
    /// Which globals are answered too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub globals_back: Option<GlobalsBack>,
    /// What it may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// The IANA time zone of its dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// A clock that stands still, and a seed: the run repeats exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen: Option<Frozen>,
}

impl Run {
    /// A run that is given nothing.
    pub fn new() -> Run {
        Run::default()
    }

    /// With what a module's function is called with.
    pub fn input(mut self, input: impl Into<Value>) -> Run {
        self.input = Some(input.into());
        self
    }

    /// With a global.
    pub fn global(mut self, name: impl Into<String>, value: impl Into<Value>) -> Run {
        self.globals.insert(name.into(), value.into());
        self
    }
}

/// A run of a source that comes with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AdHocRun {
    /// The script.
    pub source: String,
    /// Its name in stack traces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// `javascript`, `typescript`, `tsx` or `jsx`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What the run is given.
    #[serde(flatten)]
    pub run: Run,
}

impl AdHocRun {
    /// A run that is given nothing but its source.
    pub fn new(source: impl Into<String>) -> AdHocRun {
        AdHocRun { source: source.into(), ..AdHocRun::default() }
    }
}

/// Which globals are answered beside the value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum GlobalsBack {
    /// All that the run made or changed.
    Changed,
    /// Those of these names.
    Named(Vec<String>),
}

impl Serialize for GlobalsBack {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            GlobalsBack::Changed => serializer.serialize_str("changed"),
            GlobalsBack::Named(names) => names.serialize(serializer),
        }
    }
}

/// What makes a run repeat exactly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Frozen {
    /// The seed of all its randomness.
    pub seed: u64,
    /// The time of its clock, in ms since 1970.
    pub now_ms: f64,
}

/// A version that was deployed or made active.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct Deployed {
    /// The script.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `classic`, `function`, `handler` or `other`.
    pub form: String,
    /// Bytes that the image takes.
    pub image_bytes: u64,
    /// Bytes of its heap.
    pub heap_bytes: u64,
    /// How long building it took, in ms.
    pub build_ms: f64,
}

/// A script, as lists have it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct Script {
    /// Its name.
    pub name: String,
    /// The version that runs are of.
    pub version: String,
    /// `classic`, `function`, `handler` or `other`.
    pub form: String,
    /// Its runs since the server started.
    pub runs: Runs,
}

/// How many runs there were.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct Runs {
    /// All of them.
    pub total: u64,
    /// Those that ended in an error.
    pub failed: u64,
}

/// A version, as lists have it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct Version {
    /// Which one.
    pub version: String,
    /// Whether runs are of it.
    pub active: bool,
    /// When it was deployed, in ms since 1970.
    pub deployed_ms: u64,
    /// By whom: `token ID`, say.
    pub deployed_by: String,
    /// Its share of the runs, in percent, where it is a canary.
    pub percent: Option<u8>,
}

/// What a run came to.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// The script's value.
    pub value: Value,
    /// What it logged.
    pub logs: Vec<LogLine>,
    /// What it took.
    pub usage: RunUsage,
    /// The globals that were asked for.
    #[serde(default)]
    pub globals: Map<String, Value>,
}

/// A line of a run's log.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct LogLine {
    /// `log`, `warn`, `error`, ….
    pub level: String,
    /// What was logged.
    pub text: String,
}

/// What a run took.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct RunUsage {
    /// Wall time in us.
    pub wall_us: u64,
    /// Of it, what building its image took.
    pub build_us: u64,
    /// CPU time in us.
    pub cpu_us: u64,
    /// The most bytes that its heap had.
    pub peak_heap_bytes: u64,
    /// Bytes that were put back after it.
    pub bytes_restored: u64,
    /// How long that took, in us.
    pub restore_us: u64,
    /// Promise jobs.
    pub jobs: u64,
    /// Bytes of what it answered.
    pub output_bytes: u64,
    /// Bytes of its log.
    pub log_bytes: u64,
}

/// A run that was started.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct AcceptedRun {
    /// What it is asked for by.
    pub id: String,
    /// Where that is, on the server.
    pub url: String,
}

/// A run that was started, as it is now.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct LaterRun {
    /// Which one.
    pub id: String,
    /// How far it is.
    pub state: RunState,
    /// The script's name, where it has one.
    pub script: Option<String>,
    /// The version that it is of.
    pub version: Option<String>,
    /// The status that it would have been answered with, once it is done.
    pub status: Option<u16>,
    /// `pending`, `delivered` or `failed`, where there is a callback.
    pub callback: Option<String>,
    pub(crate) outcome: Option<Value>,
}

/// How far a run is that was started.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RunState {
    /// It waits for a worker.
    Queued,
    /// It runs.
    Running,
    /// Its outcome is there.
    Done,
}

impl LaterRun {
    /// What it came to; `None` until it is done.
    ///
    /// # Errors
    /// What is there is neither an outcome nor a problem.
    pub fn outcome(&self) -> Option<Result<Result<Outcome, Problem>, serde_json::Error>> {
        let outcome = self.outcome.as_ref()?;
        Some(match outcome.get("code") {
            Some(_) => Problem::deserialize(outcome).map(Err),
            None => Outcome::deserialize(outcome).map(Ok),
        })
    }
}
