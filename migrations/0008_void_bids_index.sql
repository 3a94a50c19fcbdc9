-- no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_bids_void ON bids (campaign_id) WHERE void_cause IS NOT NULL;
