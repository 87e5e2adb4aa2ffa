//! Scripts: compiled once, run in many contexts, and what of them stays.

mod support;

use support::World;

#[test]
fn one_script_runs_in_many_contexts_and_belongs_to_none() {
    let world = World::new();
    world.run("globalThis.s = vm.script('n = (globalThis.n || start) + 1; () => [n, Array]'); globalThis.all = []");
    world.run("for (let i = 0; i < 20; i++) all.push(vm.start(s, vm.context({ start: i })))");
    assert_eq!(
        world.json("all.map(f => f()[0])"),
        "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]"
    );
    assert_eq!(world.json("new Set(all.map(f => f()[1])).size"), "20");
    world.run("all = undefined");
    world.collect();
    assert_eq!(world.live(), 0);
    assert_eq!(world.json("vm.start(s, vm.context({ start: 5 }))()[0]"), "6");
}

#[test]
fn a_script_may_run_itself_in_another_context_in_the_same_and_in_the_main_one() {
    let world = World::new();
    world.run(
        "globalThis.s = vm.script('typeof again === \"function\" ? again() : 7');
         globalThis.inner = [];
         for (const where of [() => vm.context({}), () => null, c => (delete c.again, c)]) {
           const c = { again: () => vm.start(s, where(c)) };
           inner.push(vm.start(s, vm.context(c)));
         }",
    );
    assert_eq!(world.json("inner"), "[7,7,7]");
    assert_eq!(
        world.json("vm.start(globalThis.c = vm.script('cached()'), vm.context({ cached: () => b.createCachedData(c).length > 9 }))"),
        "true"
    );
}

#[test]
fn the_code_of_scripts_that_have_gone_goes_from_a_context_that_stays() {
    let world = World::new();
    world.run("globalThis.c = vm.context({})");
    let many = "for (let i = 0; i < 500; i++) vm.run(`function f() { return ${1000 + i} + [1, 2, 3].length } f()`, c)";
    world.run(many);
    let before = world.heap();
    world.run(many);
    world.run(many);
    let after = world.heap();
    assert!(after.size < before.size + 1000, "{before:?} {after:?}");
}

#[test]
fn template_objects_are_of_the_context_that_runs_them() {
    let world = World::new();
    assert_eq!(
        world.json(
            "vm.new('(s => [s instanceof Array, s.raw instanceof Array, Object.isFrozen(s)])`x`')"
        ),
        "[true,true,true]"
    );
}

#[test]
fn cycles_through_what_a_script_was_compiled_with_are_collected() {
    let world = World::new();
    world.run(
        "{ const c = vm.context({}); vm.start(vm.script('function f() {}', { callback: () => c }), c); }
         { const s = {}; vm.context(s, { option: { callback: () => s } }); vm.run('function f() {}', s); }
         { const c = vm.context({}); c.module = vm.module('export function f() {}', c, { callback: () => c }); }",
    );
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn sealed_code_of_a_module_is_no_scripts_and_the_other_way_round() {
    let world = World::new();
    world.run(
        "globalThis.script = b.createCachedData(vm.script('1'));
         globalThis.module = m.createCachedData(vm.module('1'));
         globalThis.open = {
           script: data => b.compileScript('1', 'f.js', 0, 0, undefined, data, false, undefined),
           module: data => m.createSourceTextModule('m', undefined, '1', 0, 0, undefined, data),
         };",
    );
    assert_eq!(
        world.json("[open.script(script), open.script(module), open.module(module), open.module(script)].map(x => x.cachedDataRejected)"),
        "[false,true,false,true]"
    );
    assert_eq!(world.json("vm.start(open.script(module), vm.context({}))"), "1");
}

#[test]
fn sealed_code_is_refused_when_any_byte_of_it_is_changed() {
    let world = World::new();
    world.run("globalThis.data = b.createCachedData(vm.script('var x = {a: 1}; x.a'))");
    assert_eq!(
        world.json(
            "[...data.keys()].every(i => {
               const changed = data.slice(); changed[i] ^= 1;
               return b.compileScript('var x = {a: 1}; x.a', 'f.js', 0, 0, undefined, changed, false, undefined).cachedDataRejected;
             })"
        ),
        "true"
    );
}

