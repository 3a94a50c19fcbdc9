//! Concurrent histories: waves of bids from several processes at once. They are accepted in any order, but these
//! invariants must hold:
//!
//! - the numbers of a user's accepted bids are 1, 2, 3, ... and each scores higher than the one before;
//! - every 201 is in the history exactly once, and the history contains nothing else;
//! - after a 200, the standing bid is at least as high;
//! - a user's standing bid is their highest;
//! - bids accepted in an earlier wave stay, and come first in the sequence.

use crate::{
    model::{Accepted, Rules},
    multi_process::{
        Process, after_a_moment, history, micros, number_of, private_world, redis_order, standings, start_three,
        within_five_seconds,
    },
    random::{self, StepLog, TestRng},
};
use domain::{
    CampaignId, ErrorCode,
    api::{accounts::User, bids::BidOutcome},
    validated::Page,
};
use rand::{RngExt, seq::IndexedRandom};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use testkit::{RedisServer, World, eventually, noon};

const USERS: usize = 12;
const QUOTA: i32 = 5;
const BIDS: usize = 40;
/// What `World::price_only_campaign` makes.
const RULES: Rules = Rules { start: 0, end: 60_000_000, alpha: 1.0, beta: 0.0, gamma: 0.0, quota: QUOTA };

#[tokio::test]
async fn waves_with_seed_1() {
    waves(1).await;
}

#[tokio::test]
async fn waves_with_seed_2() {
    waves(2).await;
}

#[tokio::test]
async fn waves_with_any_seed() {
    waves(random::any_seed()).await;
}

async fn waves(seed: u64) {
    let (redis, world) = private_world().await;
    let (users, campaign) = (world.members(USERS).await, new_campaign(&world).await);
    let processes = start_three(&world).await;
    let (rng, log) = (random::from_seed(seed), StepLog::new(seed));
    let mut run = Run { rng, log, world, redis, processes, users, campaign, history: Vec::new(), issued: Vec::new() };
    let waves = random::steps(3200).div_ceil(BIDS);
    for wave in 0..waves {
        // Prices rise slowly: ties and lower bids stay common.
        let floor = 80_000 + 1000 * i64::try_from(wave).expect("few");
        run.world.at(i64::try_from(wave * 59_000 / waves).expect("small"));
        let trouble = match run.rng.random_range(0..10) {
            0 => Trouble::Flush,
            1 => Trouble::Death,
            _ => Trouble::None,
        };
        run.log.push(format!("wave {wave}, {trouble:?}"));
        run.wave(floor, trouble).await;
    }
    run.log.push("the end".into());
    run.end(80_000 + 1000 * i64::try_from(waves).expect("few")).await;
}

