//! A product as PostgreSQL stores it.

use crate::{
    error::{Error, Result},
    metrics::time_database,
    store::columns,
};
use domain::{
    ErrorCode, ProductId,
    api::products::{Product, ProductStatus},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// The lock of a product's row, so that its stock is promised to one campaign at a time. It does not conflict with the
/// key locks that bids take through their foreign key.
pub(super) const LOCK: &str = "FOR NO KEY UPDATE";

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

#[derive(sqlx::FromRow)]
pub(super) struct ProductRow {
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
