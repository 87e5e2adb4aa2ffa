//! The operations as a page of HTML, without scripts and without anything from elsewhere.

use std::fmt::Write as _;

use super::{
    operations::{DEFAULT, Operation, Parameter},
    schemas,
};

/// What the page may do: show itself.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }\
body { max-width: 60rem; margin: 0 auto; padding: 1rem }\
details { border: 1px solid #8886; border-radius: .4rem; margin: .4rem 0; padding: .4rem .8rem }\
summary { cursor: pointer } code, pre { font-family: ui-monospace, monospace }\
pre { overflow: auto; background: #8882; padding: .6rem; border-radius: .4rem }\
b { display: inline-block; min-width: 4.5rem } table { border-collapse: collapse }\
td { padding: .1rem 1rem .1rem 0; vertical-align: top }";

pub(super) fn written(operations: &[Operation]) -> String {
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>Sandtide's HTTP API</title><style>{STYLE}</style>\
         <h1>Sandtide's HTTP API</h1><p>As a document for programs: <a href=\"/v1/openapi.json\">\
         <code>/v1/openapi.json</code></a> (OpenAPI 3.1).</p><h2>Operations</h2>"
    );
    // Writing to a text cannot fail.
    for operation in operations {
        let Operation { path, method, summary, .. } = operation;
        let _ = write!(
            out,
            "<details><summary><b>{method}</b> <code>{path}</code> {}</summary><table>",
            escaped(summary)
        );
        for parameter in &operation.parameters {
            let (name, about) = match parameter {
                Parameter::Shared(name) => ((*name).to_owned(), String::new()),
                Parameter::Query(name, schema) => (format!("?{name}"), schema.to_string()),
            };
            row(&mut out, &name, &about);
        }
        for (media, schema) in operation.body.iter().flat_map(|body| body.content) {
            row(&mut out, "body", &format!("{media} {schema}"));
        }
        for (status, content) in &operation.answers {
            let content = content.iter().map(|(media, schema)| format!("{media} {schema}"));
            let status = if *status == DEFAULT { "any".to_owned() } else { status.to_string() };
            row(&mut out, &status, &content.collect::<Vec<_>>().join(", "));
        }
        out.push_str("</table></details>");
    }
    out.push_str("<h2>Headers</h2>");
    objects(&mut out, &schemas::parameters());
    out.push_str("<h2>Schemas</h2>");
    objects(&mut out, &schemas::schemas());
    out.push_str("<h2>Codes of problems</h2><table>");
    for (status, codes) in schemas::PROBLEMS {
        row(&mut out, &status.to_string(), &codes.join(", "));
    }
    out.push_str("</table></html>");
    out
}

fn row(out: &mut String, name: &str, about: &str) {
    let _ = write!(out, "<tr><td>{}<td><code>{}</code>", escaped(name), escaped(about));
}

fn objects(out: &mut String, all: &serde_json::Value) {
    for (name, object) in all.as_object().into_iter().flatten() {
        let text = serde_json::to_string_pretty(object).unwrap_or_default();
        let _ = write!(
            out,
            "<details><summary><code>{name}</code></summary><pre>{}</pre></details>",
            escaped(&text)
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
