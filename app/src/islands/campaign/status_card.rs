//! The phase, the countdown and the state of the connection.

use super::signals::{CampaignSignals, ConnectionStatus};
use crate::{
    campaign_model::phase::Phase,
    format::{isolated, tenths_left, time_left},
    i18n::IslandMessages,
};
use leptos::prelude::*;

/// The countdown shows tenths of a second in this last stretch.
const TENTHS_BELOW_MS: i64 = 10_000;
/// A ranking this old is late: the server sends one at least every two seconds.
const LATE_S: i64 = 4;

pub(super) fn status_card(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let left = time_left_text(live);
    let hurry = Memo::new(move |_| {
        live.phase.get() == Phase::Active && left_ms(live).is_some_and(|left_ms| left_ms < TENTHS_BELOW_MS)
    });
    let caption = move || match live.phase.get() {
        Phase::Pending => Some(messages.starts_in),
        Phase::Active => Some(messages.ends_in),
        Phase::Settling | Phase::Ended | Phase::Cancelled => None,
    };
    let accuracy = move || match live.clock_accuracy_ms() {
        Some(millis) => messages.clock(&millis.to_string()),
        None => messages.clock_unknown.to_owned(),
    };
    let note = move || match live.phase.get() {
        Phase::Settling if live.is_stale.get() => Some(messages.settling_unheard),
        Phase::Settling => Some(messages.settling_note),
        Phase::Cancelled => Some(messages.cancelled_note),
        Phase::Pending | Phase::Active | Phase::Ended => None,
    };
    let reason =
        move || live.schedule.with(|s| s.reason.as_ref().map(|reason| messages.cancelled_reason(&isolated(reason))));
    let over = move || left.with(Option::is_none);
    let is_extended = move || live.is_extended.get() && live.phase.get() == Phase::Active;
    // Edits no longer matter once the campaign is over.
    let edit = Memo::new(move |_| {
        let is_open = matches!(live.phase.get(), Phase::Pending | Phase::Active);
        if is_open { live.edit_notice.get() } else { String::new() }
    });
    view! {
        <section class="card status">
            <p class="status-line">
                <span class="badge" data-phase=move || live.phase.get().name()>
                    {move || phase_text(messages, live.phase.get())}
                </span>
                {link(live)}
            </p>
            <div class="countdown" hidden=over>
                <p class="countdown-caption muted">
                    {caption} <span class="badge warn" hidden=move || !is_extended()>{messages.extended}</span>
                </p>
                <p class="countdown-time" class:hurry=move || hurry.get() role="timer" translate="no">{left}</p>
                <p class="countdown-clock muted" data-accuracy=move || live.clock_accuracy_ms().map(|ms| ms.to_string())>
                    {accuracy}
                </p>
            </div>
            <p class="notice" role="status">{note}</p>
            <p class="reason">{reason}</p>
            <p class="notice warn" role="status" data-edit hidden=move || edit.with(String::is_empty)>
                {move || edit.get()}
            </p>
        </section>
    }
}

/// The milliseconds to the start, or to the end of a running campaign.
fn left_ms(live: CampaignSignals) -> Option<i64> {
    let now_ms = live.now_ms.get();
    match live.phase.get() {
        Phase::Pending => Some(live.schedule.with(|schedule| schedule.start_ms) - now_ms),
        Phase::Active => Some(live.schedule.with(|schedule| schedule.end_ms) - now_ms),
        Phase::Settling | Phase::Ended | Phase::Cancelled => None,
    }
}

/// The same as a countdown. A memo, so that the page changes once a second and not with every tick.
pub(super) fn time_left_text(live: CampaignSignals) -> Memo<Option<String>> {
    let days_unit = live.messages.days_unit;
    Memo::new(move |_| {
        left_ms(live).map(
            |left_ms| {
                if left_ms < TENTHS_BELOW_MS { tenths_left(left_ms) } else { time_left(left_ms, days_unit) }
            },
        )
    })
}

/// The connection's state while the campaign runs, and how old the ranking is if it is late. Before the start and after
/// the end nothing depends on the connection.
fn link(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let age = Memo::new(move |_| {
        let moving = live.phase.get() == Phase::Active
            && !matches!(live.link.get(), ConnectionStatus::Connecting | ConnectionStatus::Closed);
        // An empty ranking of before the start is not late.
        let since_ms = live.ranking_received_ms.get().max(live.schedule.with(|schedule| schedule.start_ms));
        let age_s = (live.now_ms.get() - since_ms) / 1000;
        (moving && age_s >= LATE_S).then_some(age_s)
    });
    let shown = move || match live.phase.get() {
        Phase::Ended | Phase::Cancelled => ConnectionStatus::Closed,
        _ => live.link.get(),
    };
    view! {
        <span class="freshness">
            <span
                class="link"
                class:late=move || age.with(Option::is_some)
                data-link=move || link_name(shown())
                role="status"
                hidden=move || !matches!(live.phase.get(), Phase::Active | Phase::Settling)
            >
                {move || link_text(messages, shown())}
            </span>
            <span class="age muted">{move || age.get().map(|age_s| messages.updated(&age_s.to_string()))}</span>
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
        // Not shown: nothing depends on the connection any more.
        ConnectionStatus::Closed => "",
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
