//! The port that debuggers come to: `/json` over HTTP, and a WebSocket. It has threads of its own, so that
//! it answers while the program runs without an end or is stopped. Must not know what messages say.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    io::{self, ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _},
    os::{fd::AsFd, unix::net::UnixStream},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt;
use sandtide_http1::{Head, HeadReader, Limits};
use sandtide_inspect::protocol::{descriptor, discovery};
use tungstenite::{
    Error, Message, WebSocket,
    error::CapacityError,
    protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
};

use crate::inbox::{Event, Inbox};

/// Connections at once; who comes when there are so many is turned away.
const CONNECTIONS: usize = 128;

/// How long a client may take for its request.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// The longest message that is taken, in bytes.
const MESSAGE: usize = 32 << 20;

/// What may wait for a client, in bytes: who sends more waits.
const WAITING: usize = 16 << 20;

/// What a text takes beside its bytes: its place in a queue that doubles, and what the allocator needs.
const EACH: usize = 2 * size_of::<String>() + 32;

/// How long the program waits for room for a client's next text, however much the client reads meanwhile.
const STUCK: Duration = Duration::from_secs(10);

/// How long a client may take to read an answer over HTTP.
const ANSWER_TIME: Duration = Duration::from_secs(10);

/// Between two looks whether the program has taken what it was sent.
const FULL: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };

/// A connection's thread only copies.
const STACK: usize = 256 << 10;

const LIMITS: Limits = Limits { bytes: 16 << 10, fields: 100 };

/// What the port tells of the program.
#[derive(Clone, Debug)]
pub struct About {
    /// A UUID: the path of the WebSocket.
    pub id: String,
    /// Whether `/json/list` tells of it. Whoever knows the UUID may attach, so that a port which is not
    /// the program's own keeps it to itself.
    pub listed: bool,
    /// What it is called: the program's file.
    pub title: String,
    /// The file as a URL.
    pub url: String,
    /// Name and release of what runs it.
    pub browser: String,
}

struct Shared {
    about: About,
    /// The host as it was asked for.
    host: String,
    inbox: Arc<Inbox>,
    clients: Mutex<Clients>,
    last: AtomicU64,
    connections: AtomicUsize,
}

/// The WebSockets that are open.
#[derive(Default)]
struct Clients {
    open: HashMap<u64, Arc<Client>>,
    /// The port was closed: there are no more.
    closed: bool,
}

/// A WebSocket that is open.
struct Client {
    waiting: Mutex<Waiting>,
    sent: Condvar,
    /// Wakes the connection's thread.
    wake: UnixStream,
}

#[derive(Default)]
struct Waiting {
    texts: VecDeque<String>,
    bytes: usize,
    ended: bool,
}

impl Waiting {
    /// Answers whether it is the only one.
    fn push(&mut self, text: String) -> bool {
        self.bytes += text.len() + EACH;
        self.texts.push_back(text);
        self.texts.len() == 1
    }

