//! Secrets: how they are sealed, and the statements over a connection that keep them. Nothing here is ever written
//! in the clear: neither to the database, and so to no backup, nor to a message or what `Debug` prints.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    SecretFacts, SecretOf, StoreError, Who, audit::Noted, clock::now_ms, records::MAX_SECRET_BYTES,
};

const KEY_BYTES: usize = 32;
/// Long enough that random ones do not come twice.
const NONCE_BYTES: usize = 24;
/// Secrets of one tenant, those of its scripts included.
pub(crate) const OF_A_TENANT: i64 = 1_000;
/// What is sealed to know the key by.
const KNOWN: &[u8] = b"sandtide";

/// The key that secrets are sealed with, by XChaCha20-Poly1305.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey([u8; KEY_BYTES]);

impl SecretKey {
    /// Reads a key of 32 bytes as 64 hexadecimal digits or as base64; space around it is ignored.
    ///
    /// # Errors
    ///
    /// [`StoreError::SecretKey`].
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let text = text.trim();
        let bytes = match text.len() == KEY_BYTES * 2 {
            true => (0..KEY_BYTES)
                .map(|at| {
                    let digits = text.get(at * 2..at * 2 + 2)?;
                    let digits = digits.bytes().all(|b| b.is_ascii_hexdigit()).then_some(digits)?;
                    u8::from_str_radix(digits, 16).ok()
                })
                .collect(),
            false => BASE64_STANDARD.decode(text).ok(),
        };
        let key = bytes.and_then(|bytes: Vec<u8>| bytes.try_into().ok());
        key.map(Self).ok_or(StoreError::SecretKey("it is not 32 bytes in hexadecimal or base64"))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }

    /// Seals bytes for one place: elsewhere they cannot be opened.
    fn seal(&self, bytes: &[u8], place: &[u8]) -> Result<([u8; NONCE_BYTES], Vec<u8>), StoreError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| StoreError::Random)?;
        let payload = Payload { msg: bytes, aad: place };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        // It fails only for what is larger than any secret may be.
        Ok((nonce, sealed.map_err(|_| StoreError::SecretSize)?))
    }

    /// Seals something by which the key is known.
    pub(crate) fn seal_known(&self) -> Result<([u8; NONCE_BYTES], Vec<u8>), StoreError> {
        self.seal(KNOWN, KNOWN)
    }

    /// Seals a secret for its place.
    pub(crate) fn seal_secret(
        &self,
        of: &SecretOf,
        name: &str,
        secret: &SecretValue,
    ) -> Result<([u8; NONCE_BYTES], Vec<u8>), StoreError> {
        self.seal(secret.reveal().as_bytes(), &place(of, name))
    }

    /// Opens the secret of a place.
    pub(crate) fn open_secret(
        &self,
        of: &SecretOf,
        name: &str,
        nonce: &[u8],
        sealed: &[u8],
    ) -> Result<SecretValue, StoreError> {
        let bytes = self.open(nonce, sealed, &place(of, name));
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        text.map(SecretValue).ok_or_else(|| StoreError::DamagedSecret(name.to_owned()))
    }

    fn open(&self, nonce: &[u8], sealed: &[u8], place: &[u8]) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        self.cipher().decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: place }).ok()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// A secret in the clear. It is shown to nobody by accident: `Debug` leaves it out.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(String);

impl SecretValue {
    /// The most bytes that a secret has.
    pub const MAX_BYTES: usize = MAX_SECRET_BYTES;

    /// A secret of 1 byte to [`MAX_BYTES`](Self::MAX_BYTES).
    ///
    /// # Errors
    ///
    /// [`StoreError::SecretSize`].
    pub fn new(text: String) -> Result<Self, StoreError> {
        match (1..=Self::MAX_BYTES).contains(&text.len()) {
            true => Ok(Self(text)),
            false => Err(StoreError::SecretSize),
        }
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(..)")
    }
}

/// Fails where a name is none that a secret can have: 1 to 128 characters of A-Z, a-z, 0-9 and `_`, no digit first.
///
/// # Errors
///
/// [`StoreError::SecretName`].
pub fn check_secret_name(name: &str) -> Result<(), StoreError> {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let good = (1..=128).contains(&name.len())
        && name.bytes().all(inner)
        && !name.as_bytes()[0].is_ascii_digit();
    if good { Ok(()) } else { Err(StoreError::SecretName(name.chars().take(40).collect())) }
}

/// What a sealed secret is bound to, so that nobody who can write the database can give one in another's place.
fn place(of: &SecretOf, name: &str) -> Vec<u8> {
    let mut place = Vec::new();
    for part in [&of.tenant, of.script.as_deref().unwrap_or_default(), name] {
        place.extend((part.len() as u64).to_le_bytes());
        place.extend(part.as_bytes());
    }
    place
}

/// The script as it is kept: empty for secrets of the tenant.
pub(crate) fn script(of: &SecretOf) -> &str {
    of.script.as_deref().unwrap_or_default()
}

