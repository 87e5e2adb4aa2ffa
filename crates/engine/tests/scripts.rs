//! The three forms of scripts, their modules and promises, and what errors and logs tell of them.

mod common;

use common::*;
use sandtide_engine::{
    EntryPoint, Error, Form, Frozen, GlobalsBack, Input, LogLevel, Plan, Request, Source, Value,
};

fn with_globals(globals: &[(&str, Value)]) -> Request {
    let globals = globals.iter().map(|(k, v)| ((*k).to_owned(), Input::Value(v.clone()))).collect();
    Request { globals, ..request() }
}

const FIBONACCI: &str =
    "function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2) }";

#[test]
fn a_classic_script_uses_the_images_functions_and_the_runs_globals() {
    let mut bench = Bench::classic(FIBONACCI, "a = fibonacci(number)");
    for (n, expected) in [(0, 0), (10, 55), (19, 4181)] {
        let request =
            Request { globals_back: GlobalsBack::Changed, ..with_globals(&[("number", n.into())]) };
        let outcome = bench.run(&request);
        assert_eq!(outcome.result, Ok(expected.into()));
        assert_eq!(outcome.globals, [("a".to_owned(), expected.into())]);
    }
    let missing = bench.run(&request()).result.unwrap_err();
    assert_eq!(missing.to_string(), "ReferenceError: number is not defined");
}

#[test]
fn the_completion_value_is_the_result() {
    let mut bench = Bench::base();
    let cases: [(&str, Value); 9] = [
        ("1; 2; 3", 3.into()),
        ("", Value::Undefined),
        ("var x = 5", Value::Undefined),
        ("if (true) { 'then' } else { 'else' }", "then".into()),
        ("let i = 0; for (; i < 3; i++) { i * 10 }", 20.into()),
        ("try { 'tried' } finally { 'ignored' }", "tried".into()),
        ("({a: 1}).a", 1.into()),
        ("'use strict'; this === globalThis", true.into()),
        ("Promise.resolve(Promise.resolve(7))", 7.into()),
    ];
    for (source, expected) in cases {
        assert_eq!(bench.eval(source), expected, "{source}");
    }
}

#[test]
fn changed_globals_are_those_made_changed_or_given_as_objects() {
    let setup = "var kept = 1, changed = 1, object = {n: 1}; function f() {}";
    let script =
        "changed = 2; made = 3; var declared = 4; object.n = 2; given.n = 5; same; reset = 6; 0";
    let mut bench = Bench::classic(setup, script);
    let given = Value::from_iter([("n", Value::from(1))]);
    let request = Request {
        globals_back: GlobalsBack::Changed,
        ..with_globals(&[("given", given), ("same", 7.into()), ("reset", 1.into())])
    };
    let mut globals = bench.run(&request).globals;
    globals.sort_by(|a, b| a.0.cmp(&b.0));
    let names: Vec<&str> = globals.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["changed", "declared", "given", "made", "reset"]);
    assert_eq!(globals[2].1.get("n"), Some(&5.into()));
    let none = bench.run(&Request { globals_back: GlobalsBack::None, ..request });
    assert_eq!(none.globals, []);
}

#[test]
fn changed_data_are_changed_globals_without_the_functions_that_a_script_declares() {
    let mut bench = Bench::base();
    let source =
        Some(Source::new("s.js", "function f() {} var g = f, data = { n: 1 }; number = 2"));
    let changed = |globals_back| Request {
        globals_back,
        source: source.clone(),
        ..with_globals(&[("number", 1.into())])
    };
    let refused = bench.run(&changed(GlobalsBack::Changed)).result.unwrap_err();
    assert_eq!(refused.code(), "ERR_NOT_CROSSABLE");
    let mut globals = bench.run(&changed(GlobalsBack::ChangedData)).globals;
    globals.sort_by(|a, b| a.0.cmp(&b.0));
    let data = Value::from_iter([("n", Value::from(1))]);
    assert_eq!(globals, [("data".to_owned(), data), ("number".to_owned(), 2.into())]);
}

