//! The binary itself: it starts, serves, keeps secrets to itself and ends when told to.

use crate::support::{Site, arguments};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};
use testkit::{PASSWORD, Stores, World, eventually};

/// A running `gavel`; killed when dropped.
struct Gavel {
    process: Child,
    log: Arc<Mutex<String>>,
}

impl Gavel {
    /// `gavel serve`, telling everything it can in its log.
    fn serve(stores: &Stores) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_gavel"))
            .args(arguments(stores))
            .envs([("LOG_FORMAT", "json"), ("RUST_LOG", "trace")])
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

    /// The address it says it listens on.
    fn address(&self) -> Option<SocketAddr> {
        let log = self.log();
        let events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut listening = events.filter(|event| event["message"] == "listening");
        listening.next()?["address"].as_str()?.parse().ok()
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
async fn it_serves_logs_no_secret_and_ends_when_told_to() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let mut gavel = Gavel::serve(&world.stores);
    let site = Site::at(eventually("it listens", async || gavel.address()).await);
    let visitor = site.anyone();
    let ann = json!({ "email": "ann@test.example", "password": PASSWORD, "username": "ann" });
    visitor.post("/api/v1/auth/register", ann).await.json(201);
    let session = visitor.sign_in("ann@test.example", PASSWORD).await.json(200);
    let token = session["access_token"].as_str().expect("a token");
    site.with_token(token).get("/api/v1/auth/me").await.json(200);
    let socket = site.watch_as(campaign, token).await;
    site.open(&format!("/ws/{campaign}?token={token}x"), &[]).await.expect_err("refused");

    gavel.terminate();
    socket.close_code().await.expect("it says farewell");
    let status = eventually("it has ended", async || gavel.process.try_wait().expect("a status")).await;
    assert!(status.success(), "{status}");
    let log = eventually("its last line is read", async || {
        let log = gavel.log();
        log.contains(r#""message":"stopped""#).then_some(log)
    })
    .await;
    assert!(log.contains(&format!("/ws/{campaign}")), "requests are logged");
    let stores = &world.stores;
    for secret in [token, PASSWORD, "a secret for tests", &stores.database_url, &stores.redis_url] {
        assert_eq!(log.lines().find(|line| line.contains(secret)), None);
    }
}
