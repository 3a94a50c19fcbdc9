//! Products: list, read, create and edit them.

use super::{
    edit_lock, product_record,
    stock::{StockCounters, move_stock, promised},
    stock_report::{self, ProductStock, ProductStockList},
};
use crate::{
    audit,
    authorization::require_admin,
    edit_precondition::EditPrecondition,
    error::{Error, Result},
    events::{CampaignChange, Event, Events, Origin, Subscriber},
    idempotency_key::{self, IdempotencyKey},
    metrics::time_database,
    new_id::new_id,
    store::{
        cache::{CacheOptions, ReadCache},
        database::Database,
        public_reads::PublicReads,
    },
};
use domain::{
    CampaignId, ErrorCode, ProductId,
    api::{
        accounts::User,
        products::{CreateProduct, Product, ProductList, ProductStatus, UpdateProduct},
    },
    stock_rules,
    validated::{Page, Search},
};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::json;
use sqlx::PgConnection;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Products and pages of them. Anybody may ask for them; each is read at most a few times a second.
const CACHE: CacheOptions = CacheOptions { name: "product", capacity: 1000, ttl: Duration::from_millis(250) };

/// Lists, creates and edits products.
pub struct Products {
    database: Database,
    stock: StockCounters,
    events: Events,
    by_id: ReadCache<ProductId, Product>,
    lists: ReadCache<Page, ProductList>,
    public_reads: PublicReads,
}

impl Products {
    pub(crate) fn new(database: Database, stock: StockCounters, events: Events) -> Self {
        let (by_id, lists) = (ReadCache::new(CACHE), ReadCache::new(CACHE));
        Self { database, stock, events, by_id, lists, public_reads: PublicReads::default() }
    }

    /// Returns a page of the products on offer, newest first.
    ///
    /// # Errors
    /// `UNAVAILABLE` if PostgreSQL does not answer.
    pub async fn list(&self, page: Page) -> Result<ProductList> {
        let read = async || {
            let _timer = time_database("products");
            let mut snapshot = self.database.snapshot().await?;
            let products = product_record::on_offer(&mut snapshot, page).await?;
            let total = product_record::count(&mut snapshot, &Search::all(), true).await?;
            Ok(Some(ProductList { products, total }))
        };
        let found = self.lists.get(page, || self.public_reads.run(page.skip == 0, read())).await?;
        Ok(found.map_or(ProductList { products: Vec::new(), total: 0 }, Arc::unwrap_or_clone))
    }

    /// Returns a product, on offer or not.
    ///
    /// # Errors
    /// `PRODUCT_NOT_FOUND`.
    pub async fn get(&self, product_id: ProductId) -> Result<Product> {
        let read = async || {
            let mut connection = self.database.begin().await?;
            product_record::find(&mut connection, product_id).await
        };
        let read = || self.public_reads.run(false, read());
        let found = self.by_id.get(product_id, read).await?.ok_or_else(product_record::not_found)?;
        Ok(Arc::unwrap_or_clone(found))
    }

    /// Creates a product, which is then on offer. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`.
    pub async fn create(&self, actor: &User, product: CreateProduct) -> Result<Product> {
        self.create_once(actor, product, None).await
    }

    /// The same, or returns what the same request has created before under its key.
    ///
    /// # Errors
    /// As [`Products::create`]; `VALIDATION` if the key was used for another request.
    pub async fn create_once(
        &self,
        actor: &User,
        product: CreateProduct,
        key: Option<&IdempotencyKey>,
    ) -> Result<Product> {
        require_admin(actor)?;
        if key.is_some() {
            idempotency_key::purge(&self.database).await?;
        }
        let product_id = ProductId(new_id());
        let mut transaction = self.database.begin().await?;
        if let Some(key) = key
            && let Some(created) = key.reserve(&mut transaction, actor.user_id, product_id.0).await?
        {
            return product_record::required(&mut transaction, ProductId(created)).await;
        }
        let insert = sqlx::query!(
            "INSERT INTO products (product_id, name, description, image_url, stock, min_price)
             VALUES ($1, $2, $3, $4, 0, $5::bigint::numeric / 100)",
            product_id.0,
            &*product.name,
            product.description.as_deref(),
            product.image_url.as_deref(),
            product.min_price.cents(),
        );
        insert.execute(&mut *transaction).await?;
        let (stock, version) = move_stock(&mut transaction, product_id, None, product.stock.get()).await?;
        let created = product_record::required(&mut transaction, product_id).await?;
        audit::record(&mut transaction, Some(actor), "product.create", product_id.0, None, json!(created)).await?;
        transaction.commit().await?;
        self.forget();
        self.stock.publish(product_id, stock, version).await;
        Ok(created)
    }

    /// Edits a product. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `PRODUCT_NOT_FOUND`; `INSUFFICIENT_STOCK` if the new stock is less than its open campaigns
    /// have been promised; `CONFLICT` if a campaign for the product was created or moved at the same moment.
    pub async fn update(&self, actor: &User, product_id: ProductId, change: UpdateProduct) -> Result<Product> {
        self.update_if(actor, product_id, change, &EditPrecondition::NONE).await
    }

