//! Which addresses are no public ones, by the registries of special addresses (RFC 6890 and what IANA lists
//! since). Must not know names.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Why an address is reached only where it is listed itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Special {
    /// `0.0.0.0/8`, `::`
    Unspecified,
    /// `127.0.0.0/8`, `::1`
    Loopback,
    /// `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16`, and `100.64.0.0/10` between carriers
    Private,
    /// `169.254.0.0/16`, `fe80::/10`, and `168.63.129.16`, by which Azure serves what clouds serve at the former
    LinkLocal,
    /// `fc00::/7`, and `fec0::/10` of old
    UniqueLocal,
    /// `224.0.0.0/4`, `ff00::/8`, and broadcast
    Multicast,
    /// IPv6 addresses that stand for IPv4 ones: mapped, compatible, and those of translators and tunnels
    Mapped,
    /// Documentation, benchmarks, and what is reserved
    Reserved,
}

impl fmt::Display for Special {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::LinkLocal => "link-local",
            Self::UniqueLocal => "unique-local",
            Self::Multicast => "multicast",
            Self::Mapped => "mapped",
            Self::Reserved => "reserved",
        })
    }
}

impl Special {
    /// What an address is; `None` for a public one.
    #[must_use]
    pub fn of(address: IpAddr) -> Option<Special> {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Option<Special> {
    let [a, b, c, d] = address.octets();
    match (a, b, c) {
        (0, ..) => Some(Special::Unspecified),
        (127, ..) => Some(Special::Loopback),
        (10, ..) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) => Some(Special::Private),
        (169, 254, _) => Some(Special::LinkLocal),
        (168, 63, 129) if d == 16 => Some(Special::LinkLocal),
        (224..=239, ..) | (255, 255, 255) if a < 240 || address.is_broadcast() => {
            Some(Special::Multicast)
        }
        // Documentation, protocols' own, relays of 6to4, benchmarks, the future.
        (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) => Some(Special::Reserved),
        (192, 88, 99) | (198, 18..=19, _) | (240..=255, ..) => Some(Special::Reserved),
        _ => None,
    }
}

fn of_v6(address: Ipv6Addr) -> Option<Special> {
    let segments = address.segments();
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some(Special::Unspecified),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some(Special::Loopback),
        // Mapped, compatible; translators; Teredo; 6to4.
        [0, 0, 0, 0, 0, 0xffff | 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => Some(Special::Mapped),
        [0x64, 0xff9b, ..] | [0x2001, 0, ..] | [0x2002, ..] => Some(Special::Mapped),
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Some(Special::UniqueLocal),
        [0xfe80..=0xfebf, ..] => Some(Special::LinkLocal),
        [0xff00..=0xffff, ..] => Some(Special::Multicast),
        // Protocols' own, and documentation.
        [0x2001, 0x1..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => {
            Some(Special::Reserved)
        }
        [0x2000..=0x3fff, ..] => None,
        // Nothing else is given to anybody.
        _ => Some(Special::Reserved),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_range_is_what_it_is_from_its_first_address_to_its_last() {
        for (addresses, is) in [
            ("0.0.0.0 0.255.255.255 ::", Some(Special::Unspecified)),
            ("127.0.0.1 127.255.255.255 ::1", Some(Special::Loopback)),
            (
                "10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255 \
                 100.64.0.0 100.127.255.255",
                Some(Special::Private),
            ),
            ("168.63.129.16 169.254.0.0 169.254.169.254 fe80:: febf::1", Some(Special::LinkLocal)),
            ("fc00:: fdff::1 fd00:ec2::254 fec0::1", Some(Special::UniqueLocal)),
            ("224.0.0.1 239.255.255.255 255.255.255.255 ff02::1", Some(Special::Multicast)),
            (
                "::ffff:1.1.1.1 ::ffff:127.0.0.1 ::127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 \
                 64:ff9b:1::1 2002:7f00:1:: 2001::1 2001:0:1::",
                Some(Special::Mapped),
            ),
            (
                "192.0.0.1 192.0.2.1 198.51.100.1 203.0.113.1 192.88.99.1 198.18.0.1 198.19.255.255 \
                 240.0.0.1 255.255.255.254 100:: 2001:2::1 2001:1ff::1 2001:db8::1 3fff:fff::1 \
                 1000:: 4000:: 5f00::1 fe00::1",
                Some(Special::Reserved),
            ),
            (
                "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 \
                 168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 \
                 192.0.1.0 198.17.255.255 198.20.0.0 223.255.255.255 2001:200::1 2606:4700::1111 \
                 3ffe::1 2003::1",
                None,
            ),
        ] {
            for address in addresses.split_ascii_whitespace() {
                assert_eq!(Special::of(address.parse().unwrap()), is, "{address}");
            }
        }
    }
}
