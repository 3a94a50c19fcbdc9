//! The one transaction that fixes the winners.

use crate::{
    Engine,
    catalog::{self, Change, move_stock},
    error::{Error, Result},
    metrics::{self, time_database},
};
use domain::{CampaignId, Timestamp, UserId, rules::Closing};
use sqlx::PgConnection;
use uuid::Uuid;

impl Engine {
    /// Settles a campaign whose time is up. `true` once it is closed, by this process or another;
    /// `false` while another is at it.
    ///
    /// The claim takes the row lock that bids share, so every acknowledged bid is in, and none can
    /// come after. Everything happens in one transaction: a crash leaves the campaign open, and
    /// the next settler starts afresh.
    pub(crate) async fn settle(&self, id: CampaignId) -> Result<bool> {
        let timer = time_database("settle");
        let mut transaction = self.database().begin().await?;
        let Some(campaign) = catalog::claim(&mut transaction, id).await? else { return Ok(false) };
        let now = self.now();
        if campaign.rules.closing != Closing::Open {
            // Another process was first.
            return Ok(true);
        }
        if campaign.rules.end_time > now {
            // It was extended between the look and the claim.
            return Ok(true);
        }
        let stock = catalog::lock_stock(&mut transaction, campaign.product.product_id).await?;
        let winners = top(&mut transaction, id, campaign.rules.quota.get().min(stock)).await?;
        let sold = insert_orders(&mut transaction, id, winners.len(), now).await?;
        // Also for none: the ledger then tells what stock there was.
        let (stock, version) = move_stock(&mut transaction, campaign.product.product_id, Some(id), -sold).await?;
        close(&mut transaction, id, now).await?;
        transaction.commit().await?;
        timer.observe_duration();

        let delay_ms = now.millis_since(campaign.rules.end_time);
        metrics::SETTLEMENTS.inc();
        metrics::SETTLEMENT_DELAY_SECONDS.observe(delay_ms as f64 / 1000.0);
        tracing::info!(campaign = %id, orders = sold, delay_ms, "settled");
        self.stock().publish(campaign.product.product_id, stock, version).await;
        self.campaign_changed(id, Change::Other).await?;
        let rankings = self.rankings().clone();
        tokio::spawn(async move {
            rankings.verify(&campaign, &winners).await;
            rankings.retire(id).await;
        });
        Ok(true)
    }
}

/// The first `limit` bidders in the total order.
async fn top(connection: &mut PgConnection, campaign: CampaignId, limit: i32) -> Result<Vec<UserId>> {
    let users: Vec<Uuid> = sqlx::query_scalar(
        "SELECT user_id FROM bids WHERE campaign_id = $1 ORDER BY score DESC, accepted_seq ASC LIMIT $2",
    )
    .bind(campaign.0)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    Ok(users.into_iter().map(UserId).collect())
}

async fn insert_orders(
    connection: &mut PgConnection,
    campaign: CampaignId,
    winners: usize,
    now: Timestamp,
) -> Result<i32> {
    let inserted = sqlx::query(
        "INSERT INTO orders (order_id, campaign_id, user_id, product_id, final_price, final_score, final_rank,
             created_at, updated_at)
         SELECT gen_random_uuid(), campaign_id, user_id, product_id, price, score,
             row_number() OVER (ORDER BY score DESC, accepted_seq ASC), $3, $3
         FROM bids WHERE campaign_id = $1
         ORDER BY score DESC, accepted_seq ASC LIMIT $2",
    )
    .bind(campaign.0)
    .bind(i64::try_from(winners).unwrap_or(i64::MAX))
    .bind(now.as_datetime())
    .execute(connection)
    .await?
    .rows_affected();
    i32::try_from(inserted).map_err(|_| Error::broken_invariant("more orders than stock can be"))
}

async fn close(connection: &mut PgConnection, campaign: CampaignId, now: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE campaigns SET status = 'settled', settled_at = $2, version = version + 1, updated_at = now()
         WHERE campaign_id = $1",
    )
    .bind(campaign.0)
    .bind(now.as_datetime())
    .execute(connection)
    .await?;
    Ok(())
}
