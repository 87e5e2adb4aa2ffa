//! Sampling what runs allocate: what is still there is told with who made it, whatever way a run ends, and
//! runs are as they always are.

use sandtide_engine::{
    EntryPoint, Error, HeapImage, Instance, InstanceConfig, Limits, Look, Plan, Request, Source,
    Value, engine_identity, watch_allocations_of_this_thread,
};
use sandtide_inspect::allocations::{AllocationRecorder, HeapProfile};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn image(instance: &mut Instance, text: &str) -> HeapImage {
    let entry = EntryPoint::Classic(Source::new("a.js", text));
    instance.build(&Plan { entry, ..Plan::default() }).unwrap()
}

thread_local! {
    static RECORDER: RefCell<Option<Rc<AllocationRecorder>>> = const { RefCell::new(None) };
}

/// Limits of memory only: the tests are about nothing else.
fn limits(heap: usize) -> Limits {
    let long = Duration::from_secs(300);
    Limits { wall: long, cpu: long, heap, ..Limits::default() }
}

/// Runs with one of `interval` bytes told; the profile as it was when the heap was looked at, if it was.
fn sampled(
    instance: &mut Instance,
    image: &HeapImage,
    interval: u64,
    limits: Limits,
) -> (Option<HeapProfile>, Result<Value, Error>) {
    let recorder = Rc::new(AllocationRecorder::new(interval));
    RECORDER.set(Some(Rc::clone(&recorder)));
    watch_allocations_of_this_thread(Some((interval, recorder as _)));
    let seen = Arc::new(Mutex::new(None));
    let answer = Arc::clone(&seen);
    let look = Look::new(move |looked| {
        let recorder = RECORDER.with_borrow(Clone::clone).unwrap();
        recorder.settle(looked.walk);
        *answer.lock().unwrap() = Some(recorder.profile());
    });
    let request = Request { limits, look: Some(look), ..Request::default() };
    let result = instance.run(image, &request).result;
    watch_allocations_of_this_thread(None);
    (seen.lock().unwrap().take(), result)
}

/// Bytes of a function and what it calls.
fn below(profile: &HeapProfile, name: &str) -> f64 {
    fn sum(node: &Json) -> f64 {
        let children = node["children"].as_array().unwrap().iter();
        node["selfSize"].as_f64().unwrap() + children.map(sum).sum::<f64>()
    }
    fn find(node: &Json, name: &str) -> f64 {
        if node["callFrame"]["functionName"] == name {
            return sum(node);
        }
        node["children"].as_array().unwrap().iter().map(|child| find(child, name)).sum()
    }
    let mut text = Vec::new();
    profile.write(&mut text).unwrap();
    find(&serde_json::from_slice::<Json>(&text).unwrap()["head"], name)
}

#[test]
fn what_is_still_there_is_told_by_the_function_that_made_it() {
    let mut instance = Instance::new(InstanceConfig::default()).unwrap();
    let text = "const kept = globalThis.kept = [];
        function large() { for (let i = 0; i < 40; i++) kept.push(new ArrayBuffer(10000)) }
        function small() { for (let i = 0; i < 5000; i++) kept.push({ i }) }
        function growing() { const all = []; for (let i = 0; i < 50000; i++) all[i] = i; kept.push(all) }
        function dropped() { for (let i = 0; i < 3000; i++) { ({ i }); new ArrayBuffer(1000) } }
        dropped(); large(); small(); growing(); dropped(); kept.length";
    let image = image(&mut instance, text);
    let (profile, result) = sampled(&mut instance, &image, 512, limits(32 << 20));
    assert_eq!(result.unwrap(), Value::Number(5041.0));
    let profile = profile.unwrap();
    let large = below(&profile, "large");
    assert!((large - 400_000.0).abs() < 20_000.0, "{large}");
    let small = below(&profile, "small");
    // An object and its properties, some 110 bytes, and the list of them that grew.
    assert!((450_000.0..900_000.0).contains(&small), "{small}");
    let growing = below(&profile, "growing");
    assert!((700_000.0..1_400_000.0).contains(&growing), "{growing}");
    let dropped = below(&profile, "dropped");
    // An engine that poisons what it frees keeps some of it back.
    let kept_back = if engine_identity().contains(" poisoned") { 400_000.0 } else { 0.0 };
    assert!(dropped < 30_000.0 + kept_back, "{dropped}");
}

#[test]
fn a_run_that_hits_its_heap_limit_is_told_of_at_that_moment() {
    let mut instance = Instance::new(InstanceConfig::default()).unwrap();
    let text =
        "function fill() { const all = []; for (let i = 0; ; i++) all.push('text ' + i) } fill()";
    let image = image(&mut instance, text);
    let (profile, result) = sampled(&mut instance, &image, 1024, limits(8 << 20));
    assert!(matches!(result, Err(Error::Heap { .. })), "{result:?}");
    let filled = below(&profile.unwrap(), "fill");
    assert!(filled > 4e6, "{filled}");
}

#[test]
fn runs_that_are_abandoned_while_they_are_sampled_leave_nothing_behind() {
    let mut instance = Instance::new(InstanceConfig::default()).unwrap();
    let endless = [
        "const all = []; for (let i = 0; ; i++) all[i % 3e4] = [[i], new Map, Symbol(i), i + '']",
        "let f; for (let i = 0; ; i++) f = eval('(function m' + i + '() { return 1 })')()",
        "const o = {}; for (let i = 0; ; i++) o['a' + i] = new ArrayBuffer(i % 2000)",
    ];
    let good = image(&mut instance, "[1, 2, 3].map((n) => ({ n })).length");
    let images = endless.map(|text| image(&mut instance, text));
    for round in 0..60 {
        for image in &images {
            let cpu = Duration::from_micros(1000 + round * 97);
            let limits = Limits { cpu, ..limits(8 << 20) };
            let (_, result) = sampled(&mut instance, image, 128, limits);
            assert!(result.is_err());
        }
        let (profile, result) = sampled(&mut instance, &good, 128, limits(8 << 20));
        assert_eq!(result.unwrap(), Value::Number(3.0));
        assert!(profile.is_some());
        let request = Request { limits: limits(8 << 20), ..Request::default() };
        let result = instance.run(&good, &request).result;
        assert_eq!(result.unwrap(), Value::Number(3.0));
    }
}
