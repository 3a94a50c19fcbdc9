//! The `gavel` binary as a process of its own: logs, signals, what it counts, and wrong system clocks.

use crate::support::{Endpoint, Response, serve_arguments};
use domain::{CampaignId, Timestamp, validated::Password};
use engine::SignInSource;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};
use testkit::{LOCALHOST, PASSWORD, Stores, World, eventually};

/// Debian's libfaketime. The dynamic linker replaces `$LIB` by the directory of the architecture.
const LIBFAKETIME: &str = "/usr/$LIB/faketime/libfaketime.so.1";
const MINUTE_MS: i64 = 60_000;
/// How far a process may be from PostgreSQL's clock on a machine that is busy with tests.
const CLOCK_ERROR_MS: i64 = 100;

/// A running `gavel`; killed when dropped.
struct Gavel {
    process: Child,
    log: Arc<Mutex<String>>,
}

impl Gavel {
    /// Starts `gavel serve` at the most verbose log level.
    fn serve(stores: &Stores) -> Self {
        Self::serve_with(stores, &[])
    }

    /// The same with a wrong system clock; the monotonic clock stays right.
    fn serve_with_clock_offset(stores: &Stores, offset: &str) -> Self {
        Self::serve_with(
            stores,
            &[("LD_PRELOAD", LIBFAKETIME), ("FAKETIME", offset), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")],
        )
    }

    fn serve_with(stores: &Stores, environment: &[(&str, &str)]) -> Self {
        Self::run(Command::new(env!("CARGO_BIN_EXE_gavel")), stores, environment)
    }

    /// The same with a limit of open files that the process may raise.
    fn serve_with_open_files(stores: &Stores, limit: u32, environment: &[(&str, &str)]) -> Self {
        let mut shell = Command::new("sh");
        let script = format!("ulimit -Sn {limit} && exec \"$0\" \"$@\"");
        shell.arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_gavel"));
        Self::run(shell, stores, environment)
    }

    fn run(mut command: Command, stores: &Stores, environment: &[(&str, &str)]) -> Self {
        let mut process = command
            .args(serve_arguments(stores))
            .envs([("LOG_FORMAT", "json"), ("RUST_LOG", "trace"), ("DEMO_CROWD", "false")])
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let lines = BufReader::new(process.stderr.take().expect("its standard error")).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let copy = log.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut log = copy.lock().expect("not poisoned");
                log.push_str(&line);
                log.push('\n');
            }
        });
        Self { process, log }
    }

    fn log(&self) -> String {
        self.log.lock().expect("not poisoned").clone()
    }

    /// Its address, once it listens.
    async fn endpoint(&self) -> Endpoint {
        let listening = eventually("the process listens", async || self.listening()).await;
        Endpoint::at(listening["address"].as_str().and_then(|text| text.parse().ok()).expect("an address"))
    }

    /// The time in the log of the message that it listens.
    fn system_time(&self) -> Timestamp {
        let listening = self.listening().expect("the process listens");
        listening["timestamp"].as_str().and_then(|text| text.parse().ok()).expect("a time")
    }

    fn listening(&self) -> Option<Value> {
        let log = self.log();
        let mut events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.find(|event| event["message"] == "listening")
    }

    fn terminate(&self) {
        let kill = Command::new("kill").arg("-TERM").arg(self.process.id().to_string()).status();
        assert!(kill.expect("runs").success());
    }
}

impl Drop for Gavel {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn the_binary_serves_logs_no_secrets_and_stops_on_sigterm() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let mut gavel = Gavel::serve(&world.stores);
    let endpoint = gavel.endpoint().await;
    let visitor = endpoint.anonymous();
    let ann = json!({ "email": "ann@test.example", "password": PASSWORD, "username": "ann" });
    visitor.post("/api/v1/auth/register", ann).await.json(201);
    let session = visitor.sign_in("ann@test.example", PASSWORD).await.json(200);
    let token = session["access_token"].as_str().expect("a token");
    endpoint.with_token(token).get("/api/v1/auth/me").await.json(200);
    let socket = endpoint.watch_as(campaign, token).await;
    endpoint.open(&format!("/ws/{campaign}?token={token}x"), &[]).await.expect_err("refused");

