//! Weak collections, within and across contexts: a value of a weak map lives while its map and its key
//! do, whatever refers to whatever.

mod support;

use proptest::{prelude::*, test_runner::Config};
use support::World;

#[test]
fn a_weak_map_that_its_own_value_refers_to_goes_while_the_key_stays() {
    let world = World::new();
    world.run("globalThis.key = {}; globalThis.fill = n => { for (let i = 0; i < n; i++) { const map = new WeakMap(); map.set(key, { map }) } }; fill(100)");
    world.collect();
    let before = world.heap().count;
    world.run("fill(3000)");
    world.collect();
    assert!(world.heap().count <= before + 8, "{before} {}", world.heap().count);
}

#[test]
fn a_contexts_weak_map_keyed_by_an_object_of_the_host_keeps_nothing() {
    for code in [
        "const wm = new WeakMap(); wm.set(host, () => wm)",
        "const wm = new WeakMap([[host, globalThis]])",
        "new WeakSet([host]).self = globalThis; globalThis.s = new WeakSet([host])",
        "globalThis.wm = new WeakMap(); wm.set(host, wm); wm.set(wm, host)",
        "class P { #p = () => P; constructor() { this.wm = new WeakMap([[host, this]]) } } globalThis.p = new P()",
        "globalThis.ref = new WeakRef(host); globalThis.registry = new FinalizationRegistry(() => ref); registry.register(host, { registry }, ref)",
        "globalThis.a = new WeakMap(); globalThis.b = new WeakMap([[a, () => b]]); a.set(b, () => a); a.set(host, b)",
    ] {
        let world = World::new();
        world.run("globalThis.host = {}");
        world.run(&format!("vm.new({code:?}, {{ host }})"));
        world.jobs();
        for _ in 0..4 {
            world.turn();
        }
        // without a collection: what the realm alone holds is known to its own trial
        assert_eq!((world.live(), world.heap().collected), (0, 0), "{code}");
    }
}

