//! `/api/v1/campaigns`

use crate::http::{
    authentication::CurrentAdmin,
    error_response::{ErrorResponse, HandlerResult},
    json_body::JsonBody,
    url_params::{PathId, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    ApiError, CampaignId, CampaignStatus,
    api::campaigns::{CampaignDetail, CampaignList, CancelCampaign, CreateCampaign, UpdateCampaign},
};
use engine::Engine;
use http::StatusCode;

/// `GET /campaigns`: a page of the campaigns, of all or of one `status`.
pub async fn list(State(engine): State<Engine>, params: QueryParams) -> HandlerResult<Json<CampaignList>> {
    let status = params.get("status").map(parse_status).transpose()?;
    Ok(Json(engine.campaigns.list(params.page()?, status).await?))
}

/// `GET /campaigns/{id}`: a campaign with its product and statistics.
pub async fn show(State(engine): State<Engine>, PathId(id): PathId<CampaignId>) -> HandlerResult<Json<CampaignDetail>> {
    engine.rankings.campaign(id).await.map(Json).map_err(ErrorResponse::for_path_resource)
}

/// `POST /campaigns`, by admins.
pub async fn create(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    JsonBody(campaign): JsonBody<CreateCampaign>,
) -> HandlerResult<(StatusCode, Json<CampaignDetail>)> {
    let created = engine.campaigns.create(&actor, campaign).await?;
    Ok((StatusCode::CREATED, Json(engine.rankings.campaign(created.campaign_id).await?)))
}

/// `PATCH /campaigns/{id}`, by admins; an active campaign can only be extended.
pub async fn update(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    PathId(id): PathId<CampaignId>,
    JsonBody(change): JsonBody<UpdateCampaign>,
) -> HandlerResult<Json<CampaignDetail>> {
    engine.campaigns.update(&actor, id, change).await.map_err(ErrorResponse::for_path_resource)?;
    Ok(Json(engine.rankings.campaign(id).await?))
}

/// `POST /campaigns/{id}/cancel`, by admins and with a reason.
pub async fn cancel(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    PathId(id): PathId<CampaignId>,
    JsonBody(request): JsonBody<CancelCampaign>,
) -> HandlerResult<Json<CampaignDetail>> {
    engine.campaigns.cancel(&actor, id, request).await.map_err(ErrorResponse::for_path_resource)?;
    Ok(Json(engine.rankings.campaign(id).await?))
}

fn parse_status(text: &str) -> HandlerResult<CampaignStatus> {
    CampaignStatus::ALL
        .into_iter()
        .find(|status| status.as_str() == text)
        .ok_or_else(|| ErrorResponse(ApiError::field("status", "must be pending, active, ended or cancelled")))
}
