//! Lists of hosts, and what they say of a URL and of the address that its host has. Must not know connections.

use std::{fmt, net::IpAddr, str::FromStr};

use url::{Host, Url};

use crate::address::Special;

/// Hosts that may be reached: names, addresses and ranges of addresses, each with a port or without one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    what: What,
    /// `None` for the port that the URL's scheme has by default.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// `*`: whatever has a public address.
    Any,
    Name(String),
    /// `*.example.com`: the name without the star, which begins with a dot.
    Below(String),
    /// The addresses that have their first bits in common with this one.
    Addresses(IpAddr, u8),
}

/// What is no list of hosts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{entry:?} is no host: {why}")]
pub struct HostsError {
    /// The part of the list.
    pub entry: String,
    /// What it should be.
    pub why: &'static str,
}

const FORMS: &str = "give a name (`api.example.com`, `*.example.com`), an address (`10.0.0.7`, `[fd00::7]`) or a \
                     range (`10.0.0.0/8`), each with a port (`:8443`) or without one for the scheme's own";

impl FromStr for Hosts {
    type Err = HostsError;

    /// Entries, with commas between. An empty list reaches nothing.
    fn from_str(text: &str) -> Result<Hosts, HostsError> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let entries = parts.map(Entry::parse).collect::<Result<_, _>>()?;
        Ok(Hosts { entries })
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Entry { what, port }) in self.entries.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            match what {
                What::Any => f.write_str("*")?,
                What::Name(name) => f.write_str(name)?,
                What::Below(name) => write!(f, "*{name}")?,
                What::Addresses(IpAddr::V4(address), 32) => write!(f, "{address}")?,
                What::Addresses(IpAddr::V6(address), 128) => write!(f, "[{address}]")?,
                What::Addresses(IpAddr::V4(address), bits) => write!(f, "{address}/{bits}")?,
                What::Addresses(IpAddr::V6(address), bits) => write!(f, "[{address}/{bits}]")?,
            }
            if let Some(port) = port {
                write!(f, ":{port}")?;
            }
        }
        Ok(())
    }
}

impl Entry {
    fn parse(text: &str) -> Result<Entry, HostsError> {
        let fault = |why| HostsError { entry: text.to_owned(), why };
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']').ok_or(fault(FORMS))?;
                let port = match rest {
                    "" => None,
                    rest => Some(rest.strip_prefix(':').ok_or(fault(FORMS))?),
                };
                (host, port)
            }
            // An IPv6 address in no brackets would have its last part for a port.
            None if text.matches(':').count() > 1 => {
                return Err(fault("an IPv6 address stands in brackets, as `[fd00::7]`"));
            }
            None => match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        let port = match port.map(str::parse) {
            None => None,
            Some(Ok(0) | Err(_)) => return Err(fault("a port is a number from 1 to 65535")),
            Some(Ok(port)) => Some(port),
        };
        let bracketed = text.starts_with('[');
        let what = What::parse(host, bracketed).ok_or(fault(FORMS))?;
        Ok(Entry { what, port })
    }
}

impl What {
    fn parse(host: &str, bracketed: bool) -> Option<What> {
        if host == "*" {
            return Some(What::Any);
        }
        let (address, bits) = match host.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
            None => (host, None),
        };
        if let Ok(address) = address.parse::<IpAddr>() {
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.unwrap_or(most);
            let well = bits <= most && address.is_ipv6() == bracketed;
            return well.then_some(What::Addresses(address, bits));
        }
        if bits.is_some() || bracketed {
            return None;
        }
        let (below, name) = match host.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, host),
        };
        // As URLs write it; what would be an address in a URL (`0x7f.1`) is given as one.
        match Host::parse(name).ok()? {
            Host::Domain(name) if name.contains('*') => None,
            Host::Domain(name) if below => Some(What::Below(format!(".{}", whole(&name)))),
            Host::Domain(name) => Some(What::Name(whole(&name).to_owned())),
            _ => None,
        }
    }

    fn has_address(&self, address: IpAddr) -> bool {
        match self {
            What::Addresses(of, bits) => first_bits(*of, *bits) == first_bits(address, *bits),
            _ => false,
        }
    }

    fn has_name(&self, name: &str) -> bool {
        match self {
            What::Any => true,
            What::Name(of) => of == name,
            What::Below(of) => name.len() > of.len() && name.ends_with(&**of),
            What::Addresses(..) => false,
        }
    }

    /// Whether all that the other one has is here too.
    fn covers(&self, other: &What) -> bool {
        match (self, other) {
            (What::Any, What::Any | What::Name(_) | What::Below(_)) => true,
            (What::Any, What::Addresses(address, bits)) => {
                let most = if address.is_ipv4() { 32 } else { 128 };
                *bits == most && Special::of(*address).is_none()
            }
            (_, What::Name(name)) => self.has_name(name),
            (What::Below(of), What::Below(other)) => other.ends_with(&**of),
            (What::Addresses(_, few), What::Addresses(address, more)) => {
                few <= more && self.has_address(*address)
            }
            _ => false,
        }
    }
}

