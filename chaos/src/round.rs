//! One round: two campaigns, of which one ends in the middle, bidders and watchers, and the faults of a schedule.

use crate::{
    clients::{
        admin,
        api::Api,
        bidders::{self, Bidder},
        watchers::{self, Watcher},
    },
    convergence,
    error::Result,
    inject::{Scene, inject},
    promises::{self, Evidence, Limits, Promise, Violation, Violations, answers::answer_time},
    record::{Answer, BidAttempt, Clock, Frame, Record},
    schedule::{END, Schedule},
    system::{System, server::Server},
    truth::Truth,
    users::Users,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

/// What is there to sell.
const STOCK: u32 = 12;
/// The campaign that does not end in the round takes this long.
const LONG_MS: i64 = 3_600_000;
/// How long all faults may take, with the restarts they need.
const FAULTS_MAX: Duration = Duration::from_secs(90);
/// How long the system may take to be ready after the last fault.
const RECOVERY_MAX: Duration = Duration::from_secs(15);
/// How long clients may take to finish what they are at.
const FINISH_MAX: Duration = Duration::from_secs(45);
/// Watchers of each campaign at each server, and at the balancer.
const WATCHERS: usize = 2;

/// What came of a round.
pub struct Outcome {
    /// What happened to the system.
    pub schedule: Schedule,
    /// What was promised and not kept.
    pub violations: Vec<Violation>,
    /// What the reader should know.
    pub notes: Vec<String>,
    /// How bids were answered.
    pub summary: Summary,
    /// The evidence.
    pub truths: Vec<Truth>,
    /// What bidders sent and got.
    pub bids: Vec<BidAttempt>,
    /// What watchers received.
    pub frames: Vec<Frame>,
}

/// How the bids of a round were answered.
#[derive(Default)]
pub struct Summary {
    /// 200 and 201.
    pub accepted: usize,
    /// 503.
    pub refused: usize,
    /// No answer.
    pub lost: usize,
    /// All requests.
    pub sent: usize,
    /// The slowest answer.
    pub slowest: Duration,
    /// Frames received.
    pub frames: usize,
    /// The largest memory of a server, in bytes.
    pub memory_bytes: u64,
}

/// Plays a round and checks it.
pub async fn play(system: &Arc<System>, users: &Users, schedule: Schedule, limits: Limits) -> Result<Outcome> {
    let clock = Clock::start();
    system.wait_until_ready(RECOVERY_MAX).await?;
    let record = Arc::new(Record::default());
    let scene = Arc::new(prepare(system, users, &schedule, clock, record.clone()).await?);
    let (stop_bidding, bidding_stops) = watch::channel(false);
    let (stop_watching, watching_stops) = watch::channel(false);
    let mut watching = JoinSet::new();
    let all_watchers = watchers(&scene, users).await;
    let watchers = all_watchers.len();
    for watcher in all_watchers {
        watching.spawn(watchers::run(watcher, record.clone(), clock, watching_stops.clone()));
    }
    let mut bidding = JoinSet::new();
    for bidder in scene.bidders.clone() {
        bidding.spawn(bidders::run(bidder, scene.campaigns, record.clone(), bidding_stops.clone()));
    }

    let mut violations = Violations::default();
    let memory = tokio::spawn(watch_memory(system.clone(), bidding_stops));
    strike_all(&scene, &schedule, &mut violations).await?;
    let healed = Instant::now();
    if let Err(error) = system.wait_until_ready(RECOVERY_MAX.max(limits.healing)).await {
        violations.add(Promise::AnswersAreHonest, error.to_string());
    }
    let recovered_us = clock.now_us() + i64::try_from(limits.recovery.as_micros())?;
    // People go on bidding while everything heals.
    sleep((healed + limits.healing).saturating_duration_since(Instant::now())).await;
    let _ = stop_bidding.send(true);
    if timeout(FINISH_MAX, async { while bidding.join_next().await.is_some() {} }).await.is_err() {
        violations.add(Promise::AnswersAreHonest, "some requests have no end".to_owned());
    }
    if let Err(error) = convergence::check(&scene, clock, limits, &mut violations).await {
        violations.add(Promise::RankingsAreTrue, format!("views cannot be compared: {error}"));
    }
    let _ = stop_watching.send(true);
    while watching.join_next().await.is_some() {}
    let memory_bytes = memory.await?;
    violations.unless(memory_bytes <= limits.memory_bytes, Promise::AnswersAreHonest, || {
        format!("a server took {} MiB", memory_bytes >> 20)
    });
    for (n, server) in system.servers.iter().enumerate() {
        if let Err(error) = check_server(n, &mut *server.lock().await, clock, &mut violations).await {
            violations.add(Promise::AnswersAreHonest, format!("server {n} has no metrics: {error}"));
        }
    }

    let mut truths = Vec::new();
    for campaign in scene.campaigns {
        truths.push(Truth::read(&system.database, campaign).await?);
    }
    violations.unless(truths[0].is_settled, Promise::WinnersAreRight, || "the campaign is not settled".to_owned());
    let (bids, frames) = (record.bids(), record.frames());
    promises::check(
        &Evidence {
            schedule: &schedule,
            truths: &truths,
            bids: &bids,
            frames: &frames,
            watchers,
            recovered_us,
            limits,
        },
        &mut violations,
    );
    for problem in record.problems() {
        violations.add(Promise::RankingsAreTrue, problem);
    }
    let path = format!("/api/v1/campaigns/{}/cancel", scene.campaigns[1]);
    let reason = json!({ "reason": "the round is over" });
    if let Err(error) = scene.admin.send::<Value>(Method::POST, &path, Some(&reason)).await {
        violations.add(Promise::ServiceGoesOn, error.to_string());
    }
    let summary = summarize(&bids, frames.len(), memory_bytes);
    Ok(Outcome { schedule, violations: violations.into_vec(), notes: record.notes(), summary, truths, bids, frames })
}

/// Creates a product and the two campaigns.
async fn prepare(
    system: &Arc<System>,
    users: &Users,
    schedule: &Schedule,
    clock: Clock,
    record: Arc<Record>,
) -> Result<Scene> {
    let balancer = system.balancer.address();
    let admin = Api::new(balancer, &users.admin.token, clock)?;
    // Before the campaigns: in a debug build, two dozen clients take seconds.
    let mut bidders = Vec::new();
    for (n, user) in (0..).zip(&users.bidders) {
        let api = Api::new(balancer, &user.token, clock)?;
        bidders.push(Bidder { user_id: user.user_id, api, seed: schedule.seed.wrapping_mul(1000).wrapping_add(n) });
    }
    let product_id = admin::create_product(&admin, STOCK).await?;
    let (start, began, end_ms) = (clock.now(), Instant::now(), i64::try_from(END.as_millis())?);
    let end = start.plus_millis(end_ms);
    // In every other round only the price counts in the one that ends, else in the other.
    let mut scores = [admin::USUAL_SCORE, admin::PRICE_ONLY];
    if schedule.seed.is_multiple_of(2) {
        scores.reverse();
    }
    let ending = admin::create_campaign(&admin, &product_id, start..end, scores[0]).await?;
    let long = start..start.plus_millis(LONG_MS);
    let long = admin::create_campaign(&admin, &product_id, long, scores[1]).await?;
    let system = system.clone();
    Ok(Scene { system, campaigns: [ending, long], end, product_id, admin, bidders, record, began })
}

/// Spectators and bidders, at every server and at the balancer.
async fn watchers(scene: &Scene, users: &Users) -> Vec<Watcher> {
    let mut addresses = vec![scene.system.balancer.address()];
    for server in &scene.system.servers {
        addresses.push(server.lock().await.address);
    }
    let mut watchers = Vec::new();
    for campaign_id in scene.campaigns {
        for address in &addresses {
            for n in 0..WATCHERS {
                let number = watchers.len();
                // Every other one is a bidder, each time another.
                let user = &users.bidders[number % users.bidders.len()];
                let user = (n % 2 == 1).then(|| (user.user_id, user.token.clone()));
                watchers.push(Watcher { number, address: *address, campaign_id, user });
            }
        }
    }
    watchers
}

/// Lets all faults happen, waits until all are over, and heals what is left.
async fn strike_all(scene: &Arc<Scene>, schedule: &Schedule, violations: &mut Violations) -> Result<()> {
    let strikes = schedule.strikes.iter().map(|strike| inject(scene.clone(), *strike));
    // All of them come to their end, also if one fails.
    let all = futures_util::future::join_all(strikes);
    match timeout(FAULTS_MAX, all).await {
        Ok(results) => {
            for error in results.into_iter().filter_map(Result::err) {
                violations.add(Promise::ServiceGoesOn, error.to_string());
            }
        }
        Err(_) => violations.add(Promise::ServiceGoesOn, "the faults have no end".to_owned()),
    }
    scene.system.heal().await?;
    // The campaign must be over, whatever the schedule.
    sleep((scene.began + END + Duration::from_secs(2)).saturating_duration_since(Instant::now())).await;
    Ok(())
}

async fn watch_memory(system: Arc<System>, mut stop: watch::Receiver<bool>) -> u64 {
    let mut largest = 0;
    while timeout(Duration::from_millis(250), stop.wait_for(|stop| *stop)).await.is_err() {
        for server in &system.servers {
            if let Ok(server) = server.try_lock() {
                largest = largest.max(server.resident_bytes());
            }
        }
    }
    largest
}

/// What a server says about itself.
async fn check_server(n: usize, server: &mut Server, clock: Clock, violations: &mut Violations) -> Result<()> {
    violations.unless(!server.has_crashed(), Promise::AnswersAreHonest, || format!("server {n} has crashed"));
    let metrics = Api::new(server.management, "", clock)?.text("/metrics").await?;
    for name in ["task_panics_total", "invariant_violations_total"] {
        let count: f64 = metrics
            .lines()
            .filter(|line| line.starts_with(name))
            .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
            .sum();
        violations.unless(count == 0.0, Promise::AnswersAreHonest, || format!("server {n}: {name} is {count}"));
    }
    Ok(())
}

fn summarize(bids: &[BidAttempt], frames: usize, memory_bytes: u64) -> Summary {
    let mut summary = Summary { sent: bids.len(), frames, memory_bytes, ..Summary::default() };
    for bid in bids {
        match &bid.answer {
            Answer::Accepted { .. } => summary.accepted += 1,
            Answer::Refused { status, .. } if *status >= 500 => summary.refused += 1,
            Answer::Refused { .. } => {}
            Answer::Lost(_) => summary.lost += 1,
        }
        summary.slowest = summary.slowest.max(answer_time(bid));
    }
    summary
}
