//! `/api/v1/campaigns`

use crate::http::{
    authentication::CurrentAdmin,
    entity_tags::{IfMatch, TaggedBy},
    error_response::{ErrorResponse, HandlerResult},
    json_body::JsonBody,
    url_params::{PathId, QueryParams},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    ApiError, CampaignId, CampaignStatus,
    api::campaigns::{CampaignDetail, CampaignList, CancelCampaign, CreateCampaign, UpdateCampaign},
};
use engine::{Engine, entity_tag};
use http::StatusCode;

/// `GET /campaigns`: a page of the campaigns, of all or of one `status`.
pub async fn list(State(engine): State<Engine>, params: QueryParams) -> HandlerResult<Json<CampaignList>> {
    let status = params.get("status").map(parse_status).transpose()?;
    Ok(Json(engine.campaigns.list(params.page()?, status).await?))
}

/// `GET /campaigns/{id}`: a campaign with its product and statistics.
pub async fn show(State(engine): State<Engine>, PathId(id): PathId<CampaignId>) -> HandlerResult<Response> {
    engine.rankings.campaign(id).await.map(tagged).map_err(ErrorResponse::for_path_resource)
}

/// `POST /campaigns`, by admins.
pub async fn create(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    JsonBody(campaign): JsonBody<CreateCampaign>,
) -> HandlerResult<(StatusCode, Response)> {
    let created = engine.campaigns.create(&actor, campaign).await?;
    Ok((StatusCode::CREATED, tagged(engine.rankings.campaign(created.campaign_id).await?)))
}

/// `PATCH /campaigns/{id}`, by admins; an active campaign can only be extended.
pub async fn update(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    PathId(id): PathId<CampaignId>,
    IfMatch(precondition): IfMatch,
    JsonBody(change): JsonBody<UpdateCampaign>,
) -> HandlerResult<Response> {
    let updated = engine.campaigns.update_if(&actor, id, change, &precondition).await;
    updated.map_err(ErrorResponse::for_path_resource)?;
    Ok(tagged(engine.rankings.campaign(id).await?))
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

/// A campaign with statistics, which change all the time, and the tag of the campaign alone.
fn tagged(detail: CampaignDetail) -> Response {
    TaggedBy(&entity_tag(&detail.campaign), detail).into_response()
}

fn parse_status(text: &str) -> HandlerResult<CampaignStatus> {
    CampaignStatus::ALL
        .into_iter()
        .find(|status| status.as_str() == text)
        .ok_or_else(|| ErrorResponse(ApiError::field("status", "must be pending, active, ended or cancelled")))
}
