//! The stock of a product: its column, its ledger, and the copy in Redis.

use crate::{
    error::Result,
    store::{keys::Keys, redis::Redis},
};
use domain::{CampaignId, ProductId};
use redis::Script;
use sqlx::PgConnection;
use std::sync::Arc;

/// The copies of the products' stocks in Redis, written by a script only.
#[derive(Clone)]
pub(crate) struct StockCounters {
    redis: Redis,
    keys: Keys,
    set: Arc<Script>,
}

impl StockCounters {
    pub fn new(redis: Redis, keys: Keys) -> Self {
        Self { redis, keys, set: Arc::new(Script::new(include_str!("publish_stock.lua"))) }
    }

    /// Writes a stock to Redis with the version of the product's row it was read from. The newest version wins, in
    /// whatever order the calls arrive.
    pub async fn publish(&self, product: ProductId, stock: i32, version: i64) {
        let mut call = self.set.key(self.keys.stock(product));
        let call = call.key(self.keys.stock_version(product)).arg(stock).arg(version);
        if let Err(error) = self.redis.script::<()>("set_stock", call).await {
            tracing::warn!(%product, %error, "the stock in Redis is stale until its next change");
        }
    }
}

/// Changes a product's stock by `delta` and records it in the ledger. Returns the new stock and the new version of the
/// product's row. A campaign can change a stock only once: the ledger has a unique key on it.
pub(crate) async fn move_stock(
    connection: &mut PgConnection,
    product: ProductId,
    campaign: Option<CampaignId>,
    delta: i32,
) -> Result<(i32, i64)> {
    let update = sqlx::query!(
        "WITH move AS (
             INSERT INTO stock_moves (product_id, campaign_id, delta) VALUES ($1, $2, $3)
         )
         UPDATE products SET stock = stock + $3, version = version + 1, updated_at = now()
         WHERE product_id = $1
         RETURNING stock, version",
        product.0,
        campaign.map(|campaign| campaign.0),
        delta,
    );
    let product = update.fetch_one(connection).await?;
    Ok((product.stock, product.version))
}

/// Locks a product's row and returns its stock. Like every writer, the caller has already locked the campaign.
pub(crate) async fn lock_stock(connection: &mut PgConnection, product: ProductId) -> Result<i32> {
    let stock = sqlx::query_scalar!("SELECT stock FROM products WHERE product_id = $1 FOR NO KEY UPDATE", product.0);
    Ok(stock.fetch_one(connection).await?)
}

/// Units promised to the product's open campaigns. The caller has locked the product's row, which every promise
/// requires.
pub(super) async fn promised(connection: &mut PgConnection, product_id: ProductId) -> Result<i64> {
    let promised = sqlx::query_scalar!(
        r#"SELECT coalesce(sum(quota), 0)::bigint AS "promised!" FROM campaigns
           WHERE product_id = $1 AND status = 'open'"#,
        product_id.0,
    );
    Ok(promised.fetch_one(connection).await?)
}
