//! What must be noticed at once: entering and leaving the winning places. It is told by a toast,
//! which is a polite live region, and by the title of the page.

use super::state::Live;
use leptos::prelude::*;

/// The toast.
pub(super) fn toast(live: Live) -> impl IntoView {
    let texts = live.texts;
    let kind =
        move || live.toast.with(|toast| toast.as_ref().map_or("", |toast| if toast.good { "good" } else { "bad" }));
    // The region is there from the start: readers do not announce regions that come with their text.
    view! {
        <div class="toasts" role="status" data-toast=kind>
            {move || live.toast.get().map(|toast| view! {
                <div class=if toast.good { "toast good" } else { "toast bad" }>
                    <p>{toast.text}</p>
                    <button type="button" class="button plain" on:click=move |_| live.toast.set(None)>
                        {texts.dismiss}
                    </button>
                </div>
            })}
        </div>
    }
}

/// Watches my standing and tells what happens to it.
#[cfg(feature = "hydrate")]
pub(super) fn watch(live: Live) {
    use super::state::Toast;
    use crate::{format::fill, live::phase::Phase};
    use std::time::Duration;

    /// How long a toast stays. What it says is on the page anyway.
    const TOAST_TIME: Duration = Duration::from_secs(8);

    let texts = live.texts;
    let title = document().title();
    let rank = Memo::new(move |_| live.standing.get().map(|standing| standing.rank));
    let winning = Memo::new(move |_| rank.get().map(|rank| rank <= live.terms.quota));
    Effect::new(move |before: Option<Option<bool>>| {
        let winning = winning.get();
        if let (Some(before), Some(winning)) = (before, winning)
            && before != Some(winning)
            // A first bid outside the winning places leaves nothing.
            && (winning || before.is_some())
        {
            let rank = rank.get_untracked().unwrap_or_default().to_string();
            let quota = live.terms.quota.to_string();
            let text = if winning { fill(texts.entered, &[&quota, &rank]) } else { fill(texts.left, &[&rank, &quota]) };
            let toast = Toast { good: winning, text };
            live.toast.set(Some(toast.clone()));
            set_timeout(
                move || {
                    if live.toast.with_untracked(|current| current.as_ref() == Some(&toast)) {
                        live.toast.set(None);
                    }
                },
                TOAST_TIME,
            );
        }
        winning
    });
    Effect::new(move |_| {
        let mark = match (live.phase.get(), rank.get()) {
            (Phase::Active, Some(rank)) => {
                let text = if winning.get() == Some(true) { texts.title_in } else { texts.title_out };
                Some(fill(text, &[&rank.to_string()]))
            }
            _ => None,
        };
        document().set_title(&mark.map_or_else(|| title.clone(), |mark| format!("{mark} · {title}")));
    });
}
