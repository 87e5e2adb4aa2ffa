//! Declarations of `shim/` and the few engine functions that neither allocate nor run guest
//! code and so need no entry.

pub(crate) use sandtide_quickjs::{
    JS_ATOM_NULL, JS_EVAL_FLAG_COMPILE_ONLY, JS_EVAL_TYPE_GLOBAL, JS_EVAL_TYPE_MODULE,
    JS_EXCEPTION, JS_GPN_ENUM_ONLY, JS_GPN_STRING_MASK, JS_GetClassID, JS_GetClassName,
    JS_GetGlobalObject, JS_GetRuntime, JS_GetTypedArrayType, JS_IsArray, JS_IsArrayBuffer,
    JS_IsDataView, JS_IsDate, JS_IsError, JS_IsFunction, JS_IsMap, JS_IsPromise, JS_IsProxy,
    JS_IsRegExp, JS_IsSet, JS_IsWeakMap, JS_IsWeakRef, JS_IsWeakSet, JS_MKVAL, JS_NULL,
    JS_PROP_CONFIGURABLE, JS_PROP_ENUMERABLE, JS_PROP_WRITABLE, JS_PromiseResult, JS_PromiseState,
    JS_SetGCThreshold, JS_SetMaxStackSize, JS_TAG_BIG_INT, JS_TAG_BOOL, JS_TAG_EXCEPTION,
    JS_TAG_FLOAT64, JS_TAG_INT, JS_TAG_NULL, JS_TAG_OBJECT, JS_TAG_SHORT_BIG_INT, JS_TAG_STRING,
    JS_TAG_STRING_ROPE, JS_TAG_SYMBOL, JS_TAG_UNDEFINED, JS_UNDEFINED, JS_UpdateStackTop, JSAtom,
    JSContext, JSModuleDef, JSPromiseStateEnum_JS_PROMISE_FULFILLED as PROMISE_FULFILLED,
    JSPromiseStateEnum_JS_PROMISE_REJECTED as PROMISE_REJECTED, JSPropertyEnum, JSRuntime,
    JSTypedArrayEnum_JS_TYPED_ARRAY_UINT8 as TYPED_ARRAY_UINT8, JSValue, JSValueUnion,
    sandtide_holds_hashes, sandtide_reseed, sandtide_says_module, sandtide_sort_blocks,
};
use std::ffi::{c_char, c_int};

use super::guard::Guard;

/// `SandtideEntry` of the engine.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct ListedEntry {
    pub(crate) name: *const c_char,
    pub(crate) length: usize,
    pub(crate) value: JSValue,
}

