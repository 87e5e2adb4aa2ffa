//! Tells which process this is without a system call: a forked child is another one.
//!
//! Must not know who asks.

use super::{PAGE, Region};
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

/// A page that the kernel wipes in forked children, or null before the first call.
static PAGE_OF_MARK: AtomicPtr<AtomicU64> = AtomicPtr::new(ptr::null_mut());
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A number that is the same for every call within a process, and another one in a child that was
/// forked from it. Never 0. Takes no lock, which a thread that the child does not have could hold.
pub(crate) fn process() -> u64 {
    let page = PAGE_OF_MARK.load(Ordering::Acquire);
    if page.is_null() {
        return first_call();
    }
    // SAFETY: a mark's page, once it is there, stays mapped until the process ends.
    let mark = unsafe { &*page };
    match mark.load(Ordering::Acquire) {
        0 => name(mark),
        named => named,
    }
}

/// Gives this process its number; the first thread to do so wins.
fn name(mark: &AtomicU64) -> u64 {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    match mark.compare_exchange(0, number, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => number,
        Err(named) => named,
    }
}

fn first_call() -> u64 {
    let Some(page) = mark_page() else {
        // A kernel without pages of this kind: its own number then, by a call each time. It is not
        // in the range that `NEXT` gives out.
        return u64::from(std::process::id()) | 1 << 63;
    };
    let mark = page.base().as_ptr().cast::<AtomicU64>();
    match PAGE_OF_MARK.compare_exchange(ptr::null_mut(), mark, Ordering::AcqRel, Ordering::Acquire)
    {
        // Stays mapped for good.
        Ok(_) => _ = ManuallyDrop::new(page),
        // Another thread was faster; the page goes.
        Err(_) => drop(page),
    }
    process()
}

fn mark_page() -> Option<Region> {
    let page = Region::reserve(PAGE).ok()?;
    // SAFETY: the page is fresh and ours; the advice changes what a child finds in it.
    let wiped = unsafe { libc::madvise(page.base().as_ptr().cast(), PAGE, libc::MADV_WIPEONFORK) };
    (wiped == 0).then_some(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_of_one_process_and_a_forked_child_is_of_another() {
        let here = process();
        assert_eq!(std::thread::spawn(process).join().unwrap(), here);
        // SAFETY: the child only compares numbers, and leaves by _exit.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let apart = process() != here && process() == process();
            // SAFETY: ends the child without running the parent's exit handlers.
            unsafe { libc::_exit(i32::from(!apart)) };
        }
        let mut status = -1;
        // SAFETY: waits for the child made above.
        unsafe { libc::waitpid(child, &mut status, 0) };
        assert_eq!((status, process()), (0, here));
    }
}
