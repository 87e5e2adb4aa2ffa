//! The matrix of leaks: each construct, in each kind of context, ended in each way, leaves nothing. The
//! one test here, since it looks at the process's memory.

mod support;

use std::fs;

use support::World;

/// What a context's script does; `host` lives on, and holds nothing of it.
const CONSTRUCTS: &[&str] = &[
    "var a = { b: [1, 2] }; let c = () => a",
    "globalThis.self2 = globalThis",
    "host",
    "function f() { return f } f.f = f",
    "class A { #p = A; static s = new A(); m() { return this.#p } }",
    "class B extends Array { constructor() { super(); this.b = this } } var bb = new B()",
    "var g = (function* () { const x = {}; yield () => x; })(); g.next()",
    "var ag = (async function* () { yield globalThis })(); ag.next()",
    "(async () => { await host; globalThis.late = 1 })()",
    "(async () => { await new Promise(() => {}); globalThis.never = 1 })()",
    "Promise.resolve(host).then(v => globalThis.v = v)",
    "Promise.reject(globalThis).catch(e => { globalThis.e = e })",
    "Promise.allSettled([1, Promise.reject(2)]).then(r => globalThis.r = r)",
    "var p = Promise.withResolvers(); p.promise.then(() => p)",
    "var m = new Map(); m.set(m, m); m.set(host, m)",
    "var s = new Set([host]); s.add(s); s.values()",
    "var wm = new WeakMap(); wm.set(host, () => wm)",
    "var wm2 = new WeakMap([[host, globalThis]])",
    "var ws = new WeakSet([host]); ws.self = ws",
    "var ref = new WeakRef(host); ref.self = ref; ref.deref()",
    "var fr = new FinalizationRegistry(() => fr); fr.register(host, fr, host)",
    "var fr2 = new FinalizationRegistry(() => fr2); fr2.register({}, globalThis); fr2.register(fr2.t = {}, fr2, fr2.t)",
    "new Proxy({}, { get: () => globalThis }).x; var px = new Proxy(globalThis, {})",
    "var rv = Proxy.revocable({}, { get: () => rv }); rv.revoke()",
    "var u8 = new Uint8Array(1000); u8.self = u8; new DataView(u8.buffer)",
    "var rab = new ArrayBuffer(8, { maxByteLength: 64 }); rab.resize(32); var tracked = new Uint8Array(rab)",
    "/(?<n>a)(b)*/dgu.exec('abab'); 'a1'.matchAll(/[0-9]/g).next()",
    "RegExp.prototype.self = /x/; 'xax'.replace(/a/, () => globalThis)",
    "var date = new Date(); date.d = date",
    "try { null.x } catch (e) { var err = e; e.self = e; e.stack }",
    "Error.prepareStackTrace = (e, s) => s; var frames = new Error().stack",
    "new AggregateError([new Error('a')], 'b', { cause: globalThis }).stack",
    "Symbol('s').description; globalThis[Symbol('key')] = globalThis",
    "Symbol.for('shared'); globalThis[Symbol.for('shared')] = {}",
    "(function () { globalThis.args = arguments })(1, {})",
    "(x => x)`a${host}b`; var tpl = (x => x)`c${1}`",
    "var bound = function () { return this }.bind(globalThis, host); bound()",
    "var it = [1, 2, 3].values().map(x => () => x).filter(x => x); it.next()",
    "Iterator.from({ next: () => ({ done: false, value: it2 }) }); var it2 = {}",
    "var ai = Array.fromAsync([1, 2]); ai.then(v => globalThis.av = v)",
    "Object.defineProperty(globalThis, 'acc', { get: () => globalThis, set(v) {}, configurable: true }); acc; acc = 1",
    "Object.setPrototypeOf(globalThis, { __proto__: null, up: 1 }); up",
    "delete globalThis.Array; delete Object.prototype.toString",
    "Array.prototype.extra = globalThis; Object.prototype.extra2 = () => extra2",
    "Object.freeze(Object.prototype); Object.freeze(Array)",
    "eval('var ev = () => eval'); new Function('return globalThis')()",
    "with ({ x: globalThis }) { var w = () => x }",
    "label: for (const i of [1, 2]) { const f = () => i; globalThis['l' + i] = f; continue label }",
    "var { a: d1, ...rest } = { a: 1, b: globalThis }; var [x1, ...y1] = [host, rest]",
    "switch (1) { case 1: let inner = () => inner; globalThis.sw = inner }",
    "JSON.parse('[{\"a\":{\"b\":1}}]', (k, v) => v); JSON.stringify({ toJSON: () => globalThis.Math })",
    "'x'.repeat(5000).split('').map(c => ({ c }))",
    "10n ** 300n; Object(1n).self = 1; Object(Symbol()).x = 1",
    "structured = [globalThis, [globalThis]]; structured.push(structured)",
    "var getset = { get me() { return this }, set me(v) {} }; getset.me.me = getset",
    "globalThis.then = r => r(1); (async () => globalThis)().catch(() => {})",
    "{ using d = { [Symbol.dispose]() { globalThis.disposed = d } } }",
    "var ds = new DisposableStack(); ds.defer(() => ds); ds.move()",
    "Reflect.construct(Map, [], class X extends Map {}); Reflect.ownKeys(globalThis)",
    "for (let i = 0; i < 50; i++) globalThis['n' + i] = { i, up: globalThis }",
    "Math.self = Math; Reflect.self = globalThis; JSON.self = JSON",
    "host.tmp = () => globalThis; delete host.tmp",
];

