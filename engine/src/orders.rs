//! Orders, and the proof that a campaign's are right.

mod proof;

pub use proof::SettlementProof;

use crate::{
    Engine,
    accounts::require_admin,
    error::{Error, Result},
    metrics::time_database,
    store::columns,
};
use domain::{
    CampaignId, OrderId, ProductId, Score, UserId,
    api::{
        accounts::User,
        orders::{CampaignOrders, Order, OrderList, OrderStatus},
    },
    bounded::Page,
};
use time::OffsetDateTime;
use uuid::Uuid;

impl Engine {
    /// A user's orders, newest first.
    pub async fn my_orders(&self, user: UserId, page: Page) -> Result<OrderList> {
        let _timer = time_database("my_orders");
        let mut snapshot = self.snapshot().await?;
        let rows: Vec<OrderRow> = sqlx::query_as(
            "SELECT order_id, campaign_id, user_id, product_id, (final_price * 100)::bigint AS price_cents,
                    final_score, final_rank, created_at
             FROM orders WHERE user_id = $1 ORDER BY created_at DESC, order_id OFFSET $2 LIMIT $3",
        )
        .bind(user.0)
        .bind(i64::from(page.skip))
        .bind(i64::from(page.limit))
        .fetch_all(&mut *snapshot)
        .await?;
        let total = sqlx::query_scalar("SELECT count(*) FROM orders WHERE user_id = $1")
            .bind(user.0)
            .fetch_one(&mut *snapshot)
            .await?;
        Ok(OrderList { orders: rows.into_iter().map(Order::try_from).collect::<Result<_>>()?, total })
    }

    /// A campaign's orders by rank, and whether they are what the rules say. Admins only.
    pub async fn campaign_orders(&self, actor: &User, id: CampaignId, page: Page) -> Result<CampaignOrders> {
        require_admin(actor)?;
        self.campaign_record(id).await?;
        let _timer = time_database("campaign_orders");
        let mut snapshot = self.snapshot().await?;
        let rows: Vec<OrderRow> = sqlx::query_as(
            "SELECT order_id, campaign_id, user_id, product_id, (final_price * 100)::bigint AS price_cents,
                    final_score, final_rank, created_at
             FROM orders WHERE campaign_id = $1 ORDER BY final_rank OFFSET $2 LIMIT $3",
        )
        .bind(id.0)
        .bind(i64::from(page.skip))
        .bind(i64::from(page.limit))
        .fetch_all(&mut *snapshot)
        .await?;
        let proof = proof::prove(&mut snapshot, id).await?;
        let orders = rows.into_iter().map(Order::try_from).collect::<Result<_>>()?;
        let whole =
            |number: i64| i32::try_from(number).map_err(|_| Error::broken_invariant("a stored count is out of range"));
        Ok(CampaignOrders {
            campaign_id: id,
            orders,
            total: proof.orders.cast_signed(),
            quota: whole(proof.quota.cast_signed())?,
            stock: whole(proof.stock_now)?,
            is_consistent: proof.is_consistent(),
        })
    }
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    order_id: Uuid,
    campaign_id: Uuid,
    user_id: Uuid,
    product_id: Uuid,
    price_cents: i64,
    final_score: f64,
    final_rank: i32,
    created_at: OffsetDateTime,
}

impl TryFrom<OrderRow> for Order {
    type Error = Error;

    fn try_from(row: OrderRow) -> Result<Self> {
        Ok(Self {
            order_id: OrderId(row.order_id),
            campaign_id: CampaignId(row.campaign_id),
            user_id: UserId(row.user_id),
            product_id: ProductId(row.product_id),
            final_price: columns::money(row.price_cents)?,
            final_score: Score::from_stored(row.final_score),
            final_rank: row.final_rank.unsigned_abs(),
            status: OrderStatus::Confirmed,
            created_at: columns::timestamp(row.created_at)?,
        })
    }
}
