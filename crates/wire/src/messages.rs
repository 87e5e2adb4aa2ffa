//! The messages, and the state in which each is legal. The state is the broker's view of one worker:
//! a worker has one run or one build at a time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sandtide_engine::{Error, Form, HostError, Input, Limits, Outcome, Request, Source, Value};

use crate::budget::Budget;
use crate::codec::{Reader, Refused, Wire, alternatives, structure};
use crate::moment::Moment;
use crate::values::EACH_LINE;

/// What the broker says to a worker.
#[derive(Clone, Debug)]
pub enum ToWorker {
    /// Compile and build an image, keep it under this number, and say what it is. Legal when idle;
    /// answered by [`FromWorker::Deployed`] or [`FromWorker::Refused`].
    Deploy {
        /// The broker's number for the image.
        image: u64,
        /// What goes into it.
        plan: ImagePlan,
        /// The most bytes of the built image that the broker wants for other workers of this zygote; 0:
        /// none.
        carry: usize,
    },
    /// Keep an image that was deployed before under this number; unless it comes along, it is built for
    /// the run that first asks for it. Legal when idle; not answered.
    Load {
        /// The broker's number for the image.
        image: u64,
        /// What goes into it, with the form of its script.
        plan: ImagePlan,
        /// The image as a worker of the same tenant, forked from the same zygote, built it.
        carried: Option<Arc<[u8]>>,
    },
    /// Let go of an image. Legal when idle; not answered.
    Forget {
        /// The broker's number for the image.
        image: u64,
    },
    /// Run. Legal when idle; answered by [`FromWorker::Done`], with host calls before it. Runs without
    /// host functions may be sent ahead, while another one of that kind is on: each is legal, and
    /// begins, when the one before it has ended.
    Run {
        /// The number of the run, which all messages about it carry.
        run: u64,
        /// The image; none for the base image.
        image: Option<u64>,
        /// When the run's wall time began: with its request, so that it covers the wait for a worker
        /// and this message's way.
        began: Moment,
        /// Whether the heap is to be written as a snapshot where the run hits its heap limit. Such a run
        /// is not sent ahead.
        snapshot: bool,
        /// What the run is asked to do; its limit of wall time counts from `began`.
        request: Request,
    },
    /// The answer to a host call. Legal while the run is on.
    HostReply {
        /// The run that called.
        run: u64,
        /// The number of the call.
        call: u64,
        /// What came of it.
        reply: HostReply,
    },
    /// Write a snapshot of an image's heap. Legal when idle; answered by [`FromWorker::Piece`]s and
    /// [`FromWorker::Looked`].
    Snapshot {
        /// A number as of a run.
        run: u64,
        /// The image; none for the base image.
        image: Option<u64>,
    },
    /// Build an image whose next run is debugged, and ask what happens. Legal when idle, and said to workers
    /// that were forked for it; such a session is the last thing that a worker does.
    Debug {
        /// A number as of a run.
        session: u64,
        /// What goes into the image, with the form of its script.
        plan: ImagePlan,
        /// The run stops at its first statement.
        stop_at_start: bool,
    },
    /// What happened. Legal where the worker [asked](FromWorker::Asks), once; a run only where it may come.
    Happened {
        /// The session.
        session: u64,
        /// What.
        event: DebugEvent,
    },
}

/// What happens to a debugging session.
#[derive(Clone, Debug)]
pub enum DebugEvent {
    /// Nothing so far.
    Nothing,
    /// A client has come.
    Connected {
        /// Its number.
        client: u64,
    },
    /// A client sent a text, which nobody has read yet.
    Message {
        /// Its number.
        client: u64,
        /// The text.
        text: String,
    },
    /// A client has gone.
    Gone {
        /// Its number.
        client: u64,
    },
    /// The run that is debugged, which is answered by [`FromWorker::Done`].
    Run {
        /// Its number.
        run: u64,
        /// What it is asked to do.
        request: Box<Request>,
    },
    /// The run is cancelled.
    Cancel,
    /// Nobody looks any more: what is stopped goes on, and the session ends with its run.
    End,
}

