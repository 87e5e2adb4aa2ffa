//! Whatever is kept of a context keeps the context, and works as before.

mod support;

use support::World;

/// Expressions for a context, and what is asked of the value outside, which must be `true`.
const VALUES: &[(&str, &str)] = &[
    ("() => globalThis.mark", "kept() === 7"),
    ("(class { #p = 7; get p() { return this.#p } })", "new kept().p === 7"),
    ("new (class { m() { return mark } })", "kept.m() === 7"),
    ("({ a: [1, { b: 2 }] })", "kept.a[1].b === 2 && kept.hasOwnProperty('a')"),
    ("[1, 2, 3]", "kept.map(x => x * 2).join() === '2,4,6'"),
    (
        "(function* () { yield mark; yield 8 })()",
        "kept.next().value === 7 && kept.next().value === 8",
    ),
    (
        "{ const g = (function* () { let x = mark; yield () => x; })(); g.next(); g }",
        "kept.next().done",
    ),
    ("(async function* () { yield mark })()", "kept.next() instanceof Object === false"),
    ("(async () => mark)", "u.getPromiseDetails(kept())[1] === 7"),
    ("new Promise(r => { globalThis.r = r })", "u.getPromiseDetails(kept)[0] === 0"),
    ("Promise.resolve(mark)", "u.getPromiseDetails(kept)[1] === 7"),
    ("new Map([[{}, mark]])", "[...kept.values()][0] === 7"),
    ("new Map([[1, mark]]).entries()", "kept.next().value[1] === 7"),
    ("new Set([mark])", "kept.has(7)"),
    ("new WeakMap()", "(k => kept.set(k, 7).get(k))({}) === 7"),
    ("new WeakRef(globalThis)", "kept.deref().mark === 7"),
    ("new FinalizationRegistry(() => mark)", "kept.register({}, 1) === undefined"),
    ("new Proxy({}, { get: () => mark })", "kept.anything === 7"),
    ("Proxy.revocable({}, {})", "(kept.revoke(), u.getProxyDetails(kept.proxy)[0]) === null"),
    ("new Uint8Array([mark, 1])", "kept.subarray(0, 1)[0] === 7"),
    ("new DataView(new ArrayBuffer(8))", "(kept.setInt8(0, 7), kept.getInt8(0)) === 7"),
    ("new ArrayBuffer(8, { maxByteLength: 16 })", "(kept.resize(16), kept.byteLength) === 16"),
    ("/(?<n>a+)/dg", "kept.exec('aa').groups.n === 'aa'"),
    ("'a1b2'.matchAll(/[0-9]/g)", "kept.next().value[0] === '1'"),
    ("new Date(7)", "kept.getTime() === 7"),
    ("new Error('seven')", "kept.stack.includes('Error: seven')"),
    ("(() => { try { nope } catch (e) { return e } })()", "kept.name === 'ReferenceError'"),
    ("new AggregateError([new Error('x')])", "kept.errors[0].message === 'x'"),
    ("Object(Symbol('seven'))", "kept.description === 'seven'"),
    ("Object(7n)", "kept + 1n === 8n"),
    ("(function () { return arguments })(7)", "kept[0] === 7"),
    ("((...a) => a)`x${mark}`", "kept[1] === 7 && kept[0].raw[0] === 'x'"),
    ("(function () { return this.mark }).bind({ mark })", "kept() === 7"),
    ("[1, 2].values().map(x => x + mark)", "kept.next().value === 8"),
    ("Iterator.from({ next: () => ({ done: false, value: mark }) })", "kept.next().value === 7"),
    ("Array.prototype", "kept.map.call([1], x => x + 6)[0] === 7"),
    ("Array.prototype.map", "kept.call([1], x => x + 6)[0] === 7"),
    ("Object.getOwnPropertyDescriptor(Map.prototype, 'size').get", "kept.call(new Map()) === 0"),
    ("Function", "kept('return globalThis.mark')() === 7"),
    ("eval", "kept('mark') === 7"),
    ("globalThis", "kept.mark === 7 && typeof kept.Map === 'function'"),
    ("Object.create(globalThis)", "kept.mark === 7"),
    ("Math", "kept.max(1, 7) === 7"),
    ("JSON.parse('{\"a\":[7]}')", "kept.a[0] === 7"),
    ("Object.defineProperty({}, 'x', { get: () => mark })", "kept.x === 7"),
    ("new (class extends Array {})", "kept.push(7) === 1"),
];

