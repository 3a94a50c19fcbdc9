//! Makes a product.

use crate::{drafts::ProductDraft, error::AppError};
use leptos::prelude::*;

/// Makes a product and goes on to the list.
#[server(prefix = "/api/ui", endpoint = "create_product")]
pub async fn create_product(#[server(flatten)] draft: ProductDraft) -> Result<(), AppError> {
    use super::request::Request;
    use crate::fault;

    const PAGE: &str = "/admin/products/new";

    let request = Request::current();
    let user = request.admin().await.map_err(|error| request.send_back(error, PAGE))?;
    let product = draft.create().map_err(|error| request.send_back(error, PAGE))?;
    let product = request.engine.create_product(&user, product).await;
    product.map_err(|error| request.send_back(fault::to_api(&error), PAGE))?;
    request.go_to("/admin/products");
    Ok(())
}
