//! Requests that run something. Knows nothing of how runs are carried out.

use std::sync::Arc;

use sandtide::{Form, Run};

use crate::{
    answer::Shape,
    bodies::{AdHocBody, Input, RunBody, run_of_source},
    client::Client,
    debug,
    error::ApiError,
    events,
    handlers::{self, Mount},
    http1::{Body, Head},
    names::Tenant,
    negotiation::{Kind, Wanted, switch},
    query::parameters,
    quota::Turn,
    store::Deployed,
    workers::{Asked, Program},
};

use super::{Ended, Handled, Shared, begin, body, later::Asynchronous, ready_for_run};

/// Has a handler answer a request. Who asks is a stranger to it.
pub(super) async fn handler(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    tenant: &Tenant,
    (name, path): (&str, &str),
) -> Handled {
    shared.catalog.scripts.get(tenant, name)?;
    let body = body(shared, connection).await?;
    let turn = begin(shared, tenant, Some(name))?;
    let mount = Mount::of(name, head);
    let answered = async {
        let (script, side) = ready_for_run(shared, head, connection, tenant, name).await?;
        if script.form() != Form::Handler {
            return Err(Ended::Failed(ApiError::NotAHandler(name.to_owned())));
        }
        let Body { bytes, permit } = body;
        let received = bytes.len();
        let request = handlers::request(head, &mount, path, bytes)?;
        let limits = script.limits;
        let run = Run::new().limits(limits).http_request(request);
        let program = Program::Deployed(script);
        let shape = Shape::Handler;
        let asked = Asked { program, side, run, limits, shape, received, begun: None };
        let bytes = Body { bytes: Vec::new(), permit };
        carry_out(shared, head, connection, tenant, bytes, turn, move |_| Ok(asked)).await
    };
    match answered.await {
        Ok(response) => Ok(mount.leads_back(response)),
        Err(Ended::Failed(error)) => {
            events::store_failed(&error);
            Err(Ended::Failed(handlers::for_strangers(error)))
        }
        Err(Ended::Gone) => Err(Ended::Gone),
    }
}

pub(super) async fn run(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    tenant: &Tenant,
    name: &str,
) -> Handled {
    shared.catalog.scripts.get(tenant, name)?;
    let [raw, later, callback] = parameters(head.query.as_deref(), ["raw", "async", "callback"])?;
    let raw = switch("raw", raw.as_deref())?;
    let later = switch("async", later.as_deref())?;
    let (kind, wanted) = (Kind::of(head), wanted(head, raw, later));
    if !raw && !matches!(kind, Kind::None | Kind::Json) {
        return Err(Ended::Failed(ApiError::UnsupportedMediaType(
            "send application/json, or add ?raw to the address to send the input itself".to_owned(),
        )));
    }
    let mut body = body(shared, connection).await?;
    let asked = (later, callback);
    let later = Asynchronous::of(shared, connection, tenant, head, asked, &mut body).await?;
    if let Some(known) = later.as_ref().map_or(Ok(None), |later| later.known(shared, tenant))? {
        return Ok(known);
    }
    let turn = begin(shared, tenant, Some(name))?;
    let (script, side) = ready_for_run(shared, head, connection, tenant, name).await?;
    let later = match later {
        Some(later) => Some(later.begins(shared, tenant, Some(&script)).await?),
        None => None,
    };
    let received = body.bytes.len();
    let version = side.map(|_| script.version.to_string());
    let prepare = move |bytes: Vec<u8>| {
        let (run, limits, shape) = if raw {
            (raw_run(&script, kind, bytes)?, script.limits, wanted.shape(false)?)
        } else {
            let body = RunBody::parse(&bytes)?;
            let shape = wanted.shape(body.wants_globals())?;
            let limits = body.limits(&script.limits)?;
            (body.into_run(Some(script.form()), limits)?, limits, shape)
        };
        let program = Program::Deployed(script);
        Ok(Asked { program, side, run, limits, shape, received, begun: None })
    };
    let response = match later {
        Some(later) => later.begin(shared, head, connection, tenant, (body, turn), prepare).await,
        None => carry_out(shared, head, connection, tenant, body, turn, prepare).await,
    }?;
    Ok(match version {
        Some(version) => response.header("sandtide-version", version),
        None => response,
    })
}

