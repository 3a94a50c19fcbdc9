//! Orders.

use crate::{CampaignId, Money, OrderId, ProductId, Score, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// The status of an order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// The winner gets the unit.
    Confirmed,
}

/// A winner's order.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    /// Its id.
    pub order_id: OrderId,
    /// The campaign it was won in.
    pub campaign_id: CampaignId,
    /// The winner.
    pub user_id: UserId,
    /// The product won.
    pub product_id: ProductId,
    /// The price to pay.
    pub final_price: Money,
    /// The winning score.
    pub final_score: Score,
    /// The winning rank, from 1.
    pub final_rank: u32,
    /// Its status.
    pub status: OrderStatus,
    /// When the campaign was settled.
    pub created_at: Timestamp,
}

/// Response of `GET /api/v1/orders`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderList {
    /// The page, newest first.
    pub orders: Vec<Order>,
    /// How many there are in all.
    pub total: i64,
}

/// Response of `GET /api/v1/orders/campaign/{id}`: the result of a campaign and whether it passes the settlement audit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignOrders {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The page, by rank.
    pub orders: Vec<Order>,
    /// How many orders there are in all.
    pub total: i64,
    /// K.
    pub quota: i32,
    /// Units of the product left now.
    pub stock: i32,
    /// Whether total <= quota, the ranks are 1..n without gaps, the orders are exactly the top of
    /// the total order, and the stock was lowered by their number.
    pub is_consistent: bool,
}
