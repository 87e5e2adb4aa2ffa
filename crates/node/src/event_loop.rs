//! The event loop: timers, immediates, and work that other threads hand in.
//!
//! The JavaScript thread runs `run` and is the only one that touches the engine. Everything here
//! that is not a [`LoopHandle`] or a [`KeepAlive`] belongs to that thread.
//!
//! # For bindings
//!
//! * [`handle()`] gives the [`LoopHandle`] of the loop; it can be cloned and sent to other threads.
//! * [`LoopHandle::post`] hands in a closure that runs on the JavaScript thread. Posting takes an
//!   uncontended lock and wakes the thread only if it sleeps; the loop takes all that was posted at
//!   once. After each closure `process.nextTick` callbacks and microtasks run, as after every
//!   callback in Node; an error that it returns is an uncaught exception.
//! * The loop ends when nothing keeps it alive. What waits for something holds a [`KeepAlive`] from
//!   [`LoopHandle::keep_alive`]; [`KeepAlive::set`] is what `ref()` and `unref()` of a handle are.
//!   Move the token into the posted closure, so that it is given up only after that has run.
//! * JavaScript functions cannot be sent. Keep one with [`Callback::new`], send the [`Callback`]
//!   (a number), and take the function back in the posted closure with [`Callback::take`] (once) or
//!   [`Callback::get`] (again and again, until [`Callback::release`]).
//!
//! ```ignore
//! let done = Callback::new(&ctx, function);
//! let (handle, alive) = (event_loop::handle(), event_loop::handle().keep_alive());
//! std::thread::spawn(move || {
//!     let text = slow();
//!     handle.post(move |ctx| {
//!         let _alive = alive;
//!         done.take(ctx)?.call::<_, ()>((text,))
//!     });
//! });
//! ```

use std::{
    cell::{Cell, RefCell},
    mem::ManuallyDrop,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rquickjs::{Ctx, Function, Persistent, Value};

use crate::hooks::{self, Hook};

/// A closure that runs on the JavaScript thread.
type Task = Box<dyn for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<()> + Send>;

#[derive(Default)]
struct Queue {
    tasks: Vec<Task>,
    parked: bool,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    refs: AtomicUsize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // A task is only pushed or taken under the lock: the queue is whole even after a panic.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, mut queue: MutexGuard<'_, Queue>) {
        if queue.parked {
            queue.parked = false;
            drop(queue);
            self.wake.notify_one();
        }
    }
}

/// Hands work to the JavaScript thread; can be cloned and sent.
#[derive(Clone)]
pub struct LoopHandle(Arc<Shared>);

impl LoopHandle {
    /// Runs `task` on the JavaScript thread, after those that were posted before.
    pub fn post<F>(&self, task: F)
    where
        F: for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<()> + Send + 'static,
    {
        let mut queue = self.0.lock();
        queue.tasks.push(Box::new(task));
        self.0.wake(queue);
    }

    /// A token that keeps the loop running until it is dropped (or set to `false`).
    pub fn keep_alive(&self) -> KeepAlive {
        let mut token = KeepAlive { shared: Arc::clone(&self.0), on: false };
        token.set(true);
        token
    }

    /// A token that does not keep the loop running until it is set to `true`.
    pub fn keep_alive_off(&self) -> KeepAlive {
        KeepAlive { shared: Arc::clone(&self.0), on: false }
    }
}

/// Keeps the loop running while it is on. May be dropped on any thread.
pub struct KeepAlive {
    shared: Arc<Shared>,
    on: bool,
}

impl KeepAlive {
    /// `true` is `ref()`, `false` is `unref()`.
    pub fn set(&mut self, on: bool) {
        if on == self.on {
            return;
        }
        self.on = on;
        if on {
            self.shared.refs.fetch_add(1, Ordering::AcqRel);
        } else if self.shared.refs.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.shared.wake(self.shared.lock());
        }
    }

    /// What `hasRef()` tells.
    pub fn is_on(&self) -> bool {
        self.on
    }
}

impl Drop for KeepAlive {
    fn drop(&mut self) {
        self.set(false);
    }
}

/// A JavaScript function kept for later, by a number that can be sent to other threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Callback(usize);

