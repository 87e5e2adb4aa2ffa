//! What scripts may reach, as the operator says it. Knows nothing of scripts.

use sandtide_net::{Hosts, NetLimits};

/// What the operator lets scripts reach: nothing by default.
#[derive(Clone, Debug, Default)]
pub struct NetworkConfig {
    /// The hosts that deploys may have in `allow_net`.
    pub allowed: Hosts,
    /// The hosts that the tools of deploys may be at.
    pub tools: Hosts,
    /// What each run may take.
    pub limits: NetLimits,
    /// Certificates in PEM of authorities that are trusted beside those of browsers.
    pub authorities: Option<Vec<u8>>,
}
