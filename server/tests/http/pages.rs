//! Pages and their forms: no text becomes markup, no input is lost, and a sign-in leads back to its page.

use crate::support::{
    FORM, Response, Server, follow_redirect, hidden_field, open_page, send, submit_and_follow, submit_form,
};
use domain::limits::FORM_BYTES_MAX;
use http::{Method, header};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use testkit::{eventually, noon};

/// Breaks out of any element or attribute that does not escape it. Without blanks, so that any field accepts it.
const INJECTION: &str = r#"</title></textarea></noscript></script><meta/x><img/src=x/onerror=evil()>"onfocus=evil()""#;

/// A browser's request by someone who is not signed in.
fn visitor_request(server: &Server, method: Method, path: &str) -> RequestBuilder {
    let request = server.anonymous().request(method, path);
    request.header(header::ORIGIN, server.origin()).header(header::ACCEPT, "text/html")
}

fn encode_form(fields: &[(&str, &str)]) -> String {
    let address = reqwest::Url::parse_with_params("http://x/", fields).expect("an address");
    address.query().unwrap_or_default().to_owned()
}

/// Whether the injection is shown on a page; fails unless it is escaped everywhere.
fn shows_injection_escaped(page: &Response, what: &str) -> bool {
    for markup in ["</title></textarea", "</noscript></script", "<meta/x", "<img/src"] {
        assert!(!page.text.contains(markup), "{markup} on {what}: {}", page.text);
    }
    // In a text a quote is harmless; within a tag it would end an attribute.
    for (at, _) in page.text.match_indices("\"onfocus=evil") {
        let before = &page.text[..at];
        assert!(before.rfind('>') > before.rfind('<'), "an attribute ends on {what}: {}", page.text);
    }
    page.text.contains("&lt;meta/x&gt;")
}

