//! Tokens, quotas and the audit trail over HTTP: what is asked, and how they are told. Knows nothing of routes,
//! nor of who may ask.

use std::sync::Arc;

use http::StatusCode;
use sandtide_store::{Quota, Quotas, Role, Secret, Store, TokenRecord, Tokens};
use serde::{Deserialize, Serialize};

use crate::{
    answer,
    auth::now_ms,
    error::ApiError,
    flight::Flight,
    http1::Response,
    json::{Object, given},
    names::Tenant,
    page::Page,
};

/// A quota as the API spells it.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuotaBody {
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    runs_per_second: Option<u32>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    concurrent_runs: Option<u32>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    cpu_ms_per_minute: Option<u32>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    scripts: Option<u32>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    script_bytes: Option<u32>,
}

impl From<QuotaBody> for Quota {
    fn from(body: QuotaBody) -> Self {
        let QuotaBody {
            runs_per_second,
            concurrent_runs,
            cpu_ms_per_minute,
            scripts,
            script_bytes,
        } = body;
        Self { runs_per_second, concurrent_runs, cpu_ms_per_minute, scripts, script_bytes }
    }
}

impl From<&Quota> for QuotaBody {
    fn from(quota: &Quota) -> Self {
        let Quota { runs_per_second, concurrent_runs, cpu_ms_per_minute, scripts, script_bytes } =
            *quota;
        Self { runs_per_second, concurrent_runs, cpu_ms_per_minute, scripts, script_bytes }
    }
}

#[derive(Serialize)]
struct QuotaOf<'a> {
    tenant: &'a str,
    #[serde(flatten)]
    quota: QuotaBody,
}

/// Sets a tenant's quota.
pub(crate) fn set_quota(
    store: &dyn Store,
    tenant: &str,
    body: &[u8],
    actor: String,
) -> Result<Response, ApiError> {
    let Object(quota): Object<QuotaBody> = serde_json::from_slice(body)
        .map_err(|error| ApiError::InvalidRequest(format!("the body is refused: {error}")))?;
    store.set_quota(tenant.to_owned(), quota.into(), actor).wait()?;
    Ok(answer::json(StatusCode::OK, &QuotaOf { tenant, quota }))
}

/// Takes a tenant's quota away.
pub(crate) fn remove_quota(
    store: &dyn Store,
    tenant: &str,
    actor: String,
) -> Result<Response, ApiError> {
    match store.remove_quota(tenant.to_owned(), actor).wait()? {
        true => Ok(Response::empty(StatusCode::NO_CONTENT)),
        false => Err(ApiError::QuotaNotFound(tenant.to_owned())),
    }
}

/// The quotas of tenants.
pub(crate) fn quotas(flight: &Arc<Flight>, quotas: &Quotas, page: &Page) -> Response {
    #[derive(Serialize)]
    struct List<'a> {
        quotas: Vec<QuotaOf<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_cursor: Option<String>,
    }
    let (all, next_cursor) = page.of(quotas, |(tenant, _)| *tenant);
    let all = all.into_iter().map(|(tenant, quota)| QuotaOf { tenant, quota: quota.into() });
    answer::large(flight, &List { quotas: all.collect(), next_cursor })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateBody {
    role: RoleName,
    #[serde(default, deserialize_with = "given")]
    tenant: Option<String>,
    #[serde(default)]
    label: String,
    #[serde(default, deserialize_with = "given")]
    expires_in_s: Option<u32>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RoleName {
    Admin,
    Metrics,
    Tenant,
}

#[derive(Serialize)]
struct TokenFacts<'a> {
    id: &'a str,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    label: &'a str,
    created_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_ms: Option<i64>,
}

impl<'a> From<&'a TokenRecord> for TokenFacts<'a> {
    fn from(record: &'a TokenRecord) -> Self {
        Self {
            id: &record.id,
            role: record.role.name(),
            tenant: record.role.tenant(),
            label: &record.label,
            created_ms: record.made_ms,
            expires_ms: record.expires_ms,
            revoked_ms: record.revoked_ms,
        }
    }
}

