//! A stretch of reserved address space whose memory comes as it is touched.

use crate::error::Error;
use std::ptr::NonNull;

/// Bytes of a page. Every target this crate builds for has pages of at least this size; the
/// kernel's own is checked when a region is made.
pub(crate) const PAGE: usize = 4096;

/// Reserved address space, zero until written, given back to the system on drop.
#[derive(Debug)]
pub(crate) struct Region {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: a region is plain memory that its owner alone reaches; no thread is special to it.
unsafe impl Send for Region {}

impl Region {
    /// Reserves `len` bytes, rounded up to pages.
    pub(crate) fn reserve(len: usize) -> Result<Region, Error> {
        // SAFETY: sysconf has no preconditions.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        if page != PAGE as libc::c_long {
            return Err(Error::System {
                action: "reserving an arena",
                message: format!("pages of {page} bytes are not supported, only of {PAGE}"),
            });
        }
        let len = len.next_multiple_of(PAGE);
        // SAFETY: a new anonymous mapping at an address of the kernel's choice touches nothing
        // that exists. NORESERVE: memory is accounted as it is touched, the limit is the length.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(Error::last_os_error("reserving an arena's address space"));
        }
        // Huge pages would make each small arena 2 MiB of resident memory. An error means a kernel
        // without them.
        // SAFETY: the range is the mapping just made.
        unsafe { libc::madvise(base, len, libc::MADV_NOHUGEPAGE) };
        let base = NonNull::new(base.cast::<u8>()).ok_or(Error::System {
            action: "reserving an arena",
            message: "the kernel answered address 0".to_owned(),
        })?;
        Ok(Region { base, len })
    }

    /// Has its first `len` bytes there, to be written without a fault for each page: after a fork each
    /// is a page of the other process until then. Changes no contents; where the kernel does not do it,
    /// writes fault as they would.
    pub(crate) fn touch(&mut self, len: usize) {
        let len = len.next_multiple_of(PAGE).min(self.len);
        // SAFETY: the range lies within the mapping, whose pages are made private and not changed.
        unsafe { libc::madvise(self.base.as_ptr().cast(), len, libc::MADV_POPULATE_WRITE) };
    }

    pub(crate) fn base(&self) -> NonNull<u8> {
        self.base
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Gives the pages of `[start, end)` back to the system; they read as zero from then on.
    /// Both ends are page-aligned offsets.
    pub(crate) fn give_back(&mut self, start: usize, end: usize) -> Result<(), Error> {
        assert!(start.is_multiple_of(PAGE) && end.is_multiple_of(PAGE) && end <= self.len);
        if start >= end {
            return Ok(());
        }
        // SAFETY: the range lies within the mapping (asserted), which is private and anonymous, so
        // that its pages read as zero afterwards; `&mut self` says nobody else looks at them.
        let done = unsafe {
            libc::madvise(self.base.as_ptr().add(start).cast(), end - start, libc::MADV_DONTNEED)
        };
        if done != 0 {
            return Err(Error::last_os_error("giving an arena's memory back"));
        }
        Ok(())
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours alone, and nothing refers to it past its owner's end.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.len) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_given_back_reads_as_zero() {
        let mut region = Region::reserve(8 * PAGE).unwrap();
        let base = region.base().as_ptr();
        // SAFETY: all offsets lie within the 8 pages.
        unsafe {
            base.add(3 * PAGE).write(7);
            base.add(PAGE).write(9);
            region.give_back(2 * PAGE, 8 * PAGE).unwrap();
            assert_eq!((base.add(3 * PAGE).read(), base.add(PAGE).read()), (0, 9));
        }
    }
}
