//! How debuggers reach a program that runs on one thread: a [`Port`] with WebSockets, an [`Inbox`] of what
//! they sent, and [`Sessions`], which takes it in the right order: at the end of a turn, between two steps,
//! while the program is stopped.
//!
//! What messages say is `sandtide_inspect::protocol`'s. Must not know what the program is: neither Node's
//! event loop nor runs of sandboxes.

#![forbid(unsafe_code)]

mod inbox;
mod port;
mod sessions;

pub use inbox::{Event, Inbox, Source};
pub use port::{About, FIRST_CLIENT, Port};
pub use sessions::{Handling, Remote, Sessions};

/// A number that nobody can guess, as a UUID.
///
/// # Errors
/// The system gives no random bytes.
pub fn uuid() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}
