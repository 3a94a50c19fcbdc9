//! The forms that create and edit a product.

use super::{
    FieldParser,
    edit_conflict::{self, fingerprint},
};
use domain::{
    ApiError,
    api::products::{CreateProduct, Product, ProductStatus, UpdateProduct},
};
use serde::{Deserialize, Serialize};

/// The product form as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductInput {
    /// The product's name.
    pub name: String,
    /// The description; may be empty.
    pub description: String,
    /// The URL of its picture; may be empty.
    pub image_url: String,
    /// Units in stock.
    pub stock: String,
    /// The least price of a bid.
    pub min_price: String,
    /// `active` or `inactive`; ignored for a new product.
    pub status: String,
    /// The fingerprint of the record the form was made from; empty for a new product.
    pub fingerprint: String,
}

impl ProductInput {
    /// The form of an existing product.
    pub(crate) fn of(product: &Product) -> Self {
        Self {
            name: product.name.clone(),
            description: product.description.clone().unwrap_or_default(),
            image_url: product.image_url.clone().unwrap_or_default(),
            stock: product.stock.to_string(),
            min_price: product.min_price.to_string(),
            status: if product.status == ProductStatus::Active { "active" } else { "inactive" }.to_owned(),
            fingerprint: fingerprint(product),
        }
    }

    /// The request for a new product.
    pub(crate) fn create(&self) -> Result<CreateProduct, ApiError> {
        let mut fields = FieldParser::default();
        let name = fields.parse("name", &self.name);
        let description = fields.parse_optional("description", &self.description);
        let image_url = fields.parse_optional("image_url", &self.image_url);
        let stock = fields.parse("stock", &self.stock);
        let min_price = fields.parse("min_price", &self.min_price);
        match (name, stock, min_price) {
            (Some(name), Some(stock), Some(min_price)) if fields.is_empty() => {
                Ok(CreateProduct { name, description, image_url, stock, min_price })
            }
            _ => Err(fields.into_error()),
        }
    }

    /// The request that changes what differs from `old`.
    pub(crate) fn update(&self, old: &Product) -> Result<UpdateProduct, ApiError> {
        let new = self.create()?;
        let mut fields = FieldParser::default();
        let status = fields.check("status", status(&self.status));
        let (Some(status), true) = (status, fields.is_empty()) else { return Err(fields.into_error()) };
        edit_conflict::check(&self.fingerprint, &fingerprint(old))?;
        let description = new.description.filter(|text| !text.is_empty());
        Ok(UpdateProduct {
            name: (*new.name != *old.name).then_some(new.name),
            description: (description.as_deref() != old.description.as_deref()).then_some(description),
            image_url: (new.image_url.as_deref() != old.image_url.as_deref()).then_some(new.image_url),
            stock: (new.stock.get() != old.stock).then_some(new.stock),
            min_price: (new.min_price != old.min_price).then_some(new.min_price),
            status: (status != old.status).then_some(status),
        })
    }
}

fn status(text: &str) -> Result<ProductStatus, &'static str> {
    match text {
        "active" => Ok(ProductStatus::Active),
        "inactive" => Ok(ProductStatus::Inactive),
        _ => Err("must be active or inactive"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ErrorCode, Money, ProductId, Timestamp};

    fn product() -> Product {
        Product {
            product_id: ProductId("0190f0c0-0000-7000-8000-000000000001".parse().expect("an id")),
            name: "Keyboard".to_owned(),
            description: None,
            image_url: Some("/img/keyboard.svg".to_owned()),
            stock: 5,
            min_price: Money::from_cents(80_000).expect("in range"),
            status: ProductStatus::Active,
            created_at: Timestamp::EPOCH,
        }
    }

    #[test]
    fn only_what_differs_is_changed() {
        let old = product();
        let mut input = ProductInput::of(&old);
        let unchanged = input.update(&old).expect("valid");
        assert!(unchanged.name.is_none() && unchanged.description.is_none() && unchanged.image_url.is_none());
        assert!(unchanged.stock.is_none() && unchanged.min_price.is_none() && unchanged.status.is_none());
        input.stock = "7".to_owned();
        input.image_url = String::new();
        input.status = "inactive".to_owned();
        let change = input.update(&old).expect("valid");
        assert_eq!(change.stock.map(domain::validated::Stock::get), Some(7));
        assert!(change.name.is_none() && change.min_price.is_none());
        assert_eq!((change.image_url, change.status), (Some(None), Some(ProductStatus::Inactive)));
    }

    #[test]
    fn line_breaks_as_browsers_post_them_are_no_change() {
        let old = Product { description: Some("two\nlines".to_owned()), ..product() };
        let mut input = ProductInput { description: "two\r\nlines\r\n".to_owned(), ..ProductInput::of(&old) };
        assert!(input.update(&old).expect("valid, and not overtaken").description.is_none());
        input.description = "two\r\n\r\nlines".to_owned();
        let change = input.update(&old).expect("valid").description.flatten();
        assert_eq!(change.as_deref(), Some("two\n\nlines"));
    }

    #[test]
    fn what_someone_else_has_changed_meanwhile_is_not_overwritten() {
        let input = ProductInput::of(&product());
        let error = input.update(&Product { stock: 4, ..product() }).expect_err("refused");
        assert_eq!(error.code, ErrorCode::Conflict);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let input = ProductInput { stock: "-1".to_owned(), min_price: "0".to_owned(), ..ProductInput::default() };
        let error = input.create().expect_err("refused");
        let fields: Vec<_> = error.errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["name", "stock", "min_price"]);
    }
}
