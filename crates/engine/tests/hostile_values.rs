//! Values that are made to be read wrongly on their way out of the guest.

use sandtide_engine::{
    Error, HeapImage, HostFunction, Instance, InstanceConfig, Outcome, Plan, Request, Source, Value,
};

/// An instance whose guests have `host(...)`, which answers how many arguments it was given.
fn instance() -> (Instance, HeapImage) {
    let mut instance = Instance::new(InstanceConfig::default()).unwrap();
    let count = |call: sandtide_engine::HostCall<'_>| Ok(Value::from(call.args().len() as u32));
    let hosts = vec![HostFunction::new("host", count)];
    let image = instance.build(&Plan { hosts, ..Plan::default() }).unwrap();
    (instance, image)
}

fn run(source: &str) -> Outcome {
    let (mut instance, image) = instance();
    let source = Some(Source::new("hostile.js", source));
    instance.run(&image, &Request { source, ..Request::default() })
}

#[test]
fn a_typed_array_crosses_with_the_length_that_its_buffer_was_resized_to() {
    let shrunk = "const b = new ArrayBuffer(1 << 20, { maxByteLength: 1 << 20 }); \
                  const u = new Uint8Array(b); b.resize(3); u";
    assert_eq!(run(shrunk).result, Ok(Value::Bytes(vec![0; 3])));
    let grown = "const b = new ArrayBuffer(2, { maxByteLength: 9 }); \
                 const u = new Uint8Array(b, 1); b.resize(6); u[4] = 7; u";
    assert_eq!(run(grown).result, Ok(Value::Bytes(vec![0, 0, 0, 0, 7])));
    let part = "const u = new Uint8Array([1, 2, 3, 4, 5]); u.subarray(1, 3)";
    assert_eq!(run(part).result, Ok(Value::Bytes(vec![2, 3])));
    assert_eq!(run("new Uint8Array(0)").result, Ok(Value::Bytes(vec![])));
    assert_eq!(run("new ArrayBuffer(0)").result, Ok(Value::ArrayBuffer(vec![])));
}

#[test]
fn bytes_of_a_detached_buffer_are_refused_and_their_stack_hook_is_under_the_limits() {
    let detached = "const u = new Uint8Array(9); u.buffer.transfer(); ";
    let refused = run(&format!("{detached} u")).result.unwrap_err();
    assert_eq!(refused.code(), "ERR_NOT_CROSSABLE");
    for hook in ["for (;;);", "const a = []; for (;;) a.push(new Uint8Array(1 << 20));"] {
        for end in ["u", "host(u)", "new DataView(u.buffer, 9); u"] {
            let source = format!("Error.prepareStackTrace = () => {{ {hook} }}; {detached} {end}");
            let error = run(&source).result.unwrap_err();
            assert!(error.is_limit(), "{source}: {error}");
        }
    }
}

#[test]
fn arguments_that_share_their_parts_are_bounded_by_the_heap_limit() {
    for source in [
        "const s = 'x'.repeat(1 << 20); host(Array.from({ length: 1000 }, () => s))",
        "host(new Array(2 ** 32 - 1))",
        "let a = [1]; for (let i = 0; i < 60; i++) a = [a, a]; host(a)",
        "const s = 'x'.repeat(1 << 20); host(...Array.from({ length: 1000 }, () => s))",
    ] {
        let result = run(source).result;
        match &result {
            Err(error) if error.is_limit() => {}
            other => panic!("{source}: {other:?}"),
        }
    }
    assert_eq!(run("host([1, 'a', { b: 2 }], 3)").result, Ok(Value::Number(2.0)));
}

