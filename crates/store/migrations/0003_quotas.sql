-- What tenants may take at most; NULL is no bound. A tenant without a row has none.
CREATE TABLE quotas (
    tenant            TEXT NOT NULL PRIMARY KEY,
    runs_per_second   INTEGER,
    concurrent_runs   INTEGER,
    cpu_ms_per_minute INTEGER,
    scripts           INTEGER,
    script_bytes      INTEGER
) STRICT, WITHOUT ROWID;
