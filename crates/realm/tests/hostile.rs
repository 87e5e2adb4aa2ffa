//! Getters, traps, conversions and iterators that do the worst while the native side is at work: drop
//! what it uses, dispose of the context, contextify, link, collect. Nothing may crash; what is left of
//! the contexts goes. With the feature `sandtide-quickjs/poison` each use of freed memory shows.

mod support;

use rquickjs::{Context, Runtime};
use sandtide_realm::Binding;
use support::World;

/// `deeds(i)` does the `i`th of the worst things; `spray` takes the memory of what was dropped.
const HOST: &str = r#"
globalThis.spray = () => { globalThis.sprayed = []; for (let i = 0; i < 60; i++) sprayed.push({ a: i }, new Proxy({ x: 'another' }, {})) };
globalThis.box = undefined;
globalThis.deeds = [
  () => { Object.setPrototypeOf(box, null); spray() },
  () => { vm.run('Object.setPrototypeOf(Object.getPrototypeOf(globalThis) ?? {}, null); Object.setPrototypeOf(globalThis, null)', box); spray() },
  () => { b.disposeContext(box); spray() },
  () => { globalThis.box = undefined; gc(); spray() },
  () => { b.disposeContext(box); globalThis.box = undefined; gc(); spray() },
  () => { vm.run('for (const k of Reflect.ownKeys(globalThis)) try { delete globalThis[k] } catch {}', box); gc(); spray() },
  () => { for (let i = 0; i < 3; i++) vm.context({ up: box }); gc() },
  () => { throw new Error('from a trap') },
];
globalThis.nasty = (target, trap, deed, getter) => {
  let left = 1;
  const act = () => { if (left-- > 0) deeds[deed]() };
  if (getter) return new Proxy(target, { get [trap]() { act(); return undefined } });
  return new Proxy(target, { [trap](...args) { act(); return Reflect[trap](...args) } });
};
globalThis.attempt = (place, trap, deed, getter, code) => {
  const bad = nasty({ x: 1, get y() { return 2 } }, trap, deed, getter);
  if (place === 0) box = bad;
  else if (place === 1) box = Object.create(bad);
  else if (place === 2) box = Object.create(Object.create(bad, { z: { get() { return 3 } } }));
  else box = {};
  box = vm.context(box);
  if (place === 3) { box.bad = bad; vm.run('Object.setPrototypeOf(globalThis, bad)', box) }
  const script = vm.script(code);
  try { vm.start(script, box, 500) } catch {}
  box = undefined;
};
"#;

const TRAPS: [&str; 8] = [
    "get",
    "set",
    "has",
    "deleteProperty",
    "ownKeys",
    "getOwnPropertyDescriptor",
    "defineProperty",
    "getPrototypeOf",
];

const CODES: &[&str] = &[
    "x",
    "typeof nope",
    "y; z",
    "x = 5; typeof x",
    "'use strict'; x = 5",
    "y = 5",
    "'x' in globalThis; 'nope' in globalThis",
    "delete globalThis.x",
    "Object.keys(globalThis); for (const k in globalThis);",
    "Object.getOwnPropertyDescriptor(globalThis, 'x')",
    "Object.defineProperty(globalThis, 'x', { value: 1 })",
    "Object.defineProperty(globalThis, 'w', { get: () => 1, configurable: true }); w",
    "var x; var v = x",
    "function x() {} x()",
    "let l = x; class C { a = x }",
    "globalThis.x = { x }; Object.create(globalThis).x = 1",
    "Reflect.set(globalThis, 'x', 1, {}); Reflect.get(globalThis, 'x', {})",
    "eval('var x = y'); new Function('return x')()",
];

#[test]
fn traps_that_drop_what_a_global_is_looked_up_in_end_in_a_value_or_an_error() {
    let world = World::new();
    world.run(HOST);
    for code in CODES {
        world.run(&format!(
            "for (const trap of {TRAPS:?}) for (let place = 0; place < 4; place++)
               for (let deed = 0; deed < deeds.length; deed++) for (const getter of [false, true])
                 attempt(place, trap, deed, getter, {code:?})"
        ));
        world.jobs();
        world.collect();
        assert_eq!(world.live(), 0, "{code}");
    }
}

