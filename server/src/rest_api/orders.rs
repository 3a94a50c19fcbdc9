//! `/api/v1/orders`

use crate::http::{
    authentication::{CurrentAdmin, CurrentUser},
    error_response::{ErrorResponse, HandlerResult},
    url_params::{PathId, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    CampaignId,
    api::orders::{CampaignOrders, OrderList},
    limits::ORDERS_PAGE_LIMIT_MAX,
};
use engine::Engine;

/// `GET /orders`: a page of the user's own orders.
pub async fn mine(
    State(engine): State<Engine>,
    CurrentUser(user): CurrentUser,
    params: QueryParams,
) -> HandlerResult<Json<OrderList>> {
    Ok(Json(engine.orders.my_orders(user.user_id, params.page()?).await?))
}

/// `GET /orders/campaign/{id}`: a campaign's orders and their audit, for admins.
pub async fn of_campaign(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    PathId(campaign): PathId<CampaignId>,
    params: QueryParams,
) -> HandlerResult<Json<CampaignOrders>> {
    let page = params.page_up_to(ORDERS_PAGE_LIMIT_MAX)?;
    engine.orders.campaign_orders(&actor, campaign, page).await.map(Json).map_err(ErrorResponse::for_path_resource)
}
