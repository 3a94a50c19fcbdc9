//! The admin area: pages, forms and exports, and that they are for admins only.

use crate::support::{Answer, Member, NOBODY, Server, send};
use domain::{CampaignId, api::products::Product};
use http::{HeaderName, Method, header};
use reqwest::RequestBuilder;
use serde_json::json;
use testkit::eventually;

const FORM: &str = "application/x-www-form-urlencoded";

/// A browser's request by someone who is signed in.
fn browse(server: &Server, who: &Member, method: Method, path: &str) -> RequestBuilder {
    server
        .anyone()
        .request(method, path)
        .header(header::COOKIE, format!("gavel_session={}", who.token))
        .header(header::ORIGIN, server.origin())
        .header(header::ACCEPT, "text/html")
}

pub async fn open(server: &Server, who: &Member, path: &str) -> Answer {
    send(browse(server, who, Method::GET, path)).await
}

/// Posts a form as a browser does, from a page of theirs unless it says otherwise.
pub async fn submit(server: &Server, who: &Member, path: &str, fields: &str) -> Answer {
    let request = browse(server, who, Method::POST, path).header(header::CONTENT_TYPE, FORM);
    let own = format!("{fields}&user_id={}", who.user.user_id);
    send(request.body(if fields.contains("user_id=") { fields.to_owned() } else { own })).await
}

/// Goes on to where an answer leads.
pub async fn follow(server: &Server, who: &Member, answer: &Answer) -> Answer {
    assert_eq!(answer.status, 303, "{}", answer.text);
    open(server, who, answer.header(header::LOCATION)).await
}

/// Posts a form to its own page, and opens the page that shows it.
pub async fn review(server: &Server, who: &Member, path: &str, fields: &str) -> Answer {
    follow(server, who, &submit(server, who, path, fields).await).await
}

/// The value of a form's hidden field.
pub fn hidden<'a>(page: &'a Answer, name: &str) -> &'a str {
    let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\"")).expect("the field is there");
    rest.split('"').next().expect("it ends")
}

async fn world() -> (Server, Product, CampaignId) {
    let server = Server::start().await;
    let product = server.world.product(5).await;
    let campaign = server.world.campaign(&product, 2).await;
    (server, product, campaign)
}

#[tokio::test]
async fn every_page_and_export_is_for_admins_only() {
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
        let page = open(&server, &admin, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains("aria-label=\"Admin area\""), "{path}");
        let refused = open(&server, &ann, path).await;
        assert_eq!(refused.status, 403, "{path}");
        // Who is not signed in may do so, and is led back.
        let signed_out = server.anyone().get(&format!("{path}?page=2&of=3")).await;
        let address = signed_out.header(header::LOCATION).to_owned();
        assert_eq!((signed_out.status.as_u16(), address), (303, format!("/login?next={path}?page=2%26of=3")));
        for answer in [refused, signed_out] {
            assert!(!answer.text.contains("aria-label=\"Admin area\""), "{path}");
        }
    }
    for path in ["/admin/products/new", "/admin/campaigns/new"] {
        assert_eq!(submit(&server, &ann, path, "step=review").await.status, 403, "{path}");
    }
    for kind in ["orders", "bids", "participants"] {
        let path = format!("/admin/campaigns/{campaign}/{kind}.csv");
        assert_eq!(open(&server, &admin, &path).await.status, 200, "{path}");
        open(&server, &ann, &path).await.refused(403, "ADMIN_REQUIRED");
        server.anyone().get(&path).await.refused(401, "NOT_AUTHENTICATED");
    }
    open(&server, &ann, "/admin/audit.csv").await.refused(403, "ADMIN_REQUIRED");
    for path in ["products", "campaigns", "users"] {
        assert_eq!(open(&server, &admin, &format!("/admin/{path}/{NOBODY}")).await.status, 404, "{path}");
        assert_eq!(open(&server, &admin, &format!("/admin/{path}/x")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_forms_deeds_are_for_admins_only() {
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
            .anyone()
            .request(Method::POST, &path)
            .header(header::COOKIE, format!("gavel_session={}", ann.token))
            .header(header::ORIGIN, server.origin())
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, FORM);
        send(script.body(format!("{fields}&user_id={id}"))).await.refused(403, "ADMIN_REQUIRED");
    }
    let log = server.admin().await;
    let entries = open(&server, &log, "/admin/audit.csv").await.text;
    assert_eq!(entries.lines().count(), 3, "a head, the product and the campaign: {entries}");
}

#[tokio::test]
async fn a_form_of_someone_elses_page_is_shown_again_and_does_nothing() {
    let (server, product, campaign) = world().await;
    let (admin, ann) = (server.admin().await, server.member("ann").await);
    let (product, user) = (product.product_id, ann.user.user_id);
    // Every deed, and every review.
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
            let refused = submit(&server, &admin, path, &fields).await;
            let address = refused.header(header::LOCATION);
            assert!(address.starts_with(&format!("{page}?form=")), "{path}: {address}");
            assert!(address.ends_with("&error=SESSION_CHANGED"), "{path}: {address}");
            let shown = follow(&server, &admin, &refused).await;
            assert_eq!(shown.status, 200, "{path}");
            assert!(shown.text.contains(typed), "{path}: as it was typed: {}", shown.text);
            assert!(shown.text.contains("You are signed in with another account now"), "{path}: {}", shown.text);
            // From here on it is the reader's own form.
            assert_eq!(hidden(&shown, "user_id"), admin.user.user_id.to_string(), "{path}");
        }
        let over = server.anyone().request(Method::POST, action).header(header::ORIGIN, server.origin());
        let over = over.header(header::ACCEPT, "text/html").header(header::CONTENT_TYPE, FORM);
        let over = send(over.body(theirs)).await;
        let address = over.header(header::LOCATION);
        let next = address.strip_prefix("/login?next=").and_then(|rest| rest.strip_suffix("&error=NOT_AUTHENTICATED"));
        let next = next.expect("the way to sign in");
        assert!(over.status == 303 && next.starts_with(&format!("{page}?form=")), "{action}: {address}");
        let shown = open(&server, &admin, next).await;
        assert!(shown.text.contains(typed), "{action}: as it was typed, once signed in: {}", shown.text);
    }
    let entries = open(&server, &admin, "/admin/audit.csv").await.text;
    assert_eq!(entries.lines().count(), 3, "a head, the product and the campaign: {entries}");
}

