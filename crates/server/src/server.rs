//! Listening, connections and the orderly end. Knows nothing of what requests mean.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    config::ServerConfig,
    error::ServerError,
    routes::{self, Shared},
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
        let failed = |source| ServerError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        config.limits.validate()?;
        let workers = Workers::start(&config)?;
        let scripts = Arc::new(Scripts::new(config.max_scripts));
        Ok(Self { listener, address, shared: Arc::new(Shared { config, scripts, workers }) })
    }

    /// The address listened on, with the port that was taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is ready; then takes no more connections, lets requests that have
    /// begun end within [`ServerConfig::drain_timeout`], cancels the rest and ends the threads.
    pub async fn serve_until(self, shutdown: impl Future<Output = ()>) {
        let Self { listener, shared, .. } = self;
        let router = routes::router(Arc::clone(&shared));
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
                let (router, stopping) = (router.clone(), stopping.clone());
                let patience = shared.config.read_timeout;
                connections.spawn(async move {
                    serve(stream, router, stopping, patience).await;
                    drop(permit);
                });
            }
        }

        drop(listener);
        drop(stop);
        let all_ended = async { while connections.join_next().await.is_some() {} };
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

/// Serves one connection to its end. A client that goes away ends it at once, which drops the
/// handler and so cancels its run.
async fn serve(
    stream: TcpStream,
    router: Router,
    mut stopping: watch::Receiver<()>,
    patience: Duration,
) {
    // Answers are written whole; waiting to fill a segment would only delay them.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    tokio::select! {
        _ = &mut connection => return,
        // The sender is dropped when the shutdown begins.
        _ = stopping.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
