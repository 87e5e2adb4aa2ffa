//! What operations share: parameters, schemas and the codes of problems.

use serde_json::{Map, Value, json};

/// The codes of problems by status.
pub(super) const PROBLEMS: &[(u16, &[&str])] = &[
    (400, &["ERR_INVALID_REQUEST", "ERR_INVALID_NAME", "ERR_INVALID_TENANT", "ERR_INVALID_JSON"]),
    (
        400,
        &[
            "ERR_INVALID_LIMIT",
            "ERR_INVALID_CLOCK",
            "ERR_INVALID_TIME_ZONE",
            "ERR_INVALID_LABEL",
            "ERR_INVALID_SECRET",
        ],
    ),
    (400, &["ERR_MALFORMED_REQUEST"]),
    (401, &["ERR_TOKEN_MISSING", "ERR_TOKEN_INVALID"]),
    (403, &["ERR_TOKEN_NOT_ALLOWED", "ERR_TENANT_OF_TOKEN", "ERR_HOST_NOT_ALLOWED"]),
    (403, &["ERR_ORIGIN_NOT_ALLOWED", "ERR_DEBUG_NOT_ALLOWED", "ERR_NO_SECRET_KEY"]),
    (403, &["ERR_SCRIPT_HAS_SECRETS", "ERR_NET_NOT_ALLOWED"]),
    (
        404,
        &["ERR_NOT_FOUND", "ERR_SCRIPT_NOT_FOUND", "ERR_VERSION_NOT_FOUND", "ERR_TOKEN_NOT_FOUND"],
    ),
    (404, &["ERR_NOT_A_HANDLER", "ERR_CANARY_NOT_FOUND", "ERR_SCHEDULE_NOT_FOUND"]),
    (
        404,
        &[
            "ERR_QUOTA_NOT_FOUND",
            "ERR_RUN_NOT_FOUND",
            "ERR_NO_RUN_AT_LIMIT",
            "ERR_SECRET_NOT_FOUND",
        ],
    ),
    (405, &["ERR_METHOD_NOT_ALLOWED"]),
    (408, &["ERR_HEAD_TIMEOUT", "ERR_BODY_TIMEOUT"]),
    (
        409,
        &[
            "ERR_VERSION_CHANGED",
            "ERR_NO_FORMER_VERSION",
            "ERR_PROFILE_UNDER_WAY",
            "ERR_SNAPSHOT_UNDER_WAY",
            "ERR_DEBUG_UNDER_WAY",
            "ERR_TOO_MANY_SECRETS",
            "ERR_TOO_MANY_SCHEDULES",
        ],
    ),
    (412, &["ERR_PRECONDITION_FAILED"]),
    (413, &["ERR_BODY_TOO_LARGE"]),
    (415, &["ERR_UNSUPPORTED_MEDIA_TYPE"]),
    (417, &["ERR_EXPECTATION"]),
    (
        422,
        &[
            "ERR_SYNTAX",
            "ERR_EXCEPTION",
            "ERR_WALL_TIME_LIMIT",
            "ERR_CPU_TIME_LIMIT",
            "ERR_HEAP_LIMIT",
            "ERR_STACK_LIMIT",
            "ERR_OUTPUT_LIMIT",
            "ERR_LOG_LIMIT",
            "ERR_JOB_LIMIT",
            "ERR_NEVER_SETTLED",
            "ERR_NOT_CROSSABLE",
            "ERR_NO_DEFAULT_EXPORT",
            "ERR_MODULE_NOT_FOUND",
            "ERR_NO_SCRIPT",
            "ERR_WRONG_FORM",
            "ERR_HOST_PANIC",
            "ERR_ANSWER_TOO_LARGE",
            "ERR_IDEMPOTENCY_KEY_REUSED",
        ],
    ),
    (
        429,
        &[
            "ERR_QUOTA_RUN_RATE",
            "ERR_QUOTA_CONCURRENT_RUNS",
            "ERR_QUOTA_CPU",
            "ERR_QUOTA_SCRIPTS",
            "ERR_QUOTA_SCRIPT_BYTES",
        ],
    ),
    (431, &["ERR_HEAD_TOO_LARGE"]),
    (
        500,
        &[
            "ERR_INTERNAL",
            "ERR_SYSTEM",
            "ERR_WORKER_LOST",
            "ERR_HEAP_CORRUPTED",
            "ERR_BASE_IMAGE",
            "ERR_STORE_DAMAGED",
        ],
    ),
    (501, &["ERR_TRANSFER_CODING"]),
    (
        503,
        &[
            "ERR_QUEUE_FULL",
            "ERR_QUEUE_TIME_LIMIT",
            "ERR_BYTES_IN_FLIGHT",
            "ERR_CANCELLED",
            "ERR_ENDING",
            "ERR_STORE",
            "ERR_STORE_UNAVAILABLE",
            "ERR_SCRIPT_QUARANTINED",
            "ERR_DEBUG_PORT",
            "ERR_SECRET_KEY",
        ],
    ),
    (505, &["ERR_HTTP_VERSION"]),
    (507, &["ERR_TOO_MANY_SCRIPTS", "ERR_SCRIPT_BYTES"]),
];

