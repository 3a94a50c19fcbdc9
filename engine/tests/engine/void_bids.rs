//! Void bids: in no ranking and without effect, and valid again if the cause is gone.

use domain::{
    CampaignId, ErrorCode, UserId,
    api::{
        accounts::{UpdateUser, User, UserStatus},
        rankings::Ranking,
    },
    validated::{Page, Reason},
};
use redis::AsyncCommands;
use testkit::{World, eventually};

const ALL: Page = Page { skip: 0, limit: 100 };

fn reason() -> Reason {
    "A slip of the pen.".parse().expect("a reason")
}

async fn set_status(world: &World, user: UserId, status: UserStatus) {
    let change = UpdateUser { status: Some(status), ..UpdateUser::default() };
    world.engine.accounts.update_user(&world.admin, user, change).await.expect("updates");
}

async fn ranking(world: &World, campaign: CampaignId) -> Ranking {
    world.engine.rankings.ranking(campaign, Some(10)).await.expect("reads")
}

/// The users of a ranking, which Redis and PostgreSQL have to agree on.
async fn order(world: &World, campaign: CampaignId) -> Vec<UserId> {
    let users = |ranking: Ranking| ranking.rankings.iter().map(|row| row.user_id).collect::<Vec<_>>();
    let from_redis = ranking(world, campaign).await;
    // Without its mark of completeness, the ranking in Redis is not used.
    let key = format!("{}bid_meta:{{{campaign}}}", world.stores.redis_prefix);
    let mut redis = world.stores.redis().await;
    let whole: Option<String> = redis.hget(&key, "whole").await.expect("reads");
    assert!(whole.is_some(), "Redis has a complete ranking");
    let () = redis.hdel(&key, "whole").await.expect("removes");
    let other = world.another_process().await;
    let from_postgres = other.rankings.ranking(campaign, Some(10)).await.expect("reads");
    assert_eq!(from_redis.total_participants, from_postgres.total_participants);
    assert_eq!(from_redis.min_winning_score, from_postgres.min_winning_score);
    assert_eq!(from_redis.version, from_postgres.version);
    eventually("it is rebuilt", async || {
        let whole: Option<String> = redis.hget(&key, "whole").await.expect("reads");
        whole.map(|_| ())
    })
    .await;
    let rebuilt = other.rankings.ranking(campaign, Some(10)).await.expect("reads");
    assert_eq!((&rebuilt.rankings, rebuilt.version), (&from_postgres.rankings, from_postgres.version));
    let (from_redis, from_postgres) = (users(from_redis), users(from_postgres));
    assert_eq!(from_redis, from_postgres);
    from_postgres
}

async fn rank(world: &World, user: &User, campaign: CampaignId) -> Option<u64> {
    world.engine.rankings.my_standing(user, campaign).await.expect("reads").rank
}

#[tokio::test]
async fn bids_of_a_deactivated_account_are_void_until_it_is_activated_again() {
    let world = World::new().await;
    world.engine.start();
    let campaign = world.campaign(&world.product(10).await, 2).await;
    let members = world.members(3).await;
    for (member, cents) in members.iter().zip([90_000, 85_000, 80_000]) {
        world.bid(member, campaign, cents).await;
    }
    let ids: Vec<UserId> = members.iter().map(|member| member.user_id).collect();
    let before = ranking(&world, campaign).await;
    set_status(&world, ids[0], UserStatus::Inactive).await;
    assert_eq!(order(&world, campaign).await, ids[1..]);
    let blocked = ranking(&world, campaign).await;
    assert!(blocked.version > before.version, "another ranking has another version");
    assert_eq!((before.total_participants, blocked.total_participants), (3, 2));
    assert_eq!(blocked.min_winning_score, Some(before.rankings[2].score), "the last is in");
    assert_eq!((rank(&world, &members[0], campaign).await, rank(&world, &members[1], campaign).await), (None, Some(1)));
    let stats = world.engine.rankings.campaign(campaign).await.expect("reads").stats;
    assert_eq!((stats.total_bids, stats.max_price.map(domain::Money::cents)), (3, Some(85_000)));

    set_status(&world, ids[0], UserStatus::Active).await;
    assert_eq!(order(&world, campaign).await, ids);
    let again = ranking(&world, campaign).await;
    assert!(again.version > blocked.version);
    assert_eq!(again.rankings, before.rankings);
    let outcome = world.bid(&members[0], campaign, 95_000).await;
    assert_eq!((outcome.rank, outcome.bid_number), (1, 2), "the bid goes on where it was");
    assert_eq!(world.engine.bidding.history(ids[0], campaign, ALL).await.expect("reads").total, 2);
    assert_eq!(order(&world, campaign).await, ids);
}

