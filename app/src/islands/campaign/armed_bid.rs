//! A bid that is armed before the start, and sent at the start if the page is still open.

use super::{
    bid_form::is_closed,
    send_bid::{send_bid, warn_before_leaving},
    signals::CampaignSignals,
};
use crate::campaign_model::snapshot::BidState;
use leptos::prelude::*;

/// Added to the accuracy of the page's clock, so that no bid is early.
const MARGIN_MS: i64 = 20;
/// Waited after the start instead if the clock was never compared, because the websocket does not open.
const UNCOMPARED_MS: i64 = 1_000;
/// It is not sent later than this: a page that has slept over the start must not bid when it wakes.
const LATE_MS: i64 = 5_000;

/// Sends the armed bid once the campaign has started, as far as the page can tell. If it could no longer be sent by hand, it is dropped, and the
/// page says so.
pub(super) fn send_when_due(live: CampaignSignals) {
    Effect::new(move |was_armed: Option<bool>| {
        let BidState::Armed { price } = live.bid.get() else {
            if was_armed == Some(true) && !live.bid.with_untracked(BidState::is_pending) {
                warn_before_leaving(false);
            }
            return false;
        };
        // On this page alone the bid waits.
        warn_before_leaving(true);
        let late_ms = live.now_ms.get() - live.schedule.with(|schedule| schedule.start_ms);
        if is_closed(live) || late_ms > LATE_MS || price < live.terms.with(|terms| terms.min_price) {
            live.bid.set(BidState::Dropped { price });
        } else if late_ms
            >= live.accuracy_ms.get().map_or(UNCOMPARED_MS, |accuracy_ms| i64::from(accuracy_ms) + MARGIN_MS)
        {
            send_bid(live, price);
        }
        true
    });
}
