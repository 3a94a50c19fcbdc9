//! The admin area: its pages, forms and exports, which are for admins only.

use crate::support::{
    FORM, Response, Server, UNKNOWN_ID, follow_redirect, hidden_field, open_page, send, submit_and_follow, submit_form,
};
use domain::{CampaignId, api::products::Product};
use http::{HeaderName, Method, header};
use serde_json::json;
use testkit::eventually;

async fn world() -> (Server, Product, CampaignId) {
    let server = Server::start().await;
    let product = server.world.product(5).await;
    let campaign = server.world.campaign(&product, 2).await;
    (server, product, campaign)
}

#[tokio::test]
async fn admin_pages_and_exports_are_for_admins_only() {
    let (server, product, campaign) = world().await;
    let (admin, ann) = (server.admin().await, server.member("ann").await);
    let product = product.product_id;
    let user = ann.user.user_id;
    let pages = [
        "/admin".to_owned(),
        "/admin/products".to_owned(),
        "/admin/products/new".to_owned(),
        format!("/admin/products/{product}"),
        "/admin/campaigns".to_owned(),
        "/admin/campaigns/new".to_owned(),
        format!("/admin/campaigns/{campaign}"),
        format!("/admin/campaigns/{campaign}/edit"),
        format!("/admin/campaigns/{campaign}/cancel"),
        format!("/admin/campaigns/{campaign}/report"),
        "/admin/users".to_owned(),
        format!("/admin/users/{user}"),
        "/admin/results".to_owned(),
        "/admin/audit".to_owned(),
    ];
    for path in &pages {
        let page = open_page(&server, &admin, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains("aria-label=\"Admin area\""), "{path}");
        let refused = open_page(&server, &ann, path).await;
        assert_eq!(refused.status, 403, "{path}");
        // Visitors are redirected to sign in, and from there back to the page.
        let signed_out = server.anonymous().get(&format!("{path}?page=2&of=3")).await;
        let address = signed_out.header(header::LOCATION).to_owned();
        assert_eq!((signed_out.status.as_u16(), address), (303, format!("/login?next={path}?page=2%26of=3")));
        for response in [refused, signed_out] {
            assert!(!response.text.contains("aria-label=\"Admin area\""), "{path}");
        }
    }
    for path in ["/admin/products/new", "/admin/campaigns/new"] {
        assert_eq!(submit_form(&server, &ann, path, "step=review").await.status, 403, "{path}");
    }
    for kind in ["orders", "bids", "participants"] {
        let path = format!("/admin/campaigns/{campaign}/{kind}.csv");
        assert_eq!(open_page(&server, &admin, &path).await.status, 200, "{path}");
        open_page(&server, &ann, &path).await.refused(403, "ADMIN_REQUIRED");
        server.anonymous().get(&path).await.refused(401, "NOT_AUTHENTICATED");
    }
    open_page(&server, &ann, "/admin/audit.csv").await.refused(403, "ADMIN_REQUIRED");
    for path in ["products", "campaigns", "users"] {
        assert_eq!(open_page(&server, &admin, &format!("/admin/{path}/{UNKNOWN_ID}")).await.status, 404, "{path}");
        assert_eq!(open_page(&server, &admin, &format!("/admin/{path}/x")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn admin_server_functions_are_for_admins_only() {
    let (server, product, campaign) = world().await;
    let ann = server.member("ann").await;
    let id = ann.user.user_id;
    for (function, fields) in [
        ("create_product", "name=Mouse&stock=1&min_price=1".to_owned()),
        ("update_product", format!("id={}&name=Mouse&stock=1&min_price=1&status=active", product.product_id)),
        ("cancel_campaign", format!("id={campaign}&reason=because")),
        ("update_user", format!("id={id}&weight=5&status=active")),
    ] {
        let path = format!("/api/ui/{function}");
        let script = server
            .anonymous()
            .request(Method::POST, &path)
            .header(header::COOKIE, format!("gavel_session={}", ann.token))
            .header(header::ORIGIN, server.origin())
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, FORM);
        send(script.body(format!("{fields}&user_id={id}"))).await.refused(403, "ADMIN_REQUIRED");
    }
    let admin = server.admin().await;
    let entries = open_page(&server, &admin, "/admin/audit.csv").await.text;
    assert_eq!(entries.lines().count(), 5, "the header, the admin, the product, the campaign and a sign-in: {entries}");
}

#[tokio::test]
async fn a_form_from_another_users_page_is_shown_again_and_changes_nothing() {
    let (server, product, campaign) = world().await;
    let (admin, ann) = (server.admin().await, server.member("ann").await);
    let (product, user) = (product.product_id, ann.user.user_id);
    // Every server function, and every form that is posted to its own page.
    for (action, page, fields, typed) in [
        (
            "/api/ui/create_product",
            "/admin/products/new".to_owned(),
            "name=Typed&stock=1&min_price=1".to_owned(),
            "value=\"Typed\"",
        ),
        (
            "/api/ui/update_product",
            format!("/admin/products/{product}"),
            format!("id={product}&name=Typed&stock=1&min_price=1&status=active"),
            "value=\"Typed\"",
        ),
        (
            "/api/ui/create_campaign",
            "/admin/campaigns/new".to_owned(),
            format!("product_id={product}&quota=1&beta=77"),
            "value=\"77\"",
        ),
        (
            "/api/ui/update_campaign",
            format!("/admin/campaigns/{campaign}/edit"),
            format!("id={campaign}&end_time=2026-01-31T12:05"),
            "value=\"2026-01-31T12:05\"",
        ),
        (
            "/api/ui/cancel_campaign",
            format!("/admin/campaigns/{campaign}/cancel"),
            format!("id={campaign}&reason=Typed"),
            "value=\"Typed\"",
        ),
        (
            "/api/ui/update_user",
            format!("/admin/users/{user}"),
            format!("id={user}&weight=4.5&status=active"),
            "value=\"4.5\"",
        ),
    ] {
        let theirs = format!("{fields}&user_id={user}");
        for (path, fields) in [(action, theirs.clone()), (page.as_str(), format!("step=review&{theirs}"))] {
            let refused = submit_form(&server, &admin, path, &fields).await;
            let address = refused.header(header::LOCATION);
            assert!(address.starts_with(&format!("{page}?form=")), "{path}: {address}");
            assert!(address.ends_with("&error=SESSION_CHANGED"), "{path}: {address}");
            let shown = follow_redirect(&server, &admin, &refused).await;
            assert_eq!(shown.status, 200, "{path}");
            assert!(shown.text.contains(typed), "{path}: not as it was typed: {}", shown.text);
            assert!(shown.text.contains("Another account was signed in when you sent this"), "{path}: {}", shown.text);
            // The form that is shown belongs to the user who is signed in.
            assert_eq!(hidden_field(&shown, "user_id"), admin.user.user_id.to_string(), "{path}");
        }
        // The last step of an admin's form, sent after a member has signed in, waits for the admin.
        let in_members_session = format!("{fields}&user_id={}", admin.user.user_id);
        let refused = submit_form(&server, &ann, action, &in_members_session).await;
        let denied = follow_redirect(&server, &ann, &refused).await;
        assert_eq!(denied.status, 403, "{action}");
        assert!(denied.text.contains("is kept for a day"), "{action}: {}", denied.text);
        assert!(!denied.text.contains(typed), "{action}: not for members: {}", denied.text);
        let shown = open_page(&server, &admin, refused.header(header::LOCATION)).await;
        assert!(shown.text.contains(typed), "{action}: not as it was typed: {}", shown.text);
        let signed_out = server.anonymous().request(Method::POST, action).header(header::ORIGIN, server.origin());
        let signed_out = signed_out.header(header::ACCEPT, "text/html").header(header::CONTENT_TYPE, FORM);
        let signed_out = send(signed_out.body(theirs)).await;
        let address = signed_out.header(header::LOCATION);
        let next = address.strip_prefix("/login?next=").and_then(|rest| rest.strip_suffix("&error=NOT_AUTHENTICATED"));
        let next = next.expect("the way to sign in");
        assert!(signed_out.status == 303 && next.starts_with(&format!("{page}?form=")), "{action}: {address}");
        let shown = open_page(&server, &admin, next).await;
        assert!(shown.text.contains(typed), "{action}: not as it was typed: {}", shown.text);
    }
    let entries = open_page(&server, &admin, "/admin/audit.csv").await.text;
    assert_eq!(entries.lines().count(), 5, "the header, the admin, the product, the campaign and a sign-in: {entries}");
}

#[tokio::test]
async fn a_form_posted_in_another_users_session_is_kept_but_never_under_review() {
    let server = Server::start().await;
    let (admin, ann) = (server.admin().await, server.member("ann").await);
    // As long as a form may be.
    let fields = format!(
        "step=review&name=Typed&stock=1&min_price=1&description={}&user_id={}",
        "%E8%AA%9E".repeat(5000),
        admin.user.user_id
    );
    let refused = submit_form(&server, &ann, "/admin/products/new", &fields).await;
    let address = refused.header(header::LOCATION).to_owned();
    assert!(refused.status == 303 && address.starts_with("/admin/products/new?form="), "{address}");
    let page = open_page(&server, &ann, &address).await;
    assert_eq!(page.status, 403);
    assert!(page.text.contains("href=\"/login?next=/admin/products/new"), "no way to sign in: {}", page.text);
    assert!(page.text.contains("The submitted form is kept"), "{}", page.text);
    let without = open_page(&server, &ann, "/admin/products/new").await;
    assert!(!without.text.contains("The submitted form is kept"), "{}", without.text);
    // Whoever sent it, an admin who follows the address confirms nothing by it.
    for address in [address.clone(), format!("{address}&step=review")] {
        let page = open_page(&server, &admin, &address).await;
        assert!(page.text.contains("value=\"Typed\""), "{address}: {}", page.text);
        assert!(page.text.contains(&"語".repeat(5000)), "{address}: the description is not as it was typed");
        assert!(!page.text.contains("action=\"/api/ui/create_product\""), "{address}: under review");
    }
}

#[tokio::test]
async fn a_product_is_reviewed_before_it_is_created() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let form = "/admin/products/new";
    let typed = "name=Mouse+%26+Pad&description=&image_url=&stock=3&min_price=12.50";
    let wrong = submit_and_follow(&server, &admin, form, "step=review&name=&stock=-1&min_price=12.505").await;
    assert_eq!(wrong.status, 422);
    for field in ["name-error", "stock-error", "min_price-error"] {
        assert!(wrong.text.contains(&format!("id=\"{field}\"")), "{field}");
    }
    assert!(wrong.text.contains("12.505"), "what was typed is still there");

    let reviewed = submit_form(&server, &admin, form, &format!("step=review&{typed}")).await;
    let review = reviewed.header(header::LOCATION).to_owned();
    let shown = open_page(&server, &admin, &review).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains("Please check before saving") && shown.text.contains("Mouse &amp; Pad"));
    let products = async || server.anonymous().get("/api/v1/products").await.json(200);
    assert_eq!(products().await["total"], 0, "a review changes nothing");

    let confirmed = format!("{typed}&form={}", hidden_field(&shown, "form"));
    let done = submit_form(&server, &admin, "/api/ui/create_product", &confirmed).await;
    assert_eq!((done.status.as_u16(), done.header(header::LOCATION)), (303, "/admin/products"));
    // On the way back there is nothing left to confirm.
    let back = open_page(&server, &admin, &review).await;
    assert!(!back.text.contains("Please check before saving") && !back.text.contains("Mouse &amp; Pad"));
    assert_eq!(products().await["products"][0]["name"], "Mouse & Pad");
}

#[tokio::test]
async fn a_campaign_is_planned_in_a_time_zone_and_within_the_stock() {
    let (server, product, _) = world().await;
    let admin = server.admin().await;
    let typed = |quota: &str| {
        format!(
            "product_id={}&start_time=2026-01-31T21:00&end_time=2026-01-31T22:00&zone=%2B08:00&quota={quota}\
             &alpha=1&beta=1000&gamma=100&fingerprint=",
            product.product_id
        )
    };
    let form = "/admin/campaigns/new";
    let shown = submit_and_follow(&server, &admin, form, &format!("step=review&{}", typed("3"))).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains("2026-01-31 21:00:00 UTC+08:00 = 2026-01-31 13:00:00 UTC"), "{}", shown.text);
    assert!(shown.text.contains("In stock: 5, reserved for other campaigns: 2, still available: 0."), "{}", shown.text);
    assert!(!shown.text.contains("Starts immediately"), "{}", shown.text);
    let begun = typed("3").replace("T21:00", "T19:59");
    let begun = submit_and_follow(&server, &admin, form, &format!("step=review&{begun}")).await;
    assert!(
        begun.text.contains("Starts immediately: bidding opens as soon as the campaign is created."),
        "{}",
        begun.text
    );
    // Without a quota, the review shows the default.
    let whole = submit_and_follow(&server, &admin, form, &format!("step=review&{}", typed(""))).await;
    assert_eq!(hidden_field(&whole, "quota"), "3");
    let too_many = submit_and_follow(&server, &admin, form, &format!("step=review&{}", typed("4"))).await;
    assert_eq!(too_many.status, 409);
    let says_why = |page: &Response, numbers: &str| {
        let message = format!("Not enough stock was available. {numbers}");
        assert!(page.text.contains(&message), "{}", page.text);
        for part in ["id=\"quota-error\"", "href=\"#quota\""] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
    };
    says_why(&too_many, "In stock now: 5. Reserved for other campaigns: 2. Available: 3.");

    let made = submit_form(&server, &admin, "/api/ui/create_campaign", &typed("3")).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let monitor = made.header(header::LOCATION).to_owned();
    let id = monitor.strip_prefix("/admin/campaigns/").expect("its monitor");
    let shown = server.anonymous().get(&format!("/api/v1/campaigns/{id}")).await.json(200);
    assert_eq!((&shown["start_time"], &shown["quota"]), (&json!("2026-01-31T13:00:00Z"), &json!(3)));

    // The stock is promised to another campaign by now: the form comes back as it was typed.
    let fields = typed("3");
    let late = submit_form(&server, &admin, "/api/ui/create_campaign", &fields).await;
    let page = follow_redirect(&server, &admin, &late).await;
    says_why(&page, "In stock now: 5. Reserved for other campaigns: 5. Available: 0.");
    assert!(page.text.contains("value=\"2026-01-31T21:00\""), "{}", page.text);

    // Without any campaign, the stock alone is too small.
    let other = server.world.product(6).await;
    let fields = typed("7").replace(&product.product_id.to_string(), &other.product_id.to_string());
    let page = submit_and_follow(&server, &admin, form, &format!("step=review&{fields}")).await;
    says_why(&page, "In stock now: 6. Reserved for other campaigns: 0. Available: 6.");
}

