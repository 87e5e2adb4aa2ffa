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
};
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
