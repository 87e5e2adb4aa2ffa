//! Finds the port that a process listens on. Reads /proc: programs that cannot be told a port are
//! found where they listen, and a process of somebody else's is never taken for the one started.

use std::collections::HashSet;
use std::fs;

/// The port of a TCP socket over IPv4 that the process listens on.
pub(crate) fn listening_port(pid: u32) -> Option<u16> {
    let own = sockets(pid);
    let table = fs::read_to_string(format!("/proc/{pid}/net/tcp")).ok()?;
    table.lines().filter_map(parse_listening).find(|(_, inode)| own.contains(inode)).map(first)
}

fn first((port, _): (u16, u64)) -> u16 {
    port
}

/// The inodes of the sockets that are open in the process.
fn sockets(pid: u32) -> HashSet<u64> {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else { return HashSet::new() };
    files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok())
        .filter_map(|link| link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok())
        .collect()
}

/// Port and inode of a line of `/proc/net/tcp`, if the socket listens.
fn parse_listening(line: &str) -> Option<(u16, u64)> {
    const LISTEN: &str = "0A";
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
    let (_, port) = local.split_once(':')?;
    (*state == LISTEN).then_some((u16::from_str_radix(port, 16).ok()?, inode.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::{listening_port, parse_listening};

    #[test]
    fn only_sockets_that_listen_are_taken() {
        let listening = "   0: 0100007F:2327 00000000:0000 0A 00000000:00000000 00:00000000 00000000 \
                         1000        0 31337 1 0000000000000000 100 0 0 10 0";
        assert_eq!(parse_listening(listening), Some((8999, 31337)));
        assert_eq!(parse_listening(&listening.replace(" 0A ", " 01 ")), None);
        assert_eq!(parse_listening("  sl  local_address rem_address   st"), None);
    }

    #[test]
    fn the_port_that_this_process_listens_on_is_found() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(listening_port(std::process::id()), Some(port));
    }
}
