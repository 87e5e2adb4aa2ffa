//! Who waits for whom: runs wait in bounded queues, one a tenant, and are handed out so that tenants
//! share the processor by weight and, within a tenant, its scripts share alike.
//!
//! Knows tenants, scripts, costs and deadlines. It must not know threads of workers, HTTP or
//! engines: what waits is of any type, and whoever carries it out asks for the next run and tells
//! when it has ended, and what it took.
//!
//! Both the server and `sandtide host` hand out runs by it.
//!
//! | module | what it is for |
//! |---|---|
//! | `turns` | start-time fair queueing over keys: whose turn it is |
//! | `cost` | what is known of a script's cost |
//! | `schedule` | queues, limits and shares; time is told, so that it can be tested without waiting |
//! | `queue` | the schedule behind a lock, for those who wait and those who work |

#![forbid(unsafe_code)]

mod cost;
mod queue;
mod schedule;
mod turns;

pub use cost::{Cost, Costs};
pub use queue::{Queue, Waits};
pub use schedule::{Begun, End, Ended, Full, Next, Request, Room, Script, Shares, Ticket};

#[cfg(test)]
mod tests;
