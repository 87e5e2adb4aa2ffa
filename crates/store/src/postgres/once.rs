//! Deploys that are carried out once, as statements over a connection to PostgreSQL.

use super::session::{Session, value};
use crate::{
    Fingerprint, Once, StoreError,
    clock::now_ms,
    once::{DAY_MS, OF_A_TENANT, OF_ALL},
};

/// What was answered to the deploy of a key.
pub(super) async fn answered(
    session: &mut Session,
    tenant: &str,
    key: &str,
    fingerprint: Fingerprint,
) -> Result<Option<String>, StoreError> {
    let row = session
        .row(
            "SELECT fingerprint, answer FROM once WHERE tenant = $1 AND key = $2 AND made_ms > $3",
            &[&tenant, &key, &(now_ms() - DAY_MS)],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let known: Vec<u8> = value(&row, 0)?;
    if known != fingerprint.0 {
        return Err(StoreError::KeyReused);
    }
    value(&row, 1).map(Some)
}

/// Keeps what is answered to a deploy, within the deploy's transaction.
///
/// # Errors
///
/// [`StoreError::KeyReused`] where another server kept an answer under this key meanwhile.
pub(super) async fn keep(
    session: &mut Session,
    tenant: &str,
    once: &Once,
) -> Result<(), StoreError> {
    let Once { key, fingerprint, answer } = once;
    let now = now_ms();
    session.execute("DELETE FROM once WHERE made_ms <= $1", &[&(now - DAY_MS)]).await?;
    let kept = session
        .execute(
            "INSERT INTO once (tenant, key, fingerprint, answer, made_ms) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, key) DO NOTHING",
            &[&tenant, key, &&fingerprint.0[..], answer, &now],
        )
        .await?;
    if kept == 0 {
        return Err(StoreError::KeyReused);
    }
    session
        .execute(
            "DELETE FROM once WHERE number IN (
                 SELECT number FROM once WHERE tenant = $1 ORDER BY number DESC OFFSET $2)",
            &[&tenant, &OF_A_TENANT],
        )
        .await?;
    session
        .execute(
            "DELETE FROM once WHERE number IN (
                 SELECT number FROM once ORDER BY number DESC OFFSET $1)",
            &[&OF_ALL],
        )
        .await?;
    Ok(())
}
