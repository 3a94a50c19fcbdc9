//! `/api/v1/rankings`, and that all views of a ranking have the same order.

use crate::support::{Server, UNKNOWN_ID, assert_has_fields, column, send};
use domain::{CampaignId, UserId, api::bids::PlaceBid};
use http::{Method, header};
use serde_json::{Value, json};

#[tokio::test]
async fn a_ranking_shows_the_top_k_by_default() {
    let server = Server::start().await;
    let campaign = server.world.price_only_campaign(&server.world.product(5).await, 2).await;
    let path = format!("/api/v1/rankings/{campaign}");
    let empty = server.anonymous().get(&path).await.json(200);
    assert_eq!((&empty["total_participants"], &empty["rankings"]), (&json!(0), &json!([])));
    assert_eq!((&empty["min_winning_score"], &empty["max_score"]), (&Value::Null, &Value::Null));

    let members = server.world.members(3).await;
    server.world.bid(&members[0], campaign, 90_000).await;
    let one = server.anonymous().get(&path).await.json(200);
    assert_eq!((&one["min_winning_score"], one["max_score"].as_f64()), (&Value::Null, Some(900.0)));
    server.world.bid(&members[1], campaign, 92_000).await;
    server.world.bid(&members[2], campaign, 91_000).await;

    let ranking = server.anonymous().get(&path).await.json(200);
    assert_has_fields(&ranking, "campaign_id total_participants rankings min_winning_score max_score updated_at");
    assert_eq!((&ranking["campaign_id"], &ranking["total_participants"]), (&json!(campaign), &json!(3)));
    let first = json!({
        "rank": 1, "user_id": members[1].user_id, "username": members[1].username, "score": 920.0, "price": 920,
    });
    assert_eq!(ranking["rankings"][0], first);
    assert_eq!(column(&ranking["rankings"], "rank"), [1, 2]);
    let scores = ["min_winning_score", "max_score"].map(|name| ranking[name].as_f64());
    assert_eq!(scores, [Some(910.0), Some(920.0)]);

    // The limit changes the rows, not the minimum winning score.
    let all = server.anonymous().get(&format!("{path}?limit=1000")).await.json(200);
    assert_eq!(column(&all["rankings"], "rank"), [1, 2, 3]);
    assert_eq!(all["min_winning_score"].as_f64(), Some(910.0));
    for limit in ["0", "1001", "-1", "x"] {
        assert_eq!(server.anonymous().get(&format!("{path}?limit={limit}")).await.invalid_field(), "limit", "{limit}");
    }
    server.anonymous().get(&format!("/api/v1/rankings/{UNKNOWN_ID}")).await.refused(404, "NOT_FOUND");
    assert_eq!(server.anonymous().get("/api/v1/rankings/x").await.invalid_field(), "id");
}

#[tokio::test]
async fn a_user_reads_their_own_standing() {
    let server = Server::start().await;
    let campaign = server.world.price_only_campaign(&server.world.product(5).await, 1).await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let path = format!("/api/v1/rankings/{campaign}/me");
    let without_bid = json!({
        "campaign_id": campaign, "user_id": ann.user.user_id,
        "rank": null, "score": null, "price": null, "is_winning": null, "total_participants": 0,
        "weight": 1.0, "version": 0,
    });
    assert_eq!(ann.get(&path).await.json(200), without_bid);
    ann.bid(campaign, 900).await.json(201);
    let higher = bob.bid(campaign, 950).await.json(201);
    let second = json!({
        "campaign_id": campaign, "user_id": ann.user.user_id,
        "rank": 2, "score": 900.0, "price": 900, "is_winning": false, "total_participants": 2,
        "weight": 1.0, "version": higher["version"],
    });
    assert_eq!(ann.get(&path).await.json(200), second);
    let first = bob.get(&path).await.json(200);
    assert_eq!((&first["rank"], &first["is_winning"]), (&json!(1), &json!(true)));
    server.anonymous().get(&path).await.refused(401, "NOT_AUTHENTICATED");
    ann.get(&format!("/api/v1/rankings/{UNKNOWN_ID}/me")).await.refused(404, "NOT_FOUND");
    assert_eq!(ann.get("/api/v1/rankings/x/me").await.invalid_field(), "id");
}