#[test]
fn texts_of_exceptions_and_rejections_are_shortened() {
    let big = "const s = 'é'.repeat(1 << 20); ";
    match run(&format!("{big} throw {{ name: s, message: s, stack: s }}")).result {
        Err(Error::Exception(thrown)) => {
            for text in [&thrown.name, &thrown.message, &thrown.stack] {
                assert!(text.len() < 20_000 && text.ends_with('…'), "{}", text.len());
            }
        }
        other => panic!("{other:?}"),
    }
    let outcome = run(&format!("{big} Promise.reject(s); 1"));
    assert!(outcome.logs[0].text.len() < 20_000);
}

#[test]
fn an_import_of_a_name_that_is_no_unicode_throws_an_error() {
    let source = "import('\\ud800').catch((error) => error.name === 'TypeError')";
    assert_eq!(run(source).result, Ok(Value::Bool(true)));
}

#[test]
fn an_error_after_a_missing_module_was_caught_is_itself() {
    let caught =
        "(async () => { try { await import('nope') } catch {} throw new Error('mine') })()";
    match run(caught).result {
        Err(Error::Exception(thrown)) => assert_eq!(thrown.message, "mine"),
        other => panic!("{other:?}"),
    }
    let missing = run("import('nope')").result.unwrap_err();
    assert_eq!(missing.code(), "ERR_MODULE_NOT_FOUND");
}

#[test]
fn a_value_that_nests_too_deep_is_refused_on_its_way_in() {
    let deep = HostFunction::new("deep", |call| {
        let levels = call.arg(0).as_f64().unwrap_or_default() as usize;
        Ok((0..levels).fold(Value::Null, |value, _| Value::Array(vec![value])))
    });
    let mut instance = Instance::new(InstanceConfig::default()).unwrap();
    let image = instance.build(&Plan { hosts: vec![deep], ..Plan::default() }).unwrap();
    let source = "deep(256); try { deep(1000); 'in' } catch (error) { error.name }";
    let source = Some(Source::new("deep.js", source));
    let outcome = instance.run(&image, &Request { source, ..Request::default() });
    assert_eq!(outcome.result, Ok(Value::from("TypeError")));
}

#[test]
fn a_deep_value_at_the_end_of_the_stack_throws_a_range_error() {
    // Threads whose stacks the default limits just fit, so that the run gets no other one.
    for kib in [776, 800, 830] {
        let body = || {
            let outcome = run("let v = 1; for (let i = 0; i < 250; i++) v = { a: v };
                let seen = 0;
                const f = () => {
                    try { f(); } catch (error) {
                        if (seen++ < 50) try { host(v); } catch {}
                        throw error;
                    }
                };
                try { f(); } catch (error) { error.name }");
            assert_eq!(outcome.result, Ok(Value::from("RangeError")));
        };
        let thread = std::thread::Builder::new().stack_size(kib << 10).spawn(body).unwrap();
        thread.join().unwrap();
    }
}

#[test]
fn a_long_chain_of_iterator_helpers_hits_the_stack_limit_and_not_the_stack() {
    for step in
        ["map((x) => x)", "filter((x) => true)", "take(1)", "drop(0)", "flatMap((x) => [x])"]
    {
        let source = format!(
            "let it = [1].values(); for (let i = 0; i < 40000; i++) it = it.{step}; it.next()"
        );
        assert_eq!(run(&source).result.unwrap_err().code(), "ERR_STACK_LIMIT", "{step}");
    }
    for method in ["next", "return"] {
        let source = format!(
            "const w = Object.getPrototypeOf(Iterator.from({{ next() {{}} }})).{method}; \
             let it = Iterator.from({{ next() {{ return {{ done: true }}; }} }}); \
             for (let i = 0; i < 40000; i++) {{ \
                 Object.setPrototypeOf(it, {{ next() {{}}, {method}: w }}); it = Iterator.from(it); \
             }} it.{method}()"
        );
        assert_eq!(run(&source).result.unwrap_err().code(), "ERR_STACK_LIMIT", "{method}");
    }
    let short = "[1, 2, 3].values().map((x) => x * 2).filter((x) => x > 2).toArray().join()";
    assert_eq!(run(short).result, Ok(Value::from("4,6")));
}