/// Fails where the key is another one than what is kept was sealed with.
pub(crate) fn check_key(connection: &Connection, key: &SecretKey) -> Result<(), StoreError> {
    let known: Option<(Vec<u8>, Vec<u8>)> = connection
        .query_row("SELECT nonce, sealed FROM secret_key", (), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match known {
        Some((nonce, sealed)) => is_key_of(key, &nonce, &sealed),
        None => Ok(()),
    }
}

/// Fails where the key is another one than what was sealed to know it by.
pub(crate) fn is_key_of(key: &SecretKey, nonce: &[u8], sealed: &[u8]) -> Result<(), StoreError> {
    let why = "the secrets that are kept were sealed with another one";
    key.open(nonce, sealed, KNOWN).map(|_| ()).ok_or(StoreError::SecretKey(why))
}

/// Sets a secret; true where it is new.
pub(crate) fn set(
    connection: &Connection,
    key: Option<&SecretKey>,
    (of, name): (&SecretOf, &str),
    value: &SecretValue,
    actor: &str,
) -> Result<bool, StoreError> {
    check_secret_name(name)?;
    let key = key.ok_or(StoreError::NoSecretKey)?;
    // Another process may have set the first one with a key of its own.
    check_key(connection, key)?;
    let (nonce, sealed) = key.seal_known()?;
    connection.execute(
        "INSERT OR IGNORE INTO secret_key (one, nonce, sealed) VALUES (1, ?1, ?2)",
        params![nonce, sealed],
    )?;
    let (nonce, sealed) = key.seal_secret(of, name, value)?;
    let is_there: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM secrets WHERE tenant = ?1 AND script = ?2 AND name = ?3)",
        params![of.tenant, script(of), name],
        |row| row.get(0),
    )?;
    let count: i64 = connection.query_row(
        "SELECT count(*) FROM secrets WHERE tenant = ?1",
        [&of.tenant],
        |row| row.get(0),
    )?;
    if !is_there && count >= OF_A_TENANT {
        return Err(StoreError::TooManySecrets { limit: OF_A_TENANT });
    }
    connection.execute(
        "INSERT OR REPLACE INTO secrets (tenant, script, name, nonce, sealed, set_ms, set_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![of.tenant, script(of), name, nonce, sealed, now_ms(), actor],
    )?;
    note(connection, of, name, "set-secret", actor)?;
    Ok(!is_there)
}

fn note(
    connection: &Connection,
    of: &SecretOf,
    name: &str,
    action: &str,
    actor: &str,
) -> Result<(), StoreError> {
    let (tenant, detail) = (Some(&*of.tenant), script(of));
    Noted { actor, action, tenant, object: name, detail }.write(connection)
}

/// The secrets of a tenant or a script by name, without their values.
pub(crate) fn list(connection: &Connection, of: &SecretOf) -> Result<Vec<SecretFacts>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT name, set_ms, set_by FROM secrets WHERE tenant = ?1 AND script = ?2 ORDER BY name",
    )?;
    let all = statement.query_map(params![of.tenant, script(of)], |row| {
        Ok(SecretFacts { name: row.get(0)?, set_ms: row.get(1)?, set_by: row.get(2)? })
    })?;
    Ok(all.collect::<Result<_, _>>()?)
}

pub(crate) fn remove(
    connection: &Connection,
    of: &SecretOf,
    name: &str,
    actor: &str,
) -> Result<bool, StoreError> {
    let gone = connection.execute(
        "DELETE FROM secrets WHERE tenant = ?1 AND script = ?2 AND name = ?3",
        params![of.tenant, script(of), name],
    )?;
    if gone > 0 {
        note(connection, of, name, "remove-secret", actor)?;
    }
    Ok(gone > 0)
}

/// Removes those of a script, with the script.
pub(crate) fn remove_all(connection: &Connection, who: &Who) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM secrets WHERE tenant = ?1 AND script = ?2")?
        .execute(params![who.tenant, who.script])?;
    Ok(())
}

