//! Threads for what may take long: system calls on files, names of hosts, keys from passwords. They know nothing of the engine.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, PoisonError},
    thread,
};

use rquickjs::{Ctx, Function, Value};

use crate::event_loop::{self, Callback};

type Job = Box<dyn FnOnce() + Send>;

/// As many as Node has.
const THREADS: usize = 4;

struct Pool {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

static POOL: Mutex<Pool> = Mutex::new(Pool { jobs: VecDeque::new(), threads: 0, idle: 0 });
static WORK: Condvar = Condvar::new();

/// Runs `job` on one of the threads.
fn spawn(job: Job) {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    pool.jobs.push_back(job);
    if pool.idle >= pool.jobs.len() {
        WORK.notify_one();
    } else if pool.threads < THREADS {
        let started = thread::Builder::new().name("blocking".to_owned()).spawn(work);
        pool.threads += usize::from(started.is_ok());
    }
    let stranded = if pool.threads == 0 { pool.jobs.pop_back() } else { None };
    drop(pool);
    // Without threads there is still this one.
    if let Some(job) = stranded {
        job();
    }
}

fn work() {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        match pool.jobs.pop_front() {
            Some(job) => {
                drop(pool);
                job();
                pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
            }
            None => {
                pool.idle += 1;
                pool = WORK.wait(pool).unwrap_or_else(PoisonError::into_inner);
                pool.idle -= 1;
            }
        }
    }
}

/// Runs `job` on one of the threads, then calls `callback` with what `reply` makes of its result.
/// Keeps the loop alive meanwhile.
pub(crate) fn run<'js, T, R>(
    ctx: &Ctx<'js>,
    callback: Function<'js>,
    job: impl FnOnce() -> T + Send + 'static,
    reply: R,
) where
    T: Send + 'static,
    R: for<'a> FnOnce(&Ctx<'a>, T) -> rquickjs::Result<Value<'a>> + Send + 'static,
{
    let callback = Callback::new(ctx, callback);
    let handle = event_loop::handle();
    let alive = handle.keep_alive();
    spawn(Box::new(move || {
        let result = job();
        handle.post(move |ctx| {
            let _alive = alive;
            let callback = callback.take(ctx)?;
            let value = reply(ctx, result)?;
            callback.call::<_, ()>((value,))
        });
    }));
}
