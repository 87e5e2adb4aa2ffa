//! Pipes and local sockets: one thread that waits until they can be read or written, for all of them.
//!
//! JavaScript's thread has the [`Stream`]s by number, each with a function that is told what happens
//! (see [`Event`]). Reading is asked for each time: what nobody wants to have stays in the pipe, so
//! that whoever writes into it must wait. Writing is tried at once, and only the rest is left to the
//! thread: what a program has written before it exits is not lost for want of time.
//!
//! Knows nothing of who is at the other end, nor of Node's streams.

use std::{
    cell::RefCell,
    collections::{HashMap, VecDeque},
    os::fd::OwnedFd,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    thread,
};

use rquickjs::{Ctx, Function, Value};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
    io::Errno,
};

use crate::event_loop::{self, Callback, KeepAlive, LoopHandle};

/// How much is read at once.
const CHUNK: usize = 64 << 10;

/// What the function of a stream is called with: the name, and bytes or a number.
enum Event {
    Data(Vec<u8>),
    End,
    Failed(Errno),
    /// All that was left to the thread is written, or cannot be.
    Written(Result<(), Errno>),
}

enum Command {
    Open(u32, Arc<OwnedFd>),
    Read(u32),
    Write(u32, Vec<u8>),
    Close(u32),
    /// To be handed to JavaScript's thread, after all that can be read already.
    After(Task),
}

type Task = Box<dyn for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<()> + Send>;

struct Thread {
    commands: Mutex<Vec<Command>>,
    wake: OwnedFd,
}

static THREAD: OnceLock<Result<Thread, Errno>> = OnceLock::new();

/// A stream, as JavaScript's thread has it.
struct Stream {
    fd: Arc<OwnedFd>,
    on_event: Callback,
    alive: KeepAlive,
    referenced: bool,
    reading: bool,
    writes: usize,
}

impl Stream {
    fn update(&mut self) {
        // What is being written is waited for in any case.
        self.alive.set(self.writes > 0 || (self.referenced && self.reading));
    }
}

#[derive(Default)]
struct Streams {
    open: HashMap<u32, Stream>,
    last: u32,
}

thread_local! {
    static STREAMS: RefCell<Streams> = RefCell::default();
}

fn with_stream<R>(id: u32, body: impl FnOnce(&mut Stream) -> R) -> Option<R> {
    STREAMS.with_borrow_mut(|streams| streams.open.get_mut(&id).map(body))
}

/// Takes `fd` over; gives the stream's number.
pub(crate) fn open<'js>(
    ctx: &Ctx<'js>,
    fd: OwnedFd,
    on_event: Function<'js>,
) -> Result<u32, Errno> {
    let flags = rustix::fs::fcntl_getfl(&fd)?;
    rustix::fs::fcntl_setfl(&fd, flags | OFlags::NONBLOCK)?;
    start()?;
    let fd = Arc::new(fd);
    let stream = Stream {
        fd: Arc::clone(&fd),
        on_event: Callback::new(ctx, on_event),
        alive: event_loop::handle().keep_alive_off(),
        referenced: true,
        reading: false,
        writes: 0,
    };
    let id = STREAMS.with_borrow_mut(|streams| {
        streams.last += 1;
        streams.open.insert(streams.last, stream);
        streams.last
    });
    command(Command::Open(id, fd));
    Ok(id)
}

/// Asks for one event of reading.
pub(crate) fn read(id: u32) {
    let start = with_stream(id, |stream| {
        let start = !stream.reading;
        stream.reading = true;
        stream.update();
        start
    });
    if start == Some(true) {
        command(Command::Read(id));
    }
}

