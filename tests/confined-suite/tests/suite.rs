//! The engine's own tests of scripts, values, limits, bombs, surface, the web's API, streams and `crypto.subtle`,
//! each run in a worker that is confined as those of the server are.
#![allow(unused, reason = "the engine's tests use more than these")]

mod common;

macro_rules! suites {
    ($($name:ident)*) => {$(
        mod $name {
            use crate::common;
            include!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".rs"));
        }
    )*};
}
suites!(scripts values limits bombs surface web_api streams subtle);

#[test]
fn the_workers_of_this_suite_are_confined_by_all_layers_that_there_are() {
    let missing: Vec<_> = common::supervisor().layers().missing().collect();
    assert!(missing.is_empty(), "{missing:?}");
}
