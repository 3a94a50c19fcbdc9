SET LOCAL lock_timeout = '2s';

-- Campaigns before users: the order in which bids lock them.
-- Whether the end was put off while the campaign was running; not known of campaigns from before.
ALTER TABLE campaigns ADD COLUMN was_extended BOOLEAN NOT NULL DEFAULT false;

-- When the user has shown that mail to their address reaches them; unknown for accounts from before. The secret that their
-- authenticator app shares with us, and the last period (of 30 seconds) of which a code was used.
ALTER TABLE users
    ADD COLUMN email_confirmed_at TIMESTAMPTZ,
    ADD COLUMN totp_secret BYTEA,
    ADD COLUMN totp_last_period BIGINT,
    ADD CONSTRAINT users_totp_check CHECK ((totp_secret IS NULL) = (totp_last_period IS NULL)) NOT VALID;

-- Codes for whoever has lost the app, by their SHA-256; deleted when they are used.
CREATE TABLE recovery_codes (
    user_id UUID NOT NULL REFERENCES users (user_id),
    code_hash BYTEA NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);
