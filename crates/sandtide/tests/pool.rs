//! Pools and instances: who builds what when, and what one run can find of another.

use sandtide::{
    Image, Instance, Intrinsics, Limits, Pool, Run, Script, ScriptOptions, Value,
    run_in_new_instance,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// An image whose set-up counts how often it is built, and holds `bytes` of its own.
fn counted(name: &str, bytes: usize) -> (Image, Arc<AtomicUsize>) {
    let builds = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&builds);
    let script = Script::compile(format!("'{name}' + data.length"), ScriptOptions::new()).unwrap();
    let image = Image::builder()
        .host("built", move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(Value::Undefined)
        })
        .setup(
            format!("built(); const data = Array.from({{length: {bytes} / 8}}, (_, i) => i * 1.5)"),
            ScriptOptions::new(),
        )
        .script(&script)
        .build()
        .unwrap();
    builds.store(0, Ordering::SeqCst);
    (image, builds)
}

fn value(image: &Image, pool: &Pool) -> Value {
    pool.run(image, &Run::new()).result.unwrap()
}

#[test]
fn a_pool_builds_an_image_once_and_then_has_it() {
    let pool = Pool::builder().instances(1).build().unwrap();
    let (one, one_built) = counted("one", 80);
    let (two, two_built) = counted("two", 160);
    for _ in 0..5 {
        assert_eq!(value(&one, &pool), Value::from("one10"));
        assert_eq!(value(&two, &pool), Value::from("two20"));
    }
    assert_eq!((one_built.load(Ordering::SeqCst), two_built.load(Ordering::SeqCst)), (1, 1));
}

#[test]
fn a_full_image_cache_drops_the_image_used_longest_ago_and_builds_it_again_when_asked() {
    let (a, a_built) = counted("a", 80_000);
    let (b, b_built) = counted("b", 80_000);
    let (c, c_built) = counted("c", 80_000);
    let room_for_two = a.bytes() * 5 / 2;
    let pool = Pool::builder().instances(1).image_cache_bytes(room_for_two).build().unwrap();
    for image in [&a, &b, &a, &c, &a] {
        assert!(value(image, &pool).as_str().is_some());
    }
    let built = || [&a_built, &b_built, &c_built].map(|n| n.load(Ordering::SeqCst));
    assert_eq!(built(), [1, 1, 1], "b was the one used longest ago");
    assert_eq!(value(&b, &pool), Value::from("b10000"));
    assert_eq!(built(), [1, 2, 1]);
    assert_eq!(value(&a, &pool), Value::from("a10000"));
    assert_eq!(built(), [1, 2, 1], "c had to go for b, not a");
}

#[test]
fn a_pool_of_one_lets_threads_take_turns() {
    let pool = Pool::builder().instances(1).build().unwrap();
    let held = pool.instance(&Image::base()).unwrap();
    let (done, finished) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let outcome =
                pool.run(&Image::base(), &Run::new().source("1 + 1", ScriptOptions::new()));
            done.send(outcome.result).unwrap();
        });
        assert!(finished.recv_timeout(Duration::from_millis(100)).is_err(), "did not wait");
        drop(held);
        assert_eq!(finished.recv().unwrap(), Ok(Value::from(2)));
    });
}

#[test]
fn an_image_that_cannot_be_built_leaves_the_pool_whole() {
    let pool = Pool::builder().instances(1).build().unwrap();
    let fails = std::sync::atomic::AtomicBool::new(false);
    let fails = Arc::new(fails);
    let flag = Arc::clone(&fails);
    let image = Image::builder()
        .host("fails", move |_| Ok(Value::Bool(flag.load(Ordering::SeqCst))))
        .setup("if (fails()) throw new Error('not today')", ScriptOptions::new())
        .build()
        .unwrap();
    fails.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        let outcome = pool.run(&image, &Run::new().source("1", ScriptOptions::new()));
        assert_eq!(outcome.result.unwrap_err().code(), "ERR_EXCEPTION");
    }
    let outcome = pool.run(&Image::base(), &Run::new().source("2", ScriptOptions::new()));
    assert_eq!(outcome.result, Ok(Value::from(2)));
}