pub(super) fn parameters() -> Value {
    let header = |name: &str, what: &str, schema: Value| json!({"name": name, "in": "header", "description": what, "schema": schema});
    let text = |pattern: &str| json!({"type": "string", "pattern": pattern});
    json!({
        "Tenant": header(
            "sandtide-tenant",
            "Whose request it is: that of the token, or `default`, without it",
            text("^[A-Za-z0-9._-]{1,64}$"),
        ),
        "IfMatch": header(
            "if-match",
            "Only where the script's active version is one of these entity tags; * for any",
            text("^(\\*|\"[!#-~]*\")$"),
        ),
        "IfNoneMatch": header(
            "if-none-match",
            "Only where the script's active version is none of these entity tags; * for where there is none",
            text("^(\\*|(W/)?\"[!#-~]*\")$"),
        ),
        "CanaryKey": header(
            "sandtide-canary-key",
            "Runs of one key are all given one version where another one has a share",
            json!({"type": "string"}),
        ),
        "LastEventId": header(
            "last-event-id",
            "The last event that the client had; those after it come",
            json!({"type": "string"}),
        ),
        "IdempotencyKey": header(
            "idempotency-key",
            "The same deploy with the same key is carried out once in a day, the same asynchronous run as long as its outcome is kept",
            text("^[!-~]{1,255}$"),
        ),
        // No patterns: what is not as the recommendation has it is dropped, and the request answered all the same.
        "TraceParent": header(
            "traceparent",
            "The client's place in a trace, as the W3C's Trace Context has it: what the request causes is part of that trace",
            json!({"type": "string", "examples": ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]}),
        ),
        "TraceState": header(
            "tracestate",
            "What others keep with that trace; passed on with it",
            json!({"type": "string", "examples": ["congo=t61rcWkgMzE"]}),
        ),
    })
}

/// The parameters in a path, each in braces.
pub(super) fn in_path(path: &str) -> Vec<Value> {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let schema = |name: &str| match name {
        "name" => json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"}),
        "tenant" => json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}),
        "schedule" => json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"}),
        "secret" => json!({"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,127}$"}),
        _ => json!({"type": "string", "minLength": 1}),
    };
    let parameter =
        |name: &str| json!({"name": name, "in": "path", "required": true, "schema": schema(name)});
    names.map(parameter).collect()
}

/// An object: members that are always there, and members that may be left out.
fn object(always: &[(&str, Value)], perhaps: &[(&str, Value)]) -> Value {
    let all = always.iter().chain(perhaps);
    let members: Map<_, _> = all.map(|(name, of)| ((*name).to_owned(), of.clone())).collect();
    let required: Vec<_> = always.iter().map(|(name, _)| *name).collect();
    json!({
        "type": "object",
        "properties": members,
        "required": required,
        "additionalProperties": false,
    })
}

