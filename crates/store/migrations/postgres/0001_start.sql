-- All that is kept, as the files beside this directory have it for SQLite. Every time is in milliseconds since 1970.

-- A version of a script, whole: what was sent, and what building it told.
CREATE TABLE versions (
    tenant   TEXT NOT NULL,
    script   TEXT NOT NULL,
    -- The SHA-256 of what is in its image, in hexadecimal.
    version  TEXT NOT NULL,
    -- Counts up over all scripts whenever a version is put in the place of another; not where it was
    -- rolled back to.
    turn     BIGINT NOT NULL,
    -- The version in whose place it was put.
    former   TEXT,
    made_ms  BIGINT NOT NULL,
    made_by  TEXT NOT NULL,
    facts    TEXT NOT NULL,
    bytes    BIGINT NOT NULL,
    -- Of the body, so that a damaged file is noticed.
    checksum BYTEA NOT NULL,
    body     BYTEA NOT NULL,
    PRIMARY KEY (tenant, script, version)
);

CREATE INDEX versions_by_turn ON versions (tenant, script, turn);

-- Which version of a script answers.
CREATE TABLE scripts (
    tenant TEXT NOT NULL,
    script TEXT NOT NULL,
    active TEXT NOT NULL,
    PRIMARY KEY (tenant, script),
    FOREIGN KEY (tenant, script, active) REFERENCES versions (tenant, script, version)
);

-- Bytes of all versions that are not active, which no server has to add up.
CREATE TABLE former (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    bytes BIGINT NOT NULL
);
INSERT INTO former VALUES (1, 0);

-- Who changed what, when; and what servers read to learn what others changed. Numbers have no gaps, but where
-- lines were removed: changes are made one after another.
CREATE TABLE audit (
    number BIGINT PRIMARY KEY,
    at_ms  BIGINT NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    tenant TEXT,
    object TEXT NOT NULL,
    detail TEXT NOT NULL
);

-- Bearer tokens, of which only a hash is kept.
CREATE TABLE tokens (
    id         TEXT PRIMARY KEY,
    -- SHA-256 of the secret, which is random and long enough that nothing slower is needed.
    hash       BYTEA NOT NULL CHECK (length(hash) = 32),
    role       TEXT NOT NULL CHECK (role IN ('admin', 'metrics', 'tenant')),
    tenant     TEXT CHECK ((tenant IS NOT NULL) = (role = 'tenant')),
    label      TEXT NOT NULL,
    -- Whether the first start made it by itself.
    first      BOOLEAN NOT NULL,
    made_ms    BIGINT NOT NULL,
    expires_ms BIGINT,
    revoked_ms BIGINT
);

-- What tenants may take at most; NULL is no bound. A tenant without a row has none.
CREATE TABLE quotas (
    tenant            TEXT PRIMARY KEY,
    runs_per_second   BIGINT,
    concurrent_runs   BIGINT,
    cpu_ms_per_minute BIGINT,
    scripts           BIGINT,
    script_bytes      BIGINT
);

-- Deploys that were asked for with a key, by which they are known where they are asked for again.
CREATE TABLE once (
    -- Counts up, so that the oldest can go first.
    number      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant      TEXT NOT NULL,
    key         TEXT NOT NULL,
    -- SHA-256 of what was asked for.
    fingerprint BYTEA NOT NULL,
    answer      TEXT NOT NULL,
    made_ms     BIGINT NOT NULL,
    UNIQUE (tenant, key)
);

CREATE INDEX once_by_age ON once (made_ms);

-- Secrets of tenants and of scripts, each sealed with the servers' key, which is not kept here.
CREATE TABLE secrets (
    tenant TEXT NOT NULL,
    -- Empty for those of the tenant, which all its scripts may be given.
    script TEXT NOT NULL,
    name   TEXT NOT NULL,
    nonce  BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    set_ms BIGINT NOT NULL,
    set_by TEXT NOT NULL,
    PRIMARY KEY (tenant, script, name)
);

-- Something known, sealed with the key, by which another key is noticed before it seals anything.
CREATE TABLE secret_key (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    nonce  BYTEA NOT NULL,
    sealed BYTEA NOT NULL
);
