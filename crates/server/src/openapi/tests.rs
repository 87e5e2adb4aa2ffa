//! The document against the routes and the errors.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{DOCUMENT, PAGE, operations::operations};
use crate::{error::ApiError, http1::Malformed, quota::Bound, route::Route, ui::Asset};

/// One route of each kind, by the one before: a new kind has to be told here.
fn after(route: &Route) -> Option<Route> {
    let name = || "a".to_owned();
    Some(match route {
        Route::Health => Route::Live,
        Route::Live => Route::Ready,
        Route::Ready => Route::Metrics,
        Route::Metrics => Route::OpenApi,
        Route::OpenApi => Route::Docs,
        Route::Docs => Route::Usage,
        Route::Usage => Route::Scripts,
        Route::Scripts => Route::Script(name()),
        Route::Script(_) => Route::ScriptRuns(name()),
        Route::ScriptRuns(_) => Route::AdHocRuns,
        Route::AdHocRuns => Route::Run(name()),
        Route::Run(_) => Route::Versions(name()),
        Route::Versions(_) => Route::Version(name(), name()),
        Route::Version(..) => Route::Activate(name(), name()),
        Route::Activate(..) => Route::RollBack(name()),
        Route::RollBack(_) => Route::Canary(name()),
        Route::Canary(_) => Route::Schedules(name()),
        Route::Schedules(_) => Route::Schedule(name(), name()),
        Route::Schedule(..) => Route::Secrets(None),
        Route::Secrets(None) => Route::Secrets(Some(name())),
        Route::Secrets(Some(_)) => Route::Secret(None, name()),
        Route::Secret(None, _) => Route::Secret(Some(name()), name()),
        Route::Secret(Some(_), _) => Route::Tokens,
        Route::Tokens => Route::Token(name()),
        Route::Token(_) => Route::Audit,
        Route::Audit => Route::Quotas,
        Route::Quotas => Route::Quota(name()),
        Route::Quota(_) => Route::Profile(None),
        Route::Profile(None) => Route::Profile(Some(name())),
        Route::Profile(Some(_)) => Route::Memory(name()),
        Route::Memory(_) => Route::HeapSnapshot(name()),
        Route::HeapSnapshot(_) => Route::Debug(name()),
        Route::Debug(_) => Route::Errors,
        Route::Errors => Route::Events,
        Route::Events => Route::Tenants,
        Route::Tenants => Route::Handler(name(), "/a".to_owned()),
        Route::Handler(..) => Route::Page(Asset::at("/ui").unwrap()),
        Route::Page(_) => return None,
    })
}

#[test]
fn every_method_of_every_route_is_in_the_document_and_nothing_else() {
    let key = |route: &Route| {
        let of_script = route.script().is_some();
        format!("{} {of_script}", route.name())
    };
    let mut routes = BTreeSet::new();
    let mut next = Some(Route::Health);
    while let Some(route) = next {
        // Files for people's browsers are no operations.
        if matches!(route, Route::Page(_)) {
            break;
        }
        let methods = route.methods().split(", ").filter(|method| *method != "HEAD");
        routes.extend(methods.map(|method| format!("{method} {}", key(&route))));
        next = after(&route);
    }
    let documented: BTreeSet<_> = operations()
        .iter()
        .map(|operation| {
            let path = operation.path.replace(['{', '}'], "");
            let route = Route::of(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            format!("{} {}", operation.method, key(&route))
        })
        .collect();
    assert_eq!(documented, routes);
    assert_eq!(operations().len(), routes.len(), "an operation is there twice");
}

#[test]
fn names_and_references_of_the_document_are_sound() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    references(&DOCUMENT, &mut found);
    assert!(found.len() > 100);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(DOCUMENT.pointer(pointer).is_some(), "{reference}");
    }
    let operations = operations();
    let ids: BTreeSet<_> = operations.iter().map(|operation| operation.id).collect();
    assert_eq!(ids.len(), operations.len());
    for operation in &operations {
        assert!(PAGE.contains(&format!("<code>{}</code>", operation.path)));
    }
    assert!(!PAGE.contains("<script") && !PAGE.contains("http:") && !PAGE.contains("https:"));
}

#[test]
fn every_path_says_that_its_requests_may_be_part_of_a_trace() {
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        let names: Vec<_> = item["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|parameter| {
                let pointer = parameter["$ref"].as_str().unwrap().strip_prefix('#').unwrap();
                let parameter = DOCUMENT.pointer(pointer).unwrap();
                assert_eq!(parameter["in"], "header", "{path}");
                parameter["name"].as_str().unwrap()
            })
            .collect();
        assert_eq!(names, ["traceparent", "tracestate"], "{path}");
    }
    assert!(PAGE.contains("traceparent") && PAGE.contains("tracestate"));
}