/// Secrets in the clear, for a script that is given them: its own go before its tenant's.
pub(crate) fn open(
    connection: &Connection,
    key: Option<&SecretKey>,
    who: &Who,
    names: &[String],
) -> Result<Vec<SecretValue>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT script, nonce, sealed FROM secrets
         WHERE tenant = ?1 AND script IN (?2, '') AND name = ?3 ORDER BY script DESC LIMIT 1",
    )?;
    let mut open = |name: &String| {
        let found: Option<(String, Vec<u8>, Vec<u8>)> = statement
            .query_row(params![who.tenant, who.script, name], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let (script, nonce, sealed) =
            found.ok_or_else(|| StoreError::NoSecret(name.chars().take(128).collect()))?;
        let key = key.ok_or(StoreError::NoSecretKey)?;
        let script = (!script.is_empty()).then_some(script);
        let of = SecretOf { tenant: who.tenant.clone(), script };
        key.open_secret(&of, name, &nonce, &sealed)
    };
    names.iter().map(&mut open).collect()
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{OF_A_TENANT, SecretKey, SecretValue, check_secret_name, list, open, set};
    use crate::{SecretOf, StoreError, Who, migrations};

    fn key(byte: u8) -> SecretKey {
        SecretKey::parse(&format!("{byte:02x}").repeat(32)).unwrap()
    }

    fn of(script: Option<&str>) -> SecretOf {
        SecretOf { tenant: "t".to_owned(), script: script.map(str::to_owned) }
    }

    fn who(script: &str) -> Who {
        Who { tenant: "t".to_owned(), script: script.to_owned() }
    }

    fn store() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrations::apply(&mut connection).unwrap();
        connection
    }

    fn put(
        connection: &Connection,
        script: Option<&str>,
        name: &str,
        value: &str,
    ) -> Result<bool, StoreError> {
        let value = SecretValue::new(value.to_owned()).unwrap();
        set(connection, Some(&key(1)), (&of(script), name), &value, "test")
    }

    fn opened(connection: &Connection, script: &str, name: &str) -> Result<String, StoreError> {
        let all = open(connection, Some(&key(1)), &who(script), &[name.to_owned()])?;
        Ok(all[0].reveal().to_owned())
    }

    #[test]
    fn a_script_is_given_its_own_secret_before_its_tenants() {
        let connection = store();
        assert!(put(&connection, None, "A", "the tenant's").unwrap());
        assert!(put(&connection, Some("s"), "A", "the script's").unwrap());
        assert!(!put(&connection, Some("s"), "A", "the script's newer").unwrap());
        assert_eq!(opened(&connection, "s", "A").unwrap(), "the script's newer");
        assert_eq!(opened(&connection, "other", "A").unwrap(), "the tenant's");
        assert_eq!(opened(&connection, "s", "B").unwrap_err().code(), "ERR_SECRET_NOT_FOUND");
        assert_eq!(list(&connection, &of(None)).unwrap().len(), 1);
    }

    #[test]
    fn a_secret_that_was_moved_or_changed_in_the_database_is_not_opened() {
        for change in [
            "UPDATE secrets SET name = 'B'",
            "UPDATE secrets SET script = 's'",
            "UPDATE secrets SET tenant = 't', sealed = zeroblob(length(sealed))",
            "UPDATE secrets SET nonce = zeroblob(24)",
            "UPDATE secrets SET nonce = x''",
        ] {
            let connection = store();
            put(&connection, None, "A", "hidden").unwrap();
            assert_eq!(opened(&connection, "s", "A").unwrap(), "hidden");
            connection.execute(change, ()).unwrap();
            let name = if change.contains("'B'") { "B" } else { "A" };
            let refused = opened(&connection, "s", name).unwrap_err();
            assert_eq!(refused.code(), "ERR_STORE_DAMAGED", "{change}");
        }
    }

    #[test]
    fn another_key_opens_nothing_and_seals_nothing() {
        let connection = store();
        put(&connection, None, "A", "hidden").unwrap();
        let value = SecretValue::new("x".to_owned()).unwrap();
        let refused = set(&connection, Some(&key(2)), (&of(None), "B"), &value, "test");
        assert_eq!(refused.unwrap_err().code(), "ERR_SECRET_KEY");
        let refused = set(&connection, None, (&of(None), "B"), &value, "test");
        assert_eq!(refused.unwrap_err().code(), "ERR_NO_SECRET_KEY");
        assert!(open(&connection, Some(&key(2)), &who("s"), &["A".to_owned()]).is_err());
    }

    #[test]
    fn a_tenant_has_so_many_secrets_and_no_more() {
        let connection = store();
        for at in 0..OF_A_TENANT {
            put(&connection, Some("s"), &format!("S{at}"), "x").unwrap();
        }
        let refused = put(&connection, None, "A", "x").unwrap_err();
        assert_eq!(refused.code(), "ERR_TOO_MANY_SECRETS");
        assert!(!put(&connection, Some("s"), "S3", "y").unwrap(), "it is there already");
    }

    #[test]
    fn keys_are_read_as_hexadecimal_or_base64() {
        let base64 = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        assert!(SecretKey::parse(&format!(" {base64}\n")).unwrap() == key(1));
        let plus = "+1".repeat(32);
        for bad in ["", "01", &"01".repeat(31), &"0g".repeat(32), &plus, "AQEB", &"é".repeat(32)] {
            assert!(SecretKey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_those_of_variables_and_nothing_prints_a_secret() {
        for (name, good) in
            [("A", true), ("_a9", true), ("9a", false), ("", false), ("a-b", false), ("é", false)]
        {
            assert_eq!(check_secret_name(name).is_ok(), good, "{name}");
        }
        let value = SecretValue::new("hidden".to_owned()).unwrap();
        assert!(!format!("{value:?} {:?}", key(0xab)).contains("hidden"));
        assert!(!format!("{:?}", key(0xab)).contains("ab"));
        assert!(SecretValue::new(String::new()).is_err());
        assert!(SecretValue::new("x".repeat(SecretValue::MAX_BYTES + 1)).is_err());
    }
}