/// How the outcome is written; of a run that is answered later it is a part of JSON.
fn wanted(head: &Head, raw: bool, later: bool) -> Wanted {
    if later { Wanted::JSON } else { Wanted::of(head, raw) }
}

fn raw_run(script: &Deployed, kind: Kind, bytes: Vec<u8>) -> Result<Run, ApiError> {
    let run = Run::new();
    let input = match kind {
        Kind::None if bytes.is_empty() => return Ok(run),
        Kind::Json => Input::Json(bytes),
        Kind::Source(_) | Kind::Text => Input::Text(bytes),
        Kind::None | Kind::Other => Input::Bytes(bytes),
    };
    input.give(run, Some(script.form()))
}

pub(super) async fn run_ad_hoc(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    tenant: &Tenant,
) -> Handled {
    let [raw, later, callback] = parameters(head.query.as_deref(), ["raw", "async", "callback"])?;
    let raw = switch("raw", raw.as_deref())?;
    let later = switch("async", later.as_deref())?;
    let (kind, wanted) = (Kind::of(head), wanted(head, raw, later));
    if kind == Kind::Other {
        return Err(Ended::Failed(ApiError::UnsupportedMediaType(
            "send application/json, or the source as text/javascript or text/typescript".to_owned(),
        )));
    }
    let mut body = body(shared, connection).await?;
    let asked = (later, callback);
    let later = Asynchronous::of(shared, connection, tenant, head, asked, &mut body).await?;
    if let Some(known) = later.as_ref().map_or(Ok(None), |later| later.known(shared, tenant))? {
        return Ok(known);
    }
    let turn = begin(shared, tenant, None)?;
    let later = match later {
        Some(later) => Some(later.begins(shared, tenant, None).await?),
        None => None,
    };
    let (cap, costs) = (shared.config.limits, Arc::clone(shared.workers.ad_hoc()));
    let received = body.bytes.len();
    let prepare = move |bytes: Vec<u8>| {
        if matches!(kind, Kind::Source(_) | Kind::Text) {
            let (program, run) =
                (Program::AdHoc(costs.hash(&bytes)), run_of_source(&bytes, kind.language())?);
            let shape = wanted.shape(false)?;
            return Ok(Asked {
                side: None,
                program,
                run,
                limits: cap,
                shape,
                received,
                begun: None,
            });
        }
        let body = AdHocBody::parse(&bytes)?;
        let shape = wanted.shape(body.wants_globals())?;
        let program = Program::AdHoc(costs.hash(body.source()));
        let limits = body.limits(&cap)?;
        let run = body.into_run(limits)?;
        Ok(Asked { program, side: None, run, limits, shape, received, begun: None })
    };
    match later {
        Some(later) => later.begin(shared, head, connection, tenant, (body, turn), prepare).await,
        None => carry_out(shared, head, connection, tenant, body, turn, prepare).await,
    }
}

/// Makes a run of the body, and runs it.
pub(super) async fn carry_out(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    tenant: &Tenant,
    body: Body,
    turn: Option<Arc<Turn>>,
    prepare: impl FnOnce(Vec<u8>) -> Result<Asked, ApiError> + Send + 'static,
) -> Handled {
    let Body { bytes, permit } = body;
    let answered = async {
        let asked = shared.workers.prepare(tenant, bytes, prepare).await?;
        let asked = asked.caused_by(head.span.as_ref());
        let run = match shared.debugging.hand_over(asked, permit, turn.as_ref()) {
            Ok(debugged) => match debugged.answer().await {
                debug::Answer::Ran(answer) => return answer,
                debug::Answer::Back(run) => run,
            },
            Err(run) => run,
        };
        let (asked, permit) = *run;
        shared.workers.run(tenant, asked, permit, turn).await
    };
    Ok(connection.unless_gone(answered).await.ok_or(Ended::Gone)??)
}
