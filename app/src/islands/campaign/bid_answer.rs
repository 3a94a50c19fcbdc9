//! What became of the last bid, in words.

use super::signals::CampaignSignals;
use crate::{
    campaign_model::snapshot::{BidState, Refusal},
    format::money,
    i18n::IslandMessages,
};
use domain::ErrorCode;
use leptos::prelude::*;

/// The live region under the bid form.
pub(super) fn bid_answer(live: CampaignSignals) -> impl IntoView {
    view! {
        <div class="bid-answer" role="status" data-bid=move || live.bid.with(BidState::name)>
            {move || message(live)}
        </div>
    }
}

fn message(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let (kind, text) = match live.bid.get() {
        BidState::Idle => return None,
        BidState::Armed { price } => ("notice info", messages.armed(&money(price))),
        BidState::Dropped { price } => ("notice warn", messages.bid_dropped(&money(price))),
        BidState::Sending => ("notice", messages.bid_sending.to_owned()),
        BidState::Retrying => ("notice warn", messages.bid_retrying.to_owned()),
        BidState::Unknown => ("notice warn", messages.bid_unknown.to_owned()),
        BidState::Accepted { price, received_ms: Some(at_ms) } => {
            // To the second: what is finer matters only for bids that came too late.
            let time = clock_time(at_ms);
            let seconds = time.split('.').next().unwrap_or_default();
            ("notice info", messages.bid_accepted_at(&money(price), seconds))
        }
        BidState::Accepted { price, received_ms: None } => ("notice info", messages.bid_accepted(&money(price))),
        BidState::Kept { price } => ("notice warn", messages.bid_kept(&money(price))),
        BidState::Refused(refusal) => ("notice bad", refused(messages, refusal)),
    };
    Some(view! { <p class=kind>{text}</p> })
}

fn refused(messages: &IslandMessages, refusal: Refusal) -> String {
    let reason = match refusal.code {
        ErrorCode::NotAuthenticated | ErrorCode::InvalidToken => messages.refused_sign_in,
        ErrorCode::AccountInactive => messages.refused_inactive,
        ErrorCode::SessionChanged => messages.refused_changed,
        ErrorCode::CampaignNotStarted => messages.refused_not_started,
        ErrorCode::CampaignEnded => messages.refused_ended,
        ErrorCode::CampaignCancelled => messages.refused_cancelled,
        ErrorCode::PriceTooLow => {
            return refusal
                .min_price
                .map_or_else(|| messages.refused_price.to_owned(), |minimum| messages.refused_low(&money(minimum)));
        }
        ErrorCode::Validation => messages.refused_price,
        ErrorCode::RateLimited => messages.refused_often,
        _ => messages.refused,
    };
    match refusal.received_ms {
        Some(received_ms) => format!("{reason} {}", messages.bid_late(&clock_time(received_ms))),
        None => reason.to_owned(),
    }
}

/// `20:00:00.125` in the reader's zone.
#[cfg(feature = "hydrate")]
fn clock_time(at_ms: i64) -> String {
    let at = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at_ms as f64));
    let (hours, minutes, seconds) = (at.get_hours(), at.get_minutes(), at.get_seconds());
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", at.get_milliseconds())
}

/// `12:00:00.125 UTC`: the server does not know the reader's zone.
#[cfg(not(feature = "hydrate"))]
fn clock_time(at_ms: i64) -> String {
    let day_ms = at_ms.rem_euclid(86_400_000);
    let (hours, minutes, seconds) = (day_ms / 3_600_000, day_ms / 60_000 % 60, day_ms / 1000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03} UTC", day_ms % 1000)
}
