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
    let created = async {
        let user = request.admin().await?;
        request.engine.products.create(&user, draft.create()?).await.map_err(|error| fault::to_api(&error))
    };
    match created.await {
        Ok(_) => {
            request.go_to("/admin/products");
            Ok(())
        }
        Err(error) => Err(request.send_back(error, PAGE, &draft).await),
    }
}
