//! `/api/v1/bids`

use crate::http::{
    authentication::CurrentUser,
    error_response::{ErrorResponse, HandlerResult},
    json_body::JsonBody,
    url_params::{PathId, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    CampaignId,
    api::bids::{BidHistory, BidOutcome, PlaceBid},
};
use engine::Engine;
use http::StatusCode;

/// `POST /bids`: 201 if the bid improves the user's standing bid, 200 if it leaves it unchanged. Either way the
/// standing bid is on disk.
pub async fn place(
    State(engine): State<Engine>,
    CurrentUser(bidder): CurrentUser,
    JsonBody(bid): JsonBody<PlaceBid>,
) -> HandlerResult<(StatusCode, Json<BidOutcome>)> {
    bid.check_page(bidder.user_id)?;
    let outcome = engine.bidding.place(&bidder, bid).await?;
    let status = if outcome.improved { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(outcome)))
}

/// `GET /bids/{id}/history`: the user's accepted bids in a campaign, newest first.
pub async fn history(
    State(engine): State<Engine>,
    CurrentUser(bidder): CurrentUser,
    PathId(campaign): PathId<CampaignId>,
    params: QueryParams,
) -> HandlerResult<Json<BidHistory>> {
    let page = params.page()?;
    engine.bidding.history(bidder.user_id, campaign, page).await.map(Json).map_err(ErrorResponse::for_path_resource)
}
