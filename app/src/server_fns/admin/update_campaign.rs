//! Edits a campaign, or extends a running one.

use crate::form_input::CampaignInput;
use crate::server_fns::AppError;
use leptos::prelude::*;

/// Applies the form's changes to a campaign and redirects to its monitor.
#[server(prefix = "/api/ui", endpoint = "update_campaign")]
pub async fn update_campaign(
    #[server(default)] id: String,
    #[server(flatten)] input: CampaignInput,
) -> Result<(), AppError> {
    use crate::deed::Deed;
    use crate::page_url::local_path;
    use crate::server_fns::FormRequest;
    use domain::{ApiError, CampaignId, ErrorCode};
    use engine::EditPrecondition;
    use web::engine_error;

    let request = FormRequest::current();
    let done = async {
        let user = request.admin().await?;
        let id: CampaignId = id.parse().map_err(|_| ApiError::new(ErrorCode::CampaignNotFound, ""))?;
        let old = request.engine.rankings.campaign(id).await.map_err(|error| engine_error::to_api(&error))?.campaign;
        let change = input.update(&old, request.engine.clock.now())?;
        // What the form was compared with is what is edited.
        let unchanged = EditPrecondition::unchanged(&old);
        let edited = request.engine.campaigns.update_if(&user, id, change, &unchanged).await;
        edited.map_err(|error| FormRequest::edit_error(&error))?;
        Ok::<_, ApiError>(user)
    };
    let page = format!("/admin/campaigns/{id}/edit");
    match done.await {
        Ok(user) => {
            request.set_zone_cookie(&input.chosen_zone());
            request.redirect_executed(&user, Deed::CampaignSaved, local_path(&format!("/admin/campaigns/{id}"))).await;
            Ok(())
        }
        Err(error) => Err(request.refuse_and_save(error, local_path(&page), &input).await),
    }
}