pub(super) fn schemas() -> Value {
    let text = || json!({"type": "string"});
    let whole = || json!({"type": "integer"});
    let count = || json!({"type": "integer", "minimum": 0});
    let number = || json!({"type": "number"});
    let yes = || json!({"type": "boolean"});
    let percent = || json!({"type": "integer", "minimum": 1, "maximum": 99});
    let any = || json!({});
    let list = |of: Value| json!({"type": "array", "items": of});
    let named = |of: Value| json!({"type": "object", "additionalProperties": of});
    let schema = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let form = || json!({"enum": ["classic", "function", "handler", "other"]});
    let counters = || object(&[("total", count()), ("failed", count())], &[]);
    let language = || json!({"enum": ["javascript", "typescript", "tsx", "jsx"]});

    let deployed = [
        ("name", text()),
        ("version", text()),
        ("form", form()),
        ("image_bytes", count()),
        ("heap_bytes", count()),
        ("build_ms", number()),
    ];
    let counted: Vec<_> = deployed.iter().cloned().chain([("runs", counters())]).collect();
    let shown: Vec<_> = counted
        .iter()
        .cloned()
        .chain([("file", text()), ("limits", schema("Limits")), ("source", text())])
        .collect();
    let of_workers = [
        ("cost_us", count()),
        ("canary", schema("CanarySide")),
        ("workers_lost", count()),
        ("held_ms", count()),
    ];
    let run = [
        ("globals", named(any())),
        ("limits", schema("Limits")),
        ("globals_back", json!({"anyOf": [{"const": "changed"}, list(text())]})),
        ("time_zone", text()),
        ("frozen", object(&[("seed", count()), ("now_ms", number())], &[])),
        ("input", any()),
    ];
    let ad_hoc: Vec<_> =
        run.iter().cloned().chain([("file", text()), ("language", language())]).collect();
    let logs = || list(object(&[("level", text()), ("text", text())], &[]));
    let quota = || {
        ["runs_per_second", "concurrent_runs", "cpu_ms_per_minute", "scripts", "script_bytes"]
            .map(|name| (name, json!({"type": "integer", "minimum": 0, "maximum": u32::MAX})))
    };
    let token = [
        ("id", text()),
        ("role", json!({"enum": ["admin", "metrics", "tenant"]})),
        ("label", text()),
        ("created_ms", whole()),
    ];
    let of_token = [("tenant", text()), ("expires_ms", whole()), ("revoked_ms", whole())];
    let made: Vec<_> = token.iter().cloned().chain([("token", text())]).collect();
    let cursor = [("next_cursor", text())];
    let usage = [
        "wall_us",
        "build_us",
        "cpu_us",
        "peak_heap_bytes",
        "bytes_restored",
        "restore_us",
        "jobs",
        "output_bytes",
        "log_bytes",
    ]
    .map(|name| (name, count()));

    let all = [
        (
            "Problem",
            json!({
                "description": "An error, as RFC 9457 has it; `code` tells errors apart.",
                "type": "object",
                "properties": {
                    "title": text(), "status": whole(), "detail": text(),
                    "code": {"type": "string", "pattern": "^ERR_[A-Z_]+$"},
                    "name": text(), "file": text(), "line": count(), "column": count(),
                    "path": text(), "stack": text(), "logs": logs(),
                    "usage": schema("RunUsage"),
                },
                "required": ["title", "status", "detail", "code"],
            }),
        ),
        (
            "Limits",
            object(
                &[],
                &[
                    "wall_ms",
                    "cpu_ms",
                    "heap_bytes",
                    "stack_bytes",
                    "output_bytes",
                    "log_bytes",
                    "jobs",
                ]
                .map(|name| (name, count())),
            ),
        ),
        (
            "Deploy",
            object(
                &[("source", text())],
                &[
                    ("file", text()),
                    ("language", language()),
                    (
                        "setup",
                        list(json!({"anyOf": [
                            text(), object(&[("source", text())], &[("file", text())])
                        ]})),
                    ),
                    ("modules", named(text())),
                    ("globals", named(any())),
                    ("time_zone", text()),
                    ("limits", schema("Limits")),
                    ("vars", named(any())),
                    ("secrets", named(text())),
                    ("allow_net", list(text())),
                    ("tools", named(object(&[("url", text())], &[("timeout_ms", whole())]))),
                    ("fresh", json!({"type": "boolean"})),
                ],
            ),
        ),
        ("Deployed", object(&deployed, &[])),
        ("Script", object(&counted, &[("cost_us", count()), ("canary", schema("CanarySide"))])),
        ("WholeScript", object(&shown, &of_workers)),
        (
            "CanarySide",
            object(
                &[("version", text()), ("runs", counters()), ("cpu_us", count())],
                &[("percent", percent()), ("held_back", yes()), ("cost_us", count())],
            ),
        ),
        (
            "Canary",
            object(
                &[
                    ("name", text()),
                    ("active", schema("CanarySide")),
                    ("canary", schema("CanarySide")),
                ],
                &[],
            ),
        ),
        ("NewCanary", object(&[("version", text()), ("percent", percent())], &[])),
        ("Scripts", object(&[("scripts", list(schema("Script")))], &cursor)),
        ("Run", object(&[], &run)),
        ("AdHocRun", object(&[("source", text())], &ad_hoc)),
        ("RunUsage", object(&usage, &[])),
        (
            "Outcome",
            object(
                &[("value", any()), ("logs", logs()), ("usage", schema("RunUsage"))],
                &[("globals", named(any()))],
            ),
        ),
        ("AcceptedRun", object(&[("id", text()), ("url", text())], &[])),
        (
            "LaterRun",
            object(
                &[
                    ("id", text()),
                    ("state", json!({"enum": ["queued", "running", "done"]})),
                    ("asked_ms", whole()),
                ],
                &[
                    ("script", text()),
                    ("version", text()),
                    ("ended_ms", whole()),
                    ("status", whole()),
                    ("callback", json!({"enum": ["pending", "delivered", "failed"]})),
                    ("outcome", json!({"anyOf": [schema("Outcome"), schema("Problem")]})),
                ],
            ),
        ),
        ("OutcomeOrValue", json!({"anyOf": [schema("Outcome"), {"description": "with `?raw`"}]})),
        (
            "NewSchedule",
            object(
                &[("cron", json!({"type": "string", "maxLength": 256}))],
                &[("time_zone", text()), ("run", schema("Run"))],
            ),
        ),
        (
            "Schedule",
            object(
                &[
                    ("id", text()),
                    ("cron", text()),
                    ("time_zone", text()),
                    ("run", schema("Run")),
                    ("set_ms", whole()),
                    ("set_by", text()),
                    ("failures", count()),
                    (
                        "runs",
                        list(object(
                            &[("due_ms", whole()), ("began_ms", whole())],
                            &[("ended_ms", whole()), ("outcome", text()), ("run", text())],
                        )),
                    ),
                ],
                &[("next_ms", whole()), ("off", text())],
            ),
        ),
        ("Schedules", object(&[("schedules", list(schema("Schedule")))], &cursor)),
        (
            "Versions",
            object(
                &[
                    ("name", text()),
                    ("active", json!({"type": ["string", "null"]})),
                    ("versions", list(schema("Version"))),
                ],
                &cursor,
            ),
        ),
        (
            "Version",
            object(
                &[
                    ("version", text()),
                    ("active", yes()),
                    ("deployed_ms", whole()),
                    ("deployed_by", text()),
                    ("body_bytes", count()),
                ],
                &[
                    ("percent", percent()),
                    ("rolls_back_to", text()),
                    ("form", form()),
                    ("image_bytes", count()),
                    ("heap_bytes", count()),
                ],
            ),
        ),
        (
            "Source",
            object(
                &[("name", text()), ("version", text()), ("file", text()), ("source", text())],
                &[],
            ),
        ),
        (
            "Memory",
            json!({
                "type": "object",
                "properties": {
                    "name": text(), "version": text(),
                    "versions": list(json!({"type": "object"})),
                    "rises": list(json!({"type": "object"})),
                },
                "required": ["name", "version", "versions", "rises"],
            }),
        ),
        (
            "DebugSession",
            object(
                &[
                    ("url", text()),
                    ("devtools", text()),
                    ("attach_within_ms", count()),
                    ("ends_within_ms", count()),
                ],
                &[],
            ),
        ),
        ("Token", object(&made, &of_token)),
        ("Tokens", object(&[("tokens", list(object(&token, &of_token)))], &cursor)),
        (
            "NewToken",
            object(
                &[("role", json!({"enum": ["admin", "metrics", "tenant"]}))],
                &[
                    ("tenant", json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"})),
                    ("label", json!({"type": "string", "maxLength": 200})),
                    ("expires_in_s", json!({"type": "integer", "minimum": 0, "maximum": u32::MAX})),
                ],
            ),
        ),
        (
            "Secret",
            object(
                &[("value", json!({"type": "string", "minLength": 1, "maxLength": 16384}))],
                &[],
            ),
        ),
        (
            "Secrets",
            object(
                &[(
                    "secrets",
                    list(object(&[("name", text()), ("set_ms", whole()), ("set_by", text())], &[])),
                )],
                &cursor,
            ),
        ),
        ("Quota", object(&[], &quota())),
        ("QuotaOf", object(&[("tenant", text())], &quota())),
        ("Quotas", object(&[("quotas", list(schema("QuotaOf")))], &cursor)),
        (
            "Audit",
            object(
                &[(
                    "entries",
                    list(object(
                        &[
                            ("number", whole()),
                            ("at_ms", whole()),
                            ("actor", text()),
                            ("action", text()),
                            ("object", text()),
                            ("detail", text()),
                        ],
                        &[("tenant", text())],
                    )),
                )],
                &cursor,
            ),
        ),
        (
            "Usage",
            object(
                &[
                    ("tenant", text()),
                    ("queued", count()),
                    ("running", count()),
                    ("scripts", count()),
                    ("script_bytes", count()),
                    ("runs", counters()),
                ],
                &[("workers_lost", count()), ("quota", schema("Quota"))],
            ),
        ),
        (
            "UsageOverTime",
            object(
                &[
                    ("step", json!({"enum": ["minute", "hour", "day"]})),
                    (
                        "usage",
                        list(object(
                            &[
                                ("at_ms", whole()),
                                ("tenant", text()),
                                ("runs", count()),
                                ("failed", count()),
                                ("cpu_us", count()),
                                ("wall_us", count()),
                                ("received_bytes", count()),
                                ("answered_bytes", count()),
                                ("failures", named(count())),
                            ],
                            &[("script", text())],
                        )),
                    ),
                ],
                &[],
            ),
        ),
        ("UsageNowOrOverTime", json!({"anyOf": [schema("Usage"), schema("UsageOverTime")]})),
        (
            "Failures",
            object(
                &[
                    ("tenant", text()),
                    (
                        "errors",
                        list(object(
                            &[
                                ("first_ms", whole()),
                                ("last_ms", whole()),
                                ("times", count()),
                                ("code", text()),
                                ("message", text()),
                                ("cpu_us", count()),
                                ("peak_heap_bytes", count()),
                            ],
                            &[
                                ("script", text()),
                                ("version", text()),
                                ("name", text()),
                                ("file", text()),
                                ("line", count()),
                                ("column", count()),
                                ("stack", text()),
                            ],
                        )),
                    ),
                ],
                &[],
            ),
        ),
        (
            "Tenants",
            object(
                &[
                    ("total", count()),
                    (
                        "tenants",
                        list(object(
                            &[
                                ("tenant", text()),
                                ("scripts", count()),
                                ("script_bytes", count()),
                                ("runs", counters()),
                            ],
                            &[],
                        )),
                    ),
                ],
                &[],
            ),
        ),
        (
            "Health",
            object(
                &[("status", text()), ("workers", count())],
                &[
                    "queued",
                    "running",
                    "tenants",
                    "scripts",
                    "script_bytes",
                    "bytes_in_flight",
                    "runs",
                    "workers_started",
                    "workers_lost",
                    "batches_parted",
                ]
                .map(|name| (name, count())),
            ),
        ),
        ("Status", object(&[("status", text())], &[("because", list(text()))])),
    ];
    Value::Object(all.map(|(name, schema)| (name.to_owned(), schema)).into_iter().collect())
}
