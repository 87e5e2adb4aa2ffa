//! What the broker and a worker say to each other, as bytes on a socket; and what a program in another
//! language and its [host](ToHost) do, in the same form.
//!
//! The [messages](ToWorker) are in one file, with the state in which each is legal; `codec` reads
//! and writes them. The broker takes every byte from a worker as hostile: [`FromWorker::decode`]
//! checks lengths against the bytes that are there, tags, UTF-8 and depth, and counts what it makes
//! against a budget before it makes it. It never allocates by a length that was only claimed.
//!
//! No serde format is used: those decode recursive values without a bound on depth, and make
//! elements that take far more memory than bytes on the wire without counting them.
//!
//! Must not know sockets, processes, or who asks.
#![forbid(unsafe_code)]

mod budget;
mod codec;
mod host;
mod messages;
mod moment;
mod values;
mod zygote;

pub use budget::{Budget, MOST_SAMPLED};
pub use codec::Refused;
pub use host::{FromHost, HOST_FRAME, HOST_PROTOCOL, HostOutcome, HostSettings, Problem, ToHost};
pub use messages::{
    DebugEvent, Facts, FromWorker, HostReply, ImagePlan, ImageSource, MOST_PIECE, MOST_TEXT,
    OutOfTurn, State, ToWorker, host_budget, largest_frame, outcome_budget,
};
pub use moment::Moment;
pub use values::sampled_bytes;
pub use zygote::{ForkedFor, ZYGOTE_ARGUMENT, ZygoteSettings, can_be_zygote, note_can_be_zygote};

/// Bytes before each message: its length as a little-endian number.
pub const LENGTH_BYTES: usize = 4;

/// Bytes of stack that a thread needs at most to read, copy, show as JSON, write or drop a message with
/// the deepest values, beside its own frames. Builds that are not optimized use the most of it.
pub const THREAD_STACK: usize = 1 << 20;