#[tokio::test]
async fn no_text_becomes_markup_on_any_page() {
    let server = Server::start().await;
    let (admin, ann) = (server.admin().await, server.member(INJECTION).await);
    let image_url = format!("https://evil.example/{INJECTION}");
    let product = json!({
        "name": INJECTION, "description": format!("{INJECTION}\n{INJECTION}"), "image_url": image_url, "stock": 5,
        "min_price": 800,
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
    admin.post(&cancel, json!({ "reason": INJECTION })).await.json(200);
    server.world.engine.start();
    server.world.at(60_000);
    eventually("the campaign is settled", async || {
        let shown = server.anonymous().get(&format!("/api/v1/campaigns/{sold}")).await.json(200);
        (shown["settled_at"] != Value::Null).then_some(())
    })
    .await;

    let mut public = vec!["/".to_owned(), "/?show=ended".to_owned(), "/login".to_owned(), "/register".to_owned()];
    public.extend([&sold, &cancelled, &open_one, &planned].map(|id| format!("/campaigns/{id}")));
    let product = product.as_str().expect("an id");
    let mut admin_pages = vec![
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
    admin_pages.extend([&sold, &cancelled, &open_one, &planned].map(|id| format!("/admin/campaigns/{id}")));
    let mut shown = 0;
    for path in &public {
        let page = send(visitor_request(&server, Method::GET, path)).await;
        assert_eq!(page.status, 200, "{path}");
        shown += usize::from(shows_injection_escaped(&page, path));
    }
    for path in public.iter().map(String::as_str).chain(["/bids", "/orders", "/profile"]) {
        let page = open_page(&server, &ann, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(shows_injection_escaped(&page, path), "the page shows the user name: {path}");
    }
    for path in &admin_pages {
        let page = open_page(&server, &admin, path).await;
        assert_eq!(page.status, 200, "{path}");
        shown += usize::from(shows_injection_escaped(&page, path));
    }
    assert!(shown >= 20, "only {shown} pages show the texts");

    // Pages that show the input of a form, refused or for review.
    let typed = |stock| {
        encode_form(&[
            ("name", INJECTION),
            ("description", INJECTION),
            ("image_url", image_url.as_str()),
            ("stock", stock),
            ("min_price", "1"),
        ])
    };
    for stock in ["5", "-1", INJECTION] {
        let page = submit_and_follow(&server, &admin, "/admin/products/new", &typed(stock)).await;
        assert!(shows_injection_escaped(&page, "a product's form"));
    }
    let cancel = format!("/admin/campaigns/{open_one}/cancel");
    for reason in [INJECTION.to_owned(), INJECTION.repeat(6)] {
        let page = submit_and_follow(&server, &admin, &cancel, &encode_form(&[("reason", reason.as_str())])).await;
        assert!(shows_injection_escaped(&page, "a cancellation"));
    }
    let fields = [("email", INJECTION), ("username", INJECTION), ("password", "x"), ("next", INJECTION)];
    let register = visitor_request(&server, Method::POST, "/api/ui/register");
    let refused = send(register.header(header::CONTENT_TYPE, FORM).body(encode_form(&fields))).await;
    assert_eq!(refused.status, 303);
    let page = send(visitor_request(&server, Method::GET, refused.header(header::LOCATION))).await;
    assert!(shows_injection_escaped(&page, "a registration"));
    for address in ["/login?next=", "/register?error=VALIDATION&fields=", "/?show=", "/admin/users?q="] {
        let address = format!("{address}{}", encode_form(&[("x", INJECTION)]).trim_start_matches("x="));
        shows_injection_escaped(&open_page(&server, &admin, &address).await, &address);
    }
}

/// The content of the description's text area. HTML parsers drop its first line break.
fn description(page: &Response) -> String {
    let (_, field) = page.text.split_once("<textarea").expect("a field");
    let (_, text) = field.split_once(">\n").expect("its text");
    text.split("</textarea>").next().expect("its end").to_owned()
}

#[tokio::test]
async fn the_longest_description_passes_through_every_form_unchanged() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let new = "/admin/products/new";
    let lines = "行\n".repeat(4000) + &"字".repeat(1000) + &"😀".repeat(1000);
    assert_eq!(lines.chars().count(), 10_000);
    // Browsers post line breaks as CR LF.
    let posted = lines.replace('\n', "\r\n");
    let fields = |description: &str, stock| {
        encode_form(&[("name", "Long"), ("description", description), ("stock", stock), ("min_price", "1")])
    };
    let refused = submit_and_follow(&server, &admin, new, &fields(&posted, "-1")).await;
    assert_eq!(refused.status, 422);
    assert_eq!(description(&refused).replace("\r\n", "\n"), lines);
    let reviewed = submit_and_follow(&server, &admin, new, &fields(&posted, "5")).await;
    assert_eq!(reviewed.status, 200);
    assert_eq!(hidden_field(&reviewed, "description").replace("\r\n", "\n"), lines);

    let done = submit_form(&server, &admin, "/api/ui/create_product", &fields(&posted, "5")).await;
    assert_eq!((done.status.as_u16(), done.header(header::LOCATION)), (303, "/admin/products"), "{}", done.text);
    let products = admin.get("/api/v1/products").await.json(200);
    let product = &products["products"][0];
    assert_eq!(product["description"], lines.as_str());

    // Posted back as it is, it counts as unchanged; without its last character it does not.
    let edit = format!("/admin/products/{}", product["product_id"].as_str().expect("an id"));
    let page = open_page(&server, &admin, &edit).await;
    assert_eq!(description(&page), lines);
    let fingerprint = hidden_field(&page, "fingerprint").to_owned();
    let fields = |description: &str| format!("{}&status=active&fingerprint={fingerprint}", fields(description, "5"));
    let unchanged = submit_and_follow(&server, &admin, &edit, &fields(&posted)).await;
    assert_eq!(unchanged.status, 200);
    assert!(!unchanged.text.contains("class=\"changed\""), "{}", unchanged.text);
    let changed = submit_and_follow(&server, &admin, &edit, &fields(posted.strip_suffix('😀').expect("an end"))).await;
    assert_eq!(changed.text.matches("class=\"changed\"").count(), 1);

    // One more character is refused, and the form shows the whole text.
    let long = submit_and_follow(&server, &admin, &edit, &fields(&format!("{posted}字"))).await;
    assert_eq!(long.status, 422);
    assert!(long.text.contains("id=\"description-error\""));
    assert_eq!(description(&long).chars().filter(|c| *c != '\r').count(), 10_001);
    // The API has the same limit.
    let path = format!("/api/v1/products/{}", product["product_id"].as_str().expect("an id"));
    assert_eq!(admin.patch(&path, json!({ "description": posted })).await.json(200)["description"], lines.as_str());
    let more = format!("{lines}字");
    assert_eq!(admin.patch(&path, json!({ "description": more })).await.invalid_field(), "description");
}

#[tokio::test]
async fn switching_language_or_theme_keeps_what_was_typed() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let text = "長".repeat(5000);
    let typed = encode_form(&[("name", "Draft"), ("description", text.as_str()), ("stock", "many"), ("min_price", "")]);
    let new = "/admin/products/new";
    let fresh = open_page(&server, &admin, new).await;
    assert!(fresh.text.contains("form=\"form\"") && fresh.text.contains("formnovalidate"), "{}", fresh.text);
    let switched = submit_form(&server, &admin, &format!("{new}?b=c"), &format!("{typed}&lang=zh-TW")).await;
    assert!(switched.header(header::SET_COOKIE).starts_with("gavel_lang=zh-TW; "), "{:?}", switched.headers);
    let page = follow_redirect(&server, &admin, &switched).await;
    assert_eq!((page.status.as_u16(), description(&page)), (200, text.clone()));
    assert!(!page.text.contains("stock-error"), "the form was not to be validated");
    let address = switched.header(header::LOCATION);
    assert!(address.starts_with("/admin/products/new?b=c&form="), "{address}");

    // A review stays a review, and the URL refers to the latest input only.
    let good = encode_form(&[("name", "Draft"), ("description", text.as_str()), ("stock", "1"), ("min_price", "1")]);
    let kept = submit_form(&server, &admin, new, &good).await;
    let address = kept.header(header::LOCATION).to_owned();
    let switched = submit_form(&server, &admin, &address, &format!("{good}&theme=dark")).await;
    assert!(switched.header(header::SET_COOKIE).starts_with("theme=dark; "), "{:?}", switched.headers);
    assert_eq!(switched.header(header::LOCATION).matches("form=").count(), 1);
    let page = follow_redirect(&server, &admin, &switched).await;
    assert_eq!(hidden_field(&page, "description"), text);
    // The URL can be opened again, but only by the same user.
    assert_eq!(hidden_field(&open_page(&server, &admin, &address).await, "description"), text);
    let ann = server.member("ann").await;
    assert!(!open_page(&server, &ann, &address).await.text.contains("Draft"));
    // A page without such a form has no input to keep.
    assert!(!open_page(&server, &admin, "/admin/products").await.text.contains("form=\"form\""));
}

/// The `next` field of a page's form, which comes after the forms of the header.
fn next_field(page: &Response) -> &str {
    let (_, rest) = page.text.rsplit_once("name=\"next\" value=\"").expect("the field is there");
    rest.split('"').next().expect("it ends")
}

#[tokio::test]
async fn a_sign_in_leads_back_to_the_full_url() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let asked = send(visitor_request(&server, Method::GET, "/orders?skip=50&x=%E5%B0%8F%26")).await;
    assert_eq!(asked.status, 303);
    let login = asked.header(header::LOCATION).to_owned();
    let page = send(visitor_request(&server, Method::GET, &login)).await;
    assert_eq!(next_field(&page), "/orders?skip=50&amp;x=%E5%B0%8F%26");
    let sign_in = async |password: &str, next: &str| {
        let fields = encode_form(&[("email", ann.user.email.as_str()), ("password", password), ("next", next)]);
        send(visitor_request(&server, Method::POST, "/api/ui/sign_in").header(header::CONTENT_TYPE, FORM).body(fields))
            .await
    };
    let next = "/orders?skip=50&x=%E5%B0%8F%26";
    let refused = sign_in("wrong password", next).await;
    assert_eq!(refused.header(header::SET_COOKIE), "", "a refused sign-in sets no cookie");
    let page = send(visitor_request(&server, Method::GET, refused.header(header::LOCATION))).await;
    // What a link elsewhere claims is not said.
    for (from, is_shown) in [("same-origin", true), ("cross-site", false), ("none", false)] {
        let request = visitor_request(&server, Method::GET, refused.header(header::LOCATION));
        let shown = send(request.header("sec-fetch-site", from)).await;
        assert_eq!(shown.text.contains("class=\"notice bad\""), is_shown, "{from}");
    }
    assert_eq!(next_field(&page), next.replace('&', "&amp;"));
    assert!(page.text.contains(&format!("value=\"{}\"", ann.user.email)) && !page.text.contains("wrong password"));
    assert_eq!(sign_in(testkit::PASSWORD, next).await.header(header::LOCATION), next);
    for elsewhere in ["//evil.example", "/\\evil.example", "https://evil.example", "/a\nb"] {
        assert_eq!(sign_in(testkit::PASSWORD, elsewhere).await.header(header::LOCATION), "/", "{elsewhere}");
    }
    let language = visitor_request(&server, Method::POST, "/api/ui/set_language").header(header::CONTENT_TYPE, FORM);
    let switched = send(language.body(encode_form(&[("lang", "zh-TW"), ("next", next)]))).await;
    assert_eq!(switched.header(header::LOCATION), next);
}

#[tokio::test]
async fn a_browser_that_signed_in_before_gets_through_while_its_network_guesses() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let sign_in = async |password: &str, cookie: &str| {
        let fields = encode_form(&[("email", ann.user.email.as_str()), ("password", password), ("next", "/bids")]);
        let request = visitor_request(&server, Method::POST, "/api/ui/sign_in").header(header::CONTENT_TYPE, FORM);
        send(request.header(header::COOKIE, cookie).body(fields)).await
    };
    let first = sign_in(testkit::PASSWORD, "").await;
    let mut cookies = first.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().expect("a text"));
    let device = cookies.find(|cookie| cookie.starts_with("gavel_device=")).expect("the browser is new");
    assert!(device.contains("HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000"), "{device}");
    let device = device.split(';').next().expect("a value");
    for _ in 0..server.world.stores.config().sign_in_limits.failures_per_account_per_minute {
        sign_in("wrong password", "").await;
    }
    let refused = sign_in(testkit::PASSWORD, "").await;
    assert!(refused.header(header::LOCATION).contains("RATE_LIMITED"), "{:?}", refused.headers);
    let again = sign_in(testkit::PASSWORD, device).await;
    assert_eq!(again.header(header::LOCATION), "/bids");
    let mut cookies = again.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().expect("a text"));
    assert!(cookies.all(|cookie| !cookie.starts_with("gavel_device=")), "it has one");
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
        let response = server.send_raw(head.as_bytes()).await;
        assert!(response.starts_with("HTTP/1.1 303"), "{response}");
        assert!(response.contains("location: /admin/products/new?a=b&error=PAYLOAD_TOO_LARGE\r\n"), "{response}");
    }
}
