//! The network as the host does it for scripts: `fetch`, and tools that are called over HTTP. A script never
//! has a socket: it asks by a host function, and the process that supervises decides ([`Rules`]), connects to
//! the very address that it checked, and counts what the run takes ([`NetLimits`]).
//!
//! Must not know workers, tenants, or how scripts are deployed.
//!
//! ```
//! use sandtide_net::{Hosts, Network, Rules};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = tokio::runtime::Runtime::new()?;
//! let network = Network::new(runtime.handle().clone());
//! let hosts: Hosts = "api.example.com,*.example.org:8443".parse()?;
//! // What a plan or a deployment is granted, as `ImageBuilder::grant` and `Deployment::grant` take it.
//! let fetch = network.fetch(Rules::new(hosts));
//! assert_eq!(fetch.name(), sandtide_engine::FETCH);
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

mod address;
mod client;
mod exchange;
mod fetch;
mod hosts;
mod post;
mod run;
mod tools;
mod trace;

#[cfg(test)]
mod tests;

pub use address::Special;
pub use client::Network;
pub use exchange::{NetError, whole_url};
pub use hosts::{Hosts, HostsError, Refusal, Rules};
pub use post::Post;
pub use run::NetLimits;
pub use tools::Tool;
pub use trace::{EndedSpan, SpanKind, SpanSink, Trace};
