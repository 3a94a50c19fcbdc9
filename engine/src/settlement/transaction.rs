//! The transaction that determines the winners.

use crate::{
    bidding::{ChangedBids, follow_accounts},
    catalog::{self, CampaignRecord, move_stock},
    error::{Error, Result},
    metrics::time_database,
    store::database::Database,
};
use domain::{CampaignId, Timestamp, UserId, campaign_status::Closing};
use sqlx::PgConnection;

/// The result of trying to settle a campaign.
pub(super) enum CloseResult {
    /// It was settled.
    Settled(Box<Sale>),
    /// It was closed already, or was extended.
    NothingToDo,
    /// Another process has claimed it.
    ClaimedElsewhere,
}

/// What was sold in a settlement.
pub(super) struct Sale {
    pub campaign: CampaignRecord,
    /// Bids that did not follow the status of their accounts.
    pub changed: Vec<ChangedBids>,
    /// In the order of their ranks.
    pub winners: Vec<UserId>,
    pub settled_at: Timestamp,
    /// The product's stock after it.
    pub stock: i32,
    /// The version of the product's row after it.
    pub stock_version: i64,
}

/// Settles a campaign whose time is up at `now`.
///
/// The claim conflicts with the row lock of bids, so every acknowledged bid is included and none can follow. It all
/// happens in one transaction: a crash leaves the campaign open, and another process starts over.
pub(super) async fn close(database: &Database, id: CampaignId, now: impl Fn() -> Timestamp) -> Result<CloseResult> {
    let timer = time_database("settle");
    let mut transaction = database.begin().await?;
    let Some(campaign) = catalog::claim(&mut transaction, id).await? else { return Ok(CloseResult::ClaimedElsewhere) };
    let now = now();
    // Another process was first, or it was extended between the read and the claim.
    if campaign.rules.closing != Closing::Open || campaign.rules.end_time > now {
        return Ok(CloseResult::NothingToDo);
    }
    let product = campaign.product.product_id;
    let stock = catalog::lock_stock(&mut transaction, product).await?;
    let changed = follow_accounts(&mut transaction, id).await?;
    let winners = top(&mut transaction, id, campaign.rules.quota.get().min(stock)).await?;
    let sold = insert_orders(&mut transaction, id, winners.len(), now).await?;
    // Also if nothing was sold: the move marks in the ledger which stock the settlement found.
    let (stock, stock_version) = move_stock(&mut transaction, product, Some(id), -sold).await?;
    mark_settled(&mut transaction, id, now).await?;
    transaction.commit().await?;
    timer.observe_duration();
    Ok(CloseResult::Settled(Box::new(Sale { campaign, changed, winners, settled_at: now, stock, stock_version })))
}

/// The first `limit` bidders in the total order.
async fn top(connection: &mut PgConnection, campaign: CampaignId, limit: i32) -> Result<Vec<UserId>> {
    let winners = sqlx::query!(
        "SELECT user_id FROM bids WHERE campaign_id = $1 AND void_cause IS NULL
         ORDER BY score DESC, accepted_seq ASC LIMIT $2",
        campaign.0,
        i64::from(limit),
    );
    Ok(winners.map(|bid| UserId(bid.user_id)).fetch_all(connection).await?)
}

async fn insert_orders(
    connection: &mut PgConnection,
    campaign: CampaignId,
    winners: usize,
    now: Timestamp,
) -> Result<i32> {
    let insert = sqlx::query!(
        "INSERT INTO orders (order_id, campaign_id, user_id, product_id, final_price, final_score, final_rank,
             created_at, updated_at)
         SELECT gen_random_uuid(), campaign_id, user_id, product_id, price, score,
             row_number() OVER (ORDER BY score DESC, accepted_seq ASC), $3, $3
         FROM bids WHERE campaign_id = $1 AND void_cause IS NULL
         ORDER BY score DESC, accepted_seq ASC LIMIT $2",
        campaign.0,
        i64::try_from(winners).unwrap_or(i64::MAX),
        now.as_datetime(),
    );
    let inserted = insert.execute(connection).await?.rows_affected();
    i32::try_from(inserted).map_err(|_| Error::broken_invariant("more orders than stock can be"))
}

async fn mark_settled(connection: &mut PgConnection, campaign: CampaignId, now: Timestamp) -> Result<()> {
    let update = sqlx::query!(
        "UPDATE campaigns SET status = 'settled', settled_at = $2, version = version + 1, updated_at = now()
         WHERE campaign_id = $1",
        campaign.0,
        now.as_datetime(),
    );
    update.execute(connection).await?;
    Ok(())
}
