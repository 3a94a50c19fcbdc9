-- Bids that were accepted and no longer stand: those of a deactivated account, until it is activated again, and those that
-- an admin has declared void. They are in no ranking and win nothing.
ALTER TABLE bids
    ADD COLUMN void_cause TEXT CHECK (void_cause IN ('account', 'admin')),
    ADD COLUMN void_reason TEXT CHECK (char_length(void_reason) <= 500),
    -- How often the bid was made void or valid again. Together with its number it counts the changes of the row, by which
    -- copies of it elsewhere can tell old from new.
    ADD COLUMN void_changes INTEGER NOT NULL DEFAULT 0,
    ADD CHECK ((void_reason IS NOT NULL) = (void_cause IS NOT DISTINCT FROM 'admin'));
CREATE INDEX idx_bids_void ON bids (campaign_id) WHERE void_cause IS NOT NULL;

-- Changes from valid to void and back are counted like the bids of a writer of its own, so that they, too, make a new version
-- of the ranking. Its bidders are those to be subtracted.
ALTER TABLE campaign_totals
    DROP CONSTRAINT campaign_totals_participants_check,
    ADD CHECK (participants >= 0 OR process_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff');
