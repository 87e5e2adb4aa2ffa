//! Messages: JSON texts with a number and a method, and their answers. Must not know any method.

use serde_json::{Map, Value, json};

/// What a client asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The client's number for it.
    pub id: i64,
    /// `Domain.method`.
    pub method: String,
    /// An object.
    pub params: Value,
}

/// An answer that is an error.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// As JSON-RPC numbers them.
    pub code: i64,
    /// What is wrong.
    pub message: String,
    /// More of it.
    pub data: Option<String>,
}

impl Fault {
    /// The text is no JSON.
    pub const PARSE: i64 = -32700;
    /// It is no request.
    pub const REQUEST: i64 = -32600;
    /// There is no such method.
    pub const METHOD: i64 = -32601;
    /// Its parameters are wrong.
    pub const PARAMS: i64 = -32602;
    /// It cannot be done.
    pub const SERVER: i64 = -32000;

    /// Of a code and a text.
    pub fn new(code: i64, message: impl Into<String>) -> Fault {
        Fault { code, message: message.into(), data: None }
    }

    /// It cannot be done, and why.
    pub fn server(message: impl Into<String>) -> Fault {
        Fault::new(Fault::SERVER, message)
    }

    /// A parameter is wrong, or not there.
    pub fn param(name: &str, what: &str) -> Fault {
        Fault {
            code: Fault::PARAMS,
            message: "Invalid parameters".to_owned(),
            data: Some(format!("Failed to deserialize params.{name} - {what}")),
        }
    }

    /// As the value of `error` in an answer.
    pub fn value(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(data) = &self.data {
            error["data"] = json!(data);
        }
        error
    }

    /// The answer to a request; without `id` to a text that is none.
    pub fn answer(&self, id: Option<i64>) -> String {
        match id {
            Some(id) => json!({ "id": id, "error": self.value() }).to_string(),
            None => json!({ "error": self.value() }).to_string(),
        }
    }
}

/// Reads a message. It may be anything: it comes from outside.
///
/// # Errors
/// What is wrong with it, and the number of the request if it has one.
pub fn decode(text: &str) -> Result<Request, (Option<i64>, Fault)> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| (None, Fault::new(Fault::PARSE, format!("JSON: {error}"))))?;
    let refuse = |id, message: &str| Err((id, Fault::new(Fault::REQUEST, message)));
    let Value::Object(mut fields) = value else {
        return refuse(None, "Message must be an object");
    };
    let Some(id) = fields.get("id").and_then(Value::as_i64) else {
        return refuse(None, "Message must have integer 'id' property");
    };
    let Some(Value::String(method)) = fields.remove("method") else {
        return refuse(Some(id), "Message must have string 'method' property");
    };
    let params = match fields.remove("params") {
        None | Some(Value::Null) => Value::Object(Map::new()),
        Some(params @ Value::Object(_)) => params,
        Some(_) => return refuse(Some(id), "Message has property 'params' that is no object"),
    };
    if fields.keys().any(|name| !matches!(name.as_str(), "id" | "sessionId")) {
        return refuse(
            Some(id),
            "Message has property other than 'id', 'method', 'sessionId', 'params'",
        );
    }
    Ok(Request { id, method, params })
}

/// Reads what `call` of the script of values answered.
///
/// # Errors
/// What it says is wrong, or that it is nothing that the script answers.
pub fn read_answer(answer: Option<&str>) -> Result<Option<Value>, Fault> {
    let Some(answer) = answer else { return Ok(None) };
    let mut answer: Value = serde_json::from_str(answer)
        .map_err(|error| Fault::server(format!("Internal error: {error}")))?;
    if let Some(error) = answer.get("error") {
        return Err(Fault {
            code: error["code"].as_i64().unwrap_or(Fault::SERVER),
            message: error["message"].as_str().unwrap_or_default().to_owned(),
            data: error["data"].as_str().map(str::to_owned),
        });
    }
    Ok(Some(answer["result"].take()))
}

/// An answer that is a result.
pub(crate) fn result(id: i64, result: &Value) -> String {
    json!({ "id": id, "result": result }).to_string()
}

/// An event.
pub(crate) fn event(method: &str, params: &Value) -> String {
    json!({ "method": method, "params": params }).to_string()
}

/// Parameters, read one by one.
pub(crate) struct Params<'a>(pub(crate) &'a Value);

impl<'a> Params<'a> {
    pub(crate) fn text(&self, name: &str) -> Result<&'a str, Fault> {
        self.optional_text(name)?.ok_or_else(|| Fault::param(name, "string value expected"))
    }

    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<&'a str>, Fault> {
        match &self.0[name] {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            _ => Err(Fault::param(name, "string value expected")),
        }
    }

    pub(crate) fn number(&self, name: &str) -> Result<u32, Fault> {
        self.optional_number(name)?.ok_or_else(|| Fault::param(name, "integer value expected"))
    }

    pub(crate) fn optional_number(&self, name: &str) -> Result<Option<u32>, Fault> {
        match &self.0[name] {
            Value::Null => Ok(None),
            value => match value.as_i64() {
                Some(number) => Ok(Some(u32::try_from(number.max(0)).unwrap_or(u32::MAX))),
                None => Err(Fault::param(name, "integer value expected")),
            },
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, Fault> {
        match &self.0[name] {
            Value::Bool(on) => Ok(*on),
            _ => Err(Fault::param(name, "boolean value expected")),
        }
    }

    pub(crate) fn object(&self, name: &str) -> Result<Params<'a>, Fault> {
        match &self.0[name] {
            value @ Value::Object(_) => Ok(Params(value)),
            _ => Err(Fault::param(name, "object expected")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> (Option<i64>, i64) {
        let (id, fault) = decode(text).expect_err(text);
        (id, fault.code)
    }

    #[test]
    fn what_is_no_request_is_told_with_its_number_where_it_has_one() {
        assert_eq!(code(""), (None, Fault::PARSE));
        assert_eq!(code("{"), (None, Fault::PARSE));
        assert_eq!(code("[]"), (None, Fault::REQUEST));
        assert_eq!(code(r#"{"method":"A.b"}"#), (None, Fault::REQUEST));
        assert_eq!(code(r#"{"id":1.5,"method":"A.b"}"#), (None, Fault::REQUEST));
        assert_eq!(code(r#"{"id":7}"#), (Some(7), Fault::REQUEST));
        assert_eq!(code(r#"{"id":7,"method":"A.b","params":[]}"#), (Some(7), Fault::REQUEST));
        assert_eq!(code(r#"{"id":7,"method":"A.b","more":1}"#), (Some(7), Fault::REQUEST));
    }

    #[test]
    fn a_request_may_lack_parameters() {
        let request = decode(r#"{"id":7,"method":"A.b"}"#).expect("it is one");
        assert_eq!(request, Request { id: 7, method: "A.b".into(), params: json!({}) });
    }

    #[test]
    fn text_that_is_nested_too_deeply_is_refused() {
        let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(code(&text), (None, Fault::PARSE));
    }
}
