//! `/api/v1/campaigns`

use crate::support::{Server, UNKNOWN_ID, assert_has_fields, column};
use domain::CampaignId;
use serde_json::{Value, json};

const CAMPAIGNS: &str = "/api/v1/campaigns";

fn path(campaign: CampaignId) -> String {
    format!("{CAMPAIGNS}/{campaign}")
}

/// A request for a campaign from noon for a minute.
fn minute(product_id: &impl std::fmt::Display) -> Value {
    json!({
        "product_id": product_id.to_string(),
        "start_time": "2026-01-31T12:00:00Z",
        "end_time": "2026-01-31T12:01:00Z",
    })
}

#[tokio::test]
async fn a_campaign_has_defaults_and_shows_its_product() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(15).await;
    let created = admin.post(CAMPAIGNS, minute(&product.product_id)).await.json(201);
    assert_has_fields(
        &created,
        "campaign_id product_id start_time end_time alpha beta gamma quota status settled_at created_at product",
    );
    let coefficients = ["alpha", "beta", "gamma"].map(|name| created[name].as_f64());
    assert_eq!(coefficients, [Some(1.0), Some(1000.0), Some(100.0)]);
    assert_eq!((&created["quota"], &created["status"]), (&json!(15), &json!("active")));
    assert_eq!(created["settled_at"], Value::Null);
    assert_eq!(created["product"], json!(product));
    let shown = format!("{CAMPAIGNS}/{}", created["campaign_id"].as_str().expect("an id"));
    let shown = server.anonymous().get(&shown).await.json(200);
    assert_eq!(shown["server_time"], "2026-01-31T12:00:00Z");
    let nothing = json!({
        "total_participants": 0, "total_bids": 0, "max_price": null, "min_winning_score": null, "max_score": null,
    });
    assert_eq!(shown["stats"], nothing);
    assert_eq!(shown["product"], json!(product));
}

#[tokio::test]
async fn numbers_may_be_strings_and_times_may_have_any_offset() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(15).await;
    let request = json!({
        "product_id": product.product_id.to_string().to_uppercase(),
        "start_time": "2026-01-31T20:00:00.5+08:00", "end_time": "2026-01-31T06:01:00-06:00",
        "alpha": "0.5", "beta": "0", "gamma": 100_000, "quota": "7", "status": "ended", "nonsense": null,
    });
    let created = admin.post(CAMPAIGNS, request).await.json(201);
    assert_eq!(created["product_id"], json!(product.product_id), "ids are lower case");
    assert_eq!(created["start_time"], "2026-01-31T12:00:00.5Z");
    assert_eq!(created["end_time"], "2026-01-31T12:01:00Z");
    let coefficients = ["alpha", "beta", "gamma"].map(|name| created[name].as_f64());
    assert_eq!(coefficients, [Some(0.5), Some(0.0), Some(100_000.0)]);
    assert_eq!((&created["quota"], &created["status"]), (&json!(7), &json!("pending")));
}

#[tokio::test]
async fn an_invalid_campaign_is_refused_with_the_name_of_the_field() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(15).await;
    for (field, wrong) in [
        ("product_id", json!("x")),
        ("product_id", json!(null)),
        ("start_time", json!("yesterday")),
        ("start_time", json!("2026-01-31T12:00:00")),
        ("start_time", json!(1_769_860_800)),
        // Not after the start; too long.
        ("end_time", json!("2026-01-31T12:00:00Z")),
        ("end_time", json!("2028-01-31T12:00:00Z")),
        ("alpha", json!(-0.1)),
        ("beta", json!(100_000.5)),
        ("gamma", json!("lots")),
        ("quota", json!(0)),
        ("quota", json!(1.5)),
        ("quota", json!("1e1")),
    ] {
        let mut request = minute(&product.product_id);
        request[field] = wrong;
        assert_eq!(admin.post(CAMPAIGNS, request.clone()).await.invalid_field(), field, "{request}");
    }
    let mut past = minute(&product.product_id);
    past["start_time"] = json!("2026-01-31T11:00:00Z");
    past["end_time"] = json!("2026-01-31T12:00:00Z");
    assert_eq!(admin.post(CAMPAIGNS, past.clone()).await.invalid_field(), "end_time");
    // Fields are validated before the product is looked up.
    past["product_id"] = json!(UNKNOWN_ID);
    assert_eq!(admin.post(CAMPAIGNS, past).await.invalid_field(), "end_time");
}

