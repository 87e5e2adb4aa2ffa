//! One request of the host's own, to where a script may go: something is posted, and of the answer the status counts.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use hyper::body::Bytes;

use crate::{
    client::Network,
    exchange::{NetError, Sent, url_of},
    fetch::in_task,
    hosts::{Rules, Target},
    trace::Trace,
};

/// What is posted to a URL.
#[derive(Clone, Debug)]
pub struct Post {
    url: url::Url,
    target: Target,
    headers: HeaderMap,
}

impl Post {
    /// What is posted to this URL, as JSON.
    ///
    /// # Errors
    /// [`NetError::Url`] for what is no URL of http or https without a name and a password.
    pub fn new(url: &str) -> Result<Post, NetError> {
        let (url, target) = url_of(url)?;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(Post { url, target, headers })
    }

    /// Sends a header with it, in the place of a former one of the same name.
    ///
    /// # Errors
    /// [`NetError::Request`] for a value that is none of HTTP's.
    pub fn header(mut self, name: &'static str, value: &str) -> Result<Post, NetError> {
        let value = HeaderValue::from_str(value).map_err(|_| NetError::Request("header"))?;
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    /// Whether the rules let its host pass. The address is looked at when it is sent.
    ///
    /// # Errors
    /// The rule that does not.
    pub fn check(&self, rules: &Rules) -> Result<(), NetError> {
        Ok(rules.check_host(&self.target)?)
    }
}

impl Network {
    /// Sends it with this body to an address that the rules let pass, as a part of `trace`, and answers the status. Redirects are not
    /// followed, and the answer's body is not read. May be dropped, which ends it.
    ///
    /// # Errors
    /// The rule that refuses the address, [`NetError::Time`], and what keeps the host from answering.
    pub async fn post(
        &self,
        post: &Post,
        rules: &Rules,
        body: Vec<u8>,
        time: Duration,
        trace: Option<Trace>,
    ) -> Result<u16, NetError> {
        let Post { url, target, headers } = post.clone();
        // Names are looked up in turn with those of all that is posted.
        let (network, rules) = (self.clone(), rules.clone());
        let sent = in_task(&self.runtime, time, async move {
            let body = Some(Bytes::from(body));
            let request = Sent { method: Method::POST, url, headers, body };
            let answer = network.send(&rules, &request, &target, trace.as_ref()).await?;
            Ok(answer.parts.status.as_u16())
        });
        sent.wait().await
    }
}
