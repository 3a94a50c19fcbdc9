//! Settlement: exactly once, in order, never more than the stock.

use domain::{
    CampaignId, CampaignStatus, ErrorCode,
    api::{campaigns::CancelCampaign, orders::CampaignOrders, products::Product},
    validated::Page,
};
use engine::Engine;
use redis::AsyncCommands;
use testkit::{World, eventually};

const ALL: Page = Page { skip: 0, limit: 1000 };

/// Lets the campaign end and waits until it is settled.
async fn settle(world: &World, campaign: CampaignId) -> CampaignOrders {
    world.at(60_000);
    eventually("it is settled", async || {
        let detail = world.engine.rankings.campaign(campaign).await.expect("reads");
        detail.campaign.settled_at.map(|_| ())
    })
    .await;
    world.engine.orders.campaign_orders(&world.admin, campaign, ALL).await.expect("reads")
}

async fn stock(world: &World, product: &Product) -> i32 {
    world.engine.products.get(product.product_id).await.expect("reads").stock
}

#[tokio::test]
async fn the_top_k_win_in_order() {
    let world = World::new().await;
    let product = world.product(10).await;
    let campaign = world.campaign(&product, 3).await;
    let members = world.members(5).await;
    for (member, cents) in members.iter().zip([81_000, 85_000, 83_000, 84_000, 82_000]) {
        world.bid(member, campaign, cents).await;
    }
    world.engine.start();
    let result = settle(&world, campaign).await;
    let winners: Vec<_> = result.orders.iter().map(|o| (o.final_rank, o.user_id, o.final_price.cents())).collect();
    let expected =
        [(1, 1, 85_000), (2, 3, 84_000), (3, 2, 83_000)].map(|(rank, n, cents)| (rank, members[n].user_id, cents));
    assert_eq!(winners, expected);
    assert_eq!((result.total, result.quota, result.stock, result.is_consistent), (3, 3, 7, true));
    assert_eq!(stock(&world, &product).await, 7);
    let won = world.engine.orders.my_orders(members[1].user_id, ALL).await.expect("reads");
    assert_eq!((won.total, won.orders[0].campaign_id), (1, campaign));
    let lost = world.engine.orders.outcome(Some(members[0].user_id), campaign).await.expect("reads").expect("settled");
    assert_eq!((lost.is_winner, lost.final_rank), (false, Some(5)));
    assert_eq!(lost.min_winning_score, Some(result.orders[2].final_score));
    let redis_stock: i32 = world
        .stores
        .redis()
        .await
        .get(format!("{}stock:{{{}}}", world.stores.redis_prefix, product.product_id))
        .await
        .expect("reads");
    assert_eq!(redis_stock, 7);
}

#[tokio::test]
async fn two_processes_settle_a_campaign_once() {
    let world = World::new().await;
    let product = world.product(10).await;
    let campaign = world.campaign(&product, 10).await;
    let other_process = world.another_process().await;
    let members = world.members(30).await;
    for (n, member) in (0..).zip(&members) {
        world.bid(member, campaign, 80_000 + n * 100).await;
    }
    for engine in [&world.engine, &other_process] {
        engine.start();
    }
    let result = settle(&world, campaign).await;
    assert_eq!((result.total, result.stock, result.is_consistent), (10, 0, true));
    let winners: Vec<_> = result.orders.iter().map(|order| order.user_id).collect();
    let expected: Vec<_> = members.iter().rev().take(10).map(|member| member.user_id).collect();
    assert_eq!(winners, expected);
}

#[tokio::test]
async fn bids_that_race_with_the_end_are_settled_or_refused() {
    let world = World::new().await;
    let product = world.product(1000).await;
    let campaign = world.campaign(&product, 1000).await;
    let members = world.members(100).await;
    world.at(59_999);
    world.engine.start();
    let other_process = world.another_process().await;
    other_process.start();
    let placed: Vec<_> = (0..)
        .zip(&members)
        .map(|(n, member)| {
            let engine = if n % 2 == 0 { world.engine.clone() } else { other_process.clone() };
            let (member, price) = (member.clone(), testkit::price(80_000 + n));
            let bid = domain::api::bids::PlaceBid { campaign_id: campaign, price, user_id: None };
            let clock = world.clock.clone();
            tokio::spawn(async move {
                // Half-way through, time is up.
                if n == 50 {
                    clock.set(testkit::noon().plus_millis(60_000));
                }
                (member.user_id, engine.bidding.place(&member, bid).await)
            })
        })
        .collect();
    let mut acknowledged = Vec::new();
    for outcome in placed {
        match outcome.await.expect("runs") {
            (user, Ok(_)) => acknowledged.push(user),
            (_, Err(error)) => assert_eq!(error.code(), ErrorCode::CampaignEnded),
        }
    }
    let result = settle(&world, campaign).await;
    let mut winners: Vec<_> = result.orders.iter().map(|order| order.user_id).collect();
    winners.sort_unstable();
    acknowledged.sort_unstable();
    assert_eq!(winners, acknowledged, "every acknowledged bid has its order, and no other");
    assert!(result.is_consistent);
}

