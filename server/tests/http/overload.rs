//! More bids than PostgreSQL can write: some are refused at once, some after a set time, and no acknowledged bid is
//! lost.

use crate::support::{Member, Response, Server, ServerProcess, column};
use domain::CampaignId;
use engine::{Engine, EngineConfig};
use serde_json::json;
use std::time::Duration;
use testkit::eventually;
use tokio::{task::JoinHandle, time::Instant};

/// Length of the bid queue.
const QUEUE: usize = 4;
/// How long a bid may wait in the queue.
const WAIT: Duration = Duration::from_secs(2);

/// Sends a bid; returns its response and how long it took.
fn send(
    process: &ServerProcess,
    bidder: &Member,
    campaign: CampaignId,
    price: u64,
) -> JoinHandle<(Response, Duration)> {
    let client = process.with_token(&bidder.token);
    tokio::spawn(async move {
        let sent = Instant::now();
        (client.bid(campaign, price).await, sent.elapsed())
    })
}

#[tokio::test]
async fn an_overloaded_server_refuses_at_once_and_keeps_what_it_acknowledged() {
    let server = Server::start().await;
    let campaign = server.world.price_only_campaign(&server.world.product(5).await, 5).await;
    let config = EngineConfig { bid_queue_max: QUEUE, bid_wait_max: WAIT, ..server.world.stores.config() };
    let engine = Engine::connect_with_clock(config, server.world.clock.clone()).await.expect("connects");
    let process = server.process_with(engine).await;
    let (ann, bob, cat) = (server.member("ann").await, server.member("bob").await, server.member("cat").await);
    process.with_token(&bob.token).bid(campaign, 900).await.json(201);

    // PostgreSQL stalls: the campaign's row is locked, and both of its writers wait for it.
    let mut stall = server.world.pool.begin().await.expect("begins");
    let row = sqlx::query("SELECT FROM campaigns WHERE campaign_id = $1 FOR UPDATE").bind(campaign.0);
    row.execute(&mut *stall).await.expect("locks");
    let mut stalled = Vec::new();
    for (bidder, price) in [(&ann, 1000), (&cat, 950)] {
        stalled.push((price, send(&process, bidder, campaign, price)));
        let expected = stalled.len();
        eventually("the bid waits for the lock", async || {
            (server.world.waiting_for_locks().await == expected).then_some(())
        })
        .await;
    }

    let crowd: Vec<_> = (0..20).map(|n| send(&process, &bob, campaign, 1001 + n)).collect();
    let (mut at_once, mut waited) = (0, 0);
    for bid in crowd {
        let (response, time) = bid.await.expect("a response");
        response.refused(503, "OVERLOADED");
        if time < WAIT {
            at_once += 1;
        } else {
            waited += 1;
        }
        assert!(time < WAIT * 2, "{time:?}");
    }
    assert_eq!((at_once, waited), (20 - QUEUE, QUEUE));

    // PostgreSQL continues. The bids that were being written are acknowledged; the refused ones are not in the history.
    stall.rollback().await.expect("rolls back");
    for (price, bid) in stalled {
        let (accepted, _) = bid.await.expect("a response");
        assert_eq!(accepted.json(201)["price"], price);
    }
    for n in 1..=10 {
        process.with_token(&bob.token).bid(campaign, 1100 + n).await.json(201);
    }
    let history = process.with_token(&bob.token).get(&format!("/api/v1/bids/{campaign}/history")).await.json(200);
    let expected: Vec<_> = (1101..=1110).rev().chain([900]).map(|price| json!(price)).collect();
    assert_eq!(column(&history["bids"], "price"), expected);
    let ranking = process.anonymous().get(&format!("/api/v1/rankings/{campaign}")).await.json(200);
    assert_eq!(column(&ranking["rankings"], "price"), [json!(1110), json!(1000), json!(950)]);
}