#[tokio::test]
async fn a_product_is_reviewed_before_it_is_made() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let form = "/admin/products/new";
    let typed = "name=Mouse+%26+Pad&description=&image_url=&stock=3&min_price=12.50";
    let wrong = review(&server, &admin, form, "step=review&name=&stock=-1&min_price=12.505").await;
    assert_eq!(wrong.status, 422);
    for field in ["name-error", "stock-error", "min_price-error"] {
        assert!(wrong.text.contains(&format!("id=\"{field}\"")), "{field}");
    }
    assert!(wrong.text.contains("12.505"), "what was typed is still there");

    let shown = review(&server, &admin, form, &format!("step=review&{typed}")).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains("Please check before saving") && shown.text.contains("Mouse &amp; Pad"));
    let products = async || server.anyone().get("/api/v1/products").await.json(200);
    assert_eq!(products().await["total"], 0, "a review changes nothing");

    let done = submit(&server, &admin, "/api/ui/create_product", typed).await;
    assert_eq!((done.status.as_u16(), done.header(header::LOCATION)), (303, "/admin/products"));
    assert_eq!(products().await["products"][0]["name"], "Mouse & Pad");
}

#[tokio::test]
async fn a_campaign_is_planned_in_a_zone_and_never_promised_too_much() {
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
    let shown = review(&server, &admin, form, &format!("step=review&{}", typed("3"))).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains("2026-01-31 21:00:00 UTC+08:00 = 2026-01-31 13:00:00 UTC"), "{}", shown.text);
    assert!(shown.text.contains("Of 5 in stock, other campaigns hold 2; 0 stay free."), "{}", shown.text);
    // Without a quota the review names the one it will be.
    let whole = review(&server, &admin, form, &format!("step=review&{}", typed(""))).await;
    assert_eq!(hidden(&whole, "quota"), "3");
    let too_many = review(&server, &admin, form, &format!("step=review&{}", typed("4"))).await;
    assert_eq!(too_many.status, 409);
    assert!(too_many.text.contains("id=\"quota-error\""));

    let made = submit(&server, &admin, "/api/ui/create_campaign", &typed("3")).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let monitor = made.header(header::LOCATION).to_owned();
    let id = monitor.strip_prefix("/admin/campaigns/").expect("its monitor");
    let shown = server.anyone().get(&format!("/api/v1/campaigns/{id}")).await.json(200);
    assert_eq!((&shown["start_time"], &shown["quota"]), (&json!("2026-01-31T13:00:00Z"), &json!(3)));

    // Someone else was faster: the form comes back as it was typed.
    let fields = typed("3");
    let late = submit(&server, &admin, "/api/ui/create_campaign", &fields).await;
    let page = follow(&server, &admin, &late).await;
    assert!(page.text.contains("The product's stock is promised to other campaigns."), "{}", page.text);
    assert!(page.text.contains("value=\"2026-01-31T21:00\""), "{}", page.text);
}

