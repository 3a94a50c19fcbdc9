//! The live campaign: countdown, bid form, ranking, standing and result on one websocket.
//!
//! The first render comes from the [`Snapshot`] alone, on the server and in the browser, so that
//! both are the same. Time is the server's throughout: see `live::clock`.

mod bid_form;
#[cfg(feature = "hydrate")]
mod feed;
mod ranking;
mod result;
mod standing;
mod state;
mod status;

use crate::live::snapshot::Snapshot;
use leptos::prelude::*;
use state::Live;

/// A campaign, live.
#[island]
pub fn LiveCampaign(
    /// What it starts from.
    snapshot: Snapshot,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    let server_time = snapshot.server_time;
    let live = Live::new(snapshot);
    #[cfg(feature = "hydrate")]
    feed::start(live, server_time);
    view! {
        <div class="live" data-phase=move || live.phase.get().name()>
            <div class="live-side">
                {status::status(live)}
                {result::result(live)}
                {bid_form::bid_form(live)}
                {standing::standing(live)}
            </div>
            {ranking::ranking(live)}
        </div>
    }
}
