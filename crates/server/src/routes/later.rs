//! Asynchronous runs over HTTP: they are answered with an identity, by which their outcome is asked for. Knows nothing
//! of how they are kept.

use std::{future::poll_fn, mem, sync::Arc, task::Poll};

use http::StatusCode;
use sandtide_store::{Fingerprint, Who};
use serde::Serialize;
use tokio::task::spawn_blocking;
use tracing::Instrument;

use crate::{
    answer,
    callback::{Callback, KEY},
    client::Client,
    conditions::deploy_key,
    error::ApiError,
    flight::Flight,
    http1::{Body, Head, Response},
    later::{Later, Wanted},
    names::Tenant,
    quota::Turn,
    store::Deployed,
    workers::Asked,
};

use super::{Ended, Handled, Shared};

/// What is refused so that runs which are answered at once have room to wait.
const FULL: ApiError = ApiError::QueueFull(
    "of the runs that may wait three quarters do, and asynchronous ones take no more",
);

/// What makes a run asynchronous, and what else is wanted of it.
pub(super) struct Asynchronous {
    key: Option<(String, Fingerprint)>,
    callback: Option<String>,
}

impl Asynchronous {
    /// What a request says; none where its run is answered as it ends.
    pub(super) async fn of(
        shared: &Shared,
        connection: &mut Client<'_>,
        tenant: &Tenant,
        head: &Head,
        (asynchronous, callback): (bool, Option<String>),
        body: &mut Body,
    ) -> Result<Option<Self>, Ended> {
        let refused = |what: &str| {
            Err(Ended::Failed(ApiError::InvalidRequest(format!(
                "{what} is of asynchronous runs: add `async` to the query, or leave it out"
            ))))
        };
        let key = deploy_key(head)?;
        match (asynchronous, &key, &callback) {
            (false, Some(_), _) => return refused("`Idempotency-Key`"),
            (false, _, Some(_)) => return refused("`callback`"),
            (false, None, None) => return Ok(None),
            _ => {}
        }
        let Some(key) = key else { return Ok(Some(Self { key: None, callback })) };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let texts = [head.path.clone(), text(&head.query), text(&head.content_type)];
        let hash = move |body: Vec<u8>| {
            let [path, query, kind] = texts.each_ref().map(String::as_bytes);
            Ok((Fingerprint::of(&[path, query, kind, &body]), body))
        };
        let hashed = shared.workers.prepare(tenant, mem::take(&mut body.bytes), hash);
        let hashed = connection.unless_gone(hashed).await.ok_or(Ended::Gone)?;
        let fingerprint;
        (fingerprint, body.bytes) = hashed?;
        Ok(Some(Self { key: Some((key, fingerprint)), callback }))
    }

    /// The answer of the run that was asked for before, if it was.
    pub(super) fn known(
        &self,
        shared: &Shared,
        tenant: &Tenant,
    ) -> Result<Option<Response>, ApiError> {
        let Some(key) = &self.key else { return Ok(None) };
        Ok(shared.later.known(tenant, key)?.map(|id| accepted(&id, true)))
    }

    /// The same, for a script that is there, or a source that comes with the run.
    pub(super) async fn begins(
        self,
        shared: &Shared,
        tenant: &Tenant,
        script: Option<&Arc<Deployed>>,
    ) -> Result<Begins, ApiError> {
        let name = script.map(|script| Arc::clone(&script.name));
        let version = script.map(|script| Arc::clone(&script.version));
        let mut begins = Begins { script: name, version, key: self.key, callback: None };
        let Some(url) = self.callback else { return Ok(begins) };
        let checked = Callback::check(&url, script.and_then(|script| script.reach.as_ref()))?;
        let script = begins.script.as_deref().unwrap_or_default().to_owned();
        let who = Who { tenant: tenant.to_string(), script };
        let keys = shared.catalog.store().open_secrets(who, vec![KEY.to_owned()]).await?;
        let key = keys.first().ok_or(ApiError::Internal)?;
        let network = shared.catalog.network().clone();
        let callback = Callback::new(checked, key, network, shared.config.callback_pause)?;
        begins.callback = Some(callback);
        Ok(begins)
    }
}

/// An asynchronous run that was found in order.
pub(super) struct Begins {
    script: Option<Arc<str>>,
    version: Option<Arc<str>>,
    key: Option<(String, Fingerprint)>,
    /// Whom to tell when it has ended.
    callback: Option<Callback>,
}

