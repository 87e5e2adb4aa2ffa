//! What requests carry: the JSON bodies, and how they become a [`Run`] or an image. Values for the
//! script stay the raw bytes of the request until they are parsed into the heap of the run.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use sandtide::{
    Deployment, Form, Frozen, GlobalsBack, Image, Language, Limits, Run, ScriptOptions, Value,
    check_time_zone,
};
use sandtide_store::{SecretValue, Store, Who};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::value::RawValue;

use crate::{
    error::ApiError,
    handlers::{Fresh, GrantsBody, MAX_GRANTS, MAX_TOOLS, Net, ToolBody},
    json::{Items, Members, Object, distinct, given, items},
    memory::Memory,
    names::Tenant,
    place::{Origin, Place, Shown},
    snapshots::Trap,
    store::{Deployed, History, Room},
};

/// How many globals a body may give or ask back, and how many modules. Each costs time before the
/// run's own limits hold.
const MAX_NAMES: usize = 4_096;
/// How many set-up scripts an image may have.
const MAX_SETUP: usize = 256;

/// Limits as the API spells them; what is left out is taken from elsewhere.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsBody {
    #[serde(default, deserialize_with = "given")]
    wall_ms: Option<u64>,
    #[serde(default, deserialize_with = "given")]
    cpu_ms: Option<u64>,
    #[serde(default, deserialize_with = "given")]
    heap_bytes: Option<usize>,
    #[serde(default, deserialize_with = "given")]
    stack_bytes: Option<usize>,
    #[serde(default, deserialize_with = "given")]
    output_bytes: Option<usize>,
    #[serde(default, deserialize_with = "given")]
    log_bytes: Option<usize>,
    #[serde(default, deserialize_with = "given")]
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

/// Which globals the answer is to have.
enum GlobalsBackBody {
    Changed,
    Named(Vec<String>),
}

impl<'de> Deserialize<'de> for GlobalsBackBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Which;
        impl<'de> Visitor<'de> for Which {
            type Value = GlobalsBackBody;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`globals_back` as \"changed\" or an array of names")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                match text {
                    "changed" => Ok(GlobalsBackBody::Changed),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let names: Vec<String> = items(&mut seq, MAX_NAMES, PhantomData)?;
                distinct(names.iter().map(|name| &**name))?;
                Ok(GlobalsBackBody::Named(names))
            }
        }
        deserializer.deserialize_any(Which)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrozenBody {
    seed: u64,
    now_ms: f64,
}

/// Body of `POST /v1/scripts/{name}/runs`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunBody<'a> {
    #[serde(borrow, default)]
    globals: Members<&'a RawValue, MAX_NAMES>,
    /// `null` is told from no input at all.
    #[serde(borrow, default, deserialize_with = "given")]
    input: Option<&'a RawValue>,
    #[serde(default)]
    limits: Object<LimitsBody>,
    #[serde(default, deserialize_with = "given")]
    globals_back: Option<GlobalsBackBody>,
    #[serde(default, deserialize_with = "given")]
    frozen: Option<Object<FrozenBody>>,
    #[serde(default, deserialize_with = "given")]
    time_zone: Option<String>,
}

/// Body of `POST /v1/runs`: the same, with the source. (`flatten` would buffer the values, so the
/// fields are repeated.)
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdHocBody<'a> {
    source: String,
    #[serde(default, deserialize_with = "given")]
    file: Option<String>,
    #[serde(default, deserialize_with = "given")]
    language: Option<LanguageBody>,
    #[serde(borrow, default)]
    globals: Members<&'a RawValue, MAX_NAMES>,
    #[serde(borrow, default, deserialize_with = "given")]
    input: Option<&'a RawValue>,
    #[serde(default)]
    limits: Object<LimitsBody>,
    #[serde(default, deserialize_with = "given")]
    globals_back: Option<GlobalsBackBody>,
    #[serde(default, deserialize_with = "given")]
    frozen: Option<Object<FrozenBody>>,
    #[serde(default, deserialize_with = "given")]
    time_zone: Option<String>,
}

/// The file name that stack traces of an ad hoc source show when none is given.
fn ad_hoc_file(language: Option<Language>) -> String {
    format!("adhoc.{}", ending(language))
}

/// What a source is written in.
struct LanguageBody(Language);

