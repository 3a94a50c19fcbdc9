//! `/api/v1/orders`: orders and results of settled campaigns.

use crate::support::{Server, UNKNOWN_ID, assert_has_fields, column};
use domain::CampaignId;
use serde_json::{Value, json};
use testkit::eventually;

/// Sets the clock to the end and waits for the settlement.
async fn settle(server: &Server, campaign: CampaignId) {
    server.world.engine.start();
    server.world.at(60_000);
    eventually("the campaign is settled", async || {
        let shown = server.anonymous().get(&format!("/api/v1/campaigns/{campaign}")).await.json(200);
        (!shown["settled_at"].is_null()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_top_k_bidders_get_orders_and_the_stock_falls_by_as_many() {
    let server = Server::start().await;
    let product = server.world.product(5).await;
    let campaign = server.world.price_only_campaign(&product, 2).await;
    let (ann, bob, eve) = (server.member("ann").await, server.member("bob").await, server.member("eve").await);
    for (member, price) in [(&ann, 900), (&bob, 950), (&eve, 850)] {
        member.bid(campaign, price).await.json(201);
    }
    let path = format!("/api/v1/orders/campaign/{campaign}");
    let admin = server.admin().await;
    let before = json!({
        "campaign_id": campaign, "orders": [], "total": 0, "quota": 2, "stock": 5, "is_consistent": true,
    });
    assert_eq!(admin.get(&path).await.json(200), before);

    settle(&server, campaign).await;
    let result = admin.get(&path).await.json(200);
    assert_eq!((&result["total"], &result["quota"], &result["stock"]), (&json!(2), &json!(2), &json!(3)));
    assert_eq!(result["is_consistent"], true);
    assert_eq!(column(&result["orders"], "user_id"), [json!(bob.user.user_id), json!(ann.user.user_id)]);
    assert_eq!(column(&result["orders"], "final_rank"), [1, 2]);

    let mine = bob.get("/api/v1/orders").await.json(200);
    assert_eq!((&mine["orders"][0], &mine["total"]), (&result["orders"][0], &json!(1)));
    let order = &mine["orders"][0];
    assert_has_fields(
        order,
        "order_id campaign_id user_id product_id final_price final_score final_rank status created_at",
    );
    assert_eq!((&order["product_id"], &order["status"]), (&json!(product.product_id), &json!("confirmed")));
    assert_eq!((order["final_price"].as_f64(), order["final_score"].as_f64()), (Some(950.0), Some(950.0)));
    assert_eq!(order["created_at"], "2026-01-31T12:01:00Z");
    assert_eq!(eve.get("/api/v1/orders").await.json(200), json!({ "orders": [], "total": 0 }));

    let shown = server.anonymous().get(&format!("/api/v1/campaigns/{campaign}")).await.json(200);
    assert_eq!((&shown["status"], &shown["settled_at"]), (&json!("ended"), &json!("2026-01-31T12:01:00Z")));
    assert_eq!(shown["product"]["stock"], 3);
    ann.bid(campaign, 9000).await.refused(403, "CAMPAIGN_ENDED");
    // A settled campaign cannot be cancelled.
    let cancel = format!("/api/v1/campaigns/{campaign}/cancel");
    admin.post(&cancel, json!({ "reason": "too late" })).await.refused(409, "CONFLICT");
}

#[tokio::test]
async fn orders_are_read_page_by_page() {
    let server = Server::start().await;
    let product = server.world.product(6).await;
    let (first, second) = (server.world.campaign(&product, 3).await, server.world.campaign(&product, 3).await);
    let ann = server.member("ann").await;
    for campaign in [first, second] {
        ann.bid(campaign, 900).await.json(201);
    }
    let later = json!({ "end_time": "2026-01-31T12:02:00Z" });
    let admin = server.admin().await;
    admin.patch(&format!("/api/v1/campaigns/{second}"), later).await.json(200);
    settle(&server, first).await;
    server.world.at(120_000);
    let mine = eventually("both campaigns are settled", async || {
        let mine = ann.get("/api/v1/orders").await.json(200);
        (mine["orders"].as_array()?.len() == 2).then_some(mine)
    })
    .await;
    assert_eq!(column(&mine["orders"], "campaign_id"), [json!(second), json!(first)], "newest first");
    assert_eq!(mine["total"], 2);
    let page = ann.get("/api/v1/orders?skip=1&limit=1").await.json(200);
    assert_eq!((column(&page["orders"], "campaign_id"), &page["total"]), (vec![json!(first)], &json!(2)));

    let path = format!("/api/v1/orders/campaign/{first}");
    let page = admin.get(&format!("{path}?skip=1&limit=1000")).await.json(200);
    assert_eq!((&page["orders"], &page["total"], &page["is_consistent"]), (&json!([]), &json!(1), &json!(true)));
    assert_eq!(admin.get(&format!("{path}?limit=1001")).await.invalid_field(), "limit");
    assert_eq!(ann.get("/api/v1/orders?limit=101").await.invalid_field(), "limit");
    assert_eq!(ann.get("/api/v1/orders?skip=-1").await.invalid_field(), "skip");
}

#[tokio::test]
async fn a_wrong_result_is_reported_as_inconsistent() {
    let server = Server::start().await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let ann = server.member("ann").await;
    ann.bid(campaign, 900).await.json(201);
    settle(&server, campaign).await;
    server.sql("UPDATE products SET stock = stock + 1").await;
    let result = server.admin().await.get(&format!("/api/v1/orders/campaign/{campaign}")).await.json(200);
    assert_eq!(result["is_consistent"], false);
}

#[tokio::test]
async fn orders_are_for_their_owners_and_results_for_admins() {
    let server = Server::start().await;
    let campaign = server.world.campaign(&server.world.product(5).await, 2).await;
    let path = format!("/api/v1/orders/campaign/{campaign}");
    server.anonymous().get("/api/v1/orders").await.refused(401, "NOT_AUTHENTICATED");
    server.anonymous().get(&path).await.refused(401, "NOT_AUTHENTICATED");
    server.member("ann").await.get(&path).await.refused(403, "ADMIN_REQUIRED");
    let admin = server.admin().await;
    admin.get(&format!("/api/v1/orders/campaign/{UNKNOWN_ID}")).await.refused(404, "NOT_FOUND");
    assert_eq!(admin.get("/api/v1/orders/campaign/x").await.invalid_field(), "id");
    let nothing: Value = admin.get("/api/v1/orders").await.json(200);
    assert_eq!(nothing, json!({ "orders": [], "total": 0 }));
}
