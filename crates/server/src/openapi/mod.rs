//! The API as an OpenAPI 3.1 document, and as a page. It is made of one table ([`operations`]), which tests hold
//! against the routes, the errors and every answer of the server. Knows nothing of how requests are carried out.

mod operations;
mod page;
mod schemas;

use std::sync::{Arc, LazyLock};

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::{answer, flight::Flight, http1::Response};

use operations::{DEFAULT, Operation, operations};

/// What any request may be answered: its head, its host, its token, or the server itself may be at fault.
const ANY: [u16; 11] = [400, 401, 403, 404, 405, 408, 417, 431, 500, 503, 505];
/// What a request with a body may be answered.
const WITH_BODY: [u16; 4] = [408, 413, 415, 501];

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);
static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());
static PAGE: LazyLock<String> = LazyLock::new(|| page::written(&operations()));

/// The document as JSON: what `GET /v1/openapi.json` answers.
#[must_use]
pub fn openapi_json() -> &'static str {
    &TEXT
}

/// The answer with the document.
pub(crate) fn answered(flight: &Arc<Flight>) -> Response {
    answer::as_it_is(flight, "application/json", TEXT.clone().into_bytes())
}

/// The answer with the page, which runs no script and loads nothing.
pub(crate) fn shown(flight: &Arc<Flight>) -> Response {
    answer::as_it_is(flight, "text/html; charset=utf-8", PAGE.clone().into_bytes())
        .header("content-security-policy", page::POLICY)
}

fn document() -> Value {
    let mut paths = Map::new();
    // Each request may be a part of a trace.
    let traced = ["TraceParent", "TraceState"].map(reference);
    for operation in operations() {
        let path = paths.entry(operation.path).or_insert_with(|| json!({ "parameters": traced }));
        path[operation.method.to_lowercase()] = described(&operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sandtide",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Runs JavaScript of others in isolated sandboxes. HEAD is taken wherever GET is. \
                            What each member means is told in API.md.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "sandtide_…"},
            },
            "parameters": schemas::parameters(),
            "schemas": schemas::schemas(),
        },
    })
}

fn described(operation: &Operation) -> Value {
    let mut answers = Map::new();
    let mut statuses: Vec<u16> = operation.fails.clone();
    statuses.extend(ANY);
    if operation.body.is_some() {
        statuses.extend(WITH_BODY);
    }
    statuses.sort_unstable();
    for (status, content) in &operation.answers {
        let reason = StatusCode::from_u16(*status).ok().and_then(|s| s.canonical_reason());
        let (key, description) = match *status {
            DEFAULT => ("default".to_owned(), "What the script answers"),
            status => (status.to_string(), reason.unwrap_or_default()),
        };
        let answer = if content.is_empty() {
            json!({ "description": description })
        } else {
            json!({ "description": description, "content": contents(content) })
        };
        answers.insert(key, answer);
    }
    for status in statuses {
        let codes = schemas::PROBLEMS.iter().filter(|(of, _)| *of == status);
        let codes: Vec<_> = codes.flat_map(|(_, codes)| codes.iter().copied()).collect();
        let problem = contents(&[("application/problem+json", "Problem")]);
        let failed = json!({ "description": codes.join(", "), "content": problem });
        match answers.get_mut(&status.to_string()) {
            // `/readyz` answers 503 in a form of its own, too.
            Some(answer) => {
                answer["content"]["application/problem+json"] =
                    failed["content"]["application/problem+json"].clone();
            }
            None => {
                answers.insert(status.to_string(), failed);
            }
        }
    }
    // A script answers every status as it likes.
    if operation.answers.iter().any(|(status, _)| *status == DEFAULT) {
        for answer in answers.values_mut() {
            answer["content"]["*/*"] = json!({ "schema": {} });
        }
    }
    let mut parameters = schemas::in_path(operation.path);
    parameters.extend(operation.parameters.iter().map(|parameter| match parameter {
        operations::Parameter::Shared(name) => reference(name),
        operations::Parameter::Query(name, schema) => {
            json!({ "name": name, "in": "query", "schema": schema })
        }
    }));
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": parameters,
        "responses": answers,
        // Where no token was made none is needed.
        "security": if operation.open { json!([{}]) } else { json!([{}, { "token": [] }]) },
    });
    if let Some(body) = &operation.body {
        described["requestBody"] =
            json!({ "required": body.required, "content": contents(body.content) });
    }
    described
}

/// A parameter that is described once for all.
fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

fn contents(all: &[(&'static str, &'static str)]) -> Value {
    let one = |(media, schema): &(&'static str, &'static str)| {
        let schema = match *schema {
            "" => json!({}),
            "string" => json!({ "type": "string" }),
            name => json!({ "$ref": format!("#/components/schemas/{name}") }),
        };
        ((*media).to_owned(), json!({ "schema": schema }))
    };
    Value::Object(all.iter().map(one).collect())
}

#[cfg(test)]
mod tests;
