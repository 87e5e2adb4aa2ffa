//! `internalBinding('zlib')`: streams that compress and decompress, and CRC-32.
//!
//! A stream is a closure over its Rust state; it takes bytes and gives what they become. Formats are
//! Node's numbers for them.

use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use rquickjs::{Array, Ctx, Exception, Function, Object, Result, Value};
use sandtide_bytes as bytes;

const DEFLATE: u8 = 1;
const INFLATE: u8 = 2;
const GZIP: u8 = 3;
const GUNZIP: u8 = 4;
const DEFLATE_RAW: u8 = 5;
const UNZIP: u8 = 7;

const OK: i32 = 0;
const STREAM_END: i32 = 1;
const NEED_DICTIONARY: i32 = 2;
const STREAM_ERROR: i32 = -2;
const DATA_ERROR: i32 = -3;

/// The output grows by this much at a time.
const CHUNK: usize = 64 * 1024;

/// The first byte of a gzip member.
const GZIP_MAGIC: u8 = 0x1f;

enum Codec {
    Compress(Compress),
    Decompress(Decompress),
    /// Of `UNZIP`, until the first byte tells the format.
    Unknown,
}

struct Stream {
    format: u8,
    window_bits: u8,
    dictionary: Option<Vec<u8>>,
    codec: Codec,
    ended: bool,
}

/// What came of some input.
struct Step {
    output: Vec<u8>,
    consumed: usize,
    status: i32,
    message: Option<String>,
}

impl Stream {
    fn new(format: u8, level: u32, window_bits: u8, dictionary: Option<Vec<u8>>) -> Self {
        let level = Compression::new(level);
        let codec = match format {
            DEFLATE => Codec::Compress(Compress::new_with_window_bits(level, true, window_bits)),
            GZIP => Codec::Compress(Compress::new_gzip(level, window_bits)),
            DEFLATE_RAW => {
                Codec::Compress(Compress::new_with_window_bits(level, false, window_bits))
            }
            UNZIP => Codec::Unknown,
            _ => Codec::Decompress(decompressor(format, window_bits)),
        };
        let mut stream = Self { format, window_bits, dictionary, codec, ended: false };
        stream.preset_dictionary();
        stream
    }

    /// Raw deflate and compression take the dictionary at once, zlib's format when it asks for it.
    fn preset_dictionary(&mut self) {
        let Some(dictionary) = &self.dictionary else { return };
        // One that is refused is told of by the data that need it.
        let _ = match &mut self.codec {
            Codec::Compress(compress) if self.format != GZIP => {
                compress.set_dictionary(dictionary).is_ok()
            }
            Codec::Decompress(decompress) if self.format > DEFLATE_RAW => {
                decompress.set_dictionary(dictionary).is_ok()
            }
            _ => false,
        };
    }

    fn write(&mut self, input: &[u8], flush: u8, limit: usize) -> Step {
        if matches!(self.codec, Codec::Unknown) {
            let Some(&first) = input.first() else { return Step::nothing() };
            self.format = if first == GZIP_MAGIC { GUNZIP } else { INFLATE };
            self.codec = Codec::Decompress(decompressor(self.format, self.window_bits));
        }
        let mut step = Step::nothing();
        while !self.ended && step.output.len() <= limit {
            let room = step.output.capacity() - step.output.len();
            if room == 0 {
                step.output.reserve(CHUNK);
            }
            let (before, written) = (step.consumed, step.output.len());
            let rest = &input[step.consumed..];
            let done = match &mut self.codec {
                Codec::Compress(compress) => {
                    let total = compress.total_in();
                    let done = compress
                        .compress_vec(rest, &mut step.output, flush_of(flush))
                        .map_err(|_| (STREAM_ERROR, None));
                    step.consumed += moved(total, compress.total_in());
                    done
                }
                Codec::Decompress(decompress) => {
                    let total = decompress.total_in();
                    // Whether all is there is for the caller to say, so never `Finish`.
                    let done = decompress.decompress_vec(
                        rest,
                        &mut step.output,
                        FlushDecompress::Sync,
                    );
                    step.consumed += moved(total, decompress.total_in());
                    match done {
                        Err(error) if error.needs_dictionary().is_some() => {
                            match &self.dictionary {
                                None => Err((NEED_DICTIONARY, Some("Missing dictionary".into()))),
                                Some(dictionary) => decompress
                                    .set_dictionary(dictionary)
                                    .map(|_| Status::Ok)
                                    .map_err(|_| (NEED_DICTIONARY, Some("Bad dictionary".into()))),
                            }
                        }
                        other => other.map_err(|error| {
                            (DATA_ERROR, error.message().map(ToOwned::to_owned))
                        }),
                    }
                }
                Codec::Unknown => break,
            };
            match done {
                Err((status, message)) => {
                    (step.status, step.message) = (status, message);
                    return step;
                }
                Ok(Status::StreamEnd) if self.another_member(&input[step.consumed..]) => {}
                Ok(Status::StreamEnd) => self.ended = true,
                Ok(_) => {
                    let full = step.output.len() == step.output.capacity();
                    let stuck = step.consumed == before && step.output.len() == written;
                    if !full && (stuck || step.consumed == input.len()) {
                        break;
                    }
                }
            }
        }
        if self.ended {
            step.status = STREAM_END;
        }
        step
    }

