//! `--trace-gc`: a line on standard output for each collection, as Node prints them.

use std::io::{self, Write};

use rquickjs::Ctx;
use sandtide_realm::{Collection, Reason};

use crate::event_loop;

/// Prints collections from now on.
pub(crate) fn start(ctx: &Ctx<'_>) {
    sandtide_realm::on_collection(ctx, print);
}

fn print(collection: &Collection) {
    const MEGABYTE: f64 = 1024.0 * 1024.0;
    let reason = match collection.reason {
        Reason::Requested => "testing",
        _ => "allocation limit",
    };
    // A reader who has gone is no error.
    let _ = writeln!(
        io::stdout(),
        "[{}:0x0] {:8.0} ms: Mark-Compact {:.1} -> {:.1} MB, {:.1} ms: {reason}",
        std::process::id(),
        event_loop::now(),
        collection.before as f64 / MEGABYTE,
        collection.after as f64 / MEGABYTE,
        collection.time.as_secs_f64() * 1000.0,
    );
}
