//! A line of the audit trail, which whoever changes something writes with it.

use rusqlite::{Connection, params};

use crate::{StoreError, clock::now_ms};

/// Adds a line to the audit trail.
pub(crate) struct Noted<'a> {
    pub(crate) actor: &'a str,
    pub(crate) action: &'a str,
    pub(crate) tenant: Option<&'a str>,
    pub(crate) object: &'a str,
    pub(crate) detail: &'a str,
}

impl Noted<'_> {
    pub(crate) fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        let Noted { actor, action, tenant, object, detail } = self;
        connection
            .prepare_cached(
                "INSERT INTO audit (at_ms, actor, action, tenant, object, detail)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![now_ms(), actor, action, tenant, object, detail])?;
        Ok(())
    }
}
