//! The arena's allocator against a model: what is live, what it holds, and which gaps are left.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::collections::BTreeMap;
use std::ptr::NonNull;

use proptest::prelude::*;
use sandtide_engine::arena::heap::Heap;

const CAPACITY: usize = 256 << 10;
const HEADER: usize = 8;

struct Region {
    base: NonNull<u8>,
    layout: Layout,
}

impl Region {
    fn new(capacity: usize) -> Self {
        let layout = Layout::from_size_align(capacity, 4096).unwrap();
        // SAFETY: the layout is not empty.
        let base = NonNull::new(unsafe { alloc_zeroed(layout) }).unwrap();
        Region { base, layout }
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the region is initialised and nothing else borrows it while the slice lives.
        unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr(), self.layout.size()) }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe { dealloc(self.base.as_ptr(), self.layout) }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Malloc(usize),
    Calloc(usize, usize),
    Realloc(usize, usize),
    Free(usize),
    FreeEverySecond,
    Snapshot,
    Restore,
    Compact,
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![
        2 => 0usize..80,
        4 => 500usize..1200,
        4 => 3900usize..4120,
        3 => 1000usize..20_000,
        1 => 20_000usize..CAPACITY,
        1 => CAPACITY - Heap::HEADER_BYTES - 40..CAPACITY + 40,
        1 => prop_oneof![
            usize::MAX - 40..=usize::MAX,
            (1usize << 32) - 40..(1usize << 32) + 40,
            Just(1usize << 63),
        ],
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => size().prop_map(Step::Malloc),
        3 => (1usize..5, size()).prop_map(|(count, size)| Step::Calloc(count, size)),
        8 => (any::<usize>(), size()).prop_map(|(which, size)| Step::Realloc(which, size)),
        9 => any::<usize>().prop_map(Step::Free),
        1 => Just(Step::FreeEverySecond),
        1 => Just(Step::Snapshot),
        1 => Just(Step::Restore),
        1 => Just(Step::Compact),
    ]
}

/// Live blocks by offset; the content covers all of a block's usable bytes.
type Live = BTreeMap<usize, Vec<u8>>;

struct Snapshot {
    bytes: Vec<u8>,
    live: Live,
}

struct Subject {
    region: Region,
    heap: Heap,
    live: Live,
    snapshot: Option<Snapshot>,
    fills: u8,
}

impl Subject {
    fn new() -> Self {
        let region = Region::new(CAPACITY);
        // SAFETY: a fresh, zeroed region that lives as long as the subject.
        let heap = unsafe { Heap::init(region.base, CAPACITY) };
        Subject { region, heap, live: Live::new(), snapshot: None, fills: 0 }
    }

    fn pointer(&self, offset: usize) -> *mut u8 {
        self.region.base.as_ptr().wrapping_add(offset)
    }

    fn pick(&self, which: usize) -> Option<usize> {
        self.live.keys().nth(which.checked_rem(self.live.len())?).copied()
    }

    /// Bytes of the largest range between live blocks, and whether it fits a block of `size`.
    fn fits(&self, size: usize) -> bool {
        let mut end = Heap::HEADER_BYTES - HEADER;
        let mut largest = 0;
        for (offset, content) in &self.live {
            largest = largest.max(offset - HEADER - end);
            end = offset + content.len();
        }
        largest = largest.max(CAPACITY - HEADER - end);
        size.checked_add(HEADER).is_some_and(|bytes| bytes <= largest)
    }

    /// Takes a new block into the model and writes all of it.
    fn accept(&mut self, pointer: *mut u8, asked: usize) {
        let offset = pointer.addr() - self.region.base.as_ptr().addr();
        // SAFETY: a live block that was just handed out.
        let usable = unsafe { self.heap.usable_size(pointer) };
        assert_eq!(offset % 16, 0);
        assert!(usable >= asked);
        assert!(offset >= Heap::HEADER_BYTES && offset + usable <= self.heap.top());
        if let Some((before, content)) = self.live.range(..=offset).next_back() {
            assert!(before + content.len() + HEADER <= offset, "overlaps the block before");
        }
        if let Some((&after, _)) = self.live.range(offset..).next() {
            assert!(offset + usable + HEADER <= after, "overlaps the block after");
        }
        self.fills = self.fills.wrapping_add(1);
        let fill = self.fills;
        let pattern: [u8; 251] = std::array::from_fn(|i| (i as u8 ^ fill) | 1);
        let mut content = pattern.repeat(usable.div_ceil(pattern.len()));
        content.truncate(usable);
        self.region.bytes()[offset..offset + usable].copy_from_slice(&content);
        self.live.insert(offset, content);
    }

