//! What a deploy grants a script beside its source: an environment, a network, tools; and whether its module level runs
//! each time. Knows nothing of HTTP.

use std::{fmt, sync::Arc, time::Duration};

use sandtide::{Deployment, Form, HostFunction, Run, ScriptOptions, Value};
use sandtide_net::{Hosts, NetError, Network, Rules, SpanSink, Tool};
use sandtide_store::{SecretValue, StoreError, check_secret_name};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::{
    error::ApiError,
    json::{Items, Members, Object, given},
    network::NetworkConfig,
};

/// Variables, secrets and hosts that one deploy may name, each.
pub(crate) const MAX_GRANTS: usize = 256;
/// Tools that one deploy may name: each has an account of its own in a run.
pub(crate) const MAX_TOOLS: usize = 16;
/// Bytes of JSON of all variables: each run that has begun holds a copy of what they are.
const MOST_OF_VARS: usize = 256 << 10;
/// How long a call of a tool may take where the deploy says nothing, and at most.
const TOOL_TIME: Duration = Duration::from_secs(10);
const MOST_TOOL_TIME: Duration = Duration::from_secs(60);

/// The network that scripts of this server may be granted.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    network: Network,
    /// What scripts may reach at most.
    allowed: Hosts,
    /// Where tools may be.
    tools: Hosts,
}

impl Net {
    /// To be called within the runtime that makes connections.
    pub(crate) fn new(config: &NetworkConfig, spans: Option<&SpanSink>) -> Result<Net, NetError> {
        let runtime = tokio::runtime::Handle::current();
        let mut network = Network::new(runtime).limits(config.limits);
        if let Some(spans) = spans {
            network = network.spans(spans.clone());
        }
        if let Some(pem) = &config.authorities {
            network = network.trusting(pem)?;
        }
        Ok(Net { network, allowed: config.allowed.clone(), tools: config.tools.clone() })
    }
}

impl Net {
    /// What makes connections.
    pub(crate) fn network(&self) -> &Network {
        &self.network
    }
}

/// The members of a deploy's body.
#[derive(Default)]
pub(crate) struct GrantsBody {
    pub(crate) vars: Members<Box<RawValue>, MAX_GRANTS>,
    pub(crate) secrets: Items<String, MAX_GRANTS>,
    pub(crate) allow_net: Items<String, MAX_GRANTS>,
    pub(crate) tools: Members<Object<ToolBody>, MAX_TOOLS>,
    pub(crate) fresh: bool,
}

/// Where a tool is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolBody {
    url: String,
    #[serde(default, deserialize_with = "given")]
    timeout_ms: Option<u64>,
}

/// What a handler is given as `env`. Nothing shows it: secrets are in it.
#[derive(Clone, Default)]
pub(crate) struct Env {
    value: Arc<Vec<(String, Value)>>,
    has_secrets: bool,
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Env")
    }
}

impl ToolBody {
    /// Bytes of its texts.
    pub(crate) fn bytes(&self) -> usize {
        self.url.len()
    }
}

impl Env {
    /// Whether the deploy gave anything.
    pub(crate) fn is_given(&self) -> bool {
        !self.value.is_empty()
    }

    pub(crate) fn value(&self) -> Value {
        Value::Object((*self.value).clone())
    }

    pub(crate) fn has_secrets(&self) -> bool {
        self.has_secrets
    }
}

/// A script that comes with each of its runs, so that its module level runs each time.
pub(crate) struct Fresh {
    pub(crate) form: Form,
    pub(crate) options: ScriptOptions,
}

impl Fresh {
    pub(crate) fn brings(&self, run: Run, source: &str) -> Run {
        run.source(source, self.options.clone())
    }
}

/// What was granted, checked.
pub(crate) struct Granted {
    pub(crate) env: Env,
    pub(crate) fresh: bool,
    /// Where the script may go, if anywhere.
    pub(crate) reach: Option<Rules>,
    functions: Vec<HostFunction>,
    /// What of it makes another version; what secrets are does not, which ones does.
    digest: Option<String>,
}

