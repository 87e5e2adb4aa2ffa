//! A runtime with realms, and `vm` in its main context: what `node:vm` asks of the native side, in short.

#![allow(dead_code, reason = "each file of tests uses its part")]

use rquickjs::{Context, FromJs, Function, Module, Runtime};
use sandtide_realm::{Binding, Heap};

const VM: &str = r#"
globalThis.vm = {
  context(sandbox = {}, { own = false, limit = 0, strings = true, option } = {}) {
    return b.makeContext(sandbox, 'x', undefined, strings, true, own, option, limit);
  },
  vanilla() { return b.makeContext(undefined, 'x', undefined, true, true, false, undefined, 0); },
  script(code, option) { return b.compileScript(code, 'f.js', 0, 0, option, undefined, false, undefined); },
  start(script, context, timeout = -1) { return b.runScript(script, context, timeout, true, false); },
  run(code, context, timeout) { return vm.start(vm.script(code), context, timeout); },
  new(code, sandbox) { return vm.run(code, vm.context(sandbox)); },
  function(code, params, context) {
    return b.compileFunction(code, 'f.js', 0, 0, undefined, false, context, [], params, undefined).function;
  },
  module(code, context, option, name = 'm') {
    return m.createSourceTextModule(name, context, code, 0, 0, option, undefined);
  },
  evaluate(module, linked = []) {
    m.link(module, linked);
    m.instantiate(module);
    return m.evaluate(module, -1, false);
  },
};
"#;

pub(crate) struct World {
    context: Context,
    runtime: Runtime,
}

impl World {
    pub(crate) fn new() -> World {
        let runtime = Runtime::new().expect("there is memory for a runtime");
        let context = Context::full(&runtime).expect("there is memory for a context");
        let world = World { context, runtime };
        world.context.with(|ctx| {
            sandtide_realm::install(&ctx).expect("there is memory");
            let globals = ctx.globals();
            for (name, which) in
                [("b", Binding::Contextify), ("m", Binding::ModuleWrap), ("u", Binding::Util)]
            {
                globals.set(name, sandtide_realm::binding(&ctx, which).unwrap()).unwrap();
            }
            let gc =
                Function::new(ctx.clone(), |ctx: rquickjs::Ctx<'_>| sandtide_realm::collect(&ctx));
            globals.set("gc", gc.unwrap()).unwrap();
        });
        world.run(VM);
        world
    }

    /// Runs code in the main context.
    pub(crate) fn run(&self, code: &str) {
        self.eval::<rquickjs::Undefined>(&format!("{code}\n;undefined"));
    }

    /// Runs code in the main context. Whether it ended without throwing.
    pub(crate) fn try_run(&self, code: &str) -> bool {
        self.context.with(|ctx| {
            let done = ctx.eval::<(), _>(format!("{code}\n;undefined")).is_ok();
            drop(ctx.catch());
            done
        })
    }

    /// Evaluates a module of the engine's own in the main context. Whether it could be linked and began.
    pub(crate) fn own_module(&self, name: &str, source: &str) -> bool {
        self.context.with(|ctx| {
            let done = Module::evaluate(ctx.clone(), name, source).is_ok();
            drop(ctx.catch());
            done
        })
    }

    /// What an expression in the main context gives. Panics with what it throws.
    pub(crate) fn eval<T: for<'js> FromJs<'js>>(&self, code: &str) -> T {
        self.context.with(|ctx| match ctx.eval::<T, _>(code) {
            Ok(value) => value,
            Err(_) => {
                let thrown = ctx.catch();
                let text = thrown.as_exception().map(ToString::to_string);
                panic!("{code}: {}", text.unwrap_or_else(|| format!("{thrown:?}")));
            }
        })
    }

    /// The same as text, as JSON writes it.
    pub(crate) fn json(&self, code: &str) -> String {
        self.eval(&format!("JSON.stringify({code})"))
    }

    pub(crate) fn heap(&self) -> Heap {
        self.context.with(|ctx| sandtide_realm::heap(&ctx))
    }

    /// Contexts that are alive.
    pub(crate) fn live(&self) -> u64 {
        self.heap().contexts
    }

    pub(crate) fn turn(&self) {
        self.context.with(|ctx| sandtide_realm::turn(&ctx));
    }

    pub(crate) fn collect(&self) {
        self.context.with(|ctx| sandtide_realm::collect(&ctx));
    }

    /// Runs promise jobs until there are none. What they throw is dropped.
    pub(crate) fn jobs(&self) {
        self.context.with(|ctx| {
            loop {
                match sandtide_realm::run_job(&ctx) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(_) => drop(ctx.catch()),
                }
            }
        });
    }

    pub(crate) fn set_memory_limit(&self, bytes: usize) {
        self.runtime.set_memory_limit(bytes);
    }
}
