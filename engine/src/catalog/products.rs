//! Products: list, show, create, edit.

use super::{campaigns::Change, stock::move_stock, turn};
use crate::{
    Engine,
    accounts::require_admin,
    audit,
    bus::Message,
    error::{Error, Result},
    metrics::time_database,
    store::columns,
};
use domain::{
    CampaignId, ErrorCode, ProductId,
    api::{
        accounts::User,
        products::{CreateProduct, Product, ProductList, ProductStatus, UpdateProduct},
    },
    bounded::Page,
};
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

impl Engine {
    /// The products on offer, newest first.
    pub async fn products(&self, page: Page) -> Result<ProductList> {
        let _timer = time_database("products");
        let mut snapshot = self.snapshot().await?;
        let rows: Vec<ProductRow> = sqlx::query_as(
            "SELECT product_id, name, description, image_url, stock, (min_price * 100)::bigint AS min_price_cents,
                    status, created_at
             FROM products WHERE status = 'active'
             ORDER BY created_at DESC, product_id DESC OFFSET $1 LIMIT $2",
        )
        .bind(i64::from(page.skip))
        .bind(i64::from(page.limit))
        .fetch_all(&mut *snapshot)
        .await?;
        let total = sqlx::query_scalar("SELECT count(*) FROM products WHERE status = 'active'")
            .fetch_one(&mut *snapshot)
            .await?;
        Ok(ProductList { products: rows.into_iter().map(Product::try_from).collect::<Result<_>>()?, total })
    }

    /// One product, on offer or not.
    pub async fn product(&self, product_id: ProductId) -> Result<Product> {
        let mut transaction = self.database().begin().await?;
        select(&mut transaction, product_id, "").await
    }

    /// Puts a product on offer. Admins only.
    pub async fn create_product(&self, actor: &User, product: CreateProduct) -> Result<Product> {
        require_admin(actor)?;
        let product_id = ProductId(crate::new_id());
        let mut transaction = self.database().begin().await?;
        sqlx::query(
            "INSERT INTO products (product_id, name, description, image_url, stock, min_price)
             VALUES ($1, $2, $3, $4, 0, $5::numeric / 100)",
        )
        .bind(product_id.0)
        .bind(&*product.name)
        .bind(product.description.as_deref())
        .bind(product.image_url.as_deref())
        .bind(product.min_price.cents())
        .execute(&mut *transaction)
        .await?;
        let (stock, version) = move_stock(&mut transaction, product_id, None, product.stock.get()).await?;
        let created = select(&mut transaction, product_id, "").await?;
        audit::record(&mut transaction, actor, "product.create", product_id.0, None, json!(created)).await?;
        transaction.commit().await?;
        self.stock().publish(product_id, stock, version).await;
        Ok(created)
    }

    /// Edits a product. The stock may not fall under what its open campaigns have been promised.
    /// Admins only.
    pub async fn update_product(&self, actor: &User, product_id: ProductId, change: UpdateProduct) -> Result<Product> {
        require_admin(actor)?;
        let mut transaction = self.database().begin().await?;
        // Campaigns first, then the product: the order in which every writer takes these locks.
        let turns = open_campaigns(&mut transaction, product_id, "").await?;
        turn::take(&mut transaction, &turns).await?;
        let campaigns = open_campaigns(&mut transaction, product_id, LOCK).await?;
        let old = select(&mut transaction, product_id, LOCK).await?;
        // From here on none is made for the product.
        if open_campaigns(&mut transaction, product_id, "").await? != campaigns {
            let message = "A campaign of the product was made or moved at the same moment. Try again.";
            return Err(Error::refused(ErrorCode::Conflict, message));
        }
        let before = json!(old);
        if let Some(stock) = change.stock {
            let promised = promised(&mut transaction, product_id).await?;
            if i64::from(stock.get()) < promised {
                let message = "The stock is promised to open campaigns and cannot fall under their quotas.";
                return Err(Error::refused(ErrorCode::InsufficientStock, message));
            }
        }
        let status = change.status.unwrap_or(old.status);
        let description = change.description.map_or(old.description, |new| new.map(|text| text.to_string()));
        let image_url = change.image_url.map_or(old.image_url, |new| new.map(|text| text.to_string()));
        sqlx::query(
            "UPDATE products
             SET name = $2, description = $3, image_url = $4, min_price = $5::numeric / 100, status = $6
             WHERE product_id = $1",
        )
        .bind(product_id.0)
        .bind(change.name.as_deref().unwrap_or(&old.name))
        .bind(description)
        .bind(image_url)
        .bind(change.min_price.unwrap_or(old.min_price).cents())
        .bind(if status == ProductStatus::Active { "active" } else { "inactive" })
        .execute(&mut *transaction)
        .await?;
        if change.min_price.is_some_and(|min_price| min_price != old.min_price) {
            // A bid is written only under the version it was checked by, and the least price is
            // part of what it was checked by.
            sqlx::query("UPDATE campaigns SET version = version + 1, updated_at = now() WHERE campaign_id = ANY($1)")
                .bind(&campaigns)
                .execute(&mut *transaction)
                .await?;
        }
        let delta = change.stock.map_or(0, |stock| stock.get() - old.stock);
        let (stock, version) = move_stock(&mut transaction, product_id, None, delta).await?;
        let updated = select(&mut transaction, product_id, "").await?;
        audit::record(&mut transaction, actor, "product.update", product_id.0, Some(before), json!(updated)).await?;
        transaction.commit().await?;
        let engine = self.clone();
        self.after_commit(async move {
            engine.stock().publish(product_id, stock, version).await;
            engine.campaign_cache().forget_all();
            engine.bus().publish(Message::ProductChanged).await;
            for campaign in campaigns {
                engine.announce_campaign(CampaignId(campaign), Change::Edit).await?;
            }
            Ok(())
        })
        .await?;
        Ok(updated)
    }
}