impl Begins {
    /// Makes a run of the body and begins it; it goes on when it was answered.
    pub(super) async fn begin(
        self,
        shared: &Shared,
        head: &Head,
        connection: &mut Client<'_>,
        tenant: &Tenant,
        (body, turn): (Body, Option<Arc<Turn>>),
        prepare: impl FnOnce(Vec<u8>) -> Result<Asked, ApiError> + Send + 'static,
    ) -> Handled {
        let Self { script, version, key, callback } = self;
        has_room(shared, tenant)?;
        let Body { bytes, permit } = body;
        let asked = shared.workers.prepare(tenant, bytes, prepare);
        let asked = connection.unless_gone(asked).await.ok_or(Ended::Gone)??;
        let mut asked = asked.caused_by(head.span.as_ref());
        let wanted = Wanted { script, version, key, has_callback: callback.is_some() };
        let mut reserved = match shared.later.reserve(tenant, wanted)? {
            Ok(reserved) => reserved,
            Err(known) => return Ok(accepted(&known, true)),
        };
        asked.begun = Some(Arc::clone(&reserved.begun));
        let (workers, of) = (Arc::clone(&shared.workers), tenant.clone());
        let mut running = Box::pin(async move { workers.run(&of, asked, permit, turn).await });
        // What finds no room in its queue is refused at once.
        let first = poll_fn(|context| Poll::Ready(running.as_mut().poll(context))).await;
        if let Poll::Ready(Err(error)) = first {
            reserved.refuse();
            return Err(Ended::Failed(error));
        }
        let answer = accepted(&reserved.id, false);
        let (later, of) = (Arc::clone(&shared.later), tenant.clone());
        let flight = Arc::clone(&shared.flight);
        let trace = head.span.clone();
        let goes_on = async move {
            let ended = match first {
                Poll::Ready(ended) => ended,
                Poll::Pending => tokio::select! {
                    ended = running => ended,
                    _ = &mut reserved.cancelled => return,
                },
            };
            keep(&later, &of, &reserved.id, ended).await;
            if let Some(callback) = callback {
                callback.deliver(&flight, &later, &of, &reserved.id, trace.as_ref()).await;
            }
        };
        tokio::spawn(goes_on.in_current_span());
        Ok(answer)
    }
}

/// Refuses what would leave runs that are answered at once no room to wait.
pub(super) fn has_room(shared: &Shared, tenant: &Tenant) -> Result<(), ApiError> {
    if is_full(shared, tenant, (0, 0)) {
        shared.workers.metrics().refused(FULL.code());
        return Err(FULL);
    }
    Ok(())
}

/// Whether there is no room for another one, where so many of the tenant and of all will come besides.
pub(super) fn is_full(
    shared: &Shared,
    tenant: &Tenant,
    (of_tenant, of_all): (usize, usize),
) -> bool {
    let most = |waiting: usize| (waiting - waiting / 4).max(1);
    let (config, workers) = (&shared.config, &shared.workers);
    workers.of_tenant(tenant).0 + of_tenant >= most(config.tenant_queue)
        || workers.waiting() + of_all >= most(config.max_connections)
}

pub(super) async fn keep(
    later: &Arc<Later>,
    tenant: &Tenant,
    id: &Arc<str>,
    ended: Result<Response, ApiError>,
) {
    let mut response = ended.unwrap_or_else(|error| answer::failure(&error));
    let limit = later.largest();
    if response.length() > limit {
        response = answer::failure(&ApiError::AnswerTooLarge { limit });
    }
    let (later, tenant, id) = (Arc::clone(later), tenant.clone(), Arc::clone(id));
    let keep = move || {
        later.ended(&tenant, &id, response.status.as_u16(), response.body.concat());
    };
    // It may be large, and takes time then.
    let _ = spawn_blocking(keep).await;
}

fn accepted(id: &str, again: bool) -> Response {
    #[derive(Serialize)]
    struct Accepted<'a> {
        id: &'a str,
        url: &'a str,
    }
    let url = format!("/v1/runs/{id}");
    let response = answer::json(StatusCode::ACCEPTED, &Accepted { id, url: &url });
    let response = response.header("location", url);
    if again { response.header("idempotent-replayed", "true") } else { response }
}

/// What became of a run.
pub(super) async fn show(
    shared: &Shared,
    connection: &mut Client<'_>,
    tenant: &Tenant,
    id: String,
) -> Handled {
    let (later, of) = (Arc::clone(&shared.later), tenant.clone());
    super::at_the_desk(shared, connection, tenant, move |flight: &Arc<Flight>| {
        let told = later.told(&of, &id, true).ok_or_else(|| not_found(&id))?;
        let response = answer::as_it_is(flight, "application/json", told);
        Ok(response.header("cache-control", "no-store"))
    })
    .await
}

/// Cancels a run, or forgets its outcome.
pub(super) fn remove(shared: &Shared, tenant: &Tenant, id: &str) -> Handled {
    match shared.later.remove(tenant, id) {
        true => Ok(Response::empty(StatusCode::NO_CONTENT)),
        false => Err(Ended::Failed(not_found(id))),
    }
}

fn not_found(id: &str) -> ApiError {
    ApiError::RunNotFound(id.chars().take(40).collect())
}
