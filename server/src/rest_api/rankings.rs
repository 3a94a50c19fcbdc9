//! `/api/v1/rankings`

use crate::http::{
    authentication::CurrentUser,
    error_response::{ErrorResponse, HandlerResult},
    url_params::{PathId, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    CampaignId,
    api::rankings::{MyStanding, Ranking},
    limits::RANKING_LIMIT_MAX,
};
use engine::Engine;

/// `GET /rankings/{id}`: the first rows of a campaign's ranking, by default as many as there are winning places.
pub async fn show(
    State(engine): State<Engine>,
    PathId(campaign): PathId<CampaignId>,
    params: QueryParams,
) -> HandlerResult<Json<Ranking>> {
    let limit = params.number("limit", 1, RANKING_LIMIT_MAX)?;
    engine.rankings.ranking(campaign, limit).await.map(Json).map_err(ErrorResponse::for_path_resource)
}

/// `GET /rankings/{id}/me`: the user's own standing in a campaign.
pub async fn mine(
    State(engine): State<Engine>,
    CurrentUser(user): CurrentUser,
    PathId(campaign): PathId<CampaignId>,
) -> HandlerResult<Json<MyStanding>> {
    engine.rankings.my_standing(&user, campaign).await.map(Json).map_err(ErrorResponse::for_path_resource)
}
