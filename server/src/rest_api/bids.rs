//! `/api/v1/bids`

use crate::http::{
    authentication::{CurrentAdmin, CurrentUser},
    error_response::{ErrorResponse, HandlerResult},
    json_body::JsonBody,
    url_params::{PageParams, PathId, PathIds, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    CampaignId, UserId,
    api::bids::{BidHistory, BidOutcome, PlaceBid, VoidBid},
};
use engine::Engine;
use http::StatusCode;

/// 201 if the bid improves the user's standing bid, 200 if it leaves it unchanged. Either way the
/// standing bid is on disk.
#[utoipa::path(
    post,
    path = "/bids",
    tag = "Bids",
    operation_id = "placeBid",
    request_body = PlaceBid,
    responses(
        (status = 201, description = "Accepted: it is the standing bid now.", body = BidOutcome),
        (status = 200, description = "Kept: the standing bid is as good, and stays as it was.", body = BidOutcome),
        (status = 400, description = "`PRICE_TOO_LOW`"),
        (status = 403, description = "`CAMPAIGN_NOT_STARTED`, `CAMPAIGN_ENDED`, `CAMPAIGN_CANCELLED`"),
        (status = 404, description = "`CAMPAIGN_NOT_FOUND`"),
        (status = 409, description = "`SESSION_CHANGED`"),
    ),
    security(("token" = [])),
)]
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

/// The user's accepted bids in a campaign, newest first.
#[utoipa::path(
    get,
    path = "/bids/{id}/history",
    tag = "Bids",
    operation_id = "getBidHistory",
    params(("id" = CampaignId, Path, description = "The campaign's id."), PageParams),
    responses(
        (status = 200, description = "The page.", body = BidHistory),
        (status = 404, description = "`NOT_FOUND`"),
    ),
    security(("token" = [])),
)]
pub async fn history(
    State(engine): State<Engine>,
    CurrentUser(bidder): CurrentUser,
    PathId(campaign): PathId<CampaignId>,
    params: QueryParams,
) -> HandlerResult<Json<BidHistory>> {
    let page = params.page()?;
    engine.bidding.history(bidder.user_id, campaign, page).await.map(Json).map_err(ErrorResponse::for_path_resource)
}

/// Declares a user's standing bid void, with a reason; the user may bid again. For admins.
#[utoipa::path(
    put,
    path = "/campaigns/{id}/bids/{user_id}/void",
    tag = "Bids",
    operation_id = "declareBidVoid",
    params(
        ("id" = CampaignId, Path, description = "The campaign's id."),
        ("user_id" = UserId, Path, description = "The bidder's id."),
    ),
    request_body = VoidBid,
    responses(
        (status = 204, description = "The bid is void."),
        (status = 404, description = "`NOT_FOUND`: there is no such campaign, or the user has no bid in it that is valid."),
        (status = 409, description = "`CONFLICT`: the campaign is closed."),
    ),
    security(("token" = ["admin"])),
)]
pub async fn declare_void(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    PathIds(campaign, bidder): PathIds<CampaignId, UserId>,
    JsonBody(request): JsonBody<VoidBid>,
) -> HandlerResult<StatusCode> {
    let done = engine.void_bids.declare_void(&actor, campaign, bidder, &request.reason).await;
    done.map(|()| StatusCode::NO_CONTENT).map_err(ErrorResponse::for_path_resource)
}

/// Makes a bid that an admin has declared void valid again. For admins.
#[utoipa::path(
    delete,
    path = "/campaigns/{id}/bids/{user_id}/void",
    tag = "Bids",
    operation_id = "restoreBid",
    params(
        ("id" = CampaignId, Path, description = "The campaign's id."),
        ("user_id" = UserId, Path, description = "The bidder's id."),
    ),
    responses(
        (status = 204, description = "The bid is valid."),
        (status = 404, description = "`NOT_FOUND`: there is no such campaign, or no bid of the user that an admin has declared void."),
        (status = 409, description = "`CONFLICT`: the campaign is closed."),
    ),
    security(("token" = ["admin"])),
)]
pub async fn restore(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    PathIds(campaign, bidder): PathIds<CampaignId, UserId>,
) -> HandlerResult<StatusCode> {
    let done = engine.void_bids.restore(&actor, campaign, bidder).await;
    done.map(|()| StatusCode::NO_CONTENT).map_err(ErrorResponse::for_path_resource)
}
