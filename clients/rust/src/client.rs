//! The calls that programs make, each one request.

use std::fmt;
use std::io::Read;
use std::thread;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

use crate::error::{Error, Problem};
use crate::events::Events;
use crate::types::{
    AcceptedRun, AdHocRun, Deploy, Deployed, LaterRun, Outcome, Run, RunState, Script, Version,
};

/// The most bytes of an answer that are taken.
const LARGEST_ANSWER: u64 = 256 << 20;
/// Bytes of what is no answer of a Sandtide server that an error tells.
const TOLD: usize = 200;

/// What is percent-encoded in a part of a path or in the value of a query: all but what is never special.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A method of HTTP.
pub use ureq::http::Method;

/// A Sandtide server, as one tenant sees it.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    url: String,
    token: Option<String>,
    tenant: Option<String>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("url", &self.url)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// The server at this address: `https://scripts.example`, say.
    pub fn new(url: impl Into<String>) -> Client {
        let url = url.into().trim_end_matches('/').to_owned();
        Client { agent: agent(TlsConfig::default()), url, token: None, tenant: None }
    }

    /// With the token that requests bear.
    pub fn token(mut self, token: impl Into<String>) -> Client {
        self.token = Some(token.into());
        self
    }

    /// With the tenant whose requests these are, where the token does not say it.
    pub fn tenant(mut self, tenant: impl Into<String>) -> Client {
        self.tenant = Some(tenant.into());
        self
    }

    /// With the certificates, in PEM, by which the server is known, in place of those that browsers
    /// trust.
    ///
    /// # Errors
    /// [`Error::NoCertificate`] where there is none.
    pub fn certificates(mut self, pem: &[u8]) -> Result<Client, Error> {
        let known: Vec<_> = parse_pem(pem)
            .filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            })
            .collect();
        if known.is_empty() {
            return Err(Error::NoCertificate);
        }
        let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&known)).build();
        self.agent = agent(tls);
        Ok(self)
    }

    /// Deploys a script, and answers its new version.
    ///
    /// # Errors
    /// See [`Error`], as for all calls.
    pub fn deploy(&self, name: &str, script: &Deploy) -> Result<Deployed, Error> {
        self.request(Method::PUT, &format!("/v1/scripts/{}", segment(name)), Some(script))
    }

    /// Deploys a script beside the active version, which keeps all runs but so many percent of
    /// them (1 to 99).
    ///
    /// # Errors
    /// See [`Error`].
    pub fn deploy_canary(
        &self,
        name: &str,
        script: &Deploy,
        percent: u8,
    ) -> Result<Deployed, Error> {
        let path = format!("/v1/scripts/{}?canary={percent}", segment(name));
        self.request(Method::PUT, &path, Some(script))
    }

    /// Runs a script that is deployed, until its outcome is there.
    ///
    /// # Errors
    /// See [`Error`]: what the run threw, and the limit that ended it, are problems too.
    pub fn run(&self, name: &str, run: &Run) -> Result<Outcome, Error> {
        self.request(Method::POST, &format!("/v1/scripts/{}/runs", segment(name)), Some(run))
    }

    /// Runs a source that comes with its run.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn run_source(&self, run: &AdHocRun) -> Result<Outcome, Error> {
        self.request(Method::POST, "/v1/runs", Some(run))
    }

    /// Has a script run, and does not wait for it: [`Client::wait`] does.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn start(&self, name: &str, run: &Run) -> Result<AcceptedRun, Error> {
        self.request(Method::POST, &format!("/v1/scripts/{}/runs?async", segment(name)), Some(run))
    }

    /// A run that was started, as it is now.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn run_of(&self, id: &str) -> Result<LaterRun, Error> {
        self.request(Method::GET, &format!("/v1/runs/{}", segment(id)), None::<&()>)
    }

    /// The outcome of a run that was started, asked for again and again, `every` so long.
    ///
    /// # Errors
    /// See [`Error`]: what a run that was waited for would have answered.
    pub fn wait(&self, id: &str, every: Duration) -> Result<Outcome, Error> {
        loop {
            let run = self.run_of(id)?;
            match run.outcome() {
                Some(Ok(Ok(outcome))) => return Ok(outcome),
                Some(Ok(Err(problem))) => {
                    return Err(Error::Refused { problem: Box::new(problem), retry_after: None });
                }
                Some(Err(error)) => return Err(no_answer_of_ours(200, error.to_string(), None)),
                None if run.state == RunState::Done => {
                    return Err(no_answer_of_ours(200, "a run without outcome".to_owned(), None));
                }
                None => thread::sleep(every),
            }
        }
    }

    /// Cancels a run that was started, or forgets its outcome.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn cancel(&self, id: &str) -> Result<(), Error> {
        self.request(Method::DELETE, &format!("/v1/runs/{}", segment(id)), None::<&()>)
    }

    /// The tenant's scripts, in the order of their names, all pages of them.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn scripts(&self) -> Result<Vec<Script>, Error> {
        self.pages("/v1/scripts", "scripts")
    }

    /// A script's versions, the newest first, all pages of them.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn versions(&self, name: &str) -> Result<Vec<Version>, Error> {
        self.pages(&format!("/v1/scripts/{}/versions", segment(name)), "versions")
    }

    /// Has all runs from now on be of a version that was deployed before.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn activate(&self, name: &str, version: &str) -> Result<Deployed, Error> {
        let (name, version) = (segment(name), segment(version));
        let path = format!("/v1/scripts/{name}/versions/{version}/activate");
        self.request(Method::POST, &path, None::<&()>)
    }

    /// Goes back to the version that was active before.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn roll_back(&self, name: &str) -> Result<Deployed, Error> {
        let path = format!("/v1/scripts/{}/rollback", segment(name));
        self.request(Method::POST, &path, None::<&()>)
    }

    /// Gives a version a share of the runs, in percent (1 to 99), beside the active one; answers
    /// what both came to so far.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn set_canary(&self, name: &str, version: &str, percent: u8) -> Result<Value, Error> {
        let path = format!("/v1/scripts/{}/canary", segment(name));
        let canary = json!({ "version": version, "percent": percent });
        self.request(Method::PUT, &path, Some(&canary))
    }

    /// Removes a script with all its versions.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        self.request(Method::DELETE, &format!("/v1/scripts/{}", segment(name)), None::<&()>)
    }

    /// What happens, from now on, or after the event with this `id`.
    ///
    /// # Errors
    /// See [`Error`]; later ones are items.
    pub fn events(&self, after: Option<&str>) -> Result<Events<'_>, Error> {
        Events::new(self, after)
    }

    /// Any request: `path` begins with `/v1/`, and what is special in it is percent-encoded. An answer
    /// without a body is read as `null`.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn request<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<A, Error> {
        let is_post = method == Method::POST;
        let mut request = ureq::http::Request::builder().method(method).uri(self.at(path));
        for (name, value) in self.headers() {
            request = request.header(name, value);
        }
        let answer = match body {
            Some(body) => {
                let text = serde_json::to_string(body)
                    .map_err(|error| ureq::Error::Other(Box::new(error)))?;
                let request = request.header(header::CONTENT_TYPE, "application/json");
                self.agent.run(request.body(text).map_err(ureq::Error::Http)?)?
            }
            // Without a length it would be sent as chunks, of which nobody knows that there are none.
            None if is_post => self.agent.run(request.body("").map_err(ureq::Error::Http)?)?,
            None => self.agent.run(request.body(()).map_err(ureq::Error::Http)?)?,
        };
        let (status, headers, text) = read(answer)?;
        let text = if status == StatusCode::NO_CONTENT { "null".to_owned() } else { text };
        if !status.is_success() {
            return Err(refusal(status, &headers, text));
        }
        serde_json::from_str(&text)
            .map_err(|error| no_answer_of_ours(status.as_u16(), error.to_string(), None))
    }

    pub(crate) fn event_stream(&self, after: Option<&str>) -> Result<Box<dyn Read + Send>, Error> {
        let mut request = self.agent.get(self.at("/v1/events"));
        for (name, value) in self.headers() {
            request = request.header(name, value);
        }
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let answer = request.call()?;
        if answer.status().is_success() {
            return Ok(Box::new(answer.into_body().into_reader()));
        }
        let (status, headers, text) = read(answer)?;
        Err(refusal(status, &headers, text))
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let token = self.token.as_ref().map(|token| ("authorization", format!("Bearer {token}")));
        token.into_iter().chain(self.tenant.clone().map(|tenant| ("sandtide-tenant", tenant)))
    }

    fn pages<T: DeserializeOwned>(&self, path: &str, member: &str) -> Result<Vec<T>, Error> {
        #[derive(Deserialize)]
        struct Page {
            next_cursor: Option<String>,
            #[serde(flatten)]
            lists: serde_json::Map<String, Value>,
        }
        let (mut all, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let query =
                cursor.map_or_else(String::new, |cursor| format!("?cursor={}", segment(&cursor)));
            let mut page: Page =
                self.request(Method::GET, &format!("{path}{query}"), None::<&()>)?;
            let items = page.lists.remove(member).unwrap_or_default();
            let items: Vec<T> = serde_json::from_value(items)
                .map_err(|error| no_answer_of_ours(200, error.to_string(), None))?;
            all.extend(items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }
}

fn agent(tls: TlsConfig) -> Agent {
    Agent::config_builder().http_status_as_error(false).tls_config(tls).build().into()
}

fn read(answer: Response<Body>) -> Result<(StatusCode, HeaderMap, String), Error> {
    let (parts, mut body) = answer.into_parts();
    let text = body.with_config().limit(LARGEST_ANSWER).lossy_utf8(true).read_to_string()?;
    Ok((parts.status, parts.headers, text))
}

/// The error that an answer without success tells.
fn refusal(status: StatusCode, headers: &HeaderMap, text: String) -> Error {
    let seconds =
        headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let retry_after = seconds.map(Duration::from_secs);
    match serde_json::from_str::<Problem>(&text) {
        Ok(problem) => Error::Refused { problem: Box::new(problem), retry_after },
        Err(_) => no_answer_of_ours(status.as_u16(), text, retry_after),
    }
}

fn no_answer_of_ours(status: u16, mut text: String, retry_after: Option<Duration>) -> Error {
    text.truncate(text.floor_char_boundary(TOLD));
    Error::NotSandtide { status, text, retry_after }
}

/// One part of a path, or the value of a query.
fn segment(text: &str) -> impl fmt::Display {
    utf8_percent_encode(text, PART)
}
