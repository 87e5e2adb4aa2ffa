//! The server's certificate: read from two files, offered to clients, and read again when it was renewed. Knows nothing
//! of HTTP but its names in handshakes.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use tokio_rustls::rustls::{
    self, CertificateError, InconsistentKeys,
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
};

/// Of what lines of the log are.
const TARGET: &str = "sandtide::tls";

/// Names of HTTP/2 and of HTTP/1.1 in handshakes; the one that goes first is preferred.
const PROTOCOLS: [&[u8]; 2] = [HTTP2, b"http/1.1"];
/// The name of HTTP/2.
pub(crate) const HTTP2: &[u8] = b"h2";

/// Has a server speak TLS, and HTTP/2 beside HTTP/1.1 to clients that offer it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsConfig {
    /// A file in PEM with the certificate, and those that lead to its authority behind it.
    pub certificate: PathBuf,
    /// A file in PEM with the certificate's private key.
    pub key: PathBuf,
    /// How often it is looked whether the files have changed. Default 10 s.
    pub look_every: Duration,
}

impl TlsConfig {
    /// A certificate in a file, and its key in another.
    #[must_use]
    pub fn new(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        let (certificate, key) = (certificate.into(), key.into());
        Self { certificate, key, look_every: Duration::from_secs(10) }
    }
}

/// Why a certificate cannot be offered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("the {what} {} cannot be read: {source}", .path.display())]
    Unreadable {
        /// Which of the two.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file has nothing of its kind.
    #[error("the {what} {} has none in PEM", .path.display())]
    Empty {
        /// Which of the two.
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The key is not that of the certificate.
    #[error(
        "the key {} is not that of the certificate {}, which has to be the first in its file",
        .key.display(),
        .certificate.display()
    )]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's.
        key: PathBuf,
    },
    /// The certificate or the key is not of a form that is spoken here.
    #[error(
        "the certificate {} or its key is refused: {source}",
        .certificate.display()
    )]
    Refused {
        /// The certificate's file.
        certificate: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
}

impl TlsError {
    /// A name for programs that stays the same between releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "ERR_TLS_FILE",
            Self::Empty { .. } | Self::Refused { .. } => "ERR_TLS_CERTIFICATE",
            Self::Mismatch { .. } => "ERR_TLS_KEY_MISMATCH",
        }
    }
}

/// What is offered to clients now.
#[derive(Debug)]
pub struct Certificate {
    files: TlsConfig,
    now: RwLock<Arc<rustls::ServerConfig>>,
    /// What the files were when they were read last, in order or not.
    seen: Mutex<[Option<Stamp>; 2]>,
}

/// What of a file changes with what is in it: its inode, length and time of change.
type Stamp = (u64, u64, i64, i64);

impl Certificate {
    pub(crate) fn read(files: TlsConfig) -> Result<Self, TlsError> {
        // Before they are read: what changes meanwhile is read again.
        let seen = Mutex::new(stamps(&files));
        let now = RwLock::new(read(&files)?);
        Ok(Self { files, now, seen })
    }

    /// What connections that begin now are offered.
    pub(crate) fn now(&self) -> Arc<rustls::ServerConfig> {
        // Nothing panics while it is held.
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads both files again, for connections that begin afterwards. Where they are not in order, what was offered
    /// before is offered on, and the log says so.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn renew(&self) -> Result<(), TlsError> {
        // Held to the end: of two who read at a time, the later one has the last word.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = stamps(&self.files);
        let read = read(&self.files);
        self.tell(read.as_ref().err());
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = read?;
        Ok(())
    }

    fn tell(&self, refused: Option<&TlsError>) {
        let certificate = self.files.certificate.display();
        match refused {
            None => tracing::info!(target: TARGET, %certificate, "the certificate was renewed"),
            Some(error) => tracing::error!(
                target: TARGET,
                %certificate,
                code = error.code(),
                %error,
                "the new certificate is refused; the one before is offered on"
            ),
        }
    }

    /// Reads them again whenever they change.
    pub(crate) async fn follow(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(self.files.look_every.max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let certificate = Arc::clone(&self);
            // Files may be far away. What is wrong with them is logged.
            let looked = tokio::task::spawn_blocking(move || {
                if certificate.has_changed() {
                    let _ = certificate.renew();
                }
            });
            let _ = looked.await;
        }
    }

    fn has_changed(&self) -> bool {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) != stamps(&self.files)
    }
}

fn stamps(files: &TlsConfig) -> [Option<Stamp>; 2] {
    [&files.certificate, &files.key].map(|path| {
        let file = fs::metadata(path).ok()?;
        Some((file.ino(), file.size(), file.ctime(), file.ctime_nsec()))
    })
}

fn read(files: &TlsConfig) -> Result<Arc<rustls::ServerConfig>, TlsError> {
    let TlsConfig { certificate, key, .. } = files;
    let refused = |source| TlsError::Refused { certificate: certificate.clone(), source };
    let chain: Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(&bytes("certificate", certificate)?).collect();
    let chain = chain.map_err(|_| refused(CertificateError::BadEncoding.into()))?;
    if chain.is_empty() {
        return Err(TlsError::Empty { what: "certificate", path: certificate.clone() });
    }
    let own = PrivateKeyDer::from_pem_slice(&bytes("key", key)?).map_err(|error| match error {
        pem::Error::NoItemsFound => TlsError::Empty { what: "key", path: key.clone() },
        _ => refused(rustls::Error::General("the key is no PEM".to_owned())),
    })?;
    let builder = rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(refused)?;
    let made = builder.with_no_client_auth().with_single_cert(chain, own);
    let mut made = made.map_err(|source| match source {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            TlsError::Mismatch { certificate: certificate.clone(), key: key.clone() }
        }
        source => refused(source),
    })?;
    made.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(Arc::new(made))
}

fn bytes(what: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::Unreadable { what, path: path.to_owned(), source })
}
