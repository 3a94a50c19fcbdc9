//! What PostgreSQL holds of a campaign, read once everything is quiet.

use crate::error::Result;
use domain::{BidId, CampaignId, Money, UserId};
use serde::Serialize;
use sqlx::{PgPool, Row, postgres::PgRow};
use std::collections::HashSet;

/// A campaign with everything that came of it.
#[derive(Debug, Serialize)]
pub struct Truth {
    /// Its id.
    pub campaign_id: CampaignId,
    /// Microseconds since 1970.
    pub start_us: i64,
    /// The end, after all edits.
    pub end_us: i64,
    /// Whether it is settled.
    pub is_settled: bool,
    /// How many may win.
    pub quota: i64,
    /// The weights of the score.
    pub coefficients: [f64; 3],
    /// The history, each user's bids in the order in which they were written. (Sequences are drawn a moment before, so
    /// those of bids that were under way together may be in another order.)
    pub events: Vec<Accepted>,
    /// The valid standing bids, in the total order.
    pub standings: Vec<Standing>,
    /// The void ones, in no order.
    pub void: Vec<Standing>,
    /// Whose bid was ever void: it left the ranking for a while, and may have given way to a lower one.
    pub ever_void: HashSet<UserId>,
    /// The orders by rank.
    pub orders: Vec<Order>,
    /// What the settlement took from the stock; `None` before it.
    pub sold: Option<i64>,
    /// The stock before that.
    pub stock_before: i64,
}

/// One row of the history.
#[derive(Clone, Debug, Serialize)]
pub struct Accepted {
    /// Its place in the order of acceptance.
    pub seq: i64,
    /// The standing bid it made or improved.
    pub bid_id: BidId,
    /// Whose.
    pub user_id: UserId,
    /// How much.
    pub price_cents: i64,
    /// Its score.
    pub score: f64,
    /// Milliseconds from the start to its receipt.
    pub elapsed_ms: i64,
    /// Its number among the bidder's bids.
    pub number: i64,
    /// The bidder's weight.
    pub weight: f64,
}

/// One standing bid.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// Whose.
    pub user_id: UserId,
    /// How much.
    pub price_cents: i64,
    /// Its score.
    pub score: f64,
    /// When it was accepted, in the order of acceptance.
    pub seq: i64,
    /// How many bids of this bidder were accepted.
    pub number: i64,
}

/// One order.
#[derive(Clone, Debug, Serialize)]
pub struct Order {
    /// Whose.
    pub user_id: UserId,
    /// The rank.
    pub rank: i64,
    /// The price.
    pub price_cents: i64,
    /// The score.
    pub score: f64,
}

impl Truth {
    /// Reads a campaign.
    pub async fn read(database: &PgPool, campaign_id: CampaignId) -> Result<Self> {
        let campaign = sqlx::query(
            "SELECT (extract(epoch FROM start_time) * 1000000)::bigint, (extract(epoch FROM end_time) * 1000000)::bigint,
                 campaigns.status = 'settled', quota::bigint, alpha, beta, gamma, -delta::bigint,
                 (stock - coalesce(delta, 0))::bigint
             FROM campaigns JOIN products USING (product_id) LEFT JOIN stock_moves USING (campaign_id)
             WHERE campaign_id = $1",
        );
        let campaign = campaign.bind(campaign_id.0).fetch_one(database).await?;
        let events = sqlx::query(
            "SELECT accepted_seq, bid_id, user_id, (price * 100)::bigint, score, time_elapsed_ms, bid_number::bigint, weight
             FROM bid_events JOIN users USING (user_id) WHERE campaign_id = $1 ORDER BY user_id, bid_number",
        );
        let events = events.bind(campaign_id.0).map(|row: PgRow| Accepted {
            seq: row.get(0),
            bid_id: BidId(row.get(1)),
            user_id: UserId(row.get(2)),
            price_cents: row.get(3),
            score: row.get(4),
            elapsed_ms: row.get(5),
            number: row.get(6),
            weight: row.get(7),
        });
        let standings = sqlx::query(
            "SELECT user_id, (price * 100)::bigint, score, accepted_seq, bid_number::bigint, void_cause IS NOT NULL,
                 void_changes > 0
             FROM bids WHERE campaign_id = $1 ORDER BY score DESC, accepted_seq ASC",
        );
        let standings = standings.bind(campaign_id.0).fetch_all(database).await?;
        let ever_void = standings.iter().filter(|row| row.get(6)).map(|row| UserId(row.get(0))).collect();
        let (void, standings): (Vec<_>, Vec<_>) = standings.iter().partition(|row| row.get::<bool, _>(5));
        let standing = |row: &PgRow| Standing {
            user_id: UserId(row.get(0)),
            price_cents: row.get(1),
            score: row.get(2),
            seq: row.get(3),
            number: row.get(4),
        };
        let orders = sqlx::query(
            "SELECT user_id, final_rank::bigint, (final_price * 100)::bigint, final_score FROM orders
             WHERE campaign_id = $1 ORDER BY final_rank",
        );
        let orders = orders.bind(campaign_id.0).map(|row: PgRow| Order {
            user_id: UserId(row.get(0)),
            rank: row.get(1),
            price_cents: row.get(2),
            score: row.get(3),
        });
        Ok(Self {
            campaign_id,
            start_us: campaign.get(0),
            end_us: campaign.get(1),
            is_settled: campaign.get(2),
            quota: campaign.get(3),
            coefficients: [campaign.get(4), campaign.get(5), campaign.get(6)],
            sold: campaign.get(7),
            stock_before: campaign.get(8),
            events: events.fetch_all(database).await?,
            standings: standings.into_iter().map(standing).collect(),
            void: void.into_iter().map(standing).collect(),
            ever_void,
            orders: orders.fetch_all(database).await?,
        })
    }

    /// The valid standing bid of a user.
    pub fn standing_of(&self, user: UserId) -> Option<&Standing> {
        self.standings.iter().find(|standing| standing.user_id == user)
    }

    /// The rank of a user, from 1.
    pub fn rank_of(&self, user: UserId) -> Option<u64> {
        let index = self.standings.iter().position(|standing| standing.user_id == user)?;
        Some(index as u64 + 1)
    }

    /// Whether an amount was accepted from a user.
    pub fn has_accepted(&self, user: UserId, price: Money) -> bool {
        self.events.iter().any(|event| event.user_id == user && event.price_cents == price.cents())
    }
}
