//! What the program `sandtide-bench` and the criterion benchmarks have in common: the guests that
//! they run. Measures nothing.
#![forbid(unsafe_code)]

pub mod guests;
