//! What must be noticed at once: entering and leaving the winning places. It is told by a toast,
//! which is a polite live region, and by the title of the page. And whether the reader still is who the
//! page was made for.

use super::signals::CampaignSignals;
use crate::format::fill;
use leptos::prelude::*;

/// The toast.
pub(super) fn toast(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let kind =
        move || live.toast.with(|toast| toast.as_ref().map_or("", |toast| if toast.good { "good" } else { "bad" }));
    // Without a rank, which may change while it is read.
    let text = move |good| fill(if good { messages.entered } else { messages.left }, &[&live.quota().to_string()]);
    // The region is there from the start: readers do not announce regions that come with their text.
    view! {
        <div class="toasts" role="status" data-toast=kind>
            {move || live.toast.get().map(|toast| view! {
                <div class=if toast.good { "toast good" } else { "toast bad" }>
                    <p>{text(toast.good)}</p>
                    <button type="button" class="button plain" on:click=move |_| live.toast.set(None)>
                        {messages.dismiss}
                    </button>
                </div>
            })}
        </div>
    }
}

/// Watches my standing and tells what happens to it.
#[cfg(feature = "hydrate")]
pub(super) fn watch(live: CampaignSignals) {
    use super::signals::{PageSession, Toast};
    use crate::campaign_model::phase::Phase;
    use std::time::Duration;
    use wasm_bindgen::{JsCast, closure::Closure};

    /// How long a toast stays. What it says is on the page anyway.
    const TOAST_TIME: Duration = Duration::from_secs(8);

    let messages = live.messages;
    // The page's script keeps an eye on the session.
    let session = move || match document().document_element().and_then(|root| root.get_attribute("data-session")) {
        Some(state) if state == "over" => PageSession::Over,
        Some(state) if state == "changed" => PageSession::Changed,
        _ => PageSession::Same,
    };
    let look = Closure::<dyn FnMut()>::new(move || live.session.set(session()));
    let _ = document().add_event_listener_with_callback("gavel:session", look.as_ref().unchecked_ref());
    // The browser calls it for as long as the page lives.
    look.forget();
    live.session.set(session());

    let winning = Memo::new(move |_| live.position.get().map(|position| position.wins));
    let number = StoredValue::new(0);
    Effect::new(move |before: Option<Option<bool>>| {
        let winning = winning.get();
        if let (Some(before), Some(winning)) = (before, winning)
            && before != Some(winning)
            && live.phase.get_untracked() == Phase::Active
            // A first bid outside the winning places leaves nothing.
            && (winning || before.is_some())
        {
            number.update_value(|number| *number += 1);
            let toast = Toast { good: winning, number: number.get_value() };
            live.toast.set(Some(toast));
            set_timeout(
                move || {
                    if live.toast.get_untracked() == Some(toast) {
                        live.toast.set(None);
                    }
                },
                TOAST_TIME,
            );
        }
        winning
    });
    Effect::new(move |_| {
        let position = live.position.get().filter(|_| live.phase.get() == Phase::Active && !live.is_stale.get());
        let mark = position.map(|position| match (position.wins, position.or_lower) {
            (true, _) => fill(messages.title_in, &[&position.rank.to_string()]),
            (false, false) => fill(messages.title_out, &[&position.rank.to_string()]),
            (false, true) => messages.standing_outside.to_owned(),
        });
        let title = live.name.with(|name| format!("{name} · Gavel"));
        document().set_title(&mark.map_or_else(|| title.clone(), |mark| format!("{mark} · {title}")));
    });
    // A toast is of the moment: after the end, or where it is not so any more, it goes.
    Effect::new(move |_| {
        let good = live.toast.with(|toast| toast.as_ref().map(|toast| toast.good));
        if good.is_some() && (live.phase.get() != Phase::Active || good != winning.get()) {
            live.toast.set(None);
        }
    });
}