/// A name without the dot that may end it.
fn whole(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

fn first_bits(address: IpAddr, bits: u8) -> (bool, u128) {
    let (is_v4, all, number) = match address {
        IpAddr::V4(address) => (true, 32_u32, u128::from(u32::from(address))),
        IpAddr::V6(address) => (false, 128, u128::from(address)),
    };
    (is_v4, number.checked_shr(all - u32::from(bits).min(all)).unwrap_or(0))
}

/// The IPv4 address that an IPv6 one is another spelling of.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        v4 => v4,
    }
}

impl Hosts {
    /// Whether it reaches nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The first entry of another list that reaches what this one does not.
    #[must_use]
    pub fn lacks(&self, other: &Hosts) -> Option<String> {
        let covered = |wanted: &&Entry| {
            let ports = |have: &Entry| have.port == wanted.port;
            self.entries.iter().any(|have| ports(have) && have.what.covers(&wanted.what))
        };
        let lacking = other.entries.iter().find(|wanted| !covered(wanted))?;
        Some(Hosts { entries: vec![lacking.clone()] }.to_string())
    }

    fn matching(&self, target: &Target) -> impl Iterator<Item = &What> {
        let default = target.default_port;
        let port = target.port;
        let of_port = move |entry: &&Entry| match entry.port {
            Some(only) => only == port,
            None => port == default,
        };
        self.entries.iter().filter(of_port).map(|entry| &entry.what)
    }

    /// Whether the host that a URL names is here.
    fn has(&self, target: &Target) -> bool {
        self.matching(target).any(|what| match &target.host {
            Named::Name(name) => what.has_name(name),
            Named::Address(address) => {
                what.has_address(*address)
                    || what.has_address(plain(*address))
                    || (*what == What::Any && Special::of(*address).is_none())
            }
        })
    }

    /// Whether an address that is no public one is here itself, or is what `localhost` always means.
    fn has_special(&self, target: &Target, address: IpAddr) -> bool {
        let local = matches!(&target.host, Named::Name(name) if name == "localhost")
            && Special::of(address) == Some(Special::Loopback);
        self.matching(target).any(|what| {
            what.has_address(address)
                || what.has_address(plain(address))
                || (local && *what == What::Name("localhost".to_owned()))
        })
    }
}

/// The host and port of a URL.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) host: Named,
    pub(crate) port: u16,
    default_port: u16,
}

/// What a URL says of its host.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    Name(String),
    Address(IpAddr),
}

impl Target {
    /// The target of a URL of http or https.
    pub(crate) fn of(url: &Url) -> Option<Target> {
        let default_port = match url.scheme() {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let host = match url.host()? {
            Host::Domain(name) => Named::Name(whole(name).to_owned()),
            Host::Ipv4(address) => Named::Address(address.into()),
            Host::Ipv6(address) => Named::Address(address.into()),
        };
        Some(Target { host, port: url.port().unwrap_or(default_port), default_port })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Named::Name(name) => write!(f, "{name}:{}", self.port),
            Named::Address(IpAddr::V6(address)) => write!(f, "[{address}]:{}", self.port),
            Named::Address(address) => write!(f, "{address}:{}", self.port),
        }
    }
}