#[tokio::test]
async fn a_stock_under_what_is_promised_is_refused_at_its_field() {
    let (server, product, _) = world().await;
    let admin = server.admin().await;
    let form = format!("/admin/products/{}", product.product_id);
    let fingerprint = hidden_field(&open_page(&server, &admin, &form).await, "fingerprint").to_owned();
    let fields = format!(
        "id={}&name=Headphones&description=&image_url=&stock=1&min_price=800&status=active&fingerprint={fingerprint}",
        product.product_id
    );
    // By the review, and if only the last step finds out.
    let reviewed = submit_and_follow(&server, &admin, &form, &format!("step=review&{fields}")).await;
    let saved = submit_form(&server, &admin, "/api/ui/update_product", &fields).await;
    for page in [reviewed, follow_redirect(&server, &admin, &saved).await] {
        let message = "The stock cannot be lower than what is reserved for open campaigns, currently 2.";
        for part in [message, "id=\"stock-error\"", "href=\"#stock\""] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
    }
}

#[tokio::test]
async fn a_named_time_zone_uses_the_utc_offset_of_each_date() {
    let (server, product, _) = world().await;
    let admin = server.admin().await;
    let typed = |start: &str, end: &str| {
        format!(
            "product_id={}&start_time={start}&end_time={end}&zone=Europe/Berlin&quota=1\
             &alpha=1&beta=1000&gamma=100&fingerprint=",
            product.product_id
        )
    };
    let form = "/admin/campaigns/new";
    let review = async |fields: &str| submit_and_follow(&server, &admin, form, &format!("step=review&{fields}")).await;

    let summer = review(&typed("2026-03-28T14:00", "2026-07-10T14:00")).await;
    assert_eq!(summer.status, 200);
    for time in [
        "2026-03-28 14:00:00 CET (UTC+01:00) = 2026-03-28 13:00:00 UTC",
        "2026-07-10 14:00:00 CEST (UTC+02:00) = 2026-07-10 12:00:00 UTC",
    ] {
        assert!(summer.text.contains(time), "{}", summer.text);
    }

    // Clocks go forward from 02:00 to 03:00 in spring, and back from 03:00 to 02:00 in autumn.
    let skipped = review(&typed("2026-03-29T02:30", "2026-03-29T04:00")).await;
    assert_eq!(skipped.status, 422);
    assert!(skipped.text.contains("This time does not exist in the chosen zone"), "{}", skipped.text);
    assert!(skipped.text.contains("id=\"start_time-error\"") && !skipped.text.contains("id=\"end_time-error\""));
    let repeated = review(&typed("2026-10-25T01:00", "2026-10-25T02:30")).await;
    assert_eq!(repeated.status, 200);
    let note = "End: clocks are set back, so 2026-10-25 02:30 occurs twice. \
                The first one is used: CEST (UTC+02:00).";
    assert!(repeated.text.contains(note), "{}", repeated.text);

    // A cookie makes the zone the default of the next form.
    let made =
        submit_form(&server, &admin, "/api/ui/create_campaign", &typed("2026-10-25T01:00", "2026-10-25T02:30")).await;
    assert_eq!(made.status, 303, "{}", made.text);
    assert!(made.header(header::SET_COOKIE).starts_with("zone=Europe/Berlin; "), "{}", made.header(header::SET_COOKIE));
}