/// Writes; `true` if all is written. If not, there will be an event of it.
pub(crate) fn write(id: u32, bytes: &[u8]) -> Result<bool, Errno> {
    let rest = with_stream(id, |stream| {
        let mut rest = bytes;
        while stream.writes == 0 && !rest.is_empty() {
            match rustix::io::write(&stream.fd, rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(error) => return Err(error),
            }
        }
        if rest.is_empty() {
            return Ok(None);
        }
        stream.writes += 1;
        stream.update();
        Ok(Some(rest.to_vec()))
    });
    match rest.unwrap_or(Err(Errno::BADF))? {
        None => Ok(true),
        Some(rest) => {
            command(Command::Write(id, rest));
            Ok(false)
        }
    }
}

/// Tells the other end that nothing more is written, or that nothing more is read either.
pub(crate) fn shutdown(id: u32, both: bool) -> Result<(), Errno> {
    use rustix::net::{Shutdown, shutdown};
    let how = if both { Shutdown::Both } else { Shutdown::Write };
    with_stream(id, |stream| shutdown(&stream.fd, how)).unwrap_or(Err(Errno::BADF))
}

/// What `ref()` and `unref()` of a stream are.
pub(crate) fn set_ref(id: u32, on: bool) {
    with_stream(id, |stream| {
        stream.referenced = on;
        stream.update();
    });
}

/// Closes a stream at once; there are no more events of it.
pub(crate) fn close(id: u32) {
    let closed = STREAMS.with_borrow_mut(|streams| streams.open.remove(&id));
    if let Some(stream) = closed {
        stream.on_event.release();
        command(Command::Close(id));
    }
}

/// Runs `task` on JavaScript's thread, after what can be read now and is waited for: what a child has
/// written should be known before its end. From any thread.
pub(crate) fn post_after<F>(handle: &LoopHandle, task: F)
where
    F: for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<()> + Send + 'static,
{
    match THREAD.get() {
        Some(Ok(_)) => command(Command::After(Box::new(task))),
        _ => handle.post(task),
    }
}

fn deliver(ctx: &Ctx<'_>, id: u32, event: Event) -> rquickjs::Result<()> {
    let on_event = with_stream(id, |stream| {
        match event {
            Event::Written(_) => stream.writes -= 1,
            _ => stream.reading = false,
        }
        stream.on_event
    });
    // It may have been closed meanwhile.
    let Some(on_event) = on_event else { return Ok(()) };
    let function = on_event.get(ctx)?;
    let number = |number: i32| Value::new_int(ctx.clone(), number);
    let failure = |error: Errno| number(-error.raw_os_error());
    let (name, value) = match event {
        Event::Data(bytes) => ("data", sandtide_bytes::array_buffer(ctx, bytes)?.into_value()),
        Event::End => ("end", number(0)),
        Event::Failed(error) => ("error", failure(error)),
        Event::Written(Ok(())) => ("written", number(0)),
        Event::Written(Err(error)) => ("written", failure(error)),
    };
    let result = function.call::<_, ()>((name, value));
    // After the function, which may have asked for more.
    with_stream(id, Stream::update);
    result
}

fn command(command: Command) {
    if let Some(Ok(thread)) = THREAD.get() {
        let mut commands = thread.commands.lock().unwrap_or_else(PoisonError::into_inner);
        commands.push(command);
        // The thread takes all at once: it was woken already if there were others.
        if commands.len() == 1 {
            let _ = rustix::io::write(&thread.wake, b"!");
        }
    }
}

fn start() -> Result<(), Errno> {
    let thread = THREAD.get_or_init(|| {
        use rustix::pipe::{PipeFlags, pipe_with};
        let (woken, wake) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        let handle = event_loop::handle();
        thread::Builder::new()
            .name("poller".to_owned())
            .stack_size(256 << 10)
            .spawn(move || Poller { handle, woken, streams: HashMap::new() }.run())
            .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::AGAIN))?;
        Ok(Thread { commands: Mutex::default(), wake })
    });
    thread.as_ref().map(|_| ()).map_err(|error| *error)
}

/// A stream, as the thread has it.
struct Watched {
    fd: Arc<OwnedFd>,
    reading: bool,
    unwritten: VecDeque<(Vec<u8>, usize)>,
}

struct Poller {
    handle: LoopHandle,
    woken: OwnedFd,
    streams: HashMap<u32, Watched>,
}

