//! A bid that is armed before the start, and sent at the start if the page is still open.

use super::{bid_form::is_closed, send_bid::send_bid, signals::CampaignSignals};
use crate::campaign_model::snapshot::BidState;
use leptos::prelude::*;

/// Sends the armed bid once the campaign has certainly started, by the accuracy of this page's clock. It is dropped if it
/// could no longer be sent by hand.
pub(super) fn send_when_due(live: CampaignSignals) {
    Effect::new(move |_| {
        let BidState::Armed { price } = live.bid.get() else { return };
        if is_closed(live) || price < live.terms.with(|terms| terms.min_price) {
            live.bid.set(BidState::Idle);
            return;
        }
        let margin_ms = i64::from(live.accuracy_ms.get().unwrap_or_default());
        if live.now_ms.get() >= live.schedule.with(|schedule| schedule.start_ms) + margin_ms {
            send_bid(live, price);
        }
    });
}
