//! Which pages of a region were written since they were last write-protected, by the kernel's own
//! account: userfaultfd's asynchronous write-protection, read by PAGEMAP_SCAN (Linux 6.7; see
//! Documentation/admin-guide/mm/pagemap.rst and userfaultfd.rst of the kernel's source).
//!
//! Must not know what the region holds.

use super::{PAGE, Region};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// uapi/linux/userfaultfd.h
mod uffd {
    pub(super) const USER_MODE_ONLY: libc::c_int = 1;
    pub(super) const API: u64 = 0xaa;
    pub(super) const FEATURE_WP_UNPOPULATED: u64 = 1 << 13;
    pub(super) const FEATURE_WP_ASYNC: u64 = 1 << 15;
    pub(super) const REGISTER_MODE_WP: u64 = 1 << 1;
    pub(super) const WRITEPROTECT_MODE_WP: u64 = 1;
    pub(super) const IOCTL_API: libc::c_ulong = 0xc018_aa3f;
    pub(super) const IOCTL_REGISTER: libc::c_ulong = 0xc020_aa00;
    pub(super) const IOCTL_WRITEPROTECT: libc::c_ulong = 0xc018_aa06;

    #[repr(C)]
    pub(super) struct Api {
        pub(super) api: u64,
        pub(super) features: u64,
        pub(super) ioctls: u64,
    }

    #[repr(C)]
    pub(super) struct Register {
        pub(super) start: u64,
        pub(super) len: u64,
        pub(super) mode: u64,
        pub(super) ioctls: u64,
    }

    #[repr(C)]
    pub(super) struct WriteProtect {
        pub(super) start: u64,
        pub(super) len: u64,
        pub(super) mode: u64,
    }
}

/// uapi/linux/fs.h
mod pagemap {
    pub(super) const IOCTL_SCAN: libc::c_ulong = 0xc060_6610;
    pub(super) const CHECK_WPASYNC: u64 = 1 << 1;
    pub(super) const PAGE_IS_WRITTEN: u64 = 1 << 1;

    #[repr(C)]
    #[derive(Clone, Copy, Default)]
    pub(super) struct PageRegion {
        pub(super) start: u64,
        pub(super) end: u64,
        pub(super) categories: u64,
    }

    #[repr(C)]
    #[derive(Default)]
    pub(super) struct ScanArg {
        pub(super) size: u64,
        pub(super) flags: u64,
        pub(super) start: u64,
        pub(super) end: u64,
        pub(super) walk_end: u64,
        pub(super) vec: u64,
        pub(super) vec_len: u64,
        pub(super) max_pages: u64,
        pub(super) category_inverted: u64,
        pub(super) category_mask: u64,
        pub(super) category_anyof_mask: u64,
        pub(super) return_mask: u64,
    }
}

/// Runs of written pages that one call of the kernel can report; more take more calls.
const RUNS: usize = 64;

/// Tracks writes to a region.
#[derive(Debug)]
pub(crate) struct WrittenPages {
    base: u64,
    len: usize,
    pagemap: File,
    uffd: OwnedFd,
    /// Both descriptors speak of this process's memory, in a forked child as well.
    same_process: SameProcess,
}

impl WrittenPages {
    /// Starts to track `region`, all of which counts as written until [`WrittenPages::protect`].
    /// `None` where the kernel cannot, or this process may not.
    pub(crate) fn track(region: &Region) -> Option<WrittenPages> {
        WrittenPages::track_by(region, || File::open("/proc/self/pagemap").ok())
    }

    /// As [`WrittenPages::track`], in a process that sees no `/proc` but has a descriptor of it.
    pub(crate) fn track_under(region: &Region, proc: BorrowedFd<'_>) -> Option<WrittenPages> {
        WrittenPages::track_by(region, || {
            let flags = libc::O_RDONLY | libc::O_CLOEXEC;
            // SAFETY: the path ends in a zero byte, and the descriptor is open.
            let fd = unsafe { libc::openat(proc.as_raw_fd(), c"self/pagemap".as_ptr(), flags) };
            // SAFETY: the descriptor is new and nobody else's.
            (fd >= 0).then(|| unsafe { File::from_raw_fd(fd) })
        })
    }

    /// The descriptors that it works by: userfaultfd's, and the pagemap.
    pub(crate) fn descriptors(&self) -> [RawFd; 2] {
        [self.uffd.as_raw_fd(), self.pagemap.as_raw_fd()]
    }