    /// The same, if the product is as `precondition` says.
    ///
    /// # Errors
    /// As [`Products::update`]; `STALE`.
    pub async fn update_if(
        &self,
        actor: &User,
        product_id: ProductId,
        change: UpdateProduct,
        precondition: &EditPrecondition,
    ) -> Result<Product> {
        require_admin(actor)?;
        let mut transaction = self.database.begin().await?;
        // Campaigns first, then the product: the order in which every writer takes these locks.
        let unlocked = open_campaigns(&mut transaction, product_id).await?;
        edit_lock::take(&mut transaction, &unlocked).await?;
        let campaigns = lock_open_campaigns(&mut transaction, product_id).await?;
        let old = product_record::locked(&mut transaction, product_id).await?;
        // With the product's row locked, no campaign can be created for it or moved to it.
        if open_campaigns(&mut transaction, product_id).await? != campaigns {
            let message = "A campaign of this product was created or moved at the same moment. Please try again.";
            return Err(Error::refused(ErrorCode::Conflict, message));
        }
        precondition.check(&old)?;
        let before = json!(old);
        if let Some(stock) = change.stock {
            let promised = promised(&mut transaction, product_id).await?;
            if !stock_rules::covers(stock, promised) {
                let message = "The stock cannot be lower than what is reserved for open campaigns.";
                return Err(Error::refused(ErrorCode::InsufficientStock, message));
            }
        }
        let status = change.status.unwrap_or(old.status);
        let description = change.description.map_or(old.description, |new| new.map(|text| text.to_string()));
        let image_url = change.image_url.map_or(old.image_url, |new| new.map(|text| text.to_string()));
        let update = sqlx::query!(
            "UPDATE products
             SET name = $2, description = $3, image_url = $4, min_price = $5::bigint::numeric / 100, status = $6
             WHERE product_id = $1",
            product_id.0,
            change.name.as_deref().unwrap_or(&old.name),
            description,
            image_url,
            change.min_price.unwrap_or(old.min_price).cents(),
            if status == ProductStatus::Active { "active" } else { "inactive" },
        );
        update.execute(&mut *transaction).await?;
        if change.min_price.is_some_and(|min_price| min_price != old.min_price) {
            // A bid is written only under the campaign version it was checked by, and the minimum price is one of the
            // things that were checked.
            let update = sqlx::query!(
                "UPDATE campaigns SET version = version + 1, updated_at = now() WHERE campaign_id = ANY($1)",
                &campaigns,
            );
            update.execute(&mut *transaction).await?;
        }
        let delta = change.stock.map_or(0, |stock| stock.get() - old.stock);
        let (stock, version) = move_stock(&mut transaction, product_id, None, delta).await?;
        let updated = product_record::required(&mut transaction, product_id).await?;
        audit::record(&mut transaction, Some(actor), "product.update", product_id.0, Some(before), json!(updated))
            .await?;
        transaction.commit().await?;
        self.announce(product_id, stock, version, campaigns).await?;
        Ok(updated)
    }

    /// Publishes the stock and announces the edit of the product and of its open campaigns. It finishes even if the
    /// caller is cancelled.
    async fn announce(&self, product_id: ProductId, stock: i32, version: i64, campaigns: Vec<Uuid>) -> Result<()> {
        let (counters, events) = (self.stock.clone(), self.events.clone());
        let announced = tokio::spawn(async move {
            counters.publish(product_id, stock, version).await;
            events.deliver_and_publish(Event::ProductChanged).await;
            for campaign in campaigns {
                let edited = Event::CampaignChanged(CampaignId(campaign), CampaignChange::Edited);
                events.deliver_and_publish(edited).await;
            }
        });
        announced.await.map_err(|_| Error::Internal("an edit was not announced".to_owned()))
    }

    /// Returns a page of the products whose name contains `search`, ignoring case, on offer or not, newest first, with
    /// their promised stock. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`.
    pub async fn stock_list(&self, actor: &User, search: &Search, page: Page) -> Result<ProductStockList> {
        require_admin(actor)?;
        stock_report::search(&self.database, search, false, page).await
    }

    /// The same for the products on offer, which a new campaign may sell. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`.
    pub async fn offered_stock_list(&self, actor: &User, search: &Search, page: Page) -> Result<ProductStockList> {
        require_admin(actor)?;
        stock_report::search(&self.database, search, true, page).await
    }

    /// Returns a product with its promised stock. Admins only.
    ///
    /// # Errors
    /// `ADMIN_REQUIRED`; `PRODUCT_NOT_FOUND` if there is no such product.
    pub async fn stock_of(&self, actor: &User, id: ProductId) -> Result<ProductStock> {
        require_admin(actor)?;
        stock_report::of(&self.database, id).await
    }
}

impl Products {
    fn forget(&self) {
        self.by_id.forget_all();
        self.lists.forget_all();
    }
}

impl Subscriber for Products {
    fn handle<'a>(&'a self, event: &'a Event, _: Origin) -> BoxFuture<'a, ()> {
        // Settlement takes from the stock.
        if matches!(event, Event::ProductChanged | Event::CampaignChanged(..) | Event::Resync) {
            self.forget();
        }
        async {}.boxed()
    }
}

/// The open campaigns of a product by their ids.
async fn open_campaigns(connection: &mut PgConnection, product: ProductId) -> Result<Vec<Uuid>> {
    let campaigns = sqlx::query_scalar!(
        "SELECT campaign_id FROM campaigns WHERE product_id = $1 AND status = 'open' ORDER BY campaign_id",
        product.0,
    );
    Ok(campaigns.fetch_all(connection).await?)
}

/// The same, with their rows locked.
async fn lock_open_campaigns(connection: &mut PgConnection, product: ProductId) -> Result<Vec<Uuid>> {
    let campaigns = sqlx::query_scalar!(
        "SELECT campaign_id FROM campaigns WHERE product_id = $1 AND status = 'open' ORDER BY campaign_id
         FOR NO KEY UPDATE",
        product.0,
    );
    Ok(campaigns.fetch_all(connection).await?)
}
