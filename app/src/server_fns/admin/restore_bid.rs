//! Makes a bid valid again.

use crate::server_fns::AppError;
use leptos::prelude::*;

/// Makes a member's bid that was declared void valid again, and redirects to the member's page.
#[server(prefix = "/api/ui", endpoint = "restore_bid")]
pub async fn restore_bid(
    #[server(default)] campaign_id: String,
    #[server(default)] bidder_id: String,
) -> Result<(), AppError> {
    use crate::deed::Deed;
    use crate::page_url::local_path;
    use crate::server_fns::FormRequest;
    use domain::{ApiError, CampaignId, ErrorCode, UserId};
    use web::engine_error;

    let request = FormRequest::current();
    let page = format!("/admin/users/{bidder_id}");
    let done = async {
        let user = request.admin().await?;
        let ids = (campaign_id.parse::<CampaignId>(), bidder_id.parse::<UserId>());
        let (Ok(campaign), Ok(bidder)) = ids else {
            return Err(ApiError::new(ErrorCode::NotFound, "There is no such bid."));
        };
        let restored = request.engine.void_bids.restore(&user, campaign, bidder).await;
        restored.map_err(|error| engine_error::to_api(&error))
    };
    match done.await {
        Ok(()) => {
            request.redirect_done(Deed::BidRestored, local_path(&page));
            Ok(())
        }
        Err(error) => Err(request.refuse(error, local_path(&page))),
    }
}
