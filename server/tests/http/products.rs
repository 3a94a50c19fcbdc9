//! `/api/v1/products`

use crate::support::{Server, UNKNOWN_ID, assert_has_fields, column, send};
use futures_util::future::join_all;
use http::{Method, header};
use serde_json::{Value, json};

const PRODUCTS: &str = "/api/v1/products";

fn lamp() -> Value {
    json!({ "name": "Lamp", "stock": 3, "min_price": 12.5 })
}

#[tokio::test]
async fn an_admin_creates_a_product_and_everyone_can_read_it() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let full = json!({
        "name": " 高級耳機 Pro Max ", "description": "Two\nlines", "image_url": "https://example.org/a.png",
        "stock": "15", "min_price": "800.50", "product_id": UNKNOWN_ID, "nonsense": {},
    });
    let product = admin.post(PRODUCTS, full).await.json(201);
    assert_has_fields(&product, "product_id name description image_url stock min_price status created_at");
    assert_eq!(product["name"], "高級耳機 Pro Max");
    assert_eq!((&product["stock"], product["min_price"].as_f64()), (&json!(15), Some(800.5)));
    assert_eq!(product["status"], "active");
    assert_ne!(product["product_id"], UNKNOWN_ID);
    let path = format!("{PRODUCTS}/{}", product["product_id"].as_str().expect("an id"));
    assert_eq!(server.anonymous().get(&path).await.json(200), product);

    let minimal = admin.post(PRODUCTS, lamp()).await.json(201);
    assert_eq!((&minimal["description"], &minimal["image_url"]), (&Value::Null, &Value::Null));
    let list = server.anonymous().get(PRODUCTS).await.json(200);
    assert_eq!(list, json!({ "products": [minimal, product], "total": 2 }));
}

#[tokio::test]
async fn the_list_is_read_page_by_page() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for name in ["a", "b", "c", "d"] {
        admin.post(PRODUCTS, json!({ "name": name, "stock": 1, "min_price": 1 })).await.json(201);
    }
    let withdrawn = admin.get(&format!("{PRODUCTS}?limit=1")).await.json(200)["products"][0]["product_id"].clone();
    let path = format!("{PRODUCTS}/{}", withdrawn.as_str().expect("an id"));
    assert_eq!(admin.patch(&path, json!({ "status": "inactive" })).await.json(200)["status"], "inactive");
    for (query, names) in [
        ("", &["c", "b", "a"][..]),
        ("?limit=2", &["c", "b"]),
        ("?skip=2", &["a"]),
        ("?skip=1&limit=1", &["b"]),
        ("?skip=3&limit=100", &[]),
    ] {
        let list = server.anonymous().get(&format!("{PRODUCTS}{query}")).await.json(200);
        assert_eq!(column(&list["products"], "name"), names, "{query}");
        assert_eq!(list["total"], 3, "{query}");
    }
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=", "limit"),
        ("skip=-1", "skip"),
        ("skip=1.5", "skip"),
        ("skip=99999999999999999999", "skip"),
    ] {
        assert_eq!(server.anonymous().get(&format!("{PRODUCTS}?{query}")).await.invalid_field(), field, "{query}");
    }
}

#[tokio::test]
async fn an_unknown_product_is_not_found() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let path = format!("{PRODUCTS}/{UNKNOWN_ID}");
    server.anonymous().get(&path).await.refused(404, "NOT_FOUND");
    admin.patch(&path, json!({})).await.refused(404, "NOT_FOUND");
    for id in ["x", "%00", "%ff", "1234", "..%2f"] {
        assert_eq!(server.anonymous().get(&format!("{PRODUCTS}/{id}")).await.invalid_field(), "id", "{id}");
    }
}

#[tokio::test]
async fn only_admins_create_and_edit_products() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let path = format!("{PRODUCTS}/{}", server.world.product(1).await.product_id);
    // Rights are checked before the body.
    server.anonymous().post(PRODUCTS, json!({})).await.refused(401, "NOT_AUTHENTICATED");
    server.anonymous().patch(&path, json!({})).await.refused(401, "NOT_AUTHENTICATED");
    ann.post(PRODUCTS, json!({})).await.refused(403, "ADMIN_REQUIRED");
    ann.patch(&path, json!({})).await.refused(403, "ADMIN_REQUIRED");
}

#[tokio::test]
async fn an_invalid_product_is_refused_with_the_name_of_the_field() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for (field, wrong) in [
        ("name", json!("")),
        ("name", json!("n".repeat(256))),
        ("name", json!("a\u{0}")),
        ("description", json!("a\u{0}")),
        ("image_url", json!("javascript:alert(1)")),
        ("image_url", json!("data:text/html,x")),
        ("image_url", json!(format!("https://example.org/{}", "a".repeat(500)))),
        ("stock", json!(-1)),
        ("stock", json!(1_000_001)),
        ("stock", json!(1.5)),
        ("stock", json!("many")),
        ("stock", json!(null)),
        ("min_price", json!(0)),
        ("min_price", json!(-1)),
        ("min_price", json!(1.001)),
        ("min_price", json!("1e3")),
        ("min_price", json!(1e300)),
        ("min_price", json!("NaN")),
    ] {
        let mut product = lamp();
        product[field] = wrong;
        assert_eq!(admin.post(PRODUCTS, product.clone()).await.invalid_field(), field, "{product}");
    }
}

