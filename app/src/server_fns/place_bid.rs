//! Places a bid.

use crate::error::AppError;
use domain::api::bids::BidOutcome;
use leptos::prelude::*;

/// Bids `price` in a campaign and returns the standing bid after it.
#[server(prefix = "/api/ui", endpoint = "place_bid")]
pub async fn place_bid(
    #[server(default)] campaign_id: String,
    #[server(default)] price: String,
) -> Result<BidOutcome, AppError> {
    use super::{fields::Fields, request::Request};
    use domain::{ApiError, CampaignId, ErrorCode, api::bids::PlaceBid};

    let request = Request::current();
    let Ok(campaign_id) = campaign_id.parse::<CampaignId>() else {
        return Err(request.refuse(ApiError::new(ErrorCode::CampaignNotFound, "There is no such campaign."), "/"));
    };
    let page = format!("/campaigns/{campaign_id}");
    let user = request.user().await.map_err(|error| request.refuse(error, &page))?;
    let mut fields = Fields::default();
    let Some(price) = fields.parse("price", &price) else {
        return Err(request.refuse(fields.into_error(), &page));
    };
    let outcome = request.engine.place_bid(&user, PlaceBid { campaign_id, price, user_id: None }).await;
    let outcome = outcome.map_err(|error| request.fail(&error, &page))?;
    request.answer_form(&format!("{page}?bid={}", if outcome.improved { "accepted" } else { "kept" }));
    Ok(outcome)
}
