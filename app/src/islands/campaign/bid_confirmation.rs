//! The confirmation of an unusually high bid, because a typing error would be binding, and of one to be sent at the start.

use super::signals::CampaignSignals;
use crate::{campaign_model::phase::Phase, format::money};
use domain::Money;
use leptos::{html::Dialog, prelude::*};

/// A dialog that is open while `to_confirm` has a price, and calls `on_confirm` with it if the user agrees.
///
/// It is a native `<dialog>`: the browser keeps the focus inside, closes it with Escape and restores the focus.
pub(super) fn bid_confirmation(
    live: CampaignSignals,
    to_confirm: RwSignal<Option<Money>>,
    on_confirm: impl Fn(Money) + Copy + 'static,
) -> impl IntoView {
    let messages = live.messages;
    let dialog: NodeRef<Dialog> = NodeRef::new();
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match to_confirm.get() {
            Some(_) if !dialog.open() => {
                let _ = dialog.show_modal();
            }
            None if dialog.open() => dialog.close(),
            _ => {}
        }
    });
    let price = move || to_confirm.get().map(money).unwrap_or_default();
    // What is known changes while the dialog is open.
    let lead = move || live.forecaster.with(Option::is_some).then(|| live.price_to_lead.get());
    let text = move || match lead().filter(|_| live.phase.get() == Phase::Active) {
        Some(Some(lead)) if to_confirm.get().is_some_and(|price| price > lead) => {
            messages.confirm_text(&price(), &money(lead))
        }
        Some(None) => messages.confirm_text_leading(&price()),
        _ if live.phase.get() == Phase::Pending => messages.arm_text(&price()),
        _ => messages.confirm_text_plain(&price()),
    };
    let answer = move |confirmed: bool| {
        let price = to_confirm.get_untracked();
        to_confirm.set(None);
        if let (true, Some(price)) = (confirmed, price) {
            on_confirm(price);
        }
    };
    view! {
        <dialog
            node_ref=dialog
            class="confirm"
            role="alertdialog"
            aria-labelledby="confirm-title"
            aria-describedby="confirm-text"
            on:close=move |_| to_confirm.set(None)
        >
            <h2 id="confirm-title">{messages.confirm_title}</h2>
            <p id="confirm-text">{text}</p>
            <p class="actions">
                <button type="button" class="button" on:click=move |_| answer(false)>{messages.confirm_no}</button>
                <button type="button" class="button primary" on:click=move |_| answer(true)>
                    {move || {
                        let is_early = live.phase.get() == Phase::Pending;
                        if is_early { messages.arm(&price()) } else { messages.bid_send_price(&price()) }
                    }}
                </button>
            </p>
        </dialog>
    }
}
