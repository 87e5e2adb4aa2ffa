//! `internalBinding('process')`: what `process` needs of the system.

use std::cell::RefCell;

use rquickjs::{Ctx, Exception, Function, Object, Value};
use rustix::{
    event::{PollFd, PollFlags, poll},
    fd::BorrowedFd,
    io::Errno,
};

use crate::options::Options;

thread_local! {
    static OPTIONS: RefCell<Options> = RefCell::default();
}

/// Keeps what the command line says, for [`init`].
pub(crate) fn set_options(options: Options) {
    OPTIONS.set(options);
}

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    let set = |name: &str, function: Function<'js>| binding.set(name, function);

    let options = OPTIONS.with_borrow(Clone::clone);
    binding.set("execArgv", options.exec_argv)?;
    binding.set("script", options.script)?;
    binding.set("args", options.args)?;
    binding.set("argv0", std::env::args().next().unwrap_or_default())?;
    let exec_path = std::env::current_exe().unwrap_or_default();
    binding.set("execPath", exec_path.to_string_lossy().into_owned())?;
    binding.set("pid", std::process::id())?;
    binding.set("arch", arch())?;
    binding.set("platform", platform())?;

    set("reallyExit", Function::new(ctx.clone(), exit)?)?;
    set("abort", Function::new(ctx.clone(), || -> () { std::process::abort() })?)?;
    set("cwd", Function::new(ctx.clone(), cwd)?)?;
    set("chdir", Function::new(ctx.clone(), chdir)?)?;
    set("hrtime", Function::new(ctx.clone(), hrtime)?)?;
    set("writeStdio", Function::new(ctx.clone(), write_stdio)?)?;
    let env = || std::env::vars_os().map(|(key, value)| {
        vec![key.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()]
    }).collect::<Vec<_>>();
    set("env", Function::new(ctx.clone(), env)?)?;
    Ok(binding)
}

fn exit(code: i32) {
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
        Err(error) => Err(Exception::throw_message(&ctx, &error.to_string())),
    }
}

/// `undefined`, or the system's error number.
fn chdir(folder: String) -> Option<i32> {
    std::env::set_current_dir(folder).err().map(|error| error.raw_os_error().unwrap_or(0))
}

/// Seconds and nanoseconds of a clock that only goes forward.
fn hrtime() -> Vec<f64> {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    vec![now.tv_sec as f64, now.tv_nsec as f64]
}

/// Writes a string or the bytes of a view to standard output (1) or error (2), all of it, waiting
/// where it must. Gives 0 or the system's error number.
fn write_stdio<'js>(fd: i32, data: Value<'js>) -> rquickjs::Result<i32> {
    let write = move |bytes: &[u8]| match fd {
        1 => write_all(rustix::stdio::stdout(), bytes),
        _ => write_all(rustix::stdio::stderr(), bytes),
    };
    let result = match data.as_string() {
        Some(text) => sandtide_bytes::with_wtf8(text, |bytes| match std::str::from_utf8(bytes) {
            Ok(_) => write(bytes),
            Err(_) => write(String::from_utf8_lossy(bytes).as_bytes()),
        })?,
        None => sandtide_bytes::with_bytes(&data, write).unwrap_or(Ok(())),
    };
    Ok(result.err().map_or(0, Errno::raw_os_error))
}

fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                poll(&mut [PollFd::new(&fd, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
