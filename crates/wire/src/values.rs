//! The engine's values, errors, limits and usage on the wire.

use sandtide_engine::{
    Error, Exception, Form, Frozen, GlobalsBack, HostError, HttpRequest, Input, Language, Limits,
    LogLevel, LogLine, Outcome, Request, Sampled, SampledFunction, SampledStack, Source,
    SyntaxError, Usage, Value,
};

use crate::codec::{Reader, Refused, Wire, alternatives, structure};

/// What each value counts beside its text, as in the output limit.
const EACH_VALUE: usize = 8;
/// What each line of a log takes beside its text.
pub(crate) const EACH_LINE: usize = size_of::<LogLine>();

/// Bytes that what is counted here takes as JSON, at most, for each of them: a text's byte six, and a value's
/// [`EACH_VALUE`] with a tag as much.
const AS_JSON: usize = 6;

structure!(Limits { wall, cpu, heap, stack, output, logs, jobs });
structure!(Source { text, file, line, language });
structure!(Frozen { seed, now_ms });

impl Wire for Value {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Value::Undefined => out.push(0),
            Value::Null => out.push(1),
            Value::Bool(false) => out.push(2),
            Value::Bool(true) => out.push(3),
            Value::Number(number) => tagged(4, number, out),
            Value::BigInt(digits) => tagged(5, &digits.as_str().to_owned(), out),
            Value::String(text) => tagged(6, text, out),
            Value::Array(items) => tagged(7, items, out),
            Value::Object(entries) => tagged(8, entries, out),
            Value::Bytes(bytes) => tagged(9, bytes, out),
            Value::ArrayBuffer(bytes) => tagged(10, bytes, out),
            Value::Date(time) => tagged(11, time, out),
            Value::Map(entries) => tagged(12, entries, out),
            Value::Set(items) => tagged(13, items, out),
            // The engine knows no other; one that it learns is to be added here first.
            _ => out.push(u8::MAX),
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        from.charge(EACH_VALUE)?;
        // Only what nests is read here: this calls itself, so that all it keeps counts 256 times.
        match from.byte()? {
            7 => from.deeper(Wire::take).map(Value::Array),
            8 => from.deeper(Wire::take).map(Value::Object),
            12 => from.deeper(Wire::take).map(Value::Map),
            13 => from.deeper(Wire::take).map(Value::Set),
            tag => flat(tag, from),
        }
    }
}

/// A value that holds no others.
#[inline(never)]
fn flat(tag: u8, from: &mut Reader<'_>) -> Result<Value, Refused> {
    Ok(match tag {
        0 => Value::Undefined,
        1 => Value::Null,
        2 => Value::Bool(false),
        3 => Value::Bool(true),
        4 => Value::Number(Wire::take(from)?),
        5 => {
            let digits = String::take(from)?;
            Value::BigInt(digits.parse().map_err(|_| Refused::Digits)?)
        }
        6 => Value::String(Wire::take(from)?),
        9 => Value::Bytes(Wire::take(from)?),
        10 => Value::ArrayBuffer(Wire::take(from)?),
        11 => Value::Date(Wire::take(from)?),
        tag => return Err(Refused::Tag { what: "value", tag }),
    })
}

fn tagged(tag: u8, value: &impl Wire, out: &mut Vec<u8>) {
    out.push(tag);
    value.put(out);
}

impl Wire for Input {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Input::Value(value) => tagged(0, value, out),
            Input::Json(json) => tagged(1, json, out),
            Input::Request(request) => tagged(2, &**request, out),
        }
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        match from.byte()? {
            0 => Ok(Input::Value(Wire::take(from)?)),
            1 => Ok(Input::Json(Wire::take(from)?)),
            2 => Ok(Input::Request(Box::new(Wire::take(from)?))),
            tag => Err(Refused::Tag { what: "input", tag }),
        }
    }
}

structure!(HttpRequest { method, url, headers, body, env });

alternatives!(Language, "language" {
    0 JavaScript
    1 TypeScript
    2 Tsx
    3 Jsx
});

