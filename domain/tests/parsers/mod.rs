//! What must hold of every parser of outside bytes, whatever they are: it does not panic, and what it accepts is what it
//! would accept again. The fuzz targets (`fuzz/`) look for bytes that break this; `fuzz_corpus.rs` replays what they
//! found worth keeping.

use domain::{
    Money, Timestamp, Weight,
    api::{
        accounts::{LoginRequest, RegisterRequest, UpdateUser},
        bids::PlaceBid,
        campaigns::{CancelCampaign, CreateCampaign, UpdateCampaign},
        products::{CreateProduct, UpdateProduct},
    },
    score::Coefficient,
    validated::{Description, Email, ImageUrl, ProductName, Username},
    websocket_events::{ClientEvent, ServerEvent},
};
use serde::de::DeserializeOwned;
use std::{fmt::Debug, ops::Deref, str::FromStr};

/// A check of some bytes.
pub type Check = fn(&[u8]);

/// Every check by its name, which is that of its fuzz target and of the folder of its corpus.
#[allow(dead_code, reason = "a fuzz target has use for one")]
pub const CHECKS: [(&str, Check); 3] =
    [("request_bodies", request_bodies), ("websocket_messages", websocket_messages), ("texts", texts)];

/// The JSON bodies of the REST API.
pub fn request_bodies(data: &[u8]) {
    if let Some(bid) = read::<PlaceBid>(data) {
        let again: PlaceBid = serde_json::from_str(&json(&bid)).expect("what was accepted is accepted again");
        assert_eq!((again.campaign_id, again.price), (bid.campaign_id, bid.price));
    }
    read::<RegisterRequest>(data);
    read::<LoginRequest>(data);
    read::<UpdateUser>(data);
    read::<CreateProduct>(data);
    read::<UpdateProduct>(data);
    read::<CreateCampaign>(data);
    read::<UpdateCampaign>(data);
    read::<CancelCampaign>(data);
}

/// What arrives on a websocket, at either end.
pub fn websocket_messages(data: &[u8]) {
    read::<ClientEvent>(data);
    if let Some(event) = read::<ServerEvent>(data) {
        let again: ServerEvent = serde_json::from_str(&json(&event)).expect("what was accepted is accepted again");
        assert_eq!(again, event);
    }
}

/// Values that stand alone: in forms, in URLs, in fields of a body.
pub fn texts(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(money) = text.parse::<Money>() {
        assert_eq!(money.to_string().parse(), Ok(money));
        assert_eq!(serde_json::from_str::<Money>(&json(&money)).expect("is accepted again"), money);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        assert_eq!(time.to_string().parse::<Timestamp>().expect("is accepted again"), time);
    }
    let _ = text.parse::<Weight>();
    let _ = text.parse::<Coefficient>();
    is_stable::<Email>(text);
    is_stable::<Username>(text);
    is_stable::<ProductName>(text);
    is_stable::<Description>(text);
    is_stable::<ImageUrl>(text);
}

/// A text that was accepted, and perhaps normalized, is accepted as it is from then on.
fn is_stable<T: FromStr + Deref<Target = str> + PartialEq + Debug>(text: &str) {
    if let Ok(accepted) = text.parse::<T>() {
        assert_eq!(accepted.parse::<T>().ok().as_ref(), Some(&accepted), "from {text:?}");
    }
}

fn read<T: DeserializeOwned>(data: &[u8]) -> Option<T> {
    serde_json::from_slice(data).ok()
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("is written")
}
