//! TLS, HTTP/2 and the renewal of certificates, with clients of others: curl, Node, rustls and h2.

mod common;

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use common::{TestServer, config, until};
use h2::client::SendRequest;
use sandtide_server::{ServerConfig, TlsConfig};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, ClientConnection, ConnectionTrafficSecrets, ContentType, ProtocolVersion,
        RootCertStore, StreamOwned,
        crypto::{
            cipher::{OutboundChunks, OutboundPlainMessage},
            ring,
        },
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

/// A directory with a certificate of localhost and its key.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        let files = Self(TempDir::new().unwrap());
        files.renew();
        files
    }

    fn certificate(&self) -> PathBuf {
        self.0.path().join("certificate.pem")
    }

    fn key(&self) -> PathBuf {
        self.0.path().join("key.pem")
    }

    /// Writes another pair, which is answered: the certificate and the key.
    fn renew(&self) -> (String, String) {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        fs::write(self.certificate(), &certificate).unwrap();
        fs::write(self.key(), &key).unwrap();
        (certificate, key)
    }

    fn config(&self) -> TlsConfig {
        TlsConfig {
            look_every: Duration::from_millis(20),
            ..TlsConfig::new(self.certificate(), self.key())
        }
    }

    fn serve(&self) -> TestServer {
        self.serve_with(config())
    }

    fn serve_with(&self, config: ServerConfig) -> TestServer {
        TestServer::with(ServerConfig { tls: Some(self.config()), ..config })
    }

    fn client(&self, protocols: &[&[u8]]) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(self.certificate()).unwrap() {
            roots.add(certificate.unwrap()).unwrap();
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    }

    /// A connection of HTTP/1.1.
    fn one(&self, server: &TestServer) -> StreamOwned<ClientConnection, TcpStream> {
        let name = ServerName::try_from("localhost").unwrap();
        let session = ClientConnection::new(self.client(&[b"http/1.1"]), name).unwrap();
        StreamOwned::new(session, TcpStream::connect(server.address).unwrap())
    }

    /// The body of what is answered to a GET over HTTP/1.1.
    fn get(&self, server: &TestServer, path: &str) -> std::io::Result<String> {
        let mut stream = self.one(server);
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text.split_once("\r\n\r\n").map_or_else(String::new, |(_, body)| body.to_owned()))
    }

    fn in_flight(&self, server: &TestServer) -> u64 {
        let health: Json = serde_json::from_str(&self.get(server, "/healthz").unwrap()).unwrap();
        health["bytes_in_flight"].as_u64().unwrap()
    }

    /// A connection of HTTP/2, and its end.
    fn two(
        &self,
        runtime: &Runtime,
        server: &TestServer,
    ) -> (SendRequest<Bytes>, tokio::task::JoinHandle<Result<(), h2::Error>>) {
        let connector = TlsConnector::from(self.client(&[b"h2"]));
        let address = server.address;
        runtime.block_on(async move {
            let socket = tokio::net::TcpStream::connect(address).await.unwrap();
            let name = ServerName::try_from("localhost").unwrap();
            let stream = connector.connect(name, socket).await.unwrap();
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
            let (client, connection) = h2::client::handshake(stream).await.unwrap();
            (client, tokio::spawn(connection))
        })
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> http::Request<()> {
    let mut made = http::Request::builder().method(method).uri(format!("https://localhost{path}"));
    for (name, value) in headers {
        made = made.header(*name, *value);
    }
    made.body(()).unwrap()
}

/// Sends a request by HTTP/2 and reads its answer.
async fn asked(
    client: &SendRequest<Bytes>,
    request: http::Request<()>,
    body: &str,
) -> Result<(http::response::Parts, String), h2::Error> {
    let mut client = client.clone().ready().await?;
    let (answer, mut sending) = client.send_request(request, body.is_empty())?;
    if !body.is_empty() {
        sending.send_data(Bytes::copy_from_slice(body.as_bytes()), true)?;
    }
    let (parts, mut coming) = answer.await?.into_parts();
    let mut bytes = Vec::new();
    while let Some(data) = coming.data().await {
        let data = data?;
        coming.flow_control().release_capacity(data.len())?;
        bytes.extend_from_slice(&data);
    }
    Ok((parts, String::from_utf8(bytes).unwrap()))
}

fn curl(files: &Files, args: &[&str]) -> Output {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--cacert"])
        .arg(files.certificate())
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Runs a program in Node, which finds the certificate, the port and the address as variables.
fn node(files: &Files, server: &TestServer, program: &str) -> Json {
    let program = format!(
        "const ca = require('fs').readFileSync({:?}); const port = {}; const base = `https://localhost:${{port}}`;\n\
         const tell = value => console.log(JSON.stringify(value));\n{program}",
        files.certificate(),
        server.address.port()
    );
    let output =
        Command::new("node").args(["-e", &program]).stderr(Stdio::inherit()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

const ECHO: &str = "export default { async fetch(request) {
    const headers = Object.fromEntries(request.headers);
    return Response.json({ url: request.url, headers, body: await request.text() });
} }";

fn deploy(files: &Files, server: &TestServer, name: &str, source: &str) {
    let at = format!("https://localhost:{}/v1/scripts/{name}", server.address.port());
    let args = ["-X", "PUT", "-H", "content-type: text/javascript", "--data-binary", source, &at];
    let answer = curl(files, &args).stdout;
    assert!(String::from_utf8_lossy(&answer).contains("\"version\""), "{answer:?}");
}

#[test]
fn clients_get_the_version_of_http_that_they_offer_and_handlers_see_https() {
    let files = Files::new();
    let server = files.serve();
    deploy(&files, &server, "echo", ECHO);
    let at = format!("https://localhost:{}/h/echo/a?b", server.address.port());
    for (version, told) in [("--http1.1", "1.1"), ("--http2", "2")] {
        let answer = curl(&files, &[version, "-w", "\n%{http_version}", "-d", "sent", &at]).stdout;
        let text = String::from_utf8(answer).unwrap();
        let (body, spoken) = text.rsplit_once('\n').unwrap();
        assert_eq!(spoken, told, "{text}");
        let seen: Json = serde_json::from_str(body).unwrap();
        let url = at.replace("/h/echo", "");
        assert_eq!((&seen["url"], &seen["body"]), (&json!(url), &json!("sent")));
    }
    let seen = node(
        &files,
        &server,
        "require('https').get(base + '/livez', { ca }, answer => {
            answer.resume().on('end', () => tell([answer.statusCode, answer.httpVersion]));
        });",
    );
    assert_eq!(seen, json!([200, "1.1"]));
    let seen = node(
        &files,
        &server,
        "const session = require('http2').connect(base, { ca });
         const asked = session.request({ ':path': '/h/echo/', cookie: ['a=1', 'b=2'], 'x-one': '1' });
         let status, text = '';
         asked.setEncoding('utf8').on('response', headers => status = headers[':status']).on('data', data => text += data)
           .on('end', () => { session.close(); tell([status, JSON.parse(text).headers]); });",
    );
    assert_eq!(
        (&seen[0], &seen[1]["cookie"], &seen[1]["x-one"]),
        (&json!(200), &json!("a=1; b=2"), &json!("1"))
    );
    // In the clear nothing is said on this port.
    let mut plain = TcpStream::connect(server.address).unwrap();
    plain.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    // It may be reset behind the alert.
    let _ = plain.read_to_end(&mut bytes);
    assert!(!bytes.windows(4).any(|part| part == b"HTTP"), "{bytes:?}");
}

