//! Cases that may end the process, each in a child: the test binary calls itself.

use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

const CASE: &str = "SANDTIDE_TEST_CASE";

/// The case that this process is a child for, if it is one.
pub(crate) fn case() -> Option<String> {
    env::var(CASE).ok()
}

/// How a child ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<ExitStatus>,
    pub(crate) said: String,
}

impl Ended {
    pub(crate) fn well(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// Runs the test named `test` of this binary in a child, which finds `case`. `status` is `None`
/// where it had to be killed because it took more than `limit`.
pub(crate) fn run(test: &str, case: &str, limit: Duration) -> io::Result<Ended> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env(CASE, case).env("RUST_BACKTRACE", "0");
    wait(&mut command, limit)
}

/// Waits for a command that may hang.
pub(crate) fn wait(command: &mut Command, limit: Duration) -> io::Result<Ended> {
    let folder = env::temp_dir().join(format!("sandtide-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let name = format!("{:?}", thread::current().id()).replace(['(', ')'], "-");
    let path = folder.join(name);
    let file = fs::File::create(&path)?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let mut child = command.spawn()?;
    let started = Instant::now();
    let status = loop {
        match child.try_wait()? {
            Some(status) => break Some(status),
            None if started.elapsed() > limit => {
                child.kill()?;
                child.wait()?;
                break None;
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    let said = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
    fs::remove_file(&path)?;
    // Not empty while other threads wait for theirs.
    let _ = fs::remove_dir(&folder);
    Ok(Ended { status, said })
}
