//! Long lists: pagination, pages past the end, and search.

use crate::support::{Server, open_page, submit_and_follow};
use domain::api::products::{ProductStatus, UpdateProduct};
use serde_json::json;

/// Shown on a page past the end.
const PAST_THE_END: &str = "This page is past the end of the list.";

/// Inserts five thousand products into the database, bypassing the server.
async fn insert_products(server: &Server) {
    server
        .sql(
            "INSERT INTO products (product_id, name, stock, min_price)
             SELECT gen_random_uuid(), 'Bulk ' || n, 3, 1 FROM generate_series(1, 5000) AS n",
        )
        .await;
}

#[tokio::test]
async fn a_page_past_the_end_says_so_and_shows_the_total() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(10).await;
    for _ in 0..2 {
        server.world.campaign(&product, 1).await;
    }
    let campaign = server.world.campaign(&product, 1).await;
    server.world.bid(&admin.user, campaign, 90_000).await;
    for (path, total) in [
        ("/?show=live&skip=24", "The list has 3 entries."),
        ("/?show=live&skip=5000", "The list has 3 entries."),
        ("/?show=live&skip=3", "The list has 3 entries."),
        ("/bids?skip=100", "The list has 1 entry."),
        ("/admin/products?skip=50", "The list has 1 entry."),
        ("/admin/campaigns?skip=50", "The list has 3 entries."),
        ("/admin/campaigns?status=active&skip=50", "The list has 3 entries."),
        ("/admin/users?skip=4000000000", "The list has 1 entry."),
        ("/admin/audit?skip=50", "The list has 6 entries."),
    ] {
        let page = open_page(&server, &admin, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains(PAST_THE_END) && page.text.contains(total), "{path}: {}", page.text);
        assert!(!page.text.contains("Nothing is live") && !page.text.contains("There are no "), "{path}");
    }
    // An empty list has no end to be past.
    for (path, none) in [
        ("/?show=upcoming&skip=24", "Nothing is planned right now."),
        ("/orders?skip=24", "You have no orders yet."),
        ("/bids?show=ended&skip=24", "You have no bids in ended campaigns."),
        ("/admin/results?skip=24", "No campaign has ended yet."),
        ("/admin/campaigns?status=cancelled&skip=24", "There are no campaigns here."),
    ] {
        let page = open_page(&server, &admin, path).await;
        assert!(page.text.contains(none) && !page.text.contains(PAST_THE_END), "{path}: {}", page.text);
    }
    // An offset that is not a number is ignored.
    for path in ["/?show=live&skip=x", "/?show=live&skip=-1", "/?show=live"] {
        let page = open_page(&server, &admin, path).await;
        assert_eq!(page.text.matches("campaign-card").count(), 3, "{path}");
    }
}

#[tokio::test]
async fn admin_lists_can_be_searched_and_keep_the_search_term() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(5).await;
    let campaign = server.world.campaign(&product, 1).await;
    insert_products(&server).await;
    let page = open_page(&server, &admin, "/admin/products?q=bulk+12").await;
    // 12, 120 to 129 and 1200 to 1299.
    assert!(page.text.contains("1 to 50 of 111"), "{}", page.text);
    assert!(page.text.contains("/admin/products?q=bulk+12&amp;skip=50"), "{}", page.text);
    assert!(page.text.contains("value=\"bulk 12\""), "{}", page.text);
    let last = open_page(&server, &admin, "/admin/products?q=bulk+12&skip=100").await;
    assert!(last.text.contains("101 to 111 of 111"), "{}", last.text);
    for path in ["products", "campaigns", "users", "results", "audit"] {
        for nothing in ["no+such+thing", "%25", "_", "%5C"] {
            let page = open_page(&server, &admin, &format!("/admin/{path}?q={nothing}")).await;
            // The audit log itself contains such characters, in the names of actions and in values.
            if path == "audit" && nothing != "no+such+thing" {
                continue;
            }
            assert!(page.text.contains("Nothing matches your search."), "{path} {nothing}: {}", page.text);
            assert!(page.text.contains(&format!("href=\"/admin/{path}\"")), "{path}: no link to the whole list");
        }
    }
    let found = open_page(&server, &admin, "/admin/campaigns?status=active&q=HEADphones").await;
    assert!(found.text.contains(&format!("/admin/campaigns/{campaign}")), "{}", found.text);
    assert!(
        found.text.contains("/admin/campaigns?status=ended&amp;q=HEADphones"),
        "the tabs do not keep the search: {}",
        found.text
    );
    let actions = open_page(&server, &admin, "/admin/audit?q=campaign.create").await;
    assert_eq!(actions.text.matches("created the campaign").count(), 1, "{}", actions.text);
    assert_eq!(actions.text.matches("created the product").count(), 0, "{}", actions.text);
    // By the words on the page, in either language.
    for words in ["CREATED+the+campaign", "%E5%BB%BA%E7%AB%8B%E6%B4%BB%E5%8B%95"] {
        let actions = open_page(&server, &admin, &format!("/admin/audit?q={words}")).await;
        assert_eq!(actions.text.matches("created the campaign").count(), 1, "{words}: {}", actions.text);
        assert_eq!(actions.text.matches("created the product").count(), 0, "{words}: {}", actions.text);
    }
}

