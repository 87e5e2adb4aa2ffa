//! How requests are framed: what is taken, what is refused, and that nothing after a refused one is
//! taken for a request.

mod common;

use std::{io::Write, net::TcpStream};

use common::{TestServer, read_to_end};

/// Asked after each case: it is answered only where the server agrees on where the case ended.
const NEXT: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

/// The statuses of all answers to a case and to what follows it, and the text of the answers.
fn answers(server: &TestServer, case: &str, follow: bool) -> (Vec<u16>, String) {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(case.as_bytes()).unwrap();
    if follow {
        stream.write_all(NEXT.as_bytes()).unwrap();
    }
    let text = read_to_end(stream);
    let statuses =
        text.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.get(..3)?.parse().ok());
    (statuses.collect(), text)
}

fn post(headers: &str, body: &str) -> String {
    format!(
        "POST /v1/scripts/echo/runs?raw HTTP/1.1\r\nhost: localhost\r\n\
         content-type: text/plain\r\n{headers}\r\n{body}"
    )
}

fn echo() -> TestServer {
    let server = TestServer::start();
    server.put("echo", "export default (input) => `<${input}>`");
    server
}

#[test]
fn bodies_of_one_clear_length_are_read_to_their_end() {
    let server = echo();
    let chunked = |body: &str| post("transfer-encoding: chunked\r\n", body);
    let long_extension = format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(250));
    for (case, echoed) in [
        (post("content-length: 5\r\n", "hello"), "<hello>"),
        (post("Content-Length:\t005 \r\n", "hello"), "<hello>"),
        (post("content-length: 0\r\n", ""), "<>"),
        (post("", ""), "<>"),
        (chunked("5\r\nhello\r\n0\r\n\r\n"), "<hello>"),
        (post("Transfer-Encoding: CHUNKED\r\n", "2\r\nhe\r\n003\r\nllo\r\n000\r\n\r\n"), "<hello>"),
        (chunked("5;a=b;c=\"d\"\r\nhello\r\n0;e\r\n\r\n"), "<hello>"),
        (chunked("5\r\nhello\r\n0\r\nx-sum: 1\r\nx-more: 9\r\n\r\n"), "<hello>"),
        (chunked("A\r\n0123456789\r\n0\r\n\r\n"), "<0123456789>"),
        (chunked(&long_extension), "<a>"),
        (chunked("0\r\n\r\n"), "<>"),
        // A line end after a body is read over, as clients of old send it.
        (post("content-length: 5\r\n", "hello\r\n"), "<hello>"),
        (format!("\r\n{}", post("content-length: 1\r\n", "x")), "<x>"),
    ] {
        let (statuses, text) = answers(&server, &case, true);
        assert_eq!(statuses, [200, 200], "{case:?}: {text}");
        assert!(text.contains(echoed), "{case:?}: {text}");
    }
}

