//! Where a database is, and how it is spoken to. The password is shown to nobody: neither `Debug` nor `Display`
//! have it, nor does any error.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};

use crate::StoreError;

/// How long one attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(2);

/// The address of a PostgreSQL database: `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
///
/// Beside what libpq calls connection parameters, `sslmode` is `verify-full` or `disable`. Without it TLS is used
/// unless all hosts are loopback or Unix sockets. TLS always checks the certificate and the host's name; a file of
/// authorities in PEM, trusted instead of browsers', can be given as `sslrootcert`.
#[derive(Clone)]
pub struct PostgresAddress {
    pub(super) config: Config,
    pub(super) authorities: Option<PathBuf>,
}

impl PostgresAddress {
    /// The same with another password.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.config.password(password);
        self
    }

    /// Whether a password goes with it.
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    pub(super) fn uses_tls(&self) -> bool {
        self.config.get_ssl_mode() != SslMode::Disable
    }
}

impl FromStr for PostgresAddress {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let refused = StoreError::Address;
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(refused("it does not begin with postgres://"));
        }
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut mode, mut authorities, mut others) = (None, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match &*decoded(name)? {
                "sslmode" => mode = Some(decoded(value)?),
                "sslrootcert" => authorities = Some(decoded(value)?),
                "connect_timeout"
                | "keepalives_idle"
                | "tcp_user_timeout"
                | "target_session_attrs" => {
                    return Err(refused(
                        "connect_timeout, keepalives_idle, tcp_user_timeout and target_session_attrs are set by \
                         the server: leave them out",
                    ));
                }
                _ => others.push(pair),
            }
        }
        let plain = match others.is_empty() {
            true => place.to_owned(),
            false => format!("{place}?{}", others.join("&")),
        };
        // What the library says may quote what it was given.
        let mut config: Config = plain.parse().map_err(|_| {
            refused("it is not of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE, with parameters \
                     that are known")
        })?;
        if config.get_hosts().is_empty() {
            return Err(refused("it names no host"));
        }
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(refused("it names no database"));
        }
        // Where an address is given beside a host's name, it is connected to.
        let here = config.get_hosts().iter().all(is_here)
            && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
        let tls = match mode.as_deref() {
            None => !here,
            Some("disable") => false,
            Some("require" | "verify-full") => true,
            Some(_) => {
                return Err(refused(
                    "sslmode is verify-full or disable: anything else promises nothing",
                ));
            }
        };
        config.ssl_mode(if tls { SslMode::Require } else { SslMode::Disable });
        config.connect_timeout(CONNECT).keepalives_idle(Duration::from_secs(10));
        config.tcp_user_timeout(Duration::from_secs(10));
        // After a failover the server that was the first one takes no changes.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_application_name().is_none() {
            config.application_name("sandtide");
        }
        Ok(Self { config, authorities: authorities.map(PathBuf::from) })
    }
}

/// Whether a host is this machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            let address = name.trim_start_matches('[').trim_end_matches(']');
            name == "localhost"
                || address.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

fn decoded(text: &str) -> Result<String, StoreError> {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map(Into::into)
        .map_err(|_| StoreError::Address("its parameters are not UTF-8"))
}

impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{}@", encoded(user))?;
        }
        let ports = self.config.get_ports();
        for (at, host) in self.config.get_hosts().iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            match host {
                Host::Tcp(name) if name.contains(':') => {
                    let name = name.trim_start_matches('[').trim_end_matches(']');
                    write!(f, "{comma}[{name}]")?;
                }
                Host::Tcp(name) => write!(f, "{comma}{name}")?,
                Host::Unix(path) => write!(f, "{comma}{}", encoded(&path.to_string_lossy()))?,
            }
            if let Some(port) = ports.get(at).or_else(|| ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", encoded(self.config.get_dbname().unwrap_or_default()))?;
        let mode = if self.uses_tls() { "verify-full" } else { "disable" };
        write!(f, "?sslmode={mode}")?;
        for (at, address) in self.config.get_hostaddrs().iter().enumerate() {
            let before = if at > 0 { "," } else { "&hostaddr=" };
            write!(f, "{before}{address}")?;
        }
        match self.authorities.as_deref().map(Path::to_string_lossy) {
            Some(path) => write!(f, "&sslrootcert={}", encoded(&path)),
            None => Ok(()),
        }
    }
}

