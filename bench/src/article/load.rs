//! The load: wrk, or oha where there is no wrk. It knows a URL and request bodies, and nothing of
//! who answers them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::machine::{bench_dir, first_line};

/// What to ask.
pub(crate) struct Target {
    pub(crate) url: String,
    /// JSON bodies, one a line, of which each request takes one at random; none means GET.
    pub(crate) bodies: Option<String>,
}

/// What the load generator saw.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LoadResult {
    /// Answered with a success; refused ones are not counted.
    pub(crate) requests_per_second: f64,
    pub(crate) requests: u64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// Answered with a status of 400 or more.
    pub(crate) refused: u64,
    /// Connections and requests that failed or were not answered in time.
    pub(crate) socket_errors: u64,
}

/// The programs that can make the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generator {
    Wrk,
    Oha,
}

impl Generator {
    /// The one that is asked for, or the first that is on the PATH.
    pub(crate) fn choose(asked: Option<Self>) -> Result<Self> {
        let candidates = asked.map_or_else(|| vec![Self::Wrk, Self::Oha], |one| vec![one]);
        match candidates.iter().copied().find(|one| !one.version().is_empty()) {
            Some(generator) => Ok(generator),
            None if asked.is_some() => bail!("{} is not on the PATH", candidates[0].program()),
            None => bail!("neither wrk nor oha is on the PATH: bench/run installs oha"),
        }
    }

    /// Its first line about itself; empty when it cannot be started.
    pub(crate) fn version(self) -> String {
        let flag = match self {
            Self::Wrk => "-v",
            Self::Oha => "--version",
        };
        first_line(Command::new(self.program()).arg(flag))
    }

    /// Loads the target for some seconds, from one thread.
    pub(crate) fn run(self, target: &Target, connections: u64, seconds: u64) -> Result<LoadResult> {
        let bodies = target.bodies.as_deref().map(BodiesFile::write).transpose()?;
        let mut command = match self {
            Self::Wrk => wrk(target, bodies.as_ref(), connections, seconds),
            Self::Oha => oha(target, bodies.as_ref(), connections, seconds),
        };
        let output =
            command.output().with_context(|| format!("could not start {}", self.program()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            bail!("{} failed ({}): {errors}{text}", self.program(), output.status);
        }
        let result = match self {
            Self::Wrk => read_wrk(&text),
            Self::Oha => read_oha(&text),
        };
        result.with_context(|| format!("could not read what {} wrote:\n{text}", self.program()))
    }

    fn program(self) -> &'static str {
        match self {
            Self::Wrk => "wrk",
            Self::Oha => "oha",
        }
    }
}

fn wrk(target: &Target, bodies: Option<&BodiesFile>, connections: u64, seconds: u64) -> Command {
    let mut command = Command::new("wrk");
    command
        .args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}s"), "-s"])
        .arg(bench_dir().join("load/requests.lua"))
        .arg(&target.url);
    if let Some(bodies) = bodies {
        command.arg("--").arg(&bodies.0);
    }
    command
}

fn oha(target: &Target, bodies: Option<&BodiesFile>, connections: u64, seconds: u64) -> Command {
    let mut command = Command::new("oha");
    command.args(["-c", &connections.to_string(), "-z", &format!("{seconds}s")]).args([
        "--no-tui",
        "--output-format",
        "json",
    ]);
    if let Some(bodies) = bodies {
        command.args(["-m", "POST", "-T", "application/json", "-Z"]).arg(&bodies.0);
    }
    command.arg(&target.url);
    command
}

/// The line that `load/requests.lua` writes.
#[derive(Deserialize)]
struct WrkResult {
    duration_us: f64,
    requests: u64,
    p50_us: f64,
    p99_us: f64,
    refused: u64,
    socket_errors: u64,
}

fn read_wrk(text: &str) -> Result<LoadResult> {
    let line =
        text.lines().find_map(|line| line.strip_prefix("result ")).context("no result line")?;
    let result: WrkResult = serde_json::from_str(line)?;
    let good = result.requests.saturating_sub(result.refused);
    Ok(LoadResult {
        requests_per_second: good as f64 / (result.duration_us / 1e6),
        requests: good,
        p50_us: result.p50_us,
        p99_us: result.p99_us,
        refused: result.refused,
        socket_errors: result.socket_errors,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OhaResult {
    summary: OhaSummary,
    latency_percentiles: OhaPercentiles,
    status_code_distribution: std::collections::BTreeMap<String, u64>,
    error_distribution: std::collections::BTreeMap<String, u64>,
}

/// Seconds.
#[derive(Deserialize)]
struct OhaSummary {
    total: f64,
}

/// Seconds.
#[derive(Deserialize)]
struct OhaPercentiles {
    p50: Option<f64>,
    p99: Option<f64>,
}

fn read_oha(text: &str) -> Result<LoadResult> {
    let result: OhaResult = serde_json::from_str(text)?;
    let (mut good, mut refused) = (0, 0);
    for (status, count) in &result.status_code_distribution {
        if status.as_str() < "400" { good += count } else { refused += count }
    }
    // What was under way when the time was up is reported as an error of its own.
    let socket_errors = result
        .error_distribution
        .iter()
        .filter(|(error, _)| !error.contains("deadline"))
        .map(|(_, count)| count)
        .sum();
    let seconds = |figure: Option<f64>| figure.context("no request was answered");
    Ok(LoadResult {
        requests_per_second: good as f64 / result.summary.total,
        requests: good,
        p50_us: seconds(result.latency_percentiles.p50)? * 1e6,
        p99_us: seconds(result.latency_percentiles.p99)? * 1e6,
        refused,
        socket_errors,
    })
}

/// The request bodies in a file of their own, which both programs read.
struct BodiesFile(PathBuf);

impl BodiesFile {
    fn write(bodies: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("sandtide-bench-{}", std::process::id()));
        fs::write(&path, bodies).with_context(|| format!("could not write {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for BodiesFile {
    fn drop(&mut self) {
        // A file left behind in the temporary directory does no harm.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::{read_oha, read_wrk};

    #[test]
    fn what_wrk_saw_refused_is_not_in_its_rate() {
        let text = "Running 2s test\nresult {\"duration_us\":2000000,\"requests\":1000,\
                    \"p50_us\":10,\"p99_us\":20,\"max_us\":30,\"refused\":400,\"socket_errors\":1}";
        let result = read_wrk(text).unwrap();
        assert_eq!(result.requests_per_second, 300.0);
        assert_eq!((result.refused, result.socket_errors), (400, 1));
    }

    #[test]
    fn what_oha_saw_refused_is_not_in_its_rate() {
        let text = r#"{"summary":{"total":2.0},
            "latencyPercentiles":{"p50":0.001,"p99":0.002},
            "statusCodeDistribution":{"200":600,"503":400},
            "errorDistribution":{"aborted due to deadline":50,"connection refused":2}}"#;
        let result = read_oha(text).unwrap();
        assert_eq!(result.requests_per_second, 300.0);
        assert_eq!((result.p50_us, result.p99_us), (1000.0, 2000.0));
        assert_eq!((result.refused, result.socket_errors), (400, 2));
    }

    #[test]
    fn output_without_a_result_is_an_error() {
        assert!(read_wrk("unable to connect").is_err());
        assert!(read_oha("{}").is_err());
    }
}
