//! The routes: which request does what, by asking the store and the workers. Runs no script code,
//! and does nothing on the thread that speaks HTTP whose cost grows with what a client sent.

use std::sync::Arc;

use http::StatusCode;
use percent_encoding::percent_decode_str;
use sandtide::Run;

use crate::{
    access::{Access, Allowed},
    answer,
    bodies::{AdHocBody, DeployBody, Input, RunBody, run_of_source},
    config::ServerConfig,
    debug::{self, Debugging},
    error::ApiError,
    facts,
    flight::Flight,
    http1::{Body, Connection, Head, Method, Response, Unread},
    names::{Tenant, check_name},
    negotiation::{Kind, Wanted, wants_raw},
    place::Built,
    profiler,
    query::parameters,
    snapshots::{self, Of},
    store::{Deployed, Scripts},
    workers::{Asked, Program, Workers},
};

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) config: ServerConfig,
    pub(crate) access: Access,
    pub(crate) flight: Arc<Flight>,
    pub(crate) scripts: Arc<Scripts>,
    pub(crate) workers: Workers,
    pub(crate) debugging: Arc<Debugging>,
}

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

enum Route {
    Health,
    Usage,
    Scripts,
    Script(String),
    ScriptRuns(String),
    AdHocRuns,
    /// Of one script, or of all that runs.
    Profile(Option<String>),
    Memory(String),
    HeapSnapshot(String),
    Debug(String),
}

impl Route {
    fn of(path: &str) -> Result<Self, ApiError> {
        let nothing = || ApiError::NotFound(path.to_owned());
        match path {
            "/healthz" => return Ok(Self::Health),
            "/v1/usage" => return Ok(Self::Usage),
            "/v1/scripts" => return Ok(Self::Scripts),
            "/v1/runs" => return Ok(Self::AdHocRuns),
            "/v1/profile" => return Ok(Self::Profile(None)),
            _ => {}
        }
        let rest = path.strip_prefix("/v1/scripts/").ok_or_else(nothing)?;
        let (name, of): (_, fn(String) -> Self) = match rest.split_once('/') {
            None => (rest, Self::Script),
            Some((name, "runs")) => (name, Self::ScriptRuns),
            Some((name, "profile")) => (name, |name| Self::Profile(Some(name))),
            Some((name, "memory")) => (name, Self::Memory),
            Some((name, "heap-snapshot")) => (name, Self::HeapSnapshot),
            Some((name, "debug")) => (name, Self::Debug),
            Some(_) => return Err(nothing()),
        };
        if name.is_empty() {
            return Err(nothing());
        }
        let name = percent_decode_str(name)
            .decode_utf8()
            .map_err(|_| ApiError::InvalidName("(not UTF-8)".to_owned()))?
            .into_owned();
        Ok(of(name))
    }

    fn methods(&self) -> &'static str {
        match self {
            Self::Health | Self::Usage | Self::Scripts | Self::Memory(_) => "GET, HEAD",
            Self::Script(_) => "GET, HEAD, PUT, DELETE",
            Self::ScriptRuns(_)
            | Self::AdHocRuns
            | Self::Profile(_)
            | Self::HeapSnapshot(_)
            | Self::Debug(_) => "POST",
        }
    }
}

/// Answers one request; `None` when its client left.
pub(crate) async fn respond(
    shared: &Shared,
    head: &Head,
    connection: &mut Connection,
) -> Option<Response> {
    let allowed = match shared.access.check(head) {
        Ok(allowed) => allowed,
        Err(error) => return Some(answer::failure(&error)),
    };
    let handled = if head.preflight && head.method == Method::Options {
        preflight(head, &allowed)
    } else {
        handle(shared, head, connection).await
    };
    match handled {
        Ok(response) => Some(allowed.mark(response)),
        Err(Ended::Failed(error)) => Some(allowed.mark(answer::failure(&error))),
        Err(Ended::Gone) => None,
    }
}

