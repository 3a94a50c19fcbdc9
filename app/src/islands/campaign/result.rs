//! What came out, once the winners are fixed.

use super::state::Live;
use crate::{
    format::{fill, money, score},
    live::snapshot::Outcome,
};
use leptos::prelude::*;

pub(super) fn result(live: Live) -> impl IntoView {
    move || live.result.get().map(|outcome| card(live, outcome))
}

fn card(live: Live, outcome: Outcome) -> impl IntoView + use<> {
    let texts = live.texts;
    let (name, headline) = match (live.terms.me, outcome.is_winner, outcome.standing) {
        (Some(_), true, _) => ("won", texts.result_won),
        (Some(_), false, Some(_)) => ("lost", texts.result_lost),
        (Some(_), false, None) => ("none", texts.result_no_bid),
        (None, ..) => ("visitor", texts.result_visitor),
    };
    let detail = outcome.standing.map(|standing| {
        let (rank, points) = (standing.rank.to_string(), score(standing.score));
        let price = standing.price.map(money).unwrap_or_default();
        let text = if outcome.is_winner { texts.result_won_detail } else { texts.result_lost_detail };
        fill(text, &[&rank, &points, &price])
    });
    let threshold = match outcome.min_winning_score {
        Some(last) => fill(texts.result_threshold, &[&score(last)]),
        None => texts.result_all_won.to_owned(),
    };
    let orders = outcome.is_winner.then(|| view! { <p><a class="button" href="/orders">{texts.result_orders}</a></p> });
    view! {
        <section class="card result" data-result=name role="status">
            <h2>{texts.result_title}</h2>
            <p class="result-headline">{headline}</p>
            {detail.map(|detail| view! { <p>{detail}</p> })}
            <p class="muted">{threshold}</p>
            {orders}
        </section>
    }
}
