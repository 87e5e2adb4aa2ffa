//! A thin client of a Sandtide server: each method is one request, and answers what the server does.
//!
//! It waits in the calling thread; an asynchronous program calls it from where blocking is allowed
//! (`tokio::task::spawn_blocking`). What the methods do not cover is reached by
//! [`Client::request`].
//!
//! ```no_run
//! use sandtide_client::{Client, Deploy, Run};
//!
//! let client = Client::new("http://127.0.0.1:8080").tenant("harbour");
//! client.deploy("sum", &Deploy::new("export default ({ a, b }) => a + b"))?;
//! let outcome = client.run("sum", &Run::new().input(serde_json::json!({ "a": 1, "b": 41 })))?;
//! assert_eq!(outcome.value, 42);
//! # Ok::<(), sandtide_client::Error>(())
//! ```
#![forbid(unsafe_code)]

mod client;
mod error;
mod events;
mod types;

pub use client::{Client, Method};
pub use error::{Error, Problem};
pub use events::{Event, Events};
pub use types::{
    AcceptedRun, AdHocRun, Deploy, Deployed, Frozen, GlobalsBack, LaterRun, Limits, LogLine,
    Outcome, Run, RunState, RunUsage, Runs, Script, Setup, Tool, Version,
};
