//! The routes: which request does what, by asking the store and the workers. Runs no script code,
//! and does nothing on the thread that speaks HTTP whose cost grows with what a client sent.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use http::StatusCode;
use sandtide_net::{EndedSpan, SpanKind, Trace};
use sandtide_store::{ScheduleStore, StoreError};
use tracing::Instrument;

use crate::{
    access::{Access, Allowed},
    admin, answer,
    auth::{Caller, Gate},
    canary::{Draw, Side},
    catalog::{Asker, Catalog, Target},
    client::Client,
    conditions::Conditions,
    config::ServerConfig,
    debug::Debugging,
    error::ApiError,
    events::{self as log, Seen},
    facts, failures, feed,
    flight::Flight,
    http1::{Body, Head, Method, Response, Unread},
    later::Later,
    names::{Tenant, check_name},
    openapi,
    page::Page,
    query::parameters,
    quota::{Guard, Turn},
    route::Route,
    secrets,
    store::Deployed,
    tls::Certificate,
    workers::Workers,
};

mod deploys;
mod diagnosis;
mod events;
mod later;
mod runs;
mod scheduled;
mod schedules;
mod settings;
mod usage;

pub(crate) use scheduled::keep_time;

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) config: ServerConfig,
    pub(crate) access: Access,
    pub(crate) gate: Arc<Gate>,
    pub(crate) quotas: Arc<Guard>,
    pub(crate) flight: Arc<Flight>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) workers: Arc<Workers>,
    pub(crate) later: Arc<Later>,
    pub(crate) schedules: Arc<dyn ScheduleStore>,
    pub(crate) certificate: Option<Arc<Certificate>>,
    pub(crate) debugging: Arc<Debugging>,
    /// Set when no more connections are taken.
    pub(crate) ending: AtomicBool,
    /// How many there were, by which the log tells them apart.
    pub(crate) requests: AtomicU64,
}

/// How long the store may take to say that it is well.
const STORE_PATIENCE: Duration = Duration::from_secs(1);

/// Why a request has no answer of its route's.
enum Ended {
    Failed(ApiError),
    /// The client left: there is nobody to answer.
    Gone,
}

