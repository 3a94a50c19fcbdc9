//! Orders and outcomes of settled campaigns, and the audit of a settlement.

mod outcome;
mod settlement_audit;

pub use settlement_audit::SettlementAudit;

pub(crate) use outcome::OutcomesCache;

use crate::{
    authorization::require_admin,
    catalog::Campaigns,
    error::{Error, Result},
    metrics::time_database,
    store::{
        columns::{Column, stored},
        database::Database,
    },
};
use domain::{
    CampaignId, Money, Score, Timestamp, UserId,
    api::{
        accounts::User,
        orders::{CampaignOrders, Order, OrderList, OrderStatus},
    },
    campaign_status::Closing,
    validated::Page,
    websocket_events::CampaignEnded,
};
use std::sync::Arc;

/// A query for orders; `$rest` is what follows `FROM orders`.
macro_rules! query_orders {
    ($rest:literal, $($parameter:expr),*) => {
        sqlx::query_as!(
            Order,
            r#"SELECT order_id, campaign_id, user_id, product_id,
                   (final_price * 100)::bigint AS "final_price!: Column<Money>",
                   final_score AS "final_score: Column<Score>", final_rank AS "final_rank: Column<u32>",
                   status AS "status: Column<OrderStatus>", created_at AS "created_at: Column<Timestamp>"
               FROM orders "# + $rest,
            $($parameter),*
        )
    };
}

/// Reads orders.
pub struct Orders {
    database: Database,
    campaigns: Arc<Campaigns>,
    outcomes: OutcomesCache,
}

impl Orders {
    pub(crate) fn new(database: Database, campaigns: Arc<Campaigns>, outcomes: OutcomesCache) -> Self {
        Self { database, campaigns, outcomes }
    }

    /// Returns how a campaign ended for a user, or for a spectator; `None` until it is settled.
    ///
    /// # Errors
    /// `CAMPAIGN_NOT_FOUND`.
    pub async fn outcome(&self, user: Option<UserId>, id: CampaignId) -> Result<Option<CampaignEnded>> {
        let campaign = self.campaigns.get(id).await?;
        if campaign.rules.closing != Closing::Settled {
            return Ok(None);
        }
        Ok(Some(self.outcomes.get(&campaign).await?.of(user)))
    }

    /// Compares a campaign's orders with its bids and the ledger of its product's stock. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `CAMPAIGN_NOT_FOUND`.
    pub async fn settlement_audit(&self, actor: &User, id: CampaignId) -> Result<SettlementAudit> {
        require_admin(actor)?;
        self.campaigns.get(id).await?;
        let mut snapshot = self.database.snapshot().await?;
        settlement_audit::audit(&mut snapshot, id).await
    }

    /// Returns a page of a user's orders, newest first.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn my_orders(&self, user: UserId, page: Page) -> Result<OrderList> {
        let _timer = time_database("my_orders");
        let mut snapshot = self.database.snapshot().await?;
        let orders = query_orders!(
            "WHERE user_id = $1 ORDER BY created_at DESC, order_id OFFSET $2 LIMIT $3",
            user.0,
            i64::from(page.skip),
            i64::from(page.limit)
        );
        let orders = orders.fetch_all(&mut *snapshot).await?;
        let total = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM orders WHERE user_id = $1"#, user.0);
        Ok(OrderList { orders, total: total.fetch_one(&mut *snapshot).await? })
    }

    /// Returns a page of a campaign's orders by rank, and whether the settlement audit finds them consistent. Admins
    /// only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `CAMPAIGN_NOT_FOUND`.
    pub async fn campaign_orders(&self, actor: &User, id: CampaignId, page: Page) -> Result<CampaignOrders> {
        require_admin(actor)?;
        self.campaigns.get(id).await?;
        let _timer = time_database("campaign_orders");
        let mut snapshot = self.database.snapshot().await?;
        let orders = query_orders!(
            "WHERE campaign_id = $1 ORDER BY final_rank OFFSET $2 LIMIT $3",
            id.0,
            i64::from(page.skip),
            i64::from(page.limit)
        );
        let orders = orders.fetch_all(&mut *snapshot).await?;
        let audit = settlement_audit::audit(&mut snapshot, id).await?;
        let to_i32 =
            |number: i64| i32::try_from(number).map_err(|_| Error::broken_invariant("a stored count is out of range"));
        Ok(CampaignOrders {
            campaign_id: id,
            orders,
            total: audit.orders.cast_signed(),
            quota: to_i32(audit.quota.cast_signed())?,
            stock: to_i32(audit.stock_now)?,
            is_consistent: audit.is_consistent(),
        })
    }
}

/// A user's newest orders.
pub(crate) async fn of_user(database: &Database, user: UserId, limit: i64) -> Result<Vec<Order>> {
    let _timer = time_database("orders_of_person");
    let orders = query_orders!("WHERE user_id = $1 ORDER BY created_at DESC, order_id LIMIT $2", user.0, limit);
    Ok(orders.fetch_all(database).await?)
}

stored! {
    OrderStatus, in String, |text: String| (text == "confirmed").then_some(OrderStatus::Confirmed);
}
