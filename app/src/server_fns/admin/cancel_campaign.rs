//! Cancels a campaign.

use crate::form_input::ReasonInput;
use crate::server_fns::AppError;
use leptos::prelude::*;

/// Cancels a campaign and redirects to its monitor.
#[server(prefix = "/api/ui", endpoint = "cancel_campaign")]
pub async fn cancel_campaign(
    #[server(default)] id: String,
    #[server(flatten)] input: ReasonInput,
) -> Result<(), AppError> {
    use crate::deed::Deed;
    use crate::page_url::local_path;
    use crate::server_fns::FormRequest;
    use domain::{ApiError, CampaignId, ErrorCode, api::campaigns::CancelCampaign};
    use web::engine_error;

    let request = FormRequest::current();
    let done = async {
        let user = request.admin().await?;
        let id: CampaignId = id.parse().map_err(|_| ApiError::new(ErrorCode::CampaignNotFound, ""))?;
        let cancel = CancelCampaign { reason: input.parse()? };
        request.engine.campaigns.cancel(&user, id, cancel).await.map_err(|error| engine_error::to_api(&error))?;
        Ok::<_, ApiError>(user)
    };
    let page = format!("/admin/campaigns/{id}/cancel");
    match done.await {
        Ok(user) => {
            request
                .redirect_executed(&user, Deed::CampaignCancelled, local_path(&format!("/admin/campaigns/{id}")))
                .await;
            Ok(())
        }
        Err(error) => Err(request.refuse_and_save(error, local_path(&page), &input).await),
    }
}
