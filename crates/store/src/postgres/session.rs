//! One connection to a database, its statements and migrations. Knows nothing of what is kept.

use std::{collections::HashMap, future::poll_fn};

use tokio::sync::mpsc;
use tokio_postgres::{
    AsyncMessage, Client, Connection, Error, NoTls, Row, Statement, error::SqlState, types::ToSql,
};

use super::{PostgresAddress, tls::Tls};
use crate::StoreError;

/// What servers hear of changes on.
const CHANNEL: &str = "sandtide_changes";
/// The advisory locks that are held while the schema or anything else is changed, until the transaction ends.
const MIGRATING: &str = "SELECT pg_advisory_xact_lock(7309453715120123905)";
const CHANGING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
    SELECT pg_advisory_xact_lock(7309453715120123906)";
/// The same for what tenants used, which no change waits for.
const COUNTING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
    SELECT pg_advisory_xact_lock(7309453715120123907)";
/// Whatever the database's own settings are. Making an index of much that is kept takes a while, and whoever starts
/// at the same time waits for it.
const MIGRATION: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
    SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '10min'";
/// Takes room for 256 KiB, and gives it back.
const TRIAL: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
    INSERT INTO once (tenant, key, fingerprint, answer, made_ms)
    SELECT '', 'trial', '', string_agg(md5(random()::text), ''), 0 FROM generate_series(1, 8192)
    ON CONFLICT (tenant, key) DO UPDATE SET answer = excluded.answer;
    DELETE FROM once WHERE tenant = '' AND key = 'trial'; COMMIT";

const MIGRATIONS: [&str; 4] = [
    include_str!("../../migrations/postgres/0001_start.sql"),
    include_str!("../../migrations/postgres/0002_usage.sql"),
    include_str!("../../migrations/postgres/0003_canaries.sql"),
    include_str!("../../migrations/postgres/0004_schedules.sql"),
];

/// What holds for each connection: a server that stopped in the middle of a change keeps the others from theirs
/// for 10 s at most, what was answered is on the disk, and what takes too long is ended before the connection is given
/// up for it.
const SETTINGS: &str = "SET lock_timeout = '4s'; SET statement_timeout = '4500ms';
    SET idle_in_transaction_session_timeout = '10s'; SET tcp_keepalives_idle = 5;
    SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; SET client_min_messages = warning;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// A value that a statement is given.
pub(super) type Given<'a> = &'a (dyn ToSql + Sync);

/// A connection.
pub(super) struct Session {
    client: Client,
    prepared: HashMap<&'static str, Statement>,
    /// Gives a word for each change that the database tells of, and ends with the connection.
    pub(super) told: mpsc::UnboundedReceiver<()>,
    /// Whether it is of no use any more.
    pub(super) lost: bool,
    /// The line of the audit trail that the change under way wrote.
    pub(super) wrote: Option<i64>,
    /// What the database said when it had no room, or its disk failed.
    pub(super) full: Option<String>,
}

/// Connects, and asks to be told of changes.
pub(super) async fn connect(address: &PostgresAddress, tls: &Tls) -> Result<Session, StoreError> {
    let lost = |error: Error| StoreError::Unavailable(told(&error));
    let (client, told) = match address.uses_tls() {
        true => {
            let (client, connection) = address.config.connect(tls.clone()).await.map_err(lost)?;
            (client, drive(connection))
        }
        false => {
            let (client, connection) = address.config.connect(NoTls).await.map_err(lost)?;
            (client, drive(connection))
        }
    };
    let prepared = HashMap::new();
    let mut session = Session { client, prepared, told, lost: false, wrote: None, full: None };
    session.batch(SETTINGS).await?;
    session.batch(&format!("LISTEN {CHANNEL}")).await?;
    Ok(session)
}

/// Has a task of the runtime speak with the database.
fn drive<S, T>(mut connection: Connection<S, T>) -> mpsc::UnboundedReceiver<()>
where
    Connection<S, T>: Send + 'static,
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        // It ends with an error where the connection breaks, which shows in what was asked.
        while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
            if matches!(message, AsyncMessage::Notification(_)) && tell.send(()).is_err() {
                return;
            }
        }
    });
    told
}

