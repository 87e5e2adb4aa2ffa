//! `internalBinding('os')`: what the system tells of itself.

use std::fs;

use nix::{
    ifaddrs::getifaddrs,
    net::if_::InterfaceFlags,
    sys::socket::{AddressFamily, SockaddrLike as _, SockaddrStorage},
    unistd::{Uid, User},
};
use rquickjs::{Array, Ctx, Function, Object};
use rustix::process::Pid;

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    let set = |name: &str, function: Function<'js>| binding.set(name, function);
    set("uname", Function::new(ctx.clone(), uname)?)?;
    set("memory", Function::new(ctx.clone(), memory)?)?;
    set("uptime", Function::new(ctx.clone(), uptime)?)?;
    set("loadavg", Function::new(ctx.clone(), loadavg)?)?;
    set("parallelism", Function::new(ctx.clone(), parallelism)?)?;
    set("readText", Function::new(ctx.clone(), read_text)?)?;
    set("user", Function::new(ctx.clone(), user)?)?;
    set("interfaces", Function::new(ctx.clone(), interfaces)?)?;
    set("getPriority", Function::new(ctx.clone(), get_priority)?)?;
    set("setPriority", Function::new(ctx.clone(), set_priority)?)?;
    Ok(binding)
}

/// System, release, version, machine, name of the host.
fn uname() -> Vec<String> {
    let name = rustix::system::uname();
    [name.sysname(), name.release(), name.version(), name.machine(), name.nodename()]
        .into_iter()
        .map(|text| text.to_string_lossy().into_owned())
        .collect()
}

/// Bytes: all there are, those that are free.
fn memory() -> Vec<f64> {
    let text = read_text("/proc/meminfo".to_owned());
    let kilobytes = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse::<f64>().ok()
    };
    vec![
        kilobytes("MemTotal:").unwrap_or(0.0) * 1024.0,
        kilobytes("MemAvailable:").unwrap_or(0.0) * 1024.0,
    ]
}

/// Seconds since the system started.
fn uptime() -> f64 {
    first_numbers("/proc/uptime", 1)[0]
}

fn loadavg() -> Vec<f64> {
    first_numbers("/proc/loadavg", 3)
}

fn first_numbers(path: &str, count: usize) -> Vec<f64> {
    let text = read_text(path.to_owned());
    let mut numbers: Vec<f64> =
        text.split_whitespace().map_while(|word| word.parse().ok()).take(count).collect();
    numbers.resize(count, 0.0);
    numbers
}

fn parallelism() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A file of the system's, or nothing.
fn read_text(path: String) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// Who runs this: `{ uid, gid, username, homedir, shell }`.
fn user(ctx: Ctx<'_>) -> rquickjs::Result<Option<Object<'_>>> {
    let Some(user) = User::from_uid(Uid::effective()).ok().flatten() else { return Ok(None) };
    let object = Object::new(ctx)?;
    object.set("uid", user.uid.as_raw())?;
    object.set("gid", user.gid.as_raw())?;
    object.set("username", user.name)?;
    object.set("homedir", user.dir.to_string_lossy().into_owned())?;
    object.set("shell", user.shell.to_string_lossy().into_owned())?;
    Ok(Some(object))
}

/// Of each address of an interface that is up: name, address, netmask, MAC, whether internal, and
/// the scope of an IPv6 address (-1 if it is not one).
fn interfaces(ctx: Ctx<'_>) -> rquickjs::Result<Array<'_>> {
    let found: Vec<_> = getifaddrs().map(Iterator::collect).unwrap_or_default();
    let result = Array::new(ctx.clone())?;
    let mut count = 0;
    for interface in &found {
        let up = InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING;
        if !interface.flags.contains(up) {
            continue;
        }
        let Some(address) = interface.address.as_ref().and_then(ip) else { continue };
        let netmask = interface.netmask.as_ref().and_then(ip).map(|(text, _)| text);
        let mac = found.iter().find_map(|other| {
            let link = other.address.as_ref()?.as_link_addr()?;
            (other.interface_name == interface.interface_name).then(|| link.addr()).flatten()
        });
        let mac = mac.unwrap_or_default().map(|byte| format!("{byte:02x}")).join(":");
        let entry = Array::new(ctx.clone())?;
        entry.set(0, &interface.interface_name)?;
        entry.set(1, address.0)?;
        entry.set(2, netmask.unwrap_or_default())?;
        entry.set(3, mac)?;
        entry.set(4, interface.flags.contains(InterfaceFlags::IFF_LOOPBACK))?;
        entry.set(5, address.1)?;
        result.set(count, entry)?;
        count += 1;
    }
    Ok(result)
}

fn ip(address: &SockaddrStorage) -> Option<(String, f64)> {
    match address.family()? {
        AddressFamily::Inet => Some((address.as_sockaddr_in()?.ip().to_string(), -1.0)),
        AddressFamily::Inet6 => {
            let address = address.as_sockaddr_in6()?;
            Some((address.ip().to_string(), address.scope_id().into()))
        }
        _ => None,
    }
}

/// The priority, or 1000 and the error number.
fn get_priority(pid: i32) -> i32 {
    rustix::process::getpriority_process(Pid::from_raw(pid))
        .unwrap_or_else(|error| 1000 + error.raw_os_error())
}

/// 0, or a negative error number.
fn set_priority(pid: i32, priority: i32) -> i32 {
    rustix::process::setpriority_process(Pid::from_raw(pid), priority)
        .err()
        .map_or(0, |error| -error.raw_os_error())
}
