-- Bearer tokens, of which only a hash is kept.
CREATE TABLE tokens (
    id         TEXT NOT NULL PRIMARY KEY,
    -- SHA-256 of the secret, which is random and long enough that nothing slower is needed.
    hash       BLOB NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('admin', 'metrics', 'tenant')),
    tenant     TEXT CHECK ((tenant IS NOT NULL) = (role = 'tenant')),
    label      TEXT NOT NULL,
    -- 1 for the one that the first start made by itself.
    first      INTEGER NOT NULL,
    made_ms    INTEGER NOT NULL,
    expires_ms INTEGER,
    revoked_ms INTEGER
) STRICT, WITHOUT ROWID;
