//! What requests carry: the JSON bodies, and how they become a [`Run`] or an image. Values for the
//! script stay the raw bytes of the request until they are parsed into the heap of the run.

use std::{fmt, marker::PhantomData, time::Duration};

use sandtide::{Form, Frozen, GlobalsBack, Image, Limits, Run, Script, ScriptOptions, Value};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::error::ApiError;

/// Limits as the API spells them; what is left out is taken from elsewhere.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LimitsBody {
    wall_ms: Option<u64>,
    cpu_ms: Option<u64>,
    heap_bytes: Option<usize>,
    stack_bytes: Option<usize>,
    output_bytes: Option<usize>,
    log_bytes: Option<usize>,
    jobs: Option<u32>,
}

impl LimitsBody {
    /// These limits, with `cap` for those left out, and none of them above `cap`.
    pub(crate) fn within(self, cap: &Limits) -> Result<Limits, ApiError> {
        let asked = Limits {
            wall: self.wall_ms.map_or(cap.wall, Duration::from_millis),
            cpu: self.cpu_ms.map_or(cap.cpu, Duration::from_millis),
            heap: self.heap_bytes.unwrap_or(cap.heap),
            stack: self.stack_bytes.unwrap_or(cap.stack),
            output: self.output_bytes.unwrap_or(cap.output),
            logs: self.log_bytes.unwrap_or(cap.logs),
            jobs: self.jobs.unwrap_or(cap.jobs),
        };
        let limits = asked.capped(cap);
        limits.validate()?;
        Ok(limits)
    }
}

impl From<&Limits> for LimitsBody {
    fn from(limits: &Limits) -> Self {
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            wall_ms: Some(milliseconds(limits.wall)),
            cpu_ms: Some(milliseconds(limits.cpu)),
            heap_bytes: Some(limits.heap),
            stack_bytes: Some(limits.stack),
            output_bytes: Some(limits.output),
            log_bytes: Some(limits.logs),
            jobs: Some(limits.jobs),
        }
    }
}

/// A JSON object as its members in order, each value still text. A name given twice is refused:
/// which one was meant cannot be known.
#[derive(Debug)]
struct Members<T>(Vec<(String, T)>);

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Collect<T> {
            type Value = Members<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(String, T)> = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                // Sorted, as a hostile body can hold a million names.
                let mut names: Vec<&str> = members.iter().map(|(name, _)| &**name).collect();
                names.sort_unstable();
                if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
                    let name = pair[0];
                    return Err(A::Error::custom(format_args!("`{name}` is given twice")));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect(PhantomData))
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "`globals_back` is \"changed\" or an array of names")]
enum GlobalsBackBody {
    Changed(Changed),
    Named(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Changed {
    Changed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrozenBody {
    seed: u64,
    now_ms: f64,
}

/// Body of `POST /v1/scripts/{name}/runs`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RunBody<'a> {
    #[serde(borrow)]
    globals: Members<&'a RawValue>,
    #[serde(borrow, deserialize_with = "given")]
    input: Option<&'a RawValue>,
    limits: LimitsBody,
    globals_back: Option<GlobalsBackBody>,
    frozen: Option<FrozenBody>,
}

/// Body of `POST /v1/runs`: the same, with the source. (`flatten` would buffer the values, so the
/// fields are repeated.)
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdHocBody<'a> {
    source: String,
    file: Option<String>,
    #[serde(borrow, default)]
    globals: Members<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "given")]
    input: Option<&'a RawValue>,
    #[serde(default)]
    limits: LimitsBody,
    #[serde(default)]
    globals_back: Option<GlobalsBackBody>,
    #[serde(default)]
    frozen: Option<FrozenBody>,
}

/// The file name that stack traces of an ad hoc source show when none is given.
const AD_HOC_FILE: &str = "adhoc.js";

impl<'a> RunBody<'a> {
    /// Reads the body; an empty one asks for a run with nothing given.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ApiError> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        parse(body)
    }

    pub(crate) fn wants_globals(&self) -> bool {
        self.globals_back.is_some()
    }

    pub(crate) fn into_run(self, form: Option<Form>, cap: &Limits) -> Result<Run, ApiError> {
        let mut run = Run::new().limits(self.limits.within(cap)?);
        for (name, json) in self.globals.0 {
            run = run.global_json(name, json.get());
        }
        if let Some(json) = self.input {
            run = Input::Json(json.get().as_bytes()).give(run, form)?;
        }
        match self.globals_back {
            Some(GlobalsBackBody::Changed(Changed::Changed)) => {
                run = run.globals_back(GlobalsBack::Changed);
            }
            Some(GlobalsBackBody::Named(names)) => {
                run = run.globals_back(GlobalsBack::Named(names));
            }
            None => {}
        }
        if let Some(FrozenBody { seed, now_ms }) = self.frozen {
            run = run.frozen(Frozen { seed, now_ms });
        }
        Ok(run)
    }
}

