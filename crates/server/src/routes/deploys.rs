//! Requests that put versions of scripts in place. Knows nothing of how they are built or kept.

use std::sync::Arc;

use http::StatusCode;
use serde::Deserialize;

use crate::{
    auth::Caller,
    canary,
    catalog::{Content, ContentKind, Target},
    client::Client,
    conditions::deploy_key,
    error::ApiError,
    facts,
    feed::Kind,
    http1::{Body, Head, Response},
    json::Object,
    names::check_name,
    negotiation,
    query::parameters,
    store::Slot,
};

use super::{Ended, Handled, Shared, asker, at_the_desk, begin_build, body, takes_nothing};

pub(super) async fn deploy(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    caller: &Caller,
    name: String,
) -> Handled {
    let tenant = &caller.tenant;
    check_name(&name)?;
    let (asker, key) = (asker(head, caller)?, deploy_key(head)?);
    if key.is_none() {
        asker.conditions.check(shared.catalog.active(tenant, &name).as_deref())?;
    }
    let coming = shared.catalog.coming(tenant, &name);
    let [file, share] = parameters(head.query.as_deref(), ["file", "canary"])?;
    // What is no number is no share either.
    let share = share.map(|text| canary::percent(text.parse().unwrap_or(0))).transpose()?;
    let kind = negotiation::Kind::of(head);
    if !matches!(
        kind,
        negotiation::Kind::None
            | negotiation::Kind::Source(_)
            | negotiation::Kind::Text
            | negotiation::Kind::Json
    ) {
        return Err(Ended::Failed(ApiError::UnsupportedMediaType(
            "send the source as text/javascript or text/typescript, or a description of the script \
             as application/json"
                .to_owned(),
        )));
    }
    if kind == negotiation::Kind::Json && file.is_some() {
        return Err(Ended::Failed(ApiError::InvalidRequest(
            "`file` belongs in the body when the body is JSON".to_owned(),
        )));
    }
    shared.catalog.scripts.check_room(tenant, &name)?;
    if share.is_some() {
        // There has to be a version for it to be beside.
        shared.catalog.scripts.get(tenant, &name)?;
    }
    let Body { bytes, permit } = body(shared, connection).await?;
    let turn = begin_build(shared, tenant, &name)?;

    let (catalog, of) = (Arc::clone(&shared.catalog), tenant.clone());
    let language = kind.language();
    let kind =
        if kind == negotiation::Kind::Json { ContentKind::Json } else { ContentKind::Source };
    let content = Content { kind, language, file, bytes, key, share };
    let called = name.clone();
    let books = Arc::clone(shared.workers.books());
    let built = shared.workers.build(tenant, &called, move || {
        // The body's room is held to the end, because the body is in memory until it is kept.
        let actor = asker.actor.clone();
        let told = |slot: &Slot, is_new| match share {
            Some(_) => facts::deploy_beside_told(slot),
            None => facts::deploy_told(slot, is_new),
        };
        let made = catalog.deploy(of.clone(), &name, content, asker, &coming, told);
        drop(turn);
        books.metrics.deployed(made.as_ref().err().map(ApiError::code));
        match &made {
            Ok(deploy) => match (&deploy.version, share) {
                (Some(version), Some(percent)) => {
                    books.feed.shared(&of, &name, (Arc::clone(version), percent), actor);
                }
                (Some(version), None) => {
                    let version = Some(Arc::clone(version));
                    books.feed.changed(Kind::Deploy, &of, &name, version, actor);
                }
                // It was carried out before.
                (None, _) => {}
            },
            Err(error) => books.feed.refused(&of, Some(&name), error),
        }
        drop(permit);
        facts::deployed(&made?)
    });
    Ok(connection.unless_gone(built).await.ok_or(Ended::Gone)??)
}

