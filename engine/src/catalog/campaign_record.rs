//! A campaign as PostgreSQL and the caches store it.

use super::edit_lock;
use crate::{
    error::{Error, Result},
    metrics::time_database,
    store::{cache::Versioned, columns},
};
use domain::{
    CampaignId, CampaignRules, Coefficients, ErrorCode, Money, ProductId, Timestamp,
    api::{
        campaigns::Campaign,
        products::{Product, ProductStatus},
    },
    campaign_rules::Closing,
    score::Coefficient,
    validated::Quota,
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A campaign as the engine works with it; cached as a [`CachedCampaign`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "CachedCampaign", into = "CachedCampaign")]
pub(crate) struct CampaignRecord {
    pub campaign_id: CampaignId,
    pub rules: CampaignRules,
    /// Grows with every edit. A bid is written only under the version it was scored by.
    pub version: i64,
    /// Grows with every change of the product.
    pub product_version: i64,
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

    /// K: how many win.
    pub fn quota(&self) -> u64 {
        u64::from(self.rules.quota.get().unsigned_abs())
    }
}

impl Versioned for CampaignRecord {
    /// Both versions only grow, and so does their sum.
    fn version(&self) -> i64 {
        self.version + self.product_version
    }
}

/// A campaign as it is cached in Redis; separate from the API type, so that either can change alone.
#[derive(Serialize, Deserialize)]
struct CachedCampaign {
    campaign_id: CampaignId,
    start_time: Timestamp,
    end_time: Timestamp,
    alpha: Coefficient,
    beta: Coefficient,
    gamma: Coefficient,
    quota: Quota,
    closing: CachedClosing,
    version: i64,
    cancel_reason: Option<String>,
    settled_at: Option<Timestamp>,
    created_at: Timestamp,
    product: CachedProduct,
}

