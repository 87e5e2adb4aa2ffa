//! The request that `sandtide run` gives a handler, and how its answer is printed.

use std::{fs, io::Read, path::PathBuf};

use clap::Args;
use sandtide::{HttpRequest, HttpResponse, Value};

const HANDLER: &str = "Handlers";

#[derive(Args)]
pub(crate) struct RequestArgs {
    /// Gives a handler (`export default { fetch(request, env, ctx) { … } }`) a request of this URL, and
    /// prints the body of what it answers
    #[arg(long, value_name = "URL", conflicts_with = "input", help_heading = HANDLER)]
    request: Option<String>,
    /// The request's method [default: GET, or POST with a body]
    #[arg(long, value_name = "METHOD", requires = "request", help_heading = HANDLER)]
    method: Option<String>,
    /// A header of the request. May be repeated
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header, requires = "request", help_heading = HANDLER)]
    headers: Vec<(String, String)>,
    /// A file with the request's body; `-` reads it from standard input
    #[arg(long, value_name = "FILE", requires = "request", help_heading = HANDLER)]
    body: Option<PathBuf>,
    /// A variable of the handler's `env`. May be repeated
    #[arg(long = "var", value_name = "NAME=TEXT", value_parser = var, requires = "request", help_heading = HANDLER)]
    vars: Vec<(String, String)>,
    /// Prints the answer's status and headers ahead of its body
    #[arg(long, requires = "request", help_heading = HANDLER)]
    include: bool,
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("is not of the form `Name: value`")?;
    let (name, value) = (name.trim(), value.trim());
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty()
        || !name.bytes().all(token)
        || value.chars().any(|c| c > '\u{ff}' || c.is_control())
    {
        return Err("is no header".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

fn var(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("is not of the form NAME=TEXT")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl RequestArgs {
    /// Whether a request is given.
    pub(crate) fn is_asked(&self) -> bool {
        self.request.is_some()
    }

    /// The request, where one was asked for.
    pub(crate) fn request(&self) -> Result<Option<HttpRequest>, String> {
        let Some(url) = &self.request else { return Ok(None) };
        let body = match &self.body {
            None => None,
            Some(path) if path.as_os_str() == "-" => {
                let mut bytes = Vec::new();
                let read = std::io::stdin().read_to_end(&mut bytes);
                read.map_err(|error| format!("cannot read standard input: {error}"))?;
                Some(bytes)
            }
            Some(path) => {
                let read = fs::read(path);
                Some(read.map_err(|error| format!("cannot read {}: {error}", path.display()))?)
            }
        };
        let method = self.method.as_deref().unwrap_or(match body {
            Some(_) => "POST",
            None => "GET",
        });
        let token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if method.is_empty() || !method.bytes().all(token) {
            return Err(format!("{method:?} is no method of HTTP"));
        }
        let vars = self.vars.iter();
        Ok(Some(HttpRequest {
            method: method.to_owned(),
            url: sandtide_net::whole_url(url).map_err(|error| format!("--request: {error}"))?,
            headers: self.headers.clone(),
            body,
            env: vars.map(|(name, text)| (name.clone(), Value::from(&**text))).collect(),
        }))
    }

    /// What is printed of an answer, as bytes.
    pub(crate) fn shown(&self, response: HttpResponse) -> Vec<u8> {
        let mut out = Vec::new();
        if self.include {
            let HttpResponse { status, status_text, headers, .. } = &response;
            out.extend(format!("{status} {status_text}").trim_end().bytes());
            out.push(b'\n');
            for (name, value) in headers {
                out.extend(name.bytes().chain(*b": "));
                out.extend(value.chars().map(|c| c as u8));
                out.push(b'\n');
            }
            out.push(b'\n');
        }
        out.extend(response.body);
        out
    }
}
