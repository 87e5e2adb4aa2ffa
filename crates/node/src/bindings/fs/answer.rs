//! What operations on files give, and how it gets to JavaScript: at once, or to a callback.
//!
//! A failure is the system's error number, negative; no operation gives a negative number otherwise.

use std::{ffi::OsString, io, os::unix::ffi::OsStringExt as _, path::PathBuf};

use rquickjs::{Array, BigInt, Ctx, FromJs, Function, Value};
use rustix::io::Errno;

use crate::blocking;

/// The system's error number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure(pub(crate) i32);

impl From<Errno> for Failure {
    fn from(error: Errno) -> Self {
        Self(error.raw_os_error())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.raw_os_error().unwrap_or_else(|| match error.kind() {
            io::ErrorKind::InvalidInput => Errno::INVAL.raw_os_error(),
            _ => Errno::IO.raw_os_error(),
        }))
    }
}

pub(crate) enum Answer {
    Nothing,
    Number(f64),
    Bytes(Vec<u8>),
    /// A string: bytes that are not UTF-8 are replaced.
    Text(Vec<u8>),
    Numbers {
        values: Vec<i64>,
        bigint: bool,
    },
    Entries {
        names: Vec<Vec<u8>>,
        kinds: Vec<i32>,
        raw: bool,
    },
}

impl Answer {
    /// A name or a path, as bytes if `raw`.
    pub(crate) fn name(bytes: Vec<u8>, raw: bool) -> Self {
        if raw { Self::Bytes(bytes) } else { Self::Text(bytes) }
    }
}

pub(crate) type Outcome = Result<Answer, Failure>;

/// Runs `job` here and gives its answer, or elsewhere and gives it to `callback`.
pub(crate) fn answer<'js>(
    ctx: &Ctx<'js>,
    callback: Option<Function<'js>>,
    job: impl FnOnce() -> Outcome + Send + 'static,
) -> rquickjs::Result<Value<'js>> {
    let Some(callback) = callback else { return to_js(ctx, job()) };
    blocking::run(ctx, callback, job, to_js);
    Ok(Value::new_undefined(ctx.clone()))
}

pub(crate) fn to_js<'js>(ctx: &Ctx<'js>, outcome: Outcome) -> rquickjs::Result<Value<'js>> {
    match outcome {
        Err(Failure(number)) => Ok(Value::new_int(ctx.clone(), -number)),
        Ok(Answer::Nothing) => Ok(Value::new_undefined(ctx.clone())),
        Ok(Answer::Number(number)) => Ok(Value::new_number(ctx.clone(), number)),
        Ok(Answer::Bytes(bytes)) => Ok(sandtide_bytes::array_buffer(ctx, bytes)?.into_value()),
        Ok(Answer::Text(bytes)) => text(ctx, &bytes),
        Ok(Answer::Numbers { values, bigint }) => {
            let array = Array::new(ctx.clone())?;
            for (index, value) in values.into_iter().enumerate() {
                if bigint {
                    array.set(index, BigInt::from_i64(ctx.clone(), value)?)?;
                } else {
                    array.set(index, value as f64)?;
                }
            }
            Ok(array.into_value())
        }
        Ok(Answer::Entries { names, kinds, raw }) => {
            let array = Array::new(ctx.clone())?;
            for (index, name) in names.into_iter().enumerate() {
                if raw {
                    array.set(index, sandtide_bytes::array_buffer(ctx, name)?)?;
                } else {
                    array.set(index, text(ctx, &name)?)?;
                }
            }
            let both = Array::new(ctx.clone())?;
            both.set(0, array)?;
            both.set(1, kinds)?;
            Ok(both.into_value())
        }
    }
}

fn text<'js>(ctx: &Ctx<'js>, bytes: &[u8]) -> rquickjs::Result<Value<'js>> {
    let text = String::from_utf8_lossy(bytes);
    Ok(rquickjs::String::from_str(ctx.clone(), &text)?.into_value())
}

/// A path: a string, or the bytes of one.
pub(crate) struct PathArg(pub(crate) PathBuf);

impl<'js> FromJs<'js> for PathArg {
    fn from_js(_ctx: &Ctx<'js>, value: Value<'js>) -> rquickjs::Result<Self> {
        Ok(Self(PathBuf::from(OsString::from_vec(bytes(&value)?))))
    }
}

/// What is to be written: a string, which becomes UTF-8, or bytes.
pub(crate) struct Data(pub(crate) Vec<u8>);

impl<'js> FromJs<'js> for Data {
    fn from_js(_ctx: &Ctx<'js>, value: Value<'js>) -> rquickjs::Result<Self> {
        bytes(&value).map(Self)
    }
}

fn bytes(value: &Value<'_>) -> rquickjs::Result<Vec<u8>> {
    let Some(text) = value.as_string() else {
        return Ok(sandtide_bytes::to_vec(value).unwrap_or_default());
    };
    sandtide_bytes::with_wtf8(text, |bytes| match std::str::from_utf8(bytes) {
        Ok(_) => bytes.to_vec(),
        // A lone surrogate is three bytes here, and one replacement character there.
        Err(_) => surrogates_replaced(bytes),
    })
}

fn surrogates_replaced(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        if *first == 0xED && tail.first().is_some_and(|second| *second >= 0xA0) {
            out.extend_from_slice("\u{FFFD}".as_bytes());
            rest = rest.get(3..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

/// A file by its path or by its descriptor.
pub(crate) enum Target {
    Path(PathBuf),
    Fd(i32),
}

impl<'js> FromJs<'js> for Target {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> rquickjs::Result<Self> {
        match value.as_number() {
            Some(number) => Ok(Self::Fd(number as i32)),
            None => PathArg::from_js(ctx, value).map(|path| Self::Path(path.0)),
        }
    }
}
