//! How a process is confined: what each layer is, how it is put on, and what it takes.
//!
//! The layers are put on in one order ([`confine`]): each leaves the later ones possible. What a
//! process may still do afterwards is a list, which is data: `filter` has that of workers, `zygote` that of
//! the process which forks them.
//!
//! Knows nothing of engines, scripts or messages. One of the few crates with `unsafe`.

mod calls;
mod clock;
mod filter;
mod fork;
mod layers;
mod memory;
mod rules;
mod turns;
mod zygote;

pub use calls::{NEEDED, Needed, calls_missing};
pub use clock::processor_time_of;
pub use filter::{CALLS, Tracking};
pub use fork::{Forked, fork_into_namespaces, leave};
pub use layers::{
    Ahead, CHANNEL, ConfineError, LOW_DESCRIPTORS, Layer, Layers, OwnNamespaces, confine,
    confine_ahead, detached_proc_directory, enter_empty_root, keep_descriptors, landlock_abi,
    landlock_gaps, proc_directory, share_nothing, tracks_pages,
};
pub use memory::{limit_memory, reserve_heap};
pub use rules::{Allowed, Filter};
pub use turns::{Turns, give_turns};
pub use zygote::ZYGOTE_CALLS;
