//! Products with their promised stock, for admins.

use super::{product_record, stock};
use crate::{error::Result, metrics::time_database, store::database::Database};
use domain::{
    ProductId,
    api::products::Product,
    stock_rules,
    validated::{Page, Search},
};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

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
        stock_rules::available(self.product.stock, self.promised)
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

/// The products whose name contains `search`, ignoring case, newest first.
pub(super) async fn search(
    database: &Database,
    search: &Search,
    only_offered: bool,
    page: Page,
) -> Result<ProductStockList> {
    let _timer = time_database("product_stock_list");
    let mut snapshot = database.snapshot().await?;
    let products = product_record::search(&mut snapshot, search, only_offered, page).await?;
    let total = product_record::count(&mut snapshot, search, only_offered).await?;
    Ok(ProductStockList { products: with_promised(&mut snapshot, products).await?, total })
}

/// One product with its promised stock.
pub(super) async fn of(database: &Database, id: ProductId) -> Result<ProductStock> {
    let _timer = time_database("product_stock");
    let mut snapshot = database.snapshot().await?;
    let product = product_record::required(&mut snapshot, id).await?;
    let promised = stock::promised(&mut snapshot, id).await?;
    Ok(ProductStock { product, promised })
}

async fn with_promised(connection: &mut PgConnection, products: Vec<Product>) -> Result<Vec<ProductStock>> {
    let ids: Vec<Uuid> = products.iter().map(|product| product.product_id.0).collect();
    let promised = sqlx::query!(
        r#"SELECT product_id, sum(quota) AS "quota!" FROM campaigns
           WHERE product_id = ANY($1) AND status = 'open' GROUP BY product_id"#,
        &ids,
    );
    let promised = promised.fetch_all(connection).await?;
    let promised: HashMap<Uuid, i64> = promised.into_iter().map(|row| (row.product_id, row.quota)).collect();
    let with_promised = |product: Product| {
        let promised = promised.get(&product.product_id.0).copied().unwrap_or_default();
        ProductStock { product, promised }
    };
    Ok(products.into_iter().map(with_promised).collect())
}
