//! `sandtide top`: what a server does, in the terminal, while it does it.

mod pace;
mod screen;
mod told;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use serde::Deserialize;
use ureq::{
    Agent,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

use crate::{
    exit::Exit,
    terminal::{Line, answer, complain},
    token::tenant,
    top::{
        pace::Pace,
        screen::{Script, Shown},
        told::Told,
    },
};

/// How long a server may take to tell what it does.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Args)]
pub(crate) struct TopArgs {
    /// The server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// A file with a token of the role metrics or admin; admin tokens list scripts too. Without it the
    /// environment variable SANDTIDE_TOKEN is taken, if it is there
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A file with the certificates, in PEM, by which a server with https:// is known, in place of those that browsers
    /// trust
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Whose scripts are listed
    #[arg(long, value_name = "NAME", default_value = "default", value_parser = tenant)]
    tenant: String,
    /// How often the server is asked
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = interval)]
    interval: humantime::Duration,
    /// Watches for one interval, prints what happened in it, and ends
    #[arg(long)]
    once: bool,
}

fn interval(text: &str) -> Result<humantime::Duration, String> {
    let given: humantime::Duration = text.parse().map_err(|error| format!("{error}"))?;
    match (Duration::from_millis(100)..=Duration::from_secs(3600)).contains(&given) {
        true => Ok(given),
        false => Err("is not between 100ms and 1h".to_owned()),
    }
}

pub(crate) fn top(args: &TopArgs) -> Exit {
    let ended = Watch::new(args).and_then(|watch| match args.once {
        true => watch.once(*args.interval),
        false => watch.until_quit(*args.interval),
    });
    match ended {
        Ok(()) => Exit::Ok,
        Err(message) => {
            complain(&format!("sandtide top: {message}"));
            Exit::Usage
        }
    }
}

/// The certificates that a file has, of which there has to be one.
fn trusted(file: &Path) -> Result<RootCerts, String> {
    let text =
        fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let certificates: Vec<_> = parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    match certificates.is_empty() {
        true => Err(format!("{} has no certificate in PEM", file.display())),
        false => Ok(RootCerts::new_with_certs(&certificates)),
    }
}

#[derive(Deserialize)]
struct Listed {
    scripts: Vec<ListedScript>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Runs {
    total: u64,
}

#[derive(Deserialize)]
struct ListedScript {
    name: String,
    runs: Runs,
    cost_us: Option<f64>,
}

/// The last reading, and whom it is asked of.
struct Watch {
    agent: Agent,
    url: String,
    token: Option<String>,
    read: Told,
    read_at: Instant,
    runs: BTreeMap<String, u64>,
    shown: Shown,
}

impl Watch {
    fn new(args: &TopArgs) -> Result<Self, String> {
        let token = match &args.token_file {
            Some(file) => {
                let text = fs::read_to_string(file)
                    .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
                Some(text.trim().to_owned())
            }
            None => std::env::var("SANDTIDE_TOKEN").ok().filter(|token| !token.is_empty()),
        };
        let mut config =
            Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
        if let Some(file) = &args.ca_file {
            config = config.tls_config(TlsConfig::builder().root_certs(trusted(file)?).build());
        }
        let url = args.url.trim_end_matches('/').to_owned();
        let shown = Shown::new(url.clone(), args.tenant.clone());
        let mut new = Self {
            agent: config.build().into(),
            url,
            token,
            read: Told::default(),
            read_at: Instant::now(),
            runs: BTreeMap::new(),
            shown,
        };
        (new.read, new.read_at) = (new.metrics()?, Instant::now());
        new.runs = new.scripts().into_iter().flatten().map(|s| (s.name, s.runs.total)).collect();
        Ok(new)
    }

    fn get(&self, path: &str) -> Result<(u16, String), String> {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if path.starts_with("/v1/") {
            request = request.header("sandtide-tenant", &self.shown.tenant);
        }
        let said = |error: ureq::Error| format!("{} does not answer: {error}", self.url);
        let mut response = request.call().map_err(said)?;
        let text = response.body_mut().read_to_string().map_err(said)?;
        Ok((response.status().as_u16(), text))
    }