impl Session {
    /// The rows of an answer.
    pub(super) async fn rows(
        &mut self,
        text: &'static str,
        given: &[Given<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let statement = self.statement(text).await?;
        let rows = self.client.query(&statement, given).await;
        rows.map_err(|error| self.failed(&error))
    }

    /// The first row of an answer.
    pub(super) async fn row(
        &mut self,
        text: &'static str,
        given: &[Given<'_>],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(text, given).await?.into_iter().next())
    }

    /// The one value of an answer that has one.
    pub(super) async fn value<T: for<'a> tokio_postgres::types::FromSql<'a>>(
        &mut self,
        text: &'static str,
        given: &[Given<'_>],
    ) -> Result<T, StoreError> {
        let row = self.row(text, given).await?.ok_or(StoreError::Closed)?;
        value(&row, 0)
    }

    /// How many rows a statement changed.
    pub(super) async fn execute(
        &mut self,
        text: &'static str,
        given: &[Given<'_>],
    ) -> Result<u64, StoreError> {
        let statement = self.statement(text).await?;
        let count = self.client.execute(&statement, given).await;
        count.map_err(|error| self.failed(&error))
    }

    async fn statement(&mut self, text: &'static str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.prepared.get(text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text).await.map_err(|error| self.failed(&error))?;
        self.prepared.insert(text, statement.clone());
        Ok(statement)
    }

    async fn batch(&mut self, text: &str) -> Result<(), StoreError> {
        self.client.batch_execute(text).await.map_err(|error| self.failed(&error))
    }

    /// Begins a change. Only one is under way at a time, of all servers.
    pub(super) async fn begin(&mut self) -> Result<(), StoreError> {
        self.wrote = None;
        self.begin_as(CHANGING).await
    }

    /// Begins to add to what tenants used, which servers do one after another.
    pub(super) async fn begin_counting(&mut self) -> Result<(), StoreError> {
        self.begin_as(COUNTING).await
    }

    async fn begin_as(&mut self, begin: &str) -> Result<(), StoreError> {
        if let Err(error) = self.batch(begin).await {
            let _ = self.batch("ROLLBACK").await;
            return Err(error);
        }
        Ok(())
    }

    /// Whether something can be written.
    pub(super) async fn try_to_write(&mut self) -> Result<(), StoreError> {
        self.begin_as(TRIAL).await
    }

    /// Ends a change: what was made is kept, and nothing of what was not.
    pub(super) async fn end<T>(&mut self, made: Result<T, StoreError>) -> Result<T, StoreError> {
        match made {
            Ok(made) => self.batch("COMMIT").await.map(|()| made),
            Err(error) => {
                let _ = self.batch("ROLLBACK").await;
                Err(error)
            }
        }
    }

    /// Brings the database to the newest schema. The files are never changed once they were released.
    pub(super) async fn migrate(&mut self) -> Result<(), StoreError> {
        // Servers that start together wait for each other.
        self.batch(MIGRATION).await?;
        let made = self.migrate_within().await;
        self.end(made).await
    }

    async fn migrate_within(&mut self) -> Result<(), StoreError> {
        self.batch(MIGRATING).await?;
        self.batch("CREATE TABLE IF NOT EXISTS sandtide_schema (version BIGINT NOT NULL)").await?;
        let encoding: String = self.value("SELECT current_setting('server_encoding')", &[]).await?;
        if encoding != "UTF8" {
            return Err(StoreError::Address(
                "the database's encoding is not UTF8: make one with that",
            ));
        }
        let found = self.row("SELECT version FROM sandtide_schema", &[]).await?;
        let found: i64 = match found {
            Some(row) => value(&row, 0)?,
            None => {
                self.batch("INSERT INTO sandtide_schema VALUES (0)").await?;
                0
            }
        };
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        if found > known {
            return Err(StoreError::Newer { found, known });
        }
        for (number, migration) in (1_i64..).zip(MIGRATIONS) {
            if number > found {
                self.batch(migration).await?;
                self.batch(&format!("UPDATE sandtide_schema SET version = {number}")).await?;
            }
        }
        Ok(())
    }

    /// What an error is to whoever asked, and whether the connection is of use after it.
    fn failed(&mut self, error: &Error) -> StoreError {
        let Some(code) = error.code() else {
            self.lost |= self.client.is_closed() || error.is_closed() || is_io(error);
            return match self.lost {
                true => StoreError::Unavailable(told(error)),
                false => StoreError::Postgres(told(error)),
            };
        };
        // The server ends, takes no changes any more, or ended the connection.
        let class = code.code().get(..2).unwrap_or_default();
        self.lost |= matches!(class, "08" | "57") && *code != SqlState::QUERY_CANCELED
            || *code == SqlState::READ_ONLY_SQL_TRANSACTION
            || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT;
        if matches!(class, "53" | "58") {
            self.full = Some(told(error));
        }
        // It has no room, or what is waited for did not come.
        let later = matches!(class, "53" | "55" | "40") || *code == SqlState::QUERY_CANCELED;
        match self.lost || later {
            true => StoreError::Unavailable(told(error)),
            false => StoreError::Postgres(told(error)),
        }
    }
}

fn is_io(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}

/// A column of a row.
pub(super) fn value<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    at: usize,
) -> Result<T, StoreError> {
    row.try_get(at).map_err(|error| StoreError::Postgres(error.to_string()))
}

/// An error in words: what the database says without what it was given, or what broke.
fn told(error: &Error) -> String {
    match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(said), _) => said.message().to_owned(),
        (None, Some(source)) => source.to_string(),
        (None, None) => error.to_string(),
    }
}
