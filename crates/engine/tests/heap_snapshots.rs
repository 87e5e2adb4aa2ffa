//! Heap snapshots of arenas: their structure, and that they are true.

mod common;

use sandtide_engine::{
    EntryPoint, Error, Instance, InstanceConfig, Limits, Look, Moment, Plan, Request, Source,
    engine_identity,
};
use sandtide_inspect::snapshot::{self, Ids};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

/// One node as a reader sees it.
#[derive(Clone, Debug)]
struct Node {
    kind: String,
    name: String,
    id: u64,
    size: u64,
    edges: Vec<(String, String, usize)>,
}

struct Snapshot {
    nodes: Vec<Node>,
    used: usize,
    moment: Moment,
}

impl Snapshot {
    /// Reads a snapshot as strictly as its readers do, or more so.
    fn parse(text: &[u8], used: usize, moment: Moment) -> Snapshot {
        let json: Value = serde_json::from_slice(text).expect("JSON");
        let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let order = [
            "snapshot",
            "nodes",
            "edges",
            "trace_function_infos",
            "trace_tree",
            "samples",
            "locations",
            "strings",
        ];
        assert_eq!(keys, order);
        let numbers = |key: &str| -> Vec<u64> {
            json[key].as_array().unwrap().iter().map(|n| n.as_u64().expect("unsigned")).collect()
        };
        let (nodes, edges) = (numbers("nodes"), numbers("edges"));
        let texts: Vec<&str> =
            json["strings"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
        let meta = &json["snapshot"]["meta"];
        let types = |of: &str| -> Vec<String> {
            let names = meta[of][0].as_array().unwrap();
            names.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
        };
        let (node_types, edge_types) = (types("node_types"), types("edge_types"));
        assert_eq!(nodes.len() as u64, 6 * json["snapshot"]["node_count"].as_u64().unwrap());
        assert_eq!(edges.len() as u64, 3 * json["snapshot"]["edge_count"].as_u64().unwrap());
        let mut rest = edges.chunks_exact(3);
        let mut read = Vec::new();
        for node in nodes.chunks_exact(6) {
            let mut node_edges = Vec::new();
            for edge in rest.by_ref().take(node[4] as usize) {
                let kind = edge_types[edge[0] as usize].clone();
                let name = match kind.as_str() {
                    "element" | "hidden" => edge[1].to_string(),
                    _ => texts[edge[1] as usize].to_owned(),
                };
                assert!(edge[2] % 6 == 0 && edge[2] < nodes.len() as u64, "{edge:?}");
                node_edges.push((kind, name, edge[2] as usize / 6));
            }
            assert_eq!(node_edges.len() as u64, node[4]);
            assert!(node[5] <= 2 && node.iter().all(|&number| number < 1 << 32), "{node:?}");
            read.push(Node {
                kind: node_types[node[0] as usize].clone(),
                name: texts[node[1] as usize].to_owned(),
                id: node[2],
                size: node[3],
                edges: node_edges,
            });
        }
        assert!(rest.next().is_none(), "edges of no node");
        for location in numbers("locations").chunks_exact(4) {
            let of = &read[location[0] as usize / 6];
            assert!(location[0] % 6 == 0 && of.kind == "closure", "{of:?}");
        }
        assert_eq!((read[0].id, read[0].name.as_str()), (1, ""));
        let ids: HashSet<u64> = read.iter().map(|node| node.id).collect();
        assert_eq!(ids.len(), read.len(), "ids are those of one node each");
        let mut classes: HashMap<&str, u64> = HashMap::new();
        for node in nodes.chunks_exact(6).filter(|node| node_types[node[0] as usize] == "object") {
            let index = *classes.entry(texts[node[1] as usize]).or_insert(node[1]);
            assert_eq!(index, node[1], "one class, one name: {}", texts[node[1] as usize]);
        }
        Snapshot { nodes: read, used, moment }
    }

    fn bytes(&self) -> u64 {
        self.nodes.iter().map(|node| node.size).sum()
    }

    /// Whether sizes add up to what the arena uses, within 1 %. An engine that poisons what it frees
    /// keeps the last freed blocks back, which are used and no nodes.
    fn assert_adds_up(&self) {
        let (used, bytes) = (self.used as u64, self.bytes());
        let kept_back = if engine_identity().contains(" poisoned") { used / 8 } else { 0 };
        assert!(bytes <= used + used / 100, "{bytes} bytes in nodes, {used} used");
        assert!(bytes + kept_back + used / 100 >= used, "{bytes} bytes in nodes, {used} used");
    }

    fn named(&self, name: &str) -> Vec<usize> {
        (0..self.nodes.len()).filter(|&index| self.nodes[index].name == name).collect()
    }

    /// The names of the shortest way from the root, without weak references.
    fn path_to(&self, target: usize) -> Option<Vec<String>> {
        let mut from: HashMap<usize, (usize, String)> = HashMap::new();
        let mut turn = vec![0];
        while !turn.is_empty() && !from.contains_key(&target) {
            let mut next = Vec::new();
            for &index in &turn {
                for (kind, name, to) in &self.nodes[index].edges {
                    if kind != "weak" && *to != 0 && !from.contains_key(to) {
                        from.insert(*to, (index, name.clone()));
                        next.push(*to);
                    }
                }
            }
            turn = next;
        }
        let mut path = Vec::new();
        let mut at = target;
        while at != 0 {
            let (before, name) = from.get(&at)?;
            path.push(name.clone());
            at = *before;
        }
        path.reverse();
        Some(path)
    }
}

fn look(ids: &Arc<Mutex<Ids>>, out: &Arc<Mutex<Vec<Snapshot>>>) -> Look {
    let (ids, out) = (Arc::clone(ids), Arc::clone(out));
    Look::new(move |looked| {
        let mut text = Vec::new();
        let summary = snapshot::write(looked.walk, &mut ids.lock().unwrap(), &mut text).unwrap();
        let read = Snapshot::parse(&text, looked.used, looked.moment);
        assert_eq!((summary.nodes, summary.bytes), (read.nodes.len() as u64, read.bytes()));
        out.lock().unwrap().push(read);
    })
}

fn snapshot_of(source: &str, limits: Limits) -> (Snapshot, Result<(), Error>) {
    let mut instance = Instance::new(InstanceConfig::default()).unwrap();
    let entry = EntryPoint::Classic(Source::new("leak.js", source));
    let image = instance.build(&Plan { entry, ..Plan::default() }).unwrap();
    let out = Arc::default();
    // A snapshot is taken in the run's time, on whatever machine.
    let long = std::time::Duration::from_secs(300);
    let limits = Limits { wall: long, cpu: long, ..limits };
    let request = Request { limits, look: Some(look(&Arc::default(), &out)), ..Request::default() };
    let result = instance.run(&image, &request).result.map(drop);
    let mut taken = std::mem::take(&mut *out.lock().unwrap());
    assert_eq!(taken.len(), 1, "{result:?}");
    (taken.remove(0), result)
}

/// Each kind of thing that the engine allocates for a program.
const RICH: &str = r#"
class Order { constructor(n) { this.id = n; this.text = 'order ' + n; this.lines = [n, { p: n }] } }
const cache = new Map();
globalThis.registry = { cache };
for (let i = 0; i < 3000; i++) cache.set('key' + i, new Order(i));
const weak = new WeakMap(); weak.set(cache, { weak: 1 });
new Promise(() => {}).then(() => cache);
function make() { const captured = new Array(1000).fill(7); return () => captured; }
globalThis.closure = make();
globalThis.kept = [new Uint8Array(100000), /a(b|c)+d/g, Symbol('mine'), 123456789012345678901234567890n,
    (function* () { const inside = { generator: true }; yield 1; return inside })(), new Set([1, 'two']),
    new Proxy({}, {}), function () { return arguments }(1, 2), [1, 2].values(), 'abc'[Symbol.iterator](),
    new WeakRef(cache), new Date(), new Error('kept'), make.bind(null, { bound: 1 }), 'a-b'.matchAll(/./g),
    new FinalizationRegistry(() => {}), new DataView(new ArrayBuffer(8)), Object(1n), new Map().entries(),
    async function* () {}(), { get g() { return 1 } }, 'x'.repeat(5000) + 'y'.repeat(9000)];
kept[4].next(); kept[5].add(kept[21].slice(10, 4000));
(async () => { const waits = { inAsync: true }; await new Promise(() => {}); return waits })();
0
"#;

#[test]
fn sizes_add_up_and_the_structure_is_what_readers_need() {
    let (snapshot, result) = snapshot_of(RICH, Limits::default());
    result.unwrap();
    assert_eq!(snapshot.moment, Moment::End);
    snapshot.assert_adds_up();
    let orders = snapshot.named("Order");
    let of_kind = |kind: &str| orders.iter().filter(|&&i| snapshot.nodes[i].kind == kind).count();
    assert_eq!((of_kind("object"), of_kind("closure")), (3000, 1));
    let kinds: HashSet<&str> = snapshot.nodes.iter().map(|node| node.kind.as_str()).collect();
    for kind in [
        "string",
        "object",
        "code",
        "closure",
        "regexp",
        "native",
        "synthetic",
        "concatenated string",
        "sliced string",
        "symbol",
        "bigint",
        "object shape",
    ] {
        assert!(kinds.contains(kind), "no {kind}");
    }
}

#[test]
fn what_holds_an_object_is_told_by_name() {
    let (snapshot, _) = snapshot_of(RICH, Limits::default());
    let order =
        *snapshot.named("Order").iter().find(|&&i| snapshot.nodes[i].kind == "object").unwrap();
    let path = snapshot.path_to(order).unwrap().join(" / ");
    assert!(path.ends_with("value") && path.contains("cache"), "{path}");
    let captured = snapshot.nodes.iter().enumerate().find_map(|(index, node)| {
        let named =
            node.edges.iter().any(|(kind, name, _)| kind == "context" && name == "captured");
        named.then_some(index)
    });
    let path = snapshot.path_to(captured.expect("a captured variable")).unwrap().join(" / ");
    assert!(path.ends_with("closure"), "{path}");
    let buffer = snapshot.named("ArrayBuffer").into_iter().map(|i| snapshot.nodes[i].size).max();
    assert!(buffer.unwrap() >= 100_000);
}

#[test]
fn weak_references_hold_nothing() {
    let source = "globalThis.weak = new WeakMap(); globalThis.key = {};
        class Held {} class Target {} weak.set(key, new Held());
        globalThis.target = new Target(); globalThis.ref = new WeakRef(target); 0";
    let (snapshot, _) = snapshot_of(source, Limits::default());
    let edges = |from: &str, kind: &str| {
        let from = snapshot.named(from);
        let edges = from.iter().flat_map(|&index| &snapshot.nodes[index].edges);
        edges
            .filter(|edge| edge.0 == kind)
            .map(|edge| snapshot.nodes[edge.2].name.clone())
            .collect::<Vec<_>>()
    };
    assert!(edges("WeakRef", "weak").contains(&"Target".to_owned()));
    assert!(edges("WeakMap", "weak").contains(&"Object".to_owned()));
    assert!(edges("WeakMap", "internal").contains(&"Held".to_owned()));
}

#[test]
fn at_the_heap_limit_the_stack_says_who_holds_what_was_too_much() {
    let source = "class Order { constructor(n) { this.text = 'order number ' + n } }
        function fill() { const hoard = []; for (let i = 0; ; i++) hoard.push(new Order(i)) }
        fill()";
    let limits = Limits { heap: 8 << 20, ..Limits::default() };
    let (snapshot, result) = snapshot_of(source, limits);
    assert!(matches!(result, Err(Error::Heap { .. })), "{result:?}");
    assert_eq!(snapshot.moment, Moment::HeapLimit);
    snapshot.assert_adds_up();
    let order =
        *snapshot.named("Order").iter().find(|&&i| snapshot.nodes[i].kind == "object").unwrap();
    let stack = snapshot.named("(Stack)")[0];
    let held = |&(_, _, to): &(String, String, usize)| {
        snapshot.nodes[to].name == "Array" && snapshot.nodes[to].edges.len() > 1000
    };
    assert!(snapshot.nodes[stack].edges.iter().any(held), "{:?}", snapshot.nodes[stack]);
    assert!(snapshot.path_to(order).is_some());
}

#[test]
fn arrays_that_lost_their_first_values_have_the_size_of_their_blocks() {
    let source = "globalThis.kept = [];
        const values = [1, 'text', null, 2.5, {}, Symbol('s'), 7n, undefined];
        for (let length = 2; length <= 400; length++) {
            for (let times = 1; times <= 5; times++) {
                const shifted = Array.from({ length }, (_, i) => values[i % values.length]);
                const cut = shifted.slice(), grown = shifted.slice();
                for (let i = 0; i < times; i++) { shifted.shift(); cut.splice(0, 1); grown.unshift(i); }
                kept.push(shifted, cut, grown);
            }
        }
        (function (first) { kept.push(arguments, first) })(1, 2, 3);
        (function () { 'use strict'; kept.push(arguments) })(1, 2, 3);
        0";
    let (snapshot, result) = snapshot_of(source, Limits { heap: 64 << 20, ..Limits::default() });
    result.unwrap();
    snapshot.assert_adds_up();
}

#[test]
fn what_is_half_made_when_the_heap_is_full_can_be_looked_at() {
    // The second allocation of each is the large one, which fails first.
    for (what, make) in [
        ("a bound function", "f.bind(null, ...large)"),
        ("arguments", "f(...large)"),
        ("arguments of a sloppy function", "sloppy(...large)"),
        ("a list of disposables", "stack()"),
        ("a buffer", "new ArrayBuffer(large.length * 16)"),
        ("a typed array", "new Float64Array(large)"),
        ("a map", "new Map(large.map((x, i) => [i, x]))"),
        ("a rest array", "((...rest) => rest)(...large)"),
        ("a generator", "many(...large)"),
        ("a regular expression", "new RegExp('a'.repeat(9000 + kept.length))"),
        ("a proxy", "new Proxy({}, {})"),
        ("an iterator", "Iterator.concat(...large.map(() => []))"),
    ] {
        let source = format!(
            "const large = new Array(1000).fill(1), kept = globalThis.kept = [];
            function f() {{ 'use strict'; return arguments }}
            function sloppy(a, b) {{ return arguments }}
            function* many(...all) {{ yield all }}
            function stack() {{ const s = new DisposableStack(); for (const x of large) s.defer(f); return s }}
            for (;;) kept.push({make});"
        );
        let (snapshot, result) =
            snapshot_of(&source, Limits { heap: 4 << 20, ..Limits::default() });
        assert!(matches!(result, Err(Error::Heap { .. })), "{what}: {result:?}");
        assert_eq!(snapshot.moment, Moment::HeapLimit, "{what}");
    }
}

#[test]
fn a_heap_is_as_it_was_after_it_was_looked_at() {
    let mut instance = Instance::new(InstanceConfig::default()).unwrap();
    let source = "globalThis.kept ??= []; for (let i = 0; i < 3000; i++) kept.push({ i }); 0";
    let entry = EntryPoint::Classic(Source::new("again.js", source));
    let image = instance.build(&Plan { entry, ..Plan::default() }).unwrap();
    let out = Arc::default();
    let ids = Arc::default();
    for _ in 0..3 {
        let request = Request { look: Some(look(&ids, &out)), ..Request::default() };
        instance.run_reused(&image, &request).result.unwrap();
    }
    let taken = out.lock().unwrap();
    // The heap is not put back between them, so what one run made is still there in the next.
    let ids: Vec<HashSet<u64>> =
        taken.iter().map(|taken| taken.nodes.iter().map(|node| node.id).collect()).collect();
    let highest = ids[0].iter().max().unwrap();
    let kept = ids[0].intersection(&ids[1]).count();
    assert!(kept * 2 > ids[0].len(), "{kept} of {}", ids[0].len());
    let new = ids[1].difference(&ids[0]).collect::<Vec<_>>();
    assert!(!new.is_empty() && new.iter().all(|id| *id > highest), "new ids are larger");
    for taken in taken.iter() {
        taken.assert_adds_up();
    }
}
