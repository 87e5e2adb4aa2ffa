-- What tenants used, for bills: one row for each period, tenant, script and outcome of runs.
CREATE TABLE usage (
    -- Minutes that a period has: 1, 60 or 1440.
    minutes        BIGINT NOT NULL,
    -- When it begins, in minutes since 1970.
    at             BIGINT NOT NULL,
    tenant         TEXT COLLATE "C" NOT NULL,
    -- Empty for sources that came with their runs, * for scripts beyond those that are told apart.
    script         TEXT COLLATE "C" NOT NULL,
    -- ok, or an error's code.
    outcome        TEXT COLLATE "C" NOT NULL,
    runs           BIGINT NOT NULL,
    cpu_us         BIGINT NOT NULL,
    wall_us        BIGINT NOT NULL,
    received_bytes BIGINT NOT NULL,
    answered_bytes BIGINT NOT NULL,
    -- The order in which it is read.
    PRIMARY KEY (minutes, at, tenant, script, outcome)
);

CREATE INDEX usage_of_tenants ON usage (minutes, tenant, at, script, outcome);