#[test]
fn named_globals_come_back_in_the_order_asked_and_missing_ones_are_left_out() {
    let mut bench = Bench::classic("var a = 1; var o = {n: 1};", "o.n = 2; b = 3");
    let names = ["o", "missing", "b", "a"].map(str::to_owned).to_vec();
    let outcome = bench.run(&Request { globals_back: GlobalsBack::Named(names), ..request() });
    let expected = [
        ("o".to_owned(), Value::from_iter([("n", Value::from(2))])),
        ("b".to_owned(), 3.into()),
        ("a".to_owned(), 1.into()),
    ];
    assert_eq!(outcome.globals, expected);
    let function =
        Request { globals_back: GlobalsBack::Named(vec!["f".into()]), ..ad_hoc("f = {g() {}}; 1") };
    let error = bench.run(&function).result.unwrap_err();
    assert_eq!(error.to_string(), "f.g: a function cannot cross");
}

#[test]
fn a_run_may_give_a_global_that_the_image_declared() {
    let mut bench =
        Bench::classic("var v = 1; function f() { return 1 } w = 1;", "[v, typeof f, w]");
    let request = with_globals(&[("v", 2.into()), ("f", "text".into()), ("w", 3.into())]);
    assert_eq!(
        bench.run(&request).result,
        Ok(Value::Array(vec![2.into(), "string".into(), 3.into()]))
    );
}

#[test]
fn functions_are_called_with_the_input() {
    for source in [
        "export default (x) => x * 2",
        "export default function (x) { return x * 2 }",
        "export default async (x) => (await x) * 2",
        "const f = (x) => x * 2; export { f as default }",
        "export default (x) => Promise.resolve(x * 2)",
        "const two = await Promise.resolve(2); export default (x) => x * two",
        "export { default } from './double.js'",
        "import double from './double.js'; export default double",
    ] {
        let mut bench = Bench::of(&Plan {
            entry: EntryPoint::Module(Source::new("main.js", source)),
            modules: modules(&[("double.js", "export default (x) => x * 2")]),
            ..plan()
        });
        assert_eq!(bench.call(21), 42.into(), "{source}");
    }
    assert_eq!(
        Bench::function("export default (...a) => a").run(&request()).result,
        Ok(Value::Array(vec![Value::Undefined]))
    );
}

#[test]
fn a_module_without_a_function_as_its_default_export_is_refused() {
    let mut bench = Bench::base();
    for source in [
        "export const x = 1",
        "export default 5",
        "export default {}",
        "export default 'f'",
        "import.meta",
    ] {
        let entry = EntryPoint::Module(Source::new("main.js", source));
        let error = bench.instance.build(&Plan { entry, ..plan() }).unwrap_err();
        assert_eq!(error, Error::NoDefaultExport { file: "main.js".into() }, "{source}");
    }
    assert_eq!(bench.error("export const x = 1").code(), "ERR_NO_DEFAULT_EXPORT");
}

#[test]
fn a_source_given_with_the_run_is_told_by_what_it_is() {
    let mut bench = Bench::base();
    assert_eq!(bench.eval("1 + 1"), 2.into());
    assert_eq!(bench.eval("export default () => 3"), 3.into());
    assert_eq!(bench.eval("await 1; export default () => 4"), 4.into());
    let input = Request {
        source: Some(Source::new("f.js", "export default (x) => x + 1")),
        ..with_input(1)
    };
    assert_eq!(bench.run(&input).result, Ok(2.into()));
    let mut check = |file, text| bench.instance.check(&Source::new(file, text), &generous());
    assert_eq!(check("a.js", "1").unwrap().form, Form::Classic);
    assert_eq!(check("a.js", "export default 1").unwrap().form, Form::Function);
    let imports = check("a.js", "import './b.js'; export * from 'c'; import('d')").unwrap().imports;
    assert_eq!(imports, ["./b.js", "c"]);
    assert_eq!(check("a.js", "}").unwrap_err().code(), "ERR_SYNTAX");
}

#[test]
fn what_does_not_fit_the_scripts_form_is_said() {
    let mut bench = Bench::classic("", "1");
    assert_eq!(bench.run(&with_input(1)).result.unwrap_err().code(), "ERR_WRONG_FORM");
    assert_eq!(Bench::base().run(&request()).result, Err(Error::NoScript));
    let nul = Request { source: Some(Source::new("a\0b", "1")), ..request() };
    assert_eq!(bench.run(&nul).result.unwrap_err().code(), "ERR_WRONG_FORM");
}

