//! How many bytes of a message that is wrong count as parsed: what Node 24.21 tells programs as `bytesParsed`.

use sandtide_http1::{Chunks, Fault, HeadReader, Limits, Step};

const POST: &str = "POST / HTTP/1.1\r\n";
const CHUNKED: &str = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

/// The fault of a request that is there at once, and how much of it counts as parsed.
fn fault_of(request: &str) -> (Fault, usize) {
    let bytes = request.as_bytes();
    let mut heads = HeadReader::of_request(Limits::NODE);
    let head = match heads.read(bytes) {
        Err(fault) => return (fault, heads.parsed_before(fault)),
        Ok(head) => head.unwrap_or_else(|| panic!("{request:?} is not all there")),
    };
    let mut body = Chunks::new(head.framing, Limits::NODE);
    let mut at = head.end;
    loop {
        match body.step(&bytes[at..]) {
            Ok(Step::Skip(len) | Step::Data(len)) => at += len,
            Ok(step) => panic!("{request:?} has no fault, but ends in {step:?}"),
            Err(fault) => return (fault, at + body.parsed_before(fault)),
        }
    }
}

#[test]
fn a_fault_of_a_head_says_how_much_node_counts_as_parsed() {
    let long = "Content-Length: 99999999999999999999999\r\n\r\n";
    for (request, parsed) in [
        ("FOO / HTTP/1.1\r\n", 1),
        ("get / HTTP/1.1\r\n", 0),
        ("SETX", 3),
        ("\r\n\r\nFOO", 5),
        ("GETX / HTTP/1.1\r\n", 3),
        ("FLUSH / HTTP/1.1\r\n", 12),
        ("GET / ICE/1.0\r\n", 9),
        ("GET / HTXP/1.1\r\n", 8),
        ("GET / HTTP/9.9\r\n", 14),
        ("GET / HTTP/1x1\r\n", 12),
        ("GET / HTTP/1.1\n", 15),
        ("GET / HTTP/1.1\rH", 15),
        ("GET /\x01 HTTP/1.1\r\n", 5),
        ("GET  HTTP/1.1\r\n", 9),
        ("GET x HTTP/1.1\r\n", 6),
        ("GET / HTTP/1.1\r\n A: b\r\n\r\n", 17),
        ("GET / HTTP/1.1\r\nA B: c\r\n\r\n", 17),
        ("GET / HTTP/1.1\r\nA: b\x01c\r\n\r\n", 20),
        (&format!("{POST}A: b\r\n c\r\n\r\n"), 23),
        (&format!("{POST}A:\r\n c\r\n\r\n"), 22),
        (&format!("{POST}Content-Length : 1\r\n\r\n"), 32),
        (&format!("{POST}A: b\nC: d\r\n\r\n"), 21),
        (&format!("{POST}A: b\rC: d\r\n\r\n"), 22),
        (&format!("{POST}A: b\r\n\rX"), 24),
        (&format!("{POST}Content-Length: \r\n\r\n"), 35),
        (&format!("{POST}Content-Length: 12x\r\n\r\n"), 35),
        (&format!("{POST}Content-Length: 1 2\r\n\r\n"), 35),
        (&format!("{POST}{long}"), 53),
        (&format!("{POST}Content-Length: 1\r\nContent-Length: 1\r\n\r\n"), 52),
        (&format!("{POST}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"), 60),
        (&format!("{POST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), 54),
        (&format!("{POST}Transfer-Encoding: \r\n\r\n"), 38),
        (&format!("{POST}Transfer-Encoding: chunked, gzip\r\n\r\n"), 44),
        (&format!("{POST}Transfer-Encoding: gzip\r\n\r\n"), 44),
    ] {
        let (fault, said) = fault_of(request);
        assert_eq!(said, parsed, "{request:?}: {fault:?}");
    }
}

#[test]
fn a_fault_of_a_body_says_how_much_node_counts_as_parsed() {
    for (body, parsed) in [
        ("zz", 0),
        ("1x\r\n", 1),
        ("11111111111111111\r\n", 17),
        ("1\n", 2),
        ("1\rx", 2),
        ("1; a\r\n", 3),
        ("1;a\x01\r\n", 4),
        ("1;a\n", 3),
        ("1;a=b\n", 5),
        ("1;a=\"b\"c\r\n", 7),
        ("1\r\nax", 4),
        ("1\r\na\n", 5),
        ("1\r\na\r\nzz", 6),
        ("0\r\nA B: c\r\n\r\n", 4),
    ] {
        let (fault, said) = fault_of(&format!("{CHUNKED}{body}"));
        assert_eq!(said, CHUNKED.len() + parsed, "{body:?}: {fault:?}");
    }
}
