//! The result of a settled campaign.

use super::signals::{CampaignSignals, PageSession};
use crate::{
    campaign_model::snapshot::Outcome,
    format::{fill, money, score},
};
use leptos::prelude::*;

pub(super) fn result_card(live: CampaignSignals) -> impl IntoView {
    move || live.result.get().map(|outcome| card(live, outcome))
}

fn card(live: CampaignSignals, outcome: Outcome) -> impl IntoView + use<> {
    let messages = live.messages;
    // Without the session, the user's own result is unknown.
    let mine = live.user_id.filter(|_| live.session.get() == PageSession::Same);
    let (name, headline) = match (mine, outcome.is_winner, outcome.place) {
        (Some(_), true, _) => ("won", messages.result_won),
        (Some(_), false, Some(_)) => ("lost", messages.result_lost),
        (Some(_), false, None) => ("none", messages.result_no_bid),
        (None, ..) => ("visitor", messages.result_visitor),
    };
    let place = outcome.place.filter(|_| mine.is_some());
    let detail = place.map(|place| {
        let text = if outcome.is_winner { messages.result_won_detail } else { messages.result_lost_detail };
        fill(text, &[&place.rank.to_string(), &score(place.score), &money(place.price)])
    });
    let threshold = move || match outcome.min_winning_score {
        Some(last) => fill(messages.result_threshold, &[&score(last)]),
        None if live.leaderboard.with(|leaderboard| leaderboard.ranking.total == 0) => {
            messages.result_nobody.to_owned()
        }
        None => messages.result_all_won.to_owned(),
    };
    let orders = (mine.is_some() && outcome.is_winner)
        .then(|| view! { <p><a class="button" href="/orders">{messages.result_orders}</a></p> });
    view! {
        <section class="card result" data-result=name role="status">
            <h2>{messages.result_title}</h2>
            <p class="result-headline">{headline}</p>
            {detail.map(|detail| view! { <p translate="no">{detail}</p> })}
            <p class="muted">{threshold}</p>
            {orders}
        </section>
    }
}