#[test]
fn weak_maps_of_the_host_that_are_keyed_by_contexts_let_them_go() {
    let world = World::new();
    world.run(
        "globalThis.map = new WeakMap(); globalThis.set = new WeakSet();
         { const s = vm.context({});
           map.set(s, vm.run('var f = () => globalThis; f', s)); set.add(vm.run('f', s));
           map.set(vm.run('f', s), vm.run('Array', s)); }",
    );
    world.run("try { null.x } catch {}");
    for _ in 0..4 {
        world.turn();
    }
    assert_eq!((world.live(), world.heap().collected), (0, 0));
    world.run(
        "for (let i = 0; i < 20; i++) {
           const s = vm.context({ i });
           map.set(s, { s, f: vm.run('() => 1', s) });
           map.set(vm.run('Map', s), s);
         }",
    );
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn a_target_that_is_its_own_token_goes_and_is_told() {
    let world = World::new();
    world.run(
        "globalThis.told = []; globalThis.registry = new FinalizationRegistry(x => told.push(x));
         globalThis.token = {}; globalThis.kept = {};
         { const o = {}; registry.register(o, 'own', o) }
         { const o = {}; registry.register(o, 'cycle', o); o.o = o }
         { const t = {}; registry.register(kept, 'kept', t) }
         { const o = {}; registry.register(o, 'other', token) }
         { const o = {}; registry.register(o, 'symbol', Symbol()) }
         { const o = {}, t = {}; registry.register(o, 'removed', t); registry.unregister(t) }",
    );
    world.collect();
    world.jobs();
    assert_eq!(world.json("told.sort()"), r#"["cycle","other","own","symbol"]"#);
    assert_eq!(
        world.json("[registry.unregister(token), registry.unregister({})]"),
        "[false,false]"
    );
    world.run("registry.register(kept, 'later', token); token = undefined; kept = undefined");
    world.collect();
    world.jobs();
    assert_eq!(world.json("told.length"), "6");
}

#[test]
fn what_refers_weakly_to_a_symbol_stands_that_it_goes_first() {
    let world = World::new();
    world.run(
        "globalThis.map = new WeakMap(); globalThis.told = 0; const registry = new FinalizationRegistry(() => told++);
         globalThis.make = wrap => { for (let i = 0; i < 100; i++) { let s = Symbol(); wrap(s); s = 1 } };
         make(s => map.set(s, { r: new WeakRef(s) }));
         make(s => { const r = new WeakRef(s); map.set(s, { r }) });
         make(s => { const f = new FinalizationRegistry(() => {}); map.set(s, { f }); f.register(s, f, s); f.register({}, f, s) });
         make(s => { const w = new WeakMap([[s, 1]]); map.set(s, { w }); registry.register(s, 1) });",
    );
    world.collect();
    world.jobs();
    assert_eq!(world.json("told"), "100");
}

/// What refers to what: edges, and entries of weak maps. Objects from `MAPS` on are weak maps.
#[derive(Clone, Debug)]
struct Graph {
    edges: Vec<(usize, usize)>,
    entries: Vec<(usize, usize, usize)>,
    roots: Vec<usize>,
    places: Vec<usize>,
}

const OBJECTS: usize = 14;
const MAPS: usize = 8;

fn graph() -> impl Strategy<Value = Graph> {
    (
        prop::collection::vec((0..OBJECTS, 0..OBJECTS), 0..16),
        prop::collection::vec((MAPS..OBJECTS, 0..OBJECTS, 0..OBJECTS), 0..16),
        prop::collection::vec(0..OBJECTS, 0..4),
        prop::collection::vec(0..4usize, OBJECTS),
    )
        .prop_map(|(edges, entries, roots, places)| Graph { edges, entries, roots, places })
}

impl Graph {
    /// What lives, by the standard: a value of an entry lives if map and key do.
    fn alive(&self) -> Vec<bool> {
        let mut alive = vec![false; OBJECTS];
        for &root in &self.roots {
            alive[root] = true;
        }
        // the last entry of a map for a key counts
        let last = |i: usize| {
            let (map, key, _) = self.entries[i];
            !self.entries[i + 1..].iter().any(|&(m, k, _)| (m, k) == (map, key))
        };
        loop {
            let before = alive.clone();
            for &(from, to) in &self.edges {
                alive[to] |= alive[from];
            }
            for (i, &(map, key, value)) in self.entries.iter().enumerate() {
                if last(i) && alive[map] && alive[key] {
                    alive[value] = true;
                }
            }
            if alive == before {
                return alive;
            }
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 400, failure_persistence: None, ..Config::default() })]

    #[test]
    fn exactly_what_the_standard_says_is_alive_after_a_collection(graph in graph()) {
        let alive = graph.alive();
        let world = World::new();
        // Objects of some contexts, made there; their sandboxes are dropped, so that only they hold them.
        world.run(&format!(
            "{{ const boxes = [1, 2, 3].map(() => vm.context({{}}));
                const make = (map, place) => place === 3 ? (map ? new WeakMap() : {{}})
                  : vm.run(map ? 'Object.setPrototypeOf(new WeakMap(), null)' : '({{ __proto__: null }})', boxes[place]);
                const o = {:?}.map((place, i) => make(i >= {MAPS}, place));
                {:?}.forEach(([from, to], i) => o[from]['e' + i] = o[to]);
                for (const [map, key, value] of {:?}) WeakMap.prototype.set.call(o[map], o[key], o[value]);
                globalThis.roots = {:?}.map(i => o[i]);
                globalThis.refs = o.map(x => new WeakRef(x)); }}",
            graph.places,
            graph.edges.iter().map(|&(a, b)| [a, b]).collect::<Vec<_>>(),
            graph.entries.iter().map(|&(a, b, c)| [a, b, c]).collect::<Vec<_>>(),
            graph.roots,
        ));
        world.run("try { null.x } catch {}");
        // What was referred to weakly is kept until the job ends.
        world.jobs();
        world.collect();
        let found: Vec<bool> = world.eval("refs.map(r => r.deref() !== undefined)");
        prop_assert_eq!(found, alive);
        world.run("roots = undefined");
        world.jobs();
        world.collect();
        let left: Vec<bool> = world.eval("refs.map(r => r.deref() !== undefined)");
        prop_assert!(left.iter().all(|&alive| !alive), "{:?}", left);
        world.jobs();
        prop_assert_eq!(world.live(), 0);
    }
}
