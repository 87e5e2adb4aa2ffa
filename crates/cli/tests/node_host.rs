//! `sandtide node` as a program meets it: the event loop, errors, `process`, options. What is expected
//! here holds for the real Node too.

mod node;

use node::{Ended, Program};

fn script(text: &str) -> Ended {
    Program::new().with("a.js", text).run(&["a.js"])
}

#[test]
fn callbacks_run_in_the_order_of_their_phases() {
    script(
        "setTimeout(() => { console.log('timer'); setImmediate(() => console.log('immediate'));
           process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('micro'));
           setTimeout(() => console.log('later'), 5); }, 1);
         process.nextTick((a) => console.log(a), 'first');
         queueMicrotask(() => console.log('second'));
         console.log('main');",
    )
    .wrote(&["main", "first", "second", "timer", "tick", "micro", "immediate", "later"]);
}

#[test]
fn timers_can_be_cleared_refreshed_and_unreferenced() {
    script(
        "const gone = setTimeout(() => console.log('gone'), 5); clearTimeout(+gone);
         const string = setTimeout(() => console.log('gone'), 5); clearTimeout(`${+string}`);
         setTimeout(() => console.log('unreferenced'), 60000).unref();
         let n = 0; const repeat = setInterval(() => { console.log(++n); if (n === 2) { repeat.close(); refresh(); } }, 1);
         function refresh() {
           const late = setTimeout(() => console.log('refreshed'), 30); setTimeout(() => late.refresh(), 15);
           setTimeout(() => console.log('between'), 38);
           console.log(late.hasRef(), late.unref().hasRef(), late.ref() === late);
         }",
    )
    .wrote(&["1", "2", "true false true", "between", "refreshed"]);
}

#[test]
fn timers_as_promises_resolve_and_abort() {
    script(
        "const { setTimeout: wait, setInterval: repeat } = require('timers/promises');
         (async () => {
           console.log(await wait(1, 'value'));
           let n = 0; for await (const x of repeat(1, 'again')) { console.log(x); if (++n === 2) break; }
           const stop = new AbortController(); setTimeout(() => stop.abort(), 1);
           try { await wait(60000, null, { signal: stop.signal }); } catch (e) { console.log(e.name, e.code); }
         })();",
    )
    .wrote(&["value", "again", "again", "AbortError ABORT_ERR"]);
}

#[test]
fn uncaught_error_shows_its_place_and_ends_with_1() {
    let ended = script("function f() {\n\tthrow new TypeError('boom');\n}\nf();\n");
    assert_eq!(ended.code, Some(1));
    let mut lines = ended.stderr.lines();
    assert_eq!(lines.next(), Some("DIR/a.js:2"));
    assert_eq!(lines.next(), Some("\tthrow new TypeError('boom');"));
    assert!(lines.next().unwrap().trim_end().ends_with('^'), "{ended:?}");
    assert_eq!(lines.next(), Some(""));
    assert_eq!(lines.next(), Some("TypeError: boom"));
    assert!(lines.next().unwrap().contains("    at f (DIR/a.js:2:"), "{ended:?}");
    assert!(ended.stderr.trim_end().lines().last().unwrap().starts_with("Node.js v"), "{ended:?}");
}

#[test]
fn syntax_error_shows_its_place() {
    let ended = script("let a = 1;\nlet b c;\n");
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.starts_with("DIR/a.js:2\nlet b c;\n      ^\n\nSyntaxError: "),
        "{ended:?}"
    );
}

#[test]
fn uncaught_exception_events_come_in_order() {
    let ended = script(
        "process.on('exit', (code) => console.log('exit', code));
         process.on('uncaughtExceptionMonitor', (e, origin) => console.log('monitor', e, origin));
         process.once('uncaughtException', (e, origin) => console.log('caught', e, origin));
         setTimeout(() => { throw 2; }, 1);
         throw 1;",
    );
    assert_eq!(ended.code, Some(1));
    assert_eq!(
        ended.stdout,
        "monitor 1 uncaughtException\ncaught 1 uncaughtException\nmonitor 2 uncaughtException\nexit 1\n"
    );
}

