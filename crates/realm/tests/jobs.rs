//! Promise jobs, of the host's queue and of a context's own.

mod support;

use support::World;

#[test]
fn a_job_keeps_its_context_until_it_has_run() {
    let world = World::new();
    world.run("globalThis.out = []; vm.new('Promise.resolve(1).then(() => out.push(typeof Map)); undefined', { out })");
    world.turn();
    world.jobs();
    for _ in 0..4 {
        world.turn();
    }
    assert_eq!((world.json("out").as_str(), world.live()), (r#"["function"]"#, 0));
}

#[test]
fn an_async_function_that_waits_is_kept_by_what_it_waits_for_alone() {
    let world = World::new();
    world.run(
        "globalThis.wake = []; globalThis.out = [];
         vm.new('(async () => { let x = []; x.push(await new Promise(r => wake.push(r))); out.push(x.join()) })(); undefined', { wake, out });
         vm.new('(async () => { await new Promise(() => {}) })(); undefined');",
    );
    world.collect();
    assert_eq!(world.live(), 1);
    world.run("wake.pop()(5)");
    world.jobs();
    world.collect();
    assert_eq!((world.json("out").as_str(), world.live()), ("[\"5\"]", 0));
}

#[test]
fn a_contexts_own_jobs_run_at_the_end_of_its_scripts() {
    let world = World::new();
    world.run("globalThis.c = vm.context({}, { own: true }); vm.run('n = 0; Promise.resolve().then(() => Promise.resolve()).then(() => n++)', c)");
    assert_eq!(world.json("c.n"), "1");
}

#[test]
fn a_contexts_own_jobs_that_never_run_go_with_it() {
    let world = World::new();
    world.run(
        "for (let i = 0; i < 5; i++)
           try { vm.run('Promise.resolve({}).then(() => globalThis); throw 1', vm.context({}, { own: true })) } catch {}",
    );
    world.collect();
    assert_eq!(world.live(), 0);
    let before = world.heap();
    world.run(
        "for (let i = 0; i < 50; i++)
           try { vm.run('Promise.resolve({}).then(() => globalThis); throw 1', vm.context({}, { own: true })) } catch {}",
    );
    world.collect();
    assert_eq!((world.live(), world.heap().count), (0, before.count));
}

#[test]
fn own_jobs_in_cycles_with_other_contexts_are_collected() {
    let world = World::new();
    world.run(
        "{ const one = vm.context({}, { own: true }), two = vm.context({});
           one.two = two; two.f = vm.run('() => 1', one);
           try { vm.run('Promise.resolve(two).then(x => x); throw 1', one) } catch {} }",
    );
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn a_job_that_throws_ends_alone() {
    let world = World::new();
    world.run("globalThis.out = []; vm.new('Promise.reject(1); Promise.resolve().then(() => { throw {} }); Promise.resolve().then(() => out.push(1)); undefined', { out })");
    world.jobs();
    world.collect();
    assert_eq!((world.json("out").as_str(), world.live()), ("[1]", 0));
}
