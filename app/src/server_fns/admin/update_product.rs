//! Edits a product.

use crate::form_input::ProductInput;
use crate::server_fns::AppError;
use leptos::prelude::*;

/// Applies the form's changes to a product and redirects to the list.
#[server(prefix = "/api/ui", endpoint = "update_product")]
pub async fn update_product(
    #[server(default)] id: String,
    #[server(flatten)] input: ProductInput,
) -> Result<(), AppError> {
    use crate::deed::Deed;
    use crate::page_url::local_path;
    use crate::server_fns::FormRequest;
    use domain::{ApiError, ErrorCode, ProductId};
    use engine::EditPrecondition;
    use web::engine_error;

    let request = FormRequest::current();
    let done = async {
        let user = request.admin().await?;
        let id: ProductId = id.parse().map_err(|_| ApiError::new(ErrorCode::ProductNotFound, ""))?;
        let old = request.engine.products.get(id).await.map_err(|error| engine_error::to_api(&error))?;
        let change = input.update(&old)?;
        // What the form was compared with is what is edited.
        let unchanged = EditPrecondition::unchanged(&old);
        let edited = request.engine.products.update_if(&user, id, change, &unchanged).await;
        edited.map_err(|error| FormRequest::edit_error(&error))?;
        Ok::<_, ApiError>(user)
    };
    let page = format!("/admin/products/{id}");
    match done.await {
        Ok(user) => {
            request.redirect_executed(&user, Deed::ProductSaved, "/admin/products").await;
            Ok(())
        }
        Err(error) => Err(request.refuse_and_save(error, local_path(&page), &input).await),
    }
}