impl Wire for Form {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(match self {
            Form::Function => 1,
            Form::Handler => 2,
            _ => 0,
        });
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        match from.byte()? {
            0 => Ok(Form::Classic),
            1 => Ok(Form::Function),
            2 => Ok(Form::Handler),
            tag => Err(Refused::Tag { what: "form", tag }),
        }
    }
}

impl Wire for GlobalsBack {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            GlobalsBack::None => out.push(0),
            GlobalsBack::Changed => out.push(1),
            GlobalsBack::Named(names) => tagged(2, names, out),
            GlobalsBack::ChangedData => out.push(3),
        }
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        match from.byte()? {
            0 => Ok(GlobalsBack::None),
            1 => Ok(GlobalsBack::Changed),
            2 => Ok(GlobalsBack::Named(Wire::take(from)?)),
            3 => Ok(GlobalsBack::ChangedData),
            tag => Err(Refused::Tag { what: "choice of globals", tag }),
        }
    }
}

/// Without what caused it, which is the host's affair, and its cancel token, the moment it counts from and its look at
/// the heap, which mean nothing in another process.
impl Wire for Request {
    fn put(&self, out: &mut Vec<u8>) {
        let Request {
            globals,
            input,
            source,
            globals_back,
            limits,
            frozen,
            time_zone,
            cause: _,
            cancel: _,
            since: _,
            look: _,
            sample,
        } = self;
        globals.put(out);
        input.put(out);
        source.put(out);
        globals_back.put(out);
        limits.put(out);
        frozen.put(out);
        time_zone.put(out);
        sample.put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        Ok(Request {
            globals: Wire::take(from)?,
            input: Wire::take(from)?,
            source: Wire::take(from)?,
            globals_back: Wire::take(from)?,
            limits: Wire::take(from)?,
            frozen: Wire::take(from)?,
            time_zone: Wire::take(from)?,
            cause: None,
            cancel: None,
            since: None,
            look: None,
            sample: Wire::take(from)?,
        })
    }
}

impl Wire for LogLine {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(match self.level {
            LogLevel::Debug => 0,
            LogLevel::Info => 2,
            LogLevel::Warn => 3,
            LogLevel::Error => 4,
            _ => 1,
        });
        self.text.put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        from.of_logs(take_line)
    }
}

fn take_line(from: &mut Reader<'_>) -> Result<LogLine, Refused> {
    from.charge(EACH_LINE)?;
    let level = match from.byte()? {
        0 => LogLevel::Debug,
        1 => LogLevel::Log,
        2 => LogLevel::Info,
        3 => LogLevel::Warn,
        4 => LogLevel::Error,
        tag => return Err(Refused::Tag { what: "level of a log line", tag }),
    };
    Ok(LogLine { level, text: Wire::take(from)? })
}

impl Wire for Usage {
    fn put(&self, out: &mut Vec<u8>) {
        for time in [self.wall, self.build, self.cpu, self.timers, self.restore] {
            time.put(out);
        }
        for bytes in [self.peak_heap, self.bytes_restored, self.output, self.logs] {
            bytes.put(out);
        }
        self.jobs.put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        let mut usage = Usage::default();
        for time in [
            &mut usage.wall,
            &mut usage.build,
            &mut usage.cpu,
            &mut usage.timers,
            &mut usage.restore,
        ] {
            *time = Wire::take(from)?;
        }
        for bytes in
            [&mut usage.peak_heap, &mut usage.bytes_restored, &mut usage.output, &mut usage.logs]
        {
            *bytes = Wire::take(from)?;
        }
        usage.jobs = Wire::take(from)?;
        Ok(usage)
    }
}

