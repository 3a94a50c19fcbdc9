//! Before the start: what to do now, so that nothing delays the first bid.

use super::signals::{CampaignSignals, ConnectionStatus, PageSession};
use crate::campaign_model::phase::Phase;
use leptos::{either::Either, prelude::*};

/// How long before the start the product gives its room to the bid, in milliseconds: at the start itself nothing may move
/// under a finger.
pub(super) const PRODUCT_SHRINKS_MS: i64 = 60_000;

pub(super) fn lobby(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let is_over = move || live.phase.get() != Phase::Pending;
    let is_member = live.user_id.is_some();
    let is_signed_in = move || is_member && live.session.get() == PageSession::Same;
    let sign_in = format!("/login?next=/campaigns/{}", live.campaign_id);
    let calendar = format!("/campaigns/{}/calendar.ics", live.campaign_id);
    let session = move || {
        if is_signed_in() {
            Either::Left(messages.lobby_signed_in)
        } else {
            Either::Right(view! { <a href=sign_in.clone()>{messages.lobby_sign_in}</a> })
        }
    };
    let is_in_step = move || live.clock_accuracy_ms().is_some();
    let is_offline = move || matches!(live.link.get(), ConnectionStatus::Lost | ConnectionStatus::Stuck);
    let clock = move || match (is_in_step(), is_offline()) {
        (true, _) => messages.lobby_clock,
        (false, false) => messages.lobby_clock_unknown,
        (false, true) => messages.link_stuck,
    };
    let has_read = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    shrink_product(live);
    view! {
        <section class="card lobby-card" hidden=is_over>
            <h2>{messages.lobby_title}</h2>
            <ul class="checklist">
                <li class:done=is_signed_in>{session}</li>
                <li class="clock-check" class:done=is_in_step>{clock}</li>
                <li class:done=move || has_read.get()>
                    <a href="#rules" on:click=move |_| has_read.set(true)>
                        {messages.lobby_rules}
                    </a>
                </li>
            </ul>
            <p class="actions">
                <a class="button" href=calendar download>
                    {messages.calendar}
                </a>
            </p>
        </section>
    }
}

/// Makes the product small shortly before the start.
#[cfg(feature = "hydrate")]
fn shrink_product(live: CampaignSignals) {
    let is_soon = Memo::new(move |_| {
        let left_ms = live.schedule.with(|schedule| schedule.start_ms) - live.now_ms.get();
        live.phase.get() != Phase::Pending || left_ms <= PRODUCT_SHRINKS_MS
    });
    Effect::new(move |_| {
        if is_soon.get()
            && let Some(main) = document().get_element_by_id("main")
        {
            // It fails for an invalid class name only.
            let _ = main.class_list().remove_1("lobby");
        }
    });
}
