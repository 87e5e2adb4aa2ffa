//! What guests find beside the language, as a mechanism: lazy globals that cost nothing unused, cannot be
//! broken by what a guest did before, and are as new in each run.

mod common;

use common::*;
use sandtide_engine::{GlobalsBack, InstanceConfig, Intrinsics, Plan, Request, Source, Value};
use sandtide_platform::Api;

/// Takes the language's built-ins apart, and sets traps where code might look things up.
const WRECK: &str = include_str!("platform/wreck.js");
/// Uses something of every group, and answers what came of it as text.
const USE: &str = include_str!("platform/use.js");
/// What `use.js` needs of the language.
const KEEP: &str = "const ITERATOR = Symbol.iterator, ASYNC = Symbol.asyncIterator;
    const FOLLOWING = new Uint8Array(new ArrayBuffer(8, { maxByteLength: 8 }));
    let FINISH; const RESULT = new Promise((resolve) => { FINISH = resolve });";

fn names() -> Vec<&'static str> {
    sandtide_platform::GLOBALS
        .iter()
        .map(|global| global.name)
        .filter(|name| !name.contains('.'))
        .collect()
}

#[test]
fn a_lazy_global_is_a_hidden_data_property_before_and_after_its_first_use() {
    let mut bench = Bench::base();
    for name in names() {
        let look = format!(
            "const d = Object.getOwnPropertyDescriptor(globalThis, '{name}');
             [Object.keys(globalThis).includes('{name}'), '{name}' in globalThis, d.writable, d.enumerable,
              d.configurable, d.get === undefined, d.value === {name}, typeof d.value !== 'undefined',
              Object.getOwnPropertyDescriptor(globalThis, '{name}').value === d.value].join()"
        );
        let expected = "false,true,true,false,true,true,true,true,true";
        assert_eq!(bench.eval(&look), expected.into(), "{name}");
    }
}

#[test]
fn a_guest_may_replace_delete_and_declare_lazy_globals() {
    let mut bench = Bench::base();
    for name in names() {
        let replaced = format!("{name} = 1; globalThis.{name}");
        assert_eq!(bench.eval(&replaced), 1.into(), "{name}");
        let deleted = format!("delete globalThis.{name}; typeof {name}");
        assert_eq!(bench.eval(&deleted), "undefined".into(), "{name}");
        for declared in ["var", "let", "const"] {
            let declared = format!("{declared} {name} = 2; {name}");
            assert_eq!(bench.eval(&declared), 2.into(), "{name}");
        }
        assert_eq!(
            bench.eval(&format!("function {name}() {{}} {name}.length")),
            0.into(),
            "{name}"
        );
    }
}

#[test]
fn all_of_it_works_where_the_guest_wrecked_the_language_first() {
    let mut bench = Bench::base();
    let sound = bench.eval(&format!("{KEEP}{USE}"));
    assert!(text(&sound).lines().count() > 10, "{sound:?}");
    let wrecked = bench.eval(&format!("{KEEP}{WRECK}\n{USE}"));
    for (sound, wrecked) in text(&sound).lines().zip(text(&wrecked).lines()) {
        assert_eq!(wrecked, sound);
    }
    assert_eq!(wrecked, sound);
}

#[test]
fn what_is_touched_in_a_set_up_is_in_the_image_and_works_in_every_run() {
    let setup = format!("const touched = [{}]; touched[0].mark = 'kept'", names().join(", "));
    let mut bench = Bench::of(&Plan { setup: vec![Source::new("touch.js", setup)], ..plan() });
    let mut fresh = Bench::base();
    let used = format!("{KEEP}{USE}");
    let expected = fresh.eval(&used);
    for _ in 0..2 {
        assert_eq!(bench.eval(&used), expected);
        assert_eq!(bench.eval(&format!("{}.mark", names()[0])), "kept".into());
    }
}

#[test]
fn what_a_run_changes_of_it_is_gone_in_the_next() {
    let mut bench = Bench::base();
    for name in names() {
        let change = format!(
            "{name}.stain = 1; if ({name}.prototype) {name}.prototype.stain = 1; globalThis.stain = {name}.stain"
        );
        assert_eq!(bench.eval(&change), 1.into(), "{name}");
        let look = format!("[{name}.stain, {name}.prototype?.stain, typeof stain].join()");
        assert_eq!(bench.eval(&look), ",,undefined".into(), "{name}");
    }
    let spoil = "URL.prototype.toString = () => 'spoilt'; String(new URL('a:b'))";
    assert_eq!(bench.eval(spoil), "spoilt".into());
    assert_eq!(bench.eval("String(new URL('a:b'))"), "a:b".into());
}

#[test]
fn unused_it_adds_at_most_a_tenth_to_what_is_restored() {
    let bytes = |intrinsics| {
        let mut config = InstanceConfig::default();
        config.intrinsics = intrinsics;
        Bench::with(config).image.heap_bytes()
    };
    let mut without = Intrinsics::default();
    without.take_platform_away();
    let (with, without) = (bytes(Intrinsics::default()), bytes(without));
    assert!(with <= without + without / 10, "{with} bytes, {without} without");
}