impl Wire for Outcome {
    fn put(&self, out: &mut Vec<u8>) {
        self.result.put(out);
        self.globals.put(out);
        self.logs.put(out);
        self.usage.put(out);
        self.sampled.put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        let mut outcome = Outcome::failed(Error::Cancelled);
        let (room, room_for_logs) = from.room();
        outcome.result = Wire::take(from)?;
        outcome.globals = Wire::take(from)?;
        outcome.logs = Wire::take(from)?;
        let (left, left_for_logs) = from.room();
        outcome.usage = Wire::take(from)?;
        // What came is known here, whatever is said of it.
        let held = |said: usize, came: usize| said.clamp(came, came.saturating_mul(AS_JSON));
        outcome.usage.output = held(outcome.usage.output, room - left);
        outcome.usage.logs = held(outcome.usage.logs, room_for_logs - left_for_logs);
        outcome.sampled = from.of_samples(Wire::take)?;
        Ok(outcome)
    }
}

/// What it holds is charged as well where it takes more memory than bytes on the wire.
impl Wire for Sampled {
    fn put(&self, out: &mut Vec<u8>) {
        self.functions.put(out);
        self.stacks.put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        // Where nobody asked for samples there is no room for any.
        from.charge(1)?;
        Ok(Sampled { functions: Wire::take(from)?, stacks: Wire::take(from)? })
    }
}

impl Wire for SampledFunction {
    fn put(&self, out: &mut Vec<u8>) {
        self.name.put(out);
        self.file.put(out);
        self.line.put(out);
        self.column.put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        from.charge(size_of::<SampledFunction>())?;
        Ok(SampledFunction {
            name: Wire::take(from)?,
            file: Wire::take(from)?,
            line: Wire::take(from)?,
            column: Wire::take(from)?,
        })
    }
}

impl Wire for SampledStack {
    fn put(&self, out: &mut Vec<u8>) {
        self.hits.put(out);
        self.line.put(out);
        self.functions.put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        from.charge(size_of::<SampledStack>())?;
        let (hits, line) = (Wire::take(from)?, Wire::take(from)?);
        let functions: Vec<u32> = Wire::take(from)?;
        from.charge(size_of_val(&*functions))?;
        Ok(SampledStack { hits, line, functions })
    }
}

/// What a sample's parts count as: a worker leaves out what has no room.
#[must_use]
pub fn sampled_bytes(function: Option<&SampledFunction>, stack: Option<&SampledStack>) -> usize {
    let of_function = |function: &SampledFunction| {
        size_of::<SampledFunction>() + function.name.len() + function.file.len()
    };
    let of_stack =
        |stack: &SampledStack| size_of::<SampledStack>() + size_of_val(&*stack.functions);
    function.map_or(0, of_function) + stack.map_or(0, of_stack)
}

impl Wire for HostError {
    fn put(&self, out: &mut Vec<u8>) {
        self.name.put(out);
        self.message.put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        let name = String::take(from)?;
        Ok(HostError::named(name, String::take(from)?))
    }
}

impl Wire for SyntaxError {
    fn put(&self, out: &mut Vec<u8>) {
        self.message.put(out);
        self.file.put(out);
        self.line.put(out);
        self.column.put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        let (message, file) = <(String, String)>::take(from)?;
        Ok(SyntaxError::new(message, file, Wire::take(from)?, Wire::take(from)?))
    }
}

impl Wire for Exception {
    fn put(&self, out: &mut Vec<u8>) {
        self.name.put(out);
        self.message.put(out);
        self.stack.put(out);
        self.file.put(out);
        self.line.put(out);
        self.column.put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        let mut thrown = Exception::default();
        thrown.name = Wire::take(from)?;
        thrown.message = Wire::take(from)?;
        thrown.stack = Wire::take(from)?;
        thrown.file = Wire::take(from)?;
        thrown.line = Wire::take(from)?;
        thrown.column = Wire::take(from)?;
        Ok(thrown)
    }
}

/// The names that limits have in errors.
const LIMITS: [&str; 7] =
    ["wall_ms", "cpu_ms", "heap_bytes", "stack_bytes", "output_bytes", "log_bytes", "limit"];

/// What is said of an error of the system that a worker told.
const IN_A_WORKER: &str = "in a worker";