impl<E: Into<ApiError>> From<E> for Ended {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

type Handled = Result<Response, Ended>;

/// Answers one request, which may have come too `late`; `None` when its client left.
pub(crate) async fn respond(
    shared: &Shared,
    head: &mut Head,
    connection: &mut Client<'_>,
    late: bool,
) -> Option<Response> {
    let spans = shared.config.spans.as_ref();
    head.span = match spans {
        Some(spans) => spans.trace(head.trace.as_ref()),
        // Where nobody collects spans a trace that begins here would lead nowhere.
        None => head.trace.as_ref().map(Trace::child),
    };
    let (began, mut seen) = (Instant::now(), Seen { route: "none", ..Seen::default() });
    let number = shared.requests.fetch_add(1, Ordering::Relaxed);
    let context = head.span.as_ref().map_or_else(tracing::Span::none, log::traced);
    let recorded = spans.zip(head.span.clone()).filter(|(_, own)| own.is_sampled());
    let recorded = recorded
        .map(|(spans, own)| (spans, EndedSpan::begin(own, SpanKind::Server, head.trace.as_ref())));
    let answering = answer_it(shared, head, connection, &mut seen, late);
    let response = answering.instrument(context.clone()).await;
    if let Some((spans, span)) = recorded {
        spans.take(log::span(span, head, &seen, response.as_ref()));
    }
    let response = response?;
    let status = response.status.as_u16();
    shared.workers.metrics().answered(seen.route, status);
    context.in_scope(|| log::answered(&seen, number, status, began.elapsed()));
    Some(response)
}

async fn answer_it(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    seen: &mut Seen,
    late: bool,
) -> Option<Response> {
    let allowed = match shared.access.check(head) {
        Ok(allowed) => allowed,
        Err(error) => {
            seen.code = Some(error.code());
            return Some(answer::failure(&error));
        }
    };
    let handled = if head.preflight && head.method == Method::Options {
        preflight(head, &allowed)
    } else if late {
        handle_late(shared, head, connection, seen).await
    } else {
        handle(shared, head, connection, seen).await
    };
    match handled {
        Ok(response) => Some(allowed.mark(response)),
        Err(Ended::Failed(error)) => {
            seen.code = Some(error.code());
            log::store_failed(&error);
            Some(allowed.mark(answer::failure(&error)))
        }
        Err(Ended::Gone) => None,
    }
}

/// What a server that ends says of itself; other requests are for another one.
async fn handle_late(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    seen: &mut Seen,
) -> Handled {
    let route = Route::of(&head.path);
    if let Ok(Route::Live | Route::Ready) = route {
        return handle(shared, head, connection, seen).await;
    }
    seen.route = route.map_or("none", |route| route.name());
    Err(Ended::Failed(ApiError::Ending))
}

async fn handle(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    seen: &mut Seen,
) -> Handled {
    let route = Route::of(&head.path)?;
    (seen.route, seen.changes) = (route.name(), route.changes(&head.method));
    seen.script = route.script().filter(|name| check_name(name).is_ok()).map(str::to_owned);
    let scripts = &shared.catalog.scripts;
    // Whoever balances load has no token, nor has a browser that shows the document.
    if let (
        Method::Get | Method::Head,
        Route::Health | Route::Live | Route::Ready | Route::OpenApi | Route::Docs,
    ) = (&head.method, &route)
    {
        takes_nothing(head, connection)?;
        return match route {
            Route::Live => Ok(facts::alive()),
            Route::OpenApi => Ok(openapi::answered(&shared.flight)),
            Route::Docs => Ok(openapi::shown(&shared.flight)),
            Route::Ready => ready_or_not(shared, connection).await,
            _ => {
                let totals = shared.config.totals;
                Ok(facts::health(&shared.workers, scripts, &shared.flight, totals))
            }
        };
    }
    // The page is the same for everybody, and asks for a token itself where it needs one.
    if let (Method::Get | Method::Head, Route::Page(asset)) = (&head.method, &route) {
        takes_nothing(head, connection)?;
        return Ok(asset.answer(&shared.flight, head.if_none_match.as_deref()));
    }
    let caller = shared.gate.caller(head)?;
    seen.tenant = Some(caller.tenant.clone());
    if let (Method::Get | Method::Head, Route::Metrics) = (&head.method, &route) {
        takes_nothing(head, connection)?;
        caller.reads_metrics(shared.config.totals)?;
        let write = facts::metrics(&shared.workers, scripts, &shared.flight);
        let write = move |flight: &Arc<Flight>| Ok(write(flight));
        return at_the_desk(shared, connection, &caller.tenant, write).await;
    }
    caller.has_tenant()?;
    let tenant = caller.tenant.clone();
    let takes_key = match &route {
        Route::Script(_) => head.method == Method::Put,
        // Where they are asynchronous, which is looked at with the rest of the query.
        Route::ScriptRuns(_) | Route::AdHocRuns => head.method == Method::Post,
        // What it says there is the script's to know.
        Route::Handler(..) => true,
        _ => false,
    };
    if head.idempotency_key.is_some() && !takes_key {
        return Err(Ended::Failed(ApiError::InvalidRequest(
            "`Idempotency-Key` is of deploys and asynchronous runs; leave it out here".to_owned(),
        )));
    }
    match (&head.method, route) {
        (Method::Get | Method::Head, Route::Tokens) => {
            let page = page(head, connection)?;
            caller.is_admin()?;
            let tokens = shared.catalog.store().tokens().borrow().clone();
            at_the_desk(shared, connection, &tenant, move |flight| {
                Ok(admin::listed(flight, &tokens, &page))
            })
            .await
        }
        (Method::Post, Route::Tokens) => {
            settings::create_token(shared, head, connection, &caller).await
        }
        (Method::Delete, Route::Token(id)) => {
            takes_nothing(head, connection)?;
            caller.is_admin()?;
            let (catalog, actor) = (Arc::clone(&shared.catalog), caller.actor());
            at_the_desk(shared, connection, &tenant, move |_| {
                admin::revoke(&**catalog.store(), id, actor)
            })
            .await
        }
        (Method::Get | Method::Head, Route::Quotas) => {
            let page = page(head, connection)?;
            caller.is_admin()?;
            let quotas = shared.catalog.store().quotas().borrow().clone();
            at_the_desk(shared, connection, &tenant, move |flight| {
                Ok(admin::quotas(flight, &quotas, &page))
            })
            .await
        }
        (Method::Put, Route::Quota(of)) => {
            settings::set_quota(shared, head, connection, &caller, &of).await
        }
        (Method::Delete, Route::Quota(of)) => {
            takes_nothing(head, connection)?;
            caller.is_admin()?;
            let of = Tenant::of(Some(&of))?;
            let (catalog, actor) = (Arc::clone(&shared.catalog), caller.actor());
            at_the_desk(shared, connection, &tenant, move |_| {
                admin::remove_quota(&**catalog.store(), of.name(), actor)
            })
            .await
        }
        (Method::Get | Method::Head, Route::Audit) => {
            let page = page(head, connection)?;
            let all = caller.sees_all() && !caller.names_tenant;
            let of = (!all).then(|| tenant.to_string());
            let catalog = Arc::clone(&shared.catalog);
            at_the_desk(shared, connection, &tenant, move |flight| {
                admin::audit(flight, &**catalog.store(), of, &page)
            })
            .await
        }
        (Method::Get | Method::Head, Route::Usage) => {
            usage::usage(shared, head, connection, &caller).await
        }
        (Method::Get | Method::Head, Route::Errors) => {
            let [script, limit] = parameters(head.query.as_deref(), ["script", "limit"])?;
            takes_no_body(head, connection)?;
            let wanted = failures::Wanted::of(script, limit.as_deref())?;
            let (books, of) = (Arc::clone(shared.workers.books()), tenant.clone());
            at_the_desk(shared, connection, &tenant, move |flight| {
                Ok(facts::failures(flight, &of, &books.failures.last(&of, &wanted)))
            })
            .await
        }
        (Method::Get | Method::Head, Route::Events) => {
            events::events(shared, head, connection, &caller)
        }
        (Method::Get | Method::Head, Route::Tenants) => {
            takes_nothing(head, connection)?;
            caller.is_admin()?;
            let scripts = Arc::clone(&shared.catalog.scripts);
            at_the_desk(shared, connection, &tenant, move |flight| {
                Ok(facts::tenants(flight, &scripts))
            })
            .await
        }
        (Method::Get | Method::Head, Route::Scripts) => {
            let page = page(head, connection)?;
            let scripts = Arc::clone(&shared.catalog.scripts);
            let of = tenant.clone();
            let list = move |flight: &Arc<Flight>| Ok(facts::listed(flight, &scripts, &of, &page));
            at_the_desk(shared, connection, &tenant, list).await
        }
        (Method::Get | Method::Head, Route::Script(name)) => {
            takes_nothing(head, connection)?;
            let conditions = Conditions::of(head)?;
            let active = &shared.catalog.scripts.get(&tenant, &name)?.version;
            if conditions.is_known(active)? {
                return Ok(facts::not_modified(active));
            }
            let script = ready(shared, connection, &tenant, &name).await?;
            let now = shared.catalog.scripts.get(&tenant, &name)?;
            let canary = now.canary.clone().filter(|_| now.version == script.version);
            let show = move |flight: &Arc<Flight>| Ok(facts::shown(flight, &script, canary));
            at_the_desk(shared, connection, &tenant, show).await
        }
        (Method::Delete, Route::Script(name)) => {
            takes_nothing(head, connection)?;
            let (catalog, asker) = (Arc::clone(&shared.catalog), asker(head, &caller)?);
            let books = Arc::clone(shared.workers.books());
            let of = tenant.clone();
            at_the_desk(shared, connection, &tenant, move |_| {
                let actor = asker.actor.clone();
                catalog.remove(&of, &name, asker)?;
                books.feed.changed(feed::Kind::Remove, &of, &name, None, actor);
                Ok(Response::empty(StatusCode::NO_CONTENT))
            })
            .await
        }
        (Method::Put, Route::Script(name)) => {
            deploys::deploy(shared, head, connection, &caller, name).await
        }
        (Method::Post, Route::ScriptRuns(name)) => {
            runs::run(shared, head, connection, &tenant, &name).await
        }
        (Method::Get | Method::Head, Route::Memory(name)) => {
            takes_nothing(head, connection)?;
            let script = shared.catalog.scripts.get(&tenant, &name)?;
            let show = move |flight: &Arc<Flight>| Ok(facts::memory(flight, &script));
            at_the_desk(shared, connection, &tenant, show).await
        }
        (Method::Get | Method::Head, Route::Versions(name)) => {
            let page = page(head, connection)?;
            let (catalog, of) = (Arc::clone(&shared.catalog), tenant.clone());
            at_the_desk(shared, connection, &tenant, move |flight| {
                facts::versions(flight, &name, &catalog.versions(&of, &name)?, &page)
            })
            .await
        }
        (Method::Get | Method::Head, Route::Version(name, version)) => {
            takes_nothing(head, connection)?;
            let (catalog, of) = (Arc::clone(&shared.catalog), tenant.clone());
            let conditions = Conditions::of(head)?;
            at_the_desk(shared, connection, &tenant, move |flight| {
                let shown = catalog.source(&of, &name, &version)?;
                if conditions.is_known(&version)? {
                    return Ok(facts::not_modified(&version));
                }
                Ok(facts::source(flight, &name, &version, &shown))
            })
            .await
        }
        (Method::Post, Route::Activate(name, version)) => {
            deploys::activate(shared, head, connection, &caller, name, Target::Named(version)).await
        }
        (Method::Post, Route::RollBack(name)) => {
            deploys::activate(shared, head, connection, &caller, name, Target::Former).await
        }
        (Method::Get | Method::Head, Route::Canary(name)) => {
            takes_nothing(head, connection)?;
            Ok(facts::canary(&*shared.catalog.scripts.get(&tenant, &name)?)?)
        }
        (Method::Put, Route::Canary(name)) => {
            deploys::set_canary(shared, head, connection, &caller, name).await
        }
        (Method::Delete, Route::Canary(name)) => {
            deploys::end_canary(shared, head, connection, &caller, name).await
        }
        (Method::Get | Method::Head, Route::Schedules(name)) => {
            let page = page(head, connection)?;
            schedules::list(shared, connection, &tenant, name, page).await
        }
        (Method::Get | Method::Head, Route::Schedule(name, id)) => {
            takes_nothing(head, connection)?;
            schedules::show(shared, connection, &tenant, (name, id)).await
        }
        (Method::Put, Route::Schedule(name, id)) => {
            schedules::set(shared, head, connection, &caller, (name, id)).await
        }
        (Method::Delete, Route::Schedule(name, id)) => {
            takes_nothing(head, connection)?;
            schedules::remove(shared, connection, &caller, (name, id)).await
        }
        (Method::Get | Method::Head, Route::Secrets(of)) => {
            let (page, of) = (page(head, connection)?, secrets::of(&tenant, of)?);
            let catalog = Arc::clone(&shared.catalog);
            at_the_desk(shared, connection, &tenant, move |flight| {
                secrets::listed(flight, &**catalog.store(), of, &page)
            })
            .await
        }
        (Method::Put, Route::Secret(of, name)) => {
            let of = secrets::of(&tenant, of)?;
            settings::set_secret(shared, head, connection, &caller, (of, name)).await
        }
        (Method::Delete, Route::Secret(of, name)) => {
            takes_nothing(head, connection)?;
            let of = secrets::of(&tenant, of)?;
            let (catalog, actor) = (Arc::clone(&shared.catalog), caller.actor());
            let (of_tenant, of_script) = (tenant.clone(), of.script.clone());
            at_the_desk(shared, connection, &tenant, move |_| {
                let removed = secrets::remove(&**catalog.store(), of, name, actor)?;
                catalog.renew(&of_tenant, of_script.as_deref());
                Ok(removed)
            })
            .await
        }
        (Method::Post, Route::HeapSnapshot(name)) => {
            diagnosis::heap_snapshot(shared, head, connection, &tenant, &name).await
        }
        (Method::Post, Route::Profile(name)) => {
            diagnosis::profile(shared, head, connection, &tenant, name).await
        }
        (Method::Post, Route::Debug(name)) => {
            diagnosis::debug_next_run(shared, head, connection, &tenant, &name).await
        }
        (_, Route::Handler(name, path)) => {
            runs::handler(shared, head, connection, &tenant, (&name, &path)).await
        }
        (Method::Post, Route::AdHocRuns) => {
            runs::run_ad_hoc(shared, head, connection, &tenant).await
        }
        (Method::Get | Method::Head, Route::Run(id)) => {
            takes_nothing(head, connection)?;
            later::show(shared, connection, &tenant, id).await
        }
        (Method::Delete, Route::Run(id)) => {
            takes_nothing(head, connection)?;
            later::remove(shared, &tenant, &id)
        }
        (method, route) => Err(Ended::Failed(ApiError::MethodNotAllowed {
            allowed: route.methods(),
            method: method.name().to_owned(),
            path: head.path.clone(),
        })),
    }
}

/// Whether the server is ready for requests: what is kept can be read and written, and it is not ending.
async fn ready_or_not(shared: &Shared, connection: &mut Client<'_>) -> Handled {
    let (mut because, mut though) = (Vec::new(), Vec::new());
    if shared.ending.load(Ordering::Relaxed) {
        because.push("the server is ending".to_owned());
    }
    let check = tokio::time::timeout(STORE_PATIENCE, shared.catalog.store().check());
    match connection.unless_gone(check).await.ok_or(Ended::Gone)? {
        Ok(Ok(())) => {}
        // Whoever balances load would leave none of the servers that have one database.
        Ok(Err(error @ StoreError::Unavailable(_))) => though.push(error.public()),
        Ok(Err(error)) => {
            because.push(error.public());
            log::store_failed(&error.into());
        }
        Err(_) => {
            let shared = shared.catalog.store().news().is_some();
            let list = if shared { &mut though } else { &mut because };
            list.push("the store does not answer".to_owned());
        }
    }
    Ok(facts::readiness(&because, &though))
}

/// Answers a browser's question whether a page may send its request: it may.
fn preflight(head: &Head, allowed: &Allowed) -> Handled {
    let methods = Route::of(&head.path)?.methods();
    let response = Response::empty(StatusCode::NO_CONTENT);
    Ok(match allowed {
        Allowed::Own => response.header("allow", methods),
        Allowed::Page(_) => response
            .header("access-control-allow-methods", methods)
            .header(
                "access-control-allow-headers",
                "accept, authorization, content-type, idempotency-key, if-match, if-none-match, \
                 last-event-id, sandtide-canary-key, sandtide-tenant, traceparent, tracestate",
            )
            .header("access-control-max-age", "600"),
    })
}

/// Which part of a list is asked for.
fn page(head: &Head, connection: &Client<'_>) -> Result<Page, ApiError> {
    takes_no_body(head, connection)?;
    Page::wanted(head.query.as_deref())
}

/// Who asks for a change of a script, and when it is wanted.
fn asker(head: &Head, caller: &Caller) -> Result<Asker, ApiError> {
    Ok(Asker { actor: caller.actor(), conditions: Conditions::of(head)? })
}

/// Refuses a query and a body where the route takes neither.
fn takes_nothing(head: &Head, connection: &Client<'_>) -> Result<(), ApiError> {
    let [] = parameters(head.query.as_deref(), [])?;
    takes_no_body(head, connection)
}

fn takes_no_body(head: &Head, connection: &Client<'_>) -> Result<(), ApiError> {
    if connection.has_body_left() {
        return Err(ApiError::InvalidRequest(format!(
            "{} takes no body here; leave it out",
            head.method.name()
        )));
    }
    Ok(())
}

/// Has the answer written by the thread that reads and writes what is large.
async fn at_the_desk(
    shared: &Shared,
    connection: &mut Client<'_>,
    tenant: &Tenant,
    work: impl FnOnce(&Arc<Flight>) -> Result<Response, ApiError> + Send + 'static,
) -> Handled {
    let flight = Arc::clone(&shared.flight);
    let written = shared.workers.at_the_desk(tenant, move || work(&flight));
    let written = connection.unless_gone(written).await;
    Ok(written.ok_or(Ended::Gone)??)
}

/// The version of a script that answers. It is built first where the server was started since it was
/// deployed.
async fn ready(
    shared: &Shared,
    connection: &mut Client<'_>,
    tenant: &Tenant,
    name: &str,
) -> Result<Arc<Deployed>, Ended> {
    if let Some(script) = shared.catalog.scripts.get(tenant, name)?.ready() {
        return Ok(Arc::clone(script));
    }
    let built = shared.catalog.ready(&shared.workers, tenant, name);
    Ok(connection.unless_gone(built).await.ok_or(Ended::Gone)??)
}

/// The version of a script that a run is given, and which that is where there are two. Runs of one key are all given
/// one: the client's own, or that by which it is known where it is asked for again.
async fn ready_for_run(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    tenant: &Tenant,
    name: &str,
) -> Result<(Arc<Deployed>, Option<Side>), Ended> {
    let key = head.canary_key.as_deref().or(head.idempotency_key.as_deref());
    let draw = Draw::of(key);
    let (slot, side) = shared.catalog.scripts.get(tenant, name)?.picked(draw);
    if let Some(script) = slot.ready() {
        return Ok((Arc::clone(script), side));
    }
    let built = shared.catalog.ready_for(&shared.workers, tenant, name, draw);
    Ok(connection.unless_gone(built).await.ok_or(Ended::Gone)??)
}

/// Begins what counts as a run, where the tenant may.
fn begin(
    shared: &Shared,
    tenant: &Tenant,
    script: Option<&str>,
) -> Result<Option<Arc<Turn>>, ApiError> {
    shared.quotas.begin(tenant).inspect_err(|error| {
        let books = shared.workers.books();
        books.metrics.refused(error.code());
        books.feed.refused(tenant, script, error);
    })
}

/// The same for what builds a script, which may run some of it.
fn begin_build(
    shared: &Shared,
    tenant: &Tenant,
    script: &str,
) -> Result<Option<Arc<Turn>>, ApiError> {
    shared.quotas.begin(tenant).inspect_err(|error| {
        let books = shared.workers.books();
        books.metrics.deployed(Some(error.code()));
        books.feed.refused(tenant, Some(script), error);
    })
}

async fn body(shared: &Shared, connection: &mut Client<'_>) -> Result<Body, Ended> {
    let limit = shared.config.max_body_bytes;
    let seconds = shared.config.read_timeout.as_secs();
    connection.read_body(limit).await.map_err(|unread| match unread {
        Unread::TooLarge => Ended::Failed(ApiError::BodyTooLarge { limit }),
        Unread::TimedOut => Ended::Failed(ApiError::BodyTimeout { seconds }),
        Unread::Malformed(malformed) => Ended::Failed(malformed.into()),
        Unread::NoRoom => Ended::Failed(ApiError::BytesInFlight),
        Unread::Gone => Ended::Gone,
    })
}
