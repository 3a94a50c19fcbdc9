//! Notifications that the user has entered or left the winning ranks, as a toast (a polite live region) and in the page's
//! title; and the watch over the session.

use super::signals::CampaignSignals;
use crate::format::fill;
use leptos::prelude::*;

/// The live region of toasts.
pub(super) fn toast(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let kind =
        move || live.toast.with(|toast| toast.as_ref().map_or("", |toast| if toast.good { "good" } else { "bad" }));
    // Without the rank, which may change while the toast is being read.
    let text = move |good| fill(if good { messages.entered } else { messages.left }, &[&live.quota().to_string()]);
    // Rendered from the start: screen readers do not announce a live region that appears together with its text.
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

/// Watches the session and the user's position, and shows toasts and the title.
#[cfg(feature = "hydrate")]
pub(super) fn watch(live: CampaignSignals) {
    use super::signals::{PageSession, Toast};
    use crate::campaign_model::phase::Phase;
    use std::time::Duration;
    use wasm_bindgen::{JsCast, closure::Closure};

    /// How long a toast stays; the page shows the same permanently.
    const TOAST_TIME: Duration = Duration::from_secs(8);

    let messages = live.messages;
    // The page's script watches the session and publishes its state in the document.
    let session = move || match document().document_element().and_then(|root| root.get_attribute("data-session")) {
        Some(state) if state == "over" => PageSession::Over,
        Some(state) if state == "changed" => PageSession::Changed,
        _ => PageSession::Same,
    };
    let update = Closure::<dyn FnMut()>::new(move || live.session.set(session()));
    let _ = document().add_event_listener_with_callback("gavel:session", update.as_ref().unchecked_ref());
    // The browser calls it for as long as the page lives.
    update.forget();
    live.session.set(session());

    let winning = Memo::new(move |_| live.position.get().map(|position| position.wins));
    let number = StoredValue::new(0);
    // After a change of session, the first known position is no news.
    let is_news = StoredValue::new(true);
    Effect::new(move |before: Option<PageSession>| {
        let now = live.session.get();
        if before.is_some_and(|before| before != now) {
            is_news.set_value(false);
        }
        now
    });
    Effect::new(move |before: Option<Option<bool>>| {
        let winning = winning.get();
        if winning.is_some() && !is_news.get_value() {
            is_news.set_value(true);
            return winning;
        }
        if let (Some(before), Some(winning)) = (before, winning)
            && before != Some(winning)
            && live.phase.get_untracked() == Phase::Active
            // A first bid outside the winning ranks has not left them.
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
    // A toast that is no longer true is removed, also after the end.
    Effect::new(move |_| {
        let good = live.toast.with(|toast| toast.as_ref().map(|toast| toast.good));
        if good.is_some() && (live.phase.get() != Phase::Active || good != winning.get()) {
            live.toast.set(None);
        }
    });
}
