//! `/api/v1/rankings`

use crate::http::{
    extract::{Member, Params, PathId},
    failure::{Answer, Failure},
};
use axum::{Json, extract::State};
use domain::{
    CampaignId,
    api::rankings::{MyStanding, Ranking},
    limits::RANKING_LIMIT_MAX,
};
use engine::Engine;

pub async fn show(
    State(engine): State<Engine>,
    PathId(campaign): PathId<CampaignId>,
    params: Params,
) -> Answer<Json<Ranking>> {
    let limit = params.number("limit", 1, RANKING_LIMIT_MAX)?;
    engine.rankings.ranking(campaign, limit).await.map(Json).map_err(Failure::at_path)
}

pub async fn mine(
    State(engine): State<Engine>,
    Member(user): Member,
    PathId(campaign): PathId<CampaignId>,
) -> Answer<Json<MyStanding>> {
    engine.rankings.my_standing(&user, campaign).await.map(Json).map_err(Failure::at_path)
}
