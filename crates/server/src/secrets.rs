//! Secrets over HTTP: what is asked, and how they are told, which is never with their values. Knows nothing of
//! routes, nor of how they are sealed.

use std::sync::Arc;

use http::StatusCode;
use sandtide_store::{SecretOf, SecretValue, Store};
use serde::{Deserialize, Serialize};

use crate::{
    answer,
    error::ApiError,
    flight::Flight,
    http1::Response,
    json::Object,
    names::{Tenant, check_name},
    page::Page,
};

/// Whose secrets are meant: a tenant's, or those of one of its scripts.
pub(crate) fn of(tenant: &Tenant, script: Option<String>) -> Result<SecretOf, ApiError> {
    script.as_deref().map_or(Ok(()), check_name)?;
    Ok(SecretOf { tenant: tenant.to_string(), script })
}

/// Sets a secret: the body as it is, or `{"value"}`.
pub(crate) fn set(
    store: &dyn Store,
    (of, name): (SecretOf, String),
    (bytes, is_json): (Vec<u8>, bool),
    actor: String,
) -> Result<Response, ApiError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        value: String,
    }
    let refused = |message: String| ApiError::InvalidRequest(message);
    let text = if is_json {
        // Where the JSON breaks is told, and nothing of what is in it.
        let Object(Body { value }) = serde_json::from_slice(&bytes).map_err(|error| {
            refused(format!(
                "the body is not {{\"value\": \"…\"}}: line {}, column {}",
                error.line(),
                error.column()
            ))
        })?;
        value
    } else {
        String::from_utf8(bytes).map_err(|_| refused("the secret is not UTF-8".to_owned()))?
    };
    let new = store.set_secret(of, name, SecretValue::new(text)?, actor).wait()?;
    Ok(Response::empty(if new { StatusCode::CREATED } else { StatusCode::NO_CONTENT }))
}

/// Names of secrets.
pub(crate) fn listed(
    flight: &Arc<Flight>,
    store: &dyn Store,
    of: SecretOf,
    page: &Page,
) -> Result<Response, ApiError> {
    #[derive(Serialize)]
    struct List<'a> {
        secrets: Vec<One<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_cursor: Option<String>,
    }
    #[derive(Serialize)]
    struct One<'a> {
        name: &'a str,
        set_ms: i64,
        set_by: &'a str,
    }
    let all = store.secrets(of).wait()?;
    let (all, next_cursor) = page.of(&all, |secret| &*secret.name);
    let secrets = all.into_iter().map(|secret| One {
        name: &secret.name,
        set_ms: secret.set_ms,
        set_by: &secret.set_by,
    });
    Ok(answer::large(flight, &List { secrets: secrets.collect(), next_cursor }))
}

/// Removes a secret.
pub(crate) fn remove(
    store: &dyn Store,
    of: SecretOf,
    name: String,
    actor: String,
) -> Result<Response, ApiError> {
    match store.remove_secret(of, name.clone(), actor).wait()? {
        true => Ok(Response::empty(StatusCode::NO_CONTENT)),
        false => {
            let name = name.chars().take(128).collect();
            Err(sandtide_store::StoreError::NoSecret(name).into())
        }
    }
}
