//! Memory outside of arenas. A confined process may not map any, so the C library's allocator is
//! given all that it may ever use before.

use std::ffi::c_int;
use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::layers::ConfineError;

/// Room in the address space for what grows without asking: the stack.
const STACK_ROOM: u64 = 16 << 20;

/// Has the C library's allocator take `bytes` of address space now, keep them, and never map memory
/// for single blocks: until they are used up it makes no system call. Memory is taken only as it
/// is touched. To be called in a process with one thread.
///
/// # Errors
/// [`ConfineError::Allocator`] where the allocator is not glibc's, or refuses.
pub fn reserve_heap(bytes: usize) -> Result<(), ConfineError> {
    #[cfg(not(target_env = "gnu"))]
    {
        let _ = bytes;
        Err(ConfineError::Allocator("this program is not linked with glibc"))
    }
    #[cfg(target_env = "gnu")]
    {
        // One heap that grows upwards in one piece, and is never given back.
        let settings =
            [(libc::M_MMAP_MAX, 0), (libc::M_TRIM_THRESHOLD, c_int::MAX), (libc::M_ARENA_MAX, 1)];
        for (name, value) in settings {
            // SAFETY: the call takes plain numbers.
            if unsafe { libc::mallopt(name, value) } != 1 {
                return Err(ConfineError::Allocator("it refuses a setting"));
            }
        }
        // SAFETY: a fresh block that nobody looks at, freed once. Freeing leaves its room at the
        // heap's end, because nothing was allocated behind it.
        unsafe {
            // A compiler leaves out a block that nobody sees.
            let block = std::hint::black_box(libc::malloc(bytes));
            if block.is_null() {
                return Err(ConfineError::Allocator("the system gives no address space"));
            }
            let end = libc::sbrk(0) as usize;
            libc::free(block);
            if end < block as usize + bytes {
                return Err(ConfineError::Allocator("it did not grow its heap in one piece"));
            }
        }
        Ok(())
    }
}

/// Forbids the process more address space than it has, beside some for the stack's growth.
///
/// # Errors
/// What the system says.
pub fn limit_memory() -> Result<(), ConfineError> {
    let failed = |error| ConfineError::Layer { layer: crate::Layer::Limits, error };
    let text = fs::read_to_string("/proc/self/statm").map_err(failed)?;
    let pages: u64 = text.split(' ').next().and_then(|size| size.parse().ok()).unwrap_or(u64::MAX);
    let now = pages.saturating_mul(rustix::param::page_size() as u64);
    let most = now.saturating_add(STACK_ROOM);
    let limit = getrlimit(Resource::As);
    let most = limit.maximum.map_or(most, |maximum| maximum.min(most));
    setrlimit(Resource::As, Rlimit { current: Some(most), maximum: Some(most) })
        .map_err(|error| failed(error.into()))
}