/// What a worker says to the broker.
#[derive(Clone, Debug)]
pub enum FromWorker {
    /// The worker is confined and waits. Legal once, at the start.
    Ready {
        /// The layers of its confinement, as `sandtide-confine` numbers them.
        layers: u32,
    },
    /// The image was built. Legal while this image is built.
    Deployed {
        /// The broker's number for the image.
        image: u64,
        /// What the image is.
        facts: Facts,
        /// The image itself, where it was asked for, is worth it and no larger than asked: its meaning is
        /// for workers of the same zygote only.
        carried: Option<Arc<[u8]>>,
    },
    /// The image could not be built. Legal while this image is built.
    Refused {
        /// The broker's number for the image.
        image: u64,
        /// Why.
        error: Error,
    },
    /// The script calls a host function. Legal while this run is on.
    HostCall {
        /// The run that calls.
        run: u64,
        /// The number of the call, which its reply carries.
        call: u64,
        /// Which of the image's host functions.
        function: u32,
        /// The arguments.
        args: Vec<Value>,
    },
    /// The run is over and the arena is put back. Legal while this run is on.
    Done {
        /// The run.
        run: u64,
        /// What came out.
        outcome: Box<Outcome>,
    },
    /// The next bytes of a heap snapshot, which mean nothing here; those of a run that begins to look at its
    /// heap are none. Legal while a snapshot is written, or a run is on that is to write one.
    Piece {
        /// The run, or the snapshot.
        run: u64,
        /// At most [`MOST_PIECE`].
        bytes: Vec<u8>,
    },
    /// A heap snapshot is at its end. Legal where a [`FromWorker::Piece`] is.
    Looked {
        /// The run, or the snapshot.
        run: u64,
        /// Why it is not whole.
        error: Option<Error>,
    },
    /// Asks what happened. The first time says that the image was built. Legal while a session is on and nothing
    /// was asked, as all that follows.
    Asks {
        /// The session.
        session: u64,
        /// Whether to wait for something.
        wait: bool,
        /// Whether the run may come.
        run: bool,
    },
    /// A text for a client, which means nothing here.
    Text {
        /// The session.
        session: u64,
        /// The client's number, which may be anybody's or nobody's.
        client: u64,
        /// At most [`MOST_TEXT`].
        text: String,
    },
    /// The run's clocks and deadlines stand still from now on, or go on.
    Still {
        /// The session.
        session: u64,
        /// Which.
        still: bool,
    },
    /// Whether the next run is the session's.
    Takes {
        /// The session.
        session: u64,
        /// Which.
        run: bool,
    },
    /// The session is over; its run as well, if it was not done.
    Ended {
        /// The session.
        session: u64,
        /// Why it did not begin.
        error: Option<Error>,
    },
}

/// What goes into an image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImagePlan {
    /// Classic scripts that run once.
    pub setup: Vec<Source>,
    /// The script; none in an image for ad hoc runs.
    pub entry: Option<ImageSource>,
    /// Sources that scripts can import, by name.
    pub modules: Arc<BTreeMap<String, String>>,
    /// Globals to set before the set-up runs.
    pub globals: Vec<(String, Input)>,
    /// Names of host functions, and whether each answers a promise.
    pub hosts: Vec<(String, bool)>,
    /// What building it may take.
    pub limits: Limits,
    /// The time zone of its build, and of runs that name none.
    pub time_zone: Option<String>,
}

/// A script, with its form where that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageSource {
    /// The text, file and first line.
    pub source: Source,
    /// Found out by the worker where it is none.
    pub form: Option<Form>,
}

/// What is known of an image once it was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The form of its script; none without one.
    pub form: Option<Form>,
    /// Bytes that holding it takes in an arena.
    pub held: usize,
    /// Bytes of heap that a run starts with.
    pub heap: usize,
    /// Wall time that building it took.
    pub build_time: Duration,
}

/// What came of a host call.
#[derive(Clone, Debug, PartialEq)]
pub enum HostReply {
    /// The function's value.
    Value {
        /// The value.
        value: Value,
    },
    /// The error that the guest sees thrown.
    Failed {
        /// The error.
        error: HostError,
    },
    /// The function panicked, which ends the run.
    Panicked {
        /// The panic's message.
        message: String,
    },
}

structure!(ImagePlan { setup, entry, modules, globals, hosts, limits, time_zone });
structure!(ImageSource { source, form });
structure!(Facts { form, held, heap, build_time });
alternatives!(HostReply, "reply to a host call" {
    0 Value { value }
    1 Failed { error }
    2 Panicked { message }
});
alternatives!(ToWorker, "message to a worker" {
    0 Deploy { image, plan, carry }
    1 Load { image, plan, carried }
    2 Forget { image }
    3 Run { run, image, began, snapshot, request }
    4 HostReply { run, call, reply }
    5 Snapshot { run, image }
    6 Debug { session, plan, stop_at_start }
    7 Happened { session, event }
});
alternatives!(FromWorker, "message of a worker" {
    0 Ready { layers }
    1 Deployed { image, facts, carried }
    2 Refused { image, error }
    3 HostCall { run, call, function, args }
    4 Done { run, outcome }
    5 Piece { run, bytes }
    6 Looked { run, error }
    7 Asks { session, wait, run }
    8 Text { session, client, text }
    9 Still { session, still }
    10 Takes { session, run }
    11 Ended { session, error }
});
alternatives!(DebugEvent, "event of a debugging session" {
    0 Nothing
    1 Connected { client }
    2 Message { client, text }
    3 Gone { client }
    4 Run { run, request }
    5 Cancel
    6 End
});

