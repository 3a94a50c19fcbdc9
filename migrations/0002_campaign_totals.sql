-- How many bidders and bids a campaign has, counted by the statement that writes the bids.
-- One row per process, so that processes do not wait for each other; the sum is the total.
-- It spares counting a million rows, and tells whether a ranking elsewhere is complete.
CREATE TABLE campaign_totals (
    campaign_id  UUID NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    process_id   UUID NOT NULL,
    participants BIGINT NOT NULL CHECK (participants >= 0),
    bids         BIGINT NOT NULL CHECK (bids >= participants),
    max_price    NUMERIC(12, 2) NOT NULL,
    -- The newest acceptance counted here: the version of the ranking.
    last_seq     BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, process_id)
);

-- What was bid before this table existed.
INSERT INTO campaign_totals (campaign_id, process_id, participants, bids, max_price, last_seq)
SELECT campaign_id, '00000000-0000-0000-0000-000000000000', count(*), sum(bid_number), max(price), max(accepted_seq)
FROM bids GROUP BY campaign_id;
