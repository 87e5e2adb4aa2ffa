//! What a host gives each realm: made once for a realm, when a program first looks at one of it.

use std::sync::atomic::{AtomicUsize, Ordering};

use rquickjs::{Context, Ctx, Object, Result, Runtime, Value};
use sandtide_realm::{
    Binding,
    host::{self, Code, Host, LazyGlobal},
};

static MADE: AtomicUsize = AtomicUsize::new(0);

static CODE: Code = Code::new(
    "own:code",
    "(function (first, double) {
       return { Own: { double, Array: first.Array }, write: { write() { return 'of the host'; } }.write };
     })",
    false,
);

static HOST: Host = Host { globals, make, call };

fn globals() -> Vec<LazyGlobal> {
    vec![
        LazyGlobal { owner: None, name: "Own", key: "Own" },
        LazyGlobal { owner: Some("Number"), name: "toLocaleString", key: "write" },
    ]
}

fn make<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    MADE.fetch_add(1, Ordering::Relaxed);
    let make = rquickjs::Function::from_value(CODE.run(ctx)?)?;
    make.call((host::first(ctx)?, host::function(ctx, 7)?))
}

fn call<'js>(ctx: &Ctx<'js>, number: i32, args: Vec<Value<'js>>) -> Result<Value<'js>> {
    let given = args.first().and_then(Value::as_int).unwrap_or_default();
    if number != 7 || given < 0 {
        return Err(rquickjs::Exception::throw_range(ctx, "below zero"));
    }
    Ok(Value::new_int(ctx.clone(), given * 2))
}

#[test]
fn what_a_host_gives_is_made_once_for_each_realm_that_looks_at_it() {
    let runtime = Runtime::new().unwrap();
    let context = Context::full(&runtime).unwrap();
    context.with(|ctx| {
        sandtide_realm::install_with(&ctx, &HOST).unwrap();
        let binding = sandtide_realm::binding(&ctx, Binding::Contextify).unwrap();
        ctx.globals().set("binding", binding).unwrap();
        let eval = |code: &str| ctx.eval::<Value<'_>, _>(code.to_owned()).unwrap();
        let made = || MADE.swap(0, Ordering::Relaxed);

        // A realm that does not look has none of it made.
        eval(
            "globalThis.run = (code, sandbox = {}) => {
               binding.makeContext(sandbox, 'x', undefined, true, true, false, undefined, 0);
               const script = binding.compileScript(code, 'f.js', 0, 0, undefined, undefined, false, undefined);
               return binding.runScript(script, sandbox, -1, true, false);
             }; undefined",
        );
        assert_eq!(eval("run('1 + 1')").as_int(), Some(2));
        assert_eq!(made(), 0);

        // One that looks has all of it made, once.
        assert_eq!(eval("run('Own.double(21)')").as_int(), Some(42));
        assert_eq!(made(), 1);
        let same = "run(`[Own === Own, Own.Array === Array, (1).toLocaleString(), typeof Own].join()`)";
        assert_eq!(eval(same).as_string().unwrap().to_string().unwrap(), "true,true,of the host,object");
        assert_eq!(made(), 1);
        assert_eq!(eval("Own === Own && run('Own') !== Own").as_bool(), Some(true));
        assert_eq!(made(), 2);

        // Natives throw errors of their realm.
        let thrown = "run('try { Own.double(-1) } catch (e) { e instanceof RangeError && e.message }')";
        assert_eq!(eval(thrown).as_string().unwrap().to_string().unwrap(), "below zero");
        made();

        // What a program put in its place stays.
        assert_eq!(eval("run('Own = 1; (5).toLocaleString(); Own')").as_int(), Some(1));
        let own = "run('Number.prototype.toLocaleString = () => 3; typeof Own; (1).toLocaleString()')";
        assert_eq!(eval(own).as_int(), Some(3));
        made();

        // Realms go all the same.
        eval("for (let i = 0; i < 200; i++) run('Own.double(1)'); undefined");
        sandtide_realm::turn(&ctx);
        sandtide_realm::collect(&ctx);
        assert_eq!(made(), 200);
        assert_eq!(sandtide_realm::heap(&ctx).contexts, 0);
    });
}

#[test]
fn a_weak_reference_keeps_its_target_until_the_job_ends() {
    let runtime = Runtime::new().unwrap();
    let context = Context::full(&runtime).unwrap();
    context.with(|ctx| {
        sandtide_realm::install_with(&ctx, &HOST).unwrap();
        let kept = "globalThis.weak = new WeakRef({}); weak.deref() !== undefined && weak.deref() !== undefined";
        assert!(ctx.eval::<bool, _>(kept).unwrap());
        while sandtide_realm::run_job(&ctx).unwrap() {}
        assert!(ctx.eval::<bool, _>("weak.deref() === undefined").unwrap());
    });
}
