//! The table of operations: what each takes and may answer.

use serde_json::{Value, json};

use crate::page::{MOST, USUAL};

/// One method of one path.
pub(super) struct Operation {
    /// With its parameters in braces.
    pub(super) path: &'static str,
    pub(super) method: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Taken>,
    /// Where all goes well: by status, media types and schemas, which are named in `schemas`.
    pub(super) answers: Vec<(u16, &'static [(&'static str, &'static str)])>,
    /// Statuses of problems, beside those that any request may come to.
    pub(super) fails: Vec<u16>,
    /// Whether no token is ever needed.
    pub(super) open: bool,
}

pub(super) enum Parameter {
    /// One that several operations have, by its name in `schemas`.
    Shared(&'static str),
    Query(&'static str, Value),
}

/// The body of a request.
pub(super) struct Taken {
    pub(super) required: bool,
    pub(super) content: &'static [(&'static str, &'static str)],
}

/// Stands for every status that is not named.
pub(super) const DEFAULT: u16 = 0;

const JSON: &str = "application/json";
const SOURCES: &[(&str, &str)] = &[
    ("text/javascript", "string"),
    ("text/typescript", "string"),
    ("application/json", "AdHocRun"),
];
const DEPLOYS: &[(&str, &str)] =
    &[("text/javascript", "string"), ("text/typescript", "string"), ("application/json", "Deploy")];
const INPUTS: &[(&str, &str)] = &[
    ("application/json", "Run"),
    ("text/plain", "string"),
    ("application/octet-stream", "string"),
];
const SECRETS: &[(&str, &str)] = &[("text/plain", "string"), ("application/json", "Secret")];
/// With `?raw` the value itself.
const OUTCOMES: &[(&str, &str)] = &[
    ("application/json", "OutcomeOrValue"),
    ("text/plain", "string"),
    ("application/octet-stream", "string"),
];
const PROFILES: &[(&str, &str)] = &[
    ("application/json", ""),
    ("text/plain", "string"),
    ("application/octet-stream", "string"),
    ("image/svg+xml", "string"),
];

fn operation(
    method: &'static str,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
) -> Operation {
    let tenant = path.starts_with("/v1/").then_some(Parameter::Shared("Tenant"));
    Operation {
        path,
        method,
        id,
        summary,
        parameters: tenant.into_iter().collect(),
        body: None,
        answers: Vec::new(),
        fails: Vec::new(),
        open: false,
    }
}

impl Operation {
    fn open(self) -> Self {
        Self { open: true, parameters: Vec::new(), ..self }
    }

    fn shared(mut self, names: &[&'static str]) -> Self {
        self.parameters.extend(names.iter().map(|name| Parameter::Shared(name)));
        self
    }

    fn query(mut self, name: &'static str, schema: Value) -> Self {
        self.parameters.push(Parameter::Query(name, schema));
        self
    }

    fn paged(self) -> Self {
        let limit = json!({"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL});
        self.query("limit", limit).query("cursor", json!({"type": "string"}))
    }

    fn takes(self, content: &'static [(&'static str, &'static str)]) -> Self {
        Self { body: Some(Taken { required: true, content }), ..self }
    }

    fn may_take(self, content: &'static [(&'static str, &'static str)]) -> Self {
        Self { body: Some(Taken { required: false, content }), ..self }
    }

    fn answers(mut self, status: u16, content: &'static [(&'static str, &'static str)]) -> Self {
        self.answers.push((status, content));
        self
    }

    fn fails(mut self, statuses: &[u16]) -> Self {
        self.fails.extend(statuses);
        self
    }
}

pub(super) fn operations() -> Vec<Operation> {
    let of = operation;
    let seconds = || json!({"type": "integer", "minimum": 1, "maximum": 600});
    let script = "/v1/scripts/{name}";
    let canary = "/v1/scripts/{name}/canary";
    let schedule = "/v1/scripts/{name}/schedules/{schedule}";
    let profiled = |path, id, summary| {
        of("POST", path, id, summary)
            .query("seconds", seconds())
            .query("format", json!({"enum": ["cpuprofile", "pprof", "folded", "svg"]}))
            .query("interval", json!({"type": "integer", "minimum": 100, "maximum": 100_000}))
            .answers(200, PROFILES)
            .fails(&[409, 422])
    };
    let handled = |method, id| {
        of(method, "/h/{name}/{path}", id, "Has a script answer as it likes")
            .shared(&["Tenant", "CanaryKey"])
            .answers(DEFAULT, &[("*/*", "string")])
    };
    vec![
        of("GET", "/healthz", "health", "How the server is")
            .open()
            .answers(200, &[(JSON, "Health")]),
        of("GET", "/livez", "live", "Whether the server answers")
            .open()
            .answers(200, &[(JSON, "Status")]),
        of("GET", "/readyz", "ready", "Whether the server can do what it is for")
            .open()
            .answers(200, &[(JSON, "Status")])
            .answers(503, &[(JSON, "Status")]),
        of("GET", "/metrics", "metrics", "What is counted, for Prometheus")
            .answers(200, &[("application/openmetrics-text", "string")])
            .fails(&[422]),
        of("GET", "/v1/openapi.json", "openapi", "This document")
            .open()
            .answers(200, &[(JSON, "")]),
        of("GET", "/v1/docs", "docs", "This document as a page")
            .open()
            .answers(200, &[("text/html", "string")]),
        of("GET", "/v1/usage", "usage", "What a tenant has, or what was used over time")
            .query("tenant", json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}))
            .query("script", json!({"type": "string"}))
            .query("from", json!({"type": "integer", "minimum": 0}))
            .query("to", json!({"type": "integer", "minimum": 1}))
            .query("step", json!({"enum": ["minute", "hour", "day"]}))
            .query("format", json!({"enum": ["json", "csv"]}))
            .answers(200, &[(JSON, "UsageNowOrOverTime"), ("text/csv", "string")])
            .fails(&[422]),
        of("GET", "/v1/scripts", "listScripts", "A tenant's scripts")
            .paged()
            .answers(200, &[(JSON, "Scripts")])
            .fails(&[422]),
        of("GET", script, "getScript", "A script with its source")
            .shared(&["IfMatch", "IfNoneMatch"])
            .answers(200, &[(JSON, "WholeScript")])
            .answers(304, &[])
            .fails(&[412, 422]),
        of("PUT", script, "deploy", "Deploys a script")
            .shared(&["IfMatch", "IfNoneMatch", "IdempotencyKey"])
            .query("file", json!({"type": "string"}))
            .query("canary", json!({"type": "integer", "minimum": 1, "maximum": 99}))
            .takes(DEPLOYS)
            .answers(200, &[(JSON, "Deployed")])
            .answers(201, &[(JSON, "Deployed")])
            .fails(&[409, 412, 422, 429, 507]),
        of("DELETE", script, "removeScript", "Removes a script with all its versions")
            .shared(&["IfMatch"])
            .answers(204, &[])
            .fails(&[409, 412]),
        of("POST", "/v1/scripts/{name}/runs", "run", "Runs a script")
            .shared(&["IdempotencyKey", "CanaryKey"])
            .query("raw", json!({"type": "string"}))
            .query("async", json!({"type": "string"}))
            .query("callback", json!({"type": "string", "format": "uri"}))
            .answers(202, &[(JSON, "AcceptedRun")])
            .may_take(INPUTS)
            .answers(200, OUTCOMES)
            .fails(&[422, 429]),
        of("POST", "/v1/runs", "runSource", "Runs a source that comes with the request")
            .shared(&["IdempotencyKey"])
            .query("raw", json!({"type": "string"}))
            .query("async", json!({"type": "string"}))
            .query("callback", json!({"type": "string", "format": "uri"}))
            .answers(202, &[(JSON, "AcceptedRun")])
            .takes(SOURCES)
            .answers(200, OUTCOMES)
            .fails(&[422, 429]),
        of("GET", "/v1/runs/{id}", "getRun", "What became of an asynchronous run")
            .answers(200, &[(JSON, "LaterRun")])
            .fails(&[422]),
        of(
            "DELETE",
            "/v1/runs/{id}",
            "cancelRun",
            "Cancels an asynchronous run, or forgets its outcome",
        )
        .answers(204, &[]),
        of(
            "GET",
            "/v1/scripts/{name}/versions",
            "listVersions",
            "A script's versions, the last first",
        )
        .paged()
        .answers(200, &[(JSON, "Versions")])
        .fails(&[422]),
        of("GET", "/v1/scripts/{name}/versions/{version}", "getVersion", "A version's source")
            .shared(&["IfMatch", "IfNoneMatch"])
            .answers(200, &[(JSON, "Source")])
            .answers(304, &[])
            .fails(&[412, 422]),
        of(
            "POST",
            "/v1/scripts/{name}/versions/{version}/activate",
            "activate",
            "Has a version answer from now on",
        )
        .shared(&["IfMatch"])
        .answers(200, &[(JSON, "Deployed")])
        .fails(&[409, 412, 422, 429, 507]),
        of("POST", "/v1/scripts/{name}/rollback", "rollBack", "Goes back to the former version")
            .shared(&["IfMatch"])
            .answers(200, &[(JSON, "Deployed")])
            .fails(&[409, 412, 422, 429, 507]),
        of("GET", canary, "getCanary", "What a script's canary and its active version came to")
            .answers(200, &[(JSON, "Canary")])
            .fails(&[422]),
        of("PUT", canary, "setCanary", "Gives a version a share of the runs beside the active one")
            .shared(&["IfMatch"])
            .takes(&[(JSON, "NewCanary")])
            .answers(200, &[(JSON, "Canary")])
            .fails(&[409, 412, 422, 429, 507]),
        of("DELETE", canary, "endCanary", "Has the active version get all runs again")
            .shared(&["IfMatch"])
            .answers(204, &[])
            .fails(&[409, 412]),
        of("GET", "/v1/scripts/{name}/schedules", "listSchedules", "A script's schedules")
            .paged()
            .answers(200, &[(JSON, "Schedules")])
            .fails(&[422]),
        of("GET", schedule, "getSchedule", "A schedule with its last runs")
            .answers(200, &[(JSON, "Schedule")])
            .fails(&[422]),
        of("PUT", schedule, "setSchedule", "Has a script run at the times of a cron expression")
            .takes(&[(JSON, "NewSchedule")])
            .answers(200, &[(JSON, "Schedule")])
            .answers(201, &[(JSON, "Schedule")])
            .fails(&[409, 422]),
        of("DELETE", schedule, "removeSchedule", "Removes a schedule").answers(204, &[]),
        profiled("/v1/scripts/{name}/profile", "profileScript", "Samples the runs of a script"),
        profiled("/v1/profile", "profileAll", "Samples all runs of a tenant"),
        of("GET", "/v1/scripts/{name}/memory", "memory", "What a script's runs took of memory")
            .answers(200, &[(JSON, "Memory")])
            .fails(&[422]),
        of("POST", "/v1/scripts/{name}/heap-snapshot", "heapSnapshot", "Takes a heap snapshot")
            .query("of", json!({"enum": ["image", "limit"]}))
            .query("seconds", seconds())
            .answers(200, &[(JSON, "")])
            .fails(&[409, 422]),
        of("POST", "/v1/scripts/{name}/debug", "debug", "Has the script's next run debugged")
            .query("seconds", seconds())
            .query("stop", json!({"type": "string"}))
            .answers(201, &[(JSON, "DebugSession")])
            .fails(&[409, 422]),
        of("GET", "/v1/secrets", "listSecrets", "A tenant's secrets, without their values")
            .paged()
            .answers(200, &[(JSON, "Secrets")])
            .fails(&[422]),
        of("PUT", "/v1/secrets/{secret}", "setSecret", "Sets a secret for all scripts of a tenant")
            .takes(SECRETS)
            .answers(201, &[])
            .answers(204, &[])
            .fails(&[409]),
        of("DELETE", "/v1/secrets/{secret}", "removeSecret", "Removes a secret").answers(204, &[]),
        of(
            "GET",
            "/v1/scripts/{name}/secrets",
            "listScriptSecrets",
            "A script's secrets, without their values",
        )
        .paged()
        .answers(200, &[(JSON, "Secrets")])
        .fails(&[422]),
        of(
            "PUT",
            "/v1/scripts/{name}/secrets/{secret}",
            "setScriptSecret",
            "Sets a secret for one script",
        )
        .takes(SECRETS)
        .answers(201, &[])
        .answers(204, &[])
        .fails(&[409]),
        of(
            "DELETE",
            "/v1/scripts/{name}/secrets/{secret}",
            "removeScriptSecret",
            "Removes a secret of a script",
        )
        .answers(204, &[]),
        of("GET", "/v1/tokens", "listTokens", "All tokens, without their secrets")
            .paged()
            .answers(200, &[(JSON, "Tokens")])
            .fails(&[422]),
        of("POST", "/v1/tokens", "createToken", "Makes a token, and tells it this once")
            .takes(&[(JSON, "NewToken")])
            .answers(201, &[(JSON, "Token")]),
        of("DELETE", "/v1/tokens/{id}", "revokeToken", "Revokes a token").answers(204, &[]),
        of("GET", "/v1/quotas", "listQuotas", "The quotas of tenants")
            .paged()
            .answers(200, &[(JSON, "Quotas")])
            .fails(&[422]),
        of("PUT", "/v1/quotas/{tenant}", "setQuota", "Sets what a tenant may take at most")
            .takes(&[(JSON, "Quota")])
            .answers(200, &[(JSON, "QuotaOf")]),
        of("DELETE", "/v1/quotas/{tenant}", "removeQuota", "Takes a tenant's quota away")
            .answers(204, &[]),
        of("GET", "/v1/audit", "audit", "Who changed what, the newest first")
            .paged()
            .answers(200, &[(JSON, "Audit")])
            .fails(&[422]),
        of("GET", "/v1/errors", "errors", "What runs ended in lately, the newest first")
            .query("script", json!({"type": "string"}))
            .query("limit", json!({"type": "integer", "minimum": 1, "maximum": 100}))
            .answers(200, &[(JSON, "Failures")])
            .fails(&[422]),
        of("GET", "/v1/events", "events", "What happens, as server-sent events")
            .shared(&["LastEventId"])
            .query("tenant", json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}))
            .answers(200, &[("text/event-stream", "string")]),
        of("GET", "/v1/tenants", "tenants", "The tenants that have scripts")
            .answers(200, &[(JSON, "Tenants")])
            .fails(&[422]),
        handled("GET", "handleGet"),
        handled("POST", "handlePost").may_take(&[("*/*", "string")]),
        handled("PUT", "handlePut").may_take(&[("*/*", "string")]),
        handled("PATCH", "handlePatch").may_take(&[("*/*", "string")]),
        handled("DELETE", "handleDelete").may_take(&[("*/*", "string")]),
        handled("OPTIONS", "handleOptions").may_take(&[("*/*", "string")]),
    ]
}
