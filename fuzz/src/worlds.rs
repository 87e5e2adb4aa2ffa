//! A runtime with contexts, and what generated programs may use of their host.

use crate::Step;
use rquickjs::{Context, Function, Runtime};
use sandtide_realm::Binding;

/// Eight slots hold values of any context, four places hold contexts. Code of a context reaches the
/// main realm's objects, but none that it could hang anything on.
const HOST: &str = r#"
const slots = [], places = [];
globalThis.reset = () => { slots.length = 0; places.length = 0 };
const ours = new Set();
const api = {
  keep(i, v) { slots[i & 7] = v; return v },
  get(i) { return slots[i & 7] },
  drop(i) { slots[i & 7] = undefined },
  make(o) { return Object(o) !== o || ours.has(o) || b.isContext(o) ? o : context(o) },
  vanilla() { return b.makeContext(undefined, 'v', undefined, true, true, false, undefined, 0) },
  run(f, c) { return b.isContext(c) ? start(`keep(1, () => globalThis); (${String(f).slice(0, 200)})`, c) : undefined },
  dispose(c) { if (b.isContext(c)) b.disposeContext(c) },
  collect() { gc() },
  turn() {},
  deed(i) { deed(i >>> 0) },
  bad(i, v) { return ours.has(v) ? v : bad(i >>> 0, Object(v)) },
  odd(i) { return odd(i >>> 0) },
  rebase(i, v) { const c = places[i & 3]; if (c && !ours.has(v)) Object.setPrototypeOf(c, bad(i & 15, Object(v))) },
  compile(i, j) {
    return b.compileFunction(i & 1 ? 'return [a, typeof x]' : odd(i >>> 0), 'f.js', 0, 0, undefined, false, somewhere(j),
      badList(i >>> 0, odd(j >>> 0)), badList(j >>> 0, 'a'), undefined).function(slots[i & 7]);
  },
  contextify(i) {
    const o = {};
    return b.makeContext(o, 'x', undefined, true, true, false, undefined, { valueOf() { deed(i >>> 0); context(o); return 0 } });
  },
  module(i, j) {
    slots[i & 7] = i % 7 === 6
      ? m.createSyntheticModule('s', somewhere(j), badList(i >>> 0, 'a', 'b'), () => deed(i >>> 0))
      : m.createSourceTextModule('m', somewhere(j), MODULES[(i >>> 0) % MODULES.length], 0, 0, undefined, undefined);
  },
  link(i, j, k) { m.link(slots[i & 7], k & 1 ? badList(k, slots[j & 7], slots[k & 7]) : [slots[j & 7], slots[k & 7]]) },
  instantiate(i) { m.instantiate(slots[i & 7]) },
  evaluate(i) { return m.evaluate(slots[i & 7], 200, false) },
  namespace(i) { return m.getNamespace(slots[i & 7]) },
  weak(i, j) {
    const key = slots[i & 7];
    if (Object(key) !== key || ours.has(key)) return;
    weakMap.set(key, slots[j & 7]); registry.register(key, j >>> 0, key);
  },
  measure() { b.measureMemory() },
};
const weakMap = new WeakMap(), registry = new FinalizationRegistry(i => deed(i));
const MODULES = [
  'export let a = 1; export const f = () => import.meta',
  'import { a } from "x"; export const g = () => a; export * from "x"',
  'export let a = await undefined',
  'import * as a from "x"; import { a as c } from "y"; export { a }; await 1; c',
  'import "x"; import "y"; export * as a from "x"; throw {}',
  'import { a } from "x"; await { then(r) { r(a) } }; export { a }',
];
const somewhere = i => places[i & 3] ?? context(sandbox(5));
let depth = 0;
const worst = [
  i => { slots.fill(undefined) },
  i => { slots[i & 7] = undefined; gc() },
  i => { if (places[i & 3]) b.disposeContext(places[i & 3]) },
  i => { places[i & 3] = undefined; for (let k = 0; k < 20; k++) slots[7] = { k } },
  i => { places.fill(undefined); slots.fill(undefined); gc() },
  i => { if (places[i & 3]) Object.setPrototypeOf(places[i & 3], null) },
  i => { const c = places[i & 3]; if (c) start('Object.setPrototypeOf(Object.getPrototypeOf(globalThis), null)', c) },
  i => { places[i & 3] = context(sandbox(i)) },
  i => { api.contextify(i) },
  i => { api.link(i, i + 1, i + 2); api.instantiate(i) },
  i => { api.evaluate(i) },
  i => { gc() },
  i => { throw slots[i & 7] },
];
// The worst in the middle of whatever the native side is at.
function deed(i) {
  if (depth > 2) return;
  depth++;
  try { worst[i % worst.length](i) } finally { depth-- }
}
const reflect = { ...Reflect };
function bad(i, target) {
  return new Proxy(target, new Proxy({}, { get(t, trap) {
    deed(i);
    return i % 3 ? undefined : (...args) => { deed(i + 1); return reflect[trap](...args) };
  } }));
}
function badList(i, ...v) { return new Proxy(v, { get(t, k) { deed(i); return reflect.get(t, k) } }) }
function odd(i) {
  return {
    get a() { deed(i); return 1 }, set a(v) { deed(i) }, get b() { deed(i + 1) }, get constructor() { deed(i); return Array },
    toString() { deed(i); return 'return 1' }, valueOf() { deed(i); return 1 }, then(r) { deed(i); r(1) },
    get message() { deed(i); return 'm' }, get name() { deed(i + 1); return 'n' },
    get length() { deed(i); return 1 }, get 0() { deed(i); return slots[i & 7] },
  };
}
function context(o, own = false, limit = 0) { return b.makeContext(o, 'c', undefined, true, true, own, undefined, limit) }
function start(code, c) {
  const script = b.compileScript(code, 'f.js', 0, 0, undefined, undefined, false, undefined);
  return b.runScript(script, c, 200, true, false);
}
function sandbox(shape) {
  const s = Object.assign({ __proto__: null }, api);
  switch (shape % 6) {
    case 0: return new Proxy(s, {});
    case 1: return Object.create(s);
    case 2: return Object.setPrototypeOf(Object.assign(() => 1, s), null);
    case 3: s.self = s; return s;
    case 4: return Object.freeze(s);
    default: return s;
  }
}
globalThis.act = (place, shape, own, limit, code) => {
  let c = places[place];
  if (!c || shape % 3 === 0) {
    c = context(sandbox(shape), own, limit);
    places[place] = shape % 2 ? c : undefined;
  }
  try { const value = start(code, c); if (shape % 4 === 0) slots[shape & 7] = value } catch (e) { if (shape % 5 === 0) slots[shape & 7] = e }
};
{
  const seen = new Set();
  const freeze = o => {
    if (Object(o) !== o || seen.has(o)) return;
    seen.add(o);
    for (const k of Reflect.ownKeys(o)) {
      const d = Reflect.getOwnPropertyDescriptor(o, k);
      freeze(d.value); freeze(d.get); freeze(d.set);
    }
    freeze(Reflect.getPrototypeOf(o));
  };
  // the main realm's Function, and with it its global, is out of reach
  for (const f of [function () {}, function* () {}, async () => {}, async function* () {}]) delete Object.getPrototypeOf(f).constructor;
  for (const name of Reflect.ownKeys(globalThis)) freeze(globalThis[name]);
  for (const o of [[].values(), new Map().values(), new Set().values(), ''.matchAll(/a/g), (function* () {})(), (async function* () {})(), [].values().map(x => x)]) freeze(Object.getPrototypeOf(o));
  for (const f of Object.values(api)) { freeze(f); Object.setPrototypeOf(f, null) }
  seen.delete(globalThis);
  for (const o of seen) { Object.freeze(o); ours.add(o) }
}
"#;

