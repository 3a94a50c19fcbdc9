//! Sending a bid until its fate is known.
//!
//! A bid binds to the best price, so the same bid sent twice counts once: where no answer comes it is
//! sent again, and only an answer decides what the page says.

use super::{
    api_client,
    signals::{CampaignSignals, ConnectionStatus, PageSession},
};
use crate::{
    campaign_model::{
        phase::Phase,
        snapshot::{BidState, Refusal},
        versioned_standing::VersionedStanding,
    },
    islands::backoff,
    server_fns::PlaceBid,
};
use domain::{ErrorCode, Money, api::bids::BidOutcome};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::Event;

/// After the end an answer is waited for so long; a bid that is sent later is refused anyway.
const ANSWER_AFTER_END_MS: i64 = 5_000;
/// How often it is looked whether the server is heard again.
const LOOK_MS: f64 = 100.0;

/// Sends a bid of `price`.
pub(super) fn send_bid(live: CampaignSignals, price: Money) {
    live.bid.set(BidState::Sending);
    warn_before_leaving(true);
    spawn_local(async move {
        let mut attempts = 0;
        let fate = loop {
            if let Some(fate) = attempt(live, price, attempts > 0).await {
                break fate;
            }
            let end_ms = live.schedule.with_untracked(|schedule| schedule.end_ms);
            let is_over = live.now_ms.get_untracked() > end_ms + ANSWER_AFTER_END_MS;
            if is_over || !matches!(live.phase.get_untracked(), Phase::Active | Phase::Settling) {
                break BidState::Unknown;
            }
            live.bid.set(BidState::Retrying);
            wait(live, backoff::wait_ms(attempts, js_sys::Math::random())).await;
            attempts += 1;
        };
        warn_before_leaving(false);
        live.bid.set(fate);
    });
}

/// Has the browser ask before it leaves the page, on which alone it will be seen what became of the bid.
pub(super) fn warn_before_leaving(warn: bool) {
    let ask = warn.then(|| Closure::<dyn FnMut(Event)>::new(|event: Event| event.prevent_default()).into_js_value());
    window().set_onbeforeunload(ask.as_ref().map(JsCast::unchecked_ref));
}

/// Waits before the next attempt, but no longer than until the server is heard again.
async fn wait(live: CampaignSignals, wait_ms: f64) {
    let was_heard = live.link.get_untracked() == ConnectionStatus::Live;
    for _ in 0..(wait_ms / LOOK_MS).ceil() as u32 {
        api_client::sleep(Duration::from_secs_f64(LOOK_MS / 1000.0)).await;
        if !was_heard && live.link.get_untracked() == ConnectionStatus::Live {
            return;
        }
    }
}

/// One attempt; none if it is not known what became of it.
async fn attempt(live: CampaignSignals, price: Money, again: bool) -> Option<BidState> {
    let (campaign_id, user_id) = (live.campaign_id.to_string(), live.user_id?.to_string());
    match api_client::call(&PlaceBid { campaign_id, price: price.to_string(), user_id }).await? {
        Ok(outcome) => {
            let standing = VersionedStanding::from(&outcome);
            live.apply_standing(standing);
            Some(fate(&outcome, price, again))
        }
        // The server, or what is before it, may fail after the bid was written.
        Err(error) if error.0.code.is_server_failure() => None,
        // The page's clock says that it has: the server's is a moment behind.
        Err(error) if error.0.code == ErrorCode::CampaignNotStarted && live.phase.get_untracked() == Phase::Active => {
            None
        }
        Err(error) => {
            let refusal = Refusal::from(&error.0);
            match refusal.code {
                ErrorCode::NotAuthenticated | ErrorCode::InvalidToken => live.session.set(PageSession::Over),
                ErrorCode::SessionChanged => live.session.set(PageSession::Changed),
                _ => {}
            }
            // An earlier attempt may have come in time.
            let late = matches!(refusal.code, ErrorCode::CampaignEnded | ErrorCode::CampaignCancelled);
            Some(if again && late { BidState::Unknown } else { BidState::Refused(refusal) })
        }
    }
}

/// An earlier attempt may have improved the standing already, and then this one finds its own price.
fn fate(outcome: &BidOutcome, price: Money, again: bool) -> BidState {
    if outcome.improved || (again && outcome.price == price) {
        BidState::Accepted { price: outcome.price, received_ms: Some(outcome.accepted_at.unix_millis()) }
    } else {
        BidState::Kept { price: outcome.price }
    }
}
