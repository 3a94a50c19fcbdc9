//! Campaigns: list, create, edit and cancel them; and the cache that bids are checked against.

use super::{
    campaign_listing::{self, CampaignListing, ListedCampaign, ListedTotals, ListingCounts},
    campaign_record::{self, CampaignRecord, not_found},
    product_record, stock,
};
use crate::{
    audit,
    authorization::require_admin,
    clock::Clock,
    edit_precondition::EditPrecondition,
    error::{Error, Result},
    events::{CampaignChange, Event, Events, Origin, Subscriber},
    idempotency_key::{self, IdempotencyKey},
    metrics::time_database,
    new_id::new_id,
    store::{
        cache::{CacheOptions, ReadCache, unshare_error},
        columns::Column,
        database::{Database, within},
        public_reads::PublicReads,
    },
};
use domain::{
    CampaignId, CampaignStatus, Coefficients, ErrorCode, ProductId, Timestamp,
    api::{
        accounts::User,
        campaigns::{Campaign, CampaignList, CancelCampaign, CreateCampaign, UpdateCampaign},
        products::{Product, ProductStatus},
    },
    campaign_edits::{ActiveEditRejection, check_active_edit},
    campaign_schedule::check_schedule,
    campaign_status::Closing,
    stock_rules::{available, grant_quota},
    validated::{Page, Search},
};
use futures_util::{FutureExt, future::BoxFuture};
use moka::future::Cache;
use serde_json::json;
use sqlx::PgConnection;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::timeout;

/// A copy is seconds old at most, even if the announcement of a change was lost.
const CACHE: CacheOptions = CacheOptions { name: "campaign", capacity: 1000, ttl: Duration::from_secs(5) };
/// Pages of lists and listings. Anybody may ask for them; each is read at most a few times a second.
const LISTINGS: CacheOptions = CacheOptions { name: "listing", capacity: 100, ttl: Duration::from_millis(250) };
const LIST_PERIOD_MS: i64 = 250;
/// How long the readers of a process share one read past the cache.
const FRESH_TTL: Duration = Duration::from_millis(100);

/// How long a campaign is waited for before it is read by another connection.
const FIRST_LOAD: Duration = Duration::from_millis(1500);
/// How long for that: with the first, as long as any statement.
const SECOND_LOAD: Duration = Duration::from_millis(3500);

/// Lists, creates and edits campaigns, and caches them.
pub struct Campaigns {
    database: Database,
    clock: Clock,
    events: Events,
    /// What bids are checked against, unknown ids included.
    cache: ReadCache<CampaignId, CampaignRecord>,
    listings: ReadCache<(CampaignListing, Page), Vec<ListedCampaign>>,
    listing_counts: ReadCache<(), ListingCounts>,
    /// By page, status and period: which campaigns have a status depends on the time.
    lists: ReadCache<(Page, Option<CampaignStatus>, i64), CampaignList>,
    public_reads: PublicReads,
    /// Reads past the cache, shared by concurrent readers.
    fresh: Cache<CampaignId, Arc<CampaignRecord>>,
}

impl Campaigns {
    pub(crate) fn new(database: &Database, clock: &Clock, events: &Events) -> Self {
        Self {
            database: database.clone(),
            clock: clock.clone(),
            events: events.clone(),
            cache: ReadCache::new(CACHE),
            listings: ReadCache::new(LISTINGS),
            listing_counts: ReadCache::new(LISTINGS),
            lists: ReadCache::new(LISTINGS),
            public_reads: PublicReads::default(),
            fresh: Cache::builder().max_capacity(CACHE.capacity).time_to_live(FRESH_TTL).build(),
        }
    }

