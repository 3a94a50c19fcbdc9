//! A bidder's standing bids in all campaigns.

use domain::{limits, validated::Page};
use engine::MyBid;
use testkit::{World, eventually, minute, noon};

const ALL: Page = Page { skip: 0, limit: limits::PAGE_LIMIT_MAX };

fn told(bids: &[MyBid]) -> Vec<(i64, u64, u64)> {
    bids.iter().map(|bid| (bid.price.cents(), bid.rank, bid.participants)).collect()
}

#[tokio::test]
async fn running_campaigns_come_newest_first_with_the_rank_of_now() {
    let world = World::new().await;
    let product = world.product(10).await;
    let (first, second) = (world.price_only_campaign(&product, 1).await, world.price_only_campaign(&product, 2).await);
    let (ann, bob, cat) = (world.member("ann").await, world.member("bob").await, world.member("cat").await);
    world.bid(&ann, first, 90_000).await;
    world.bid(&ann, second, 91_000).await;
    world.bid(&bob, first, 95_000).await;
    world.at(10);
    world.bid(&ann, first, 92_000).await;

    let mine = world.engine.bidding.my_bids(ann.user_id, true, ALL).await.expect("reads");
    assert_eq!(mine.total, 2);
    assert_eq!(told(&mine.bids), [(92_000, 2, 2), (91_000, 1, 1)]);
    let history: Vec<_> = mine.bids[0].history.iter().map(|bid| (bid.price.cents(), bid.bid_number)).collect();
    assert_eq!(history, [(92_000, 2), (90_000, 1)]);
    assert_eq!(mine.bids[0].accepted_at, noon().plus_millis(10));

    let page = world.engine.bidding.my_bids(ann.user_id, true, Page { skip: 1, limit: 1 }).await.expect("reads");
    assert_eq!((told(&page.bids), page.total), (vec![(91_000, 1, 1)], 2));
    for running in [true, false] {
        let none = world.engine.bidding.my_bids(cat.user_id, running, ALL).await.expect("reads");
        assert_eq!((none.bids, none.total), (vec![], 0));
    }
    assert_eq!(world.engine.bidding.my_bids(ann.user_id, false, ALL).await.expect("reads").total, 0);
}

#[tokio::test]
async fn what_is_over_keeps_its_final_rank_and_says_who_won() {
    let world = World::new().await;
    let product = world.product(10).await;
    let campaign = world.price_only_campaign(&product, 1).await;
    let (ann, bob) = (world.member("ann").await, world.member("bob").await);
    world.bid(&ann, campaign, 90_000).await;
    world.bid(&bob, campaign, 95_000).await;
    world.at(60_000);

    // Time is up, and the winners are not fixed yet.
    let bid = world.engine.bidding.my_bids(bob.user_id, false, ALL).await.expect("reads").bids.remove(0);
    assert_eq!((bid.rank, bid.won, bid.campaign.settled_at), (1, false, None));
    world.engine.start();
    eventually("it is settled", async || {
        let detail = world.engine.rankings.campaign(campaign).await.expect("reads");
        detail.campaign.settled_at.map(|_| ())
    })
    .await;
    for (user, rank, won) in [(&bob, 1, true), (&ann, 2, false)] {
        let over = world.engine.bidding.my_bids(user.user_id, false, ALL).await.expect("reads");
        assert_eq!((over.total, over.bids[0].rank, over.bids[0].won), (1, rank, won));
        assert!(over.bids[0].campaign.settled_at.is_some());
        assert_eq!(world.engine.bidding.my_bids(user.user_id, true, ALL).await.expect("reads").total, 0);
    }
    // The one that bids no longer run in does not hide the one they do.
    world
        .engine
        .campaigns
        .create(
            &world.admin,
            domain::api::campaigns::CreateCampaign {
                start_time: noon().plus_millis(60_000),
                end_time: noon().plus_millis(120_000),
                ..minute(&product)
            },
        )
        .await
        .expect("a campaign");
    assert_eq!(world.engine.bidding.my_bids(bob.user_id, false, ALL).await.expect("reads").total, 1);
}