/// A runtime whose main context has run the host's part.
pub struct World {
    context: Context,
    // Dropped after the context.
    _runtime: Runtime,
}

impl World {
    /// One without any contexts yet.
    pub fn new() -> World {
        let runtime = Runtime::new().expect("there is memory");
        let context = Context::full(&runtime).expect("there is memory");
        context.with(|ctx| {
            sandtide_realm::install(&ctx).expect("there is memory");
            let globals = ctx.globals();
            let binding =
                sandtide_realm::binding(&ctx, Binding::Contextify).expect("there is memory");
            globals.set("b", binding).expect("the global takes it");
            let binding =
                sandtide_realm::binding(&ctx, Binding::ModuleWrap).expect("there is memory");
            globals.set("m", binding).expect("the global takes it");
            let gc =
                Function::new(ctx.clone(), |ctx: rquickjs::Ctx<'_>| sandtide_realm::collect(&ctx));
            globals.set("gc", gc.expect("there is memory")).expect("the global takes it");
            ctx.eval::<(), _>(HOST).expect("the host's part runs");
        });
        World { context, _runtime: runtime }
    }

    /// Runs a step.
    pub fn act(&self, step: &Step) {
        self.context.with(|ctx| {
            let act: Function<'_> = ctx.globals().get("act").expect("the host has it");
            let args = (step.place, step.shape, step.own_jobs, step.limit, step.code.as_str());
            if act.call::<_, ()>(args).is_err() {
                drop(ctx.catch());
            }
            match step.then {
                0 => sandtide_realm::collect(&ctx),
                1 => sandtide_realm::turn(&ctx),
                _ => {}
            }
        });
        if step.then == 2 {
            self.jobs();
        }
    }

    fn jobs(&self) {
        self.context.with(|ctx| {
            // A program may make jobs without end.
            for _ in 0..1000 {
                match sandtide_realm::run_job(&ctx) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(_) => drop(ctx.catch()),
                }
            }
        });
    }

    /// Drops all that programs kept. The contexts that are left then.
    pub fn empty(&self) -> u64 {
        for _ in 0..6 {
            self.context.with(|ctx| {
                ctx.eval::<(), _>("reset(); try { null.x } catch {}").expect("it cannot throw");
            });
            self.jobs();
            self.context.with(|ctx| {
                ctx.eval::<(), _>("reset()").expect("it cannot throw");
                sandtide_realm::collect(&ctx);
            });
            if self.live() == 0 {
                break;
            }
        }
        self.live()
    }

    fn live(&self) -> u64 {
        self.context.with(|ctx| sandtide_realm::heap(&ctx).contexts)
    }
}

impl Default for World {
    fn default() -> World {
        World::new()
    }
}
