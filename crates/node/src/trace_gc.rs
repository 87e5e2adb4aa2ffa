//! Collections, as the program's owner and the program itself see them: `--trace-gc` in the columns of
//! Node 24, `--trace-gc-verbose`, and the entries of `PerformanceObserver`.

use std::{
    cell::{Cell, RefCell},
    io::{self, Write},
};

use rquickjs::Ctx;
use sandtide_realm::{Collection, Reason};

use crate::{
    bindings::{self, options},
    event_loop,
    hooks::{self, Hook},
};

/// `NODE_PERFORMANCE_GC_MAJOR`: there is one kind of collection.
const MAJOR: f64 = 4.0;
/// `NODE_PERFORMANCE_GC_FLAGS_FORCED`.
const FORCED: f64 = 4.0;

/// So many collections are kept until the program takes them.
const KEPT: usize = 1000;

thread_local! {
    static TRACED: Cell<bool> = const { Cell::new(false) };
    static OBSERVED: Cell<bool> = const { Cell::new(false) };
    /// Start, duration (both in ms), kind, flags and the heap's bytes afterwards of each that was not
    /// taken yet.
    static ENTRIES: RefCell<Vec<[f64; 5]>> = const { RefCell::new(Vec::new()) };
    /// When the last one ended, in ms, and the share of time outside of collections so far.
    static LAST: Cell<(f64, f64)> = const { Cell::new((0.0, 1.0)) };
}

/// Prints collections from now on.
pub(crate) fn start(ctx: &Ctx<'_>) {
    TRACED.set(true);
    sandtide_realm::on_collection(ctx, seen);
}

/// Keeps collections for [`deliver`] from now on, or no longer.
pub(crate) fn observe(ctx: Ctx<'_>, on: bool) {
    OBSERVED.set(on);
    sandtide_realm::on_collection(&ctx, seen);
}

/// Hands the program what was kept, at the end of a turn.
pub(crate) fn deliver(ctx: &Ctx<'_>) {
    if ENTRIES.with_borrow(Vec::is_empty) {
        return;
    }
    let entries = ENTRIES.take();
    if let Some(hook) = hooks::get(ctx, Hook::Collections) {
        event_loop::enter(ctx, || hook.call::<_, ()>((entries.concat(),)));
    }
}

fn seen(collection: &Collection) {
    if OBSERVED.get() {
        let duration = collection.time.as_secs_f64() * 1000.0;
        let flags = if collection.reason == Reason::Requested { FORCED } else { 0.0 };
        ENTRIES.with_borrow_mut(|entries| {
            if entries.len() < KEPT {
                let start = event_loop::now() - duration;
                entries.push([start, duration, MAJOR, flags, collection.after as f64]);
            }
        });
    }
    if TRACED.get() {
        // A reader who has gone is no error.
        let _ = print(collection);
    }
}

/// Shares of time in which the program ran: since the last collection, and on average.
fn utilization(time: f64) -> (f64, f64) {
    let (last, average) = LAST.get();
    let now = event_loop::now();
    let passed = (now - last).max(time);
    let current = if passed > 0.0 { 1.0 - time / passed } else { 1.0 };
    let average = if last == 0.0 { current } else { (average + current) / 2.0 };
    LAST.set((now, average));
    (average, current)
}

fn print(collection: &Collection) -> io::Result<()> {
    const MEGABYTE: f64 = 1024.0 * 1024.0;
    let reason = match collection.reason {
        Reason::Requested => "testing; GC in old space requested",
        _ => "allocation limit; GC in old space requested",
    };
    let pid = std::process::id();
    let time = collection.time.as_secs_f64() * 1000.0;
    let (before, after) = (collection.before as f64, collection.after as f64);
    let total = after + collection.room as f64;
    let (average, current) = utilization(time);
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "[{pid}:0x0] {:8.0} ms: Mark-Compact {:.1} ({:.1}) -> {:.1} ({:.1}) MB, pooled: 0 MB, \
         {time:.2} / 0.00 ms  (average mu = {average:.3}, current mu = {current:.3}) {reason}",
        event_loop::now(),
        before / MEGABYTE,
        total.max(before) / MEGABYTE,
        after / MEGABYTE,
        total / MEGABYTE,
    )?;
    if options::with(|options| options.flag("--trace-gc-verbose")) {
        let kilobytes = |bytes: f64| bytes as u64 / 1024;
        let (used, free) = (kilobytes(after), kilobytes(total - after));
        let committed = kilobytes(total);
        let limit = kilobytes(bindings::process::usage::heap_limit() - after);
        writeln!(
            out,
            "[{pid}:0x0] Memory allocator,       used: {committed:6} KB, available: {limit:6} KB"
        )?;
        for name in ["Old space,              ", "All spaces,             "] {
            writeln!(
                out,
                "[{pid}:0x0] {name}used: {used:6} KB, available: {free:6} KB, committed: {committed:6} KB"
            )?;
        }
        writeln!(out, "[{pid}:0x0] External memory reported:      0 KB")?;
    }
    Ok(())
}
