//! What is stored, as it is handed over.

use sha2::{Digest, Sha256};

/// The most bytes that a secret has.
pub(crate) const MAX_SECRET_BYTES: usize = 64 << 10;

/// A script of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Who {
    /// The tenant's name.
    pub tenant: String,
    /// The script's name.
    pub script: String,
}

/// A script that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Active {
    /// Whose script, and its name.
    pub script: Who,
    /// Its active version.
    pub version: String,
    /// Another number whenever the version was deployed or activated; the same for a version that was rolled back
    /// to, as it had.
    pub turn: i64,
    /// What was told when it was deployed.
    pub facts: String,
    /// The version that has a share of its runs, where one has.
    pub canary: Option<Canary>,
}

/// A version that has a share of a script's runs, beside the active one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// The version.
    pub version: String,
    /// Its share in percent, 1 to 99.
    pub percent: u8,
    /// The version's turn, as of [`Active`].
    pub turn: i64,
    /// What was told when it was deployed.
    pub facts: String,
}

/// A version that is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// Whose script, and its name.
    pub script: Who,
    /// The version's name, which follows from its content.
    pub version: String,
    /// What is to be told of it later.
    pub facts: String,
    /// What it is built from.
    pub body: Vec<u8>,
    /// Who deploys it, for the audit trail.
    pub actor: String,
    /// By which the same deploy is known where it is asked for again.
    pub once: Option<Once>,
    /// The version that has to be active until then, or that none is; left out where either will do.
    pub instead_of: Option<Option<String>>,
    /// The share in percent, 1 to 99, that it gets beside the version that is active and stays so; left out where
    /// it becomes the active one.
    pub share: Option<u8>,
}

/// A deploy that is carried out once, however often it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// The client's name for it, of the tenant alone.
    pub key: String,
    /// What tells it from others.
    pub fingerprint: Fingerprint,
    /// What is answered.
    pub answer: String,
}

/// A hash of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub(crate) [u8; 32]);

impl Fingerprint {
    /// The same for the same parts alone.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

/// A version with its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVersion {
    /// Its turn, as of [`Active`].
    pub turn: i64,
    /// What was told when it was deployed.
    pub facts: String,
    /// What it is built from.
    pub body: Vec<u8>,
}

/// A version, told of without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionFacts {
    /// The version's name.
    pub version: String,
    /// Whether it is the one that answers.
    pub active: bool,
    /// The share of the runs in percent that it has beside the active one.
    pub share: Option<u8>,
    /// The version in whose place it was put, which a roll back goes to, as long as that is kept.
    pub former: Option<String>,
    /// When it was deployed, in milliseconds since 1970.
    pub made_ms: i64,
    /// Who deployed it.
    pub made_by: String,
    /// Bytes of its body.
    pub bytes: u64,
    /// What was told when it was deployed.
    pub facts: String,
}

/// Which version is to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose script, and its name.
    pub script: Who,
    /// The version that is to answer.
    pub version: String,
    /// The turn that it has to have, as of [`Active`], so that what is known of it is what is kept.
    pub turn: i64,
    /// The version that has to be active until then.
    pub instead_of: String,
    /// Whether this goes back: a version that was rolled back to keeps the version in whose place it was
    /// put, so that the next roll back goes further back.
    pub back: bool,
    /// Who asks, for the audit trail.
    pub actor: String,
}

/// A share of a script's runs for a version beside the active one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCanary {
    /// Whose script, and its name.
    pub script: Who,
    /// The version that is to have the share, which is not the active one.
    pub version: String,
    /// The turn that it has to have, as of [`Active`], so that what is known of it is what is kept.
    pub turn: i64,
    /// The share in percent, 1 to 99.
    pub percent: u8,
    /// The version that has to be active.
    pub instead_of: String,
    /// Who asks, for the audit trail.
    pub actor: String,
}

/// Whose secrets are meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretOf {
    /// The tenant's name.
    pub tenant: String,
    /// One of its scripts, whether it is deployed or not; none for those that all of them may be given.
    pub script: Option<String>,
}

/// A secret, told of without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretFacts {
    /// Its name.
    pub name: String,
    /// When it was set, in milliseconds since 1970.
    pub set_ms: i64,
    /// Who set it.
    pub set_by: String,
}

/// What a token allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything, in any tenant's name.
    Admin,
    /// Reading the metrics, and nothing else.
    Metrics,
    /// What this tenant may.
    Tenant(String),
}

impl Role {
    /// The role's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Metrics => "metrics",
            Self::Tenant(_) => "tenant",
        }
    }

    /// The tenant that it is of.
    pub fn tenant(&self) -> Option<&str> {
        match self {
            Self::Tenant(name) => Some(name),
            Self::Admin | Self::Metrics => None,
        }
    }
}

/// A token that is to be kept: all of it but the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// Its identity, which is no secret: [`Secret::id`](crate::Secret::id).
    pub id: String,
    /// The hash of its secret: [`Secret::hash`](crate::Secret::hash).
    pub hash: [u8; 32],
    /// What it allows.
    pub role: Role,
    /// What it is for, in its maker's words.
    pub label: String,
    /// When it becomes worthless, in milliseconds since 1970.
    pub expires_ms: Option<i64>,
}

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// Its identity, which is no secret.
    pub id: String,
    /// The hash of its secret.
    pub hash: [u8; 32],
    /// What it allows.
    pub role: Role,
    /// What it is for, in its maker's words.
    pub label: String,
    /// Whether the store made it when it was opened for the first time.
    pub first: bool,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: i64,
    /// When it becomes worthless.
    pub expires_ms: Option<i64>,
    /// When it was revoked.
    pub revoked_ms: Option<i64>,
}

/// What a tenant may take at most; what is left out has no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// Runs that may begin in a second. As many may begin at once after a second without any.
    pub runs_per_second: Option<u32>,
    /// Runs that may be under way, those that wait for a worker included.
    pub concurrent_runs: Option<u32>,
    /// CPU time of runs in milliseconds, in each minute.
    pub cpu_ms_per_minute: Option<u32>,
    /// Scripts that may be deployed.
    pub scripts: Option<u32>,
    /// Bytes of the memory for scripts that all of them may take.
    pub script_bytes: Option<u32>,
}

impl Quota {
    /// Its bounds in words, for the audit trail.
    pub(crate) fn told(&self) -> String {
        let Self { runs_per_second, concurrent_runs, cpu_ms_per_minute, scripts, script_bytes } =
            self;
        let bounds = [
            ("runs_per_second", runs_per_second),
            ("concurrent_runs", concurrent_runs),
            ("cpu_ms_per_minute", cpu_ms_per_minute),
            ("scripts", scripts),
            ("script_bytes", script_bytes),
        ];
        let bounds = bounds.iter().filter_map(|(name, bound)| bound.map(|n| format!("{name}={n}")));
        bounds.collect::<Vec<_>>().join(" ")
    }
}

/// A line of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Counts up.
    pub number: i64,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Who.
    pub actor: String,
    /// What was done: `deploy`, `activate`, `roll-back`, `remove`, `deploy-canary`, `set-canary`, `end-canary`,
    /// `set-schedule`, `remove-schedule`, `end-schedule`, `create-token`, `revoke-token`, `set-quota`,
    /// `remove-quota`, `set-secret`, `remove-secret`.
    pub action: String,
    /// Whose it is.
    pub tenant: Option<String>,
    /// What it was done to: a script's name or a token's identity.
    pub object: String,
    /// What else there is to say, such as the version.
    pub detail: String,
}