    /// Returns a page of the campaigns, of one status or of all, by start, latest first.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn list(&self, page: Page, status: Option<CampaignStatus>) -> Result<CampaignList> {
        let all = Search::all();
        let read = async || {
            let list = self.public_reads.run(page.skip == 0, self.read_list(&all, page, status, false)).await?;
            Ok(Some(list))
        };
        let period = self.clock.now().unix_millis() / LIST_PERIOD_MS;
        let list = self.lists.get((page, status, period), read).await?;
        Ok(list.map_or(CampaignList { campaigns: Vec::new(), total: 0 }, Arc::unwrap_or_clone))
    }

    /// The same for the campaigns whose product name contains `search`, ignoring case; running ones come first.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn search(&self, search: &Search, page: Page, status: Option<CampaignStatus>) -> Result<CampaignList> {
        self.read_list(search, page, status, true).await
    }

    async fn read_list(
        &self,
        search: &Search,
        page: Page,
        status: Option<CampaignStatus>,
        live_first: bool,
    ) -> Result<CampaignList> {
        let _timer = time_database("campaigns");
        let now = self.clock.now();
        let mut snapshot = self.database.snapshot().await?;
        let found = campaign_record::search(&mut snapshot, search, status, now, page, live_first).await?;
        let total = campaign_record::count(&mut snapshot, search, status, now).await?;
        Ok(CampaignList { campaigns: found.iter().map(|record| record.to_api(now)).collect(), total })
    }

    /// Creates a campaign and promises its quota from the product's stock. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `VALIDATION` if the times make no sense; `PRODUCT_NOT_FOUND`; `CONFLICT` if the product is
    /// withdrawn; `INSUFFICIENT_STOCK` if less than the quota is available.
    pub async fn create(&self, actor: &User, request: CreateCampaign) -> Result<Campaign> {
        self.create_once(actor, request, None).await
    }

    /// The same, or returns what the same request has created before under its key.
    ///
    /// # Errors
    /// As [`Campaigns::create`]; `VALIDATION` if the key was used for another request.
    pub async fn create_once(
        &self,
        actor: &User,
        request: CreateCampaign,
        key: Option<&IdempotencyKey>,
    ) -> Result<Campaign> {
        require_admin(actor)?;
        if key.is_some() {
            idempotency_key::purge(&self.database).await?;
        }
        let campaign_id = CampaignId(new_id());
        let mut transaction = self.database.begin().await?;
        if let Some(key) = key
            && let Some(created) = key.reserve(&mut transaction, actor.user_id, campaign_id.0).await?
        {
            let created = campaign_record::required(&mut transaction, CampaignId(created)).await?;
            return Ok(created.to_api(self.clock.now()));
        }
        check_schedule(request.start_time, request.end_time, self.clock.now()).map_err(wrong_end)?;
        let product = product_record::locked(&mut transaction, request.product_id).await?;
        check_on_offer(&product)?;
        let promised = stock::promised(&mut transaction, product.product_id).await?;
        let quota = grant_quota(available(product.stock, promised), request.quota).ok_or_else(insufficient_stock)?;
        let defaults = Coefficients::default();
        let insert = sqlx::query!(
            "INSERT INTO campaigns (campaign_id, product_id, start_time, end_time, alpha, beta, gamma, quota)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            campaign_id.0,
            product.product_id.0,
            request.start_time.as_datetime(),
            request.end_time.as_datetime(),
            request.alpha.unwrap_or(defaults.alpha).get(),
            request.beta.unwrap_or(defaults.beta).get(),
            request.gamma.unwrap_or(defaults.gamma).get(),
            quota.get(),
        );
        insert.execute(&mut *transaction).await?;
        let created = campaign_record::required(&mut transaction, campaign_id).await?;
        let created = created.to_api(self.clock.now());
        audit::record(&mut transaction, Some(actor), "campaign.create", campaign_id.0, None, json!(created)).await?;
        transaction.commit().await?;
        self.events.announce(Event::CampaignChanged(campaign_id, CampaignChange::Created)).await?;
        Ok(created)
    }

    /// Edits a campaign: everything before its start, and while it is active only its end, which may be extended.
    /// Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `CAMPAIGN_NOT_FOUND`; `PRODUCT_NOT_FOUND`; `VALIDATION` if the times make no sense; `CONFLICT`
    /// if the campaign's status forbids the change or the new product is withdrawn; `INSUFFICIENT_STOCK` if less than
    /// the quota is available.
    pub async fn update(&self, actor: &User, id: CampaignId, change: UpdateCampaign) -> Result<Campaign> {
        self.update_if(actor, id, change, &EditPrecondition::NONE).await
    }

    /// The same, if the campaign is as `precondition` says.
    ///
    /// # Errors
    /// As [`Campaigns::update`]; `STALE`.
    pub async fn update_if(
        &self,
        actor: &User,
        id: CampaignId,
        change: UpdateCampaign,
        precondition: &EditPrecondition,
    ) -> Result<Campaign> {
        require_admin(actor)?;
        let mut transaction = self.database.begin().await?;
        // Campaign first, then product: the order in which every writer takes these locks.
        let old = campaign_record::locked(&mut transaction, id).await?;
        let product_id = change.product_id.unwrap_or(old.product.product_id);
        let product = lock_products(&mut transaction, old.product.product_id, product_id).await?;
        let now = self.clock.now();
        precondition.check(&old.to_api(now))?;
        let start_time = change.start_time.unwrap_or(old.rules.start_time);
        let end_time = change.end_time.unwrap_or(old.rules.end_time);
        match old.rules.status(now) {
            CampaignStatus::Pending => check_schedule(start_time, end_time, now).map_err(wrong_end)?,
            CampaignStatus::Active => {
                check_active_edit(&change, old.rules.start_time, old.rules.end_time).map_err(active_edit_refused)?;
            }
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
            let others = stock::promised(&mut transaction, product_id).await? - own;
            grant_quota(available(product.stock, others), Some(quota)).ok_or_else(insufficient_stock)?;
        }
        let coefficients = old.rules.coefficients;
        let update = sqlx::query!(
            "UPDATE campaigns
             SET start_time = $2, end_time = $3, alpha = $4, beta = $5, gamma = $6, quota = $7, product_id = $8,
                 -- Copies are told apart by the sum of both versions, which must grow with the product, too.
                 version = version + 1 + greatest(0,
                     (SELECT p.version FROM products p WHERE p.product_id = campaigns.product_id)
                     - (SELECT p.version FROM products p WHERE p.product_id = $8)),
                 was_extended = was_extended OR (start_time <= $9 AND end_time < $3),
                 updated_at = now()
             WHERE campaign_id = $1",
            id.0,
            start_time.as_datetime(),
            end_time.as_datetime(),
            change.alpha.unwrap_or(coefficients.alpha).get(),
            change.beta.unwrap_or(coefficients.beta).get(),
            change.gamma.unwrap_or(coefficients.gamma).get(),
            quota.get(),
            product_id.0,
            now.as_datetime(),
        );
        update.execute(&mut *transaction).await?;
        let updated = campaign_record::required(&mut transaction, id).await?;
        let (before, after) = (old.to_api(now), updated.to_api(now));
        audit::record(&mut transaction, Some(actor), "campaign.update", id.0, Some(json!(before)), json!(after))
            .await?;
        transaction.commit().await?;
        self.events.announce(Event::CampaignChanged(id, CampaignChange::Edited)).await?;
        Ok(after)
    }

    /// Cancels a campaign that is not settled. It sells nothing, and its quota is available again. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `CAMPAIGN_NOT_FOUND`; `CONFLICT` if the campaign is settled or cancelled already.
    pub async fn cancel(&self, actor: &User, id: CampaignId, request: CancelCampaign) -> Result<Campaign> {
        require_admin(actor)?;
        let mut transaction = self.database.begin().await?;
        let old = campaign_record::locked(&mut transaction, id).await?;
        if old.rules.closing != Closing::Open {
            return Err(Error::refused(ErrorCode::Conflict, "The campaign has already ended or been cancelled."));
        }
        let update = sqlx::query!(
            "UPDATE campaigns
             SET status = 'cancelled', cancel_reason = $2, version = version + 1, updated_at = now()
             WHERE campaign_id = $1",
            id.0,
            &*request.reason,
        );
        update.execute(&mut *transaction).await?;
        let updated = campaign_record::required(&mut transaction, id).await?;
        let now = self.clock.now();
        let (before, after) = (old.to_api(now), updated.to_api(now));
        audit::record(&mut transaction, Some(actor), "campaign.cancel", id.0, Some(json!(before)), json!(after))
            .await?;
        transaction.commit().await?;
        self.events.announce(Event::CampaignChanged(id, CampaignChange::Cancelled)).await?;
        Ok(after)
    }

    /// Returns whether the end of a campaign was put off while it was running.
    ///
    /// # Errors
    /// `CAMPAIGN_NOT_FOUND`.
    pub async fn was_extended(&self, id: CampaignId) -> Result<bool> {
        Ok(self.get(id).await?.was_extended)
    }

    /// Returns when a campaign was cancelled; `None` if it was not.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn cancelled_at(&self, id: CampaignId) -> Result<Option<Timestamp>> {
        let _timer = time_database("cancelled_at");
        // A cancellation is the last change of a campaign.
        let cancelled_at = sqlx::query_scalar!(
            r#"SELECT updated_at AS "updated_at: Column<Timestamp>" FROM campaigns
               WHERE campaign_id = $1 AND status = 'cancelled'"#,
            id.0,
        );
        Ok(cancelled_at.fetch_optional(&self.database).await?.map(Column::into_inner))
    }

    /// Returns a page of one of the listings, with the campaigns' participants and what the last winners paid.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn listing(&self, kind: CampaignListing, page: Page) -> Result<Vec<ListedCampaign>> {
        let load = async || {
            let listing = self.public_reads.run(page.skip == 0, self.load_listing(kind, page)).await?;
            Ok(Some(listing))
        };
        let listing = self.listings.get((kind, page), load).await?;
        Ok(listing.map(Arc::unwrap_or_clone).unwrap_or_default())
    }

    async fn load_listing(&self, kind: CampaignListing, page: Page) -> Result<Vec<ListedCampaign>> {
        let now = self.clock.now();
        let listed = campaign_listing::read(&self.database, kind, now, page).await?;
        let ids: Vec<CampaignId> = listed.iter().map(|totals| totals.campaign_id).collect();
        let campaigns = self.get_all(&ids).await?;
        let listed = listed.into_iter().filter_map(|totals| {
            // Demo campaigns may have been deleted meanwhile.
            let campaign = campaigns.get(&totals.campaign_id)?.to_api(now);
            let ListedTotals { participants, last_winning_price, .. } = totals;
            Some(ListedCampaign { campaign, participants, last_winning_price })
        });
        Ok(listed.collect())
    }

    /// Counts the campaigns in each listing.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn listing_counts(&self) -> Result<ListingCounts> {
        let load = async || Ok(Some(campaign_listing::counts(&self.database, self.clock.now()).await?));
        Ok(self.listing_counts.get((), load).await?.map_or(ListingCounts::default(), |counts| *counts))
    }

    /// Returns a campaign from the cache.
    ///
    /// If its time is up, it is about to be closed or was extended, so it is read again; nothing may depend on an event
    /// that may be late.
    ///
    /// # Errors
    /// `CAMPAIGN_NOT_FOUND`.
    pub(crate) async fn get(&self, id: CampaignId) -> Result<Arc<CampaignRecord>> {
        let found = self.cache.get(id, || self.load(id)).await?.ok_or_else(not_found)?;
        if found.rules.closing == Closing::Open && found.rules.end_time <= self.clock.now() {
            return self.get_fresh(id).await;
        }
        Ok(found)
    }

    /// Returns a campaign as PostgreSQL had it at most [`FRESH_TTL`] ago; concurrent readers share one read.
    pub(crate) async fn get_fresh(&self, id: CampaignId) -> Result<Arc<CampaignRecord>> {
        self.fresh.try_get_with(id, Box::pin(self.reload(id))).await.map_err(unshare_error)
    }

    /// Reads a campaign from PostgreSQL into the cache.
    pub(crate) async fn reload(&self, id: CampaignId) -> Result<Arc<CampaignRecord>> {
        self.cache.reload(id, || self.load(id)).await?.ok_or_else(not_found)
    }

    /// Reads several campaigns from PostgreSQL at once.
    pub(crate) async fn get_all(&self, ids: &[CampaignId]) -> Result<HashMap<CampaignId, CampaignRecord>> {
        let campaigns = campaign_record::find_all(&self.database, ids).await?;
        Ok(campaigns.into_iter().map(|campaign| (campaign.campaign_id, campaign)).collect())
    }

    async fn load(&self, id: CampaignId) -> Result<Option<CampaignRecord>> {
        let read = async || {
            let mut transaction = self.database.begin().await?;
            campaign_record::find(&mut transaction, id).await
        };
        // Bids share this read, and must not wait long for a connection that has died without a word.
        match timeout(FIRST_LOAD, read()).await {
            Ok(found) => found,
            Err(_) => within(SECOND_LOAD, read()).await,
        }
    }

    fn forget_listings(&self) {
        self.lists.forget_all();
        self.listings.forget_all();
        self.listing_counts.forget_all();
    }
}

