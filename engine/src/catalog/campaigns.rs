//! Campaigns: list, show, create, edit, cancel; and the cache bids are checked against.

use super::{products, turn};
use crate::{
    Engine,
    accounts::require_admin,
    audit,
    bus::Message,
    clock::Clock,
    error::{Error, Result},
    metrics::time_database,
    store::{
        cache::{CacheOptions, TieredCache, Versioned, shared},
        columns,
        database::Database,
        keys::Keys,
        redis::Redis,
    },
};
use domain::{
    CampaignId, CampaignRules, CampaignStatus, Coefficients, ErrorCode, ProductId, Timestamp,
    api::{
        accounts::User,
        campaigns::{Campaign, CampaignDetail, CampaignList, CancelCampaign, CreateCampaign, UpdateCampaign},
        products::{Product, ProductStatus},
    },
    bounded::{Page, Quota, Search},
    rules::Closing,
    schedule::{check_extension, check_schedule},
    ws::CampaignUpdated,
};
use moka::future::Cache;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;
use sqlx::PgConnection;
use std::{sync::Arc, time::Duration};
use time::OffsetDateTime;

const CACHE: CacheOptions = CacheOptions {
    name: "campaign",
    capacity: 1000,
    memory_ttl: Duration::from_mins(1),
    redis_ttl: Duration::from_hours(1),
};
/// For how long the readers of a process share one look past the cache.
const LOOK_TTL: Duration = Duration::from_millis(100);

/// A campaign as the engine works with it.
#[derive(Clone, Debug)]
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
    /// The campaign as the wire shows it at `now`.
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

/// A campaign as it is cached in Redis: in the words of the wire.
#[derive(Serialize, Deserialize)]
struct Stored {
    campaign: Campaign,
    version: i64,
    product_version: i64,
    closing: Closing,
}

impl From<&CampaignRecord> for Stored {
    fn from(record: &CampaignRecord) -> Self {
        Self {
            // The phase is computed when it is shown; any instant will do here.
            campaign: record.to_api(record.created_at),
            version: record.version,
            product_version: record.product_version,
            closing: record.rules.closing,
        }
    }
}

impl From<Stored> for CampaignRecord {
    fn from(stored: Stored) -> Self {
        let campaign = stored.campaign;
        Self {
            campaign_id: campaign.campaign_id,
            rules: CampaignRules {
                start_time: campaign.start_time,
                end_time: campaign.end_time,
                coefficients: Coefficients { alpha: campaign.alpha, beta: campaign.beta, gamma: campaign.gamma },
                min_price: campaign.product.min_price,
                quota: campaign.quota,
                closing: stored.closing,
            },
            version: stored.version,
            product_version: stored.product_version,
            cancel_reason: campaign.cancel_reason,
            settled_at: campaign.settled_at,
            created_at: campaign.created_at,
            product: campaign.product,
        }
    }
}

impl Serialize for CampaignRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        Stored::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CampaignRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Stored::deserialize(deserializer).map(Self::from)
    }
}

impl Versioned for CampaignRecord {
    /// Both parts only grow, and so does their sum.
    fn version(&self) -> i64 {
        self.version + self.product_version
    }
}

/// The campaigns bids are checked against, unknown ids included.
#[derive(Clone)]
pub(crate) struct Campaigns {
    database: Database,
    keys: Keys,
    clock: Clock,
    cache: TieredCache<CampaignId, CampaignRecord>,
    /// Looks past the cache that readers share.
    looks: Cache<CampaignId, Arc<CampaignRecord>>,
}

impl Campaigns {
    pub fn new(database: Database, redis: Redis, keys: Keys, clock: Clock) -> Self {
        Self {
            database,
            keys,
            clock,
            cache: TieredCache::new(CACHE, redis),
            looks: Cache::builder().max_capacity(CACHE.capacity).time_to_live(LOOK_TTL).build(),
        }
    }

    /// The campaign, or `CAMPAIGN_NOT_FOUND`.
    ///
    /// One whose time is up will be closed any moment, or was extended: it is looked at anew, so
    /// that nobody depends on having heard of it.
    pub async fn get(&self, id: CampaignId) -> Result<Arc<CampaignRecord>> {
        let found = self.cache.get(id, || self.keys.campaign(id), || self.load(id)).await?.ok_or_else(not_found)?;
        if found.rules.closing == Closing::Open && found.rules.end_time <= self.clock.now() {
            return self.look(id).await;
        }
        Ok(found)
    }