fn encoded(text: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresAddress({self})")
    }
}

impl PartialEq for PostgresAddress {
    fn eq(&self, other: &Self) -> bool {
        (&self.config, &self.authorities) == (&other.config, &other.authorities)
    }
}

impl Eq for PostgresAddress {}

#[cfg(test)]
mod tests {
    use super::PostgresAddress;

    fn parse(text: &str) -> Result<PostgresAddress, String> {
        text.parse().map_err(|error: crate::StoreError| error.to_string())
    }

    #[test]
    fn tls_is_used_unless_the_database_is_on_this_machine_or_it_is_said() {
        for (text, tls) in [
            ("postgres://u@127.0.0.1/d", false),
            ("postgres://u@localhost:1/d", false),
            ("postgres://u@[::1]/d", false),
            ("postgres://u@%2Frun%2Fpostgresql/d", false),
            ("postgresql://u@db.example/d", true),
            ("postgres://u@localhost,db.example/d", true),
            ("postgres://u@db.example/d?sslmode=disable", false),
            ("postgres://u@localhost/d?sslmode=verify-full", true),
            ("postgres://u@localhost/d?hostaddr=127.0.0.1", false),
            ("postgres://u@localhost/d?hostaddr=192.0.2.1", true),
            ("postgres://u@localhost,localhost/d?hostaddr=127.0.0.1,192.0.2.1", true),
            ("postgres://u@db.example/d?ssl%6dode=disable", false),
        ] {
            assert_eq!(parse(text).unwrap().uses_tls(), tls, "{text}");
        }
    }

    #[test]
    fn nothing_shows_the_password() {
        let address = parse("postgres://u:hidden@h,i:2/d?sslmode=disable").unwrap();
        assert_eq!(address.to_string(), "postgres://u@h:5432,i:2/d?sslmode=disable");
        assert!(address.has_password() && !format!("{address:?}").contains("hidden"));
        let given = parse("postgres://u@h/d").unwrap();
        assert!(!given.has_password());
        assert!(!format!("{:?}", given.with_password("hidden")).contains("hidden"));
        for bad in [
            "http://u:hidden@h/d",
            "postgres://u:hidden@h:port/d",
            "postgres://u:hidden@h/d?sslmode=prefer",
            "postgres://u:hidden@h/d?colour=hidden",
            "postgres://u:hidden@h",
            "postgres://u:hidden@/d",
            "postgres://u:hidden@h/d?sslrootcert=%ffhidden",
        ] {
            let error = parse(bad).unwrap_err();
            assert!(!error.contains("hidden"), "{error}");
        }
    }

    #[test]
    fn parameters_that_are_set_here_are_refused() {
        for name in [
            "connect_timeout",
            "keepalives%5fidle",
            "tcp_user_timeout",
            "target_session_attrs",
            "sslmode=disable&connect_timeout",
        ] {
            let error = parse(&format!("postgres://u@h/d?{name}=1")).unwrap_err();
            assert!(error.contains("leave them out"), "{error}");
        }
    }

    #[test]
    fn what_is_shown_is_an_address_of_the_same_place() {
        for text in [
            "postgres://u@[2001:db8::1]:5433/d",
            "postgres://u@h,i/d?sslmode=disable&hostaddr=192.0.2.1,::1",
            "postgres://us%40er@%2Frun%2Fpg:5/d%2Fb",
            "postgres://u@h/d?sslmode=verify-full&sslrootcert=%2Fa%20b.pem",
        ] {
            let shown = parse(text).unwrap().to_string();
            assert_eq!(parse(&shown).unwrap().to_string(), shown);
        }
    }
}
