//! A campaign as PostgreSQL stores it.

use super::edit_lock;
use crate::{
    error::{Error, Result},
    metrics::time_database,
    store::{
        columns::{Column, stored},
        database::Database,
    },
};
use domain::{
    CampaignId, CampaignRules, CampaignStatus, Coefficients, ErrorCode, Money, Timestamp,
    api::{
        campaigns::Campaign,
        products::{Product, ProductStatus},
    },
    campaign_status::Closing,
    score::Coefficient,
    validated::{Page, Quota, Search},
};
use sqlx::{PgConnection, query_scalar};
use uuid::Uuid;

/// A campaign as the engine works with it.
#[derive(Clone, Debug)]
pub(crate) struct CampaignRecord {
    pub campaign_id: CampaignId,
    pub rules: CampaignRules,
    /// Grows with every edit. A bid is written only under the version it was scored by.
    pub version: i64,
    /// Grows with every change of the product.
    pub product_version: i64,
    /// Whether its end was put off while it was running.
    pub was_extended: bool,
    pub cancel_reason: Option<String>,
    pub settled_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub product: Product,
}

impl CampaignRecord {
    /// The campaign as the API shows it at `now`.
    pub fn to_api(&self, now: Timestamp) -> Campaign {
        let Coefficients { alpha, beta, gamma } = self.rules.coefficients;
        Campaign {
            campaign_id: self.campaign_id,
            product_id: self.product.product_id,
            start_time: self.rules.start_time,
            end_time: self.rules.end_time,
            alpha,
            beta,
            gamma,
            quota: self.rules.quota,
            status: self.rules.status(now),
            cancel_reason: self.cancel_reason.clone(),
            settled_at: self.settled_at,
            created_at: self.created_at,
            version: self.version(),
            product: self.product.clone(),
        }
    }

    /// The version of the campaign with its product. Both versions only grow, and so does their sum.
    pub fn version(&self) -> i64 {
        self.version + self.product_version
    }

    /// K: how many win.
    pub fn quota(&self) -> u64 {
        u64::from(self.rules.quota.get().unsigned_abs())
    }
}

/// A query for campaigns; `$rest` is what follows `FROM campaigns c JOIN products p USING (product_id)`.
macro_rules! query_campaigns {
    ($rest:expr, $($parameter:expr),*) => {
        sqlx::query!(
            r#"SELECT c.campaign_id, c.start_time AS "start_time: Column<Timestamp>",
                   c.end_time AS "end_time: Column<Timestamp>", c.alpha AS "alpha: Column<Coefficient>",
                   c.beta AS "beta: Column<Coefficient>", c.gamma AS "gamma: Column<Coefficient>",
                   c.quota AS "quota: Column<Quota>", c.status AS "closing: Column<Closing>", c.version,
                   p.version AS product_version, c.was_extended, c.cancel_reason, c.settled_at AS "settled_at: Column<Timestamp>",
                   c.created_at AS "created_at: Column<Timestamp>", p.product_id, p.name, p.description, p.image_url,
                   p.stock, (p.min_price * 100)::bigint AS "min_price!: Column<Money>",
                   p.status AS "product_status: Column<ProductStatus>",
                   p.created_at AS "product_created_at: Column<Timestamp>"
               FROM campaigns c JOIN products p USING (product_id) "# + $rest,
            $($parameter),*
        )
        .map(|row| CampaignRecord {
            campaign_id: row.campaign_id.into(),
            rules: CampaignRules {
                start_time: row.start_time.into(),
                end_time: row.end_time.into(),
                coefficients: Coefficients {
                    alpha: row.alpha.into(),
                    beta: row.beta.into(),
                    gamma: row.gamma.into(),
                },
                min_price: row.min_price.into(),
                quota: row.quota.into(),
                closing: row.closing.into(),
            },
            version: row.version,
            product_version: row.product_version,
            was_extended: row.was_extended,
            cancel_reason: row.cancel_reason,
            settled_at: row.settled_at.map(Column::into_inner),
            created_at: row.created_at.into(),
            product: Product {
                product_id: row.product_id.into(),
                name: row.name,
                description: row.description,
                image_url: row.image_url,
                stock: row.stock,
                min_price: row.min_price.into(),
                status: row.product_status.into(),
                created_at: row.product_created_at.into(),
            },
        })
    };
}

/// Calls the macro `$query` with `$before`, the condition of a search and `$after`. The condition: the campaign's
/// status at the time `$1` is `$2`, if given, and its product's name contains `$3`.
macro_rules! query_search {
    ($query:ident, $before:literal, $after:literal, $($parameter:expr),*) => {
        $query!(
            $before
                + "-- As in `CampaignRules::status`: the status follows from the clock until the campaign is closed.
                   WHERE ($2::text IS NULL OR CASE WHEN c.status = 'cancelled' THEN 'cancelled'
                     WHEN c.status = 'settled' OR c.end_time <= $1 THEN 'ended'
                     WHEN c.start_time > $1 THEN 'pending' ELSE 'active' END = $2)
                   -- `strpos` takes every character literally, where LIKE has wildcards.
                   AND strpos(lower(p.name), lower($3)) > 0 "
                + $after,
            $($parameter),*
        )
    };
}

