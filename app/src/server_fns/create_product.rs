//! Creates a product.

use super::error::AppError;
use crate::form_input::ProductInput;
use leptos::prelude::*;

/// Creates a product and redirects to the list.
#[server(prefix = "/api/ui", endpoint = "create_product")]
pub async fn create_product(#[server(flatten)] input: ProductInput) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use web::engine_error;

    const PAGE: &str = "/admin/products/new";

    let request = FormRequest::current();
    let created = async {
        let user = request.admin().await?;
        request.engine.products.create(&user, input.create()?).await.map_err(|error| engine_error::to_api(&error))
    };
    match created.await {
        Ok(_) => {
            request.redirect("/admin/products");
            Ok(())
        }
        Err(error) => Err(request.refuse_and_save(error, PAGE, &input).await),
    }
}