#[test]
fn failing_uncaught_exception_handler_ends_with_7() {
    let ended =
        script("process.on('uncaughtException', () => { throw new Error('second'); }); throw 1;");
    assert_eq!(ended.code, Some(7));
    assert!(ended.stderr.contains("Error: second"), "{ended:?}");
}

#[test]
fn unhandled_rejection_ends_with_1() {
    let ended = script("Promise.reject(new RangeError('nope'));");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("RangeError: nope"), "{ended:?}");
    let ended = script("Promise.reject(5);");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("rejected with the reason \"5\"."), "{ended:?}");
}

#[test]
fn rejections_are_reported_once_and_when_handled_late() {
    script(
        "process.on('unhandledRejection', (reason, p) => console.log('unhandled', reason, p === promise));
         process.on('rejectionHandled', (p) => console.log('handled', p === promise));
         const promise = Promise.reject(3);
         Promise.reject(4).catch(() => {});
         setTimeout(() => promise.catch(() => {}), 5);",
    )
    .wrote(&["unhandled 3 true", "handled true"]);
}

#[test]
fn before_exit_may_give_the_program_more_to_do() {
    let ended = script(
        "let once = true;
         process.on('beforeExit', (code) => { console.log('before', code);
           if (once) { once = false; setTimeout(() => console.log('more'), 1); } });
         process.on('exit', (code) => { console.log('exit', code); process.exitCode = 9; });
         process.exitCode = 3;",
    );
    assert_eq!(ended.code, Some(9), "{ended:?}");
    assert_eq!(ended.stdout, "before 3\nmore\nbefore 3\nexit 3\n");
}

#[test]
fn exit_ends_at_once() {
    let ended =
        script("process.on('exit', (c) => console.log(c)); process.exit(5); console.log('no');");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(5), "5\n"));
}

#[test]
fn warnings_go_to_standard_error_with_code_and_detail() {
    let ended = script(
        "process.on('warning', (w) => console.log(w.name, w.code));
         process.emitWarning('old', 'DeprecationWarning', 'DEP0999');
         process.emitWarning('text', { type: 'Custom', detail: 'more' });",
    );
    assert_eq!(ended.stdout, "DeprecationWarning DEP0999\nCustom undefined\n");
    assert!(ended.stderr.contains(") [DEP0999] DeprecationWarning: old\n"), "{ended:?}");
    assert!(ended.stderr.contains(") Custom: text\nmore\n"), "{ended:?}");
}

#[test]
fn no_warnings_silences_them() {
    let program = Program::new().with("a.js", "process.emitWarning('x')");
    assert_eq!(program.run(&["--no-warnings", "a.js"]).stderr, "");
}

#[test]
fn environment_values_are_strings() {
    script(
        "process.env.number = 1; process.env.none = undefined; delete process.env.HOME;
         console.log(typeof process.env.number, process.env.none, 'HOME' in process.env, process.env.nothing);
         try { process.env.x = Symbol(); } catch (e) { console.log(e.message); }",
    )
    .wrote(&["string undefined false undefined", "Cannot convert a Symbol value to a string"]);
}

#[test]
fn process_tells_of_itself() {
    script(
        "const { hrtime, memoryUsage, uptime, cpuUsage } = process;
         console.log(process.argv.length, process.argv[1] === __filename, process.pid > 0, process.cwd() === __dirname);
         console.log(hrtime().length, typeof hrtime.bigint(), memoryUsage().rss > 0, memoryUsage.rss() > 0, uptime() >= 0, cpuUsage().user >= 0);
         console.log(process instanceof require('events'), String(process), process.umask() >= 0, process.exitCode);
         try { process.chdir('/does/not/exist'); } catch (e) { console.log(e.code, e.syscall); }
         try { process.kill(process.pid, 'SIGNOTHING'); } catch (e) { console.log(e.code); }
         try { process.nextTick(); } catch (e) { console.log(e.code); }",
    )
    .wrote(&[
        "2 true true true",
        "2 bigint true true true true",
        "true [object process] true undefined",
        "ENOENT chdir",
        "ERR_UNKNOWN_SIGNAL",
        "ERR_INVALID_ARG_TYPE",
    ]);
}

