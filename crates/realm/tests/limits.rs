//! Limits of time and memory, and what is left when they end a run.

mod support;

use support::World;

#[test]
fn a_context_over_its_memory_limit_is_ended_whatever_it_catches() {
    let world = World::new();
    world.run(
        "globalThis.codes = [];
         for (const code of ['let a = []; for (;;) a.push({})', 'for (;;) try { let a = []; for (;;) a.push({}) } catch {}',
                             'let a = []; for (;;) a.push(\"x\".repeat(1000) + a.length)', 'let a = []; try { for (;;) a.push([1]) } finally { for (;;); }',
                             'new Array(1e7).fill({})', 'function r(x) { return r([x, {}]) + 1 } for (;;) try { r() } catch {}'])
           try { vm.run(code, vm.context({}, { limit: 300_000 })) } catch (e) { codes.push(e.code) }",
    );
    assert_eq!(world.json("codes"), as_json(&["ERR_CONTEXT_MEMORY_LIMIT"; 6]));
    world.run("codes = undefined; try { null.x } catch {}");
    world.collect();
    assert_eq!(world.live(), 0);
}

fn as_json(items: &[&str]) -> String {
    format!("[{}]", items.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join(","))
}

const CODE: &[&str] = &[
    "keep(() => 1); var x = { a: [1, 2, {}] }",
    "Object.freeze(Array); Object.freeze(Object.prototype)",
    "keep(Array.fromAsync([1])); keep(Iterator.zip([[1], [2]]))",
    "keep((function () {}).bind(null, 1, 2))",
    "class A { #p = 1; static s = {} } keep(new A)",
    "keep(new Map([[{}, 1]])); keep(new WeakRef({}))",
    "keep(new Error('x').stack); keep(/a(b)/.exec('ab'))",
    "eval('keep(function () { for (let i = 0; i < 9; i++) try { i } finally { i } })')",
    "keep(new Function('a', 'b', 'switch (a) { case 1: return b; default: return () => a }'))",
    "(async () => { await keep(1); keep(2) })(); keep((function* () { yield 1 })().next())",
    "this['n' + Math.random()] = Symbol('x'); keep(JSON.parse('[{\"a\":1}]'))",
    "for (const k of Reflect.ownKeys(globalThis)) try { keep(globalThis[k].prototype) } catch {}",
    "run('x = {}; keep(() => x)', make({ keep }))",
    "Object.setPrototypeOf({}, { a: 1 }); Object.create(Object.setPrototypeOf([], { get a() { return 1 } }))",
];

#[test]
fn a_memory_limit_may_strike_anywhere() {
    let world = World::new();
    world.run(
        "globalThis.strike = (code, limit) => {
           let kept;
           const box = { keep: v => kept = v, make: s => vm.context(s), run: vm.run };
           try { vm.run(code, vm.context(box, { limit })) } catch {}
         }",
    );
    for code in CODE {
        let mut limit = 100;
        while limit < 60_000 {
            world.run(&format!("strike({code:?}, {limit})"));
            limit += limit / 16 + 40;
        }
        world.jobs();
        // the last error that was thrown is kept until the next
        world.run("try { null.x } catch {}");
        world.collect();
        assert_eq!(world.live(), 0, "{code}");
    }
}

#[test]
fn the_heaps_limit_may_strike_anywhere_in_a_run() {
    let world = World::new();
    world.run("vm.new('1'); vm.vanilla(); globalThis.kept = undefined");
    for code in CODE {
        world.run(&format!("globalThis.s = vm.script({code:?})"));
        let mut room = 100;
        while room < 80_000 {
            world.run("globalThis.c = vm.context({ keep: v => kept = v, make: s => vm.context(s), run: vm.run })");
            world.set_memory_limit(usize::try_from(world.heap().size).unwrap() + room);
            let _ended = world.try_run("vm.start(s, c)");
            world.set_memory_limit(0);
            room += room / 12 + 60;
        }
        world.run("c = s = kept = undefined; try { null.x } catch {}");
        world.jobs();
        world.run("kept = undefined; try { null.x } catch {}");
        world.collect();
        assert_eq!(world.live(), 0, "{code}");
    }
}

