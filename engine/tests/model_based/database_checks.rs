//! The second line of defence, with the engine's own checks bypassed: database constraints, and what SQL statements
//! check again although the engine has checked it before.

use crate::multi_process::{Process, start_three};
use domain::{
    CampaignId, ErrorCode,
    api::{
        bids::PlaceBid,
        campaigns::{CancelCampaign, CreateCampaign},
        products::UpdateProduct,
    },
    validated::{Page, Quota},
};
use engine::{Clock, Engine};
use testkit::{World, eventually, noon, price};

const ALL: Page = Page { skip: 0, limit: 1000 };

async fn code_of(world: &World, statement: &'static str, campaign: CampaignId) -> Option<String> {
    let error = sqlx::query(statement).bind(campaign.0).execute(&world.pool).await.expect_err("is refused");
    error.as_database_error().and_then(|error| error.constraint().map(str::to_owned))
}

#[tokio::test]
async fn the_database_rejects_broken_invariants() {
    let world = World::new().await;
    let campaign = world.price_only_campaign(&world.product(3).await, 3).await;
    let members = world.members(4).await;
    for member in &members[..3] {
        world.bid(member, campaign, 90_000).await;
    }
    world.engine.start();
    world.at(60_000);
    eventually("it is settled", async || world.engine.orders.outcome(None, campaign).await.expect("reads").map(|_| ()))
        .await;
    let refused = [
        // A second order of a winner.
        (
            "INSERT INTO orders (order_id, campaign_id, user_id, product_id, final_price, final_score, final_rank)
             SELECT gen_random_uuid(), campaign_id, user_id, product_id, 1, 1, 99 FROM orders
             WHERE campaign_id = $1 AND final_rank = 1",
            "orders_campaign_id_user_id_key",
        ),
        // A second winner of a rank.
        (
            "INSERT INTO orders (order_id, campaign_id, user_id, product_id, final_price, final_score, final_rank)
             SELECT gen_random_uuid(), campaign_id, (SELECT user_id FROM users WHERE username = 'member00003'),
                 product_id, 1, 1, 1 FROM orders WHERE campaign_id = $1 AND final_rank = 1",
            "orders_campaign_id_final_rank_key",
        ),
        // A second sale of a campaign.
        (
            "INSERT INTO stock_moves (product_id, campaign_id, delta)
             SELECT product_id, campaign_id, 0 FROM stock_moves WHERE campaign_id = $1",
            "stock_moves_campaign_id_key",
        ),
        // More sold than there was.
        (
            "UPDATE products SET stock = -1 FROM campaigns
             WHERE campaign_id = $1 AND campaigns.product_id = products.product_id",
            "products_stock_check",
        ),
        // A second standing bid of a bidder.
        (
            "INSERT INTO bids SELECT gen_random_uuid(), campaign_id, user_id, product_id, price, score,
                 time_elapsed_ms, nextval('bid_seq'), 1, created_at, accepted_at
             FROM bids WHERE campaign_id = $1 LIMIT 1",
            "idx_bids_campaign_user",
        ),
        // Two bids in one place of the order.
        (
            "UPDATE bids SET accepted_seq = (SELECT min(accepted_seq) FROM bids) WHERE campaign_id = $1",
            "idx_bids_campaign_score",
        ),
        // An acceptance that happened twice.
        ("INSERT INTO bid_events SELECT * FROM bid_events WHERE campaign_id = $1 LIMIT 1", "bid_events_pkey"),
        ("UPDATE bids SET score = 'NaN' WHERE campaign_id = $1", "bids_score_check"),
    ];
    for (statement, constraint) in refused {
        assert_eq!(code_of(&world, statement, campaign).await.as_deref(), Some(constraint), "{statement}");
    }
}

/// Someone moves the end past the engine, and no version tells of it: the statement that writes the
/// bid looks at the time of receipt itself.
#[tokio::test]
async fn the_batch_statement_rejects_a_bid_after_the_end() {
    let world = World::new().await;
    let campaign = world.price_only_campaign(&world.product(3).await, 3).await;
    let members = world.members(2).await;
    world.bid(&members[0], campaign, 90_000).await;
    world.at(30_000);
    sqlx::query("UPDATE campaigns SET end_time = $2 WHERE campaign_id = $1")
        .bind(campaign.0)
        .bind(noon().plus_millis(20_000).as_datetime())
        .execute(&world.pool)
        .await
        .expect("writes");
    for member in &members {
        let bid = PlaceBid { campaign_id: campaign, price: price(95_000), user_id: None };
        let refused = world.engine.bidding.place(member, bid).await.expect_err("is too late");
        assert_eq!(refused.code(), ErrorCode::CampaignEnded);
    }
    let accepted: i64 =
        sqlx::query_scalar("SELECT count(*) FROM bid_events").fetch_one(&world.pool).await.expect("reads");
    assert_eq!(accepted, 1);
}