#[tokio::test]
async fn a_campaign_in_a_place_has_the_time_of_the_day_in_question() {
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
    let review = async |fields: &str| review(&server, &admin, form, &format!("step=review&{fields}")).await;

    let summer = review(&typed("2026-03-28T14:00", "2026-07-10T14:00")).await;
    assert_eq!(summer.status, 200);
    for time in [
        "2026-03-28 14:00:00 CET (UTC+01:00) = 2026-03-28 13:00:00 UTC",
        "2026-07-10 14:00:00 CEST (UTC+02:00) = 2026-07-10 12:00:00 UTC",
    ] {
        assert!(summer.text.contains(time), "{}", summer.text);
    }

    // The clock goes from 02:00 to 03:00 in spring, and in autumn from 03:00 to 02:00.
    let skipped = review(&typed("2026-03-29T02:30", "2026-03-29T04:00")).await;
    assert_eq!(skipped.status, 422);
    assert!(skipped.text.contains("This time does not exist in the chosen zone"), "{}", skipped.text);
    assert!(skipped.text.contains("id=\"start_time-error\"") && !skipped.text.contains("id=\"end_time-error\""));
    let repeated = review(&typed("2026-10-25T01:00", "2026-10-25T02:30")).await;
    assert_eq!(repeated.status, 200);
    let note = "End: the clock shows 2026-10-25 02:30 twice, because it is set back. \
                The first one is meant, CEST (UTC+02:00).";
    assert!(repeated.text.contains(note), "{}", repeated.text);

    // The next form is in the zone of the last one.
    let made = submit(&server, &admin, "/api/ui/create_campaign", &typed("2026-10-25T01:00", "2026-10-25T02:30")).await;
    assert_eq!(made.status, 303, "{}", made.text);
    assert!(made.header(header::SET_COOKIE).starts_with("zone=Europe/Berlin; "), "{}", made.header(header::SET_COOKIE));
}

#[tokio::test]
async fn an_edit_does_not_overwrite_what_changed_meanwhile() {
    let (server, product, _) = world().await;
    let admin = server.admin().await;
    let path = format!("/admin/products/{}", product.product_id);
    let fingerprint = hidden(&open(&server, &admin, &path).await, "fingerprint").to_owned();
    let fields = format!(
        "id={}&name=Renamed&description=&image_url=&stock=9&min_price=800&status=active&fingerprint={fingerprint}",
        product.product_id
    );
    let api = format!("/api/v1/products/{}", product.product_id);
    admin.patch(&api, json!({ "stock": 4 })).await.json(200);
    let refused = submit(&server, &admin, "/api/ui/update_product", &fields).await;
    let page = follow(&server, &admin, &refused).await;
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

    let fresh = hidden(&page, "fingerprint").to_owned();
    let done = submit(&server, &admin, "/api/ui/update_product", &fields.replace(&fingerprint, &fresh)).await;
    assert_eq!(done.status, 303);
    assert_eq!(admin.get(&api).await.json(200)["stock"], 9);
}

#[tokio::test]
async fn a_campaign_is_extended_and_called_off_with_a_reason() {
    let (server, _, campaign) = world().await;
    let admin = server.admin().await;
    let edit = format!("/admin/campaigns/{campaign}/edit");
    let fingerprint = hidden(&open(&server, &admin, &edit).await, "fingerprint").to_owned();
    let fields = format!("id={campaign}&end_time=2026-01-31T12:05&zone=%2B00:00&fingerprint={fingerprint}");
    let shown = review(&server, &admin, &edit, &format!("step=review&{fields}")).await;
    assert!(shown.text.contains("2026-01-31 12:01:00 UTC") && shown.text.contains("2026-01-31 12:05:00 UTC"));
    assert_eq!(submit(&server, &admin, "/api/ui/update_campaign", &fields).await.status, 303);
    let api = format!("/api/v1/campaigns/{campaign}");
    assert_eq!(server.anyone().get(&api).await.json(200)["end_time"], "2026-01-31T12:05:00Z");

    let cancel = format!("/admin/campaigns/{campaign}/cancel");
    assert_eq!(review(&server, &admin, &cancel, "step=review&reason=+").await.status, 422);
    let shown = review(&server, &admin, &cancel, "step=review&reason=broken").await;
    assert!(shown.text.contains("Promised stock that becomes free again: 2."), "{}", shown.text);
    let done = submit(&server, &admin, "/api/ui/cancel_campaign", &format!("id={campaign}&reason=broken")).await;
    assert_eq!(done.status, 303);
    let shown = server.anyone().get(&api).await.json(200);
    assert_eq!((&shown["status"], &shown["cancel_reason"]), (&json!("cancelled"), &json!("broken")));
}

#[tokio::test]
async fn the_report_shows_what_was_compared_and_exports_tell_it_all() {
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
        let page = open(&server, &admin, &report).await;
        page.text.contains("Settled").then_some(page)
    })
    .await;
    assert!(page.text.contains("data-consistent=\"true\""), "{}", page.text);
    assert!(page.text.contains("2 = least of quota 2, stock 5, bidders 2"), "{}", page.text);

    let export = async |kind: &str| {
        let answer = open(&server, &admin, &format!("/admin/campaigns/{campaign}/{kind}.csv")).await;
        assert_eq!(answer.status, 200);
        assert!(answer.header(header::CONTENT_TYPE).starts_with("text/csv; charset=utf-8"));
        assert!(answer.header(HeaderName::from_static("content-disposition")).starts_with("attachment;"));
        let text = answer.text.strip_prefix('\u{feff}').map_or(answer.text.clone(), str::to_owned);
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
    let page = open(&server, &admin, &report).await;
    assert!(page.text.contains("data-consistent=\"false\""), "{}", page.text);
}