#[tokio::test]
async fn an_edit_does_not_overwrite_concurrent_changes() {
    let (server, product, _) = world().await;
    let admin = server.admin().await;
    let path = format!("/admin/products/{}", product.product_id);
    let fingerprint = hidden_field(&open_page(&server, &admin, &path).await, "fingerprint").to_owned();
    let fields = format!(
        "id={}&name=Renamed&description=&image_url=&stock=9&min_price=800&status=active&fingerprint={fingerprint}",
        product.product_id
    );
    let api = format!("/api/v1/products/{}", product.product_id);
    admin.patch(&api, json!({ "stock": 4 })).await.json(200);
    let refused = submit_form(&server, &admin, "/api/ui/update_product", &fields).await;
    let page = follow_redirect(&server, &admin, &refused).await;
    let differs = |field: &str, theirs: &str, typed: &str| {
        let (_, row) = page.text.split_once(&format!("data-differs=\"{field}\"")).expect("the field differs");
        let row = row.split("</tr>").next().expect("it ends");
        let cells = format!("<td><bdi>{theirs}</bdi></td><td><bdi>{typed}</bdi></td>");
        assert!(row.contains(&cells), "{row}");
    };
    differs("stock", "4", "9");
    differs("name", "Headphones", "Renamed");
    assert!(!page.text.contains("data-differs=\"min_price\""), "800 is 800.00: {}", page.text);
    let unchanged = admin.get(&api).await.json(200);
    assert_eq!((&unchanged["stock"], &unchanged["name"]), (&json!(4), &json!("Headphones")));

    let fresh = hidden_field(&page, "fingerprint").to_owned();
    let done = submit_form(&server, &admin, "/api/ui/update_product", &fields.replace(&fingerprint, &fresh)).await;
    assert_eq!(done.status, 303);
    assert_eq!(admin.get(&api).await.json(200)["stock"], 9);
}