    /// The campaign as PostgreSQL had it at most [`LOOK_TTL`] ago, however many ask.
    pub async fn look(&self, id: CampaignId) -> Result<Arc<CampaignRecord>> {
        self.looks.try_get_with(id, Box::pin(self.reload(id))).await.map_err(shared)
    }

    /// The campaign as PostgreSQL has it now; the caches are brought up to it.
    pub async fn reload(&self, id: CampaignId) -> Result<Arc<CampaignRecord>> {
        let fresh = self.load(id).await?;
        self.cache.refresh(id, &self.keys.campaign(id), fresh).await.ok_or_else(not_found)
    }

    /// Removes a campaign that is gone from memory and Redis.
    pub async fn remove(&self, id: CampaignId) {
        self.cache.remove(&id, &self.keys.campaign(id)).await;
    }

    /// Drops a campaign that has changed from memory.
    pub async fn forget(&self, id: CampaignId) {
        self.cache.forget(&id).await;
    }

    /// Drops all campaigns from memory.
    pub fn forget_all(&self) {
        self.cache.forget_all();
    }

    async fn load(&self, id: CampaignId) -> Result<Option<CampaignRecord>> {
        let mut transaction = self.database.begin().await?;
        select(&mut transaction, id, "").await
    }
}

impl Engine {
    /// Campaigns by start, newest first, of one phase or of all.
    pub async fn campaigns(&self, page: Page, status: Option<CampaignStatus>) -> Result<CampaignList> {
        self.find_campaigns(&Search::all(), page, status).await
    }

    /// Those among them whose product's name contains `search`, whatever the case.
    pub async fn find_campaigns(
        &self,
        search: &Search,
        page: Page,
        status: Option<CampaignStatus>,
    ) -> Result<CampaignList> {
        let _timer = time_database("campaigns");
        let now = self.now();
        let wanted = status.map(CampaignStatus::as_str);
        let query = sqlx::AssertSqlSafe(format!(
            "{SELECT} WHERE {WANTED} ORDER BY c.start_time DESC, c.campaign_id DESC OFFSET $4 LIMIT $5"
        ));
        let mut snapshot = self.snapshot().await?;
        let rows: Vec<CampaignRow> = sqlx::query_as(query)
            .bind(now.as_datetime())
            .bind(wanted)
            .bind(&**search)
            .bind(i64::from(page.skip))
            .bind(i64::from(page.limit))
            .fetch_all(&mut *snapshot)
            .await?;
        let count = sqlx::AssertSqlSafe(format!(
            "SELECT count(*) FROM campaigns c JOIN products p USING (product_id) WHERE {WANTED}"
        ));
        let total = sqlx::query_scalar(count)
            .bind(now.as_datetime())
            .bind(wanted)
            .bind(&**search)
            .fetch_one(&mut *snapshot)
            .await?;
        let campaigns = rows
            .into_iter()
            .map(|row| CampaignRecord::try_from(row).map(|record| record.to_api(now)))
            .collect::<Result<_>>()?;
        Ok(CampaignList { campaigns, total })
    }

    /// One campaign with its product, its ranking in numbers and the server's time.
    pub async fn campaign(&self, id: CampaignId) -> Result<CampaignDetail> {
        let record = self.campaign_record(id).await?;
        let stats = self.campaign_stats(&record).await?;
        let server_time = self.now();
        Ok(CampaignDetail { campaign: record.to_api(server_time), stats, server_time })
    }

