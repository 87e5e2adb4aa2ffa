//! What clients that do not behave can do to an `http` server of `sandtide node`.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// Many times what an answer takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// A server under `sandtide node`, which says its port first.
struct Server(Child, u16);

impl Server {
    fn start(handler: &str) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("http-{}-{number}.js", std::process::id());
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let source = format!(
            "const server = require('http').createServer({handler});
             server.listen(0, '127.0.0.1', () => console.log(server.address().port));"
        );
        fs::write(&file, source).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sandtide"))
            .arg("node")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let _ = fs::remove_file(file);
        Self(child, line.trim().parse().unwrap())
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.1)).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    /// The most memory that the process had resident, in KiB.
    fn most_memory(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(stream: &TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    (&*stream).write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    (&*stream).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn answers_do_not_pile_up_for_a_client_that_does_not_read() {
    const REQUESTS: usize = 3_000;
    const BODY: usize = 100_000;
    let server = Server::start(&format!(
        "(() => {{ let n = 0; return (req, res) => {{
           if (req.url === '/count') return res.end(`n=${{n}}`);
           n++;
           res.end('x'.repeat({BODY}));
         }} }})()"
    ));
    let stream = server.connect();
    let mut sender = stream.try_clone().unwrap();
    let sending = thread::spawn(move || {
        let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        sender.write_all(&request.repeat(REQUESTS)).unwrap();
    });
    // Others are answered meanwhile; sooner or later no more of its requests are.
    let (mut last, mut unchanged) = (0, 0);
    while unchanged < 20 {
        let text = get(&server.connect(), "/count");
        let count: usize = text.rsplit("n=").next().unwrap().parse().unwrap();
        assert!(count < 1_000, "{count} requests were answered, and no answer was read");
        unchanged = if count == last && count > 0 { unchanged + 1 } else { 0 };
        last = count;
    }
    // It reads after all, and gets every answer.
    let mut left = REQUESTS;
    let mut reader = BufReader::with_capacity(1 << 16, stream);
    let mut line = String::new();
    while left > 0 {
        line.clear();
        assert!(reader.read_line(&mut line).unwrap() > 0, "{left} answers are missing");
        if line == "\r\n" {
            std::io::copy(&mut (&mut reader).take(BODY as u64), &mut std::io::sink()).unwrap();
            left -= 1;
        }
    }
    sending.join().unwrap();
    // All answers are 300 MB.
    let most = server.most_memory();
    assert!(most < 100_000, "{most} KiB");
}

#[test]
fn a_client_that_sends_without_end_leaves_the_others_their_turns() {
    // The body is thrown away as fast as it comes.
    let server = Server::start(
        "(req, res) => { req.resume(); if (req.method === 'GET') res.end('there'); }",
    );
    let stop = Arc::new(AtomicBool::new(false));
    let floods: Vec<_> = (0..2)
        .map(|_| {
            let mut stream = server.connect();
            let stop = Arc::clone(&stop);
            thread::spawn(move || {
                let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n";
                stream.write_all(head).unwrap();
                let piece = vec![b'x'; 1 << 20];
                let mut sent = 0_usize;
                while !stop.load(Ordering::Relaxed) && stream.write_all(&piece).is_ok() {
                    sent += 1;
                }
                sent
            })
        })
        .collect();
    for _ in 0..50 {
        assert!(get(&server.connect(), "/").ends_with("there"));
    }
    stop.store(true, Ordering::Relaxed);
    for flood in floods {
        assert!(flood.join().unwrap() > 0);
    }
}

#[test]
fn requests_sent_before_the_end_are_all_answered_before_it() {
    let server = Server::start("(req, res) => setImmediate(() => res.end('there'))");
    let stream = server.connect();
    (&stream).write_all(&b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20)).unwrap();
    let mut text = String::new();
    (&stream).write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    (&stream).read_to_string(&mut text).unwrap();
    assert_eq!(text.matches("there").count(), 21, "{text}");
}
