//! `internalBinding('process')`: what `process` needs of the system.

pub(crate) mod signals;
mod stdio;
pub(crate) mod usage;

use rquickjs::{Ctx, Exception, Function, Object, Value};
use rustix::{fs::Mode, process::Pid};

use super::options;
use crate::event_loop;

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    let set = |name: &str, function: Function<'js>| binding.set(name, function);

    options::with(|options| {
        binding.set("execArgv", options.exec_argv.clone())?;
        binding.set("script", options.script.clone())?;
        binding.set("args", options.args.clone())
    })?;
    binding.set("argv0", std::env::args().next().unwrap_or_default())?;
    let exec_path = std::env::current_exe().unwrap_or_default();
    binding.set("execPath", exec_path.to_string_lossy().into_owned())?;
    binding.set("pid", std::process::id())?;
    binding.set("arch", arch())?;
    binding.set("platform", platform())?;
    binding.set("version", crate::runtime::VERSION)?;
    binding.set("sandtideVersion", env!("CARGO_PKG_VERSION"))?;

    set("ppid", Function::new(ctx.clone(), std::os::unix::process::parent_id)?)?;
    set("reallyExit", Function::new(ctx.clone(), |ctx: Ctx<'js>, code: i32| -> () {
            crate::inspector::end(&ctx);
            exit(code)
        })?)?;
    set("abort", Function::new(ctx.clone(), || -> () { std::process::abort() })?)?;
    set("cwd", Function::new(ctx.clone(), cwd)?)?;
    set("chdir", Function::new(ctx.clone(), chdir)?)?;
    set("umask", Function::new(ctx.clone(), umask)?)?;
    set("env", Function::new(ctx.clone(), environment)?)?;
    set(
        "describe",
        Function::new(ctx.clone(), |value: Value<'js>| crate::fatal::describe(&value))?,
    )?;
    for (name, id) in [
        ("getuid", rustix::process::getuid().as_raw()),
        ("geteuid", rustix::process::geteuid().as_raw()),
        ("getgid", rustix::process::getgid().as_raw()),
        ("getegid", rustix::process::getegid().as_raw()),
    ] {
        set(name, Function::new(ctx.clone(), move || id)?)?;
    }
    set("getgroups", Function::new(ctx.clone(), groups)?)?;
    set("kill", Function::new(ctx.clone(), kill)?)?;
    stdio::add(ctx, &binding)?;
    signals::add(ctx, &binding)?;
    usage::add(ctx, &binding)?;
    Ok(binding)
}

/// Ends the process, when what was handed to other threads is out.
pub(crate) fn exit(code: i32) -> ! {
    super::heap_utils::end();
    super::http::flush();
    stdio::restore_terminal();
    std::process::exit(code)
}

fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        other => other,
    }
}

fn platform() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}

fn cwd(ctx: Ctx<'_>) -> rquickjs::Result<String> {
    match std::env::current_dir() {
        Ok(folder) => Ok(folder.to_string_lossy().into_owned()),
        Err(error) => {
            let text = format!("ENOENT: no such file or directory, uv_cwd ({error})");
            Err(Exception::throw_message(&ctx, &text))
        }
    }
}

/// `undefined`, or the system's error number.
fn chdir(folder: String) -> Option<i32> {
    std::env::set_current_dir(folder).err().map(|error| error.raw_os_error().unwrap_or(0))
}

/// Sets the mask, if there is one, and gives the one before.
fn umask(mask: rquickjs::prelude::Opt<u32>) -> u32 {
    if let Some(mask) = mask.0 {
        return rustix::process::umask(Mode::from_raw_mode(mask & 0o777)).bits();
    }
    // The mask can only be read by setting it.
    let mask = rustix::process::umask(Mode::empty());
    rustix::process::umask(mask);
    mask.bits()
}

fn environment() -> Vec<Vec<String>> {
    let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
    std::env::vars_os().map(|(key, value)| vec![text(key), text(value)]).collect()
}

fn groups() -> Vec<u32> {
    let groups = rustix::process::getgroups().unwrap_or_default();
    groups.into_iter().map(rustix::process::Gid::as_raw).collect()
}

/// Sends a signal; 0 only asks whether it could be sent. Gives 0 or the system's error number.
fn kill(pid: i32, signal: i32) -> i32 {
    let result = signals::send(pid, signal);
    if result == 0 && Pid::from_raw(pid) == Some(rustix::process::getpid()) {
        // What the program itself listens for is to be seen before it goes on, as far as possible.
        event_loop::yield_to_other_threads();
    }
    result
}