    gavel.terminate();
    socket.close_code().await.expect("a close code");
    let status = eventually("the process ends", async || gavel.process.try_wait().expect("a status")).await;
    assert!(status.success(), "{status}");
    let log = eventually("the last line is in the log", async || {
        let log = gavel.log();
        log.contains(r#""message":"stopped""#).then_some(log)
    })
    .await;
    assert!(log.contains(&format!("/ws/{campaign}")), "requests are logged");
    let stores = &world.stores;
    for secret in [token, PASSWORD, "ann@", "a secret for tests", &stores.database_url, &stores.redis_url] {
        assert_eq!(log.lines().find(|line| line.contains(secret)), None);
    }
}

#[tokio::test]
async fn the_limit_of_open_files_is_raised_to_what_connections_need() {
    let world = World::new().await;
    let gavel = Gavel::serve_with_open_files(&world.stores, 600, &[("CONNECTIONS_MAX", "300")]);
    gavel.endpoint().await;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", gavel.process.id())).expect("the limits");
    let files = limits.lines().find(|line| line.starts_with("Max open files")).expect("that of files");
    assert_eq!(files.split_whitespace().nth(3), Some("800"), "{files}");
}

/// The value of a metric without labels.
async fn gauge(endpoint: &Endpoint, name: &str) -> Option<f64> {
    let metrics = endpoint.anonymous().get("/metrics").await.text;
    metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

#[tokio::test]
async fn a_settlement_whose_claim_is_held_is_reported_until_it_happens() {
    let world = World::new().await;
    // By the clock of the process it ended long ago.
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let mut holder = world.pool.begin().await.expect("begins");
    sqlx::query("SELECT FROM campaigns WHERE campaign_id = $1 FOR UPDATE")
        .bind(campaign.0)
        .execute(&mut *holder)
        .await
        .expect("locks");
    let gavel = Gavel::serve(&world.stores);
    let endpoint = gavel.endpoint().await;
    eventually("it is overdue", async || {
        gauge(&endpoint, "settlement_overdue_seconds").await.is_some_and(|seconds| seconds > 5.0).then_some(())
    })
    .await;
    eventually("the log says so", async || gavel.log().contains("has ended and is not settled").then_some(())).await;
    holder.rollback().await.expect("lets go");
    eventually("it is settled", async || {
        (gauge(&endpoint, "settlements_total").await == Some(1.0)
            && gauge(&endpoint, "settlement_overdue_seconds").await == Some(0.0))
        .then_some(())
    })
    .await;
}

// Metrics are per process, and the other tests share one, so that these counts need a process of their own.
#[tokio::test]
async fn concurrent_readiness_probes_share_one_check_of_the_stores() {
    const PROBES: u32 = 20;
    let world = World::new().await;
    let gavel = Gavel::serve(&world.stores);
    let visitor = gavel.endpoint().await.anonymous();
    let gauge = async |name: &str| {
        let metrics = visitor.get("/metrics").await.text;
        metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u32>().ok())
    };
    assert_eq!(gauge("websocket_connections").await, Some(0), "before the first websocket too");

    let mut transaction = world.pool.begin().await.expect("begins");
    sqlx::query("LOCK TABLE _sqlx_migrations").execute(&mut *transaction).await.expect("locks");
    let probes: Vec<_> = (0..PROBES)
        .map(|_| {
            let visitor = visitor.clone();
            tokio::spawn(async move { visitor.get("/readyz").await })
        })
        .collect();
    eventually("the check waits for the lock", async || (world.waiting_for_locks().await > 0).then_some(())).await;
    // The request that reads the gauge is counted too.
    let arrived = async || gauge("http_requests_active").await.filter(|active| *active > PROBES);
    eventually("all probes wait", arrived).await;
    assert_eq!(world.waiting_for_locks().await, 1);
    transaction.rollback().await.expect("rolls back");
    for probe in probes {
        assert_eq!(probe.await.expect("a response").json(200)["ready"], true);
    }
}

/// PostgreSQL's clock.
async fn database_time(world: &World) -> Timestamp {
    let micros = sqlx::query_scalar("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
    Timestamp::from_unix_micros(micros.fetch_one(&world.pool).await.expect("reads")).expect("a time")
}

/// A token of the admin that was issued this long ago; sessions last an hour.
async fn old_token(world: &World, age_ms: i64) -> String {
    world.clock.set(database_time(world).await.plus_millis(-age_ms));
    let password = Password::claimed(PASSWORD).expect("a password");
    let session = world
        .engine
        .accounts
        .sign_in(&world.admin.email, &password, SignInSource::at(LOCALHOST))
        .await
        .expect("signs in");
    session.token.expose_secret().to_owned()
}

#[tokio::test]
async fn a_wrong_system_clock_changes_no_decision() {
    let world = World::new().await;
    let product = world.product(5).await;
    let servers = ["+10m", "-10m"].map(|offset| Gavel::serve_with_clock_offset(&world.stores, offset));
    let endpoints = [servers[0].endpoint().await, servers[1].endpoint().await];
    for (server, minutes) in servers.iter().zip([10, -10]) {
        let off_ms = server.system_time().millis_since(database_time(&world).await);
        let is_off = (off_ms - minutes * MINUTE_MS).abs() < MINUTE_MS;
        assert!(is_off, "the clock is off by {off_ms} ms; is libfaketime installed? scripts/setup.sh test does it");
    }

    // Sessions expire by PostgreSQL's clock, whichever process issued them: one has five minutes left, the other
    // expired five minutes ago.
    let (valid, expired) = (old_token(&world, 55 * MINUTE_MS).await, old_token(&world, 65 * MINUTE_MS).await);
    for endpoint in &endpoints {
        endpoint.with_token(&valid).get("/api/v1/auth/me").await.json(200);
        endpoint.with_token(&expired).get("/api/v1/auth/me").await.refused(401, "INVALID_TOKEN");
        let session = endpoint.anonymous().sign_in(&world.admin.email, PASSWORD).await.json(200);
        let token = session["access_token"].as_str().expect("a token");
        for endpoint in &endpoints {
            endpoint.with_token(token).get("/api/v1/auth/me").await.json(200);
        }
    }

    // By the fast clock the first campaign has begun; by the slow clock not even the second has.
    let admin = endpoints[0].with_token(&valid);
    let plan = async |starts_in_ms: i64, ends_in_ms: i64| {
        let now = database_time(&world).await;
        let (start, end) = (now.plus_millis(starts_in_ms), now.plus_millis(ends_in_ms));
        let request = json!({ "product_id": product.product_id, "start_time": start, "end_time": end, "quota": 1 });
        (admin.post("/api/v1/campaigns", request).await, end)
    };
    let id = |created: &Response| -> CampaignId {
        created.json(201)["campaign_id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
    };
    let upcoming = id(&plan(5 * MINUTE_MS, 8 * MINUTE_MS).await.0);
    let running = id(&plan(-5 * MINUTE_MS, 5 * MINUTE_MS).await.0);
    for (price, endpoint) in (900..).zip(&endpoints) {
        endpoint.with_token(&valid).bid(upcoming, price).await.refused(403, "CAMPAIGN_NOT_STARTED");
        endpoint.with_token(&valid).bid(running, price).await.json(201);
    }
    // A campaign that ends soon, but not before it is created, however long that takes.
    let mut soon_ms = 1000;
    let (ended, end) = loop {
        let (created, end) = plan(-5 * MINUTE_MS, soon_ms).await;
        if created.status == 201 {
            break (id(&created), end);
        }
        soon_ms *= 2;
    };
    eventually("the last campaign has ended", async || {
        (database_time(&world).await > end.plus_millis(CLOCK_ERROR_MS)).then_some(())
    })
    .await;
    for (price, endpoint) in (900..).zip(&endpoints) {
        endpoint.with_token(&valid).bid(ended, price).await.refused(403, "CAMPAIGN_ENDED");
    }
}
