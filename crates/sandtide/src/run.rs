//! What one run is asked to do.

use crate::script::ScriptOptions;
use sandtide_engine::{
    CancelToken, Frozen, GlobalsBack, HttpRequest, Input, Limits, Look, Request, Stopwatch, Value,
};
use std::{sync::Arc, time::Duration};

/// One run's globals, input and limits.
///
/// ```
/// use sandtide::{Limits, Run};
/// use std::time::Duration;
///
/// let run = Run::new()
///     .global("name", "Ada")
///     .global_json("items", r#"[{"price": 3}]"#)
///     .limits(Limits { wall: Duration::from_millis(50), ..Limits::default() });
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Run {
    pub(crate) request: Request,
}

impl Run {
    /// A run without globals or input, under the default limits.
    pub fn new() -> Run {
        Run::default()
    }

    /// Gives the script a global.
    pub fn global(mut self, name: impl Into<String>, value: impl Into<Value>) -> Run {
        self.request.globals.push((name.into(), Input::Value(value.into())));
        self
    }

    /// Gives the script a global as JSON text, which is parsed into the heap in one pass.
    pub fn global_json(mut self, name: impl Into<String>, json: impl Into<Vec<u8>>) -> Run {
        self.request.globals.push((name.into(), Input::Json(json.into())));
        self
    }

    /// Gives a module's function its argument.
    pub fn input(mut self, value: impl Into<Value>) -> Run {
        self.request.input = Some(Input::Value(value.into()));
        self
    }

    /// Gives a module's function its argument as JSON text, which is parsed into the heap in one
    /// pass.
    pub fn input_json(mut self, json: impl Into<Vec<u8>>) -> Run {
        self.request.input = Some(Input::Json(json.into()));
        self
    }

    /// Gives a handler a request: see [`Form::Handler`](crate::Form::Handler). The run's value is what
    /// [`HttpResponse::of`](crate::HttpResponse::of) reads.
    pub fn http_request(mut self, request: HttpRequest) -> Run {
        self.request.input = Some(Input::Request(Box::new(request)));
        self
    }

    /// Gives a handler its `env`, where [`Run::http_request`] gave it a request. For the server, which holds many
    /// runs that wait, and gives it to those that begin.
    #[doc(hidden)]
    pub fn env(mut self, env: Value) -> Run {
        if let Some(Input::Request(request)) = &mut self.request.input {
            request.env = env;
        }
        self
    }

    /// Brings a source along that is compiled for this run alone, and runs in the place of the
    /// image's script.
    pub fn source(mut self, source: impl Into<String>, options: ScriptOptions) -> Run {
        self.request.source = Some(options.source(source));
        self
    }

    /// Sets the limits. A heap larger than the instance's arena is that of the arena.
    pub fn limits(mut self, limits: Limits) -> Run {
        self.request.limits = limits;
        self
    }

    /// Asks for globals of the script when it has run.
    pub fn globals_back(mut self, which: GlobalsBack) -> Run {
        self.request.globals_back = which;
        self
    }

    /// Makes the run replayable: `Math.random` and the clocks are given, not real. This holds for
    /// the image's set-up and modules too.
    pub fn frozen(mut self, frozen: Frozen) -> Run {
        self.request.frozen = Some(frozen);
        self
    }

    /// Sets the time zone of `Date`'s local times and of `Intl` where a script names none: a name of the
    /// IANA database in any case (`Europe/Berlin`), or an offset (`+05:30`). This holds for the image's
    /// set-up and modules too. Without it the zone is the image's, which is UTC unless it was built with
    /// another; never the host's. A name that there is not ends the run with
    /// [`Error::InvalidTimeZone`](crate::Error::InvalidTimeZone).
    ///
    /// ```
    /// use sandtide::{Run, Value, run_in_new_instance};
    ///
    /// let run = Run::new().time_zone("Europe/Berlin");
    /// let outcome = run_in_new_instance("new Date(2026, 6, 1).toISOString()", &run);
    /// assert_eq!(outcome.result?, Value::from("2026-06-30T22:00:00.000Z"));
    /// # Ok::<(), sandtide::Error>(())
    /// ```
    pub fn time_zone(mut self, name: impl Into<String>) -> Run {
        self.request.time_zone = Some(name.into());
        self
    }

    /// Counts the run's time from an earlier moment on: what the caller did for it since then is
    /// within its limits, and in its usage.
    pub fn since(mut self, began: Stopwatch) -> Run {
        self.request.since = Some(began);
        self
    }

    /// The run as the engine sees it. For the crates that run in other processes.
    #[doc(hidden)]
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// As [`Run::request`], without a copy.
    #[doc(hidden)]
    #[must_use]
    pub fn into_request(self) -> Request {
        self.request
    }

    /// The counterpart of [`Run::request`].
    #[doc(hidden)]
    pub fn of_request(request: Request) -> Run {
        Run { request }
    }

    /// Has the worker process sample the run that carries it out. For the server, which asks the outcome for
    /// what was seen; threads are sampled by [`crate::record_this_thread`].
    #[doc(hidden)]
    pub fn sample(mut self, interval: Duration) -> Run {
        self.request.sample = Some(interval);
        self
    }

    /// Looks at the heap when the run is over, or at the moment it has no more room: see
    /// `sandtide-inspect`, which makes a heap snapshot of what is seen.
    pub fn look(mut self, look: &Look) -> Run {
        self.request.look = Some(look.clone());
        self
    }

    /// Tells host functions that each run has its own of what caused this one, in words that they know: see
    /// [`HostFunction::new_per_cause`](crate::HostFunction::new_per_cause). Scripts are not told.
    pub fn cause(mut self, cause: impl Into<Arc<str>>) -> Run {
        self.request.cause = Some(cause.into());
        self
    }

    /// Lets `token` end the run from another thread.
    pub fn cancel(mut self, token: &CancelToken) -> Run {
        self.request.cancel = Some(token.clone());
        self
    }
}
