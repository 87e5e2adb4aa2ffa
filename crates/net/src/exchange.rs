//! One request and its answer: the host is resolved, its addresses are checked, and the connection is made to
//! one that passed. Knows nothing of redirects, nor of what is made of answers.

use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::Arc,
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Bytes, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::{JoinHandle, spawn_blocking},
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use url::{Position, Url};

use crate::{
    client::Network,
    hosts::{Named, Refusal, Rules, Target},
    run::Account,
    trace::{EndedSpan, SpanKind, Trace},
};

/// How long one address may take to be connected to.
const CONNECT: Duration = Duration::from_secs(10);
/// Addresses of a host that are tried.
const MOST_ADDRESSES: usize = 4;

/// Bytes of a URL.
const MOST_URL: usize = 8 << 10;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetError {
    /// It is no URL of http or https, has a name or a password, or is longer than 8 KiB.
    #[error("{0} is no URL of http or https without a name and a password, of at most 8 KiB")]
    Url(String),
    /// A method or a header is none of HTTP's, or none that scripts may send.
    #[error("the request's {0} cannot be sent")]
    Request(&'static str),
    /// A rule refuses the host or its address.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The host's name has no address.
    #[error("{host} has no address that could be found")]
    NoAddress {
        /// The host.
        host: String,
    },
    /// No connection came about.
    #[error("{host} could not be connected to: {why}")]
    Connect {
        /// Host and port.
        host: String,
        /// What failed.
        why: String,
    },
    /// The server is not who its URL says, or speaks no TLS that is spoken here.
    #[error("{host} was not trusted: {why}")]
    Tls {
        /// Host and port.
        host: String,
        /// What failed.
        why: String,
    },
    /// The connection ended, or what came is not HTTP.
    #[error("the exchange with {host} failed: {why}")]
    Exchange {
        /// Host and port.
        host: String,
        /// What failed.
        why: String,
    },
    /// It took longer than a request may.
    #[error("no answer within {0:?}, which is all the time that a request has")]
    Time(Duration),
    /// The request's headers are too large.
    #[error("the request's headers have more than the {limit} bytes that they may")]
    HeadTooLarge {
        /// Bytes.
        limit: usize,
    },
    /// The request's body is too large.
    #[error("the request's body is larger than the {limit} bytes that one may have")]
    RequestTooLarge {
        /// Bytes.
        limit: usize,
    },
    /// The answer's body is too large.
    #[error("the answer's body is larger than the {limit} bytes that one may have")]
    AnswerTooLarge {
        /// Bytes.
        limit: usize,
    },
    /// The run made as many requests as it may.
    #[error("the run has made the {most} requests that it may")]
    TooManyRequests {
        /// How many.
        most: u32,
    },
    /// The bodies of the run's requests are too large together.
    #[error(
        "the bodies of the run's requests and answers have more than the {most} bytes that they may"
    )]
    TooManyBytes {
        /// Bytes.
        most: usize,
    },
    /// One redirect after the other.
    #[error("more than {most} redirects in a row")]
    Redirects {
        /// How many.
        most: u32,
    },
    /// A redirect where the request wants none.
    #[error("the answer is a redirect, and the request's redirect mode is `error`")]
    Redirected,
    /// The script did not want it any more.
    #[error("the request was aborted")]
    Aborted,
    /// A text that should have been certificates.
    #[error("no certificates in PEM, or some that are none")]
    Certificates,
    /// A tool's answer is not what tools answer.
    #[error("the tool answered {0}")]
    Tool(String),
}

/// A request that is sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
}

/// An answer whose body is still to come.
pub(crate) struct Answer {
    pub(crate) parts: http::response::Parts,
    body: Incoming,
    host: String,
    _connection: EndOnDrop,
}

