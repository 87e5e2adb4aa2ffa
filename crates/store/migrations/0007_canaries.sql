-- Versions that have a share of their scripts' runs beside the active ones; at most one of a script.
CREATE TABLE canaries (
    tenant  TEXT NOT NULL,
    script  TEXT NOT NULL,
    version TEXT NOT NULL,
    -- The share of the runs.
    percent INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 99),
    PRIMARY KEY (tenant, script),
    FOREIGN KEY (tenant, script) REFERENCES scripts (tenant, script),
    FOREIGN KEY (tenant, script, version) REFERENCES versions (tenant, script, version)
) STRICT, WITHOUT ROWID;
