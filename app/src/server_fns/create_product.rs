//! Makes a product.

use crate::error::AppError;
use leptos::prelude::*;

/// Makes a product and goes on to the admin page. The engine checks that an admin asks.
#[server(prefix = "/api/ui", endpoint = "create_product")]
pub async fn create_product(
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] image_url: String,
    #[server(default)] stock: String,
    #[server(default)] min_price: String,
) -> Result<(), AppError> {
    use super::{fields::Fields, request::Request};
    use domain::api::products::CreateProduct;

    const PAGE: &str = "/admin/products/new";

    let request = Request::current();
    let user = request.user().await.map_err(|error| request.refuse(error, PAGE))?;
    let mut fields = Fields::default();
    let name = fields.parse("name", &name);
    let description = fields.parse_optional("description", &description);
    let image_url = fields.parse_optional("image_url", &image_url);
    let stock = fields.parse("stock", &stock);
    let min_price = fields.parse("min_price", &min_price);
    let (Some(name), Some(stock), Some(min_price), true) = (name, stock, min_price, fields.is_empty()) else {
        return Err(request.refuse(fields.into_error(), PAGE));
    };
    let product = CreateProduct { name, description, image_url, stock, min_price };
    let product = request.engine.create_product(&user, product).await;
    product.map_err(|error| request.fail(&error, PAGE))?;
    request.go_to("/admin");
    Ok(())
}
