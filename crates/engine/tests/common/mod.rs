//! What the engine's test suites share: instances, requests and limits in few words.
#![allow(dead_code, reason = "each suite uses a part of it")]

pub(crate) mod child;

use sandtide_engine::{
    EntryPoint, Error, Exception, HeapImage, HostFunction, Input, Instance, InstanceConfig, Limits,
    Outcome, Plan, Request, Source, Value,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Limits that no test hits by accident, on a machine however busy.
pub(crate) fn generous() -> Limits {
    Limits { wall: Duration::from_secs(600), cpu: Duration::from_secs(60), ..Limits::default() }
}

/// Generous but for the wall time, which is soon over.
pub(crate) fn short() -> Limits {
    Limits { wall: Duration::from_millis(60), ..generous() }
}

/// A plan with nothing in it yet, and generous limits.
pub(crate) fn plan() -> Plan {
    Plan { limits: generous(), ..Plan::default() }
}

/// A request for a run of the image's own script.
pub(crate) fn request() -> Request {
    Request { limits: generous(), ..Request::default() }
}

/// A request that brings its own source.
pub(crate) fn ad_hoc(source: &str) -> Request {
    Request { source: Some(Source::new("test.js", source)), ..request() }
}

/// Modules by name.
pub(crate) fn modules(list: &[(&str, &str)]) -> Arc<BTreeMap<String, String>> {
    Arc::new(list.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
}

/// An instance and one of its images.
pub(crate) struct Bench {
    pub(crate) instance: Instance,
    pub(crate) image: HeapImage,
}

impl Bench {
    /// A default instance at its base image.
    pub(crate) fn base() -> Bench {
        Bench::with(InstanceConfig::default())
    }

    /// An instance of this making at its base image.
    pub(crate) fn with(config: InstanceConfig) -> Bench {
        let instance = Instance::new(config).expect("an instance");
        let image = instance.base().clone();
        Bench { instance, image }
    }

    /// A default instance with the image of a plan.
    pub(crate) fn of(plan: &Plan) -> Bench {
        let mut bench = Bench::base();
        bench.image = bench.instance.build(plan).expect("an image");
        bench
    }

    /// A classic script after a set-up.
    pub(crate) fn classic(setup: &str, script: &str) -> Bench {
        Bench::of(&Plan {
            setup: vec![Source::new("setup.js", setup)],
            entry: EntryPoint::Classic(Source::new("script.js", script)),
            ..plan()
        })
    }

    /// A module whose default export is called.
    pub(crate) fn function(source: &str) -> Bench {
        Bench::of(&Plan { entry: EntryPoint::Module(Source::new("main.js", source)), ..plan() })
    }

    /// Sources are given with the run; these host functions are there.
    pub(crate) fn hosts(hosts: Vec<HostFunction>) -> Bench {
        Bench::of(&Plan { hosts, ..plan() })
    }

    pub(crate) fn run(&mut self, request: &Request) -> Outcome {
        self.instance.run(&self.image, request)
    }

    /// The value of a source given with the run.
    pub(crate) fn eval(&mut self, source: &str) -> Value {
        let outcome = self.run(&ad_hoc(source));
        outcome.result.unwrap_or_else(|error| panic!("{source}: {error:?}"))
    }

    /// The error of a source given with the run.
    pub(crate) fn error(&mut self, source: &str) -> Error {
        match self.run(&ad_hoc(source)).result {
            Ok(value) => panic!("{source}: answered {value:?}"),
            Err(error) => error,
        }
    }

    /// The exception that a source given with the run ends with.
    pub(crate) fn exception(&mut self, source: &str) -> Exception {
        match self.error(source) {
            Error::Exception(exception) => *exception,
            other => panic!("{source}: {other:?}"),
        }
    }

    /// The value of the image's function, called with `input`.
    pub(crate) fn call(&mut self, input: impl Into<Value>) -> Value {
        let outcome = self.run(&with_input(input));
        outcome.result.unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// What a source given with the run logs.
    pub(crate) fn logs(&mut self, source: &str) -> Vec<String> {
        self.run(&ad_hoc(source)).logs.into_iter().map(|line| line.text).collect()
    }

    /// That the instance runs as if nothing had been before.
    pub(crate) fn assert_sound(&mut self) {
        let base = self.instance.base().clone();
        let sum = "[1, 2, 3].map((x) => x * 2).join() + JSON.stringify({a: [/x/.test('x')]})";
        let outcome = self.instance.run(&base, &ad_hoc(sum));
        assert_eq!(outcome.result, Ok(r#"2,4,6{"a":[true]}"#.into()));
    }
}

/// A request for a call with this input.
pub(crate) fn with_input(input: impl Into<Value>) -> Request {
    Request { input: Some(Input::Value(input.into())), ..request() }
}

/// A value's array items.
pub(crate) fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        other => panic!("not an array: {other:?}"),
    }
}

/// A value's text.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value:?}"))
}
