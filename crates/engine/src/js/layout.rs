//! Where the engine keeps the few words that must change between two runs of one image, and the
//! list of its objects. The engine has no functions to set them, so their places are found out by
//! behaviour, once for every arena; a build of the engine that is laid out otherwise is refused,
//! not guessed at.

use super::cx::Cx;
use super::raw::{
    JS_EVAL_TYPE_GLOBAL, JS_GetClassID, JS_MKPTR, JS_TAG_OBJECT, JSContext, JSRuntime,
};
use crate::arena::heap::Heap;
use crate::error::Error;

/// Multiplier of xorshift64*, the generator behind `Math.random`; Vigna, "An experimental
/// exploration of Marsaglia's xorshift generators, scrambled" (2016), as QuickJS-NG has it in
/// `xorshift64star`.
const XORSHIFT64_STAR: u64 = 0x2545_f491_4f6c_dd1d;

/// Found places. Offsets are in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// Of the random state (u64) in the context; the hash seed (u32) follows it.
    random_state: usize,
    /// Of the head of the list of objects in the runtime: `previous`, `next`.
    objects: usize,
    /// The byte 5 before an object, which tells its kind, without the mark bit.
    object_kind: u8,
    /// Class ids of what keeps hashes: Map, Set, WeakMap, WeakSet.
    hashed: [u32; 4],
}

/// # Safety
/// `from + offset` is valid for reads of a `T`, whatever its alignment.
unsafe fn read<T: Copy>(from: *const u8, offset: usize) -> T {
    // SAFETY: see above.
    unsafe { from.add(offset).cast::<T>().read_unaligned() }
}

fn kind_of(object: *const u8) -> u8 {
    // SAFETY: the engine keeps an 8-byte block header before every object; byte 3 of it holds the
    // kind in the low 7 bits and the collector's mark in the highest.
    unsafe { object.sub(5).read() & 0x7f }
}

impl Layout {
    /// Finds the places in a context that has just been made and has run nothing.
    pub(crate) fn probe(cx: Cx) -> Result<Layout, Error> {
        let missing = |what| Error::EngineLayout { what };
        let random_state = find_random_state(cx.ctx).ok_or(missing("random state"))?;

        let failed = |_| missing("built-ins");
        let source = b"typeof Map === 'function' ? \
            [new Map, new Set, new WeakMap, new WeakSet] : [{}, {}, {}, {}]\0";
        let list = cx.eval(source, c"sandtide:layout", 1, JS_EVAL_TYPE_GLOBAL).map_err(failed)?;
        let mut hashed = [0; 4];
        for (index, class) in hashed.iter_mut().enumerate() {
            let object = cx.get_index(list, index).map_err(failed)?;
            // SAFETY: the call only looks at the object.
            *class = unsafe { JS_GetClassID(object) };
            cx.free(object);
        }
        let newest = cx.new_object().map_err(failed)?;
        // SAFETY: an object's value is a pointer to it.
        let address = unsafe { newest.u.ptr } as *const u8;
        // SAFETY: an object begins with its links in the list of all objects; the newest one is the
        // last, so its `next` is the list's head, which lies in the runtime.
        let head: usize = unsafe { read(address, 8) };
        let runtime = cx.runtime() as usize;
        // SAFETY: the runtime is a live block of the arena's heap.
        let size = unsafe { Heap::usable_size_of(runtime as *const u8) };
        let objects = head.wrapping_sub(runtime);
        if objects + 16 > size {
            return Err(missing("list of objects"));
        }
        let layout = Layout { random_state, objects, object_kind: kind_of(address), hashed };
        let has_maps = cx.eval(b"typeof Map === 'function'\0", c"sandtide:layout", 1, 0);
        // SAFETY: the expression's value is a boolean.
        let has_maps = unsafe { has_maps.map_err(failed)?.u.int32 } != 0;
        // The maps made above are still alive: a walk that misses them walks something else.
        if has_maps && !layout.holds_hashes(cx) {
            return Err(missing("objects in the list"));
        }
        cx.free(list);
        cx.free(newest);
        Ok(layout)
    }

    /// Gives the context another random state, and another hash seed where `hashes` allows it.
    pub(crate) fn reseed(self, ctx: *mut JSContext, random: u64, hash_seed: Option<u32>) {
        // SAFETY: `probe` found the two fields at these offsets of this very context.
        unsafe {
            let state = ctx.cast::<u8>().add(self.random_state);
            // The generator must not start from 0, which it would never leave.
            state.cast::<u64>().write_unaligned(random | 1);
            if let Some(seed) = hash_seed {
                state.add(8).cast::<u32>().write_unaligned(seed);
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn hash_seed(self, ctx: *const JSContext) -> u32 {
        // SAFETY: as in `reseed`.
        unsafe { read(ctx.cast(), self.random_state + 8) }
    }

    /// Whether the heap holds anything that was placed by the hash seed: such an image keeps the
    /// seed it was built with.
    pub(crate) fn holds_hashes(self, cx: Cx) -> bool {
        let runtime: *mut JSRuntime = cx.runtime();
        let head = runtime as usize + self.objects;
        // SAFETY: `probe` found the list's head there; the list is circular and consistent while no
        // engine code runs, and all its members are live objects of the arena.
        unsafe {
            let mut object: usize = read(head as *const u8, 8);
            while object != head {
                let address = object as *const u8;
                if kind_of(address) == self.object_kind {
                    let class = JS_GetClassID(JS_MKPTR(JS_TAG_OBJECT, object as *mut _));
                    if self.hashed.contains(&class) {
                        return true;
                    }
                }
                object = read(address, 8);
            }
        }
        false
    }
}

/// The context draws its hash seed as the first output of the random generator, whose state it
/// keeps beside it: the one place where a word times the multiplier is the word behind it.
fn find_random_state(ctx: *const JSContext) -> Option<usize> {
    let context = ctx.cast::<u8>();
    // SAFETY: the context is a live block of the arena's heap, larger than the engine's own small
    // blocks, so that it comes from there.
    let size = unsafe { Heap::usable_size_of(context.sub(8)) }.min(4096);
    let mut found = None;
    for offset in (0..size.saturating_sub(16)).step_by(8) {
        // SAFETY: within the block, as just bounded.
        let (state, seed): (u64, u32) =
            unsafe { (read(context, offset), read(context, offset + 8)) };
        if state != 0 && state.wrapping_mul(XORSHIFT64_STAR) as u32 == seed {
            if found.is_some() {
                return None;
            }
            found = Some(offset);
        }
    }
    found
}