#[test]
fn signals_reach_their_listeners() {
    script(
        "const alive = setInterval(() => {}, 1000);
         process.once('SIGUSR2', (name, number) => { console.log(name, number); clearInterval(alive); });
         process.kill(process.pid, 'SIGUSR2');",
    )
    .wrote(&["SIGUSR2 12"]);
}

#[test]
fn globals_are_those_of_node() {
    script(
        "console.log(global === globalThis, Object.keys(globalThis).includes('process'), typeof gc, typeof require);
         console.log(structuredClone(new Map([[1, { a: [new Date(0)] }]])));
         console.log(atob(btoa('hi')), new TextDecoder().decode(new TextEncoder().encode('ü')), new URL('http://a/b').pathname);
         Buffer = 1; console.log(Buffer, Object.getOwnPropertyDescriptor(globalThis, 'Buffer').enumerable);
         console.log(performance.now() > 0, typeof AbortController, typeof DOMException);",
    )
    .wrote(&[
        "true false undefined function",
        "Map(1) { 1 => { a: [ 1970-01-01T00:00:00.000Z ] } }",
        "hi ü /b",
        "1 false",
        "true function function",
    ]);
}

#[test]
fn evaluated_text_has_the_names_of_a_module() {
    let program = Program::new();
    program
        .run(&["-p", "[__filename, typeof require('fs').statSync, module.id]"])
        .wrote(&["[ '[eval]', 'function', '[eval]' ]"]);
    program.run(&["-e", "console.log(process.argv.length, path.sep)", "a", "b"]).wrote(&["3 /"]);
    program
        .run(&[
            "--input-type=module",
            "-e",
            "import fs from 'fs'; console.log(typeof require, typeof fs.stat)",
        ])
        .wrote(&["undefined function"]);
    program
        .run_with(&["-", "word"], "console.log(__filename, process.argv.slice(1))")
        .wrote(&["[stdin] [ '-', 'word' ]"]);
}

#[test]
fn preloaded_modules_run_first() {
    let program = Program::new()
        .with("first.js", "console.log('first', require.main)")
        .with("a.js", "console.log('main', require.main === module)");
    program.run(&["-r", "./first.js", "a.js"]).wrote(&["first undefined", "main true"]);
    let mut command = program.command();
    command.arg("a.js").env("NODE_OPTIONS", "--require=./first.js");
    program.finish(command, "").wrote(&["first undefined", "main true"]);
}

#[test]
fn bad_options_end_with_9() {
    let ended = Program::new().run(&["--nonsense", "a.js"]);
    assert_eq!(ended.code, Some(9));
    assert!(ended.stderr.contains(": bad option: --nonsense"), "{ended:?}");
}