#[test]
fn large_bodies_go_both_ways_by_both_versions() {
    let files = Files::new();
    let mut config = config();
    (config.limits.output, config.limits.heap) = (16 << 20, 128 << 20);
    let server = files.serve_with(ServerConfig {
        max_bytes_in_flight: 256 << 20,
        run_result_bytes: 16 << 20,
        ..config
    });
    deploy(&files, &server, "same", "export default bytes => bytes");
    let sent: Vec<u8> = (0..6_000_000_u32).map(|number| (number % 251) as u8).collect();
    fs::write(files.0.path().join("sent"), &sent).unwrap();
    let sent_file = format!("@{}", files.0.path().join("sent").display());
    let at = format!("https://localhost:{}/v1/scripts/same/runs?raw", server.address.port());
    for version in ["--http1.1", "--http2"] {
        let kind = "content-type: application/octet-stream";
        let wanted = "accept: application/octet-stream";
        let answer =
            curl(&files, &[version, "-H", kind, "-H", wanted, "--data-binary", &sent_file, &at]);
        assert!(answer.stdout == sent, "{version}: {} bytes", answer.stdout.len());
    }
    until("all is given back", || files.in_flight(&server) == 0);
    // Too large a body is refused, and its connection goes on.
    let runtime = runtime();
    let (client, _connection) = files.two(&runtime, &server);
    let large = "x".repeat(9 << 20);
    let (parts, body) = runtime
        .block_on(asked(
            &client,
            request("POST", "/v1/scripts/same/runs?raw", &[("content-type", "text/plain")]),
            &large,
        ))
        .unwrap();
    assert_eq!(parts.status, 413, "{body}");
    assert!(runtime.block_on(asked(&client, request("GET", "/livez", &[]), "")).is_ok());
}

