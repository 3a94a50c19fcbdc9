//! Long lists: pagination, pages past the end, and search.

use crate::{
    admin::{open, review},
    support::Server,
};
use domain::api::products::{ProductStatus, UpdateProduct};
use serde_json::json;

const PAST: &str = "This page is past the end of the list.";

/// Five thousand products, written past the engine.
async fn many_products(server: &Server) {
    server
        .sql(
            "INSERT INTO products (product_id, name, stock, min_price)
             SELECT gen_random_uuid(), 'Bulk ' || n, 3, 1 FROM generate_series(1, 5000) AS n",
        )
        .await;
}

#[tokio::test]
async fn a_page_past_the_end_says_so_and_how_much_there_is() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(10).await;
    for _ in 0..2 {
        server.world.campaign(&product, 1).await;
    }
    let campaign = server.world.campaign(&product, 1).await;
    server.world.bid(&admin.user, campaign, 90_000).await;
    for (path, total) in [
        ("/?show=live&skip=24", "There are 3 entries in all."),
        ("/?show=live&skip=5000", "There are 3 entries in all."),
        ("/?show=live&skip=3", "There are 3 entries in all."),
        ("/bids?skip=100", "There is 1 entry in all."),
        ("/admin/products?skip=50", "There is 1 entry in all."),
        ("/admin/campaigns?skip=50", "There are 3 entries in all."),
        ("/admin/campaigns?status=active&skip=50", "There are 3 entries in all."),
        ("/admin/users?skip=4000000000", "There is 1 entry in all."),
        ("/admin/audit?skip=50", "There are 4 entries in all."),
    ] {
        let page = open(&server, &admin, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains(PAST) && page.text.contains(total), "{path}: {}", page.text);
        assert!(!page.text.contains("Nothing is live") && !page.text.contains("There are no "), "{path}");
    }
    // Where there is nothing at all, there is no end to be past.
    for (path, none) in [
        ("/?show=upcoming&skip=24", "Nothing is planned right now."),
        ("/orders?skip=24", "You have no orders yet."),
        ("/bids?show=ended&skip=24", "None of your bids has come to its end yet."),
        ("/admin/results?skip=24", "No campaign has ended yet."),
        ("/admin/campaigns?status=cancelled&skip=24", "There are no campaigns here."),
    ] {
        let page = open(&server, &admin, path).await;
        assert!(page.text.contains(none) && !page.text.contains(PAST), "{path}: {}", page.text);
    }
    // What is no number is no wish.
    for path in ["/?show=live&skip=x", "/?show=live&skip=-1", "/?show=live"] {
        let page = open(&server, &admin, path).await;
        assert_eq!(page.text.matches("campaign-card").count(), 3, "{path}");
    }
}

#[tokio::test]
async fn admins_lists_are_searched_and_keep_what_was_searched_for() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let wool = server.world.product(5).await;
    let campaign = server.world.campaign(&wool, 1).await;
    many_products(&server).await;
    let page = open(&server, &admin, "/admin/products?q=bulk+12").await;
    // 12, 120 to 129 and 1200 to 1299.
    assert!(page.text.contains("1 to 50 of 111"), "{}", page.text);
    assert!(page.text.contains("/admin/products?q=bulk+12&amp;skip=50"), "{}", page.text);
    assert!(page.text.contains("value=\"bulk 12\""), "{}", page.text);
    let last = open(&server, &admin, "/admin/products?q=bulk+12&skip=100").await;
    assert!(last.text.contains("101 to 111 of 111"), "{}", last.text);
    for path in ["products", "campaigns", "users", "results", "audit"] {
        for nothing in ["no+such+thing", "%25", "_", "%5C"] {
            let page = open(&server, &admin, &format!("/admin/{path}?q={nothing}")).await;
            // The names of actions have a low line, and so have values.
            if path == "audit" && nothing != "no+such+thing" {
                continue;
            }
            assert!(page.text.contains("Nothing matches your search."), "{path} {nothing}: {}", page.text);
            assert!(page.text.contains(&format!("href=\"/admin/{path}\"")), "{path}: the way back to all");
        }
    }
    let found = open(&server, &admin, "/admin/campaigns?status=active&q=HEADphones").await;
    assert!(found.text.contains(&format!("/admin/campaigns/{campaign}")), "{}", found.text);
    assert!(found.text.contains("/admin/campaigns?status=ended&amp;q=HEADphones"), "the tabs keep it: {}", found.text);
    let deeds = open(&server, &admin, "/admin/audit?q=campaign.create").await;
    assert_eq!(deeds.text.matches("Campaign made").count(), 1, "{}", deeds.text);
    assert_eq!(deeds.text.matches("Product made").count(), 0, "{}", deeds.text);
}

