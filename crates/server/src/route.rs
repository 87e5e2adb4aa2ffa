//! Which path is which route, what each is called, and which methods it takes. Knows nothing of what routes
//! do.

use percent_encoding::percent_decode_str;

use crate::{
    error::ApiError,
    http1::{HANDLERS, Method},
    ui::Asset,
};

/// What a path is about.
pub(crate) enum Route {
    Health,
    Live,
    Ready,
    Metrics,
    OpenApi,
    /// The same as a page.
    Docs,
    Usage,
    /// A file of the web page.
    Page(&'static Asset),
    Errors,
    Events,
    Tenants,
    Scripts,
    Script(String),
    ScriptRuns(String),
    AdHocRuns,
    /// One that is asynchronous.
    Run(String),
    Versions(String),
    /// One version of a script.
    Version(String, String),
    Activate(String, String),
    RollBack(String),
    /// The version that has a share of a script's runs.
    Canary(String),
    Schedules(String),
    /// One schedule of a script.
    Schedule(String, String),
    /// Of the tenant, or of one of its scripts.
    Secrets(Option<String>),
    Secret(Option<String>, String),
    Tokens,
    Token(String),
    Audit,
    Quotas,
    /// A tenant's.
    Quota(String),
    /// Of one script, or of all that runs.
    Profile(Option<String>),
    Memory(String),
    HeapSnapshot(String),
    Debug(String),
    /// A script's own, and what of the path follows its name.
    Handler(String, String),
}

impl Route {
    pub(crate) fn of(path: &str) -> Result<Self, ApiError> {
        let nothing = || ApiError::NotFound(path.to_owned());
        match path {
            "/healthz" => return Ok(Self::Health),
            "/livez" => return Ok(Self::Live),
            "/readyz" => return Ok(Self::Ready),
            "/metrics" => return Ok(Self::Metrics),
            "/v1/openapi.json" => return Ok(Self::OpenApi),
            "/v1/docs" => return Ok(Self::Docs),
            "/v1/usage" => return Ok(Self::Usage),
            "/v1/errors" => return Ok(Self::Errors),
            "/v1/events" => return Ok(Self::Events),
            "/v1/tenants" => return Ok(Self::Tenants),
            "/v1/scripts" => return Ok(Self::Scripts),
            "/v1/runs" => return Ok(Self::AdHocRuns),
            "/v1/profile" => return Ok(Self::Profile(None)),
            "/v1/secrets" => return Ok(Self::Secrets(None)),
            "/v1/tokens" => return Ok(Self::Tokens),
            "/v1/audit" => return Ok(Self::Audit),
            "/v1/quotas" => return Ok(Self::Quotas),
            _ => {}
        }
        if let Some(asset) = Asset::at(path) {
            return Ok(Self::Page(asset));
        }
        if let Some(id) = path.strip_prefix("/v1/runs/").filter(|id| !id.is_empty()) {
            return Ok(Self::Run(id.to_owned()));
        }
        if let Some(id) = path.strip_prefix("/v1/tokens/").filter(|id| !id.is_empty()) {
            return Ok(Self::Token(id.to_owned()));
        }
        if let Some(name) = path.strip_prefix("/v1/secrets/").filter(|name| !name.is_empty()) {
            return Ok(Self::Secret(None, name.to_owned()));
        }
        if let Some(tenant) = path.strip_prefix("/v1/quotas/").filter(|tenant| !tenant.is_empty()) {
            return Ok(Self::Quota(tenant.to_owned()));
        }
        if let Some(rest) = path.strip_prefix(HANDLERS) {
            let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
            return Ok(Self::Handler(decoded(name)?, format!("/{rest}")));
        }
        let rest = path.strip_prefix("/v1/scripts/").ok_or_else(nothing)?;
        let parts: Vec<&str> = rest.splitn(5, '/').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(nothing());
        }
        let name = decoded(parts[0])?;
        Ok(match parts[1..] {
            [] => Self::Script(name),
            ["runs"] => Self::ScriptRuns(name),
            ["profile"] => Self::Profile(Some(name)),
            ["memory"] => Self::Memory(name),
            ["heap-snapshot"] => Self::HeapSnapshot(name),
            ["debug"] => Self::Debug(name),
            ["rollback"] => Self::RollBack(name),
            ["canary"] => Self::Canary(name),
            ["schedules"] => Self::Schedules(name),
            ["schedules", id] => Self::Schedule(name, decoded(id)?),
            ["secrets"] => Self::Secrets(Some(name)),
            // What is no name of a secret is refused by the store.
            ["secrets", secret] => Self::Secret(Some(name), secret.to_owned()),
            ["versions"] => Self::Versions(name),
            // What is no version is known by none being kept of that name.
            ["versions", version] => Self::Version(name, version.to_owned()),
            ["versions", version, "activate"] => Self::Activate(name, version.to_owned()),
            _ => return Err(nothing()),
        })
    }

