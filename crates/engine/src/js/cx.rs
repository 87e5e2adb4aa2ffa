//! Calls into the engine, each a shim entry with a result that cannot be overlooked.
//!
//! Values are plain handles here: one that is held past its run is garbage. `run::local` ties them
//! to their run's lifetime, and only such handles leave this crate.

use super::guard::Guard;
use super::raw::*;
use std::ffi::{CStr, c_int};
use std::mem::MaybeUninit;
use std::ptr;

/// The engine threw, or the run was abandoned; `RunState` and the guard know which and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Thrown;

pub(crate) type Js<T> = Result<T, Thrown>;

/// The engine, as seen from one run. A copy is a copy of two pointers.
#[derive(Clone, Copy)]
pub(crate) struct Cx {
    pub(crate) guard: *mut Guard,
    pub(crate) ctx: *mut JSContext,
}

fn value(value: JSValue) -> Js<JSValue> {
    if is_exception(value) { Err(Thrown) } else { Ok(value) }
}

fn done(answer: c_int) -> Js<()> {
    if answer < 0 { Err(Thrown) } else { Ok(()) }
}

const DATA: c_int = (JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE | JS_PROP_ENUMERABLE) as c_int;
const HIDDEN: c_int = (JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE) as c_int;

/// The flags of `Object.keys`: string keys that are enumerable.
const KEYS: c_int = (JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) as c_int;

/// Properties of the objects that [`Cx::with_entries`] lists.
const LISTED: usize = 16;
/// Bytes of the longest text that is read in one go, during which nothing can end the run.
const SHORT: usize = 4096;

// SAFETY for every block below that names no other: `Cx::new`'s contract says that the guard and
// the context are alive and belong together, and that values come from this context's heap and
// this very run; the shim's entries may then be called from the thread that runs the instance.
impl Cx {
    /// # Safety
    /// Guard and context are alive as long as the copies of the result are used, belong to the same
    /// arena, and are used by one thread.
    pub(crate) unsafe fn new(guard: *mut Guard, ctx: *mut JSContext) -> Cx {
        Cx { guard, ctx }
    }

    pub(crate) fn abandoned(self) -> bool {
        // SAFETY: see the head of this impl.
        unsafe { (*self.guard).abandoned != 0 }
    }

    pub(crate) fn runtime(self) -> *mut JSRuntime {
        // SAFETY: see the head of this impl.
        unsafe { JS_GetRuntime(self.ctx) }
    }

    /// The global object. Its count is not ours to give back: the context holds it.
    pub(crate) fn global(self) -> JSValue {
        // SAFETY: see the head of this impl; the call neither allocates nor runs guest code.
        unsafe { JS_GetGlobalObject(self.ctx) }
    }

    /// Compiles, and unless `flags` say otherwise runs, a source that ends in a NUL byte, which is
    /// not part of it.
    pub(crate) fn eval(self, source: &[u8], file: &CStr, line: u32, flags: u32) -> Js<JSValue> {
        assert_eq!(source.last(), Some(&0), "the engine reads one byte past the source");
        let line = c_int::try_from(line).unwrap_or(1);
        // SAFETY: see the head of this impl; the source is NUL-terminated as asserted.
        value(unsafe {
            st_eval(
                self.guard,
                self.ctx,
                source.as_ptr().cast(),
                source.len() - 1,
                file.as_ptr(),
                line,
                flags as c_int,
            )
        })
    }

    /// Runs what [`Cx::eval`] compiled; `function` stays usable.
    pub(crate) fn eval_function(self, function: JSValue) -> Js<JSValue> {
        // SAFETY: see the head of this impl.
        value(unsafe { st_eval_function(self.guard, self.ctx, function) })
    }

    /// A copy of compiled code without its text and line numbers.
    pub(crate) fn strip(self, code: JSValue) -> Js<JSValue> {
        // SAFETY: see the head of this impl. The bytecode is the engine's own, and is read back
        // within the same call.
        value(unsafe { st_strip(self.guard, self.ctx, code) })
    }

    pub(crate) fn call(
        self,
        function: JSValue,
        this: JSValue,
        args: &mut [JSValue],
    ) -> Js<JSValue> {
        let argc = args.len() as c_int;
        // SAFETY: see the head of this impl; the arguments live until the call returns.
        value(unsafe { st_call(self.guard, self.ctx, function, this, argc, args.as_mut_ptr()) })
    }

