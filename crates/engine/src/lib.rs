//! The engine room of Sandtide: QuickJS-NG with its whole heap in an arena that is put back to an
//! image after each run.
//!
//! Rust users depend on the crate `sandtide`, which is easier to use and has no `unsafe`. This one
//! is what it is built on: an [`Instance`] owns an arena, [builds](Instance::build) a [`Plan`] into
//! a [`HeapImage`] there, and [runs](Instance::run) it.
//!
//! ```
//! use sandtide_engine::{EntryPoint, Instance, InstanceConfig, Plan, Request, Source, Value};
//!
//! let mut instance = Instance::new(InstanceConfig::default())?;
//! let image = instance.build(&Plan {
//!     entry: EntryPoint::Classic(Source::new("hello.js", "greeting + ', ' + 'world'")),
//!     ..Plan::default()
//! })?;
//! let request = Request {
//!     globals: vec![("greeting".into(), sandtide_engine::Input::Value("hello".into()))],
//!     ..Request::default()
//! };
//! assert_eq!(instance.run(&image, &request).result?, Value::from("hello, world"));
//! # Ok::<(), sandtide_engine::Error>(())
//! ```

pub mod arena;
pub mod confined;
pub mod debug;
mod error;
mod handler;
mod host;
mod image;
mod instance;
mod js;
mod language;
mod limits;
mod modules;
mod platform;
mod profile;
mod run;
mod sys;
mod value;

/// The target that the engine was compiled for.
pub use sandtide_quickjs::TARGET as ENGINE_TARGET;
/// Tells of allocations.
pub use sandtide_quickjs::allocations as watching;
/// Which engine runs in this program: release, hash of the changes, compiler.
pub use sandtide_quickjs::identity as engine_identity;
/// Samples a thread's stack.
pub use sandtide_quickjs::sample;
/// Goes through a heap.
pub use sandtide_quickjs::walk;

pub use arena::restore::RestoreStrategy;
pub use error::{Error, ErrorKind, Exception, HostError, SyntaxError};
pub use handler::{HttpRequest, HttpResponse, header_lines, headers_of};
pub use host::{FETCH, HostAnswer, HostCall, HostFunction, MAX_HOST_FUNCTIONS};
pub use image::{EntryPoint, HeapImage, Plan};
pub use instance::{Checked, Form, Instance, InstanceConfig};
pub use js::context::Intrinsics;
pub use language::Language;
pub use limits::{CancelToken, Limits, MAX_HEAP, MIN_HEAP, Stopwatch, Usage};
pub use modules::joined_specifier;
pub use profile::{record_this_thread, watch_allocations_of_this_thread};
pub use run::state::Modules;
pub use run::{
    Frozen, GlobalsBack, Local, LogLevel, LogLine, Look, Looked, Moment, Outcome, Request, Sampled,
    SampledFunction, SampledStack, Scope, Source, check_time_zone,
};
pub use value::{BigInt, Input, MAX_DEPTH, ParseBigIntError, Value};
