//! Keeps the demo going: tells the bidders which campaign is live, and follows one that has ended by the next.

use super::{
    api_client::{ApiClient, Failure},
    member::Member,
};
use domain::{
    CampaignId, CampaignStatus, ErrorCode, ProductId, Timestamp,
    api::{
        campaigns::{Campaign, CampaignDetail, CampaignList},
        products::Product,
    },
};
use engine::DemoData;
use http::Method;
use serde_json::json;
use std::time::Duration;
use tokio::{sync::watch, time::sleep};

/// How often the campaigns are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// From the creation of a campaign to its start, in milliseconds: long enough to see it coming.
const LEAD_MS: i64 = 10_000;
/// The length of a campaign, in milliseconds: long enough to take part in, short enough to see how it ends.
const LENGTH_MS: i64 = 5 * 60_000;
/// No campaign is made if one starts within this time, in milliseconds.
const SOON_MS: i64 = 90_000;
/// K: fewer than there are bidders, so that some lose.
const QUOTA: i32 = 5;

/// Looks after the campaigns for ever.
pub(super) async fn run(api: ApiClient, mut admin: Member, live: watch::Sender<Option<CampaignId>>) {
    loop {
        let mut pause = LOOK_EVERY;
        if let Err(failure) = look(api, &mut admin, &live).await {
            tracing::debug!(%failure, "the demo's campaigns could not be looked after");
            pause += failure.pause();
        }
        sleep(pause).await;
    }
}

async fn look(api: ApiClient, admin: &mut Member, live: &watch::Sender<Option<CampaignId>>) -> Result<(), Failure> {
    // Latest start first. Other campaigns are none of the crowd's business.
    let list: CampaignList = api.get("/api/v1/campaigns?limit=100").await?;
    let of_the_demo = |campaign: &Campaign| DemoData::PRODUCTS.contains(&campaign.product_id);
    let campaigns: Vec<Campaign> = list.campaigns.into_iter().filter(of_the_demo).collect();
    let active = campaigns.iter().filter(|campaign| campaign.status == CampaignStatus::Active);
    let current = active.min_by_key(|campaign| campaign.end_time).map(|campaign| campaign.campaign_id);
    live.send_if_modified(|live| std::mem::replace(live, current) != current);
    // Without any, there is no demo data, and nothing to keep going.
    let Some(any) = campaigns.first().filter(|_| current.is_none()) else { return Ok(()) };
    let detail: CampaignDetail = api.get(&format!("/api/v1/campaigns/{}", any.campaign_id)).await?;
    let Some(next) = plan_next(&campaigns, detail.server_time) else { return Ok(()) };
    for product in next.products {
        match create(admin, product, next.start, next.end).await {
            // An admin has withdrawn the product.
            Err(failure) if failure.is(ErrorCode::Conflict) => {}
            created => return created,
        }
    }
    Ok(())
}

/// The campaign to create.
#[derive(PartialEq, Debug)]
struct NextCampaign {
    /// What it may sell, the best choice first.
    products: Vec<ProductId>,
    start: Timestamp,
    end: Timestamp,
}

/// The campaign that follows those there are, latest start first, when none is active. `None` if one starts soon.
fn plan_next(campaigns: &[Campaign], now: Timestamp) -> Option<NextCampaign> {
    let pending = || campaigns.iter().filter(|campaign| campaign.status == CampaignStatus::Pending);
    let next_start = pending().map(|campaign| campaign.start_time).min();
    if next_start.is_some_and(|start| start.millis_since(now) < SOON_MS) {
        return None;
    }
    let start = now.plus_millis(LEAD_MS);
    let end = start.plus_millis(LENGTH_MS);
    // One at a time.
    let end = next_start.map_or(end, |next_start| end.min(next_start));
    let is_over = |campaign: &&Campaign| matches!(campaign.status, CampaignStatus::Ended | CampaignStatus::Cancelled);
    let last = campaigns.iter().find(is_over).map(|campaign| campaign.product_id);
    let mut products = DemoData::ON_SALE.to_vec();
    products.retain(|product| pending().all(|campaign| campaign.product_id != *product));
    // For a change, what was sold last comes last.
    products.sort_by_key(|product| Some(*product) == last);
    Some(NextCampaign { products, start, end })
}