    pub(crate) fn get(self, object: JSValue, name: &str) -> Js<JSValue> {
        // SAFETY: see the head of this impl.
        value(unsafe { st_get(self.guard, self.ctx, object, name.as_ptr().cast(), name.len()) })
    }

    pub(crate) fn get_atom(self, object: JSValue, atom: JSAtom) -> Js<JSValue> {
        // SAFETY: see the head of this impl.
        value(unsafe { st_get_atom(self.guard, self.ctx, object, atom) })
    }

    pub(crate) fn get_index(self, object: JSValue, index: usize) -> Js<JSValue> {
        // SAFETY: see the head of this impl.
        value(unsafe { st_get_index(self.guard, self.ctx, object, index as i64) })
    }

    pub(crate) fn set(self, object: JSValue, name: &str, to: JSValue) -> Js<()> {
        // SAFETY: see the head of this impl.
        done(unsafe { st_set(self.guard, self.ctx, object, name.as_ptr().cast(), name.len(), to) })
    }

    /// Defines an own data property, enumerable or hidden.
    pub(crate) fn define(
        self,
        object: JSValue,
        name: &str,
        to: JSValue,
        enumerable: bool,
    ) -> Js<()> {
        let flags = if enumerable { DATA } else { HIDDEN };
        // SAFETY: see the head of this impl.
        done(unsafe {
            st_define(self.guard, self.ctx, object, name.as_ptr().cast(), name.len(), to, flags)
        })
    }

    /// Reads JSON with at most so many levels; `None` where the text is not taken, for which the engine
    /// finds no words.
    pub(crate) fn read_json(self, text: &CStr, levels: usize) -> Js<Option<JSValue>> {
        let len = text.count_bytes();
        let levels = c_int::try_from(levels).unwrap_or(c_int::MAX);
        let mut value = JS_UNDEFINED;
        // SAFETY: see the head of this impl; a zero stands behind the text.
        let read = unsafe {
            st_read_json(self.guard, self.ctx, text.as_ptr(), len, levels, &raw mut value)
        };
        match read {
            1 => Ok(Some(value)),
            0 => Ok(None),
            _ => Err(Thrown),
        }
    }

    pub(crate) fn define_index(self, object: JSValue, index: u32, to: JSValue) -> Js<()> {
        // SAFETY: see the head of this impl.
        done(unsafe { st_define_index(self.guard, self.ctx, object, index, to) })
    }

    /// `$262`, which test262 asks of its host.
    #[cfg(feature = "test262")]
    pub(crate) fn add_test262(self) -> Js<()> {
        // SAFETY: see the head of this impl.
        done(unsafe { st_add_test262(self.guard, self.ctx) })
    }

    pub(crate) fn delete(self, object: JSValue, name: &str) -> Js<()> {
        // SAFETY: see the head of this impl.
        done(unsafe { st_delete(self.guard, self.ctx, object, name.as_ptr().cast(), name.len()) })
    }

    pub(crate) fn length(self, object: JSValue) -> Js<usize> {
        let mut length = 0;
        // SAFETY: see the head of this impl; `length` is a valid place for the answer.
        done(unsafe { st_length(self.guard, self.ctx, object, &mut length) })?;
        Ok(usize::try_from(length).unwrap_or(0))
    }

    /// Calls `each` with every own enumerable string key of `object`, in the engine's order.
    pub(crate) fn own_keys<E: From<Thrown>>(
        self,
        object: JSValue,
        mut each: impl FnMut(JSAtom) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut names: *mut JSPropertyEnum = ptr::null_mut();
        let mut count = 0;
        // SAFETY: see the head of this impl; both places are valid for the answer.
        done(unsafe { st_own_names(self.guard, self.ctx, object, &mut names, &mut count, KEYS) })?;
        let mut result = Ok(());
        for index in 0..count as usize {
            // SAFETY: the engine answered `count` entries at `names`, which live until they are
            // freed below; an abandoned run leaves them in the arena, unchanged.
            let atom = unsafe { (*names.add(index)).atom };
            result = each(atom);
            if result.is_err() {
                break;
            }
        }
        if !names.is_null() {
            // SAFETY: see the head of this impl; the list is the one just answered.
            done(unsafe { st_free_names(self.guard, self.ctx, names, count) })?;
        }
        result
    }

