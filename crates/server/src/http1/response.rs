//! An answer, ready to be sent. Knows nothing of sockets.

use std::{borrow::Cow, fmt::Write as _, time::SystemTime};

use http::StatusCode;

use crate::flight::Permit;

/// Status, headers and body of one answer.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    /// `None` for an answer without a body.
    pub(crate) content_type: Option<&'static str>,
    /// Headers beside those that every answer has. Their values hold no line ends.
    pub(crate) headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body in pieces, none of them empty.
    pub(crate) body: Vec<Vec<u8>>,
    /// The body's room among the bytes in flight.
    pub(crate) _permit: Option<Permit>,
}

impl Response {
    pub(crate) fn new(status: StatusCode, content_type: &'static str, body: Vec<Vec<u8>>) -> Self {
        Self { status, content_type: Some(content_type), headers: Vec::new(), body, _permit: None }
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { content_type: None, ..Self::new(status, "", Vec::new()) }
    }

    pub(crate) fn header(
        mut self,
        name: &'static str,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Bytes of the body.
    pub(crate) fn length(&self) -> usize {
        self.body.iter().map(Vec::len).sum()
    }

    /// The text before the body.
    pub(super) fn head(&self, keep_alive: bool) -> Vec<u8> {
        let mut text = String::with_capacity(256);
        let reason = self.status.canonical_reason().unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(text, "HTTP/1.1 {} {reason}\r\n", self.status.as_u16());
        if let Some(content_type) = self.content_type {
            // What a script answers is a stranger's: a browser must not take it for a page.
            let _ = write!(
                text,
                "content-type: {content_type}\r\ncontent-length: {}\r\nx-content-type-options: nosniff\r\n",
                self.length(),
            );
        }
        for (name, value) in &self.headers {
            debug_assert!(!value.contains(['\r', '\n']));
            let _ = write!(text, "{name}: {value}\r\n");
        }
        if !keep_alive {
            text.push_str("connection: close\r\n");
        }
        let _ = write!(text, "date: {}\r\n\r\n", httpdate::fmt_http_date(SystemTime::now()));
        text.into_bytes()
    }
}