#[test]
fn what_two_readers_could_read_in_two_ways_is_refused_and_ends_the_connection() {
    let server = echo();
    let te = "transfer-encoding: chunked\r\n";
    let cl = "content-length: 5\r\n";
    let chunks = "5\r\nhello\r\n0\r\n\r\n";
    let chunked = |body: &str| (400, post(te, body));
    let head = |head: &str| (400, head.to_owned());
    let mut cases = vec![
        // Both, in both orders and in each other's disguise.
        (400, post(&format!("{te}{cl}"), chunks)),
        (400, post(&format!("{cl}{te}"), chunks)),
        (400, post(&format!("{te}content-length: 0\r\n"), chunks)),
        (400, post(&format!("content-length:\r\n{te}"), chunks)),
        (400, post(&format!("transfer-encoding: identity\r\n{cl}"), "hello")),
        // Lengths that are no lengths.
        (400, post(&format!("{cl}{cl}"), "hello")),
        (400, post("content-length: 5\r\ncontent-length: 6\r\n", "hello!")),
    ];
    for length in
        ["+5", "-5", "5, 5", "5,5", "0x5", "5.0", "5 5", "", "١", "99999999999999999999", "5;"]
    {
        cases.push((400, post(&format!("content-length: {length}\r\n"), "hello")));
    }
    for coding in [
        "gzip",
        "gzip, chunked",
        "chunked, chunked",
        "chunked, identity",
        "identity",
        "",
        "xchunked",
        "chunked;q=1",
        "\"chunked\"",
    ] {
        cases.push((501, post(&format!("transfer-encoding: {coding}\r\n"), chunks)));
    }
    cases.extend([
        (501, post(&format!("{te}{te}"), chunks)),
        (400, post(te, chunks).replace("HTTP/1.1", "HTTP/1.0")),
        // Chunks that are no chunks.
        chunked("\r\nhello\r\n0\r\n\r\n"),
        chunked(" 5\r\nhello\r\n0\r\n\r\n"),
        chunked("5 \r\nhello\r\n0\r\n\r\n"),
        chunked("+5\r\nhello\r\n0\r\n\r\n"),
        chunked("0x5\r\nhello\r\n0\r\n\r\n"),
        chunked("5\nhello\r\n0\r\n\r\n"),
        chunked("5\r\nhello\n0\r\n\r\n"),
        chunked("5\r\nhello0\r\n\r\n"),
        chunked("5\r\nhello!\r\n0\r\n\r\n"),
        chunked("5\r\rhello\r\n0\r\n\r\n"),
        chunked("5;a\nhello\r\n0\r\n\r\n"),
        chunked("5;a\0\r\nhello\r\n0\r\n\r\n"),
        chunked("5;a\rb\r\nhello\r\n0\r\n\r\n"),
        chunked("5\r\nhello\r\n0\r\nx: y\n\r\n"),
        chunked("5\r\nhello\r\n0\r\nx: \0\r\n\r\n"),
        chunked("5\r\nhello\r\n0\r\ncontent-length: 9\r\n\r\n"),
        chunked("5\r\nhello\r\n0\r\ntransfer-encoding: chunked\r\n\r\n"),
        chunked("5; a\r\nhello\r\n0\r\n\r\n"),
        chunked("5;a=\"b\r\nhello\r\n0\r\n\r\n"),
        chunked("10000000000000005\r\nhello\r\n0\r\n\r\n"),
        chunked("g\r\nhello\r\n0\r\n\r\n"),
        chunked(";a\r\nhello\r\n0\r\n\r\n"),
        // Heads that are no heads.
        head("GET /healthz HTTP/1.1\nhost: localhost\n\n"),
        head("GET /healthz HTTP/1.1\r\nhost: localhost\n\r\n"),
        head("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\n"),
        head("\nGET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        head("GET /healthz HTTP/1.1\r\nhost: localhost\rx: y\r\n\r\n"),
        head("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx : y\r\n\r\n"),
        head("GET /healthz HTTP/1.1\r\nhost: localhost\r\n x: y\r\n\r\n"),
        head("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: a\r\n b\r\n\r\n"),
        head("GET /healthz HTTP/1.1\r\n host: localhost\r\n\r\n"),
        head("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx\r\n\r\n"),
        head("GET /healthz HTTP/1.1\r\nhost: localhost\r\n: y\r\n\r\n"),
        head("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: \0\r\n\r\n"),
        head("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx\0y: z\r\n\r\n"),
        head("GET  /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        (505, "GET /healthz  HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned()),
        head("GET\t/healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        head("GET /health\tz HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        head("GET /healthz#x HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        head("GET /hëalthz HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        head("GET healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        head("GET ftp://localhost/healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        head("G@T /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        head("GET /healthz\r\n\r\n"),
        // Which host, and whether there is one, has to be clear.
        head("GET /healthz HTTP/1.1\r\n\r\n"),
        head("GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n"),
        head("GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\n\r\n"),
        (505, "GET /healthz HTTP/2.0\r\nhost: localhost\r\n\r\n".to_owned()),
        (505, "GET /healthz HTTP/1.2\r\nhost: localhost\r\n\r\n".to_owned()),
        (417, post("expect: 200-ok\r\ncontent-length: 5\r\n", "hello")),
        (431, format!("GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "x".repeat(20_000))),
        (431, format!("GET / HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "a: b\r\n".repeat(200))),
        (400, format!("POST /v1/scripts/echo/runs?raw HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ncontent-type: application/json\r\n{cl}\r\nhello")),
    ]);
    for (status, case) in cases {
        let (statuses, text) = answers(&server, &case, true);
        assert_eq!(statuses, [status], "{case:?}: {text}");
        assert!(text.contains("connection: close"), "{case:?}: {text}");
        let body = text.split("\r\n\r\n").nth(1).unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert!(body["code"].as_str().unwrap().starts_with("ERR_"), "{case:?}: {text}");
    }
}

#[test]
fn a_request_in_pieces_is_the_same_request() {
    let server = echo();
    let chunked = "3\r\nhel\r\n2;x\r\nlo\r\n0\r\n\r\n";
    let case = format!("{}{NEXT}", post("transfer-encoding: chunked\r\n", chunked));
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_nodelay(true).unwrap();
    for byte in case.as_bytes() {
        stream.write_all(&[*byte]).unwrap();
    }
    let text = read_to_end(stream);
    assert!(text.contains("<hello>") && text.contains("\"status\":\"ok\""), "{text}");
}

#[test]
fn many_requests_sent_ahead_are_answered_in_their_order() {
    let server = echo();
    let mut all = String::new();
    for number in 0..300 {
        let body = format!("n{number}");
        all += &post(&format!("content-length: {}\r\n", body.len()), &body);
    }
    let (statuses, text) = answers(&server, &all, true);
    assert_eq!(statuses, [200; 301]);
    let echoed: Vec<_> = text.match_indices("<n").map(|(at, _)| &text[at..]).collect();
    for (number, from) in echoed.iter().enumerate() {
        assert!(from.starts_with(&format!("<n{number}>")), "{number}");
    }
}

#[test]
fn a_client_that_asks_is_told_to_send_its_body() {
    let server = echo();
    let mut stream = TcpStream::connect(server.address).unwrap();
    let head = post("expect: 100-continue\r\ncontent-length: 5\r\nconnection: close\r\n", "");
    stream.write_all(head.as_bytes()).unwrap();
    let mut told = [0; 25];
    std::io::Read::read_exact(&mut stream, &mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hello").unwrap();
    let text = read_to_end(stream);
    assert!(text.starts_with("HTTP/1.1 200 ") && text.contains("<hello>"), "{text}");

    // Refused without the body: the answer comes in its place.
    let mut stream = TcpStream::connect(server.address).unwrap();
    let head = post("expect: 100-continue\r\ncontent-length: 999999999\r\n", "");
    stream.write_all(head.as_bytes()).unwrap();
    let text = read_to_end(stream);
    assert!(text.starts_with("HTTP/1.1 413 ") && text.contains("ERR_BODY_TOO_LARGE"), "{text}");
}

#[test]
fn http_1_0_is_answered_and_closed_unless_it_asks_to_stay() {
    let server = echo();
    let (statuses, text) = answers(&server, "GET /healthz HTTP/1.0\r\n\r\n", false);
    assert_eq!(statuses, [200], "{text}");
    let kept = "GET /healthz HTTP/1.0\r\nconnection: keep-alive\r\n\r\n";
    assert_eq!(answers(&server, kept, true).0, [200, 200]);
}

#[test]
fn head_answers_what_get_does_without_the_body() {
    let server = echo();
    for path in ["/healthz", "/v1/scripts", "/v1/scripts/echo", "/nowhere"] {
        let case = format!("HEAD {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let (statuses, text) = answers(&server, &case, true);
        assert_eq!(statuses.len(), 2, "{path}: {text}");
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(head.contains("content-length: ") && !head.contains("content-length: 0"), "{head}");
        assert!(text.split("\r\n\r\n").nth(1).unwrap().starts_with("HTTP/1.1 200 "), "{text}");
    }
}

#[test]
fn a_body_where_none_belongs_is_refused() {
    let server = echo();
    for request in
        ["GET /healthz", "GET /v1/scripts", "GET /v1/scripts/echo", "DELETE /v1/scripts/echo"]
    {
        for body in
            ["content-length: 5\r\n\r\nhello", "transfer-encoding: chunked\r\n\r\n0\r\n\r\n"]
        {
            let case = format!("{request} HTTP/1.1\r\nhost: localhost\r\n{body}");
            let (statuses, text) = answers(&server, &case, true);
            assert_eq!(statuses, [400], "{case:?}: {text}");
        }
    }
    assert_eq!(server.get("/v1/scripts/echo").status, 200);
}
