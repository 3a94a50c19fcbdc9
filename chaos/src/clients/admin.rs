//! What an admin does.

use super::api::Api;
use crate::error::Result;
use domain::{CampaignId, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use std::ops::Range;

/// Winners of a campaign.
const QUOTA: u32 = 5;
/// Below every bid that is meant.
const MIN_PRICE: u32 = 50;
/// Beta and gamma of a campaign as it usually is; alpha is 1.
pub const USUAL_SCORE: (u32, u32) = (1000, 100);
/// Only the price counts, so that many scores are equal.
pub const PRICE_ONLY: (u32, u32) = (0, 0);

/// Creates a product and returns its id.
pub async fn create_product(admin: &Api, stock: u32) -> Result<String> {
    let product = json!({ "name": "Product", "stock": stock, "min_price": MIN_PRICE });
    let product: Value = admin.send(Method::POST, "/api/v1/products", Some(&product)).await?;
    Ok(product["product_id"].as_str().ok_or("a product has an id")?.to_owned())
}

/// Creates a campaign.
pub async fn create_campaign(
    admin: &Api,
    product_id: &str,
    running: Range<Timestamp>,
    (beta, gamma): (u32, u32),
) -> Result<CampaignId> {
    let campaign = json!({
        "product_id": product_id, "quota": QUOTA, "start_time": running.start, "end_time": running.end,
        "alpha": 1, "beta": beta, "gamma": gamma,
    });
    let campaign: Value = admin.send(Method::POST, "/api/v1/campaigns", Some(&campaign)).await?;
    Ok(serde_json::from_value(campaign["campaign_id"].clone())?)
}