impl<'de> Deserialize<'de> for LanguageBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Language::named(&name).map(Self).ok_or_else(|| {
            de::Error::custom(format!(
                "`language` is javascript, typescript, tsx or jsx, and not {name:?}"
            ))
        })
    }
}

/// What the name of a source ends in that was given none.
fn ending(language: Option<Language>) -> &'static str {
    match language {
        None | Some(Language::JavaScript) => "js",
        Some(Language::TypeScript) => "ts",
        Some(Language::Tsx) => "tsx",
        Some(Language::Jsx) => "jsx",
    }
}

/// A source's name and what it is written in.
fn options(file: &str, language: Option<Language>) -> ScriptOptions {
    let options = ScriptOptions::new().file(file);
    match language {
        Some(language) => options.language(language),
        None => options,
    }
}

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

    /// The run's limits, those that it leaves out and the highest being `cap`.
    pub(crate) fn limits(&self, cap: &Limits) -> Result<Limits, ApiError> {
        self.limits.0.within(cap)
    }

    pub(crate) fn into_run(self, form: Option<Form>, limits: Limits) -> Result<Run, ApiError> {
        let mut run = Run::new().limits(limits);
        for (name, json) in self.globals.0 {
            run = run.global_json(name, json.get());
        }
        if let Some(json) = self.input {
            run = Input::Json(json.get().into()).give(run, form)?;
        }
        match self.globals_back {
            Some(GlobalsBackBody::Changed) => {
                run = run.globals_back(GlobalsBack::Changed);
            }
            Some(GlobalsBackBody::Named(names)) => {
                run = run.globals_back(GlobalsBack::Named(names));
            }
            None => {}
        }
        if let Some(Object(FrozenBody { seed, now_ms })) = self.frozen {
            run = run.frozen(Frozen { seed, now_ms });
        }
        if let Some(name) = self.time_zone {
            check_time_zone(&name)?;
            run = run.time_zone(name);
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

    pub(crate) fn source(&self) -> &[u8] {
        self.source.as_bytes()
    }

    /// The run's limits, those that it leaves out and the highest being `cap`.
    pub(crate) fn limits(&self, cap: &Limits) -> Result<Limits, ApiError> {
        self.limits.0.within(cap)
    }

    pub(crate) fn into_run(self, within: Limits) -> Result<Run, ApiError> {
        let Self {
            source,
            file,
            language,
            globals,
            input,
            limits,
            globals_back,
            frozen,
            time_zone,
        } = self;
        let body = RunBody { globals, input, limits, globals_back, frozen, time_zone };
        let run = body.into_run(None, within)?;
        let language = language.map(|LanguageBody(language)| language);
        let file = file.unwrap_or_else(|| ad_hoc_file(language));
        Ok(run.source(source, options(&file, language)))
    }
}

/// A run of a body that is a source.
pub(crate) fn run_of_source(body: &[u8], language: Option<Language>) -> Result<Run, ApiError> {
    let source = text(body, "the source")?;
    Ok(Run::new().source(source, options(&ad_hoc_file(language), language)))
}

/// A request body that is the script's input itself.
pub(crate) enum Input {
    Json(Vec<u8>),
    Text(Vec<u8>),
    Bytes(Vec<u8>),
}

impl Input {
    /// A function gets the input as its argument; a classic script reads it as the global `input`.
    pub(crate) fn give(self, run: Run, form: Option<Form>) -> Result<Run, ApiError> {
        let classic = form == Some(Form::Classic);
        let value = match self {
            Self::Json(json) if classic => return Ok(run.global_json("input", json)),
            Self::Json(json) => return Ok(run.input_json(json)),
            Self::Text(body) => Value::String(String::from_utf8(body).map_err(|error| {
                ApiError::InvalidRequest(format!("the input is not UTF-8: {error}"))
            })?),
            Self::Bytes(body) => Value::Bytes(body),
        };
        Ok(if classic { run.global("input", value) } else { run.input(value) })
    }
}

/// Body of `PUT /v1/scripts/{name}`: a script and all it is built with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeployBody {
    source: String,
    #[serde(default, deserialize_with = "given")]
    file: Option<String>,
    #[serde(default, deserialize_with = "given")]
    language: Option<LanguageBody>,
    #[serde(default)]
    setup: Items<SetupBody, MAX_SETUP>,
    #[serde(default)]
    modules: Members<String, MAX_NAMES>,
    #[serde(default)]
    globals: Members<Box<RawValue>, MAX_NAMES>,
    #[serde(default)]
    limits: Object<LimitsBody>,
    #[serde(default, deserialize_with = "given")]
    time_zone: Option<String>,
    #[serde(default)]
    vars: Members<Box<RawValue>, MAX_GRANTS>,
    #[serde(default)]
    secrets: Items<String, MAX_GRANTS>,
    #[serde(default)]
    allow_net: Items<String, MAX_GRANTS>,
    #[serde(default)]
    tools: Members<Object<ToolBody>, MAX_TOOLS>,
    #[serde(default)]
    fresh: bool,
}

