//! Starts `sandtide serve`, on all cores or some, and asks the system what it takes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// How a server is started.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) workers: u32,
    /// It may use only the first so many; `taskset` sees to that.
    pub(crate) cores: Option<usize>,
    /// Further options.
    pub(crate) options: Vec<String>,
}

impl Launch {
    pub(crate) fn new(program: &Path, workers: u32) -> Self {
        let program = program.to_owned();
        Self { program, workers: workers.max(1), cores: None, options: Vec::new() }
    }

    pub(crate) fn on_cores(mut self, cores: usize) -> Self {
        self.cores = Some(cores);
        self
    }

    pub(crate) fn option(mut self, name: &str, value: &str) -> Self {
        self.options.extend([name.to_owned(), value.to_owned()]);
        self
    }
}

/// A server on a port of its own; it ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(launch: &Launch) -> Result<Self> {
        let mut command = match launch.cores {
            None => Command::new(&launch.program),
            Some(cores) => {
                let mut command = Command::new("taskset");
                command.arg("-c").arg(format!("0-{}", cores - 1)).arg(&launch.program);
                command
            }
        };
        command
            .args([
                "serve",
                "--in-memory",
                "--listen",
                "127.0.0.1:0",
                "--workers",
                &launch.workers.to_string(),
            ])
            .args(&launch.options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .with_context(|| format!("could not start {}", command.get_program().display()))?;
        let mut line = String::new();
        let stderr = child.stderr.take().context("it has no stderr")?;
        let read = BufReader::new(stderr).read_line(&mut line);
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        read?;
        server.address = line
            .trim()
            .rsplit_once("http://")
            .and_then(|(_, address)| address.parse().ok())
            .with_context(|| {
                format!("it says {:?} in the place of where it listens", line.trim())
            })?;
        Ok(server)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What is resident now.
    pub(crate) fn rss_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
        number.context("the system does not tell what is resident")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when the process has ended by itself, which the requests have shown then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
