//! An answer, ready to be sent. Knows nothing of sockets.

use std::{borrow::Cow, fmt::Write as _, pin::Pin, time::SystemTime};

use http::StatusCode;

use crate::flight::Permit;

/// A body that is made while it is sent.
pub(crate) trait Source: Send + Sync {
    /// What comes next; none at its end. May be dropped before it is ready, which loses nothing.
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Option<Vec<u8>>> + Send + '_>>;
}

/// Status, headers and body of one answer.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    /// `None` for an answer without a body; empty where its type is not said.
    pub(crate) content_type: Option<Cow<'static, str>>,
    /// Headers beside those that every answer has. Their values hold no line ends.
    pub(crate) headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    /// The body in pieces, none of them empty.
    pub(crate) body: Vec<Vec<u8>>,
    /// What the body goes on with, as long as it has more; such a body has no length, and ends its connection.
    pub(crate) source: Option<Box<dyn Source>>,
    /// The body's room among the bytes in flight.
    pub(crate) permit: Option<Permit>,
}

impl Response {
    pub(crate) fn new(
        status: StatusCode,
        content_type: impl Into<Cow<'static, str>>,
        body: Vec<Vec<u8>>,
    ) -> Self {
        Self {
            status,
            content_type: Some(content_type.into()),
            headers: Vec::new(),
            body,
            source: None,
            permit: None,
        }
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { content_type: None, ..Self::new(status, "", Vec::new()) }
    }

    pub(crate) fn header(
        mut self,
        name: &'static str,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Bytes of the body.
    pub(crate) fn length(&self) -> usize {
        self.body.iter().map(Vec::len).sum()
    }

    /// Bytes of its headers and its body that it has no room for among those in flight.
    pub(crate) fn uncounted(&self) -> usize {
        let headers: usize =
            self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        headers + if self.permit.is_some() { 0 } else { self.length() }
    }

    /// Gives each header, but none that is of a connection.
    pub(crate) fn each_field(&self, mut give: impl FnMut(&str, &str)) {
        if let Some(content_type) = &self.content_type {
            if !content_type.is_empty() {
                give("content-type", content_type);
            }
            if self.source.is_none() {
                give("content-length", itoa::Buffer::new().format(self.length()));
            }
            // What a script answers is a stranger's: a browser must not take it for a page.
            give("x-content-type-options", "nosniff");
        }
        // These two never have a body; of others a client would wait for one.
        let bare = matches!(self.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if self.content_type.is_none() && !bare {
            give("content-length", "0");
        }
        for (name, value) in &self.headers {
            give(name, value);
        }
        give("date", &httpdate::fmt_http_date(SystemTime::now()));
    }

    /// The text before the body.
    pub(super) fn head(&self, keep_alive: bool) -> Vec<u8> {
        let mut text = String::with_capacity(256);
        let reason = self.status.canonical_reason().unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(text, "HTTP/1.1 {} {reason}\r\n", self.status.as_u16());
        self.each_field(|name, value| {
            debug_assert!(!value.contains(['\r', '\n']));
            let _ = write!(text, "{name}: {value}\r\n");
        });
        text.push_str(if keep_alive { "\r\n" } else { "connection: close\r\n\r\n" });
        // A script's headers are bytes, one for each character; all others are ASCII.
        match text.chars().all(|c| c <= '\u{ff}') {
            true => text.chars().map(|c| c as u8).collect(),
            false => text.into_bytes(),
        }
    }
}