/// Kinds of contexts: expressions that make one over `host`.
const KINDS: [&str; 4] = [
    "vm.context({ host })",
    "(v => { v.host = host; return v })(vm.vanilla())",
    "vm.context({ host }, { own: true })",
    "vm.context(new Proxy({ host }, {}))",
];

/// How it ends: the code that its script goes on with, its timeout, and what the host does.
const ENDS: [(&str, i32, &str); 4] = [
    ("", -1, ""),
    ("", -1, "b.disposeContext(c)"),
    ("throw globalThis", -1, ""),
    ("for (;;);", 1, ""),
];

fn resident() -> usize {
    let text = fs::read_to_string("/proc/self/statm").expect("Linux tells a process's memory");
    let pages: usize = text.split(' ').nth(1).expect("two numbers").parse().expect("a number");
    pages * 4096
}

fn round(world: &World) {
    for kind in KINDS {
        for (more, timeout, end) in ENDS {
            world.run(&format!(
                "for (const code of constructs) {{
                   const c = {kind};
                   try {{ vm.run(code + ';\\n{more}', c, {timeout}) }} catch (e) {{}}
                   {end}
                 }}
                 try {{ null.x }} catch {{}}"
            ));
            world.jobs();
            world.collect();
            if world.live() > 0 {
                tell_of_what_stayed(kind, more, timeout, end);
            }
        }
    }
}

/// Panics with the first construct that leaves its context alive.
fn tell_of_what_stayed(kind: &str, more: &str, timeout: i32, end: &str) {
    for code in CONSTRUCTS {
        let world = World::new();
        world.run(&format!(
            "globalThis.host = {{}}; {{ const c = {kind}; try {{ vm.run({:?}, c, {timeout}) }} catch {{}} {end} }} try {{ null.x }} catch {{}}",
            format!("{code};\n{more}")
        ));
        world.jobs();
        world.collect();
        assert_eq!(world.live(), 0, "{code}, in {kind}, {more} {end}");
    }
    panic!("in {kind}, {more} {end}: together only");
}

#[test]
fn every_construct_in_every_kind_of_context_leaves_nothing_however_it_ends() {
    let world = World::new();
    world.run("globalThis.host = {}");
    world.run(&format!("globalThis.constructs = {CONSTRUCTS:?}"));
    for _ in 0..2 {
        round(&world);
    }
    let (before, resident_before) = (world.heap(), resident());
    for _ in 0..3 {
        round(&world);
    }
    let (after, resident_after) = (world.heap(), resident());
    assert!(after.count <= before.count + 8, "{before:?} {after:?}");
    assert!(after.size <= before.size + 4096, "{before:?} {after:?}");
    // Builds that look for uses of freed memory keep it back.
    let kept_back = ["poisoned", "AddressSanitizer"];
    if !kept_back.iter().any(|flavour| sandtide_quickjs::identity().contains(flavour)) {
        assert!(
            resident_after <= resident_before + (2 << 20),
            "{resident_before} {resident_after}"
        );
    }
}
