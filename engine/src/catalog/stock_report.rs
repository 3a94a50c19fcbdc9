//! Products with their promised stock, for admins.

use super::product_record::ProductRow;
use crate::{
    error::{Error, Result},
    metrics::time_database,
    store::database::Database,
};
use domain::{
    ErrorCode, ProductId,
    api::products::Product,
    stock_promises,
    validated::{Page, Search},
};

/// A product and how much of its stock is promised.
#[derive(Clone, PartialEq, Debug)]
pub struct ProductStock {
    /// The product, on offer or not.
    pub product: Product,
    /// Units promised to campaigns that are not closed.
    pub promised: i64,
}

impl ProductStock {
    /// Units that can be promised to a new campaign.
    pub fn free(&self) -> i64 {
        stock_promises::available(self.product.stock, self.promised)
    }
}

/// A page of products.
#[derive(Clone, PartialEq, Debug)]
pub struct ProductStockList {
    /// The page, newest first.
    pub products: Vec<ProductStock>,
    /// How many there are in all.
    pub total: i64,
}

const SELECT: &str = "SELECT product_id, name, description, image_url, stock,
        (min_price * 100)::bigint AS min_price_cents, status, created_at,
        (SELECT coalesce(sum(quota), 0)::bigint FROM campaigns c
         WHERE c.product_id = products.product_id AND c.status = 'open') AS promised
    FROM products";

/// The condition of a search: the name contains `$1`, and if `$2`, the product is on offer.
const WANTED: &str = "
    -- `strpos` takes every character literally, where LIKE has wildcards.
    strpos(lower(name), lower($1)) > 0 AND (status = 'active' OR NOT $2)";

/// The products whose name contains `search`, ignoring case, newest first.
pub(super) async fn search(
    database: &Database,
    search: &Search,
    only_offered: bool,
    page: Page,
) -> Result<ProductStockList> {
    let _timer = time_database("product_stock_list");
    let query = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE {WANTED} ORDER BY created_at DESC, product_id DESC OFFSET $3 LIMIT $4"
    ));
    let mut snapshot = database.snapshot().await?;
    let rows: Vec<ProductStockRow> = sqlx::query_as(query)
        .bind(&**search)
        .bind(only_offered)
        .bind(i64::from(page.skip))
        .bind(i64::from(page.limit))
        .fetch_all(&mut *snapshot)
        .await?;
    let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM products WHERE {WANTED}"));
    let total = sqlx::query_scalar(count).bind(&**search).bind(only_offered).fetch_one(&mut *snapshot).await?;
    Ok(ProductStockList { products: rows.into_iter().map(ProductStock::try_from).collect::<Result<_>>()?, total })
}

/// One product with its promised stock.
pub(super) async fn of(database: &Database, id: ProductId) -> Result<ProductStock> {
    let _timer = time_database("product_stock");
    let query = sqlx::AssertSqlSafe(format!("{SELECT} WHERE product_id = $1"));
    let row: Option<ProductStockRow> = sqlx::query_as(query).bind(id.0).fetch_optional(database).await?;
    row.ok_or(Error::Refused(ErrorCode::ProductNotFound, "There is no such product."))?.try_into()
}

#[derive(sqlx::FromRow)]
struct ProductStockRow {
    #[sqlx(flatten)]
    product: ProductRow,
    promised: i64,
}

impl TryFrom<ProductStockRow> for ProductStock {
    type Error = Error;

    fn try_from(row: ProductStockRow) -> Result<Self> {
        Ok(Self { product: row.product.try_into()?, promised: row.promised })
    }
}
