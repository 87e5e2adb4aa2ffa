//! What a host gives each realm of a runtime beside the language: properties that are made when a program
//! first looks at one of them, native functions by number, and code of the host's that is compiled once.

use crate::{callback::guarded, debug, ffi};
use rquickjs::{Ctx, Exception, Function, Object, Result, Value, qjs};
use std::{
    ffi::{CString, c_int},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::{self, NonNull},
    slice,
    sync::OnceLock,
};

/// A property that realms have, made with all others when one of them is first looked at.
#[derive(Clone, Copy, Debug)]
pub struct LazyGlobal {
    /// The constructor in whose prototype it is (`Number`; `TypedArray` for what all of these have in
    /// common); `None` for a global.
    pub owner: Option<&'static str>,
    /// Its name.
    pub name: &'static str,
    /// What the object that [`Host::make`] answers has it by.
    pub key: &'static str,
}

/// What is called for a realm's properties, and for numbers of functions.
#[derive(Debug)]
pub struct Host {
    /// The properties, in the order in which they are defined.
    pub globals: fn() -> Vec<LazyGlobal>,
    /// Makes the object with the values of all of them, in the realm of the context.
    pub make: for<'js> fn(&Ctx<'js>) -> Result<Object<'js>>,
    /// Calls the function of a number.
    pub call: for<'js> fn(&Ctx<'js>, i32, Vec<Value<'js>>) -> Result<Value<'js>>,
}

static HOST: OnceLock<&'static Host> = OnceLock::new();

/// C's view of [`Host`], which is there as long as the process.
pub(crate) fn describe(host: &'static Host) -> &'static ffi::RawHost {
    struct Raw(ffi::RawHost);
    // SAFETY: the pointers in it are to memory that is never changed nor given back.
    unsafe impl Sync for Raw {}
    // SAFETY: as above.
    unsafe impl Send for Raw {}
    static RAW: OnceLock<Raw> = OnceLock::new();
    HOST.get_or_init(|| host);
    let raw = RAW.get_or_init(|| {
        let text = |text: &str| CString::new(text).unwrap_or_default().into_raw().cast_const();
        let lazy: Vec<ffi::RawLazyGlobal> = (host.globals)()
            .iter()
            .map(|global| ffi::RawLazyGlobal {
                owner: global.owner.map_or(ptr::null(), text),
                name: text(global.name),
                key: text(global.key),
            })
            .collect();
        let lazy = Vec::leak(lazy);
        Raw(ffi::RawHost { lazy: lazy.as_ptr(), lazy_count: lazy.len() as u32, make_lazy, call })
    });
    &raw.0
}

/// Gives the engine what a function of ours answered, or has it throw.
fn give(ctx: &Ctx<'_>, result: Result<Value<'_>>) -> qjs::JSValue {
    let raw = ctx.as_raw().as_ptr();
    match result {
        // SAFETY: context and value are live; the count that is added is the engine's.
        Ok(value) => unsafe { qjs::JS_DupValue(raw, value.as_raw()) },
        Err(error) => {
            if !error.is_exception() {
                Exception::throw_message(ctx, &error.to_string());
            }
            qjs::JS_EXCEPTION
        }
    }
}

/// `ctx` must be live, and its runtime this thread's, while the function runs.
unsafe fn with_context(
    ctx: *mut qjs::JSContext,
    body: impl for<'js> FnOnce(&Ctx<'js>) -> qjs::JSValue,
) -> qjs::JSValue {
    let Some(raw) = NonNull::new(ctx) else { return qjs::JS_EXCEPTION };
    guarded(|| {
        // SAFETY: by the function's own contract; the context is counted for as long as it is used.
        body(&unsafe { Ctx::from_raw(raw) })
    })
}

unsafe extern "C" fn make_lazy(ctx: *mut qjs::JSContext) -> qjs::JSValue {
    // SAFETY: the engine calls this in a realm that is alive.
    unsafe {
        with_context(ctx, |ctx| match HOST.get() {
            Some(host) => give(ctx, (host.make)(ctx).map(Object::into_value)),
            None => qjs::JS_EXCEPTION,
        })
    }
}

unsafe extern "C" fn call(
    ctx: *mut qjs::JSContext,
    argc: c_int,
    argv: *mut qjs::JSValue,
    number: c_int,
) -> qjs::JSValue {
    // SAFETY: the engine calls this in a realm that is alive, with as many values as it says, which it
    // holds meanwhile; each is counted once more for whoever is called.
    unsafe {
        with_context(ctx, |ctx| {
            let len = usize::try_from(argc).unwrap_or(0);
            let given = if len == 0 { &[] } else { slice::from_raw_parts(argv, len) };
            let raw = ctx.as_raw().as_ptr();
            let args = given
                .iter()
                .map(|&value| Value::from_raw(ctx.clone(), qjs::JS_DupValue(raw, value)))
                .collect();
            match HOST.get() {
                Some(host) => give(ctx, caught(ctx, || (host.call)(ctx, number, args))),
                None => qjs::JS_EXCEPTION,
            }
        })
    }
}

