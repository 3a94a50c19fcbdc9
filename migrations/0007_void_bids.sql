SET LOCAL lock_timeout = '2s';

-- Bids that were accepted and no longer stand: those of a deactivated account, until it is activated again, and those that
-- an admin has declared void. They are in no ranking and win nothing. All rows from before fulfil the constraints.
ALTER TABLE bids
    ADD COLUMN void_cause TEXT,
    ADD COLUMN void_reason TEXT,
    -- How often the bid was made void or valid again. Together with its number it counts the changes of the row, by which
    -- copies of it elsewhere can tell old from new.
    ADD COLUMN void_changes INTEGER NOT NULL DEFAULT 0,
    ADD CONSTRAINT bids_void_cause_check CHECK (void_cause IN ('account', 'admin')) NOT VALID,
    ADD CONSTRAINT bids_void_reason_check CHECK (
        (void_reason IS NOT NULL) = (void_cause IS NOT DISTINCT FROM 'admin') AND char_length(void_reason) <= 500
    ) NOT VALID;
