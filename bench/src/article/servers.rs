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
use super::sockets::listening_port;
use crate::runtimes::{Runtime, Runtimes};

/// The servers that are compared: the Node programs under Node, the same ones under `sandtide node`,
/// and `sandtide serve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Naive,
    SandtideNaive,
    Opt1,
    SandtideOpt1,
    Opt2,
    SandtideOpt2,
    Sandtide,
    SandtideProcesses,
}

impl Kind {
    /// In the order of their turns: what is compared most closely follows each other.
    pub(crate) const ALL: [Self; 8] = [
        Self::Naive,
        Self::SandtideNaive,
        Self::Opt1,
        Self::SandtideOpt1,
        Self::Opt2,
        Self::SandtideOpt2,
        Self::Sandtide,
        Self::SandtideProcesses,
    ];

    /// The Node program that it runs, and what runs it; `sandtide serve` runs none.
    fn program(self) -> Option<(Runtime, &'static str)> {
        match self {
            Self::Naive => Some((Runtime::Node, "naive.js")),
            Self::Opt1 => Some((Runtime::Node, "opt1.js")),
            Self::Opt2 => Some((Runtime::Node, "opt2.js")),
            Self::SandtideNaive => Some((Runtime::Sandtide, "naive.js")),
            Self::SandtideOpt1 => Some((Runtime::Sandtide, "opt1.js")),
            Self::SandtideOpt2 => Some((Runtime::Sandtide, "opt2.js")),
            Self::Sandtide | Self::SandtideProcesses => None,
        }
    }

    /// The same program under Node.
    pub(crate) fn original(self) -> Option<Self> {
        match self {
            Self::SandtideNaive => Some(Self::Naive),
            Self::SandtideOpt1 => Some(Self::Opt1),
            Self::SandtideOpt2 => Some(Self::Opt2),
            Self::Naive | Self::Opt1 | Self::Opt2 | Self::Sandtide | Self::SandtideProcesses => {
                None
            }
        }
    }

    /// What a request gets: its own sandbox, or the one that all requests share.
    pub(crate) fn isolation(self) -> &'static str {
        match self {
            Self::Naive | Self::SandtideNaive | Self::Sandtide | Self::SandtideProcesses => "fresh",
            Self::Opt1 | Self::Opt2 | Self::SandtideOpt1 | Self::SandtideOpt2 => "shared",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Naive => "Node naive",
            Self::Opt1 => "Node opt1",
            Self::Opt2 => "Node opt2",
            Self::SandtideNaive => "sandtide node naive",
            Self::SandtideOpt1 => "sandtide node opt1",
            Self::SandtideOpt2 => "sandtide node opt2",
            Self::Sandtide => "sandtide serve, threads",
            Self::SandtideProcesses => "sandtide serve, processes",
        })
    }
}

const START_DEADLINE: Duration = Duration::from_secs(10);

/// Knows how each server is started.
pub(crate) struct Launcher {
    pub(crate) runtimes: Runtimes,
    /// Where the Node programs are.
    pub(crate) programs: PathBuf,
    pub(crate) workers: usize,
}

impl Launcher {
    /// Starts a server and waits until it listens. It is told a port of its own; a program that
    /// listens on another one is found there.
    pub(crate) fn start(&self, kind: Kind) -> Result<Running> {
        let asked = free_address()?;
        let mut command = match kind.program() {
            Some((runtime, program)) => self.program(runtime, program, asked),
            None => {
                let isolation = match kind {
                    Kind::SandtideProcesses => "process",
                    _ => "thread",
                };
                sandtide::command(&self.runtimes.sandtide, asked, self.workers, isolation)
            }
        };
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("could not start {}", command.get_program().display()))?;
        let mut running = Running { child, address: asked };
        running.wait_until_listening()?;
        Ok(running)
    }

    fn program(&self, runtime: Runtime, program: &str, address: SocketAddr) -> Command {
        let mut command = self.runtimes.command(runtime);
        command.arg(self.programs.join(program)).arg(address.port().to_string());
        command
    }

    /// Makes a server ready for the load, checks an answer where it gives one, and says what to ask.
    pub(crate) fn prepare(&self, kind: Kind, running: &Running) -> Result<Target> {
        match kind.program() {
            Some(_) => Ok(Target { url: format!("http://{}/", running.address), bodies: None }),
            None => sandtide::prepare(running.address),
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
            if let Some(port) = listening_port(self.pid()) {
                self.address.set_port(port);
                TcpStream::connect_timeout(&self.address, Duration::from_secs(1))
                    .with_context(|| format!("could not connect to {}", self.address))?;
                return Ok(());
            }
            if let Some(status) = self.ended()? {
                bail!("it ended ({status}) before it listened");
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("it did not listen within {} s", START_DEADLINE.as_secs());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when the process has ended by itself, which is what is wanted here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that nobody listens on. Someone else may take it before the server does; the server
/// then ends, and the turn with it.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?)
}
