//! Exports of a campaign, page by page.

use crate::support::code;
use domain::{
    ErrorCode, UserId,
    api::{bids::PlaceBid, campaigns::CreateCampaign},
};
use testkit::{World, eventually, minute, noon, price};

#[tokio::test]
async fn exports_continue_after_the_last_row() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let other = world.campaign(&world.product(5).await, 2).await;
    let (ann, bob) = (world.member("ann").await, world.member("bob").await);
    for (bidder, id, cents) in
        [(&ann, campaign, 90_000), (&bob, other, 91_000), (&bob, campaign, 92_000), (&ann, campaign, 95_000)]
    {
        world.bid(bidder, id, cents).await;
    }
    let (engine, admin) = (&world.engine, &world.admin);
    let mut bids = Vec::new();
    let mut range = engine.exports.bid_history_range(admin, campaign).await.expect("reads");
    while let [row] = &engine.exports.bids_after(admin, campaign, range, 1).await.expect("reads")[..] {
        range.after = row.accepted_seq;
        bids.push((row.username.clone(), row.bid_number, row.price.cents()));
    }
    let expected = [("ann", 1, 90_000), ("bob", 1, 92_000), ("ann", 2, 95_000)];
    assert_eq!(bids, expected.map(|(name, number, cents)| (name.to_owned(), number, cents)));

    let nobody = UserId(uuid::Uuid::nil());
    let both = engine.exports.participants_after(admin, campaign, nobody, 10).await.expect("reads");
    let rest = engine.exports.participants_after(admin, campaign, both[0].user_id, 10).await.expect("reads");
    assert_eq!((both.len(), &rest[..]), (2, &both[1..]));
    let of_ann = both.iter().find(|row| row.user_id == ann.user_id).expect("took part");
    assert_eq!((of_ann.bids, of_ann.price.cents(), of_ann.email.as_str()), (2, 95_000, ann.email.as_str()));

    assert!(engine.exports.orders_after(admin, campaign, 0, 10).await.expect("reads").is_empty());
    engine.start();
    world.at(60_000);
    let orders = eventually("the campaign is settled", async || {
        let orders = engine.exports.orders_after(admin, campaign, 0, 10).await.expect("reads");
        (orders.len() == 2).then_some(orders)
    })
    .await;
    assert_eq!((orders[0].username.as_str(), orders[0].final_price.cents()), ("ann", 95_000));
    assert_eq!(engine.exports.orders_after(admin, campaign, 1, 10).await.expect("reads"), orders[1..]);
    let unknown = "00000000-0000-7000-8000-000000000000".parse().expect("an id");
    assert_eq!(code(engine.exports.orders_after(admin, unknown, 0, 10).await), ErrorCode::CampaignNotFound);
}

/// Bids get their numbers before they are committed, so a later one may be committed first.
#[tokio::test]
async fn an_export_lacks_no_bid_that_is_committed_late() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let (ann, bob) = (world.member("ann").await, world.member("bob").await);
    world.bid(&ann, campaign, 90_000).await;
    // Ann's second bid has its number, and waits for her row.
    let mut hold = world.pool.begin().await.expect("begins");
    let lock = sqlx::query("SELECT FROM bids WHERE campaign_id = $1 AND user_id = $2 FOR UPDATE");
    lock.bind(campaign.0).bind(ann.user_id.0).execute(&mut *hold).await.expect("locks");
    let engine = world.engine.clone();
    let (bidder, bid) = (ann.clone(), PlaceBid { campaign_id: campaign, price: price(95_000), user_id: None });
    let late = tokio::spawn(async move { engine.bidding.place(&bidder, bid).await });
    eventually("her bid waits", async || (world.waiting_for_locks().await == 1).then_some(())).await;
    world.bid(&bob, campaign, 92_000).await;

    let (engine, admin) = (world.engine.clone(), world.admin.clone());
    let range = tokio::spawn(async move { engine.exports.bid_history_range(&admin, campaign).await });
    eventually("the export waits, too", async || (world.waiting_for_locks().await == 2).then_some(())).await;
    hold.rollback().await.expect("lets go");
    late.await.expect("does not panic").expect("accepted");
    let range = range.await.expect("does not panic").expect("reads");
    let bids = world.engine.exports.bids_after(&world.admin, campaign, range, 10).await.expect("reads");
    let prices: Vec<i64> = bids.iter().map(|bid| bid.price.cents()).collect();
    assert_eq!(prices, [90_000, 95_000, 92_000]);
}

/// The history is of all campaigns; what is older than a campaign is skipped by bisection, not read.
#[tokio::test]
async fn an_export_begins_with_the_campaign() {
    let world = World::new().await;
    let ann = world.member("ann").await;
    let early = world.campaign(&world.product(5).await, 2).await;
    for n in 0..5 {
        world.bid(&ann, early, 90_000 + n * 100).await;
    }
    world.at(55_000);
    let start = noon().plus_millis(10 * 60_000);
    let request =
        CreateCampaign { start_time: start, end_time: start.plus_millis(60_000), ..minute(&world.product(5).await) };
    let late = world.engine.campaigns.create(&world.admin, request).await.expect("a campaign").campaign_id;
    world.at(10 * 60_000);
    world.bid(&ann, late, 90_000).await;
    let range = world.engine.exports.bid_history_range(&world.admin, late).await.expect("reads");
    let bids = world.engine.exports.bids_after(&world.admin, late, range, 10).await.expect("reads");
    assert_eq!(bids.iter().map(|bid| bid.accepted_seq).collect::<Vec<_>>(), [range.through]);
    assert_eq!(range.after, range.through - 1, "the bids of the campaign before are left out");
    let range = world.engine.exports.bid_history_range(&world.admin, early).await.expect("reads");
    assert_eq!(world.engine.exports.bids_after(&world.admin, early, range, 10).await.expect("reads").len(), 5);
}