/// Makes a token, and answers it: the only time that it is told.
pub(crate) fn create(store: &dyn Store, body: &[u8], actor: String) -> Result<Response, ApiError> {
    #[derive(Serialize)]
    struct Created<'a> {
        token: &'a str,
        #[serde(flatten)]
        facts: TokenFacts<'a>,
    }
    let refused = |message: String| ApiError::InvalidRequest(message);
    let Object(CreateBody { role, tenant, label, expires_in_s }) = serde_json::from_slice(body)
        .map_err(|error| refused(format!("the body is refused: {error}")))?;
    let role = match (role, tenant) {
        (RoleName::Tenant, Some(name)) => Role::Tenant(Tenant::of(Some(&name))?.to_string()),
        (RoleName::Tenant, None) => {
            return Err(refused("a token of the role `tenant` has a `tenant`".to_owned()));
        }
        (RoleName::Admin, None) => Role::Admin,
        (RoleName::Metrics, None) => Role::Metrics,
        (_, Some(_)) => {
            return Err(refused("only a token of the role `tenant` has a `tenant`".to_owned()));
        }
    };
    let expires_ms = expires_in_s.map(|seconds| now_ms() + i64::from(seconds) * 1_000);
    let secret = Secret::generate()?;
    let record = store.add_token(secret.record(role, &label, expires_ms)?, actor).wait()?;
    let created = Created { token: secret.text(), facts: TokenFacts::from(&record) };
    Ok(answer::json(StatusCode::CREATED, &created).header("cache-control", "no-store"))
}

/// Tokens, without their secrets, the oldest first.
pub(crate) fn listed(flight: &Arc<Flight>, tokens: &Tokens, page: &Page) -> Response {
    #[derive(Serialize)]
    struct List<'a> {
        tokens: Vec<TokenFacts<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_cursor: Option<String>,
    }
    // In the order of the list: times of one length, and what tells apart tokens of one time.
    let key = |token: &&TokenRecord| format!("{:020}.{}", token.made_ms.max(0), token.id);
    let (all, next_cursor) = page.of(tokens.list(), key);
    let tokens = all.into_iter().map(TokenFacts::from).collect();
    answer::large(flight, &List { tokens, next_cursor })
}

/// Revokes a token.
pub(crate) fn revoke(store: &dyn Store, id: String, actor: String) -> Result<Response, ApiError> {
    match store.revoke_token(id.clone(), actor).wait()? {
        true => Ok(Response::empty(StatusCode::NO_CONTENT)),
        false => Err(ApiError::TokenNotFound(id.chars().take(40).collect())),
    }
}

/// Lines of the audit trail, the newest first.
pub(crate) fn audit(
    flight: &Arc<Flight>,
    store: &dyn Store,
    tenant: Option<String>,
    page: &Page,
) -> Result<Response, ApiError> {
    #[derive(Serialize)]
    struct List<'a> {
        entries: Vec<Line<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_cursor: Option<String>,
    }
    #[derive(Serialize)]
    struct Line<'a> {
        number: i64,
        at_ms: i64,
        actor: &'a str,
        action: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        tenant: Option<&'a str>,
        object: &'a str,
        detail: &'a str,
    }
    let before = page.cursor.as_deref().map(str::parse).transpose().map_err(|_| Page::refused())?;
    // One more tells whether there are any beyond the page.
    let mut all = store.audit(tenant, before, page.limit + 1).wait()?;
    let more = all.len() > page.limit as usize;
    all.truncate(page.limit as usize);
    let next_cursor = all.last().filter(|_| more).map(|last| last.number.to_string());
    let entries = all.iter().map(|entry| Line {
        number: entry.number,
        at_ms: entry.at_ms,
        actor: &entry.actor,
        action: &entry.action,
        tenant: entry.tenant.as_deref(),
        object: &entry.object,
        detail: &entry.detail,
    });
    Ok(answer::large(flight, &List { entries: entries.collect(), next_cursor }))
}
