//! What one run is asked to do.

use crate::script::ScriptOptions;
use sandtide_engine::{CancelToken, Frozen, GlobalsBack, Input, Limits, Request, Stopwatch, Value};

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

    /// Counts the run's time from an earlier moment on: what the caller did for it since then is
    /// within its limits, and in its usage.
    pub fn since(mut self, began: Stopwatch) -> Run {
        self.request.since = Some(began);
        self
    }

    /// Lets `token` end the run from another thread.
    pub fn cancel(mut self, token: &CancelToken) -> Run {
        self.request.cancel = Some(token.clone());
        self
    }
}