#[tokio::test]
async fn the_monitor_counts_bids() {
    let (server, _, campaign) = world().await;
    server.member("ann").await.bid(campaign, 900).await.json(201);
    server.member("bob").await.bid(campaign, 950).await.json(201);
    let monitor = open_page(&server, &server.admin().await, &format!("/admin/campaigns/{campaign}")).await;
    assert!(monitor.text.contains("<dt>Bids</dt><dd>2</dd>"), "{}", monitor.text);
}

#[tokio::test]
async fn a_campaign_is_extended_and_cancelled_with_a_reason() {
    let (server, _, campaign) = world().await;
    let admin = server.admin().await;
    let edit = format!("/admin/campaigns/{campaign}/edit");
    let fingerprint = hidden_field(&open_page(&server, &admin, &edit).await, "fingerprint").to_owned();
    let fields = format!("id={campaign}&end_time=2026-01-31T12:05&zone=%2B00:00&fingerprint={fingerprint}");
    let shown = submit_and_follow(&server, &admin, &edit, &format!("step=review&{fields}")).await;
    assert!(shown.text.contains("2026-01-31 12:01:00 UTC") && shown.text.contains("2026-01-31 12:05:00 UTC"));
    assert_eq!(submit_form(&server, &admin, "/api/ui/update_campaign", &fields).await.status, 303);
    let api = format!("/api/v1/campaigns/{campaign}");
    assert_eq!(server.anonymous().get(&api).await.json(200)["end_time"], "2026-01-31T12:05:00Z");

    let cancel = format!("/admin/campaigns/{campaign}/cancel");
    assert_eq!(submit_and_follow(&server, &admin, &cancel, "step=review&reason=+").await.status, 422);
    let shown = submit_and_follow(&server, &admin, &cancel, "step=review&reason=broken").await;
    assert!(shown.text.contains("Reserved stock that becomes available again: 2."), "{}", shown.text);
    let done = submit_form(&server, &admin, "/api/ui/cancel_campaign", &format!("id={campaign}&reason=broken")).await;
    assert_eq!(done.status, 303);
    let shown = server.anonymous().get(&api).await.json(200);
    assert_eq!((&shown["status"], &shown["cancel_reason"]), (&json!("cancelled"), &json!("broken")));

    // Neither form is shown again.
    for path in [&cancel, &edit] {
        let over = open_page(&server, &admin, path).await;
        for part in ["This campaign was cancelled", "Cancelled: \u{2068}broken\u{2069}", "Cancelled at"] {
            assert!(over.text.contains(part), "{path} {part}: {}", over.text);
        }
        assert!(over.text.contains(&format!("href=\"/admin/campaigns/{campaign}\"")), "{path}: {}", over.text);
        assert!(!over.text.contains("name=\"step\""), "{path}: {}", over.text);
    }
    let monitor = open_page(&server, &admin, &format!("/admin/campaigns/{campaign}")).await;
    assert!(monitor.text.contains("Cancelled at") && !monitor.text.contains("Time left"), "{}", monitor.text);
    let report = open_page(&server, &admin, &format!("/admin/campaigns/{campaign}/report")).await;
    assert!(report.text.contains("Nothing was sold"), "{}", report.text);
    assert!(!report.text.contains("Reserved, unsold"), "{}", report.text);
}

