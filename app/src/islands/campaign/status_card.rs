//! The phase, the countdown, the dates and the state of the connection.

use super::signals::{CampaignSignals, ConnectionStatus};
use crate::{
    campaign_model::phase::Phase,
    format::{count, fill, rfc3339_seconds, tenths_left, time_left, utc_seconds},
    i18n::IslandMessages,
};
use leptos::prelude::*;

/// The countdown shows tenths of a second in this last stretch.
const TENTHS_BELOW_MS: i64 = 10_000;

pub(super) fn status_card(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let start = Memo::new(move |_| live.schedule.with(|s| s.start_ms));
    let end = Memo::new(move |_| live.schedule.with(|s| s.end_ms));
    let left_ms = move || match live.phase.get() {
        Phase::Pending => Some(start.get() - live.now_ms.get()),
        Phase::Active => Some(end.get() - live.now_ms.get()),
        Phase::Settling | Phase::Ended | Phase::Cancelled => None,
    };
    // A memo, so that the page changes once a second and not with every tick.
    let left = Memo::new(move |_| {
        left_ms().map(|left_ms| {
            if left_ms < TENTHS_BELOW_MS { tenths_left(left_ms) } else { time_left(left_ms, messages.days_unit) }
        })
    });
    let hurry =
        Memo::new(move |_| live.phase.get() == Phase::Active && left_ms().is_some_and(|ms| ms < TENTHS_BELOW_MS));
    let caption = move || match live.phase.get() {
        Phase::Pending => Some(messages.starts_in),
        Phase::Active => Some(messages.ends_in),
        Phase::Settling | Phase::Ended | Phase::Cancelled => None,
    };
    let accuracy = move || match live.accuracy_ms.get() {
        Some(millis) => fill(messages.clock, &[&millis.to_string()]),
        None => messages.clock_unknown.to_owned(),
    };
    let note = move || match live.phase.get() {
        Phase::Settling if live.is_stale.get() => Some(messages.settling_unheard),
        Phase::Settling => Some(messages.settling_note),
        Phase::Cancelled => Some(messages.cancelled_note),
        Phase::Pending | Phase::Active | Phase::Ended => None,
    };
    let reason = move || live.schedule.with(|s| s.reason.as_ref().map(|r| fill(messages.cancelled_reason, &[r])));
    let over = move || left.with(Option::is_none);
    // Edits no longer matter once the campaign is over.
    let edit = Memo::new(move |_| {
        let is_open = matches!(live.phase.get(), Phase::Pending | Phase::Active);
        if is_open { live.edit_notice.get() } else { String::new() }
    });
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
        <section class="card status">
            <p class="status-line">
                <span class="badge" data-phase=move || live.phase.get().name()>
                    {move || phase_text(messages, live.phase.get())}
                </span>
                {link(live)}
            </p>
            <div class="countdown" hidden=over>
                <p class="countdown-caption muted">{caption}</p>
                <p class="countdown-time" class:hurry=move || hurry.get() role="timer" translate="no">{move || left.get()}</p>
                <p class="countdown-clock muted" data-accuracy=move || live.accuracy_ms.get().map(|ms| ms.to_string())>
                    {accuracy}
                </p>
            </div>
            <p class="notice" role="status">{note}</p>
            <p class="reason">{reason}</p>
            <p class="notice warn" role="status" data-edit hidden=move || edit.with(String::is_empty)>
                {move || edit.get()}
            </p>
            <dl class="facts">
                {date(move || label(start, [messages.starts, messages.started, messages.planned_start]), start)}
                {date(move || label(end, [messages.ends, messages.ended, messages.planned_end]), end)}
                <div>
                    <dt>{messages.quota}</dt>
                    <dd>{move || count(live.quota())}</dd>
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

/// The connection's state, and how old the ranking is.
fn link(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let age = Memo::new(move |_| {
        // Before the start and after the end the ranking does not change, and its age is meaningless.
        let moving = live.phase.get() == Phase::Active
            && !matches!(live.link.get(), ConnectionStatus::Connecting | ConnectionStatus::Closed);
        let age_ms = live.now_ms.get() - live.ranking_received_ms.get();
        moving.then(|| match age_ms / 1000 {
            // The server sends a frame at least every two seconds.
            ..3 => messages.updated_now.to_owned(),
            age => fill(messages.updated, &[&age.to_string()]),
        })
    });
    // A final state needs no connection.
    let shown = move || match live.phase.get() {
        Phase::Ended | Phase::Cancelled => ConnectionStatus::Closed,
        _ => live.link.get(),
    };
    view! {
        <span class="freshness">
            <span class="link" data-link=move || link_name(shown()) role="status">
                {move || link_text(messages, shown())}
            </span>
            <span class="age muted">{move || age.get()}</span>
        </span>
    }
}

fn phase_text(messages: &IslandMessages, phase: Phase) -> &'static str {
    match phase {
        Phase::Pending => messages.phase_pending,
        Phase::Active => messages.phase_active,
        Phase::Settling => messages.phase_settling,
        Phase::Ended => messages.phase_ended,
        Phase::Cancelled => messages.phase_cancelled,
    }
}

fn link_text(messages: &IslandMessages, link: ConnectionStatus) -> &'static str {
    match link {
        ConnectionStatus::Connecting => messages.link_connecting,
        ConnectionStatus::Live => messages.link_live,
        ConnectionStatus::Lost => messages.link_lost,
        ConnectionStatus::Polling => messages.link_polling,
        ConnectionStatus::Stuck => messages.link_stuck,
        ConnectionStatus::Closed => messages.link_closed,
    }
}

/// The status in `data-link`, for style sheets and tests.
fn link_name(link: ConnectionStatus) -> &'static str {
    match link {
        ConnectionStatus::Connecting => "connecting",
        ConnectionStatus::Live => "live",
        ConnectionStatus::Lost => "lost",
        ConnectionStatus::Polling => "polling",
        ConnectionStatus::Stuck => "stuck",
        ConnectionStatus::Closed => "closed",
    }
}