impl GrantsBody {
    /// What it grants a script of this name, within what the operator allows. What secrets are is asked of `open`.
    pub(crate) fn check(
        self,
        net: &Net,
        (tenant, script): (&str, &str),
        open: impl FnOnce(Vec<String>) -> Result<Vec<SecretValue>, StoreError>,
    ) -> Result<Granted, ApiError> {
        let mut digest = Sha256::new();
        let mut part = |bytes: &str| {
            digest.update((bytes.len() as u64).to_le_bytes());
            digest.update(bytes);
        };
        let plain = self.vars.0.is_empty()
            && self.secrets.0.is_empty()
            && self.allow_net.0.is_empty()
            && self.tools.0.is_empty()
            && !self.fresh;
        let mut env = Vec::with_capacity(self.vars.0.len() + self.secrets.0.len());
        part(&self.vars.0.len().to_string());
        let of_vars = self.vars.0.iter().map(|(name, json)| name.len() + json.get().len());
        if of_vars.sum::<usize>() > MOST_OF_VARS {
            return Err(ApiError::InvalidRequest(format!(
                "`vars` have more than the {MOST_OF_VARS} bytes that they may: put data into a module"
            )));
        }
        for (name, json) in &self.vars.0 {
            part(name);
            part(json.get());
            env.push((name.clone(), Value::from_json(json.get())?));
        }
        let has_secrets = !self.secrets.0.is_empty();
        for name in &self.secrets.0 {
            check_secret_name(name)?;
            part(name);
            if env.iter().any(|(other, _)| other == name) {
                return Err(ApiError::InvalidRequest(format!(
                    "`{name}` stands twice among `vars` and `secrets`: give it in one of them"
                )));
            }
            env.push((name.clone(), Value::Undefined));
        }
        if has_secrets {
            let first = self.vars.0.len();
            for ((_, value), secret) in env[first..].iter_mut().zip(open(self.secrets.0)?) {
                *value = Value::String(secret.reveal().to_owned());
            }
        }
        let mut functions = Vec::new();
        let hosts = self.allow_net.0.join(",");
        part(&hosts);
        let wanted = hosts
            .parse::<Hosts>()
            .map_err(|error| ApiError::InvalidRequest(format!("`allow_net`: {error}")))?;
        if let Some(host) = net.allowed.lacks(&wanted) {
            return Err(ApiError::NetNotAllowed { host, flag: "--allow-net" });
        }
        let reach = (!wanted.is_empty()).then(|| Rules::new(wanted).within(net.allowed.clone()));
        functions.extend(reach.clone().map(|rules| net.network.fetch(rules)));
        for (name, Object(ToolBody { url, timeout_ms })) in self.tools.0 {
            let time = timeout_ms.map_or(TOOL_TIME, Duration::from_millis);
            part(&name);
            part(&url);
            part(&time.as_millis().to_string());
            functions.push(tool(net, &name, &url, time, (tenant, script))?);
        }
        part(if self.fresh { "fresh" } else { "" });
        let digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Ok(Granted {
            env: Env { value: Arc::new(env), has_secrets },
            fresh: self.fresh,
            reach,
            functions,
            digest: (!plain).then_some(digest),
        })
    }
}

fn tool(
    net: &Net,
    name: &str,
    url: &str,
    time: Duration,
    (tenant, script): (&str, &str),
) -> Result<HostFunction, ApiError> {
    let bad = |why: String| ApiError::InvalidRequest(format!("the tool `{name}`: {why}"));
    let mut letters = name.bytes();
    let begins = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$');
    let is_name = letters.next().is_some_and(begins)
        && letters.all(|byte| begins(byte) || byte.is_ascii_digit())
        && name.len() <= 64;
    if !is_name {
        return Err(bad(
            "its name is that of a function: 1 to 64 of A-Z a-z 0-9 _ $, no digit first".to_owned(),
        ));
    }
    if time.is_zero() || time > MOST_TOOL_TIME {
        let most = MOST_TOOL_TIME.as_millis();
        return Err(bad(format!("`timeout_ms` is 1 to {most}")));
    }
    let rules = Rules::new(net.tools.clone());
    let made = Tool::new(url, time)
        .and_then(|tool| tool.header("sandtide-tenant", tenant))
        .and_then(|tool| tool.header("sandtide-script", script))
        .map_err(|error| bad(error.to_string()))?;
    if made.check(&rules).is_err() {
        return Err(ApiError::NetNotAllowed { host: url.to_owned(), flag: "--allow-tools" });
    }
    Ok(net.network.tool(name, made, rules))
}

impl Granted {
    /// The deployment with its functions.
    pub(crate) fn grant(&self, deployment: Deployment) -> Deployment {
        self.functions.iter().cloned().fold(deployment, Deployment::grant)
    }

    /// The name of a version whose image has this one: what was granted makes another one.
    pub(crate) fn version(&self, image: &str) -> Arc<str> {
        let Some(digest) = &self.digest else { return image.into() };
        let whole = Sha256::new().chain_update(image).chain_update(digest).finalize();
        whole.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
    }
}
