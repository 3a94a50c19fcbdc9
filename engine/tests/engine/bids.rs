//! Bids: which are accepted, which stand, and which are refused.

use domain::{
    BidRejection, Coefficients, ErrorCode,
    api::{bids::PlaceBid, campaigns::UpdateCampaign},
    score::Coefficient,
    validated::Page,
};
use engine::Error;
use testkit::{World, minute, noon, price};

fn bid(campaign_id: domain::CampaignId, cents: i64) -> PlaceBid {
    PlaceBid { campaign_id, price: price(cents), user_id: None }
}

fn rejection<T>(result: Result<T, Error>) -> BidRejection {
    match result {
        Err(Error::BidRejected(rejection, _)) => rejection,
        Err(error) => panic!("refused as {error}"),
        Ok(_) => panic!("accepted"),
    }
}

#[tokio::test]
async fn a_bid_scores_by_price_time_and_weight() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 5).await;
    let ann = world.member("ann").await;
    world.at(1499);
    let outcome = world.bid(&ann, campaign, 90_000).await;
    assert_eq!(outcome.score, Coefficients::default().score(price(90_000), 1499, ann.weight));
    assert_eq!((outcome.time_elapsed_ms, outcome.rank, outcome.bid_number), (1499, 1, 1));
    assert!(outcome.improved && outcome.is_winning);
    assert_eq!((outcome.created_at, outcome.accepted_at), (noon().plus_millis(1499), noon().plus_millis(1499)));
}

#[tokio::test]
async fn the_best_bid_stands() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 5).await;
    let ann = world.member("ann").await;
    // Past the first seconds, in which speed counts for more than a price.
    world.at(30_000);
    let first = world.bid(&ann, campaign, 90_000).await;
    world.at(30_010);
    let higher = world.bid(&ann, campaign, 100_000).await;
    world.at(30_020);
    let lower = world.bid(&ann, campaign, 95_000).await;

    assert!(higher.improved);
    assert_eq!((higher.bid_id, higher.bid_number, higher.created_at), (first.bid_id, 2, first.created_at));
    assert!(!lower.improved);
    assert_eq!(
        (lower.price, lower.score, lower.bid_number, lower.accepted_at),
        (higher.price, higher.score, 2, higher.accepted_at)
    );
    let history =
        world.engine.bidding.history(ann.user_id, campaign, Page { skip: 0, limit: 100 }).await.expect("reads");
    let prices: Vec<_> = history.bids.iter().map(|bid| (bid.price.cents(), bid.bid_number)).collect();
    assert_eq!((prices, history.total), (vec![(100_000, 2), (90_000, 1)], 2));
}

#[tokio::test]
async fn a_bid_of_the_same_score_leaves_the_standing_as_it_is() {
    let world = World::new().await;
    let campaign = world.price_only_campaign(&world.product(5).await, 5).await;
    let ann = world.member("ann").await;
    let first = world.bid(&ann, campaign, 90_000).await;
    world.at(10);
    let retry = world.bid(&ann, campaign, 90_000).await;
    assert!(!retry.improved);
    assert_eq!((retry.accepted_at, retry.bid_number), (first.accepted_at, 1));
}

#[tokio::test]
async fn bids_count_from_the_start_until_just_before_the_end() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 5).await;
    let ann = world.member("ann").await;
    let place = async |ms: i64| {
        world.at(ms);
        world.engine.bidding.place(&ann, bid(campaign, 90_000 + ms)).await
    };
    assert_eq!(rejection(place(-1).await), BidRejection::NotStarted);
    place(0).await.expect("in time");
    place(59_999).await.expect("in time");
    assert_eq!(rejection(place(60_000).await), BidRejection::Ended);
}

#[tokio::test]
async fn refusals_come_in_the_order_of_the_contract() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 5).await;
    let ann = world.member("ann").await;
    let unknown = domain::CampaignId(uuid::Uuid::nil());
    let not_found = world.engine.bidding.place(&ann, bid(unknown, 1)).await.err().map(|error| error.code());
    assert_eq!(not_found, Some(ErrorCode::CampaignNotFound));
    world.at(-1);
    assert_eq!(rejection(world.engine.bidding.place(&ann, bid(campaign, 1)).await), BidRejection::NotStarted);
    world.at(1);
    let too_low = rejection(world.engine.bidding.place(&ann, bid(campaign, 79_999)).await);
    assert_eq!(too_low, BidRejection::PriceTooLow { min_price: price(80_000) });
}

#[tokio::test]
async fn many_bids_at_once_are_all_accepted_and_all_there() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(10).await, 10).await;
    let members = world.members(200).await;
    let placed = members.iter().enumerate().map(|(n, member)| {
        let (engine, member) = (world.engine.clone(), member.clone());
        let cents = 80_000 + i64::try_from(n).expect("small");
        tokio::spawn(async move { engine.bidding.place(&member, bid(campaign, cents)).await.expect("accepted") })
    });
    let mut bid_ids = Vec::new();
    for outcome in placed {
        bid_ids.push(outcome.await.expect("runs").bid_id.0);
    }
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM bids WHERE campaign_id = $1 AND bid_id = ANY($2)")
        .bind(campaign.0)
        .bind(&bid_ids)
        .fetch_one(&world.pool)
        .await
        .expect("counts");
    assert_eq!(stored, 200);
}

