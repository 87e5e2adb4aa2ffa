//! What can be wrong with a message, each with Node's code and words for it.

/// Why bytes are no message of HTTP/1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.reason())]
#[non_exhaustive]
#[expect(missing_docs, reason = "what each one is stands in its reason")]
pub enum Fault {
    Method,
    MethodSpace,
    MethodOfSource,
    MethodOfHttp,
    Preface,
    UrlStart,
    UrlCharacter,
    UrlSchema,
    UrlServer,
    UrlAt,
    UrlPath,
    UrlQuery,
    UrlFragment,
    Protocol,
    ResponseProtocol,
    VersionDot,
    VersionMajor,
    VersionMinor,
    Version,
    VersionSpace,
    VersionEnd,
    VersionLineFeed,
    Status,
    StatusEnd,
    ReasonEnd,
    ReasonLineFeed,
    SpaceAfterStart,
    FieldToken,
    FieldCharacter,
    ValueCharacter,
    ValueContinued,
    ValueLineFeed,
    ValueReturn,
    HeadLineFeed,
    HeadTooLarge,
    LengthCharacter,
    LengthOverflow,
    LengthEmpty,
    LengthTwice,
    LengthAfterCoding,
    CodingAfterLength,
    CodingEmpty,
    CodingValue,
    CodingOpen,
    SizeCharacter,
    SizeOverflow,
    SizeReturn,
    SizeLineFeed,
    Extension,
    ExtensionName,
    ExtensionNameReturn,
    ExtensionValue,
    ExtensionValueReturn,
    ExtensionQuoted,
    ExtensionEscape,
    ExtensionAfterQuote,
    ExtensionsTooLarge,
    DataReturn,
    DataLineFeed,
    /// The connection ended within the message.
    Ended,
}

