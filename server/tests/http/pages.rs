//! Pages and their forms: no text becomes HTML, none is too long, and every address can be come back to.

use crate::{
    admin::{follow, hidden, open, review, submit},
    support::{Answer, Server, send},
};
use domain::limits::FORM_BYTES_MAX;
use http::{Method, header};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use testkit::{eventually, noon};

/// Gets out of wherever it is put that does not escape it. It has no blanks, so that it may be in any field.
const EVIL: &str = r#"</title></textarea></noscript></script><meta/x><img/src=x/onerror=evil()>"onfocus=evil()""#;

const FORM: &str = "application/x-www-form-urlencoded";

/// A browser's request by a visitor.
fn visit(server: &Server, method: Method, path: &str) -> RequestBuilder {
    let request = server.anyone().request(method, path);
    request.header(header::ORIGIN, server.origin()).header(header::ACCEPT, "text/html")
}

fn form(fields: &[(&str, &str)]) -> String {
    let address = reqwest::Url::parse_with_params("http://x/", fields).expect("an address");
    address.query().unwrap_or_default().to_owned()
}

/// Insists that nothing typed is markup on a page; says whether it is shown there.
fn is_shown_harmless(page: &Answer, what: &str) -> bool {
    for markup in ["</title></textarea", "</noscript></script", "<meta/x", "<img/src"] {
        assert!(!page.text.contains(markup), "{markup} on {what}: {}", page.text);
    }
    // In a text a quote is a quote; within a tag it would end an attribute.
    for (at, _) in page.text.match_indices("\"onfocus=evil") {
        let before = &page.text[..at];
        assert!(before.rfind('>') > before.rfind('<'), "an attribute ends on {what}: {}", page.text);
    }
    page.text.contains("&lt;meta/x&gt;")
}

