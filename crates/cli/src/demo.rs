//! `sandtide demo`: a server with scripts in it, each run once over HTTP before the user's eyes.
//!
//! It is a client of its own server: everything it does, the curl lines that it prints do too.

use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Instant,
};

use clap::Args;
use sandtide_server::{Isolation, Server, ServerConfig, ServerError};
use serde_json::{Value as Json, json};
use tokio::sync::oneshot;
use ureq::Agent;

use crate::{
    args::address,
    exit::Exit,
    libraries::{Library, libraries},
    serve::{io_runtime, signal_to_end},
    terminal::say,
};

/// The port that is tried first.
const PORT: u16 = 8080;
/// Characters of an answer that are shown.
const SHOWN: usize = 320;

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Ends after showing everything once
    #[arg(long)]
    once: bool,
    /// Leaves out the two npm libraries
    #[arg(long)]
    no_libraries: bool,
    /// Address to listen on [default: 127.0.0.1:8080, or a free port if that is taken]
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    listen: Option<SocketAddr>,
}

/// A script of our own, with a body to run it with.
struct Example {
    name: &'static str,
    what: &'static str,
    source: &'static str,
    input: &'static str,
    /// The global that is given the input; a function gets it as its argument.
    global: Option<&'static str>,
}

const EXAMPLES: [Example; 4] = [
    Example {
        name: "webhook",
        what: "a function: a code host's push becomes a chat message",
        source: include_str!("../../../examples/scripts/webhook.js"),
        input: include_str!("../../../examples/scripts/webhook.json"),
        global: None,
    },
    Example {
        name: "price-rules",
        what: "a classic script: rules over the global `order`, the last expression is the value",
        source: include_str!("../../../examples/scripts/price-rules.js"),
        input: include_str!("../../../examples/scripts/price-rules.json"),
        global: Some("order"),
    },
    Example {
        name: "receipt",
        what: "a template that escapes what it is given",
        source: include_str!("../../../examples/scripts/receipt.js"),
        input: include_str!("../../../examples/scripts/receipt.json"),
        global: None,
    },
    Example {
        name: "forecast",
        what: "asynchronous, with a Map as its value and a warning in the logs",
        source: include_str!("../../../examples/scripts/forecast.js"),
        input: include_str!("../../../examples/scripts/forecast.json"),
        global: None,
    },
];

pub(crate) fn demo(args: &DemoArgs) -> Exit {
    match try_demo(args) {
        Ok(()) => Exit::Ok,
        Err(message) => {
            say(&format!("the demo cannot go on: {message}"));
            Exit::Internal
        }
    }
}

fn try_demo(args: &DemoArgs) -> Result<(), String> {
    let runtime = io_runtime().map_err(|error| error.to_string())?;
    let server = runtime.block_on(bind(args.listen)).map_err(|error| error.to_string())?;
    let address = server.local_addr();
    if args.listen.is_none() && address.port() != PORT {
        say(&format!("Port {PORT} is taken, so the demo uses a free one."));
    }
    let (end, ended) = oneshot::channel::<()>();
    let once = args.once;
    let serving = runtime.spawn(server.serve_until(async move {
        if once {
            // Signals end the program at once, as they do by themselves.
            _ = ended.await;
            return;
        }
        tokio::select! {
            _ = ended => {}
            () = signal_to_end() => {}
        }
    }));

    let shown = Demo { agent: agent(), base: format!("http://{address}") }.show(args);
    // Dropping it ends the server.
    let end = (!args.once && shown.is_ok()).then_some(end);
    if end.is_some() {
        say(&format!("\nServing on http://{address} until Ctrl-C."));
    }
    runtime.block_on(serving).map_err(|error| error.to_string())?;
    drop(end);
    shown
}

async fn bind(listen: Option<SocketAddr>) -> Result<Server, ServerError> {
    match bind_at(listen, ServerConfig::default()).await {
        Err(ServerError::Processes(error)) => {
            say(&format!(
                "Scripts run on threads of one process in this demo: {error}.\n\
                 `sandtide serve` would not start here."
            ));
            let isolation = Isolation::Thread;
            bind_at(listen, ServerConfig { isolation, ..ServerConfig::default() }).await
        }
        other => other,
    }
}

async fn bind_at(listen: Option<SocketAddr>, config: ServerConfig) -> Result<Server, ServerError> {
    let at = |listen| Server::bind(ServerConfig { listen, ..config.clone() });
    match listen {
        Some(listen) => at(listen).await,
        None => match at(SocketAddr::from((Ipv4Addr::LOCALHOST, PORT))).await {
            Err(ServerError::Listen { source, .. })
                if source.kind() == io::ErrorKind::AddrInUse =>
            {
                at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
            }
            other => other,
        },
    }
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}

