//! A product as PostgreSQL stores it.

use crate::{
    error::{Error, Result},
    metrics::time_database,
    store::columns::{Column, stored},
};
use domain::{
    ErrorCode, Money, ProductId, Timestamp,
    api::products::{Product, ProductStatus},
    validated::{Page, Search},
};
use sqlx::PgConnection;

/// A query for products; `$rest` is what follows `FROM products`.
macro_rules! query_products {
    ($rest:literal, $($parameter:expr),*) => {
        sqlx::query_as!(
            Product,
            r#"SELECT product_id, name, description, image_url, stock,
                   (min_price * 100)::bigint AS "min_price!: Column<Money>",
                   status AS "status: Column<ProductStatus>", created_at AS "created_at: Column<Timestamp>"
               FROM products "# + $rest,
            $($parameter),*
        )
    };
}

/// Reads a product, or fails with `PRODUCT_NOT_FOUND`.
pub(super) async fn required(connection: &mut PgConnection, id: ProductId) -> Result<Product> {
    find(connection, id).await?.ok_or_else(not_found)
}

/// Reads a product; `None` if no product has the id.
pub(super) async fn find(connection: &mut PgConnection, id: ProductId) -> Result<Option<Product>> {
    let _timer = time_database("product");
    let product = query_products!("WHERE product_id = $1", id.0);
    Ok(product.fetch_optional(connection).await?)
}

/// Reads and locks a product, so that its stock is promised to one campaign at a time. The row lock does not conflict
/// with the key locks that bids take through their foreign key.
pub(super) async fn locked(connection: &mut PgConnection, id: ProductId) -> Result<Product> {
    let _timer = time_database("product");
    let product = query_products!("WHERE product_id = $1 FOR NO KEY UPDATE", id.0);
    product.fetch_optional(connection).await?.ok_or_else(not_found)
}

/// A page of the products on offer, newest first.
pub(super) async fn on_offer(connection: &mut PgConnection, page: Page) -> Result<Vec<Product>> {
    let products = query_products!(
        "WHERE status = 'active' ORDER BY created_at DESC, product_id DESC OFFSET $1 LIMIT $2",
        i64::from(page.skip),
        i64::from(page.limit)
    );
    Ok(products.fetch_all(connection).await?)
}

/// A page of the products whose name contains `search`, ignoring case, newest first; only those on offer, or all.
pub(super) async fn search(
    connection: &mut PgConnection,
    search: &Search,
    only_offered: bool,
    page: Page,
) -> Result<Vec<Product>> {
    let products = query_products!(
        "-- `strpos` takes every character literally, where LIKE has wildcards.
         WHERE strpos(lower(name), lower($1)) > 0 AND (status = 'active' OR NOT $2)
         ORDER BY created_at DESC, product_id DESC OFFSET $3 LIMIT $4",
        &**search,
        only_offered,
        i64::from(page.skip),
        i64::from(page.limit)
    );
    Ok(products.fetch_all(connection).await?)
}

/// How many products [`search`] finds on all pages.
pub(super) async fn count(connection: &mut PgConnection, search: &Search, only_offered: bool) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM products
           WHERE strpos(lower(name), lower($1)) > 0 AND (status = 'active' OR NOT $2)"#,
        &**search,
        only_offered,
    );
    Ok(count.fetch_one(connection).await?)
}

/// The error for an id that no product has.
pub(super) fn not_found() -> Error {
    Error::Refused(ErrorCode::ProductNotFound, "There is no such product.")
}

stored! {
    ProductStatus, in String, |text: String| match text.as_str() {
        "active" => Some(ProductStatus::Active),
        "inactive" => Some(ProductStatus::Inactive),
        _ => None,
    };
}