/// Ends a task with whoever waits for it.
pub(crate) struct EndOnDrop(pub(crate) JoinHandle<()>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A URL of http or https, whole and as URLs are written.
///
/// # Errors
/// [`NetError::Url`] for what is none, or has a name and a password.
pub fn whole_url(text: &str) -> Result<String, NetError> {
    url_of(text).map(|(url, _)| url.into())
}

/// A URL that may be asked for at all.
pub(crate) fn url_of(text: &str) -> Result<(Url, Target), NetError> {
    let shown = || NetError::Url(text.chars().take(200).collect());
    if text.len() > MOST_URL {
        return Err(shown());
    }
    let url = Url::parse(text).map_err(|_| shown())?;
    target_of(&url).ok_or_else(shown).map(|target| (url, target))
}

pub(crate) fn target_of(url: &Url) -> Option<Target> {
    let plain = url.username().is_empty() && url.password().is_none();
    // What is written as three bytes for each was shorter when it was read.
    Target::of(url).filter(|_| plain && url.as_str().len() <= MOST_URL)
}

impl Network {
    /// Sends a request, to an address that the rules let pass. Where there is a trace it is a span of its own below it,
    /// which goes before what a script says of traces.
    pub(crate) async fn send(
        &self,
        rules: &Rules,
        request: &Sent,
        target: &Target,
        trace: Option<&Trace>,
    ) -> Result<Answer, NetError> {
        let Some(parent) = trace else { return self.send_as_it_is(rules, request, target).await };
        let (own, mut request) = (parent.child(), request.clone());
        own.put_into(&mut request.headers);
        let Some(spans) = self.spans.as_ref().filter(|_| own.is_sampled()) else {
            return self.send_as_it_is(rules, &request, target).await;
        };
        let mut span = EndedSpan::begin(own, SpanKind::Client, Some(parent));
        span.name = request.method.to_string();
        let answer = self.send_as_it_is(rules, &request, target).await;
        span.attributes.extend([
            ("http.request.method", request.method.to_string()),
            (
                "server.address",
                match &target.host {
                    Named::Name(name) => name.clone(),
                    Named::Address(address) => address.to_string(),
                },
            ),
            ("server.port", target.port.to_string()),
        ]);
        match &answer {
            Ok(answer) => span.answered(answer.parts.status.as_u16()),
            Err(error) => span.error = Some(error.to_string()),
        }
        spans.take(span);
        answer
    }

    async fn send_as_it_is(
        &self,
        rules: &Rules,
        request: &Sent,
        target: &Target,
    ) -> Result<Answer, NetError> {
        let stream = self.connect(rules, target).await?;
        if request.url.scheme() == "http" {
            return exchange(stream, request, target).await;
        }
        let host = target.to_string();
        let name = match &target.host {
            Named::Name(name) => ServerName::try_from(name.clone()),
            Named::Address(address) => Ok(ServerName::from(*address)),
        };
        let name = name.map_err(|_| NetError::Url(request.url.to_string()))?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let stream = connector.connect(name, stream).await;
        let stream = stream.map_err(|error| NetError::Tls { host, why: error.to_string() })?;
        exchange(stream, request, target).await
    }

    async fn connect(&self, rules: &Rules, target: &Target) -> Result<TcpStream, NetError> {
        rules.check_host(target)?;
        let mut why = None;
        let mut tried = 0;
        for address in self.addresses(target).await? {
            // What is checked is what is connected to: nobody is asked for the name again.
            if let Err(refusal) = rules.check_address(target, address) {
                why.get_or_insert(NetError::Refused(refusal));
                continue;
            }
            if tried == MOST_ADDRESSES {
                break;
            }
            tried += 1;
            let connected =
                timeout(CONNECT, TcpStream::connect(SocketAddr::new(address, target.port)));
            let failed = match connected.await {
                Ok(Ok(stream)) => {
                    // A request is one write: nothing is gained by waiting for more. Where the option cannot
                    // be set, it only takes longer.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => error.kind(),
                Err(_) => io::ErrorKind::TimedOut,
            };
            why = Some(NetError::Connect { host: target.to_string(), why: failed.to_string() });
        }
        Err(why.unwrap_or_else(|| NetError::NoAddress { host: target.to_string() }))
    }

    async fn addresses(&self, target: &Target) -> Result<Vec<IpAddr>, NetError> {
        let name = match &target.host {
            Named::Address(address) => return Ok(vec![*address]),
            Named::Name(name) => name,
        };
        #[cfg(test)]
        if let Some(addresses) = self.names.get(name) {
            return Ok(addresses.clone());
        }
        let none = || NetError::NoAddress { host: name.clone() };
        // A lookup cannot be ended: it has its turn until the system has answered, whoever still waits.
        let turn = Arc::clone(&self.lookups).acquire_owned().await.map_err(|_| none())?;
        let at = (name.clone(), target.port);
        let found = spawn_blocking(move || {
            let _turn = turn;
            let found = (&*at.0, at.1).to_socket_addrs()?;
            Ok::<Vec<_>, io::Error>(found.map(|address| address.ip()).collect())
        });
        found.await.ok().and_then(Result::ok).ok_or_else(none)
    }
}

async fn exchange<S>(stream: S, request: &Sent, target: &Target) -> Result<Answer, NetError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let failed = |error: hyper::Error| NetError::Exchange {
        host: target.to_string(),
        // What hyper says of its causes is for people too, and names nothing of this machine.
        why: error.to_string(),
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let connection = EndOnDrop(tokio::spawn(async move {
        // Whoever waits for the answer is told what went wrong.
        let _ = connection.await;
    }));
    let answer = sender.send_request(whole(request)?).await.map_err(failed)?;
    let (parts, body) = answer.into_parts();
    Ok(Answer { parts, body, host: target.to_string(), _connection: connection })
}

/// The request as it is sent, with the host that it is for.
fn whole(request: &Sent) -> Result<Request<Full<Bytes>>, NetError> {
    let url = &request.url;
    let body = request.body.clone();
    let empty = body.is_none();
    let made = Request::builder()
        .method(request.method.clone())
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .body(Full::new(body.unwrap_or_default()));
    let mut made = made.map_err(|_| NetError::Url(url.to_string()))?;
    *made.headers_mut() = request.headers.clone();
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]);
    let host = host.map_err(|_| NetError::Url(url.to_string()))?;
    made.headers_mut().insert(header::HOST, host);
    made.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    if empty && matches!(*made.method(), Method::POST | Method::PUT) {
        made.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    Ok(made)
}

impl Answer {
    /// The body of at most `limit` bytes, as far as the run's limits let it come.
    pub(crate) async fn read(
        mut self,
        account: &Account,
        limit: usize,
    ) -> Result<Vec<u8>, NetError> {
        let mut bytes = Vec::new();
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|error| NetError::Exchange {
                host: self.host.clone(),
                why: error.to_string(),
            })?;
            let Ok(data) = frame.into_data() else { continue };
            if bytes.len() + data.len() > limit {
                return Err(NetError::AnswerTooLarge { limit });
            }
            account.take(data.len())?;
            bytes.extend_from_slice(&data);
        }
        Ok(bytes)
    }
}