    fn apply(&mut self, step: &Step) {
        match *step {
            Step::Malloc(size) => {
                let fits = self.fits(size);
                // SAFETY: the heap's region is alive.
                let pointer = unsafe { self.heap.malloc(size) };
                assert_eq!(fits, !pointer.is_null(), "malloc of {size} bytes");
                if fits {
                    self.accept(pointer, size);
                }
            }
            Step::Calloc(count, size) => {
                let fits = count.checked_mul(size).is_some_and(|bytes| self.fits(bytes));
                // SAFETY: the heap's region is alive.
                let pointer = unsafe { self.heap.calloc(count, size) };
                assert_eq!(fits, !pointer.is_null(), "calloc of {count} * {size} bytes");
                if fits {
                    let offset = pointer.addr() - self.region.base.as_ptr().addr();
                    let content = &self.region.bytes()[offset..offset + count * size];
                    assert!(*content == vec![0; content.len()], "calloc left a byte");
                    self.accept(pointer, count * size);
                }
            }
            Step::Realloc(which, size) => self.realloc(which, size),
            Step::Free(which) => {
                if let Some(offset) = self.pick(which) {
                    self.free(offset);
                }
            }
            Step::FreeEverySecond => {
                for offset in self.live.keys().copied().step_by(2).collect::<Vec<_>>() {
                    self.free(offset);
                }
            }
            Step::Snapshot => {
                let top = self.heap.top();
                let bytes = self.region.bytes()[..top].to_vec();
                self.snapshot = Some(Snapshot { bytes, live: self.live.clone() });
            }
            Step::Restore => {
                if let Some(snapshot) = self.snapshot.take() {
                    let (top, written) = (snapshot.bytes.len(), self.heap.high_water());
                    self.region.bytes()[..top].copy_from_slice(&snapshot.bytes);
                    if top < written {
                        self.region.bytes()[top..written].fill(0);
                    }
                    // SAFETY: the bytes of an earlier moment of the same heap.
                    self.heap = unsafe { Heap::attach(self.region.base) };
                    assert_eq!(self.heap.top(), top);
                    self.heap.set_high_water(top);
                    self.live = snapshot.live.clone();
                    self.snapshot = Some(snapshot);
                }
            }
            Step::Compact => self.heap.compact(),
        }
    }

    fn free(&mut self, offset: usize) {
        // SAFETY: a live block.
        unsafe { self.heap.free(self.pointer(offset)) };
        self.live.remove(&offset);
    }

    fn realloc(&mut self, which: usize, size: usize) {
        let old = self.pick(which);
        let fits = self.fits(size);
        let pointer = old.map_or(std::ptr::null_mut(), |offset| self.pointer(offset));
        // SAFETY: null or a live block.
        let moved = unsafe { self.heap.realloc(pointer, size) };
        let Some(old) = old else {
            assert_eq!(fits, !moved.is_null());
            if fits {
                self.accept(moved, size);
            }
            return;
        };
        if moved.is_null() {
            assert!(!fits, "realloc to {size} bytes fails although a gap is large enough");
            assert!(size > self.live[&old].len(), "realloc to a smaller size fails");
            return;
        }
        let content = self.live.remove(&old).unwrap();
        let offset = moved.addr() - self.region.base.as_ptr().addr();
        let kept = content.len().min(size);
        assert!(self.region.bytes()[offset..offset + kept] == content[..kept], "content lost");
        self.accept(moved, size);
    }

    fn verify(&mut self) {
        self.heap.check().unwrap();
        let mut used = 0;
        for (&offset, content) in &self.live {
            used += content.len() + HEADER;
            // SAFETY: a live block.
            let usable = unsafe { self.heap.usable_size(self.pointer(offset)) };
            assert_eq!(usable, content.len());
        }
        let (heap, bytes) = (self.heap, self.region.bytes());
        for (&offset, content) in &self.live {
            assert!(bytes[offset..offset + content.len()] == content[..], "content changed");
        }
        assert_eq!(heap.used_bytes(), used);
        assert!(heap.peak_bytes() >= used);
        let end = self.live.last_key_value().map_or(Heap::HEADER_BYTES, |(o, c)| o + c.len() + 8);
        assert_eq!(heap.top(), end, "top is not where the last live block ends");
        let rest = &bytes[heap.high_water()..];
        assert!(*rest == vec![0; rest.len()], "high water mark lies");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn heap_agrees_with_the_model_through_restores(
        steps in prop::collection::vec(step(), 1..160),
    ) {
        let mut subject = Subject::new();
        for step in &steps {
            subject.apply(step);
            subject.verify();
        }
        while let Some(offset) = subject.pick(0) {
            subject.free(offset);
        }
        subject.verify();
        prop_assert_eq!(subject.heap.top(), Heap::HEADER_BYTES);
        prop_assert_eq!(subject.heap.used_bytes(), 0);
    }

    /// A run that is restored must find the very same addresses as the first one: replays and
    /// warm caches depend on it.
    #[test]
    fn the_same_steps_after_a_restore_give_the_same_addresses(
        before in prop::collection::vec(step(), 1..60),
        run in prop::collection::vec(step(), 1..60),
    ) {
        let keep = |steps: Vec<Step>| -> Vec<Step> {
            steps.into_iter().filter(|s| !matches!(s, Step::Snapshot | Step::Restore)).collect()
        };
        let (before, run) = (keep(before), keep(run));
        let mut subject = Subject::new();
        before.iter().for_each(|step| subject.apply(step));
        subject.apply(&Step::Compact);
        subject.apply(&Step::Snapshot);
        // What set-up left past the top is no part of the image.
        subject.apply(&Step::Restore);
        let fills = subject.fills;
        run.iter().for_each(|step| subject.apply(step));
        let first: Vec<usize> = subject.live.keys().copied().collect();
        let first_bytes = subject.region.bytes().to_vec();
        subject.apply(&Step::Restore);
        subject.fills = fills;
        run.iter().for_each(|step| subject.apply(step));
        subject.verify();
        prop_assert_eq!(first, subject.live.keys().copied().collect::<Vec<_>>());
        prop_assert!(first_bytes == subject.region.bytes(), "the bytes differ");
    }
}
