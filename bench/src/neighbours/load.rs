//! Clients: deploys, single runs, a steady rate of runs, and as many runs as can be had. All that
//! this benchmark knows of Sandtide's interface is here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::Serialize;
use ureq::Agent;

use crate::served::Server;

/// Connections of the tenant that is watched.
const CONNECTIONS: u32 = 8;
/// A client's thread does next to nothing.
const STACK: usize = 256 << 10;

/// One request.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Sample {
    /// When it was to be sent, from the start.
    pub(crate) at_ms: f64,
    /// From then until its answer was there.
    pub(crate) took_ms: f64,
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}

fn post(agent: &Agent, address: SocketAddr, tenant: &str, script: &str) -> Result<u16> {
    let mut reply = agent
        .post(format!("http://{address}/v1/scripts/{script}/runs"))
        .header("sandtide-tenant", tenant)
        .send_empty()?;
    let status = reply.status().as_u16();
    reply.body_mut().read_to_vec()?;
    Ok(status)
}

pub(crate) fn deploy(address: SocketAddr, tenant: &str, name: &str, source: &str) -> Result<()> {
    let mut reply = agent()
        .put(format!("http://{address}/v1/scripts/{name}"))
        .header("sandtide-tenant", tenant)
        .content_type("text/javascript")
        .send(source)?;
    if !reply.status().is_success() {
        bail!("deploying {name} of {tenant}: {}", reply.body_mut().read_to_string()?);
    }
    Ok(())
}

/// One run on a connection of its own; the status of its answer.
pub(crate) fn run_once(address: SocketAddr, tenant: &str, script: &str) -> Result<u16> {
    post(&agent(), address, tenant, script)
}

/// So many runs a second of the tenant that is watched. Each is sent when its time has come, and its
/// time counts from then, whether or not the one before it was late.
pub(crate) struct Steady {
    pub(crate) rate: u32,
    pub(crate) duration: Duration,
}

impl Steady {
    pub(crate) fn run(&self, server: &Server) -> Result<Vec<Sample>> {
        let (begun, address) = (Instant::now(), server.address);
        let mut samples = thread::scope(|scope| {
            let clients: Vec<_> = (0..CONNECTIONS)
                .map(|client| scope.spawn(move || self.client(client, begun, address)))
                .collect();
            let mut all = Vec::new();
            for client in clients {
                match client.join() {
                    Ok(samples) => all.extend(samples?),
                    Err(_) => bail!("a client panicked"),
                }
            }
            Ok(all)
        })?;
        samples.sort_by(|a, b| a.at_ms.total_cmp(&b.at_ms));
        Ok(samples)
    }

    fn client(&self, client: u32, begun: Instant, address: SocketAddr) -> Result<Vec<Sample>> {
        let agent = agent();
        let gap = Duration::from_secs(1) / self.rate;
        let mut samples = Vec::new();
        for turn in (client..).step_by(CONNECTIONS as usize) {
            let at = gap * turn;
            if at >= self.duration {
                break;
            }
            thread::sleep((begun + at).saturating_duration_since(Instant::now()));
            let status = post(&agent, address, "watched", "short")?;
            if status != 200 {
                bail!("the short script was answered with {status}");
            }
            let took = begun.elapsed() - at;
            samples.push(Sample { at_ms: ms(at), took_ms: ms(took) });
        }
        Ok(samples)
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Clients that ask again as soon as they are answered, whatever the answer is, until this is
/// dropped.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    /// `whom` tells tenant and script of a client's runs.
    pub(crate) fn start(
        address: SocketAddr,
        clients: u32,
        whom: impl Fn(u32) -> (String, String),
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let clients = (0..clients)
            .filter_map(|client| {
                let (tenant, script) = whom(client);
                let stop = Arc::clone(&stop);
                let body = move || {
                    let agent = agent();
                    while !stop.load(Ordering::Relaxed) {
                        // A client that is refused waits as it is told to.
                        if post(&agent, address, &tenant, &script).is_ok_and(|status| status == 503)
                        {
                            thread::sleep(Duration::from_millis(100));
                        }
                    }
                };
                thread::Builder::new().stack_size(STACK).spawn(body).ok()
            })
            .collect();
        Self { stop, clients }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for client in self.clients.drain(..) {
            // A client that panicked has said so.
            let _ = client.join();
        }
    }
}

/// Runs a second of so many clients; `tenant` tells whose script a client runs next.
pub(crate) fn rate(
    address: SocketAddr,
    clients: u32,
    time: Duration,
    tenant: impl Fn(u32, u64) -> String + Sync,
) -> Result<f64> {
    let (begun, done) = (Instant::now(), AtomicU64::new(0));
    thread::scope(|scope| {
        let clients: Vec<_> = (0..clients)
            .map(|client| {
                let (tenant, done) = (&tenant, &done);
                scope.spawn(move || -> Result<()> {
                    let agent = agent();
                    for sent in 0.. {
                        if begun.elapsed() >= time {
                            break;
                        }
                        let status = post(&agent, address, &tenant(client, sent), "short")?;
                        if status != 200 {
                            bail!("the short script was answered with {status}");
                        }
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(())
                })
            })
            .collect();
        for client in clients {
            match client.join() {
                Ok(ended) => ended?,
                Err(_) => bail!("a client panicked"),
            }
        }
        Ok(done.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64())
    })
}

/// The least figure that so large a part of all is no larger than; 0 of none.
pub(crate) fn quantile(figures: impl Iterator<Item = f64>, part: f64) -> f64 {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn a_quantile_is_one_of_the_figures() {
        let hundred = || (1..=100).rev().map(f64::from);
        assert_eq!(quantile(hundred(), 0.99), 99.0);
        assert_eq!(quantile(hundred(), 0.5), 50.0);
        assert_eq!(quantile([7.0].into_iter(), 0.99), 7.0);
        assert_eq!(quantile(std::iter::empty(), 0.99), 0.0);
    }
}