    /// Creates a campaign. Its quota is promised from the product's stock, which is promised only
    /// once. Admins only.
    pub async fn create_campaign(&self, actor: &User, request: CreateCampaign) -> Result<CampaignDetail> {
        require_admin(actor)?;
        check_schedule(request.start_time, request.end_time, self.now()).map_err(wrong_end)?;
        let campaign_id = CampaignId(crate::new_id());
        let mut transaction = self.database().begin().await?;
        let product = products::select(&mut transaction, request.product_id, products::LOCK).await?;
        check_on_offer(&product)?;
        let available = i64::from(product.stock) - products::promised(&mut transaction, product.product_id).await?;
        let quota = promise(available, request.quota)?;
        let defaults = Coefficients::default();
        sqlx::query(
            "INSERT INTO campaigns (campaign_id, product_id, start_time, end_time, alpha, beta, gamma, quota)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(campaign_id.0)
        .bind(product.product_id.0)
        .bind(request.start_time.as_datetime())
        .bind(request.end_time.as_datetime())
        .bind(request.alpha.unwrap_or(defaults.alpha).get())
        .bind(request.beta.unwrap_or(defaults.beta).get())
        .bind(request.gamma.unwrap_or(defaults.gamma).get())
        .bind(quota.get())
        .execute(&mut *transaction)
        .await?;
        let created = required(&mut transaction, campaign_id).await?;
        let detail = json!(created.to_api(self.now()));
        audit::record(&mut transaction, actor, "campaign.create", campaign_id.0, None, detail).await?;
        transaction.commit().await?;
        self.campaign_changed(campaign_id, Change::Other).await?;
        self.campaign(campaign_id).await
    }

    /// Edits a campaign: before the start everything, while it is active only a later end.
    /// Admins only.
    pub async fn update_campaign(
        &self,
        actor: &User,
        id: CampaignId,
        change: UpdateCampaign,
    ) -> Result<CampaignDetail> {
        require_admin(actor)?;
        let mut transaction = self.database().begin().await?;
        // Campaign first, then product: the order in which every writer takes these locks.
        let old = locked(&mut transaction, id).await?;
        let product_id = change.product_id.unwrap_or(old.product.product_id);
        let product = lock_products(&mut transaction, old.product.product_id, product_id).await?;
        let now = self.now();
        let start_time = change.start_time.unwrap_or(old.rules.start_time);
        let end_time = change.end_time.unwrap_or(old.rules.end_time);
        match old.rules.status(now) {
            CampaignStatus::Pending => check_schedule(start_time, end_time, now).map_err(wrong_end)?,
            CampaignStatus::Active => check_only_extended(&change, &old.rules, end_time)?,
            CampaignStatus::Ended | CampaignStatus::Cancelled => {
                return Err(Error::refused(ErrorCode::Conflict, "The campaign is over and cannot be changed."));
            }
        }
        let moved = product_id != old.product.product_id;
        let quota = change.quota.unwrap_or(old.rules.quota);
        if moved {
            check_on_offer(&product)?;
        }
        if moved || change.quota.is_some() {
            let own = if moved { 0 } else { i64::from(old.rules.quota.get()) };
            let others = products::promised(&mut transaction, product_id).await? - own;
            promise(i64::from(product.stock) - others, Some(quota))?;
        }
        let coefficients = old.rules.coefficients;
        sqlx::query(
            "UPDATE campaigns
             SET start_time = $2, end_time = $3, alpha = $4, beta = $5, gamma = $6, quota = $7, product_id = $8,
                 -- Copies are told apart by the sum of both versions, which must grow with the product, too.
                 version = version + 1 + greatest(0,
                     (SELECT p.version FROM products p WHERE p.product_id = campaigns.product_id)
                     - (SELECT p.version FROM products p WHERE p.product_id = $8)),
                 updated_at = now()
             WHERE campaign_id = $1",
        )
        .bind(id.0)
        .bind(start_time.as_datetime())
        .bind(end_time.as_datetime())
        .bind(change.alpha.unwrap_or(coefficients.alpha).get())
        .bind(change.beta.unwrap_or(coefficients.beta).get())
        .bind(change.gamma.unwrap_or(coefficients.gamma).get())
        .bind(quota.get())
        .bind(product_id.0)
        .execute(&mut *transaction)
        .await?;
        let updated = required(&mut transaction, id).await?;
        let (before, after) = (json!(old.to_api(now)), json!(updated.to_api(now)));
        audit::record(&mut transaction, actor, "campaign.update", id.0, Some(before), after).await?;
        transaction.commit().await?;
        self.campaign_changed(id, Change::Edit).await?;
        self.campaign(id).await
    }

    /// Calls a campaign off, before it is settled: it sells nothing. Admins only.
    pub async fn cancel_campaign(
        &self,
        actor: &User,
        id: CampaignId,
        request: CancelCampaign,
    ) -> Result<CampaignDetail> {
        require_admin(actor)?;
        let mut transaction = self.database().begin().await?;
        let old = locked(&mut transaction, id).await?;
        if old.rules.closing != Closing::Open {
            return Err(Error::refused(ErrorCode::Conflict, "The campaign is closed already."));
        }
        sqlx::query(
            "UPDATE campaigns
             SET status = 'cancelled', cancel_reason = $2, version = version + 1, updated_at = now()
             WHERE campaign_id = $1",
        )
        .bind(id.0)
        .bind(&*request.reason)
        .execute(&mut *transaction)
        .await?;
        let updated = required(&mut transaction, id).await?;
        let now = self.now();
        let (before, after) = (json!(old.to_api(now)), json!(updated.to_api(now)));
        audit::record(&mut transaction, actor, "campaign.cancel", id.0, Some(before), after).await?;
        transaction.commit().await?;
        self.rankings().retire(id).await;
        self.campaign_changed(id, Change::Edit).await?;
        self.campaign(id).await
    }

    pub(crate) async fn campaign_record(&self, id: CampaignId) -> Result<Arc<CampaignRecord>> {
        self.campaign_cache().get(id).await
    }

    /// Makes a committed change of a campaign known in all processes and to its rooms.
    pub(crate) async fn campaign_changed(&self, id: CampaignId, change: Change) -> Result<()> {
        let engine = self.clone();
        self.after_commit(async move { engine.announce_campaign(id, change).await }).await
    }

    /// The work of [`Engine::campaign_changed`].
    pub(super) async fn announce_campaign(&self, id: CampaignId, change: Change) -> Result<()> {
        let record = self.campaign_cache().reload(id).await?;
        let event = match change {
            Change::Edit => Some(Box::new(self.update_event(&record).await?)),
            Change::Other => None,
        };
        self.hear_campaign_changed(id, event.as_deref());
        self.bus().publish(Message::CampaignChanged(id, event)).await;
        Ok(())
    }

    /// What every process does when a campaign has changed, once its own copy is fresh or gone.
    pub(crate) fn hear_campaign_changed(&self, id: CampaignId, event: Option<&CampaignUpdated>) {
        self.settlement().reschedule();
        if let Some(event) = event {
            self.feed().campaign_updated(event);
        }
        self.feed().ranking_changed(id);
    }

    async fn update_event(&self, record: &Arc<CampaignRecord>) -> Result<CampaignUpdated> {
        let stats = self.campaign_stats(record).await?;
        let server_time = self.now();
        Ok(CampaignUpdated {
            campaign_id: record.campaign_id,
            status: record.rules.status(server_time),
            start_time: record.rules.start_time,
            end_time: record.rules.end_time,
            reason: record.cancel_reason.clone(),
            campaign: CampaignDetail { campaign: record.to_api(server_time), stats, server_time },
        })
    }
}

/// What has changed of a campaign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    /// Something an admin edits, of it or of its product: open pages are told.
    Edit,
    /// It was made or settled.
    Other,
}