#[tokio::test]
async fn an_edit_changes_only_the_given_fields() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let full =
        json!({ "name": "Lamp", "description": "Bright", "image_url": "/img/a.svg", "stock": 3, "min_price": 5 });
    let mut product = admin.post(PRODUCTS, full).await.json(201);
    let path = format!("{PRODUCTS}/{}", product["product_id"].as_str().expect("an id"));
    assert_eq!(admin.patch(&path, json!({ "nonsense": 1 })).await.json(200), product);
    let change = json!({ "name": "Torch", "description": null, "stock": "7", "min_price": "5.01" });
    let changed = admin.patch(&path, change).await.json(200);
    product["name"] = json!("Torch");
    product["description"] = Value::Null;
    product["stock"] = json!(7);
    product["min_price"] = json!(5.01);
    assert_eq!(changed, product);
    assert_eq!(admin.get(&path).await.json(200), product);
    assert_eq!(admin.patch(&path, json!({ "stock": -1 })).await.invalid_field(), "stock");
    assert_eq!(admin.patch(&path, json!({ "status": "lost" })).await.invalid_field(), "status");
}

#[tokio::test]
async fn the_stock_cannot_fall_below_the_promised_units() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(10).await;
    server.world.campaign(&product, 4).await;
    let path = format!("{PRODUCTS}/{}", product.product_id);
    admin.patch(&path, json!({ "stock": 3 })).await.refused(409, "INSUFFICIENT_STOCK");
    assert_eq!(admin.patch(&path, json!({ "stock": 4 })).await.json(200)["stock"], 4);
}

#[tokio::test]
async fn an_edit_with_if_match_is_for_one_state_only() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(5).await;
    let path = format!("/api/v1/products/{}", product.product_id);
    let tag_of = async |path: &str| send(admin.request(Method::GET, path)).await.header(header::ETAG).to_owned();
    let edit = |path: &str, tag: &str, body: Value| {
        send(admin.request(Method::PATCH, path).header(header::IF_MATCH, tag.to_owned()).json(&body))
    };
    let tag = tag_of(&path).await;
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() == 34, "{tag}");
    assert_eq!(tag_of(&path).await, tag, "nothing has changed");
    let edited = edit(&path, &tag, json!({ "min_price": 2 })).await;
    assert_eq!(edited.json(200)["min_price"], 2);
    let new = edited.header(header::ETAG).to_owned();
    assert_ne!(new, tag);
    edit(&path, &tag, json!({ "min_price": 3 })).await.refused(412, "STALE");
    for nonsense in ["", "x", "\"\"", "W/\"1\""] {
        edit(&path, nonsense, json!({ "min_price": 3 })).await.refused(412, "STALE");
    }
    assert_eq!(admin.get(&path).await.json(200)["min_price"], 2);
    edit(&path, &format!("\"x\", {new}"), json!({ "min_price": 3 })).await.json(200);
    edit(&path, "*", json!({ "min_price": 4 })).await.json(200);
    admin.patch(&path, json!({ "min_price": 5 })).await.json(200);

    let campaign = server.world.campaign(&product, 1).await;
    let path = format!("/api/v1/campaigns/{campaign}");
    let tag = tag_of(&path).await;
    server.world.bid(&admin.user, campaign, 90_000).await;
    assert_eq!(tag_of(&path).await, tag, "bids are no edits");
    let end = admin.get(&path).await.json(200)["end_time"].as_str().expect("a time").replace("12:", "13:");
    let extended = edit(&path, &tag, json!({ "end_time": end })).await;
    extended.json(200);
    assert_eq!(tag_of(&path).await, extended.header(header::ETAG));
    edit(&path, &tag, json!({ "end_time": end })).await.refused(412, "STALE");
}

#[tokio::test]
async fn a_request_that_is_sent_again_under_its_key_creates_nothing_more() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let create = async |key: &str, body: &Value| {
        send(admin.request(Method::POST, PRODUCTS).header("Idempotency-Key", key).json(body)).await
    };
    let first = create("lamp 1", &lamp()).await.json(201);
    // At the same moment, too.
    let body = lamp();
    let again = join_all((0..5).map(|_| create("lamp 1", &body))).await;
    assert!(again.into_iter().all(|answer| answer.json(201) == first));
    assert_ne!(create("lamp 2", &lamp()).await.json(201)["product_id"], first["product_id"]);
    assert_eq!(server.anonymous().get(PRODUCTS).await.json(200)["total"], 2);

    // The key is for the one request.
    let desk = json!({ "name": "Desk", "stock": 3, "min_price": 12.5 });
    create("lamp 1", &desk).await.refused(422, "VALIDATION");
    for unusable in ["", &"x".repeat(256)] {
        create(unusable, &lamp()).await.refused(422, "VALIDATION");
    }

    // What was refused may be sent again.
    let sale = async |quota: u32| {
        let campaign = json!({
            "product_id": first["product_id"], "start_time": "2026-01-31T12:00:00Z",
            "end_time": "2026-01-31T12:01:00Z", "quota": quota,
        });
        let request = admin.request(Method::POST, "/api/v1/campaigns").header("Idempotency-Key", "sale");
        send(request.json(&campaign)).await
    };
    sale(4).await.refused(409, "INSUFFICIENT_STOCK");
    let created = sale(2).await.json(201);
    assert_eq!(sale(2).await.json(201)["campaign_id"], created["campaign_id"]);
    sale(1).await.refused(422, "VALIDATION");
}
