//! Runs a command to its end, but not for ever: a program that hangs is killed, and what it wrote is told.

use std::{
    io::{Read, Write},
    process::{Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// Many times what the slowest program takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(120);

/// How long output may come after the end: whoever still holds the pipe is not waited for.
const LATE_OUTPUT: Duration = Duration::from_secs(10);

/// Variables that change what a program does or how it writes.
const UNWANTED: &[&str] = &[
    "FORCE_COLOR",
    "NODE_DEBUG",
    "NODE_DISABLE_COLORS",
    "NODE_NO_WARNINGS",
    "NODE_OPTIONS",
    "NO_COLOR",
];

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Limited {
    /// None if it was killed because it took too long.
    pub(crate) status: Option<ExitStatus>,
    /// What it wrote to standard output.
    pub(crate) stdout: String,
    /// What it wrote to standard error.
    pub(crate) stderr: String,
}

impl Limited {
    /// How it ended, in words.
    pub(crate) fn ending(&self) -> String {
        match self.status {
            Some(status) => status.to_string(),
            None => format!("killed: it took more than {} seconds", DEADLINE.as_secs()),
        }
    }
}

/// Takes out what depends on who runs the tests, and keeps what a program leaves behind out of the
/// sources. What is set afterwards stays.
pub(crate) fn clean(command: &mut Command) {
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    for name in UNWANTED {
        command.env_remove(name);
    }
}

/// Runs `command` with `stdin` as its input.
pub(crate) fn run(mut command: Command, stdin: &str) -> Limited {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let stdout = Collected::from(child.stdout.take().unwrap());
    let stderr = Collected::from(child.stderr.take().unwrap());
    let mut input = child.stdin.take().unwrap();
    let text = stdin.to_owned();
    // A program that does not read its input closes it.
    thread::spawn(move || input.write_all(text.as_bytes()));
    let started = Instant::now();
    let mut pause = Duration::from_millis(1);
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if started.elapsed() > DEADLINE => {
                // Its children first, while they can be told by their parent; without pkill they stay.
                let parent = child.id().to_string();
                let _ = Command::new("pkill").args(["-KILL", "-P", &parent]).status();
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => thread::sleep(pause),
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    let until = Instant::now() + LATE_OUTPUT;
    Limited { status, stdout: stdout.text(until), stderr: stderr.text(until) }
}

/// What a thread reads from a pipe.
struct Collected {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: thread::JoinHandle<()>,
}

impl Collected {
    fn from(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut piece = [0; 65536];
            while let Ok(length @ 1..) = pipe.read(&mut piece) {
                shared.lock().unwrap().extend_from_slice(&piece[..length]);
            }
        });
        Self { bytes, reader }
    }

    fn text(self, until: Instant) -> String {
        while !self.reader.is_finished() && Instant::now() < until {
            thread::sleep(Duration::from_millis(1));
        }
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }
}
