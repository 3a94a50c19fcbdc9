SET LOCAL lock_timeout = '2s';

-- API keys are sessions that have a name and a scope, and last as long as their user wants. All rows from before fulfil the
-- constraints.
ALTER TABLE sessions
    ADD COLUMN key_name TEXT,
    ADD COLUMN scope TEXT,
    ADD CONSTRAINT sessions_key_name_check CHECK (char_length(key_name) BETWEEN 1 AND 100) NOT VALID,
    ADD CONSTRAINT sessions_scope_check CHECK (scope IN ('read', 'bid', 'admin')) NOT VALID,
    ADD CONSTRAINT sessions_key_check CHECK ((key_name IS NULL) = (scope IS NULL)) NOT VALID;
