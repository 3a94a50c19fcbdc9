//! Sets a member's weight, or blocks the member.

use crate::form_input::UserInput;
use crate::server_fns::AppError;
use leptos::prelude::*;

/// Applies the form's changes to a member and redirects to the form.
#[server(prefix = "/api/ui", endpoint = "update_user")]
pub async fn update_user(#[server(default)] id: String, #[server(flatten)] input: UserInput) -> Result<(), AppError> {
    use crate::deed::Deed;
    use crate::page_url::local_path;
    use crate::server_fns::FormRequest;
    use domain::{ApiError, ErrorCode, UserId};
    use engine::EditPrecondition;
    use web::engine_error;

    let request = FormRequest::current();
    let done = async {
        let user = request.admin().await?;
        let id: UserId = id.parse().map_err(|_| ApiError::new(ErrorCode::NotFound, ""))?;
        let old = request.engine.accounts.user(&user, id).await.map_err(|error| engine_error::to_api(&error))?;
        let change = input.update(&old)?;
        // What the form was compared with is what is edited.
        let unchanged = EditPrecondition::unchanged(&old);
        let edited = request.engine.accounts.update_user_if(&user, id, change, &unchanged).await;
        edited.map_err(|error| FormRequest::edit_error(&error))?;
        Ok::<_, ApiError>(user)
    };
    let page = format!("/admin/users/{id}");
    match done.await {
        Ok(user) => {
            request.redirect_executed(&user, Deed::UserSaved, local_path(&page)).await;
            Ok(())
        }
        Err(error) => Err(request.refuse_and_save(error, local_path(&page), &input).await),
    }
}
