//! The engine room of Sandtide: the only crate with `unsafe` over QuickJS-NG.

pub mod arena;