impl Fault {
    /// Node's code, which stays the same between releases.
    pub fn code(self) -> &'static str {
        self.says().0
    }

    /// Node's words.
    pub fn reason(self) -> &'static str {
        self.says().1
    }

    /// Whether Node counts the byte that is wrong as parsed.
    pub(crate) fn is_behind(self) -> bool {
        matches!(
            self,
            Self::UrlCharacter
                | Self::Version
                | Self::VersionEnd
                | Self::SpaceAfterStart
                | Self::FieldCharacter
                | Self::LengthOverflow
                | Self::CodingValue
                | Self::SizeOverflow
                | Self::SizeReturn
                | Self::Extension
                | Self::ExtensionName
                | Self::ExtensionValue
                | Self::ExtensionQuoted
                | Self::DataReturn
        )
    }

    fn says(self) -> (&'static str, &'static str) {
        const METHOD: &str = "HPE_INVALID_METHOD";
        const URL: &str = "HPE_INVALID_URL";
        const VERSION: &str = "HPE_INVALID_VERSION";
        const CONSTANT: &str = "HPE_INVALID_CONSTANT";
        const STRICT: &str = "HPE_STRICT";
        const TOKEN: &str = "HPE_INVALID_HEADER_TOKEN";
        const LENGTH: &str = "HPE_INVALID_CONTENT_LENGTH";
        const CODING: &str = "HPE_INVALID_TRANSFER_ENCODING";
        const SIZE: &str = "HPE_INVALID_CHUNK_SIZE";
        const CR: &str = "HPE_CR_EXPECTED";
        match self {
            Self::Method => (METHOD, "Invalid method encountered"),
            Self::MethodSpace => (METHOD, "Expected space after method"),
            Self::MethodOfSource => (CONSTANT, "Expected SOURCE method for ICE/x.x request"),
            Self::MethodOfHttp => (CONSTANT, "Invalid method for HTTP/x.x request"),
            Self::Preface => (VERSION, "Expected HTTP/2 Connection Preface"),
            Self::UrlStart => (URL, "Unexpected start char in url"),
            Self::UrlCharacter => (URL, "Invalid characters in url"),
            Self::UrlSchema => (URL, "Unexpected char in url schema"),
            Self::UrlServer => (URL, "Unexpected char in url server"),
            Self::UrlAt => (URL, "Double @ in url"),
            Self::UrlPath => (URL, "Invalid char in url path"),
            Self::UrlQuery => (URL, "Invalid char in url query"),
            Self::UrlFragment => (URL, "Invalid char in url fragment start"),
            Self::Protocol => (CONSTANT, "Expected HTTP/, RTSP/ or ICE/"),
            Self::ResponseProtocol => (CONSTANT, "Expected HTTP/, RTSP/ or ICE/"),
            Self::VersionDot => (VERSION, "Expected dot"),
            Self::VersionMajor => (VERSION, "Invalid major version"),
            Self::VersionMinor => (VERSION, "Invalid minor version"),
            Self::Version => (VERSION, "Invalid HTTP version"),
            Self::VersionSpace => (VERSION, "Expected space after version"),
            Self::VersionEnd => (VERSION, "Expected CRLF after version"),
            Self::VersionLineFeed => (STRICT, "Expected CRLF after version"),
            Self::Status => ("HPE_INVALID_STATUS", "Invalid status code"),
            Self::StatusEnd => ("HPE_INVALID_STATUS", "Invalid response status"),
            Self::ReasonEnd => (CR, "Missing expected CR after response line"),
            Self::ReasonLineFeed => (STRICT, "Expected LF after CR"),
            Self::SpaceAfterStart => ("HPE_UNEXPECTED_SPACE", "Unexpected space after start line"),
            Self::FieldToken => (TOKEN, "Invalid header token"),
            Self::FieldCharacter => (TOKEN, "Invalid header field char"),
            Self::ValueCharacter => (TOKEN, "Invalid header value char"),
            Self::ValueContinued => (TOKEN, "Unexpected whitespace after header value"),
            Self::ValueLineFeed => ("HPE_LF_EXPECTED", "Missing expected LF after header value"),
            Self::ValueReturn => (CR, "Missing expected CR after header value"),
            Self::HeadLineFeed => (STRICT, "Expected LF after headers"),
            Self::HeadTooLarge => ("HPE_HEADER_OVERFLOW", "Header overflow"),
            Self::LengthCharacter => (LENGTH, "Invalid character in Content-Length"),
            Self::LengthOverflow => (LENGTH, "Content-Length overflow"),
            Self::LengthEmpty => (LENGTH, "Empty Content-Length"),
            Self::LengthTwice => ("HPE_UNEXPECTED_CONTENT_LENGTH", "Duplicate Content-Length"),
            Self::LengthAfterCoding => {
                (LENGTH, "Content-Length can't be present with Transfer-Encoding")
            }
            Self::CodingAfterLength => {
                (CODING, "Transfer-Encoding can't be present with Content-Length")
            }
            Self::CodingEmpty => (CODING, "Empty Transfer-Encoding"),
            Self::CodingValue => (CODING, "Invalid `Transfer-Encoding` header value"),
            Self::CodingOpen => (CODING, "Request has invalid `Transfer-Encoding`"),
            Self::SizeCharacter => (SIZE, "Invalid character in chunk size"),
            Self::SizeOverflow => (SIZE, "Chunk size overflow"),
            Self::SizeReturn => (CR, "Missing expected CR after chunk size"),
            Self::SizeLineFeed => (STRICT, "Expected LF after chunk size"),
            Self::Extension => (STRICT, "Invalid character in chunk extensions"),
            Self::ExtensionName => (STRICT, "Invalid character in chunk extensions name"),
            Self::ExtensionNameReturn => (CR, "Missing expected CR after chunk extension name"),
            Self::ExtensionValue => (STRICT, "Invalid character in chunk extensions value"),
            Self::ExtensionValueReturn => (CR, "Missing expected CR after chunk extension value"),
            Self::ExtensionQuoted => (STRICT, "Invalid character in chunk extensions quoted value"),
            Self::ExtensionEscape => {
                (STRICT, "Invalid quoted-pair in chunk extensions quoted value")
            }
            Self::ExtensionAfterQuote => {
                (STRICT, "Invalid character in chunk extensions quote value")
            }
            Self::ExtensionsTooLarge => {
                ("HPE_CHUNK_EXTENSIONS_OVERFLOW", "Chunk extensions overflow")
            }
            Self::DataReturn => (CR, "Missing expected CR after chunk data"),
            Self::DataLineFeed => (STRICT, "Expected LF after chunk data"),
            Self::Ended => ("HPE_INVALID_EOF_STATE", "Invalid EOF state"),
        }
    }
}
