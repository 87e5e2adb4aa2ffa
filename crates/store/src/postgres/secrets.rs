//! The statements of secrets over a connection to PostgreSQL. How they are sealed is the same as elsewhere.

use super::{
    audit::Noted,
    session::{Session, value},
};
use crate::{
    SecretFacts, SecretKey, SecretOf, SecretValue, StoreError, Who,
    clock::now_ms,
    secrets::{OF_A_TENANT, check_secret_name, is_key_of, script},
};

/// Fails where the key is another one than what is kept was sealed with.
pub(super) async fn check_key(session: &mut Session, key: &SecretKey) -> Result<(), StoreError> {
    match session.row("SELECT nonce, sealed FROM secret_key", &[]).await? {
        Some(row) => {
            let (nonce, sealed): (Vec<u8>, Vec<u8>) = (value(&row, 0)?, value(&row, 1)?);
            is_key_of(key, &nonce, &sealed)
        }
        None => Ok(()),
    }
}

/// Sets a secret; true where it is new.
pub(super) async fn set(
    session: &mut Session,
    key: Option<&SecretKey>,
    (of, name): (&SecretOf, &str),
    secret: &SecretValue,
    actor: &str,
) -> Result<bool, StoreError> {
    check_secret_name(name)?;
    let key = key.ok_or(StoreError::NoSecretKey)?;
    // Another server may have set the first one with a key of its own.
    check_key(session, key).await?;
    let (nonce, sealed) = key.seal_known()?;
    session
        .execute(
            "INSERT INTO secret_key (one, nonce, sealed) VALUES (1, $1, $2)
             ON CONFLICT (one) DO NOTHING",
            &[&&nonce[..], &sealed],
        )
        .await?;
    let (nonce, sealed) = key.seal_secret(of, name, secret)?;
    let is_there: bool = session
        .value(
            "SELECT EXISTS (SELECT 1 FROM secrets WHERE tenant = $1 AND script = $2 AND name = $3)",
            &[&of.tenant, &script(of), &name],
        )
        .await?;
    let count = "SELECT count(*) FROM secrets WHERE tenant = $1";
    let count: i64 = session.value(count, &[&of.tenant]).await?;
    if !is_there && count >= OF_A_TENANT {
        return Err(StoreError::TooManySecrets { limit: OF_A_TENANT });
    }
    session
        .execute(
            "INSERT INTO secrets (tenant, script, name, nonce, sealed, set_ms, set_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (tenant, script, name) DO UPDATE SET nonce = excluded.nonce,
                 sealed = excluded.sealed, set_ms = excluded.set_ms, set_by = excluded.set_by",
            &[&of.tenant, &script(of), &name, &&nonce[..], &sealed, &now_ms(), &actor],
        )
        .await?;
    note(session, of, name, "set-secret", actor).await?;
    Ok(!is_there)
}

async fn note(
    session: &mut Session,
    of: &SecretOf,
    name: &str,
    action: &str,
    actor: &str,
) -> Result<(), StoreError> {
    let (tenant, detail) = (Some(&*of.tenant), script(of));
    Noted { actor, action, tenant, object: name, detail }.write(session).await
}

/// The secrets of a tenant or a script by name, without their values.
pub(super) async fn list(
    session: &mut Session,
    of: &SecretOf,
) -> Result<Vec<SecretFacts>, StoreError> {
    let rows = session
        .rows(
            "SELECT name, set_ms, set_by FROM secrets WHERE tenant = $1 AND script = $2
             ORDER BY name COLLATE \"C\"",
            &[&of.tenant, &script(of)],
        )
        .await?;
    let one = |row: &tokio_postgres::Row| {
        Ok(SecretFacts { name: value(row, 0)?, set_ms: value(row, 1)?, set_by: value(row, 2)? })
    };
    rows.iter().map(one).collect()
}

pub(super) async fn remove(
    session: &mut Session,
    of: &SecretOf,
    name: &str,
    actor: &str,
) -> Result<bool, StoreError> {
    let gone = session
        .execute(
            "DELETE FROM secrets WHERE tenant = $1 AND script = $2 AND name = $3",
            &[&of.tenant, &script(of), &name],
        )
        .await?;
    if gone > 0 {
        note(session, of, name, "remove-secret", actor).await?;
    }
    Ok(gone > 0)
}

/// Removes those of a script, with the script.
pub(super) async fn remove_all(session: &mut Session, who: &Who) -> Result<(), StoreError> {
    session
        .execute(
            "DELETE FROM secrets WHERE tenant = $1 AND script = $2",
            &[&who.tenant, &who.script],
        )
        .await?;
    Ok(())
}

/// Secrets in the clear, for a script that is given them: its own go before its tenant's.
pub(super) async fn open(
    session: &mut Session,
    key: Option<&SecretKey>,
    who: &Who,
    names: &[String],
) -> Result<Vec<SecretValue>, StoreError> {
    let mut all = Vec::with_capacity(names.len());
    for name in names {
        let row = session
            .row(
                "SELECT script, nonce, sealed FROM secrets
                 WHERE tenant = $1 AND script IN ($2, '') AND name = $3
                 ORDER BY script = '' LIMIT 1",
                &[&who.tenant, &who.script, name],
            )
            .await?;
        let row = row.ok_or_else(|| StoreError::NoSecret(name.chars().take(128).collect()))?;
        let key = key.ok_or(StoreError::NoSecretKey)?;
        let script: String = value(&row, 0)?;
        let (nonce, sealed): (Vec<u8>, Vec<u8>) = (value(&row, 1)?, value(&row, 2)?);
        let script = (!script.is_empty()).then_some(script);
        let of = SecretOf { tenant: who.tenant.clone(), script };
        all.push(key.open_secret(&of, name, &nonce, &sealed)?);
    }
    Ok(all)
}