struct SetupBody {
    source: String,
    file: Option<String>,
}

impl<'de> Deserialize<'de> for SetupBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Named {
            source: String,
            #[serde(default, deserialize_with = "given")]
            file: Option<String>,
        }
        struct Item;
        impl<'de> Visitor<'de> for Item {
            type Value = SetupBody;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an item of `setup` as a string, or {\"source\", \"file\"}")
            }
            fn visit_str<E: de::Error>(self, source: &str) -> Result<Self::Value, E> {
                self.visit_string(source.to_owned())
            }
            fn visit_string<E: de::Error>(self, source: String) -> Result<Self::Value, E> {
                Ok(SetupBody { source, file: None })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let Named { source, file } = Named::deserialize(MapAccessDeserializer::new(map))?;
                Ok(SetupBody { source, file })
            }
        }
        deserializer.deserialize_any(Item)
    }
}

/// Bytes that a deployed script counts beside its texts.
const BYTES_OF_A_SCRIPT: usize = 4 << 10;
/// Bytes that each value of a global, and each set-up script, counts beside its text.
const BYTES_OF_A_VALUE: usize = 64;

impl DeployBody {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        parse(body)
    }

    pub(crate) fn of_source(
        body: &[u8],
        file: Option<String>,
        language: Option<Language>,
    ) -> Result<Self, ApiError> {
        Ok(Self {
            source: text(body, "the source")?.to_owned(),
            file,
            language: language.map(LanguageBody),
            setup: Items::default(),
            modules: Members::default(),
            globals: Members::default(),
            limits: Object::default(),
            time_zone: None,
            vars: Members::default(),
            secrets: Items::default(),
            allow_net: Items::default(),
            tools: Members::default(),
            fresh: false,
        })
    }

    /// About how many bytes the script takes while it is deployed, other than what was sent. Of its source
    /// there is one copy to be shown and one to be built from.
    pub(crate) fn bytes_held(&self) -> usize {
        let named = |name: &Option<String>| name.as_ref().map_or(0, String::len);
        let setup = self.setup.0.iter();
        let setup = setup.map(|setup| setup.source.len() + named(&setup.file) + BYTES_OF_A_VALUE);
        let modules = self.modules.0.iter().map(|(name, source)| name.len() + source.len());
        let globals = self.globals.0.iter().map(|(name, json)| {
            // There are at most as many values as characters that begin or separate values, those
            // in strings included.
            let begins = |byte: &u8| matches!(byte, b'[' | b'{' | b',' | b':');
            let values = 1 + json.get().bytes().filter(begins).count();
            name.len() + json.get().len() + values * BYTES_OF_A_VALUE
        });
        BYTES_OF_A_SCRIPT
            + 2 * self.source.len()
            + named(&self.file)
            + named(&self.time_zone)
            + self.bytes_of_grants()
            + setup.chain(modules).chain(globals).sum::<usize>()
    }

    fn bytes_of_grants(&self) -> usize {
        let vars = self.vars.0.iter().map(|(name, json)| name.len() + 2 * json.get().len());
        // Each may be as large as secrets are.
        let secrets = self.secrets.0.iter().map(|name| name.len() + SecretValue::MAX_BYTES);
        let tools = self.tools.0.iter().map(|(name, Object(tool))| name.len() + tool.bytes());
        let hosts = self.allow_net.0.iter().map(String::len);
        let each = self.vars.0.len() + self.secrets.0.len() + self.tools.0.len();
        vars.chain(secrets).chain(tools).chain(hosts).sum::<usize>() + each * BYTES_OF_A_VALUE
    }

    /// The script itself, and its name in stack traces.
    pub(crate) fn shown(&self, name: &str) -> Shown {
        let language = self.language.as_ref().map(|LanguageBody(language)| *language);
        let file = self.file.clone().unwrap_or_else(|| format!("{name}.{}", ending(language)));
        Shown { file: file.into(), text: self.source.as_str().into() }
    }

    /// Compiles the script and runs its set-up: takes time and executes script code.
    pub(crate) fn build(
        self,
        (place, net, store): (&Place, &Net, &dyn Store),
        tenant: Tenant,
        (name, origin): (&str, Origin),
        cap: &Limits,
        room: Arc<Room>,
        (memory, trap): (Arc<Memory>, Arc<Trap>),
    ) -> Result<Deployed, ApiError> {
        let limits = self.limits.0.within(cap)?;
        let language = self.language.as_ref().map(|LanguageBody(language)| *language);
        let source = self.shown(name);
        let granted = GrantsBody {
            vars: self.vars,
            secrets: self.secrets,
            allow_net: self.allow_net,
            tools: self.tools,
            fresh: self.fresh,
        };
        let who = || Who { tenant: tenant.to_string(), script: name.to_owned() };
        let open = |names| store.open_secrets(who(), names).wait();
        let granted = granted.check(net, (tenant.name(), name), open)?;
        let mut image = Image::builder().build_limits(*cap);
        if let Some(name) = self.time_zone {
            check_time_zone(&name)?;
            image = image.time_zone(name);
        }
        for (name, json) in self.globals.0 {
            image = image.global(name, Value::from_json(json.get())?);
        }
        for (specifier, source) in self.modules.0 {
            image = image.module(specifier, source);
        }
        for (at, SetupBody { source, file }) in self.setup.0.into_iter().enumerate() {
            let file = file.unwrap_or_else(|| format!("setup-{}.js", at + 1));
            image = image.setup(source, ScriptOptions::new().file(file));
        }
        let deployment = granted.grant(Deployment::new(&**tenant.name()).image(image));
        let deployment = match origin {
            Origin::New => deployment,
            Origin::Kept => deployment.kept(),
        };
        let options = options(&source.file, language);
        // A script that runs whole each time is built once for its form and its version.
        let built = place.deploy(deployment.clone().script(&*self.source, options.clone()))?;
        let version = granted.version(built.version());
        let form = built.form();
        if granted.env.is_given() && form != Form::Handler {
            return Err(ApiError::InvalidRequest(
                "`vars` and `secrets` are what handlers are given as `env`, and this script is none"
                    .to_owned(),
            ));
        }
        let (built, fresh) = match granted.fresh {
            true => {
                // Its image is the same whatever the script is, which losses of workers are laid to.
                let deployment = match built.known_as() {
                    Some(name) => deployment.known_as(name),
                    None => deployment,
                };
                (place.deploy(deployment)?, Some(Fresh { form, options }))
            }
            false => (built, None),
        };
        Ok(Deployed {
            tenant,
            name: name.into(),
            version,
            source,
            built,
            env: granted.env,
            fresh,
            limits,
            reach: granted.reach,
            history: History::default(),
            memory,
            trap,
            cost: Arc::default(),
            room,
        })
    }
}