#[test]
fn the_first_context_of_its_kind_may_be_made_under_a_limit() {
    for limit in [100, 1_000, 3_000, 10_000, 20_000, 40_000] {
        let world = World::new();
        world.run(&format!(
            "globalThis.code = (() => {{
               try {{ return typeof vm.run('make()', vm.context({{ make: vm.vanilla }}, {{ limit: {limit} }})) }} catch (e) {{ return e.code }}
             }})()"
        ));
        assert_eq!(world.json("code"), "\"ERR_CONTEXT_MEMORY_LIMIT\"");
        assert_eq!(world.json("vm.run('[1, 2].map(x => x + 1)', vm.vanilla())"), "[2,3]");
    }
}

#[test]
fn a_script_whose_run_found_no_memory_runs_again() {
    let world = World::new();
    world.run("globalThis.s = vm.script('globalThis.f = () => 1; let a = []; for (let i = 0; i < n; i++) a.push({}); a.length')");
    for limit in (500..40_000).step_by(700) {
        world.run(&format!(
            "try {{ vm.start(s, vm.context({{ n: 1e5 }}, {{ limit: {limit} }})) }} catch {{}}"
        ));
        assert_eq!(world.json("vm.start(s, vm.context({ n: 3 }))"), "3");
    }
}

#[test]
fn code_with_template_objects_is_copied_under_any_limit() {
    let world = World::new();
    world.run("globalThis.code = n => `var v${n} = (s => s)\\`a${'\\\\n'.repeat(n % 9)}\\`; (x => x)\\`b\\`; v${n}.raw.length`");
    for limit in (500..30_000).step_by(211) {
        world.run(&format!(
            "globalThis.s = vm.script(code({limit}));
             try {{ vm.start(s, vm.context({{}}, {{ limit: {limit} }})) }} catch {{}}"
        ));
        assert_eq!(world.json("vm.start(s, vm.context({}))"), "1");
    }
}

#[test]
fn a_timeout_ends_nested_runs_and_leaves_nothing() {
    let world = World::new();
    world.run(
        "globalThis.codes = [];
         const run = (code, sandbox, timeout) => { try { vm.run(code, vm.context(sandbox), timeout) } catch (e) { codes.push(e.code) } };
         run('for (;;);', {}, 5);
         run('for (;;) try { for (;;); } catch {} finally { continue }', {}, 5);
         run('inner()', { inner: () => vm.new('for (;;);') }, 5);
         run('inner()', { inner: () => vm.run('for (;;);', vm.context({}), 5) }, 10_000);
         run('/(x+x+)+y/.test(\"x\".repeat(40))', {}, 5);
         run('Promise.resolve().then(() => { for (;;); }); 1', {}, 5)",
    );
    assert_eq!(world.json("codes"), as_json(&["ERR_SCRIPT_EXECUTION_TIMEOUT"; 5]));
    world.run("codes = undefined; try { null.x } catch {}");
}

#[test]
fn a_stack_that_is_too_deep_ends_a_chain_of_globals() {
    let world = World::new();
    world.run(
        "globalThis.last = vm.context({ deep: 1 });
         for (let i = 0; i < 3000; i++) last = vm.context(vm.run('this', last));
         globalThis.ends = ['x1 = 1', 'typeof x2', 'delete globalThis.x3', '\"x4\" in globalThis', 'Object.keys(globalThis)',
                            'Object.defineProperty(globalThis, \"x5\", { value: 1 })', 'Object.getOwnPropertyDescriptor(globalThis, \"x6\")']
           .map(code => { try { vm.run(code, last); return 'done' } catch (e) { return e.name } })",
    );
    assert_eq!(world.json("ends.every(end => end === 'done' || end === 'RangeError')"), "true");
    world.run("last = undefined");
    world.collect();
    assert_eq!(world.live(), 0);
}