#[test]
fn what_one_users_run_writes_no_other_users_run_reads() {
    let pool = Pool::builder().instances(2).build().unwrap();
    std::thread::scope(|scope| {
        for user in 0..8 {
            let pool = &pool;
            scope.spawn(move || {
                for _ in 0..200 {
                    let source = "
                        const found = [typeof secret, {}.leak, Array.prototype.leak];
                        globalThis.secret = me; Object.prototype.leak = me;
                        Array.prototype.leak = me; found.join()
                    ";
                    let run = Run::new().source(source, ScriptOptions::new()).global("me", user);
                    let outcome = pool.run(&Image::base(), &run);
                    assert_eq!(outcome.result, Ok(Value::from("undefined,,")));
                }
            });
        }
    });
}

#[test]
fn an_instance_moves_between_images_and_threads_and_other_built_ins() {
    let (one, _) = counted("one", 80);
    let mut bare = Intrinsics::default();
    bare.json = false;
    let script = Script::compile("typeof JSON", ScriptOptions::new()).unwrap();
    let without = Image::builder().intrinsics(bare).script(&script).build().unwrap();
    let with = Image::builder().script(&script).build().unwrap();
    let mut instance = Instance::new(&one).unwrap();
    for _ in 0..2 {
        instance = std::thread::spawn(move || {
            assert_eq!(instance.run(&Run::new()).result, Ok(Value::from("one10")));
            instance
        })
        .join()
        .unwrap();
        instance.load(&without).unwrap();
        assert_eq!(instance.run(&Run::new()).result, Ok(Value::from("undefined")));
        instance.load(&with).unwrap();
        assert_eq!(instance.run(&Run::new()).result, Ok(Value::from("object")));
        instance.load(&one).unwrap();
    }
}

#[test]
fn versions_name_the_source_its_options_and_everything_in_an_image() {
    let compile = |text, file, line| {
        Script::compile(text, ScriptOptions::new().file(file).line(line)).unwrap()
    };
    let script = compile("1", "a.js", 1);
    assert_eq!(script.version(), compile("1", "a.js", 1).version());
    assert_eq!(script.version().len(), 64);
    for other in [compile("2", "a.js", 1), compile("1", "b.js", 1), compile("1", "a.js", 2)] {
        assert_ne!(script.version(), other.version());
    }
    let image = |builder: sandtide::ImageBuilder| builder.build().unwrap().version().to_owned();
    let versions = [
        image(Image::builder()),
        image(Image::builder().script(&script)),
        image(Image::builder().script(&script).setup("1", ScriptOptions::new())),
        image(Image::builder().script(&script).module("m", "export {}")),
        image(Image::builder().script(&script).global("g", 1)),
        image(Image::builder().script(&script).global("g", 2)),
        image(Image::builder().script(&script).host("h", |_| Ok(Value::Null))),
        image(Image::builder().script(&script).intrinsics(Intrinsics::minimal())),
    ];
    for (index, version) in versions.iter().enumerate() {
        assert!(!versions[..index].contains(version), "{index} is named like one before it");
    }
    assert_eq!(versions[1], image(Image::builder().script(&script)));
}

#[test]
fn one_call_runs_a_source_in_a_sandbox_of_its_own() {
    let run = Run::new().global("name", "Ada");
    for _ in 0..3 {
        let outcome = run_in_new_instance("globalThis.n = (globalThis.n ?? 0) + 1; name + n", &run);
        assert_eq!(outcome.result, Ok(Value::from("Ada1")));
    }
    let endless =
        Run::new().limits(Limits { wall: Duration::from_millis(50), ..Limits::default() });
    let outcome = run_in_new_instance("for (;;) {}", &endless);
    assert_eq!(outcome.result.unwrap_err().code(), "ERR_WALL_TIME_LIMIT");
    assert_eq!(run_in_new_instance("6 * 7", &Run::new()).result, Ok(Value::from(42)));
}
