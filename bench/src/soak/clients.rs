//! Clients of the soak: what they ask, and which answers are right. All that the soak knows of
//! Sandtide's interface is here.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use serde::Serialize;
use serde_json::{Value, json};
use ureq::Agent;

use crate::neighbours::load::deploy;
use crate::served::Server;

/// Tenants of the good scripts, and as many of the hostile ones.
const TENANTS: u64 = 4;
/// One run in so many is a hostile one.
const HOSTILE_EVERY: u64 = 20;
/// What the tally calls the good ones.
pub(crate) const GOOD: &str = "good";

/// The good script's value is told by its input.
const GOOD_SOURCE: &str =
    "export default ({ n }) => { let s = 0; for (let i = 0; i <= n; i++) s += i; return { s } }";

/// A hostile script, and the codes that are right for it. A loop may also find its time over while it
/// waits for its turn.
struct Hostile {
    name: &'static str,
    source: &'static str,
    codes: &'static [&'static str],
}

const TIME: &[&str] = &["ERR_CPU_TIME_LIMIT", "ERR_WALL_TIME_LIMIT", "ERR_QUEUE_TIME_LIMIT"];

const HOSTILE: &[Hostile] = &[
    Hostile { name: "loop", source: "for (;;) {}", codes: TIME },
    Hostile { name: "native-loop", source: "/(a+)+$/.test('a'.repeat(40) + '!')", codes: TIME },
    Hostile {
        name: "promises",
        source: "(function next() { return Promise.resolve().then(next) })()",
        codes: &[
            "ERR_JOB_LIMIT",
            "ERR_CPU_TIME_LIMIT",
            "ERR_WALL_TIME_LIMIT",
            "ERR_QUEUE_TIME_LIMIT",
        ],
    },
    Hostile {
        name: "memory",
        source: "const a = []; while (true) a.push(new Uint8Array(1 << 20).fill(1))",
        codes: &[
            "ERR_HEAP_LIMIT",
            "ERR_CPU_TIME_LIMIT",
            "ERR_WALL_TIME_LIMIT",
            "ERR_QUEUE_TIME_LIMIT",
        ],
    },
    Hostile {
        name: "catches-all",
        source: "while (true) try { new Array(1e8).fill(1).map(x => [x]) } catch {}",
        codes: &[
            "ERR_HEAP_LIMIT",
            "ERR_CPU_TIME_LIMIT",
            "ERR_WALL_TIME_LIMIT",
            "ERR_QUEUE_TIME_LIMIT",
        ],
    },
    Hostile {
        name: "stack",
        source: "function f() { return f() + 1 } f()",
        codes: &[
            "ERR_STACK_LIMIT",
            "ERR_EXCEPTION",
            "ERR_CPU_TIME_LIMIT",
            "ERR_WALL_TIME_LIMIT",
            "ERR_QUEUE_TIME_LIMIT",
        ],
    },
    Hostile {
        name: "output",
        source: "'x'.repeat(5 << 20)",
        codes: &[
            "ERR_OUTPUT_LIMIT",
            "ERR_CPU_TIME_LIMIT",
            "ERR_WALL_TIME_LIMIT",
            "ERR_QUEUE_TIME_LIMIT",
        ],
    },
    Hostile {
        name: "log",
        source: "for (;;) console.log('x'.repeat(1000))",
        codes: &[
            "ERR_LOG_LIMIT",
            "ERR_CPU_TIME_LIMIT",
            "ERR_WALL_TIME_LIMIT",
            "ERR_QUEUE_TIME_LIMIT",
        ],
    },
];

/// What clients were answered.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tally {
    /// Right answers, by what was asked.
    pub(crate) right: BTreeMap<String, u64>,
    /// Others, by what was asked and the answer's code.
    pub(crate) wrong: BTreeMap<String, u64>,
    /// Runs that lost their worker to the one who kills them.
    pub(crate) lost: u64,
    /// Wrong answers, a few.
    #[serde(skip)]
    pub(crate) samples: Vec<(String, String)>,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Tally) {
        for (kind, count) in other.right {
            *self.right.entry(kind).or_default() += count;
        }
        for (kind, count) in other.wrong {
            *self.wrong.entry(kind).or_default() += count;
        }
        self.lost += other.lost;
        self.samples.extend(other.samples);
        self.samples.truncate(5);
    }

    fn note(&mut self, asked: &str, is_right: bool, status: u16, answer: &Value) {
        let code = answer["code"].as_str().unwrap_or_default();
        if is_right {
            *self.right.entry(asked.to_owned()).or_default() += 1;
        } else if code == "ERR_WORKER_LOST" && answer.to_string().contains("SIGKILL") {
            self.lost += 1;
        } else {
            *self.wrong.entry(format!("{asked}: {status} {code}")).or_default() += 1;
            if self.samples.len() < 5 {
                self.samples.push((asked.to_owned(), answer.to_string()));
            }
        }
    }
}