#[test]
fn events_come_as_they_happen_by_both_versions() {
    let files = Files::new();
    let server = files.serve();
    let listen = "let text = ''; const seen = data => {
          text += data;
          if (text.includes('retry:') && !deployed) deployed = deploy();
          if (text.includes('event: deploy')) { tell(text.includes('heard')); process.exit(); }
        };
        let deployed;
        const deploy = () => require('https').request(base + '/v1/scripts/heard', { ca, method: 'PUT',
          headers: { 'content-type': 'text/javascript' } }).end(String(Math.random()));";
    let one = "require('https').get(base + '/v1/events', { ca }, answer => answer.setEncoding('utf8').on('data', seen));";
    let two = "const session = require('http2').connect(base, { ca });
        session.request({ ':path': '/v1/events' }).setEncoding('utf8').on('data', seen);";
    for asks in [one, two] {
        assert_eq!(node(&files, &server, &format!("{listen}\n{asks}")), json!(true), "{asks}");
    }
}

#[test]
fn what_is_no_request_of_http2_is_refused_and_costs_no_other() {
    let files = Files::new();
    let server = files.serve();
    let runtime = runtime();
    let (client, _connection) = files.two(&runtime, &server);
    let ask = |request| runtime.block_on(asked(&client, request, "")).unwrap();
    let status = |request| ask(request).0.status.as_u16();
    assert_eq!(status(request("GET", "/livez", &[])), 200);
    assert_eq!(status(request("GET", "/livez", &[("host", "other")])), 400);
    assert_eq!(status(request("GET", "/livez", &[("host", "localhost")])), 200);
    assert_eq!(status(request("GET", "/livez", &[("expect", "tea")])), 417);
    let many: Vec<(String, String)> =
        (0..101).map(|n| (format!("x-{n}"), "1".to_owned())).collect();
    let many: Vec<_> = many.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(status(request("GET", "/livez", &many)), 431);
    let strange = http::Request::get("https://stranger.example/livez").body(()).unwrap();
    assert_eq!(status(strange), 403);
    assert_eq!(status(request("GET", "/livez", &[])), 200);
    // A head that is larger than any may be.
    let large = "x".repeat(20 << 10);
    let answered = runtime.block_on(asked(&client, request("GET", "/livez", &[("x", &large)]), ""));
    assert!(answered.is_err() || answered.unwrap().0.status == 431);
}

#[test]
fn a_client_that_stops_reading_is_given_up_and_all_it_held_is_free() {
    let files = Files::new();
    let mut config = config();
    config.write_timeout = Duration::from_millis(300);
    (config.limits.wall, config.limits.cpu) = (Duration::from_secs(60), Duration::from_secs(60));
    let server = files.serve_with(config);
    deploy(&files, &server, "large", "export default () => 'x'.repeat(3 << 20)");
    // By HTTP/1.1, where nothing is taken of the socket.
    let mut one = files.one(&server);
    let run =
        "POST /v1/scripts/large/runs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n";
    one.write_all(run.as_bytes()).unwrap();
    // By HTTP/2, where no room is made for more.
    let runtime = runtime();
    let (client, _connection) = files.two(&runtime, &server);
    let held = runtime.block_on(async {
        let mut client = client.clone().ready().await.unwrap();
        let (answer, _) =
            client.send_request(request("POST", "/v1/scripts/large/runs", &[]), true).unwrap();
        let (parts, mut body) = answer.await.unwrap().into_parts();
        assert_eq!(parts.status, 200);
        let mut came = 0;
        loop {
            match body.data().await {
                Some(Ok(data)) => came += data.len(),
                Some(Err(error)) => break (came, error.reason()),
                None => break (came, None),
            }
        }
    });
    assert_eq!(held.1, Some(h2::Reason::CANCEL), "{} bytes came", held.0);
    assert!(held.0 < 3 << 20);
    until("all is given back", || files.in_flight(&server) == 0);
    // The connection itself is as it was.
    let (parts, _) = runtime.block_on(asked(&client, request("GET", "/livez", &[]), "")).unwrap();
    assert_eq!(parts.status, 200);
    drop(one);
}