/// The runs that `body` asks for, read as each kind of request there is: the way in for the fuzz
/// target, with no server around it.
#[doc(hidden)]
#[must_use]
pub fn runs_of_body(body: &[u8], cap: &Limits) -> Vec<Run> {
    let of_body = |form| {
        let body = RunBody::parse(body)?;
        let limits = body.limits(cap)?;
        body.into_run(Some(form), limits)
    };
    let ad_hoc = || {
        let body = AdHocBody::parse(body)?;
        let limits = body.limits(cap)?;
        body.into_run(limits)
    };
    // A deployment is only read: building it would run its sources, which other targets do.
    let _deployment = DeployBody::parse(body);
    [
        of_body(Form::Function),
        of_body(Form::Classic),
        ad_hoc(),
        run_of_source(body, None).map(|run| run.limits(*cap)),
        Input::Json(body.into()).give(Run::new().limits(*cap), Some(Form::Function)),
        Input::Text(body.into()).give(Run::new().limits(*cap), Some(Form::Classic)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, ApiError> {
    match serde_json::from_slice(body) {
        Ok(Object(body)) => Ok(body),
        Err(error) => Err(ApiError::InvalidRequest(format!("the body is refused: {error}"))),
    }
}

fn text<'a>(body: &'a [u8], what: &str) -> Result<&'a str, ApiError> {
    std::str::from_utf8(body)
        .map_err(|error| ApiError::InvalidRequest(format!("{what} is not UTF-8: {error}")))
}
