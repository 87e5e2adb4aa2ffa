//! How long contexts live.

mod support;

use support::World;

#[test]
fn a_context_goes_with_the_last_reference_to_its_sandbox() {
    let world = World::new();
    world.run("globalThis.kept = vm.context({ a: 1 })");
    assert_eq!(world.live(), 1);
    world.run("kept = undefined");
    assert_eq!(world.live(), 0);
    assert_eq!(world.heap().released, 1);
}

#[test]
fn a_context_that_ran_code_goes_as_well_without_a_collection() {
    let world = World::new();
    world.run("vm.new('var x = { y: [1, 2] }; let z = () => x; class C { #p = z } function f() { return f }')");
    assert_eq!(world.live(), 0);
    assert_eq!(world.heap().collected, 0);
}

#[test]
fn a_sandbox_reached_in_the_middle_of_a_change_to_the_heap_leaves_it_whole() {
    // The old prototype, and with it the sandbox, goes before the new one is in place.
    let world = World::new();
    world.run(
        "for (let i = 0; i < 50; i++) {
           const sandbox = vm.context({});
           let o = vm.run('var o = {}; o', sandbox);
           sandbox.holder = Object.setPrototypeOf({}, o);
           let outside = vm.run('Object.setPrototypeOf({}, { __proto__: null, s: 1 })', sandbox);
           Object.getPrototypeOf(outside).sandbox = sandbox;
           sandbox.outside = outside;
           o = null;
           Object.setPrototypeOf(outside, null);
         }",
    );
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn a_context_whose_function_is_kept_outlives_its_sandbox_and_goes_at_a_later_turn() {
    let world = World::new();
    world.run("globalThis.count = vm.new('let n = 0; () => ++n')");
    assert_eq!(world.live(), 1);
    assert_eq!(world.json("[count(), count()]"), "[1,2]");
    world.turn();
    assert_eq!(world.live(), 1);
    world.run("count = undefined");
    for _ in 0..8 {
        world.turn();
    }
    assert_eq!(world.live(), 0);
    assert_eq!(world.heap().collected, 0);
}

#[test]
fn a_context_whose_sandbox_holds_itself_goes_at_once() {
    let world = World::new();
    world.run(
        "{ const s = {}; vm.context(s); vm.run('this.self = globalThis; f = () => self', s) }",
    );
    assert_eq!(world.live(), 0);
}

#[test]
fn cycles_through_the_main_context_are_found_by_a_collection_and_counted() {
    let world = World::new();
    world.run("{ const s = {}; s.outside = { s }; vm.context(s) }");
    assert_eq!(world.live(), 1);
    world.collect();
    assert_eq!(world.live(), 0);
    assert_eq!((world.heap().released, world.heap().collected), (0, 1));
}

