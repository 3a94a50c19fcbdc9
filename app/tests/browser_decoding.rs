//! The browser's decoder reads the golden files of the wire (`domain/tests/golden/`) into the types the server
//! serializes. Runs as WebAssembly: `scripts/test-wasm.sh`.

#![cfg(target_arch = "wasm32")]

use app::{
    islands::feed_event::{FeedEvent, decode},
    json_decoder::from_json,
};
use domain::{
    ApiError,
    api::{
        bids::BidOutcome,
        campaigns::Campaign,
        rankings::{MyStanding, Ranking},
    },
    websocket_events::{AccountUpdated, BidAccepted, CampaignEnded, Pong, RankChanged, RankingUpdate},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

/// A golden file, by its name.
macro_rules! golden {
    ($name:literal) => {
        include_str!(concat!("../../domain/tests/golden/", $name, ".json"))
    };
}

/// Checks that the browser reads all of a file: written again by serde, it is the file.
fn reads<T: DeserializeOwned + Serialize>(json: &str) {
    let expected: Value = serde_json::from_str(json).expect("JSON");
    assert_eq!(decoded::<T>(json), expected);
}

/// The same for the data of an event.
fn reads_data<T: DeserializeOwned + Serialize>(frame: &str) {
    let frame: Value = serde_json::from_str(frame).expect("JSON");
    reads::<T>(&frame["data"].to_string());
}

fn decoded<T: DeserializeOwned + Serialize>(json: &str) -> Value {
    let value: T = from_json(json).expect("the browser reads it");
    serde_json::to_value(value).expect("serializes")
}

#[wasm_bindgen_test]
fn answers() {
    reads::<BidOutcome>(golden!("bid_outcome"));
    reads::<BidOutcome>(golden!("bid_outcome_unchanged"));
    reads::<Campaign>(golden!("campaign"));
    reads::<Campaign>(golden!("campaign_settled"));
    reads::<Campaign>(golden!("campaign_cancelled"));
    reads::<MyStanding>(golden!("my_standing"));
    reads::<MyStanding>(golden!("my_standing_without_bid"));
    reads::<Ranking>(golden!("ranking"));
    reads::<Ranking>(golden!("ranking_empty"));
}

#[wasm_bindgen_test]
fn errors() {
    reads::<ApiError>(golden!("error_plain"));
    reads::<ApiError>(golden!("error_validation_of_one_field"));
    reads::<ApiError>(golden!("error_validation_of_many_fields"));
    reads::<ApiError>(golden!("error_validation_of_the_whole"));
    reads::<ApiError>(golden!("error_price_too_low"));
    reads::<ApiError>(golden!("error_rate_limited"));
    reads::<ApiError>(golden!("error_campaign_ended"));
}

/// A page takes the campaign out of its details.
#[wasm_bindgen_test]
fn the_campaign_in_its_details() {
    let json = golden!("campaign_detail");
    let Value::Object(details) = serde_json::from_str(json).expect("JSON") else { panic!("an object") };
    let Value::Object(campaign) = decoded::<Campaign>(json) else { panic!("an object") };
    assert!(campaign.contains_key("version"));
    for (name, value) in campaign {
        assert_eq!(details.get(&name), Some(&value), "{name}");
    }
}

#[wasm_bindgen_test]
fn the_data_of_events() {
    reads_data::<RankingUpdate>(golden!("event_ranking_update"));
    reads_data::<RankingUpdate>(golden!("event_ranking_update_empty"));
    reads_data::<BidAccepted>(golden!("event_bid_accepted"));
    reads_data::<RankChanged>(golden!("event_rank_changed"));
    reads_data::<RankChanged>(golden!("event_rank_changed_first"));
    reads_data::<AccountUpdated>(golden!("event_account_updated"));
    reads_data::<CampaignEnded>(golden!("event_campaign_ended"));
    reads_data::<CampaignEnded>(golden!("event_campaign_ended_without_bid"));
    reads_data::<Pong>(golden!("event_pong"));
}

#[wasm_bindgen_test]
fn events_by_their_names() {
    assert!(matches!(decode(golden!("event_ranking_update")), Some(FeedEvent::Ranking(_))));
    assert!(matches!(decode(golden!("event_ranking_update_empty")), Some(FeedEvent::Ranking(_))));
    assert!(matches!(decode(golden!("event_bid_accepted")), Some(FeedEvent::Standing(_))));
    assert!(matches!(decode(golden!("event_rank_changed")), Some(FeedEvent::Standing(_))));
    assert!(matches!(decode(golden!("event_campaign_updated")), Some(FeedEvent::Campaign(_))));
    assert!(matches!(decode(golden!("event_campaign_updated_cancelled")), Some(FeedEvent::Campaign(_))));
    assert!(matches!(decode(golden!("event_account_updated")), Some(FeedEvent::Account(_))));
    assert!(matches!(decode(golden!("event_campaign_ended")), Some(FeedEvent::Ended(_))));
    assert!(matches!(decode(golden!("event_pong")), Some(FeedEvent::Pong(_))));
}

#[wasm_bindgen_test]
fn what_is_not_of_the_type_is_refused() {
    let outcome: Value = serde_json::from_str(golden!("bid_outcome")).expect("JSON");
    for (field, wrong) in [
        ("rank", serde_json::json!("1")),
        ("rank", serde_json::json!(1.5)),
        ("rank", serde_json::json!(-1)),
        ("price", serde_json::json!(1e15)),
        ("improved", serde_json::json!(1)),
        ("bid_id", serde_json::json!("x")),
        ("accepted_at", serde_json::json!("yesterday")),
        ("score", Value::Null),
    ] {
        let mut changed = outcome.clone();
        changed[field] = wrong;
        assert!(from_json::<BidOutcome>(&changed.to_string()).is_none(), "{changed}");
    }
    for text in ["", "{", "[]", "null", "1", r#"{"event":"pong"}"#] {
        assert!(from_json::<BidOutcome>(text).is_none(), "{text}");
        assert!(decode(text).is_none(), "{text}");
    }
    assert!(decode(r#"{"event":"of a newer server","data":{}}"#).is_none());
}

fn main() {}
