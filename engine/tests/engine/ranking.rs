//! The ranking: one total order in every store, whatever happens to Redis.

use domain::{CampaignId, UserId, api::bids::PlaceBid};
use redis::AsyncCommands;
use sqlx::PgPool;
use testkit::{World, eventually, price};

/// The order of a campaign by SQL alone.
async fn sql_order(pool: &PgPool, campaign: CampaignId) -> Vec<UserId> {
    let users: Vec<uuid::Uuid> =
        sqlx::query_scalar("SELECT user_id FROM bids WHERE campaign_id = $1 ORDER BY score DESC, accepted_seq ASC")
            .bind(campaign.0)
            .fetch_all(pool)
            .await
            .expect("reads");
    users.into_iter().map(UserId).collect()
}

/// The order of a campaign by Redis alone: the users at the end of its members.
async fn redis_order(world: &World, campaign: CampaignId) -> Vec<UserId> {
    let key = format!("{}bid:{{{campaign}}}", world.stores.redis_prefix);
    let members: Vec<String> = world.stores.redis().await.zrevrange(key, 0, -1).await.expect("reads");
    members.iter().map(|member| member[16..].parse().expect("a user")).collect()
}

#[tokio::test]
async fn of_1001_equal_scores_the_first_accepted_ranks_first_everywhere() {
    let world = World::new().await;
    let campaign = world.price_only_campaign(&world.product(10).await, 10).await;
    let members = world.members(1001).await;
    let first = world.bid(&members[500], campaign, 90_000).await;
    let placed = members.iter().enumerate().filter(|(n, _)| *n != 500).map(|(_, member)| {
        let (engine, member) = (world.engine.clone(), member.clone());
        tokio::spawn(async move {
            let bid = PlaceBid { campaign_id: campaign, price: price(90_000), user_id: None };
            engine.bidding.place(&member, bid).await.expect("accepted")
        })
    });
    for outcome in placed {
        assert_eq!(outcome.await.expect("runs").score, first.score);
    }
    let by_acceptance: Vec<uuid::Uuid> =
        sqlx::query_scalar("SELECT user_id FROM bid_events WHERE campaign_id = $1 ORDER BY accepted_seq")
            .bind(campaign.0)
            .fetch_all(&world.pool)
            .await
            .expect("reads");
    let by_acceptance: Vec<UserId> = by_acceptance.into_iter().map(UserId).collect();
    assert_eq!(by_acceptance[0], members[500].user_id);
    assert_eq!(sql_order(&world.pool, campaign).await, by_acceptance);
    eventually("Redis has the complete ranking", async || {
        let order = redis_order(&world, campaign).await;
        (order.len() == 1001).then_some(order)
    })
    .await;
    assert_eq!(redis_order(&world, campaign).await, by_acceptance);
    let ranking = world.engine.rankings.ranking(campaign, Some(1000)).await.expect("reads");
    assert!(ranking.rankings.iter().map(|row| row.user_id).eq(by_acceptance.iter().take(1000).copied()));
    assert!(ranking.rankings.iter().map(|row| row.rank).eq(1..=1000));
    let last = members.iter().find(|member| member.user_id == by_acceptance[1000]).expect("a member");
    let last = world.engine.rankings.my_standing(last, campaign).await.expect("reads");
    assert_eq!((last.rank, last.is_winning, last.total_participants), (Some(1001), Some(false), 1001));
}

#[tokio::test]
async fn the_kth_score_is_unknown_until_k_have_bid() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let members = world.members(3).await;
    let threshold = async || world.engine.rankings.ranking(campaign, None).await.expect("reads").min_winning_score;
    assert_eq!(threshold().await, None);
    let first = world.bid(&members[0], campaign, 90_000).await;
    assert_eq!(threshold().await, None);
    world.bid(&members[1], campaign, 100_000).await;
    assert_eq!(threshold().await, Some(first.score));
    let third = world.bid(&members[2], campaign, 95_000).await;
    assert_eq!(threshold().await, Some(third.score));
    let ranking = world.engine.rankings.ranking(campaign, None).await.expect("reads");
    assert_eq!((ranking.rankings.len(), ranking.total_participants), (2, 3));
    let stats = world.engine.rankings.campaign(campaign).await.expect("reads").stats;
    assert_eq!((stats.min_winning_score, stats.total_participants), (Some(third.score), 3));
    assert_eq!(stats.max_score, ranking.max_score);
}

