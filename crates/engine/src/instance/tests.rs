//! Tests of what only the crate itself can see of a restore: the arena's bytes, its resident
//! memory, and the engine's hash seed.

use super::*;
use crate::arena::heap::Heap;
use crate::host::HostFunction;
use crate::run::request::Source;
use crate::value::Input;
use crate::{EntryPoint, Plan, Value};
use proptest::prelude::*;

fn instance(restore: RestoreStrategy) -> Instance {
    Instance::new(InstanceConfig { restore, ..InstanceConfig::default() }).unwrap()
}

fn request(source: &str) -> Request {
    let limits =
        Limits { wall: Duration::from_secs(30), cpu: Duration::from_secs(30), ..Limits::default() };
    Request { source: Some(Source::new("test.js", source)), limits, ..Request::default() }
}

fn big_plan() -> Plan {
    let setup = "var list = Array.from({length: 20000}, (_, i) => ({i, name: 'n' + i, list: [i]})); \
        var map = new Map([['k', 1]]);";
    Plan { setup: vec![Source::new("setup.js", setup)], ..Plan::default() }
}

/// Bytes of the arena past `from` that are resident.
fn resident(instance: &Instance, from: usize) -> usize {
    let from = from.next_multiple_of(crate::sys::PAGE);
    let len = instance.arena.region.len() - from;
    let mut pages = vec![0u8; len / crate::sys::PAGE];
    // SAFETY: the range lies in the region and is page-aligned; there is a byte for each page.
    let done = unsafe {
        let start = instance.arena.region.base().as_ptr().add(from);
        libc::mincore(start.cast(), len, pages.as_mut_ptr())
    };
    assert_eq!(done, 0);
    pages.iter().filter(|page| *page & 1 != 0).count() * crate::sys::PAGE
}

/// Where the arena differs from `image`: the first few offsets.
fn differences(instance: &Instance, image: &HeapImage) -> Vec<usize> {
    let flat = image.inner.snapshot.flat();
    let bytes = instance.arena.bytes(flat.len());
    if bytes == &*flat {
        return Vec::new();
    }
    (0..flat.len()).filter(|&at| bytes[at] != flat[at]).take(10).collect()
}

fn all_zero(instance: &Instance, from: usize, to: usize) -> bool {
    // Compared as a whole: a loop over bytes takes long without optimisation.
    instance.arena.bytes(to)[from..] == vec![0; to - from]
}

