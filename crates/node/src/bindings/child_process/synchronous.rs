//! Running a program to its end while JavaScript waits.

use std::{
    os::fd::OwnedFd,
    process::ExitStatus,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rquickjs::{Array, Ctx, Object, Value};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
    io::Errno,
    pipe::{PipeFlags, pipe_with},
};

use super::{
    super::fs::answer::Failure,
    Process, signal,
    start::{Options, Stdio},
};

/// One of the child's descriptors, here.
struct Pipe {
    fd: Option<OwnedFd>,
    /// What is written to the child, and how much of it is.
    input: Vec<u8>,
    written: usize,
    /// What the child wrote; `None` if this is not a pipe.
    output: Option<Vec<u8>>,
}

struct Limits {
    deadline: Option<Instant>,
    max_buffer: usize,
    kill_signal: i32,
}

pub(super) fn spawn_sync<'js>(ctx: Ctx<'js>, object: Object<'js>) -> rquickjs::Result<Object<'js>> {
    let options = Options::read(&object)?;
    let inputs: Array<'js> = object.get("inputs")?;
    let timeout: f64 = object.get("timeout")?;
    let max_buffer: f64 = object.get("maxBuffer")?;
    let limits = Limits {
        deadline: (timeout > 0.0)
            .then(|| Instant::now().checked_add(Duration::from_secs_f64(timeout / 1000.0)))
            .flatten(),
        max_buffer: if max_buffer.is_finite() { max_buffer as usize } else { usize::MAX },
        kill_signal: object.get("killSignal")?,
    };

    let result = Object::new(ctx.clone())?;
    let started = match options.start() {
        Ok(started) => started,
        Err(Failure(number)) => {
            result.set("error", -number)?;
            result.set("pid", 0)?;
            return Ok(result);
        }
    };
    let mut pipes = Vec::new();
    for (index, end) in started.ends.into_iter().enumerate() {
        let input: Value<'js> = inputs.get(index)?;
        pipes.push(Pipe {
            output: (options.stdio[index] == Stdio::Pipe).then(Vec::new),
            fd: end,
            input: sandtide_bytes::to_vec(&input).unwrap_or_default(),
            written: 0,
        });
    }
    result.set("pid", started.child.id())?;
    let process = Process::new(started.child);
    let (status, error) = run(&process, &mut pipes, &limits);

    match status.code() {
        Some(code) => result.set("status", code)?,
        None => result.set("status", Value::new_null(ctx.clone()))?,
    }
    result.set("signal", signal(status))?;
    if let Some(error) = error {
        result.set("error", -error.raw_os_error())?;
    }
    let output = Array::new(ctx.clone())?;
    for (index, pipe) in pipes.into_iter().enumerate() {
        // Standard input is one way.
        match pipe.output.filter(|_| index != 0) {
            Some(bytes) => output.set(index, sandtide_bytes::array_buffer(&ctx, bytes)?)?,
            None => output.set(index, Value::new_null(ctx.clone()))?,
        }
    }
    result.set("output", output)?;
    Ok(result)
}

/// Feeds the child and takes what it writes, until it has ended and its pipes are closed.
fn run(process: &Arc<Process>, pipes: &mut [Pipe], limits: &Limits) -> (ExitStatus, Option<Errno>) {
    for fd in pipes.iter().filter_map(|pipe| pipe.fd.as_ref()) {
        let _ = rustix::fs::fcntl_getfl(fd)
            .and_then(|flags| rustix::fs::fcntl_setfl(fd, flags | OFlags::NONBLOCK));
    }
    let Ok((ended, end)) = pipe_with(PipeFlags::CLOEXEC) else {
        return give_up(process);
    };
    let status = Arc::new(Mutex::new(None));
    let waiter = {
        let (process, status) = (Arc::clone(process), Arc::clone(&status));
        let wait = move || {
            let exit = process.wait();
            *status.lock().unwrap_or_else(PoisonError::into_inner) = Some(exit);
            // Closing it is what is waited for.
            drop(end);
        };
        thread::Builder::new().name("child".to_owned()).stack_size(64 << 10).spawn(wait)
    };
    let Ok(waiter) = waiter else { return give_up(process) };

    let mut error = None;
    let mut has_ended = false;
    while !has_ended || pipes.iter().any(|pipe| pipe.fd.is_some()) {
        let late = limits.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let killed = error.is_some();
        if late && !killed {
            error = Some(Errno::TIMEDOUT);
        } else {
            let deadline = limits.deadline.filter(|_| !killed);
            has_ended |= step(pipes, &ended, deadline, has_ended);
            let full = |pipe: &Pipe| {
                pipe.output.as_ref().is_some_and(|output| output.len() > limits.max_buffer)
            };
            if !killed && pipes.iter().any(full) {
                error = Some(Errno::NOBUFS);
            }
        }
        if error.is_some() && !killed {
            // Does nothing if the child has ended and only its own children hold the pipes.
            let _ = process.kill(limits.kill_signal);
            for pipe in &mut *pipes {
                pipe.fd = None;
            }
        }
    }
    let _ = waiter.join();
    let status = status.lock().unwrap_or_else(PoisonError::into_inner).take();
    (status.unwrap_or_default(), error)
}

fn give_up(process: &Process) -> (ExitStatus, Option<Errno>) {
    let _ = process.kill(9);
    (process.wait(), Some(Errno::AGAIN))
}

/// Waits for something and does it; `true` if the child has ended.
fn step(pipes: &mut [Pipe], ended: &OwnedFd, deadline: Option<Instant>, has_ended: bool) -> bool {
    let mut indexes = Vec::new();
    let mut fds = Vec::new();
    for (index, pipe) in pipes.iter().enumerate() {
        if let Some(fd) = &pipe.fd {
            let mut wanted = PollFlags::empty();
            if index != 0 {
                wanted |= PollFlags::IN;
            }
            if index == 0 || pipe.written < pipe.input.len() {
                wanted |= PollFlags::OUT;
            }
            indexes.push(index);
            fds.push(PollFd::new(fd, wanted));
        }
    }
    if !has_ended {
        fds.push(PollFd::new(ended, PollFlags::IN));
    }
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    let left = left.and_then(|left| Timespec::try_from(left).ok());
    if poll(&mut fds, left.as_ref()).is_err() {
        return false;
    }
    let ready: Vec<_> = fds.iter().map(PollFd::revents).collect();
    for (index, ready) in indexes.iter().zip(&ready) {
        if !ready.is_empty() {
            advance(&mut pipes[*index], *index);
        }
    }
    !has_ended && ready.last().is_some_and(|ready| !ready.is_empty())
}

fn advance(pipe: &mut Pipe, index: usize) {
    let Some(fd) = &pipe.fd else { return };
    while pipe.written < pipe.input.len() {
        match rustix::io::write(fd, &pipe.input[pipe.written..]) {
            Ok(count) => pipe.written += count,
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => break,
            // The child reads no more.
            Err(_) => pipe.written = pipe.input.len(),
        }
    }
    if index == 0 {
        if pipe.written == pipe.input.len() {
            pipe.fd = None;
        }
        return;
    }
    let mut part = [0; 64 << 10];
    match rustix::io::read(fd, &mut part) {
        Ok(0) => pipe.fd = None,
        Ok(count) => {
            if let Some(output) = &mut pipe.output {
                output.extend_from_slice(&part[..count]);
            }
        }
        Err(Errno::AGAIN | Errno::INTR) => {}
        Err(_) => pipe.fd = None,
    }
}
