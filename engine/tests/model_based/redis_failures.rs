//! Redis loses its data, hangs, or is left half-updated by a dead process: the ranking recovers by itself.

use crate::multi_process::{
    Process, after_a_moment, private_world, redis_order, standings, start_three, within_five_seconds,
};
use domain::{
    CampaignId, ErrorCode, UserId,
    api::{
        accounts::User,
        campaigns::{CreateCampaign, UpdateCampaign},
        products::UpdateProduct,
    },
    score::Coefficient,
    websocket_events::{RankingUpdate, ServerEvent},
};
use engine::Engine;
use redis::AsyncCommands;
use std::sync::Arc;
use testkit::{RedisServer, World, eventually, noon};
use tokio::sync::watch;

async fn expected(world: &World, campaign: CampaignId, users: &[Arc<User>]) -> Vec<UserId> {
    let standings = standings(&world.pool, campaign, users).await;
    standings.iter().map(|bid| users[bid.user].user_id).collect()
}

/// Nobody bids and nobody looks; within five seconds Redis has the order all the same.
async fn comes_back(world: &World, campaign: CampaignId, users: &[Arc<User>]) {
    let expected = expected(world, campaign, users).await;
    assert!(!expected.is_empty());
    within_five_seconds("Redis has the order again", async || {
        (redis_order(&world.stores, campaign).await == expected).then_some(())
    })
    .await;
}

async fn bid(process: &Process, user: &Arc<User>, campaign: CampaignId, cents: i64) -> u64 {
    process.bid(user, campaign, cents).await.expect("does not panic").expect("accepted").rank
}

/// Until the transaction ends, a rebuild that has claimed its ranking waits for the names of the users.
async fn hold_rebuilds(world: &World) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut hold = world.pool.begin().await.expect("begins");
    sqlx::query("LOCK TABLE users IN ACCESS EXCLUSIVE MODE").execute(&mut *hold).await.expect("locks");
    hold
}

