//! The log of a server, on standard error. Whoever logs never waits for whoever reads it: lines that find no
//! room are left out, and how many is said.

use std::{
    env,
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, SyncSender},
    },
    thread,
    time::Duration,
};

use tracing_subscriber::{
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::terminal;

/// Lines that wait to be written.
const WAITING: usize = 8_192;
/// How long the end of the program waits for them.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// Writes lines until it is dropped.
pub(crate) struct Log {
    lines: SyncSender<Line>,
    written: Receiver<()>,
}

enum Line {
    Text(Vec<u8>),
    End,
}

/// Logs from now on: what `RUST_LOG` says, or what an operator has to know.
///
/// # Errors
///
/// With what is wrong about `RUST_LOG`, or why no thread could be started.
pub(crate) fn start(format: LogFormat) -> Result<Log, String> {
    let wanted = env::var("RUST_LOG").unwrap_or_default();
    let wanted = if wanted.trim().is_empty() { "info" } else { &wanted };
    let targets: Targets = wanted.parse().map_err(|error| {
        format!(
            "RUST_LOG is refused ({error}): give it as info, debug or sandtide::request=debug,info"
        )
    })?;
    let (lines, waiting) = mpsc::sync_channel(WAITING);
    let (done, written) = mpsc::channel();
    let lost = Arc::new(AtomicU64::new(0));
    let lost_lines = Arc::clone(&lost);
    thread::Builder::new()
        .name("sandtide-log".to_owned())
        .spawn(move || {
            write_all(&waiting, &lost_lines, format == LogFormat::Json);
            let _ = done.send(());
        })
        .map_err(|error| format!("the thread that writes the log could not be started: {error}"))?;
    let writer = Lines { lines: lines.clone(), lost };
    let registry = tracing_subscriber::registry().with(targets);
    let layer = fmt::layer().log_internal_errors(false).with_writer(writer);
    let started = match format {
        LogFormat::Text => registry.with(layer.with_ansi(false)).try_init(),
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
    };
    started.map_err(|error| error.to_string())?;
    Ok(Log { lines, written })
}

fn write_all(waiting: &Receiver<Line>, lost: &AtomicU64, is_json: bool) {
    while let Ok(Line::Text(text)) = waiting.recv() {
        terminal::log(&text, is_json);
        let lost = lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            terminal::complain(&format!(
                "{lost} lines of the log were left out: nobody took them in time"
            ));
        }
    }
}

impl Drop for Log {
    /// Lets what waits be written, as long as somebody takes it.
    fn drop(&mut self) {
        if self.lines.try_send(Line::End).is_ok() {
            let _ = self.written.recv_timeout(PATIENCE);
        }
    }
}

#[derive(Clone)]
struct Lines {
    lines: SyncSender<Line>,
    lost: Arc<AtomicU64>,
}

impl Write for Lines {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if self.lines.try_send(Line::Text(text.to_vec())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
