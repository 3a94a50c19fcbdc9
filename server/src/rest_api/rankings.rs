//! `/api/v1/rankings`

use crate::http::{
    authentication::CurrentUser,
    entity_tags::{IfNoneMatch, IfNoneMatchParam},
    error_response::{ErrorResponse, HandlerResult},
    url_params::{PathId, QueryParams},
};
use axum::{Json, extract::State, response::Response};
use domain::{
    CampaignId,
    api::rankings::{MyStanding, Ranking},
    limits::RANKING_LIMIT_MAX,
};
use engine::Engine;

/// The first rows of a campaign's ranking, by default as many as there are winning places.
#[utoipa::path(
    get,
    path = "/rankings/{id}",
    tag = "Rankings",
    operation_id = "getRanking",
    params(
        ("id" = CampaignId, Path, description = "The campaign's id."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000,
            description = "How many rows at most; as many as there are winning places by default."),
        IfNoneMatchParam,
    ),
    responses(
        (status = 200, description = "The ranking.", body = Ranking, headers(("ETag" = String))),
        (status = 304, description = "It is as in the answer with this `ETag`."),
        (status = 404, description = "`NOT_FOUND`"),
    ),
)]
pub async fn show(
    State(engine): State<Engine>,
    PathId(campaign): PathId<CampaignId>,
    params: QueryParams,
    known: IfNoneMatch,
) -> HandlerResult<Response> {
    let limit = params.number("limit", 1, RANKING_LIMIT_MAX)?;
    let ranking = engine.rankings.ranking(campaign, limit).await.map_err(ErrorResponse::for_path_resource)?;
    // A version names one ranking, of which these are the first rows; where the line is depends on the quota.
    let line = ranking.min_winning_score.map_or(0, |score| score.get().to_bits());
    let tag = format!("{}-{}-{line:x}", ranking.version, ranking.rankings.len());
    Ok(known.answer(&tag, ranking))
}

/// The user's own standing in a campaign.
#[utoipa::path(
    get,
    path = "/rankings/{id}/me",
    tag = "Rankings",
    operation_id = "getMyStanding",
    params(("id" = CampaignId, Path, description = "The campaign's id.")),
    responses(
        (status = 200, description = "The standing; its fields are null without a bid.", body = MyStanding),
        (status = 404, description = "`NOT_FOUND`"),
    ),
    security(("token" = [])),
)]
pub async fn mine(
    State(engine): State<Engine>,
    CurrentUser(user): CurrentUser,
    PathId(campaign): PathId<CampaignId>,
) -> HandlerResult<Json<MyStanding>> {
    engine.rankings.my_standing(&user, campaign).await.map(Json).map_err(ErrorResponse::for_path_resource)
}
