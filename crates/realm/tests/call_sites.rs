//! What call sites tell: places, never a function or a receiver, in the main realm and in contexts.

mod support;

use support::World;

#[test]
fn call_sites_hand_out_no_function_and_no_receiver() {
    let world = World::new();
    let look = "
        const seen = [];
        Error.prepareStackTrace = (error, sites) => {
          for (const site of sites) seen.push(typeof site.getFunction(), typeof site.getThis());
          return '';
        };
        [1].map(function () { new Error().stack; });
        (async () => { await 1; })();
        [...new Set(seen)].join() + (seen.length > 4)";
    for code in
        [format!("(() => {{ return eval({look:?}) }})()"), format!("vm.new({look:?}, {{}})")]
    {
        assert_eq!(world.eval::<String>(&code), "undefinedtrue");
    }
}

#[test]
fn code_from_strings_is_called_by_its_name_or_by_where_it_was_compiled() {
    let world = World::new();
    let first_frame = |code: &str| {
        let look = format!("try {{ {code} }} catch (e) {{ e.stack.split('\\n')[1].trim() }}");
        world.eval::<String>(&look)
    };
    let named = "eval('throw new Error(1)\\n//# sourceURL=named.js')";
    assert_eq!(first_frame(named), "at eval (named.js:1:7)");
    let unnamed = first_frame("(function f() { eval('throw new Error(1)') })()");
    assert!(unnamed.starts_with("at eval (eval at f ("), "{unnamed}");
    assert!(unnamed.ends_with("), <anonymous>:1:7)"), "{unnamed}");
    let made = first_frame("new Function('throw new Error(1)')()");
    assert!(made.ends_with(", <anonymous>:3:7)"), "{made}");
    let in_context = first_frame("vm.new('eval(\"throw new Error(1)\")', {})");
    assert!(in_context.starts_with("at eval (eval at <anonymous> ("), "{in_context}");
}

#[test]
fn code_that_compiles_code_again_and_again_is_not_called_ever_longer() {
    let world = World::new();
    let length = world.eval::<i32>(
        "let f = eval('(c) => (0, eval)(c)');
         for (let i = 0; i < 300; i++) f = f('(c) => (0, eval)(c)');
         try { f('throw new Error(1)') } catch (e) { e.stack.split('\\n')[1].length }",
    );
    assert!((500..1500).contains(&length), "{length}");
}

#[test]
fn errors_get_no_stack_where_the_limit_of_their_realm_is_no_number() {
    let world = World::new();
    let look = "
        const seen = [];
        const ask = () => seen.push(new Error('a').stack === undefined);
        ask();
        for (const limit of ['1', null, undefined, {}, 1n, { valueOf() { seen.push(9); return 5 } }]) {
          Error.stackTraceLimit = limit;
          ask();
        }
        Error.stackTraceLimit = 1;
        ask();
        delete Error.stackTraceLimit;
        ask();
        Object.defineProperty(Error, 'stackTraceLimit', { get() { throw 1 }, configurable: true });
        ask();
        delete Error.stackTraceLimit;
        Object.setPrototypeOf(Error, { stackTraceLimit: 2 });
        ask();
        seen.map(Number).join('')";
    let expected = "01111110110";
    assert_eq!(world.eval::<String>(&format!("(() => {{ return eval({look:?}) }})()")), expected);
    // The main realm's is gone by now, and says nothing of another's.
    assert_eq!(world.eval::<String>(&format!("vm.new({look:?}, {{}})")), expected);
}
