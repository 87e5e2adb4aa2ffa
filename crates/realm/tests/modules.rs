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
