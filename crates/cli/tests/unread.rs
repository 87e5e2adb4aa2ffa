//! What `sandtide serve` takes of memory for clients that do not read, as a process of its own.
//!
//! The suite has some of them. For more, and to see the figures, in a release build:
//!
//! ```sh
//! SANDTIDE_UNREAD_CLIENTS=1000 cargo test --release -p sandtide-cli --test unread -- --nocapture
//! ```

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The most that the process may take, in bytes.
const MOST: u64 = 200_000_000;

struct Serve {
    child: Child,
    address: String,
}

impl Serve {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sandtide"))
            .args(["serve", "--in-memory", "--listen", "127.0.0.1:0", "--workers", "2", "--totals"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("sandtide listens on http://").expect(&line);
        Self { address: address.to_owned(), child }
    }

    /// A number of `/proc/PID/status` that is given in kilobytes, as bytes.
    fn memory(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        let kilobytes = line.trim_matches([':', ' ', '\t']).trim_end_matches(" kB");
        kilobytes.parse::<u64>().unwrap() * 1_024
    }

    fn health(&self) -> serde_json::Value {
        let mut reply = ureq::get(format!("http://{}/healthz", self.address)).call().unwrap();
        serde_json::from_str(&reply.body_mut().read_to_string().unwrap()).unwrap()
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Large answers: one as it is, one with each character written as six, and one of many values that
/// is asked for again and again.
const REQUESTS: [(&str, &str, usize); 3] = [
    ("/v1/runs?raw", "'x'.repeat(4194296)", 1),
    ("/v1/runs", "'\\u0001'.repeat(1000000)", 1),
    ("/v1/runs", "Array(100000).fill(undefined)", 5),
];

#[test]
fn clients_that_do_not_read_take_little_memory() {
    let clients = std::env::var("SANDTIDE_UNREAD_CLIENTS")
        .map_or(120, |number| number.parse().expect("SANDTIDE_UNREAD_CLIENTS is a number"));
    let serve = Serve::start();
    let before = serve.memory("VmRSS");
    let connections: Vec<TcpStream> = (0..clients)
        .map(|client| {
            let (path, source, times) = REQUESTS[client % REQUESTS.len()];
            let request = format!(
                "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/javascript\r\n\
                 content-length: {}\r\n\r\n{source}",
                source.len()
            );
            let mut stream = TcpStream::connect(&serve.address).unwrap();
            stream.write_all(request.repeat(times).as_bytes()).unwrap();
            stream
        })
        .collect();
    // Until all have been answered with something, and no more is done.
    let (mut runs, mut since) = (serve.health()["runs"].clone(), Instant::now());
    while since.elapsed() < Duration::from_secs(1) {
        thread::sleep(Duration::from_millis(50));
        let now = serve.health();
        if now["runs"] != runs || now["queued"] != 0 {
            (runs, since) = (now["runs"].clone(), Instant::now());
        }
    }
    let health = serve.health();
    let peak = serve.memory("VmHWM");
    eprintln!(
        "{clients} clients that do not read: RSS {} before, {} now, {peak} at most; {health}",
        before,
        serve.memory("VmRSS")
    );
    // A client that reads is served all the while.
    let reply = ureq::post(format!("http://{}/v1/runs?raw", serve.address))
        .content_type("text/javascript")
        .send("6 * 7")
        .unwrap();
    assert_eq!(reply.into_body().read_to_string().unwrap(), "42");
    assert!(peak <= MOST, "{peak} bytes for {clients} clients");
    // They did ask for something: at least one of the first kind waits to be read.
    let mut first = [0; 15];
    assert!(connections.iter().any(|mut stream| {
        stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        stream.read_exact(&mut first).is_ok() && &first == b"HTTP/1.1 200 OK"
    }));
}
