//! Signals: their numbers, sending them, listening for them, and what they do where nobody listens.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use rquickjs::{Ctx, Function, Object};
use rustix::process::{Pid, Signal, test_kill_process, test_kill_process_group};
use signal_hook::{
    consts::signal as numbers,
    flag,
    iterator::{Handle, Signals},
    low_level,
};

use crate::event_loop::{self, Callback};

pub(super) fn add<'js>(ctx: &Ctx<'js>, binding: &Object<'js>) -> rquickjs::Result<()> {
    binding.set("signals", Function::new(ctx.clone(), table)?)?;
    binding.set("watchSignal", Function::new(ctx.clone(), watch)?)?;
    binding.set("unwatchSignal", Function::new(ctx.clone(), unwatch)?)
}

/// The signals that Node names, with this system's numbers.
pub(super) fn table() -> BTreeMap<String, i32> {
    let mut table: BTreeMap<String, i32> = [
        ("SIGHUP", numbers::SIGHUP),
        ("SIGINT", numbers::SIGINT),
        ("SIGQUIT", numbers::SIGQUIT),
        ("SIGILL", numbers::SIGILL),
        ("SIGTRAP", numbers::SIGTRAP),
        ("SIGABRT", numbers::SIGABRT),
        ("SIGIOT", numbers::SIGABRT),
        ("SIGBUS", numbers::SIGBUS),
        ("SIGFPE", numbers::SIGFPE),
        ("SIGKILL", numbers::SIGKILL),
        ("SIGUSR1", numbers::SIGUSR1),
        ("SIGSEGV", numbers::SIGSEGV),
        ("SIGUSR2", numbers::SIGUSR2),
        ("SIGPIPE", numbers::SIGPIPE),
        ("SIGALRM", numbers::SIGALRM),
        ("SIGTERM", numbers::SIGTERM),
        ("SIGCHLD", numbers::SIGCHLD),
        ("SIGCONT", numbers::SIGCONT),
        ("SIGSTOP", numbers::SIGSTOP),
        ("SIGTSTP", numbers::SIGTSTP),
        ("SIGTTIN", numbers::SIGTTIN),
        ("SIGTTOU", numbers::SIGTTOU),
        ("SIGURG", numbers::SIGURG),
        ("SIGXCPU", numbers::SIGXCPU),
        ("SIGXFSZ", numbers::SIGXFSZ),
        ("SIGVTALRM", numbers::SIGVTALRM),
        ("SIGPROF", numbers::SIGPROF),
        ("SIGWINCH", numbers::SIGWINCH),
        ("SIGIO", numbers::SIGIO),
        ("SIGSYS", numbers::SIGSYS),
    ]
    .into_iter()
    .map(|(name, number)| (name.to_owned(), number))
    .collect();
    #[cfg(target_os = "linux")]
    for (name, number) in [("SIGSTKFLT", 16), ("SIGPOLL", numbers::SIGIO), ("SIGPWR", 30)] {
        table.insert(name.to_owned(), number);
    }
    table
}

/// Signals that are caught only to do what the system does by default, as long as the flag is set. A
/// handler, once there, cannot be taken away again: without this the signal would be ignored.
static DEFAULTS: Mutex<BTreeMap<i32, Arc<AtomicBool>>> = Mutex::new(BTreeMap::new());

/// Says whether `signal` is to do what it does by default.
fn set_default(signal: i32, on: bool) {
    let mut defaults = DEFAULTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(flag) = defaults.get(&signal) {
        flag.store(on, Ordering::SeqCst);
        return;
    }
    let flag = Arc::new(AtomicBool::new(on));
    // A signal whose default is not known stays as it is.
    if flag::register_conditional_default(signal, Arc::clone(&flag)).is_ok() {
        defaults.insert(signal, flag);
    }
}

fn does_default(signal: i32) -> bool {
    let defaults = DEFAULTS.lock().unwrap_or_else(PoisonError::into_inner);
    defaults.get(&signal).is_some_and(|flag| flag.load(Ordering::SeqCst))
}

/// Makes the signals do what they do by default that the program's parent had ignored, as a shell does
/// with SIGINT for what it starts in the background. A broken pipe stays an error.
pub(crate) fn restore_defaults() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    for signal in 1..=31 {
        let may_be_caught = !signal_hook::consts::FORBIDDEN.contains(&signal);
        if ignored & 1 << (signal - 1) != 0 && may_be_caught && signal != numbers::SIGPIPE {
            set_default(signal, true);
        }
    }
}

/// Gives 0 or the system's error number.
pub(super) fn send(pid: i32, signal: i32) -> i32 {
    const EINVAL: i32 = 22;
    let target = Pid::from_raw(pid.wrapping_abs());
    let result = if signal == 0 {
        match target {
            Some(target) if pid < 0 => test_kill_process_group(target),
            Some(target) => test_kill_process(target),
            None => rustix::process::test_kill_current_process_group(),
        }
    } else {
        let Some(signal) = Signal::from_named_raw(signal) else { return EINVAL };
        if Pid::from_raw(pid) == Some(rustix::process::getpid()) && does_default(signal.as_raw()) {
            // The handler may run on another thread, while the program goes on; by default it would not.
            let _ = low_level::emulate_default_handler(signal.as_raw());
            return 0;
        }
        match target {
            Some(target) if pid < 0 => rustix::process::kill_process_group(target, signal),
            Some(target) => rustix::process::kill_process(target, signal),
            None => rustix::process::kill_current_process_group(signal),
        }
    };
    result.err().map_or(0, rustix::io::Errno::raw_os_error)
}

thread_local! {
    static WATCHED: RefCell<HashMap<i32, (Handle, Callback)>> = RefCell::default();
}

/// Calls `listener` when `signal` comes. Gives what [`unwatch`] takes, or nothing for a signal that
/// cannot be caught.
fn watch<'js>(ctx: Ctx<'js>, signal: i32, listener: Function<'js>) -> Option<i32> {
    if signal_hook::consts::FORBIDDEN.contains(&signal) {
        return None;
    }
    set_default(signal, false);
    let mut signals = Signals::new([signal]).ok()?;
    let listener = Callback::new(&ctx, listener);
    let registration = signals.handle();
    let handle = event_loop::handle();
    thread::Builder::new()
        .name("signal".to_owned())
        .spawn(move || {
            for _ in signals.forever() {
                handle.post(move |ctx| match listener.get(ctx) {
                    Ok(function) => function.call::<_, ()>(()),
                    // The last listener was removed meanwhile.
                    Err(_) => Ok(()),
                });
            }
        })
        .ok()?;
    WATCHED.with_borrow_mut(|watched| watched.insert(signal, (registration, listener)));
    Some(signal)
}

/// Stops listening; the signal does again what it does by default.
fn unwatch(signal: i32) {
    if let Some((handle, listener)) = WATCHED.with_borrow_mut(|watched| watched.remove(&signal)) {
        handle.close();
        set_default(signal, true);
        listener.release();
    }
}
