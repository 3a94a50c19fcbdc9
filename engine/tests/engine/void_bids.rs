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

/// Sets the status of an account, and waits until its bids follow.
async fn set_status(world: &World, user: UserId, status: UserStatus) {
    let change = UpdateUser { status: Some(status), ..UpdateUser::default() };
    world.engine.accounts.update_user(&world.admin, user, change).await.expect("updates");
    let is_void = status == UserStatus::Inactive;
    eventually("the bids follow", async || {
        let bids = world.engine.void_bids.open_bids(&world.admin, user).await.expect("reads");
        bids.iter().all(|bid| bid.is_void == is_void).then_some(())
    })
    .await;
}

async fn ranking(world: &World, campaign: CampaignId) -> Ranking {
    world.engine.rankings.ranking(campaign, Some(10)).await.expect("reads")
}

/// The users of a ranking, which Redis and PostgreSQL have to agree on.
async fn order(world: &World, campaign: CampaignId) -> Vec<UserId> {
    let users = |ranking: Ranking| ranking.rankings.iter().map(|row| row.user_id).collect::<Vec<_>>();
    // A change is committed a moment before it is entered.
    wait_until_counts_agree(world, campaign).await;
    let from_redis = ranking(world, campaign).await;
    // Without its mark of completeness, the ranking in Redis is not used.
    let key = format!("{}bid_meta:{{{campaign}}}", world.stores.redis_prefix);
    let mut redis = world.stores.redis().await;
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
    wait_until_counts_agree(world, campaign).await;
    let (from_redis, from_postgres) = (users(from_redis), users(from_postgres));
    assert_eq!(from_redis, from_postgres);
    from_postgres
}

/// What the repair of rankings compares: the counts say what is in the table, and Redis has it.
async fn wait_until_counts_agree(world: &World, campaign: CampaignId) {
    let read = "SELECT members, changes, participants, counted FROM
                    (SELECT count(*) AS members, sum(bid_number + void_changes)::bigint AS changes
                     FROM bids WHERE campaign_id = $1) AS of_bids,
                    (SELECT sum(participants)::bigint AS participants, sum(bids)::bigint AS counted
                     FROM campaign_totals WHERE campaign_id = $1) AS of_totals";
    let counts = sqlx::query_as(read).bind(campaign.0).fetch_one(&world.pool).await;
    let (members, changes, participants, counted): (i64, i64, i64, i64) = counts.expect("reads");
    assert_eq!((participants, counted), (members, changes));
    let prefix = &world.stores.redis_prefix;
    let (ranking, meta) = (format!("{prefix}bid:{{{campaign}}}"), format!("{prefix}bid_meta:{{{campaign}}}"));
    let mut redis = world.stores.redis().await;
    eventually("Redis has a complete ranking", async || {
        let whole: Option<String> = redis.hget(&meta, "whole").await.expect("reads");
        let in_redis: i64 = redis.zcard(&ranking).await.expect("counts");
        let changes_in_redis: Option<i64> = redis.hget(&meta, "bids").await.expect("reads");
        (whole.is_some() && (in_redis, changes_in_redis) == (members, Some(changes))).then_some(())
    })
    .await;
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
    world.engine.start();
    set_status(&world, members[1].user_id, UserStatus::Inactive).await;
    // Committed just as the account was deactivated: nothing has made it void. And one that should be valid again.
    for (member, status, cause) in [(&members[2], "inactive", None), (&members[3], "active", Some("account"))] {
        let update = "WITH account AS (UPDATE users SET status = $2, updated_at = '2020-01-01' WHERE user_id = $1)
                      UPDATE bids SET void_cause = $3 WHERE user_id = $1";
        let update = sqlx::query(update).bind(member.user_id.0).bind(status).bind(cause);
        update.execute(&world.pool).await.expect("updates");
    }
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
async fn what_a_process_has_left_undone_is_made_good() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(10).await, 2).await;
    let members = world.members(2).await;
    for (member, cents) in members.iter().zip([90_000, 85_000]) {
        world.bid(member, campaign, cents).await;
    }
    // The process that deactivated the account has ended right after it.
    let block = UpdateUser { status: Some(UserStatus::Inactive), ..UpdateUser::default() };
    world.engine.accounts.update_user(&world.admin, members[0].user_id, block).await.expect("updates");
    let other = world.another_process().await;
    other.start();
    eventually("the bid is void", async || {
        let bids = other.void_bids.open_bids(&world.admin, members[0].user_id).await.expect("reads");
        bids[0].is_void.then_some(())
    })
    .await;
    assert_eq!(other.rankings.ranking(campaign, None).await.expect("reads").rankings[0].user_id, members[1].user_id);
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