async fn handle(shared: &Shared, head: &Head, connection: &mut Connection) -> Handled {
    let route = Route::of(&head.path)?;
    let tenant = Tenant::of(head.tenant.as_deref())?;
    match (&head.method, route) {
        (Method::Get | Method::Head, Route::Health) => {
            takes_nothing(head, connection)?;
            let totals = shared.config.totals;
            Ok(facts::health(&shared.workers, &shared.scripts, &shared.flight, totals))
        }
        (Method::Get | Method::Head, Route::Usage) => {
            takes_nothing(head, connection)?;
            let scripts = Arc::clone(&shared.scripts);
            let (of, runs) = (tenant.clone(), shared.workers.of_tenant(&tenant));
            let loses_workers = shared.workers.place().loses_workers();
            let usage = move |_: &Arc<Flight>| Ok(facts::usage(&scripts, &of, runs, loses_workers));
            at_the_desk(shared, connection, &tenant, usage).await
        }
        (Method::Get | Method::Head, Route::Scripts) => {
            takes_nothing(head, connection)?;
            let scripts = Arc::clone(&shared.scripts);
            let of = tenant.clone();
            let list = move |flight: &Arc<Flight>| Ok(facts::listed(flight, &scripts, &of));
            at_the_desk(shared, connection, &tenant, list).await
        }
        (Method::Get | Method::Head, Route::Script(name)) => {
            takes_nothing(head, connection)?;
            let script = shared.scripts.get(&tenant, &name)?;
            let show = move |flight: &Arc<Flight>| Ok(facts::shown(flight, &script));
            at_the_desk(shared, connection, &tenant, show).await
        }
        (Method::Delete, Route::Script(name)) => {
            takes_nothing(head, connection)?;
            let scripts = Arc::clone(&shared.scripts);
            let of = tenant.clone();
            at_the_desk(shared, connection, &tenant, move |_| {
                scripts.remove(&of, &name)?;
                Ok(Response::empty(StatusCode::NO_CONTENT))
            })
            .await
        }
        (Method::Put, Route::Script(name)) => deploy(shared, head, connection, tenant, name).await,
        (Method::Post, Route::ScriptRuns(name)) => {
            run(shared, head, connection, &tenant, &name).await
        }
        (Method::Get | Method::Head, Route::Memory(name)) => {
            takes_nothing(head, connection)?;
            let script = shared.scripts.get(&tenant, &name)?;
            let show = move |flight: &Arc<Flight>| Ok(facts::memory(flight, &script));
            at_the_desk(shared, connection, &tenant, show).await
        }
        (Method::Post, Route::HeapSnapshot(name)) => {
            heap_snapshot(shared, head, connection, &tenant, &name).await
        }
        (Method::Post, Route::Profile(name)) => {
            profile(shared, head, connection, &tenant, name).await
        }
        (Method::Post, Route::Debug(name)) => {
            debug_next_run(shared, head, connection, &tenant, &name).await
        }
        (Method::Post, Route::AdHocRuns) => run_ad_hoc(shared, head, connection, &tenant).await,
        (method, route) => Err(Ended::Failed(ApiError::MethodNotAllowed {
            allowed: route.methods(),
            method: method.name().to_owned(),
            path: head.path.clone(),
        })),
    }
}

/// Answers a browser's question whether a page may send its request: it may.
fn preflight(head: &Head, allowed: &Allowed) -> Handled {
    let methods = Route::of(&head.path)?.methods();
    let response = Response::empty(StatusCode::NO_CONTENT);
    Ok(match allowed {
        Allowed::Own => response.header("allow", methods),
        Allowed::Page(_) => response
            .header("access-control-allow-methods", methods)
            .header("access-control-allow-headers", "accept, content-type, sandtide-tenant")
            .header("access-control-max-age", "600"),
    })
}

/// Refuses a query and a body where the route takes neither.
fn takes_nothing(head: &Head, connection: &Connection) -> Result<(), ApiError> {
    let [] = parameters(head.query.as_deref(), [])?;
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
    connection: &mut Connection,
    tenant: &Tenant,
    work: impl FnOnce(&Arc<Flight>) -> Result<Response, ApiError> + Send + 'static,
) -> Handled {
    let flight = Arc::clone(&shared.flight);
    let written = shared.workers.at_the_desk(tenant, move || work(&flight));
    let written = connection.unless_gone(written).await;
    Ok(written.ok_or(Ended::Gone)??)
}

async fn deploy(
    shared: &Shared,
    head: &Head,
    connection: &mut Connection,
    tenant: Tenant,
    name: String,
) -> Handled {
    check_name(&name)?;
    let [file] = parameters(head.query.as_deref(), ["file"])?;
    let kind = Kind::of(head);
    if !matches!(kind, Kind::None | Kind::JavaScript | Kind::Text | Kind::Json) {
        return Err(Ended::Failed(ApiError::UnsupportedMediaType(
            "send the source as text/javascript, or a description of the script as application/json"
                .to_owned(),
        )));
    }
    if kind == Kind::Json && file.is_some() {
        return Err(Ended::Failed(ApiError::InvalidRequest(
            "`file` belongs in the body when the body is JSON".to_owned(),
        )));
    }
    shared.scripts.check_room(&tenant, &name)?;
    let Body { bytes, permit } = body(shared, connection).await?;

    let (scripts, limits) = (Arc::clone(&shared.scripts), shared.config.limits);
    let place = shared.workers.place().clone();
    // The body's room is held to the end, because the body is in memory until then, as it came or
    // as what was read from it.
    let (of, called) = (tenant.clone(), name.clone());
    let built = shared.workers.build(&tenant, &called, move || {
        let deploy = match kind {
            Kind::Json => DeployBody::parse(&bytes)?,
            _ => DeployBody::of_source(&bytes, file)?,
        };
        drop(bytes);
        let room = scripts.room(deploy.bytes_held())?;
        let shared = scripts.shared(&of, &name);
        let script = Arc::new(deploy.build(&place, of, name, &limits, room, shared)?);
        let new = scripts.put(Arc::clone(&script))?;
        drop(permit);
        Ok(facts::deployed(&script, new))
    });
    Ok(connection.unless_gone(built).await.ok_or(Ended::Gone)??)
}

