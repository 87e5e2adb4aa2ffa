//! Two lists of what putting bytes back does not cover: what in an arena is set anew for each run,
//! and what in it points out of it. Both lists are complete; the tests below compare them with the
//! bytes of arenas.
//!
//! Must not know how an arena is put back, nor what a run does.

use crate::arena::heap::Heap;
use crate::js::cx::Cx;
use crate::js::guard;
use crate::js::raw::JS_SetGCThreshold;

/// Bytes that a run allocates before garbage is collected, where its heap allows so much. What
/// short runs leave goes with the restore: only cycles in long runs are worth collecting.
const GC_AFTER: usize = 8 << 20;

/// What a run brings into its arena before anything runs there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Renewal {
    /// The run's heap limit, no larger than the region.
    pub(super) heap: usize,
    /// The run's stack limit.
    pub(super) stack: usize,
    /// The seed of `Math.random`.
    pub(super) random: u64,
    /// The seed of hashes; `None` where the image holds what the seed of its build placed.
    pub(super) hash_seed: Option<u32>,
}

/// One thing that is set anew for each run.
struct Step {
    #[cfg_attr(not(test), expect(dead_code, reason = "named where the tests find a difference"))]
    what: &'static str,
    renew: fn(Cx, Heap, &Renewal),
}

/// Everything in an arena that is set anew after a restore.
///
/// The rest lies outside of arenas: the guard (why the run was abandoned, its number, its clocks and
/// its state), which is the other half of `Instance::enter`; the watchdog's slot; the clocks, which
/// the guest reads through the guard.
const STEPS: [Step; 5] = [
    Step {
        what: "where the heap ends",
        // SAFETY: the caller's limit is no larger than the region.
        renew: |_, heap, run| unsafe { heap.set_capacity(run.heap) },
    },
    Step { what: "the heap's peak", renew: |_, heap, _| heap.reset_peak() },
    Step {
        what: "random state and hash seed",
        renew: |cx, _, run| cx.reseed(run.random, run.hash_seed),
    },
    Step {
        what: "how much stack may be used, and where it begins",
        renew: |cx, _, run| {
            // SAFETY: guard and runtime are the arena's own, nothing runs in it, and this thread runs
            // what comes.
            let room = unsafe { guard::move_to_stack(cx.guard, cx.runtime(), run.stack) };
            debug_assert!(room, "the stack was made for this run");
        },
    },
    Step {
        what: "when garbage is looked for",
        renew: |cx, heap, run| {
            let used = heap.used_bytes();
            let threshold = used + (run.heap.saturating_sub(used) / 2).min(GC_AFTER);
            // SAFETY: the runtime is the arena's own, and nothing runs in it.
            unsafe { JS_SetGCThreshold(cx.runtime(), threshold as u64) }
        },
    },
];

/// Sets everything in the arena that is this run's own. To be called on the stack that the run will
/// use.
///
/// # Safety
/// Heap and context belong to one arena, whose region is no smaller than the run's heap limit;
/// nothing runs there, and the calling thread is the one that will.
pub(super) unsafe fn renew(cx: Cx, heap: Heap, run: &Renewal) {
    for step in &STEPS {
        (step.renew)(cx, heap, run);
    }
}