#[test]
fn missing_script_is_a_missing_module() {
    let ended = Program::new().run(&["nothing.js"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("Error: Cannot find module 'DIR/nothing.js'"), "{ended:?}");
    assert!(ended.stderr.contains("code: 'MODULE_NOT_FOUND'"), "{ended:?}");
}

#[test]
fn check_reads_but_does_not_run() {
    let program = Program::new().with("good.js", "console.log(1)").with("bad.js", "let a b");
    program.run(&["--check", "good.js"]).wrote(&[]);
    assert_eq!(program.run(&["--check", "bad.js"]).code, Some(1));
}

#[test]
fn program_starts_itself_by_its_exec_path() {
    script(
        "const { spawnSync } = require('child_process');
         const run = (...args) => spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout.trim();
         console.log(run('-p', '6 * 7'), run('--no-warnings', '-e', 'console.log(8)'));
         require('fs').writeFileSync('b.js', 'console.log(process.argv.slice(2))');
         console.log(run('b.js', 'x'), run(`${__dirname}/b.js`));",
    )
    .wrote(&["42 8", "[ 'x' ] []"]);
}

#[test]
fn heap_limit_aborts_the_program() {
    let program = Program::new().with("a.js", "const a = []; for (;;) a.push({ a: [1, 2, 3] });");
    let ended = program.run(&["--max-old-space-size=20", "a.js"]);
    assert_eq!(ended.code, None, "{ended:?}");
    assert!(ended.stderr.contains("heap out of memory"), "{ended:?}");
}

#[test]
fn standard_input_is_a_stream() {
    let program = Program::new().with(
        "a.js",
        "let text = ''; process.stdin.setEncoding('utf8');
         process.stdin.on('data', (part) => { text += part; }).on('end', () => console.log(text.length, process.stdin.fd));",
    );
    program.run_with(&["a.js"], "some text").wrote(&["9 0"]);
    let iterate =
        "(async () => { for await (const part of process.stdin) console.log(String(part)); })()";
    program.run_with(&["-e", iterate], "parts").wrote(&["parts"]);
}

#[test]
fn standard_output_can_be_watched_and_replaced() {
    script(
        "console.log('plain'); const { write } = process.stdout; const seen = [];
         process.stdout.write = (text) => seen.push(text); console.log('seen'); process.stdout.write = write;
         console.log(seen, process.stdout instanceof require('stream').Writable, process.stdout.fd);
         process.stdout.write('68690a', 'hex', () => console.log('written'));",
    )
    .wrote(&["plain", "[ 'seen\\n' ] true 1", "hi", "written"]);
}

#[test]
fn collections_are_traced() {
    let program = Program::new().with("a.js", "gc();");
    let ended = program.run(&["--expose-gc", "--trace-gc", "a.js"]);
    let line = ended.stdout.lines().find(|line| line.contains("testing")).unwrap_or_default();
    assert!(line.starts_with('[') && line.contains(" ms: Mark-Compact "), "{ended:?}");
}

#[test]
fn structured_clone_keeps_references_and_refuses_functions() {
    script(
        "const a = { d: new Date(0), m: new Map([[{}, new Set([1n])]]), e: new RangeError('r'), b: new Uint8Array([1, 2]).subarray(1) };
         a.self = a; const b = structuredClone(a);
         console.log(b !== a, b.self === b, b.e instanceof RangeError, b.b.byteOffset, b.m.size);
         const buffer = new ArrayBuffer(4); structuredClone(buffer, { transfer: [buffer] }); console.log(buffer.detached);
         try { structuredClone({ f() {} }); } catch (e) { console.log(e.name, e.code); }",
    )
    .wrote(&["true true true 1 1", "true", "DataCloneError 25"]);
}

#[test]
fn messages_arrive_as_copies() {
    script(
        "const { port1, port2 } = new MessageChannel(); const sent = { a: [1] };
         port1.on('message', (got) => { console.log(got, got === sent); port1.close(); });
         port2.postMessage(sent); console.log(require('worker_threads').isMainThread);",
    )
    .wrote(&["true", "{ a: [ 1 ] } false"]);
}

#[test]
fn deep_recursion_is_a_range_error() {
    script(
        "let depth = 0; function down() { depth++; down(); }
         try { down(); } catch (e) { console.log(e instanceof RangeError, e.message, depth > 5000); }",
    )
    .wrote(&["true Maximum call stack size exceeded true"]);
}

#[test]
fn temporal_is_in_the_main_realm_and_in_contexts() {
    script(
        "const vm = require('vm');
         const text = `[Temporal.PlainDate.from('2026-01-31').add({ months: 1 }),
           Temporal.ZonedDateTime.from('2026-03-08T02:30[America/New_York]'), new Date(0).toTemporalInstant(),
           Temporal.PlainDate.from('2026-07-04').toLocaleString('de', { dateStyle: 'long' }),
           Temporal.Now.timeZoneId() === Intl.DateTimeFormat().resolvedOptions().timeZone].join(' ')`;
         console.log(eval(text));
         console.log(vm.runInNewContext(text) === eval(text));
         const context = vm.createContext({});
         console.log(vm.runInContext('Temporal', context) === Temporal,
           vm.runInContext('Temporal.Now.instant() instanceof Object', context));
         const error = vm.runInContext('try { Temporal.PlainDate.from(\"x\") } catch (error) { error }', context);
         console.log(error instanceof RangeError, error.name);
         console.log(Math.abs(Temporal.Now.instant().epochMilliseconds - Date.now()) < 5000);",
    )
    .wrote(&[
        "2026-02-28 2026-03-08T03:30:00-04:00[America/New_York] 1970-01-01T00:00:00Z 4. Juli 2026 true",
        "true",
        "false true",
        "false RangeError",
        "true",
    ]);
}