async fn run(
    shared: &Shared,
    head: &Head,
    connection: &mut Connection,
    tenant: &Tenant,
    name: &str,
) -> Handled {
    let script = shared.scripts.get(tenant, name)?;
    let [raw] = parameters(head.query.as_deref(), ["raw"])?;
    let raw = wants_raw(raw.as_deref())?;
    let (kind, wanted) = (Kind::of(head), Wanted::of(head, raw));
    if !raw && !matches!(kind, Kind::None | Kind::Json) {
        return Err(Ended::Failed(ApiError::UnsupportedMediaType(
            "send application/json, or add ?raw to the address to send the input itself".to_owned(),
        )));
    }
    let body = body(shared, connection).await?;
    let prepare = move |bytes: Vec<u8>| {
        let (run, limits, shape) = if raw {
            (raw_run(&script, kind, bytes)?, script.limits, wanted.shape(false)?)
        } else {
            let body = RunBody::parse(&bytes)?;
            let shape = wanted.shape(body.wants_globals())?;
            let limits = body.limits(&script.limits)?;
            (body.into_run(Some(script.built.form()), limits)?, limits, shape)
        };
        Ok(Asked { program: Program::Deployed(script), run, limits, shape })
    };
    carry_out(shared, connection, tenant, body, prepare).await
}

fn raw_run(script: &Deployed, kind: Kind, bytes: Vec<u8>) -> Result<Run, ApiError> {
    let run = Run::new();
    let input = match kind {
        Kind::None if bytes.is_empty() => return Ok(run),
        Kind::Json => Input::Json(bytes),
        Kind::JavaScript | Kind::Text => Input::Text(bytes),
        Kind::None | Kind::Other => Input::Bytes(bytes),
    };
    input.give(run, Some(script.built.form()))
}

async fn run_ad_hoc(
    shared: &Shared,
    head: &Head,
    connection: &mut Connection,
    tenant: &Tenant,
) -> Handled {
    let [raw] = parameters(head.query.as_deref(), ["raw"])?;
    let (kind, wanted) = (Kind::of(head), Wanted::of(head, wants_raw(raw.as_deref())?));
    if kind == Kind::Other {
        return Err(Ended::Failed(ApiError::UnsupportedMediaType(
            "send application/json, or the source as text/javascript".to_owned(),
        )));
    }
    let body = body(shared, connection).await?;
    let (cap, costs) = (shared.config.limits, Arc::clone(shared.workers.ad_hoc()));
    let prepare = move |bytes: Vec<u8>| {
        if matches!(kind, Kind::JavaScript | Kind::Text) {
            let (program, run) = (Program::AdHoc(costs.hash(&bytes)), run_of_source(&bytes)?);
            return Ok(Asked { program, run, limits: cap, shape: wanted.shape(false)? });
        }
        let body = AdHocBody::parse(&bytes)?;
        let shape = wanted.shape(body.wants_globals())?;
        let program = Program::AdHoc(costs.hash(body.source()));
        let limits = body.limits(&cap)?;
        Ok(Asked { program, run: body.into_run(limits)?, limits, shape })
    };
    carry_out(shared, connection, tenant, body, prepare).await
}

/// Samples the workers for some seconds.
async fn profile(
    shared: &Shared,
    head: &Head,
    connection: &mut Connection,
    tenant: &Tenant,
    name: Option<String>,
) -> Handled {
    let [seconds, format, interval] =
        parameters(head.query.as_deref(), ["seconds", "format", "interval"])?;
    let wanted = profiler::wanted(seconds.as_deref(), format.as_deref(), interval.as_deref())?;
    if connection.has_body_left() {
        return Err(Ended::Failed(ApiError::InvalidRequest(
            "POST takes no body here; leave it out".to_owned(),
        )));
    }
    if let Some(name) = &name {
        shared.scripts.get(tenant, name)?;
    }
    let profiler = shared.workers.profiler();
    let sampling = profiler.begin(Arc::clone(tenant.name()), name, wanted.interval);
    let sampling = sampling.ok_or(ApiError::ProfileUnderWay)?;
    connection.unless_gone(tokio::time::sleep(wanted.time)).await.ok_or(Ended::Gone)?;
    let format = wanted.format;
    at_the_desk(shared, connection, tenant, move |flight| {
        let written = answer::pieces(flight, |out| sampling.end(format, out))?;
        Ok(answer::of_pieces(StatusCode::OK, format.content_type(), written))
    })
    .await
}

