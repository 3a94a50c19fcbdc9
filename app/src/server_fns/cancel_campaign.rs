//! Calls a campaign off.

use crate::{drafts::CancelDraft, error::AppError};
use leptos::prelude::*;

/// Calls a campaign off and goes on to its page.
#[server(prefix = "/api/ui", endpoint = "cancel_campaign")]
pub async fn cancel_campaign(
    #[server(default)] id: String,
    #[server(flatten)] draft: CancelDraft,
) -> Result<(), AppError> {
    use super::request::{Request, local_path};
    use crate::fault;
    use domain::{ApiError, CampaignId, ErrorCode};

    let page = format!("/admin/campaigns/{id}/cancel");
    let page = local_path(&page);
    let request = Request::current();
    let user = request.admin().await.map_err(|error| request.send_back(error, page))?;
    let id: Result<CampaignId, _> = id.parse();
    let id = id.map_err(|_| request.send_back(ApiError::new(ErrorCode::CampaignNotFound, ""), page))?;
    let cancel = draft.cancel().map_err(|error| request.send_back(error, page))?;
    let cancelled = request.engine.cancel_campaign(&user, id, cancel).await;
    cancelled.map_err(|error| request.send_back(fault::to_api(&error), page))?;
    request.go_to(&format!("/admin/campaigns/{id}"));
    Ok(())
}