/// Batches that follow each other without a gap share the campaign's row, and an edit needs it alone: those that
/// come after the edit wait for it, so that it is not passed for ever.
#[tokio::test]
async fn bids_do_not_overtake_a_waiting_edit() {
    let world = World::new().await;
    let campaign = world.price_only_campaign(&world.product(3).await, 3).await;
    let member = world.members(1).await.remove(0);
    world.engine.rankings.campaign(campaign).await.expect("reads");

    // Like a batch that is being written.
    let mut batch = world.pool.begin().await.expect("begins");
    sqlx::query("SELECT FROM campaigns WHERE campaign_id = $1 FOR SHARE")
        .bind(campaign.0)
        .execute(&mut *batch)
        .await
        .expect("locks");
    let (engine, admin) = (world.engine.clone(), world.admin.clone());
    let reason = CancelCampaign { reason: "a wrong price".parse().expect("a reason") };
    let edit = tokio::spawn(async move { engine.campaigns.cancel(&admin, campaign, reason).await });
    eventually("the edit waits", async || (world.waiting_for_locks().await == 1).then_some(())).await;

    let engine = world.engine.clone();
    let bid = PlaceBid { campaign_id: campaign, price: price(95_000), user_id: None };
    let bid = tokio::spawn(async move { engine.bidding.place(&member, bid).await });
    eventually("the bid waits or is answered", async || {
        (bid.is_finished() || world.waiting_for_locks().await == 2).then_some(())
    })
    .await;
    batch.rollback().await.expect("lets go");

    edit.await.expect("runs").expect("cancels");
    let refused = bid.await.expect("runs").expect_err("comes after the edit");
    assert_eq!(refused.code(), ErrorCode::CampaignCancelled);
}

/// An edit of a product counts in all its campaigns, or not at all.
#[tokio::test]
async fn a_product_edit_sees_campaigns_created_meanwhile() {
    let world = World::new().await;
    let product = world.product(3).await;
    let campaign = world.price_only_campaign(&product, 1).await;
    let mut other = world.pool.begin().await.expect("begins");
    sqlx::query("SELECT FROM products FOR UPDATE").execute(&mut *other).await.expect("locks");
    let (engine, admin, id) = (world.engine.clone(), world.admin.clone(), product.product_id);
    let change = UpdateProduct { min_price: Some(price(90_000)), ..UpdateProduct::default() };
    let edit = tokio::spawn(async move { engine.products.update(&admin, id, change).await });
    eventually("the edit waits", async || (world.waiting_for_locks().await == 1).then_some(())).await;
    sqlx::query(
        "INSERT INTO campaigns (campaign_id, product_id, start_time, end_time, alpha, beta, gamma, quota)
         SELECT gen_random_uuid(), product_id, start_time, end_time, alpha, beta, gamma, quota
         FROM campaigns WHERE campaign_id = $1",
    )
    .bind(campaign.0)
    .execute(&mut *other)
    .await
    .expect("makes a campaign");
    other.commit().await.expect("commits");
    let refused = edit.await.expect("runs").expect_err("is refused");
    assert_eq!(refused.code(), ErrorCode::Conflict);
}

/// Settlement is held up after it has chosen the winners, and a process whose clock is late sends a
/// bid that would win: it must wait, and then be refused.
#[tokio::test]
async fn no_bid_is_written_during_settlement() {
    let world = World::new().await;
    let campaign = world.price_only_campaign(&world.product(3).await, 1).await;
    let members = world.members(2).await;
    world.bid(&members[0], campaign, 90_000).await;
    let late = Engine::connect_with_clock(world.stores.config(), Clock::manual(noon().plus_millis(59_999)));
    let late = late.await.expect("connects");
    late.rankings.campaign(campaign).await.expect("reads");

    // An order refers to its winner, and this keeps the winner's row.
    let mut hold = world.pool.begin().await.expect("begins");
    sqlx::query("SELECT FROM users WHERE user_id = $1 FOR UPDATE")
        .bind(members[0].user_id.0)
        .execute(&mut *hold)
        .await
        .expect("locks");
    world.at(60_000);
    world.engine.start();
    eventually("settlement is held up", async || (world.waiting_for_locks().await == 1).then_some(())).await;

    let bidder = members[1].clone();
    let bid = PlaceBid { campaign_id: campaign, price: price(95_000), user_id: None };
    let bid = tokio::spawn(async move { late.bidding.place(&bidder, bid).await });
    eventually("the bid waits or is answered", async || {
        (bid.is_finished() || world.waiting_for_locks().await == 2).then_some(())
    })
    .await;
    hold.rollback().await.expect("lets go");

    let refused = bid.await.expect("runs").expect_err("comes too late");
    assert_eq!(refused.code(), ErrorCode::CampaignEnded);
    let result = world.engine.orders.campaign_orders(&world.admin, campaign, ALL).await.expect("reads");
    assert_eq!((result.total, result.is_consistent), (1, true));
}

