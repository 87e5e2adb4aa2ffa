//! Requests that put versions of scripts in place. Knows nothing of how they are built or kept.

use std::sync::Arc;

use crate::{
    auth::Caller,
    catalog::{Content, ContentKind, Target},
    conditions::deploy_key,
    error::ApiError,
    facts,
    feed::Kind,
    http1::{Body, Connection, Head},
    names::check_name,
    negotiation,
    query::parameters,
};

use super::{Ended, Handled, Shared, asker, begin_build, body, takes_nothing};

pub(super) async fn deploy(
    shared: &Shared,
    head: &Head,
    connection: &mut Connection,
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
    let [file] = parameters(head.query.as_deref(), ["file"])?;
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
    let Body { bytes, permit } = body(shared, connection).await?;
    let turn = begin_build(shared, tenant, &name)?;

    let (catalog, of) = (Arc::clone(&shared.catalog), tenant.clone());
    let language = kind.language();
    let kind =
        if kind == negotiation::Kind::Json { ContentKind::Json } else { ContentKind::Source };
    let content = Content { kind, language, file, bytes, key };
    let called = name.clone();
    let books = Arc::clone(shared.workers.books());
    let built = shared.workers.build(tenant, &called, move || {
        // The body's room is held to the end, because the body is in memory until it is kept.
        let actor = asker.actor.clone();
        let told = facts::deploy_told;
        let made = catalog.deploy(of.clone(), &name, content, asker, &coming, told);
        drop(turn);
        books.metrics.deployed(made.as_ref().err().map(ApiError::code));
        match &made {
            Ok(deploy) if !deploy.again => {
                let version = facts::version_of(deploy).map(Arc::from);
                books.feed.changed(Kind::Deploy, &of, &name, version, actor);
            }
            Ok(_) => {}
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
    connection: &mut Connection,
    caller: &Caller,
    name: String,
    target: Target,
) -> Handled {
    takes_nothing(head, connection)?;
    let (tenant, asker) = (&caller.tenant, asker(head, caller)?);
    let books = Arc::clone(shared.workers.books());
    let active = shared.catalog.scripts.get(tenant, &name)?;
    let kind = if matches!(target, Target::Former) { Kind::RollBack } else { Kind::Activate };
    let turn = begin_build(shared, tenant, &name)?;
    let (catalog, of, called) = (Arc::clone(&shared.catalog), tenant.clone(), name.clone());
    let built = shared.workers.build(tenant, &called, move || {
        let actor = asker.actor.clone();
        let made = catalog.activate(&of, &name, target, asker);
        drop(turn);
        books.metrics.deployed(made.as_ref().err().map(ApiError::code));
        match &made {
            Ok(slot) if !Arc::ptr_eq(slot, &active) => {
                let version = Some(Arc::clone(&slot.version));
                books.feed.changed(kind, &of, &name, version, actor);
            }
            Ok(_) => {}
            Err(error) => books.feed.refused(&of, Some(&name), error),
        }
        Ok(facts::activated(&*made?))
    });
    Ok(connection.unless_gone(built).await.ok_or(Ended::Gone)??)
}
