//! `internalBinding('child_process')`: starting programs, and waiting for them.
//!
//! `spawn(options, onExit)` gives a negative error number, or `{ pid, id, stdio }`; `onExit` is
//! called with the exit code and the signal's number. `spawnSync(options)` gives `{ pid, status,
//! signal, output, error }`. `stdio` names what the child's descriptors are: see [`start::Stdio`].

mod start;
mod synchronous;

use std::{
    cell::RefCell,
    collections::HashMap,
    os::unix::process::ExitStatusExt as _,
    process::{Child, ExitStatus},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use rquickjs::{Array, Ctx, Function, Object, Value};
use rustix::{
    io::Errno,
    process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid},
};

use super::fs::{answer::Failure, fds};
use crate::{
    event_loop::{self, Callback, KeepAlive},
    poller,
};

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    let set = |name: &str, function: Function<'js>| binding.set(name, function);
    set("spawn", Function::new(ctx.clone(), spawn)?)?;
    set("spawnSync", Function::new(ctx.clone(), synchronous::spawn_sync)?)?;
    set("kill", Function::new(ctx.clone(), kill)?)?;
    // Where a parent that has forked this program is to be reached.
    let channel = std::env::var("NODE_CHANNEL_FD").ok().and_then(|text| text.parse::<i32>().ok());
    binding.set("channelFd", channel)?;
    set("setRef", Function::new(ctx.clone(), set_ref)?)?;
    Ok(binding)
}

/// A child that was started. Its number is given back to the system only under the lock, so that no
/// signal can reach another process that got the number.
struct Process {
    pid: Pid,
    child: Mutex<Option<Child>>,
}

impl Process {
    fn new(child: Child) -> Arc<Self> {
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap_or(Pid::INIT);
        Arc::new(Self { pid, child: Mutex::new(Some(child)) })
    }

    /// Waits for the child's end.
    fn wait(&self) -> ExitStatus {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(waitid(WaitId::Pid(self.pid), options), Err(Errno::INTR)) {}
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let status = child.as_mut().and_then(|child| child.wait().ok());
        *child = None;
        status.unwrap_or_else(|| ExitStatus::from_raw(0))
    }

    fn kill(&self, signal: i32) -> Result<(), Errno> {
        let child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        if child.is_none() {
            return Err(Errno::SRCH);
        }
        match Signal::from_named_raw(signal) {
            Some(signal) => kill_process(self.pid, signal),
            None if signal == 0 => rustix::process::test_kill_process(self.pid),
            None => Err(Errno::INVAL),
        }
    }
}

struct Running {
    process: Arc<Process>,
    alive: KeepAlive,
}

thread_local! {
    static RUNNING: RefCell<HashMap<u32, Running>> = RefCell::default();
}

fn spawn<'js>(
    ctx: Ctx<'js>,
    options: Object<'js>,
    on_exit: Function<'js>,
) -> rquickjs::Result<Value<'js>> {
    let options = start::Options::read(&options)?;
    let started = match options.start() {
        Ok(started) => started,
        Err(Failure(number)) => return Ok(Value::new_int(ctx, -number)),
    };
    let id = started.child.id();
    let process = Process::new(started.child);
    let on_exit = Callback::new(&ctx, on_exit);
    let handle = event_loop::handle();
    let alive = handle.keep_alive();
    RUNNING.with_borrow_mut(|running| {
        running.insert(id, Running { process: Arc::clone(&process), alive });
    });
    let wait = {
        let process = Arc::clone(&process);
        move || {
            let status = process.wait();
            poller::post_after(&handle, move |ctx| {
                let _running = RUNNING.with_borrow_mut(|running| running.remove(&id));
                on_exit.take(ctx)?.call::<_, ()>((status.code().unwrap_or(0), signal(status)))
            });
        }
    };
    let waiting = thread::Builder::new().name("child".to_owned()).stack_size(64 << 10).spawn(wait);
    if waiting.is_err() {
        let _ = process.kill(9);
        process.wait();
        RUNNING.with_borrow_mut(|running| running.remove(&id));
        on_exit.release();
        return Ok(Value::new_int(ctx, -Errno::AGAIN.raw_os_error()));
    }
    let result = Object::new(ctx.clone())?;
    result.set("pid", id)?;
    result.set("id", id)?;
    // Numbers of descriptors for the parent's ends, which are taken over with `internalBinding('stream')`.
    let stdio = Array::new(ctx.clone())?;
    for (index, end) in started.ends.into_iter().enumerate() {
        stdio.set(index, end.map(fds::insert))?;
    }
    result.set("stdio", stdio)?;
    Ok(result.into_value())
}

/// The number of the signal that ended the child, or 0.
fn signal(status: ExitStatus) -> i32 {
    status.signal().unwrap_or(0)
}

/// 0, or a negative error number.
fn kill(id: u32, signal: i32) -> i32 {
    let process =
        RUNNING.with_borrow(|running| running.get(&id).map(|running| Arc::clone(&running.process)));
    let result = process.map_or(Err(Errno::SRCH), |process| process.kill(signal));
    result.err().map_or(0, |error| -error.raw_os_error())
}

fn set_ref(id: u32, on: bool) {
    RUNNING.with_borrow_mut(|running| {
        if let Some(running) = running.get_mut(&id) {
            running.alive.set(on);
        }
    });
}