/// A panic of the host's own code ends its call, not the process: by then it holds nothing of the engine's,
/// and no frame of the engine's was passed through. The panic hook has written what it was.
fn caught<'js>(ctx: &Ctx<'js>, call: impl FnOnce() -> Result<Value<'js>>) -> Result<Value<'js>> {
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|_| Err(Exception::throw_internal(ctx, "a native function failed")))
}

/// `raw` must be a new value of `ctx`, or an exception of its runtime.
unsafe fn take<'js>(ctx: &Ctx<'js>, raw: qjs::JSValue) -> Result<Value<'js>> {
    // SAFETY: by the function's own contract.
    unsafe {
        if qjs::JS_IsException(raw) {
            return Err(rquickjs::Error::Exception);
        }
        Ok(Value::from_raw(ctx.clone(), raw))
    }
}

/// A function of the realm of `ctx` that calls [`Host::call`] with this number, from 0 to 32767.
///
/// # Errors
///
/// When the heap is full, or the runtime has no host ([`crate::install_with`]).
pub fn function<'js>(ctx: &Ctx<'js>, number: i32) -> Result<Function<'js>> {
    crate::assert_installed(ctx);
    // SAFETY: the runtime is prepared; what comes back is a new value of `ctx`.
    unsafe {
        let raw = ffi::sandtide_host_function(ctx.as_raw().as_ptr(), number);
        Function::from_value(take(ctx, raw)?)
    }
}

/// A function that makes the language's own functions anew: of a table and a name, or of a prototype's name.
/// With `uncurry` they take their `this` as the first argument.
///
/// # Errors
///
/// When the heap is full.
pub fn builtin<'js>(ctx: &Ctx<'js>, uncurry: bool) -> Result<Function<'js>> {
    // SAFETY: `ctx` is a live context; what comes back is a new value of it.
    unsafe {
        let raw = ffi::sandtide_new_builtin(ctx.as_raw().as_ptr(), uncurry);
        Function::from_value(take(ctx, raw)?)
    }
}

/// An object with the language's constructors and symbols in the realm of `ctx`, whatever programs made of
/// its global.
///
/// # Errors
///
/// When the heap is full.
pub fn first<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    // SAFETY: `ctx` is a live context; what comes back is a new value of it.
    unsafe { Object::from_value(take(ctx, ffi::sandtide_first(ctx.as_raw().as_ptr()))?) }
}

/// A script of the host's, compiled when it is first run and kept as bytes, outside of heaps.
#[derive(Debug)]
pub struct Code {
    /// What stacks name it by.
    pub name: &'static str,
    /// Its text.
    pub source: &'static str,
    /// Whether its functions show their text; without it, reading the script takes less.
    pub shown: bool,
    /// The compiled script.
    bytes: OnceLock<Box<[u8]>>,
}

impl Code {
    /// A script that was not compiled yet.
    pub const fn new(name: &'static str, source: &'static str, shown: bool) -> Code {
        Code { name, source, shown, bytes: OnceLock::new() }
    }

    /// Runs it in the realm of `ctx`, and answers its value.
    ///
    /// # Errors
    ///
    /// What it throws, or when the heap is full.
    pub fn run<'js>(&self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        let raw = ctx.as_raw().as_ptr();
        if self.bytes.get().is_none() {
            let compiled = debug::compile_own(ctx, || self.compile(ctx))?;
            self.bytes.get_or_init(|| compiled);
        }
        let bytes = self.bytes.get().map(Box::as_ref).unwrap_or_default();
        // SAFETY: the bytes are those that `compile` wrote in this process; nobody else can write to them.
        // The engine takes the code's count when it runs it.
        unsafe {
            let flags = qjs::JS_READ_OBJ_BYTECODE as c_int;
            let code = qjs::JS_ReadObject(raw, bytes.as_ptr(), bytes.len() as _, flags);
            if qjs::JS_IsException(code) {
                return Err(rquickjs::Error::Exception);
            }
            take(ctx, qjs::JS_EvalFunction(raw, code))
        }
    }

    fn compile(&self, ctx: &Ctx<'_>) -> Result<Box<[u8]>> {
        let raw = ctx.as_raw().as_ptr();
        let (name, source) = (CString::new(self.name)?, CString::new(self.source)?);
        // SAFETY: `ctx` is live; both texts end with a zero byte. What the engine writes is copied, and freed
        // once, as is the code.
        unsafe {
            let flags = (qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_COMPILE_ONLY) as c_int;
            let len = self.source.len() as _;
            let code = qjs::JS_Eval(raw, source.as_ptr(), len, name.as_ptr(), flags);
            if qjs::JS_IsException(code) {
                return Err(rquickjs::Error::Exception);
            }
            let mut len = 0;
            let strip = if self.shown { 0 } else { qjs::JS_WRITE_OBJ_STRIP_SOURCE };
            let flags = (qjs::JS_WRITE_OBJ_BYTECODE | strip) as c_int;
            let written = qjs::JS_WriteObject(raw, &mut len, code, flags);
            qjs::JS_FreeValue(raw, code);
            if written.is_null() {
                return Err(rquickjs::Error::Exception);
            }
            let bytes = slice::from_raw_parts(written, len as usize).into();
            qjs::js_free(raw, written.cast());
            Ok(bytes)
        }
    }
}
