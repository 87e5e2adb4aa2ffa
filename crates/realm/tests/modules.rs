//! Modules that are linked by hand, within one context and across contexts.

mod support;

use support::World;

#[test]
fn a_module_keeps_its_context_and_goes_with_it() {
    let world = World::new();
    world.run(
        "{ const mod = vm.module('export let n = 1; export const up = () => ++n', vm.context({}));
           vm.evaluate(mod); globalThis.ns = m.getNamespace(mod); }",
    );
    world.jobs();
    world.collect();
    assert_eq!(world.json("[ns.up(), ns.up(), ns.n]"), "[2,3,3]");
    assert_eq!(world.live(), 1);
    world.run("ns = undefined");
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn modules_of_two_contexts_keep_each_other() {
    let world = World::new();
    world.run(
        "{ const from = vm.module('export const f = () => [typeof mine, Array]', vm.context({ mine: 1 }));
           const to = vm.module('import { f } from \"x\"; export const g = () => [...f(), typeof mine, Array]', vm.context({}));
           m.link(from, []); vm.evaluate(to, [from]); globalThis.g = m.getNamespace(to).g; }",
    );
    world.jobs();
    world.collect();
    assert_eq!(world.live(), 2);
    assert_eq!(
        world.json("[g()[0], g()[2], g()[1] === g()[3]]"),
        r#"["number","undefined",false]"#
    );
    world.run("g = undefined");
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn modules_of_two_contexts_may_import_each_other() {
    let world = World::new();
    world.run(
        "{ const one = vm.module('import { b } from \"two\"; export const a = () => b; export const name = \"one\"', vm.context({}));
           const two = vm.module('import { name } from \"one\"; export const b = () => name', vm.context({}));
           m.link(one, [two]); m.link(two, [one]); m.instantiate(one); m.evaluate(one, -1, false);
           globalThis.a = m.getNamespace(one).a; }",
    );
    world.jobs();
    assert_eq!(world.json("a()()"), "\"one\"");
    world.run("a = undefined");
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn modules_of_one_name_have_each_their_own_meta() {
    let world = World::new();
    world.run(
        "b; m; globalThis.metas = [];
         b.setInitializeImportMetaCallback((handle, option, meta) => { meta.url = option });
         const context = vm.context({ metas });
         for (const url of ['a', 'b', 'c']) vm.evaluate(vm.module('metas.push((() => import.meta.url)())', context, url));",
    );
    assert_eq!(world.json("metas"), r#"["a","b","c"]"#);
}

#[test]
fn a_synthetic_modules_steps_may_throw_and_drop_everything() {
    let world = World::new();
    world.run(
        "for (const steps of [() => { throw new Error('x') }, () => { gc() }, function () { return globalThis }]) {
           const syn = m.createSyntheticModule('s', vm.context({}), ['default'], steps);
           try { vm.evaluate(syn) } catch {}
         }",
    );
    world.jobs();
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn a_module_that_waits_for_ever_goes_when_nothing_can_wake_it() {
    let world = World::new();
    world.run(
        "vm.evaluate(vm.module('export let x = 1; await new Promise(() => {})', vm.context({})))",
    );
    world.jobs();
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn a_failed_link_leaves_modules_that_can_go() {
    let world = World::new();
    world.run(
        "{ const from = vm.module('export const a = 1', vm.context({})); m.link(from, []);
           const to = vm.module('import { zz } from \"x\"; zz', vm.context({}));
           m.link(to, [from]);
           for (let i = 0; i < 3; i++) try { m.instantiate(to); throw 1 } catch (e) { if (!/zz/.test(e.message)) throw e } }",
    );
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn modules_of_the_main_context_go_when_nothing_holds_them() {
    let world = World::new();
    world.run(
        "globalThis.make = n => { for (let i = 0; i < n; i++) {
           const dep = vm.module('export let a = [1]; export const f = () => import.meta', undefined); m.link(dep, []);
           const mod = vm.module('import { a, f } from \"dep\"; import * as ns from \"dep\"; export * as again from \"dep\"; export default () => [a, f, ns]', undefined);
           vm.evaluate(mod, [dep]); m.getNamespace(mod).again;
           const syn = m.createSyntheticModule('s', undefined, ['default'], () => {}); m.link(syn, []); m.instantiate(syn);
           m.setExport(syn, 'default', syn);
           const waits = vm.module('await new Promise(() => {})', undefined); vm.evaluate(waits, []);
           const on = vm.module('import \"x\"', undefined); vm.evaluate(on, [waits]);
           const throws = vm.module('throw new Error(\"x\")', undefined); m.link(throws, []);
           const over = vm.module('import \"x\"', undefined); vm.evaluate(over, [throws]);
           const one = vm.module('import { b } from \"two\"; export const a = () => b', undefined), two = vm.module('import { a } from \"one\"; export const b = () => a', undefined);
           m.link(one, [two]); m.link(two, [one]); m.instantiate(one); m.evaluate(one, -1, false);
         } }; make(50)",
    );
    world.jobs();
    world.collect();
    let before = world.heap();
    world.run("make(500)");
    world.jobs();
    world.collect();
    let after = world.heap();
    assert!(after.count <= before.count + 8, "{before:?} {after:?}");
}