#[tokio::test]
async fn a_void_bid_wins_nothing() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(10).await, 2).await;
    let members = world.members(4).await;
    for (member, cents) in members.iter().zip([95_000, 90_000, 85_000, 80_000]) {
        world.bid(member, campaign, cents).await;
    }
    let admin = &world.admin;
    world.engine.void_bids.declare_void(admin, campaign, members[0].user_id, &reason()).await.expect("declares");
    set_status(&world, members[1].user_id, UserStatus::Inactive).await;
    // Committed in the moment of the block, so that nothing has made it void.
    sqlx::query("UPDATE users SET status = 'inactive' WHERE user_id = $1")
        .bind(members[2].user_id.0)
        .execute(&world.pool)
        .await
        .expect("updates");
    world.engine.start();
    world.at(60_000);
    eventually("it is settled", async || {
        let detail = world.engine.rankings.campaign(campaign).await.expect("reads");
        detail.campaign.settled_at.map(|_| ())
    })
    .await;
    let result = world.engine.orders.campaign_orders(admin, campaign, ALL).await.expect("reads");
    let winners: Vec<_> = result.orders.iter().map(|order| (order.final_rank, order.user_id)).collect();
    assert_eq!(winners, [(1, members[3].user_id)]);
    assert_eq!((result.is_consistent, result.stock), (true, 9));
    assert_eq!(ranking(&world, campaign).await.rankings.len(), 1);
    let lost = world.engine.orders.outcome(Some(members[0].user_id), campaign).await.expect("reads").expect("settled");
    assert_eq!((lost.is_winner, lost.final_rank), (false, None));
    let late = world.engine.void_bids.restore(admin, campaign, members[0].user_id).await.expect_err("refused");
    assert_eq!(late.code(), ErrorCode::Conflict);
}

#[tokio::test]
async fn after_a_void_bid_any_new_one_stands() {
    let world = World::new().await;
    world.engine.start();
    let campaign = world.campaign(&world.product(10).await, 2).await;
    let members = world.members(2).await;
    world.bid(&members[0], campaign, 9_000_000).await;
    world.bid(&members[1], campaign, 85_000).await;
    let (void_bids, admin, user) = (&world.engine.void_bids, &world.admin, members[0].user_id);
    void_bids.declare_void(admin, campaign, user, &reason()).await.expect("declares");
    let twice = void_bids.declare_void(admin, campaign, user, &reason()).await.expect_err("refused");
    assert_eq!(twice.code(), ErrorCode::NotFound);
    assert_eq!(world.engine.rankings.void_reason(user, campaign).await.expect("reads").as_deref(), Some(&*reason()));
    assert_eq!(order(&world, campaign).await, [members[1].user_id]);

    let outcome = world.bid(&members[0], campaign, 80_000).await;
    assert_eq!((outcome.improved, outcome.rank, outcome.bid_number, outcome.price.cents()), (true, 2, 2, 80_000));
    assert_eq!(order(&world, campaign).await, [members[1].user_id, user]);
    assert_eq!(ranking(&world, campaign).await.total_participants, 2);
    assert_eq!(world.engine.rankings.void_reason(user, campaign).await.expect("reads"), None);
    let none = void_bids.restore(admin, campaign, user).await.expect_err("refused");
    assert_eq!(none.code(), ErrorCode::NotFound);

    void_bids.declare_void(admin, campaign, user, &reason()).await.expect("declares");
    void_bids.restore(admin, campaign, user).await.expect("restores");
    assert_eq!(order(&world, campaign).await, [members[1].user_id, user]);
    let denied = void_bids.declare_void(&members[1], campaign, user, &reason()).await.expect_err("refused");
    assert_eq!(denied.code(), ErrorCode::AdminRequired);
}

#[tokio::test]
async fn void_bids_and_bids_at_the_same_time_leave_one_ranking() {
    let world = World::new().await;
    world.engine.start();
    let campaign = world.price_only_campaign(&world.product(10).await, 3).await;
    let members = world.members(8).await;
    let (admin, void_bids) = (&world.admin, &world.engine.void_bids);
    let bidding = async {
        for round in 0..20 {
            for (n, member) in (0..).zip(&members) {
                // Void bids give way to any; others only to better ones.
                world.bid(member, campaign, 80_000 + 100 * round + n).await;
            }
        }
    };
    let voiding = async {
        for round in 0..20 {
            let user = members[round % 3].user_id;
            // Before their first bid there is none.
            if void_bids.declare_void(admin, campaign, user, &reason()).await.is_ok() && round % 2 == 0 {
                let _ = void_bids.restore(admin, campaign, user).await;
            }
        }
    };
    tokio::join!(bidding, voiding);
    for member in &members[..3] {
        let _ = void_bids.declare_void(admin, campaign, member.user_id, &reason()).await;
    }
    let expected: Vec<UserId> = members[3..].iter().rev().map(|member| member.user_id).collect();
    assert_eq!(order(&world, campaign).await, expected);
}
