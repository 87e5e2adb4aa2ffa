//! Listening, connections and the orderly end. Knows nothing of what requests mean.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::{JoinSet, yield_now},
    time::{sleep, timeout},
};

use crate::{
    access::Access,
    answer,
    config::ServerConfig,
    error::{ApiError, ServerError},
    flight::Flight,
    http1::{Connection, Method, Next, Timeouts},
    place::Place,
    routes::{Shared, respond},
    store::Scripts,
    workers::Workers,
};

/// How long to wait when no connection can be taken, for example because all file descriptors
/// are in use.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long the worker threads may take to notice that their runs are cancelled.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// A server that is bound to its address, with its worker threads started.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
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
        let failed = |source| ServerError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let flight = Flight::new(config.max_bytes_in_flight);
        let place = Place::start(&config).await?;
        let workers = Workers::start(&config, place, &flight)?;
        let scripts = Arc::new(Scripts::new(config.max_scripts, config.max_script_bytes));
        let access = Access::new(&config.allowed_hosts, &config.allowed_origins);
        let debugging = Arc::default();
        let shared = Arc::new(Shared { config, access, flight, scripts, workers, debugging });
        Ok(Self { listener, address, shared })
    }

    /// The address listened on, with the port that was taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is ready; then takes no more connections, lets requests that have
    /// begun end within [`ServerConfig::drain_timeout`], cancels the rest and ends the threads.
    pub async fn serve_until(self, shutdown: impl Future<Output = ()>) {
        let Self { listener, shared, .. } = self;
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

        drop(listener);
        drop(stop);
        let all_ended = async { while connections.join_next().await.is_some() {} };
        // What is stopped goes on, so that its request can end.
        shared.debugging.close();
        if timeout(shared.config.drain_timeout, all_ended).await.is_err() {
            connections.shutdown().await;
        }
        shared.workers.stop(STOP_PATIENCE).await;
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

/// Serves one connection to its end. A client that goes away ends it at once, which drops what is
/// done for it and so cancels its run.
async fn serve(stream: TcpStream, shared: &Shared, mut stopping: watch::Receiver<()>) {
    let timeouts =
        Timeouts { read: shared.config.read_timeout, write: shared.config.write_timeout };
    let mut connection = Connection::new(stream, Arc::clone(&shared.flight), timeouts);
    loop {
        let head = match connection.next(&mut stopping).await {
            Next::Request(head) => head,
            Next::Closed => return,
            Next::Malformed(malformed) => return refuse(connection, malformed.into()).await,
            Next::TimedOut => {
                let seconds = timeouts.read.as_secs();
                return refuse(connection, ApiError::HeadTimeout { seconds }).await;
            }
        };
        let Some(response) = respond(shared, &head, &mut connection).await else {
            return;
        };
        // The sender is dropped when the shutdown begins.
        let ending = stopping.has_changed().is_err();
        let keep_alive = head.keep_alive && !ending && !connection.has_body_left();
        let with_body = head.method != Method::Head;
        if connection.send(&response, with_body, keep_alive).await.is_err() {
            return;
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

/// Answers what could not be read as a request; nothing can follow it.
async fn refuse(mut connection: Connection, error: ApiError) {
    if connection.send(&answer::failure(&error), true, false).await.is_ok() {
        connection.linger().await;
    }
}
