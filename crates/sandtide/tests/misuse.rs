//! What must not compile: with the compiler's words where lifetimes forbid it, and as assertions on
//! the types where threads are concerned.

use sandtide::{Image, Instance, Local, Pool, Scope, Script};
use static_assertions::{assert_impl_all, assert_not_impl_any};

assert_impl_all!(Script: Send, Sync, Clone);
assert_impl_all!(Image: Send, Sync, Clone);
assert_impl_all!(Pool: Send, Sync, Clone);
assert_impl_all!(Instance: Send);
assert_not_impl_any!(Instance: Sync, Clone);
assert_not_impl_any!(Scope<'static>: Send, Sync, Clone);
assert_not_impl_any!(Local<'static>: Send, Sync);

#[test]
fn a_value_can_neither_outlive_its_run_nor_cross_into_another() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/misuse/*.rs");
}
