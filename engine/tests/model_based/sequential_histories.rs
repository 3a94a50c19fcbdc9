//! Sequential histories: one step after the other, each in a random process. Every response must equal the model's, and
//! from time to time the whole state is compared.

use crate::{
    model::{Answer, Change, Closing, Model, Product, Rules},
    multi_process::{
        Process, after_a_moment, coefficient, history, micros, number_of, private_world, redis_order, standings,
        start_three, timestamp, update_of, within_five_seconds, world_on,
    },
    random::{self, StepLog, TestRng},
};
use domain::{
    CampaignId, ErrorCode, ProductId, Score, Weight,
    api::{
        accounts::{UpdateUser, User},
        bids::BidOutcome,
        campaigns::{Campaign, CancelCampaign, CreateCampaign},
        products::UpdateProduct,
        rankings::RankingRow,
    },
    validated::{Page, Quota, Stock},
};
use rand::{RngExt, seq::IndexedRandom};
use std::sync::Arc;
use testkit::{RedisCluster, RedisServer, World, eventually, price};
use uuid::Uuid;

const USERS: usize = 12;
const PRODUCTS: usize = 2;
const OPEN_MAX: usize = 4;
/// Steps between two looks at everything.
const CHECK_EVERY: usize = 250;
const MIN_CENTS: i64 = 80_000;
const SECOND: i64 = 1_000_000;
const ALL: Page = Page { skip: 0, limit: 1000 };

#[tokio::test]
async fn histories_with_seed_1() {
    run_history(1).await;
}

#[tokio::test]
async fn histories_with_seed_2() {
    run_history(2).await;
}

#[tokio::test]
async fn histories_with_seed_3() {
    run_history(3).await;
}

#[tokio::test]
async fn histories_with_any_seed() {
    run_history(random::any_seed()).await;
}

#[tokio::test]
async fn histories_on_a_cluster() {
    let cluster = RedisCluster::start().await;
    let world = world_on(cluster.url()).await;
    Run::new(4, world, Redis::Cluster(cluster)).await.play(random::steps(500)).await;
}

async fn run_history(seed: u64) {
    let (redis, world) = private_world().await;
    Run::new(seed, world, Redis::Server(redis)).await.play(random::steps(1000)).await;
}

enum Redis {
    Server(RedisServer),
    Cluster(RedisCluster),
}

#[derive(Debug)]
enum Step {
    Bid { user: usize, campaign: usize, cents: i64 },
    BidInNoCampaign { user: usize },
    TurnClock { to: i64 },
    Create { product: usize, rules: Rules },
    Update { campaign: usize, change: Change },
    Cancel { campaign: usize },
    SetStock { product: usize, stock: i32 },
    SetMinPrice { product: usize, cents: i64 },
    SetWeight { user: usize, weight: f64 },
    Kill { process: usize },
    FlushRedis,
    StopRedis,
    StartRedis,
    Look { campaign: usize },
}

/// The engine and the model side by side.
struct Run {
    rng: TestRng,
    model: Model,
    world: World,
    redis: Redis,
    redis_is_up: bool,
    processes: Vec<Process>,
    users: Vec<Arc<User>>,
    products: Vec<ProductId>,
    campaigns: Vec<CampaignId>,
    log: StepLog,
}

impl Run {
    async fn new(seed: u64, world: World, redis: Redis) -> Self {
        let users = world.members(USERS).await;
        let mut model = Model { weights: vec![1.0; USERS], ..Model::default() };
        let mut products = Vec::new();
        for _ in 0..PRODUCTS {
            products.push(world.product(20).await.product_id);
            model.products.push(Product { min_cents: MIN_CENTS, moves: vec![(None, 20)] });
        }
        Self {
            rng: random::from_seed(seed),
            model,
            processes: start_three(&world).await,
            world,
            redis,
            redis_is_up: true,
            users,
            products,
            campaigns: Vec::new(),
            log: StepLog::new(seed),
        }
    }