    /// Calls `f` with the own enumerable properties of an object that has only a few, in the engine's order,
    /// all of them short ASCII names of values that hold no others; `None` for any other object, and where
    /// the run is over.
    ///
    /// # Safety
    /// `f` runs no code of the guest's, and neither writes nor deletes a property of the object.
    pub(crate) unsafe fn with_entries<R>(
        self,
        object: JSValue,
        f: impl FnOnce(&mut dyn Iterator<Item = (&str, JSValue)>) -> R,
    ) -> Option<R> {
        let mut entries = [const { MaybeUninit::<ListedEntry>::uninit() }; LISTED];
        // SAFETY: see the head of this impl; the call runs no guest code, does not allocate and writes no
        // more than `LISTED` entries.
        let count = unsafe {
            st_list_entries(
                self.guard,
                self.ctx,
                object,
                entries.as_mut_ptr().cast(),
                LISTED as c_int,
                SHORT,
            )
        };
        let count = usize::try_from(count).ok()?;
        Some(f(&mut entries[..count].iter().map(|entry| {
            // SAFETY: the call above wrote the first `count`. A name's bytes are ASCII and its property's,
            // which the contract keeps until `f` returns.
            unsafe {
                let entry = entry.assume_init_ref();
                let name = std::slice::from_raw_parts(entry.name.cast(), entry.length);
                (std::str::from_utf8_unchecked(name), entry.value)
            }
        })))
    }

    /// Gives `f` the text of a string that is short, ASCII and no rope; `None` for any other value, and where
    /// the run is over.
    pub(crate) fn with_short_ascii<R>(
        self,
        value: JSValue,
        f: impl FnOnce(&str) -> R,
    ) -> Option<R> {
        let mut length = 0;
        // SAFETY: see the head of this impl; the call runs no guest code and does not allocate.
        let text = unsafe { st_short_ascii(self.guard, value, SHORT, &raw mut length) };
        if text.is_null() {
            return None;
        }
        // SAFETY: the engine answered `length` bytes of ASCII, which stay as long as the caller holds the
        // string.
        Some(f(unsafe {
            std::str::from_utf8_unchecked(std::slice::from_raw_parts(text.cast(), length))
        }))
    }

    pub(crate) fn atom_to_string(self, atom: JSAtom) -> Js<JSValue> {
        // SAFETY: see the head of this impl.
        value(unsafe { st_atom_to_string(self.guard, self.ctx, atom) })
    }

    pub(crate) fn new_object(self) -> Js<JSValue> {
        // SAFETY: see the head of this impl.
        value(unsafe { st_new_object(self.guard, self.ctx) })
    }

    pub(crate) fn new_array(self) -> Js<JSValue> {
        // SAFETY: see the head of this impl.
        value(unsafe { st_new_array(self.guard, self.ctx) })
    }

    pub(crate) fn new_string(self, text: &str) -> Js<JSValue> {
        // SAFETY: see the head of this impl; the engine copies the text.
        value(unsafe { st_new_string(self.guard, self.ctx, text.as_ptr().cast(), text.len()) })
    }

    pub(crate) fn new_date(self, ms: f64) -> Js<JSValue> {
        // SAFETY: see the head of this impl.
        value(unsafe { st_new_date(self.guard, self.ctx, ms) })
    }

    pub(crate) fn new_array_buffer(self, bytes: &[u8]) -> Js<JSValue> {
        // SAFETY: see the head of this impl; the engine copies the bytes.
        value(unsafe { st_new_array_buffer(self.guard, self.ctx, bytes.as_ptr(), bytes.len()) })
    }

    pub(crate) fn new_uint8_array(self, bytes: &[u8]) -> Js<JSValue> {
        // SAFETY: see the head of this impl; the engine copies the bytes.
        value(unsafe { st_new_uint8_array(self.guard, self.ctx, bytes.as_ptr(), bytes.len()) })
    }

    /// `String(value)`; may run guest code.
    pub(crate) fn to_string(self, of: JSValue) -> Js<JSValue> {
        // SAFETY: see the head of this impl.
        value(unsafe { st_to_string(self.guard, self.ctx, of) })
    }

    pub(crate) fn to_number(self, of: JSValue) -> Js<f64> {
        let mut number = 0.0;
        // SAFETY: see the head of this impl; `number` is a valid place for the answer.
        done(unsafe { st_to_number(self.guard, self.ctx, of, &mut number) })?;
        Ok(number)
    }

