//! Time and memory that the process took.

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike as _,
};
use rquickjs::{Ctx, Function, Object};
use sandtide_realm::HeapSizes;

use crate::{bindings::options, event_loop};

pub(super) fn add<'js>(ctx: &Ctx<'js>, binding: &Object<'js>) -> rquickjs::Result<()> {
    let set = |name: &str, function: Function<'js>| binding.set(name, function);
    set("hrtime", Function::new(ctx.clone(), hrtime)?)?;
    let uptime = || event_loop::start().elapsed().as_secs_f64();
    set("uptime", Function::new(ctx.clone(), uptime)?)?;
    let parallelism = || std::thread::available_parallelism().map_or(1, usize::from);
    set("availableParallelism", Function::new(ctx.clone(), parallelism)?)?;
    set("gc", Function::new(ctx.clone(), |ctx: Ctx<'js>| sandtide_realm::collect(&ctx))?)?;
    set("heapLimit", Function::new(ctx.clone(), heap_limit)?)?;
    set("rss", Function::new(ctx.clone(), rss)?)?;
    set("memoryUsage", Function::new(ctx.clone(), memory_usage)?)?;
    set("heapSizes", Function::new(ctx.clone(), heap_sizes)?)?;
    set("availableMemory", Function::new(ctx.clone(), available_memory)?)?;
    set("resourceUsage", Function::new(ctx.clone(), resource_usage)?)
}

/// Seconds and nanoseconds of a clock that only goes forward.
fn hrtime() -> Vec<f64> {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    vec![now.tv_sec as f64, now.tv_nsec as f64]
}

/// Bytes of the process that are in memory.
fn rss() -> f64 {
    let pages = || -> Option<f64> {
        let text = std::fs::read_to_string("/proc/self/statm").ok()?;
        text.split(' ').nth(1)?.parse().ok()
    };
    pages().unwrap_or(0.0) * rustix::param::page_size() as f64
}

/// `rss`, `heapTotal`, `heapUsed`, `external`, `arrayBuffers`. Buffers lie in the engine's one heap:
/// nothing is outside of it.
fn memory_usage(ctx: Ctx<'_>) -> Vec<f64> {
    let sizes = sandtide_realm::heap_sizes(&ctx);
    vec![rss(), heap_total(&sizes), sizes.used as f64, 0.0, 0.0]
}

/// Bytes that the heap takes: what is used, and what is free in its pools.
fn heap_total(sizes: &HeapSizes) -> f64 {
    (sizes.used + sizes.room) as f64
}

/// Used and free bytes of pools, bytes of large blocks, contexts and detached contexts.
fn heap_sizes(ctx: Ctx<'_>) -> Vec<f64> {
    let HeapSizes { used, pooled, room, contexts, detached } = sandtide_realm::heap_sizes(&ctx);
    [pooled, room, used.saturating_sub(pooled), contexts, detached].map(|n| n as f64).to_vec()
}

/// The most that the heap may grow to: what the command line says, or the machine's memory.
pub(crate) fn heap_limit() -> f64 {
    let megabytes = options::with(|options| options.number("--max-old-space-size"));
    megabytes.map_or_else(available_memory, |megabytes| megabytes as f64 * 1024.0 * 1024.0)
}

fn available_memory() -> f64 {
    let kilobytes = || -> Option<f64> {
        let text = std::fs::read_to_string("/proc/meminfo").ok()?;
        let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    kilobytes().unwrap_or(0.0) * 1024.0
}

/// The values of `process.resourceUsage()`, in the order of its documentation.
fn resource_usage() -> Vec<f64> {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else { return vec![0.0; 16] };
    vec![
        usage.user_time().num_microseconds() as f64,
        usage.system_time().num_microseconds() as f64,
        usage.max_rss() as f64,
        usage.shared_integral() as f64,
        usage.unshared_data_integral() as f64,
        usage.unshared_stack_integral() as f64,
        usage.minor_page_faults() as f64,
        usage.major_page_faults() as f64,
        usage.full_swaps() as f64,
        usage.block_reads() as f64,
        usage.block_writes() as f64,
        usage.ipc_sends() as f64,
        usage.ipc_receives() as f64,
        usage.signals() as f64,
        usage.voluntary_context_switches() as f64,
        usage.involuntary_context_switches() as f64,
    ]
}
