//! Sandtide's side of the comparison: its command line, the article's script, and the requests.
//! All that this benchmark knows of Sandtide's interface is here.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::load::Target;

/// The article's script: `fibonacci` is defined in the image, `number` is given with each run.
fn script() -> Value {
    json!({
        "source": "a = fibonacci(number)",
        "setup": [
            "function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }"
        ],
    })
}

/// The body of a run request.
fn run_body(number: u32) -> Value {
    json!({ "globals": { "number": number } })
}

/// What a run has to answer; `number` is at most 19 here.
fn fibonacci(number: u32) -> u64 {
    let (mut current, mut next) = (0, 1);
    for _ in 0..number {
        (current, next) = (next, current + next);
    }
    current
}

pub(crate) fn command(
    program: &Path,
    address: SocketAddr,
    workers: usize,
    isolation: &str,
) -> Command {
    let mut command = Command::new(program);
    command
        .args(["serve", "--in-memory", "--isolation", isolation, "--listen", &address.to_string()])
        .args(["--workers", &workers.to_string()]);
    command
}

/// Deploys the script, checks that each of the twenty inputs is answered right, and gives the load.
pub(crate) fn prepare(address: SocketAddr) -> Result<Target> {
    // An answer of the server that is not a success is shown with its body: it says what is wrong.
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let script_url = format!("http://{address}/v1/scripts/article");
    let runs_url = format!("{script_url}/runs");

    let deployed = agent
        .put(&script_url)
        .content_type("application/json")
        .send(script().to_string())
        .context("deploying the script")?;
    answer(deployed).context("deploying the script")?;

    let mut bodies = String::new();
    for number in 0..20 {
        let body = run_body(number).to_string();
        let outcome = agent
            .post(&runs_url)
            .content_type("application/json")
            .send(&body)
            .context("running the script")?;
        let outcome = answer(outcome).context("running the script")?;
        if outcome["value"] != json!(fibonacci(number)) {
            bail!("fibonacci({number}) was answered with {outcome}");
        }
        writeln!(bodies, "{body}")?;
    }
    Ok(Target { url: runs_url, bodies: Some(bodies) })
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> Result<Value> {
    let status = response.status();
    let body = response.body_mut().read_to_string()?;
    if !status.is_success() {
        bail!("the server answered {status}: {body}");
    }
    serde_json::from_str(&body).with_context(|| format!("not JSON: {body}"))
}

#[cfg(test)]
mod tests {
    use super::fibonacci;

    #[test]
    fn the_expected_values_are_the_fibonacci_numbers() {
        assert_eq!([0, 1, 2, 10, 19].map(fibonacci), [0, 1, 1, 55, 4181]);
    }
}
