//! Sandtide over HTTP: deploy scripts, run them, get value, logs and usage back.
//!
//! The threads that speak HTTP never touch script code: they read a request, hand a job to a
//! worker thread through a bounded queue and wait for the rendered answer. Each worker runs its
//! jobs in an instance of one shared [`sandtide::Pool`]; images are built on a thread of their own,
//! so that a slow deploy delays no run, and large bodies are read and large answers written on
//! another, so that they delay no connection. A script whose runs take long is kept from holding every
//! worker while others ask for one. All threads are one process and one trust domain.
//!
//! The routes, their bodies, and the error codes are described in `API.md` beside this crate.
//!
//! ```no_run
//! # async fn serve() -> Result<(), sandtide_server::ServerError> {
//! use sandtide_server::{Server, ServerConfig};
//!
//! let server = Server::bind(ServerConfig::default()).await?;
//! println!("listening on {}", server.local_addr());
//! server.serve_until(std::future::pending()).await;
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod access;
mod answer;
mod bodies;
mod config;
mod error;
mod facts;
mod flight;
mod http1;
mod json;
mod negotiation;
mod query;
mod queue;
mod routes;
mod server;
mod store;
mod tagged;
mod workers;

pub use answer::outcome_json;
#[doc(hidden)]
pub use bodies::runs_of_body;
pub use config::ServerConfig;
pub use error::{ApiError, ServerError};
pub use http1::Malformed;
pub use server::Server;