    /// Gives the bytes of a string value to `f`: UTF-8, but for lone surrogates, which stand as
    /// three bytes each.
    pub(crate) fn with_string_bytes<R>(self, string: JSValue, f: impl FnOnce(&[u8]) -> R) -> Js<R> {
        let mut len = 0;
        // SAFETY: see the head of this impl; `len` is a valid place for the answer.
        let bytes = unsafe { st_string_bytes(self.guard, self.ctx, string, &mut len) };
        if bytes.is_null() {
            return Err(Thrown);
        }
        // SAFETY: the engine answered `len` bytes that stay until they are freed below.
        let result = f(unsafe { std::slice::from_raw_parts(bytes.cast(), len) });
        // SAFETY: see the head of this impl; the bytes are those just answered.
        done(unsafe { st_free_string_bytes(self.guard, self.ctx, bytes) })?;
        Ok(result)
    }

    /// The start of a string value's text, at most `most` bytes and an ellipsis: for texts that no
    /// limit counts.
    pub(crate) fn string_start(self, string: JSValue, most: usize) -> Js<String> {
        self.with_string_bytes(string, |bytes| {
            if bytes.len() <= most {
                return String::from_utf8_lossy(bytes).into_owned();
            }
            let mut end = most;
            while end > 0 && bytes[end] & 0xc0 == 0x80 {
                end -= 1;
            }
            String::from_utf8_lossy(&bytes[..end]).into_owned() + "…"
        })
    }

    /// Gives a reference back. A reference that is not given back lasts until the restore.
    pub(crate) fn free(self, of: JSValue) {
        if tag(of) < 0 {
            // SAFETY: see the head of this impl; the reference is the caller's. An abandoned run
            // frees nothing, because the restore does.
            unsafe { st_free_value(self.guard, self.ctx, of) };
        }
    }

    /// Takes the pending exception.
    pub(crate) fn take_exception(self) -> Js<JSValue> {
        // SAFETY: see the head of this impl.
        let exception = unsafe { st_take_exception(self.guard, self.ctx) };
        if self.abandoned() { Err(Thrown) } else { Ok(exception) }
    }

    /// Throws an error into the guest. The callback that calls this must answer with an exception.
    pub(crate) fn throw(self, name: &str, message: &str) -> Thrown {
        // SAFETY: see the head of this impl.
        unsafe {
            st_throw_error(
                self.guard,
                self.ctx,
                name.as_ptr().cast(),
                name.len(),
                message.as_ptr().cast(),
                message.len(),
            )
        };
        Thrown
    }

    /// A new promise, and the functions that resolve and reject it.
    pub(crate) fn new_promise(self) -> Js<(JSValue, [JSValue; 2])> {
        let mut functions = [JS_UNDEFINED; 2];
        // SAFETY: see the head of this impl; there is room for the two functions.
        let promise =
            value(unsafe { st_new_promise(self.guard, self.ctx, functions.as_mut_ptr()) })?;
        Ok((promise, functions))
    }

    /// Runs one pending job. `Ok(false)` where none is left.
    pub(crate) fn execute_job(self) -> Js<bool> {
        let mut ctx = ptr::null_mut();
        // SAFETY: see the head of this impl; `ctx` is a valid place for the answer.
        let answer = unsafe { st_execute_job(self.guard, self.runtime(), &mut ctx) };
        done(answer)?;
        Ok(answer > 0)
    }

    pub(crate) fn collect_garbage(self) -> Js<()> {
        // SAFETY: see the head of this impl.
        done(unsafe { st_collect_garbage(self.guard, self.runtime()) })
    }

    /// Orders free small blocks so that runs of an image made now write few pages.
    pub(crate) fn sort_blocks(self) {
        // SAFETY: see the head of this impl.
        unsafe { sandtide_sort_blocks(self.runtime()) }
    }

    /// Whether a compiled module's text says that it is one.
    pub(crate) fn says_module(self, module: JSValue) -> bool {
        // SAFETY: the caller's value has the module tag, so its pointer is a module of this
        // context.
        unsafe { sandtide_says_module(module.u.ptr.cast()) }
    }

    pub(crate) fn module_namespace(self, module: JSValue) -> Js<JSValue> {
        // SAFETY: the caller's value has the module tag, so its pointer is a module of this
        // context.
        value(unsafe { st_module_namespace(self.guard, self.ctx, module.u.ptr.cast()) })
    }