struct Demo {
    agent: Agent,
    base: String,
}

impl Demo {
    fn show(&self, args: &DemoArgs) -> Result<(), String> {
        say(&format!("Sandtide serves on {}. Every run below gets a fresh sandbox.", self.base));
        self.article()?;
        for example in &EXAMPLES {
            self.example(example)?;
        }
        self.endless()?;
        if args.no_libraries {
            return Ok(());
        }
        match libraries(say) {
            Ok(libraries) => {
                for library in libraries {
                    self.library(&library)?;
                }
            }
            Err(reason) => say(&format!(
                "\nThe two npm libraries (handlebars, html-minifier) are left out: {reason}."
            )),
        }
        Ok(())
    }

    fn article(&self) -> Result<(), String> {
        title(
            "fibonacci",
            "`a = fibonacci(number)`; the function is in the image, the number in the request",
        );
        let deploy = json!({
            "source": "a = fibonacci(number)",
            "setup": ["function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }"],
        });
        self.deploy("fibonacci", "application/json", &deploy.to_string())?;
        self.run("fibonacci", r#"{"globals":{"number":19},"globals_back":"changed"}"#)
    }

    fn example(&self, example: &Example) -> Result<(), String> {
        title(example.name, example.what);
        self.deploy(example.name, "text/javascript", example.source)?;
        let input: Json = serde_json::from_str(example.input).map_err(|error| error.to_string())?;
        let body = match example.global {
            Some(global) => json!({ "globals": { global: input } }),
            None => json!({ "input": input }),
        };
        self.run(example.name, &body.to_string())
    }

    /// A script that never ends, to show that the server goes on.
    fn endless(&self) -> Result<(), String> {
        title("(ad hoc)", "source in the request; this one never ends by itself");
        let body = r#"{"source":"for (;;) {}","limits":{"wall_ms":100}}"#;
        let path = "/v1/runs";
        say(&format!("  curl --json '{body}' {}{path}", self.base));
        self.post(path, body)
    }

    fn library(&self, library: &Library) -> Result<(), String> {
        title(library.name, "a library from npm, loaded in the image");
        self.deploy(library.name, "text/javascript", &library.source)?;
        self.on_file(library.name, &library.input)?;
        // An input made to keep a regular expression busy for ever.
        let redos = library.input.with_file_name("redos.json");
        if library.name == "html-minifier" && redos.is_file() {
            say("  and on an input that makes its regular expressions spin:");
            self.on_file(library.name, &redos)?;
        }
        Ok(())
    }

    fn on_file(&self, script: &str, input: &Path) -> Result<(), String> {
        let json =
            fs::read_to_string(input).map_err(|error| format!("{}: {error}", input.display()))?;
        let path = format!("/v1/scripts/{script}/runs?raw");
        let here = std::env::current_dir().unwrap_or_default();
        let shown = input.strip_prefix(&here).unwrap_or(input);
        say(&format!("  curl --json @{} '{}{path}'", shown.display(), self.base));
        self.post(&path, &json)
    }

    fn deploy(&self, name: &str, kind: &str, body: &str) -> Result<(), String> {
        let answer = self
            .agent
            .put(format!("{}/v1/scripts/{name}", self.base))
            .content_type(kind)
            .send(body)
            .map_err(|error| error.to_string())?;
        let good = answer.status().is_success();
        let text = answer.into_body().read_to_string().map_err(|error| error.to_string())?;
        if !good {
            return Err(format!("{name} could not be deployed: {text}"));
        }
        let facts: Json = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        say(&format!(
            "  deployed: image of {} bytes, built in {:.1} ms",
            facts["image_bytes"],
            facts["build_ms"].as_f64().unwrap_or_default()
        ));
        Ok(())
    }

    fn run(&self, name: &str, body: &str) -> Result<(), String> {
        let path = format!("/v1/scripts/{name}/runs");
        say(&format!("  curl --json '{body}' {}{path}", self.base));
        self.post(&path, body)
    }

    fn post(&self, path: &str, body: &str) -> Result<(), String> {
        let begun = Instant::now();
        let answer = self
            .agent
            .post(format!("{}{path}", self.base))
            .content_type("application/json")
            .send(body)
            .map_err(|error| error.to_string())?;
        let status = answer.status();
        let text = answer.into_body().read_to_string().map_err(|error| error.to_string())?;
        say(&format!("  {} in {:.1?}: {}", status.as_u16(), begun.elapsed(), shortened(&text)));
        Ok(())
    }
}

fn shortened(text: &str) -> String {
    let text = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} ... ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

fn title(name: &str, what: &str) {
    say(&format!("\n{name}: {what}"));
}