/// Why a host is not reached: which rule refused it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The script's own list has no such host.
    #[error("{host} is not among the hosts that this script was granted")]
    NotGranted {
        /// Host and port.
        host: String,
    },
    /// The operator's list has none.
    #[error("{host} is not among the hosts that the operator of this server allows")]
    NotAllowed {
        /// Host and port.
        host: String,
    },
    /// The address is no public one, and a list does not have it itself.
    #[error(
        "{host} has a {special} address, which is reached only where the address itself is listed"
    )]
    Special {
        /// Host and port.
        host: String,
        /// What the address is.
        special: Special,
    },
}

/// What a script may reach: its own list, within the operator's.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    granted: Hosts,
    allowed: Option<Hosts>,
}

impl Rules {
    /// What a list has.
    #[must_use]
    pub fn new(granted: Hosts) -> Rules {
        Rules { granted, allowed: None }
    }

    /// What another list has, too.
    #[must_use]
    pub fn within(mut self, allowed: Hosts) -> Rules {
        self.allowed = Some(allowed);
        self
    }

    /// # Errors
    /// The rule that refuses the host, whatever address it has.
    pub(crate) fn check_host(&self, target: &Target) -> Result<(), Refusal> {
        let host = || target.to_string();
        if !self.granted.has(target) {
            // The address of a special kind is the better reason where the list would have all others.
            return Err(match target.host {
                Named::Address(address) => match Special::of(address) {
                    Some(special) => Refusal::Special { host: host(), special },
                    None => Refusal::NotGranted { host: host() },
                },
                Named::Name(_) => Refusal::NotGranted { host: host() },
            });
        }
        match &self.allowed {
            Some(allowed) if !allowed.has(target) => Err(Refusal::NotAllowed { host: host() }),
            _ => Ok(()),
        }
    }