impl Subscriber for Campaigns {
    fn handle<'a>(&'a self, event: &'a Event, _: Origin) -> BoxFuture<'a, ()> {
        async move {
            match event {
                Event::CampaignChanged(campaign, _) => {
                    self.fresh.invalidate(campaign).await;
                    self.cache.forget(*campaign);
                    self.forget_listings();
                }
                Event::ProductChanged | Event::Resync => {
                    self.cache.forget_all();
                    self.forget_listings();
                }
                Event::BidsAccepted(..)
                | Event::StandingsPending(..)
                | Event::UserChanged(_)
                | Event::SessionsEnded(..) => {}
            }
        }
        .boxed()
    }
}

/// Locks the product a campaign sells and the one it is to sell, which may be the same, and returns the latter. They
/// are locked in the order of their ids, so that two campaigns that swap products cannot deadlock.
async fn lock_products(connection: &mut PgConnection, old: ProductId, new: ProductId) -> Result<Product> {
    let first = product_record::locked(connection, old.min(new)).await?;
    if old == new {
        return Ok(first);
    }
    let second = product_record::locked(connection, old.max(new)).await?;
    Ok(if new < old { first } else { second })
}

/// Refuses a withdrawn product: it stays in the campaigns that sell it and gets no new ones.
fn check_on_offer(product: &Product) -> Result<()> {
    match product.status {
        ProductStatus::Active => Ok(()),
        ProductStatus::Inactive => Err(Error::refused(
            ErrorCode::Conflict,
            "The product is withdrawn. Make it active again to sell it in a campaign.",
        )),
    }
}

fn wrong_end(message: &'static str) -> Error {
    Error::field("end_time", message)
}

/// What the campaign's status forbids is a conflict; an end that no campaign may have is invalid input.
fn active_edit_refused(rejection: ActiveEditRejection) -> Error {
    let conflict = |detail| Error::refused(ErrorCode::Conflict, detail);
    match rejection {
        ActiveEditRejection::NotOnlyEnd => conflict("Only the end of an active campaign may be changed."),
        ActiveEditRejection::Shortened => conflict("An active campaign may only be extended."),
        ActiveEditRejection::InvalidEnd(message) => wrong_end(message),
    }
}

fn insufficient_stock() -> Error {
    Error::Refused(ErrorCode::InsufficientStock, "The product does not have enough stock for this quota.")
}