#[tokio::test]
async fn bids_of_one_user_at_once_leave_the_best_standing() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 5).await;
    let ann = world.member("ann").await;
    let placed = (0..50).map(|n| {
        let (engine, ann) = (world.engine.clone(), ann.clone());
        tokio::spawn(async move { engine.bidding.place(&ann, bid(campaign, 80_000 + n)).await.expect("taken") })
    });
    let mut improved = 0;
    for outcome in placed {
        let outcome = outcome.await.expect("runs");
        improved += u32::from(outcome.improved);
    }
    let history =
        world.engine.bidding.history(ann.user_id, campaign, Page { skip: 0, limit: 100 }).await.expect("reads");
    assert_eq!(history.bids[0].price, price(80_049));
    // Every 201 is in the history, and nothing else is.
    assert_eq!((history.total, history.bids[0].bid_number), (i64::from(improved), improved));
}

#[tokio::test]
async fn a_bid_is_scored_by_the_campaign_as_it_is_when_written() {
    let world = World::new().await;
    world.at(-1000);
    let campaign = world.campaign(&world.product(5).await, 5).await;
    let ann = world.member("ann").await;
    let other_process = world.another_process().await;
    // The other process has the campaign in memory as it was.
    other_process.rankings.campaign(campaign).await.expect("reads");
    let change = UpdateCampaign { alpha: Coefficient::new(3.0), ..UpdateCampaign::default() };
    world.engine.campaigns.update(&world.admin, campaign, change).await.expect("edits");
    world.at(0);
    let outcome = other_process.bidding.place(&ann, bid(campaign, 90_000)).await.expect("accepted");
    let coefficients = Coefficients { alpha: Coefficient::new(3.0).expect("in range"), ..Coefficients::default() };
    assert_eq!(outcome.score, coefficients.score(price(90_000), 0, ann.weight));
}

#[tokio::test]
async fn no_bid_is_accepted_once_the_winners_are_being_fixed() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 5).await;
    let ann = world.member("ann").await;
    world.at(59_999);
    // Settlement has the campaign's lock; a bid in time by the clock arrives and has to wait.
    let mut settlement = world.pool.begin().await.expect("begins");
    sqlx::query("UPDATE campaigns SET status = 'settled', settled_at = now() WHERE campaign_id = $1")
        .bind(campaign.0)
        .execute(&mut *settlement)
        .await
        .expect("closes");
    let placed = {
        let (engine, ann) = (world.engine.clone(), ann.clone());
        tokio::spawn(async move { engine.bidding.place(&ann, bid(campaign, 90_000)).await })
    };
    testkit::eventually("the bid waits", async || (world.waiting_for_locks().await > 0).then_some(())).await;
    settlement.commit().await.expect("commits");
    assert_eq!(rejection(placed.await.expect("runs")), BidRejection::Ended);
    let bids: i64 = sqlx::query_scalar("SELECT count(*) FROM bids").fetch_one(&world.pool).await.expect("counts");
    assert_eq!(bids, 0);
}

#[tokio::test]
async fn the_database_itself_refuses_a_bid_outside_its_campaign() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 5).await;
    let ann = world.member("ann").await;
    // Shorten the campaign behind the engine's back, without a new version: only the clause in
    // the statement is left to notice.
    world.engine.rankings.campaign(campaign).await.expect("in memory");
    sqlx::query("UPDATE campaigns SET end_time = $2 WHERE campaign_id = $1")
        .bind(campaign.0)
        .bind(noon().plus_millis(10).as_datetime())
        .execute(&world.pool)
        .await
        .expect("shortens");
    world.at(20);
    assert_eq!(rejection(world.engine.bidding.place(&ann, bid(campaign, 90_000)).await), BidRejection::Ended);
}

#[tokio::test]
async fn a_cancelled_campaign_takes_no_bid_in_any_process() {
    let world = World::new().await;
    let product = world.product(5).await;
    let campaign = world.engine.campaigns.create(&world.admin, minute(&product)).await.expect("a campaign");
    let campaign = campaign.campaign_id;
    let ann = world.member("ann").await;
    let other_process = world.another_process().await;
    other_process.rankings.campaign(campaign).await.expect("in memory");
    let reason = domain::api::campaigns::CancelCampaign { reason: "a wrong price".parse().expect("a reason") };
    world.engine.campaigns.cancel(&world.admin, campaign, reason).await.expect("cancels");
    for engine in [&world.engine, &other_process] {
        assert_eq!(rejection(engine.bidding.place(&ann, bid(campaign, 90_000)).await), BidRejection::Cancelled);
    }
}

#[tokio::test]
async fn a_drained_engine_answers_what_it_took_and_takes_no_more() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 5).await;
    let ann = world.member("ann").await;
    world.bid(&ann, campaign, 90_000).await;
    world.engine.rankings.campaign(campaign).await.expect("in memory");
    world.engine.shut_down().await;
    let refused = world.engine.bidding.place(&ann, bid(campaign, 91_000)).await;
    assert_eq!(refused.err().map(|error| error.code()), Some(ErrorCode::Unavailable));
}