#[tokio::test]
async fn no_text_becomes_markup_on_any_page() {
    let server = Server::start().await;
    let (admin, ann) = (server.admin().await, server.member(EVIL).await);
    let image_url = format!("https://evil.example/{EVIL}");
    let product = json!({
        "name": EVIL, "description": format!("{EVIL}\n{EVIL}"), "image_url": image_url, "stock": 5, "min_price": 800,
    });
    let product = admin.post("/api/v1/products", product).await.json(201)["product_id"].clone();
    let campaign = async |start: i64, end: i64| {
        let plan = json!({
            "product_id": product, "quota": 1,
            "start_time": noon().plus_millis(start), "end_time": noon().plus_millis(end),
        });
        let made = admin.post("/api/v1/campaigns", plan).await.json(201);
        made["campaign_id"].as_str().expect("an id").to_owned()
    };
    let sold = campaign(0, 60_000).await;
    let cancelled = campaign(0, 3_600_000).await;
    let open_one = campaign(0, 3_600_000).await;
    let planned = campaign(7_200_000, 10_800_000).await;
    for id in [&sold, &cancelled, &open_one] {
        ann.post("/api/v1/bids", json!({ "campaign_id": id, "price": 900 })).await.json(201);
    }
    let cancel = format!("/api/v1/campaigns/{cancelled}/cancel");
    admin.post(&cancel, json!({ "reason": EVIL })).await.json(200);
    server.world.engine.start();
    server.world.at(60_000);
    eventually("the campaign is settled", async || {
        let shown = server.anyone().get(&format!("/api/v1/campaigns/{sold}")).await.json(200);
        (shown["settled_at"] != Value::Null).then_some(())
    })
    .await;

    let mut public = vec!["/".to_owned(), "/?show=ended".to_owned(), "/login".to_owned(), "/register".to_owned()];
    public.extend([&sold, &cancelled, &open_one, &planned].map(|id| format!("/campaigns/{id}")));
    let product = product.as_str().expect("an id");
    let mut ours = vec![
        "/admin".to_owned(),
        "/admin/products".to_owned(),
        "/admin/products/new".to_owned(),
        format!("/admin/products/{product}"),
        "/admin/campaigns".to_owned(),
        format!("/admin/campaigns/new?product={product}"),
        format!("/admin/campaigns/{open_one}/edit"),
        format!("/admin/campaigns/{planned}/edit"),
        format!("/admin/campaigns/{open_one}/cancel"),
        format!("/admin/campaigns/{sold}/report"),
        "/admin/users".to_owned(),
        format!("/admin/users/{}", ann.user.user_id),
        "/admin/results".to_owned(),
        "/admin/audit".to_owned(),
    ];
    ours.extend([&sold, &cancelled, &open_one, &planned].map(|id| format!("/admin/campaigns/{id}")));
    let mut shown = 0;
    for path in &public {
        let page = send(visit(&server, Method::GET, path)).await;
        assert_eq!(page.status, 200, "{path}");
        shown += usize::from(is_shown_harmless(&page, path));
    }
    for path in public.iter().map(String::as_str).chain(["/bids", "/orders", "/profile"]) {
        let page = open(&server, &ann, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(is_shown_harmless(&page, path), "her name is on every page: {path}");
    }
    for path in &ours {
        let page = open(&server, &admin, path).await;
        assert_eq!(page.status, 200, "{path}");
        shown += usize::from(is_shown_harmless(&page, path));
    }
    assert!(shown >= 20, "the texts are there to be seen, on {shown} pages");

    // What was typed, on pages that refuse or review it.
    let typed = |stock| {
        form(&[
            ("name", EVIL),
            ("description", EVIL),
            ("image_url", image_url.as_str()),
            ("stock", stock),
            ("min_price", "1"),
        ])
    };
    for stock in ["5", "-1", EVIL] {
        let page = review(&server, &admin, "/admin/products/new", &typed(stock)).await;
        assert!(is_shown_harmless(&page, "a product's form"));
    }
    let cancel = format!("/admin/campaigns/{open_one}/cancel");
    for reason in [EVIL.to_owned(), EVIL.repeat(6)] {
        let page = review(&server, &admin, &cancel, &form(&[("reason", reason.as_str())])).await;
        assert!(is_shown_harmless(&page, "a cancellation"));
    }
    let fields = [("email", EVIL), ("username", EVIL), ("password", "x"), ("next", EVIL)];
    let register = visit(&server, Method::POST, "/api/ui/register");
    let refused = send(register.header(header::CONTENT_TYPE, FORM).body(form(&fields))).await;
    assert_eq!(refused.status, 303);
    let page = send(visit(&server, Method::GET, refused.header(header::LOCATION))).await;
    assert!(is_shown_harmless(&page, "a registration"));
    for address in ["/login?next=", "/register?error=VALIDATION&fields=", "/?show=", "/admin/users?q="] {
        let address = format!("{address}{}", form(&[("x", EVIL)]).trim_start_matches("x="));
        is_shown_harmless(&open(&server, &admin, &address).await, &address);
    }
}

/// What a reader's field of several lines holds on a page: a parser drops the first line break.
fn description(page: &Answer) -> String {
    let (_, field) = page.text.split_once("<textarea").expect("a field");
    let (_, text) = field.split_once(">\n").expect("its text");
    text.split("</textarea>").next().expect("its end").to_owned()
}

#[tokio::test]
async fn the_longest_description_goes_through_every_form() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let new = "/admin/products/new";
    let lines = "行\n".repeat(4000) + &"字".repeat(1000) + &"😀".repeat(1000);
    assert_eq!(lines.chars().count(), 10_000);
    // As browsers post it.
    let posted = lines.replace('\n', "\r\n");
    let fields = |description: &str, stock| {
        form(&[("name", "Long"), ("description", description), ("stock", stock), ("min_price", "1")])
    };
    let refused = review(&server, &admin, new, &fields(&posted, "-1")).await;
    assert_eq!(refused.status, 422);
    assert_eq!(description(&refused).replace("\r\n", "\n"), lines);
    let reviewed = review(&server, &admin, new, &fields(&posted, "5")).await;
    assert_eq!(reviewed.status, 200);
    assert_eq!(hidden(&reviewed, "description").replace("\r\n", "\n"), lines);

    let done = submit(&server, &admin, "/api/ui/create_product", &fields(&posted, "5")).await;
    assert_eq!((done.status.as_u16(), done.header(header::LOCATION)), (303, "/admin/products"), "{}", done.text);
    let products = admin.get("/api/v1/products").await.json(200);
    let product = &products["products"][0];
    assert_eq!(product["description"], lines.as_str());

    // Posted back as it is, it has not changed; the last character of it does.
    let edit = format!("/admin/products/{}", product["product_id"].as_str().expect("an id"));
    let page = open(&server, &admin, &edit).await;
    assert_eq!(description(&page), lines);
    let fingerprint = hidden(&page, "fingerprint").to_owned();
    let fields = |description: &str| format!("{}&status=active&fingerprint={fingerprint}", fields(description, "5"));
    let unchanged = review(&server, &admin, &edit, &fields(&posted)).await;
    assert_eq!(unchanged.status, 200);
    assert!(!unchanged.text.contains("class=\"changed\""), "{}", unchanged.text);
    let changed = review(&server, &admin, &edit, &fields(posted.strip_suffix('😀').expect("an end"))).await;
    assert_eq!(changed.text.matches("class=\"changed\"").count(), 1);

    // One more is refused, and comes back to be shortened.
    let long = review(&server, &admin, &edit, &fields(&format!("{posted}字"))).await;
    assert_eq!(long.status, 422);
    assert!(long.text.contains("id=\"description-error\""));
    assert_eq!(description(&long).chars().filter(|c| *c != '\r').count(), 10_001);
    // The API takes as much.
    let path = format!("/api/v1/products/{}", product["product_id"].as_str().expect("an id"));
    assert_eq!(admin.patch(&path, json!({ "description": posted })).await.json(200)["description"], lines.as_str());
    let more = format!("{lines}字");
    assert_eq!(admin.patch(&path, json!({ "description": more })).await.invalid_field(), "description");
}

