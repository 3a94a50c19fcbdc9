//! Creates a campaign.

use crate::form_input::CampaignInput;
use crate::server_fns::AppError;
use leptos::prelude::*;

/// Creates a campaign and redirects to its monitor.
#[server(prefix = "/api/ui", endpoint = "create_campaign")]
pub async fn create_campaign(#[server(flatten)] input: CampaignInput) -> Result<(), AppError> {
    use crate::deed::Deed;
    use crate::server_fns::FormRequest;
    use domain::ApiError;
    use web::engine_error;

    const PAGE: &str = "/admin/campaigns/new";

    let request = FormRequest::current();
    let created = async {
        let user = request.admin().await?;
        let campaign = input.create(request.engine.clock.now())?;
        let created = request.engine.campaigns.create(&user, campaign).await;
        let created = created.map_err(|error| engine_error::to_api(&error))?;
        Ok::<_, ApiError>((user, created.campaign_id))
    };
    match created.await {
        Ok((user, id)) => {
            request.set_zone_cookie(&input.chosen_zone());
            request.redirect_executed(&user, Deed::CampaignCreated, &format!("/admin/campaigns/{id}")).await;
            Ok(())
        }
        Err(error) => Err(request.refuse_and_save(error, PAGE, &input).await),
    }
}