/// Claims a campaign for settlement: its row, locked, or `None` if another process has it.
pub(crate) async fn claim(connection: &mut PgConnection, id: CampaignId) -> Result<Option<CampaignRecord>> {
    let _timer = time_database("campaign");
    let campaign = query_campaigns!("WHERE c.campaign_id = $1 FOR NO KEY UPDATE OF c SKIP LOCKED", id.0);
    Ok(campaign.fetch_optional(connection).await?)
}

/// Reads a campaign; `None` if no campaign has the id.
pub(super) async fn find(connection: &mut PgConnection, id: CampaignId) -> Result<Option<CampaignRecord>> {
    let _timer = time_database("campaign");
    let campaign = query_campaigns!("WHERE c.campaign_id = $1", id.0);
    Ok(campaign.fetch_optional(connection).await?)
}

/// Reads several campaigns; ids of none are skipped.
pub(super) async fn find_all(database: &Database, ids: &[CampaignId]) -> Result<Vec<CampaignRecord>> {
    let _timer = time_database("campaigns");
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let campaigns = query_campaigns!("WHERE c.campaign_id = ANY($1)", &ids);
    Ok(campaigns.fetch_all(database).await?)
}

/// Reads a campaign, or fails with `CAMPAIGN_NOT_FOUND`.
pub(super) async fn required(connection: &mut PgConnection, id: CampaignId) -> Result<CampaignRecord> {
    find(connection, id).await?.ok_or_else(not_found)
}

/// Reads and locks a campaign for an edit, or fails with `CAMPAIGN_NOT_FOUND`. The row lock conflicts with the FOR
/// SHARE under which bids are written, but not with the key locks of foreign keys.
pub(super) async fn locked(connection: &mut PgConnection, id: CampaignId) -> Result<CampaignRecord> {
    edit_lock::take(connection, &[id.0]).await?;
    let _timer = time_database("campaign");
    let campaign = query_campaigns!("WHERE c.campaign_id = $1 FOR NO KEY UPDATE OF c", id.0);
    campaign.fetch_optional(connection).await?.ok_or_else(not_found)
}

/// Locks a campaign for a change of its bids, and returns whether it is open.
pub(crate) async fn lock_open(connection: &mut PgConnection, id: CampaignId) -> Result<bool> {
    Ok(locked(connection, id).await?.rules.closing == Closing::Open)
}

/// A page of the campaigns whose status at `now` is `status`, if given, and whose product's name contains `search`,
/// ignoring case; by start, latest first, and running ones before all others if `live_first`.
pub(super) async fn search(
    connection: &mut PgConnection,
    search: &Search,
    status: Option<CampaignStatus>,
    now: Timestamp,
    page: Page,
    live_first: bool,
) -> Result<Vec<CampaignRecord>> {
    // Two statements, so that the public list can follow an index.
    macro_rules! read_page {
        ($order:literal) => {
            query_search!(
                query_campaigns,
                "",
                $order,
                now.as_datetime(),
                status.map(CampaignStatus::as_str),
                &**search,
                i64::from(page.skip),
                i64::from(page.limit)
            )
            .fetch_all(connection)
            .await?
        };
    }
    Ok(if live_first {
        read_page!(
            "ORDER BY (c.status = 'open' AND c.start_time <= $1 AND c.end_time > $1) DESC,
                 c.start_time DESC, c.campaign_id DESC OFFSET $4 LIMIT $5"
        )
    } else {
        read_page!("ORDER BY c.start_time DESC, c.campaign_id DESC OFFSET $4 LIMIT $5")
    })
}

/// How many campaigns [`search`] finds on all pages.
pub(super) async fn count(
    connection: &mut PgConnection,
    search: &Search,
    status: Option<CampaignStatus>,
    now: Timestamp,
) -> Result<i64> {
    let count = query_search!(
        query_scalar,
        r#"SELECT count(*) AS "count!" FROM campaigns c JOIN products p USING (product_id) "#,
        "",
        now.as_datetime(),
        status.map(CampaignStatus::as_str),
        &**search
    );
    Ok(count.fetch_one(connection).await?)
}

/// The error for an id that no campaign has.
pub(super) fn not_found() -> Error {
    Error::Refused(ErrorCode::CampaignNotFound, "There is no such campaign.")
}

stored! {
    Closing, in String, |text: String| match text.as_str() {
        "open" => Some(Closing::Open),
        "settled" => Some(Closing::Settled),
        "cancelled" => Some(Closing::Cancelled),
        _ => None,
    };
}