#[tokio::test]
async fn no_more_is_sold_than_there_is() {
    let world = World::new().await;
    let product = world.product(5).await;
    let campaign = world.campaign(&product, 5).await;
    let members = world.members(8).await;
    for member in &members {
        world.bid(member, campaign, 90_000).await;
    }
    // Units break after they were promised; the ledger knows.
    sqlx::query("WITH broken AS (INSERT INTO stock_moves (product_id, delta) VALUES ($1, -2)) UPDATE products SET stock = 3 WHERE product_id = $1")
        .bind(product.product_id.0)
        .execute(&world.pool)
        .await
        .expect("breaks");
    world.engine.start();
    let result = settle(&world, campaign).await;
    assert_eq!((result.total, result.stock, result.is_consistent), (3, 0, true));
}

#[tokio::test]
async fn a_campaign_without_bids_sells_nothing() {
    let world = World::new().await;
    let product = world.product(5).await;
    let campaign = world.campaign(&product, 5).await;
    world.engine.start();
    let result = settle(&world, campaign).await;
    assert_eq!((result.total, result.stock, result.is_consistent), (0, 5, true));
}

#[tokio::test]
async fn a_cancelled_campaign_sells_nothing() {
    let world = World::new().await;
    let product = world.product(5).await;
    let cancelled = world.campaign(&product, 2).await;
    let campaign = world.campaign(&product, 2).await;
    let ann = world.member("ann").await;
    for id in [cancelled, campaign] {
        world.bid(&ann, id, 90_000).await;
    }
    let reason = CancelCampaign { reason: "no more".parse().expect("a reason") };
    world.engine.campaigns.cancel(&world.admin, cancelled, reason).await.expect("cancels");
    world.engine.start();
    settle(&world, campaign).await;
    let detail = world.engine.rankings.campaign(cancelled).await.expect("reads").campaign;
    assert_eq!((detail.status, detail.settled_at), (CampaignStatus::Cancelled, None));
    let orders = world.engine.orders.campaign_orders(&world.admin, cancelled, ALL).await.expect("reads");
    assert_eq!((orders.total, orders.is_consistent, stock(&world, &product).await), (0, true, 4));
}

#[tokio::test]
async fn an_inconsistent_result_is_called_so() {
    let world = World::new().await;
    let product = world.product(5).await;
    let campaign = world.campaign(&product, 2).await;
    let members = world.members(4).await;
    for (n, member) in (0..).zip(&members) {
        world.bid(member, campaign, 90_000 + n).await;
    }
    world.engine.start();
    assert!(settle(&world, campaign).await.is_consistent);
    for damage in [
        "UPDATE products SET stock = stock + 1",
        "UPDATE orders SET final_price = final_price + 1 WHERE final_rank = 1",
        "UPDATE orders SET final_rank = 3 WHERE final_rank = 2",
        "DELETE FROM orders WHERE final_rank = 2",
        "UPDATE orders SET user_id = (SELECT user_id FROM bids ORDER BY score LIMIT 1) WHERE final_rank = 1",
    ] {
        let mut transaction = world.pool.begin().await.expect("begins");
        sqlx::query(damage).execute(&mut *transaction).await.expect("damages");
        transaction.commit().await.expect("commits");
        let result = world.engine.orders.campaign_orders(&world.admin, campaign, ALL).await.expect("reads");
        assert!(!result.is_consistent, "{damage}");
    }
}

#[tokio::test]
async fn the_database_refuses_a_second_order_and_a_negative_stock() {
    let world = World::new().await;
    let product = world.product(5).await;
    let campaign = world.campaign(&product, 2).await;
    let ann = world.member("ann").await;
    world.bid(&ann, campaign, 90_000).await;
    world.engine.start();
    settle(&world, campaign).await;
    for wrong in [
        "INSERT INTO orders SELECT gen_random_uuid(), campaign_id, user_id, product_id, final_price, final_score, 2 FROM orders",
        "INSERT INTO stock_moves (product_id, campaign_id, delta) SELECT product_id, campaign_id, delta FROM stock_moves WHERE campaign_id IS NOT NULL",
        "UPDATE products SET stock = -1",
        "INSERT INTO bids SELECT gen_random_uuid(), campaign_id, user_id, product_id, price, score, 0, 99, 1, now(), now() FROM bids",
    ] {
        assert!(sqlx::query(wrong).execute(&world.pool).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn a_process_that_was_down_at_the_end_settles_when_it_is_back() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 5).await;
    let ann = world.member("ann").await;
    world.bid(&ann, campaign, 90_000).await;
    world.at(3_600_000);
    let back: Engine = world.another_process().await;
    back.start();
    let result = settle(&world, campaign).await;
    assert_eq!((result.total, result.is_consistent), (1, true));
}
