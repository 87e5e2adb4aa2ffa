//! Looking at a heap when a run is over, or at the moment it has no more room.
//!
//! Must not know what is made of it.

use crate::arena::heap::Heap;
use crate::js::guard::Guard;
use crate::js::raw::JSRuntime;
use sandtide_quickjs::walk::Walk;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// When a heap is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Moment {
    /// No run is on: the heap is that of an image.
    Image,
    /// The run is over, with a value or an exception; the heap is as it left it.
    End,
    /// The run asked for more memory than its limit leaves; its functions are still on the stack. It
    /// is abandoned afterwards.
    HeapLimit,
}

/// A heap that is looked at.
#[derive(Debug)]
pub struct Looked<'a> {
    /// Goes through it.
    pub walk: &'a Walk<'a>,
    /// When this is.
    pub moment: Moment,
    /// Bytes in use in the arena, the allocators' headers and the room in pools included.
    pub used: usize,
}

/// Looks at a run's heap, once: at its heap limit if it hits that, else at its end. A run that is
/// ended from outside or for another limit is not looked at, because it may have been in the middle
/// of anything.
#[derive(Clone)]
pub struct Look(Arc<Mutex<LookFn>>);

type LookFn = dyn FnMut(&Looked<'_>) + Send;

impl Look {
    /// Calls `f` with the heap. Its time is the run's; a panic in it is lost.
    pub fn new(f: impl FnMut(&Looked<'_>) + Send + 'static) -> Look {
        Look(Arc::new(Mutex::new(f)))
    }

    /// # Safety
    /// As for [`Walk::begin`]; `heap` belongs to the same runtime.
    pub(crate) unsafe fn at(&self, runtime: *mut JSRuntime, heap: Heap, moment: Moment) {
        // SAFETY: given by the caller.
        let walk = unsafe { Walk::begin(runtime) };
        let looked = Looked { walk: &walk, moment, used: heap.used_bytes() };
        (self.0.lock().unwrap_or_else(PoisonError::into_inner))(&looked);
    }
}

impl fmt::Debug for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Look")
    }
}

/// Looks at the heap of the run that is on, if it is to be looked at.
///
/// # Safety
/// `guard` belongs to the run; its engine asks for memory now and gets none.
pub(crate) unsafe fn at_limit(look: &Look, guard: *mut Guard, heap: Heap) {
    // SAFETY: given by the caller; an allocation of the engine leaves its lists whole.
    unsafe { look.at((*guard).runtime(), heap, Moment::HeapLimit) };
}
