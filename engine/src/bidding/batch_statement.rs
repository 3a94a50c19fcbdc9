//! One batch of bids of one campaign, written in one statement.

use crate::{
    catalog::{CampaignRecord, edit_lock_key},
    error::{Error, Result},
    metrics::time_database,
    ranking::{BatchCounts, StandingBid, VoidCause, WriterRange},
    store::{
        columns::Column,
        database::{Database, within},
    },
};
use domain::{BidId, ErrorCode, Money, Score, Timestamp, UserId, campaign_status::Closing};
use std::{collections::HashMap, time::Duration};
use time::OffsetDateTime;
use uuid::Uuid;

/// How long a commit may take. PostgreSQL is then in trouble, or has vanished; the outcome is unknown, and sending the
/// bids again is safe.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(5);

/// A bid that passed the campaign's rules and waits to be written.
#[derive(Clone, Debug)]
pub(crate) struct NewBid {
    /// The id of the standing bid, should this be the bidder's first.
    pub bid_id: Uuid,
    pub user_id: UserId,
    pub username: String,
    pub price: Money,
    pub score: Score,
    pub elapsed_ms: u64,
    pub received_at: Timestamp,
}

/// The result of writing a batch.
pub(crate) enum BatchResult {
    /// The batch is durable: the standing bids that it made or improved, those that it left unchanged if they could be
    /// read, the void ones among them included, and its bids among all of the campaign.
    Committed {
        improved: HashMap<UserId, StandingBid>,
        unchanged: Result<HashMap<UserId, StandingBid>>,
        counts: BatchCounts,
    },
    /// Nothing was written: the campaign is closed or, if `Open`, was edited after the bids were scored.
    NotWritten(Closing),
}

/// Writes a merged batch: at most one bid per user, in the order of arrival.
pub(crate) async fn write(
    database: &Database,
    writer: Uuid,
    campaign: &CampaignRecord,
    bids: &[&NewBid],
) -> Result<BatchResult> {
    let rows = upsert(database, writer, campaign, bids).await?;
    // Demo campaigns may be deleted while they take bids.
    let Some(first) = rows.first() else {
        return Err(Error::refused(ErrorCode::CampaignNotFound, "There is no such campaign."));
    };
    match first.campaign_status.as_str() {
        "open" if first.campaign_version == campaign.version => {}
        "open" => return Ok(BatchResult::NotWritten(Closing::Open)),
        "cancelled" => return Ok(BatchResult::NotWritten(Closing::Cancelled)),
        _ => return Ok(BatchResult::NotWritten(Closing::Settled)),
    }
    let running = first.start_time..first.end_time;
    let written = rows.iter().filter(|row| row.user_id.is_some()).count() as u64;
    let counts = first.batch_counts(writer, written);
    let written = rows.into_iter().filter_map(UpsertRow::standing);
    let improved: HashMap<_, _> = written.map(|standing| (standing.user_id, standing)).collect();
    // A bid that the statement rejected by its time of receipt is not among them: it has no effect at all.
    let lower: Vec<UserId> = bids
        .iter()
        .filter(|bid| running.contains(&bid.received_at) && !improved.contains_key(&bid.user_id))
        .map(|bid| bid.user_id)
        .collect();
    // The batch is committed, whatever becomes of this read.
    let unchanged = if lower.is_empty() { Ok(HashMap::new()) } else { standing_bids(database, campaign, &lower).await };
    Ok(BatchResult::Committed { improved, unchanged, counts })
}

