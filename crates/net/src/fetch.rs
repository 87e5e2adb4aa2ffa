//! `fetch`: what its guest half asks for, redirects, and the answer as it crosses. Whatever comes from a run may
//! come from a hostile process, so that nothing in it is taken for checked.

use std::{sync::Arc, time::Duration};

use futures_util::future::{FutureExt, ready};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use hyper::body::Bytes;
use sandtide_engine::{FETCH, HostError, HostFunction, Value, header_lines, headers_of};
use tokio::{task::JoinError, time::timeout};
use url::Url;

use crate::{
    client::Network,
    exchange::{NetError, Sent, target_of, url_of},
    hosts::Rules,
    run::Account,
};

/// Redirects in a row, as the Fetch Standard has it.
const MOST_REDIRECTS: u32 = 20;
/// Bytes of a request's headers.
const MOST_HEAD: usize = 64 << 10;
const AGENT: &str = concat!("sandtide/", env!("CARGO_PKG_VERSION"));

/// Headers that are the connection's own, or say what the client itself says; the Fetch Standard leaves them out,
/// too. So are those whose names begin with `proxy-`, and with `sandtide-`, by which the host says who calls a tool.
const OWN: [HeaderName; 9] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    HeaderName::from_static("keep-alive"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];
/// Headers that are for one origin only.
const SECRET: [HeaderName; 2] = [header::AUTHORIZATION, header::COOKIE];
/// Headers of a body that a redirect has taken away.
const OF_BODY: [HeaderName; 4] = [
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LOCATION,
    header::CONTENT_TYPE,
];

/// What to do with redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Redirect {
    Follow,
    Error,
    Manual,
}

/// What a call of the guest's half asks for.
#[derive(Debug)]
enum Asked {
    Start { call: u64, request: Box<Sent>, redirect: Redirect },
    Abort { call: u64 },
}

impl Network {
    /// The network of a script that may reach what `rules` say: for `ImageBuilder::grant` and
    /// `Deployment::grant`. Each run has an account of its own.
    #[must_use]
    pub fn fetch(&self, rules: Rules) -> HostFunction {
        let (network, rules) = (self.for_one(), Arc::new(rules));
        HostFunction::new_per_cause(FETCH, move |cause| {
            let (network, rules) = (network.clone(), Arc::clone(&rules));
            let account = Arc::new(Account::new(network.limits, cause));
            move |args| match Asked::of(args, &account) {
                Err(error) => ready(Err(failed(&error))).boxed(),
                Ok(Asked::Abort { call }) => {
                    account.abort(call);
                    ready(Ok(Value::Undefined)).boxed()
                }
                Ok(Asked::Start { call, request, redirect }) => {
                    let (network, rules) = (network.clone(), Arc::clone(&rules));
                    let account = Arc::clone(&account);
                    async move { network.start(rules, account, call, *request, redirect).await }
                        .boxed()
                }
            }
        })
    }

    /// Does a call in a task of the runtime's, which ends with the future that waits for it.
    async fn start(
        self,
        rules: Arc<Rules>,
        account: Arc<Account>,
        call: u64,
        request: Sent,
        redirect: Redirect,
    ) -> Result<Value, HostError> {
        let (runtime, limit) = (self.runtime.clone(), account.limits.time);
        let done = in_task(&runtime, limit, {
            let account = Arc::clone(&account);
            async move { self.follow(&rules, &account, request, redirect).await }
        });
        account.note(call, done.task.abort_handle());
        let result = done.wait().await;
        account.forget(call);
        result.map_err(|error| failed(&error))
    }

    async fn follow(
        &self,
        rules: &Rules,
        account: &Account,
        mut request: Sent,
        redirect: Redirect,
    ) -> Result<Value, NetError> {
        // The request itself was counted when it came: it may have waited here with its body.
        let _turn = account.turns.acquire().await;
        let mut redirects = 0;
        loop {
            let target =
                target_of(&request.url).ok_or_else(|| NetError::Url(request.url.to_string()))?;
            if redirects > 0 {
                account.begin()?;
                account.take(request.body.as_ref().map_or(0, Bytes::len))?;
            }
            let answer = self.send(rules, &request, &target, account.trace.as_ref()).await?;
            let to = location(&answer.parts, &request.url);
            match (to, redirect) {
                (Some(_), Redirect::Error) => return Err(NetError::Redirected),
                (Some(to), Redirect::Follow) => {
                    redirects += 1;
                    if redirects > MOST_REDIRECTS {
                        return Err(NetError::Redirects { most: MOST_REDIRECTS });
                    }
                    let to = to.ok_or(NetError::Request("redirect"))?;
                    redirect_to(&mut request, to, answer.parts.status);
                }
                _ => {
                    let parts = answer.parts.clone();
                    let body = match request.method {
                        Method::HEAD => Vec::new(),
                        _ => answer.read(account, account.limits.answer_bytes).await?,
                    };
                    return Ok(crossing(&parts, request.url, redirects > 0, body));
                }
            }
        }
    }
}

/// A task that ends with this.
pub(crate) struct Task<T> {
    task: tokio::task::JoinHandle<Result<T, NetError>>,
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<T> Task<T> {
    pub(crate) async fn wait(mut self) -> Result<T, NetError> {
        let ended: Result<_, JoinError> = (&mut self.task).await;
        ended.unwrap_or(Err(NetError::Aborted))
    }
}

/// Does `work` on the runtime, within its time.
pub(crate) fn in_task<T: Send + 'static>(
    runtime: &tokio::runtime::Handle,
    limit: Duration,
    work: impl Future<Output = Result<T, NetError>> + Send + 'static,
) -> Task<T> {
    let timed = async move { timeout(limit, work).await.unwrap_or(Err(NetError::Time(limit))) };
    Task { task: runtime.spawn(timed) }
}