unsafe extern "C" {
    pub(crate) fn st_new_context(g: *mut Guard, intrinsics: u32) -> *mut JSContext;
    #[cfg(feature = "test262")]
    pub(crate) fn st_add_test262(g: *mut Guard, ctx: *mut JSContext) -> c_int;
    pub(crate) fn st_eval(
        g: *mut Guard,
        ctx: *mut JSContext,
        source: *const c_char,
        len: usize,
        file: *const c_char,
        line: c_int,
        flags: c_int,
    ) -> JSValue;
    pub(crate) fn st_eval_function(
        g: *mut Guard,
        ctx: *mut JSContext,
        function: JSValue,
    ) -> JSValue;
    pub(crate) fn st_strip(g: *mut Guard, ctx: *mut JSContext, code: JSValue) -> JSValue;
    pub(crate) fn st_call(
        g: *mut Guard,
        ctx: *mut JSContext,
        function: JSValue,
        this: JSValue,
        argc: c_int,
        argv: *mut JSValue,
    ) -> JSValue;
    pub(crate) fn st_get(
        g: *mut Guard,
        ctx: *mut JSContext,
        object: JSValue,
        name: *const c_char,
        len: usize,
    ) -> JSValue;
    pub(crate) fn st_get_atom(
        g: *mut Guard,
        ctx: *mut JSContext,
        object: JSValue,
        atom: JSAtom,
    ) -> JSValue;
    pub(crate) fn st_get_index(
        g: *mut Guard,
        ctx: *mut JSContext,
        object: JSValue,
        index: i64,
    ) -> JSValue;
    pub(crate) fn st_set(
        g: *mut Guard,
        ctx: *mut JSContext,
        object: JSValue,
        name: *const c_char,
        len: usize,
        value: JSValue,
    ) -> c_int;
    pub(crate) fn st_define(
        g: *mut Guard,
        ctx: *mut JSContext,
        object: JSValue,
        name: *const c_char,
        len: usize,
        value: JSValue,
        flags: c_int,
    ) -> c_int;
    pub(crate) fn st_read_json(
        g: *mut Guard,
        ctx: *mut JSContext,
        text: *const c_char,
        len: usize,
        levels: c_int,
        value: *mut JSValue,
    ) -> c_int;
    pub(crate) fn sandtide_is_plain(value: JSValue) -> bool;
    pub(crate) fn st_short_ascii(
        g: *mut Guard,
        value: JSValue,
        most: usize,
        length: *mut usize,
    ) -> *const c_char;
    pub(crate) fn st_list_entries(
        g: *mut Guard,
        ctx: *mut JSContext,
        object: JSValue,
        entries: *mut ListedEntry,
        most: c_int,
        longest: usize,
    ) -> c_int;
    pub(crate) fn st_define_index(
        g: *mut Guard,
        ctx: *mut JSContext,
        object: JSValue,
        index: u32,
        value: JSValue,
    ) -> c_int;
    pub(crate) fn st_delete(
        g: *mut Guard,
        ctx: *mut JSContext,
        object: JSValue,
        name: *const c_char,
        len: usize,
    ) -> c_int;
    pub(crate) fn st_own_names(
        g: *mut Guard,
        ctx: *mut JSContext,
        object: JSValue,
        names: *mut *mut JSPropertyEnum,
        count: *mut u32,
        flags: c_int,
    ) -> c_int;
    pub(crate) fn st_free_names(
        g: *mut Guard,
        ctx: *mut JSContext,
        names: *mut JSPropertyEnum,
        count: u32,
    ) -> c_int;
    pub(crate) fn st_length(
        g: *mut Guard,
        ctx: *mut JSContext,
        object: JSValue,
        length: *mut i64,
    ) -> c_int;
    pub(crate) fn st_atom_to_string(g: *mut Guard, ctx: *mut JSContext, atom: JSAtom) -> JSValue;
    pub(crate) fn st_new_object(g: *mut Guard, ctx: *mut JSContext) -> JSValue;
    pub(crate) fn st_new_array(g: *mut Guard, ctx: *mut JSContext) -> JSValue;
    pub(crate) fn st_new_string(
        g: *mut Guard,
        ctx: *mut JSContext,
        text: *const c_char,
        len: usize,
    ) -> JSValue;
    pub(crate) fn st_new_date(g: *mut Guard, ctx: *mut JSContext, ms: f64) -> JSValue;
    pub(crate) fn st_new_array_buffer(
        g: *mut Guard,
        ctx: *mut JSContext,
        bytes: *const u8,
        len: usize,
    ) -> JSValue;
    pub(crate) fn st_new_uint8_array(
        g: *mut Guard,
        ctx: *mut JSContext,
        bytes: *const u8,
        len: usize,
    ) -> JSValue;
    pub(crate) fn st_bytes(
        g: *mut Guard,
        ctx: *mut JSContext,
        object: JSValue,
        typed: bool,
        bytes: *mut *const u8,
        len: *mut usize,
    ) -> c_int;
    pub(crate) fn st_to_string(g: *mut Guard, ctx: *mut JSContext, value: JSValue) -> JSValue;
    pub(crate) fn st_to_number(
        g: *mut Guard,
        ctx: *mut JSContext,
        value: JSValue,
        result: *mut f64,
    ) -> c_int;
    pub(crate) fn st_string_bytes(
        g: *mut Guard,
        ctx: *mut JSContext,
        string: JSValue,
        len: *mut usize,
    ) -> *const c_char;
    pub(crate) fn st_free_string_bytes(
        g: *mut Guard,
        ctx: *mut JSContext,
        bytes: *const c_char,
    ) -> c_int;
    pub(crate) fn st_free_value(g: *mut Guard, ctx: *mut JSContext, value: JSValue) -> c_int;
    pub(crate) fn st_take_exception(g: *mut Guard, ctx: *mut JSContext) -> JSValue;
    pub(crate) fn st_throw_error(
        g: *mut Guard,
        ctx: *mut JSContext,
        name: *const c_char,
        name_len: usize,
        message: *const c_char,
        message_len: usize,
    ) -> JSValue;
    pub(crate) fn st_new_promise(
        g: *mut Guard,
        ctx: *mut JSContext,
        resolving_functions: *mut JSValue,
    ) -> JSValue;
    pub(crate) fn st_execute_job(
        g: *mut Guard,
        rt: *mut JSRuntime,
        ctx: *mut *mut JSContext,
    ) -> c_int;
    pub(crate) fn st_collect_garbage(g: *mut Guard, rt: *mut JSRuntime) -> c_int;
    pub(crate) fn st_module_namespace(
        g: *mut Guard,
        ctx: *mut JSContext,
        module: *mut JSModuleDef,
    ) -> JSValue;
    pub(crate) fn st_new_host_function(
        g: *mut Guard,
        ctx: *mut JSContext,
        name: *const c_char,
        length: c_int,
        index: c_int,
    ) -> JSValue;
    pub(crate) fn st_hidden_and_made(
        g: *mut Guard,
        ctx: *mut JSContext,
        object: JSValue,
        name: *const c_char,
        len: usize,
    ) -> JSAtom;
    pub(crate) fn st_define_lazy(
        g: *mut Guard,
        ctx: *mut JSContext,
        object: JSValue,
        name: *const c_char,
        len: usize,
        number: u32,
    ) -> c_int;
    pub(crate) fn st_write_code(
        g: *mut Guard,
        ctx: *mut JSContext,
        code: JSValue,
        len: *mut usize,
    ) -> *mut u8;
    pub(crate) fn st_free_code(g: *mut Guard, ctx: *mut JSContext, bytes: *mut u8) -> c_int;
    pub(crate) fn st_read_code(
        g: *mut Guard,
        ctx: *mut JSContext,
        bytes: *const u8,
        len: usize,
    ) -> JSValue;
    pub(crate) fn st_new_builtin(g: *mut Guard, ctx: *mut JSContext, uncurry: bool) -> JSValue;
    pub(crate) fn st_throw_of(
        g: *mut Guard,
        ctx: *mut JSContext,
        kind: c_int,
        name: *const c_char,
        message: *const c_char,
    ) -> JSValue;
    pub(crate) fn st_copy_name(
        g: *mut Guard,
        ctx: *mut JSContext,
        name: *const c_char,
    ) -> *mut c_char;
    pub(crate) fn sandtide_read_clocks(g: *mut Guard, now_ns: u64);
    pub(crate) fn st_debug_attach(
        rt: *mut JSRuntime,
        hook: *mut std::ffi::c_void,
        wanted: *mut u32,
    ) -> bool;
    pub(crate) fn st_debug_values(
        g: *mut Guard,
        ctx: *mut JSContext,
        values: *const c_char,
        values_len: usize,
        setup: *const c_char,
        setup_len: usize,
    ) -> JSValue;
    pub(crate) fn sandtide_now_ms(g: *mut Guard) -> f64;
    pub(crate) fn sandtide_clock_ms(g: *mut Guard) -> f64;
    pub(crate) fn st_call_rust(
        rt: *mut JSRuntime,
        f: unsafe extern "C" fn(*mut std::ffi::c_void),
        given: *mut std::ffi::c_void,
    );
    pub(crate) fn sandtide_has_handler(signal: c_int) -> bool;
    pub(crate) fn sandtide_install_handler(signal: c_int) -> c_int;
    pub(crate) fn sandtide_zones_opened() -> u32;
    pub(crate) fn sandtide_seal_handlers();
    pub(crate) fn sandtide_send_signal(thread: c_int, signal: c_int);
}