impl<T: Wire> Wire for Box<T> {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        T::take(from).map(Box::new)
    }
}

/// Puts a message with its length before it behind what is there. One that is longer than a length can
/// say is left out.
pub(crate) fn frame(message: &impl Wire, out: &mut Vec<u8>) -> Result<(), Refused> {
    let start = out.len();
    out.extend_from_slice(&[0; crate::LENGTH_BYTES]);
    message.put(out);
    let Ok(len) = u32::try_from(out.len() - start - crate::LENGTH_BYTES) else {
        out.truncate(start);
        return Err(Refused::Range);
    };
    out[start..start + crate::LENGTH_BYTES].copy_from_slice(&len.to_le_bytes());
    Ok(())
}

fn whole<T: Wire>(bytes: &[u8], budget: Budget) -> Result<T, Refused> {
    let mut reader = Reader::new(bytes, budget);
    let message = T::take(&mut reader)?;
    reader.end()?;
    Ok(message)
}

/// Reads a message of somebody who may take all the memory there is.
pub(crate) fn whole_of_trusted<T: Wire>(bytes: &[u8]) -> Result<T, Refused> {
    whole(bytes, Budget { values: usize::MAX, logs: usize::MAX, samples: usize::MAX })
}

impl ToWorker {
    /// Writes it as a frame, length and message, behind what is in `out`.
    ///
    /// # Errors
    /// [`Refused::Range`] for a message of 4 GiB or more.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Refused> {
        frame(self, out)
    }

    /// Reads what a frame holds. Used by workers, who trust it.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn decode(bytes: &[u8]) -> Result<ToWorker, Refused> {
        whole_of_trusted(bytes)
    }
}

impl FromWorker {
    /// Writes it as a frame, length and message, behind what is in `out`.
    ///
    /// # Errors
    /// [`Refused::Range`] for a message of 4 GiB or more.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Refused> {
        frame(self, out)
    }

    /// Whether a message that begins with this byte is a host call, if it is a message at all.
    #[must_use]
    pub fn is_host_call(first: u8) -> bool {
        first == 3
    }

    /// Whether a message that begins with this byte is a text for a debugger's client, if it is a message at
    /// all.
    #[must_use]
    pub fn is_text(first: u8) -> bool {
        first == 8
    }

    /// Reads what a frame of a worker holds, which may be anything. No more than about 5 times
    /// as many bytes as `budget` has are taken for it, whatever it claims.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn decode(bytes: &[u8], budget: Budget) -> Result<FromWorker, Refused> {
        whole(bytes, budget)
    }
}

/// Room for the texts of an error, the names of globals and whatever else is small.
const SLACK: usize = 64 << 10;

/// What the message about a run under these limits may hold.
#[must_use]
pub fn outcome_budget(limits: &Limits) -> Budget {
    Budget {
        // A global's name counts to the output, as does each value.
        values: limits.output.saturating_add(SLACK),
        // A line without text counts one byte to its limit.
        logs: limits.logs.saturating_mul(EACH_LINE),
        samples: 0,
    }
}

/// Bytes that a text for a debugger's client may have.
pub const MOST_TEXT: usize = 16 << 20;

/// Bytes that a piece of a snapshot may have.
pub const MOST_PIECE: usize = SLACK / 2;

/// What a host call may hold whose arguments may take `args` bytes.
#[must_use]
pub fn host_budget(args: usize) -> Budget {
    Budget::of_values(args.saturating_add(SLACK))
}

/// The longest frame that a message with this budget can have: a value of 8 bytes takes 9 there, an
/// empty text 5.
#[must_use]
pub fn largest_frame(budget: Budget) -> usize {
    let samples = budget.samples.saturating_mul(2);
    let values = budget.values.saturating_mul(2);
    values.saturating_add(budget.logs).saturating_add(samples).saturating_add(SLACK)
}

