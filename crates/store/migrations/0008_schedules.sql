-- When scripts are run without being asked for each run. Every time is in milliseconds since 1970.
CREATE TABLE schedules (
    tenant    TEXT NOT NULL,
    script    TEXT NOT NULL,
    -- Its name, of the script alone.
    id        TEXT NOT NULL,
    cron      TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    -- What the runs are given, as JSON.
    run       TEXT NOT NULL,
    set_ms    INTEGER NOT NULL,
    set_by    TEXT NOT NULL,
    -- When the next run is due. Nothing where none is.
    next_ms   INTEGER,
    -- Runs that failed since one went well.
    failures  INTEGER NOT NULL,
    -- The error for which none is due any more.
    off       TEXT,
    PRIMARY KEY (tenant, script, id),
    FOREIGN KEY (tenant, script) REFERENCES scripts (tenant, script)
) STRICT, WITHOUT ROWID;

CREATE INDEX schedules_by_time ON schedules (next_ms) WHERE next_ms IS NOT NULL;

-- The last runs of each. One that was begun and never ended was lost with its server.
CREATE TABLE schedule_runs (
    tenant   TEXT NOT NULL,
    script   TEXT NOT NULL,
    id       TEXT NOT NULL,
    due_ms   INTEGER NOT NULL,
    began_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    -- ok, or an error's code.
    outcome  TEXT,
    -- The identity of the asynchronous run that it was, of the server that carried it out.
    run      TEXT,
    PRIMARY KEY (tenant, script, id, due_ms),
    FOREIGN KEY (tenant, script, id) REFERENCES schedules (tenant, script, id)
) STRICT, WITHOUT ROWID;
