//! The macros and inline functions over values in the engine's headers, which bindings cannot take
//! from there. For 64-bit targets only, where a value is a union and a tag.

#![expect(non_snake_case, reason = "they have the names that the engine's headers give them")]

use crate::bindings::*;
use core::ffi::{c_char, c_int, c_uint, c_void};
use core::ptr;

#[cfg(not(target_pointer_width = "64"))]
compile_error!("values of the engine are laid out otherwise on 32-bit targets");

/// `null`
pub const JS_NULL: JSValue = JS_MKVAL(JS_TAG_NULL, 0);
/// `undefined`
pub const JS_UNDEFINED: JSValue = JS_MKVAL(JS_TAG_UNDEFINED, 0);
/// `false`
pub const JS_FALSE: JSValue = JS_MKVAL(JS_TAG_BOOL, 0);
/// `true`
pub const JS_TRUE: JSValue = JS_MKVAL(JS_TAG_BOOL, 1);
/// The answer of a function that has thrown.
pub const JS_EXCEPTION: JSValue = JS_MKVAL(JS_TAG_EXCEPTION, 0);
/// What a binding holds before its declaration ran.
pub const JS_UNINITIALIZED: JSValue = JS_MKVAL(JS_TAG_UNINITIALIZED, 0);
/// NaN.
pub const JS_NAN: JSValue = __JS_NewFloat64(f64::NAN);

/// A value that holds an integer or nothing.
#[inline]
pub const fn JS_MKVAL(tag: c_int, int32: i32) -> JSValue {
    JSValue { u: JSValueUnion { int32 }, tag: tag as i64 }
}

/// A value that points to something of the heap.
#[inline]
pub const fn JS_MKPTR(tag: c_int, ptr: *mut c_void) -> JSValue {
    JSValue { u: JSValueUnion { ptr }, tag: tag as i64 }
}

/// A number that is kept as a float, whatever it is.
#[inline]
pub const fn __JS_NewFloat64(float64: f64) -> JSValue {
    JSValue { u: JSValueUnion { float64 }, tag: JS_TAG_FLOAT64 as i64 }
}

/// A number: kept as an integer where that loses nothing, the sign of zero included.
#[inline]
pub fn JS_NewFloat64(number: f64) -> JSValue {
    let int = number as i32;
    if f64::from(int).to_bits() == number.to_bits() {
        JS_MKVAL(JS_TAG_INT, int)
    } else {
        __JS_NewFloat64(number)
    }
}

macro_rules! of_the_tag {
    ($($(#[$doc:meta])* $name:ident: $($tag:ident)|+;)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        /// None is needed: only the tag is read. It is unsafe as its callers' other declarations are.
        #[inline]
        pub unsafe fn $name(value: JSValue) -> bool {
            matches!(value.tag as c_int, $($tag)|+)
        }
    )*};
}

of_the_tag! {
    /// Whether it is a number.
    JS_IsNumber: JS_TAG_INT | JS_TAG_FLOAT64;
    /// Whether it is a number that is kept as an integer.
    JS_IsInt: JS_TAG_INT;
    /// Whether it is a BigInt.
    JS_IsBigInt: JS_TAG_BIG_INT | JS_TAG_SHORT_BIG_INT;
    /// Whether it is a boolean.
    JS_IsBool: JS_TAG_BOOL;
    /// Whether it is `null`.
    JS_IsNull: JS_TAG_NULL;
    /// Whether it is `undefined`.
    JS_IsUndefined: JS_TAG_UNDEFINED;
    /// Whether it says that something was thrown.
    JS_IsException: JS_TAG_EXCEPTION;
    /// Whether it is a binding's content before its declaration ran.
    JS_IsUninitialized: JS_TAG_UNINITIALIZED;
    /// Whether it is a string, in one piece or not.
    JS_IsString: JS_TAG_STRING | JS_TAG_STRING_ROPE;
    /// Whether it is a symbol.
    JS_IsSymbol: JS_TAG_SYMBOL;
    /// Whether it is an object.
    JS_IsObject: JS_TAG_OBJECT;
}

/// The value's tag.
///
/// # Safety
/// None is needed: only the tag is read.
#[inline]
pub unsafe fn JS_VALUE_GET_TAG(value: JSValue) -> c_int {
    value.tag as c_int
}

/// The value's tag; all floats have one here.
///
/// # Safety
/// None is needed: only the tag is read.
#[inline]
pub unsafe fn JS_VALUE_GET_NORM_TAG(value: JSValue) -> c_int {
    value.tag as c_int
}

/// Whether a tag says that the value is a float.
///
/// # Safety
/// None is needed.
#[inline]
pub unsafe fn JS_TAG_IS_FLOAT64(tag: c_int) -> bool {
    tag == JS_TAG_FLOAT64
}

/// Whether the value is counted by the engine.
///
/// # Safety
/// None is needed: only the tag is read.
#[inline]
pub unsafe fn JS_VALUE_HAS_REF_COUNT(value: JSValue) -> bool {
    value.tag as c_uint >= JS_TAG_FIRST as c_uint
}

/// The integer of a value.
///
/// # Safety
/// The tag says that the value is an integer.
#[inline]
pub unsafe fn JS_VALUE_GET_INT(value: JSValue) -> c_int {
    // SAFETY: the caller says that it is an integer.
    unsafe { value.u.int32 }
}

/// The boolean of a value.
///
/// # Safety
/// The tag says that the value is a boolean.
#[inline]
pub unsafe fn JS_VALUE_GET_BOOL(value: JSValue) -> bool {
    // SAFETY: the caller says that it is a boolean, which is kept as an integer.
    unsafe { value.u.int32 != 0 }
}

/// The float of a value.
///
/// # Safety
/// The tag says that the value is a float.
#[inline]
pub unsafe fn JS_VALUE_GET_FLOAT64(value: JSValue) -> f64 {
    // SAFETY: the caller says that it is a float.
    unsafe { value.u.float64 }
}

/// The address of what a value points to.
///
/// # Safety
/// The value is counted by the engine.
#[inline]
pub unsafe fn JS_VALUE_GET_PTR(value: JSValue) -> *mut c_void {
    // SAFETY: the caller says that it is a pointer.
    unsafe { value.u.ptr }
}

/// Whether the value is a float that is no number.
///
/// # Safety
/// None is needed: the payload is read where the tag says that it is a float.
#[inline]
pub unsafe fn JS_VALUE_IS_NAN(value: JSValue) -> bool {
    // SAFETY: the tag says that it is a float.
    value.tag as c_int == JS_TAG_FLOAT64 && unsafe { value.u.float64 }.is_nan()
}

/// The value as a C string, to be freed by [`JS_FreeCString`]; null where it threw.
///
/// # Safety
/// As for [`JS_ToCStringLen2`].
#[inline]
pub unsafe fn JS_ToCString(ctx: *mut JSContext, value: JSValue) -> *const c_char {
    // SAFETY: the caller's; no length is asked for.
    unsafe { JS_ToCStringLen2(ctx, ptr::null_mut(), value, false) }
}

/// The value as a C string and its length in bytes.
///
/// # Safety
/// As for [`JS_ToCStringLen2`]; `len` is null or writable.
#[inline]
pub unsafe fn JS_ToCStringLen(
    ctx: *mut JSContext,
    len: *mut usize,
    value: JSValue,
) -> *const c_char {
    // SAFETY: the caller's; the engine's `size_t` is a `usize` on 64-bit targets.
    unsafe { JS_ToCStringLen2(ctx, len.cast(), value, false) }
}