/// The tag of a value.
pub(crate) fn tag(value: JSValue) -> i32 {
    value.tag as i32
}

/// Whether a value is the engine's mark for "an exception is pending".
pub(crate) fn is_exception(value: JSValue) -> bool {
    tag(value) == JS_TAG_EXCEPTION
}

/// Whether a value is a string, flat or rope.
pub(crate) fn is_string(value: JSValue) -> bool {
    matches!(tag(value), JS_TAG_STRING | JS_TAG_STRING_ROPE)
}

/// The bits that tell one value from another: equal bits are the same primitive or the same heap
/// object.
pub(crate) fn bits(value: JSValue) -> (i64, u64) {
    // SAFETY: every member of the union is plain data of at most 8 bytes; the int32 members leave
    // the upper half as it was written, which `JS_MKVAL` and the engine's own code zero or copy
    // alike, so only the meaningful part is compared.
    unsafe {
        match tag(value) {
            JS_TAG_INT | JS_TAG_BOOL => (value.tag, value.u.int32 as u32 as u64),
            JS_TAG_NULL | JS_TAG_UNDEFINED => (value.tag, 0),
            JS_TAG_FLOAT64 => (value.tag, value.u.float64.to_bits()),
            _ => (value.tag, value.u.ptr as u64),
        }
    }
}