#[tokio::test]
async fn stock_is_promised_only_once() {
    let server = Server::start().await;
    let admin = server.admin().await;
    admin.post(CAMPAIGNS, minute(&UNKNOWN_ID)).await.refused(404, "PRODUCT_NOT_FOUND");
    let product = server.world.product(5).await;
    let mut request = minute(&product.product_id);
    request["quota"] = json!(6);
    admin.post(CAMPAIGNS, request.clone()).await.refused(409, "INSUFFICIENT_STOCK");
    request["quota"] = json!(3);
    admin.post(CAMPAIGNS, request.clone()).await.json(201);
    admin.post(CAMPAIGNS, request).await.refused(409, "INSUFFICIENT_STOCK");
    // The default quota is what is left of the stock; then nothing is left.
    let rest = admin.post(CAMPAIGNS, minute(&product.product_id)).await.json(201);
    assert_eq!(rest["quota"], 2);
    admin.post(CAMPAIGNS, minute(&product.product_id)).await.refused(409, "INSUFFICIENT_STOCK");
    // A cancelled campaign releases its stock.
    let cancel = format!("{CAMPAIGNS}/{}/cancel", rest["campaign_id"].as_str().expect("an id"));
    admin.post(&cancel, json!({ "reason": "no more" })).await.json(200);
    admin.post(CAMPAIGNS, minute(&product.product_id)).await.json(201);
}

#[tokio::test]
async fn the_list_is_ordered_by_start_and_can_be_filtered_by_status() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(10).await;
    for (start, end) in [("11:00", "13:00"), ("12:30", "13:00"), ("11:30", "12:10"), ("11:15", "13:00")] {
        let mut request = minute(&product.product_id);
        request["start_time"] = json!(format!("2026-01-31T{start}:00Z"));
        request["end_time"] = json!(format!("2026-01-31T{end}:00Z"));
        request["quota"] = json!(1);
        let created = admin.post(CAMPAIGNS, request).await.json(201);
        if start == "11:15" {
            let cancel = format!("{CAMPAIGNS}/{}/cancel", created["campaign_id"].as_str().expect("an id"));
            admin.post(&cancel, json!({ "reason": "no more" })).await.json(200);
        }
    }
    server.world.at(15 * 60_000);
    for (query, starts) in [
        ("", &["12:30", "11:30", "11:15", "11:00"][..]),
        ("?status=pending", &["12:30"]),
        ("?status=active", &["11:00"]),
        ("?status=ended", &["11:30"]),
        ("?status=cancelled", &["11:15"]),
    ] {
        let list = server.anonymous().get(&format!("{CAMPAIGNS}{query}")).await.json(200);
        let expected: Vec<_> = starts.iter().map(|start| json!(format!("2026-01-31T{start}:00Z"))).collect();
        assert_eq!(column(&list["campaigns"], "start_time"), expected, "{query}");
        assert_eq!(list["total"], starts.len(), "{query}");
        assert_eq!(list["campaigns"][0]["product"]["product_id"], json!(product.product_id), "{query}");
    }
    let page = server.anonymous().get(&format!("{CAMPAIGNS}?skip=1&limit=2")).await.json(200);
    let starts = column(&page["campaigns"], "start_time");
    assert_eq!(starts, ["2026-01-31T11:30:00Z", "2026-01-31T11:15:00Z"]);
    assert_eq!(page["total"], 4);
    for (query, field) in
        [("status=lost", "status"), ("status=%00", "status"), ("limit=101", "limit"), ("skip=x", "skip")]
    {
        assert_eq!(server.anonymous().get(&format!("{CAMPAIGNS}?{query}")).await.invalid_field(), field, "{query}");
    }
}

#[tokio::test]
async fn before_the_start_every_field_can_be_edited() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(10).await;
    let campaign = server.world.campaign(&product, 5).await;
    server.world.at(-1);
    let change = json!({
        "start_time": "2026-01-31T21:00:00+08:00", "end_time": "2026-01-31T14:00:00Z",
        "alpha": 2, "beta": "3.5", "gamma": 4, "quota": 10,
    });
    let changed = admin.patch(&path(campaign), change).await.json(200);
    assert_eq!(changed["start_time"], "2026-01-31T13:00:00Z");
    assert_eq!(changed["end_time"], "2026-01-31T14:00:00Z");
    assert_eq!((changed["alpha"].as_f64(), changed["beta"].as_f64()), (Some(2.0), Some(3.5)));
    assert_eq!((changed["gamma"].as_f64(), &changed["quota"]), (Some(4.0), &json!(10)));
    admin.patch(&path(campaign), json!({ "quota": 11 })).await.refused(409, "INSUFFICIENT_STOCK");
    let early = json!({ "end_time": "2026-01-31T12:30:00Z" });
    assert_eq!(admin.patch(&path(campaign), early).await.invalid_field(), "end_time");
}

