//! `/api/v1/campaigns`

use crate::http::{
    extract::{Admin, Body, Params, PathId},
    failure::{Answer, Failure},
};
use axum::{Json, extract::State};
use domain::{
    ApiError, CampaignId, CampaignStatus,
    api::campaigns::{CampaignDetail, CampaignList, CancelCampaign, CreateCampaign, UpdateCampaign},
};
use engine::Engine;
use http::StatusCode;

pub async fn list(State(engine): State<Engine>, params: Params) -> Answer<Json<CampaignList>> {
    let status = params.get("status").map(parse_status).transpose()?;
    Ok(Json(engine.campaigns.list(params.page()?, status).await?))
}

pub async fn show(State(engine): State<Engine>, PathId(id): PathId<CampaignId>) -> Answer<Json<CampaignDetail>> {
    engine.rankings.campaign(id).await.map(Json).map_err(Failure::at_path)
}

pub async fn create(
    State(engine): State<Engine>,
    Admin(actor): Admin,
    Body(campaign): Body<CreateCampaign>,
) -> Answer<(StatusCode, Json<CampaignDetail>)> {
    let created = engine.campaigns.create(&actor, campaign).await?;
    Ok((StatusCode::CREATED, Json(engine.rankings.campaign(created.campaign_id).await?)))
}

pub async fn update(
    State(engine): State<Engine>,
    Admin(actor): Admin,
    PathId(id): PathId<CampaignId>,
    Body(change): Body<UpdateCampaign>,
) -> Answer<Json<CampaignDetail>> {
    engine.campaigns.update(&actor, id, change).await.map_err(Failure::at_path)?;
    Ok(Json(engine.rankings.campaign(id).await?))
}

pub async fn cancel(
    State(engine): State<Engine>,
    Admin(actor): Admin,
    PathId(id): PathId<CampaignId>,
    Body(request): Body<CancelCampaign>,
) -> Answer<Json<CampaignDetail>> {
    engine.campaigns.cancel(&actor, id, request).await.map_err(Failure::at_path)?;
    Ok(Json(engine.rankings.campaign(id).await?))
}

fn parse_status(text: &str) -> Answer<CampaignStatus> {
    CampaignStatus::ALL
        .into_iter()
        .find(|status| status.as_str() == text)
        .ok_or_else(|| Failure(ApiError::field("status", "must be pending, active, ended or cancelled")))
}