/// Has a version that is kept answer from now on.
pub(super) async fn activate(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    caller: &Caller,
    name: String,
    target: Target,
) -> Handled {
    takes_nothing(head, connection)?;
    let (tenant, asker) = (&caller.tenant, asker(head, caller)?);
    let books = Arc::clone(shared.workers.books());
    shared.catalog.scripts.get(tenant, &name)?;
    let kind = if matches!(target, Target::Former) { Kind::RollBack } else { Kind::Activate };
    let turn = begin_build(shared, tenant, &name)?;
    let (catalog, of, called) = (Arc::clone(&shared.catalog), tenant.clone(), name.clone());
    let built = shared.workers.build(tenant, &called, move || {
        let actor = asker.actor.clone();
        let made = catalog.activate(&of, &name, target, asker);
        drop(turn);
        books.metrics.deployed(made.as_ref().err().map(ApiError::code));
        match &made {
            Ok((slot, true)) => {
                let version = Some(Arc::clone(&slot.version));
                books.feed.changed(kind, &of, &name, version, actor);
            }
            // All was so already.
            Ok((_, false)) => {}
            Err(error) => books.feed.refused(&of, Some(&name), error),
        }
        Ok(facts::activated(&made?.0))
    });
    Ok(connection.unless_gone(built).await.ok_or(Ended::Gone)??)
}

/// Which version is to have which share.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CanaryBody {
    version: String,
    percent: u64,
}

/// Gives a version that is kept a share of the runs beside the active one.
pub(super) async fn set_canary(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    caller: &Caller,
    name: String,
) -> Handled {
    let [] = parameters(head.query.as_deref(), [])?;
    let (tenant, asker) = (&caller.tenant, asker(head, caller)?);
    shared.catalog.scripts.get(tenant, &name)?;
    if negotiation::Kind::of(head) != negotiation::Kind::Json {
        return Err(Ended::Failed(ApiError::UnsupportedMediaType(
            "send {\"version\": \"…\", \"percent\": 5} as application/json".to_owned(),
        )));
    }
    let Body { bytes, permit } = body(shared, connection).await?;
    let refused = |error| ApiError::InvalidRequest(format!("the body is refused: {error}"));
    // A body of this form is small, whatever was sent.
    let Object(CanaryBody { version, percent }) = shared
        .workers
        .prepare(tenant, bytes, move |bytes| serde_json::from_slice(&bytes).map_err(refused))
        .await?;
    drop(permit);
    let percent = canary::percent(percent)?;
    let turn = begin_build(shared, tenant, &name)?;
    let (catalog, of, called) = (Arc::clone(&shared.catalog), tenant.clone(), name.clone());
    let books = Arc::clone(shared.workers.books());
    let built = shared.workers.build(tenant, &called, move || {
        let actor = asker.actor.clone();
        let made = catalog.set_canary(&of, &name, (version, percent), asker);
        drop(turn);
        books.metrics.deployed(made.as_ref().err().map(ApiError::code));
        match &made {
            Ok(script) => {
                if let Some(canary) = &script.canary {
                    let version = Arc::clone(&canary.slot.version);
                    books.feed.shared(&of, &name, (version, percent), actor);
                }
            }
            Err(error) => books.feed.refused(&of, Some(&name), error),
        }
        facts::canary(&*made?)
    });
    Ok(connection.unless_gone(built).await.ok_or(Ended::Gone)??)
}

/// Has the active version get all runs again.
pub(super) async fn end_canary(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    caller: &Caller,
    name: String,
) -> Handled {
    takes_nothing(head, connection)?;
    let asker = asker(head, caller)?;
    let (catalog, of) = (Arc::clone(&shared.catalog), caller.tenant.clone());
    let books = Arc::clone(shared.workers.books());
    at_the_desk(shared, connection, &caller.tenant, move |_| {
        let actor = asker.actor.clone();
        let version = catalog.end_canary(&of, &name, asker)?;
        books.feed.changed(Kind::EndCanary, &of, &name, version, actor);
        Ok(Response::empty(StatusCode::NO_CONTENT))
    })
    .await
}