async fn new_campaign(world: &World) -> CampaignId {
    let product = world.product(100).await;
    world.price_only_campaign(&product, QUOTA).await
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Trouble {
    None,
    /// Redis forgets everything in the middle of the wave.
    Flush,
    /// A process dies in the middle of the wave.
    Death,
}

/// A bid and what its bidder was told; nothing if the process died.
struct Issued {
    user: usize,
    cents: i64,
    answer: Option<Result<BidOutcome, engine::Error>>,
}

struct Run {
    rng: TestRng,
    log: StepLog,
    world: World,
    redis: RedisServer,
    processes: Vec<Process>,
    users: Vec<Arc<User>>,
    campaign: CampaignId,
    /// All that was accepted before this wave.
    history: Vec<Accepted>,
    issued: Vec<Issued>,
}

impl Run {
    async fn wave(&mut self, floor: i64, trouble: Trouble) {
        let bids = self.issue(floor, None);
        match trouble {
            Trouble::None => {}
            Trouble::Flush => self.redis.flush_all().await,
            Trouble::Death => {
                let victim = self.rng.random_range(0..self.processes.len());
                self.processes[victim] = Process::start(&self.world.stores, &self.world.clock).await;
            }
        }
        let first = self.collect(bids).await;
        if trouble == Trouble::Death {
            self.wait_for_orphans().await;
        }
        self.check(first).await;
        self.check_rankings(trouble == Trouble::Death).await;
    }

    /// The last wave races with the end of the campaign.
    async fn end(&mut self, floor: i64) {
        self.world.at(59_999);
        let bids = self.issue(floor, Some(BIDS / 2));
        let first = self.collect(bids).await;
        eventually("the campaign is settled", async || {
            let settled: bool = sqlx::query_scalar("SELECT status = 'settled' FROM campaigns WHERE campaign_id = $1")
                .bind(self.campaign.0)
                .fetch_one(&self.world.pool)
                .await
                .expect("reads");
            settled.then_some(())
        })
        .await;
        self.check(first).await;
        let late: Vec<_> = self.issued[first..].iter().filter_map(|bid| bid.answer.as_ref()?.as_ref().err()).collect();
        for error in late {
            assert_eq!(error.code(), ErrorCode::CampaignEnded);
            let server_time = error.to_api().server_time.expect("it is told");
            assert!(micros(server_time) >= RULES.end || micros(server_time) == 59_999_000, "{server_time}");
        }
        let (admin, page) = (&self.world.admin, Page { skip: 0, limit: 1000 });
        let result = self.world.engine.orders.campaign_orders(admin, self.campaign, page).await.expect("reads");
        let winners: Vec<_> = result.orders.iter().map(|order| (order.user_id, order.final_price.cents())).collect();
        let standings = standings(&self.world.pool, self.campaign, &self.users).await;
        let best: Vec<_> = standings.iter().map(|bid| (self.users[bid.user].user_id, bid.cents)).take(5).collect();
        assert_eq!(winners, best, "the first K win, in order");
        assert_eq!((result.total, result.stock, result.is_consistent), (i64::from(QUOTA), 100 - QUOTA, true));
    }

    /// Sends a wave, all at once. In the middle of the last one time is up.
    fn issue(&mut self, floor: i64, end_after: Option<usize>) -> Vec<(usize, i64, Handle)> {
        let mut bids = Vec::new();
        for n in 0..BIDS {
            if Some(n) == end_after {
                self.world.clock.set(noon().plus_millis(60_000));
            }
            // Some users send the same again and again.
            let user = self.rng.random_range(0..USERS).min(self.rng.random_range(0..USERS));
            let cents = floor - 2000 + 500 * self.rng.random_range(0..8);
            let process = self.processes.choose(&mut self.rng).expect("some");
            bids.push((user, cents.max(80_000), process.bid(&self.users[user], self.campaign, cents.max(80_000))));
        }
        bids
    }

    /// Waits for all answers; returns where this wave begins among the issued bids.
    async fn collect(&mut self, bids: Vec<(usize, i64, Handle)>) -> usize {
        let first = self.issued.len();
        for (user, cents, handle) in bids {
            let answer = match handle.await {
                Ok(answer) => Some(answer),
                Err(error) if error.is_cancelled() => None,
                Err(error) => panic!("{error}"),
            };
            let told = answer.as_ref().map(|answer| answer.as_ref().map(|one| (one.improved, one.bid_number)));
            self.log.push(format!("user {user} bids {cents}: {told:?}"));
            self.issued.push(Issued { user, cents, answer });
        }
        first
    }

    /// Waits until the database has finished what a dead process left to it.
    async fn wait_for_orphans(&self) {
        eventually("nobody is writing", async || {
            let busy: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND state <> 'idle' AND query LIKE '%bid_seq%'
                     AND pid <> pg_backend_pid()",
            )
            .fetch_one(&self.world.pool)
            .await
            .expect("reads");
            (busy == 0).then_some(())
        })
        .await;
    }

    async fn check(&mut self, first: usize) {
        let history = history(&self.world.pool, self.campaign, &self.users).await;
        let standings = standings(&self.world.pool, self.campaign, &self.users).await;
        assert_eq!(history[..self.history.len()], self.history, "what was accepted stays, and comes first");
        self.check_history(&history, first);
        for user in 0..USERS {
            let best = history.iter().filter(|bid| bid.user == user).max_by(|a, b| a.score.total_cmp(&b.score));
            let standing = standings.iter().find(|bid| bid.user == user);
            assert_eq!(standing, best, "user {user} stands with the best bid");
            // Bids of unknown outcome may count or not; all others were answered and do.
            let answered = self.issued.iter().filter(|bid| bid.user == user && matches!(bid.answer, Some(Ok(_))));
            if let Some(highest) = answered.map(|bid| bid.cents).max() {
                assert!(standing.is_some_and(|bid| bid.cents >= highest), "user {user} stands under {highest}");
            }
        }
        let mut expected: Vec<Accepted> = history.iter().filter(|bid| standings.contains(bid)).copied().collect();
        expected.sort_by(|a, b| b.score.total_cmp(&a.score));
        assert_eq!(standings, expected, "by score, and of equal scores by acceptance");
        self.history = history;
    }

    fn check_history(&self, history: &[Accepted], first: usize) {
        let mut by_number = HashMap::new();
        for bid in history {
            let twice = by_number.insert((bid.user, bid.number), *bid);
            assert_eq!(twice, None, "two accepted bids of one number");
            assert!(bid.received < RULES.end, "accepted after the end: {bid:?}");
            let expected = RULES.score(bid.cents, bid.elapsed_ms, 1.0);
            assert_eq!((bid.score.to_bits(), bid.elapsed_ms), (expected.to_bits(), bid.received / 1000));
        }
        for bid in history {
            if bid.number > 1 {
                let before = by_number.get(&(bid.user, bid.number - 1));
                assert!(before.is_some_and(|before| before.score < bid.score), "{before:?}, then {bid:?}");
            }
        }
        let mut claimed = HashSet::new();
        for issued in &self.issued {
            let Some(Ok(outcome)) = &issued.answer else { continue };
            let user = number_of(&self.users, outcome.user_id);
            assert_eq!(user, issued.user);
            let event = by_number.get(&(user, outcome.bid_number)).expect("what was answered is in the history");
            assert_eq!((event.cents, event.score.to_bits()), (outcome.price.cents(), outcome.score.get().to_bits()));
            if outcome.improved {
                assert_eq!(event.cents, issued.cents, "a 201 is for the bid itself");
                assert!(claimed.insert((user, outcome.bid_number)), "two 201 for one accepted bid: {event:?}");
            } else {
                assert!(event.cents >= issued.cents, "a 200 left something worse standing");
            }
        }
        let unknown: Vec<_> = self.issued.iter().filter(|bid| bid.answer.is_none()).collect();
        for (user, number) in by_number.keys().filter(|key| !claimed.contains(*key)) {
            let event = by_number[&(*user, *number)];
            let orphan = unknown.iter().any(|bid| bid.user == *user && bid.cents == event.cents);
            assert!(orphan, "accepted, but nobody was told 201: {event:?}");
        }
        for issued in &self.issued[first..] {
            if let Some(Err(error)) = &issued.answer {
                assert_eq!(error.code(), ErrorCode::CampaignEnded, "{error}");
            }
        }
    }

    /// Every process has the order of the database, after a moment; after a death within five seconds.
    async fn check_rankings(&self, eventually: bool) {
        let standings = standings(&self.world.pool, self.campaign, &self.users).await;
        let expected: Vec<_> = standings.iter().map(|bid| (self.users[bid.user].user_id, bid.cents)).collect();
        for process in &self.processes {
            let campaign = self.campaign;
            let order = async || {
                let ranking =
                    process.run(|engine| async move { engine.rankings.ranking(campaign, Some(1000)).await }).await;
                let rows = ranking.expect("reads").rankings;
                rows.iter().map(|row| (row.user_id, row.price.cents())).collect::<Vec<_>>()
            };
            if eventually {
                within_five_seconds("the ranking is right", async || (order().await == expected).then_some(())).await;
            } else {
                let right = after_a_moment(async || (order().await == expected).then_some(())).await;
                assert!(right.is_some(), "the ranking is {:?}, to be {expected:?}", order().await);
            }
        }
        let users: Vec<_> = expected.iter().map(|(user, _)| *user).collect();
        within_five_seconds("Redis has the same order", async || {
            (redis_order(&self.world.stores, self.campaign).await == users).then_some(())
        })
        .await;
    }
}

type Handle = tokio::task::JoinHandle<engine::Result<BidOutcome>>;