#[test]
fn modules_find_each_other_by_relative_and_bare_names() {
    let mut bench = Bench::of(&Plan {
        entry: EntryPoint::Module(Source::new(
            "main.js",
            "import a from './lib/a.js'; import { b } from 'bare'; import * as c from './lib/../c.js'; \
             export default async () => [a, b, c.c, (await import('./lib/a.js')).default, (await import('bare')).b]",
        )),
        modules: modules(&[
            (
                "lib/a.js",
                "import { b } from '../b.js'; import { c } from '../c.js'; export default 'a' + b + c",
            ),
            ("./b.js", "export const b = 'b'"),
            ("c.js", "export const c = 'c'"),
            ("bare", "export { b } from './b.js'"),
        ]),
        ..plan()
    });
    let value = bench.run(&request()).result.unwrap();
    assert_eq!(value, Value::Array(["abc", "b", "c", "abc", "b"].map(Value::from).to_vec()));
}

#[test]
fn modules_that_import_each_other_are_linked() {
    let mut bench = Bench::of(&Plan {
        entry: EntryPoint::Module(Source::new(
            "main.js",
            "import { even } from 'even'; export default (n) => even(n)",
        )),
        modules: modules(&[
            ("even", "import { odd } from 'odd'; export const even = (n) => n === 0 || odd(n - 1)"),
            (
                "odd",
                "import { even } from 'even'; export const odd = (n) => n !== 0 && even(n - 1)",
            ),
        ]),
        ..plan()
    });
    assert_eq!(bench.call(10), true.into());
    assert_eq!(bench.call(7), false.into());
}

#[test]
fn a_missing_module_is_named_with_its_importer() {
    let mut bench = Bench::base();
    let plan = Plan {
        entry: EntryPoint::Module(Source::new(
            "main.js",
            "import './lib/a.js'; export default () => 1",
        )),
        modules: modules(&[("lib/a.js", "import x from './gone.js'")]),
        ..plan()
    };
    let error = bench.instance.build(&plan).unwrap_err();
    assert_eq!(
        error,
        Error::ModuleNotFound { specifier: "./gone.js".into(), from: "lib/a.js".into() }
    );
    let late = bench.error("export default () => import('nowhere')");
    assert_eq!(late, Error::ModuleNotFound { specifier: "nowhere".into(), from: "test.js".into() });
}

#[test]
fn a_missing_module_that_was_caught_is_not_a_later_exceptions_fault() {
    let mut bench = Bench::base();
    let error = bench.exception("export default async () => { try { await import('nowhere') } catch {} throw new Error('mine') }");
    assert_eq!(error.message, "mine");
}

#[test]
fn a_syntax_error_in_a_module_names_that_modules_file() {
    let plan = Plan {
        entry: EntryPoint::Module(Source::new(
            "main.js",
            "import './lib/a.js'; export default () => 1",
        )),
        modules: modules(&[("lib/a.js", "export const x = 1;\nlet = = 5;")]),
        ..plan()
    };
    let error = Bench::base().instance.build(&plan).unwrap_err();
    let text = error.to_string();
    let named = match &error {
        Error::Syntax(error) => error.file == "lib/a.js" && error.line == 2,
        Error::Exception(error) => {
            error.file.as_deref() == Some("lib/a.js") && error.line == Some(2)
        }
        _ => false,
    };
    assert!(named, "{text} {error:?}");
}

#[test]
fn a_missing_export_of_a_module_is_an_error_that_names_it() {
    let plan = Plan {
        entry: EntryPoint::Module(Source::new(
            "main.js",
            "import { gone } from 'a'; export default () => gone",
        )),
        modules: modules(&[("a", "export const here = 1")]),
        ..plan()
    };
    let error = Bench::base().instance.build(&plan).unwrap_err();
    assert!(error.to_string().contains("gone"), "{error}");
}

