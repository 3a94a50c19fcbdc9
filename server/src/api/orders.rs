//! `/api/v1/orders`

use crate::http::{
    extract::{Admin, Member, Params, PathId},
    failure::{Answer, Failure},
};
use axum::{Json, extract::State};
use domain::{
    CampaignId,
    api::orders::{CampaignOrders, OrderList},
    limits::ORDERS_PAGE_LIMIT_MAX,
};
use engine::Engine;

pub async fn mine(State(engine): State<Engine>, Member(user): Member, params: Params) -> Answer<Json<OrderList>> {
    Ok(Json(engine.orders.my_orders(user.user_id, params.page()?).await?))
}

pub async fn of_campaign(
    State(engine): State<Engine>,
    Admin(actor): Admin,
    PathId(campaign): PathId<CampaignId>,
    params: Params,
) -> Answer<Json<CampaignOrders>> {
    let page = params.page_up_to(ORDERS_PAGE_LIMIT_MAX)?;
    engine.orders.campaign_orders(&actor, campaign, page).await.map(Json).map_err(Failure::at_path)
}