#[tokio::test]
async fn a_search_that_is_too_long_stays_on_its_page() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(5).await;
    let refused = "Use at most 255 characters, without line breaks";
    let long = "x".repeat(256);
    for (path, label) in [
        ("/admin/products?", "Product name"),
        ("/admin/campaigns?status=ended&", "Product name"),
        ("/admin/users?", "E-mail or name"),
        ("/admin/results?", "Product name"),
        ("/admin/audit?", "Member, action, ID or value"),
    ] {
        let page = open_page(&server, &admin, &format!("{path}q={long}")).await;
        assert_eq!(page.status, 422, "{path}");
        for part in [refused, label, "aria-label=\"Admin area\"", &format!("value=\"{long}\"")] {
            assert!(page.text.contains(part), "{path} {part}: {}", page.text);
        }
        // As long as a product's name may be.
        let page = open_page(&server, &admin, &format!("{path}q={}", "%E5%90%8D".repeat(255))).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains("Nothing matches your search."), "{path}: {}", page.text);
    }
    let form = "/admin/campaigns/new";
    let fields = format!("find={long}&step=find&quota=2&product_id={}", product.product_id);
    let page = submit_and_follow(&server, &admin, form, &fields).await;
    assert_eq!(page.status, 200);
    for part in [refused, &format!("value=\"{long}\""), "Headphones", "value=\"2\""] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
}

#[tokio::test]
async fn any_of_thousands_of_products_can_be_chosen_for_a_campaign() {
    let server = Server::start().await;
    let admin = server.admin().await;
    insert_products(&server).await;
    let form = "/admin/campaigns/new";
    let page = open_page(&server, &admin, form).await;
    assert!(page.text.contains("The list below shows the newest 100 of 5,000."), "{}", page.text);
    // A search keeps the other fields as they were typed.
    let page =
        submit_and_follow(&server, &admin, form, "find=bulk+4321&step=find&quota=2&end_time=2026-01-31T13:00").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.text.matches("Bulk ").count(), 1, "{}", page.text);
    assert!(page.text.contains("Bulk 4321") && page.text.contains("value=\"2026-01-31T13:00\""), "{}", page.text);
    let none = submit_and_follow(&server, &admin, form, "find=linen&step=find").await;
    assert!(none.text.contains("No active product matches."), "{}", none.text);
    // The chosen product is offered whatever is searched for.
    let product = server.world.product(5).await;
    let page =
        submit_and_follow(&server, &admin, form, &format!("find=bulk+1&step=find&product_id={}", product.product_id))
            .await;
    assert!(page.text.contains("Headphones"), "{}", page.text);
}

#[tokio::test]
async fn a_withdrawn_product_cannot_be_chosen_for_a_campaign() {
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
    assert_eq!(refused["detail"], "The product is withdrawn. Make it active again to sell it in a campaign.");
    let page = open_page(&server, &admin, &format!("/admin/campaigns/new?product={}", product.product_id)).await;
    // It is named, so that the admin knows why it is refused.
    assert!(page.text.contains("(5 of 5 available, withdrawn)"), "{}", page.text);
    let list = open_page(&server, &admin, "/admin/products").await;
    assert!(list.text.contains("Headphones") && !list.text.contains("/admin/campaigns/new?product="), "{}", list.text);
}

#[tokio::test]
async fn names_are_isolated_from_the_surrounding_text_and_never_invisible() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let product = server.world.product(5).await;
    let campaign = server.world.campaign(&product, 1).await;
    server.member("ann").await.bid(campaign, 900).await.json(201);
    server.sql("UPDATE users SET username = 'שלום' WHERE username = 'ann'").await;
    server.sql("UPDATE products SET name = chr(8203)").await;
    let users = open_page(&server, &admin, "/admin/users").await;
    assert!(users.text.contains("<bdi>שלום</bdi>"), "{}", users.text);
    // Such a name may exist from before it was forbidden.
    for path in ["/admin/products", "/admin/campaigns"] {
        let page = open_page(&server, &admin, path).await;
        assert!(page.text.contains("<bdi>(no name)</bdi>"), "{path}: {}", page.text);
    }
}