    fn pop(&mut self) -> Option<String> {
        let text = self.texts.pop_front()?;
        self.bytes -= text.len() + EACH;
        Some(text)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What the locks protect is changed in single steps: it is whole even after a panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Client {
    fn wake(&self) {
        // A full pipe wakes as well.
        let _ = (&self.wake).write(&[1]);
    }

    fn end(&self) {
        lock(&self.waiting).ended = true;
        self.sent.notify_all();
        self.wake();
    }
}

/// An open port.
pub struct Port {
    shared: Arc<Shared>,
    address: SocketAddr,
    /// Ends `accepting` when it is written to.
    close: UnixStream,
    accepting: Option<JoinHandle<()>>,
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Port").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Port {
    /// Opens the port; 0 is any that is free. What clients send goes to `inbox`.
    ///
    /// # Errors
    /// The address cannot be listened on, or a thread cannot be had.
    pub fn open(host: &str, port: u16, about: About, inbox: Arc<Inbox>) -> io::Result<Port> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let mut last = io::Error::from(ErrorKind::AddrNotAvailable);
        let mut listener = None;
        for address in (bare, port).to_socket_addrs()? {
            match TcpListener::bind(address) {
                Ok(bound) => {
                    listener = Some(bound);
                    break;
                }
                Err(error) => last = error,
            }
        }
        let listener = listener.ok_or(last)?;
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let (close, closed) = UnixStream::pair()?;
        let shared = Arc::new(Shared {
            about,
            host: bare.to_owned(),
            inbox,
            clients: Mutex::default(),
            last: AtomicU64::new(FIRST_CLIENT),
            connections: AtomicUsize::new(0),
        });
        let accepting = Arc::clone(&shared);
        let accepting = thread::Builder::new()
            .name("inspector".to_owned())
            .stack_size(STACK)
            .spawn(move || accept(&listener, &closed, &accepting))?;
        Ok(Port { shared, address, close, accepting: Some(accepting) })
    }

    /// The WebSocket's address.
    pub fn url(&self) -> String {
        let host = if self.shared.host.contains(':') {
            format!("[{}]", self.shared.host)
        } else {
            self.shared.host.clone()
        };
        format!("ws://{host}:{}/{}", self.address.port(), self.shared.about.id)
    }

    /// Sends a text. Waits where too much waits for the client already; one that then does not make room
    /// within 10 seconds is turned away.
    pub fn send(&self, client: u64, text: String) {
        let client = lock(&self.shared.clients).open.get(&client).map(Arc::clone);
        let Some(client) = client else { return };
        let mut waiting = lock(&client.waiting);
        let by = Instant::now() + STUCK;
        while waiting.bytes > WAITING && !waiting.ended {
            let left = by.saturating_duration_since(Instant::now());
            if left.is_zero() {
                drop(waiting);
                client.end();
                return;
            }
            (waiting, _) =
                client.sent.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner);
        }
        if waiting.ended {
            return;
        }
        let first = waiting.push(text);
        drop(waiting);
        if first {
            client.wake();
        }
    }

    /// Whether any client is there.
    pub fn has_clients(&self) -> bool {
        !lock(&self.shared.clients).open.is_empty()
    }

    /// Closes the port and all connections. The port is free afterwards.
    pub fn close(&mut self) {
        let _ = self.close.write(&[1]);
        if let Some(accepting) = self.accepting.take() {
            // A panic of its own closes the port as well.
            let _ = accepting.join();
        }
        // One whose request is still read finds it closed.
        let mut clients = lock(&self.shared.clients);
        clients.closed = true;
        for client in clients.open.values() {
            client.end();
        }
    }
}

/// Clients have larger numbers: smaller ones are for sessions within the program.
pub const FIRST_CLIENT: u64 = 1 << 32;