/// Scripts that write all over the heap; numbers choose and vary them.
fn script(kind: u8, n: u16) -> String {
    match kind % 14 {
        0 => format!("Array.from({{length: {n}}}, (_, i) => ({{i}})).length"),
        1 => format!("globalThis['g' + {n}] = 'x'.repeat({n} * 100); 1"),
        2 => format!("new Uint8Array({n} * 500).fill(7).length"),
        3 => "Array.prototype.map = null; Object.freeze(Object.prototype); 1".to_owned(),
        4 => {
            format!("const m = new Map(); for (let i = 0; i < {n}; i++) m.set('k' + i, i); m.size")
        }
        5 => format!("throw new Error('x'.repeat({n}))"),
        6 => "(function f() { f() })()".to_owned(),
        7 => "'x'.padEnd(2 ** 29)".to_owned(),
        8 => {
            format!("(async () => {{ for (let i = 0; i < {n} % 500; i++) await i; return {n} }})()")
        }
        9 => format!(
            "if (typeof list === 'object') for (let i = 0; i < list.length; i += 1 + {n}) list[i].name += 'x'; 1"
        ),
        10 => format!(
            "let s = ''; for (let i = 0; i < {n}; i++) s += i; Symbol.for(s.slice(0, 20)); s.length"
        ),
        11 => format!(
            "if (typeof map === 'object') for (let i = 0; i < {n}; i++) map.set(i, {{}}); 1"
        ),
        12 => format!("/(a|b)+c/.test('ab'.repeat({n})); new Function('return {n}')()"),
        _ => "syntax error".to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn after_any_runs_the_arena_is_the_image_to_the_byte(
        runs in proptest::collection::vec((any::<u8>(), 0u16..3000), 1..12),
        written in any::<bool>(),
        big in any::<bool>(),
    ) {
        let strategy = if written { RestoreStrategy::WrittenPages } else { RestoreStrategy::Copy };
        let mut instance = instance(strategy);
        let plan = if big { big_plan() } else { Plan::default() };
        let image = instance.build(&plan).unwrap();
        for (kind, n) in runs {
            let source = script(kind, n);
            let _ = instance.run(&image, &request(&source));
            prop_assert_eq!(differences(&instance, &image), Vec::<usize>::new(), "{}", source);
            let end = image.inner.snapshot.len();
            prop_assert!(all_zero(&instance, end, end + (12 << 20)), "{}", source);
        }
    }
}

#[test]
fn memory_that_a_run_took_is_given_back_and_reads_as_zero() {
    for strategy in [RestoreStrategy::Copy, RestoreStrategy::WrittenPages] {
        let mut instance = instance(strategy);
        let image = instance.build(&Plan::default()).unwrap();
        let end = image.inner.snapshot.len();
        let source = "const a = new Uint8Array(30 << 20).fill(255); a.length";
        let outcome = instance.run(&image, &request(source));
        assert_eq!(outcome.result, Ok((30 << 20).into()));
        assert!(outcome.usage.peak_heap > 30 << 20);
        let kept = resident(&instance, end);
        assert!(kept <= 300 << 10, "{strategy:?}: {kept} bytes past the image stay resident");
        assert!(all_zero(&instance, end, end + (32 << 20)), "{strategy:?}");
    }
}

#[test]
fn an_arena_takes_memory_only_as_it_is_touched() {
    let instance =
        Instance::new(InstanceConfig { heap: 1 << 30, ..InstanceConfig::default() }).unwrap();
    assert!(resident(&instance, 0) < (1 << 20));
}

#[test]
fn going_from_a_large_image_to_a_small_one_gives_its_memory_back() {
    let mut instance = instance(RestoreStrategy::Auto);
    let small = instance.build(&Plan::default()).unwrap();
    let large = instance.build(&big_plan()).unwrap();
    for _ in 0..3 {
        instance.load(&large).unwrap();
        assert!(differences(&instance, &large).is_empty());
        instance.load(&small).unwrap();
        assert!(differences(&instance, &small).is_empty());
        assert!(resident(&instance, small.inner.snapshot.len()) <= 300 << 10);
    }
    // Looked at last: reading a page that is not there makes it count as resident.
    let end = small.inner.snapshot.len();
    assert!(all_zero(&instance, end, end + (8 << 20)));
}

fn seed_in_run(instance: &mut Instance, image: &HeapImage, request: &Request) -> u32 {
    let cx = instance.cx();
    instance.scope(image, request, |_| cx.hash_seed()).unwrap()
}

#[test]
fn the_hash_seed_is_each_runs_own() {
    let mut instance = instance(RestoreStrategy::Auto);
    let image = instance.build(&Plan::default()).unwrap();
    assert!(image.inner.reseed_hashes);
    let seeds: std::collections::HashSet<u32> =
        (0..50).map(|_| seed_in_run(&mut instance, &image, &Request::default())).collect();
    assert!(seeds.len() >= 49, "{}", seeds.len());
}

#[test]
fn an_image_that_holds_hashes_keeps_the_seed_that_placed_them() {
    let mut instance = instance(RestoreStrategy::Auto);
    for made in [
        "new Map",
        "new Set",
        "new WeakMap",
        "new WeakSet",
        "(() => { const m = new Map; return () => m })()",
    ] {
        let setup = vec![Source::new("s.js", format!("var kept = {made};"))];
        let image = instance.build(&Plan { setup, ..Plan::default() }).unwrap();
        assert!(!image.inner.reseed_hashes, "{made}");
        let first = seed_in_run(&mut instance, &image, &Request::default());
        for _ in 0..5 {
            assert_eq!(seed_in_run(&mut instance, &image, &Request::default()), first, "{made}");
        }
    }
    let dropped = vec![Source::new("s.js", "new Map([[1, 2]]); new Set([1]); 1")];
    let image = instance.build(&Plan { setup: dropped, ..Plan::default() }).unwrap();
    assert!(image.inner.reseed_hashes, "maps that are gone need no seed");
}

#[test]
fn frozen_runs_have_the_same_hash_seed_for_the_same_seed() {
    let mut instance = instance(RestoreStrategy::Auto);
    let image = instance.build(&Plan::default()).unwrap();
    let frozen =
        |seed| Request { frozen: Some(Frozen { seed, now_ms: 0.0 }), ..Request::default() };
    let first = seed_in_run(&mut instance, &image, &frozen(1));
    assert_eq!(seed_in_run(&mut instance, &image, &frozen(1)), first);
    assert_ne!(seed_in_run(&mut instance, &image, &frozen(2)), first);
}

#[test]
fn a_host_panic_in_a_scope_leaves_no_mark_of_the_run() {
    let mut instance = instance(RestoreStrategy::Auto);
    let image = instance.base().clone();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        instance.scope(&image, &Request::default(), |_| panic!("on purpose"))
    }));
    assert!(panicked.is_err());
    // SAFETY: the guard is the instance's own, and no run is on.
    assert!(unsafe { (*instance.guard.as_ptr()).run.is_null() });
    let globals = vec![("x".to_owned(), Input::Value(Value::from(3)))];
    let source = Request { globals, ..request("x + 1") };
    assert_eq!(instance.run(&image, &source).result, Ok(4.into()));
    let entry = EntryPoint::Classic(Source::new("e.js", "1"));
    assert!(instance.build(&Plan { entry, ..Plan::default() }).is_ok());
}