#[test]
fn cycles_of_two_contexts_are_found_by_a_collection() {
    let world = World::new();
    world.run(
        "{ const one = vm.context({}), two = vm.context({});
           one.f = vm.run('() => 1', two); two.f = vm.run('() => 2', one);
           one.two = two; two.one = one; }",
    );
    assert_eq!(world.live(), 2);
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn cycles_of_vanilla_and_disposed_contexts_are_found_by_a_collection() {
    let world = World::new();
    world.run(
        "{ const vanilla = vm.vanilla(), disposed = vm.context({});
           const array = vm.run('Array', disposed);
           array.vanilla = vanilla; vanilla.Map.array = array;
           b.disposeContext(disposed); }",
    );
    assert_eq!(world.live(), 2);
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn a_collection_leaves_what_is_in_use() {
    let world = World::new();
    world.run("globalThis.s = vm.context({ v: 1 }); globalThis.g = vm.vanilla(); vm.run('var k = { v }', s)");
    for _ in 0..3 {
        world.collect();
    }
    assert_eq!(world.live(), 2);
    assert_eq!(world.json("[vm.run('k', s), vm.run('typeof Map', g)]"), r#"[{"v":1},"function"]"#);
}

#[test]
fn what_a_context_changed_of_the_language_is_as_new_in_the_next() {
    let world = World::new();
    world.run(
        "vm.new(`Array.prototype.push = null; Object.prototype.mine = {}; Math.x = () => Math;
                 Map.prototype[Symbol.toStringTag]; delete globalThis.Set; Array.prototype.length = 3;
                 Object.defineProperty(Map.prototype, Symbol.toStringTag, { value: 'mine' });
                 Object.setPrototypeOf(Function.prototype, null); Object.freeze(Promise);
                 for (const k of Reflect.ownKeys(String.prototype)) delete String.prototype[k];`)",
    );
    assert_eq!(world.live(), 0);
    let fresh = "[typeof [].push, typeof ({}).mine, typeof Math.x, typeof Set, [].length, String(new Map()),
                  (() => 1).hasOwnProperty('name'), Object.isFrozen(Promise), 'a'.toUpperCase()]";
    assert_eq!(
        world.json(&format!("vm.new({fresh:?})")),
        r#"["function","undefined","undefined","function",0,"[object Map]",true,false,"A"]"#
    );
}

#[test]
fn what_the_language_of_a_context_was_given_from_outside_goes_with_it() {
    let world = World::new();
    world.run(
        "globalThis.weak = [];
         const give = value => (weak.push(new WeakRef(value)), value);
         for (const code of ['Error.prepareStackTrace = give(); new Error().stack', 'Error.prepareStackTrace = give(1); new Error().stack', 'Error.stackTraceLimit = give(1); new Error()',
                             'Array.prototype.x = give()', 'Object.setPrototypeOf(Object.getPrototypeOf(globalThis), give())',
                             'Object.defineProperty(Math, \"y\", { get: give() })', 'Array.prototype.push(give())',
                             'let z = give(); var w = give(); this.s = give()', 'Promise.prototype.then = give()',
                             'new WeakMap([[Math, give()]])', 'globalThis.Map = give()'])
           vm.new(code, { give: object => give(object ? {} : () => 1) });",
    );
    // the last value of a loop is kept until it ends
    world.turn();
    assert_eq!(world.live(), 0);
    assert_eq!(world.json("[weak.length, weak.filter(ref => ref.deref()).length]"), "[13,0]");
}

#[test]
fn ten_thousand_contexts_leave_the_heap_as_it_was() {
    let world = World::new();
    let many = "for (let i = 0; i < 5000; i++) {
                  vm.new(`Array.prototype.foo = [].map; var m = new Map([[{}, /x/.exec('yx')]]);
                          class A { #x = 1; get y() { return this.#x } } e = new Error('x'); e.stack;
                          p = Promise.resolve(new A().y); s = Symbol('s'); this[s] = 1n ** 70n`);
                  vm.context({ i });
                }";
    world.run("vm.new('1')");
    world.run(many);
    world.jobs();
    let before = world.heap();
    world.run(many);
    world.jobs();
    let after = world.heap();
    assert_eq!(after.created, before.created + 10_000);
    assert_eq!((after.contexts, after.count, after.size), (0, before.count, before.size));
}

#[test]
fn a_disposed_context_frees_its_scripts_memory_and_runs_no_more() {
    let world = World::new();
    world.run("globalThis.s = vm.context({}); vm.run('function f() {} var x = 1', s); b.disposeContext(s)");
    assert_eq!(
        world.json("(() => { try { vm.run('1', s) } catch (e) { return e.code } })()"),
        "\"ERR_CONTEXT_DISPOSED\""
    );
    world.run("delete s.f");
    for _ in 0..4 {
        world.turn();
    }
    assert_eq!(world.live(), 0);
    assert_eq!(world.json("[b.isContext(s), Object.keys(s)]"), r#"[true,["x"]]"#);
}

#[test]
fn a_context_disposed_of_while_it_runs_ends_its_run_first() {
    let world = World::new();
    world.run("{ const s = { end: () => b.disposeContext(s) }; globalThis.r = vm.run('x = 1; end(); [x, typeof Map]', vm.context(s)) }");
    assert_eq!(world.json("r"), r#"[1,"function"]"#);
    world.run("{ const s = { get end() { b.disposeContext(s); return 1 } }; vm.context(s); globalThis.f = vm.run('() => end + 1', s) }");
    assert_eq!(world.json("f()"), "2");
    world.run("r = f = undefined");
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn contexts_within_contexts_go_together() {
    let world = World::new();
    world.run(
        "function nest(depth) {
           const s = { depth, nest: depth ? () => nest(depth - 1) : undefined };
           vm.context(s);
           vm.run('var inner = nest && nest(); var f = () => [depth, inner && inner.f]', s);
           return s;
         }
         globalThis.outer = nest(10)",
    );
    assert_eq!(world.live(), 11);
    world.run("outer = undefined");
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn an_object_of_one_context_may_be_the_sandbox_of_another() {
    let world = World::new();
    world.run(
        "{ const one = vm.context({});
           const inner = vm.context(vm.run('({ a: 1 })', one)), math = vm.context(vm.run('Math', one));
           const self = vm.context(vm.run('globalThis', one));
           globalThis.seen = [vm.run('a', inner), vm.run('typeof abs', math), vm.run('typeof Map', self)];
           vm.run('b = { c: () => b }', inner); vm.run('b = () => b', math); vm.run('b = () => b', self); }",
    );
    assert_eq!(world.json("seen"), r#"[1,"function","function"]"#);
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn a_runtime_goes_with_contexts_of_all_kinds_still_alive() {
    for _ in 0..3 {
        let world = World::new();
        world.run(
            "globalThis.all = [vm.context({}), vm.vanilla(), vm.new('() => 1'), vm.new('(function*() { yield 1 })()')];
             b.disposeContext(all[0]); Promise.resolve().then(() => all);
             vm.run('Promise.resolve().then(() => 1)', vm.context({}, { own: true }))",
        );
    }
}

#[test]
fn runtimes_side_by_side_keep_their_own_symbols() {
    // The names that a runtime need not count are its own, not the process's.
    let worlds: Vec<World> = (0..3).map(|_| World::new()).collect();
    for world in &worlds {
        world.run(
            "globalThis.objects = [];
             for (let i = 0; i < 2000; i++) objects.push({ [Symbol('s')]: 1, ['n' + i]: 1 });
             for (let i = 0; i < 2000; i++) Symbol('other' + i);",
        );
        assert_eq!(
            world.json("objects.every((o, i) => String(Object.getOwnPropertySymbols(o)[0]) === 'Symbol(s)' && Object.keys(o)[0] === 'n' + i)"),
            "true"
        );
    }
}

#[test]
fn contexts_are_made_by_copying_a_template() {
    let world = World::new();
    let before = world.heap();
    world.eval::<()>("for (let i = 0; i < 10; i++) { vm.new('1 + 1', {}); vm.vanilla(); }");
    let after = world.heap();
    assert_eq!(after.created - before.created, 20);
    assert_eq!(after.copied - before.copied, 20);
}
