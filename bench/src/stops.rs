//! How long a client waits at a breakpoint: from the statement before it to the message that the program is
//! stopped, in turns with Node.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, stream::MaybeTlsStream};

use crate::machine::bench_dir;
use crate::runtimes::{Runtime, Runtimes};

/// The bar for the 99th of a hundred, in ms.
const MOST: f64 = 5.0;

/// The line of `peers/stops.js` that is stopped at, from 0.
const LINE: u32 = 4;

/// Stops that are not counted: what is done once is not what is asked.
const FIRST: u64 = 20;

struct Program {
    child: Child,
    _stderr: BufReader<ChildStderr>,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    last: u64,
}

impl Drop for Program {
    fn drop(&mut self) {
        // Where it has ended already, both say so.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    fn start(runtimes: &Runtimes, runtime: Runtime) -> Result<Program> {
        let file = bench_dir().join("peers/stops.js");
        let mut command = runtimes.command(runtime);
        command.arg("--inspect=0").arg(&file).stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let mut stderr = BufReader::new(child.stderr.take().context("it is piped")?);
        let url = loop {
            let mut line = String::new();
            if stderr.read_line(&mut line)? == 0 {
                bail!("{runtime} opened no port");
            }
            if let Some(url) = line.trim().strip_prefix("Debugger listening on ") {
                break url.to_owned();
            }
        };
        let (socket, _) = tungstenite::connect(&url)?;
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        }
        let mut program = Program { child, _stderr: stderr, socket, last: 0 };
        program.call("Runtime.enable", &json!({}))?;
        program.call("Debugger.enable", &json!({}))?;
        let place = json!({ "urlRegex": "stops\\.js$", "lineNumber": LINE });
        program.call("Debugger.setBreakpointByUrl", &place)?;
        // The program's own text has run by now, or is told of when it does.
        while program.evaluate("typeof stopped")? != "function" {}
        Ok(program)
    }

    fn receive(&mut self) -> Result<Value> {
        loop {
            if let Message::Text(text) = self.socket.read()? {
                return Ok(serde_json::from_str(&text)?);
            }
        }
    }

    fn send(&mut self, method: &str, params: &Value) -> Result<u64> {
        self.last += 1;
        let text = json!({ "id": self.last, "method": method, "params": params }).to_string();
        self.socket.send(Message::text(text))?;
        Ok(self.last)
    }

    fn call(&mut self, method: &str, params: &Value) -> Result<Value> {
        let id = self.send(method, params)?;
        loop {
            let mut message = self.receive()?;
            if message["id"] == id {
                return Ok(message["result"].take());
            }
        }
    }

    fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let params = json!({ "expression": expression, "returnByValue": true });
        Ok(self.call("Runtime.evaluate", &params)?["result"]["value"].take())
    }

    /// One stop, in ms.
    fn stop(&mut self) -> Result<f64> {
        let call = json!({ "expression": "stopped(1)", "returnByValue": true });
        let running = self.send("Runtime.evaluate", &call)?;
        let frame = loop {
            let message = self.receive()?;
            if message["method"] == "Debugger.paused" {
                break message["params"]["callFrames"][0]["callFrameId"].clone();
            }
        };
        let come = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1e3;
        let asked = json!({ "callFrameId": frame, "expression": "before", "returnByValue": true });
        let answer = self.call("Debugger.evaluateOnCallFrame", &asked)?;
        let hit = answer["result"]["value"].as_f64().context("no time was noted")?;
        self.call("Debugger.resume", &json!({}))?;
        while self.receive()?["id"] != running {}
        Ok(come - hit)
    }
}

/// The time that so many of a hundred take at most.
fn of_hundred(times: &[f64], share: f64) -> f64 {
    let at = (times.len() as f64 * share / 100.0).ceil() as usize;
    times.get(at.saturating_sub(1)).copied().unwrap_or_default()
}

/// Stops both programs in turns, and says how long it took.
pub(crate) fn run(runtimes: &Runtimes, stops: u64) -> Result<()> {
    println!("from a breakpoint to the message, {stops} stops of each, in turns");
    let mut programs = Vec::new();
    for runtime in Runtime::ALL {
        programs.push((runtime, Program::start(runtimes, runtime)?, Vec::new()));
    }
    for round in 0..FIRST + stops {
        for (_, program, times) in &mut programs {
            let time = program.stop()?;
            if round >= FIRST {
                times.push(time);
            }
        }
    }
    let mut last = Vec::new();
    for (runtime, _, times) in &mut programs {
        times.sort_by(f64::total_cmp);
        let (p50, p99) = (of_hundred(times, 50.0), of_hundred(times, 99.0));
        let missed = *runtime == Runtime::Sandtide && p99 > MOST;
        println!(
            "  {runtime:14} p50 {p50:6.2} ms, p99 {p99:6.2} ms{}",
            if missed { "  MISSED" } else { "" },
        );
        last.push((p50, p99));
    }
    if let [(node50, node99), (own50, own99)] = last[..] {
        println!("  of Node's      p50 {:6.2},    p99 {:6.2}", own50 / node50, own99 / node99);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::of_hundred;

    #[test]
    fn one_of_a_hundred_takes_longer_than_the_99th() {
        let times: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(of_hundred(&times, 99.0), 198.0);
        assert_eq!(of_hundred(&times, 50.0), 100.0);
        assert_eq!(of_hundred(&[7.0], 99.0), 7.0);
    }
}