#[test]
fn what_traps_drop_is_still_what_was_asked() {
    let world = World::new();
    world.run(HOST);
    world.run("globalThis.answers = [];");
    world.run(
        "{ const s = vm.context({});
           Object.setPrototypeOf(s, new Proxy({ x: 1 }, { get get() { Object.setPrototypeOf(s, null); spray() } }));
           answers.push(vm.run('x', s)) }
         { const s = vm.context({ drop: () => spray() });
           answers.push(vm.run(`Object.setPrototypeOf(globalThis, new Proxy({}, {
             has(t, k) { if (k === 'nope') { Object.setPrototypeOf(globalThis, null); drop(); return true } return k in t },
             get: () => 'got' })); nope`, s)) }
         { const s = vm.context({});
           Object.setPrototypeOf(s, new Proxy({}, { getOwnPropertyDescriptor() { Object.setPrototypeOf(s, null); spray() } }));
           answers.push(vm.run('x = 5; typeof x', s)) }",
    );
    assert_eq!(world.json("answers"), r#"[1,"got","number"]"#);
}

#[test]
fn an_object_is_contextified_once() {
    let world = World::new();
    world.run(
        "for (let i = 0; i < 50; i++) {
           let o = {};
           const c = b.makeContext(o, 'a', undefined, true, true, false, undefined, { valueOf() { vm.context(o); return 0 } });
           if (c !== o || vm.run('globalThis.n = 1', o) !== 1) throw 1;
           if (vm.context(o) !== o) throw 2;
           const v = vm.vanilla();
           if (vm.context(v) !== v) throw 3;
         }
         undefined",
    );
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn a_function_is_compiled_where_its_context_still_is_when_its_parameters_were_read() {
    let world = World::new();
    world.run(HOST);
    world.run(
        "globalThis.told = new Set();
         for (const which of [0, 1, 2]) for (let deed = 0; deed < deeds.length; deed++) for (let at = 1; at < 6; at++) {
           box = vm.context({});
           const at_ = at; let left = at_;
           const list = (...v) => new Proxy(v, { get(t, k) { if (--left === 0) deeds[deed](); return Reflect.get(t, k) } });
           const text = { toString() { left = 1; if (--left === 0) deeds[deed](); return 'return [a, e]' } };
           try {
             const f = b.compileFunction(which === 2 ? text : 'return [a, e]', 'f.js', 0, 0, undefined, false, box,
                                         which === 1 ? list({ e: 1 }) : [{ e: 1 }], which === 0 ? list('a') : ['a'], undefined).function;
             told.add(f(1).join());
           } catch (e) { told.add(e.code ?? e.message) }
           box = undefined;
         }",
    );
    world.collect();
    assert_eq!(world.live(), 0);
    assert_eq!(world.json("[...told].sort()"), r#"["1,1","ERR_CONTEXT_DISPOSED","from a trap"]"#);
}

#[test]
fn modules_are_made_and_linked_with_what_was_checked() {
    let world = World::new();
    world.run(HOST);
    world.run(
        "for (let deed = 0; deed < deeds.length; deed++) for (let at = 1; at < 5; at++) {
           let left = at;
           const list = (...v) => new Proxy(v, { get(t, k) { if (--left === 0) deeds[deed](); return Reflect.get(t, k) } });
           box = vm.context({});
           try { m.createSyntheticModule('s', box, list('a', 'b'), () => {}) } catch {}
           box = vm.context({});
           try {
             const one = vm.module('export let a = 1', box), two = vm.module('import { a } from \"x\"; globalThis.got = a', box);
             m.link(one, []);
             left = at;
             try { m.link(two, list(one)) } catch {}
             m.instantiate(two);
             m.evaluate(two, -1, false);
           } catch {}
           box = undefined;
         }
         // instantiated by the list that it is linked with
         { const dep = vm.module('export let a = 1', undefined), other = vm.module('export let a = 2', undefined);
           const to = vm.module('import { a } from \"x\"; globalThis.got = a', undefined);
           m.link(dep, []); m.link(other, []); m.link(to, [dep]);
           globalThis.code = undefined;
           try { m.link(to, { length: 1, get 0() { m.instantiate(to); return other } }) } catch (e) { code = e.code }
           m.evaluate(to, -1, false); }",
    );
    world.jobs();
    world.collect();
    assert_eq!(world.json("[got, code]"), r#"[1,"ERR_VM_MODULE_ALREADY_LINKED"]"#);
    assert_eq!(world.live(), 0);
}

#[test]
fn a_module_that_could_not_be_linked_is_linked_to_others_then() {
    let world = World::new();
    world.run(
        "{ const c = vm.context({});
           const without = vm.module('export let z = 1', c), within = vm.module('export let a = 7', c);
           const to = vm.module('import { a } from \"x\"; globalThis.got = a', c);
           m.link(without, []); m.link(within, []); m.link(to, [without]);
           try { m.instantiate(to); throw 1 } catch (e) { if (e === 1) throw e }
           m.link(to, [within]); m.instantiate(to); m.evaluate(to, -1, false);
           globalThis.got = c.got }",
    );
    world.jobs();
    world.collect();
    assert_eq!((world.json("got").as_str(), world.live()), ("7", 0));
}