#[test]
fn a_run_ends_when_its_request_is_taken_back() {
    let files = Files::new();
    let mut config = config();
    (config.limits.wall, config.limits.cpu) = (Duration::from_secs(600), Duration::from_secs(600));
    let server = files.serve_with(config);
    deploy(&files, &server, "endless", "export default () => { for (;;) {} }");
    let runtime = runtime();
    let (client, _connection) = files.two(&runtime, &server);
    let running = || {
        let health: Json = serde_json::from_str(&files.get(&server, "/healthz").unwrap()).unwrap();
        health["running"].as_u64().unwrap()
    };
    let taken_back = runtime.block_on(async {
        let mut client = client.clone().ready().await.unwrap();
        client.send_request(request("POST", "/v1/scripts/endless/runs", &[]), true).unwrap()
    });
    until("it runs", || running() == 1);
    drop(taken_back);
    until("it does not run any more", || running() == 0);
}

#[test]
fn handshakes_and_connections_that_do_not_go_on_are_given_up() {
    let files = Files::new();
    let mut config = config();
    config.read_timeout = Duration::from_millis(200);
    let server = files.serve_with(config);
    let gone = |mut stream: TcpStream| {
        let mut bytes = Vec::new();
        match stream.read_to_end(&mut bytes) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
        }
    };
    let silent = TcpStream::connect(server.address).unwrap();
    let mut half = TcpStream::connect(server.address).unwrap();
    half.write_all(&[22, 3, 1, 2, 0, 1]).unwrap();
    assert!(files.get(&server, "/livez").is_ok(), "others are served meanwhile");
    gone(silent);
    gone(half);
    // And one whose handshake is done, by either version.
    let mut one = files.one(&server);
    one.flush().unwrap();
    one.conn.complete_io(&mut one.sock).unwrap();
    gone(one.sock.try_clone().unwrap());
    let runtime = runtime();
    let (client, connection) = files.two(&runtime, &server);
    // A body that does not go on is a request's own matter.
    let status = runtime.block_on(async {
        let mut client = client.clone().ready().await.unwrap();
        let (answer, _sending) =
            client.send_request(request("POST", "/v1/runs", &[]), false).unwrap();
        answer.await.unwrap().status()
    });
    assert_eq!(status, 408);
    assert!(runtime.block_on(connection).unwrap().is_ok(), "the server says that it ends");
}

