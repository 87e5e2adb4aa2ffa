//! Frames to bytes. Whoever has something to say writes what is there, and never waits: what the
//! descriptor does not take is left to a thread. Must not know what the frames say.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use sandtide_wire::{FromHost, Problem, Refused};

/// The most that is kept of a buffer that was written.
const KEPT: usize = 1 << 20;

pub(crate) struct Output {
    to: OwnedFd,
    state: Mutex<State>,
    /// Wakes the thread that waits for the descriptor.
    full: Condvar,
}

#[derive(Default)]
struct State {
    /// Frames that nobody has taken to write.
    waiting: Vec<u8>,
    /// What is left of frames that the descriptor did not take.
    rest: Option<(Vec<u8>, usize)>,
    /// Whether somebody writes: nobody else may.
    writing: bool,
    /// A buffer to be used again.
    spare: Vec<u8>,
    /// Whether the program reads no more.
    closed: bool,
}

impl Output {
    /// Starts the thread as well.
    pub(crate) fn start(to: OwnedFd) -> io::Result<Arc<Output>> {
        rustix::io::ioctl_fionbio(&to, true)?;
        let output = Arc::new(Output { to, state: Mutex::default(), full: Condvar::new() });
        let waiter = Arc::clone(&output);
        let thread = thread::Builder::new().name("sandtide-output".to_owned());
        thread.stack_size(64 << 10).spawn(move || waiter.wait_and_write())?;
        Ok(output)
    }

    /// Says something at once.
    pub(crate) fn say(&self, message: &FromHost) {
        self.add(message);
        self.flush();
    }

    /// Says something with what is said next, or at the next [`flush`](Self::flush).
    pub(crate) fn add(&self, message: &FromHost) {
        let mut state = self.lock();
        if message.encode(&mut state.waiting) == Err(Refused::Range) {
            drop(state);
            // Only an outcome can be so large: the limit of output is far below for all others.
            if let FromHost::Done { run, outcome } = message {
                let mut short = (**outcome).clone();
                short.result = Err(Problem::new("ERR_OUTPUT_LIMIT", "the outcome is too large"));
                (short.globals, short.logs) = (Vec::new(), Vec::new());
                self.add(&FromHost::Done { run: *run, outcome: Box::new(short) });
            }
        }
    }

    /// Writes what is there, as far as the descriptor takes it.
    pub(crate) fn flush(&self) {
        let mut state = self.lock();
        if state.writing {
            return;
        }
        state.writing = true;
        self.write(state);
    }

    /// Writes until nothing is left, or the descriptor is full. `writing` is set.
    fn write<'a>(&'a self, mut state: MutexGuard<'a, State>) {
        loop {
            let (bytes, mut done) = match state.rest.take() {
                Some(rest) => rest,
                None if state.waiting.is_empty() => {
                    state.writing = false;
                    return;
                }
                None => {
                    let spare = std::mem::take(&mut state.spare);
                    (std::mem::replace(&mut state.waiting, spare), 0)
                }
            };
            if state.closed {
                continue;
            }
            drop(state);
            let mut failed = None;
            while done < bytes.len() {
                match rustix::io::write(&self.to, &bytes[done..]) {
                    Ok(written) => done += written,
                    Err(rustix::io::Errno::INTR) => {}
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                }
            }
            state = self.lock();
            match failed {
                None => {
                    state.spare = bytes;
                    state.spare.clear();
                    state.spare.shrink_to(KEPT);
                }
                Some(rustix::io::Errno::AGAIN) => {
                    state.rest = Some((bytes, done));
                    drop(state);
                    self.full.notify_one();
                    return;
                }
                // The input tells when the program is gone.
                Some(_) => state.closed = true,
            }
        }
    }

    fn wait_and_write(&self) {
        loop {
            let mut state = self.lock();
            while state.rest.is_none() {
                state = self.full.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            drop(state);
            let _ = poll(&mut [PollFd::new(&self.to, PollFlags::OUT)], None);
            self.write(self.lock());
        }
    }

    // Nothing panics while the lock is held but for want of memory.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Input;

    #[test]
    fn all_frames_come_in_the_order_of_each_thread_though_nobody_reads_for_a_while() {
        let (from, to) = rustix::pipe::pipe().unwrap();
        let output = Output::start(to).unwrap();
        let text = "x".repeat(5_000);
        let problem = |number: u32| Problem { line: number, ..Problem::new("ERR", &*text) };
        thread::scope(|scope| {
            for thread in 0..4 {
                let (output, problem) = (&output, &problem);
                scope.spawn(move || {
                    for number in 0..100 {
                        output.say(&FromHost::Refused { script: thread, problem: problem(number) });
                    }
                });
            }
        });
        let mut input = Input::new(from);
        let mut next = [0; 4];
        for _ in 0..400 {
            let frame = input.next().unwrap().unwrap();
            let FromHost::Refused { script, problem } = FromHost::decode(frame).unwrap() else {
                panic!("another message")
            };
            assert_eq!(problem.line, next[script as usize]);
            next[script as usize] += 1;
        }
        assert_eq!(next, [100; 4]);
    }
}