/// Locks a row: promises of a product's stock are made one after the other. Bids refer to the rows by foreign
/// keys, whose locks this does not disturb.
pub(super) const LOCK: &str = "FOR NO KEY UPDATE";

/// The open campaigns of a product by their ids, with `lock` (a literal of ours) appended to the query.
async fn open_campaigns(
    connection: &mut PgConnection,
    product_id: ProductId,
    lock: &'static str,
) -> Result<Vec<uuid::Uuid>> {
    let query = sqlx::AssertSqlSafe(format!(
        "SELECT campaign_id FROM campaigns WHERE product_id = $1 AND status = 'open' ORDER BY campaign_id {lock}"
    ));
    Ok(sqlx::query_scalar(query).bind(product_id.0).fetch_all(connection).await?)
}

/// One product, with `lock` appended to the query.
pub(super) async fn select(
    connection: &mut PgConnection,
    product_id: ProductId,
    lock: &'static str,
) -> Result<Product> {
    let _timer = time_database("product");
    // `lock` is one of our own literals.
    let query = sqlx::AssertSqlSafe(format!(
        "SELECT product_id, name, description, image_url, stock, (min_price * 100)::bigint AS min_price_cents,
                status, created_at
         FROM products WHERE product_id = $1 {lock}"
    ));
    let row: Option<ProductRow> = sqlx::query_as(query).bind(product_id.0).fetch_optional(connection).await?;
    row.ok_or(Error::Refused(ErrorCode::ProductNotFound, "There is no such product."))?.try_into()
}

/// Units promised to the product's campaigns that are not closed. The caller holds the product's
/// row lock, under which promises are made.
pub(super) async fn promised(connection: &mut PgConnection, product_id: ProductId) -> Result<i64> {
    let promised = sqlx::query_scalar(
        "SELECT coalesce(sum(quota), 0)::bigint FROM campaigns WHERE product_id = $1 AND status = 'open'",
    )
    .bind(product_id.0)
    .fetch_one(connection)
    .await?;
    Ok(promised)
}

#[derive(sqlx::FromRow)]
pub(crate) struct ProductRow {
    product_id: uuid::Uuid,
    name: String,
    description: Option<String>,
    image_url: Option<String>,
    stock: i32,
    min_price_cents: i64,
    status: String,
    created_at: OffsetDateTime,
}

impl TryFrom<ProductRow> for Product {
    type Error = Error;

    fn try_from(row: ProductRow) -> Result<Self> {
        Ok(Self {
            product_id: ProductId(row.product_id),
            name: row.name,
            description: row.description,
            image_url: row.image_url,
            stock: row.stock,
            min_price: columns::money(row.min_price_cents)?,
            status: product_status(&row.status),
            created_at: columns::timestamp(row.created_at)?,
        })
    }
}

pub(super) fn product_status(text: &str) -> ProductStatus {
    if text == "active" { ProductStatus::Active } else { ProductStatus::Inactive }
}