impl Callback {
    /// Keeps `function` until it is taken or released.
    pub fn new<'js>(ctx: &Ctx<'js>, function: Function<'js>) -> Self {
        let frame = sandtide_realm::swap_frame(ctx, Value::new_undefined(ctx.clone()));
        sandtide_realm::swap_frame(ctx, frame.clone());
        let frame = (!frame.is_undefined()).then(|| Persistent::save(ctx, frame));
        let saved = Kept { function: Persistent::save(ctx, function), frame };
        with(|local| {
            let mut kept = local.kept.borrow_mut();
            let index = match local.free.borrow_mut().pop() {
                Some(index) => {
                    kept[index] = Some(saved);
                    index
                }
                None => {
                    kept.push(Some(saved));
                    kept.len() - 1
                }
            };
            Self(index)
        })
    }

    /// The function, which stays kept.
    pub fn get<'js>(self, ctx: &Ctx<'js>) -> rquickjs::Result<Function<'js>> {
        with(|local| Some(local.kept.borrow().get(self.0)?.as_ref()?.function.clone()))
            .ok_or(rquickjs::Error::Unknown)?
            .restore(ctx)
    }

    /// The function, which is kept no longer. The rest of this turn runs in the asynchronous frame
    /// in which it was kept.
    pub fn take<'js>(self, ctx: &Ctx<'js>) -> rquickjs::Result<Function<'js>> {
        let Kept { function, frame } = self.remove().ok_or(rquickjs::Error::Unknown)?;
        if let Some(frame) = frame {
            sandtide_realm::swap_frame(ctx, frame.restore(ctx)?);
        }
        function.restore(ctx)
    }

    /// Keeps the function no longer. Only on the JavaScript thread.
    pub fn release(self) {
        drop(self.remove());
    }

    fn remove(self) -> Option<Kept> {
        with(|local| {
            let saved = local.kept.borrow_mut().get_mut(self.0)?.take();
            if saved.is_some() {
                local.free.borrow_mut().push(self.0);
            }
            saved
        })
    }
}

struct Kept {
    function: Persistent<Function<'static>>,
    /// What was current for asynchronous code when it was kept.
    frame: Option<Persistent<Value<'static>>>,
}

struct Local {
    shared: Arc<Shared>,
    start: Instant,
    kept: RefCell<Vec<Option<Kept>>>,
    free: RefCell<Vec<usize>>,
    has_tick: Cell<bool>,
    /// When timers are next due, in ms since `start`.
    timer: Cell<Option<f64>>,
    timer_ref: Cell<bool>,
    immediates: Cell<bool>,
    immediate_ref: Cell<bool>,
}

thread_local! {
    // Never dropped: the engine may be gone, or in use, when the thread's values are.
    static LOCAL: ManuallyDrop<Local> = ManuallyDrop::new(Local {
        shared: Arc::default(),
        start: Instant::now(),
        kept: RefCell::default(),
        free: RefCell::default(),
        has_tick: Cell::new(false),
        timer: Cell::new(None),
        timer_ref: Cell::new(true),
        immediates: Cell::new(false),
        immediate_ref: Cell::new(false),
    });
}

fn with<R>(body: impl FnOnce(&Local) -> R) -> R {
    LOCAL.with(|local| body(local))
}

/// The handle of this thread's loop. Only on the JavaScript thread.
pub fn handle() -> LoopHandle {
    with(|local| LoopHandle(Arc::clone(&local.shared)))
}

/// Milliseconds since the loop was made.
pub fn now() -> f64 {
    with(|local| local.start.elapsed().as_secs_f64() * 1000.0)
}

/// When the loop was made.
pub(crate) fn start() -> Instant {
    with(|local| local.start)
}

pub(crate) fn set_has_tick(on: bool) {
    with(|local| local.has_tick.set(on));
}

/// Timers are due at `at`, in ms as of [`now`].
pub(crate) fn schedule_timers(at: Option<f64>) {
    with(|local| local.timer.set(at));
}

pub(crate) fn set_timer_ref(on: bool) {
    with(|local| local.timer_ref.set(on));
}

pub(crate) fn set_immediates(waiting: bool, referenced: bool) {
    with(|local| {
        local.immediates.set(waiting);
        local.immediate_ref.set(referenced);
    });
}

/// Runs microtasks until there is none.
pub(crate) fn run_microtasks(ctx: &Ctx<'_>) {
    // What a job throws was dealt with as a rejection.
    while sandtide_realm::run_job(ctx).unwrap_or_else(|_| {
        ctx.catch();
        true
    }) {}
}

/// Does what follows every callback: microtasks, and if there are any, `nextTick` callbacks first.
pub(crate) fn drain(ctx: &Ctx<'_>) {
    loop {
        if !with(|local| local.has_tick.get()) {
            run_microtasks(ctx);
            if !with(|local| local.has_tick.get()) {
                return;
            }
        }
        let Some(ticks) = hooks::get(ctx, Hook::Ticks) else { return };
        if let Err(error) = ticks.call::<_, ()>(()) {
            uncaught(ctx, &error);
        }
    }
}

/// Gives other threads, such as the one that waits for signals, a chance to post.
pub(crate) fn yield_to_other_threads() {
    std::thread::yield_now();
}

