//! Makes a campaign.

use crate::{drafts::CampaignDraft, error::AppError};
use leptos::prelude::*;

/// Makes a campaign and goes on to watch it.
#[server(prefix = "/api/ui", endpoint = "create_campaign")]
pub async fn create_campaign(#[server(flatten)] draft: CampaignDraft) -> Result<(), AppError> {
    use super::request::Request;
    use crate::fault;

    const PAGE: &str = "/admin/campaigns/new";

    let request = Request::current();
    let user = request.admin().await.map_err(|error| request.send_back(error, PAGE))?;
    let campaign = draft.create(request.engine.now()).map_err(|error| request.send_back(error, PAGE))?;
    let created = request.engine.create_campaign(&user, campaign).await;
    let created = created.map_err(|error| request.send_back(fault::to_api(&error), PAGE))?;
    request.keep_zone(&draft.chosen_zone());
    request.go_to(&format!("/admin/campaigns/{}", created.campaign.campaign_id));
    Ok(())
}
