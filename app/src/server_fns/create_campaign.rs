//! Makes a campaign.

use crate::{drafts::CampaignDraft, error::AppError};
use leptos::prelude::*;

/// Makes a campaign and goes on to watch it.
#[server(prefix = "/api/ui", endpoint = "create_campaign")]
pub async fn create_campaign(#[server(flatten)] draft: CampaignDraft) -> Result<(), AppError> {
    use super::request::Request;
    use crate::fault;
    use domain::ApiError;

    const PAGE: &str = "/admin/campaigns/new";

    let request = Request::current();
    let created = async {
        let user = request.admin().await?;
        let campaign = draft.create(request.engine.clock.now())?;
        let created = request.engine.campaigns.create(&user, campaign).await;
        let created = created.map_err(|error| fault::to_api(&error))?;
        Ok::<_, ApiError>(created.campaign_id)
    };
    match created.await {
        Ok(id) => {
            request.keep_zone(&draft.chosen_zone());
            request.go_to(&format!("/admin/campaigns/{id}"));
            Ok(())
        }
        Err(error) => Err(request.send_back(error, PAGE, &draft).await),
    }
}
