//! Lines of the audit trail, as statements over a connection to PostgreSQL.

use super::session::{Session, value};
use crate::{StoreError, Who, clock::now_ms};

/// Adds a line to the audit trail.
pub(super) struct Noted<'a> {
    pub(super) actor: &'a str,
    pub(super) action: &'a str,
    pub(super) tenant: Option<&'a str>,
    pub(super) object: &'a str,
    pub(super) detail: &'a str,
}

impl Noted<'_> {
    /// Servers hear of it when the change is there.
    pub(super) async fn write(&self, session: &mut Session) -> Result<(), StoreError> {
        let Noted { actor, action, tenant, object, detail } = self;
        let row = session
            .row(
                "INSERT INTO audit (number, at_ms, actor, action, tenant, object, detail)
                 SELECT coalesce(max(number), 0) + 1, $1, $2, $3, $4, $5, $6 FROM audit
                 RETURNING number, pg_notify('sandtide_changes', '')::text",
                &[&now_ms(), actor, action, tenant, object, detail],
            )
            .await?;
        session.wrote = row.map(|row| value(&row, 0)).transpose()?;
        Ok(())
    }
}

pub(super) async fn note_script(
    session: &mut Session,
    actor: &str,
    action: &str,
    who: &Who,
    detail: &str,
) -> Result<(), StoreError> {
    let (tenant, object) = (Some(&*who.tenant), &*who.script);
    Noted { actor, action, tenant, object, detail }.write(session).await
}
