SET LOCAL lock_timeout = '2s';

-- API keys are sessions that have a name and a scope, and last as long as their user wants.
ALTER TABLE sessions
    ADD COLUMN key_name TEXT CHECK (char_length(key_name) BETWEEN 1 AND 100),
    ADD COLUMN scope TEXT CHECK (scope IN ('read', 'bid', 'admin')),
    ADD CHECK ((key_name IS NULL) = (scope IS NULL));
