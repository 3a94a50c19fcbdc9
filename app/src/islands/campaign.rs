//! The live campaign: countdown, bid form with its assistant, ranking, standing and result on one
//! websocket.
//!
//! The first render comes from the [`Snapshot`] alone, on the server and in the browser, so that
//! both are the same. Time is the server's throughout: see `live::clock`.

#![expect(
    clippy::large_types_passed_by_value,
    reason = "`Live` is a bundle of signals, and closures that live on need a copy of it"
)]

mod assistant;
mod bid_form;
mod confirm;
#[cfg(feature = "hydrate")]
mod feed;
#[cfg(feature = "hydrate")]
mod http;
#[cfg(feature = "hydrate")]
mod json;
#[cfg(feature = "hydrate")]
mod motion;
mod notices;
mod ranking;
#[cfg(feature = "hydrate")]
mod read;
mod result;
#[cfg(feature = "hydrate")]
mod send;
mod standing;
mod state;
mod status;

use crate::live::snapshot::Snapshot;
use leptos::prelude::*;
use state::Live;

/// The element that carries the snapshot to the browser, as JSON in `data-state`.
const STATE_ELEMENT: &str = "live-state";

/// A campaign, live, starting from `snapshot`.
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn Campaign(
    /// What it starts from.
    snapshot: Snapshot,
) -> impl IntoView {
    let state = serde_json::to_string(&snapshot).unwrap_or_default();
    view! {
        <div id=STATE_ELEMENT data-state=state hidden></div>
        <leptos::context::Provider value=snapshot>
            <LiveCampaign />
        </leptos::context::Provider>
    }
}

/// The island has no properties of its own: the framework would bring a deserializer for them into
/// the browser (see `docs/adr/0006-weight-of-the-browser.md`).
#[island]
fn LiveCampaign() -> impl IntoView {
    let Some(snapshot) = snapshot() else { unreachable!("a live campaign has a snapshot") };
    #[cfg(feature = "hydrate")]
    let server_ms = snapshot.server_ms;
    let live = Live::new(snapshot);
    #[cfg(feature = "hydrate")]
    {
        feed::start(live, server_ms);
        notices::watch(live);
    }
    view! {
        <div class="live" data-phase=move || live.phase.get().name()>
            <div class="live-side">
                {part(status::status(live))}
                {part(result::result(live))}
                {part(bid_form::bid_form(live))}
                {part(standing::standing(live))}
            </div>
            {part(ranking::ranking(live))}
            {part(notices::toast(live))}
        </div>
    }
}

/// A part of the page. On the server its type ends here: spelled out in full, it would be too deep for
/// the compiler. In the browser that would be weight.
#[cfg(feature = "ssr")]
fn part(view: impl IntoView + 'static) -> AnyView {
    view.into_any()
}

#[cfg(not(feature = "ssr"))]
fn part<V: IntoView>(view: V) -> V {
    view
}

#[cfg(feature = "ssr")]
fn snapshot() -> Option<Snapshot> {
    use_context()
}

#[cfg(feature = "hydrate")]
fn snapshot() -> Option<Snapshot> {
    let document = document();
    let lang = document.document_element()?.get_attribute("lang")?;
    let state = document.get_element_by_id(STATE_ELEMENT)?.get_attribute("data-state")?;
    read::snapshot(&json::Json::parse(&state)?, crate::i18n::Lang::from_tag(&lang)?)
}

/// Neither a server nor a browser: there is no page.
#[cfg(not(any(feature = "ssr", feature = "hydrate")))]
fn snapshot() -> Option<Snapshot> {
    None
}