/// Where a worker is, by what was said so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has said nothing.
    Starting,
    /// It waits to be told what to do.
    Idle,
    /// It builds an image.
    Building {
        /// The image.
        image: u64,
    },
    /// It runs.
    Running {
        /// The run.
        run: u64,
        /// Whether it may write a snapshot of its heap.
        snapshot: bool,
    },
    /// It writes a snapshot of an image.
    Looking {
        /// The snapshot.
        run: u64,
    },
    /// It debugs.
    Debugging {
        /// The session.
        session: u64,
        /// It waits to be told what happened; whether that may be a run.
        asks: Option<bool>,
        /// The run that is debugged, once there is one.
        run: Option<u64>,
    },
}

/// A message that is not legal in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} came from a worker that is {state:?}")]
pub struct OutOfTurn {
    /// The message's kind.
    pub what: &'static str,
    /// The state.
    pub state: State,
}

impl State {
    /// The state after the broker said `message`; none where it may not say it.
    #[must_use]
    pub fn after_sending(self, message: &ToWorker) -> Option<State> {
        match (self, message) {
            (State::Idle, &ToWorker::Deploy { image, .. }) => Some(State::Building { image }),
            (State::Idle, ToWorker::Load { .. } | ToWorker::Forget { .. }) => Some(State::Idle),
            (State::Idle, &ToWorker::Run { run, snapshot, .. }) => {
                Some(State::Running { run, snapshot })
            }
            (State::Idle, &ToWorker::Snapshot { run, .. }) => Some(State::Looking { run }),
            (State::Idle, &ToWorker::Debug { session, .. }) => {
                Some(State::Debugging { session, asks: None, run: None })
            }
            (
                State::Debugging { session, asks: Some(may_run), run },
                ToWorker::Happened { session: of, event },
            ) if session == *of => match event {
                &DebugEvent::Run { run: new, .. } => (may_run && run.is_none())
                    .then_some(State::Debugging { session, asks: None, run: Some(new) }),
                _ => Some(State::Debugging { session, asks: None, run }),
            },
            (State::Running { run, .. }, &ToWorker::HostReply { run: of, .. }) if run == of => {
                Some(self)
            }
            _ => None,
        }
    }

    /// The state after the worker said `message`.
    ///
    /// # Errors
    /// [`OutOfTurn`] where it may not say it.
    pub fn after_receiving(self, message: &FromWorker) -> Result<State, OutOfTurn> {
        let what = match message {
            FromWorker::Ready { .. } => "`ready`",
            FromWorker::Deployed { .. } => "`deployed`",
            FromWorker::Refused { .. } => "`refused`",
            FromWorker::HostCall { .. } => "a host call",
            FromWorker::Done { .. } => "`done`",
            FromWorker::Piece { .. } => "a piece of a snapshot",
            FromWorker::Looked { .. } => "`looked`",
            FromWorker::Asks { .. } => "a question of a session",
            FromWorker::Text { .. } => "a text for a client",
            FromWorker::Still { .. } => "a word on clocks",
            FromWorker::Takes { .. } => "a word on the next run",
            FromWorker::Ended { .. } => "the end of a session",
        };
        match (self, message) {
            (State::Starting, FromWorker::Ready { .. }) => Ok(State::Idle),
            (
                State::Building { image },
                &(FromWorker::Deployed { image: of, .. } | FromWorker::Refused { image: of, .. }),
            ) if image == of => Ok(State::Idle),
            (State::Running { run, .. }, &FromWorker::HostCall { run: of, .. }) if run == of => {
                Ok(self)
            }
            (State::Running { run, .. }, &FromWorker::Done { run: of, .. }) if run == of => {
                Ok(State::Idle)
            }
            (
                State::Running { run, snapshot: true } | State::Looking { run },
                &FromWorker::Piece { run: of, .. },
            ) if run == of => Ok(self),
            (State::Running { run, snapshot: true }, &FromWorker::Looked { run: of, .. })
                if run == of =>
            {
                Ok(State::Running { run, snapshot: false })
            }
            (State::Looking { run }, &FromWorker::Looked { run: of, .. }) if run == of => {
                Ok(State::Idle)
            }
            (State::Debugging { session, asks: None, run }, message) => match *message {
                FromWorker::Asks { session: of, run: may_run, .. } if session == of => {
                    Ok(State::Debugging { session, asks: Some(may_run), run })
                }
                FromWorker::Text { session: of, .. }
                | FromWorker::Still { session: of, .. }
                | FromWorker::Takes { session: of, .. }
                    if session == of =>
                {
                    Ok(self)
                }
                FromWorker::Ended { session: of, .. } if session == of => Ok(State::Idle),
                FromWorker::Done { run: of, .. } if run == Some(of) => {
                    Ok(State::Debugging { session, asks: None, run: None })
                }
                _ => Err(OutOfTurn { what, state: self }),
            },
            _ => Err(OutOfTurn { what, state: self }),
        }
    }
}
