-- Deploys that were asked for with a key, by which they are known where they are asked for again.
CREATE TABLE once (
    -- Counts up, so that the oldest can go first.
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    key         TEXT NOT NULL,
    -- SHA-256 of what was asked for.
    fingerprint BLOB NOT NULL,
    answer      TEXT NOT NULL,
    made_ms     INTEGER NOT NULL,
    UNIQUE (tenant, key)
) STRICT;

CREATE INDEX once_by_age ON once (made_ms);
