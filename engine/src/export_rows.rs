//! A campaign's orders, bids and participants for exports, read page by page.
//!
//! Each read returns the next rows after a key, so that an export of any length holds neither memory nor a connection
//! while its reader is slow. Orders and bids are only ever added. The participants of a running campaign are each as of
//! the instant at which their page was read.

use crate::{
    authorization::require_admin,
    catalog::{Campaigns, wait_for_batches},
    error::Result,
    metrics::time_database,
    store::{columns::Column, database::Database},
};
use domain::{BidId, CampaignId, Money, OrderId, Score, Timestamp, UserId, Weight, api::accounts::User};
use std::sync::Arc;

/// A winner's order.
#[derive(Clone, PartialEq, Debug)]
pub struct ExportedOrder {
    /// The winning rank, from 1.
    pub final_rank: u32,
    /// The order.
    pub order_id: OrderId,
    /// The winner.
    pub user_id: UserId,
    /// The winner's address.
    pub email: String,
    /// The winner's name.
    pub username: String,
    /// The price to pay.
    pub final_price: Money,
    /// The winning score.
    pub final_score: Score,
    /// When the campaign was settled.
    pub created_at: Timestamp,
}

/// An accepted bid.
#[derive(Clone, PartialEq, Debug)]
pub struct ExportedBid {
    /// Its number in the order of acceptance.
    pub accepted_seq: i64,
    /// The standing bid that it made or improved.
    pub bid_id: BidId,
    /// The bidder.
    pub user_id: UserId,
    /// The bidder's name.
    pub username: String,
    /// Which of the bidder's bids it is, from 1.
    pub bid_number: u32,
    /// Its price.
    pub price: Money,
    /// Its score.
    pub score: Score,
    /// Whole milliseconds from the campaign's start to its receipt.
    pub time_elapsed_ms: u64,
    /// When it was accepted.
    pub accepted_at: Timestamp,
}

/// Numbers of bids in the history, which is of all campaigns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BidHistoryRange {
    /// The number before the first.
    pub after: i64,
    /// The last number.
    pub through: i64,
}

/// A bidder with their standing bid.
#[derive(Clone, PartialEq, Debug)]
pub struct ExportedParticipant {
    /// The bidder.
    pub user_id: UserId,
    /// The bidder's address.
    pub email: String,
    /// The bidder's name.
    pub username: String,
    /// The bidder's weight now.
    pub weight: Weight,
    /// How many bids they have made.
    pub bids: u32,
    /// The price of the standing bid.
    pub price: Money,
    /// Its score.
    pub score: Score,
    /// Whole milliseconds from the campaign's start to its receipt.
    pub time_elapsed_ms: u64,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Why the bid is void; `None` if it is valid.
    pub void_cause: Option<String>,
    /// The admin's reason, if an admin has declared it void.
    pub void_reason: Option<String>,
}

/// By how much the times of two bids in the history may be in the wrong order, in milliseconds: how long a bid may take
/// from its receipt to its number, with a margin.
const DISORDER_MS: i64 = 60_000;

/// Reads the rows of exports.
pub struct Exports {
    database: Database,
    campaigns: Arc<Campaigns>,
}

impl Exports {
    pub(crate) fn new(database: Database, campaigns: Arc<Campaigns>) -> Self {
        Self { database, campaigns }
    }

