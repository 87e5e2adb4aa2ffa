//! Memory of an instance: one contiguous region that holds the whole JavaScript heap and the
//! state of the allocator that carves it up, so that copying the bytes back puts both back.
//! Knows nothing of JavaScript, and nothing of where the region comes from.

pub mod heap;
