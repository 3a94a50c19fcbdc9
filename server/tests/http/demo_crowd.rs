//! The demo's crowd: bidders who bid over the API, and a campaign after the campaign.

use crate::support::{Endpoint, Server};
use domain::validated::Stock;
use engine::{DemoData, SeedOptions};
use serde_json::{Value, json};
use testkit::eventually;

const MINUTE_MS: i64 = 60_000;
const WITH_A_CROWD: [&str; 2] = ["--demo-crowd", "true"];

/// A server with demo data and without a crowd. The running campaign lasts for 20 minutes.
async fn demo() -> Server {
    let server = Server::start().await;
    let stock = Stock::new(15).expect("in range");
    let options = SeedOptions { users: 20, stock, minutes: 20, reset: false };
    server.world.engine.demo_data.seed(options).await.expect("seeds");
    server
}

/// The campaigns with a status.
async fn campaigns(server: &Endpoint, status: &str) -> Vec<Value> {
    let list = server.anonymous().get(&format!("/api/v1/campaigns?status={status}")).await.json(200);
    list["campaigns"].as_array().expect("a list").clone()
}

/// The ranking of a campaign, once it has some bidders.
async fn ranking_with_bids(server: &Endpoint, campaign: &Value) -> Vec<Value> {
    let path = format!("/api/v1/rankings/{}", campaign["campaign_id"].as_str().expect("an id"));
    eventually("there are bids", async || {
        let ranking = server.anonymous().get(&path).await.json(200);
        let rows = ranking["rankings"].as_array().expect("rows").clone();
        (rows.len() >= 2).then_some(rows)
    })
    .await
}

#[tokio::test]
async fn demo_bidders_bid_in_the_live_campaign_until_the_server_stops() {
    let server = demo().await;
    let live = campaigns(&server, "active").await;
    assert_eq!(live.len(), 1);
    let crowded = server.another_process_with(&WITH_A_CROWD).await;
    for row in ranking_with_bids(&crowded, &live[0]).await {
        // The minimum price is 800, and nobody would pay more than two and a half times as much.
        assert!(row["price"].as_u64().is_some_and(|price| (800..=2000).contains(&price)), "{row}");
        assert!(!row["username"].as_str().expect("a name").starts_with("user"), "{row}");
    }
    crowded.begin_shutdown();
    eventually("the server ends", async || (!crowded.is_running()).then_some(())).await;
}

#[tokio::test]
async fn a_demo_campaign_that_has_ended_is_followed_by_the_next() {
    let server = demo().await;
    let upcoming = campaigns(&server, "pending").await;
    assert_eq!(upcoming.len(), 1);
    server.world.at(21 * MINUTE_MS);
    let crowded = server.another_process_with(&WITH_A_CROWD).await;
    let next = eventually("the next campaign is planned", async || {
        let is_new = |campaign: &Value| campaign["campaign_id"] != upcoming[0]["campaign_id"];
        campaigns(&crowded, "pending").await.into_iter().find(is_new)
    })
    .await;
    // Headphones were sold last.
    assert_eq!(next["product_id"], json!(DemoData::ON_SALE[1]));
    server.world.at(22 * MINUTE_MS);
    ranking_with_bids(&crowded, &next).await;
    assert_eq!(campaigns(&crowded, "active").await.len(), 1);
    assert_eq!(campaigns(&crowded, "pending").await.len(), 1, "one at a time");
}
