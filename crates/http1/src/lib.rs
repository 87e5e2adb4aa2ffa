//! How messages of HTTP/1 are framed: where a head ends, what it says of the body's end, and where
//! the chunks of a body are. Works on bytes; knows nothing of sockets, of routes or of JavaScript.
//!
//! The grammar is as strict as that of Node 24: a line ends in a carriage return and a line feed and
//! in nothing else, a body has one length or ends in chunks, and what two readers could read in two
//! ways is a [`Fault`]. (`httparse` takes bare line feeds, empty sizes of chunks and any byte in
//! their extensions, and says of a fault only in which part of a head it is.) Whoever wants to take
//! less looks at what a [`Head`] says. Each byte is looked at once, however the bytes arrive.
#![forbid(unsafe_code)]

mod chunks;
mod fault;
mod fields;
mod framing;
mod head;
mod target;

pub use chunks::{Chunks, Step};
pub use fault::Fault;
pub use fields::{Field, Limits};
pub use framing::Framing;
pub use head::{Head, HeadReader};

/// The fields of trailers that were read before, with the empty line after them.
pub fn trailers(bytes: &[u8]) -> Option<Vec<Field>> {
    let limits = Limits { bytes: usize::MAX, fields: usize::MAX };
    let mut reader = fields::FieldReader::of_trailers(limits);
    let done = reader.read(bytes, &mut 0, &mut Framing::default());
    (done == Ok(true)).then_some(reader.list)
}

/// The bytes that names of methods and of headers are made of.
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The bytes that values of headers are made of.
pub(crate) fn is_value(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}
