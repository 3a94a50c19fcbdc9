-- What something was before an admin changed it; null for what is new. `detail` is what it is since.
ALTER TABLE audit_log ADD COLUMN before JSONB;

-- How a campaign went, for those who watch it: some hundreds of rows a campaign however long it is,
-- written by whichever process comes first, so that every process shows the same curve.
CREATE TABLE campaign_samples (
    campaign_id       UUID NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    -- Whole seconds since the start.
    second            INTEGER NOT NULL CHECK (second >= 0),
    taken_at          TIMESTAMPTZ NOT NULL,
    participants      BIGINT NOT NULL CHECK (participants >= 0),
    bids              BIGINT NOT NULL CHECK (bids >= 0),
    min_winning_score DOUBLE PRECISION,
    max_score         DOUBLE PRECISION,
    PRIMARY KEY (campaign_id, second)
);