/// As the guest sees it: `fetch` rejects with a `TypeError`, whatever it was.
fn failed(error: &NetError) -> HostError {
    HostError::named("TypeError", format!("fetch: {error}"))
}

/// Where an answer leads, if it is a redirect; no URL where what it says is none.
fn location(parts: &http::response::Parts, from: &Url) -> Option<Option<Url>> {
    if !matches!(parts.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = parts.headers.get(header::LOCATION)?;
    let to = std::str::from_utf8(location.as_bytes()).ok().and_then(|to| from.join(to).ok());
    Some(to.filter(|to| target_of(to).is_some()))
}

fn redirect_to(request: &mut Sent, mut to: Url, status: StatusCode) {
    let method = &request.method;
    let becomes_get = match status.as_u16() {
        301 | 302 => *method == Method::POST,
        303 => *method != Method::GET && *method != Method::HEAD,
        _ => false,
    };
    if becomes_get {
        (request.method, request.body) = (Method::GET, None);
        for name in &OF_BODY {
            request.headers.remove(name);
        }
    }
    if to.origin() != request.url.origin() {
        for name in &SECRET {
            request.headers.remove(name);
        }
    }
    to.set_fragment(None);
    request.url = to;
}

fn crossing(parts: &http::response::Parts, mut url: Url, redirected: bool, body: Vec<u8>) -> Value {
    let of_bytes = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect::<String>();
    let headers = parts.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), of_bytes(value.as_bytes())));
    let reason = parts.extensions.get::<hyper::ext::ReasonPhrase>();
    let reason = reason.map(|reason| of_bytes(reason.as_bytes()));
    let usual = parts.status.canonical_reason().unwrap_or_default();
    url.set_fragment(None);
    [
        ("status", Value::from(u32::from(parts.status.as_u16()))),
        ("statusText", Value::String(reason.unwrap_or_else(|| usual.to_owned()))),
        ("url", Value::String(url.into())),
        ("redirected", Value::Bool(redirected)),
        ("headers", Value::String(header_lines(&headers.collect::<Vec<_>>()))),
        ("body", Value::Bytes(body)),
    ]
    .into_iter()
    .collect()
}

impl Asked {
    fn of(args: Vec<Value>, account: &Account) -> Result<Asked, NetError> {
        let bad = NetError::Request("call");
        let mut args = args.into_iter();
        let mut next = || args.next().unwrap_or_default();
        let (what, call) = (next(), next());
        let call = call.as_f64().ok_or(bad.clone())? as u64;
        match what.as_str() {
            Some("abort") => return Ok(Asked::Abort { call }),
            Some("start") => {}
            _ => return Err(bad),
        }
        let (Value::String(method), Value::String(url)) = (next(), next()) else { return Err(bad) };
        let redirect = match next().as_str() {
            Some("follow") => Redirect::Follow,
            Some("error") => Redirect::Error,
            Some("manual") => Redirect::Manual,
            _ => return Err(bad),
        };
        let Value::String(headers) = next() else { return Err(bad) };
        let body = match next() {
            Value::Undefined => None,
            Value::Bytes(bytes) => Some(bytes),
            _ => return Err(bad),
        };
        let limit = account.limits.request_bytes;
        if body.as_ref().is_some_and(|body| body.len() > limit) {
            return Err(NetError::RequestTooLarge { limit });
        }
        let method = Method::from_bytes(method.as_bytes()).ok().filter(may_be_sent);
        let method = method.ok_or(NetError::Request("method"))?;
        let (mut url, _) = url_of(&url)?;
        url.set_fragment(None);
        let headers = headers_to_send(&headers)?;
        account.begin()?;
        account.take(body.as_ref().map_or(0, Vec::len))?;
        let request = Sent { method, url, headers, body: body.map(Bytes::from) };
        Ok(Asked::Start { call, request: Box::new(request), redirect })
    }
}

fn may_be_sent(method: &Method) -> bool {
    let name = method.as_str();
    !["CONNECT", "TRACE", "TRACK"].iter().any(|other| name.eq_ignore_ascii_case(other))
}

fn headers_to_send(lines: &str) -> Result<HeaderMap, NetError> {
    let bad = NetError::Request("header");
    // A map has room for 24,576 names, and inserting one more panics: a line has 3 bytes at least.
    if lines.len() > MOST_HEAD {
        return Err(NetError::HeadTooLarge { limit: MOST_HEAD });
    }
    let mut headers = HeaderMap::new();
    for (name, value) in headers_of(lines).ok_or(bad.clone())? {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad.clone())?;
        let of_host = ["proxy-", "sandtide-"].iter().any(|begin| name.as_str().starts_with(begin));
        if OWN.contains(&name) || of_host {
            continue;
        }
        // Characters up to U+00FF are bytes: `headers_of` has let no others pass.
        let bytes: Vec<u8> = value.chars().map(|c| c as u8).collect();
        let value = HeaderValue::from_bytes(&bytes).map_err(|_| bad.clone())?;
        headers.try_append(name, value).map_err(|_| bad.clone())?;
    }
    let defaults = [
        (header::ACCEPT, "*/*"),
        (header::ACCEPT_ENCODING, "identity"),
        (header::USER_AGENT, AGENT),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    Ok(headers)
}
