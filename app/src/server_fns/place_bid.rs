//! Places a bid.

use super::error::AppError;
use domain::api::bids::BidOutcome;
use leptos::prelude::*;

/// Places a bid and returns the standing bid after it.
#[server(prefix = "/api/ui", endpoint = "place_bid")]
pub async fn place_bid(
    #[server(default)] campaign_id: String,
    #[server(default)] price: String,
    // The page's user, whom `FormRequest` compares with the session's, as it does for every form.
    #[server(default)] user_id: String,
) -> Result<BidOutcome, AppError> {
    use super::form_request::FormRequest;
    use crate::{campaign_model::price_input, form_input::FieldParser, lang::Lang};
    use domain::{ApiError, CampaignId, ErrorCode, api::bids::PlaceBid};
    use serde_json::json;
    use web::engine_error;

    let _ = user_id;
    let request = FormRequest::current();
    let Ok(campaign_id) = campaign_id.parse::<CampaignId>() else {
        return Err(request.refuse(ApiError::new(ErrorCode::CampaignNotFound, "There is no such campaign."), "/"));
    };
    let page = format!("/campaigns/{campaign_id}");
    let user = request.user().await.map_err(|error| request.refuse(error, &page))?;
    let placed = async {
        let mut fields = FieldParser::default();
        let read = price_input::parse(&price).map_err(|problem| Lang::En.island_messages().price_error(problem));
        let Some(price) = fields.check("price", read) else { return Err(fields.into_error()) };
        let bid = PlaceBid { campaign_id, price, user_id: None };
        request.engine.bidding.place(&user, bid).await.map_err(|error| engine_error::to_api(&error))
    };
    match placed.await {
        Ok(outcome) => {
            request.redirect_plain_form(&format!("{page}?bid={}", if outcome.improved { "accepted" } else { "kept" }));
            Ok(outcome)
        }
        Err(error) => Err(request.refuse_and_save(error, &page, &json!({ "price": price })).await),
    }
}
