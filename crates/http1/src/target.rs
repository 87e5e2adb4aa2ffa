//! The address in a request line.

use crate::Fault;

/// Where the reader of an address stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Start,
    Schema,
    Slash,
    SecondSlash,
    Server,
    ServerWithAt,
    Path,
    Query,
    Fragment,
}

/// How an address goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    More,
    /// The version follows.
    Space,
    /// Nothing follows: a request of HTTP/0.9.
    Return,
}

impl Target {
    pub(crate) fn new(to_connect: bool) -> Self {
        if to_connect { Self::Server } else { Self::Start }
    }

    /// Reads one byte.
    pub(crate) fn byte(&mut self, byte: u8) -> Result<Next, Fault> {
        let ends = matches!(
            self,
            Self::Server | Self::ServerWithAt | Self::Path | Self::Query | Self::Fragment
        );
        match byte {
            b' ' if ends => return Ok(Next::Space),
            b'\r' if ends => return Ok(Next::Return),
            b' ' | b'\t' | b'\r' | b'\n' | 0x0c if *self != Self::Start => {
                return Err(Fault::UrlCharacter);
            }
            _ => {}
        }
        let graphic = byte.is_ascii_graphic();
        *self = match self {
            Self::Start => match byte {
                b'/' | b'*' => Self::Path,
                _ if byte.is_ascii_alphabetic() => Self::Schema,
                _ => return Err(Fault::UrlStart),
            },
            Self::Schema => match byte {
                b':' => Self::Slash,
                _ if byte.is_ascii_alphabetic() => Self::Schema,
                _ => return Err(Fault::UrlSchema),
            },
            Self::Slash if byte == b'/' => Self::SecondSlash,
            Self::SecondSlash if byte == b'/' => Self::Server,
            Self::Slash | Self::SecondSlash => return Err(Fault::UrlSchema),
            Self::Server | Self::ServerWithAt => match byte {
                b'/' => Self::Path,
                b'?' => Self::Query,
                b'@' if *self == Self::ServerWithAt => return Err(Fault::UrlAt),
                b'@' => Self::ServerWithAt,
                _ if byte.is_ascii_alphanumeric() || b"-_.!~*'()%;:&=+$,[]".contains(&byte) => {
                    *self
                }
                _ => return Err(Fault::UrlServer),
            },
            Self::Path => match byte {
                b'?' => Self::Query,
                b'#' => Self::Fragment,
                _ if graphic => Self::Path,
                _ => return Err(Fault::UrlPath),
            },
            Self::Query => match byte {
                b'#' => Self::Fragment,
                _ if graphic => Self::Query,
                _ => return Err(Fault::UrlQuery),
            },
            Self::Fragment if graphic => Self::Fragment,
            Self::Fragment => return Err(Fault::UrlFragment),
        };
        Ok(Next::More)
    }
}
