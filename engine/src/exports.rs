//! A campaign's orders, bids and participants for exports, read page by page.
//!
//! Each read returns the next rows after a key, so that an export of any length holds neither memory nor a connection
//! while its reader is slow. Orders and bids are only ever added. The participants of a running campaign are each as of
//! the instant at which their page was read.

use crate::{
    authorization::require_admin,
    catalog::Campaigns,
    error::{Error, Result},
    metrics::time_database,
    store::{columns, database::Database},
};
use domain::{BidId, CampaignId, Money, OrderId, Score, Timestamp, UserId, Weight, api::accounts::User};
use std::sync::Arc;
use time::OffsetDateTime;
use uuid::Uuid;

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
}

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
        let rows: Vec<ExportedOrderRow> = sqlx::query_as(
            "SELECT final_rank, order_id, user_id, email, username, (final_price * 100)::bigint AS price_cents,
                    final_score, orders.created_at
             FROM orders JOIN users USING (user_id)
             WHERE campaign_id = $1 AND final_rank > $2 ORDER BY final_rank LIMIT $3",
        )
        .bind(id.0)
        .bind(i64::from(after))
        .bind(i64::from(limit))
        .fetch_all(&self.database)
        .await?;
        rows.into_iter().map(ExportedOrder::try_from).collect()
    }

    /// Returns the next `limit` accepted bids of a campaign after the sequence number `after`, in the order of
    /// acceptance. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `CAMPAIGN_NOT_FOUND`.
    pub async fn bids_after(&self, actor: &User, id: CampaignId, after: i64, limit: u32) -> Result<Vec<ExportedBid>> {
        require_admin(actor)?;
        self.campaigns.get(id).await?;
        let _timer = time_database("bid_lines");
        let rows: Vec<ExportedBidRow> = sqlx::query_as(
            "SELECT accepted_seq, bid_id, user_id, username, bid_number, (price * 100)::bigint AS price_cents, score,
                    time_elapsed_ms, accepted_at
             FROM bid_events JOIN users USING (user_id)
             -- There is no index by campaign, which every bid would have to maintain. The pages of an export together
             -- scan the history once instead, up to the campaign's last bid.
             WHERE campaign_id = $1 AND accepted_seq > $2
               AND accepted_seq <= (SELECT max(last_seq) FROM campaign_totals WHERE campaign_id = $1)
             ORDER BY accepted_seq LIMIT $3",
        )
        .bind(id.0)
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(&self.database)
        .await?;
        rows.into_iter().map(ExportedBid::try_from).collect()
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
        let rows: Vec<ExportedParticipantRow> = sqlx::query_as(
            "SELECT user_id, email, username, weight, bid_number, (price * 100)::bigint AS price_cents, score,
                    time_elapsed_ms, accepted_at
             FROM bids JOIN users USING (user_id)
             WHERE campaign_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3",
        )
        .bind(id.0)
        .bind(after.0)
        .bind(i64::from(limit))
        .fetch_all(&self.database)
        .await?;
        rows.into_iter().map(ExportedParticipant::try_from).collect()
    }
}

#[derive(sqlx::FromRow)]
struct ExportedOrderRow {
    final_rank: i32,
    order_id: Uuid,
    user_id: Uuid,
    email: String,
    username: String,
    price_cents: i64,
    final_score: f64,
    created_at: OffsetDateTime,
}

impl TryFrom<ExportedOrderRow> for ExportedOrder {
    type Error = Error;

    fn try_from(row: ExportedOrderRow) -> Result<Self> {
        Ok(Self {
            final_rank: row.final_rank.unsigned_abs(),
            order_id: OrderId(row.order_id),
            user_id: UserId(row.user_id),
            email: row.email,
            username: row.username,
            final_price: columns::money(row.price_cents)?,
            final_score: Score::from_stored(row.final_score),
            created_at: columns::timestamp(row.created_at)?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct ExportedBidRow {
    accepted_seq: i64,
    bid_id: Uuid,
    user_id: Uuid,
    username: String,
    bid_number: i32,
    price_cents: i64,
    score: f64,
    time_elapsed_ms: i64,
    accepted_at: OffsetDateTime,
}

impl TryFrom<ExportedBidRow> for ExportedBid {
    type Error = Error;

    fn try_from(row: ExportedBidRow) -> Result<Self> {
        Ok(Self {
            accepted_seq: row.accepted_seq,
            bid_id: BidId(row.bid_id),
            user_id: UserId(row.user_id),
            username: row.username,
            bid_number: row.bid_number.unsigned_abs(),
            price: columns::money(row.price_cents)?,
            score: Score::from_stored(row.score),
            time_elapsed_ms: columns::count(row.time_elapsed_ms)?,
            accepted_at: columns::timestamp(row.accepted_at)?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct ExportedParticipantRow {
    user_id: Uuid,
    email: String,
    username: String,
    weight: f64,
    bid_number: i32,
    price_cents: i64,
    score: f64,
    time_elapsed_ms: i64,
    accepted_at: OffsetDateTime,
}

impl TryFrom<ExportedParticipantRow> for ExportedParticipant {
    type Error = Error;

    fn try_from(row: ExportedParticipantRow) -> Result<Self> {
        Ok(Self {
            user_id: UserId(row.user_id),
            email: row.email,
            username: row.username,
            weight: columns::weight(row.weight)?,
            bids: row.bid_number.unsigned_abs(),
            price: columns::money(row.price_cents)?,
            score: Score::from_stored(row.score),
            time_elapsed_ms: columns::count(row.time_elapsed_ms)?,
            accepted_at: columns::timestamp(row.accepted_at)?,
        })
    }
}
