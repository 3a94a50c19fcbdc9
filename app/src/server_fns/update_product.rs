//! Edits a product.

use crate::{drafts::ProductDraft, error::AppError};
use leptos::prelude::*;

/// Edits what the form changed of a product and goes on to the list.
#[server(prefix = "/api/ui", endpoint = "update_product")]
pub async fn update_product(
    #[server(default)] id: String,
    #[server(flatten)] draft: ProductDraft,
) -> Result<(), AppError> {
    use super::request::Request;
    use crate::{address::local_path, fault};
    use domain::{ApiError, ErrorCode, ProductId};

    let request = Request::current();
    let done = async {
        let user = request.admin().await?;
        let id: ProductId = id.parse().map_err(|_| ApiError::new(ErrorCode::ProductNotFound, ""))?;
        let old = request.engine.products.get(id).await.map_err(|error| fault::to_api(&error))?;
        let change = draft.update(&old)?;
        request.engine.products.update(&user, id, change).await.map_err(|error| fault::to_api(&error))?;
        Ok::<_, ApiError>(())
    };
    let page = format!("/admin/products/{id}");
    match done.await {
        Ok(()) => {
            request.go_to("/admin/products");
            Ok(())
        }
        Err(error) => Err(request.send_back(error, local_path(&page), &draft).await),
    }
}
