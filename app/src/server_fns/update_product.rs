//! Edits a product.

use crate::{drafts::ProductDraft, error::AppError};
use leptos::prelude::*;

/// Edits what the form changed of a product and goes on to the list.
#[server(prefix = "/api/ui", endpoint = "update_product")]
pub async fn update_product(
    #[server(default)] id: String,
    #[server(flatten)] draft: ProductDraft,
) -> Result<(), AppError> {
    use super::request::{Request, local_path};
    use crate::fault;
    use domain::{ApiError, ErrorCode, ProductId};

    let page = format!("/admin/products/{id}");
    let page = local_path(&page);
    let request = Request::current();
    let user = request.admin().await.map_err(|error| request.send_back(error, page))?;
    let id: Result<ProductId, _> = id.parse();
    let id = id.map_err(|_| request.send_back(ApiError::new(ErrorCode::ProductNotFound, ""), page))?;
    let old = request.engine.product(id).await;
    let old = old.map_err(|error| request.send_back(fault::to_api(&error), page))?;
    let change = draft.update(&old).map_err(|error| request.send_back(error, page))?;
    let updated = request.engine.update_product(&user, id, change).await;
    updated.map_err(|error| request.send_back(fault::to_api(&error), page))?;
    request.go_to("/admin/products");
    Ok(())
}