/// Errors of all kinds that this crate tells apart. Those of scripts and of what is kept are met by requests: each
/// answer in the tests of this crate is looked up in the document.
#[test]
fn every_error_is_in_the_document_with_its_status() {
    let text = || "x".to_owned();
    let full = |bound| ApiError::OverQuota { bound, quota: 1, retry_after: None };
    let errors = [
        Malformed::Head("x").into(),
        Malformed::Framing("x").into(),
        Malformed::HeadTooLarge.into(),
        Malformed::Version.into(),
        Malformed::TransferCoding.into(),
        Malformed::Expectation.into(),
        ApiError::HeadTimeout { seconds: 1 },
        ApiError::HostNotAllowed(text()),
        ApiError::OriginNotAllowed(text()),
        ApiError::InvalidRequest(text()),
        ApiError::InvalidName(text()),
        ApiError::InvalidTenant(text()),
        ApiError::ScriptNotFound { tenant: text(), name: text() },
        ApiError::TokenMissing,
        ApiError::TokenInvalid,
        ApiError::TokenNotAllowed { role: "x" },
        ApiError::TenantOfToken { tenant: text() },
        ApiError::TokenNotFound(text()),
        ApiError::RunNotFound(text()),
        ApiError::CallbackNotAllowed { url: text() },
        ApiError::Ending,
        ApiError::NetNotAllowed { host: text(), flag: "x" },
        ApiError::HasSecrets,
        ApiError::NotAHandler(text()),
        full(Bound::RunRate),
        full(Bound::ConcurrentRuns),
        full(Bound::Cpu),
        full(Bound::Scripts),
        full(Bound::ScriptBytes),
        ApiError::QuotaNotFound(text()),
        ApiError::NoCanary(text()),
        ApiError::ScheduleNotFound(text()),
        ApiError::NoFormerVersion { name: text(), version: text() },
        ApiError::PreconditionFailed { active: None },
        ApiError::ProfileUnderWay,
        ApiError::SnapshotUnderWay,
        ApiError::DebugNotAllowed,
        ApiError::DebugUnderWay,
        ApiError::DebugPort { address: ([127, 0, 0, 1], 1).into(), message: text() },
        ApiError::NoRunAtLimit { seconds: 1 },
        ApiError::NotFound(text()),
        ApiError::MethodNotAllowed { allowed: "x", method: text(), path: text() },
        ApiError::UnsupportedMediaType(text()),
        ApiError::BodyTooLarge { limit: 1 },
        ApiError::BodyTimeout { seconds: 1 },
        ApiError::QueueFull("x"),
        ApiError::QueueTime { limit: Default::default(), waited: Default::default() },
        ApiError::BytesInFlight,
        ApiError::AnswerTooLarge { limit: 1 },
        ApiError::ScriptBytes { needed: 1, used: 1, limit: 1 },
        ApiError::TooManyScripts { limit: 1 },
        ApiError::Internal,
        sandtide_store::StoreError::Closed.into(),
        sandtide_store::StoreError::KeyReused.into(),
        sandtide_store::StoreError::Label.into(),
        sandtide_store::StoreError::Changed { script: text() }.into(),
        sandtide_store::StoreError::NoVersion { script: text(), version: text() }.into(),
        sandtide_store::StoreError::Damaged { script: text(), version: text() }.into(),
        sandtide_store::StoreError::SecretName(text()).into(),
        sandtide_store::StoreError::SecretSize.into(),
        sandtide_store::StoreError::NoSecret(text()).into(),
        sandtide_store::StoreError::NoSecretKey.into(),
        sandtide_store::StoreError::SecretKey("x").into(),
        sandtide_store::StoreError::TooManySecrets { limit: 1 }.into(),
        sandtide_store::StoreError::TooManySchedules { limit: 1 }.into(),
        sandtide_store::StoreError::DamagedSecret(text()).into(),
        sandtide::Error::Cancelled.into(),
    ];
    for error in errors {
        let (status, code) = (error.status().as_u16(), error.code());
        let told = super::schemas::PROBLEMS.iter();
        let mut told = told.filter(|(of, _)| *of == status);
        assert!(told.any(|(_, codes)| codes.contains(&code)), "{status} {code}");
        let of_deploys = &DOCUMENT["paths"]["/v1/scripts/{name}"]["put"]["responses"];
        let of_debug = &DOCUMENT["paths"]["/v1/scripts/{name}/debug"]["post"]["responses"];
        let status = status.to_string();
        assert!(of_deploys.get(&status).or(of_debug.get(&status)).is_some(), "{status}");
    }
}
