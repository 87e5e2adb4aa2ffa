//! Runs JavaScript that somebody else wrote: each run in a sandbox that is as good as new, under
//! hard limits, with memory that stays flat.
//!
//! A [`Script`] is compiled and initialised once into an [`Image`]; an [`Instance`] holds a live
//! copy of it in an arena. After each run the arena is put back to the image by copying, so that
//! nothing of the run is left: no global, no changed prototype, no memory.
//!
//! ```
//! use sandtide::{Image, Instance, Run, Script, ScriptOptions, Value};
//!
//! let script = Script::compile("a = fibonacci(number)", ScriptOptions::new().file("article.js"))?;
//! let image = Image::builder()
//!     .setup(
//!         "function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }",
//!         ScriptOptions::new().file("fibonacci.js"),
//!     )
//!     .script(&script)
//!     .build()?;
//! let mut instance = Instance::new(&image)?;
//! for number in 0..20 {
//!     let outcome = instance.run(&Run::new().global("number", number));
//!     assert!(outcome.result.is_ok());
//! }
//! let outcome = instance.run(&Run::new().global("number", 10));
//! assert_eq!(outcome.result?, Value::from(55));
//! # Ok::<(), sandtide::Error>(())
//! ```
//!
//! # The four forms of a script
//! The source tells which of the first three a script is:
//!
//! 1. **Classic**: a script as for `vm`. The value of its last expression is the result; the caller
//!    gives globals by name, and can ask back those that the script made or changed
//!    ([`GlobalsBack`]). The example above is one.
//! 2. **Function**: an ES module whose default export is a function, called with the run's input.
//!    The module's top level runs once, when the image is built.
//!
//!    ```
//!    use sandtide::{Image, Instance, Run, Script, ScriptOptions, Value};
//!
//!    let source = "
//!        import { greeting } from './words.js';
//!        export default async function (input) { return `${greeting}, ${input.name}`; }
//!    ";
//!    let script = Script::compile(source, ScriptOptions::new().file("main.js"))?;
//!    let image = Image::builder()
//!        .script(&script)
//!        .module("./words.js", "export const greeting = 'Hello'")
//!        .build()?;
//!    let mut instance = Instance::new(&image)?;
//!    let outcome = instance.run(&Run::new().input_json(r#"{"name": "Ada"}"#));
//!    assert_eq!(outcome.result?, Value::from("Hello, Ada"));
//!    # Ok::<(), sandtide::Error>(())
//!    ```
//! 3. **Handler**: an ES module whose default export has a method `fetch`, as workerd and Deno have it. It
//!    is called with a `Request`, an environment, and a context whose `waitUntil` keeps the run going.
//!
//!    ```
//!    use sandtide::{HttpRequest, HttpResponse, Image, Instance, Run, Script, ScriptOptions, Value};
//!
//!    let source = "
//!        export default {
//!            async fetch(request, env, ctx) {
//!                return new Response(`${env.greeting}, ${new URL(request.url).pathname}`);
//!            },
//!        }
//!    ";
//!    let script = Script::compile(source, ScriptOptions::new().file("main.js"))?;
//!    let image = Image::builder().script(&script).build()?;
//!    let request = HttpRequest {
//!        method: "GET".to_owned(),
//!        url: "http://localhost/ada".to_owned(),
//!        env: [("greeting", Value::from("Hello"))].into_iter().collect(),
//!        ..HttpRequest::default()
//!    };
//!    let outcome = Instance::new(&image)?.run(&Run::new().http_request(request));
//!    let response = HttpResponse::of(outcome.result?).expect("what handlers answer");
//!    assert_eq!((response.status, &*response.body), (200, &b"Hello, /ada"[..]));
//!    # Ok::<(), sandtide::Error>(())
//!    ```
//! 4. **Ad hoc**: source given with the run, of any form, compiled for this run alone in a
//!    pristine image.
//!
//!    ```
//!    use sandtide::{Run, Value, run_in_new_instance};
//!
//!    let outcome = run_in_new_instance("price * 1.19", &Run::new().global("price", 100));
//!    assert_eq!(outcome.result?, Value::from(119));
//!    # Ok::<(), sandtide::Error>(())
//!    ```
//!
//! # For those who come from `node:vm`
//! | node:vm | here | what is different |
//! |---|---|---|
//! | `new vm.Script(code, { filename, lineOffset })` | [`Script::compile`], [`ScriptOptions`] | |
//! | `vm.createContext(sandbox)` | [`Image::builder`] | built once, and every run starts from it |
//! | `sandbox.name = value` | [`Run::global`], [`ImageBuilder::global`] | values are copied in |
//! | `script.runInContext(context)` | [`Instance::run`] | what the run did is gone afterwards |
//! | `vm.runInNewContext(code, sandbox)` | [`run_in_new_instance`] | microseconds, no garbage |
//! | reading `sandbox.name` afterwards | [`Run::globals_back`], [`Outcome::globals`] | |
//! | `sandbox.f = () => …` | [`ImageBuilder::host`], [`ImageBuilder::host_async`] | |
//! | `timeout` | [`Limits::wall`], [`Limits::cpu`] | ends the engine's own loops too |
//! | `--max-old-space-size` | [`Limits::heap`] | for each run, and it is hard |
//! | `importModuleDynamically` | [`ImageBuilder::module`] | a map of sources, no callback |
//! | objects and functions of the context | [`Instance::scope`], [`Local`] | valid for one run |
//!
//! # What does not compile
//! A value cannot outlive its run, nor cross into another, and no two threads can use one instance
//! at the same time; `tests/misuse.rs` has the cases.

#![forbid(unsafe_code)]

pub mod debug;
mod image;
mod instance;
mod pool;
mod run;
mod runs;
mod script;
mod version;
mod workshop;

pub use image::{Image, ImageBuilder};
pub use instance::{Instance, run_in_new_instance};
pub use pool::{Pool, PoolBuilder, PooledInstance};
pub use run::Run;
#[doc(hidden)]
pub use runs::DeploymentParts;
pub use runs::{Deployment, Runs};
pub use sandtide_engine::{
    BigInt, CancelToken, ENGINE_TARGET, Error, ErrorKind, Exception, Form, Frozen, GlobalsBack,
    HostCall, HostError, HostFunction, HttpRequest, HttpResponse, Intrinsics, Language, Limits,
    Local, LogLevel, LogLine, Look, Looked, MAX_DEPTH, MAX_HEAP, MAX_HOST_FUNCTIONS, MIN_HEAP,
    Moment, Outcome, ParseBigIntError, RestoreStrategy, Sampled, SampledFunction, SampledStack,
    Scope, Stopwatch, SyntaxError, Usage, Value, check_time_zone, engine_identity,
    joined_specifier, record_this_thread, watch_allocations_of_this_thread,
};
pub use script::{Script, ScriptOptions, imports_of};