impl Wire for Error {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Error::Syntax(at) => tagged(0, at, out),
            Error::Exception(thrown) => tagged(1, &**thrown, out),
            Error::WallTime { limit } => tagged(2, limit, out),
            Error::CpuTime { limit } => tagged(3, limit, out),
            Error::Heap { limit } => tagged(4, limit, out),
            Error::Stack { limit } => tagged(5, limit, out),
            Error::Output { limit } => tagged(6, limit, out),
            Error::Logs { limit } => tagged(7, limit, out),
            Error::Jobs { limit } => tagged(8, limit, out),
            Error::Cancelled => out.push(9),
            Error::NeverSettled => out.push(10),
            Error::NotCrossable { path, what } => tagged(11, &(path.clone(), what.clone()), out),
            Error::InvalidJson { what, message } => {
                tagged(12, &(what.clone(), message.clone()), out);
            }
            Error::InvalidLimit { name, given, min, max } => {
                out.push(13);
                let known = LIMITS.iter().position(|limit| limit == name);
                out.push(known.unwrap_or(LIMITS.len() - 1) as u8);
                given.put(out);
                min.put(out);
                max.put(out);
            }
            Error::NoDefaultExport { file } => tagged(14, file, out),
            Error::ModuleNotFound { specifier, from } => {
                tagged(15, &(specifier.clone(), from.clone()), out);
            }
            Error::NoScript => out.push(16),
            Error::WrongForm { message } => tagged(17, message, out),
            Error::HostPanic { name, message } => tagged(18, &(name.clone(), message.clone()), out),
            Error::InvalidClock { given } => tagged(19, given, out),
            Error::InvalidTimeZone { given } => tagged(22, given, out),
            Error::HeapCorrupted => out.push(20),
            // Written as it was read: `in a worker` is said of it once.
            Error::System { action: IN_A_WORKER, message } => tagged(21, message, out),
            // What is said of a worker is the broker's to say; a worker's other errors are the
            // system's.
            error => tagged(21, &error.to_string(), out),
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        Ok(match from.byte()? {
            0 => Error::Syntax(Wire::take(from)?),
            1 => Error::Exception(Box::new(Wire::take(from)?)),
            2 => Error::WallTime { limit: Wire::take(from)? },
            3 => Error::CpuTime { limit: Wire::take(from)? },
            4 => Error::Heap { limit: Wire::take(from)? },
            5 => Error::Stack { limit: Wire::take(from)? },
            6 => Error::Output { limit: Wire::take(from)? },
            7 => Error::Logs { limit: Wire::take(from)? },
            8 => Error::Jobs { limit: Wire::take(from)? },
            9 => Error::Cancelled,
            10 => Error::NeverSettled,
            11 => Error::NotCrossable { path: Wire::take(from)?, what: Wire::take(from)? },
            12 => Error::InvalidJson { what: Wire::take(from)?, message: Wire::take(from)? },
            13 => {
                let tag = from.byte()?;
                let name = LIMITS.get(usize::from(tag)).copied();
                Error::InvalidLimit {
                    name: name.ok_or(Refused::Tag { what: "limit", tag })?,
                    given: Wire::take(from)?,
                    min: Wire::take(from)?,
                    max: Wire::take(from)?,
                }
            }
            14 => Error::NoDefaultExport { file: Wire::take(from)? },
            15 => Error::ModuleNotFound { specifier: Wire::take(from)?, from: Wire::take(from)? },
            16 => Error::NoScript,
            17 => Error::WrongForm { message: Wire::take(from)? },
            18 => Error::HostPanic { name: Wire::take(from)?, message: Wire::take(from)? },
            19 => Error::InvalidClock { given: Wire::take(from)? },
            20 => Error::HeapCorrupted,
            21 => Error::System { action: IN_A_WORKER, message: Wire::take(from)? },
            22 => Error::InvalidTimeZone { given: Wire::take(from)? },
            tag => return Err(Refused::Tag { what: "error", tag }),
        })
    }
}
