//! The ranking, with my row marked.

use super::state::Live;
use crate::format::{count, fill, money};
use domain::api::rankings::RankingRow;
use leptos::prelude::*;

pub(super) fn ranking(live: Live) -> impl IntoView {
    let texts = live.texts();
    let summary = move || {
        live.ranking.with(|ranking| {
            let bidders = fill(texts.bidders, &[&count(ranking.total)]);
            let threshold = match ranking.min_winning_score {
                Some(score) => fill(texts.threshold, &[&score.to_string()]),
                None => texts.threshold_none.to_owned(),
            };
            format!("{bidders} · {threshold}")
        })
    };
    let empty = move || {
        let empty = live.ranking.with(|ranking| ranking.rows.is_empty());
        empty.then(|| view! { <tr><td class="muted" colspan="4">{texts.ranking_empty}</td></tr> })
    };
    let rows = move || live.ranking.with(|ranking| ranking.rows.iter().map(|row| row_view(live, row)).collect_view());
    view! {
        <section class="card ranking">
            <h2>{texts.ranking_title}</h2>
            <p class="muted">{summary}</p>
            <div class="scroll">
                <table>
                    <thead>
                        <tr>
                            <th scope="col" class="number">{texts.rank}</th>
                            <th scope="col">{texts.bidder}</th>
                            <th scope="col" class="number">{texts.price}</th>
                            <th scope="col" class="number">{texts.score}</th>
                        </tr>
                    </thead>
                    <tbody>{empty} {rows}</tbody>
                </table>
            </div>
        </section>
    }
}

fn row_view(live: Live, row: &RankingRow) -> impl IntoView + use<> {
    let mine = live.me == Some(row.user_id);
    let you = mine.then(|| view! { <span class="badge me-badge">{live.texts().you}</span> });
    view! {
        <tr class:me=mine>
            <td class="number">{row.rank.to_string()}</td>
            <td class="name">{row.username.clone()} {you}</td>
            <td class="number">{money(row.price)}</td>
            <td class="number">{row.score.to_string()}</td>
        </tr>
    }
}