    /// # Errors
    /// The rule that refuses this address of a host that [`check_host`](Self::check_host) let pass.
    pub(crate) fn check_address(&self, target: &Target, address: IpAddr) -> Result<(), Refusal> {
        let Some(special) = Special::of(address) else { return Ok(()) };
        let lists = [Some(&self.granted), self.allowed.as_ref()];
        if lists.into_iter().flatten().all(|list| list.has_special(target, address)) {
            return Ok(());
        }
        Err(Refusal::Special { host: target.to_string(), special })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hosts(text: &str) -> Hosts {
        text.parse().unwrap()
    }

    fn check(rules: &Rules, url: &str, address: &str) -> Result<(), Refusal> {
        let target = Target::of(&Url::parse(url).unwrap()).unwrap();
        rules.check_host(&target)?;
        rules.check_address(&target, address.parse().unwrap())
    }

    #[test]
    fn a_host_is_reached_on_the_port_that_was_listed_or_on_its_schemes_own() {
        let rules = Rules::new(hosts("a.example, b.example:8443,*.c.example"));
        for (url, reached) in [
            ("http://a.example/", true),
            ("https://a.example/", true),
            ("https://A.EXAMPLE./", true),
            ("https://a.example:8443/", false),
            ("http://a.example:443/", false),
            ("https://b.example:8443/", true),
            ("https://b.example/", false),
            ("https://x.c.example/", true),
            ("https://x.y.c.example/", true),
            ("https://c.example/", false),
            ("https://xc.example/", false),
            ("https://a.example.evil.example/", false),
            ("https://a.example@d.example/", false),
        ] {
            assert_eq!(check(&rules, url, "1.1.1.1").is_ok(), reached, "{url}");
        }
    }

    #[test]
    fn an_address_that_is_not_public_is_reached_only_where_it_is_listed_itself() {
        let named = Rules::new(hosts("a.example,*"));
        for address in
            ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:10.1.2.3"]
        {
            let refused = check(&named, "http://a.example/", address).unwrap_err();
            assert!(matches!(refused, Refusal::Special { .. }), "{address}: {refused}");
        }
        let listed = Rules::new(hosts("a.example,10.0.0.0/8,127.0.0.1:8080"));
        assert_eq!(check(&listed, "http://a.example/", "10.1.2.3"), Ok(()));
        assert_eq!(check(&listed, "http://a.example/", "::ffff:10.1.2.3"), Ok(()));
        assert!(check(&listed, "http://a.example/", "192.168.0.1").is_err());
        assert!(check(&listed, "http://a.example/", "127.0.0.1").is_err(), "of another port");
        assert_eq!(check(&listed, "http://127.0.0.1:8080/", "127.0.0.1"), Ok(()));
        assert_eq!(check(&listed, "http://0x7f.1:8080/", "127.0.0.1"), Ok(()));
        assert!(check(&listed, "http://127.0.0.2:8080/", "127.0.0.2").is_err());
        // Ranges alone grant no name.
        assert!(check(&listed, "http://b.example/", "10.1.2.3").is_err());
    }

    #[test]
    fn localhost_is_the_name_of_loopback_addresses_only() {
        let rules = Rules::new(hosts("localhost:3000"));
        assert_eq!(check(&rules, "http://localhost:3000/", "127.0.0.1"), Ok(()));
        assert_eq!(check(&rules, "http://localhost:3000/", "::1"), Ok(()));
        assert!(check(&rules, "http://localhost:3000/", "10.0.0.1").is_err());
        assert!(check(&rules, "http://127.0.0.1:3000/", "127.0.0.1").is_err());
    }

    #[test]
    fn what_the_operator_does_not_allow_no_script_reaches() {
        let rules = |granted, allowed| Rules::new(hosts(granted)).within(hosts(allowed));
        assert_eq!(check(&rules("*", "a.example"), "http://a.example/", "1.1.1.1"), Ok(()));
        let refused = check(&rules("*", "a.example"), "http://b.example/", "1.1.1.1");
        assert!(matches!(refused, Err(Refusal::NotAllowed { .. })), "{refused:?}");
        let both = "127.0.0.1:80";
        assert_eq!(check(&rules(both, both), "http://127.0.0.1/", "127.0.0.1"), Ok(()));
        assert!(check(&rules(both, "*"), "http://127.0.0.1/", "127.0.0.1").is_err());
        assert!(check(&rules("*", both), "http://127.0.0.1/", "127.0.0.1").is_err());
    }

    #[test]
    fn a_list_tells_what_it_lacks_of_another() {
        let all = hosts("*,*:8443,*.a.example:81,10.0.0.0/8");
        for wanted in [
            "",
            "b.example",
            "*",
            "*.b.example",
            "b.example:8443",
            "x.a.example:81",
            "10.1.0.0/16",
            "1.1.1.1",
        ] {
            assert_eq!(all.lacks(&hosts(wanted)), None, "{wanted}");
        }
        for wanted in ["b.example:82", "a.example:81", "127.0.0.1", "10.0.0.0/7", "10.0.0.1:8443"] {
            assert_eq!(all.lacks(&hosts(wanted)).as_deref(), Some(wanted));
        }
        assert_eq!(Hosts::default().lacks(&hosts("a.example")).as_deref(), Some("a.example"));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "http://a.example",
            "a.example/",
            "a.example:0",
            "a.example:65536",
            "a.example:x",
            "::1",
            "fd00::7:80",
            "[a.example]",
            "[::1",
            "[::1]80",
            "10.0.0.0/33",
            "a.*.example",
            "a b",
            "0x7f.1",
            "[10.0.0.1]",
            "*:*",
            "user@a.example",
        ] {
            assert!(text.parse::<Hosts>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn lists_are_read_as_they_are_written(
            parts in proptest::collection::vec(
                prop::sample::select(vec![
                    "*", "a.example", "*.a.example", "10.0.0.0/8", "1.2.3.4", "[::1]", "[fd00::/8]", "*:1",
                    "b.example:65535", "[::1]:8080", "[fd00::/8]:9",
                ]),
                0..5,
            )
        ) {
            let text = parts.join(",");
            prop_assert_eq!(hosts(&text).to_string(), text);
        }

        #[test]
        fn no_text_stops_the_reader(text in ".{0,40}") {
            let _ = text.parse::<Hosts>();
        }
    }
}
