//! The port for debuggers, over its own connections: what is answered, what is refused, and that the
//! program goes on whatever clients do. What the methods answer beside Node's is compared in
//! `tests/inspector`.

mod async_stacks;
mod client;
mod port;
mod program;
mod stops;
mod values;
