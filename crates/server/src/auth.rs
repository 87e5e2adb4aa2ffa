//! Who asks: bearer tokens, and when a request may go without one. Knows nothing of what routes do.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use sandtide_store::{Role, Tokens};
use tokio::sync::watch;

use crate::{error::ApiError, http1::Head, names::Tenant};

/// What tokens begin with, by which they are told from what other programs send as a bearer.
const OURS: &str = "sandtide_";

/// Which requests need a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenPolicy {
    /// All, where the server listens on anything but loopback, or where tokens were made beside the one of
    /// the first start. On loopback, until then, none.
    #[default]
    WhereMade,
    /// All.
    Always,
    /// None, wherever the server listens: for a server behind something that authenticates, and that alone
    /// can reach it. Tokens are not looked at.
    Never,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Whose request it is.
    pub(crate) tenant: Tenant,
    /// Whether the request names the tenant, or its token does.
    pub(crate) names_tenant: bool,
    /// What it bears; none where it needs none.
    bears: Option<Bearer>,
}

#[derive(Clone, Debug)]
struct Bearer {
    id: String,
    role: Role,
}

impl Caller {
    /// As the audit trail names it.
    pub(crate) fn actor(&self) -> String {
        match &self.bears {
            Some(bearer) => format!("token {}", bearer.id),
            None => "anybody".to_owned(),
        }
    }

    /// Whether it may see what is not of its tenant alone.
    pub(crate) fn sees_all(&self) -> bool {
        self.is_admin().is_ok()
    }

    /// Fails where it has no token that allows everything: also where no token is needed else, because what
    /// such a caller makes would outlive that.
    pub(crate) fn is_admin(&self) -> Result<(), ApiError> {
        match &self.bears {
            Some(Bearer { role: Role::Admin, .. }) => Ok(()),
            Some(bearer) => Err(ApiError::TokenNotAllowed { role: bearer.role.name() }),
            None => Err(ApiError::TokenMissing),
        }
    }

    /// Fails where it has a token of a tenant, or none: metrics tell of all. Where `totals` says that whoever
    /// asks may know what all tenants have together, it needs none.
    pub(crate) fn reads_metrics(&self, totals: bool) -> Result<(), ApiError> {
        match &self.bears {
            Some(Bearer { role: Role::Tenant(_), .. }) => {
                Err(ApiError::TokenNotAllowed { role: "tenant" })
            }
            Some(_) => Ok(()),
            None if totals => Ok(()),
            None => Err(ApiError::TokenMissing),
        }
    }

    /// Whose it is that it asks about, where a query may name a tenant: all tenants' where it may see what is not of
    /// one alone, and names none.
    pub(crate) fn looks_at(&self, named: Option<&str>) -> Result<Option<Tenant>, ApiError> {
        let Some(named) = named.map(|named| Tenant::of(Some(named))).transpose()? else {
            let all = self.sees_all() && !self.names_tenant;
            return Ok((!all).then(|| self.tenant.clone()));
        };
        match &self.bears {
            _ if named == self.tenant => Ok(Some(named)),
            Some(Bearer { role: Role::Tenant(own), .. }) => {
                Err(ApiError::TenantOfToken { tenant: own.clone() })
            }
            _ if self.names_tenant => Err(ApiError::InvalidRequest(
                "the query names another tenant than the header sandtide-tenant".to_owned(),
            )),
            _ => Ok(Some(named)),
        }
    }

    /// Fails where its token is for reading the metrics only.
    pub(crate) fn has_tenant(&self) -> Result<(), ApiError> {
        match &self.bears {
            Some(Bearer { role: Role::Metrics, .. }) => {
                Err(ApiError::TokenNotAllowed { role: Role::Metrics.name() })
            }
            _ => Ok(()),
        }
    }
}

/// What a request says of who sends it, for what goes on after it.
pub(crate) struct Credentials {
    authorization: Option<String>,
    tenant: Option<String>,
}

