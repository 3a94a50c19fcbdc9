//! Several simulated processes on the same stores, each with its own runtime, so that it can be killed.

use crate::model::{Accepted, Change};
use domain::{
    CampaignId, UserId,
    api::{accounts::User, bids::PlaceBid, campaigns::UpdateCampaign},
    score::Coefficient,
    validated::Quota,
};
use engine::{Clock, Engine};
use redis::{AsyncCommands, Client, cluster::ClusterClient};
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use testkit::{RedisServer, Stores, World};
use tokio::{runtime::Runtime, task::JoinHandle};
use uuid::Uuid;

/// A simulated process: an engine whose tasks all run on one runtime.
pub struct Process {
    runtime: Option<Runtime>,
    engine: Engine,
}

impl Process {
    pub async fn start(stores: &Stores, clock: &Clock) -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().expect("a runtime");
        let (stores, clock) = (stores.clone(), clock.clone());
        let connect = async move {
            let config = engine::EngineConfig { database_connections: 4, ..stores.config() };
            let engine = Engine::connect_with_clock(config, clock).await.expect("connects");
            engine.start();
            engine
        };
        let engine = runtime.spawn(connect).await.expect("starts");
        Self { runtime: Some(runtime), engine }
    }

    /// Runs something in this process; the handle fails if the process dies before it is done.
    pub fn spawn<T, F>(&self, work: impl FnOnce(Engine) -> F) -> JoinHandle<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.runtime.as_ref().expect("alive").spawn(work(self.engine.clone()))
    }

    /// Runs something in this process, which stays alive.
    pub async fn run<T, F>(&self, work: impl FnOnce(Engine) -> F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.spawn(work).await.expect("does not panic")
    }

    pub fn bid(
        &self,
        bidder: &Arc<User>,
        campaign: CampaignId,
        cents: i64,
    ) -> JoinHandle<engine::Result<domain::api::bids::BidOutcome>> {
        let (bidder, bid) =
            (bidder.clone(), PlaceBid { campaign_id: campaign, price: testkit::price(cents), user_id: None });
        self.spawn(move |engine| async move { engine.bidding.place(&bidder, bid).await })
    }
}

/// Kills the process: its tasks stop wherever they are, and nothing is drained.
impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A world on the Redis at `redis_url`.
pub async fn world_on(redis_url: String) -> World {
    World::on(Stores { redis_url, ..Stores::new().await }).await
}

/// A fresh Redis and a world on it.
pub async fn private_world() -> (RedisServer, World) {
    let redis = RedisServer::start().await;
    let world = world_on(redis.url()).await;
    (redis, world)
}

/// Starts three processes.
pub async fn start_three(world: &World) -> Vec<Process> {
    let mut processes = Vec::new();
    for _ in 0..3 {
        processes.push(Process::start(&world.stores, &world.clock).await);
    }
    processes
}

/// Waits for something that must happen within five seconds.
pub async fn within_five_seconds<T>(what: &str, condition: impl AsyncFnMut() -> Option<T>) -> T {
    let promised = tokio::time::timeout(Duration::from_secs(5), testkit::eventually(what, condition)).await;
    promised.unwrap_or_else(|_| panic!("not within five seconds: {what}"))
}

/// Retries while a process may still serve a cached ranking, which may lack other processes' bids. The last try begins
/// after the cache has expired, and well before repair could have corrected a wrong ranking.
pub async fn after_a_moment<T>(mut look: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let begun = tokio::time::Instant::now();
    loop {
        let moment_is_over = begun.elapsed() > Duration::from_millis(200);
        let found = look().await;
        if found.is_some() || moment_is_over {
            return found;
        }
    }
}

/// The users of a campaign in the order of the Redis sorted set, read without the engine.
pub async fn redis_order(stores: &Stores, campaign: CampaignId) -> Vec<UserId> {
    let key = format!("{}bid:{{{campaign}}}", stores.redis_prefix);
    let members: Vec<String> = if stores.redis_url.contains(',') {
        let client = ClusterClient::new(stores.redis_url.split(',')).expect("URLs");
        let mut cluster = client.get_async_connection().await.expect("the cluster answers");
        cluster.zrevrange(key, 0, -1).await.expect("reads")
    } else {
        let client = Client::open(stores.redis_url.as_str()).expect("a URL");
        let mut redis = client.get_multiplexed_async_connection().await.expect("Redis answers");
        redis.zrevrange(key, 0, -1).await.expect("reads")
    };
    members.iter().map(|member| member[16..].parse().expect("a user")).collect()
}

/// The standing bids of a campaign in the total order, read without the engine. The number of a user is the index in
/// `users`.
pub async fn standings(pool: &PgPool, campaign: CampaignId, users: &[Arc<User>]) -> Vec<Accepted> {
    let order = "bids WHERE campaign_id = $1 ORDER BY score DESC, accepted_seq ASC";
    accepted(pool, campaign, users, order).await
}

/// All accepted bids of a campaign in the order of acceptance, read without the engine.
pub async fn history(pool: &PgPool, campaign: CampaignId, users: &[Arc<User>]) -> Vec<Accepted> {
    accepted(pool, campaign, users, "bid_events WHERE campaign_id = $1 ORDER BY accepted_seq").await
}

async fn accepted(pool: &PgPool, campaign: CampaignId, users: &[Arc<User>], from: &str) -> Vec<Accepted> {
    let query = sqlx::AssertSqlSafe(format!(
        "SELECT user_id, (price * 100)::bigint, score, time_elapsed_ms, bid_number, accepted_at FROM {from}"
    ));
    let rows: Vec<(Uuid, i64, f64, i64, i32, time::OffsetDateTime)> =
        sqlx::query_as(query).bind(campaign.0).fetch_all(pool).await.expect("reads");
    let bid = |(user, cents, score, elapsed_ms, number, received): (Uuid, i64, f64, i64, i32, _)| Accepted {
        user: number_of(users, UserId(user)),
        cents,
        score,
        elapsed_ms,
        number: number.unsigned_abs(),
        received: micros(domain::Timestamp::from_datetime(received).expect("in range")),
    };
    rows.into_iter().map(bid).collect()
}

pub fn number_of(users: &[Arc<User>], user: UserId) -> usize {
    users.iter().position(|one| one.user_id == user).expect("one of ours")
}

/// Microseconds after noon.
pub fn micros(time: domain::Timestamp) -> i64 {
    time.unix_micros() - testkit::noon().unix_micros()
}

pub fn timestamp(micros: i64) -> domain::Timestamp {
    domain::Timestamp::from_unix_micros(testkit::noon().unix_micros() + micros).expect("in range")
}

pub fn coefficient(value: f64) -> Coefficient {
    Coefficient::new(value).expect("in range")
}

pub fn update_of(change: &Change) -> UpdateCampaign {
    UpdateCampaign {
        product_id: None,
        start_time: change.start.map(timestamp),
        end_time: change.end.map(timestamp),
        alpha: change.alpha.map(coefficient),
        beta: change.beta.map(coefficient),
        gamma: change.gamma.map(coefficient),
        quota: change.quota.map(|quota| Quota::new(quota).expect("in range")),
    }
}
