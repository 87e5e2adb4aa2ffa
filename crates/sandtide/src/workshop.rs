//! Workshops: arenas that the process keeps for checking sources, for building images that are not
//! run there, and for single runs.
//!
//! No lock is held while one is used, because a host function that set-up calls may ask for
//! another.

use sandtide_engine::{Error, Instance, InstanceConfig, Intrinsics, Limits, RestoreStrategy};
use std::sync::{Mutex, PoisonError};

/// So many are kept for later; more are made while more are used at a time.
const KEPT: usize = 2;

struct Workshop {
    intrinsics: Intrinsics,
    heap: usize,
    engine: Instance,
}

/// The one used last is at the end.
static IDLE: Mutex<Vec<Workshop>> = Mutex::new(Vec::new());

/// How an instance's arena is made.
pub(crate) fn config(
    heap: usize,
    intrinsics: Intrinsics,
    restore: RestoreStrategy,
) -> InstanceConfig {
    let mut config = InstanceConfig::default();
    config.heap = heap;
    config.intrinsics = intrinsics;
    config.restore = restore;
    config
}

/// Lets `f` use an arena with these built-ins and room for a heap of `heap` bytes.
pub(crate) fn with_workshop<R>(
    intrinsics: Intrinsics,
    heap: usize,
    f: impl FnOnce(&mut Instance) -> Result<R, Error>,
) -> Result<R, Error> {
    let mut workshop = match take(intrinsics, heap) {
        Some(workshop) => workshop,
        None => {
            let heap = heap.max(Limits::default().heap);
            let engine = Instance::new(config(heap, intrinsics, RestoreStrategy::default()))?;
            Workshop { intrinsics, heap, engine }
        }
    };
    let result = f(&mut workshop.engine);
    keep(workshop);
    result
}

fn take(intrinsics: Intrinsics, heap: usize) -> Option<Workshop> {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    let fits = |shop: &Workshop| shop.intrinsics == intrinsics && shop.heap >= heap;
    let found = idle.iter().rposition(fits)?;
    Some(idle.remove(found))
}

fn keep(workshop: Workshop) {
    if !workshop.engine.is_usable() {
        return;
    }
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    idle.push(workshop);
    let oldest = (idle.len() > KEPT).then(|| idle.remove(0));
    drop(idle);
    // Unmapping an arena takes a while, so it happens outside of the lock.
    drop(oldest);
}
