-- Scripts and their versions. Every time is in milliseconds since 1970.

-- A version of a script, whole: what was sent, and what building it told.
CREATE TABLE versions (
    tenant   TEXT NOT NULL,
    script   TEXT NOT NULL,
    -- The SHA-256 of what is in its image, in hexadecimal.
    version  TEXT NOT NULL,
    -- Counts up over all scripts whenever a version is put in the place of another; not where it was
    -- rolled back to.
    turn     INTEGER NOT NULL,
    -- The version in whose place it was put.
    former   TEXT,
    made_ms  INTEGER NOT NULL,
    made_by  TEXT NOT NULL,
    facts    TEXT NOT NULL,
    bytes    INTEGER NOT NULL,
    -- Of the body, so that a damaged file is noticed.
    checksum BLOB NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (tenant, script, version)
) STRICT;

CREATE INDEX versions_by_turn ON versions (tenant, script, turn);

-- Which version of a script answers.
CREATE TABLE scripts (
    tenant TEXT NOT NULL,
    script TEXT NOT NULL,
    active TEXT NOT NULL,
    PRIMARY KEY (tenant, script),
    FOREIGN KEY (tenant, script, active) REFERENCES versions (tenant, script, version)
) STRICT, WITHOUT ROWID;

-- Who changed what, when.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms  INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    tenant TEXT,
    object TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
