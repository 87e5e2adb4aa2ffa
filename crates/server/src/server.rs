//! Listening, connections and the orderly end. Knows nothing of what requests mean.

use std::{
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::{JoinSet, yield_now},
    time::{Instant, sleep, sleep_until, timeout, timeout_at},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    access::Access,
    answer,
    auth::Gate,
    catalog::Catalog,
    client::Client,
    config::{Opened, ServerConfig},
    error::{ApiError, ServerError},
    events,
    flight::Flight,
    handlers::Net,
    http1::{Connection, Method, Next, Response, Stream, Timeouts, Unread, bounded},
    http2::{Begun, Session},
    later::Later,
    nodes,
    place::Place,
    quota::Guard,
    routes::{Shared, keep_time, respond},
    store::Scripts,
    tls::{Certificate, HTTP2},
    usage::{Meter, Writing},
    workers::{Books, Workers},
};

/// How long to wait when no connection can be taken, for example because all file descriptors
/// are in use.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long the worker threads may take to notice that their runs are cancelled.
const STOP_PATIENCE: Duration = Duration::from_secs(2);
/// How long a client of HTTP/2 may take to notice that its connection ends, and one whose handshake was under way as
/// the end began, to begin its request.
const GOING: Duration = Duration::from_secs(1);
/// Bytes that an answer may have in HTTP/2 without taking room among those in flight: a client can have many wait.
const SMALL_ANSWER: usize = 4 << 10;

/// A server that is bound to its address, with its worker threads started.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    certificate: Option<Arc<Certificate>>,
    shared: Arc<Shared>,
    first_token: Option<String>,
    writing: Writing,
}

impl Server {
    /// Binds the address and starts the worker threads. Must be called within a tokio runtime with
    /// I/O and time enabled.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on, or threads or memory cannot be had.
    pub async fn bind(config: ServerConfig) -> Result<Self, ServerError> {
        config.check()?;
        let certificate = config.tls.clone().map(Certificate::read).transpose()?.map(Arc::new);
        let failed = |source| ServerError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let flight = Flight::new(config.max_bytes_in_flight);
        let Opened { store, usage, schedules, exposed } =
            config.open_store().map_err(ServerError::Store)?;
        exposed.iter().for_each(|path| events::exposed(path));
        let gate = Arc::new(Gate::new(config.tokens, address, store.tokens()));
        let is_first = config.keeps() && store.tokens().borrow().list().is_empty();
        if !is_first && let Some(why) = gate.shut(config.keeps()) {
            return Err(ServerError::Config(why));
        }
        let net = Net::new(&config.network, config.spans.as_ref())
            .map_err(|error| ServerError::Config(format!("the authorities to trust: {error}")))?;
        let place = Place::start(&config).await?;
        let meter = Arc::new(Meter::new(usage));
        let writing = Writing::start(Arc::clone(&meter), config.usage_interval)?;
        let workers = Workers::start(&config, place.clone(), &flight, Books::new(meter))?;
        let workers = Arc::new(workers);
        let later = Later::new(config.run_results_kept, config.run_result_bytes);
        let scripts = Scripts::new(config.max_scripts, config.max_script_bytes);
        let quotas = Arc::new(Guard::new(store.quotas()));
        let kept = Arc::clone(&store);
        let catalog =
            Catalog::load(store, scripts, (place, net), config.limits, Arc::clone(&quotas));
        let catalog = Arc::new(catalog.await.map_err(ServerError::Store)?);
        let access = Access::new(&config.allowed_hosts, &config.allowed_origins);
        let debugging = Arc::default();
        let (ending, requests) = (AtomicBool::new(false), AtomicU64::new(0));
        let shared = Arc::new(Shared {
            config,
            access,
            gate,
            quotas,
            flight,
            catalog,
            workers,
            later,
            schedules,
            debugging,
            ending,
            requests,
            certificate: certificate.clone(),
        });
        // Last, because nobody would be told it where the start failed after it.
        let first_token = match is_first {
            true => kept.make_first_token().await.map_err(ServerError::Store)?,
            false => None,
        };
        let first_token = first_token.map(|secret| secret.text().to_owned());
        Ok(Self { listener, address, certificate, shared, first_token, writing })
    }

