//! Exports of a campaign, page by page.

use crate::support::code;
use domain::{ErrorCode, UserId};
use testkit::{World, eventually};

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
    let mut after = 0;
    while let [row] = &engine.exports.bids_after(admin, campaign, after, 1).await.expect("reads")[..] {
        after = row.accepted_seq;
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