#[tokio::test]
async fn an_active_campaign_can_only_be_extended_and_an_ended_one_not_even_that() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let campaign = server.world.campaign(&server.world.product(10).await, 5).await;
    let path = path(campaign);
    for change in [
        json!({ "end_time": "2026-01-31T12:00:59Z" }),
        json!({ "start_time": "2026-01-31T11:00:00Z" }),
        json!({ "alpha": 2 }),
        json!({ "beta": 2 }),
        json!({ "gamma": 2 }),
        json!({ "quota": 6 }),
        json!({ "end_time": "2026-01-31T12:05:00Z", "quota": 6 }),
    ] {
        admin.patch(&path, change).await.refused(409, "CONFLICT");
    }
    let later = admin.patch(&path, json!({ "end_time": "2026-01-31T12:05:00Z" })).await.json(200);
    assert_eq!((&later["end_time"], &later["quota"]), (&json!("2026-01-31T12:05:00Z"), &json!(5)));
    // Bids are accepted after the old end and refused after the new one.
    let ann = server.member("ann").await;
    server.world.at(299_999);
    ann.bid(campaign, 900).await.json(201);
    server.world.at(300_000);
    ann.bid(campaign, 9000).await.refused(403, "CAMPAIGN_ENDED");
    admin.patch(&path, json!({ "end_time": "2026-01-31T13:00:00Z" })).await.refused(409, "CONFLICT");
}

#[tokio::test]
async fn a_campaign_is_cancelled_once_and_with_a_reason() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let campaign = server.world.campaign(&server.world.product(10).await, 5).await;
    let cancel = format!("{}/cancel", path(campaign));
    assert_eq!(admin.post(&cancel, json!({})).await.invalid_field(), "reason");
    assert_eq!(admin.post(&cancel, json!({ "reason": " " })).await.invalid_field(), "reason");
    let cancelled = admin.post(&cancel, json!({ "reason": "a recall" })).await.json(200);
    assert_eq!((&cancelled["status"], &cancelled["cancel_reason"]), (&json!("cancelled"), &json!("a recall")));
    admin.post(&cancel, json!({ "reason": "again" })).await.refused(409, "CONFLICT");
    let later = json!({ "end_time": "2026-01-31T13:00:00Z" });
    admin.patch(&path(campaign), later).await.refused(409, "CONFLICT");
}

#[tokio::test]
async fn an_unknown_campaign_is_not_found_and_only_admins_may_edit() {
    let server = Server::start().await;
    let (admin, ann) = (server.admin().await, server.member("ann").await);
    let nowhere = format!("{CAMPAIGNS}/{UNKNOWN_ID}");
    let cancel = format!("{nowhere}/cancel");
    server.anonymous().get(&nowhere).await.refused(404, "NOT_FOUND");
    admin.patch(&nowhere, json!({})).await.refused(404, "NOT_FOUND");
    admin.post(&cancel, json!({ "reason": "x" })).await.refused(404, "NOT_FOUND");
    assert_eq!(server.anonymous().get(&format!("{CAMPAIGNS}/x")).await.invalid_field(), "id");
    server.anonymous().post(CAMPAIGNS, json!({})).await.refused(401, "NOT_AUTHENTICATED");
    ann.post(CAMPAIGNS, json!({})).await.refused(403, "ADMIN_REQUIRED");
    ann.patch(&nowhere, json!({})).await.refused(403, "ADMIN_REQUIRED");
    ann.post(&cancel, json!({})).await.refused(403, "ADMIN_REQUIRED");
}

#[tokio::test]
async fn the_statistics_include_every_bid() {
    let server = Server::start().await;
    let campaign = server.world.price_only_campaign(&server.world.product(5).await, 2).await;
    let members = server.world.members(3).await;
    server.world.bid(&members[0], campaign, 90_000).await;
    server.world.bid(&members[0], campaign, 95_000).await;
    // With fewer bidders than winning places there is no minimum winning score.
    let stats = server.anonymous().get(&path(campaign)).await.json(200)["stats"].clone();
    assert_eq!((&stats["total_participants"], &stats["min_winning_score"]), (&json!(1), &Value::Null));
    assert_eq!(stats["max_score"].as_f64(), Some(950.0));
    server.world.bid(&members[1], campaign, 92_000).await;
    server.world.bid(&members[2], campaign, 91_000).await;
    // The count of bids is cached for a moment.
    let stats = testkit::eventually("all bids are counted", async || {
        let stats = server.anonymous().get(&path(campaign)).await.json(200)["stats"].clone();
        (stats["total_bids"] == 4).then_some(stats)
    })
    .await;
    assert_eq!(stats["total_participants"], 3);
    let numbers = ["max_price", "min_winning_score", "max_score"].map(|name| stats[name].as_f64());
    assert_eq!(numbers, [Some(950.0), Some(920.0), Some(950.0)]);
}
