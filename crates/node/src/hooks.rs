//! Functions of `lib/` that native code calls. `lib/` sets each once, while it starts.

use std::{cell::RefCell, mem::ManuallyDrop};

use rquickjs::{Ctx, Function, Persistent};

/// What a function is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hook {
    /// Runs `nextTick` callbacks, microtasks and the checks for unhandled rejections.
    Ticks,
    /// Runs due timers, returns the next expiry (negative: of timers that keep nothing alive; 0: none).
    Timers,
    /// Runs immediates.
    Immediates,
    /// Deals with an uncaught exception.
    Uncaught,
    /// Emits `beforeExit`.
    BeforeExit,
    /// Emits `exit`, returns the exit code.
    Exit,
    /// Learns of a promise that was rejected, or handled after all.
    Rejection,
    /// Finds the URL of a module.
    ModuleResolve,
    /// Reads a module.
    ModuleLoad,
    /// Makes the values of a module that is not written in JavaScript's module syntax.
    ModuleSynthetic,
    /// Fills `import.meta`.
    ModuleMeta,
    /// Throws the error in a module's text, with its place.
    ModuleSyntax,
    /// Learns of collections.
    Collections,
    /// Makes a DOMException of a message and a name.
    DomException,
}

const COUNT: usize = Hook::DomException as usize + 1;

type Kept = Option<Persistent<Function<'static>>>;

thread_local! {
    // Never dropped: the engine may be gone, or in use, when the thread's values are.
    static KEPT: ManuallyDrop<RefCell<[Kept; COUNT]>> = ManuallyDrop::default();
}

/// Sets what is called for `hook`.
pub(crate) fn set<'js>(ctx: &Ctx<'js>, hook: Hook, function: Function<'js>) {
    let saved = Persistent::save(ctx, function);
    KEPT.with(|kept| kept.borrow_mut()[hook as usize] = Some(saved));
}

/// What is called for `hook`, if it is set yet.
pub(crate) fn get<'js>(ctx: &Ctx<'js>, hook: Hook) -> Option<Function<'js>> {
    KEPT.with(|kept| kept.borrow()[hook as usize].clone())?.restore(ctx).ok()
}
