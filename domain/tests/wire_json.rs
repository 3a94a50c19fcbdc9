//! The JSON of every wire type, pinned by the files in `tests/golden/`.
//!
//! - [`OUTPUTS`]: what is sent. The value must serialize to exactly the text of its file (order of
//!   the keys and format of the numbers included), and the file must parse back to the value.
//! - [`INPUTS`]: bodies that are only received, written by hand. Each file must parse to the value
//!   its check describes.
//! - The tests named `refuses_*`: bodies that must not parse, each a good body with one field
//!   changed.
//!
//! After an intended change of the wire, write the files of [`OUTPUTS`] anew and read the diff:
//!
//! ```text
//! UPDATE_GOLDEN=1 cargo test -p domain --test wire_json
//! ```

use domain::{
    ApiError, BidId, CampaignId, CampaignStatus, Coefficients, ErrorCode, FieldError, Money, OrderId, ProductId, Score,
    Timestamp, UserId, Weight,
    api::{
        accounts::{LoginRequest, LoginResponse, RegisterRequest, TokenType, User, UserStatus},
        bids::{BidHistory, BidOutcome, BidRecord, PlaceBid},
        campaigns::{
            Campaign, CampaignDetail, CampaignList, CampaignStats, CancelCampaign, CreateCampaign, UpdateCampaign,
        },
        orders::{CampaignOrders, Order, OrderList, OrderStatus},
        products::{CreateProduct, Product, ProductList, ProductStatus, UpdateProduct},
        rankings::{MyStanding, Ranking, RankingRow},
    },
    score::Coefficient,
    validated::{Quota, Stock},
    websocket_events::{
        AccountUpdated, BidAccepted, BidVoided, CampaignEnded, CampaignUpdated, ClientEvent, Pong, RankChanged,
        RankingUpdate, ServerEvent,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    env,
    fmt::{Debug, Write as _},
    fs,
    path::PathBuf,
};
use uuid::Uuid;

const HOW_TO_UPDATE: &str = "if the change is intended: UPDATE_GOLDEN=1 cargo test -p domain --test wire_json";

/// `Err` says what is wrong with one file.
type Outcome = Result<(), String>;

/// A file's name without `.json`, and its check, which is given that name.
type Golden = (&'static str, fn(&str) -> Outcome);

// ---- what is sent ---------------------------------------------------------------------------

const OUTPUTS: &[Golden] = &[
    // Names of states.
    ("user_status", |file| output(file, &[UserStatus::Active, UserStatus::Inactive])),
    ("product_status", |file| output(file, &[ProductStatus::Active, ProductStatus::Inactive])),
    ("campaign_status", |file| output(file, &CampaignStatus::ALL)),
    ("order_status", |file| output(file, &[OrderStatus::Confirmed])),
    ("token_type", |file| output(file, &[TokenType::Bearer])),
    // Accounts.
    ("user", |file| output(file, &user())),
    ("user_admin", |file| {
        let status = UserStatus::Inactive;
        output(file, &User { weight: weight(2.5), is_admin: true, status, ..user() })
    }),
    ("login_response", |file| {
        let value = LoginResponse {
            access_token: "header.claims.signature".to_owned(),
            token_type: TokenType::Bearer,
            expires_in: 3600,
        };
        output_as(file, &value, |v| (v.access_token.clone(), v.token_type, v.expires_in))
    }),
    // Products.
    ("product", |file| output(file, &product())),
    ("product_bare", |file| output(file, &bare_product())),
    ("product_list", |file| output(file, &ProductList { products: vec![product(), bare_product()], total: 12 })),
    ("product_list_empty", |file| output(file, &ProductList { products: vec![], total: 0 })),
    // Campaigns.
    ("campaign", |file| output(file, &campaign())),
    ("campaign_settled", |file| {
        let settled_at = Some(time("2026-01-31T12:20:00.25Z"));
        output(file, &Campaign { status: CampaignStatus::Ended, settled_at, ..campaign() })
    }),
    ("campaign_cancelled", |file| output(file, &cancelled_campaign())),
    ("campaign_stats", |file| output(file, &stats())),
    ("campaign_stats_empty", |file| output(file, &CampaignStats::default())),
    ("campaign_detail", |file| {
        let server_time = time("2026-01-31T12:10:00.5Z");
        output(file, &CampaignDetail { campaign: campaign(), stats: stats(), server_time })
    }),
    ("campaign_list", |file| {
        output(file, &CampaignList { campaigns: vec![campaign(), cancelled_campaign()], total: 3 })
    }),
    // Bids and rankings.
    ("place_bid", |file| {
        let value = PlaceBid { campaign_id: campaign_id(), price: money(80_050), user_id: None };
        output_as(file, &value, |v| (v.campaign_id, v.price, v.user_id))
    }),
    ("place_bid_of_a_page", |file| {
        let value = PlaceBid { campaign_id: campaign_id(), price: money(80_050), user_id: Some(user_id()) };
        output_as(file, &value, |v| (v.campaign_id, v.price, v.user_id))
    }),
    ("bid_outcome", |file| output(file, &bid_outcome())),
    ("bid_outcome_unchanged", |file| {
        output(file, &BidOutcome { improved: false, is_winning: false, rank: 16, ..bid_outcome() })
    }),
    ("bid_record", |file| output(file, &bid_record())),
    ("bid_history", |file| output(file, &BidHistory { bids: vec![bid_record()], total: 2 })),
    ("ranking_row", |file| output(file, &first_row())),
    ("ranking", |file| {
        let value = Ranking {
            campaign_id: campaign_id(),
            total_participants: 2,
            rankings: vec![first_row(), second_row()],
            min_winning_score: Some(second_row().score),
            max_score: Some(first_row().score),
            updated_at: time("2026-01-31T12:10:00.5Z"),
            version: 5,
        };
        output(file, &value)
    }),
    ("ranking_empty", |file| {
        let value = Ranking {
            campaign_id: campaign_id(),
            total_participants: 0,
            rankings: vec![],
            min_winning_score: None,
            max_score: None,
            updated_at: time("2026-01-31T12:00:00Z"),
            version: 0,
        };
        output(file, &value)
    }),
    ("my_standing", |file| {
        let value = MyStanding {
            rank: Some(1),
            score: Some(first_row().score),
            price: Some(first_row().price),
            is_winning: Some(true),
            ..no_standing()
        };
        output(file, &value)
    }),
    ("my_standing_without_bid", |file| output(file, &no_standing())),
    // Orders.
    ("order", |file| output(file, &order())),
    ("order_list", |file| output(file, &OrderList { orders: vec![order()], total: 1 })),
    ("campaign_orders", |file| {
        let value = CampaignOrders {
            campaign_id: campaign_id(),
            orders: vec![order()],
            total: 1,
            quota: 15,
            stock: 14,
            is_consistent: true,
        };
        output(file, &value)
    }),
    // Errors.
    ("field_error", |file| output(file, &field_error("price", "must be a number"))),
    ("error_plain", |file| output(file, &ApiError::new(ErrorCode::NotFound, "There is no such page."))),
    ("error_validation_of_one_field", |file| {
        output(file, &ApiError::field("stock", "must be a whole number from 0 to 1000000"))
    }),
    ("error_validation_of_many_fields", |file| {
        let errors = vec![field_error("name", "is required"), field_error("stock", "is required")];
        output(file, &ApiError::validation(errors))
    }),
    ("error_validation_of_the_whole", |file| output(file, &ApiError::field("", "must be a JSON object"))),
    ("error_price_too_low", |file| {
        let plain = ApiError::new(ErrorCode::PriceTooLow, "The price must be at least 800.50.");
        output(file, &ApiError { min_price: Some(money(80_050)), ..plain })
    }),
    ("error_rate_limited", |file| {
        let plain = ApiError::new(ErrorCode::RateLimited, "Too many requests.");
        output(file, &ApiError { retry_after_ms: Some(1500), ..plain })
    }),
    ("error_campaign_ended", |file| {
        let plain = ApiError::new(ErrorCode::CampaignEnded, "The campaign has ended.");
        let server_time = Some(time("2026-01-31T12:20:00.000001Z"));
        output(file, &ApiError { server_time, ..plain })
    }),
    // The websocket.
    ("client_event_ping", |file| output(file, &ClientEvent::Ping)),
    ("event_ranking_update", |file| event(file, ServerEvent::RankingUpdate(ranking_update()))),
    ("event_ranking_update_empty", |file| {
        let value = RankingUpdate {
            top_k: vec![],
            total_participants: 0,
            min_winning_score: None,
            max_score: None,
            version: 0,
            ..ranking_update()
        };
        event(file, ServerEvent::RankingUpdate(value))
    }),
    ("event_bid_accepted", |file| {
        let value = BidAccepted {
            bid_id: bid_outcome().bid_id,
            campaign_id: campaign_id(),
            price: bid_outcome().price,
            score: bid_outcome().score,
            rank: 1,
            time_elapsed_ms: 999,
            timestamp: bid_outcome().accepted_at,
            version: bid_outcome().version,
        };
        event(file, ServerEvent::BidAccepted(value))
    }),
    ("event_rank_changed", |file| event(file, ServerEvent::RankChanged(rank_changed()))),
    ("event_rank_changed_first", |file| {
        event(file, ServerEvent::RankChanged(RankChanged { previous_rank: None, ..rank_changed() }))
    }),
    ("event_bid_voided", |file| {
        let reason = Some("A slip of the pen.".to_owned());
        event(file, ServerEvent::BidVoided(BidVoided { campaign_id: campaign_id(), reason, version: 7 }))
    }),
    ("event_campaign_updated", |file| event(file, ServerEvent::CampaignUpdated(Box::new(campaign_updated())))),
    ("event_campaign_updated_cancelled", |file| {
        let campaign = CampaignDetail { campaign: cancelled_campaign(), ..campaign_updated().campaign };
        let reason = campaign.campaign.cancel_reason.clone();
        let value = CampaignUpdated { status: CampaignStatus::Cancelled, reason, campaign, ..campaign_updated() };
        event(file, ServerEvent::CampaignUpdated(Box::new(value)))
    }),
    ("event_account_updated", |file| {
        event(file, ServerEvent::AccountUpdated(AccountUpdated { user_id: user_id(), weight: weight(2.5) }))
    }),
    ("event_campaign_ended", |file| {
        let value = CampaignEnded {
            is_winner: true,
            final_rank: Some(1),
            final_score: Some(first_row().score),
            final_price: Some(first_row().price),
            ..ended_without_bid()
        };
        event(file, ServerEvent::CampaignEnded(value))
    }),
    ("event_campaign_ended_without_bid", |file| event(file, ServerEvent::CampaignEnded(ended_without_bid()))),
    ("event_pong", |file| event(file, ServerEvent::Pong(Pong { server_time: time("2026-01-31T12:10:00Z") }))),
];

// ---- what is received -----------------------------------------------------------------------

const INPUTS: &[Golden] = &[
    ("register", |file| {
        input(file, |body: RegisterRequest| {
            assert_eq!(&*body.email, "User0001@test.com", "trimmed, its case kept");
            assert_eq!(body.password.expose(), "  password 123 ", "not trimmed");
            assert_eq!(&*body.username, "陳小明", "trimmed");
        })
    }),
    ("login", |file| {
        input(file, |body: LoginRequest| {
            assert_eq!(body.email, "not an address", "any text: it is just unknown");
            assert_eq!(body.password.expose(), "short");
        })
    }),
    ("create_product", |file| {
        input(file, |body: CreateProduct| {
            assert_eq!(&*body.name, "高級耳機 Pro Max");
            assert_eq!(body.description.as_deref(), Some("Noise cancelling.\nBlack."));
            assert_eq!(body.image_url.as_deref(), Some("https://example.org/headphones.png"));
            assert_eq!(body.stock.get(), 15);
            assert_eq!(body.min_price, money(80_050));
        })
    }),
    ("create_product_with_strings_and_nulls", |file| {
        input(file, |body: CreateProduct| {
            assert!(body.description.is_none() && body.image_url.is_none());
            assert_eq!((body.stock.get(), body.min_price), (15, money(80_050)));
        })
    }),
    ("create_product_least", |file| {
        input(file, |body: CreateProduct| {
            assert!(body.description.is_none() && body.image_url.is_none());
            assert_eq!((body.stock.get(), body.min_price), (0, Money::MIN));
        })
    }),
    ("update_product", |file| {
        input(file, |body: UpdateProduct| {
            assert_eq!(body.name.as_deref(), Some("耳機"));
            assert_eq!(body.description.flatten().as_deref(), Some("White."));
            assert_eq!(body.image_url.flatten().as_deref(), Some("/img/headphones.svg"));
            assert_eq!(body.stock.map(Stock::get), Some(20));
            assert_eq!(body.min_price, Some(money(90_000)));
            assert_eq!(body.status, Some(ProductStatus::Inactive));
        })
    }),
    ("update_product_with_nulls", |file| {
        input(file, |body: UpdateProduct| {
            assert!(matches!(body.description, Some(None)), "null removes it");
            assert!(matches!(body.image_url, Some(None)), "null removes it");
            assert!(body.name.is_none() && body.stock.is_none(), "null cannot remove these");
            assert!(body.min_price.is_none() && body.status.is_none(), "null cannot remove these");
        })
    }),
    ("update_product_absent", |file| {
        input(file, |body: UpdateProduct| {
            assert!(body.description.is_none(), "absent leaves it");
            assert!(body.image_url.is_none(), "absent leaves it");
            assert!(body.name.is_none() && body.stock.is_none());
            assert!(body.min_price.is_none() && body.status.is_none());
        })
    }),
    ("create_campaign", |file| {
        input(file, |body: CreateCampaign| {
            assert_eq!(body.product_id, product_id());
            assert_eq!(body.start_time, time("2026-01-31T12:00:00Z"), "converted from +08:00");
            assert_eq!(body.end_time, time("2026-01-31T12:20:00.123456Z"), "converted from -05:30");
            assert_eq!(body.alpha.map(Coefficient::get), Some(1.5));
            assert_eq!(body.beta.map(Coefficient::get), Some(0.0));
            assert_eq!(body.gamma.map(Coefficient::get), Some(100_000.0));
            assert_eq!(body.quota.map(Quota::get), Some(5));
        })
    }),
    ("create_campaign_with_strings", |file| {
        input(file, |body: CreateCampaign| {
            assert_eq!(body.alpha.map(Coefficient::get), Some(1.5));
            assert_eq!(body.beta.map(Coefficient::get), Some(1000.0));
            assert_eq!(body.gamma.map(Coefficient::get), Some(0.25));
            assert_eq!(body.quota.map(Quota::get), Some(5));
        })
    }),
    ("create_campaign_with_nulls", |file| input(file, assert_defaults)),
    ("create_campaign_least", |file| input(file, assert_defaults)),
    ("update_campaign", |file| {
        input(file, |body: UpdateCampaign| {
            assert_eq!(body.product_id, Some(product_id()), "whatever its case");
            assert_eq!(body.start_time, Some(time("2026-01-31T12:00:00Z")), "converted");
            assert_eq!(body.end_time, Some(time("2026-01-31T12:30:00Z")));
            assert_eq!(body.alpha.map(Coefficient::get), Some(2.0));
            assert_eq!(body.beta.map(Coefficient::get), Some(500.0));
            assert_eq!(body.gamma.map(Coefficient::get), Some(0.5));
            assert_eq!(body.quota.map(Quota::get), Some(3));
        })
    }),
    ("update_campaign_with_nulls", |file| input(file, assert_unchanged)),
    ("update_campaign_absent", |file| input(file, assert_unchanged)),
    ("cancel_campaign", |file| {
        input(file, |body: CancelCampaign| {
            assert_eq!(&*body.reason, "庫存損毀", "trimmed");
        })
    }),
    ("place_bid_with_strings", |file| {
        input(file, |body: PlaceBid| {
            assert_eq!(body.campaign_id, campaign_id(), "whatever its case");
            assert_eq!(body.price, money(80_050));
        })
    }),
    ("place_bid_with_exponent", |file| input(file, |body: PlaceBid| assert_eq!(body.price, money(80_050)))),
    ("client_event_ping_with_data", |file| {
        input(file, |frame: ClientEvent| {
            assert_eq!(frame, ClientEvent::Ping);
        })
    }),
];

#[expect(clippy::needless_pass_by_value, reason = "checks take the parsed body")]
fn assert_defaults(body: CreateCampaign) {
    assert!(body.alpha.is_none() && body.beta.is_none() && body.gamma.is_none());
    assert!(body.quota.is_none());
}

#[expect(clippy::needless_pass_by_value, reason = "checks take the parsed body")]
fn assert_unchanged(body: UpdateCampaign) {
    assert!(body.product_id.is_none() && body.start_time.is_none() && body.end_time.is_none());
    assert!(body.alpha.is_none() && body.beta.is_none() && body.gamma.is_none());
    assert!(body.quota.is_none());
}

// ---- what is refused ------------------------------------------------------------------------

const CONTROL: &str = "must not contain control characters";
const INVISIBLE: &str = "must not contain invisible characters";
const EMAIL: &str = "must be an e-mail address";
const NEW_PASSWORD: &str = "must be 8 to 128 characters";
const CLAIMED_PASSWORD: &str = "must be 1 to 128 characters";
const UP_TO_100: &str = "must be 1 to 100 characters";
const UP_TO_255: &str = "must be 1 to 255 characters";
const UP_TO_500: &str = "must be 1 to 500 characters";
const UP_TO_10000: &str = "must be at most 10000 characters";
const PICTURE: &str = "must be an http or https URL";
const STOCK: &str = "must be a whole number from 0 to 1000000";
const QUOTA: &str = "must be a whole number from 1 to 1000000";
const COEFFICIENT: &str = "must be a number from 0 to 100000";
const DECIMALS: &str = "must be an amount with at most two decimals";
const MONEY_RANGE: &str = "must be between 0.01 and 9999999999.99";
const TIME: &str = "must be a time in RFC 3339";
const TEXT: &str = "expected a string";

#[test]
fn refuses_bad_registrations() {
    refuses::<RegisterRequest>(
        "register",
        &[
            ("email", json!("no-at-sign"), EMAIL),
            ("email", json!("a b@c.d"), EMAIL),
            ("email", json!(format!("{}@b.c", "a".repeat(251))), EMAIL),
            ("email", Value::Null, TEXT),
            ("password", json!("seven77"), NEW_PASSWORD),
            ("password", json!("密".repeat(129)), NEW_PASSWORD),
            ("password", Value::Null, "must be a text"),
            ("password", json!(["password123"]), "must be a text"),
            ("username", json!("  "), UP_TO_100),
            ("username", json!("名".repeat(101)), UP_TO_100),
            ("username", json!("a\u{0}b"), CONTROL),
            ("username", json!("a\u{200b}b"), INVISIBLE),
            ("username", json!(7), TEXT),
        ],
    );
    refuses_without::<RegisterRequest>("register", &["email", "password", "username"]);
}

#[test]
fn refuses_bad_logins() {
    refuses::<LoginRequest>(
        "login",
        &[
            ("email", json!(1), TEXT),
            ("password", json!(""), CLAIMED_PASSWORD),
            ("password", json!("x".repeat(129)), CLAIMED_PASSWORD),
            ("password", json!(true), "must be a text"),
        ],
    );
    refuses_without::<LoginRequest>("login", &["email", "password"]);
}

fn bad_product_fields() -> Vec<Bad> {
    vec![
        ("name", json!(" \t"), UP_TO_255),
        ("name", json!("x".repeat(256)), UP_TO_255),
        ("name", json!("two\nlines"), CONTROL),
        ("name", json!("left\u{202e}right"), INVISIBLE),
        ("name", json!({}), TEXT),
        ("description", json!("x".repeat(10_001)), UP_TO_10000),
        ("description", json!("bell\u{7}"), CONTROL),
        ("image_url", json!("javascript:alert(1)"), PICTURE),
        ("image_url", json!("data:image/png;base64,AA=="), PICTURE),
        ("image_url", json!("//evil.example/a.png"), PICTURE),
        ("image_url", json!(format!("https://example.org/{}", "a".repeat(500))), PICTURE),
        ("stock", json!(-1), STOCK),
        ("stock", json!(1_000_001), STOCK),
        ("stock", json!(1.5), STOCK),
        ("stock", json!("1.5"), STOCK),
        ("stock", json!("many"), STOCK),
        ("stock", json!(""), STOCK),
        ("stock", json!(true), STOCK),
        ("stock", json!(u64::MAX), STOCK),
        ("min_price", json!(0), MONEY_RANGE),
        ("min_price", json!(-1), MONEY_RANGE),
        ("min_price", json!("-0.01"), MONEY_RANGE),
        ("min_price", json!(0.001), DECIMALS),
        ("min_price", json!("800.005"), DECIMALS),
    ]
}

#[test]
fn refuses_bad_products() {
    refuses::<CreateProduct>("create_product", &bad_product_fields());
    let nulls = [("name", Value::Null, TEXT), ("stock", Value::Null, STOCK), ("min_price", Value::Null, DECIMALS)];
    refuses::<CreateProduct>("create_product", &nulls);
    refuses_without::<CreateProduct>("create_product", &["name", "stock", "min_price"]);
}

#[test]
fn refuses_bad_edits_of_products() {
    refuses::<UpdateProduct>("update_product", &bad_product_fields());
    refuses::<UpdateProduct>(
        "update_product",
        &[
            ("status", json!("Active"), "unknown variant"),
            ("status", json!("deleted"), "unknown variant"),
            ("status", json!(1), "expected value"),
        ],
    );
}

fn bad_campaign_fields() -> Vec<Bad> {
    let mut bad = vec![
        ("start_time", json!("2026-01-31T12:00:00"), TIME),
        ("start_time", json!("2026-01-31"), TIME),
        ("start_time", json!("2026-02-30T12:00:00Z"), TIME),
        ("start_time", json!("2026-01-31T12:00:00 08:00"), TIME),
        ("start_time", json!("+12026-01-31T12:00:00Z"), TIME),
        ("end_time", json!("tomorrow"), TIME),
        ("end_time", json!(""), TIME),
        ("end_time", json!(1_769_860_800), TEXT),
        ("quota", json!(0), QUOTA),
        ("quota", json!(-1), QUOTA),
        ("quota", json!("2.5"), QUOTA),
        ("quota", json!(1_000_001), QUOTA),
        ("quota", json!([1]), QUOTA),
    ];
    for field in ["alpha", "beta", "gamma"] {
        bad.push((field, json!(-0.001), COEFFICIENT));
        bad.push((field, json!(100_000.01), COEFFICIENT));
        bad.push((field, json!("1e3"), COEFFICIENT));
        bad.push((field, json!("NaN"), COEFFICIENT));
        bad.push((field, json!("inf"), COEFFICIENT));
        bad.push((field, json!(""), COEFFICIENT));
        bad.push((field, json!(false), COEFFICIENT));
    }
    bad
}

#[test]
fn refuses_bad_campaigns() {
    refuses::<CreateCampaign>("create_campaign", &bad_campaign_fields());
    refuses::<CreateCampaign>(
        "create_campaign",
        &[
            ("product_id", json!("not-an-id"), "UUID"),
            ("product_id", json!(1), "UUID"),
            ("start_time", Value::Null, TEXT),
            ("end_time", Value::Null, TEXT),
        ],
    );
    let required = ["product_id", "start_time", "end_time"];
    refuses_without::<CreateCampaign>("create_campaign", &required);
}

#[test]
fn refuses_bad_edits_of_campaigns() {
    refuses::<UpdateCampaign>("update_campaign", &bad_campaign_fields());
}

#[test]
fn refuses_bad_cancellations() {
    refuses::<CancelCampaign>(
        "cancel_campaign",
        &[
            ("reason", json!(""), UP_TO_500),
            ("reason", json!("   "), UP_TO_500),
            ("reason", json!("x".repeat(501)), UP_TO_500),
            ("reason", Value::Null, TEXT),
        ],
    );
    refuses_without::<CancelCampaign>("cancel_campaign", &["reason"]);
}

#[test]
fn refuses_bad_bids() {
    refuses::<PlaceBid>(
        "place_bid_with_strings",
        &[
            ("campaign_id", json!("1"), "UUID"),
            ("campaign_id", Value::Null, "UUID"),
            ("price", json!(0), MONEY_RANGE),
            ("price", json!(-800), MONEY_RANGE),
            ("price", json!("-800"), MONEY_RANGE),
            ("price", json!(10_000_000_000_i64), MONEY_RANGE),
            ("price", json!("10000000000.00"), MONEY_RANGE),
            ("price", json!(1e300), MONEY_RANGE),
            ("price", json!(800.001), DECIMALS),
            ("price", json!("800.001"), DECIMALS),
            ("price", json!("800,5"), DECIMALS),
            ("price", json!("8e2"), DECIMALS),
            ("price", json!("0x320"), DECIMALS),
            ("price", json!("NaN"), DECIMALS),
            ("price", json!("Infinity"), DECIMALS),
            ("price", json!(""), DECIMALS),
            ("price", Value::Null, DECIMALS),
            ("price", json!(true), DECIMALS),
            ("price", json!([800]), DECIMALS),
        ],
    );
    refuses_without::<PlaceBid>("place_bid_with_strings", &["campaign_id", "price"]);
}

#[test]
fn refuses_bad_frames() {
    let bad = [("event", json!("PING"), "unknown variant"), ("event", json!(1), "variant")];
    refuses::<ClientEvent>("client_event_ping_with_data", &bad);
    refuses_without::<ClientEvent>("client_event_ping_with_data", &["event"]);
}

#[test]
fn refuses_what_is_not_an_object() {
    fn check<T: DeserializeOwned>() {
        for text in ["", "null", "true", "1", "\"text\"", "{", "{}x", "{\"price\": NaN}"] {
            let name = std::any::type_name::<T>();
            assert!(serde_json::from_str::<T>(text).is_err(), "{name} took the body {text:?}");
        }
    }
    check::<RegisterRequest>();
    check::<LoginRequest>();
    check::<CreateProduct>();
    check::<UpdateProduct>();
    check::<CreateCampaign>();
    check::<UpdateCampaign>();
    check::<CancelCampaign>();
    check::<PlaceBid>();
    check::<ClientEvent>();
}

#[test]
fn refuses_times_that_leave_the_calendar_in_utc() {
    let bad = [
        ("end_time", json!("9999-12-31T23:59:59-01:00"), TIME),
        ("end_time", json!("0000-01-01T00:00:00+01:00"), TIME),
    ];
    refuses::<CreateCampaign>("create_campaign", &bad);
}

#[test]
fn every_score_survives_the_wire() {
    for elapsed_ms in 0..10_000 {
        let sent = score(money(80_050), elapsed_ms);
        let text = serde_json::to_string(&sent).expect("serializes");
        assert_eq!(serde_json::from_str::<Score>(&text).expect("parses"), sent, "{text}");
    }
}

// ---- the tests of the files -----------------------------------------------------------------

#[test]
fn what_is_sent_is_as_in_the_files() {
    check_all(OUTPUTS);
}

#[test]
fn what_is_received_is_read_as_intended() {
    check_all(INPUTS);
}

#[test]
fn no_file_is_orphaned() {
    let mut names = BTreeSet::new();
    for (name, _) in OUTPUTS.iter().chain(INPUTS) {
        assert!(names.insert(format!("{name}.json")), "{name} stands twice in the tables");
    }
    for entry in fs::read_dir(directory()).expect("tests/golden can be listed") {
        let name = entry.expect("tests/golden can be listed").file_name();
        let name = name.to_string_lossy();
        assert!(names.contains(&*name), "tests/golden/{name} belongs to no test: delete it");
    }
}

// ---- helpers --------------------------------------------------------------------------------

/// Runs every check and reports all that fail at once.
fn check_all(table: &[Golden]) {
    let failures: Vec<_> = table.iter().filter_map(|(name, check)| check(name).err()).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn directory() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "golden"].iter().collect()
}

fn read(name: &str) -> Result<String, String> {
    let path = directory().join(format!("{name}.json"));
    fs::read_to_string(path).map_err(|error| format!("tests/golden/{name}.json: {error}"))
}

fn updating() -> bool {
    env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

/// Checks `value` against its file, or writes the file in update mode.
fn output<T>(name: &str, value: &T) -> Outcome
where
    T: Serialize + DeserializeOwned + Clone + PartialEq + Debug,
{
    output_as(name, value, T::clone)
}

/// The same for types that cannot be compared: `view` makes something of them that can.
fn output_as<T, V>(name: &str, value: &T, view: impl Fn(&T) -> V) -> Outcome
where
    T: Serialize + DeserializeOwned,
    V: PartialEq + Debug,
{
    let now = serde_json::to_string_pretty(value).expect("wire types serialize") + "\n";
    if updating() {
        let path = directory().join(format!("{name}.json"));
        fs::write(path, &now).map_err(|error| format!("tests/golden/{name}.json: {error}"))?;
    }
    let golden = read(name).map_err(|error| format!("{error}\n{HOW_TO_UPDATE}"))?;
    let parsed: Value =
        serde_json::from_str(&golden).map_err(|error| format!("tests/golden/{name}.json is not JSON: {error}"))?;
    if golden != now {
        let same = serde_json::to_value(value).is_ok_and(|value| value == parsed);
        let what = if same { "order or format" } else { "content" };
        let lines = diff(&golden, &now);
        return Err(format!("tests/golden/{name}.json differs in {what}:\n{lines}{HOW_TO_UPDATE}"));
    }
    let back: T = serde_json::from_str(&golden)
        .map_err(|error| format!("tests/golden/{name}.json does not parse back: {error}"))?;
    let (back, sent) = (view(&back), view(value));
    if back == sent {
        Ok(())
    } else {
        Err(format!("tests/golden/{name}.json parses back to\n{back:?}\nand not to\n{sent:?}"))
    }
}

/// Checks a server's frame. Its file is named after the event, so that each variant has one.
fn event(name: &str, value: ServerEvent) -> Outcome {
    // A new variant needs a name here and a file above.
    let wire_name = match &value {
        ServerEvent::RankingUpdate(_) => "ranking_update",
        ServerEvent::BidAccepted(_) => "bid_accepted",
        ServerEvent::RankChanged(_) => "rank_changed",
        ServerEvent::BidVoided(_) => "bid_voided",
        ServerEvent::CampaignUpdated(_) => "campaign_updated",
        ServerEvent::AccountUpdated(_) => "account_updated",
        ServerEvent::CampaignEnded(_) => "campaign_ended",
        ServerEvent::Pong(_) => "pong",
    };
    let named = name.strip_prefix("event_").is_some_and(|rest| rest.starts_with(wire_name));
    if !named {
        return Err(format!("{name}: the file of a {wire_name} is named event_{wire_name}..."));
    }
    output(name, &value)?;
    let sent = serde_json::to_value(value).expect("wire types serialize");
    if sent["event"] == wire_name { Ok(()) } else { Err(format!("{name}: sent as {sent}")) }
}

/// Parses a file written by hand and runs `check` on what it says.
fn input<T: DeserializeOwned>(name: &str, check: fn(T)) -> Outcome {
    let text = read(name).map_err(|error| format!("{error}\n(inputs are written by hand)"))?;
    let body = serde_json::from_str(&text).map_err(|error| format!("tests/golden/{name}.json was refused: {error}"))?;
    check(body);
    Ok(())
}

/// A field, a value it must not take, and a part of what the refusal says.
type Bad = (&'static str, Value, &'static str);

fn object(file: &str) -> serde_json::Map<String, Value> {
    serde_json::from_str(&read(file).expect("the good body exists")).expect("it is an object")
}

/// The body in `file` is good, and with any one of the changes it is refused for that reason.
fn refuses<T: DeserializeOwned>(file: &str, changes: &[Bad]) {
    let good = object(file);
    for (field, value, reason) in changes {
        let mut body = good.clone();
        body.insert((*field).to_owned(), value.clone());
        refuses_body::<T>(&good, &body, reason);
    }
}

/// The body in `file` is good, and without any one of the fields it is refused for that reason.
fn refuses_without<T: DeserializeOwned>(file: &str, fields: &[&str]) {
    let good = object(file);
    for field in fields {
        let mut body = good.clone();
        body.remove(*field).expect("the good body has the field");
        refuses_body::<T>(&good, &body, &format!("missing field `{field}`"));
    }
}

fn refuses_body<T: DeserializeOwned>(
    good: &serde_json::Map<String, Value>,
    bad: &serde_json::Map<String, Value>,
    reason: &str,
) {
    let parse = |body| {
        let text = serde_json::to_string(body).expect("serializes");
        (serde_json::from_str::<T>(&text).err().map(|error| error.to_string()), text)
    };
    assert_eq!(parse(good).0, None, "the unchanged body is good");
    let (refusal, text) = parse(bad);
    let refusal = refusal.unwrap_or_else(|| panic!("accepted: {text}"));
    assert!(refusal.contains(reason), "{text}\nwas refused with: {refusal}\nand not: {reason}");
}

/// The lines that differ, without those that both texts begin and end with.
fn diff(golden: &str, now: &str) -> String {
    let (golden, now): (Vec<_>, Vec<_>) = (golden.lines().collect(), now.lines().collect());
    let start = golden.iter().zip(&now).take_while(|(a, b)| a == b).count();
    let (golden_rest, now_rest) = (&golden[start..], &now[start..]);
    let end = golden_rest.iter().rev().zip(now_rest.iter().rev()).take_while(|(a, b)| a == b);
    let end = end.count();
    let mut lines = format!("  from line {}: - file, + now\n", start + 1);
    for line in &golden_rest[..golden_rest.len() - end] {
        let _ = writeln!(lines, "  - {line}");
    }
    for line in &now_rest[..now_rest.len() - end] {
        let _ = writeln!(lines, "  + {line}");
    }
    lines
}

// ---- values ---------------------------------------------------------------------------------

fn id(kind: u128, number: u128) -> Uuid {
    Uuid::from_u128(0x0195_abcd_0000_7000_8000_0000_0000_0000 | (kind << 32) | number)
}

fn user_id() -> UserId {
    UserId(id(1, 1))
}

fn product_id() -> ProductId {
    ProductId(id(2, 1))
}

fn campaign_id() -> CampaignId {
    CampaignId(id(3, 1))
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn money(cents: i64) -> Money {
    Money::from_cents(cents).expect("in range")
}

fn weight(value: f64) -> Weight {
    Weight::new(value).expect("in range")
}

fn coefficient(value: f64) -> Coefficient {
    Coefficient::new(value).expect("in range")
}

fn score(price: Money, elapsed_ms: u64) -> Score {
    Coefficients::default().score(price, elapsed_ms, Weight::NEW_USER)
}

fn user() -> User {
    User {
        user_id: user_id(),
        email: "User0001@test.com".to_owned(),
        username: "陳小明 \"Ming\"".to_owned(),
        weight: Weight::NEW_USER,
        is_admin: false,
        status: UserStatus::Active,
        created_at: time("2026-01-01T08:30:00.123456Z"),
    }
}

fn product() -> Product {
    Product {
        product_id: product_id(),
        name: "高級耳機 Pro Max".to_owned(),
        description: Some("Noise cancelling.\nBlack.".to_owned()),
        image_url: Some("/img/headphones.svg".to_owned()),
        stock: 15,
        min_price: money(80_000),
        status: ProductStatus::Active,
        created_at: time("2026-01-02T00:00:00Z"),
    }
}

fn bare_product() -> Product {
    Product {
        product_id: ProductId(id(2, 2)),
        name: "Cable".to_owned(),
        description: None,
        image_url: None,
        stock: 0,
        min_price: Money::MAX,
        status: ProductStatus::Inactive,
        created_at: time("2026-01-01T00:00:00.5Z"),
    }
}

fn campaign() -> Campaign {
    Campaign {
        campaign_id: campaign_id(),
        product_id: product_id(),
        start_time: time("2026-01-31T12:00:00Z"),
        end_time: time("2026-01-31T12:20:00Z"),
        alpha: coefficient(1.0),
        beta: coefficient(1000.0),
        gamma: coefficient(0.25),
        quota: Quota::new(2).expect("in range"),
        status: CampaignStatus::Active,
        cancel_reason: None,
        settled_at: None,
        created_at: time("2026-01-30T09:00:00.000001Z"),
        version: 3,
        product: product(),
    }
}

fn cancelled_campaign() -> Campaign {
    Campaign {
        campaign_id: CampaignId(id(3, 2)),
        status: CampaignStatus::Cancelled,
        cancel_reason: Some("庫存損毀".to_owned()),
        ..campaign()
    }
}

fn stats() -> CampaignStats {
    CampaignStats {
        total_participants: 2,
        total_bids: 5,
        max_price: Some(first_row().price),
        min_winning_score: Some(second_row().score),
        max_score: Some(first_row().score),
    }
}

fn bid_outcome() -> BidOutcome {
    BidOutcome {
        bid_id: BidId(id(4, 1)),
        campaign_id: campaign_id(),
        user_id: user_id(),
        price: money(80_050),
        score: score(money(80_050), 999),
        rank: 1,
        time_elapsed_ms: 999,
        bid_number: 3,
        improved: true,
        is_winning: true,
        version: 5,
        created_at: time("2026-01-31T12:00:00.1Z"),
        accepted_at: time("2026-01-31T12:00:00.999Z"),
    }
}

fn bid_record() -> BidRecord {
    BidRecord {
        bid_id: bid_outcome().bid_id,
        campaign_id: campaign_id(),
        price: money(80_000),
        score: score(money(80_000), 100),
        time_elapsed_ms: 100,
        bid_number: 1,
        accepted_at: time("2026-01-31T12:00:00.1Z"),
    }
}

fn first_row() -> RankingRow {
    RankingRow {
        rank: 1,
        user_id: user_id(),
        username: "陳小明".to_owned(),
        score: bid_outcome().score,
        price: bid_outcome().price,
    }
}

fn second_row() -> RankingRow {
    RankingRow {
        rank: 2,
        user_id: UserId(id(1, 2)),
        username: "user0002".to_owned(),
        score: score(money(80_001), 1_199_999),
        price: money(80_001),
    }
}

fn no_standing() -> MyStanding {
    MyStanding {
        campaign_id: campaign_id(),
        user_id: user_id(),
        rank: None,
        score: None,
        price: None,
        is_winning: None,
        total_participants: 2,
        weight: weight(2.5),
        version: 5,
    }
}

fn order() -> Order {
    Order {
        order_id: OrderId(id(5, 1)),
        campaign_id: campaign_id(),
        user_id: user_id(),
        product_id: product_id(),
        final_price: first_row().price,
        final_score: first_row().score,
        final_rank: 1,
        status: OrderStatus::Confirmed,
        created_at: time("2026-01-31T12:20:00.25Z"),
    }
}

fn field_error(field: &str, message: &str) -> FieldError {
    FieldError { field: field.to_owned(), message: message.to_owned() }
}

fn ranking_update() -> RankingUpdate {
    RankingUpdate {
        campaign_id: campaign_id(),
        top_k: vec![first_row(), second_row()],
        total_participants: 2,
        min_winning_score: Some(second_row().score),
        max_score: Some(first_row().score),
        timestamp: time("2026-01-31T12:10:00.5Z"),
        version: 5,
        campaign_version: 3,
    }
}

fn rank_changed() -> RankChanged {
    RankChanged {
        campaign_id: campaign_id(),
        rank: 3,
        score: second_row().score,
        price: second_row().price,
        is_winning: false,
        previous_rank: Some(2),
        version: 6,
    }
}

fn campaign_updated() -> CampaignUpdated {
    CampaignUpdated {
        campaign_id: campaign_id(),
        status: CampaignStatus::Active,
        start_time: time("2026-01-31T12:00:00Z"),
        end_time: time("2026-01-31T12:30:00Z"),
        reason: None,
        campaign: CampaignDetail {
            campaign: Campaign { end_time: time("2026-01-31T12:30:00Z"), ..campaign() },
            stats: stats(),
            server_time: time("2026-01-31T12:10:00.5Z"),
        },
    }
}

fn ended_without_bid() -> CampaignEnded {
    CampaignEnded {
        campaign_id: campaign_id(),
        is_winner: false,
        final_rank: None,
        final_score: None,
        final_price: None,
        min_winning_score: Some(second_row().score),
    }
}
