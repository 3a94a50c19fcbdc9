//! More bids than PostgreSQL takes: refused at once or within a set time, and nothing is lost.

use crate::support::{Answer, Member, Process, Server, column};
use domain::CampaignId;
use engine::{Engine, EngineConfig};
use serde_json::json;
use std::time::Duration;
use testkit::eventually;
use tokio::{task::JoinHandle, time::Instant};

/// Bids that may wait.
const QUEUE: usize = 4;
/// How long they may.
const WAIT: Duration = Duration::from_secs(2);

/// Sends a bid; its answer comes with the time it took.
fn send(process: &Process, bidder: &Member, campaign: CampaignId, price: u64) -> JoinHandle<(Answer, Duration)> {
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
    let process = server.process_of(engine).await;
    let (ann, bob, cat) = (server.member("ann").await, server.member("bob").await, server.member("cat").await);
    process.with_token(&bob.token).bid(campaign, 900).await.json(201);

    // PostgreSQL stalls: someone holds the campaign's row, and both of the campaign's writers wait for it.
    let mut stall = server.world.pool.begin().await.expect("begins");
    let row = sqlx::query("SELECT FROM campaigns WHERE campaign_id = $1 FOR UPDATE").bind(campaign.0);
    row.execute(&mut *stall).await.expect("locks");
    let mut taken = Vec::new();
    for (bidder, price) in [(&ann, 1000), (&cat, 950)] {
        taken.push((price, send(&process, bidder, campaign, price)));
        let waiting = taken.len();
        eventually("the bid waits", async || (server.world.waiting_for_locks().await == waiting).then_some(())).await;
    }

    let crowd: Vec<_> = (0..20).map(|n| send(&process, &bob, campaign, 1001 + n)).collect();
    let (mut at_once, mut waited) = (0, 0);
    for bid in crowd {
        let (answer, time) = bid.await.expect("an answer");
        answer.refused(503, "OVERLOADED");
        if time < WAIT {
            at_once += 1;
        } else {
            waited += 1;
        }
        assert!(time < WAIT * 2, "{time:?}");
    }
    assert_eq!((at_once, waited), (20 - QUEUE, QUEUE));

    // PostgreSQL goes on. What was being written is acknowledged, what was refused is not there.
    stall.rollback().await.expect("rolls back");
    for (price, bid) in taken {
        let (accepted, _) = bid.await.expect("an answer");
        assert_eq!(accepted.json(201)["price"], price);
    }
    for n in 1..=10 {
        process.with_token(&bob.token).bid(campaign, 1100 + n).await.json(201);
    }
    let history = process.with_token(&bob.token).get(&format!("/api/v1/bids/{campaign}/history")).await.json(200);
    let expected: Vec<_> = (1101..=1110).rev().chain([900]).map(|price| json!(price)).collect();
    assert_eq!(column(&history["bids"], "price"), expected);
    let ranking = process.anyone().get(&format!("/api/v1/rankings/{campaign}")).await.json(200);
    assert_eq!(column(&ranking["rankings"], "price"), [json!(1110), json!(1000), json!(950)]);
}
