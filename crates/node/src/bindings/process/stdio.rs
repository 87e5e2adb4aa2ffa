//! Standard input, output and error.

use std::{cell::RefCell, io::Read as _, thread};

use rquickjs::{Ctx, Function, Object, Value};
use rustix::{
    event::{PollFd, PollFlags, poll},
    fd::BorrowedFd,
    fs::FileType,
    io::Errno,
};

use crate::event_loop::{self, Callback, KeepAlive};

pub(super) fn add<'js>(ctx: &Ctx<'js>, binding: &Object<'js>) -> rquickjs::Result<()> {
    let set = |name: &str, function: Function<'js>| binding.set(name, function);
    set("writeStdio", Function::new(ctx.clone(), write_stdio)?)?;
    set("stdioKind", Function::new(ctx.clone(), kind)?)?;
    set("windowSize", Function::new(ctx.clone(), window_size)?)?;
    set("setRawMode", Function::new(ctx.clone(), set_raw_mode)?)?;
    set("readStdin", Function::new(ctx.clone(), read_stdin)?)?;
    set("readAllStdin", Function::new(ctx.clone(), read_all_stdin)?)?;
    set("refStdin", Function::new(ctx.clone(), ref_stdin)?)
}

fn descriptor(fd: i32) -> BorrowedFd<'static> {
    match fd {
        0 => rustix::stdio::stdin(),
        1 => rustix::stdio::stdout(),
        _ => rustix::stdio::stderr(),
    }
}

/// Writes a string or the bytes of a view to standard output (1) or error (2), all of it, waiting
/// where it must. Gives 0 or the system's error number.
fn write_stdio(fd: i32, data: Value<'_>) -> rquickjs::Result<i32> {
    let write = move |bytes: &[u8]| write_all(descriptor(fd), bytes);
    let result = match data.as_string() {
        Some(text) => sandtide_bytes::with_wtf8(text, |bytes| match std::str::from_utf8(bytes) {
            Ok(_) => write(bytes),
            Err(_) => write(without_surrogates(bytes).as_bytes()),
        })?,
        None => sandtide_bytes::with_bytes(&data, write).unwrap_or(Ok(())),
    };
    Ok(result.err().map_or(0, Errno::raw_os_error))
}

/// Each lone surrogate, which is three bytes, becomes one replacement character.
fn without_surrogates(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let (valid, after) = match std::str::from_utf8(rest) {
            Ok(valid) => (valid, &rest[rest.len()..]),
            Err(error) => {
                let (valid, bad) = rest.split_at(error.valid_up_to());
                (std::str::from_utf8(valid).unwrap_or_default(), bad)
            }
        };
        text.push_str(valid);
        if after.is_empty() {
            break;
        }
        text.push(char::REPLACEMENT_CHARACTER);
        rest = after.get(3..).unwrap_or_default();
    }
    text
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

/// What a standard stream is: `tty`, `pipe` (pipes and sockets) or `fs`.
fn kind(fd: i32) -> &'static str {
    let fd = descriptor(fd);
    if rustix::termios::isatty(fd) {
        return "tty";
    }
    match rustix::fs::fstat(fd).map(|stat| FileType::from_raw_mode(stat.st_mode)) {
        Ok(FileType::Fifo | FileType::Socket) => "pipe",
        _ => "fs",
    }
}

/// Columns and rows of a terminal.
fn window_size(fd: i32) -> Option<Vec<u16>> {
    let size = rustix::termios::tcgetwinsize(descriptor(fd)).ok()?;
    (size.ws_col > 0).then(|| vec![size.ws_col, size.ws_row])
}

thread_local! {
    /// How the terminal was before it was set to raw mode.
    static COOKED: RefCell<Option<rustix::termios::Termios>> = const { RefCell::new(None) };
}

/// Hands keys to the program as they are typed, or lines again. Gives whether that could be done.
fn set_raw_mode(on: bool) -> bool {
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    if !on {
        restore_terminal();
        return true;
    }
    let stdin = rustix::stdio::stdin();
    let Ok(before) = tcgetattr(stdin) else { return false };
    let mut raw = before.clone();
    raw.make_raw();
    // What the program prints is still to begin at the line's start.
    raw.output_modes = before.output_modes;
    COOKED.with_borrow_mut(|cooked| cooked.get_or_insert(before).clone());
    tcsetattr(stdin, OptionalActions::Now, &raw).is_ok()
}

/// Puts the terminal back to how the program found it.
pub(crate) fn restore_terminal() {
    if let Some(before) = COOKED.take() {
        let now = rustix::termios::OptionalActions::Now;
        let _ = rustix::termios::tcsetattr(rustix::stdio::stdin(), now, &before);
    }
}

thread_local! {
    /// Held while a read is under way and the stream is to keep the program alive.
    static READING: RefCell<Option<KeepAlive>> = const { RefCell::new(None) };
}

/// Reads once, on a thread, and calls `done` with the bytes (an `ArrayBuffer`), `null` at the end, or
/// the system's error number.
fn read_stdin<'js>(ctx: Ctx<'js>, done: Function<'js>) -> rquickjs::Result<()> {
    let done = Callback::new(&ctx, done);
    let handle = event_loop::handle();
    READING.set(Some(handle.keep_alive()));
    let thread = thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        let mut buffer = vec![0; 65536];
        let result = loop {
            match rustix::io::read(rustix::stdio::stdin(), &mut buffer) {
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let stdin = rustix::stdio::stdin();
                    let _ = poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None);
                }
                other => break other,
            }
        };
        handle.post(move |ctx| {
            let keep_until_done = READING.take();
            let done = done.take(ctx)?;
            let result = match result {
                Ok(0) => done.call::<_, ()>((Value::new_null(ctx.clone()),)),
                Ok(read) => {
                    buffer.truncate(read);
                    done.call::<_, ()>((sandtide_bytes::array_buffer(ctx, buffer)?,))
                }
                Err(error) => done.call::<_, ()>((error.raw_os_error(),)),
            };
            drop(keep_until_done);
            result
        });
    });
    match thread {
        Ok(_) => Ok(()),
        Err(error) => Err(rquickjs::Exception::throw_message(&ctx, &error.to_string())),
    }
}

fn ref_stdin(on: bool) {
    READING.with_borrow_mut(|reading| {
        if let Some(alive) = reading {
            alive.set(on);
        }
    });
}

/// All of standard input as text, for a program that comes from there.
fn read_all_stdin() -> String {
    let mut bytes = Vec::new();
    // What was read before an error is what there is.
    let _ = std::io::stdin().lock().read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
