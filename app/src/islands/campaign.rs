//! The live campaign: countdown, the standing with the bid form, ranking and result, updated by one websocket.
//!
//! The first render depends on the [`CampaignSnapshot`] alone, on the server and in the browser, so that both are the same
//! and nothing flickers. All times are by the server's clock (see `campaign_model::server_clock`).

#![expect(
    clippy::large_types_passed_by_value,
    reason = "`CampaignSignals` is a bundle of signals, of which closures need a copy"
)]

#[cfg(feature = "hydrate")]
mod api_client;
#[cfg(feature = "hydrate")]
mod armed_bid;
mod bid_answer;
mod bid_confirmation;
mod bid_form;
mod campaign_facts;
#[cfg(feature = "hydrate")]
mod feed;
#[cfg(feature = "hydrate")]
pub mod feed_event;
mod forecast_line;
mod lobby;
mod notifications;
#[cfg(feature = "hydrate")]
mod product_refresh;
mod ranking_table;
mod result_card;
#[cfg(feature = "hydrate")]
mod row_animation;
mod row_details;
#[cfg(feature = "hydrate")]
mod send_bid;
mod signals;
mod standing_strip;
mod status_card;
mod suggested_prices;

use crate::campaign_model::snapshot::CampaignSnapshot;
#[cfg(feature = "ssr")]
use crate::format::currency_symbol;
#[cfg(feature = "hydrate")]
use crate::{format::set_currency_symbol, json_decoder::from_json, lang::Lang};
use leptos::prelude::*;
use signals::CampaignSignals;
#[cfg(feature = "hydrate")]
use wasm_bindgen::UnwrapThrowExt;
#[cfg(feature = "hydrate")]
use web_sys::HtmlElement;

/// Whether the campaign is still so far from its start that the product is shown large.
#[cfg(feature = "ssr")]
pub(crate) fn is_in_lobby(snapshot: &CampaignSnapshot) -> bool {
    let left_ms = snapshot.schedule.start_ms - snapshot.server_ms;
    snapshot.schedule.status != domain::CampaignStatus::Cancelled && left_ms > lobby::PRODUCT_SHRINKS_MS
}

/// The live campaign, starting from `snapshot`.
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn LiveCampaign(
    /// The initial state.
    snapshot: CampaignSnapshot,
) -> impl IntoView {
    let state = serde_json::to_string(&snapshot).unwrap_or_default();
    let lang = snapshot.lang.tag();
    view! {
        <div data-island="campaign" data-lang=lang data-currency=currency_symbol() data-state=state>
            {page(CampaignSignals::new(snapshot))}
        </div>
    }
}

/// Mounts the live campaign in `host`, whose attributes hold its initial state, for as long as the page is open.
///
/// It is rendered anew and does not reuse the server's elements, which browser extensions may have changed meanwhile.
///
/// # Panics
///
/// If the host has no valid snapshot. The page then stays as the server rendered it.
#[cfg(feature = "hydrate")]
pub fn mount(host: HtmlElement) {
    let snapshot = snapshot(&host).expect_throw("the host carries a snapshot");
    if let Some(symbol) = host.get_attribute("data-currency") {
        set_currency_symbol(symbol);
    }
    let start = move || {
        let server_ms = snapshot.server_ms;
        let live = CampaignSignals::new(snapshot);
        feed::start(live, server_ms);
        notifications::watch(live);
        page(live)
    };
    mount_to(host, start).forget();
}

fn page(live: CampaignSignals) -> impl IntoView {
    view! {
        <div class="live" data-phase=move || live.phase.get().name()>
            <div class="live-side">
                {part(status_card::status_card(live))}
                {part(result_card::result_card(live))}
                {part(bid_form::bid_form(live))}
            </div>
            <div class="live-main">
                {part(lobby::lobby(live))}
                {part(ranking_table::ranking_table(live))}
                {part(campaign_facts::campaign_facts(live))}
            </div>
            {part(notifications::toast(live))}
        </div>
    }
}

/// A part of the page. On the server its type is erased, because the full type is too deep for the compiler; in the
/// browser erasing would enlarge the bundle.
#[cfg(feature = "ssr")]
fn part(view: impl IntoView + 'static) -> AnyView {
    view.into_any()
}

#[cfg(not(feature = "ssr"))]
fn part<V: IntoView>(view: V) -> V {
    view
}

/// The snapshot in the host's attributes. The language is there too, because translators change the document's.
#[cfg(feature = "hydrate")]
fn snapshot(host: &HtmlElement) -> Option<CampaignSnapshot> {
    let lang = host.get_attribute("data-lang")?;
    let snapshot: CampaignSnapshot = from_json(&host.get_attribute("data-state")?)?;
    Some(CampaignSnapshot { lang: Lang::from_tag(&lang)?, ..snapshot })
}