fn accept(listener: &TcpListener, closed: &UnixStream, shared: &Arc<Shared>) {
    loop {
        let mut polled = [PollFd::new(listener, PollFlags::IN), PollFd::new(closed, PollFlags::IN)];
        if poll(&mut polled, None).is_err() {
            continue;
        }
        // Its other end may also have been dropped.
        if !polled[1].revents().is_empty() {
            return;
        }
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            // Too many descriptors: some will be closed.
            Err(_) => {
                thread::sleep(Duration::from_millis(10));
                continue;
            }
        };
        if shared.connections.fetch_add(1, Ordering::AcqRel) >= CONNECTIONS {
            shared.connections.fetch_sub(1, Ordering::AcqRel);
            refuse(stream);
            continue;
        }
        let served = Arc::clone(shared);
        let started = thread::Builder::new()
            .name("inspector client".to_owned())
            .stack_size(STACK)
            .spawn(move || {
                let _ = serve(stream, &served);
                served.connections.fetch_sub(1, Ordering::AcqRel);
            });
        if started.is_err() {
            shared.connections.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

fn refuse(mut stream: TcpStream) {
    let _ = stream.set_write_timeout(Some(Duration::from_millis(100)));
    let _ = stream.write_all(b"HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
}

/// Reads a request's head, and what came behind it.
fn read_head(stream: &mut TcpStream) -> io::Result<Option<(Vec<u8>, Head)>> {
    let until = Instant::now() + HEAD_TIME;
    let mut reader = HeadReader::of_request(LIMITS);
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        stream.set_read_timeout(Some(left))?;
        let count = match stream.read(&mut piece) {
            Ok(0) => return Ok(None),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        bytes.extend_from_slice(&piece[..count]);
        match reader.read(&bytes) {
            Ok(Some(head)) => return Ok(Some((bytes, head))),
            Ok(None) => {}
            Err(_) => return Ok(None),
        }
    }
}

const REFUSED: &str = "HTTP/1.0 400 Bad Request\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n\
                       WebSockets request was expected\r\n";

fn serve(mut stream: TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(ANSWER_TIME))?;
    // A client whose machine has gone is noticed.
    sockopt::set_socket_keepalive(&stream, true)?;
    sockopt::set_tcp_keepidle(&stream, Duration::from_secs(60))?;
    sockopt::set_tcp_keepintvl(&stream, Duration::from_secs(15))?;
    let Some((bytes, head)) = read_head(&mut stream)? else {
        return stream.write_all(REFUSED.as_bytes());
    };
    let text = |range: &std::ops::Range<usize>| {
        std::str::from_utf8(&bytes[range.clone()]).unwrap_or_default()
    };
    let field = |name: &str| {
        let found = head.fields.iter().find(|one| text(&one.name).eq_ignore_ascii_case(name));
        found.map(|one| text(&one.value))
    };
    let host = field("host");
    if !discovery::is_allowed_host(host, &shared.host) || text(&head.method) != "GET" {
        return stream.write_all(REFUSED.as_bytes());
    }
    let path = text(&head.target);
    let Some(key) = field("sec-websocket-key") else {
        let answer = answer(shared, path, host.unwrap_or_default());
        return stream.write_all(answer.as_bytes());
    };
    let known = path.strip_prefix('/') == Some(shared.about.id.as_str());
    if !known || !discovery::is_allowed_origin(field("origin")) {
        return stream.write_all(REFUSED.as_bytes());
    }
    let accepted = tungstenite::handshake::derive_accept_key(key.as_bytes());
    write!(
        stream,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accepted}\r\n\r\n"
    )?;
    talk(stream, bytes[head.end..].to_vec(), shared)
}

/// What `/json` and its like answer.
fn answer(shared: &Shared, path: &str, authority: &str) -> String {
    let about = &shared.about;
    let path = path.split('?').next().unwrap_or_default();
    let body = match path {
        "/json" | "/json/list" if !about.listed => serde_json::json!([]),
        "/json" | "/json/list" => {
            let listed = discovery::Listed {
                id: &about.id,
                title: &about.title,
                url: &about.url,
                authority,
            };
            discovery::list(&listed)
        }
        "/json/version" => discovery::version(&about.browser),
        "/json/protocol" => descriptor(),
        _ => match path.strip_prefix("/json/activate/") {
            Some(id) if id == about.id && about.listed => {
                return plain("200 OK", "text/plain", "Target activated");
            }
            Some(id) => {
                let text = format!("No such target id: {id}");
                return plain("404 Not Found", "text/html", &text);
            }
            None => return REFUSED.to_owned(),
        },
    };
    let text = format!("{body:#}\n\n");
    plain("200 OK", "application/json", &text)
}

fn plain(status: &str, kind: &str, text: &str) -> String {
    format!(
        "HTTP/1.0 {status}\r\nContent-Type: {kind}; charset=UTF-8\r\nCache-Control: no-cache\r\n\
         Content-Length: {}\r\n\r\n{text}",
        text.len()
    )
}

/// Copies messages both ways until one side has gone.
fn talk(stream: TcpStream, rest: Vec<u8>, shared: &Arc<Shared>) -> io::Result<()> {
    let (wake, woken) = UnixStream::pair()?;
    woken.set_nonblocking(true)?;
    wake.set_nonblocking(true)?;
    stream.set_nonblocking(true)?;
    let client = Arc::new(Client { waiting: Mutex::default(), sent: Condvar::new(), wake });
    let id = shared.last.fetch_add(1, Ordering::AcqRel) + 1;
    {
        let mut clients = lock(&shared.clients);
        if clients.closed {
            return Ok(());
        }
        clients.open.insert(id, Arc::clone(&client));
    }
    shared.inbox.push(Event::Connected(id));
    let config =
        WebSocketConfig::default().max_message_size(Some(MESSAGE)).max_frame_size(Some(MESSAGE));
    let mut socket = WebSocket::from_partially_read(stream, rest, Role::Server, Some(config));
    copy(&mut socket, &client, &woken, id, shared);
    client.end();
    lock(&shared.clients).open.remove(&id);
    shared.inbox.push(Event::Gone(id));
    Ok(())
}

fn copy(
    socket: &mut WebSocket<TcpStream>,
    client: &Client,
    woken: &UnixStream,
    id: u64,
    shared: &Shared,
) {
    loop {
        let full = match read(socket, id, shared) {
            Ok(full) => full,
            Err(_) => return,
        };
        let blocked = match write(socket, client) {
            Ok(blocked) => blocked,
            Err(_) => return,
        };
        if lock(&client.waiting).ended {
            // The port was closed.
            let _ = socket.close(None);
            let _ = socket.flush();
            return;
        }
        let mut wanted = PollFlags::IN;
        wanted.set(PollFlags::OUT, blocked);
        let stream = socket.get_ref().as_fd();
        let woken_by = PollFd::new(woken, PollFlags::IN);
        // Where there is no room, nothing is asked of the socket: one that was closed would end each wait.
        let polled = match full {
            false => poll(&mut [PollFd::new(&stream, wanted), woken_by], None),
            true => poll(&mut [woken_by], Some(&FULL)),
        };
        if polled.is_err() {
            continue;
        }
        let mut bytes = [0; 64];
        while matches!((&mut &*woken).read(&mut bytes), Ok(64)) {}
    }
}

fn is_blocked(error: &Error) -> bool {
    matches!(error, Error::Io(error) if error.kind() == ErrorKind::WouldBlock)
}

/// Hands over what has come in; answers whether it was left because too much waits for the program.
fn read(socket: &mut WebSocket<TcpStream>, id: u64, shared: &Shared) -> Result<bool, Error> {
    let refuse = |socket: &mut WebSocket<TcpStream>, code, reason: &'static str| {
        let _ = socket.close(Some(CloseFrame { code, reason: reason.into() }));
        let _ = socket.flush();
        Err(Error::ConnectionClosed)
    };
    loop {
        if !shared.inbox.has_room() {
            return Ok(true);
        }
        match socket.read() {
            Ok(Message::Text(text)) => shared.inbox.push(Event::Message(id, text.to_string())),
            Ok(Message::Binary(_)) => {
                return refuse(socket, CloseCode::Unsupported, "messages are texts");
            }
            Ok(Message::Close(_)) => {
                let _ = socket.flush();
                return Err(Error::ConnectionClosed);
            }
            Ok(_) => {}
            Err(error) if is_blocked(&error) => return Ok(false),
            Err(Error::Capacity(CapacityError::MessageTooLong { .. })) => {
                return refuse(socket, CloseCode::Size, "a message has at most 32 MiB");
            }
            Err(Error::Utf8(_)) => return refuse(socket, CloseCode::Invalid, "no UTF-8"),
            Err(error) => return Err(error),
        }
    }
}

