//! The routes: reads requests, asks the store and the workers, answers. Runs no script code.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path, Query, State, rejection::PathRejection},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use sandtide::Run;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::time::timeout;

use crate::{
    answer::{Answer, Shape},
    config::ServerConfig,
    error::ApiError,
    request::{AdHocBody, DeployBody, Input, LimitsBody, RunBody, run_of_source},
    store::{Deployed, Scripts, check_name, form_name},
    workers::Workers,
};

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) config: ServerConfig,
    pub(crate) scripts: Arc<Scripts>,
    pub(crate) workers: Workers,
}

type Name = Result<Path<String>, PathRejection>;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .route("/v1/scripts", get(list))
        .route("/v1/scripts/{name}", get(show).put(deploy).delete(remove))
        .route("/v1/scripts/{name}/runs", post(run))
        .route("/v1/runs", post(run_ad_hoc))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .with_state(shared)
}

async fn health(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    #[derive(Serialize)]
    struct Health {
        status: &'static str,
        workers: usize,
        queued: usize,
        scripts: usize,
        runs: u64,
    }
    Json(Health {
        status: "ok",
        workers: shared.workers.count(),
        queued: shared.workers.waiting(),
        scripts: shared.scripts.len(),
        runs: shared.workers.done(),
    })
}

#[derive(Serialize)]
struct Counters {
    total: u64,
    failed: u64,
}

#[derive(Serialize)]
struct Facts<'a> {
    name: &'a str,
    version: &'a str,
    form: &'static str,
    image_bytes: usize,
    heap_bytes: usize,
    build_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    runs: Option<Counters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<LimitsBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

impl<'a> Facts<'a> {
    fn built(script: &'a Deployed) -> Self {
        Self {
            name: &script.name,
            version: script.image.version(),
            form: form_name(script.form),
            image_bytes: script.image.bytes(),
            heap_bytes: script.image.heap_bytes(),
            build_ms: script.image.build_time().as_secs_f64() * 1e3,
            runs: None,
            file: None,
            limits: None,
            source: None,
        }
    }

    fn counted(script: &'a Deployed) -> Self {
        let runs = Counters { total: script.history.runs(), failed: script.history.failed() };
        Self { runs: Some(runs), ..Self::built(script) }
    }

    fn whole(script: &'a Deployed) -> Self {
        Self {
            file: Some(&script.file),
            limits: Some(LimitsBody::from(&script.limits)),
            source: Some(&script.source),
            ..Self::counted(script)
        }
    }
}

async fn list(State(shared): State<Arc<Shared>>) -> Response {
    #[derive(Serialize)]
    struct List<'a> {
        scripts: Vec<Facts<'a>>,
    }
    let all = shared.scripts.list();
    Json(List { scripts: all.iter().map(|script| Facts::counted(script)).collect() })
        .into_response()
}

async fn show(State(shared): State<Arc<Shared>>, name: Name) -> Result<Response, ApiError> {
    let script = shared.scripts.get(&path_name(name)?)?;
    Ok(Json(Facts::whole(&script)).into_response())
}

async fn remove(State(shared): State<Arc<Shared>>, name: Name) -> Result<StatusCode, ApiError> {
    shared.scripts.remove(&path_name(name)?)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeployQuery {
    file: Option<String>,
}

async fn deploy(
    State(shared): State<Arc<Shared>>,
    name: Name,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let name = path_name(name)?;
    check_name(&name)?;
    let query: DeployQuery = query(&uri)?;
    let kind = content_type(&headers);
    if !matches!(kind, Kind::None | Kind::JavaScript | Kind::Text | Kind::Json) {
        return Err(ApiError::UnsupportedMediaType(
            "send the source as text/javascript, or a description of the script as application/json"
                .to_owned(),
        ));
    }
    shared.scripts.check_room(&name)?;
    let body = read(&shared.config, &headers, body).await?;
    let deploy = match kind {
        Kind::Json if query.file.is_some() => {
            return Err(ApiError::InvalidRequest(
                "`file` belongs in the body when the body is JSON".to_owned(),
            ));
        }
        Kind::Json => DeployBody::parse(&body)?,
        _ => DeployBody::of_source(&body, query.file)?,
    };
    drop(body);

    let (scripts, limits) = (Arc::clone(&shared.scripts), shared.config.limits);
    let (script, new) = shared
        .workers
        .build(move || {
            let built = deploy.build(&name, &limits)?;
            let script = Arc::new(Deployed::new(name, built));
            let new = scripts.put(Arc::clone(&script))?;
            Ok((script, new))
        })
        .await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(Facts::built(&script))).into_response())
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunQuery {
    raw: Option<String>,
}

impl RunQuery {
    fn raw(&self) -> Result<bool, ApiError> {
        match self.raw.as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("" | "true" | "1") => Ok(true),
            Some(_) => Err(ApiError::InvalidRequest(
                "`raw` is given alone, or is true or false".to_owned(),
            )),
        }
    }
}