#[test]
fn its_errors_are_of_the_guests_own_classes_and_tell_nothing_of_the_host() {
    let mut bench = Bench::base();
    let source = "
        const errors = [];
        const catching = (f) => { try { f() } catch (e) { errors.push(e) } };
        catching(() => new URL('no url'));
        catching(() => URL('a:b'));
        catching(() => new TextDecoder('no encoding'));
        catching(() => new TextDecoder('utf-8', {fatal: true}).decode(new Uint8Array([255])));
        catching(() => URL.prototype.href);
        catching(() => new URL(Symbol()));
        errors.map((e) => [e.constructor === globalThis[e.name], e instanceof Error, e.name, /sandtide|\\//.test(e.stack)].join()).join(' ')";
    assert_eq!(
        bench.eval(source),
        "true,true,TypeError,false true,true,TypeError,false true,true,RangeError,false \
         true,true,TypeError,false true,true,TypeError,false true,true,TypeError,false"
            .into()
    );
}

#[test]
fn without_its_switch_a_group_is_not_there_and_the_others_are() {
    for (change, gone) in [
        ((|i| i.url = false) as fn(&mut Intrinsics), vec!["URL", "URLSearchParams", "URLPattern"]),
        (|i| i.encoding = false, vec!["TextEncoder", "TextDecoder"]),
        (|i| i.intl = false, vec!["Intl", "Temporal"]),
        (|i| i.temporal = false, vec!["Temporal"]),
        (
            |i| i.streams = false,
            sandtide_platform::GLOBALS
                .iter()
                .filter(|global| matches!(global.api, Api::Streams | Api::Bodies))
                .map(|global| global.name)
                .collect(),
        ),
        (Intrinsics::take_platform_away, names()),
        (|i| *i = Intrinsics::minimal(), names()),
    ] {
        let mut config = InstanceConfig::default();
        change(&mut config.intrinsics);
        let mut bench = Bench::with(config);
        for name in names() {
            let there = !gone.contains(&name);
            let found = bench.eval(&format!("typeof {name} !== 'undefined'"));
            assert_eq!(found, Value::Bool(there), "{name} without {gone:?}");
        }
    }
}

#[test]
fn without_streams_blobs_have_no_method_of_that_name() {
    let mut config = InstanceConfig::default();
    config.intrinsics.streams = false;
    let mut bench = Bench::with(config);
    let source = "'stream' in Blob.prototype || 'stream' in new File([], '')";
    assert_eq!(bench.eval(source), Value::Bool(false));
    assert_eq!(bench.eval("new Blob(['a']).text()"), "a".into());
    assert_eq!(Bench::base().eval("typeof new Blob().stream"), "function".into());
}

#[test]
fn a_run_out_of_memory_or_stack_in_it_ends_as_any_other() {
    let mut bench = Bench::base();
    let deep = "function f() { try { f() } catch {} URL; } f(); new URL('a:b').href";
    assert_eq!(bench.eval(deep), "a:b".into());
    for source in [
        "const big = 'a'.repeat(20 << 20); for (const all = [];;) all.push(new TextEncoder().encode(big))",
        "const p = new URLSearchParams(); for (;;) p.append('a'.repeat(1 << 16), 'b')",
    ] {
        assert_eq!(bench.error(source).code(), "ERR_HEAP_LIMIT", "{source}");
        bench.assert_sound();
    }
}

#[test]
fn a_lazy_global_that_a_script_assigned_comes_back_and_one_that_it_used_does_not() {
    let changed = |source: &str| Request { globals_back: GlobalsBack::Changed, ..ad_hoc(source) };
    let mut bench = Bench::base();
    let used = "new URL('a:b'); self.x; navigator.userAgent; [setTimeout, crypto, Blob].length";
    assert_eq!(bench.run(&changed(used)).globals, []);
    let assigned = "self = 1; var navigator = 2; URL; URL = 3; delete globalThis.Blob; 0";
    let expected = [("URL", 3), ("navigator", 2), ("self", 1)]
        .map(|(name, value)| (name.to_owned(), Value::from(value)));
    let outcome = bench.run(&changed(assigned));
    assert_eq!(outcome.globals, expected);
    // What an image's set-up assigned is the image's.
    let setup = vec![Source::new("s.js", "self = 1; navigator = 2; URL")];
    let mut bench = Bench::of(&Plan { setup, ..plan() });
    assert_eq!(bench.run(&changed("new URL('a:b'); 0")).globals, []);
    let outcome = bench.run(&changed("self = 5; 0"));
    assert_eq!(outcome.globals, [("self".to_owned(), Value::from(5))]);
}

#[test]
fn without_performance_no_clock_is_left_to_read() {
    let mut config = InstanceConfig::default();
    config.intrinsics.performance = false;
    config.intrinsics.date = false;
    let mut bench = Bench::with(config);
    let source = "(async () => {
        console.time('t');
        await new Promise((resolve) => setTimeout(resolve, 5));
        console.timeEnd('t');
        return [new Event('x').timeStamp, new File([], 'n').lastModified, typeof performance, typeof Date].join();
    })()";
    let outcome = bench.run(&ad_hoc(source));
    assert_eq!(outcome.result, Ok("0,0,undefined,undefined".into()));
    assert_eq!(outcome.logs[0].text, "t: 0.000ms");
}
