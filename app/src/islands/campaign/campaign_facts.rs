//! The campaign's dates, winning places and minimum price, which an admin may edit while the page is open.

use super::signals::CampaignSignals;
use crate::{
    campaign_model::phase::Phase,
    format::{count, money, rfc3339_seconds, utc_seconds},
};
use leptos::prelude::*;

pub(super) fn campaign_facts(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let start = Memo::new(move |_| live.schedule.with(|s| s.start_ms));
    let end = Memo::new(move |_| live.schedule.with(|s| s.end_ms));
    // The times of a cancelled campaign are those that were planned.
    let label = move |at_ms: Memo<i64>, [ahead, past, planned]: [&'static str; 3]| {
        let is_past = live.second.get() * 1000 >= at_ms.get();
        match live.phase.get() {
            Phase::Cancelled => planned,
            Phase::Pending | Phase::Active if !is_past => ahead,
            _ => past,
        }
    };
    view! {
        <section class="card campaign-facts">
            <h2>{messages.facts_title}</h2>
            <dl class="facts">
                {date(move || label(start, [messages.starts, messages.started, messages.planned_start]), start)}
                {date(move || label(end, [messages.ends, messages.ended, messages.planned_end]), end)}
                <div>
                    <dt>{messages.quota}</dt>
                    <dd>{move || count(live.quota())}</dd>
                </div>
                <div>
                    <dt>{messages.min_price}</dt>
                    <dd translate="no">{move || money(live.terms.with(|terms| terms.min_price))}</dd>
                </div>
            </dl>
        </section>
    }
}

/// A date in UTC, which the page's script rewrites in the reader's zone.
fn date(label: impl Fn() -> &'static str + Send + Sync + 'static, at_ms: Memo<i64>) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(move |previous: Option<()>| {
        at_ms.track();
        // Not on the first run, when nothing has changed yet.
        if previous.is_some() {
            // After the new time has been rendered.
            request_animation_frame(|| {
                if let Ok(event) = web_sys::Event::new("gavel:times") {
                    let _ = document().dispatch_event(&event);
                }
            });
        }
    });
    view! {
        <div>
            <dt>{label}</dt>
            <dd>
                <time datetime=move || rfc3339_seconds(at_ms.get()) data-local="seconds" translate="no">
                    {move || utc_seconds(at_ms.get())}
                </time>
            </dd>
        </div>
    }
}
