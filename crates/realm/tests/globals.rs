//! The global of a context and its sandbox, where one is changed while the other is looked at.

mod support;

use support::World;

#[test]
fn a_sandbox_that_inherits_from_its_own_global_is_looked_up_with_an_end() {
    let world = World::new();
    world.run("globalThis.s = vm.context({ y: 2 }); Object.setPrototypeOf(s, vm.run('this', s))");
    assert_eq!(
        world.json("[typeof s.Array, typeof s.nope, vm.run('typeof Array + typeof nope + y', s), 'Array' in s]"),
        r#"["function","undefined","functionundefined2",true]"#
    );
    world.run("s = undefined");
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn a_proxy_among_the_prototypes_of_its_target_is_looked_up_with_an_end() {
    let world = World::new();
    world.run(
        "globalThis.ends = [o => o, o => new Proxy(o, {}), o => Object.create(o)].map(shape => {
           const o = {};
           Object.setPrototypeOf(o, new Proxy(o, {}));
           const s = vm.context(shape(o));
           return ['nope', 'typeof nope', 'nope = 1', '\"nope\" in globalThis', 'typeof Map', 'for (const k in globalThis) ;', 'delete globalThis.nope']
             .map(code => { try { vm.run(code, s, 5000); return 'done' } catch (e) { return e.name } });
         })",
    );
    assert_eq!(world.json("ends.flat().every(end => ['done', 'RangeError', 'InternalError', 'ReferenceError'].includes(end))"), "true");
    assert_eq!(world.json("ends[0][0]"), "\"RangeError\"");
}

#[test]
fn a_sandbox_that_is_another_contexts_global_shows_what_that_context_has_itself() {
    let world = World::new();
    world.run("globalThis.a = vm.context({ x: 1 }); vm.run('var v = 1; w = 2', a); globalThis.c = vm.context(vm.run('this', a))");
    assert_eq!(
        world.json("[vm.run('typeof x + typeof v + typeof w', c), vm.run('Array', c) === vm.run('Array', a), vm.run('x = 5', c), a.x]"),
        r#"["undefinednumbernumber",true,5,5]"#
    );
}

#[test]
fn traps_and_accessors_of_a_sandbox_may_dispose_of_its_context() {
    let world = World::new();
    world.run(
        "for (const trap of ['get', 'set', 'has', 'deleteProperty', 'defineProperty', 'getOwnPropertyDescriptor', 'ownKeys', 'getPrototypeOf'])
           for (const code of ['x', 'x = 1', 'delete globalThis.x', '\"x\" in globalThis', 'Object.keys(globalThis)', 'function x() {}', 'var x = 1',
                               'Object.defineProperty(globalThis, \"x\", { value: 1 })', 'for (const k in globalThis) ;', 'typeof x']) {
             const f = (() => {
               let s = new Proxy({ x: 1 }, { [trap](...args) { if (s) { b.disposeContext(s); s = undefined; gc() } return Reflect[trap](...args) } });
               vm.context(s);
               return vm.run(`() => { ${code} }`, s);
             })();
             try { f() } catch {}
           }
         {
           const s = { get g() { b.disposeContext(s); return 1 }, set g(v) { b.disposeContext(s) } };
           vm.context(s);
           try { vm.run('g; g = 1; g', s) } catch {}
         }",
    );
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn an_errors_stack_stands_what_its_getters_do_to_the_error() {
    let world = World::new();
    for (getter, stack) in [
        ("for (let i = 0; i < 200; i++) e['k' + i] = i; return 'N'", "N: x"),
        ("for (let i = 0; i < 200; i++) e['k' + i] = i; delete e.stack; return 'N'", "undefined"),
        ("if (!seen++) return e.stack.slice(0, 0) + 'N'; return 'M'", "M: x"),
        (
            "Object.defineProperty(e, 'stack', { value: 'mine', configurable: false }); return 'N'",
            "mine",
        ),
        ("if (!seen++) Object.freeze(e); return 'N'", "N: x"),
        ("throw {}", "Error: x"),
    ] {
        for context in ["vm.context({})", "null"] {
            world.run(&format!(
                "globalThis.stack = vm.run({:?}, {context})",
                format!("(() => {{ let seen = 0; const e = new Error('x'); Object.defineProperty(e, 'name', {{ get() {{ {getter} }} }}); return String(e.stack).split('\\n')[0] }})()")
            ));
            assert_eq!(world.eval::<String>("stack"), stack, "{getter}");
        }
    }
    // The error goes while it is read as a prototype.
    world.run(
        "for (let i = 0; i < 100; i++) {
           let e = new Error('n');
           const o = Object.create(e);
           Object.defineProperty(e, 'name', { get() { Object.setPrototypeOf(o, null); e = null; return 'N' } });
           o.stack;
         }",
    );
    world.jobs();
}
