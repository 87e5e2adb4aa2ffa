//! Starts the servers, waits until they listen, and ends them. It does not know what they answer.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde::Serialize;

use super::load::Target;
use super::sandtide;
use crate::machine::bench_dir;

/// The servers that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Naive,
    Opt1,
    Opt2,
    Sandtide,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Naive, Self::Opt1, Self::Opt2, Self::Sandtide];

    /// What a request gets: its own sandbox, or the one that all requests share.
    pub(crate) fn isolation(self) -> &'static str {
        match self {
            Self::Naive | Self::Sandtide => "fresh",
            Self::Opt1 | Self::Opt2 => "shared",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Naive => "Node naive",
            Self::Opt1 => "Node opt1",
            Self::Opt2 => "Node opt2",
            Self::Sandtide => "Sandtide",
        })
    }
}

const START_DEADLINE: Duration = Duration::from_secs(10);

/// Knows how each server is started.
pub(crate) struct Launcher {
    sandtide: PathBuf,
    workers: usize,
}

impl Launcher {
    pub(crate) fn new(sandtide: Option<PathBuf>, workers: usize) -> Result<Self> {
        let sandtide = match sandtide {
            Some(path) => path,
            None => std::env::current_exe()
                .context("could not tell where this program is")?
                .with_file_name("sandtide"),
        };
        Ok(Self { sandtide, workers })
    }

    /// Starts a server on a port of its own and waits until it listens there.
    pub(crate) fn start(&self, kind: Kind) -> Result<Running> {
        let address = free_address()?;
        let mut command = match kind {
            Kind::Naive => node("naive.js", address),
            Kind::Opt1 => node("opt1.js", address),
            Kind::Opt2 => node("opt2.js", address),
            Kind::Sandtide => sandtide::command(&self.sandtide, address, self.workers),
        };
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("could not start {}", command.get_program().display()))?;
        let mut running = Running { child, address };
        running.wait_until_listening()?;
        Ok(running)
    }

    /// Makes a server ready for the load, checks an answer where it gives one, and says what to ask.
    pub(crate) fn prepare(&self, kind: Kind, running: &Running) -> Result<Target> {
        match kind {
            Kind::Naive | Kind::Opt1 | Kind::Opt2 => {
                Ok(Target { url: format!("http://{}/", running.address), bodies: None })
            }
            Kind::Sandtide => sandtide::prepare(running.address),
        }
    }
}

/// A server process; it ends when this is dropped.
pub(crate) struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    fn wait_until_listening(&mut self) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < START_DEADLINE {
            if TcpStream::connect_timeout(&self.address, Duration::from_millis(200)).is_ok() {
                return Ok(());
            }
            if let Some(status) = self.ended()? {
                bail!("it ended ({status}) before it listened on {}", self.address);
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("it did not listen on {} within {} s", self.address, START_DEADLINE.as_secs());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when the process has ended by itself, which is what is wanted here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn node(program: &str, address: SocketAddr) -> Command {
    let mut command = Command::new("node");
    command.arg(bench_dir().join("peers").join(program)).arg(address.port().to_string());
    command
}

/// An address that nobody listens on. Someone else may take it before the server does; the server
/// then ends, and the turn with it.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?)
}