async fn upsert(
    database: &Database,
    writer: Uuid,
    campaign: &CampaignRecord,
    bids: &[&NewBid],
) -> Result<Vec<UpsertRow>> {
    let _timer = time_database("write_bids");
    let column = |value: fn(&NewBid) -> i64| bids.iter().map(|bid| value(bid)).collect::<Vec<_>>();
    let upsert = sqlx::query_as!(
        UpsertRow,
        r#"WITH edit_lock AS MATERIALIZED (
               -- Queues behind the edits that came first.
               SELECT pg_advisory_xact_lock_shared($10)
           ), campaign AS MATERIALIZED (
               -- Conflicts with the lock of settlement: while the winners are being determined this waits, then finds
               -- the campaign closed and writes nothing.
               SELECT product_id, status, version, start_time, end_time
               FROM campaigns, edit_lock WHERE campaign_id = $1 FOR SHARE OF campaigns
           ), arrived AS MATERIALIZED (
               -- Numbers the bids in the order of arrival.
               SELECT bid.*, campaign.product_id, nextval('bid_seq') AS accepted_seq
               FROM unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::float8[], $7::bigint[], $8::timestamptz[])
                        WITH ORDINALITY AS bid (bid_id, user_id, price_cents, score, elapsed_ms, received_at, n),
                    campaign
               WHERE campaign.status = 'open' AND campaign.version = $2
                 AND bid.received_at >= campaign.start_time AND bid.received_at < campaign.end_time
               ORDER BY bid.n
           ), written AS (
               -- Takes row locks in the order of users, so that two writers cannot deadlock.
               INSERT INTO bids AS standing (bid_id, campaign_id, user_id, product_id, price, score,
                   time_elapsed_ms, accepted_seq, bid_number, created_at, accepted_at)
               SELECT bid_id, $1, user_id, product_id, price_cents::numeric / 100, score,
                   elapsed_ms, accepted_seq, 1, received_at, received_at
               FROM arrived ORDER BY user_id
               ON CONFLICT (campaign_id, user_id) DO UPDATE
               SET price = excluded.price, score = excluded.score, time_elapsed_ms = excluded.time_elapsed_ms,
                   accepted_seq = excluded.accepted_seq, accepted_at = excluded.accepted_at,
                   bid_number = standing.bid_number + 1, void_cause = NULL, void_reason = NULL
               -- A bid that an admin has declared void gives way to any new one.
               WHERE CASE WHEN standing.void_cause IS NULL THEN excluded.score > standing.score
                          ELSE standing.void_cause = 'admin' END
               RETURNING standing.*
           ), logged AS (
               INSERT INTO bid_events (accepted_seq, bid_id, campaign_id, user_id, price, score,
                   time_elapsed_ms, bid_number, accepted_at)
               SELECT accepted_seq, bid_id, campaign_id, user_id, price, score,
                   time_elapsed_ms, bid_number, accepted_at
               FROM written
           ), counted AS (
               -- Changes only the row of this writer, so it waits for nobody.
               INSERT INTO campaign_totals AS total (campaign_id, process_id, participants, bids, max_price, last_seq)
               SELECT $1, $9, count(*) FILTER (WHERE bid_number = 1), count(*), max(price), max(accepted_seq)
               FROM written HAVING count(*) > 0
               ON CONFLICT (campaign_id, process_id) DO UPDATE
               SET participants = total.participants + excluded.participants, bids = total.bids + excluded.bids,
                   max_price = greatest(total.max_price, excluded.max_price),
                   last_seq = greatest(total.last_seq, excluded.last_seq)
               RETURNING bids
           ), before AS (
               -- What every writer had counted when this statement began.
               SELECT array_agg(process_id) AS writers, array_agg(bids) AS bids
               FROM campaign_totals WHERE campaign_id = $1
           )
           SELECT campaign.status AS campaign_status, campaign.version AS campaign_version,
                  campaign.start_time AS "start_time: Column<Timestamp>",
                  campaign.end_time AS "end_time: Column<Timestamp>",
                  written.user_id AS "user_id?", written.bid_id AS "bid_id?",
                  (written.price * 100)::bigint AS "price?: Column<Money>", written.score AS "score?: Column<Score>",
                  written.time_elapsed_ms AS "elapsed_ms?: Column<u64>", written.accepted_seq AS "accepted_seq?",
                  written.bid_number AS "bid_number?: Column<u32>", written.void_changes AS "void_changes?: Column<u32>",
                  written.created_at AS "created_at?: Column<Timestamp>",
                  written.accepted_at AS "accepted_at?: Column<Timestamp>",
                  (SELECT bids FROM counted) AS "through?: Column<u64>",
                  -- In one row only: there may be hundreds.
                  CASE WHEN row_number() OVER () = 1 THEN (SELECT writers FROM before) END AS writers,
                  CASE WHEN row_number() OVER () = 1 THEN (SELECT bids FROM before) END AS "counts: Vec<i64>"
           FROM campaign LEFT JOIN written ON TRUE"#,
        campaign.campaign_id.0,
        campaign.version,
        &bids.iter().map(|bid| bid.bid_id).collect::<Vec<Uuid>>(),
        &bids.iter().map(|bid| bid.user_id.0).collect::<Vec<Uuid>>(),
        &column(|bid| bid.price.cents()),
        &bids.iter().map(|bid| bid.score.get()).collect::<Vec<f64>>(),
        &column(|bid| bid.elapsed_ms.cast_signed()),
        &bids.iter().map(|bid| bid.received_at.as_datetime()).collect::<Vec<OffsetDateTime>>(),
        writer,
        edit_lock_key(campaign.campaign_id.0),
    );
    within(COMMIT_TIMEOUT, upsert.fetch_all(database)).await.map_err(Error::from)
}