#[test]
fn set_up_that_throws_fails_the_build_with_its_place() {
    let source = |text: &str| Plan {
        setup: vec![Source::new("fine.js", "1"), Source::new("set.js", text)],
        ..plan()
    };
    let mut bench = Bench::base();
    let Error::Exception(error) =
        bench.instance.build(&source("\n\nthrow new TypeError('no')")).unwrap_err()
    else {
        panic!()
    };
    assert_eq!(
        (error.name.as_str(), error.file.as_deref(), error.line),
        ("TypeError", Some("set.js"), Some(3))
    );
    let Error::Syntax(error) = bench.instance.build(&source("1;\n  )")).unwrap_err() else {
        panic!()
    };
    assert_eq!((error.file.as_str(), error.line, error.column), ("set.js", 2, 3));
    assert_eq!(
        bench.instance.build(&source("Promise.reject(new Error('late'))")).unwrap_err().code(),
        "ERR_EXCEPTION"
    );
    let entry = EntryPoint::Module(Source::new(
        "m.js",
        "await Promise.reject(new Error('top')); export default () => 1",
    ));
    let error = bench.instance.build(&Plan { entry, ..plan() }).unwrap_err();
    assert_eq!(error.to_string(), "Error: top");
    let entry = EntryPoint::Module(Source::new(
        "m.js",
        "await new Promise(() => {}); export default () => 1",
    ));
    assert_eq!(bench.instance.build(&Plan { entry, ..plan() }).unwrap_err(), Error::NeverSettled);
}

#[test]
fn promises_are_driven_to_their_end() {
    let mut bench = Bench::base();
    assert_eq!(
        bench.eval(
            "(async () => { let n = 0; for (let i = 0; i < 100; i++) n += await i; return n })()"
        ),
        4950.into()
    );
    assert_eq!(
        bench.eval("Promise.allSettled([1, Promise.reject(2)]).then((r) => r.length)"),
        2.into()
    );
    assert_eq!(bench.error("new Promise(() => {})"), Error::NeverSettled);
    assert_eq!(bench.error("export default () => new Promise(() => {})"), Error::NeverSettled);
    let rejected = bench.exception("Promise.reject(new TypeError('no'))");
    assert_eq!(rejected.name, "TypeError");
    assert_eq!(bench.exception("Promise.reject('text')").message, "text");
    let order = bench.eval("globalThis.log = []; Promise.resolve().then(() => log.push('job')); log.push('script'); Promise.resolve().then(() => log.join())");
    assert_eq!(order, "script,job".into());
}

#[test]
fn jobs_that_the_script_did_not_wait_for_are_done_too() {
    let mut bench = Bench::base();
    let request = Request {
        globals_back: GlobalsBack::Named(vec!["done".into()]),
        ..ad_hoc(
            "done = 0; (async () => { for (let i = 0; i < 5; i++) await i; done = 1 })(); 'result'",
        )
    };
    let outcome = bench.run(&request);
    assert_eq!(
        (outcome.result, outcome.globals),
        (Ok("result".into()), vec![("done".into(), 1.into())])
    );
}

#[test]
fn rejections_that_nobody_handles_are_logged_and_handled_ones_are_not() {
    let mut bench = Bench::base();
    let outcome = bench.run(&ad_hoc("Promise.reject(new RangeError('lost')); Promise.reject('text'); Promise.reject(1).catch(() => 0); \
        const p = Promise.reject(2); Promise.resolve().then(() => p.catch(() => 0)); 'fine'"));
    assert_eq!(outcome.result, Ok("fine".into()));
    let logs: Vec<_> = outcome.logs.iter().map(|line| (line.level, line.text.as_str())).collect();
    let expected = [
        (LogLevel::Error, "Uncaught (in promise) RangeError: lost"),
        (LogLevel::Error, "Uncaught (in promise) text"),
    ];
    assert_eq!(logs, expected);
    let result = bench.run(&ad_hoc("Promise.reject(new Error('it'))"));
    assert!(result.logs.is_empty(), "the result's own rejection is the outcome: {:?}", result.logs);
}

#[test]
fn syntax_errors_tell_file_line_and_column() {
    let mut bench = Bench::base();
    for (source, line, column) in [
        (")", 1, 1),
        ("let a = 1;\nlet b = ;", 2, 9),
        ("\n\n  foo bar", 3, 7),
        ("'open", 1, 1),
        ("let x; let x", 1, 13),
        ("const a", 1, 8),
        ("1;\r\n\t]", 2, 2),
    ] {
        let Error::Syntax(error) = bench.error(source) else { panic!("{source}") };
        assert_eq!(
            (error.file.as_str(), error.line, error.column),
            ("test.js", line, column),
            "{source}: {error}"
        );
        assert!(!error.message.is_empty());
    }
    let offset = Source { line: 100, ..Source::new("page.html", "a;\n}") };
    let Err(Error::Syntax(error)) =
        bench.run(&Request { source: Some(offset), ..request() }).result
    else {
        panic!()
    };
    assert_eq!((error.file.as_str(), error.line), ("page.html", 101));
    let Error::Syntax(module) = bench.error("export default () => {\n  let a = ;\n}") else {
        panic!()
    };
    assert_eq!((module.line, module.column), (2, 11));
}

