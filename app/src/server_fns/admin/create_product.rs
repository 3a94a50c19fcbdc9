//! Creates a product.

use crate::form_input::ProductInput;
use crate::server_fns::AppError;
use leptos::prelude::*;

/// Creates a product and redirects to the list.
#[server(prefix = "/api/ui", endpoint = "create_product")]
pub async fn create_product(#[server(flatten)] input: ProductInput) -> Result<(), AppError> {
    use crate::deed::Deed;
    use crate::server_fns::FormRequest;
    use domain::ApiError;
    use web::engine_error;

    const PAGE: &str = "/admin/products/new";

    let request = FormRequest::current();
    let created = async {
        let user = request.admin().await?;
        let created = request.engine.products.create(&user, input.create()?).await;
        created.map_err(|error| engine_error::to_api(&error))?;
        Ok::<_, ApiError>(user)
    };
    match created.await {
        Ok(user) => {
            request.redirect_executed(&user, Deed::ProductCreated, "/admin/products").await;
            Ok(())
        }
        Err(error) => Err(request.refuse_and_save(error, PAGE, &input).await),
    }
}