    async fn play(mut self, steps: usize) {
        for n in 1..=steps {
            let step = self.choose();
            self.log.push(format!("{:?} {step:?}", self.model.now));
            self.take(step).await;
            if n % CHECK_EVERY == 0 || n == steps {
                self.compare_everything().await;
            }
        }
        // Whatever is left runs to its end.
        let end = self.model.campaigns.iter().map(|campaign| campaign.rules.end).max().unwrap_or(0);
        self.log.push("the end of all campaigns".into());
        self.take(Step::TurnClock { to: end.max(self.model.now) }).await;
        self.compare_everything().await;
        let accepted: usize = self.model.campaigns.iter().map(|campaign| campaign.accepted.len()).sum();
        let orders: usize = self.model.campaigns.iter().map(|campaign| campaign.orders.len()).sum();
        assert!(steps < 500 || (accepted > steps / 20 && orders > 0), "dull: {accepted} bids, {orders} orders");
        eprintln!("{steps} steps, {} campaigns, {accepted} accepted bids, {orders} orders", self.campaigns.len());
    }

    fn choose(&mut self) -> Step {
        let open: Vec<usize> = (0..self.campaigns.len())
            .filter(|campaign| self.model.campaigns[*campaign].closing == Closing::Open)
            .collect();
        if open.len() < OPEN_MAX && self.rng.random_bool(0.3) {
            return self.choose_campaign();
        }
        let Some(&any) = (0..self.campaigns.len()).collect::<Vec<_>>().choose(&mut self.rng) else {
            return self.choose_campaign();
        };
        // Mostly those that are running.
        let campaign = if self.rng.random_bool(0.9) { *open.choose(&mut self.rng).unwrap_or(&any) } else { any };
        let user = self.rng.random_range(0..USERS);
        let product = self.rng.random_range(0..PRODUCTS);
        match self.rng.random_range(0..1000) {
            0..100 => Step::TurnClock { to: self.choose_time(&open) },
            100..130 => Step::Update { campaign, change: self.choose_change(campaign) },
            130..134 => Step::Cancel { campaign },
            134..142 => Step::SetStock { product, stock: self.rng.random_range(5..40) },
            142..146 => Step::SetMinPrice { product, cents: MIN_CENTS + 100 * self.rng.random_range(0..3) },
            146..160 => Step::SetWeight { user, weight: *[0.5, 1.0, 1.5, 5.0].choose(&mut self.rng).expect("some") },
            160..166 => Step::Kill { process: self.rng.random_range(0..self.processes.len()) },
            166..171 => Step::FlushRedis,
            171..173 => Step::StopRedis,
            // An outage is short: every process waits for Redis again and again.
            173..200 => Step::StartRedis,
            200..230 => Step::Look { campaign },
            230..240 => Step::BidInNoCampaign { user },
            _ => Step::Bid { user, campaign, cents: self.choose_price(user, campaign) },
        }
    }

