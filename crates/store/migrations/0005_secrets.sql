-- Secrets of tenants and of scripts, each sealed with the server's key, which is not kept here.
CREATE TABLE secrets (
    tenant TEXT NOT NULL,
    -- Empty for those of the tenant, which all its scripts may be given.
    script TEXT NOT NULL,
    name   TEXT NOT NULL,
    nonce  BLOB NOT NULL,
    sealed BLOB NOT NULL,
    set_ms INTEGER NOT NULL,
    set_by TEXT NOT NULL,
    PRIMARY KEY (tenant, script, name)
) STRICT;

-- Something known, sealed with the key, by which another key is noticed before it seals anything.
CREATE TABLE secret_key (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    nonce  BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