/// 1,001 bidders with the same score, in the same order in PostgreSQL, Redis, the API, the live feed and the results.
#[tokio::test]
async fn equal_scores_rank_by_time_of_acceptance_everywhere() {
    let server = Server::start().await;
    let world = &server.world;
    let campaign = world.price_only_campaign(&world.product(1001).await, 1001).await;
    let members = world.members(1001).await;
    let mut socket = server.watch(campaign).await;
    // One bid is first; all others are concurrent.
    let bid = PlaceBid { campaign_id: campaign, price: testkit::price(90_000), user_id: None };
    world.engine.bidding.place(&members[500], bid).await.expect("accepted");
    let bids: Vec<_> = members
        .iter()
        .filter(|member| member.user_id != members[500].user_id)
        .map(|member| {
            let (engine, member) = (world.engine.clone(), member.clone());
            tokio::spawn(async move { engine.bidding.place(&member, bid).await })
        })
        .collect();
    for bid in bids {
        bid.await.expect("runs").expect("accepted");
    }

    let sql = order_in_postgres(&server, campaign).await;
    assert_eq!((sql.len(), &sql[0]), (1001, &members[500].user_id.to_string()));
    assert_eq!(order_in_redis(&server, campaign).await, sql);
    let rest = server.anonymous().get(&format!("/api/v1/rankings/{campaign}?limit=1000")).await.json(200);
    assert_eq!(rest["total_participants"], 1001);
    assert_eq!(column(&rest["rankings"], "user_id"), sql[..1000]);
    assert_eq!(column(&rest["rankings"], "rank"), (1..=1000).collect::<Vec<_>>());
    let live = socket.ranking_with(1001).await;
    assert_eq!(column(&live["top_k"], "user_id"), sql[..100]);

    world.engine.start();
    world.at(60_000);
    socket.event("campaign_ended").await;
    let admin = server.admin().await;
    let mut winners = Vec::new();
    for skip in [0, 1000] {
        let orders = admin.get(&format!("/api/v1/orders/campaign/{campaign}?skip={skip}")).await.json(200);
        assert_eq!((&orders["total"], &orders["is_consistent"]), (&json!(1001), &json!(true)));
        winners.extend(column(&orders["orders"], "user_id"));
    }
    assert_eq!(winners, sql);
}

/// The bidders in the total order, as PostgreSQL has it.
async fn order_in_postgres(server: &Server, campaign: CampaignId) -> Vec<String> {
    sqlx::query_scalar("SELECT user_id::text FROM bids WHERE campaign_id = $1 ORDER BY score DESC, accepted_seq")
        .bind(campaign.0)
        .fetch_all(&server.world.pool)
        .await
        .expect("reads")
}

/// The bidders in the order of the sorted set in Redis, whose members end with the bidder's id.
async fn order_in_redis(server: &Server, campaign: CampaignId) -> Vec<String> {
    let key = format!("{}bid:{{{campaign}}}", server.world.stores.redis_prefix);
    let mut range = redis::cmd("ZREVRANGE");
    let members: Vec<String> =
        range.arg(key).arg(0).arg(-1).query_async(&mut server.world.stores.redis().await).await.expect("reads");
    let user = |member: &String| member[member.len() - 36..].parse::<UserId>().expect("an id").to_string();
    members.iter().map(user).collect()
}

#[tokio::test]
async fn a_ranking_that_is_known_is_not_sent_again() {
    let server = Server::start().await;
    let campaign = server.world.price_only_campaign(&server.world.product(5).await, 2).await;
    let members = server.world.members(2).await;
    server.world.bid(&members[0], campaign, 90_000).await;
    let path = format!("/api/v1/rankings/{campaign}");
    let anonymous = server.anonymous();
    let ask =
        async |known: &str| send(anonymous.request(Method::GET, &path).header(header::IF_NONE_MATCH, known)).await;
    let first = ask("\"else\"").await;
    assert_eq!(first.status, 200);
    let tag = first.header(header::ETAG).to_owned();
    let known = ask(&format!("\"else\", {tag}")).await;
    assert_eq!(known.status, 304);
    assert_eq!((known.text.as_str(), known.header(header::ETAG)), ("", tag.as_str()));
    server.world.bid(&members[1], campaign, 91_000).await;
    assert_eq!(ask(&tag).await.status, 200);
}
