//! What a handler answered, as this server sends it. Knows nothing of sockets, nor of runs that answer values.

use std::sync::Arc;

use http::StatusCode;
use sandtide::{HttpResponse, Outcome};

use super::request::is_without_body;
use crate::{
    answer::{failure, no_room},
    error::ApiError,
    flight::Flight,
    http1::Response,
};

/// Headers that are this server's to say: of the connection, of the framing, of what pages of other origins may, and of
/// all that is at its address, other scripts included.
const OURS: [&str; 19] = [
    "accept-ch",
    "alt-svc",
    "clear-site-data",
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "nel",
    "proxy-authenticate",
    "proxy-connection",
    "report-to",
    "reporting-endpoints",
    "service-worker-allowed",
    "strict-transport-security",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-content-type-options",
];

/// A page that a script answers runs in the browser of whoever asked, at the address of this server. It is of no
/// origin, so that it can ask this server for nothing in that reader's name.
const PAGES: &str = "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts";

/// Writes what came of a handler's run.
pub(crate) fn outcome(flight: &Arc<Flight>, outcome: Outcome) -> Response {
    match outcome.result.map(HttpResponse::of) {
        Ok(Some(response)) => answered(flight, response),
        // Of a worker that its script has taken over.
        Ok(None) => failure(&ApiError::Internal),
        Err(error) => failure(&for_strangers(error.into())),
    }
}

/// Whoever asks a handler is a stranger to its script, and is told what failed by its code alone.
pub(crate) fn for_strangers(error: ApiError) -> ApiError {
    let code = error.code();
    let status = match &error {
        // Of the request itself, or of how much there is to do.
        ApiError::Malformed(_)
        | ApiError::ScriptNotFound { .. }
        | ApiError::NotAHandler(_)
        | ApiError::MethodNotAllowed { .. }
        | ApiError::BodyTooLarge { .. }
        | ApiError::BodyTimeout { .. }
        | ApiError::BytesInFlight
        | ApiError::OverQuota { .. }
        | ApiError::QueueFull(_)
        | ApiError::QueueTime { .. }
        | ApiError::Ending
        | ApiError::Internal => return error,
        // What making the script ready again came to may name its secrets and its hosts.
        other => other.status(),
    };
    // Whoever asks is not at fault.
    let status = if status.is_server_error() { status } else { StatusCode::INTERNAL_SERVER_ERROR };
    ApiError::Handler { code, status }
}

fn answered(flight: &Arc<Flight>, response: HttpResponse) -> Response {
    let HttpResponse { status, status_text: _, headers, mut body } = response;
    let Ok(status) = StatusCode::from_u16(status) else { return failure(&ApiError::Internal) };
    let mut content_type = String::new();
    let mut kept = Vec::with_capacity(headers.len() + 1);
    for (name, value) in headers {
        if name == "content-type" {
            content_type = value;
        } else if !OURS.contains(&&*name)
            && !name.starts_with("sandtide-")
            && !name.starts_with("access-control-")
        {
            kept.push((name.into(), value.into()));
        }
    }
    kept.push(("content-security-policy".into(), PAGES.into()));
    if is_without_body(status) {
        return Response { headers: kept, ..Response::empty(status) };
    }
    body.shrink_to_fit();
    let Some(permit) = flight.take(body.len()) else {
        return failure(&no_room(flight, body.len()));
    };
    let body = if body.is_empty() { Vec::new() } else { vec![body] };
    let made = Response::new(status, content_type, body);
    Response { headers: kept, permit: Some(permit), ..made }
}

#[cfg(test)]
mod tests {
    use sandtide_store::StoreError;

    use super::*;

    #[test]
    fn strangers_are_told_what_is_of_their_request_and_else_a_code() {
        for error in [
            ApiError::Store(StoreError::NoSecret("private".to_owned())),
            ApiError::InvalidRequest("private".to_owned()),
            ApiError::NetNotAllowed { host: "private".to_owned(), flag: "--allow-net" },
            ApiError::TokenNotFound("private".to_owned()),
        ] {
            let code = error.code();
            let told = for_strangers(error);
            assert_eq!((told.code(), told.status().as_u16()), (code, 500));
            assert!(!told.to_string().contains("private"), "{told}");
        }
        let own = for_strangers(ApiError::NotAHandler("name".to_owned()));
        assert_eq!(own.status(), StatusCode::NOT_FOUND);
        let busy = for_strangers(ApiError::QueueFull("as many requests wait as may"));
        assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