impl Credentials {
    pub(crate) fn of(head: &Head) -> Self {
        Self { authorization: head.authorization.clone(), tenant: head.tenant.clone() }
    }
}

/// Decides who may ask.
pub(crate) struct Gate {
    policy: TokenPolicy,
    loopback: bool,
    tokens: watch::Receiver<Arc<Tokens>>,
}

impl Gate {
    pub(crate) fn new(
        policy: TokenPolicy,
        listens: SocketAddr,
        tokens: watch::Receiver<Arc<Tokens>>,
    ) -> Self {
        Self { policy, loopback: listens.ip().to_canonical().is_loopback(), tokens }
    }

    fn needs_token(&self) -> bool {
        match self.policy {
            TokenPolicy::Always => true,
            TokenPolicy::Never => false,
            TokenPolicy::WhereMade => !self.loopback || self.tokens.borrow().were_made(),
        }
    }

    /// Why nobody could ask anything, if so.
    pub(crate) fn shut(&self, kept: bool) -> Option<String> {
        let (needed, good) = (self.needs_token(), self.tokens.borrow().any_good(now_ms()));
        let why = match (needed, good, kept) {
            (false, ..) | (_, true, _) => return None,
            (.., false) => {
                "nothing is kept, so there are no tokens: give a directory (--data DIR), whose first start \
                 makes one"
            }
            (.., true) => {
                "all tokens are revoked or have expired: make one (sandtide token create --admin)"
            }
        };
        let what = if self.loopback {
            "requests need tokens here"
        } else {
            "on an address that is not loopback requests need tokens"
        };
        Some(format!(
            "{what}, and {why}; behind something that authenticates, and that alone reaches the server, \
             --insecure-without-tokens goes without"
        ))
    }

    /// Who sends a request.
    pub(crate) fn caller(&self, head: &Head) -> Result<Caller, ApiError> {
        self.caller_who(head.authorization.as_deref(), head.tenant.as_deref())
    }

    /// The same, as it is now.
    pub(crate) fn caller_with(&self, credentials: &Credentials) -> Result<Caller, ApiError> {
        self.caller_who(credentials.authorization.as_deref(), credentials.tenant.as_deref())
    }

    fn caller_who(
        &self,
        authorization: Option<&str>,
        tenant: Option<&str>,
    ) -> Result<Caller, ApiError> {
        let token = match self.policy {
            TokenPolicy::Never => None,
            _ => authorization.and_then(bearer),
        };
        let bears = match token {
            Some(token) => {
                let tokens = self.tokens.borrow();
                let found = tokens.find(token, now_ms()).ok_or(ApiError::TokenInvalid)?;
                Some(Bearer { id: found.id.clone(), role: found.role.clone() })
            }
            None if self.needs_token() => return Err(ApiError::TokenMissing),
            None => None,
        };
        let own = bears.as_ref().and_then(|bearer| bearer.role.tenant());
        match (own, tenant) {
            (Some(own), Some(named)) if own != named => {
                Err(ApiError::TenantOfToken { tenant: own.to_owned() })
            }
            (own, named) => {
                let tenant = Tenant::of(own.or(named))?;
                Ok(Caller { tenant, names_tenant: own.or(named).is_some(), bears })
            }
        }
    }
}

/// The token in an `Authorization` header; none where it is for somebody else.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && token.starts_with(OURS)).then_some(token)
}

/// Whether an `Authorization` header has a token of ours.
pub(crate) fn is_ours(header: &[u8]) -> bool {
    str::from_utf8(header).ok().and_then(bearer).is_some()
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn only_bearer_tokens_of_ours_are_looked_at() {
        for good in ["Bearer sandtide_x", "bearer  sandtide_x", "BEARER sandtide_x"] {
            assert_eq!(bearer(good), Some("sandtide_x"), "{good}");
        }
        for other in ["", "Bearer", "Basic sandtide_x", "Bearer eyJhbGciOi", "sandtide_x"] {
            assert_eq!(bearer(other), None, "{other}");
        }
    }
}