async fn create(admin: &mut Member, product: ProductId, start: Timestamp, end: Timestamp) -> Result<(), Failure> {
    let plan = json!({ "product_id": product, "start_time": start, "end_time": end, "quota": QUOTA });
    let created: CampaignDetail = match admin.send(Method::POST, "/api/v1/campaigns", Some(&plan)).await {
        Err(failure) if failure.is(ErrorCode::InsufficientStock) => {
            restock(admin, product).await?;
            admin.send(Method::POST, "/api/v1/campaigns", Some(&plan)).await?
        }
        created => created?,
    };
    tracing::debug!(campaign = %created.campaign.campaign_id, %start, "the demo's next campaign");
    Ok(())
}

/// Adds what a campaign sells to a product's stock.
async fn restock(admin: &mut Member, product_id: ProductId) -> Result<(), Failure> {
    let path = format!("/api/v1/products/{product_id}");
    let product: Product = admin.get(&path).await?;
    let more = json!({ "stock": product.stock + QUOTA });
    let _: Product = admin.send(Method::PATCH, &path, Some(&more)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW_MS: i64 = 1_800_000_000_000;

    fn at(ms: i64) -> Timestamp {
        Timestamp::EPOCH.plus_millis(NOW_MS + ms)
    }

    /// A campaign that starts so many milliseconds from now.
    fn campaign(product: ProductId, status: CampaignStatus, start_ms: i64) -> Campaign {
        let campaign = json!({
            "campaign_id": Uuid::from_u128(1), "product_id": product, "start_time": at(start_ms),
            "end_time": at(start_ms + LENGTH_MS), "alpha": 1, "beta": 1000, "gamma": 100, "quota": QUOTA,
            "status": status, "settled_at": null, "created_at": at(start_ms),
            "product": {
                "product_id": product, "name": "Headphones", "description": null, "image_url": null, "stock": 15,
                "min_price": 800, "status": "active", "created_at": at(start_ms),
            },
        });
        serde_json::from_value(campaign).expect("a campaign")
    }

    #[test]
    fn products_take_turns() {
        let [first, second] = DemoData::ON_SALE;
        for (sold_last, products) in [(first, vec![second, first]), (second, vec![first, second])] {
            let ended = campaign(sold_last, CampaignStatus::Ended, -LENGTH_MS - 1000);
            let next = plan_next(&[ended], at(0));
            assert_eq!(next, Some(NextCampaign { products, start: at(LEAD_MS), end: at(LEAD_MS + LENGTH_MS) }));
        }
    }

    #[test]
    fn a_campaign_that_starts_soon_is_waited_for_and_a_later_one_is_not_overlapped() {
        let [product, other] = DemoData::ON_SALE;
        let plan = |start_ms| plan_next(&[campaign(product, CampaignStatus::Pending, start_ms)], at(0));
        assert_eq!(plan(SOON_MS - 1), None);
        let next = plan(SOON_MS).expect("a campaign");
        assert_eq!((next.end, next.products), (at(SOON_MS), vec![other]));
        assert_eq!(plan(60 * 60_000).expect("a campaign").end, at(LEAD_MS + LENGTH_MS));
    }

    #[test]
    fn a_cancelled_campaign_is_followed_too() {
        let [product, other] = DemoData::ON_SALE;
        let cancelled = campaign(product, CampaignStatus::Cancelled, -1000);
        assert_eq!(plan_next(&[cancelled], at(0)).expect("a campaign").products, vec![other, product]);
    }
}
