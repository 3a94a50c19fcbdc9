//! What tells a user who looks elsewhere: a toast about an edit, and the page's title about the standing.

use super::signals::CampaignSignals;
use leptos::prelude::*;

/// The live region of toasts.
pub(super) fn toast(live: CampaignSignals) -> impl IntoView {
    // Rendered from the start: screen readers do not announce a live region that appears together with its text. The
    // notice in the page is a live region already, so this one is for the eye only.
    view! {
        <div class="toasts" aria-hidden="true">
            {move || live.toast.get().map(|text| view! { <p class="toast">{text}</p> })}
        </div>
    }
}

/// How it ended for the user, for the title.
#[cfg(feature = "hydrate")]
fn ended_text(live: CampaignSignals) -> &'static str {
    let messages = live.messages;
    let is_known = live.user_id.is_some() && live.session.get() == super::signals::PageSession::Same;
    match live.result.get().filter(|outcome| is_known && outcome.place.is_some()) {
        Some(outcome) if outcome.is_winner => messages.result_won,
        Some(_) => messages.result_lost,
        None => messages.phase_ended,
    }
}

/// Watches the session, the user's position and edits, and shows toasts and the title.
#[cfg(feature = "hydrate")]
pub(super) fn watch(live: CampaignSignals) {
    use super::signals::PageSession;
    use crate::{campaign_model::phase::Phase, islands::campaign::standing_strip::rank_text};
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

    // The heading is the server's, which takes a moment to send the new one.
    Effect::new(move |before: Option<String>| {
        let name = live.name.get();
        if before.is_some_and(|before| before != name)
            && let Ok(Some(heading)) = document().query_selector("main > h1")
        {
            heading.set_text_content(Some(&name));
        }
        name
    });
    Effect::new(move |before: Option<String>| {
        let notice = live.edit_notice.get();
        if before.is_some() && !notice.is_empty() && live.phase.get_untracked() == Phase::Active {
            live.toast.set(Some(notice.clone()));
            let shown = notice.clone();
            set_timeout(
                move || {
                    if live.toast.with_untracked(|toast| toast.as_ref() == Some(&shown)) {
                        live.toast.set(None);
                    }
                },
                TOAST_TIME,
            );
        }
        notice
    });
    // A toast that is no longer true is removed, also after the end.
    Effect::new(move |_| {
        let is_true = live.phase.get() == Phase::Active && !live.edit_notice.with(String::is_empty);
        if !is_true && live.toast.with_untracked(Option::is_some) {
            live.toast.set(None);
        }
    });
    Effect::new(move |_| {
        let mark = match live.phase.get() {
            Phase::Active => live.position.get().filter(|_| !live.is_stale.get()).map(|position| {
                let rank = rank_text(messages, position);
                if position.wins { messages.title_in(&rank) } else { messages.title_out(&rank) }
            }),
            Phase::Ended => Some(ended_text(live).to_owned()),
            Phase::Cancelled => Some(messages.phase_cancelled.to_owned()),
            Phase::Pending | Phase::Settling => None,
        };
        let title = live.name.with(|name| format!("{name} · Gavel"));
        document().set_title(&mark.map_or_else(|| title.clone(), |mark| format!("{mark} · {title}")));
    });
}
