//! The settlement audit: a campaign's orders and stock compared with what they should be, counted from the bids, the
//! orders and the ledger of stock moves alone.

use crate::{error::Result, metrics::time_database, store::columns::Column};
use domain::{CampaignId, Timestamp};
use sqlx::PgConnection;

/// The numbers by which a campaign's result is checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SettlementAudit {
    /// When it was settled; `None` if it has not been.
    pub settled_at: Option<Timestamp>,
    /// K: the units promised to it.
    pub quota: u64,
    /// Bidders with a standing bid.
    pub participants: u64,
    /// Orders.
    pub orders: u64,
    /// The sum of what the winners pay, in cents.
    pub revenue_cents: i64,
    /// The last rank that has an order; 0 without orders.
    pub last_rank: u64,
    /// Orders whose rank, price or score is not that of their bidder's standing bid in the total
    /// order.
    pub misplaced: u64,
    /// The stock that settlement found, by the ledger; before settlement, the stock by the ledger now.
    pub stock_before: i64,
    /// Units that the campaign took from the stock, by the ledger.
    pub stock_moved: i64,
    /// The product's stock now.
    pub stock_now: i64,
    /// The sum of all moves of the product's stock.
    pub ledger_sum: i64,
}

impl SettlementAudit {
    /// How many orders there should be: min(K, stock, participants) once settled, none before.
    pub fn expected_orders(&self) -> u64 {
        match self.settled_at {
            Some(_) => self.quota.min(self.participants).min(self.stock_before.try_into().unwrap_or(0)),
            None => 0,
        }
    }

    /// Whether there are as many orders as there should be, which is never more than the quota.
    pub fn count_is_right(&self) -> bool {
        self.orders == self.expected_orders()
    }

    /// Whether the ranks are 1 to n without gaps. That no rank has two orders is ensured by a unique key.
    pub fn ranks_have_no_gap(&self) -> bool {
        self.last_rank == self.orders
    }

    /// Whether the orders are exactly the first bids in the total order, with their prices and scores.
    pub fn orders_are_the_best_bids(&self) -> bool {
        self.misplaced == 0
    }

    /// Whether the stock was lowered by the number of orders, once.
    pub fn stock_moved_by_orders(&self) -> bool {
        u64::try_from(self.stock_moved) == Ok(self.orders)
    }

    /// Whether the stock is the sum of its moves.
    pub fn stock_is_its_ledger(&self) -> bool {
        self.stock_now == self.ledger_sum
    }

    /// Whether all checks pass.
    pub fn is_consistent(&self) -> bool {
        self.count_is_right()
            && self.ranks_have_no_gap()
            && self.orders_are_the_best_bids()
            && self.stock_moved_by_orders()
            && self.stock_is_its_ledger()
    }
}

/// The numbers as of the connection's snapshot.
pub(super) async fn audit(connection: &mut PgConnection, id: CampaignId) -> Result<SettlementAudit> {
    let _timer = time_database("settlement_audit");
    let audit = sqlx::query_as!(
        SettlementAudit,
        r#"WITH campaign AS (
               SELECT product_id, campaigns.quota, campaigns.settled_at, products.stock
               FROM campaigns JOIN products USING (product_id) WHERE campaign_id = $1
           ), move AS (
               SELECT move_id, delta FROM stock_moves WHERE campaign_id = $1
           ), before AS (
               -- The stock that settlement found.
               SELECT coalesce(sum(delta), 0) AS stock FROM stock_moves JOIN campaign USING (product_id)
               WHERE move_id < coalesce((SELECT move_id FROM move), 9223372036854775807)
           ), sold AS (
               SELECT count(*) AS total, coalesce(sum(final_price * 100), 0) AS revenue,
                   coalesce(max(final_rank), 0) AS last_rank
               FROM orders WHERE campaign_id = $1
           ), ranked AS (
               -- What should have won.
               SELECT user_id, price, score, row_number() OVER (ORDER BY score DESC, accepted_seq ASC) AS rank
               FROM bids WHERE campaign_id = $1 AND void_cause IS NULL
           ), wrong AS (
               SELECT count(*) AS orders FROM orders LEFT JOIN ranked USING (user_id)
               WHERE campaign_id = $1 AND (final_rank, final_price, final_score)
                   IS DISTINCT FROM (rank, price, score)
           )
           SELECT campaign.settled_at AS "settled_at!: Column<Option<Timestamp>>",
               campaign.quota::bigint AS "quota!: Column<u64>",
               (SELECT count(*) FROM ranked) AS "participants!: Column<u64>",
               sold.total AS "orders!: Column<u64>", sold.revenue::bigint AS "revenue_cents!", sold.last_rank::bigint AS "last_rank!: Column<u64>",
               wrong.orders AS "misplaced!: Column<u64>", before.stock::bigint AS "stock_before!",
               coalesce((SELECT -delta FROM move), 0)::bigint AS "stock_moved!", campaign.stock::bigint AS "stock_now!",
               (SELECT sum(delta) FROM stock_moves WHERE product_id = campaign.product_id)::bigint AS "ledger_sum!"
           FROM campaign, before, sold, wrong"#,
        id.0,
    );
    Ok(audit.fetch_one(connection).await?)
}
