//! Declarations of `c/exports.c`.

use std::ffi::{c_char, c_int, c_void};

use rquickjs::qjs::{JSContext, JSRuntime, JSValue};

use crate::{Heap, HeapSizes};

/// See `SealFunction` in `c/scripts.c`.
pub(crate) type SealFunction = unsafe extern "C" fn(
    runtime: *mut JSRuntime,
    bytes: *const u8,
    len: usize,
    source: *const u8,
    source_len: usize,
    out_len: *mut usize,
) -> *mut u8;

/// See `SandtideCollected` in `c/realm.c`.
pub(crate) type Collected = unsafe extern "C" fn(
    opaque: *mut c_void,
    before: usize,
    after: usize,
    room: usize,
    milliseconds: f64,
    reason: c_int,
);

/// See `SandtideLazyGlobal` in `c/realm/realm.c`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct RawLazyGlobal {
    pub(crate) owner: *const c_char,
    pub(crate) name: *const c_char,
    pub(crate) key: *const c_char,
}

/// See `SandtideHost` in `c/realm/realm.c`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct RawHost {
    pub(crate) lazy: *const RawLazyGlobal,
    pub(crate) lazy_count: u32,
    pub(crate) make_lazy: unsafe extern "C" fn(ctx: *mut JSContext) -> JSValue,
    pub(crate) call: unsafe extern "C" fn(
        ctx: *mut JSContext,
        argc: c_int,
        argv: *mut JSValue,
        number: c_int,
    ) -> JSValue,
}

unsafe extern "C" {
    pub(crate) fn sandtide_install(main: *mut JSContext, host: *const RawHost) -> c_int;
    pub(crate) fn sandtide_is_installed(ctx: *mut JSContext) -> bool;
    pub(crate) fn sandtide_set_seal(seal: SealFunction, unseal: SealFunction);
    pub(crate) fn sandtide_set_on_collection(
        runtime: *mut JSRuntime,
        callback: Collected,
        opaque: *mut c_void,
    );
    pub(crate) fn sandtide_set_on_full(
        runtime: *mut JSRuntime,
        callback: Option<unsafe extern "C" fn(*mut c_void)>,
    );
    pub(crate) fn sandtide_binding(ctx: *mut JSContext, which: c_int) -> JSValue;
    pub(crate) fn sandtide_host_function(ctx: *mut JSContext, number: c_int) -> JSValue;
    pub(crate) fn sandtide_new_builtin(ctx: *mut JSContext, uncurry: bool) -> JSValue;
    pub(crate) fn sandtide_first(ctx: *mut JSContext) -> JSValue;
    pub(crate) fn sandtide_turn(runtime: *mut JSRuntime);
    pub(crate) fn sandtide_collect(runtime: *mut JSRuntime);
    pub(crate) fn sandtide_run_job(runtime: *mut JSRuntime) -> c_int;
    pub(crate) fn sandtide_swap_frame(ctx: *mut JSContext, frame: JSValue) -> JSValue;
    pub(crate) fn sandtide_heap(runtime: *mut JSRuntime, heap: *mut Heap);
    pub(crate) fn sandtide_heap_sizes(runtime: *mut JSRuntime, sizes: *mut HeapSizes);
}