    /// Defines a data property, hidden, that is made when it is first looked at
    /// (`sandtide_on_lazy`).
    pub(crate) fn define_lazy(self, object: JSValue, name: &str, number: u32) -> Js<()> {
        // SAFETY: see the head of this impl; the engine copies the name into an atom.
        done(unsafe {
            st_define_lazy(self.guard, self.ctx, object, name.as_ptr().cast(), name.len(), number)
        })
    }

    /// The name of an object's property that is hidden and was made, or set, since it was defined by
    /// [`Cx::define_lazy`]. The atom is valid as long as the property is there.
    pub(crate) fn hidden_and_made(self, object: JSValue, name: &str) -> Option<JSAtom> {
        // SAFETY: see the head of this impl; the engine copies the name into an atom.
        let atom = unsafe {
            st_hidden_and_made(self.guard, self.ctx, object, name.as_ptr().cast(), name.len())
        };
        (atom != 0).then_some(atom)
    }

    /// Compiled code as bytes, without its text and line numbers.
    pub(crate) fn write_code(self, code: JSValue) -> Js<Box<[u8]>> {
        let mut len = 0;
        // SAFETY: see the head of this impl; `len` is a valid place for the answer.
        let bytes = unsafe { st_write_code(self.guard, self.ctx, code, &mut len) };
        if bytes.is_null() {
            return Err(Thrown);
        }
        // SAFETY: the engine answered `len` bytes that stay until they are freed below.
        let copy = unsafe { std::slice::from_raw_parts(bytes, len) }.into();
        // SAFETY: see the head of this impl; the bytes are those just answered.
        done(unsafe { st_free_code(self.guard, self.ctx, bytes) })?;
        Ok(copy)
    }

    /// The value of a script that [`Cx::write_code`] wrote.
    ///
    /// # Safety
    /// The bytes are what it answered, in this process: bytes from elsewhere would be native code.
    pub(crate) unsafe fn read_code(self, bytes: &[u8]) -> Js<JSValue> {
        // SAFETY: see the head of this impl, and the caller's.
        value(unsafe { st_read_code(self.guard, self.ctx, bytes.as_ptr(), bytes.len()) })
    }

    /// A function that makes the language's built-ins anew: with `uncurry`, as functions of their
    /// `this`. For our own code only.
    pub(crate) fn new_builtin(self, uncurry: bool) -> Js<JSValue> {
        // SAFETY: see the head of this impl.
        value(unsafe { st_new_builtin(self.guard, self.ctx, uncurry) })
    }

    /// Throws an error of the guest's own class: see the enum of `shim/platform.c`.
    pub(crate) fn throw_of(self, kind: c_int, name: &CStr, message: &CStr) -> Thrown {
        // SAFETY: see the head of this impl; the engine copies both texts.
        unsafe { st_throw_of(self.guard, self.ctx, kind, name.as_ptr(), message.as_ptr()) };
        Thrown
    }

    /// A function of our own scripts' that calls Rust: see `platform::call`.
    pub(crate) fn new_native(self, name: &CStr, index: i16) -> Js<JSValue> {
        // SAFETY: see the head of this impl; the engine copies the name into an atom.
        value(unsafe {
            st_new_host_function(self.guard, self.ctx, name.as_ptr(), 0, c_int::from(index))
        })
    }

    pub(crate) fn new_host_function(self, name: &CStr, length: u32, index: u16) -> Js<JSValue> {
        // SAFETY: see the head of this impl; the engine copies the name into an atom.
        value(unsafe {
            st_new_host_function(
                self.guard,
                self.ctx,
                name.as_ptr(),
                length as c_int,
                c_int::from(index),
            )
        })
    }

    /// A copy of a module's name in the engine's memory, as its normaliser must answer.
    pub(crate) fn copy_name(self, name: &CStr) -> Option<*mut std::ffi::c_char> {
        // SAFETY: see the head of this impl.
        let copy = unsafe { st_copy_name(self.guard, self.ctx, name.as_ptr()) };
        (!copy.is_null()).then_some(copy)
    }