/// What a word in an image may point to outside of its arena. None of it moves or goes while the
/// arena is there.
#[cfg(test)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Outside {
    /// Functions and constants of the program: the engine's tables, the shim's callbacks.
    Program,
    /// The guard, in its box: what the engine gives its callbacks.
    Guard,
    /// The stack of the thread that made the image: set anew for each run, by the list above.
    Stack,
    /// A pointer to a frame on that stack: a generator or an asynchronous function that waits
    /// remembers who called it last. The engine sets it when the function goes on, and does not
    /// follow it before.
    Suspended,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arena::restore::RestoreStrategy;
    use crate::image::HeapImage;
    use crate::instance::Entering;
    use crate::js::guard::Guard;
    use crate::js::raw::JS_TAG_OBJECT;
    use crate::limits::{Limits, Stopwatch};
    use crate::run::request::{Frozen, Request, Source};
    use crate::sys::stack;
    use crate::{EntryPoint, Instance, InstanceConfig, Plan};
    use std::collections::{BTreeSet, HashSet};
    use std::ops::Range;
    use std::{fs, thread};

    /// A set-up that leaves one of most kinds of things in the image.
    const RICH: &str = "
        var kept = [new Map([[{}, 1], ['k', 2]]), new Set([1, Symbol('s')]), new WeakMap([[{}, 1]]),
            new WeakRef({}), new FinalizationRegistry(() => 1), /re(g)ex/gu, new Date(), 12n ** 90n,
            new Uint8Array(100), new DataView(new ArrayBuffer(9)), Promise.resolve(1), new Proxy({}, {}),
            (function* () { yield 1 })(), class A { #p = 1; static s = () => this }, new Error('e'),
            async () => { await 1 }, async function* () {}, [1, 2].values(), Symbol.for('x'),
            'rope' + 'x'.repeat(3000), [1.5, 'a', , 3], { get g() { return 1 } }, console.log.bind(1),
            new Function('a', 'return a'), eval('() => arguments'), new Array(5000).fill({ o: 1 })];
        kept[6].getTimezoneOffset(); kept[12].next(); kept[5].exec('regex'); Math.random();
        let later = new Promise(() => {}); later.then(() => 1); 0";

    /// The word that the restore itself sets: how far memory was ever touched.
    const HIGH_WATER: usize = 8;

    fn instance() -> Instance {
        Instance::new(InstanceConfig { restore: RestoreStrategy::Copy, ..Default::default() })
            .unwrap()
    }

    fn images(instance: &mut Instance) -> Vec<HeapImage> {
        let setup = vec![Source::new("rich.js", RICH)];
        let classic = EntryPoint::Classic(Source::new("e.js", "kept.length"));
        let module = "export default async (x) => { await x; return 1 }";
        let module = EntryPoint::Module(Source::new("m.js", module));
        let mut images = vec![instance.base().clone()];
        for entry in [classic, module] {
            let plan = Plan { setup: setup.clone(), entry, ..Plan::default() };
            images.push(instance.build(&plan).unwrap());
        }
        images
    }

    /// Offsets of the words (of 8 bytes) in which two states of an arena differ.
    fn differences(one: &[u8], other: &[u8]) -> BTreeSet<usize> {
        assert_eq!(one.len(), other.len());
        (0..one.len()).filter(|&at| one[at] != other[at]).map(|at| at / 8 * 8).collect()
    }

    /// The words that each step writes, found by what it leaves for two runs that differ in
    /// everything, on two stacks.
    fn renewed(instance: &mut Instance, image: &HeapImage) -> Vec<(&'static str, BTreeSet<usize>)> {
        let len = image.heap_bytes();
        let runs = [0, 1].map(|n| Renewal {
            heap: (16 << 20) + n * 0x0101_0100,
            stack: (64 << 10) + n * 0x0101_0100,
            random: [0x0123_4567_89ab_cdee, 0xfedc_ba98_7654_3210][n],
            hash_seed: image.inner.reseed_hashes.then_some([0x0123_4567, 0x89ab_cdef][n]),
        });
        let mut step_of = |step: &Step, run: &Renewal| {
            instance.dirty = true;
            instance.load(image).unwrap();
            let heap = instance.arena.heap;
            // Another peak than the image's.
            // SAFETY: nothing runs in the arena.
            unsafe { heap.free(heap.malloc(1 << 20)) };
            let before = instance.arena.bytes(len).to_vec();
            (step.renew)(instance.cx(), heap, run);
            (before, instance.arena.bytes(len).to_vec())
        };
        let mut found = Vec::new();
        for step in &STEPS {
            let (before, one) = step_of(step, &runs[0]);
            let other_stack = guard::stack_for(runs[1].stack);
            let (_, other) =
                stack::on_run_stack(other_stack, |_| (step_of(step, &runs[1]), true)).unwrap();
            let mut words = differences(&one, &other);
            words.extend(differences(&before, &one));
            found.push((step.what, words));
        }
        found
    }

    #[test]
    fn each_thing_that_is_set_anew_is_a_few_words_of_the_arena() {
        let mut instance = instance();
        for image in images(&mut instance) {
            for (what, words) in renewed(&mut instance, &image) {
                assert!((1..=3).contains(&words.len()), "{what}: words at {words:?}");
            }
        }
    }

    #[test]
    fn before_anything_runs_an_arena_differs_from_its_image_in_nothing_else() {
        let mut instance = instance();
        for image in images(&mut instance) {
            let listed: BTreeSet<usize> =
                renewed(&mut instance, &image).into_iter().flat_map(|(_, words)| words).collect();
            let flat = image.inner.snapshot.flat();
            for frozen in [None, Some(Frozen { seed: 3, now_ms: 1e12 })] {
                instance.dirty = true;
                instance.load(&image).unwrap();
                let limits = Limits { heap: 20 << 20, stack: 3 << 20, ..Limits::default() };
                let inner = &image.inner;
                let run = instance.state(limits, Stopwatch::start(), &inner.hosts, &inner.modules);
                let request = Request { frozen, ..Request::default() };
                let region = instance.arena.region.base();
                // SAFETY: the image's bytes lie in the region, and nothing runs in it.
                let entered = instance.enter(&run, Entering::of(&request, &image), |_| unsafe {
                    std::slice::from_raw_parts(region.as_ptr(), flat.len()).to_vec()
                });
                let mut others = differences(&flat, &entered.unwrap());
                others.retain(|word| !listed.contains(word) && *word != HIGH_WATER);
                assert!(others.is_empty(), "no step is for the words at {others:?}");
            }
        }
    }

    /// The process's mappings: addresses, and the file behind them.
    fn mappings() -> Vec<(Range<usize>, String)> {
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let mapping = |line: &str| {
            let mut parts = line.split_ascii_whitespace();
            let (start, end) = parts.next()?.split_once('-')?;
            let address = |text| usize::from_str_radix(text, 16).ok();
            Some((address(start)?..address(end)?, parts.nth(4).unwrap_or_default().to_owned()))
        };
        let mut mappings: Vec<(Range<usize>, String)> = maps.lines().filter_map(mapping).collect();
        // A file's data that are zero at first lie behind the rest of it, in a mapping without a name.
        for at in 1..mappings.len() {
            if mappings[at].1.is_empty() && mappings[at - 1].0.end == mappings[at].0.start {
                mappings[at].1 = mappings[at - 1].1.clone();
            }
        }
        mappings
    }

    /// Whether the word with this number begins a frame: its function, an object, comes next.
    fn suspended(image: &[u8], word: usize) -> bool {
        let tag = image[8 * (word + 2)..8 * (word + 3)].try_into().unwrap();
        i64::from_ne_bytes(tag) == i64::from(JS_TAG_OBJECT)
    }

    #[test]
    fn an_image_points_to_nothing_outside_of_its_arena_but_what_is_listed() {
        let program = fs::read_link("/proc/self/exe").unwrap().display().to_string();
        let found = thread::spawn(move || {
            let mut instance = instance();
            let region = instance.arena.region.base().addr().get();
            let region = region..region + instance.arena.region.len();
            let guard = instance.guard.as_ptr().addr();
            let guard = guard..guard + size_of::<Guard>();
            let mut found = HashSet::new();
            for image in images(&mut instance) {
                let stacks: BTreeSet<usize> = renewed(&mut instance, &image)
                    .into_iter()
                    .filter(|(what, _)| what.contains("stack"))
                    .flat_map(|(_, words)| words)
                    .collect();
                let mappings = mappings();
                // The stack that the image was built on, which this thread keeps for the next run.
                let stack = guard::stack_for(Limits::default().stack);
                let stack = stack::on_run_stack(stack, |bounds| (bounds, true)).unwrap();
                let holds_here = |word: &usize| (stack.low..stack.high).contains(word);
                let flat = image.inner.snapshot.flat();
                for (at, word) in flat.chunks_exact(8).enumerate() {
                    let word = usize::from_ne_bytes(word.try_into().unwrap());
                    let holds = |mapping: &&(Range<usize>, String)| mapping.0.contains(&word);
                    let Some((_, file)) = mappings.iter().find(holds) else { continue };
                    let what = match word {
                        _ if region.contains(&word) => continue,
                        _ if guard.contains(&word) => Outside::Guard,
                        _ if *file == program => Outside::Program,
                        _ if stacks.contains(&(at * 8)) => Outside::Stack,
                        _ if holds_here(&word) && suspended(&flat, at) => Outside::Suspended,
                        // Padding that half of an address is left in, beside a number: where no file is,
                        // nothing begins there.
                        _ if word % 8 != 0 && file.is_empty() => continue,
                        // Nor where the number is 0 or -1, whatever the addresses of that half hold by chance.
                        _ if matches!(word as u32, 0 | u32::MAX) => continue,
                        _ => panic!("{word:#x} at {:#x} points into {file:?}", at * 8),
                    };
                    found.insert(what);
                }
            }
            found
        });
        let listed = [Outside::Program, Outside::Guard, Outside::Stack, Outside::Suspended];
        assert_eq!(found.join().unwrap(), HashSet::from(listed), "each is there");
    }
}