    fn track_by(
        region: &Region,
        open_pagemap: impl FnOnce() -> Option<File>,
    ) -> Option<WrittenPages> {
        let len = region.len();
        let base = region.base().as_ptr() as u64;
        // SAFETY: userfaultfd takes flags only and answers a new descriptor or an error.
        let fd = unsafe {
            libc::syscall(
                libc::SYS_userfaultfd,
                libc::O_CLOEXEC | libc::O_NONBLOCK | uffd::USER_MODE_ONLY,
            )
        };
        if fd < 0 {
            return None;
        }
        // SAFETY: the descriptor is new and nobody else's.
        let owner = unsafe { OwnedFd::from_raw_fd(fd as libc::c_int) };
        let mut api = uffd::Api {
            api: uffd::API,
            features: uffd::FEATURE_WP_ASYNC | uffd::FEATURE_WP_UNPOPULATED,
            ioctls: 0,
        };
        let mut register = uffd::Register {
            start: base,
            len: len as u64,
            mode: uffd::REGISTER_MODE_WP,
            ioctls: 0,
        };
        let fd = owner.as_raw_fd();
        // SAFETY: each structure has the layout that the kernel's header gives for its ioctl. The
        // range lies in `region`; asynchronous write-protection changes nothing that a writer sees.
        let refused = unsafe {
            libc::ioctl(fd, uffd::IOCTL_API, &mut api) != 0
                || libc::ioctl(fd, uffd::IOCTL_REGISTER, &mut register) != 0
        };
        if refused {
            return None;
        }
        let pagemap = open_pagemap()?;
        let same_process = SameProcess::new()?;
        let pages = WrittenPages { base, len, pagemap, uffd: owner, same_process };
        // Finds out now whether the kernel knows the scan, not at the first restore.
        pages.written(PAGE, |_| ()).ok()?;
        Some(pages)
    }

    /// From now on the pages of `range` (page-aligned offsets) count as not written.
    ///
    /// # Errors
    /// What the kernel says; the pages then count as written.
    pub(crate) fn protect(&self, range: Range<usize>) -> io::Result<()> {
        self.set_protection(range, uffd::WRITEPROTECT_MODE_WP)
    }

    /// Takes the protection of `range` (page-aligned offsets) away at once, where all of it is about
    /// to be written: a fault for each page costs far more. The pages count as written.
    ///
    /// # Errors
    /// What the kernel says; writes then fault as before.
    pub(crate) fn unprotect(&self, range: Range<usize>) -> io::Result<()> {
        self.set_protection(range, 0)
    }