#[tokio::test]
async fn someone_without_a_bid_stands_nowhere() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let ann = world.member("ann").await;
    let standing = world.engine.rankings.my_standing(&ann, campaign).await.expect("reads");
    assert_eq!((standing.rank, standing.score, standing.price, standing.is_winning), (None, None, None, None));
}

#[tokio::test]
async fn a_ranking_redis_has_lost_comes_from_postgres_and_is_rebuilt() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 5).await;
    let members = world.members(20).await;
    for (n, member) in (0..).zip(&members) {
        world.bid(member, campaign, 80_000 + n * 100).await;
    }
    let before = world.engine.rankings.ranking(campaign, Some(100)).await.expect("reads");
    let mut redis = world.stores.redis().await;
    for kind in ["bid", "bid_details", "bid_meta"] {
        let _: () = redis.del(format!("{}{kind}:{{{campaign}}}", world.stores.redis_prefix)).await.expect("deletes");
    }
    let after = world.engine.rankings.ranking(campaign, Some(100)).await.expect("reads");
    assert_eq!(after.rankings, before.rankings);
    // A bid meanwhile has its true rank too, and nothing is lost.
    assert_eq!(world.bid(&members[0], campaign, 200_000).await.rank, 1);
    eventually("the ranking is rebuilt", async || {
        world.engine.rankings.ranking(campaign, Some(1)).await.expect("reads");
        let order = redis_order(&world, campaign).await;
        let meta = format!("{}bid_meta:{{{campaign}}}", world.stores.redis_prefix);
        let is_complete: bool = redis.hexists(meta, "whole").await.expect("reads");
        (is_complete && order.len() == 20).then_some(())
    })
    .await;
    assert_eq!(redis_order(&world, campaign).await, sql_order(&world.pool, campaign).await);
}

#[tokio::test]
async fn without_redis_bids_are_accepted_and_ranked() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let members = world.members(3).await;
    let mut config = world.stores.config();
    // Nothing listens there.
    config.redis_url = "redis://127.0.0.1:1".to_owned().into();
    let engine = engine::Engine::connect_with_clock(config, world.clock.clone()).await.expect("starts without Redis");
    for (member, cents, rank) in [(&members[0], 90_000, 1), (&members[1], 100_000, 1), (&members[2], 95_000, 2)] {
        let bid = PlaceBid { campaign_id: campaign, price: price(cents), user_id: None };
        assert_eq!(engine.bidding.place(member, bid).await.expect("accepted").rank, rank);
    }
    let ranking = engine.rankings.ranking(campaign, None).await.expect("reads");
    assert!(ranking.rankings.iter().map(|row| row.user_id).eq([members[1].user_id, members[2].user_id]));
    let standing = engine.rankings.my_standing(&members[0], campaign).await.expect("reads");
    assert_eq!((standing.rank, standing.is_winning), (Some(3), Some(false)));
}

#[tokio::test]
async fn ranks_count_the_bids_that_another_process_could_not_enter_in_redis() {
    let world = World::new().await;
    let campaign = world.price_only_campaign(&world.product(5).await, 1).await;
    let members = world.members(3).await;
    world.bid(&members[0], campaign, 90_000).await;
    let mut redis = world.stores.redis().await;
    eventually("the ranking is complete", async || {
        let meta = format!("{}bid_meta:{{{campaign}}}", world.stores.redis_prefix);
        let is_complete: bool = redis.hexists(meta, "whole").await.expect("reads");
        is_complete.then_some(())
    })
    .await;
    let mut config = world.stores.config();
    config.redis_url = "redis://127.0.0.1:1".to_owned().into();
    let other = engine::Engine::connect_with_clock(config, world.clock.clone()).await.expect("starts without Redis");
    let bid = PlaceBid { campaign_id: campaign, price: price(100_000), user_id: None };
    assert_eq!(other.bidding.place(&members[1], bid).await.expect("accepted").rank, 1);
    assert!(!redis_order(&world, campaign).await.contains(&members[1].user_id));
    assert_eq!(world.bid(&members[2], campaign, 95_000).await.rank, 2, "behind the bid that Redis lacks");
    // What the process has learned is in everything it shows from now on.
    let ranking = world.engine.rankings.ranking(campaign, Some(3)).await.expect("reads");
    assert!(ranking.rankings.iter().map(|row| row.user_id).eq([1, 2, 0].map(|member| members[member].user_id)));
    let standing = world.engine.rankings.my_standing(&members[0], campaign).await.expect("reads");
    assert_eq!((standing.rank, standing.is_winning), (Some(3), Some(false)));
}
