//! Lists of live, upcoming and ended campaigns for bidders.

use domain::{
    CampaignId,
    api::campaigns::{CancelCampaign, CreateCampaign},
    validated::{Page, Quota},
};
use engine::{CampaignListing, ListingCounts};
use testkit::{World, eventually, minute, noon, price};

const ALL: Page = Page { skip: 0, limit: 100 };

async fn ids(world: &World, listing: CampaignListing, page: Page) -> Vec<CampaignId> {
    let campaigns = world.engine.campaigns.listing(listing, page).await.expect("reads");
    campaigns.into_iter().map(|listed| listed.campaign.campaign_id).collect()
}

#[tokio::test]
async fn campaigns_move_between_listings_with_the_clock() {
    let world = World::new().await;
    let product = world.product(10).await;
    let campaign = async |start_ms: i64, end_ms: i64| {
        let request = CreateCampaign {
            start_time: noon().plus_millis(start_ms),
            end_time: noon().plus_millis(end_ms),
            quota: Quota::new(1),
            ..minute(&product)
        };
        world.engine.campaigns.create(&world.admin, request).await.expect("a campaign").campaign_id
    };
    let (late, soon) = (campaign(0, 60_000).await, campaign(0, 30_000).await);
    let (far, next) = (campaign(90_000, 99_000).await, campaign(40_000, 99_000).await);

    assert_eq!(ids(&world, CampaignListing::Live, ALL).await, [soon, late]);
    assert_eq!(ids(&world, CampaignListing::Upcoming, ALL).await, [next, far]);
    assert_eq!(ids(&world, CampaignListing::Ended, ALL).await, []);
    assert_eq!(ids(&world, CampaignListing::Live, Page { skip: 1, limit: 1 }).await, [late]);

    // The end is the first instant that no longer counts, the start the first that does.
    world.at(60_000);
    // Readers share a listing for a moment.
    eventually("the listings follow the clock", async || {
        let (live, ended) =
            (ids(&world, CampaignListing::Live, ALL).await, ids(&world, CampaignListing::Ended, ALL).await);
        (live == [next] && ended == [late, soon]).then_some(())
    })
    .await;
    // A change shows at once.
    let reason = CancelCampaign { reason: "broken".parse().expect("a reason") };
    world.engine.campaigns.cancel(&world.admin, far, reason).await.expect("cancels");
    let counts = world.engine.campaigns.listing_counts().await.expect("counts");
    assert_eq!(counts, ListingCounts { live: 1, upcoming: 0, ended: 3 });
    assert_eq!(ids(&world, CampaignListing::Ended, ALL).await, [far, late, soon]);
}

#[tokio::test]
async fn a_listed_campaign_has_its_bidders_and_what_the_last_winner_paid() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 5).await;
    let of = async |listing| {
        let listed = world.engine.campaigns.listing(listing, ALL).await.expect("reads").pop()?;
        Some((listed.participants, listed.last_winning_price))
    };
    assert_eq!(of(CampaignListing::Live).await, Some((0, None)));
    let (ann, bob) = (world.member("ann").await, world.member("bob").await);
    world.bid(&ann, campaign, 90_000).await;
    world.bid(&bob, campaign, 85_000).await;
    let is_counted = async || (of(CampaignListing::Live).await == Some((2, None))).then_some(());
    eventually("the bids are counted", is_counted).await;
    world.at(60_000);
    world.engine.start();
    let has_price = async || (of(CampaignListing::Ended).await == Some((2, Some(price(85_000))))).then_some(());
    eventually("the result is listed", has_price).await;
}