/// Locks the product a campaign sells and the one it is to sell, which may be the same, and returns
/// the latter. In the order of their ids, so that two campaigns that change places do not wait for
/// each other.
async fn lock_products(connection: &mut PgConnection, old: ProductId, new: ProductId) -> Result<Product> {
    let first = products::select(connection, old.min(new), products::LOCK).await?;
    if old == new {
        return Ok(first);
    }
    let second = products::select(connection, old.max(new), products::LOCK).await?;
    Ok(if new < old { first } else { second })
}

/// A product that was withdrawn stays with the campaigns it has and gets no others.
fn check_on_offer(product: &Product) -> Result<()> {
    match product.status {
        ProductStatus::Active => Ok(()),
        ProductStatus::Inactive => Err(Error::refused(
            ErrorCode::Conflict,
            "The product was withdrawn. Offer it again to sell it in a campaign.",
        )),
    }
}

fn wrong_end(message: &'static str) -> Error {
    Error::field("end_time", message)
}

fn check_only_extended(change: &UpdateCampaign, old: &CampaignRules, end_time: Timestamp) -> Result<()> {
    let only_end = change.product_id.is_none()
        && change.start_time.is_none()
        && change.alpha.is_none()
        && change.beta.is_none()
        && change.gamma.is_none()
        && change.quota.is_none();
    if !only_end {
        return Err(Error::refused(ErrorCode::Conflict, "Only the end of an active campaign may be changed."));
    }
    if end_time < old.end_time {
        return Err(Error::refused(ErrorCode::Conflict, "An active campaign may only be extended."));
    }
    check_extension(old.start_time, old.end_time, end_time).map_err(wrong_end)
}

