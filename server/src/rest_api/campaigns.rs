//! `/api/v1/campaigns`

use crate::http::{
    authentication::CurrentAdmin,
    entity_tags::{IfMatch, IfMatchParam, TaggedBy},
    error_response::{ErrorResponse, HandlerResult},
    idempotent_body::{IdempotencyKeyParam, IdempotentBody},
    json_body::JsonBody,
    url_params::{PageParams, PathId, QueryParams},
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

/// A page of the campaigns, of all or of one `status`.
#[utoipa::path(
    get,
    path = "/campaigns",
    tag = "Campaigns",
    operation_id = "listCampaigns",
    params(PageParams, ("status" = Option<CampaignStatus>, Query, description = "Only campaigns of this status.")),
    responses(
        (status = 200, description = "The page.", body = CampaignList),
    ),
)]
pub async fn list(State(engine): State<Engine>, params: QueryParams) -> HandlerResult<Json<CampaignList>> {
    let status = params.get("status").map(parse_status).transpose()?;
    Ok(Json(engine.campaigns.list(params.page()?, status).await?))
}

/// A campaign with its product and statistics.
#[utoipa::path(
    get,
    path = "/campaigns/{id}",
    tag = "Campaigns",
    operation_id = "getCampaign",
    params(("id" = CampaignId, Path, description = "The campaign's id.")),
    responses(
        (status = 200, description = "The campaign.", body = CampaignDetail, headers(("ETag" = String))),
        (status = 404, description = "`NOT_FOUND`"),
    ),
)]
pub async fn show(State(engine): State<Engine>, PathId(id): PathId<CampaignId>) -> HandlerResult<Response> {
    engine.rankings.campaign(id).await.map(tagged).map_err(ErrorResponse::for_path_resource)
}

/// Creates a campaign. For admins.
#[utoipa::path(
    post,
    path = "/campaigns",
    tag = "Campaigns",
    operation_id = "createCampaign",
    params(IdempotencyKeyParam),
    request_body = CreateCampaign,
    responses(
        (status = 201, description = "The campaign.", body = CampaignDetail, headers(("ETag" = String))),
        (status = 404, description = "`PRODUCT_NOT_FOUND`"),
        (status = 409, description = "`INSUFFICIENT_STOCK`, `CONFLICT`"),
    ),
    security(("token" = ["admin"])),
)]
pub async fn create(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    IdempotentBody { body, key }: IdempotentBody<CreateCampaign>,
) -> HandlerResult<(StatusCode, Response)> {
    let created = engine.campaigns.create_once(&actor, body, key.as_ref()).await?;
    Ok((StatusCode::CREATED, tagged(engine.rankings.campaign(created.campaign_id).await?)))
}

/// Edits a campaign; an active one can only be extended. For admins.
#[utoipa::path(
    patch,
    path = "/campaigns/{id}",
    tag = "Campaigns",
    operation_id = "updateCampaign",
    params(("id" = CampaignId, Path, description = "The campaign's id."), IfMatchParam),
    request_body = UpdateCampaign,
    responses(
        (status = 200, description = "The campaign after the edit.", body = CampaignDetail, headers(("ETag" = String))),
        (status = 404, description = "`NOT_FOUND`, `PRODUCT_NOT_FOUND`"),
        (status = 409, description = "`INSUFFICIENT_STOCK`, `CONFLICT`"),
        (status = 412, description = "`STALE`"),
    ),
    security(("token" = ["admin"])),
)]
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

/// Cancels a campaign, with a reason. For admins.
#[utoipa::path(
    post,
    path = "/campaigns/{id}/cancel",
    tag = "Campaigns",
    operation_id = "cancelCampaign",
    params(("id" = CampaignId, Path, description = "The campaign's id.")),
    request_body = CancelCampaign,
    responses(
        (status = 200, description = "The cancelled campaign.", body = CampaignDetail),
        (status = 404, description = "`NOT_FOUND`"),
        (status = 409, description = "`CONFLICT`"),
    ),
    security(("token" = ["admin"])),
)]
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
