-- What tenants used, for bills: one row for each period, tenant, script and outcome of runs.
CREATE TABLE usage (
    tenant         TEXT NOT NULL,
    -- Minutes that a period has: 1 or 60.
    minutes        INTEGER NOT NULL,
    -- When it begins, in minutes since 1970.
    at             INTEGER NOT NULL,
    -- Empty for sources that came with their runs, * for scripts beyond those that are told apart.
    script         TEXT NOT NULL,
    -- ok, or an error's code.
    outcome        TEXT NOT NULL,
    runs           INTEGER NOT NULL,
    cpu_us         INTEGER NOT NULL,
    wall_us        INTEGER NOT NULL,
    received_bytes INTEGER NOT NULL,
    answered_bytes INTEGER NOT NULL,
    PRIMARY KEY (tenant, minutes, at, script, outcome)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_by_age ON usage (minutes, at);
