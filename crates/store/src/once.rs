//! Deploys that are carried out once, as statements over a connection.

use rusqlite::{Connection, OptionalExtension, params};

use crate::{Fingerprint, Once, StoreError, clock::now_ms};

/// How long a key is known.
pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Keys of one tenant that are known; beyond them the oldest go.
pub(crate) const OF_A_TENANT: i64 = 10_000;
/// The same of all tenants.
pub(crate) const OF_ALL: i64 = 100_000;

/// What was answered to the deploy of a key.
pub(crate) fn answered(
    connection: &Connection,
    tenant: &str,
    key: &str,
    fingerprint: Fingerprint,
) -> Result<Option<String>, StoreError> {
    let found: Option<(Vec<u8>, String)> = connection
        .prepare_cached(
            "SELECT fingerprint, answer FROM once WHERE tenant = ?1 AND key = ?2 AND made_ms > ?3",
        )?
        .query_row(params![tenant, key, now_ms() - DAY_MS], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        Some((known, _)) if known != fingerprint.0 => Err(StoreError::KeyReused),
        found => Ok(found.map(|(_, answer)| answer)),
    }
}

/// Keeps what is answered to a deploy, within the deploy's transaction.
pub(crate) fn keep(connection: &Connection, tenant: &str, once: &Once) -> Result<(), StoreError> {
    let Once { key, fingerprint, answer } = once;
    let (now, gone) = (now_ms(), now_ms() - DAY_MS);
    connection.prepare_cached("DELETE FROM once WHERE made_ms <= ?1")?.execute([gone])?;
    connection
        .prepare_cached(
            "INSERT INTO once (tenant, key, fingerprint, answer, made_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![tenant, key, &fingerprint.0[..], answer, now])?;
    connection
        .prepare_cached(
            "DELETE FROM once WHERE number IN (
                 SELECT number FROM once WHERE tenant = ?1 ORDER BY number DESC LIMIT -1 OFFSET ?2)",
        )?
        .execute(params![tenant, OF_A_TENANT])?;
    connection
        .prepare_cached(
            "DELETE FROM once WHERE number IN (
                 SELECT number FROM once ORDER BY number DESC LIMIT -1 OFFSET ?1)",
        )?
        .execute([OF_ALL])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{DAY_MS, OF_A_TENANT, answered, keep};
    use crate::{Fingerprint, Once, clock::now_ms, migrations};

    fn once(key: &str, what: &str) -> Once {
        let fingerprint = Fingerprint::of(&[what.as_bytes()]);
        Once { key: key.to_owned(), fingerprint, answer: format!("made {what}") }
    }

    fn store() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrations::apply(&mut connection).unwrap();
        connection
    }

    #[test]
    fn a_key_is_known_for_a_day_to_its_tenant_and_for_its_deploy() {
        let connection = store();
        let one = once("k", "a");
        keep(&connection, "t", &one).unwrap();
        let asked = |tenant, what: &str| {
            answered(&connection, tenant, "k", Fingerprint::of(&[what.as_bytes()]))
        };
        assert_eq!(asked("t", "a").unwrap().as_deref(), Some("made a"));
        assert_eq!(asked("u", "a").unwrap(), None);
        assert_eq!(asked("t", "b").unwrap_err().code(), "ERR_IDEMPOTENCY_KEY_REUSED");
        connection.execute("UPDATE once SET made_ms = ?1", [now_ms() - DAY_MS]).unwrap();
        assert_eq!(asked("t", "b").unwrap(), None);
        keep(&connection, "t", &once("k", "b")).unwrap();
        assert_eq!(asked("t", "b").unwrap().as_deref(), Some("made b"));
    }

    #[test]
    fn the_oldest_keys_of_a_tenant_go() {
        let connection = store();
        keep(&connection, "quiet", &once("k", "a")).unwrap();
        let insert = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
             INSERT INTO once (tenant, key, fingerprint, answer, made_ms) SELECT 'loud', n, x'', '', ?2 FROM n";
        connection.execute(insert, [OF_A_TENANT, now_ms()]).unwrap();
        keep(&connection, "loud", &once("last", "a")).unwrap();
        let count = |text| connection.query_row(text, (), |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM once WHERE tenant = 'loud'"), OF_A_TENANT);
        assert_eq!(count("SELECT count(*) FROM once WHERE key IN ('1', 'last')"), 1);
        assert_eq!(count("SELECT count(*) FROM once WHERE tenant = 'quiet'"), 1);
    }

    #[test]
    fn parts_that_are_split_elsewhere_are_other_parts() {
        assert_ne!(Fingerprint::of(&[b"ab", b"c"]), Fingerprint::of(&[b"a", b"bc"]));
    }
}
