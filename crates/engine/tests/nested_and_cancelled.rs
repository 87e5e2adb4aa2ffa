//! Runs within runs, runs that are cancelled, and host functions that panic later.

use sandtide_engine::{
    CancelToken, Error, HostFunction, Instance, InstanceConfig, Plan, Request, Source, Value,
};
use std::sync::Mutex;

/// A search that the engine does in one loop of its own, which asks nobody whether it may go on.
const NATIVE_LOOP: &str = "'a'.repeat(4e6).lastIndexOf('a'.repeat(2e6) + 'b')";

fn ad_hoc(source: impl Into<String>) -> Request {
    Request { source: Some(Source::new("a.js", source)), ..Request::default() }
}

#[test]
fn a_native_loop_after_a_host_function_that_ran_another_instance_still_ends() {
    let inner = Mutex::new(Instance::new(InstanceConfig::default()).unwrap());
    let nest = HostFunction::new("nest", move |_| {
        let mut inner = inner.lock().unwrap();
        let base = inner.base().clone();
        Ok(inner.run(&base, &ad_hoc("1 + 1")).result.unwrap())
    });
    let mut outer = Instance::new(InstanceConfig::default()).unwrap();
    let image = outer.build(&Plan { hosts: vec![nest], ..Plan::default() }).unwrap();
    let mut request = ad_hoc(format!("nest(); {NATIVE_LOOP}"));
    request.limits.wall = std::time::Duration::from_millis(50);
    let error = outer.run(&image, &request).result.unwrap_err();
    assert_eq!(error.code(), "ERR_WALL_TIME_LIMIT");
    assert_eq!(outer.run(&image, &ad_hoc("nest()")).result, Ok(Value::Number(2.0)));
}

#[test]
fn a_scope_ends_when_its_token_is_cancelled() {
    let mut instance = Instance::new(InstanceConfig::default()).unwrap();
    let base = instance.base().clone();
    let token = CancelToken::new();
    token.cancel();
    let request = Request { cancel: Some(token), ..Request::default() };
    let result = instance.scope(&base, &request, |scope| scope.eval("a.js", "1").map(|_| ()));
    assert_eq!(result.and_then(|inner| inner), Err(Error::Cancelled));
}

#[test]
fn a_panic_in_an_asynchronous_host_function_ends_the_run_with_its_own_error() {
    let boom = HostFunction::new_async("boom", |_| async { panic!("the message") });
    let mut instance = Instance::new(InstanceConfig::default()).unwrap();
    let image = instance.build(&Plan { hosts: vec![boom], ..Plan::default() }).unwrap();
    match instance.run(&image, &ad_hoc("boom()")).result {
        Err(Error::HostPanic { message, .. }) => assert_eq!(message, "the message"),
        other => panic!("{other:?}"),
    }
    assert_eq!(instance.run(&image, &ad_hoc("1")).result, Ok(Value::Number(1.0)));
}
