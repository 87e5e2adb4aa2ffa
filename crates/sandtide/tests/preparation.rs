//! What is prepared for runs, and when: images that are built for one, sandboxes that are asked for
//! while another is prepared, and frozen runs, which repeat wherever they are run.

use sandtide::{
    CancelToken, Error, Frozen, Image, Instance, Intrinsics, Limits, Pool, Run, Script,
    ScriptOptions, Stopwatch, Value, run_in_new_instance,
};
use std::time::Duration;

const MS_120: Duration = Duration::from_millis(120);

fn generous() -> Limits {
    Limits { wall: Duration::from_secs(60), cpu: Duration::from_secs(60), ..Limits::default() }
}

fn script(text: &str) -> Script {
    Script::compile(text, ScriptOptions::new()).unwrap()
}

/// An image whose set-up takes at least 120 ms (its clock counts whole milliseconds, so one more is
/// waited for) and 20 MiB for a while.
fn slow(answer: u32) -> Image {
    let setup = "const end = Date.now() + 121; while (Date.now() < end) ; \
        let big = new Uint8Array(20 << 20); big = null; const list = Array(9000).fill(1.5)";
    Image::builder()
        .build_limits(generous())
        .setup(setup, ScriptOptions::new())
        .script(&script(&answer.to_string()))
        .build()
        .unwrap()
}

#[test]
fn an_image_that_is_built_again_for_a_run_counts_in_its_usage_and_its_limits() {
    let images = [slow(1), slow(2)];
    let pool = Pool::builder().instances(1).image_cache_bytes(1).build().unwrap();
    for (answer, image) in [(1, &images[0]), (2, &images[1]), (1, &images[0])] {
        let outcome = pool.run(image, &Run::new().limits(generous()));
        assert_eq!(outcome.result, Ok(Value::from(answer)));
        let usage = outcome.usage;
        assert!(usage.build >= MS_120 && usage.wall >= usage.build, "{usage:?}");
        assert!(usage.peak_heap > 20 << 20, "{usage:?}");
        let again = pool.run(image, &Run::new().limits(generous())).usage;
        assert_eq!(again.build, Duration::ZERO);
        assert!(again.peak_heap < 20 << 20, "{again:?}");
    }
    let hasty = Limits { wall: Duration::from_millis(60), ..generous() };
    let outcome = pool.run(&images[1], &Run::new().limits(hasty));
    assert_eq!(outcome.result, Err(Error::WallTime { limit: hasty.wall }));
    assert!(outcome.usage.wall >= hasty.wall, "{:?}", outcome.usage);
    let token = CancelToken::new();
    token.cancel();
    let cancelled = pool.run(&images[1], &Run::new().limits(generous()).cancel(&token));
    assert_eq!(cancelled.result, Err(Error::Cancelled));
    let outcome = pool.run(&images[1], &Run::new().limits(generous()));
    assert_eq!(outcome.result, Ok(Value::from(2)));
}

#[test]
fn making_the_instance_for_a_run_counts_as_well() {
    let pool = Pool::builder().instances(1).build().unwrap();
    let run = Run::new().source("1", ScriptOptions::new());
    assert!(pool.run(&Image::base(), &run).usage.build > Duration::ZERO);
    assert_eq!(pool.run(&Image::base(), &run).usage.build, Duration::ZERO);
    let other = Image::builder().intrinsics(Intrinsics::minimal()).build().unwrap();
    assert!(pool.run(&other, &run).usage.build > Duration::ZERO);
}

#[test]
fn a_callers_own_preparation_counts_where_it_says_so() {
    let mut instance = Instance::new(&Image::base()).unwrap();
    let since = Stopwatch::start();
    std::thread::sleep(Duration::from_millis(30));
    let run = Run::new().source("1", ScriptOptions::new()).since(since);
    let usage = instance.run(&run).usage;
    assert!(usage.build >= Duration::from_millis(30) && usage.wall >= usage.build, "{usage:?}");
}

#[test]
fn checking_a_source_is_within_the_limits_given_for_it() {
    let large = format!("[{}]", "[1],".repeat(400_000));
    let small = ScriptOptions::new().limits(Limits { heap: 4 << 20, ..generous() });
    let error = Script::compile(large.clone(), small).unwrap_err();
    assert_eq!(error, Error::Heap { limit: 4 << 20 });
    let larger = format!("[{}]", "[1],".repeat(1_200_000));
    let options = ScriptOptions::new();
    let default = options.clone().limits(Limits { heap: 64 << 20, ..generous() });
    assert_eq!(
        Script::compile(larger.clone(), default).unwrap_err(),
        Error::Heap { limit: 64 << 20 }
    );
    let roomy = options.limits(Limits { heap: 512 << 20, ..generous() });
    assert!(Script::compile(larger, roomy).is_ok(), "a heap larger than that of most");
}