    /// As metrics and the log name it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Health => "healthz",
            Self::Live => "livez",
            Self::Ready => "readyz",
            Self::Metrics => "metrics",
            Self::OpenApi => "openapi",
            Self::Docs => "docs",
            Self::Usage => "usage",
            Self::Page(_) => "page",
            Self::Errors => "errors",
            Self::Events => "events",
            Self::Tenants => "tenants",
            Self::Scripts => "scripts",
            Self::Script(_) => "script",
            Self::ScriptRuns(_) => "run",
            Self::AdHocRuns => "ad-hoc-run",
            Self::Run(_) => "asynchronous-run",
            Self::Versions(_) => "versions",
            Self::Version(..) => "version",
            Self::Activate(..) => "activate",
            Self::RollBack(_) => "rollback",
            Self::Canary(_) => "canary",
            Self::Schedules(_) => "schedules",
            Self::Schedule(..) => "schedule",
            Self::Secrets(_) => "secrets",
            Self::Secret(..) => "secret",
            Self::Tokens => "tokens",
            Self::Token(_) => "token",
            Self::Audit => "audit",
            Self::Quotas => "quotas",
            Self::Quota(_) => "quota",
            Self::Profile(_) => "profile",
            Self::Memory(_) => "memory",
            Self::HeapSnapshot(_) => "heap-snapshot",
            Self::Debug(_) => "debug",
            Self::Handler(..) => "handler",
        }
    }

    /// The script that it is about.
    pub(crate) fn script(&self) -> Option<&str> {
        match self {
            Self::Script(name)
            | Self::ScriptRuns(name)
            | Self::Versions(name)
            | Self::Version(name, _)
            | Self::Activate(name, _)
            | Self::RollBack(name)
            | Self::Canary(name)
            | Self::Schedules(name)
            | Self::Schedule(name, _)
            | Self::Secrets(Some(name))
            | Self::Secret(Some(name), _)
            | Self::Profile(Some(name))
            | Self::Memory(name)
            | Self::HeapSnapshot(name)
            | Self::Debug(name)
            | Self::Handler(name, _) => Some(name),
            _ => None,
        }
    }

    /// Whether a request changes what is kept.
    pub(crate) fn changes(&self, method: &Method) -> bool {
        match self {
            Self::Script(_)
            | Self::Canary(_)
            | Self::Schedule(..)
            | Self::Secret(..)
            | Self::Tokens
            | Self::Token(_)
            | Self::Quota(_) => !method.only_reads(),
            Self::Activate(..) | Self::RollBack(_) => true,
            _ => false,
        }
    }

    pub(crate) fn methods(&self) -> &'static str {
        match self {
            Self::Health
            | Self::Live
            | Self::Ready
            | Self::Metrics
            | Self::OpenApi
            | Self::Docs
            | Self::Usage
            | Self::Page(_)
            | Self::Errors
            | Self::Events
            | Self::Tenants
            | Self::Scripts
            | Self::Secrets(_)
            | Self::Schedules(_)
            | Self::Audit
            | Self::Quotas
            | Self::Memory(_)
            | Self::Versions(_)
            | Self::Version(..) => "GET, HEAD",
            Self::Tokens => "GET, HEAD, POST",
            Self::Token(_) => "DELETE",
            Self::Run(_) => "GET, HEAD, DELETE",
            Self::Handler(..) => "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
            Self::Secret(..) | Self::Quota(_) => "PUT, DELETE",
            Self::Script(_) | Self::Canary(_) | Self::Schedule(..) => "GET, HEAD, PUT, DELETE",
            Self::ScriptRuns(_)
            | Self::AdHocRuns
            | Self::Activate(..)
            | Self::RollBack(_)
            | Self::Profile(_)
            | Self::HeapSnapshot(_)
            | Self::Debug(_) => "POST",
        }
    }
}

/// A script's name as a path has it.
fn decoded(name: &str) -> Result<String, ApiError> {
    let name = percent_decode_str(name).decode_utf8();
    Ok(name.map_err(|_| ApiError::InvalidName("(not UTF-8)".to_owned()))?.into_owned())
}