#[derive(Serialize, Deserialize)]
struct CachedProduct {
    product_id: ProductId,
    version: i64,
    name: String,
    description: Option<String>,
    image_url: Option<String>,
    stock: i32,
    min_price: Money,
    is_offered: bool,
    created_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
enum CachedClosing {
    Open,
    Settled,
    Cancelled,
}

impl From<CampaignRecord> for CachedCampaign {
    fn from(record: CampaignRecord) -> Self {
        let CampaignRules { start_time, end_time, coefficients, min_price, quota, closing } = record.rules;
        let product = record.product;
        Self {
            campaign_id: record.campaign_id,
            start_time,
            end_time,
            alpha: coefficients.alpha,
            beta: coefficients.beta,
            gamma: coefficients.gamma,
            quota,
            closing: match closing {
                Closing::Open => CachedClosing::Open,
                Closing::Settled => CachedClosing::Settled,
                Closing::Cancelled => CachedClosing::Cancelled,
            },
            version: record.version,
            cancel_reason: record.cancel_reason,
            settled_at: record.settled_at,
            created_at: record.created_at,
            product: CachedProduct {
                product_id: product.product_id,
                version: record.product_version,
                name: product.name,
                description: product.description,
                image_url: product.image_url,
                stock: product.stock,
                min_price,
                is_offered: product.status == ProductStatus::Active,
                created_at: product.created_at,
            },
        }
    }
}

impl From<CachedCampaign> for CampaignRecord {
    fn from(cached: CachedCampaign) -> Self {
        let product = cached.product;
        Self {
            campaign_id: cached.campaign_id,
            rules: CampaignRules {
                start_time: cached.start_time,
                end_time: cached.end_time,
                coefficients: Coefficients { alpha: cached.alpha, beta: cached.beta, gamma: cached.gamma },
                min_price: product.min_price,
                quota: cached.quota,
                closing: match cached.closing {
                    CachedClosing::Open => Closing::Open,
                    CachedClosing::Settled => Closing::Settled,
                    CachedClosing::Cancelled => Closing::Cancelled,
                },
            },
            version: cached.version,
            product_version: product.version,
            cancel_reason: cached.cancel_reason,
            settled_at: cached.settled_at,
            created_at: cached.created_at,
            product: Product {
                product_id: product.product_id,
                name: product.name,
                description: product.description,
                image_url: product.image_url,
                stock: product.stock,
                min_price: product.min_price,
                status: if product.is_offered { ProductStatus::Active } else { ProductStatus::Inactive },
                created_at: product.created_at,
            },
        }
    }
}

/// The columns of a [`CampaignRow`].
pub(super) const SELECT: &str =
    "SELECT c.campaign_id, c.start_time, c.end_time, c.alpha, c.beta, c.gamma, c.quota, c.status,
        c.version, p.version AS product_version, c.cancel_reason, c.settled_at, c.created_at,
        p.product_id, p.name, p.description, p.image_url, p.stock,
        (p.min_price * 100)::bigint AS min_price_cents, p.status AS product_status,
        p.created_at AS product_created_at
    FROM campaigns c JOIN products p USING (product_id)";

/// Claims a campaign for settlement: its row, locked, or `None` if another process has it.
pub(crate) async fn claim(connection: &mut PgConnection, id: CampaignId) -> Result<Option<CampaignRecord>> {
    select(connection, id, "FOR NO KEY UPDATE OF c SKIP LOCKED").await
}

/// Reads a campaign, or fails with `CAMPAIGN_NOT_FOUND`.
pub(super) async fn required(connection: &mut PgConnection, id: CampaignId) -> Result<CampaignRecord> {
    select(connection, id, "").await?.ok_or_else(not_found)
}

/// Reads and locks a campaign for an edit, or fails with `CAMPAIGN_NOT_FOUND`. The row lock conflicts with the FOR
/// SHARE under which bids are written, but not with the key locks of foreign keys.
pub(super) async fn locked(connection: &mut PgConnection, id: CampaignId) -> Result<CampaignRecord> {
    edit_lock::take(connection, &[id.0]).await?;
    select(connection, id, "FOR NO KEY UPDATE OF c").await?.ok_or_else(not_found)
}

/// Reads a campaign, with `lock` (one of our own literals) appended to the query.
pub(super) async fn select(
    connection: &mut PgConnection,
    id: CampaignId,
    lock: &'static str,
) -> Result<Option<CampaignRecord>> {
    let _timer = time_database("campaign");
    let query = sqlx::AssertSqlSafe(format!("{SELECT} WHERE c.campaign_id = $1 {lock}"));
    let row: Option<CampaignRow> = sqlx::query_as(query).bind(id.0).fetch_optional(connection).await?;
    row.map(CampaignRecord::try_from).transpose()
}

/// The error for an id that no campaign has.
pub(super) fn not_found() -> Error {
    Error::Refused(ErrorCode::CampaignNotFound, "There is no such campaign.")
}

#[derive(sqlx::FromRow)]
pub(super) struct CampaignRow {
    campaign_id: uuid::Uuid,
    start_time: OffsetDateTime,
    end_time: OffsetDateTime,
    alpha: f64,
    beta: f64,
    gamma: f64,
    quota: i32,
    status: String,
    version: i64,
    product_version: i64,
    cancel_reason: Option<String>,
    settled_at: Option<OffsetDateTime>,
    created_at: OffsetDateTime,
    product_id: uuid::Uuid,
    name: String,
    description: Option<String>,
    image_url: Option<String>,
    stock: i32,
    min_price_cents: i64,
    product_status: String,
    product_created_at: OffsetDateTime,
}

impl TryFrom<CampaignRow> for CampaignRecord {
    type Error = Error;

    fn try_from(row: CampaignRow) -> Result<Self> {
        let min_price = columns::money(row.min_price_cents)?;
        Ok(Self {
            campaign_id: CampaignId(row.campaign_id),
            rules: CampaignRules {
                start_time: columns::timestamp(row.start_time)?,
                end_time: columns::timestamp(row.end_time)?,
                coefficients: Coefficients {
                    alpha: columns::coefficient(row.alpha)?,
                    beta: columns::coefficient(row.beta)?,
                    gamma: columns::coefficient(row.gamma)?,
                },
                min_price,
                quota: columns::quota(row.quota)?,
                closing: match row.status.as_str() {
                    "settled" => Closing::Settled,
                    "cancelled" => Closing::Cancelled,
                    _ => Closing::Open,
                },
            },
            version: row.version,
            product_version: row.product_version,
            cancel_reason: row.cancel_reason,
            settled_at: row.settled_at.map(columns::timestamp).transpose()?,
            created_at: columns::timestamp(row.created_at)?,
            product: Product {
                product_id: ProductId(row.product_id),
                name: row.name,
                description: row.description,
                image_url: row.image_url,
                stock: row.stock,
                min_price,
                status: if row.product_status == "active" { ProductStatus::Active } else { ProductStatus::Inactive },
                created_at: columns::timestamp(row.product_created_at)?,
            },
        })
    }
}
