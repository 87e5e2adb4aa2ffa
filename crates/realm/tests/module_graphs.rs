//! Graphs of modules that the host links by hand, over several contexts that come and go while modules
//! wait: whatever fails, and whichever context goes first, no module points at one that is gone.
//!
//! `SANDTIDE_ROUNDS` says how many graphs, `SANDTIDE_SEED` with which seed they begin. Use after free is
//! seen by an engine that poisons what it frees (`--features sandtide-quickjs/poison`).

mod support;

use support::World;

const GRAPHS: &str = r#"
globalThis.graph = (seed) => {
  let state = seed | 0;
  const below = (end) => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) % end;
  };
  const gates = [];
  const gate = () => new Promise((open, fail) => gates.push(below(4) ? open : fail));
  const contexts = [0, 1, 2].map(() => vm.context({ gate, gc, print() {} }));
  const held = [];
  const all = [];
  const count = 2 + below(7);
  const tolerate = (f) => { try { return f(); } catch (e) { return e; } };
  for (let i = 0; i < count; i++) {
    const asks = [];
    for (let j = below(4); j > 0; j--) asks.push(below(count));
    let text = asks.map((to, k) => [
      `import './${to}';`, `import { a as x${k} } from './${to}';`, `import * as x${k} from './${to}';`, `export * from './${to}';`,
      `export * as s${k} from './${to}';`, `import { a as x${k} } from './${to}'; export { x${k} as e${k} };`, `import { nowhere as x${k} } from './${to}';`,
    ][below(20) ? below(6) : 6]).join('\n');
    text += `\nexport let a = ${i}; export default () => a;\n`;
    if (below(2)) text += 'await gate();\n';
    if (below(6) === 0) text += 'gc();\n';
    if (below(8) === 0) text += 'throw new Error("body");\n';
    const where = contexts[below(contexts.length)];
    const made = below(10) === 0
      ? m.createSyntheticModule(`./${i}`, where, ['a', 'default'], () => { if (below(3) === 0) throw new Error('steps'); })
      : vm.module(text, where, undefined, `./${i}`);
    all.push({ made, requests: m.moduleRequests(made) });
  }
  for (const { made, requests } of all) {
    if (below(12)) tolerate(() => m.link(made, requests.map(({ specifier }) => all[+specifier.slice(2)].made)));
  }
  for (let steps = below(30); steps > 0 && all.length; steps--) {
    const at = below(all.length);
    const { made } = all[at];
    switch (below(9)) {
      case 0: case 1: tolerate(() => m.instantiate(made)); break;
      case 2: case 3: {
        const result = tolerate(() => { m.instantiate(made); return m.evaluate(made, -1, false); });
        result?.then?.(() => {}, () => {});
        break;
      }
      case 4: tolerate(() => { if (m.getStatus(made) === 'evaluated') held.push(m.getNamespace(made)); }); break;
      case 5: tolerate(() => { for (const space of held) for (const key of Reflect.ownKeys(space)) tolerate(() => space[key]); }); break;
      case 6: all.splice(at, 1); break;
      case 7: contexts.splice(below(contexts.length), below(2)); gc(); break;
      case 8: if (gates.length) gates.splice(below(gates.length), 1)[0](1); break;
    }
    if (below(6) === 0) gc();
  }
  // Some go before those that wait for them, or that they wait for.
  all.length = below(all.length + 1);
  if (below(2)) contexts.length = 0;
  held.length = below(held.length + 1);
  return { gates, all, held, contexts };
};
"#;

#[test]
fn modules_that_wait_for_each_other_outlive_each_others_contexts() {
    let world = World::new();
    world.run("m; b; globalThis.gates = []; globalThis.gate = () => new Promise((open) => gates.push(open));");
    for fails in ["", "throw 1;"] {
        world.run(&format!(
            "globalThis.kept = vm.module('await gate(); {fails} export let a = 1', vm.context({{ gate }})); m.link(kept, []);
             {{ const waits = vm.module('import {{ a }} from \"x\"; a', vm.context({{}}));
                const waits2 = vm.module('import \"y\"; await 0', vm.context({{}}));
                m.link(waits, [kept]); m.link(waits2, [waits]); m.instantiate(waits2); m.evaluate(waits2, -1, false).catch(() => {{}}); }}"
        ));
        world.jobs();
        world.collect();
        world.collect();
        world.run("gates.splice(0).forEach((open) => open())");
        world.jobs();
        world.run("kept = undefined");
        world.collect();
        assert_eq!(world.live(), 0);
    }
}

#[test]
fn random_graphs_over_contexts_leave_nothing_behind() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first: u64 = number("SANDTIDE_SEED").unwrap_or(1);
    let rounds: u64 = number("SANDTIDE_ROUNDS").unwrap_or(150);
    let world = World::new();
    world.run(GRAPHS);
    for seed in first..first + rounds {
        eprintln!("seed {seed}");
        world.run(&format!("globalThis.left = graph({seed})"));
        world.jobs();
        world.run("left.all.length = 0; gc()");
        world.jobs();
        world.run("for (const open of left.gates) open(1)");
        world.jobs();
        world.turn();
        world.run("left = undefined; gc()");
        world.jobs();
        world.collect();
        world.collect();
        assert_eq!(world.live(), 0, "seed {seed}");
    }
}