/// Reports `error` as an uncaught exception. Returns only if the program deals with it.
pub(crate) fn uncaught(ctx: &Ctx<'_>, error: &rquickjs::Error) {
    let value = thrown(ctx, error);
    let Some(hook) = hooks::get(ctx, Hook::Uncaught) else {
        crate::fatal::before_bootstrap(&value);
    };
    if let Err(error) = hook.call::<_, ()>((value, false)) {
        let value = thrown(ctx, &error);
        crate::fatal::before_bootstrap(&value);
    }
}

/// The value that was thrown, or an error object of what went wrong outside of JavaScript.
pub(crate) fn thrown<'js>(ctx: &Ctx<'js>, error: &rquickjs::Error) -> Value<'js> {
    if error.is_exception() {
        return ctx.catch();
    }
    let made = rquickjs::Exception::from_message(ctx.clone(), &error.to_string());
    made.map_or_else(|_| Value::new_undefined(ctx.clone()), |made| made.into_object().into_value())
}

/// Runs `body` as the loop runs callbacks: an error is an uncaught exception, then ticks follow. The
/// asynchronous frame that it leaves behind is gone with it.
pub(crate) fn enter<'js>(ctx: &Ctx<'js>, body: impl FnOnce() -> rquickjs::Result<()>) {
    let none = Value::new_undefined(ctx.clone());
    let before = sandtide_realm::swap_frame(ctx, none);
    if let Err(error) = body() {
        uncaught(ctx, &error);
    }
    drain(ctx);
    sandtide_realm::debug::turn(ctx);
    sandtide_realm::swap_frame(ctx, before);
}

/// Runs until nothing keeps the loop alive.
pub(crate) fn run(ctx: &Ctx<'_>) {
    while is_alive() {
        run_timers(ctx);
        poll(ctx);
        run_immediates(ctx);
        sandtide_realm::turn(ctx);
        sandtide_realm::inspect::take_over();
        crate::trace_gc::deliver(ctx);
    }
}

pub(crate) fn is_alive() -> bool {
    with(|local| {
        local.shared.refs.load(Ordering::Acquire) > 0
            || (local.timer.get().is_some() && local.timer_ref.get())
            || local.immediate_ref.get()
            || !local.shared.lock().tasks.is_empty()
    })
}

fn run_timers(ctx: &Ctx<'_>) {
    let due = with(|local| local.timer.get()).is_some_and(|at| at <= now());
    if !due {
        return;
    }
    let Some(timers) = hooks::get(ctx, Hook::Timers) else { return };
    enter(ctx, || {
        let next: f64 = timers.call((now().floor(),))?;
        with(|local| {
            local.timer.set((next != 0.0).then_some(next.abs()));
            local.timer_ref.set(next > 0.0);
        });
        Ok(())
    });
}

fn run_immediates(ctx: &Ctx<'_>) {
    if !with(|local| local.immediates.get()) {
        return;
    }
    let Some(immediates) = hooks::get(ctx, Hook::Immediates) else { return };
    enter(ctx, || immediates.call::<_, ()>(()));
}

/// Takes what was posted and runs it; waits for something if there is nothing else to do.
fn poll(ctx: &Ctx<'_>) {
    let shared = with(|local| Arc::clone(&local.shared));
    let mut tasks = {
        let mut queue = shared.lock();
        while queue.tasks.is_empty() {
            let Some(wait) = wait(&shared) else { break };
            queue.parked = true;
            queue = sandtide_realm::inspect::idle(|| match wait {
                Wait::Forever => shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Wait::Until(time) => {
                    let waited = shared.wake.wait_timeout(queue, time);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            });
            queue.parked = false;
        }
        std::mem::take(&mut queue.tasks)
    };
    for task in tasks.drain(..) {
        enter(ctx, || task(ctx));
    }
    // Keeps the buffer: posting should not have to grow one again and again.
    let mut queue = shared.lock();
    if queue.tasks.is_empty() && queue.tasks.capacity() < tasks.capacity() {
        queue.tasks = tasks;
    }
}

enum Wait {
    Forever,
    Until(Duration),
}

/// How long there is nothing to do; `None` if there is.
fn wait(shared: &Shared) -> Option<Wait> {
    with(|local| {
        if local.immediates.get() && local.immediate_ref.get() {
            return None;
        }
        let alive = shared.refs.load(Ordering::Acquire) > 0;
        match local.timer.get() {
            Some(at) if alive || local.timer_ref.get() => {
                let left = at - now();
                (left > 0.0).then(|| Wait::Until(Duration::from_secs_f64(left / 1000.0)))
            }
            None if alive => Some(Wait::Forever),
            _ => None,
        }
    })
}