impl<'a> AdHocBody<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ApiError> {
        parse(body)
    }

    pub(crate) fn wants_globals(&self) -> bool {
        self.globals_back.is_some()
    }

    pub(crate) fn into_run(self, cap: &Limits) -> Result<Run, ApiError> {
        let Self { source, file, globals, input, limits, globals_back, frozen } = self;
        let run = RunBody { globals, input, limits, globals_back, frozen }.into_run(None, cap)?;
        Ok(run.source(source, ScriptOptions::new().file(file.as_deref().unwrap_or(AD_HOC_FILE))))
    }
}

/// A run of a body that is JavaScript.
pub(crate) fn run_of_source(body: &[u8], cap: &Limits) -> Result<Run, ApiError> {
    let source = text(body, "the source")?;
    Ok(Run::new().limits(*cap).source(source, ScriptOptions::new().file(AD_HOC_FILE)))
}

/// A request body that is the script's input itself.
pub(crate) enum Input<'a> {
    Json(&'a [u8]),
    Text(&'a [u8]),
    Bytes(&'a [u8]),
}

impl Input<'_> {
    /// A function gets the input as its argument; a classic script reads it as the global `input`.
    pub(crate) fn give(self, run: Run, form: Option<Form>) -> Result<Run, ApiError> {
        let classic = form == Some(Form::Classic);
        let value = match self {
            Self::Json(json) if classic => return Ok(run.global_json("input", json)),
            Self::Json(json) => return Ok(run.input_json(json)),
            Self::Text(body) => Value::String(text(body, "the input")?.to_owned()),
            Self::Bytes(body) => Value::Bytes(body.to_vec()),
        };
        Ok(if classic { run.global("input", value) } else { run.input(value) })
    }
}

/// Body of `PUT /v1/scripts/{name}`: a script and all it is built with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeployBody {
    source: String,
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    setup: Vec<SetupBody>,
    #[serde(default)]
    modules: Members<String>,
    #[serde(default)]
    globals: Members<Box<RawValue>>,
    #[serde(default)]
    limits: LimitsBody,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "an item of `setup` is a string, or {\"source\", \"file\"?}")]
enum SetupBody {
    Source(String),
    Named(NamedSource),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedSource {
    source: String,
    file: Option<String>,
}

/// What [`DeployBody::build`] made.
pub(crate) struct Built {
    pub(crate) source: String,
    pub(crate) file: String,
    pub(crate) form: Form,
    pub(crate) image: Image,
    pub(crate) limits: Limits,
}

impl DeployBody {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        parse(body)
    }

    pub(crate) fn of_source(body: &[u8], file: Option<String>) -> Result<Self, ApiError> {
        Ok(Self {
            source: text(body, "the source")?.to_owned(),
            file,
            setup: Vec::new(),
            modules: Members::default(),
            globals: Members::default(),
            limits: LimitsBody::default(),
        })
    }

    /// Compiles the script and runs its set-up: takes time and executes script code.
    pub(crate) fn build(self, name: &str, cap: &Limits) -> Result<Built, ApiError> {
        let limits = self.limits.within(cap)?;
        let file = self.file.unwrap_or_else(|| format!("{name}.js"));
        let script =
            Script::compile(&*self.source, ScriptOptions::new().file(&*file).limits(*cap))?;
        let mut image = Image::builder().build_limits(*cap);
        for (name, json) in self.globals.0 {
            image = image.global(name, Value::from_json(json.get())?);
        }
        for (specifier, source) in self.modules.0 {
            image = image.module(specifier, source);
        }
        for (at, setup) in self.setup.into_iter().enumerate() {
            let (source, file) = match setup {
                SetupBody::Source(source) => (source, None),
                SetupBody::Named(NamedSource { source, file }) => (source, file),
            };
            let file = file.unwrap_or_else(|| format!("setup-{}.js", at + 1));
            image = image.setup(source, ScriptOptions::new().file(file));
        }
        let image = image.script(&script).build()?;
        Ok(Built { source: self.source, file, form: script.form(), image, limits })
    }
}

/// The runs that `body` asks for, read as each kind of request there is: the way in for the fuzz
/// target, with no server around it.
#[doc(hidden)]
#[must_use]
pub fn runs_of_body(body: &[u8], cap: &Limits) -> Vec<Run> {
    let of_body = |form| RunBody::parse(body).and_then(|body| body.into_run(Some(form), cap));
    // A deployment is read only: building it takes a workshop, and its sources run as others do.
    let _deployment = DeployBody::parse(body);
    [
        of_body(Form::Function),
        of_body(Form::Classic),
        AdHocBody::parse(body).and_then(|body| body.into_run(cap)),
        run_of_source(body, cap),
        Input::Json(body).give(Run::new().limits(*cap), Some(Form::Function)),
        Input::Text(body).give(Run::new().limits(*cap), Some(Form::Classic)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Keeps a `null` that was given apart from nothing given.
fn given<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, ApiError> {
    // An array would be taken for the members in their order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(ApiError::InvalidRequest("the body is refused: it is no JSON object".into()));
    }
    serde_json::from_slice(body)
        .map_err(|error| ApiError::InvalidRequest(format!("the body is refused: {error}")))
}

fn text<'a>(body: &'a [u8], what: &str) -> Result<&'a str, ApiError> {
    std::str::from_utf8(body)
        .map_err(|error| ApiError::InvalidRequest(format!("{what} is not UTF-8: {error}")))
}