    /// After a gzip member may come another, and begins with the next byte that is not zero.
    fn another_member(&mut self, rest: &[u8]) -> bool {
        if self.format != GUNZIP || rest.first().is_none_or(|&byte| byte == 0) {
            return false;
        }
        self.codec = Codec::Decompress(decompressor(GUNZIP, self.window_bits));
        true
    }
}

impl Step {
    fn nothing() -> Self {
        Self { output: Vec::new(), consumed: 0, status: OK, message: None }
    }
}

fn decompressor(format: u8, window_bits: u8) -> Decompress {
    match format {
        INFLATE => Decompress::new_with_window_bits(true, window_bits),
        GUNZIP => Decompress::new_gzip(window_bits),
        _ => Decompress::new_with_window_bits(false, window_bits),
    }
}

fn flush_of(flush: u8) -> FlushCompress {
    match flush {
        0 => FlushCompress::None,
        1 => FlushCompress::Partial,
        3 => FlushCompress::Full,
        4 => FlushCompress::Finish,
        _ => FlushCompress::Sync,
    }
}

fn moved(before: u64, after: u64) -> usize {
    usize::try_from(after - before).unwrap_or(0)
}

/// `write(bytes, flush, limit)` of a new stream: `[output, consumed, status, message]`.
fn create_stream<'js>(
    ctx: Ctx<'js>,
    format: u8,
    level: u32,
    window_bits: u8,
    dictionary: Value<'js>,
) -> Result<Function<'js>> {
    let stream = Stream::new(format, level, window_bits, bytes::to_vec(&dictionary));
    let state = RefCell::new(Some(stream));
    Function::new(ctx, move |ctx: Ctx<'js>, data: Value<'js>, flush: u8, limit: f64| {
        write(&ctx, &state, &data, flush, limit)
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates"
)]
fn write<'js>(
    ctx: &Ctx<'js>,
    state: &RefCell<Option<Stream>>,
    data: &Value<'js>,
    flush: u8,
    limit: f64,
) -> Result<Array<'js>> {
    // What reads the bytes may hold no borrow of the state, so the stream goes there and comes back.
    let taken = state.borrow_mut().take();
    let Some(mut stream) = taken else {
        return Err(Exception::throw_message(ctx, "The stream is in use"));
    };
    let done = bytes::with_bytes(data, move |data| {
        let step = stream.write(data, flush, limit as usize);
        (stream, step)
    });
    let Some((stream, step)) = done else {
        return Err(Exception::throw_type(ctx, "The bytes are detached"));
    };
    *state.borrow_mut() = Some(stream);
    let answer = Array::new(ctx.clone())?;
    let mut output = step.output;
    output.shrink_to_fit();
    answer.set(0, bytes::array_buffer(ctx, output)?)?;
    answer.set(1, step.consumed)?;
    answer.set(2, step.status)?;
    answer.set(3, step.message)?;
    Ok(answer)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lib/ has checked the range"
)]
/// CRC-32 of more bytes. A number of JavaScript: 32 bits without a sign do not fit its small integers.
fn crc32(ctx: Ctx<'_>, data: Value<'_>, initial: f64) -> Result<f64> {
    bytes::with_bytes(&data, move |data| {
        let mut hasher = crc32fast::Hasher::new_with_initial(initial as u32);
        hasher.update(data);
        f64::from(hasher.finalize())
    })
    .ok_or_else(|| Exception::throw_type(&ctx, "The bytes are detached"))
}

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    binding.set("createStream", Function::new(ctx.clone(), create_stream)?)?;
    binding.set("crc32", Function::new(ctx.clone(), crc32)?)?;
    Ok(binding)
}
