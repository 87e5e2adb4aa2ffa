//! Whatever recurses in the engine's own C code ends the run, at most, and never the process.
//!
//! A table names what recurses and a program that makes it recurse as deep as it can. Each is run in
//! a child process under several stack limits: some of the functions look at the stack, others only
//! end because they touch the zone below it.

mod common;

use common::*;
use sandtide_engine::{EntryPoint, InstanceConfig, Limits, Plan, Request, Source};
use std::fmt::Write as _;
use std::time::Duration;

const STACKS: [usize; 3] = [32 << 10, 512 << 10, 4 << 20];

/// What a program is built of, for a number of levels that is more than the stack can hold.
enum Program {
    /// A script. `N` stands for the number of levels.
    Script(&'static str),
    /// A script that is run with 1, 2, 4… levels until it ends with an error: more levels may be
    /// refused earlier, by a check, than those that come close.
    Doubling(&'static str),
    /// The source of each module by its number, from 0, and of the one that imports them.
    Modules { each: fn(usize) -> String, main: fn(usize) -> String, bytes: usize },
}

use Program::{Doubling, Modules, Script};

/// How a case has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With the stack limit's error, under each stack.
    Stack,
    /// With any outcome: it is bounded, or checked in a way that depends on the stack.
    Any,
}

/// Makes a chain of N bound functions, `f`.
macro_rules! bound {
    ($first:literal, $then:literal) => {
        concat!(
            "let f = ",
            $first,
            "; for (let i = 0; i < N; i++) { f = f.bind(); ",
            // Without this method of its own each would be asked by a call, which is checked.
            "Object.defineProperties(f, { name: { value: '' }, [Symbol.hasInstance]: { value: null } }) } ",
            $then
        )
    };
}

/// Makes a chain of N proxies, `p`, around `first`.
macro_rules! proxies {
    ($first:literal, $then:literal) => {
        concat!("let p = ", $first, "; for (let i = 0; i < N; i++) p = new Proxy(p, {}); ", $then)
    };
}

/// What recurses, by its C functions; the program; the end.
const CASES: &[(&str, Program, End)] = &[
    // Calls that the engine makes of itself, without a look at the stack.
    (
        "JS_IsInstanceOf, JS_OrdinaryIsInstanceOf",
        Script(bound!("function () {}", "({}) instanceof f")),
        End::Stack,
    ),
    (
        "JS_GetFunctionRealm over bound functions",
        Script(bound!("function () {}", "Reflect.construct(Map, [], f) instanceof Map")),
        End::Any,
    ),
    (
        "JS_GetFunctionRealm over proxies",
        Script(proxies!("function () {}", "Reflect.construct(Map, [], p)")),
        End::Stack,
    ),
    ("js_call_bound_function", Script(bound!("() => 1", "f()")), End::Stack),
    (
        "js_call_bound_function as a constructor",
        Script(bound!("function () {}", "new f()")),
        End::Stack,
    ),
    // Proxies, one operation after the other.
    ("js_proxy_get", Script(proxies!("{}", "p.x")), End::Stack),
    ("js_proxy_set", Script(proxies!("{}", "p.x = 1")), End::Stack),
    ("js_proxy_has", Script(proxies!("{}", "'x' in p")), End::Stack),
    ("js_proxy_delete_property", Script(proxies!("{}", "delete p.x")), End::Stack),
    (
        "js_proxy_define_own_property",
        Script(proxies!("{}", "Object.defineProperty(p, 'x', { value: 1 })")),
        End::Stack,
    ),
    (
        "js_proxy_get_own_property",
        Script(proxies!("{}", "Object.getOwnPropertyDescriptor(p, 'x')")),
        End::Any,
    ),
    ("js_proxy_get_own_property_names", Script(proxies!("{}", "Reflect.ownKeys(p)")), End::Stack),
    (
        "js_proxy_getPrototypeOf, JS_GetPrototype",
        Script(proxies!("{}", "Object.getPrototypeOf(p)")),
        End::Stack,
    ),
    (
        "js_proxy_setPrototypeOf, JS_SetPrototypeInternal",
        Script(proxies!("{}", "Object.setPrototypeOf(p, null)")),
        End::Stack,
    ),
    (
        "js_proxy_isExtensible, JS_IsExtensible",
        Script(proxies!("{}", "Object.isExtensible(p)")),
        End::Any,
    ),
    (
        "js_proxy_preventExtensions, JS_PreventExtensions",
        Script(proxies!("{}", "Object.preventExtensions(p)")),
        End::Stack,
    ),
    ("js_proxy_isArray, js_is_array", Script(proxies!("[]", "Array.isArray(p)")), End::Any),
    ("js_proxy_call", Script(proxies!("() => 1", "p()")), End::Stack),
    ("js_proxy_call as a constructor", Script(proxies!("function () {}", "new p()")), End::Stack),
    ("js_for_in_start over proxies", Script(proxies!("{}", "for (const x in p) ;")), End::Stack),
    (
        "JS_IsInstanceOf over proxies",
        Script(proxies!("function () {}", "({}) instanceof p")),
        End::Stack,
    ),
    (
        "JS_GetPropertyInternal over proxies among prototypes",
        Script("let p = {}; for (let i = 0; i < N; i++) p = Object.create(new Proxy(p, {})); p.x"),
        End::Stack,
    ),
    // Structures that are walked.
    (
        "js_json_to_str",
        Script("let a = []; for (let i = 0; i < N; i++) a = [a]; JSON.stringify(a)"),
        End::Stack,
    ),
    ("json_parse_value", Script("JSON.parse('['.repeat(N))"), End::Any),
    (
        "json_parse_value, internalize_json_property",
        Doubling("JSON.parse('['.repeat(N) + ']'.repeat(N), (k, v) => v)"),
        End::Any,
    ),
    (
        "json_free_parse_record",
        Doubling(
            "try { JSON.parse('[1,'.repeat(N) + 'x', (k, v) => v) } catch (e) { if (e instanceof RangeError) throw e }",
        ),
        End::Any,
    ),
    (
        "JS_FlattenIntoArray",
        Script("let a = []; for (let i = 0; i < N; i++) a = [a]; a.flat(Infinity)"),
        End::Stack,
    ),
    (
        "js_array_toString, js_array_join",
        Script("let a = []; for (let i = 0; i < N; i++) a = [a]; String(a)"),
        End::Stack,
    ),
    (
        "js_error_toString over causes",
        Script(
            "let e; for (let i = 0; i < N; i++) e = new Error('x', { cause: e }); console.log(e); String(e)",
        ),
        End::Any,
    ),
    // Strings.
    (
        "hash_string_rope",
        Script("let s = ''; for (let i = 0; i < N; i++) s = s + 'ab'; ({ [s]: 1 })[s]"),
        End::Any,
    ),
    (
        "hash_string_rope, right-deep",
        Script("let s = ''; for (let i = 0; i < N; i++) s = 'ab' + s; ({ [s]: 1 })[s]"),
        End::Any,
    ),
    (
        "string_rope_get",
        Script(
            "let s = 'x'.repeat(9000); for (let i = 0; i < N; i++) s = 'ab' + s + 'ab'; s.charCodeAt(s.length / 2)",
        ),
        End::Any,
    ),
    (
        "js_string_rope_compare, js_rebalance_string_rope_rec",
        Script(
            "const s = () => { let s = 'x'.repeat(9000); for (let i = 0; i < N / 8; i++) s = 'ab' + s + 'ab'; return s }; s() < s()",
        ),
        End::Any,
    ),
    (
        "js_linearize_string_rope",
        Script(
            "let s = 'x'.repeat(9000); for (let i = 0; i < N; i++) s = i & 1 ? 'ab' + s : s + 'ab'; s.indexOf('abab' + s)",
        ),
        End::Any,
    ),
    (
        "to_nfd_rec",
        Script("'\\u1ed7\\u0344\\u1f82'.repeat(N / 16).normalize('NFD').normalize('NFC').length"),
        End::Any,
    ),
    (
        "lre_case_conv",
        Script("'\\u0130\\u1f82\\ufb03'.repeat(N / 16).toLowerCase().toUpperCase().length"),
        End::Any,
    ),
    // Regular expressions.
    (
        "re_parse_disjunction, re_parse_alternative",
        Script("new RegExp('(?:'.repeat(N / 8) + ')'.repeat(N / 8))"),
        End::Any,
    ),
    (
        "re_parse_nested_class, re_parse_class_set_operand",
        Script("new RegExp('['.repeat(N / 8) + ']'.repeat(N / 8), 'v')"),
        End::Any,
    ),
    (
        "get_class_atom",
        Script("new RegExp('[' + '\\\\cA\\\\b\\\\-\\\\x41-\\\\u0042'.repeat(N / 64) + ']', 'u')"),
        End::Any,
    ),
    (
        "unicode_sequence_prop1",
        Script("/^\\p{RGI_Emoji}$/v.test('\\u{1f468}\\u200d\\u{1f469}')"),
        End::Any,
    ),
    ("lre_exec_backtrace", Script("/^(?:(?=(a+))\\1|b)*$/.test('ab'.repeat(N))"), End::Any),
    (
        "lre_exec_backtrace, lookahead in lookahead",
        Doubling("new RegExp('(?=a'.repeat(N) + ')'.repeat(N)).test('a'.repeat(N))"),
        End::Any,
    ),
    // Compiling.
    (
        "js_parse_expr_paren and its kin",
        Doubling("eval('('.repeat(N) + '1' + ')'.repeat(N))"),
        End::Any,
    ),
    ("js_parse_block and its kin", Doubling("eval('{'.repeat(N) + '}'.repeat(N))"), End::Any),
    (
        "js_create_function, get_closure_var",
        Doubling("eval('(function (a) {let b; '.repeat(N) + 'a + b' + '})'.repeat(N))"),
        End::Any,
    ),
    (
        "get_closure_var from the innermost",
        Doubling(
            "eval('(function () { const first = 1; return ' + '() => '.repeat(N) + 'first })()')",
        ),
        End::Any,
    ),
    (
        "js_free_function_def",
        Doubling(
            "try { eval('(function () {'.repeat(N) + '?') } catch (e) { if (!(e instanceof SyntaxError)) throw e }",
        ),
        End::Any,
    ),
    (
        "free_function_bytecode",
        Doubling("eval('(function () {'.repeat(N) + '})'.repeat(N)); 1"),
        End::Any,
    ),
    (
        "js_parse_class",
        Doubling("eval('(class { static x = '.repeat(N) + '1' + '})'.repeat(N))"),
        End::Any,
    ),
    ("js_parse_template", Doubling("eval('`${'.repeat(N) + '1' + '}`'.repeat(N))"), End::Any),
    (
        "js_parse_destructuring_element",
        Doubling("eval('var ' + '['.repeat(N) + 'x' + ']'.repeat(N) + ' = 1')"),
        End::Any,
    ),
    ("JS_EvalObject", Script("let n = 0; const e = 'n++ < N && eval(e)'; eval(e)"), End::Stack),
    // Iterators.
    (
        "js_iterator_helper_next",
        Script("let i = [1].values(); for (let k = 0; k < N; k++) i = i.map((x) => x); i.next()"),
        End::Stack,
    ),
    (
        "js_iterator_helper_next, drop and take",
        Script("let i = [1].values(); for (let k = 0; k < N; k++) i = i.drop(0).take(9); i.next()"),
        End::Stack,
    ),
    (
        "js_iterator_helper_return",
        Script(
            "let i = [1].values(); for (let k = 0; k < N; k++) i = i.filter((x) => x); i.return()",
        ),
        End::Stack,
    ),
    (
        "js_iterator_helper_next, flatMap",
        Script(
            "let i = [1].values(); for (let k = 0; k < N; k++) { const j = i; i = [1].values().flatMap(() => j) } i.next()",
        ),
        End::Stack,
    ),
    (
        "js_iterator_wrap_next",
        Script(
            "let i = { next: () => ({ value: 1 }) }; for (let k = 0; k < N; k++) { const j = Iterator.from(i); i = { next: j.next.bind(j) } } i.next()",
        ),
        End::Stack,
    ),
    (
        "js_iterator_concat_next",
        Script(
            "let i = [1]; for (let k = 0; k < N; k++) i = typeof Iterator.concat === 'function' ? Iterator.concat(i) : [...i]; [...i]",
        ),
        End::Any,
    ),
    (
        "js_generator_next",
        Script(
            "const g = function* (inner) { yield* inner }; let i = [1]; for (let k = 0; k < N; k++) i = g(i); i.next()",
        ),
        End::Stack,
    ),
    (
        "js_async_generator_next",
        Script(
            "const g = async function* (inner) { yield* inner }; let i = g([1]); for (let k = 0; k < N / 64; k++) i = g(i); i.next()",
        ),
        End::Any,
    ),
    // Calls in between that the engine makes.
    (
        "JS_ToPrimitiveFree",
        Script(
            "let o = { toString: () => 'x' }; for (let i = 0; i < N; i++) { const p = o; o = { toString: () => `${p}` } } String(o)",
        ),
        End::Stack,
    ),
    ("call_setter", Script("const o = { set x(v) { this.x = v } }; o.x = 1"), End::Stack),
    ("js_array_sort", Script("const f = () => [2, 1].sort(f); f()"), End::Stack),
    ("js_regexp_Symbol_replace", Script("const f = () => 'a'.replace(/a/, f); f()"), End::Stack),
    ("js_array_from", Script("const f = () => Array.from([1], f); f()"), End::Stack),
    (
        "js_map_forEach",
        Script("const m = new Map([[1, 1]]); const f = () => m.forEach(f); f()"),
        End::Stack,
    ),
    (
        "js_promise_constructor",
        Script(
            "const f = () => new Promise(f); f(); new (class extends Promise { constructor() { super(() => new Promise(() => f())) } })()",
        ),
        End::Any,
    ),
    (
        "js_error_constructor, build_backtrace",
        Script("Error.prepareStackTrace = () => new Error('x').stack; new Error('y').stack"),
        End::Any,
    ),
    (
        "js_symbol_hasInstance",
        Script(
            "class A { static [Symbol.hasInstance](v) { return v instanceof A } } ({}) instanceof A",
        ),
        End::Stack,
    ),
    (
        "js_array_species",
        Script(
            "class A extends Array { static get [Symbol.species]() { return [].concat.call(new A(1)), A } } new A(1).map((x) => x)",
        ),
        End::Any,
    ),
    (
        "super calls",
        Script("let C = class {}; for (let i = 0; i < N / 8; i++) C = class extends C {}; new C()"),
        End::Stack,
    ),
    (
        "js_disposable_stack_dispose",
        Script(
            "let s; for (let i = 0; i < N / 8; i++) { const t = new DisposableStack(); if (s) t.use(s); s = t } s.dispose()",
        ),
        End::Any,
    ),
    // What is let go of.
    (
        "free_zero_refcount: objects",
        Script("let a = []; for (let i = 0; i < N; i++) a = { a }; a = null; 1"),
        End::Any,
    ),
    (
        "free_var_ref",
        Script("let a; for (let i = 0; i < N; i++) { const b = a; a = () => b } a = null; 1"),
        End::Any,
    ),
    ("js_bound_function_finalizer", Script(bound!("() => 1", "f = null; 1")), End::Any),
    ("js_proxy_finalizer", Script(proxies!("{}", "p = null; 1")), End::Any),
    (
        "js_free_string: ropes",
        Script(
            "let s = 'x'.repeat(9000); for (let i = 0; i < N; i++) s = 'ab' + s + 'ab'; s = null; 1",
        ),
        End::Any,
    ),
    (
        "js_free_shape: prototypes",
        Script("let o = {}; for (let i = 0; i < N; i++) o = Object.create(o); o = null; 1"),
        End::Any,
    ),
    (
        "js_generator_finalizer",
        Script(
            "let g; for (let i = 0; i < N / 8; i++) { const h = (function* (x) { yield x })(g); h.next(); g = h } g = null; 1",
        ),
        End::Any,
    ),
    (
        "js_async_function_free",
        Script(
            "let p; for (let i = 0; i < N / 64; i++) { const q = p; p = (async () => { await new Promise(() => {}); return q })() } p = null; 1",
        ),
        End::Any,
    ),
    (
        "js_map_finalizer",
        Script("let m; for (let i = 0; i < N / 8; i++) m = new Map([[1, m]]); m = null; 1"),
        End::Any,
    ),
    (
        "js_weakmap_finalizer",
        Script(
            "let k = {}; const w = new WeakMap(); for (let i = 0; i < N / 8; i++) { const j = {}; w.set(k, j); k = j } k = null; 1",
        ),
        End::Any,
    ),
    (
        "gc_decref_child, gc_scan_incref_child",
        Script(
            "let a = {}; const first = a; for (let i = 0; i < N; i++) a = { a }; first.end = a; a = null; for (let i = 0; i < 99; i++) new ArrayBuffer(1 << 20); 1",
        ),
        End::Any,
    ),
    (
        "js_promise_resolve_thenable_job",
        Script(
            "let p = Promise.resolve(1); for (let i = 0; i < N / 64; i++) { const q = p; p = { then: (f) => q.then(f) } } (async () => await p)()",
        ),
        End::Any,
    ),
    // Modules.
    (
        "js_resolve_module",
        Modules {
            each: |n| {
                if n == 0 {
                    "export default 0".to_owned()
                } else {
                    format!("import './m{}'", n - 1)
                }
            },
            main: |n| format!("import './m{}'; export default () => 1", n - 1),
            bytes: 512,
        },
        End::Any,
    ),
    (
        "js_resolve_export1, by name",
        Modules {
            each: |n| linked(n, "export const x = 1", &|m| format!("export {{ x }} from './m{m}'")),
            main: |n| loaded(n, "import { x }"),
            bytes: 48,
        },
        End::Any,
    ),
    (
        "js_resolve_export1, by star",
        Modules {
            each: |n| linked(n, "export const x = 1", &|m| format!("export * from './m{m}'")),
            main: |n| loaded(n, "import { x }"),
            bytes: 48,
        },
        End::Any,
    ),
    (
        "get_exported_names",
        Modules {
            each: |n| linked(n, "export const x = 1", &|m| format!("export * from './m{m}'")),
            main: |n| loaded(n, "import * as x"),
            bytes: 48,
        },
        End::Any,
    ),
    (
        "js_inner_module_linking, js_create_module_function, js_inner_module_evaluation",
        Modules {
            each: |n| {
                linked(n, "export const x = 1", &|m| {
                    format!("import {{ x as y }} from './m{m}'; export const x = y")
                })
            },
            main: |n| loaded(n, "import { x }"),
            bytes: 48,
        },
        End::Any,
    ),
    (
        "gather_available_ancestors",
        Modules {
            each: |n| {
                linked(n, "export const x = await 1", &|m| {
                    format!("import {{ x as y }} from './m{m}'; export const x = y")
                })
            },
            main: |n| loaded(n, "import { x }"),
            bytes: 48,
        },
        End::Any,
    ),
    (
        "js_async_module_execution_rejected",
        Modules {
            each: |n| {
                linked(n, "await 1; throw new Error('x'); export const x = 1", &|m| {
                    format!("import {{ x as y }} from './m{m}'; export const x = y")
                })
            },
            main: |n| loaded(n, "import { x }"),
            bytes: 48,
        },
        End::Any,
    ),
];

fn linked(n: usize, first: &str, next: &dyn Fn(usize) -> String) -> String {
    if n == 0 { first.to_owned() } else { next(n - 1) }
}

/// Imports that load all modules one by one before the last one is used: an import of a module that was
/// not loaded yet would load the whole chain from within.
fn loaded(n: usize, import: &str) -> String {
    let mut source = String::new();
    for m in 0..n {
        write!(source, "import './m{m}'; ").unwrap();
    }
    format!("{source}{import} from './m{}'; export default () => typeof x", n - 1)
}

/// Levels that no stack of this size holds, where each takes `bytes` at least.
fn levels(stack: usize, bytes: usize) -> usize {
    (stack + (1 << 20)) / bytes
}

fn roomy(stack: usize, end: End) -> Limits {
    // What may end in any way may also take its time.
    let wall = Duration::from_secs(if end == End::Stack { 60 } else { 3 });
    Limits { stack, heap: 1 << 30, logs: 1 << 20, wall, ..generous() }
}

fn bench() -> Bench {
    let mut config = InstanceConfig::default();
    config.heap = 1 << 30;
    Bench::with(config)
}

/// Runs a case; answers its error's code, or `ok`.
fn outcome(program: &Program, stack: usize, end: End) -> &'static str {
    let mut bench = bench();
    let limits = roomy(stack, end);
    let script = |bench: &mut Bench, text: &str, n: usize| {
        let text = text.replace("N / ", &format!("{n} / ")).replace("N)", &format!("{n})"));
        let text = text.replace("< N", &format!("< {n}"));
        match bench.run(&Request { limits, ..ad_hoc(&text) }).result {
            Ok(_) => "ok",
            Err(error) => error.code(),
        }
    };
    let code = match program {
        Script(text) => script(&mut bench, text, levels(stack, 48)),
        Doubling(text) => (0..24)
            .map(|power| script(&mut bench, &format!("{text}; 1"), 1 << power))
            .find(|code| *code != "ok")
            .unwrap_or("ok"),
        Modules { each, main, bytes } => {
            // The engine looks for each module among all that were loaded.
            let n = levels(stack, *bytes).min(4_000);
            let limits = Limits { wall: generous().wall, ..limits };
            let list: Vec<(String, String)> = (0..n).map(|m| (format!("m{m}"), each(m))).collect();
            let main = Source::new("main.js", main(n));
            let plan = Plan {
                entry: EntryPoint::Module(main),
                modules: std::sync::Arc::new(list.into_iter().collect()),
                limits,
                ..plan()
            };
            match bench.instance.build(&plan) {
                Ok(image) => {
                    match bench.instance.run(&image, &Request { limits, ..request() }).result {
                        Ok(_) => "ok",
                        Err(error) => error.code(),
                    }
                }
                Err(error) => error.code(),
            }
        }
    };
    bench.assert_sound();
    code
}

