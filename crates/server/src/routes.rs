//! The routes: which request does what, by asking the store and the workers. Runs no script code,
//! and does nothing on the thread that speaks HTTP whose cost grows with what a client sent.

use std::sync::Arc;

use http::StatusCode;
use percent_encoding::percent_decode_str;
use sandtide::Run;
use serde::Serialize;

use crate::{
    access::{Access, Allowed},
    answer::{self, Shape},
    bodies::{AdHocBody, DeployBody, Input, RunBody, run_of_source},
    config::ServerConfig,
    error::ApiError,
    facts,
    flight::Flight,
    http1::{Body, Connection, Head, Method, Response, Unread},
    negotiation::{Kind, Wanted, wants_raw},
    query::parameters,
    store::{Deployed, Scripts, check_name},
    workers::Workers,
};

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) config: ServerConfig,
    pub(crate) access: Access,
    pub(crate) flight: Arc<Flight>,
    pub(crate) scripts: Arc<Scripts>,
    pub(crate) workers: Workers,
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
    Scripts,
    Script(String),
    ScriptRuns(String),
    AdHocRuns,
}

impl Route {
    fn of(path: &str) -> Result<Self, ApiError> {
        let nothing = || ApiError::NotFound(path.to_owned());
        match path {
            "/healthz" => return Ok(Self::Health),
            "/v1/scripts" => return Ok(Self::Scripts),
            "/v1/runs" => return Ok(Self::AdHocRuns),
            _ => {}
        }
        let rest = path.strip_prefix("/v1/scripts/").ok_or_else(nothing)?;
        let (name, runs) = match rest.split_once('/') {
            None => (rest, false),
            Some((name, "runs")) => (name, true),
            Some(_) => return Err(nothing()),
        };
        if name.is_empty() {
            return Err(nothing());
        }
        let name = percent_decode_str(name)
            .decode_utf8()
            .map_err(|_| ApiError::InvalidName("(not UTF-8)".to_owned()))?
            .into_owned();
        Ok(if runs { Self::ScriptRuns(name) } else { Self::Script(name) })
    }