/// Settlement has seen that campaigns are due and is held up before it claims them; meanwhile one is
/// cancelled and one extended. Neither is settled.
#[tokio::test]
async fn settlement_rechecks_what_it_read_before() {
    let world = World::new().await;
    let product = world.product(10).await;
    let [cancelled, extended] =
        [world.price_only_campaign(&product, 1).await, world.price_only_campaign(&product, 1).await];
    let last =
        CreateCampaign { end_time: noon().plus_millis(61_000), quota: Quota::new(1), ..testkit::minute(&product) };
    let last = world.engine.campaigns.create(&world.admin, last).await.expect("a campaign").campaign_id;
    let member = world.members(1).await.remove(0);
    for campaign in [cancelled, extended, last] {
        world.bid(&member, campaign, 90_000).await;
    }

    let mut hold = world.pool.begin().await.expect("begins");
    // The claim reads the product, the look does not.
    sqlx::query("LOCK TABLE products IN ACCESS EXCLUSIVE MODE").execute(&mut *hold).await.expect("locks");
    world.at(62_000);
    world.engine.start();
    eventually("settlement is held up", async || (world.waiting_for_locks().await == 1).then_some(())).await;
    for (change, campaign) in [
        ("UPDATE campaigns SET status = 'cancelled', version = version + 1 WHERE campaign_id = $1", cancelled),
        (
            "UPDATE campaigns SET end_time = end_time + interval '1 minute', version = version + 1
             WHERE campaign_id = $1",
            extended,
        ),
    ] {
        sqlx::query(change).bind(campaign.0).execute(&mut *hold).await.expect("writes");
    }
    hold.commit().await.expect("commits");

    let status = async |campaign: CampaignId| -> (String, i64) {
        sqlx::query_as(
            "SELECT status, (SELECT count(*) FROM orders WHERE campaign_id = $1) FROM campaigns WHERE campaign_id = $1",
        )
        .bind(campaign.0)
        .fetch_one(&world.pool)
        .await
        .expect("reads")
    };
    // The one that ended last is settled last.
    eventually("the others are settled", async || (status(last).await.0 == "settled").then_some(())).await;
    assert_eq!(status(cancelled).await, ("cancelled".to_owned(), 0));
    assert_eq!(status(extended).await, ("open".to_owned(), 0));
}

/// Units break after they were promised: the ledger knows, and no more is sold than there is.
#[tokio::test]
async fn settlement_sells_no_more_than_the_stock() {
    let world = World::new().await;
    let campaign = world.price_only_campaign(&world.product(5).await, 5).await;
    for member in &world.members(8).await {
        world.bid(member, campaign, 90_000).await;
    }
    for statement in [
        "UPDATE products SET stock = 3",
        "INSERT INTO stock_moves (product_id, delta) SELECT product_id, -2 FROM products",
    ] {
        sqlx::query(statement).execute(&world.pool).await.expect("writes");
    }
    world.at(60_000);
    world.engine.start();
    eventually("it is settled", async || world.engine.orders.outcome(None, campaign).await.expect("reads").map(|_| ()))
        .await;
    let result = world.engine.orders.campaign_orders(&world.admin, campaign, ALL).await.expect("reads");
    assert_eq!((result.total, result.stock, result.is_consistent), (3, 0, true));
}

/// Settlers that all begin at one instant: one of them settles, and none of them fails.
#[tokio::test]
async fn concurrent_settlements_settle_once() {
    let world = World::new().await;
    let product = world.product(50).await;
    let members = world.members(10).await;
    let mut campaigns = Vec::new();
    for _ in 0..5 {
        let campaign = world.price_only_campaign(&product, 5).await;
        for (n, member) in (0..).zip(&members) {
            world.bid(member, campaign, 80_000 + 100 * (n % 4)).await;
        }
        campaigns.push(campaign);
    }
    world.at(60_000);
    let _processes: Vec<Process> = start_three(&world).await;
    for campaign in campaigns {
        eventually("it is settled", async || {
            world.engine.orders.outcome(None, campaign).await.expect("reads").map(|_| ())
        })
        .await;
        let result = world.engine.orders.campaign_orders(&world.admin, campaign, ALL).await.expect("reads");
        assert_eq!((result.total, result.is_consistent), (5, true));
    }
    let left: i32 = sqlx::query_scalar("SELECT stock FROM products").fetch_one(&world.pool).await.expect("reads");
    assert_eq!(left, 25);
    let rolled_back: i64 = sqlx::query_scalar("SELECT count(*) FROM stock_moves WHERE delta < 0")
        .fetch_one(&world.pool)
        .await
        .expect("reads");
    assert_eq!(rolled_back, 5);
}