/// The child of [`native_recursion_ends_the_run_and_never_the_process`].
#[test]
fn child() {
    let Some(case) = child::case() else { return };
    let (name, stack) = case.split_once('@').unwrap();
    let (_, program, end) = CASES.iter().find(|case| case.0 == name).unwrap();
    // The stack of the thread is not the run's: a small one must do.
    let stack = stack.parse().unwrap();
    let thread = std::thread::Builder::new().stack_size(256 << 10);
    std::thread::scope(|scope| {
        let run = thread.spawn_scoped(scope, || outcome(program, stack, *end)).unwrap();
        println!("outcome: {}", run.join().unwrap());
    });
}

#[test]
fn native_recursion_ends_the_run_and_never_the_process() {
    if child::case().is_some() {
        return;
    }
    let todo: Vec<_> =
        CASES.iter().flat_map(|case| STACKS.map(|stack| (case.0, stack, case.2))).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let faults = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((name, stack, end)) =
                    todo.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    let case = format!("{name}@{stack}");
                    let ended = child::run("child", &case, Duration::from_secs(120)).unwrap();
                    let code = ended.said.split("outcome: ").nth(1);
                    let code = code.and_then(|rest| rest.lines().next());
                    let right = match end {
                        End::Stack => code == Some("ERR_STACK_LIMIT"),
                        End::Any => code.is_some(),
                    };
                    if std::env::var("SANDTIDE_TEST_VERBOSE").is_ok() {
                        println!("{stack:>9} {:20} {name}", code.unwrap_or("?"));
                    }
                    if !ended.well() || !right {
                        faults.lock().unwrap().push(format!("{case}: {ended:?}"));
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
