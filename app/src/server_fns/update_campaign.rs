//! Edits a campaign, or extends one that runs.

use crate::{drafts::CampaignDraft, error::AppError};
use leptos::prelude::*;

/// Edits what the form changed of a campaign and goes on to watch it.
#[server(prefix = "/api/ui", endpoint = "update_campaign")]
pub async fn update_campaign(
    #[server(default)] id: String,
    #[server(flatten)] draft: CampaignDraft,
) -> Result<(), AppError> {
    use super::request::{Request, local_path};
    use crate::fault;
    use domain::{ApiError, CampaignId, ErrorCode};

    let page = format!("/admin/campaigns/{id}/edit");
    let page = local_path(&page);
    let request = Request::current();
    let user = request.admin().await.map_err(|error| request.send_back(error, page))?;
    let id: Result<CampaignId, _> = id.parse();
    let id = id.map_err(|_| request.send_back(ApiError::new(ErrorCode::CampaignNotFound, ""), page))?;
    let old = request.engine.campaign(id).await;
    let old = old.map_err(|error| request.send_back(fault::to_api(&error), page))?.campaign;
    let change = draft.update(&old, request.engine.now()).map_err(|error| request.send_back(error, page))?;
    let updated = request.engine.update_campaign(&user, id, change).await;
    updated.map_err(|error| request.send_back(fault::to_api(&error), page))?;
    request.keep_zone(&draft.chosen_zone());
    request.go_to(&format!("/admin/campaigns/{id}"));
    Ok(())
}