async fn run(
    State(shared): State<Arc<Shared>>,
    name: Name,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Answer, ApiError> {
    let script = shared.scripts.get(&path_name(name)?)?;
    let raw = query::<RunQuery>(&uri)?.raw()?;
    let kind = content_type(&headers);
    if !raw && !matches!(kind, Kind::None | Kind::Json) {
        return Err(ApiError::UnsupportedMediaType(
            "send application/json, or add ?raw to the address to send the input itself".to_owned(),
        ));
    }
    let body = read(&shared.config, &headers, body).await?;
    let (run, shape) = if raw {
        let run = Run::new().limits(script.limits);
        let input = match kind {
            Kind::None if body.is_empty() => None,
            Kind::Json => Some(Input::Json(&body)),
            Kind::JavaScript | Kind::Text => Some(Input::Text(&body)),
            Kind::None | Kind::Other => Some(Input::Bytes(&body)),
        };
        let run = match input {
            Some(input) => input.give(run, Some(script.form))?,
            None => run,
        };
        (run, Shape::Raw)
    } else {
        let request = RunBody::parse(&body)?;
        let shape = shape(&headers, request.wants_globals())?;
        (request.into_run(Some(script.form), &script.limits)?, shape)
    };
    drop(body);
    shared.workers.run(Some(script), run, shape).await
}

async fn run_ad_hoc(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Answer, ApiError> {
    let raw = query::<RunQuery>(&uri)?.raw()?;
    let limits = &shared.config.limits;
    let kind = content_type(&headers);
    let (run, shape) = match kind {
        Kind::JavaScript | Kind::Text => {
            let body = read(&shared.config, &headers, body).await?;
            let shape = if raw { Shape::Raw } else { shape(&headers, false)? };
            (run_of_source(&body, limits)?, shape)
        }
        Kind::Json | Kind::None => {
            let body = read(&shared.config, &headers, body).await?;
            let request = AdHocBody::parse(&body)?;
            let globals = request.wants_globals();
            let shape = if raw { bare(globals)? } else { shape(&headers, globals)? };
            (request.into_run(limits)?, shape)
        }
        Kind::Other => {
            return Err(ApiError::UnsupportedMediaType(
                "send application/json, or the source as text/javascript".to_owned(),
            ));
        }
    };
    shared.workers.run(None, run, shape).await
}

async fn nothing_here(uri: Uri) -> ApiError {
    ApiError::NotFound(uri.path().to_owned())
}

async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    ApiError::MethodNotAllowed { method: method.to_string(), path: uri.path().to_owned() }
}

fn path_name(name: Name) -> Result<String, ApiError> {
    match name {
        Ok(Path(name)) => Ok(name),
        Err(_) => Err(ApiError::InvalidName("(not UTF-8)".to_owned())),
    }
}

fn query<T: Default + DeserializeOwned>(uri: &Uri) -> Result<T, ApiError> {
    if uri.query().is_none() {
        return Ok(T::default());
    }
    match Query::try_from_uri(uri) {
        Ok(Query(query)) => Ok(query),
        Err(error) => Err(ApiError::InvalidRequest(error.body_text())),
    }
}

/// What a body says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    None,
    Json,
    JavaScript,
    Text,
    Other,
}

fn content_type(headers: &HeaderMap) -> Kind {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Kind::None;
    };
    let value = value.as_bytes();
    let essence = value.split(|&byte| byte == b';').next().unwrap_or(value).trim_ascii();
    if essence.eq_ignore_ascii_case(b"application/json") {
        Kind::Json
    } else if essence.eq_ignore_ascii_case(b"text/javascript")
        || essence.eq_ignore_ascii_case(b"application/javascript")
    {
        Kind::JavaScript
    } else if essence.len() >= 5 && essence[..5].eq_ignore_ascii_case(b"text/") {
        Kind::Text
    } else {
        Kind::Other
    }
}

/// The first media range of `Accept` decides: text or bytes ask for the bare value.
fn shape(headers: &HeaderMap, globals: bool) -> Result<Shape, ApiError> {
    let accept = headers.get(header::ACCEPT).map_or(&b""[..], |value| value.as_bytes());
    let first = accept.split(|&byte| matches!(byte, b',' | b';')).next().unwrap_or(accept);
    let first = first.trim_ascii();
    if first.starts_with(b"text/") || first == b"application/octet-stream" {
        return bare(globals);
    }
    Ok(Shape::Json { globals })
}

fn bare(globals: bool) -> Result<Shape, ApiError> {
    if globals {
        return Err(ApiError::InvalidRequest(
            "`globals_back` needs a JSON answer, and the bare value was asked for".to_owned(),
        ));
    }
    Ok(Shape::Raw)
}

async fn read(config: &ServerConfig, headers: &HeaderMap, body: Body) -> Result<Bytes, ApiError> {
    let limit = config.max_body_bytes;
    let declared = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(ApiError::BodyTooLarge { limit });
    }
    match timeout(config.read_timeout, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::BodyTooLarge { limit }),
        Ok(Err(error)) => {
            Err(ApiError::InvalidRequest(format!("the body could not be read: {error}")))
        }
        Err(_) => Err(ApiError::BodyTimeout { seconds: config.read_timeout.as_secs() }),
    }
}