/// Sends what waits; answers whether the client has to read first.
fn write(socket: &mut WebSocket<TcpStream>, client: &Client) -> Result<bool, Error> {
    loop {
        match socket.flush() {
            Ok(()) => {}
            Err(error) if is_blocked(&error) => return Ok(true),
            Err(error) => return Err(error),
        }
        let next = lock(&client.waiting).pop();
        let Some(text) = next else { return Ok(false) };
        client.sent.notify_all();
        match socket.write(Message::text(text)) {
            Ok(()) => {}
            Err(error) if is_blocked(&error) => return Ok(true),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_no_length_take_room() {
        let mut waiting = Waiting::default();
        assert!(waiting.push(String::new()));
        while waiting.bytes <= WAITING {
            assert!(!waiting.push(String::new()));
        }
        assert!(waiting.texts.len() <= WAITING / size_of::<String>());
        while waiting.pop().is_some() {}
        assert_eq!(waiting.bytes, 0);
    }

    #[test]
    fn a_client_whose_request_is_still_read_when_the_port_closes_does_not_attach() {
        let inbox = Inbox::new(|| ());
        let about = About {
            id: "one".to_owned(),
            listed: false,
            title: String::new(),
            url: String::new(),
            browser: String::new(),
        };
        let mut port = Port::open("127.0.0.1", 0, about, Arc::clone(&inbox)).unwrap();
        let mut stream = TcpStream::connect(port.address).unwrap();
        let host = format!("GET /one HTTP/1.1\r\nHost: {}\r\n", port.address);
        stream.write_all(host.as_bytes()).unwrap();
        while port.shared.connections.load(Ordering::Acquire) == 0 {
            thread::yield_now();
        }
        port.close();
        let rest = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(rest.as_bytes()).unwrap();
        let mut told = Vec::new();
        stream.read_to_end(&mut told).unwrap();
        assert!(!port.has_clients());
        assert_eq!(inbox.take(), None);
    }
}