    fn set_protection(&self, range: Range<usize>, mode: u64) -> io::Result<()> {
        self.check_process()?;
        if range.is_empty() {
            return Ok(());
        }
        let mut arg = uffd::WriteProtect {
            start: self.base + range.start as u64,
            len: range.len() as u64,
            mode,
        };
        // SAFETY: the structure has the layout that the kernel's header gives for this ioctl, which
        // changes page protections of a registered range and no contents.
        match unsafe { libc::ioctl(self.uffd.as_raw_fd(), uffd::IOCTL_WRITEPROTECT, &mut arg) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Calls `found` with each run of pages (as offsets) that were written among the first `len`
    /// bytes.
    ///
    /// # Errors
    /// What the kernel says, or that this process is a fork of the one that is tracked. Pages that
    /// were not reported may have been written then.
    pub(crate) fn written(
        &self,
        len: usize,
        mut found: impl FnMut(Range<usize>),
    ) -> io::Result<()> {
        self.check_process()?;
        let mut runs = [pagemap::PageRegion::default(); RUNS];
        let end = self.base + len.next_multiple_of(PAGE).min(self.len) as u64;
        let mut start = self.base;
        // The kernel stops early when its answer is full; only `walk_end` tells how far it came.
        while start < end {
            let mut arg = pagemap::ScanArg {
                size: size_of::<pagemap::ScanArg>() as u64,
                flags: pagemap::CHECK_WPASYNC,
                start,
                end,
                vec: runs.as_mut_ptr() as u64,
                vec_len: RUNS as u64,
                // Nothing but "written" is asked: a mask with "present" would skip a page that was
                // written and then swapped out.
                category_mask: pagemap::PAGE_IS_WRITTEN,
                return_mask: pagemap::PAGE_IS_WRITTEN,
                ..Default::default()
            };
            // SAFETY: the structure has the layout that the kernel's header gives for this ioctl;
            // `vec` points to `vec_len` regions that live until it returns.
            let count =
                unsafe { libc::ioctl(self.pagemap.as_raw_fd(), pagemap::IOCTL_SCAN, &mut arg) };
            if count < 0 {
                return Err(io::Error::last_os_error());
            }
            for run in &runs[..count as usize] {
                found((run.start - self.base) as usize..(run.end - self.base) as usize);
            }
            if arg.walk_end <= start {
                return Err(io::Error::other("the scan of written pages made no progress"));
            }
            start = arg.walk_end;
        }
        Ok(())
    }

    fn check_process(&self) -> io::Result<()> {
        if self.same_process.holds() {
            return Ok(());
        }
        Err(io::Error::other("the tracked memory is that of the process this one was forked from"))
    }
}

/// Tells a forked child from the process that made this, without asking the kernel each time: a
/// page that the kernel wipes in children.
#[derive(Debug)]
struct SameProcess(Region);

impl SameProcess {
    fn new() -> Option<SameProcess> {
        let page = Region::reserve(PAGE).ok()?;
        let mark = page.base().as_ptr();
        // SAFETY: the page is fresh and ours; the advice changes what a child finds in it.
        unsafe {
            if libc::madvise(mark.cast(), PAGE, libc::MADV_WIPEONFORK) != 0 {
                return None;
            }
            mark.write_volatile(1);
        }
        Some(SameProcess(page))
    }

    fn holds(&self) -> bool {
        // SAFETY: the page is mapped as long as `self` lives.
        unsafe { self.0.base().as_ptr().read_volatile() == 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracked(pages: usize) -> Option<(Region, WrittenPages)> {
        let region = Region::reserve(pages * PAGE).unwrap();
        let tracker = WrittenPages::track(&region)?;
        Some((region, tracker))
    }

    fn written(tracker: &WrittenPages, len: usize) -> Vec<usize> {
        let mut pages = Vec::new();
        tracker.written(len, |run| pages.extend((run.start / PAGE)..(run.end / PAGE))).unwrap();
        pages
    }

    fn write(region: &Region, page: usize) {
        assert!(page * PAGE < region.len());
        // SAFETY: within the region, as asserted.
        unsafe { region.base().as_ptr().add(page * PAGE + 8).write_volatile(1) };
    }

    #[test]
    fn exactly_the_written_pages_are_reported_more_than_one_answer_holds() {
        let Some((region, tracker)) = tracked(4 * RUNS) else { return };
        for page in 0..4 * RUNS {
            write(&region, page);
        }
        tracker.protect(0..region.len()).unwrap();
        assert_eq!(written(&tracker, region.len()), Vec::<usize>::new());
        // Every second page: twice as many runs as one answer of the kernel holds.
        let odd: Vec<usize> = (0..4 * RUNS).filter(|page| page % 2 == 1).collect();
        for &page in &odd {
            write(&region, page);
        }
        assert_eq!(written(&tracker, region.len()), odd);
        tracker.protect(0..region.len()).unwrap();
        assert_eq!(written(&tracker, region.len()), Vec::<usize>::new());
    }

    #[test]
    fn a_page_that_was_never_touched_before_is_reported_once_it_is_written() {
        let Some((region, tracker)) = tracked(8) else { return };
        tracker.protect(0..region.len()).unwrap();
        write(&region, 5);
        assert_eq!(written(&tracker, region.len()), [5]);
    }

    #[test]
    fn touched_pages_whose_protection_was_taken_off_count_as_written() {
        let Some((region, tracker)) = tracked(8) else { return };
        for page in 0..8 {
            write(&region, page);
        }
        tracker.protect(0..region.len()).unwrap();
        tracker.unprotect(2 * PAGE..5 * PAGE).unwrap();
        assert_eq!(written(&tracker, region.len()), [2, 3, 4]);
    }

    #[test]
    fn a_written_page_that_the_kernel_was_asked_to_page_out_is_still_reported() {
        let Some((region, tracker)) = tracked(8) else { return };
        write(&region, 3);
        tracker.protect(0..region.len()).unwrap();
        write(&region, 3);
        // SAFETY: the range is the region's; paging out keeps the contents.
        unsafe {
            libc::madvise(region.base().as_ptr().cast(), region.len(), libc::MADV_PAGEOUT);
        }
        assert_eq!(written(&tracker, region.len()), [3]);
    }

    #[test]
    fn a_forked_child_is_refused_the_account_of_its_parents_pages() {
        let Some((region, tracker)) = tracked(8) else { return };
        tracker.protect(0..region.len()).unwrap();
        // SAFETY: the child only makes system calls and leaves by _exit.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let refused = tracker.written(region.len(), |_| ()).is_err();
            // SAFETY: ends the child without running the parent's exit handlers.
            unsafe { libc::_exit(i32::from(!refused)) };
        }
        let mut status = 0;
        // SAFETY: waits for the child made above.
        unsafe { libc::waitpid(child, &mut status, 0) };
        assert_eq!(status, 0);
    }
}
