//! The network that scripts are given: a runtime for its tasks, the certificates it trusts, and its limits.

use std::{fmt, sync::Arc};

use tokio::{runtime::Handle, sync::Semaphore};
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::{exchange::NetError, run::NetLimits, trace::SpanSink};

/// Names that one function looks up at the same time, in all runs together.
const MOST_LOOKUPS: usize = 8;

/// Makes connections for scripts, on a runtime whose input, output and timers are enabled. Cheap to clone.
///
/// Each request has a connection of its own, which is made to the address that was checked. The certificates
/// that are trusted are those of browsers (`webpki-roots`), and any that [`trusting`](Self::trusting) adds.
#[derive(Clone)]
pub struct Network {
    pub(crate) runtime: Handle,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) limits: NetLimits,
    /// Names that are looked up at the same time: a thread each, until the system gives up.
    pub(crate) lookups: Arc<Semaphore>,
    roots: Arc<RootCertStore>,
    /// Who is told of requests that are part of a trace.
    pub(crate) spans: Option<SpanSink>,
    /// Names that are not asked of the system.
    #[cfg(test)]
    pub(crate) names: std::collections::HashMap<String, Vec<std::net::IpAddr>>,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Network {
    /// A network whose tasks are `runtime`'s.
    #[must_use]
    pub fn new(runtime: Handle) -> Network {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Network {
            runtime,
            tls: config(roots.clone()),
            limits: NetLimits::default(),
            lookups: lookups(),
            roots: Arc::new(roots),
            spans: None,
            #[cfg(test)]
            names: std::collections::HashMap::new(),
        }
    }

    /// The network for one function, whose names take nobody else's turn.
    pub(crate) fn for_one(&self) -> Network {
        Network { lookups: lookups(), ..self.clone() }
    }

    /// Limits what each run takes.
    #[must_use]
    pub fn limits(mut self, limits: NetLimits) -> Network {
        self.limits = limits;
        self
    }

    /// Tells of each request that is part of a trace which is recorded.
    #[must_use]
    pub fn spans(mut self, spans: SpanSink) -> Network {
        self.spans = Some(spans);
        self
    }

    /// Trusts the authorities whose certificates a text in PEM has, too.
    ///
    /// # Errors
    /// [`NetError::Certificates`] for a text that has none, or one that is no certificate.
    pub fn trusting(mut self, pem: &[u8]) -> Result<Network, NetError> {
        let mut roots = (*self.roots).clone();
        let mut any = false;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| NetError::Certificates)?;
            roots.add(certificate).map_err(|_| NetError::Certificates)?;
            any = true;
        }
        if !any {
            return Err(NetError::Certificates);
        }
        self.tls = config(roots.clone());
        self.roots = Arc::new(roots);
        Ok(self)
    }
}

fn lookups() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(MOST_LOOKUPS))
}

fn config(roots: RootCertStore) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    // The provider has ciphers of both versions that rustls speaks.
    let builder = builder.with_safe_default_protocol_versions().expect("a provider with ciphers");
    Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
}
