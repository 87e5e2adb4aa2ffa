//! Where servers listen, where connections go to, and what names stand for.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs},
    path::Path,
    sync::Arc,
    thread,
};

use rquickjs::{Array, Ctx, Function, Object, Value};
use rustix::net::{AddressFamily, SocketType, sockopt};

use super::{
    dispatch::address_parts,
    errno, js, new_settings,
    queue::{Command, Id, Settings},
    stream::{Listener, Stream},
};
use crate::event_loop::{self, Callback};

pub(super) fn init<'js>(ctx: &Ctx<'js>, binding: &Object<'js>) -> rquickjs::Result<()> {
    let set = |name: &str, function: Function<'js>| binding.set(name, function);
    set("listen", Function::new(ctx.clone(), listen)?)?;
    set("listenPath", Function::new(ctx.clone(), listen_path)?)?;
    set("connect", Function::new(ctx.clone(), connect)?)?;
    set("connectPath", Function::new(ctx.clone(), connect_path)?)?;
    set("lookup", Function::new(ctx.clone(), lookup)?)?;
    let is_ip = |text: String| match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 4,
        Ok(IpAddr::V6(_)) => 6,
        // A zone may follow.
        Err(_) => match text.split_once('%') {
            Some((ip, zone))
                if !zone.is_empty() && ip.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()) =>
            {
                6
            }
            _ => 0,
        },
    };
    set("isIP", Function::new(ctx.clone(), is_ip)?)?;
    Ok(())
}

fn bind(address: SocketAddr, backlog: i32, v6_only: bool, share: bool) -> io::Result<TcpListener> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = rustix::net::socket(family, SocketType::STREAM, None)?;
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    if share {
        sockopt::set_socket_reuseport(&socket, true)?;
    }
    if address.is_ipv6() {
        sockopt::set_ipv6_v6only(&socket, v6_only)?;
    }
    rustix::net::bind(&socket, &address)?;
    rustix::net::listen(&socket, backlog)?;
    let listener = TcpListener::from(socket);
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn add(listener: Listener, settings: Arc<Settings>) -> Id {
    let server = js::next_id();
    js::add_server(server, Arc::clone(&settings));
    js::keep(server, true);
    js::command(Command::Listen { server, listener, settings });
    server
}

/// Listens at an IP address: `[server, address, port, family]`, or an error's number.
fn listen<'js>(
    ctx: Ctx<'js>,
    address: String,
    port: u16,
    backlog: i32,
    v6_only: bool,
    share: bool,
    raw: bool,
) -> rquickjs::Result<Value<'js>> {
    let made =
        address.parse().map_err(|_| io::Error::from_raw_os_error(22)).and_then(|ip: IpAddr| {
            let listener = bind(SocketAddr::new(ip, port), backlog, v6_only, share)?;
            Ok((listener.local_addr()?, listener))
        });
    match made {
        Err(error) => Ok(errno(&ctx, &error)),
        Ok((local, listener)) => {
            let listener = Listener::Tcp(mio::net::TcpListener::from_std(listener));
            let server = add(listener, new_settings(raw));
            let array = Array::new(ctx.clone())?;
            array.set(0, server)?;
            for (at, part) in address_parts(&ctx, local)?.into_iter().enumerate() {
                array.set(at + 1, part)?;
            }
            Ok(array.into_value())
        }
    }
}

/// Listens at a local socket: `[server]`, or an error's number.
fn listen_path<'js>(ctx: Ctx<'js>, path: String, raw: bool) -> rquickjs::Result<Value<'js>> {
    match mio::net::UnixListener::bind(Path::new(&path)) {
        Err(error) => Ok(errno(&ctx, &error)),
        Ok(listener) => {
            let server = add(Listener::Unix(listener), new_settings(raw));
            let array = Array::new(ctx.clone())?;
            array.set(0, server)?;
            Ok(array.into_value())
        }
    }
}

fn start(stream: io::Result<Stream>, raw: bool) -> f64 {
    match stream {
        Ok(stream) => {
            let conn = js::next_id();
            js::keep(conn, true);
            js::command(Command::Connect { conn, stream, raw });
            conn.into()
        }
        Err(error) => -f64::from(error.raw_os_error().unwrap_or(5)),
    }
}

/// Begins to connect: the connection's id, or the negative of an error's number.
fn connect(address: String, port: u16, raw: bool) -> f64 {
    let stream = address
        .parse()
        .map_err(|_| io::Error::from_raw_os_error(22))
        .and_then(|ip: IpAddr| mio::net::TcpStream::connect(SocketAddr::new(ip, port)));
    start(stream.map(Stream::Tcp), raw)
}

fn connect_path(path: String, raw: bool) -> f64 {
    start(mio::net::UnixStream::connect(Path::new(&path)).map(Stream::Unix), raw)
}

/// Looks a name up on a thread of its own, because the system's function waits. Calls `done` with
/// the addresses (of a family, if not 0), or with the name of an error.
fn lookup<'js>(ctx: Ctx<'js>, name: String, family: u8, done: Function<'js>) {
    let done = Callback::new(&ctx, done);
    let handle = event_loop::handle();
    let alive = handle.keep_alive();
    thread::spawn(move || {
        let found = resolve(&name, family);
        handle.post(move |ctx| {
            let _alive = alive;
            let done = done.take(ctx)?;
            match found {
                Ok(addresses) => done.call((addresses,)),
                Err(code) => done.call((code,)),
            }
        });
    });
}

fn resolve(name: &str, family: u8) -> Result<Vec<String>, &'static str> {
    let found = (name, 0).to_socket_addrs().map_err(|error| {
        // The standard library keeps the system's message only.
        if error.to_string().contains("Temporary failure") { "EAI_AGAIN" } else { "ENOTFOUND" }
    })?;
    let mut addresses = Vec::new();
    for address in found {
        let wanted = match family {
            4 => address.is_ipv4(),
            6 => address.is_ipv6(),
            _ => true,
        };
        let text = address.ip().to_string();
        if wanted && !addresses.contains(&text) {
            addresses.push(text);
        }
    }
    if addresses.is_empty() { Err("ENOTFOUND") } else { Ok(addresses) }
}