    fn metrics(&self) -> Result<Told, String> {
        match self.get("/metrics")? {
            (200, text) => {
                let told = Told::read(&text);
                let ours = told.is_of_sandtide();
                ours.then_some(told).ok_or_else(|| format!("{} is no server of sandtide", self.url))
            }
            (401 | 403, _) => Err("the server tells its metrics to a token of the role metrics or admin \
                alone: `sandtide token create --metrics` makes one, --token-file or SANDTIDE_TOKEN gives it \
                (or the server is started with --totals)"
                .to_owned()),
            (status, _) => Err(format!("{} answered /metrics with {status}", self.url)),
        }
    }

    /// The tenant's scripts, where the token may list them.
    fn scripts(&self) -> Option<Vec<ListedScript>> {
        let (mut all, mut path) = (Vec::new(), "/v1/scripts?limit=1000".to_owned());
        loop {
            let (_, text) = self.get(&path).ok().filter(|(status, _)| *status == 200)?;
            let page: Listed = serde_json::from_str(&text).ok()?;
            all.extend(page.scripts);
            let Some(cursor) = page.next_cursor else { return Some(all) };
            path = format!("/v1/scripts?limit=1000&cursor={cursor}");
        }
    }

    /// Reads again, and has what happened since shown.
    fn look(&mut self) {
        let now = match self.metrics() {
            Ok(now) => now,
            Err(trouble) => {
                self.shown.trouble = Some(trouble);
                return;
            }
        };
        let at = Instant::now();
        let apart = at - self.read_at;
        let pace = Pace::between(&self.read, &now, apart);
        let listed = self.scripts();
        let rate = |script: &ListedScript| {
            let before = self.runs.get(&script.name).copied().unwrap_or(script.runs.total);
            script.runs.total.saturating_sub(before) as f64 / apart.as_secs_f64()
        };
        let scripts = listed.as_ref().map(|listed| {
            let of = |script: &ListedScript| Script {
                name: script.name.clone(),
                rate: rate(script),
                cost_us: script.cost_us.unwrap_or(0.0),
            };
            let mut scripts: Vec<Script> = listed.iter().map(of).collect();
            scripts.sort_by(|a, b| b.rate.total_cmp(&a.rate));
            scripts
        });
        self.shown.scripts = scripts;
        self.runs = listed.into_iter().flatten().map(|s| (s.name, s.runs.total)).collect();
        self.shown.note(now.clone(), pace);
        (self.read, self.read_at) = (now, at);
    }

    fn once(mut self, interval: Duration) -> Result<(), String> {
        thread::sleep(interval);
        self.look();
        if let Some(trouble) = self.shown.trouble {
            return Err(trouble);
        }
        answer(&[Line::Text(self.shown.lines())]).map_err(|error| error.to_string())
    }

    fn until_quit(mut self, interval: Duration) -> Result<(), String> {
        let mut terminal = ratatui::try_init()
            .map_err(|error| format!("no terminal to draw on ({error}); --once prints lines"))?;
        let ended = loop {
            let drawn = terminal.draw(|frame| self.shown.draw(frame));
            if let Err(error) = drawn {
                break Err(error.to_string());
            }
            match quit_within(interval) {
                Ok(true) => break Ok(()),
                Ok(false) => self.look(),
                Err(error) => break Err(error.to_string()),
            }
        };
        ratatui::restore();
        ended
    }
}

/// Whether a key that quits was pressed within this time.
fn quit_within(time: Duration) -> std::io::Result<bool> {
    let until = Instant::now() + time;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if !event::poll(left)? {
            return Ok(false);
        }
        match event::read()? {
            Event::Key(key) if key.kind == KeyEventKind::Press => {
                let interrupts =
                    key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
                if interrupts || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc) {
                    return Ok(true);
                }
            }
            // The size may be another: drawn again at once.
            Event::Resize(..) => return Ok(false),
            _ => {}
        }
    }
}