#[test]
fn exceptions_tell_the_users_file_line_and_column() {
    let mut bench = Bench::base();
    let sync = bench.exception("function inner() {\n  throw new TypeError('no');\n}\nfunction outer() { inner() }\nouter()");
    assert_eq!((sync.file.as_deref(), sync.line, sync.column), (Some("test.js"), Some(2), Some(9)));
    let frames: Vec<&str> = sync.stack.lines().map(str::trim).collect();
    assert!(
        frames[0].starts_with("at inner (test.js:2:")
            && frames[1].starts_with("at outer (test.js:4:"),
        "{frames:?}"
    );
    let late = bench.exception("async function f() {\n  await 1;\n  null.x;\n}\nf()");
    assert_eq!(
        (late.name.as_str(), late.file.as_deref(), late.line),
        ("TypeError", Some("test.js"), Some(3))
    );
    let native = bench.exception("\n[1].map(() => { throw new Error('in map') })");
    assert_eq!((native.line, native.file.as_deref()), (Some(2), Some("test.js")));
    let offset = Source { line: 50, ..Source::new("page.html", "\nthrow new Error('x')") };
    let Err(Error::Exception(error)) =
        bench.run(&Request { source: Some(offset), ..request() }).result
    else {
        panic!()
    };
    assert_eq!((error.file.as_deref(), error.line), (Some("page.html"), Some(51)));
}

#[test]
fn exceptions_in_modules_tell_the_modules_file() {
    let mut bench = Bench::of(&Plan {
        entry: EntryPoint::Module(Source::new(
            "main.js",
            "import { f } from './lib/a.js';\nexport default () => f()",
        )),
        modules: modules(&[("lib/a.js", "\nexport function f() {\n  undefined.x }")]),
        ..plan()
    });
    let Err(Error::Exception(error)) = bench.run(&request()).result else { panic!() };
    assert_eq!((error.file.as_deref(), error.line), (Some("lib/a.js"), Some(3)));
    assert!(error.stack.contains("main.js:2:"), "{}", error.stack);
}

#[test]
fn whatever_is_thrown_is_told() {
    let mut bench = Bench::base();
    for (source, expected) in [
        ("throw 'text'", "Uncaught text"),
        ("throw 5", "Uncaught 5"),
        ("throw null", "Uncaught null"),
        ("throw undefined", "Uncaught undefined"),
        ("throw Symbol('x')", "Uncaught a symbol"),
        ("throw {a: 1}", "Uncaught [object Object]"),
        ("throw {message: 'like an error', name: 'Mine'}", "Mine: like an error"),
        (
            "class MyError extends Error { name = 'MyError' } throw new MyError('own')",
            "MyError: own",
        ),
        ("throw new Error()", "Error"),
        ("throw new AggregateError([1], 'many')", "AggregateError: many"),
        ("throw 10n", "Uncaught 10"),
        (
            "throw Object.defineProperty(new Error('x'), 'message', {get() { throw 1 }})",
            "Error: an error was thrown that throws again when it is read",
        ),
        (
            "throw {toString() { throw 1 }}",
            "Error: an error was thrown that throws again when it is read",
        ),
    ] {
        assert_eq!(bench.error(source).to_string(), expected, "{source}");
    }
}

#[test]
fn console_functions_log_at_their_levels() {
    let mut bench = Bench::base();
    let outcome = bench.run(&ad_hoc(
        "console.debug('a'); console.log('b'); console.info('c'); console.warn('d'); console.error('e'); \
         console.assert(true, 'no'); console.assert(0, 'f'); console.assert(); const {log} = console; log('g')",
    ));
    let logs: Vec<_> =
        outcome.logs.iter().map(|line| (line.level.as_str(), line.text.as_str())).collect();
    let expected = [
        ("debug", "a"),
        ("log", "b"),
        ("info", "c"),
        ("warn", "d"),
        ("error", "e"),
        ("error", "Assertion failed: f"),
        ("error", "Assertion failed"),
        ("log", "g"),
    ];
    assert_eq!(logs, expected);
}