impl Poller {
    fn run(mut self) {
        loop {
            self.advance_all(None);
            let mut drained = [0; 64];
            while rustix::io::read(&self.woken, &mut drained).is_ok_and(|count| count > 0) {}
            let commands = THREAD.get().and_then(|thread| thread.as_ref().ok()).map(|thread| {
                let mut commands = thread.commands.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::take(&mut *commands)
            });
            for command in commands.into_iter().flatten() {
                self.obey(command);
            }
        }
    }

    fn advance_all(&mut self, timeout: Option<&Timespec>) {
        for (id, ready) in self.ready(timeout) {
            self.advance(id, ready);
        }
    }

    /// Waits until there is something to do.
    fn ready(&self, timeout: Option<&Timespec>) -> Vec<(u32, PollFlags)> {
        let mut fds = vec![PollFd::new(&self.woken, PollFlags::IN)];
        let mut ids = Vec::new();
        for (id, stream) in &self.streams {
            let mut wanted = PollFlags::empty();
            if stream.reading {
                wanted |= PollFlags::IN;
            }
            if !stream.unwritten.is_empty() {
                wanted |= PollFlags::OUT;
            }
            // What is not waited for must not be polled: its hanging up would be told forever.
            if !wanted.is_empty() {
                fds.push(PollFd::new(&*stream.fd, wanted));
                ids.push(*id);
            }
        }
        if poll(&mut fds, timeout).is_err() {
            return Vec::new();
        }
        let found = ids.into_iter().zip(fds[1..].iter().map(PollFd::revents));
        found.filter(|(_, ready)| !ready.is_empty()).collect()
    }

    fn advance(&mut self, id: u32, ready: PollFlags) {
        let Some(stream) = self.streams.get_mut(&id) else { return };
        let broken = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
        if !stream.unwritten.is_empty() && ready.intersects(PollFlags::OUT | broken) {
            while let Some(result) = flush(stream) {
                self.handle.post(move |ctx| deliver(ctx, id, Event::Written(result)));
            }
        }
        if stream.reading
            && ready.intersects(PollFlags::IN | broken)
            && let Some(event) = receive(stream)
        {
            stream.reading = false;
            self.handle.post(move |ctx| deliver(ctx, id, event));
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Open(id, fd) => {
                let stream = Watched { fd, reading: false, unwritten: VecDeque::new() };
                self.streams.insert(id, stream);
            }
            Command::Read(id) => {
                if let Some(stream) = self.streams.get_mut(&id) {
                    stream.reading = true;
                }
            }
            Command::Write(id, bytes) => {
                if let Some(stream) = self.streams.get_mut(&id) {
                    stream.unwritten.push_back((bytes, 0));
                }
            }
            Command::Close(id) => {
                self.streams.remove(&id);
            }
            Command::After(task) => {
                self.advance_all(Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
                self.handle.post(task);
            }
        }
    }
}

/// Writes what can be written of the first piece; `Some` if that is done with.
fn flush(stream: &mut Watched) -> Option<Result<(), Errno>> {
    let (bytes, at) = stream.unwritten.front_mut()?;
    let mut result = Ok(());
    while *at < bytes.len() {
        match rustix::io::write(&stream.fd, &bytes[*at..]) {
            Ok(count) => *at += count,
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return None,
            Err(error) => {
                result = Err(error);
                break;
            }
        }
    }
    stream.unwritten.pop_front();
    Some(result)
}

fn receive(stream: &Watched) -> Option<Event> {
    let mut bytes = vec![0; CHUNK];
    match rustix::io::read(&stream.fd, bytes.as_mut_slice()) {
        Ok(0) => Some(Event::End),
        Ok(count) => {
            bytes.truncate(count);
            bytes.shrink_to_fit();
            Some(Event::Data(bytes))
        }
        Err(Errno::AGAIN | Errno::INTR) => None,
        Err(error) => Some(Event::Failed(error)),
    }
}