#[test]
fn every_kind_of_value_kept_outside_keeps_its_context_alive_and_working() {
    for (make, works) in VALUES {
        let world = World::new();
        world.run(&format!("globalThis.kept = vm.new({:?})", format!("var mark = 7; {make}")));
        for _ in 0..3 {
            world.turn();
            world.collect();
            // What was freed too early would be overwritten by these.
            world.run("for (let i = 0; i < 40; i++) vm.new('var fill = [{}, {}, () => 1]; Array.prototype.x = 1')");
        }
        assert_eq!(world.live(), 1, "{make}");
        assert!(world.eval::<bool>(works), "{make}: {works}");
        world.run("kept = undefined");
        world.jobs();
        world.collect();
        assert_eq!(world.live(), 0, "{make}");
    }
}

#[test]
fn every_kind_of_value_goes_with_its_context() {
    for (make, _) in VALUES {
        let world = World::new();
        world.run(&format!(
            "vm.new({:?})",
            format!("var mark = 7; var value = {make}", make = make.trim_start_matches("{ "))
                .replace("var value = const", "{ const")
        ));
        world.jobs();
        for _ in 0..8 {
            world.turn();
        }
        assert_eq!((world.live(), world.heap().collected), (0, 0), "{make}");
    }
}

#[test]
fn what_leads_nowhere_may_outlive_its_context() {
    let world = World::new();
    world.run(
        "globalThis.kept = vm.new('Object.assign(Object.create(null), { a: 1, b: \"two\" })')",
    );
    world.turn();
    assert_eq!(world.live(), 0);
    world.run("for (let i = 0; i < 40; i++) vm.new('var fill = Object.create(null); fill.a = {}')");
    assert_eq!(world.json("kept"), r#"{"a":1,"b":"two"}"#);
}

#[test]
fn weak_references_to_a_context_let_it_go_and_are_told() {
    let world = World::new();
    world.run(
        "globalThis.told = [];
         globalThis.registry = new FinalizationRegistry(x => told.push(x));
         { const s = vm.context({}); globalThis.weak = new WeakRef(s); registry.register(s, 'sandbox');
           registry.register(vm.run('var o = {}; o.o = o; o', s), 'object');
           globalThis.map = new WeakMap([[vm.run('Array', s), {}]]); }",
    );
    // The reference keeps it until the job ends.
    assert_eq!(world.live(), 1);
    world.jobs();
    world.turn();
    assert_eq!(world.live(), 0);
    world.jobs();
    assert_eq!(
        world.json("[told.sort(), weak.deref() === undefined]"),
        r#"[["object","sandbox"],true]"#
    );
}

#[test]
fn a_registry_of_a_context_that_goes_calls_nothing_there() {
    let world = World::new();
    world.run(
        "globalThis.calls = 0;
         for (let i = 0; i < 30; i++)
           vm.new(`var registry = new FinalizationRegistry(call), o = {}; o.o = o; registry.register(o, 1);
                   let last = {}; registry.register(last, o)`, { call: () => calls++ });",
    );
    world.jobs();
    assert_eq!((world.json("calls").as_str(), world.live()), ("0", 0));
}

#[test]
fn a_registry_without_a_prototype_still_holds_its_context() {
    let world = World::new();
    world.run(
        "globalThis.told = 0;
         globalThis.kept = vm.new('Object.setPrototypeOf(new FinalizationRegistry(call), null)', { call: () => told++ });",
    );
    world.turn();
    world.run("FinalizationRegistry.prototype.register.call(kept, {}, 1)");
    world.jobs();
    assert_eq!(world.json("told"), "1");
}
