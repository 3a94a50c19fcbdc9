//! Edits a campaign, or extends one that runs.

use crate::{drafts::CampaignDraft, error::AppError};
use leptos::prelude::*;

/// Edits what the form changed of a campaign and goes on to watch it.
#[server(prefix = "/api/ui", endpoint = "update_campaign")]
pub async fn update_campaign(
    #[server(default)] id: String,
    #[server(flatten)] draft: CampaignDraft,
) -> Result<(), AppError> {
    use super::request::Request;
    use crate::{address::local_path, fault};
    use domain::{ApiError, CampaignId, ErrorCode};

    let request = Request::current();
    let done = async {
        let user = request.admin().await?;
        let id: CampaignId = id.parse().map_err(|_| ApiError::new(ErrorCode::CampaignNotFound, ""))?;
        let old = request.engine.rankings.campaign(id).await.map_err(|error| fault::to_api(&error))?.campaign;
        let change = draft.update(&old, request.engine.clock.now())?;
        request.engine.campaigns.update(&user, id, change).await.map_err(|error| fault::to_api(&error))?;
        Ok::<_, ApiError>(())
    };
    let page = format!("/admin/campaigns/{id}/edit");
    match done.await {
        Ok(()) => {
            request.keep_zone(&draft.chosen_zone());
            request.go_to(local_path(&format!("/admin/campaigns/{id}")));
            Ok(())
        }
        Err(error) => Err(request.send_back(error, local_path(&page), &draft).await),
    }
}
