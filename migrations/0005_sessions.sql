-- Sessions: what a user is signed in on. A token names its session, and is refused once that has ended. Tokens of the
-- version before name none; ending one of those writes the row that its sign-in did not.
CREATE TABLE sessions (
    session_id UUID PRIMARY KEY,
    user_id    UUID NOT NULL REFERENCES users ON DELETE CASCADE,
    -- What the client said it is; empty if it said nothing.
    user_agent TEXT NOT NULL CHECK (char_length(user_agent) <= 300),
    -- An IPv4 address, or the first address of the /64 of an IPv6 address.
    network    TEXT NOT NULL CHECK (char_length(network) <= 45),
    created_at TIMESTAMPTZ NOT NULL,
    -- Of its newest token.
    expires_at TIMESTAMPTZ NOT NULL,
    -- When it was ended before its time, by signing out, for instance.
    ended_at   TIMESTAMPTZ
);
CREATE INDEX idx_sessions_user ON sessions (user_id);
CREATE INDEX idx_sessions_expiry ON sessions (expires_at);
CREATE INDEX idx_sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;

-- The audit log only grows.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