async fn standing_bids(
    database: &Database,
    campaign: &CampaignRecord,
    users: &[UserId],
) -> Result<HashMap<UserId, StandingBid>> {
    let _timer = time_database("standing_bids");
    let standing = sqlx::query_as!(
        StandingBid,
        r#"SELECT user_id, bid_id, (price * 100)::bigint AS "price!: Column<Money>", score AS "score: Column<Score>",
               time_elapsed_ms AS "elapsed_ms: Column<u64>", accepted_seq, bid_number AS "bid_number: Column<u32>",
               void_changes AS "void_changes: Column<u32>", void_cause AS "void_cause!: Column<Option<VoidCause>>",
               created_at AS "created_at: Column<Timestamp>", accepted_at AS "accepted_at: Column<Timestamp>"
           FROM bids WHERE campaign_id = $1 AND user_id = ANY($2)"#,
        campaign.campaign_id.0,
        &users.iter().map(|user| user.0).collect::<Vec<Uuid>>(),
    );
    let standing = standing.fetch_all(database).await?;
    Ok(standing.into_iter().map(|standing| (standing.user_id, standing)).collect())
}

/// The campaign with one standing bid that was written, or with none if nothing was.
struct UpsertRow {
    campaign_status: String,
    campaign_version: i64,
    start_time: Timestamp,
    end_time: Timestamp,
    user_id: Option<Uuid>,
    bid_id: Option<Uuid>,
    price: Option<Column<Money>>,
    score: Option<Column<Score>>,
    elapsed_ms: Option<Column<u64>>,
    accepted_seq: Option<i64>,
    bid_number: Option<Column<u32>>,
    void_changes: Option<Column<u32>>,
    created_at: Option<Column<Timestamp>>,
    accepted_at: Option<Column<Timestamp>>,
    /// How many bids the writer has written, with these; `None` if it has written none now.
    through: Option<Column<u64>>,
    /// In the first row: all writers, and how many bids each had written before.
    writers: Option<Vec<Uuid>>,
    counts: Option<Vec<i64>>,
}

impl UpsertRow {
    /// The batch among all bids of the campaign, if it wrote so many.
    fn batch_counts(&self, writer: Uuid, written: u64) -> BatchCounts {
        let writers = self.writers.iter().flatten().copied();
        let counts = self.counts.iter().flatten().map(|count| count.unsigned_abs());
        let range = self.through.map(Column::into_inner);
        BatchCounts {
            range: range.map(|through| WriterRange { writer, after: through.saturating_sub(written), through }),
            committed_before: writers.zip(counts).collect(),
        }
    }

    fn standing(self) -> Option<StandingBid> {
        Some(StandingBid {
            user_id: UserId(self.user_id?),
            bid_id: BidId(self.bid_id?),
            price: self.price?.into(),
            score: self.score?.into(),
            elapsed_ms: self.elapsed_ms?.into(),
            accepted_seq: self.accepted_seq?,
            bid_number: self.bid_number?.into(),
            void_changes: self.void_changes?.into(),
            void_cause: None,
            created_at: self.created_at?.into(),
            accepted_at: self.accepted_at?.into(),
        })
    }
}
