-- What clients created under keys of their own (`Idempotency-Key`), for a day: the same request, sent again, finds what
-- the first one created.
CREATE TABLE idempotency_keys (
    user_id      UUID NOT NULL REFERENCES users ON DELETE CASCADE,
    key          TEXT NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
    -- SHA-256.
    request_hash BYTEA NOT NULL CHECK (octet_length(request_hash) = 32),
    resource_id  UUID NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idx_idempotency_keys_age ON idempotency_keys (created_at);