    /// The token that allows everything, where this start made it: nobody can tell it later.
    pub fn first_token(&self) -> Option<&str> {
        self.first_token.as_deref()
    }

    /// What the server offers to clients, which can be read again at any time; none where it speaks no TLS.
    pub fn certificate(&self) -> Option<&Arc<Certificate>> {
        self.certificate.as_ref()
    }

    /// The address listened on, with the port that was taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is ready; then answers 503 to whoever comes, lets requests that have begun end
    /// within [`ServerConfig::drain_timeout`], cancels the rest and ends the threads.
    pub async fn serve_until(self, shutdown: impl Future<Output = ()>) {
        let Self { listener, certificate, shared, writing, .. } = self;
        let following_certificate =
            certificate.map(|certificate| tokio::spawn(certificate.follow()));
        // What others changed since the scripts were read waits there.
        let following = shared.catalog.store().news().map(|news| {
            let (catalog, workers) = (Arc::clone(&shared.catalog), Arc::clone(&shared.workers));
            tokio::spawn(nodes::follow(catalog, workers, news))
        });
        let (stop_time, stopped) = watch::channel(());
        let mut keeping_time = tokio::spawn(keep_time(Arc::clone(&shared), stopped));
        events::started(shared.catalog.scripts.len(), shared.catalog.scripts.tenants());
        let room = Arc::new(Semaphore::new(shared.config.max_connections.max(1)));
        let (stop, stopping) = watch::channel(());
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = accept(&listener, &room) => accepted,
                Some(_) = connections.join_next() => continue,
            };
            if let Some((stream, permit)) = accepted {
                let (shared, stopping) = (Arc::clone(&shared), stopping.clone());
                connections.spawn(async move {
                    serve(stream, &shared, stopping).await;
                    drop(permit);
                });
            }
        }

        events::ending();
        // What is due from now on is for another server, or for the next start.
        drop(stop_time);
        shared.ending.store(true, Ordering::Relaxed);
        drop(stop);
        // What is stopped goes on, so that its request can end.
        shared.debugging.close();
        let turned_away = turn_away(&listener, &room, &shared);
        let all_ended = async {
            while connections.join_next().await.is_some() {}
            let _ = (&mut keeping_time).await;
            shared.later.end().await;
        };
        let ended = async {
            tokio::select! {
                () = all_ended => {}
                () = turned_away => {}
            }
        };
        if timeout(shared.config.drain_timeout, ended).await.is_err() {
            connections.shutdown().await;
            keeping_time.abort();
            shared.later.cancel();
        }
        for following in following.into_iter().chain(following_certificate) {
            following.abort();
        }
        drop(listener);
        shared.workers.stop(STOP_PATIENCE).await;
        // When no run can end any more.
        drop(writing);
    }
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, permit)),
        Err(_) => {
            sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// Tells whoever comes while the server ends that it does, until this is dropped: a balancer that has not
/// noticed yet asks another server then, where a connection that is refused may be taken for an error.
async fn turn_away(listener: &TcpListener, room: &Arc<Semaphore>, shared: &Arc<Shared>) {
    let mut late = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(listener, room) => accepted,
            Some(_) = late.join_next() => continue,
        };
        if let Some((stream, permit)) = accepted {
            let shared = Arc::clone(shared);
            late.spawn(async move {
                answer_late(stream, &shared).await;
                drop(permit);
            });
        }
    }
}

/// How a client is spoken to.
enum Spoken {
    One(Connection),
    Two(Box<Session>),
}

/// Shakes hands where the server speaks TLS; nothing where that came to nothing.
async fn open(socket: TcpStream, shared: &Shared, until: Instant) -> Option<Spoken> {
    bounded(&socket);
    let timeouts = timeouts(shared);
    let stream = match &shared.certificate {
        None => Stream::from(socket),
        Some(certificate) => {
            let shaken = TlsAcceptor::from(certificate.now()).accept(socket);
            let shaken = timeout_at(until, shaken).await.ok()?;
            let stream = shaken.inspect_err(events::handshake_failed).ok()?;
            if stream.get_ref().1.alpn_protocol() == Some(HTTP2) {
                let session = Session::begin(stream, &shared.flight, timeouts).await?;
                return Some(Spoken::Two(Box::new(session)));
            }
            Stream::from(stream)
        }
    };
    Some(Spoken::One(Connection::new(stream, Arc::clone(&shared.flight), timeouts)))
}

