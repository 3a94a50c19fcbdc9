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
    use crate::{i18n::Lang, live::price_input};
    use domain::{ApiError, CampaignId, ErrorCode, api::bids::PlaceBid};

    let request = Request::current();
    let Ok(campaign_id) = campaign_id.parse::<CampaignId>() else {
        return Err(request.refuse(ApiError::new(ErrorCode::CampaignNotFound, "There is no such campaign."), "/"));
    };
    let page = format!("/campaigns/{campaign_id}");
    let user = request.user().await.map_err(|error| request.refuse(error, &page))?;
    let mut fields = Fields::default();
    let typed = [("price", price.as_str())];
    let read = price_input::read(&price).map_err(|problem| Lang::En.live_texts().price_problem(problem));
    let Some(price) = fields.check("price", read) else {
        request.keep_typed(&typed);
        return Err(request.refuse(fields.into_error(), &page));
    };
    let outcome = request.engine.place_bid(&user, PlaceBid { campaign_id, price, user_id: None }).await;
    let outcome = outcome.map_err(|error| {
        request.keep_typed(&typed);
        request.fail(&error, &page)
    })?;
    request.answer_form(&format!("{page}?bid={}", if outcome.improved { "accepted" } else { "kept" }));
    Ok(outcome)
}
