//! Declares a bid void.

use crate::form_input::ReasonInput;
use crate::server_fns::AppError;
use leptos::prelude::*;

/// Declares a member's standing bid in a campaign void and redirects to the member's page. `id` is that of the campaign and
/// of the member, with a slash between.
#[server(prefix = "/api/ui", endpoint = "declare_bid_void")]
pub async fn declare_bid_void(
    #[server(default)] id: String,
    #[server(flatten)] input: ReasonInput,
) -> Result<(), AppError> {
    use crate::deed::Deed;
    use crate::page_url::local_path;
    use crate::server_fns::FormRequest;
    use domain::{ApiError, CampaignId, ErrorCode, UserId};
    use web::engine_error;

    let request = FormRequest::current();
    let (campaign, bidder) = id.split_once('/').unwrap_or_default();
    let done = async {
        let user = request.admin().await?;
        let not_found = || ApiError::new(ErrorCode::NotFound, "There is no such bid.");
        let ids = (campaign.parse::<CampaignId>(), bidder.parse::<UserId>());
        let (Ok(campaign), Ok(bidder)) = ids else { return Err(not_found()) };
        let reason = input.parse()?;
        let declared = request.engine.void_bids.declare_void(&user, campaign, bidder, &reason).await;
        declared.map_err(|error| engine_error::to_api(&error))?;
        Ok(user)
    };
    match done.await {
        Ok(user) => {
            let page = format!("/admin/users/{bidder}");
            request.redirect_executed(&user, Deed::BidDeclaredVoid, local_path(&page)).await;
            Ok(())
        }
        Err(error) => {
            let page = format!("/admin/campaigns/{campaign}/bids/{bidder}/void");
            Err(request.refuse_and_save(error, local_path(&page), &input).await)
        }
    }
}
