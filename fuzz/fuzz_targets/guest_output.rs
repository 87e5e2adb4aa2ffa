//! Whatever a guest does under tight limits, it ends in an outcome; its value has a JSON text that
//! can be read back; and the next run in the same instance finds everything as it was at first.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sandtide_engine::{Frozen, GlobalsBack, HeapImage, Instance, Limits, Request, Source, Value};
use sandtide_fuzz::{instance, module, same};
use std::cell::RefCell;
use std::time::Duration;

/// Looks at what scripts share where they change it, and at what some built-ins answer.
const WITNESS: &str = "
    const own = of => Reflect.ownKeys(of).map(String).join();
    const fib = n => n < 2 ? n : fib(n - 1) + fib(n - 2);
    export default () => [
        ...[globalThis, Object, Function, Array, Promise, Map, String, RegExp, Error, Uint8Array]
            .map(shared => [own(shared), shared.prototype && own(shared.prototype)]),
        fib(6),
        [3, 1, 2].sort(),
        'abc'.replace(/b/g, x => x.toUpperCase()),
        JSON.stringify({ a: new Date(0) }),
        2n ** 80n,
        new Map([[1, new Set('ab')]]),
        Math.random(),
    ];";

struct Setting {
    instance: Instance,
    witness: HeapImage,
    expected: Value,
}

thread_local! {
    static SETTING: RefCell<Setting> = RefCell::new(setting());
}

fn setting() -> Setting {
    let mut instance = instance();
    let witness = module(&mut instance, WITNESS, vec![]);
    let expected = ask(&mut instance, &witness);
    Setting { instance, witness, expected }
}

fn ask(instance: &mut Instance, witness: &HeapImage) -> Value {
    let frozen = Some(Frozen { seed: 1, now_ms: 0.0 });
    let outcome = instance.run(witness, &Request { frozen, ..Request::default() });
    outcome.result.expect("the witness runs")
}

fuzz_target!(init: sandtide_fuzz::check_engine(), |source: &str| {
    SETTING.with_borrow_mut(|Setting { instance, witness, expected }| {
        let limits = Limits {
            wall: Duration::from_millis(20),
            cpu: Duration::from_millis(20),
            heap: 8 << 20,
            ..Limits::default()
        };
        let base = instance.base().clone();
        let outcome = instance.run(
            &base,
            &Request {
                source: Some(Source::new("fuzz.js", source)),
                globals_back: GlobalsBack::Changed,
                // A finding must be one again when it is replayed.
                frozen: Some(Frozen { seed: 1, now_ms: 1e12 }),
                limits,
                ..Request::default()
            },
        );
        match &outcome.result {
            Ok(value) => {
                let text = value.to_json();
                let back = Value::from_json(&text).expect("the value's own text is read");
                assert!(same(&back, value), "{value:?} was read back as {back:?}");
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
        let found = ask(instance, witness);
        assert!(same(&found, expected), "after {source:?} the next run found {found:?}");
    });
});
