//! The zygote: makes an engine, leaves what it shares with other processes, and forks a worker for
//! each message of the broker.
//!
//! It runs no guest code, ever: whoever owned it would own all later workers. So it builds no
//! images of scripts either: a tenant's workers do, and the broker carries them to later ones.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::{ManuallyDrop, MaybeUninit};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use rustix::process::{Signal, set_parent_process_death_signal};

use sandtide::{Instance, Run, ScriptOptions};
use sandtide_confine::{
    Ahead, CHANNEL, Filter, Forked, Layer, Layers, Tracking, confine, confine_ahead,
    detached_proc_directory, enter_empty_root, fork_into_namespaces, keep_descriptors, leave,
    limit_memory, proc_directory, reserve_heap, share_nothing,
};
use sandtide_engine::{Limits, confined};
use sandtide_wire::{
    ForkedFor, FromWorker, Moment, ZYGOTE_ARGUMENT, ZygoteSettings, note_can_be_zygote,
};

use crate::channel::Channel;
use crate::debugging::Debugging;
use crate::hosts::{self, LocalFunction};
use crate::sampling::Sampling;
use crate::serve::Worker;

/// Becomes a zygote, and never returns, where the program was started as one; otherwise does
/// nothing. `local` are host functions that its workers carry out themselves.
///
/// To be called first thing in `main`: a zygote has one thread.
pub fn run_if_zygote(local: &'static [LocalFunction]) {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_none_or(|first| first != ZYGOTE_ARGUMENT) {
        note_can_be_zygote();
        return;
    }
    // The broker's words are plain; others make settings that are none.
    let words = words.map(|word| word.into_string().unwrap_or_default());
    let Some(settings) = ZygoteSettings::of_arguments(words) else { leave(2) };
    match Zygote::start(settings, local) {
        Ok(zygote) => zygote.serve(),
        Err(error) => {
            complain(&format!("sandtide: a zygote could not be started: {error}\n"));
            leave(1)
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Engine(#[from] sandtide_engine::Error),
    #[error(transparent)]
    Sampling(#[from] sandtide_inspect::record::StartError),
    #[error(transparent)]
    Confine(#[from] sandtide_confine::ConfineError),
    #[error(transparent)]
    System(#[from] io::Error),
}

fn complain(text: &str) {
    let _ = rustix::io::write(rustix::stdio::stderr(), text.as_bytes());
}

struct Zygote {
    settings: ZygoteSettings,
    local: &'static [LocalFunction],
    instance: Instance,
    sampling: Sampling,
    /// For workers that are forked to debug.
    debugging: Option<Debugging>,
    proc: OwnedFd,
    null: File,
    layers: Layers,
    ahead: Ahead,
    with_tracking: Filter,
    without_tracking: Filter,
}

/// What a worker holds once it is set up.
const TRACKING: Tracking = Tracking { descriptors: Some([4, 5]), timer: 0, sample_timer: 1 };

impl Zygote {
    fn start(
        settings: ZygoteSettings,
        local: &'static [LocalFunction],
    ) -> Result<Zygote, StartError> {
        set_parent_process_death_signal(Some(Signal::KILL)).map_err(io::Error::from)?;
        // What a terminal sends to the broker's group is for the broker alone, which ends its workers
        // when it ends. An error means that this process leads a group already.
        let _ = rustix::process::setsid();
        // Its memory is not of what workers may use; it is touched by those that are sampled.
        let sampling = Sampling::prepare()?;
        reserve_heap(settings.outside)?;
        confined::prepare();
        confined::on_wait(hosts::wait);
        let mut instance = Instance::with_cache(settings.heap, settings.cache)?;
        // What clients of a debugger evaluate while no run is on has the usual stack.
        let of_clients = if settings.debugs { Limits::default().stack } else { 0 };
        confined::reserve_stack(settings.stack.max(of_clients))?;
        warm_up(&mut instance, settings.stack)?;
        let debugging = match settings.debugs {
            true => Some(Debugging::prepare(settings.heap, &sampling, scratch(&settings))?),
            false => None,
        };
        let mut proc = proc_directory()?;
        let null = File::options().read(true).write(true).open("/dev/null")?;
        let with_tracking = Filter::compile(TRACKING)?;
        let without_tracking = Filter::compile(Tracking { descriptors: None, ..TRACKING })?;
        limit_memory()?;
        let mut layers = Layers::default();
        let without = Layers::from_bits(settings.without);
        // What cannot be had here is missing from what the workers say, and the broker decides.
        if !without.has(Layer::Namespaces)
            && let Ok(own) = share_nothing()
        {
            layers.add(Layer::Namespaces);
            // From the other one `..` leads to the machine's files.
            if let Ok(detached) = detached_proc_directory(&own) {
                proc = detached;
            }
            // Within its own namespaces only: elsewhere the mounts are the machine's.
            if !without.has(Layer::EmptyRoot) && enter_empty_root(&own).is_ok() {
                layers.add(Layer::EmptyRoot);
            }
        }
        let of_zygote = Filter::of_zygote(layers.has(Layer::Namespaces), TRACKING)?;
        Ok(Zygote {
            settings,
            local,
            instance,
            sampling,
            debugging,
            proc,
            null,
            layers,
            // Last: from here on there are the calls of `ZYGOTE_CALLS` only, for workers that are set up too.
            ahead: confine_ahead(&of_zygote, without),
            with_tracking,
            without_tracking,
        })
    }

    /// Forks a worker for each message that brings a channel, and answers the worker's number and a
    /// descriptor of it, until the broker is gone.
    fn serve(self) -> ! {
        loop {
            let (channel, what_for) = match receive_channel(rustix::stdio::stdin()) {
                Ok(Some(received)) => received,
                Ok(None) | Err(_) => leave(0),
            };
            // SAFETY: this process has one thread: it started none, and the engine was told to.
            let forked = unsafe { fork_into_namespaces(self.layers.has(Layer::Namespaces)) };
            match forked {
                Ok(Forked::Child) => self.become_worker(&channel, what_for),
                Ok(Forked::Parent { pid, pidfd }) => {
                    drop(channel);
                    let said = answer(rustix::stdio::stdin(), pid, Some(pidfd.as_fd()));
                    if said.is_err() {
                        leave(0);
                    }
                }
                Err(error) => {
                    let code = -error.raw_os_error().unwrap_or(1);
                    if answer(rustix::stdio::stdin(), code, None).is_err() {
                        leave(0);
                    }
                }
            }
        }
    }

    fn become_worker(mut self, channel: &OwnedFd, what_for: ForkedFor) -> ! {
        // Memory that others would have as well goes, before the filter is on.
        let debugging = self.debugging.take().filter(|_| what_for == ForkedFor::Debugging);
        if debugging.is_none() && what_for == ForkedFor::Debugging {
            // The broker asks for none where it did not say so at the start.
            leave(1);
        }
        let stack = self.settings.stack;
        match confine_worker(self, channel, debugging) {
            Ok(Confined::Debugs(debugging)) => debugging.serve(stack),
            Ok(Confined::Runs(worker)) => worker.serve(),
            Err(error) => {
                complain(&format!("sandtide: a worker could not be set up: {error}\n"));
                leave(1)
            }
        }
    }
}

/// What a snapshot's findings may take of a worker's memory. Beside it lie the answer's next piece, names and
/// texts.
fn scratch(settings: &ZygoteSettings) -> usize {
    settings.outside / 2
}

/// A worker that is set up for what it was forked for.
enum Confined {
    Runs(Worker),
    Debugs(Debugging),
}

fn confine_worker(
    zygote: Zygote,
    channel: &OwnedFd,
    mut debugging: Option<Debugging>,
) -> Result<Confined, StartError> {
    let Zygote { settings, local, mut instance, mut sampling, proc, null, layers, ahead, .. } =
        zygote;
    // Not dropped here: the numbers of the zygote's descriptors are given to others below.
    let (proc, null) = (ManuallyDrop::new(proc), ManuallyDrop::new(null));
    let mut layers = layers;
    let system = io::Error::from;
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(system)?;
    // Ticks are to interrupt a wait for the broker, which they do where reads have a time limit.
    let limit = Some(Duration::from_secs(3600));
    let timeout = rustix::net::sockopt::Timeout::Recv;
    rustix::net::sockopt::set_socket_timeout(channel, timeout, limit).map_err(system)?;
    rustix::stdio::dup2_stdin(&*null).map_err(system)?;
    rustix::stdio::dup2_stdout(&*null).map_err(system)?;
    // SAFETY: all other descriptors are the zygote's, of which this process drops and uses none.
    let (socket, proc) = unsafe { keep_descriptors(channel.as_fd(), proc.as_fd())? };
    debug_assert_eq!(socket.as_raw_fd(), CHANNEL);
    let adopted = match &mut debugging {
        Some(debugging) => debugging.adopt(proc.as_fd())?,
        None => instance.engine().adopt(proc.as_fd())?,
    };
    drop(proc);
    let numbers =
        |what| StartError::from(io::Error::other(format!("{what} is not what rules name")));
    let sample_timer = sampling.adopt();
    let is_other = sample_timer.is_some_and(|timer| timer != TRACKING.sample_timer);
    if adopted.timer != TRACKING.timer || is_other {
        return Err(numbers("a timer's number"));
    }
    let filter = match adopted.tracking {
        None => zygote.without_tracking,
        tracking if tracking == TRACKING.descriptors => zygote.with_tracking,
        Some(_) => return Err(numbers("the number of a descriptor")),
    };
    let confined = match debugging {
        Some(debugging) => {
            // Its memory goes, as that of the other one does elsewhere.
            drop(instance);
            debugging.note_timer(sample_timer.is_some());
            Confined::Debugs(debugging)
        }
        None => {
            let (stack, scratch) = (settings.stack, scratch(&settings));
            let images = BTreeMap::new();
            Confined::Runs(Worker { instance, local, stack, images, sampling, scratch })
        }
    };
    hosts::set_channel(Channel::new(socket));
    std::panic::set_hook(Box::new(|_| {}));
    rustix::stdio::dup2_stderr(rustix::stdio::stdout()).map_err(system)?;
    confined::seal();
    confine(&filter, ahead, &mut layers);
    let ready = FromWorker::Ready { layers: layers.bits() };
    hosts::with_channel(|channel| channel.send(&ready));
    Ok(confined)
}

/// Has everything done once that a library does at its first use, so that no worker has to.
fn warm_up(instance: &mut Instance, stack: usize) -> Result<(), StartError> {
    // The keys of hash maps: every thread's first map asks the system for them.
    drop(RandomState::new());
    // rustix looks for the kernel's clock at its first use; where there is none that takes calls, and
    // files, that workers do not have.
    let _ = Moment::now();
    let source = "
        console.log(new Date().toString(), 2n ** 70n, /a+b/.test('aab'), performance.now());
        const later = async () => { await null; return [1, 'a', new Uint8Array(3), new Map()]; };
        // Lazy globals: their code is compiled once, here.
        Object.getOwnPropertyNames(globalThis).map((name) => typeof globalThis[name]);
        // So are the tables of time zones and of the usual locales read.
        if (typeof Intl === 'object') {
            (1.5).toLocaleString('de', { style: 'currency', currency: 'EUR' });
            new Date(0).toLocaleString(undefined, { timeZone: 'Europe/Berlin', timeZoneName: 'short' });
            'a b'.localeCompare('a c');
            new Intl.PluralRules('en').select(1);
        }
        later()
    ";
    let limits = Limits { stack, ..Limits::default() };
    let failing = "function f() { return f() + 1; } f()";
    for source in [source, failing, "nothing.there"] {
        let run = Run::new().source(source, ScriptOptions::new()).limits(limits);
        // What comes of it is not looked at: the second and the third end in errors.
        let _ = instance.run(&run);
    }
    // A panic of a host function is caught where it was raised from.
    std::panic::set_hook(Box::new(|_| {}));
    let _ = std::panic::catch_unwind(|| std::panic::resume_unwind(Box::new("")));
    let _ = std::panic::take_hook();
    Ok(())
}

/// The channel that the broker sends next, and what its worker is for; none once it is gone.
fn receive_channel(control: BorrowedFd<'_>) -> io::Result<Option<(OwnedFd, ForkedFor)>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let mut parts = [IoSliceMut::new(&mut byte)];
    let received = loop {
        match recvmsg(control, &mut parts, &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other?,
        }
    };
    if received.bytes == 0 {
        return Ok(None);
    }
    let mut messages = ancillary.drain();
    let channel = messages.find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    Ok(channel.map(|channel| (channel, ForkedFor::of_byte(byte[0]))))
}

/// Answers the broker: a worker's number and descriptor, or the negative number of an error.
fn answer(control: BorrowedFd<'_>, number: i32, pidfd: Option<BorrowedFd<'_>>) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let descriptors: Vec<BorrowedFd<'_>> = pidfd.into_iter().collect();
    if !descriptors.is_empty() {
        ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
    }
    let bytes = number.to_le_bytes();
    sendmsg(control, &[IoSlice::new(&bytes)], &mut ancillary, SendFlags::NOSIGNAL)?;
    Ok(())
}