    /// Returns the next `limit` orders of a campaign after the rank `after`, by rank. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `CAMPAIGN_NOT_FOUND`.
    pub async fn orders_after(
        &self,
        actor: &User,
        id: CampaignId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<ExportedOrder>> {
        require_admin(actor)?;
        self.campaigns.get(id).await?;
        let _timer = time_database("order_lines");
        let orders = sqlx::query_as!(
            ExportedOrder,
            r#"SELECT final_rank AS "final_rank: Column<u32>", order_id, user_id, email, username,
                   (final_price * 100)::bigint AS "final_price!: Column<Money>",
                   final_score AS "final_score: Column<Score>", orders.created_at AS "created_at: Column<Timestamp>"
               FROM orders JOIN users USING (user_id)
               WHERE campaign_id = $1 AND final_rank > $2 ORDER BY final_rank LIMIT $3"#,
            id.0,
            after.cast_signed(),
            i64::from(limit),
        );
        Ok(orders.fetch_all(&self.database).await?)
    }

    /// Returns where the bids of a campaign are in the history, for [`Exports::bids_after`]. All bids up to its end are
    /// committed, so that an export of it lacks none. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `CAMPAIGN_NOT_FOUND`.
    pub async fn bid_history_range(&self, actor: &User, id: CampaignId) -> Result<BidHistoryRange> {
        require_admin(actor)?;
        let campaign = self.campaigns.get(id).await?;
        let _timer = time_database("bid_history_range");
        let mut transaction = self.database.begin().await?;
        // Bids are numbered before they are committed, so a later number may be committed first. This waits for the
        // batches that are being written; those that come later get higher numbers.
        wait_for_batches(&mut transaction, id).await?;
        let through = sqlx::query_scalar!(
            r#"SELECT coalesce(max(last_seq), 0) AS "through!" FROM campaign_totals WHERE campaign_id = $1"#,
            id.0,
        );
        let through = through.fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        let start = campaign.rules.start_time.plus_millis(-DISORDER_MS);
        Ok(BidHistoryRange { after: self.last_bid_before(start, through).await?, through })
    }

    /// A number that all bids received since `time` are above, at most `limit`. The history is nearly ordered by time, so
    /// it is found by bisection.
    async fn last_bid_before(&self, time: Timestamp, limit: i64) -> Result<i64> {
        let (mut before, mut since) = (0, limit);
        while before < since {
            let middle = before + (since - before) / 2;
            let next = sqlx::query!(
                r#"SELECT accepted_seq, accepted_at AS "accepted_at: Column<Timestamp>" FROM bid_events
                   WHERE accepted_seq > $1 ORDER BY accepted_seq LIMIT 1"#,
                middle,
            );
            match next.fetch_optional(&self.database).await? {
                Some(bid) if bid.accepted_at.into_inner() < time => before = bid.accepted_seq.min(limit),
                _ => since = middle,
            }
        }
        Ok(before)
    }

    /// Returns the next `limit` accepted bids of a campaign in the `range`, in the order of acceptance. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `CAMPAIGN_NOT_FOUND`.
    pub async fn bids_after(
        &self,
        actor: &User,
        id: CampaignId,
        range: BidHistoryRange,
        limit: u32,
    ) -> Result<Vec<ExportedBid>> {
        require_admin(actor)?;
        self.campaigns.get(id).await?;
        let _timer = time_database("bid_lines");
        let bids = sqlx::query_as!(
            ExportedBid,
            r#"SELECT accepted_seq, bid_id, user_id, username, bid_number AS "bid_number: Column<u32>",
                   (price * 100)::bigint AS "price!: Column<Money>", score AS "score: Column<Score>",
                   time_elapsed_ms AS "time_elapsed_ms: Column<u64>", accepted_at AS "accepted_at: Column<Timestamp>"
               FROM bid_events JOIN users USING (user_id)
               -- There is no index by campaign, which every bid would have to maintain. The pages of an export together
               -- scan the history once instead, from the campaign's start to its last bid.
               WHERE campaign_id = $1 AND accepted_seq > $2 AND accepted_seq <= $3
               ORDER BY accepted_seq LIMIT $4"#,
            id.0,
            range.after,
            range.through,
            i64::from(limit),
        );
        // In a transaction, whose statements may take longer than others: the scan passes the bids of other campaigns.
        let mut transaction = self.database.begin().await?;
        let bids = bids.fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(bids)
    }

    /// Returns the next `limit` participants of a campaign after the user `after`, by user id. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `CAMPAIGN_NOT_FOUND`.
    pub async fn participants_after(
        &self,
        actor: &User,
        id: CampaignId,
        after: UserId,
        limit: u32,
    ) -> Result<Vec<ExportedParticipant>> {
        require_admin(actor)?;
        self.campaigns.get(id).await?;
        let _timer = time_database("participant_lines");
        let participants = sqlx::query_as!(
            ExportedParticipant,
            r#"SELECT user_id, email, username, weight AS "weight: Column<Weight>", bid_number AS "bids: Column<u32>",
                   (price * 100)::bigint AS "price!: Column<Money>", score AS "score: Column<Score>",
                   time_elapsed_ms AS "time_elapsed_ms: Column<u64>", accepted_at AS "accepted_at: Column<Timestamp>",
                   void_cause, void_reason
               FROM bids JOIN users USING (user_id)
               WHERE campaign_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3"#,
            id.0,
            after.0,
            i64::from(limit),
        );
        Ok(participants.fetch_all(&self.database).await?)
    }
}