    pub(crate) fn promise_state(self, promise: JSValue) -> PromiseState {
        // SAFETY: see the head of this impl; neither call allocates or runs guest code.
        unsafe {
            if !JS_IsPromise(promise) {
                return PromiseState::NoPromise;
            }
            match JS_PromiseState(self.ctx, promise) {
                PROMISE_FULFILLED => PromiseState::Fulfilled(JS_PromiseResult(self.ctx, promise)),
                PROMISE_REJECTED => PromiseState::Rejected(JS_PromiseResult(self.ctx, promise)),
                _ => PromiseState::Pending,
            }
        }
    }

    /// The name of an object's class, as the engine knows it whatever a guest made of its prototype:
    /// an atom, or `None` for what is no object of the language's.
    pub(crate) fn class_of(self, of: JSValue) -> Option<JSAtom> {
        // SAFETY: see the head of this impl; neither call allocates or runs guest code. The names of
        // the engine's classes are atoms that are never freed.
        let atom = unsafe { JS_GetClassName(self.runtime(), JS_GetClassID(of)) };
        (atom != JS_ATOM_NULL).then_some(atom)
    }

    /// The run's clock in ms since its start: the monotonic one, or the frozen one, which only timers
    /// move.
    pub(crate) fn clock_ms(self) -> f64 {
        // SAFETY: see the head of this impl.
        unsafe { sandtide_clock_ms(self.guard) }
    }

    /// What `Date.now` answers: ms since 1970 by the run's clock, real or frozen.
    pub(crate) fn now_ms(self) -> f64 {
        // SAFETY: see the head of this impl.
        unsafe { sandtide_now_ms(self.guard) }
    }

    /// The moment at which that clock began, in ms since 1970.
    pub(crate) fn clock_origin_ms(self) -> f64 {
        // SAFETY: see the head of this impl.
        unsafe { (*self.guard).epoch_ms }
    }

    /// Whether the run's clock is a frozen one.
    pub(crate) fn is_frozen(self) -> bool {
        // SAFETY: see the head of this impl.
        unsafe { !(*self.guard).frozen_now_ms.is_nan() }
    }

    /// Lets a frozen clock jump to `ms` after its start; `false` where it is the real one.
    pub(crate) fn jump_to(self, ms: f64) -> bool {
        // SAFETY: see the head of this impl; nobody holds a reference to the guard.
        unsafe {
            let frozen = !(*self.guard).frozen_now_ms.is_nan();
            if frozen && ms > self.clock_ms() {
                (*self.guard).frozen_now_ms = (*self.guard).epoch_ms + ms;
            }
            frozen
        }
    }

    pub(crate) fn is_function(self, of: JSValue) -> bool {
        // SAFETY: see the head of this impl; the call only looks at the value.
        unsafe { JS_IsFunction(self.ctx, of) }
    }

    /// The bytes behind a `Uint8Array` or an `ArrayBuffer`; `None` for anything else, detached
    /// buffers included. `typed_length` is the helper of that name. The slice is the guest's
    /// memory: copy before the engine is called again.
    pub(crate) fn bytes<'a>(self, of: JSValue, typed_length: JSValue) -> Js<Option<&'a [u8]>> {
        const UINT8: c_int = TYPED_ARRAY_UINT8 as c_int;
        // SAFETY: see the head of this impl; the calls only look at the object's class.
        let typed = unsafe { JS_GetTypedArrayType(of) } == UINT8;
        // SAFETY: as above.
        if !typed && !unsafe { JS_IsArrayBuffer(of) } {
            return Ok(None);
        }
        let (mut bytes, mut len) = (ptr::null(), 0);
        let mut look = || {
            // SAFETY: see the head of this impl; both places are valid for the answer.
            let found = unsafe { st_bytes(self.guard, self.ctx, of, typed, &mut bytes, &mut len) };
            done(found).map(|()| found)
        };
        let mut most = usize::MAX;
        let mut found = look()?;
        if found == 2 {
            let length = self.call(typed_length, JS_UNDEFINED, &mut [of])?;
            most = self.to_number(length)? as usize;
            found = look()?;
        }
        if found == 0 || bytes.is_null() {
            return Ok(None);
        }
        // SAFETY: the engine's buffer has `len` bytes at `bytes`, as the shim just read off it.
        Ok(Some(unsafe { std::slice::from_raw_parts(bytes, len.min(most)) }))
    }
}

/// The state of a promise.
#[derive(Clone, Copy)]
pub(crate) enum PromiseState {
    NoPromise,
    Pending,
    Fulfilled(JSValue),
    Rejected(JSValue),
}
