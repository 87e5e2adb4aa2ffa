//! What a script could do that owns its worker, as functions that workers of this program carry out
//! themselves. They exist in this test's program only.

use std::time::Duration;

use sandtide::{Error, HostError, Outcome, Value};
use sandtide_wire::FromWorker;
use sandtide_worker::LocalFunction;

pub(crate) const ALL: &[LocalFunction] = &[
    ("systemCall", system_call),
    ("writeToBroker", write_to_broker),
    ("spin", spin),
    ("flip", flip),
    ("end", end),
    ("executable", executable),
    ("abort", abort),
    ("crash", crash),
    ("answerAndThen", answer_and_then),
];

fn number(args: &[Value], index: usize) -> i64 {
    args.get(index).and_then(Value::as_f64).unwrap_or(0.0) as i64
}

/// Any call with any numbers.
fn system_call(args: Vec<Value>) -> Result<Value, HostError> {
    let [call, a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5, 6].map(|index| number(&args, index));
    // SAFETY: nothing is safe about it: that is what is tested, in a process made for it.
    let answer = unsafe { libc::syscall(call, a, b, c, d, e, f) };
    Ok(Value::Number(answer as f64))
}

/// Bytes on the channel, in the place of messages.
fn write_to_broker(args: Vec<Value>) -> Result<Value, HostError> {
    let Some(Value::Bytes(bytes)) = args.first() else {
        return Err(HostError::new("give bytes"));
    };
    // SAFETY: the bytes are readable, and the channel has this number.
    let sent = unsafe { libc::write(3, bytes.as_ptr().cast(), bytes.len()) };
    Ok(Value::Number(sent as f64))
}

/// Native code that never ends, which the watchdog does not leave.
fn spin(_: Vec<Value>) -> Result<Value, HostError> {
    loop {
        std::hint::spin_loop();
    }
}

/// Flips bits: a seed, how many, and then pairs of addresses between which they lie.
fn flip(args: Vec<Value>) -> Result<Value, HostError> {
    let mut seed = number(&args, 0) as u64;
    let mut random = move || {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let ranges = (args.len() - 2) / 2;
    for _ in 0..number(&args, 1) {
        let range = 2 + 2 * (random() as usize % ranges);
        let (start, end) = (number(&args, range) as u64, number(&args, range + 1) as u64);
        let address = start + random() % (end - start);
        let byte = address as *mut u8;
        // SAFETY: nothing is safe about it: that is what is tested, in a process made for it.
        unsafe { byte.write_volatile(byte.read_volatile() ^ (1 << (random() % 8))) };
    }
    Ok(Value::Undefined)
}

fn end(args: Vec<Value>) -> Result<Value, HostError> {
    // SAFETY: ends the process.
    unsafe { libc::_exit(number(&args, 0) as i32) }
}

/// Code of its own, by making a page of the heap executable.
fn executable(_: Vec<Value>) -> Result<Value, HostError> {
    let block = vec![0xc3_u8; 3 * 4096];
    let page = (block.as_ptr() as usize).next_multiple_of(4096);
    // SAFETY: the page lies in the block; the call is forbidden.
    let answer = unsafe { libc::mprotect(page as *mut _, 4096, libc::PROT_READ | libc::PROT_EXEC) };
    Ok(Value::Number(answer.into()))
}

fn abort(_: Vec<Value>) -> Result<Value, HostError> {
    std::process::abort()
}

/// Touches memory that is not there.
fn crash(_: Vec<Value>) -> Result<Value, HostError> {
    let nowhere = std::hint::black_box(8_usize) as *const u8;
    // SAFETY: nothing is safe about it: that is what is tested, in a process made for it.
    Ok(Value::Number(f64::from(unsafe { nowhere.read_volatile() })))
}

/// Answers the run of this number by a number for all that it took, and then does what it likes.
fn answer_and_then(args: Vec<Value>) -> Result<Value, HostError> {
    let (run, took) = (number(&args, 0) as u64, args.get(2).and_then(Value::as_f64).unwrap_or(0.0));
    let then = match args.get(1) {
        Some(Value::String(then)) => then.as_str(),
        _ => "",
    };
    let mut outcome = Outcome::failed(Error::HeapCorrupted);
    if then != "corrupted" {
        outcome.result = Ok(Value::from("answered"));
    }
    let usage = &mut outcome.usage;
    let time = Duration::from_nanos(took as u64);
    (usage.wall, usage.build, usage.cpu) = (time, time, time);
    (usage.timers, usage.restore) = (time, time);
    (usage.peak_heap, usage.bytes_restored) = (took as usize, took as usize);
    (usage.output, usage.logs, usage.jobs) = (took as usize, took as usize, took as u32);
    let mut bytes = Vec::new();
    let encoded = FromWorker::Done { run, outcome: Box::new(outcome) }.encode(&mut bytes);
    encoded.map_err(|error| HostError::new(error.to_string()))?;
    if then == "speak" {
        bytes.extend_from_slice(&[1, 0]);
    }
    write_to_broker(vec![Value::Bytes(bytes)])?;
    match then {
        "spin" => spin(Vec::new()),
        "burn" => {
            burn();
            listen()
        }
        "end" => end(vec![Value::from(3)]),
        "corrupted" => end(vec![Value::from(0)]),
        _ => listen(),
    }
}

/// Hears what it is told, and does nothing of it.
fn listen() -> Result<Value, HostError> {
    loop {
        let mut heard = [0_u8; 4096];
        // SAFETY: the buffer has this size, and the channel has this number.
        if unsafe { libc::read(3, heard.as_mut_ptr().cast(), heard.len()) } == 0 {
            end(vec![Value::from(0)])?;
        }
    }
}

/// Uses a processor for some milliseconds.
fn burn() {
    for _ in 0..300_000 {
        std::hint::spin_loop();
    }
}
