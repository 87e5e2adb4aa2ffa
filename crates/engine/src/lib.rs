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
mod error;
mod host;
mod image;
mod instance;
mod js;
mod limits;
mod modules;
mod run;
mod sys;
mod value;

/// The target that the engine was compiled for.
pub use sandtide_quickjs::TARGET as ENGINE_TARGET;
/// Which engine runs in this program: release, hash of the changes, compiler.
pub use sandtide_quickjs::identity as engine_identity;

pub use arena::restore::RestoreStrategy;
pub use error::{Error, ErrorKind, Exception, HostError, SyntaxError};
pub use host::{HostCall, HostFunction, MAX_HOST_FUNCTIONS};
pub use image::{EntryPoint, HeapImage, Plan};
pub use instance::{Form, Instance, InstanceConfig};
pub use js::context::Intrinsics;
pub use limits::{CancelToken, Limits, MAX_HEAP, MIN_HEAP, Stopwatch, Usage};
pub use modules::joined_specifier;
pub use run::state::Modules;
pub use run::{Frozen, GlobalsBack, Local, LogLevel, LogLine, Outcome, Request, Scope, Source};
pub use value::{BigInt, Input, MAX_DEPTH, ParseBigIntError, Value};
