//! What came out, once the winners are fixed.

use super::state::Live;
use crate::format::{fill, money};
use domain::ws::CampaignEnded;
use leptos::prelude::*;

pub(super) fn result(live: Live) -> impl IntoView {
    move || live.result.get().map(|ended| card(live, &ended))
}

fn card(live: Live, ended: &CampaignEnded) -> impl IntoView + use<> {
    let texts = live.texts();
    let (outcome, headline) = match (live.me, ended.is_winner, ended.final_rank) {
        (Some(_), true, _) => ("won", texts.result_won),
        (Some(_), false, Some(_)) => ("lost", texts.result_lost),
        (Some(_), false, None) => ("none", texts.result_no_bid),
        (None, ..) => ("visitor", texts.result_visitor),
    };
    let rank = ended.final_rank.map(|rank| rank.to_string()).unwrap_or_default();
    let score = ended.final_score.map(|score| score.to_string()).unwrap_or_default();
    let price = ended.final_price.map(money).unwrap_or_default();
    let detail = match outcome {
        "won" => Some(fill(texts.result_won_detail, &[&rank, &score, &price])),
        "lost" => Some(fill(texts.result_lost_detail, &[&rank, &score])),
        _ => None,
    };
    let threshold = ended.min_winning_score.map(|score| fill(texts.result_threshold, &[&score.to_string()]));
    let orders = ended.is_winner.then(|| view! { <p><a href="/orders">{texts.result_orders}</a></p> });
    view! {
        <section class="card result" data-result=outcome role="status">
            <h2>{texts.result_title}</h2>
            <p class="result-headline">{headline}</p>
            {detail.map(|detail| view! { <p>{detail}</p> })}
            {threshold.map(|threshold| view! { <p class="muted">{threshold}</p> })}
            {orders}
        </section>
    }
}
