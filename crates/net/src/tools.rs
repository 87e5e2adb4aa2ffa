//! Tools: host functions that somebody else carries out, at a URL. The arguments are posted as JSON, and the answer's
//! JSON is the value.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use hyper::body::Bytes;
use sandtide_engine::{HostError, HostFunction, Value};
use tokio::task::spawn_blocking;

use crate::{
    client::Network,
    exchange::{NetError, Sent, url_of},
    fetch::in_task,
    hosts::{Rules, Target},
    run::Account,
};

/// Bytes of what a tool says of its failure that scripts see.
const MOST_OF_A_MESSAGE: usize = 1 << 10;

/// Bytes of an answer, whose JSON takes many times as many when it is read.
const MOST_OF_AN_ANSWER: usize = 1 << 20;

/// Where a tool is, and how long a call of it may take.
#[derive(Clone, Debug)]
pub struct Tool {
    url: url::Url,
    target: Target,
    time: Duration,
    /// Sent with each call.
    headers: HeaderMap,
}

impl Tool {
    /// A tool at a URL, whose calls may take `time` each.
    ///
    /// # Errors
    /// [`NetError::Url`] for what is no URL of http or https without a name and a password.
    pub fn new(url: &str, time: Duration) -> Result<Tool, NetError> {
        let (url, target) = url_of(url)?;
        Ok(Tool { url, target, time, headers: HeaderMap::new() })
    }

    /// Sends a header with each call: who asks, for instance.
    ///
    /// # Errors
    /// [`NetError::Request`] for a value that is none of HTTP's.
    pub fn header(mut self, name: &'static str, value: &str) -> Result<Tool, NetError> {
        let bad = |_| NetError::Request("header");
        let value = HeaderValue::from_str(value).map_err(bad)?;
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    /// Whether the rules let its host pass. The address is looked at when it is called.
    ///
    /// # Errors
    /// The rule that does not.
    pub fn check(&self, rules: &Rules) -> Result<(), NetError> {
        Ok(rules.check_host(&self.target)?)
    }
}

impl Network {
    /// A function of this name that posts its arguments to the tool: `{"tool": NAME, "arguments": […]}`. An
    /// answer of status 200 is the value, as JSON of at most 1 MiB; 204 is `undefined`; any other is an `Error`
    /// with the text of `{"error": {"message"}}` where it has one. Redirects are not followed. Each run has an
    /// account of its own.
    #[must_use]
    pub fn tool(&self, name: impl Into<String>, tool: Tool, rules: Rules) -> HostFunction {
        let name: Arc<str> = name.into().into();
        let (network, tool, rules) = (self.for_one(), Arc::new(tool), Arc::new(rules));
        let called = name.to_string();
        HostFunction::new_per_cause(called, move |cause| {
            let account = Arc::new(Account::new(network.limits, cause));
            let (network, tool, rules) = (network.clone(), Arc::clone(&tool), Arc::clone(&rules));
            let name = Arc::clone(&name);
            move |args: Vec<Value>| {
                let (network, tool, rules) =
                    (network.clone(), Arc::clone(&tool), Arc::clone(&rules));
                let (name, account) = (Arc::clone(&name), Arc::clone(&account));
                async move {
                    let (runtime, time) = (network.runtime.clone(), tool.time);
                    let called = Arc::clone(&name);
                    let done = in_task(&runtime, time, async move {
                        network.call(&tool, &rules, &account, &called, args).await
                    });
                    let failed = |error| HostError::named("Error", format!("{name}: {error}"));
                    done.wait().await.map_err(failed)
                }
            }
        })
    }

    async fn call(
        &self,
        tool: &Tool,
        rules: &Rules,
        account: &Account,
        name: &str,
        args: Vec<Value>,
    ) -> Result<Value, NetError> {
        let body = body(name, args);
        let limit = account.limits.request_bytes;
        if body.len() > limit {
            return Err(NetError::RequestTooLarge { limit });
        }
        account.begin()?;
        account.take(body.len())?;
        let _turn = account.turns.acquire().await;
        let mut headers = tool.headers.clone();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let body = Some(Bytes::from(body));
        let request = Sent { method: Method::POST, url: tool.url.clone(), headers, body };
        let answer = self.send(rules, &request, &tool.target, account.trace.as_ref()).await?;
        let status = answer.parts.status.as_u16();
        let bytes =
            answer.read(account, account.limits.answer_bytes.min(MOST_OF_AN_ANSWER)).await?;
        match status {
            204 => Ok(Value::Undefined),
            200 => {
                let read = spawn_blocking(move || {
                    let text = std::str::from_utf8(&bytes).ok();
                    text.and_then(|text| Value::from_json(text).ok())
                });
                let value = read.await.ok().flatten();
                value.ok_or_else(|| NetError::Tool("no JSON".to_owned()))
            }
            _ => Err(NetError::Tool(match message(&bytes) {
                Some(message) => format!("{status}: {message}"),
                None => format!("with status {status}"),
            })),
        }
    }
}

fn body(name: &str, args: Vec<Value>) -> Vec<u8> {
    let mut text = String::from("{\"tool\":");
    // Writing text to memory cannot fail.
    text.push_str(&serde_json::to_string(name).unwrap_or_default());
    text.push_str(",\"arguments\":");
    text.push_str(&Value::Array(args).to_json());
    text.push('}');
    text.into_bytes()
}

fn message(bytes: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let message = answer.get("error")?.get("message")?.as_str()?;
    Some(message[..message.floor_char_boundary(MOST_OF_A_MESSAGE)].to_owned())
}
