//! Phase, countdown, dates and the state of the connection.

use super::state::{Link, Live};
use crate::{
    format::{count, fill, instant, time_left},
    i18n::Texts,
    live::phase::Phase,
};
use leptos::prelude::*;

pub(super) fn status(live: Live) -> impl IntoView {
    let texts = live.texts();
    let start = Memo::new(move |_| live.schedule.with(|s| s.start_time));
    let end = Memo::new(move |_| live.schedule.with(|s| s.end_time));
    // A memo, so that the page changes once a second and not with every tick.
    let left = Memo::new(move |_| {
        let until = match live.phase.get() {
            Phase::Pending => start.get(),
            Phase::Active => end.get(),
            Phase::Settling | Phase::Ended | Phase::Cancelled => return None,
        };
        Some(time_left(until.unix_millis() - live.now_ms.get(), texts.days_unit))
    });
    let caption = move || match live.phase.get() {
        Phase::Pending => Some(texts.starts_in),
        Phase::Active => Some(texts.ends_in),
        Phase::Settling | Phase::Ended | Phase::Cancelled => None,
    };
    let note = move || match live.phase.get() {
        Phase::Settling => Some(texts.settling_note),
        Phase::Cancelled => Some(texts.cancelled_note),
        Phase::Pending | Phase::Active | Phase::Ended => None,
    };
    let reason = move || live.schedule.with(|s| s.reason.as_ref().map(|r| fill(texts.cancelled_reason, &[r])));
    view! {
        <section class="card status">
            <p class="status-line">
                <span class="badge" data-phase=move || live.phase.get().name()>
                    {move || texts.phase(live.phase.get())}
                </span>
                <span class="link" data-link=move || link_name(live.link.get()) role="status">
                    {move || link_text(texts, live.link.get())}
                </span>
            </p>
            <p class="countdown" role="timer">
                <span class="countdown-caption">{caption}</span>
                <span class="countdown-time">{move || left.get()}</span>
            </p>
            <p class="notice" role="status">{note}</p>
            <p class="muted">{reason}</p>
            <dl class="facts">
                <div>
                    <dt>{texts.starts}</dt>
                    <dd><time datetime=move || start.get().to_string()>{move || instant(start.get())}</time></dd>
                </div>
                <div>
                    <dt>{texts.ends}</dt>
                    <dd><time datetime=move || end.get().to_string()>{move || instant(end.get())}</time></dd>
                </div>
                <div>
                    <dt>{texts.quota}</dt>
                    <dd>{count(live.quota)}</dd>
                </div>
            </dl>
        </section>
    }
}

fn link_text(texts: &Texts, link: Link) -> &'static str {
    match link {
        Link::Connecting => texts.link_connecting,
        Link::Live => texts.link_live,
        Link::Lost => texts.link_lost,
        Link::Stuck => texts.link_stuck,
        Link::Closed => texts.link_closed,
    }
}

/// A link's state for style sheets and tests.
fn link_name(link: Link) -> &'static str {
    match link {
        Link::Connecting => "connecting",
        Link::Live => "live",
        Link::Lost => "lost",
        Link::Stuck => "stuck",
        Link::Closed => "closed",
    }
}