    fn choose_campaign(&mut self) -> Step {
        // (alpha, beta, gamma): price only, the default, speed above all, and nothing counts.
        let kinds = [(1.0, 0.0, 0.0), (1.0, 1000.0, 100.0), (0.25, 5000.0, 10.0), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)];
        let (alpha, beta, gamma) = *kinds.choose(&mut self.rng).expect("some");
        let start = self.model.now + self.rng.random_range(-2..15) * SECOND;
        let end = start + self.rng.random_range(1..60) * SECOND;
        let rules = Rules { start, end, alpha, beta, gamma, quota: self.rng.random_range(1..8) };
        Step::Create { product: self.rng.random_range(0..PRODUCTS), rules }
    }

    /// Some milliseconds or seconds on, or the edge of a campaign.
    fn choose_time(&mut self, open: &[usize]) -> i64 {
        let now = self.model.now;
        let later = match self.rng.random_range(0..10) {
            0..3 => now + self.rng.random_range(0..5000),
            3..6 => now + self.rng.random_range(0..4 * SECOND),
            _ => match open.choose(&mut self.rng) {
                Some(&campaign) => {
                    let rules = self.model.campaigns[campaign].rules;
                    let edge = if self.rng.random_bool(0.7) { rules.start } else { rules.end };
                    edge - self.rng.random_range(0..2)
                }
                None => now,
            },
        };
        later.max(now)
    }

    fn choose_change(&mut self, campaign: usize) -> Change {
        let rules = self.model.campaigns[campaign].rules;
        let mut change = Change::default();
        let some = |yes: bool, value: f64| yes.then_some(value);
        if self.rng.random_bool(0.5) {
            change.end = Some(rules.end + self.rng.random_range(-3..20) * SECOND);
        }
        if self.rng.random_bool(0.5) || change.end.is_none() {
            let yes = [(); 5].map(|()| self.rng.random_bool(0.4));
            change.alpha = some(yes[0], self.rng.random_range(0..4).into());
            change.beta = some(yes[1], self.rng.random_range(0..3000).into());
            change.gamma = some(yes[2], self.rng.random_range(0..200).into());
            change.quota = yes[3].then(|| self.rng.random_range(1..10));
            change.start = yes[4].then(|| rules.start + self.rng.random_range(-5..5) * SECOND);
        }
        change
    }

    /// One of few prices, so that ties are common; or one beside the user's standing.
    fn choose_price(&mut self, user: usize, campaign: usize) -> i64 {
        let few = MIN_CENTS + 1000 * self.rng.random_range(0..6);
        match (self.rng.random_range(0..20), self.model.campaigns[campaign].standing(user)) {
            (0, _) => MIN_CENTS - self.rng.random_range(1..100),
            (1..3, Some(standing)) => standing.cents,
            (3..5, Some(standing)) => (standing.cents - self.rng.random_range(1..2000)).max(1),
            (5..9, Some(standing)) => standing.cents + self.rng.random_range(1..2000),
            _ => few,
        }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Bid { user, campaign, cents } => {
                let expected = self.model.bid(user, campaign, cents);
                let bidder = self.users[user].clone();
                let process = self.any_process();
                let mut answer = None;
                // A refusal may rest on a look that is a moment old; an acceptance never does.
                after_a_moment(async || {
                    let given = self.processes[process].bid(&bidder, self.campaigns[campaign], cents).await;
                    let given = given.expect("does not panic").map(|outcome| self.read(&outcome));
                    let given = given.map_err(|error| error.code());
                    let is_final = given.is_ok() || given == expected;
                    answer = Some(given);
                    is_final.then_some(())
                })
                .await;
                assert_eq!(answer, Some(expected), "by process {process}");
            }
            Step::BidInNoCampaign { user } => {
                let unknown = CampaignId(Uuid::from_u128(self.rng.random()));
                let process = self.any_process();
                let answer = self.processes[process].bid(&self.users[user], unknown, MIN_CENTS).await;
                let answer = answer.expect("does not panic");
                assert_eq!(answer.map_err(|error| error.code()).err(), Some(ErrorCode::CampaignNotFound));
            }
            Step::TurnClock { to } => self.turn_clock(to).await,
            Step::Create { product, rules } => {
                let expected = self.model.create(product, rules);
                let created = self.create(product, rules).await;
                match created {
                    Ok(created) => self.campaigns.push(created.campaign_id),
                    Err(code) => assert_eq!(Err(code), expected),
                }
                assert_eq!(self.campaigns.len(), self.model.campaigns.len(), "{expected:?}");
            }
            Step::Update { campaign, change } => {
                let expected = self.model.update(campaign, &change);
                let (admin, id) = (self.world.admin.clone(), self.campaigns[campaign]);
                let process = self.any_process();
                let updated = self.processes[process]
                    .run(
                        |engine| async move { engine.campaigns.update(&admin, id, update_of(&change)).await.map(drop) },
                    )
                    .await;
                assert_eq!(updated.map_err(|error| error.code()), expected);
            }
            Step::Cancel { campaign } => {
                let expected = self.model.cancel(campaign);
                let (admin, id) = (self.world.admin.clone(), self.campaigns[campaign]);
                let request = CancelCampaign { reason: "called off".parse().expect("a reason") };
                let process = self.any_process();
                let cancelled = self.processes[process]
                    .run(|engine| async move { engine.campaigns.cancel(&admin, id, request).await.map(drop) })
                    .await;
                assert_eq!(cancelled.map_err(|error| error.code()), expected);
            }
            Step::SetStock { product, stock } => {
                let expected = self.model.set_stock(product, stock);
                let change = UpdateProduct { stock: Stock::new(stock), ..UpdateProduct::default() };
                assert_eq!(self.update_product(product, change).await, expected);
            }
            Step::SetMinPrice { product, cents } => {
                self.model.products[product].min_cents = cents;
                let change = UpdateProduct { min_price: Some(price(cents)), ..UpdateProduct::default() };
                assert_eq!(self.update_product(product, change).await, Ok(()));
            }
            Step::SetWeight { user, weight } => {
                self.model.weights[user] = weight;
                let (admin, id) = (self.world.admin.clone(), self.users[user].user_id);
                let change = UpdateUser { weight: Weight::new(weight), status: None };
                let process = self.any_process();
                let updated = self.processes[process]
                    .run(|engine| async move { engine.accounts.update_user(&admin, id, change).await })
                    .await;
                self.users[user] = Arc::new(updated.expect("an admin may"));
            }
            Step::Kill { process } => self.replace(process).await,
            Step::FlushRedis => match &self.redis {
                Redis::Server(server) if self.redis_is_up => server.flush_all().await,
                Redis::Server(_) => {}
                Redis::Cluster(cluster) => cluster.flush_all().await,
            },
            Step::StopRedis => {
                // A cluster that misses a node is a matter of its own.
                if let Redis::Server(server) = &mut self.redis {
                    server.stop();
                    self.redis_is_up = false;
                }
            }
            Step::StartRedis => self.start_redis().await,
            Step::Look { campaign } => {
                let process = self.any_process();
                self.compare_ranking(campaign, process).await;
                let user = self.rng.random_range(0..USERS);
                self.compare_standing(campaign, user, process).await;
            }
        }
    }

    fn any_process(&mut self) -> usize {
        self.rng.random_range(0..self.processes.len())
    }

    /// One process dies and another takes its place.
    async fn replace(&mut self, process: usize) {
        self.processes[process] = Process::start(&self.world.stores, &self.world.clock).await;
    }

    async fn start_redis(&mut self) {
        if let Redis::Server(server) = &mut self.redis
            && !self.redis_is_up
        {
            server.restart().await;
            self.redis_is_up = true;
            for process in &self.processes {
                let reaches = async || {
                    let health = process.run(|engine| async move { engine.health().await }).await;
                    health.redis.then_some(())
                };
                eventually("every process reaches Redis", reaches).await;
            }
        }
    }

    /// Turns the clock and waits until what has ended is settled. A process that starts looks at
    /// once, so the settlers race whatever the others are waiting for.
    async fn turn_clock(&mut self, to: i64) {
        let was_open: Vec<usize> = (0..self.campaigns.len())
            .filter(|campaign| self.model.campaigns[*campaign].closing == Closing::Open)
            .collect();
        self.model.turn_clock(to);
        self.world.clock.set(timestamp(to));
        let settled: Vec<Uuid> = was_open
            .into_iter()
            .filter(|campaign| self.model.campaigns[*campaign].closing == Closing::Settled)
            .map(|campaign| self.campaigns[campaign].0)
            .collect();
        if settled.is_empty() {
            return;
        }
        let (one, other) = (self.any_process(), self.any_process());
        self.replace(one).await;
        self.replace(other).await;
        eventually("what has ended is settled", async || {
            let left: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM campaigns WHERE campaign_id = ANY($1) AND status <> 'settled'",
            )
            .bind(&settled)
            .fetch_one(&self.world.pool)
            .await
            .expect("reads");
            (left == 0).then_some(())
        })
        .await;
    }

    async fn create(&mut self, product: usize, rules: Rules) -> Result<Campaign, ErrorCode> {
        let request = CreateCampaign {
            product_id: self.products[product],
            start_time: timestamp(rules.start),
            end_time: timestamp(rules.end),
            alpha: Some(coefficient(rules.alpha)),
            beta: Some(coefficient(rules.beta)),
            gamma: Some(coefficient(rules.gamma)),
            quota: Quota::new(rules.quota),
        };
        let admin = self.world.admin.clone();
        let process = self.any_process();
        let created =
            self.processes[process].run(|engine| async move { engine.campaigns.create(&admin, request).await }).await;
        created.map_err(|error| error.code())
    }

    async fn update_product(&mut self, product: usize, change: UpdateProduct) -> Result<(), ErrorCode> {
        let (admin, id) = (self.world.admin.clone(), self.products[product]);
        let process = self.any_process();
        let updated =
            self.processes[process].run(|engine| async move { engine.products.update(&admin, id, change).await }).await;
        updated.map(drop).map_err(|error| error.code())
    }

    /// An answer in the model's words.
    fn read(&self, outcome: &BidOutcome) -> Answer {
        Answer {
            standing: crate::model::Accepted {
                user: number_of(&self.users, outcome.user_id),
                cents: outcome.price.cents(),
                score: outcome.score.get(),
                elapsed_ms: outcome.time_elapsed_ms.cast_signed(),
                number: outcome.bid_number,
                received: micros(outcome.accepted_at),
            },
            improved: outcome.improved,
            rank: usize::try_from(outcome.rank).expect("small"),
            is_winning: outcome.is_winning,
            first_received: micros(outcome.created_at),
        }
    }

    async fn compare_everything(&mut self) {
        self.start_redis().await;
        for campaign in 0..self.campaigns.len() {
            self.compare_tables(campaign).await;
            self.compare_orders(campaign).await;
            for process in 0..self.processes.len() {
                self.compare_ranking(campaign, process).await;
            }
            for user in 0..USERS {
                let process = self.any_process();
                self.compare_standing(campaign, user, process).await;
            }
            self.compare_counts(campaign).await;
            // The ranking of a closed campaign may leave Redis for good.
            if self.model.campaigns[campaign].closing == Closing::Open {
                let expected: Vec<_> = self.model.campaigns[campaign].standings();
                let expected: Vec<_> = expected.iter().map(|bid| self.users[bid.user].user_id).collect();
                within_five_seconds("Redis has the same order", async || {
                    let order = redis_order(&self.world.stores, self.campaigns[campaign]).await;
                    (order == expected).then_some(())
                })
                .await;
            }
        }
        for product in 0..self.products.len() {
            self.compare_stock(product).await;
        }
    }

    async fn compare_tables(&self, campaign: usize) {
        let (id, pool) = (self.campaigns[campaign], &self.world.pool);
        let model = &self.model.campaigns[campaign];
        assert_eq!(history(pool, id, &self.users).await, model.accepted, "the history of campaign {campaign}");
        assert_eq!(standings(pool, id, &self.users).await, model.standings(), "the standings of campaign {campaign}");
        let status: String = sqlx::query_scalar("SELECT status FROM campaigns WHERE campaign_id = $1")
            .bind(id.0)
            .fetch_one(pool)
            .await
            .expect("reads");
        let expected = match model.closing {
            Closing::Open => "open",
            Closing::Settled => "settled",
            Closing::Cancelled => "cancelled",
        };
        assert_eq!(status, expected);
    }

    async fn compare_orders(&mut self, campaign: usize) {
        let process = self.any_process();
        let (admin, id) = (self.world.admin.clone(), self.campaigns[campaign]);
        let result = self.processes[process]
            .run(|engine| async move { engine.orders.campaign_orders(&admin, id, ALL).await })
            .await;
        let result = result.expect("reads");
        let model = &self.model.campaigns[campaign];
        let orders: Vec<_> = result
            .orders
            .iter()
            .map(|order| (number_of(&self.users, order.user_id), order.final_price.cents(), order.final_score.get()))
            .collect();
        let expected: Vec<_> = model.orders.iter().map(|bid| (bid.user, bid.cents, bid.score)).collect();
        assert_eq!(orders, expected, "the orders of campaign {campaign}");
        assert!(result.orders.iter().map(|order| order.final_rank).eq((1..).take(expected.len())));
        assert_eq!(result.quota, model.rules.quota);
        assert_eq!(result.stock, self.model.products[model.product].stock());
        assert!(result.is_consistent, "campaign {campaign} says it is not consistent");
    }

    /// The ledger, move by move; settlements of one instant may come in any order.
    async fn compare_stock(&self, product: usize) {
        let id = self.products[product].0;
        let moves: Vec<(Option<Uuid>, i32)> =
            sqlx::query_as("SELECT campaign_id, delta FROM stock_moves WHERE product_id = $1 ORDER BY move_id")
                .bind(id)
                .fetch_all(&self.world.pool)
                .await
                .expect("reads");
        let number = |id| self.campaigns.iter().position(|one| one.0 == id).expect("one of ours");
        let mut moves: Vec<_> = moves.into_iter().map(|(by, delta)| (by.map(number), delta)).collect();
        let mut expected = self.model.products[product].moves.clone();
        // An edit that leaves the stock as it is may say so or not.
        moves.retain(|(_, delta)| *delta != 0);
        expected.retain(|(_, delta)| *delta != 0);
        moves.sort_unstable();
        expected.sort_unstable();
        assert_eq!(moves, expected, "the ledger of product {product}");
        let stock: i32 = sqlx::query_scalar("SELECT stock FROM products WHERE product_id = $1")
            .bind(id)
            .fetch_one(&self.world.pool)
            .await
            .expect("reads");
        assert_eq!(stock, self.model.products[product].stock());
    }

    /// A look at the ranking is one at this moment or, as readers share looks, at one a moment ago;
    /// it is never a mixture, and the next one is right.
    async fn compare_ranking(&self, campaign: usize, process: usize) {
        let id = self.campaigns[campaign];
        let model = &self.model.campaigns[campaign];
        let read = async || {
            let ranking =
                self.processes[process].run(|engine| async move { engine.rankings.ranking(id, Some(1000)).await });
            let ranking = ranking.await.expect("reads");
            assert!(ranking.rankings.iter().map(|row| row.rank).eq((1..).take(ranking.rankings.len())));
            assert_eq!(ranking.total_participants, ranking.rankings.len() as u64);
            assert_eq!(ranking.max_score, ranking.rankings.first().map(|row| row.score));
            for row in &ranking.rankings {
                assert_eq!(row.username, self.users[number_of(&self.users, row.user_id)].username);
            }
            let row = |row: &RankingRow| (number_of(&self.users, row.user_id), row.price.cents(), row.score.get());
            ranking.rankings.iter().map(row).collect::<Vec<_>>()
        };
        let expected = |count: usize| {
            let standings = model.standings_after(count);
            standings.iter().map(|bid| (bid.user, bid.cents, bid.score)).collect::<Vec<_>>()
        };
        let now = expected(model.accepted.len());
        let right = after_a_moment(async || {
            let rows = read().await;
            let was_right = || (0..model.accepted.len()).rev().any(|count| rows == expected(count));
            assert!(rows == now || was_right(), "the ranking of campaign {campaign} by process {process}: {rows:?}");
            (rows == now).then_some(())
        });
        assert!(right.await.is_some(), "the ranking of campaign {campaign} by process {process} stays behind {now:?}");
    }

    async fn compare_standing(&self, campaign: usize, user: usize, process: usize) {
        let (id, user_id, of) = (self.campaigns[campaign], self.users[user].user_id, self.users[user].clone());
        let mine =
            self.processes[process].run(|engine| async move { engine.rankings.my_standing(&of, id).await }).await;
        let mine = mine.expect("reads");
        let model = &self.model.campaigns[campaign];
        let expected = model.standing(user);
        assert_eq!(mine.rank, model.rank(user).map(|rank| rank as u64));
        assert_eq!(mine.score.map(Score::get), expected.map(|bid| bid.score));
        assert_eq!(mine.price.map(domain::Money::cents), expected.map(|bid| bid.cents));
        let history = self.processes[process]
            .run(|engine| async move { engine.bidding.history(user_id, id, ALL).await })
            .await
            .expect("reads");
        let bids: Vec<_> = history.bids.iter().rev().map(|bid| (bid.bid_number, bid.price.cents())).collect();
        let of_user = model.accepted.iter().filter(|bid| bid.user == user);
        assert_eq!(bids, of_user.map(|bid| (bid.number, bid.cents)).collect::<Vec<_>>());
    }

    /// Numbers that a process may have from a moment ago.
    async fn compare_counts(&mut self, campaign: usize) {
        let process = self.any_process();
        let id = self.campaigns[campaign];
        let model = &self.model.campaigns[campaign];
        let standings = model.standings();
        let quota = usize::try_from(model.rules.quota).expect("positive");
        let expected = (
            standings.len() as u64,
            model.accepted.len() as u64,
            model.accepted.iter().map(|bid| bid.cents).max(),
            standings.get(quota - 1).map(|bid| bid.score),
        );

        let agrees = within_five_seconds("a campaign's numbers are right", async || {
            let detail = self.processes[process].run(|engine| async move { engine.rankings.campaign(id).await }).await;
            let stats = detail.expect("reads").stats;
            let found = (
                stats.total_participants,
                stats.total_bids,
                stats.max_price.map(domain::Money::cents),
                stats.min_winning_score.map(Score::get),
            );
            if found != expected {
                self.log.push(format!("campaign {campaign} has {found:?}, to be {expected:?}"));
            }
            (found == expected).then_some(())
        });
        agrees.await;
    }
}
