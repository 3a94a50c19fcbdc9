//! Products.

use super::text::{clearable_text, optional_text};
use crate::{
    Money, ProductId, Timestamp,
    validated::{Description, ImageUrl, ProductName, Stock},
};
use serde::{Deserialize, Serialize};

/// Whether a product is on offer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProductStatus {
    /// It is on offer.
    Active,
    /// It was withdrawn. Its campaigns go on.
    Inactive,
}

/// A product on sale.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Product {
    /// Its id.
    pub product_id: ProductId,
    /// Its name.
    pub name: String,
    /// What it is.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub description: Option<String>,
    /// The address of its picture.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub image_url: Option<String>,
    /// Units left.
    pub stock: i32,
    /// The minimum price of a bid.
    pub min_price: Money,
    /// Whether it is on offer.
    pub status: ProductStatus,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Response of `GET /api/v1/products`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductList {
    /// The page, newest first.
    pub products: Vec<Product>,
    /// How many there are in all.
    pub total: i64,
}

/// Body of `POST /api/v1/products`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateProduct {
    /// Its name.
    pub name: ProductName,
    /// What it is.
    #[serde(default, deserialize_with = "optional_text")]
    pub description: Option<Description>,
    /// The address of its picture.
    #[serde(default, deserialize_with = "optional_text")]
    pub image_url: Option<ImageUrl>,
    /// Units to sell.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::StockOrText))]
    pub stock: Stock,
    /// The minimum price of a bid.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::MoneyOrText))]
    pub min_price: Money,
}

/// Body of `PATCH /api/v1/products/{id}`: absent fields stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateProduct {
    /// A new name.
    #[serde(default)]
    pub name: Option<ProductName>,
    /// A new description; `null` removes it.
    #[serde(default, deserialize_with = "clearable_text")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Description>))]
    pub description: Option<Option<Description>>,
    /// A new picture; `null` removes it.
    #[serde(default, deserialize_with = "clearable_text")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ImageUrl>))]
    pub image_url: Option<Option<ImageUrl>>,
    /// A new stock, not less than its open campaigns have been promised.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::StockOrText>))]
    pub stock: Option<Stock>,
    /// A new minimum price.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::MoneyOrText>))]
    pub min_price: Option<Money>,
    /// Offers or withdraws it.
    #[serde(default)]
    pub status: Option<ProductStatus>,
}
