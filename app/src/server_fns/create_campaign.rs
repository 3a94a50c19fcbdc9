//! Makes a campaign.

use crate::error::AppError;
use leptos::prelude::*;

/// Makes a campaign and goes on to its page. Times without a zone are UTC. The engine checks that
/// an admin asks.
#[server(prefix = "/api/ui", endpoint = "create_campaign")]
pub async fn create_campaign(
    #[server(default)] product_id: String,
    #[server(default)] start_time: String,
    #[server(default)] end_time: String,
    #[server(default)] quota: String,
    #[server(default)] alpha: String,
    #[server(default)] beta: String,
    #[server(default)] gamma: String,
) -> Result<(), AppError> {
    use super::{
        fields::{Fields, utc},
        request::Request,
    };
    use domain::api::campaigns::CreateCampaign;

    const PAGE: &str = "/admin/campaigns/new";

    let request = Request::current();
    let user = request.user().await.map_err(|error| request.refuse(error, PAGE))?;
    let mut fields = Fields::default();
    let product_id = fields.parse("product_id", &product_id);
    let start_time = fields.check("start_time", utc(&start_time));
    let end_time = fields.check("end_time", utc(&end_time));
    let quota = fields.parse_optional("quota", &quota);
    let alpha = fields.parse_optional("alpha", &alpha);
    let beta = fields.parse_optional("beta", &beta);
    let gamma = fields.parse_optional("gamma", &gamma);
    let (Some(product_id), Some(start_time), Some(end_time), true) =
        (product_id, start_time, end_time, fields.is_empty())
    else {
        return Err(request.refuse(fields.into_error(), PAGE));
    };
    let campaign = CreateCampaign { product_id, start_time, end_time, alpha, beta, gamma, quota };
    let campaign = request.engine.create_campaign(&user, campaign).await;
    let detail = campaign.map_err(|error| request.fail(&error, PAGE))?;
    request.go_to(&format!("/campaigns/{}", detail.campaign.campaign_id));
    Ok(())
}
