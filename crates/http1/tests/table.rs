//! The framings of `framings/table.json`: each fault is the one that Node 24 tells, what Node takes
//! is taken, and how the bytes are cut changes nothing.

use std::fs;

use sandtide_http1::{Chunks, Fault, HeadReader, Limits, Step};

struct Row {
    name: String,
    bytes: Vec<u8>,
    /// The first answers' statuses and what was seen.
    node: Vec<String>,
    /// Node's code and words.
    why: Option<String>,
}

const NEXT: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

fn rows() -> Vec<Row> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/framings/table.json");
    let json: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let rows: Vec<_> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = row["request"].as_str().unwrap();
            let bytes = text.chars().map(|char| u8::try_from(u32::from(char)).unwrap());
            let texts = row["node"].as_array().unwrap();
            Row {
                name: row["name"].as_str().unwrap().to_owned(),
                bytes: bytes.chain(NEXT.iter().copied()).collect(),
                node: texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect(),
                why: row["why"].as_str().map(str::to_owned),
            }
        })
        .collect();
    assert!(rows.len() >= 200, "{} framings", rows.len());
    rows
}

/// The messages in `bytes`, as method and length of the body, which arrive in pieces of `piece`.
fn messages(bytes: &[u8], piece: usize) -> (Vec<String>, Option<Fault>) {
    let mut seen = Vec::new();
    let fault = read_all(bytes, piece, &mut seen).err();
    (seen, fault)
}

fn read_all(bytes: &[u8], piece: usize, seen: &mut Vec<String>) -> Result<(), Fault> {
    let (mut at, mut there) = (0, 0);
    loop {
        let mut heads = HeadReader::of_request(Limits::NODE);
        let head = loop {
            if let Some(head) = heads.read(&bytes[at..there])? {
                break head;
            }
            if there == bytes.len() {
                return if heads.has_begun() { Err(Fault::Ended) } else { Ok(()) };
            }
            there = bytes.len().min(there + piece);
        };
        let method = String::from_utf8(bytes[at..][head.method.clone()].to_vec()).unwrap();
        at += head.end;
        let mut length = head.framing.length.unwrap_or(0);
        if head.framing.chunked {
            let mut chunks = Chunks::new(head.framing, Limits::NODE);
            loop {
                match chunks.step(&bytes[at..there])? {
                    Step::More if there == bytes.len() => return Err(Fault::Ended),
                    Step::More => there = bytes.len().min(there + piece),
                    Step::Skip(len) => at += len,
                    Step::Data(len) => {
                        length += len as u64;
                        at += len;
                    }
                    Step::End(len) => {
                        at += len;
                        break;
                    }
                }
            }
        } else {
            if length > (bytes.len() - at) as u64 {
                return Err(Fault::Ended);
            }
            at += length as usize;
            there = there.max(at);
        }
        seen.push(format!("{method} {length}"));
        // The server closes after what has no later message.
        let old = head.version.0 == 0 || head.version.1 == 0;
        if old || method == "CONNECT" {
            return Ok(());
        }
    }
}

#[test]
fn faults_are_those_that_node_tells() {
    let mut wrong = Vec::new();
    for row in rows() {
        let (_, fault) = messages(&row.bytes, row.bytes.len());
        let ours = fault.map(|fault| format!("{} {}", fault.code(), fault.reason()));
        // What follows a message that closes the connection is none.
        if ours != row.why {
            wrong.push(format!("{}: Node {:?}, here {ours:?}", row.name, row.why));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn messages_are_those_that_node_sees() {
    let mut wrong = Vec::new();
    for row in rows() {
        let taken = |answer: &String| answer.strip_prefix("200 ").map(str::to_owned);
        let mut node: Vec<_> = row.node.iter().filter_map(taken).collect();
        // Trailers stand behind the length.
        for seen in &mut node {
            *seen = seen.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ");
        }
        let (ours, _) = messages(&row.bytes, row.bytes.len());
        let closes = node.len() == 1 && ours.first() == node.first();
        let unanswered =
            row.node.is_empty() || row.node[0] == "200" || !row.node[0].starts_with("200");
        if ours != node && !closes && !unanswered {
            wrong.push(format!("{}: Node {node:?}, here {ours:?}", row.name));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn pieces_are_read_like_the_whole() {
    for row in rows() {
        let whole = messages(&row.bytes, row.bytes.len());
        for piece in [1, 2, 3, 7] {
            assert_eq!(messages(&row.bytes, piece), whole, "{} in pieces of {piece}", row.name);
        }
    }
}

proptest::proptest! {
    /// Whatever the bytes are: they are read without a panic, and alike in pieces of every size.
    #[test]
    fn any_bytes_are_read_alike_however_they_are_cut(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "GET / HTTP/1.1\r\n", "POST /a?b HTTP/1.0\r\n", "Host: a\r\n", "x:\r\n", "Content-Length: 3\r\n",
                "Transfer-Encoding: chunked\r\n", "\r\n", "\n", "\r", " ", "3;a=\"b\"\r\nabc\r\n", "0\r\n", "t: u\r\n",
                "\0", "abc", "ff", ";", "\u{e4}", ":", "A",
            ]),
            0..12,
        ),
        piece in 1_usize..9,
    ) {
        let bytes = parts.concat().into_bytes();
        proptest::prop_assert_eq!(messages(&bytes, piece), messages(&bytes, bytes.len().max(1)));
    }
}