#[tokio::test]
async fn a_form_keeps_what_was_typed_in_another_language_and_theme() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let text = "長".repeat(5000);
    let typed = form(&[("name", "Draft"), ("description", text.as_str()), ("stock", "many"), ("min_price", "")]);
    let new = "/admin/products/new";
    let fresh = open(&server, &admin, new).await;
    assert!(fresh.text.contains("form=\"form\"") && fresh.text.contains("formnovalidate"), "{}", fresh.text);
    let switched = submit(&server, &admin, &format!("{new}?b=c"), &format!("{typed}&lang=zh-TW")).await;
    assert!(switched.header(header::SET_COOKIE).starts_with("gavel_lang=zh-TW; "), "{:?}", switched.headers);
    let page = follow(&server, &admin, &switched).await;
    assert_eq!((page.status.as_u16(), description(&page)), (200, text.clone()));
    assert!(!page.text.contains("stock-error"), "nothing was asked to be checked");
    let address = switched.header(header::LOCATION);
    assert!(address.starts_with("/admin/products/new?b=c&form="), "{address}");

    // A review stays a review; the form before it is gone from the address.
    let good = form(&[("name", "Draft"), ("description", text.as_str()), ("stock", "1"), ("min_price", "1")]);
    let kept = submit(&server, &admin, new, &good).await;
    let address = kept.header(header::LOCATION).to_owned();
    let switched = submit(&server, &admin, &address, &format!("{good}&theme=dark")).await;
    assert!(switched.header(header::SET_COOKIE).starts_with("theme=dark; "), "{:?}", switched.headers);
    assert_eq!(switched.header(header::LOCATION).matches("form=").count(), 1);
    let page = follow(&server, &admin, &switched).await;
    assert_eq!(hidden(&page, "description"), text);
    // An address may be opened again, and by nobody else.
    assert_eq!(hidden(&open(&server, &admin, &address).await, "description"), text);
    let ann = server.member("ann").await;
    assert!(!open(&server, &ann, &address).await.text.contains("Draft"));
    // Where there is no form, there is nothing to take along.
    assert!(!open(&server, &admin, "/admin/products").await.text.contains("form=\"form\""));
}

/// Where a page's form leads; those of the header come before it.
fn next_of(page: &Answer) -> &str {
    let (_, rest) = page.text.rsplit_once("name=\"next\" value=\"").expect("the field is there");
    rest.split('"').next().expect("it ends")
}

#[tokio::test]
async fn a_sign_in_leads_back_to_the_whole_address() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let asked = send(visit(&server, Method::GET, "/orders?skip=50&x=%E5%B0%8F%26")).await;
    assert_eq!(asked.status, 303);
    let login = asked.header(header::LOCATION).to_owned();
    let page = send(visit(&server, Method::GET, &login)).await;
    assert_eq!(next_of(&page), "/orders?skip=50&amp;x=%E5%B0%8F%26");
    let sign_in = async |password: &str, next: &str| {
        let fields = form(&[("email", ann.user.email.as_str()), ("password", password), ("next", next)]);
        send(visit(&server, Method::POST, "/api/ui/sign_in").header(header::CONTENT_TYPE, FORM).body(fields)).await
    };
    let next = "/orders?skip=50&x=%E5%B0%8F%26";
    let refused = sign_in("wrong password", next).await;
    assert_eq!(refused.header(header::SET_COOKIE), "", "nothing outlives the page");
    let page = send(visit(&server, Method::GET, refused.header(header::LOCATION))).await;
    assert_eq!(next_of(&page), next.replace('&', "&amp;"));
    assert!(page.text.contains(&format!("value=\"{}\"", ann.user.email)) && !page.text.contains("wrong password"));
    assert_eq!(sign_in(testkit::PASSWORD, next).await.header(header::LOCATION), next);
    for elsewhere in ["//evil.example", "/\\evil.example", "https://evil.example", "/a\nb"] {
        assert_eq!(sign_in(testkit::PASSWORD, elsewhere).await.header(header::LOCATION), "/", "{elsewhere}");
    }
    let language = visit(&server, Method::POST, "/api/ui/set_language").header(header::CONTENT_TYPE, FORM);
    let switched = send(language.body(form(&[("lang", "zh-TW"), ("next", next)]))).await;
    assert_eq!(switched.header(header::LOCATION), next);
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused_on_its_page() {
    let server = Server::start().await;
    for path in ["/admin/products/new", "/api/ui/create_product"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAccept: text/html\r\n\
             Referer: http://test/admin/products/new?a=b\r\nContent-Length: {}\r\n\r\n",
            FORM_BYTES_MAX + 1
        );
        let answer = server.raw(head.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        assert!(answer.contains("location: /admin/products/new?a=b&error=PAYLOAD_TOO_LARGE\r\n"), "{answer}");
    }
}