#[test]
fn what_is_logged_reads_as_people_write_it() {
    let mut bench = Bench::base();
    for (source, expected) in [
        ("'a', 1, true, null, undefined", "a 1 true null undefined"),
        ("-0, NaN, 10n", "-0 NaN 10n"),
        ("{a: 1, b: {c: ['x']}}", "{ a: 1, b: { c: [ 'x' ] } }"),
        ("[], {}", "[] {}"),
        ("[1, [2, [3, [4, [5]]]]]", "[ 1, [ 2, [ 3, [ 4, [Array] ] ] ] ]"),
        ("() => 1, class A {}", "[Function: (anonymous)] [Function: A]"),
        ("new Map([[1, {a: 2}]]), new Set(['x'])", "Map { 1 => { a: 2 } } Set { 'x' }"),
        ("/a+/g", "/a+/g"),
        ("new Proxy({}, {})", "[Proxy]"),
        ("['it\\'s']", "[ 'it\\'s' ]"),
        ("", ""),
    ] {
        assert_eq!(bench.logs(&format!("console.log({source})")), [expected], "{source}");
    }
    let error = bench.logs("console.log(new TypeError('bad'))");
    assert!(
        error[0].starts_with("TypeError: bad\n") && error[0].contains("test.js:1:"),
        "{error:?}"
    );
    let cyclic = bench.logs("const o = {}; o.o = o; console.log(o)");
    assert_eq!(cyclic, ["{ o: { o: { o: { o: [Object] } } } }"]);
    let wide = bench.logs("console.log(Array(1000).fill(1))");
    assert!(wide[0].ends_with("... 900 more ]"), "{wide:?}");
}

#[test]
fn logs_are_there_however_the_run_ended() {
    let mut bench = Bench::base();
    for (source, limits) in [
        ("console.log('before'); throw 1", generous()),
        ("console.log('before'); for (;;) ;", short()),
        ("console.log('before'); 'x'.padEnd(2 ** 29)", generous()),
        ("console.log('before'); (() => 1)", generous()),
        ("console.log('before'); new Promise(() => {})", generous()),
    ] {
        let outcome = bench.run(&Request { limits, ..ad_hoc(source) });
        assert!(outcome.result.is_err());
        assert_eq!(outcome.logs.len(), 1, "{source}");
        assert_eq!(outcome.logs[0].text, "before");
    }
}

#[test]
fn a_scope_works_with_the_values_themselves() {
    let mut bench = Bench::classic(FIBONACCI, "1");
    let result = bench.instance.scope(&bench.image, &request(), |scope| {
        let fibonacci = scope.get(scope.global(), "fibonacci")?;
        assert!(scope.is_function(fibonacci));
        let n = scope.value(&12.into())?;
        let promise = scope.call(
            scope.eval("x.js", "(async (f, n) => f(await n))")?,
            None,
            &[fibonacci, n],
        )?;
        scope.set(scope.global(), "kept", promise)?;
        scope.to_value(scope.settle(promise)?)
    });
    assert_eq!(result.unwrap(), Ok(144.into()));
    assert_eq!(bench.eval("typeof kept"), "undefined".into());
    let ended =
        bench.instance.scope(&bench.image, &Request { limits: short(), ..request() }, |scope| {
            let first = scope.eval("x.js", "for (;;) ;").map(|_| ()).unwrap_err();
            (first, scope.eval("x.js", "1").map(|_| ()).unwrap_err())
        });
    let (first, then) = ended.unwrap();
    assert_eq!((first.code(), then.code()), ("ERR_WALL_TIME_LIMIT", "ERR_WALL_TIME_LIMIT"));
}