fn timeouts(shared: &Shared) -> Timeouts {
    Timeouts { read: shared.config.read_timeout, write: shared.config.write_timeout }
}

/// Answers one request of a connection that came too late.
async fn answer_late(socket: TcpStream, shared: &Arc<Shared>) {
    let time = timeouts(shared).read;
    if let Some(spoken) = open(socket, shared, Instant::now() + time).await {
        answer_first(spoken, shared, time).await;
    }
}

/// Answers one request, where it begins within this time.
async fn answer_first(spoken: Spoken, shared: &Arc<Shared>, patience: Duration) {
    match spoken {
        Spoken::One(connection) => answer_one(connection, shared, patience).await,
        Spoken::Two(session) => {
            let (_open, stopping) = watch::channel(());
            serve_two(session, shared, stopping, Some(patience)).await;
        }
    }
}

/// The same of HTTP/1.
async fn answer_one(mut connection: Connection, shared: &Shared, patience: Duration) {
    let (waiting, mut waited) = watch::channel(());
    let next = {
        let mut next = pin!(connection.next(&mut waited));
        tokio::select! {
            next = &mut next => next,
            () = sleep(patience) => {
                drop(waiting);
                next.await
            }
        }
    };
    let Next::Request(mut head) = next else { return };
    let with_body = head.method != Method::Head;
    let client = &mut Client::One(&mut connection);
    let response = respond(shared, &mut head, client, true).await;
    let Some(response) = response else { return };
    if connection.send(&response, with_body, false).await.is_ok()
        && (connection.has_body_left() || connection.has_bytes_left())
    {
        connection.linger().await;
    }
}

/// Serves one connection to its end. A client that goes away ends it at once, which drops what is
/// done for it and so cancels its run.
async fn serve(socket: TcpStream, shared: &Arc<Shared>, mut stopping: watch::Receiver<()>) {
    let until = Instant::now() + timeouts(shared).read;
    if shared.certificate.is_some() {
        // One that has said nothing yet is idle.
        let mut word = [0];
        tokio::select! {
            // One whose first words are there has begun, even if the end has too.
            biased;
            // Sockets are told to be readable when they are not.
            peeked = timeout_at(until, socket.peek(&mut word)) => {
                if !matches!(peeked, Ok(Ok(1..))) {
                    return;
                }
            }
            _ = stopping.changed() => return,
        }
    }
    let mut opening = pin!(open(socket, shared, until));
    let (opened, late) = tokio::select! {
        biased;
        opened = &mut opening => (opened, false),
        // A handshake that has begun goes on, so that its client can be told.
        _ = stopping.changed() => (opening.await, true),
    };
    match opened {
        Some(spoken) if late => answer_first(spoken, shared, GOING).await,
        Some(Spoken::One(connection)) => serve_one(connection, shared, stopping).await,
        Some(Spoken::Two(session)) => serve_two(session, shared, stopping, None).await,
        None => {}
    }
}

/// The same of HTTP/1, whose requests are answered one after the other.
async fn serve_one(mut connection: Connection, shared: &Shared, mut stopping: watch::Receiver<()>) {
    loop {
        let mut head = match connection.next(&mut stopping).await {
            Next::Request(head) => head,
            Next::Closed => return,
            Next::Malformed(malformed) => {
                return refuse(connection, shared, malformed.into()).await;
            }
            Next::TimedOut => {
                let seconds = timeouts(shared).read.as_secs();
                return refuse(connection, shared, ApiError::HeadTimeout { seconds }).await;
            }
        };
        let client = &mut Client::One(&mut connection);
        let response = respond(shared, &mut head, client, false).await;
        let Some(mut response) = response else {
            return;
        };
        // The sender is dropped when the shutdown begins.
        let ending = stopping.has_changed().is_err();
        let endless = response.source.is_some();
        let keep_alive = head.keep_alive && !ending && !endless && !connection.has_body_left();
        let with_body = head.method != Method::Head;
        if connection.send(&response, with_body, keep_alive).await.is_err() {
            return;
        }
        if let Some(source) = response.source.as_deref_mut().filter(|_| with_body) {
            let _ = connection.send_source(source, &mut stopping).await;
        }
        drop(response);
        if !keep_alive {
            if connection.has_body_left() || connection.has_bytes_left() {
                connection.linger().await;
            }
            return;
        }
        // A client that sends many requests ahead must take turns with the others.
        if connection.has_bytes_left() {
            yield_now().await;
        }
    }
}

