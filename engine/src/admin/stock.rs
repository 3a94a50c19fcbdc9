//! Products with what is promised of their stock.

use crate::{
    Engine,
    accounts::require_admin,
    catalog::ProductRow,
    error::{Error, Result},
    metrics::time_database,
};
use domain::{
    ErrorCode, ProductId,
    api::{accounts::User, products::Product},
    bounded::{Page, Search},
};

/// A product and how much of its stock is promised.
#[derive(Clone, PartialEq, Debug)]
pub struct StockedProduct {
    /// The product, on offer or not.
    pub product: Product,
    /// Units promised to campaigns that are not closed.
    pub promised: i64,
}

impl StockedProduct {
    /// Units that a new campaign could be promised.
    pub fn free(&self) -> i64 {
        i64::from(self.product.stock) - self.promised
    }
}

/// A page of products.
#[derive(Clone, PartialEq, Debug)]
pub struct StockedProducts {
    /// The page, newest first.
    pub products: Vec<StockedProduct>,
    /// How many there are in all.
    pub total: i64,
}

const SELECT: &str = "SELECT product_id, name, description, image_url, stock,
        (min_price * 100)::bigint AS min_price_cents, status, created_at,
        (SELECT coalesce(sum(quota), 0)::bigint FROM campaigns c
         WHERE c.product_id = products.product_id AND c.status = 'open') AS promised
    FROM products";

/// With `$1` in the name, and if `$2`, on offer. `strpos` takes every character as it is, where LIKE has wildcards.
const WANTED: &str = "strpos(lower(name), lower($1)) > 0 AND (status = 'active' OR NOT $2)";

impl Engine {
    /// The products whose name contains `search`, whatever the case, on offer or not, newest first, with their
    /// promises. Admins only.
    pub async fn stocked_products(&self, actor: &User, search: &Search, page: Page) -> Result<StockedProducts> {
        self.find_products(actor, search, false, page).await
    }

    /// Those among them that are on offer: what a new campaign may sell. Admins only.
    pub async fn offered_products(&self, actor: &User, search: &Search, page: Page) -> Result<StockedProducts> {
        self.find_products(actor, search, true, page).await
    }

    async fn find_products(
        &self,
        actor: &User,
        search: &Search,
        only_offered: bool,
        page: Page,
    ) -> Result<StockedProducts> {
        require_admin(actor)?;
        let _timer = time_database("stocked_products");
        let query = sqlx::AssertSqlSafe(format!(
            "{SELECT} WHERE {WANTED} ORDER BY created_at DESC, product_id DESC OFFSET $3 LIMIT $4"
        ));
        let mut snapshot = self.snapshot().await?;
        let rows: Vec<StockedRow> = sqlx::query_as(query)
            .bind(&**search)
            .bind(only_offered)
            .bind(i64::from(page.skip))
            .bind(i64::from(page.limit))
            .fetch_all(&mut *snapshot)
            .await?;
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM products WHERE {WANTED}"));
        let total = sqlx::query_scalar(count).bind(&**search).bind(only_offered).fetch_one(&mut *snapshot).await?;
        Ok(StockedProducts { products: rows.into_iter().map(StockedProduct::try_from).collect::<Result<_>>()?, total })
    }

    /// One product with its promises. Admins only.
    pub async fn stocked_product(&self, actor: &User, id: ProductId) -> Result<StockedProduct> {
        require_admin(actor)?;
        let _timer = time_database("stocked_product");
        let query = sqlx::AssertSqlSafe(format!("{SELECT} WHERE product_id = $1"));
        let row: Option<StockedRow> = sqlx::query_as(query).bind(id.0).fetch_optional(self.database()).await?;
        row.ok_or(Error::Refused(ErrorCode::ProductNotFound, "There is no such product."))?.try_into()
    }
}

#[derive(sqlx::FromRow)]
struct StockedRow {
    #[sqlx(flatten)]
    product: ProductRow,
    promised: i64,
}

impl TryFrom<StockedRow> for StockedProduct {
    type Error = Error;

    fn try_from(row: StockedRow) -> Result<Self> {
        Ok(Self { product: row.product.try_into()?, promised: row.promised })
    }
}