#[test]
fn a_host_function_of_a_set_up_may_prepare_sandboxes_itself() {
    let nested = |call: &str| -> Value {
        let script = script(call);
        let image = Image::builder().script(&script).build().unwrap();
        let value = Instance::new(&image).unwrap().run(&Run::new()).result.unwrap();
        assert_eq!(run_in_new_instance(call, &Run::new()).result, Ok(value.clone()));
        value
    };
    let image = Image::builder()
        .build_limits(generous())
        .host("here", move |_| Ok(nested("6 * 7")))
        .host("there", move |_| {
            // Another thread, for which this one waits.
            Ok(std::thread::spawn(move || nested("6 * 7")).join().unwrap())
        })
        .setup("var sum = here() + there()", ScriptOptions::new())
        .script(&script("sum"))
        .build()
        .unwrap();
    let run = Run::new().limits(generous());
    assert_eq!(Instance::new(&image).unwrap().run(&run).result, Ok(Value::from(84)));
}

/// Its module looks at the clock and at random numbers while it is loaded, and places a map by the
/// hash seed.
fn chancy() -> Image {
    let module = "
        const drawn = [Math.random(), Date.now(), +new Date(), performance.now(), performance.timeOrigin];
        const map = new Map(Array.from({ length: 50 }, () => ['k' + Math.random(), Math.random()]));
        export default () => {
            map.set('x' + Math.random(), Date.now());
            return JSON.stringify([drawn, [...map], Math.random(), Date.now(), performance.now()]);
        };
    ";
    Image::builder().script(&script(module)).build().unwrap()
}

#[test]
fn a_frozen_run_repeats_exactly_on_every_instance_module_level_included() {
    let image = chancy();
    let frozen = |seed, now_ms| Run::new().limits(generous()).frozen(Frozen { seed, now_ms });
    let mut instances: Vec<Instance> = (0..3).map(|_| Instance::new(&image).unwrap()).collect();
    let first = instances[0].run(&frozen(7, 1e12)).result.unwrap();
    for instance in &mut instances {
        for _ in 0..2 {
            assert_eq!(instance.run(&frozen(7, 1e12)).result, Ok(first.clone()));
            let other = instance.run(&frozen(8, 1e12)).result.unwrap();
            assert_ne!(other, first);
            assert_ne!(instance.run(&frozen(7, 2e12)).result.unwrap(), first);
            let (one, two) = (instance.run(&Run::new()).result, instance.run(&Run::new()).result);
            assert_ne!(one.unwrap(), two.unwrap(), "runs that are not frozen do not repeat");
        }
    }
    let pool = Pool::builder().instances(2).build().unwrap();
    let held = pool.instance(&image).unwrap();
    assert_eq!(pool.run(&image, &frozen(7, 1e12)).result, Ok(first.clone()));
    drop(held);
    for _ in 0..3 {
        assert_eq!(pool.run(&image, &frozen(7, 1e12)).result, Ok(first.clone()));
    }
    let scoped = instances[0].scope(&frozen(7, 1e12), |scope| {
        let random = scope.eval("a.js", "Math.random()").unwrap();
        scope.to_value(random).unwrap()
    });
    let again = instances[1].scope(&frozen(7, 1e12), |scope| {
        let random = scope.eval("a.js", "Math.random()").unwrap();
        scope.to_value(random).unwrap()
    });
    assert_eq!(scoped, again);
}

#[test]
fn a_clock_that_is_no_time_is_refused() {
    for image in [chancy(), Image::base()] {
        let run = Run::new().source("1", ScriptOptions::new());
        let run = run.frozen(Frozen { seed: 1, now_ms: f64::NAN });
        let outcome = Instance::new(&image).unwrap().run(&run);
        assert_eq!(outcome.result.unwrap_err().code(), "ERR_INVALID_CLOCK");
    }
}

#[test]
fn an_instance_that_failed_to_go_to_other_built_ins_still_goes_to_any_image() {
    let fails = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flag = std::sync::Arc::clone(&fails);
    let bare = Image::builder()
        .intrinsics(Intrinsics::minimal())
        .host("fails", move |_| Ok(Value::Bool(flag.load(std::sync::atomic::Ordering::SeqCst))))
        .setup("if (fails()) throw 1; var json = typeof JSON", ScriptOptions::new())
        .build()
        .unwrap();
    let json = Run::new().source("typeof JSON", ScriptOptions::new());
    let mut instance = Instance::new(&Image::base()).unwrap();
    let frozen = json.clone().frozen(Frozen { seed: 1, now_ms: 1.0 });
    for run in [&json, &frozen] {
        fails.store(true, std::sync::atomic::Ordering::SeqCst);
        assert!(instance.run_image(&bare, run).result.is_err());
        assert_eq!(instance.run_image(&Image::base(), run).result, Ok(Value::from("object")));
        fails.store(false, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(instance.run_image(&bare, run).result, Ok(Value::from("undefined")));
        instance.load(&Image::base()).unwrap();
        assert_eq!(instance.run(run).result, Ok(Value::from("object")));
    }
}