#[tokio::test]
async fn any_of_thousands_of_products_can_be_chosen_for_a_campaign() {
    let server = Server::start().await;
    let admin = server.admin().await;
    many_products(&server).await;
    let form = "/admin/campaigns/new";
    let page = open(&server, &admin, form).await;
    assert!(page.text.contains("The newest 100 of 5,000 can be chosen below."), "{}", page.text);
    // The rest of the form is as it was typed.
    let page = review(&server, &admin, form, "find=bulk+4321&step=find&quota=2&end_time=2026-01-31T13:00").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.text.matches("Bulk ").count(), 1, "{}", page.text);
    assert!(page.text.contains("Bulk 4321") && page.text.contains("value=\"2026-01-31T13:00\""), "{}", page.text);
    let none = review(&server, &admin, form, "find=linen&step=find").await;
    assert!(none.text.contains("No product on offer matches."), "{}", none.text);
    // The chosen one stays, whatever is searched for.
    let wool = server.world.product(5).await;
    let page = review(&server, &admin, form, &format!("find=bulk+1&step=find&product_id={}", wool.product_id)).await;
    assert!(page.text.contains("Headphones"), "{}", page.text);
}

#[tokio::test]
async fn a_withdrawn_product_is_not_offered_to_campaigns() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(5).await;
    let withdraw = UpdateProduct { status: Some(ProductStatus::Inactive), ..UpdateProduct::default() };
    server.world.engine.products.update(&admin.user, product.product_id, withdraw).await.expect("withdraws");
    let body = json!({
        "product_id": product.product_id,
        "start_time": "2026-01-31T12:00:00Z",
        "end_time": "2026-01-31T12:01:00Z",
    });
    let refused = admin.post("/api/v1/campaigns", body).await.refused(409, "CONFLICT");
    assert_eq!(refused["detail"], "The product was withdrawn. Offer it again to sell it in a campaign.");
    let page = open(&server, &admin, &format!("/admin/campaigns/new?product={}", product.product_id)).await;
    assert!(!page.text.contains("Headphones"), "{}", page.text);
    let list = open(&server, &admin, "/admin/products").await;
    assert!(list.text.contains("Headphones") && !list.text.contains("/admin/campaigns/new?product="), "{}", list.text);
}

#[tokio::test]
async fn names_are_kept_apart_from_the_text_around_them_and_can_be_found() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(5).await;
    let campaign = server.world.campaign(&product, 1).await;
    server.member("ann").await.bid(campaign, 900).await.json(201);
    server.sql("UPDATE users SET username = 'שלום' WHERE username = 'ann'").await;
    server.sql("UPDATE products SET name = chr(8203)").await;
    let users = open(&server, &admin, "/admin/users").await;
    assert!(users.text.contains("<bdi>שלום</bdi>"), "{}", users.text);
    // From before there was a rule.
    for path in ["/admin/products", "/admin/campaigns"] {
        let page = open(&server, &admin, path).await;
        assert!(page.text.contains("<bdi>(no name)</bdi>"), "{path}: {}", page.text);
    }
}