#[test]
fn a_namespace_or_a_function_keeps_its_module_working() {
    let world = World::new();
    world.run(
        "b.setInitializeImportMetaCallback((handle, option, meta) => { meta.option = option });
         for (const context of [undefined, vm.context({})]) {
           const dep = vm.module('export let n = 1; export const meta = () => import.meta.option', context, 'dep'); m.link(dep, []);
           const mod = vm.module('export * as inner from \"dep\"; export const meta = () => import.meta.option', context, 'mod');
           vm.evaluate(mod, [dep]);
           (globalThis.kept ??= []).push(m.getNamespace(mod), m.getNamespace(mod).meta);
         }",
    );
    world.collect();
    world.run("globalThis.fill = []; for (let i = 0; i < 300; i++) fill.push(vm.module('export let x = 1', undefined))");
    assert_eq!(
        world.json(
            "[kept[0].inner.n, kept[0].inner.meta(), kept[1](), kept[2].inner.meta(), kept[3]()]"
        ),
        r#"[1,"dep","mod","dep","mod"]"#
    );
    world.run("kept = undefined");
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn what_waits_for_a_module_of_another_context_is_kept_and_goes_on_in_its_own() {
    let world = World::new();
    world.run(
        "globalThis.go = undefined; globalThis.out = [];
         globalThis.dep = vm.module('export let x = 1; await p; x = 2', vm.context({ p: new Promise(r => { go = r }) }));
         m.link(dep, []); m.instantiate(dep); m.evaluate(dep, -1, false);
         { const c = vm.context({ out, mine: 'mine' });
           const mod = vm.module('import { x } from \"dep\"; out.push(x, mine, Array.prototype === Object.getPrototypeOf([]))', c);
           vm.evaluate(mod, [dep]);
           const next = vm.module('import \"mod\"; await 1; out.push(mine)', c);
           vm.evaluate(next, [mod]); }",
    );
    world.jobs();
    world.collect();
    assert_eq!(world.live(), 2);
    world.run("for (let i = 0; i < 50; i++) vm.new('var x = [{}]'); go()");
    world.jobs();
    assert_eq!(world.json("out"), r#"[2,"mine",true,"mine"]"#);
    world.collect();
    assert_eq!(world.live(), 1, "the importers have gone");
    // who comes later does not wait
    world.run("{ const late = vm.module('import { x } from \"dep\"; out.push(x)', vm.context({ out })); vm.evaluate(late, [dep]) }");
    world.jobs();
    assert_eq!(world.json("out.length"), "5");
    world.run("dep = go = undefined");
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn dropped_modules_are_collected_before_a_full_heap_ends_the_program() {
    let world = World::new();
    world.run("globalThis.make = n => { for (let i = 0; i < n; i++) vm.evaluate(vm.module('export let a = new Array(100).fill(1)', undefined)) }; make(10)");
    world.collect();
    let size = usize::try_from(world.heap().size).unwrap();
    world.set_memory_limit(size + (2 << 20));
    world.run("make(4000)");
    world.set_memory_limit(0);
}

#[test]
fn modules_that_waited_leave_nothing_once_what_they_waited_for_has_ended() {
    let world = World::new();
    world.run(
        "globalThis.make = (n, where) => { for (let i = 0; i < n; i++) for (const end of ['', 'throw 1']) {
           const waited = vm.module('await 1;' + end, where()); m.link(waited, []);
           const waits = vm.module('import \"waited\"', where()); m.link(waits, [waited]);
           const last = vm.module('import \"waits\"; await 1', where());
           vm.evaluate(last, [waits]).catch(() => {});
         } };",
    );
    for place in ["undefined", "vm.context({})"] {
        let round = |n| {
            world.run(&format!("make({n}, () => {place})"));
            world.jobs();
            world.collect();
            world.heap().count
        };
        round(50);
        let (before, after) = (round(50), round(300));
        assert!(after <= before + 8, "{place}: {before} {after}");
    }
}

#[test]
fn a_module_made_by_hand_is_never_taken_for_one_of_its_name() {
    let world = World::new();
    world.run(
        "globalThis.byHand = vm.module('export const a = 1; export const meta = import.meta', undefined, undefined, 'a.mjs');
         vm.evaluate(byHand)",
    );
    assert!(!world.own_module("b.mjs", "import { a } from 'a.mjs'; globalThis.linked = a"));
    assert!(world.own_module("a.mjs", "export const a = 2; globalThis.meta = import.meta"));
    assert!(world.own_module("c.mjs", "import { a } from 'a.mjs'; globalThis.linked = a"));
    world.run(
        "if (linked !== 2 || !meta || meta === m.getNamespace(byHand).meta) throw new Error(`${linked} ${meta}`)",
    );
}