/// What is answered where no request could be read; counted as other answers are.
fn unread(shared: &Shared, error: &ApiError) -> Response {
    let response = answer::failure(error);
    shared.workers.metrics().answered("none", response.status.as_u16());
    response
}

/// Answers what could not be read as a request; nothing can follow it.
async fn refuse(mut connection: Connection, shared: &Shared, error: ApiError) {
    if connection.send(&unread(shared, &error), true, false).await.is_ok() {
        connection.linger().await;
    }
}

/// The same of HTTP/2, whose requests are answered as they come; only the first where it came too `late`, which has to
/// begin within that time.
async fn serve_two(
    mut session: Box<Session>,
    shared: &Arc<Shared>,
    mut stopping: watch::Receiver<()>,
    late: Option<Duration>,
) {
    let Timeouts { read: time, write } = timeouts(shared);
    let mut requests = JoinSet::new();
    let mut ending = false;
    let mut idle_until = Instant::now() + late.unwrap_or(time);
    let late = late.is_some();
    let mut over_at = None;
    loop {
        let ends = tokio::select! {
            next = session.next(requests.len()) => {
                let Some(begun) = next else { return };
                let (shared, stopping) = (Arc::clone(shared), stopping.clone());
                requests.spawn(async move { answer_two(begun, &shared, stopping, late).await });
                late
            }
            Some(_) = requests.join_next() => {
                over_at = None;
                idle_until = Instant::now() + if ending { GOING } else { time };
                false
            }
            () = sleep_until(idle_until), if requests.is_empty() => {
                // What was answered may still be on its way, unless nobody takes it.
                let over_at = *over_at.get_or_insert_with(|| Instant::now() + write);
                if ending && (!session.has_requests() || Instant::now() >= over_at) {
                    return;
                }
                idle_until = Instant::now() + GOING;
                true
            }
            _ = stopping.changed(), if !ending => true,
        };
        if ends && !ending {
            ending = true;
            idle_until = Instant::now() + GOING;
            session.end();
        }
    }
}

/// Answers one request of HTTP/2. When this is dropped, so is what is done for it.
async fn answer_two(
    (head, mut exchange): Begun,
    shared: &Shared,
    mut stopping: watch::Receiver<()>,
    is_late: bool,
) {
    let with_body = head.as_ref().map_or(true, |head| head.method != Method::Head);
    let mut client = Client::Two(&mut exchange);
    let response = match head {
        Ok(mut head) => respond(shared, &mut head, &mut client, is_late).await,
        Err(Unread::Malformed(malformed)) => Some(unread(shared, &malformed.into())),
        Err(_) => Some(unread(shared, &ApiError::BytesInFlight)),
    };
    let Some(response) = response else { return };
    let mut response = counted(&shared.flight, response);
    if exchange.send(&mut response, with_body).await.is_err() {
        return;
    }
    if let Some(source) = response.source.as_deref_mut().filter(|_| with_body) {
        let _ = exchange.send_source(source, &mut stopping).await;
    }
}

/// Takes room for what of an answer has none yet and is not small.
fn counted(flight: &Arc<Flight>, mut response: Response) -> Response {
    let uncounted = response.uncounted();
    let has_room = uncounted <= SMALL_ANSWER
        || match &mut response.permit {
            Some(permit) => permit.grow(uncounted),
            permit => {
                *permit = flight.take(uncounted);
                permit.is_some()
            }
        };
    if has_room { response } else { answer::failure(&ApiError::BytesInFlight) }
}