#[test]
fn measuring_memory_stands_a_collection_while_it_is_told() {
    let world = World::new();
    world.run(
        "globalThis.ballast = [];
         for (let i = 0; i < 200; i++) {
           const s = {}, o = { s };
           vm.context(s); s.o = o; o.f = vm.run('(function () {})', s);
         }
         for (let i = 0; i < 400; i++) { ballast.push('y'.repeat(3000) + i); b.measureMemory() }",
    );
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn another_context_of_the_runtime_uses_the_bindings_after_the_first_was_dropped() {
    let runtime = Runtime::new().unwrap();
    let first = Context::full(&runtime).unwrap();
    first.with(|ctx| sandtide_realm::install(&ctx).unwrap());
    let second = Context::full(&runtime).unwrap();
    drop(first);
    runtime.run_gc();
    second.with(|ctx| {
        let globals = ctx.globals();
        globals.set("b", sandtide_realm::binding(&ctx, Binding::Contextify).unwrap()).unwrap();
        globals.set("m", sandtide_realm::binding(&ctx, Binding::ModuleWrap).unwrap()).unwrap();
        let sum: i32 = ctx
            .eval(
                "const c = b.makeContext({ x: 2 }, 'n', undefined, true, true, false, undefined, 0);
                 const run = (code, where) => b.runScript(b.compileScript(code, 'f', 0, 0, undefined, undefined, false, undefined), where, -1, true, false);
                 let message; try { run('null.x', c) } catch (e) { message = e.message }
                 run('x + 1', c) + run('1 + 1', null) + (message ? 1 : 0)",
            )
            .unwrap();
        assert_eq!(sum, 6);
        sandtide_realm::collect(&ctx);
    });
    drop(second);
    runtime.run_gc();
}

#[test]
fn a_job_that_threw_in_a_dropped_context_is_told_with_a_context_that_is_there() {
    let runtime = Runtime::new().unwrap();
    let main = Context::full(&runtime).unwrap();
    main.with(|ctx| sandtide_realm::install(&ctx).unwrap());
    for _ in 0..3 {
        let dropped = Context::full(&runtime).unwrap();
        dropped.with(|ctx| {
            ctx.eval::<(), _>("new FinalizationRegistry(() => { throw new Error('late') }).register({}, 1)")
                .unwrap();
            ctx.eval::<(), _>("globalThis.r = new FinalizationRegistry(() => { throw new Error('late') }); r.register({}, 1)")
                .unwrap();
        });
        drop(dropped);
        runtime.run_gc();
        while runtime.is_job_pending() {
            if let Err(error) = runtime.execute_pending_job() {
                error.0.with(|ctx| {
                    let thrown = ctx.catch();
                    assert!(thrown.as_exception().unwrap().to_string().contains("late"));
                });
            }
        }
    }
}