/// The quota to promise out of what is `available`.
fn promise(available: i64, wanted: Option<Quota>) -> Result<Quota> {
    let quota = match wanted {
        Some(quota) => Some(quota),
        None => i32::try_from(available).ok().and_then(Quota::new),
    };
    quota
        .filter(|quota| i64::from(quota.get()) <= available)
        .ok_or(Error::Refused(ErrorCode::InsufficientStock, "The product's stock is not enough for this quota."))
}

fn not_found() -> Error {
    Error::Refused(ErrorCode::CampaignNotFound, "There is no such campaign.")
}

/// Of the phase `$2`, or of any, and with `$3` in the product's name. The phase at `$1` follows from the clock until the
/// campaign is closed, as in `CampaignRules::status`. `strpos` takes every character as it is, where LIKE has wildcards.
const WANTED: &str = "($2::text IS NULL OR CASE WHEN c.status = 'cancelled' THEN 'cancelled'
      WHEN c.status = 'settled' OR c.end_time <= $1 THEN 'ended'
      WHEN c.start_time > $1 THEN 'pending' ELSE 'active' END = $2)
    AND strpos(lower(p.name), lower($3)) > 0";

const SELECT: &str = "SELECT c.campaign_id, c.start_time, c.end_time, c.alpha, c.beta, c.gamma, c.quota, c.status,
        c.version, p.version AS product_version, c.cancel_reason, c.settled_at, c.created_at,
        p.product_id, p.name, p.description, p.image_url, p.stock,
        (p.min_price * 100)::bigint AS min_price_cents, p.status AS product_status,
        p.created_at AS product_created_at
    FROM campaigns c JOIN products p USING (product_id)";

/// Claims a campaign for settlement: its row, locked, or `None` if another process has it.
pub(crate) async fn claim(connection: &mut PgConnection, id: CampaignId) -> Result<Option<CampaignRecord>> {
    select(connection, id, "FOR NO KEY UPDATE OF c SKIP LOCKED").await
}

/// One campaign, or `CAMPAIGN_NOT_FOUND`.
async fn required(connection: &mut PgConnection, id: CampaignId) -> Result<CampaignRecord> {
    select(connection, id, "").await?.ok_or_else(not_found)
}

/// One campaign, for an edit of it, or `CAMPAIGN_NOT_FOUND`. The lock of its row conflicts with the FOR SHARE under
/// which bids are written, but not with the key locks of foreign keys.
async fn locked(connection: &mut PgConnection, id: CampaignId) -> Result<CampaignRecord> {
    turn::take(connection, &[id.0]).await?;
    select(connection, id, "FOR NO KEY UPDATE OF c").await?.ok_or_else(not_found)
}

/// One campaign, with `lock` (a literal of ours) appended to the query.
async fn select(connection: &mut PgConnection, id: CampaignId, lock: &'static str) -> Result<Option<CampaignRecord>> {
    let _timer = time_database("campaign");
    let query = sqlx::AssertSqlSafe(format!("{SELECT} WHERE c.campaign_id = $1 {lock}"));
    let row: Option<CampaignRow> = sqlx::query_as(query).bind(id.0).fetch_optional(connection).await?;
    row.map(CampaignRecord::try_from).transpose()
}

#[derive(sqlx::FromRow)]
struct CampaignRow {
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
                status: products::product_status(&row.product_status),
                created_at: columns::timestamp(row.product_created_at)?,
            },
        })
    }
}