#[tokio::test]
async fn the_report_shows_the_audit_and_exports_have_all_records() {
    let (server, _, campaign) = world().await;
    let admin = server.admin().await;
    let (formula, bob) = (server.member("=1+1").await, server.member("bob,\"the\"bidder").await);
    formula.bid(campaign, 900).await.json(201);
    bob.bid(campaign, 950).await.json(201);
    bob.bid(campaign, 960).await.json(201);
    server.world.engine.start();
    server.world.at(60_000);
    let report = format!("/admin/campaigns/{campaign}/report");
    let page = eventually("the campaign is settled", async || {
        let page = open_page(&server, &admin, &report).await;
        page.text.contains("Settled").then_some(page)
    })
    .await;
    assert!(page.text.contains("data-consistent=\"true\""), "{}", page.text);
    assert!(page.text.contains("2 = smallest of winning places 2, stock 5, bidders 2"), "{}", page.text);

    let export = async |kind: &str| {
        let response = open_page(&server, &admin, &format!("/admin/campaigns/{campaign}/{kind}.csv")).await;
        assert_eq!(response.status, 200);
        assert!(response.header(header::CONTENT_TYPE).starts_with("text/csv; charset=utf-8"));
        assert!(response.header(HeaderName::from_static("content-disposition")).starts_with("attachment;"));
        let text = response.text.strip_prefix('\u{feff}').map_or(response.text.clone(), str::to_owned);
        text.split_terminator("\r\n").map(str::to_owned).collect::<Vec<_>>()
    };
    let orders = export("orders").await;
    assert_eq!(orders[0], "rank,order_id,user_id,email,username,price,score,ordered_at");
    assert_eq!(orders.len(), 3);
    assert!(orders[1].contains(",\"bob,\"\"the\"\"bidder\",960.00,"), "{orders:?}");
    assert!(orders[2].contains(",'=1+1,900.00,"), "{orders:?}");
    let bids = export("bids").await;
    assert_eq!(bids.len(), 4, "{bids:?}");
    assert_eq!(export("participants").await.len(), 3);

    server.sql("UPDATE products SET stock = stock + 1").await;
    let page = open_page(&server, &admin, &report).await;
    assert!(page.text.contains("data-consistent=\"false\""), "{}", page.text);
}