/// A host function that frees a block of this instance's heap twice.
fn frees_twice(instance: &Instance) -> HostFunction {
    let base = instance.arena.region.base().as_ptr().addr();
    HostFunction::new("freeTwice", move |_| {
        let base = ptr::with_exposed_provenance_mut::<u8>(base);
        // SAFETY: the run that calls this is on in this very arena, and nothing else allocates; what
        // the second call does is what the test is about.
        unsafe {
            let heap = Heap::attach(ptr::NonNull::new(base).unwrap());
            let block = heap.malloc(100);
            crate::run::callbacks::sandtide_heap_free(base.cast(), block);
            crate::run::callbacks::sandtide_heap_free(base.cast(), block);
        }
        Ok(Value::Undefined)
    })
}

#[test]
fn a_block_that_is_freed_twice_ends_the_run_and_the_instance() {
    for source in [
        "freeTwice()",
        "freeTwice(); for (;;) ;",
        "for (;;) try { freeTwice(); [] } catch {}",
        "freeTwice(); throw new Error('x')",
        "freeTwice(); new Array(1e9).join()",
        "(async () => { freeTwice(); await 1; for (;;) await 1 })()",
        "freeTwice(); 1",
    ] {
        let mut instance = instance(RestoreStrategy::Auto);
        let hosts = vec![frees_twice(&instance)];
        let image = instance.build(&Plan { hosts, ..Plan::default() }).unwrap();
        assert!(instance.is_usable());
        let outcome = instance.run(&image, &request(source));
        assert_eq!(outcome.result, Err(Error::HeapCorrupted), "{source}");
        assert!(!instance.is_usable());
        let base = instance.base().clone();
        assert_eq!(instance.run(&base, &request("1")).result, Err(Error::HeapCorrupted));
        assert_eq!(instance.load(&base), Err(Error::HeapCorrupted));
        assert_eq!(instance.build(&Plan::default()).unwrap_err(), Error::HeapCorrupted);
        let checked = instance.check(&Source::new("a.js", "1"), &Limits::default());
        assert_eq!(checked, Err(Error::HeapCorrupted));
    }
    let mut instance = instance(RestoreStrategy::Auto);
    let hosts = vec![frees_twice(&instance)];
    let setup = vec![Source::new("s.js", "freeTwice()")];
    let built = instance.build(&Plan { hosts, setup, ..Plan::default() });
    assert_eq!(built.unwrap_err(), Error::HeapCorrupted);
    let scoped = instance.scope(&instance.base().clone(), &Request::default(), |_| ());
    assert_eq!(scoped, Err(Error::HeapCorrupted));
}
