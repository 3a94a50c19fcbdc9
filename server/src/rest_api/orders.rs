//! `/api/v1/orders`

use crate::http::{
    authentication::{CurrentAdmin, CurrentUser},
    error_response::{ErrorResponse, HandlerResult},
    url_params::{PageParams, PathId, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    CampaignId,
    api::orders::{CampaignOrders, OrderList},
    limits::ORDERS_PAGE_LIMIT_MAX,
};
use engine::Engine;

/// A page of the user's own orders.
#[utoipa::path(
    get,
    path = "/orders",
    tag = "Orders",
    operation_id = "listMyOrders",
    params(PageParams),
    responses(
        (status = 200, description = "The page.", body = OrderList),
    ),
    security(("token" = [])),
)]
pub async fn mine(
    State(engine): State<Engine>,
    CurrentUser(user): CurrentUser,
    params: QueryParams,
) -> HandlerResult<Json<OrderList>> {
    Ok(Json(engine.orders.my_orders(user.user_id, params.page()?).await?))
}

/// A campaign's orders and their audit, for admins.
#[utoipa::path(
    get,
    path = "/orders/campaign/{id}",
    tag = "Orders",
    operation_id = "getCampaignOrders",
    params(
        ("id" = CampaignId, Path, description = "The campaign's id."),
        ("skip" = Option<u32>, Query, minimum = 0, maximum = 10_000_000, description = "How many entries to skip."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many entries at most."),
    ),
    responses(
        (status = 200, description = "The orders by rank, and their audit.", body = CampaignOrders),
        (status = 404, description = "`NOT_FOUND`"),
    ),
    security(("token" = ["admin"])),
)]
pub async fn of_campaign(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    PathId(campaign): PathId<CampaignId>,
    params: QueryParams,
) -> HandlerResult<Json<CampaignOrders>> {
    let page = params.page_up_to(ORDERS_PAGE_LIMIT_MAX)?;
    engine.orders.campaign_orders(&actor, campaign, page).await.map(Json).map_err(ErrorResponse::for_path_resource)
}