#[test]
fn a_context_that_goes_gives_the_code_of_its_functions_back() {
    let world = World::new();
    world.run(
        "globalThis.s = vm.script('(() => { let n = start; const f = () => n++; function* g() { yield f() }; async function h() { await new Promise(() => {}); return f() } \
           return { f, g, h, pending: h(), started: g() } })()')",
    );
    world.run("globalThis.use = n => { const o = vm.start(s, vm.context({ start: n })); o.started.next(); return o.f() }");
    world.run("for (let i = 0; i < 50; i++) use(i)");
    let before = world.heap();
    assert_eq!(
        world.json("Array.from({ length: 200 }, (_, i) => use(i)).every((n, i) => n === i + 1)"),
        "true"
    );
    world.collect();
    assert_eq!(world.live(), 0);
    let after = world.heap();
    assert!(after.size < before.size + 1000, "{before:?} {after:?}");
    // while a context keeps the code, others run copies of it
    world.run("globalThis.kept = vm.start(s, vm.context({ start: 100 })); use(1); kept.f()");
    assert_eq!(world.json("[use(7), kept.f(), use(8), kept.f()]"), "[8,101,9,102]");
    world.run("kept = undefined");
    assert_eq!(world.json("[use(9), use(10)]"), "[10,11]");
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn a_script_that_goes_with_its_context_takes_its_code_along() {
    let world = World::new();
    world.run(
        "globalThis.once = () => { const c = vm.context({}); c.own = vm.script('function f() {} f'); c.f = vm.start(c.own, c); }",
    );
    world.run("for (let i = 0; i < 50; i++) once()");
    world.collect();
    let before = world.heap();
    world.run("for (let i = 0; i < 500; i++) once()");
    world.collect();
    let after = world.heap();
    assert_eq!(world.live(), 0);
    assert!(after.size < before.size + 1000, "{before:?} {after:?}");
}

#[test]
fn a_script_that_was_compiled_with_what_its_context_made_outlives_the_context() {
    let world = World::new();
    world.run(
        "globalThis.made = [
           '({ callback() { return globalThis } })', 'Object.create(null)', 'Symbol(1)',
           'Object.assign(Object.create(null), { inner: Object.create(null) })',
           '(() => { const own = Object.create(null); own.own = own; return own })()',
         ];
         globalThis.once = (text, own) => {
           const c = vm.context({});
           const s = vm.script('let n = 1; function f() { return () => n } f', vm.run(text, c));
           if (own) c.own = s;
           c.f = vm.start(s, c);
           return s;
         };",
    );
    // kept outside, with its context gone
    world.run("globalThis.kept = made.map(text => once(text))");
    for _ in 0..3 {
        world.collect();
        assert_eq!(world.json("kept.map(s => vm.start(s, vm.context({}))()())"), "[1,1,1,1,1]");
    }
    world.run("kept = undefined");
    world.collect();
    assert_eq!(world.live(), 0);
    // held by its context alone, and with it; those with symbols are kept for a while, so many at most
    world.run("for (let i = 0; i < 100; i++) for (const text of made) once(text, true)");
    world.collect();
    let before = world.heap();
    world.run("for (let i = 0; i < 100; i++) for (const text of made) once(text, true)");
    world.collect();
    let after = world.heap();
    assert_eq!(world.live(), 0);
    assert!(after.size < before.size + 1000, "{before:?} {after:?}");
}

#[test]
fn a_script_that_throws_leaves_nothing() {
    let world = World::new();
    world.run(
        "for (const code of ['throw {}', 'nope', 'null.x', 'throw new Error(\"x\")', 'let a = 1; a = b1', '(function r() { r() })()'])
           try { vm.new(code) } catch {}
         try { vm.new('var x = ;') } catch {}
         try { vm.new('') } catch {}",
    );
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn code_of_many_nested_functions_moves_between_contexts() {
    let world = World::new();
    world.run("globalThis.s = vm.script('(() => '.repeat(200) + 'globalThis' + ')'.repeat(200))");
    assert_eq!(
        world.json("[1, 2].map(() => { const c = vm.context({ k: 1 }); let f = vm.start(s, c); for (let i = 0; i < 200; i++) f = f(); return f.k })"),
        "[1,1]"
    );
}

#[test]
fn a_body_that_ends_its_function_early_is_refused() {
    let world = World::new();
    world.run("globalThis.tried = (body, context) => { try { return vm.function(body, ['a', 'b = () => 1'], context)(7) } catch (e) { return e.name } }");
    for context in ["undefined", "vm.context({})"] {
        for body in [
            "}); globalThis.evil = 1; (function () {",
            "}; }); globalThis.evil = 1; (function () { return function () {",
            "return 1 }; function x() {",
            "}, function () {",
            "} } , { m() { return () => {",
            "return a /*",
            "`",
        ] {
            assert_eq!(
                world.json(&format!("tried({body:?}, {context})")),
                "\"SyntaxError\"",
                "{body}"
            );
        }
        for body in [
            "return a",
            "const f = () => { return () => a }; return f()(); // {",
            "return (function () { return a }).call({}) // }",
        ] {
            assert_eq!(world.json(&format!("tried({body:?}, {context})")), "7", "{body}");
        }
    }
    assert_eq!(world.json("typeof evil"), "\"undefined\"");
}