#[test]
fn a_server_that_ends_says_so_and_what_has_begun_is_answered() {
    let files = Files::new();
    let mut server = files.serve();
    deploy(
        &files,
        &server,
        "waits",
        "export default ms => { const end = Date.now() + ms; while (Date.now() < end); return 7 }",
    );
    let runtime = runtime();
    let (client, connection) = files.two(&runtime, &server);
    let (idle, idle_connection) = files.two(&runtime, &server);
    assert!(runtime.block_on(asked(&idle, request("GET", "/livez", &[]), "")).is_ok());
    let headers = [("content-type", "application/json")];
    let run = request("POST", "/v1/scripts/waits/runs", &headers);
    let begun = client.clone();
    let answered = runtime.spawn(async move { asked(&begun, run, r#"{"input": 500}"#).await });
    let running = || {
        let health: Json = serde_json::from_str(&files.get(&server, "/healthz").unwrap()).unwrap();
        health["running"].as_u64().unwrap()
    };
    until("it runs", || running() == 1);
    server.begin_stop();
    let (parts, body) = runtime.block_on(answered).unwrap().unwrap();
    assert_eq!(parts.status, 200, "{body}");
    assert!(body.contains("\"value\":7"), "{body}");
    for connection in [connection, idle_connection] {
        assert!(runtime.block_on(connection).unwrap().is_ok(), "it was ended in order");
    }
    server.stop();
}

#[test]
fn a_handshake_that_is_under_way_when_the_server_ends_goes_on_and_its_client_is_told() {
    let files = Files::new();
    let mut server = files.serve_with(ServerConfig {
        drain_timeout: Duration::from_secs(60),
        read_timeout: Duration::from_secs(60),
        ..config()
    });
    let silent = TcpStream::connect(server.address).unwrap();
    let mut begun = files.one(&server);
    // What the server says to the client's first words waits in the socket, so that the handshake has begun there.
    begun.conn.write_tls(&mut begun.sock).unwrap();
    begun.sock.peek(&mut [0]).unwrap();
    server.begin_stop();
    // Others are told so for as long as that handshake is under way.
    until("it ends", || {
        files.get(&server, "/v1/usage").is_ok_and(|body| body.contains("ERR_ENDING"))
    });
    // One that has said nothing is closed meanwhile.
    assert_eq!(Read::read(&mut &silent, &mut [0]).unwrap(), 0);
    // The end of the handshake and the request go together.
    let request = b"GET /v1/usage HTTP/1.1\r\nhost: localhost\r\n\r\n";
    begun.conn.writer().write_all(request).unwrap();
    let mut told = String::new();
    begun.read_to_string(&mut told).unwrap();
    assert!(told.starts_with("HTTP/1.1 503 ") && told.contains("ERR_ENDING"), "{told}");
    assert!(told.contains("connection: close"), "{told}");
    server.stop();
}

#[test]
fn a_renewed_certificate_is_offered_to_new_connections_and_a_bad_one_is_not() {
    let files = Files::new();
    let server = files.serve();
    let runtime = runtime();
    let (client, _connection) = files.two(&runtime, &server);
    let alive = || runtime.block_on(asked(&client, request("GET", "/livez", &[]), "")).is_ok();
    assert!(alive());
    // Each client trusts the pair of now alone, so that it is answered when that is offered.
    files.renew();
    until("the new one is offered", || files.get(&server, "/livez").is_ok());
    let (certificate, key) =
        (fs::read(files.certificate()).unwrap(), fs::read(files.key()).unwrap());
    // Half of a renewal, and then none at all.
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(files.key(), other.signing_key.serialize_pem()).unwrap();
    assert!(files.get(&server, "/livez").is_ok());
    fs::write(files.key(), "no key").unwrap();
    assert!(files.get(&server, "/livez").is_ok());
    fs::remove_file(files.key()).unwrap();
    assert!(files.get(&server, "/livez").is_ok());
    fs::write(files.key(), key).unwrap();
    fs::write(files.certificate(), certificate).unwrap();
    files.renew();
    until("one in order is offered again", || files.get(&server, "/livez").is_ok());
    assert!(alive(), "what was open goes on");
}

#[test]
fn a_server_without_a_whole_pair_does_not_start_and_says_why() {
    let files = Files::new();
    let refused = |tls: TlsConfig| {
        let config = ServerConfig { tls: Some(tls), ..config() };
        let error = runtime().block_on(sandtide_server::Server::bind(config)).err().unwrap();
        (error.code(), error.to_string())
    };
    let missing = refused(TlsConfig::new(files.0.path().join("none.pem"), files.key()));
    assert_eq!(missing.0, "ERR_TLS_FILE");
    assert!(missing.1.contains("certificate") && missing.1.contains("none.pem"), "{}", missing.1);
    let swapped = refused(TlsConfig::new(files.key(), files.certificate()));
    assert_eq!(swapped.0, "ERR_TLS_CERTIFICATE", "{}", swapped.1);
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(files.key(), other.signing_key.serialize_pem()).unwrap();
    let mismatch = refused(files.config());
    assert_eq!(mismatch.0, "ERR_TLS_KEY_MISMATCH", "{}", mismatch.1);
    fs::write(files.key(), "").unwrap();
    assert_eq!(refused(files.config()).0, "ERR_TLS_CERTIFICATE");
    // Beyond loopback a server needs tokens, with TLS as without.
    files.renew();
    let open = ServerConfig {
        listen: "0.0.0.0:0".parse().unwrap(),
        tls: Some(files.config()),
        ..config()
    };
    let error = runtime().block_on(sandtide_server::Server::bind(open)).err().unwrap();
    assert_eq!(error.code(), "ERR_CONFIG", "{error}");
}

/// Frames of HTTP/2 as they are on the wire, for what no client of others does.
struct Raw(StreamOwned<ClientConnection, TcpStream>);

impl Raw {
    const SETTINGS: u8 = 4;
    const WINDOW_UPDATE: u8 = 8;
    /// A setting that makes this the room for answers that have begun, and will begin.
    fn room(bytes: u32) -> Vec<u8> {
        [&[0, 4][..], &bytes.to_be_bytes()].concat()
    }

    fn open(files: &Files, server: &TestServer, room: u32) -> Self {
        let name = ServerName::try_from("localhost").unwrap();
        let session = ClientConnection::new(files.client(&[b"h2"]), name).unwrap();
        let mut raw = Self(StreamOwned::new(session, TcpStream::connect(server.address).unwrap()));
        raw.0.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        raw.frame(Self::SETTINGS, 0, 0, &Self::room(room));
        raw.frame(Self::WINDOW_UPDATE, 0, 0, &(1_u32 << 30).to_be_bytes());
        raw
    }

    fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
        self.0.write_all(&[&head, payload].concat()).unwrap();
    }

    /// A request without a body.
    fn ask(&mut self, stream: u32, method: &str, path: &str) {
        let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
        // Of HPACK's table: the method, https, and a path and an authority in plain text.
        let method = if method == "GET" { 0x82 } else { 0x83 };
        let head = [&[method, 0x87, 0x04][..], &text(path), &[0x01], &text("localhost")].concat();
        self.frame(1, 0x5, stream, &head);
    }
}

#[test]
fn room_that_a_client_takes_back_frees_what_was_handed_over() {
    let files = Files::new();
    let mut config = config();
    config.write_timeout = Duration::from_secs(4);
    config.read_timeout = Duration::from_secs(1);
    (config.limits.wall, config.limits.cpu) = (Duration::from_secs(60), Duration::from_secs(60));
    let server = files.serve_with(config);
    deploy(&files, &server, "large", "export default () => 'x'.repeat(3 << 20)");
    deploy(&files, &server, "small", "export default () => 'x'.repeat(9000)");
    let mut raw = Raw::open(&files, &server, 16 << 20);
    raw.ask(1, "POST", "/v1/scripts/large/runs");
    until("the large answer waits", || files.in_flight(&server) > 3 << 20);
    let held = files.in_flight(&server);
    raw.ask(3, "POST", "/v1/scripts/small/runs");
    until("the small one waits behind it", || files.in_flight(&server) > held);
    // It takes back what it gave while the socket is full, and only then reads.
    raw.frame(Raw::SETTINGS, 0, 0, &Raw::room(0));
    let mut came = Vec::new();
    let _ = raw.0.read_to_end(&mut came);
    assert!(came.len() < 3 << 20, "{} bytes came", came.len());
    until("all is given back", || files.in_flight(&server) == 0);
}

#[test]
fn what_many_requests_of_a_connection_hold_is_counted_and_bounded() {
    let files = Files::new();
    let mut config = config();
    config.read_timeout = Duration::from_secs(8);
    config.write_timeout = Duration::from_secs(8);
    (config.max_body_bytes, config.limits.output) = (512 << 10, 512 << 10);
    let server = files.serve_with(ServerConfig { max_bytes_in_flight: 1 << 20, ..config });
    let runtime = runtime();
    // Heads of requests whose bodies do not end.
    let (client, connection) = files.two(&runtime, &server);
    let large = "x".repeat(12 << 10);
    let head = [("x", &*large)];
    let begin = |client: &SendRequest<Bytes>| {
        runtime.block_on(async {
            let mut client = client.clone().ready().await.unwrap();
            client.send_request(request("POST", "/v1/runs", &head), false).unwrap()
        })
    };
    let first = begin(&client);
    let mut others: Vec<_> = (0..63).map(|_| begin(&client)).collect();
    until("they are counted", || files.in_flight(&server) > 512 << 10);
    let (refused, _sending) = others.pop().unwrap();
    let refused = runtime.block_on(refused).unwrap();
    assert_eq!(refused.status(), 503, "for the last one there is no room");
    assert!(files.in_flight(&server) <= 1 << 20);
    drop((first, others, client));
    connection.abort();
    until("all is given back", || files.in_flight(&server) == 0);

    // Answers that nobody makes room for, whose requests were small.
    let mut raw = Raw::open(&files, &server, 0);
    let size = u64::try_from(files.get(&server, "/v1/openapi.json").unwrap().len()).unwrap();
    for stream in (1..=127).step_by(2) {
        raw.ask(stream, "GET", "/v1/openapi.json");
    }
    until("they are counted", || files.in_flight(&server) > size.min(512 << 10));
    assert!(files.in_flight(&server) <= 1 << 20);
    drop(raw);
    until("all is given back", || files.in_flight(&server) == 0);
}

#[test]
fn as_many_requests_as_a_connection_may_have_leave_it_usable() {
    let files = Files::new();
    let server = files.serve();
    let runtime = runtime();
    let (client, _connection) = files.two(&runtime, &server);
    // How many there may be at once is known with the first answer; before it more would be refused.
    let first = asked(&client, request("GET", "/livez", &[]), "");
    assert_eq!(runtime.block_on(first).unwrap().0.status, 200);
    let many = (0..300).map(|_| asked(&client, request("GET", "/livez", &[]), ""));
    let answered = runtime.block_on(futures_util::future::join_all(many));
    assert!(answered.iter().all(|answer| answer.as_ref().unwrap().0.status == 200));
    // And with bodies that are refused before they end: their share of the connection's room comes back.
    let large = "x".repeat(9 << 20);
    let headers = [("content-type", "text/plain")];
    for _ in 0..8 {
        let refused = asked(&client, request("POST", "/v1/runs", &headers), &large);
        assert_eq!(runtime.block_on(refused).unwrap().0.status, 413);
    }
    let body = r#"{"source": "export default () => 7"}"#;
    let headers = [("content-type", "application/json")];
    let run = asked(&client, request("POST", "/v1/runs", &headers), body);
    assert_eq!(runtime.block_on(run).unwrap().0.status, 200);
}

/// Sends records with nothing in them until nobody takes them any more.
fn send_empty_records(
    files: &Files,
    server: &TestServer,
) -> impl FnOnce() -> bool + Send + 'static {
    let mut config = Arc::unwrap_or_clone(files.client(&[b"http/1.1"]));
    config.enable_secret_extraction = true;
    let name = ServerName::try_from("localhost").unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(session, TcpStream::connect(server.address).unwrap());
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock).unwrap();
    }
    let StreamOwned { conn, mut sock } = stream;
    let suite = conn.negotiated_cipher_suite().unwrap().tls13().unwrap();
    let (mut number, secrets) = conn.dangerous_extract_secrets().unwrap().tx;
    let (ConnectionTrafficSecrets::Aes128Gcm { key, iv }
    | ConnectionTrafficSecrets::Aes256Gcm { key, iv }
    | ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv }) = secrets
    else {
        panic!("secrets of another form")
    };
    let mut encrypter = suite.aead_alg.encrypter(key, iv);
    sock.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    move || {
        let begun = std::time::Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            let mut records = Vec::new();
            for _ in 0..1000 {
                let empty = OutboundPlainMessage {
                    typ: ContentType::ApplicationData,
                    version: ProtocolVersion::TLSv1_2,
                    payload: OutboundChunks::Single(&[]),
                };
                records.extend(encrypter.encrypt(empty, number).unwrap().encode());
                number += 1;
            }
            match sock.write_all(&records) {
                Ok(()) => {}
                Err(error) => return error.kind() != ErrorKind::WouldBlock,
            }
        }
        false
    }
}

#[test]
fn records_with_nothing_in_them_keep_neither_a_connection_nor_a_thread() {
    let files = Files::new();
    let mut config = config();
    config.read_timeout = Duration::from_millis(500);
    let server = files.serve_with(config);
    // As many as there are threads for connections, and more.
    let flows: Vec<_> =
        (0..4).map(|_| std::thread::spawn(send_empty_records(&files, &server))).collect();
    assert!(files.get(&server, "/livez").is_ok(), "others are served meanwhile");
    for flow in flows {
        assert!(flow.join().unwrap(), "it was given up");
    }
}