async fn rebuild_is_under_way(redis: &RedisServer, world: &World, campaign: CampaignId) {
    let claim = format!("{}bid_rebuild:{{{campaign}}}", world.stores.redis_prefix);
    let mut connection = redis.connection().await;
    eventually("a rebuild is under way", async || {
        let claimed: bool = connection.exists(&claim).await.expect("reads");
        claimed.then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_lost_ranking_is_repaired_without_readers() {
    let (mut redis, world) = private_world().await;
    let campaign = world.price_only_campaign(&world.product(5).await, 5).await;
    let users = world.members(8).await;
    let processes = start_three(&world).await;
    for (n, user) in (0..).zip(&users) {
        bid(&processes[0], user, campaign, 80_000 + 100 * (n % 3)).await;
    }
    redis.flush_all().await;
    comes_back(&world, campaign, &users).await;
    redis.restart().await;
    comes_back(&world, campaign, &users).await;
}

#[tokio::test]
async fn a_ranking_that_missed_a_batch_is_not_trusted_with_the_next() {
    let (redis, world) = private_world().await;
    let campaign = world.price_only_campaign(&world.product(5).await, 5).await;
    let users = world.members(4).await;
    let process = Process::start(&world.stores, &world.clock).await;
    bid(&process, &users[0], campaign, 80_000).await;
    redis.pause();
    // The first waits in vain for Redis, which will find it when it goes on; the second is not even sent.
    assert_eq!(bid(&process, &users[1], campaign, 90_000).await, 1);
    assert_eq!(bid(&process, &users[2], campaign, 91_000).await, 1);
    redis.resume();
    let mut cents = 85_000;
    within_five_seconds("Redis has all of them", async || {
        cents += 1;
        assert_eq!(bid(&process, &users[3], campaign, cents).await, 3, "behind both");
        (redis_order(&world.stores, campaign).await.len() == users.len()).then_some(())
    })
    .await;
    assert_eq!(bid(&process, &users[3], campaign, 89_000).await, 3);
}

#[tokio::test]
async fn bids_placed_while_redis_hangs_are_ranked_once_it_recovers() {
    let (redis, world) = private_world().await;
    let campaign = world.price_only_campaign(&world.product(5).await, 5).await;
    let users = world.members(4).await;
    let processes = start_three(&world).await;
    for process in &processes {
        bid(process, &users[0], campaign, 80_000).await;
    }
    redis.pause();
    // The first waits in vain for Redis; the second does not even try.
    assert_eq!(bid(&processes[0], &users[1], campaign, 90_000).await, 1);
    assert_eq!(bid(&processes[0], &users[2], campaign, 91_000).await, 1);
    redis.resume();
    // The memory of this Redis has a gap. Another process ranks its next bid by what was committed all the same.
    assert_eq!(bid(&processes[1], &users[3], campaign, 80_500).await, 3);
    comes_back(&world, campaign, &users).await;
}

/// Redis stands still during a bidding war and continues with its old memory: nobody sees the ranking go back.
#[tokio::test]
async fn no_watcher_sees_the_ranking_go_back_when_redis_stands_still() {
    let (redis, world) = private_world().await;
    let campaign = world.price_only_campaign(&world.product(5).await, 5).await;
    let users = world.members(6).await;
    let processes = start_three(&world).await;
    let (last_version, complete) = watch::channel(u64::MAX);
    let mut watchers = Vec::new();
    for process in &processes {
        let complete = complete.clone();
        watchers.push(process.spawn(move |engine| watch_until_complete(engine, campaign, complete)));
    }
    for round in 0..60 {
        match round {
            20 => redis.pause(),
            40 => redis.resume(),
            _ => {}
        }
        let bids = users.iter().enumerate().map(|(n, user)| {
            let cents = 80_000 + 100 * i64::try_from(6 * round + n).expect("small");
            bid(&processes[n % 3], user, campaign, cents)
        });
        futures_util::future::join_all(bids).await;
    }
    let ranking = processes[0].run(move |engine| async move { engine.rankings.ranking(campaign, None).await });
    last_version.send(ranking.await.expect("reads").version).expect("they watch");
    for watcher in watchers {
        watcher.await.expect("no frame goes back");
    }
}

/// Checks every frame of a spectator until it has the `complete` version.
async fn watch_until_complete(engine: Engine, campaign: CampaignId, mut complete: watch::Receiver<u64>) {
    let mut feed = engine.live.subscribe(campaign, None).await.expect("opens");
    let mut last: Option<RankingUpdate> = None;
    loop {
        let frame = tokio::select! {
            frame = feed.next() => frame.expect("the feed is open"),
            _ = complete.wait_for(|complete| last.as_ref().is_some_and(|last| last.version >= *complete)) => return,
        };
        let ServerEvent::RankingUpdate(frame) = serde_json::from_slice(&frame).expect("an event") else { continue };
        if let Some(last) = &last {
            let (old, new) = (last.version, frame.version);
            assert!(new >= old && frame.max_score >= last.max_score, "from {last:?} back to {frame:?}");
            assert!(new > old || frame.top_k == last.top_k, "two rankings of version {new}: {last:?} and {frame:?}");
        }
        last = Some(frame);
    }
}

#[tokio::test]
async fn a_rebuild_whose_process_died_is_taken_over() {
    let (redis, world) = private_world().await;
    let campaign = world.price_only_campaign(&world.product(5).await, 5).await;
    let users = world.members(8).await;
    let processes = start_three(&world).await;
    for (n, user) in (0..).zip(&users) {
        bid(&processes[0], user, campaign, 80_000 + 100 * (n % 3)).await;
    }
    // A rebuild claims the ranking and reads the users; there it is held up, and everybody dies.
    let hold = hold_rebuilds(&world).await;
    redis.flush_all().await;
    rebuild_is_under_way(&redis, &world, campaign).await;
    drop(processes);
    hold.rollback().await.expect("lets go");
    let _processes = start_three(&world).await;
    comes_back(&world, campaign, &users).await;
}

/// A committer enters a bid after the old ranking was deleted, and the rebuild has read a newer one of that bidder.
#[tokio::test]
async fn a_rebuild_replaces_a_stale_bid_entered_meanwhile() {
    let (redis, world) = private_world().await;
    let campaign = world.price_only_campaign(&world.product(5).await, 5).await;
    let users = world.members(2).await;
    for (user, cents) in [(0, 80_000), (1, 85_000), (0, 90_000)] {
        world.bid(&users[user], campaign, cents).await;
    }
    let mut connection = redis.connection().await;
    let key = |name: &str| format!("{}{name}:{{{campaign}}}", world.stores.redis_prefix);
    let is_complete = async || {
        let whole: bool = redis.connection().await.hexists(key("bid_meta"), "whole").await.expect("reads");
        whole.then_some(())
    };
    eventually("the ranking is complete", &is_complete).await;
    let hold = hold_rebuilds(&world).await;
    redis.flush_all().await;
    // Its repair starts the rebuild. A single reader might not: the rebuild before may not have quite ended.
    let _process = Process::start(&world.stores, &world.clock).await;
    rebuild_is_under_way(&redis, &world, campaign).await;
    let enter = redis::Script::new(include_str!("../../src/ranking/enter_bids.lua"));
    let mut enter = enter.key(key("bid"));
    enter.key(key("bid_details")).key(key("bid_meta"));
    enter.arg(0).arg(1).arg(users[0].user_id.to_string()).arg("800").arg("0000000000000001|1|80000|older");
    let _: Option<(redis::Value, Vec<i64>)> = enter.invoke_async(&mut connection).await.expect("enters");
    assert_eq!(redis_order(&world.stores, campaign).await, [users[0].user_id]);

    hold.rollback().await.expect("lets go");
    eventually("the ranking is complete", &is_complete).await;
    let price: String = connection.hget(key("bid_details"), users[0].user_id.to_string()).await.expect("reads");
    assert!(price.contains("|2|90000|"), "the newer bid stands: {price}");
    assert_eq!(redis_order(&world.stores, campaign).await, expected(&world, campaign, &users).await);
    let bids: u64 = connection.hget(key("bid_meta"), "bids").await.expect("reads");
    assert_eq!(bids, 3);
}

/// More bidders than a rebuild reads at once.
#[tokio::test]
async fn a_ranking_of_several_pages_comes_back() {
    let (redis, world) = private_world().await;
    let campaign = world.price_only_campaign(&world.product(5).await, 5).await;
    let users = world.members(2500).await;
    let bids = (0..).zip(&users).map(|(n, user)| world.bid(user, campaign, 80_000 + 100 * (n % 300)));
    futures_util::future::join_all(bids).await;
    let _processes = start_three(&world).await;
    redis.flush_all().await;
    comes_back(&world, campaign, &users).await;
}

/// Bids that committers enter during a rebuild: one that is better than what was read, one that is older, one of a bidder
/// who was not there yet, and more than are taken over at once.
#[tokio::test]
async fn bids_entered_during_a_rebuild_are_taken_over() {
    let redis = RedisServer::start().await;
    let mut ranking = CountedRanking::new(&redis).await;
    let read = [("a", 10, 1, 1), ("b", 20, 2, 3), ("c", 30, 3, 2)];
    ranking.fill(&read).await;
    let crowd: Vec<String> = (0..1_200).map(|n| format!("user {n:04}")).collect();
    let mut entered = vec![("a", 15, 5, 2), ("b", 12, 1, 1), ("e", 50, 6, 1)];
    entered.extend((100..).zip(&crowd).map(|(seq, user)| (user.as_str(), 5, seq, 1)));
    for page in entered.chunks(400) {
        ranking.enter_all(page).await;
    }
    let bids = read.iter().map(|bid| bid.3).sum();
    assert_eq!(ranking.finish_filled(read.len() as u64, bids, &[]).await, (true, 1_204, 1_208));
    let order = ranking.order().await;
    let best: Vec<&str> = order.iter().rev().take(5).map(|(member, _)| &member[16..]).collect();
    assert_eq!(best, ["e", "c", "b", "a", "user 0000"], "the earlier of equal scores comes first");
    assert_eq!(order.len(), 1_204);
    let bids: u64 = ranking.connection.hget("{c}meta", "bids").await.expect("reads");
    assert_eq!(bids, 1_208, "the sum of the bid numbers");
    let expires: i64 = ranking.connection.ttl("{c}ranking").await.expect("reads");
    assert_eq!(expires, -1, "it stays");
    assert_eq!(ranking.enter_all(&[("f", 60, 9_000, 1)]).await.map(|ranks| ranks[0]), Some(0));
}

/// A step of taking bids over whose answer was lost must not count them twice.
#[tokio::test]
async fn a_step_of_a_rebuild_that_is_sent_twice_fails() {
    let redis = RedisServer::start().await;
    let mut ranking = CountedRanking::new(&redis).await;
    let users: Vec<String> = (0..600).map(|n| format!("user {n:04}")).collect();
    let read: Vec<_> = (1..).zip(&users).map(|(seq, user)| (user.as_str(), 5, seq, 1)).collect();
    ranking.fill(&read).await;
    let raised: Vec<_> = (1_000..).zip(&users).map(|(seq, user)| (user.as_str(), 9, seq, 2)).collect();
    ranking.enter_all(&raised).await;
    let () = ranking.connection.set("{c}claim", "mine").await.expect("writes");
    let () = ranking.connection.hset("{c}meta", "rebuild", "mine:0").await.expect("writes");
    let mut step = async || -> (u8, u64, u64) {
        let mut call = ranking.finish.key("{c}ranking");
        call.key("{c}details").key("{c}meta").key("{c}claim").key("{c}rebuilt").key("{c}rebuilt details");
        call.arg("mine").arg(60_000).arg(0).arg(600).arg(600).invoke_async(&mut ranking.connection).await.expect("runs")
    };
    assert_eq!(step().await, (2, 600, 1_100), "there are more bids to take over");
    assert_eq!(step().await.0, 0, "the same again");
    assert_eq!(ranking.enter_all(&[("user 0001", 20, 5_000, 3)]).await, None, "it is not complete");
}

/// What a rebuild has filled in, or what was entered meanwhile, is gone: it must not be taken for all.
#[tokio::test]
async fn a_rebuild_of_which_something_is_missing_fails() {
    let redis = RedisServer::start().await;
    for lost in ["{c}rebuilt", "{c}rebuilt details", "{c}ranking", "{c}details", "{c}meta"] {
        redis.flush_all().await;
        let mut ranking = CountedRanking::new(&redis).await;
        ranking.fill(&[("a", 10, 1, 1)]).await;
        ranking.enter_all(&[("b", 20, 2, 1)]).await;
        let () = ranking.connection.del(lost).await.expect("deletes");
        assert!(!ranking.finish_filled(1, 1, &[]).await.0, "without {lost}");
        assert_eq!(ranking.enter_all(&[("c", 60, 3, 1)]).await, None, "it is not complete");
    }
}

/// Every process that finds a ranking incomplete asks for a rebuild; the second must not begin when the first is done.
#[tokio::test]
async fn a_ranking_that_has_just_been_rebuilt_is_not_emptied_again() {
    let begin = redis::Script::new(include_str!("../../src/ranking/begin_rebuild.lua"));
    let redis = RedisServer::start().await;
    let mut ranking = CountedRanking::new(&redis).await;
    ranking.enter("a", 0, 1).await;
    let mut connection = redis.connection().await;
    let mut begins = async |token: &str, if_incomplete: bool| -> bool {
        let [ranking, details, meta, claim] = CountedRanking::KEYS;
        let mut call = begin.key(ranking);
        call.key(details).key(meta).key(claim).arg(token).arg(60_000).arg(u8::from(if_incomplete));
        call.invoke_async(&mut connection).await.expect("runs")
    };
    assert!(begins("first", true).await, "it is incomplete");
    assert!(!begins("second", true).await, "the first has the claim");
    ranking.enter("a", 0, 1).await;
    ranking.finish(&[("a", 1)]).await;
    assert!(!begins("second", true).await, "it is complete");
    assert_eq!(ranking.order().await.len(), 1);
    assert!(begins("third", false).await, "it is known to be wrong");
    assert_eq!(ranking.order().await.len(), 0);
}

/// Redis forgets in the middle of a rebuild: what was entered before is gone, the claim with it, and
/// what came after is not taken for a complete ranking.
#[tokio::test]
async fn a_rebuild_that_lost_its_claim_marks_nothing_complete() {
    let finish = redis::Script::new(include_str!("../../src/ranking/finish_rebuild.lua"));
    let redis = RedisServer::start().await;
    let mut connection = redis.connection().await;
    let [ranking, details, meta, claim] = ["{c}ranking", "{c}details", "{c}meta", "{c}claim"];
    for (token, is_complete) in [(None, false), (Some("of another rebuild"), false), (Some("mine"), true)] {
        redis.flush_all().await;
        if let Some(token) = token {
            let () = connection.set(claim, token).await.expect("writes");
        }
        let () = connection.hset(meta, "rebuild", "mine:0").await.expect("writes");
        let mut call = finish.key(ranking);
        let call = call.key(details).key(meta).key(claim).key("{c}rebuilt").key("{c}rebuilt details");
        let (finished, _, _): (bool, u64, u64) =
            call.arg("mine").arg(60_000).arg(0).arg(0).arg(0).invoke_async(&mut connection).await.expect("runs");
        let whole: bool = connection.hexists(meta, "whole").await.expect("reads");
        assert_eq!((finished, whole), (is_complete, is_complete), "with the claim {token:?}");
    }
}

/// What Redis stores of a bid beside its score: of equal scores the one with the lower sequence is first.
fn detail(seq: u64, number: u64) -> String {
    format!("{:016}|{number}|80000|name", 1_000_000 - seq)
}

/// What a ranking holds of each writer's bids, as the scripts count it.
struct CountedRanking {
    connection: redis::aio::MultiplexedConnection,
    enter: redis::Script,
    finish: redis::Script,
    bids: u64,
}

impl CountedRanking {
    const KEYS: [&str; 4] = ["{c}ranking", "{c}details", "{c}meta", "{c}claim"];

    async fn new(redis: &RedisServer) -> Self {
        let enter = redis::Script::new(include_str!("../../src/ranking/enter_bids.lua"));
        let finish = redis::Script::new(include_str!("../../src/ranking/finish_rebuild.lua"));
        Self { connection: redis.connection().await, enter, finish, bids: 0 }
    }

    /// Enters a bid that completes the bids of a writer up to number `through`; whether the ranking is complete.
    async fn enter(&mut self, writer: &str, after: u64, through: u64) -> bool {
        let [ranking, details, meta, _] = Self::KEYS;
        self.bids += 1;
        let mut call = self.enter.key(ranking);
        call.key(details).key(meta).arg(1).arg(1).arg(writer).arg(after).arg(through);
        call.arg(self.bids).arg(10).arg(format!("{:016}|1|80000|name", self.bids));
        let answer: Option<(redis::Value, Vec<i64>)> = call.invoke_async(&mut self.connection).await.expect("enters");
        answer.is_some()
    }

    /// Finishes a rebuild that has read these counts.
    async fn finish(&mut self, counts: &[(&str, u64)]) {
        assert!(self.tries_to_finish(counts).await);
    }

    async fn tries_to_finish(&mut self, counts: &[(&str, u64)]) -> bool {
        self.finish_filled(0, 0, counts).await.0
    }

    /// Fills in what a rebuild has read. A bid is user, score, sequence and number.
    async fn fill(&mut self, read: &[(&str, u64, u64, u64)]) {
        for (user, score, seq, number) in read {
            let detail = detail(*seq, *number);
            let () = self.connection.zadd("{c}rebuilt", detail[..16].to_owned() + user, *score).await.expect("fills");
            let () = self.connection.hset("{c}rebuilt details", user, detail).await.expect("fills");
        }
    }

    /// Enters bids as their committers do; their ranks, if the ranking is complete.
    async fn enter_all(&mut self, bids: &[(&str, u64, u64, u64)]) -> Option<Vec<i64>> {
        let [ranking, details, meta, _] = Self::KEYS;
        let mut call = self.enter.key(ranking);
        call.key(details).key(meta).arg(0).arg(bids.len());
        for (user, score, seq, number) in bids {
            call.arg(*user).arg(*score).arg(detail(*seq, *number));
        }
        let answer: Option<(redis::Value, Vec<i64>)> = call.invoke_async(&mut self.connection).await.expect("enters");
        answer.map(|answer| answer.1)
    }

    /// Finishes a rebuild that has filled in so many users, whose bid numbers have this sum, and has read these counts.
    /// Whether the ranking is complete, and the numbers with what was taken over.
    async fn finish_filled(&mut self, mut users: u64, mut bids: u64, counts: &[(&str, u64)]) -> (bool, u64, u64) {
        let [ranking, details, meta, claim] = Self::KEYS;
        let () = self.connection.set(claim, "mine").await.expect("writes");
        let () = self.connection.hset(meta, "rebuild", "mine:0").await.expect("writes");
        let mut step = 0;
        loop {
            let mut call = self.finish.key(ranking);
            call.key(details).key(meta).key(claim).key("{c}rebuilt").key("{c}rebuilt details");
            call.arg("mine").arg(60_000).arg(step).arg(users).arg(bids);
            for (writer, count) in counts {
                call.arg(*writer).arg(*count);
            }
            let (state, all_users, all_bids): (u8, u64, u64) =
                call.invoke_async(&mut self.connection).await.expect("runs");
            (users, bids) = (all_users, all_bids);
            step += 1;
            if state != 2 {
                return (state == 1, users, bids);
            }
        }
    }

    /// Enters bids, asks for the ranks of others, and returns those of all. A bid is user, score and sequence; of two bids
    /// of a user, the one with the higher sequence is later.
    async fn ranks(&mut self, entered: &[(&str, u64, u64)], asked: &[(&str, u64, u64)]) -> Vec<i64> {
        let [ranking, details, meta, _] = Self::KEYS;
        let mut call = self.enter.key(ranking);
        call.key(details).key(meta).arg(0).arg(entered.len());
        for (user, score, seq) in entered.iter().chain(asked) {
            call.arg(*user).arg(*score).arg(format!("{:016}|{seq}|80000|name", 1000 - seq));
        }
        let answer: Option<(redis::Value, Vec<i64>)> = call.invoke_async(&mut self.connection).await.expect("enters");
        answer.expect("it is complete").1
    }

    /// Members with their scores.
    async fn order(&mut self) -> Vec<(String, f64)> {
        self.connection.zrange_withscores("{c}ranking", 0, -1).await.expect("reads")
    }

    async fn count(&mut self, writer: &str) -> Option<u64> {
        self.connection.hget("{c}meta", format!("writer:{writer}")).await.expect("reads")
    }
}

/// A batch asks for the ranks of bids that another writer enters: they stay as they are, and a bid whose bidder has made
/// a better one meanwhile has the rank that goes with its own score.
#[tokio::test]
async fn only_the_ranks_of_others_bids_are_read() {
    let redis = RedisServer::start().await;
    let mut ranking = CountedRanking::new(&redis).await;
    ranking.finish(&[]).await;
    let entered = [("a", 10, 1), ("b", 20, 2), ("c", 20, 4), ("d", 40, 5)];
    assert_eq!(ranking.ranks(&entered, &[]).await, [3, 1, 2, 0]);
    // A bid that is there, one of an unknown bidder, one that is better than what is there, and one that d has outdone:
    // it ties with b and c, and came between the two.
    let order = ranking.order().await;
    let asked = [("a", 10, 1), ("e", 50, 9), ("b", 30, 8), ("d", 20, 3)];
    assert_eq!(ranking.ranks(&[], &asked).await, [3, -1, -1, 1]);
    assert_eq!(ranking.order().await, order, "nothing has changed");
}

/// Another program has written to a ranking, or Redis has evicted one of its keys: the next bid notices.
#[tokio::test]
async fn a_ranking_that_something_else_has_changed_is_incomplete() {
    let redis = RedisServer::start().await;
    for change in ["ZADD {c}ranking 50 foreign", "ZPOPMAX {c}ranking", "DEL {c}ranking", "DEL {c}details"] {
        redis.flush_all().await;
        let mut ranking = CountedRanking::new(&redis).await;
        ranking.finish(&[]).await;
        assert!(ranking.enter("a", 0, 1).await);
        let mut words = change.split(' ');
        let mut command = redis::cmd(words.next().expect("a command"));
        command.arg(words.collect::<Vec<_>>());
        let () = command.exec_async(&mut ranking.connection).await.expect("changes it");
        assert!(!ranking.enter("a", 1, 2).await, "{change}");
    }
}

/// Redis has lost a batch, which its writer notices with the next.
#[tokio::test]
async fn a_gap_in_a_writers_bids_makes_the_ranking_incomplete() {
    let redis = RedisServer::start().await;
    let mut ranking = CountedRanking::new(&redis).await;
    ranking.finish(&[("a", 3), ("b", 1)]).await;
    assert!(ranking.enter("a", 3, 5).await);
    assert!(ranking.enter("a", 3, 5).await, "the same again");
    assert!(ranking.enter("a", 2, 4).await, "an older batch whose answer was lost");
    assert!(ranking.enter("new", 0, 2).await);
    assert_eq!(ranking.count("a").await, Some(5));
    assert!(!ranking.enter("b", 2, 3).await, "b's second bid is missing");
    assert_eq!(ranking.count("b").await, Some(1));
    assert!(!ranking.enter("a", 5, 6).await, "nobody gets a rank from it");
}

/// Bids that are entered during a rebuild count if they follow on from those that the rebuild has read.
#[tokio::test]
async fn a_rebuild_counts_the_bids_entered_meanwhile() {
    let redis = RedisServer::start().await;
    let mut ranking = CountedRanking::new(&redis).await;
    for (writer, after, through) in [("follows", 4, 6), ("overlaps", 2, 4), ("new", 0, 1)] {
        assert!(!ranking.enter(writer, after, through).await, "{writer}");
    }
    ranking.finish(&[("follows", 4), ("overlaps", 5), ("silent", 9)]).await;
    for (writer, count) in [("follows", 6), ("overlaps", 5), ("new", 1), ("silent", 9)] {
        assert_eq!(ranking.count(writer).await, Some(count), "{writer}");
    }
    assert!(ranking.enter("follows", 6, 7).await);
}

/// A batch was committed after the rebuild's read and lost on its way to Redis; the writer's next one was entered.
#[tokio::test]
async fn a_rebuild_that_lacks_bids_in_between_is_not_complete() {
    for (read, after, through) in [(Some(5), 6, 8), (None, 1, 2)] {
        let redis = RedisServer::start().await;
        let mut ranking = CountedRanking::new(&redis).await;
        assert!(!ranking.enter("gap", after, through).await);
        let counts: Vec<_> = read.map(|count| ("gap", count)).into_iter().collect();
        assert!(!ranking.tries_to_finish(&counts).await, "{counts:?}");
        assert!(!ranking.enter("gap", through, through + 1).await, "it is still incomplete");
    }
}

/// A copy from before an edit looks as good as any: what tells is the version, when the bid is
/// written.
#[tokio::test]
async fn a_bid_is_scored_by_current_rules_despite_a_stale_cache() {
    let (mut redis, world) = private_world().await;
    let start = noon().plus_millis(30_000);
    let request = CreateCampaign { start_time: start, ..testkit::minute(&world.product(5).await) };
    let admin = &world.admin;
    let campaign = world.engine.campaigns.create(admin, request).await.expect("an admin may").campaign_id;
    let users = world.members(3).await;
    let processes = start_three(&world).await;
    for process in &processes {
        process.run(|engine| async move { engine.rankings.campaign(campaign).await }).await.expect("reads");
    }
    redis.stop();
    let change = UpdateCampaign {
        alpha: Coefficient::new(3.0),
        beta: Coefficient::new(0.0),
        gamma: Coefficient::new(0.0),
        ..UpdateCampaign::default()
    };
    world.engine.campaigns.update(admin, campaign, change).await.expect("an admin may");
    world.at(31_000);
    for (process, user) in processes.iter().zip(&users) {
        let outcome = process.bid(user, campaign, 80_000).await.expect("does not panic").expect("accepted");
        assert_eq!(outcome.score.get().to_bits(), 2400.0f64.to_bits());
        assert_eq!(outcome.bid_number, 1, "it was not written by the old rules before");
    }
}

/// Messages between processes are lost with Redis; the rules of a bid hold all the same.
#[tokio::test]
async fn an_edit_applies_in_every_process_while_redis_is_down() {
    let (mut redis, world) = private_world().await;
    let product = world.product(5).await;
    let campaign = world.price_only_campaign(&product, 5).await;
    let users = world.members(2).await;
    let processes = start_three(&world).await;
    for process in &processes {
        bid(process, &users[0], campaign, 80_000).await;
    }
    let (admin, soon) = (
        &world.admin,
        CreateCampaign {
            start_time: noon().plus_millis(30_000),
            end_time: noon().plus_millis(90_000),
            beta: Coefficient::new(0.0),
            gamma: Coefficient::new(0.0),
            quota: None,
            ..testkit::minute(&world.product(5).await)
        },
    );
    let soon = world.engine.campaigns.create(admin, soon).await.expect("an admin may").campaign_id;
    for process in &processes {
        let early = process.bid(&users[0], soon, 80_000).await.expect("does not panic").expect_err("is too early");
        assert_eq!(early.code(), ErrorCode::CampaignNotStarted);
    }
    redis.stop();

    // The end moves on.
    let later = UpdateCampaign { end_time: Some(noon().plus_millis(120_000)), ..UpdateCampaign::default() };
    world.engine.campaigns.update(admin, campaign, later).await.expect("an admin may");
    // The other counts prices twice, and starts now.
    let twice = UpdateCampaign { alpha: Coefficient::new(2.0), ..UpdateCampaign::default() };
    world.engine.campaigns.update(admin, soon, twice).await.expect("an admin may");
    let now = UpdateCampaign { start_time: Some(noon()), ..UpdateCampaign::default() };
    world.engine.campaigns.update(admin, soon, now).await.expect("an admin may");
    for process in &processes {
        // The refusals of a moment ago share a look at the campaign, for a moment.
        let outcome =
            after_a_moment(async || process.bid(&users[0], soon, 80_000).await.expect("does not panic").ok()).await;
        assert_eq!(outcome.expect("accepted").score.get().to_bits(), 1600.0f64.to_bits());
    }
    world.at(60_500);
    for (n, process) in (1..).zip(&processes) {
        assert_eq!(bid(process, &users[1], campaign, 80_000 + n).await, 1);
    }
    // The minimum price rises, and falls again.
    for (cents, refusal) in [(85_000, Some(ErrorCode::PriceTooLow)), (80_000, None)] {
        let change = UpdateProduct { min_price: Some(testkit::price(cents)), ..UpdateProduct::default() };
        world.engine.products.update(admin, product.product_id, change).await.expect("an admin may");
        for process in &processes {
            let answer = after_a_moment(async || {
                let answer = process.bid(&users[1], campaign, 84_000).await.expect("does not panic");
                (answer.err().map(|error| error.code()) == refusal).then_some(())
            });
            assert!(answer.await.is_some(), "the minimum is {cents}");
        }
    }
}
