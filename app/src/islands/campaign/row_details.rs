//! The dialog about a row of the ranking: the full name, and what the points consist of.

use super::signals::CampaignSignals;
use crate::format::{money, points};
use domain::{Score, UserId, api::rankings::RankingRow};
use leptos::{html::Dialog, prelude::*};

/// A dialog that is open while `opened` has a bidder.
pub(super) fn row_details(live: CampaignSignals, opened: RwSignal<Option<UserId>>) -> impl IntoView {
    let messages = live.messages;
    let dialog: NodeRef<Dialog> = NodeRef::new();
    let row = Memo::new(move |_| {
        let user_id = opened.get()?;
        live.shown.with(|leaderboard| leaderboard.ranking.rows.iter().find(|row| row.user_id == user_id).cloned())
    });
    // It closes when the bidder leaves the rows.
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match row.with(Option::is_some) {
            true if !dialog.open() => {
                let _ = dialog.show_modal();
            }
            false if dialog.open() => dialog.close(),
            _ => {}
        }
    });
    let shown = move |text: fn(&RankingRow) -> String| move || row.get().as_ref().map(text);
    let rank = move || row.get().map(|row| messages.ordinal(row.rank));
    let for_price = move || row.get().map(|row| messages.points_price(&whole(price_points(live, &row))));
    // What is left of the total, so that the parts add up to it although they are rounded.
    let bonus = move || {
        let row = row.get()?;
        let bonus = row.score.get().round() - price_points(live, &row).round();
        Some(messages.points_bonus(&whole(bonus.max(0.0))))
    };
    let total = move || row.get().map(|row| messages.points_total(&whole(row.score.get())));
    view! {
        <dialog
            node_ref=dialog
            class="confirm row-details"
            aria-labelledby="row-details-name"
            translate="no"
            on:close=move |_| opened.set(None)
        >
            <h2 id="row-details-name"><bdi>{shown(|row| row.username.clone())}</bdi></h2>
            <p><strong>{rank}</strong> " · " {shown(|row| money(row.price))}</p>
            <ul>
                <li>{for_price}</li>
                <li>{bonus}</li>
                <li><strong>{total}</strong></li>
            </ul>
            <p class="actions">
                <button type="button" class="button" on:click=move |_| opened.set(None)>{messages.dismiss}</button>
            </p>
        </dialog>
    }
}

/// The points of a row's price, alpha times the price.
fn price_points(live: CampaignSignals, row: &RankingRow) -> f64 {
    live.terms.with(|terms| terms.coefficients.alpha.get()) * row.price.as_f64()
}

fn whole(value: f64) -> String {
    points(Score::from_stored(value))
}