/// Takes a snapshot of a script's image, or of the next run that hits its memory limit.
async fn heap_snapshot(
    shared: &Shared,
    head: &Head,
    connection: &mut Connection,
    tenant: &Tenant,
    name: &str,
) -> Handled {
    let [of, seconds] = parameters(head.query.as_deref(), ["of", "seconds"])?;
    let of = snapshots::wanted(of.as_deref(), seconds.as_deref())?;
    if connection.has_body_left() {
        return Err(Ended::Failed(ApiError::InvalidRequest(
            "POST takes no body here; leave it out".to_owned(),
        )));
    }
    let script = shared.scripts.get(tenant, name)?;
    let Built::Here(image) = &script.built else {
        return Err(Ended::Failed(ApiError::SnapshotUnavailable));
    };
    let (image, flight) = (image.clone(), Arc::clone(&shared.flight));
    let written = match of {
        Of::Image => {
            let taken =
                shared.workers.build(tenant, name, move || snapshots::of_image(&image, &flight));
            connection.unless_gone(taken).await.ok_or(Ended::Gone)??
        }
        Of::Limit(time) => {
            let waits = script.trap.set().ok_or(ApiError::SnapshotUnderWay)?;
            let taken = tokio::time::timeout(time, waits);
            let taken = connection.unless_gone(taken).await.ok_or(Ended::Gone)?;
            let taken = taken.map_err(|_| ApiError::NoRunAtLimit { seconds: time.as_secs() })?;
            taken.map_err(|_| ApiError::Internal)??
        }
    };
    Ok(answer::of_pieces(StatusCode::OK, "application/json", written))
}

/// Opens a debugging session for the script's next run.
async fn debug_next_run(
    shared: &Shared,
    head: &Head,
    connection: &mut Connection,
    tenant: &Tenant,
    name: &str,
) -> Handled {
    #[derive(serde::Serialize)]
    struct Session {
        url: String,
        devtools: String,
        attach_within_ms: u128,
        ends_within_ms: u128,
    }
    let [seconds, stop] = parameters(head.query.as_deref(), ["seconds", "stop"])?;
    let wanted = debug::wanted(seconds.as_deref(), stop.as_deref())?;
    if connection.has_body_left() {
        return Err(Ended::Failed(ApiError::InvalidRequest(
            "POST takes no body here; leave it out".to_owned(),
        )));
    }
    let address = shared.config.allow_debug.ok_or(ApiError::DebugNotAllowed)?;
    let script = shared.scripts.get(tenant, name)?;
    let opened = shared.debugging.open(tenant, &script, wanted, address, &shared.flight);
    let opened = connection.unless_gone(opened).await.ok_or(Ended::Gone)??;
    let at = opened.url.strip_prefix("ws://").unwrap_or(&opened.url);
    let devtools =
        format!("devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws={at}");
    Ok(answer::json(
        StatusCode::CREATED,
        &Session {
            devtools,
            attach_within_ms: opened.wait.as_millis(),
            ends_within_ms: opened.longest.as_millis(),
            url: opened.url,
        },
    ))
}

/// Makes a run of the body, and runs it.
async fn carry_out(
    shared: &Shared,
    connection: &mut Connection,
    tenant: &Tenant,
    body: Body,
    prepare: impl FnOnce(Vec<u8>) -> Result<Asked, ApiError> + Send + 'static,
) -> Handled {
    let Body { bytes, permit } = body;
    let answered = async {
        let asked = shared.workers.prepare(tenant, bytes, prepare).await?;
        let run = match shared.debugging.hand_over(asked, permit) {
            Ok(debugged) => match debugged.answer().await {
                debug::Answer::Ran(answer) => return answer,
                debug::Answer::Back(run) => run,
            },
            Err(run) => run,
        };
        let (asked, permit) = *run;
        shared.workers.run(tenant, asked, permit).await
    };
    Ok(connection.unless_gone(answered).await.ok_or(Ended::Gone)??)
}

async fn body(shared: &Shared, connection: &mut Connection) -> Result<Body, Ended> {
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