/// What looking at a source says is wrong with it.
fn complaint(text: &str) -> sandtide_engine::SyntaxError {
    let checked = Bench::base().instance.check(&Source::new("a.js", text), &generous());
    match checked {
        Err(Error::Syntax(at)) => at,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn an_error_is_that_of_the_form_that_the_source_was_meant_as() {
    for (text, says) in [
        ("export default () => 1; const r = /(/;", "expecting ')'"),
        ("import x from 'x';\nconst r = /[/; export default x", "unexpected end"),
        ("import { x } from 'x'; /(?<a>x)(?<a>y)/", "duplicate group name"),
        ("import * as x from 'x'; /+/", "nothing to repeat"),
        ("import 'x'; /+/", "nothing to repeat"),
        ("if (import.meta.url) /+/.test()", "nothing to repeat"),
        ("const x = await 1; /+/.test(x)", "nothing to repeat"),
        ("with (a) {}; export default 1", "invalid keyword: with"),
        ("export default function () { return 01 }", "octal"),
        ("  export { x ", "Unexpected end of input"),
        // Neither has anything that only modules have.
        ("const r = /(/;", "expecting ')'"),
        ("with (a) { ]", "unexpected token in expression: ']'"),
        ("exports.x = /(/", "expecting ')'"),
        ("import('x'); /(/", "expecting ')'"),
        ("x.import y", "expecting ';'"),
    ] {
        let message = complaint(text).message;
        assert!(message.to_lowercase().contains(&says.to_lowercase()), "{text}: {message}");
    }
    let at = complaint("const a = 1;\nexport default a;\nlet b = ;");
    assert_eq!((at.line, at.column), (3, 9));
}

#[test]
fn a_frozen_clock_that_is_no_time_is_refused() {
    let mut bench = Bench::base();
    for now_ms in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 8.64e15 + 1.0, -8.65e15, f64::MAX] {
        let frozen = Some(Frozen { seed: 1, now_ms });
        let outcome = bench.run(&Request { frozen, ..ad_hoc("console.log('ran')") });
        assert_eq!(outcome.result.unwrap_err().code(), "ERR_INVALID_CLOCK");
        assert!(outcome.logs.is_empty());
        let built = bench.instance.build(&Plan { frozen, ..plan() });
        assert_eq!(built.unwrap_err().code(), "ERR_INVALID_CLOCK");
        let image = bench.image.clone();
        let scoped = bench.instance.scope(&image, &Request { frozen, ..request() }, |_| ());
        assert_eq!(scoped.unwrap_err().code(), "ERR_INVALID_CLOCK");
    }
    for now_ms in [0.0, -0.5, 8.64e15, -8.64e15] {
        let frozen = Some(Frozen { seed: 1, now_ms });
        let outcome = bench.run(&Request { frozen, ..ad_hoc("new Date().getTime()") });
        assert_eq!(outcome.result, Ok(Value::Number(now_ms.trunc() + 0.0)));
    }
}

#[test]
fn what_an_image_for_frozen_runs_holds_is_the_same_in_every_arena() {
    let module = "const drawn = [Math.random(), Math.random(), Date.now(), new Date().getTime(), \
        performance.now(), performance.timeOrigin]; \
        const map = new Map(); for (let i = 0; i < 100; i++) map.set('k' + Math.random(), i); \
        export default () => [drawn.join(), [...map.keys()].join(), Math.random(), Date.now()].join()";
    let value = |seed, now_ms| {
        let frozen = Some(Frozen { seed, now_ms });
        let entry = EntryPoint::Module(Source::new("m.js", module));
        let plan = Plan { entry, frozen, ..plan() };
        assert!(plan.runs_code());
        let mut bench = Bench::of(&plan);
        let value = bench.run(&Request { frozen, ..request() }).result.unwrap();
        assert_eq!(bench.run(&Request { frozen, ..request() }).result, Ok(value.clone()));
        value
    };
    let first = value(1, 1e12);
    for _ in 0..3 {
        assert_eq!(value(1, 1e12), first);
    }
    assert_ne!(value(2, 1e12), first);
    assert_ne!(value(1, 2e12), first);
}

#[test]
fn import_attributes_are_refused_instead_of_ignored() {
    let of = |source: &str| Plan {
        entry: EntryPoint::Module(Source::new("main.js", source)),
        modules: modules(&[("data", "export const x = 1")]),
        ..plan()
    };
    let refused = "import { x } from 'data' with { type: 'json' }; export default () => x";
    let Err(Error::Syntax(error)) = Bench::base().instance.build(&of(refused)) else { panic!() };
    assert_eq!(error.message, "the import attribute 'type' is not supported");
    let mut empty = Bench::of(&of("import { x } from 'data' with {}; export default () => x"));
    assert_eq!(empty.call(0), 1.into());
    let dynamic = "export default async () => {
        try { await import('data', { with: { type: 'json' } }); return 'taken'; }
        catch (error) { return error.name; } }";
    assert_eq!(Bench::of(&of(dynamic)).call(0), "SyntaxError".into());
}