pub(crate) fn deploy_all(server: &Server) -> Result<()> {
    for tenant in 0..TENANTS {
        deploy(server.address, &format!("good{tenant}"), GOOD, GOOD_SOURCE)?;
        for hostile in HOSTILE {
            deploy(server.address, &format!("hostile{tenant}"), hostile.name, hostile.source)?;
        }
    }
    Ok(())
}

fn post(agent: &Agent, url: &str, tenant: &str, body: &str) -> Result<(u16, Value)> {
    let request = agent.post(url).header("sandtide-tenant", tenant);
    let mut reply = request.content_type("application/json").send(body)?;
    let status = reply.status().as_u16();
    let text = reply.body_mut().read_to_string()?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

/// The turn of one client: what it asks, and whether the answer is right.
fn turn(
    agent: &Agent,
    address: SocketAddr,
    client: u64,
    number: u64,
    tally: &mut Tally,
) -> Result<()> {
    let tenant = (client + number) % TENANTS;
    if (number + client).is_multiple_of(HOSTILE_EVERY) {
        let turn = number / HOSTILE_EVERY + client;
        let hostile = &HOSTILE[usize::try_from(turn % HOSTILE.len() as u64)?];
        let url = format!("http://{address}/v1/scripts/{}/runs", hostile.name);
        let (status, answer) = post(agent, &url, &format!("hostile{tenant}"), "{}")?;
        let code = answer["code"].as_str().unwrap_or_default();
        let right = hostile.codes.contains(&code) || is_overdue(&answer);
        tally.note(hostile.name, right, status, &answer);
    } else {
        let n = number % 500;
        let url = format!("http://{address}/v1/scripts/{GOOD}/runs");
        let body = json!({ "input": { "n": n } }).to_string();
        let (status, answer) = post(agent, &url, &format!("good{tenant}"), &body)?;
        let right = status == 200 && answer["value"] == json!({ "s": n * (n + 1) / 2 });
        tally.note(GOOD, right, status, &answer);
    }
    Ok(())
}

/// Whether a worker was killed because it did not end its run in time, which what is hostile may come to
/// where others have the processors.
fn is_overdue(answer: &Value) -> bool {
    answer["code"] == "ERR_WORKER_LOST" && answer.to_string().contains("and was killed")
}

fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false);
    // Nothing may hang: a run's deadline is far below.
    config.timeout_global(Some(Duration::from_secs(60))).build().into()
}

/// One run of each good script, with its right answer.
pub(crate) fn once(address: SocketAddr) -> Result<()> {
    let (agent, mut tally) = (agent(), Tally::default());
    for number in 1..=TENANTS {
        turn(&agent, address, 0, number, &mut tally)?;
    }
    if tally.right.get(GOOD) != Some(&TENANTS) {
        bail!("in a quiet moment the good script was answered with {:?}", tally.samples);
    }
    Ok(())
}

/// Clients that ask again as soon as they are answered.
pub(crate) struct Clients {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Result<Tally>>>,
}

impl Clients {
    pub(crate) fn start(address: SocketAddr, count: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let clients = (0..u64::from(count))
            .map(|client| {
                let stop = Arc::clone(&stop);
                thread::spawn(move || {
                    let (agent, mut tally) = (agent(), Tally::default());
                    for number in 0.. {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        turn(&agent, address, client, number, &mut tally)?;
                    }
                    Ok(tally)
                })
            })
            .collect();
        Self { stop, clients }
    }

    /// Lets all have their last answer.
    pub(crate) fn stop(self) -> Result<Tally> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Tally::default();
        for client in self.clients {
            all.add(client.join().map_err(|_| anyhow!("a client panicked"))??);
        }
        Ok(all)
    }
}
