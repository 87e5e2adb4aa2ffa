//! The program's allocations, sampled once for all who ask: `--heap-prof`, the leak watch, and whoever
//! asks while the program runs.

use std::{cell::RefCell, rc::Rc};

use rquickjs::Ctx;
use sandtide_inspect::allocations::{AllocationRecorder, HeapProfile};
use sandtide_realm::inspect;

thread_local! {
    static RECORDER: RefCell<Option<Rc<AllocationRecorder>>> = const { RefCell::new(None) };
}

/// Samples allocations from now on, one of `interval` bytes on average. Where they are sampled more
/// closely already, they go on so; else what was noted before is forgotten.
pub(crate) fn sample(ctx: &Ctx<'_>, interval: u64) -> Rc<AllocationRecorder> {
    if let Some(recorder) = recorder()
        && recorder.interval() <= interval
    {
        return recorder;
    }
    let recorder = Rc::new(AllocationRecorder::new(interval));
    inspect::watch_allocations(ctx, Some((interval, Rc::clone(&recorder) as _)));
    RECORDER.set(Some(Rc::clone(&recorder)));
    recorder
}

/// Samples no longer, if this is who does.
pub(crate) fn end(ctx: &Ctx<'_>, recorder: &Rc<AllocationRecorder>) {
    if RECORDER.with_borrow(|own| own.as_ref().is_some_and(|own| Rc::ptr_eq(own, recorder))) {
        inspect::watch_allocations(ctx, None);
        RECORDER.set(None);
    }
}

/// Who keeps the samples, if allocations are sampled.
pub(crate) fn recorder() -> Option<Rc<AllocationRecorder>> {
    RECORDER.with_borrow(Clone::clone)
}

/// What was allocated since sampling began and is still there after a collection.
pub(crate) fn profile() -> Option<HeapProfile> {
    let recorder = recorder()?;
    inspect::walk_watched(move |walk| {
        recorder.settle(walk);
        recorder.profile()
    })
}