    fn methods(&self) -> &'static str {
        match self {
            Self::Health | Self::Scripts => "GET, HEAD",
            Self::Script(_) => "GET, HEAD, PUT, DELETE",
            Self::ScriptRuns(_) | Self::AdHocRuns => "POST",
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
    match (&head.method, route) {
        (Method::Get | Method::Head, Route::Health) => {
            takes_nothing(head, connection)?;
            Ok(health(shared))
        }
        (Method::Get | Method::Head, Route::Scripts) => {
            takes_nothing(head, connection)?;
            let scripts = Arc::clone(&shared.scripts);
            at_the_desk(shared, connection, move |flight| Ok(facts::listed(flight, &scripts))).await
        }
        (Method::Get | Method::Head, Route::Script(name)) => {
            takes_nothing(head, connection)?;
            let script = shared.scripts.get(&name)?;
            at_the_desk(shared, connection, move |flight| Ok(facts::shown(flight, &script))).await
        }
        (Method::Delete, Route::Script(name)) => {
            takes_nothing(head, connection)?;
            let scripts = Arc::clone(&shared.scripts);
            at_the_desk(shared, connection, move |_| {
                scripts.remove(&name)?;
                Ok(Response::empty(StatusCode::NO_CONTENT))
            })
            .await
        }
        (Method::Put, Route::Script(name)) => deploy(shared, head, connection, name).await,
        (Method::Post, Route::ScriptRuns(name)) => run(shared, head, connection, &name).await,
        (Method::Post, Route::AdHocRuns) => run_ad_hoc(shared, head, connection).await,
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
            .header("access-control-allow-headers", "accept, content-type")
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
    work: impl FnOnce(&Arc<Flight>) -> Result<Response, ApiError> + Send + 'static,
) -> Handled {
    let flight = Arc::clone(&shared.flight);
    let written = shared.workers.at_the_desk(move || work(&flight));
    let written = connection.unless_gone(written).await;
    Ok(written.ok_or(Ended::Gone)??)
}

fn health(shared: &Shared) -> Response {
    #[derive(Serialize)]
    struct Health {
        status: &'static str,
        workers: usize,
        queued: usize,
        scripts: usize,
        script_bytes: usize,
        bytes_in_flight: usize,
        runs: u64,
    }
    answer::json(
        StatusCode::OK,
        &Health {
            status: "ok",
            workers: shared.workers.count(),
            queued: shared.workers.waiting(),
            scripts: shared.scripts.len(),
            script_bytes: shared.scripts.bytes(),
            bytes_in_flight: shared.flight.used(),
            runs: shared.workers.done(),
        },
    )
}

async fn deploy(
    shared: &Shared,
    head: &Head,
    connection: &mut Connection,
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
    shared.scripts.check_room(&name)?;
    let Body { bytes, permit } = body(shared, connection).await?;

    let (scripts, limits) = (Arc::clone(&shared.scripts), shared.config.limits);
    // The body's room is held to the end, because the body is in memory until then, as it came or
    // as what was read from it.
    let built = shared.workers.build(move || {
        let deploy = match kind {
            Kind::Json => DeployBody::parse(&bytes)?,
            _ => DeployBody::of_source(&bytes, file)?,
        };
        drop(bytes);
        let room = scripts.room(deploy.bytes_held())?;
        let script = Arc::new(deploy.build(name, &limits, room)?);
        let new = scripts.put(Arc::clone(&script))?;
        drop(permit);
        Ok(facts::deployed(&script, new))
    });
    Ok(connection.unless_gone(built).await.ok_or(Ended::Gone)??)
}

async fn run(shared: &Shared, head: &Head, connection: &mut Connection, name: &str) -> Handled {
    let script = shared.scripts.get(name)?;
    let [raw] = parameters(head.query.as_deref(), ["raw"])?;
    let raw = wants_raw(raw.as_deref())?;
    let (kind, wanted) = (Kind::of(head), Wanted::of(head, raw));
    if !raw && !matches!(kind, Kind::None | Kind::Json) {
        return Err(Ended::Failed(ApiError::UnsupportedMediaType(
            "send application/json, or add ?raw to the address to send the input itself".to_owned(),
        )));
    }
    let body = body(shared, connection).await?;
    let of_script = Arc::clone(&script);
    let prepare = move |bytes: Vec<u8>| {
        if raw {
            let run = raw_run(&of_script, kind, bytes)?;
            return Ok((run, wanted.shape(false)?));
        }
        let body = RunBody::parse(&bytes)?;
        let shape = wanted.shape(body.wants_globals())?;
        Ok((body.into_run(Some(of_script.script.form()), &of_script.limits)?, shape))
    };
    carry_out(shared, connection, Some(script), body, prepare).await
}

fn raw_run(script: &Deployed, kind: Kind, bytes: Vec<u8>) -> Result<Run, ApiError> {
    let run = Run::new().limits(script.limits);
    let input = match kind {
        Kind::None if bytes.is_empty() => return Ok(run),
        Kind::Json => Input::Json(bytes),
        Kind::JavaScript | Kind::Text => Input::Text(bytes),
        Kind::None | Kind::Other => Input::Bytes(bytes),
    };
    input.give(run, Some(script.script.form()))
}

async fn run_ad_hoc(shared: &Shared, head: &Head, connection: &mut Connection) -> Handled {
    let [raw] = parameters(head.query.as_deref(), ["raw"])?;
    let (kind, wanted) = (Kind::of(head), Wanted::of(head, wants_raw(raw.as_deref())?));
    if kind == Kind::Other {
        return Err(Ended::Failed(ApiError::UnsupportedMediaType(
            "send application/json, or the source as text/javascript".to_owned(),
        )));
    }
    let body = body(shared, connection).await?;
    let limits = shared.config.limits;
    let prepare = move |bytes: Vec<u8>| {
        if matches!(kind, Kind::JavaScript | Kind::Text) {
            return Ok((run_of_source(&bytes, &limits)?, wanted.shape(false)?));
        }
        let body = AdHocBody::parse(&bytes)?;
        let shape = wanted.shape(body.wants_globals())?;
        Ok((body.into_run(&limits)?, shape))
    };
    carry_out(shared, connection, None, body, prepare).await
}

/// Makes a run of the body, and runs it.
async fn carry_out(
    shared: &Shared,
    connection: &mut Connection,
    script: Option<Arc<Deployed>>,
    body: Body,
    prepare: impl FnOnce(Vec<u8>) -> Result<(Run, Shape), ApiError> + Send + 'static,
) -> Handled {
    let Body { bytes, permit } = body;
    let answered = async {
        let (run, shape) = shared.workers.prepare(bytes, prepare).await?;
        shared.workers.run(script, run, shape, permit).await
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
