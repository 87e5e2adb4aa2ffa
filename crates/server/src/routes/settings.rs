//! Requests that set tokens, secrets and quotas. Knows nothing of how they are kept.

use std::sync::Arc;

use sandtide_store::SecretOf;

use crate::{
    admin,
    auth::Caller,
    client::Client,
    error::ApiError,
    http1::{Body, Head},
    names::Tenant,
    negotiation::Kind,
    query::parameters,
    secrets,
};

use super::{Ended, Handled, Shared, at_the_desk, body};

/// Makes a token, for whoever has one that allows everything.
pub(super) async fn create_token(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    caller: &Caller,
) -> Handled {
    caller.is_admin()?;
    let [] = parameters(head.query.as_deref(), [])?;
    if Kind::of(head) != Kind::Json {
        return Err(Ended::Failed(ApiError::UnsupportedMediaType(
            "send a description of the token as application/json".to_owned(),
        )));
    }
    let Body { bytes, permit } = body(shared, connection).await?;
    let (catalog, actor) = (Arc::clone(&shared.catalog), caller.actor());
    at_the_desk(shared, connection, &caller.tenant, move |_| {
        let made = admin::create(&**catalog.store(), &bytes, actor);
        drop(permit);
        made
    })
    .await
}

/// Sets a secret.
pub(super) async fn set_secret(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    caller: &Caller,
    which: (SecretOf, String),
) -> Handled {
    let [] = parameters(head.query.as_deref(), [])?;
    let kind = Kind::of(head);
    if !matches!(kind, Kind::Json | Kind::Text | Kind::None) {
        return Err(Ended::Failed(ApiError::UnsupportedMediaType(
            "send the secret as text/plain, or {\"value\": \"…\"} as application/json".to_owned(),
        )));
    }
    let Body { bytes, permit } = body(shared, connection).await?;
    let (catalog, actor) = (Arc::clone(&shared.catalog), caller.actor());
    let tenant = caller.tenant.clone();
    at_the_desk(shared, connection, &caller.tenant, move |_| {
        let of_script = which.0.script.clone();
        let set = secrets::set(&**catalog.store(), which, (bytes, kind == Kind::Json), actor);
        drop(permit);
        let set = set?;
        catalog.renew(&tenant, of_script.as_deref());
        Ok(set)
    })
    .await
}

/// Sets what a tenant may take at most.
pub(super) async fn set_quota(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    caller: &Caller,
    of: &str,
) -> Handled {
    caller.is_admin()?;
    let of = Tenant::of(Some(of))?;
    let [] = parameters(head.query.as_deref(), [])?;
    if Kind::of(head) != Kind::Json {
        return Err(Ended::Failed(ApiError::UnsupportedMediaType(
            "send the quota as application/json".to_owned(),
        )));
    }
    let Body { bytes, permit } = body(shared, connection).await?;
    let (catalog, actor) = (Arc::clone(&shared.catalog), caller.actor());
    at_the_desk(shared, connection, &caller.tenant, move |_| {
        let set = admin::set_quota(&**catalog.store(), of.name(), &bytes, actor);
        drop(permit);
        set
    })
    .await
}
