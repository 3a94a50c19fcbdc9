//! Sets a member's weight or blocks them.

use crate::{drafts::UserDraft, error::AppError};
use leptos::prelude::*;

/// Sets what the form changed of a member and goes on to the list.
#[server(prefix = "/api/ui", endpoint = "update_user")]
pub async fn update_user(#[server(default)] id: String, #[server(flatten)] draft: UserDraft) -> Result<(), AppError> {
    use super::request::{Request, local_path};
    use crate::fault;
    use domain::{ApiError, ErrorCode, UserId};

    let page = format!("/admin/users/{id}");
    let page = local_path(&page);
    let request = Request::current();
    let user = request.admin().await.map_err(|error| request.send_back(error, page))?;
    let id: Result<UserId, _> = id.parse();
    let id = id.map_err(|_| request.send_back(ApiError::new(ErrorCode::NotFound, ""), page))?;
    let old = request.engine.member(&user, id).await;
    let old = old.map_err(|error| request.send_back(fault::to_api(&error), page))?;
    let change = draft.update(&old).map_err(|error| request.send_back(error, page))?;
    let updated = request.engine.update_user(&user, id, change).await;
    updated.map_err(|error| request.send_back(fault::to_api(&error), page))?;
    request.go_to(page);
    Ok(())
}
