//! Names that requests bring: of scripts, and of tenants. Knows nothing of what bears them.

use std::{fmt, sync::Arc};

use crate::error::ApiError;

/// Whose request it is where none is named.
const DEFAULT: &str = "default";
/// Characters that a tenant's name may have.
const MAX_TENANT: usize = 64;

/// A tenant's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Tenant(Arc<str>);

impl Tenant {
    /// The tenant that a request names, or the default one.
    pub(crate) fn of(named: Option<&str>) -> Result<Self, ApiError> {
        let name = named.unwrap_or(DEFAULT);
        if is_tenant(name) {
            return Ok(Self(name.into()));
        }
        Err(ApiError::InvalidTenant(name.chars().take(MAX_TENANT + 12).collect()))
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.0
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a tenant can have this name.
///
/// # Errors
///
/// [`ApiError::InvalidTenant`], which says what names are like.
pub fn check_tenant(name: &str) -> Result<(), ApiError> {
    Tenant::of(Some(name)).map(drop)
}

/// The same, in short.
pub(crate) fn is_tenant(name: &str) -> bool {
    (1..=MAX_TENANT).contains(&name.len()) && name.bytes().all(in_name)
}

pub(crate) fn check_name(name: &str) -> Result<(), ApiError> {
    // Clients take '.' and '..' out of paths, so a script of such a name could not be reached.
    if (1..=128).contains(&name.len()) && name.bytes().all(in_name) && !matches!(name, "." | "..") {
        return Ok(());
    }
    Err(ApiError::InvalidName(name.chars().take(140).collect()))
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::{Tenant, check_name};

    #[test]
    fn names_are_short_and_need_no_escaping_in_a_path() {
        for good in ["a", "price-rules_v2.1", &"x".repeat(128)] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a b", "a/b", "é", "a\n", &"x".repeat(129)] {
            assert_eq!(check_name(bad).unwrap_err().code(), "ERR_INVALID_NAME", "{bad}");
        }
    }

    #[test]
    fn a_tenant_is_named_or_the_default_one() {
        assert_eq!(Tenant::of(None).unwrap(), Tenant::of(Some("default")).unwrap());
        for good in ["a", "Team-7_x.y", &"x".repeat(64)] {
            assert_eq!(&**Tenant::of(Some(good)).unwrap().name(), good);
        }
        for bad in ["", "a b", "a,b", "é", "a/b", &"x".repeat(65)] {
            assert_eq!(Tenant::of(Some(bad)).unwrap_err().code(), "ERR_INVALID_TENANT", "{bad}");
        }
    }
}
