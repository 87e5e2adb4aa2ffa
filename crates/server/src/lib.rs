//! Sandtide over HTTP: deploy scripts, run them, get value, logs and usage back.
//!
//! The threads that speak HTTP never touch script code: they read a request, hand a job to a
//! worker thread through a bounded queue and wait for the rendered answer. Each worker thread has its
//! jobs carried out by a confined process of the tenant's ([`sandtide_supervisor::Supervisor`]) or,
//! with [`Isolation::Thread`], in an instance of one shared [`sandtide::Pool`], where all threads are
//! one trust domain; images are built on threads of their own,
//! so that a slow deploy delays no run, and large bodies are read and large answers written on
//! another, so that they delay no connection. Tenants share the workers fairly, and none of them
//! can hold all workers while others ask for one.
//!
//! The routes, their bodies, and the error codes are described in `API.md` beside this crate.
//!
//! A program that serves calls `sandtide_worker::run_if_zygote(&[])` first thing in `main`, because
//! its workers are forked from a process that it starts as itself.
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
mod admin;
mod answer;
mod auth;
mod bodies;
mod callback;
mod canary;
mod catalog;
mod client;
mod conditions;
mod config;
mod debug;
mod error;
mod events;
mod facts;
mod failures;
mod feed;
mod flight;
mod handlers;
mod http1;
mod http2;
mod json;
mod later;
mod memory;
mod metrics;
mod names;
mod negotiation;
mod network;
mod nodes;
mod openapi;
mod page;
mod place;
mod profiler;
mod query;
mod quota;
mod route;
mod routes;
mod schedules;
mod secrets;
mod server;
mod snapshots;
mod store;
mod tagged;
mod tls;
mod ui;
mod usage;
mod workers;

pub use answer::outcome_json;
pub use auth::TokenPolicy;
#[doc(hidden)]
pub use bodies::runs_of_body;
pub use config::ServerConfig;
pub use error::{ApiError, ServerError};
pub use http1::Malformed;
pub use names::check_tenant;
pub use network::NetworkConfig;
pub use openapi::openapi_json;
pub use place::{CgroupConfig, Isolation};
pub use quota::Bound;
pub use sandtide_net::{EndedSpan, SpanKind, SpanSink, Trace};
pub use sandtide_store::{PostgresAddress, SecretKey};
pub use server::Server;
pub use tls::{Certificate, TlsConfig, TlsError};
